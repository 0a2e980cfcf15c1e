"""Guarantees: who bears a loss, once, on the last date of a draw."""

from __future__ import annotations

import numpy as np

from sibsim.context import Context, Draw
from sibsim.scenario import Guarantee
from sibsim.settlement.account import Account
from sibsim.settlement.hooks import Mask, gate, some
from sibsim.settlement.telling import teller

__all__ = ["call_guarantees", "terms_of"]

GIVEN_BACK = ("money back", "refund", "guarantee")
"""What a payer got back of what it paid."""


def call_guarantees(account: Account, column: int, is_last: Mask) -> None:
    """``min(share x max(loss - over, 0), up_to)``, once, in file order, after all else.

    What changes over time counts as it stands on the day of the call. Several guarantees of one tranche pay one after
    another: what one has paid is no loss to the next.
    """
    watch = account.context.watch
    for guarantee in account.finance.guarantees if account.finance else ():
        if watch is not None and watch.must_wait(column, guarantee.name):
            continue
        losses = [_loss(account, name) for name in guarantee.covers]
        call = gate(is_last, _call(account.context, guarantee, sum(losses, 0.0), column))
        tell = teller(account.context, column, guarantee.name)
        if tell is not None:
            figures = terms_of(account.context, guarantee, column)
            tell("call", party=guarantee.by, loss=gate(is_last, sum(losses, 0.0)), **figures, value=call)
        if not some(call):
            continue
        total = np.asarray(sum(losses, 0.0))
        for name, loss in zip(guarantee.covers, losses, strict=True):
            part = call if len(losses) == 1 else call * (loss / np.where(total > 0, total, 1.0))
            if name in account.tranches:
                account.repay(column, guarantee.name, account.tranches[name], guarantee.by, part, "guarantee")
            else:
                account.ledger.post(column, guarantee.name, "guarantee", guarantee.by, name, part)
                if tell is not None:
                    tell("guaranteed", party=guarantee.by, to=name, value=part)


def _call(context: Context, guarantee: Guarantee, loss: Draw, column: int) -> Draw:
    terms = terms_of(context, guarantee, column)
    return np.minimum(terms["part"] * np.maximum(loss - terms["over"], 0.0), terms["limit"])


def terms_of(context: Context, guarantee: Guarantee, column: int) -> dict[str, Draw]:
    """Its terms as they stand on a day; without ``up_to`` there is no limit."""
    place = f"finance.guarantees.{guarantee.name}"
    limit: Draw = np.inf
    if guarantee.up_to is not None:
        limit = context.within(context.value(guarantee.up_to, column), 0.0, np.inf, f"{place}.up_to")
    return {
        "over": context.within(context.value(guarantee.over, column), 0.0, np.inf, f"{place}.over"),
        "part": context.share(guarantee.share, f"{place}.share", column),
        "limit": limit,
    }


def _loss(account: Account, name: str) -> Draw:
    """Loss of a tranche: drawn less received; of a payer: all it paid less what it got back of that."""
    if name in account.tranches:
        return account.tranches[name].loss
    ledger = account.ledger
    paid = sum(ledger.paid(name, ("payment", "cost", "shortfall")).values(), 0.0)
    back = [e for e in ledger if e.kind in GIVEN_BACK and e.target == name and e.source != name]
    return np.maximum(paid - sum((a for e in back for a in e.amounts.values()), 0.0), 0.0)
