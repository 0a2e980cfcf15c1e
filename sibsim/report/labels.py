"""What metrics, chances and roles are called in a report. A name that is not here is shown as it is, never left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["MEANINGS", "METRICS", "PROBABILITIES", "driver_label", "in_order", "label"]

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
    "benefit_cost_ratio": "Cashable savings / net paid",
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
    "paid_without_effect": "No effect, yet paid",
    "not_paid_despite_effect": "An effect, yet not paid",
    "cap_binds": "A cap cuts a payment",
    "loss": "Loses money",
    "total_loss": "Loses everything",
    "below_hurdle": "Returns less than the hurdle",
    "runs_out": "Runs out of cash",
}


MEANINGS: Mapping[str, str] = {
    "outcome_payments": "all it pays under the contract",
    "outcome_payments_pv": "the same, discounted to the start",
    "payment_without_effect": "what it would pay on average in the same futures if the programme had no effect",
    "largest_year": "the most it pays under the contract in one budget year",
    "own_costs": "what else it pays: costs of its own and shortfalls it covers",
    "own_costs_pv": "the same, discounted to the start",
    "money_received": "money it gets: what is left on the account, a guarantee, a penalty, a loan repaid",
    "cashable_benefit_pv": "savings in cash in its budget, discounted",
    "capacity_benefit_pv": "capacity that is freed for others, discounted",
    "societal_benefit_pv": "value to others than public budgets, discounted",
    "net_budget_effect_pv": "savings in cash and money received, less all it pays, discounted",
    "value_at_risk_95": "the loss that is not exceeded in 95 of 100 futures",
    "expected_shortfall_95": "the mean of the worst 5 of 100 futures",
    "benefit_cost_ratio": "savings in cash / all it pays less all it receives, a ratio of means",
    "savings_multiple_to_break_even": "how many times as large the savings would have to be",
    "break_even_year": (
        "the first year, from the first in which more goes out than comes in, from which the mean balance is and "
        "stays at 0 or above"
    ),
    "cost_per_outcome": "what it pays, net, per outcome there was",
    "cost_per_causal_outcome": "what it pays, net, per outcome that the programme caused",
    "drawn": "money lent",
    "received": "money that comes back",
    "net_gain": "received less drawn",
    "npv": "net present value at the tranche's hurdle",
    "irr": "internal rate of return, per year, of money drawn; nothing back is -100 %",
    "irr_of_expected_flows": "rate of return of the mean flows: what an average future does not show",
    "moic": "received / drawn",
    "payback_years": "years from the first draw until the money is back, where it comes back",
    "weighted_average_life": "the mean time from the first draw to what comes back, weighted by amount",
    "peak_capital": "the most money out at once",
    "expected_loss": "mean loss over all futures",
    "loss_given_loss": "mean loss over the futures with a loss",
    "margin": "all it receives less all it pays, its loans left out",
    "lowest_cash": "the least cash it ever has",
    "called": "what it pays as a guarantor",
    "net_budget_effect_positive": "chance that its budget is better off",
    "paid_without_effect": "chance that both are so: the programme had no effect, and a result was paid for",
    "not_paid_despite_effect": "chance that both are so: the programme had an effect, and no result was paid for",
    "cap_binds": "chance that a cap cuts what would be due",
    "loss": "chance to get back less than was lent",
    "total_loss": "chance to get nothing back",
    "below_hurdle": "chance of a return under the tranche's hurdle",
    "runs_out": "chance to run out of cash, where the file gives the opening cash",
}
"""What each metric and chance is, in a line."""


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
