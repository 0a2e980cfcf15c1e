"""What a piece of a file means, however it is written: two spellings of one thing have one meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from sibsim.loading.curves import CURVES
from sibsim.loading.evidence import EVIDENCE_KEYS
from sibsim.loading.formulas import FORMULAS
from sibsim.loading.place import Node
from sibsim.loading.scalars import looks_like_date, parse_date, parse_duration, parse_quantity
from sibsim.scenario import Benefit, Evidence, Input, Number, OverTime, Scenario

__all__ = ["Meaning", "body", "files", "is_whole", "meaning", "plain", "said", "shape", "written"]

Meaning = tuple[Any, ...]

TEST = re.compile(r"(at least|above|below|at most) +(.+)")
"""A line of a condition, or the left side of a row."""
DIGITS = 12
"""Figures of a number that count: 9 % is not exactly 9 / 100 once it has been divided."""


def written(node: Node) -> str:
    """What stands in the file, on one line, without where it comes from.

    >>> written(Node("list", items=[Node("text", text="5 %"), Node("text", text="a b", is_plain=False)]))
    '[5 %, "a b"]'
    """
    node = body(node)
    if node.kind == "text":
        text = " ".join(node.text.split())
        return text if node.is_plain else f'"{text}"'
    if node.kind == "list":
        return f"[{', '.join(map(written, node.items))}]"
    return f"{{{', '.join(f'{key}: {written(inner)}' for key, inner in _entries(node))}}}"


def _entries(node: Node) -> Iterator[tuple[str, Node]]:
    """The keys of a mapping, apart from where its figure comes from."""
    for key, inner in node.entries.items():
        is_said = key == "note" or (is_whole(node) and key in EVIDENCE_KEYS)
        if not (is_said and inner.kind == "text"):
            yield key, inner


def is_whole(node: Node) -> bool:
    """Whether a mapping is one value that may say where it comes from: a figure, a distribution, a formula."""
    return node.kind == "mapping" and any(key in node.entries for key in ("value", *CURVES, *FORMULAS))


def body(node: Node) -> Node:
    """The value of ``{value: ..., source: ...}``; other nodes as they are."""
    if node.kind == "mapping" and "value" in node.entries and set(node.entries) <= {"value", *EVIDENCE_KEYS}:
        return node.entries["value"]
    return node


def said(node: Node, key: str) -> str | None:
    """What a mapping says of where its figure comes from: its `source`, `status` or `note`."""
    found = node.entries.get(key) if node.kind == "mapping" else None
    return None if found is None or found.kind != "text" else found.text.strip()


# ------------------------------------------------------------------------------------------------ meanings
def meaning(node: Node, is_share: bool = True, currency: str = "", is_text: bool = False) -> Meaning:
    """What a value means: equal for two spellings of the same.

    Parameters
    ----------
    node : Node
    is_share : bool
        Whether a percent and the plain number of the same size are the same there; of money a percent is a share of
        something else.
    currency : str
        Of the file: money with that code is money without.
    is_text : bool
        Whether it is a text, in which every sign counts.

    Examples
    --------
    >>> def of(text, **more): return meaning(Node("text", text=text), **more)
    >>> of("5 %") == of("0.05"), of("5 %", is_share=False) == of("0.05", is_share=False)
    (True, False)
    >>> of("12 months") == of("1 year"), of("4.8 m") == of("4 800 k"), of("2027") == of("2027-01")
    (True, True, False)
    """
    node = body(node)
    if node.kind == "list":
        return ("list", *(meaning(item, is_share, currency, is_text) for item in node.items))
    if node.kind == "mapping":
        lines = [(_key(key), meaning(inner, is_share, currency, is_text)) for key, inner in _entries(node)]
        is_in_order = any(key[0] == "date" for key, _ in lines) and any(key[0] != "date" for key, _ in lines)
        return ("mapping", *(lines if is_in_order else sorted(lines, key=repr)))
    text = " ".join(node.text.split())
    return ("word", text) if is_text or not node.is_plain else _of_text(text, is_share, currency)


def _key(key: str) -> Meaning:
    """A key, or the date that it is: events that amend a term count in the order of the file."""
    day = parse_date(key) if looks_like_date(key) else None
    return ("word", key) if day is None else ("date", day.isoformat())


def _of_text(text: str, is_share: bool, currency: str) -> Meaning:
    quantity = parse_quantity(text)
    if quantity is not None:
        unit = "percent" if quantity.unit == "percent" and not is_share else "number"
        code = quantity.currency or ""
        return (unit, _rounded(quantity.value), "" if code == currency else code)
    months, day, test = parse_duration(text), parse_date(text), TEST.fullmatch(text)
    if months is not None:
        return ("duration", _rounded(months))
    if day is not None:
        return ("date", day.isoformat())
    return ("test", test[1], _of_text(test[2], is_share, currency)) if test else ("word", text)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def shape(found: Meaning) -> Meaning:
    """What is left of a meaning without its figures and words: two that share it and are not equal differ.

    >>> shape(("list", ("number", 5.0, ""), ("word", "a")))
    ('list', ('number',), ('word',))
    """
    if found[0] == "list":
        return ("list", *map(shape, found[1:]))
    if found[0] == "mapping":
        return ("mapping", *((key, shape(inner)) for key, inner in found[1:]))
    return found[:1]


def files(node: Node) -> Iterator[Node]:
    """The mappings within a value that name a column of a file."""
    if node.kind == "mapping" and {"file", "column"} <= set(node.entries):
        yield node
    for inner in (*node.entries.values(), *node.items):
        yield from files(inner)


# ------------------------------------------------------------------------------------------------ scenarios
NOT_MEANT = frozenset({"name", "title", "file", "sha256", "options", "available_options", "sources", "warnings"})
"""What a scenario holds besides what it says."""


def plain(thing: Any) -> Any:
    """What a scenario says, without where it comes from: equal for two files that mean the same.

    >>> from sibsim.scenario import Number
    >>> plain(Number(5e6, "money")) == plain(Number(5e6)), plain(Number(0.05, "percent")) == plain(Number(0.05))
    (True, False)
    """
    if isinstance(thing, Evidence):
        return None
    if isinstance(thing, OverTime) and len(thing.entries) == 1 and not thing.events:
        return plain(thing.entries[0][1])  # one value from one date on: the first holds before, too
    if is_dataclass(thing) and not isinstance(thing, type):
        skipped = NOT_MEANT if isinstance(thing, Scenario) else frozenset[str]()
        held = [(f.name, getattr(thing, f.name)) for f in fields(thing) if f.name not in skipped]
        return (type(thing).__name__, *(_field(thing, name, entry) for name, entry in held))
    if isinstance(thing, Mapping):
        return tuple(sorted(((str(key), plain(entry)) for key, entry in thing.items()), key=repr))
    if isinstance(thing, tuple | list | set | frozenset):
        return tuple(plain(entry) for entry in thing)
    if isinstance(thing, float | int) and not isinstance(thing, bool):
        return _rounded(float(thing))
    return thing if thing is None or isinstance(thing, str | bool | date) else repr(thing)


def _field(thing: Any, name: str, entry: Any) -> Any:
    if name == "evidence":
        return None
    if name == "inputs" and isinstance(entry, tuple):  # in whatever order
        return tuple(sorted((plain(one) for one in entry), key=repr))
    if name in ("stops", "cancels"):  # all of it at once
        return tuple(sorted(plain(one) for one in entry))
    if name == "from_" and isinstance(thing, Benefit):
        return plain(entry or None)
    if name == "right" and isinstance(entry, Number):  # a reading is compared with the number, 5 % or 0.05
        return _rounded(entry.value), "" if entry.unit != "money" else entry.currency
    is_plain_money = name == "unit" and entry == "money" and isinstance(thing, Number | Input)
    return "number" if is_plain_money else plain(entry)
