"""What is left when every rank is paid: to those the file names, within each tranche's cap, else back to the payers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.context import Draw
from sibsim.scenario import ACCOUNT
from sibsim.settlement.hooks import some
from sibsim.settlement.sums import plain
from sibsim.settlement.telling import teller

if TYPE_CHECKING:
    from sibsim.settlement.account import Account

__all__ = ["pay_surplus"]

ROUNDING = 1e-12


def pay_surplus(account: Account, column: int, money: Draw) -> None:
    """Share out a surplus. What passes a tranche's cap goes to the others that share in it, then back to the payers."""
    if not some(money):
        return
    tell = teller(account.context, column, ACCOUNT)
    if tell is not None:
        tell("left over", value=money)
    shares = _shares(account, column)
    rooms = [account.tranches[t].room(account.context, column) if t in account.tranches else None for t, _ in shares]
    if all(room is None for room in rooms):
        for target, share in shares:
            _give(account, column, target, money * share)
        return
    amounts, left = within_rooms(money, [s for _, s in shares], [np.inf if r is None else r for r in rooms])
    for (target, _), amount in zip(shares, amounts, strict=True):
        _give(account, column, target, amount)
    if some(left):
        _refund(account, column, left)


def within_rooms(money: Draw, shares: list[Draw], rooms: list[Draw]) -> tuple[list[Draw], Draw]:
    """Share money out so that nobody gets more than they have room for; the others get what passes, by their shares.

    Parameters
    ----------
    money : float or (n_draws,) array
    shares, rooms : list of float or (n_draws,) array
        One for each recipient; a room may be infinite.

    Returns
    -------
    (list of amounts, what nobody has room for)

    Examples
    --------
    >>> within_rooms(100.0, [0.5, 0.3, 0.2], [10.0, np.inf, np.inf])
    ([10.0, 54.0, 36.0], 0.0)
    >>> within_rooms(100.0, [0.5, 0.5], [10.0, 30.0])
    ([10.0, 30.0], 60.0)
    """
    amounts: list[Draw] = [0.0 for _ in shares]
    left = money
    for _ in shares:
        weights = [np.where(a < room, s, 0.0) for s, a, room in zip(shares, amounts, rooms, strict=True)]
        total = np.asarray(sum(weights))
        if not np.any((total > 0) & np.greater(left, 0.0)):
            break
        parts = [left * w / np.where(total > 0, total, 1.0) for w in weights]
        amounts = [np.minimum(a + part, room) for a, part, room in zip(amounts, parts, rooms, strict=True)]
        left = money - sum(amounts)
        left = np.where(left > ROUNDING * np.abs(money), left, 0.0)
    return [plain(a) for a in amounts], plain(left)


def _shares(account: Account, column: int) -> list[tuple[str, Draw]]:
    """Who shares in a surplus: as the file says, else the loans by what was drawn, else the provider."""
    assert account.finance is not None
    if account.finance.surplus is not None:
        named = account.finance.surplus
        shares = {target: account.context.value(s, column) for target, s in named if not isinstance(s, str)}
        rest = np.maximum(1.0 - sum(shares.values(), 0.0), 0.0)
        return [(target, shares.get(target, rest)) for target, _ in named]
    claims = account.claims
    drawn = sum((s.drawn for s in claims), 0.0)
    has_drawn = np.asarray(drawn) > 0
    parts: list[tuple[str, Draw]] = []
    for state in claims:
        part = state.drawn / np.where(has_drawn, drawn, 1.0) if len(claims) > 1 else has_drawn * 1.0
        parts.append((state.tranche.name, part))
    return [*parts, (account.last_resort, np.where(has_drawn, 0.0, 1.0))]


def _give(account: Account, column: int, target: str, amount: Draw) -> None:
    if target in account.tranches:
        account.repay(column, target, account.tranches[target], ACCOUNT, amount, "surplus")
    else:
        _post(account, column, "surplus", target, amount)


def _post(account: Account, column: int, kind: str, target: str, amount: Draw) -> None:
    account.ledger.post(column, "surplus", kind, ACCOUNT, target, amount)
    tell = teller(account.context, column, ACCOUNT)
    if tell is not None:
        tell(kind, to=target, value=amount)


def _refund(account: Account, column: int, money: Draw) -> None:
    """Back to the payers, in proportion to what each has paid into the account less what it got back from there.

    Where nobody has paid anything it goes to the provider.
    """
    payers = dict.fromkeys(who for p in account.context.scenario.payments for who, _ in p.by)
    paid: dict[str, Draw] = dict.fromkeys(payers, 0.0)
    for entry in account.ledger:
        so_far = sum(entry.amounts.values(), 0.0)
        if entry.kind == "payment" and entry.target == ACCOUNT and entry.source in paid:
            paid[entry.source] = paid[entry.source] + so_far
        elif entry.kind in ("money back", "refund") and entry.source == ACCOUNT and entry.target in paid:
            paid[entry.target] = paid[entry.target] - so_far
    weights = [np.maximum(amount, 0.0) for amount in paid.values()]
    total = np.asarray(sum(weights, 0.0))
    has_paid = total > 0
    for who, weight in zip(payers, weights, strict=True):
        _post(account, column, "refund", who, money * weight / np.where(has_paid, total, 1.0))
    _post(account, column, "surplus", account.last_resort, np.where(has_paid, 0.0, money))
