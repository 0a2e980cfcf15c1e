"""Patterns of group D, who pays: the same payment, by one, by shares, by phase, by metric; and costs beside it."""

from __future__ import annotations

import pytest

from tests.patterns.hand import Money, settle, simulate

HEAD = """sibsim: 1
title: A pattern
currency: GBP
start: 2014-01
step: year
parties: {payer: CCG, fund: Top-up fund, state: State, charity: United Way, county: County, investor: I, provider: P}
outcomes: {result: {type: score, each: cohort, better: more, over: 4 years, with: 10}}
measures: {x: {of: result, as: total, reported: [2015-01, 2016-01, 2017-01, 2018-01]}}
"""
BY_YEAR = "x: {2015-01: 10, 2016-01: 20, 2017-01: 0, 2018-01: -5}"


def payers(text: str, *names: str, reading: str = BY_YEAR) -> list[float]:
    """What each paid in all."""
    came = settle(text, reading)
    return [-came.net(name) + 0.0 for name in names]


def by(money: Money, party: str) -> dict[str, float]:
    return {day: -amount for day, amount in money.flow(party).items()}


# ------------------------------------------------------------------------------------------------ D1
def test_pattern_D1_single_payer() -> None:
    text = HEAD + "contract: {payments: {success: {measure: x, per_unit: 100}}}\n"
    assert payers(text, "payer", "fund") == [3_000, 0]
    money = simulate(text)  # points stand in full at every report
    assert by(money, "payer") == pytest.approx({f"{year}-01": 1_000 for year in range(2015, 2019)})


# ------------------------------------------------------------------------------------------------ D2
SHARED = HEAD + "contract: {payments: {success: {measure: x, per_unit: 100, by: SHARES}}}\n"


def test_pattern_D2_shares_that_change_by_phase() -> None:
    """Ways to Wellness: top-up funds pay 70 % while it starts up (two years here), then the CCG all of it."""
    text = SHARED.replace("SHARES", "{2014-01: {fund: 70 %, payer: rest}, 2016-01: payer}")
    came = settle(text, BY_YEAR)
    assert by(came, "fund") == pytest.approx({"2015-01": 700})
    assert by(came, "payer") == pytest.approx({"2015-01": 300, "2016-01": 2_000})
    money = simulate(text)
    assert by(money, "fund") == pytest.approx({"2015-01": 700})
    assert by(money, "payer") == pytest.approx({"2015-01": 300, "2016-01": 1_000, "2017-01": 1_000, "2018-01": 1_000})


@pytest.mark.parametrize(
    ("units", "fund", "rest"),
    [(10, 400, 600), (75, 3_000, 4_500), (76, 3_000, 4_600), (0, 0, 0), (-4, 0, 0)],
)
def test_pattern_D2_top_up_to_a_limit(units: int, fund: float, rest: float) -> None:
    """The fund pays 40 %, 3,000 at most; what passes its limit falls on the payer of the rest."""
    text = SHARED.replace("SHARES", "{fund: 40 %, payer: rest}").replace(
        "fund: Top-up fund", "fund: {name: Top-up fund, pays_at_most: 3 000}"
    )
    reading = f"x: {{2015-01: {units}, 2016-01: 0, 2017-01: 0, 2018-01: 0}}"
    assert payers(text, "fund", "payer", reading=reading) == pytest.approx([fund, rest])


def test_pattern_D2_three_payers_of_one_outcome() -> None:
    """Village Enterprise: three payers; shares of the first two, the third has the rest."""
    text = SHARED.replace("SHARES", "{fund: 25 %, state: 41.67 %, payer: rest}")
    assert payers(text, "fund", "state", "payer") == pytest.approx([750, 1_250.1, 999.9])


# ------------------------------------------------------------------------------------------------ D3
def test_pattern_D3_payers_by_phase() -> None:
    """Utah: a charity and the county share the first year's payment, the state pays from the second on."""
    text = SHARED.replace("SHARES", "{2014-01: {charity: 50 %, county: rest}, 2016-01: state}")
    assert payers(text, "charity", "county", "state", "payer") == pytest.approx([500, 500, 2_000, 0])
    money = simulate(text)
    assert by(money, "county") == pytest.approx({"2015-01": 500})
    assert by(money, "state") == pytest.approx({"2016-01": 1_000, "2017-01": 1_000, "2018-01": 1_000})


def test_pattern_D3_payers_by_cohort() -> None:
    """New York: the federal department pays for phase one, the state for phase two, each by its own report."""
    text = """sibsim: 1
title: Two phases
currency: USD
start: 2014-01
step: year
parties: {labor: Department of Labor, state: New York State, provider: CEO}
participants: {cohorts: {one: {size: 100}, two: {size: 100, start: 2015-01}}}
outcomes: {job: {type: event, better: more, over: 1 year, with: 100 %}}
measures:
  jobs one: {of: job, as: total, follow_up: 1 year, cohorts: [one]}
  jobs two: {of: job, as: total, follow_up: 1 year, cohorts: [two]}
contract:
  payments:
    phase one: {measure: jobs one, per_unit: 6 000, by: labor}
    phase two: {measure: jobs two, per_unit: 6 360, by: state}
"""
    came = settle(text, "jobs one: 0, jobs two: 3")
    assert (-came.net("labor"), -came.net("state")) == (0, 3 * 6_360)
    money = simulate(text)
    assert by(money, "labor") == {"2015-01": 600_000}
    assert by(money, "state") == {"2016-01": 636_000}


# ------------------------------------------------------------------------------------------------ D4
def test_pattern_D4_payers_by_metric() -> None:
    """Chicago: the city pays for readiness and reading, the school district for special education avoided."""
    text = """sibsim: 1
title: Chicago
currency: USD
start: 2014-01
step: year
parties: {city: City of Chicago, district: School district, provider: Schools}
outcomes:
  ready: {type: score, each: cohort, better: more, over: 1 year, with: 59}
  read: {type: score, each: cohort, better: more, over: 1 year, with: 30}
  avoided: {type: score, each: cohort, better: more, over: 1 year, with: 20}
measures: {a: {of: ready, as: average}, b: {of: read, as: average}, c: {of: avoided, as: average}}
contract:
  payments:
    readiness: {measure: a, per_unit: 2 900, by: city}
    literacy: {measure: b, per_unit: 750, by: city}
    special education: {measure: c, per_unit: 9 100, by: district}
"""
    for money in (settle(text, "a: 59, b: 30, c: 20"), simulate(text)):
        assert by(money, "city") == pytest.approx({"2015-01": 59 * 2_900 + 30 * 750})
        assert by(money, "district") == pytest.approx({"2015-01": 182_000})
    only = settle(text, "a: 0, b: 0, c: 1")
    assert (only.net("city"), only.net("district")) == (0, -9_100)


# ------------------------------------------------------------------------------------------------ D7
FEES = (
    HEAD
    + """
costs:
  service: {amount: 15 300}
  fees: {amount: 1 300, to: outside}
  evaluation: {amount: 319, at: 2018-01, by: payer, to: outside}
contract: {payments: {success: {measure: x, per_unit: 100}}}
finance: {tranches: {loan: {amount: 16 600}}}
"""
)


def test_pattern_D7_payer_funds_the_evaluation_apart() -> None:
    """Chicago: fees of 1.3 inside the loan of 16.6; 0.319 of evaluation that the city pays whatever comes of it."""
    came = settle(FEES, BY_YEAR)
    assert came.total("success") == 3_000  # the evaluation is no payment for results
    assert by(came, "payer") == {"2015-01": 1_000, "2016-01": 2_000, "2018-01": 319}
    assert came.flow("investor")["2014-01"] == -16_600
    assert came.between("account", "outside") == 1_300
    nothing = settle(FEES, "x: {2015-01: 0, 2016-01: 0, 2017-01: 0, 2018-01: 0}")
    assert by(nothing, "payer") == {"2018-01": 319}
    money = simulate(FEES)
    assert by(money, "payer") == pytest.approx({"2015-01": 1_000, "2016-01": 1_000, "2017-01": 1_000, "2018-01": 1_319})
