"""Patterns of group B: what a result is set against, and how noisy that is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.patterns.hand import settle, simulate
from tests.patterns.test_patterns_a import HEAD
from tests.support import LIMIT, run, world, z_of_mean, z_of_variance

# ------------------------------------------------------------------------------------------------ B1
ENROLMENT = (
    HEAD
    + """
parties: {payer: CIFF, provider: Educate Girls}
participants: {size: 834}
outcomes: {enrolled: {type: event, better: more, over: 1 year, without: 100 %, with: 100 %}}
measures: {enrolment: {of: enrolled, as: average}}
contract: {payments: {enrolment fee: {measure: enrolment, per_point: 910.14}}}
"""
)


@pytest.mark.parametrize(("rate", "pays"), [("92 %", 83_732.88), ("79 %", 71_901.06), ("100 %", 91_014), ("0 %", 0)])
def test_pattern_B1_no_counterfactual(rate: str, pays: float) -> None:
    """Educate Girls' enrolment: 910.14 francs a percentage point of what is seen; nobody asks what would have been."""
    assert settle(ENROLMENT, f"enrolment: {rate}").total("enrolment fee") == pytest.approx(pays)


def test_pattern_B1_pays_without_any_effect() -> None:
    """All would have enrolled anyway, and all of it is paid."""
    assert simulate(ENROLMENT).total("enrolment fee") == pytest.approx(91_014)


# ------------------------------------------------------------------------------------------------ B2
UTAH = (
    HEAD
    + """
parties: {payer: United Way, investor: Goldman Sachs, provider: School districts}
participants: {size: 110}
inputs: {state add-on: 2 607, their part: {product: [state add-on, 95 %]}}
outcomes: {special education: {type: event, better: fewer, over: 1 year, with: 0 %}}
measures: {avoided: {of: special education, as: total_improvement, comparison: {fixed: 100 %}}}
contract: {payments: {success: {measure: avoided, per_unit: their part}}}
"""
)


@pytest.mark.parametrize(
    ("avoided", "pays"), [(108, 267_478.2), (109, 269_954.85), (110, 272_431.5), (1, 2_476.65), (0, 0)]
)
def test_pattern_B2_everyone_would_have(avoided: int, pays: float) -> None:
    """Utah: all 110 low scorers are taken to have needed special education, at 95 % of 2,607 dollars each.

    Published are 281,550 saved and about 267,000 paid: 108 children; 109 that did not need it would be 284,163 saved.
    """
    assert settle(UTAH, f"avoided: {avoided}").total("success") == pytest.approx(pays)


def test_pattern_B2_simulated() -> None:
    assert simulate(UTAH).total("success") == pytest.approx(110 * 2_607 * 0.95)
    assert simulate(UTAH, "outcomes.special education.with=100 %").paid("success") == {}


# ------------------------------------------------------------------------------------------------ B3
NEWPIN_COUPON = (
    HEAD
    + """
parties: {payer: NSW Government, investor: Bondholders, provider: Uniting}
outcomes: {restored: {type: score, each: cohort, better: more, over: 1 year, without: 25 %, with: 60 %}}
measures:
  above usual:
    {of: restored, as: improvement, comparison: {fixed: 25 %}, follow_up: 1 year, covers: to date,
     reported: [2015-01, 2016-01]}
contract:
  payments:
    coupon:
      measure: above usual
      line: [[otherwise, 0 %], [30 %, 3 %], [40 %, 12 %], [43.3333333333333 %, 15 %]]
      of: drawn
      per: year
      to: bond
costs: {service: {amount: 7 m}}
finance: {tranches: {bond: {amount: 7 m, drawn: upfront}}}
"""
)


@pytest.mark.parametrize(
    ("restored", "coupon"),
    [(60, 0.075), (61.6, 0.0894), (55, 0.03), (54.9, 0), (65, 0.12), (68.3333333333333, 0.15), (80, 0.15), (20, 0)],
)
def test_pattern_B3_business_as_usual_fixed_in_the_contract(restored: float, coupon: float) -> None:
    """Newpin: 3 % and 0.9 % more for each point that restorations pass 25 % + 30 points; at most 15 %."""
    reading = f"above usual: {{2015-01: {restored - 25:.13f} %, 2016-01: 0 %}}"
    came = settle(NEWPIN_COUPON, reading)
    assert came.total("coupon") == pytest.approx(7e6 * coupon, abs=1e-3)
    money = simulate(NEWPIN_COUPON, f"outcomes.restored.with={restored} %")
    expected = {"2015-01": 7e6 * coupon, "2016-01": 7e6 * coupon} if coupon else {}
    assert money.paid("coupon") == pytest.approx(expected, abs=1e-3)


# ------------------------------------------------------------------------------------------------ B4
SICK_DAYS = (
    HEAD
    + """
parties: {payer: Employers, investor: Epiqus fund, provider: Occupational health}
participants: {size: 1 580}
outcomes: {sick days: {type: days, better: fewer, over: 1 year, without: 13.4, with: 12.46, sd: 0}}
measures: {fewer days: {of: sick days, as: improvement, comparison: {before: 12 months}}}
contract: {payments: {success: {measure: fewer days, steps: [[2.1, 110 %]], of: drawn, to: loan}}}
costs: {service: {amount: 600 k}}
finance: {tranches: {loan: {amount: 600 k, drawn: upfront}}}
"""
)


@pytest.mark.parametrize(("days", "pays"), [(0.94, 0), (2.0999, 0), (2.1, 660_000), (3, 660_000), (-1, 0)])
def test_pattern_B4_before_and_after(days: float, pays: float) -> None:
    """TyHy: 0.94 days fewer than in the year before, where 2.1 were asked for: no return."""
    assert settle(SICK_DAYS, f"fewer days: {days}").total("success") == pytest.approx(pays)
    money = simulate(SICK_DAYS, f"outcomes.sick days.with={13.4 - days}")
    assert money.total("success") == pytest.approx(pays)


def test_pattern_B4_what_would_have_gone_by_itself_is_paid() -> None:
    """People come when things are bad: if 20 % would have gone anyway, 13.4 were 16.75 before, and 3.35 are "fewer"."""
    worse = SICK_DAYS.replace("before: 12 months", "before: 12 months, regression: 20 %")
    assert simulate(worse, "outcomes.sick days.with=13.4").total("success") == pytest.approx(660_000)
    [report] = world(worse, sets=("outcomes.sick days.with=13.4",)).reports["fewer days"]
    assert report.value == pytest.approx(13.4 / 0.8 - 13.4)


# ------------------------------------------------------------------------------------------------ B5
AGAINST = (
    HEAD
    + """
parties: {payer: Ministry, provider: Service}
participants: {size: 400, start: START}
outcomes: {days: {type: days, better: fewer, over: 1 year, without: 60, with: 54, sd: 20, trend: TREND}}
measures: {fewer: {of: days, as: improvement, comparison: {OTHERS}}}
contract: {payments: {success: {measure: fewer, per_unit: 1 000}}}
"""
)


def against(others: str, start: str = "2014-01", trend: str = "0 %") -> np.ndarray:
    text = AGAINST.replace("OTHERS", others).replace("START", start).replace("TREND", trend)
    return run(text, n_draws=8192).metric("payer", "outcome_payments")


@pytest.mark.parametrize(
    ("others", "mean", "n"),
    [
        ("matched: 900", 6.0, 900),
        ("matched: 900, bias: 5 %", 9.0, 900),  # the others are 5 % worse off: 63
        ("historical: 2 500", 6.0, 2500),
        ("rct: 300", 6.0, 300),
    ],
)
def test_pattern_B5_matched_or_historical_group(others: str, mean: float, n: int) -> None:
    """54 days for 60, found of 400 people and of n others with a spread of 20: variance 400/400 + 400/n."""
    paid = against(others) / 1_000
    variance = 400 / 400 + 400 / n
    assert abs(z_of_mean(paid, mean, math.sqrt(variance))) < LIMIT
    assert abs(z_of_variance(paid, variance)) < LIMIT


def test_pattern_B5_trend_of_a_historical_group() -> None:
    """On a trend of -2 % a year those of three years ago had 60 / 0.98^3: their fall is taken for an effect."""
    paid = against("historical: 2 500, years_before: 3", trend="-2 %") / 1_000
    expected = 60 / 0.98**3 - 54
    assert abs(z_of_mean(paid, expected)) < LIMIT


def test_pattern_B5_settled() -> None:
    text = AGAINST.replace("OTHERS", "matched: 900").replace("START", "2014-01").replace("TREND", "0 %")
    assert settle(text, "fewer: 8.4").total("success") == pytest.approx(8_400)
    assert settle(text, "fewer: 0").paid("success") == {}
    assert settle(text, "fewer: -3").paid("success") == {}


# ------------------------------------------------------------------------------------------------ B7, B8
def test_pattern_B7_randomised_people() -> None:
    """A trial has no bias: with no effect at all it pays what is above nothing, sd x 0.3989 on average."""
    text = AGAINST.replace("with: 54", "with: 60").replace("START", "2014-01").replace("TREND", "0 %")
    paid = run(text.replace("OTHERS", "rct: 300"), n_draws=8192).metric("payer", "outcome_payments") / 1_000
    sd = math.sqrt(400 / 400 + 400 / 300)
    assert abs(z_of_mean(paid, sd / math.sqrt(2 * math.pi))) < LIMIT
    assert abs(z_of_mean(paid > 0, 0.5, 0.5)) < LIMIT


@pytest.mark.parametrize(("size", "icc", "factor"), [(30, 0.05, 2.45), (1, 0.05, 1.0), (30, 0.0, 1.0)])
def test_pattern_B8_randomised_clusters(size: int, icc: float, factor: float) -> None:
    """Of pupils in schools of 30 with a correlation of 0.05 the noise is that of 1 + 29 x 0.05 times fewer."""
    paid = against(f"rct: 300, cluster_size: {size}, icc: {icc}") / 1_000
    variance = factor * (400 / 400 + 400 / 300)
    assert abs(z_of_mean(paid, 6.0, math.sqrt(variance))) < LIMIT
    assert abs(z_of_variance(paid, variance)) < LIMIT


# ------------------------------------------------------------------------------------------------ B10
@pytest.mark.parametrize(("estimate", "pays"), [("0.01", 10), ("0", 0), ("-0.01", 0), ("2", 2_000)])
def test_pattern_B10_point_estimate_pays(estimate: str, pays: float) -> None:
    """The estimate pays whatever its standard error (here 1.5 days): a hundredth of a day pays, and is no finding."""
    text = AGAINST.replace("OTHERS", "rct: 300").replace("START", "2014-01").replace("TREND", "0 %")
    assert settle(text, f"fewer: {estimate}").total("success") == pytest.approx(pays)


# ------------------------------------------------------------------------------------------------ B11
HEADLINE = (
    HEAD
    + """
parties: {payer: Denver, provider: Providers}
participants: {size: 363, take_up: 79 %}
outcomes: {jail days: {type: days, better: fewer, over: 1 year, without: 100, with: 68.1, sd: 0}}
measures:
  treated: {of: jail days, as: relative_improvement, comparison: {fixed: 100}}
  headline: {of: jail days, as: relative_improvement, people: offered, comparison: {fixed: 100}}
contract: {payments: {jail: {measure: treated, per_point: 160 000, band: [0 %, 65 %], if: {treated: at least 20 %}}}}
"""
)


def test_pattern_B11_another_estimate_than_the_headline_pays() -> None:
    """Denver paid 31.9 points x 160,000 while 27 % were published: the published figure moves no money."""
    for headline in ("27 %", "0 %", "-10 %"):
        came = settle(HEADLINE, f"treated: 31.9 %, headline: {headline}")
        assert came.total("jail") == pytest.approx(5.104e6)
    assert settle(HEADLINE, "treated: 19.99 %, headline: 27 %").paid("jail") == {}
    assert settle(HEADLINE, "treated: 20 %, headline: 27 %").total("jail") == pytest.approx(3.2e6)
    assert simulate(HEADLINE).total("jail") == pytest.approx(5.104e6)


# ------------------------------------------------------------------------------------------------ B12
WELCOME_HOME = (
    HEAD
    + """
parties: {payer: Santa Clara County, provider: Abode}
participants: {size: 100}
outcomes: {tenancy months: {type: days, better: more, over: 1 year, without: 3, with: 11, sd: 0}}
measures:
  months: {of: tenancy months, as: total, follow_up: 1 year}
  trial: {of: tenancy months, as: improvement, comparison: {rct: 80}}
contract: {payments: {tenancy: {measure: months, per_unit: 1 000, cap: {per_year: 2 m, total: 12 m}}}}
"""
)


def test_pattern_B12_evaluation_that_pays_nothing() -> None:
    """Santa Clara pays for months in a home; the trial beside it pays nothing, whatever it finds."""
    for found in ("9", "-5", "0"):
        assert settle(WELCOME_HOME, f"months: 1 100, trial: {found}").total("tenancy") == 1.1e6
    assert settle(WELCOME_HOME, "months: 2 001").total("tenancy") == 2e6
    assert settle(WELCOME_HOME, "months: 1 999").total("tenancy") == 1.999e6
    small, large = WELCOME_HOME, WELCOME_HOME.replace("rct: 80", "rct: 5 000")
    for text in (small, large):
        assert simulate(text).paid("tenancy") == {"2015-01": pytest.approx(1.1e6)}
