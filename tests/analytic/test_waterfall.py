"""Who gets what back, in contracts small enough to settle on the back of an envelope. Amounts by column (year)."""

from __future__ import annotations

import pytest

from sibsim.results import Results
from tests.support import HEAD, deal, flow, moved, run

QUARTERS = """
sibsim: 1
title: The same by quarters
currency: SEK
start: 2020-01
step: quarter
parties: {payer: P, investor: I, provider: D}
"""


def received(results: Results, label: str, party: str, source: str = "account") -> dict[int, float]:
    return {c: pytest.approx(a, abs=1e-9) for c, a in moved(results).get((label, source, party), {}).items()}


def fees(**amounts: float) -> str:
    """Fixed payments, one a year: ``fees(y1=50)`` pays 50 in 2021."""
    rows = [f"{name}: {{amount: {amount}, at: {2020 + int(name[1:])}-01}}" for name, amount in amounts.items()]
    return "{payments: {" + ", ".join(rows) + "}}"


@pytest.mark.key("finance.tranches", "tranches.amount", "tranches.rank", "tranches.by")
def test_ranks_are_paid_in_order_and_the_surplus_by_what_was_drawn() -> None:
    tranches = "{senior: {amount: 60, drawn: upfront}, junior: {amount: 40, drawn: upfront, rank: 2, by: lender}}"
    r = run(deal(contract=fees(y1=50, y2=30, y3=40), costs="{c: {amount: 100}}", finance=f"{{tranches: {tranches}}}"))
    # 50 to senior; its last 10, then 20 to junior; junior's last 20, then 20 left over: 60 to 40
    assert received(r, "senior", "investor") == {1: 50, 2: 10, 3: 12}
    assert received(r, "junior", "lender") == {2: 20, 3: 28}
    assert r.metric("investor", "loss").max() == 0


def test_a_junior_rank_bears_the_loss() -> None:
    tranches = "{junior: {amount: 40, drawn: upfront, rank: 2, by: lender}, senior: {amount: 60, drawn: upfront}}"
    r = run(deal(contract=fees(y1=70), costs="{c: {amount: 100}}", finance=f"{{tranches: {tranches}}}"))
    assert received(r, "senior", "investor") == {1: 60}
    assert received(r, "junior", "lender") == {1: 10}
    assert r.metric("lender", "moic")[0] == pytest.approx(0.25)
    assert (r.metric("investor", "loss")[0], r.metric("lender", "loss")[0]) == (0, 1)


def test_equal_ranks_share_by_what_they_are_owed_interest_first() -> None:
    tranches = "{a: {amount: 100, drawn: upfront, rate: 10 %}, b: {amount: 50, drawn: upfront, by: lender, rate: 20 %}}"
    r = run(deal(contract=fees(y1=15, y2=68), costs="{c: {amount: 150}}", finance=f"{{tranches: {tranches}}}"))
    # interest of 10 and 10 is owed: 7.5 each. Then (100 + 2.5) 10 % and (50 + 2.5) 20 % more: 12.75 and 13 owed
    left = 68 - 12.75 - 13
    assert received(r, "a", "investor") == {1: 7.5, 2: 12.75 + left * 100 / 150}
    assert received(r, "b", "lender") == {1: 7.5, 2: 13 + left * 50 / 150}


@pytest.mark.parametrize("head", [None, QUARTERS], ids=["years", "quarters"])
@pytest.mark.parametrize("years", [1, 3, 7])
@pytest.mark.key("tranches.rate")
def test_a_bullet_owes_principal_and_compound_interest(head: str | None, years: int) -> None:
    text = deal(
        **({"head": head} if head else {}),
        contract=fees(**{f"y{years}": 500}),
        costs="{c: {amount: 100}}",
        finance=f"{{tranches: {{loan: {{amount: 100, drawn: upfront, rate: 5 %}}}}, distribute: {2020 + years}-01, "
        "surplus: {provider: 100 %}}",
    )
    r = run(text)
    owed = 100 * 1.05**years
    assert r.metric("investor", "received")[0] == pytest.approx(owed, rel=1e-12)
    assert r.metric("investor", "irr")[0] == pytest.approx(0.05, abs=1e-9)
    assert sum(flow(r, "provider")) == pytest.approx(100 + 500 - owed)


def test_unpaid_interest_bears_interest_and_is_paid_before_principal() -> None:
    r = run(
        deal(
            contract=fees(y1=30, y2=5, y3=200),
            costs="{c: {amount: 100}}",
            finance="{tranches: {loan: {amount: 100, drawn: upfront, rate: 10 %}}, surplus: {provider: 100 %}}",
        )
    )
    # 110 less 30 is 80; 88 less 5 is 83, of which 3 unpaid interest; 83 x 1.1 = 91.3
    assert received(r, "loan", "investor") == {1: 30, 2: 5, 3: 91.3}


@pytest.mark.key("tranches.kind", "tranches.drawn", "costs.over")
def test_capital_is_drawn_as_costs_fall_due_grants_first() -> None:
    text = deal(
        contract=fees(y3=1),
        costs="{service: {amount: 90, over: 3 years}}",
        finance="{tranches: {gift: {amount: 40, kind: grant, by: fund}, big: {amount: 60},"
        " small: {amount: 30, by: lender}}}",
    )
    r = run(text)
    # 30 a year: grant 30; grant 10 and 20 from loans, 60 to 30; then 30 from what is undrawn, 46 2/3 to 23 1/3
    assert moved(r)["gift", "fund", "account"] == {0: 30, 1: 10}
    assert moved(r)["big", "investor", "account"] == pytest.approx({1: 20 * 2 / 3, 2: 20})
    assert moved(r)["small", "lender", "account"] == pytest.approx({1: 20 / 3, 2: 10})
    assert moved(r)["service", "account", "provider"] == pytest.approx({0: 30, 1: 30, 2: 30})
    assert ("gift", "account", "fund") not in moved(r)


def test_upfront_capital_is_used_before_more_is_drawn() -> None:
    r = run(
        deal(
            contract=fees(y2=1),
            costs="{service: {amount: 90, over: 3 years}}",
            finance="{tranches: {first: {amount: 50, drawn: upfront}, more: {amount: 100, by: lender}}}",
        )
    )
    assert moved(r)["first", "investor", "account"] == {0: 50}
    assert moved(r)["more", "lender", "account"] == pytest.approx({1: 10, 2: 30})


@pytest.mark.parametrize(("bearer", "pays"), [("payer", {0: 20, 1: 50}), ("outside", {0: 20, 1: 50}), (None, None)])
@pytest.mark.key("finance.shortfall")
def test_what_nobody_lends_is_a_shortfall(bearer: str | None, pays: dict[int, float] | None) -> None:
    shortfall = f", shortfall: {bearer}" if bearer else ""
    r = run(
        deal(
            contract=fees(y1=0),
            costs="{c: {amount: 50, at: [2020-01, 2021-01]}}",
            finance=f"{{tranches: {{loan: {{amount: 30}}}}{shortfall}}}",
        )
    )
    assert moved(r)["c", "account", "provider"] == {0: 30}
    assert moved(r).get(("c", bearer, "provider")) == pays
    if bearer is None:  # by default the provider bears it, and provides the service all the same
        assert sum(flow(r, "provider")) == 30


@pytest.mark.key("finance.distribute")
def test_receipts_wait_for_the_day_and_never_pay_costs() -> None:
    r = run(
        deal(
            contract=fees(y1=40, y2=40, y3=40),
            costs="{c: {amount: 60, over: 3 years}}",
            finance="{tranches: {loan: {amount: 60}}, distribute: 2022-01}",
        )
    )
    assert moved(r)["loan", "investor", "account"] == pytest.approx({0: 20, 1: 20, 2: 20})
    # on the last date whatever came after the day is paid out too
    assert received(r, "loan", "investor") == {2: 80, 3: 40}


def test_a_shortfall_is_not_paid_from_receipts_that_wait() -> None:
    r = run(
        deal(
            contract=fees(y1=40),
            costs="{c: {amount: 60, over: 3 years}}",
            finance="{tranches: {loan: {amount: 30}}, distribute: 2022-01, shortfall: city}",
        )
    )
    assert moved(r)["c", "city", "provider"] == pytest.approx({1: 10, 2: 20})
    assert received(r, "loan", "investor") == {2: 40}


def test_unspent_capital_goes_back_on_the_last_date() -> None:
    r = run(
        deal(
            contract=fees(y1=10, y4=10),
            costs="{c: {amount: 70}}",
            finance="{tranches: {loan: {amount: 100, drawn: upfront, by: lender}}}",
        )
    )
    assert flow(r, "lender") == pytest.approx([-100, 10, 0, 0, 40])


@pytest.mark.key("finance.surplus")
def test_surplus_as_the_file_says_else_to_the_loans_else_to_the_provider() -> None:
    lent = "{tranches: {loan: {amount: 50}}, surplus: {loan: 67 %, provider: 33 %}}"
    r = run(deal(contract=fees(y1=150), costs="{c: {amount: 50}}", finance=lent))
    assert received(r, "loan", "investor") == {1: 50 + 67}
    assert received(r, "surplus", "provider") == {1: 33}
    r = run(deal(contract=fees(y1=150), costs="{c: {amount: 0}}", finance="{tranches: {loan: {amount: 50}}}"))
    assert received(r, "surplus", "provider") == {1: 150}
    rest = "{tranches: {loan: {amount: 50}}, surplus: {loan: 20 %, fund: 30 %, city: rest}}"
    r = run(deal(contract=fees(y1=150), costs="{c: {amount: 50}}", finance=rest))
    assert (received(r, "surplus", "fund"), received(r, "surplus", "city")) == ({1: 30}, {1: 50})


@pytest.mark.parametrize(
    ("paid", "terms", "call"),
    [
        (20, "", 80),  # the loss is 80
        (20, ", share: 50 %", 40),
        (20, ", over: 30", 50),
        (20, ", over: 30, share: 50 %", 25),
        (20, ", over: 30, share: 50 %, up_to: 10", 10),
        (20, ", up_to: {2020-01: 60, 2021-01: 70, 2022-01: 72}", 72),
        (90, ", over: 30", 0),
        (150, "", 0),
    ],
)
@pytest.mark.key(
    "finance.guarantees",
    "guarantees.by",
    "guarantees.covers",
    "guarantees.over",
    "guarantees.share",
    "guarantees.up_to",
)
def test_a_guarantee_covers_its_share_of_the_loss_above_the_first_part(paid: float, terms: str, call: float) -> None:
    finance = "{tranches: {loan: {amount: 100}}, guarantees: {g: {by: guarantor, covers: [loan]" + terms + "}}}"
    r = run(deal(contract=fees(y1=paid, y3=0), costs="{c: {amount: 100}}", finance=finance))
    assert r.metric("guarantor", "called")[0] == pytest.approx(call)
    assert flow(r, "investor") == pytest.approx([-100, paid, 0, call])
    assert r.metric("investor", "received")[0] == pytest.approx(paid + call)


def test_a_guarantee_of_two_tranches_is_shared_by_their_losses() -> None:
    finance = (
        "{tranches: {a: {amount: 60}, b: {amount: 40, rank: 2, by: lender}},"
        " guarantees: {g: {by: guarantor, covers: [a, b], up_to: 35}}}"
    )
    r = run(deal(contract=fees(y1=30), costs="{c: {amount: 100}}", finance=finance))
    # a loses 30, b loses 40
    assert received(r, "g", "investor", "guarantor") == {1: 15}
    assert received(r, "g", "lender", "guarantor") == {1: 20}


def test_a_guarantee_of_a_payer_covers_all_it_paid() -> None:
    contract = "{payments: {p: {measure: x, per_unit: 10, by: {city: 40 %, payer: rest}}}}"
    finance = (
        "{tranches: {loan: {amount: 50}}, guarantees: {g: {by: guarantor, covers: [city], over: 15, share: 50 %}}}"
    )
    costs = "{c: {amount: 50}, own: {amount: 5, by: city, to: outside}}"
    r = run(deal(contract=contract, costs=costs, finance=finance))
    # the city pays 40 of 100 and costs of 5
    assert received(r, "g", "city", "guarantor") == {1: (45 - 15) / 2}
    assert r.metric("city", "net_outlay")[0] == pytest.approx(45 - 15)


def test_a_payment_straight_to_a_tranche_is_all_that_tranche_gets() -> None:
    contract = "{payments: {p: {measure: x, per_unit: 3, to: loan}, fee: {amount: 40, at: 2021-01}}}"
    finance = "{tranches: {loan: {amount: 100, drawn: upfront, by: lender}, other: {amount: 50, drawn: upfront}}}"
    r = run(deal(contract=contract, costs="{c: {amount: 120}}", finance=finance))
    assert received(r, "p", "lender", "payer") == {1: 30}
    assert ("loan", "account", "lender") not in moved(r)
    # the account has 40 and 30 unspent: 50 of principal to the other loan, and the surplus of 20
    assert received(r, "other", "investor") == {1: 70}
    assert r.metric("lender", "moic")[0] == pytest.approx(0.3)


@pytest.mark.key("payments.by")
def test_payers_pay_their_shares_which_may_change() -> None:
    by = "{fund: {2021-01: 40 %, 2022-01: 10 %}, city: 25 %, payer: rest}"
    text = deal(
        contract="{payments: {p: {amount: 200, at: [2021-01, 2022-01], by: " + by + ", to: provider}}}",
    )
    r = run(text)
    assert received(r, "p", "provider", "fund") == {1: 80, 2: 20}
    assert received(r, "p", "provider", "city") == {1: 50, 2: 50}
    assert received(r, "p", "provider", "payer") == {1: 70, 2: 130}
    assert r.metric("public_purse", "outcome_payments")[0] == pytest.approx(400)


@pytest.mark.parametrize(("cash", "runs_out"), [(34, 1), (35, 0), (36, 0)])
@pytest.mark.key("parties.cash")
def test_without_finance_the_provider_waits_for_its_money(cash: float, runs_out: int) -> None:
    text = deal(
        HEAD.replace("provider: D", f"provider: {{name: D, cash: {cash}}}"),
        measures="{x: {of: result, as: average, lag: 2 years}}",
        contract="{payments: {p: {measure: x, per_unit: 6}, fee: {amount: 5, at: 2021-01}}}",
        costs="{service: {amount: 30, over: 3 years}, late: {amount: 10, at: 2021-01}}",
    )
    r = run(text)
    # out 10, out 20 less 5, out 10; then 60 comes in: the lowest point is 35 below the start
    assert flow(r, "provider") == pytest.approx([-10, -15, -10, 60])
    assert r.metric("provider", "margin")[0] == pytest.approx(25)
    assert r.metric("provider", "lowest_cash")[0] == pytest.approx(cash - 35)
    assert r.metric("provider", "runs_out")[0] == runs_out
