"""Tables by year: payments, own costs, savings by kind, and the cumulated balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.parties import KINDS, MEAN, PUBLIC_PURSE, public_bodies
from sibsim.timeline import column_date

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = ["balance", "break_even_year", "yearly", "years_of"]

SERIES = ("payments", "own_costs", "received", *(f"{kind}_benefit" for kind in KINDS))


def years_of(results: Results) -> list[int]:
    """Budget years from the file's start to its end."""
    scenario = results.scenario

    def year(column: int) -> int:
        day = column_date(scenario.start, scenario.step_months, column)
        return day.year if day.month >= scenario.budget_year else day.year - 1

    return list(range(year(0), year(results.n_dates - 1) + 1))


def yearly(results: Results) -> list[dict[str, Any]]:
    """One row a year: the public purse as a whole, and each public body apart."""
    bodies = public_bodies(results.scenario)
    if not bodies:
        return []
    balances = {party: balance(results, party) for party in (PUBLIC_PURSE, *bodies)}
    rows = []
    for i, year in enumerate(years_of(results)):
        whole = _row(results, PUBLIC_PURSE, year, balances[PUBLIC_PURSE][i])
        apart = {party: _row(results, party, year, balances[party][i]) for party in bodies}
        rows.append({"year": year, **whole, "parties": apart})
    return rows


def _row(results: Results, party: str, year: int, balance_mean: float) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in SERIES:
        d = results.describe((party, f"yearly {name}", str(year)), "")
        row[name] = {k: d[k] for k in ("mean", "p50", "p95")}
    row["balance"] = {"mean": balance_mean}
    return row


def balance(results: Results, party: str) -> list[float]:
    """Mean cumulated net budget effect by year, undiscounted: cashable benefit and all received, less all paid."""
    total, cumulated = 0.0, []
    for year in years_of(results):
        saved = results.store.replicate_means(results.resolve((party, "yearly cashable_benefit", str(year))))
        total += float(np.mean(saved)) + _mean_net(results, party, year)
        cumulated.append(total)
    return cumulated


def _mean_net(results: Results, party: str, year: int) -> float:
    key = results.resolve((MEAN, party, "yearly net", str(year)))
    return float(np.mean(results.store.replicate_means(key)))


def break_even_year(results: Results, party: str) -> int | None:
    """The first year from which the mean cumulated net budget effect is, and stays, 0 or more.

    None if it never is, or if the party never has an outlay that could be won back.
    """
    cumulated, years = balance(results, party), years_of(results)
    yearly_net = [_mean_net(results, party, y) for y in years]
    if min(yearly_net, default=0.0) >= 0:
        return None
    first_outlay = next(i for i, net in enumerate(yearly_net) if net < 0)
    slack = 1e-9 * max(abs(c) for c in cumulated)
    for i in range(first_outlay, len(years)):
        if all(c >= -slack for c in cumulated[i:]):
            return years[i]
    return None
