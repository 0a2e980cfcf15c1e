"""Several factors, and the chi-square draw of a t copula, as contracts get them from a portfolio's file."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import integrate, special, stats

from sibsim.draws.streams import REPLICATE, Streams
from sibsim.loading import load_portfolio
from sibsim.portfolio import simulate_portfolio
from sibsim.portfolio.factors import factor_scores

TWELVE = Path(__file__).parents[1] / "portfolios" / "twelve.yaml"
TWO = SimpleNamespace(factors=("economy", "policy"))
STREAMS = Streams(4, range(32))


@pytest.mark.parametrize("sampling", ["lattice", "random"])
def test_two_factors_hang_together_in_nothing(sampling: str) -> None:
    """Both stand in their lower half in a quarter of the futures, and in their lower tenth in one of 100."""
    one, other = factor_scores(TWO, STREAMS, sampling).values()  # type: ignore[arg-type]
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.5 / math.sqrt(len(one))
    for level in (0.5, 0.1):
        edge, chance = special.ndtri(level), level**2
        both = float(np.mean((one < edge) & (other < edge)))
        assert abs(both - chance) < 4.5 * math.sqrt(chance * (1.0 - chance) / len(one))


def test_each_factor_has_a_shift_of_its_own_in_each_replicate() -> None:
    """The first point of a lattice is where its shift puts it: no two are the same."""
    first = [one[::REPLICATE] for one in factor_scores(TWO, STREAMS).values()]  # type: ignore[arg-type]
    assert len(np.unique(np.concatenate(first))) == 2 * len(STREAMS.replicates)


def test_a_factor_that_is_held_leaves_the_others_as_they_are() -> None:
    free = factor_scores(TWO, STREAMS)  # type: ignore[arg-type]
    held = factor_scores(TWO, STREAMS, at={"policy": 0.05})  # type: ignore[arg-type]
    assert np.array_equal(held["economy"], free["economy"])
    assert set(held["policy"]) == {special.ndtri(0.05)}


def test_contracts_share_the_chi_square_draw_of_a_t_copula() -> None:
    """Two contracts fail with 1 % each and hardly correlate (0.01): with 3 degrees of freedom both fail in 11 of 10 000
    futures, not in 1. By quadrature over the chi-square draw and the factor."""
    chance, df, loading = 0.01, 3.0, 0.1
    edge = stats.t.ppf(chance, df)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)

    def given(v: float) -> float:
        h = edge * math.sqrt(stats.chi2.ppf(v, df) / df)
        fails = special.ndtr((h - loading * nodes) / math.sqrt(1.0 - loading**2))
        return float(weights @ fails**2 / weights.sum())

    exact = integrate.quad(given, 0.0, 1.0)[0]
    luck = f"inputs.luck: {{discrete: [[0, {100 * chance:g} %], [1, {100 - 100 * chance:g} %]], source: TEST}}"
    holding = f"holdings.twelve={{scenario: all-or-nothing.yaml, copies: 2, changes: {{{luck}}}}}"
    sets = [holding, f"copula={{t: {df:g}}}", f"factors={{economy: {{twelve: {{luck: {loading}}}}}}}"]
    results = simulate_portfolio(load_portfolio(TWELVE, sets=sets), n_draws=65_536, seed=5)
    both = float(np.mean(results.store.array(("#all", "failing")) == 2))
    assert exact > 10 * chance**2
    assert abs(both - exact) < 4.5 * math.sqrt(exact * (1.0 - exact) / results.n_draws)
