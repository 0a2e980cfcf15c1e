"""Whether two terms that look different mean the same: the loader is asked, with one in the place of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sibsim.loading.compared import Difference, Side, Version
from sibsim.loading.meanings import meaning, plain
from sibsim.loading.place import Node

__all__ = ["BESIDE", "Doubts", "meaning_the_same", "settled"]

TERMS = ("changed", "only_first", "only_second", "moved")
BESIDE = ("title", "sources", "options")
"""What stands beside the contract and changes nothing of it."""
MOST_ASKED = 200
MOST_READ = 100_000
"""Keys and values that may be read again to find out whether two terms mean the same."""

Doubts = Mapping[tuple[str, ...], tuple[Node | None, Node | None]]
"""By path: two terms, of the first and the second, that may mean the same although they do not look so."""


def settled(found: Sequence[Difference], versions: tuple[Version, Version], doubtful: Doubts) -> list[Difference]:
    """The differences, with every doubt settled by the loader: what gives the same contract is none."""
    first, second = (plain(version.scenario) for version in versions)
    size = sum(_size(version.context.root) for version in versions)
    left = max(2, min(MOST_ASKED, MOST_READ // size))
    if first == second:
        same = {one.path for one in found if one.path[0] not in BESIDE}
    else:
        same = {path for path in sorted(doubtful)[:left] if _is_same(versions, path, doubtful[path])}
    told = [meaning_the_same(one) if one.path in same and one.what in TERMS else one for one in found]
    by_default = sorted(one.path for one in told if one.first.default or one.second.default)[:left]
    return [_without_idle_default(versions, one) if one.path in by_default else one for one in told]


def _without_idle_default(versions: tuple[Version, Version], one: Difference) -> Difference:
    """A default that could not be written where it is said to hold is none: a bias where nothing is matched."""
    i = 0 if one.first.default else 1
    default = (one.first, one.second)[i].default
    if one.is_same or meaning(Node("text", text=default))[0] not in ("number", "duration"):
        return one
    tree = _with(versions[i].context.root, one.path, Node("text", text=default))
    if tree is not None and versions[i].built(tree) is not None:
        return one
    sides = [one.first, one.second]
    sides[i] = Side(None)
    return replace(one, what="only_second" if i == 0 else "only_first", first=sides[0], second=sides[1])


def _is_same(versions: tuple[Version, Version], path: tuple[str, ...], terms: tuple[Node | None, Node | None]) -> bool:
    """Whether each of the two contracts stays the same if this term of the other stood in it."""
    return all(_stays(versions[i], versions[1 - i], path, terms[1 - i]) for i in (0, 1))


def _stays(version: Version, other: Version, path: tuple[str, ...], node: Node | None) -> bool:
    tree = _with(version.context.root, path, node)
    sources = other.context.root.entries.get("sources")
    if tree is None:
        return False
    if sources is not None and sources.kind == "mapping":
        own = tree.entries.get("sources", Node("mapping"))
        both = replace(sources, entries={**sources.entries, **own.entries}, keys={**sources.keys, **own.keys})
        keys = {**tree.keys, "sources": tree.keys.get("sources", (0, 0))}
        tree = replace(tree, entries={**tree.entries, "sources": both}, keys=keys)
    made = version.built(tree)
    return made is not None and plain(made) == plain(version.scenario)


def meaning_the_same(one: Difference) -> Difference:
    """A difference of two terms that turn out to mean the same: at most where they come from is another."""
    if one.source or one.status:
        return replace(one, what="evidence", remark="")
    return replace(one, is_same=True, remark="")


def _size(node: Node) -> int:
    waiting, count = [node], 0
    while waiting:
        one = waiting.pop()
        count += 1
        waiting += [*one.entries.values(), *one.items]
    return count


def _with(node: Node, path: Sequence[str], value: Node | None) -> Node | None:
    """A copy of a tree with something else at a path, or nothing; None if what is above it is not there."""
    if node.kind != "mapping":
        return None
    key, *rest = path
    entries, keys = dict(node.entries), dict(node.keys)
    if rest:
        if key not in entries:
            return None
        inner = _with(entries[key], rest, value)
        if inner is None:
            return None
        entries[key] = inner
    elif value is None:
        entries.pop(key, None)
    else:
        entries[key] = value
        keys.setdefault(key, (value.line, value.column))
    return replace(node, entries=entries, keys=keys)
