"""When people start, how long the calendar has room for them, and to what age an outcome is counted."""

from __future__ import annotations

import math

from sibsim.scenario import Cohort, Scenario
from sibsim.timeline.columns import columns_in

__all__ = [
    "LONG_STAY",
    "counted_until",
    "group_columns",
    "last_service_column",
    "longest_stay",
    "n_groups",
    "outcome_months",
]

LONG_STAY = 6.0
"""Standard deviations above the mean for which the calendar makes room: of exponential stays 1 in 1,100 is longer."""


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
