"""Patterns of group G, what may happen on the way: stops, exits, amendments, too few people, and more of them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.patterns.hand import Money, settle, simulate
from tests.support import run, z_of_mean

# ------------------------------------------------------------------------------------------------ G1
POLICY = """sibsim: 1
title: A new policy ends the third cohort
currency: GBP
start: 2010-09
step: year
parties: {payer: Ministry, investor: Trusts, provider: A charity}
participants:
  duration: 12 months
  cohorts: {c1: {size: 1 000}, c2: {size: 1 000, start: 2012-09}, c3: {size: 1 000, start: 2014-09}}
outcomes: {reconvictions: {type: count, better: fewer, over: 12 months, without: 1.5, effect: {ratio: 0.905}}}
measures:
  by cohort: {of: reconvictions, as: relative_improvement, for_each: cohort, comparison: {matched: 30 000}, lag: 1 year}
  pooled: {of: reconvictions, as: relative_improvement, comparison: {matched: 30 000}, reported: 2017-09}
contract:
  payments:
    cohort success: {measure: by cohort, steps: [[10 %, 1 m]]}
    pooled success: {measure: pooled, steps: [[7.5 %, 1.5 m]], if: {cohort success: at most 0}}
costs: {service: {amount: 1 000, per: starter}}
finance: {tranches: {loan: {amount: 3 m}}, surplus: {provider: 100 %}}
events: {new policy: {at: 2014-04, chance: 50 %, cancels: [c3]}}
"""


@pytest.mark.parametrize(
    ("readings", "pooled", "event", "paid"),
    [
        # nobody reaches 10 %; all together 9.02 %: paid in 2017 for the two cohorts that were served
        ("c1: 8.4 %, c2: 9.7 %", "9.02 %", "2014-09", {"2017-09": 1.5e6}),
        # exactly 10 %: the first cohort had earned it before the policy came, and keeps it
        ("c1: 10 %, c2: 4 %", "7.5 %", "2014-09", {"2012-09": 1e6}),
        # the second cohort is tested after the day on which the third was cancelled
        ("c1: 0 %, c2: 12 %", "7.5 %", "2014-09", {"2014-09": 1e6}),
        ("c1: -3 %, c2: 5 %", "7.5 %", "2014-09", {"2017-09": 1.5e6}),
        ("c1: -3 %, c2: 5 %", "7.49 %", "2014-09", {}),
        ("c1: -3 %, c2: 5 %, c3: 11 %", "7.5 %", "never", {"2016-09": 1e6}),
    ],
)
def test_pattern_G1_a_policy_ends_later_cohorts_and_those_served_are_still_tested(
    readings: str, pooled: str, event: str, paid: dict[str, float]
) -> None:
    money = settle(POLICY, f"by cohort: {{{readings}}}, pooled: {pooled}", events=f"{{new policy: {event}}}")
    assert {**money.paid("cohort success"), **money.paid("pooled success")} == pytest.approx(paid)


def test_pattern_G1_simulated() -> None:
    """Half of the futures have no third cohort: 1 m less of costs, and nothing else about money is missing."""
    r = run(POLICY, n_draws=2048)
    drawn = r.metric("investor", "drawn", tranche="loan")
    assert set(np.unique(drawn)) == {2e6, 3e6}
    assert np.mean(drawn == 2e6) == pytest.approx(0.5, abs=0.06)


# ------------------------------------------------------------------------------------------------ G2
HAIRCUT = """sibsim: 1
title: Capital back by a schedule
currency: AUD
start: 2013-07
step: year
parties: {payer: State, investor: Note holders, provider: A charity}
outcomes: {restored: {type: score, each: cohort, better: more, over: 7 years, with: 60}}
measures: {rate: {of: restored, as: total, reported: {every: year, from: 2014-07, until: 2020-07}}}
contract:
  payments:
    back early: {amount: {2013-07: 75 %, 2018-07: 50 %}, of: drawn, at: termination, to: notes}
    back at the end:
      {measure: rate, steps: [[otherwise, 50 %], [above 55, 100 %]], of: drawn, at: 2020-07, to: notes}
costs: {service: {amount: 7 m}}
finance: {tranches: {notes: {amount: 7 m, drawn: upfront}}}
events: {termination: {at: {every: year, from: 2016-07, until: 2019-07}, if: {rate: below 45}, stops: everything}}
"""


@pytest.mark.parametrize(
    ("rates", "back"),
    [
        # below 45 in the third and fourth year: three quarters; after that half
        ((60, 50, 44.9), {"2016-07": 5.25e6}),
        ((60, 50, 45, 30), {"2017-07": 5.25e6}),
        ((60, 50, 45, 45, 44), {"2018-07": 3.5e6}),
        # exactly 45 is not below; at the end all of it above 55, at 55 and less half
        ((60, 50, 45, 45, 45, 45, 55), {"2020-07": 3.5e6}),
        ((60, 50, 45, 45, 45, 45, 55.1), {"2020-07": 7e6}),
        # too low before it may be terminated, or after, changes nothing
        ((10, -5, 60, 60, 60, 60, 40), {"2020-07": 3.5e6}),
    ],
)
def test_pattern_G2_termination_for_poor_results_gives_back_part_of_the_capital_by_year(
    rates: tuple[float, ...], back: dict[str, float]
) -> None:
    readings = ", ".join(f"{2014 + i}-07: {rate}" for i, rate in enumerate(rates))
    money = settle(HAIRCUT, f"rate: {{{readings}}}")
    assert {**money.paid("back early"), **money.paid("back at the end")} == pytest.approx(back)
    assert money.net("investor") == pytest.approx(sum(back.values()) - 7e6)


def test_pattern_G2_simulated() -> None:
    money = simulate(HAIRCUT, "outcomes.restored.with=44")
    assert money.paid("back early") == pytest.approx({"2016-07": 5.25e6})
    assert money.paid("back at the end") == {}


# ------------------------------------------------------------------------------------------------ G3
EXIT = """sibsim: 1
title: The lender may stop after the third year
currency: USD
start: 2012-09
step: year
parties: {payer: City, investor: A bank, guarantor: A foundation, provider: An agency}
outcomes: {fewer: {type: score, each: cohort, better: more, over: 4 years, with: 10}}
measures: {x: {of: fewer, as: total, reported: [2015-09, 2016-09]}}
contract:
  payments: {success: {measure: x, steps: [[8.5, 4.8 m], [10, 9.6 m], [11, 10.08 m]], at: 2016-09}}
costs: {service: {amount: 9.6 m, over: 4 years}}
finance:
  tranches: {loan: {amount: 9.6 m}}
  guarantees:
    g: {by: guarantor, covers: [loan], over: {2012-09: 2.4 m, exit: 1.2 m}, up_to: {2012-09: 7.2 m, exit: 6 m}}
events: {exit: {at: 2015-09, if: {x: below 8.5}, stops: [draws, service, payments]}}
"""


@pytest.mark.parametrize(
    ("interim", "final", "drawn", "paid", "guarantee"),
    [
        # no effect: three years are drawn, nothing is paid, 6 of 7.2 are guaranteed
        (0, None, 7.2, 0, 6.0),
        (-4, None, 7.2, 0, 6.0),
        (8.49, None, 7.2, 0, 6.0),
        # exactly 8.5: it goes on; then the final result counts
        (8.5, 8.49, 9.6, 0, 7.2),
        (8.5, 8.5, 9.6, 4.8, 2.4),
        (8.5, 10, 9.6, 9.6, 0),
        (12, 11, 9.6, 10.08, 0),
    ],
)
def test_pattern_G3_the_lender_stops_after_a_poor_interim_test(
    interim: float, final: float | None, drawn: float, paid: float, guarantee: float
) -> None:
    readings = f"2015-09: {interim}" + ("" if final is None else f", 2016-09: {final}")
    money = settle(EXIT, f"x: {{{readings}}}")
    assert money.between("investor", "account") == pytest.approx(drawn * 1e6)
    assert money.total("success") == pytest.approx(paid * 1e6)
    assert money.net("guarantor") == pytest.approx(-guarantee * 1e6)
    assert money.net("investor") == pytest.approx((paid + guarantee - drawn) * 1e6)


# ------------------------------------------------------------------------------------------------ G4
DEMAND = """sibsim: 1
title: Too few come, or the comparison drifts
currency: AUD
start: 2017-07
step: year
parties: {payer: State, investor: I, provider: A charity}
participants: {size: 400, intake: 4 years, duration: 12 months}
outcomes:
  home: {type: event, better: more, over: 12 months, without: 30 %, effect: {difference: 20 %}}
  home elsewhere: {type: event, better: more, over: 12 months, with: 30 %}
measures:
  enrolled: {of: starts, as: total, reported: [2018-07, 2019-07, 2020-07]}
  elsewhere: {of: home elsewhere, as: average, follow_up: 12 months, reported: [2019-07, 2020-07]}
  homes: {of: home, as: total, follow_up: 12 months, lag: 12 months, reported: [2019-07, 2020-07, 2021-07, 2022-07]}
contract: {payments: {for each: {measure: homes, per_unit: 30 000}}}
costs: {service: {amount: 10 000, per: starter}}
finance: {tranches: {loan: {amount: 4 m}}}
events:
  too few: {at: [2018-07, 2019-07], if: {enrolled: below 75}, stops: everything}
  drift: {at: [2019-07, 2020-07], if: {elsewhere: above 40 %}, stops: [intake]}
"""
HOMES = "homes: {2019-07: 40, 2020-07: 50, 2021-07: 45, 2022-07: 50}"


@pytest.mark.parametrize(
    ("enrolled", "elsewhere", "paid"),
    [
        ("2018-07: 74", "", 0),  # ended before anything is measured
        ("2018-07: 75, 2019-07: 74", "2019-07: 30 %", 40),  # what is due that day is still paid
        ("2018-07: 75, 2019-07: 75, 2020-07: 10", "2019-07: 40 %, 2020-07: 40 %", 185),  # exactly at both limits
        ("2018-07: 90, 2019-07: 90, 2020-07: 90", "2019-07: 41 %, 2020-07: 30 %", 185),  # those who came are paid for
    ],
)
def test_pattern_G4_it_stops_for_lack_of_demand_or_a_drifting_comparison(
    enrolled: str, elsewhere: str, paid: float
) -> None:
    money = settle(
        DEMAND, f"enrolled: {{{enrolled}}}, {HOMES}" + (f", elsewhere: {{{elsewhere}}}" if elsewhere else "")
    )
    assert money.total("for each") == pytest.approx(30_000 * paid)


def test_pattern_G4_simulated() -> None:
    """15 of 100 come each year: some 30 by the first report, with those of its day. Only the first year is paid."""
    r = run(DEMAND, sets=["participants.take_up=15 %"], n_draws=1024)
    assert np.all(r.metric("payer", "outcome_payments") == 0)
    assert z_of_mean(r.metric("investor", "drawn", tranche="loan"), 10_000 * 15) == pytest.approx(0, abs=4.5)


# ------------------------------------------------------------------------------------------------ G5
AMENDED = """sibsim: 1
title: Terms that change on the way
currency: GBP
start: 2015-01
step: year
parties: {payer: Council, fund: Top-up fund, investor: I, provider: P}
outcomes: {result: {type: score, each: cohort, better: more, over: 3 years, with: 10}}
measures:
  people: {of: result, as: total, reported: [2016-01, 2017-01, 2018-01]}
  score: {of: result, as: total, reported: [2016-01, 2017-01, 2018-01]}
contract: {payments: PAYMENTS}
events: {renegotiation: {at: [2016-01, 2017-01, 2018-01], chance: 30 %}}
"""
PEOPLE = "people: {2016-01: 100, 2017-01: 200, 2018-01: 300}, score: {2016-01: 0.5, 2017-01: 1, 2018-01: 2}"
WHEN = pytest.mark.parametrize(("when", "before"), [("never", 3), ("2018-01", 2), ("2017-01", 1), ("2016-01", 0)])
"""When it was renegotiated, and how many of the three reports came before that day."""


def amended(payments: str, when: str) -> Money:
    return settle(AMENDED.replace("PAYMENTS", payments), PEOPLE, events=f"{{renegotiation: {when}}}")


@WHEN
def test_pattern_G5_the_price_is_amended_by_an_event(when: str, before: int) -> None:
    """460 for each, 480 from 2017, and 400 from the day of the renegotiation on, whatever the dates say."""
    money = amended("{fee: {measure: people, per_unit: {2015-01: 460, 2017-01: 480, renegotiation: 400}}}", when)
    old = [100 * 460, 200 * 480, 300 * 480]
    new = [100 * 400, 200 * 400, 300 * 400]
    assert money.total("fee") == pytest.approx(sum(old[:before]) + sum(new[before:]))


@WHEN
def test_pattern_G5_the_metric_is_amended_by_an_event(when: str, before: int) -> None:
    """Paid by the head; after the renegotiation by the score, 10 000 a point and at least 15 000."""
    payments = (
        "{by the head: {measure: people, per_unit: 100, if: {renegotiation: not happened}},"
        " by the score: {measure: score, per_unit: 10 000, floor: 15 000, if: {renegotiation: happened}}}"
    )
    money = amended(payments, when)
    heads, scores = [10_000, 20_000, 30_000], [15_000, 15_000, 20_000]
    assert money.total("by the head") == pytest.approx(sum(heads[:before]))
    assert money.total("by the score") == pytest.approx(sum(scores[before:]))


@WHEN
def test_pattern_G5_volume_and_payers_are_amended_by_an_event(when: str, before: int) -> None:
    """Up to 3 000 people are paid for (here 600 come), after it up to 250; the fund pays a fifth more of each."""
    payments = (
        "{fee: {measure: people, per_unit: 100, cap: {2015-01: 300 000, renegotiation: 25 000},"
        " by: {2015-01: {fund: 30 %, payer: rest}, renegotiation: {fund: 50 %, payer: rest}}}}"
    )
    money = amended(payments, when)
    heads = [10_000, 20_000, 30_000]
    paid = sum(heads[:before])
    after = min(sum(heads[before:]), max(25_000 - paid, 0)) if before < 3 else 0  # what was paid is not asked back
    assert money.total("fee") == pytest.approx(paid + after)
    assert -money.net("fund") == pytest.approx(0.3 * paid + 0.5 * after)


def test_pattern_G5_amended_by_chance() -> None:
    """0.3 that day, else 0.3 of the rest, ...: the mean of what is paid on each date."""
    text = AMENDED.replace("PAYMENTS", "{fee: {measure: score, per_unit: {2015-01: 100, renegotiation: 40}}}")
    r = run(text, n_draws=8192)
    paid = r.metric("payer", "outcome_payments")
    # the score is 10 at each of three reports: 1 000 or 400
    truth = sum(1000 - 600 * (1 - 0.7**n) for n in (1, 2, 3))
    assert z_of_mean(paid, truth) == pytest.approx(0, abs=4.5)


# ------------------------------------------------------------------------------------------------ G6
SHORT = """sibsim: 1
title: Fewer people than planned
currency: USD
start: 2014-01
step: year
parties: {payer: State, provider: P}
participants: {size: 929, intake: 3 years, duration: 12 months}
outcomes: {bed days: {type: days, better: fewer, over: 24 months, without: 200, effect: {ratio: 0.8}, sd: 100}}
measures:
  enrolled: {of: starts, as: total, reported: 2017-01}
  by lot: {of: bed days, as: relative_improvement, comparison: {rct: 900}, reported: 2019-01}
  blended:
    of: bed days
    as: relative_improvement
    comparison: {blend: [{weight: 80 %, rct: 900}, {weight: 20 %, matched: 900}]}
    reported: 2019-01
contract:
  payments:
    full sample: {measure: by lot, steps: [[5 %, 1 m], [10 %, 2 m]], if: {enrolled: at least 900}}
    short sample: {measure: blended, steps: [[5 %, 1 m], [10 %, 2 m]], if: {enrolled: below 900}}
    for each: {measure: enrolled, per_unit: {2014-01: 1 000, too few: 1 200}, cap: 1 m}
events: {too few: {at: 2017-01, if: {enrolled: below 900}}}
"""


@pytest.mark.parametrize(
    ("enrolled", "lot", "blend", "success", "fees"),
    [
        (900, 10, 3, 2e6, 900_000),  # exactly as many as planned: the lot decides, at the old price
        (899, 12, 5, 1e6, 1e6),  # one fewer: the blend does, and each costs more: 1.08 m, up to the cap
        (899, 12, 4.9, 0, 1e6),
        (500, -5, 10, 2e6, 600_000),
        (0, 12, -5, 0, 0),
    ],
)
def test_pattern_G6_too_few_people_change_the_estimator_and_the_price(
    enrolled: int, lot: float, blend: float, success: float, fees: float
) -> None:
    money = settle(SHORT, f"enrolled: {enrolled}, by lot: {lot} %, blended: {blend} %")
    assert money.total("full sample") + money.total("short sample") == pytest.approx(success)
    assert money.total("for each") == pytest.approx(fees)


# ------------------------------------------------------------------------------------------------ G7
LOST = """sibsim: 1
title: Not everybody is found again
currency: KRW
start: 2016-01
step: year
parties: {payer: City, provider: P}
participants: {size: 101}
outcomes: {better: {type: event, better: more, over: 12 months, with: 100 %}}
measures:
  found: {of: better, as: total, follow_up: 12 months, missing: MISSING}
  of those found: {of: better, as: average, follow_up: 12 months, missing: MISSING}
  of all: {of: better, as: average, follow_up: 12 months, missing: MISSING, missing_as: failed}
contract:
  payments:
    for each: {measure: found, per_unit: 10}
    target: {measure: of those found, steps: [[80 %, 500]]}
    strict target: {measure: of all, steps: [[80 %, 500]]}
"""


@pytest.mark.parametrize("missing", [0.0, 27 / 101, 0.9])
def test_pattern_G7_people_who_are_not_found_are_not_paid_for(missing: float) -> None:
    """All are better: each who is found is paid for; the share of those found stays 100 %, that of all falls."""
    share = f"{100 * missing:.12g} %"
    r = run(LOST.replace("MISSING", share), n_draws=1024)
    paid = {name: r.store.array(("#payment", name, "paid")) for name in ("for each", "target", "strict target")}
    assert z_of_mean(paid["for each"], 10 * 101 * (1 - missing)) == pytest.approx(0, abs=4.5)
    assert np.all(paid["target"] == 500)
    assert set(np.unique(paid["strict target"])) <= ({500} if missing == 0 else {0} if missing == 0.9 else {0, 500})


@pytest.mark.parametrize(("found", "strict", "target"), [(74, 73.3, 0), (81, 80, 500), (101, 100, 500), (0, 0, 0)])
def test_pattern_G7_settled_on_those_found(found: int, strict: float, target: float) -> None:
    money = settle(LOST.replace("MISSING", "26.7 %"), f"found: {found}, of those found: 100 %, of all: {strict} %")
    assert [money.total(name) for name in ("for each", "target", "strict target")] == [10 * found, 500, target]


# ------------------------------------------------------------------------------------------------ G8, G9
VOLUME = """sibsim: 1
title: A minimum volume
currency: USD
start: 2012-09
step: year
parties: {payer: City, provider: P}
participants: {size: 17 800, take_up: 50 %, intake: 4 years, duration: 12 months}
outcomes: {bed days: {type: days, better: fewer, over: 24 months, with: 30, sd: 50}}
measures:
  people: {of: starts, as: total, reported: 2016-09}
  too few: {of: starts, as: total, short_of: 9 240, reported: 2016-09}
contract:
  payments:
    for each: {measure: people, per_unit: 800}
    minimum: {measure: too few, per_unit: 800}
    bonus: {measure: people, steps: [[9 240, 50 000]]}
"""


@pytest.mark.parametrize(
    ("people", "minimum", "bonus"),
    [(9_240, 0, 50_000), (9_239, 1, 0), (9_241, 0, 50_000), (17_800, 0, 50_000), (0, 9_240, 0)],
)
def test_pattern_G8_a_minimum_volume_is_paid_for_in_any_case(people: int, minimum: int, bonus: float) -> None:
    money = settle(VOLUME, f"people: {people}, too few: {minimum}")
    assert money.total("for each") + money.total("minimum") == pytest.approx(800 * max(people, 9_240))
    assert money.total("bonus") == bonus


def test_pattern_G8_simulated() -> None:
    r = run(VOLUME, n_draws=1024)
    fees, minimum = (r.store.array(("#payment", name, "paid")) for name in ("for each", "minimum"))
    assert np.allclose(fees + minimum, 800 * np.maximum(fees / 800, 9_240))
    assert np.any(minimum > 0)


OPTION = """sibsim: 1
title: More people if the first do well
currency: USD
start: 2014-01
step: year
parties: {payer: State, investor: A bank, lender: A foundation, provider: P}
participants:
  duration: 12 months
  cohorts: {pilot: {size: 929}, more: {size: 391, start: 2017-01, after: expansion}}
outcomes: {at work: {type: event, better: more, over: 12 months, without: 30 %, effect: {difference: 10 points}}}
measures:
  pilot result: {of: at work, as: improvement, cohorts: [pilot], comparison: {fixed: 30 %}, follow_up: 12 months}
  placed: {of: at work, as: total, for_each: cohort, follow_up: 12 months}
contract: {payments: {for each: {measure: placed, per_unit: 40 000}}}
costs: {service: {amount: 20 000, per: starter}}
finance:
  tranches:
    first: {amount: 20 m}
    second: {by: lender, amount: 10 m, after: expansion, if: {for each: above 10 m}}
  shortfall: payer
events: {expansion: {at: [2015-01, 2016-01], if: {pilot result: at least 10 %}}}
""".replace("10 points", "10 %")


@pytest.mark.parametrize(
    ("result", "placed", "more", "lender", "short"),
    [
        # 929 x 20 000 = 18.58 m; 391 more cost 7.82 m: 1.42 m are left of the first loan and count by what is undrawn
        ("10 %", 371, 160, True, 0),
        ("9.99 %", 371, None, False, 0),
        ("-5 %", 200, None, False, 0),
        # the second loan's own condition fails: 250 x 40 000 is not above 10 m
        ("10 %", 250, 160, False, 7.82e6 - 1.42e6),
    ],
)
def test_pattern_G9_an_expansion_comes_with_people_and_a_loan_of_its_own(
    result: str, placed: int, more: int | None, lender: bool, short: float
) -> None:
    by_cohort = f"pilot: {placed}" + (f", more: {more}" if more is not None else "")
    costs = "{service: {2014-01: 18.58 m" + (", 2017-01: 7.82 m}}" if more is not None else "}}")
    money = settle(OPTION, f"pilot result: {result}, placed: {{{by_cohort}}}", costs=costs)
    assert money.total("for each") == pytest.approx(40_000 * (placed + (more or 0)))
    assert (money.between("lender", "account") > 0) == lender
    total = 18.58e6 + (7.82e6 if more is not None else 0) - short
    assert money.between("investor", "account") + money.between("lender", "account") == pytest.approx(total)
    assert money.between("payer", "provider") == pytest.approx(short)


def test_pattern_G9_simulated() -> None:
    """The second cohort is there in just those futures in which the first reached its target."""
    r = run(OPTION, n_draws=2048)
    happens = r.store.array(("#event", "expansion", "happens")) == 1
    cost = r.metric("investor", "drawn") + r.metric("lender", "drawn")
    assert 0.3 < np.mean(happens) < 0.7
    assert np.all((cost > 18.6e6) == happens)
