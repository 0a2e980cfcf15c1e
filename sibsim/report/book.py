"""The assumption book in each format: every figure of a scenario with its source, grouped by section."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
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
    counts = [f"{_count(book, lambda f: f.source is not None)} with a source"]
    counts += [f"{k} {status}" for status in _statuses(book) if (k := _count(book, lambda f, s=status: f.status == s))]
    counts += [f"{k} of which nothing is said" if (k := _count(book, lambda f: not (f.source or f.status))) else ""]
    return lines + wrap(f"{n} figure{'s' if n != 1 else ''}: {', '.join(c for c in counts if c)}.", layout.width)


def _count(book: Book, is_meant: Callable[..., bool]) -> int:
    return sum(1 for figure in book.figures if is_meant(figure))


def _statuses(book: Book) -> list[str]:
    return list(dict.fromkeys(figure.status for figure in book.figures if figure.status))


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
