"""Patterns of group A: what is measured. Each contract as its deal reads, settled on readings and simulated."""

from __future__ import annotations

import math

import pytest

from tests.patterns.hand import settle, simulate
from tests.support import LIMIT, run, z_of_mean

HEAD = """sibsim: 1
title: A pattern
currency: EUR
start: 2014-01
step: year
"""


# ------------------------------------------------------------------------------------------------ A1
NEWPIN = (
    HEAD
    + """
parties: {payer: NSW Government, investor: Bondholders, provider: Uniting}
participants: {size: 100}
outcomes: {restored: {type: event, better: more, over: 1 year, with: 100 %}}
measures: {restoration rate: {of: restored, as: average}}
contract:
  payments:
    principal: {measure: restoration rate, steps: [[otherwise, 50 %], [above 55 %, 100 %]], of: drawn, to: bond}
costs: {service: {amount: 7 m}}
finance: {tranches: {bond: {amount: 7 m, drawn: upfront}}}
"""
)


@pytest.mark.parametrize(
    ("rate", "back"),
    [("0 %", 3.5e6), ("54.99 %", 3.5e6), ("55 %", 3.5e6), ("55.01 %", 7e6), ("61 %", 7e6), ("100 %", 7e6)],
)
def test_pattern_A1_rate_against_a_fixed_target(rate: str, back: float) -> None:
    """Newpin at maturity: all of the capital where the rate over the term is above 55 %, else half of it."""
    assert settle(NEWPIN, f"restoration rate: {rate}").paid("principal") == {"2015-01": back}


def test_pattern_A1_simulated() -> None:
    """All 100 restored, or nobody; and by chance with 55 %: the binomial's chance of more than 55 of 100."""
    assert simulate(NEWPIN).total("principal") == 7e6
    assert simulate(NEWPIN, "outcomes.restored.with=0 %").total("principal") == 3.5e6
    paid = run(NEWPIN, sets=("outcomes.restored.with=55 %",)).metric("payer", "outcome_payments")
    chance = sum(math.comb(100, k) * 0.55**k * 0.45 ** (100 - k) for k in range(56, 101))
    assert abs(z_of_mean(paid == 7e6, chance, math.sqrt(chance * (1 - chance)))) < LIMIT


# ------------------------------------------------------------------------------------------------ A2
SANITATION = (
    HEAD
    + """
parties: {payer: USAID, investor: Stone Family Foundation, provider: iDE}
participants: {size: 1 600}
outcomes: {village: {type: event, better: more, over: 1 year, with: 100 %}}
measures: {villages: {of: village, as: total, follow_up: 1 year}}
contract: {payments: {success: {measure: villages, per_unit: 6 250}}, cap: 9 999 999}
"""
)


@pytest.mark.parametrize(("count", "pays"), [(0, 0), (1, 6_250), (500, 3.125e6), (1599, 9_993_750), (1600, 9_999_999)])
def test_pattern_A2_count_of_those_who_reach_a_state(count: int, pays: float) -> None:
    """Cambodian villages at 6,250 each: 500 x 6,250 = 3,125,000; 1,600 would be 10,000,000, a dollar above the cap."""
    assert settle(SANITATION, f"villages: {count}").total("success") == pytest.approx(pays)


def test_pattern_A2_simulated() -> None:
    assert simulate(SANITATION).total("success") == pytest.approx(9_999_999)
    half = simulate(SANITATION, "participants.size=500")
    assert half.paid("success") == {"2015-01": 3.125e6}
    assert simulate(SANITATION, "outcomes.village.with=0 %").paid("success") == {}


# ------------------------------------------------------------------------------------------------ A3
RATE_CARD = (
    HEAD
    + """
parties: {payer: DWP, provider: Career Connect}
participants: {size: 10}
outcomes:
  behaviour: {type: event, better: more, over: 1 year, with: 100 %}
  attendance: {type: event, better: more, over: 1 year, with: 100 %}
  level one: {type: event, better: more, over: 1 year, with: 100 %}
  level two: {type: event, better: more, over: 1 year, with: 100 %}
  level three: {type: event, better: more, over: 1 year, with: 100 %}
  level four: {type: event, better: more, over: 1 year, with: 100 %}
  esol: {type: event, better: more, over: 1 year, with: 100 %}
  job of 13 weeks: {type: event, better: more, over: 1 year, with: 100 %}
  job of 26 weeks: {type: event, better: more, over: 1 year, with: 100 %}
  unit passed: {type: count, better: more, over: 1 year, with: 3}
measures:
  items:
    of: [behaviour, attendance, level one, level two, level three, level four, esol, job of 13 weeks, job of 26 weeks]
    as: total
    follow_up: 1 year
  units: {of: unit passed, as: total, follow_up: 1 year}
contract:
  payments:
    once:
      measure: items
      prices:
        {behaviour: 1 300, attendance: 800, level one: 700, level two: 2 200, level three: 3 300, level four: 2 000,
         esol: 1 200, job of 13 weeks: 2 600, job of 26 weeks: 1 000}
    repeatable: {measure: units, per_unit: 250}
"""
)
EACH_ONCE = 1_300 + 800 + 700 + 2_200 + 3_300 + 2_000 + 1_200 + 2_600 + 1_000


def test_pattern_A3_tariff_for_each_persons_events() -> None:
    """New Horizons' prices: so many of each, once a person; an item that may come back is a count with its price."""
    reading = (
        "items: {behaviour: 40, attendance: 0, level one: 3, level two: 2, level three: 0, level four: 0, esol: 1, "
        "job of 13 weeks: 5, job of 26 weeks: 4}, units: 7"
    )
    paid = settle(RATE_CARD.replace("size: 10}", "size: 100}"), reading)
    assert paid.total("once") == 40 * 1_300 + 3 * 700 + 2 * 2_200 + 1_200 + 5 * 2_600 + 4 * 1_000
    assert paid.total("repeatable") == 7 * 250
    nothing = "items: {" + ", ".join(f"{name}: 0" for name in NAMES) + "}, units: 0"
    assert settle(RATE_CARD, nothing).paid("once") == {}


NAMES = (
    "behaviour", "attendance", "level one", "level two", "level three", "level four", "esol", "job of 13 weeks",
    "job of 26 weeks",
)  # fmt: skip


def test_pattern_A3_simulated_once_and_repeatable() -> None:
    """Ten people who reach every item once: 10 x 15,100; passed units are Poisson with mean 3: 250 x 30 on average."""
    assert EACH_ONCE == 15_100
    assert simulate(RATE_CARD).total("once") == 10 * EACH_ONCE
    paid = run(RATE_CARD).metric("payer", "outcome_payments") - 10 * EACH_ONCE
    assert abs(z_of_mean(paid, 250 * 30, 250 * math.sqrt(30))) < LIMIT


def test_pattern_A3_most_for_one_person() -> None:
    """At most 11,700 for one person, as the department's slides say: ten who reach everything bring 117,000."""
    capped = RATE_CARD.replace("measure: items\n", "measure: items\n      cap: {per_person: 11 700}\n")
    assert simulate(capped).total("once") == pytest.approx(10 * 11_700)
    few = simulate(capped, *(f"outcomes.{name}.with=0 %" for name in NAMES[5:]))
    assert few.total("once") == 10 * (1_300 + 800 + 700 + 2_200 + 3_300)


# ------------------------------------------------------------------------------------------------ A4
DENVER_DAYS = (
    HEAD
    + """
parties: {payer: Denver, provider: Colorado Coalition for the Homeless}
participants: {size: 250}
outcomes:
  lease: {type: days, better: more, over: 1 year, with: 300, sd: 0}
  jail: {type: days, better: fewer, over: 1 year, with: 20, sd: 0}
measures:
  lease days: {of: lease, as: total, reported: [2015-01, 2016-01]}
  jail days: {of: jail, as: total, reported: [2015-01, 2016-01]}
  stable days: {weighted: {lease days: 1, jail days: -1}}
contract: {payments: {stability: {measure: stable days, per_unit: 15.12}}}
"""
)


def test_pattern_A4_days_in_a_state() -> None:
    """258,858 days by the fourth report and 41,070 by the fifth, at 15.12; more jail than lease pays nothing."""
    days = "{2015-01: 270 000, 2016-01: 41 070}"
    many = DENVER_DAYS.replace("size: 250", "size: 1 000")
    came = settle(many, f"lease days: {days}, jail days: {{2015-01: 11 142, 2016-01: 0}}")
    assert came.paid("stability") == pytest.approx({"2015-01": 3_913_932.96, "2016-01": 620_978.40})
    assert came.total("stability") == pytest.approx(4_534_911.36)
    worse = settle(DENVER_DAYS, "lease days: {2015-01: 10, 2016-01: 5}, jail days: {2015-01: 11, 2016-01: 5}")
    assert worse.paid("stability") == {}


def test_pattern_A4_simulated() -> None:
    """250 people, 300 days in a lease and 20 in jail: 250 x 280 x 15.12, all of it in the first year."""
    assert simulate(DENVER_DAYS).paid("stability") == pytest.approx({"2015-01": 250 * 280 * 15.12})


def test_pattern_A4_parts_reported_on_other_dates_count_once() -> None:
    """Jail days told of once a year are taken off once, though lease days are told of twice."""
    often = DENVER_DAYS.replace("step: year", "step: quarter").replace(
        "as: total, reported: [2015-01, 2016-01]}", "as: total, reported: [2014-07, 2015-01]}", 1
    )
    often = often.replace(
        "as: total, reported: [2015-01, 2016-01]}", "as: total, reported: [2014-07, 2014-10, 2015-01]}"
    )
    jail = "jail days: {2014-07: 10, 2014-10: 5, 2015-01: 7}"
    came = settle(often, f"lease days: {{2014-07: 100, 2015-01: 50}}, {jail}")
    assert came.paid("stability") == pytest.approx({"2014-07": 90 * 15.12, "2015-01": 43 * 15.12})
    # 2014-10 by itself is -5 days, and less than nothing pays nothing
    money = simulate(often)
    half = 250 * (150 - 10) * 15.12
    assert money.paid("stability") == pytest.approx({"2014-07": half, "2015-01": 250 * (150 - 5) * 15.12})


# ------------------------------------------------------------------------------------------------ A5
RECONVICTIONS = (
    HEAD
    + """
parties: {payer: Ministry of Justice, provider: One Service}
participants: {size: 1 000}
outcomes: {reconviction: {type: count, better: fewer, over: 1 year, without: 1.55, with: 1.24}}
measures:
  reduction: {of: reconviction, as: relative_improvement, people: offered, comparison: {fixed: 1.55}}
  avoided: {of: reconviction, as: total_improvement, people: offered, comparison: {fixed: 1.55}}
contract: {payments: {success: {measure: avoided, per_unit: 5 000, if: {reduction: at least 10 %}}}}
"""
)


@pytest.mark.parametrize(
    ("reduction", "avoided", "pays"),
    [("8.4 %", 130, 0), ("9.99 %", 154.8, 0), ("10 %", 155, 775_000), ("20 %", 310, 1.55e6), ("-5 %", -77.5, 0)],
)
def test_pattern_A5_frequency_of_events(reduction: str, avoided: float, pays: float) -> None:
    """Peterborough counts every reconviction: 142 for 155 in each hundred is 8.4 % fewer and pays nothing."""
    assert settle(RECONVICTIONS, f"reduction: {reduction}, avoided: {avoided}").total("success") == pays


def test_pattern_A5_simulated() -> None:
    """1,000 people with 1.24 each by Poisson for 1.55: 310 fewer on average, with a spread of the root of 1,240."""
    paid = run(RECONVICTIONS, sets=("contract.payments.success.if=none",)).metric("payer", "outcome_payments")
    assert abs(z_of_mean(paid, 5_000 * 310, 5_000 * math.sqrt(1_240))) < LIMIT


# ------------------------------------------------------------------------------------------------ A6
WELLBEING = (
    HEAD
    + """
parties: {payer: Newcastle Gateshead CCG, provider: Ways to Wellness}
participants: {size: 100}
outcomes: {star: {type: score, better: more, over: 6 months, without: 0, with: 3.4, sd: 0}}
measures: {change: {of: star, as: average}}
contract: {payments: {outcome a: {measure: change, line: [[0.5, 0 %], [1.4, 100 %]], of: 900 k}}}
"""
)


@pytest.mark.parametrize(
    ("points", "pays"),
    [(-1, 0), (0, 0), (0.4999, 0), (0.5, 0), (0.95, 450_000), (1.4, 900_000), (1.41, 900_000), (3.4, 900_000)],
)
def test_pattern_A6_change_of_a_score(points: float, pays: float) -> None:
    """Ways to Wellness slides from nothing at 0.5 points to all at 1.4; 3.4 points were reported."""
    assert settle(WELLBEING, f"change: {points}").total("outcome a") == pytest.approx(pays)
    found = simulate(WELLBEING, f"outcomes.star.with={points}").total("outcome a")
    assert found == pytest.approx(pays, abs=1e-6)
