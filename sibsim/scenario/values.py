"""Values, evidence, parties and inputs: what everything else in a scenario is written with."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sibsim.distributions import Distribution

__all__ = [
    "ACCOUNT",
    "BUILT_IN_MEASURES",
    "ByCohort",
    "Correlation",
    "Evidence",
    "Formula",
    "Group",
    "Input",
    "Number",
    "OUTSIDE",
    "OverTime",
    "Party",
    "Ref",
    "Rounding",
    "STOP_INTAKE",
    "Shares",
    "Unit",
    "Value",
]

ACCOUNT = "account"
"""The contract's account: a party that every scenario has."""
OUTSIDE = "outside"
"""Everybody else: a party that every scenario has."""
STOP_INTAKE = "stop intake"
"""As `shortfall`: people for whose costs nothing is left do not start."""
BUILT_IN_MEASURES = ("starts", "completions", "referrals", "person_months")
"""What a measure may be ``of`` besides an outcome."""

Unit = Literal["number", "percent", "money"]
Group = Literal["offered", "starters", "completers"]


@dataclass(frozen=True)
class Number:
    """A plain number; ``5 %`` is ``Number(0.05, "percent")``, ``4.8 m`` is ``Number(4.8e6, "money")``.

    ``currency`` is the code of money in another currency than the file's: it is worth its exchange rate.
    """

    value: float
    unit: Unit = "number"
    currency: str = ""


@dataclass(frozen=True)
class Ref:
    """The value of an input in each draw. An in-place distribution is an input named by its path."""

    name: str


@dataclass(frozen=True)
class OverTime:
    """A value that changes: each entry holds from its column on, the first also before. At least one entry.

    ``events`` are terms amended by events, in file order: each holds from the day on which its event happens.
    """

    entries: tuple[tuple[int, Number | Ref], ...]
    events: tuple[tuple[str, Number | Ref], ...] = ()

    def at(self, column: int) -> Number | Ref:
        """The value that holds at a column.

        >>> OverTime(((4, Number(1.0)), (8, Number(2.0)))).at(7)
        Number(value=1.0, unit='number', currency='')
        """
        chosen = self.entries[0][1]
        for start, value in self.entries:
            if start <= column:
                chosen = value
        return chosen

    @property
    def every(self) -> tuple[Number | Ref, ...]:
        """All that it may ever be: of each date, and of each event."""
        return (*(value for _, value in self.entries), *(value for _, value in self.events))

    def after(self, happened: Container[str], column: int) -> Number | Ref:
        """The value that holds at a column when some events have happened.

        >>> OverTime(((0, Number(1.0)),), (("review", Number(2.0)),)).after(["review"], 7).value
        2.0
        """
        amended = [value for event, value in self.events if event in happened]
        return amended[-1] if amended else self.at(column)


@dataclass(frozen=True)
class Rounding:
    """To whole multiples of ``to``: the nearest (a half away from 0), the one below or the one above."""

    to: float
    direction: Literal["nearest", "down", "up"] = "nearest"
    unit: Unit = "number"


@dataclass(frozen=True)
class Formula:
    """A product or sum of values, an annuity of (rate, years), or a share above (level, mean, sd): for each draw."""

    kind: Literal["product", "sum", "annuity", "share_above"]
    parts: tuple[Number | Ref | Formula, ...]


Value = Number | Ref | OverTime


@dataclass(frozen=True)
class ByCohort:
    """A value for each cohort, by its name."""

    entries: tuple[tuple[str, Number | Ref], ...]

    def of(self, cohort: str) -> Number | Ref:
        """That of a cohort.

        >>> ByCohort((("north", Number(1.0)), ("south", Number(2.0)))).of("south").value
        2.0
        """
        return dict(self.entries)[cohort]


Shares = tuple[tuple[str, "Value | Literal['rest']"], ...]
"""Parties with their shares; one of them may be ``rest``."""


@dataclass(frozen=True)
class Evidence:
    """Where a figure comes from: ``status`` is contract, published, claimed, derived or assumed (or none given)."""

    path: str
    shown: str
    source: str | None = None
    status: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Party:
    id: str
    name: str
    cash: Value | None = None
    discount_rate: Value | None = None
    pays_at_most: Value | None = None


@dataclass(frozen=True)
class Input:
    """An uncertain (or fixed) value, drawn once per future. ``dimension`` is its lattice dimension, if it has one.

    With a ``formula`` it is worked out of other values, and ``distribution`` says what follows of theirs.
    """

    name: str
    distribution: Distribution
    unit: Unit
    evidence: Evidence
    dimension: int | None = None
    currency: str = ""
    formula: Formula | None = None


@dataclass(frozen=True)
class Correlation:
    """Spearman rank correlation between two uncertain inputs."""

    between: tuple[str, str]
    rank: float
