"""The assumption book: every figure of a scenario as it was written, with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sibsim.loading.conditions import COMPARISONS
from sibsim.loading.curves import CURVES
from sibsim.loading.place import Context, Node, join
from sibsim.loading.scalars import looks_like_date, parse_date, parse_duration, parse_quantity
from sibsim.loading.values import EVIDENCE_KEYS
from sibsim.scenario import Scenario

__all__ = ["Book", "Figure", "bare_figures", "book_of"]

NO_FIGURES = (
    "sibsim",
    "title",
    "portfolio",
    "field",
    "note",
    "sources",
    "currency",
    "price_year",
    "step",
    "budget_year",
    "options",
    "actuals",
)
"""Keys at the top of a file that assume nothing about the world, or belong to another version of it."""


@dataclass(frozen=True)
class Figure:
    """One figure: the section it stands in, its path there, and what was written."""

    section: str
    path: str
    shown: str
    source: str | None = None
    status: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Book:
    """Every figure of a scenario, and the sources that they name.

    Parameters
    ----------
    title : str
    option : str or None
        Several are joined by " + ".
    figures : tuple of Figure
        In the order of the file.
    sources : dict of str to dict
        The file's sources, by id: title, publisher, year, url.
    contracts : dict of str to Book
        Of a portfolio: the book of each contract with its changes, by holding.
    """

    title: str
    option: str | None
    figures: tuple[Figure, ...]
    sources: dict[str, dict[str, str]]
    contracts: dict[str, Book] = field(default_factory=dict)


def book_of(context: Context, scenario: Scenario) -> Book:
    """The book of a file that was read, options put in.

    Parameters
    ----------
    context : Context
        What is known about it.
    scenario : Scenario
        Or the fund of a portfolio.
    """
    return Book(scenario.title, " + ".join(scenario.options) or None, _all_figures(context), context.sources)


def bare_figures(context: Context) -> list[str]:
    """The paths of figures of which a file that was read says neither source nor status."""
    bare = (figure for figure in _all_figures(context) if not (figure.source or figure.status))
    return [join(f.section, f.path) if f.path else f.section for f in bare]


def _all_figures(context: Context) -> tuple[Figure, ...]:
    return tuple(
        figure
        for section, node in context.root.entries.items()
        if section not in NO_FIGURES
        for figure in _figures(node, section, "", context)
    )


def _figures(node: Node, section: str, path: str, context: Context) -> Iterator[Figure]:
    """What stands at a node: one figure with all that belongs to it, or those further down."""
    whole = join(section, path) if path else section
    found = context.evidence.get(whole)
    if found is not None and (node.kind == "mapping" or found.source or found.status):
        yield Figure(section, path, found.shown, found.source, found.status, found.note)
    elif _is_figure(node, context):
        note = node.entries["note"] if node.kind == "mapping" and "note" in node.entries else None
        yield Figure(section, path, _written(node), note=note.text if note else None)
    elif node.kind == "mapping":
        for key, child in node.entries.items():
            if key not in EVIDENCE_KEYS:
                yield from _figures(child, section, join(path, key) if path else key, context)
    elif node.kind == "list":
        for number, item in enumerate(node.items, 1):
            yield from _figures(item, section, join(path, str(number)) if path else str(number), context)


def _is_figure(node: Node, context: Context) -> bool:
    """A number, a duration, a date, a comparison with one; rows of them; one for each date or event; a distribution."""
    if node.kind == "text":
        return _is_quantity(node.text.strip())
    if node.kind == "list":
        return bool(node.items) and not any(item.kind == "mapping" for item in node.items) and _has_figure(node)
    keys = [key for key in node.entries if key not in EVIDENCE_KEYS]
    is_over_time = any(looks_like_date(key) for key in keys) and all(
        (looks_like_date(key) or context.names.get(key) == "event") and _is_plain(node.entries[key]) for key in keys
    )
    return is_over_time or any(key in CURVES for key in keys)


def _is_plain(node: Node) -> bool:
    """Whether nothing is said of a figure by itself, such as its source."""
    if node.kind != "mapping":
        return True
    is_said = any(key in node.entries for key in EVIDENCE_KEYS)
    return not is_said and all(_is_plain(child) for child in node.entries.values())


def _has_figure(node: Node) -> bool:
    return any(_is_quantity(item.text.strip()) if item.kind == "text" else _has_figure(item) for item in node.items)


def _is_quantity(text: str) -> bool:
    for word in COMPARISONS:
        text = text.removeprefix(f"{word} ").strip()
    return parse_quantity(text) is not None or parse_duration(text) is not None or parse_date(text) is not None


def _written(node: Node) -> str:
    """What was written, on one line."""
    if node.kind == "text":
        return " ".join(node.text.split())
    if node.kind == "list":
        return f"[{', '.join(_written(item) for item in node.items)}]"
    parts = (f"{key}: {_written(child)}" for key, child in node.entries.items() if key not in EVIDENCE_KEYS)
    return f"{{{', '.join(parts)}}}"
