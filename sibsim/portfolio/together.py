"""What contracts do to each other: what diversification gains, where risk sits, what fails together and why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim import metrics
from sibsim.assumptions import is_uncertain
from sibsim.context import Array
from sibsim.figures import finite, probability, with_error
from sibsim.portfolio.figures import ALL, COPY, FACTOR
from sibsim.portfolio.held import Held
from sibsim.portfolio.risk import diversification, effective_number, joint, tail_mean
from sibsim.scenario import Copy, Holding, OverTime, Portfolio, Ref, Value

if TYPE_CHECKING:
    from sibsim.portfolio.run import PortfolioResults

__all__ = ["concentration", "correlation", "diversified", "joint_failures", "worst"]

MOST_PAIRS = 10
NOT_SAID = "not said"


def diversified(held: Held) -> dict[str, Any]:
    """The risks of the contracts, each by itself, added up, and how many times the whole's that is."""
    losses = held.net_losses_of_contracts
    sd, shortfall = diversification(losses)
    alone = math.fsum(metrics.estimate_shortfall(loss).value for loss in losses.values())
    return {"sd_ratio": with_error(sd), "shortfall_ratio": with_error(shortfall), "alone_sum": alone}


def concentration(held: Held) -> dict[str, Any]:
    """Who pays, who delivers, in which field: what is committed there, and what it adds to the worst 5 %.

    Where several pay or deliver, each has an equal part.
    """
    ways: dict[str, Callable[[Holding], Sequence[str]]] = {
        "payer": held.payers,
        "provider": held.providers,
        "field": lambda one: [held.field(one)] if held.field(one) else [],
        "holding": lambda one: [one.name],
    }
    tables = {what: _table(held, names) for what, names in ways.items()}
    numbers = {what: finite(effective_number([row["committed"] for row in rows])) for what, rows in tables.items()}
    return {"by": tables, "effective_number": numbers}


def _table(held: Held, names: Callable[[Holding], Sequence[str]]) -> list[dict[str, Any]]:
    committed: dict[str, float] = {}
    added: dict[str, float] = {}
    of = {name: one.value for name, one in held.contributions["net_loss"].items()}
    for holding in held.holdings:
        who = names(holding) or [NOT_SAID]
        for name in who:
            committed[name] = committed.get(name, 0.0) + held.committed[holding.name] / len(who)
            added[name] = added.get(name, 0.0) + of[holding.name] / len(who)
    total, whole = math.fsum(committed.values()), math.fsum(added.values())
    size = max(abs(one) for one in added.values())
    rows = [
        {
            "name": name,
            "committed": amount,
            "share": amount / total if total > 0.0 else None,
            "contribution_share": added[name] / whole if whole > 1e-9 * size else None,
        }
        for name, amount in committed.items()
    ]
    return sorted(rows, key=lambda row: (-row["committed"], row["name"]))


def joint_failures(results: PortfolioResults) -> dict[str, Any]:
    """How many contracts give back less than was lent, and which do so together."""
    failing, n = results.store.array((ALL, "failing")), len(results.portfolio.copies)
    counts = np.bincount(failing.astype(int), minlength=n + 1)
    seen = [k for k in range(n + 1) if counts[k]]
    return {
        "mean": with_error(metrics.estimate_mean(failing)),
        "none": probability((failing == 0) * 1.0),
        "any": probability((failing > 0) * 1.0),
        "quarter": probability((failing >= 0.25 * n) * 1.0),
        "half": probability((failing >= 0.5 * n) * 1.0),
        "number": [
            {"contracts": k, "probability": with_error(metrics.estimate_mean((failing == k) * 1.0))} for k in seen
        ],
        "pairs": _pairs(results),
    }


def _pairs(results: PortfolioResults) -> list[dict[str, Any]]:
    """The two that fail together most above chance: contracts of two holdings, or two contracts of one.

    Copies are alike, so that the first of each (the first two of one) speak for all. Of many pairs some differ by
    chance alone: told are those that would not with 99 % certainty if all were independent (Bonferroni).
    """
    store, fails = results.store, dict[str, Array]()
    holding_of: dict[str, Copy] = {}
    for copy in results.portfolio.copies:
        row = (store.array((COPY, copy.label, "lost")) > 0.0) * 1.0
        if copy.number <= 2 and 0.0 < row.mean() < 1.0:
            fails[copy.label], holding_of[copy.label] = row, copy
    found = []
    clear = _clear(len(fails) * (len(fails) - 1) // 2, results.asked.n_replicates)
    for one, other, both, excess in joint(fails):
        a, b = holding_of[one], holding_of[other]
        is_asked = a.holding.name == b.holding.name or a.number == b.number == 1
        if is_asked and excess.value > clear * excess.mc_error:
            apart = {"value": both.value - excess.value, "mc_error": excess.mc_error}
            names = [a.holding.name, b.holding.name]
            found.append({"holdings": names, "together": with_error(both), "if_independent": apart})
    return found[:MOST_PAIRS]


def _clear(n_pairs: int, n_replicates: int) -> float:
    """Errors above chance that none of so many independent pairs would pass in 99 of 100 runs, by Student's t.

    >>> round(_clear(1, 16), 2), round(_clear(78, 16), 2)
    (2.6, 4.75)
    """
    from scipy.special import stdtrit

    return float(stdtrit(n_replicates - 1, 1.0 - 0.01 / max(n_pairs, 1)))


def worst(held: Held) -> dict[str, Any]:
    """What happens in the worst 5 % of futures by net loss of all contracts, and where the factors stand there."""
    store, tail = held.store, held.tail
    factors = held.results.portfolio.factors
    return {
        "share": 0.05,
        "net_loss": with_error(tail_mean(tail, store.array((ALL, "net_loss")))),
        "failing": with_error(tail_mean(tail, store.array((ALL, "failing")))),
        "factors": {name: {"score": with_error(tail_mean(tail, store.array((FACTOR, name))))} for name in factors},
    }


def correlation(results: PortfolioResults) -> dict[str, Any]:
    """What was assumed to be in common, and what the chance of loss is without it and with twice as much."""
    portfolio = results.portfolio
    by_factor: dict[str, list[dict[str, Any]]] = {name: [] for name in portfolio.factors}
    for one in portfolio.loadings:
        by_factor[one.factor].append({"holding": one.holding, "input": one.input, "loading": one.loading})
    stores = {"stated": results.store, **results.others}
    keys: dict[str, tuple[str, ...]] = {"all contracts": (ALL, "net_loss")}
    keys |= {t.name: ("#tranche", t.name, "net_loss") for t in results.portfolio.fund.loans}
    order = ("independent", "stated", "doubled")
    few = min((store.n_draws for store in stores.values()), default=results.n_draws)
    told: dict[str, dict[str, Any]] = {"chance_of_loss": {}, "expected_shortfall_95": {}}
    for what, key in keys.items():
        losses = {name: stores[name].array(key)[:few] for name in order if name in stores}
        told["chance_of_loss"][what] = {name: probability(_is_lost(loss)) for name, loss in losses.items()}
        told["expected_shortfall_95"][what] = {
            name: with_error(metrics.estimate_shortfall(loss)) for name, loss in losses.items()
        }
    return {
        "stated": bool(portfolio.loadings),
        "factors": by_factor,
        "exchange_rates": _shared_rates(portfolio),
        "copula_df": portfolio.fund.copula_df,
        **told,
        "draws": few,
    }


def _shared_rates(portfolio: Portfolio) -> list[str]:
    """Currencies of two contracts or more, whose rate is not the same in every future: that they have in common."""
    contracts = Counter(copy.holding.scenario.currency for copy in portfolio.copies)
    spread = {one.name for one in portfolio.fund.inputs if is_uncertain(one)}

    def is_spread(rate: Value) -> bool:
        every = rate.every if isinstance(rate, OverTime) else (rate,)
        return any(isinstance(one, Ref) and one.name in spread for one in every)

    rates = portfolio.fund.exchange_rates
    return sorted(code for code, rate in rates.items() if contracts[code] > 1 and is_spread(rate))


def _is_lost(loss: Array) -> Array:
    return (loss > 1e-9 * max(float(np.abs(loss).max()), 1.0)) * 1.0
