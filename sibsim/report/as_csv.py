"""One row a future, one column a figure: for a spreadsheet, R or pandas."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["cell", "line", "rows"]

AT_ONCE = 4096
"""Rows put together before they are written."""


def rows(columns: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180, but each ends in a line feed), some thousands at a time.

    Parameters
    ----------
    columns : mapping of name to (n_draws,) array
        In the order in which they stand.

    Yields
    ------
    str
        First the names, ``draw`` (from 1) before them. A number is as short as it can be and still read back the same;
        what does not apply is empty.

    Examples
    --------
    >>> import numpy as np
    >>> print("".join(rows({"payer.cost, all": np.array([1.5, np.nan])})), end="")
    draw,"payer.cost, all"
    1,1.5
    2,
    """
    yield line(["draw", *columns])
    n_draws = max((len(values) for values in columns.values()), default=0)
    for first in range(0, n_draws, AT_ONCE):
        parts = [[_shown(x) for x in values[first : first + AT_ONCE].tolist()] for values in columns.values()]
        numbers = range(first + 1, first + len(parts[0]) + 1)
        yield "".join(
            f"{number},{','.join(row)}\n" for number, row in zip(numbers, zip(*parts, strict=True), strict=True)
        )


def _shown(x: float) -> str:
    return repr(x) if math.isfinite(x) else ""


def cell(value: float | None) -> str:
    """A number as `rows` writes it; nothing where there is none.

    >>> cell(0.1), cell(3), cell(None), cell(math.nan)
    ('0.1', '3.0', '', '')
    """
    return "" if value is None else _shown(float(value))


def line(cells: list[str]) -> str:
    """One line of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
