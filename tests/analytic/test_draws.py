"""Streams, lattice, correlations and inputs: what must never change, and what must be true of the numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest
from scipy import optimize, special, stats

from sibsim.distributions import Beta, Fixed, Lognormal, Normal, Uniform
from sibsim.draws import LATTICE, REPLICATE, Streams, correlate, correlation_matrix, draw_inputs, lattice_points
from sibsim.draws.copula import REPAIR_LIMIT, SMALLEST_EIGENVALUE, repair
from sibsim.errors import ModelError
from sibsim.scenario import Correlation, Evidence, Input, Scenario

PINNED = [0.5842586738141661, 0.09674557967085196, 0.682357955542902]
NAMES = ["relapse", "Norrköping", "price", "a" * 300, "wage/hour"]


def scenario(*inputs: tuple, correlations: tuple[Correlation, ...] = ()) -> Scenario:
    """A scenario with these inputs, each (name, distribution, dimension)."""
    return Scenario(
        name="x",
        title="x",
        currency="SEK",
        price_year=2026,
        start=date(2026, 1, 1),
        step_months=3,
        horizon=None,
        discount_rate=None,
        budget_year=1,
        parties=(),
        inputs=tuple(Input(name, dist, "number", Evidence(name, ""), dim) for name, dist, dim in inputs),
        cohorts=(),
        outcomes=(),
        correlations=correlations,
    )


# ------------------------------------------------------------------------------------------------ streams
@pytest.mark.parametrize("layer", ["inputs", "people", "measurement"])
def test_the_same_bytes_whichever_replicates_are_worked_on_together(layer):
    whole = Streams(7, range(12)).uniform(layer, "relapse", 3)
    for size in (1, 5, 8):
        parts = [Streams(7, range(i, min(i + size, 12))).uniform(layer, "relapse", 3) for i in range(0, 12, size)]
        assert np.concatenate(parts, axis=1).tobytes() == whole.tobytes()
    assert whole.shape == (3, 12 * REPLICATE)


def test_more_rows_leave_the_first_ones_as_they_were():
    streams = Streams(7, range(3))
    few, many = streams.uniform("people", "relapse", 2), streams.uniform("people", "relapse", 40)
    assert (many[:2] == few).all()


def test_pinned_numbers_do_not_change_between_processes_or_versions():
    """A changed key or generator would silently change every published run."""
    u = Streams(1, range(2)).uniform("people", "relapse", 1)[0]
    assert u[[0, 1, 1024]].tolist() == PINNED


def test_every_seed_layer_name_replicate_and_copy_has_its_own_luck():
    streams = {
        "run": Streams(1, range(1)).uniform("people", "relapse")[0],
        "seed": Streams(2, range(1)).uniform("people", "relapse")[0],
        "layer": Streams(1, range(1)).uniform("measurement", "relapse")[0],
        "replicate": Streams(1, range(1, 2)).uniform("people", "relapse")[0],
        "copy": Streams(1, range(1), people_copy=1).uniform("people", "relapse")[0],
    } | {name: Streams(1, range(1)).uniform("people", f"{name}2")[0] for name in NAMES}
    for one, other in combinations(streams.values(), 2):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4.5 / math.sqrt(REPLICATE)


def test_a_copy_of_one_layer_leaves_the_other_layers_as_they_are():
    run, fresh = Streams(1, range(2)), Streams(1, range(2), people_copy=2, measurement_copy=0)
    assert (run.uniform("inputs", "x") == fresh.uniform("inputs", "x")).all()
    assert (run.uniform("measurement", "x") == fresh.uniform("measurement", "x")).all()
    assert (run.uniform("people", "x") != fresh.uniform("people", "x")).all()
    fresh = Streams(1, range(2), measurement_copy=2)
    assert (run.uniform("people", "x") == fresh.uniform("people", "x")).all()
    assert (run.uniform("measurement", "x") != fresh.uniform("measurement", "x")).all()
    assert (run.shifts("x") == fresh.shifts("x")).all()


def test_uniforms_are_uniform_and_strictly_inside():
    u = Streams(3, range(200)).uniform("people", "relapse", 2)
    n = u.size
    assert u.min() >= 2.0**-53
    assert u.max() <= 1.0 - 2.0**-53
    assert abs(u.mean() - 0.5) < 4.5 / math.sqrt(12 * n)
    counts = np.histogram(u, bins=100, range=(0, 1))[0]
    chi2 = ((counts - n / 100) ** 2 / (n / 100)).sum()
    assert abs(chi2 - 99.0) < 4.5 * math.sqrt(2 * 99)


# ------------------------------------------------------------------------------------------------ lattice
def joint_tail_variance(first: int, second: int, level: float) -> float:
    """Variance over random shifts of the share of points in a joint tail, over that of plain draws; exact.

    A tail of the baker's transform is an interval of the shifted lattice of length ``level``, around 0 for the low tail
    and around 1/2 for the high one. Two points d steps apart are both in it with probability ``max(level - |d z / n|,
    0)`` (distance round the circle), so all four corners have the same variance.
    """
    steps = np.arange(REPLICATE)

    def both(component: int) -> np.ndarray:
        distance = steps * component % REPLICATE
        return np.maximum(level - np.minimum(distance, REPLICATE - distance) / REPLICATE, 0.0)

    chance = level * level
    variance = REPLICATE * (both(first) * both(second)).sum() - (REPLICATE * chance) ** 2
    return variance / (REPLICATE * chance * (1.0 - chance))


def test_no_two_inputs_share_tails():
    """All 276 pairs, joint tails at 1, 2, 5 and 10 %: variance at most 1.2 times that of plain draws."""
    worst = max(
        joint_tail_variance(a, b, level) for a, b in combinations(LATTICE, 2) for level in (0.01, 0.02, 0.05, 0.10)
    )
    assert worst <= 1.2
    assert joint_tail_variance(LATTICE[3], LATTICE[3], 0.10) > 50.0  # two inputs on one component: useless


def test_pairs_fall_into_46_classes():
    """Pairs (1, z), (1, -z), (1, 1/z) have the same points."""
    classes = set()
    for a, b in combinations(LATTICE, 2):
        z = b * pow(a, -1, REPLICATE) % REPLICATE
        inverse = pow(z, -1, REPLICATE)
        classes.add(min(z, REPLICATE - z, inverse, REPLICATE - inverse))
    assert len(classes) == 46
    assert len(LATTICE) == len(set(LATTICE)) == 24


@pytest.mark.parametrize("pair", [(0, 1), (2, 14), (7, 22)])
def test_the_points_themselves_have_that_variance_over_12000_shifts(pair):
    level, n_shifts = 0.05, 12_000
    chance, counts = level**2, []
    for shifts in np.random.default_rng(15).random((6, n_shifts // 6, 2)):
        points = [np.array([lattice_points(dim, s) for s in shifts[:, i]]) for i, dim in enumerate(pair)]
        first, second = ((p < level, p > 1.0 - level) for p in points)
        counts.append([(a & b).sum(axis=1) for a in first for b in second])
    truth = joint_tail_variance(LATTICE[pair[0]], LATTICE[pair[1]], level) * REPLICATE * chance * (1.0 - chance)
    for corner in np.concatenate(counts, axis=1):
        fourth = ((corner - corner.mean()) ** 4).mean()
        assert abs(corner.mean() - REPLICATE * chance) < 4.5 * math.sqrt(truth / n_shifts)
        assert abs(corner.var() - truth) < 4.5 * math.sqrt((fourth - truth**2) / n_shifts)


def test_one_input_is_spread_evenly_whatever_the_shift():
    for dimension in range(24):
        u = np.sort(lattice_points(dimension, 0.1234567))
        assert np.abs(u - (np.arange(REPLICATE) + 0.5) / REPLICATE).max() < 1.01 / REPLICATE
    extreme = lattice_points(0, 0.0)
    assert extreme.min() == 2.0**-53
    assert extreme.max() == 1.0 - 2.0**-53


def test_a_mean_needs_far_fewer_draws_than_plain_ones():
    """Six inputs, a product of smooth functions: the error of a replicate is below a fifth of a plain one's."""
    inputs = [(f"x{i}", Uniform(0.0, 1.0), i) for i in range(6)]

    def spread(sampling: str) -> float:
        values = draw_inputs(scenario(*inputs), Streams(5, range(200)), sampling)
        product = np.prod([1.0 + (x - 0.5) for x in values.values()], axis=0)
        return float(product.reshape(-1, REPLICATE).mean(axis=1).std())

    assert spread("lattice") < spread("random") / 5.0


# ------------------------------------------------------------------------------------------------ inputs
def test_inputs_have_their_distributions_in_both_kinds_of_sampling():
    price, rate = Lognormal.from_keys({"mean": 5000.0, "sd": 2000.0}), Beta.from_keys({"mean": 0.35, "sd": 0.07})
    inputs = scenario(("price", price, 0), ("rate", rate, 1), ("wage", Normal(1.0, 2.0), None), ("n", Fixed(3.0), None))
    for sampling in ("lattice", "random"):
        values = draw_inputs(inputs, Streams(1, range(64)), sampling)
        n = 64 * REPLICATE
        assert list(values) == ["price", "rate", "wage", "n"]
        assert all(x.shape == (n,) for x in values.values())
        assert (values["n"] == 3.0).all()
        for name, dist in (("price", price), ("rate", rate), ("wage", Normal(1.0, 2.0))):
            assert abs(values[name].mean() - dist.mean) < 4.5 * dist.sd / math.sqrt(n)
            assert abs((values[name] < dist.ppf(0.05)).mean() - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / n)


def test_an_input_added_at_the_end_moves_no_other_and_blocks_do_not_matter():
    three = scenario(*((name, Normal(0.0, 1.0), i) for i, name in enumerate("abc")))
    four = scenario(*((name, Normal(0.0, 1.0), i) for i, name in enumerate("abcd")))
    before, after = (draw_inputs(s, Streams(1, range(8))) for s in (three, four))
    assert all((before[name] == after[name]).all() for name in "abc")
    parts = [draw_inputs(three, Streams(1, range(i, i + 2)))["b"] for i in range(0, 8, 2)]
    assert np.concatenate(parts).tobytes() == before["b"].tobytes()


def test_the_25th_input_is_drawn_plainly():
    inputs = scenario(("a", Uniform(0.0, 1.0), 24), ("b", Uniform(0.0, 1.0), None))
    values, streams = draw_inputs(inputs, Streams(1, range(4))), Streams(1, range(4))
    assert (values["a"] == streams.uniform("inputs", "a")[0]).all()
    assert (values["b"] == streams.uniform("inputs", "b")[0]).all()


# ------------------------------------------------------------------------------------------------ correlations
def pairs(**ranks: float) -> list[Correlation]:
    """``ab=0.3`` is a rank correlation of 0.3 between a and b."""
    return [Correlation((key[0], key[1]), rank) for key, rank in ranks.items()]


@pytest.mark.parametrize("rank", [-0.95, -0.3, 0.0, 0.3, 0.7, 1.0])
def test_sampled_rank_correlation_is_the_one_asked_for(rank):
    n = 64 * REPLICATE
    u = {name: Streams(2, range(64)).uniform("inputs", name)[0] for name in "ab"}
    out = correlate(u, pairs(ab=rank))
    found = stats.spearmanr(out["a"], out["b"]).statistic
    assert abs(found - rank) < 4.5 * (1.0 - rank**2 + 1e-6) * 1.1 / math.sqrt(n) + 1e-7
    for x in out.values():  # each keeps its own distribution
        assert x.min() >= 2.0**-53
        assert x.max() <= 1.0 - 2.0**-53
        assert abs(x.mean() - 0.5) < 4.5 / math.sqrt(12 * n)
        assert abs((x < 0.01).mean() - 0.01) < 4.5 * math.sqrt(0.01 * 0.99 / n)


def test_rank_correlation_becomes_that_of_normal_scores():
    """2 sin(pi rho / 6): 0.5 becomes 0.51764, and 0.3 becomes 0.31287."""
    matrix = correlation_matrix(pairs(ab=0.5, bc=0.3)).matrix
    assert [matrix[0, 1], matrix[1, 2], matrix[0, 2]] == pytest.approx([0.5176380902, 0.3128689301, 0.0])
    # and back again: Spearman's of a normal pair is 6 / pi asin(r / 2)
    assert 6.0 / math.pi * math.asin(matrix[0, 1] / 2.0) == pytest.approx(0.5)


def test_inputs_that_are_not_correlated_are_untouched_to_the_last_bit():
    u = {name: Streams(2, range(8)).uniform("inputs", name)[0] for name in "abcd"}
    out = correlate(u, pairs(bd=0.6))
    assert list(out) == list(u)
    assert all((out[name] == u[name]).all() for name in "abc")  # b leads
    assert (out["d"] != u["d"]).mean() > 0.99
    assert all(x is u[name] for name, x in correlate(u, []).items())


def test_joint_tails_are_those_of_a_normal_pair():
    """Correlation 0.30 of scores, both in their lowest 20 %: 6.615 %."""
    n = 256 * REPLICATE
    u = {name: Streams(4, range(256)).uniform("inputs", name)[0] for name in "ab"}
    out = correlate(u, pairs(ab=6.0 / math.pi * math.asin(0.15)))
    both = ((out["a"] < 0.2) & (out["b"] < 0.2)).mean()
    truth = float(stats.multivariate_normal(cov=[[1.0, 0.3], [0.3, 1.0]]).cdf([special.ndtri(0.2)] * 2))
    assert truth == pytest.approx(0.06615, abs=1e-5)
    assert abs(both - truth) < 4.5 * math.sqrt(truth * (1.0 - truth) / n)


def test_correlations_do_not_depend_on_the_block():
    inputs = [(name, Normal(0.0, 1.0), i) for i, name in enumerate("abc")]
    s = scenario(*inputs, correlations=tuple(pairs(ab=0.5, bc=-0.4)))
    whole = draw_inputs(s, Streams(1, range(9)))
    parts = [draw_inputs(s, Streams(1, range(i, i + 1))) for i in range(9)]
    assert all(np.concatenate([p[name] for p in parts]).tobytes() == whole[name].tobytes() for name in "abc")


def test_a_possible_matrix_is_not_repaired():
    correlated = correlation_matrix(pairs(ab=0.5, ac=0.5, bc=0.5))
    assert correlated.moved == 0.0
    assert correlated.warning == ""
    assert correlation_matrix(pairs(ab=1.0)).warning == ""
    matrix = np.array([[1.0, 0.2], [0.2, 1.0]])
    assert repair(matrix) is matrix


def nearest_by_search(matrix: np.ndarray) -> float:
    """The squared distance to the nearest 3 x 3 correlation matrix, by brute minimisation over its factor."""

    def distance(angles: np.ndarray) -> float:
        a, b, c = angles
        factor = [[1, 0, 0], [math.cos(a), math.sin(a), 0]]
        factor.append([math.cos(b), math.sin(b) * math.cos(c), math.sin(b) * math.sin(c)])
        return float(((np.array(factor) @ np.array(factor).T - matrix) ** 2).sum())

    rng, options = np.random.default_rng(1), {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000}
    starts = rng.random((6, 3)) * math.pi
    return min(optimize.minimize(distance, x, method="Nelder-Mead", options=options).fun for x in starts)


@pytest.mark.parametrize("off", [(0.9, 0.9, 0.0), (0.8, -0.7, 0.6), (0.99, 0.95, 0.88)])
def test_an_impossible_matrix_is_repaired_to_the_nearest(off):
    ab, bc, ac = off
    matrix = np.array([[1.0, ab, ac], [ab, 1.0, bc], [ac, bc, 1.0]])
    assert np.linalg.eigvalsh(matrix)[0] < 0.0
    repaired = repair(matrix)
    assert (np.diag(repaired) == 1.0).all()
    assert (repaired == repaired.T).all()
    assert np.linalg.eigvalsh(repaired)[0] > 0.5 * SMALLEST_EIGENVALUE
    assert ((repaired - matrix) ** 2).sum() == pytest.approx(nearest_by_search(matrix), rel=1e-4)


def test_a_small_repair_is_told_and_a_large_one_refused():
    correlated = correlation_matrix(pairs(ab=0.95, bc=0.95, ac=0.77))
    assert 0.0 < correlated.moved <= REPAIR_LIMIT
    assert f"at most {correlated.moved:.3f} away" in correlated.warning
    u = {name: Streams(2, range(8)).uniform("inputs", name)[0] for name in "abc"}
    assert np.isfinite(correlate(u, pairs(ab=0.95, bc=0.95, ac=0.77))["c"]).all()
    with pytest.raises(ModelError, match="contradict each other"):
        correlation_matrix(pairs(ab=0.9, bc=0.9, ac=0.0))


def test_correlations_that_name_nothing_or_themselves_are_refused():
    with pytest.raises(ModelError, match="name b, which is not uncertain"):
        correlate({"a": np.array([0.5])}, pairs(ab=0.5))
    with pytest.raises(ModelError, match="-1 to 1"):
        correlation_matrix(pairs(ab=1.5))
    with pytest.raises(ModelError, match="needs two inputs"):
        correlation_matrix(pairs(aa=0.5))


def test_inputs_without_spread_may_be_correlated():
    s = scenario(("a", Normal(5.0, 0.0), 0), ("b", Normal(1.0, 1.0), 1), correlations=tuple(pairs(ab=0.5)))
    values = draw_inputs(s, Streams(1, range(8)))
    assert (values["a"] == 5.0).all()
    moved = draw_inputs(replace(s, correlations=()), Streams(1, range(8)))
    assert (values["b"] != moved["b"]).any()
