"""Steps 5 and 6 of the settlement: the payers pay their shares, and money moves, or goes back to them."""

from __future__ import annotations

import numpy as np

from sibsim.context import Context, Draw
from sibsim.scenario import ACCOUNT, Cap, OverTime, Payment, Scenario, Shares
from sibsim.settlement.account import Account
from sibsim.settlement.events import look_at_money
from sibsim.settlement.hooks import Mask, all_of, gate, is_not, share_of, some
from sibsim.settlement.payments import PaymentBook
from sibsim.settlement.sums import Due
from sibsim.settlement.telling import teller
from sibsim.settlement.tranches import TrancheState
from sibsim.shapes import SHAPES

__all__ = ["Payers", "hangs_on_result", "most_in_all", "payers_at", "payments_stand_alone"]


def hangs_on_result(payment: Payment) -> bool:
    """Whether what is paid depends on a reading or a condition; a sum that is only dated by a report does not."""
    return payment.if_ is not None or payment.times is not None or SHAPES[payment.shape].needs_x


def payments_stand_alone(scenario: Scenario) -> bool:
    """Whether no payment, event or refund to the payers looks at what is lent, repaid or spent."""
    tranches = {t.name: t for t in scenario.finance.tranches} if scenario.finance is not None else {}
    caps = [scenario.contract_cap, *(p.cap for p in scenario.payments)]
    return (
        not look_at_money(scenario)
        and not any(p.to in tranches or isinstance(p.of, str) for p in scenario.payments)
        and not any(p.is_per_year or p.is_compound for p in scenario.payments)
        and all(cap.irr is None and cap.multiple is None for cap in caps)
        and all(tranche.cap == Cap() for tranche in tranches.values())  # what passes one goes back to the payers
    )


def payers_at(payment: Payment, column: int) -> Shares:
    """Who pays at a column if no event has amended that, with their shares; one of these may be ``rest``."""
    chosen = payment.by
    for number, (start, shares) in enumerate(payment.by_over_time):
        if start <= column or number == 0:
            chosen = shares
    return chosen


def most_in_all(context: Context) -> Draw | None:
    """What all payers together will ever pay, where each of them has a limit; None where one has none."""
    scenario = context.scenario
    payers = dict.fromkeys(who for p in scenario.payments for who, _ in p.by)
    total: Draw = 0.0
    for party in payers:
        limit = scenario.party(party).pays_at_most
        if limit is None:
            return None
        entries = limit.entries if isinstance(limit, OverTime) else ((0, limit),)
        amended = limit.events if isinstance(limit, OverTime) else ()
        most: Draw = 0.0
        for column, value in (*entries, *((0, value) for _, value in amended)):
            most = np.maximum(most, context.value(value, column))
        total = total + most
    return total if payers else None


Part = tuple[str, Draw, bool]
"""A payer, its share, and whether it pays the rest."""


class Payers:
    """Those who pay under the contract, each within what it will ever pay.

    Parameters
    ----------
    context : Context
    book : PaymentBook
    account : Account
    """

    def __init__(self, context: Context, book: PaymentBook, account: Account) -> None:
        self.context = context
        self.book = book
        self.account = account
        self.paid: dict[str, Draw] = {}
        """What each payer with a limit has paid so far, in all payments together."""

    def pay(self, due: Due, column: int) -> None:
        """Move what one payment owes on one day, from its payers or, where it is negative, back to them."""
        amount, back = due.amount, 0.0
        if some(np.less(amount, 0.0)):
            amount, back = np.maximum(amount, 0.0), np.maximum(-np.asarray(amount), 0.0)
        amount = self._within_tranche(due.payment, amount, column)
        for mask, by in self._regimes(due.payment, column):
            if not some(mask):
                continue
            self._pay(due, column, by, mask, gate(mask, amount), gate(mask, back))

    def _regimes(self, payment: Payment, column: int) -> list[tuple[Mask, Shares]]:
        """Who pays at a column, and in which draws: as an event has amended it, else by the date."""
        found: list[tuple[Mask, Shares]] = []
        left: Mask = True
        for event, by in reversed(payment.by_event):
            happened = self.account.events.happened(event, column)
            found.append((all_of(left, happened), by))
            left = all_of(left, is_not(happened))
        return [*found, (left, payers_at(payment, column))]

    def _pay(self, due: Due, column: int, by: Shares, mask: Mask, amount: Draw, back: Draw) -> None:
        """Move what one payment owes in the draws in which these are who pays."""
        payment, account = due.payment, self.account
        parts, least = self._parts(payment, by, column), gate(mask, np.minimum(due.low, due.amount))
        is_negative = some(back)
        if is_negative:
            self._pay_back(payment, column, parts, back)
        tell = teller(self.context, column, payment.name)
        for (party, share, _), paid in zip(parts, self._within_limits(payment, amount, column, parts), strict=True):
            if tell is not None:
                tell("pays", party=party, to=payment.to, part=share, of=amount, value=paid)
            if hangs_on_result(payment):
                so_far, lowest = self.book.result_pay.get(party, (0.0, 0.0))
                net, low = (paid - back * share) if is_negative else paid, share_of(least, share)
                low = np.minimum(low, net) if self._is_limited(payment, party) else low
                self.book.result_pay[party] = (so_far + net, lowest + low)
            if payment.to in account.tranches:
                account.repay(column, payment.name, account.tranches[payment.to], party, paid, "payment")
            else:
                account.ledger.post(column, payment.name, "payment", party, payment.to, paid)
                if payment.to == ACCOUNT:
                    account.receive(paid)

    def _parts(self, payment: Payment, by: Shares, column: int) -> list[Part]:
        """The payers of a day; the payer of the rest comes last."""
        place = f"contract.payments.{payment.name}.by"
        shares = [(party, self.context.share(s, place, column)) for party, s in by if not isinstance(s, str)]
        named = np.asarray(sum((s for _, s in shares), 0.0))
        rest = self.context.within(1.0 - named, 0.0, 1.0, place)
        over = np.maximum(named, 1.0)  # uncertain shares above 100 % together are cut in proportion
        parts: list[Part] = [(party, share / over, False) for party, share in shares]
        return parts + [(party, rest, True) for party, share in by if isinstance(share, str)]

    def _is_limited(self, payment: Payment, party: str) -> bool:
        state = self.account.tranches.get(payment.to)
        return self.context.scenario.party(party).pays_at_most is not None or (state is not None and state.is_capped)

    def _within_limits(self, payment: Payment, amount: Draw, column: int, parts: list[Part]) -> list[Draw]:
        """What each pays: what passes a ``pays_at_most`` falls on the payer of the rest; without one it is not paid."""
        pays: list[Draw] = []
        passed: Draw = 0.0
        for party, share, is_rest in parts:
            limit = self.context.scenario.party(party).pays_at_most
            wanted = share_of(amount, share)
            wanted = wanted + passed if is_rest else wanted
            if limit is None:
                pays.append(wanted)
                passed = 0.0 if is_rest else passed
                continue
            most = self.context.within(self.context.value(limit, column), 0.0, np.inf, f"parties.{party}.pays_at_most")
            so_far = self.paid.get(party, 0.0)
            paid = np.minimum(wanted, np.maximum(most - so_far, 0.0))
            passed = wanted - paid if is_rest else passed + (wanted - paid)
            tell = teller(self.context, column, payment.name)
            if tell is not None:
                tell("pays at most", party=party, limit=most, so_far=so_far, before=wanted, value=paid)
            self.paid[party] = so_far + paid
            pays.append(paid)
        self.book.not_paid(payment, column, passed)
        return pays

    def _within_tranche(self, payment: Payment, amount: Draw, column: int) -> Draw:
        """A payment straight to a tranche that has a cap of its own: what passes it is not paid."""
        state = self.account.tranches.get(payment.to)
        room = state.room(self.context, column) if state is not None else None
        if room is None:
            return amount
        allowed = np.minimum(amount, room)
        self.book.not_paid(payment, column, amount - allowed)
        tell = teller(self.context, column, payment.name)
        if tell is not None:
            tell("cap", on="tranche", of=payment.to, room=room, before=amount, value=allowed)
        return allowed

    # ----------------------------------------------------------------------------------------- the other way
    def _pay_back(self, payment: Payment, column: int, parts: list[Part], back: Draw) -> None:
        """A negative result: from the tranche or party that the payment names, else the account, then the loans."""
        account = self.account
        if payment.to in account.tranches:
            self._lenders_pay(payment, column, parts, [account.tranches[payment.to]], back)
            return
        left = back
        if payment.to == ACCOUNT:
            taken = account.take(back)
            left = back - taken
            for party, share, _ in parts:
                self._give_back(payment, column, ACCOUNT, party, taken * share)
            left = self._lenders_pay(payment, column, parts, account.claims or account.loans, left)
        source = self.context.scenario.bearer if payment.to == ACCOUNT else payment.to
        for party, share, _ in parts:
            if source == party:  # nobody is left who could pay it
                self.book.not_paid(payment, column, -left * share)
            else:
                self._give_back(payment, column, source, party, left * share)

    def _give_back(self, payment: Payment, column: int, source: str, party: str, amount: Draw) -> None:
        self.account.ledger.post(column, payment.name, "money back", source, party, amount)
        tell = teller(self.context, column, payment.name)
        if tell is not None:
            tell("back", party=source, to=party, value=amount)

    def _lenders_pay(
        self, payment: Payment, column: int, parts: list[Part], states: list[TrancheState], amount: Draw
    ) -> Draw:
        """Lenders pay the payers, by what each has lent. Returns what is left where nothing was lent."""
        drawn = np.asarray(sum((s.drawn for s in states), 0.0))
        is_one = len(states) == 1 and payment.to in self.account.tranches
        for state in states:
            part = amount if is_one else amount * (state.drawn / np.where(drawn > 0, drawn, 1.0))
            if not some(part):
                continue
            state.pay_back(column, part)
            for party, share, _ in parts:
                self._give_back(payment, column, state.tranche.by, party, part * share)
        return np.where(drawn > 0, 0.0, amount)
