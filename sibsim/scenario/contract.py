"""The contract, its events, and the money around it: costs, benefits and finance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal

from sibsim.scenario.reports import Condition
from sibsim.scenario.values import ACCOUNT, Number, OverTime, Rounding, Shares, Value

__all__ = ["Benefit", "Cap", "Cost", "Event", "Finance", "Guarantee", "Payment", "Row", "Tranche", "amended_by"]


@dataclass(frozen=True)
class Row:
    """A row of ``steps``, ``line`` or ``prices``.

    ``at`` is None for ``otherwise``; ``strict`` for ``above V``; ``of`` names the step, event or measure of a price.
    """

    at: Value | None
    pays: Value
    strict: bool = False
    of: str | None = None


@dataclass(frozen=True)
class Cap:
    total: Value | None = None
    per_year: Value | None = None
    per_cohort: Value | None = None
    per_person: Value | None = None
    irr: Value | None = None
    multiple: Value | None = None


@dataclass(frozen=True)
class Payment:
    """What a payer owes. ``shape`` is a key of `sibsim.shapes.SHAPES`; ``parameter`` a Value or rows."""

    name: str
    shape: str
    parameter: Value | tuple[Row, ...]
    measure: str | None = None
    """x: a measure or an earlier payment."""
    at: tuple[int, ...] | None = None
    over: float | None = None
    band: tuple[Value | None, Value | None] | None = None
    of: Literal["drawn", "outstanding", "committed"] | Value | None = None
    if_: Condition | None = None
    index: Value = Number(0.0, "percent")
    floor: Value | None = None
    cap: Cap = Cap()
    by: Shares = (("payer", "rest"),)
    by_over_time: tuple[tuple[int, Shares], ...] = ()
    """Who pays from each column on, where that changes as a whole; the first also before. Empty: always ``by``."""
    by_event: tuple[tuple[str, Shares], ...] = ()
    """Who pays as a whole from the day on which an event happens; of several the later one here."""
    to: str = ACCOUNT
    at_event: str | None = None
    is_per_year: bool = False
    is_compound: bool = False
    rest_of: str | None = None
    is_cumulative: bool = False
    less: tuple[str, ...] = ()
    """Payments of which what they have paid so far is taken off what this one owes."""
    split: Literal["size", "size among met"] | None = None
    times: str | None = None
    """A measure: the result is multiplied by its latest reading."""
    round: Rounding | None = None

    @property
    def payers(self) -> tuple[str, ...]:
        """Everybody who ever pays a part of it."""
        changed = (shares for _, shares in (*self.by_over_time, *self.by_event))
        return tuple(dict.fromkeys(who for shares in (self.by, *changed) for who, _ in shares))


@dataclass(frozen=True)
class Event:
    """What may interrupt the contract, at most once. ``at`` None: any column from ``from_`` to ``until``."""

    name: str
    at: tuple[int, ...] | None = None
    chance: Value = Number(1.0, "percent")
    chance_per_year: Value | None = None
    from_: int | None = None
    until: int | None = None
    if_: Condition | None = None
    cancels: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    """Of intake, service, draws, payments; or everything."""


@dataclass(frozen=True)
class Cost:
    name: str
    amount: Value
    per: Literal["contract", "starter", "completer", "offered", "person_month"] = "contract"
    over: float | None = None
    at: tuple[int, ...] | None = None
    from_: int = 0
    by: str = ACCOUNT
    to: str = "provider"
    index: Value = Number(0.0, "percent")
    at_event: str | None = None
    paid_from: str | None = None
    """A tranche that is drawn for it, before any other money is used; that tranche is drawn for nothing else."""


@dataclass(frozen=True)
class Benefit:
    name: str
    of: str
    kind: Literal["cashable", "capacity", "societal"]
    to: str = "payer"
    worth: Value = Number(1.0)
    per: Literal["unit", "year"] = "unit"
    share: Value = Number(1.0, "percent")
    index: Value = Number(0.0, "percent")
    from_: float | None = None
    until: float | None = None
    """Months since the person's start between which it is booked; None is from the start, to the horizon."""


@dataclass(frozen=True)
class Tranche:
    """``drawn`` on dates is (column, amount) pairs, each for that date only."""

    name: str
    by: str
    amount: Value
    drawn: Literal["as needed", "upfront"] | tuple[tuple[int, Value], ...] = "as needed"
    kind: Literal["loan", "grant"] = "loan"
    rank: int = 1
    rate: Value = Number(0.0, "percent")
    hurdle: Value = Number(0.0, "percent")
    after: str | None = None
    """An event: it opens only when that has happened."""
    cap: Cap = Cap()
    """Of its own return: ``irr``, ``multiple``."""
    if_: Condition | None = None
    """It is drawn only on days on which this holds."""
    matures: int | None = None
    """Principal is repaid from this column on; before it the account pays interest only and keeps the principal."""
    is_drawn_for_costs: bool = False
    """Where it is settled what was drawn ``as needed``: after the payments of the day."""


@dataclass(frozen=True)
class Guarantee:
    name: str
    by: str
    covers: tuple[str, ...]
    over: Value = Number(0.0)
    share: Value = Number(1.0, "percent")
    up_to: Value | None = None


@dataclass(frozen=True)
class Finance:
    """Who puts money up first. ``distribute`` None is at once; ``surplus`` None is the default of the language.

    ``recycle`` None keeps receipts apart from costs; "all", or the months of planned costs they are kept for.
    ``shortfall`` is a party, or "stop intake".
    """

    tranches: tuple[Tranche, ...]
    distribute: tuple[int, ...] | None = None
    surplus: Shares | None = None
    shortfall: str = "provider"
    guarantees: tuple[Guarantee, ...] = ()
    recycle: Literal["all"] | float | None = None
    distribute_event: str | None = None
    surplus_from: int | None = None
    """Nothing is paid as surplus before this column; it is kept."""


def amended_by(thing: object) -> tuple[str, ...]:
    """The events that amend some term of a scenario, or of a part of it.

    >>> amended_by(Cost("visits", OverTime(((0, Number(9.0)),), (("review", Number(7.0)),))))
    ('review',)
    """
    return tuple(dict.fromkeys(_amending(thing)))


def _amending(thing: object) -> Iterator[str]:
    parts = tuple(thing.values()) if isinstance(thing, Mapping) else thing if isinstance(thing, tuple | list) else ()
    if isinstance(thing, OverTime):
        yield from (event for event, _ in thing.events)
    elif is_dataclass(thing):
        parts = [getattr(thing, field.name) for field in fields(thing)]
    if isinstance(thing, Payment):
        yield from (event for event, _ in thing.by_event)
    for part in parts:
        yield from _amending(part)
