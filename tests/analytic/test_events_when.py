"""When events happen: dates, chances, conditions on what is known that day. Money by hand; columns are years."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.simulate import Future
from tests.support import HEAD, LIMIT, deal, moved, run, world

NEVER = 1 << 30
QUARTERS = HEAD.replace("step: year", "step: quarter")
BONUS = "bonus: {amount: 100, at: stop, to: provider}"


def when(text: str, event: str = "stop", replicates: int = 16) -> np.ndarray:
    """The column of an event in each draw; -1 where it never happens."""
    w: Future = world(text, replicates=replicates)
    assert w.settlement.events is not None
    columns = w.settlement.events.when[event]
    return np.where(columns == NEVER, -1, columns)


def contract(event: str, *payments: str, head: str = HEAD, **sections: str) -> str:
    return deal(
        head, contract=f"{{payments: {{{', '.join((BONUS, *payments))}}}}}", events=f"{{stop: {event}}}", **sections
    )


# ------------------------------------------------------------------------------------------------ chances
@pytest.mark.key("events.at", "events.chance", "payments.at")
@pytest.mark.parametrize(("chance", "paid"), [("100 %", 100.0), ("0 %", 0.0)])
def test_a_certain_event_moves_its_money_and_an_impossible_one_none(chance: str, paid: float) -> None:
    r = run(contract(f"{{at: 2022-01, chance: {chance}}}"))
    assert moved(r).get(("bonus", "payer", "provider"), {}) == ({2: paid} if paid else {})
    assert r.metric("payer", "outcome_payments").min() == r.metric("payer", "outcome_payments").max() == paid
    assert r.summary()["events"]["stop"]["chance"]["value"] == paid / 100


@pytest.mark.key("events.chance")
def test_a_chance_is_that_of_each_date_and_it_happens_once() -> None:
    text = contract("{at: {every: year, from: 2021-01, until: 2023-01}, chance: 30 %}")
    columns, n = when(text), 16 * 1024
    for column, share in ((1, 0.3), (2, 0.7 * 0.3), (3, 0.7**2 * 0.3), (-1, 0.7**3)):
        assert abs(np.mean(columns == column) - share) < LIMIT * math.sqrt(share * (1 - share) / n)
    r = run(text, n_draws=n)
    assert np.array_equal(np.unique(r.metric("payer", "outcome_payments")), [0.0, 100.0])  # never twice
    assert np.mean(r.metric("payer", "outcome_payments")) == pytest.approx(100 * np.mean(columns > 0))


@pytest.mark.key("events.chance_per_year", "events.from", "events.until")
@pytest.mark.parametrize(("head", "step_years"), [(HEAD, 1.0), (QUARTERS, 0.25)], ids=["years", "quarters"])
def test_a_yearly_chance_is_an_even_hazard_between_two_dates(head: str, step_years: float) -> None:
    columns = when(contract("{chance_per_year: 20 %, from: 2021-01, until: 2023-01}", head=head))
    first, last, n = round(1 / step_years), round(3 / step_years), len(columns)
    assert set(np.unique(columns)) == {-1, *range(first, last + 1)}
    for column in (first, (first + last) // 2, last):
        share = 1 - 0.8 ** ((column - first + 1) * step_years)  # both ends count
        assert abs(np.mean((columns >= 0) & (columns <= column)) - share) < LIMIT * math.sqrt(share * (1 - share) / n)


def test_without_from_and_until_a_yearly_chance_runs_from_start_to_the_last_date() -> None:
    columns = when(contract("{chance_per_year: 50 %}", "last: {amount: 1, at: 2024-01, to: provider}"))
    assert set(np.unique(columns)) == {-1, 0, 1, 2, 3, 4}


def test_a_chance_keeps_its_luck_when_it_rises() -> None:
    some, more = (when(contract(f"{{at: 2022-01, chance: {c} %}}"), replicates=4) for c in (30, 50))
    assert np.all(more[some > 0] > 0)


@pytest.mark.key("events.chance")
def test_an_uncertain_chance_is_that_of_each_future() -> None:
    columns = when(contract("{at: 2022-01, chance: risk}", inputs="{risk: {discrete: [[0 %, 0.5], [100 %, 0.5]]}}"))
    assert abs(np.mean(columns > 0) - 0.5) < 0.01  # half the futures have a chance of 100 %


# ------------------------------------------------------------------------------------------------ conditions
X = "{x: {of: result, as: average, reported: [2021-01, 2023-01]}, y: {of: result, as: average}}"  # both are 10


@pytest.mark.key("events.if")
@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        ("at least 10", True), ("at least 10.1", False), ("above 10", False), ("above 9.9", True),
        ("below 10", False), ("below 10.1", True), ("at most 10", True), ("at most 9.9", False),
        ("at least y", True), ("above y", False),
    ],
)  # fmt: skip
def test_every_comparison_of_a_condition(comparison: str, holds: bool) -> None:
    r = run(contract(f"{{at: 2022-01, if: {{x: {comparison}}}}}", measures=X))
    assert r.metric("payer", "outcome_payments")[0] == (100 if holds else 0)


@pytest.mark.key("events.if")
def test_only_an_if_happens_on_the_first_day_on_which_it_holds() -> None:
    fees = "fee: {amount: 50, at: [2021-01, 2022-01, 2023-01, 2024-01]}"
    # paid before that day: 50 in 2022, 100 in 2023
    assert set(when(contract("{if: {fee: at least 100}}", fees.replace("}", ", to: provider}")))) == {3}
    assert set(when(contract("{if: {fee: at least 100}, from: 2024-01}", fees.replace("}", ", to: provider}")))) == {4}
    assert set(when(contract("{if: {fee: at least 100}, until: 2022-01}", fees.replace("}", ", to: provider}")))) == {
        -1
    }


def test_a_report_counts_on_its_own_day_and_not_before() -> None:
    at = "{at: {every: year, from: 2020-01, until: 2024-01}, if: {x: at least 10}}"
    assert set(when(contract(at, measures="{x: {of: result, as: average, reported: 2022-01}}"))) == {2}
    assert set(when(contract("{at: 2021-01, if: {x: at least 10}}", measures=X))) == {1}
    late = contract("{at: 2021-01, if: {x: at least 10}}", measures="{x: {of: result, as: average, reported: 2022-01}}")
    assert set(when(late)) == {-1}  # what is known only later is not met


def test_all_lines_of_a_mapping_and_any_of_a_list() -> None:
    assert set(when(contract("{at: 2022-01, if: {x: at least 10, y: above 10}}", measures=X))) == {-1}
    assert set(when(contract("{at: 2022-01, if: [{x: at least 10}, {y: above 10}]}", measures=X))) == {2}


@pytest.mark.key("events.if", "payments.if")
def test_events_depend_on_each_other_in_file_order() -> None:
    events = (
        "{first: {at: 2022-01, if: {second: happened}}, second: {at: 2022-01}, "
        "third: {at: 2022-01, if: {second: happened, first: not happened}}}"
    )
    payments = (
        "a: {amount: 1, at: 2022-01, if: {first: happened}}, b: {amount: 10, at: 2022-01, if: {third: happened}}, "
        "c: {amount: 100, at: 2021-01, if: {second: happened}}, "
        "d: {amount: 1000, at: 2021-01, if: {second: not happened}}"
    )
    r = run(deal(contract=f"{{payments: {{{payments}}}}}", events=events))
    # the second comes later in the file than the first, which cannot know of it; the third does
    assert r.metric("payer", "outcome_payments")[0] == 1010


@pytest.mark.parametrize(("share", "column"), [("at least 50 %", -1), ("at most 100 %", 2)])
def test_a_condition_on_a_measure_of_each_cohort_asks_for_all(share: str, column: int) -> None:
    people = "{size: 10, duration: 1 year, cohorts: {a: {dropout: 0 %}, b: {dropout: 100 %}}}"  # 100 % and 0 % complete
    measures = "{done: {of: completions, as: average, for_each: cohort, reported: 2022-01}}"
    text = contract(f"{{at: 2022-01, if: {{done: {share}}}}}", participants=people, measures=measures)
    assert set(when(text)) == {column}


def test_the_summary_says_when_and_how_often() -> None:
    r = run(contract("{at: [2021-01, 2022-01, 2023-01], chance: 50 %}"), n_draws=16384)
    columns, event = when(contract("{at: [2021-01, 2022-01, 2023-01], chance: 50 %}")), r.summary()["events"]["stop"]
    assert event["chance"]["count"] == np.count_nonzero(columns > 0)
    assert event["by_year"] == [{"year": 2020 + c, "value": np.mean(columns == c)} for c in (1, 2, 3)]
    # 4, 2 and 1 of 7: the median is the first date
    assert (event["median_date"], event["mean_date"][:4]) == ("2021-01-01", "2021")
