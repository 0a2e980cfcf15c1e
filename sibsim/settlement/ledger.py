"""Money moves only by double entry: every transfer has a source and a target, so all parties sum to zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Draw

__all__ = ["Ledger", "Transfer"]


@dataclass
class Transfer:
    """Money of one kind that moves from one party to another.

    Parameters
    ----------
    label : str
        What it is for: the payment, cost, tranche or guarantee of the file.
    kind : str
        payment, cost, shortfall, draw, repayment, surplus, guarantee.
    source, target : str
        Ids of the parties.
    amounts : dict of column to float or (n_draws,) array
        Money, at least 0.
    """

    label: str
    kind: str
    source: str
    target: str
    amounts: dict[int, Draw] = field(default_factory=dict)


class Ledger:
    """All transfers of a block of futures, in order of first use."""

    def __init__(self) -> None:
        self._transfers: dict[tuple[str, str, str, str], Transfer] = {}

    def post(self, column: int, label: str, kind: str, source: str, target: str, amount: Draw) -> None:
        """Move money at a column. Nothing is booked for an amount of zero in every draw."""
        if not np.any(amount):
            return
        key = (label, kind, source, target)
        transfer = self._transfers.setdefault(key, Transfer(label, kind, source, target))
        transfer.amounts[column] = transfer.amounts.get(column, 0.0) + amount

    def __iter__(self) -> Iterator[Transfer]:
        return iter(self._transfers.values())

    def flows(self, party: str) -> dict[int, Draw]:
        """What a party received less what it paid, by column."""
        net: dict[int, Draw] = defaultdict(float)
        for transfer in self:
            if transfer.source == transfer.target:
                continue
            for column, amount in transfer.amounts.items():
                if transfer.target == party:
                    net[column] = net[column] + amount
                if transfer.source == party:
                    net[column] = net[column] - amount
        return dict(net)

    def paid(self, party: str, kinds: tuple[str, ...]) -> dict[int, Draw]:
        """What a party paid in transfers of some kinds, by column."""
        out: dict[int, Draw] = defaultdict(float)
        for transfer in self:
            if transfer.source == party and transfer.target != party and transfer.kind in kinds:
                for column, amount in transfer.amounts.items():
                    out[column] = out[column] + amount
        return dict(out)

    def parties(self) -> list[str]:
        """Ids of all parties that paid or received, in order of first use."""
        return list(dict.fromkeys(p for t in self for p in (t.source, t.target)))
