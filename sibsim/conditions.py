"""Conditions: what must be known, by a date, for something to hold. Payments, events and goals ask them all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.rates import above, at_least
from sibsim.scenario import Condition, Number, OverTime, Ref, Test

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
        By the name of a payment: all it has paid so far, today included if it came before.
    happened : callable
        By the name of an event and a column: the draws in which it has happened by then.
    """

    context: Context
    reports: Mapping[str, Sequence[Reported]]
    paid: Callable[[str], Draw] = lambda name: 0.0
    happened: Callable[[str, int], Array] = lambda name, column: np.asarray(False)


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
        Where a measure is reported for each cohort: whose report counts; None asks that it holds for all of them.
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
    condition: Condition, column: int, cohort: str | None, view: View, is_known: Callable[[str], bool]
) -> tuple[str, ...]:
    """The names that a condition still waits for; none if it is decided by what is known, whatever may come.

    An alternative fails by one line that fails, and holds if all its lines do; the whole holds by one alternative.

    Parameters
    ----------
    condition, column, cohort, view
        As in `holds`; of one draw.
    is_known : callable
        By the name of a measure, payment or event: whether it is known.
    """
    waits: list[str] = []
    for tests in condition.alternatives:
        sides = [[s for s in (t.left, t.right) if isinstance(s, str)] for t in tests]
        unknown = [[name for name in names if not is_known(name)] for names in sides]
        known = [test for test, missing in zip(tests, unknown, strict=True) if not missing]
        if not all(np.all(_test(test, column, cohort, view)) for test in known):
            continue
        missing = [name for names in unknown for name in names]
        if not missing:
            return ()
        waits += missing
    return tuple(dict.fromkeys(waits))


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


def lines(condition: Condition, column: int, cohort: str | None, view: View) -> list[Line]:
    """Every line of a condition, to be told; see `holds`."""
    told: list[Line] = []
    for number, tests in enumerate(condition.alternatives, start=1):
        for test in tests:
            if test.comparison in ("happened", "not happened"):
                told.append(Line(number, test, None, None, None, _test(test, column, cohort, view)))
                continue
            right = _right(test, column, cohort, view)
            for who, left in _lefts(test.left, column, cohort, view):
                is_met = np.asarray(False)
                if left is not None and right is not None:
                    is_met = ~np.isnan(left) & ~np.isnan(right) & COMPARISONS[test.comparison](left, right)
                told.append(Line(number, test, who, left, right, is_met))
    return told


def _test(test: Test, column: int, cohort: str | None, view: View) -> Array:
    """One line of a condition. A measure reported for each cohort must hold for all, unless one is asked."""
    if test.comparison in ("happened", "not happened"):
        happened = view.happened(test.left, column)
        return happened if test.comparison == "happened" else np.logical_not(happened)
    right = _right(test, column, cohort, view)
    result = np.asarray(True)
    for _, left in _lefts(test.left, column, cohort, view):
        if left is None or right is None:
            return np.asarray(False)
        known = ~np.isnan(left) & ~np.isnan(right)
        result = result & known & COMPARISONS[test.comparison](left, right)
    return result


def _lefts(name: str, column: int, cohort: str | None, view: View) -> list[tuple[str | None, Draw | None]]:
    """What a name stands for, by cohort where there are several."""
    if name not in view.reports:
        return [(None, view.paid(name))]
    cohorts = {r.cohort for r in view.reports[name]}
    wanted = [None] if cohorts == {None} else [cohort] if cohort in cohorts else sorted(c for c in cohorts if c)
    return [(c, latest(view.reports[name], column, c)) for c in wanted]


def _right(test: Test, column: int, cohort: str | None, view: View) -> Draw | None:
    if isinstance(test.right, str):
        return latest(view.reports[test.right], column, cohort)
    return view.context.value(test.right, column) if isinstance(test.right, Number | Ref | OverTime) else 0.0
