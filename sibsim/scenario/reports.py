"""What the evaluator reports, conditions on it, and what really came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sibsim.scenario.people import Level
from sibsim.scenario.values import BUILT_IN_MEASURES, Evidence, Group, Number, OverTime, Rounding, Unit, Value

__all__ = ["Actuals", "Comparison", "Condition", "Expected", "Measure", "Reading", "Test"]


@dataclass(frozen=True)
class Test:
    """One line of a condition: ``left`` (a measure, payment or event) compared with a value or another measure."""

    __test__ = False  # not a pytest class
    left: str
    comparison: Literal["at least", "above", "below", "at most", "happened", "not happened"]
    right: Value | str | None
    """A str is the name of another measure; None beside ``happened`` and ``not happened``."""


@dataclass(frozen=True)
class Condition:
    """Any of ``alternatives`` holds; an alternative holds if all its tests do."""

    alternatives: tuple[tuple[Test, ...], ...]


@dataclass(frozen=True)
class Comparison:
    """What a reading is set against. ``months`` is the time before of ``before``; ``parts`` those of a ``blend``."""

    kind: Literal["none", "fixed", "historical", "before", "matched", "rct", "blend"] = "none"
    level: Level | None = None
    n: Value | None = None
    bias: Value = Number(0.0)
    years_before: Value = Number(1.0)
    months: float = 0.0
    regression: Value = Number(0.0, "percent")
    cluster_size: Value = Number(1.0)
    icc: Value = Number(0.0)
    parts: tuple[tuple[Value, Comparison], ...] = ()

    def at(self, column: int) -> Comparison:
        """As it stands at a column; the contract's number is looked up at each report anyway."""
        held = {key: getattr(self, key) for key in ("n", "bias", "years_before", "regression", "cluster_size", "icc")}
        now: dict[str, Any] = {key: value.at(column) for key, value in held.items() if isinstance(value, OverTime)}
        if self.parts:
            now["parts"] = tuple((weight, part.at(column)) for weight, part in self.parts)
        return replace(self, **now) if now else self


@dataclass(frozen=True)
class Measure:
    """What the evaluator reports. ``follow_up`` is None for ``so far``; ``reported`` None for the default date."""

    name: str
    of: str
    as_: Literal["total", "average", "improvement", "relative_improvement", "total_improvement", "growth"]
    people: Group = "starters"
    cohorts: tuple[str, ...] | None = None
    for_each_cohort: bool = False
    follow_up: float | None = None
    covers: Literal["since last", "to date"] = "since last"
    comparison: Comparison = Comparison()
    missing: Value = Number(0.0, "percent")
    missing_as: Literal["left out", "failed"] = "left out"
    error: Value = Number(0.0)
    lag: float = 0.0
    reported: tuple[int, ...] | None = None
    reported_event: str | None = None
    """Reported on the day this event happens, and nowhere else."""
    unit: Unit = "number"
    """``percent`` for shares and relative quantities, ``money`` for money, ``number`` for counts and points."""
    earlier: float = 0.0
    rounded_years: Rounding | None = None
    """Of `growth`: what each year's average is rounded to before one is divided by the other."""
    weighted: tuple[tuple[str, Value], ...] = ()
    """In place of ``of``: the sum of these measures, each times its weight."""
    goals: tuple[Condition, ...] = ()
    """In place of ``of``: how many of these hold."""
    also_of: tuple[str, ...] = ()
    """Further outcomes, where ``of`` is a list: their readings are added to those of the first."""
    comparison_over_time: tuple[tuple[int, Comparison], ...] = ()
    """What it is set against from each column on, where that changes as a whole; the first also before."""
    short_of: Value | None = None
    """The reading is by how much the quantity falls short of this: ``max(short_of - quantity, 0)``."""
    round: Rounding | None = None
    items: tuple[str, ...] = ()
    """Without an outcome: what its reports count one by one, as the prices of payments name it."""

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Everything it is ever set against."""
        return tuple(one for _, one in self.comparison_over_time) or (self.comparison,)

    def as_of(self, column: int) -> Measure:
        """The measure with the comparison that holds at a report's column.

        With a ``follow_up`` its values over time are those of the first report that counts somebody; ``so far`` each
        report has its own.
        """
        chosen = [one for start, one in self.comparison_over_time if start <= column]
        against = (chosen or self.comparisons)[-1 if chosen else 0]
        if self.follow_up is None:
            against = against.at(column)
        if against is self.comparison and not self.comparison_over_time:
            return self
        return replace(self, comparison=against, comparison_over_time=())

    @property
    def parts(self) -> tuple[str, ...]:
        """The measures that a composite (``weighted`` or ``goals``) is made of, each once; none for other measures."""
        tests = (test for goal in self.goals for tests in goal.alternatives for test in tests)
        sides = (side for test in tests for side in (test.left, test.right) if isinstance(side, str))
        return tuple(dict.fromkeys((*(name for name, _ in self.weighted), *sides)))

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes it reads itself: none if it is built in or a composite."""
        return () if self.of in BUILT_IN_MEASURES or not self.of else (self.of, *self.also_of)


Reading = float | Mapping[str, float] | Mapping[str, Mapping[str, float]]
"""One number, or one for each cohort, step, outcome or item; or for each cohort one for each of the others.

NaN is a report on nobody.
"""


@dataclass(frozen=True)
class Expected:
    """What a settlement is known to have come to: a figure of it, by its path, and how near it must be."""

    figure: str
    value: float
    tolerance: float
    evidence: Evidence


@dataclass(frozen=True)
class Actuals:
    """What really happened, for settling without chance.

    ``measures`` holds reports by measure: pairs of a column (None where the file gives one report without a date) and
    its reading. ``drawn`` and ``costs`` are (column, amount) pairs by tranche and cost; ``events`` the column, or None
    for never.
    """

    measures: Mapping[str, tuple[tuple[int | None, Reading], ...]] = field(default_factory=dict)
    drawn: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    events: Mapping[str, int | None] = field(default_factory=dict)
    inputs: Mapping[str, float] = field(default_factory=dict)
    costs: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    expected: tuple[Expected, ...] = ()
