"""Referrals to a queue: their rate over time, how many are to be expected, and what becomes of them on average.

Plain Python, so that `validate` can reason about a queue without numpy. What happens person by person is in
`sibsim.queue`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sibsim.scenario import Cohort, Number, OverTime, Queue, Ref, Scenario, Spell, Value
from sibsim.timeline import DAYS_PER_MONTH

__all__ = [
    "Piece",
    "Planned",
    "expected_referrals",
    "hazard_of",
    "mean_of",
    "mean_stay",
    "pieces",
    "planned_flow",
    "planned_starters",
    "service",
]

MOST_SURE = 1.0 - 1e-12
SLICES = 8
"""Of a column, in which the average flow is followed."""
MOST_SLICES = 600
UNLIKELY = 1e-3
"""Share of those who started that is left out of the average flow when no more are there."""


@dataclass(frozen=True)
class Piece:
    """A stretch of time over which the rate of referrals runs in a straight line.

    Parameters
    ----------
    begins, ends : float
        Months since the file's ``start``.
    column : int
        `OverTime.at` this column is the value of ``referrals`` that holds.
    first, last : float
        Factors of that value at the two ends: the season's, times how far the ramp has come.
    """

    begins: float
    ends: float
    column: int
    first: float
    last: float

    @property
    def months(self) -> float:
        """The time it would take at the full rate for as many referrals."""
        return (self.ends - self.begins) * (self.first + self.last) / 2.0


def pieces(queue: Queue, cohort_start: int, start: date, step_months: int) -> list[Piece]:
    """The stretches over which the rate of referrals runs in a straight line, from the cohort's start to ``until``."""
    begins, ends = float(cohort_start * step_months), float(queue.until * step_months)
    cuts = {begins, ends, begins + queue.ramp}
    if isinstance(queue.referrals, OverTime):
        cuts |= {float(column * step_months) for column, _ in queue.referrals.entries}
    if queue.seasons:
        offset = (start.day - 1) / DAYS_PER_MONTH
        cuts |= {month - offset for month in range(math.floor(begins), math.ceil(ends) + 2)}
    times = sorted(cut for cut in cuts if begins <= cut <= ends)

    def ramp(month: float) -> float:
        return min((month - begins) / queue.ramp, 1.0) if queue.ramp else 1.0

    found: list[Piece] = []
    for left, right in pairwise(times):
        middle = (left + right) / 2.0
        season = queue.seasons[_calendar_month(start, middle)] if queue.seasons else 1.0
        column = math.floor(middle / step_months)
        found.append(Piece(left, right, column, season * ramp(left), season * ramp(right)))
    return found


def _calendar_month(start: date, month: float) -> int:
    """0 for January: the calendar month in which a time lies, in months since ``start``."""
    return (start.month - 1 + math.floor(month + (start.day - 1) / DAYS_PER_MONTH)) % 12


# ------------------------------------------------------------------------------------------------ on average
def mean_of(scenario: Scenario, value: Value, column: int = 0) -> float:
    """The mean of a value at a column."""
    chosen: Number | Ref = value.at(column) if isinstance(value, OverTime) else value
    if isinstance(chosen, Ref):
        return next(entry for entry in scenario.inputs if entry.name == chosen.name).distribution.mean
    return chosen.value


def expected_referrals(queue: Queue, found: Sequence[Piece], mean: Callable[[Value, int], float]) -> float:
    """Eligible referrals at the mean of everything they hang on."""
    referred = math.fsum(mean(queue.referrals, piece.column) * piece.months for piece in found)
    return referred * mean(queue.eligible, 0)


def service(cohort: Cohort) -> Spell:
    """How long those stay who do not drop out."""
    own = cohort.queue.time_in_service if cohort.queue else None
    return own or Spell(cohort.duration)


def hazard_of(dropout: float, months: float) -> float:
    """The even hazard a month at which a share drops out within so many months."""
    return -math.log1p(-min(dropout, MOST_SURE)) / months if months > 0.0 else 0.0


def mean_stay(spell: Spell, hazard: float) -> float:
    """Months in service on average, for who may drop out too: exact for a fixed, exponential or gamma time.

    >>> round(mean_stay(Spell(12.0), 0.0), 6), round(mean_stay(Spell(12.0, 12.0, True), 1 / 12), 6)
    (12.0, 6.0)
    """
    if hazard <= 0.0 or spell.mean <= 0.0:
        return spell.mean
    if spell.sd <= 0.0:
        return -math.expm1(-hazard * spell.mean) / hazard
    relative = (spell.sd / spell.mean) ** 2
    completes = (1.0 + hazard * spell.mean * relative) ** (-1.0 / relative)
    return float((1.0 - completes) / hazard)


@dataclass(frozen=True)
class Planned:
    """What becomes of the referrals if all goes as on average, by starting group."""

    offered: tuple[float, ...]
    starters: tuple[float, ...]
    waiting: float
    """On average still waiting when nobody starts any more."""


def planned_flow(scenario: Scenario, cohort: Cohort) -> Planned:
    """The flow as a fluid at mean inputs: people are divisible, arrive evenly, and leave at the mean pace.

    Chance makes a queue longer than this; it is a plan and not what is expected.
    """
    queue, step = cohort.queue, scenario.step_months
    assert queue is not None
    n = queue.last_start - cohort.start
    slices = max(1, min(SLICES, MOST_SLICES // n))
    months = step / slices
    found = pieces(queue, cohort.start, scenario.start, step)
    accepts, eligible = mean_of(scenario, queue.accepts), mean_of(scenario, queue.eligible)
    arriving = _arriving(scenario, queue, found, cohort.start * step, months, n * slices)
    stays = _staying(cohort, mean_of(scenario, cohort.dropout), months)
    patience = queue.gives_up_after.mean if queue.gives_up_after else math.inf
    offered, starters = [0.0] * n, [0.0] * n
    started: list[float] = []
    waiting = 0.0
    for number, referred in enumerate(arriving):
        group = number // slices
        offered[group] += referred * eligible
        waiting = waiting * math.exp(-months / patience) + referred * eligible * accepts
        room = math.inf
        if queue.places is not None:
            there = sum(s * stays[number - i] for i, s in enumerate(started) if number - i < len(stays))
            room = max(mean_of(scenario, queue.places, cohort.start + group) - there, 0.0)
        started.append(min(waiting, room))
        waiting -= started[-1]
        starters[group] += started[-1]
    return Planned(tuple(offered), tuple(starters), waiting)


def planned_starters(scenario: Scenario, cohort: Cohort) -> float:
    """Starters in all, at mean inputs."""
    if cohort.queue is not None:
        return math.fsum(planned_flow(scenario, cohort).starters)
    return mean_of(scenario, cohort.size) * mean_of(scenario, cohort.take_up)


def _arriving(
    scenario: Scenario, queue: Queue, found: Sequence[Piece], begins: float, months: float, n: int
) -> list[float]:
    """People referred in each slice of time."""
    arriving = [0.0] * n
    for piece in found:
        rate = mean_of(scenario, queue.referrals, piece.column)
        length = piece.ends - piece.begins
        first = math.floor((piece.begins - begins) / months + 1e-9)
        for i in range(first, min(n, math.ceil((piece.ends - begins) / months - 1e-9))):
            left = max(begins + i * months, piece.begins) - piece.begins
            right = min(begins + (i + 1) * months, piece.ends) - piece.begins
            middle = (left + right) / 2.0 / length
            arriving[i] += rate * (piece.first + (piece.last - piece.first) * middle) * (right - left)
    return arriving


def _staying(cohort: Cohort, dropout: float, months: float) -> list[float]:
    """Share of those who started so many slices ago who are still there."""
    spell = service(cohort)
    hazard = hazard_of(dropout, cohort.duration)
    if spell.sd <= 0.0:
        length = max(round(spell.mean / months), 1)
        return [math.exp(-hazard * i * months) for i in range(length)]
    rate = hazard + 1.0 / spell.mean
    length = max(math.ceil(-math.log(UNLIKELY) / rate / months), 1)
    return [math.exp(-rate * i * months) for i in range(length)]
