"""Known answers through whole files: an uncertain discount rate, a call spread, convergence, rates over time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from sibsim.context import begin
from sibsim.draws.streams import Streams
from tests.support import HEAD, LIMIT, deal, run, scenario

ANNUITY, AT_MODE = 8.32252448294, 8.31660532258
"""Case J04: ten yearly sums of 1, the first after a year, at a yearly rate between 2 and 5 %, likeliest 3.5 %."""
YEARS = "{every: year, from: 2021-01, until: 2030-01}"


@pytest.mark.key("file.discount_rate", "distributions.triangular")
def test_an_uncertain_discount_rate_of_case_j04():
    contract = f"{{payments: {{annuity: {{amount: 1, at: {YEARS}}}}}}}"
    rate = "{triangular: {low: 2 %, mode: 3.5 %, high: 5 %}}"
    law = stats.triang(0.5, 0.02, 0.03)
    exact = integrate.quad(lambda r: law.pdf(r) * (1 - (1 + r) ** -10) / r, 0.02, 0.05, points=[0.035])[0]
    assert exact == pytest.approx(ANNUITY, rel=1e-8)
    worth = run(deal(contract=contract, discount_rate=rate)).metric("payer", "outcome_payments_pv")
    plain = run(deal(contract=contract, discount_rate=rate), sampling="random", n_draws=65_536)
    of_plain = plain.metric("payer", "outcome_payments_pv")
    assert abs(of_plain.mean() - ANNUITY) < LIMIT * of_plain.std() / math.sqrt(len(of_plain))
    assert worth.mean() == pytest.approx(ANNUITY, rel=2e-6)  # the lattice, in 8,192 draws
    fixed = run(deal(contract=contract, discount_rate="3.5 %")).metric("payer", "outcome_payments_pv")
    assert fixed[0] == pytest.approx(AT_MODE, rel=1e-10)


@pytest.mark.key("file.discount_rate", "parties.discount_rate")
@pytest.mark.parametrize("where", ["file", "party"])
def test_a_discount_rate_that_changes(where):
    """4 % until the end of 2021, then 10 %: 100 in 2023 is worth 100 / 1.04 / 1.04 / 1.1."""
    rate = "{2020-01: 4 %, 2022-01: 10 %}"
    contract = "{payments: {fee: {amount: 100, at: [2021-01, 2022-01, 2023-01]}}}"
    head = HEAD if where == "file" else HEAD.replace("payer: P", f"payer: {{name: P, discount_rate: {rate}}}")
    text = deal(head, contract=contract, discount_rate=rate if where == "file" else "1 %")
    expected = 100 / 1.04 + 100 / 1.04**2 + 100 / 1.04**2 / 1.1
    assert run(text).metric("payer", "outcome_payments_pv")[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.key("tranches.hurdle")
def test_a_hurdle_that_changes():
    """1 000 lent in 2020, 1 200 back in 2022; 5 % in the first year, 8 % in the second."""
    text = deal(
        contract="{payments: {back: {amount: 1 200, at: 2022-01, to: loan}}}",
        costs="{service: {amount: 1 000, at: 2020-01}}",
        finance="{tranches: {loan: {amount: 1 000, hurdle: {2020-01: 5 %, 2021-01: 8 %}}}}",
    )
    assert run(text).metric("investor", "npv")[0] == pytest.approx(-1000 + 1200 / 1.05 / 1.08, rel=1e-12)


# ------------------------------------------------------------------------------------------------ case C09
MEAN, LOG_SD, LOW, HIGH = 420_000.0, 0.35, 300_000.0, 600_000.0
SPREAD, ABOVE = 117_052.061578, 0.784168545929


def black(strike: float) -> float:
    """The mean of what a lognormal value is above a strike: F Phi(d1) - K Phi(d1 - s)."""
    d1 = (math.log(MEAN / strike) + LOG_SD**2 / 2) / LOG_SD
    return float(MEAN * stats.norm.cdf(d1) - strike * stats.norm.cdf(d1 - LOG_SD))


def call_spread(kind: str) -> str:
    """0 up to 300 000, then all of it, up to 300 000 in all: by a line on a score, or on money."""
    sd = MEAN * math.sqrt(math.expm1(LOG_SD**2))
    law = f"{{lognormal: {{mean: 420 000, sd: {sd:.6f}}}}}"
    return deal(
        inputs=f"{{worth: {law}}}",
        outcomes=f"{{result: {{type: {kind}, each: cohort, better: more, over: 1 year, with: worth}}}}",
        contract="{payments: {spread: {measure: x, line: [[300 000, 0], [600 000, 300 000]]}, "
        "digital: {by: city, measure: x, steps: [[300 000, 1]]}}}",
    )


@pytest.mark.key("payments.line", "distributions.lognormal")
@pytest.mark.parametrize("kind", ["score", "money"])
def test_a_call_spread_of_case_c09(kind):
    assert black(LOW) - black(HIGH) == pytest.approx(SPREAD, rel=1e-9)
    digital = stats.norm.cdf((math.log(MEAN / LOW) - LOG_SD**2 / 2) / LOG_SD)
    assert digital == pytest.approx(ABOVE, rel=1e-9)
    for sampling, slack in (("random", LIMIT), ("lattice", 0.5)):  # the lattice is far within
        results = run(call_spread(kind), sampling=sampling, n_draws=16_384)
        for party, exact in (("payer", SPREAD), ("city", ABOVE)):
            paid = results.metric(party, "outcome_payments")
            assert abs(paid.mean() - exact) < slack * paid.std() / math.sqrt(len(paid)), (party, sampling)


@pytest.mark.parametrize("sampling", ["random", "lattice"])
def test_errors_shrink_with_the_root_of_the_number_of_draws(sampling):
    """V17: log-log slope -0.5 within 0.1 for plain draws, 1,024 to 65,536 of them, against the exact call spread."""
    found = scenario(call_spread("score"))
    worth = begin(found, Streams(9, range(1024)), sampling).inputs["worth"].reshape(1024, 1024)
    paid = np.clip(worth, LOW, HIGH) - LOW
    means, se = paid.mean(axis=1), paid.std() / 32.0
    sizes = np.array([1, 2, 4, 8, 16, 32, 64])
    errors = [math.sqrt(np.mean((means.reshape(-1, k).mean(axis=1) - SPREAD) ** 2)) for k in sizes]
    slope = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.1)  # of the lattice over replicates, which are independent
    if sampling == "random":
        assert errors[0] == pytest.approx(se, rel=0.1)
    else:  # within a replicate the lattice is as good as a thousand replicates of plain draws
        assert errors[0] < se / 30
