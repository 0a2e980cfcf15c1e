"""What events did, in numbers: in how many futures each happens, when, and whom it keeps away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim import metrics
from sibsim.context import Array, Context, Draw
from sibsim.figures import probability, single
from sibsim.participants import Flow
from sibsim.parties import Table
from sibsim.scenario import Number, Scenario
from sibsim.settlement import Settlement
from sibsim.settlement.events import NEVER
from sibsim.timeline import column_date

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = ["event_summaries", "tabulate_events"]


def tabulate_events(context: Context, flows: dict[str, Flow], settlement: Settlement) -> Table:
    """By event and draw: whether it happens, its column, and the people and years of service that are missing then."""
    if settlement.events is None:
        return {}
    table: Table = {}
    people, years = _kept_away(context, flows)
    for name, when in settlement.events.when.items():
        happens = when < NEVER
        table["#event", name, "happens"] = happens * 1.0
        table["#event", name, "column"] = np.where(happens, when, np.nan)
        table["#event", name, "people"] = happens * people
        table["#event", name, "years"] = happens * years
    return table


def _kept_away(context: Context, flows: dict[str, Flow]) -> tuple[Draw, Draw]:
    """Starters who never start, and the person-years of service that nobody gets, against the plan."""
    people: Draw = 0.0
    months: Draw = 0.0
    for flow in flows.values():
        if flow is flow.planned or not context.scenario.has_people:
            continue
        people = people + sum(flow.planned.starters, 0.0) - sum(flow.starters, 0.0)
        for column in flow.service_columns:
            months = months + flow.planned.person_months(column) - flow.person_months(column)
    return people, months / 12.0


def event_summaries(results: Results) -> dict[str, Any]:
    """By event, the chance that it happens, when, and whom it keeps away; see ``docs/output.md``."""
    return {event.name: _summary(results, event.name) for event in results.scenario.events}


def _summary(results: Results, name: str) -> dict[str, Any]:
    scenario, store = results.scenario, results.store
    happens = store.array(("#event", name, "happens"))
    columns = store.array(("#event", name, "column"))[happens > 0]
    away = {what: store.array(("#event", name, what)) for what in ("people", "years")}
    return {
        "chance": probability(happens),
        "is_certain": _is_certain(scenario, name),
        "mean_date": _day(scenario, float(np.mean(columns))) if len(columns) else None,
        "median_date": _day(scenario, float(np.sort(columns)[(len(columns) - 1) // 2])) if len(columns) else None,
        "by_year": _by_year(scenario, columns, len(happens)),
        "people_kept_away": single(metrics.estimate_ratio(away["people"], happens), "people"),
        "service_lost": single(metrics.estimate_ratio(away["years"], happens), "person-years"),
    }


def _is_certain(scenario: Scenario, name: str) -> bool:
    """Whether no chance decides it: it happens in every future, or in none."""
    event = next(event for event in scenario.events if event.name == name)
    chance = event.chance if event.chance_per_year is None else event.chance_per_year
    return event.if_ is None and isinstance(chance, Number) and chance.value in (0.0, 1.0)


def _day(scenario: Scenario, column: float) -> str:
    """The date of a column, or of a point between two."""
    whole = int(column)
    first, then = (column_date(scenario.start, scenario.step_months, c) for c in (whole, whole + 1))
    return (first + timedelta(days=round((column - whole) * (then - first).days))).isoformat()


def _by_year(scenario: Scenario, columns: Array, n_draws: int) -> list[dict[str, Any]]:
    """Share of all futures in which it happens, by calendar year."""
    counts: dict[int, int] = {}
    for column, count in zip(*np.unique(columns, return_counts=True), strict=True):
        year = column_date(scenario.start, scenario.step_months, int(column)).year
        counts[year] = counts.get(year, 0) + int(count)
    return [{"year": year, "value": count / n_draws} for year, count in sorted(counts.items())]
