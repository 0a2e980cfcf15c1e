"""Comparisons: what a measure is set against."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sibsim.loading.dates import by_date
from sibsim.loading.keys import NEEDED, Key, read
from sibsim.loading.kinds import duration_above
from sibsim.loading.levels import level_of
from sibsim.loading.place import Place, Skip, attempt, listed
from sibsim.loading.scalars import looks_like_date
from sibsim.loading.values import SHARE, Sort
from sibsim.scenario import Comparison, Number

__all__ = ["COMPARED", "ComparisonsOverTime", "comparison", "comparison_keys"]

ComparisonsOverTime = tuple[tuple[int, Comparison], ...]
"""What a measure is set against from each column on."""

KINDS = ("fixed", "historical", "before", "matched", "rct")
COMPARED = KINDS[1:]
"""Comparisons with people, who fare as the file says of life without the programme."""
COMPANIONS = {
    "years_before": "historical",
    "regression": "before",
    "bias": "matched",
    "cluster_size": "rct",
    "icc": "rct",
}
"""Keys that belong to one kind of comparison."""

PEOPLE_FOUND = Sort("a number of people", "361", 1.0, 1e8, ("number",)).changing()
BIAS = Sort("a bias", "5 %", -1.0, 100.0).changing()
YEARS = Sort("a number of years", "1", 0.0, 100.0, ("number",), is_low_open=True).changing()
REGRESSION = Sort("a share", "10 %", -1.0, 0.95).changing()
CLUSTER = Sort("a number of people", "30", 1.0, 1e6, ("number",)).changing()
ICC = Sort("a correlation", "0.05", 0.0, 1.0).changing()


def _kinds(type: str) -> tuple[Key, ...]:
    return (
        Key("fixed", level_of(type, is_over_time=True), "", "the contract's number, over the same follow-up", "50 %"),
        Key("historical", PEOPLE_FOUND, "", "this many people of some years before: off by the `trend`", "2 500"),
        Key("years_before", YEARS, "1", "with `historical`: how long ago they lived", "3"),
        Key(
            "before",
            duration_above,
            "",
            "the people found, in so much time before their start (brought to the length of the follow-up), drawn "
            "independently: off by the `trend`",
            "12 months",
        ),
        Key(
            "regression",
            REGRESSION,
            "0 %",
            "with `before`: part of the level before that would have gone by itself; below 0 if it would have risen",
            "20 %",
        ),
        Key("matched", PEOPLE_FOUND, "", "this many similar people", "2 000"),
        Key("bias", BIAS, "0 %", "with `matched`: how much their true level is off", "5 %"),
        Key("rct", PEOPLE_FOUND, "", "this many people by lot", "361"),
        Key("cluster_size", CLUSTER, "1", "with `rct`: people in a cluster (school, village)", "30"),
        Key(
            "icc",
            ICC,
            "0",
            "with `rct`: correlation within a cluster; the noise of both groups is that of 1 + (cluster_size - 1) icc "
            "times fewer people",
            "0.05",
        ),
    )


def comparison_keys(type: str) -> tuple[Key, ...]:
    """The keys of `comparison` for an outcome of some type."""
    blend = Key(
        "blend",
        lambda place: _blend(place, type),
        "",
        "a weighted mean of comparisons, each with its own noise; the weights add up to 100 %",
        "[{weight: 80 %, rct: 900}, {weight: 20 %, fixed: 50 %}]",
    )
    weight = Key("weight", SHARE, "", "in a `blend`: the weight of this comparison", "80 %")
    return (*_kinds(type), blend, weight)


def comparison(type: str) -> Callable[[Place], Comparison | ComparisonsOverTime]:
    """A reader of `comparison` for an outcome of some type: one, or one from each of some dates on."""
    keys = tuple(key for key in comparison_keys(type) if key.name != "weight")

    def parse(place: Place) -> Comparison | ComparisonsOverTime:
        if place.node.kind != "mapping" or not any(looks_like_date(key) for key in place.node.entries):
            return _comparison(place, read(place, keys))
        return by_date(place, lambda at: _comparison(at, read(at, keys)))

    return parse


def _comparison(place: Place, given: dict[str, Any]) -> Comparison:
    known = (*KINDS, "blend")
    kinds = [kind for kind in known if kind in given]
    if len(kinds) != 1:
        raise place.wrong(f"give one of {listed(known)}; {'several stand' if kinds else 'none stands'} here")
    kind = kinds[0]
    for key, owner in COMPANIONS.items():
        if key in given and kind != owner:
            raise place.child(key).wrong(f"only '{owner}' has {_a(key)}, not '{kind}'", at_key=True)
    if ("cluster_size" in given) != ("icc" in given):
        lacking = "icc" if "cluster_size" in given else "cluster_size"
        raise place.wrong(f"missing key '{lacking}': clusters need both cluster_size and icc", at_key=True)
    fields = {"fixed": "level", "before": "months", "blend": "parts"}
    given[fields.get(kind, "n")] = given.pop(kind)
    return Comparison(kind, **given)  # type: ignore[arg-type]


def _a(key: str) -> str:
    return {"bias": "a bias", "regression": "a regression", "icc": "an icc", "cluster_size": "a cluster_size"}.get(
        key, f"'{key}'"
    )


def _blend(place: Place, type: str) -> tuple[tuple[Number, Comparison], ...]:
    if place.node.kind != "list" or len(place.node.items) < 2:
        raise place.wrong("expected at least two comparisons, e.g. [{weight: 80 %, rct: 900}, {weight: 20 %, ...}]")
    parts = [attempt(lambda at: _part(at, type), part) for part in place.parts()]
    found = tuple(part for part in parts if part is not None)
    if len(found) < len(parts):
        raise Skip
    total = math.fsum(weight.value for weight, _ in found)
    if abs(total - 1.0) > 1e-9:
        raise place.wrong(f"the weights add up to {total * 100:.6g} %, not 100 %")
    return found


def _part(place: Place, type: str) -> tuple[Number, Comparison]:
    keys = (Key("weight", SHARE, NEEDED, "the weight of this comparison", "80 %"), *_kinds(type))
    given = read(place, keys)
    weight = given.pop("weight")
    if not isinstance(weight, Number):
        raise place.child("weight").wrong("must be a fixed share here")
    return weight, _comparison(place, given)
