"""What events do to money, as the settlement asks for it; a contract without events is never interrupted."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sibsim.context import Array, Draw

__all__ = ["CALM", "Calm", "Interrupts", "Mask", "all_of", "gate", "is_not", "share_of", "some"]

Mask = bool | Array
"""Draws in which something holds: one truth for all, or (n_draws,) of them."""


class Interrupts(Protocol):
    """What the settlement asks about events. Each answer is known at the column that is asked about."""

    def decide(self, column: int) -> None:
        """Decide the events of a column, on reports and payments made before."""

    def happened(self, event: str, column: int) -> Mask:
        """Draws in which an event has happened by a column, that day included."""

    def happens(self, event: str, column: int) -> Mask:
        """Draws in which an event happens at this very column."""

    def stopped(self, what: str, column: int) -> Mask:
        """Draws in which something has been stopped by a column, that day included.

        ``what`` is intake, service, draws, payments or everything; a stop of everything stops each of them.
        """

    def is_planned(self, cohort: str, start: int, column: int) -> Mask:
        """Draws in which the group of a cohort that starts at ``start`` has started, or is still expected to."""

    def is_out(self, cohort: str, column: int) -> Mask:
        """Draws in which a cohort is cancelled by a column: it never starts, by what has happened by that day."""

    def runs_short(self, column: int, is_short: Mask) -> None:
        """Note the draws in which a group that is to start at a column cannot be paid for."""


class Calm:
    """No events: nothing happens, nothing stops."""

    def decide(self, column: int) -> None:
        """Nothing to decide."""

    def happened(self, event: str, column: int) -> Mask:
        return False

    def happens(self, event: str, column: int) -> Mask:
        return False

    def stopped(self, what: str, column: int) -> Mask:
        return False

    def is_planned(self, cohort: str, start: int, column: int) -> Mask:
        return True

    def is_out(self, cohort: str, column: int) -> Mask:
        return False

    def runs_short(self, column: int, is_short: Mask) -> None:
        """Nobody is kept away."""


CALM = Calm()


def some(what: Draw | Mask) -> bool:
    """Whether there is anything (an amount that is not 0, a truth) in some draw: `numpy.any`, quick for one number.

    >>> some(0.0), some(-2.0), some(np.array([0.0, 1.0])), some(False)
    (False, True, True, False)
    """
    return bool(what) if isinstance(what, float | int) else bool(what.item(0)) or bool(what.any())


def share_of(amount: Draw, share: Draw) -> Draw:
    """A share of an amount; the whole of it is the amount itself.

    >>> share_of(3.0, 0.5), share_of(np.array([1.0, 2.0]), 1.0).tolist()
    (1.5, [1.0, 2.0])
    """
    return amount if isinstance(share, float) and share == 1.0 else amount * share


def is_not(mask: Mask) -> Mask:
    """Draws in which something does not hold; one truth for all stays one.

    >>> is_not(True), is_not(np.array([True, False])).tolist()
    (False, [False, True])
    """
    return not mask if isinstance(mask, bool) else np.logical_not(mask)


def all_of(one: Mask, other: Mask) -> Mask:
    """Draws in which both hold; one truth for all stays one.

    >>> all_of(True, False), all_of(True, np.array([True, False])).tolist()
    (False, [True, False])
    """
    if one is False or other is False:
        return False
    if one is True or other is True:
        return other if one is True else one
    return np.logical_and(one, other)


def gate(mask: Mask, amount: Draw) -> Draw:
    """An amount where something holds, else 0.

    >>> gate(True, 3.0), gate(False, 3.0), gate(np.array([True, False]), 3.0).tolist()
    (3.0, 0.0, [3.0, 0.0])
    """
    if mask is True:
        return amount
    return 0.0 if mask is False else np.where(mask, amount, 0.0)
