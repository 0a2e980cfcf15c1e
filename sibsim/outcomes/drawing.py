"""Draw what happened: one chain for each class of people and starting group, along all ages asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from sibsim.chances import Luck, binomials, chain, joining_chain
from sibsim.context import Array, Context, Draw
from sibsim.outcomes.levels import Class
from sibsim.outcomes.truth import Milestones, Truth
from sibsim.quantiles import binomial_quantile

__all__ = ["draw", "draw_steps"]


@dataclass(frozen=True)
class Lucks:
    """The luck of a starting group: of those who are there, of those who join, and its normal scores of what lasts."""

    luck: Luck
    of_new: Luck
    scores: Callable[[], Array]


def draw(context: Context, truth: Truth, asked: list[set[float]]) -> None:
    """Draw what happened to every class of people.

    Parameters
    ----------
    context : Context
    truth : Truth
        Its ``happened`` is filled in.
    asked : list of set of float
        By starting group: ages within ``over``.
    """
    in_order = [sorted(ages) for ages in asked]
    for c in truth.classes:
        name = f"outcomes.{truth.outcome.name}/{truth.flow.cohort.name}/{c.who}"
        luck, chances = _luck(context, name, in_order), dict[tuple[float, float], Draw]()
        scores = partial(context.scores, "people", f"{name}/mean", len(in_order))
        for group, ages in enumerate(in_order):
            lucks = Lucks(partial(luck, group), partial(luck, group, is_joining=True), partial(_row, scores, group))
            happened = _happened(truth, c, group, ages, lucks, chances)
            truth.happened.update({(c.who, group, age): value for age, value in happened.items()})


def _luck(context: Context, name: str, asked: list[list[float]]) -> Callable[..., Array]:
    """The luck of a class by starting group and age; of those who join at that age; for None, of what lasts."""
    rows: dict[float | None, int] = {age: group + 1 for group, ages in enumerate(asked) for age in ages}
    drawn: dict[tuple[float | None, bool], Array] = {}

    def luck(group: int, age: float | None, is_joining: bool = False) -> Array:
        if (age, is_joining) not in drawn:
            what = "mean" if age is None else f"{age:.6g} months{', new' if is_joining else ''}"
            drawn[age, is_joining] = context.luck("people", f"{name}/{what}", rows.get(age, len(asked)))
        row: Array = drawn[age, is_joining][group]
        return row

    return luck


def _row(table: Callable[[], Array], group: int) -> Array:
    row: Array = table()[group]
    return row


def _happened(
    truth: Truth,
    c: Class,
    group: int,
    ages: list[float],
    lucks: Lucks,
    chances: dict[tuple[float, float], Draw],
) -> dict[float, Draw]:
    if not ages:
        return {}
    if not np.any(truth.everyone(c.who, group)):  # nobody is in this class: no chance is needed
        return dict.fromkeys(ages, 0.0)
    if truth.is_event and truth.calendar is None and truth.needed is None:
        return binomials(truth.everyone(c.who, group), _stretches(truth, c, ages, chances), lucks.luck)
    reached = {age: truth.share_by(c.levels[group], age, group) for age in ages}
    parts = {age: truth.part(age, group) for age in ages}
    sd = truth.sd_of(c.levels[group], group)
    if truth.needed is None:
        return chain(truth.outcome.type, truth.everyone(c.who, group), reached, parts, sd, lucks.luck, lucks.scores)
    people = {age: truth.people(c.who, group, age) for age in ages}
    return joining_chain(truth.outcome.type, people, reached, parts, sd, lucks.luck, lucks.of_new)


def _stretches(
    truth: Truth, c: Class, ages: list[float], chances: dict[tuple[float, float], Draw]
) -> dict[float, Draw]:
    """The chance of an event between one age and the next: at an even hazard it hangs on the time between alone."""
    since = truth.begins
    found: dict[float, Draw] = {}
    for age in ages:
        if (since, age) not in chances:
            chances[since, age] = truth.share_by(c.level, truth.begins + (age - since))
        found[age] = chances[since, age]
        since = age
    return found


def draw_steps(context: Context, truth: Milestones) -> None:
    """People who reach each step: binomial down the chain."""
    groups = range(len(truth.flow.columns))
    for c in truth.classes:
        before = [truth.everyone(c.who, group) for group in groups]
        for step, share in zip(truth.steps, truth.shares, strict=True):
            name = f"outcomes.{truth.outcome.name}/{truth.flow.cohort.name}/{c.who}/{step.name}"
            u = context.luck("people", name, len(before))
            before = [binomial_quantile(u[group], before[group], share) for group in groups]
            truth.reached.update({(step.name, c.who, group): before[group] for group in groups})
