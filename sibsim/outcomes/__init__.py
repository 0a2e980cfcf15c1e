"""The truth: what would happen without the programme, with it, and what these people did.

Four arrays are never mixed: ``expected_without`` and ``expected_with`` (given the inputs), ``happened``, and what an
evaluator later measures (`sibsim.measures`). Their difference, expected with less without, is the effect.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibsim.context import Context, Draw
from sibsim.outcomes.drawing import draw, draw_steps
from sibsim.outcomes.lasting import fade
from sibsim.outcomes.levels import Class, classes_of, levels_of, with_effect
from sibsim.outcomes.linked import ages_with_needs, in_order_of_need, needed_outcome, told_apart
from sibsim.outcomes.truth import Milestones, Needed, Truth
from sibsim.participants import Flow
from sibsim.scenario import Outcome
from sibsim.timeline import outcome_months

__all__ = ["Ages", "Class", "Milestones", "Truth", "fade", "happen", "with_effect"]

Ages = Mapping[tuple[str, str, int], set[float]]
"""Ages (months since the person's start) asked for, by outcome, cohort and number of the starting group."""
SHORTEST = 1e-9
"""Months: an outcome counted over no time at all comes at once."""


def happen(
    context: Context, flows: dict[str, Flow], ages: Ages, apart: Mapping[str, set[str]], *, is_for_benefits: bool = True
) -> list[Truth]:
    """Draw every outcome in every cohort that can have it.

    Parameters
    ----------
    context : Context
    flows : dict of cohort name to Flow
    ages : mapping of (outcome, cohort, group) to the ages any measure asks for
    apart : mapping of outcome to the groups of people (offered, completers) some measure looks at
    is_for_benefits : bool
        Whether what happened over the whole of ``over`` is wanted too, or only what some report asks for.

    Returns
    -------
    list of Truth
        One for each outcome and cohort, in file order.
    """
    outcomes = context.scenario.outcomes
    apart, ages = told_apart(context.scenario, apart), ages_with_needs(outcomes, _with_ends(context, flows, ages))
    is_linked = {needed[0].name for o in outcomes if (needed := needed_outcome(outcomes, o))}
    drawn: dict[tuple[str, str], Truth] = {}
    for outcome in in_order_of_need(outcomes):
        for name, flow in flows.items():
            if outcome.cohorts is not None and name not in outcome.cohorts:
                continue
            truth = _truth(context, outcome, flow, apart.get(outcome.name, set()), drawn)
            drawn[outcome.name, name] = truth
            if not isinstance(truth, Milestones):
                whole = {truth.ends} if is_for_benefits or outcome.name in is_linked else set()
                draw(context, truth, [_asked(truth, ages, group) | whole for group in range(len(flow.columns))])
    return [drawn[o.name, name] for o in outcomes for name in flows if (o.name, name) in drawn]


def _with_ends(context: Context, flows: Mapping[str, Flow], ages: Ages) -> Ages:
    """Ages asked for, with the end of ``over`` of outcomes that need another one: that is asked about it then too."""
    if not any(outcome.needs for outcome in context.scenario.outcomes):
        return ages
    found = {key: set(asked) for key, asked in ages.items()}
    for outcome in context.scenario.outcomes:
        for name, flow in flows.items() if outcome.needs is not None else ():
            end = outcome.begins + max(outcome_months(context.scenario, outcome.name, flow.cohort), SHORTEST)
            for group in range(len(flow.columns)):
                found.setdefault((outcome.name, name, group), set()).add(end)
    return found


def _asked(truth: Truth, ages: Ages, group: int) -> set[float]:
    """Ages within ``over`` at which somebody asks what happened to a group."""
    asked = ages.get((truth.outcome.name, truth.flow.cohort.name, group), set())
    return {min(age, truth.ends) for age in asked if age > truth.begins}


def _truth(
    context: Context, outcome: Outcome, flow: Flow, apart: set[str], drawn: Mapping[tuple[str, str], Truth]
) -> Truth:
    needed = needed_outcome(context.scenario.outcomes, outcome)
    needs = None if needed is None else Needed(drawn[needed[0].name, flow.cohort.name], needed[1])
    over = max(outcome_months(context.scenario, outcome.name, flow.cohort), SHORTEST)
    if outcome.steps:
        return _milestones(context, outcome, flow, apart, over)
    place = f"outcomes.{outcome.name}"
    found = levels_of(context, outcome, flow, over, apart)
    sd = 0.0 if outcome.sd is None else context.within(context.value(outcome.sd), 0.0, np.inf, f"{place}.sd")
    return Truth(outcome, flow, over, found.without, found.classes, sd, found.calendar, found.at, needs)


def _milestones(context: Context, outcome: Outcome, flow: Flow, apart: set[str], over: float) -> Milestones:
    """Steps with their shares, drawn at once: their times do not hang on any report."""
    place = f"outcomes.{outcome.name}.steps"
    nothing: list[Draw] = [0.0] * len(flow.columns)
    classes = [Class(who, nothing) for who in classes_of(outcome, flow, apart)]
    shares = [context.share(step.share, f"{place}.{step.name}") for step in outcome.steps]
    truth = Milestones(outcome, flow, over, nothing, classes, shares=shares)
    draw_steps(context, truth)
    return truth
