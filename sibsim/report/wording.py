"""The words and figures of sentences about single steps: names of parties, figures in their units."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sibsim.report.layout import plain
from sibsim.report.numbers import exact, exact_percent, in_full, is_number, scaled_amount
from sibsim.timeline import MONTHS

__all__ = ["Figures", "Words", "day_in_words", "is_there", "month"]

Figures = Mapping[str, Any]
WRITTEN: Mapping[str, Callable[..., str]] = {"percent": exact_percent, "number": exact}
MOST_DIGITS = 15


def month(date: str) -> str:
    """A date as month and year, in English whatever the computer's language.

    >>> month("2020-06-01")
    'June 2020'
    """
    year, number = date.split("-")[:2]
    return f"{MONTHS[int(number) - 1]} {year}"


def day_in_words(date: str) -> str:
    """A date in words, with its day where it has one.

    >>> day_in_words("2020-06"), day_in_words("2020-06-15")
    ('June 2020', '15 June 2020')
    """
    day = date.split("-")[2:]
    return f"{int(day[0])} {month(date)}" if day else month(date)


@dataclass(frozen=True)
class Words:
    """How sentences name parties and write figures.

    Parameters
    ----------
    names : mapping of id to name
    digits : int
        Significant digits of figures, at most.
    decimals : int or None
        Of money, which is then written in full; else it is scaled.

    Examples
    --------
    >>> w = Words({"payer": "City"}, digits=4)
    >>> w.party("payer"), w.money(4_812_345), w.shown(0.0843721, "percent"), w.shown(12.0, "number")
    ('City', '4.812 m', '8.437 %', '12')
    >>> w.money(188_002.08), Words(decimals=2).money(188_002.083), Words(decimals=0).money(0.125)
    ('188.0 k', '188,002.08', '0.125')
    >>> w.apart(0.07499999, 0.075, "percent"), w.apart(0.075, 0.075, "percent")
    (('7.499999 %', '7.5 %'), ('7.5 %', '7.5 %'))
    """

    names: Mapping[str, str] = field(default_factory=dict)
    digits: int = 7
    decimals: int | None = None

    def party(self, id: str) -> str:
        """The name of a party on one line."""
        return {"account": "the account", "outside": "everybody else"}.get(id) or plain(self.names.get(id, id))

    def money(self, value: float | None) -> str:
        """An amount of money: scaled, and as long as its digits where it is rounded; or in full."""
        return self._money(value, self.digits)

    def shown(self, value: float | None, unit: str | None) -> str:
        """A figure in its unit: money, percent or number."""
        return self._written(value, unit, self.digits)

    def _written(self, value: float | None, unit: str | None, digits: int) -> str:
        if unit == "money":
            return self._money(value, digits)
        if self.decimals is not None and unit in (None, "number") and value is not None and is_there(value):
            digits = max(digits, len(f"{abs(value):.0f}") + 2)  # so that a large count times a price is the amount
        return WRITTEN[unit or "number"](value, digits)

    def _money(self, value: float | None, digits: int) -> str:
        if self.decimals is None or not is_there(value):
            return scaled_amount(value, digits)
        if digits > self.digits:  # to tell it from another one
            return exact(value, digits)
        return in_full(value, self.decimals)

    def apart(self, one: float | None, other: float | None, unit: str | None) -> tuple[str, str]:
        """Two figures with as many digits as tell them apart, if they are not the same."""
        digits = self.digits
        texts = self._written(one, unit, digits), self._written(other, unit, digits)
        while texts[0] == texts[1] and one is not None and other is not None and digits < MOST_DIGITS:
            if math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12):
                break
            digits += 1
            texts = self._written(one, unit, digits), self._written(other, unit, digits)
        return texts


def is_there(value: Any) -> bool:
    """Whether there is such a figure, and it is finite."""
    return value is not None and is_number(value)
