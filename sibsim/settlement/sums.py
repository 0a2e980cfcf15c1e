"""Sums of payments: what one owes on a date, and what was due, cut and paid so far."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sibsim.context import Draw
from sibsim.scenario import Payment

__all__ = ["Due", "Path", "Total"]


@dataclass
class Due:
    """What one payment owes on one date, after its own cap; ``low`` and ``high`` are its declared bounds."""

    payment: Payment
    amount: Draw
    low: Draw = 0.0
    high: Draw = 0.0


@dataclass
class Path:
    """Money so far, in all and by budget year."""

    total: Draw = 0.0
    by_year: dict[int, Draw] = field(default_factory=lambda: defaultdict(float))

    def add(self, year: int, amount: Draw) -> None:
        self.total = self.total + amount
        self.by_year[year] = self.by_year[year] + amount


@dataclass
class Total:
    """Sums of one payment (or of the whole contract) so far."""

    due: Draw = 0.0
    cut: Draw = 0.0
    path: Path = field(default_factory=lambda: Path())
    lowest: Path = field(default_factory=lambda: Path())
    highest: Path = field(default_factory=lambda: Path())
    """The least and the most that could have been paid so far, under the same caps."""

    @property
    def paid(self) -> Draw:
        return self.path.total
