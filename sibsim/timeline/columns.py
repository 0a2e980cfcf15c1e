"""Dates, columns and months: how the calendar of a scenario is ruled."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import lru_cache

from sibsim.scenario import Scenario

__all__ = [
    "DAYS_PER_MONTH",
    "MONTHS",
    "SLACK",
    "STEPS",
    "add_months",
    "column_date",
    "column_of",
    "columns_in",
    "day_of",
    "step_name",
]

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
STEPS = {"month": 1, "quarter": 3, "year": 12}
"""Months from one column to the next, by what that time is called."""
DAYS_PER_MONTH = 365.25 / 12
SLACK = 1e-9


@lru_cache(maxsize=1 << 14)
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
    return next(name for name, months in STEPS.items() if months == scenario.step_months)


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
