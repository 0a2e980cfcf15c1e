"""Measures made of other measures: a weighted sum, or how many of some conditions hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sibsim.conditions import Reported, View, holds, latest
from sibsim.context import Context, Draw
from sibsim.scenario import Measure
from sibsim.timeline import report_columns

__all__ = ["composite_value"]


def composite_value(
    context: Context,
    measure: Measure,
    reports: Mapping[str, Sequence[Reported]],
    column: int,
    cohort: str | None,
) -> Draw:
    """A composite on a date, from the latest reports of its parts by then.

    ``weighted``: ``sum of reading x weight``. ``goals``: the number of conditions that hold; one whose report
    had nobody to count does not hold. NaN where a part of the sum (or every part of the goals) had nobody to count.
    Of a part that is a sum of what is new, a report with nobody new is 0. Where all parts are such sums, so is the
    whole: a part that has no report that day is 0, its last one is not taken again.
    """
    if measure.weighted:
        total: Draw = 0.0
        for name, weight in measure.weighted:
            value = _latest(context, measure, reports, name, column, cohort)
            total = total + (np.nan if value is None else value * context.value(weight, column))
        return total
    view = View(context, reports)
    reached: Draw = 0.0
    for goal in measure.goals:
        reached = reached + holds(goal, column, cohort, view) * 1.0
    known = np.asarray(False)
    for name in measure.parts:
        value = latest(reports[name], column, cohort)
        known = known | ~np.isnan(np.asarray(np.nan if value is None else value))
    return np.where(known, reached, np.nan)


def _latest(
    context: Context,
    measure: Measure,
    reports: Mapping[str, Sequence[Reported]],
    name: str,
    column: int,
    cohort: str | None,
) -> Draw | None:
    """The latest reading of a part of a sum; of what is new, nothing that an earlier report of the sum had in it."""
    value = latest(reports[name], column, cohort)
    measures = {m.name: m for m in context.scenario.measures}
    if value is None or not _is_new(measures, name):
        return value
    mine = [r for r in reports[name] if r.column <= column and (cohort is None or r.cohort in (None, cohort))]
    if mine[-1].column == column:
        today = mine[-1].value
        return np.where(np.isnan(today) & ~np.isnan(value), 0.0, value) if np.any(np.isnan(today)) else value
    made = report_columns(context.scenario, measure).get(cohort, ())
    is_told = any(mine[-1].column <= one < column for one in made)
    return value * 0.0 if is_told and all(_is_new(measures, part) for part in measure.parts) else value


def _is_new(measures: Mapping[str, Measure], name: str) -> bool:
    """Whether a measure adds up what is new since its last report."""
    measure = measures[name]
    if measure.weighted:
        return all(_is_new(measures, part) for part in measure.parts)
    return measure.as_ in ("total", "total_improvement") and measure.covers == "since last" and not measure.goals
