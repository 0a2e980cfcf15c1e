"""One outcome in one cohort: what is expected without and with the programme, and what these people did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sibsim.chances import ADDS_UP
from sibsim.context import Draw, added
from sibsim.outcomes.calendar import Calendar
from sibsim.outcomes.lasting import drops, fade, faded_months
from sibsim.outcomes.levels import Class
from sibsim.participants import Flow
from sibsim.scenario import Outcome, Step

__all__ = ["Milestones", "Needed", "Truth"]


@dataclass
class Truth:
    """One outcome in one cohort. Ages are months since the person's start; ``over`` begins at the age ``begins``.

    Parameters
    ----------
    outcome : Outcome
    flow : Flow
    over : float
        Months in which it is counted and the effect works.
    withouts : list of float or (n_draws,) array
        Level over the whole of ``over`` without the programme, by starting group.
    classes : list of Class
    sd : float or (n_draws,) array
    calendar : Calendar or None
        How the level moves by itself; None where it does not.
    needed : Needed or None
        What people must have had to be counted.
    happened : dict of (who, group, age) to people, number, days, money or points of the group, drawn once as one chain
    """

    outcome: Outcome
    flow: Flow
    over: float
    withouts: list[Draw]
    classes: list[Class]
    sd: Draw = 0.0
    calendar: Calendar | None = None
    earlier: Callable[[int, Draw, float | None], Draw] | None = None
    needed: Needed | None = None
    happened: dict[tuple[str, int, float], Draw] = field(default_factory=dict)
    _shares: dict[tuple[str, int, float], Draw] = field(default_factory=dict)
    _whole: dict[int, Draw] = field(default_factory=dict)
    _lucks: dict[tuple[str, int], tuple[Draw, Draw]] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------------ what it is
    @property
    def sign(self) -> float:
        """+1 when more is better, -1 when fewer is."""
        return 1.0 if self.outcome.better == "more" else -1.0

    @property
    def is_event(self) -> bool:
        return self.outcome.type == "event"

    @property
    def adds_up(self) -> bool:
        """Whether it is a count, days or money, which grow with time."""
        return self.outcome.type in ADDS_UP

    @property
    def begins(self) -> float:
        """Age at which ``over`` begins."""
        return self.outcome.begins

    @property
    def ends(self) -> float:
        """Age at which ``over`` ends."""
        return self.begins + self.over

    # ------------------------------------------------------------------------------------------------ levels
    @property
    def without(self) -> Draw:
        """Level over the whole of ``over`` without the programme, of the first starting group."""
        return self.withouts[0]

    def level_at(self, group: int, years_earlier: Draw, months: float | None = None) -> Draw:
        """The same, of people who started that many years before a starting group: as the trend had brought it then.

        ``months``: as it was in so many months from then (None: ``over``), still brought to the length of ``over``.
        """
        if self.calendar is None or self.earlier is None:
            return self.withouts[group]
        return self.earlier(group, years_earlier, months)

    def part(self, age: float, group: int = 0) -> Draw:
        """The part of ``over`` that is behind a group by an age, 0 to 1, weighted by how the level moves meanwhile."""
        gone = min(max(age - self.begins, 0.0), self.over)
        if self.calendar is None or gone <= 0.0:
            return gone / self.over
        return self.calendar.part(group, gone)

    def share_by(self, level: Draw, age: float, group: int = 0) -> Draw:
        """The level reached by an age, of a level over the whole of ``over``.

        Events come at an even hazard, ``P(a) = 1 - (1 - p) ** (a / over)``; counts, days and money evenly in time; a
        score is whole at any follow-up.
        """
        if age >= self.ends:
            return level
        if self.is_event:
            return -np.expm1(np.log1p(-np.minimum(level, 1.0 - 1e-15)) * self.part(age, group))
        return level * self.part(age, group) if self.adds_up else level

    def effect_by(self, c: Class, age: float, group: int = 0) -> Draw:
        """Effect per person of a class by an age: what is expected with the programme less what is without it."""
        key = (c.who, group if self.calendar or self.needed else 0, age)
        if key not in self._shares:
            self._shares[key] = self.expected_by(c, group, age, is_with=True) - self.expected_by(
                c, group, age, is_with=False
            )
        return self._shares[key]

    def expected_by(self, c: Class, group: int, age: float, *, is_with: bool) -> Draw:
        """Expected of one person of a class by an age: the level reached, and if something is needed, that too."""
        level = self.share_by(c.levels[group] if is_with else self.withouts[group], age, group)
        return level if self.needed is None else level * self.needed.expected_by(c.who, group, age, is_with=is_with)

    def sd_of(self, level: Draw, group: int = 0) -> Draw:
        """The sd between persons who have this level over the whole of ``over``.

        Of a count it stays in proportion to the level: what moves the level moves each person's own mean as much, so
        that the shape ``(level / sd) ** 2`` is that of the file. Others keep ``sd``.
        """
        if self.outcome.type != "count" or not np.any(np.asarray(self.sd) > 0.0):
            return self.sd
        without = np.asarray(self.withouts[group], dtype=float)
        return np.where(without > 0.0, self.sd * np.asarray(level) / np.where(without > 0.0, without, 1.0), self.sd)

    # ------------------------------------------------------------------------------------------------ people
    def everyone(self, who: str, group: int) -> Draw:
        """How many of a class are in a starting group.

        An ``each: cohort`` outcome is one number: it counts as one person, who starts with the last group.
        """
        if self.outcome.each == "cohort":
            return float(group == len(self.flow.columns) - 1) * self.flow.started(0)
        return self.flow.group(who)[group]

    def people(self, who: str, group: int, age: float | None = None) -> Draw:
        """How many of a class in a starting group can have it: those who had what it needs (by an age, or ever)."""
        if self.needed is None:
            return self.everyone(who, group)
        return self.needed.found(who, group, np.inf if age is None else age)

    def served(self) -> list[Class]:
        """The classes the programme serves: everyone but those who never start."""
        return [c for c in self.classes if c.who != "never"]

    def class_of(self, who: str) -> Class:
        """The class of people by its name."""
        return {c.who: c for c in self.classes}[who]

    # ------------------------------------------------------------------------------------------------ sums
    def expected(self, *, is_with: bool) -> Draw:
        """Sum over all starters of what is expected over the whole of ``over``: events, number, days, money, points."""
        total: Draw = 0.0
        for c in self.served():
            for group in range(len(self.flow.columns)):
                total = total + self.everyone(c.who, group) * self.expected_by(c, group, self.ends, is_with=is_with)
        return total

    def total_happened(self) -> Draw:
        """Sum over all starters of what happened over the whole of ``over``."""
        total: Draw = 0.0
        for c in self.served():
            for group in range(len(self.flow.columns)):
                total = total + self.found(c.who, group, self.ends)
        return total

    def found(self, who: str, group: int, age: float) -> Draw:
        """What happened to a class of a group by an age: people with the event, or the number, days, money, points."""
        if age <= self.begins:
            return 0.0
        return self.happened[who, group, min(age, self.ends)]

    def step_found(self, step: str, who: str, group: int, age: float) -> Draw:
        """People of a class of a group who had reached a step of milestones by an age."""
        raise KeyError(f"{self.outcome.name} has no step '{step}'")

    def expected_step(self, step: str, who: str, age: float) -> Draw:
        """Chance that one person of a class has reached a step of milestones by an age."""
        raise KeyError(f"{self.outcome.name} has no step '{step}'")

    def effect(self) -> Draw:
        """Expected with less expected without, summed over starters, positive when it is an improvement."""
        return self.sign * (self.expected(is_with=True) - self.expected(is_with=False))

    # ------------------------------------------------------------------------------------------------ improvement
    def improvement(self, group: int, age: float, *, is_unit: bool = False) -> Draw:
        """What has been avoided (or gained) by an age in a starting group, on the truth, with its fade.

        ``avoided(a) = (D(min(a, F)) + (expected_with(F) - happened(F)) * min(a / F, 1)) * phi(a - F)`` with
        ``D(a) = n (P0(a) - P1(a))``, signs turned when more is better. ``is_unit``: all that ever arose, so that events
        and scores stop at F, without fade. A count, days and money go on at their yearly size times phi:
        ``avoided(F) (1 + integral of phi over a - F, over F)``.
        """
        reached = min(age, self.ends)
        if reached <= self.begins or (self.outcome.type == "score" and age < self.ends):
            return 0.0
        if reached < self.ends:
            return self._arisen(group, reached)
        if group not in self._whole:  # asked for again at every later age
            self._whole[group] = self._arisen(group, self.ends)
        whole, since = self._whole[group], age - self.ends
        if since <= 0.0:
            return whole
        if self.adds_up:
            more = faded_months(self.outcome.lasts, since) / self.over
            return whole * (1.0 + more) if more else whole
        return whole if is_unit else whole * fade(self.outcome.lasts, since)

    def stays_from(self, age: float, *, is_unit: bool) -> bool:
        """Whether an improvement is the same at an age and at every later one."""
        return age >= self.ends and age > 0 and (self.outcome.lasts is None if self.adds_up else is_unit)

    def drops(self) -> list[float]:
        """Ages at which what stands avoided (or gained) falls at once."""
        return [self.ends + months for months in drops(self.outcome.lasts)]

    def stands_after(self, group: int, age: float) -> Draw:
        """What stands avoided (or gained) of events or points just after an age."""
        if age < self.ends:
            return self.improvement(group, age)
        return self.improvement(group, age, is_unit=True) * fade(self.outcome.lasts, age - self.ends, is_after=True)

    def _people_and_luck(self, c: Class, group: int) -> tuple[Draw, Draw]:
        """The people of a class of a group, below 0 where fewer is better; and their luck: what happened to them over
        the whole of ``over``, less what was expected, above 0 where it is better."""
        if (c.who, group) not in self._lucks:
            people = self.everyone(c.who, group)
            expected = people * self.expected_by(c, group, self.ends, is_with=True)
            luck = self.sign * (self.found(c.who, group, self.ends) - expected)
            self._lucks[c.who, group] = self.sign * people, luck
        return self._lucks[c.who, group]

    def _arisen(self, group: int, age: float) -> Draw:
        """All that has been avoided (or gained) by an age up to the end of ``over``."""
        total: Draw | None = None
        for c in self.served():
            people, luck = self._people_and_luck(c, group)
            arisen = added(luck * self.part(age, group), people * self.effect_by(c, age, group))
            total = arisen if total is None else added(total, arisen)
        return 0.0 if total is None else total


@dataclass
class Milestones(Truth):
    """Steps that are reached in order, each by a share of those at the step before.

    ``found`` is the number of steps reached, all together; ``step_found`` the people who reached one.

    Parameters
    ----------
    shares : list of float or (n_draws,) array
        Of those at the step before.
    reached : dict of (step, who, group) to float or (n_draws,) array
        People who reached a step at its time.
    """

    shares: list[Draw] = field(default_factory=list)
    reached: dict[tuple[str, str, int], Draw] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Step, ...]:
        """In order."""
        return self.outcome.steps

    def step_found(self, step: str, who: str, group: int, age: float) -> Draw:
        """People of a class of a group who had reached a step by an age (those who never start reach none)."""
        months = {s.name: s.months for s in self.steps}[step]
        return self.reached[step, who, group] if age >= months and who != "never" else 0.0

    def found(self, who: str, group: int, age: float) -> Draw:
        """Steps reached by a class of a group by an age, all steps together."""
        return sum((self.step_found(step.name, who, group, age) for step in self.steps), 0.0)

    def expected_step(self, step: str, who: str, age: float) -> Draw:
        """Chance that one person of a class has reached a step by an age."""
        chance: Draw = 0.0 if who == "never" else 1.0
        for one, share in zip(self.steps, self.shares, strict=True):
            chance = chance * share
            if one.name == step:
                return chance if age >= one.months else 0.0
        raise KeyError(step)

    def expected_by(self, c: Class, group: int, age: float, *, is_with: bool) -> Draw:
        """Steps that one person is expected to have reached by an age; the file claims no effect on them."""
        return sum((self.expected_step(step.name, c.who, age) for step in self.steps), 0.0)


@dataclass(frozen=True)
class Needed:
    """What people must have had to be counted in another outcome: an event, each of a count, or a step."""

    truth: Truth
    step: str | None = None

    def found(self, who: str, group: int, age: float) -> Draw:
        """People of a class of a group (or things counted) who had it by an age."""
        if self.step is not None:
            return self.truth.step_found(self.step, who, group, age)
        return self.truth.found(who, group, age)

    def expected_by(self, who: str, group: int, age: float, *, is_with: bool) -> Draw:
        """Expected of one person of a class by an age."""
        if self.step is not None:
            return self.truth.expected_step(self.step, who, age)
        return self.truth.expected_by(self.truth.class_of(who), group, age, is_with=is_with)
