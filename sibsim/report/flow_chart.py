"""The flow of people as bars: starts by period, and people in service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sibsim.report.layout import Layout, width_of
from sibsim.report.numbers import Unit, largest, significant, unit_of
from sibsim.report.reading import Summary
from sibsim.timeline import STEPS

__all__ = ["chart"]

Entry = Mapping[str, Any]
MOST_LINES = 32
"""Of more columns, several stand on one line."""
NARROWEST = 14
"""Columns that a bar has at least; else there are fewer bars on a line."""
LITTLE = 0.005
"""Of the most people in service: of fewer, after the last start, no line is drawn."""
BAR, MARK = "█", "│"


@dataclass(frozen=True)
class _Line:
    """A line of the chart: from a date on, so many start and so many are in service at a time."""

    label: str
    started: float
    in_service: float
    waiting: float
    places: float | None


def chart(summary: Summary, layout: Layout) -> list[str]:
    """Bars by column, or by quarter or year where there are many; nothing where nobody starts."""
    lines, by = _lines(summary)
    if not any(one.started for one in lines):
        return []
    label = max(width_of(one.label) for one in lines) + 4
    sides = _sides(lines)
    while len(sides) > 1 and _room(sides, layout.width - label) < NARROWEST:
        sides.pop()
    room = _room(sides, layout.width - label)
    width = [side.figures + room + 3 for side in sides]
    heading = f"{'By ' + by:<{label}}" + "".join(
        f"{'':{side.figures}} {side.heading(room)}".ljust(width[k]) for k, side in enumerate(sides)
    )
    drawn = [layout.bold(heading.rstrip())]
    last = 1 + max(i for i, one in enumerate(lines) if _is_much(one, lines))
    bars = [_bars(side, room) for side in sides]
    for i, one in enumerate(lines[:last]):
        cells = [f"{side.texts[i]:>{side.figures}} {bars[k][i]}".ljust(width[k]) for k, side in enumerate(sides)]
        drawn.append((f"{'  ' + one.label:<{label}}" + "".join(cells)).rstrip())
    if last < len(lines):
        left = max(one.in_service for one in lines[last:])
        drawn += [f"  then at most {significant(left, 2)} in service"] if left > 0.0 else []
    return drawn


def _is_much(line: _Line, lines: Sequence[_Line]) -> bool:
    """Whether more than a few of the people are still there: stays without an end leave a long tail."""
    return bool(line.started or line.waiting) or line.in_service > LITTLE * max(one.in_service for one in lines)


@dataclass(frozen=True)
class _Side:
    """One set of bars: its title, values and how they are written, and where a mark stands beside each."""

    title: str
    values: Sequence[float]
    marks: Sequence[float | None]

    def heading(self, room: int) -> str:
        """The title, in a word where there is little room."""
        return self.title if width_of(self.title) <= room + 2 else self.title.partition(f" {MARK}")[0]

    @property
    def texts(self) -> list[str]:
        whole = all(abs(value - round(value)) < 1e-9 for value in self.values)
        unit = Unit("", 1.0, 0) if whole else unit_of("number", "", largest(self.values))
        return [unit.text(value) for value in self.values]

    @property
    def figures(self) -> int:
        return max(map(width_of, self.texts))


def _sides(lines: Sequence[_Line]) -> list[_Side]:
    nothing = [None] * len(lines)
    sides = [_Side("started", [one.started for one in lines], nothing)]
    if any(one.in_service for one in lines):
        marks = [one.places for one in lines]
        title = f"served {MARK} places" if any(marks) else "in service"
        sides.append(_Side(title, [one.in_service for one in lines], marks))
    if any(one.waiting for one in lines):
        sides.append(_Side("waiting", [one.waiting for one in lines], nothing))
    return sides


def _room(sides: Sequence[_Side], width: int) -> int:
    """Columns for each bar."""
    return (width - sum(side.figures for side in sides)) // len(sides) - 3


def _lines(summary: Summary) -> tuple[list[_Line], str]:
    """The columns, put together until they are few enough."""
    columns, step = summary["columns"], summary["scenario"]["step"]
    one = [_line(c["date"], [c]) for c in columns]
    if len(one) <= MOST_LINES:
        return one, step
    for by in ("quarter", "year"):
        lines = _together(columns, by) if STEPS[by] > STEPS[step] else []
        if lines and (len(lines) <= MOST_LINES or by == "year"):
            return lines, by
    return one, step


def _together(columns: Sequence[Entry], by: str) -> list[_Line]:
    """Columns of one quarter or year of the calendar: starts are added up, people in service are the mean."""
    groups: dict[str, list[Entry]] = {}
    for column in columns:
        year, month = column["date"].split("-")[:2]
        first = 3 * ((int(month) - 1) // 3) + 1
        groups.setdefault(year if by == "year" else f"{year}-{first:02}", []).append(column)
    return [_line(label, group) for label, group in groups.items()]


def _line(label: str, group: Sequence[Entry]) -> _Line:
    """Starts are added up, the others averaged; places over the columns in which people may start."""

    def values(what: str) -> list[float]:
        return [c[what]["value"] for c in group if c[what]["value"] is not None]

    places, waiting = values("places"), values("waiting")
    return _Line(
        label,
        sum(values("started")),
        sum(values("in_service")) / len(group),
        sum(waiting) / len(group),
        sum(places) / len(places) if places else None,
    )


def _bars(side: _Side, room: int) -> list[str]:
    """Bars of which the longest fills the room; whatever is not 0 shows. A mark stands where its value would end."""
    top = largest([*side.values, *side.marks])
    drawn = []
    for value, mark in zip(side.values, side.marks, strict=True):
        bar = BAR * (max(1, round(room * value / top)) if value > 0 else 0)
        if mark:
            place = max(round(room * mark / top) - 1, 0)
            bar = bar.ljust(place + 1)
            bar = bar[:place] + MARK + bar[place + 1 :]
        drawn.append(bar)
    return drawn
