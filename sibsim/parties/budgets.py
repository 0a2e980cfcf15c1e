"""What a payer, or a body that saves, looks at: payments, own costs, savings and the net of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibsim.context import Draw
from sibsim.parties.book import Book, by_year, total
from sibsim.parties.table import KINDS, MEAN, Table

__all__ = ["budget"]


def budget(table: Table, party: str, book: Book) -> None:
    """What a payer or a body that saves looks at."""
    series = {"payments": book.payments, "own_costs": book.own_costs, "received": book.received}
    series |= {f"{kind}_benefit": amounts for kind, amounts in book.benefits.items()}
    for name, amounts in series.items():
        for year, amount in by_year(book.context, amounts).items():
            table[party, f"yearly {name}", str(year)] = amount
    for year, amount in by_year(book.context, book.net).items():
        table[MEAN, party, "yearly net", str(year)] = amount
    years = by_year(book.context, book.payments)
    table[party, "outcome_payments"] = total(book.payments)
    table[party, "outcome_payments_pv"] = book.present(book.payments)
    table[party, "own_costs"] = total(book.own_costs)
    table[party, "own_costs_pv"] = book.present(book.own_costs)
    table[party, "money_received"] = total(book.received)
    table[party, "largest_year"] = _largest(years)
    for kind in KINDS:
        table[party, f"{kind}_benefit_pv"] = book.present(book.benefits[kind])
    outlay = -book.present(book.net)
    table[party, "net_outlay"] = -total(book.net)
    table[party, "net_outlay_pv"] = outlay
    table[party, "net_budget_effect_pv"] = table[party, "cashable_benefit_pv"] - outlay
    table[party, "net_budget_effect_positive"] = (np.asarray(table[party, "net_budget_effect_pv"]) > 1e-6) * 1.0


def _largest(years: Mapping[int, Draw]) -> Draw:
    largest: Draw = 0.0
    for amount in years.values():
        largest = np.maximum(largest, amount)
    return largest
