"""A level that differs by cohort and grows by calendar year, and growth read from rounded figures: by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tests.analytic.test_truth_calendar import file, paid
from tests.support import HEAD, LIMIT, deal, moved, run, scenario, world, z_of_covariance, z_of_mean, z_of_variance

MONTHS = HEAD.replace("step: year", "step: month")
TWO = "{size: 10, cohorts: {north: {size: 10}, south: {size: 30}}}"
DAYS = "type: days, better: fewer, over: 3 years, sd: 0"


@pytest.mark.key("outcomes.growth", "growth.rate")
def test_a_level_grows_from_one_calendar_year_to_the_next() -> None:
    """30 days a head in 2020, 10 % more in 2021, 20 % more again in 2022: 300, 330 and 396 days of ten people."""
    measures = "{m: {of: x, as: total, reported: [2021-01, 2022-01, 2023-01]}}"
    outcome = f"{DAYS}, with: {{per_year: 30}}, growth: {{2022: 20 %, 2021: 10 %}}"
    assert paid(outcome, measures) == pytest.approx({1: 300_000, 2: 330_000, 3: 396_000})


@pytest.mark.key("outcomes.growth")
def test_growth_stays_after_its_last_year_and_goes_by_the_calendar() -> None:
    """From July 2020: half of 2020 at 30 days a year, then two years and a half at 33: 15 + 2.5 x 33 = 97.5."""
    head = HEAD.replace("step: year", "step: month").replace("start: 2020-01", "start: 2020-07")
    measures = "{m: {of: x, as: total, reported: 2023-07}}"
    assert paid(f"{DAYS}, with: {{per_year: 30}}, growth: {{2021: 10 %}}", measures, head=head) == {
        36: pytest.approx(975_000)
    }


@pytest.mark.key("outcomes.by_cohort", "growth.rate")
def test_level_and_growth_by_cohort() -> None:
    """North has 30 x 1 and 10 % more, south 30 x 1.2 and no more: 300 and 330, 1,080 and 1,080 days."""
    outcome = (
        f"{DAYS}, with: {{per_year: 30}}, by_cohort: {{north: 1, south: 1.2}},"
        " growth: {2021: {rate: {north: 10 %, south: 0 %}}}"
    )
    measures = "{m: {of: x, as: total, for_each: cohort, reported: [2021-01, 2022-01]}}"
    contract = "{payments: {pay: {measure: m, per_unit: 1 000}}}"
    results = run(file(outcome, measures, TWO, contract=contract))
    assert moved(results)["pay", "payer", "provider"] == pytest.approx({1: 1_380_000, 2: 1_410_000})
    shown = results.summary()["cohorts"]
    assert {name: one["paid"]["mean"] for name, one in shown.items()} == pytest.approx(
        {"north": 630_000, "south": 2_160_000}
    )
    growing = paid(outcome, "{m: {of: x, as: growth, reported: 2022-02}}", TWO, MONTHS)
    assert growing == pytest.approx({25: 1_000 * 1_410 / 1_380})


@pytest.mark.key("outcomes.by_cohort")
def test_a_share_and_what_it_would_be_without_differ_by_cohort() -> None:
    """20 % of the ten of north, 40 % of the thirty of south; with the programme half of that."""
    outcome = (
        "type: event, better: fewer, over: 1 year, without: 20 %, effect: {ratio: 0.5}, by_cohort: {north: 1, south: 2}"
    )
    w = world(file(outcome, participants=TWO), replicates=8)
    assert sum(t.expected(is_with=False) for t in w.truths) == pytest.approx(10 * 0.2 + 30 * 0.4)
    assert sum(t.expected(is_with=True) for t in w.truths) == pytest.approx(10 * 0.1 + 30 * 0.2)


@pytest.mark.key("growth.spread")
def test_the_spread_of_growth_is_of_each_cohort_and_stays() -> None:
    """Logarithms of the growth of 2021: mean ln 1.1 - v / 2, variance v = ln(1 + 0.05 ** 2), cohorts independent.

    In 2022 nothing happens any more: what the luck of 2021 made stays.
    """
    outcome = f"{DAYS}, with: {{per_year: 30}}, growth: {{2021: {{rate: 10 %, spread: 5 %}}}}"
    measures = (
        "{m: {of: x, as: growth, for_each: cohort, reported: 2022-02},"
        " then: {of: x, as: growth, for_each: cohort, reported: 2023-02}}"
    )
    w = world(file(outcome, measures, TWO, MONTHS))
    north, south = (np.log(r.value) for r in w.reports["m"])
    variance = math.log1p(0.05**2)
    for one in (north, south):
        assert abs(z_of_mean(one, math.log(1.1) - variance / 2, math.sqrt(variance))) < LIMIT
        assert abs(z_of_variance(one, variance)) < LIMIT
    assert abs(z_of_covariance(north, south, 0.0)) < LIMIT
    assert all(np.allclose(r.value, 1.0) for r in w.reports["then"])


@pytest.mark.key("growth.spread")
def test_the_spread_may_differ_by_cohort() -> None:
    outcome = f"{DAYS}, with: {{per_year: 30}}, growth: {{2021: {{spread: {{north: 0 %, south: 5 %}}}}}}"
    w = world(file(outcome, "{m: {of: x, as: growth, for_each: cohort, reported: 2022-02}}", TWO, MONTHS))
    north, south = (np.asarray(r.value) for r in w.reports["m"])
    assert np.allclose(north, 1.0)
    assert np.std(south) == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize(("year", "is_told"), [(2022, False), (2023, True), (2040, True)])
def test_growth_of_a_year_in_which_nobody_is_followed_is_told(year: int, is_told: bool) -> None:
    """All start in January 2020 and are followed for three years."""
    outcome = f"{DAYS}, with: {{per_year: 30}}, growth: {{2021: 5 %, {year}: 10 %}}"
    what = scenario(file(outcome, "{m: {of: x, as: total, reported: 2023-02}}"))
    told = [warning for warning in what.warnings if warning.startswith(f"outcomes.x.growth.{year}: has no effect")]
    assert bool(told) == is_told
    assert not [warning for warning in what.warnings if "growth.2021: has no effect" in warning]


def test_a_figure_for_a_cohort_that_cannot_have_the_outcome_is_told() -> None:
    outcome = (
        f"{DAYS}, with: {{per_year: 30}}, cohorts: [north], by_cohort: {{north: 2, south: 3}},"
        " growth: {2021: {north: 5 %, south: 5 %}, 2022: {spread: {north: 1 %, south: 1 %}}}"
    )
    what = scenario(file(outcome, "{m: {of: x, as: total, reported: 2023-02}}", TWO))
    told = [warning.partition(":")[0] for warning in what.warnings if "none of the `cohorts`" in warning]
    assert told == [f"outcomes.x.{key}.south" for key in ("by_cohort", "growth.2021", "growth.2022.spread")]


def test_a_level_by_cohort_is_never_below_nothing() -> None:
    """Of money, too, whose level itself may be; the futures in which it would be are counted."""
    outcome = (
        "type: money, better: fewer, over: 1 year, with: 100, sd: 0,"
        " by_cohort: {north: {normal: {mean: 4, sd: 2}}, south: 1}"
    )
    w = world(file(outcome, "{m: {of: x, as: total, for_each: cohort}}", TWO))
    north, south = (np.asarray(report.value) for report in w.reports["m"])
    assert north.min() == 0.0
    assert np.mean(north == 0.0) == pytest.approx(stats.norm.cdf(-2), abs=1e-3)
    assert np.allclose(south, 3_000)
    assert np.mean(w.context.clipped["outcomes.x.by_cohort.north"]) == pytest.approx(stats.norm.cdf(-2), abs=1e-3)


# ------------------------------------------------------------------------------------------------ rounded
@pytest.mark.key("measures.rounded_years")
def test_growth_of_rounded_figures() -> None:
    """9.84 and 9.84 x 1.0935 = 10.760 days a head are 9.8 and 10.8: 10.8 / 9.8 = 1.10204. Down: 10.7 / 9.8."""
    outcome = f"{DAYS}, with: {{per_year: 9.84}}, growth: {{2021: 9.35 %}}"
    for to, growth in (("0.1", 10.8 / 9.8), ("{to: 0.1, direction: down}", 10.7 / 9.8), ("5", 1.0)):
        measures = f"{{m: {{of: x, as: growth, reported: 2022-02, rounded_years: {to}}}}}"
        assert paid(outcome, measures, head=MONTHS) == pytest.approx({25: 1_000 * growth})


@pytest.mark.key("measures.rounded_years")
def test_there_is_no_growth_on_what_is_rounded_to_nothing() -> None:
    """0.04 days a head are 0.0: nothing can be set against it, and nothing is paid."""
    outcome = f"{DAYS}, with: {{per_year: 0.04}}, growth: {{2021: 100 %}}"
    measures = "{{m: {{of: x, as: growth, reported: 2022-02{}}}}}"
    assert paid(outcome, measures.format(""), head=MONTHS) == pytest.approx({25: 2_000})
    assert not any(paid(outcome, measures.format(", rounded_years: 0.1"), head=MONTHS).values())


@pytest.mark.key("measures.rounded_years")
def test_how_often_rounding_turns_a_goal_is_a_closed_form() -> None:
    """Ten people with 9.04 and 9.84 days, then 9.84 (1 + g), g ~ Normal(9 %, 3 %).

    The goal: growth below that of the year before, 9.84 / 9.04 = 1.08850. Read from 9.0 and 9.8, that is 1.08889; the
    third figure reads as a multiple of 0.1: below 10.6711 = 9.8 x 9.8 / 9.0, so 10.6 or less, which is under 10.65.
    True: under 9.84 x 1.08850 = 10.71080. Between 10.65 and 10.71080 it is met and reads as not met.
    """
    inputs = "inputs: {next: {normal: {mean: 9 %, sd: 3 %}, status: assumed}}\n"
    head = MONTHS.replace("outcomes:", "outcomes:") + inputs
    outcome = f"{{x: {{{DAYS}, with: {{per_year: 9.04}}, growth: {{2021: 8.849558 %, 2022: next}}}}}}"
    measures = (
        "{g: {of: x, as: growth, reported: 2023-02}, b: {of: x, as: growth, earlier: 1 year, reported: 2023-02},"
        " rg: {of: x, as: growth, reported: 2023-02, rounded_years: 0.1},"
        " rb: {of: x, as: growth, earlier: 1 year, reported: 2023-02, rounded_years: 0.1},"
        " met: {goals: [{g: below b}]}, read: {goals: [{rg: below rb}]},"
        " misread: {goals: [{met: below read}, {met: above read}]}}"
    )
    w = world(deal(head, outcomes=outcome, participants="{size: 10}", measures=measures))
    share = {name: float(np.mean(w.reports[name][0].value)) for name in ("met", "read", "misread")}
    normal = stats.norm(0.09, 0.03)
    met, read = (float(normal.cdf(level / 9.84 - 1)) for level in (9.84 * 9.84 / 9.04, 10.65))
    assert met - read == pytest.approx(0.0807, abs=0.0005)
    for name, truth in (("met", met), ("read", read), ("misread", met - read)):
        assert abs(share[name] - truth) < LIMIT * math.sqrt(truth * (1 - truth) / 16_384)
