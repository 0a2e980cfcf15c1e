"""Caps of a tranche's own return: what passes them goes to the others, then back to the payers. Columns are years."""

from __future__ import annotations

import pytest

from sibsim.results import Results
from sibsim.settlement.surplus import within_rooms
from tests.support import deal, flow, moved, run


def fees(**amounts: float) -> str:
    rows = [f"{name}: {{amount: {amount}, at: {2020 + int(name[1:])}-01}}" for name, amount in amounts.items()]
    return "{payments: {" + ", ".join(rows) + "}}"


def got(results: Results, name: str, by: str) -> dict[int, float]:
    return {c: pytest.approx(a) for c, a in moved(results).get((name, "account", by), {}).items()}


def two(first: str, second: str, more: str = "") -> str:
    return (
        f"{{tranches: {{a: {{amount: 60, drawn: upfront{first}}},"
        f" b: {{amount: 40, drawn: upfront, by: lender{second}}}}}{more}}}"
    )


COST = "{c: {amount: 100}}"


@pytest.mark.key("tranches.cap", "tranche cap.irr")
def test_a_capped_tranche_leaves_the_rest_of_the_surplus_to_the_other() -> None:
    r = run(deal(contract=fees(y1=50, y2=150), costs=COST, finance=two(", cap: {irr: 5 %}", "")))
    # 50: 30 and 20 of principal. 150: 30 and 20; of 100 left a's share is 60, but 5 % a year leaves it
    # 60 x 1.05^2 - 30 x 1.05 - 30 = 4.65: b gets 95.35
    assert got(r, "a", "investor") == {1: 30, 2: 34.65}
    assert got(r, "b", "lender") == {1: 20, 2: 20 + 95.35}
    assert r.metric("investor", "irr")[0] == pytest.approx(0.05, abs=1e-9)
    assert ("surplus", "account", "payer") not in moved(r)


@pytest.mark.key("tranche cap.multiple", "tranche cap.irr", "payments.by")
def test_what_no_tranche_may_have_goes_back_to_the_payers_as_they_paid() -> None:
    contract = (
        "{payments: {p: {amount: 100, at: 2021-01, by: {city: 30 %, payer: rest}}, q: {amount: 100, at: 2021-01},"
        " other: {amount: 500, at: 2021-01, by: fund, to: provider}}}"
    )
    caps = (", cap: {multiple: 1.5}", ", cap: {irr: 10 %, multiple: 3}")
    r = run(deal(contract=contract, costs=COST, finance=two(*caps)))
    # 200 came in: a gets 90, b 44; 66 goes back, as they paid into the account: the payer 170, the city 30
    assert got(r, "a", "investor") == {1: 90}
    assert got(r, "b", "lender") == {1: 44}
    assert got(r, "surplus", "payer") == {1: 66 * 170 / 200}
    assert got(r, "surplus", "city") == {1: 66 * 30 / 200}
    assert flow(r, "payer")[1] == pytest.approx(-170 + 56.1)
    assert r.metric("payer", "outcome_payments")[0] == pytest.approx(170)
    assert r.metric("payer", "money_received")[0] == pytest.approx(56.1)
    assert r.metric("payer", "net_outlay")[0] == pytest.approx(170 - 56.1)


@pytest.mark.key("tranches.cap", "finance.surplus")
def test_others_that_share_in_the_surplus_come_before_the_payers() -> None:
    more = ", surplus: {a: 50 %, provider: 30 %, city: 20 %}"
    r = run(deal(contract=fees(y1=200), costs=COST, finance=two(", cap: {multiple: 1.1}", "", more)))
    # 100 left over: a may have 6 of its 50, and the other 94 go 30 to 20
    assert got(r, "a", "investor") == {1: 66}
    assert got(r, "surplus", "provider") == {1: 94 * 0.6}
    assert got(r, "surplus", "city") == {1: 94 * 0.4}
    assert ("surplus", "account", "payer") not in moved(r)


@pytest.mark.key("tranches.cap", "tranches.rank", "tranches.rate")
def test_a_cap_holds_for_interest_and_principal_too() -> None:
    """Interest of 20 % under a cap of 5 %, and a cap below the principal: the money goes on to the next rank."""
    r = run(deal(contract=fees(y1=90), costs=COST, finance=two(", rate: 20 %, cap: {irr: 5 %}", ", rank: 2")))
    assert got(r, "a", "investor") == {1: 63}
    assert got(r, "b", "lender") == {1: 27}
    r = run(deal(contract=fees(y1=100), costs=COST, finance=two(", cap: {multiple: 0.5}", ", rank: 2")))
    assert got(r, "a", "investor") == {1: 30}
    assert got(r, "b", "lender") == {1: 70}
    assert r.metric("investor", "lost")[0] == pytest.approx(30)


@pytest.mark.key("tranche cap.multiple")
def test_room_comes_back_with_new_draws() -> None:
    loan = "{tranches: {loan: {amount: 90, cap: {multiple: 1.1}}}}"
    r = run(deal(contract=fees(y1=100, y2=100), costs="{c: {amount: 40, at: [2020-01, 2022-01]}}", finance=loan))
    # 44 of 100 at 1; then 40 more is drawn at 2, on the same day as the second 100: another 44
    assert flow(r, "investor") == pytest.approx([-40, 44, 44 - 40])
    assert got(r, "surplus", "payer") == {1: 56, 2: 56}


@pytest.mark.key("tranche cap.multiple", "payments.to")
def test_a_payment_straight_to_a_capped_tranche_is_cut_to_it() -> None:
    contract = "{payments: {p: {amount: 80, at: [2021-01, 2022-01], to: a}}}"
    r = run(deal(contract=contract, costs=COST, finance=two(", cap: {multiple: 2}", "")))
    assert flow(r, "payer") == pytest.approx([0, -80, -40])
    assert r.metric("investor", "moic")[0] == pytest.approx(2.0)
    assert r.store.array(("#contract", "cap_binds")).all()


@pytest.mark.key("tranche cap.irr")
def test_a_cap_may_change_over_time() -> None:
    cap = "{irr: {2020-01: 5 %, 2022-01: 8 %}}"
    loan = f"{{tranches: {{loan: {{amount: 100, drawn: upfront, cap: {cap}}}}}, distribute: 2022-01}}"
    r = run(deal(contract=fees(y1=300), costs=COST, finance=loan))
    assert flow(r, "investor") == pytest.approx([-100, 0, 108 * 1.08])
    assert flow(r, "payer") == pytest.approx([0, -300, 300 - 108 * 1.08])


@pytest.mark.key("tranches.cap", "tranches.kind")
def test_an_unspent_grant_that_no_lender_may_have_is_the_providers() -> None:
    finance = (
        "{tranches: {loan: {amount: 10, cap: {multiple: 1}}, gift: {amount: 50, kind: grant, drawn: upfront, by: fund},"
        " again: {amount: 5, drawn: {2021-01: 5}, by: lender, cap: {multiple: 1}}}}"
    )
    r = run(deal(contract="{payments: {p: {measure: x, per_unit: 0}}}", costs="{c: {amount: 20}}", finance=finance))
    assert got(r, "again", "lender") == {1: 5}
    assert got(r, "surplus", "provider") == {1: 30}


def test_shares_are_refilled_until_nobody_has_room() -> None:
    amounts, left = within_rooms(100.0, [0.4, 0.4, 0.2], [10.0, 50.0, 15.0])
    # 40, 40, 20: 10 and 15 fill up; 35 more for the second, which has room for 10
    assert amounts == pytest.approx([10, 50, 15])
    assert left == pytest.approx(25)
