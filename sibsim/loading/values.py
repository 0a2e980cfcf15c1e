"""Values: whatever may stand where a number may. Each sort of value says what it takes and in which range."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sibsim.distributions import DISTRIBUTIONS, LATER
from sibsim.loading.curves import CURVES, read_curve
from sibsim.loading.dates import column_of_text
from sibsim.loading.keys import NOT_YET
from sibsim.loading.place import Node, Place, Skip, attempt, did_you_mean, listed
from sibsim.loading.scalars import (
    LARGEST,
    Quantity,
    explain_number,
    looks_like_date,
    parse_date,
    parse_duration,
    parse_quantity,
)
from sibsim.scenario import Evidence, Input, Number, OverTime, Ref, Unit, Value

__all__ = [
    "ANY",
    "COUNT",
    "EVIDENCE_KEYS",
    "MONEY",
    "MONEY_OR_PERCENT",
    "NUMBER",
    "RATE",
    "RATIO",
    "SHARE",
    "Sort",
    "declared_input",
    "is_hard",
    "is_value",
    "record_evidence",
    "support",
    "unwrap",
]

STATUSES = ("contract", "published", "claimed", "derived", "assumed")
EVIDENCE_KEYS = ("source", "status", "note")


# ------------------------------------------------------------------------------------------------ evidence
def _text(place: Place) -> str:
    if place.node.kind != "text" or place.node.is_null:
        raise place.wrong(f"must be a text, got {place.node.shown}")
    return place.node.text


def _source(place: Place) -> str:
    name = _text(place)
    if name not in place.context.sources:
        near = did_you_mean(name, place.context.sources)
        raise place.wrong(f"no entry of `sources` is called '{name}'{near or '; add it there'}")
    return name


def _status(place: Place) -> str:
    word = _text(place)
    if word not in STATUSES:
        raise place.wrong(f"must be {listed(STATUSES)}, got '{word}'{did_you_mean(word, STATUSES)}")
    return word


_KNOWN_HERE = f"; known here: {', '.join(EVIDENCE_KEYS)}"
READERS = {"source": _source, "status": _status, "note": _text}


def record_evidence(place: Place, shown: str) -> Evidence:
    """Keep where a figure comes from: `source`, `status` and `note` beside it."""
    entries = place.node.entries
    given = {key: attempt(READERS[key], place.child(key)) for key in EVIDENCE_KEYS if key in entries}
    evidence = Evidence(place.path, shown, given.get("source"), given.get("status"), given.get("note"))
    place.context.evidence[place.path] = evidence
    if None in given.values():
        raise Skip
    return evidence


def unwrap(place: Place) -> Place:
    """The value of ``{value: ..., source: ..., status: ...}`` under its own path; other places as they are."""
    if place.node.kind != "mapping" or "value" not in place.node.entries:
        return place
    for key, child in place.children():
        if key != "value" and key not in EVIDENCE_KEYS:
            near = did_you_mean(key, EVIDENCE_KEYS)
            raise Place(place.context, child.node, child.path, child.key).wrong(
                f"unknown key beside 'value'{near or _KNOWN_HERE}", at_key=True
            )
    inner = place.child("value")
    if inner.node.is_null:
        raise inner.wrong("has no value")
    record_evidence(place, _shown(inner))
    return Place(place.context, inner.node, place.path, inner.key)


def _shown(place: Place) -> str:
    if place.node.kind == "text":
        return place.node.shown
    if place.node.kind == "list":
        return f"[{', '.join(_shown(part) for part in place.parts())}]"
    return ", ".join(f"{key} {_shown(child)}" for key, child in place.children() if key not in EVIDENCE_KEYS)


def is_value(node: Node) -> bool:
    """Whether a node is a value: a text, or a mapping with evidence, a distribution or dates."""
    keys = node.entries
    return node.kind != "mapping" or any(k == "value" or k in CURVES or k in LATER or looks_like_date(k) for k in keys)


# ------------------------------------------------------------------------------------------------ numbers
@dataclass(frozen=True)
class Sort:
    """A sort of value: what it is, in which range, and whether it may change over time.

    Calling it with a place reads the value there: a number, a percent, money, the name of an input, a distribution, any
    of these with evidence, or (`is_over_time`) one for each date.
    """

    says: str
    example: str
    low: float = -LARGEST
    high: float = LARGEST
    units: tuple[Unit, ...] = ("number", "percent")
    is_over_time: bool = False
    is_whole: bool = False
    is_low_open: bool = False

    def changing(self) -> Sort:
        """The same, and it may change over time."""
        return replace(self, is_over_time=True)

    def __call__(self, place: Place) -> Value:
        inner = unwrap(place)
        node = inner.node
        if node.kind == "text":
            return self._scalar(inner)
        if node.kind == "list":
            raise inner.wrong(f"expected {self.says}, e.g. {self.example}; got a list")
        dates = [key for key, _ in inner.children() if looks_like_date(key)]
        if dates:
            return self._over_time(inner)
        drawn = _in_place(inner)
        if drawn is None:
            keys = ", ".join(list(node.entries)[:4])
            raise inner.wrong(f"expected {self.says}, e.g. {self.example}, or a distribution; got a mapping of {keys}")
        return self._ref(inner, drawn.name)

    def _scalar(self, place: Place) -> Number | Ref:
        text = place.node.text.strip()
        quantity = parse_quantity(text) if place.node.is_plain else None
        if quantity is not None:
            return self._number(place, quantity)
        if text in place.context.inputs:
            return self._ref(place, text)
        raise self._unknown(place, text)

    def _unknown(self, place: Place, text: str) -> Exception:
        context, kind = place.context, place.context.names.get(text)
        if kind == "input":  # what is wrong with it is already noted
            return Skip()
        if not place.node.is_plain and parse_quantity(text):
            return place.wrong(f'"{text}" is a text; write {text} without quotation marks')
        if kind:
            return place.wrong(f"'{text}' is a {kind}; {self.says} must stand here, e.g. {self.example}, or an input")
        if parse_duration(text) is not None:
            return place.wrong(f"'{text}' is a duration; {self.says} must stand here")
        how = explain_number(text)
        if how:
            return place.wrong(f"'{place.node.shown}': {how}")
        if parse_date(text):
            return place.wrong(f"'{text}' is a date; {self.says} must stand here")
        near = did_you_mean(text, context.names_of("input"))
        return place.wrong(f"'{place.node.shown}' is neither {self.says}, e.g. {self.example}, nor an input{near}")

    def _number(self, place: Place, quantity: Quantity) -> Number:
        shown, value = place.node.shown, quantity.value
        if quantity.currency not in (None, place.context.currency) and place.context.currency:
            raise place.wrong(f"{shown}: money in another currency than {place.context.currency} {NOT_YET}")
        if abs(value) > LARGEST:
            raise place.wrong(f"{shown} is too large; the largest number is 1 000 000 bn")
        self._check_unit(place, quantity.unit, shown)
        if self.is_whole and value != math.floor(value):
            raise place.wrong(f"must be a whole number, got {shown}")
        if not (self.low <= value <= self.high) or (self.is_low_open and value <= self.low):
            as_percent = self.is_share and quantity.unit == "number" and self.low <= value / 100 <= self.high
            raise place.wrong(f"must be {self.range}, got {shown}{f'; write {shown} %' if as_percent else ''}")
        return Number(value, quantity.unit)

    def _check_unit(self, place: Place, unit: Unit, shown: str) -> None:
        if unit not in self.units:
            what = {"percent": "a percent", "money": "money", "number": "a plain number"}[unit]
            hint = "; a percent of money is only for payments, with `of`" if "money" in self.units else ""
            raise place.wrong(f"expected {self.says}, e.g. {self.example}; {shown} is {what}{hint}")

    @property
    def is_share(self) -> bool:
        """Whether it is written as a percent."""
        return "percent" in self.units and self.high <= 1.0

    @property
    def range(self) -> str:
        """The range in words."""
        factor, sign = (100.0, " %") if self.is_share else (1.0, "")
        low, high = f"{self.low * factor:g}{sign}", f"{self.high * factor:,.0f}{sign}".replace(",", " ")
        if self.high >= LARGEST:
            return f"above {low}" if self.is_low_open else f"{low} or more"
        return f"from {low} to {high}"

    def _ref(self, place: Place, name: str) -> Ref:
        entry = place.context.inputs[name]
        place.context.used.add(name)
        self._check_unit(place, entry.unit, f"input '{name}'" if name != place.path else "this distribution")
        low, high = entry.distribution.support
        mean = entry.distribution.mean
        is_outside = low < self.low or high > self.high
        if (is_outside and is_hard(entry)) or not self.low <= mean <= self.high:
            factor, sign = (100.0, " %") if entry.unit == "percent" else (1.0, "")
            if is_hard(entry):
                of = f"{low * factor:.6g}{sign}" + (f" to {high * factor:.6g}{sign}" if high > low else "")
            else:
                of = f"{mean * factor:.6g}{sign} on average"
            who = "this" if name == place.path else f"'{name}'"
            raise place.wrong(f"must be {self.range}, but {who} is {of}")
        return Ref(name)

    def _over_time(self, place: Place) -> OverTime:
        if not self.is_over_time:
            raise place.wrong("this value cannot change over time; write one value")
        one = replace(self, is_over_time=False)
        found: dict[int, Number | Ref] = {}
        is_good = True
        for key, child in place.children():
            column = attempt(lambda at, key=key: column_of_text(at, key), child)  # type: ignore[misc]
            value = attempt(one, child)
            if column is not None and column in found:
                child.note("two dates fall in one column; keep one, or shorten `step`", at_key=True)
            is_good = is_good and None not in (column, value) and column not in found
            if column is not None and isinstance(value, Number | Ref):
                found[column] = value
        if not is_good:
            raise Skip
        return OverTime(tuple(sorted(found.items())))


ANY = Sort("a number", "0.8", units=("number", "percent", "money"))
NUMBER = Sort("a number", "0.8")
COUNT = Sort("a number of people", "300", 0.0, 1e8, ("number",), is_whole=True)
SHARE = Sort("a share", "30 %", 0.0, 1.0)
RATE = Sort("a yearly rate", "3 %", -0.9, 1.0)
RATIO = Sort("a ratio", "0.8", 0.0)
MONEY = Sort("money", "4.8 m", 0.0, units=("number", "money"))
MONEY_OR_PERCENT = Sort("money", "4.8 m", 0.0, units=("number", "money", "percent"))


# ------------------------------------------------------------------------------------------------ distributions
def is_hard(entry: Input) -> bool:
    """Whether the distribution's ends are meant as ends: a beta's or a normal's tail may be clipped in a draw."""
    low, high = entry.distribution.support
    return math.isfinite(low) and math.isfinite(high) and (entry.distribution.name != "beta" or low == high)


def support(inputs: dict[str, Input], value: Value) -> tuple[float, float, float, bool]:
    """Lowest, highest and mean of a value, and whether its ends are meant as ends."""
    if isinstance(value, OverTime):
        parts = [support(inputs, entry) for _, entry in value.entries]
        lows, highs, means, hards = zip(*parts, strict=True)
        return min(lows), max(highs), sum(means) / len(means), all(hards)
    if isinstance(value, Ref):
        entry = inputs[value.name]
        return *entry.distribution.support, entry.distribution.mean, is_hard(entry)
    return value.value, value.value, value.value, True


def _in_place(place: Place) -> Input | None:
    """The input that a distribution written in place makes, called by its path; None if it is no distribution."""
    known = [key for key in place.node.entries if key in CURVES or key in LATER]
    if not known:
        return None
    if len(known) > 1:
        raise place.wrong(f"one distribution, not several: {listed(known, 'and')}")
    name = known[0]
    for key, child in place.children():
        if key != name and key not in EVIDENCE_KEYS:
            raise child.wrong(f"unknown key beside '{name}'; known here: {', '.join(EVIDENCE_KEYS)}", at_key=True)
    inner = place.child(name)
    if name in LATER:
        raise inner.wrong(f"'{name}' {NOT_YET}", at_key=True)
    shown = f"{name}: {_shown(inner)}"
    if place.path not in place.context.evidence or any(key in place.node.entries for key in EVIDENCE_KEYS):
        record_evidence(place, shown)
    distribution, unit = read_curve(inner, name, _fixed)
    if distribution.warning:
        place.context.warn(place.path, distribution.warning)
    if place.context.names.get(place.path) == "input":
        raise place.wrong(f"an input is called '{place.path}' too; give one of them another name")
    made = Input(place.path, distribution, unit, place.context.evidence[place.path])
    place.context.inputs[place.path] = made
    return made


def _fixed(place: Place) -> Number:
    """A parameter of a distribution, which has no chance itself."""
    inner = unwrap(place)
    if inner.node.kind == "text" and place.context.names.get(inner.node.text) == "input":
        raise place.wrong(f"a distribution's parameter is a number, not an input ('{inner.node.text}')")
    value = ANY(place)
    if not isinstance(value, Number):
        raise place.wrong("a distribution's parameter is a number")
    return value


def declared_input(place: Place) -> Input:
    """An entry of `inputs`: a distribution or a fixed value, under its own name."""
    name = place.path.partition(".")[2]
    inner = unwrap(place)
    if inner.node.kind == "text" and place.context.names.get(inner.node.text) == "input":
        raise inner.wrong(f"an input is a number or a distribution, not another input ('{inner.node.text}')")
    value = ANY(inner)
    if isinstance(value, Ref):
        made = replace(place.context.inputs.pop(value.name), name=name)
        place.context.used.discard(value.name)
    else:
        assert isinstance(value, Number)
        shown = Evidence(place.path, inner.node.shown)
        evidence = place.context.evidence.setdefault(place.path, shown)
        made = Input(name, DISTRIBUTIONS["fixed"].from_keys({"value": value.value}), value.unit, evidence)
    place.context.inputs[name] = made
    return made
