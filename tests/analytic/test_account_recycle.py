"""Receipts that pay costs: what is kept, and when it is let go. Amounts by column (year)."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.results import Results
from tests.support import books, deal, flow, moved, run


def drawn(results: Results, name: str = "loan", by: str = "investor") -> dict[int, float]:
    return {c: pytest.approx(a, abs=1e-9) for c, a in moved(results).get((name, by, "account"), {}).items()}


def back(results: Results, name: str = "loan", by: str = "investor") -> dict[int, float]:
    return {c: pytest.approx(a, abs=1e-9) for c, a in moved(results).get((name, "account", by), {}).items()}


def fees(**amounts: float) -> str:
    rows = [f"{name}: {{amount: {amount}, at: {2020 + int(name[1:])}-01}}" for name, amount in amounts.items()]
    return "{payments: {" + ", ".join(rows) + "}}"


@pytest.mark.key("finance.recycle")
@pytest.mark.parametrize(
    ("recycle", "draws", "returns"),
    [
        # 30 a year at 0, 1, 2 and 3; a fee of 100 at 1. Receipts never pay costs: all of it goes out at once
        ("none", {0: 30, 1: 30, 2: 30, 3: 30}, {1: 100}),
        # 100 pays the 30 of the day; 30 is kept for the year ahead, 40 goes out; the year after that is drawn again
        ("12 months", {0: 30, 3: 30}, {1: 40}),
        # 60 is kept for two years, 10 goes out
        ("24 months", {0: 30}, {1: 10}),
        ("all", {0: 30}, {1: 10}),
        # less than a step ahead: nothing is kept, but costs of the day are still paid first
        ("6 months", {0: 30, 2: 30, 3: 30}, {1: 70}),
    ],
)
def test_receipts_first_pay_costs_and_are_kept_for_those_ahead(
    recycle: str, draws: dict[int, float], returns: dict[int, float]
) -> None:
    finance = f"{{tranches: {{loan: {{amount: 200}}}}, recycle: {recycle}}}"
    r = run(deal(contract=fees(y1=100), costs="{c: {amount: 120, over: 4 years}}", finance=finance))
    assert drawn(r) == draws
    assert back(r) == returns


@pytest.mark.key("finance.recycle", "tranches.drawn")
def test_drawn_capital_is_spent_before_receipts_and_what_it_will_pay_is_not_kept() -> None:
    finance = "{tranches: {loan: {amount: 80, drawn: upfront}}, recycle: all}"
    r = run(deal(contract=fees(y1=50), costs="{c: {amount: 90, over: 3 years}}", finance=finance))
    # capital 80: 30 at 0, 30 at 1; then 20 is left for the 30 of year 2, so 10 of the fee is kept and 40 goes out
    assert back(r) == {1: 40}
    assert moved(r)["c", "account", "provider"] == {0: 30, 1: 30, 2: 30}
    assert ("c", "provider", "provider") not in moved(r)


@pytest.mark.key("finance.recycle")
def test_what_is_kept_is_let_go_when_costs_are_over() -> None:
    """The fee of year 1 is kept for year 3; after that nothing is planned, and all goes out at once."""
    costs = "{early: {amount: 10}, late: {amount: 60, at: 2023-01}}"
    finance = "{tranches: {loan: {amount: 100}}, recycle: all}"
    r = run(deal(contract=fees(y1=80, y4=5), costs=costs, finance=finance))
    assert drawn(r) == {0: 10}
    assert back(r) == {1: 20, 4: 5}


@pytest.mark.key("finance.recycle", "finance.distribute")
def test_receipts_that_are_not_kept_wait_for_the_day() -> None:
    finance = "{tranches: {loan: {amount: 100}}, recycle: 12 months, distribute: [2022-01, 2023-01]}"
    r = run(deal(contract=fees(y1=70), costs="{c: {amount: 80, over: 4 years}}", finance=finance))
    # 20 a year: drawn at 0; 70 pays 20 at 1 and 20 at 2; then 20 is kept for year 3, and 10 goes out
    assert drawn(r) == {0: 20}
    assert back(r) == {2: 10}
    assert sum(flow(r, "investor")) == pytest.approx(-10)


@pytest.mark.key("finance.recycle", "participants.size")
def test_people_to_come_are_planned_at_mean_inputs() -> None:
    """10 or 30 people, 20 on average, at 5 each: 100 is kept for them; the truth shows only when they come."""
    text = deal(
        inputs="{number: {discrete: [[10, 50 %], [30, 50 %]]}}",
        participants="{size: 1, duration: 1 year, cohorts: {a: {size: 1}, b: {start: 2022-01, size: number}}}",
        contract=fees(y1=150),
        costs="{c: {amount: 5, per: starter}}",
        finance="{tranches: {loan: {amount: 200}}, recycle: 12 months, surplus: {city: 100 %}}",
    )
    r = run(text)
    number = r.store.array(("#input", "number"))[:1024]
    assert set(number) == {10.0, 30.0}
    net = books(r, slice(0, 1024))
    investor, city = net["investor"], net["city"]
    assert np.allclose(investor[0], -5)
    assert np.allclose(investor[1], 5)
    assert np.allclose(city[1], 150 - 100 - 5)
    # 10 people cost 50: 50 is let go; 30 people cost 150: 50 more is drawn, and comes back never
    assert np.allclose(city[2], np.where(number == 10, 50, 0))
    assert np.allclose(investor[2], np.where(number == 10, 0, -50))


@pytest.mark.key("finance.recycle", "participants.dropout")
def test_people_are_planned_as_if_nobody_dropped_out() -> None:
    """Half of 1,000 people leave within three years: 12 months for each of the 1,000 are kept for the last year."""
    text = deal(
        participants="{size: 1 000, duration: 3 years, dropout: 50 %}",
        contract="{payments: {p: {amount: 50 000, at: 2021-01}}}",
        costs="{c: {amount: 1, per: person_month}}",
        finance="{tranches: {loan: {amount: 20 000}}, recycle: all}",
    )
    r = run(text)
    paid = next(t for t in r.transfers(slice(0, 1024)) if t.label == "c" and t.source == "account").amounts
    investor = books(r, slice(0, 1024))["investor"]
    assert np.allclose(investor[0], -paid[0])
    assert np.allclose(investor[1], 50_000 - paid[1] - 12_000)
    assert np.allclose(investor[2], 12_000 - paid[2])
    assert investor[2].min() > 2_000


@pytest.mark.key("finance.recycle")
def test_a_lender_is_repaid_later_when_receipts_pay_costs() -> None:
    """Skipping draws: 3 of costs on 1 of capital, the surplus is the same."""
    text = deal(
        contract=fees(y1=40, y2=40, y3=40),
        costs="{c: {amount: 90, over: 3 years}}",
        finance="{tranches: {loan: {amount: 30}}, recycle: all}",
    )
    r = run(text)
    # 40 pays 30, 10 kept; 50 pays 30, 20 out; then 40
    assert flow(r, "investor") == pytest.approx([-30, 0, 20, 40])
    assert r.metric("investor", "moic")[0] == pytest.approx(2.0)
    idle = run(text.replace("recycle: all", "recycle: none, shortfall: city"))
    assert flow(idle, "investor") == pytest.approx([-30, 40, 40, 40])
    assert flow(idle, "city") == pytest.approx([0, -30, -30, 0])


@pytest.mark.key("finance.recycle", "cap.multiple")
def test_a_cap_on_the_multiple_counts_what_costs_still_need() -> None:
    """The loans may get 1.2 x 30 = 36; the account must pay 30 more of costs first: 66 is let through, not 36."""
    contract = "{payments: {p: {amount: 500, at: 2021-01, cap: {multiple: 1.2}}}}"
    text = deal(
        contract=contract,
        costs="{c: {amount: 60, over: 2 years}}",
        finance="{tranches: {loan: {amount: 100}}, recycle: all}",
    )
    r = run(text)
    assert flow(r, "payer") == pytest.approx([0, -66])
    assert flow(r, "investor") == pytest.approx([-30, 36])


@pytest.mark.key("finance.recycle", "cap.irr")
def test_a_cap_on_the_irr_counts_what_costs_still_need() -> None:
    """At 10 % the loans lack 33; the cost of the day takes 30 and the one ahead 30: 93 is let through, not 33."""
    text = deal(
        contract="{payments: {p: {amount: 500, at: 2021-01, cap: {irr: 10 %}}}}",
        costs="{c: {amount: 90, over: 3 years}}",
        finance="{tranches: {loan: {amount: 100}}, recycle: 12 months}",
    )
    r = run(text)
    assert flow(r, "payer")[:2] == pytest.approx([0, -93])
    assert flow(r, "investor") == pytest.approx([-30, 33, 0])
    assert r.metric("investor", "irr")[0] == pytest.approx(0.10, abs=1e-9)


@pytest.mark.key("finance.recycle", "inputs.product")
def test_a_plan_takes_the_mean_of_an_input_that_is_made_of_others() -> None:
    text = deal(
        inputs="{a: {uniform: {low: 10, high: 30}}, price: {product: [a, 2]}}",
        contract=fees(y1=100),
        costs="{c: {amount: price, at: 2022-01}}",
        finance="{tranches: {loan: {amount: 100}, small: {amount: 1, drawn: upfront}}, recycle: all,"
        " surplus: {city: 100 %}}",
    )
    r = run(text)
    price = r.store.array(("#input", "price"))[:1024]
    city = books(r, slice(0, 1024))["city"]
    # 40 on average is kept, less the 1 of capital; 1 goes back to the lender
    assert np.allclose(city[1], 100 - 39 - 1)
    assert np.allclose(city[2], np.maximum(40 - price, 0))
