"""How many contracts fail together, as bars; which pairs do; and the fund's money by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sibsim.report.frequency import of_100
from sibsim.report.layout import Column, Layout, Row, plain, table, wrap
from sibsim.report.numbers import largest, unit_of
from sibsim.report.portfolio.reading import Entry, value
from sibsim.report.reading import Summary

__all__ = ["failures_chart", "pairs_table", "years_table"]

MOST_BARS = 20
BAR = "█"
MARKED = 30
"""Length of the longest bar where lines have no width."""
MOST_PAIRS = 5


def failures_chart(summary: Summary, layout: Layout) -> list[str]:
    """In how many of 100 futures so many contracts fail: a bar each; of more than 20 numbers several on a bar."""
    contracts = int(summary["portfolio"]["contracts"])
    found = {int(one["contracts"]): value(one["probability"]) or 0.0 for one in summary["joint_failures"]["number"]}
    if contracts < 2 or not any(chance for k, chance in found.items() if k):
        return []
    seen = [k for k, chance in found.items() if chance]
    first, last = min(seen), max(seen)
    bars = _bars([found.get(k, 0.0) for k in range(first, last + 1)], first)
    if layout.is_marked:
        rows: list[Row] = [(name, [of_100(chance), BAR * _length(chance, bars, MARKED)]) for name, chance in bars]
        return table(
            f"Contracts that fail together, of {contracts:,}", [Column("of 100 futures"), Column("")], rows, layout
        )
    label = max(len(name) for name, _ in bars) + 4
    room = max(min(layout.width, 100) - label - 8, 10)
    heading = f"Contracts that fail together, of {contracts:,}: in how many of 100 futures"
    lines = [layout.bold(line) for line in wrap(heading, layout.width)]
    for name, chance in bars:
        lines.append(f"  {name:>{label - 4}}  {of_100(chance):>4}  {BAR * _length(chance, bars, room)}".rstrip())
    if first > 0 or last < contracts:
        never = [f"fewer than {first:,}"] if first > 0 else []
        never += [f"more than {last:,}"] if last < contracts else []
        text = " or ".join(never)
        lines += wrap(f"{text[0].upper()}{text[1:]} in no future seen.", layout.width, "  ")
    return lines


def _length(chance: float, bars: Sequence[tuple[str, float]], room: int) -> int:
    """The length of a bar: the longest fills the room, and what was seen at all shows."""
    return 0 if chance <= 0 else max(1, round(room * chance / max(other for _, other in bars)))


def _bars(chances: Sequence[float], first: int) -> list[tuple[str, float]]:
    """A label and a chance for each bar, from the number ``first`` on: none by itself, then as many numbers on a bar as
    it takes.

    >>> _bars([0.5, 0.25, 0.25], 0)
    [('0', 0.5), ('1', 0.25), ('2', 0.25)]
    >>> [name for name, _ in _bars([0.01] * 42, 0)][:3], [name for name, _ in _bars([0.01] * 40, 7)][:2]
    (['0', '1-3', '4-6'], ['7-8', '9-10'])
    """
    found = [("0", chances[0])] if first == 0 else []
    rest = list(enumerate(chances, first))[len(found) :]
    several = -(-len(rest) // (MOST_BARS - len(found))) if len(chances) > MOST_BARS else 1
    for at in range(0, len(rest), several):
        some = rest[at : at + several]
        name = f"{some[0][0]}" if len(some) == 1 else f"{some[0][0]}-{some[-1][0]}"
        found.append((name, sum(chance for _, chance in some)))
    return found


def pairs_table(summary: Summary, layout: Layout) -> list[str]:
    """Pairs of holdings that fail together more often than they would if they had nothing in common."""
    pairs = [one for one in summary["joint_failures"]["pairs"] if _excess(one) > 0.0005][:MOST_PAIRS]
    rows: list[Row] = []
    for one in pairs:
        rows.append(
            (_of_pair(*one["holdings"]), [of_100(value(one[key]) or 0.0) for key in ("together", "if_independent")])
        )
    columns = [Column("both fail"), Column("if independent")]
    return table("Pairs that fail more than by chance, of 100 futures", columns, rows, layout) if rows else []


def _of_pair(one: str, other: str) -> str:
    """Two holdings, or two contracts of one.

    >>> _of_pair("a", "b"), _of_pair("a", "a")
    ('a and b', 'two contracts of a')
    """
    return f"two contracts of {plain(one)}" if one == other else f"{plain(one)} and {plain(other)}"


def _excess(pair: Entry) -> float:
    return (value(pair["together"]) or 0.0) - (value(pair["if_independent"]) or 0.0)


YEARLY = (
    ("lent", "lent", 0),
    ("returned", "returned", 0),
    ("costs", "costs", 0),
    ("drawn", "drawn", 1),
    ("distributed", "distributed", 0),
    ("guarantees", "guarantees", 2),
    ("balance", "balance", 0),
)
"""Title, key, and which column to leave out first when there is no room."""


def years_table(summary: Summary, layout: Layout) -> list[str]:
    """The fund's money by year, means; what never moves has no column."""
    rows_of = summary["yearly"]
    top = {key: largest(_mean(row, key) for row in rows_of) for _, key, _ in YEARLY}
    least = 1e-9 * max(top.values())  # what is left over by rounding
    shown = [(title, key, spare) for title, key, spare in YEARLY if top[key] > least]
    if not shown:
        return []
    currency = summary["portfolio"]["currency"]
    unit = unit_of(currency, currency, max(top.values()))
    moves = [row for row in rows_of if largest(_mean(row, key) for _, key, _ in shown) > least]
    rows: list[Row] = [(str(row["year"]), [unit.text(_mean(row, key)) for _, key, _ in shown]) for row in moves]
    columns = [Column(title, spare) for title, _, spare in shown]
    gives = any("grantor" in party["roles"] for party in summary["parties"].values())
    meanings = {
        "lent": "lent: to contracts",
        "returned": "returned: what contracts give back",
        "costs": "costs: the fund's own",
        "drawn": f"drawn: from those who lend{' or give' if gives else ''} to the fund",
        "distributed": "distributed: to them, and to others who share in what is left",
        "guarantees": "guarantees: what guarantors pay in",
        "balance": "balance: the fund's cash at the end of the year",
    }
    note = "; ".join(meanings[key] for _, key, _ in shown)
    still = " Years in which nothing moves are left out." if len(moves) < len(rows_of) else ""
    note = f"Means over all futures. {note[0].upper()}{note[1:]}.{still}"
    return [*table(f"By year, {unit.word}", columns, rows, layout), *wrap(note, layout.width, "  ")]


def _mean(row: Mapping[str, Any], key: str) -> float | None:
    return value(row.get(key))
