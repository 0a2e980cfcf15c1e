"""Caps: the most that a payment, and the contract, may pay."""

from __future__ import annotations

import numpy as np

from sibsim.context import Draw
from sibsim.scenario import ACCOUNT, Cap, Payment, Value
from sibsim.settlement.sums import Due, Path, Total
from sibsim.settlement.terms import Terms

__all__ = ["Caps"]


class Caps:
    """The caps of the payments and of the contract.

    Parameters
    ----------
    terms : Terms
    totals : dict of payment to Total
        What each payment paid so far.
    contract : Total
        What all of them paid together.
    """

    def __init__(self, terms: Terms, totals: dict[str, Total], contract: Total) -> None:
        self.terms = terms
        self.context = terms.context
        self.account = terms.account
        self.totals = totals
        self.contract = contract

    def own(self, payment: Payment, due: Due, column: int, due_today: Draw) -> Draw:
        """What a payment pays under its own caps; its bounds are brought under the same caps."""
        total, base = self.totals[payment.name], self.terms.base(payment, column)
        due.low = self._capped(payment.cap, due.low, column, total.lowest, base)
        due.high = self._capped(payment.cap, due.high, column, total.highest, base)
        amount = self._capped(payment.cap, due.amount, column, total.path, base)
        if payment.cap.multiple is not None:
            amount = np.minimum(amount, self._room(payment.cap.multiple, column, due_today))
            due.low = np.minimum(due.low, amount)
        return amount

    def _capped(self, cap: Cap, amount: Draw, column: int, path: Path, base: Draw) -> Draw:
        """An amount under the caps per year and in total, after what was paid so far."""
        for limit, so_far in ((cap.per_year, path.by_year[self.context.year_of(column)]), (cap.total, path.total)):
            if limit is not None:
                amount = np.minimum(amount, np.maximum(self.terms.money(limit, column, base) - so_far, 0.0))
        return amount

    def _room(self, multiple: Value, column: int, due_today: Draw) -> Draw:
        """What all loans together may still get up to a multiple of what they lent, less cash in hand."""
        loans = self.account.loans
        drawn, received = sum((s.drawn for s in loans), 0.0), sum((s.received for s in loans), 0.0)
        limit = self.context.value(multiple, column) * drawn
        in_hand = self.account.cash_for_loans(column)
        return np.maximum(limit - received - in_hand - due_today, 0.0)

    def cut_to_contract(self, dues: list[Due], column: int) -> None:
        """The contract's cap; a cut is shared by the day's payments in proportion to what was due."""
        cap, total = self.context.scenario.contract_cap, self.contract
        year = self.context.year_of(column)
        for path, bound in ((total.lowest, [d.low for d in dues]), (total.highest, [d.high for d in dues])):
            path.add(year, self._capped(cap, sum(bound, 0.0), column, path, 0.0))
        together = sum((d.amount for d in dues), 0.0)
        self._cut(dues, together, self._capped(cap, together, column, total.path, 0.0))
        if cap.multiple is not None:
            lenders = self.to_lenders(dues)
            together = sum((d.amount for d in lenders), 0.0)
            self._cut(lenders, together, np.minimum(together, self._room(cap.multiple, column, 0.0)))
            total.lowest.total = np.minimum(total.lowest.total, total.path.total + sum((d.amount for d in dues), 0.0))

    def to_lenders(self, dues: list[Due]) -> list[Due]:
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
