"""`shortfall: stop intake`: who may still start, as far as the money goes; decided each day on the plan alone."""

from __future__ import annotations

import numpy as np

from sibsim.context import Draw
from sibsim.rates import SLACK
from sibsim.scenario import STOP_INTAKE, Tranche
from sibsim.settlement.account import Account
from sibsim.settlement.hooks import Mask, gate
from sibsim.settlement.tranches import TrancheState

__all__ = ["stop_intake"]


def stop_intake(account: Account, column: int) -> None:
    """Note the draws in which a group that is to start at a column cannot be paid for: intake stops there for good.

    A group can be paid for if the money there is (drawn capital; with ``recycle`` receipts; what can still be drawn)
    is enough for all costs that the account plans until the group's own costs end: those for the whole contract, those
    of people who are already there, and the group's.
    """
    finance, plans = account.finance, account.plans
    if finance is None or finance.shortfall != STOP_INTAKE:
        return
    ends = {c.name: max(p.ends(c.name, column) for p in plans.values()) for c in account.context.scenario.cohorts}
    groups = [cohort for cohort, end in ends.items() if end >= 0]
    if not groups:
        return
    there = _money(account, column)
    is_short: Mask = False
    for number, cohort in enumerate(groups, start=1):
        needed: Draw = 0.0
        for tranche, plan in plans.items():
            costs = plan.needed(column, ends[cohort], groups[:number])
            needed = needed + np.maximum(costs - account.available(tranche, column), 0.0)
        lacks = np.greater(needed, there * (1.0 + SLACK))
        is_short = np.logical_or(is_short, np.logical_and(lacks, account.events.is_planned(cohort, column, column)))
    account.events.runs_short(column, is_short)


def _money(account: Account, column: int) -> Draw:
    """Drawn capital, receipts that may pay costs, and what can still be drawn."""
    there = account.capital + (account.receipts if account.is_recycling else 0.0)
    for name, state in account.tranches.items():
        if name not in account.plans:
            terms = account.as_planned(name)
            there = there + gate(account.is_open(terms, column), _to_come(account, state, terms, column))
    return there


def _to_come(account: Account, state: TrancheState, terms: Tranche, column: int) -> Draw:
    drawn = terms.drawn
    if drawn == "as needed":
        return state.undrawn
    if isinstance(drawn, str):
        return 0.0
    later = sum((np.maximum(account.context.value(amount, day), 0.0) for day, amount in drawn if day > column), 0.0)
    return np.minimum(later, state.undrawn)
