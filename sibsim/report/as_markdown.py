"""The report as Markdown: the sections of the text report, with headings, lists and tables of Markdown's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from sibsim.report.layout import CELL, HEADING, Layout

__all__ = ["in_markdown", "marked_down"]

T = TypeVar("T")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
"""What Markdown would read as its own."""


def in_markdown(render: Callable[[T, Layout], str]) -> Callable[[T, Layout], str]:
    """A renderer of Markdown (CommonMark with tables), one line a paragraph, made of a renderer of text.

    Parameters
    ----------
    render : callable
        Of what is shown and a layout: text that is laid out by `sibsim.report.layout` alone. The layout given to the
        new renderer is of no matter: Markdown has no width and no style of its own.

    Examples
    --------
    >>> in_markdown(lambda title, layout: layout.bold(title) + "\\n")("Loan", Layout())
    '# Loan\\n'
    """
    return lambda of, layout: marked_down(render(of, replace(layout, is_marked=True)))


def marked_down(marked: str) -> str:
    """A text whose headings and cells are marked, as Markdown.

    >>> print(marked_down("\\x02Loan\\n\\x1fmean\\nIRR\\x1f-0.6\\n  one_two"), end="")
    # Loan
    <BLANKLINE>
    |  | mean |
    |---|---:|
    | IRR | -0.6 |
    <BLANKLINE>
    - one\\_two
    """
    blocks: list[str] = []
    for kind, lines in groupby(marked.split("\n"), _kind):
        if kind is not None:
            blocks += kind(list(lines), not blocks)
    return "\n\n".join(blocks) + "\n"


def _kind(line: str) -> Callable[[list[str], bool], list[str]] | None:
    """What writes a line; neighbours of one kind are written together."""
    if line.startswith(HEADING):
        return _headings
    if CELL in line:
        return _table
    return _list if line.startswith("  ") else _texts if line else None


def _headings(lines: list[str], is_title: bool) -> list[str]:
    """The first heading of all is the title; one that is indented belongs to the one before."""
    found = []
    for number, line in enumerate(lines):
        level = 1 if is_title and number == 0 else 3 if line[1:].startswith(" ") else 2
        found.append(f"{'#' * level} {_escaped(line[1:].strip())}")
    return found


def _table(lines: list[str], is_title: bool) -> list[str]:
    rows = [[_escaped(cell.strip()) for cell in line.split(CELL)] for line in lines]
    rule = f"|---|{'---:|' * (len(rows[0]) - 1)}"
    first, *others = [f"| {' | '.join(cells)} |" for cells in rows]
    return ["\n".join([first, rule, *others])]


def _list(lines: list[str], is_title: bool) -> list[str]:
    indents = [(len(line) - len(line.lstrip()) - 2) // 2 for line in lines]
    words = [_escaped(line.strip().removeprefix("- ")) for line in lines]
    return ["\n".join(f"{'  ' * indent}- {text}" for indent, text in zip(indents, words, strict=True))]


def _texts(lines: list[str], is_title: bool) -> list[str]:
    return [_escaped(line) for line in lines]


def _escaped(words: str) -> str:
    return SPECIAL.sub(r"\\\1", words)
