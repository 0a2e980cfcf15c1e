"""Quantiles against scipy and, in the binomial's far tails, against exact whole-number arithmetic."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy import special, stats

from sibsim.quantiles import beta_quantile, binomial_quantile, normal_quantile

MILLION = 1_000_000


def chances(rng: np.random.Generator, n: np.ndarray) -> np.ndarray:
    """Probabilities of every kind: any, tiny, nearly 1, both ends, a mean of up to 20."""
    size = len(n)
    kind = rng.integers(0, 6, size)
    tiny = 10.0 ** rng.uniform(-12.0, 0.0, size)
    few = 20.0 * rng.random(size) / np.maximum(n, 20.0)
    return np.select([kind == i for i in range(5)], [rng.random(size), tiny, 1.0 - tiny, 0.0 * n, 0.0 * n + 1.0], few)


@pytest.mark.parametrize(("seed", "largest"), [(7, 5001), (8, 121)])
def test_equals_scipy_in_every_one_of_a_million_cases(seed, largest):
    rng = np.random.default_rng(seed)
    n = rng.integers(0, largest, MILLION // 2).astype(float)
    u, p = rng.random(len(n)).clip(2.0**-53), chances(rng, n)
    np.testing.assert_array_equal(binomial_quantile(u, n, p), stats.binom.ppf(u, n, p))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_just_above_and_below_a_step_of_the_distribution(sign):
    """u one thousand-millionth beside P(X <= k): the answer is k + 1 above it and k below."""
    rng = np.random.default_rng(9)
    p = rng.random(100_000)
    n = np.round(rng.uniform(1.0, 40.0, len(p)) / (p * (1.0 - p)).clip(1e-3))
    k = np.round(n * p + rng.uniform(-3.5, 3.5, len(p)) * np.sqrt(n * p * (1.0 - p))).clip(0, n - 1)
    u = special.betaincc(k + 1.0, n - k, p) * (1.0 + sign * 1e-9)
    known = (u > 1e-6) & (u < 1.0 - 1e-6)
    expected = k + (1.0 if sign > 0.0 else 0.0)
    np.testing.assert_array_equal(binomial_quantile(u, n, p)[known], expected[known])


def exact_quantile(u: float, n: int, p: float) -> int:
    """The smallest k with P(X <= k) >= u, in fractions."""
    chance, total = Fraction(p), Fraction(0)
    for k in range(n + 1):
        total += comb(n, k) * chance**k * (1 - chance) ** (n - k)
        if total >= Fraction(u):
            return k
    return n


def test_exact_in_the_far_tails():
    """As far out as a uniform can be; there scipy's own answer is now and then one too low."""
    rng = np.random.default_rng(10)
    for _ in range(150):
        n, p = int(rng.integers(1, 60)), float(rng.choice([rng.random(), 0.02 * rng.random()]))
        u = float(rng.choice([special.ndtr(rng.uniform(-8.2, -4.0)), 1.0 - special.ndtr(rng.uniform(-8.1, -4.0))]))
        assert binomial_quantile(u, n, p) == exact_quantile(u, n, p)


@pytest.mark.parametrize(("n", "p"), [(20, 0.1), (50, 0.05), (300, 0.01), (12, 0.3), (40, 0.9), (300, 0.4)])
def test_exact_at_the_last_400_uniforms(n, p):
    """u = 1 - i / 2**53: where sums counted up from 0 have no digits left to compare."""
    chance, tail, beyond = Fraction(p), Fraction(0), [Fraction(0)] * (n + 1)
    for k in range(n, -1, -1):
        beyond[k] = tail
        tail += comb(n, k) * chance**k * (1 - chance) ** (n - k)
    left = np.arange(1, 400) * 2.0**-53
    expected = [next(k for k in range(n + 1) if beyond[k] <= Fraction(x)) for x in left.tolist()]
    assert binomial_quantile(1.0 - left, n, p).tolist() == expected


@pytest.mark.parametrize("chance", [0.25, 0.75])
def test_luck_exactly_at_a_step_is_below_it(chance):
    """One person: P(X <= 0) is 1 - chance exactly, so that luck still gives 0 and the next uniform 1."""
    step = 1.0 - chance
    assert binomial_quantile([step, step + 2.0**-53], 1.0, chance).tolist() == [0.0, 1.0]


def test_certain_and_impossible_events_and_nobody_at_all():
    u = np.array([2.0**-53, 0.3, 1.0 - 2.0**-53])
    assert binomial_quantile(u, 50.0, 0.0).tolist() == [0.0, 0.0, 0.0]
    assert binomial_quantile(u, 50.0, 1.0).tolist() == [50.0, 50.0, 50.0]
    assert binomial_quantile(u, 0.0, 0.4).tolist() == [0.0, 0.0, 0.0]
    ends = binomial_quantile(u[[0, 2]], 5000.0, 0.5)
    assert 0.0 < ends[0] < ends[1] < 5000.0
    assert ends.sum() == 5000.0  # as likely from above as from below


def test_shapes_broadcast_and_the_result_does_not_depend_on_company():
    rng = np.random.default_rng(11)
    u, p = rng.random((3, 10_000)), rng.random(10_000)
    together = binomial_quantile(u, np.array([[0.0], [77.0], [925.0]]), p)
    assert together.shape == (3, 10_000)
    assert (together[0] == 0.0).all()
    np.testing.assert_array_equal(together[1, 8000:9000], binomial_quantile(u[1, 8000:9000], 77, p[8000:9000]))
    assert binomial_quantile(0.5, 10, 0.5).shape == ()
    assert binomial_quantile(np.empty((2, 0)), 10, 0.5).shape == (2, 0)


def test_more_luck_or_a_higher_chance_is_never_fewer():
    u = np.linspace(1e-9, 1.0 - 1e-9, 20_001)
    for n, p in ((30.0, 0.17), (77.0, 0.06), (925.0, 0.17), (5000.0, 0.999)):
        assert (np.diff(binomial_quantile(u, n, p)) >= 0.0).all()
    p = np.linspace(0.0, 1.0, 20_001)
    for n, luck in ((30.0, 0.3), (77.0, 0.9), (925.0, 1e-6)):
        assert (np.diff(binomial_quantile(luck, n, p)) >= 0.0).all()


def test_draws_have_the_mean_and_variance_of_a_binomial():
    n_draws = 200_000
    u = np.random.default_rng(12).random(n_draws).clip(2.0**-53)
    for n, p in ((300.0, 0.35), (12.0, 0.4), (925.0, 0.1632)):
        k = binomial_quantile(u, n, p)
        variance = n * p * (1.0 - p)
        kurtosis = 3.0 + (1.0 - 6.0 * p * (1.0 - p)) / variance
        assert abs(k.mean() - n * p) < 4.5 * np.sqrt(variance / n_draws)
        assert abs(k.var() - variance) < 4.5 * variance * np.sqrt((kurtosis - 1.0) / n_draws)


def test_one_rate_for_the_programme_spreads_the_outcomes_far_more_than_one_for_each_person():
    """300 people, rate Beta(17.5, 32.5): the outcomes' sd is 21.64; it would be 8.26 with a rate for each person."""
    rng = np.random.default_rng(13)
    n_draws = 200_000
    rate = special.betaincinv(17.5, 32.5, rng.random(n_draws))
    k = binomial_quantile(rng.random(n_draws).clip(2.0**-53), 300.0, rate)
    truth = stats.betabinom(300, 17.5, 32.5)
    assert truth.std() == pytest.approx(21.64, abs=0.005)
    fourth = float(truth.stats(moments="k")) + 3.0
    assert abs(k.var() - truth.var()) < 4.5 * truth.var() * np.sqrt((fourth - 1.0) / n_draws)
    assert abs(k.mean() - 105.0) < 4.5 * truth.std() / np.sqrt(n_draws)


def test_two_versions_of_a_contract_keep_their_luck():
    """A group of 925 at chances that differ by a fifth: counts at the same uniforms correlate above 0.99."""
    u = np.random.default_rng(14).random(50_000).clip(2.0**-53)
    a, b = binomial_quantile(u, 925.0, 0.163), binomial_quantile(u, 925.0, 0.163 * 0.8)
    assert np.corrcoef(a, b)[0, 1] > 0.99


def test_normal_scores():
    assert normal_quantile([0.5, 0.95, 0.99]).tolist() == pytest.approx([0.0, 1.64485362695, 2.32634787404], abs=1e-10)
    assert np.isfinite(normal_quantile([2.0**-53, 1.0 - 2.0**-53])).all()


BETAS = [
    (17.5, 32.5),
    (0.5, 13.0),
    (5 / 3, 13 / 3),
    (5.0, 1.0),
    (1.0, 1.0),
    (0.5, 0.5),
    (200.0, 0.3),
    (1e4, 3e4),
    (1e8, 1e8),
]
UNFIT = [(0.05, 0.05), (0.001, 2.0), (1e15, 1e15)]  # no table is good enough: scipy answers


@pytest.mark.parametrize(("alpha", "beta"), BETAS + UNFIT)
def test_beta_quantiles_equal_scipy_to_11_digits(alpha, beta):
    rng = np.random.default_rng(15)
    u = np.concatenate([rng.random(5000), special.ndtr(rng.uniform(-8.2, 8.2, 5000))]).clip(2.0**-53, 1.0 - 2.0**-53)
    x = beta_quantile(u, alpha, beta)
    np.testing.assert_allclose(x, special.betaincinv(alpha, beta, u), rtol=1e-11, atol=0.0)
    # and turned round: 1 - x of the other tail, small numbers again
    turned = beta_quantile(1.0 - u, beta, alpha)
    np.testing.assert_allclose(turned, special.betaincinv(beta, alpha, 1.0 - u), rtol=1e-11, atol=0.0)


@pytest.mark.parametrize(("alpha", "beta"), BETAS)
def test_beta_quantiles_rise_and_do_not_depend_on_company(alpha, beta):
    u = np.sort(np.random.default_rng(16).random(20_000)).clip(2.0**-53)
    x = beta_quantile(u, alpha, beta)
    slack = 4e-16 if alpha < 1e6 else 1e-13  # rounding, where neighbours are nearer than 1e-11 of a step
    assert (np.diff(x) >= -slack).all()
    assert (beta_quantile(u[5000:6000], alpha, beta) == x[5000:6000]).all()
    assert beta_quantile(u.reshape(100, 200), alpha, beta).shape == (100, 200)
