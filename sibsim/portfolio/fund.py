"""The fund's own money: what it lends and what comes back, its costs, its lenders and guarantees, date by date.

The steps are those of a contract's settlement. What contracts give back are the account's receipts; what the fund lends
is its cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sibsim.context import Context, Draw
from sibsim.portfolio.contracts import fund_columns
from sibsim.portfolio.pool import Pool
from sibsim.scenario import ACCOUNT, OUTSIDE, Cost, Number, Portfolio, Tranche
from sibsim.scenario.portfolio import EACH_HOLDING, HOLDINGS
from sibsim.settlement import Moved, TrancheState
from sibsim.settlement.account import Account
from sibsim.settlement.checks import check_account, check_whole
from sibsim.settlement.costs import cost_due
from sibsim.settlement.distribution import distribute
from sibsim.settlement.guarantees import call_guarantees, terms_of
from sibsim.settlement.ledger import Ledger
from sibsim.settlement.tranches import SLACK
from sibsim.timeline import last_money_column

__all__ = ["CONTRACTS", "FUND", "last_column", "settle_fund"]

CONTRACTS = "#contracts"
"""Label of what is lent to all contracts together, and of what comes back: no name of a file."""
FUND = "fund"
"""The only lender, and its tranche, where the file says nothing of finance."""


class FundAccount(Account):
    """An account whose planned costs are also what it is planned to lend.

    Parameters
    ----------
    context : Context
    ledger : Ledger
    lending : mapping of column to float
        Planned lending of all contracts together that no event can end.
    ending : sequence of (mapping of column to float, column)
        That of each of the others, and from which column nothing of it comes in each draw.
    """

    def __init__(
        self,
        context: Context,
        ledger: Ledger,
        lending: Mapping[int, float],
        ending: Sequence[tuple[Mapping[int, float], Draw]] = (),
    ) -> None:
        super().__init__(context, ledger, context.scenario.finance, set())
        self.lending, self.ending = dict(lending), list(ending)

    @property
    def last_resort(self) -> str:
        """A fund has no provider: what nobody has a claim on goes to nobody named, and is told."""
        return OUTSIDE

    def planned(self, column: int, months: float, known: int | None = None, is_today_too: bool = False) -> Draw:
        """Costs and lending that are planned after a column, so many months ahead; see `Account.planned`."""
        step = self.context.scenario.step_months
        until = np.inf if months == np.inf else column + int(months / step + SLACK)

        def ahead(lending: Mapping[int, float]) -> float:
            return sum((amount for at, amount in sorted(lending.items()) if column < at <= until), 0.0)

        total = super().planned(column, months, known, is_today_too) + ahead(self.lending)
        for lending, ends in self.ending:
            amount = ahead(lending)
            if amount > 0.0:
                total = total + np.where(np.asarray(ends) > column, amount, 0.0)
        return total


def last_column(portfolio: Portfolio) -> int:
    """The last column where money of the fund can be due, whatever happens."""
    fund = portfolio.fund
    of_contracts = [column for held in portfolio.holdings for column in fund_columns(fund, held).values()]
    return max([last_money_column(fund), *of_contracts])


def settle_fund(
    context: Context,
    pool: Pool,
    lending: Mapping[int, float],
    last: int,
    ending: Mapping[str, Mapping[int, float]] | None = None,
) -> Moved:
    """Settle the fund in a block of futures.

    Parameters
    ----------
    context : Context
        Of the fund.
    pool : Pool
        All contracts together.
    lending : mapping of column to float
        What is planned to be lent and no event can end, for who keeps receipts for it.
    last : int
        The last column where money can be due.
    ending : mapping of str to mapping of column to float, optional
        By holding: what is planned to be lent to each copy, of those that an event can end.

    Raises
    ------
    IdentityError
        Money was lost or made: a fault of sibsim.
    """
    if context.scenario.finance is None:
        return _alone(context, pool, last)
    ledger = Ledger()
    plans = [((ending or {}).get(copy.holding.name), ends) for copy, ends in pool.ends]
    account = FundAccount(context, ledger, lending, [(plan, ends) for plan, ends in plans if plan is not None])
    loan = Cost(CONTRACTS, Number(0.0, "money"), to=OUTSIDE)
    for column in range(last + 1):
        if column > 0:
            account.accrue(column)
        account.commit(column)
        account.draw_planned(column)
        back, out = pool.back.get(column, 0.0), pool.out.get(column, 0.0)
        ledger.post(column, CONTRACTS, "payment", OUTSIDE, ACCOUNT, back)
        account.receive(back)
        due = [(cost, cost_due(context, {}, cost, column)) for cost in context.scenario.costs]
        own = [(cost, amount) for cost, amount in due if cost.by == ACCOUNT]
        account.pay_cost(column, loan, out)
        for cost, amount in own:
            account.pay_cost(column, cost, amount)
        for cost, amount in due:
            if cost.by != ACCOUNT:
                ledger.post(column, cost.name, "cost", cost.by, cost.to, amount)
        is_last = column == last
        if is_last:
            _guarantee_contracts(account, pool, column)
        dates = context.scenario.finance.distribute
        distribute(account, column, is_last or dates is None or column in dates, is_last)
        if is_last:
            call_guarantees(account, column, True)
            account.close(column, True)
        check_account(context, ledger, account, column)
    check_whole(context, ledger, account.tranches, None, last)
    return Moved(ledger, account.tranches)


def _alone(context: Context, pool: Pool, last: int) -> Moved:
    """Without finance: the fund lends all and gets all, less its own costs."""
    ledger = Ledger()
    state = TrancheState(Tranche(FUND, FUND, Number(np.inf, "money"), hurdle=context.scenario.discount_rate), 0.0, True)
    for column in range(last + 1):
        lent = [pool.lent[column]] if column in pool.lent else []
        for cost in context.scenario.costs:
            amount = cost_due(context, {}, cost, column)
            ledger.post(column, cost.name, "cost", FUND if cost.by == ACCOUNT else cost.by, cost.to, amount)
            if cost.by == ACCOUNT and np.any(np.asarray(amount) > 0.0):
                lent.append(amount)
        if lent:
            state.lend(column, sum(lent[1:], lent[0]))
        if column in pool.returned:
            state.receive(column, pool.returned[column])
    return Moved(ledger, {FUND: state})


def _guarantee_contracts(account: Account, pool: Pool, column: int) -> None:
    """Guarantees of what is lost on contracts, in file order: what one has paid is no loss to the next.

    They pay to the account, before its last money goes out.
    """
    each = list(pool.losses)
    whole = np.maximum(pool.net_loss, 0.0)
    for guarantee in account.finance.guarantees if account.finance else ():
        if EACH_HOLDING not in guarantee.covers and HOLDINGS not in guarantee.covers:
            continue
        terms = terms_of(account.context, guarantee, column)
        losses = each if EACH_HOLDING in guarantee.covers else [whole]
        asked = [terms["part"] * np.maximum(loss - terms["over"], 0.0) for loss in losses]
        total = np.asarray(sum(asked, 0.0))
        call = np.minimum(total, terms["limit"])
        part = call / np.where(total > 0.0, total, 1.0)
        if EACH_HOLDING in guarantee.covers:
            each = [loss - one * part for loss, one in zip(each, asked, strict=True)]
        else:  # paid for all together: each contract's loss has its part of it
            lost = np.asarray(sum(each, 0.0))
            left = 1.0 - np.minimum(call / np.where(lost > 0.0, lost, 1.0), 1.0)
            each = [loss * left for loss in each]
        whole = np.maximum(whole - call, 0.0)
        account.ledger.post(column, guarantee.name, "guarantee", guarantee.by, ACCOUNT, call)
        account.receive(call)
