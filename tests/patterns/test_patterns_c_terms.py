"""Patterns of group C that ask for several tests, fees beside outcomes, shortfalls, present values and rounding."""

from __future__ import annotations

import pytest

from tests.patterns.hand import Money, settle, simulate

HEAD = """sibsim: 1
title: A pattern
currency: GBP
start: 2010-09
step: year
"""


# ------------------------------------------------------------------------------------------------ C2
PETERBOROUGH = (
    HEAD
    + """
parties: {payer: Ministry of Justice, investor: Foundations, provider: One Service}
participants:
  size: 1000
  cohorts: {first: {start: 2010-09}, second: {start: 2012-09}, third: {start: 2014-09}}
outcomes: {reconvictions: {type: count, better: fewer, over: 12 months, without: 1.55, with: 1.40}}
measures:
  reduction: {of: reconvictions, as: relative_improvement, for_each: cohort, comparison: {fixed: 1.55}, lag: 12 months}
  avoided: {of: reconvictions, as: total_improvement, for_each: cohort, comparison: {fixed: 1.55}, lag: 12 months}
  pooled: {of: reconvictions, as: relative_improvement, comparison: {fixed: 1.55}, lag: 12 months, reported: 2017-09}
contract:
  payments:
    cohort success: {measure: avoided, per_unit: 14 000, if: {reduction: at least 10 %}}
    pooled success:
      measure: avoided
      per_unit: 14 000
      at: 2017-09
      if: {pooled: at least 7.5 %, cohort success: at most 0}
  cap: 8 m
events: {reform: {at: 2014-09, cancels: [third]}}
"""
)
CANCELLED = {"events": "{reform: 2014-09}"}


def peterborough(first: str, second: str, pooled: str) -> Money:
    """130 and 150 reconvictions avoided in two cohorts; the third never began."""
    came = f"reduction: {{first: {first}, second: {second}}}, avoided: {{first: 130, second: 150}}, pooled: {pooled}"
    return settle(PETERBOROUGH, came, **CANCELLED)


@pytest.mark.parametrize(
    ("first", "second", "pooled", "at_once", "at_last"),
    [
        ("8.4 %", "9.7 %", "9 %", 0.0, 280 * 14_000),  # as it came: nothing by cohort, both in the pooled test
        ("8.4 %", "9.7 %", "7.5 %", 0.0, 280 * 14_000),  # exactly at the pooled threshold
        ("8.4 %", "9.7 %", "7.49 %", 0.0, 0.0),
        ("10 %", "9.99 %", "9 %", 130 * 14_000, 150 * 14_000),  # exactly at a cohort's; the other is paid later
        ("10 %", "9.99 %", "7.4 %", 130 * 14_000, 0.0),
        ("12 %", "11 %", "11.5 %", 280 * 14_000, 0.0),  # both have been paid for: no second time
        ("0 %", "0 %", "0 %", 0.0, 0.0),
        ("-3 %", "-1 %", "-2 %", 0.0, 0.0),
    ],
)
def test_pattern_C2_cohort_threshold_or_pooled_for_those_not_paid(
    first: str, second: str, pooled: str, at_once: float, at_last: float
) -> None:
    """Peterborough: 10 % in a cohort, else 7.5 % in all; the price in the pooled test is for cohorts not yet paid."""
    money = peterborough(first, second, pooled)
    assert (money.total("cohort success"), money.total("pooled success")) == (at_once, at_last)


def test_pattern_C2_at_the_cap() -> None:
    """300 and 300 avoided at 14 000 are 8.4 m: the contract's cap of 8 m leaves 3.8 m for the second."""
    came = "reduction: {first: 19.4 %, second: 19.4 %}, avoided: {first: 300, second: 300}, pooled: 19.4 %"
    money = settle(PETERBOROUGH, came, **CANCELLED)
    assert money.paid("cohort success") == pytest.approx({"2012-09": 4.2e6, "2014-09": 3.8e6})


def test_pattern_C2_simulated() -> None:
    """Nobody is reconvicted at all: each cohort passes, 1.55 x 1 000 for each at 14 000 are far above the cap."""
    money = simulate(PETERBOROUGH, "outcomes.reconvictions.with=0", "contract.cap=100 m")
    assert money.total("cohort success") == pytest.approx(2 * 1_550 * 14_000)
    assert money.total("pooled success") == 0.0


# ------------------------------------------------------------------------------------------------ C6a
SOUTH_CAROLINA = (
    HEAD.replace("GBP", "USD")
    + """
parties: {payer: State, provider: Nurse-Family Partnership, county: Medicaid}
participants: {size: 3 200}
outcomes:
  preterm birth: {type: event, better: fewer, over: 1 year, without: 13 %, with: 11 %}
  low income: {type: event, better: more, over: 1 year, with: 65 %}
measures:
  fewer preterm: {of: preterm birth, as: relative_improvement, comparison: {fixed: 13 %}}
  from low income: {of: low income, as: average}
  mothers: {of: starts, as: total, reported: 2011-09}
contract:
  payments:
    thresholds: {measure: fewer preterm, steps: [[7.5 %, 1.25 m], [15 %, 2.5 m]]}
    each mother: {measure: mothers, per_unit: 650, if: {from low income: at least 65 %}, cap: 1.6 m}
"""
)


@pytest.mark.parametrize(
    ("fewer", "fixed"),
    [("-4 %", 0), ("0 %", 0), ("7.49 %", 0), ("7.5 %", 1.25e6), ("14.9 %", 1.25e6), ("15 %", 2.5e6), ("40 %", 2.5e6)],
)
def test_pattern_C6a_lower_and_upper_threshold_with_fixed_payments(fewer: str, fixed: float) -> None:
    money = settle(SOUTH_CAROLINA, f"fewer preterm: {fewer}, from low income: 50 %, mothers: 2000")
    assert (money.total("thresholds"), money.total("each mother")) == (fixed, 0.0)


@pytest.mark.parametrize(
    ("share", "mothers", "pays"),
    [
        ("64.9 %", 2000, 0.0), ("65 %", 2000, 1.3e6), ("65 %", 0, 0.0), ("70 %", 2461, 2461 * 650),
        ("70 %", 2462, 1.6e6), ("70 %", 3200, 1.6e6),
    ],
)  # fmt: skip
def test_pattern_C6a_and_a_sum_for_each_participant(share: str, mothers: int, pays: float) -> None:
    """650 for each mother (of 2 461: 1 599 650) where 65 % of them are from areas of low income; at most 1.6 m."""
    came = f"fewer preterm: 0 %, from low income: {share}, mothers: {mothers}"
    assert settle(SOUTH_CAROLINA, came).total("each mother") == pays


def test_pattern_C6a_simulated() -> None:
    sets = ("outcomes.preterm birth.with=0 %", "outcomes.low income.with=100 %", "participants.size=1000")
    money = simulate(SOUTH_CAROLINA, *sets)
    assert (money.total("thresholds"), money.total("each mother")) == (2.5e6, 650_000.0)


# ------------------------------------------------------------------------------------------------ C10
KOTO = (
    HEAD.replace("GBP", "EUR")
    + """
parties: {payer: Ministry, provider: Fund}
participants: {size: 2 636, duration: 1 year}
outcomes: {contribution: {type: money, better: more, over: 3 years, without: 0, with: 2 670, sd: 9 000}}
measures:
  gain: {of: contribution, as: total_improvement, comparison: {rct: 2 000}}
  trained: {of: completions, as: total, reported: 2012-09}
contract:
  payments:
    training: {measure: trained, per_unit: 1 500}
    standing: {amount: 100 k, at: {every: year, from: 2010-09, until: 2012-09}}
    share of the gain: {measure: gain, share: 50 %}
"""
)


@pytest.mark.parametrize(
    ("gain", "trained", "fees", "share"),
    [
        ("7.03812 m", 1812, 2.718e6, 3.51906e6),  # 2 670 x 2 636, and 1 812 who completed
        ("0", 1812, 2.718e6, 0.0),
        ("-1 m", 1812, 2.718e6, 0.0),  # the fees are paid although the gain is a loss
        ("1", 0, 0.0, 0.5),
    ],
)
def test_pattern_C10_fixed_fee_beside_the_outcome(gain: str, trained: int, fees: float, share: float) -> None:
    money = settle(KOTO, f"gain: {gain}, trained: {trained}")
    assert (money.total("training"), money.total("share of the gain")) == (fees, share)
    assert money.paid("standing") == {"2010-09": 1e5, "2011-09": 1e5, "2012-09": 1e5}


def test_pattern_C10_simulated() -> None:
    """All 2 636 complete; nobody's contribution changes, so only the fees are paid."""
    money = simulate(KOTO, "outcomes.contribution.with=0", "outcomes.contribution.sd=0.000001")
    assert money.total("training") == 2636 * 1500
    assert money.total("share of the gain") == pytest.approx(0.0, abs=1.0)


# ------------------------------------------------------------------------------------------------ C19
CATARACT = (
    HEAD.replace("GBP", "USD")
    + """
parties: {payer: Donors, provider: Hospital}
participants: {size: 18 000}
outcomes:
  operated: {type: event, better: more, over: 1 year, with: 50 %}
  sees well: {type: event, better: more, over: 1 year, with: 50 %}
  poorest: {type: event, better: more, over: 1 year, with: 40 %}
measures:
  surgeries: {of: operated, as: total, follow_up: 1 year}
  good outcome: {of: sees well, as: average}
  from the poorest: {of: poorest, as: average}
contract:
  payments:
    volume: {measure: surgeries, per_unit: 20, if: {good outcome: at least 50 %}}
    equity bonus: {measure: volume, steps: [[0.01, 75 k]], if: {from the poorest: at least 40 %}}
"""
)


@pytest.mark.parametrize(
    ("surgeries", "good", "poor", "volume", "bonus"),
    [
        (9000, "50 %", "40 %", 180_000, 75_000),
        (9000, "49.9 %", "60 %", 0, 0),  # the gate is shut: no bonus on nothing
        (9000, "50 %", "39.9 %", 180_000, 0),
        (0, "90 %", "90 %", 0, 0),
        (1, "50 %", "40 %", 20, 75_000),
    ],
)
def test_pattern_C19_quality_gate_and_equity_bonus(
    surgeries: int, good: str, poor: str, volume: float, bonus: float
) -> None:
    """Cataract: surgeries count where half of them end with good sight; a bonus where 40 % are of the poorest."""
    money = settle(CATARACT, f"surgeries: {surgeries}, good outcome: {good}, from the poorest: {poor}")
    assert (money.total("volume"), money.total("equity bonus")) == (volume, bonus)


UTKRISHT = (
    HEAD.replace("GBP", "USD")
    + """
parties: {payer: USAID, provider: HLFPPT}
participants: {size: 440}
outcomes:
  reaches progress: {type: event, better: more, over: 1 year, with: 90 %}
  reaches ready: {type: event, better: more, over: 1 year, with: 60 %}
measures:
  progress: {of: reaches progress, as: total, follow_up: 1 year}
  ready: {of: reaches ready, as: total, follow_up: 1 year}
contract: {payments: {facilities: {prices: {progress: 8 000, ready: 10 000}, cap: 7.2 m}}}
"""
)


@pytest.mark.parametrize(
    ("progress", "ready", "pays"),
    [(405, 405, 7.2e6), (400, 400, 7.2e6), (400, 399, 7.19e6), (405, 0, 3.24e6), (0, 0, 0)],
)
def test_pattern_C19_two_levels_of_quality(progress: int, ready: int, pays: float) -> None:
    """18 000 for a facility that is ready: 8 000 at the first level, 10 000 more at the second."""
    assert settle(UTKRISHT, f"progress: {progress}, ready: {ready}").total("facilities") == pays


def test_pattern_C19_simulated() -> None:
    sets = ("outcomes.operated.with=100 %", "outcomes.sees well.with=100 %", "outcomes.poorest.with=0 %")
    money = simulate(CATARACT, *sets, "participants.size=1000")
    assert (money.total("volume"), money.total("equity bonus")) == (20_000.0, 0.0)


# ------------------------------------------------------------------------------------------------ C19a
BENEVOLENT = (
    HEAD.replace("GBP", "AUD")
    + """
parties: {payer: NSW, provider: Benevolent Society}
participants: {size: 300}
outcomes: {entry to care: {type: event, better: fewer, over: 1 year, without: 30 %, with: 25 %}}
measures:
  improvement: {of: entry to care, as: relative_improvement, comparison: {fixed: 30 %}}
  missing referrals: {of: referrals, as: total, reported: 2011-09, short_of: 300}
  points topped up: {weighted: {missing referrals: 0.1 %}}
  performance: {weighted: {improvement: 100 %, points topped up: 1}, round: 1 %}
contract:
  payments:
    success: {measure: performance, steps: [[5 %, 5 m], [10 %, 6 m], [20 %, 8 m]]}
    shortfall: {measure: missing referrals, per_unit: 2 000, cap: 100 k}
"""
)


@pytest.mark.parametrize(
    ("improvement", "missing", "success", "shortfall"),
    [
        ("9 %", 0, 5e6, 0.0),
        ("9 %", 4, 5e6, 8_000.0),  # 9.4 % is rounded to 9 %
        ("9 %", 5, 6e6, 10_000.0),  # 9.5 % is rounded up to 10 %
        ("9 %", 50, 6e6, 100_000.0),  # exactly at the cap of the shortfall
        ("9 %", 120, 8e6, 100_000.0),  # 21 %, above the cap
        ("-6 %", 0, 0.0, 0.0),
        ("-6 %", 110, 5e6, 100_000.0),
    ],
)
def test_pattern_C19a_payer_at_fault_tops_performance_up(
    improvement: str, missing: int, success: float, shortfall: float
) -> None:
    """For each referral that is missing of 300, the performance counts a tenth of a point more, and 2 000 are paid."""
    money = settle(BENEVOLENT, f"improvement: {improvement}, missing referrals: {missing}")
    assert (money.total("success"), money.total("shortfall")) == (success, shortfall)


def test_pattern_C19a_simulated() -> None:
    """270 are offered it: 30 are missing, 3 points; 100 % fewer enter care: 103 %."""
    money = simulate(BENEVOLENT, "outcomes.entry to care.with=0 %", "participants.size=270")
    assert (money.total("success"), money.total("shortfall")) == (8e6, 60_000.0)
    assert simulate(BENEVOLENT, "participants.size=320").total("shortfall") == 0.0


# ------------------------------------------------------------------------------------------------ C19b
VILLAGE = (
    HEAD.replace("GBP", "USD")
    + """
parties: {payer: Donors, provider: Village Enterprise}
inputs: {years worth: {annuity: {rate: 5 %, over: 3 years}}}
participants: {size: 1000}
outcomes:
  consumption: {type: score, better: more, over: 1 year, without: 0, with: 9.9, sd: 20}
  assets: {type: score, better: more, over: 1 year, without: 0, with: 40.5, sd: 100}
measures:
  more a month: {of: consumption, as: improvement, comparison: {rct: 1000}}
  more assets: {of: assets, as: improvement, comparison: {rct: 1000}}
  value of a household: {weighted: {more a month: {product: [12, years worth]}, more assets: 1}}
  households: {of: starts, as: total, reported: 2011-09}
contract:
  payments: {gain: {measure: value of a household, per_unit: 50 %, of: 1, times: households, cap: 4.2 m}}
"""
)
THREE_YEARS = 1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3


@pytest.mark.parametrize(
    ("month", "assets", "households", "by_hand"),
    [
        ("9.9", "40.5", 14_772, 0.5 * (9.9 * 12 * THREE_YEARS + 40.5) * 14_772),  # 364.02 for each: 2.689 m
        ("0", "40.5", 14_772, 0.5 * 40.5 * 14_772),
        ("-9.9", "40.5", 14_772, 0.0),  # less than nothing counts as nothing
        ("9.9", "40.5", 0, 0.0),
        ("20", "40.5", 14_772, 4.2e6),
    ],
)
def test_pattern_C19b_present_value_for_each_household(
    month: str, assets: str, households: int, by_hand: float
) -> None:
    """Village Enterprise: half of the present value of three years' consumption, and of assets, for each household."""
    came = f"more a month: {month}, more assets: {assets}, households: {households}"
    assert settle(VILLAGE, came).total("gain") == pytest.approx(by_hand)


def test_pattern_C19b_simulated() -> None:
    """Everybody's consumption rises by 9.9 exactly, and nobody's assets change: 0.5 x 118.8 x 2.7232 x 1 000."""
    sure = ("outcomes.consumption.sd=0.0000001", "outcomes.assets.sd=0.0000001", "outcomes.assets.with=0")
    assert simulate(VILLAGE, *sure).total("gain") == pytest.approx(0.5 * 118.8 * THREE_YEARS * 1000, rel=1e-6)


# ------------------------------------------------------------------------------------------------ C20
UTAH = (
    HEAD.replace("GBP", "USD")
    + """
parties: {payer: United Way, investor: Goldman Sachs, provider: School districts}
participants: {size: 110}
outcomes: {special education: {type: event, better: fewer, over: 1 year, without: 100 %, with: 1 %}}
measures:
  avoided: {of: special education, as: total_improvement, comparison: {fixed: 100 %}}
  saving: {weighted: {avoided: 2 607 USD}}
contract:
  payments:
    first 95: {measure: saving, share: 95 %, cap: {irr: 5 %}}
    then 40: {measure: saving, share: 40 %, rest_of: first 95}
costs: {service: {amount: LENT}}
finance: {tranches: {loan: {amount: LENT}}}
"""
)


@pytest.mark.parametrize(("avoided", "pays"), [(108, 267_478.2), (109, 269_954.85), (0, 0.0), (-3, 0.0)])
def test_pattern_C20_one_child_more_or_less(avoided: int, pays: float) -> None:
    """Utah: 108 x 2 607 x 95 % = 267 478.20; the 109 of 110 who did without it would give 2 477 more."""
    money = settle(UTAH.replace("LENT", "1 m"), f"avoided: {avoided}")
    assert money.total("first 95") == pytest.approx(pays)
    assert money.total("then 40") == 0.0


def test_pattern_C20_the_tariff_comes_before_the_cap_on_the_return() -> None:
    """200 000 are lent for a year at 5 %: 210 000 are due at most. The tariff gives 267 478.20, so the cap cuts
    57 478.20, a part of 0.214889; 40 % of so much of the saving of 281 556 goes on: 24 201.35. In another order, 95 %
    of what the cap lets through or 40 % of all, it would be another sum.
    """
    money = settle(UTAH.replace("LENT", "200 k"), "avoided: 108")
    assert money.total("first 95") == pytest.approx(210_000.0)
    assert money.total("then 40") == pytest.approx(0.4 * 281_556 * (1 - 210_000 / 267_478.2))
    assert money.total("then 40") == pytest.approx(24_201.35, abs=0.005)


ORDER = (
    HEAD
    + """
parties: {payer: Town, provider: Provider}
participants: {size: 100}
outcomes: {tested: {type: event, better: more, over: 1 year, with: 50 %}}
measures: {rate: {of: tested, as: average, round: {to: 0.1 %, direction: down}}}
contract:
  payments: {p: {measure: rate, per_point: 1 000, floor: 30 k, round: {to: 100, direction: up}, cap: 50 050}}
"""
)


@pytest.mark.parametrize(
    ("rate", "pays"),
    [
        ("0 %", 30_000),
        ("30 %", 30_000),
        ("30.19 %", 30_100),
        ("49.94 %", 49_900),
        ("50 %", 50_000),
        ("50.1 %", 50_050),
        ("90 %", 50_050),
    ],
)
def test_pattern_C20_floor_then_rounding_then_cap(rate: str, pays: float) -> None:
    """A rate is read in tenths, rounded down, given so or not: 30.19 % is 30.1 % and gives 30 100; the floor comes
    first, the cap last."""
    assert settle(ORDER, f"rate: {rate}").total("p") == pytest.approx(pays)


def test_pattern_C20_the_report_itself_is_rounded() -> None:
    """Two of three is 66.6 % down to a tenth, so 66 600; without rounding it would be 66 666.67, up to 66 700."""
    text = ORDER.replace("type: event, better: more,", "type: score, each: cohort, better: more,").replace(
        "50 %}}", "LEVEL}}"
    )
    text = text.replace(", cap: 50 050", "")
    money = simulate(text.replace("LEVEL", "66.6666667 %"))
    assert money.total("p") == pytest.approx(66_600.0)
    bare = text.replace("LEVEL", "66.6666667 %").replace(", round: {to: 0.1 %, direction: down}", "")
    assert simulate(bare).total("p") == pytest.approx(66_700.0)
