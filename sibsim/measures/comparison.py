"""What the served people are set against: a comparison group as the evaluator finds it, as a chain along its follow-up.

All groups are drawn in the layer of measurement. What would truly have been without the programme is p0 (a share by an
age, or a mean):

===============  ====================================================================
``matched``      ``p0 (1 + bias)``
``rct``          p0; with clusters, D times the variance in both groups
``historical``   p0 as it was ``years_before`` earlier: off by the `trend` since then
``before``       p0 of the time before, ``/ (1 - regression)``; brought to the length of the follow-up
===============  ====================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sibsim.chances import chain
from sibsim.context import Array, Context, Draw
from sibsim.measures.clusters import clustered_quantile, design_effect
from sibsim.measures.looks import Look
from sibsim.measures.served import Chain
from sibsim.outcomes import Truth
from sibsim.quantiles import binomial_quantile
from sibsim.scenario import Comparison, Level, Number, Value
from sibsim.timeline import DAYS_PER_MONTH

__all__ = ["Against", "Group", "compare", "effect_of_clusters", "fixed_number", "parts_of"]


@dataclass
class Against:
    """One comparison (of a `blend`, one of several) as it was found beside one reading.

    Parameters
    ----------
    part : Comparison
    weight : Value
    people : float or (n_draws,) array
        People found in it.
    chain : dict of age to float or (n_draws,) array
        Empty for the contract's number (`fixed`).
    """

    part: Comparison
    weight: Value
    people: Draw = 0.0
    chain: Chain = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Whom a comparison group resembles, and how many they are.

    ``people`` is the number of the comparison (of those found, for ``before``); ``name`` that of its luck; ``place``
    where the comparison stands in the file.
    """

    truth: Truth
    groups: list[int]
    ages: list[float]
    people: Draw
    name: str
    place: str
    column: int


def parts_of(comparison: Comparison) -> list[tuple[str, Value, Comparison]]:
    """The comparisons a measure is set against: (ending of the name of its luck, weight, comparison).

    One without a blend; of a blend each, called by its kind (and, of several of a kind, which of them).
    """
    if comparison.kind == "none":
        return []
    if comparison.kind != "blend":
        return [("", Number(1.0), comparison)]
    seen: Counter[str] = Counter()
    found = []
    for weight, part in comparison.parts:
        seen[part.kind] += 1
        number = f" {seen[part.kind]}" if seen[part.kind] > 1 else ""
        found.append((f"/{part.kind}{number}", weight, part))
    return found


def effect_of_clusters(context: Context, comparison: Comparison, column: int) -> Draw:
    """The design effect of a comparison by lot: the largest, where a blend has several."""
    effect: Draw = 1.0
    for _, _, part in parts_of(comparison):
        if part.icc != Number(0.0):
            size = context.value(part.cluster_size, column)
            effect = np.maximum(effect, design_effect(size, context.value(part.icc, column)))
    return effect


def compare(context: Context, part: Comparison, of: Group) -> Chain:
    """What is found among the people of one comparison by each age."""
    if part.kind == "fixed":
        return {}
    draw = _events if of.truth.is_event else _amounts
    if part.kind != "before":
        return draw(context, part, of, of.ages)
    window = of.truth.begins + part.months  # an age at which they have been followed for as long as the time before
    found = draw(context, part, of, [window])[window]
    return {age: _stretched(of, found, _followed(of.truth, age) / part.months) for age in of.ages}


def _followed(truth: Truth, age: float) -> float:
    """Months in which somebody of an age has been followed."""
    return min(max(age - truth.begins, 0.0), truth.over)


def _stretched(of: Group, found: Draw, times: float) -> Draw:
    """What was found in the time before, brought to a follow-up so many times as long: events at their hazard."""
    if of.truth.outcome.type == "score" or times == 1.0:
        return found
    if not of.truth.is_event:
        return found * times
    share = np.asarray(found) / np.maximum(of.people, 1.0)
    return of.people * -np.expm1(times * np.log1p(-np.minimum(share, 1.0 - 1e-15)))


def fixed_number(context: Context, part: Comparison, truth: Truth, look: Look, stretch: tuple[float, float]) -> Draw:
    """The contract's number per person over a stretch of follow-up.

    A rate by its hazard or its time, days by their share of the time; any other number stands as it is at a complete
    ``follow_up``, and ``so far`` by its part of the time (events at an even hazard; points whole).
    """
    level = part.level
    if level is None:
        return 0.0
    value = context.value(level.value, look.column)
    if look.measure.follow_up is not None and not level.per_year and not level.share_of_time:
        return value
    begins, ends = (_followed(truth, age) for age in stretch)
    return _number_by(truth, level, value, ends) - (_number_by(truth, level, value, begins) if begins > 0 else 0.0)


def _number_by(truth: Truth, level: Level, value: Draw, months: float) -> Draw:
    if level.per_year:
        return -np.expm1(-value * months / 12.0) if truth.is_event else value * (months / 12.0)
    if level.share_of_time:
        return value * (months * DAYS_PER_MONTH)
    part = months / truth.over
    if truth.is_event and part < 1.0:
        return -np.expm1(np.log1p(-np.minimum(value, 1.0 - 1e-15)) * part)
    return value * part if truth.adds_up else value


# ------------------------------------------------------------------------------------------------ true levels
def _bias(context: Context, part: Comparison, of: Group) -> tuple[float, Draw]:
    return 0.0, 1.0 + context.value(part.bias, of.column)


def _historical(context: Context, part: Comparison, of: Group) -> tuple[Draw, Draw]:
    return context.value(part.years_before, of.column), 1.0


def _before(context: Context, part: Comparison, of: Group) -> tuple[Draw, Draw]:
    return (of.truth.begins + part.months) / 12.0, 1.0 / (1.0 - context.value(part.regression, of.column))


TRUE_LEVEL: dict[str, Callable[[Context, Comparison, Group], tuple[Draw, Draw]]] = {
    "matched": _bias,
    "rct": lambda context, part, of: (0.0, 1.0),
    "historical": _historical,
    "before": _before,
}
"""By kind: how many years earlier its people lived, and by what their level is multiplied."""
KEY = {"matched": "bias", "historical": "years_before", "before": "regression", "rct": "rct"}
"""The key that can bring a share out of 0 to 100 %."""


def _reached(of: Group, years: Draw, factor: Draw, age: float, is_before: bool) -> Draw:
    """What is truly reached per person by an age without the programme, among people that many years before.

    Where the level moves with the calendar, the mean over the starting groups they stand beside. ``before``: as
    the level was in that time, which ends at the person's start, and even within it.
    """
    truth = of.truth
    groups = of.groups if truth.calendar is not None else of.groups[:1]
    total: Draw = 0.0
    for group in groups:
        level = truth.level_at(group, years, age - truth.begins if is_before else None)
        if not is_before:
            total = total + truth.share_by(level, age, group)
        else:
            part = (age - truth.begins) / truth.over
            if truth.is_event:
                total = total - np.expm1(np.log1p(-np.minimum(level, 1.0 - 1e-15)) * part)
            else:
                total = total + (level * part if truth.adds_up else level)
    return (total if len(groups) == 1 else total / len(groups)) * factor


# ------------------------------------------------------------------------------------------------ drawing
def _events(context: Context, part: Comparison, of: Group, ages: list[float]) -> Chain:
    """Events among n people by each age: a chain of binomials, beta-binomials where the people come in clusters."""
    years, factor = TRUE_LEVEL[part.kind](context, part, of)
    effect = effect_of_clusters(context, part, of.column)
    is_clustered = bool(np.any(np.asarray(effect) > 1.0))
    n = of.people
    past: Draw = 0.0
    share_past: Draw = 0.0
    found: Chain = {}
    for age in ages:
        raised = _reached(of, years, factor, age, part.kind == "before")
        if part.kind == "matched":
            raised = np.minimum(raised, 1.0)
        share = context.within(raised, 0.0, 1.0, f"{of.place}.{KEY[part.kind]}")
        chance = np.clip((share - share_past) / np.maximum(1.0 - share_past, 1e-300), 0.0, 1.0)
        u = context.luck("measurement", f"{of.name}/{age:.6g} months", 2 if is_clustered else 1)
        if is_clustered:
            past = past + clustered_quantile(u, n - past, chance, effect)
        else:
            past = past + binomial_quantile(u[0], n - past, chance)
        share_past = share
        found[age] = past
    return found


def _amounts(context: Context, part: Comparison, of: Group, ages: list[float]) -> Chain:
    """Number, days, money or points of n people: the law of the people served, with D times the variance."""
    years, factor = TRUE_LEVEL[part.kind](context, part, of)
    truth, is_before = of.truth, part.kind == "before"
    reached = {age: _reached(of, years, factor, age, is_before) for age in ages}
    parts: dict[float, Draw] = {}
    for age in ages if truth.adds_up else ():
        groups = of.groups if truth.calendar is not None else of.groups[:1]
        parts[age] = sum((truth.part(age, group) for group in groups), 0.0) / len(groups)
        if is_before:
            parts[age] = (age - truth.begins) / truth.over
    sd = _spread(context, part, of, reached, parts)

    def luck(age: float | None) -> Array:
        name = of.name if age is None else f"{of.name}/{age:.6g} months"
        u: Array = context.luck("measurement", name, 1)[0]
        return u

    return chain(truth.outcome.type, of.people, reached, parts, sd, luck)


def _spread(context: Context, part: Comparison, of: Group, reached: Chain, parts: Chain) -> Draw:
    """The sd between persons that gives D times the variance: of a count, at the last age."""
    effect = effect_of_clusters(context, part, of.column)
    last = max(reached)
    whole = reached[last] / np.maximum(parts.get(last, 1.0), 1e-300)
    sd = of.truth.sd_of(whole, of.groups[0])
    if not np.any(np.asarray(effect) > 1.0):
        return sd
    variance = effect * np.square(sd)
    if of.truth.outcome.type == "count":
        variance = variance + (effect - 1.0) * reached[last] / np.maximum(np.square(parts[last]), 1e-300)
    return np.sqrt(variance)
