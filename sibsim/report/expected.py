"""What a settlement was expected to come to, beside what it came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sibsim.report.layout import Column, Layout, Row, plain, table, wrap
from sibsim.report.numbers import exact, fixed, percent
from sibsim.report.reading import Summary

__all__ = ["expected_table"]

COLUMNS = (Column("expected"), Column("computed"), Column("difference", spare=1), Column("agrees"))
SHARES = ("irr", "loss_share", "bond_equivalent_yield")
AGREES = {True: "yes", False: "NO", None: "open"}


def expected_table(summary: Summary, money: Callable[[float | None], str], layout: Layout) -> list[str]:
    """Each figure that was expected with its tolerance and where it is from; then how many agree."""
    found = summary["expected"]
    if not found:
        return []
    agree = sum(one["agrees"] is True for one in found)
    waiting = sum(one["agrees"] is None for one in found)
    what = "figure that was expected agrees" if len(found) == 1 else "figures that were expected agree"
    text = f"{agree} of {len(found)} {what} with what was computed, within the tolerance of each"
    text += f"; {waiting} cannot be told yet." if waiting else "."
    rows: list[Row] = []
    for one in found:
        write = _writer(summary, one["figure"], money)
        figures = [write(one[key]) for key in ("expected", "computed", "difference")]
        rows.append((plain(one["figure"]), [*figures, AGREES[one["agrees"]]]))
        rows.append((_evidence(one, write), []))
    return [*table("Expected and computed", COLUMNS, rows, layout), *wrap(text, layout.width, "  ")]


def _evidence(one: Mapping[str, Any], write: Callable[[float | None], str]) -> str:
    """How near it must be, and how sure the expected figure is."""
    known = [plain(one[key]) for key in ("status", "source") if one[key]]
    within = f"within {write(one['tolerance'])}" if one["tolerance"] else "exactly"
    note = f": {plain(one['note'])}" if one["note"] else ""
    return ", ".join([within, *known]) + note


def _writer(summary: Summary, path: str, money: Callable[[float | None], str]) -> Callable[[float | None], str]:
    """A figure in its unit, with as many decimals as tell it from what was expected."""
    first, *rest = path.split(".")
    unit = next((row["unit"] for row in summary["measures"] if first == "measures" and row["measure"] == rest[0]), None)
    if (rest and rest[-1] in SHARES) or unit == "percent":
        return lambda value: percent(value, 3)
    if rest and rest[-1] == "moic":
        return lambda value: fixed(value, 4)
    if unit == "number":
        return exact
    return money
