"""What the service costs, by date: for the whole contract, or for each person while they are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from sibsim.context import Context, Draw
from sibsim.participants import Flow
from sibsim.referrals import Planned, planned_flow
from sibsim.scenario import ACCOUNT, Cohort, Cost, OverTime
from sibsim.settlement.hooks import CALM, Interrupts, gate, is_not, some
from sibsim.settlement.sums import plain
from sibsim.timeline import group_columns, last_cost_column

__all__ = ["Plan", "cost_due"]


def cost_due(context: Context, flows: dict[str, Flow], cost: Cost, column: int, events: Interrupts = CALM) -> Draw:
    """What a cost amounts to at a column: service in the period that begins there is paid there.

    Where service has been stopped, costs per person and costs spread over time end; an amount on a date stays due.

    Returns
    -------
    float or (n_draws,) array
        Money, at least 0.
    """
    units = _units(context, flows, cost, column)
    if cost.at_event is not None:
        units = gate(events.happens(cost.at_event, column), 1.0)
    elif cost.per == "contract" and cost.over:  # of people who are no longer served the flow has no more months
        stopped = events.stopped("service", column)
        units = gate(is_not(stopped), units)
    if not some(units):
        return 0.0
    amount = context.value(cost.amount, column) * units * context.indexed(cost.index, column)
    return context.within(amount, 0.0, np.inf, f"costs.{cost.name}.amount")


def _is_service(cost: Cost) -> bool:
    """Whether a cost is that of service as it is delivered, and not an amount on a date."""
    return cost.per != "contract" or cost.over is not None


class Plan:
    """What the account is planned to pay: for the whole contract, and for people at mean inputs of whom none drops out.

    Nothing here is known from the future: amounts are at mean inputs too, a cost at an event is not planned, and groups
    that an event has cancelled are not.

    Parameters
    ----------
    context : Context
    events : Interrupts
    paid_from : str or None
        The costs for which this tranche is drawn first; None: those for which no tranche is.
    """

    def __init__(self, context: Context, events: Interrupts = CALM, paid_from: str | None = None) -> None:
        self._context = context
        self._events = events
        self._paid_from = paid_from
        self._happened: Callable[[str, int], Any] | None = None
        self._of_day: list[Plan] = []

    @cached_property
    def _amended_by(self) -> tuple[str, ...]:
        """Events that amend what the account pays."""
        values = [value for cost in self._costs for value in (cost.amount, cost.index) if isinstance(value, OverTime)]
        return tuple(dict.fromkeys(event for value in values for event, _ in value.events))

    def _known(self, column: int) -> Plan:
        """The plan as it stands at a column: with terms that events have amended by then, and not as they may be."""
        if not self._amended_by or column < 0:
            return self
        for day in range(len(self._of_day), column + 1):
            is_amended = any(some(self._events.happens(event, day)) for event in self._amended_by)
            before = self._of_day[-1] if self._of_day else self
            self._of_day.append(self._as_of(day) if is_amended else before)
        return self._of_day[column]

    def _as_of(self, today: int) -> Plan:
        plan = Plan(self._context, self._events, self._paid_from)
        plan._happened = lambda event, column: self._events.happened(event, min(column, today))
        return plan

    @cached_property
    def _costs(self) -> tuple[Cost, ...]:
        mine = (c for c in self._context.scenario.costs if c.by == ACCOUNT and c.paid_from == self._paid_from)
        return tuple(c for c in mine if c.at_event is None)

    @cached_property
    def _last(self) -> int:
        return max((last_cost_column(self._context.scenario, cost) for cost in self._costs), default=-1)

    @cached_property
    def _mean(self) -> Context:
        means = {i.name: np.asarray(i.distribution.mean) for i in self._context.scenario.inputs}
        return replace(self._context, inputs=means, clipped={}, layers=set(), happened=self._happened)

    def _by_column(self, costs: list[Cost], flows: dict[str, Flow], first: int = 0) -> list[Draw]:
        columns = range(first, self._last + 1)
        due = [sum((plain(cost_due(self._mean, flows, cost, c)) for cost in costs), 0.0) for c in columns]
        return [0.0] * first + due

    @cached_property
    def _dated(self) -> list[Draw]:
        return self._by_column([c for c in self._costs if not _is_service(c)], {})

    @cached_property
    def _running(self) -> list[Draw]:
        """Costs of the whole contract that are spread over time."""
        return self._by_column([c for c in self._costs if _is_service(c) and c.per == "contract"], {})

    @cached_property
    def _groups(self) -> dict[tuple[str, int], list[Draw]]:
        """Costs of each starting group, by cohort and the column in which it starts."""
        costs = [c for c in self._costs if c.per != "contract"]
        found: dict[tuple[str, int], list[Draw]] = {}
        for cohort in self._context.scenario.cohorts if costs else ():
            for start in group_columns(cohort, self._context.scenario.step_months):
                found[cohort.name, start] = self._by_column(costs, {cohort.name: self._flow(cohort, start)}, start)
        return found

    def _flow(self, cohort: Cohort, start: int | None = None) -> Flow:
        """The people of a cohort as planned: all groups, or the one that starts at a column."""
        plan, step = self._mean, self._context.scenario.step_months
        columns = group_columns(cohort, step)
        chosen = columns if start is None else range(start, start + 1)
        k = len(chosen)
        if cohort.queue is not None:
            planned = self._queued(cohort)
            at = slice(chosen[0] - columns[0], chosen[0] - columns[0] + k)
            return Flow(cohort, chosen, [*planned.offered[at]], [*planned.starters[at]], [0.0] * k, 0.0, step)
        each = float(plan.value(cohort.size)) / len(columns)
        starting = each * float(plan.value(cohort.take_up))
        return Flow(cohort, chosen, [each] * k, [starting] * k, [0.0] * k, 0.0, step)

    def _queued(self, cohort: Cohort) -> Planned:
        """The people of a queue as planned; worked out once."""
        kept, name = self._context.kept, f"planned {cohort.name}"
        if name not in kept:
            kept[name] = planned_flow(self._context.scenario, cohort)
        planned: Planned = kept[name]
        return planned

    @cached_property
    def _people(self) -> list[Draw]:
        """Costs of all groups together."""
        flows = {cohort.name: self._flow(cohort) for cohort in self._context.scenario.cohorts}
        return self._by_column([c for c in self._costs if c.per != "contract"], flows)

    def ahead(self, column: int, months: float, known: int | None = None) -> Draw:
        """Planned costs after a column, so many months ahead; by the terms that are ``known`` (else at that column).

        Returns
        -------
        float or (n_draws,) array
            Money, at least 0.
        """
        return self._known(column if known is None else known)._ahead(column, months)

    def _ahead(self, column: int, months: float) -> Draw:
        step = self._context.scenario.step_months
        until = self._last if months == np.inf else min(self._last, column + int(months / step + 1e-9))
        ahead = slice(column + 1, until + 1)
        service: Draw = sum(self._running[ahead], 0.0)
        if self._context.scenario.events:
            for (cohort, start), costs in self._groups.items():
                cost = sum(costs[ahead], 0.0)
                if some(cost):
                    service = service + gate(self._events.is_planned(cohort, start, max(column, 0)), cost)
            stopped = self._events.stopped("service", max(column, 0))
            service = gate(is_not(stopped), service)
        else:
            service = service + sum(self._people[ahead], 0.0)
        return sum(self._dated[ahead], 0.0) + service

    def needed(self, column: int, until: int, starting: Sequence[str]) -> Draw:
        """Planned costs from a column to another: of the whole contract, of groups that began before, and of those of
        some cohorts that begin now."""
        span, plan = slice(column, until + 1), self._known(column)
        total: Draw = sum(plan._dated[span], 0.0) + sum(plan._running[span], 0.0)
        for (cohort, start), costs in plan._groups.items():
            if start < column or (start == column and cohort in starting):
                total = total + gate(self._events.is_planned(cohort, start, column), sum(costs[span], 0.0))
        return total

    def ends(self, cohort: str, start: int) -> int:
        """The last column in which a group that starts now is planned to cost anything; -1 if it never does."""
        costs = self._known(start)._groups.get((cohort, start), [])
        return max((column for column, cost in enumerate(costs) if np.any(np.asarray(cost) > 0)), default=-1)


def _units(context: Context, flows: dict[str, Flow], cost: Cost, column: int) -> Draw:
    """How many times the amount falls due at a column."""
    step = context.scenario.step_months
    if cost.at_event is not None:
        return 0.0
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
        return flow.person_months(column, cost.over)
    if cost.at is not None:
        begun = range(flow.columns[0], column + 1)
        people = sum((flow.completing(c) if who == "completers" else flow.beginning(c, who) for c in begun), 0.0)
        return people * float(cost.at.count(column))
    if cost.over:
        return flow.person_months(column, cost.over, who) / cost.over
    return flow.completing(column) if who == "completers" else flow.beginning(column, who)
