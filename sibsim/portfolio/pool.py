"""What moves between a fund and all its contracts together, added up contract by contract.

So that no contract's money by date need be kept where only that of all is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Draw, added
from sibsim.portfolio.contracts import Flows
from sibsim.scenario import Copy
from sibsim.settlement.tranches import SLACK

__all__ = ["Pool", "loss_of", "pooled"]


@dataclass
class Pool:
    """Money of the contracts so far, by column of the fund, one number a draw.

    ``lent`` and ``returned`` are sums of theirs. ``back`` is what comes back from those that give something back;
    ``out`` is what is lent, and what contracts must give back to their payers: that is lent to them.
    """

    lent: dict[int, Draw] = field(default_factory=dict)
    returned: dict[int, Draw] = field(default_factory=dict)
    back: dict[int, Draw] = field(default_factory=dict)
    out: dict[int, Draw] = field(default_factory=dict)
    losses: list[Draw] = field(default_factory=list)
    """Of each contract what is lost on it."""
    net_loss: Draw = 0.0
    """All that was lent less all that came back."""
    ends: list[tuple[Copy, Draw]] = field(default_factory=list)
    """Of each contract the column at which an event ends it."""

    def add(self, flows: Flows) -> None:
        """Add a contract, after those before it in the order of `Portfolio.copies`."""
        for column, amount in flows.lent.items():
            _put(self.lent, column, amount)
            _put(self.out, column, amount)
        for column, amount in flows.returned.items():
            _put(self.returned, column, amount)
            _put(self.back, column, np.maximum(amount, 0.0))
            if np.any(np.less(amount, 0.0)):
                _put(self.out, column, np.maximum(-np.asarray(amount), 0.0))
        self.losses.append(loss_of(flows))
        self.net_loss = self.net_loss + flows.net_loss
        self.ends.append((flows.copy, flows.ends))


def pooled(flows: Iterable[Flows]) -> Pool:
    """All contracts together, in their order."""
    pool = Pool()
    for one in flows:
        pool.add(one)
    return pool


def _put(into: dict[int, Draw], column: int, amount: Draw) -> None:
    into[column] = added(into[column], amount) if column in into else 0.0 + amount


def loss_of(flows: Flows) -> Draw:
    """What is lost on one contract: all that was lent less all that came back; 0 where nothing was lost."""
    lent, back = (sum((a for _, a in sorted(of.items())), 0.0) for of in (flows.lent, flows.returned))
    return np.where(np.asarray(back) < np.asarray(lent) * (1.0 - SLACK), lent - np.asarray(back), 0.0)
