"""Checks of what outcomes need, and of what is booked on them."""

from __future__ import annotations

from sibsim.loading.place import Context
from sibsim.loading.values import support
from sibsim.scenario import Benefit, ByCohort, Cohort, Outcome, Scenario, Value
from sibsim.timeline import SLACK, counted_until, group_columns, horizon_column

__all__ = ["DATED_OUTCOME_CHECKS", "OUTCOME_CHECKS"]

UNITS = {"event": "event", "count": "one more or less", "days": "day", "score": "point"}
COUNTABLE = ("event", "count", "milestones")


def _owner(scenario: Scenario, name: str) -> Outcome | None:
    """The outcome of this name, or whose step it is."""
    for outcome in scenario.outcomes:
        if outcome.name == name or any(step.name == name for step in outcome.steps):
            return outcome
    return None


# ------------------------------------------------------------------------------------------------ needs
def _needs(scenario: Scenario, context: Context) -> None:
    """What an outcome needs is something that people can have had, and does not lead back to it."""
    for outcome in scenario.outcomes:
        owner = _owner(scenario, outcome.needs) if outcome.needs else None
        if owner is None:
            continue
        wrong = _wrong_need(scenario, outcome, owner)
        if wrong:
            context.problem(f"outcomes.{outcome.name}.needs", wrong)


def _able(scenario: Scenario, outcome: Outcome) -> list[Cohort]:
    """The cohorts that can have an outcome."""
    return [c for c in scenario.cohorts if outcome.cohorts is None or c.name in outcome.cohorts]


def _wrong_need(scenario: Scenario, outcome: Outcome, owner: Outcome) -> str:
    seen, at = {outcome.name}, owner
    while True:
        if at.name in seen:
            return f"leads back to '{at.name}' itself"
        seen.add(at.name)
        following = _owner(scenario, at.needs) if at.needs else None
        if following is None:
            break
        at = following
    if owner.type not in COUNTABLE:
        return f"'{owner.name}' is of type {owner.type}: nobody has or has not had it; name an event, a step or a count"
    if owner.type == "milestones" and owner.name == outcome.needs:
        return f"'{owner.name}' are milestones; name one of their steps, e.g. '{owner.steps[0].name}'"
    if owner.each != outcome.each:
        return f"'{owner.name}' is counted for each {owner.each}, '{outcome.name}' for each {outcome.each}"
    mine = {cohort.name for cohort in _able(scenario, outcome)}
    if owner.cohorts is not None and not mine <= set(owner.cohorts):
        return f"'{owner.name}' is for fewer cohorts; give '{outcome.name}' the same 'cohorts'"
    return ""


# ------------------------------------------------------------------------------------------------ levels
def _idle_figures(scenario: Scenario, context: Context) -> None:
    """A figure for a cohort that cannot have the outcome; the rows of a table are of all cohorts."""
    for outcome in scenario.outcomes:
        able = {cohort.name for cohort in _able(scenario, outcome)}
        figures: list[tuple[str, Value | ByCohort | None]] = [("by_cohort", outcome.by_cohort)]
        for one in outcome.growth:
            at = f"growth.{one.year}"
            is_rate_alone = f"outcomes.{outcome.name}.{at}.rate" not in context.nodes
            figures += [(at if is_rate_alone else f"{at}.rate", one.rate), (f"{at}.spread", one.spread)]
        for key, value in figures:
            path = f"outcomes.{outcome.name}.{key}"
            for name, _ in value.entries if isinstance(value, ByCohort) else ():
                is_written = context.nodes[f"{path}.{name}"].origin in (context.nodes[path].origin, "--set")
                if name not in able and is_written:
                    context.warn(f"{path}.{name}", f"has no effect: '{name}' is none of the `cohorts` that can have it")


def _late_growth(scenario: Scenario, context: Context) -> None:
    """Growth of a year in which nobody is followed any more."""
    step = scenario.step_months
    for outcome in scenario.outcomes:
        ends = [
            group_columns(cohort, step)[-1] * step + counted_until(scenario, outcome.name, cohort)
            for cohort in _able(scenario, outcome)
        ]
        for one in outcome.growth:
            begins = 12 * (one.year - scenario.start.year) + 1 - scenario.start.month
            if begins >= max(ends, default=0.0) - SLACK:
                path = f"outcomes.{outcome.name}.growth.{one.year}"
                context.warn(path, f"has no effect: '{outcome.name}' is counted in nobody in {one.year} or later")


# ------------------------------------------------------------------------------------------------ benefits
def _benefits(scenario: Scenario, context: Context) -> None:
    """Only an outcome with a causal claim has a benefit; one a year needs to know how long it lasts."""
    outcomes = {o.name: o for o in scenario.outcomes}
    for benefit in scenario.benefits:
        outcome, path = outcomes[benefit.of], f"benefits.{benefit.name}"
        claim = _no_claim(outcome)
        if claim:
            context.problem(f"{path}.of", claim)
        if f"{path}.worth" not in context.nodes and outcome.type in UNITS:
            message = f"missing key 'worth' (money per {UNITS[outcome.type]}, e.g. 13 000)"
            context.problem(path, message, at_key=True)
        key, message = _wrong_time(scenario, benefit, outcome)
        if message and not claim:
            context.problem(f"{path}.{key}", message)


def _no_claim(outcome: Outcome) -> str:
    if outcome.type == "milestones":
        return f"'{outcome.name}' are milestones, on which the file claims no effect: they have no benefit"
    if not outcome.is_causal:
        return (
            f"outcome '{outcome.name}' says nothing of life without the programme ('with' alone): "
            "it has no benefit; give it 'without'"
        )
    if outcome.effect is None and outcome.with_ is None:
        return f"the programme has no effect on outcome '{outcome.name}': no benefit; give it 'effect' or 'with'"
    return ""


def _wrong_time(scenario: Scenario, benefit: Benefit, outcome: Outcome) -> tuple[str, str]:
    """The key and the message, if a benefit can never be booked as it says."""
    if benefit.per == "year" and outcome.type not in ("event", "score"):
        return "per", (
            f"{outcome.type} arise year by year as they are: leave 'per' out, and say how long the improvement goes on "
            "in the outcome's 'lasts'"
        )
    if benefit.per == "year" and outcome.lasts is None:
        return "per", (
            f"a benefit a year needs to know how long: give outcome '{outcome.name}' its 'lasts', "
            "e.g. {half_life: 6 years}"
        )
    begins = benefit.from_ or 0.0
    if benefit.until is not None and benefit.until <= begins:
        return "until", f"ends at {benefit.until:g} months, before it begins ({begins:g} months)"
    ends = max((counted_until(scenario, outcome.name, c) for c in scenario.cohorts), default=0.0)
    if begins > ends + 1e-9 and outcome.lasts is None:
        return "from", (
            f"{begins:g} months after the start nothing is left of it: '{outcome.name}' is counted to {ends:g} months; "
            "give it 'lasts'"
        )
    return "", ""


def _only_costs(scenario: Scenario, context: Context) -> None:
    """A worth below zero is what an improvement costs; if a budget has nothing else of it, perhaps a sign is wrong."""
    means = {b.name: support(context.inputs, b.worth)[2] for b in scenario.benefits}
    gains = {(b.of, b.to) for b in scenario.benefits if means[b.name] >= 0}
    for benefit in scenario.benefits:
        if means[benefit.name] < 0 and (benefit.of, benefit.to) not in gains:
            context.warn(
                f"benefits.{benefit.name}.worth",
                f"below 0, and '{benefit.to}' has no other benefit of '{benefit.of}': the better the result, the more "
                "it costs; a saving is written above 0",
            )


def _too_late(scenario: Scenario, context: Context) -> None:
    """A benefit that nobody reaches before the horizon is worth nothing in this file."""
    step = scenario.step_months
    first = min((group_columns(c, step)[0] * step for c in scenario.cohorts), default=0)
    for benefit in scenario.benefits:
        if benefit.from_ is not None and first + benefit.from_ > horizon_column(scenario) * step + 1e-9:
            context.warn(
                f"benefits.{benefit.name}.from", "nobody reaches it before the 'horizon': it is booked in no future"
            )


OUTCOME_CHECKS = (_needs, _idle_figures, _benefits, _only_costs)
DATED_OUTCOME_CHECKS = (_late_growth, _too_late)
"""Those that look at the calendar, once it is known to have a possible length."""
