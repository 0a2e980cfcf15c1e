"""What the truth is worth, and to whose budget. Benefits are not transfers: nobody pays them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sibsim.context import Context, Draw, added
from sibsim.outcomes import Truth
from sibsim.scenario import Benefit
from sibsim.timeline import horizon_column

__all__ = ["BenefitRow", "benefits_of"]


@dataclass(frozen=True)
class BenefitRow:
    """Money saved by one party, by column.

    Parameters
    ----------
    label : str
    party : str
    kind : str
        cashable, capacity or societal; never added up silently.
    amounts : dict of column to float or (n_draws,) array
        Money; below zero where the truth came out worse than without the programme.
    """

    label: str
    party: str
    kind: str
    amounts: dict[int, Draw]


def benefits_of(context: Context, truths: list[Truth]) -> list[BenefitRow]:
    """Every benefit of the file, booked at the end of the period in which it arises, up to the horizon."""
    scenario = context.scenario
    rows: dict[tuple[object, ...], dict[int, Draw]] = {}
    result = []
    for benefit in scenario.benefits:
        of = [t for t in truths if t.outcome.name == benefit.of]
        key = (benefit.of, benefit.per, benefit.from_, benefit.until)
        if key not in rows:
            rows[key] = _units(context, of, benefit)
        result.append(BenefitRow(benefit.name, benefit.to, benefit.kind, _money(context, benefit, rows[key])))
    return result


def _money(context: Context, benefit: Benefit, units: dict[int, Draw]) -> dict[int, Draw]:
    def worth(column: int) -> Draw:
        share = context.share(benefit.share, f"benefits.{benefit.name}.share", column)
        return context.value(benefit.worth, column) * share * context.indexed(benefit.index, column)

    return {column: n * worth(column) for column, n in units.items()}


def _units(context: Context, truths: list[Truth], benefit: Benefit) -> dict[int, Draw]:
    """Units (events, days, points) or unit-years that arise before each column, summed over cohorts and groups.

    Per unit: the rise within the period of what has been avoided or gained. Per year: the mean of what stands avoided
    at both ends of the period, times its length; a period in which that falls at once is cut there. Of both, only
    what lies between the ages ``from`` and ``until``.
    """
    rows: dict[int, Draw] = {}
    step = context.scenario.step_months
    last = horizon_column(context.scenario)
    has_drops = benefit.per == "year" and any(truth.drops() for truth in truths)
    whole = benefit.from_ is None and benefit.until is None and not has_drops
    standing = _Standing(truths, step, is_unit=benefit.per == "unit")
    before: Draw = 0.0
    for column in range(last + 1):
        if whole:
            now = standing.at(column)
            arises = now - before if benefit.per == "unit" else (now + before) / 2.0 * (step / 12.0)
            before = now
        else:
            arises = _between(truths, column, step, benefit)
        if np.any(arises):
            rows[column] = arises
    return rows


class _Standing:
    """What stands avoided (or gained), asked column after column; ``is_unit``: all that ever arose, without fade."""

    def __init__(self, truths: list[Truth], step: int, *, is_unit: bool) -> None:
        self._left = [(truth, group) for truth in truths for group in range(len(truth.flow.columns))]
        """Groups of which what stands may still change, and those behind them."""
        self._settled: Draw = 0.0
        """What stands of all groups before these."""
        self._step = step
        self._is_unit = is_unit

    def at(self, column: int) -> Draw:
        """What stands at a column, summed over all groups in their order."""
        total, leads, is_own = self._settled, True, False
        for truth, group in list(self._left):
            age = (column - truth.flow.columns[group]) * self._step
            if age > 0:
                improvement = truth.improvement(group, age, is_unit=self._is_unit)
                total, is_own = added(total, improvement) if is_own else total + improvement, True
            leads = leads and truth.stays_from(age, is_unit=self._is_unit)
            if leads:
                self._settled, is_own = total, False
                del self._left[0]
        return total


def _between(truths: list[Truth], column: int, step: int, benefit: Benefit) -> Draw:
    """What arises in the period before a column at ages between ``from`` and ``until``."""
    first, last = benefit.from_ or 0.0, np.inf if benefit.until is None else benefit.until
    find = _of_a_year if benefit.per == "year" else _of_a_unit
    total: Draw = 0.0
    for truth in truths:
        for group, start in enumerate(truth.flow.columns):
            ends = float((column - start) * step)
            ages = max(ends - step, first), min(ends, last)
            is_reached = ends - step < first <= ends and ends > 0
            if ages[1] > ages[0] or (is_reached and ages[1] >= ages[0]):
                total = total + find(truth, group, ages, is_reached and first > 0.0)
    return total


def _of_a_year(truth: Truth, group: int, ages: tuple[float, float], is_reached: bool) -> Draw:
    """Unit-years: the mean of what stands at both ends of a stretch, times its length; cut where that falls at once."""
    cuts = [ages[0], *(age for age in truth.drops() if ages[0] < age < ages[1]), ages[1]]
    total: Draw = 0.0
    for begins, ends in pairwise(cuts):
        both = (truth.stands_after(group, begins) if begins > 0.0 else 0.0) + truth.improvement(group, ends)
        total = total + both / 2.0 * ((ends - begins) / 12.0)
    return total


def _of_a_unit(truth: Truth, group: int, ages: tuple[float, float], is_reached: bool) -> Draw:
    """Units: the rise over a stretch; of events and points, first all that still stands when the person reaches it."""
    begins, ends = (truth.improvement(group, age, is_unit=True) if age > 0.0 else 0.0 for age in ages)
    if is_reached and not truth.adds_up:
        return ends - begins + truth.improvement(group, ages[0])
    return ends - begins
