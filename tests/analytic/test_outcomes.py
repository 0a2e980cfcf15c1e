"""The truth: effects as stated, and what happened drawn once along all ages."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom

from tests.support import HEAD, LIMIT, deal, filled, world, z_of_covariance, z_of_mean, z_of_variance

QUARTERS = HEAD.replace("step: year", "step: quarter")
P0 = 0.4


def effect_on(outcome: str, measures: str = "none", participants: str = "{size: 90}", head: str = QUARTERS) -> str:
    return deal(head, outcomes=f"{{relapse: {{{outcome}}}}}", measures=measures, participants=participants)


@pytest.mark.parametrize(
    ("effect", "with_programme"),
    [
        ("effect: {ratio: 0.75}", 0.75 * P0),
        ("effect: {difference: -10 %}", P0 - 0.1),
        ("effect: {hazard_ratio: 0.8}", 1 - (1 - P0) ** 0.8),
        ("effect: {odds_ratio: 0.5}", 0.5 * P0 / (1 - P0 + 0.5 * P0)),
        ("with: 28 %", 0.28),
        ("with: {per_year: 0.2}", 1 - math.exp(-0.2 * 2)),
    ],
)
def test_the_effect_is_what_the_file_says(effect: str, with_programme: float) -> None:
    w = world(effect_on(f"type: event, better: fewer, over: 2 years, without: 40 %, {effect}"), replicates=8)
    (truth,) = w.truths
    assert truth.expected(is_with=False) == pytest.approx(90 * P0)
    assert truth.expected(is_with=True) == pytest.approx(90 * with_programme, rel=1e-12)
    assert truth.effect() == pytest.approx(90 * (P0 - with_programme), rel=1e-12)
    happened = filled(truth.total_happened(), w.context.n_draws)
    assert abs(z_of_mean(happened, 90 * with_programme)) < LIMIT


def test_a_hazard_becomes_a_share_over_the_time_it_works() -> None:
    w = world(effect_on("type: event, better: fewer, over: 30 months, without: {per_year: 0.2}"), replicates=8)
    assert w.truths[0].without == pytest.approx(1 - math.exp(-0.2 * 2.5), rel=1e-12)


@pytest.mark.parametrize("kind", ["ratio", "hazard_ratio", "odds_ratio"])
def test_an_effect_of_one_is_exactly_none(kind: str) -> None:
    text = effect_on(f"type: event, better: fewer, over: 1 year, without: {{per_year: 0.37}}, effect: {{{kind}: 1}}")
    (truth,) = world(text, replicates=8).truths
    assert float(np.max(np.abs(truth.effect()))) == 0.0


def test_what_happened_is_one_chain_along_all_ages() -> None:
    """Events are binomial, ``P(a) = 1 - (1 - p) ** (a / F)``; by two ages they have covariance n P1 (1 - P2)."""
    n, p, ages, over = 60, 0.5, (12.0, 18.0, 24.0, 36.0), 36.0
    measures = ", ".join(f"m{a:g}: {{of: relapse, as: total, follow_up: {a:g} months}}" for a in ages[:3])
    w = world(
        effect_on(
            f"type: event, better: fewer, over: 3 years, without: {100 * p:g} %", f"{{{measures}}}", f"{{size: {n}}}"
        )
    )
    (truth,) = w.truths
    by = {a: truth.found("starters", 0, a) for a in ages}
    share = {a: 1 - (1 - p) ** (a / over) for a in ages}
    for a in ages:
        assert abs(z_of_mean(by[a], n * share[a], math.sqrt(n * share[a] * (1 - share[a])))) < LIMIT
        assert abs(z_of_variance(by[a], n * share[a] * (1 - share[a]))) < LIMIT
        reported = w.reports.get(f"m{a:g}")
        assert reported is None or np.array_equal(reported[0].value, by[a])
    for a, b in itertools.pairwise(ages):
        assert np.all(by[a] <= by[b])
        assert abs(z_of_covariance(by[a], by[b], n * share[a] * (1 - share[b]))) < LIMIT
    assert abs(z_of_covariance(by[12.0], by[36.0], n * share[12.0] * (1 - p))) < LIMIT


def test_what_happened_is_binomial_to_the_last_cell() -> None:
    n, p = 12, 0.35
    w = world(
        effect_on(f"type: event, better: fewer, over: 3 years, without: {100 * p:g} %", participants=f"{{size: {n}}}")
    )
    happened = w.truths[0].total_happened()
    for k in range(n + 1):
        chance = binom.pmf(k, n, p)
        assert abs(z_of_mean(happened == k, chance, math.sqrt(chance * (1 - chance)))) < LIMIT, k


def test_one_true_rate_for_all_people_of_a_future() -> None:
    """A rate drawn per person, or per starting group, would give far less spread (or none between groups)."""
    n, mean, sd = 100, 0.35, 0.1
    rate = f"{{beta: {{mean: {100 * mean:g} %, sd: {100 * sd:g} %}}}}"
    w = world(
        effect_on(
            f"type: event, better: fewer, over: 1 year, without: {rate}", participants="{size: 100, intake: 6 months}"
        )
    )
    (truth,) = w.truths
    assert abs(z_of_variance(truth.total_happened(), n**2 * sd**2 + n * (mean * (1 - mean) - sd**2))) < LIMIT
    groups = [truth.found("starters", g, 12.0) for g in (0, 1)]
    assert abs(z_of_covariance(*groups, (n / 2) ** 2 * sd**2)) < LIMIT


def test_a_score_is_normal_and_whole_at_any_follow_up() -> None:
    n, level, sd = 40, 12.0, 9.0
    outcome = f"type: score, better: more, over: 2 years, without: 10, effect: {{difference: 2}}, sd: {sd}"
    measures = "{half: {of: relapse, as: average, follow_up: 1 year}, whole: {of: relapse, as: average}}"
    w = world(effect_on(outcome, measures, f"{{size: {n}}}"))
    half, whole = (w.reports[name][0].value for name in ("half", "whole"))
    assert np.array_equal(half, whole)
    assert abs(z_of_mean(whole, level, sd / math.sqrt(n))) < LIMIT
    assert abs(z_of_variance(whole, sd**2 / n)) < LIMIT


def test_a_cohort_with_one_number() -> None:
    outcome = "type: score, each: cohort, better: more, over: 2 years, without: 10, with: 13, sd: 4"
    measures = "{x: {of: relapse, as: average, missing: 50 %}, t: {of: relapse, as: total}}"
    w = world(deal(outcomes=f"{{relapse: {{{outcome}}}}}", measures=measures))
    x = w.reports["x"][0].value
    assert abs(z_of_mean(x, 13.0, 4.0)) < LIMIT
    assert abs(z_of_variance(x, 16.0)) < LIMIT
    assert np.array_equal(x, w.reports["t"][0].value)
    assert w.truths[0].effect() == 3.0
    event = "type: event, each: cohort, better: more, over: 2 years, without: 10 %, with: 30 %"
    w = world(deal(outcomes=f"{{relapse: {{{event}}}}}", measures="{x: {of: relapse, as: total}}"))
    x = w.reports["x"][0].value
    assert set(np.unique(x)) == {0.0, 1.0}
    assert abs(z_of_mean(x, 0.3)) < LIMIT


@pytest.mark.parametrize("among", ["offered", "starters", "completers"])
def test_the_effect_is_the_average_over_the_group_it_names(among: str) -> None:
    """Take-up 50 %, drop-out 40 % of starters, difference -20 points among the group, 0.6 without."""
    n, p0, d, take_up, dropout = 200, 0.6, 0.2, 0.5, 0.4
    outcome = f"type: event, better: fewer, over: 1 year, without: 60 %, effect: {{difference: -20 %, among: {among}}}"
    measures = ", ".join(
        f"{who}: {{of: relapse, as: average, people: {who}}}" for who in ("offered", "starters", "completers")
    )
    measures = measures.replace("offered:", "m1:", 1).replace("starters:", "m2:", 1).replace("completers:", "m3:", 1)
    w = world(effect_on(outcome, f"{{{measures}}}", f"{{size: {n}, take_up: 50 %, duration: 1 year, dropout: 40 %}}"))
    starters = {"offered": d / take_up, "starters": d, "completers": d * (1 - dropout)}[among]
    completers = {"offered": d / take_up, "starters": d, "completers": d}[among]
    truth = {"m1": p0 - starters * take_up, "m2": p0 - starters, "m3": p0 - completers}
    for name, mean in truth.items():
        value = w.reports[name][0].value
        assert abs(z_of_mean(value, mean)) < LIMIT, name
    effect = w.truths[0].effect()
    assert abs(z_of_mean(filled(effect, w.context.n_draws), n * take_up * starters)) < LIMIT


def test_an_effect_on_all_starters_is_not_diluted_by_those_who_drop_out() -> None:
    """The average over starters has its drop-outs in it already, whoever is looked at."""
    n, dropout = 200, "{size: 200, duration: 1 year, dropout: 40 %}"
    outcome = "type: event, better: fewer, over: 1 year, without: 60 %, effect: {difference: -20 %}"
    w = world(effect_on(outcome, "{x: {of: relapse, as: average}}", dropout))
    assert filled(w.truths[0].effect(), w.context.n_draws) == pytest.approx(np.full(w.context.n_draws, n * 0.2))
    assert abs(z_of_mean(w.reports["x"][0].value, 0.4, math.sqrt(0.4 * 0.6 / n))) < LIMIT


def test_a_cohort_may_get_a_part_of_the_effect() -> None:
    cohorts = "{size: 50, cohorts: {c1: {effect_share: 50 %}, c2: {size: 30}}}"
    text = effect_on("type: event, better: more, over: 1 year, without: 20 %, effect: {ratio: 2}", participants=cohorts)
    w = world(text, replicates=8)
    assert [float(t.effect()) for t in w.truths] == pytest.approx([50 * 0.1, 30 * 0.2])
