"""The two contracts of which every headline figure is known exactly: steps with a guarantee, and a capped rate card."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import betabinom, norm

from sibsim import metrics
from sibsim.results import Results
from tests.proof.row import Case, Row, close, estimate, not_reported, spread
from tests.support import run, summary_value

DRAWS = 131_072


@cache
def golden(name: str, *options: str) -> tuple[Results, dict[str, Any]]:
    results = run(name, *options, n_draws=DRAWS)
    return results, results.summary()


def figures(summary: dict[str, Any], table: dict[str, tuple[str, float, float]]) -> Iterator[Row]:
    """Rows of (path in the summary, expected, standard deviation of one future)."""
    for quantity, (path, expected, sd) in table.items():
        parent, _, last = path.rpartition("/")
        figure = summary_value(summary, parent)
        error = figure["mc_errors"][last] if last.startswith("p") else figure["mc_error"]
        plain = None if math.isnan(sd) else sd / math.sqrt(DRAWS)
        yield estimate(quantity, expected, figure[last], error, plain=plain)


def share(quantity: str, expected: float, seen: np.ndarray) -> Row:
    found = metrics.estimate_share(seen)
    return estimate(quantity, expected, found.value, found.mc_error, plain=math.sqrt(expected * (1 - expected) / DRAWS))


# ------------------------------------------------------------------------------------------------ steps, guarantee
def c11() -> Iterator[Row]:
    results, summary = golden("step-schedule")
    payer, investor = "parties/payer/metrics", "parties/investor/metrics"
    yield share("anything is paid", 0.56968086122, results.metric("payer", "outcome_payments") > 0)
    yield from figures(
        summary,
        {
            "payments, mean": (f"{payer}/outcome_payments/mean", 5_694_830.42662, 5_183_607.26077),
            "the investor loses money": ("parties/investor/probabilities/loss/value", 0.5, 0.5),
            "the investor receives, mean": (f"{investor}/received/mean", 8_960_362.29276, 1.93e6),
            "multiple, mean": (f"{investor}/moic/mean", 0.933371072163, 0.201),
            "guarantee called, mean": ("parties/guarantor/metrics/called/mean", 3_265_531.86614, 3.6e6),
            "IRR of the expected flows": (f"{investor}/irr_of_expected_flows/value", -0.01709038331, math.nan),
        },
    )
    loss = metrics.estimate_shortfall(-results.metric("investor", "net_gain"), 0.40)
    yield estimate(
        "expected shortfall of the loss at 40 %",
        1_956_075.33399,
        loss.value,
        loss.mc_error,
        plain=2.6e6 / math.sqrt(DRAWS),
    )
    tail = summary["parties"]["investor"]["metrics"]
    yield close("value at risk of the loss, 95 %", 2.4e6, tail["value_at_risk_95"]["value"], 1e-3)
    yield close("expected shortfall of the loss, 95 %", 2.4e6, tail["expected_shortfall_95"]["value"], 1e-3)
    shares = summary["variance_by_layer"]["payer.outcome_payments"]
    yield estimate(
        "share of the variance from inputs", share_of_inputs(), shares["inputs"], shares["mc_error"]["inputs"]
    )
    yield close("share of the variance from people", 0.0, shares["people"], 0)


def share_of_inputs() -> float:
    """Variance of the payment expected given the true effect, over its whole variance, by a fine sum."""
    effects = norm.ppf((np.arange(200_000) + 0.5) / 200_000, 0.10, 0.08)
    given = sum(rise * norm.cdf((effects - at) / 0.03) for at, rise in zip(AT, np.diff(PAYS, prepend=0.0), strict=True))
    whole = norm.ppf((np.arange(2_000_000) + 0.5) / 2_000_000, 0.10, math.hypot(0.08, 0.03))
    paid = np.concatenate(([0.0], PAYS))[np.searchsorted(AT, whole, side="right")]
    return float(given.var() / paid.var())


AT = (0.085, 0.10, 0.11, 0.12, 0.125, 0.13, 0.16, 0.20)
PAYS = (4.8, 9.6, 10.08, 10.176, 10.272, 10.368, 10.944, 11.712)


# ------------------------------------------------------------------------------------------------ capped rate card
K = np.arange(201)
CHANCES = betabinom.pmf(K, 200, 24.0, 36.0)
PAID = 10_000.0 * np.minimum(K, 95)
NET = 18_000.0 * (K - 30) - PAID - 40_000


def one_sd(values: np.ndarray) -> float:
    """Standard deviation of one future, by summing over all numbers of successes."""
    mean = float(CHANCES @ values)
    return math.sqrt(float(CHANCES @ (values - mean) ** 2))


def chance_sd(seen: np.ndarray) -> float:
    return one_sd(seen.astype(float))


def shortfall_sd(losses: np.ndarray, level: float) -> float:
    """Standard deviation of one future's part in an expected shortfall: the loss beyond it, over 1 - level."""
    order = np.argsort(losses)
    quantile = losses[order][np.searchsorted(np.cumsum(CHANCES[order]), level)]
    return one_sd(np.maximum(losses - quantile, 0)) / (1 - level)


def ratio_sd(top: np.ndarray, bottom: np.ndarray) -> float:
    ratio = float(CHANCES @ top) / float(CHANCES @ bottom)
    return one_sd(top - ratio * bottom) / float(CHANCES @ bottom)


def c18() -> Iterator[Row]:
    results, summary = golden("rate-card")
    payer, investor = "parties/payer/metrics", "parties/investor/metrics"
    irr = (PAID / 700_000) ** (1 / 3) - 1
    lost, is_lost = np.maximum(700_000 - PAID, 0), PAID < 700_000
    net_paid, saved = PAID + 40_000, 18_000.0 * (K - 30)
    of_payer, of_investor = "parties/payer/probabilities", "parties/investor/probabilities"
    yield from figures(
        summary,
        {
            "payments, mean": (f"{payer}/outcome_payments/mean", 788_568.170215, one_sd(PAID)),
            "the cap cuts something": (f"{of_payer}/cap_binds/value", 0.141620176477, chance_sd(K > 95)),
            "multiple, mean": (f"{investor}/moic/mean", 1.12652595745, one_sd(PAID / 700_000)),
            "IRR of the expected flows": (f"{investor}/irr_of_expected_flows/value", 0.0405119389859, 0.0572),
            "IRR, mean over futures": (f"{investor}/irr/mean", 0.0374525069475, one_sd(irr)),
            "the investor loses money": (f"{of_investor}/loss/value", 0.236249590777, chance_sd(is_lost)),
            "loss given a loss": (f"{investor}/loss_given_loss/value", 84_537.0759055, ratio_sd(lost, is_lost * 1.0)),
            "expected shortfall of the investor's loss, 95 %": (
                f"{investor}/expected_shortfall_95/value", 184_091.935153, shortfall_sd(700_000 - PAID, 0.95),
            ),
            "savings, mean": (f"{payer}/cashable_benefit_pv/mean", 900_000.0, one_sd(18_000.0 * K)),
            "net budget effect, mean": (f"{payer}/net_budget_effect_pv/mean", 71_431.829785, one_sd(NET)),
            "net budget effect is positive": (
                "parties/payer/probabilities/net_budget_effect_positive/value", 0.693386920498, chance_sd(NET > 0),
            ),
            "expected shortfall of the payer's net loss, 95 %": (
                f"{payer}/expected_shortfall_95/value", 167_273.548122, shortfall_sd(-NET, 0.95),
            ),
            "benefit-cost ratio": (f"{payer}/benefit_cost_ratio/value", 1.08621116808, ratio_sd(saved, net_paid)),
            "cost per outcome": (f"{payer}/cost_per_outcome/value", 10_357.1021277, ratio_sd(net_paid, 1.0 * K)),
            "cost per outcome caused": (
                f"{payer}/cost_per_causal_outcome/value", 16_571.3634043, math.nan,
            ),
        },
    )  # fmt: skip
    yield from quantiles(summary)
    yield from spreads(results)
    yield from with_options()
    inputs = summary["variance_by_layer"]["payer.outcome_payments"]
    yield estimate(
        "share of the payment's variance from inputs", 0.754955593574, inputs["inputs"], inputs["mc_error"]["inputs"]
    )
    yield close("share of the payment's variance from measurement", 0.0, inputs["measurement"], 0)
    yield not_reported("value of perfect information on the success rate", 16_685.386538)


def quantiles(summary: dict[str, Any]) -> Iterator[Row]:
    """Quantiles of a distribution with atoms are hit exactly or not at all."""
    payer, investor = (summary["parties"][p]["metrics"] for p in ("payer", "investor"))
    yield close("IRR, 5 %", -0.0661891008964, investor["irr"]["p05"])
    yield close("IRR, median", 0.0455159171494, investor["irr"]["p50"])
    yield close("IRR, 95 %", 0.107155244894, investor["irr"]["p95"])
    yield close("value at risk of the investor's loss, 95 %", 130_000, investor["value_at_risk_95"]["value"], 1e-6)
    yield close("value at risk of the payer's net loss, 95 %", 124_000, payer["value_at_risk_95"]["value"], 1e-6)
    yield close("payments, 95 %", 950_000, payer["outcome_payments"]["p95"], 1e-6)


def spreads(results: Results) -> Iterator[Row]:
    for quantity, values, exact, expected in (
        ("payments", results.metric("payer", "outcome_payments"), PAID, 124_054.008878),
        ("outcomes", results.metric("payer", "cashable_benefit_pv") / 18_000 + 30, 1.0 * K, 14.3035018067),
    ):
        mean, variance = float(CHANCES @ exact), one_sd(exact) ** 2
        fourth = float(CHANCES @ (exact - mean) ** 4)
        plain = math.sqrt((fourth - variance**2) / (4 * variance) / DRAWS)
        yield spread(f"{quantity}, standard deviation", expected, values, plain)
    outcomes = metrics.estimate_mean(results.metric("payer", "cashable_benefit_pv") / 18_000 + 30)
    yield estimate("outcomes, mean", 80.0, outcomes.value, outcomes.mc_error, plain=one_sd(1.0 * K) / math.sqrt(DRAWS))


def with_options() -> Iterator[Row]:
    """Options of the same file: 45 % of the savings in cash, and no transaction cost."""
    cash, _ = golden("rate-card", "cashable share")
    saved = metrics.estimate_mean(cash.metric("payer", "cashable_benefit_pv"))
    plain = one_sd(8_100.0 * K) / math.sqrt(DRAWS)
    yield estimate("savings in cash, mean (option)", 405_000.0, saved.value, saved.mc_error, plain=plain)
    free, _ = golden("rate-card", "no transaction cost")
    positive = free.metric("payer", "net_budget_effect_positive")
    yield share("savings exceed payments (option)", 0.80559440581, positive > 0)
    both, _ = golden("rate-card", "cashable share", "no transaction cost")
    seen = float(both.metric("payer", "net_budget_effect_positive").mean())
    chance = 1.09347284747e-06
    yield estimate("savings in cash exceed payments (options)", chance, seen, math.sqrt(chance / DRAWS))


# ------------------------------------------------------------------------------------------------ five options
FIVE = {
    "fee for service": (700_000.0, 0.0, 200_000.0, 257_463.032521, 0.214778618767, 311_365.483275),
    "payment by results": (
        756_615.936314, 60_342.1387759, 143_384.063686, 200_692.753669, 0.236249590777, 229_637.676996,
    ),
    "": (828_568.170215, 124_054.008878, 71_431.829785, 140_111.099796, 0.306613079502, 167_273.548122),
    "bond with outcomes fund": (
        591_997.719151, 86_837.8062147, 308_002.280849, 174_344.987711, 0.0236177575167, 12_501.128668,
    ),
}  # fmt: skip
"""Paid with own costs, its sd, net budget effect, its sd, chance that it is below 0, expected shortfall of its loss."""


def f05() -> Iterator[Row]:
    n = math.sqrt(65_536)
    for option, (paid, paid_sd, net, net_sd, below, tail) in FIVE.items():
        results = run("commissioning", *([option] if option else []), n_draws=65_536)
        payer = results.summary()["parties"]["payer"]["metrics"]
        name = option or "the bond"
        effect = results.metric("payer", "net_budget_effect_pv")
        outlay = results.metric("payer", "outcome_payments") + results.metric("payer", "own_costs")
        found = metrics.estimate_mean(outlay)
        yield estimate(f"{name}: paid, mean", paid, found.value, found.mc_error, plain=paid_sd / n)
        figure = payer["net_budget_effect_pv"]
        yield estimate(f"{name}: net, mean", net, figure["mean"], figure["mc_error"], plain=net_sd / n)
        yield spread(f"{name}: net, standard deviation", net_sd, effect, net_sd / n)
        chance = metrics.estimate_share(effect < -1e-6)
        of_chance = math.sqrt(below * (1 - below)) / n
        yield estimate(f"{name}: net below 0", below, chance.value, chance.mc_error, plain=of_chance)
        worst = payer["expected_shortfall_95"]
        yield estimate(f"{name}: expected shortfall, 95 %", tail, worst["value"], worst["mc_error"])
    idle = run("commissioning", "do nothing").store.array(("payer", "net_budget_effect_pv"))
    yield close("do nothing: net, largest of any future", 0.0, float(np.abs(idle).max()))


CASES = (
    Case("C11", "steps and a guarantee: effect N(10 %, 8 %), error 3 points", "normal probabilities of the steps", c11),
    Case("C18", "a capped rate card: every headline figure", "enumeration of the beta-binomial", c18),
    Case("F05", "five ways to buy the same service", "enumeration of the beta-binomial", f05),
)
