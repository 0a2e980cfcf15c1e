"""The same futures under several correlations, side by side: each contract is simulated once for all of them.

What a contract costs hardly hangs on how many draws it is simulated in, so that three correlations next to each other
are much quicker than one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Array, Context
from sibsim.draws import draw_inputs
from sibsim.draws.streams import REPLICATE, Streams
from sibsim.portfolio.contracts import Flows, clipped_in, flows_of, some_of, streams_of
from sibsim.portfolio.factors import factor_scores
from sibsim.portfolio.pool import Pool
from sibsim.scenario import Portfolio

__all__ = ["World", "Worlds"]


@dataclass(frozen=True)
class World:
    """A block of futures under one correlation.

    Parameters
    ----------
    fund : Context
        Of the fund.
    scores : mapping of factor to (n_draws,) array
    flows : list of Flows
        Of every contract, in the order of `Portfolio.copies`; as stated only.
    pool : Pool
        All of them together.
    """

    fund: Context
    scores: dict[str, Array]
    flows: list[Flows] = field(default_factory=list)
    pool: Pool = field(default_factory=Pool)


class Worlds:
    """A block of futures as stated, and the first of them under other correlations.

    Parameters
    ----------
    portfolio : Portfolio
    seed : int
    replicates : range
        Of the portfolio as stated.
    few : range
        The first of these, or none: those under other correlations.
    others : mapping of str to float
        How many times as large the other correlations are.
    sampling : {'lattice', 'random'}
    at : mapping of factor to share
        Factors that stand at a quantile in every future.
    """

    def __init__(
        self,
        portfolio: Portfolio,
        seed: int,
        replicates: range,
        few: range,
        others: Mapping[str, float],
        sampling: str,
        at: Mapping[str, float],
    ) -> None:
        self.portfolio, self.seed, self.sampling = portfolio, seed, sampling
        self.replicates, self.few = replicates, few
        self.others = dict(others) if few else {}
        self.streams = Streams(seed, (*replicates, *(one for _ in self.others for one in few)))
        self.scores = factor_scores(portfolio, self.streams, sampling, at)
        own = streams_of(portfolio, None, self.streams)
        inputs = draw_inputs(portfolio.fund, own, "random" if sampling == "random" else "lattice")
        self.fund = Context(portfolio.fund, own, inputs)

    @property
    def stated(self) -> slice:
        """Draws of the portfolio as stated."""
        return slice(0, len(self.replicates) * REPLICATE)

    def _draws(self, number: int) -> slice:
        """Draws under another correlation, by its number."""
        n = len(self.few) * REPLICATE
        return slice(self.stated.stop + number * n, self.stated.stop + (number + 1) * n)

    def simulate(self) -> dict[str, World]:
        """Every contract in every world: as stated under the name ``run``, the others under their own.

        A contract without loadings is the same in all of them.
        """
        each = [(self.portfolio, self.stated)]
        each += [(self.portfolio.scaled(by), self._draws(i)) for i, by in enumerate(self.others.values())]
        worlds = [self._world(draws, self.few if i else self.replicates) for i, (_, draws) in enumerate(each)]
        stated, loaded = worlds[0], {one.holding for one in self.portfolio.loadings}
        first = slice(0, len(self.few) * REPLICATE)
        for copy in self.portfolio.copies:
            if len(each) > 1 and copy.holding.name in loaded:
                flows = flows_of(self.portfolio, copy, self.fund, self.scores, self.streams, self.sampling, each)
                apart = [flows.of(draws) for _, draws in each]
            else:
                streams = Streams(self.seed, self.replicates)
                flows = flows_of(self.portfolio, copy, stated.fund, stated.scores, streams, self.sampling)
                apart = [flows if world is stated else flows.of(first) for world in worlds]
            stated.flows.append(apart[0])
            for world, one in zip(worlds, apart, strict=True):
                world.pool.add(one)
        for place, share in clipped_in(self.fund.clipped, self.stated).items():
            stated.fund.clipped[place] = np.maximum(stated.fund.clipped.get(place, 0.0), share)
        return dict(zip(("run", *self.others), worlds, strict=True))

    def _world(self, draws: slice, replicates: range) -> World:
        """One of them, in which no contract is simulated yet."""
        own = streams_of(self.portfolio, None, Streams(self.seed, replicates))
        inputs = {name: np.asarray(some_of(values, draws)) for name, values in self.fund.inputs.items()}
        scores = {name: score[draws] for name, score in self.scores.items()}
        return World(Context(self.portfolio.fund, own, inputs), scores)
