"""What each key of a measure does to money, worked out by hand. Nothing is left to chance unless the test says so."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from sibsim.loading.notes import coverage
from tests.support import HEAD, LIMIT, deal, moved, run, scenario, z_of_mean

SURE = "{job: {type: event, better: more, over: 2 years, without: 0 %, with: 100 %}}"
"""Everybody found in a job within two years, and nobody without the programme."""
POINTS = "{job: {type: score, better: more, over: 1 year, without: 20, effect: {difference: 3}, sd: 0}}"
"""Everybody at 23 points, and at 20 without the programme."""
PAY = "{payments: {pay: {measure: x, per_unit: 1 000}}}"


def paid(
    measures: str, outcomes: str = POINTS, participants: str = "{size: 10}", contract: str = PAY, head: str = HEAD
) -> dict[int, float]:
    """By year since the start: money paid."""
    text = deal(head, outcomes=outcomes, participants=participants, measures="{" + measures + "}", contract=contract)
    return moved(run(text)).get(("pay", "payer", "provider"), {})


# ------------------------------------------------------------------------------------------------ quantities
@pytest.mark.key("measures.as", "measures.of", "measures.comparison", "comparison.fixed", "comparison.rct")
@pytest.mark.parametrize(
    ("quantity", "comparison", "money"),
    [
        ("total", "none", 230_000),  # 10 people x 23
        ("average", "none", 23_000),
        ("improvement", "{rct: 50}", 3_000),  # 23 - 20
        ("relative_improvement", "{rct: 50}", 150),  # 3 / 20
        ("total_improvement", "{rct: 50}", 30_000),  # 3 x 10
        ("improvement", "{fixed: 15}", 8_000),  # 23 - 15
        ("relative_improvement", "{fixed: 46}", -500),  # -23 / 46: below 0 counts as 0
    ],
)
def test_a_quantity_pays_its_number(quantity: str, comparison: str, money: float) -> None:
    terms = f"x: {{of: job, as: {quantity}, comparison: {comparison}, follow_up: 1 year}}"
    assert paid(terms) == pytest.approx({1: money} if money > 0 else {})


@pytest.mark.key("comparison.matched", "comparison.bias")
def test_a_biased_comparison_moves_the_reading() -> None:
    """20 points x 1.1 = 22: one point better. With -10 %: 18, five points better."""
    assert paid("x: {of: job, as: improvement, comparison: {matched: 50, bias: 10 %}}") == pytest.approx({1: 1_000})
    assert paid("x: {of: job, as: improvement, comparison: {matched: 50, bias: -10 %}}") == pytest.approx({1: 5_000})


@pytest.mark.key("comparison.before", "comparison.regression")
@pytest.mark.parametrize(("regression", "money"), [("0 %", 3_000), ("20 %", None), ("-25 %", 7_000)])
def test_before_takes_for_effect_what_would_have_gone_by_itself(regression: str, money: float | None) -> None:
    """20 points are left when 20 % of 25 have gone by themselves: 23 is 2 below that. Of 16, 25 % more come."""
    terms = f"x: {{of: job, as: improvement, comparison: {{before: 12 months, regression: {regression}}}}}"
    assert paid(terms) == pytest.approx({1: money} if money else {})


@pytest.mark.key("comparison.blend", "comparison.weight")
def test_a_blend_is_the_weighted_mean_of_comparisons() -> None:
    """0.8 x 20 + 0.2 x 10 = 18: five points better; relative to that, 5 / 18."""
    blend = "{blend: [{weight: 80 %, rct: 900}, {weight: 20 %, fixed: 10}]}"
    assert paid(f"x: {{of: job, as: improvement, comparison: {blend}}}") == pytest.approx({1: 5_000})
    relative = paid(f"x: {{of: job, as: relative_improvement, comparison: {blend}}}")
    assert relative == pytest.approx({1: 1_000 * 5 / 18})


@pytest.mark.key("comparison.cluster_size", "comparison.icc", "comparison.rct")
def test_clusters_pay_by_luck() -> None:
    """Two groups of 1,000 at 30 %, no effect; paid if at least 3 points better.

    D = 1 + 39 x 0.1 = 4.9, so that the difference has the sd of sqrt(2 x 0.3 x 0.7 x 4.9 / 1000) = 4.54 points:
    above 2.95 (half a person below the threshold) in 25.8 % of the futures, against 7.5 % without clusters.
    """
    outcome = "{job: {type: event, better: more, over: 1 year, without: 30 %, with: 30 %}}"
    contract = "{payments: {pay: {measure: x, steps: [[3 %, 1]]}}}"
    for clusters, effect in ((", cluster_size: 40, icc: 0.1", 4.9), ("", 1.0)):
        sd = math.sqrt(2 * 0.3 * 0.7 * effect / 1_000)
        results = run(
            deal(
                outcomes=outcome,
                participants="{size: 1 000}",
                measures=f"{{x: {{of: job, as: improvement, comparison: {{rct: 1 000{clusters}}}}}}}",
                contract=contract,
            )
        )
        chance = float(norm.sf(0.0295 / sd))
        is_paid = results.metric("payer", "outcome_payments") > 0
        assert abs(z_of_mean(is_paid, chance, math.sqrt(chance * (1 - chance)))) < LIMIT


# ------------------------------------------------------------------------------------------------ about whom
@pytest.mark.key("measures.people")
@pytest.mark.parametrize(("people", "n"), [("offered", 10), ("starters", 0), ("completers", 0)])
def test_whose_results_count(people: str, n: int) -> None:
    """Nobody of ten starts: those offered still count, each with 20 points."""
    terms = f"x: {{of: job, as: total, follow_up: 1 year, people: {people}}}"
    assert paid(terms, participants="{size: 10, take_up: 0 %}") == pytest.approx({1: 20_000.0 * n} if n else {})


COHORTS = "{cohorts: {a: {size: 10}, b: {size: 30, start: 2021-01}}}"


@pytest.mark.key("measures.cohorts", "measures.for_each")
def test_of_which_cohorts_and_each_by_itself() -> None:
    """a is followed to 2021 and b to 2022: together in 2022; each in its own year; only b."""
    together = "x: {of: job, as: average, follow_up: 1 year}"
    assert paid(together, participants=COHORTS) == pytest.approx({2: 23_000})
    each = "x: {of: job, as: total, follow_up: 1 year, for_each: cohort}"
    assert paid(each, participants=COHORTS) == pytest.approx({1: 230_000, 2: 690_000})
    only = "x: {of: job, as: total, follow_up: 1 year, cohorts: [b]}"
    assert paid(only, participants=COHORTS) == pytest.approx({2: 690_000})


@pytest.mark.key("measures.missing", "measures.missing_as")
def test_who_is_missing_is_left_out_or_failed() -> None:
    """Of 100 in a job for sure, 28 % are not found: a total of 72, an average of 1, or of 0.72 if they failed."""
    terms = "of: job, missing: 28 %, follow_up: 2 years"
    sums = {}
    for name, more in (("total", ""), ("average", ""), ("average", ", missing_as: failed")):
        text = deal(
            outcomes=SURE,
            participants="{size: 100}",
            measures=f"{{x: {{{terms}, as: {name}{more}}}}}",
            contract=PAY,
        )
        sums[name + more] = run(text).metric("payer", "outcome_payments")
    sd = math.sqrt(100 * 0.28 * 0.72)
    assert abs(z_of_mean(sums["total"], 72_000, 1_000 * sd)) < LIMIT
    assert np.all(sums["average"] == 1_000)
    assert abs(z_of_mean(sums["average, missing_as: failed"], 720, 10 * sd)) < LIMIT


# ------------------------------------------------------------------------------------------------ when
@pytest.mark.key("measures.follow_up", "measures.lag", "measures.reported")
def test_when_a_report_is_made() -> None:
    """Two years of follow-up end in 2022, and a lag of twelve months brings the report, and the money, to 2023."""
    assert paid("x: {of: job, as: total, follow_up: 2 years}", SURE) == {2: 10_000}
    assert paid("x: {of: job, as: total, follow_up: 2 years, lag: 12 months}", SURE) == {3: 10_000}
    assert paid("x: {of: job, as: total, follow_up: 2 years, reported: 2025-01}", SURE) == {5: 10_000}


@pytest.mark.key("measures.covers", "measures.reported", "measures.follow_up")
def test_a_second_report_is_of_what_is_new_or_of_everything() -> None:
    """10 people start in 2020 and 30 in 2021; their two years are over in 2022 and 2023."""
    terms = "x: {of: job, as: total, follow_up: 2 years, reported: [2022-01, 2023-01]"
    assert paid(f"{terms}}}", SURE, COHORTS) == {2: 10_000, 3: 30_000}
    assert paid(f"{terms}, covers: to date}}", SURE, COHORTS) == {2: 10_000, 3: 40_000}


@pytest.mark.key("measures.error")
def test_an_error_of_the_reading_pays_by_luck() -> None:
    """23 points read with an sd of 2: at least 24 in 30.9 % of the futures."""
    contract = "{payments: {pay: {measure: x, steps: [[24, 1]]}}}"
    text = deal(outcomes=POINTS, participants="{size: 10}", contract=contract)
    text = text.replace("measures: {x: {of: result, as: average}}", "measures: {x: {of: job, as: average, error: 2}}")
    chance = float(norm.sf(0.5))
    is_paid = run(text).metric("payer", "outcome_payments") > 0
    assert abs(z_of_mean(is_paid, chance, math.sqrt(chance * (1 - chance)))) < LIMIT


# ------------------------------------------------------------------------------------------------ several of them
@pytest.mark.key("measures.of")
def test_readings_of_several_outcomes_are_added_up() -> None:
    """23 and 5 points a person: 28 on average, 280 in all, 8 more than without (20 and 0)."""
    two = POINTS[:-1] + ", skill: {type: score, better: more, over: 1 year, without: 0, with: 5, sd: 0}}"
    both = "of: [job, skill], follow_up: 1 year"
    assert paid(f"x: {{{both}, as: average}}", two) == pytest.approx({1: 28_000})
    assert paid(f"x: {{{both}, as: total}}", two) == pytest.approx({1: 280_000})
    assert paid(f"x: {{{both}, as: improvement, comparison: {{rct: 40}}}}", two) == pytest.approx({1: 8_000})
    assert paid(f"x: {{{both}, as: total_improvement, comparison: {{rct: 40}}}}", two) == pytest.approx({1: 80_000})
    relative = paid(f"x: {{{both}, as: relative_improvement, comparison: {{rct: 40}}}}", two)
    assert relative == pytest.approx({1: 400})  # 8 / 20


@pytest.mark.key("measures.of")
@pytest.mark.parametrize(
    ("built_in", "money"), [("referrals", {1: 5_000, 2: 5_000}), ("starts", {}), ("completions", {})]
)
def test_people_referred_count_whether_they_start_or_not(built_in: str, money: dict[int, float]) -> None:
    """5 are offered the programme in 2020 and 5 in 2021, and nobody starts."""
    terms = f"x: {{of: {built_in}, as: total, lag: 1 month, reported: [2021-01, 2022-01]}}"
    people = "{size: 10, intake: 2 years, start: 2020-01, take_up: 0 %}"
    assert paid(terms, participants=people) == money


@pytest.mark.key("measures.weighted")
def test_a_weighted_sum_of_measures() -> None:
    """0.7 x 23 + 2 x 5 = 26.1 points; weighed by money, 23 x 100 + 5 x 10 = 2,350."""
    two = POINTS[:-1] + ", skill: {type: score, better: more, over: 1 year, without: 0, with: 5, sd: 0}}"
    parts = "jobs: {of: job, as: average}, skills: {of: skill, as: average}"
    assert paid(f"{parts}, x: {{weighted: {{jobs: 70 %, skills: 2}}}}", two) == pytest.approx({1: 26_100})
    money = f"{parts}, x: {{weighted: {{jobs: 100 SEK, skills: 10 SEK}}}}"
    half = "{payments: {pay: {measure: x, per_unit: 0.5}}}"
    assert paid(money, two, contract=half) == pytest.approx({1: 1_175})
    assert (
        scenario(deal(outcomes=two, participants="{size: 10}", measures="{" + money + "}")).measure("x").unit == "money"
    )


@pytest.mark.key("measures.weighted")
def test_a_composite_is_made_when_its_parts_are_and_for_each_cohort() -> None:
    """a ends in 2021 and b in 2022; what all have in common comes in 2022, so that both are known then."""
    parts = "own: {of: job, as: average, for_each: cohort}, all of them: {of: job, as: average}"
    terms = f"{parts}, x: {{weighted: {{own: 1, all of them: 10}}}}"
    assert paid(terms, participants=COHORTS) == pytest.approx({2: 2 * 253_000})
    own = "own: {of: job, as: average, for_each: cohort}, x: {weighted: {own: 1}}"
    assert paid(own, participants=COHORTS) == pytest.approx({1: 23_000, 2: 23_000})


@pytest.mark.key("measures.goals", "measures.weighted")
def test_goals_count_the_conditions_that_hold() -> None:
    """23 points: above 20 and at most 23, not below 23; and better than the 5 of the skill, or than 30."""
    two = POINTS[:-1] + ", skill: {type: score, better: more, over: 1 year, without: 0, with: 5, sd: 0}}"
    parts = "jobs: {of: job, as: average}, skills: {of: skill, as: average}"
    goals = "{jobs: above 20}, {jobs: at most 23}, {jobs: below 23}, {jobs: above skills, skills: above 30}"
    assert paid(f"{parts}, x: {{goals: [{goals}]}}", two) == pytest.approx({1: 2_000})
    again = f"{parts}, met: {{goals: [{goals}]}}, x: {{weighted: {{met: 50 %}}}}"
    assert paid(again, two) == pytest.approx({1: 1_000})


def test_goals_of_each_cohort_look_at_that_cohort() -> None:
    """A cohort that gets half the effect has 21.5 points and misses the goal of 22."""
    people = "{cohorts: {a: {size: 10}, b: {size: 30, effect_share: 50 %}}}"
    terms = "own: {of: job, as: average, for_each: cohort}, x: {goals: [{own: at least 22}]}"
    assert paid(terms, participants=people) == pytest.approx({1: 1_000})


# ------------------------------------------------------------------------------------------------ for the reader
def test_how_many_people_each_report_counts() -> None:
    """10 of 40 are through in 2022, the other 30 in 2023: that is who is new then, all of the second cohort."""
    terms = "reported: [2022-01, 2023-01], follow_up: 2 years"
    text = deal(
        outcomes=SURE,
        participants=COHORTS,
        measures=f"{{x: {{of: job, as: total, {terms}}}, y: {{of: job, as: total, {terms}, for_each: cohort}}}}",
    )
    rows = [(name, cohort, day.year, share) for name, cohort, day, share in coverage(scenario(text))]
    assert rows[:2] == [("x", None, 2022, 0.25), ("x", None, 2023, 0.75)]
    assert rows[2:] == [("y", "a", 2022, 1.0), ("y", "b", 2022, 0.0), ("y", "a", 2023, 0.0), ("y", "b", 2023, 1.0)]
