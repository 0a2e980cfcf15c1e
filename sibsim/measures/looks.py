"""Which people each report looks at, and over which stretch of their follow-up. No chance here, no numpy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sibsim.scenario import Cohort, Measure, Scenario
from sibsim.timeline import (
    Stretch,
    counted_groups,
    counted_until,
    group_columns,
    growth_stretches,
    measure_cohorts,
    report_columns,
)

__all__ = ["Evaluation", "Look", "ages_asked", "deciding", "evaluations", "groups_apart", "looks"]

Key = tuple[str, int]
"""A starting group: its cohort's name and its number."""


@dataclass(frozen=True)
class Look:
    """One report of one measure, as far as it reads one outcome.

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
    before : dict of (cohort name, group number) to (from age, to age)
        With ``growth``: the months that fall in the calendar year before.
    """

    measure: Measure
    cohort: str | None
    column: int
    number: int
    stretches: dict[Key, Stretch]
    before: dict[Key, Stretch] = field(default_factory=dict)

    def seen(self, key: Key) -> tuple[Stretch | None, Stretch | None]:
        """What it looks at of one starting group."""
        return self.stretches.get(key), self.before.get(key)


@dataclass(frozen=True)
class Evaluation:
    """Measures that agree in outcome, people, cohorts, comparison and missing: they see the same people.

    A measure of several outcomes has its part in an evaluation of each.
    """

    name: str
    outcome: str
    measures: tuple[Measure, ...]
    looks: tuple[Look, ...]

    @property
    def first(self) -> Measure:
        return self.measures[0]


def looks(scenario: Scenario, measure: Measure, outcome: str = "") -> list[Look]:
    """Every report of a measure, in order of date within each cohort; as it reads one of its outcomes."""
    result = []
    for key, columns in report_columns(scenario, measure).items():
        in_scope = [c for c in measure_cohorts(scenario, measure, outcome) if key is None or c.name == key]
        previous: int | None = None
        for number, column in enumerate(sorted(columns)):
            is_first = measure.reported_event is not None  # on whichever of the days the event happens: once
            since = previous if measure.covers == "since last" and not is_first else None
            stretches: dict[Key, Stretch] = {}
            before: dict[Key, Stretch] = {}
            for cohort in in_scope:
                if measure.as_ == "growth":
                    now, then = growth_stretches(scenario, measure, outcome, cohort, column)
                    stretches.update({(cohort.name, group): stretch for group, stretch in now.items()})
                    before.update({(cohort.name, group): stretch for group, stretch in then.items()})
                else:
                    stretches.update(_stretches(scenario, measure, outcome, cohort, column, since))
            result.append(Look(measure.as_of(column), key, column, number, stretches, before))
            previous = column
    return result


def _stretches(
    scenario: Scenario, measure: Measure, outcome: str, cohort: Cohort, column: int, since: int | None
) -> dict[Key, Stretch]:
    step = scenario.step_months
    counted = set(counted_groups(scenario, measure, cohort, column))
    before = set(counted_groups(scenario, measure, cohort, since)) if since is not None else set()
    found: dict[Key, Stretch] = {}
    for number, start in enumerate(group_columns(cohort, step)):
        if start not in counted:
            continue
        if measure.follow_up is not None:
            if start not in before:
                found[cohort.name, number] = (0.0, measure.follow_up)
            continue
        over = counted_until(scenario, outcome, cohort) if outcome else float("inf")
        now = min(column * step - measure.lag - start * step, over)
        then = min(max(since * step - measure.lag - start * step, 0.0), over) if since is not None else 0.0
        is_level = bool(outcome) and scenario.outcome(outcome).type == "score"
        if is_level:
            if now > scenario.outcome(outcome).begins:
                found[cohort.name, number] = (0.0, now)
        elif now > then or (now == then == over == 0.0):
            found[cohort.name, number] = (then, now)
    return found


def evaluations(scenario: Scenario) -> list[Evaluation]:
    """Measures of outcomes, put together where they see the same people; named by the first in the file."""
    together: dict[tuple[str, object], list[Look]] = defaultdict(list)
    for measure in scenario.measures:
        for outcome in measure.outcomes:
            for look in looks(scenario, measure, outcome):
                agree = (measure.people, measure.cohorts, look.measure.comparison, measure.missing)
                together[outcome, agree].append(look)
    found: list[Evaluation] = []
    for (outcome, _), seen in together.items():
        measures = tuple({look.measure.name: look.measure for look in seen}.values())
        name = measures[0].name if measures[0].of == outcome else f"{measures[0].name}/{outcome}"
        if any(other.name == name for other in found):  # set against something else from a date on
            name = f"{name}/{measures[0].comparison.kind} from column {min(look.column for look in seen)}"
        found.append(Evaluation(name, outcome, measures, tuple(seen)))
    return found


def ages_asked(scenario: Scenario) -> dict[tuple[str, str, int], set[float]]:
    """Ages (months since start) at which some report needs to know what happened, by outcome, cohort and group."""
    asked: dict[tuple[str, str, int], set[float]] = defaultdict(set)
    for evaluation in evaluations(scenario):
        for look in evaluation.looks:
            for stretches in (look.stretches, look.before):
                for (cohort, group), stretch in stretches.items():
                    asked[evaluation.outcome, cohort, group].update(stretch)
    return asked


def groups_apart(scenario: Scenario) -> dict[str, set[str]]:
    """By outcome: the groups of people that some measure looks at besides starters."""
    apart: dict[str, set[str]] = defaultdict(set)
    for measure in scenario.measures:
        for outcome in measure.outcomes if measure.people != "starters" else ():
            apart[outcome].add(measure.people)
    return apart


def deciding(scenario: Scenario) -> tuple[Measure, ...]:
    """Measures that events look at, with what those are made of, and with all that are read of the same outcomes."""
    conditions = [event.if_ for event in scenario.events if event.if_ is not None]
    tests = [test for one in conditions for tests in one.alternatives for test in tests]
    names = {side for test in tests for side in (test.left, test.right) if isinstance(side, str)}
    outcomes: set[str] = set()
    found: list[Measure] = []
    while True:
        more = [m for m in scenario.measures if m.name in names or outcomes & set(m.outcomes)]
        if len(more) == len(found):
            return tuple(more)
        found = more
        names |= {name for measure in found for name in (measure.name, *measure.parts)}
        outcomes |= {outcome for measure in found for outcome in measure.outcomes}
