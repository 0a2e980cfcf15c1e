"""Checks of what came against itself: no report on people who had not started, no draw that an event had stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibsim.known import actuals_of, can_count
from sibsim.loading.check_actuals import path_of
from sibsim.loading.place import Context
from sibsim.scenario import Cohort, Event, Measure, Reading, Scenario, Test
from sibsim.timeline import counted_groups, day_of, measure_cohorts, report_columns

__all__ = ["check_came"]


def check_came(scenario: Scenario, context: Context) -> None:
    """Note what cannot have come, because of something else that came."""
    if scenario.actuals is None:
        return
    measures = {m.name: m for m in scenario.measures}
    for name, reports in scenario.actuals.measures.items():
        for column, reading in reports if name in measures else ():
            for cohort, at in _told(scenario, measures[name], column, reading):
                _people(scenario, context, measures[name], cohort, at)
    _draws(scenario, context)
    _events(scenario, context)


# ------------------------------------------------------------------------------------------------ reports
def _told(
    scenario: Scenario, measure: Measure, column: int | None, reading: Reading
) -> Iterator[tuple[str | None, int]]:
    """Each cohort (None: all together) of a reading, with the column of its report."""
    due = report_columns(scenario, measure)
    for key, columns in due.items():
        is_told = key is None or not isinstance(reading, Mapping) or key in reading
        if is_told and columns and (column is None or column in columns):
            yield key, columns[-1] if column is None else column


def _people(scenario: Scenario, context: Context, measure: Measure, key: str | None, column: int) -> None:
    """A report counts people who have started, and whose follow-up is over."""
    path, day = f"actuals.measures.{measure.name}", day_of(scenario, column)
    cohorts = [c for c in measure_cohorts(scenario, measure) if key in (None, c.name)]
    gone = [why for cohort in cohorts for why in (_why_gone(scenario, cohort, column),) if why]
    if cohorts and len(gone) == len(cohorts):
        whose = f"'{key}'" if key else "anybody"
        context.problem(_inner(scenario, context, path, column, key), f"there can be no report of {whose}: {gone[0]}")
    elif not can_count(scenario, measure, key, column):
        whose = f"nobody of '{key}'" if key else "nobody"
        message = f"{whose} can be counted in {day}: {_why_nobody(scenario, measure, cohorts, column)}"
        context.problem(_inner(scenario, context, path, column, key), message)
    elif not measure.of and scenario.has_people and min((c.start for c in cohorts), default=0) > column:
        first = day_of(scenario, min(c.start for c in cohorts))
        where = _inner(scenario, context, path, column, key)
        context.problem(where, f"this report is of {day}, before the first people start ({first})")


def _why_nobody(scenario: Scenario, measure: Measure, cohorts: list[Cohort], column: int) -> str:
    """Why a report counts nobody: nobody's follow-up is over by then, or everybody has been reported before."""
    if any(counted_groups(scenario, measure, cohort, column) for cohort in cohorts):
        return "a report covers who is new since the last one, and nobody is (`covers: to date` counts all again)"
    return "the follow-up (and the lag) of no one is over by then"


def _inner(scenario: Scenario, context: Context, path: str, column: int, key: str | None) -> str:
    """The path of one cohort's reading, as far as it stands apart."""
    dated = path_of(scenario, context, path, column)
    return f"{dated}.{key}" if key and f"{dated}.{key}" in context.nodes else dated


def _why_gone(scenario: Scenario, cohort: Cohort, column: int) -> str:
    """Why a cohort never started, as far as events that came tell; empty if it may have."""
    came = actuals_of(scenario).events
    if cohort.after is not None and cohort.after in came:
        when = came[cohort.after]
        if when is None or when > cohort.start:
            return f"it starts only after '{cohort.after}', which had not happened by {day_of(scenario, cohort.start)}"
    for event in scenario.events:
        when = came.get(event.name)
        if when is not None and cohort.name in event.cancels and when <= cohort.start:
            return f"'{event.name}' of {day_of(scenario, when)} cancelled it"
    return ""


# ------------------------------------------------------------------------------------------------ draws and events
def _draws(scenario: Scenario, context: Context) -> None:
    """Nothing is drawn of a tranche before it opens, nor once draws have stopped."""
    came = actuals_of(scenario)
    stops = [
        (when, e.name) for e in scenario.events if _stops_draws(e) and (when := came.events.get(e.name)) is not None
    ]
    for tranche in scenario.finance.tranches if scenario.finance else ():
        for column, amount in came.drawn.get(tranche.name, ()):
            where = path_of(scenario, context, f"actuals.drawn.{tranche.name}", column)
            stopped = [(when, name) for when, name in stops if when <= column]
            if amount and tranche.after is not None and tranche.after in came.events:
                opened = came.events[tranche.after]
                if opened is None or opened > column:
                    context.problem(where, f"'{tranche.after}' had not happened by then, and opens this tranche", True)
            if amount and stopped:
                when, name = min(stopped)
                message = f"'{name}' stopped all draws in {day_of(scenario, when)}"
                context.problem(where, message, at_key=True)


def _stops_draws(event: Event) -> bool:
    return bool({"draws", "everything"} & set(event.stops))


def _events(scenario: Scenario, context: Context) -> None:
    """An event that hangs on others comes after them."""
    came = actuals_of(scenario).events
    for event in scenario.events:
        when = came.get(event.name)
        if when is None or event.if_ is None:
            continue
        reasons = [_why_not(tests, when, came, scenario) for tests in event.if_.alternatives]
        if all(reasons):
            context.problem(f"actuals.events.{event.name}", f"cannot have happened then: {reasons[0]}")


def _why_not(tests: tuple[Test, ...], when: int, came: Mapping[str, int | None], scenario: Scenario) -> str:
    """Which line of a condition on events fails on a day; empty if none does, as far as is known."""
    for test in tests:
        if test.left not in came:
            continue
        other = came[test.left]
        has = other is not None and other <= when
        if test.comparison == "happened" and not has:
            return f"it needs '{test.left}', which " + (
                "never happened" if other is None else f"came later ({day_of(scenario, other)})"
            )
        if test.comparison == "not happened" and has:
            return f"'{test.left}' had happened"
    return ""
