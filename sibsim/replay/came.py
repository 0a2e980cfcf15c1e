"""What came, in place of chance: the same contract with its inputs, events, draws, costs and reports as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.distributions import Fixed
from sibsim.draws import draw_inputs
from sibsim.draws.streams import Streams
from sibsim.errors import IdentityError
from sibsim.known import actuals_of, can_count, is_decided, unknown_costs
from sibsim.measures import Report, composite_reports
from sibsim.rounding import rounded
from sibsim.scenario import (
    ACCOUNT,
    Actuals,
    Cost,
    Event,
    Finance,
    Input,
    Measure,
    Number,
    Reading,
    Scenario,
    Tranche,
)
from sibsim.timeline import event_columns, report_columns

__all__ = ["came", "has_come", "reports_known", "reports_that_came"]


class NoLuck(Streams):
    """One future without any chance."""

    @property
    def n_draws(self) -> int:
        """One."""
        return 1

    def uniform(self, layer: str, name: str, rows: int = 1) -> Any:
        raise IdentityError(f"settling asked for chance ({layer}, {name})")


# ------------------------------------------------------------------------------------------------ the contract
def came(scenario: Scenario) -> Context:
    """A future without chance: the contract with everything that came in the place of what might have come.

    Returns
    -------
    Context
        Of one draw; its ``planned`` is the contract as it was.
    """
    known, unknown = actuals_of(scenario), unknown_costs(scenario)
    certain = replace(
        scenario,
        inputs=tuple(_input(i, known.inputs.get(i.name)) for i in scenario.inputs),
        correlations=(),
        events=tuple(_event(scenario, e, known) for e in scenario.events),
        costs=tuple(part for cost in scenario.costs if cost.name not in unknown for part in _cost(cost, known)),
        finance=scenario.finance and _finance(scenario.finance, known),
        payments=tuple(replace(p, cap=replace(p.cap, per_person=None)) for p in scenario.payments),
    )
    streams = NoLuck(0, range(0))
    paying = {c.name for c in scenario.costs if c.by == ACCOUNT}
    context = Context(certain, streams, draw_inputs(certain, streams))
    context.planned, context.unknown_costs = scenario, tuple(name for name in unknown if name in paying)
    return context


def _input(entry: Input, value: float | None) -> Input:
    """An input at its value; one that is not known, and that nothing hangs on, at its mean."""
    if value is None and entry.formula is not None:
        return entry
    distribution = entry.distribution
    if value is not None or distribution.IS_DRAWN:
        distribution = Fixed(distribution.mean if value is None else value)
    return replace(entry, distribution=distribution, formula=None, dimension=None)


def _event(scenario: Scenario, event: Event, known: Actuals) -> Event:
    """An event on its day, or on none; one that is only an ``if`` is left to the reports."""
    if is_decided(scenario, event):
        return replace(event, at=event_columns(scenario, event), from_=None, until=None)
    when = known.events.get(event.name)
    at = () if when is None else (when,)
    sure = Number(1.0, "percent")
    return replace(event, at=at, from_=None, until=None, if_=None, chance=sure, chance_per_year=None)


def _cost(cost: Cost, known: Actuals) -> tuple[Cost, ...]:
    """A cost on the dates, and in the amounts, in which it came; else as the contract says."""
    given = known.costs.get(cost.name)
    if given is None:
        return (cost,)
    plain = replace(cost, per="contract", over=None, at_event=None, from_=0, index=Number(0.0, "percent"))
    return tuple(replace(plain, amount=Number(amount, "money"), at=(column,)) for column, amount in given)


def _finance(finance: Finance, known: Actuals) -> Finance:
    return replace(finance, tranches=tuple(_tranche(t, known) for t in finance.tranches))


def _tranche(tranche: Tranche, known: Actuals) -> Tranche:
    """A tranche drawn as it was drawn; else as the contract says."""
    given = known.drawn.get(tranche.name)
    if given is None:
        return tranche
    drawn = tuple((column, Number(amount, "money")) for column, amount in given)
    is_late = tranche.drawn == "as needed"
    return replace(tranche, drawn=drawn, after=None, if_=None, is_drawn_for_costs=is_late)


# ------------------------------------------------------------------------------------------------ the reports
def reports_known(scenario: Scenario) -> dict[str, list[Report]]:
    """The reports of a contract that cannot be settled yet, because an input that it uses is not known."""
    return reports_that_came(came(scenario))


def reports_that_came(
    context: Context, when: Mapping[str, Array] | None = None, nobody_of: frozenset[str] = frozenset()
) -> dict[str, list[Report]]:
    """Every report of every measure: as it came, NaN where it is not known yet.

    Parameters
    ----------
    context : Context
        From `came`.
    when : mapping of event to (1,) int array
        Its column, as far as it is decided: a measure that is reported at an event has no other report.
    nobody_of : frozenset of str
        Cohorts of which nobody starts: of these there is no report to wait for.
    """
    scenario, known = context.scenario, actuals_of(context.scenario)
    reports: dict[str, list[Report]] = {m.name: [] for m in scenario.measures}
    for measure in (m for m in scenario.measures if not m.parts):
        given = known.measures.get(measure.name, ())
        ones = [
            _report(measure, key, column, _given(given, key, column, columns), is_possible)
            for key, columns in report_columns(scenario, measure).items()
            for column in columns
            for is_possible in (can_count(scenario, measure, key, column),)
            if key not in nobody_of
            if measure.reported_event is None or _is_on(column, (when or {}).get(measure.reported_event))
        ]
        reports[measure.name] = sorted(ones, key=lambda one: one.column)
    for measure in (m for m in scenario.measures if m.parts):  # in file order: made of those before
        made = _composite(context, measure, reports)
        reports[measure.name] = [one for one in made if one.cohort is None or one.cohort not in nobody_of]
    return reports


def _is_on(column: int, when: Array | None) -> bool:
    return when is not None and bool(np.all(when == column))


def _given(
    given: tuple[tuple[int | None, Reading], ...], key: str | None, column: int, columns: tuple[int, ...]
) -> Reading | None:
    """What was reported for a cohort (or all together) at a column; None if that is not known."""
    for when, reading in given:
        if when == column or (when is None and column == columns[-1]):
            if key and isinstance(reading, Mapping):
                if key in reading:
                    return reading[key]
                continue
            return reading
    return None


def _report(
    measure: Measure, key: str | None, column: int, reading: Reading | None, is_possible: bool = True
) -> Report:
    """A report as it came, rounded as the contract says (which leaves a rounded figure as it is).

    One that could count nobody by then is not waited for.
    """
    steps: dict[str, Draw] | None = None
    value = np.nan
    if isinstance(reading, Mapping):
        steps = {name: np.array([n]) for name, n in reading.items() if not isinstance(n, Mapping)}
        value = sum(float(n) for n in reading.values() if not isinstance(n, Mapping))
    elif reading is not None:
        value = float(reading)
    if measure.round is not None:
        to, direction = measure.round.to, measure.round.direction
        value = float(rounded(value, to, direction))
        steps = {name: rounded(n, to, direction) for name, n in steps.items()} if steps else None
    counted = np.nan if reading is None and is_possible else 0.0  # where a report came, perhaps of nobody
    return Report(measure.name, key, column, np.array([value]), counted, np.nan, 0.0, steps)


def has_come(report: Report) -> bool:
    """Whether a report has come, also one that counted nobody."""
    return not bool(np.any(np.isnan(np.asarray(report.value)) & np.isnan(np.asarray(report.counted))))


def _composite(context: Context, measure: Measure, reports: dict[str, list[Report]]) -> list[Report]:
    """A composite of what was reported; not known as long as a part is not, unless it was reported itself."""
    given = actuals_of(context.scenario).measures.get(measure.name, ())
    made = []
    for one in composite_reports(context, measure, reports, is_read=False):
        columns = tuple(c for c in report_columns(context.scenario, measure).get(one.cohort, ()))
        own = _given(given, one.cohort, one.column, columns)
        if own is not None:
            made.append(_report(measure, one.cohort, one.column, own))
            continue
        is_known = all(_is_known(reports[part], one.column, one.cohort) for part in measure.parts)
        value, counted = (one.value, 0.0) if is_known else (np.array([np.nan]), np.nan)
        made.append(replace(one, value=value, counted=counted))
    return made


def _is_known(reports: list[Report], column: int, cohort: str | None) -> bool:
    """Whether the latest report due by a column has come, of one cohort, or of each."""
    last: dict[str | None, Report] = {}
    for one in reports:
        if one.column <= column and (cohort is None or one.cohort in (None, cohort)):
            last[one.cohort] = one
    return bool(last) and all(has_come(one) for one in last.values())
