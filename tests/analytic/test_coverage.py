"""How often an interval holds the truth: 1,000 runs of the engine at the fewest replicates, none with those of another.

Exact answers: of the capped rate card by enumeration of the beta-binomial distribution, of the lognormal bullet by
``ln(1 + IRR) = ln(multiple) / 3``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.metrics import (
    REPLICATE,
    Estimate,
    estimate_mean,
    estimate_quantiles,
    estimate_share,
    estimate_shortfall,
    interval,
)
from sibsim.parties import Table, tabulate
from sibsim.scenario import Scenario
from sibsim.simulate import FEWEST_REPLICATES, future
from tests.support import HEAD, deal, scenario

SEEDS, OF_A_SEED = 125, 8
"""Runs that are simulated together: each has eight replicates of the seed, drawn apart from all others."""
N = FEWEST_REPLICATES * REPLICATE
Figures = Callable[[Table], Mapping[str, Estimate]]


def coverage(what: Scenario, figures: Figures, truths: Mapping[str, float]) -> dict[str, int]:
    """In how many of 1,000 runs the interval at 95 % of each figure holds its truth."""
    covered = dict.fromkeys(truths, 0)
    for seed in range(SEEDS):
        context = begin(what, Streams(seed, range(OF_A_SEED * FEWEST_REPLICATES)))
        world = future(context)
        table = tabulate(context, world.settlement, world.benefits)
        table = table | {("#contract", "cap_binds"): world.settlement.cap_binds()}
        arrays = {key: values for key, values in table.items() if np.shape(values) == (OF_A_SEED * N,)}
        for run in range(OF_A_SEED):
            found = figures({key: values[run * N : (run + 1) * N] for key, values in arrays.items()})
            for name, truth in truths.items():
                low, high = interval(found[name], FEWEST_REPLICATES)
                covered[name] += low <= truth <= high
    return covered


def of_rate_card(table: Table) -> dict[str, Estimate]:
    return {
        "mean": estimate_mean(table["payer", "outcome_payments"]),
        "cap binds": estimate_share(table["#contract", "cap_binds"]),
        "loss": estimate_share(table["investor", "loss"]),
        "shortfall": estimate_shortfall(-table["investor", "net_gain"], 0.95),
    }


def of_bullet(table: Table) -> dict[str, Estimate]:
    return dict(
        zip(("p05", "p50", "p95"), estimate_quantiles(table["investor", "irr"], (0.05, 0.5, 0.95)), strict=True)
    )


@pytest.mark.slow
def test_of_the_capped_rate_card() -> None:
    truths = {"mean": 788568.170215, "cap binds": 0.141620176477, "loss": 0.236249590777, "shortfall": 184091.935153}
    found = coverage(scenario("rate-card"), of_rate_card, truths)
    assert all(930 <= count <= 970 for count in found.values()), found


@pytest.mark.slow
def test_of_quantiles_of_a_lognormal_bullet() -> None:
    """The hardest case for quasi-random points: one input decides all, and a replicate leaves its quantile one gap."""
    mean = 100 * math.exp(0.10 + 0.25**2 / 2)
    text = deal(
        HEAD,
        inputs=f"{{back: {{lognormal: {{mean: {mean:.12f}, sd: {mean * math.sqrt(math.expm1(0.25**2)):.12f}}}}}}}",
        measures="none",
        contract="{payments: {p: {amount: back, at: 2023-01}}}",
        costs="{c: {amount: 100}}",
        finance="{tranches: {loan: {amount: 100}}}",
    )
    truths = {"p05": -0.0985383723486, "p50": 0.0338951135136, "p95": 0.185784367253}
    found = coverage(scenario(text), of_bullet, truths)
    assert all(930 <= count <= 970 for count in found.values()), found
