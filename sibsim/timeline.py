"""Dates, columns and months: when people start, when reports are due, where the calendar ends.

Plain Python on the typed scenario, so that `validate` can reason about time without numpy.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

from sibsim.scenario import Cohort, Cost, Event, Measure, Payment, Scenario

__all__ = [
    "add_months",
    "column_date",
    "column_of",
    "columns_in",
    "Stretch",
    "counted_groups",
    "event_columns",
    "counted_until",
    "group_columns",
    "growth_months",
    "growth_stretches",
    "horizon_column",
    "last_cost_column",
    "last_money_column",
    "longest_stay",
    "last_service_column",
    "measure_cohorts",
    "n_groups",
    "named_event_columns",
    "outcome_months",
    "payment_columns",
    "payment_measures",
    "payment_readings",
    "price_sources",
    "report_columns",
    "report_dates",
    "step_name",
    "day_of",
    "unknown_until",
]

DAYS_PER_MONTH = 365.25 / 12
SLACK = 1e-9
LONG_STAY = 6.0
"""Standard deviations above the mean for which the calendar makes room: of exponential stays 1 in 1,100 is longer."""

Stretch = tuple[float, float]
"""From one age to another, in months since the person's start."""


def add_months(day: date, months: int) -> date:
    """The same day so many whole months later; the last of the month where there is no such day.

    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def column_date(start: date, step_months: int, column: int) -> date:
    """The date of a column.

    >>> column_date(date(2020, 6, 1), 3, 2)
    datetime.date(2020, 12, 1)
    """
    return add_months(start, column * step_months)


def day_of(scenario: Scenario, column: int) -> str:
    """The date of a column as a file would write it: year and month, with the day where it is not the first."""
    day = column_date(scenario.start, scenario.step_months, column)
    return f"{day:%Y-%m}" if day.day == 1 else day.isoformat()


def step_name(scenario: Scenario) -> str:
    """What the time from one column to the next is called."""
    return {1: "month", 3: "quarter", 12: "year"}[scenario.step_months]


def column_of(start: date, step_months: int, day: date) -> int:
    """The first column whose date is on or after a day; negative before ``start``.

    >>> column_of(date(2020, 6, 1), 3, date(2020, 9, 1)), column_of(date(2020, 6, 1), 3, date(2020, 9, 2))
    (1, 2)
    """
    months = (day.year - start.year) * 12 + day.month - start.month
    column = months // step_months - 1
    while column_date(start, step_months, column) < day:
        column += 1
    return column


def columns_in(months: float, step_months: int) -> int:
    """How many columns a duration needs, rounded up to whole ones.

    >>> columns_in(18, 3), columns_in(19, 3), columns_in(0, 3)
    (6, 7, 0)
    """
    return math.ceil(months / step_months - SLACK)


# ------------------------------------------------------------------------------------------------ people
def n_groups(cohort: Cohort, step_months: int) -> int:
    """Starting groups of a cohort: one a column over the intake, at least one."""
    return max(1, columns_in(cohort.intake, step_months))


def group_columns(cohort: Cohort, step_months: int) -> range:
    """The columns in which a cohort's groups start."""
    return range(cohort.start, cohort.start + n_groups(cohort, step_months))


def last_service_column(cohort: Cohort, step_months: int, months: float | None = None) -> int:
    """The last column in which anybody can be in service, or (``months``) have started so many months before.

    Whoever comes from a queue starts on a day of their own, within a step. Of stays without an end a few are longer:
    what is left of them counts in the last column.
    """
    last = group_columns(cohort, step_months)[-1]
    if cohort.queue is None:
        return last + max(columns_in(cohort.duration if months is None else months, step_months) - 1, 0)
    return last + columns_in(longest_stay(cohort) if months is None else months, step_months)


def longest_stay(cohort: Cohort) -> float:
    """For how many months after a start the calendar has room: the end of a stay, or 6 sd above its mean."""
    spell = None if cohort.queue is None else cohort.queue.time_in_service
    if spell is None:
        return cohort.duration
    high = spell.distribution.support[1] if spell.distribution is not None else math.inf
    return min(high, spell.mean + LONG_STAY * spell.sd)


def outcome_months(scenario: Scenario, outcome: str, cohort: Cohort) -> float:
    """The time per person, in months, in which an outcome is counted and the effect works."""
    over = scenario.outcome(outcome).over
    return cohort.duration if over is None else over


def counted_until(scenario: Scenario, outcome: str, cohort: Cohort) -> float:
    """The age, in months since the person's start, from which on nothing more of an outcome is counted."""
    return scenario.outcome(outcome).begins + outcome_months(scenario, outcome, cohort)


# ------------------------------------------------------------------------------------------------ measures
def measure_cohorts(scenario: Scenario, measure: Measure, outcome: str = "") -> tuple[Cohort, ...]:
    """The cohorts a measure is about: those it names which can have what it measures (or one outcome of that)."""
    found = {o.name: o.cohorts for o in scenario.outcomes}
    able = [found.get(name) for name in ((outcome,) if outcome else measure.outcomes)]
    return tuple(
        c
        for c in scenario.cohorts
        if (measure.cohorts is None or c.name in measure.cohorts)
        and (not able or any(cohorts is None or c.name in cohorts for cohorts in able))
    )


def counted_groups(scenario: Scenario, measure: Measure, cohort: Cohort, column: int) -> list[int]:
    """Columns of the starting groups a report at ``column`` can count: all of whose follow-up is in the data.

    The data end at the report's date less the lag. ``so far`` counts whoever has been followed for some time (of
    points: since they began); `growth` whoever was followed in the last full calendar year or in the one before. A
    composite counts nobody itself.
    """
    step = scenario.step_months
    end = column * step - measure.lag
    groups = group_columns(cohort, step)
    if measure.as_ == "growth":
        seen = [growth_stretches(scenario, measure, o, cohort, column) for o in measure.outcomes]
        numbers = {number for both in seen for stretches in both for number in stretches}
        return [g for number, g in enumerate(groups) if number in numbers]
    if measure.parts:
        return []
    if measure.follow_up is None:
        slack = -SLACK if measure.of in ("starts", "referrals") else SLACK
        return [g for g in groups if g * step + unknown_until(scenario, measure) + slack <= end]
    return [g for g in groups if g * step + measure.follow_up <= end + SLACK]


def unknown_until(scenario: Scenario, measure: Measure) -> float:
    """Age up to which nobody can be read at all: points are none before they begin, other things are none so far."""
    return min(
        (scenario.outcome(o).begins for o in measure.outcomes if scenario.outcome(o).type == "score"), default=0.0
    )


def growth_months(scenario: Scenario, measure: Measure, column: int) -> tuple[float, float, float]:
    """The two calendar years of a `growth` report, in months since ``start``: where they begin, and the end.

    The second is the last that lies whole before the report's date less its lag (and less ``earlier``).
    """
    start = scenario.start
    end = column * scenario.step_months - measure.lag - measure.earlier

    def begins(year: int) -> float:
        return (year - start.year) * 12 + 1 - start.month + (1 - start.day) / DAYS_PER_MONTH

    year = start.year + math.floor((end + start.month - 1) / 12) + 1
    while begins(year) > end + SLACK:
        year -= 1
    return begins(year - 2), begins(year - 1), begins(year)


def growth_stretches(
    scenario: Scenario, measure: Measure, outcome: str, cohort: Cohort, column: int
) -> tuple[dict[int, Stretch], dict[int, Stretch]]:
    """By number of the starting group: the ages that fall in the last full calendar year, and in the one before."""
    step, until = scenario.step_months, counted_until(scenario, outcome, cohort)
    first, middle, last = growth_months(scenario, measure, column)
    found: tuple[dict[int, Stretch], dict[int, Stretch]] = ({}, {})
    for number, group in enumerate(group_columns(cohort, step)):
        for stretches, begins, ends in ((found[0], middle, last), (found[1], first, middle)):
            ages = [min(max(month - group * step, 0.0), until) for month in (begins, ends)]
            if ages[1] > ages[0] + SLACK:
                stretches[number] = (ages[0], ages[1])
    return found


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


# ------------------------------------------------------------------------------------------------ money
def counted_by(scenario: Scenario, measure: str | None, name: str) -> list[tuple[str, str | None]]:
    """What counts the thing of this name: measures, each with the step or event of it (None: its own number).

    The name of a measure counts itself; else a step or an event is looked for in the given measure, or without one in
    all that report a total.
    """
    if measure is None and any(m.name == name for m in scenario.measures):
        return [(name, None)]
    steps = {o.name: {step.name for step in o.steps} for o in scenario.outcomes}
    found: list[tuple[str, str | None]] = []
    for m in scenario.measures:
        if m.name == measure or (measure is None and m.as_ == "total"):
            if name in m.outcomes:
                found.append((m.name, name if len(m.outcomes) > 1 else None))
            elif name in m.items or any(name in steps.get(outcome, ()) for outcome in m.outcomes):
                found.append((m.name, name))
    return found


def price_sources(scenario: Scenario, payment: Payment) -> tuple[tuple[str, str | None], ...]:
    """For each of a payment's ``prices`` the measure that counts it, and which step or event of that measure.

    A name that nothing, or more than one measure, counts is left out (`validate` refuses it). Empty for other shapes.
    """
    if payment.shape != "prices" or not isinstance(payment.parameter, tuple):
        return ()
    found = (counted_by(scenario, payment.measure, str(row.of)) for row in payment.parameter)
    return tuple(sources[0] for sources in found if len(sources) == 1)


def payment_measures(scenario: Scenario, payment: Payment) -> tuple[str, ...]:
    """The measures (or the earlier payment) whose readings a payment pays for, without those of its condition."""
    own = () if payment.measure is None else (payment.measure,)
    return tuple(dict.fromkeys((*own, *(measure for measure, _ in price_sources(scenario, payment)))))


def payment_readings(scenario: Scenario, payment: Payment) -> tuple[str, ...]:
    """The measures that a payment pays for, and the one that it is multiplied by."""
    factor = () if payment.times is None else (payment.times,)
    return tuple(dict.fromkeys((*payment_measures(scenario, payment), *factor)))


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
