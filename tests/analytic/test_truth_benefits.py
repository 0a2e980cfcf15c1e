"""What an improvement is worth, and when: how it lasts, from and until which age. All by hand, without chance.

The event strikes everybody without the programme (100 %) in the case of certainty; a share between is read on average.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from tests.support import HEAD, LIMIT, deal, run, scenario, world, z_of_mean

LONG = HEAD + "horizon: 10 years\n"
EVENT = "type: event, each: cohort, better: fewer, over: 2 years, without: 100 %, with: 0 %"
DAYS = "type: days, each: cohort, better: fewer, over: 2 years, without: 300, with: 200"
POINTS = "type: score, each: cohort, better: more, over: 2 years, without: 0, with: 5"


def saved(
    outcome: str, benefit: str, head: str = LONG, participants: str = "none", party: str = "payer"
) -> list[float]:
    """What is booked each year from 2020, on average."""
    text = deal(
        head,
        outcomes=f"{{x: {{{outcome}}}}}",
        measures="none",
        participants=participants,
        benefits=f"{{b: {{of: x, kind: cashable, {benefit}}}}}",
    )
    rows = run(text).summary()["yearly"]
    return [row["parties"][party]["cashable_benefit"]["mean"] for row in rows]


def about(*amounts: float) -> object:
    """These amounts, then nothing."""
    return pytest.approx([*amounts, *[0.0] * (11 - len(amounts))], abs=1e-6)


# ------------------------------------------------------------------------------------------------ lasts
@pytest.mark.key("outcomes.lasts", "benefits.worth", "benefits.of", "benefits.kind")
@pytest.mark.parametrize(
    ("lasts", "after"),
    [
        ("", []),
        (", lasts: 18 months", [50, 25]),
        (", lasts: always", [50] * 8),
        (", lasts: {half_life: 1 year}", [50 / math.log(2) * 0.5**k for k in range(1, 9)]),
        (", lasts: {to_zero: 2 years}", [50 * 0.75, 50 * 0.25]),
        (", lasts: {table: [[0 years, 100 %], [1 year, 60 %], [3 years, 0 %]]}", [50 * 0.8, 50 * 0.45, 50 * 0.15]),
    ],
)
def test_days_go_on_at_their_yearly_size(lasts: str, after: list[float]) -> None:
    """100 days less in two years: 50 a year, at 2 each; then 50 a year times the mean share that stands in the year.

    Half-life: the mean of 0.5 ** t over year k is (0.5 ** (k - 1) - 0.5 ** k) / ln 2 = 0.5 ** k / ln 2.
    """
    assert saved(DAYS + lasts, "worth: 2") == about(*(2 * days for days in (0, 50, 50, *after)))


@pytest.mark.key("lasts.half_life", "lasts.to_zero", "lasts.table", "benefits.per")
@pytest.mark.parametrize(
    ("lasts", "standing"),
    [
        ("18 months", [1, 1, 0]),
        ("always", [1] * 9),
        ("{half_life: 1 year}", [0.5**k for k in range(9)]),
        ("{to_zero: 4 years}", [1, 0.75, 0.5, 0.25, 0]),
        ("{table: [[0 years, 100 %], [1 year, 60 %], [3 years, 0 %]]}", [1, 0.6, 0.3, 0]),
    ],
)
def test_points_stand_by_the_share_that_lasts(lasts: str, standing: list[float]) -> None:
    """5 points at the end of year two, at 3 a point and year: the mean of what stands at both ends of each year."""
    stands = [0.0, 0.0, *standing, *[0.0] * 9][:11]
    expected = [0.0, *(15 * (a + b) / 2 for a, b in itertools.pairwise(stands))]
    assert saved(f"{POINTS}, lasts: {lasts}", "worth: 3, per: year") == about(*expected)


def test_an_avoided_event_stays_avoided_by_that_share() -> None:
    """Of one certain event, 1 - 1e-15 comes by two years; half of its avoidance is left after a year."""
    expected = [0, 0.5 * 1, 1, *(0.75 * 0.5**k for k in range(8))]
    got = saved(f"{EVENT}, lasts: {{half_life: 1 year}}", "worth: 8, per: year")
    assert got[3:] == pytest.approx([8 * x for x in expected[3:]])


@pytest.mark.parametrize("kind", ["count", "days", "money"])
def test_the_luck_of_people_lasts_too(kind: str) -> None:
    """In each draw: what was avoided in two years, and half as much again in the year after."""
    text = deal(
        LONG,
        outcomes=f"{{x: {{type: {kind}, better: fewer, over: 2 years, without: 60, with: 40, sd: 20, lasts: 1 year}}}}",
        measures="none",
        participants="{size: 20}",
        benefits="{b: {of: x, kind: cashable, worth: 7}}",
    )
    w = world(text, replicates=8)
    booked = sum(np.asarray(a) for a in w.benefits[0].amounts.values())
    assert np.allclose(booked, 7 * 1.5 * (20 * 60 - w.truths[0].total_happened()))


# ------------------------------------------------------------------------------------------------ from and until
@pytest.mark.key("benefits.from", "benefits.until")
@pytest.mark.parametrize(
    ("outcome", "when", "expected"),
    [
        # days: only those of the ages between (100 a year is 50 days at 2)
        (f"{DAYS}, lasts: always", "from: 1 year", [0, 0, *[100] * 9]),
        (f"{DAYS}, lasts: always", "from: 18 months, until: 4 years", [0, 0, 50, 100, 100]),
        (f"{DAYS}, lasts: always", "until: 30 months", [0, 100, 100, 50]),
        (f"{DAYS}, lasts: {{to_zero: 4 years}}", "from: 5 years", [0, 0, 0, 0, 0, 0, 100 * 0.125]),
        # points, at 2 each: all that still stands when the person reaches that age, once
        (f"{POINTS}, lasts: always", "from: 4 years", [0, 0, 0, 0, 10]),
        (f"{POINTS}, lasts: {{to_zero: 4 years}}", "from: 3 years", [0, 0, 0, 7.5]),
        (f"{POINTS}, lasts: always", "from: 42 months", [0, 0, 0, 0, 10]),
        (f"{POINTS}, lasts: always", "from: 1 year", [0, 0, 10]),
        (POINTS, "from: 2 years", [0, 0, 10]),
        (f"{POINTS}, lasts: always", "until: 18 months", []),
    ],
)
def test_a_unit_between_two_ages(outcome: str, when: str, expected: list[float]) -> None:
    assert saved(outcome, f"worth: 2, {when}") == about(*expected)


@pytest.mark.key("benefits.from", "benefits.until")
@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("from: 3 years", [0, 0, 0, 0, *[10] * 7]),
        ("from: 3 years, until: 5 years", [0, 0, 0, 0, 10, 10]),
        ("from: 42 months, until: 57 months", [0, 0, 0, 0, 5, 7.5]),
    ],
)
def test_a_year_between_two_ages(when: str, expected: list[float]) -> None:
    """5 points at 2 a year from the age of two on, counted only between the ages."""
    assert saved(f"{POINTS}, lasts: always", f"worth: 2, per: year, {when}") == about(*expected)


def test_an_age_is_counted_from_each_persons_own_start() -> None:
    """Two halves that start a year apart reach the age of four a year apart."""
    outcome = "type: score, better: more, over: 2 years, without: 0, with: 5, sd: 0, lasts: always"
    got = saved(outcome, "worth: 2, from: 4 years", participants="{size: 6, intake: 2 years}")
    assert got == about(0, 0, 0, 0, 30, 30)


@pytest.mark.key("benefits.from")
def test_avoided_events_that_still_stand_at_an_age() -> None:
    """1,000 people, 20 points fewer by two years; three quarters of that still stand at the age of four: 150 at 40."""
    people = "{size: 1 000}"
    outcome = "type: event, better: fewer, over: 2 years, without: 50 %, with: 30 %, lasts: {to_zero: 8 years}"
    text = deal(
        LONG,
        outcomes=f"{{x: {{{outcome}}}}}",
        measures="none",
        participants=people,
        benefits="{b: {of: x, kind: cashable, worth: 40, from: 4 years}}",
    )
    w = world(text)
    (column,) = w.benefits[0].amounts
    assert column == 4
    assert np.allclose(w.benefits[0].amounts[4], 40 * 0.75 * (500 - w.truths[0].total_happened()))
    assert abs(z_of_mean(w.benefits[0].amounts[4], 6_000)) < LIMIT


# ------------------------------------------------------------------------------------------------ the other keys
@pytest.mark.key("benefits.to", "benefits.share", "benefits.index", "benefits.worth")
def test_whose_budget_which_share_and_at_which_prices() -> None:
    """5 points at 100, of which 30 % are the city's, two years on at 10 % a year: 150 x 1.21."""
    got = saved(POINTS, "worth: 100, share: 30 %, index: 10 %, to: city", party="city")
    assert got == about(0, 0, 150 * 1.21)


@pytest.mark.key("benefits.worth")
def test_money_is_worth_itself() -> None:
    outcome = "type: money, each: cohort, better: fewer, over: 2 years, without: 9 k, with: 7 k"
    assert saved(outcome, "share: 50 %") == about(0, 500, 500)


@pytest.mark.key("benefits.worth")
def test_an_improvement_may_cost_a_budget() -> None:
    """100 days fewer in two years: 50 a year save 30 each, and cost 12 each where wages replace sick pay."""
    text = deal(
        LONG,
        outcomes=f"{{x: {{{DAYS}}}}}",
        measures="none",
        participants="none",
        benefits="{b: {of: x, kind: cashable, worth: 30}, c: {of: x, kind: cashable, worth: -12}}",
    )
    rows = run(text).summary()["yearly"]
    got = [row["parties"]["payer"]["cashable_benefit"]["mean"] for row in rows]
    assert got == about(0, 50 * 18, 50 * 18)
    assert not [w for w in scenario(text).warnings if "below 0" in w]
    assert saved(DAYS, "worth: -12") == about(0, -600, -600)


@pytest.mark.parametrize(("worth", "is_told"), [("-12", True), ("0", False), ("{normal: {mean: -1, sd: 4}}", True)])
def test_a_result_that_only_costs_is_warned_of(worth: str, is_told: bool) -> None:
    text = deal(
        LONG,
        outcomes=f"{{x: {{{DAYS}}}}}",
        measures="none",
        participants="none",
        benefits=f"{{b: {{of: x, kind: cashable, worth: {worth}}}, c: {{of: x, to: city, kind: cashable, worth: 3}}}}",
    )
    assert any("the better the result, the more it costs" in w for w in scenario(text).warnings) == is_told


@pytest.mark.parametrize(
    ("horizon", "warning"),
    [
        ("4 years", "nobody reaches it before the 'horizon'"),
        ("66 months", "some arise until 6 years from the start"),
        ("6 years", ""),
    ],
)
def test_what_the_horizon_cuts_off_is_said(horizon: str, warning: str) -> None:
    """Two halves start a year apart and reach the age of five after five and six years."""
    text = deal(
        HEAD.replace("step: year", "step: month") + f"horizon: {horizon}\n",
        outcomes="{x: {type: score, better: more, over: 2 years, without: 0, with: 5, sd: 1, lasts: always}}",
        measures="none",
        participants="{cohorts: {c1: {size: 3}, c2: {size: 3, start: 2021-01}}}",
        benefits="{b: {of: x, kind: cashable, worth: 2, from: 5 years, index: 2 %}}",
    )
    told = [w for w in scenario(text).warnings if "horizon" in w and "figures" not in w]
    assert any(warning in w for w in told) == bool(warning)
    assert bool(told) == bool(warning)
