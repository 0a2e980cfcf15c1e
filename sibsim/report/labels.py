"""What metrics, chances and roles are called in a report. A name that is not here is shown as it is, never left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["METRICS", "PROBABILITIES", "driver_label", "in_order", "label"]

METRICS: Mapping[str, str] = {
    "outcome_payments": "Outcome payments",
    "outcome_payments_pv": "Outcome payments, pv",
    "payment_without_effect": "Payments if no effect",
    "largest_year": "Dearest year",
    "own_costs": "Own costs",
    "own_costs_pv": "Own costs, pv",
    "money_received": "Money received",
    "cashable_benefit_pv": "Cashable savings, pv",
    "capacity_benefit_pv": "Freed capacity, pv",
    "societal_benefit_pv": "Value to society, pv",
    "net_budget_effect_pv": "Net budget effect, pv",
    "value_at_risk_95": "Value at risk, 95 %",
    "expected_shortfall_95": "Expected shortfall, 95 %",
    "benefit_cost_ratio": "Cashable savings / all paid",
    "savings_multiple_to_break_even": "Savings multiple to break even",
    "break_even_year": "Break-even year of the mean",
    "cost_per_outcome": "Paid per outcome",
    "cost_per_causal_outcome": "Paid per outcome caused",
    "drawn": "Drawn",
    "received": "Received",
    "net_gain": "Net gain",
    "npv": "NPV at the hurdle",
    "irr": "IRR",
    "irr_of_expected_flows": "IRR of the expected flows",
    "moic": "Multiple",
    "payback_years": "Payback",
    "weighted_average_life": "Weighted average life",
    "peak_capital": "Peak capital",
    "expected_loss": "Expected loss",
    "loss_given_loss": "Loss when there is one",
    "margin": "Margin",
    "lowest_cash": "Lowest cash",
    "called": "Guarantee called",
}

PROBABILITIES: Mapping[str, str] = {
    "net_budget_effect_positive": "Net budget effect above zero",
    "paid_without_effect": "Paid though there was no effect",
    "not_paid_despite_effect": "Not paid though it worked",
    "cap_binds": "A cap cuts a payment",
    "loss": "Loses money",
    "total_loss": "Loses everything",
    "below_hurdle": "Returns less than the hurdle",
    "runs_out": "Runs out of cash",
}


def label(name: str, words: Mapping[str, str] = METRICS) -> str:
    """The words for a name.

    >>> label("moic"), label("some_new_metric")
    ('Multiple', 'Some new metric')
    """
    return words.get(name, name.replace("_", " ").capitalize())


def in_order(names: Iterable[str], words: Mapping[str, str] = METRICS) -> list[str]:
    """Names in the order of the table of words, unknown ones last.

    >>> in_order(["new", "moic", "irr"])
    ['irr', 'moic', 'new']
    """
    known = list(words)
    return sorted(names, key=lambda name: known.index(name) if name in words else len(known))


def driver_label(metric: str, names: Mapping[str, str]) -> str:
    """``party.metric`` in words.

    >>> driver_label("investor.irr", {"investor": "Skandia"})
    'Skandia: IRR'
    """
    party, _, name = metric.partition(".")
    return f"{names.get(party, party)}: {label(name)}"
