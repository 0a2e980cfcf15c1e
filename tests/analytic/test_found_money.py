"""Money worked out by hand where two terms meet."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support import HEAD, deal, moved, run


def test_a_cap_on_the_loans_multiple_holds_for_what_goes_straight_to_a_loan_though_receipts_pay_costs() -> None:
    """800 is lent and costs come to 1,400: of what is paid to the account, 600 would go to costs. Nothing does of what
    goes straight to the loan, so 1 x 800 is all it gets."""
    text = deal(
        contract="{payments: {p: {amount: 2000, at: 2021-01, to: loan, cap: {multiple: 1}}}}",
        costs="{first: {amount: 900, at: 2021-01}, second: {amount: 500, at: 2022-01}}",
        finance="{tranches: {loan: {amount: 800, drawn: upfront}}, recycle: all, shortfall: payer}",
    )
    assert moved(run(text))["p", "payer", "investor"] == {1: 800.0}


def test_the_contracts_cap_on_a_multiple_holds_for_what_goes_straight_to_a_loan() -> None:
    """The same under the contract's cap. Of 1,600 + 400 due, the loan may get 800 of its 1,600: all is cut by half."""
    text = deal(
        contract="{payments: {p: {amount: 1600, at: 2021-01, to: loan}, q: {amount: 400, at: 2021-01}},"
        " cap: {multiple: 1}}",
        costs="{first: {amount: 900, at: 2021-01}, second: {amount: 500, at: 2022-01}}",
        finance="{tranches: {loan: {amount: 800, drawn: upfront}}, recycle: all, shortfall: payer}",
    )
    money = moved(run(text))
    assert money["p", "payer", "investor"] == {1: 800.0}
    assert money["q", "payer", "account"] == {1: 200.0}


def test_receipts_that_no_loan_has_a_claim_on_leave_its_room_alone() -> None:
    """300 lies on the account until 2023 and will go to the provider: the loan may still get all of its 500."""
    text = deal(
        contract="{payments: {fee: {amount: 300, at: 2020-01},"
        " p: {amount: 900, at: 2021-01, to: loan, cap: {multiple: 1}}}}",
        costs="{c: {amount: 500}}",
        finance="{tranches: {loan: {amount: 500, drawn: upfront}}, distribute: 2023-01}",
    )
    assert moved(run(text))["p", "payer", "investor"] == {1: 500.0}


@pytest.mark.key("tranche cap.irr", "tranches.rank")
def test_a_cap_that_does_not_bind_leaves_the_shares_of_equal_ranks_alone() -> None:
    """After a year 60 comes in. First 10 of interest to a, then 50 by the principal of 100 each: 35 and 25, though a
    may get no more than 105 in all."""
    text = deal(
        contract="{payments: {p: {amount: 60, at: 2021-01}}}",
        costs="{c: {amount: 200}}",
        finance="{tranches: {a: {amount: 100, rate: 10 %, cap: {irr: 5 %}}, b: {by: lender, amount: 100}}}",
    )
    money = moved(run(text))
    assert money["a", "account", "investor"] == pytest.approx({1: 35.0})
    assert money["b", "account", "lender"] == pytest.approx({1: 25.0})


def test_what_passes_a_cap_goes_to_the_others_of_the_rank() -> None:
    """180 comes in: 10 of interest; 85 each would bring a to 95, its limit of 0.9 x 100 is 90. b has 90."""
    text = deal(
        contract="{payments: {p: {amount: 180, at: 2021-01}}}",
        costs="{c: {amount: 200}}",
        finance="{tranches: {a: {amount: 100, rate: 10 %, cap: {multiple: 0.9}}, b: {by: lender, amount: 100}}}",
    )
    money = moved(run(text))
    assert money["a", "account", "investor"] == pytest.approx({1: 90.0})
    assert money["b", "account", "lender"] == pytest.approx({1: 90.0})


def test_what_rounding_leaves_on_the_account_is_no_return() -> None:
    """250,000 is spent in 28 parts, and ten years later nothing is due: -100 % a year, not the -97 % that 1e-10 crowns
    back would be, and no time at which money came back."""
    head = HEAD.replace("step: year", "step: month")
    text = deal(
        head,
        contract="{payments: {p: {measure: x, steps: [[20, 100]], at: 2030-01}}}",
        costs="{c: {amount: 250 000, over: 28 months}}",
        finance="{tranches: {loan: {amount: 250 000, drawn: upfront}},"
        " guarantees: {g: {by: guarantor, covers: [loan], over: 250 000}}}",
    )
    results = run(text)
    assert results.metric("investor", "irr")[0] == -1.0
    assert results.metric("investor", "received")[0] == 0.0
    assert math.isnan(results.metric("investor", "weighted_average_life")[0])
    assert not np.any(results.metric("guarantor", "called"))


def test_a_loan_that_had_more_than_its_multiple_does_not_keep_costs_from_being_paid_for() -> None:
    """The loan gets 500 where 1.2 x 200 would do: it lacks nothing. A payment may still bring the 300
    that costs need."""
    text = deal(
        contract="{payments: {early: {amount: 500, at: 2020-01, to: loan},"
        " p: {amount: 900, at: 2021-01, cap: {multiple: 1.2}}}}",
        costs="{now: {amount: 200}, later: {amount: 300, at: 2021-01}}",
        finance="{tranches: {loan: {amount: 200}}, recycle: all, shortfall: payer}",
    )
    money = moved(run(text))
    assert money["p", "payer", "account"] == pytest.approx({1: 300.0})
    assert money["later", "account", "provider"] == pytest.approx({1: 300.0})


def test_what_is_paid_without_effect_is_less_what_comes_back() -> None:
    """An improvement of 10 pays 100. Without effect 400 is paid and 150 given back: 250 is what it costs."""
    text = deal(
        contract="{payments: {fee: {amount: 400, at: 2020-01, to: provider},"
        " p: {measure: x, steps: [[otherwise, -150], [10, 100]], to: provider}}}"
    )
    assert run(text).metric("payer", "payment_without_effect")[0] == 250.0
    assert run(text).metric("payer", "outcome_payments")[0] == 500.0


def test_a_cost_that_receipts_pay_but_for_rounding_draws_nothing() -> None:
    """0.1 + 0.7 is paid, which a computer adds up to 1e-16 under the 0.8 due: nothing is drawn, no return."""
    text = deal(
        contract="{payments: {a: {amount: 0.1, at: 2020-01}, b: {amount: 0.7, at: 2020-01}}}",
        costs="{c: {amount: 0.8, at: 2021-01}}",
        finance="{tranches: {loan: {amount: 1}}, recycle: all}",
    )
    results = run(text)
    assert results.metric("investor", "drawn")[0] == 0.0
    assert math.isnan(results.metric("investor", "irr")[0])
