"""Checks of what came against the contract: dates on which something is due, amounts within what was promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibsim.loading.place import Context, listed
from sibsim.loading.scalars import parse_date
from sibsim.scenario import Actuals, Measure, Number, Reading, Scenario
from sibsim.timeline import (
    column_of,
    day_of,
    measure_cohorts,
    n_dates,
    payment_columns,
    price_sources,
    report_columns,
)

__all__ = ["check_actuals", "path_of"]


def check_actuals(scenario: Scenario, context: Context) -> None:
    """What came fits the contract's dates and amounts."""
    came = scenario.actuals
    if came is None:
        return
    measures = {m.name: m for m in scenario.measures}
    for name, reports in came.measures.items():
        if name in measures:
            _check_reports(scenario, context, measures[name], reports)
    tranches = {t.name: t for t in scenario.finance.tranches} if scenario.finance else {}
    last = n_dates(scenario) - 1
    for path, amounts in _dated(came):
        for column, _ in amounts:
            if column > last:
                context.problem(path_of(scenario, context, path, column), _late(scenario, last), at_key=True)
    for name, draws in came.drawn.items():
        path = f"actuals.drawn.{name}"
        most = tranches[name].amount if name in tranches else None
        total = sum(amount for _, amount in draws)
        if isinstance(most, Number) and not most.currency and total > most.value * (1 + 1e-9):
            money = f"{total - most.value:,.0f}".replace(",", " ")
            context.problem(path, f"is {money} {scenario.currency} more than the tranche's `amount`")
    _check_expected(scenario, context, came)
    for event in scenario.events:
        when = came.events.get(event.name)
        if when is not None:
            possible = _possible(event.at, event.from_, event.until, last)
            if when not in possible:
                message = f"'{event.name}' can happen {_dates(scenario, possible)}; nothing else is in its terms"
                context.problem(f"actuals.events.{event.name}", message)


def _check_expected(scenario: Scenario, context: Context, came: Actuals) -> None:
    """A report that is expected is one that is made; a cohort of a payment one it pays for; all loans are some."""
    for one in came.expected:
        path = f"actuals.expected.{one.figure}"
        first, name, *rest = [*one.figure.split("."), ""]
        if (first, name) == ("tranches", "all") and not scenario.loans:
            context.problem(path, "the file has no loans", at_key=True)
        wrong = _no_report(scenario, name, rest) if first == "measures" else ""
        wrong = _no_cohort(scenario, name, rest) if first == "payments" else wrong
        if wrong:
            context.problem(path, wrong, at_key=True)


def _no_report(scenario: Scenario, name: str, rest: list[str]) -> str:
    """Why there is no such report."""
    measure = {m.name: m for m in scenario.measures}.get(name)
    if measure is None or measure.reported_event is not None:
        return ""
    due = report_columns(scenario, measure)
    asked = [columns for key, columns in due.items() if key is None or key in rest or not set(due) & set(rest)]
    columns = tuple(sorted({c for found in asked for c in found}))
    day = parse_date(rest[0]) if rest else None
    if day is None or column_of(scenario.start, scenario.step_months, day) in columns:
        return ""
    return f"no report of '{name}' is due then: it is reported {_dates(scenario, columns)}"


def _no_cohort(scenario: Scenario, name: str, rest: list[str]) -> str:
    """Why a payment pays nothing for a cohort."""
    payment = {p.name: p for p in scenario.payments}.get(name)
    cohort = next((c.name for c in scenario.cohorts if c.name and c.name in rest), None)
    if payment is None or cohort is None:
        return ""
    paid = [key for key in payment_columns(scenario, payment) if key]
    how = f"it pays for {listed(paid, 'and')}" if paid else "it pays for all cohorts together"
    return "" if cohort in paid else f"'{name}' pays nothing for '{cohort}': {how}"


def _dated(came: Actuals) -> Iterator[tuple[str, tuple[tuple[int, float], ...]]]:
    """What came on dates of its own, by path."""
    for section, dated in (("drawn", came.drawn), ("costs", came.costs)):
        for name, amounts in dated.items():
            yield f"actuals.{section}.{name}", amounts


def _possible(at: tuple[int, ...] | None, first: int | None, until: int | None, last: int) -> tuple[int, ...]:
    if at is not None:
        return at
    return tuple(range(first or 0, (last if until is None else until) + 1))


def _check_reports(
    scenario: Scenario, context: Context, measure: Measure, reports: tuple[tuple[int | None, Reading], ...]
) -> None:
    """Each report stands at a date at which the measure is reported; one without a date is the only one."""
    path, due = f"actuals.measures.{measure.name}", report_columns(scenario, measure)
    cohorts = [c.name for c in measure_cohorts(scenario, measure)]
    if measure.short_of is not None and reports:
        context.warn(path, "is read as what was missing ('short_of'), not as what came")
    for column, reading in reports:
        where = path if column is None else path_of(scenario, context, path, column)
        _check_parts(scenario, context, where, measure, reading)
        mine: list[str | None] = [c for c in cohorts if isinstance(reading, Mapping) and c in reading]
        asked = mine or [None]
        columns = tuple(sorted({c for key in asked for c in due.get(key, due.get(None, ()))}))
        if column is None:
            if any(len(due.get(key, due.get(None, ()))) > 1 for key in asked):
                message = f"'{measure.name}' is reported {_dates(scenario, columns)}: write which report this is"
                context.problem(path, f"{message}, e.g. {{{day_of(scenario, columns[0])}: ...}}")
        elif column not in columns:
            where = path_of(scenario, context, path, column)
            message = f"no report of '{measure.name}' is due then: it is reported {_dates(scenario, columns)}"
            context.problem(where, message, at_key=True)


def _check_parts(scenario: Scenario, context: Context, path: str, measure: Measure, reading: Reading) -> None:
    """Steps and outcomes that money hangs on are all told: one that is left out is not known, which is not zero."""
    names = [name for p in scenario.payments for of, name in price_sources(scenario, p) if of == measure.name and name]
    steps = [step.name for o in scenario.outcomes if o.name in measure.outcomes for step in o.steps]
    apart = reading.values() if measure.for_each_cohort and isinstance(reading, Mapping) else (reading,)
    is_sum = any(p.measure == measure.name and p.shape != "prices" for p in scenario.payments)
    needed = dict.fromkeys([*names, *(steps or measure.outcomes if is_sum or not names else ())])
    for one in apart:
        if isinstance(one, Mapping):
            lacking = [name for name in needed if name not in one]
            if lacking:
                context.problem(path, f"lacks {listed(lacking, 'and')}; write 0 for what did not come")
        elif names:
            example = ", ".join(f"{name}: ..." for name in names)
            context.problem(path, f"payments have a price for each of these: write {{{example}}}")


def path_of(scenario: Scenario, context: Context, path: str, column: int) -> str:
    """The path of the date that stands for a column."""
    for key in context.nodes[path].entries if path in context.nodes else ():
        day = parse_date(key)
        if day is not None and column_of(scenario.start, scenario.step_months, day) == column:
            return f"{path}.{key}"
    return path


def _late(scenario: Scenario, last: int) -> str:
    return f"is after the last date of the contract ({day_of(scenario, last)}); if it is right, give a later `horizon`"


def _dates(scenario: Scenario, columns: tuple[int, ...]) -> str:
    """Dates as a reader would list them; many by their first and last."""
    shown = [f"in {day_of(scenario, c)}" for c in columns]
    if len(shown) > 6:
        return f"from {shown[0][3:]} to {shown[-1][3:]}"
    return listed([shown[0], *(s[3:] for s in shown[1:])], "and")
