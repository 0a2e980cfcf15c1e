"""One future of a simulation as if it had come: its reports, draws, costs, events and inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sibsim.futures import Future
from sibsim.measures import Report
from sibsim.scenario import Actuals, Reading, Scenario
from sibsim.settlement.events import NEVER

__all__ = ["actuals_of_draw", "scenario_of_draw"]


def actuals_of_draw(world: Future, draw: int) -> Actuals:
    """What came in one draw of a block, as the section `actuals` would say it.

    Parameters
    ----------
    world : Future
    draw : int
        Which draw of the block.

    Returns
    -------
    Actuals
        Every report, draw, cost, event and input; a report that counted nobody is NaN, which says so.
    """
    scenario, ledger = world.context.scenario, world.settlement.ledger
    costs: dict[str, dict[int, float]] = {cost.name: {} for cost in scenario.costs}
    drawn: dict[str, dict[int, float]] = {t.name: {} for t in scenario.finance.tranches} if scenario.finance else {}
    for entry in ledger:
        into = drawn if entry.kind == "draw" else costs if entry.kind in ("cost", "shortfall") else {}
        if entry.label in into:
            for column, moved in entry.amounts.items():
                amount = _pick(moved, draw)
                into[entry.label][column] = into[entry.label].get(column, 0.0) + amount
    events = world.settlement.events
    when = {} if events is None else {name: int(columns[draw]) for name, columns in events.when.items()}
    return Actuals(
        measures={m.name: _reports(world.reports[m.name], draw) for m in scenario.measures if not m.parts},
        drawn={name: _pairs(amounts) for name, amounts in drawn.items()},
        events={name: None if column == NEVER else column for name, column in when.items()},
        inputs={entry.name: _pick(world.context.inputs[entry.name], draw) for entry in scenario.inputs},
        costs={name: _pairs(amounts) for name, amounts in costs.items()},
    )


def scenario_of_draw(world: Future, draw: int) -> Scenario:
    """The scenario with what came in one draw as its `actuals`."""
    return replace(world.context.scenario, actuals=actuals_of_draw(world, draw))


def _pick(value: Any, draw: int) -> float:
    figures = np.asarray(value, dtype=float).ravel()
    return float(figures[draw if figures.size > 1 else 0])


def _pairs(amounts: dict[int, float]) -> tuple[tuple[int, float], ...]:
    return tuple((column, amount) for column, amount in sorted(amounts.items()) if amount)


def _reports(reports: list[Report], draw: int) -> tuple[tuple[int | None, Reading], ...]:
    """Reports by date; of each cohort or step where there are several."""
    found: dict[int, Any] = {}
    for one in reports:
        reading: Any = _pick(one.value, draw)
        if one.steps is not None and not np.isnan(reading):
            reading = {name: _pick(n, draw) for name, n in one.steps.items()}
        if one.cohort is None:
            found[one.column] = reading
        else:
            found.setdefault(one.column, {})[one.cohort] = reading
    return tuple(sorted(found.items()))
