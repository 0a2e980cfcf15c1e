"""The report: what the evaluator finds, about whom, against what, when.

Payments follow reports; benefits follow the truth. All quantities come from three readings, so that noise and bias
enter once: **a**, the average per person found in the served group; **b**, the same in the comparison; **n**, people
counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sibsim.context import Context, Draw, is_zero
from sibsim.measures.evaluation import Tally, read, tally
from sibsim.measures.looks import Look, ages_asked, completed_groups, evaluations, groups_apart, looks
from sibsim.outcomes import Truth
from sibsim.participants import Flow
from sibsim.quantiles import normal_quantile
from sibsim.scenario import BUILT_IN_MEASURES, Measure
from sibsim.timeline import measure_cohorts

__all__ = ["QUANTITIES", "Report", "ages_asked", "groups_apart", "report"]


@dataclass(frozen=True)
class Report:
    """One report of one measure.

    Parameters
    ----------
    measure : str
    cohort : str or None
        With ``for_each: cohort``, whom it is about.
    column : int
    value : float or (n_draws,) array
        The measure's number; NaN where there was nobody to count.
    counted, people : float or (n_draws,) array
        People counted, and all people it could ever count.
    undefined : float or (n_draws,) array
        1.0 where the comparison had none, so that a relative quantity is undefined and stands as 0.
    """

    measure: str
    cohort: str | None
    column: int
    value: Draw
    counted: Draw
    people: Draw
    undefined: Draw = 0.0


@dataclass(frozen=True)
class _Figures:
    """a, b and n of one report; ``total`` is the sum found, ``sign`` turns an improvement positive."""

    a: Draw
    b: Draw
    n: Draw
    total: Draw
    sign: float


def _relative(f: _Figures) -> Draw:
    b = np.asarray(f.b, dtype=float)
    return np.where(b == 0, 0.0, f.sign * (f.a - b) / np.where(b == 0, 1.0, np.abs(b)))  # better stays above 0


def report(context: Context, flows: dict[str, Flow], truths: list[Truth]) -> dict[str, list[Report]]:
    """Every report of every measure.

    Returns
    -------
    dict of measure to list of Report
        In order of date; measures in file order.
    """
    found: dict[str, list[Report]] = {m.name: [] for m in context.scenario.measures}
    for evaluation in evaluations(context.scenario):
        in_scope = {c.name for c in measure_cohorts(context.scenario, evaluation.first)}
        of = {
            t.flow.cohort.name: t
            for t in truths
            if t.outcome.name == evaluation.first.of and t.flow.cohort.name in in_scope
        }
        readings = read(context, evaluation, of)
        for look in evaluation.looks:
            sums = tally(context, look, readings)
            found[look.measure.name].append(_outcome_report(context, look, sums, of))
    for measure in context.scenario.measures:
        if measure.of in BUILT_IN_MEASURES:
            found[measure.name] = [_built_in_report(context, look, flows) for look in looks(context.scenario, measure)]
    return {name: sorted(reports, key=lambda r: r.column) for name, reports in found.items()}


def _outcome_report(context: Context, look: Look, sums: Tally, truths: dict[str, Truth]) -> Report:
    measure = look.measure
    first = next(iter(truths.values()))
    total, denominator = sums.served, sums.found
    if measure.missing_as == "failed":
        unfound = sums.people - sums.found
        total = total + (unfound if first.outcome.better == "fewer" else 0.0)
        denominator = sums.people
    a = _divide(total, denominator)
    b = _comparison(measure, sums)
    value = QUANTITIES[measure.as_](_Figures(a, b, sums.people, total, first.sign))
    value = value + _reading_error(context, look)
    value = np.where(np.asarray(sums.people) > 0, value, np.nan)
    undefined = (np.asarray(b) == 0) * 1.0 if measure.as_ == "relative_improvement" else 0.0
    everyone = _everyone(look, truths, measure.people)
    return Report(measure.name, look.cohort, look.column, value, sums.people, everyone, undefined)


def _divide(total: Draw, people: Draw) -> Draw:
    people = np.asarray(people, dtype=float)
    return np.where(people > 0, total / np.where(people > 0, people, 1.0), np.nan)


def _comparison(measure: Measure, sums: Tally) -> Draw:
    if measure.comparison.kind == "none":
        return 0.0
    if measure.comparison.kind == "fixed":
        return _divide(sums.fixed, sums.people)
    return _divide(sums.comparison, sums.compared)


def _everyone(look: Look, truths: dict[str, Truth], people: str) -> Draw:
    total: Draw = 0.0
    for cohort, truth in truths.items():
        if look.cohort in (None, cohort):
            flow = truth.flow
            if truth.outcome.each == "cohort":
                total = total + (flow.started(0) if flow.columns[0] <= look.column else 1.0)
            else:
                total = total + sum(flow.known_by(look.column, people), 0.0)
    return total


def _reading_error(context: Context, look: Look) -> Draw:
    """The error of the reading itself, added once to the quantity: one draw per measure, cohort and report."""
    if is_zero(look.measure.error):
        return 0.0
    sd = context.within(context.value(look.measure.error), 0.0, np.inf, f"measures.{look.measure.name}.error")
    name = f"measures.{look.measure.name}/{look.cohort or 'all'}/error"
    return sd * normal_quantile(context.luck("measurement", name, look.number + 1)[look.number])


def _built_in_report(context: Context, look: Look, flows: dict[str, Flow]) -> Report:
    measure, scenario = look.measure, context.scenario
    in_scope = [c for c in measure_cohorts(scenario, measure) if look.cohort in (None, c.name)]
    total: Draw = 0.0
    base: Draw = 0.0
    everyone: Draw = 0.0
    for cohort in in_scope:
        flow = flows[cohort.name]
        now, of = _count(context, measure, flow, look.column)
        total, base = total + now, base + of
        of_all = "offered" if measure.of == "starts" else "starters"
        everyone = everyone + sum(flow.known_by(look.column, of_all), 0.0)
        if measure.covers == "since last" and look.number:
            earlier = sorted(measure.reported or ())[look.number - 1]
            before, before_of = _count(context, measure, flow, earlier)
            total = total - before
            base = base - before_of if measure.of != "person_months" else base
    value = total if measure.as_ == "total" else _divide(total, base)
    value = np.where(np.asarray(everyone) > 0, value + _reading_error(context, look), np.nan)
    return Report(measure.name, look.cohort, look.column, value, base, everyone)


def _count(context: Context, measure: Measure, flow: Flow, column: int) -> tuple[Draw, Draw]:
    """Starts, completions or person-months in the data of a report, and the people they are a share of."""
    step = context.scenario.step_months
    end = column * step - measure.lag
    if measure.of == "completions":
        done = completed_groups(context.scenario, measure, flow.cohort, column)
        return sum((flow.completed(i) for i in done), 0.0), sum((flow.starters[i] for i in done), 0.0)
    begun = [i for i, s in enumerate(flow.columns) if s * step <= end + 1e-9]
    starters = sum((flow.starters[i] for i in begun), 0.0)
    if measure.of == "starts":
        return starters, sum((flow.offered[i] for i in begun), 0.0)
    months: Draw = 0.0
    for k in range(flow.cohort.start, int(np.ceil(end / step - 1e-9))):
        part = min(1.0, (end - k * step) / step)
        months = months + flow.person_months(k, flow.cohort.duration) * part
    return months, starters


QUANTITIES: dict[str, Callable[[_Figures], Draw]] = {
    "total": lambda f: f.total,
    "average": lambda f: f.a,
    "improvement": lambda f: f.sign * (f.a - f.b),
    "relative_improvement": _relative,
    "total_improvement": lambda f: f.sign * (f.a - f.b) * f.n,
}
"""Each quantity of the language, from a, b and n."""
