"""The contract's account and the tranches that fill it: draws, interest, costs, the order of repayment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sibsim.conditions import View, holds
from sibsim.context import Context, Draw
from sibsim.rates import period_rate
from sibsim.scenario import ACCOUNT, OUTSIDE, Cost, Finance, Tranche
from sibsim.settlement.costs import Plan
from sibsim.settlement.hooks import CALM, Interrupts, Mask, all_of, gate, is_not, some
from sibsim.settlement.ledger import Ledger
from sibsim.settlement.telling import tell_condition, teller
from sibsim.settlement.tranches import TrancheState, lacking

__all__ = ["Account"]

AS_DRAWN = "service, as drawn"
"""Label of costs of which only is known what was drawn for them."""
ROUNDING = 1e-12
"""Part of a sum that counts as nothing: what is left of it when it is spent in many parts."""


class Account:
    """Money held for the contract: drawn capital and receipts, kept apart.

    Parameters
    ----------
    context : Context
    ledger : Ledger
    finance : Finance or None
    dedicated : set of str
        Tranches that payments name in ``to``.
    events : Interrupts
    view : View or None
        What conditions of tranches look at: reports of the day, and what was paid before a draw.
    """

    def __init__(
        self,
        context: Context,
        ledger: Ledger,
        finance: Finance | None,
        dedicated: set[str],
        events: Interrupts = CALM,
        view: View | None = None,
    ) -> None:
        self.context = context
        self.ledger = ledger
        self.finance = finance
        self.events = events
        self.view = view
        planned = context if context.planned is None else replace(context, scenario=context.planned)
        earmarked = [c.paid_from for c in planned.scenario.costs if c.paid_from is not None]
        self.plans = {key: Plan(planned, events, key) for key in dict.fromkeys((None, *earmarked))}
        """What is planned to be paid: by tranche that is drawn for it first, else under the key None."""
        self.capital: Draw = 0.0
        self.receipts: Draw = 0.0
        self.opening: Draw = 0.0
        self.costs_today: dict[str | None, Draw] = {}
        """Costs of the day that the account has still to pay, by the tranche that is drawn for them first."""
        self.ended: Mask = False
        """Draws in which everything is over and settled: nothing moves any more."""
        self.unexplained: Draw = 0.0
        """Of what came to be drawn for costs: what no cost of the day has taken yet."""
        finance_planned = planned.scenario.finance
        self._as_planned = {t.name: t for t in finance_planned.tranches} if finance_planned is not None else {}
        self._came: dict[str, Draw] = {}
        """What came to be drawn today of tranches that are there for some costs alone, not yet taken by those."""
        self._asked: set[tuple[str, int]] = set()
        self.tranches: dict[str, TrancheState] = {}
        for tranche in finance.tranches if finance else ():
            self.tranches[tranche.name] = TrancheState(tranche, 0.0, tranche.name not in dedicated)
        self.commit(0)

    @property
    def loans(self) -> list[TrancheState]:
        return [s for s in self.tranches.values() if s.tranche.kind == "loan"]

    @property
    def claims(self) -> list[TrancheState]:
        """Loans that have a claim on the account."""
        return [s for s in self.loans if s.has_claim]

    @property
    def last_resort(self) -> str:
        """Who gets money that nobody has a claim on."""
        return "provider" if any(p.id == "provider" for p in self.context.scenario.parties) else OUTSIDE

    @property
    def is_recycling(self) -> bool:
        """Whether receipts pay costs."""
        return self.finance is not None and self.finance.recycle is not None

    # ----------------------------------------------------------------------------------------- money in
    def commit(self, column: int) -> None:
        """What each tranche may draw in all, as it stands at a column."""
        for state in self.tranches.values():
            place = f"finance.tranches.{state.tranche.name}.amount"
            amount = self.context.value(state.tranche.amount, column)
            state.committed = self.context.within(amount, 0.0, np.inf, place)

    def accrue(self, column: int) -> None:
        """Begin a column: interest of the period that ends there, on what is outstanding, unpaid interest included."""
        for state in self.loans:
            rate = self.context.yearly_rate(state.tranche.rate, column - 1)
            if not some(rate):
                continue
            grown = (state.principal + state.interest) * period_rate(rate, self.context.scenario.step_years)
            tell = teller(self.context, column, state.tranche.name)
            if tell is not None:
                tell("interest", rate=rate, of=state.principal + state.interest, value=grown)
            state.interest = state.interest + grown

    def is_open(self, tranche: Tranche, column: int) -> Mask:
        """Draws in which a tranche may be drawn at a column: its event has happened, its condition holds by what is
        known so far, and draws are not stopped."""
        after, condition = tranche.after, tranche.if_
        opened: Mask = True if after is None else self.events.happened(after, column)
        if condition is not None and self.view is not None:
            opened = np.logical_and(opened, holds(condition, column, None, self.view))
        return all_of(opened, is_not(self.events.stopped("draws", column)))

    def _opens(self, state: TrancheState, column: int) -> Mask:
        """The same on a day on which it is to be drawn, told to whoever follows."""
        condition, name, watch = state.tranche.if_, state.tranche.name, self.context.watch
        if condition is not None and self.view is not None and watch is not None and (name, column) not in self._asked:
            self._asked.add((name, column))
            watch.asked(column, name, None, condition, self.view)
            tell = teller(self.context, column, name)
            if tell is not None:
                tell_condition(tell, condition, self.view)
        return self.is_open(state.tranche, column)

    def draw_planned(self, column: int) -> None:
        """Draw what is drawn on a date of its own: all at ``start`` (or when it opens), or so much on each date."""
        for state in self.tranches.values():
            amount = 0.0 if state.tranche.is_drawn_for_costs else self._planned_draw(state, column)
            if some(amount):
                self._draw(column, state, amount)

    def draw_for_costs(self, column: int) -> None:
        """Draw what was drawn for the costs of a day, where a contract is settled on what came."""
        for state in self.tranches.values():
            if state.tranche.is_drawn_for_costs:
                amount = self._planned_draw(state, column)
                if state.tranche.name in self.plans:
                    self._came[state.tranche.name] = amount
                elif some(amount):
                    self._draw(column, state, amount)
                    self.unexplained = self.unexplained + amount

    def _planned_draw(self, state: TrancheState, column: int) -> Draw:
        drawn, after = state.tranche.drawn, state.tranche.after
        if drawn == "as needed":
            return 0.0
        if drawn == "upfront":
            if after is None and column > 0:
                return 0.0
            if after is None or state.tranche.if_ is None:
                opens = self._opens(state, column)
            else:  # a condition is asked once, on the day of the event
                today = self.events.happens(after, column)
                opens = np.logical_and(today, self._opens(state, column)) if some(today) else False
            if after is not None:
                opens = np.logical_and(opens, np.asarray(state.drawn) <= 0)
            return gate(opens, state.committed if after is None else state.undrawn)
        place = f"finance.tranches.{state.tranche.name}.drawn"
        amounts = [
            self.context.within(self.context.value(v, column), 0.0, np.inf, place) for c, v in drawn if c == column
        ]
        return gate(self._opens(state, column), np.minimum(amounts[0], state.undrawn)) if amounts else 0.0

    def _draw(self, column: int, state: TrancheState, amount: Draw) -> None:
        state.lend(column, amount)
        self.capital = self.capital + amount
        self.ledger.post(column, state.tranche.name, "draw", state.tranche.by, ACCOUNT, amount)
        tell = teller(self.context, column, state.tranche.name)
        if tell is not None:
            tell("draw", party=state.tranche.by, so_far=state.drawn, limit=state.committed, value=amount)

    def spend_unexplained(self, column: int, is_last: Mask) -> None:
        """What came to be drawn for costs that nobody named went to the service on the day it was drawn.

        Of money that was drawn beforehand, what the known costs have left by the last date was spent so too.
        """
        for name, amount in self._came.items():  # beyond the costs for which it is there
            if some(amount):
                self._draw(column, self.tranches[name], amount)
                self.unexplained = self.unexplained + amount
        self._came = {}
        planned = self.context.planned
        if planned is None or not self.context.unknown_costs:
            return
        spent = np.minimum(self.unexplained, self.capital)
        spent = np.where(is_last, self.capital, spent)
        self.unexplained = 0.0
        target = next(c.to for c in planned.costs if c.name in self.context.unknown_costs)
        self.capital = self.capital - spent
        self.ledger.post(column, AS_DRAWN, "cost", ACCOUNT, target, spent)
        tell = teller(self.context, column, AS_DRAWN)
        if tell is not None:
            tell("cost", party=ACCOUNT, to=target, value=spent)

    def receive(self, amount: Draw) -> None:
        """Book a payment to the account as receipts."""
        self.receipts = self.receipts + amount

    def take(self, amount: Draw) -> Draw:
        """Take money out for the payers: receipts first, then unspent capital. Returns how much there was."""
        receipts = np.minimum(amount, self.receipts)
        capital = np.minimum(amount - receipts, self.capital)
        self.receipts = self.receipts - receipts
        self.capital = self.capital - capital
        return receipts + capital

    # ----------------------------------------------------------------------------------------- costs
    def pay_cost(self, column: int, cost: Cost, amount: Draw) -> None:
        """Pay a cost: from the tranche that is drawn for it alone, from drawn capital, with ``recycle`` from receipts,
        then by new draws (grants first), then by who bears a shortfall."""
        finance, label, target = self.finance, cost.name, cost.to
        held, received = self.capital, self.receipts
        own = self._draw_its_own(column, cost, amount)
        new = np.maximum(amount - self.capital, 0.0)
        if self.is_recycling:
            recycled = np.minimum(new, self.receipts)
            self.receipts, self.capital = self.receipts - recycled, self.capital + recycled
            new = new - recycled
        new = _unless_rounding(new, amount)
        if finance is not None and some(new > 0):
            for kind in ("grant", "loan"):
                new = self._draw_for(column, kind, new)
        paid = np.minimum(amount, self.capital)
        drawn = sum((state.drawn for state in self.tranches.values()), 0.0)
        self.capital = _unless_rounding(self.capital - paid, drawn + amount)
        self.ledger.post(column, label, "cost", ACCOUNT, target, paid)
        bearer = self.context.scenario.bearer if finance is not None else target
        self.ledger.post(column, label, "shortfall", bearer, target, _unless_rounding(amount - paid, amount))
        tell = teller(self.context, column, label)
        if tell is not None:
            sources = {"capital": np.minimum(held, amount - own), "receipts": received - self.receipts}
            sources["draws"] = np.maximum(paid - sum(sources.values()), 0.0)
            short = _unless_rounding(amount - paid, amount)
            tell("cost", party=ACCOUNT, to=target, value=amount, **sources, shortfall=short, bearer=bearer)

    def _draw_its_own(self, column: int, cost: Cost, amount: Draw) -> Draw:
        """Draw the tranche that a cost is paid from, as far as it goes."""
        state = self.tranches.get(cost.paid_from or "")
        if state is None or not some(amount):
            return 0.0
        name = state.tranche.name
        if state.tranche.is_drawn_for_costs:
            drawn = np.minimum(amount, self._came.get(name, 0.0))
            self._came[name] = self._came.get(name, 0.0) - drawn
        else:
            drawn = np.minimum(amount, gate(self._opens(state, column), state.undrawn))
        if some(drawn):
            self._draw(column, state, drawn)
        return drawn

    def _draw_for(self, column: int, kind: str, need: Draw) -> Draw:
        free = [s for name, s in self.tranches.items() if name not in self.plans]
        states = [s for s in free if s.tranche.kind == kind and s.tranche.drawn == "as needed"]
        undrawn = [gate(self._opens(s, column), s.undrawn) for s in states]
        total = sum(undrawn, 0.0)
        if not some(total > 0):
            return need
        taken = np.minimum(need, total)
        for state, left in zip(states, undrawn, strict=True):
            part = left if len(states) == 1 else left / np.where(np.asarray(total) > 0, total, 1.0)
            self._draw(column, state, np.minimum(taken, left) if len(states) == 1 else taken * part)
        return need - taken

    def available(self, name: str | None, column: int) -> Draw:
        """What can still be drawn of a tranche for the costs that are paid from it."""
        if name is None:
            return 0.0
        state = self.tranches[name]
        return gate(self.is_open(self.as_planned(name), column), state.undrawn)

    def as_planned(self, name: str) -> Tranche:
        """A tranche by the terms of the contract, also where it is known what was drawn of it."""
        return self._as_planned.get(name, self.tranches[name].tranche)

    def planned(self, column: int, months: float, known: int | None = None, is_today_too: bool = False) -> Draw:
        """Costs that are planned after a column, so many months ahead, less what tranches that are there for them pay.

        Parameters
        ----------
        column : int
        months : float
        known : int or None
            The day by whose terms and undrawn money it is planned; else the column.
        is_today_too : bool
            With the costs of the day.
        """
        total: Draw = 0.0
        for name, plan in self.plans.items():
            costs = plan.ahead(column, months, known)
            costs = self.costs_today.get(name, 0.0) + costs if is_today_too else costs
            if name is not None:
                costs = np.maximum(costs - self.available(name, column if known is None else known), 0.0)
            total = total + costs
        return total

    # ----------------------------------------------------------------------------------------- what loans lack
    def lacking_to_irr(self, rate: Draw, column: int) -> Draw:
        """What all loans together would have to get at a column to have earned a yearly rate; below 0: they had it."""
        return lacking(self.context, self.loans, rate, column)

    def cash_for_loans(self, column: int) -> Draw:
        """Cash in hand that is on its way to the loans: receipts, and capital that no planned cost will need.

        With ``recycle``, less the costs of the day and those that receipts are kept for, so that it may be below 0.
        """
        cash = self.receipts
        if self.is_recycling:
            ahead = self.planned(column, self.kept_months, is_today_too=True)
            cash = cash - np.maximum(ahead - self.capital, 0.0)
        if not self.claims:  # loans that live from payments straight to them get nothing from the account
            return np.minimum(cash, 0.0)
        if self.context.unknown_costs:  # nobody knows what will be left of what was drawn: nothing
            return cash
        left = self.capital - self.planned(column - 1, np.inf, known=column)  # what no cost will need
        return cash + np.maximum(left, 0.0)

    # ----------------------------------------------------------------------------------------- money out
    @property
    def kept_months(self) -> float:
        """How far ahead receipts are kept for planned costs."""
        recycle = self.finance.recycle if self.finance else None
        return float(recycle) if isinstance(recycle, float | int) else np.inf

    def repay(self, column: int, label: str, state: TrancheState, source: str, amount: Draw, kind: str) -> None:
        """Pay the lender of a tranche, from the account or straight from a payer or guarantor."""
        tell = teller(self.context, column, state.tranche.name)
        if tell is not None:
            interest, principal = state.parts(amount, kind == "surplus")
            figures = {"interest": interest, "principal": principal, "gain": amount - interest - principal}
            sides = {"party": source, "to": state.tranche.by, "of": label, "rank": float(state.tranche.rank)}
            tell(kind, **sides, owed=state.interest + state.principal, **figures, value=amount)
        self.ledger.post(column, label, kind, source, state.tranche.by, amount)
        state.receive(column, amount, kind == "surplus")

    # ----------------------------------------------------------------------------------------- last date
    def close(self, column: int, is_last: Mask) -> None:
        """Write off what was never repaid, in the draws whose last date it is; nothing moves in them any more."""
        for state in self.loans:
            tell = teller(self.context, column, state.tranche.name)
            if tell is not None:
                tell("written off", value=gate(is_last, state.principal))
            state.written_off = state.written_off + gate(is_last, state.principal)
            if is_last is True:
                state.principal = 0.0
            else:
                state.principal, state.interest = (np.where(is_last, 0.0, x) for x in (state.principal, state.interest))
        self.ended = True if is_last is True else np.logical_or(self.ended, is_last)


def _unless_rounding(left: Draw, of: Draw) -> Draw:
    """What is left of a sum, or 0 where only rounding has left it: nobody gets a return on that."""
    if not some(left):
        return left
    keeps = left > ROUNDING * of
    return gate(bool(keeps) if np.ndim(keeps) == 0 else keeps, left)
