"""Several ways to buy, in the same futures: against closed forms, and what must hold of any comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import betabinom, norm

from sibsim.comparing import Choice, Futures, choices_of, in_same_futures, run_choices
from sibsim.comparing.decisions import acceptability, best, leading, tail_mean, value_of_knowing, worst_of
from sibsim.comparing.told import comparison
from sibsim.draws.streams import REPLICATE
from sibsim.errors import ModelError, ScenarioError
from sibsim.loading import load
from sibsim.loading.finding import shipped
from sibsim.metrics import expected_shortfall
from sibsim.simulate import simulate
from tests.support import LIMIT, in_turn, scenario

BUDGET = "net_budget_effect_pv"
GOLDEN = """
sibsim: 1
title: One service, five ways to buy it
currency: SEK
start: 2026-01
step: year
parties: {payer: City, fund: Outcomes fund, investor: Lender, provider: Provider}
inputs: {chance: {beta: {successes: 23.5, of: 59}}}
participants: {size: 200, duration: 3 years}
outcomes: {success: {type: event, better: more, over: 3 years, without: 15 %, with: chance}}
measures: {successes: {of: success, as: total, follow_up: 3 years}}
contract: {payments: {tariff: {measure: successes, per_unit: 10 000, cap: 950 000}}}
costs:
  service: {amount: 700 000}
  setting up: {amount: 40 000, by: payer, to: outside}
benefits: {saved: {of: success, kind: cashable, worth: 18 000}}
finance: {tranches: {loan: {amount: 700 000, drawn: upfront}}}
options:
  fee:
    finance: none
    costs.setting up: none
    contract.payments: {fee: {amount: 700 000, at: 2026-01}}
  half by results:
    finance: none
    costs.setting up: none
    contract.payments:
      fixed: {amount: 350 000, at: 2026-01}
      by results: {measure: successes, per_unit: 5 200, cap: 475 000}
  with a fund:
    contract.payments.tariff.by: {fund: 30 %, payer: rest}
"""
INFORMED = """
sibsim: 1
title: What it is worth to know
currency: SEK
start: 2026-01
step: year
parties: {{payer: City, provider: Provider}}
inputs:
  large: {{normal: {{mean: {mean}, sd: {large}}}}}
  small: {{normal: {{mean: 0, sd: {small}}}}}
  idle: {{normal: {{mean: 0, sd: 1}}}}
  nothing: {{product: [idle, 0]}}
participants: {{size: 1, duration: 1 year}}
outcomes:
  done: {{type: event, better: more, over: 1 year, without: 0 %, with: 100 %}}
measures: {{dones: {{of: done, as: total, follow_up: 1 year}}}}
contract: {{payments: {{pay: {{measure: dones, per_unit: 0}}}}}}
costs: {{visit: {{amount: nothing, by: payer, to: outside}}}}
benefits:
  one: {{of: done, kind: cashable, worth: large}}
  two: {{of: done, kind: cashable, worth: small}}
"""


def source(text: str) -> str:
    """A file of this text."""
    return scenario(text).file


@cache
def golden(n_draws: int = 65_536) -> Futures:
    names = ("fee", "half by results", "with a fund", "no service", "fee for service")
    return run_choices(choices_of([source(GOLDEN)], names), n_draws)


@cache
def of_golden() -> dict[str, Any]:
    """All that is said of it."""
    return comparison(golden())


def worth(futures: Futures, option: str, party: str = "payer") -> np.ndarray:
    names = [choice.name for choice in futures.choices]
    return futures.figure(names.index(option), party, BUDGET)


# ------------------------------------------------------------------------------------------------ closed forms
K = np.arange(201)
CHANCES = betabinom.pmf(K, 200, 24, 36)
TARIFF = np.minimum(10_000.0 * K, 950_000.0)
SAVED = 18_000.0 * (K - 30.0)
PAID = {
    "no service": np.zeros(201),
    "fee": np.full(201, 700_000.0),
    "half by results": 350_000.0 + np.minimum(5_200.0 * K, 475_000.0),
    "as it stands": TARIFF,
    "with a fund": 0.7 * TARIFF,
    "fee for service": np.zeros(201),
}
OWN = {"as it stands": 40_000.0, "with a fund": 40_000.0, "fee for service": 740_000.0}
PUBLISHED = {
    "no service": (0.0, 0.0, 0.0),
    "fee": (700_000.0, 200_000.0, 311_365.483275),
    "half by results": (756_615.936314, 143_384.063686, 229_637.676996),
    "as it stands": (828_568.170215 - 40_000.0, 71_431.829785, 167_273.548122),
    "with a fund": (591_997.719151 - 40_000.0, 308_002.280849, 12_501.128668),
    "fee for service": (0.0, 160_000.0, 351_365.483275),
}
"""Mean payment under the contract, mean net budget effect, expected shortfall (95 %) of the payer's loss."""


def of(option: str) -> np.ndarray:
    """The payer's net budget effect by number of successes."""
    saved = np.zeros(201) if option == "no service" else SAVED
    return saved - PAID[option] - OWN.get(option, 0.0)


@pytest.mark.parametrize("option", PUBLISHED)
def test_golden_each_option(option: str) -> None:
    """One service, five ways to buy it (and a sixth, standard one): each against the whole beta-binomial."""
    payment, mean, shortfall = PUBLISHED[option]
    exact = of(option)
    assert float(CHANCES @ exact) == pytest.approx(mean, abs=1e-4)
    assert float(CHANCES @ PAID[option]) == pytest.approx(payment, abs=1e-4)
    told = of_golden()
    figures = told["parties"]["payer"]["figures"]
    for metric, truth in ((BUDGET, mean), ("outcome_payments", payment)):
        found = figures[metric]["options"][option]
        assert abs(found["mean"] - truth) <= LIMIT * max(found["mc_error"], 1e-6)
    loss = told["decisions"]["payer"]["tail"][option]["expected_shortfall_95"]
    spread = np.sqrt(float(CHANCES @ (exact - mean) ** 2))
    assert abs(loss["value"] - shortfall) <= LIMIT * 2.5 * spread / np.sqrt(65_536) + 1e-6


def test_golden_differences_and_chances() -> None:
    """The same people succeed under every option, so differences and chances follow from one number of successes."""
    told = of_golden()
    rows = np.array([of(name) for name in ("as it stands", "fee", "half by results", "with a fund", "no service")])
    everyone = np.vstack((rows, of("fee for service")))
    exact = best(everyone) @ CHANCES
    shares = told["parties"]["payer"]["best"]
    names = ["as it stands", "fee", "half by results", "with a fund", "no service", "fee for service"]
    for name, truth in zip(names, exact, strict=True):
        assert abs(shares[name]["value"] - truth) <= LIMIT * np.sqrt(max(truth * (1 - truth), 0.0) / 65_536) + 1e-9
    for pair in told["parties"]["payer"]["pairs"]:
        apart = of(pair["option"]) - of(pair["less"])
        assert abs(pair["mean"] - float(CHANCES @ apart)) <= LIMIT * max(pair["mc_error"], 1e-6)
        better = float(CHANCES @ (apart > 1e-6)) + 0.5 * float(CHANCES @ (np.abs(apart) <= 1e-6))
        assert abs(pair["better"]["value"] - better) <= LIMIT * np.sqrt(max(better * (1 - better), 0.0) / 65_536) + 1e-9


def test_who_is_best_off_is_told_only_as_far_as_the_futures_tell() -> None:
    """Beside u: u + e, e and d normal and independent, means 0 and -1. Beaten where d is above both 0 and e."""
    rng = np.random.default_rng(2)
    n = 65_536
    u, e, d = rng.normal(size=(3, n))
    rows, near, unbeaten = leading(np.array([u, u + e - e.mean() - 0.001, u + d - 1.0, u]))
    assert (rows, near) == ([0, 3], [1])
    truth = norm.cdf(1.0) / 2 + quad(lambda x: norm.pdf(x) * norm.cdf(x + 1.0), 0.0, np.inf)[0]
    assert abs(unbeaten.mean() - truth) < LIMIT * np.sqrt(truth * (1 - truth) / n)
    assert leading(np.array([u, u + e - e.mean() - 0.1]))[:2] == ([0], [])  # some 26 errors apart
    rows, near, unbeaten = leading(np.array([u, np.maximum(u, 0.0), np.zeros(n)]))
    assert (rows, near) == ([1], [])
    assert np.all(
        unbeaten == 1.0
    )  # it is never worth less than the others, though it has only half of the futures alone


def test_golden_price_of_risk_transfer() -> None:
    """The bond costs 128,568 more than the fee on average and takes 144,092 off the shortfall: 0.892 for each krona."""
    futures = run_choices(choices_of([source(GOLDEN)], ["fee", "half by results"]), 65_536)
    transfer = comparison(futures)["decisions"]["payer"]["risk_transfer"]
    assert transfer["against"] == "fee"
    bond = transfer["options"]["as it stands"]
    extra, relief = 200_000 - 71_431.829785, 311_365.483275 - 167_273.548122
    for key, truth in (("extra_cost", extra), ("shortfall_falls_by", relief), ("price", extra / relief)):
        assert abs(bond[key]["value"] - truth) <= LIMIT * bond[key]["mc_error"]
    assert bond["price"]["mc_error"] < 0.03


def test_golden_together_nobody_gains_by_a_fund() -> None:
    """What the fund pays the payer saves: for both together the options are worth the same, future by future."""
    futures = golden()
    ours, theirs = (worth(futures, name, "public_purse") for name in ("with a fund", "as it stands"))
    assert np.abs(ours - theirs).max() < 1e-6
    fund = worth(futures, "with a fund", "fund")
    assert fund.mean() < 0
    np.testing.assert_array_equal(worth(futures, "as it stands", "fund"), 0.0)


def test_golden_acceptability() -> None:
    """At a value v of one success more the payer's worth is its budget + v x 200 (chance - 15 %), drawn as inputs."""
    told = comparison(golden(), "success", 10_000.0)
    curve = told["decisions"]["payer"]["acceptability"]
    assert [row["value"] for row in curve["rows"]] == [500.0 * i for i in range(21)]
    assert curve["rows"][0]["best"] == told["parties"]["payer"]["best"]
    names = list(told["parties"]["payer"]["best"])
    values = np.array([worth(golden(), name) for name in names])
    chance = golden().stores[0].array(("#input", "chance"))
    more = np.array([0.0 if name == "no service" else 1.0 for name in names])[:, None] * 200 * (chance - 0.15)
    by_hand = best(values + 10_000.0 * more).mean(axis=1)
    assert list(curve["rows"][-1]["best"]) == names
    found = [curve["rows"][-1]["best"][name]["value"] for name in names]
    np.testing.assert_allclose(found, by_hand, atol=1e-12)


def loss_integral(mean: float, sd: float) -> float:
    z = abs(mean) / sd
    return float(sd * (norm.pdf(z) - z * (1 - norm.cdf(z))))


@cache
def informed(mean: float, large: float, small: float) -> dict[str, Any]:
    text = INFORMED.format(mean=mean, large=large, small=small)
    return comparison(run_choices(choices_of([source(text)], ["no service"]), 65_536))


def test_what_it_is_worth_to_know_everything() -> None:
    """Case F01: net benefit N(100 k, 400 k) against nothing: 114,537.88; it pays in 59.87 of 100 futures."""
    told = informed(100_000, 400_000, 1)
    value = told["decisions"]["payer"]["information"]["everything"]
    assert loss_integral(1e5, 4e5) == pytest.approx(114_537.879289, abs=1e-5)
    assert abs(value["value"] - 114_537.879289) <= max(LIMIT * value["mc_error"], 250)
    chance = told["parties"]["payer"]["best"]["as it stands"]
    assert abs(chance["value"] - 0.598706325683) <= max(LIMIT * chance["mc_error"], 0.002)


@pytest.mark.parametrize(("name", "truth"), [("large", 83_844.7658306), ("small", 53_939.2559883), ("idle", 0.0)])
def test_what_it_is_worth_to_know_one_input(name: str, truth: float) -> None:
    """Case F02: sd 320 k and 240 k; an input that nothing hangs on is worth nothing, which noise must not hide."""
    found = informed(100_000, 320_000, 240_000)["decisions"]["payer"]["information"]
    value = found["by_input"][name]
    assert abs(value["value"] - truth) <= max(LIMIT * value["mc_error"], 0.01 * truth, 200)
    assert value["value"] < found["everything"]["value"]


def test_noise_is_not_taken_for_knowledge() -> None:
    """Two options alike but for noise: over many seeds a useless input is worth nothing on average, never a gain."""
    rng = np.random.default_rng(5)
    values = []
    for _ in range(60):
        rows = rng.normal(size=(2, 8 * REPLICATE))
        values.append(value_of_knowing(rows, rng.random(8 * REPLICATE)).value)
    assert np.mean(values) < LIMIT * np.std(values) / np.sqrt(60)


def test_an_input_with_few_values_is_cut_by_value() -> None:
    """Known: which of two states it is. Knowing is worth the best in each, less the best without: 1.5 - 1."""
    state = np.tile([0.0, 1.0], 4096)
    rows = np.array([np.where(state > 0, 3.0, -1.0), np.zeros(8192)])
    assert value_of_knowing(rows, state).value == pytest.approx(0.5)


def test_common_futures_are_worth_what_they_are_said_to_be() -> None:
    """Case F04, Var(A - B) = va + vb - 2 r sa sb, on the diabetes bond: at least five times less than apart."""
    choices = choices_of(["stockholm-diabetes"], ["provider at risk"])
    here, there = run_choices(choices, 32_768, seed=1), run_choices(choices, 32_768, seed=2)

    def means(values: np.ndarray) -> np.ndarray:
        return np.asarray(values.reshape(-1, REPLICATE).mean(axis=1))

    base, risk = worth(here, "as it stands"), worth(here, "provider at risk")
    apart = means(base) - means(worth(there, "provider at risk"))
    assert 5 * means(base - risk).var(ddof=1) < apart.var(ddof=1)
    covariance = np.cov(base, risk)
    by_formula = (covariance[0, 0] + covariance[1, 1]) / (covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert (base.var() + risk.var()) / (base - risk).var() == pytest.approx(by_formula, rel=1e-3)
    assert by_formula > 5


# ------------------------------------------------------------------------------------------------ identities
@cache
def diabetes() -> Futures:
    names = ["provider at risk", "full loss possible", "no service", "fee for service"]
    return run_choices(choices_of(["stockholm-diabetes"], names), 8192)


def test_an_option_against_itself_is_nothing() -> None:
    one = load("stockholm-diabetes")
    futures = run_choices(in_same_futures([Choice("one", one), Choice("other", one)]), 8192)
    told = comparison(futures)
    for party in told["parties"].values():
        for figure in party["figures"].values():
            less = figure["less_first"]["other"]
            assert (less["mean"], less["mc_error"], less["p05"], less["p95"]) == (0.0, 0.0, 0.0, 0.0)
        assert [pair["better"]["value"] for pair in party["pairs"]] == [0.5]
        assert {chance["value"] for chance in party["best"].values()} == {0.5}
    assert told["decisions"]["payer"]["information"]["everything"]["value"] == 0.0


def test_the_numbers_are_those_of_a_run() -> None:
    """What is compared is what `sibsim run` shows of each option: to the last bit."""
    for choice, option in zip(diabetes().choices[:2], ((), ("provider at risk",)), strict=True):
        alone = simulate(load("stockholm-diabetes", option), n_draws=8192)
        np.testing.assert_array_equal(alone.metric("payer", BUDGET), worth(diabetes(), choice.name))


def test_differences_add_up_and_chances_are_whole() -> None:
    told = comparison(diabetes())
    for party in told["parties"].values():
        pairs = {(p["option"], p["less"]): p for p in party["pairs"]}
        names = [o["name"] for o in told["options"]]
        size = max(abs(p["mean"]) for p in pairs.values()) or 1.0
        for a, b, c in ((names[2], names[1], names[0]), (names[4], names[3], names[1])):
            assert abs(pairs[a, b]["mean"] + pairs[b, c]["mean"] - pairs[a, c]["mean"]) < 1e-9 * size
        assert sum(chance["value"] for chance in party["best"].values()) == pytest.approx(1.0, abs=1e-12)
    for row in told["decisions"]["payer"]["acceptability"]["rows"]:
        assert sum(chance["value"] for chance in row["best"].values()) == pytest.approx(1.0, abs=1e-12)


def test_the_order_of_options_changes_nothing() -> None:
    names = ["fee for service", "full loss possible", "no service", "provider at risk"]
    other = comparison(run_choices(choices_of(["stockholm-diabetes"], names), 8192))
    told = comparison(diabetes())
    for party, one in told["parties"].items():
        its = other["parties"][party]
        assert its["best"] == one["best"]
        for metric, figure in one["figures"].items():
            assert its["figures"][metric] == figure
    for party, decision in told["decisions"].items():
        its = other["decisions"][party]
        assert its["tail"] == decision["tail"]
        assert its["risk_transfer"] == decision["risk_transfer"]
        assert its["information"] == decision["information"]
        assert its["acceptability"] == decision["acceptability"]


def test_the_same_bytes_for_any_workers_and_the_first_futures_for_any_draws() -> None:
    choices = choices_of(["child-obesity"], ["no effect", "fee for service"])
    one, two = (run_choices(choices, 24_576, workers=n) for n in (1, 2))
    assert json.dumps(comparison(one)) == json.dumps(comparison(two))
    few = run_choices(choices, 8192)
    for i in range(3):
        np.testing.assert_array_equal(few.figure(i, "region", BUDGET), one.figure(i, "region", BUDGET)[:8192])


def test_who_bears_the_worst_futures() -> None:
    """Weighted futures give the expected shortfall to the last digits, whatever the ties."""
    rng = np.random.default_rng(1)
    for values in (rng.normal(size=8192), rng.integers(0, 9, 8192) * 1.0, np.zeros(8192)):
        tail = worst_of(values)
        assert tail.weights.sum() == pytest.approx(409.6)
        assert tail_mean(tail, values).value == pytest.approx(-expected_shortfall(-values), abs=1e-12)
    many = np.array([[tail_mean(worst_of(x), x).value for x in [rng.normal(size=8192)]] for _ in range(64)])
    printed = np.mean([tail_mean(worst_of(x), x).mc_error for x in rng.normal(size=(16, 8192))])
    assert 0.75 < printed / many.std(ddof=1) < 1.35, "the error knows that which futures are the worst is uncertain"
    told = comparison(diabetes())["decisions"]["payer"]["tail"]
    for option in told.values():
        own = option["parties"]["payer"]["there"]["value"]
        assert own == pytest.approx(-option["expected_shortfall_95"]["value"], rel=1e-12)
    bond, fee = told["full loss possible"]["parties"], told["fee for service"]["parties"]
    assert bond["investor"]["falls_by"]["value"] < 0, "what the payer loses there the lender gains"
    assert fee["investor"]["there"]["value"] == 0.0


def test_a_party_that_only_guarantees_in_one_option_keeps_its_books() -> None:
    """A fund that pays in one option and only lends in another is worth all its money in both."""
    text = GOLDEN.replace("  with a fund:", "  fund lends:\n    finance.tranches.loan.by: fund\n  with a fund:")
    futures = run_choices(choices_of([source(text)], ["with a fund", "fund lends"]), 8192)
    lent, base = worth(futures, "fund lends", "fund"), futures.figure(0, "investor", "net_gain")
    np.testing.assert_allclose(lent, base, atol=1e-6)
    both = worth(futures, "fund lends", "public_purse")
    np.testing.assert_allclose(both, worth(futures, "fund lends") + lent, atol=1e-6)


# ------------------------------------------------------------------------------------------------ the same futures
def test_what_options_bring_is_the_same_draw_in_each() -> None:
    """An input that two options bring is one draw, though another one by name stands before it in one of them."""
    more = (
        "  one: {inputs.new: {normal: {mean: 5, sd: 1}}, costs.extra: {amount: new, by: payer, to: outside}}\n"
        "  two:\n    inputs.about: {normal: {mean: 5, sd: 1}}\n    inputs.new: {normal: {mean: 5, sd: 1}}\n"
        "    costs.extra: {amount: new, by: payer, to: outside}\n"
        "    costs.more: {amount: about, by: payer, to: outside}\n"
    )
    futures = run_choices(choices_of([source(GOLDEN + more)], ["one", "two"]), 8192)
    one, two = (store.array(("#input", "new")) for store in futures.stores[1:])
    np.testing.assert_array_equal(one, two)
    numbers = [set(o["lattice_dimensions"].values()) for o in comparison(futures)["options"]]
    assert [len(n) for n in numbers] == [1, 2, 3]


def test_several_files_meet_the_same_futures() -> None:
    """Inputs and people by name, whatever else a file draws before them."""
    other = GOLDEN.replace("inputs: {", "inputs: {aside: {normal: {mean: 0, sd: 1}}, ").replace("40 000", "aside")
    futures = run_choices(choices_of([source(GOLDEN), source(other)]), 8192)
    one, two = (store.array(("#input", "chance")) for store in futures.stores)
    np.testing.assert_array_equal(one, two)
    assert worth(futures, futures.choices[1].name).mean() == pytest.approx(
        worth(futures, futures.choices[0].name).mean() + 40_000, abs=1
    )


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("currency: SEK", "currency: EUR", "currency.*has SEK.*has EUR"),
        ("step: year", "step: quarter", "step.*has year.*has quarter"),
        ("start: 2026-01", "start: 2027-01", "start.*has 2026-01.*has 2027-01"),
    ],
)
def test_other_grids_are_refused(was: str, now: str, message: str) -> None:
    other = GOLDEN.replace(was, now).replace("at: 2026-01", "at: 2027-01")
    with pytest.raises(ScenarioError, match=message):
        choices_of([source(GOLDEN), source(other)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["fees"], "no option is called 'fees'; the file has 'fee', .*'social investment fund'"),
        (["fee", "fee"], "'fee' is named twice"),
    ],
)
def test_options_that_cannot_be(options: Sequence[str], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        choices_of([source(GOLDEN)], options)


def test_one_alone_is_no_comparison() -> None:
    alone = GOLDEN[: GOLDEN.index("options:")]
    with pytest.raises(ScenarioError, match="nothing to compare it with"):
        choices_of([source(alone)])


def test_an_outcome_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="no outcome is called 'failure'; there are 'success'"):
        comparison(golden(), "failure")


# ------------------------------------------------------------------------------------------------ facts and terms
def test_another_view_of_the_world_is_no_choice() -> None:
    """What an option takes to be true is told apart from what it agrees on."""
    facts = {c.name: c.facts for c in choices_of(["stockholm-diabetes"])}
    assert {name for name, what in facts.items() if what} == {
        "effect of the trials",
        "compared with the UK registry",
        "compared with the meta-analysis",
    }
    assert facts["effect of the trials"] == ("inputs.hazard ratio",)
    terms = {c.name: c.facts for c in choices_of(["skl-sick-leave-pilot"])}
    assert not terms["all at risk"], "a term that is written as an input"
    assert terms["no effect"]


def test_more_of_the_risk_with_others_is_told_in_the_right_direction() -> None:
    """A higher cap costs the payer more and helps the lender; a dearer service only hurts who pays for it."""
    text = GOLDEN + "  higher cap: {contract.payments.tariff.cap: 1.2 m}\n  dearer: {costs.service.amount: 720 000}\n"
    told = comparison(run_choices(choices_of([source(text)], ["higher cap", "dearer"]), 8192))
    less = {name: party["figures"] for name, party in told["parties"].items()}
    assert less["payer"][BUDGET]["less_first"]["higher cap"]["p95"] == 0.0
    assert less["payer"][BUDGET]["less_first"]["higher cap"]["mean"] < 0
    assert less["investor"]["net_gain"]["less_first"]["higher cap"]["mean"] > 0


@pytest.mark.parametrize("name", in_turn(shipped(), 3))
def test_every_contract_can_be_compared(name: str) -> None:
    """With no service at all; what does nothing is worth nothing to anybody."""
    first = load(name)
    if not first.outcomes:
        pytest.skip("it is only settled")
    futures = run_choices(choices_of([name], ["no service"]), 1)
    told = comparison(futures)
    for party in told["parties"].values():
        for metric, figure in party["figures"].items():
            nothing = figure["options"]["no service"]
            if metric == "lowest_cash":  # it keeps what it had
                continue
            assert nothing["mean"] in (0.0, None)
            assert nothing["p05"] in (0.0, None)
    assert told["options"][1]["people"] == 0.0


def test_acceptability_by_hand() -> None:
    """One option saves 10 and achieves 1, the other nothing at all but 12: from a value of 2 on the first is best."""
    budgets = np.array([np.full(2048, 10.0), np.full(2048, 12.0)])
    achieved = np.array([np.ones(2048), np.zeros(2048)])
    rows = acceptability(budgets, achieved, [0.0, 1.9, 2.0, 2.1])
    assert [[e.value for e in row] for row in rows] == [[0.0, 1.0], [0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]


def test_choices_are_not_changed_by_being_compared() -> None:
    one = Choice("one", scenario(GOLDEN))
    two = replace(one, name="two")
    first, _ = in_same_futures([one, two])
    assert first.scenario.inputs == one.scenario.inputs
    assert Path(first.scenario.file).exists()
