"""What the service costs, by date: for the whole contract, or for each person while they are there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sibsim.context import Context, Draw
from sibsim.participants import Flow
from sibsim.scenario import ACCOUNT, Cost
from sibsim.timeline import group_columns, last_cost_column

__all__ = ["cost_due", "planned_costs"]


def cost_due(context: Context, flows: dict[str, Flow], cost: Cost, column: int) -> Draw:
    """What a cost amounts to at a column: service in the period that begins there is paid there.

    Returns
    -------
    float or (n_draws,) array
        Money, at least 0.
    """
    units = _units(context, flows, cost, column)
    if not np.any(units):
        return 0.0
    amount = context.value(cost.amount, column) * units * context.indexed(cost.index, column)
    return context.within(amount, 0.0, np.inf, f"costs.{cost.name}.amount")


def planned_costs(context: Context, column: int) -> Draw:
    """What the account is still to pay from a column on, as planned: people at mean inputs, none of them dropping out.

    Returns
    -------
    float or (n_draws,) array
        Money, at least 0.
    """
    total: Draw = 0.0
    people = _planned_people(context)
    for cost in context.scenario.costs:
        if cost.by == ACCOUNT:
            for later in range(column, last_cost_column(context.scenario, cost) + 1):
                total = total + cost_due(context, people, cost, later)
    return total


def _planned_people(context: Context) -> dict[str, Flow]:
    means = {i.name: np.asarray(i.distribution.mean) for i in context.scenario.inputs}
    plan = replace(context, inputs=means, clipped={}, layers=set())
    flows = {}
    for cohort in context.scenario.cohorts:
        columns = group_columns(cohort, context.scenario.step_months)
        each = plan.value(cohort.size) / len(columns)
        offered: list[Draw] = [each] * len(columns)
        starters: list[Draw] = [each * plan.value(cohort.take_up)] * len(columns)
        nobody: list[Draw] = [0.0] * len(columns)
        flows[cohort.name] = Flow(cohort, columns, offered, starters, nobody, 0.0, context.scenario.step_months)
    return flows


def _units(context: Context, flows: dict[str, Flow], cost: Cost, column: int) -> Draw:
    """How many times the amount falls due at a column."""
    step = context.scenario.step_months
    if cost.per == "contract":
        if cost.at is not None:
            return float(cost.at.count(column))
        age = (column - cost.from_) * step
        if not cost.over:
            return float(column == cost.from_)
        return max(0.0, min(age + step, cost.over) - max(age, 0.0)) / cost.over if age >= 0 else 0.0
    who = {"starter": "starters", "completer": "completers", "offered": "offered", "person_month": "starters"}[cost.per]
    total: Draw = 0.0
    for flow in flows.values():
        total = total + _units_of(flow, cost, column, who)
    return total


def _units_of(flow: Flow, cost: Cost, column: int, who: str) -> Draw:
    if cost.per == "person_month":
        return flow.person_months(column, cost.over if cost.over is not None else flow.cohort.duration)
    if cost.at is not None:
        begun = range(flow.columns[0], column + 1)
        people = sum((flow.completing(c) if who == "completers" else flow.beginning(c, who) for c in begun), 0.0)
        return people * float(cost.at.count(column))
    if cost.over:
        return flow.person_months(column, cost.over, who) / cost.over
    return flow.completing(column) if who == "completers" else flow.beginning(column, who)
