"""Dates and durations as they stand in a file: months, columns, schedules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TypeVar

from sibsim.loading.place import Place, Skip, attempt, did_you_mean
from sibsim.loading.scalars import explain_date, explain_duration, looks_like_date, parse_date, parse_duration
from sibsim.timeline import column_date, column_of, columns_in

__all__ = [
    "MOST_MONTHS",
    "by_date",
    "by_date_or_event",
    "column_of_day",
    "column_of_months",
    "column_of_text",
    "months_of_text",
]
__all__ += ["say_column"]

T = TypeVar("T")

MOST_MONTHS = 1200
"""A hundred years."""
SLACK = 1e-9
AMENDED = ("contract", "costs", "finance", "parties")
"""Sections whose terms an event may amend."""


def say_column(place: Place, column: int) -> str:
    """The date of a column, as a file would write it."""
    day = column_date(place.context.start, place.context.step_months, column)
    return f"{day:%Y-%m}" if day.day == 1 else day.isoformat()


def months_of_text(place: Place, lowest: float = 0.0) -> float:
    """A duration in months; ``0`` is one too."""
    node = place.node
    if node.kind != "text":
        raise place.wrong(f"expected a duration, e.g. 18 months; got {node.shown}")
    months = 0.0 if node.text == "0" else parse_duration(node.text.strip())
    if months is None:
        how = explain_duration(node.text)
        raise place.wrong(f"expected a duration, e.g. 18 months; got {node.shown}{f': {how}' if how else ''}")
    if months > MOST_MONTHS:
        raise place.wrong(f"{node.shown} is longer than 100 years")
    if months < 0 or (lowest > 0 and months < lowest):
        raise place.wrong(f"must be above 0, got {node.shown}")
    return months


def column_of_months(place: Place, months: float) -> int:
    """The column that many months after `start`, with a warning if it lies between two."""
    step = place.context.step_months
    column = columns_in(months, step)
    if abs(column * step - months) > SLACK:
        place.context.warn(place.path, f"{place.node.shown} falls between columns; {say_column(place, column)} is used")
    return column


def column_of_text(place: Place, text: str | None = None) -> int:
    """The column of a date (or of a duration from `start`); may be negative."""
    text = place.node.text.strip() if text is None else text
    day = parse_date(text)
    if day is None:
        if parse_duration(text) is not None and place.node.kind == "text":
            return column_of_months(place, months_of_text(place))
        raise place.wrong(_no_date(place, text))
    return column_of_day(place, day, text)


def column_of_day(place: Place, day: date, text: str) -> int:
    """The column of a day: the next one if it lies between two."""
    start, step = place.context.start, place.context.step_months
    if abs(day.year - start.year) > MOST_MONTHS // 12:
        raise place.wrong(f"{text} is more than 100 years from `start`")
    column = column_of(start, step, day)
    if column >= 0 and column_date(start, step, column) != day:
        place.context.warn(place.path, f"{text} falls between columns; {say_column(place, column)} is used")
    return column


def _no_date(place: Place, text: str) -> str:
    events = place.context.names_of("event")
    if text in events:
        return f"'{text}' is an event; here must stand a date, e.g. 2020-06"
    how = explain_date(text) or explain_duration(text)
    near = did_you_mean(text, events)
    return f"expected a date, e.g. 2020-06; got '{text[:60]}'{f': {how}' if how else near}"


def by_date(
    place: Place, parse: Callable[[Place], T], column_of_key: Callable[[Place, str], int] | None = None
) -> tuple[tuple[int, T], ...]:
    """A mapping of dates to things, by column, in order of date; ``column_of_key`` reads a date if not as usual."""
    read_key = column_of_key or column_of_text
    found: dict[int, T] = {}
    is_good = True
    for key, child in place.children():
        column = attempt(lambda at, key=key: read_key(at, key), child)  # type: ignore[misc]
        thing = attempt(parse, child)
        if column is not None and column in found:
            child.note("two dates fall in one column; keep one, or shorten `step`", at_key=True)
        is_good = is_good and column is not None and thing is not None and column not in found
        if column is not None and thing is not None:
            found[column] = thing
    if not is_good:
        raise Skip
    return tuple(sorted(found.items()))


def by_date_or_event(
    place: Place, parse: Callable[[Place], T]
) -> tuple[tuple[tuple[int, T], ...], tuple[tuple[str, T], ...]]:
    """A mapping of dates to things and, in the sections of `AMENDED`, of events after which a thing holds.

    Returns
    -------
    (dates, events)
        By column, in order of date; and by event, in the order of the file.
    """
    by_event = [key for key in place.node.entries if not _is_date(key)]
    if place.path.partition(".")[0] not in AMENDED:
        return by_date(place, parse), ()
    entries = {key: node for key, node in place.node.entries.items() if key not in by_event or key == "note"}
    dated = attempt(
        lambda at: by_date(at, parse), Place(place.context, replace(place.node, entries=entries), place.path)
    )
    found: list[tuple[str, T]] = []
    is_good = dated is not None
    for number, (key, child) in enumerate(place.children()):
        if key not in by_event:
            continue
        thing = attempt(parse, child)
        if place.context.names.get(key) != "event":
            child.note(_no_date_nor_event(place, key), at_key=True)
            thing = None
        elif number == 0:
            child.note("a date comes first: say from when the terms hold that this event amends", at_key=True)
        is_good = is_good and thing is not None and number > 0
        if thing is not None:
            found.append((key, thing))
    if not is_good or dated is None:
        raise Skip
    return dated, tuple(found)


def _is_date(key: str) -> bool:
    return looks_like_date(key) or parse_duration(key) is not None


def _no_date_nor_event(place: Place, key: str) -> str:
    events = place.context.names_of("event")
    how = explain_date(key)
    if how:
        return f"expected a date, e.g. 2020-06; got '{key[:60]}': {how}"
    return f"'{key[:60]}' is neither a date, e.g. 2020-06, nor an event of the file{did_you_mean(key, events)}"
