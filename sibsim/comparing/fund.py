"""A fund of a payer's own: what it pays for the service, and what comes back to it from what the payer really saves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from sibsim.benefits import BenefitRow
from sibsim.context import Context, Draw
from sibsim.parties import Table
from sibsim.settlement import Settlement

__all__ = ["FUND", "fund_figures"]

FUND = "#fund"
"""First part of the keys of a fund's figures; no name of a file begins with #."""
ENOUGH = 1e-9
"""Share of what was paid that rounding may leave out."""


def fund_figures(
    context: Context, settlement: Settlement, benefits: Sequence[BenefitRow], service: Collection[str]
) -> Table:
    """What each payer's fund pays and gets back.

    By any date at most what it has paid so far has come back, and at most what the payer has saved in cash so far;
    what is back stays back. ``(FUND, party, "paid")``, ``"returned"``, ``"whole"`` (1.0 where all came back),
    ``"when"`` (years from the start until all was back; NaN where it never is), ``"returned", year``.
    """
    paid: dict[str, dict[int, Draw]] = defaultdict(lambda: defaultdict(float))
    for entry in settlement.ledger:
        if entry.label in service and entry.kind == "cost" and entry.source != entry.target:
            for column, amount in entry.amounts.items():
                paid[entry.source][column] = paid[entry.source][column] + amount
    table: Table = {}
    payers = [c.by for c in context.scenario.costs if c.name in service and c.by in paid]
    for party in dict.fromkeys(payers):
        saved: dict[int, Draw] = defaultdict(float)
        for row in benefits:
            if row.party == party and row.kind == "cashable":
                for column, amount in row.amounts.items():
                    saved[column] = saved[column] + amount
        _back(table, context, party, paid[party], saved)
    return table


def _back(table: Table, context: Context, party: str, paid: dict[int, Draw], saved: dict[int, Draw]) -> None:
    """Date by date: what is out, what is saved, what comes back."""
    out: Draw = 0.0
    cash: Draw = 0.0
    back: Draw = 0.0
    when: Draw = np.nan
    years: dict[int, Draw] = defaultdict(float)
    last_paid = max(paid)
    for column in sorted({*paid, *saved}):
        out, cash = out + paid.get(column, 0.0), cash + saved.get(column, 0.0)
        now = np.maximum(back, np.minimum(out, np.maximum(cash, 0.0)))
        years[context.year_of(column)] = years[context.year_of(column)] + (now - back)
        back = now
        if column >= last_paid:
            is_whole = np.asarray(back) >= np.asarray(out) * (1.0 - ENOUGH)
            when = np.where(np.isnan(when) & is_whole, context.years(column), when)
    table[FUND, party, "paid"] = out
    table[FUND, party, "returned"] = back
    table[FUND, party, "whole"] = ~np.isnan(when) * 1.0
    table[FUND, party, "when"] = when
    for year, amount in years.items():
        table[FUND, party, "returned", str(year)] = amount
