"""Identities that hold in every run, summed anew from the ledger: a breach is a fault of sibsim."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibsim.context import Context, Draw
from sibsim.errors import IdentityError
from sibsim.scenario import ACCOUNT
from sibsim.settlement.account import Account
from sibsim.settlement.ledger import Ledger
from sibsim.settlement.payments import PaymentBook
from sibsim.settlement.tranches import TrancheState
from sibsim.timeline import column_date

__all__ = ["check_account", "check_whole"]


def _breach(context: Context, column: int, item: str, off: float) -> IdentityError:
    day = column_date(context.scenario.start, context.scenario.step_months, column)
    return IdentityError(f"{day:%Y-%m-%d}, {item}: does not add up, off by {off:.6g} {context.scenario.currency}")


def check_account(context: Context, ledger: Ledger, account: Account, column: int) -> None:
    """The account's opening + receipts - payments = closing, summed anew from the ledger; it never owes anything."""
    moved: Draw = 0.0
    scale: Draw = 1.0
    for entry in ledger:
        amount = entry.amounts.get(column)
        if amount is None or ACCOUNT not in (entry.source, entry.target):
            continue
        moved = moved + amount if entry.target == ACCOUNT else moved - amount
        scale = scale + amount
    account_is = account.capital + account.receipts
    scale = scale + np.abs(account.opening)
    off = np.max(np.abs(account_is - (account.opening + moved)) / scale)
    if not off <= 1e-9:  # also where something is not a number
        raise _breach(context, column, "the account", float(off))
    is_above = np.min(account.capital) >= 0.0 and np.min(account.receipts) >= 0.0
    below = 0.0 if is_above else np.max(-np.minimum(account.capital, account.receipts) / scale)
    if not below <= 1e-9:
        raise _breach(context, column, "the account is below zero", float(below))
    account.opening = account_is


def check_whole(
    context: Context, ledger: Ledger, tranches: Mapping[str, TrancheState], book: PaymentBook | None, last: int
) -> None:
    """Every tranche, every payment (of a contract that has any), all parties together."""
    for name, state in tranches.items():
        if state.tranche.kind != "loan":
            continue
        scale = np.maximum(state.drawn + state.received, 1.0)
        off = np.max(np.abs(state.drawn - state.repaid - state.written_off) / scale)
        if not off <= 1e-9:
            raise _breach(context, last, f"tranche {name}", float(off))
    for name, total in book.totals.items() if book is not None else ():
        scale = np.maximum(np.abs(total.due), 1.0)
        off = np.max(np.abs(total.due - total.paid - total.cut) / scale)
        out = np.maximum(total.lowest.total - total.due, total.paid - total.highest.total) / scale
        if not (off <= 1e-9 and np.max(out) <= 1e-9):
            raise _breach(context, last, f"payment {name}", float(off))
    sums: dict[int, Draw] = {}
    size: Draw = 1.0
    for party in ledger.parties():
        for column, amount in ledger.flows(party).items():
            sums[column] = sums.get(column, 0.0) + amount
            size = size + np.abs(amount)
    for column, amount in sums.items():
        off = np.max(np.abs(amount) / size)
        if not off <= 1e-9:
            raise _breach(context, column, "all parties together", float(off))
