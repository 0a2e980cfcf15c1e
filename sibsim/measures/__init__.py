"""The report: what the evaluator finds, about whom, against what, when.

Payments follow reports; benefits follow the truth. All quantities come from three readings, so that noise and bias
enter once: **a**, the average per person found in the served group; **b**, the same in the comparison; **n**, people
counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from sibsim.context import Array, Context, Draw, is_zero
from sibsim.measures.built_in import count
from sibsim.measures.composite import composite_value
from sibsim.measures.evaluation import Tally, read, tally
from sibsim.measures.looks import Look, ages_asked, deciding, evaluations, groups_apart, looks
from sibsim.outcomes import Truth
from sibsim.participants import Flow
from sibsim.quantiles import normal_quantile
from sibsim.rounding import rounded
from sibsim.scenario import BUILT_IN_MEASURES, Measure, Rounding
from sibsim.timeline import measure_cohorts, report_columns

__all__ = ["QUANTITIES", "Report", "ages_asked", "composite_reports", "deciding", "groups_apart", "report"]


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
    steps : dict of str to float or (n_draws,) array, or None
        Of milestones: how many reached each step; of several outcomes: what was found of each.
    """

    measure: str
    cohort: str | None
    column: int
    value: Draw
    counted: Draw
    people: Draw
    undefined: Draw = 0.0
    steps: dict[str, Draw] | None = None


@dataclass(frozen=True)
class _Figures:
    """The readings of one report: a, b, the improvement of all n people, the sum found, and that of the year before.

    ``a_before`` is the average of that year. ``sign`` turns an improvement positive. a is as found; what is held
    against b has the luck of clusters in it.
    """

    a: Draw
    held: Draw
    b: Draw
    whole: Draw
    total: Draw
    before: Draw
    a_before: Draw
    sign: float

    @property
    def improvement(self) -> Draw:
        return self.sign * (self.held - self.b)


Found = dict[tuple[str, str | None, int], list[tuple[Tally, dict[str, Truth]]]]
"""By measure, cohort and number of the report: what was found of each of its outcomes."""


def _relative(f: _Figures) -> Draw:
    b = np.asarray(f.b, dtype=float)
    return np.where(b == 0, 0.0, f.improvement / np.where(b == 0, 1.0, np.abs(b)))  # better stays above 0


def report(
    context: Context, flows: dict[str, Flow], truths: list[Truth], happened: Mapping[str, Array] | None = None
) -> dict[str, list[Report]]:
    """Every report of every measure.

    Parameters
    ----------
    context : Context
    flows : dict of cohort to Flow
    truths : list of Truth
    happened : mapping of event to (n_draws,) int array
        Its column in each draw, as far as it is decided: a measure that is reported at an event has no other report.

    Returns
    -------
    dict of measure to list of Report
        In order of date; measures in file order.
    """
    scenario = context.scenario
    found: Found = defaultdict(list)
    for evaluation in evaluations(scenario):
        in_scope = {c.name for c in measure_cohorts(scenario, evaluation.first, evaluation.outcome)}
        of = {
            t.flow.cohort.name: t
            for t in truths
            if t.outcome.name == evaluation.outcome and t.flow.cohort.name in in_scope
        }
        readings = read(context, evaluation, of)
        for look in evaluation.looks:
            found[look.measure.name, look.cohort, look.number].append((tally(context, look, readings), of))
    reports: dict[str, list[Report]] = {m.name: [] for m in scenario.measures}
    for measure in scenario.measures:
        if not measure.parts:
            ones = [_one(context, look, found, flows) for look in looks(scenario, measure, *measure.outcomes[:1])]
            if measure.reported_event is not None:
                ones = [_at_event(one, (happened or {})[measure.reported_event]) for one in ones]
            reports[measure.name] = sorted(ones, key=lambda r: r.column)
    for measure in scenario.measures:  # in file order: a composite may be made of those before it
        if measure.parts:
            reports[measure.name] = composite_reports(context, measure, reports)
    return reports


def _at_event(one: Report, when: Array) -> Report:
    """A report that is made only where an event happens on its day."""
    is_made = when == one.column
    return replace(one, value=np.where(is_made, one.value, np.nan), counted=np.where(is_made, one.counted, 0.0))


def _one(context: Context, look: Look, found: Found, flows: dict[str, Flow]) -> Report:
    if look.measure.of in BUILT_IN_MEASURES:
        return _built_in_report(context, look, flows)
    return _outcome_report(context, look, found[look.measure.name, look.cohort, look.number])


def _outcome_report(context: Context, look: Look, found: list[tuple[Tally, dict[str, Truth]]]) -> Report:
    """One report; of several outcomes, their readings added up."""
    measure = look.measure
    figures = [_figures(measure, sums, truths) for sums, truths in found]
    together = figures[0] if len(figures) == 1 else _added(figures)
    value = QUANTITIES[measure.as_](together)
    if measure.rounded_years is not None:
        value = _growth_of_rounded(together, measure.rounded_years)
    value = value + _reading_error(context, look)
    apart = found if any(set(of) != set(found[0][1]) for _, of in found) else found[:1]  # other cohorts: other people
    counted: Draw = sum((sums.people for sums, _ in apart), 0.0)
    if len(apart) < len(found):  # the same people: those of whom anything at all is counted
        counted = reduce(np.maximum, [sums.people for sums, _ in found])
    everyone: Draw = sum((_everyone(look, of, measure.people) for _, of in apart), 0.0)
    value = _finished(context, measure, np.where(np.asarray(counted) > 0, value, np.nan), look.column)
    undefined = (np.asarray(together.b) == 0) * 1.0 if measure.as_ == "relative_improvement" else 0.0
    steps = {step: n for sums, _ in found for step, n in sums.steps.items()}
    if len(measure.outcomes) > 1:
        steps |= {next(iter(of.values())).outcome.name: f.total for f, (_, of) in zip(figures, found, strict=True)}
    if measure.round is not None:
        steps = {step: rounded(n, measure.round.to, measure.round.direction) for step, n in steps.items()}
    return Report(measure.name, look.cohort, look.column, value, counted, everyone, undefined, steps or None)


def _added(figures: list[_Figures]) -> _Figures:
    """The readings of several outcomes, added up."""
    first = figures[0]
    names = ("a", "held", "b", "whole", "total", "before", "a_before")
    return replace(
        first, **{name: sum((getattr(f, name) for f in figures[1:]), getattr(first, name)) for name in names}
    )


def _figures(measure: Measure, sums: Tally, truths: dict[str, Truth]) -> _Figures:
    """a, b and n of one outcome."""
    first = next(iter(truths.values()))
    total, denominator = sums.served, sums.found
    if measure.missing_as == "failed":
        unfound = (sums.people - sums.found) if first.outcome.better == "fewer" else 0.0
        total, denominator = total + unfound, sums.people
    a, b = _divide(total, denominator), _comparison(sums)
    held = a if sums.clusters is None else _divide(total + sums.clusters, denominator)
    whole = first.sign * (held - b) * sums.people if measure.as_ == "total_improvement" else 0.0
    return _Figures(a, held, b, whole, total, sums.before, _divide(sums.before, denominator), first.sign)


def _divide(total: Draw, people: Draw) -> Draw:
    people = np.asarray(people, dtype=float)
    return np.where(people > 0, total / np.where(people > 0, people, 1.0), np.nan)


def _growth(f: _Figures) -> Draw:
    before = np.asarray(f.before, dtype=float)
    return np.where(before > 0, f.total / np.where(before > 0, before, 1.0), np.nan)


def _growth_of_rounded(f: _Figures, to: Rounding) -> Draw:
    """The same, of the averages of both years as they are published."""
    now, before = (np.asarray(rounded(one, to.to, to.direction)) for one in (f.a, f.a_before))
    return np.where(before > 0, now / np.where(before > 0, before, 1.0), np.nan)


def _comparison(sums: Tally) -> Draw:
    """The average in the comparison; of several, their weighted mean."""
    averages = [_divide(found, people) for found, people in zip(sums.comparison, sums.compared, strict=True)]
    if len(averages) == 1:
        return averages[0]
    return sum((weight * average for weight, average in zip(sums.weights, averages, strict=True)), 0.0)


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
    return _error(context, look.measure, look.cohort, look.number)


def _error(context: Context, measure: Measure, cohort: str | None, number: int) -> Draw:
    if is_zero(measure.error):
        return 0.0
    sd = context.within(context.value(measure.error), 0.0, np.inf, f"measures.{measure.name}.error")
    name = f"measures.{measure.name}/{cohort or 'all'}/error"
    return sd * normal_quantile(context.luck("measurement", name, number + 1)[number])


def _finished(context: Context, measure: Measure, value: Draw, column: int) -> Draw:
    """The reading as it is reported: by how much it falls short, if that is asked; then rounded."""
    if measure.short_of is not None:
        value = np.maximum(context.value(measure.short_of, column) - value, 0.0)
    if measure.round is not None:
        value = rounded(value, measure.round.to, measure.round.direction)
    return value


def _built_in_report(context: Context, look: Look, flows: dict[str, Flow]) -> Report:
    total, base, everyone = count(context, look, flows)
    value = total if look.measure.as_ == "total" else _divide(total, base)
    value = np.where(np.asarray(everyone) > 0, value + _reading_error(context, look), np.nan)
    value = _finished(context, look.measure, value, look.column)
    return Report(look.measure.name, look.cohort, look.column, value, base, everyone)


def composite_reports(
    context: Context, measure: Measure, reports: dict[str, list[Report]], *, is_read: bool = True
) -> list[Report]:
    """The reports of a composite, made of those of its parts; ``is_read`` adds its own error of reading."""
    made = []
    for cohort, columns in report_columns(context.scenario, measure).items():
        for number, column in enumerate(columns):
            value = composite_value(context, measure, reports, column, cohort)
            if is_read:
                value = value + _error(context, measure, cohort, number)
            value = _finished(context, measure, value, column)
            made.append(Report(measure.name, cohort, column, value, *_people(measure, reports, column, cohort)))
    return sorted(made, key=lambda r: r.column)


def _people(measure: Measure, reports: dict[str, list[Report]], column: int, cohort: str | None) -> tuple[Draw, Draw]:
    """People counted in the parts of a composite, and all: in each draw, of the part that counted the fewest."""
    known = [
        [r for r in reports[name] if r.column <= column and (cohort is None or r.cohort in (None, cohort))]
        for name in measure.parts
    ]
    pairs = [_latest_people(part) for part in known if part]
    return reduce(_fewest, pairs) if pairs else (0.0, 0.0)


def _latest_people(reports: list[Report]) -> tuple[Draw, Draw]:
    """People counted and all, of the latest report that there is in each draw."""
    counted, people = reports[0].counted, reports[0].people
    for report in reports[1:]:
        none = np.isnan(np.asarray(report.value))
        counted, people = np.where(none, counted, report.counted), np.where(none, people, report.people)
    return counted, people


def _fewest(one: tuple[Draw, Draw], other: tuple[Draw, Draw]) -> tuple[Draw, Draw]:
    is_fewer = np.asarray(other[0]) < np.asarray(one[0])
    return np.where(is_fewer, other[0], one[0]), np.where(is_fewer, other[1], one[1])


QUANTITIES: dict[str, Callable[[_Figures], Draw]] = {
    "total": lambda f: f.total,
    "average": lambda f: f.a,
    "improvement": lambda f: f.improvement,
    "relative_improvement": _relative,
    "total_improvement": lambda f: f.whole,
    "growth": _growth,
}
"""Each quantity of the language, from a, b and n."""
