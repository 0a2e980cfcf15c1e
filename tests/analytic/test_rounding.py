"""Rounding, a shortfall, and a payment multiplied by a measure: worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.replay import settled
from sibsim.rounding import rounded
from tests.support import HEAD, deal, run, scenario, world


def paid(measures: str, contract: str, actuals: str, more: str = "") -> dict[str, float]:
    """What each payment pays in all, with what was reported given."""
    text = deal(
        outcomes="{ill: {type: event, better: fewer, over: 1 year, without: 40 %, with: 30 %},"
        " days: {type: days, better: fewer, over: 1 year, without: 20, with: 10, sd: 5}}",
        participants="{cohorts: {c1: {size: 100}, c2: {size: 300}}}",
        measures=f"{{{measures}}}",
        contract=f"{{{contract}}}",
        actuals=f"{{measures: {{{actuals}}}}}",
    )
    book = settled(scenario(text + more)).settlement.book
    return {name: float(np.asarray(total.paid).ravel()[0]) for name, total in book.totals.items()}


FEWER = "fewer: {of: ill, as: relative_improvement, comparison: {matched: 900}}"
EACH = "each: {of: ill, as: relative_improvement, comparison: {matched: 900}, for_each: cohort}"


# ------------------------------------------------------------------------------------------------ the rule
@pytest.mark.parametrize(
    ("x", "to", "nearest", "down", "up"),
    [
        (2.675, 0.01, 2.68, 2.67, 2.68),
        (2.5, 1.0, 3.0, 2.0, 3.0),
        (-2.5, 1.0, -3.0, -3.0, -2.0),
        (3.0, 1.0, 3.0, 3.0, 3.0),
        (0.3 - 0.1, 0.1, 0.2, 0.2, 0.2),
        (0.0844999, 0.001, 0.084, 0.084, 0.085),
        (0.0845, 0.001, 0.085, 0.084, 0.085),
        (149.0, 100.0, 100.0, 100.0, 200.0),
        (0.0, 100.0, 0.0, 0.0, 0.0),
        (1e12 + 0.1 + 0.2 + 0.2, 1.0, 1e12 + 1.0, 1e12, 1e12 + 1.0),
    ],
)
def test_a_figure_is_rounded_as_it_is_written(x: float, to: float, nearest: float, down: float, up: float) -> None:
    assert float(rounded(x, to)) == nearest
    assert float(rounded(x, to, "down")) == down
    assert float(rounded(x, to, "up")) == up


def test_what_is_not_known_or_has_no_end_stays_so() -> None:
    found = rounded(np.array([np.nan, np.inf, -np.inf]), 0.1)
    assert math.isnan(found[0])
    assert found[1:].tolist() == [math.inf, -math.inf]


# ------------------------------------------------------------------------------------------------ measures
def reading(level: str, measure: str) -> float:
    """What a measure of one certain result reports."""
    text = deal(
        outcomes=f"{{result: {{type: score, each: cohort, better: more, over: 1 year, without: 0, with: {level}}}}}",
        measures=f"{{x: {{of: result, as: average, {measure}}}}}",
    )
    return float(np.asarray(world(text, replicates=1).reports["x"][0].value).ravel()[0])


@pytest.mark.key("measures.round", "round.to", "round.direction")
@pytest.mark.parametrize(
    ("level", "rule", "by_hand"),
    [
        ("8.449", "round: 0.1", 8.4),
        ("8.45", "round: 0.1", 8.5),
        ("8.49", "round: {to: 0.1, direction: down}", 8.4),
        ("-8.41", "round: {to: 0.1, direction: down}", -8.5),
        ("8.41", "round: {to: 0.1, direction: up}", 8.5),
        ("8.4", "round: {to: 0.1, direction: up}", 8.4),
    ],
)
def test_a_reading_is_rounded(level: str, rule: str, by_hand: float) -> None:
    assert reading(level, rule) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.key("measures.short_of")
@pytest.mark.parametrize(("level", "by_hand"), [("200", 100.0), ("299", 1.0), ("300", 0.0), ("320", 0.0), ("0", 300.0)])
def test_a_shortfall_is_what_is_missing(level: str, by_hand: float) -> None:
    assert reading(level, "short_of: 300") == by_hand


def test_a_shortfall_is_worked_out_before_it_is_rounded() -> None:
    assert reading("247", "short_of: 300, round: {to: 10, direction: up}") == 60.0  # 53 are missing
    assert reading("247", "round: {to: 10, direction: down}, short_of: {2020-01: 300, 2021-01: 250}") == 0.0  # 3


def test_a_shortfall_of_a_sum_of_measures() -> None:
    """200 + 10 of the 300 that were promised: 90 are missing."""
    measures = "ills: {of: ill, as: total, follow_up: 12 months}, idle: {of: days, as: average}"
    measures += ", missing: {weighted: {ills: 1, idle: 1}, short_of: 300}"
    contract = "payments: {p: {measure: missing, per_unit: 1 000}}"
    assert paid(measures, contract, "ills: 200, idle: 10")["p"] == 90_000.0


def test_a_missing_referral_is_paid_for() -> None:
    """Of 400 people who are promised, 400 are offered the programme; of 500, 100 are missing at 2 000 each."""
    for promised, by_hand in ((400, 0.0), (500, 200_000.0)):
        text = deal(
            outcomes="{ill: {type: event, better: fewer, over: 1 year, without: 40 %, with: 30 %}}",
            participants="{size: 400}",
            measures=f"{{missing: {{of: referrals, as: total, reported: 2021-01, short_of: {promised}}}}}",
            contract="{payments: {p: {measure: missing, per_unit: 2 000}}}",
        )
        assert np.all(run(text, n_draws=1024).metric("payer", "outcome_payments") == by_hand)


def test_steps_lines_conditions_and_sums_see_the_rounded_figure() -> None:
    """9.96 % is 10.0 % to a tenth of a percent; without rounding it reaches nothing."""
    contract = (
        "payments: {a: {measure: fewer, steps: [[10 %, 5]]}, b: {measure: fewer, line: [[0 %, 0], [20 %, 20]]},"
        " c: {amount: 3, at: 2022-01, if: {fewer: at least 10 %}}, d: {measure: twice, steps: [[20 %, 7]]}}"
    )
    measures = FEWER.removesuffix("}") + ", RULE}, twice: {weighted: {fewer: 2}}"
    world_of = {}
    for rule in ("round: 0.1 %", "error: 0"):
        text = deal(
            outcomes="{ill: {type: score, each: cohort, better: fewer, over: 1 year, without: 100, with: 90.04}}",
            measures="{" + measures.replace("RULE", rule).replace("{matched: 900}", "{fixed: 100}") + "}",
            contract=f"{{{contract}}}",
        )
        book = world(text, replicates=1).settlement.book
        world_of[rule] = [float(np.max(book.totals[name].paid)) for name in "abcd"]
    assert world_of["round: 0.1 %"] == pytest.approx([5.0, 10.0, 3.0, 7.0])
    assert world_of["error: 0"] == pytest.approx([0.0, 9.96, 0.0, 0.0])


def test_what_came_is_as_it_was_reported() -> None:
    """A reading in `actuals` may be given unrounded, and is what is missing already; a sum is made of both."""
    measures = FEWER.removesuffix("}") + ", round: 1 %}, ills: {of: ill, as: total, follow_up: 1 year, short_of: 100}"
    measures += ", both: {weighted: {fewer: 100, ills: 1}, short_of: 50, round: 1}"
    contract = "payments: {a: {measure: fewer, per_point: 1}, b: {measure: ills, per_unit: 1}, "
    contract += "c: {measure: both, per_unit: 1}}"
    found = paid(measures, contract, "fewer: 9.4 %, ills: 30")
    assert found == pytest.approx({"a": 9.0, "b": 30.0, "c": 11.0})  # 50 - (9 + 30) = 11


# ------------------------------------------------------------------------------------------------ payments
@pytest.mark.key("payments.round", "contract.round")
def test_a_payment_is_rounded_before_its_cap() -> None:
    contract = (
        "payments: {"
        "a: {measure: fewer, per_point: 1 234.56, round: 100},"  # 10 points: 12 345.6
        "b: {measure: fewer, per_point: 1 234.56, round: {to: 100, direction: up}},"
        "c: {measure: fewer, per_point: 1 234.56},"
        "d: {measure: fewer, per_point: 1 234.56, round: none},"
        "e: {measure: fewer, per_point: 1 234.56, round: {to: 1 k, direction: up}, cap: 12 500.5},"
        "f: {measure: fewer, steps: [[otherwise, -2.5], [90 %, 0]]},"
        "g: {measure: fewer, steps: [[otherwise, 49], [90 %, 60]], floor: 50, round: 100}},"
        "round: 1"
    )
    found = paid(FEWER, contract, "fewer: 10 %")
    by_hand = {"a": 12_300, "b": 12_400, "c": 12_346, "d": 12_345.6, "e": 12_500.5, "f": -3, "g": 100}
    assert found == pytest.approx(by_hand, abs=1e-9)


def test_each_cohort_is_rounded_by_itself_and_payers_shares_are_not() -> None:
    """2 x 149 is 300 to hundreds together, and 100 + 100 apart; two thirds of 100 is no round sum."""
    contract = "payments: {p: {measure: each, steps: [[0 %, 149]], round: 100, by: {fund: 66.6 %, city: rest}}}"
    assert paid(EACH, contract, "each: {c1: 10 %, c2: 10 %}")["p"] == 200.0
    text = deal(contract="{payments: {p: {measure: x, per_unit: 14.9, round: 100, by: {fund: 66.6 %, city: rest}}}}")
    results = run(text, n_draws=1024)
    assert results.metric("fund", "outcome_payments")[0] == pytest.approx(66.6)
    assert results.metric("city", "outcome_payments")[0] == pytest.approx(33.4)


def test_what_is_due_to_date_is_rounded_and_then_taken_off() -> None:
    """4.4 and 8.8 to date are 4 and 9: 4 are paid, then 5 (not 4 and 4)."""
    text = deal(
        measures="{x: {of: result, as: average, covers: to date, reported: [2021-01, 2022-01]}}",
        contract="{payments: {p: {measure: x, per_unit: 1, cumulative: true, round: 1}}}",
        actuals="{measures: {x: {2021-01: 4.4, 2022-01: 8.8}}}",
    )
    ledger = settled(scenario(text)).settlement.ledger
    amounts = {c: float(np.max(a)) for e in ledger if e.label == "p" for c, a in e.amounts.items()}
    assert amounts == {1: 4.0, 2: 5.0}


def test_the_most_of_a_rounded_payment_is_rounded_too() -> None:
    text = deal(contract="{payments: {p: {measure: x, steps: [[otherwise, 1.4], [5, 14.6]], round: 1}}}")
    total = world(text, replicates=1).settlement.book.totals["p"]
    assert (float(np.max(total.lowest.total)), float(np.max(total.highest.total))) == (1.0, 15.0)


# ------------------------------------------------------------------------------------------------ times
PEOPLE = "people: {of: starts, as: total, reported: 2020-01}"


@pytest.mark.key("payments.times")
@pytest.mark.parametrize(
    ("fewer", "by_hand"), [("-5 %", 0.0), ("9.9 %", 0.0), ("10 %", 129_600.0), ("12 %", 142_560.0), ("30 %", 194_400.0)]
)
def test_a_fee_slides_with_the_result_and_is_paid_for_each(fewer: str, by_hand: float) -> None:
    """216 people at 600 and, from 10 to 20 %, up to 900: at 12 %, 660 x 216 = 142 560."""
    contract = "payments: {p: {measure: fewer, line: [[otherwise, 0], [10 %, 600], [20 %, 900]], times: people}}"
    assert paid(f"{FEWER}, {PEOPLE}", contract, f"fewer: {fewer}, people: 216")["p"] == pytest.approx(by_hand)


def test_each_cohort_is_multiplied_by_its_own_or_by_what_is_of_all() -> None:
    """10 x 30 % x 100 points of a kind: 12 % x 50 + 8 % x 20 apart; with 70 in all, (12 + 8) x 70."""
    apart = "n: {of: starts, as: total, reported: 2020-01, for_each: cohort}"
    contract = "payments: {p: {measure: each, per_point: 1, times: n}}"
    assert paid(f"{EACH}, {apart}", contract, "each: {c1: 12 %, c2: 8 %}, n: {c1: 50, c2: 20}")["p"] == pytest.approx(
        12 * 50 + 8 * 20
    )
    together = apart.replace(", for_each: cohort", "")
    assert paid(f"{EACH}, {together}", contract, "each: {c1: 12 %, c2: 8 %}, n: 70")["p"] == pytest.approx(20 * 70)


def test_what_multiplies_comes_before_the_index_the_floor_and_the_cap() -> None:
    contract = (
        "payments: {a: {amount: 10, at: 2021-01, times: people, index: 10 %, cap: 1 000},"  # 10 x 99 x 1.1 = 1 089
        "b: {amount: 10, at: 2021-01, times: people, index: 10 %},"
        "c: {amount: 10, at: 2021-01, times: people, floor: 2 000}}"
    )
    found = paid(f"{FEWER}, {PEOPLE}", contract, "people: 99")
    assert found == pytest.approx({"a": 1_000.0, "b": 1_089.0, "c": 2_000.0})


def test_without_a_reading_nothing_is_due_and_it_is_open() -> None:
    text = deal(
        measures="{x: {of: result, as: average}, n: {of: result, as: average, reported: 2021-01}}",
        contract="{payments: {p: {measure: x, per_unit: 1, floor: 5, times: n}}}",
        actuals="{measures: {x: 10}}",
    )
    found = settled(scenario(text))
    assert float(np.max(found.settlement.book.totals["p"].paid)) == 0.0
    assert [(one.subject, one.waits_for) for one in found.recorder.open] == [("p", ("n",))]


def test_a_reading_below_nothing_counts_as_nothing() -> None:
    text = deal(
        outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: -3}}",
        contract="{payments: {p: {amount: 100, at: 2021-01, times: x}}}",
    )
    total = world(text, replicates=1).settlement.book.totals["p"]
    assert float(np.max(np.abs(total.paid))) == 0.0


def test_the_most_is_that_of_the_measure_where_that_is_known() -> None:
    """A share of people is at most all of them, two goals are at most two; a number of points has no end."""
    base = {
        "outcomes": "{ill: {type: event, better: fewer, over: 1 year, without: 40 %, with: 30 %}}",
        "participants": "{size: 50}",
    }
    share = "share: {of: ill, as: average}"
    two = "both: {goals: [{share: above 20 %}, {share: above 50 %}]}"
    for measures, times, most in (
        (share, "share", 300.0),
        (f"{share}, {two}", "both", 600.0),
        (f"{share.removesuffix('}')}, error: 5 %}}", "share", math.inf),
    ):
        contract = f"{{payments: {{p: {{amount: 300, at: 2021-01, times: {times}}}}}}}"
        total = world(deal(HEAD, measures=f"{{{measures}}}", contract=contract, **base), replicates=1)
        assert float(np.max(total.settlement.book.totals["p"].highest.total)) == most


def test_nothing_is_paid_on_an_old_reading_where_the_new_one_has_not_come() -> None:
    """200 were counted in 2021; what 2022's count will be is not known, and is not 200."""
    text = deal(
        measures="{people: {of: result, as: average, covers: to date, reported: [2021-01, 2022-01]}}",
        contract="{payments: {a: {amount: 3, at: [2021-01, 2022-01], times: people},"
        " b: {measure: people, per_unit: 1, at: 2022-01}}}",
        actuals="{measures: {people: {2021-01: 200}}}",
    )
    found = settled(scenario(text))
    totals = found.settlement.book.totals
    assert {name: float(np.max(total.paid)) for name, total in totals.items()} == {"a": 600.0, "b": 0.0}
    assert {(one.subject, one.column) for one in found.recorder.open} == {("a", 2), ("b", 2)}
