"""Levels and effects: from what the file says to a level by class of people and starting group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sibsim.context import Context, Draw, is_zero
from sibsim.outcomes.calendar import Calendar, calendar_of
from sibsim.participants import Flow
from sibsim.scenario import Level, Outcome
from sibsim.timeline import DAYS_PER_MONTH

__all__ = ["Class", "Levels", "classes_of", "levels_of", "with_effect"]

LOWEST = {"event": 0.0, "count": 0.0, "days": 0.0}
"""Types whose level cannot be below this."""


@dataclass(frozen=True)
class Class:
    """People of one cohort who share a chance: all starters, or completers, drop-outs and never-starters apart.

    Parameters
    ----------
    who : str
    levels : list of float or (n_draws,) array
        Their true level over the whole of ``over``, with the programme, by starting group: a share for events, a mean
        number, days, money or points for the others.
    """

    who: str
    levels: list[Draw]

    @property
    def level(self) -> Draw:
        """Of the first starting group: the same in all groups unless the level moves with the calendar."""
        return self.levels[0]


@dataclass(frozen=True)
class Levels:
    """Levels of one outcome in one cohort.

    Parameters
    ----------
    without : list of float or (n_draws,) array
        By starting group, over the whole of ``over``.
    classes : list of Class
    calendar : Calendar or None
    at : function of (group, years earlier, months) to float or (n_draws,) array
        The level without the programme as it was that many years before, over so many months (None: ``over``).
    """

    without: list[Draw]
    classes: list[Class]
    calendar: Calendar | None
    at: Callable[[int, Draw, float | None], Draw]


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


def classes_of(outcome: Outcome, flow: Flow, apart: set[str]) -> list[str]:
    """Classes of people that must be told apart: starters, or completers and drop-outs; and those who never start."""
    if outcome.each == "cohort":
        return ["starters"]
    is_effect_of_completers = outcome.effect is not None and outcome.effect.among == "completers"
    is_split = not is_zero(flow.cohort.dropout) and (is_effect_of_completers or "completers" in apart)
    return [*(["completers", "dropouts"] if is_split else ["starters"]), *(["never"] if "offered" in apart else [])]


class _Reader:
    """Reads the levels of one outcome in one cohort."""

    def __init__(self, context: Context, outcome: Outcome, flow: Flow, over: float) -> None:
        self.context, self.outcome, self.flow, self.over = context, outcome, flow, over
        self.place = f"outcomes.{outcome.name}"
        first = outcome.with_ if not outcome.is_causal else outcome.without
        stated = 12.0 if first is not None and first.per_year else over
        self.base = first
        self.calendar = calendar_of(context, outcome, flow, over, stated)
        undone = context.share(outcome.undone, f"{self.place}.undone")
        self.kept: Draw = 1.0 if is_zero(outcome.undone) else 1.0 - undone

    def inside(self, level: Draw, key: str) -> Draw:
        """A level brought into its possible range, and counted where it was not."""
        if self.outcome.type not in LOWEST:
            return level
        highest = np.inf
        if self.outcome.type == "event":
            highest = 1.0
        elif self.outcome.type == "days" and self.outcome.each == "person":
            highest = self.over * DAYS_PER_MONTH
        return self.context.within(level, LOWEST[self.outcome.type], highest, f"{self.place}.{key}")

    def level(
        self, level: Level | None, key: str, group: int, years_earlier: Draw = 0.0, months: float | None = None
    ) -> Draw:
        """A level of the file for one starting group (or people that many years before), over the whole of ``over``.

        ``months``: as it is in so many months from then, brought to the length of ``over``.
        """
        if level is None:
            return 0.0
        value, years = self.context.value(level.value), self.over / 12.0
        if level.per_year and self.outcome.type == "event":
            hazard = self.context.within(value, 0.0, np.inf, f"{self.place}.{key}")
            return -np.expm1(-self.moved(hazard, group, years_earlier, months) * years)
        if level.per_year:
            value = value * years
        elif level.share_of_time:
            value = self.context.within(value, 0.0, 1.0, f"{self.place}.{key}") * (self.over * DAYS_PER_MONTH)
        return self.inside(self.moved(value, group, years_earlier, months), key)

    def moved(self, value: Draw, group: int, years_earlier: Draw, months: float | None) -> Draw:
        """A value as it is in this cohort, and as the calendar has moved it by the time of a starting group."""
        if self.outcome.by_cohort is not None:
            times = self.context.value(self.outcome.by_cohort.of(self.flow.cohort.name))
            value = value * self.context.within(times, 0.0, np.inf, f"{self.place}.by_cohort.{self.flow.cohort.name}")
        return value if self.calendar is None else value * self.calendar.factor(group, years_earlier, months)

    def without(self, group: int, years_earlier: Draw = 0.0, months: float | None = None) -> Draw:
        """The level without the programme, before any of it is undone."""
        return self.level(self.base, "without", group, years_earlier, months)

    def difference(self, without: Draw, group: int) -> Draw:
        """With less without, for those whose average the file states."""
        outcome = self.outcome
        if outcome.with_ is not None:
            return self.level(outcome.with_, "with", group) - without
        if outcome.effect is not None:
            return with_effect(outcome.effect.kind, without, self.context.value(outcome.effect.value)) - without
        return 0.0

    def scaled(self, difference: Draw, among: str) -> Draw:
        """The effect of those who have it, so that the average over the named group is as stated."""
        context, cohort = self.context, self.flow.cohort
        if context.is_effect_off:
            difference = difference * 0.0
        difference = difference * context.share(cohort.effect_share, "participants.effect_share")
        if among == "offered":
            take_up = context.share(cohort.take_up, "participants.take_up")
            difference = np.where(np.asarray(take_up) > 0, difference / np.maximum(take_up, 1e-300), 0.0)
        return difference

    def classes(self, apart: set[str], without: list[Draw]) -> list[Class]:
        """Levels with the programme by class and starting group."""
        outcome = self.outcome
        among = "starters" if outcome.effect is None else outcome.effect.among

        def changed(group: int) -> Draw:
            return self.scaled(self.difference(without[group], group), among)

        effect = self.by_group(changed)

        def levels(who: str) -> list[Draw]:
            own = effect
            if who == "dropouts" and among == "completers":
                kept = self.context.share(outcome.dropout_effect, f"{self.place}.dropout_effect")
                own = self.by_group(lambda group: effect[group] * kept)
            return self.by_group(lambda group: self.inside(without[group] + own[group], "effect"))

        found = classes_of(outcome, self.flow, apart)
        return [Class(who, without if who == "never" else levels(who)) for who in found]

    def by_group(self, one: Callable[[int], Draw]) -> list[Draw]:
        """One value a starting group; computed once where the calendar does not matter."""
        n = len(self.flow.columns)
        return [one(0)] * n if self.calendar is None else [one(group) for group in range(n)]


def levels_of(context: Context, outcome: Outcome, flow: Flow, over: float, apart: set[str]) -> Levels:
    """Every level of an outcome in a cohort, in each draw.

    Parameters
    ----------
    context : Context
    outcome : Outcome
    flow : Flow
    over : float
        Months in which it is counted.
    apart : set of str
        Groups of people (offered, completers) that must be told apart.
    """
    reader = _Reader(context, outcome, flow, over)
    without = reader.by_group(reader.without)
    classes = reader.classes(apart, without)
    if is_zero(outcome.undone):
        return Levels(without, classes, reader.calendar, reader.without)
    kept = reader.kept
    return Levels(
        [level * kept for level in without],
        [Class(c.who, [level * kept for level in c.levels]) for c in classes],
        reader.calendar,
        lambda group, years, months: reader.without(group, years, months) * kept,
    )
