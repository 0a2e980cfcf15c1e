"""What the contract owes: steps 3 to 5 of the settlement, in the order in which the language numbers them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from sibsim.conditions import View, holds, latest
from sibsim.context import Array, Context, Draw
from sibsim.measures import Report
from sibsim.scenario import ACCOUNT, Cap, OverTime, Payment, Ref, Value
from sibsim.settlement.account import Account
from sibsim.settlement.costs import planned_costs
from sibsim.shapes import SHAPES
from sibsim.timeline import payment_columns

__all__ = ["Due", "PaymentBook"]


@dataclass
class Due:
    """What one payment owes on one date, after its own cap; ``low`` and ``high`` are its declared bounds."""

    payment: Payment
    amount: Draw
    low: Draw = 0.0
    high: Draw = 0.0


@dataclass
class _Path:
    """Money so far, in all and by budget year."""

    total: Draw = 0.0
    by_year: dict[int, Draw] = field(default_factory=lambda: defaultdict(float))

    def add(self, year: int, amount: Draw) -> None:
        self.total = self.total + amount
        self.by_year[year] = self.by_year[year] + amount


@dataclass
class _Total:
    """Sums of one payment (or of the whole contract) so far."""

    due: Draw = 0.0
    cut: Draw = 0.0
    path: _Path = field(default_factory=lambda: _Path())
    lowest: _Path = field(default_factory=lambda: _Path())
    highest: _Path = field(default_factory=lambda: _Path())
    """The least and the most that could have been paid so far, under the same caps."""

    @property
    def paid(self) -> Draw:
        return self.path.total


class PaymentBook:
    """The payments of a contract in a block of futures.

    Parameters
    ----------
    context : Context
    reports : dict of measure to list of Report
    account : Account
        For what is drawn, outstanding or received so far.
    """

    def __init__(self, context: Context, reports: dict[str, list[Report]], account: Account) -> None:
        self.context = context
        self.reports = reports
        self.account = account
        self.totals = {p.name: _Total() for p in context.scenario.payments}
        self.contract = _Total()
        self.result_pay: dict[str, tuple[Draw, Draw]] = {}
        """By payer: paid by payments that hang on a result, and the least that those pay whatever the result."""
        self._columns = {p.name: payment_columns(context.scenario, p) for p in context.scenario.payments}
        self._today: dict[str, Draw] = {}
        self.view = View(context, reports, self.paid)

    # ------------------------------------------------------------------------------------------ the day
    def due(self, column: int) -> list[Due]:
        """What is due at a column after each payment's own cap and the contract's cap."""
        self._today = {}
        dues: list[Due] = []
        for payment in self.context.scenario.payments:
            due = self._payment_due(payment, column)
            if due is None:
                continue
            own = self._cap_own(payment, due, column, sum((d.amount for d in self._to_lenders(dues)), 0.0))
            total = self.totals[payment.name]
            total.due, total.cut = total.due + due.amount, total.cut + (due.amount - own)
            due.amount = self._today[payment.name] = own
            dues.append(due)
        self._cap_contract(dues, column)
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

    # ------------------------------------------------------------------------------------------ one payment
    def _one_due(self, payment: Payment, column: int, key: str | None) -> Due:
        """Steps (a) to (g) for one payment, one date and, with ``for_each``, one cohort."""
        x = self._x(payment, column, key)
        base = self._base(payment, column)
        shape = SHAPES[payment.shape]
        parameter = self._parameter(payment, column, base)
        banded = 0.0 if x is None else np.nan_to_num(self._banded(payment, x, column, base))
        amount: Draw = shape.pays(banded, parameter)
        low, high = shape.bounds(parameter)
        if payment.over is not None:
            spread = self._spread(payment, column)
            amount, low, high = amount * spread, low * spread, high * spread
        grown = self.context.indexed(payment.index, column)
        amount, low, high = amount * grown, low * grown, high * grown
        amount = self.context.within(amount, 0.0, np.inf, f"contract.payments.{payment.name}")
        low, high = np.maximum(low, 0.0), np.maximum(high, 0.0)
        if payment.floor is not None:
            floor = self._money(payment.floor, column, base)
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
        return is_due

    def _x(self, payment: Payment, column: int, key: str | None) -> Draw | None:
        if payment.measure is None:
            return 0.0
        if payment.measure in self._columns:
            return self._today.get(payment.measure, 0.0)
        return latest(self.reports[payment.measure], column, key)

    def paid(self, payment: str) -> Draw:
        """All that a payment has paid so far, today included."""
        return self.totals[payment].paid + self._today.get(payment, 0.0)

    def unit(self, value: Value, column: int = 0) -> str:
        """Whether a value is a number, a percent or money."""
        chosen = value.at(column) if isinstance(value, OverTime) else value
        if isinstance(chosen, Ref):
            return {i.name: i.unit for i in self.context.scenario.inputs}[chosen.name]
        return chosen.unit

    def _money(self, value: Value, column: int, base: Draw) -> Draw:
        """A value where money is expected: a percent is a share of ``of``."""
        amount = self.context.value(value, column)
        return amount * base if self.unit(value, column) == "percent" else amount

    def _base(self, payment: Payment, column: int) -> Draw:
        if payment.of is None:
            return 0.0
        if not isinstance(payment.of, str):
            return self.context.value(payment.of, column)
        of = {"drawn": "drawn", "outstanding": "principal", "committed": "committed"}[payment.of]
        tranches = self.account.tranches
        states = [tranches[payment.to]] if payment.to in tranches else self.account.loans
        return sum((getattr(s, of) for s in states), 0.0)

    def _parameter(self, payment: Payment, column: int, base: Draw) -> object:
        if not isinstance(payment.parameter, tuple):
            return self._money(payment.parameter, column, base)
        is_money = payment.measure in self._columns
        rows = []
        for row in payment.parameter:
            at: Draw | None = None
            if row.at is not None:
                at = self._money(row.at, column, base) if is_money else self.context.value(row.at, column)
            rows.append((at, row.strict, self._money(row.pays, column, base)))
        return tuple(rows)

    def _banded(self, payment: Payment, x: Draw, column: int, base: Draw) -> Draw:
        """The part of x inside the band: ``min(max(x, from), to) - from``."""
        if payment.band is None:
            return x
        is_money = payment.measure in self._columns
        ends = [
            None if e is None else (self._money(e, column, base) if is_money else self.context.value(e, column))
            for e in payment.band
        ]
        inside: Draw = x if ends[0] is None else np.maximum(x, ends[0])
        inside = inside if ends[1] is None else np.minimum(inside, ends[1])
        return inside if ends[0] is None else inside - ends[0]

    def _spread(self, payment: Payment, column: int) -> float:
        step = self.context.scenario.step_months
        over = payment.over or 0.0
        if over <= 0:
            return 1.0
        return max(0.0, min(over, (column + 1) * step) - column * step) / over

    # ------------------------------------------------------------------------------------------ caps
    def _cap_own(self, payment: Payment, due: Due, column: int, due_today: Draw) -> Draw:
        """What a payment pays under its own caps; its bounds are brought under the same caps."""
        total, base = self.totals[payment.name], self._base(payment, column)
        due.low = self._capped(payment.cap, due.low, column, total.lowest, base)
        due.high = self._capped(payment.cap, due.high, column, total.highest, base)
        amount = self._capped(payment.cap, due.amount, column, total.path, base)
        if payment.cap.multiple is not None:
            amount = np.minimum(amount, self._room(payment.cap.multiple, column, due_today))
            due.low = np.minimum(due.low, amount)
        return amount

    def _capped(self, cap: Cap, amount: Draw, column: int, path: _Path, base: Draw) -> Draw:
        """An amount under the caps per year and in total, after what was paid so far."""
        for limit, so_far in ((cap.per_year, path.by_year[self.context.year_of(column)]), (cap.total, path.total)):
            if limit is not None:
                amount = np.minimum(amount, np.maximum(self._money(limit, column, base) - so_far, 0.0))
        return amount

    def _room(self, multiple: Value, column: int, due_today: Draw) -> Draw:
        """What all loans together may still get up to a multiple of what they lent, less cash in hand."""
        loans = self.account.loans
        drawn, received = sum((s.drawn for s in loans), 0.0), sum((s.received for s in loans), 0.0)
        limit = self.context.value(multiple, column) * drawn
        in_hand = self.account.receipts
        if any(s.has_claim for s in loans):  # capital that no cost will need goes to the loans in the end
            in_hand = in_hand + np.maximum(self.account.capital - planned_costs(self.context, column), 0.0)
        return np.maximum(limit - received - in_hand - due_today, 0.0)

    def _cap_contract(self, dues: list[Due], column: int) -> None:
        """The contract's cap; a cut is shared by the day's payments in proportion to what was due."""
        cap, total = self.context.scenario.contract_cap, self.contract
        year = self.context.year_of(column)
        for path, bound in ((total.lowest, [d.low for d in dues]), (total.highest, [d.high for d in dues])):
            path.add(year, self._capped(cap, sum(bound, 0.0), column, path, 0.0))
        together = sum((d.amount for d in dues), 0.0)
        self._cut(dues, together, self._capped(cap, together, column, total.path, 0.0))
        if cap.multiple is not None:
            lenders = self._to_lenders(dues)
            together = sum((d.amount for d in lenders), 0.0)
            self._cut(lenders, together, np.minimum(together, self._room(cap.multiple, column, 0.0)))
            total.lowest.total = np.minimum(total.lowest.total, total.path.total + sum((d.amount for d in dues), 0.0))

    def _to_lenders(self, dues: list[Due]) -> list[Due]:
        """Payments to the account or straight to a tranche: what a cap on the loans' return looks at."""
        return [d for d in dues if d.payment.to == ACCOUNT or d.payment.to in self.account.tranches]

    def _cut(self, dues: list[Due], together: Draw, allowed: Draw) -> None:
        if allowed is together:
            return
        part = np.where(np.asarray(together) > 0, allowed / np.where(np.asarray(together) > 0, together, 1.0), 1.0)
        for due in dues:
            paid = due.amount * part
            own = self.totals[due.payment.name]
            own.cut = own.cut + (due.amount - paid)
            due.amount = paid
            due.low = np.minimum(due.low, paid)
