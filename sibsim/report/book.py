"""The assumption book in each format: every figure of a scenario with its source, grouped by section."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import groupby

from sibsim.loading.assumptions import Book, Figure
from sibsim.report.as_markdown import marked_down
from sibsim.report.layout import Layout, plain, wrap

__all__ = ["BOOKS"]

COLUMNS = ("section", "path", "shown", "source", "status", "note")
NOWHERE = "no source"


def _text(book: Book, layout: Layout) -> str:
    sections = [_head(book, layout), *_sections(book, layout), _sources(book, layout)]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _head(book: Book, layout: Layout) -> list[str]:
    lines = [layout.bold(line) for line in wrap(f"Assumptions: {plain(book.title)}", layout.width)]
    if book.option:
        lines += wrap(f"Option: {plain(book.option)}", layout.width)
    n = len(book.figures)
    with_source = [figure for figure in book.figures if figure.source is not None]
    without = [figure for figure in book.figures if figure.source is None]
    counts = [f"{len(with_source)} with a source{_by_status(with_source)}"]
    counts += [f"{len(without)} without{_by_status(without)}"]
    return lines + wrap(f"{n} figure{'s' if n != 1 else ''}: {', '.join(counts)}.", layout.width)


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
            lines += wrap(f"{where}{plain(figure.shown)} [{_origin(figure)}]", layout.width, "  ", "    ")
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


def _markdown(book: Book, layout: Layout) -> str:
    return marked_down(_text(book, replace(layout, is_marked=True)))


def _json(book: Book, layout: Layout) -> str:
    return json.dumps({"format": "sibsim.assumptions/1", **asdict(book)}, ensure_ascii=False, indent=2) + "\n"


def _csv(book: Book, layout: Layout) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["section", "path", "value", *COLUMNS[3:]])
    for figure in book.figures:
        writer.writerow([" ".join((getattr(figure, name) or "").split()) for name in COLUMNS])
    return text.getvalue()


BOOKS: dict[str, Callable[[Book, Layout], str]] = {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown}
"""By the name that ``--format`` takes."""
