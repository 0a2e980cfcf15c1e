"""How two scenarios differ: their trees compared key by key, in the order of the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sibsim.loading.csv_column import read_column
from sibsim.loading.evidence import EVIDENCE_KEYS, STATUSES
from sibsim.loading.meanings import Meaning, body, files, is_whole, meaning, plain, said, shape, written
from sibsim.loading.moves import moved
from sibsim.loading.place import SET, Context, Node, Place
from sibsim.loading.scalars import looks_like_date, parse_date, parse_quantity
from sibsim.loading.sections import SHORT, Section, is_ordered, root
from sibsim.loading.values import is_value
from sibsim.scenario import Scenario

__all__ = ["Compared", "Difference", "Side", "Version", "What", "differences"]

What = Literal["changed", "only_first", "only_second", "moved", "evidence", "note"]
TERMS = ("changed", "only_first", "only_second", "moved")
BESIDE = ("title", "sources", "options")
"""What stands beside the contract and changes nothing of it."""
MOST_ASKED = 200
MOST_READ = 100_000
"""Keys and values that may be read again to find out whether two terms mean the same."""


@dataclass(frozen=True)
class Version:
    """One of the two: a file with its options put in.

    Parameters
    ----------
    context : Context
        What is known of it; ``root`` is its tree.
    scenario : Scenario
    built : callable
        The scenario of a changed tree; None if that is not valid.
    sets : tuple of str
        What ``--set`` changed.
    """

    context: Context
    scenario: Scenario
    built: Callable[[Node], Scenario | None]
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """What stands in one of the two; ``written`` is None where it says nothing, and ``default`` what then holds."""

    written: str | None
    file: str = ""
    line: int = 0
    column: int = 0
    default: str = ""


@dataclass(frozen=True)
class Difference:
    """One difference.

    Parameters
    ----------
    path : tuple of str
        Keys.
    what : str
        ``changed``, ``only_first``, ``only_second``, ``moved`` (in a list whose order counts), ``evidence`` (the same
        value, from elsewhere) or ``note``.
    first, second : Side
    is_same : bool
        It means the same and is written otherwise.
    source, status : (str or None, str or None), optional
        Of both, where they differ.
    remark : str
        What the values do not tell.
    """

    path: tuple[str, ...]
    what: What
    first: Side
    second: Side
    is_same: bool = False
    source: tuple[str | None, str | None] | None = None
    status: tuple[str | None, str | None] | None = None
    remark: str = ""


@dataclass(frozen=True)
class Compared:
    """Two versions and how they differ."""

    first: Version
    second: Version
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class _At:
    """A place in both trees; what is not there is None."""

    path: tuple[str, ...]
    section: Section
    nodes: tuple[Node | None, Node | None]
    lines: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    above: tuple[Mapping[str, Node], Mapping[str, Node]] = ({}, {})
    """What holds for a cohort that says nothing itself."""


def differences(first: Version, second: Version) -> list[Difference]:
    """Every difference of two valid scenarios, also what is only written otherwise.

    Parameters
    ----------
    first, second : Version

    Returns
    -------
    list of Difference
        In the order of the reference.
    """
    comparison = _Comparison((first, second))
    top = _At((), root(), (first.context.root, second.context.root))
    return comparison.settled(list(comparison.mappings(top, first.context.root, second.context.root)))


@dataclass
class _Comparison:
    """Goes through both trees at once."""

    versions: tuple[Version, Version]
    doubtful: dict[tuple[str, ...], tuple[Node | None, Node | None]] = field(default_factory=dict)
    """What may mean the same although it does not look so: the loader is asked."""

    # ------------------------------------------------------------------------------------------ walking
    def at(self, at: _At) -> Iterator[Difference]:
        """The differences at a place and below it."""
        a, b = (None if node is None or (node.is_none and at.section.may_be_none) else node for node in at.nodes)
        if a is None and b is None:
            return
        if a is None or b is None:
            yield self._alone(replace(at, nodes=(a, b)))
            return
        if at.path == ("correlations",):
            a, b = _by_pair(a), _by_pair(b)
        if SHORT.get(at.section.table) and is_value(a) != is_value(b):
            a, b = (_in_full(node, SHORT[at.section.table]) for node in (a, b))
        at = replace(at, nodes=(a, b))
        if _has_keys(a) and _has_keys(b):
            yield from self._evidence_of_mapping(at, a, b)
            yield from self.mappings(at, a, b)
        else:
            yield from self._values(at, a, b)

    def mappings(self, at: _At, a: Node, b: Node) -> Iterator[Difference]:
        """Two mappings, key by key."""
        is_dated = any(looks_like_date(key) for node in (a, b) for key in node.entries)
        b = _dated_alike(a, b) if is_dated else b
        for key in _keys(at.section, a, b):
            inner = (a.entries.get(key), b.entries.get(key))
            if all(node is None or _is_said(key, node, at.section) for node in inner):
                continue
            lines = (a.keys.get(key, (0, 0)), b.keys.get(key, (0, 0)))
            section = replace(at.section, default="", may_be_none=False) if is_dated else at.section.within(key)
            yield from self.at(_At((*at.path, key), section, inner, lines, _above(at, key)))
        if at.section.is_named or is_dated:
            yield from self._moved(at, a, b, is_dated or is_ordered(at.path))

    def _values(self, at: _At, a: Node, b: Node) -> Iterator[Difference]:
        """Two values, whole."""
        section = at.section
        of = [meaning(node, section.is_share, self._currency(i), section.is_text) for i, node in enumerate((a, b))]
        is_same = of[0] == of[1] and self._columns(0, a) == self._columns(1, b)
        source, status = (_pair(a, b, key) for key in ("source", "status"))
        look = written(a), written(b)
        remark = "all money without a code is in it" if at.path == ("currency",) else ""
        if not is_same and of[0] == of[1]:
            remark = "the files hold other figures under this heading"
        elif not is_same and not section.is_share and meaning(a) == meaning(b):
            remark = "a percent and a plain number are not the same here"
        elif not is_same:
            self._doubt(at, of[0], of[1])
        if not is_same or look[0] != look[1] or source or status:
            made = Difference(at.path, "changed", self._side(at, 0), self._side(at, 1), False, source, status, remark)
            yield _meaning_the_same(made) if is_same else made
        if is_same and not (source or status):
            yield from self._inner_evidence(at, a, b)
        yield from self._note(at, a, b)

    def _inner_evidence(self, at: _At, a: Node, b: Node) -> Iterator[Difference]:
        """Where the parts of two values that mean the same come from: a row of steps, a factor of a product."""
        for one, other, path in _parts(body(a), body(b), at.path):
            source, status = (_pair(one, other, key) for key in ("source", "status"))
            lines = (one.line, one.column), (other.line, other.column)
            inner = replace(at, path=path, nodes=(one, other), lines=lines)
            if source or status:
                yield Difference(
                    path, "evidence", self._side(inner, 0), self._side(inner, 1), source=source, status=status
                )
            yield from self._note(inner, one, other)

    def _evidence_of_mapping(self, at: _At, a: Node, b: Node) -> Iterator[Difference]:
        if at.section.is_named or at.path[:1] in ((), ("options",)):
            return
        source, status = (_pair(a, b, key) for key in ("source", "status"))
        if source or status:
            yield Difference(at.path, "evidence", self._side(at, 0), self._side(at, 1), source=source, status=status)
        yield from self._note(at, a, b)

    def _note(self, at: _At, a: Node, b: Node) -> Iterator[Difference]:
        notes = said(a, "note"), said(b, "note")
        if notes[0] != notes[1]:
            first, second = (replace(self._side(at, i), written=note) for i, note in enumerate(notes))
            yield Difference((*at.path, "note"), "note", first, second, is_same=True)

    def _alone(self, at: _At) -> Difference:
        """What only one of the two says."""
        default = self._default(at)
        is_first = at.nodes[0] is not None
        sides = [self._side(at, i) for i in (0, 1)]
        if not default:
            return Difference(at.path, "only_first" if is_first else "only_second", sides[0], sides[1])
        sides[is_first] = Side(None, default=default)
        node = at.nodes[not is_first]
        assert node is not None
        is_same = meaning(node, at.section.is_share) == meaning(Node("text", text=default), at.section.is_share)
        if not is_same:
            self.doubtful[at.path] = at.nodes
        return Difference(at.path, "changed", sides[0], sides[1], is_same=is_same)

    # ------------------------------------------------------------------------------------------ order
    def _moved(self, at: _At, a: Node, b: Node, is_ordered: bool) -> Iterator[Difference]:
        """Names that stand elsewhere among those of both; dates do not count among them."""
        orders = [
            [
                key
                for key, node in of.entries.items()
                if not looks_like_date(key) and not _is_said(key, node, at.section)
            ]
            for of in (a, b)
        ]
        common = [[key for key in orders[i] if key in set(orders[1 - i])] for i in (0, 1)]
        if common[0] == common[1]:
            return
        for name in moved(common[0], common[1]):
            inner = _At((*at.path, name), at.section, (a.entries[name], b.entries[name]), (a.keys[name], b.keys[name]))
            first, second = (replace(self._side(inner, i), written=_where(name, common[i])) for i in (0, 1))
            yield Difference(inner.path, "moved", first, second, is_same=not is_ordered)

    # ------------------------------------------------------------------------------------------ one side
    def _side(self, at: _At, i: int) -> Side:
        node = at.nodes[i]
        if node is None:
            return Side(None)
        if node.origin == SET:
            return Side(written(node), SET)
        line, column = at.lines[i] if at.lines[i] != (0, 0) else (node.line, node.column)
        return Side(written(node), node.origin or self.versions[i].scenario.file, line, column)

    def _currency(self, i: int) -> str:
        return self.versions[i].context.currency if self._one_currency else ""

    @property
    def _one_currency(self) -> bool:
        return self.versions[0].context.currency == self.versions[1].context.currency

    def _columns(self, i: int, node: Node) -> list[Any]:
        """The figures of the files that a value names."""
        found = []
        for one in files(node):
            at = [Place(self.versions[i].context, one.entries[key]) for key in ("file", "column")]
            found.append([plain(quantity) for quantity in read_column(at[0], at[1]).quantities])
        return found

    def _default(self, at: _At) -> str:
        """What holds where nothing is said; empty if nothing does."""
        i = 0 if at.nodes[0] is None else 1
        key, above = at.path[-1], at.above[i]
        if key in above and len(at.path) == 4:
            return written(above[key])
        if at.path[0] in ("contract", "costs") and self.versions[i].scenario.finance is None and at.section.default:
            of_payment = at.path[0] == "contract" and at.path[1:2] == ("payments",)
            without = {"to": "provider"} if of_payment else {"by": "provider", "to": "outside"}
            return without.get(key, at.section.default) if len(at.path) in (3, 4) else at.section.default
        return at.section.default

    # ------------------------------------------------------------------------------------------ doubts
    def _doubt(self, at: _At, one: Meaning, other: Meaning) -> None:
        if at.section.is_text or at.path[0] in BESIDE:
            return
        if shape(one) != shape(other):
            self.doubtful[at.path] = at.nodes

    def settled(self, found: Sequence[Difference]) -> list[Difference]:
        """The differences, with every doubt settled by the loader: what gives the same contract is none."""
        first, second = (plain(version.scenario) for version in self.versions)
        size = sum(_size(version.context.root) for version in self.versions)
        left = max(2, min(MOST_ASKED, MOST_READ // size))
        if first == second:
            same = {one.path for one in found if one.path[0] not in BESIDE}
        else:
            same = {path for path in sorted(self.doubtful)[:left] if self._is_same(path)}
        settled = [_meaning_the_same(one) if one.path in same and one.what in TERMS else one for one in found]
        doubtful = sorted(one.path for one in settled if one.first.default or one.second.default)[:left]
        return [self._without_idle_default(one) if one.path in doubtful else one for one in settled]

    def _without_idle_default(self, one: Difference) -> Difference:
        """A default that could not be written where it is said to hold is none: a bias where nothing is matched."""
        i = 0 if one.first.default else 1
        default = (one.first, one.second)[i].default
        if one.is_same or meaning(Node("text", text=default))[0] not in ("number", "duration"):
            return one
        tree = _with(self.versions[i].context.root, one.path, Node("text", text=default))
        if tree is not None and self.versions[i].built(tree) is not None:
            return one
        sides = [one.first, one.second]
        sides[i] = Side(None)
        return replace(one, what="only_second" if i == 0 else "only_first", first=sides[0], second=sides[1])

    def _is_same(self, path: tuple[str, ...]) -> bool:
        """Whether each of the two contracts stays the same if this term of the other stood in it."""
        nodes = self.doubtful[path]
        return all(self._stays(self.versions[i], self.versions[1 - i], path, nodes[1 - i]) for i in (0, 1))

    @staticmethod
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


def _meaning_the_same(one: Difference) -> Difference:
    """A difference of two terms that turn out to mean the same: at most where they come from is another."""
    if one.source or one.status:
        return replace(one, what="evidence", remark="")
    return replace(one, is_same=True, remark="")


# ---------------------------------------------------------------------------------------------- nodes
def _has_keys(node: Node) -> bool:
    return node.kind == "mapping" and not is_whole(node)


def _is_said(key: str, node: Node, section: Section) -> bool:
    """Whether a key says where the figures around it come from, and is none of them."""
    if node.kind != "text" or key not in EVIDENCE_KEYS or section.is_named:
        return key == "note" and node.kind == "text"
    word = node.text.strip()
    return key == "note" or (word in STATUSES if key == "status" else parse_quantity(word) is None)


def _dated_alike(a: Node, b: Node) -> Node:
    """The second mapping with each date spelled as in the first: 2027 as 2027-01."""
    spelled = {parse_date(key): key for key in a.entries if looks_like_date(key)}
    names = {key: spelled.get(parse_date(key), key) if looks_like_date(key) else key for key in b.entries}
    entries = {names[key]: node for key, node in b.entries.items()}
    return replace(b, entries=entries, keys={names[key]: where for key, where in b.keys.items() if key in names})


def _keys(section: Section, a: Node, b: Node) -> list[str]:
    """The keys of both: those of the table in its order, others as the first file has them."""
    there = dict.fromkeys([*a.entries, *b.entries])
    known = [] if section.is_named else [key for key in section.keys if key in there]
    others = [key for key in there if key not in known]
    return [*known, *(sorted(others) if all(map(looks_like_date, others)) else others)]


def _above(at: _At, key: str) -> tuple[Mapping[str, Node], Mapping[str, Node]]:
    """What a cohort that does not say something takes from the lines above it."""
    if at.path == ("participants",) and key == "cohorts":
        found = [{} if node is None else dict(node.entries) for node in at.nodes]
        return found[0], found[1]
    return at.above if at.path[:2] == ("participants", "cohorts") and len(at.path) < 4 else ({}, {})


def _in_full(node: Node, key: str) -> Node:
    """A plain value as the mapping that it stands for."""
    if not is_value(node):
        return node
    at = node.line, node.column
    return Node("mapping", *at, node.origin, entries={key: node}, keys={key: at})


def _by_pair(node: Node) -> Node:
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


def _pair(a: Node, b: Node, key: str) -> tuple[str | None, str | None] | None:
    """What both say of where a figure comes from, if that differs."""
    found = said(a, key), said(b, key)
    return found if found[0] != found[1] else None


def _parts(a: Node, b: Node, path: tuple[str, ...]) -> Iterator[tuple[Node, Node, tuple[str, ...]]]:
    """The parts of two values that have one form."""
    inner = [(str(number), x, y) for number, (x, y) in enumerate(zip(a.items, b.items, strict=False), 1)]
    inner += [(key, x, b.entries[key]) for key, x in a.entries.items() if key in b.entries and key not in EVIDENCE_KEYS]
    for key, x, y in inner:
        if x.kind == y.kind == "mapping":
            yield x, y, (*path, key)
        yield from _parts(body(x), body(y), (*path, key))


def _where(name: str, order: Sequence[str]) -> str:
    place = order.index(name)
    return f"after '{order[place - 1]}'" if place else "first"


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
