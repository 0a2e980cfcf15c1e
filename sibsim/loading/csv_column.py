"""A column of numbers from a CSV file in the scenario's folder."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from sibsim.loading.finding import shipped, shipped_path
from sibsim.loading.kept import noted
from sibsim.loading.place import Place, did_you_mean, listed
from sibsim.loading.scalars import Quantity, explain_number, parse_quantity

__all__ = ["DELIMITERS", "Column", "file_bytes", "read_column", "written"]

MOST_BYTES = 1_000_000
MOST_VALUES = 100_000
DELIMITERS = (",", ";", "\t")
SHOWN = 40
PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", re.ASCII)
"""Most numbers of most files, read without looking further."""


@dataclass(frozen=True)
class Column:
    """The quantities of a column in the order of the file, and the sha256 of the file; or what is wrong with it."""

    quantities: tuple[Quantity, ...] = ()
    sha256: str = ""
    problem: str = ""


def read_column(file: Place, column: Place) -> Column:
    """The column that two keys name.

    Parameters
    ----------
    file, column : Place
        The path of the file, from the scenario's folder and never out of it; the heading of the column.

    Raises
    ------
    Wrong
        No such file or column, a file outside the folder, too large, or with something else than numbers.
    """
    data = file_bytes(file)
    found = _parse(data, written(column))
    if found.problem:
        raise (column if found.problem.startswith("no column") else file).wrong(f"{written(file)}: {found.problem}")
    return found


def file_bytes(file: Place) -> bytes:
    """What a CSV file holds.

    Raises
    ------
    Wrong
        No such file, a file outside the scenario's folder, or too large.
    """
    path = _inside(file)
    try:
        if not path.is_file():
            near = [p.name for p in path.parent.glob("*.csv")] if path.parent.is_dir() else []
            raise file.wrong(f"no file '{written(file)}' in the scenario's folder{did_you_mean(path.name, near)}")
        with path.open("rb") as opened:
            data = noted((_folder(file) or path.parent) / written(file), opened.read(MOST_BYTES + 1))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise file.wrong(f"'{written(file)}' cannot be read: {reason}") from None
    if len(data) > MOST_BYTES:
        raise file.wrong(f"'{written(file)}' is larger than 1 MB; keep the column that counts")
    return data


def written(place: Place) -> str:
    """What is written there, which must be a text."""
    node = place.node
    if node.kind != "text" or not node.text.strip():
        raise place.wrong(f"must be a text, got {node.shown}")
    return node.text.strip()


def _folder(file: Place) -> Path | None:
    """Where a file is looked for: beside the scenario, or beside the shipped one in which it is named."""
    folder, origin = file.context.folder, file.node.origin.removesuffix(".yaml")
    is_shipped = origin != file.node.origin and origin in shipped()
    return shipped_path(origin).parent if is_shipped else folder


def _inside(file: Place) -> Path:
    """The path of a file in the scenario's folder."""
    name, folder = written(file), _folder(file)
    if folder is None:
        raise file.wrong("a scenario that is not a file has no folder to look in")
    as_posix, as_windows = PurePosixPath(name.replace("\\", "/")), PureWindowsPath(name)
    if as_posix.is_absolute() or as_windows.drive or as_windows.root or ".." in as_posix.parts:
        raise file.wrong(f"'{name}' must be a file in the scenario's folder: a name, without '..' or a folder above")
    try:
        home = folder.resolve()
        path = (home / name).resolve()
    except (OSError, ValueError, RuntimeError):
        raise file.wrong(f"'{name[:SHOWN]}' is not the name of a file") from None
    if not path.is_relative_to(home):
        raise file.wrong(f"'{name}' is a link to a file outside the scenario's folder; copy the file there")
    return path


@lru_cache(maxsize=16)
def _parse(data: bytes, column: str) -> Column:
    """The column of a file with these bytes; the last ones are kept, because each option reads the file again."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Column(problem="is not UTF-8 text; save it as CSV, UTF-8")
    if "\x00" in text:
        return Column(problem="holds a character that no text has: is it a CSV file?")
    if text.count("\n") > MOST_VALUES + 1:
        return Column(problem="holds more than 100 000 lines; a sample of them says as much")
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        head = [cell.strip() for cell in next(reader, [])]
        if column not in head:
            here = f"; it has {listed(head[:8], 'and')}" if any(head) else "; the file is empty"
            return Column(problem=f"no column is called '{column}'{did_you_mean(column, head) or here}")
        if head.count(column) > 1:
            return Column(problem=f"two columns are called '{column}'; rename one")
        place, found = head.index(column), list[Quantity]()
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            cell = row[place].strip() if place < len(row) else ""
            quantity = Quantity(float(cell), "number") if PLAIN.fullmatch(cell) else parse_quantity(cell)
            if quantity is None:
                return Column(problem=f"line {reader.line_num}, column '{column}': {_what(cell)}")
            found.append(quantity)
    except csv.Error as error:
        return Column(problem=f"line {reader.line_num}: {error}")
    if not found:
        return Column(problem=f"column '{column}' is empty")
    return Column(tuple(found), hashlib.sha256(data).hexdigest())


def _what(cell: str) -> str:
    """What is wrong with a cell that is no number."""
    if not cell:
        return "is empty; fill it in, or leave the whole line out"
    shown = cell if len(cell) <= SHOWN else cell[: SHOWN - 3] + "..."
    how = explain_number(cell)
    return f"'{shown}' is not a number{f': {how}' if how else ''}"
