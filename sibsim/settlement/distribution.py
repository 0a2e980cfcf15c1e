"""Money out: what is kept for costs, for principal not due yet, or as surplus; the rest goes out rank by rank."""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from sibsim.context import Draw
from sibsim.scenario import ACCOUNT
from sibsim.settlement.account import Account
from sibsim.settlement.hooks import Mask, gate, is_not, some
from sibsim.settlement.surplus import pay_surplus, within_rooms
from sibsim.settlement.telling import teller
from sibsim.settlement.tranches import TrancheState

__all__ = ["distribute"]


def distribute(account: Account, column: int, goes: Mask, is_last: Mask) -> None:
    """Pay out receipts that are not kept: rank by rank accrued interest, then principal; then the surplus.

    On the last date of a draw unspent capital is paid out too. Before it matures, the principal of a tranche is kept in
    place of being repaid; before `surplus_from` so is the surplus.

    Parameters
    ----------
    account : Account
    column : int
    goes, is_last : bool or (n_draws,) bool array
        Draws in which receipts go out, and those whose last date it is.
    """
    kept = _kept_for_costs(account, column, is_last)
    money = gate(goes, account.receipts - kept)
    account.receipts = 0.0 if goes is True and not some(kept) else account.receipts - money
    capital = gate(is_last, account.capital)
    if some(capital):
        money, account.capital = money + capital, 0.0 if is_last is True else account.capital - capital
    waiting = set() if is_last is True else {s.tranche.name for s in account.claims if not _is_mature(s, column)}
    tell = teller(account.context, column, ACCOUNT)
    if tell is not None:
        if waiting:
            tell("at hand", unspent=capital, value=money + gate(goes, kept))
        else:
            tell("kept", value=kept)
            tell("at hand" if _waits(account, column) else "goes out", unspent=capital, value=money)
    if not some(money) and not waiting:
        return
    spare = _spare(account, column) if waiting else 0.0
    for rank in sorted({s.tranche.rank for s in account.claims}):
        states = [s for s in account.claims if s.tranche.rank == rank]
        later = [s for s in states if s.tranche.name in waiting]
        money = _pay_rank(account, column, states, [s.interest for s in states], money)
        if later:
            kept = _coupons(account, column, later, goes, kept)
            money, spare = _principal(account, column, states, waiting, money, spare, is_last)
        else:
            money = _pay_rank(account, column, states, [s.principal for s in states], money)
    if tell is not None and waiting:
        tell("kept", value=kept)
    _surplus(account, column, money, is_last)


def _kept_for_costs(account: Account, column: int, is_last: Mask) -> Draw:
    """Receipts kept for planned costs ahead that drawn capital will not pay; none on the last date."""
    if not account.is_recycling or is_last is True:
        return 0.0
    wanted = np.maximum(account.planned(column, account.kept_months) - account.capital, 0.0)
    return np.minimum(gate(is_not(is_last), wanted), account.receipts)


def _shares(
    account: Account, column: int, states: list[TrancheState], owed: list[Draw], money: Draw
) -> tuple[list[Draw], Draw]:
    """What each of one rank gets, by what it is owed and within its own cap; and what is left."""
    rooms = [s.room(account.context, column) for s in states]
    if len(states) > 1 and any(room is not None for room in rooms):
        most = [o if r is None else np.minimum(o, r) for o, r in zip(owed, rooms, strict=True)]
        return within_rooms(money, owed, most)
    total = sum((o if r is None else np.minimum(o, r) for o, r in zip(owed, rooms, strict=True)), 0.0)
    paid = np.minimum(money, total)
    if len(states) == 1:
        return [paid], money - paid
    parts = [o / np.where(np.asarray(total) > 0, total, 1.0) for o in owed]
    return [paid * part for part in parts], money - paid


def _pay_rank(account: Account, column: int, states: list[TrancheState], owed: list[Draw], money: Draw) -> Draw:
    shares, left = _shares(account, column, states, owed, money)
    for state, share in zip(states, shares, strict=True):
        account.repay(column, state.tranche.name, state, ACCOUNT, share, "repayment")
    return left


# ------------------------------------------------------------------------------------------------ before it matures
def _is_mature(state: TrancheState, column: int) -> bool:
    return state.tranche.matures is None or column >= state.tranche.matures


def _spare(account: Account, column: int) -> Draw:
    """Drawn capital that no planned cost will need: it stands for principal as receipts do."""
    if account.context.unknown_costs:
        return 0.0
    return np.maximum(account.capital - account.planned(column, np.inf), 0.0)


def _coupons(account: Account, column: int, states: list[TrancheState], goes: Mask, kept: Draw) -> Draw:
    """Interest that is not paid yet: from receipts that would be kept for costs, then from drawn capital.

    A coupon is a fixed obligation, paid by all that is on the account; what the account has not is still owed.

    Returns
    -------
    float or (n_draws,) array
        What of receipts is still kept for costs.
    """
    money = gate(goes, kept)
    if some(money):
        left = _pay_rank(account, column, states, [s.interest for s in states], money)
        account.receipts, kept = account.receipts - (money - left), kept - (money - left)
    money = gate(goes, account.capital)
    if some(money):
        left = _pay_rank(account, column, states, [s.interest for s in states], money)
        account.capital = account.capital - (money - left)
    for state in states:
        tell = teller(account.context, column, state.tranche.name)
        if tell is not None:
            tell("still owed", value=gate(goes, state.interest))
    return kept


def _principal(
    account: Account,
    column: int,
    states: list[TrancheState],
    waiting: Container[str],
    money: Draw,
    spare: Draw,
    is_last: Mask,
) -> tuple[Draw, Draw]:
    """Principal of one rank: repaid where it is due, kept on the account where it is not.

    Returns
    -------
    (what is left of the money, what is left of the spare capital)
    """
    is_due = [s.tranche.name not in waiting for s in states]
    not_due = sum((s.principal for s, due in zip(states, is_due, strict=True) if not due), 0.0)
    covered = np.minimum(gate(is_not(is_last), spare), not_due)
    open_part = 1.0 - covered / np.where(np.asarray(not_due) > 0, not_due, 1.0)
    owed = [s.principal if due else s.principal * open_part for s, due in zip(states, is_due, strict=True)]
    shares, left = _shares(account, column, states, owed, money)
    kept: Draw = 0.0
    for state, share, due in zip(states, shares, is_due, strict=True):
        paid = share if due else gate(is_last, share)
        kept = kept + (share - paid)
        account.repay(column, state.tranche.name, state, ACCOUNT, paid, "repayment")
    account.receipts = account.receipts + kept
    tell = teller(account.context, column, ACCOUNT)
    if tell is not None:
        tell("kept principal", value=kept)
    return left, spare - covered


def _waits(account: Account, column: int) -> bool:
    """Whether a surplus is kept until later."""
    first = account.finance.surplus_from if account.finance is not None else None
    return first is not None and column < first


def _surplus(account: Account, column: int, money: Draw, is_last: Mask) -> None:
    """Pay the surplus, or keep it until its date."""
    if _waits(account, column) and is_last is not True:
        now = gate(is_last, money)
        kept, money = money - now, now
        account.receipts = account.receipts + kept
        tell = teller(account.context, column, ACCOUNT)
        if tell is not None:
            tell("kept surplus", value=kept)
    pay_surplus(account, column, money)
