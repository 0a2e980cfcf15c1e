"""Checks that outcomes, measures and benefits fit the people and each other."""

from __future__ import annotations

from sibsim.loading.check_queue import queue_path
from sibsim.loading.place import Context
from sibsim.scenario import BUILT_IN_MEASURES, Number, Outcome, Scenario

__all__ = ["PEOPLE_CHECKS"]


def _without_people(scenario: Scenario, context: Context) -> None:
    """A file without participants speaks of one cohort only."""
    if scenario.has_people:
        return
    for outcome in scenario.outcomes:
        if outcome.each == "person":
            context.problem(
                f"outcomes.{outcome.name}",
                "the file has no 'participants'; add them, or say 'each: cohort' for one number",
            )
    for measure in scenario.measures:
        if measure.of in BUILT_IN_MEASURES:
            context.problem(f"measures.{measure.name}.of", f"'{measure.of}' needs 'participants'")
    for cost in scenario.costs:
        if cost.per != "contract":
            context.problem(f"costs.{cost.name}.per", f"a cost per {cost.per.replace('_', ' ')} needs 'participants'")


def _time_to_count(scenario: Scenario, context: Context) -> None:
    """Every outcome has some time in which it is counted."""
    for outcome in scenario.outcomes:
        short = [c for c in scenario.cohorts if c.duration <= 0]
        if outcome.over is None and short:
            where = "participants" if scenario.has_people else "the file"
            context.problem(
                f"outcomes.{outcome.name}",
                f"missing key 'over' (time in which it is counted, e.g. 2 years): {where} has no duration",
                at_key=True,
            )


def _can_fail(outcome: Outcome) -> bool:
    """Whether a missing person can count as one without success: no event (or with it), nothing gained."""
    return outcome.type in ("event", "milestones") or (outcome.type != "score" and outcome.better == "more")


def _of_type(outcome: Outcome) -> str:
    kind = {"score": "a score", "count": "a count"}.get(outcome.type, outcome.type)
    return kind if outcome.type == "score" else f"{kind} of which fewer is better"


def _missing(scenario: Scenario, context: Context) -> None:
    """Points cannot fail, less cannot be worse than nothing, and a report that finds nobody is none."""
    outcomes = {o.name: o for o in scenario.outcomes}
    for measure in scenario.measures:
        path = f"measures.{measure.name}"
        outcome = outcomes.get(measure.of)
        if measure.missing_as == "failed" and outcome is not None and not _can_fail(outcome):
            context.problem(
                f"{path}.missing_as", f"{_of_type(outcome)} cannot fail; leave missing people out ('left out')"
            )
        if measure.missing_as == "failed" and measure.missing == Number(0.0, "percent"):
            context.warn(f"{path}.missing_as", "has no effect: nobody is missing")
        if isinstance(measure.missing, Number) and measure.missing.value >= 1.0:
            context.problem(f"{path}.missing", "must be under 100 %: nobody would be found, and there is no report")


def _nobody(scenario: Scenario, context: Context) -> None:
    """A cohort of which nobody ever starts: allowed, as what would be without a service, but never without a word."""
    for cohort in scenario.cohorts if scenario.has_people else ():
        own = f"participants.cohorts.{cohort.name}" if cohort.name else "participants"
        keys = {"size": cohort.size, "take_up": cohort.take_up}
        if cohort.queue is not None:
            own = queue_path(context, cohort)
            keys = {"referrals": cohort.queue.referrals, "eligible": cohort.queue.eligible}
            keys["accepts"] = cohort.queue.accepts
        for key, value in keys.items():
            if isinstance(value, Number) and value.value == 0.0:
                path = f"{own}.{key}" if f"{own}.{key}" in context.nodes else f"participants.{key}"
                who = f" of '{cohort.name}'" if cohort.name else ""
                context.warn(path, f"is 0: nobody{who} ever starts, and nothing is achieved or paid for them")


PEOPLE_CHECKS = (_without_people, _time_to_count, _missing, _nobody)
