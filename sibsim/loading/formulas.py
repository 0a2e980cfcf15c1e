"""Products, sums, annuities and shares above a level: what they are of, in which unit, and within which ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sibsim.distributions import Combined, Distribution, Fixed
from sibsim.distributions.base import show
from sibsim.loading.dates import months_of_text
from sibsim.loading.evidence import unwrap
from sibsim.loading.keys import NEEDED, Key, read
from sibsim.loading.place import Place, Skip, attempt, listed
from sibsim.scenario import Formula, Number, Ref, Unit

__all__ = ["ANNUITY", "FORMULAS", "KEYS", "MOST_BUILT", "SHARE_ABOVE", "Made", "read_formula"]

FORMULAS = ("product", "sum", "annuity", "share_above")
MOST_VALUES = 100
"""That a product or sum may build on, counted with those of the inputs it names."""
MOST_BUILT = 20
"""Products and sums that may build on each other."""
LARGEST = 1e15

ValueReader = Callable[[Place], "Number | Ref"]


@dataclass(frozen=True)
class Made:
    """A value that stands in a product or sum, or is one: what it is in the file, and what is known of it."""

    value: Number | Ref | Formula
    distribution: Distribution
    unit: Unit
    currency: str
    text: str
    names: tuple[str, ...] = ()
    """The inputs it builds on, as often as they stand in it."""
    depth: int = 0
    """How many products and sums build on each other."""

    @property
    def is_zero(self) -> bool:
        return self.distribution.support == (0.0, 0.0)


def read_formula(
    place: Place, kind: Literal["product", "sum", "annuity", "share_above"], value: ValueReader, rate: ValueReader
) -> Made:
    """The product or sum of the values in a list, an annuity, or the share of people above a level.

    Parameters
    ----------
    place : Place
        The list; of an annuity and of a share its keys.
    kind : {'product', 'sum', 'annuity', 'share_above'}
    value, rate : callable
        Read a number, or the name of an input, or a distribution in place; ``rate`` a yearly rate.

    Raises
    ------
    Wrong, Skip
        Fewer than two values, units that do not go together, too many values or too large.
    """
    if kind == "annuity":
        return _annuity(place, rate)
    if kind == "share_above":
        return _share_above(place, value, rate)
    example = "[unit cost, 75 %]" if kind == "product" else "[rent, food]"
    if place.node.kind != "list" or len(place.node.items) < 2:
        raise place.wrong(f"expected a list of two values or more, e.g. {{{kind}: {example}}}; got {place.node.shown}")
    found = [attempt(lambda at: _part(at, value, rate), part) for part in place.parts()]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found):
        raise Skip
    unit, currency = (_of_product if kind == "product" else _of_sum)(place, parts)
    names = tuple(name for part in parts for name in part.names)
    if len(names) > MOST_VALUES:
        raise place.wrong(f"builds on more than {MOST_VALUES} values; make it simpler")
    depth = 1 + max(part.depth for part in parts)
    if depth > MOST_BUILT:
        raise place.wrong(f"more than {MOST_BUILT} products and sums build on each other; make it simpler")
    text = (" x " if kind == "product" else " + ").join(part.text for part in parts)
    text = text if len(text) <= 60 else f"{kind} of {len(parts)} values"
    is_simple = len(set(names)) == len(names)
    combined = Combined(kind, tuple(part.distribution for part in parts), text, is_simple)
    if not abs(combined.mean) <= LARGEST:
        raise place.wrong(f"is too large: {show(combined.mean)} on average")
    is_fixed = all(part.distribution.support[0] == part.distribution.support[1] for part in parts)
    distribution = Fixed(combined.mean) if is_fixed else combined
    return Made(Formula(kind, tuple(p.value for p in parts)), distribution, unit, currency, f"({text})", names, depth)


def _annuity(place: Place, rate: ValueReader) -> Made:
    """What 1 a year is worth today, paid at the end of each of so many years."""
    given = read(place, ANNUITY)
    found = rate(place.child("rate"))
    made, years = _made(place.child("rate"), found), given["over"] / 12.0
    if made.depth >= MOST_BUILT:
        raise place.wrong(f"more than {MOST_BUILT} products and sums build on each other; make it simpler")
    text = f"annuity of {made.text} over {show(years)} years"
    combined = Combined("annuity", (made.distribution, Fixed(years)), text)
    is_fixed = made.distribution.support[0] == made.distribution.support[1]
    distribution = Fixed(combined.mean) if is_fixed else combined
    formula = Formula("annuity", (made.value, Number(years)))
    return Made(formula, distribution, "number", "", f"({text})", made.names, made.depth + 1)


def _share_above(place: Place, value: ValueReader, rate: ValueReader) -> Made:
    """The share of people above a level, who scatter normally around a mean."""
    read(place, SHARE_ABOVE)
    parts = [attempt(lambda at: _part(at, value, rate), place.child(key.name)) for key in SHARE_ABOVE]
    level, mean, sd = parts
    if level is None or mean is None or sd is None:
        raise Skip
    if sd.distribution.support[0] <= 0.0:
        message = "a standard deviation is above 0; where people do not differ, give the share itself"
        raise place.child("sd").wrong(message)
    _of_sum(place, [level, mean, sd])
    names, depth = level.names + mean.names + sd.names, 1 + max(level.depth, mean.depth, sd.depth)
    if depth > MOST_BUILT:
        raise place.wrong(f"more than {MOST_BUILT} products and sums build on each other; make it simpler")
    combined = Combined(
        "share_above",
        (level.distribution, mean.distribution, sd.distribution),
        f"share above {level.text} around {mean.text}, sd {sd.text}",
        len(set(names)) == len(names),
    )
    is_fixed = all(part.distribution.support[0] == part.distribution.support[1] for part in (level, mean, sd))
    distribution = Fixed(combined.mean) if is_fixed else combined
    formula = Formula("share_above", (level.value, mean.value, sd.value))
    return Made(formula, distribution, "percent", "", f"({combined.text})", names, depth)


def _part(place: Place, value: ValueReader, rate: ValueReader) -> Made:
    """One of the values: another product or sum, or whatever else a value may be."""
    node = place.node
    inner = [key for key in FORMULAS if node.kind == "mapping" and key in node.entries]
    if inner:
        others = [key for key in node.entries if key != inner[0] and key != "note"]
        if others:
            raise place.child(others[0]).wrong(f"unknown key beside '{inner[0]}'; known here: note", at_key=True)
        return read_formula(place.child(inner[0]), inner[0], value, rate)  # type: ignore[arg-type]
    return _made(place, value(place))


def _made(place: Place, found: Number | Ref) -> Made:
    """What is known of a number, or of an input."""
    if isinstance(found, Number):
        return Made(found, Fixed(found.value), found.unit, found.currency, place.node.shown)
    entry = place.context.inputs[found.name]
    names, depth = place.context.builds_on.get(found.name, ((found.name,), 0))
    text = "a distribution" if found.name == place.path else found.name
    return Made(found, entry.distribution, entry.unit, entry.currency, text, names, depth)


def _of_product(place: Place, parts: list[Made]) -> tuple[Unit, str]:
    """Money if one of the values is money; a percent if all are; else a number."""
    money = [part for part in parts if part.unit == "money"]
    if len(money) > 1:
        raise place.wrong(
            f"money times money has no meaning: {listed((part.text for part in money), 'and')}; "
            "write all but one as plain numbers or percents"
        )
    if money:
        return "money", money[0].currency
    return ("percent" if all(part.unit == "percent" for part in parts) else "number"), ""


def _of_sum(place: Place, parts: list[Made]) -> tuple[Unit, str]:
    """All alike: percents, or numbers and money; 0 goes with everything."""
    given = [part for part in parts if not part.is_zero] or parts
    units = {part.unit for part in given}
    if "percent" in units and len(units) > 1:
        percents = [part.text for part in given if part.unit == "percent"]
        raise place.wrong(
            f"a percent ({percents[0]}) and what is none cannot be added; for a part of something use "
            "{product: [...]}, e.g. {product: [4 m, 105 %]}"
        )
    codes = sorted({part.currency for part in given})
    if len(codes) > 1:
        raise place.wrong(
            f"money of one sum is in one currency, this is in {listed((c or 'the file’s' for c in codes), 'and')}; "
            "let two payments or costs stand for it, or write it in one currency"
        )
    unit: Unit = "percent" if units == {"percent"} else "money" if "money" in units else "number"
    return unit, codes[0]


def _as_written(place: Place) -> Place:
    return place


KEYS = (
    Key(
        "product",
        _as_written,
        "",
        "of values, in each future; they may be names, numbers or distributions. Money times a number or percent is "
        "money, a percent of a percent is a percent, a number times a percent is a number",
        "[lifetime cost, 75 %]",
    ),
    Key(
        "sum",
        _as_written,
        "",
        "of values, in each future: percents, or numbers and money in one currency",
        "[rent, 4 000]",
    ),
    Key(
        "annuity",
        _as_written,
        "",
        "what 1 a year is worth today, at the end of each of so many years: `(1 - (1 + rate) ** -years) / rate`",
        "{rate: 5 %, over: 3 years}",
    ),
    Key(
        "share_above",
        _as_written,
        "",
        "the share of people who reach a level, where they scatter normally around a mean: `Phi((mean - level) / sd)`",
        "{level: 4, mean: fall of the score, sd: 3}",
    ),
)
"""In place of a value."""


def _years(place: Place) -> float:
    return months_of_text(unwrap(place), lowest=1e-9)


ANNUITY = (
    Key("rate", _as_written, NEEDED, "at which it is discounted; an input or a distribution too", "5 %"),
    Key("over", _years, NEEDED, "for how long", "3 years"),
)

SHARE_ABOVE = (
    Key("level", _as_written, NEEDED, "what is to be reached; a share below it is 100 % less this share", "4"),
    Key("mean", _as_written, NEEDED, "of all people; an input, a product or a sum too", "fall of the score"),
    Key("sd", _as_written, NEEDED, "between people, of one reading", "3"),
)
