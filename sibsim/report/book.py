"""The assumption book in each format: every figure with its source, grouped by section; of a portfolio, by contract."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from sibsim.loading.assumptions import Book, Figure
from sibsim.report.as_markdown import in_markdown
from sibsim.report.layout import Layout, plain, wrap
from sibsim.report.sections import headline, joined

__all__ = ["BOOKS"]

COLUMNS = ("section", "path", "shown", "source", "status", "note")
NOWHERE = "no source"


def _text(book: Book, layout: Layout) -> str:
    sections = _chapter(book, "Assumptions", layout)
    for name, contract in book.contracts.items():
        sections += _chapter(contract, f"Assumptions of the contract '{plain(name)}'", layout)
    return joined(sections)


def _chapter(book: Book, heading: str, layout: Layout) -> list[list[str]]:
    return [_head(book, heading, layout), *_sections(book, layout), _sources(book, layout)]


def _head(book: Book, heading: str, layout: Layout) -> list[str]:
    lines = headline(f"{heading}: {book.title}", book.option, layout)
    counted = [figure for figure in book.figures if not _is_no_claim(figure)]
    n = len(counted)
    with_source = [figure for figure in counted if figure.source is not None]
    without = [figure for figure in counted if figure.source is None]
    counts = [f"{len(with_source)} with a source{_by_status(with_source)}"]
    counts += [f"{len(without)} without{_by_status(without)}"]
    return lines + wrap(f"{n} figure{'s' if n != 1 else ''}: {', '.join(counts)}.", layout.width)


def _is_no_claim(figure: Figure) -> bool:
    """The first day of the calendar, of which the warning about figures without a source does not ask one either."""
    return figure.section == "start" and not (figure.source or figure.status)


def _by_status(figures: Sequence[Figure]) -> str:
    """How many of some figures are published, assumed and so on, in brackets."""
    known = Counter(figure.status for figure in figures if figure.status)
    counts = [f"{count} {status}" for status, count in known.items()]
    silent = sum(1 for figure in figures if not (figure.source or figure.status))
    counts += [f"{silent} of which nothing is said"] if silent else []
    return f" ({', '.join(counts)})" if counts else ""


def _sections(book: Book, layout: Layout) -> Iterator[list[str]]:
    for section, figures in groupby(book.figures, lambda figure: figure.section):
        lines = [layout.bold(section)]
        for figure in figures:
            where = f"{plain(figure.path)}: " if figure.path else ""
            origin = "" if _is_no_claim(figure) else f" [{_origin(figure)}]"
            lines += wrap(f"{where}{plain(figure.shown)}{origin}", layout.width, "  ", "    ")
            if figure.note:
                lines += wrap(plain(figure.note), layout.width, "    ")
        yield lines


def _origin(figure: Figure) -> str:
    if figure.source:
        return plain(f"{figure.source}, {figure.status}" if figure.status else figure.source)
    return plain(f"{figure.status}, {NOWHERE}" if figure.status else NOWHERE)


def _sources(book: Book, layout: Layout) -> list[str]:
    lines = [layout.bold("sources")] if book.sources else []
    for id, source in book.sources.items():
        said = ", ".join(plain(source[key]) for key in ("title", "publisher", "year", "url") if key in source)
        lines += wrap(f"{plain(id)}: {said}" if said else plain(id), layout.width, "  ", "    ")
    return lines


def _json(book: Book, layout: Layout) -> str:
    return json.dumps({"format": "sibsim.assumptions/1", **_as_json(book)}, ensure_ascii=False, indent=2) + "\n"


def _as_json(book: Book) -> dict[str, Any]:
    found = {**asdict(replace(book, contracts={})), "contracts": {n: _as_json(b) for n, b in book.contracts.items()}}
    return found if book.contracts else {key: value for key, value in found.items() if key != "contracts"}


def _csv(book: Book, layout: Layout) -> str:
    """A row a figure; of a portfolio, the holding first, which is empty for the fund's own."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    books = {"": book, **book.contracts}
    has_contracts = len(books) > 1
    writer.writerow([*(["holding"] if has_contracts else []), "section", "path", "value", *COLUMNS[3:]])
    for holding, one in books.items():
        for figure in one.figures:
            cells = [holding] if has_contracts else []
            cells += [getattr(figure, name) or "" for name in COLUMNS]
            writer.writerow([" ".join(cell.split()) for cell in cells])
    return text.getvalue()


BOOKS: dict[str, Callable[[Book, Layout], str]] = {
    "text": _text,
    "json": _json,
    "csv": _csv,
    "markdown": in_markdown(_text),
}
"""By the name that ``--format`` takes."""
