"""What the truth is worth: avoided cases by age, their fade, and the dates on which savings are booked."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from sibsim.simulate import Future
from tests.support import HEAD, LIMIT, deal, filled, run, scenario, world, z_of_mean

QUARTERS = HEAD.replace("step: year", "step: quarter")
FADES = {
    "always": lambda x: 1.0,
    "2 years": lambda x: float(x <= 24),
    "{half_life: 3 years}": lambda x: 0.5 ** (x / 36),
    "{to_zero: 4 years}": lambda x: max(0.0, 1 - x / 48),
    "{table: [[0 years, 100 %], [2 years, 60 %], [5 years, 40 %]]}": lambda x: float(
        np.interp(x, [0, 24, 60], [1, 0.6, 0.4])
    ),
}
"""Share left so many months after the programme."""
AFTER = FADES | {"2 years": lambda x: float(x < 24)}
"""Share left just after that: what lasts two years is gone from then on."""


def booked(w: Future, number: int = 0) -> np.ndarray:
    """Savings by column and draw, shape (n_dates, n_draws)."""
    row = w.benefits[number]
    table = np.zeros((w.context.n_dates, w.context.n_draws))
    for column, amounts in row.amounts.items():
        table[column] += amounts
    return table


def avoided(w: Future, age: float, group: int, p0: float, p1: float, over: float, fade: object) -> np.ndarray:
    """Cases avoided by an age: the effect by then, the luck of these people in proportion, and the fade."""
    n = float(w.truths[0].flow.offered[group])
    if age <= 0:
        return np.zeros(w.context.n_draws)
    reached = min(age, over)
    effect = n * ((1 - (1 - p0) ** (reached / over)) - (1 - (1 - p1) ** (reached / over)))
    luck = n * p1 - filled(w.truths[0].found("starters", group, over), w.context.n_draws)
    left = 1.0 if age <= over else fade(age - over)  # type: ignore[operator]
    return (effect + luck * reached / over) * left


@pytest.mark.parametrize("lasts", FADES)
@pytest.mark.parametrize("better", ["fewer", "more"])
def test_savings_per_year_follow_what_stands_avoided(lasts: str, better: str) -> None:
    p0, p1, over = (0.3, 0.2, 24.0) if better == "fewer" else (0.2, 0.3, 24.0)
    levels = f"without: {100 * p0:g} %, with: {100 * p1:g} %"
    outcomes = f"{{case: {{type: event, better: {better}, over: 2 years, {levels}, lasts: {lasts}}}}}"
    benefits = "{care: {of: case, kind: cashable, worth: 13 000, per: year, share: 30 %, index: 2 %}}"
    text = deal(
        QUARTERS + "horizon: 8 years\n",
        outcomes=outcomes,
        measures="none",
        participants="{size: 90, intake: 9 months}",
        benefits=benefits,
    )
    w = world(text, replicates=8)
    got = booked(w)
    sign = 1.0 if better == "fewer" else -1.0
    for column in range(1, 33):
        expected = np.zeros(w.context.n_draws)
        for group in range(3):
            begins, ends = ((c - group) * 3.0 for c in (column - 1, column))
            at = ((begins, AFTER[lasts]), (ends, FADES[lasts]))
            both = [sign * avoided(w, age, group, p0, p1, over, left) for age, left in at]
            expected += (both[0] + both[1]) / 2 * 0.25 * 13000 * 0.3 * 1.02 ** (column / 4)
        assert np.allclose(got[column], expected, rtol=1e-9, atol=1e-6), column
    assert np.all(got[0] == 0)


def test_savings_per_unit_arise_once_while_the_programme_works() -> None:
    p0, p1 = 0.3, 0.2
    text = deal(
        QUARTERS + "horizon: 8 years\n",
        outcomes="{case: {type: event, better: fewer, over: 2 years, without: 30 %, with: 20 %, lasts: always}}",
        measures="none",
        participants="{size: 90, intake: 9 months}",
        benefits="{care: {of: case, kind: capacity, to: city, worth: 500}}",
    )
    w = world(text, replicates=8)
    got = booked(w)
    for column in range(1, 33):
        expected = np.zeros(w.context.n_draws)
        for group in range(3):
            ages = [min(max(c - group, 0) * 3.0, 24.0) for c in (column - 1, column)]
            before, after = (avoided(w, a, group, p0, p1, 24.0, FADES["always"]) for a in ages)
            expected += (after - before) * 500
        assert np.allclose(got[column], expected, rtol=1e-9, atol=1e-6), column
    happened = filled(w.truths[0].total_happened(), w.context.n_draws)
    assert np.allclose(got.sum(axis=0), 500 * (90 * p0 - happened))


def test_a_score_saves_once_at_the_end_of_its_time() -> None:
    text = deal(
        QUARTERS,
        outcomes="{points: {type: score, better: more, over: 18 months, without: 10, effect: {difference: 2}, sd: 6}}",
        measures="none",
        participants="{size: 40, intake: 6 months}",
        benefits="{gain: {of: points, kind: societal, worth: 100}}",
    )
    w = world(text + "horizon: 4 years\n")
    got = booked(w)
    means = [filled(w.truths[0].found("starters", g, 18.0), w.context.n_draws) for g in (0, 1)]
    assert np.allclose(got[6], 100 * (means[0] - 20 * 10))
    assert np.allclose(got[7], 100 * (means[1] - 20 * 10))
    assert np.count_nonzero(got.sum(axis=1)) == 2
    assert abs(z_of_mean(got.sum(axis=0), 40 * 2 * 100)) < LIMIT


def test_savings_stop_at_the_horizon_and_go_to_the_budget_named() -> None:
    text = deal(
        HEAD + "horizon: 3 years\n",
        outcomes="{a: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: 5, lasts: always}}",
        measures="none",
        benefits="{mine: {of: a, kind: cashable, worth: 10, per: year},"
        " theirs: {of: a, kind: cashable, to: city, worth: 1, per: year}}",
    )
    r = run(text)
    assert r.metric("payer", "cashable_benefit_pv")[0] == pytest.approx(10 * 5 * (0.5 + 1 + 1))
    assert r.metric("city", "cashable_benefit_pv")[0] == pytest.approx(5 * 2.5)
    assert r.metric("public_purse", "cashable_benefit_pv")[0] == pytest.approx(11 * 5 * 2.5)
    rows = {row["year"]: row["parties"]["payer"]["cashable_benefit"]["mean"] for row in r.summary()["yearly"]}
    assert rows == pytest.approx({2020: 0, 2021: 25, 2022: 50, 2023: 50})


def test_kinds_of_benefit_are_never_added_up() -> None:
    text = deal(
        benefits="{a: {of: result, kind: cashable, worth: 1}, b: {of: result, kind: capacity, worth: 2},"
        " c: {of: result, kind: societal, worth: 4}}",
        contract="{payments: {p: {measure: x, per_unit: 3}}}",
    )
    r = run(text)
    by_kind = {kind: r.metric("payer", f"{kind}_benefit_pv")[0] for kind in ("cashable", "capacity", "societal")}
    assert by_kind == {"cashable": 10, "capacity": 20, "societal": 40}
    assert r.metric("payer", "net_budget_effect_pv")[0] == pytest.approx(10 - 30)


# ------------------------------------------------------------------------------------------------ the hand check
HAZARD, RATIO, PEOPLE, WORTH = 0.0356, 0.80, 925, 13_000


def truth_of_the_hand_check() -> tuple[float, float, float]:
    """Cases avoided after five years, case-years by the trapezium of quarters, and their worth."""
    avoided_by = [PEOPLE * (math.exp(-HAZARD * RATIO * q / 4) - math.exp(-HAZARD * q / 4)) for q in range(21)]
    case_years = sum((a + b) / 2 / 4 for a, b in itertools.pairwise(avoided_by))
    return avoided_by[-1], case_years, WORTH * case_years


def test_the_hand_check_by_hand() -> None:
    cases, case_years, worth = truth_of_the_hand_check()
    assert (round(cases, 2), round(case_years, 1), round(worth / 1e6, 3)) == (28.06, 74.0, 0.962)


def test_the_hand_check_out_of_the_engine() -> None:
    cases, _, worth = truth_of_the_hand_check()
    w = world("hand-check", replicates=64)
    (truth,) = w.truths
    assert truth.effect() == pytest.approx(cases, rel=1e-9)
    saved = booked(w).sum(axis=0)
    assert abs(z_of_mean(saved, worth)) < LIMIT
    # what people's luck adds is known in each draw: its part of each period, by the trapezium
    luck = PEOPLE * (1 - math.exp(-HAZARD * RATIO * 5)) - filled(truth.total_happened(), w.context.n_draws)
    weight = sum((q + q + 1) / 40 / 4 for q in range(20))
    assert np.allclose(saved - luck * weight * WORTH, worth, rtol=1e-9)
    assert abs(z_of_mean(saved, worth, math.sqrt(luck.var()) * weight * WORTH)) < LIMIT


def test_the_hand_check_in_the_summary() -> None:
    cases, _, worth = truth_of_the_hand_check()
    summary = run(scenario("hand-check"), n_draws=16384).summary()
    assert summary["outcomes"]["diabetes"]["effect"]["mean"] == pytest.approx(cases, rel=1e-9)
    saved = summary["parties"]["payer"]["metrics"]["cashable_benefit_pv"]
    assert abs(saved["mean"] - worth) < LIMIT * saved["mc_error"]
