"""Cases of groups D and H: tails of a loss, and the Monte Carlo error that stands beside every figure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from statistics import NormalDist

import numpy as np

from sibsim import metrics
from sibsim.report.frequency import RARE_AT_MOST
from sibsim.results import Results
from tests.proof.row import Case, Row, close, estimate, not_reported
from tests.support import HEAD, deal, run

ROCKAFELLAR = "Norton, Khokhlov and Uryasev 2019"
ACERBI = "Acerbi and Tasche 2002"
DRAWS = 65_536
N = NormalDist()


@cache
def normal_gain(mean: float, sd: float) -> Results:
    """A lender whose gain is normal: 5,000 lent, 5,000 and the gain paid back."""
    text = deal(
        HEAD + f"inputs: {{gain: {{normal: {{mean: {5000 + mean}, sd: {sd}}}}}}}\n",
        contract="{payments: {p: {amount: gain, at: 2021-01}}}",
        costs="{c: {amount: 5000}}",
        finance="{tranches: {loan: {amount: 5000}}}",
    )
    return run(text, n_draws=DRAWS)


def normal_tail(level: float, var: float, shortfall: float) -> Iterator[Row]:
    """Of a standard normal loss, in standard deviations."""
    losses = -normal_gain(0.0, 300.0).metric("investor", "net_gain") / 300
    n = math.sqrt(DRAWS)
    of_var = math.sqrt(level * (1 - level)) / N.pdf(var) / n
    found = metrics.estimate_value_at_risk(losses, level)
    yield estimate(f"value at risk, {level:.0%}", var, found.value, found.mc_error, plain=of_var)
    beyond = 1 + var * shortfall - shortfall**2
    of_tail = math.sqrt((beyond + level * (shortfall - var) ** 2) / (1 - level)) / n
    found = metrics.estimate_shortfall(losses, level)
    yield estimate(f"expected shortfall, {level:.0%}", shortfall, found.value, found.mc_error, plain=of_tail)
    points = np.array([N.inv_cdf((i + 0.5) / 200_000) for i in range(200_000)])
    yield close(f"value at risk of 200,000 even points, {level:.0%}", var, metrics.value_at_risk(points, level), 1e-4)
    yield close(f"expected shortfall of them, {level:.0%}", shortfall, metrics.expected_shortfall(points, level), 1e-4)


def d03() -> Iterator[Row]:
    mean = math.exp(13 + 0.125)
    sd = mean * math.sqrt(math.expm1(0.25))
    text = deal(
        HEAD + f"inputs: {{cost: {{lognormal: {{mean: {mean:.6f}, sd: {sd:.6f}}}}}}}\n",
        measures="none",
        costs="{c: {amount: cost, by: payer, to: outside}}",
    )
    payer = run(text, n_draws=DRAWS).summary()["parties"]["payer"]["metrics"]
    var, tail = payer["value_at_risk_95"], payer["expected_shortfall_95"]
    density = N.pdf(N.inv_cdf(0.95)) / (0.5 * 1_006_940.22804)
    plain = math.sqrt(0.95 * 0.05) / density / math.sqrt(DRAWS)
    yield estimate("value at risk, 95 %", 1_006_940.22804, var["value"], var["mc_error"], plain=plain)
    yield estimate("expected shortfall, 95 %", 1_264_679.07133, tail["value"], tail["mc_error"], plain=2.2 * plain)


def d04() -> Iterator[Row]:
    for p, var, shortfall in ((0.03, 0.0, 60.0), (0.05, 0.0, 100.0), (0.10, 100.0, 100.0)):
        losses = np.where(np.arange(100_000) < round(p * 100_000), 100.0, 0.0)
        yield close(f"value at risk, chance {p:.0%}", var, metrics.value_at_risk(losses))
        yield close(f"expected shortfall, chance {p:.0%}", shortfall, metrics.expected_shortfall(losses))


def d05() -> Iterator[Row]:
    sample = range(1, 11)
    yield close("value at risk, 75 %", 8.0, metrics.value_at_risk(sample, 0.75), 1e-12)
    yield close("expected shortfall, 75 %", 9.2, metrics.expected_shortfall(sample, 0.75), 1e-12)


def d06() -> Iterator[Row]:
    yield close("quantile, 95 %", 19.0, metrics.quantile(range(1, 21), 0.95), 1e-12)
    yield close("the same as an estimate", 19.0, metrics.estimate_quantile(range(1, 21), 0.95).value, 1e-12)


def d07() -> Iterator[Row]:
    investor = normal_gain(120.0, 300.0).summary()["parties"]["investor"]
    n = math.sqrt(DRAWS)
    loss, figures = investor["probabilities"]["loss"], investor["metrics"]
    yield estimate("probability of a loss", 0.34457825839, loss["value"], loss["mc_error"], plain=0.4752 / n)
    for name, expected, plain in (("expected_loss", 69.1316510842, 133.9), ("loss_given_loss", 200.626851524, 260.0)):
        figure = figures[name]
        yield estimate(name.replace("_", " "), expected, figure["value"], figure["mc_error"], plain=plain / n)
    yield not_reported("semideviation below zero", 150.719093432)


# ------------------------------------------------------------------------------------------------ Monte Carlo error
RUNS, REPLICATES = 150, 10


@cache
def many_runs() -> np.ndarray:
    """150 runs of 10 replicates of plain standard normal draws, from numpy and not from sibsim."""
    return np.random.default_rng(20_260_101).standard_normal((RUNS, REPLICATES * 1024))


def error_row(quantity: str, of_10_000: float, errors: list[float]) -> Row:
    """Reported errors against the known one of 10,000 draws: their mean square is its square (chi-square)."""
    exact = of_10_000 * math.sqrt(10_000 / (REPLICATES * 1024))
    squares = np.square(errors)
    spread = exact**2 * math.sqrt(2 / (REPLICATES - 1) / RUNS)
    row_error = spread / (2 * exact) * of_10_000 / exact
    return estimate(quantity, of_10_000, math.sqrt(float(squares.mean())) * of_10_000 / exact, row_error)


def h01() -> Iterator[Row]:
    edge = N.inv_cdf(0.05)
    errors = [metrics.estimate_share(x < edge).mc_error for x in many_runs()]
    yield error_row("standard error of a probability of 5 %, 10,000 futures", 0.00217944947177, errors)
    yield not_reported("futures needed for a relative error of 1 %", 190_000)


def h02() -> Iterator[Row]:
    errors = [metrics.estimate_quantile(x, 0.95).mc_error for x in many_runs()]
    yield error_row("standard error of the 95 % quantile of a standard normal", 0.0211318751097, errors)


def h04() -> Iterator[Row]:
    errors = [metrics.estimate_shortfall(x, 0.95).mc_error for x in many_runs()]
    yield error_row("standard error of its expected shortfall at 95 %", 0.0246557294181, errors)
    of_mean = [metrics.estimate_mean(x).mc_error for x in many_runs()]
    yield error_row("standard error of its mean", 0.01, of_mean)


def h05() -> Iterator[Row]:
    yield close("what the chance is under, seen in none of 10,000", 0.0003, RARE_AT_MOST[0] / 10_000)
    yield not_reported("the exact bound", 0.000299528359777)


CASES = (
    Case("D01", "a standard normal loss, 95 %", ROCKAFELLAR, lambda: normal_tail(0.95, 1.64485362695, 2.06271280751)),
    Case("D02", "a standard normal loss, 99 %", ROCKAFELLAR, lambda: normal_tail(0.99, 2.32634787404, 2.66521422035)),
    Case("D03", "a lognormal cost", ROCKAFELLAR, d03),
    Case("D04", "all or nothing: the atom at the quantile is split", ACERBI, d04),
    Case("D05", "1 to 10 at 75 %, where n (1 - a) is no whole number", ACERBI, d05),
    Case("D06", "1 to 20 at 95 %: an order statistic, nothing between two", "OpenTURNS; Dong and Nakayama", d06),
    Case("D07", "a normal gain: how often and how much is lost", "unit normal loss integral", d07),
    Case("H01", "the error of a probability", "sqrt(p (1 - p) / n)", h01),
    Case("H02", "the error of a quantile", "sqrt(a (1 - a) / n) / density", h02),
    Case("H04", "the error of an expected shortfall", "variance beyond the quantile, over n (1 - a)", h04),
    Case("H05", "nothing seen in 10,000 futures", "rule of three", h05),
)
