"""The contract's account and the tranches that fill it: draws, interest, the order of repayment, guarantees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Context, Draw
from sibsim.rates import period_rate
from sibsim.scenario import ACCOUNT, OUTSIDE, Finance, Guarantee, Tranche
from sibsim.settlement.ledger import Ledger

__all__ = ["Account", "TrancheState"]


@dataclass
class TrancheState:
    """One tranche as it stands: money in the scenario's currency, one number a draw."""

    tranche: Tranche
    committed: Draw
    has_claim: bool
    """False for a tranche that some payment names in ``to``: it lives from such payments only."""
    drawn: Draw = 0.0
    principal: Draw = 0.0
    interest: Draw = 0.0
    repaid: Draw = 0.0
    received: Draw = 0.0
    written_off: Draw = 0.0
    lent: dict[int, Draw] = field(default_factory=dict)
    returned: dict[int, Draw] = field(default_factory=dict)
    """Money lent and money back by column, apart: on one day there may be both."""

    def lend(self, column: int, amount: Draw) -> None:
        """Draw money from the lender."""
        self.drawn = self.drawn + amount
        if self.tranche.kind == "loan":
            self.principal = self.principal + amount
        self.lent[column] = self.lent.get(column, 0.0) + amount

    def receive(self, column: int, amount: Draw) -> None:
        """Money back to the lender: first unpaid interest, then principal, the rest is gain."""
        self.returned[column] = self.returned.get(column, 0.0) + amount
        self.received = self.received + amount
        interest = np.minimum(self.interest, amount)
        self.interest = self.interest - interest
        principal = np.minimum(self.principal, amount - interest)
        self.principal = self.principal - principal
        self.repaid = self.repaid + principal

    @property
    def loss(self) -> Draw:
        """Drawn less received, undiscounted; 0 where nothing was lost."""
        return np.maximum(self.drawn - self.received, 0.0)


class Account:
    """Money held for the contract: drawn capital and receipts, kept apart.

    Parameters
    ----------
    context : Context
    ledger : Ledger
    finance : Finance or None
    dedicated : set of str
        Tranches that payments name in ``to``.
    """

    def __init__(self, context: Context, ledger: Ledger, finance: Finance | None, dedicated: set[str]) -> None:
        self.context = context
        self.ledger = ledger
        self.finance = finance
        self.capital: Draw = 0.0
        self.receipts: Draw = 0.0
        self.opening: Draw = 0.0
        self.tranches: dict[str, TrancheState] = {}
        for tranche in finance.tranches if finance else ():
            self.tranches[tranche.name] = TrancheState(tranche, 0.0, tranche.name not in dedicated)
        self.commit(0)

    @property
    def loans(self) -> list[TrancheState]:
        return [s for s in self.tranches.values() if s.tranche.kind == "loan"]

    # ----------------------------------------------------------------------------------------- money in
    def commit(self, column: int) -> None:
        """What each tranche may draw in all, as it stands at a column."""
        for state in self.tranches.values():
            place = f"finance.tranches.{state.tranche.name}.amount"
            amount = self.context.value(state.tranche.amount, column)
            state.committed = self.context.within(amount, 0.0, np.inf, place)

    def accrue(self, column: int) -> None:
        """Begin a column: interest of the period that ends there, on what is outstanding, unpaid interest included."""
        self.commit(column)
        for state in self.loans:
            rate = self.context.yearly_rate(state.tranche.rate, column - 1)
            if not np.any(rate):
                continue
            grown = (state.principal + state.interest) * period_rate(rate, self.context.scenario.step_years)
            state.interest = state.interest + grown

    def draw_upfront(self) -> None:
        """Draw at ``start`` what is drawn all at once."""
        for state in self.tranches.values():
            if state.tranche.drawn == "upfront":
                self._draw(0, state, state.committed)

    def _draw(self, column: int, state: TrancheState, amount: Draw) -> None:
        state.lend(column, amount)
        self.capital = self.capital + amount
        self.ledger.post(column, state.tranche.name, "draw", state.tranche.by, ACCOUNT, amount)

    def receive(self, amount: Draw) -> None:
        """Book a payment to the account as receipts."""
        self.receipts = self.receipts + amount

    # ----------------------------------------------------------------------------------------- costs
    def pay_cost(self, column: int, label: str, target: str, amount: Draw) -> None:
        """Pay a cost: from drawn capital, then by new draws (grants first), then by who bears a shortfall."""
        finance = self.finance
        new = np.maximum(amount - self.capital, 0.0)
        if finance is not None and np.any(new > 0):
            for kind in ("grant", "loan"):
                new = self._draw_for(column, kind, new)
        paid = np.minimum(amount, self.capital)
        self.capital = self.capital - paid
        self.ledger.post(column, label, "cost", ACCOUNT, target, paid)
        lacking = amount - paid
        bearer = finance.shortfall if finance is not None else target
        self.ledger.post(column, label, "shortfall", bearer, target, np.where(lacking > 0, lacking, 0.0))

    def _draw_for(self, column: int, kind: str, need: Draw) -> Draw:
        states = [s for s in self.tranches.values() if s.tranche.kind == kind and s.tranche.drawn == "as needed"]
        undrawn = [np.maximum(s.committed - s.drawn, 0.0) for s in states]
        total = sum(undrawn, 0.0)
        if not np.any(np.asarray(total) > 0):
            return need
        taken = np.minimum(need, total)
        for state, left in zip(states, undrawn, strict=True):
            part = left if len(states) == 1 else left / np.where(np.asarray(total) > 0, total, 1.0)
            self._draw(column, state, np.minimum(taken, left) if len(states) == 1 else taken * part)
        return need - taken

    # ----------------------------------------------------------------------------------------- money out
    def repay(self, column: int, label: str, state: TrancheState, source: str, amount: Draw, kind: str) -> None:
        """Pay the lender of a tranche, from the account or straight from a payer or guarantor."""
        self.ledger.post(column, label, kind, source, state.tranche.by, amount)
        state.receive(column, amount)

    def distribute(self, column: int, *, is_last: bool) -> None:
        """Pay out receipts: rank by rank accrued interest, then principal; then the surplus.

        On the last date unspent capital is paid out too.
        """
        money = self.receipts
        if is_last:
            money, self.capital = money + self.capital, 0.0
        if not np.any(money):
            return
        self.receipts = 0.0
        claims = [s for s in self.loans if s.has_claim]
        for rank in sorted({s.tranche.rank for s in claims}):
            states = [s for s in claims if s.tranche.rank == rank]
            money = self._pay_rank(column, states, lambda s: s.interest, money)
            money = self._pay_rank(column, states, lambda s: s.principal, money)
        self._pay_surplus(column, claims, money)

    def _pay_rank(
        self, column: int, states: list[TrancheState], owed_by: Callable[[TrancheState], Draw], money: Draw
    ) -> Draw:
        owed = [owed_by(s) for s in states]
        total = sum(owed, 0.0)
        paid = np.minimum(money, total)
        for state, part in zip(states, owed, strict=True):
            share = paid if len(states) == 1 else paid * (part / np.where(np.asarray(total) > 0, total, 1.0))
            self.repay(column, state.tranche.name, state, ACCOUNT, share, "repayment")
        return money - paid

    def _pay_surplus(self, column: int, claims: list[TrancheState], money: Draw) -> None:
        assert self.finance is not None
        if not np.any(money):
            return
        if self.finance.surplus is not None:
            for target, share in self.finance.surplus:
                self._give(column, target, money * self.context.value(share, column))
            return
        drawn = sum((s.drawn for s in claims), 0.0)
        has_drawn = np.asarray(drawn) > 0
        for state in claims:
            part = state.drawn / np.where(has_drawn, drawn, 1.0) if len(claims) > 1 else has_drawn * 1.0
            self.repay(column, state.tranche.name, state, ACCOUNT, money * part, "surplus")
        has_provider = any(p.id == "provider" for p in self.context.scenario.parties)
        self._give(column, "provider" if has_provider else OUTSIDE, np.where(has_drawn, 0.0, money))

    def _give(self, column: int, target: str, amount: Draw) -> None:
        if target in self.tranches:
            self.repay(column, target, self.tranches[target], ACCOUNT, amount, "surplus")
        else:
            self.ledger.post(column, "surplus", "surplus", ACCOUNT, target, amount)

    # ----------------------------------------------------------------------------------------- last date
    def call_guarantees(self, column: int) -> None:
        """``min(share x max(loss - over, 0), up_to)``, once, in file order, after all else."""
        for guarantee in self.finance.guarantees if self.finance else ():
            losses = [self._loss(name) for name in guarantee.covers]
            call = self._call(guarantee, sum(losses, 0.0), column)
            if not np.any(call):
                continue
            total = np.asarray(sum(losses, 0.0))
            for name, loss in zip(guarantee.covers, losses, strict=True):
                part = call if len(losses) == 1 else call * (loss / np.where(total > 0, total, 1.0))
                if name in self.tranches:
                    self.repay(column, guarantee.name, self.tranches[name], guarantee.by, part, "guarantee")
                else:
                    self.ledger.post(column, guarantee.name, "guarantee", guarantee.by, name, part)

    def _call(self, guarantee: Guarantee, loss: Draw, column: int) -> Draw:
        context, place = self.context, f"finance.guarantees.{guarantee.name}"
        over = context.within(context.value(guarantee.over, column), 0.0, np.inf, f"{place}.over")
        call = context.share(guarantee.share, f"{place}.share", column) * np.maximum(loss - over, 0.0)
        if guarantee.up_to is None:
            return call
        return np.minimum(call, context.within(context.value(guarantee.up_to, column), 0.0, np.inf, f"{place}.up_to"))

    def _loss(self, name: str) -> Draw:
        """Loss of a tranche: drawn less received; of a payer: all it paid. What a guarantee already paid is no loss."""
        if name in self.tranches:
            return self.tranches[name].loss
        paid = sum(self.ledger.paid(name, ("payment", "cost", "shortfall")).values(), 0.0)
        called = [e for e in self.ledger if e.kind == "guarantee" and e.target == name]
        return np.maximum(paid - sum((a for e in called for a in e.amounts.values()), 0.0), 0.0)

    def close(self) -> None:
        """Write off what was never repaid."""
        for state in self.loans:
            state.written_off = state.principal
            state.principal = 0.0
