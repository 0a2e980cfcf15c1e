"""What is sure of a contract from its file alone: whether a payment can come to less than its row, or take back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from sibsim.scenario import Number, OverTime, Payment, Queue, Ref, Scenario, Value

__all__ = ["can_be_less", "can_take_back", "has_bounds", "is_reduced", "rounds_down"]

ZERO = Number(0.0)
QUEUED = "\n"
"""What no input can be called: people of a queue, who have no upper end."""


def can_be_less(scenario: Scenario, payment: Payment) -> bool:
    """Whether a payment may come to less than the row that is reached says, before any cap.

    A part of it (`split`), a factor (`times`, a falling or uncertain `index`), a part of a year, what others have paid
    (`less`), what is left of another (`rest_of`), a rounding down. Also where how much is cut matters elsewhere: to a
    payment that is the `rest_of` this one.
    """
    return (
        is_reduced(payment)
        or payment.split is not None
        or payment.times is not None
        or payment.rest_of is not None
        or not (isinstance(payment.index, Number) and payment.index.value >= 0.0)
        or rounds_down(payment)
        or any(other.rest_of == payment.name for other in scenario.payments)
    )


def is_reduced(payment: Payment) -> bool:
    """Whether even a floor of it may be paid in part: by the year, or less what others have paid."""
    return payment.is_per_year or bool(payment.less)


def rounds_down(payment: Payment) -> bool:
    """Whether a payment may be rounded to less than it comes to."""
    return payment.round is not None and payment.round.direction != "up"


def can_take_back(scenario: Scenario) -> bool:
    """Whether some payment may be below 0, which makes new room under the caps of what is paid in all."""
    return any(p.is_cumulative or p.less or _has_negative(scenario, p) for p in scenario.payments)


def _has_negative(scenario: Scenario, payment: Payment) -> bool:
    rows = payment.parameter if isinstance(payment.parameter, tuple) else ()
    figures = [row.pays for row in rows] if isinstance(payment.parameter, tuple) else [payment.parameter]
    return any(_lowest(scenario, v) < 0.0 for v in (*figures, payment.floor or ZERO))


def _lowest(scenario: Scenario, value: Value) -> float:
    if isinstance(value, OverTime):
        return min(_lowest(scenario, entry) for entry in value.every)
    if isinstance(value, Ref):
        return next(i for i in scenario.inputs if i.name == value.name).distribution.support[0]
    return value.value


def has_bounds(scenario: Scenario, *parts: object) -> bool:
    """Whether every input that these parts of a scenario name has an upper end."""
    highs = {entry.name: entry.distribution.support[1] for entry in scenario.inputs}
    return all(math.isfinite(highs.get(name, math.inf)) for part in parts for name in _named(part))


def _named(thing: object) -> Iterator[str]:
    """The inputs that a part of a scenario names."""
    if isinstance(thing, Ref):
        yield thing.name
    elif isinstance(thing, Queue):
        yield QUEUED
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _named(getattr(thing, field.name))
    elif isinstance(thing, Mapping):
        for one in thing.values():
            yield from _named(one)
    elif isinstance(thing, tuple | list):
        for one in thing:
            yield from _named(one)
