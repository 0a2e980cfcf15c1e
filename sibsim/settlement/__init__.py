"""Settlement: payments and finance together, column by column, in the order the language numbers its steps.

They are settled in one loop because what is owed may depend on what has been drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.errors import IdentityError
from sibsim.measures import Report
from sibsim.participants import Flow
from sibsim.scenario import ACCOUNT, Payment
from sibsim.settlement.account import Account, TrancheState
from sibsim.settlement.costs import cost_due
from sibsim.settlement.ledger import Entry, Ledger
from sibsim.settlement.payments import Due, PaymentBook
from sibsim.shapes import SHAPES
from sibsim.timeline import column_date, last_money_column

__all__ = ["Entry", "Ledger", "Settlement", "TrancheState", "hangs_on_result", "settle"]


@dataclass
class Settlement:
    """What moved: the ledger, the tranches, and what the caps cut."""

    ledger: Ledger
    tranches: dict[str, TrancheState]
    book: PaymentBook

    def cap_binds(self, payer: str | None = None) -> Array:
        """Draws in which some cap cut something, of all payments or of those one payer has a share in."""
        payments = self.book.context.scenario.payments
        names = [p.name for p in payments if payer is None or payer in (who for who, _ in p.by)]
        cut: Draw = sum((self.book.totals[name].cut for name in names), 0.0)
        return np.asarray(np.greater(cut, 1e-9 * np.maximum(self.book.contract.paid, 1.0)))

    def bounds(self) -> tuple[Draw, Draw]:
        """The least and the most that the contract pays in all, as its terms declare them."""
        return self.book.contract.lowest.total, self.book.contract.highest.total


def hangs_on_result(payment: Payment) -> bool:
    """Whether what is paid depends on a reading or a condition; a sum that is only dated by a report does not."""
    return payment.if_ is not None or (payment.measure is not None and SHAPES[payment.shape].needs_x)


def settle(context: Context, flows: dict[str, Flow], reports: dict[str, list[Report]]) -> Settlement:
    """Settle a block of futures: who pays whom how much on which date.

    Raises
    ------
    IdentityError
        Money was lost or made: a fault of sibsim.
    """
    scenario = context.scenario
    ledger = Ledger()
    dedicated = {p.to for p in scenario.payments}
    account = Account(context, ledger, scenario.finance, dedicated)
    book = PaymentBook(context, reports, account)
    last = last_money_column(scenario)
    finance = scenario.finance
    for column in range(last + 1):
        if column == 0:
            account.draw_upfront()
        else:
            account.accrue(column)
        for due in book.due(column):
            _pay(context, book, account, due, column)
        for cost in scenario.costs:
            amount = cost_due(context, flows, cost, column)
            if cost.by == ACCOUNT:
                account.pay_cost(column, cost.name, cost.to, amount)
            else:
                ledger.post(column, cost.name, "cost", cost.by, cost.to, amount)
        if finance is not None and (finance.distribute is None or column in finance.distribute or column == last):
            account.distribute(column, is_last=column == last)
        if column == last:
            account.call_guarantees(column)
            account.close()
        _check_account(context, ledger, account, column)
    settlement = Settlement(ledger, account.tranches, book)
    _check(context, settlement, last)
    return settlement


def _pay(context: Context, book: PaymentBook, account: Account, due: Due, column: int) -> None:
    """Steps 5 and 6: the payers' shares, and where the money goes."""
    payment = due.payment
    place = f"contract.payments.{payment.name}.by"
    shares = [(party, context.share(s, place, column)) for party, s in payment.by if not isinstance(s, str)]
    named = np.asarray(sum((s for _, s in shares), 0.0))
    rest = context.within(1.0 - named, 0.0, 1.0, place)
    over = np.maximum(named, 1.0)  # uncertain shares above 100 % together are cut in proportion
    parts = [(party, share / over) for party, share in shares]
    parts += [(party, rest) for party, share in payment.by if isinstance(share, str)]
    for party, share in parts:
        amount = due.amount * share
        if hangs_on_result(payment):
            paid, low = book.result_pay.get(party, (0.0, 0.0))
            book.result_pay[party] = (paid + amount, low + np.minimum(due.low, due.amount) * share)
        if payment.to in account.tranches:
            state = account.tranches[payment.to]
            account.repay(column, payment.name, state, party, amount, "payment")
        else:
            account.ledger.post(column, payment.name, "payment", party, payment.to, amount)
            if payment.to == ACCOUNT:
                account.receive(amount)


def _breach(context: Context, column: int, item: str, off: float) -> IdentityError:
    day = column_date(context.scenario.start, context.scenario.step_months, column)
    return IdentityError(f"{day:%Y-%m-%d}, {item}: does not add up, off by {off:.6g} {context.scenario.currency}")


def _check_account(context: Context, ledger: Ledger, account: Account, column: int) -> None:
    """The account's opening + receipts - payments = closing, summed anew from the ledger."""
    moved: Draw = 0.0
    scale: Draw = 1.0
    for entry in ledger:
        amount = entry.amounts.get(column)
        if amount is None or ACCOUNT not in (entry.source, entry.target):
            continue
        moved = moved + amount if entry.target == ACCOUNT else moved - amount
        scale = scale + amount
    account_is = account.capital + account.receipts
    off = np.max(np.abs(account_is - (account.opening + moved)) / (scale + np.abs(account.opening)))
    if not off <= 1e-9:  # also where something is not a number
        raise _breach(context, column, "the account", float(off))
    account.opening = account_is


def _check(context: Context, settlement: Settlement, last: int) -> None:
    """Every tranche, every payment, all parties together; nothing left on the account."""
    for name, state in settlement.tranches.items():
        if state.tranche.kind != "loan":
            continue
        scale = np.maximum(state.drawn + state.received, 1.0)
        off = np.max(np.abs(state.drawn - state.repaid - state.written_off) / scale)
        if not off <= 1e-9:
            raise _breach(context, last, f"tranche {name}", float(off))
    for name, total in settlement.book.totals.items():
        off = np.max(np.abs(total.due - total.paid - total.cut) / np.maximum(total.due, 1.0))
        out = np.maximum(total.lowest.total - total.due, total.paid - total.highest.total) / np.maximum(total.due, 1.0)
        if not (off <= 1e-9 and np.max(out) <= 1e-9):
            raise _breach(context, last, f"payment {name}", float(off))
    sums: dict[int, Draw] = {}
    size: Draw = 1.0
    for party in settlement.ledger.parties():
        for column, amount in settlement.ledger.flows(party).items():
            sums[column] = sums.get(column, 0.0) + amount
            size = size + np.abs(amount)
    for column, amount in sums.items():
        off = np.max(np.abs(amount) / size)
        if not off <= 1e-9:
            raise _breach(context, column, "all parties together", float(off))
