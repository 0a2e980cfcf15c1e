"""What a payment hangs on beside its readings: stops, caps and limits that may be amended, money that may be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sibsim.scenario import ACCOUNT, Cap, Event, Number, OverTime, Payment, Ref, Scenario, Tranche, amended_by
from sibsim.timeline import last_cost_column

__all__ = ["Hangs", "Open"]


@dataclass(frozen=True)
class Open:
    """A payment, event, draw or guarantee that cannot be decided yet, and the measures it waits for."""

    column: int
    subject: str
    key: str | None
    waits_for: tuple[str, ...]


class Hangs:
    """What of a contract hangs on what else, by its terms.

    Parameters
    ----------
    scenario : Scenario
        Of what came, in place of what might have come.
    planned : Scenario
        The contract as it was planned.
    """

    def __init__(self, scenario: Scenario, planned: Scenario) -> None:
        self.scenario = scenario
        self._given = frozenset(planned.actuals.drawn) if planned.actuals is not None else frozenset()
        self._payments = {p.name: p for p in scenario.payments}
        self._events = {e.name: e for e in scenario.events}
        self._tranches = {t.name: t for t in scenario.finance.tranches} if scenario.finance else {}
        self._limits = {p.name: self._limits_of(p) for p in scenario.payments}

    def behind(self, payment: Payment, column: int, opens: Sequence[Open]) -> list[Open]:
        """What is open by a column that may change what a payment pays that day, beside its readings and its condition.

        A stop of payments lets those of its own day be made. Of caps and limits only those count that an open event
        amends; what is left under them after open payments is told as a warning.
        """
        mine = [one for one in opens if one.column <= column and self._bears_on(one, payment, column)]
        return mine + [one for one in self._by_loans(payment, column, opens) if one not in mine]

    def _bears_on(self, one: Open, payment: Payment, column: int) -> bool:
        event = self._event(one)
        if event is None:
            return False
        stops = one.column < column and bool({"payments", "everything"} & set(event.stops))
        return stops or event.name in self._limits[payment.name]

    def _event(self, one: Open) -> Event | None:
        return self._events.get(one.subject)

    def _limits_of(self, payment: Payment) -> frozenset[str]:
        """Events that amend the contract's cap, or what a payer of a payment pays at most."""
        limits = [self.scenario.party(who).pays_at_most for who in payers_of(payment)]
        tranche = self._tranches.get(payment.to)
        caps = [self.scenario.contract_cap, tranche.cap if tranche else None]
        return frozenset(name for thing in (*limits, *caps) for name in amended_by(thing))

    # ------------------------------------------------------------------------------------------ money that is lent
    def _by_loans(self, payment: Payment, column: int, opens: Sequence[Open]) -> list[Open]:
        """What is open of the loans that a payment looks at."""
        if not opens or not self._tranches:
            return []
        to = self._tranches.get(payment.to)
        loans = [t for t in self._tranches.values() if t.kind == "loan"]
        mine, found = ([to] if to else loans), list[Open]()
        if payment.of == "committed":
            found += [one for t in mine for one in self._amending(t, column, opens)]
        if payment.of in ("drawn", "outstanding") or (payment.is_per_year and payment.of is not None):
            found += [one for t in mine for one in self._draws(t, column, opens)]
        if payment.of == "outstanding":
            found += [one for one in opens if self._moves_money(one, column, None if to is None else to.name)]
        if any(has_return(cap) for cap in (payment.cap, self.scenario.contract_cap)):
            found += [one for t in loans for one in self._draws(t, column, opens)]
        if to is not None and has_return(to.cap):
            found += self._draws(to, column, opens)
        return list(dict.fromkeys(found))

    def _amending(self, tranche: Tranche, column: int, opens: Sequence[Open]) -> list[Open]:
        names = amended_by(tranche.amount)
        return [one for one in opens if one.subject in names and one.column <= column]

    def _draws(self, tranche: Tranche, column: int, opens: Sequence[Open]) -> list[Open]:
        """What is open of the draws of a tranche by a column, before the costs of that day; nothing if they came."""
        if tranche.name in self._given:
            return []
        found = [one for one in opens if self._is_draw_open(one, tranche, column)]
        if tranche.drawn == "as needed":
            found += [one for one in opens if one.column < column and self._changes_need(one, column)]
            for other in self._tranches.values():
                if other != tranche and other.name not in self._given:
                    found += [one for one in opens if self._is_draw_open(one, other, column - 1)]
        return found

    def _is_draw_open(self, one: Open, tranche: Tranche, column: int) -> bool:
        """Whether something open may open, stop or amend a draw of a tranche by a column."""
        event = self._event(one)
        if one.subject == tranche.name and event is None:
            return one.column <= column
        if event is None or not self._may_draw(tranche, one.column, column):
            return False
        is_stop = bool({"draws", "everything"} & set(event.stops))
        return is_stop or event.name in (tranche.after, *amended_by(tranche.amount), *amended_by(tranche.drawn))

    @staticmethod
    def _may_draw(tranche: Tranche, first: int, last: int) -> bool:
        """Whether a tranche may be drawn between two columns, before the costs of the last."""
        if tranche.drawn == "as needed":
            return first < last
        if tranche.drawn == "upfront":
            return first <= (last if tranche.after is not None else 0)
        return any(first <= when <= last for when, _ in tranche.drawn)

    def _changes_need(self, one: Open, column: int) -> bool:
        """Whether something open may change what has to be drawn for costs before a column."""
        event = self._event(one)
        if event is None:
            payment = self._payments.get(one.subject)
            is_recycling = self.scenario.finance is not None and self.scenario.finance.recycle is not None
            return payment is not None and is_recycling and payment.to == ACCOUNT
        for cost in self.scenario.costs:
            if cost.by != ACCOUNT or last_cost_column(self.scenario, cost) < one.column:
                continue
            if event.name == cost.at_event or event.name in amended_by(cost) or "everything" in event.stops:
                return True
            if cost.over is not None and {"service", "intake"} & set(event.stops):
                return True
        return False

    def _moves_money(self, one: Open, column: int, tranche: str | None) -> bool:
        """Whether something open may change what was repaid of the loans (of one alone) before a day's payments."""
        finance, event, payment = self.scenario.finance, self._event(one), self._payments.get(one.subject)
        if payment is not None:
            if payment.to == ACCOUNT:
                return one.column < column and (tranche is None or self._has_claim(tranche))
            return payment.to == tranche or (tranche is None and payment.to in self._tranches and one.column <= column)
        if event is None or finance is None or one.column > column:
            return False
        is_amending = event.name in (finance.distribute_event, *amended_by(finance))
        return is_amending or "everything" in event.stops or self._changes_need(one, column)

    def _has_claim(self, tranche: str) -> bool:
        """Whether a tranche is repaid from the account."""
        return all(payment.to != tranche for payment in self.scenario.payments)

    # ------------------------------------------------------------------------------------------ what never goes back
    def never_falls(self, name: str) -> bool:
        """Whether what a payment has paid stays paid, whatever else may come: no money back, no limit with others."""
        payment = self._payments.get(name)
        if payment is None or payment.is_cumulative or payment.less or self.scenario.contract_cap != Cap():
            return False
        tranche = self._tranches.get(payment.to)
        if has_return(payment.cap) or (tranche is not None and tranche.cap != Cap()):
            return False
        if any(self.scenario.party(who).pays_at_most is not None for who in payers_of(payment)):
            return False
        rows = payment.parameter if isinstance(payment.parameter, tuple) else ()
        values = [row.pays for row in rows] if rows else [payment.parameter]
        return not any(self._may_be_negative(value) for value in (*values, payment.floor))

    def _may_be_negative(self, value: object) -> bool:
        if isinstance(value, OverTime):
            return any(self._may_be_negative(one) for one in value.every)
        if isinstance(value, Ref):
            entry = next(i for i in self.scenario.inputs if i.name == value.name)
            return entry.formula is not None or entry.distribution.mean < 0
        return isinstance(value, Number) and value.value < 0


def payers_of(payment: Payment) -> Iterator[str]:
    """Everybody who may ever pay a payment."""
    shares = (payment.by, *(by for _, by in payment.by_over_time), *(by for _, by in payment.by_event))
    yield from dict.fromkeys(who for by in shares for who, _ in by)


def has_return(cap: Cap) -> bool:
    """Whether a cap looks at what lenders have earned."""
    return cap.irr is not None or cap.multiple is not None
