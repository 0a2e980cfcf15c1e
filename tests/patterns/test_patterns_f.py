"""Patterns of group F, when: lags, cohorts that overlap, interim and cumulative payments, maturity."""

from __future__ import annotations

import pytest

from tests.patterns.hand import settle, simulate

# ------------------------------------------------------------------------------------------------ F1
LATE = """sibsim: 1
title: Measured late
currency: GBP
start: 2010-09
step: month
parties: {payer: Ministry of Justice, investor: Foundations, provider: One Service}
participants: {size: 100, intake: INTAKE}
outcomes: {points: {type: score, better: more, over: 1 year, without: 0, with: 10, sd: 0}}
measures: {gain: {of: points, as: average, lag: LAG}}
contract: {payments: {success: {measure: gain, per_unit: 1 000}}}
"""


@pytest.mark.parametrize(
    ("intake", "lag", "date"),
    [("0 months", "0 months", "2011-09"), ("22 months", "0 months", "2013-06"), ("22 months", "18 months", "2014-12"),
     ("0 months", "7 years", "2018-09")],
)  # fmt: skip
def test_pattern_F1_lag_of_measurement(intake: str, lag: str, date: str) -> None:
    """Paid when the last person (of the 22nd month, June 2012) has been followed for a year, and the data are in."""
    text = LATE.replace("INTAKE", intake).replace("LAG", lag)
    assert simulate(text).paid("success") == {date: pytest.approx(10_000)}
    assert settle(text, "gain: 8.4").paid("success") == {date: pytest.approx(8_400)}
    assert settle(text, "gain: 0").paid("success") == {}


# ------------------------------------------------------------------------------------------------ F2
OVERLAPPING = """sibsim: 1
title: Cohorts that overlap
currency: USD
start: 2014-01
step: quarter
parties: {payer: City, provider: Schools}
participants:
  cohorts:
    first: {size: 100}
    second: {size: 200, start: 2014-07}
    third: {size: 50, start: 2016-01}
outcomes: {points: {type: score, better: more, over: 24 months, without: 0, with: 10, sd: 0}}
measures: {gain: {of: points, as: average, for_each: cohort, lag: 3 months}}
contract: {payments: {success: {measure: gain, steps: [[8, 1 000], [10, 2 000]]}}}
"""


def test_pattern_F2_overlapping_cohorts_each_with_its_test() -> None:
    """Each is followed two years from its own start and tested a quarter later: 2016-04, 2016-10, 2018-04."""
    came = settle(OVERLAPPING, "gain: {first: 10, second: 7.99, third: 8}")
    assert came.paid("success") == {"2016-04": 2_000, "2018-04": 1_000}
    assert simulate(OVERLAPPING).paid("success") == {"2016-04": 2_000, "2016-10": 2_000, "2018-04": 2_000}
    assert settle(OVERLAPPING, "gain: {first: 9.99, second: -1, third: 0}").paid("success") == {"2016-04": 1_000}
    part = settle(OVERLAPPING, "gain: {second: 8}")  # the others are not known yet, which is not zero
    assert part.paid("success") == {"2016-10": 1_000}


# ------------------------------------------------------------------------------------------------ F3, F4
DAYS = """sibsim: 1
title: Interim payments
currency: USD
start: 2016-01
step: quarter
parties: {payer: Denver, investor: Eight lenders, provider: Providers}
participants: {size: 100}
outcomes: {lease days: {type: days, better: more, over: 5 years, with: 1 500, sd: 0}}
measures: {days: {of: lease days, as: total, reported: [2017-10, 2018-10, 2019-10, 2020-10, 2021-01]}}
contract: {payments: {stability: {measure: days, per_unit: 15.12}}}
"""


def test_pattern_F3_interim_payments_on_fixed_dates() -> None:
    """Denver pays once a year for the days since the last report; what is not reported yet is not paid yet."""
    many = DAYS.replace("size: 100}", "size: 250}")
    came = settle(many, "days: {2017-10: 12 434, 2018-10: 55 397, 2019-10: 99 206, 2020-10: 91 821, 2021-01: 41 070}")
    assert came.paid("stability") == pytest.approx(
        {"2017-10": 188_002.08, "2018-10": 837_602.64, "2019-10": 1_499_994.72, "2020-10": 1_388_333.52,
         "2021-01": 620_978.40}
    )  # fmt: skip
    assert sum(came.paid("stability").values()) == pytest.approx(4_534_911.36)
    part = settle(DAYS, "days: {2017-10: 12 434, 2019-10: 99 206}")
    assert part.paid("stability") == pytest.approx({"2017-10": 188_002.08, "2019-10": 1_499_994.72})


def test_pattern_F3_simulated() -> None:
    """300 days a year for each of 100: 525 by October 2017, then 300, 300, 300 and 75."""
    expected = dict(zip(("2017-10", "2018-10", "2019-10", "2020-10", "2021-01"), (525, 300, 300, 300, 75), strict=True))
    found = simulate(DAYS).paid("stability")
    assert found == pytest.approx({day: 100 * n * 15.12 for day, n in expected.items()})


CUMULATIVE = """sibsim: 1
title: Measured to date
currency: AUD
start: 2013-07
step: year
parties: {payer: NSW Government, investor: Bondholders, provider: Uniting}
outcomes: {restored: {type: score, each: cohort, better: more, over: 3 years, with: 60 %}}
measures:
  rate:
    {of: restored, as: average, follow_up: so far, covers: to date,
     reported: {every: year, from: 2014-07, until: 2016-07}}
contract:
  payments:
    all to date: {measure: rate, line: [[55 %, 0], [65 %, 100]], cumulative: true}
"""


def test_pattern_F4_cumulative_measurement() -> None:
    """Each year pays for all years to date: 60 % is 50 in all, 61.6 % 16 more; a fall takes some back."""
    came = settle(CUMULATIVE, "rate: {2014-07: 60 %, 2015-07: 61.6 %, 2016-07: 61 %}")
    assert came.paid("all to date") == pytest.approx({"2014-07": 50, "2015-07": 16, "2016-07": -6})
    assert came.net("payer") == pytest.approx(-60)
    down = settle(CUMULATIVE, "rate: {2014-07: 60 %, 2015-07: 40 %, 2016-07: 55 %}")
    assert down.paid("all to date") == pytest.approx({"2014-07": 50, "2015-07": -50})
    most = settle(CUMULATIVE, "rate: {2014-07: 65 %, 2015-07: 70 %, 2016-07: 80 %}")
    assert most.paid("all to date") == pytest.approx({"2014-07": 100})
    assert simulate(CUMULATIVE).paid("all to date") == pytest.approx({"2014-07": 50})


# ------------------------------------------------------------------------------------------------ F5
RAMP = """sibsim: 1
title: A late start
currency: CHF
start: 2015-06
step: month
parties: {payer: CIFF, investor: UBS Optimus, provider: Educate Girls}
outcomes: {gains: {type: score, each: cohort, better: more, over: 3 years, with: 8 947.2}}
measures: {learning: {of: gains, as: total, covers: to date, reported: [2016-06, 2017-06, 2018-06]}}
contract: {payments: {for learning: {measure: learning, per_unit: 43.16, at: 2018-06, cap: 422 k}}}
"""


def test_pattern_F5_last_year_rescues_the_deal() -> None:
    """23 and 50 % of the target of 5,592 in the first years pay nothing by themselves; the final 160 % pays it all."""
    came = settle(RAMP, "learning: {2016-06: 1 286.16, 2017-06: 2 796, 2018-06: 8 940}")
    assert came.paid("for learning") == {"2018-06": pytest.approx(43.16 * 8_940)}
    failed = settle(RAMP, "learning: {2016-06: 8 000, 2017-06: 8 500, 2018-06: 0}")
    assert failed.paid("for learning") == {}
    best = settle(RAMP, "learning: {2016-06: 0, 2017-06: 0, 2018-06: 9 778}")
    assert best.total("for learning") == 422_000
    assert simulate(RAMP).paid("for learning") == {"2018-06": pytest.approx(43.16 * 8_947.2)}


# ------------------------------------------------------------------------------------------------ F6, F7
TENDER = """sibsim: 1
title: Maturity beside measurement
currency: USD
start: 2016-10
step: quarter
parties: {payer: DC Water, investor: Lenders, provider: Works}
outcomes: {runoff: {type: score, each: cohort, better: more, over: 4 years, with: 20 %}}
measures: {reduction: {of: runoff, as: average, lag: LAG}}
contract:
  payments:
    tender: {amount: 100 %, of: drawn, to: bond, at: 2021-04}
    contingent: {measure: reduction, steps: [[otherwise, -3.3 m], [18.6 %, 0], [above 41.3 %, 3.3 m]], to: bond}
costs: {works: {amount: 25 m}}
finance: {tranches: {bond: {amount: 25 m, drawn: upfront}}}
"""


@pytest.mark.parametrize("lag", ["0 months", "6 months", "24 months"])
def test_pattern_F6_maturity_does_not_wait_for_the_measurement(lag: str) -> None:
    """The bond is tendered on 1 April 2021 whether the runoff has been measured or not, before or after."""
    text = TENDER.replace("LAG", lag)
    assert settle(text).paid("tender") == {"2021-04": 25e6}
    assert settle(text).paid("contingent") == {}
    date = {"0 months": "2020-10", "6 months": "2021-04", "24 months": "2022-10"}[lag]
    came = settle(text, "reduction: 10 %")
    assert came.paid("tender") == {"2021-04": 25e6}
    assert came.paid("contingent") == {date: -3.3e6}
    assert simulate(text).paid("tender") == {"2021-04": 25e6}


AFTER_EXIT = """sibsim: 1
title: Evaluated long after
currency: EUR
start: 2017-01
step: year
parties: {payer: Ministry, investor: Koto fund, provider: Employers}
participants: {size: 1 812}
outcomes: {net taxes: {type: money, better: more, over: 3 years, without: 0, with: 2 670, sd: 0}}
measures:
  trained: {of: completions, as: total, reported: 2018-01}
  final gain: {of: net taxes, as: total_improvement, comparison: {fixed: 0}, lag: 4 years}
contract:
  payments:
    fees: {measure: trained, per_unit: 1 500}
    half of the gain: {measure: final gain, share: 50 %, to: AFTER}
costs: {service: {amount: 2 718 000}}
finance: {tranches: {loan: {amount: 2 718 000, drawn: upfront}}, surplus: {provider: 100 %}}
"""


def test_pattern_F7_evaluation_long_after_the_exit() -> None:
    """1,812 x 1,500 pay the loan back in 2018; the report of 2024 moves money of nobody but those it is for."""
    text = AFTER_EXIT.replace("AFTER", "provider")
    for money in (settle(text, "trained: 1 812, final gain: 4 838 040"), simulate(text)):
        assert money.flow("investor") == {"2017-01": -2_718_000, "2018-01": 2_718_000}
        assert money.paid("half of the gain") == {"2024-01": pytest.approx(0.5 * 1_812 * 2_670)}
    waiting = settle(text, "trained: 1 812")
    assert waiting.flow("investor") == {"2017-01": -2_718_000, "2018-01": 2_718_000}
    assert waiting.paid("half of the gain") == {}
    surplus = settle(AFTER_EXIT.replace("AFTER", "account"), "trained: 1 812, final gain: 2 m")
    assert surplus.flow("investor") == {"2017-01": -2_718_000, "2018-01": 2_718_000}
    assert surplus.flow("provider")["2024-01"] == 1e6
