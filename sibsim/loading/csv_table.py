"""A table in a CSV file of the scenario's folder: rows with a name, columns with a heading."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache

from sibsim.loading.csv_column import DELIMITERS, file_bytes, written
from sibsim.loading.place import Node, Place, did_you_mean, listed

__all__ = ["Row", "Table", "read_table"]

MOST_ROWS = 1_000


@dataclass(frozen=True)
class Row:
    """A line of a table: its cells, and where in the line each begins (counted from 1)."""

    line: int
    cells: tuple[str, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """A file as a table.

    Parameters
    ----------
    name : str
        The file as the scenario calls it.
    head : tuple of str
        The headings.
    rows : tuple of Row
    sha256 : str
        Of the file's bytes.
    problem : str
        What is wrong with the whole of it.
    """

    name: str
    head: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    sha256: str = ""
    problem: str = ""

    def column(self, place: Place) -> int:
        """The number of the column whose heading is written at a place."""
        heading = written(place)
        if heading not in self.head:
            here = did_you_mean(heading, self.head) or f"; it has {listed(self.head[:8], 'and')}"
            raise place.wrong(f"{self.name}: no column is called '{heading}'{here}")
        if self.head.count(heading) > 1:
            raise place.wrong(f"{self.name}: two columns are called '{heading}'; rename one")
        return self.head.index(heading)

    def cell(self, row: Row, column: int) -> Node:
        """A cell as if it stood in the scenario, with its own place in the file."""
        is_there = column < len(row.cells)
        where = row.columns[column] if is_there else 1
        return Node("text", row.line, where, self.name, row.cells[column] if is_there else "")


def read_table(file: Place) -> Table:
    """The table that a key names.

    Raises
    ------
    Wrong
        No such file, a file outside the folder, too large, or not a table.
    """
    table = _parse(file_bytes(file), written(file))
    if table.problem:
        raise file.wrong(f"{table.name}: {table.problem}")
    return table


@lru_cache(maxsize=16)
def _parse(data: bytes, name: str) -> Table:
    """The table in these bytes; the last ones are kept, because each option reads the file again."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Table(name, problem="is not UTF-8 text; save it as CSV, UTF-8")
    lines = text.splitlines()
    delimiter = max(DELIMITERS, key=(lines or [""])[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    head: tuple[str, ...] = ()
    try:
        head = tuple(cell.strip() for cell in next(reader, []))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_row(reader.line_num, cells, lines, delimiter))
    except csv.Error as error:
        return Table(name, problem=f"line {reader.line_num}: {error}")
    wide = next((row for row in rows if len(row.cells) > len(head)), None)
    if not any(head) or not rows:
        return Table(name, problem="holds no rows under its headings")
    if wide is not None:
        return Table(name, problem=f"line {wide.line} has {len(wide.cells)} cells, the headings are {len(head)}")
    if len(rows) > MOST_ROWS:
        return Table(name, problem=f"holds {len(rows)} rows; the most is {MOST_ROWS}")
    return Table(name, head, tuple(rows), hashlib.sha256(data).hexdigest())


def _row(number: int, cells: list[str], lines: list[str], delimiter: str) -> Row:
    line = lines[number - 1] if number <= len(lines) else ""
    columns, at = [], 1
    for part in line.split(delimiter) if '"' not in line else []:
        columns.append(at + len(part) - len(part.lstrip()))
        at += len(part) + 1
    shown = columns if len(columns) == len(cells) else [1] * len(cells)
    return Row(number, tuple(cell.strip() for cell in cells), tuple(shown))
