"""Patterns of groups A, B and G that ask for sums of measures, comparisons that change, and terms over time."""

from __future__ import annotations

import numpy as np
import pytest

from tests.patterns.hand import settle, simulate
from tests.support import world

HEAD = """sibsim: 1
title: A pattern
currency: AUD
start: 2013-07
step: year
"""


# ------------------------------------------------------------------------------------------------ A8
BENEVOLENT = (
    HEAD
    + """
parties: {payer: NSW, investor: Bondholders, provider: Benevolent Society}
participants: {size: 400}
outcomes:
  entry: {type: event, better: fewer, over: 1 year, without: 50 %, with: 25 %}
  assessments: {type: event, better: fewer, over: 1 year, without: 50 %, with: 25 %}
  helpline: {type: event, better: fewer, over: 1 year, without: 50 %, with: 25 %}
measures:
  fewer entries: {of: entry, as: relative_improvement, comparison: {fixed: 50 %}}
  fewer assessments: {of: assessments, as: relative_improvement, comparison: {fixed: 50 %}}
  fewer calls: {of: helpline, as: relative_improvement, comparison: {fixed: 50 %}}
  performance: {weighted: {fewer entries: 66 %, fewer assessments: 17 %, fewer calls: 17 %}}
contract:
  payments:
    interest:
      measure: performance
      steps: [[5 %, 5 %], [10 %, 10.5 %], [15 %, 15 %], [40 %, 30 %]]
      of: drawn
      cap: 12 %
costs: {service: {amount: 10 m}}
finance: {tranches: {bond: {amount: 10 m}}}
"""
)


@pytest.mark.parametrize(
    ("entries", "assessments", "calls", "percent"),
    [
        ("10 %", "10 %", "10 %", 10.5),  # exactly 10 %
        ("10 %", "10 %", "9.9 %", 5.0),  # 9.983 %
        ("0 %", "30 %", "0 %", 5.0),  # 5.1 %: one good indicator carries little
        ("0 %", "0 %", "0 %", 0.0),
        ("-20 %", "60 %", "60 %", 5.0),  # -13.2 + 20.4 = 7.2 %: a negative effect counts against the others
        ("-20 %", "0 %", "0 %", 0.0),
        ("100 %", "100 %", "100 %", 12.0),  # 30 % under the cap of 12 %
    ],
)
def test_pattern_A8_several_indicators_in_one_percentage(
    entries: str, assessments: str, calls: str, percent: float
) -> None:
    money = settle(BENEVOLENT, f"fewer entries: {entries}, fewer assessments: {assessments}, fewer calls: {calls}")
    assert money.total("interest") == pytest.approx(percent * 1e5)


def test_pattern_A8_waits_for_every_indicator() -> None:
    assert settle(BENEVOLENT, "fewer entries: 50 %, fewer assessments: 50 %").total("interest") == 0.0


def test_pattern_A8_simulated() -> None:
    """Nobody enters care, everybody has the others: 66 - 17 - 17 = 32 % pay 15 %, and the cap leaves 12 %."""
    sets = ("outcomes.entry.with=0 %", "outcomes.assessments.with=100 %", "outcomes.helpline.with=100 %")
    assert simulate(BENEVOLENT, *sets).total("interest") == pytest.approx(1.2e6)
    nothing = tuple(one.replace("=0 %", "=100 %") for one in sets)
    assert simulate(BENEVOLENT, *nothing).total("interest") == 0.0


# ------------------------------------------------------------------------------------------------ A10
ICRC = (
    HEAD.replace("AUD", "CHF")
    + """
parties: {payer: Outcome funders, investor: New Re, provider: ICRC}
outcomes:
  patients walking: {type: score, each: cohort, better: more, over: 1 year, with: 3 600}
  staff: {type: score, each: cohort, better: fewer, over: 1 year, with: 45}
  ratio: {type: score, each: cohort, better: more, over: 1 year, without: 80, with: 80}
measures:
  efficiency: {of: ratio, as: relative_improvement, comparison: {fixed: 80}}
contract:
  payments:
    return:
      measure: efficiency
      line: [[otherwise, 60 %], [-40 %, 60 %], [0 %, 100 %], [35 %, 135 %]]
      of: drawn
      cap: 130 %
costs: {centres: {amount: 18.6 m}}
finance: {tranches: {loan: {amount: 18.6 m}}}
"""
)


@pytest.mark.parametrize(
    ("efficiency", "part"),
    [
        ("0 %", 1.0),  # as good as comparable centres
        ("-10 %", 0.9),
        ("-40 %", 0.6),
        ("-70 %", 0.6),  # no more than 40 % is lost
        ("7 %", 1.07),
        ("30 %", 1.3),
        ("30.1 %", 1.3),  # the cap
        ("80 %", 1.3),
    ],
)
def test_pattern_A10_ratio_relative_to_a_benchmark(efficiency: str, part: float) -> None:
    """Patients who walk again for each member of staff, against 80 in comparable centres: 88 is 10 % better."""
    assert settle(ICRC, f"efficiency: {efficiency}").total("return") == pytest.approx(part * 18.6e6)


@pytest.mark.parametrize(("ratio", "part"), [("80", 1.0), ("88", 1.1), ("40", 0.6), ("120", 1.3)])
def test_pattern_A10_simulated(ratio: str, part: float) -> None:
    assert simulate(ICRC, f"outcomes.ratio.with={ratio}").total("return") == pytest.approx(part * 18.6e6)


# ------------------------------------------------------------------------------------------------ B3a
NEWPIN = (
    HEAD
    + """
parties: {payer: NSW, investor: Bondholders, provider: Uniting}
participants: {cohorts: {early: {size: 100}, late: {size: 100, start: 2016-07}}}
outcomes: {restored: {type: event, better: more, over: 1 year, without: 25 %, with: 61 %}}
measures:
  gain:
    of: restored
    as: improvement
    for_each: cohort
    comparison: {2013-07: {fixed: 25 %}, 2016-07: {matched: 1 000 000}}
contract:
  payments:
    coupon:
      measure: gain
      line: [[otherwise, 0 %], [30 %, 3 %], [43.3333333333 %, 15 %]]
      of: 7 m
      floor: {2013-07: 350 k, 2016-07: 0}
"""
)


@pytest.mark.parametrize(
    ("gain", "coupon"),
    [
        ("35 %", 0.075),  # 60 % less 25 %: 3 % + 0.9 x 5 points
        ("36.6 %", 0.0894),  # 61.6 % less 25 %
        ("30 %", 0.03),
        ("29.99 %", 0.0),
        ("43.3333333333 %", 0.15),
        ("60 %", 0.15),
        ("0 %", 0.0),
        ("-5 %", 0.0),
    ],
)
def test_pattern_B3a_coupon_after_the_floor_has_ended(gain: str, coupon: float) -> None:
    money = settle(NEWPIN, f"gain: {{early: {gain}, late: {gain}}}")
    assert money.paid("coupon").get("2017-07", 0.0) == pytest.approx(coupon * 7e6)
    assert money.paid("coupon")["2014-07"] == pytest.approx(max(coupon, 0.05) * 7e6)


def test_pattern_B3a_counterfactual_rebased_mid_term() -> None:
    """61 % restored in both cohorts: 36 points above the fixed 25 % pay 8.4 %; above a group of 20 %, 41 pay 12.9 %.

    A million comparable children leave no noise to speak of; 100 of 100 are not 61, so 100 % and 64 % stand for them.
    """
    sets = ("outcomes.restored.with=100 %", "outcomes.restored.without=64 %")
    money = world(
        NEWPIN, sets=(*sets, "measures.gain.comparison={2013-07: {fixed: 64 %}, 2016-07: {matched: 1 000 000}}")
    )
    first, second = (np.asarray(r.value) for r in money.reports["gain"])
    assert np.all(first == pytest.approx(0.36))
    assert np.allclose(second, 0.36, atol=0.004)
    rebased = world(
        NEWPIN,
        sets=(
            "outcomes.restored.with=100 %",
            "outcomes.restored.without=59 %",
            "measures.gain.comparison={2013-07: {fixed: 64 %}, 2016-07: {matched: 1 000 000}}",
        ),
    )
    first, second = (np.asarray(r.value) for r in rebased.reports["gain"])
    assert np.all(first == pytest.approx(0.36))
    assert np.allclose(second, 0.41, atol=0.004)
    book = rebased.settlement.ledger
    by_date = {c: np.mean(a) for e in book if e.label == "coupon" for c, a in e.amounts.items()}
    assert by_date[1] == pytest.approx(0.084 * 7e6)
    assert by_date[4] == pytest.approx(0.129 * 7e6, rel=0.005)


# ------------------------------------------------------------------------------------------------ B9
ROCA = (
    HEAD.replace("AUD", "USD")
    + """
parties: {payer: Massachusetts, provider: Roca}
participants: {size: 929}
outcomes: {bed days: {type: days, better: fewer, over: 1 year, without: 100, with: 60, sd: 20}}
measures:
  fewer days:
    of: bed days
    as: relative_improvement
    comparison: {blend: [{weight: 80 %, rct: 800}, {weight: 20 %, historical: 5 000}]}
contract:
  payments:
    success: {measure: fewer days, steps: [[5 %, 0.8 m], [10 %, 2 m], [25 %, 11 m], [40 %, 22 m], [55 %, 27 m]]}
  cap: 26 m
"""
)


@pytest.mark.parametrize(
    ("fewer", "millions"),
    [("-8 %", 0), ("0 %", 0), ("4.99 %", 0), ("5 %", 0.8), ("24.9 %", 2), ("25 %", 11), ("40 %", 22), ("55 %", 26)],
)
def test_pattern_B9_blend_of_estimators_pays(fewer: str, millions: float) -> None:
    assert settle(ROCA, f"fewer days: {fewer}").total("success") == pytest.approx(millions * 1e6)


def test_pattern_B9_two_estimates_reported_apart() -> None:
    """The trial finds 4 % more days, the comparison over time 36 % fewer: 0.8 x -4 % + 0.2 x 36 % = 4 %, nothing."""
    apart = ROCA.replace(
        """  fewer days:
    of: bed days
    as: relative_improvement
    comparison: {blend: [{weight: 80 %, rct: 800}, {weight: 20 %, historical: 5 000}]}
""",
        """  by the trial: {of: bed days, as: relative_improvement, comparison: {rct: 800}}
  over time: {of: bed days, as: relative_improvement, comparison: {historical: 5 000}}
  fewer days: {weighted: {by the trial: 80 %, over time: 20 %}}
""",
    )
    assert settle(apart, "by the trial: -4 %, over time: 36 %").total("success") == 0.0
    assert settle(apart, "by the trial: -4 %, over time: 41 %").total("success") == 0.8e6  # exactly 5 %


def test_pattern_B9_simulated() -> None:
    """100 days without it whatever the group, 60 with it: 40 % fewer, with a noise of less than one per cent."""
    values = np.asarray(world(ROCA, replicates=2).reports["fewer days"][0].value)
    assert values.mean() == pytest.approx(0.40, abs=0.001)
    se = np.sqrt(20**2 / 929 + 20**2 * (0.8**2 / 800 + 0.2**2 / 5000) * 0.6**2) / 100
    assert values.std() == pytest.approx(se, rel=0.15)


# ------------------------------------------------------------------------------------------------ G5
RECONNECTIONS = (
    HEAD.replace("AUD", "GBP")
    + """
parties: {payer: Worcestershire, provider: Reconnections}
participants: {size: 1 800, intake: 3 years}
outcomes: {less lonely: {type: event, better: more, over: 1 year, with: 50 %}}
measures:
  helped: {of: less lonely, as: total, follow_up: 12 months, reported: [2014-07, 2015-07, 2016-07]}
  engaged: {of: starts, as: total, reported: [2014-07, 2015-07, 2016-07]}
contract:
  payments:
    results:
      measure: helped
      per_unit: {2013-07: 460, 2015-07: 400}
      cap: {per_year: {2013-07: 200 k, 2015-07: 100 k}}
    volume: {measure: engaged, steps: [[{2013-07: 1 000, 2016-07: 600}, 50 k]]}
"""
)


@pytest.mark.parametrize(
    ("second", "third", "results"),
    [
        (250, 250, {"2014-07": 46_000, "2015-07": 100_000, "2016-07": 100_000}),  # 400 x 250: exactly at the new cap
        (251, 249, {"2014-07": 46_000, "2015-07": 100_000, "2016-07": 99_600}),
        (0, 0, {"2014-07": 46_000}),
    ],
)
def test_pattern_G5_terms_amended_at_a_date(second: int, third: int, results: dict[str, float]) -> None:
    """460 for each of 100, then from 2015 400 and at most 100 000 a year."""
    none = "{2014-07: 0, 2015-07: 0, 2016-07: 0}"
    came = f"helped: {{2014-07: 100, 2015-07: {second}, 2016-07: {third}}}, engaged: {none}"
    assert settle(RECONNECTIONS, came).paid("results") == results


@pytest.mark.parametrize(
    ("engaged", "dates"),
    [((999, 999, 600), ["2016-07"]), ((1000, 999, 599), ["2014-07"]), ((600, 1000, 1000), ["2015-07", "2016-07"])],
)
def test_pattern_G5_volume_amended_at_a_date(engaged: tuple[int, int, int], dates: list[str]) -> None:
    """1 000 people a year as it was signed; 600 from 2016."""
    on = ", ".join(f"{day}: {n}" for day, n in zip(("2014-07", "2015-07", "2016-07"), engaged, strict=True))
    came = f"helped: {{2014-07: 0, 2015-07: 0, 2016-07: 0}}, engaged: {{{on}}}"
    assert list(settle(RECONNECTIONS, came).paid("volume")) == dates


def test_pattern_G5_simulated() -> None:
    """600 start a year and all are helped a year later: 600 x 460 above 200 000, then 600 x 400 above 100 000.

    The first count of those who start has two years' in it (with the day's own), the second one, the third none.
    """
    money = simulate(RECONNECTIONS, "outcomes.less lonely.with=100 %")
    assert money.paid("results") == {"2014-07": 2e5, "2015-07": 1e5, "2016-07": 1e5}
    assert money.paid("volume") == {"2014-07": 50_000.0}
