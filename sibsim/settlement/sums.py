"""Sums of payments: what one owes on a date, and what was due, cut and paid so far."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Draw
from sibsim.scenario import Payment

__all__ = ["Due", "Part", "Path", "Total", "plain"]


def plain(amount: Draw) -> Draw:
    """One number as a float, however it came about."""
    return float(amount) if np.ndim(amount) == 0 else amount


@dataclass
class Part:
    """What is due for one cohort (or for all together) on one date, before any cap, with its declared bounds."""

    amount: Draw
    low: Draw = 0.0
    high: Draw = 0.0
    most: Draw | None = None
    """What is left of it under the cap for each person, where there is one."""
    most_in_all: Draw = np.inf
    """The cap of the cohort, or the cap for each person x all people there are: over all dates."""
    own: Draw = 0.0
    """What is left of it under the caps for each person and cohort."""


@dataclass
class Due:
    """What one payment owes on one date, after its own cap; ``low`` and ``high`` are its declared bounds.

    Below 0 it is owed to those who otherwise pay.
    """

    payment: Payment
    amount: Draw
    low: Draw = 0.0
    high: Draw = 0.0
    most: Draw = 0.0
    """The most of this date alone: what the contract's cap leaves of earlier dates may still come to be paid."""
    parts: dict[str | None, Part] = field(default_factory=dict)
    """By cohort, where the measure is reported for each; else under the key None."""


@dataclass
class Path:
    """Money so far, in all and by budget year."""

    total: Draw = 0.0
    by_year: dict[int, list[Draw]] = field(default_factory=lambda: defaultdict(list))
    """Amounts of each year: they are added up where a cap for a year asks."""

    def add(self, year: int, amount: Draw) -> None:
        self.total = self.total + amount
        self.by_year[year].append(amount)

    def of_year(self, year: int) -> Draw:
        """Money of a year so far, in the order in which it came."""
        so_far: Draw = 0.0
        for amount in self.by_year[year]:
            so_far = so_far + amount
        return so_far


@dataclass
class Total:
    """Sums of one payment (or of one cohort's part in it, or of the whole contract) so far."""

    due: Draw = 0.0
    cut: Draw = 0.0
    path: Path = field(default_factory=lambda: Path())
    lowest: Path = field(default_factory=lambda: Path())
    highest: Path = field(default_factory=lambda: Path())
    """The least and the most that could have been paid so far, under the same caps."""
    least_cap: Draw | None = None
    most_cap: Draw | None = None
    """The lowest and the highest cap so far: of a payment reckoned to date in total; of a cohort its own."""
    least_so_far: Draw = 0.0
    parts: dict[str | None, Total] = field(default_factory=lambda: defaultdict(Total))
    """The same for each cohort."""

    @property
    def paid(self) -> Draw:
        return self.path.total
