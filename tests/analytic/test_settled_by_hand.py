"""What is known is paid, what is not is open and never zero: each worked out by hand, in years from 2020."""

from __future__ import annotations

from typing import Any

import pytest

from sibsim.replay import figure, settled, settlement_summary
from sibsim.report.settlement import in_words
from tests.support import deal, scenario

MEASURES = (
    "{m1: {of: result, as: average, reported: 2021-01}, m2: {of: result, as: average, reported: 2021-01}, "
    "late: {of: result, as: average, reported: 2022-01}}"
)
LOAN = "{tranches: {loan: {amount: 100, drawn: upfront}}, guarantees: {g: {by: guarantor, covers: [loan]}}}"
SPENT = "{service: {amount: 100, at: 2020-01}}"


def summary_of(**sections: str) -> dict[str, Any]:
    return settlement_summary(settled(scenario(deal(**({"measures": MEASURES} | sections)))))


def paid(summary: dict[str, Any]) -> list[tuple[str, str, float]]:
    return [(row["date"], row["payment"], pytest.approx(row["amount"])) for row in summary["payments"]]


def opened(summary: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    kinds = ("payment", "event", "guarantee")
    return [(o["date"], next(o[k] for k in kinds if k in o), o["waits_for"]) for o in summary["open"]]


def test_what_has_not_come_is_open_and_what_has_is_paid() -> None:
    contract = "{payments: {a: {measure: m1, per_unit: 3, to: provider}, b: {measure: m2, per_unit: 2, to: provider}}}"
    found = summary_of(contract=contract, actuals="{measures: {m2: 7}}")
    assert paid(found) == [("2021-01", "b", 14)]
    assert opened(found) == [("2021-01", "a", ["m1"])]
    assert found["is_open"]
    assert figure(found, "payments.a") is None  # not known is not 0
    assert figure(found, "total_paid") == 14


def test_the_rest_of_what_is_open_is_open_too_and_waits_for_the_report_behind_it() -> None:
    contract = (
        "{payments: {a: {measure: m1, per_unit: 3, cap: 10, to: provider}, "
        "b: {measure: m2, per_unit: 2, rest_of: a, to: provider}}}"
    )
    found = summary_of(contract=contract, actuals="{measures: {m2: 7}}")
    assert paid(found) == []
    assert opened(found) == [("2021-01", "a", ["m1"]), ("2021-01", "b", ["m1"])]


def test_what_hangs_on_an_open_payment_is_open_too() -> None:
    contract = (
        "{payments: {a: {measure: late, per_unit: 3, to: provider}, c: {measure: a, share: 10 %, to: provider}, "
        "b: {amount: 5, at: [2021-01, 2023-01], to: provider, if: {a: above 0}}}}"
    )
    found = summary_of(contract=contract, actuals="{measures: {m1: 7}}")
    assert paid(found) == []  # in 2021 a had paid nothing yet
    assert opened(found) == [("2022-01", "a", ["late"]), ("2022-01", "c", ["late"]), ("2023-01", "b", ["late"])]


STOP = "{ev: {at: [2022-01, 2023-01], if: {late: above 2}, stops: payments}}"
FEES = "{payments: {a: {amount: 3, at: ev, to: provider}, b: {amount: 5, at: [2021-01, 2023-01], to: provider}}}"


def test_an_event_that_waits_for_a_report_is_open_and_so_is_what_falls_due_with_it() -> None:
    found = summary_of(contract=FEES, events=STOP)
    assert opened(found) == [("2022-01", "ev", ["late"]), ("2022-01", "a", ["late"]), ("2023-01", "b", ["late"])]
    assert "it is not known whether 'ev' happened" in found["warnings"][0]


@pytest.mark.parametrize(
    ("late", "rows"), [(7, [(2021, "b", 5), (2022, "a", 3)]), (1, [(2021, "b", 5), (2023, "b", 5)])]
)
def test_when_the_report_comes_the_event_is_decided(late: float, rows: list[tuple[int, str, float]]) -> None:
    found = summary_of(contract=FEES, events=STOP, actuals=f"{{measures: {{late: {late}}}}}")
    assert paid(found) == [(f"{year}-01", name, amount) for year, name, amount in rows]
    assert opened(found) == []


def test_a_guarantee_is_not_called_as_long_as_something_is_open() -> None:
    contract = "{payments: {a: {measure: m1, per_unit: 3}, b: {measure: late, per_unit: 3}}}"
    found = summary_of(contract=contract, costs=SPENT, finance=LOAN, actuals="{measures: {m1: 20}}")
    assert opened(found)[-1] == ("2022-01", "g", ["late"])
    assert found["guarantees"]["g"] == {"by": "guarantor", "is_open": True, "called": None}
    assert figure(found, "guarantees.g") is None
    assert found["tranches"]["loan"]["loss"] == 40  # so far
    found = summary_of(contract=contract, costs=SPENT, finance=LOAN, actuals="{measures: {m1: 20, late: 5}}")
    assert found["guarantees"]["g"]["called"] == 25
    assert found["tranches"]["loan"]["loss"] == 0
    assert not found["is_open"]


def test_return_loss_and_multiple_by_the_rules_of_a_simulation() -> None:
    contract = "{payments: {a: {measure: late, per_unit: 1}}}"
    loan = "{tranches: {loan: {amount: 100, drawn: upfront}, other: {amount: 50, rank: 2, by: lender}}}"
    found = summary_of(contract=contract, costs=SPENT, finance=loan, actuals="{measures: {late: 121}}")
    one, other = found["tranches"]["loan"], found["tranches"]["other"]
    assert one["irr"] == pytest.approx(0.1)
    assert one["moic"] == pytest.approx(1.21)
    assert one["bond_equivalent_yield"] == pytest.approx(2 * (1.1**0.5 - 1))
    assert (other["drawn"], other["irr"], other["moic"], other["loss_share"]) == (0, None, None, None)
    assert found["tranches"]["all"]["irr"] == pytest.approx(0.1)
    found = summary_of(contract=contract, costs=SPENT, finance=loan, actuals="{measures: {late: 0}}")
    one = found["tranches"]["loan"]
    assert (one["irr"], one["moic"], one["loss"], one["loss_share"]) == (-1, 0, 100, 1)
    assert found["account"][-1]["outstanding"] == {"loan": 100, "other": 0}  # never repaid


def test_money_drawn_beforehand_for_costs_that_nobody_named_is_not_left_over() -> None:
    """Only the payment comes back: 110 of 100 lent, not the 100 as well, which were spent on an unknown day."""
    found = summary_of(
        participants="{size: 10}",
        contract="{payments: {a: {measure: late, per_unit: 1}}}",
        costs="{service: {amount: 9, per: starter}}",
        finance="{tranches: {loan: {amount: 100, drawn: upfront}}}",
        actuals="{measures: {late: 110}}",
    )
    assert found["tranches"]["loan"]["received"] == pytest.approx(110)
    assert found["parties"]["provider"]["net"] == pytest.approx(100)
    assert "'service' came to is not known" in found["warnings"][0]


def test_money_back_is_a_row_below_0_and_counts_in_what_a_payer_paid_net() -> None:
    contract = (
        "{payments: {fee: {amount: 60, at: 2021-01, to: provider}, "
        "collar: {measure: late, steps: [[otherwise, -25], [10, 40]], to: provider}}}"
    )
    found = summary_of(contract=contract, actuals="{measures: {late: 3}}")
    assert paid(found) == [("2021-01", "fee", 60), ("2022-01", "collar", -25)]
    assert found["payers"]["payer"] == {"paid": 60, "came_back": 25, "net": 35}
    assert figure(found, "payers.payer") == 35
    assert figure(found, "total_paid") == 35


def test_each_cohort_has_its_row_and_its_part_of_a_cap() -> None:
    found = summary_of(
        participants="{cohorts: {a: {size: 1}, b: {size: 1}, c: {size: 1}}}",
        measures="{each: {of: result, as: average, for_each: cohort, reported: 2022-01}}",
        contract="{payments: {p: {measure: each, per_unit: 10, cap: 90, to: provider, by: {city: 40 %, payer: rest}}}}",
        actuals="{measures: {each: {a: 8, b: 4}}}",
    )
    rows = [(r["cohort"], r["payer"], pytest.approx(r["amount"])) for r in found["payments"]]
    assert rows == [("a", "city", 24), ("a", "payer", 36), ("b", "city", 12), ("b", "payer", 18)]
    assert [(o["payment"], o["cohort"]) for o in found["open"]] == [("p", "c")]
    assert figure(found, "payments.p.a") == pytest.approx(60)
    assert "'p' pays" in found["warnings"][0]
    assert "may change" in found["warnings"][0]  # c would share in the cap


def test_paths_that_lead_nowhere() -> None:
    found = summary_of(
        contract="{payments: {a: {measure: m1, per_unit: 3, to: provider}}}", actuals="{measures: {m1: 2}}"
    )
    for path in ("tranches.loan.irr", "payers", "measures.nothing", "total_paid.more", "scenario.title", "nothing"):
        with pytest.raises(KeyError):
            figure(found, path)
    assert figure(found, "measures.m1") == 2
    assert figure(found, "measures.m2") is None


def test_what_is_open_is_told_as_open_and_not_as_nothing() -> None:
    found = in_words(summary_of(contract=FEES, events=STOP))
    told = [f"{one['date']} {one['subject']}: {one['text']}" for one in found["trace"]]
    assert "2022-01 ev: open: it waits for 'late'" in told
    assert "2022-01 a: open: it waits for 'late'" in told
    assert not any("nothing is due" in line or "does not happen" in line for line in told)
    assert len(told) == len(set(told))  # an event that stays open is told once


def test_what_a_loan_lacks_so_far_is_not_told_as_never_repaid() -> None:
    contract = "{payments: {a: {measure: late, per_unit: 3}}}"
    found = in_words(summary_of(contract=contract, costs=SPENT, finance=LOAN))
    assert not any("never repaid" in one["text"] for one in found["trace"])
    found = in_words(
        summary_of(
            contract=contract,
            costs=SPENT,
            finance=LOAN.replace("covers: [loan]", "covers: [loan], share: 50 %"),
            actuals="{measures: {late: 5}}",
        )
    )
    assert any("never repaid" in one["text"] for one in found["trace"])
