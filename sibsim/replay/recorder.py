"""Who follows a settlement: every step of one future, and what is still open because a report has not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sibsim.conditions import View, holds, is_settled
from sibsim.measures import Report
from sibsim.replay.came import has_come
from sibsim.replay.hangs import Hangs, Open
from sibsim.scenario import Condition, Payment, Scenario
from sibsim.settlement.account import Account
from sibsim.settlement.sums import Due
from sibsim.timeline import measure_cohorts, payment_measures

__all__ = ["Balance", "Open", "Recorder", "Step"]


@dataclass(frozen=True)
class Step:
    """One step of the reckoning: ``what`` was done to ``subject`` at a column, with its figures."""

    column: int
    subject: str
    what: str
    key: str | None = None
    figures: Mapping[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Balance:
    """What stands at the end of a column: cash on the account, and what is outstanding of each tranche."""

    column: int
    cash: float
    outstanding: Mapping[str, float]
    interest: Mapping[str, float]


class Recorder:
    """Writes down each step of one draw.

    Parameters
    ----------
    scenario : Scenario
    draw : int
        Which draw of the block it follows.
    reports : mapping of measure to list of Report, or None
        Of a contract that is settled on what came, where a report that is NaN has not come yet; None in a simulation,
        in which nothing is open.
    planned : Scenario or None
        The contract as it was planned, where ``scenario`` has what came in place of its chances.
    """

    def __init__(
        self,
        scenario: Scenario,
        draw: int = 0,
        reports: Mapping[str, Sequence[Report]] | None = None,
        planned: Scenario | None = None,
    ) -> None:
        self.scenario = scenario
        self.draw = draw
        self.reports = reports
        self.steps: list[Step] = []
        self.open: list[Open] = []
        self.balances: list[Balance] = []
        self.parts: dict[tuple[str, int], dict[str, float]] = {}
        """By payment and column: the share of each cohort in what is paid, where its measure is reported for each."""
        self._hangs = Hangs(scenario, planned or scenario)
        self._payments = {p.name: p for p in scenario.payments}
        self._counts = {p.name: payment_measures(scenario, p) for p in scenario.payments if _is_rate_card(p)}
        """What rate cards count: each count is paid for when it has come, whatever the others."""
        self._events = {e.name for e in scenario.events}
        self._once = self._events | {p.name for p in scenario.payments if self._is_at_event(p)}
        """What happens, or is paid, once at most: once it is open it stays so."""

    # ------------------------------------------------------------------------------------------ told by the settlement
    def began(self) -> None:
        """Begin anew; see `sibsim.context.Watch`."""
        self.steps, self.open, self.balances, self.parts = [], [], [], {}

    def step(self, column: int, subject: str, what: str, key: str | None = None, **figures: Any) -> None:
        """One step; see `sibsim.context.Watch`."""
        picked = {name: self.pick(value) for name, value in figures.items()}
        self.steps.append(Step(column, subject, what, key, picked))

    def asked(
        self,
        column: int,
        subject: str,
        key: str | None,
        condition: Condition | None,
        view: View,
        measures: tuple[str, ...] = (),
    ) -> bool:
        """A payment or event is about to be decided; noted as open if that hangs on what is not known."""
        if self.reports is None:
            return False
        if self._is_decided_before(subject, key):
            if subject in self._events:
                self._waiting(column, subject, key)
            return True
        waits = self._waits(condition, column, key, view)
        if waits is None:  # the condition fails, whatever may come
            return False
        found = [name for name in measures if not self._is_known(name, column, key)]
        payment = self._payments.get(subject)
        others = [] if payment is None else self._hangs.behind(payment, column, self.open)
        behind = [name for one in (*waits, *found) for name in self._behind(one, column)]
        missing = tuple(dict.fromkeys((*behind, *(name for one in others for name in one.waits_for))))
        if missing:
            self.open.append(Open(column, subject, key, missing))
            self._waiting(column, subject, key)
        return bool(waits or others) or any(name not in self._counts.get(subject, ()) for name in found)

    def shared(self, column: int, subject: str, key: str | None) -> None:
        """A part of a sum is open because others that may share it are; see `sibsim.context.Watch`."""
        others = [one for one in self.open if (one.subject, one.column) == (subject, column)]
        missing = tuple(dict.fromkeys(name for one in others for name in one.waits_for))
        self.open.append(Open(column, subject, key, missing))
        self._waiting(column, subject, key)

    def owed(self, column: int, due: Due) -> None:
        """The shares of the cohorts in what a payment owes; none where some get and others give back."""
        cap = due.payment.cap
        is_capped = due.payment.is_cumulative or cap.per_cohort is not None or cap.per_person is not None
        parts = {key: part.own if is_capped else part.amount for key, part in due.parts.items() if key is not None}
        amounts = {key: float(self.pick(amount) or 0.0) for key, amount in parts.items()}
        together = sum(amounts.values())
        if together and all(amount * together >= 0 for amount in amounts.values()):
            self.parts[due.payment.name, column] = {key: amount / together for key, amount in amounts.items()}

    def must_wait(self, column: int, guarantee: str) -> bool:
        """Whether something is open by a column: what a guarantee bears may then change, and it is open too."""
        waits = tuple(dict.fromkeys(name for one in self.open for name in one.waits_for))
        if waits and not any(one.subject == guarantee for one in self.open):
            self.open.append(Open(column, guarantee, None, waits))
            self._waiting(column, guarantee, None)
        return bool(waits)

    def _waiting(self, column: int, subject: str, key: str | None) -> None:
        """The step that says that something is open, and what it waits for."""
        last = [one for one in self.open if (one.subject, one.key) == (subject, key)][-1]
        names = [f"'{name}'" for name in last.waits_for]
        self.step(
            column, subject, "open", key, waits_for=" and ".join([", ".join(names[:-1]), names[-1]][len(names) < 2 :])
        )

    def closed(self, column: int, account: Account) -> None:
        """The balances at the end of a column; what was never repaid stays outstanding."""
        tranches = account.tranches.items()
        self.balances.append(
            Balance(
                column,
                float(self.pick(account.receipts)) + float(self.pick(account.capital)),  # type: ignore[arg-type]
                {name: float(self.pick(state.principal + state.written_off)) for name, state in tranches},  # type: ignore[arg-type]
                {name: float(self.pick(state.interest)) for name, state in tranches},  # type: ignore[arg-type]
            )
        )

    # ------------------------------------------------------------------------------------------ what is open
    def is_open(self, subject: str, column: int) -> bool:
        """Whether something of a payment or event was still open by a column, that day included."""
        return any(one.subject == subject and one.column <= column for one in self.open)

    def _behind(self, name: str, column: int) -> tuple[str, ...]:
        """The measures behind a name: of a payment or event that is open, those that it waits for."""
        if name not in self._payments and name not in self._events:
            if self._open_origins(name, None, column):  # nobody knows whether it is reported
                return tuple(w for one in self._open_origins(name, None, column) for w in one.waits_for)
            return (name,)
        return tuple(w for one in self.open if one.subject == name and one.column <= column for w in one.waits_for)

    def _is_decided_before(self, subject: str, key: str | None) -> bool:
        """Nothing but a payment is asked again once it is open: an event that may have happened stays so."""
        return subject in self._once and any((one.subject, one.key) == (subject, key) for one in self.open)

    def _waits(self, condition: Condition | None, column: int, key: str | None, view: View) -> tuple[str, ...] | None:
        """What a condition waits for; nothing if it holds whatever comes; None if it fails whatever comes."""
        if condition is None:
            return ()
        unknown = is_settled(
            condition, column, key, view, lambda name, of: self._is_known(name, column, of), self._hangs.never_falls
        )
        if unknown:
            return unknown
        return () if bool(np.all(holds(condition, column, key, view))) else None

    def _is_known(self, name: str, column: int, key: str | None) -> bool:
        """Whether the latest report due by a column has come; of a payment or event, whether nothing of it is open."""
        if name in self._payments or name in self._events:
            opens = [one for one in self.open if one.subject == name and one.column <= column]
            return not any(key is None or one.key in (None, key) for one in opens)
        assert self.reports is not None
        last: dict[str | None, Report] = {}
        for one in self.reports[name]:
            if one.column <= column and (key is None or one.cohort in (None, key)):
                last[one.cohort] = one
        return all(has_come(one) for one in last.values()) and not self._open_origins(name, key, column)

    def _open_origins(self, name: str, key: str | None, column: int) -> list[Open]:
        """Open events on whose day a measure (or a part of it) is reported, or after which one of its cohorts comes."""
        opens = [one for one in self.open if one.subject in self._events and one.column <= column]
        if not opens:
            return []
        measure = self.scenario.measure(name)
        found = [one for one in opens if one.subject == measure.reported_event]
        awaited = {c.after for c in measure_cohorts(self.scenario, measure) if key in (None, c.name)}
        found += [one for one in opens if one.subject in awaited]
        return found + [one for part in measure.parts for one in self._open_origins(part, key, column)]

    def _is_at_event(self, payment: Payment) -> bool:
        """Whether a payment falls due on the day of an event: its own, or that of the measure it pays for."""
        if payment.at_event is not None:
            return True
        of = [m for m in self.scenario.measures if m.name == payment.measure]
        return payment.at is None and any(measure.reported_event is not None for measure in of)

    def pick(self, value: Any) -> float | str | None:
        """The figure of the draw that is followed."""
        if value is None or isinstance(value, str):
            return value
        figures = np.asarray(value, dtype=float).ravel()
        return float(figures[self.draw if figures.size > 1 else 0])


def _is_rate_card(payment: Payment) -> bool:
    """Whether each count has its own price, on the day of its own report."""
    return payment.shape == "prices" and payment.at is None and payment.at_event is None
