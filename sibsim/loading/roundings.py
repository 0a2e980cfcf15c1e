"""How a reading or a payment is rounded: `round`, of a measure, a payment or the whole contract."""

from __future__ import annotations

from sibsim.loading.keys import NEEDED, Key, read
from sibsim.loading.kinds import choice
from sibsim.loading.place import Place
from sibsim.loading.values import Sort, is_value
from sibsim.scenario import Number, Rounding

__all__ = ["ROUNDED_TO", "TABLES", "of_money", "of_payment", "of_reading"]

ROUNDED_TO = Sort("what it is rounded to", "0.1 %", 0.0, units=("number", "percent", "money"), is_low_open=True)


def _to(place: Place) -> Number:
    found = ROUNDED_TO(place)
    if not isinstance(found, Number):
        raise place.wrong("what it is rounded to is a number that is certain, e.g. 0.1 %; not an input")
    if found.currency:
        raise place.wrong(f"round in the currency of the file, {place.context.currency}; got {place.node.shown}")
    return found


ROUND = (
    Key("to", _to, NEEDED, "what it is rounded to: a whole number of these", "0.1 %"),
    Key(
        "direction",
        choice(("nearest", "down", "up")),
        "nearest",
        "nearest (a half goes up in size: 2.5 to 3, -2.5 to -3), down (to the one below: -2.5 to -3) or up (-2.5 to "
        "-2)",
        "down",
    ),
)


def of_reading(place: Place) -> Rounding:
    """``0.1 %``, or ``{to: 0.1 %, direction: down}``."""
    if is_value(place.node):
        return Rounding((found := _to(place)).value, unit=found.unit)
    given = read(place, ROUND)
    to = given.pop("to")
    return Rounding(to.value, unit=to.unit, **given)


def of_money(place: Place) -> Rounding:
    """The same, of sums of money."""
    found = of_reading(place)
    if found.unit == "percent":
        raise place.wrong(f"a payment is rounded to a sum of money, e.g. 100; got {place.node.shown}")
    return found


def of_payment(place: Place) -> Rounding:
    """The same; ``none``, where the contract rounds the others, is a rounding to 0."""
    return Rounding(0.0) if place.node.is_none else of_money(place)


TABLES: dict[str, tuple[Key, ...]] = {"round": ROUND}
"""By section."""
