"""A portfolio in the same futures: every contract, the fund that holds them, and how much hangs on correlation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from sibsim.context import Array, refuse_unsimulated
from sibsim.draws.streams import REPLICATE, Streams
from sibsim.jobs import Job, Tables, run_job
from sibsim.portfolio.contracts import can_end, planned_lending
from sibsim.portfolio.factors import factor_scores
from sibsim.portfolio.figures import financed, tabulate_fund, tabulate_losses
from sibsim.portfolio.fund import last_column, settle_fund
from sibsim.portfolio.worlds import Worlds
from sibsim.results import Results, Run, Store
from sibsim.scenario import Portfolio
from sibsim.simulate import DEFAULT_DRAWS, FEWEST_REPLICATES, refuse_clipped, replicates_for

__all__ = ["CORRELATIONS", "Asked", "PortfolioResults", "portfolio_job", "simulate_portfolio"]

BLOCK = 8
"""Replicates worked on together."""
CORRELATIONS = {"independent": 0.0, "doubled": 2.0}
"""Other correlations than stated of which the chance of loss is told: how many times as large."""
FEWEST_PIECES = 2
"""From how many pieces other processes are worth starting: each is as many simulations as there are contracts."""


@dataclass(frozen=True)
class Asked:
    """What was asked for.

    Parameters
    ----------
    portfolio : Portfolio
    n_replicates, seed, sampling
        As in `sibsim.simulate.simulate`.
    factors_at : mapping of factor to share
        Factors that stand at a quantile in every future.
    """

    portfolio: Portfolio
    n_replicates: int
    seed: int = 1
    sampling: str = "lattice"
    factors_at: Mapping[str, float] = field(default_factory=dict)

    lending: Mapping[int, float] = field(default_factory=dict)
    """What the fund is planned to lend and no event can end, by column; none where nobody asks."""
    ending: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    """By holding: what it is planned to lend to each copy, of those that an event can end."""
    last: int = 0
    """The last column of the fund where money can be due."""


def simulate_portfolio(
    portfolio: Portfolio,
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 1,
    workers: int | None = 1,
    sampling: str = "lattice",
    progress: Callable[[int, int], None] | None = None,
    factors_at: Mapping[str, float] | None = None,
) -> PortfolioResults:
    """Simulate a portfolio: draw i of every contract is the same future.

    Parameters
    ----------
    portfolio : Portfolio
    n_draws, seed, workers, sampling, progress
        As in `sibsim.simulate.simulate`.
    factors_at : mapping of factor to share, optional
        Factors that stand at this quantile in every future.

    Returns
    -------
    PortfolioResults

    Raises
    ------
    ScenarioError
        A contract cannot be simulated.
    ModelError
        A chance of a contract outside [0, 1] in more than 1 % of the futures, or an unknown factor.
    IdentityError
        Money was lost or made: a fault of sibsim.
    """
    return run_job(portfolio_job(portfolio, n_draws, seed, sampling, factors_at), workers, progress)


def portfolio_job(
    portfolio: Portfolio,
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 1,
    sampling: str = "lattice",
    factors_at: Mapping[str, float] | None = None,
) -> Job[PortfolioResults]:
    """The same as a job, to be done by `sibsim.jobs.run_job`: here, in parts, or on a cluster."""
    for holding in portfolio.holdings:
        refuse_unsimulated(holding.scenario)
    n_replicates = replicates_for(n_draws)
    lending, last = _lending(portfolio), last_column(portfolio)
    asked = Asked(portfolio, n_replicates, seed, sampling, dict(factors_at or {}), *lending, last)
    factor_scores(portfolio, Streams(seed, range(1)), sampling, asked.factors_at)  # refuses what is no factor
    few = min(n_replicates, FEWEST_REPLICATES) * REPLICATE
    others = dict.fromkeys(_others(asked), few)
    return Job(
        work=partial(_work, asked),
        finish=partial(_finished, asked),
        pieces=_pieces(n_replicates, bool(others)),
        sizes={"run": n_replicates * REPLICATE, **others},
        fewest=FEWEST_PIECES,
    )


def _pieces(n_replicates: int, has_others: bool) -> list[range]:
    """The replicates of every block; the first few, which are simulated under other correlations too, in two parts."""
    cuts = {*range(0, n_replicates, BLOCK), *([FEWEST_REPLICATES // 2] if has_others else []), n_replicates}
    return [range(first, end) for first, end in pairwise(sorted(cuts))]


def _others(asked: Asked) -> Mapping[str, float]:
    """Which other correlations are worked out, beside those stated.

    None where a factor is held at a point: with no correlation it would then be no stress, with twice a stronger one.
    """
    return CORRELATIONS if asked.portfolio.loadings and not asked.factors_at else {}


def _lending(portfolio: Portfolio) -> tuple[dict[int, float], dict[str, dict[int, float]]]:
    """What the fund is planned to lend, by column, where its plan decides what is kept: to all contracts together that
    no event can end, and to one copy of each holding that one can.

    It keeps receipts for it with ``recycle``; and capital that is still to be lent stands for no principal that falls
    due later (``matures``).
    """
    found: dict[int, float] = {}
    ending: dict[str, dict[int, float]] = {}
    finance = portfolio.fund.finance
    if finance is None or (finance.recycle is None and all(loan.matures is None for loan in portfolio.fund.loans)):
        return found, ending
    for holding in portfolio.holdings:
        plan = planned_lending(portfolio.fund, holding)
        if can_end(holding.scenario):
            ending[holding.name] = plan
            continue
        for column, amount in plan.items():
            found[column] = found.get(column, 0.0) + holding.copies * amount
    return found, ending


def _work(asked: Asked, replicates: range) -> Tables:
    """One block: its numbers; and of the first few replicates the losses if correlations were others."""
    few = range(replicates.start, min(replicates.stop, FEWEST_REPLICATES))
    others = _others(asked)
    found: Tables = {}
    worlds = Worlds(asked.portfolio, asked.seed, replicates, few, others, asked.sampling, asked.factors_at).simulate()
    for name, world in worlds.items():
        moved = settle_fund(world.fund, world.pool, asked.lending, asked.last, asked.ending)
        if name == "run":
            rate = asked.portfolio.has_rate
            table = tabulate_fund(world.fund, world.flows, world.pool, moved, world.scores, rate)
        else:
            table = tabulate_losses(world.pool, moved)
        found[name] = (table, world.fund.n_draws)
    return found


def _finished(asked: Asked, stores: Mapping[str, Store]) -> PortfolioResults:
    results = PortfolioResults(asked, stores["run"], {name: stores[name] for name in CORRELATIONS if name in stores})
    found = results.results.clipped()
    refuse_clipped(asked.portfolio.fund, found)
    for holding in asked.portfolio.holdings:
        mine = f"{holding.name}: "
        own = {place.removeprefix(mine): share for place, share in found.items() if place.startswith(mine)}
        refuse_clipped(holding.scenario, own)
    return results


class PortfolioResults:
    """What came of a portfolio.

    Parameters
    ----------
    asked : Asked
    store : Store
        Per-draw numbers.
    others : mapping of str to Store
        The losses of the first draws with other correlations than stated.
    """

    def __init__(self, asked: Asked, store: Store, others: Mapping[str, Store]) -> None:
        self.asked = asked
        self.store = store
        self.others = dict(others)
        fund = financed(asked.portfolio.fund)
        run = Run(fund, asked.n_replicates, asked.seed, asked.sampling)
        self.results = Results(run, store, {}, lambda replicates: None)
        """The fund as one contract, for figures of parties."""

    @property
    def portfolio(self) -> Portfolio:
        return self.asked.portfolio

    @property
    def n_draws(self) -> int:
        return self.store.n_draws

    def metric(self, holding: str, name: str) -> Array:
        """One metric of a holding in each draw, shape (n_draws,); KeyError if it has none such."""
        key = ("#holding", holding, name)
        if key not in self.store:
            raise KeyError(f"{holding} has no metric {name!r}")
        return self.store.array(key)

    def per_draw(self) -> dict[str, Array]:
        """Every figure that differs between futures, by column name."""
        from sibsim.portfolio.per_draw import per_draw

        return per_draw(self)

    def summary(self, chance_of_loss: float = 0.05) -> dict[str, Any]:
        """Everything the reports show; ``chance_of_loss`` is the one wanted, for the size of a pool."""
        from sibsim.portfolio.told import summarise

        return summarise(self, chance_of_loss)
