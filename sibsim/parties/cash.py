"""The margin of one who delivers, and the cash of one who waits for its money."""

from __future__ import annotations

import numpy as np

from sibsim.context import Context, Draw
from sibsim.parties.book import Book, total
from sibsim.parties.table import SHORT, Table
from sibsim.settlement import Moved

__all__ = ["besides_loans", "cash_of"]


def besides_loans(settlement: Moved, party: str, book: Book) -> Draw:
    """What a party got less what it paid, its loans left out."""
    own = [s for s in settlement.tranches.values() if s.tranche.by == party]
    lent = sum((total(s.lent) for s in own), 0.0)
    left = total(book.net) + lent - sum((total(s.returned) for s in own), 0.0)
    size = total({column: np.abs(amount) for column, amount in book.net.items()})
    least = np.maximum(1e-12 * np.asarray(size), -SHORT)  # each day's net may itself be what rounding leaves
    return np.where(np.abs(left) <= least, 0.0, left)  # what only rounding leaves is nothing


def cash_of(table: Table, context: Context, settlement: Moved, party: str, book: Book) -> None:
    """Margin, and the cash of a party that waits for its money: the lowest balance and whether it runs out."""
    cash = context.scenario.party(party).cash
    balance: Draw = 0.0 if cash is None else context.value(cash)
    opening, lowest = balance, balance
    first: Draw = np.nan
    for column, amount in sorted(book.net.items()):
        balance = balance + amount
        lowest = np.minimum(lowest, balance)
        first = np.where(np.isnan(first) & (np.asarray(balance) < SHORT), float(column), first)
    table[party, "margin"] = besides_loans(settlement, party, book)
    table[party, "lowest_cash"] = np.where(np.abs(lowest) <= -SHORT, 0.0, lowest)  # as above
    if cash is not None:
        table[party, "runs_out"] = (np.asarray(lowest) < SHORT) * 1.0
        table[party, "opening_cash"] = opening
        table[party, "first_short"] = first
