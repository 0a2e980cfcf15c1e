"""Where we are in a file while reading it: nodes with positions, places with paths, and what has been found so far."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

from sibsim.errors import Problem
from sibsim.scenario import Evidence, Input

__all__ = ["Context", "Node", "Place", "Skip", "Wrong", "attempt", "did_you_mean", "is_portfolio", "join", "listed"]

T = TypeVar("T")

NULLS = ("", "~", "null", "Null", "NULL")
"""What YAML 1.2 reads as nothing."""
MOST_PROBLEMS = 100
SET = "--set"
"""The origin of what does not stand in any file."""


@dataclass(slots=True)
class Node:
    """A piece of the file: a text, a mapping or a list, and where it begins (counted from 1)."""

    kind: Literal["text", "mapping", "list"]
    line: int = 0
    column: int = 0
    origin: str = ""
    """``--set`` for what does not stand in a file; else the file, if it is not the one the user named."""
    text: str = ""
    is_plain: bool = True
    """Without quotation marks."""
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Where each key of a mapping stands."""
    items: list[Node] = field(default_factory=list)

    @property
    def is_null(self) -> bool:
        """Nothing was written."""
        return self.kind == "text" and self.is_plain and self.text in NULLS

    @property
    def is_none(self) -> bool:
        """The word ``none``."""
        return self.kind == "text" and self.is_plain and self.text == "none"

    @property
    def shown(self) -> str:
        """What was written, short enough for a message."""
        if self.kind != "text":
            return f"a {self.kind}"
        if self.is_null:
            return "nothing"
        text = " ".join(self.text.split())
        text = text if len(text) <= 60 else text[:57] + "..."
        return text if self.is_plain else f'"{text}"'


def is_portfolio(root: Node) -> bool:
    """Whether a file holds several contracts together: it has a ``portfolio``, or ``holdings`` and no ``title``."""
    keys = root.entries if root.kind == "mapping" else {}
    return "portfolio" in keys or ("holdings" in keys and "title" not in keys)


class Wrong(Exception):
    """What stands at a place is wrong; whoever reads the mapping around it notes the problem and goes on."""

    def __init__(self, place: Place, message: str, at_key: bool = False) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.at_key = at_key


class Skip(Exception):
    """Something cannot be built; why is already noted."""


@dataclass
class Context:
    """What is known about a file while it is read."""

    root: Node = field(default_factory=lambda: Node("text"))
    """The whole file, options put in."""
    start: date = date(2000, 1, 1)
    step_months: int = 3
    currency: str = ""
    names: dict[str, str] = field(default_factory=dict)
    """What each name of the file names: ``input``, ``party``, ``measure``..."""
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    """Declared inputs, then distributions written in place, by path."""
    used: set[str] = field(default_factory=set)
    pending: dict[str, Place] = field(default_factory=dict)
    """Declared inputs not yet read, by name: another input may name them first."""
    reading: list[str] = field(default_factory=list)
    """Declared inputs that are being read, each on behalf of the one before."""
    builds_on: dict[str, tuple[tuple[str, ...], int]] = field(default_factory=dict)
    """What each product or sum is worked out of, down to what is drawn, and how many of them build on each other."""
    folder: Path | None = None
    """Where the file lies: other files are looked for there and nowhere else."""
    tables: dict[str, str] = field(default_factory=dict)
    """The sha256 of each file of tables that was read, by its name."""
    rates: frozenset[str] = frozenset()
    """Currencies that have an exchange rate."""
    used_rates: set[str] = field(default_factory=set)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    """What was read at each path, for the checks that come last."""
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Where the key of each path stands."""
    depth: dict[str, int] = field(default_factory=dict)
    """How many payments each payment builds on."""
    built: dict[str, Any] = field(default_factory=dict)
    """The sections of the file that have been read, by field."""
    problems: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Paths of tables that could not be read: why is noted, and what stands there is no mistake of its own."""
    warnings: list[tuple[str, str]] = field(default_factory=list)
    """Paths and messages; the path is empty for what is said of the whole file."""

    def note(self, wrong: Wrong) -> None:
        """Keep a problem."""
        place = wrong.place
        where = place.key if wrong.at_key and place.key else (place.node.line, place.node.column)
        self._keep(place.path, wrong.message, where, place.node.origin)

    def problem(self, path: str, message: str, at_key: bool = False) -> None:
        """Keep a problem found by a check, which knows only the path."""
        known = path
        while known and known not in self.nodes:
            known = known.rpartition(".")[0]
        node = self.nodes.get(known, Node("text", 1, 1, self.root.origin))
        where = self.keys.get(known) if at_key else None
        self._keep(path, message, where or (node.line, node.column), node.origin)

    def _keep(self, path: str, message: str, where: tuple[int, int], origin: str) -> None:
        if self.is_full or any(f"{path}.".startswith(f"{one}.") for one in self.unread):
            return
        is_set = origin == SET
        problem = Problem(0, 0, f"{SET} {path}", message) if is_set else Problem(*where, path, message, origin)
        if problem not in self.problems:
            self.problems.append(problem)

    def need_rate(self, place: Place, code: str) -> None:
        """Another currency stands here, which needs an exchange rate.

        Raises
        ------
        Wrong
            There is none.
        """
        self.used_rates.add(code)
        if code not in self.rates:
            raise place.wrong(
                f"{place.node.shown} is money in another currency than {self.currency} and has no exchange rate; add "
                f"exchange_rates: {{{code}: ...}}, what one {code} is worth in {self.currency}"
            )

    @property
    def is_full(self) -> bool:
        """Whether so much is wrong that no more need be told."""
        return len(self.problems) >= MOST_PROBLEMS

    @property
    def problem_sections(self) -> set[str]:
        """The sections with a problem: what is missing from them may be there once that is solved."""
        return {problem.path.removeprefix(f"{SET} ").partition(".")[0] for problem in self.problems}

    def warn(self, path: str, message: str) -> None:
        """Keep a warning, once."""
        if (path, message) not in self.warnings:
            self.warnings.append((path, message))

    def names_of(self, *kinds: str) -> list[str]:
        """The names of some kinds of things, in file order."""
        return [name for name, kind in self.names.items() if kind in kinds]


@dataclass(slots=True)
class Place:
    """A node, its path, and where its key stands."""

    context: Context
    node: Node
    path: str = ""
    key: tuple[int, int] | None = None

    def wrong(self, message: str, at_key: bool = False) -> Wrong:
        """What to raise when this place is wrong."""
        return Wrong(self, message, at_key)

    def note(self, message: str, at_key: bool = False) -> None:
        """Keep a problem and go on."""
        self.context.note(Wrong(self, message, at_key))

    def child(self, key: str) -> Place:
        """The place of a key of this mapping."""
        node, path = self.node.entries[key], join(self.path, key)
        self.context.nodes[path] = node
        self.context.keys[path] = self.node.keys[key]
        return Place(self.context, node, path, self.node.keys[key])

    def children(self) -> Iterator[tuple[str, Place]]:
        """The keys of this mapping, apart from a note."""
        for key, node in self.node.entries.items():
            if key != "note" or node.kind != "text":
                yield key, self.child(key)

    def parts(self) -> list[Place]:
        """The items of this list, numbered from 1."""
        places = []
        for number, node in enumerate(self.node.items, 1):
            path = join(self.path, str(number))
            self.context.nodes[path] = node
            places.append(Place(self.context, node, path))
        return places


def join(path: str, key: str) -> str:
    """A path and one key more.

    >>> join("", "contract"), join("contract", "cap")
    ('contract', 'contract.cap')
    """
    return f"{path}.{key}" if path else key


def attempt(read: Callable[[Place], T], place: Place) -> T | None:
    """Read a place; None if that fails, with the problem noted."""
    try:
        return read(place)
    except Wrong as wrong:
        place.context.note(wrong)
    except Skip:
        pass
    return None


def listed(words: Iterable[str], end: str = "or") -> str:
    """Words as a reader would list them.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    *others, last = list(words) or [""]
    return f"{', '.join(others)} {end} {last}" if others else last


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word; empty if nothing is near.

    >>> did_you_mean("per_unt", ["per_unit", "per_point"])
    "; did you mean 'per_unit'?"
    >>> did_you_mean("000", ["per_unit"])  # {per_unit: 185,000}
    '; inside { } a comma ends a value: write thousands with a space, such as 185 000'
    """
    if len(word) == 3 and word.isdecimal():
        return "; inside { } a comma ends a value: write thousands with a space, such as 185 000"
    if re.fullmatch(r"\d{1,2}( ?%)?", word):
        return "; inside { } a comma ends a value: write a decimal point, such as 3.5"
    lower = {k.lower(): k for k in known}
    if word == "every" and "at" in lower:
        return "; write the dates as 'at: {every: year, from: DATE, until: DATE}'"
    near = difflib.get_close_matches(word[:100].lower(), lower, n=1, cutoff=0.6)
    return f"; did you mean '{lower[near[0]]}'?" if near else ""
