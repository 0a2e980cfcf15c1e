"""Whom a report can count: the cohorts a measure is about, and the groups whose follow-up is in the data."""

from __future__ import annotations

import math

from sibsim.scenario import Cohort, Measure, Scenario
from sibsim.timeline.columns import DAYS_PER_MONTH, SLACK
from sibsim.timeline.people import counted_until, group_columns

__all__ = ["Stretch", "counted_groups", "growth_months", "growth_stretches", "measure_cohorts", "unknown_until"]

Stretch = tuple[float, float]
"""From one age to another, in months since the person's start."""


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
