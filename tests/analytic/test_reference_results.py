"""Made-up contracts, simulated: results, early ends, payments in time and lenders against what they are drawn from."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from sibsim.loading import load
from sibsim.reference import Way, draw_terms
from sibsim.reference import statistics as known
from sibsim.reference.planning import PLANNED, USED, cumulative
from sibsim.reference.writing import ENDS_EARLY, contract_text
from sibsim.results import Results
from sibsim.simulate import simulate

SEED, NUMBER = 1, 193
"""A contract of type B: three metrics, three years, paid each quarter from the second on."""
TERMS = draw_terms(SEED, NUMBER, "B")
LINES = [f"metric {k}" for k in (1, 2, 3)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reference")


@cache
def simulated(folder: Path, kind: str = "B", achieved: str = "project", *options: str) -> Results:
    file = folder / f"{kind}-{achieved}.yaml"
    file.write_text(contract_text(draw_terms(SEED, NUMBER, kind), Way(achieved=achieved)), encoding="utf-8")
    return simulate(load(file, options=options), 1 if options else 16_384)


def results(folder: Path, achieved: str = "project") -> np.ndarray:
    """What was achieved of each target: metrics by draws."""
    inputs = simulated(folder, "B", achieved).per_draw()
    return np.array([inputs[f"inputs.result of {name}"] for name in LINES])


def chance(of: known.Achieved, least: float) -> float:
    """Of a metric to achieve at least this: by integration over how far a collapse goes."""
    sd = math.hypot(of.between, of.within)
    collapsed = quad(lambda u: norm.sf(least / u, of.project, sd), 1e-9, of.least)[0] / of.least
    return float((1 - of.collapse) * norm.sf(least, of.project, sd) + of.collapse * collapsed)


def test_the_example_is_as_it_should_be() -> None:
    assert [(line.metrics, line.target > 0) for line in TERMS.lines] == [(1, True)] * 3


@pytest.mark.parametrize("achieved", ["project", "metric"])
@pytest.mark.parametrize("least", known.THRESHOLDS)
def test_how_many_metrics_reach_a_part_of_their_target(folder: Path, achieved: str, least: float) -> None:
    """Metrics of a contract hang together, so that three of them count as little more than one."""
    asked = chance(known.ACHIEVED[achieved], least)
    got = np.mean(results(folder, achieved) >= least)
    assert abs(got - asked) < 4.5 * math.sqrt(asked * (1 - asked) / 16_384)


@pytest.mark.parametrize(("least", "published"), known.THRESHOLDS.items())
def test_votes_of_metrics_are_those_of_the_table(folder: Path, least: float, published: float) -> None:
    """Two points and a half at most off: two numbers are fitted to five shares."""
    assert abs(np.mean(results(folder, "metric") >= least) - published) < 0.025


@pytest.mark.parametrize(("least", "published"), known.THRESHOLDS.items())
def test_votes_of_projects_are_within_its_error(folder: Path, least: float, published: float) -> None:
    """141 metrics of 33 projects that hang together at 0.60 are worth 141 / (1 + 3.3 x 0.60): inside 95 %."""
    n, projects = known.THRESHOLDS_N
    worth = n / (1 + (n / projects - 1) * known.ICC_WITH_FAILED[0])
    got = np.mean(results(folder) >= least)
    assert abs(got - published) < 1.96 * math.sqrt(published * (1 - published) / worth)


def test_metrics_of_a_contract_hang_together(folder: Path) -> None:
    """Without collapses 0.23 ** 2 / (0.23 ** 2 + 0.29 ** 2) = 0.386; with them, inside the wider interval."""
    found, course = results(folder), simulated(folder).per_draw()["inputs.course"]
    asked = 0.23**2 / (0.23**2 + 0.29**2)
    works = course == 1.0
    got = np.corrcoef(found[0, works], found[1, works])[0, 1]
    assert abs(math.atanh(got) - math.atanh(asked)) < 4.5 / math.sqrt(works.sum() - 3)
    assert abs(asked - known.ICC[0]) < 0.005
    assert known.ICC_WITH_FAILED[1] < np.corrcoef(found[:2])[0, 1] < known.ICC_WITH_FAILED[2]
    assert abs(np.mean(~works) - known.BY_PROJECT.collapse) < 4.5 * math.sqrt(0.045 * 0.955 / 16_384)


def test_mean_of_a_contract_is_that_of_projects(folder: Path) -> None:
    """Of 33 projects the tenths and the median were 0.53, 0.89, 1.28: within 4.5 of their standard errors."""
    got = np.quantile(results(folder).clip(0, 1.5).mean(axis=0), [0.1, 0.5, 0.9])
    asked = known.PROJECT_MEANS
    se = np.array([1.71, 1.25, 1.71]) * (asked.p90 - asked.p10) / 2.563 / math.sqrt(asked.n)
    assert (np.abs(got - [asked.p10, asked.median, asked.p90]) < 4.5 * se).all()


def test_it_ends_early_as_often_as_stated(folder: Path) -> None:
    events = simulated(folder).summary()["events"]
    got = sum(one["chance"]["value"] for one in events.values())
    assert abs(got - ENDS_EARLY) < 4.5 * math.sqrt(ENDS_EARLY * (1 - ENDS_EARLY) / 16_384)


def test_paid_of_the_most(folder: Path) -> None:
    """0.47, 0.78, 0.93 [0.87, 0.97], 0.98, 1.00 of 29 contracts; never more than the most."""
    paid = simulated(folder).per_draw()["payer.outcome_payments"] / TERMS.most
    low, high = known.PAYMENT_OF_MOST.median_95
    assert low <= np.median(paid) <= high
    assert paid.max() <= 1.0 + 1e-12
    assert abs(np.quantile(paid, 0.1) - known.PAYMENT_OF_MOST.p10) < 0.1
    assert abs(np.quantile(paid, 0.9) - 1.0) < 1e-9


# ------------------------------------------------------------------------------------------------ as planned
def test_as_planned_the_lenders_get_their_rate_from_the_capital_it_needs(folder: Path) -> None:
    """The planner in a few lines and the settlement of the engine say the same."""
    found = simulated(folder, "B", "project", "as planned").summary()["parties"]
    lender, payer = found["investor"]["metrics"], found["payer"]["metrics"]
    assert lender["irr"]["mean"] == pytest.approx(TERMS.rate, abs=1e-4)
    assert lender["drawn"]["mean"] == pytest.approx(USED * TERMS.capital, rel=1e-3)
    assert payer["outcome_payments"]["mean"] == pytest.approx(PLANNED * TERMS.most, rel=1e-6)


def test_as_planned_payments_follow_the_s_curve(folder: Path) -> None:
    """By the end of each year: what is due by the quarter before it."""
    years = simulated(folder, "B", "project", "as planned").summary()["yearly"]
    begins, n = TERMS.begins, TERMS.quarters
    to_date = 0.0
    for year in years:
        to_date += year["payments"]["mean"]
        quarter = 4 * (year["year"] - 2026) + 3 - begins
        share = cumulative(max(quarter, 0) / n) if quarter >= TERMS.first else 0.0
        assert to_date / (PLANNED * TERMS.most) == pytest.approx(share, abs=1e-6)


def test_type_a_lends_all_of_its_capital_and_gains_the_excess_at_most(folder: Path) -> None:
    terms = draw_terms(SEED, NUMBER, "A")
    found = simulated(folder, "A", "project", "as planned").summary()["parties"]["investor"]["metrics"]
    assert found["drawn"]["mean"] == terms.capital
    assert found["received"]["mean"] == pytest.approx(terms.most, rel=1e-9)
