"""The words and figures of sentences about single steps: names of parties, exact figures in their units."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sibsim.report.layout import plain
from sibsim.report.numbers import exact, exact_amount, exact_percent, is_number

__all__ = ["MONEY", "Figures", "Words", "apart", "is_there", "shown"]

Figures = Mapping[str, Any]
MONEY = exact_amount
WRITTEN: Mapping[str, Callable[..., str]] = {"money": exact_amount, "percent": exact_percent, "number": exact}
DIGITS = {"money": 7, "percent": 5, "number": 7}
MOST_DIGITS = 15


@dataclass(frozen=True)
class Words:
    """What parties are called, by id."""

    names: Mapping[str, str] = field(default_factory=dict)

    def party(self, id: str) -> str:
        """The name of a party on one line."""
        return {"account": "the account", "outside": "everybody else"}.get(id) or plain(self.names.get(id, id))


def shown(value: float | None, unit: str | None) -> str:
    """A figure in its unit.

    >>> shown(0.084, "percent"), shown(4.8e6, "money"), shown(12.0, "number")
    ('8.4 %', '4.8 m', '12')
    """
    return WRITTEN[unit or "number"](value)


def apart(one: float | None, other: float | None, unit: str | None) -> tuple[str, str]:
    """Two figures with as many digits as tell them apart, if they are not the same.

    >>> apart(0.07499999, 0.075, "percent"), apart(0.075, 0.075, "percent")
    (('7.499999 %', '7.5 %'), ('7.5 %', '7.5 %'))
    """
    write, digits = WRITTEN[unit or "number"], DIGITS[unit or "number"]
    texts = write(one), write(other)
    while texts[0] == texts[1] and one is not None and other is not None and digits < MOST_DIGITS:
        if math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12):
            break
        digits += 1
        texts = write(one, digits), write(other, digits)
    return texts


def is_there(value: Any) -> bool:
    """Whether there is such a figure, and it is finite."""
    return value is not None and is_number(value)
