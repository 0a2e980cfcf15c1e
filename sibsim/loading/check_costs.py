"""Whether the money that can be drawn is enough for the costs of the account."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sibsim.loading.check_time import mean_of
from sibsim.loading.maximum import most_paid_by
from sibsim.loading.place import Context
from sibsim.referrals import planned_starters
from sibsim.scenario import ACCOUNT, STOP_INTAKE, Cohort, Cost, Number, OverTime, Scenario

__all__ = ["costs_covered", "unused"]

Factors = dict[str, float]
"""How many times a cost of each ``per`` is paid."""


def costs_covered(scenario: Scenario, context: Context) -> None:
    """Warn where the account's costs are above all that can be drawn, and, with `recycle`, received.

    Where every figure is certain, costs are reckoned as if nobody dropped out; else on average, inputs at their means.
    """
    if scenario.finance is None or any(context.problems):
        return
    factors = _factors(scenario)
    costs = [cost for cost in scenario.costs if cost.by == ACCOUNT]
    is_sure = all(
        isinstance(value, Number)
        for value in (
            *(cost.amount for cost in costs if cost.per in factors),
            *(value for c in scenario.cohorts for value in (c.size, c.take_up)),
            *(tranche.amount for tranche in scenario.finance.tranches),
        )
    )
    known = math.fsum(
        mean_of(scenario, cost.amount) * factors[cost.per] * _times(cost)
        for cost in costs
        if cost.per in factors and isinstance(cost.amount, Number)
    )
    drawn = _drawn(scenario, factors)
    if is_sure and known > drawn * (1 + 1e-9):
        _warn(scenario, context, known - drawn, "")
    elif (on_average := _expected(scenario, costs)) > drawn * (1 + 1e-9):
        _warn(scenario, context, on_average - drawn, "on average ")


def _factors(scenario: Scenario) -> Factors:
    return {
        "contract": 1.0,
        "starter": sum(planned_starters(scenario, cohort) for cohort in scenario.cohorts),
        "offered": sum(mean_of(scenario, cohort.size) for cohort in scenario.cohorts),
    }


def _times(cost: Cost) -> int:
    return len(cost.at) if cost.at is not None else 1


def _drawn(scenario: Scenario, factors: Factors) -> float:
    """All money that can pay costs of the account."""
    assert scenario.finance is not None
    drawn = math.fsum(mean_of(scenario, tranche.amount) for tranche in scenario.finance.tranches)
    drawn -= math.fsum(unused(scenario, factors))
    return drawn if scenario.finance.recycle is None else drawn + most_paid_by(scenario, [ACCOUNT])


def _expected(scenario: Scenario, costs: list[Cost]) -> float:
    """Mean costs that surely come, inputs at their means; what cannot be told that way is left out.

    A cohort or cost that waits for an event, people in a queue, and amounts over time are left out.
    """
    cohorts = [c for c in scenario.cohorts if c.after is None and c.queue is None]
    can_stop = any(event.stops or event.cancels for event in scenario.events)
    if can_stop or any(isinstance(tranche.amount, OverTime) for tranche in scenario.finance.tranches):  # type: ignore[union-attr]
        return 0.0
    return math.fsum(
        mean_of(scenario, cost.amount)
        * (_times(cost) if cost.per == "contract" else math.fsum(_share(scenario, cost, cohort) for cohort in cohorts))
        for cost in costs
        if cost.at_event is None and not isinstance(cost.amount, OverTime)
    )


def _share(scenario: Scenario, cost: Cost, cohort: Cohort) -> float:
    """How many times a cost per person is paid for a cohort: what runs over time ends when a person drops out."""
    offered = mean_of(scenario, cohort.size)
    starters, lost = offered * mean_of(scenario, cohort.take_up), mean_of(scenario, cohort.dropout)
    hazard = -math.log(max(1.0 - lost, 1e-12)) / cohort.duration if cohort.duration else 0.0
    if cost.per == "offered":
        return offered
    if cost.per == "completer":
        return starters * (1.0 - lost)
    if cost.per == "starter" and not cost.over:
        return starters
    months = cohort.duration if cost.per == "person_month" else float(cost.over or 0.0)
    there = min(months, cohort.duration) if cohort.duration else months
    stayed = (1.0 - math.exp(-hazard * there)) / hazard if hazard else there
    stayed += (1.0 - lost) * (months - there)
    return starters * (stayed if cost.per == "person_month" else stayed / months)


def _warn(scenario: Scenario, context: Context, above: float, how: str) -> None:
    assert scenario.finance is not None
    left = f"{above:,.0f}".replace(",", " ")
    bearer, to = scenario.bearer, {cost.to for cost in scenario.costs if cost.by == ACCOUNT}
    if scenario.finance.shortfall == STOP_INTAKE:
        then = "people who cannot be paid for do not start"
    elif to == {bearer}:
        then = f"'{bearer}', who is to be paid, goes without the rest (shortfall)"
    else:
        then = f"'{bearer}' pays the rest (shortfall)"
    or_received = "" if scenario.finance.recycle is None else " or received"
    context.warn(
        "costs",
        f"the account's costs are {how}{left} {scenario.currency} above all money that can be drawn{or_received}; "
        f"{then}",
    )


def unused(scenario: Scenario, factors: Factors) -> Iterator[float]:
    """What can be drawn of each tranche beyond the costs that are paid from it, for which alone it is there."""
    for tranche in scenario.finance.tranches if scenario.finance is not None else ():
        own = [cost for cost in scenario.costs if cost.paid_from == tranche.name]
        if own and all(cost.per in factors and isinstance(cost.amount, Number) for cost in own):
            total = math.fsum(mean_of(scenario, c.amount) * factors[c.per] * _times(c) for c in own)
            yield max(mean_of(scenario, tranche.amount) - total, 0.0)
