"""The periods in which a flow is told."""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.scenario import Cohort, Scenario
from sibsim.timeline import column_date, group_columns, last_service_column

__all__ = ["Period", "periods_of", "span"]

MOST_COLUMNS = 8
"""Up to so many columns each is a period of its own; of more a period is a calendar year."""


@dataclass(frozen=True)
class Period:
    """Columns that are told together: a calendar year, or one column."""

    columns: range
    months: float


def span(scenario: Scenario, cohort: Cohort) -> range:
    """The columns in which people of a cohort start or are in service."""
    step = scenario.step_months
    return range(group_columns(cohort, step)[0], last_service_column(cohort, step) + 1)


def periods_of(scenario: Scenario) -> list[Period]:
    """From the first start to the last day on which anybody may be in service."""
    spans = [span(scenario, cohort) for cohort in scenario.cohorts]
    columns = range(min(one[0] for one in spans), max(one[-1] for one in spans) + 1)
    step = scenario.step_months
    if len(columns) <= MOST_COLUMNS or step == 12:
        return [Period(range(c, c + 1), float(step)) for c in columns]
    years: dict[int, list[int]] = {}
    for column in columns:
        years.setdefault(column_date(scenario.start, step, column).year, []).append(column)
    return [Period(range(found[0], found[-1] + 1), float(step * len(found))) for found in years.values()]
