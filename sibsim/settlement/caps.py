"""Caps: the most that a payment, and the contract, may pay."""

from __future__ import annotations

import numpy as np

from sibsim.context import Context, Draw
from sibsim.scenario import ACCOUNT, Cap, Payment
from sibsim.settlement.sums import Due, Part, Path, Total
from sibsim.settlement.telling import Teller, changed, teller
from sibsim.settlement.terms import Terms

__all__ = ["Caps"]

CONTRACT = "contract"
"""Subject of what is told of the contract's own cap."""
SLACK = 1e-9
"""Part of what was lent that counts as nothing: what rounding leaves when a rate is reached."""


class Caps:
    """The caps of the payments and of the contract.

    Parameters
    ----------
    terms : Terms
    totals : dict of payment to Total
        What each payment paid so far.
    contract : Total
        What all of them paid together.
    kept : frozenset of str
        Payments of which it is kept what each cohort got, besides those whose terms look at that.
    """

    def __init__(
        self, terms: Terms, totals: dict[str, Total], contract: Total, kept: frozenset[str] = frozenset()
    ) -> None:
        self.kept = kept
        self.terms = terms
        self.context = terms.context
        self.account = terms.account
        self.totals = totals
        self.contract = contract

    # ------------------------------------------------------------------------------------------ of a payment
    def own(self, payment: Payment, due: Due, column: int, dues: list[Due]) -> Draw:
        """What a payment pays under its own caps, after those of the day before it; its bounds are capped alike."""
        total, base = self.totals[payment.name], self.terms.base(payment, column)
        tell = teller(self.context, column, payment.name)
        amount, due.most = due.amount, due.high
        if _looks_at_parts(payment):
            amount = self._own_parts(payment, due, total, column, base)
        else:
            for part in due.parts.values():
                part.own = part.amount
        if payment.is_cumulative:
            self._bound_to_date(payment, due, total, column, base)
            due.most = due.high
        else:
            due.low = self._capped(payment.cap, due.low, column, total.lowest, base)
            due.most = self._capped(payment.cap, due.most, column, Path(), base)
            due.high = self._capped(payment.cap, due.high, column, total.highest, base)
        amount = self._capped(payment.cap, amount, column, total.path, base, tell)
        if payment.cap.multiple is not None or payment.cap.irr is not None:
            room = self._room_for(payment, column, dues)
            rates = {} if tell is None else _rates(payment.cap, self.context, column)
            amount = changed(tell, "cap", amount, np.minimum(amount, room), on="return", room=room, **rates)
            due.low = np.minimum(due.low, amount)
        if payment.cap.per_cohort is not None:  # the cohorts' sums may be cut by other caps too
            due.low = np.minimum(due.low, total.path.total + amount - total.lowest.total)
        return amount

    def _capped(self, cap: Cap, amount: Draw, column: int, path: Path, base: Draw, tell: Teller | None = None) -> Draw:
        """An amount under the caps per year and in total, after what was paid so far."""
        for on, limit in (("year", cap.per_year), ("total", cap.total)):
            if limit is not None:
                so_far = path.of_year(self.context.year_of(column)) if on == "year" else path.total
                most = self.terms.money(limit, column, base)
                left = np.minimum(amount, np.maximum(most - so_far, 0.0))
                amount = changed(tell, "cap", amount, left, on=on, limit=most, so_far=so_far)
        return amount

    # ------------------------------------------------------------------------------------------ of cohorts and people
    def _own_parts(self, payment: Payment, due: Due, total: Total, column: int, base: Draw) -> Draw:
        """Caps for each person and for each cohort; money asked back first takes off what a cap had cut."""
        limit = payment.cap.per_cohort
        most: Draw | None = None if limit is None else self.terms.money(limit, column, base)
        amount: Draw = 0.0
        low: Draw = 0.0
        high: Draw = 0.0
        for key, part in due.parts.items():
            so_far = total.parts[key]
            self._own_part(payment, part, so_far, most, teller(self.context, column, payment.name, key))
            so_far.most_cap = np.maximum(0.0 if so_far.most_cap is None else so_far.most_cap, part.most_in_all)
            amount, low, high = amount + part.own, low + part.low, high + part.high
        if not payment.is_cumulative:
            in_all = sum((so_far.most_cap for so_far in total.parts.values() if so_far.most_cap is not None), 0.0)
            due.low, due.most = low, high
            due.high = np.minimum(high, np.maximum(in_all - total.highest.total, 0.0))
        return amount

    def _own_part(self, payment: Payment, part: Part, so_far: Total, most: Draw | None, tell: Teller | None) -> None:
        part.own = part.amount
        if part.most is not None:
            own = np.minimum(part.amount, part.most)
            part.own = changed(tell, "cap", part.own, own, on="person", room=part.most)
        if payment.is_cumulative:
            own = part.own + np.minimum(np.maximum(-part.own, 0.0), np.maximum(so_far.cut, 0.0))
            part.own = changed(tell, "off the cut", part.own, own, so_far=so_far.cut)
        if most is not None:
            own, paid = np.minimum(part.own, np.maximum(most - so_far.path.total, 0.0)), so_far.path.total
            part.own = changed(tell, "cap", part.own, own, on="cohort", limit=most, so_far=paid)
            part.low = np.minimum(part.low, np.maximum(most - so_far.lowest.total, 0.0))
            part.high = np.minimum(part.high, np.maximum(most, 0.0))
            part.most_in_all = np.minimum(part.most_in_all, np.maximum(most, 0.0))

    def settle_parts(self, due: Due, year: int) -> None:
        """Book by cohort what was due and what of it is paid; a cut of all together is shared in proportion."""
        if not self._keeps_parts(due):
            return
        paid_to = self.paid_to_parts(due, due.amount)
        for key, part in due.parts.items():
            so_far, paid = self.totals[due.payment.name].parts[key], paid_to[key]
            so_far.due, so_far.cut = so_far.due + part.amount, so_far.cut + (part.amount - paid)
            so_far.path.add(year, paid)
            so_far.lowest.add(year, part.low)

    def _keeps_parts(self, due: Due) -> bool:
        """Whether it is known what each cohort was paid: of all payments for each cohort."""
        return bool(set(due.parts) - {None}) or due.payment.name in self.kept or _looks_at_parts(due.payment)

    def paid_to_parts(self, due: Due, amount: Draw) -> dict[str | None, Draw]:
        """What of an amount is for each cohort: in proportion to what each is to get."""
        together = np.asarray(sum((part.own for part in due.parts.values()), 0.0))
        share = np.where(together > 0, amount / np.where(together > 0, together, 1.0), 1.0)
        return {key: part.own * share for key, part in due.parts.items()}

    def not_paid(self, due: Due, year: int, amount: Draw) -> None:
        """So much of a payment is not paid after all: shared by its cohorts like what they were to get."""
        if not self._keeps_parts(due):
            return
        together = np.asarray(sum((np.maximum(part.own, 0.0) for part in due.parts.values()), 0.0))
        for key, part in due.parts.items():
            less = amount * np.maximum(part.own, 0.0) / np.where(together > 0, together, 1.0)
            so_far = self.totals[due.payment.name].parts[key]
            so_far.cut = so_far.cut + less
            so_far.path.add(year, -less)

    def unpaid(self, due: Due, own: Draw) -> dict[str | None, Draw]:
        """The part of what is due that the payment's own cap leaves unpaid: of all (None), and by cohort."""
        left: dict[str | None, Draw] = {None: _part_left(due.amount, own)}
        if _looks_at_parts(due.payment):
            together = sum((part.own for part in due.parts.values()), 0.0)
            share = 1.0 - _part_left(together, own)
            left.update({key: _part_left(part.amount, part.own * share) for key, part in due.parts.items()})
        return left

    # ------------------------------------------------------------------------------------------ to date
    def _bound_to_date(self, payment: Payment, due: Due, total: Total, column: int, base: Draw) -> None:
        """Bounds of a payment that is reckoned to date: of all it paid so far, not of one date.

        What was due to date lies between its bounds, and so does what was paid of it: under a cap in total, between
        the same bounds brought under the cap; other caps may leave nothing of it.
        """
        cap, (lowest, highest) = payment.cap, (due.low, due.high)
        if cap.total is not None:
            limit = self.terms.money(cap.total, column, base)
            total.least_cap = limit if total.least_cap is None else np.minimum(total.least_cap, limit)
            total.most_cap = limit if total.most_cap is None else np.maximum(total.most_cap, limit)
            lowest, highest = np.minimum(lowest, total.least_cap), np.minimum(highest, total.most_cap)
        if any(v is not None for v in (cap.per_year, cap.per_cohort, cap.per_person, cap.irr, cap.multiple)):
            total.least_so_far = lowest = np.minimum(np.minimum(lowest, 0.0), total.least_so_far)
        due.low, due.high = _rise(lowest, total.lowest.total), _rise(highest, total.highest.total)

    # ------------------------------------------------------------------------------------------ of the loans' return
    def _lacking(self, cap: Cap, column: int) -> Draw:
        """What all loans together may still get up to a multiple or a yearly rate of what they lent."""
        lack: Draw = np.inf
        loans = self.account.loans
        drawn, received = sum((s.drawn for s in loans), 0.0), sum((s.received for s in loans), 0.0)
        if cap.irr is not None:
            lack = self.account.lacking_to_irr(self.context.yearly_rate(cap.irr, column), column)
            lack = np.where(lack > SLACK * drawn, lack, 0.0)
        if cap.multiple is not None:
            lack = np.minimum(lack, self.context.value(cap.multiple, column) * drawn - received)
        return np.maximum(lack, 0.0)

    def _room_for(self, payment: Payment, column: int, dues: list[Due]) -> Draw:
        """What a payment may pay: what the loans lack, less cash in hand and what is due to them today already.

        Costs take their part of that cash, and of what is paid to the account; nothing of what goes straight to a loan.
        """
        lack = self._lacking(payment.cap, column)
        room = lack - self.account.cash_for_loans(column) - _together(self.to_lenders(dues))
        if payment.to in self.account.tranches:
            straight = lack - _together(self.to_tranches(dues))
            room = np.minimum(room, straight) if self.account.claims else straight
        return np.maximum(room, 0.0)

    # ------------------------------------------------------------------------------------------ of the contract
    def cut_to_contract(self, dues: list[Due], column: int) -> None:
        """The contract's cap; a cut is shared by the day's payments in proportion to what was due."""
        cap, total = self.context.scenario.contract_cap, self.contract
        year = self.context.year_of(column)
        highs = [d.high if cap == Cap() else d.most for d in dues]
        for path, bound in ((total.lowest, [d.low for d in dues]), (total.highest, highs)):
            path.add(year, self._capped(cap, sum(bound, 0.0), column, path, 0.0))
        together = sum((d.amount for d in dues), 0.0)
        tell = teller(self.context, column, CONTRACT) if dues else None
        self._cut(dues, together, self._capped(cap, together, column, total.path, 0.0, tell), column)
        if cap.multiple is not None or cap.irr is not None:
            lack, lenders, straight = self._lacking(cap, column), self.to_lenders(dues), self.to_tranches(dues)
            together, apart = _together(lenders), np.asarray(_together(straight))
            room = np.maximum(lack - self.account.cash_for_loans(column), 0.0)
            if straight:  # costs take nothing of what goes straight to a loan: that alone may not pass what they lack
                part = np.where(apart > lack, lack / np.where(apart > lack, apart, 1.0), 1.0)
                room = np.minimum(room, together * part)
            rates = {} if tell is None else _rates(cap, self.context, column)
            left = changed(tell, "cap", together, np.minimum(together, room), on="return", room=room, **rates)
            self._cut(lenders, together, left, column)
        if cap != Cap():  # what one date's cut leaves to another may be less than its own bounds say
            paid = total.path.total + sum((d.amount for d in dues), 0.0)
            total.lowest.total = np.minimum(total.lowest.total, paid)
            if self._is_to_date:
                total.highest.total = np.maximum(total.highest.total, paid)

    @property
    def _is_to_date(self) -> bool:
        return any(p.is_cumulative for p in self.context.scenario.payments)

    def to_lenders(self, dues: list[Due]) -> list[Due]:
        """Payments to the account or straight to a tranche: what a cap on the loans' return looks at."""
        return [d for d in dues if d.payment.to == ACCOUNT or d.payment.to in self.account.tranches]

    def to_tranches(self, dues: list[Due]) -> list[Due]:
        """Payments straight to a tranche."""
        return [d for d in dues if d.payment.to in self.account.tranches]

    def _cut(self, dues: list[Due], together: Draw, allowed: Draw, column: int) -> None:
        if allowed is together:
            return
        if self.context.watch is None and np.array_equal(allowed, together):  # nothing is cut
            for due in dues:
                due.low = np.minimum(due.low, self._least(due, due.amount))
            return
        is_two_way = any(np.any(np.asarray(d.amount) < 0) for d in dues)
        if is_two_way:  # money asked back is not cut
            cut = together - allowed
            together = sum((np.maximum(d.amount, 0.0) for d in dues), 0.0)
            allowed = together - cut
        part = np.where(np.asarray(together) > 0, allowed / np.where(np.asarray(together) > 0, together, 1.0), 1.0)
        for due in dues:
            paid = (
                np.where(np.asarray(due.amount) < 0, due.amount, due.amount * part) if is_two_way else due.amount * part
            )
            own = self.totals[due.payment.name]
            own.cut = own.cut + (due.amount - paid)
            due.amount = changed(teller(self.context, column, due.payment.name), "contract's cap", due.amount, paid)
            due.low = np.minimum(due.low, self._least(due, paid))

    def _least(self, due: Due, paid: Draw) -> Draw:
        """The lower bound of a payment that the contract's cap has cut to what is paid."""
        own = self.totals[due.payment.name]
        return own.path.total + paid - own.lowest.total if due.payment.is_cumulative else paid


def _rates(cap: Cap, context: Context, column: int) -> dict[str, Draw]:
    """The multiple and the yearly rate of a cap on the loans' return."""
    both = (("multiple", cap.multiple), ("irr", cap.irr))
    return {name: context.value(value, column) for name, value in both if value is not None}


def _looks_at_parts(payment: Payment) -> bool:
    """Whether what each cohort was paid so far counts."""
    cap = payment.cap
    return payment.is_cumulative or cap.per_cohort is not None or cap.per_person is not None


def _together(dues: list[Due]) -> Draw:
    return sum((d.amount for d in dues), 0.0)


def _rise(now: Draw, before: Draw) -> Draw:
    """How much more it is than before; what had no end still has none."""
    before = np.asarray(before, dtype=float)
    return np.where(np.isfinite(before), now - np.where(np.isfinite(before), before, 0.0), 0.0)


def _part_left(due: Draw, paid: Draw) -> Draw:
    """``(due - paid) / due``; nothing is left of nothing."""
    is_due = np.asarray(due) > 0
    return np.where(is_due, (due - paid) / np.where(is_due, due, 1.0), 0.0)
