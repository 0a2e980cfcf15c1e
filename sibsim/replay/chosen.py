"""Which of all futures is told: one by its number, or the worst, the middle one or the best for a party."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.context import Array
from sibsim.errors import ModelError
from sibsim.parties import roles
from sibsim.results import Results
from sibsim.scenario import Scenario

__all__ = ["Choice", "choose", "metric_of", "party_of"]

METRICS = {
    "payer": "net_budget_effect_pv",
    "beneficiary": "net_budget_effect_pv",
    "investor": "net_gain",
    "guarantor": "called",
    "provider": "margin",
    "supplier": "margin",
    "recipient": "margin",
}
"""By role: what is good for a party, the more the better (but see `LESS_IS_BETTER`)."""
LESS_IS_BETTER = ("called",)
PLACES = ("worst", "median", "best")


@dataclass(frozen=True)
class Choice:
    """A future and why it was chosen. ``draw`` counts from 0; ``how`` is a place, or "number"."""

    draw: int
    how: str
    party: str
    metric: str


def choose(results: Results, draw: str | int = "median", party: str | None = None) -> Choice:
    """Choose a future.

    Parameters
    ----------
    results : Results
    draw : 'worst', 'median', 'best' or int
        By a party's result; of futures that are equal the first. The median is the lower one of the two in the middle.
        A number counts from 1, as in ``--format csv``.
    party : str or None
        Default: the first payer if something falls to its budget, else the first investor, else who there is.

    Raises
    ------
    ModelError
        There is no such future or party, or nothing is known that is good for it.
    """
    who = party_of(results.scenario, party)
    metric = metric_of(results, who)
    if draw not in PLACES:
        number = int(draw)
        if not 1 <= number <= results.n_draws:
            raise ModelError(f"there is no future {number}: they are numbered from 1 to {results.n_draws:,}")
        return Choice(number - 1, "number", who, metric)
    values = results.metric(who, metric)
    values = -values if metric in LESS_IS_BETTER else values
    return Choice(_placed(values, str(draw)), str(draw), who, metric)


def _placed(values: Array, place: str) -> int:
    if place == "best":
        return int(np.nanargmax(values))
    order = np.argsort(values, kind="stable")  # of equal ones the first; what does not apply comes last
    n = int(np.sum(~np.isnan(values)))
    return int(order[0 if place == "worst" else (n - 1) // 2])


def party_of(scenario: Scenario, party: str | None) -> str:
    """The party whose result is looked at."""
    does = {name: set(what) for name, what in roles(scenario).items()}
    if party is not None:
        if party not in does:
            raise ModelError(f"{scenario.file}: there is no party '{party}'; there are {', '.join(does)}")
        return party
    payers = [p for p, what in does.items() if "payer" in what]
    saving = [p for p in payers if any(b.to == p for b in scenario.benefits)]
    investors = [p for p, what in does.items() if "investor" in what]
    return next(iter([*saving[:1], *investors, *payers, *does]))


def metric_of(results: Results, party: str) -> str:
    """What is good for a party: of an investor its rate of return, where there is one in every future."""
    does = roles(results.scenario).get(party, [])
    for role, metric in METRICS.items():
        if role not in does:
            continue
        if role == "investor" and np.all(np.isfinite(results.metric(party, "irr"))):
            return "irr"
        return metric
    raise ModelError(f"{results.scenario.file}: nothing is worked out that is good or bad for '{party}'; name another")
