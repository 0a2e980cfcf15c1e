"""The fund's money by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sibsim import metrics
from sibsim.parties import MEAN
from sibsim.portfolio.figures import PER_FUTURE, YEAR
from sibsim.yearly import years_of

if TYPE_CHECKING:
    from sibsim.portfolio.run import PortfolioResults

__all__ = ["years"]

SERIES = ("lent", "returned", "costs", "drawn", "distributed", "guarantees")


def years(results: PortfolioResults) -> list[dict[str, Any]]:
    """One row a year: what moved, and what is left on the account at its end, on average."""
    rows, balance = [], 0.0
    for year in years_of(results.results):
        row: dict[str, Any] = {"year": year}
        for name in SERIES:
            row[name] = _figures(results, name, str(year))
        balance += _figures(results, "account", str(year))["mean"]
        row["balance"] = {"mean": balance}
        rows.append(row)
    return rows


def _figures(results: PortfolioResults, name: str, year: str) -> dict[str, Any]:
    if name in PER_FUTURE:
        d = results.results.describe((YEAR, name, year), "")
        return {key: d[key] for key in ("mean", "mc_error", "p05", "p95")}
    own = results.store.replicate_means((MEAN, YEAR, name, year))
    found = metrics.Estimate(float(own.mean()), float(own.std(ddof=1)) / len(own) ** 0.5)
    return {"mean": found.value, "mc_error": found.mc_error}
