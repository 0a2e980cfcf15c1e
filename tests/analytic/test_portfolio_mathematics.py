"""Losses that hang together, against published closed forms: Vasicek's pool, Euler's parts, tails of a t copula."""

from __future__ import annotations

import math
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import integrate, special, stats

from sibsim.draws.streams import REPLICATE, Streams
from sibsim.metrics import estimate_mean, estimate_sd, estimate_shortfall
from sibsim.portfolio.factors import factor_scores, mix
from sibsim.portfolio.risk import (
    contributions,
    diversification,
    effective_number,
    exceedance,
    joint,
    pool_size,
    tail_of,
)

P, RHO = 0.2, 0.25
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(200)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def given(z: np.ndarray, p: float = P, rho: float = RHO) -> np.ndarray:
    """Chance of failure where the common factor stands at z."""
    return special.ndtr((special.ndtri(p) - math.sqrt(rho) * z) / math.sqrt(1.0 - rho))


def pool(n: int) -> np.ndarray:
    """Chances of 0 ... n failures in a pool of n, by 200 nodes over the factor."""
    k = np.arange(n + 1)
    return sum(w * stats.binom.pmf(k, n, given(np.array(z))) for z, w in zip(NODES, WEIGHTS, strict=True))


def test_published_answers_follow_from_the_mixture_of_binomials() -> None:
    """E04 by its formula: what the engine is held against elsewhere is the published table."""
    twelve = pool(12)
    assert float(twelve @ np.arange(13)) == pytest.approx(2.4, abs=1e-6)
    assert [float(twelve[0]), float(twelve[3:].sum())] == pytest.approx([0.209628236852, 0.397590422118], abs=1e-6)


def drawn(loading: float, n_contracts: int, seed: int = 5, replicates: int = 64, df: float | None = None) -> np.ndarray:
    """Uniforms of alike inputs on one factor, shape (n_contracts, n_draws)."""
    streams = Streams(seed, range(replicates))
    portfolio = SimpleNamespace(factors=("economy",))
    scores = factor_scores(portfolio, streams)  # type: ignore[arg-type]
    shared = None if df is None else streams.uniform("inputs", "shared")[0]
    own = streams.uniform("inputs", "own", n_contracts)
    return np.array([mix(u, {"economy": loading}, scores, df, shared) for u in own])


def test_large_pool_follows_vasicek() -> None:
    """E01: mean, sd, expected shortfall of the share that fails, of 300 alike contracts."""
    share = (drawn(math.sqrt(RHO), 300) < P).mean(axis=0)
    chances, values = pool(300), np.arange(301) / 300
    mean, sd = estimate_mean(share), estimate_sd(share)
    exact_sd = math.sqrt(float(chances @ values**2) - 0.2**2)
    assert abs(mean.value - 0.2) < 4.5 * mean.mc_error + 1e-9
    assert abs(sd.value - exact_sd) < 4.5 * sd.mc_error
    assert exact_sd == pytest.approx(math.sqrt(0.14627454044**2 + (0.2 * 0.8 - 0.14627454044**2) / 300), abs=1e-6)
    worst = estimate_shortfall(share)
    order = np.cumsum(chances[::-1])
    part = np.clip(0.05 - (order - chances[::-1]), 0.0, chances[::-1])
    assert abs(worst.value - float(part @ values[::-1]) / 0.05) < 4.5 * worst.mc_error
    assert abs(worst.value - 0.584035019494) < 4.5 * worst.mc_error + 0.004  # the limit of an endless pool


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("joint", 0.0661456997022),
        ("default correlation", 0.163410623139),
        ("at least one", 0.333854300298),
        ("second given first", 0.330728498511),
    ],
)
def test_two_contracts_that_fail_together(name: str, published: float) -> None:
    """E03: a chance of 20 % each, normal scores that correlate by 0.30."""
    one, other = (drawn(math.sqrt(0.3), 2, seed=8) < P) * 1.0
    both = one * other
    rows = [x.reshape(-1, REPLICATE).mean(axis=1) for x in (both, one, other)]

    def figure(both: float, one: float, other: float) -> float:
        return {
            "joint": both,
            "default correlation": (both - one * other) / (P * (1.0 - P)),
            "at least one": one + other - both,
            "second given first": both / one,
        }[name]

    own = [figure(*values) for values in zip(*rows, strict=True)]
    error = float(np.std(own, ddof=1)) / math.sqrt(len(own))
    assert abs(float(np.mean(own)) - published) < 4.5 * error


@pytest.mark.parametrize(("df", "level"), [(4.0, 0.01), (4.0, 0.05), (None, 0.01)])
def test_tails_of_a_t_copula_come_together(df: float | None, level: float) -> None:
    """E08: the chance that both are under a low quantile, by quadrature over the chi-square draw and the factor."""
    rho = 0.3

    def exact() -> float:
        if df is None:
            return float(stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([special.ndtri(level)] * 2))
        edge = stats.t.ppf(level, df)

        def given_w(v: float) -> float:
            h = edge * math.sqrt(stats.chi2.ppf(v, df) / df)
            return float(WEIGHTS @ special.ndtr((h - math.sqrt(rho) * NODES) / math.sqrt(1 - rho)) ** 2)

        return float(integrate.quad(given_w, 0.0, 1.0, limit=200)[0])

    both = np.prod(drawn(math.sqrt(rho), 2, seed=21, replicates=128, df=df) < level, axis=0)
    truth = exact()
    assert abs(float(both.mean()) - truth) < 4.5 * math.sqrt(truth * (1 - truth) / both.size)
    if df is not None:
        limit = 2.0 * stats.t.cdf(-math.sqrt((df + 1) * (1 - rho) / (1 + rho)), df + 1)
        assert limit == pytest.approx(0.161757484652, abs=1e-9)
        assert truth / level > limit  # it comes down to the limit, and that of the normal copula to 0


def test_parts_of_losses_with_atoms_do_not_hang_on_the_order_of_futures() -> None:
    """Two of three alike contracts fail in ties: each has the same part, and they add up."""
    patterns = np.array(list(product([0.0, 1.1], repeat=3)))
    x = np.tile(patterns, (1024, 1)).T
    parts = contributions(dict(zip("abc", x, strict=True)))
    assert [one.value for one in parts.values()] == pytest.approx([1.1] * 3)
    heavier = contributions({"a": x[0] * 2.0, "b": x[1], "c": x[2]})
    assert heavier["a"].value == pytest.approx(2.2)
    assert heavier["b"].value == pytest.approx(heavier["c"].value)
    weights = tail_of({"a": x[0], "b": x[1]}).weights
    assert float(weights.sum()) == pytest.approx(0.05 * x.shape[1])
    assert set(np.round(weights[(x[0] > 0) & (x[1] > 0)], 9)) == {0.2}  # a quarter of all futures share 5 %


def test_sizes_and_exceedance_are_order_statistics() -> None:
    loss = np.tile(np.arange(1024.0) - 900.0, 2)
    assert pool_size(loss, 0.05).value == 72.0
    assert pool_size(loss, 0.5).value == 0.0
    assert [(n, one.value) for n, one in exceedance(loss)] == [
        (10, 21.0), (20, 72.0), (50, 103.0), (100, 113.0), (200, 118.0),
    ]  # fmt: skip
    assert effective_number([50.0, 30.0, 20.0]) == pytest.approx(1.0 / 0.38)


def test_pairs_that_fail_together_above_chance() -> None:
    u = drawn(math.sqrt(0.3), 2, seed=8)
    alone = Streams(8, range(64)).uniform("inputs", "alone")[0]
    rows = {"a": (u[0] < P) * 1.0, "b": (u[1] < P) * 1.0, "c": (alone < P) * 1.0}
    first, *others = joint(rows)
    assert first[:2] == ("a", "b")
    assert abs(first[3].value - (0.0661456997022 - 0.04)) < 4.5 * first[3].mc_error
    assert all(abs(excess.value) < 4.5 * excess.mc_error for *_, excess in others)


def test_nothing_is_gained_by_what_moves_as_one() -> None:
    rise = np.tile(np.linspace(-1.0, 3.0, 1024), 8)
    assert [one.value for one in diversification({"a": rise, "b": 2.0 * rise})] == pytest.approx([1.0, 1.0])
    assert all(math.isnan(one.value) for one in diversification({"a": rise, "b": -rise}))


def test_sums_that_only_rounding_sets_apart_are_one_atom() -> None:
    """0.1 + 0.2 is 0.30000000000000004 on a computer, and no worse than 0.3."""
    is_one = np.tile([1.0, 0.0], 1024)
    parts = contributions({"a": 0.1 * is_one, "b": 0.2 * is_one, "c": 0.3 * (1.0 - is_one)})
    assert [one.value for one in parts.values()] == pytest.approx([0.05, 0.1, 0.15])
