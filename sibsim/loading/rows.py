"""What a payment pays, as it stands in a file: rows of `steps` and `line`, `prices`, and the `band` of x."""

from __future__ import annotations

from sibsim.loading.conditions import MEASURED, split_word
from sibsim.loading.place import Place, Skip, attempt
from sibsim.loading.values import MONEY_OR_PERCENT, Sort
from sibsim.scenario import Number, Row, Value

__all__ = ["PAID", "PAID_BACK", "band", "prices", "rows"]

PAID = MONEY_OR_PERCENT.changing()
"""Money, or a percent of `of`."""
PAID_BACK = Sort("money", "4.8 m", units=("number", "money", "percent")).changing()
"""The same; below 0 it goes back to those who pay."""


def rows(place: Place) -> tuple[Row, ...]:
    """Rows of ``steps`` and ``line``: ``[x, pays]``, ``[above x, pays]``, first perhaps ``[otherwise, pays]``."""
    if place.node.kind != "list" or not place.node.items:
        raise place.wrong("expected rows, e.g. [[10 %, 4 m], [20 %, 6 m]]")
    read = [attempt(_row, part) for part in place.parts()]
    found = [row for row in read if row is not None]
    if len(found) < len(read):
        raise Skip
    for number, (row, part) in enumerate(zip(found, place.parts(), strict=True)):
        if row.at is None and number:
            raise part.wrong("the row 'otherwise' must be the first")
    fixed = [(row.at, row.strict) for row in found if isinstance(row.at, Number)]
    corners = [(at.value, strict) for at, strict in fixed]
    if len({at.currency for at, _ in fixed}) < 2 and corners != sorted(set(corners)):
        raise place.wrong("the rows must rise: each begins at more than the one before")
    if found[-1].at is None:
        raise place.wrong("after the row 'otherwise' at least one more row must stand")
    return tuple(found)


def _row(place: Place) -> Row:
    if place.node.kind != "list" or len(place.node.items) != 2:
        raise place.wrong(f"expected two things in a row, e.g. [10 %, 4 m]; got {place.node.shown}")
    at, pays = place.parts()
    if at.node.kind == "text" and at.node.text == "otherwise":
        return Row(None, PAID_BACK(pays))
    word, inner = split_word(at, ("above",))
    x, money = attempt(MEASURED, inner), attempt(PAID_BACK, pays)
    if x is None or money is None:
        raise Skip
    return Row(x, money, strict=word == "above")


def prices(place: Place) -> tuple[Row, ...]:
    """``{name: price}``: a price for each step, event or measure. What the names count is checked later."""
    if place.node.kind != "mapping" or not place.node.entries:
        raise place.wrong(f"expected prices by name, e.g. {{moves in: 500}}; got {place.node.shown}")
    found: list[Row | None] = []
    for name, child in place.children():
        price = attempt(PAID_BACK, child)
        found.append(None if price is None else Row(None, price, of=name))
    if None in found:
        raise Skip
    return tuple(row for row in found if row is not None)


def _is_reversed(low: Number, high: Number) -> bool:
    """Whether two ends do not rise; those in two currencies cannot be compared beforehand."""
    return low.currency == high.currency and low.value >= high.value


def band(place: Place) -> tuple[Value | None, Value | None]:
    """``[from, to]``, either of which may be ``none``."""
    if place.node.kind != "list" or len(place.node.items) != 2:
        raise place.wrong("expected [from, to], e.g. [100 %, 120 %]; an end may be none")
    ends = [None if part.node.is_none else MEASURED(part) for part in place.parts()]
    low, high = ends
    if low is None and high is None:
        raise place.wrong("a band without ends is all of x: leave it out, or give it an end")
    if isinstance(low, Number) and isinstance(high, Number) and _is_reversed(low, high):
        raise place.wrong("the band ends where it begins or before; write [from, to] with from below to")
    return low, high
