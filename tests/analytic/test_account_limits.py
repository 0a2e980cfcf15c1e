"""All that a party will ever pay: what passes it falls on the payer of the rest, or is not paid. Columns are years."""

from __future__ import annotations

import pytest

from sibsim.results import Results
from tests.support import HEAD, deal, flow, moved, run


def with_limits(**limits: str) -> str:
    head = HEAD
    names = {"payer": "P", "city": "C", "fund": "F"}
    for party, limit in limits.items():
        head = head.replace(f"{party}: {names[party]}", f"{party}: {{name: {names[party]}, pays_at_most: {limit}}}")
    return head


def paid(results: Results, party: str, label: str = "p", to: str = "provider") -> dict[int, float]:
    return {c: pytest.approx(a) for c, a in moved(results).get((label, party, to), {}).items()}


TWICE = "{payments: {p: {amount: 100, at: [2021-01, 2022-01], to: provider, by: {fund: 60 %, payer: rest}}}}"


@pytest.mark.key("parties.pays_at_most", "payments.by")
def test_what_passes_a_limit_falls_on_who_pays_the_rest() -> None:
    r = run(deal(with_limits(fund="80"), contract=TWICE))
    assert paid(r, "fund") == {1: 60, 2: 20}
    assert paid(r, "payer") == {1: 40, 2: 80}
    assert not r.store.array(("#contract", "cap_binds")).any()


@pytest.mark.key("parties.pays_at_most")
def test_the_payer_of_the_rest_may_have_a_limit_too() -> None:
    r = run(deal(with_limits(fund="80", payer="70"), contract=TWICE))
    assert paid(r, "fund") == {1: 60, 2: 20}
    assert paid(r, "payer") == {1: 40, 2: 30}
    assert r.store.array(("#contract", "cap_binds")).all()
    assert r.metric("payer", "outcome_payments")[0] == pytest.approx(70)
    assert r.summary()["contract"]["highest"] == pytest.approx(150)


@pytest.mark.key("parties.pays_at_most")
def test_without_a_payer_of_the_rest_it_is_not_paid_and_the_account_gets_less() -> None:
    contract = "{payments: {p: {amount: 100, at: [2021-01, 2022-01], by: {fund: 60 %, city: 40 %}}}}"
    finance = "{tranches: {loan: {amount: 150, drawn: upfront}}}"
    r = run(deal(with_limits(fund="80", city="50"), contract=contract, costs="{c: {amount: 150}}", finance=finance))
    assert paid(r, "fund", to="account") == {1: 60, 2: 20}
    assert paid(r, "city", to="account") == {1: 40, 2: 10}
    assert flow(r, "investor") == pytest.approx([-150, 100, 30])
    assert r.metric("investor", "lost")[0] == pytest.approx(20)


@pytest.mark.key("parties.pays_at_most")
def test_a_limit_is_over_all_payments_in_file_order_and_may_rise() -> None:
    limit = "{2020-01: 50, 2022-01: 90}"
    contract = (
        "{payments: {p: {amount: 30, at: [2021-01, 2022-01], to: provider}, q: {amount: 30, at: [2021-01, 2022-01],"
        " to: provider}, straight: {amount: 40, at: 2023-01, to: loan}}}"
    )
    finance = "{tranches: {loan: {amount: 40, drawn: upfront}}}"
    r = run(deal(with_limits(payer=limit), contract=contract, costs="{c: {amount: 40}}", finance=finance))
    # 30 and 20 of 50; then 40 more: 30 and 10; nothing is left for the loan
    assert paid(r, "payer", "p") == {1: 30, 2: 30}
    assert paid(r, "payer", "q") == {1: 20, 2: 10}
    assert ("straight", "payer", "investor") not in moved(r)
    assert r.metric("investor", "total_loss")[0] == 1


@pytest.mark.key("parties.pays_at_most", "payments.if")
def test_what_was_not_paid_does_not_count_as_paid() -> None:
    """A bonus that needs 60 paid by p: with a limit of 55 it never comes."""
    contract = (
        "{payments: {p: {amount: 40, at: [2021-01, 2022-01], to: provider},"
        " bonus: {amount: 5, at: 2023-01, by: city, to: provider, if: {p: at least 60}}}}"
    )
    assert flow(run(deal(contract=contract)), "city") == pytest.approx([0, 0, 0, -5])
    assert sum(flow(run(deal(with_limits(payer="55"), contract=contract)), "city")) == 0


@pytest.mark.key("parties.pays_at_most", "cap.per_year")
def test_a_limit_comes_after_the_contracts_caps() -> None:
    contract = "{payments: {p: {amount: 100, at: [2021-01, 2022-01], to: provider}}, cap: {per_year: 70}}"
    r = run(deal(with_limits(payer="100"), contract=contract))
    assert paid(r, "payer") == {1: 70, 2: 30}


@pytest.mark.key("parties.pays_at_most", "guarantees.covers")
def test_a_limit_does_not_bind_what_is_paid_outside_the_contract() -> None:
    costs = "{own: {amount: 90, by: payer, to: outside}, c: {amount: 30}}"
    finance = "{tranches: {loan: {amount: 10}}, shortfall: payer}"
    contract = "{payments: {p: {amount: 40, at: 2021-01}}}"
    r = run(deal(with_limits(payer="15"), contract=contract, costs=costs, finance=finance))
    assert flow(r, "payer") == pytest.approx([-90 - 20, -15])
