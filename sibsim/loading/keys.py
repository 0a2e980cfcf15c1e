"""A section of the language is a table of keys; one function reads them all.

From the tables come the messages about unknown, missing and later keys, and the reference of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sibsim.loading.place import Place, Skip, attempt, did_you_mean

__all__ = ["NEEDED", "NOT_YET", "Each", "Key", "Named", "each", "named", "read", "union"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

NOT_YET = "is not yet in this version of sibsim"
NEEDED = "needed"


@dataclass(frozen=True)
class Key:
    """One key of a section.

    Parameters
    ----------
    name : str
        As written in the file.
    parse : callable or None
        Reads the value; None for a key that a later version brings.
    default : str
        As the reference shows it; `NEEDED` if there is none. Where it is ``none``, the word ``none`` may be written.
    meaning, example : str
        One line for the reference and for messages.
    field : str
        The field of the dataclass, if it is not the key.
    """

    name: str
    parse: Callable[[Place], Any] | None
    default: str = ""
    meaning: str = ""
    example: str = ""
    field: str = ""


def union(*tables: Sequence[Key]) -> tuple[Key, ...]:
    """The keys of several tables, each name once: where one table refuses what another reads, the latter."""
    found: dict[str, Key] = {}
    for key in (key for table in tables for key in table):
        if key.name not in found or found[key.name].parse is None:
            found[key.name] = key
    return tuple(found.values())


def read(place: Place, keys: Sequence[Key], into: dict[str, Any] | None = None) -> dict[str, Any]:
    """The values of a mapping by field, for the keys that stand there, read in the order of the table.

    With ``into`` what could be read is put there and comes back also when something else is wrong.

    Raises
    ------
    Wrong
        It is not a mapping.
    Skip
        Something in it is wrong; every problem is noted.
    """
    if place.node.kind != "mapping":
        first = next(key for key in keys if key.parse)
        raise place.wrong(f"expected keys, e.g. '{first.name}: {first.example}'; got {place.node.shown}")
    table = {key.name: key for key in keys}
    values: dict[str, Any] = {} if into is None else into
    is_good = True
    for name, child in place.children():
        if name not in table:
            child.note(_unknown(name, table), at_key=True)
            is_good = False
    has_later = any(key.parse is None and key.name in place.node.entries for key in keys)
    for key in keys:
        if key.name in place.node.entries:
            is_good = _read_key(place.child(key.name), key, values) and is_good
        elif key.default == NEEDED and not has_later:  # what a later key stands in place of is not missing
            place.note(f"missing key '{key.name}' ({key.meaning}, e.g. {key.example})", at_key=True)
            is_good = False
    if not is_good and into is None:
        raise Skip
    return values


def _unknown(name: str, table: dict[str, Key]) -> str:
    if name == "note":
        return "must be a text"
    near = did_you_mean(name, table)
    here = "" if near else f"; known here: {', '.join(key.name for key in table.values() if key.parse)}"
    return f"unknown key{near or here}"


def _read_key(child: Place, key: Key, values: dict[str, Any]) -> bool:
    if key.parse is None:
        child.note(f"'{key.name}' {NOT_YET}", at_key=True)
        return False
    if key.default == "none" and child.node.is_none:
        return True
    if child.node.is_null:
        child.note(f"has no value; write e.g. '{key.name}: {key.example}', or leave the key out")
        return False
    value = attempt(key.parse, child)
    if value is None:
        return False
    values[key.field or key.name] = value
    return True


@dataclass(frozen=True)
class Named(Generic[T_co]):
    """What `named` returns; ``build`` reads one thing."""

    build: Callable[[Place], T_co]

    def __call__(self, place: Place) -> tuple[T_co, ...]:
        if place.node.kind != "mapping":
            raise place.wrong(f"expected names, each with its keys; got {place.node.shown}")
        things: list[T_co | None] = []
        for _, child in place.children():
            if place.context.is_full:
                raise Skip
            things.append(attempt(self.build, child) if _is_given(child) else None)
        return tuple(thing for thing in things if thing is not None)


def named(build: Callable[[Place], T]) -> Callable[[Place], tuple[T, ...]]:
    """A reader of a mapping from names to things; those that are wrong are noted and left out.

    The names themselves are checked when the names of the whole file are collected.
    """
    return Named(build)


def _is_given(child: Place) -> bool:
    if child.node.is_null:
        child.note("has no value")
    return not child.node.is_null


@dataclass(frozen=True)
class Each(Generic[T_co]):
    """What `each` returns; ``parse`` reads one item."""

    parse: Callable[[Place], T_co]
    what: str

    def __call__(self, place: Place) -> tuple[T_co, ...]:
        if place.node.kind == "mapping":
            raise place.wrong(f"expected a list of {self.what}; got a mapping")
        parts = place.parts() if place.node.kind == "list" else [place]
        if not parts:
            raise place.wrong(f"the list is empty; name {self.what}")
        values = [attempt(self.parse, part) for part in parts]
        if any(value is None for value in values):
            raise Skip
        twice = [value for i, value in enumerate(values) if value in values[:i]]
        if twice:
            raise place.wrong(f"'{twice[0]}' stands in the list twice")
        return tuple(value for value in values if value is not None)


def each(parse: Callable[[Place], T], what: str) -> Callable[[Place], tuple[T, ...]]:
    """A reader of a list; what is not a list counts as a list of one."""
    return Each(parse, what)
