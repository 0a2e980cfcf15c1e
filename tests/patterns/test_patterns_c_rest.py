"""Patterns C14 and C17: a coupon with a floor for some years; success that pays for more service."""

from __future__ import annotations

import pytest

from tests.patterns.hand import settle, simulate

# ------------------------------------------------------------------------------------------------ C14
COUPON = """sibsim: 1
title: A coupon with a floor for three years
currency: AUD
start: 2013-07
step: year
parties: {payer: State, investor: Note holders, provider: A charity}
outcomes: {restored: {type: score, each: cohort, better: more, over: 7 years, with: 60}}
measures:
  rate: {of: restored, as: total, covers: to date, reported: {every: year, from: 2014-07, until: 2020-07}}
contract:
  payments:
    coupon:
      measure: rate
      line: [[otherwise, 0 %], [55, 3 %], [68.3333333333, 15 %]]
      per: year
      of: drawn
      floor: {2013-07: 5 %, 2017-07: 0 %}
      to: notes
costs: {service: {amount: 7 m}}
finance: {tranches: {notes: {amount: 7 m, drawn: upfront}}}
"""


@pytest.mark.parametrize(
    ("rates", "coupons"),
    [
        # 3 % at 55 and 0.9 % for each point above: 7.5 % at 60, 8.94 % at 61.6, at most 15 %
        ((60, 61.6, 80), (7.5, 8.94, 15)),
        # under the floor of the first three years: 5 %, also without any result and where it is below 0
        ((55, 54.9, -10), (5, 5, 5)),
        # 5 % is what the line pays at 57.2: there, and just below, the same
        ((57.2222222222, 57, 57.3), (5, 5, 5.07)),
        # in the fourth year there is no floor
        ((60, 60, 60, 55, 54.9, -3, 57), (7.5, 7.5, 7.5, 3, 0, 0, 4.8)),
    ],
)
def test_pattern_C14_a_least_coupon_for_three_years(rates: tuple[float, ...], coupons: tuple[float, ...]) -> None:
    readings = ", ".join(f"{2014 + i}-07: {rate}" for i, rate in enumerate(rates))
    money = settle(COUPON, f"rate: {{{readings}}}")
    expected = {f"{2014 + i}-07": 70_000 * coupon for i, coupon in enumerate(coupons) if coupon}
    assert money.paid("coupon") == pytest.approx(expected)


def test_pattern_C14_simulated() -> None:
    money = simulate(COUPON, "outcomes.restored.with=20")
    assert money.paid("coupon") == pytest.approx(dict.fromkeys(("2014-07", "2015-07", "2016-07"), 350_000))


# ------------------------------------------------------------------------------------------------ C17
REINVESTED = """sibsim: 1
title: Success pays for more families
currency: USD
start: 2016-01
step: year
parties: {payer: State, fund: Donors, medicaid: Medicaid, provider: A charity}
outcomes: {fewer births too early: {type: score, each: cohort, better: more, over: 4 years, with: 10}}
measures: {x: {of: fewer births too early, as: total, reported: [2018-01, 2019-01]}}
contract:
  payments:
    fees: {amount: 3.25 m, at: {every: year, from: 2016-01, until: 2019-01}, by: medicaid}
    success: {measure: x, steps: [[5, 2 m], [10, 4 m]], cap: 7.5 m}
costs:
  service: {amount: 7.5 m, at: {every: year, from: 2016-01, until: 2019-01}}
  more families: {amount: {2016-01: 0, fifth year: 7.5 m}, at: 2020-01}
finance:
  tranches: {gifts: {by: fund, kind: grant, amount: 17 m}}
  recycle: all
  surplus: {provider: 100 %}
events: {fifth year: {at: 2019-01, if: {success: above 0}}}
"""


@pytest.mark.parametrize(
    ("readings", "success", "fifth_year"),
    [
        # no success: 30 m of service by 17 m of gifts and 13 m of fees, to the dollar
        ((4.9, 4.9), 0, 0),
        ((-2, -2), 0, 0),
        # 2 m in 2018: a fifth year begins, which is short of 5.5 m
        ((5, 4), 2, 7.5),
        # 4 m twice, of which the cap leaves 7.5 m: just that year
        ((10, 10), 7.5, 7.5),
        ((30, 9), 6, 7.5),
    ],
)
def test_pattern_C17_success_payments_pay_for_more_service_and_nobody_is_repaid(
    readings: tuple[float, float], success: float, fifth_year: float
) -> None:
    money = settle(REINVESTED, f"x: {{2018-01: {readings[0]}, 2019-01: {readings[1]}}}")
    assert money.total("success") == pytest.approx(success * 1e6)
    # money of 2018 and 2019 first pays what is due then: fewer gifts are drawn for it, and they are there later
    assert money.net("fund") == pytest.approx(-min(17e6, 30e6 + fifth_year * 1e6 - 13e6 - success * 1e6))
    assert money.between("account", "fund") == 0
    service = 30e6 + fifth_year * 1e6
    assert money.between("account", "provider") == pytest.approx(min(service, 17e6 + 13e6 + success * 1e6))
