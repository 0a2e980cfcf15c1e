"""Reports of numbers, days, money and milestones, growth from year to year, and people of another time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from tests.analytic.test_evaluation import EVENT, P0, P1, N, agrees, evaluated, value
from tests.support import HEAD, LIMIT, deal, moved, run, world, z_of_mean

WITHOUT, WITH, SD = 10.0, 8.0, 4.0


def outcome(kind: str, more: str = "", over: str = "1 year") -> str:
    return (
        f"{{relapse: {{type: {kind}, better: fewer, over: {over}, without: {WITHOUT:g}, effect: {{ratio: 0.8}},"
        f" sd: {SD:g}{more}}}}}"
    )


def variance(kind: str, mean: float, part: float = 1.0) -> float:
    """Of one person over a part of ``over``: sd in proportion to time; of a number also to the level, and Poisson."""
    if kind == "count":
        return (SD * mean / WITHOUT * part) ** 2 + mean * part
    return (SD * part) ** 2


# ------------------------------------------------------------------------------------------------ comparisons
@pytest.mark.parametrize("kind", ["count", "days", "money"])
@pytest.mark.parametrize(
    ("comparison", "b", "n"),
    [
        ("{rct: 150}", WITHOUT, 150),
        ("{matched: 150, bias: 20 %}", 12.0, 150),
        ("{historical: 150}", WITHOUT, 150),
        ("{before: 12 months, regression: 20 %}", 12.5, N),
        ("{fixed: 9}", 9.0, math.inf),
        ("{fixed: {per_year: 9}}", 9.0, math.inf),
    ],
)
def test_an_improvement_of_what_adds_up(kind: str, comparison: str, b: float, n: float) -> None:
    if kind == "money":
        comparison = comparison.replace("9}", "9 SEK}")
    w = evaluated(f"x: {{of: relapse, as: improvement, comparison: {comparison}}}", outcome(kind))
    noise = variance(kind, WITH) / N + (variance(kind, b) / n if n < math.inf else 0.0)
    agrees(value(w, "x"), b - WITH, noise)


@pytest.mark.parametrize("kind", ["count", "days", "money"])
def test_half_the_time_has_half_of_it(kind: str) -> None:
    w = evaluated("x: {of: relapse, as: improvement, comparison: {rct: 150}, follow_up: 6 months}", outcome(kind))
    noise = variance(kind, WITH, 0.5) / N + variance(kind, WITHOUT, 0.5) / 150
    agrees(value(w, "x"), (WITHOUT - WITH) / 2, noise)


@pytest.mark.parametrize("kind", ["count", "days", "money"])
@pytest.mark.parametrize("before", ["6 months", "24 months"])
def test_another_length_of_time_before_is_brought_to_the_follow_up(kind: str, before: str) -> None:
    times = {"6 months": 2.0, "24 months": 0.5}[before]
    w = evaluated(f"x: {{of: relapse, as: improvement, comparison: {{before: {before}}}}}", outcome(kind))
    noise = variance(kind, WITH) / N + times**2 * variance(kind, WITHOUT, 1 / times) / N
    agrees(value(w, "x"), WITHOUT - WITH, noise)


@pytest.mark.parametrize("kind", ["count", "days", "money"])
def test_clusters_of_what_adds_up(kind: str) -> None:
    """D = 1 + 14 x 0.1 = 2.4."""
    w = evaluated(
        "x: {of: relapse, as: improvement, comparison: {rct: 150, cluster_size: 15, icc: 0.1}}", outcome(kind)
    )
    noise = 2.4 * (variance(kind, WITH) / N + variance(kind, WITHOUT) / 150)
    assert abs(z_of_mean(value(w, "x"), WITHOUT - WITH, math.sqrt(noise))) < LIMIT
    assert float(value(w, "x").var()) == pytest.approx(noise, rel=0.05)


@pytest.mark.parametrize("kind", ["count", "days", "money"])
@pytest.mark.parametrize("sd", [True, False])
def test_people_who_are_missing(kind: str, sd: bool) -> None:
    """A total of those found, an average with the noise of fewer people."""
    text = outcome(kind) if sd else outcome(kind).replace("sd: 4", "sd: 0")
    terms = "of: relapse, missing: 50 %, follow_up: 1 year"
    w = evaluated(f"total: {{{terms}, as: total}}, average: {{{terms}, as: average}}", text)
    one = variance(kind, WITH) if sd else (WITH if kind == "count" else 0.0)
    agrees(value(w, "total"), WITH * N / 2, N * 0.5 * one + WITH**2 * N * 0.25)
    m = np.arange(1, N + 1)
    chance = np.exp(
        np.array([math.lgamma(N + 1) - math.lgamma(k + 1) - math.lgamma(N - k + 1) for k in m]) - N * math.log(2)
    )
    noise = one * float((chance / m).sum())
    assert abs(z_of_mean(value(w, "average"), WITH, math.sqrt(noise))) < LIMIT
    assert float(value(w, "average").var()) == pytest.approx(noise, rel=0.06)


def test_the_noise_of_a_matched_historical_control() -> None:
    """1.55 reconvictions a head, gamma shape 0.942, 1,000 served against 10,000: 4.33 points when nothing works.

    ``sqrt(v / (1,000 m^2) + v / (10,000 m^2))`` with v = m + m^2 / k = 4.101; a fall of 10 points is seen in 1.05 % of
    the futures, though nothing works; a true fall of 15 in 90.6 %.
    """
    m, k = 1.55, 0.941656873876
    sd = m / math.sqrt(k)
    text = (
        f"{{relapse: {{type: count, better: fewer, over: 1 year, without: {m}, effect: {{ratio: 1}}, sd: {sd:.12f}}}}}"
    )
    w = evaluated("x: {of: relapse, as: relative_improvement, comparison: {matched: 10 000}}", text, "{size: 1 000}")
    error = 0.0433339492823
    assert float(value(w, "x").std()) == pytest.approx(error, abs=0.0015)
    chance = 0.0105090409974
    seen = (value(w, "x") >= 0.10).mean()
    assert abs(float(seen) - chance) < 0.004
    w = evaluated(
        "x: {of: relapse, as: relative_improvement, comparison: {historical: 10 000}}",
        text.replace("ratio: 1", "ratio: 0.85"),
        "{size: 1 000}",
    )
    assert abs(float((value(w, "x") >= 0.10).mean()) - 0.906261150824) < 0.015


# ------------------------------------------------------------------------------------------------ money
@pytest.mark.key("comparison.historical", "comparison.years_before", "outcomes.trend")
@pytest.mark.parametrize(("kind", "unit"), [("score", ""), ("days", ""), ("money", " SEK")])
def test_a_trend_passes_for_an_effect(kind: str, unit: str) -> None:
    """Without the programme 121 in 2020, 10 % more each year: people of two years before had 100.

    Nothing works, fewer is better: what looks like 21 worse pays nothing; where more is better, 21 are paid for.
    """
    for better, money in (("more", {1: 21_000}), ("fewer", {})):
        text = f"{{job: {{type: {kind}, better: {better}, over: 1 year, without: 121{unit}, trend: 10 %, sd: 0}}}}"
        contract = "{payments: {pay: {measure: x, per_unit: 1 000}}}"
        if kind == "money":
            contract, money = "{payments: {pay: {measure: x, share: 100 %}}}", {t: m / 1000 for t, m in money.items()}
        made = deal(
            HEAD,
            outcomes=text,
            participants="{size: 10}",
            measures="{x: {of: job, as: improvement, comparison: {historical: 50, years_before: 2}}}",
            contract=contract,
        )
        assert moved(run(made)).get(("pay", "payer", "provider"), {}) == pytest.approx(money)


@pytest.mark.key("comparison.before", "outcomes.trend")
def test_a_trend_misleads_a_comparison_with_the_time_before() -> None:
    """110 in 2020 on a trend of 10 %: 100 in the year before."""
    text = "{job: {type: days, better: more, over: 1 year, without: 110, trend: 10 %, sd: 0}}"
    made = deal(
        outcomes=text,
        participants="{size: 10}",
        measures="{x: {of: job, as: improvement, comparison: {before: 12 months}}}",
        contract="{payments: {pay: {measure: x, per_unit: 1 000}}}",
    )
    assert moved(run(made))["pay", "payer", "provider"] == pytest.approx({1: 10_000})


def test_a_hazard_moves_with_the_trend_too() -> None:
    """A yearly hazard of 0.2 on a trend of -10 %: two years before it was 0.2 / 0.81."""
    text = "{relapse: {type: event, better: fewer, over: 1 year, without: {per_year: 20 %}, trend: -10 %}}"
    w = evaluated("x: {of: relapse, as: improvement, comparison: {historical: 300, years_before: 2}}", text)
    a, b = 1 - math.exp(-0.2), 1 - math.exp(-0.2 / 0.81)
    agrees(value(w, "x"), b - a, a * (1 - a) / N + b * (1 - b) / 300)


# ------------------------------------------------------------------------------------------------ growth
@pytest.mark.key("measures.as", "measures.earlier", "measures.reported", "measures.lag")
def test_growth_is_a_calendar_year_over_the_year_before() -> None:
    """Days grow by 10 % a year in 2020 and by nothing else: 2021 over 2020 is 1.1, known in January 2022.

    With a lag of a month the report of January 2022 still tells of 2020 over 2019, which is not in the data; that of
    January 2023, a year earlier, tells the same as that of 2022.
    """
    days = "{job: {type: days, better: fewer, over: 4 years, without: {per_year: 50}, trend: 10 %, sd: 0}}"
    contract = "{payments: {pay: {measure: x, per_unit: 1 000}}}"

    def paid(terms: str) -> dict[int, float]:
        measures = f"{{x: {{of: job, as: growth, {terms}}}}}"
        made = deal(outcomes=days, participants="{size: 10}", measures=measures, contract=contract)
        return moved(run(made))["pay", "payer", "provider"]

    assert paid("reported: 2022-01") == pytest.approx({2: 1_100})
    assert paid("reported: [2022-01, 2023-01]") == pytest.approx({2: 1_100, 3: 1_100})
    assert paid("reported: 2023-01, earlier: 1 year") == pytest.approx({3: 1_100})
    assert paid("reported: 2023-01, lag: 1 month") == pytest.approx({3: 1_100})


def test_growth_follows_the_years_and_not_the_clock() -> None:
    """People start in July 2020: the first whole year is 2021, and 2020 has only half of it."""
    head = HEAD.replace("step: year", "step: month").replace("start: 2020-01", "start: 2020-07")
    days = "{job: {type: days, better: fewer, over: 4 years, without: {per_year: 50}, sd: 0}}"
    made = deal(
        head,
        outcomes=days,
        participants="{size: 10}",
        measures="{x: {of: job, as: growth, reported: [2022-01, 2023-03]}}",
    )
    w = world(made)
    assert [float(np.mean(r.value)) for r in w.reports["x"]] == pytest.approx([2.0, 1.0])


def test_the_closed_form_of_growth() -> None:
    """Trend 9 % +- 3 %, luck of years 2 % and of cohort-years 2 %: of a cohort and of both together.

    ``(1 + g) Y2 / Y1`` with lognormal Y of mean 1: the mean is 1.09 (1 + 0.02^2) ^ 2 for a cohort; the variance of the
    logarithm ``ln(1 + 0.02^2) x 4`` beside that of the trend.
    """
    head = HEAD.replace("step: year", "step: month")
    head += "inputs: {trend: {normal: {mean: 9 %, sd: 3 %}, status: assumed}}\n"
    days = (
        "{job: {type: days, better: fewer, over: 4 years, without: {per_year: 7}, sd: 40, trend: trend,"
        " varies: {cohort_years: 2 %, years: 2 %}}}"
    )
    measures = (
        "{each: {of: job, as: growth, for_each: cohort, reported: 2022-02},"
        " all of them: {of: job, as: growth, reported: 2022-02},"
        " later: {of: job, as: growth, earlier: 1 year, reported: 2023-02}}"
    )
    people = "{cohorts: {a: {size: 3 000 000}, b: {size: 3 000 000}}}"
    w = world(deal(head, outcomes=days, participants=people, measures=measures))
    log = math.log(1 + 0.02**2)
    for name, own in (("each", 2 * log), ("all of them", log)):
        g = value(w, name)
        common = 2 * log
        mean = 1.09 * math.exp((common + own) / 2)
        spread = math.sqrt(mean**2 * math.expm1(common + own) + 0.03**2 * math.exp(2 * (common + own)))
        assert abs(z_of_mean(g, mean, spread)) < LIMIT
        assert float(g.std()) == pytest.approx(spread, rel=0.03)
    assert np.array_equal(value(w, "later"), value(w, "all of them"))


# ------------------------------------------------------------------------------------------------ milestones
STEPS = "{path: {type: milestones, better: more, steps: {in: [80 %, 3 months], up: [50 %, 12 months]}}}"


@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_milestones_are_reported_by_step(missing: float) -> None:
    terms = f"of: path, as: total, reported: [2020-07, 2021-07], missing: {100 * missing:g} %"
    w = evaluated(f"x: {{{terms}}}, average: {{of: path, as: average, missing: {100 * missing:g} %}}", STEPS)
    first, second = w.reports["x"]
    assert first.steps is not None
    assert second.steps is not None
    found = 1 - missing
    agrees(np.asarray(first.steps["in"]), N * 0.8 * found, N * 0.8 * found * (1 - 0.8 * found))
    assert np.all(np.asarray(first.steps["up"]) == 0)
    assert np.all(np.asarray(second.steps["in"]) == 0)
    agrees(np.asarray(second.steps["up"]), N * 0.4 * found, N * 0.4 * found * (1 - 0.4 * found))
    assert np.all(np.asarray(second.steps["up"]) <= np.asarray(first.steps["in"]))
    assert np.array_equal(value(w, "x"), np.asarray(first.steps["in"]))
    assert abs(z_of_mean(value(w, "average"), 1.2)) < LIMIT


# ------------------------------------------------------------------------------------------------ what is needed
def test_people_who_had_what_is_needed_are_those_counted() -> None:
    """Half of 80 get a lease; of those 90 % keep it, by themselves 60 %."""
    two = (
        "{lease: {type: event, better: more, over: 6 months, with: 50 %},"
        " kept: {type: event, better: more, over: 1 year, without: 60 %, with: 90 %, needs: lease}}"
    )
    w = evaluated(
        "x: {of: kept, as: improvement, comparison: {rct: 100 000 000}}, n: {of: kept, as: total, follow_up: 1 year}",
        two,
    )
    assert abs(z_of_mean(value(w, "n"), N * 0.45, math.sqrt(N * 0.45 * 0.55))) < LIMIT
    assert abs(z_of_mean(value(w, "x"), 0.3)) < LIMIT
    assert abs(z_of_mean(np.asarray(w.reports["x"][0].counted), N / 2, math.sqrt(N) / 2)) < LIMIT


def test_two_cohorts_that_can_have_different_things_are_counted_together() -> None:
    """Exams of girls and of boys: 10 and 30 people; both totals in one."""
    two = (
        "{girls pass: {type: event, better: more, over: 1 year, with: 100 %, cohorts: [girls]},"
        " boys pass: {type: event, better: more, over: 1 year, with: 100 %, cohorts: [boys]}}"
    )
    people = "{cohorts: {girls: {size: 10}, boys: {size: 30}}}"
    w = evaluated(
        "x: {of: [girls pass, boys pass], as: total, follow_up: 1 year}, y: {of: girls pass, as: average}", two, people
    )
    assert np.all(value(w, "x") == 40)
    assert np.all(np.asarray(w.reports["x"][0].counted) == 40)
    assert np.all(value(w, "y") == 1)
    assert np.all(np.asarray(w.reports["y"][0].people) == 10)


# ------------------------------------------------------------------------------------------------ begins
def test_a_follow_up_ends_with_the_outcome_that_begins_later() -> None:
    """Counted from month 6 for a year: the report comes after 18 months, and half of it after 12."""
    text = EVENT.replace("over: 1 year", "begins: 6 months, over: 1 year")
    terms = "of: relapse, as: improvement, comparison: {rct: 150}"
    w = evaluated(f"x: {{{terms}}}, half: {{{terms}, follow_up: 12 months}}", text)
    assert [r.column for r in w.reports["x"]] == [6]
    assert [r.column for r in w.reports["half"]] == [4]
    agrees(value(w, "x"), P0 - P1, P1 * (1 - P1) / N + P0 * (1 - P0) / 150)
    a, b = 1 - math.sqrt(1 - P1), 1 - math.sqrt(1 - P0)
    agrees(value(w, "half"), b - a, a * (1 - a) / N + b * (1 - b) / 150)


def test_chance_of_a_false_alarm_with_a_trend() -> None:
    """Nothing works, but it falls by 10 % a year by itself: against four years ago it looks like 34 % less."""
    text = "{relapse: {type: days, better: fewer, over: 1 year, without: 10, trend: -10 %, sd: 4}}"
    w = evaluated("x: {of: relapse, as: improvement, comparison: {historical: 80, years_before: 4}}", text)
    b = 10 / 0.9**4
    noise = 2 * 16 / 80
    agrees(value(w, "x"), b - 10, noise)
    chance = float(norm.sf((4 - (b - 10)) / math.sqrt(noise)))
    seen = value(w, "x") >= 4
    assert abs(z_of_mean(seen, chance, math.sqrt(chance * (1 - chance)))) < LIMIT


def test_what_is_needed_is_known_at_the_end_of_what_needs_it() -> None:
    """Counted over half a year of those who had something that takes a year, with no report that asks."""
    two = (
        "{lease: {type: event, better: more, over: 1 year, with: 100 %},"
        " kept: {type: event, better: more, over: 6 months, with: 100 %, needs: lease}}"
    )
    w = evaluated("x: {of: lease, as: total, follow_up: 1 year}", two)
    kept = next(t for t in w.truths if t.outcome.name == "kept")
    assert np.all(kept.total_happened() == N)
