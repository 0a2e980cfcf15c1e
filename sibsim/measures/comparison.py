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

from sibsim.context import Context, Draw
from sibsim.measures.clusters import clustered_quantile, design_effect
from sibsim.outcomes import Truth
from sibsim.quantiles import binomial_quantile, normal_quantile
from sibsim.scenario import Comparison, Number, Value

__all__ = ["Against", "Chain", "Group", "compare", "effect_of_clusters", "parts_of"]

Chain = dict[float, Draw]
"""By age (months since the person's start): a number of events, or a sum of points, days or money, by that age."""


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
    draw = _events if of.truth.is_event else _means
    if part.kind != "before":
        return draw(context, part, of, of.ages)
    window = part.months
    found = draw(context, part, of, [window])[window]
    return {age: _stretched(of, found, age / window) for age in of.ages}


def _stretched(of: Group, found: Draw, times: float) -> Draw:
    """What was found in the time before, brought to a follow-up so many times as long: events at their hazard."""
    if of.truth.outcome.type == "score" or times == 1.0:
        return found
    if not of.truth.is_event:
        return found * times
    share = np.asarray(found) / np.maximum(of.people, 1.0)
    return of.people * -np.expm1(times * np.log1p(-np.minimum(share, 1.0 - 1e-15)))


# ------------------------------------------------------------------------------------------------ true levels
def _bias(context: Context, part: Comparison, of: Group) -> tuple[float, Draw]:
    return 0.0, 1.0 + context.value(part.bias, of.column)


def _historical(context: Context, part: Comparison, of: Group) -> tuple[Draw, Draw]:
    return context.value(part.years_before, of.column), 1.0


def _before(context: Context, part: Comparison, of: Group) -> tuple[Draw, Draw]:
    return part.months / 12.0, 1.0 / (1.0 - context.value(part.regression, of.column))


TRUE_LEVEL: dict[str, Callable[[Context, Comparison, Group], tuple[Draw, Draw]]] = {
    "matched": _bias,
    "rct": lambda context, part, of: (0.0, 1.0),
    "historical": _historical,
    "before": _before,
}
"""By kind: how many years earlier its people lived, and by what their level is multiplied."""
KEY = {"matched": "bias", "historical": "years_before", "before": "regression", "rct": "rct"}
"""The key that can bring a share out of 0 to 100 %."""


def _level(of: Group, years: Draw) -> Draw:
    """The level without the programme as it was so many years earlier."""
    return of.truth.without


# ------------------------------------------------------------------------------------------------ drawing
def _events(context: Context, part: Comparison, of: Group, ages: list[float]) -> Chain:
    """Events among n people by each age: a chain of binomials, beta-binomials where the people come in clusters."""
    years, factor = TRUE_LEVEL[part.kind](context, part, of)
    level = _level(of, years)
    effect = effect_of_clusters(context, part, of.column)
    is_clustered = bool(np.any(np.asarray(effect) > 1.0))
    n = of.people
    past: Draw = 0.0
    share_past: Draw = 0.0
    chain: Chain = {}
    for age in ages:
        raised = of.truth.share_by(level, age) * factor
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
        chain[age] = past
    return chain


def _means(context: Context, part: Comparison, of: Group, ages: list[float]) -> Chain:
    """Points of n people: ``Normal(mean, sd sqrt(D / n))``, which stands at every age."""
    years, factor = TRUE_LEVEL[part.kind](context, part, of)
    effect = effect_of_clusters(context, part, of.column)
    u = context.luck("measurement", of.name, 1)[0]
    spread = of.truth.sd * np.sqrt(effect) / np.sqrt(np.maximum(of.people, 1.0))
    mean = _level(of, years) * factor + spread * normal_quantile(u)
    return dict.fromkeys(ages, mean * of.people)
