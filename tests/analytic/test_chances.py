"""The laws of what happens to people: exact quantiles, and chains whose law does not hang on the ages asked for."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from sibsim.chances import chain, negative_binomial_quantile, poisson_quantile
from tests.support import LIMIT, z_of_covariance, z_of_mean, z_of_variance

RNG = np.random.default_rng(20)
U = np.concatenate([RNG.random(4000), [2.0**-53, 1e-12, 1e-6, 0.5, 1 - 1e-6, 1 - 1e-12, 1 - 2.0**-53]])


def is_smallest(k: np.ndarray, u: np.ndarray, law: object) -> bool:
    """Whether k is the smallest with P(X <= k) >= u, compared in the smaller tail."""

    def enough(x: np.ndarray) -> np.ndarray:
        return np.where(u < 0.5, law.cdf(x) >= u, law.sf(x) <= 1.0 - u)  # type: ignore[attr-defined]

    return bool(np.all(enough(k)) and np.all((k == 0) | ~enough(k - 1)))


@pytest.mark.parametrize("mean", [1e-9, 0.01, 0.7, 3.0, 29.0, 240.0, 1550.0, 3e5])
def test_the_poisson_quantile_is_exact_to_the_last_integer(mean: float) -> None:
    k = poisson_quantile(U, mean)
    assert is_smallest(k, U, poisson(mean))
    middle = (U > 1e-6) & (U < 1 - 1e-6)
    assert np.array_equal(k[middle], poisson.ppf(U[middle], mean))


@pytest.mark.parametrize("mean", [0.01, 1.55, 40.0, 1550.0])
@pytest.mark.parametrize("size", [0.05, 0.941656873876, 7.0, 941.656873876, 1e7])
def test_the_negative_binomial_quantile_is_exact_to_the_last_integer(mean: float, size: float) -> None:
    k = negative_binomial_quantile(U, mean, size)
    law = nbinom(size, size / (size + mean))
    middle = (U > 1e-6) & (U < 1 - 1e-6)
    assert np.count_nonzero(k[middle] != law.ppf(U[middle])) <= (size > 1e6)  # scipy's 1 - p is rounded there
    assert size > 1e6 or is_smallest(k, U, law)


def test_quantiles_at_the_edges() -> None:
    assert poisson_quantile([0.1, 0.9], 0.0).tolist() == [0.0, 0.0]
    assert negative_binomial_quantile([[0.1], [0.9]], [0.0, 5.0], np.inf).shape == (2, 2)
    assert np.array_equal(negative_binomial_quantile(U, 5.0, np.inf), poisson_quantile(U, 5.0))


def luck(n: int, seed: int = 3) -> object:
    made: dict[object, np.ndarray] = {}

    def of(age: float | None) -> np.ndarray:
        key = -1 if age is None else int(age * 8)
        return made.setdefault(key, np.random.default_rng([seed, key + 1]).random(n))

    return of


N, DRAWS = 50.0, 40_000


@pytest.mark.parametrize("ages", [(24.0,), (6.0, 24.0), (6.0, 12.0, 18.0, 24.0)])
@pytest.mark.parametrize(("kind", "level", "sd"), [("count", 1.55, 1.6), ("count", 3.0, 0.0), ("days", 30.0, 45.0)])
def test_amounts_keep_their_law_whatever_the_ages(kind: str, level: float, sd: float, ages: tuple[float, ...]) -> None:
    """By a part t of the time: mean n m t; variance n (m t + (sd t)^2) for a count, n (sd t)^2 for days."""
    parts = {a: a / 24.0 for a in ages}
    x = chain(kind, N, {a: level * t for a, t in parts.items()}, parts, sd, luck(DRAWS))  # type: ignore[arg-type]
    own = 1.0 if kind == "count" else 0.0
    for a, t in parts.items():
        variance = N * (own * level * t + (sd * t) ** 2)
        assert abs(z_of_mean(x[a], N * level * t, math.sqrt(variance))) < LIMIT
        assert abs(z_of_variance(x[a], variance)) < LIMIT
    for a, b in itertools.pairwise(ages):
        if kind == "count":
            assert np.all(x[a] <= x[b])
            assert abs(z_of_covariance(x[a], x[b], N * (level * parts[a] + sd**2 * parts[a] * parts[b]))) < LIMIT
        else:
            assert np.allclose(x[a] - N * level * parts[a], (x[b] - N * level * parts[b]) * a / b)


def test_a_count_is_negative_binomial_to_the_last_cell() -> None:
    """Ten people in two stretches: still a negative binomial of mean 10 m and size 10 m^2 / sd^2."""
    m, sd, n = 0.4, 0.5, 10.0
    x = chain("count", n, {6.0: m / 4, 24.0: m}, {6.0: 0.25, 24.0: 1.0}, sd, luck(DRAWS))[24.0]  # type: ignore[arg-type]
    size = n * m**2 / sd**2
    law = nbinom(size, size / (size + n * m))
    for k in range(12):
        chance = float(law.pmf(k))
        assert abs(z_of_mean(x == k, chance, math.sqrt(chance * (1 - chance)))) < LIMIT, k


def test_a_number_without_chance_asks_for_no_luck() -> None:
    def none(age: float | None) -> np.ndarray:
        raise AssertionError("asked for luck")

    assert chain("money", 4.0, {6.0: 5.0, 12.0: 10.0}, {6.0: 0.5, 12.0: 1.0}, 0.0, none) == {6.0: 20.0, 12.0: 40.0}
    assert chain("score", 4.0, {6.0: 5.0}, {}, 0.0, none) == {6.0: 20.0}


def test_people_and_spread_may_differ_by_draw() -> None:
    n, sd = np.array([0.0, 3.0, 3.0]), np.array([1.0, 0.0, 2.0])
    one = lambda age: np.array([0.7, 0.7, 0.7])  # noqa: E731
    x = chain("count", n, {12.0: 2.0}, {12.0: 1.0}, sd, one)[12.0]
    size = 3 * 4 / 4
    assert x.tolist() == [0.0, poisson.ppf(0.7, 6.0), nbinom.ppf(0.7, size, size / (size + 6.0))]
