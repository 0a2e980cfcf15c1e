"""What the evaluator finds: mean and spread of every quantity against closed forms and exact enumeration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from sibsim.simulate import Future
from tests.support import HEAD, LIMIT, deal, filled, world, z_of_covariance, z_of_mean, z_of_variance

QUARTERS = HEAD.replace("step: year", "step: quarter")
P0, P1, N = 0.4, 0.3, 80
EVENT = "{relapse: {type: event, better: fewer, over: 1 year, without: 40 %, effect: {difference: -10 %}}}"
SCORE = "{relapse: {type: score, better: more, over: 1 year, without: 20, effect: {difference: 3}, sd: 10}}"


def evaluated(
    measures: str, outcomes: str = EVENT, participants: str = f"{{size: {N}}}", head: str = QUARTERS
) -> Future:
    return world(deal(head, outcomes=outcomes, measures="{" + measures + "}", participants=participants))


def value(w: Future, name: str, number: int = 0) -> np.ndarray:
    return filled(w.reports[name][number].value, w.context.n_draws)


def agrees(values: np.ndarray, mean: float, variance: float) -> None:
    assert abs(z_of_mean(values, mean, math.sqrt(variance))) < LIMIT
    assert abs(z_of_variance(values, variance)) < LIMIT


# ------------------------------------------------------------------------------------------------ comparisons
@pytest.mark.parametrize(
    ("comparison", "share", "n"),
    [
        ("{rct: 150}", P0, 150),
        ("{matched: 150}", P0, 150),
        ("{matched: 150, bias: 20 %}", P0 * 1.2, 150),
        ("{matched: 150, bias: -30 %}", P0 * 0.7, 150),
        ("{fixed: 45 %}", 0.45, math.inf),
        ("{fixed: {per_year: 0.5}}", 1 - math.exp(-0.5), math.inf),
    ],
)
def test_an_improvement_carries_the_chance_of_both_groups(comparison: str, share: float, n: float) -> None:
    w = evaluated(
        f"difference: {{of: relapse, as: improvement, comparison: {comparison}}},"
        f" people: {{of: relapse, as: total_improvement, comparison: {comparison}}}"
    )
    variance = P1 * (1 - P1) / N + share * (1 - share) / n
    agrees(value(w, "difference"), share - P1, variance)
    assert np.allclose(value(w, "people"), N * value(w, "difference"))


def relative_moments(n: int, p: float, m: int, q: float) -> tuple[float, float, float]:
    """Mean and variance of ``(b - a) / b``, 0 where b is 0, and the chance of that, by summing over both groups."""
    k = np.arange(m + 1)
    chance, b = binom.pmf(k, m, q), k / m
    some = b > 0
    ratio_mean = np.where(some, 1 - p / np.where(some, b, 1), 0.0)
    ratio_var = np.where(some, p * (1 - p) / n / np.where(some, b, 1) ** 2, 0.0)
    mean = float((chance * ratio_mean).sum())
    return mean, float((chance * (ratio_var + ratio_mean**2)).sum()) - mean**2, float(chance[0])


@pytest.mark.parametrize(("m", "without"), [(150, 40), (12, 20)])
def test_a_relative_improvement_is_against_the_comparison_as_found(m: int, without: float) -> None:
    outcome = EVENT.replace("40 %", f"{without} %")
    p = without / 100 - 0.1
    w = evaluated(f"x: {{of: relapse, as: relative_improvement, comparison: {{rct: {m}}}}}", outcome)
    mean, variance, none = relative_moments(N, p, m, without / 100)
    agrees(value(w, "x"), mean, variance)
    undefined = filled(w.reports["x"][0].undefined, w.context.n_draws)
    assert np.all(value(w, "x")[undefined > 0] == 0.0)
    assert abs(z_of_mean(undefined, none, math.sqrt(none * (1 - none)))) < LIMIT


def test_more_is_better_turns_the_sign() -> None:
    outcome = EVENT.replace("better: fewer", "better: more").replace("-10 %", "10 %")
    w = evaluated("x: {of: relapse, as: improvement, comparison: {rct: 100}}", outcome)
    agrees(value(w, "x"), 0.1, 0.5 * 0.5 / N + 0.4 * 0.6 / 100)


def test_scores_are_compared_by_their_means() -> None:
    w = evaluated(
        "x: {of: relapse, as: improvement, comparison: {matched: 50, bias: 10 %}},"
        " y: {of: relapse, as: improvement, comparison: {fixed: 21}}, z: {of: relapse, as: average}",
        SCORE,
    )
    agrees(value(w, "x"), 23 - 22, 100 / N + 100 / 50)
    agrees(value(w, "z"), 23, 100 / N)
    assert np.allclose(value(w, "y"), value(w, "z") - 21)


def test_the_error_of_a_reading_is_added_once_to_each_report() -> None:
    w = evaluated(
        "plain: {of: relapse, as: average}, x: {of: relapse, as: average, error: 5 %},"
        " series: {of: relapse, as: average, error: 5 %, covers: to date, reported: [2021-01, 2021-04]}"
    )
    error = value(w, "x") - value(w, "plain")
    agrees(error, 0.0, 0.05**2)
    first, second = (value(w, "series", i) - value(w, "plain") for i in (0, 1))
    agrees(second, 0.0, 0.05**2)
    for a, b in ((first, second), (error, first), (first, value(w, "plain"))):
        assert abs(z_of_covariance(a, b, 0.0)) < LIMIT


# ------------------------------------------------------------------------------------------------ who was found
def inverse_moment(n: int, share: float) -> float:
    """E[1 / M] for M binomial, given at least one is found."""
    k = np.arange(1, n + 1)
    chance = binom.pmf(k, n, share)
    return float((chance / k).sum() / chance.sum())


def test_people_left_out_make_the_average_noisier_not_biased() -> None:
    w = evaluated(
        "x: {of: relapse, as: average, missing: 40 %}, t: {of: relapse, as: total, follow_up: 1 year, missing: 40 %}"
    )
    agrees(value(w, "x"), P1, P1 * (1 - P1) * inverse_moment(N, 0.6))
    agrees(value(w, "t"), N * P1 * 0.6, N * P1 * 0.6 * (1 - P1 * 0.6))


@pytest.mark.parametrize("better", ["fewer", "more"])
def test_people_not_found_may_count_as_failed(better: str) -> None:
    outcome = EVENT.replace("better: fewer", f"better: {better}")
    w = evaluated("x: {of: relapse, as: average, missing: 40 %, missing_as: failed}", outcome)
    share = P1 * 0.6 + (0.4 if better == "fewer" else 0.0)
    agrees(value(w, "x"), share, share * (1 - share) / N)


def test_total_improvement_counts_missing_people_in_n() -> None:
    w = evaluated(
        "x: {of: relapse, as: improvement, missing: 40 %, comparison: {fixed: 50 %}},"
        " t: {of: relapse, as: total_improvement, missing: 40 %, comparison: {fixed: 50 %}}"
    )
    assert np.allclose(value(w, "t"), N * value(w, "x"))


def test_missing_people_of_a_score() -> None:
    w = evaluated("x: {of: relapse, as: average, missing: 30 %}, y: {of: relapse, as: average}", SCORE)
    agrees(value(w, "x"), 23, 100 * inverse_moment(N, 0.7))
    # those found are some of the people: given what happened, only the sampling of them is left
    luck = value(w, "x") - value(w, "y")
    agrees(luck, 0.0, 100 * (inverse_moment(N, 0.7) - 1 / N))
    assert abs(z_of_covariance(luck, value(w, "y"), 0.0)) < LIMIT


# ------------------------------------------------------------------------------------------------ same people
def test_measures_that_agree_see_the_same_people() -> None:
    same = "missing: 20 %, comparison: {rct: 150}"
    w = evaluated(
        f"difference: {{of: relapse, as: improvement, {same}}}, level: {{of: relapse, as: average, {same}}},"
        f" relative: {{of: relapse, as: relative_improvement, {same}}},"
        " other: {of: relapse, as: improvement, missing: 20 %, comparison: {rct: 151}}"
    )
    b = value(w, "difference") + value(w, "level")
    assert np.allclose(b * 150, np.rint(b * 150))
    assert np.allclose(value(w, "relative"), value(w, "difference") / b)
    # another evaluation draws its own comparison and finds its own people of the same ones served
    apart = value(w, "other") + value(w, "level") - b
    assert abs(z_of_covariance(value(w, "other"), b, 0.0)) < LIMIT
    assert apart.std() > 0


def test_a_pooled_figure_is_the_cohorts_put_together() -> None:
    cohorts = "{duration: 1 year, cohorts: {c1: {size: 80}, c2: {size: 40, start: 2020-07}}}"
    terms = "of: relapse, as: average, missing: 25 %, comparison: {rct: 90}"
    gain = terms.replace("average", "improvement")
    w = evaluated(
        f"each one: {{{terms}, for_each: cohort}}, pooled: {{{terms}}},"
        f" gain: {{{gain}, for_each: cohort}}, both: {{{gain}}},"
        " found: {of: relapse, as: total, follow_up: 1 year, missing: 25 %, comparison: {rct: 90}, for_each: cohort}",
        participants=cohorts,
    )
    assert [(r.cohort, r.column) for r in w.reports["each one"]] == [("c1", 4), ("c2", 6)]
    assert [r.column for r in w.reports["pooled"]] == [6]
    found = [value(w, "found", i) for i in (0, 1)]
    counted = [found[i] / value(w, "each one", i) for i in (0, 1)]
    assert np.allclose(value(w, "pooled"), sum(found) / sum(counted))
    compared = [60.0, 30.0]  # 90 by size
    events = [(value(w, "gain", i) + value(w, "each one", i)) * compared[i] for i in (0, 1)]
    assert all(np.allclose(e, np.rint(e)) for e in events)
    assert np.allclose(value(w, "both"), sum(events) / 90 - value(w, "pooled"))
    assert abs(z_of_covariance(value(w, "each one", 0), value(w, "each one", 1), 0.0)) < LIMIT


def test_a_measure_of_some_cohorts_counts_only_those() -> None:
    cohorts = "{duration: 1 year, cohorts: {c1: {size: 30}, c2: {size: 50}}}"
    total = "of: relapse, as: total, follow_up: 1 year"
    w = evaluated(
        f"a: {{{total}, cohorts: [c1]}}, b: {{{total}, cohorts: [c2]}}, all of them: {{{total}}}", participants=cohorts
    )
    assert np.array_equal(value(w, "all of them"), value(w, "a") + value(w, "b"))
    agrees(value(w, "a"), 30 * P1, 30 * P1 * (1 - P1))


# ------------------------------------------------------------------------------------------------ about whom, when
def test_a_fixed_follow_up_counts_only_people_whose_time_is_complete() -> None:
    """Groups of 20 start each quarter of 2020; followed for a year with a lag of 3 months."""
    reported = "[2021-04, 2021-10, 2022-04]"
    since = f"x: {{of: relapse, as: total, follow_up: 1 year, lag: 3 months, reported: {reported}}}"
    to_date = f"y: {{of: relapse, as: total, follow_up: 1 year, lag: 3 months, covers: to date, reported: {reported}}}"
    w = evaluated(f"{since}, {to_date}", participants="{size: 80, intake: 1 year}")
    assert [float(r.counted) for r in w.reports["x"]] == [20, 40, 20]
    assert [float(r.counted) for r in w.reports["y"]] == [20, 60, 80]
    assert [float(r.people) for r in w.reports["y"]] == [80, 80, 80]
    steps = [value(w, "x", i) for i in range(3)]
    for i in range(3):
        assert np.array_equal(value(w, "y", i), sum(steps[: i + 1]))
        n = (20, 40, 20)[i]
        agrees(steps[i], n * P1, n * P1 * (1 - P1))


def test_so_far_counts_everyone_for_the_time_followed() -> None:
    reported = "[2020-07, 2021-01, 2021-10]"
    w = evaluated(
        f"x: {{of: relapse, as: total, reported: {reported}}},"
        f" y: {{of: relapse, as: total, covers: to date, reported: {reported}}}",
        participants="{size: 80, intake: 1 year}",
    )
    # months followed by the four groups at each report, at most a year
    months = [(6, 3, 0, 0), (12, 9, 6, 3), (12, 12, 12, 12)]
    expected = [sum(20 * (1 - (1 - P1) ** (m / 12)) for m in row) for row in months]
    for i, mean in enumerate(expected):
        variance = sum(20 * (1 - (1 - P1) ** (m / 12)) * (1 - P1) ** (m / 12) for m in months[i])
        agrees(value(w, "y", i), mean, variance)
    assert np.array_equal(value(w, "y", 2), sum(value(w, "x", i) for i in range(3)))


def test_a_report_before_anybody_is_due_is_the_default_day_or_refused() -> None:
    w = evaluated("x: {of: relapse, as: average, lag: 2 months}", participants="{size: 80, intake: 1 year}")
    # the last group starts in October 2020, is followed to October 2021; two months on is the column of January 2022
    assert [r.column for r in w.reports["x"]] == [8]


def test_a_comparison_is_followed_as_long_as_the_people_served() -> None:
    terms = "of: relapse, as: improvement, follow_up: 6 months, comparison: {rct: 120}"
    w = evaluated(f"x: {{{terms}}}")
    a, b = 1 - (1 - P1) ** 0.5, 1 - (1 - P0) ** 0.5
    agrees(value(w, "x"), b - a, a * (1 - a) / N + b * (1 - b) / 120)


def test_nobody_to_count_makes_no_report() -> None:
    w = evaluated("x: {of: relapse, as: average}", participants="{size: 2, take_up: 30 %}")
    none = np.isnan(value(w, "x"))
    assert abs(z_of_mean(none, 0.7**2, math.sqrt(0.49 * 0.51))) < LIMIT


def test_the_bias_of_a_comparison_cannot_lift_a_share_over_one() -> None:
    outcome = EVENT.replace("40 %", "90 %")
    w = evaluated("x: {of: relapse, as: improvement, comparison: {matched: 100, bias: 20 %}}", outcome)
    agrees(value(w, "x"), 1 - 0.8, 0.8 * 0.2 / N)
