"""Checks of events: dates on which they can happen, conditions that can be known by then, something they change."""

from __future__ import annotations

from collections.abc import Iterator

from sibsim.loading.place import Context, listed
from sibsim.scenario import Condition, Event, Scenario, amended_by
from sibsim.timeline import day_of, event_columns, n_dates, payment_columns, report_columns

__all__ = ["EVENT_CHECKS"]


def _conditions(scenario: Scenario) -> Iterator[Condition]:
    tranches = scenario.finance.tranches if scenario.finance is not None else ()
    asked = [*(p.if_ for p in scenario.payments), *(e.if_ for e in scenario.events), *(t.if_ for t in tranches)]
    for condition in asked:
        if condition is not None:
            yield condition
    for measure in scenario.measures:
        yield from measure.goals


def _used(scenario: Scenario) -> set[str]:
    """Events that something in the file waits for."""
    used = {test.left for condition in _conditions(scenario) for tests in condition.alternatives for test in tests}
    named = [p.at_event for p in scenario.payments] + [c.at_event for c in scenario.costs]
    named += [c.after for c in scenario.cohorts] + [m.reported_event for m in scenario.measures]
    if scenario.finance is not None:
        named += [t.after for t in scenario.finance.tranches] + [scenario.finance.distribute_event]
    return used | {name for name in named if name is not None} | set(amended_by(scenario))


def _idle(scenario: Scenario, context: Context) -> None:
    """What an event is said to do and cannot."""
    used = _used(scenario) if scenario.events else set()
    for event in scenario.events:
        path = f"events.{event.name}"
        if not event.stops and not event.cancels and event.name not in used:
            context.warn(path, "changes nothing: it stops and cancels nothing, and nothing in the file waits for it")
        possible = event_columns(scenario, event)
        if not possible:
            context.problem(f"{path}.from", "comes after the last date of the calendar; it can never happen")
            continue
        if possible[0] >= n_dates(scenario):
            context.warn(
                f"{path}.at", f"is after the last date, {day_of(scenario, n_dates(scenario) - 1)}: never happens"
            )
        if "intake" in event.stops and not scenario.has_people:
            context.warn(f"{path}.stops", "intake: has no effect, for the file has no participants")
        if "draws" in event.stops and scenario.finance is None:
            context.warn(f"{path}.stops", "draws: has no effect, for the file has no `finance`")
        for cohort in scenario.cohorts:
            if cohort.name in event.cancels and cohort.start < possible[0]:
                context.warn(
                    f"{path}.cancels",
                    f"'{cohort.name}' begins in {day_of(scenario, cohort.start)}, before the event can happen "
                    f"({day_of(scenario, possible[0])}): it is never cancelled",
                )


def _awaited(scenario: Scenario, context: Context) -> None:
    """Cohorts that wait for an event which can only come too late."""
    events = {e.name: e for e in scenario.events}
    has_names = any(c.name for c in scenario.cohorts)
    for cohort in scenario.cohorts:
        possible = event_columns(scenario, events[cohort.after]) if cohort.after in events else ()
        if possible and possible[0] > cohort.start:
            path = f"participants.cohorts.{cohort.name}.after" if has_names else "participants.after"
            context.problem(
                path,
                f"'{cohort.after}' can happen in {day_of(scenario, possible[0])} at the earliest, but the cohort "
                f"begins in {day_of(scenario, cohort.start)}: it could never begin",
            )


def _too_late(scenario: Scenario, context: Context) -> None:
    """Conditions on what is known only after the last date on which the event can happen."""
    measures = {m.name: m for m in scenario.measures}
    payments = {p.name: p for p in scenario.payments}
    for event in scenario.events:
        possible = event_columns(scenario, event)
        for name in _named(event):
            columns: dict[str | None, tuple[int, ...]] = {}
            if name in measures:
                columns = report_columns(scenario, measures[name])
            elif name in payments:  # money paid before that day
                columns = {
                    None: tuple(c + 1 for found in payment_columns(scenario, payments[name]).values() for c in found)
                }
            known = min((c for found in columns.values() for c in found), default=None)
            if known is not None and possible and known > possible[-1]:
                word = "first reported" if name in measures else "first paid"
                day = day_of(scenario, known if name in measures else known - 1)
                last = day_of(scenario, possible[-1])
                context.warn(
                    f"events.{event.name}.if",
                    f"'{name}' is {word} in {day}; the event can happen until {last} and only on what is known by then",
                )


def _named(event: Event) -> list[str]:
    tests = [test for tests in (event.if_.alternatives if event.if_ else ()) for test in tests]
    names = [test.left for test in tests] + [test.right for test in tests if isinstance(test.right, str)]
    return list(dict.fromkeys(names))


def _circles(scenario: Scenario, context: Context) -> None:
    """Events of which each waits for another one first."""
    possible: set[str] = set()
    events = {e.name: e for e in scenario.events}

    def is_possible(event: Event) -> bool:
        if event.if_ is None:
            return True
        return any(
            all(t.left in possible or t.left not in events or t.comparison != "happened" for t in tests)
            for tests in event.if_.alternatives
        )

    while found := {e.name for e in scenario.events if e.name not in possible and is_possible(e)}:
        possible |= found
    never = [name for name in events if name not in possible]
    for name in never:
        others = [f"'{other}'" for other in _named(events[name]) if other in never]
        context.problem(
            f"events.{name}.if", f"waits for {listed(others, 'and')}, which waits for it in turn: never happens"
        )


EVENT_CHECKS = (_idle, _awaited, _too_late, _circles)
