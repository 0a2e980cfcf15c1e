"""Settlement: payments and finance together, column by column, in the order the language numbers its steps.

They are settled in one loop because what is owed may depend on what has been drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sibsim.conditions import View
from sibsim.context import Array, Context, Draw
from sibsim.measures import Report
from sibsim.outcomes import Truth
from sibsim.participants import Flow
from sibsim.scenario import ACCOUNT, Cost
from sibsim.settlement.account import Account
from sibsim.settlement.checks import check_account, check_whole
from sibsim.settlement.costs import cost_due
from sibsim.settlement.distribution import distribute
from sibsim.settlement.events import Events, Past
from sibsim.settlement.guarantees import call_guarantees
from sibsim.settlement.hooks import CALM, Interrupts, Mask, all_of, gate, is_not, some
from sibsim.settlement.intake import stop_intake
from sibsim.settlement.ledger import Entry, Ledger
from sibsim.settlement.payers import Payers, hangs_on_result, most_in_all, payments_stand_alone
from sibsim.settlement.payments import PaymentBook, People
from sibsim.settlement.sums import Total
from sibsim.settlement.telling import teller
from sibsim.settlement.tranches import TrancheState
from sibsim.timeline import last_money_column

__all__ = ["Entry", "Ledger", "Moved", "Settlement", "TrancheState", "hangs_on_result", "settle", "settle_payments"]


@dataclass
class Moved:
    """What moved: the ledger, and the tranches as they stand in the end."""

    ledger: Ledger
    tranches: dict[str, TrancheState]


@dataclass
class Settlement(Moved):
    """What moved under a contract, and what the caps cut."""

    book: PaymentBook
    events: Events | None = None
    """None where nothing can interrupt the contract."""

    def cap_binds(self, payer: str | None = None) -> Array:
        """Draws in which some cap cut something, of all payments or of those one payer has a share in."""
        payments = self.book.context.scenario.payments
        names = [p.name for p in payments if payer is None or payer in (who for who, _ in p.by)]
        cut: Draw = sum((self.book.totals[name].cut for name in names), 0.0)
        return np.asarray(np.greater(cut, 1e-9 * np.maximum(self.book.contract.paid, 1.0)))

    def bounds(self) -> tuple[Draw, Draw]:
        """The least and the most that the contract pays in all, as its terms declare them."""
        lowest, highest = self.book.bounds()
        most = most_in_all(self.book.context)
        return lowest, highest if most is None else np.minimum(highest, most)


def settle(
    context: Context,
    flows: dict[str, Flow],
    reports: dict[str, list[Report]],
    past: Past | None = None,
    truths: Sequence[Truth] = (),
) -> Settlement:
    """Settle a block of futures: who pays whom how much on which date.

    Parameters
    ----------
    context : Context
    flows : dict of cohort to Flow
    reports : dict of measure to list of Report
    past : Past or None
        What earlier passes settled of the events; None where nothing can interrupt the contract.
    truths : sequence of Truth
        What happened to people, for caps per person.

    Raises
    ------
    IdentityError
        Money was lost or made: a fault of sibsim.
    """
    scenario = context.scenario
    if context.watch is not None:
        context.watch.began()
    books = _open(context, flows, reports, past, truths)
    ledger, account, book, payers, events = books.ledger, books.account, books.book, books.payers, books.events
    last = max(last_money_column(one) for one in (scenario, context.planned) if one is not None)
    for column in range(last + 1):
        if column > 0:
            account.accrue(column)
        events.decide(column)  # step 2
        account.commit(column)
        account.draw_planned(column)
        due_costs = [(cost, _cost(context, account, flows, cost, column)) for cost in scenario.costs]
        account.costs_today = _by_tranche(due_costs)
        for due in book.due(column):  # steps 3 and 4
            payers.pay(due, column)  # steps 5 and 6
        stop_intake(account, column)
        account.draw_for_costs(column)
        for cost, amount in due_costs:  # step 7
            if cost.by == ACCOUNT:
                account.pay_cost(column, cost, amount)
            else:
                ledger.post(column, cost.name, "cost", cost.by, cost.to, amount)
                tell = teller(context, column, cost.name)
                if tell is not None:
                    tell("cost", party=cost.by, to=cost.to, value=amount)
        is_last = _is_last(account, column, last)
        account.spend_unexplained(column, is_last)
        if scenario.finance is not None:  # steps 8 and 9
            distribute(account, column, _goes_out(account, column, is_last), is_last)
        if is_last is not False:  # step 10
            call_guarantees(account, column, is_last)
            account.close(column, is_last)
        check_account(context, ledger, account, column)
        book.close(column)
        if context.watch is not None:
            context.watch.closed(column, account)
    check_whole(context, ledger, account.tranches, book, last)
    for column in range(last + 1, context.n_dates):
        events.decide(column)  # what comes after the last money may still decide who takes part
    return Settlement(ledger, account.tranches, book, books.happening)


def settle_payments(
    context: Context,
    flows: dict[str, Flow],
    reports: dict[str, list[Report]],
    past: Past | None = None,
    truths: Sequence[Truth] = (),
) -> Settlement:
    """The same as `settle` for who wants to know nothing but what payers pay: without costs and finance.

    Where payments look at what is drawn or repaid, or bring money back, all is settled all the same.
    """
    if not payments_stand_alone(context.scenario):
        return settle(context, flows, reports, past, truths)
    clipped = dict(context.clipped)
    books = _open(context, flows, reports, past, truths)
    for column in range(last_money_column(context.scenario) + 1):
        books.events.decide(column)
        for due in books.book.due(column):
            books.payers.pay(due, column)
        books.book.close(column)
    if any(entry.kind == "money back" for entry in books.ledger):
        context.clipped.clear()
        context.clipped.update(clipped)
        return settle(context, flows, reports, past, truths)
    return Settlement(books.ledger, books.account.tranches, books.book, books.happening)


@dataclass
class _Books:
    """What a block of futures is settled with."""

    ledger: Ledger
    account: Account
    book: PaymentBook
    payers: Payers
    happening: Events | None

    @property
    def events(self) -> Interrupts:
        return self.happening or CALM


def _open(
    context: Context,
    flows: dict[str, Flow],
    reports: dict[str, list[Report]],
    past: Past | None,
    truths: Sequence[Truth],
) -> _Books:
    """Empty books, in which nothing has moved yet.

    None of them is reached from itself, so that a block of futures is let go of at once when all is read off it.
    """
    scenario, ledger = context.scenario, Ledger()

    totals = {p.name: Total() for p in scenario.payments}

    def paid(payment: str, cohort: str | None) -> Draw:
        return totals[payment].paid

    happening = None if past is None else Events(context, reports, paid, past)
    events = happening or CALM
    context.happened = None if happening is None else happening.diary.happened
    dedicated = {p.to for p in scenario.payments}
    view = View(context, reports, paid, lambda event, column: np.asarray(events.happened(event, column)), events.is_out)
    account = Account(context, ledger, scenario.finance, dedicated, events, view)
    book = PaymentBook(context, reports, account, totals, events, People(flows, truths))
    return _Books(ledger, account, book, Payers(context, book, account), happening)


def _cost(context: Context, account: Account, flows: dict[str, Flow], cost: Cost, column: int) -> Draw:
    """What a cost amounts to at a column, in the draws in which not everything is over."""
    amount = cost_due(context, flows, cost, column, account.events)
    return amount if account.ended is False else gate(is_not(account.ended), amount)


def _by_tranche(due: list[tuple[Cost, Draw]]) -> dict[str | None, Draw]:
    """What the account has to pay on a day, by the tranche that is drawn for it first."""
    found: dict[str | None, Draw] = {}
    for cost, amount in due:
        if cost.by == ACCOUNT:
            found[cost.paid_from] = found.get(cost.paid_from, 0.0) + amount
    return found


def _is_last(account: Account, column: int, last: int) -> Mask:
    """Draws whose last date it is: the last column where money can be due, or a stop of everything on this day."""
    if column == last:
        return is_not(account.ended)
    stops = all_of(account.events.stopped("everything", column), is_not(account.ended))
    return stops if some(stops) else False


def _goes_out(account: Account, column: int, is_last: Mask) -> Mask:
    """Draws in which receipts go out at a column."""
    finance = account.finance
    assert finance is not None
    event = finance.distribute_event
    if is_last is True or (event is None and (finance.distribute is None or column in finance.distribute)):
        return True
    happens = False if event is None else account.events.happens(event, column)
    return is_last if happens is False else np.logical_or(happens, is_last)
