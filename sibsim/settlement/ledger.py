"""Money moves only by double entry: every transfer has a source and a target, so all parties sum to zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sibsim.context import Draw
from sibsim.settlement.hooks import some

__all__ = ["Entry", "Ledger"]


@dataclass
class Entry:
    """Money of one kind that moves from one party to another, on some of the dates.

    Parameters
    ----------
    label : str
        What it is for: the payment, cost, tranche or guarantee of the file.
    kind : str
        payment, cost, shortfall, draw, repayment, surplus, guarantee; money back (of a negative payment) and refund (of
        a surplus), both to the payers.
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
    """All transfers of a block of futures.

    They are read in order of their names and dates, so that sums do not depend on which came first in a block.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str, str, str], Entry] = {}

    def post(self, column: int, label: str, kind: str, source: str, target: str, amount: Draw) -> None:
        """Move money at a column. Nothing is booked for an amount of zero in every draw."""
        if not some(amount):
            return
        key = (label, kind, source, target)
        entry = self._entries.setdefault(key, Entry(label, kind, source, target))
        entry.amounts[column] = entry.amounts.get(column, 0.0) + amount

    def __iter__(self) -> Iterator[Entry]:
        return iter(entry for _, entry in sorted(self._entries.items()))

    def flows(self, party: str) -> dict[int, Draw]:
        """What a party received less what it paid, by column."""
        net: dict[int, Draw] = defaultdict(float)
        for entry in self:
            if entry.source == entry.target:
                continue
            for column, amount in entry.amounts.items():
                if entry.target == party:
                    net[column] = net[column] + amount
                if entry.source == party:
                    net[column] = net[column] - amount
        return dict(sorted(net.items()))

    def paid(self, party: str, kinds: tuple[str, ...]) -> dict[int, Draw]:
        """What a party paid in transfers of some kinds, by column."""
        out: dict[int, Draw] = defaultdict(float)
        for entry in self:
            if entry.source == party and entry.target != party and entry.kind in kinds:
                for column, amount in entry.amounts.items():
                    out[column] = out[column] + amount
        return dict(sorted(out.items()))

    def received(self, party: str, *, but_from: Collection[str] = ()) -> dict[int, Draw]:
        """What a party received, by column, from all but some others."""
        into: dict[int, Draw] = defaultdict(float)
        for entry in self:
            if entry.target == party and entry.source not in (party, *but_from):
                for column, amount in entry.amounts.items():
                    into[column] = into[column] + amount
        return dict(sorted(into.items()))

    def parties(self) -> list[str]:
        """Ids of all parties that paid or received."""
        return list(dict.fromkeys(p for t in self for p in (t.source, t.target)))
