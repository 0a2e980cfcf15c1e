"""Several factors, and the chi-square draw of a t copula, as contracts get them from a portfolio's file."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import integrate, special, stats

from sibsim.distributions import Uniform
from sibsim.draws import draw_inputs, lattice_points
from sibsim.draws.streams import REPLICATE, Streams
from sibsim.loading import load_portfolio
from sibsim.portfolio import simulate_portfolio
from sibsim.portfolio.factors import factor_scores
from sibsim.scenario import Loading, Portfolio

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


def test_each_contract_takes_its_lattice_in_an_order_of_its_own_in_each_replicate() -> None:
    """As the streams shuffle 1,024 points: no two replicates alike, no two contracts either; all alone, in order."""
    work, care = (replace(STREAMS, replicates=range(3, 5), salt=name) for name in ("work", "care"))
    orders = [one.order(number) for one in (work, care) for number in (3, 4)]
    assert len({tuple(order) for order in orders}) == 4
    assert all(np.array_equal(np.sort(order), np.arange(REPLICATE)) for order in orders)
    price = SimpleNamespace(name="price", distribution=Uniform(0.0, 1.0), dimension=2, formula=None)
    contract = SimpleNamespace(inputs=(price,), correlations=(), copula_df=None)
    points = [lattice_points(2, float(shift)) for shift in work.shifts("price")]
    drawn = draw_inputs(contract, work)["price"]  # type: ignore[arg-type]
    assert np.allclose(drawn, np.concatenate([one[order] for one, order in zip(points, orders, strict=False)]))


def test_correlations_twice_as_large_by_hand() -> None:
    """Squares of 0.25 become 0.5; of 0.36 and 0.36, which would be 1.44 together, a half each. Signs stay."""
    holding = SimpleNamespace(name="a")
    stated = {"x": {"f": 0.5}, "y": {"f": 0.6, "g": -0.6}}
    loadings = tuple(Loading(f, "a", name, size) for name, by in stated.items() for f, size in by.items())
    portfolio = Portfolio(None, (holding,), ("f", "g"), loadings)  # type: ignore[arg-type]
    half = math.sqrt(0.5)
    assert [one.loading for one in portfolio.scaled(2.0).loadings] == pytest.approx([half, half, -half])
    assert [one.loading for one in portfolio.scaled(1.0).loadings] == pytest.approx([0.5, 0.6, -0.6])
    assert [one.loading for one in portfolio.scaled(0.0).loadings] == [0.0, 0.0, 0.0]


def test_the_report_tells_the_loss_with_correlations_doubled() -> None:
    """Of twelve contracts with correlation 0.25 three or more fail, beside the exact answers for 0.25, 0.5 and 0."""
    told = simulate_portfolio(load_portfolio(TWELVE), n_draws=8192, seed=7).summary()["correlation"]
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    for name, rho in (("independent", 0.0), ("stated", 0.25), ("doubled", 0.5)):
        fails = special.ndtr((special.ndtri(0.2) - math.sqrt(rho) * nodes) / math.sqrt(1.0 - rho))
        exact = float(weights @ stats.binom.sf(2, 12, fails) / weights.sum())
        found = told["chance_of_loss"]["all contracts"][name]["value"]
        assert abs(found - exact) < 4.5 * math.sqrt(exact * (1.0 - exact) / told["draws"])
