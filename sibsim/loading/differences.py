"""How two scenarios differ: their trees compared key by key, in the order of the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sibsim.loading.comparable import by_pair, dated_alike, evidence_of, has_keys, in_full, is_said, keys_of_both, parts
from sibsim.loading.compared import Difference, Side, Version
from sibsim.loading.csv_column import read_column
from sibsim.loading.doubts import BESIDE, meaning_the_same, settled
from sibsim.loading.meanings import Meaning, body, files, meaning, plain, said, shape, written
from sibsim.loading.moves import moved
from sibsim.loading.place import SET, Node, Place
from sibsim.loading.scalars import looks_like_date
from sibsim.loading.sections import SHORT, Section, is_ordered, root
from sibsim.loading.values import is_value

__all__ = ["differences"]


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
    found = list(comparison.mappings(top, first.context.root, second.context.root))
    return settled(found, comparison.versions, comparison.doubtful)


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
            a, b = by_pair(a), by_pair(b)
        if SHORT.get(at.section.table) and is_value(a) != is_value(b):
            a, b = (in_full(node, SHORT[at.section.table]) for node in (a, b))
        at = replace(at, nodes=(a, b))
        if has_keys(a) and has_keys(b):
            yield from self._evidence_of_mapping(at, a, b)
            yield from self.mappings(at, a, b)
        else:
            yield from self._values(at, a, b)

    def mappings(self, at: _At, a: Node, b: Node) -> Iterator[Difference]:
        """Two mappings, key by key."""
        is_dated = any(looks_like_date(key) for node in (a, b) for key in node.entries)
        b = dated_alike(a, b) if is_dated else b
        for key in keys_of_both(at.section, a, b):
            inner = (a.entries.get(key), b.entries.get(key))
            if all(node is None or is_said(key, node, at.section) for node in inner):
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
        source, status = (evidence_of(a, b, key) for key in ("source", "status"))
        look = written(a), written(b)
        remark = "all money without a code is in it" if at.path == ("currency",) else ""
        if not is_same and of[0] == of[1]:
            remark = "the files hold other figures under this heading"
        elif not is_same and not section.is_share and meaning(a) == meaning(b):
            remark = "a percent and a plain number are not the same here"
            self.doubtful[at.path] = at.nodes
        elif not is_same:
            self._doubt(at, of[0], of[1])
        if not is_same or look[0] != look[1] or source or status:
            made = Difference(at.path, "changed", self._side(at, 0), self._side(at, 1), False, source, status, remark)
            yield meaning_the_same(made) if is_same else made
        if is_same and not (source or status):
            yield from self._inner_evidence(at, a, b)
        yield from self._note(at, a, b)

    def _inner_evidence(self, at: _At, a: Node, b: Node) -> Iterator[Difference]:
        """Where the parts of two values that mean the same come from: a row of steps, a factor of a product."""
        for one, other, path in parts(body(a), body(b), at.path):
            source, status = (evidence_of(one, other, key) for key in ("source", "status"))
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
        source, status = (evidence_of(a, b, key) for key in ("source", "status"))
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
            [key for key, node in of.entries.items() if not looks_like_date(key) and not is_said(key, node, at.section)]
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

    def _doubt(self, at: _At, one: Meaning, other: Meaning) -> None:
        if at.section.is_text or at.path[0] in BESIDE:
            return
        in_any_order = one[0] == other[0] == "list" and sorted(map(repr, one)) == sorted(map(repr, other))
        if shape(one) != shape(other) or in_any_order:
            self.doubtful[at.path] = at.nodes


def _above(at: _At, key: str) -> tuple[Mapping[str, Node], Mapping[str, Node]]:
    """What a cohort that does not say something takes from the lines above it."""
    if at.path == ("participants",) and key == "cohorts":
        found = [{} if node is None else dict(node.entries) for node in at.nodes]
        return found[0], found[1]
    return at.above if at.path[:2] == ("participants", "cohorts") and len(at.path) < 4 else ({}, {})


def _where(name: str, order: Sequence[str]) -> str:
    place = order.index(name)
    return f"after '{order[place - 1]}'" if place else "first"
