"""Monte Carlo errors of a portfolio's figures, beside how far the figures of many runs lie apart."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sibsim.context import Array
from sibsim.draws.streams import REPLICATE
from sibsim.loading import load_portfolio
from sibsim.metrics import Estimate
from sibsim.portfolio import simulate_portfolio
from sibsim.portfolio.risk import contributions, diversification, joint

RUNS, REPLICATES = 80, 8
THREE = Path(__file__).parents[1] / "portfolios" / "three.yaml"


def losses(seed: int) -> dict[str, Array]:
    """Two that hang together by 0.5 and one that does not, all skewed."""
    z = np.random.default_rng([11, seed]).standard_normal((4, REPLICATES * REPLICATE))
    rows = math.sqrt(0.5) * z[3] + math.sqrt(0.5) * z[:2]
    return {"a": np.exp(rows[0]), "b": 2.0 * np.exp(0.5 * rows[1]), "c": np.exp(0.5 * z[2])}


def fails(seed: int) -> dict[str, Array]:
    return {name: (loss > 2.5) * 1.0 for name, loss in losses(seed).items()}


FIGURES: dict[str, Callable[[int], Estimate]] = {
    "sd ratio": lambda seed: diversification(losses(seed))[0],
    "shortfall ratio": lambda seed: diversification(losses(seed))[1],
    "contribution": lambda seed: contributions(losses(seed))["b"],
    "contribution of a whole": lambda seed: contributions({"a": losses(seed)["a"]})["a"],
    "contribution to losses of two sizes": lambda seed: contributions(fails(seed))["b"],
    "both fail": lambda seed: next(both for one, other, both, _ in joint(fails(seed)) if (one, other) == ("a", "b")),
    "above chance": lambda seed: next(over for one, other, _, over in joint(fails(seed)) if (one, other) == ("a", "b")),
}


@pytest.mark.parametrize("name", FIGURES)
def test_errors_are_as_large_as_runs_lie_apart(name: str) -> None:
    """The sd of 80 runs is known to 8 %, and the mean of their errors better: 4.5 times that is 36 %."""
    found = [FIGURES[name](seed) for seed in range(RUNS)]
    apart = float(np.std([one.value for one in found], ddof=1))
    told = math.sqrt(float(np.mean([one.mc_error**2 for one in found])))
    assert abs(told / apart - 1.0) < 4.5 / math.sqrt(2.0 * (RUNS - 1))


def test_the_error_of_a_year_is_that_of_its_mean() -> None:
    """A fee from 10 k to 20 k: sd 10 k / sqrt(12), of 16,384 futures drawn at random 22.6. Of 16 replicates an error is
    known to 18 %."""
    results = simulate_portfolio(load_portfolio(THREE, sets=["factors=none"]), n_draws=16_384, sampling="random")
    rows = {row["year"]: row["costs"]["mc_error"] for row in results.summary()["yearly"]}
    exact = 10e3 / math.sqrt(12.0 * 16_384)
    assert abs(rows[2026] / exact - 1.0) < 4.5 / math.sqrt(2.0 * 15)
