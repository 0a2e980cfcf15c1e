"""When capital comes: on dates, when an event opens a tranche, and as much as stands on the day. Columns are years."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support import books, deal, flow, moved, run

FEE = "{payments: {p: {amount: 500, at: 2024-01}}}"


def drawn(results: object, name: str, by: str = "investor") -> dict[int, float]:
    return {c: pytest.approx(a) for c, a in moved(results).get((name, by, "account"), {}).items()}  # type: ignore[arg-type]


@pytest.mark.key("tranches.drawn")
def test_so_much_is_drawn_on_each_date_and_held_until_costs_take_it() -> None:
    finance = "{tranches: {loan: {amount: 7, drawn: {2020-01: 1, 2021-01: 6}}}, shortfall: city}"
    r = run(deal(contract=FEE, costs="{c: {amount: 9, over: 3 years}}", finance=finance))
    # 3 a year: at 0 there is 1, the city pays 2; at 1 there are 6 for 3; at 2 the other 3
    assert drawn(r, "loan") == {0: 1, 1: 6}
    assert moved(r)["c", "account", "provider"] == pytest.approx({0: 1, 1: 3, 2: 3})
    assert moved(r)["c", "city", "provider"] == pytest.approx({0: 2})


@pytest.mark.key("tranches.drawn", "tranches.amount", "tranches.rate")
def test_draws_stay_within_the_amount_of_the_day_and_bear_interest_from_their_date() -> None:
    amount = "{2020-01: 50, 2022-01: 120}"
    loan = f"{{amount: {amount}, drawn: {{2020-01: 50, 2022-01: 60}}, rate: 10 %}}"
    finance = f"{{tranches: {{loan: {loan}}}, surplus: {{city: 100 %}}}}"
    r = run(deal(contract=FEE, costs="{c: {amount: 110, at: 2022-01}}", finance=finance))
    assert drawn(r, "loan") == {0: 50, 2: 60}
    # 50 for four years and 60 for two, at 10 %
    assert moved(r)["loan", "account", "investor"] == pytest.approx({4: 50 * 1.1**4 + 60 * 1.1**2})
    assert r.metric("investor", "irr")[0] == pytest.approx(0.10, abs=1e-9)


@pytest.mark.key("tranches.drawn")
def test_an_uncertain_draw_is_cut_to_the_amount() -> None:
    text = deal(
        inputs="{need: {discrete: [[30, 50 %], [90, 50 %]]}}",
        contract=FEE,
        finance="{tranches: {loan: {amount: 60, drawn: {2020-01: 20, 2021-01: need}}}}",
    )
    r = run(text)
    need = r.store.array(("#input", "need"))[:1024]
    investor = books(r, slice(0, 1024))["investor"]
    assert np.allclose(investor[1], np.where(need == 30, -30, -40))  # 20 and 90 would be 110: only 40 is left


@pytest.mark.key("tranches.drawn", "finance.recycle")
def test_a_draw_on_a_date_comes_before_the_payments_of_that_day() -> None:
    contract = "{payments: {p: {amount: 50 %, of: drawn, at: [2021-01, 2022-01], to: loan}}}"
    finance = "{tranches: {loan: {amount: 100, drawn: {2020-01: 40, 2021-01: 60}}}}"
    r = run(deal(contract=contract, costs="{c: {amount: 100, at: 2021-01}}", finance=finance))
    assert flow(r, "payer") == pytest.approx([0, -50, -50])


@pytest.mark.key("tranches.amount")
def test_an_amount_over_time_opens_more_later() -> None:
    finance = "{tranches: {loan: {amount: {2020-01: 10, 2021-01: 35}}}, shortfall: city}"
    r = run(deal(contract=FEE, costs="{c: {amount: 60, over: 3 years}}", finance=finance))
    # 20 a year: 10 drawn and 10 short; then up to 35 in all: 20, and the last 5
    assert drawn(r, "loan") == {0: 10, 1: 20, 2: 5}
    assert moved(r)["c", "city", "provider"] == pytest.approx({0: 10, 2: 15})


@pytest.mark.key("tranches.after", "events.at", "events.if")
@pytest.mark.parametrize(("needed", "happens"), [(5, True), (50, False)])
def test_a_tranche_opens_only_when_its_event_has_happened(needed: int, happens: bool) -> None:
    """The result is 10, reported after a year: the second tranche opens then, or never."""
    text = deal(
        contract=FEE,
        costs="{c: {amount: 60, over: 3 years}}",
        events=f"{{further payers: {{at: [2021-01, 2022-01], if: {{x: at least {needed}}}}}}}",
        finance="{tranches: {first: {amount: 20}, second: {amount: 50, by: lender, after: further payers},"
        " gift: {amount: 5, kind: grant, by: fund, after: further payers, drawn: upfront},"
        " dated: {amount: 9, by: city, after: further payers, drawn: {2020-01: 4, 2022-01: 3}}}, shortfall: outside}",
    )
    r = run(text)
    assert drawn(r, "first") == {0: 20}
    if not happens:
        assert drawn(r, "second", "lender") == drawn(r, "gift", "fund") == drawn(r, "dated", "city") == {}
        assert moved(r)["c", "outside", "provider"] == pytest.approx({1: 20, 2: 20})
        assert math.isnan(r.metric("lender", "irr")[0])
        assert math.isnan(r.metric("lender", "moic")[0])
        assert r.metric("lender", "loss")[0] == r.metric("lender", "drawn")[0] == 0
        metrics = r.summary()["parties"]["lender"]["metrics"]
        assert metrics["irr"]["mean"] is None
        assert metrics["drawn"]["mean"] == 0
        return
    # opens in 2021: the grant all at once, 15 from the loan; of the dates only the one after it counts
    assert drawn(r, "gift", "fund") == {1: 5}
    assert drawn(r, "dated", "city") == {2: 3}
    assert drawn(r, "second", "lender") == {1: 15, 2: 17}


@pytest.mark.key("events.stops", "tranches.drawn")
def test_stopped_draws_leave_costs_to_who_bears_a_shortfall() -> None:
    text = deal(
        contract=FEE,
        costs="{c: {amount: 60, over: 3 years}}",
        events="{freeze: {at: 2021-01, stops: [draws]}}",
        finance="{tranches: {loan: {amount: 100}, dated: {amount: 9, by: lender, drawn: {2020-01: 4, 2021-01: 3}}},"
        " shortfall: city}",
    )
    r = run(text)
    assert drawn(r, "loan") == {0: 16}
    assert drawn(r, "dated", "lender") == {0: 4}
    assert moved(r)["c", "city", "provider"] == pytest.approx({1: 20, 2: 20})
