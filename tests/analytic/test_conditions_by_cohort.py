"""Conditions on what is reported or paid for each cohort: whose line it is, and who is left out of 'every cohort'."""

from __future__ import annotations

import pytest

from tests.patterns.hand import settle, simulate

HEAD = """sibsim: 1
title: Two tests
currency: GBP
start: 2020-01
step: year
parties: {payer: P, investor: I, provider: D}
participants: {cohorts: {c1: {size: 100}, c2: {size: 300, start: 2021-01}, c3: {size: 100, start: 2022-01 AFTER}}}
outcomes: {ill: {type: event, better: fewer, over: 1 year, without: 40 %, with: 30 %}}
measures:
  each: {of: ill, as: relative_improvement, comparison: {fixed: 40 %}, for_each: cohort}
  other: {of: ill, as: relative_improvement, comparison: {fixed: 40 %}, for_each: cohort}
  late: {of: ill, as: relative_improvement, comparison: {fixed: 40 %}, for_each: cohort, lag: 1 year}
  all: {of: ill, as: relative_improvement, comparison: {fixed: 40 %}, reported: 2025-01}
"""
HEAD = HEAD.replace("  all:", "  pooled:")


def file(payments: str, events: str = "", after: str = "") -> str:
    text = HEAD.replace(" AFTER", after) + f"contract: {{payments: {{{payments}}}}}\n"
    return text + (f"events: {{{events}}}\n" if events else "")


# ------------------------------------------------------------------------------------------------ paid for that cohort
FIRST = "first: {measure: each, steps: [[10 %, 100]]}"


def test_a_payment_for_each_cohort_asks_what_was_paid_for_that_cohort() -> None:
    """c1 passes its own test; c2 and c3 do not, and get the second chance; c1 does not get it again."""
    text = file(f"{FIRST}, second: {{measure: late, steps: [[5 %, 10]], if: {{first: at most 0}}}}")
    money = settle(text, "each: {c1: 12 %, c2: 8 %, c3: 9.9 %}, late: {c1: 12 %, c2: 8 %, c3: 4.9 %}")
    assert money.paid("first") == {"2021-01": 100.0}
    assert money.paid("second") == {"2023-01": 10.0}  # c2; c1 was paid for, c3 is below 5 %


def test_what_is_paid_for_it_that_same_day_counts_if_it_stands_before() -> None:
    second = "second: {measure: other, steps: [[5 %, 10]], if: {first: at most 0}}"
    came = "each: {c1: 12 %, c2: 8 %, c3: 9 %}, other: {c1: 12 %, c2: 8 %, c3: 9 %}"
    assert settle(file(f"{FIRST}, {second}"), came).paid("second") == {"2022-01": 10.0, "2023-01": 10.0}
    assert settle(file(f"{second}, {FIRST}"), came).total("second") == 30.0  # asked before it pays


def test_a_payment_of_all_together_asks_what_was_paid_in_all() -> None:
    pooled = "second: {measure: pooled, steps: [[5 %, 10]], if: {first: at most 0}}"
    came = "each: {c1: 12 %, c2: 8 %, c3: 9 %}, pooled: 9 %"
    assert settle(file(f"{FIRST}, {pooled}"), came).total("second") == 0.0
    assert settle(file(f"{FIRST}, {pooled}"), came.replace("12 %", "9.9 %")).total("second") == 10.0


def test_of_a_cap_in_all_each_cohort_has_had_its_part() -> None:
    """Both in one step's time: 100 are due for each of two cohorts on two dates; the cap of 150 leaves 50 for c2."""
    first = "first: {measure: each, steps: [[10 %, 100]], cap: 150}"
    second = "second: {measure: late, steps: [[0 %, 1]], if: {first: at least 100}}"
    third = "third: {measure: late, steps: [[0 %, 1]], if: {first: above 0}}"
    came = "each: {c1: 12 %, c2: 12 %, c3: 12 %}, late: {c1: 1 %, c2: 1 %, c3: 1 %}"
    money = settle(file(f"{first}, {second}, {third}"), came)
    assert money.paid("first") == {"2021-01": 100.0, "2022-01": 50.0}
    assert money.total("second") == 1.0  # c1
    assert money.total("third") == 2.0  # c1 and c2; nothing was left for c3


def test_it_is_open_only_for_the_cohort_whose_payment_is_open() -> None:
    """c2's own test is not reported yet: its second chance waits; those of c1 and c3 do not."""
    text = file(f"{FIRST}, second: {{measure: late, steps: [[5 %, 10]], if: {{first: at most 0}}}}")
    money = settle(text, "each: {c1: 9 %, c3: 9 %}, late: {c1: 9 %, c2: 9 %, c3: 9 %}")
    assert money.paid("second") == {"2022-01": 10.0, "2024-01": 10.0}


def test_a_simulation_pays_the_same() -> None:
    """30 % instead of 40 % in a world in which all have it or nobody: everybody is helped, all pass."""
    text = file(f"{FIRST}, second: {{measure: late, steps: [[5 %, 10]], if: {{first: at most 0}}}}")
    sure = simulate(text, "outcomes.ill.with=0 %")
    assert (sure.total("first"), sure.total("second")) == (300.0, 0.0)
    none = simulate(text, "outcomes.ill.with=100 %")
    assert (none.total("first"), none.total("second")) == (0.0, 0.0)


# ------------------------------------------------------------------------------------------------ every cohort
ALL = "p: {amount: 7, at: DATE, if: {each: at least 10 %}}"
CANCEL = "stop: {at: 2021-06, cancels: [c3]}"  # the column of 2022-01, when c3 was to begin


@pytest.mark.parametrize(
    ("c2", "date", "pays"), [("12 %", "2022-01", 7.0), ("10 %", "2022-01", 7.0), ("9.9 %", "2022-01", 0.0)]
)
def test_a_line_on_every_cohort_leaves_out_the_cancelled_one(c2: str, date: str, pays: float) -> None:
    text = file(ALL.replace("DATE", date), CANCEL)
    events = "{stop: 2022-01}"
    assert settle(text, f"each: {{c1: 12 %, c2: {c2}}}", events=events).total("p") == pays


def test_it_is_asked_as_long_as_it_is_not_cancelled() -> None:
    """On the day before the cancellation c3 is still to come, and has no report: the line does not hold."""
    text = file(ALL.replace("DATE", "[2022-01, 2023-01]"), "stop: {at: 2023-01, cancels: [c3]}")
    money = settle(text, "each: {c1: 12 %, c2: 12 %, c3: 12 %}", events="{stop: never}")
    assert money.paid("p") == {"2023-01": 7.0}  # c3's own report
    early = file(
        ALL.replace("DATE", "[2022-01, 2023-01]").replace("{each", "{other"), "stop: {at: 2022-01, cancels: [c3]}"
    )
    early = early.replace("c2: {size: 300, start: 2021-01}", "c2: {size: 300}")
    money = settle(early, "each: {c1: 12 %, c2: 12 %}, other: {c1: 12 %, c2: 12 %}", events="{stop: 2022-01}")
    assert money.paid("p") == {"2022-01": 7.0, "2023-01": 7.0}


@pytest.mark.parametrize(("more", "pays"), [("12 %", 7.0), ("8 %", 0.0)])
def test_a_cohort_that_never_came_is_left_out(more: str, pays: float) -> None:
    """c3 comes only if somebody else pays too; by its start in 2022 nobody does."""
    text = file(ALL.replace("DATE", "2023-01"), "payer: {at: 2021-01, chance: 50 %}", ", after: payer")
    text = text.replace("parties: {payer: P,", "parties: {p1: P,").replace("payer: {at", "further payer: {at")
    text = text.replace("after: payer", "after: further payer").replace("{amount: 7,", "{amount: 7, by: p1,")
    money = settle(text, f"each: {{c1: 12 %, c2: {more}}}", events="{further payer: never}")
    assert money.total("p") == pays
    came = settle(text, f"each: {{c1: 12 %, c2: {more}}}", events="{further payer: 2021-01}")
    assert came.total("p") == 0.0  # c3 is there, and its report is not


@pytest.mark.parametrize("stops", ["intake", "service", "everything"])
def test_a_cohort_that_a_stop_keeps_away_is_left_out(stops: str) -> None:
    date = "2022-01" if stops == "everything" else "2023-01"
    text = file(ALL.replace("DATE", date), f"stop: {{at: 2022-01, stops: {stops}}}")
    assert settle(text, "each: {c1: 12 %, c2: 12 %}", events="{stop: 2022-01}").total("p") == 7.0


def test_where_every_cohort_is_cancelled_the_line_does_not_hold() -> None:
    text = file(ALL.replace("DATE", "2023-01"), "stop: {at: 2020-01, cancels: [c1, c2, c3]}")
    assert settle(text, events="{stop: 2020-01}").total("p") == 0.0


def test_a_simulation_leaves_it_out_too() -> None:
    text = file(ALL.replace("DATE", "2022-01"), "stop: {at: 2022-01, cancels: [c3]}")
    assert simulate(text, "outcomes.ill.with=0 %").total("p") == 7.0
    without = file(ALL.replace("DATE", "2022-01"), "stop: {at: 2022-01, chance: 0 %, cancels: [c3]}")
    assert simulate(without, "outcomes.ill.with=0 %").total("p") == 0.0


def test_two_measures_are_compared_cohort_by_cohort() -> None:
    """c1 has 12 against 10, c2 8 against 9: together they are not all better."""
    text = file("p: {amount: 7, at: 2023-01, if: {each: above other}}")
    came = "each: {c1: 12 %, c2: 8 %, c3: 8 %}, other: {c1: 10 %, c2: OTHER, c3: 7 %}"
    assert settle(text, came.replace("OTHER", "9 %")).total("p") == 0.0
    assert settle(text, came.replace("OTHER", "7 %")).total("p") == 7.0
