"""The table that holds a figure of a party in each draw, and the names of what stands in it."""

from __future__ import annotations

from sibsim.context import Draw

__all__ = ["HEADLINE", "KINDS", "MEAN", "PUBLIC_PURSE", "SHORT", "Key", "Table"]

PUBLIC_PURSE = "public_purse"
MEAN = "#mean"
"""First part of the keys of which only the mean of each replicate is kept; no name of a file begins with #."""
Key = tuple[str, ...]
Table = dict[Key, Draw]
"""By (party, metric), (party, tranche, metric) or (party, series, year): a float, or (n_draws,)."""
HEADLINE = ("outcome_payments", "net_budget_effect_pv", "irr", "moic", "net_gain", "margin", "called")
"""Metrics whose variance is shared out by layer of chance."""
KINDS = ("cashable", "capacity", "societal")
SHORT = -1e-6
"""Cash below this is none: what rounding leaves below zero is not."""
