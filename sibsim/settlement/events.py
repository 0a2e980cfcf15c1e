"""What may interrupt a contract: step 2 of the settlement. Decided on what is known that day, at most once each.

An event hides from the future only what starts later, so people and money are worked out together in passes: the first
without interruption; each further one knows, draw by draw, the first event that touched people since, and everything
before it stays as it was. It ends when no event touches people any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sibsim.conditions import View, holds
from sibsim.context import Array, Context, Draw
from sibsim.measures import Report
from sibsim.participants import Interruption
from sibsim.scenario import ACCOUNT, Cohort, Event, Scenario
from sibsim.settlement.hooks import Mask, all_of, is_not, some
from sibsim.settlement.telling import tell_condition, teller
from sibsim.timeline import event_columns, group_columns

__all__ = ["NEVER", "Events", "Past", "decided", "first_past", "look_at_money"]

NEVER = 1 << 30
"""A column that no calendar reaches."""
STOPS = {
    "intake": frozenset({"intake", "service", "everything"}),
    "service": frozenset({"service", "everything"}),
    "draws": frozenset({"draws", "everything"}),
    "payments": frozenset({"payments", "everything"}),
    "everything": frozenset({"everything"}),
}
"""What stops each: nobody starts a service that has ended, and a stop of everything stops each of them."""
STOP_INTAKE = "stop intake"


@dataclass(frozen=True)
class Past:
    """What an earlier pass settled.

    Parameters
    ----------
    until : (n_draws,) int array
        The column up to which events are decided, that day included.
    when : dict of event to (n_draws,) int array
        Its column, if that is no later than ``until``; else `NEVER`.
    short : (n_draws,) int array
        The column of the first cost that could not be paid, where that stops the intake; else `NEVER`.
    interruption : Interruption
        What that does to people.
    """

    until: Array
    when: Mapping[str, Array]
    short: Array
    interruption: Interruption


def first_past(context: Context) -> Past | None:
    """Before the first pass nothing is decided; None for a contract that nothing can interrupt."""
    scenario, n = context.scenario, context.n_draws
    finance = scenario.finance
    if not scenario.events and (finance is None or finance.shortfall != STOP_INTAKE):
        return None
    never = np.full(n, NEVER)
    when = {event.name: never for event in scenario.events}
    return Past(np.full(n, -1), when, never, _interruption(scenario, when, never))


class Diary:
    """When each event happens, draw by draw, as far as it is decided.

    Apart from who decides it, so that a context can look at it and what is settled is let go of as soon as it is read.
    """

    def __init__(self, names: Sequence[str], n_draws: int) -> None:
        self.when: dict[str, Array] = {name: np.full(n_draws, NEVER) for name in names}
        """By event: its column in each draw; `NEVER` where it has not happened."""
        self._span = dict.fromkeys(names, (NEVER, NEVER))
        """By event: its first and its last column in any draw, so that what agrees in all draws is one truth."""

    def note(self, event: str, now: Array, column: int) -> None:
        """An event happens at a column in some draws."""
        self.when[event] = when = np.where(now, column, self.when[event])
        self._span[event] = int(when.min()), int(when.max())

    def happened(self, event: str, column: int) -> Mask:
        """Draws in which an event has happened by a column, that day included."""
        first, last = self._span[event]
        return column >= last if column < first or column >= last else self.when[event] <= column

    def happens(self, event: str, column: int) -> Mask:
        """Draws in which an event happens at this very column."""
        first, last = self._span[event]
        return np.asarray(self.when[event] == column) if first <= column <= last else False


class Events:
    """The events of a contract in a block of futures.

    Parameters
    ----------
    context : Context
    reports : dict of measure to list of Report
    paid : callable
        By the name of a payment: all it paid on earlier days.
    past : Past
        What earlier passes settled.
    """

    def __init__(
        self,
        context: Context,
        reports: Mapping[str, Sequence[Report]],
        paid: Callable[[str, str | None], Draw],
        past: Past,
    ) -> None:
        self.context = context
        self.diary = Diary([event.name for event in context.scenario.events], context.n_draws)
        self._stopping = {w: [e.name for e in context.scenario.events if STOPS[w] & set(e.stops)] for w in STOPS}
        self.short = past.short
        """The column of the first cost that could not be paid, where that stops the intake."""
        self._past = past
        self._reports, self._paid = reports, paid
        self._columns = {e.name: frozenset(event_columns(context.scenario, e)) for e in context.scenario.events}
        self._reported = {m.reported_event for m in context.scenario.measures if m.reported_event is not None}
        self._luck: dict[str, Array] = {}
        self._grown: dict[str, Draw] = {}

    @property
    def when(self) -> Mapping[str, Array]:
        """By event: its column in each draw, as far as it is decided; `NEVER` where it has not happened."""
        return self.diary.when

    @property
    def _view(self) -> View:
        happened = lambda event, column: np.asarray(self.happened(event, column))  # noqa: E731
        return View(self.context, self._reports, self._paid, happened, self.is_out)

    # ------------------------------------------------------------------------------------------ what happens
    def decide(self, column: int) -> None:
        """Decide the events of a column in file order, on reports made by then and money paid before that day."""
        for event in self.context.scenario.events:
            if column not in self._columns[event.name]:
                continue
            watch, waits = self.context.watch, False
            if watch is not None and self._may_happen(event, column):
                waits = watch.asked(column, event.name, None, event.if_, self._view)
            is_open = (self._past.until < column) & (self.when[event.name] == NEVER) & (not waits)
            now = (self._past.when[event.name] == column) | (is_open & self._happens(event, column))
            tell = teller(self.context, column, event.name)
            if tell is not None:
                if event.if_ is not None:
                    tell_condition(tell, event.if_, self._view)
                before = self.when[event.name] < column
                tell("event", holds=now, before=before, chance=self._chance(event, column))
            if some(now):
                self.diary.note(event.name, now, column)

    def _may_happen(self, event: Event, column: int) -> bool:
        """Whether an event could still happen in some draw: neither it nor a stop of everything has come before."""
        is_over = (self.when[event.name] < column) | np.asarray(self.stopped("everything", column - 1))
        return not bool(np.all(is_over))

    def _happens(self, event: Event, column: int) -> Array:
        """Where an event's condition holds and its chance comes up.

        One uniform number u a draw decides when: with chance c on a day, ``F`` grows to ``1 - (1 - F) (1 - c)`` on
        each day on which it can happen, and it happens on the first where ``u < F``.
        """
        can = np.asarray(True) if event.if_ is None else holds(event.if_, column, None, self._view)
        chance = self._chance(event, column)
        if isinstance(chance, float) and chance in (0.0, 1.0):
            return can & (chance == 1.0)
        if event.name not in self._luck:
            self._luck[event.name] = self.context.luck("people", f"events.{event.name}")[0]
        before = self._grown.get(event.name, 0.0)
        grown = np.where(can, 1.0 - (1.0 - before) * (1.0 - chance), before)
        self._grown[event.name] = grown
        return np.asarray(can & (self._luck[event.name] < grown))

    def _chance(self, event: Event, column: int) -> Draw:
        """The chance at one date; of a yearly one ``1 - (1 - c) ** step_years``, an even hazard."""
        place = f"events.{event.name}"
        if event.chance_per_year is None:
            return self.context.share(event.chance, f"{place}.chance", column)
        yearly = self.context.share(event.chance_per_year, f"{place}.chance_per_year", column)
        return 1.0 - (1.0 - yearly) ** self.context.scenario.step_years

    def runs_short(self, column: int, is_short: Mask) -> None:
        """Note the draws in which the costs of a group that is to start cannot be paid: that stops the intake."""
        self.short = np.where(np.asarray(is_short) & (self.short == NEVER), column, self.short)
        tell = teller(self.context, column, ACCOUNT)
        if tell is not None:
            tell("runs short", holds=self.short == column)

    # ------------------------------------------------------------------------------------------ what is asked
    def happened(self, event: str, column: int) -> Mask:
        """Draws in which an event has happened by a column, that day included."""
        return self.diary.happened(event, column)

    def happens(self, event: str, column: int) -> Mask:
        """Draws in which an event happens at this very column."""
        return self.diary.happens(event, column)

    def stopped(self, what: str, column: int) -> Mask:
        """Draws in which something has been stopped by a column, that day included; see `STOPS`."""
        goes_on: Mask = True
        for event in self._stopping[what]:
            goes_on = all_of(goes_on, is_not(self.happened(event, column)))
        return is_not(goes_on)

    def is_planned(self, cohort: str, start: int, column: int) -> Mask:
        """Draws in which a group of a cohort did start, or is still expected to by what has happened so far."""
        of = {c.name: c for c in self.context.scenario.cohorts}[cohort]
        short = np.where(self.short <= column, self.short, NEVER)
        return _starts(self.context.scenario, self.when, short, of, start)

    def is_out(self, cohort: str, column: int) -> Mask:
        """Draws in which a cohort never starts, as far as that is known at a column.

        An event cancels it or stops the intake by its start; one that it comes `after` may still happen until then.
        """
        of = {c.name: c for c in self.context.scenario.cohorts}[cohort]
        of = replace(of, after=None) if column < of.start else of
        short = np.where(self.short <= column, self.short, NEVER)
        return is_not(_starts(self.context.scenario, self.when, short, of, of.start))

    # ------------------------------------------------------------------------------------------ people
    def then(self) -> Past | None:
        """What the next pass has to know; None when this one was the last: no event touched people after the past."""
        scenario, until = self.context.scenario, self._past.until
        while True:
            until = self._next(until)
            if np.all(until == NEVER):
                return None
            when = {name: np.where(columns <= until, columns, NEVER) for name, columns in self.when.items()}
            short = np.where(self.short <= until, self.short, NEVER)
            interruption = _interruption(scenario, when, short)
            if self._is_reported(until) or not _is_same(interruption, self._past.interruption):
                return Past(until, when, short, interruption)

    def _is_reported(self, until: Array) -> bool:
        """Whether some report is made at an event that the past did not know."""
        for name in self._reported:
            when = self.when[name]
            if np.any((when > self._past.until) & (when <= until) & (when < NEVER)):
                return True
        return False

    def _next(self, until: Array) -> Array:
        """The first column after another at which something touches people; `NEVER` where nothing does."""
        scenario = self.context.scenario
        first: Array = np.where(self.short > until, self.short, NEVER)
        for event in scenario.events:
            if _touches_people(scenario, event) or event.name in self._reported:
                when = self.when[event.name]
                first = np.where(when > until, np.minimum(first, when), first)
        return first


def look_at_money(scenario: Scenario) -> bool:
    """Whether what interrupts a contract hangs on money: on what was paid, or on costs that cannot be paid."""
    if scenario.finance is not None and scenario.finance.shortfall == STOP_INTAKE:
        return True
    known = {measure.name for measure in scenario.measures} | {event.name for event in scenario.events}
    conditions = [event.if_ for event in scenario.events if event.if_ is not None]
    return any(test.left not in known for one in conditions for tests in one.alternatives for test in tests)


def decided(context: Context, reports: Mapping[str, Sequence[Report]], past: Past) -> Events:
    """The events of a contract in which none looks at money, decided day by day as a settlement would, without one."""
    events = Events(context, reports, lambda payment, cohort: 0.0, past)
    context.happened = events.diary.happened
    for column in range(context.n_dates):
        events.decide(column)
    return events


def _is_same(one: Interruption, other: Interruption) -> bool:
    """Whether two interruptions keep the same people away and end the service alike."""
    if one.starts.keys() != other.starts.keys() or (one.service_ends is None) != (other.service_ends is None):
        return False
    is_alike = all(np.array_equal(does, other.starts[group]) for group, does in one.starts.items())
    return is_alike and np.array_equal(np.asarray(one.service_ends), np.asarray(other.service_ends))


def _touches_people(scenario: Scenario, event: Event) -> bool:
    """Whether people hang on an event: it may keep somebody away, bring a cohort, or end the service."""
    is_awaited = any(cohort.after == event.name for cohort in scenario.cohorts)
    return is_awaited or bool(event.cancels) or bool(STOPS["intake"] & set(event.stops))


def _starts(scenario: Scenario, when: Mapping[str, Array], short: Array, cohort: Cohort, start: int) -> Mask:
    """Draws in which the group of a cohort that is due to start at a column does start."""
    starts: Mask = True
    for event in scenario.events:
        if STOPS["intake"] & set(event.stops):
            starts = starts & (when[event.name] > start)
        if cohort.name in event.cancels:
            starts = starts & (when[event.name] > cohort.start)
        if cohort.after == event.name:
            starts = starts & (when[event.name] <= cohort.start)
    if scenario.finance is not None and scenario.finance.shortfall == STOP_INTAKE:
        starts = starts & (short > start)
    return starts


def _interruption(scenario: Scenario, when: Mapping[str, Array], short: Array) -> Interruption:
    """What events do to people: who starts, and when service ends."""
    starts: dict[tuple[str, int], Array] = {}
    for cohort in scenario.cohorts:
        for column in group_columns(cohort, scenario.step_months):
            does = np.asarray(_starts(scenario, when, short, cohort, column))
            if not np.all(does):
                starts[cohort.name, column] = does
    ends: Array | None = None
    for event in scenario.events:
        if STOPS["service"] & set(event.stops):
            ends = when[event.name] if ends is None else np.minimum(ends, when[event.name])
    return Interruption(starts, ends)
