"""What is told of a settlement to whoever follows it: every step with what goes in and what comes out.

Nothing here is called in a simulation. A step is told for all draws at once; whoever follows picks the one it looks at.
A step that turns one amount into another has the figures ``before`` and ``value``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.conditions import View, lines
from sibsim.context import Context, Draw, Watch
from sibsim.rates import above, at_least
from sibsim.scenario import Condition, Payment, Scenario, Value

if TYPE_CHECKING:
    from sibsim.settlement.terms import Reckoned, Terms

__all__ = ["Teller", "changed", "tell_condition", "tell_rest", "tell_shape", "tell_x", "teller", "unit_of"]


@dataclass(frozen=True)
class Teller:
    """Tells the steps of one subject on one day, for one cohort where there is one."""

    watch: Watch
    column: int
    subject: str
    key: str | None = None

    def __call__(self, what: str, **figures: Any) -> None:
        self.watch.step(self.column, self.subject, what, self.key, **figures)


def teller(context: Context, column: int, subject: str, key: str | None = None) -> Teller | None:
    """Who is told of a subject; None in a simulation, which nobody follows."""
    return None if context.watch is None else Teller(context.watch, column, subject, key)


def changed(tell: Teller | None, what: str, before: Draw, value: Draw, **figures: Any) -> Draw:
    """An amount after a step that made it of the amount before; told if somebody follows."""
    if tell is not None:
        tell(what, **figures, before=before, value=value)
    return value


def unit_of(scenario: Scenario, name: str | None) -> str:
    """The unit of what a payment, condition or measure looks at: a payment is money."""
    units = {m.name: m.unit for m in scenario.measures}
    return units.get(name or "", "money")


def tell_x(
    tell: Teller, scenario: Scenario, payment: Payment, sources: Sequence[tuple[str, str | None]], x: Any
) -> None:
    """What a payment pays for, as it was reported; of ``prices`` a count for each."""
    if isinstance(x, tuple):
        for (measure, step), count in zip(sources, x, strict=True):
            tell("count", of=step or measure, unit="number", value=count)
    elif payment.measure is not None or sources:
        tell("x", of=payment.measure or sources[0][0], unit=unit_of(scenario, payment.measure), value=x)


def tell_rest(tell: Teller, scenario: Scenario, payment: Payment, x: Any, part: Draw) -> None:
    """The part of a reading that another payment's cap left unpaid."""
    figures = {} if isinstance(x, tuple) else {"before": x, "value": x * part}
    tell("rest", of=payment.rest_of, part=part, unit=unit_of(scenario, payment.measure), **figures)


def tell_condition(tell: Teller, condition: Condition, view: View) -> None:
    """Each line of a condition: both sides, and whether it holds."""
    scenario = view.context.scenario
    for line in lines(condition, tell.column, tell.key, view):
        test = line.test
        is_event = test.comparison in ("happened", "not happened")
        tell(
            "test",
            of=test.left,
            cohort=line.cohort if line.cohort != tell.key else None,
            comparison=test.comparison,
            to=test.right if isinstance(test.right, str) else None,
            unit=None if is_event else unit_of(scenario, test.left),
            value=None if is_event else line.left,
            limit=None if is_event else line.right,
            holds=line.holds,
            is_out=line.is_out,
            alternative=line.alternative,
            alternatives=len(condition.alternatives),
        )


# ------------------------------------------------------------------------------------------------ the shape
def tell_shape(tell: Teller, terms: Terms, payment: Payment, reckoned: Reckoned, amount: Draw) -> None:
    """The band, and what the shape pays: which rows are reached, prices, and percents of what."""
    unit = unit_of(terms.context.scenario, payment.measure)
    if payment.band is not None:
        low, high = reckoned.ends
        tell("band", **{"from": low}, to=high, unit=unit, before=reckoned.before_band, value=reckoned.x)
    SHAPES_TOLD[payment.shape](_Told(tell, terms, payment, reckoned, unit), amount)
    if payment.is_compound and payment.shape in ("steps", "line"):
        of = payment.of if isinstance(payment.of, str) else "amount"
        tell("compounded", of=of, base=reckoned.base, value=amount)


@dataclass(frozen=True)
class _Told:
    """A payment whose shape is being told."""

    tell: Teller
    terms: Terms
    payment: Payment
    reckoned: Reckoned
    unit: str

    def price(self, value: Value) -> dict[str, Any]:
        """How a number of the payment became money: a percent of what, by the year or compounded."""
        payment, column = self.payment, self.tell.column
        if self.terms.unit(value, column) != "percent":
            return {}
        figures: dict[str, Any] = {
            "rate": self.terms.context.value(value, column),
            "rate_of": payment.of if isinstance(payment.of, str) else "amount",
            "base": self.reckoned.base,
        }
        if payment.is_compound:
            return figures | {"compounded": 1.0}
        if payment.is_per_year:
            base = np.asarray(self.reckoned.base, dtype=float)
            stood = self.terms.stood(payment, self.reckoned.since, column)
            is_even = [np.equal(one, base) | np.equal(one, 0.0) for one in stood]
            years = np.where(base > 0, self.reckoned.earned / np.where(base > 0, base, 1.0), 0.0)
            years = np.where(np.all(np.broadcast_arrays(*is_even, base > 0), axis=0), years, np.nan)
            return figures | {"earned": self.reckoned.earned, "years": years}
        return figures


def _tell_amount(told: _Told, amount: Draw) -> None:
    assert not isinstance(told.payment.parameter, tuple)
    told.tell("amount", **told.price(told.payment.parameter), value=amount)


def _tell_price(told: _Told, amount: Draw) -> None:
    assert not isinstance(told.payment.parameter, tuple)
    price = {} if told.payment.shape == "share" else told.price(told.payment.parameter)
    told.tell(
        told.payment.shape, **price, price=told.reckoned.parameter, x=told.reckoned.x, unit=told.unit, value=amount
    )


def _tell_prices(told: _Told, amount: Draw) -> None:
    rows, x = told.payment.parameter, told.reckoned.x
    assert isinstance(rows, tuple)
    counts = x if isinstance(x, tuple) else (x,) * len(rows)
    for row, price, count in zip(rows, told.reckoned.parameter, counts, strict=True):
        told.tell(
            "price", of=row.of, **told.price(row.pays), price=price, x=count, value=np.maximum(count, 0.0) * price
        )


def _tell_rows(told: _Told, amount: Draw) -> None:
    rows, reckoned = told.payment.parameter, told.reckoned
    assert isinstance(rows, tuple)
    reached = [_reached(reckoned.x, row) for row in reckoned.parameter]
    counts = _last(reached)
    order = sorted(range(len(rows)), key=lambda number: reckoned.parameter[number][0] is None)  # otherwise comes last
    for number in order:
        row, (at, strict, pays) = rows[number], reckoned.parameter[number]
        told.tell(
            "row" if at is not None else "otherwise",
            x=reckoned.x,
            unit=told.unit,
            at=at,
            strict=float(strict),
            holds=reached[number],
            counts=counts[number],
            **told.price(row.pays),
            value=pays,
        )
    told.tell("rows", value=amount, holds=np.any(np.broadcast_arrays(*reached), axis=0) if reached else 0.0)


def _tell_line(told: _Told, amount: Draw) -> None:
    rows, reckoned = told.payment.parameter, told.reckoned
    assert isinstance(rows, tuple)
    parameter: Sequence[Any] = reckoned.parameter
    counts = _last([_reached(reckoned.x, row) for row in parameter])
    for number, (at, strict, pays) in enumerate(parameter):
        after = parameter[number + 1] if at is not None and number + 1 < len(parameter) else (None, False, None)
        figures = {"at": at, "strict": float(strict), "pays": pays, "next_at": after[0], "next_pays": after[2]}
        name = "corner" if at is not None else "otherwise"
        price = told.price(rows[number].pays)
        told.tell(name, x=reckoned.x, unit=told.unit, counts=counts[number], **price, **figures, value=amount)
    told.tell("rows", value=amount, holds=np.any(np.broadcast_arrays(*counts), axis=0) if counts else 0.0)


def _reached(x: Any, row: tuple[Any, bool, Any]) -> Any:
    at, strict, _ = row
    return np.asarray(True) if at is None else np.asarray(above(x, at) if strict else at_least(x, at))


def _last(reached: Sequence[Any]) -> list[Any]:
    """Of rows that are reached, the one that counts: the last in the order of the file."""
    later: Any = np.asarray(False)
    counts = []
    for one in reversed(reached):
        counts.append(one & ~later)
        later = later | one
    return counts[::-1]


SHAPES_TOLD: dict[str, Callable[[_Told, Draw], None]] = {
    "amount": _tell_amount,
    "per_unit": _tell_price,
    "per_point": _tell_price,
    "share": _tell_price,
    "steps": _tell_rows,
    "line": _tell_line,
    "prices": _tell_prices,
}
"""How each shape of `sibsim.shapes.SHAPES` is told."""
