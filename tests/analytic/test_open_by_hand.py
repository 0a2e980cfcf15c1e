"""What is open because of something else that is: sums that are shared, stops, caps, draws; and what is decided yet."""

from __future__ import annotations

from typing import Any

import pytest

from sibsim.replay import settled, settlement_summary
from tests.support import scenario

HEAD = """\
sibsim: 1
title: What is open
currency: EUR
start: 2014-01
step: year
parties: {payer: A town, investor: L, state: STATE, provider: A charity}
PEOPLE
measures:
  look: {as: average, unit: percent, reported: 2015-01}
  n: {as: total, reported: [2014-01, 2015-01, 2016-01, 2017-01]}
  late: {as: total, reported: cut}
  each: {as: relative_improvement, for_each: cohort, reported: 2016-01}
costs: {service: {amount: 1 000}}
events: {cut: {at: 2016-01, if: {look: below 5 %}, stops: [STOPS]}}
"""
PEOPLE = "participants: {cohorts: {a: {size: 100}, b: {size: 200}, c: {size: 50}}}"
UPFRONT = "{tranches: {one: {amount: 1 000, drawn: upfront}}}"
COUNTS = "n: {2014-01: 1, 2015-01: 2, 2016-01: 3, 2017-01: 4}"


def of(
    contract: str,
    more: str = "",
    finance: str = UPFRONT,
    stops: str = "intake",
    state: str = "S",
    counts: str = COUNTS,
    head: str = HEAD,
) -> dict[str, Any]:
    text = head.replace("STATE", state).replace("PEOPLE", PEOPLE).replace("STOPS", stops)
    actuals = f"actuals: {{measures: {{{counts}{more}}}}}"
    text += f"contract: {{{contract}}}\nfinance: {finance}\n{actuals}\n"
    return settlement_summary(settled(scenario(text)))


def paid(found: dict[str, Any]) -> list[tuple[str, str, float]]:
    return [(row["payment"], row["date"][:4], pytest.approx(row["amount"])) for row in found["payments"]]


def opened(found: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(row["payment"], row["date"][:4], row["cohort"]) for row in found["open"] if "payment" in row]


def test_the_parts_of_a_sum_are_open_as_long_as_another_may_share_it() -> None:
    terms = "payments: {p: {measure: each, amount: 900, split: size among met, if: {each: at least 10 %}}}"
    some = of(terms, ", each: {a: 5 %, c: 12 %}")
    assert (paid(some), opened(some)) == ([], [("p", "2016", "b"), ("p", "2016", "c")])
    whole = of(terms, ", each: {a: 5 %, b: 10 %, c: 12 %}")
    assert (paid(whole), opened(whole)) == ([("p", "2016", 720), ("p", "2016", 180)], [])


TWO = "{tranches: {one: {amount: 1 000, drawn: upfront}, two: {amount: 400, drawn: {2016-01: 400}, %s}}}"


@pytest.mark.parametrize("opens", ["if: {look: at least 5 %}", "after: cut"])
def test_what_is_a_percent_of_draws_that_are_open_is_open_from_then_on(opens: str) -> None:
    terms = "payments: {p: {amount: 10 %, of: drawn, at: [2015-01, 2017-01]}, q: {amount: 5, at: 2017-01}}"
    found = of(terms, finance=TWO % opens)
    assert (paid(found), opened(found)) == ([("p", "2015", 100), ("q", "2017", 5)], [("p", "2017", None)])


@pytest.mark.parametrize(
    ("cap", "by", "state"),
    [
        (", cap: {total: {2014-01: 80, cut: 55}}", "state", "S"),
        ("", "state", "{name: S, pays_at_most: {2014-01: 80, cut: 55}}"),
    ],
)
def test_a_limit_that_an_open_event_amends_leaves_open_what_it_binds(cap: str, by: str, state: str) -> None:
    found = of(f"payments: {{p: {{measure: n, per_unit: 10, by: {by}}}}}{cap}", state=state)
    assert paid(found) == [("p", "2014", 10), ("p", "2015", 20)]
    assert opened(found) == [("p", "2016", None), ("p", "2017", None)]


@pytest.mark.parametrize("stops", ["payments", "everything"])
def test_after_a_stop_that_is_open_payments_are_open_but_not_those_of_its_day(stops: str) -> None:
    found = of("payments: {p: {measure: n, per_unit: 10}}", stops=stops)
    assert paid(found) == [("p", "2014", 10), ("p", "2015", 20), ("p", "2016", 30)]
    assert opened(found) == [("p", "2017", None)]


def test_a_report_on_the_day_of_an_open_event_is_not_known() -> None:
    found = of("payments: {p: {measure: late, per_unit: 10}, q: {amount: 1, at: 2017-01, if: {late: at least 1}}}")
    assert (paid(found), opened(found)) == ([], [("p", "2016", None), ("q", "2017", None)])


@pytest.mark.parametrize(("reading", "is_open"), [("5 %", False), ("10 %", True)])
def test_a_condition_on_all_cohorts_fails_by_one_of_them(reading: str, is_open: bool) -> None:
    found = of("payments: {p: {amount: 5, at: 2016-01, if: {each: at least 10 %}}}", f", each: {{a: {reading}}}")
    assert (paid(found), bool(opened(found))) == ([], is_open)


@pytest.mark.parametrize(
    ("line", "pays", "is_open"),
    [
        ("at least 50", 5, False),
        ("above 49", 5, False),
        ("above 50", 0, True),
        ("at most 49", 0, False),
        ("below 50", 0, False),
        ("at most 50", 0, True),
    ],
)
def test_what_has_been_paid_decides_a_condition_that_more_cannot_change(line: str, pays: float, is_open: bool) -> None:
    """25 has been paid twice; what the report of 2016 brings can only make it more."""
    bonus = f"t: {{amount: 5, at: 2017-01, if: {{s: {line}}}}}"
    counts = "n: {2014-01: 1, 2015-01: 1, 2017-01: 0}"
    found = of(f"payments: {{s: {{measure: n, per_unit: 25}}, {bonus}}}", counts=counts)
    assert [row for row in paid(found) if row[0] == "t"] == ([("t", "2017", pays)] if pays else [])
    assert ("t", "2017", None) in opened(found) if is_open else opened(found) == [("s", "2016", None)]


@pytest.mark.parametrize(("last", "back"), [(90, [("p", "2017", -100)]), (100, [])])
def test_a_report_that_is_missing_is_warned_of_also_where_nothing_comes_of_the_next(
    last: float, back: list[tuple[str, str, float]]
) -> None:
    text = HEAD.replace("n: {as: total,", "n: {as: total, covers: to date,")
    found = of(
        "payments: {p: {measure: n, per_unit: 10, cumulative: true, to: provider}}",
        counts=f"n: {{2014-01: 0, 2015-01: 100, 2017-01: {last}}}, look: 10 %",
        head=text,
    )
    assert paid(found) == [("p", "2015", 1000), *back]
    assert "from 2016-01 on something is open: what 'p' pays" in found["warnings"][0]
