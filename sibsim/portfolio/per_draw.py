"""One number a future for each figure of a portfolio: the content of ``--format csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sibsim.context import Array
from sibsim.parties import Key, roles
from sibsim.portfolio.figures import ALL, COPY, FACTOR, HOLDING, INPUT
from sibsim.summary import LENDER

if TYPE_CHECKING:
    from sibsim.portfolio.run import PortfolioResults

__all__ = ["per_draw"]


def per_draw(results: PortfolioResults) -> dict[str, Array]:
    """Every figure that differs between futures, by column name.

    Returns
    -------
    dict of str to (n_draws,) array
        ``factors.NAME`` (normal scores), ``contracts.METRIC``, ``contracts.failing``, ``HOLDING.METRIC``,
        ``HOLDING.inputs.NAME``, ``COPY.lost``, ``PARTY.METRIC``, ``PARTY.TRANCHE.METRIC`` and ``inputs.NAME`` of the
        fund's own inputs.
    """
    columns: dict[str, Key] = {f"factors.{name}": (FACTOR, name) for name in results.portfolio.factors}
    columns |= {f"contracts.{name}": (ALL, name) for name in (*LENDER, "net_loss", "lost_by_contract", "failing")}
    for holding in sorted(results.portfolio.holdings, key=lambda one: one.name):
        columns |= {f"holdings.{holding.name}.{name}": (HOLDING, holding.name, name) for name in LENDER}
        drawn = [entry.name for entry in holding.scenario.inputs if (INPUT, holding.name, entry.name) in results.store]
        columns |= {f"holdings.{holding.name}.inputs.{name}": (INPUT, holding.name, name) for name in drawn}
    columns |= {f"contracts.{copy.label}.lost": (COPY, copy.label, "lost") for copy in results.portfolio.copies}
    columns |= _parties(results)
    columns |= {f"inputs.{entry.name}": ("#input", entry.name) for entry in results.portfolio.fund.inputs}
    return {name: _column(results, key) for name, key in columns.items()}


def _parties(results: PortfolioResults) -> dict[str, Key]:
    fund = results.results.scenario
    found: dict[str, Key] = {}
    for party, does in roles(fund).items():
        own = [*(LENDER if "investor" in does else ()), *(("called",) if "guarantor" in does else ())]
        own += [name for name in ("margin", "own_costs", "drawn", "received") if name not in own]
        found |= {f"{party}.{name}": (party, name) for name in own if (party, name) in results.store}
        for tranche in fund.loans:
            if tranche.by == party and (party, tranche.name, "irr") in results.store:
                found |= {f"{party}.{tranche.name}.{name}": (party, tranche.name, name) for name in LENDER}
    return found


def _column(results: PortfolioResults, key: Key) -> Array:
    """One number a draw; without memory of its own where they are all the same."""
    constant = results.store.constant(key)
    return results.store.array(key) if constant is None else np.broadcast_to(np.float64(constant), (results.n_draws,))
