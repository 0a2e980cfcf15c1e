"""What each party paid, received and gained in each draw: one table of arrays a block, read off the ledger."""

from __future__ import annotations

from sibsim.benefits import BenefitRow
from sibsim.context import Context
from sibsim.parties.book import book_of, total
from sibsim.parties.budgets import budget
from sibsim.parties.cash import besides_loans, cash_of
from sibsim.parties.lenders import investor, lender, tabulate_lender, worth_of
from sibsim.parties.standing import public_bodies, roles, together
from sibsim.parties.table import HEADLINE, KINDS, MEAN, PUBLIC_PURSE, Key, Table
from sibsim.settlement import Moved

__all__ = [
    "HEADLINE",
    "KINDS",
    "MEAN",
    "PUBLIC_PURSE",
    "Key",
    "Table",
    "lender",
    "public_bodies",
    "roles",
    "tabulate",
    "tabulate_lender",
    "tabulate_public",
    "together",
    "worth_of",
]


def tabulate(context: Context, settlement: Moved, benefits: list[BenefitRow]) -> Table:
    """Every metric of every party in a block of draws."""
    table: Table = {}
    scenario = context.scenario
    for party, does in roles(scenario).items():
        book = book_of(context, settlement, benefits, [party])
        if {"payer", "beneficiary"} & set(does):
            budget(table, party, book)
        else:
            table[party, "own_costs"] = total(book.own_costs)
            table[party, "own_costs_pv"] = book.present(book.own_costs)
        if "investor" in does:
            investor(table, context, settlement, party, book.net)
        if "provider" in does or scenario.party(party).cash is not None:
            cash_of(table, context, settlement, party, book)
        if {"supplier", "recipient"} & set(does):
            table[party, "margin"] = besides_loans(settlement, party, book)
        if "guarantor" in does:
            table[party, "called"] = total(settlement.ledger.paid(party, ("guarantee",)))
        if "grantor" in does and "investor" not in does:
            table[party, "drawn"] = total(settlement.ledger.paid(party, ("draw",)))
            table[party, "received"] = total(book.received)
    bodies = public_bodies(scenario)
    if len(bodies) > 1 or any(scenario.party(p).discount_rate is not None for p in bodies):
        budget(table, PUBLIC_PURSE, book_of(context, settlement, benefits, bodies))
    return table


def tabulate_public(
    context: Context, settlement: Moved, benefits: list[BenefitRow], name: str, members: list[str]
) -> Table:
    """The budget of a party, or of several as one, under a name: also of one that does nothing in this contract."""
    table: Table = {}
    budget(table, name, book_of(context, settlement, benefits, members))
    return table
