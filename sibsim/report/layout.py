"""Words and figures on lines of a given width: wrapping, tables, small histograms; knows nothing of contracts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "CELL",
    "HEADING",
    "TOGETHER",
    "Column",
    "Layout",
    "blocks",
    "listed",
    "plain",
    "table",
    "width_of",
    "wrap",
]

NARROWEST, WIDEST = 60, 100
GAP = 2
LABEL_ROOM = 24
BLOCKS = " ▁▂▃▄▅▆▇█"
HEADING, CELL = "\x02", "\x1f"
ENDLESS = 1_000_000
TOGETHER = "\u00a0"
"""Joins words that stay on one line; written as an ordinary space."""
BREAKS = re.compile(r"[ \t\n\r\f\v]+")
BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:k|m|bn|%)(?:\W|$))")


@dataclass(frozen=True)
class Layout:
    """Where the text goes: columns wide, and whether bold may be used (a terminal that shows it).

    >>> Layout(200).width, Layout(20).width
    (100, 60)
    """

    columns: int = 80
    has_style: bool = False
    is_marked: bool = False
    """Headings and cells are marked, by `HEADING` and `CELL`, and no line is wrapped: a renderer lays them out."""

    @property
    def width(self) -> int:
        """Columns used: at least 60; longer lines than 100 are hard to read."""
        return ENDLESS if self.is_marked else min(max(self.columns, NARROWEST), WIDEST)

    def bold(self, text: str) -> str:
        """The text, bold where that can be shown."""
        if self.is_marked:
            return HEADING + text
        return f"\x1b[1m{text}\x1b[0m" if self.has_style else text


def plain(text: object) -> str:
    """Words of a file on one line, without anything that a terminal would obey.

    >>> plain("a\\n  b\\x1b[31m c")
    'a b?[31m c'
    """
    words = " ".join(str(text).split())
    return "".join("?" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in words)


def listed(names: Sequence[object], most: int = 6) -> str:
    """Names in a sentence; of more than ``most`` the others are counted.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed("abcdefgh")
    ('a', 'a, b and c', 'a, b, c, d, e and 3 others')
    """
    shown = [plain(name) for name in names]
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1} others"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def width_of(text: str) -> int:
    """Columns a text takes on a screen: Chinese, Japanese and Korean signs take two, combining marks none.

    >>> width_of("Kobe"), width_of("神戸"), width_of("e\\u0301")
    (4, 4, 1)
    """
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int, indent: str = "", hang: str | None = None) -> list[str]:
    """Lines no wider than ``width``: the first begins with ``indent``, the others with ``hang`` (default the same).

    A figure and its unit stay on one line, and so do words joined by a no-break space.

    >>> wrap("one two three 9 m", 11, "  ", "    ")
    ['  one two', '    three', '    9 m']
    """
    joined = BEFORE_UNIT.sub(TOGETHER, " ".join(part for part in BREAKS.split(text) if part))
    if joined and width_of(indent + joined) <= width:
        return [indent + joined.replace(TOGETHER, " ")]
    lines, line, start = [], "", indent
    for word in _pieces(joined, max(width - max(width_of(indent), width_of(hang or indent)), 1)):
        longer = f"{line} {word}" if line else word
        if line and width_of(start + longer) > width:
            lines.append(start + line)
            start, line = (indent if hang is None else hang), word
        else:
            line = longer
    lines = [*lines, start + line] if line else lines
    return [line.replace(TOGETHER, " ") for line in lines]


def _pieces(text: str, room: int) -> list[str]:
    """The words; those longer than a line are cut."""
    pieces: list[str] = []
    for word in text.split(" ") if text else ():
        piece = ""
        for sign in word:
            if width_of(piece + sign) > room:
                pieces.append(piece)
                piece = ""
            piece += sign
        pieces.append(piece)
    return pieces


@dataclass(frozen=True)
class Column:
    """A column of figures. When there is no room, the column with the highest ``spare`` (above 0) is left out first."""

    title: str
    spare: int = 0


Row = tuple[str, Sequence[str]]


def table(heading: str, columns: Sequence[Column], rows: Sequence[Row], layout: Layout) -> list[str]:
    """A table: labels to the left, figures right-aligned under their titles, never wider than the layout.

    Parameters
    ----------
    heading : str
        Stands where the labels do, on the line of the titles (or above it when it is long).
    rows : sequence of (label, cells)
        A row without cells is a line of its own.

    Examples
    --------
    >>> print("\\n".join(table("Loan", [Column("mean"), Column("5 %")], [("IRR", ["-0.6", "-4.1"])], Layout())))
    Loan   mean   5 %
      IRR  -0.6  -4.1
    """
    if layout.is_marked:
        return _marked(heading, columns, rows, layout)
    kept = list(range(len(columns)))
    filled = [cells for _, cells in rows if cells]
    sizes = [max([width_of(c.title), *(width_of(cells[i]) for cells in filled)]) for i, c in enumerate(columns)]
    wanted = max([2 + width_of(label) for label, cells in rows if cells], default=0)
    while True:
        room = layout.width - sum(sizes[i] + GAP for i in kept)
        spare = max(kept, key=lambda i: columns[i].spare, default=-1)
        if room >= min(wanted, LABEL_ROOM) or spare < 0 or columns[spare].spare == 0:
            break
        kept.remove(spare)
    room = max(min(room, wanted), min(wanted, 8))
    titles = _cells([c.title for c in columns], kept, sizes) if filled else ""
    indent = " " * (len(heading) - len(heading.lstrip()))
    if titles and width_of(heading) <= room:
        lines = _row([heading], titles, room)
    else:
        lines = wrap(heading, layout.width, indent) + ([" " * room + titles] if titles else [])
    lines = [layout.bold(line) for line in lines]
    for label, cells in rows:
        if cells:
            lines += _row(wrap(label, room, "  ", "    "), _cells(cells, kept, sizes), room)
        else:
            lines += wrap(label, layout.width, "    ", "      ")
    return lines


def _marked(heading: str, columns: Sequence[Column], rows: Sequence[Row], layout: Layout) -> list[str]:
    """The table with its cells marked, for whoever lays it out."""
    titles = [("", [c.title for c in columns])] if any(cells for _, cells in rows) else []
    above = [layout.bold(heading)] if heading.strip() else []
    return [*above, *(CELL.join([label, *(cells or [""])]) for label, cells in [*titles, *rows])]


def _cells(cells: Sequence[str], kept: Sequence[int], sizes: Sequence[int]) -> str:
    return "".join(" " * (GAP + sizes[i] - width_of(cells[i])) + cells[i] for i in kept)


def _row(label: list[str], figures: str, room: int) -> list[str]:
    """Figures stand on the last line of a label that needs several."""
    label = label or [""]
    return [*label[:-1], (label[-1] + " " * (room - width_of(label[-1])) + figures).rstrip()]


def blocks(histogram: Mapping[str, Any] | None) -> str:
    """A histogram as a row of block characters, the highest bar full; anything that was counted shows.

    >>> blocks({"low": 0, "high": 1, "counts": [0, 1, 80, 40]})
    ' ▁█▄'
    """
    counts = list(histogram["counts"]) if histogram else []
    top = max(counts, default=0)
    if top <= 0:
        return ""
    return "".join(BLOCKS[0 if n <= 0 else max(1, round(8 * n / top))] for n in counts)
