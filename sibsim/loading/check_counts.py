"""Checks of what came against the people there are: nobody is counted twice, in part, or for longer than there is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sibsim.loading.check_actuals import path_of
from sibsim.loading.place import Context
from sibsim.scenario import Measure, Number, Outcome, Reading, Scenario
from sibsim.timeline import day_of, measure_cohorts, report_columns

__all__ = ["COUNT_CHECKS"]

SLACK = 1e-9
DAYS_IN_A_MONTH = 366.0 / 12.0
PEOPLE = ("starts", "completions", "referrals")
"""What may be reported without an outcome, and counts people."""
TELLING = ("starts", "referrals")
"""What tells how many people there were, which may be more than was planned."""
ONCE = ("event", "milestones")
"""Types of outcome of which each person has one at most."""


@dataclass(frozen=True)
class _Told:
    """One number of a report: at its column, of a cohort, step or outcome where these are told apart."""

    column: int | None
    cohort: str | None
    part: str | None
    value: float
    path: str


def _check_counts(scenario: Scenario, context: Context) -> None:
    """Reports of people, events and days are possible for the people of the file."""
    came = scenario.actuals
    if came is None or not scenario.has_people:
        return
    outcomes = {o.name: o for o in scenario.outcomes}
    is_more = [_more_than_planned(scenario, context, measure) for measure in scenario.measures]
    is_as_planned = True not in is_more
    for measure in scenario.measures:
        outcome = outcomes.get(measure.of)
        is_known = outcome.each == "person" if outcome is not None else measure.of in PEOPLE
        if measure.as_ != "total" or measure.short_of is not None or not is_known:
            continue
        told = list(_numbers(scenario, context, measure, came.measures.get(measure.name, ())))
        if outcome is None or outcome.type in (*ONCE, "count"):
            _whole(context, measure, told)
        if is_as_planned and measure.of not in TELLING and (outcome is None or outcome.type in ONCE):
            _limit(scenario, context, measure, told, "people", 1.0)
        elif is_as_planned and outcome is not None and outcome.type == "days":
            _limit(scenario, context, measure, told, "days", DAYS_IN_A_MONTH)
        if outcome is not None and outcome.steps and not measure.also_of:
            _steps(scenario, context, measure, outcome, told)


def _more_than_planned(scenario: Scenario, context: Context, measure: Measure) -> bool:
    """Whether more people are reported to have come than the file has; that is told."""
    came = scenario.actuals
    if came is None or measure.of not in TELLING or measure.short_of is not None:
        return False
    is_more = False
    so_far: dict[str | None, float] = {}
    for one in _numbers(scenario, context, measure, came.measures.get(measure.name, ())):
        before = so_far.get(one.cohort, 0.0) if measure.covers == "since last" else 0.0
        so_far[one.cohort] = before + one.value
        most = _most(scenario, measure, one, None)
        if most is not None and so_far[one.cohort] > most * (1 + SLACK):
            message = f"{_shown(so_far[one.cohort])} people are reported, and the file has {_shown(most)}"
            context.warn(one.path, f"{message} (`size`); what came is settled as it is")
            is_more = True
    return is_more


def _numbers(
    scenario: Scenario, context: Context, measure: Measure, reports: tuple[tuple[int | None, Reading], ...]
) -> Iterator[_Told]:
    """Every number that was reported, in order of date, with its path."""
    base = f"actuals.measures.{measure.name}"
    for column, reading in reports:
        path = base if column is None else path_of(scenario, context, base, column)
        is_by_cohort = measure.for_each_cohort and isinstance(reading, Mapping)
        for cohort, one in reading.items() if is_by_cohort and isinstance(reading, Mapping) else [(None, reading)]:
            inner = f"{path}.{cohort}" if cohort is not None else path
            for part, value in one.items() if isinstance(one, Mapping) else [(None, one)]:
                assert isinstance(value, float | int)
                yield _Told(column, cohort, part, value, f"{inner}.{part}" if part is not None else inner)


def _whole(context: Context, measure: Measure, told: list[_Told]) -> None:
    """People and events are counted; a reading with an error, or that is rounded, need not be whole."""
    if measure.round is not None or measure.error != Number(0.0):
        return
    for one in told:
        if one.value != math.floor(one.value):
            context.problem(one.path, f"'{measure.name}' counts, so this is a whole number; got {one.value:g}")


# ------------------------------------------------------------------------------------------------ no more than there is
def _limit(
    scenario: Scenario, context: Context, measure: Measure, told: list[_Told], what: str, a_month: float
) -> None:
    """No more people than there are, and no more days than they have; of reports on what is new, together."""
    so_far: dict[tuple[str | None, str | None], float] = {}
    for one in told:
        key = (one.cohort, one.part)
        before = so_far.get(key, 0.0) if measure.covers == "since last" else 0.0
        total = so_far[key] = before + one.value
        most = _most(scenario, measure, one, a_month if what == "days" else None)
        if most is None or total <= most * (1 + SLACK):
            continue
        whose = f" in '{one.cohort}'" if one.cohort else ""
        have = (
            f"there are {_shown(most)} people{whose}" if what == "people" else f"people{whose} have {_shown(most)} days"
        )
        together = f" with the reports before it, {_shown(total)} in all" if before else ""
        message = f"is more than there can be: {have}, and {_shown(one.value)} are reported{together}"
        context.problem(one.path, f"{message}; if more took part than was planned, raise their `size`")


def _most(scenario: Scenario, measure: Measure, one: _Told, days_in_a_month: float | None) -> float | None:
    """All people that a number may be of, or all their days; None if it is not known how many there are."""
    outcomes = {o.name: o for o in scenario.outcomes}
    names = (one.part,) if one.part in measure.outcomes else measure.outcomes or ("",)
    total = 0.0
    for name in names:
        outcome = outcomes.get(name or "")
        for cohort in measure_cohorts(scenario, measure, name or ""):
            if one.cohort not in (None, cohort.name):
                continue
            if cohort.sure_size is None:
                return None
            months = cohort.duration if outcome is None or outcome.over is None else outcome.over
            if measure.follow_up is not None:
                months = min(months, measure.follow_up)
            each = 1.0 if days_in_a_month is None else math.ceil(months * days_in_a_month)
            steps = len(outcome.steps) if outcome is not None and outcome.steps and one.part is None else 1
            total += cohort.sure_size * each * steps
    return total


def _shown(number: float) -> str:
    return f"{number:,.10g}".replace(",", " ")


# ------------------------------------------------------------------------------------------------ milestones
def _steps(scenario: Scenario, context: Context, measure: Measure, outcome: Outcome, told: list[_Told]) -> None:
    """Nobody reaches a milestone without the one before."""
    months = [step.months for step in outcome.steps]
    if months != sorted(months):
        return
    due = report_columns(scenario, measure)
    for cohort in dict.fromkeys(one.cohort for one in told):
        so_far: dict[str, float] = {}
        columns = due.get(cohort, due.get(None, ()))
        mine = [one for one in told if one.cohort == cohort]
        for number, column in enumerate(dict.fromkeys(one.column for one in mine)):
            now = {one.part: one for one in mine if one.column == column and one.part is not None}
            before = so_far if measure.covers == "since last" else {}
            so_far = {name: before.get(name, 0.0) + one.value for name, one in now.items()}
            is_all_told = (
                column is None or measure.covers == "to date" or tuple(columns[: number + 1])[-1:] == (column,)
            )
            if not is_all_told:
                break
            _in_order(scenario, context, measure, outcome, now, so_far)


def _in_order(
    scenario: Scenario,
    context: Context,
    measure: Measure,
    outcome: Outcome,
    now: Mapping[str, _Told],
    so_far: Mapping[str, float],
) -> None:
    names = [step.name for step in outcome.steps if step.name in now]
    for earlier, later in pairwise(names):
        if so_far[later] > so_far[earlier] * (1 + SLACK):
            one = now[later]
            by = f" by {day_of(scenario, one.column)}" if one.column is not None else ""
            context.problem(
                one.path,
                f"{_shown(so_far[later])} reached '{later}'{by}, and only {_shown(so_far[earlier])} '{earlier}', which "
                "comes before it",
            )


COUNT_CHECKS = (_check_counts,)
