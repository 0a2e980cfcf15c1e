"""What moves a level by itself, and when an outcome begins: by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support import HEAD, LIMIT, deal, filled, moved, run, world, z_of_covariance, z_of_mean, z_of_variance

QUARTERS = HEAD.replace("step: year", "step: quarter")
TWO = "{size: 10, cohorts: {c1: {start: 2020-01}, c2: {start: 2022-01}}}"
"""One cohort at the file's start, one two years later."""


def file(outcome: str, measures: str = "none", participants: str = "{size: 10}", head: str = HEAD, **more: str) -> str:
    return deal(head, outcomes=f"{{x: {{{outcome}}}}}", measures=measures, participants=participants, **more)


def paid(outcome: str, measures: str, participants: str = "{size: 10}", head: str = HEAD) -> dict[int, float]:
    """By column, what is paid at 1,000 a unit in a contract without chance."""
    contract = "{payments: {pay: {measure: m, per_unit: 1 000}}}"
    text = file(outcome, measures, participants, head, contract=contract)
    return moved(run(text)).get(("pay", "payer", "provider"), {})


# ------------------------------------------------------------------------------------------------ begins
@pytest.mark.key("outcomes.begins")
@pytest.mark.parametrize("kind", ["days", "money"])
def test_the_time_in_which_it_is_counted_begins_later(kind: str) -> None:
    """12 a head from month 12 to 36: nothing in the first year, six in the second and in the third."""
    outcome = f"type: {kind}, better: more, over: 2 years, begins: 1 year, with: 12, sd: 0"
    measures = "{m: {of: x, as: total, reported: [2021-01, 2022-01, 2023-01]}}"
    contract = "{payments: {pay: {measure: m, share: 100 %}}}" if kind == "money" else ""
    if contract:
        flows = moved(run(file(outcome, measures, contract=contract)))["pay", "payer", "provider"]
        assert flows == pytest.approx({2: 60.0, 3: 60.0})
    else:
        assert paid(outcome, measures) == pytest.approx({2: 60_000, 3: 60_000})


@pytest.mark.key("outcomes.begins")
def test_benefits_begin_when_the_outcome_does() -> None:
    """All 10 are spared the event between month 12 and 36, half of the avoided share by hazard at each moment.

    Of 75 % without, 1 - 0.25 ** 0.5 = 50 % come in the first of the two years, nobody with the programme.
    """
    outcome = "type: event, better: fewer, over: 2 years, begins: 1 year, without: 75 %, with: 0 %"
    text = file(outcome, benefits="{b: {of: x, kind: cashable, worth: 100}}")
    rows = run(text + "horizon: 5 years\n").summary()["yearly"]
    saved = {row["year"]: row["parties"]["payer"]["cashable_benefit"]["mean"] for row in rows}
    assert saved == pytest.approx({2020: 0, 2021: 0, 2022: 10 * 100 * 0.5, 2023: 10 * 100 * 0.25, 2024: 0, 2025: 0})


def test_events_that_begin_later_come_at_their_hazard() -> None:
    w = world(
        file(
            "type: event, better: fewer, over: 2 years, begins: 1 year, without: 75 %",
            "{m: {of: x, as: total, follow_up: 24 months}}",
            "{size: 80}",
        )
    )
    assert abs(z_of_mean(w.reports["m"][0].value, 40, math.sqrt(20))) < LIMIT
    assert abs(z_of_variance(w.reports["m"][0].value, 20)) < LIMIT
    assert w.truths[0].found("starters", 0, 12.0) == 0.0


# ------------------------------------------------------------------------------------------------ trend
@pytest.mark.key("outcomes.trend")
@pytest.mark.parametrize("level", ["30", "{per_year: 30}"])
def test_a_trend_moves_the_level_of_those_who_start_later(level: str) -> None:
    """30 days a head at the file's start, 10 % more each year: 36.3 for those who start two years later."""
    outcome = f"type: days, better: fewer, over: 1 year, with: {level}, sd: 0, trend: 10 %"
    measures = "{m: {of: x, as: total, for_each: cohort, follow_up: 1 year}}"
    assert paid(outcome, measures, TWO) == pytest.approx({1: 300_000, 3: 363_000})


@pytest.mark.key("outcomes.trend")
def test_a_trend_works_within_the_follow_up_too() -> None:
    """Three years at 30 days a year, 10 % more each year: 30, 33 and 36.3 days, in all 99.3."""
    measures = "{m: {of: x, as: total, reported: [2021-01, 2022-01, 2023-01]}}"
    for level in ("{per_year: 30}", "99.3"):
        outcome = f"type: days, better: fewer, over: 3 years, with: {level}, sd: 0, trend: 10 %"
        assert paid(outcome, measures) == pytest.approx({1: 300_000, 2: 330_000, 3: 363_000})


def test_growth_reads_the_trend() -> None:
    outcome = "type: days, better: fewer, over: 3 years, with: {per_year: 30}, sd: 0, trend: 10 %"
    assert paid(outcome, "{m: {of: x, as: growth, reported: 2022-03}}", head=QUARTERS) == pytest.approx({9: 1_100})


@pytest.mark.key("outcomes.trend", "comparison.historical", "comparison.years_before")
def test_a_trend_misleads_a_historical_comparison() -> None:
    """Without any effect: 30 days a head now, 30 / 1.1 ** 2 = 24.79 two years before: 5.21 are paid for."""
    outcome = "type: days, better: more, over: 1 year, without: 30, sd: 0, trend: 10 %"
    measures = "{m: {of: x, as: improvement, comparison: {historical: 50, years_before: 2}}}"
    assert paid(outcome, measures) == pytest.approx({1: 1_000 * (30 - 30 / 1.21)})


def test_a_trend_of_a_share_and_of_a_hazard() -> None:
    """Of those who start two years later 50 % x 1.1 ** 2 = 60.5 %; at a hazard of 0.2 a year 1 - exp(-0.242)."""
    for level, share in (("50 %", 0.605), ("{per_year: 0.2}", 1 - math.exp(-0.242))):
        outcome = f"type: event, better: fewer, over: 1 year, without: {level}, effect: {{ratio: 0.8}}, trend: 10 %"
        truth = world(file(outcome, participants=TWO), replicates=8).truths[1]
        assert truth.withouts[0] == pytest.approx(share)
        assert truth.level_at(0, 2.0) == pytest.approx(0.5 if level == "50 %" else 1 - math.exp(-0.2))
        assert truth.expected(is_with=True) == pytest.approx(10 * share * 0.8)


def test_a_share_that_the_trend_takes_above_all_is_brought_back_and_counted() -> None:
    outcome = "type: event, better: fewer, over: 1 year, without: 90 %, trend: 10 %"
    w = world(file(outcome, participants=TWO), replicates=8)
    assert w.truths[1].withouts[0] == 1.0
    assert np.all(w.context.clipped["outcomes.x.without"] == 1.0)


# ------------------------------------------------------------------------------------------------ varies
def totals(varies: str, outcome: str = "type: days, better: fewer, over: 1 year, with: 100, sd: 0") -> list[np.ndarray]:
    """Total by cohort: two cohorts in 2020, one in 2021."""
    people = "{size: 10, cohorts: {c1: {}, c2: {}, c3: {start: 2021-01}}}"
    w = world(file(f"{outcome}, varies: {varies}", participants=people), replicates=32)
    return [filled(t.total_happened(), w.context.n_draws) for t in w.truths]


@pytest.mark.key("varies.cohorts", "varies.years", "varies.cohort_years", "outcomes.varies")
@pytest.mark.parametrize(
    ("varies", "same_year", "other_year"),
    [("{cohorts: 10 %}", 0.0, 0.0), ("{years: 10 %}", 1.0, 0.0), ("{cohort_years: 10 %}", 0.0, 0.0)],
)
def test_a_level_varies_by_cohort_or_year(varies: str, same_year: float, other_year: float) -> None:
    """Each total is 1,000 on average with a sd of 100; cohorts of one year share its luck, and only that."""
    one, two, later = totals(varies)
    for x in (one, two, later):
        assert abs(z_of_mean(x, 1000, 100)) < LIMIT
        assert abs(z_of_variance(x, 100**2)) < LIMIT
    assert abs(z_of_covariance(one, two, same_year * 100**2)) < LIMIT or np.allclose(one, two)
    assert abs(z_of_covariance(one, later, other_year * 100**2)) < LIMIT


def test_the_luck_of_a_cohort_lasts_and_that_of_years_does_not() -> None:
    """Over two years the luck of a cohort keeps its 10 %; that of independent years is 10 % / sqrt(2)."""
    long = "type: days, better: fewer, over: 2 years, with: 100, sd: 0"
    assert abs(z_of_variance(totals("{cohorts: 10 %}", long)[0], 100**2)) < LIMIT
    for varies in ("{years: 10 %}", "{cohort_years: 10 %}"):
        one, _, later = totals(varies, long)
        assert abs(z_of_variance(one, 100**2 / 2)) < LIMIT
        shared = 0.25 * 100**2 if "{years" in varies else 0.0  # 2021 is half of each
        assert abs(z_of_covariance(one, later, shared)) < LIMIT


@pytest.mark.key("varies.years", "varies.cohort_years", "varies.cohorts")
def test_all_three_together_multiply() -> None:
    """(1 + 0.1 ** 2) ** 3 - 1 of variance; a threshold at the mean is paid in just under half of the futures."""
    one, _, _ = totals("{cohorts: 10 %, years: 10 %, cohort_years: 10 %}")
    assert abs(z_of_variance(one, 1000**2 * (1.01**3 - 1))) < LIMIT
    text = file(
        "type: days, better: fewer, over: 1 year, with: 100, sd: 0, varies: {cohorts: 10 %}",
        "{m: {of: x, as: average}}",
        contract="{payments: {pay: {measure: m, steps: [[100, 1]]}}}",
    )
    paid_share = run(text).metric("payer", "outcome_payments")
    log_sd = math.sqrt(math.log(1.01))
    above = 0.5 * (1 - math.erf(log_sd / 2 / math.sqrt(2)))  # lognormal of mean 1: its median is below
    assert abs(z_of_mean(paid_share, above)) < LIMIT


def test_a_control_group_shares_the_luck_of_its_year() -> None:
    """By lot: the same level, so without sd a ratio of 0.9 is read as 10 % in every future."""
    outcome = (
        "type: days, better: fewer, over: 1 year, without: 100, effect: {ratio: 0.9}, sd: 0, varies: {years: 20 %}"
    )
    w = world(file(outcome, "{m: {of: x, as: relative_improvement, comparison: {rct: 50}}}"))
    assert np.allclose(w.reports["m"][0].value, 0.1)


def test_the_luck_of_levels_is_of_people_not_of_inputs() -> None:
    text = file(
        "type: days, better: fewer, over: 1 year, with: 100, sd: 0, varies: {cohorts: 10 %}",
        "{m: {of: x, as: average}}",
        contract="{payments: {pay: {measure: m, per_unit: 1}}}",
    )
    shares = run(text).summary()["variance_by_layer"]["payer.outcome_payments"]
    assert (shares["inputs"], shares["people"], shares["measurement"]) == pytest.approx((0, 1, 0), abs=0.02)
