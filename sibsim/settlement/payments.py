"""What the contract owes: steps 3 to 5 of the settlement, in the order in which the language numbers them."""

from __future__ import annotations

import numpy as np

from sibsim.conditions import View, holds, latest
from sibsim.context import Array, Context, Draw
from sibsim.measures import Report
from sibsim.scenario import Payment
from sibsim.settlement.account import Account
from sibsim.settlement.caps import Caps
from sibsim.settlement.hooks import CALM, Interrupts
from sibsim.settlement.sums import Due, Total
from sibsim.settlement.terms import Terms
from sibsim.shapes import SHAPES
from sibsim.timeline import payment_columns

__all__ = ["Due", "PaymentBook"]


class PaymentBook:
    """The payments of a contract in a block of futures.

    Parameters
    ----------
    context : Context
    reports : dict of measure to list of Report
    account : Account
        For what is drawn, outstanding or received so far.
    events : Interrupts
        What may interrupt.
    """

    def __init__(
        self, context: Context, reports: dict[str, list[Report]], account: Account, events: Interrupts = CALM
    ) -> None:
        self.context = context
        self.reports = reports
        self.terms = Terms(context, account)
        self.totals = {p.name: Total() for p in context.scenario.payments}
        self.contract = Total()
        self.caps = Caps(self.terms, self.totals, self.contract)
        self.result_pay: dict[str, tuple[Draw, Draw]] = {}
        """By payer: paid by payments that hang on a result, and the least that those pay whatever the result."""
        self._columns = {p.name: payment_columns(context.scenario, p) for p in context.scenario.payments}
        self._today: dict[str, Draw] = {}
        self.events = events
        self.view = View(context, reports, self.paid, lambda name, column: np.asarray(events.happened(name, column)))

    # ------------------------------------------------------------------------------------------ the day
    def due(self, column: int) -> list[Due]:
        """What is due at a column after each payment's own cap and the contract's cap."""
        self._today = {}
        dues: list[Due] = []
        for payment in self.context.scenario.payments:
            due = self._payment_due(payment, column)
            if due is None:
                continue
            own = self.caps.own(payment, due, column, sum((d.amount for d in self.caps.to_lenders(dues)), 0.0))
            total = self.totals[payment.name]
            total.due, total.cut = total.due + due.amount, total.cut + (due.amount - own)
            due.amount = self._today[payment.name] = own
            dues.append(due)
        self.caps.cut_to_contract(dues, column)
        year = self.context.year_of(column)
        for due in dues:
            total = self.totals[due.payment.name]
            total.path.add(year, due.amount)
            total.lowest.add(year, due.low)
            total.highest.add(year, due.high)
            self.contract.path.add(year, due.amount)
        return dues

    def _payment_due(self, payment: Payment, column: int) -> Due | None:
        keys = [key for key, columns in self._columns[payment.name].items() if column in columns]
        if not keys:
            return None
        result = Due(payment, 0.0)
        for key in keys:
            one = self._one_due(payment, column, key)
            result.amount, result.low, result.high = (
                result.amount + one.amount,
                result.low + one.low,
                result.high + one.high,
            )
        return result

    def not_paid(self, payment: Payment, column: int, amount: Draw) -> None:
        """So much of what is due is not paid after all: it passes a limit of its payers or of who gets it."""
        if not np.any(amount):
            return
        year = self.context.year_of(column)
        own = self.totals[payment.name]
        own.cut = own.cut + amount
        for total in (own, self.contract):
            total.path.add(year, -np.asarray(amount))
            total.lowest.total = np.minimum(total.lowest.total, total.path.total)

    # ------------------------------------------------------------------------------------------ one payment
    def _one_due(self, payment: Payment, column: int, key: str | None) -> Due:
        """Steps (a) to (g) for one payment, one date and, with ``for_each``, one cohort."""
        x = self._x(payment, column, key)
        base = self.terms.base(payment, column)
        shape = SHAPES[payment.shape]
        parameter = self.terms.parameter(payment, column, base)
        banded = 0.0 if x is None else np.nan_to_num(self.terms.banded(payment, x, column, base))
        amount: Draw = shape.pays(banded, parameter)
        low, high = shape.bounds(parameter)
        if payment.over is not None:
            spread = self.terms.spread(payment, column)
            amount, low, high = amount * spread, low * spread, high * spread
        grown = self.context.indexed(payment.index, column)
        amount, low, high = amount * grown, low * grown, high * grown
        amount = self.context.within(amount, 0.0, np.inf, f"contract.payments.{payment.name}")
        low, high = np.maximum(low, 0.0), np.maximum(high, 0.0)
        if payment.floor is not None:
            floor = self.terms.money(payment.floor, column, base)
            amount, low, high = np.maximum(amount, floor), np.maximum(low, floor), np.maximum(high, floor)
        is_due = self._is_due(payment, x, column, key)
        if not np.all(is_due):
            amount, low = np.where(is_due, amount, 0.0), np.where(is_due, low, 0.0)
        return Due(payment, amount, 0.0 if payment.if_ is not None else low, high)

    def _is_due(self, payment: Payment, x: Draw | None, column: int, key: str | None) -> Array:
        """Where there is something to pay on: a report, and the condition. Without either: not even the floor."""
        is_due = np.asarray(True)
        if payment.measure is not None:
            is_due = is_due & (np.asarray(False) if x is None else ~np.isnan(x))
        if payment.if_ is not None:
            is_due = is_due & holds(payment.if_, column, key, self.view)
        if payment.at_event is not None:
            is_due = is_due & self.events.happens(payment.at_event, column)
        stopped = self.events.stopped("payments", column - 1)  # those of the day itself are still made
        return is_due if stopped is False else is_due & np.logical_not(stopped)

    def _x(self, payment: Payment, column: int, key: str | None) -> Draw | None:
        if payment.measure is None:
            return 0.0
        if payment.measure in self._columns:
            return self._today.get(payment.measure, 0.0)
        is_dated = payment.at is not None or payment.at_event is not None
        return latest(self.reports[payment.measure], column, key, since=0 if is_dated else column)

    def paid(self, payment: str) -> Draw:
        """All that a payment has paid so far, today included."""
        return self.totals[payment].paid + self._today.get(payment, 0.0)
