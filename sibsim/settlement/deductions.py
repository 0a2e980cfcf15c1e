"""What is taken off what a payment owes: what others have paid, and what was due of it before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.context import Array, Draw
from sibsim.settlement.sums import Part
from sibsim.settlement.telling import Teller, changed

__all__ = ["ToDate", "less_before", "less_paid"]


@dataclass
class ToDate:
    """Of a payment for one cohort: when it was last due; if it is cumulative, what was due in all, and its bounds."""

    last: int = 0
    due: Draw = 0.0
    low: Draw = 0.0
    high: Draw = 0.0


def less_paid(part: Part, other: str, paid: Draw, tell: Teller | None) -> None:
    """What another payment has paid so far is taken off what is due, and off its bounds; money may go back."""
    part.amount = changed(tell, "less", part.amount, part.amount - paid, of=other, paid=paid)
    part.low, part.high = part.low - paid, part.high - paid


def less_before(part: Part, so_far: ToDate, is_due: Array, is_conditional: bool) -> None:
    """What is reckoned is all that is due to date; what was due before is taken off.

    Where nothing is due today, what was due stands. The bounds are those of the sum to date.
    """
    before, so_far.due = so_far.due, np.where(is_due, part.amount, so_far.due)
    part.amount = so_far.due - before
    if is_conditional:
        so_far.low, so_far.high = np.minimum(so_far.low, part.low), np.maximum(so_far.high, part.high)
    else:
        so_far.low = np.where(is_due, part.low, so_far.low)
        so_far.high = np.where(is_due, part.high, so_far.high)
