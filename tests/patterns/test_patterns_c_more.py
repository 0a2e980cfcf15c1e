"""Patterns of group C from C9 on: collars, coupons, several metrics, caps, tariffs that differ or rise, long tails."""

from __future__ import annotations

import math

import pytest

from tests.patterns.hand import settle, simulate
from tests.patterns.test_patterns_c import HEAD, contract

# ------------------------------------------------------------------------------------------------ C9, C11
DC_WATER = """sibsim: 1
title: DC Water
currency: USD
start: 2016-10
step: quarter
parties: {payer: DC Water, investor: Lenders, provider: Works}
outcomes: {runoff: {type: score, each: cohort, better: more, over: 54 months, with: 20 %}}
measures: {result: {of: runoff, as: average}}
contract:
  payments:
    coupon:
      {amount: 3.43 %, of: drawn, per: year, to: bond, at: {every: 6 months, from: 2017-04, until: 2021-04}}
    tender: {amount: 100 %, of: drawn, to: bond, at: 2021-04}
    contingent: {measure: result, steps: [[otherwise, -3.3 m], [18.6 %, 0], [above 41.3 %, 3.3 m]], to: bond}
costs: {works: {amount: 25 m}}
finance: {tranches: {bond: {amount: 25 m, drawn: upfront}}}
"""


def bond_yield(last: float) -> float:
    """Bond-equivalent yield of nine half-yearly coupons of 1.715 on 100 with so much more or less at the end."""
    low, high = 0.0, 0.1
    for _ in range(100):
        half = (low + high) / 2
        value = sum(1.715 / (1 + half) ** k for k in range(1, 10)) + (100 + last / 25e6 * 100) / (1 + half) ** 9
        low, high = (half, high) if value > 100 else (low, half)
    return 2 * low


@pytest.mark.parametrize(
    ("reduction", "contingent", "published"),
    [("20 %", 0, 0.0343), ("41.3 %", 0, 0.0343), ("18.6 %", 0, 0.0343), ("41.4 %", 3.3e6, 0.0603),
     ("18.5 %", -3.3e6, 0.0053)],
)  # fmt: skip
def test_pattern_C9_collar_with_money_back(reduction: str, contingent: float, published: float) -> None:
    """DC Water: above 41.3 % lenders get 3.3 m more, below 18.6 % they pay 3.3 m; yields 6.03, 3.43 and 0.53 %."""
    for money in (settle(DC_WATER, f"result: {reduction}"), simulate(DC_WATER, f"outcomes.runoff.with={reduction}")):
        assert money.total("contingent") == contingent
        assert money.flow("investor")["2021-04"] == pytest.approx(25e6 * 1.01715 + contingent)
        found = 2 * (math.sqrt(1 + money.irr("investor")) - 1)
        assert found == pytest.approx(bond_yield(contingent), abs=1e-9)
        assert found == pytest.approx(published, abs=5e-5)


ICRC = contract(
    "{corridor: {measure: result, line: [[otherwise, 60 %], [0.8, 60 %], [1, 100 %], [1.2, 140.255173070 %]],"
    " of: drawn, to: loan}}",
    "26 m",
    5,
)


@pytest.mark.parametrize(
    ("ratio", "multiple"), [("0", 0.6), ("0.8", 0.6), ("0.9", 0.8), ("1", 1.0), ("1.2", 1.07**5), ("3", 1.07**5)]
)
def test_pattern_C9_corridor_around_the_principal(ratio: str, multiple: float) -> None:
    """Red Cross: at the benchmark the principal, at best 7 % a year over five years, at worst 60 % of it."""
    for money in (settle(ICRC, f"result: {ratio}"), simulate(ICRC, f"outcomes.truth.with={ratio}")):
        assert money.total("corridor") == pytest.approx(26e6 * multiple, rel=1e-9)
        assert money.irr("investor") == pytest.approx(multiple**0.2 - 1, abs=1e-9)


COUPON = (
    HEAD
    + """
outcomes: {restored: {type: score, each: cohort, better: more, over: 3 years, with: 60 %}}
measures: {rate: {of: restored, as: average, follow_up: so far, covers: to date, reported: [2015-01, 2016-01, 2017-01]}}
contract:
  payments:
    coupon:
      {measure: rate, steps: [[55 %, 3 %], [60 %, 7.5 %], [65 %, 12 %], [70 %, 15 %]], of: drawn, per: year, to: bond}
costs: {service: {amount: 7 m}}
finance: {tranches: {bond: {amount: 7 m, drawn: upfront}}}
"""
)


def test_pattern_C11_payment_as_a_coupon() -> None:
    """Newpin's bands as yearly coupons on 7 m: 60 % pays 7.5 %, 64.99 % the same, 54.99 % nothing, 70 % 15 %."""
    came = settle(COUPON, "rate: {2015-01: 60 %, 2016-01: 64.99 %, 2017-01: 54.99 %}")
    assert came.paid("coupon") == pytest.approx({"2015-01": 525_000, "2016-01": 525_000})
    best = settle(COUPON, "rate: {2015-01: 70 %, 2016-01: 80 %, 2017-01: 65 %}")
    assert best.paid("coupon") == pytest.approx({"2015-01": 1.05e6, "2016-01": 1.05e6, "2017-01": 840_000})
    money = simulate(COUPON)
    assert money.paid("coupon") == pytest.approx(dict.fromkeys(("2015-01", "2016-01", "2017-01"), 525_000))


# ------------------------------------------------------------------------------------------------ C12
CHICAGO = (
    HEAD
    + """
outcomes:
  ready: {type: score, each: cohort, better: more, over: 1 year, with: 200}
  reading: {type: score, each: cohort, better: more, over: 1 year, with: 150}
measures: {children ready: {of: ready, as: average}, children reading: {of: reading, as: average}}
contract:
  payments:
    readiness: {measure: children ready, per_unit: 2 900, cap: 500 k}
    literacy: {measure: children reading, per_unit: 750, cap: 100 k}
"""
)


@pytest.mark.parametrize(
    ("ready", "reading", "first", "second"),
    [(100, 100, 290_000, 75_000), (172, 133, 498_800, 99_750), (173, 134, 500_000, 100_000), (0, 500, 0, 100_000),
     (500, 0, 500_000, 0), (-3, 10, 0, 7_500)],
)  # fmt: skip
def test_pattern_C12_several_metrics_each_with_its_cap(ready: int, reading: int, first: float, second: float) -> None:
    """Two metrics, added up, each up to its own cap: what one leaves of its cap the other does not get."""
    sets = (f"outcomes.ready.with={ready}", f"outcomes.reading.with={reading}")
    came = settle(CHICAGO, f"children ready: {ready}, children reading: {reading}")
    for money in (came, simulate(CHICAGO, *sets)):
        assert money.total("readiness") == pytest.approx(first)
        assert money.total("literacy") == pytest.approx(second)


# ------------------------------------------------------------------------------------------------ C13
EDUCATE_GIRLS = (
    HEAD
    + """
outcomes:
  gains: {type: score, each: cohort, better: more, over: 3 years, with: 8 940}
  girls: {type: score, each: cohort, better: more, over: 3 years, with: 92 %}
measures: {learning: {of: gains, as: average}, enrolment: {of: girls, as: average}}
contract:
  payments:
    for learning: {measure: learning, per_unit: 43.16}
    for enrolment: {measure: enrolment, per_point: 910.14}
  cap: {total: 422 k, irr: 15 %}
costs: {service: {amount: 277 915}}
finance: {tranches: {loan: {amount: 277 915, drawn: upfront}}}
"""
)


@pytest.mark.parametrize(
    ("learning", "total", "capped"),
    [(8_940, 469_583.28, 422_000), (7_000, 385_852.88, 385_852.88), (0, 83_732.88, 83_732.88)],
)
def test_pattern_C13_cap_of_the_contract(learning: int, total: float, capped: float) -> None:
    """Educate Girls: 43.16 x 8,940 + 910.14 x 92 = 469,583, of which 422,000 are paid, a cut shared in proportion."""
    came = settle(EDUCATE_GIRLS, f"learning: {learning}, enrolment: 92 %")
    for money in (came, simulate(EDUCATE_GIRLS, f"outcomes.gains.with={learning}")):
        assert money.total("for learning") == pytest.approx(43.16 * learning * capped / total)
        assert money.total("for enrolment") == pytest.approx(83_732.88 * capped / total)
        assert money.irr("investor") == pytest.approx((capped / 277_915) ** (1 / 3) - 1)
    assert pytest.approx(0.1494, abs=5e-5) == (422_000 / 277_915) ** (1 / 3) - 1


@pytest.mark.parametrize(("cap", "most"), [("irr: 15 %", 277_915 * 1.15**3), ("multiple: 1.5", 277_915 * 1.5)])
def test_pattern_C13_cap_of_the_return(cap: str, most: float) -> None:
    text = EDUCATE_GIRLS.replace("total: 422 k, irr: 15 %", cap)
    came = settle(text, "learning: 8 940, enrolment: 92 %")
    assert came.net("investor") + 277_915 == pytest.approx(most)
    under = settle(text, "learning: 1 000, enrolment: 92 %")
    assert under.total("for learning") == pytest.approx(43_160)


YEARS = (
    HEAD
    + """
participants: {cohorts: {first: {size: 10}, second: {size: 10, start: 2015-01}}}
outcomes: {done: {type: event, better: more, over: 1 year, with: 100 %}}
measures: {each: {of: done, as: total, follow_up: 1 year, for_each: cohort}}
contract: {payments: {success: {measure: each, per_unit: 100 k, cap: {CAP}}}}
"""
)


@pytest.mark.parametrize(
    ("cap", "first", "second", "pays"),
    [
        ("per_cohort: 500 k", 7, 4, (500_000, 400_000)),
        ("per_cohort: 500 k", 5, 10, (500_000, 500_000)),
        ("per_year: 300 k", 4, 2, (300_000, 200_000)),
        ("per_year: 300 k", 3, 5, (300_000, 300_000)),
        ("per_year: 600 k, total: 900 k", 7, 7, (600_000, 300_000)),
        ("total: 900 k", 9, 1, (900_000, 0)),
        ("total: 900 k", 0, 9, (0, 900_000)),
    ],
)
def test_pattern_C13_caps_by_cohort_and_year(cap: str, first: int, second: int, pays: tuple[float, float]) -> None:
    """Chicago: 500 k a cohort; Santa Clara: so much a year and in all; what one year cuts the next does not pay."""
    came = settle(YEARS.replace("CAP", cap), f"each: {{first: {first}, second: {second}}}")
    expected = {day: x for day, x in zip(("2015-01", "2016-01"), pays, strict=True) if x}
    assert came.paid("success") == pytest.approx(expected)


def test_pattern_C13_simulated() -> None:
    money = simulate(YEARS.replace("CAP", "per_cohort: 500 k, per_person: 40 k"))
    assert money.paid("success") == pytest.approx({"2015-01": 400_000, "2016-01": 400_000})
    assert simulate(YEARS.replace("CAP", "per_year: 700 k, total: 1.2 m")).paid("success") == pytest.approx(
        {"2015-01": 700_000, "2016-01": 500_000}
    )


# ------------------------------------------------------------------------------------------------ C15
PHASES = (
    HEAD
    + """
participants: {cohorts: {one: {size: 1 000}, two: {size: 1 000, start: 2016-01}}}
outcomes:
  prison days: {type: days, better: fewer, over: 1 year, without: 40, with: 30, sd: 0}
measures:
  days one: {of: prison days, as: total_improvement, cohorts: [one], comparison: {fixed: 40}}
  days two: {of: prison days, as: total_improvement, cohorts: [two], comparison: {fixed: 40}}
contract:
  payments:
    phase one: {measure: days one, per_unit: 85, cap: 5.1 m}
    phase two: {measure: days two, per_unit: 90.10, cap: 5.406 m}
"""
)


def test_pattern_C15_another_tariff_for_each_phase() -> None:
    """New York: 85 dollars a day in phase one, 6 % more in phase two; with no fewer days nothing."""
    came = settle(PHASES, "days one: 10 000, days two: 10 000")
    assert (came.total("phase one"), came.total("phase two")) == pytest.approx((850_000, 901_000))
    most = settle(PHASES, "days one: 60 000, days two: 60 001")
    assert (most.total("phase one"), most.total("phase two")) == pytest.approx((5.1e6, 5.406e6))
    none = settle(PHASES, "days one: -20, days two: 0")
    assert none.paid("phase one") == none.paid("phase two") == {}
    money = simulate(PHASES)
    assert money.paid("phase one") == {"2015-01": pytest.approx(850_000)}
    assert money.paid("phase two") == {"2017-01": pytest.approx(901_000)}


# ------------------------------------------------------------------------------------------------ C16
RISING = (
    HEAD
    + """
outcomes: {avoided: {type: score, each: cohort, better: more, over: 3 years, with: 30}}
measures: {children: {of: avoided, as: total, reported: [2014-01, 2015-01, 2016-01, 2017-01]}}
contract: {payments: {special education: {measure: children, per_unit: 9 100, index: 1 %}}}
"""
)


def test_pattern_C16_price_that_rises() -> None:
    """Chicago's price a child rises by 1 % a year from the start: nothing yet on the first day, then 1.01 ** years."""
    text = RISING.replace("2014-01, 2015-01", "2015-01")
    came = settle(text, "children: {2015-01: 10, 2016-01: 0, 2017-01: 2}")
    assert came.paid("special education") == pytest.approx({"2015-01": 91_000 * 1.01, "2017-01": 18_200 * 1.01**3})
    changing = text.replace("index: 1 %", "index: {2014-01: 1 %, 2016-01: 6 %}")
    came = settle(changing, "children: {2015-01: 10, 2016-01: 10, 2017-01: 10}")
    expected = {"2015-01": 91_000 * 1.01, "2016-01": 91_000 * 1.01**2, "2017-01": 91_000 * 1.01**2 * 1.06}
    assert came.paid("special education") == pytest.approx(expected)


# ------------------------------------------------------------------------------------------------ C18
LONG_TAIL = (
    HEAD
    + """
participants: {size: 110}
outcomes: {special education: {type: days, better: fewer, over: 7 years, without: 7, with: 0.7, sd: 0}}
measures:
  years avoided:
    of: special education
    as: total_improvement
    comparison: {fixed: 7}
    follow_up: so far
    reported: {every: year, from: 2015-01, until: 2021-01}
contract: {payments: {resource: {measure: years avoided, per_unit: 2 607}}}
"""
)


def test_pattern_C18_long_tail_until_a_grade() -> None:
    """Utah pays each year from kindergarten to the sixth grade: 110 children x 0.9 of a year x 2,607, seven times."""
    assert simulate(LONG_TAIL).paid("resource") == pytest.approx(
        {f"{year}-01": 110 * 0.9 * 2_607 for year in range(2015, 2022)}
    )
    readings = ", ".join(f"{2015 + grade}-01: {109 - 20 * grade}" for grade in range(7))
    came = settle(LONG_TAIL, f"years avoided: {{{readings}}}")
    expected = {f"{2015 + grade}-01": (109 - 20 * grade) * 2_607.0 for grade in range(6)}  # the seventh is below 0
    assert came.paid("resource") == pytest.approx(expected)
