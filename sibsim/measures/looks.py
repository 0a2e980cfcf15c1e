"""Which people each report looks at, and over which stretch of their follow-up. No chance here, no numpy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sibsim.scenario import BUILT_IN_MEASURES, Cohort, Measure, Scenario
from sibsim.timeline import (
    SLACK,
    counted_groups,
    group_columns,
    measure_cohorts,
    outcome_months,
    report_columns,
)

__all__ = ["Evaluation", "Look", "ages_asked", "evaluations", "groups_apart", "looks"]

Stretch = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """One report of one measure.

    Parameters
    ----------
    measure : Measure
    cohort : str or None
        The cohort it is about, with ``for_each: cohort``; None for all together.
    column : int
        The date of the report.
    number : int
        0 for the first report of this measure (and cohort), 1 for the next, ...
    stretches : dict of (cohort name, group number) to (from age, to age)
        The people counted, and the months of their follow-up that this report adds.
    """

    measure: Measure
    cohort: str | None
    column: int
    number: int
    stretches: dict[tuple[str, int], Stretch]


@dataclass(frozen=True)
class Evaluation:
    """Measures that agree in outcome, people, cohorts, comparison and missing: they see the same people."""

    name: str
    measures: tuple[Measure, ...]
    looks: tuple[Look, ...]

    @property
    def first(self) -> Measure:
        return self.measures[0]


def looks(scenario: Scenario, measure: Measure) -> list[Look]:
    """Every report of a measure, in order of date within each cohort."""
    result = []
    for key, columns in report_columns(scenario, measure).items():
        in_scope = [c for c in measure_cohorts(scenario, measure) if key is None or c.name == key]
        previous: int | None = None
        for number, column in enumerate(sorted(columns)):
            since = previous if measure.covers == "since last" else None
            stretches: dict[tuple[str, int], Stretch] = {}
            for cohort in in_scope:
                stretches.update(_stretches(scenario, measure, cohort, column, since))
            result.append(Look(measure, key, column, number, stretches))
            previous = column
    return result


def _stretches(
    scenario: Scenario, measure: Measure, cohort: Cohort, column: int, since: int | None
) -> dict[tuple[str, int], Stretch]:
    step = scenario.step_months
    counted = set(counted_groups(scenario, measure, cohort, column))
    before = set(counted_groups(scenario, measure, cohort, since)) if since is not None else set()
    found: dict[tuple[str, int], Stretch] = {}
    for number, start in enumerate(group_columns(cohort, step)):
        if start not in counted:
            continue
        if measure.follow_up is not None:
            if start not in before:
                found[cohort.name, number] = (0.0, measure.follow_up)
            continue
        over = outcome_months(scenario, measure.of, cohort) if measure.of not in BUILT_IN_MEASURES else float("inf")
        now = min(column * step - measure.lag - start * step, over)
        then = min(max(since * step - measure.lag - start * step, 0.0), over) if since is not None else 0.0
        is_level = measure.of not in BUILT_IN_MEASURES and scenario.outcome(measure.of).type == "score"
        if is_level:
            found[cohort.name, number] = (0.0, now)
        elif now > then or (now == then == over == 0.0):
            found[cohort.name, number] = (then, now)
    return found


def evaluations(scenario: Scenario) -> list[Evaluation]:
    """Measures of outcomes, put together where they see the same people; named by the first in the file."""
    together: dict[object, list[Measure]] = defaultdict(list)
    for measure in scenario.measures:
        if measure.of not in BUILT_IN_MEASURES:
            key = (measure.of, measure.people, measure.cohorts, measure.comparison, measure.missing)
            together[key].append(measure)
    return [
        Evaluation(group[0].name, tuple(group), tuple(look for m in group for look in looks(scenario, m)))
        for group in together.values()
    ]


def ages_asked(scenario: Scenario) -> dict[tuple[str, str, int], set[float]]:
    """Ages (months since start) at which some report needs to know what happened, by outcome, cohort and group."""
    asked: dict[tuple[str, str, int], set[float]] = defaultdict(set)
    for evaluation in evaluations(scenario):
        for look in evaluation.looks:
            for (cohort, group), stretch in look.stretches.items():
                asked[evaluation.first.of, cohort, group].update(stretch)
    return asked


def groups_apart(scenario: Scenario) -> dict[str, set[str]]:
    """By outcome: the groups of people that some measure looks at besides starters."""
    apart: dict[str, set[str]] = defaultdict(set)
    for measure in scenario.measures:
        if measure.of not in BUILT_IN_MEASURES and measure.people != "starters":
            apart[measure.of].add(measure.people)
    return apart


def completed_groups(scenario: Scenario, measure: Measure, cohort: Cohort, column: int) -> list[int]:
    """Numbers of the starting groups whose whole duration lies in the data of a report at ``column``."""
    step = scenario.step_months
    end = column * step - measure.lag + SLACK
    return [number for number, start in enumerate(group_columns(cohort, step)) if start * step + cohort.duration <= end]
