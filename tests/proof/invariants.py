"""What must hold in every run, whatever the contract: checked on the exactly solvable scenarios and on a rich one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from functools import cache

import numpy as np

from sibsim import metrics
from sibsim.rates import irr, npv
from sibsim.results import Results
from sibsim.simulate import simulate
from tests.proof.row import Case, Row, close, estimate
from tests.support import books, run, scenario

NAMES = ("rate-card", "step-schedule", "hand-check", "everything")


@cache
def one_run(name: str, *options: str, seed: int = 1) -> Results:
    return run(name, *options, n_draws=8192, seed=seed)


def largest_gap(a: Results, b: Results) -> float:
    """Largest relative difference of any number of any future that both runs hold."""
    worst = 0.0
    for key in set(a.store.keys) & set(b.store.keys):
        x, y = (r.store.replicate_means(key) if key[0] == "mean" else r.store.array(key) for r in (a, b))
        scale = np.maximum(np.maximum(np.abs(x), np.abs(y)), 1.0)
        both = ~(np.isnan(x) & np.isnan(y)) & (x != y)
        worst = max(worst, float(np.max((np.abs(x - y) / scale)[both], initial=0.0)))
    return worst


def v01() -> Iterator[Row]:
    """Without chance every future and every seed is the same: the spreadsheet is in tests/identities."""
    for seed in (1, 77):
        certain = run("everything", "certain", n_draws=8192, seed=seed)
        keys = [k for k in certain.store.keys if k[0] != "mean"]
        spread = max(
            float(np.nanmax(a) - np.nanmin(a)) for k in keys if not np.isnan(a := certain.store.array(k)).all()
        )
        yield close(f"largest spread over futures of any figure, seed {seed}", 0.0, spread, 1e-6)
    gap = largest_gap(run("everything", "certain", seed=1), run("everything", "certain", seed=77))
    yield close("largest difference between two seeds", 0.0, gap)


def v02() -> Iterator[Row]:
    for name in NAMES:
        flows = books(one_run(name), slice(0, 1024))
        scale = max((float(np.abs(f).max()) for f in flows.values()), default=1.0)
        together = sum(flows.values(), np.zeros(()))
        yield close(
            f"{name}: all parties together, share of the largest flow",
            0.0,
            float(np.max(np.abs(together))) / scale,
            1e-12,
        )


def v03() -> Iterator[Row]:
    """Every amount of money ten times as large, written out in a second option."""
    small, large = one_run("everything"), one_run("everything", "ten times the money")
    for party, metric, factor in (
        ("payer", "outcome_payments", 10),
        ("payer", "net_budget_effect_pv", 10),
        ("investor", "npv", 10),
        ("investor", "net_gain", 10),
        ("guarantor", "called", 10),
        ("investor", "irr", 1),
        ("investor", "moic", 1),
        ("investor", "loss", 1),
    ):
        x, y = small.metric(party, metric), large.metric(party, metric)
        scale = max(1.0, float(np.nanmax(np.abs(x))))
        off = float(np.nanmax(np.abs(y / factor - x))) / scale
        yield close(f"{party} {metric}: largest difference after scaling", 0.0, off)
    figures = [r.summary()["parties"]["payer"]["metrics"] for r in (small, large)]
    for name, factor in (("expected_shortfall_95", 10), ("value_at_risk_95", 10), ("benefit_cost_ratio", 1)):
        yield close(
            f"payer {name}", figures[0][name]["value"] * factor, figures[1][name]["value"], 1e-9, is_relative=True
        )


def v05() -> Iterator[Row]:
    rng = np.random.default_rng(5)
    flows = rng.normal(0, 100, (12, 5000))
    flows[0] = -np.abs(flows[0]) * 5
    rates = np.asarray(irr(flows))
    for name, known in (("over -50 %", rates > -0.5), ("over -100 %", rates > -1)):
        some, r = flows[:, known], rates[known]
        # near -100 % a late flow weighs a million times an early one: the share is of the flows as discounted
        weight = (1 + r) ** -np.arange(12.0)[:, None] if name == "over -100 %" else 1.0
        left = np.abs(npv(r, some)) / np.abs(some * weight).sum(axis=0)
        yield close(
            f"present value at the IRR, share of all flows, IRR {name}, largest of 5,000 streams",
            0.0,
            float(left.max()),
            1e-8,
        )
    loans = -np.abs(rng.normal(0, 100, (3, 5000))), np.abs(rng.normal(0, 60, (8, 5000)))
    stream = np.concatenate(loans)
    rates = np.asarray(irr(stream))
    wrong = np.count_nonzero((rates > 0.03) != (np.asarray(npv(0.03, stream)) > 0))
    yield close("streams whose IRR is over 3 % while their value at 3 % is not over 0, or the reverse", 0, wrong, 0)


def v06() -> Iterator[Row]:
    """Futures in which the lender's multiple moves the wrong way, under the same luck."""
    base = one_run("rate-card").metric("investor", "moic")
    for what, change in (
        ("a higher tariff", "contract.payments.tariff.per_unit=11 000"),
        ("a higher cap", "contract.payments.tariff.cap=1 m"),
        ("a higher success rate", "inputs.success rate={beta: {successes: 29.5, of: 59}}"),
    ):
        more = run("rate-card", sets=[change]).metric("investor", "moic")
        yield close(f"{what} lowers the multiple, futures", 0, int(np.count_nonzero(more < base - 1e-12)), 0)
    base = one_run("step-schedule").metric("investor", "moic")
    steps = "contract.payments.repayment.steps=[[9.5 %, 4.8 m], [10.5 %, 9.6 m]]"
    later = run("step-schedule", sets=[steps]).metric("investor", "moic")
    yield close("a higher threshold raises the multiple, futures", 0, int(np.count_nonzero(later > base + 1e-12)), 0)


def v07() -> Iterator[Row]:
    losses = -one_run("everything").metric("investor", "net_gain")
    levels = [0.0001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]
    var = [metrics.value_at_risk(losses, a) for a in levels]
    tail = [metrics.expected_shortfall(losses, a) for a in levels]
    slack = 1e-9 * float(np.abs(losses).max())
    broken = sum(t < v - slack or t < losses.mean() - slack for v, t in zip(var, tail, strict=True))
    broken += sum(b < a - slack for s in (var, tail) for a, b in itertools.pairwise(s))
    yield close("orders broken: mean and value at risk below the shortfall, both rising with the level", 0, broken, 0)
    yield close(
        "shortfall at level 0 is the mean",
        float(losses.mean()),
        metrics.expected_shortfall(losses, 1e-12),
        1e-6,
        is_relative=True,
    )
    worst = float(losses.max())
    yield close(
        "shortfall near level 1 is the worst",
        worst,
        metrics.expected_shortfall(losses, 1 - 1e-6),
        1e-9,
        is_relative=True,
    )


def v08() -> Iterator[Row]:
    results = one_run("everything")
    a, b = -results.metric("investor", "net_gain"), -results.metric("payer", "net_budget_effect_pv")
    es = metrics.expected_shortfall
    yield close(
        "shortfall of a sum exceeds the sum of shortfalls (1) or not (0)",
        0,
        es(a + b) > (es(a) + es(b)) * (1 + 1e-12),
        0,
    )
    yield close("a certain loss of 5 more", es(a) + 5, es(a + 5), 1e-9, is_relative=True)
    yield close("three times the loss", 3 * es(a), es(3 * a), 1e-9, is_relative=True)


def v12() -> Iterator[Row]:
    for name in ("rate-card", "step-schedule", "everything"):
        for key, shares in one_run(name).summary()["variance_by_layer"].items():
            total = sum(shares[layer] for layer in ("inputs", "people", "measurement"))
            yield close(f"{name}, {key}: the three shares together", 1.0, total)
    fixed = run("rate-card", sets=["inputs.success rate=40 %"], n_draws=65_536).summary()["variance_by_layer"]
    share = fixed["payer.outcome_payments"]
    yield estimate(
        "share of inputs when nothing about them is uncertain", 0.0, share["inputs"], share["mc_error"]["inputs"]
    )


def v15() -> Iterator[Row]:
    def text(**how: int) -> str:
        return json.dumps(simulate(scenario("everything"), n_draws=8192, **how).summary(), sort_keys=True)

    first = text(workers=1, block=8)
    for how in ({"workers": 2, "block": 8}, {"workers": 2, "block": 1}, {"workers": 1, "block": 3}):
        name = f"{how['workers']} worker(s), blocks of {how['block']} replicates"
        yield close(f"bytes that differ, {name}", 0, sum(a != b for a, b in zip(first, text(**how), strict=True)), 0)
    yield close("another seed gives other bytes (1)", 1, text(workers=2, block=8, seed=2) != first, 0)
    few, many = one_run("everything"), run("everything", n_draws=12_288)
    off = max(
        float(np.max(np.abs(np.nan_to_num(few.store.array(k) - many.store.array(k)[:8192]))))
        for k in few.store.keys
        if k[0] != "mean"
    )
    yield close("difference of the first 8,192 futures in a run of 12,288", 0.0, off, 0)


def v16() -> Iterator[Row]:
    plain = one_run("everything")
    for option in ("one more of each", "an input more"):
        yield close(
            f"{option}: largest change of any figure", 0.0, largest_gap(plain, one_run("everything", option)), 0
        )


def v20() -> Iterator[Row]:
    nothing = one_run("everything", "do nothing")
    for metric in ("outcome_payments", "own_costs", "cashable_benefit_pv", "net_budget_effect_pv"):
        largest = float(np.max(np.abs(nothing.store.array(nothing.resolve(("payer", metric))))))
        yield close(f"payer {metric}, largest of any future", 0.0, largest, 0)
    yield close("transfers", 0, len(nothing.transfers(slice(0, 64))), 0)


def v22() -> Iterator[Row]:
    results = one_run("everything", "no discounting")
    for metric in ("outcome_payments", "own_costs"):
        off = np.max(np.abs(results.metric("payer", f"{metric}_pv") - results.metric("payer", metric)))
        yield close(f"payer {metric}: present value less the plain sum", 0.0, float(off), 1e-6)
    yearly = sum(row["parties"]["payer"]["cashable_benefit"]["mean"] for row in results.summary()["yearly"])
    mean = float(results.metric("payer", "cashable_benefit_pv").mean())
    yield close("savings: present value and the sum of the years", mean, yearly, 1e-9, is_relative=True)
    low, high = (
        run("everything", sets=[f"discount_rate={r} %"]).metric("payer", "outcome_payments_pv").mean()
        for r in ("2.9999", "3.0001")
    )
    yield close("present value at 2.9999 % over that at 3.0001 %", 1.0, float(low / high), 2e-5)


RULE = "must hold in every run"
CASES = (
    Case("V01", "without chance every future is the same, whatever the seed", RULE, v01),
    Case("V02", "money moves, none is made or lost", RULE, v02),
    Case("V03", "ten times the money, ten times the figures in money, the same rates and chances", RULE, v03),
    Case("V05", "a present value at the IRR is 0", RULE, v05),
    Case(
        "V06",
        "more tariff, cap or success never harms the lender in any future; a higher threshold never helps",
        RULE,
        v06,
    ),
    Case("V07", "value at risk and expected shortfall keep their order", RULE, v07),
    Case("V08", "expected shortfall is coherent", RULE, v08),
    Case("V12", "inputs, people and measurement share the whole variance", RULE, v12),
    Case("V15", "same seed, same bytes; more futures extend a run", RULE, v15),
    Case("V16", "an input, a measure or a payment of nothing more changes nothing", RULE, v16),
    Case("V20", "doing nothing pays, costs and saves nothing", RULE, v20),
    Case("V22", "a discount rate of 0 gives plain sums", RULE, v22),
)
