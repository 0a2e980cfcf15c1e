"""Contracts that fail together: a large pool, two, twelve and twenty of them; a factor at its worst."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.special import ndtri

from sibsim import metrics
from sibsim.draws.streams import Streams
from sibsim.loading import load_portfolio
from sibsim.portfolio import PortfolioResults, simulate_portfolio
from sibsim.portfolio.factors import factor_scores, mix
from sibsim.portfolio.risk import contributions, diversification
from tests.proof.row import Case, Row, close, estimate

DRAWS = 32_768
TWELVE = Path(__file__).parents[1] / "portfolios" / "twelve.yaml"
P, RHO = 0.2, 0.25


@cache
def twelve(*sets: str) -> PortfolioResults:
    return simulate_portfolio(load_portfolio(TWELVE, sets=sets), n_draws=DRAWS, seed=7)


def lost(results: PortfolioResults) -> Any:
    """Contracts that fail, in each future."""
    return results.store.array(("#all", "failing"))


def mean(quantity: str, expected: float, values: Any, plain: float) -> Row:
    found = metrics.estimate_mean(values)
    return estimate(quantity, expected, found.value, found.mc_error, plain=plain / math.sqrt(len(values)))


def share(quantity: str, expected: float, happens: Any) -> Row:
    return mean(quantity, expected, happens * 1.0, math.sqrt(expected * (1.0 - expected)))


# ------------------------------------------------------------------------------------------------ by the engine's parts
def pooled(n_contracts: int, replicates: int) -> Any:
    """Share of alike contracts that fail, whose inputs hang on one factor."""
    streams = Streams(5, range(replicates))
    scores = factor_scores(SimpleNamespace(factors=("economy",)), streams)  # type: ignore[arg-type]
    own = streams.uniform("inputs", "own", n_contracts)
    fails = [mix(u, {"economy": math.sqrt(RHO)}, scores, None, None) < P for u in own]
    return np.mean(fails, axis=0)


def e01() -> Iterator[Row]:
    """Of 400 contracts; the endless pool's variance plus that of 400 coins."""
    found, n = pooled(400, 64), 400
    yield mean("share that fails, mean", 0.2, found, 0.177)
    whole_sd = math.sqrt(0.14627454044**2 + (0.2 * 0.8 - 0.14627454044**2) / n)
    sd = metrics.estimate_sd(found)
    yield estimate("its standard deviation, of 400 contracts", whole_sd, sd.value, sd.mc_error)


def e03() -> Iterator[Row]:
    results = twelve("holdings.twelve.copies=2", f"factors={{economy: {{twelve: {{luck: {math.sqrt(0.3)}}}}}}}")
    fails = lost(results)
    yield share("both fail", 0.0661456997022, fails == 2)
    yield share("at least one fails", 0.333854300298, fails >= 1)


def e04() -> Iterator[Row]:
    fails, told = lost(twelve()), twelve().summary()
    yield mean("contracts that fail, mean", 2.4, fails, 2.17814229009)
    sd = metrics.estimate_sd(fails)
    yield estimate("their standard deviation", 2.17814229009, sd.value, sd.mc_error)
    yield share("none fails", 0.209628236852, fails == 0)
    yield share("three or more fail", 0.397590422118, fails >= 3)
    yield share("six or more fail", 0.100005537506, fails >= 6)
    multiple, net = told["contracts"]["metrics"]["moic"], told["losses"]["net_loss"]
    yield estimate("multiple of all together, mean", 0.96, multiple["mean"], multiple["mc_error"])
    chance = net["probability"]
    yield estimate("chance that all together lose", 0.397590422118, chance["value"], chance["mc_error"])
    yield close("value at risk of the loss, 95 %, of what is lent", 0.5, net["value_at_risk_95"]["value"] / 12e6)
    shortfall = net["expected_shortfall_95"]
    yield estimate(
        "expected shortfall, 95 %, of what is lent",
        0.601904927713,
        shortfall["value"] / 12e6,
        shortfall["mc_error"] / 12e6,
    )
    yield from _alone()
    yield from _layers()


def _alone() -> Iterator[Row]:
    net = twelve("factors=none").summary()["losses"]["net_loss"]
    shortfall = net["expected_shortfall_95"]
    yield close("value at risk with nothing in common", 0.3, net["value_at_risk_95"]["value"] / 12e6)
    yield estimate(
        "expected shortfall with nothing in common",
        0.3479131648,
        shortfall["value"] / 12e6,
        shortfall["mc_error"] / 12e6,
    )


def _layers() -> Iterator[Row]:
    """Of contracts that pay back what was lent, or nothing."""
    even = twelve("holdings.twelve.option=even")
    first, senior = (even.store.array((who, "lost")) for who in ("foundation", "bank"))
    yield mean("first-loss layer (a quarter): expected loss", 0.587705879637, first / 3e6, 0.383)
    yield mean("senior layer: expected loss", 0.0707647067876, senior / 9e6, 0.149)
    yield share("senior layer is hit", 0.263040114043, senior > 0)
    pool = even.summary(chance_of_loss=0.05)["pool"]["lost"]["share_of_committed"]
    yield close("guarantee that protects the principal in 95 of 100 futures", 7 / 12, pool)


def e06() -> Iterator[Row]:
    weights, centre = np.array([0.5, 0.3, 0.2]), np.array([-0.04, -0.06, -0.08])
    sd = np.array([0.1, 0.2, 0.35])
    corr = np.array([[1.0, 0.3, 0.2], [0.3, 1.0, 0.4], [0.2, 0.4, 1.0]])
    z = ndtri(Streams(2, range(64)).uniform("inputs", "three", 3))
    x = weights[:, None] * (centre[:, None] + sd[:, None] * (np.linalg.cholesky(corr) @ z))
    losses = dict(zip(("first", "second", "third"), x, strict=True))
    parts = contributions(losses)
    published = (0.0438205240632, 0.0781977655392, 0.0973203451659)
    for (name, one), value, plain in zip(parts.items(), published, (0.177, 0.207, 0.247), strict=True):
        yield estimate(f"{name} part", value, one.value, one.mc_error, plain=plain / math.sqrt(len(x[0])))
    whole = metrics.estimate_shortfall(sum(losses.values()))
    yield estimate("expected shortfall of the whole", 0.219338634768, whole.value, whole.mc_error)
    yield close("what the parts add up to", whole.value, math.fsum(one.value for one in parts.values()), 1e-9)
    ratio, _ = diversification(losses)
    yield estimate("diversification ratio", 1.35834550306, ratio.value, ratio.mc_error)


def e09() -> Iterator[Row]:
    portfolio = load_portfolio(TWELVE)
    for at, expected in ((0.10, 0.408301492554), (0.05, 0.491158644074), (0.01, 0.644791863624)):
        results = simulate_portfolio(portfolio, n_draws=8192, factors_at={"economy": at})
        found = lost(results) / 12
        plain = math.sqrt(expected * (1.0 - expected) / 12)
        yield mean(f"chance of failure, the factor at its worst {100 * at:g} %", expected, found, plain)


def e10() -> Iterator[Row]:
    changes: Sequence[str] = ("holdings.twelve.copies=20", "holdings.twelve.changes={inputs.price: 1.25 m}")
    net = twelve("factors=none", *changes).store.array(("#all", "net_loss"))
    yield share("all together lose money", 0.370351736097, net > 1e-6)
    yield share("they do not", 0.629648263903, net <= 1e-6)


POOL = "Vasicek (1991), loan loss distribution"
CASES = (
    Case("E01", "large pool, a fifth fails, correlation 0.25", POOL, e01),
    Case("E03", "two contracts, a fifth fails, correlation 0.30", "bivariate normal", e03),
    Case("E04", "twelve contracts on one factor; two layers, a guarantee", "mixture of binomials over the factor", e04),
    Case("E06", "Euler's parts of three jointly normal losses", "Tasche (2008), Euler allocation", e06),
    Case("E09", "chance of failure given a bad common factor", POOL, e09),
    Case("E10", "twenty contracts that hang together in nothing", "binomial", e10),
)
