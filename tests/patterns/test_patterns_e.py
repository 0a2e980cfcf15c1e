"""Patterns of group E, where the money comes from: ranks, classes, grants, guarantees, deferred fees, draws, trusts."""

from __future__ import annotations

import pytest

from tests.patterns.hand import Money, settle

HEAD = """sibsim: 1
title: A pattern
currency: USD
start: 2014-01
step: year
parties: {payer: State, investor: A bank, lender: L, fund: Donors, provider: A charity, guarantor: G, agent: A}
outcomes: {result: {type: score, each: cohort, better: more, over: 4 years, with: 10}}
measures: {x: {of: result, as: total, reported: 2018-01}}
"""
SUCCESS = "{payments: {success: {measure: x, per_unit: 1}}}"


def came(
    x: float, finance: str, costs: str = "{service: {amount: 100}}", contract: str = SUCCESS, **more: str
) -> Money:
    """What moves when the result is x; ``more`` is of the actuals."""
    return settle(f"{HEAD}contract: {contract}\ncosts: {costs}\nfinance: {finance}\n", f"x: {x}", **more)


def nets(money: Money, *parties: str) -> list[float]:
    return [money.net(party) for party in parties]


# ------------------------------------------------------------------------------------------------ E1 to E4
@pytest.mark.parametrize(
    ("paid", "investor", "lender"),
    [(0, -70, -30), (-20, -70, -30), (50, -35, -15), (100, 0, 0), (120, 14, 6)],
)
def test_pattern_E1_one_tranche_is_shared_by_what_each_has_lent(paid: float, investor: float, lender: float) -> None:
    """70 and 30 in one rank: 50 that come back are 35 and 15, what is above 100 is 70 % and 30 % of it."""
    finance = "{tranches: {notes: {amount: 70, drawn: upfront}, more notes: {by: lender, amount: 30, drawn: upfront}}}"
    assert nets(came(paid, finance), "investor", "lender") == pytest.approx([investor, lender])


@pytest.mark.parametrize(
    ("paid", "senior", "junior"),
    [
        # 9 at 5 % for four years owe 10.94; 3 at 2 % owe 3.25
        (0, -9, -3),
        (8, -1, -3),
        (9 * 1.05**4, 9 * (1.05**4 - 1), -3),
        (9 * 1.05**4 + 1, 9 * (1.05**4 - 1), -2),
        (9 * 1.05**4 + 3 * 1.02**4, 9 * (1.05**4 - 1), 3 * (1.02**4 - 1)),
    ],
)
def test_pattern_E2_senior_before_subordinate(paid: float, senior: float, junior: float) -> None:
    finance = (
        "{tranches: {senior: {amount: 9, drawn: upfront, rate: 5 %},"
        " junior: {by: lender, rank: 2, amount: 3, drawn: upfront, rate: 2 %}}, surplus: {provider: 100 %}}"
    )
    money = came(paid, finance, costs="{service: {amount: 12}}")
    assert nets(money, "investor", "lender") == pytest.approx([senior, junior])


@pytest.mark.parametrize(
    ("x", "protected", "exposed"),
    [
        # protected: its 75 back, and 5 % a year from 15; exposed: nothing below 5, 25 back from 5, 30 % more from 15
        (-3, 0, -25),
        (4.99, 0, -25),
        (5, 0, 0),
        (15, 75 * 0.2, 25 * 0.3),
    ],
)
def test_pattern_E3_classes_with_pay_offs_of_their_own(x: float, protected: float, exposed: float) -> None:
    contract = (
        "{payments: {P back: {amount: 100 %, of: drawn, at: 2018-01, to: P class},"
        " P coupon: {measure: x, steps: [[15, 5 %]], per: year, of: drawn, to: P class},"
        " E pays: {measure: x, steps: [[5, 100 %], [15, 130 %]], of: drawn, to: E class}}}"
    )
    finance = "{tranches: {P class: {amount: 75, drawn: upfront}, E class: {by: lender, amount: 25, drawn: upfront}}}"
    assert nets(came(x, finance, contract=contract), "investor", "lender") == pytest.approx([protected, exposed])


def test_pattern_E4_a_grant_bears_the_first_loss() -> None:
    """100 of costs: 30 of the grant first, then 70 of the loan; 80 come in: the loan gets 70, and the 10 above it."""
    finance = "{tranches: {loan: {amount: 90}, gift: {by: fund, kind: grant, amount: 30}}}"
    assert nets(came(80, finance), "investor", "fund") == pytest.approx([10, -30])
    assert nets(came(70, finance), "investor", "fund") == pytest.approx([0, -30])
    assert nets(came(0, finance), "investor", "fund") == pytest.approx([-70, -30])


def test_pattern_E4_what_a_grant_brought_pays_for_more_service() -> None:
    """A recyclable grant: 50 of it pay for 2014; the 60 of 2015 pay for 2016, and 10 are left for the charity."""
    text = (
        f"{HEAD}contract: {{payments: {{fee: {{amount: 60, at: 2015-01}}}}}}\ncosts: {{service: {{amount: 50,"
        " at: [2014-01, 2016-01]}}\nfinance: {tranches: {gift: {by: fund, kind: grant, amount: 100}}, recycle: all,"
        " surplus: {agent: 100 %}}\n"
    )
    money = settle(text, "x: 0")
    assert money.flow("fund") == pytest.approx({"2014-01": -50})
    assert money.flow("provider") == pytest.approx({"2014-01": 50, "2016-01": 50})
    assert money.flow("agent") == pytest.approx({"2015-01": 10})


# ------------------------------------------------------------------------------------------------ E5
@pytest.mark.parametrize(
    ("paid", "guarantee", "investor"),
    [
        # 7.2 lent, 6.0 guaranteed: the bank bears the first 1.2 of any loss
        (0, 6.0, -1.2),
        (-1, 6.0, -1.2),
        (4.8, 1.2, -1.2),
        (6.0, 0, -1.2),
        (6.6, 0, -0.6),
        (7.2, 0, 0),
        (8.0, 0, 0.8),
    ],
)
def test_pattern_E5_a_guarantee_pays_a_fixed_amount_and_only_on_failure(
    paid: float, guarantee: float, investor: float
) -> None:
    finance = (
        "{tranches: {loan: {amount: 9.6}}, guarantees: {g: {by: guarantor, covers: [loan], over: 1.2,"
        " up_to: {2014-01: 6, 2019-01: 7.2}}}}"
    )
    money = came(paid, finance, costs="{service: {amount: 7.2}}")
    assert nets(money, "guarantor", "investor") == pytest.approx([-guarantee, investor])


# ------------------------------------------------------------------------------------------------ E6, E7
@pytest.mark.key("costs.paid_from", "tranches.rank")
@pytest.mark.parametrize(
    ("paid", "investor", "provider"),
    [
        # 18 of service by the loan, 3.76 of the charity's own fees deferred: they come back after the loan
        (0, -18, 18),
        (-2, -18, 18),
        (18, 0, 18),
        (19, 0, 19),
        (21.76, 0, 21.76),
        (25, 3.24, 21.76),
    ],
)
def test_pattern_E6_deferred_fees_come_back_after_the_loan(paid: float, investor: float, provider: float) -> None:
    finance = "{tranches: {loan: {amount: 22}, fees: {by: provider, rank: 2, amount: 3.76}}, surplus: {loan: 100 %}}"
    costs = "{service: {amount: 18}, overhead: {amount: 3.76, paid_from: fees}}"
    money = came(paid, finance, costs=costs)
    assert nets(money, "investor", "provider") == pytest.approx([investor, provider])
    assert money.between("investor", "account") == pytest.approx(18)


@pytest.mark.parametrize(
    ("paid", "investor", "provider"),
    [(0, -270, 0), (-5, -270, 0), (200, -70, 0), (270, 0, 0), (271, 0.67, 0.33), (422, 152 * 0.67, 152 * 0.33)],
)
def test_pattern_E7_the_provider_gets_a_third_of_the_return(paid: float, investor: float, provider: float) -> None:
    finance = "{tranches: {loan: {amount: 270}}, surplus: {loan: 67 %, provider: 33 %}}"
    money = came(paid, finance, costs="{service: {amount: 270, to: agent}}")
    assert nets(money, "investor", "provider") == pytest.approx([investor, provider])


# ------------------------------------------------------------------------------------------------ E8
YEARLY = HEAD.replace("reported: 2018-01", "reported: [2015-01, 2016-01, 2017-01, 2018-01]")


def test_pattern_E8_not_all_of_a_loan_is_drawn() -> None:
    """As costs fall due: 7 of the 9.6; what is not drawn is neither repaid nor lost."""
    money = came(0, "{tranches: {loan: {amount: 9.6}}}", costs="{service: {amount: 7}}")
    assert money.flow("investor") == pytest.approx({"2014-01": -7})


@pytest.mark.parametrize(("found", "drawn"), [("2015-01", 60 + 40), ("2016-01", 60 + 20), ("never", 60)])
def test_pattern_E8_the_rest_comes_when_further_payers_are_found(found: str, drawn: float) -> None:
    """20 a year for five years: 60 first; the second loan pays once it is open, else nobody but the agent."""
    text = (
        f"{YEARLY}contract: {{payments: {{fee: {{amount: 1, at: 2018-01}}}}}}\ncosts: {{service: {{amount: 100,"
        " over: 5 years}}\nevents: {payers found: {at: [2015-01, 2016-01], chance: 50 %}}\n"
        "finance: {tranches: {first: {amount: 60, drawn: {2014-01: 20, 2015-01: 20, 2016-01: 20}},"
        " more: {by: lender, amount: 40, after: payers found, drawn: {2017-01: 20, 2015-01: 20}}}, shortfall: agent}\n"
    )
    money = settle(text, "x: {2015-01: 0}", events=f"{{payers found: {found}}}")
    assert money.between("investor", "account") + money.between("lender", "account") == pytest.approx(drawn)


@pytest.mark.key("tranches.if")
@pytest.mark.parametrize(
    ("readings", "calls"),
    [
        # eight calls of 50, each only if the last year's result is at least 10: exactly 10 is enough
        ("{2015-01: 10, 2016-01: 10, 2017-01: 10, 2018-01: 10}", {"2015-01", "2016-01", "2017-01", "2018-01"}),
        ("{2015-01: 9.99, 2016-01: 12, 2017-01: 0, 2018-01: 30}", {"2016-01", "2018-01"}),
        ("{2015-01: -4, 2016-01: 9, 2017-01: 9, 2018-01: 9}", set()),
    ],
)
def test_pattern_E8_a_capital_call_is_made_only_where_the_milestone_is_met(readings: str, calls: set[str]) -> None:
    text = (
        f"{YEARLY}contract: {{payments: {{fee: {{amount: 1, at: 2018-01}}}}}}\ncosts: {{service: {{amount: 1}}}}\n"
        "finance: {tranches: {loan: {amount: 400, if: {x: at least 10}, drawn: {2014-01: 50, 2015-01: 50,"
        " 2016-01: 50, 2017-01: 50, 2018-01: 50}}}, shortfall: agent}\n"
    )
    money = settle(text, f"x: {readings}")
    drawn = {day for _, kind, source, _, day, _ in money.moves if kind == "draw" and source == "investor"}
    assert drawn == calls  # of 2014 nothing is reported: that call is not made
    assert money.between("investor", "account") == pytest.approx(50 * len(calls))


# ------------------------------------------------------------------------------------------------ E9
RECYCLED = """contract: {payments: {income: {amount: FEE, at: [2015-01, 2016-01, 2017-01, 2018-01]}}}
costs: {service: {amount: 400, over: 4 years}}
finance: {tranches: {loan: {amount: 150}}, RULE, shortfall: agent}
"""


@pytest.mark.parametrize(
    ("fee", "rule", "drawn", "short", "investor"),
    [
        # 100 a year: the first year is lent; what comes in pays the years after it, and the last 100 repay the loan
        (100, "recycle: all", 100, 0, 0),
        # 120 a year: 20 more each year are kept as far as costs are ahead; of 480 all but 300 go to the loan
        (120, "recycle: all", 100, 0, 80),
        # nothing comes in: 150 are lent and lost, 250 fall on who bears a shortfall
        (0, "recycle: all", 150, 250, -150),
        # not recycled, the same 100 a year go to the loan at once, and costs are short
        (100, "recycle: none", 150, 250, 250),
    ],
)
def test_pattern_E9_income_pays_for_later_delivery(
    fee: float, rule: str, drawn: float, short: float, investor: float
) -> None:
    money = settle(HEAD + RECYCLED.replace("FEE", str(fee)).replace("RULE", rule), "x: 0")
    assert money.between("investor", "account") == pytest.approx(drawn)
    assert nets(money, "agent", "investor") == pytest.approx([-short, investor])


# ------------------------------------------------------------------------------------------------ E10
TRUST = """sibsim: 1
title: A trust with a cash balance
currency: AUD
start: 2017-01
step: quarter
parties: {payer: State, investor: Note holders, provider: A charity}
outcomes: {saving: {type: money, each: cohort, better: more, over: 7 years, with: 1 m}}
measures: {saved: {of: saving, as: total, reported: [2021-10, 2022-10, 2023-10]}}
contract:
  payments:
    standing charge: {amount: 1 m, at: {every: year, from: 2018-01, until: 2023-01}}
    savings: {measure: saved, share: 50 %}
costs: {service: {amount: 2 m, at: {every: year, from: 2017-01, until: 2021-01}}}
finance:
  tranches: {notes: {amount: 9 m, drawn: upfront, rate: {2017-01: 2 %, 2021-10: 0 %}, matures: 2024-10}}
  recycle: all
  distribute: [2018-01, 2019-01, 2020-01, 2021-01, 2021-10, 2022-10, 2023-10, 2024-10]
  surplus_from: 2021-10
"""


@pytest.mark.key("tranches.matures", "finance.surplus_from", "tranches.rate")
@pytest.mark.parametrize("saved", [(8, 8, 6), (0, 0, 0), (-4, 0, 0)])
def test_pattern_E10_a_trust_pays_a_fixed_coupon_and_later_what_its_assets_have_grown_by(
    saved: tuple[float, ...],
) -> None:
    """2 % a year for 4.75 years; then what the account holds above the 9 m; then 9 m, or what is left of them."""
    days = ("2021-10", "2022-10", "2023-10")
    money = settle(TRUST, f"saved: {{{', '.join(f'{day}: {s} m' for day, s in zip(days, saved, strict=True))}}}")
    flow = money.flow("investor")
    last_coupon = 9e6 * (1.02**0.75 - 1)
    fixed = {"2017-01": -9e6, **{f"{year}-01": 180_000 for year in range(2018, 2022)}, "2021-10": last_coupon}
    assert {day: flow[day] for day in fixed} == pytest.approx(fixed)
    # 2021-10: 9 m and four charges less five years of service and four coupons: 2.28 m, less the coupon of 0.75 years
    assets = 9e6 + 4e6 - 10e6 - 4 * 180_000 - last_coupon
    if saved[1] == 0:  # two charges more: 4.15 m of the 9 m come back
        assert flow["2024-10"] == pytest.approx(assets + 2e6)
        assert "2022-10" not in flow
        return
    # 2022-10: a charge and 4 m each of 2021 and 2022: 11.15 m, of which 9 m stay; 2023-10: a charge and 3 m
    assert flow["2022-10"] == pytest.approx(assets + 1e6 + 8e6 - 9e6)
    assert flow["2023-10"] == pytest.approx(4e6)
    assert flow["2024-10"] == pytest.approx(9e6)


# ------------------------------------------------------------------------------------------------ E11 to E13
LOAN = "loan: {amount: 100, drawn: upfront, rate: 5 %}"
INCOME = "{payments: {income: {amount: 30, at: [2015-01, 2016-01, 2017-01, 2018-01]}}}"


def test_pattern_E11_interim_payments_lower_what_bears_interest() -> None:
    """30 a year: 5, 3.75, 2.44 and 1.06 of interest, the rest principal; 7.75 are left of the last 30."""
    money = came(0, f"{{tranches: {{{LOAN}}}, surplus: {{agent: 100 %}}}}", contract=INCOME)
    last = (100 - 25 - 26.25 - 27.5625) * 1.05
    expected = {"2014-01": -100, "2015-01": 30, "2016-01": 30, "2017-01": 30, "2018-01": last}
    assert money.flow("investor") == pytest.approx(expected)
    assert money.irr("investor") == pytest.approx(0.05)
    assert money.net("agent") == pytest.approx(30 - last)


@pytest.mark.parametrize(
    ("income", "back", "rest"), [(30, 120, 0), (100 * 1.05**4 / 4, 100 * 1.05**4, 0), (40, 100 * 1.05**4, 1)]
)
def test_pattern_E11_a_bullet_compounds(income: float, back: float, rest: float) -> None:
    """Unpaid interest bears interest: after four years 121.55 are owed at once, whatever waits on the account."""
    contract = INCOME.replace("amount: 30", f"amount: {income:.12g}")
    finance = f"{{tranches: {{{LOAN}}}, distribute: 2018-01, surplus: {{agent: 100 %}}}}"
    money = came(0, finance, contract=contract)
    assert money.flow("investor") == pytest.approx({"2014-01": -100, "2018-01": back})
    assert money.net("agent") == pytest.approx((4 * income - back) * rest, abs=1e-6)


@pytest.mark.key("tranches.matures")
def test_pattern_E11_coupons_and_a_bullet_of_the_principal() -> None:
    """5 a year and 100 at the end; what comes in above the coupon waits on the account."""
    loan = LOAN.replace("rate", "matures: 2018-01, rate")
    money = came(0, f"{{tranches: {{{loan}}}, surplus: {{agent: 100 %}}}}", contract=INCOME)
    # 4 x 30 = 120: four coupons of 5 and 100, to the crown
    assert money.flow("investor") == pytest.approx(
        {"2014-01": -100, **dict.fromkeys(("2015-01", "2016-01", "2017-01"), 5), "2018-01": 105}
    )
    assert money.net("agent") == pytest.approx(0)


@pytest.mark.parametrize(
    ("paid", "first", "second", "refund"),
    [
        (-5, -60, -40, 0),
        (90, -6, -4, 0),
        (105, 3, 2, 0),
        (110, 6.44, 3.56, 0),  # 10 above the loans: 4 would pass 8.9 % of 40, so 0.44 of it goes to the other
        (110.4, 6.84, 3.56, 0),
        (120, 6.84, 3.56, 9.6),
    ],
)
def test_pattern_E12a_each_investor_has_a_cap_of_its_own(
    paid: float, first: float, second: float, refund: float
) -> None:
    finance = (
        "{tranches: {one: {amount: 60, drawn: {2017-01: 60}, cap: {irr: 11.4 %}},"
        " other: {by: lender, amount: 40, drawn: {2017-01: 40}, cap: {irr: 8.9 %}}}}"
    )
    money = came(paid, finance, costs="{service: {amount: 100, at: 2017-01}}")
    assert nets(money, "investor", "lender") == pytest.approx([first, second])
    assert money.between("account", "payer") == pytest.approx(refund)


def test_pattern_E13_fees_are_paid_out_of_the_loan() -> None:
    """16.6 lent: 15.3 of service and 1.3 of fees, of which the evaluator is paid after two years."""
    costs = "{service: {amount: 15.3}, agent's fee: {amount: 0.9, to: agent},"
    costs += " evaluation: {amount: 0.4, to: outside, at: 2016-01}}"
    money = came(16.6, "{tranches: {loan: {amount: 16.6}}}", costs=costs)
    assert money.flow("investor") == pytest.approx({"2014-01": -16.2, "2016-01": -0.4, "2018-01": 16.6})
    assert nets(money, "provider", "agent", "outside") == pytest.approx([15.3, 0.9, 0.4])
