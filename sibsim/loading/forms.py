"""What may stand where a reader reads, as JSON Schema: one entry for each kind of reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from sibsim.distributions.base import INTERVALS
from sibsim.loading.curves import CURVES, WITHIN
from sibsim.loading.formulas import FORMULAS
from sibsim.loading.keys import Each, Named
from sibsim.loading.kinds import (
    Choice,
    Reference,
    Whole,
    column,
    date_of,
    duration,
    duration_above,
    schedule,
    schedule_or_event,
    text,
    year,
)
from sibsim.loading.scalars import MONTHS, NUMBER, SPACE, UNSIGNED
from sibsim.loading.values import ANY, READERS, STATUSES, Sort

__all__ = [
    "TEXT",
    "Schema",
    "any_of",
    "by_date",
    "by_date_or_event",
    "closed",
    "definitions",
    "entries",
    "form_of",
    "list_of",
    "pair",
    "ref",
    "value",
    "with_evidence",
]

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "number", "boolean"]}
"""A plain number, and a word that YAML takes for a truth value, are texts where a text must stand."""
NAME = r"^[^\x00-@\[-`{-\x7f][^\x00-\x1f!-&(-,.:-@\[-^`{-\x7f]*$"
"""A letter first, then letters, digits, spaces, - _ / '; written so that every engine reads it alike."""
DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"
DURATION = rf"{UNSIGNED}{SPACE}+({'|'.join(MONTHS)})s?"
WRITTEN = {
    "number": "",
    "percent": f"{SPACE}*%",
    "money": f"{SPACE}+([kmM]|bn)({SPACE}+[A-Z]{{3}})?|{SPACE}+([kM]|bn)?[A-Z]{{3}}",
}
"""What follows the digits."""


def ref(name: str) -> Schema:
    """A reference to a definition.

    >>> ref("name")
    {'$ref': '#/$defs/name'}
    """
    return {"$ref": f"#/$defs/{name}"}


def any_of(*schemas: Schema) -> Schema:
    """One of several; one alone stands for itself."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def list_of(item: Schema) -> Schema:
    """A list with at least one item."""
    return {"type": "array", "items": item, "minItems": 1}


def pair(first: Schema, second: Schema) -> Schema:
    """A list of two things."""
    return {"type": "array", "prefixItems": [first, second], "items": False, "minItems": 2}


def entries(inner: Schema) -> Schema:
    """A mapping of names to things, in which a note may stand."""
    note = {"note": any_of(TEXT, inner)}
    return {"type": "object", "propertyNames": ref("name"), "properties": note, "additionalProperties": inner}


def by_date(inner: Schema) -> Schema:
    """A mapping of dates to things."""
    dates = {"type": "object", "patternProperties": {DATE: inner}, "properties": {"note": TEXT}}
    return {**dates, "additionalProperties": False, "minProperties": 1}


def by_date_or_event(inner: Schema) -> Schema:
    """A mapping of dates, one at least, and of events to things."""
    has_date: Schema = {"not": {"propertyNames": {"not": {"pattern": DATE}}}}
    names = {"propertyNames": any_of({"pattern": DATE}, ref("name"))}
    return {"type": "object", **names, "properties": {"note": TEXT}, "additionalProperties": inner, **has_date}


def closed(properties: Mapping[str, Schema], *required: str) -> Schema:
    """A mapping with these keys, a note, and no others."""
    found: Schema = {"type": "object", "properties": {**properties, "note": TEXT}, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def with_evidence(inner: Schema) -> Schema:
    """The same, or with where it comes from."""
    beside = {"source": TEXT, "status": {"enum": list(STATUSES)}}
    return any_of(inner, closed({"value": inner, **beside}, "value"))


# ------------------------------------------------------------------------------------------------ values
def written(units: tuple[str, ...]) -> Schema:
    """A number as a text: with a unit, or with spaces before its thousands."""
    endings = "|".join(WRITTEN[unit] for unit in units)
    return {"type": "string", "pattern": f"^{NUMBER}({endings})$"}


def value(sort: Sort) -> Schema:
    """A value: a figure, the name of an input, a distribution; with evidence, or one for each date."""
    return ref("-".join(["value", *sorted(sort.units), *(["over-time"] if sort.is_over_time else [])]))


def _values(units: tuple[str, ...]) -> dict[str, Schema]:
    """The definitions of a value with these units, fixed and over time."""
    name = "-".join(["value", *units])
    figure = any_of(*([{"type": "number"}] if "number" in units else []), written(units), ref("name"))
    one = any_of(*with_evidence(figure)["anyOf"], ref("distribution"))
    changing = any_of(ref(name), *with_evidence(by_date_or_event(ref(name)))["anyOf"])
    return {name: one, f"{name}-over-time": changing}


# ------------------------------------------------------------------------------------------------ distributions
def _parameters(name: str) -> Schema:
    """What stands behind the name of a distribution."""
    number = ref("parameter")
    rows = {"discrete": pair(number, number), "mixture": pair(number, any_of(number, ref("distribution")))}
    if name in rows:
        return list_of(rows[name])
    by_key = {"file": TEXT, "column": TEXT, **dict.fromkeys(INTERVALS, pair(number, number))}
    given = (("file", "column"),) if name == "empirical" else CURVES[name].PARAMETER_SETS
    keys = dict.fromkeys(key for one in given for key in one)
    properties = {key: by_key.get(key, number) for key in keys}
    sets = [{"required": list(one)} for one in given]
    return {**closed({**properties, WITHIN: pair(number, number)}), **any_of(*sets)}


def _distribution() -> Schema:
    beside = {"source": TEXT, "status": {"enum": list(STATUSES)}}
    values = {"type": "array", "items": value(ANY), "minItems": 2}
    known = {
        **{name: _parameters(name) for name in CURVES},
        **dict.fromkeys(FORMULAS, values),
        "annuity": ref("annuity"),
        "share_above": ref("share_above"),
    }
    found = closed({**known, WITHIN: pair(ref("parameter"), ref("parameter")), **beside})
    return {**found, "oneOf": [{"required": [name]} for name in known]}


# ------------------------------------------------------------------------------------------------ readers
DURATIONS = any_of({"const": 0}, {"type": "string", "pattern": f"^({DURATION}|0)$"})
DAY = any_of({"type": "integer", "minimum": 1900, "maximum": 2200}, {"type": "string", "pattern": DATE})
DATES = any_of(DAY, {"type": "string", "pattern": f"^{DURATION}$"})

FUNCTIONS: dict[Any, Schema] = {
    text: TEXT,
    duration: ref("duration"),
    duration_above: ref("duration"),
    column: ref("date"),
    date_of: ref("day"),
    year: with_evidence({"type": ["integer", "string"]}),
    schedule: ref("dates"),
    schedule_or_event: ref("dates"),
    READERS["source"]: TEXT,
    READERS["status"]: {"enum": list(STATUSES)},
    READERS["note"]: TEXT,
}
"""Readers without parameters."""


def _word(word: str) -> Any:
    """How YAML reads a word of the language: as a text, but for true and false."""
    return {"true": True, "false": False}.get(word, word)


def _reference(reference: Reference) -> Schema:
    return ref("name")


def _each(each: Each[Any]) -> Schema | None:
    item = form_of(each.parse)
    return any_of(item, list_of(item)) if item is not None else None


def _named(named: Named[Any]) -> Schema | None:
    inner = form_of(named.build)
    return entries(inner) if inner is not None else None


KINDS: dict[type, Callable[[Any], Schema | None]] = {
    Sort: value,
    Whole: lambda whole: value(whole.sort),
    Choice: lambda choice: with_evidence({"enum": [_word(word) for word in choice.meanings]}),
    Reference: _reference,
    Each: _each,
    Named: _named,
}
"""Readers with parameters, by type."""


def form_of(parse: Any) -> Schema | None:
    """What a reader takes, as far as it can be told from the reader itself; None if it cannot.

    >>> form_of(duration)
    {'$ref': '#/$defs/duration'}
    """
    kind = KINDS.get(type(parse))
    return kind(parse) if kind else FUNCTIONS.get(parse)


def definitions() -> dict[str, Schema]:
    """What the forms refer to."""
    values: dict[str, Schema] = {}
    for count in (1, 2, 3):
        for units in combinations(sorted(WRITTEN), count):
            values |= _values(units)
    return {
        "name": {"type": "string", "pattern": NAME, "maxLength": 100},
        "duration": with_evidence(DURATIONS),
        "day": with_evidence(DAY),
        "date": with_evidence(DATES),
        "dates": with_evidence(any_of(DATES, ref("name"), list_of(ref("date")), ref("schedule"))),
        "parameter": with_evidence(any_of({"type": "number"}, written(("number", "percent", "money")))),
        "distribution": _distribution(),
        **values,
    }
