"""What the truth is worth, and to whose budget. Benefits are not transfers: nobody pays them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.context import Context, Draw
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
    rows: dict[tuple[str, str], dict[int, Draw]] = {}
    result = []
    for benefit in scenario.benefits:
        of = [t for t in truths if t.outcome.name == benefit.of]
        key = (benefit.of, benefit.per)
        if key not in rows:
            rows[key] = _units(context, of, benefit.per)
        result.append(BenefitRow(benefit.name, benefit.to, benefit.kind, _money(context, benefit, rows[key])))
    return result


def _money(context: Context, benefit: Benefit, units: dict[int, Draw]) -> dict[int, Draw]:
    def worth(column: int) -> Draw:
        share = context.share(benefit.share, f"benefits.{benefit.name}.share", column)
        return context.value(benefit.worth, column) * share * context.indexed(benefit.index, column)

    return {column: n * worth(column) for column, n in units.items()}


def _units(context: Context, truths: list[Truth], per: str) -> dict[int, Draw]:
    """Units (events, points) or unit-years that arise before each column, summed over cohorts and groups.

    Per year: the mean of what stands avoided at both ends of the period, times its length. Per unit: the rise within
    the period, up to the end of the time in which the effect works.
    """
    rows: dict[int, Draw] = {}
    step = context.scenario.step_months
    is_unit = per == "unit"
    before: Draw = 0.0
    for column in range(horizon_column(context.scenario) + 1):
        now = _standing(truths, column, step, is_unit=is_unit)
        arises = now - before if is_unit else (now + before) / 2.0 * (step / 12.0)
        if np.any(arises):
            rows[column] = arises
        before = now
    return rows


def _standing(truths: list[Truth], column: int, step: int, *, is_unit: bool) -> Draw:
    """What stands avoided (or gained) at a column; ``is_unit``: all that ever arose, without fade."""
    total: Draw = 0.0
    for truth in truths:
        for group, start in enumerate(truth.flow.columns):
            if column > start:
                total = total + truth.improvement(group, (column - start) * step, is_unit=is_unit)
    return total
