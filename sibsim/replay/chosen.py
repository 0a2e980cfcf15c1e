"""Which of all futures is told: one by its number, or the worst, the middle one or the best for a party."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.context import Array
from sibsim.errors import ModelError
from sibsim.parties import roles
from sibsim.results import Results
from sibsim.scenario import Scenario

__all__ = ["Choice", "check", "choose", "metric_of", "party_of"]

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


def check(scenario: Scenario, draw: str | int, party: str | None, n_draws: int) -> None:
    """Refuse a future or a party that there is not, before anything is simulated."""
    party_of(scenario, party)
    if draw not in PLACES and not 1 <= int(draw) <= n_draws:
        raise ModelError(f"there is no future {draw}: they are numbered from 1 to {n_draws:,}")


def choose(results: Results, draw: str | int = "median", party: str | None = None) -> Choice:
    """Choose a future.

    Parameters
    ----------
    results : Results
    draw : 'worst', 'median', 'best' or int
        By a party's result; of futures that are equal the first. The median is the lower one of the two in the middle.
        A number counts from 1, as in ``--format csv``.
    party : str or None
        Default: the first payer to whose budget something falls, else the first investor, else the first payer.

    Raises
    ------
    ModelError
        There is no such future or party, or nothing is known that is good for it.
    """
    check(results.scenario, draw, party, results.n_draws)
    who = party_of(results.scenario, party)
    metric = metric_of(results, who)
    if draw not in PLACES:
        return Choice(int(draw) - 1, "number", who, metric)
    values = results.metric(who, metric)
    values = -values if metric in LESS_IS_BETTER else values
    return Choice(_placed(values, str(draw)), str(draw), who, metric)


def _placed(values: Array, place: str) -> int:
    if place == "best":
        return int(np.nanargmax(values))
    if place == "worst":
        return int(np.nanargmin(values))
    there = np.sort(values[~np.isnan(values)])
    return int(np.flatnonzero(values == there[(len(there) - 1) // 2])[0])


def party_of(scenario: Scenario, party: str | None) -> str:
    """The party whose result is looked at."""
    does = {name: set(what) for name, what in roles(scenario).items()}
    if party is not None:
        if party not in does:
            raise ModelError(f"{scenario.file}: there is no party '{party}'; there are {', '.join(does)}")
        return party
    payers = list(dict.fromkeys(who for p in scenario.payments for who, _ in p.by))
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
