"""One tranche as it stands: what was lent, what is owed, what came back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Context, Draw
from sibsim.scenario import Tranche

__all__ = ["TrancheState", "lacking"]

SLACK = 1e-9
"""Part of what was lent that is no loss, and no debt: rounding."""


@dataclass
class TrancheState:
    """One tranche as it stands: money in the scenario's currency, one number a draw."""

    tranche: Tranche
    committed: Draw
    has_claim: bool
    """False for a tranche that some payment names in ``to``: it lives from such payments only."""
    drawn: Draw = 0.0
    principal: Draw = 0.0
    interest: Draw = 0.0
    repaid: Draw = 0.0
    received: Draw = 0.0
    written_off: Draw = 0.0
    lent: dict[int, Draw] = field(default_factory=dict)
    returned: dict[int, Draw] = field(default_factory=dict)
    """Money lent and money back by column, apart: on one day there may be both. What a lender pays back is negative."""

    def lend(self, column: int, amount: Draw) -> None:
        """Draw money from the lender."""
        self.drawn = self.drawn + amount
        if self.tranche.kind == "loan":
            self.principal = self.principal + amount
        self.lent[column] = self.lent.get(column, 0.0) + amount

    def parts(self, amount: Draw, is_surplus: bool = False) -> tuple[Draw, Draw]:
        """What of money back to the lender is unpaid interest, and what is principal; the rest is gain.

        A surplus repays no principal that is kept for until it matures.
        """
        interest = np.minimum(self.interest, amount)
        return interest, 0.0 if is_surplus and self.tranche.matures is not None else np.minimum(
            self.principal, amount - interest
        )

    def receive(self, column: int, amount: Draw, is_surplus: bool = False) -> None:
        """Money back to the lender: first unpaid interest, then principal, the rest is gain."""
        self.returned[column] = self.returned.get(column, 0.0) + amount
        self.received = self.received + amount
        interest, principal = self.parts(amount, is_surplus)
        dust = SLACK * self.drawn
        self.interest = _without(self.interest - interest, dust)
        self.principal = _without(self.principal - principal, dust)
        self.repaid = self.repaid + principal

    def pay_back(self, column: int, amount: Draw) -> None:
        """Money from the lender to the payers: a negative receipt. What is owed to the lender does not change."""
        self.returned[column] = self.returned.get(column, 0.0) - amount
        self.received = self.received - amount

    @property
    def undrawn(self) -> Draw:
        """What may still be drawn under the commitment of the day."""
        return np.maximum(self.committed - self.drawn, 0.0)

    @property
    def loss(self) -> Draw:
        """Drawn less received, undiscounted; 0 where nothing was lost."""
        return np.where(self.received < self.drawn * (1.0 - SLACK), self.drawn - self.received, 0.0)

    @property
    def is_capped(self) -> bool:
        """Whether this tranche's return has a cap of its own."""
        return self.tranche.cap.irr is not None or self.tranche.cap.multiple is not None

    def room(self, context: Context, column: int) -> Draw | None:
        """What this tranche may still get at a column under its own cap; None without one."""
        cap = self.tranche.cap
        rooms: list[Draw] = []
        if cap.multiple is not None:
            rooms.append(context.value(cap.multiple, column) * self.drawn - self.received)
        if cap.irr is not None:
            rooms.append(lacking(context, [self], context.yearly_rate(cap.irr, column), column))
        if not rooms:
            return None
        least = rooms[0] if len(rooms) == 1 else np.minimum(rooms[0], rooms[1])
        return _without(least, SLACK * self.drawn)


def _without(owed: Draw, dust: Draw) -> Draw:
    """What is owed, or may still be had; nothing where that is no more than what rounding leaves."""
    return owed * (owed > dust)


def lacking(context: Context, states: list[TrancheState], rate: Draw, column: int) -> Draw:
    """What some tranches together would have to get at a column to have earned a yearly rate.

    ``sum of lent x (1 + rate) ** years since - sum of received x (1 + rate) ** years since``; below 0 where they have
    had more.

    Returns
    -------
    float or (n_draws,) array
        Money.
    """
    total: Draw = 0.0
    for state in states:
        for sign, flows in ((1.0, state.lent), (-1.0, state.returned)):
            for day, amount in sorted(flows.items()):
                total = total + sign * amount * (1.0 + rate) ** (context.years(column) - context.years(day))
    return total
