"""Patterns of group A from A7 on: money, physical measures, reversals, chains, whole cohorts, waiting times."""

from __future__ import annotations

import math

import pytest

from tests.patterns.hand import settle, simulate
from tests.patterns.test_patterns_a import HEAD
from tests.support import LIMIT, run, z_of_mean

# ------------------------------------------------------------------------------------------------ A7
KOTO = (
    HEAD
    + """
parties: {payer: Ministry of Economic Affairs, investor: Koto fund, provider: Employers}
participants: {size: 2 636}
outcomes: {net taxes: {type: money, better: more, over: 3 years, without: 22 250, with: 24 920, sd: 0}}
measures: {gain: {of: net taxes, as: total_improvement, people: offered, comparison: {fixed: 22 250}}}
contract: {payments: {half of the gain: {measure: gain, share: 50 %}}}
"""
)


@pytest.mark.parametrize(
    ("gain", "pays"), [("7 038 120", 3_519_060), ("6.8 m", 3.4e6), (0, 0), ("-500 000", 0), (1, 0.5)]
)
def test_pattern_A7_money_saved_or_earned(gain: str, pays: float) -> None:
    """Koto: half of 2,670 EUR for each of 2,636 people; nothing where the group did worse."""
    assert settle(KOTO, f"gain: {gain}").total("half of the gain") == pytest.approx(pays)


def test_pattern_A7_simulated() -> None:
    assert simulate(KOTO).paid("half of the gain") == {"2017-01": pytest.approx(0.5 * 2_670 * 2_636)}
    assert simulate(KOTO, "outcomes.net taxes.with=22 000").paid("half of the gain") == {}


# ------------------------------------------------------------------------------------------------ A9
DC_WATER = (
    HEAD
    + """
parties: {payer: DC Water, investor: Goldman Sachs and Calvert, provider: DC Water works}
outcomes: {runoff reduction: {type: score, each: cohort, better: more, over: 4 years, with: 20 %}}
measures: {reduction: {of: runoff reduction, as: average}}
contract:
  payments:
    contingent: {measure: reduction, steps: [[otherwise, -3.3 m], [18.6 %, 0], [above 41.3 %, 3.3 m]], to: bond}
    principal: {amount: 25 m, at: 2018-01, to: bond}
costs: {works: {amount: 25 m}}
finance: {tranches: {bond: {amount: 25 m, drawn: upfront}}}
"""
)


@pytest.mark.parametrize(
    ("reduction", "contingent"),
    [
        ("0 %", -3.3e6), ("18.59 %", -3.3e6), ("18.6 %", 0), ("20 %", 0), ("41.3 %", 0), ("41.31 %", 3.3e6),
        ("100 %", 3.3e6), ("-5 %", -3.3e6),
    ],
)  # fmt: skip
def test_pattern_A9_physical_measure(reduction: str, contingent: float) -> None:
    """DC Water measures litres, nobody takes part: both ends of 18.6 to 41.3 % pay nothing, under it lenders pay."""
    for money in (
        settle(DC_WATER, f"reduction: {reduction}"),
        simulate(DC_WATER, f"outcomes.runoff reduction.with={reduction}"),
    ):
        assert money.total("contingent") == contingent
        assert money.net("investor") == pytest.approx(contingent)
        assert money.flow("payer")["2018-01"] == pytest.approx(-25e6 - contingent)


# ------------------------------------------------------------------------------------------------ A11
CAROLINA = (
    HEAD
    + """
parties: {payer: State of South Carolina, provider: Nurse-Family Partnership}
participants: {size: 3 200}
outcomes:
  low-income mother: {type: event, better: more, over: 1 year, with: 100 %}
  preterm birth: {type: event, better: fewer, over: 1 year, without: 13 %, with: 0 %}
measures:
  mothers: {of: starts, as: total, reported: 2015-01}
  low-income share: {of: low-income mother, as: average}
  fewer preterm: {of: preterm birth, as: relative_improvement, comparison: {fixed: 13 %}}
contract:
  payments:
    enrolment: {measure: mothers, per_unit: 500, if: {low-income share: at least 65 %}}
    births: {measure: fewer preterm, steps: [[13 %, 1 m], [16 %, 2 m]]}
"""
)


@pytest.mark.parametrize(("share", "pays"), [("64.9 %", 0), ("65 %", 1.6e6), ("100 %", 1.6e6), ("0 %", 0)])
def test_pattern_A11_output_paid_beside_outcomes(share: str, pays: float) -> None:
    """South Carolina pays for mothers enrolled if 65 % live in poor districts, whatever becomes of the births."""
    came = settle(CAROLINA, f"mothers: 3 200, low-income share: {share}, fewer preterm: -4 %")
    assert came.total("enrolment") == pays
    assert came.paid("births") == {}
    assert settle(CAROLINA, f"mothers: 0, low-income share: {share}, fewer preterm: 16 %").total("births") == 2e6


def test_pattern_A11_simulated() -> None:
    money = simulate(CAROLINA)
    assert (money.total("enrolment"), money.total("births")) == (1.6e6, 2e6)
    assert simulate(CAROLINA, "outcomes.low-income mother.with=0 %").paid("enrolment") == {}


# ------------------------------------------------------------------------------------------------ A12
REVERSED = (
    HEAD
    + """
parties: {payer: NSW Government, provider: Uniting}
participants: {size: 107}
outcomes: {restored: {type: event, better: more, over: 1 year, with: 100 %, undone: 10.8 %}}
measures: {net restorations: {of: restored, as: total, covers: to date, reported: [2015-01, 2016-01]}}
contract: {payments: {to date: {measure: net restorations, per_unit: 1 000, cumulative: true}}}
"""
)


def test_pattern_A12_reversal_takes_back() -> None:
    """74 children go home and 8 come back into care: 74 are paid, then 8 of them go back; never below nothing."""
    came = settle(REVERSED, "net restorations: {2015-01: 74, 2016-01: 66}")
    assert came.paid("to date") == {"2015-01": 74_000, "2016-01": -8_000}
    assert settle(REVERSED, "net restorations: {2015-01: 74, 2016-01: 0}").total("to date") == 0
    assert settle(REVERSED, "net restorations: {2015-01: 66, 2016-01: 66}").paid("to date") == {"2015-01": 66_000}


def test_pattern_A12_simulated() -> None:
    """107 restored, of whom 10.8 % do not stay: 107 x 0.892 = 95.444 on average, binomial."""
    paid = run(REVERSED).metric("payer", "outcome_payments")
    sd = math.sqrt(107 * 0.892 * 0.108)
    assert abs(z_of_mean(paid, 1_000 * 107 * 0.892, 1_000 * sd)) < LIMIT


# ------------------------------------------------------------------------------------------------ A13
SUSTAINED = (
    HEAD
    + """
parties: {payer: DPS, fund: IDB and SECO, provider: Employment services}
participants: {size: 899}
outcomes:
  work:
    type: milestones
    better: more
    steps: {placed: [100 %, 3 months], stays 3 months: [100 %, 6 months], stays 6 months: [100 %, 9 months]}
measures: {jobs: {of: work, as: total, reported: [2015-01, 2016-01]}}
contract:
  payments: {retention: {measure: jobs, prices: {placed: 500, stays 3 months: 300, stays 6 months: 200}}}
"""
)


def test_pattern_A13_sustainment_chain() -> None:
    """654 jobs, 601 of them kept three months and 546 six: each step once, on the report that first tells of it."""
    first = "{placed: 654, stays 3 months: 601, stays 6 months: 500}"
    second = "{placed: 0, stays 3 months: 0, stays 6 months: 46}"
    came = settle(SUSTAINED, f"jobs: {{2015-01: {first}, 2016-01: {second}}}")
    assert came.paid("retention") == {"2015-01": 654 * 500 + 601 * 300 + 500 * 200, "2016-01": 46 * 200}
    nobody = "{placed: 0, stays 3 months: 0, stays 6 months: 0}"
    assert settle(SUSTAINED, f"jobs: {{2015-01: {nobody}, 2016-01: {nobody}}}").paid("retention") == {}


def test_pattern_A13_simulated() -> None:
    """Everybody reaches everything within the year: 899 x 1,000; and nobody passes a step that nobody reached."""
    assert simulate(SUSTAINED).paid("retention") == {"2015-01": 899_000}
    few = SUSTAINED.replace("stays 3 months: [100 %", "stays 3 months: [0 %")
    assert simulate(few).paid("retention") == {"2015-01": 899 * 500}
    late = SUSTAINED.replace("[100 %, 9 months]", "[100 %, 18 months]")
    assert simulate(late).paid("retention") == {"2015-01": 899 * 800, "2016-01": 899 * 200}


# ------------------------------------------------------------------------------------------------ A14
WHOLE_COHORT = (
    HEAD
    + """
parties: {payer: Ministry of Justice, provider: One Service}
participants: {size: 1 000, take_up: 74 %}
outcomes: {points: {type: score, better: more, over: 1 year, without: 0, with: 10, sd: 0}}
measures: {gain: {of: points, as: average, people: PEOPLE}}
contract: {payments: {success: {measure: gain, per_unit: 1 m}}}
"""
)


def test_pattern_A14_whole_cohort_counted() -> None:
    """Of 1,000 offered 74 % engage and gain ten points: the average of all is 7.4, of those who engaged 10."""
    whole, engaged = (WHOLE_COHORT.replace("PEOPLE", who) for who in ("offered", "starters"))
    paid = run(whole).metric("payer", "outcome_payments")
    assert abs(z_of_mean(paid, 7.4e6, 1e7 * math.sqrt(0.74 * 0.26 / 1_000))) < LIMIT
    assert simulate(engaged).total("success") == pytest.approx(10e6)
    assert settle(whole, "gain: 7.4").total("success") == pytest.approx(7.4e6)
    assert settle(whole, "gain: -1").paid("success") == {}
    nobody = run(whole, sets=("participants.take_up=0 %",), n_draws=1024).metric("payer", "outcome_payments")
    assert nobody.max() == 0


# ------------------------------------------------------------------------------------------------ A15
A_YEAR_FIRST = (
    HEAD
    + """
parties: {payer: Denver, provider: Mental Health Center of Denver}
participants: {size: 200}
outcomes:
  kept lease: {type: event, better: more, over: 1 year, with: 60 %}
  lease days: {type: days, better: more, over: 2 years, with: 700, sd: 0, needs: kept lease}
  days in work: {type: days, better: more, begins: 3 months, over: 9 months, with: 270, sd: 0}
measures:
  stable days: {of: lease days, as: total, follow_up: 2 years}
  after a quarter: {of: days in work, as: total, follow_up: 1 year}
contract:
  payments:
    stability: {measure: stable days, per_unit: 15.12}
    work: {measure: after a quarter, per_unit: 2}
"""
)


def test_pattern_A15_waits_before_an_outcome_counts() -> None:
    """Days count only for those who kept a lease for a year, 60 % of 200; days in work only after a quarter."""
    money = simulate(A_YEAR_FIRST, "outcomes.kept lease.with=100 %")
    assert money.paid("stability") == {"2016-01": pytest.approx(200 * 700 * 15.12)}
    assert money.paid("work") == {"2015-01": pytest.approx(200 * 270 * 2)}
    assert simulate(A_YEAR_FIRST, "outcomes.kept lease.with=0 %").paid("stability") == {}
    paid = run(A_YEAR_FIRST).metric("payer", "outcome_payments") - 200 * 270 * 2
    each = 700 * 15.12
    assert abs(z_of_mean(paid, 120 * each, each * math.sqrt(200 * 0.24))) < LIMIT
    came = settle(A_YEAR_FIRST, "stable days: 41 070, after a quarter: 0")
    assert came.total("stability") == pytest.approx(620_978.40)
    assert came.paid("work") == {}
