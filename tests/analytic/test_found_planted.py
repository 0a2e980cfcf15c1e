"""Faults that were once planted and that nothing else noticed; each with the number worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.draws.copula import correlation_matrix
from sibsim.scenario import Correlation
from tests.support import HEAD, LIMIT, deal, filled, moved, run, world, z_of_mean, z_of_variance

POINTS = "{points: {type: score, better: more, over: 1 year, without: 20, with: 23, sd: 0}}"
MONTHS = HEAD.replace("step: year", "step: month")


def paid(text: str, name: str = "pay") -> dict[int, float]:
    """What a payment pays in all, by column."""
    total: dict[int, float] = {}
    for (label, _, _), flows in moved(run(text)).items():
        for column, amount in flows.items() if label == name else ():
            total[column] = total.get(column, 0.0) + amount
    return total


def per_point(measures: str, **sections: str) -> dict[int, float]:
    base = {"outcomes": POINTS, "participants": "{size: 10}"}
    pay = "{payments: {pay: {measure: x, per_unit: 1 000}}}"
    return paid(deal(measures=measures, contract=pay, **(base | sections)))


# ------------------------------------------------------------------------------------------------ over time
@pytest.mark.key("guarantees.over", "guarantees.share")
def test_the_share_and_what_is_borne_first_are_those_of_the_day_of_the_call() -> None:
    """A loss of 100 in 2023: 80 % of what is above 24, and not 50 % of what is above 12."""
    terms = "over: {2020-01: 12, 2022-01: 24}, share: {2020-01: 50 %, 2022-01: 80 %}"
    finance = f"{{tranches: {{loan: {{amount: 100}}}}, guarantees: {{g: {{by: guarantor, covers: [loan], {terms}}}}}}}"
    contract = "{payments: {y3: {amount: 0, at: 2023-01}}}"
    r = run(deal(contract=contract, costs="{c: {amount: 100}}", finance=finance))
    assert moved(r)["g", "guarantor", "investor"] == {3: pytest.approx(0.8 * 76)}


CHANGING = "{2020-01: 1, 2022-01: 1.5}"


@pytest.mark.key("cap.multiple", "tranche cap.multiple")
def test_a_multiple_over_time_is_that_of_the_day_of_the_payment() -> None:
    """Of 200 paid in 2022 the loan of 100 may have 150, and no longer 100."""
    costs = "{c: {amount: 100}}"
    contract = f"{{payments: {{pay: {{amount: 200, at: 2022-01, cap: {{multiple: {CHANGING}}}}}}}}}"
    assert paid(deal(contract=contract, costs=costs, finance="{tranches: {loan: {amount: 100}}}")) == {2: 150}
    capped = f"{{tranches: {{loan: {{amount: 100, cap: {{multiple: {CHANGING}}}}}}}}}"
    r = run(deal(contract="{payments: {pay: {amount: 200, at: 2022-01}}}", costs=costs, finance=capped))
    assert moved(r)["surplus", "account", "payer"] == {2: pytest.approx(50)}


@pytest.mark.key("cap.per_cohort")
def test_a_cap_of_each_cohort_is_that_of_the_day() -> None:
    """230 and 215 are due in 2021, when each cohort may have 220 and no longer 100."""
    people = "{cohorts: {a: {size: 10}, b: {size: 30, effect_share: 50 %}}}"
    measures = "{x: {of: points, as: average, for_each: cohort}}"
    cap = "{per_cohort: {2020-01: 100, 2021-01: 220}}"
    contract = f"{{payments: {{pay: {{measure: x, per_unit: 10, cap: {cap}}}}}}}"
    text = deal(outcomes=POINTS, participants=people, measures=measures, contract=contract)
    assert paid(text) == pytest.approx({1: 435})


@pytest.mark.key("cap.per_person", "payments.per_unit")
def test_a_price_under_a_cap_for_each_person_is_that_of_the_day() -> None:
    """10 people at 30 each in 2021, and no longer at 10."""
    outcomes = "{job: {type: event, better: more, over: 1 year, with: 100 %}}"
    price = "{2020-01: 10, 2021-01: 30}"
    contract = f"{{payments: {{pay: {{measure: x, per_unit: {price}, cap: {{per_person: 40}}}}}}}}"
    measures = "{x: {of: job, as: total, follow_up: 1 year}}"
    text = deal(outcomes=outcomes, participants="{size: 10}", measures=measures, contract=contract)
    assert paid(text) == pytest.approx({1: 300})


@pytest.mark.key("payments.band", "payments.steps", "payments.line")
@pytest.mark.parametrize(
    ("terms", "money"),
    [
        ("per_unit: 1, band: [{2020-01: 0, 2021-01: 4}, none]", 6),
        ("per_unit: 1, band: [none, {2020-01: 20, 2021-01: 7}]", 7),
        ("steps: [[{2020-01: 20, 2021-01: 8}, 5]]", 5),
        ("line: [[otherwise, 0], [{2020-01: 11, 2021-01: 8}, 5], [12, 9]]", 7),
    ],
)
def test_what_a_result_is_held_against_is_that_of_the_day(terms: str, money: float) -> None:
    """The result is 10, in 2021."""
    assert paid(deal(contract=f"{{payments: {{pay: {{measure: x, {terms}}}}}}}")) == pytest.approx({1: money})


@pytest.mark.key("payments.floor", "payments.compound")
def test_a_compounded_floor_is_at_the_rate_of_the_day() -> None:
    """100 lent for two years at no less than 10 %, and no longer 5 %."""
    terms = "of: drawn, amount: 0 %, per: year, compound: true, floor: {2020-01: 5 %, 2022-01: 10 %}, at: 2022-01"
    contract = f"{{payments: {{pay: {{{terms}}}}}}}"
    text = deal(contract=contract, costs="{c: {amount: 100}}", finance="{tranches: {loan: {amount: 100}}}")
    assert paid(text) == pytest.approx({2: 21})


@pytest.mark.key("comparison.bias", "comparison.regression", "comparison.years_before")
@pytest.mark.parametrize(
    ("comparison", "against"),
    [
        ("{matched: 50, bias: {2020-01: 0 %, 2021-01: 10 %}}", 22.0),
        ("{before: 1 year, regression: {2020-01: 0 %, 2021-01: -25 %}}", 20 / 1.1 / 1.25),
        ("{historical: 50, years_before: {2020-01: 1, 2021-01: 2}}", 20 / 1.21),
    ],
)
def test_a_comparison_is_as_it_stands_on_the_day_of_the_report(comparison: str, against: float) -> None:
    """23 points against 20, which rise by a tenth a year."""
    outcomes = POINTS.replace("sd: 0", "sd: 0, trend: 10 %")
    measures = f"{{x: {{of: points, as: improvement, comparison: {comparison}}}}}"
    assert per_point(measures, outcomes=outcomes) == pytest.approx({1: 1_000 * (23 - against)})


@pytest.mark.key("comparison.bias", "comparison.regression", "measures.comparison")
@pytest.mark.parametrize("covers", ["since last", "to date"])
@pytest.mark.parametrize(
    ("comparison", "against"),
    [
        ("{before: 1 year, regression: {2020-01: 0 %, 2022-01: -25 %, 2023-01: 20 %}}", (20, 16, 25)),
        ("{matched: 50, bias: {2020-01: 0 %, 2022-01: 10 %, 2023-01: -10 %}}", (20, 22, 18)),
        (
            "{blend: [{weight: 50 %, matched: 50, bias: {2020-01: 0 %, 2022-01: 10 %}}, {weight: 50 %, rct: 9}]}",
            (20, 21, 21),
        ),
    ],
)
def test_each_report_so_far_has_the_comparison_of_its_day(
    comparison: str, against: tuple[float, ...], covers: str
) -> None:
    """17 days a year against 20: of each year, and to date the years behind are set against what holds now."""
    outcomes = (
        "{sick: {type: days, better: fewer, over: 3 years, without: {per_year: 20}, with: {per_year: 17}, sd: 0}}"
    )
    rest = f"follow_up: so far, covers: {covers}, reported: {{every: year, from: 2021-01, until: 2023-01}}"
    measures = f"{{x: {{of: sick, as: improvement, comparison: {comparison}, {rest}}}}}"
    w = world(deal(outcomes=outcomes, participants="{size: 10}", measures=measures))
    got = [float(np.mean(report.value)) for report in w.reports["x"]]
    years = (1, 2, 3) if covers == "to date" else (1, 1, 1)
    assert got == pytest.approx([n * (b - 17) for n, b in zip(years, against, strict=True)])


@pytest.mark.key("comparison.bias", "measures.comparison")
def test_with_a_follow_up_people_keep_what_held_when_they_were_first_counted() -> None:
    """Two starting groups, each followed for a year: 20 days of the first, and 22 of the second, against 17.

    To date the second report has both: 21 days on average.
    """
    outcomes = "{sick: {type: days, better: fewer, over: 1 year, without: 20, with: 17, sd: 0}}"
    comparison = "{matched: 50, bias: {2020-01: 0 %, 2022-01: 10 %}}"
    rest = "follow_up: 1 year, reported: [2021-01, 2022-01]"
    for covers, second in (("to date", 21), ("since last", 22)):
        measures = f"{{x: {{of: sick, as: improvement, comparison: {comparison}, covers: {covers}, {rest}}}}}"
        w = world(deal(outcomes=outcomes, participants="{size: 20, intake: 2 years}", measures=measures))
        got = [float(np.mean(report.value)) for report in w.reports["x"]]
        assert got == pytest.approx([20 - 17, second - 17]), covers


@pytest.mark.key("comparison.rct", "comparison.cluster_size", "comparison.icc")
@pytest.mark.parametrize(
    ("terms", "n", "effect"),
    [
        ("rct: {2020-01: 10, 2021-01: 500}", 500, 1.0),
        ("rct: 500, cluster_size: {2020-01: 1, 2021-01: 41}, icc: 0.1", 500, 5.0),
        ("rct: 500, cluster_size: 41, icc: {2020-01: 0.01, 2021-01: 0.1}", 500, 5.0),
    ],
)
def test_how_sharp_a_comparison_is_on_the_day_of_the_report(terms: str, n: float, effect: float) -> None:
    """1,000 people of sd 10 against so many, both in clusters of design effect 1 + 40 x 0.1."""
    measures = f"{{x: {{of: points, as: improvement, comparison: {{{terms}}}}}}}"
    w = world(deal(outcomes=POINTS.replace("sd: 0", "sd: 10"), participants="{size: 1 000}", measures=measures))
    x = filled(w.reports["x"][0].value, w.context.n_draws)
    assert abs(z_of_mean(x, 3.0)) < LIMIT
    assert abs(z_of_variance(x, effect * (100 / 1_000 + 100 / n))) < LIMIT


@pytest.mark.key("benefits.share")
def test_the_share_of_a_benefit_is_that_of_the_day() -> None:
    """10 people gain three points in 2021, worth 2 each, and half of that is saved, not a tenth."""
    benefits = "{b: {of: points, kind: cashable, worth: 2, share: {2020-01: 10 %, 2021-01: 50 %}}}"
    r = run(
        deal(outcomes=POINTS, participants="{size: 10}", measures="{x: {of: points, as: average}}", benefits=benefits)
    )
    assert r.metric("payer", "cashable_benefit_pv")[0] == pytest.approx(30)


@pytest.mark.key("payments.by", "payments.share")
def test_shares_over_time_are_those_of_the_day() -> None:
    """In 2021 the payer bears 60 % of 200 and no longer 30 %; half of the whole is paid on, and no longer a tenth."""
    by = "{payer: {2020-01: 30 %, 2021-01: 60 %}, city: rest}"
    first = f"pay: {{measure: x, per_unit: 20, by: {by}}}"
    second = "more: {measure: pay, share: {2020-01: 10 %, 2021-01: 50 %}}"
    r = run(deal(contract=f"{{payments: {{{first}, {second}}}}}"))
    assert moved(r)["pay", "payer", "provider"] == {1: pytest.approx(120)}
    assert moved(r)["pay", "city", "provider"] == {1: pytest.approx(80)}
    assert moved(r)["more", "payer", "provider"] == {1: pytest.approx(100)}


@pytest.mark.key("events.chance", "events.chance_per_year")
@pytest.mark.parametrize("when", ["at: [2021-01, 2022-01], chance", "from: 2021-01, until: 2022-01, chance_per_year"])
def test_a_chance_over_time_is_that_of_the_day(when: str) -> None:
    """Impossible in 2021, certain in 2022."""
    events = f"{{vote: {{{when}: {{2020-01: 0 %, 2022-01: 100 %}}}}}}"
    assert paid(deal(events=events, contract="{payments: {pay: {amount: 7, at: vote}}}")) == {2: 7}


@pytest.mark.key("measures.weighted")
def test_a_weight_over_time_is_that_of_the_day_of_the_report() -> None:
    """23 points in 2021, when each weighs 3 and no longer 1."""
    measures = "{own: {of: points, as: average}, x: {weighted: {own: {2020-01: 1, 2021-01: 3}}}}"
    assert per_point(measures) == pytest.approx({1: 69_000})


@pytest.mark.key("comparison.fixed")
def test_a_fixed_number_over_time_is_that_of_the_day_of_the_report() -> None:
    """Held against 21 in 2021, and no longer against 10: two points better."""
    fixed = "{fixed: {2020-01: 10, 2021-01: 21}}"
    assert per_point(f"{{x: {{of: points, as: improvement, comparison: {fixed}}}}}") == pytest.approx({1: 2_000})


@pytest.mark.key("tranches.rate")
def test_interest_over_time_is_at_the_rate_of_the_period_behind() -> None:
    """100 at 10 % in 2020 and at 20 % in 2021: 132 are owed in 2022; the provider keeps the rest of 200."""
    finance = "{tranches: {loan: {amount: 100, rate: {2020-01: 10 %, 2021-01: 20 %}}}, surplus: {provider: 100 %}}"
    contract = "{payments: {pay: {amount: 200, at: 2022-01}}}"
    r = run(deal(contract=contract, costs="{c: {amount: 100}}", finance=finance))
    assert moved(r)["loan", "account", "investor"] == {2: pytest.approx(132)}
    assert moved(r)["surplus", "account", "provider"] == {2: pytest.approx(68)}


# ------------------------------------------------------------------------------------------------ several reports
SO_FAR = "{job: {type: days, better: more, over: 2 years, without: 0, with: 40, sd: 0}}"


@pytest.mark.key("measures.weighted")
def test_a_weighted_sum_is_of_the_latest_reports_of_its_own_day() -> None:
    """20 days a person by 2021 and 40 by 2022, and 3 for each: 60 and 120."""
    own = "{of: job, as: average, follow_up: so far, covers: to date, reported: [2021-01, 2022-01]}"
    measures = f"{{own: {own}, x: {{weighted: {{own: 3}}}}}}"
    assert per_point(measures, outcomes=SO_FAR) == pytest.approx({1: 60_000, 2: 120_000})


@pytest.mark.key("measures.lag", "measures.follow_up")
def test_so_far_ends_where_the_data_end() -> None:
    """20 days a year, known half a year late: 10 by January 2021, 30 by January 2022."""
    terms = "follow_up: so far, covers: to date, reported: [2021-01, 2022-01], lag: 6 months"
    measures = f"{{x: {{of: job, as: average, {terms}}}}}"
    assert per_point(measures, outcomes=SO_FAR) == pytest.approx({1: 10_000, 2: 30_000})


@pytest.mark.key("comparison.fixed", "measures.covers")
@pytest.mark.parametrize(("covers", "then"), [("to date", 10_000), ("since last", 5_000)])
def test_a_fixed_number_covers_the_time_that_the_report_covers(covers: str, then: float) -> None:
    """20 days a year against 30 in two years: 5 more in the first; in the second 5 more again, or 10 to date."""
    terms = f"follow_up: so far, covers: {covers}, reported: [2021-01, 2022-01], comparison: {{fixed: 30}}"
    measures = f"{{x: {{of: job, as: improvement, {terms}}}}}"
    assert per_point(measures, outcomes=SO_FAR) == pytest.approx({1: 5_000, 2: then})


# ------------------------------------------------------------------------------------------------ inputs
@pytest.mark.key("correlations.rank", "file.copula")
@pytest.mark.parametrize("rank", [0.5, -0.8])
def test_a_t_copula_has_the_rank_correlation_of_the_file(rank: float) -> None:
    """With 3 degrees of freedom the normal scores hang together more than in the normal copula's 2 sin(pi rank / 6)."""
    score = float(correlation_matrix([Correlation(("price", "wage"), rank)], 3.0).matrix[0, 1])
    assert abs(score) > 2 * math.sin(math.pi * abs(rank) / 6) + 0.01
    rng = np.random.default_rng(1)
    z = rng.multivariate_normal([0.0, 0.0], [[1.0, score], [score, 1.0]], 400_000)
    t = z / np.sqrt(rng.chisquare(3.0, 400_000) / 3.0)[:, None]
    found = float(np.corrcoef(t.argsort(axis=0).argsort(axis=0), rowvar=False)[0, 1])
    assert found == pytest.approx(rank, abs=4.5 * 1.6 / math.sqrt(400_000))


# ------------------------------------------------------------------------------------------------ people
@pytest.mark.key("outcomes.undone", "comparison.historical")
def test_people_of_another_time_have_as_much_undone() -> None:
    """20 % in 2020, falling by a fifth a year: 25 % the year before. A quarter is undone: 15 % and 18.75 %."""
    outcome = "{r: {type: event, better: more, over: 1 year, without: 20 %, with: 20 %, trend: -20 %, undone: 25 %}}"
    measures = "{x: {of: r, as: improvement, comparison: {historical: 100 000, years_before: 1}}}"
    w = world(deal(outcomes=outcome, participants="{size: 100 000}", measures=measures))
    x = filled(w.reports["x"][0].value, w.context.n_draws)
    sd = np.sqrt((0.15 * 0.85 + 0.1875 * 0.8125) / 100_000)
    assert abs(z_of_mean(x, 0.15 - 0.1875, float(sd))) < LIMIT


@pytest.mark.key("outcomes.needs")
def test_an_average_is_over_those_who_had_what_is_needed_by_then() -> None:
    """75 % have it within two years, 50 % within one: 50 points each, and not 33 after the first year."""
    outcomes = (
        "{s: {type: event, better: more, over: 2 years, with: 75 %},"
        " k: {type: score, better: more, over: 2 years, needs: s, with: 50, sd: 0}}"
    )
    measures = "{half: {of: k, as: average, follow_up: 1 year}, x: {of: k, as: average, follow_up: 2 years}}"
    w = world(deal(outcomes=outcomes, participants="{size: 1 000}", measures=measures), replicates=4)
    early, late = w.reports["half"][0], w.reports["x"][0]
    n = w.context.n_draws
    # 1 - sqrt(1 - 75 %) = half of all people had it after a year
    assert filled(early.value, n) == pytest.approx(50.0)
    assert filled(late.value, n) == pytest.approx(50.0)
    assert abs(z_of_mean(filled(early.counted, n), 500.0, np.sqrt(250.0))) < LIMIT
    assert abs(z_of_mean(filled(late.counted, n), 750.0, np.sqrt(187.5))) < LIMIT


@pytest.mark.key("measures.lag")
def test_growth_tells_of_years_that_the_data_have_whole() -> None:
    """People start in July 2020. In January 2023, a month behind, 2022 is not whole: a whole 2021 over half of 2020."""
    days = "{job: {type: days, better: fewer, over: 4 years, without: {per_year: 50}, sd: 0}}"
    head = MONTHS.replace("start: 2020-01", "start: 2020-07")

    def growth(terms: str) -> float:
        measures = f"{{x: {{of: job, as: growth, reported: 2023-01{terms}}}}}"
        w = world(deal(head, outcomes=days, participants="{size: 10}", measures=measures), replicates=1)
        return float(np.mean(w.reports["x"][0].value))

    assert growth("") == pytest.approx(1.0)
    assert growth(", lag: 1 month") == pytest.approx(2.0)


@pytest.mark.key("events.cancels")
def test_a_cohort_that_has_begun_is_not_cancelled() -> None:
    """a takes in 10 people a year from 2020 to 2022, b begins in 2022: an event of 2021 cancels b alone."""
    people = "{duration: 1 year, cohorts: {a: {size: 30, intake: 3 years}, b: {size: 20, start: 2022-01}}}"
    costs = "{place: {amount: 1, per: starter, by: payer}}"
    events = "{vote: {at: 2021-01, cancels: [a, b]}}"
    assert paid(deal(participants=people, costs=costs), "place") == {0: 10, 1: 10, 2: 30}
    assert paid(deal(participants=people, costs=costs, events=events), "place") == {0: 10, 1: 10, 2: 10}


# ------------------------------------------------------------------------------------------------ money
@pytest.mark.key("payments.per", "payments.of", "payments.compound")
def test_committed_money_earns_from_the_first_draw() -> None:
    """200 are committed and lent from 2022 on: 10 % a year for two years and not four; compounded 21 %."""
    finance = "{tranches: {loan: {amount: 200, drawn: as needed}}}"
    costs = "{c: {amount: 50, at: [2022-01, 2023-01]}}"
    terms = "of: committed, amount: 10 %, per: year, at: 2024-01"
    for more, owed in (("", 40), (", compound: true", 42)):
        contract = f"{{payments: {{pay: {{{terms}{more}}}}}}}"
        assert paid(deal(contract=contract, costs=costs, finance=finance)) == pytest.approx({4: owed})


@pytest.mark.key("payments.line")
def test_a_line_that_begins_above_a_number_does_not_begin_at_it() -> None:
    """The result is 10: still 3; above 9, one eleventh of the way from 40 to 80."""
    contract = "{payments: {pay: {measure: x, line: [[otherwise, 3], [above START, 40], [20, 80]]}}}"
    assert paid(deal(contract=contract.replace("START", "10"))) == {1: 3}
    assert paid(deal(contract=contract.replace("START", "9"))) == pytest.approx({1: 40 + 40 / 11})
    assert paid(deal(contract=contract.replace("above START", "10"))) == {1: 40}


@pytest.mark.key("payments.rest_of", "cap.per_cohort")
def test_the_rest_of_a_payment_is_that_of_each_cohort() -> None:
    """a has 23 points, b with half the effect 21.5: 230 and 215 are due, of which a cap leaves 220 and 215."""
    people = "{cohorts: {a: {size: 10}, b: {size: 30, effect_share: 50 %}}}"
    measures = "{x: {of: points, as: average, for_each: cohort}}"
    contract = (
        "{payments: {first: {measure: x, per_unit: {2020-01: 10}, by: fund, cap: {per_cohort: 220}},"
        " pay: {measure: x, per_unit: 1 000, rest_of: first, band: [0.6, none]}}}"
    )
    text = deal(outcomes=POINTS, participants=people, measures=measures, contract=contract)
    assert paid(text, "first") == pytest.approx({1: 220 + 215})
    # a: 10 of 230 are left, which is 1 of 23 points, 0.4 of it above 0.6; b: nothing
    assert paid(text) == pytest.approx({1: 400})
