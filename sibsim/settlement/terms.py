"""The terms of a payment in figures: what its numbers are worth at a date, in each draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sibsim.context import Context, Draw
from sibsim.scenario import Number, OverTime, Payment, Ref, Value
from sibsim.settlement.account import Account
from sibsim.settlement.tranches import TrancheState
from sibsim.shapes import SHAPES

__all__ = ["Reckoned", "Terms"]

BASES = {"drawn": "drawn", "outstanding": "principal", "committed": "committed"}


@dataclass(frozen=True)
class Reckoned:
    """The figures of a payment on a day.

    ``base`` is what a percent is of, ``earned`` what 100 % comes to; ``parameter`` that of the shape, in money (in
    rates, where they are compounded); ``x`` the part of the reading inside the band, which ``ends`` there. ``since``:
    the column from which yearly percents run.
    """

    base: Draw
    earned: Draw
    parameter: Any
    x: Any
    before_band: Any
    ends: tuple[Draw | None, Draw | None] = (None, None)
    since: int = 0


class Terms:
    """What the numbers of a payment are at a date.

    Parameters
    ----------
    context : Context
    account : Account
        For what a percent is of: drawn, outstanding or committed.
    """

    def __init__(self, context: Context, account: Account) -> None:
        self.context = context
        self.account = account
        scenario = context.scenario
        self._units = {i.name: i.unit for i in scenario.inputs}
        self._in_money = {p.name for p in scenario.payments} | {m.name for m in scenario.measures if m.unit == "money"}
        self._two_way = {p.name for p in scenario.payments if self._may_be_negative(p)}
        self._stood: dict[str, list[Draw]] = {p.name: [] for p in scenario.payments if p.is_per_year}
        """By payment with a yearly percent: its base (or, compounded, whether drawn) at the end of each column."""

    # ------------------------------------------------------------------------------------------ values
    def unit(self, value: Value, column: int = 0) -> str:
        """Whether a value is a number, a percent or money."""
        chosen = value.at(column) if isinstance(value, OverTime) else value
        if isinstance(chosen, Ref):
            return self._units[chosen.name]
        return chosen.unit

    def money(self, value: Value, column: int, base: Draw) -> Draw:
        """A value where money is expected: a percent is a share of ``of``."""
        return self._looked_up(value, column, lambda plain: self._money(plain, column, base))

    def _money(self, value: Value, column: int, base: Draw) -> Draw:
        amount = self.context.value(value, column)
        return amount * base if self.unit(value, column) == "percent" else amount

    def _looked_up(self, value: Value, column: int, worth: Callable[[Value], Draw]) -> Draw:
        """What a value comes to, where an amended one may be in another unit than before."""
        amount = worth(value)
        for event, amended in value.events if isinstance(value, OverTime) else ():
            amount = np.where(self.account.events.happened(event, column), worth(amended), amount)
        return amount

    def base(self, payment: Payment, column: int) -> Draw:
        """What a percent of money is a percent of, as it stands."""
        if payment.of is None:
            return 0.0
        if not isinstance(payment.of, str):
            return self.context.value(payment.of, column)
        return sum((getattr(s, BASES[str(payment.of)]) for s in self._states(payment)), 0.0)

    def _states(self, payment: Payment) -> list[TrancheState]:
        """The tranche that gets the payment, else all loans."""
        tranches = self.account.tranches
        return [tranches[payment.to]] if payment.to in tranches else self.account.loans

    def goes_both_ways(self, payment: Payment) -> bool:
        """Whether its terms ask money back: some figure of it is below 0."""
        return payment.name in self._two_way

    def _may_be_negative(self, payment: Payment) -> bool:
        rows = payment.parameter if isinstance(payment.parameter, tuple) else ()
        parameter = [row.pays for row in rows] if rows else [payment.parameter]
        return any(self._is_negative(v) for v in (*parameter, payment.floor))

    def _is_negative(self, value: object) -> bool:
        """Below 0 by intent: the thin tail of a distribution that is meant to be above 0 does not count."""
        if isinstance(value, OverTime):
            return any(self._is_negative(entry) for entry in value.every)
        if isinstance(value, Ref):
            distribution = next(i.distribution for i in self.context.scenario.inputs if i.name == value.name)
            low = distribution.support[0]
            return distribution.mean < 0 or (math.isfinite(low) and low < 0)
        return isinstance(value, Number) and value.value < 0

    # ------------------------------------------------------------------------------------------ steps (c) to (e)
    def owed(self, payment: Payment, x: Any, column: int, since: int) -> tuple[Draw, Draw, Draw]:
        """The band, the shape, and percents times what they are of.

        Parameters
        ----------
        payment : Payment
        x : float, array, tuple of them, or None
            The reading; for ``prices`` one count for each. A gap counts as 0.
        column, since : int
            The day, and the date from which a yearly percent runs.

        Returns
        -------
        amount, low, high : float or (n_draws,) array
            What is owed, and the least and the most that the shape can owe.
        """
        figures = self.reckoned(payment, x, column, since)
        shape = SHAPES[payment.shape]
        amount: Draw = shape.pays(figures.x, figures.parameter)
        low, high = shape.bounds(figures.parameter)
        if payment.is_compound:
            amount, low, high = (self._grown(payment, rate, column) for rate in (amount, low, high))
        return amount, low, high

    def reckoned(self, payment: Payment, x: Any, column: int, since: int) -> Reckoned:
        """The figures that `owed` is worked out of."""
        base = self.base(payment, column)
        earned = self._earned(payment, column, base, since)
        parameter = self._parameter(payment, column, base, earned)
        if isinstance(x, tuple):
            counts = tuple(_without_gaps(count) for count in x)
            return Reckoned(base, earned, parameter, counts, counts, since=since)
        if x is None:
            return Reckoned(base, earned, parameter, 0.0, 0.0, since=since)
        ends = self._ends(payment, column, base)
        return Reckoned(base, earned, parameter, _without_gaps(_banded(x, ends)), x, ends, since)

    def floor(self, payment: Payment, column: int, since: int) -> Draw | None:
        """The least that is due on a date, by the year or compounded like the rest; None if there is none."""
        if payment.floor is None:
            return None
        earned = self._earned(payment, column, self.base(payment, column), since)

        def worth(floor: Value) -> Draw:
            if payment.is_compound and self.unit(floor, column) == "percent":
                return self._grown(payment, self.context.value(floor, column), column)
            return self._money(floor, column, earned)

        return self._looked_up(payment.floor, column, worth)

    def _parameter(self, payment: Payment, column: int, base: Draw, earned: Draw) -> object:
        """The parameter of the payment's shape, in money: a price, a share of x, prices, or rows."""
        if not isinstance(payment.parameter, tuple):
            if SHAPES[payment.shape].parameter == "share":
                return self.context.share(payment.parameter, f"contract.payments.{payment.name}.share", column)
            return self.money(payment.parameter, column, earned)
        if payment.shape == "prices":
            return tuple(self.money(row.pays, column, earned) for row in payment.parameter)
        rows = []
        for row in payment.parameter:
            at = None if row.at is None else self._reading(payment, row.at, column, base)
            rows.append((at, row.strict, self.money(row.pays, column, earned)))
        return tuple(rows)

    def _reading(self, payment: Payment, value: Value, column: int, base: Draw) -> Draw:
        """A value that x is compared with: where x is money, a percent is a share of ``of``."""
        if payment.measure in self._in_money:
            return self.money(value, column, base)
        return self.context.value(value, column)

    def _ends(self, payment: Payment, column: int, base: Draw) -> tuple[Draw | None, Draw | None]:
        """Where the band begins and ends; None where it is open."""
        low, high = payment.band or (None, None)
        return (
            None if low is None else self._reading(payment, low, column, base),
            None if high is None else self._reading(payment, high, column, base),
        )

    def spread(self, payment: Payment, column: int) -> float:
        """The part of the whole that falls into the period that begins at a column."""
        step = self.context.scenario.step_months
        over = payment.over or 0.0
        if over <= 0:
            return 1.0
        return max(0.0, min(over, (column + 1) * step) - column * step) / over

    # ------------------------------------------------------------------------------------------ by the year
    def _earned(self, payment: Payment, column: int, base: Draw, since: int) -> Draw:
        """What 100 % comes to: the base; with ``per: year`` the base as it stood in each period x its years.

        Compounded, rates are looked up as rates and grown afterwards: 1.
        """
        if payment.is_compound:
            return 1.0
        if not payment.is_per_year:
            return base
        return sum(self.stood(payment, since, column), 0.0) * self.context.scenario.step_years

    def stood(self, payment: Payment, since: int, column: int) -> list[Draw]:
        """What a yearly percent is of, as it stood in each period between two columns."""
        return self._stood[payment.name][since:column]

    def close(self, column: int) -> None:
        """Remember, at the end of a column, what yearly percents are of until the next one.

        Committed money and money that the file names count from the first draw, if anything is lent at all.
        """
        for payment in self.context.scenario.payments:
            if payment.name in self._stood:
                self._stood[payment.name].append(self._stands(payment, column))

    def _stands(self, payment: Payment, column: int) -> Draw:
        if payment.of in ("drawn", "outstanding"):
            return self.base(payment, column)
        is_drawn: Draw = 1.0
        if self.account.loans:
            is_drawn = np.greater(sum((s.drawn for s in self._states(payment)), 0.0), 0.0) * 1.0
        return is_drawn if payment.is_compound else is_drawn * self.base(payment, column)

    def _grown(self, payment: Payment, rate: Draw, column: int) -> Draw:
        """``of x ((1 + rate) ** years since drawn - 1)``, each draw by its own years."""
        growth = np.maximum(1.0 + np.asarray(rate, dtype=float), 0.0)
        step = self.context.scenario.step_years
        if payment.of not in ("drawn", "outstanding"):
            years = sum(self._stood[payment.name][:column], 0.0) * step
            return _times(self.base(payment, column), growth**years - 1.0)
        total: Draw = 0.0
        for state in self._states(payment):
            part: Draw = 1.0
            if payment.of == "outstanding":  # what is repaid is repaid of every draw alike
                part = state.principal / np.where(np.asarray(state.drawn) > 0, state.drawn, 1.0)
            for drawn, amount in state.lent.items():
                total = total + _times(amount * part, growth ** ((column - drawn) * step) - 1.0)
        return total


def _banded(x: Draw, ends: tuple[Draw | None, Draw | None]) -> Draw:
    """The part of x inside the band: ``min(max(x, from), to) - from``."""
    low, high = ends
    inside: Draw = x if low is None else np.maximum(x, low)
    inside = inside if high is None else np.minimum(inside, high)
    return inside if low is None else inside - low


def _without_gaps(x: Draw) -> Draw:
    """A reading, in which a gap counts as 0."""
    return x if isinstance(x, np.ndarray) and np.isfinite(x).all() else np.nan_to_num(x)


def _times(amount: Draw, growth: Draw) -> Draw:
    """A product in which nothing, however much it may grow, is nothing."""
    amount, growth = np.broadcast_arrays(np.asarray(amount, dtype=float), growth)
    return np.multiply(amount, growth, out=np.zeros(amount.shape), where=amount != 0.0)
