"""The terms of a payment in figures: what its numbers are worth at a date, in each draw."""

from __future__ import annotations

import numpy as np

from sibsim.context import Context, Draw
from sibsim.scenario import OverTime, Payment, Ref, Value
from sibsim.settlement.account import Account

__all__ = ["Terms"]


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
        self._payments = {p.name for p in context.scenario.payments}
        self._units = {i.name: i.unit for i in context.scenario.inputs}

    def unit(self, value: Value, column: int = 0) -> str:
        """Whether a value is a number, a percent or money."""
        chosen = value.at(column) if isinstance(value, OverTime) else value
        if isinstance(chosen, Ref):
            return self._units[chosen.name]
        return chosen.unit

    def money(self, value: Value, column: int, base: Draw) -> Draw:
        """A value where money is expected: a percent is a share of ``of``."""
        amount = self.context.value(value, column)
        return amount * base if self.unit(value, column) == "percent" else amount

    def base(self, payment: Payment, column: int) -> Draw:
        """What a percent of money is a percent of."""
        if payment.of is None:
            return 0.0
        if not isinstance(payment.of, str):
            return self.context.value(payment.of, column)
        of = {"drawn": "drawn", "outstanding": "principal", "committed": "committed"}[payment.of]
        tranches = self.account.tranches
        states = [tranches[payment.to]] if payment.to in tranches else self.account.loans
        return sum((getattr(s, of) for s in states), 0.0)

    def parameter(self, payment: Payment, column: int, base: Draw) -> object:
        """The parameter of the payment's shape, in money: a price, or rows."""
        if not isinstance(payment.parameter, tuple):
            return self.money(payment.parameter, column, base)
        is_money = payment.measure in self._payments
        rows = []
        for row in payment.parameter:
            at: Draw | None = None
            if row.at is not None:
                at = self.money(row.at, column, base) if is_money else self.context.value(row.at, column)
            rows.append((at, row.strict, self.money(row.pays, column, base)))
        return tuple(rows)

    def banded(self, payment: Payment, x: Draw, column: int, base: Draw) -> Draw:
        """The part of x inside the band: ``min(max(x, from), to) - from``."""
        if payment.band is None:
            return x
        is_money = payment.measure in self._payments
        ends = [
            None if e is None else (self.money(e, column, base) if is_money else self.context.value(e, column))
            for e in payment.band
        ]
        inside: Draw = x if ends[0] is None else np.maximum(x, ends[0])
        inside = inside if ends[1] is None else np.minimum(inside, ends[1])
        return inside if ends[0] is None else inside - ends[0]

    def spread(self, payment: Payment, column: int) -> float:
        """The part of the whole that falls into the period that begins at a column."""
        step = self.context.scenario.step_months
        over = payment.over or 0.0
        if over <= 0:
            return 1.0
        return max(0.0, min(over, (column + 1) * step) - column * step) / over
