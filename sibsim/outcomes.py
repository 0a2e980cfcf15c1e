"""The truth: what would happen without the programme, with it, and what these people did.

Four arrays are never mixed: ``expected_without`` and ``expected_with`` (given the inputs), ``happened``, and what an
evaluator later measures (`sibsim.measures`). Their difference, expected with less without, is the effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from sibsim.chances import binomials, chain
from sibsim.context import Array, Context, Draw, is_zero
from sibsim.participants import Flow
from sibsim.scenario import Effect, Lasts, Level, Outcome
from sibsim.timeline import outcome_months

__all__ = ["Ages", "Class", "Truth", "fade", "happen", "with_effect"]

Ages = Mapping[tuple[str, str, int], set[float]]
"""Ages (months) asked for, by outcome, cohort and number of the starting group."""
SHORTEST = 1e-9
"""Months: an outcome counted over no time at all comes at once."""


@dataclass(frozen=True)
class Class:
    """People of one cohort who share a chance: all starters, or completers, drop-outs and never-starters apart."""

    who: str
    level: Draw
    """Their true level over the whole of ``over``, with the programme: a share for events, a mean for scores."""


@dataclass
class Truth:
    """One outcome in one cohort.

    Parameters
    ----------
    outcome : Outcome
    flow : Flow
    over : float
        Months in which it is counted and the effect works.
    without : float or (n_draws,) array
        Level over the whole of ``over`` without the programme.
    classes : list of Class
    happened : dict of (who, group, age) to people or points of the group, drawn once as one chain
    """

    outcome: Outcome
    flow: Flow
    over: float
    without: Draw
    classes: list[Class]
    sd: Draw = 0.0
    happened: dict[tuple[str, int, float], Draw] = field(default_factory=dict)
    _shares: dict[tuple[str, float], Draw] = field(default_factory=dict)
    _whole: dict[int, Draw] = field(default_factory=dict)

    @property
    def sign(self) -> float:
        """+1 when more is better, -1 when fewer is."""
        return 1.0 if self.outcome.better == "more" else -1.0

    @property
    def is_event(self) -> bool:
        return self.outcome.type == "event"

    def share_by(self, level: Draw, age: float) -> Draw:
        """Level reached by an age (months): an even hazard for events; a score is whole at any follow-up.

        ``P(a) = 1 - (1 - p) ** (a / over)``.
        """
        if not self.is_event or age >= self.over:
            return level
        return -np.expm1(np.log1p(-np.minimum(level, 1.0 - 1e-15)) * (max(age, 0.0) / self.over))

    def effect_by(self, c: Class, age: float) -> Draw:
        """Effect per person of a class by an age: the level reached with the programme less that without it."""
        if (c.who, age) not in self._shares:
            self._shares[c.who, age] = self.share_by(c.level, age) - self.share_by(self.without, age)
        return self._shares[c.who, age]

    def people(self, who: str, group: int) -> Draw:
        """How many of a class are in a starting group.

        An ``each: cohort`` outcome is one number: it counts as one person, who starts with the last group.
        """
        if self.outcome.each == "cohort":
            return float(group == len(self.flow.columns) - 1) * self.flow.started(0)
        return self.flow.group(who)[group]

    def served(self) -> list[Class]:
        """The classes the programme serves: everyone but those who never start."""
        return [c for c in self.classes if c.who != "never"]

    def expected(self, *, is_with: bool) -> Draw:
        """Sum over all starters of what is expected over the whole of ``over``: events, or points."""
        total: Draw = 0.0
        for c in self.served():
            for group in range(len(self.flow.columns)):
                total = total + self.people(c.who, group) * (c.level if is_with else self.without)
        return total

    def total_happened(self) -> Draw:
        """Sum over all starters of what happened over the whole of ``over``: events, or points."""
        total: Draw = 0.0
        for c in self.served():
            for group in range(len(self.flow.columns)):
                total = total + self.found(c.who, group, self.over)
        return total

    def found(self, who: str, group: int, age: float) -> Draw:
        """What happened to a class of a group by an age: a number of events, or the sum of points."""
        if age <= 0:
            return 0.0
        return self.happened[who, group, min(age, self.over)]

    def effect(self) -> Draw:
        """Expected with less expected without, summed over starters, positive when it is an improvement."""
        return self.sign * (self.expected(is_with=True) - self.expected(is_with=False))

    def improvement(self, group: int, age: float, *, is_unit: bool = False) -> Draw:
        """What has been avoided (or gained) by an age in a starting group, on the truth, with its fade.

        ``avoided(a) = (D(min(a, F)) + (expected_with(F) - happened(F)) * min(a / F, 1)) * phi(a - F)`` with
        ``D(a) = n (P0(a) - P1(a))``, signs turned when more is better. ``is_unit`` stops at F, without fade.
        """
        reached = min(age, self.over)
        if reached <= 0 or (not self.is_event and age < self.over):
            return 0.0
        if reached < self.over:
            return self._arisen(group, reached)
        if group not in self._whole:  # asked for again at every later age
            self._whole[group] = self._arisen(group, self.over)
        is_faded = not is_unit and age > self.over
        return self._whole[group] * fade(self.outcome.lasts, age - self.over) if is_faded else self._whole[group]

    def _arisen(self, group: int, age: float) -> Draw:
        """All that has been avoided (or gained) by an age up to ``over``."""
        total: Draw = 0.0
        for c in self.served():
            n = self.people(c.who, group)
            luck = self.found(c.who, group, self.over) - n * c.level
            total = total + self.sign * (n * self.effect_by(c, age) + luck * (age / self.over))
        return total


def fade(lasts: Lasts | None, months: float) -> float:
    """Share of an improvement that still stands so many months after ``over``.

    >>> fade(Lasts("half_life", 24.0), 48.0)
    0.25
    >>> fade(None, 0.0), fade(None, 1.0)
    (1.0, 0.0)
    """
    if months <= 1e-9:
        return 1.0
    if lasts is None:
        return 0.0
    if lasts.kind == "table":
        times, shares = zip(*lasts.table, strict=True)
        return float(np.interp(months, times, shares))
    formulas = {
        "always": 1.0,
        "duration": float(months <= lasts.months + 1e-9),
        "half_life": 0.5 ** (months / lasts.months) if lasts.months else 0.0,
        "to_zero": max(0.0, 1.0 - months / lasts.months) if lasts.months else 0.0,
    }
    return formulas[lasts.kind]


def with_effect(kind: str, level: Draw, size: Draw) -> Draw:
    """The level with the programme, from the level without it and the size of the effect.

    ``ratio`` r: ``r p``; ``hazard_ratio`` h: ``1 - (1 - p) ** h``; ``odds_ratio`` o: ``o p / (1 - p + o p)``;
    ``difference`` d: ``p + d``.

    >>> round(float(with_effect("hazard_ratio", 0.163, 0.8)), 4), with_effect("odds_ratio", 0.5, 3.0)
    (0.1327, array(0.75))
    """
    if kind == "ratio":
        return level * size
    if kind == "difference":
        return level + size
    if kind == "odds_ratio":
        odds = np.asarray(1.0 - level + size * level)
        return np.where(odds > 0.0, size * level / np.where(odds > 0.0, odds, 1.0), level)
    changed = -np.expm1(size * np.log1p(-np.minimum(level, 1.0 - 1e-15)))
    return np.where(np.asarray(size) == 1.0, level, changed)


def happen(
    context: Context, flows: dict[str, Flow], ages: Ages, apart: Mapping[str, set[str]], *, is_for_benefits: bool = True
) -> list[Truth]:
    """Draw every outcome in every cohort.

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
    truths = []
    for outcome in context.scenario.outcomes:
        for name, flow in flows.items():
            truth = _truth(context, outcome, flow, apart.get(outcome.name, set()))
            whole = {truth.over} if is_for_benefits else set()
            asked = [
                sorted({min(a, truth.over) for a in ages.get((outcome.name, name, group), set()) if a > 0} | whole)
                for group in range(len(flow.columns))
            ]
            for c in truth.classes:
                _draw(context, truth, c, asked)
            truths.append(truth)
    return truths


def _level(context: Context, level: Level | None, months: float, place: str, is_event: bool) -> Draw:
    if level is None:
        return 0.0
    value = context.value(level.value)
    if level.per_year:
        return -np.expm1(-context.within(value, 0.0, np.inf, place) * (months / 12.0))
    return context.within(value, 0.0, 1.0, place) if is_event else value


def _truth(context: Context, outcome: Outcome, flow: Flow, apart: set[str]) -> Truth:
    over = max(outcome_months(context.scenario, outcome.name, flow.cohort), SHORTEST)
    place = f"outcomes.{outcome.name}"
    is_event = outcome.type == "event"
    alone = outcome.with_ if not outcome.is_causal else outcome.without
    without = _level(context, alone, over, f"{place}.without", is_event)
    classes = _classes(context, outcome, flow, without, over, apart)
    sd = 0.0 if outcome.sd is None else context.within(context.value(outcome.sd), 0.0, np.inf, f"{place}.sd")
    return Truth(outcome, flow, over, without, classes, sd)


def _classes(
    context: Context, outcome: Outcome, flow: Flow, without: Draw, over: float, apart: set[str]
) -> list[Class]:
    place = f"outcomes.{outcome.name}"
    is_event = outcome.type == "event"
    if outcome.with_ is not None:
        full = _level(context, outcome.with_, over, f"{place}.with", is_event)
        difference, among = full - without, "starters"
    elif outcome.effect is not None:
        difference, among = _difference(context, outcome.effect, without), outcome.effect.among
    else:
        difference, among = 0.0, "starters"
    if context.is_effect_off:
        difference = difference * 0.0
    cohort = flow.cohort
    difference = difference * context.share(cohort.effect_share, "participants.effect_share")
    if among == "offered":
        take_up = context.share(cohort.take_up, "participants.take_up")
        difference = np.where(np.asarray(take_up) > 0, difference / np.maximum(take_up, 1e-300), 0.0)

    def level(gets_it: bool) -> Draw:
        changed = without + difference if gets_it else without
        return context.within(changed, 0.0, 1.0, f"{place}.effect") if is_event else changed

    if outcome.each == "cohort":
        return [Class("starters", level(True))]
    if not is_zero(cohort.dropout) and (among == "completers" or "completers" in apart):
        served = [Class("completers", level(True)), Class("dropouts", level(among != "completers"))]
    else:
        served = [Class("starters", level(True))]
    return served + ([Class("never", without)] if "offered" in apart else [])


def _difference(context: Context, effect: Effect, without: Draw) -> Draw:
    return with_effect(effect.kind, without, context.value(effect.value)) - without


def _draw(context: Context, truth: Truth, c: Class, asked: list[list[float]]) -> None:
    """Draw what happened to one class of people, group by group, at the ages asked for."""
    name = f"outcomes.{truth.outcome.name}/{truth.flow.cohort.name}/{c.who}"
    rows: dict[float | None, int] = {age: group + 1 for group, ages in enumerate(asked) for age in ages}
    drawn: dict[float | None, Array] = {}

    def luck(age: float | None, group: int) -> Array:
        if age not in drawn:
            what = "mean" if age is None else f"{age:.6g} months"
            drawn[age] = context.luck("people", f"{name}/{what}", rows.get(age, len(asked)))
        row: Array = drawn[age][group]
        return row

    chances: dict[tuple[float, float], Draw] = {}
    for group, ages in enumerate(asked):
        n = truth.people(c.who, group)
        own_luck = partial(luck, group=group)
        if truth.is_event:
            happened = binomials(n, _stretches(truth, c, ages, chances), own_luck)
        else:
            reached = {age: truth.share_by(c.level, age) for age in ages}
            happened = chain(truth.outcome.type, n, reached, {}, truth.sd, own_luck)
        truth.happened.update({(c.who, group, age): value for age, value in happened.items()})


def _stretches(
    truth: Truth, c: Class, ages: list[float], chances: dict[tuple[float, float], Draw]
) -> dict[float, Draw]:
    """The chance of an event between one age and the next: at an even hazard it hangs on the time between alone."""
    since = 0.0
    found: dict[float, Draw] = {}
    for age in ages:
        if (since, age) not in chances:
            chances[since, age] = truth.share_by(c.level, age - since)
        found[age] = chances[since, age]
        since = age
    return found
