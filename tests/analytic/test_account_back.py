"""Negative payments: who pays, in which order, and what lenders' figures say. Columns are years; x is 10 after one."""

from __future__ import annotations

import pytest

from sibsim.results import Results
from tests.support import deal, flow, moved, run

COLLAR = "measure: x, steps: [[otherwise, 0], [5, -24]], at: 2022-01"
"""A result of 10: 24 is to go back to the payers in 2022."""


def back(results: Results, source: str, to: str = "payer", label: str = "p") -> dict[int, float]:
    return {c: pytest.approx(a) for c, a in moved(results).get((label, source, to), {}).items()}


@pytest.mark.key("payments.steps", "payments.to", "tranches.amount")
def test_the_lender_of_the_named_tranche_pays() -> None:
    contract = f"{{payments: {{fee: {{amount: 120, at: 2021-01, to: loan}}, p: {{{COLLAR}, to: loan}}}}}}"
    finance = "{tranches: {loan: {amount: 100, drawn: upfront}}, distribute: 2023-01}"
    r = run(deal(contract=contract, costs="{c: {amount: 100}}", finance=finance))
    assert back(r, "investor") == {2: 24}
    assert flow(r, "investor")[:3] == pytest.approx([-100, 120, -24])
    # a negative receipt: 96 came back of 100
    assert r.metric("investor", "drawn")[0] == 100
    assert r.metric("investor", "received")[0] == pytest.approx(96)
    assert r.metric("investor", "moic")[0] == pytest.approx(0.96)
    assert r.metric("investor", "net_gain")[0] == pytest.approx(-4)
    assert r.metric("investor", "lost")[0] == pytest.approx(4)
    # -100 + 120 v - 24 v^2 = 0 where v = (120 - sqrt(120^2 - 9600)) / 48
    v = (120 - 4800**0.5) / 48
    assert r.metric("investor", "irr")[0] == pytest.approx(1 / v - 1, abs=1e-9)
    assert r.metric("payer", "outcome_payments")[0] == pytest.approx(120)
    assert r.metric("payer", "money_received")[0] == pytest.approx(24)
    assert r.metric("payer", "net_outlay")[0] == pytest.approx(96)


@pytest.mark.key("payments.line", "finance.distribute")
def test_the_account_pays_first_receipts_before_capital_then_the_loans_by_what_they_drew() -> None:
    contract = (
        "{payments: {fee: {amount: 10, at: 2021-01}, p: {measure: x, line: [[0, 0], [10, -50]], at: 2022-01,"
        " by: {city: 25 %, payer: rest}}}}"
    )
    finance = (
        "{tranches: {a: {amount: 60, drawn: upfront}, b: {amount: 20, drawn: upfront, by: lender}},"
        " distribute: 2024-01}"
    )
    r = run(deal(contract=contract, costs="{c: {amount: 60}, late: {amount: 5, at: 2023-01}}", finance=finance))
    # 80 drawn, 60 spent: 10 of receipts and 20 of capital, then 20 more from the lenders, 60 to 20
    assert back(r, "account") == {2: 30 * 0.75}
    assert back(r, "account", "city") == {2: 30 * 0.25}
    assert back(r, "investor") == {2: 15 * 0.75}
    assert back(r, "lender", "city") == {2: 5 * 0.25}
    # nothing is left for the cost of 2023
    assert moved(r)["late", "provider", "provider"] == {3: 5}
    assert r.metric("investor", "received")[0] == pytest.approx(-15)
    assert r.metric("investor", "moic")[0] == pytest.approx(-0.25)
    assert r.metric("investor", "total_loss")[0] == 1
    assert r.metric("investor", "irr")[0] == -1


@pytest.mark.key("payments.to", "payments.by")
def test_a_party_that_is_named_pays_itself() -> None:
    contract = f"{{payments: {{p: {{{COLLAR}, to: provider, by: {{city: 25 %, payer: rest}}}}}}}}"
    r = run(deal(contract=contract))
    assert flow(r, "provider")[:3] == pytest.approx([0, 0, -24])
    assert flow(r, "city")[:3] == pytest.approx([0, 0, 6])
    assert flow(r, "payer")[:3] == pytest.approx([0, 0, 18])


@pytest.mark.key("finance.shortfall", "tranches.kind")
@pytest.mark.parametrize(("bearer", "paid"), [("city", 14), ("payer", 0)])
def test_where_nobody_has_lent_it_is_a_shortfall(bearer: str, paid: float) -> None:
    contract = f"{{payments: {{p: {{{COLLAR}}}}}}}"
    gift = f"{{tranches: {{gift: {{amount: 10, kind: grant, drawn: upfront, by: fund}}}}, shortfall: {bearer}}}"
    r = run(deal(contract=contract, finance=gift))
    assert back(r, "account") == {2: 10}
    assert back(r, "city") == ({2: paid} if paid else {})


@pytest.mark.key("finance.guarantees", "payments.steps")
def test_what_a_lender_pays_back_is_a_loss_that_a_guarantee_covers() -> None:
    contract = f"{{payments: {{fee: {{amount: 100, at: 2021-01, to: loan}}, p: {{{COLLAR}, to: loan}}}}}}"
    finance = (
        "{tranches: {loan: {amount: 100, drawn: upfront}},"
        " guarantees: {g: {by: guarantor, covers: [loan], share: 50 %}, h: {by: fund, covers: [payer], over: 70}}}"
    )
    r = run(deal(contract=contract, costs="{c: {amount: 100}}", finance=finance))
    assert moved(r)["g", "guarantor", "investor"] == {2: 12}
    assert moved(r)["h", "fund", "payer"] == {2: 6}  # it paid 100 and got 24 back


@pytest.mark.key("tranche cap.multiple", "payments.steps")
def test_a_lender_that_paid_back_has_room_under_its_cap_again() -> None:
    contract = (
        f"{{payments: {{fee: {{amount: 150, at: 2021-01}}, p: {{{COLLAR}}}, more: {{amount: 150, at: 2023-01}}}}}}"
    )
    finance = "{tranches: {loan: {amount: 100, drawn: upfront, cap: {multiple: 1.2}}}}"
    r = run(deal(contract=contract, costs="{c: {amount: 100}}", finance=finance))
    # 120 of 150, 30 back to the payer; 24 paid back; then 24 of 150
    assert flow(r, "investor") == pytest.approx([-100, 120, -24, 24])
    assert flow(r, "payer") == pytest.approx([0, -150 + 30, 24, -150 + 126])


@pytest.mark.key("parties.pays_at_most", "payments.steps")
def test_money_back_makes_no_room_under_what_a_party_will_ever_pay() -> None:
    head = deal().split("outcomes:")[0].replace("payer: P", "payer: {name: P, pays_at_most: 100}")
    contract = (
        f"{{payments: {{fee: {{amount: 100, at: 2021-01, to: provider}}, p: {{{COLLAR}, to: provider}},"
        " more: {amount: 5, at: 2023-01, to: provider}}}"
    )
    r = run(deal(head, contract=contract))
    assert flow(r, "payer") == pytest.approx([0, -100, 24, 0])


@pytest.mark.key("cap.multiple", "payments.steps")
def test_a_cap_on_the_loans_multiple_counts_what_they_paid_back() -> None:
    contract = (
        f"{{payments: {{fee: {{amount: 500, at: 2021-01, cap: {{multiple: 1.1}}}}, p: {{{COLLAR}}},"
        " more: {amount: 500, at: 2023-01, cap: {multiple: 1.1}}}}"
    )
    finance = "{tranches: {loan: {amount: 100, drawn: upfront}}}"
    r = run(deal(contract=contract, costs="{c: {amount: 100}}", finance=finance))
    assert flow(r, "investor") == pytest.approx([-100, 110, -24, 24])
