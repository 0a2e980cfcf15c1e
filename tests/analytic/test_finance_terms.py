"""A tranche for one cost, draws on a condition, principal that matures, a surplus that waits. Columns are years."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.replay import settled, settlement_summary
from sibsim.results import Results
from tests.support import books, deal, flow, moved, run, scenario

FEE = "{payments: {p: {amount: 500, at: 2024-01}}}"


def drawn(results: Results, name: str, by: str = "investor") -> dict[int, float]:
    return {c: pytest.approx(a, abs=1e-9) for c, a in moved(results).get((name, by, "account"), {}).items()}


def back(results: Results, name: str, by: str = "investor") -> dict[int, float]:
    return {c: pytest.approx(a, abs=1e-9) for c, a in moved(results).get((name, "account", by), {}).items()}


# ------------------------------------------------------------------------------------------------ paid_from
@pytest.mark.key("costs.paid_from")
@pytest.mark.parametrize("order", ["own, service", "service, own"])
def test_a_tranche_is_drawn_first_for_its_own_cost_and_for_no_other(order: str) -> None:
    """20 a year of service from the loan, 10 in 2020 and 2021 from deferred fees of 15: 5 are left for the loan."""
    lines = {
        "own": "own: {amount: 10, at: [2020-01, 2021-01], paid_from: fees}",
        "service": "c: {amount: 60, over: 3 years}",
    }
    finance = "{tranches: {loan: {amount: 45}, fees: {by: provider, amount: 15}}, shortfall: city}"
    text = deal(contract=FEE, costs=f"{{{', '.join(lines[name] for name in order.split(', '))}}}", finance=finance)
    r = run(text)
    assert drawn(r, "fees", "provider") == {0: 10, 1: 5}
    assert drawn(r, "loan") == {0: 20, 1: 25}
    # in 2022 nothing is left of the loan: the fees would not have been drawn for it either
    assert moved(r)["c", "city", "provider"] == pytest.approx({2: 20})


@pytest.mark.key("costs.paid_from")
def test_an_earmarked_grant_is_drawn_although_other_money_is_there_and_not_beyond_its_cost() -> None:
    finance = "{tranches: {loan: {amount: 50, drawn: upfront}, gift: {by: fund, kind: grant, amount: 30}}"
    finance += ", surplus: {city: 100 %}}"
    costs = "{evaluation: {amount: 12, at: 2021-01, to: outside, paid_from: gift}, c: {amount: 70}}"
    r = run(deal(contract=FEE, costs=costs, finance=finance))
    assert drawn(r, "gift", "fund") == {1: 12}
    # 70 of service: 50 of the loan, 20 short; 18 of the gift are never drawn
    assert moved(r)["c", "account", "provider"] == pytest.approx({0: 50})


@pytest.mark.key("costs.paid_from", "finance.recycle", "cap.multiple")
@pytest.mark.parametrize(
    ("cap", "fees_back", "paid"),
    [
        # 2021: 10 of the fees pay the day's cost, 5 of them are left for the 20 ahead: 15 of the 100 are kept
        ("none", {1: 85}, 100),
        # what was lent (10) is back, and 15 pay costs: 25 are paid, of which 10 go out
        ("{multiple: 1}", {1: 10}, 25),
    ],
)
def test_receipts_are_kept_for_what_the_tranche_will_not_pay(
    cap: str, fees_back: dict[int, float], paid: float
) -> None:
    text = deal(
        contract=f"{{payments: {{p: {{amount: 100, at: 2021-01, cap: {cap}}}}}}}",
        costs="{own: {amount: 40, over: 4 years, paid_from: fees}}",
        finance="{tranches: {fees: {by: lender, amount: 25}}, recycle: all}",
    )
    r = run(text)
    assert drawn(r, "fees", "lender") == {0: 10, 1: 10, 2: 5}
    assert flow(r, "payer")[1] == pytest.approx(-paid)
    assert back(r, "fees", "lender") == fees_back
    assert moved(r)["own", "account", "provider"] == pytest.approx({0: 10, 1: 10, 2: 10, 3: 10})


@pytest.mark.key("costs.paid_from", "finance.shortfall")
@pytest.mark.parametrize(("loan", "starts"), [(60, 1), (199, 1), (200, 2)])
def test_stop_intake_counts_a_tranche_for_its_own_cost_alone(loan: int, starts: int) -> None:
    """Each of 10 a year costs 5 and, first from a gift of 100, 10. The first group takes 50 and the whole gift; the
    second needs 50 + 100 of the loan."""
    text = deal(
        participants="{size: 20, intake: 24 months}",
        contract=FEE,
        costs="{c: {amount: 5, per: starter}, room: {amount: 10, per: starter, paid_from: gift}}",
        finance=f"{{tranches: {{loan: {{amount: {loan}}}, gift: {{by: fund, kind: grant, amount: 100}}}},"
        " shortfall: stop intake}",
        outcomes="{result: {type: score, better: more, over: 1 year, with: 10, sd: 1}}",
        measures="{x: {of: result, as: average, follow_up: 1 year, reported: 2024-01}}",
    )
    r = run(text)
    assert moved(r)["c", "account", "provider"] == pytest.approx({0: 50, 1: 50} if starts == 2 else {0: 50})
    assert drawn(r, "gift", "fund") == {0: 100}


# ------------------------------------------------------------------------------------------------ if
@pytest.mark.key("tranches.if")
@pytest.mark.parametrize(("needed", "second"), [(10, {1: 20, 2: 20}), (10.1, {})])
def test_a_tranche_is_drawn_only_on_days_on_which_its_condition_holds(needed: float, second: dict[int, float]) -> None:
    """x is 10, reported in 2021: from that day on."""
    finance = (
        f"{{tranches: {{first: {{amount: 20}}, second: {{by: lender, amount: 90, if: {{x: at least {needed}}}}}}},"
        " shortfall: city}"
    )
    r = run(deal(contract=FEE, costs="{c: {amount: 60, over: 3 years}}", finance=finance))
    assert drawn(r, "second", "lender") == second
    assert moved(r).get(("c", "city", "provider"), {}) == pytest.approx({} if second else {1: 20, 2: 20})


@pytest.mark.key("tranches.if", "tranches.drawn")
def test_a_draw_on_a_date_that_fails_is_gone() -> None:
    finance = "{tranches: {loan: {amount: 9, drawn: {2020-01: 4, 2021-01: 3, 2022-01: 2}, if: {x: at least 1}},"
    finance += " all at once: {by: lender, amount: 7, drawn: upfront, if: {x: at least 1}}}, surplus: {city: 100 %}}"
    r = run(deal(contract=FEE, costs="{c: {amount: 5, at: 2023-01}}", finance=finance))
    assert drawn(r, "loan") == {1: 3, 2: 2}
    assert drawn(r, "all at once", "lender") == {}


@pytest.mark.key("tranches.if", "tranches.drawn")
def test_a_condition_sees_what_was_paid_before_the_draw() -> None:
    """A draw on a date comes before the payments of its day, a draw as needed after them."""
    contract = "{payments: {milestone: {amount: 5, at: 2021-01, to: provider}, p: {amount: 500, at: 2024-01}}}"
    finance = (
        "{tranches: {dated: {amount: 9, drawn: {2021-01: 3, 2022-01: 4}, if: {milestone: above 0}},"
        " needed: {by: lender, amount: 90, if: {milestone: above 0}}}, shortfall: city}"
    )
    r = run(deal(contract=contract, costs="{c: {amount: 60, over: 3 years}}", finance=finance))
    assert drawn(r, "dated") == {2: 4}
    assert drawn(r, "needed", "lender") == {1: 20, 2: 16}
    assert moved(r)["c", "city", "provider"] == pytest.approx({0: 20})


@pytest.mark.key("tranches.if", "tranches.after")
@pytest.mark.parametrize(("when", "amount"), [("2021-01", {}), ("2022-01", {2: 30})])
def test_all_of_a_tranche_comes_on_the_day_of_its_event_or_never(when: str, amount: dict[int, float]) -> None:
    contract = "{payments: {early: {amount: 5, at: 2021-01}, p: {amount: 500, at: 2024-01}}}"
    finance = "{tranches: {more: {amount: 30, drawn: upfront, after: signed, if: {early: above 0}}}, shortfall: city}"
    text = deal(
        contract=contract,
        costs="{c: {amount: 60, over: 3 years}}",
        finance=finance,
        events=f"{{signed: {{at: {when}}}}}",
    )
    assert drawn(run(text), "more") == amount


@pytest.mark.key("tranches.if")
def test_a_condition_on_an_event_holds_until_that_happens_in_each_future() -> None:
    text = deal(
        contract=FEE,
        costs="{c: {amount: 60, over: 3 years}}",
        events="{default: {at: [2021-01, 2022-01], chance: 40 %}}",
        finance="{tranches: {loan: {amount: 90, if: {default: not happened}}}, shortfall: city}",
    )
    net = books(run(text), slice(0, 512))
    city, lent = -net["city"], -np.minimum(net["investor"], 0)
    assert {tuple(row) for row in city[:3].T.tolist()} == {(0, 0, 0), (0, 20, 20), (0, 0, 20)}
    assert np.allclose(city[:3].sum(axis=0) + lent[:3].sum(axis=0), 60)


# ------------------------------------------------------------------------------------------------ matures
FEES = "{payments: {p: {amount: 40, at: [2021-01, 2022-01, 2023-01, 2024-01]}}}"


@pytest.mark.key("tranches.matures", "finance.surplus_from")
@pytest.mark.parametrize(
    ("surplus_from", "city"),
    [
        # 5 of 40 are the coupon; kept: 35, 70, then 100 of 105; at maturity 140 = 5 + 100 + 35
        ("", [0, 0, 0, 5, 35]),
        ("surplus_from: 2023-01, ", [0, 0, 0, 5, 35]),
        ("surplus_from: 2024-01, ", [0, 0, 0, 0, 40]),
        # the account stays open until then
        ("surplus_from: 2025-01, ", [0, 0, 0, 0, 0, 40]),
    ],
)
def test_before_it_matures_a_loan_gets_its_coupon_and_its_principal_is_kept(
    surplus_from: str, city: list[float]
) -> None:
    loan = "{amount: 100, drawn: upfront, rate: 5 %, matures: 2024-01}"
    finance = f"{{tranches: {{loan: {loan}}}, {surplus_from}surplus: {{city: 100 %}}}}"
    r = run(deal(contract=FEES, costs="{c: {amount: 100}}", finance=finance))
    assert flow(r, "investor")[:5] == pytest.approx([-100, 5, 5, 5, 105])
    assert flow(r, "city") == pytest.approx(city)
    assert r.metric("investor", "irr")[0] == pytest.approx(0.05)


@pytest.mark.key("tranches.matures")
def test_a_coupon_that_receipts_do_not_cover_comes_from_drawn_money() -> None:
    """Nothing comes in before 2023. 2021: 5 of the 100 that are drawn; 2022: 60 of costs and 5 more: 30 are left."""
    finance = "{tranches: {loan: {amount: 100, drawn: upfront, rate: 5 %, matures: 2024-01}}, surplus: {city: 100 %}}"
    text = deal(
        contract="{payments: {p: {amount: 80, at: 2023-01}}}", costs="{c: {amount: 60, at: 2022-01}}", finance=finance
    )
    r = run(text)
    # 2023: 80 less the coupon is 75; with the 30 that no cost needs 70 are enough for the principal, 5 are above it
    # 2024: 100 in all, of which 5 are the coupon: 95 of the principal come back
    assert flow(r, "investor") == pytest.approx([-100, 5, 5, 5, 100])
    assert flow(r, "city") == pytest.approx([0, 0, 0, 5, 0])
    assert r.metric("investor", "drawn", tranche="loan")[0] == 100


@pytest.mark.key("tranches.matures")
def test_drawn_money_that_costs_will_need_does_not_stand_for_principal() -> None:
    """50 of the 100 are for 2023: of the 80 that come in 2021, 50 are kept and 30 are above what is owed later."""
    finance = "{tranches: {loan: {amount: 100, drawn: upfront, matures: 2024-01}}, surplus: {city: 100 %}}"
    text = deal(
        contract="{payments: {p: {amount: 80, at: 2021-01}}}", costs="{c: {amount: 50, at: 2023-01}}", finance=finance
    )
    r = run(text)
    assert flow(r, "city") == pytest.approx([0, 30, 0, 0, 0])
    assert flow(r, "investor") == pytest.approx([-100, 0, 0, 0, 100])


@pytest.mark.key("tranches.matures", "tranches.rank")
def test_later_ranks_get_what_is_above_the_principal_that_is_kept() -> None:
    finance = (
        "{tranches: {senior: {amount: 50, drawn: upfront, matures: 2023-01},"
        " junior: {by: lender, rank: 2, amount: 30, drawn: upfront}}, surplus: {city: 100 %}}"
    )
    text = deal(
        contract="{payments: {p: {amount: 60, at: [2021-01, 2022-01]}}}", costs="{c: {amount: 80}}", finance=finance
    )
    r = run(text)
    assert flow(r, "lender") == pytest.approx([-30, 10, 20, 0])
    assert flow(r, "investor") == pytest.approx([-50, 0, 0, 50])
    assert flow(r, "city") == pytest.approx([0, 0, 40, 0])


@pytest.mark.key("tranches.matures", "tranches.rank")
def test_of_one_rank_one_is_repaid_while_the_other_waits() -> None:
    """60 against 100 and 50 that are owed: 40 are kept for the first, 20 are repaid to the second."""
    finance = (
        "{tranches: {late: {amount: 100, drawn: upfront, matures: 2023-01},"
        " now: {by: lender, amount: 50, drawn: upfront}}, surplus: {city: 100 %}}"
    )
    text = deal(
        contract="{payments: {p: {amount: 60, at: [2021-01, 2022-01]}}}", costs="{c: {amount: 150}}", finance=finance
    )
    r = run(text)
    # 2022: 100 in hand against 100 and 30; 2023: what is left of that against 100 and what the other still lacks
    second = 100 * 30 / 130
    left, lacks = 100 - second, 30 - second
    assert flow(r, "lender") == pytest.approx([-50, 20, second, left * lacks / (100 + lacks)])
    assert flow(r, "investor") == pytest.approx([-100, 0, 0, left * 100 / (100 + lacks)])


@pytest.mark.key("tranches.matures", "finance.surplus_from", "events.stops")
def test_a_stop_of_everything_pays_out_what_was_kept() -> None:
    finance = (
        "{tranches: {loan: {amount: 100, drawn: upfront, rate: 5 %, matures: 2030-01}}, surplus_from: 2030-01,"
        " surplus: {city: 100 %}}"
    )
    text = deal(
        contract=FEES,
        costs="{c: {amount: 100}}",
        finance=finance,
        events="{end: {at: [2023-01], chance: 50 %, stops: everything}}",
    )
    net = books(run(text), slice(0, 64))
    ends = net["investor"][3] > 50
    assert 0 < ends.sum() < 64
    # 35 + 35 kept, and 40 that day: 5 and 100 go to the loan, 5 are left
    assert np.allclose(net["investor"][:4, ends].T, [-100, 5, 5, 105])
    assert np.allclose(net["city"][3, ends], 5)
    assert np.allclose(net["investor"][:, ~ends].T, [-100, *[5] * 9, 105])
    # 160 paid, less ten coupons and the principal
    assert np.allclose(net["city"][10, ~ends], 10)


@pytest.mark.key("tranches.matures", "finance.surplus_from", "cap.irr")
@pytest.mark.parametrize(
    ("surplus_from", "investor", "payer"),
    [
        # 2021: 110 are lacking, 80 are paid and kept. 2022: 121 lack, 80 are in hand: 41; 21 are above the principal.
        # 2023: 133.1 - 21 x 1.1 = 110 lack, 100 are in hand: 10
        ("", [-100, 0, 21, 110], [0, -80, -41, -10]),
        # 2023: 133.1 lack and 121 are in hand
        ("surplus_from: 2023-01, ", [-100, 0, 0, 133.1], [0, -80, -41, -12.1]),
    ],
)
def test_a_cap_on_the_loans_return_counts_what_is_kept(
    surplus_from: str, investor: list[float], payer: list[float]
) -> None:
    text = deal(
        contract="{payments: {p: {amount: 80, at: [2021-01, 2022-01, 2023-01], cap: {irr: 10 %}}}}",
        costs="{c: {amount: 100}}",
        finance=f"{{{surplus_from}tranches: {{loan: {{amount: 100, drawn: upfront, matures: 2023-01}}}}}}",
    )
    r = run(text)
    assert flow(r, "investor") == pytest.approx(investor)
    assert flow(r, "payer") == pytest.approx(payer)
    assert r.metric("investor", "irr")[0] == pytest.approx(0.10)


@pytest.mark.key("tranches.matures", "finance.recycle")
def test_costs_ahead_are_kept_for_before_principal() -> None:
    """20 a year until 2023. 2021: 90 in; 20 pay the day, 40 are kept for costs, 20 for the principal, 10 go on."""
    finance = "{tranches: {loan: {amount: 20, matures: 2024-01}}, recycle: all, surplus: {city: 100 %}}"
    text = deal(
        contract="{payments: {p: {amount: 90, at: 2021-01}}}", costs="{c: {amount: 80, over: 4 years}}", finance=finance
    )
    r = run(text)
    assert drawn(r, "loan") == {0: 20}
    assert flow(r, "city") == pytest.approx([0, 10, 0, 0, 0])
    assert flow(r, "investor") == pytest.approx([-20, 0, 0, 0, 20])


@pytest.mark.key("tranches.matures", "finance.recycle")
def test_a_coupon_comes_before_receipts_are_kept_for_costs_ahead() -> None:
    """50 a year until 2023, 100 drawn: of the 50 that come in 2021 and 2022, 2 are the coupon each time.

    96 are left for the costs of 2022 and 2023: 4 are short, there is nothing for the coupon of 2023, and 2 are owed.
    """
    finance = (
        "{tranches: {loan: {amount: 100, drawn: upfront, rate: 2 %, matures: 2024-01}}, recycle: all,"
        " surplus_from: 2024-01}"
    )
    text = deal(
        contract="{payments: {p: {amount: 50, at: [2021-01, 2022-01]}}}",
        costs="{c: {amount: 50, at: [2020-01, 2021-01, 2022-01, 2023-01]}}",
        finance=finance,
    )
    r = run(text)
    assert flow(r, "investor") == pytest.approx([-100, 2, 2, 0, 0])
    short = {t.label: t.amounts[:, 0].tolist() for t in r.transfers(slice(0, 1)) if t.kind == "shortfall"}
    assert short["c"][3] == pytest.approx(4)
    found = settlement_summary(settled(scenario(text + "actuals: {measures: {x: 10}}\n")))
    told = [(s["what"], s["figures"]["value"]) for s in found["trace"] if s["what"] in ("still owed", "kept")]
    assert told == [("kept", pytest.approx(48)), ("kept", pytest.approx(46)), ("still owed", pytest.approx(2))]


@pytest.mark.key("tranches.matures", "tranches.rank", "finance.recycle")
def test_what_is_kept_for_costs_pays_a_coupon_and_no_principal() -> None:
    """60 come in; 50 are kept for 2022: 4 and 3 of coupons come from them, 10 repay the senior loan that is due."""
    finance = (
        "{tranches: {senior: {amount: 20, drawn: upfront, rate: 5 %}, late: {by: lender, rank: 2, amount: 60,"
        " drawn: upfront, rate: 5 %, matures: 2024-01}}, recycle: all, surplus: {city: 100 %}}"
    )
    text = deal(
        contract="{payments: {p: {amount: 60, at: 2021-01}}}",
        costs="{c: {amount: 80}, d: {amount: 50, at: 2022-01}}",
        finance=finance,
    )
    r = run(text)
    # 2021: 10 are not kept: 1 of interest and 9 of principal to the senior; 3 of the 50 to the other
    assert flow(r, "investor")[:2] == pytest.approx([-20, 10])
    assert flow(r, "lender")[:2] == pytest.approx([-60, 3])


# ------------------------------------------------------------------------------------------------ settled
@pytest.mark.key("tranches.if")
def test_a_draw_that_waits_for_a_report_is_open_when_it_is_settled() -> None:
    """x of 2021 is known, that of 2022 is not: the draw of 2022 is open, and nothing later is asked of it."""
    text = deal(
        contract=FEE,
        measures="{x: {of: result, as: total, reported: [2021-01, 2022-01]}}",
        costs="{c: {amount: 20, over: 4 years}}",
        finance="{tranches: {loan: {amount: 9, drawn: {2021-01: 3, 2022-01: 2}, if: {x: at least 1}}}}",
    )
    found = settled(scenario(text + "actuals: {measures: {x: {2021-01: 4}}}\n"))
    summary = settlement_summary(found)
    is_open = [(o["date"], o.get("tranche"), o["waits_for"]) for o in summary["open"]]
    assert is_open == [("2022-01", "loan", ["x"])]
    known = settled(scenario(text + "actuals: {measures: {x: {2021-01: 4, 2022-01: 0.5}}}\n"))
    assert not known.recorder.open
    assert settlement_summary(known)["tranches"]["loan"]["drawn"] == 3


@pytest.mark.key("tranches.matures", "finance.surplus_from")
def test_what_is_kept_is_told() -> None:
    finance = (
        "{tranches: {loan: {amount: 100, drawn: upfront, rate: 5 %, matures: 2024-01}}, surplus_from: 2024-01,"
        " surplus: {city: 100 %}}"
    )
    text = deal(contract=FEES, costs="{c: {amount: 100}}", finance=finance)
    found = settled(scenario(text + "actuals: {measures: {x: 1}}\n"))
    steps = [(s.column, s.what, s.figures["value"]) for s in found.recorder.steps if s.what.startswith("kept ")]
    moved_on = [step for step in steps if step[2] and step[2] > 0]
    # 35 and 70 of the principal; then all of it, and 5 of surplus
    assert moved_on == [
        (1, "kept principal", pytest.approx(35)),
        (2, "kept principal", pytest.approx(70)),
        (3, "kept principal", pytest.approx(100)),
        (3, "kept surplus", pytest.approx(5)),
    ]
