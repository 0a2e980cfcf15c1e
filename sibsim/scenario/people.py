"""Who takes part, and what happens to them with and without the programme: the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sibsim.scenario.values import ByCohort, Group, Number, Value

if TYPE_CHECKING:
    from sibsim.distributions import Distribution

__all__ = ["Cohort", "Effect", "Growth", "Lasts", "Level", "Outcome", "Queue", "Spell", "Step", "Varies"]


@dataclass(frozen=True)
class Spell:
    """A time that differs between persons, in months: exponential, of a distribution, or (neither) the mean for all."""

    mean: float
    sd: float = 0.0
    is_exponential: bool = False
    distribution: Distribution | None = None


@dataclass(frozen=True)
class Queue:
    """People who are referred one by one and wait for a place; ``until`` and ``last_start`` are columns.

    ``referrals`` are people a month, ``seasons`` factors of it by calendar month (none: always 1), ``ramp`` months over
    which it grows from none. ``last_start``: nobody starts from this column on. ``bank``: replications for each 1,024
    futures.
    """

    referrals: Value
    until: int
    last_start: int
    ramp: float = 0.0
    seasons: tuple[float, ...] = ()
    eligible: Value = Number(1.0, "percent")
    accepts: Value = Number(1.0, "percent")
    places: Value | None = None
    gives_up_after: Spell | None = None
    time_in_service: Spell | None = None
    """None: the cohort's ``duration`` for all."""
    bank: int = 32


@dataclass(frozen=True)
class Cohort:
    """People who start together or over an ``intake``; ``start`` is a column, durations are months."""

    name: str
    size: Value
    start: int = 0
    intake: float = 0.0
    take_up: Value = Number(1.0, "percent")
    duration: float = 0.0
    dropout: Value = Number(0.0, "percent")
    effect_share: Value = Number(1.0, "percent")
    after: str | None = None
    """An event: the cohort exists only if it has happened by its start."""
    queue: Queue | None = None
    """With it ``size`` is the eligible referrals expected at mean inputs, ``intake`` the time from ``start`` to
    ``last_start``, ``take_up`` what ``accepts`` is, and ``duration`` the mean time in service."""

    @property
    def sure_size(self) -> float | None:
        """How many there are, where that is certain."""
        return self.size.value if isinstance(self.size, Number) and self.queue is None else None

    @property
    def has_random_stay(self) -> bool:
        """Whether the time in service differs between those who complete it."""
        return self.queue is not None and self.queue.time_in_service is not None


@dataclass(frozen=True)
class Level:
    """A level per person over ``over``; ``per_year`` marks a hazard (events) or a level a year (counts, days, money);
    ``share_of_time`` a share of all days (days)."""

    value: Value
    per_year: bool = False
    share_of_time: bool = False


@dataclass(frozen=True)
class Effect:
    kind: Literal["ratio", "hazard_ratio", "odds_ratio", "difference"]
    value: Value
    among: Group = "starters"


@dataclass(frozen=True)
class Lasts:
    """How an improvement lives on after ``over``: months are of the duration, half-life, or line to zero."""

    kind: Literal["duration", "half_life", "to_zero", "table", "always"]
    months: float = 0.0
    table: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Varies:
    """Relative sd of a level between cohorts, between calendar years (common to all), and of both together."""

    cohorts: Value = Number(0.0)
    years: Value = Number(0.0)
    cohort_years: Value = Number(0.0)


@dataclass(frozen=True)
class Growth:
    """How a level changes from the calendar year before to this one, for good: by a rate, and by luck of this sd."""

    year: int
    rate: Value | ByCohort = Number(0.0, "percent")
    spread: Value | ByCohort = Number(0.0, "percent")


@dataclass(frozen=True)
class Step:
    """A milestone: reached by a share of those at the step before, so many months after the start."""

    name: str
    share: Value
    months: float


@dataclass(frozen=True)
class Outcome:
    """The truth about one result. ``over`` is None when it is the cohort's ``duration``."""

    name: str
    type: Literal["event", "count", "days", "money", "score", "milestones"]
    better: Literal["more", "fewer"]
    over: float | None = None
    without: Level | None = None
    effect: Effect | None = None
    with_: Level | None = None
    sd: Value | None = None
    each: Literal["person", "cohort"] = "person"
    lasts: Lasts | None = None
    begins: float = 0.0
    varies: Varies = Varies()
    trend: Value = Number(0.0, "percent")
    growth: tuple[Growth, ...] = ()
    """In order of years."""
    by_cohort: ByCohort | None = None
    """What the level is times, in each cohort."""
    undone: Value = Number(0.0, "percent")
    needs: str | None = None
    """An event outcome, or a step of milestones: counted only for those who had it."""
    cohorts: tuple[str, ...] | None = None
    dropout_effect: Value = Number(0.0, "percent")
    steps: tuple[Step, ...] = ()

    @property
    def is_causal(self) -> bool:
        """Whether the file claims an effect, true or zero: ``with`` alone makes no causal claim."""
        return self.without is not None or self.effect is not None
