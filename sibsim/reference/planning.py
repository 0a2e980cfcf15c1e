"""The plan of a contract of type B: when it is paid, what the service costs, when money is lacking.

Payments follow the S-curve of the database, and capital bridges what they lag behind costs. What the service costs is
not in the database: it is worked back, as the dearest service that leaves the lenders their return in the plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from sibsim.reference.statistics import S_CURVE

__all__ = ["PLANNED", "USED", "Plan", "cumulative", "plan_revolving"]

USED = 0.8
"""Part of the capital that is needed if all goes as planned; the rest is there for when it does not. Assumed."""
PLANNED = 0.78
"""Part of the most that is paid in the plan: three of four contracts were paid as much. Budgets for it are assumed."""
CHEAPEST = 0.3
"""The service costs at least this part of what is paid in the plan, and never more than that."""
YEARLY_ABOVE = 8
"""Quarters: longer services have a budget for each year, shorter ones for each quarter."""
STEPS = 30
"""Halvings of an interval."""


@lru_cache(maxsize=4096)
def cumulative(share: float) -> float:
    """Part of all payments that has been made at this share of the term.

    >>> [round(cumulative(share), 2) for share in (0.1, 0.5, 0.9)]
    [0.03, 0.39, 0.91]
    """
    from scipy.special import betainc

    return float(betainc(*S_CURVE, min(share, 1.0)))


@dataclass(frozen=True)
class Plan:
    """What is planned, by quarter.

    ``payments[k]`` is the part of all payments that is made k quarters after the start, ``costs[k]`` what the service
    costs on that day, beside ``setting_up`` on the first.
    """

    payments: tuple[float, ...]
    costs: tuple[float, ...]
    setting_up: float

    @property
    def first(self) -> int:
        """The quarter of the first payment."""
        return next(k for k, share in enumerate(self.payments) if share > 0.0)

    def need(self, paid: float) -> float:
        """By how much costs are ahead of payments at most, if ``paid`` is paid; payments of a day come first."""
        gaps = (cost - paid * share for cost, share in zip(self.costs, self.payments, strict=True))
        return max(accumulate(gaps, initial=self.setting_up))

    def lenders(self, paid: float) -> list[float]:
        """The lenders' money by quarter, from their side, if ``paid`` is paid in all.

        Receipts pay costs before capital is drawn, and what no later cost needs is given back at once.
        """
        cash, flows = 0.0, []
        to_come = sum(self.costs) + self.setting_up
        for k, (share, cost) in enumerate(zip(self.payments, self.costs, strict=True)):
            due = cost + (self.setting_up if k == 0 else 0.0)
            to_come -= due
            cash += paid * share - due
            back, drawn = max(cash - max(to_come, 0.0), 0.0), max(-cash, 0.0)
            cash += drawn - back
            flows.append(back - drawn)
        return flows


def payments(n: int, first: int) -> tuple[float, ...]:
    """Shares of all payments at 0 to ``n`` quarters; those due before ``first`` are made then.

    >>> [round(share, 2) for share in payments(4, 2)]
    [0.0, 0.0, 0.39, 0.33, 0.29]
    """
    to_date = [0.0 if k < first else cumulative(k / n) for k in range(n)] + [1.0]
    return (to_date[0], *(later - before for before, later in pairwise(to_date)))


def plan_revolving(most: float, capital: float, n: int, first: int, rate: float, planned: float = PLANNED) -> Plan:
    """The plan of a contract of type B.

    Where costs at the beginning of each quarter need too much capital, even as late as payments come, the provider is
    paid at the end of each quarter; and where that is not enough, the first payment comes earlier.

    Parameters
    ----------
    most : float
        What is paid at most.
    capital : float
        What is lent at most.
    n, first : int
        Quarters of the service, and from its start to the first payment.
    rate : float
        Yearly return of the lenders in this plan.
    planned : float
        Part of the most that is paid in this plan.

    Examples
    --------
    >>> from itertools import accumulate
    >>> plan = plan_revolving(3.6e6, 1e6, 12, 1, 0.08)
    >>> flows = plan.lenders(PLANNED * 3.6e6)
    >>> round(sum(flow * 1.08 ** (-k / 4) for k, flow in enumerate(flows)) / 1e3)
    0
    >>> round(-min(accumulate(flows)) / 1e3)
    800
    """
    tries = ((first, False), *((quarter, True) for quarter in range(first, 0, -1)))
    plans = (_plan(planned * most, USED * capital, payments(n, quarter), is_late, rate) for quarter, is_late in tries)
    last = None
    for plan in plans:
        if plan.need(planned * most) <= USED * capital * (1.0 + 1e-6):
            return plan
        last = plan
    assert last is not None
    return last


def _plan(paid: float, enough: float, shares: tuple[float, ...], is_late: bool, rate: float) -> Plan:
    """The dearest plan that leaves the lenders their ``rate``, its costs as early as the capital there is allows."""

    def planned(total: float) -> Plan:
        def is_too_early(early: float) -> bool:
            return Plan(shares, *_costs(total, early, len(shares) - 1, is_late)).need(paid) > enough

        early = -1.0 if is_too_early(-1.0) else _halved(-1.0, 0.95, is_too_early)
        return Plan(shares, *_costs(total, early, len(shares) - 1, is_late))

    def is_too_dear(total: float) -> bool:
        flows = planned(total).lenders(paid)
        return math.fsum(flow * (1.0 + rate) ** (-k / 4) for k, flow in enumerate(flows)) < 0.0

    return planned(_halved(CHEAPEST * paid, paid, is_too_dear))


def _costs(total: float, early: float, n: int, is_late: bool) -> tuple[tuple[float, ...], float]:
    """Costs on the days of 0 to ``n`` quarters, and for setting up.

    ``early`` is the part for setting up, and the rest comes evenly; below 0 it is how far budgets follow payments.
    """
    quarters = [(1.0 - max(early, 0.0)) * total / n] * n
    length = 4 if n > YEARLY_ABOVE else 1
    for began in range(0, n, length) if early < 0.0 else ():
        end = min(began + length, n)
        part = (1.0 + early) * (end - began) / n - early * (cumulative(end / n) - cumulative(began / n))
        quarters[began:end] = [part * total / (end - began)] * (end - began)
    return (0.0, *quarters) if is_late else (*quarters, 0.0), max(early, 0.0) * total


def _halved(low: float, high: float, is_above: Callable[[float], bool]) -> float:
    """Where ``is_above`` turns from false to true as x rises."""
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_above(middle) else (middle, high)
    return low
