"""Conditions: what must be known, by a date, for something to hold. Payments, events and goals ask them all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.rates import above, at_least
from sibsim.scenario import Condition, Number, OverTime, Ref, Test
from sibsim.timeline import report_columns

__all__ = ["COMPARISONS", "Line", "Reported", "View", "holds", "is_settled", "latest", "lines"]

COMPARISONS: dict[str, Callable[[Draw, Draw], Array]] = {
    "at least": at_least,
    "above": above,
    "below": lambda x, c: np.logical_not(at_least(x, c)),
    "at most": lambda x, c: np.logical_not(above(x, c)),
}
"""Each comparison of the language that looks at a number; with slack, so that rounding decides nothing."""


class Reported(Protocol):
    """A report, as far as a condition looks at it: `sibsim.measures.Report` is one."""

    @property
    def cohort(self) -> str | None: ...
    @property
    def column(self) -> int: ...
    @property
    def value(self) -> Draw: ...


@dataclass(frozen=True)
class View:
    """What may be asked in a condition.

    Parameters
    ----------
    context : Context
        For the values of the file.
    reports : mapping of measure to sequence of reports in order of date
    paid : callable
        By the name of a payment and a cohort (or None): all it has paid so far, today included if it came before; of a
        payment for each cohort what it has paid for that one.
    happened : callable
        By the name of an event and a column: the draws in which it has happened by then.
    is_out : callable
        By the name of a cohort and a column: the draws in which it is cancelled by then.
    """

    context: Context
    reports: Mapping[str, Sequence[Reported]]
    paid: Callable[[str, str | None], Draw] = lambda name, cohort: 0.0
    happened: Callable[[str, int], Array] = lambda name, column: np.asarray(False)
    is_out: Callable[[str, int], bool | Array] = lambda cohort, column: False
    _cohorts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def cohorts(self, measure: str) -> tuple[str, ...]:
        """The cohorts for each of which a measure is reported; none where it is reported for all together."""
        if measure not in self._cohorts:
            scenario = self.context.scenario
            found: tuple[str | None, ...] = ()
            if scenario.measure(measure).for_each_cohort:
                found = tuple(report_columns(scenario, scenario.measure(measure)))
            self._cohorts[measure] = tuple(cohort for cohort in found if cohort is not None)
        return self._cohorts[measure]


def latest(reports: Sequence[Reported], column: int, cohort: str | None, since: int = 0) -> Draw | None:
    """The latest report by a column (made at or after ``since``): of one cohort, or of all together.

    Returns
    -------
    float or (n_draws,) array, or None
        None where none is due yet; NaN in the draws where no report counted anybody.
    """
    known = [r for r in reports if since <= r.column <= column and (cohort is None or r.cohort in (None, cohort))]
    if not known:
        return None
    value = known[-1].value
    for report in reversed(known[:-1]):  # with nobody to count there was no report: the one before still holds
        if not np.any(np.isnan(value)):
            break
        value = np.where(np.isnan(value), report.value, value)
    return value


def holds(condition: Condition, column: int, cohort: str | None, view: View) -> Array:
    """Where a condition holds at a column, as far as it is known there.

    Parameters
    ----------
    condition : Condition
    column : int
    cohort : str or None
        Where a measure is reported for each cohort: whose report counts; None asks that it holds for all of them that
        are not cancelled.
    view : View

    Returns
    -------
    (n_draws,) bool array, or () where all draws agree
        False where a report is still missing.
    """
    any_holds = np.asarray(False)
    for tests in condition.alternatives:
        every = np.asarray(True)
        for test in tests:
            every = every & _test(test, column, cohort, view)
        any_holds = any_holds | every
    return any_holds


def is_settled(
    condition: Condition,
    column: int,
    cohort: str | None,
    view: View,
    is_known: Callable[[str, str | None], bool],
    is_least: Callable[[str], bool] = lambda name: False,
) -> tuple[str, ...]:
    """The names that a condition still waits for; none if it is decided by what is known, whatever may come.

    An alternative fails by one line that fails, and holds if all its lines do; the whole holds by one alternative. A
    line on all cohorts fails by one of them.

    Parameters
    ----------
    condition, column, cohort, view
        As in `holds`; of one draw.
    is_known : callable
        By the name of a measure, payment or event, and a cohort (None: of all together): whether it is known.
    is_least : callable
        By the name of a payment that is not known: whether it can only come to more than it has paid so far.
    """
    waits: list[str] = []
    for tests in condition.alternatives:
        found = [_decided(test, column, cohort, view, is_known, is_least) for test in tests]
        missing = [name for one in found if isinstance(one, tuple) for name in one]
        if any(one is False for one in found):
            continue
        if not missing:
            return ()
        waits += missing
    return tuple(dict.fromkeys(waits))


def _decided(
    test: Test,
    column: int,
    cohort: str | None,
    view: View,
    is_known: Callable[[str, str | None], bool],
    is_least: Callable[[str], bool],
) -> bool | tuple[str, ...]:
    """Whether a line of a condition holds, whatever may come; the names that it waits for if that is not known."""
    if test.comparison in ("happened", "not happened"):
        return bool(np.all(_test(test, column, cohort, view))) if is_known(test.left, cohort) else (test.left,)
    names = [name for name in (test.left, test.right) if isinstance(name, str)]
    missing: list[str] = []
    for side in _sides(test, column, cohort, view):
        unknown = [name for name in names if not is_known(name, side.cohort or cohort)]
        is_held = bool(np.all(side.holds(test) | np.asarray(side.is_out)))
        is_rising = unknown == [test.left] and is_least(test.left)
        if not unknown or (is_rising and is_held == (test.comparison in ("at least", "above"))):
            if not is_held:
                return False
            continue
        missing += unknown
    return tuple(missing) or bool(np.all(_test(test, column, cohort, view)))


@dataclass(frozen=True)
class Line:
    """A line of a condition as it stands: both sides (None: not reported yet), and where it holds.

    One for each cohort, where it must hold for all of them. ``alternative`` counts from 1.
    """

    alternative: int
    test: Test
    cohort: str | None
    left: Draw | None
    right: Draw | None
    holds: Array
    is_out: bool | Array = False
    """Draws in which the cohort is cancelled, so that it is not asked."""


def lines(condition: Condition, column: int, cohort: str | None, view: View) -> list[Line]:
    """Every line of a condition, to be told; see `holds`."""
    told: list[Line] = []
    for number, tests in enumerate(condition.alternatives, start=1):
        for test in tests:
            if test.comparison in ("happened", "not happened"):
                told.append(Line(number, test, None, None, None, _test(test, column, cohort, view)))
                continue
            for side in _sides(test, column, cohort, view):
                told.append(Line(number, test, side.cohort, side.left, side.right, side.holds(test), side.is_out))
    return told


@dataclass(frozen=True)
class _Side:
    """What the two sides of a line come to, for one cohort (None: for all together)."""

    cohort: str | None
    left: Draw | None
    right: Draw | None
    is_out: bool | Array = False
    """Draws in which the cohort is cancelled, so that it is not asked."""

    def holds(self, test: Test) -> Array:
        if self.left is None or self.right is None:
            return np.asarray(False)
        known = ~np.isnan(self.left) & ~np.isnan(self.right)
        return np.asarray(known & COMPARISONS[test.comparison](self.left, self.right))


def _test(test: Test, column: int, cohort: str | None, view: View) -> Array:
    """One line of a condition. A measure reported for each cohort must hold for all, unless one is asked.

    Of all cohorts, those are asked that are not cancelled; where none is left, the line does not hold.
    """
    if test.comparison in ("happened", "not happened"):
        happened = view.happened(test.left, column)
        return happened if test.comparison == "happened" else np.logical_not(happened)
    result, is_asked = np.asarray(True), np.asarray(False)
    for side in _sides(test, column, cohort, view):
        if side.is_out is False:
            result, is_asked = result & side.holds(test), np.asarray(True)
        else:
            result, is_asked = result & (side.holds(test) | side.is_out), is_asked | ~np.asarray(side.is_out)
    return np.asarray(result & is_asked)


def _sides(test: Test, column: int, cohort: str | None, view: View) -> list[_Side]:
    """Both sides of a line: of the cohort that is asked, or of each where a measure is reported for each."""
    names = [name for name in (test.left, test.right) if isinstance(name, str) and name in view.reports]
    apart = [cohorts for name in names if (cohorts := view.cohorts(name))]
    if not apart:
        return [_Side(None, *_both(test, column, cohort, view))]
    if cohort is not None and any(cohort in cohorts for cohorts in apart):
        return [_Side(cohort, *_both(test, column, cohort, view))]
    wanted = dict.fromkeys(one for cohorts in apart for one in cohorts)
    return [_Side(one, *_both(test, column, one, view), view.is_out(one, column)) for one in wanted]


def _both(test: Test, column: int, cohort: str | None, view: View) -> tuple[Draw | None, Draw | None]:
    left = view.paid(test.left, cohort) if test.left not in view.reports else _read(test.left, column, cohort, view)
    return left, _right(test, column, cohort, view)


def _read(name: str, column: int, cohort: str | None, view: View) -> Draw | None:
    return latest(view.reports[name], column, cohort)


def _right(test: Test, column: int, cohort: str | None, view: View) -> Draw | None:
    if isinstance(test.right, str):
        return _read(test.right, column, cohort, view)
    return view.context.value(test.right, column) if isinstance(test.right, Number | Ref | OverTime) else 0.0
