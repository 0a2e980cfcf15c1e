"""The flows of one party, or of several together, read off the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sibsim.benefits import BenefitRow
from sibsim.context import Context, Draw
from sibsim.parties.table import KINDS
from sibsim.scenario import Value
from sibsim.settlement import Moved

__all__ = ["Book", "add", "book_of", "by_year", "total"]


@dataclass
class Book:
    """The flows of one party (or of several together) in a block."""

    context: Context
    net: Mapping[int, Draw]
    payments: Mapping[int, Draw]
    own_costs: Mapping[int, Draw]
    received: Mapping[int, Draw]
    benefits: Mapping[str, Mapping[int, Draw]]
    rate: Value
    discounts: dict[int, Draw] = field(default_factory=dict)
    """Worth now of one unit at each column asked for so far."""

    def present(self, amounts: Mapping[int, Draw]) -> Draw:
        """Present value at the party's rate; column 0 is not discounted."""
        return sum((a * self._discount(c) for c, a in sorted(amounts.items())), 0.0)

    def _discount(self, column: int) -> Draw:
        if column not in self.discounts:
            self.discounts[column] = self.context.discount(self.rate, column)
        return self.discounts[column]


def book_of(context: Context, settlement: Moved, benefits: list[BenefitRow], members: list[str]) -> Book:
    """Flows of one party, or of several as one: what they pay each other cancels in ``net``."""
    ledger, own = settlement.ledger, context.scenario.party(members[0])
    saved: dict[str, dict[int, Draw]] = {kind: {} for kind in KINDS}
    for row in benefits:
        if row.party in members:
            add(saved[row.kind], row.amounts)
    net: dict[int, Draw] = {}
    payments: dict[int, Draw] = {}
    own_costs: dict[int, Draw] = {}
    received: dict[int, Draw] = {}
    for member in members:
        add(received, ledger.received(member, but_from=members))
        add(net, ledger.flows(member))
        add(payments, ledger.paid(member, ("payment",)))
        add(own_costs, ledger.paid(member, ("cost", "shortfall")))
    is_own_rate = len(members) == 1 and own.discount_rate is not None
    rate = own.discount_rate if is_own_rate and own.discount_rate is not None else context.scenario.discount_rate
    return Book(context, net, payments, own_costs, received, saved, rate)


def add(into: dict[int, Draw], amounts: Mapping[int, Draw]) -> None:
    """Add flows to others, date by date."""
    for column, amount in amounts.items():
        into[column] = into.get(column, 0.0) + amount


def total(amounts: Mapping[int, Draw]) -> Draw:
    """Sum over all dates, in order of date: the same to the last bit whatever came first."""
    return sum((amount for _, amount in sorted(amounts.items())), 0.0)


def by_year(context: Context, amounts: Mapping[int, Draw]) -> dict[int, Draw]:
    """Flows by calendar year."""
    years: dict[int, Draw] = defaultdict(float)
    for column, amount in sorted(amounts.items()):
        years[context.year_of(column)] = years[context.year_of(column)] + amount
    return dict(years)
