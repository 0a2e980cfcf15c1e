"""Every type of outcome: its closed form, and what its keys do to money by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from sibsim.simulate import Future
from sibsim.timeline import DAYS_PER_MONTH
from tests.support import HEAD, LIMIT, deal, filled, moved, run, world, z_of_mean, z_of_variance

PAY = "{payments: {pay: {measure: m, per_unit: 10}}}"
TOTAL = "{m: {of: x, as: total, follow_up: 2 years}}"


def file(outcome: str, measures: str = TOTAL, participants: str = "{size: 40}", head: str = HEAD, **more: str) -> str:
    return deal(head, outcomes=f"{{x: {{{outcome}}}}}", measures=measures, participants=participants, **more)


def paid(outcome: str, measures: str = TOTAL, participants: str = "{size: 40}", contract: str = PAY) -> float:
    """All that is paid in one future of a contract without chance."""
    flows = moved(run(file(outcome, measures, participants, contract=contract)))
    return sum(flows.get(("pay", "payer", "provider"), {}).values())


def happened(w: Future) -> np.ndarray:
    return filled(w.truths[0].total_happened(), w.context.n_draws)


# ------------------------------------------------------------------------------------------------ closed forms
@pytest.mark.parametrize(
    ("outcome", "without", "mean", "variance"),
    [
        ("type: count, without: 3, effect: {ratio: 0.5}", 3.0, 1.5, 1.5),
        ("type: count, with: 3, sd: 2.5", 3.0, 3.0, 3.0 + 6.25),
        # of a count, sd stays in proportion to the level
        ("type: count, without: 3, effect: {difference: -1}, sd: 2.4", 3.0, 2.0, 2.0 + 1.6**2),
        ("type: count, without: {per_year: 1.5}, with: {per_year: 0.6}, sd: 1", 3.0, 1.2, 1.2 + 0.4**2),
        ("type: days, without: 90, effect: {ratio: 0.9}, sd: 40", 90.0, 81.0, 1600.0),
        ("type: days, without: {share_of_time: 10 %}, effect: {difference: -3}, sd: 20", 73.05, 70.05, 400.0),
        ("type: days, without: {per_year: 45}, with: 81, sd: 40", 90.0, 81.0, 1600.0),
        ("type: money, without: 700 k, effect: {ratio: 0.9}, sd: 500 k", 700e3, 630e3, 25e10),
        ("type: money, effect: {difference: -30 k}, sd: 100 k", 0.0, -30e3, 1e10),
        ("type: money, without: {per_year: 5 k}, with: {per_year: 4 k}, sd: 2 k", 10e3, 8e3, 4e6),
    ],
)
@pytest.mark.key("outcomes.type", "outcomes.sd", "level.per_year", "level.share_of_time")
def test_a_type_has_its_mean_and_variance(outcome: str, without: float, mean: float, variance: float) -> None:
    """Of 40 people over two years: n times the mean, n times the variance per person."""
    w = world(file(f"{outcome}, better: fewer, over: 2 years", "none"))
    (truth,) = w.truths
    assert truth.expected(is_with=False) == pytest.approx(40 * without)
    assert truth.expected(is_with=True) == pytest.approx(40 * mean)
    assert truth.effect() == pytest.approx(40 * (without - mean))
    assert abs(z_of_mean(happened(w), 40 * mean, math.sqrt(40 * variance))) < LIMIT
    assert abs(z_of_variance(happened(w), 40 * variance)) < LIMIT


@pytest.mark.parametrize("kind", ["count", "days", "money"])
def test_over_a_part_of_the_time_sd_keeps_its_proportion(kind: str) -> None:
    """After half a year of two: a quarter of level and sd; and the whole is as if nobody had asked."""
    both = "{m: {of: x, as: total, follow_up: 6 months}, whole: {of: x, as: total, follow_up: 2 years}}"
    outcome = f"type: {kind}, better: fewer, over: 2 years, without: 60, sd: 48"
    quarters = HEAD.replace("step: year", "step: quarter")
    w = world(file(outcome, both, head=quarters))
    own = 1.0 if kind == "count" else 0.0
    for name, part in (("m", 0.25), ("whole", 1.0)):
        value = w.reports[name][0].value
        variance = 40 * (own * 60 * part + (48 * part) ** 2)
        assert abs(z_of_mean(value, 40 * 60 * part, math.sqrt(variance))) < LIMIT
        assert abs(z_of_variance(value, variance)) < LIMIT


def test_c05_reconvictions_as_a_negative_binomial() -> None:
    """1.55 reconvictions a head, 60 % reoffend: k = 0.941656873876, sd^2 = m^2 / k; 1,000 served, 10,000 matched.

    By the normal approximation the reduction has the standard error 0.0433 if there is no effect, and a 10 % reduction
    is then found in 1.05 % of the futures; if it is true, in half of them. Direct simulation: 0.0434, 0.88 %, 50.3 %.
    """
    m, k = 1.55, 0.941656873876
    assert (1 + m / k) ** -k == pytest.approx(0.4, rel=1e-9)
    measures = "{m: {of: x, as: relative_improvement, comparison: {matched: 10 000}}}"

    def reduction(ratio: float) -> np.ndarray:
        outcome = f"type: count, better: fewer, over: 1 year, without: {m}, effect: {{ratio: {ratio}}}"
        return world(file(f"{outcome}, sd: {m / math.sqrt(k)}", measures, "{size: 1 000}")).reports["m"][0].value

    none, ten, fifteen = reduction(1.0), reduction(0.9), reduction(0.85)
    v = m + m * m / k
    assert np.std(none) == pytest.approx(math.sqrt(v / m**2 * (1 / 1000 + 1 / 10000)), rel=0.03)
    assert np.mean(none >= 0.1) == pytest.approx(0.0105090409974, abs=0.003)
    assert np.mean(ten >= 0.1) == pytest.approx(0.5, abs=0.015)
    assert np.mean(fifteen >= 0.1) == pytest.approx(0.906261150824, abs=0.015)


# ------------------------------------------------------------------------------------------------ money by hand
@pytest.mark.key("outcomes.type", "outcomes.over", "outcomes.with", "outcomes.better")
@pytest.mark.parametrize(
    ("outcome", "money"),
    [
        ("type: event, better: more, over: 2 years, with: 100 %", 40 * 10),
        ("type: count, better: more, over: 2 years, with: 0", 0),
        ("type: days, better: more, over: 2 years, with: 90, sd: 0", 40 * 90 * 10),
        ("type: days, better: more, over: 2 years, with: {share_of_time: 20 %}, sd: 0", 40 * 0.2 * 730.5 * 10),
        ("type: days, better: more, over: 4 years, with: 90, sd: 0", 40 * 45 * 10),  # half of it in two years
        ("type: score, better: more, over: 4 years, with: 90, sd: 0", 40 * 90 * 10),  # whole at any follow-up
        ("type: milestones, better: more, steps: {a: [100 %, 1 year], b: [100 %, 3 years]}", 40 * 10),
    ],
)
def test_a_number_is_paid_by_its_type(outcome: str, money: float) -> None:
    measures = TOTAL.replace("follow_up: 2 years", "reported: 2022-01") if "steps" in outcome else TOTAL
    assert paid(outcome, measures) == pytest.approx(money)


def test_money_is_paid_by_its_share() -> None:
    """Two years at 700 k a head without, 600 k with: 40 people save 4 m, of which half is paid."""
    outcome = "type: money, better: fewer, over: 2 years, without: 700 k, with: 600 k, sd: 0"
    measures = "{m: {of: x, as: total_improvement, comparison: {rct: 40}}}"
    assert paid(outcome, measures, contract="{payments: {pay: {measure: m, share: 50 %}}}") == pytest.approx(2e6)


@pytest.mark.key("effect.ratio", "effect.difference", "effect.hazard_ratio", "effect.odds_ratio", "outcomes.effect")
@pytest.mark.parametrize(
    ("outcome", "better_by"),
    [
        ("type: days, without: 80, effect: {ratio: 0.75}, sd: 0", 20.0),
        ("type: days, without: 80, effect: {difference: -30}, sd: 0", 30.0),
        ("type: money, effect: {difference: -7}, sd: 0", 7.0),
        # of 64 % a hazard ratio of 0.5 leaves 1 - 0.36 ** 0.5 = 40 %, and so does an odds ratio of 0.375
        ("type: event, without: 64 %, effect: {hazard_ratio: 0.5}", 0.24),
        ("type: event, without: 64 %, effect: {odds_ratio: 0.375}", 0.24),
        ("type: event, without: 64 %, effect: {ratio: 0.625}", 0.24),
        ("type: event, without: 64 %, effect: {difference: -24 %}", 0.24),
    ],
)
def test_an_effect_is_worth_its_benefit(outcome: str, better_by: float) -> None:
    """The mean benefit is 40 people times the effect times 1,000; without chance in each future."""
    text = file(
        f"{outcome}, better: fewer, over: 1 year", "none", benefits="{b: {of: x, kind: cashable, worth: 1 000}}"
    )
    saved = run(text + "horizon: 2 years\n").metric("payer", "cashable_benefit_pv")
    spread = 40 * 0.4 * 0.6 if "event" in outcome else 0.0
    assert abs(z_of_mean(saved, 40_000 * better_by, 1_000 * math.sqrt(spread))) < LIMIT if spread else True
    assert np.mean(saved) == pytest.approx(40_000 * better_by, rel=0.02 if spread else 1e-9)


@pytest.mark.key("outcomes.each", "outcomes.without")
@pytest.mark.parametrize("kind", ["days", "money", "score"])
def test_one_number_for_the_whole_cohort(kind: str) -> None:
    """8,000 days of a whole town, 7,000 with the programme: 1,000 avoided, without participants."""
    outcome = f"type: {kind}, each: cohort, better: fewer, over: 1 year, without: 8 000, with: 7 000"
    measures = "{m: {of: x, as: total_improvement, comparison: {fixed: 8 000}}}"
    contract = PAY.replace("per_unit: 10", "share: 100 %") if kind == "money" else PAY
    money = 1_000 if kind == "money" else 10_000
    assert paid(outcome, measures, "none", contract) == pytest.approx(money)
    w = world(file(f"{outcome}, sd: 50", "none", "none"))
    assert abs(z_of_mean(happened(w), 7000, 50)) < LIMIT
    assert abs(z_of_variance(happened(w), 2500)) < LIMIT


def test_c13_referrals_by_chance_thinned_by_success() -> None:
    """Poisson(240) referrals, 35 % succeed, 4,000 each: mean 336,000, sd 4,000 sqrt(84) = 36,660.6."""
    outcomes = (
        "{arrivals: {type: count, each: cohort, better: more, over: 1 year, with: 240},"
        " success: {type: event, each: cohort, better: more, over: 1 year, needs: arrivals, with: 35 %}}"
    )
    text = deal(
        outcomes=outcomes,
        measures="{m: {of: success, as: total}}",
        contract="{payments: {pay: {measure: m, per_unit: 4 000}}}",
    )
    money = run(text, n_draws=16384).metric("payer", "outcome_payments")
    assert abs(z_of_mean(money, 336_000, 36_660.6055596)) < LIMIT
    assert abs(z_of_variance(money, 36_660.6055596**2)) < LIMIT


# ------------------------------------------------------------------------------------------------ milestones
STEPS = (
    "type: milestones, better: more, "
    "steps: {enters: [80 %, 2 months], stays: [75 %, 1 year], sustains: [50 %, 2 years]}"
)


@pytest.mark.key("outcomes.steps")
def test_milestones_go_binomially_down_the_chain() -> None:
    """Of 40: 32, 24 and 12 on average; each step binomial of the one before, so that it is binomial of all."""
    w = world(file(STEPS, "none"))
    (truth,) = w.truths
    before = np.full(w.context.n_draws, 40.0)
    for step, share in (("enters", 0.8), ("stays", 0.6), ("sustains", 0.3)):
        reached = truth.step_found(step, "starters", 0, 24.0)
        assert np.all(reached <= before)
        assert abs(z_of_mean(reached, 40 * share, math.sqrt(40 * share * (1 - share)))) < LIMIT
        assert abs(z_of_variance(reached, 40 * share * (1 - share))) < LIMIT
        before = reached
    assert truth.step_found("stays", "starters", 0, 11.0) == 0.0
    assert np.array_equal(truth.found("starters", 0, 12.0), sum(
        truth.step_found(s, "starters", 0, 12.0) for s in ("enters", "stays")
    ))  # fmt: skip
    assert truth.expected(is_with=True) == pytest.approx(40 * (0.8 + 0.6 + 0.3))
    assert float(np.max(np.abs(truth.effect()))) == 0.0


@pytest.mark.key("outcomes.steps", "payments.prices")
def test_each_step_has_its_price() -> None:
    """Everybody enters (500) and stays (2,000), nobody sustains: 40 people, 100,000 in all, by date of report."""
    steps = "{enters: [100 %, 2 months], stays: [100 %, 1 year], sustains: [0 %, 2 years]}"
    text = file(
        f"type: milestones, better: more, steps: {steps}",
        "{m: {of: x, as: total, reported: [2020-07, 2021-01, 2022-01]}}",
        head=HEAD.replace("step: year", "step: quarter"),
        contract="{payments: {pay: {measure: m, prices: {enters: 500, stays: 2 000, sustains: 9 000}}}}",
    )
    flows = moved(run(text))["pay", "payer", "provider"]
    assert flows == pytest.approx({2: 20_000, 4: 80_000})


def test_a_normal_is_what_it_says_in_the_tail() -> None:
    """Money of 40 people: one future in twenty is above the mean by 1.645 sd / sqrt(40)."""
    w = world(file("type: money, better: fewer, over: 1 year, without: 50 k, sd: 30 k", "none"))
    above = happened(w) > 40 * 50e3 + norm.ppf(0.95) * 30e3 * math.sqrt(40)
    assert abs(z_of_mean(above, 0.05)) < LIMIT


def test_days_that_are_more_than_there_are_count_as_out_of_range() -> None:
    """A level above all days of `over` is brought back, and counted."""
    outcome = "type: days, better: fewer, over: 1 year, without: {normal: {mean: 360, sd: 2}}, sd: 0"
    w = world(file(outcome, "none"), replicates=8)
    share = float(np.mean(w.context.clipped["outcomes.x.without"]))
    assert share == pytest.approx(norm.sf((12 * DAYS_PER_MONTH - 360) / 2), abs=0.003)
    assert float(np.max(w.truths[0].without)) == pytest.approx(365.25)
