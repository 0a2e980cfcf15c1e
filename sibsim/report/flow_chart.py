"""The flow of people as bars: starts by period, and people in service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sibsim.report.layout import Layout, width_of
from sibsim.report.numbers import Unit, largest, unit_of
from sibsim.report.reading import Summary

__all__ = ["chart"]

Entry = Mapping[str, Any]
MOST_LINES = 24
"""Of more columns, several stand on one line."""
BAR = "█"
STEPS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class _Line:
    """A line of the chart: from a date on, so many start and so many are in service at a time."""

    label: str
    started: float
    in_service: float


def chart(summary: Summary, layout: Layout) -> list[str]:
    """Bars by column, or by quarter or year where there are many; nothing where nobody starts."""
    lines, by = _lines(summary)
    started, served = [one.started for one in lines], [one.in_service for one in lines]
    if not any(started):
        return []
    sides = [("started", started), *([("in service", served)] if any(served) else [])]
    label = max(width_of(one.label) for one in lines) + 4
    units = [_unit(values) for _, values in sides]
    texts = [[unit.text(value) for value in values] for unit, (_, values) in zip(units, sides, strict=True)]
    figures = [max(map(width_of, column)) for column in texts]
    room = (layout.width - label - sum(figures) - 2 * len(sides)) // len(sides) - 1
    bars = [_bars(values, room) for _, values in sides]
    titles = [f"{'':{figures[k]}} {name}" for k, (name, _) in enumerate(sides)]
    heading = _joined([f"By {by}, means", *titles], label, figures, room)
    drawn = [layout.bold(heading)]
    for i, one in enumerate(lines):
        cells = [f"{texts[k][i]:>{figures[k]}} {bars[k][i]}" for k in range(len(sides))]
        drawn.append(_joined([f"  {one.label}", *cells], label, figures, room))
    return drawn


def _joined(cells: Sequence[str], label: int, figures: Sequence[int], room: int) -> str:
    widths = [label, *(figure + room + 3 for figure in figures)]
    return "".join(cell + " " * (width - width_of(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _lines(summary: Summary) -> tuple[list[_Line], str]:
    """The columns, put together until they are few enough."""
    columns, step = summary["columns"], summary["scenario"]["step"]
    one = [_Line(c["date"], c["started"]["value"], c["in_service"]["value"]) for c in columns]
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
    return [
        _Line(
            label,
            sum(c["started"]["value"] for c in group),
            sum(c["in_service"]["value"] for c in group) / len(group),
        )
        for label, group in groups.items()
    ]


def _unit(values: Sequence[float]) -> Unit:
    whole = all(value == round(value) for value in values)
    return Unit("", 1.0, 0) if whole else unit_of("number", "", largest(values))


def _bars(values: Sequence[float], room: int) -> list[str]:
    """Bars of which the longest fills the room; whatever is not 0 shows."""
    top = largest(values)
    return [BAR * (max(1, round(room * value / top)) if value > 0 else 0) for value in values]
