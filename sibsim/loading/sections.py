"""What the language says of a place in a file: which keys may stand there, in which order, and what holds if none does.

Read off the tables of keys and the schema made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sibsim.loading.keys import NEEDED, Key
from sibsim.loading.kinds import Whole, text
from sibsim.loading.schema import SECTIONS, SPECIAL
from sibsim.loading.tables import TABLES
from sibsim.loading.values import Sort

__all__ = ["ORDERED", "SHORT", "Section", "is_ordered", "root"]

ORDERED = (
    ("contract", "payments"),
    ("costs",),
    ("finance", "guarantees"),
    ("events",),
    ("outcomes", "*", "steps"),
)
"""Names whose order in the file counts."""
SHORT = {"parties": "name", "cap": "total", "round": "to"}
"""Of a section in whose place a plain value may stand, the key that it then is."""
NO_DEFAULT = ("", NEEDED, "none", "one shape")
MIXED = ("inputs", "actuals", "expected", "measures", "payments", "options")
"""Sections in which a percent and a plain number may be different things where the reader does not say otherwise."""


@dataclass(frozen=True)
class Section:
    """What may stand at a place.

    Parameters
    ----------
    table : str
        The table of its keys; empty where it has none.
    of_each : str
        The table of each thing in it, where names stand.
    is_named : bool
        Whether its keys are names.
    is_share : bool
        Whether a percent and the plain number of the same size mean the same in it.
    is_text : bool
        Whether every sign counts.
    default : str
        What holds where it is not said, as the reference has it; empty if nothing does.
    may_be_none : bool
        Whether the word ``none`` says that there is nothing.
    """

    table: str = ""
    of_each: str = ""
    is_named: bool = False
    is_share: bool = True
    is_text: bool = False
    default: str = ""
    may_be_none: bool = False

    @property
    def keys(self) -> Sequence[str]:
        """The keys of its table, in the order of the reference."""
        return [key.name for key in TABLES.get(self.table, ()) if key.parse is not None]

    def within(self, key: str) -> Section:
        """What may stand at one of its keys."""
        if self.is_named:
            return Section(self.of_each, is_share=self.is_share, is_text=self.is_text)
        known = {one.name: one for one in TABLES.get(self.table, ())}
        return _of_key(self.table, known[key]) if key in known else Section(is_share=self.is_share)


def root() -> Section:
    """What may stand in a file."""
    return Section("file")


def is_ordered(path: Sequence[str]) -> bool:
    """Whether the order of the names at a path counts.

    >>> is_ordered(["contract", "payments"]), is_ordered(["finance", "tranches"])
    (True, False)
    """
    return any(
        len(path) == len(known) and all(k in ("*", p) for p, k in zip(path, known, strict=True)) for known in ORDERED
    )


def _of_key(table: str, key: Key) -> Section:
    path = f"{table}.{key.name}"
    form = SECTIONS.get(path) or SPECIAL.get(path, {})
    more = form.get("additionalProperties")
    is_named = isinstance(more, Mapping) or more is True
    return Section(
        table=_table(form),
        of_each=_table(more) if isinstance(more, Mapping) else "",
        is_named=is_named,
        is_share=_is_share(table, key),
        is_text=key.parse is text
        or table == "sources"
        or (table, key.name) in (("file", "parties"), ("file", "sources")),
        default="" if key.default in NO_DEFAULT else key.default,
        may_be_none=key.default == "none",
    )


def _is_share(table: str, key: Key) -> bool:
    sort = key.parse.sort if isinstance(key.parse, Whole) else key.parse
    if isinstance(sort, Sort):
        return not {"money", "percent"} <= set(sort.units)
    if table == "file":
        return key.name not in MIXED
    return (table not in MIXED or key.name == "by") and (table, key.name) != ("tranches", "drawn")


def _table(form: Mapping[str, Any]) -> str:
    """The table that a form names."""
    for one in (form, *form.get("anyOf", ())):
        name = str(one.get("$ref", "")).removeprefix("#/$defs/")
        if name in TABLES:
            return name
    return ""
