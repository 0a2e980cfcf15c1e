"""A stop of everything settles the contract, in those futures and on that day. Columns are years."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import books, check_books, deal, flow, moved, run

FEES = "{payments: {p: {amount: 20, at: [2021-01, 2022-01, 2023-01]}}}"


@pytest.mark.key("events.stops", "finance.recycle")
def test_a_stop_of_everything_distributes_what_there_is_and_calls_guarantees() -> None:
    text = deal(
        contract=FEES,
        costs="{c: {amount: 90, over: 3 years}, dated: {amount: 4, at: [2021-01, 2022-01]}}",
        events="{end: {at: 2021-01, stops: everything}}",
        finance="{tranches: {loan: {amount: 80, drawn: upfront}, more: {amount: 50, drawn: {2020-01: 1, 2022-01: 9},"
        " by: lender, rank: 2}}, recycle: all, distribute: 2023-01,"
        " guarantees: {g: {by: guarantor, covers: [loan], share: 50 %}}}",
    )
    r = run(text)
    # 81 drawn, 30 spent at 0; at 1 the fee of 20 and the dated 4 are still paid, the year's service is not:
    # 71 - 4 = 67 goes to the loan of 80; half of its loss of 13 is guaranteed
    assert flow(r, "investor")[:2] == pytest.approx([-80, 67 + 6.5])
    assert flow(r, "lender")[:2] == pytest.approx([-1, 0])
    assert moved(r)["p", "payer", "account"] == {1: 20}
    assert moved(r)["dated", "account", "provider"] == {1: 4}
    assert sum(map(abs, flow(r, "investor")[2:])) == 0
    assert r.metric("lender", "total_loss")[0] == 1


@pytest.mark.key("events.stops", "events.chance")
def test_it_ends_in_some_futures_and_goes_on_in_the_others() -> None:
    text = deal(
        contract=FEES,
        costs="{c: {amount: 60, over: 3 years}}",
        events="{end: {at: [2021-01, 2022-01], chance: 40 %, stops: everything}}",
        finance="{tranches: {loan: {amount: 60}}}",
    )
    r = run(text)
    check_books(r, slice(0, 2048))
    net = books(r, slice(0, 2048))
    investor = net["investor"]
    in_2021 = np.isclose(investor[1], 20) & np.isclose(investor[2], 0)
    in_2022 = ~in_2021 & np.isclose(net["payer"][3], 0)
    on = ~in_2021 & ~in_2022
    # to 2021: 20 lent, 20 back; no loss. To 2022: at 1 20 is lent and 20 back, at 2 20 back and nothing lent.
    # To the end: 60 lent, 60 back
    assert np.allclose(investor[:, in_2021], np.array([-20, 20, 0, 0])[:, None])
    assert np.allclose(investor[:, in_2022], np.array([-20, 0, 20, 0])[:, None])
    assert np.allclose(investor[:, on], np.array([-20, 0, 0, 20])[:, None])
    assert abs(in_2021.mean() - 0.40) < 4.5 * np.sqrt(0.24 / 2048)
    assert abs(in_2022.mean() - 0.24) < 4.5 * np.sqrt(0.24 * 0.76 / 2048)


@pytest.mark.key("events.stops", "guarantees.up_to")
def test_guarantees_pay_in_each_future_as_they_stand_on_its_last_day() -> None:
    text = deal(
        contract="{payments: {p: {amount: 1, at: 2023-01}}}",
        costs="{c: {amount: 60, over: 3 years}}",
        events="{end: {at: [2021-01, 2022-01], chance: 40 %, stops: everything}}",
        finance="{tranches: {loan: {amount: 60}}, guarantees: {g: {by: guarantor, covers: [loan],"
        " up_to: {2020-01: 1, 2021-01: 12, 2022-01: 33, 2023-01: 44}}}}",
    )
    net = books(run(text), slice(0, 2048))
    lent = -net["investor"].clip(None, 0).sum(axis=0)
    assert set(np.round(lent, 9)) == {20.0, 40.0, 60.0}
    called = net["guarantor"]
    assert np.allclose(called[1], np.where(lent == 20, -12, 0))
    assert np.allclose(called[2], np.where(lent == 40, -33, 0))
    assert np.allclose(called[3], np.where(lent == 60, -44, 0))


@pytest.mark.key("events.stops", "costs.over", "costs.per")
def test_a_stop_of_service_ends_its_costs_and_not_dated_ones() -> None:
    text = deal(
        participants="{size: 10, duration: 4 years}",
        contract="{payments: {p: {amount: 100, at: 2023-01}}}",
        costs="{people: {amount: 1, per: person_month}, team: {amount: 40, over: 4 years},"
        " report: {amount: 3, at: [2021-01, 2022-01]}}",
        events="{stop: {at: 2021-01, stops: [service]}}",
        finance="{tranches: {loan: {amount: 1 000}}}",
    )
    r = run(text)
    assert moved(r)["people", "account", "provider"] == {0: 120}
    assert moved(r)["team", "account", "provider"] == {0: 10}
    assert moved(r)["report", "account", "provider"] == {1: 3, 2: 3}


@pytest.mark.key("events.stops", "finance.recycle")
def test_receipts_are_not_kept_for_a_service_that_has_stopped() -> None:
    """100 comes in at 1, 90 would be kept for the service; the stop leaves 10 of dated costs to keep for."""
    text = deal(
        contract="{payments: {p: {amount: 100, at: 2021-01}}}",
        costs="{team: {amount: 120, over: 4 years}, report: {amount: 10, at: 2022-01}}",
        events="{stop: {at: 2021-01, stops: [service]}}",
        finance="{tranches: {loan: {amount: 200}}, recycle: all, distribute: at once}",
    )
    r = run(text)
    assert flow(r, "investor") == pytest.approx([-30, 90, 0, 0])


@pytest.mark.key("events.cancels", "finance.recycle", "participants.after")
def test_receipts_are_kept_only_for_cohorts_that_are_still_to_come() -> None:
    """Of the cohorts to come one is cancelled that day, and one waits for an event that has not happened."""
    text = deal(
        participants="{size: 10, duration: 1 year, cohorts: {a: {start: 2020-01}, b: {start: 2022-01, size: 3},"
        " c: {start: 2022-01, size: 4}, d: {start: 2022-01, size: 5, after: more}}}",
        contract="{payments: {p: {amount: 100, at: 2021-01}}}",
        costs="{people: {amount: 1, per: starter}}",
        events="{cut: {at: 2021-01, cancels: [c]}, more: {at: 2022-01}}",
        finance="{tranches: {loan: {amount: 200}}, recycle: all}",
    )
    r = run(text)
    # 3 is kept for b; in 2022 b and d cost 8, of which 5 is drawn
    assert flow(r, "investor")[:3] == pytest.approx([-10, 97, -5])
    assert moved(r)["people", "account", "provider"] == {0: 10, 2: 8}
