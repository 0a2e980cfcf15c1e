"""Every comparison: mean and variance of what is found, and how often it is right by chance alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import betabinom, binom, norm

from sibsim.measures.clusters import clustered_quantile, common_share, shifted
from tests.analytic.test_evaluation import EVENT, P0, P1, SCORE, N, agrees, evaluated, value
from tests.support import LIMIT, z_of_mean, z_of_variance

RNG = np.random.default_rng(20260101)


# ------------------------------------------------------------------------------------------------ clusters
@pytest.mark.parametrize(
    ("n", "p", "effect"), [(40, 0.3, 4.9), (361, 0.05, 1.5), (361, 0.95, 2.17), (12, 0.5, 11.0), (900, 0.4, 40.0)]
)
def test_events_of_clusters_are_beta_binomial(n: int, p: float, effect: float) -> None:
    """Midpoints of the first uniform, every one of which has exactly its binomial: the sum is scipy's distribution."""
    u = (np.arange(20_000) + 0.5) / 20_000
    share = common_share(u, float(n), p, effect)
    size = (n - effect) / (effect - 1.0)
    exact = betabinom(n, p * size, (1 - p) * size)
    at = np.unique(np.linspace(0, n, 25).astype(int))
    mixed = [binom.cdf(k, n, share).mean() for k in at]
    assert np.allclose(mixed, exact.cdf(at), atol=2e-4)
    assert exact.var() == pytest.approx(n * p * (1 - p) * effect)


def test_clusters_of_one_and_of_all() -> None:
    """D = 1 is binomial; a group no larger than D fares all alike."""
    u = RNG.random((2, 1000))
    assert np.all(common_share(u[0], 50.0, 0.3, 1.0) == 0.3)
    assert np.array_equal(clustered_quantile(u, 5.0, 0.3, 5.0), np.where(u[0] > 0.7, 5.0, 0.0))
    assert np.all(clustered_quantile(u, 0.0, 0.3, 2.0) == 0.0)
    for sure in (0.0, 1.0):
        assert np.all(clustered_quantile(u, 9.0, sure, 2.0) == 9.0 * sure)


def test_served_people_in_clusters_keep_their_luck() -> None:
    n, p, effect = 200, 0.3, 2.5
    happened = RNG.binomial(n, p, 100_000).astype(float)
    found = shifted(RNG.random((2, 100_000)), happened, float(n), p, effect)
    size = (n - effect) / (effect - 1.0)
    for k in (40, 55, 60, 70, 90):
        chance = betabinom.cdf(k, n, p * size, (1 - p) * size)
        assert abs(z_of_mean(found <= k, chance, math.sqrt(chance * (1 - chance)))) < LIMIT
    assert np.corrcoef(happened, found)[0, 1] > 0.5


CLUSTERS = "{rct: 150, cluster_size: 15, icc: 0.1}"  # D = 2.4


@pytest.mark.parametrize("missing", ["", ", missing: 40 %"])
def test_clusters_widen_both_groups(missing: str) -> None:
    """Of the people found, m, the noise of the served group is ``p q (D / n + 1 / m - 1 / n)``."""
    w = evaluated(f"x: {{of: relapse, as: improvement, comparison: {CLUSTERS}{missing}}}")
    variance = 2.4 * P1 * (1 - P1) / N + 2.4 * P0 * (1 - P0) / 150
    if not missing:
        agrees(value(w, "x"), P0 - P1, variance)
        return
    found = np.arange(1, N + 1)
    chance = binom.pmf(found, N, 0.6) / (1 - 0.4**N)
    variance += P1 * (1 - P1) * (float((chance / found).sum()) - 1 / N)
    assert abs(z_of_mean(value(w, "x"), P0 - P1, math.sqrt(variance))) < LIMIT
    assert float(value(w, "x").var()) == pytest.approx(variance, rel=0.05)


def test_clusters_widen_the_mean_of_points() -> None:
    w = evaluated(f"x: {{of: relapse, as: improvement, comparison: {CLUSTERS}}}", SCORE)
    agrees(value(w, "x"), 3.0, 2.4 * 100 / N + 2.4 * 100 / 150)


def test_clusters_at_several_ages_keep_the_design_effect_at_each() -> None:
    """Half a year, then the whole: p = 1 - (1 - p1) ** 0.5 and p1; the comparison alike."""
    terms = f"of: relapse, as: improvement, comparison: {CLUSTERS}"
    w = evaluated(f"half: {{{terms}, follow_up: 6 months}}, whole: {{{terms}, follow_up: 1 year}}")
    for name, years in (("half", 0.5), ("whole", 1.0)):
        a, b = 1 - (1 - P1) ** years, 1 - (1 - P0) ** years
        variance = 2.4 * (a * (1 - a) / N + b * (1 - b) / 150)
        assert abs(z_of_mean(value(w, name), b - a, math.sqrt(variance))) < LIMIT
        assert float(value(w, name).var()) == pytest.approx(variance, rel=0.05)


def test_clusters_do_not_change_what_is_counted() -> None:
    """A total of the served is what happened to them, whatever it is held against."""
    w = evaluated(
        f"x: {{of: relapse, as: total, follow_up: 1 year, comparison: {CLUSTERS}}},"
        " y: {of: relapse, as: total, follow_up: 1 year}"
    )
    assert np.array_equal(value(w, "x"), value(w, "y"))


# ------------------------------------------------------------------------------------------------ before, blend
@pytest.mark.parametrize(("more", "share"), [("", P0), (", regression: 20 %", P0 / 0.8), (", regression: -60 %", 0.25)])
def test_before_is_the_same_people_drawn_again(more: str, share: float) -> None:
    w = evaluated(f"x: {{of: relapse, as: improvement, comparison: {{before: 12 months{more}}}}}")
    agrees(value(w, "x"), share - P1, P1 * (1 - P1) / N + share * (1 - share) / N)


def test_a_shorter_time_before_is_brought_to_the_follow_up() -> None:
    """C of 80 in half a year; a whole year of that hazard is ``1 - (1 - C / 80) ** 2``."""
    w = evaluated("x: {of: relapse, as: improvement, comparison: {before: 6 months}}")
    half = 1 - math.sqrt(1 - P0)
    k = np.arange(N + 1)
    chance, year = binom.pmf(k, N, half), 1 - (1 - k / N) ** 2
    mean = float((chance * year).sum())
    variance = float((chance * year**2).sum()) - mean**2
    agrees(value(w, "x"), mean - P1, P1 * (1 - P1) / N + variance)


def test_before_compares_with_the_people_found() -> None:
    w = evaluated("x: {of: relapse, as: improvement, comparison: {before: 12 months}, missing: 50 %}")
    m = np.arange(1, N + 1)
    found = binom.pmf(m, N, 0.5)
    variance = (P1 * (1 - P1) + P0 * (1 - P0)) * float((found / m).sum())
    assert abs(z_of_mean(value(w, "x"), P0 - P1, math.sqrt(variance))) < LIMIT
    assert float(value(w, "x").var()) == pytest.approx(variance, rel=0.05)


def test_before_of_points_does_not_hang_on_the_length() -> None:
    w = evaluated("x: {of: relapse, as: improvement, comparison: {before: 3 months, regression: 20 %}}", SCORE)
    agrees(value(w, "x"), 23 - 20 / 0.8, 100 / N + 100 / N)


def test_a_blend_has_the_noise_of_each_of_its_parts() -> None:
    """0.7 rct of 150, 0.2 matched of 90 with a bias, 0.1 the contract's 50 %."""
    parts = "[{weight: 70 %, rct: 150}, {weight: 20 %, matched: 90, bias: 10 %}, {weight: 10 %, fixed: 50 %}]"
    w = evaluated(f"x: {{of: relapse, as: improvement, comparison: {{blend: {parts}}}}}")
    q = P0 * 1.1
    mean = 0.7 * P0 + 0.2 * q + 0.1 * 0.5 - P1
    agrees(
        value(w, "x"), mean, P1 * (1 - P1) / N + 0.49 * P0 * (1 - P0) / 150 + 0.04 * q * (1 - q) / 90
    )  # fmt: skip


def test_two_of_a_kind_in_a_blend_are_two_groups() -> None:
    parts = "[{weight: 50 %, rct: 100}, {weight: 50 %, rct: 100}]"
    w = evaluated(f"x: {{of: relapse, as: improvement, comparison: {{blend: {parts}}}}}")
    agrees(value(w, "x"), P0 - P1, P1 * (1 - P1) / N + P0 * (1 - P0) / 200)


@pytest.mark.parametrize("comparison", ["{rct: 400}", "{historical: 400}", "{before: 12 months}", "{matched: 400}"])
def test_how_often_nothing_looks_like_something(comparison: str) -> None:
    """Without effect and trend, 400 served: an improvement of 5 points is seen in 1 - Phi(0.05 / sd) of the futures."""
    w = evaluated(
        f"x: {{of: relapse, as: improvement, comparison: {comparison}}}",
        EVENT.replace("difference: -10 %", "difference: 0 %"),
        "{size: 400}",
    )
    sd = math.sqrt(2 * P0 * (1 - P0) / 400)
    chance = float(norm.sf((0.05 - 0.5 / 400) / sd))  # the difference comes in steps of 1 in 400
    seen = value(w, "x") > 0.05 - 1e-9
    assert abs(z_of_mean(seen, chance, math.sqrt(chance * (1 - chance)))) < LIMIT


def test_comparisons_that_differ_only_in_kind_share_their_luck() -> None:
    kinds = ["{rct: 150}", "{matched: 150}", "{historical: 150}"]
    found = [value(evaluated(f"x: {{of: relapse, as: improvement, comparison: {c}}}"), "x") for c in kinds]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_evaluations_of_a_list_are_those_of_each_outcome() -> None:
    """A measure of two outcomes sees the same people as a measure of one of them."""
    two = EVENT[:-1] + ", arrest: {type: event, better: fewer, over: 1 year, without: 20 %, effect: {ratio: 0.5}}}"
    terms = "as: improvement, comparison: {rct: 150}"
    w = evaluated(
        f"one: {{of: relapse, {terms}}}, other: {{of: arrest, {terms}}}, both: {{of: [relapse, arrest], {terms}}}", two
    )
    assert np.allclose(value(w, "both"), value(w, "one") + value(w, "other"))
    assert abs(z_of_variance(value(w, "both"), 0.21 / N + 0.24 / 150 + 0.09 / N + 0.16 / 150)) < LIMIT
