"""Values: whatever may stand where a number may. Each sort of value says what it takes and in which range."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from sibsim.distributions import Fixed
from sibsim.loading.curves import CURVES, curve_here
from sibsim.loading.dates import by_date_or_event
from sibsim.loading.evidence import EVIDENCE_KEYS, READERS, STATUSES, record_evidence, shown, unwrap
from sibsim.loading.formulas import FORMULAS, MOST_BUILT, read_formula
from sibsim.loading.place import Node, Place, Skip, attempt, did_you_mean, listed
from sibsim.loading.scalars import (
    LARGEST,
    Quantity,
    explain_number,
    explain_point,
    looks_like_date,
    parse_date,
    parse_duration,
    parse_quantity,
)
from sibsim.scenario import Evidence, Formula, Input, Number, OverTime, Ref, Unit, Value

__all__ = [
    "ANY",
    "COUNT",
    "EVIDENCE_KEYS",
    "MONEY",
    "MONEY_OR_PERCENT",
    "NUMBER",
    "RATE",
    "RATIO",
    "READERS",
    "SHARE",
    "STATUSES",
    "Sort",
    "declared_input",
    "is_hard",
    "is_value",
    "record_evidence",
    "support",
    "unwrap",
]


def is_value(node: Node) -> bool:
    """Whether a node is a value: a text, or a mapping with evidence, a distribution or dates."""
    known = ("value", *CURVES, *FORMULAS)
    return node.kind != "mapping" or any(key in known or looks_like_date(key) for key in node.entries)


MOST_OUTSIDE = 0.01
"""Share of the futures in which a value may leave its range before a reader is told."""
DATED = ("inputs", "parties", "contract", "costs", "benefits", "finance", "holdings")
"""Sections whose money moves, or is reckoned, on a date: another currency is worth the rate of that date."""


def _check_currency(place: Place, code: str, what: str) -> None:
    """Money in another currency needs a date and a rate."""
    if not code:
        return
    section = place.path.partition(".")[0]
    if section == "actuals":
        raise place.wrong(
            f"{what} is money in {code}; what came is in {place.context.currency}: write what it was worth"
        )
    if section not in DATED:
        raise place.wrong(
            f"{what} is money in {code}, but here it has no date to change it at; write it in {place.context.currency}"
        )
    place.context.need_rate(place, code)


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
    why_low: str = ""
    """Why it is not below `low`, for whoever writes that."""

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
        if any(looks_like_date(key) or inner.context.names.get(key) == "event" for key, _ in inner.children()):
            return self._over_time(inner)
        drawn = _in_place(inner)
        if drawn is None:
            keys = ", ".join(list(node.entries)[:4])
            known = "(`sibsim list distributions` names them)"
            raise inner.wrong(
                f"expected {self.says}, e.g. {self.example}, or a distribution {known}; got a mapping of {keys}"
            )
        return self._ref(inner, drawn.name)

    def _scalar(self, place: Place) -> Number | Ref:
        text = place.node.text.strip()
        quantity = parse_quantity(text) if place.node.is_plain else None
        if quantity is not None:
            if "money" in self.units and (two_ways := explain_point(text)):
                place.context.warn(place.path, two_ways)
            return self._number(place, quantity)
        reading = place.context.reading
        if text in reading:
            circle = [f"'{name}'" for name in reading[reading.index(text) :]]
            raise place.wrong(f"goes round in a circle: {listed(circle, 'and')} would be made of {circle[0]} itself")
        if text in place.context.pending:  # an input that stands further down
            attempt(declared_input, place.context.pending[text])
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
        shown, value, own = place.node.shown, quantity.value, place.context.currency
        code = quantity.currency if quantity.currency and own not in ("", quantity.currency) else ""
        if abs(value) > LARGEST:
            raise place.wrong(f"{shown} is too large; the largest number is 1 000 000 bn")
        self._check_unit(place, quantity.unit, shown)
        _check_currency(place, code, shown)
        if self.is_whole and value != math.floor(value):
            raise place.wrong(f"must be a whole number, got {shown}")
        if not (self.low <= value <= self.high) or (self.is_low_open and value <= self.low):
            as_percent = self.is_share and quantity.unit == "number" and self.low <= value / 100 <= self.high
            hint = f"; write {shown} %" if as_percent else ""
            hint = f": {self.why_low}" if self.why_low and value < self.low else hint
            raise place.wrong(f"must be {self.range}, got {shown}{hint}")
        return Number(value, quantity.unit, code)

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
        return f"from {low} to {high}" if self.low > -LARGEST else f"at most {high}"

    def _ref(self, place: Place, name: str) -> Ref:
        entry = place.context.inputs[name]
        place.context.used.add(name)
        what = f"input '{name}'" if name != place.path else "this distribution"
        self._check_unit(place, entry.unit, what)
        _check_currency(place, entry.currency, what)
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
        has_tails = low < self.low or (high > self.high and self.high < LARGEST)
        if has_tails and entry.distribution.IS_DRAWN:
            self._warn_of_tails(place, entry)
        return Ref(name)

    def _warn_of_tails(self, place: Place, entry: Input) -> None:
        """Say so if more than a few futures are brought back into the range."""
        low, high = entry.distribution.support
        ends = max(low, self.low), min(high, self.high if self.high < LARGEST else math.inf)
        outside = 1.0 - entry.distribution.chance_within(*ends)
        if outside > MOST_OUTSIDE:
            who = "this" if entry.name == place.path else f"'{entry.name}'"
            place.context.warn(
                place.path,
                f"must be {self.range}, but {who} is not in {100 * outside:.2g} % of the futures and is brought back "
                "there; cut it off with `within`, or choose a distribution that stays inside",
            )

    def _over_time(self, place: Place) -> OverTime:
        if not self.is_over_time:
            raise place.wrong("this value cannot change over time; write one value")
        one = replace(self, is_over_time=False)

        def plain(child: Place) -> Number | Ref:
            value = one(child)
            assert not isinstance(value, OverTime)
            return value

        return OverTime(*by_date_or_event(place, plain))


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
    return entry.distribution.is_hard


def support(inputs: dict[str, Input], value: Value) -> tuple[float, float, float, bool]:
    """Lowest, highest and mean of a value, and whether its ends are meant as ends."""
    if isinstance(value, OverTime):
        parts = [support(inputs, entry) for entry in value.every]
        lows, highs, means, hards = zip(*parts, strict=True)
        return min(lows), max(highs), sum(means) / len(means), all(hards)
    if isinstance(value, Ref):
        entry = inputs[value.name]
        return *entry.distribution.support, entry.distribution.mean, is_hard(entry)
    return value.value, value.value, value.value, True


def _in_place(place: Place) -> Input | None:
    """The input that a distribution or formula in place makes, called by its path; None if it is none."""
    formulas = [key for key in FORMULAS if key in place.node.entries]
    if formulas:
        made = _formula(place, formulas)
    else:
        found = curve_here(place, EVIDENCE_KEYS, _fixed)
        if found is None:
            return None
        name, curve = found
        if place.path not in place.context.evidence or any(key in place.node.entries for key in EVIDENCE_KEYS):
            record_evidence(place, f"{name}: {shown(place.child(name))}")
        if curve.distribution.warning:
            place.context.warn(place.path, curve.distribution.warning)
        evidence = place.context.evidence[place.path]
        made = Input(place.path, curve.distribution, curve.unit, evidence, currency=curve.currency)
    if place.context.names.get(place.path) == "input":
        raise place.wrong(f"an input is called '{place.path}' too; give one of them another name")
    place.context.inputs[place.path] = made
    return made


def _formula(place: Place, kinds: list[str]) -> Input:
    """A product, sum, annuity or share above a level in place."""
    context, kind = place.context, kinds[0]
    for key, child in place.children():
        if key not in (kind, *EVIDENCE_KEYS):
            raise child.wrong(f"unknown key beside '{kind}'; known here: {listed(EVIDENCE_KEYS, 'and')}", at_key=True)
    inner = place.child(kind)
    made = read_formula(inner, kind, _steady(ANY), _steady(RATE))  # type: ignore[arg-type]
    text = f"{kind}: {shown(inner)}"
    if any(key in place.node.entries for key in EVIDENCE_KEYS):
        record_evidence(place, text)
    # what is worked out of figures with a source needs none itself
    evidence = context.evidence.get(place.path, Evidence(place.path, text, status="derived"))
    context.builds_on[place.path] = (made.names, made.depth)
    formula = made.value if isinstance(made.value, Formula) else None
    return Input(place.path, made.distribution, made.unit, evidence, currency=made.currency, formula=formula)


def _steady(sort: Sort) -> Callable[[Place], Number | Ref]:
    """Reads a value of a product or sum, or the yearly rate of an annuity, which do not change over time."""

    def value_of(place: Place) -> Number | Ref:
        value = sort(place)
        if isinstance(value, OverTime):  # never: such a sort does not change over time
            raise Skip
        return value

    return value_of


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
    """An entry of `inputs`: a distribution, product, sum or fixed value, under its own name."""
    context, name = place.context, place.path.partition(".")[2]
    if name in context.inputs:  # another input needed it before
        return context.inputs[name]
    if context.pending.pop(name, None) is None:
        raise Skip  # another input needed it before, and what is wrong with it is noted
    if len(context.reading) >= MOST_BUILT:
        raise place.wrong(f"more than {MOST_BUILT} products and sums build on each other; make it simpler")
    context.reading.append(name)
    try:
        return _declared(place, name)
    finally:
        context.reading.pop()


def _declared(place: Place, name: str) -> Input:
    context, inner = place.context, unwrap(place)
    if inner.node.kind == "text" and context.names.get(inner.node.text) == "input":
        raise inner.wrong(
            f"an input is a number or a distribution, not another input ('{inner.node.text}'); for the same value in "
            f"each future write {{product: [{inner.node.text}, 100 %]}}"
        )
    value = ANY(inner)
    if isinstance(value, Ref):
        made = replace(context.inputs.pop(value.name), name=name)
        context.used.discard(value.name)
        if value.name in context.builds_on:
            context.builds_on[name] = context.builds_on.pop(value.name)
    else:
        assert isinstance(value, Number)
        evidence = context.evidence.setdefault(place.path, Evidence(place.path, inner.node.shown))
        made = Input(name, Fixed(value.value), value.unit, evidence, currency=value.currency)
    context.inputs[name] = made
    return made
