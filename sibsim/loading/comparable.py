"""Two trees of YAML made comparable: values spelled alike, keys in one order, parts beside parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sibsim.loading.evidence import EVIDENCE_KEYS, STATUSES
from sibsim.loading.meanings import body, is_whole, said
from sibsim.loading.place import Node
from sibsim.loading.scalars import looks_like_date, parse_date, parse_quantity
from sibsim.loading.sections import Section
from sibsim.loading.values import is_value

__all__ = ["by_pair", "dated_alike", "evidence_of", "has_keys", "in_full", "is_said", "keys_of_both", "parts"]


def has_keys(node: Node) -> bool:
    """Whether it is a mapping that is compared key by key, and not a value that is written as one."""
    return node.kind == "mapping" and not is_whole(node)


def is_said(key: str, node: Node, section: Section) -> bool:
    """Whether a key says where the figures around it come from, and is none of them."""
    if node.kind != "text" or key not in EVIDENCE_KEYS or section.is_named:
        return key == "note" and node.kind == "text"
    word = node.text.strip()
    return key == "note" or (word in STATUSES if key == "status" else parse_quantity(word) is None)


def dated_alike(a: Node, b: Node) -> Node:
    """The second mapping with each date spelled as in the first: 2027 as 2027-01."""
    spelled = {parse_date(key): key for key in a.entries if looks_like_date(key)}
    names = {key: spelled.get(parse_date(key), key) if looks_like_date(key) else key for key in b.entries}
    entries = {names[key]: node for key, node in b.entries.items()}
    return replace(b, entries=entries, keys={names[key]: where for key, where in b.keys.items() if key in names})


def keys_of_both(section: Section, a: Node, b: Node) -> list[str]:
    """The keys of both: those of the table in its order, others as the first file has them."""
    there = dict.fromkeys([*a.entries, *b.entries])
    known = [] if section.is_named else [key for key in section.keys if key in there]
    others = [key for key in there if key not in known]
    return [*known, *(sorted(others) if all(map(looks_like_date, others)) else others)]


def in_full(node: Node, key: str) -> Node:
    """A plain value as the mapping that it stands for."""
    if not is_value(node):
        return node
    at = node.line, node.column
    return Node("mapping", *at, node.origin, entries={key: node}, keys={key: at})


def by_pair(node: Node) -> Node:
    """Correlations by the two inputs they are of."""
    if node.kind != "list":
        return node
    found = Node("mapping", node.line, node.column, node.origin)
    for item in node.items:
        between = item.entries["between"]
        name = " and ".join(sorted(one.text.strip() for one in between.items))
        entries = {key: inner for key, inner in item.entries.items() if key != "between"}
        found.entries[name] = replace(item, entries=entries)
        found.keys[name] = (item.line, item.column)
    return found


def evidence_of(a: Node, b: Node, key: str) -> tuple[str | None, str | None] | None:
    """What both say of where a figure comes from, if that differs."""
    found = said(a, key), said(b, key)
    return found if found[0] != found[1] else None


def parts(a: Node, b: Node, path: tuple[str, ...]) -> Iterator[tuple[Node, Node, tuple[str, ...]]]:
    """The parts of two values that have one form."""
    inner = [(str(number), x, y) for number, (x, y) in enumerate(zip(a.items, b.items, strict=False), 1)]
    inner += [(key, x, b.entries[key]) for key, x in a.entries.items() if key in b.entries and key not in EVIDENCE_KEYS]
    for key, x, y in inner:
        if x.kind == y.kind == "mapping":
            yield x, y, (*path, key)
        yield from parts(body(x), body(y), (*path, key))
