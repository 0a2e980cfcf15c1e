"""Dates, columns and months: when people start, when reports are due, where the calendar ends.

Plain Python on the typed scenario, so that `validate` can reason about time without numpy.
"""

from __future__ import annotations

from sibsim.timeline.columns import (
    DAYS_PER_MONTH,
    MONTHS,
    SLACK,
    STEPS,
    add_months,
    column_date,
    column_of,
    columns_in,
    day_of,
    step_name,
)
from sibsim.timeline.counted import (
    Stretch,
    counted_groups,
    growth_months,
    growth_stretches,
    measure_cohorts,
    unknown_until,
)
from sibsim.timeline.due import (
    event_columns,
    horizon_column,
    last_cost_column,
    last_money_column,
    levels,
    n_dates,
    named_event_columns,
    payment_columns,
    report_columns,
    report_dates,
)
from sibsim.timeline.paid_for import counted_by, payment_measures, payment_readings, price_sources
from sibsim.timeline.people import (
    LONG_STAY,
    counted_until,
    group_columns,
    last_service_column,
    longest_stay,
    n_groups,
    outcome_months,
)

__all__ = [
    "DAYS_PER_MONTH",
    "LONG_STAY",
    "MONTHS",
    "SLACK",
    "STEPS",
    "Stretch",
    "add_months",
    "column_date",
    "column_of",
    "columns_in",
    "counted_by",
    "counted_groups",
    "counted_until",
    "day_of",
    "event_columns",
    "group_columns",
    "growth_months",
    "growth_stretches",
    "horizon_column",
    "last_cost_column",
    "last_money_column",
    "last_service_column",
    "levels",
    "longest_stay",
    "measure_cohorts",
    "n_dates",
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
    "unknown_until",
]
