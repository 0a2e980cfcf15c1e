"""Cases of group A: rates of return, present values, what an investor looks at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy.stats import norm

from sibsim import metrics
from sibsim.rates import irr, is_unique_irr, npv, period_rate
from sibsim.results import Results
from tests.proof.row import Case, Row, close, estimate, not_reported
from tests.support import HEAD, deal, run

EXCEL_IRR = "Microsoft Support, IRR function"
EXCEL_NPV = "Microsoft Support, NPV function"
NUMPY_FINANCIAL = "numpy-financial, test suite and issue 28"
OWN = "worked out by hand"


def a03() -> Iterator[Row]:
    flows = [-70_000, 12_000, 15_000, 18_000, 21_000, 26_000]
    yield close("IRR, five years", 0.0866309480365, irr(flows))
    yield close("IRR, four years", -0.0212448482734, irr(flows[:5]))
    yield close("IRR, two years", -0.443506941335, irr(flows[:3]))


def a04() -> Iterator[Row]:
    vectors = {
        0.0524328888594: [-150_000, 15_000, 25_000, 35_000, 45_000, 60_000],
        -0.095495830349: [-100, 0, 0, 74],
        0.28094842116: [-100, 39, 59, 55, 20],
        0.0885983385278: [-5, 10.5, 1, -8, 1],
    }
    for expected, flows in vectors.items():
        yield close(f"IRR of {', '.join(f'{f:g}' for f in flows)}", expected, irr(flows), 1e-8)


def a05() -> Iterator[Row]:
    flows = [-100, 230, -132]
    yield close("IRR, the smallest that is not negative", 0.1, irr(flows), 1e-8)
    yield close("it is the only one (1) or not (0)", 0, bool(is_unique_irr(flows)), 0)
    yield not_reported("the other root", 0.2)


def a06() -> Iterator[Row]:
    flows = [-50, -100, 600, 300, -100]
    yield close("IRR, the smallest that is not negative", 1.85441782846, irr(flows), 1e-6)
    yield close("it is the only one (1) or not (0)", 0, bool(is_unique_irr(flows)), 0)
    yield not_reported("the other root", -0.768895470681)


def a08() -> Iterator[Row]:
    for flows in ([1, 2, 3], [0, 0, 0]):
        yield close(f"IRR of {flows}", None, irr(flows), 0)
        yield close(f"multiple of {flows}", None, float(metrics.moic(flows)), 0)


def a09() -> Iterator[Row]:
    for flows in ([-100, 0, 0, 0], [-1, -2, -3]):
        yield close(f"IRR of {flows}", -1.0, irr(flows), 1e-12)
        yield close(f"multiple of {flows}", 0.0, float(metrics.moic(flows)), 1e-12)


def a11() -> Iterator[Row]:
    flows = [-10_000, 3_000, 4_200, 6_800]
    yield close("NPV at 10 %, first flow now", 1307.28775357, npv(0.1, flows), 1e-6)
    yield not_reported("NPV, flows at the end of periods 1 to 4 (Excel's NPV)", 1188.44341234)
    yield not_reported("NPV, flows in the middle of periods", 1246.44996641)


def a12() -> Iterator[Row]:
    flows = [-40_000, 8_000, 9_200, 10_000, 12_000, 14_500]
    yield close("NPV at 8 %, five years", 1922.06155493, npv(0.08, flows), 1e-6)
    yield close("NPV at 8 %, six years", -3749.46508702, npv(0.08, [*flows, -9_000]), 1e-6)


def a14() -> Iterator[Row]:
    years = range(3, 10)
    outcomes = ", ".join(
        f"y{k}: {{type: score, each: cohort, better: more, over: {k} years, without: 0, with: 1}}" for k in years
    )
    text = deal(
        HEAD + "discount_rate: 3.5 %\nhorizon: 9 years\n",
        outcomes=f"{{{outcomes}}}",
        measures="none",
        costs="{a: {amount: 100, by: payer, to: outside},"
        " b: {amount: 50, at: [2021-01, 2022-01], by: payer, to: outside}}",
        benefits="{" + ", ".join(f"b{k}: {{of: y{k}, kind: cashable, worth: 30}}" for k in years) + "}",
    )
    payer = run(text).summary()["parties"]["payer"]["metrics"]
    yield close("net budget effect, present value", -23.7449467536, payer["net_budget_effect_pv"]["mean"])
    yield close("costs, present value", 194.984713762, payer["own_costs_pv"]["mean"])
    yield close("savings, present value", 171.239767009, payer["cashable_benefit_pv"]["mean"])
    yield close("benefit-cost ratio", 0.878221495955, payer["benefit_cost_ratio"]["value"])


def a15() -> Iterator[Row]:
    text = deal(
        contract="{payments: {a: {amount: 300, at: 2022-01}, b: {amount: 500, at: 2023-01},"
        " c: {amount: 800, at: 2024-01}}}",
        costs="{first: {amount: 1000}, second: {amount: 200, at: 2021-01}}",
        finance="{tranches: {loan: {amount: 1200}}}",
    )
    investor = run(text).summary()["parties"]["investor"]["metrics"]
    expected = {
        "moic": 1.33333333333,
        "irr": 0.0964424885653,
        "payback_years": 3.5,
        "peak_capital": 1200.0,
    }
    for name, value in expected.items():
        yield close(name, value, investor[name]["mean"], 1e-9)
    life = investor["weighted_average_life"]["mean"]
    yield close("weighted_average_life", 3.3125, life, 1e-9)
    yield not_reported("modified IRR at 5 %", 0.0859717114779)


def a16() -> Iterator[Row]:
    text = deal(
        HEAD + "inputs: {luck: {normal: {mean: 0, sd: 1}}}\n",
        outcomes="{result: {type: score, each: cohort, better: more, over: 3 years, without: 0, with: luck}}",
        contract="{payments: {p: {measure: x, steps: [[0, 200]]}}}",
        costs="{c: {amount: 100}}",
        finance="{tranches: {loan: {amount: 100}}}",
    )
    results = run(text, n_draws=65_536)
    investor = results.summary()["parties"]["investor"]["metrics"]
    n = math.sqrt(results.n_draws)
    for quantity, name, expected, sd in (
        ("multiple, mean", "moic", 1.0, 1.0),
        ("IRR, mean over futures", "irr", -0.370039475053, 2 ** (1 / 3) / 2),
    ):
        figure = investor[name]
        yield estimate(quantity, expected, figure["mean"], figure["mc_error"], plain=sd / n)
    flows = investor["irr_of_expected_flows"]
    yield estimate("IRR of the expected flows", 0.0, flows["value"], flows["mc_error"])
    yield close("IRR, median", -1.0, investor["irr"]["p50"], 1e-12)


@cache
def lognormal_bullet() -> Results:
    """A multiple of exp(N(0.10, 0.25)) after three years."""
    mean = 100 * math.exp(0.10 + 0.25**2 / 2)
    sd = mean * math.sqrt(math.expm1(0.25**2))
    text = deal(
        HEAD + f"inputs: {{back: {{lognormal: {{mean: {mean:.12f}, sd: {sd:.12f}}}}}}}\n",
        contract="{payments: {p: {amount: back, at: 2023-01}}}",
        costs="{c: {amount: 100}}",
        finance="{tranches: {loan: {amount: 100}}}",
    )
    return run(text, n_draws=65_536)


def a17() -> Iterator[Row]:
    yield close("6 % a year, by the month", 0.00486755056534, period_rate(0.06, 1 / 12), 1e-12)
    yield close("12 months of it", 0.06, (1 + period_rate(0.06, 1 / 12)) ** 12 - 1, 1e-12)
    yield not_reported("3.5 % real with prices rising 2 %, nominal", 0.0557)


def a19() -> Iterator[Row]:
    results = lognormal_bullet()
    investor = results.summary()["parties"]["investor"]
    irr_, moic = investor["metrics"]["irr"], investor["metrics"]["moic"]
    n = math.sqrt(results.n_draws)
    for level, expected in (("p05", -0.0985383723486), ("p50", 0.0338951135136), ("p95", 0.185784367253)):
        a = int(level[1:]) / 100
        density = norm.pdf(norm.ppf(a)) / (0.25 / 3 * (1 + expected))
        plain = math.sqrt(a * (1 - a)) / density / n
        yield estimate(f"IRR, {level}", expected, irr_[level], irr_["mc_errors"][level], plain=plain)
    loss = investor["probabilities"]["loss"]
    yield estimate("probability of a loss", 0.34457825839, loss["value"], loss["mc_error"], plain=0.4752 / n)
    sd = 1.14025280888 * math.sqrt(math.expm1(0.25**2))
    yield estimate("multiple, mean", 1.14025280888, moic["mean"], moic["mc_error"], plain=sd / n)
    yield estimate("IRR, mean over futures", 0.0374912668108, irr_["mean"], irr_["mc_error"], plain=0.0866 / n)
    from_multiple = np.exp(np.log(results.metric("investor", "moic")) / 3) - 1
    largest = float(np.max(np.abs(results.metric("investor", "irr") - from_multiple)))
    yield close("IRR and multiple of the same future, largest gap", 0.0, largest, 1e-9)


CASES = (
    Case("A03", "IRR of the examples in Excel's documentation", EXCEL_IRR, a03),
    Case("A04", "IRR of numpy-financial's test vectors", NUMPY_FINANCIAL, a04),
    Case("A05", "two IRRs, 10 % and 20 %: the smallest is shown, and that it is not the only one", OWN, a05),
    Case("A06", "two IRRs, one below zero", NUMPY_FINANCIAL, a06),
    Case("A08", "nothing was put in: no IRR, never 0", NUMPY_FINANCIAL, a08),
    Case("A09", "money in, nothing back: -100 %", "limit of a vanishing receipt", a09),
    Case("A11", "present value counts the first flow at time zero", EXCEL_NPV, a11),
    Case("A12", "present value, the second example of Excel's documentation", EXCEL_NPV, a12),
    Case(
        "A14",
        "costs 100, 50, 50, then savings of 30 in years 3 to 9, at 3.5 %",
        "HM Treasury, Green Book; annuity formula",
        a14,
    ),
    Case("A15", "one investor's cash: out 1,000 and 200, back 300, 500 and 800", OWN, a15),
    Case("A16", "double or nothing: the mean of IRRs is not the IRR of the mean", "Jensen's inequality", a16),
    Case("A17", "a yearly rate by the month", "(1 + a) ** (1 / 12) - 1", a17),
    Case("A19", "a lognormal multiple after three years", "ln(1 + IRR) = ln(multiple) / 3", a19),
)
