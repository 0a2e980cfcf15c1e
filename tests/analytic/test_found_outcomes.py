"""Faults once found in outcomes, reports and benefits; each with the number worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.errors import ScenarioError
from tests.analytic.test_evaluation import value
from tests.support import HEAD, LIMIT, deal, filled, world, z_of_mean

QUARTERS = HEAD.replace("step: year", "step: quarter")
POINTS = "{p: {type: score, better: more, over: 24 months, begins: 6 months, without: 20, with: 22, sd: 4}}"


@pytest.mark.parametrize("replicates", [1, 8])
def test_a_composite_counts_the_fewest_people_of_its_parts_in_each_draw(replicates: int) -> None:
    """Completers of two cohorts of 40, half of them dropping out: each draw has its own lesser number."""
    text = deal(
        QUARTERS,
        participants="{duration: 12 months, dropout: 50 %, cohorts: {c1: {size: 40}, c2: {size: 40}}}",
        outcomes="{job: {type: event, better: more, over: 1 year, with: 50 %}}",
        measures="{one: {of: job, as: average, people: completers, cohorts: [c1]},"
        " two: {of: job, as: average, people: completers, cohorts: [c2]}, x: {weighted: {one: 1, two: 1}}}",
    )
    w = world(text, replicates=replicates)
    n = w.context.n_draws
    counted = [filled(w.reports[name][0].counted, n) for name in ("one", "two", "x")]
    assert np.array_equal(counted[2], np.minimum(counted[0], counted[1]))
    assert np.any(counted[0] < counted[1])
    assert np.any(counted[0] > counted[1])


@pytest.mark.key("outcomes.begins", "measures.follow_up")
def test_points_that_have_not_begun_are_not_read_as_none() -> None:
    """In October those of January are 9 months in; the others have no points yet: 10 people, 22 points."""
    w = world(
        deal(
            QUARTERS,
            participants="{size: 40, intake: 12 months}",
            outcomes=POINTS,
            measures="{x: {of: p, as: average, follow_up: so far, missing: 20 %, reported: 2020-10}}",
        )
    )
    assert abs(z_of_mean(value(w, "x"), 22.0)) < LIMIT
    assert np.all(filled(w.reports["x"][0].counted, 1) == 10)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("follow_up: 6 months", "is over before anything"),
        ("follow_up: 3 months", "is over before anything"),
        ("follow_up: so far, reported: 2020-07", "nobody can be counted"),
    ],
)
def test_a_report_of_what_has_not_begun_is_refused(more: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        world(
            deal(
                QUARTERS,
                participants="{size: 30}",
                outcomes=POINTS,
                measures=f"{{x: {{of: p, as: average, {more}}}}}",
            )
        )


@pytest.mark.key("comparison.before", "outcomes.trend")
@pytest.mark.parametrize(("begins", "over"), [(0, 60), (6, 24), (0, 12)])
def test_the_time_before_is_that_before_the_start(begins: int, over: int) -> None:
    """The year before lies half a year ahead of the start, whatever the length of ``over``.

    With the trend 10 %, the level of the year [-1, 0] is that of [b, b + F] times
    (1 - 1 / 1.1) / (1.1^(b + F) - 1.1^b) x F (years). 100 days a year without the programme and with it: the
    improvement found is what the trend does alone.
    """
    b, years = begins / 12, over / 12
    level = 100.0 * years
    before = level * (1 - 1 / 1.1) / (1.1 ** (b + years) - 1.1**b) * years
    w = world(
        deal(
            QUARTERS,
            participants="{size: 500}",
            outcomes=f"{{d: {{type: days, better: fewer, over: {over} months, begins: {begins} months,"
            f" without: {level:g}, effect: {{ratio: 1}}, sd: 1, trend: 10 %}}}}",
            measures="{x: {of: d, as: improvement, comparison: {before: 12 months}}}",
        )
    )
    assert abs(z_of_mean(value(w, "x"), before - level)) < LIMIT


@pytest.mark.key("outcomes.lasts", "benefits.per")
@pytest.mark.parametrize("step", ["year", "quarter", "month"])
@pytest.mark.parametrize(("lasts", "months"), [("2 years", 24), ("14 months", 14), ("12 months", 12)])
def test_what_lasts_a_time_counts_for_that_time_whatever_the_step(step: str, lasts: str, months: int) -> None:
    """2 points from the age of 12 months on, at 100 a year: the period in which they come counts half of itself."""
    w = world(
        deal(
            HEAD.replace("step: year", f"step: {step}").rstrip() + "\nhorizon: 6 years\n",
            outcomes=f"{{s: {{type: score, each: cohort, better: more, over: 1 year, without: 0, with: 2,"
            f" lasts: {lasts}}}}}",
            measures="none",
            benefits="{b: {of: s, kind: cashable, worth: 100, per: year}}",
        )
    )
    period = {"year": 12, "quarter": 3, "month": 1}[step]
    total = sum(float(np.mean(amount)) for amount in w.benefits[0].amounts.values())
    assert total == pytest.approx(2 * 100 * (period / 2 + months) / 12)


@pytest.mark.key("lasts.table")
def test_a_table_that_begins_below_everything_counts_from_there() -> None:
    """Of 2 points 60 % stand as soon as the year is over, and half of that two years on: 1.2 and 0.9 on average."""
    w = world(
        deal(
            HEAD + "horizon: 3 years\n",
            outcomes="{s: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: 2,"
            " lasts: {table: [[0 years, 60 %], [2 years, 30 %]]}}}",
            measures="none",
            benefits="{b: {of: s, kind: cashable, worth: 100, per: year}}",
        )
    )
    booked = {column: float(np.mean(amount)) for column, amount in w.benefits[0].amounts.items()}
    assert booked == pytest.approx({1: 100.0, 2: 200 * (0.6 + 0.45) / 2, 3: 200 * (0.45 + 0.3) / 2})


@pytest.mark.key("measures.lag")
@pytest.mark.parametrize(("lag", "months"), [(6, 6.0), (8, 4.0), (3, 6.0)])
def test_person_months_up_to_the_end_of_the_data(lag: int, months: float) -> None:
    """Years as columns; 10 people are there for 6 months from January. The data end 12 - lag months on."""
    w = world(
        deal(
            participants="{size: 10, duration: 6 months}",
            measures=f"{{x: {{of: person_months, as: total, lag: {lag} months, reported: 2021-01}}}}",
        )
    )
    assert value(w, "x")[0] == pytest.approx(10 * months)


def test_person_months_of_drop_outs_up_to_the_end_of_the_data() -> None:
    """At an even hazard h = -ln(1 - 50 %) / 12 months somebody is there (1 - exp(-4 h)) / h of the first 4 months."""
    w = world(
        deal(
            participants="{size: 10 000, duration: 12 months, dropout: 50 %}",
            measures="{x: {of: person_months, as: total, lag: 8 months, reported: 2021-01}}",
        )
    )
    hazard = np.log(2) / 12
    assert abs(z_of_mean(value(w, "x"), 10_000 * (1 - np.exp(-4 * hazard)) / hazard)) < LIMIT
