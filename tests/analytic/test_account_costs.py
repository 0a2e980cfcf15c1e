"""What the service costs, key by key, with numbers worked out by hand. Columns are years."""

from __future__ import annotations

import pytest

from sibsim.results import Results
from tests.support import deal, flow, moved, run


def paid(results: Results, label: str = "c", by: str = "provider", to: str = "outside") -> dict[int, float]:
    return {c: pytest.approx(a) for c, a in moved(results).get((label, by, to), {}).items()}


PEOPLE = "{size: 10, intake: 2 years, take_up: 100 %, duration: 18 months}"


@pytest.mark.key("costs.amount", "costs.from", "costs.over")
@pytest.mark.parametrize(
    ("terms", "amounts"),
    [
        ("amount: 60", {0: 60}),
        ("amount: 60, over: 3 years", {0: 20, 1: 20, 2: 20}),
        ("amount: 60, over: 3 years, from: 2021-01", {1: 20, 2: 20, 3: 20}),
        ("amount: 60, over: 18 months, from: 2021-01", {1: 40, 2: 20}),
        ("amount: {2020-01: 60, 2021-01: 90}, over: 3 years", {0: 20, 1: 30, 2: 30}),
    ],
)
def test_a_cost_of_the_whole_contract_is_spread_evenly_from_its_first_date(
    terms: str, amounts: dict[int, float]
) -> None:
    assert paid(run(deal(costs=f"{{c: {{{terms}}}}}"))) == amounts


@pytest.mark.key("costs.at", "costs.index")
def test_an_amount_on_each_date_rises_from_the_start_of_the_file() -> None:
    r = run(deal(costs="{c: {amount: 100, at: [12 months, 2023-01], index: 10 %}}"))
    assert paid(r) == {1: 110, 3: 133.1}
    r = run(deal(costs="{c: {amount: 100, at: [12 months, 2023-01], index: {2020-01: 10 %, 2021-01: 0 %}}}"))
    assert paid(r) == {1: 110, 3: 110}


@pytest.mark.key("costs.per", "costs.over")
@pytest.mark.parametrize(
    ("terms", "amounts"),
    [
        # five people start in 2020, five in 2021, each for 18 months; they complete in 2022 (June 2021) and 2023
        ("amount: 6, per: starter", {0: 30, 1: 30}),
        ("amount: 6, per: offered", {0: 30, 1: 30}),
        ("amount: 6, per: completer", {2: 30, 3: 30}),
        ("amount: 6, per: starter, over: 18 months", {0: 20, 1: 30, 2: 10}),
        ("amount: 1, per: person_month", {0: 60, 1: 90, 2: 30}),
        ("amount: 1, per: person_month, over: 1 year", {0: 60, 1: 60}),
    ],
)
def test_a_cost_per_person_falls_at_each_persons_own_time(terms: str, amounts: dict[int, float]) -> None:
    assert paid(run(deal(participants=PEOPLE, costs=f"{{c: {{{terms}}}}}"))) == amounts


@pytest.mark.key("costs.per", "participants.take_up", "participants.dropout")
def test_nobody_starts_and_everybody_is_offered() -> None:
    people = PEOPLE.replace("take_up: 100 %", "take_up: 0 %")
    for per, total in (("starter", 0), ("completer", 0), ("offered", 60), ("person_month", 0)):
        r = run(deal(participants=people, costs=f"{{c: {{amount: 6, per: {per}}}}}"))
        assert sum(flow(r, "provider")) == pytest.approx(-total)


@pytest.mark.key("costs.by", "costs.to")
def test_each_cost_is_paid_by_who_bears_it_to_who_gets_it() -> None:
    costs = (
        "{service: {amount: 40}, evaluation: {amount: 7, by: payer, to: evaluator},"
        " own: {amount: 9, by: provider, to: outside}}"
    )
    text = deal(
        contract="{payments: {p: {amount: 50, at: 2021-01}}}",
        costs=costs,
        finance="{tranches: {loan: {amount: 100}}}",
    ).replace("provider: D", "provider: D, evaluator: E")
    r = run(text)
    assert flow(r, "investor") == pytest.approx([-40, 50])  # only what the account pays is drawn for
    assert flow(r, "payer") == pytest.approx([-7, -50])
    assert flow(r, "provider") == pytest.approx([40 - 9, 0])
    assert flow(r, "evaluator") == pytest.approx([7, 0])
    assert r.metric("provider", "margin")[0] == pytest.approx(31)


@pytest.mark.key("costs.at", "events.at", "events.if")
@pytest.mark.parametrize(("needed", "day"), [(5, 1), (50, None)])
def test_a_cost_at_an_event_is_paid_on_the_day_it_happens(needed: int, day: int | None) -> None:
    """A fee of 30 for winding up, 10 % a year dearer, if the result of 10 is at least what is asked."""
    text = deal(
        events=f"{{wind up: {{at: [2021-01, 2022-01], if: {{x: at least {needed}}}}}}}",
        costs="{fee: {amount: 30, at: wind up, index: 10 %}}",
    )
    assert paid(run(text), "fee") == ({} if day is None else {day: 33})


@pytest.mark.key("finance.distribute", "events.at")
def test_receipts_go_out_on_the_day_an_event_happens_and_the_rest_on_the_last() -> None:
    text = deal(
        contract="{payments: {p: {amount: 20, at: [2020-01, 2021-01, 2022-01, 2023-01]}}}",
        costs="{c: {amount: 50}}",
        events="{test: {at: 2021-01}}",
        finance="{tranches: {loan: {amount: 50}}, distribute: test}",
    )
    assert flow(run(text), "investor") == pytest.approx([-50, 40, 0, 40])


@pytest.mark.key("costs.amount", "tranches.amount")
def test_a_cost_above_what_can_be_drawn_is_drawn_as_far_as_it_goes() -> None:
    text = deal(
        inputs="{price: {uniform: {low: 20, high: 40}}}",
        contract="{payments: {p: {amount: 5, at: 2021-01}}}",
        costs="{c: {amount: price}}",
        finance="{tranches: {loan: {amount: 30}}, shortfall: payer}",
    )
    r = run(text)
    price = r.store.array(("#input", "price"))
    drawn, bears = r.metric("investor", "drawn"), r.metric("payer", "own_costs")
    assert drawn == pytest.approx(price.clip(None, 30))
    assert bears == pytest.approx((price - 30).clip(0))
