"""When reports, payments, costs and events fall due, and where the calendar ends.

These hang on each other: a report may wait for an event, an event may happen until the last money is due, and money
follows reports. So they stand together.
"""

from __future__ import annotations

import math
from dataclasses import replace

from sibsim.scenario import Cohort, Cost, Event, Measure, Number, OverTime, Payment, Ref, Scenario, Value
from sibsim.timeline.columns import columns_in
from sibsim.timeline.counted import measure_cohorts
from sibsim.timeline.paid_for import payment_measures
from sibsim.timeline.people import counted_until, group_columns, last_service_column

__all__ = [
    "event_columns",
    "horizon_column",
    "last_cost_column",
    "last_money_column",
    "levels",
    "n_dates",
    "named_event_columns",
    "payment_columns",
    "report_columns",
    "report_dates",
]


def report_columns(scenario: Scenario, measure: Measure) -> dict[str | None, tuple[int, ...]]:
    """When a measure is reported: by cohort with ``for_each: cohort``, else under the key None.

    The default is the last complete follow-up plus the lag, moved to the next column. A composite is made whenever one
    of its parts is, from the day on which all of them have been, and for each cohort if a part is.
    """
    if measure.parts:
        return _composite_columns(scenario, measure)
    step = scenario.step_months
    cohorts = measure_cohorts(scenario, measure)

    def default(of: tuple[Cohort, ...]) -> tuple[int, ...]:
        ends = [
            group_columns(c, step)[-1] * step
            + (measure.follow_up if measure.follow_up is not None else _whole_time(scenario, measure, c))
            for c in of
        ]
        return (columns_in(max(ends) + measure.lag, step),)

    dates = measure.reported
    if measure.reported_event is not None:
        dates = named_event_columns(scenario, measure.reported_event)
    if measure.for_each_cohort:
        return {c.name: dates or default((c,)) for c in cohorts}
    return {None: dates or default(cohorts)}


def report_dates(scenario: Scenario, measure: Measure) -> list[tuple[int, str | None]]:
    """Column and cohort (None for all together) of every report of a measure, in the order of its reports."""
    found = [(c, key) for key, columns in report_columns(scenario, measure).items() for c in sorted(columns)]
    return sorted(found, key=lambda one: one[0])


def _composite_columns(scenario: Scenario, measure: Measure) -> dict[str | None, tuple[int, ...]]:
    known = {m.name: m for m in scenario.measures}
    parts = [report_columns(scenario, known[name]) for name in measure.parts if name in known]
    apart = [set(columns) for columns in parts if None not in columns]
    of_all = set.intersection(*apart) if apart else set()
    keys: list[str | None] = [c.name for c in scenario.cohorts if c.name in of_all] if apart else [None]
    found: dict[str | None, tuple[int, ...]] = {}
    for key in keys:
        mine = [columns.get(key) or columns.get(None, ()) for columns in parts]
        since = max((min(columns) for columns in mine if columns), default=0)
        found[key] = tuple(sorted({c for columns in mine for c in columns if c >= since}))
    return {key: columns for key, columns in found.items() if columns}


def _whole_time(scenario: Scenario, measure: Measure, cohort: Cohort) -> float:
    if measure.outcomes:
        return max(counted_until(scenario, outcome, cohort) for outcome in measure.outcomes)
    return cohort.duration


def payment_columns(scenario: Scenario, payment: Payment) -> dict[str | None, tuple[int, ...]]:
    """When a payment is due, by cohort where its measure is reported for each, else under the key None."""
    if payment.over is not None:
        return {None: tuple(range(columns_in(payment.over, scenario.step_months)) or (0,))}
    reports: dict[str | None, tuple[int, ...]] = {}
    if payment.measure is None and payment.shape == "prices":
        measures = {m.name: m for m in scenario.measures}
        for name in payment_measures(scenario, payment):
            for key, columns in report_columns(scenario, measures[name]).items():
                reports[key] = tuple(sorted({*reports.get(key, ()), *columns}))
    elif payment.measure is not None:
        measures = {m.name: m for m in scenario.measures}
        if payment.measure in measures:
            reports = report_columns(scenario, measures[payment.measure])
        else:
            earlier = {p.name: p for p in scenario.payments}[payment.measure]
            dates = {c for columns in payment_columns(scenario, earlier).values() for c in columns}
            reports = {None: tuple(sorted(dates))}  # what it pays that day is one sum, whatever cohorts are in it
    at = payment.at if payment.at_event is None else named_event_columns(scenario, payment.at_event)
    if at is not None:
        return dict.fromkeys(reports, at) if reports else {None: at}
    return reports


def last_cost_column(scenario: Scenario, cost: Cost) -> int:
    """The last column where a cost can be due."""
    step = scenario.step_months
    if cost.at_event is not None:
        return max(named_event_columns(scenario, cost.at_event), default=0)
    if cost.at is not None:
        return max(cost.at)
    if cost.per == "contract":
        return cost.from_ + max(columns_in(cost.over or 0, step) - 1, 0)
    end = 0
    for cohort in scenario.cohorts:
        last = group_columns(cohort, step)[-1]
        length = cohort.duration if cost.over is None and cost.per == "person_month" else cost.over
        if cohort.queue is not None and cost.per in ("starter", "person_month"):
            is_whole = cost.over is None and cost.per == "person_month"
            end = max(end, last_service_column(cohort, step, None if is_whole else length or 0.0))
        elif length is None and cost.per == "completer":
            whole = columns_in(last * step + cohort.duration, step)
            end = max(end, whole if cohort.queue is None else last_service_column(cohort, step))
        else:
            end = max(end, last + max(columns_in(length or 0, step) - 1, 0))
    return end


def last_money_column(scenario: Scenario) -> int:
    """The last column where money can be due: payments, costs, draws, distributions."""
    end = max((last_cost_column(scenario, cost) for cost in scenario.costs), default=0)
    for payment in scenario.payments:
        for columns in payment_columns(scenario, payment).values():
            end = max([end, *columns])
    if scenario.finance and scenario.finance.distribute:
        end = max(end, *scenario.finance.distribute)
    for tranche in scenario.finance.tranches if scenario.finance else ():
        if not isinstance(tranche.drawn, str):
            end = max([end, *(column for column, _ in tranche.drawn)])
    if scenario.finance:
        later = (scenario.finance.surplus_from, *(tranche.matures for tranche in scenario.finance.tranches))
        end = max(end, *(column or 0 for column in later))
    if scenario.finance and scenario.finance.distribute_event is not None:
        end = max([end, *named_event_columns(scenario, scenario.finance.distribute_event)])
    return end


def event_columns(scenario: Scenario, event: Event) -> tuple[int, ...]:
    """When an event can happen: on its dates, or at any column from ``from`` to ``until``.

    Where ``until`` is not given: the horizon or, if that is later, the last money or report with a date of its own.
    """
    if event.at is not None:
        return event.at
    return tuple(range(event.from_ or 0, (event.until if event.until is not None else _last_dated(scenario)) + 1))


def named_event_columns(scenario: Scenario, name: str) -> tuple[int, ...]:
    """When the event of this name can happen."""
    return event_columns(scenario, {e.name: e for e in scenario.events}[name])


def _last_dated(scenario: Scenario) -> int:
    """The last column of the calendar that no event decides."""
    by_event = {m.name for m in scenario.measures if m.reported_event is not None}
    for measure in scenario.measures:
        if by_event & set(measure.parts):
            by_event.add(measure.name)
    measures = tuple(m for m in scenario.measures if m.name not in by_event)
    dated: list[Payment] = []
    for payment in scenario.payments:
        is_undated = payment.at is None and payment.over is None and payment.measure in by_event
        if payment.at_event is not None or is_undated:
            by_event.add(payment.name)
        else:
            dated.append(replace(payment, measure=None) if payment.measure in by_event else payment)
    finance = replace(scenario.finance, distribute_event=None) if scenario.finance else None
    costs = tuple(c for c in scenario.costs if c.at_event is None)
    without = replace(scenario, measures=measures, payments=tuple(dated), costs=costs, finance=finance, horizon=None)
    return max(horizon_column(without), scenario.horizon or 0)


def horizon_column(scenario: Scenario) -> int:
    """How far benefits are counted: the file's ``horizon``, else the last date of money or of a report."""
    if scenario.horizon is not None:
        return scenario.horizon
    reports = [c for m in scenario.measures for columns in report_columns(scenario, m).values() for c in columns]
    return max([last_money_column(scenario), *reports])


def n_dates(scenario: Scenario) -> int:
    """Length of the calendar: columns 0 up to the later of the horizon and the last money."""
    return max(horizon_column(scenario), last_money_column(scenario)) + 1


def levels(scenario: Scenario, value: Value) -> list[tuple[int, Number | Ref]]:
    """All that a sum of money may ever be: each level, with a column on which it is that.

    A sum in another currency changes with its exchange rate, until the last date of money.
    """
    entries, events = (value.entries, value.events) if isinstance(value, OverTime) else (((0, value),), ())
    starts = [0, *(start for start, _ in entries[1:])]  # the first holds before its column, too
    found: list[tuple[int, Number | Ref]] = []
    for (_, entry), start, end in zip(entries, starts, [*starts[1:], math.inf], strict=True):
        found += [(column, entry) for column in (start, *_changes(scenario, entry)) if start <= column < end]
    return found + [(column, entry) for _, entry in events for column in (0, *_changes(scenario, entry))]


def _changes(scenario: Scenario, value: Number | Ref) -> list[int]:
    """Columns on which what a unit of a sum's currency is worth changes."""
    currencies = {entry.name: entry.currency for entry in scenario.inputs}
    rate = scenario.exchange_rates.get(currencies[value.name] if isinstance(value, Ref) else value.currency)
    if not isinstance(rate, OverTime):
        return []
    last = last_money_column(scenario)
    return [column for column, _ in rate.entries[1:] if column <= last]
