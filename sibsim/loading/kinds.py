"""Readers of what is not a number: texts, choices, durations, dates, schedules, names of things in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from sibsim.loading.dates import column_of_day, column_of_text, months_of_text
from sibsim.loading.keys import NOT_YET, Key, read
from sibsim.loading.place import Place, Skip, attempt, did_you_mean, listed
from sibsim.loading.scalars import explain_date, parse_date, parse_duration
from sibsim.loading.values import COUNT, Sort, unwrap
from sibsim.scenario import ACCOUNT, OUTSIDE, Number
from sibsim.timeline import STEPS, add_months

__all__ = [
    "TABLES",
    "Choice",
    "Reference",
    "Whole",
    "choice",
    "column",
    "date_of",
    "duration",
    "duration_above",
    "from_start",
    "party",
    "rank",
    "reference",
    "schedule",
    "schedule_or_event",
    "text",
    "whole",
    "year",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def text(place: Place) -> str:
    """Any text. A plain number or `no` is a text too where a text must stand."""
    if place.node.kind != "text" or not place.node.text.strip():
        raise place.wrong(f"must be a text, got {place.node.shown}")
    return place.node.text.strip()


@dataclass(frozen=True)
class Choice(Generic[T_co]):
    """What `choice` returns: ``meanings`` by word, and the words that a later version brings."""

    meanings: Mapping[str, T_co]
    later: Sequence[str] = ()

    def __call__(self, place: Place) -> T_co:
        node = unwrap(place).node
        word = node.text.strip() if node.kind == "text" else ""
        if word in self.meanings:
            return self.meanings[word]
        if word in self.later:
            raise place.wrong(f"'{word}' {NOT_YET}; use {listed(self.meanings)}")
        near = did_you_mean(word, [*self.meanings, *self.later])
        raise place.wrong(f"must be {listed(self.meanings)}, got {node.shown}{near}")


def choice(words: Mapping[str, T] | Sequence[T], later: Sequence[str] = ()) -> Callable[[Place], T]:
    """One of some words; a mapping gives what each word means."""
    return Choice(dict(words) if isinstance(words, Mapping) else {str(word): word for word in words}, later)


# ------------------------------------------------------------------------------------------------ time
def duration(place: Place) -> float:
    """A duration in months, 0 or more."""
    return months_of_text(unwrap(place))


def duration_above(place: Place) -> float:
    """A duration in months, above 0."""
    return months_of_text(unwrap(place), lowest=1e-9)


def date_of(place: Place) -> date:
    """A day of the calendar."""
    inner = unwrap(place)
    day = parse_date(inner.node.text.strip()) if inner.node.kind == "text" else None
    if day is None:
        how = explain_date(inner.node.text) if inner.node.kind == "text" else ""
        raise inner.wrong(f"expected a date, e.g. 2020-06; got {inner.node.shown}{f': {how}' if how else ''}")
    if not 1900 <= day.year <= 2200:
        raise inner.wrong(f"must be a date from 1900 to 2200, got {inner.node.shown}")
    return day


def from_start(place: Place, found: int) -> int:
    """The column, if it is not before `start`."""
    if found < 0:
        raise place.wrong(f"{place.node.shown} is before `start` ({place.context.start:%Y-%m})")
    return found


def column(place: Place) -> int:
    """The column of a date, or of a duration from `start`; not before `start`."""
    inner = unwrap(place)
    if inner.node.kind != "text":
        raise inner.wrong(f"expected a date, e.g. 2020-06; got {inner.node.shown}")
    return from_start(inner, column_of_text(inner))


def schedule(place: Place) -> tuple[int, ...]:
    """The columns of a date, a list of dates or ``{every: year, from: DATE, until: DATE}``, in rising order."""
    inner = unwrap(place)
    node = inner.node
    if node.kind == "mapping":
        return _repeated(inner)
    if node.kind == "text":
        if inner.context.names.get(node.text) == "event":
            raise inner.wrong(f"'{node.text}' is an event; dates must stand here, e.g. 2020-06")
        return (column(inner),)
    columns = [attempt(column, part) for part in inner.parts()]
    found = [c for c in columns if c is not None]
    if len(found) < len(columns):
        raise Skip
    if not found:
        raise inner.wrong("the list of dates is empty")
    if len(set(found)) < len(found):
        raise inner.wrong("two dates fall in one column; keep one, or shorten `step`")
    return tuple(sorted(found))


def schedule_or_event(place: Place) -> tuple[int, ...] | str:
    """A schedule, or the name of an event: the day on which that happens, where it does."""
    inner = unwrap(place)
    if inner.node.kind == "text" and inner.context.names.get(inner.node.text) == "event":
        return inner.node.text
    return schedule(place)


def _repeated(place: Place) -> tuple[int, ...]:
    given = read(place, STEPS_KEYS)
    first, last, months = given["from"], given["until"], given["every"]
    if months < place.context.step_months:
        raise place.wrong("repeats more often than `step`; lengthen `every` or shorten `step`")
    if last < first:
        raise place.wrong("`until` is before `from`; `until` is the last date")
    columns, number = [], 0
    while add_months(first, number * months) <= last:
        day = add_months(first, number * months)
        columns.append(from_start(place, column_of_day(place, day, day.isoformat())))
        number += 1
    return tuple(columns)


def _every(place: Place) -> int:
    word = text(unwrap(place))
    months = STEPS.get(word) or parse_duration(word)
    if not months or months != int(months):
        raise place.wrong(f"must be {listed(STEPS)} or whole months, e.g. 6 months; got {place.node.shown}")
    return int(months)


def _day(place: Place) -> date:
    """A date, or a duration from `start`, within a hundred years."""
    inner = unwrap(place)
    word = inner.node.text.strip() if inner.node.kind == "text" else ""
    months = parse_duration(word)
    if months is not None:
        months_of_text(inner)
        return add_months(place.context.start, int(months))
    day = date_of(inner)
    column_of_text(inner)
    return day


STEPS_KEYS = (
    Key("every", _every, "needed", "how often: month, quarter, year", "year"),
    Key("from", _day, "needed", "the first date", "2015-07"),
    Key("until", _day, "needed", "the last date", "2019-07"),
)


# ------------------------------------------------------------------------------------------------ names
@dataclass(frozen=True)
class Reference:
    """What `reference` returns: the kinds of things that may be named, and words that may stand in their place."""

    kinds: tuple[str, ...]
    extra: Sequence[str] = ()
    later: Sequence[str] = ()

    def __call__(self, place: Place) -> str:
        name = text(place)
        names = place.context.names
        if name in self.extra or names.get(name) in self.kinds:
            return name
        if name in self.later:
            raise place.wrong(f"'{name}' {NOT_YET}")
        if name in names:
            raise place.wrong(f"'{name}' is the name of {_a(names[name])}, not of {_a(*self.kinds)}")
        known = [*place.context.names_of(*self.kinds), *self.extra]
        near = did_you_mean(name, known)
        here = f"; the file has {listed(known[:8], 'and')}" if known and not near else ""
        raise place.wrong(f"no {listed(self.kinds)} is called '{name}'{near or here}")


def reference(*kinds: str, extra: Sequence[str] = (), later: Sequence[str] = ()) -> Callable[[Place], str]:
    """The name of something in the file: an outcome, a measure, a tranche..."""
    return Reference(kinds, extra, later)


def _a(*kinds: str) -> str:
    return listed(f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" for kind in kinds)


party = reference("party", extra=(ACCOUNT, OUTSIDE))
"""The id of a party; `account` and `outside` always exist."""


@dataclass(frozen=True)
class Whole:
    """What `whole` returns; ``sort`` is the sort of number."""

    sort: Sort

    def __call__(self, place: Place) -> int:
        value = self.sort(place)
        if not isinstance(value, Number) or value.value != int(value.value):
            raise place.wrong(f"must be a whole number, got {place.node.shown}")
        return int(value.value)


def whole(sort: Sort) -> Callable[[Place], int]:
    """A whole number without chance."""
    return Whole(sort)


def year(place: Place) -> int:
    """A year from 1900 to 2200."""
    inner = unwrap(place)
    if inner.node.kind != "text" or not re.fullmatch(r"(19|20|21)\d\d|2200", inner.node.text):
        raise inner.wrong(f"must be a year, e.g. 2018; got {inner.node.shown}")
    return int(inner.node.text)


rank = whole(Sort("a rank", "1", 1, 1000, COUNT.units, is_whole=True))

TABLES: dict[str, tuple[Key, ...]] = {"schedule": STEPS_KEYS}
"""By section."""
