"""What each party paid, received and gained in each draw: one table of arrays a block, read off the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sibsim import metrics
from sibsim.benefits import BenefitRow
from sibsim.context import Array, Context, Draw
from sibsim.rates import irr, is_unique_irr, npv
from sibsim.scenario import ACCOUNT, OUTSIDE, OverTime, Scenario, Value
from sibsim.settlement import Settlement

__all__ = [
    "HEADLINE",
    "MEAN",
    "PUBLIC_PURSE",
    "Key",
    "Table",
    "lender",
    "public_bodies",
    "roles",
    "tabulate",
    "tabulate_public",
    "together",
]

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


def roles(scenario: Scenario) -> dict[str, list[str]]:
    """The roles of each party of the file, seen from what it does."""
    found: dict[str, list[str]] = {p.id: [] for p in scenario.parties}

    def add(party: str, role: str) -> None:
        is_party = party not in (ACCOUNT, OUTSIDE) or (party, role) == (OUTSIDE, "beneficiary")
        if is_party and role not in found.setdefault(party, []):
            found[party].append(role)

    tranches = {t.name for t in scenario.finance.tranches} if scenario.finance else set()
    lenders = {t.by for t in scenario.loans}
    paying = {who for p in scenario.payments for who, _ in p.by} - {"provider"}  # who gets a penalty is no provider
    for payment in scenario.payments:
        for party, _ in payment.by:
            add(party, "payer")
        if payment.to not in tranches | lenders | paying:
            add(payment.to, "provider")
    for benefit in scenario.benefits:
        add(benefit.to, "beneficiary")
    for tranche in scenario.finance.tranches if scenario.finance else ():
        add(tranche.by, "investor" if tranche.kind == "loan" else "grantor")
    for guarantee in scenario.finance.guarantees if scenario.finance else ():
        add(guarantee.by, "guarantor")
    has_provider = any(p.id == "provider" for p in scenario.parties)
    for cost in scenario.costs:
        is_service = cost.to == "provider" or (cost.by == ACCOUNT and (cost.per != "contract" or not has_provider))
        add(cost.to, "provider" if is_service else "supplier")
        if cost.by != ACCOUNT:
            add(cost.by, {"payer": "payer", "provider": "provider"}.get(cost.by, "cost bearer"))
    for target, _ in (scenario.finance.surplus or ()) if scenario.finance else ():
        if target not in tranches | lenders:
            add(target, "recipient")
    if scenario.finance and any(c.by == ACCOUNT for c in scenario.costs):
        add(scenario.bearer, "cost bearer")
    if found.get("payer") == []:
        add("payer", "payer")  # the party that pays by default, also where an option leaves nothing to pay
    minor = {"cost bearer", "recipient"}
    return {p: [r for r in does if r not in minor or set(does) <= minor] for p, does in found.items()}


def public_bodies(scenario: Scenario) -> list[str]:
    """Parties of the file that pay under the contract or to whose budget a benefit falls, and do not deliver."""
    found = {p: set(does) for p, does in roles(scenario).items() if p != OUTSIDE}
    return [p for p, does in found.items() if {"payer", "beneficiary"} & does and "provider" not in does]


def together(scenario: Scenario) -> str:
    """What all these bodies are called together; a charity or a fund may be one of them."""
    does = roles(scenario)
    pay = all("payer" in does[party] for party in public_bodies(scenario))
    return "All payers together" if pay else "All who pay or save together"


@dataclass
class _Book:
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


def tabulate(context: Context, settlement: Settlement, benefits: list[BenefitRow]) -> Table:
    """Every metric of every party in a block of draws."""
    table: Table = {}
    scenario = context.scenario
    for party, does in roles(scenario).items():
        book = _book(context, settlement, benefits, [party])
        if {"payer", "beneficiary"} & set(does):
            _public(table, party, book)
        else:
            table[party, "own_costs"] = _total(book.own_costs)
            table[party, "own_costs_pv"] = book.present(book.own_costs)
        if "investor" in does:
            _investor(table, context, settlement, party, book.net)
        if "provider" in does or scenario.party(party).cash is not None:
            _cash(table, context, settlement, party, book)
        if {"supplier", "recipient"} & set(does):
            table[party, "margin"] = _besides_loans(settlement, party, book)
        if "guarantor" in does:
            table[party, "called"] = _total(settlement.ledger.paid(party, ("guarantee",)))
        if "grantor" in does and "investor" not in does:
            table[party, "drawn"] = _total(settlement.ledger.paid(party, ("draw",)))
            table[party, "received"] = _total(book.received)
    bodies = public_bodies(scenario)
    if len(bodies) > 1 or any(scenario.party(p).discount_rate is not None for p in bodies):
        _public(table, PUBLIC_PURSE, _book(context, settlement, benefits, bodies))
    return table


def tabulate_public(
    context: Context, settlement: Settlement, benefits: list[BenefitRow], name: str, members: list[str]
) -> Table:
    """The budget of a party, or of several as one, under a name: also of one that does nothing in this contract."""
    table: Table = {}
    _public(table, name, _book(context, settlement, benefits, members))
    return table


def _book(context: Context, settlement: Settlement, benefits: list[BenefitRow], members: list[str]) -> _Book:
    """Flows of one party, or of several as one: what they pay each other cancels in ``net``."""
    ledger, own = settlement.ledger, context.scenario.party(members[0])
    saved: dict[str, dict[int, Draw]] = {kind: {} for kind in KINDS}
    for row in benefits:
        if row.party in members:
            _add(saved[row.kind], row.amounts)
    net: dict[int, Draw] = {}
    payments: dict[int, Draw] = {}
    own_costs: dict[int, Draw] = {}
    received: dict[int, Draw] = {}
    for member in members:
        _add(received, ledger.received(member, but_from=members))
        _add(net, ledger.flows(member))
        _add(payments, ledger.paid(member, ("payment",)))
        _add(own_costs, ledger.paid(member, ("cost", "shortfall")))
    is_own_rate = len(members) == 1 and own.discount_rate is not None
    rate = own.discount_rate if is_own_rate and own.discount_rate is not None else context.scenario.discount_rate
    return _Book(context, net, payments, own_costs, received, saved, rate)


def _add(into: dict[int, Draw], amounts: Mapping[int, Draw]) -> None:
    for column, amount in amounts.items():
        into[column] = into.get(column, 0.0) + amount


def _total(amounts: Mapping[int, Draw]) -> Draw:
    """Sum over all dates, in order of date: the same to the last bit whatever came first."""
    return sum((amount for _, amount in sorted(amounts.items())), 0.0)


def _by_year(context: Context, amounts: Mapping[int, Draw]) -> dict[int, Draw]:
    years: dict[int, Draw] = defaultdict(float)
    for column, amount in sorted(amounts.items()):
        years[context.year_of(column)] = years[context.year_of(column)] + amount
    return dict(years)


def _public(table: Table, party: str, book: _Book) -> None:
    """What a payer or a body that saves looks at."""
    series = {"payments": book.payments, "own_costs": book.own_costs, "received": book.received}
    series |= {f"{kind}_benefit": amounts for kind, amounts in book.benefits.items()}
    for name, amounts in series.items():
        for year, total in _by_year(book.context, amounts).items():
            table[party, f"yearly {name}", str(year)] = total
    for year, total in _by_year(book.context, book.net).items():
        table[MEAN, party, "yearly net", str(year)] = total
    years = _by_year(book.context, book.payments)
    table[party, "outcome_payments"] = _total(book.payments)
    table[party, "outcome_payments_pv"] = book.present(book.payments)
    table[party, "own_costs"] = _total(book.own_costs)
    table[party, "own_costs_pv"] = book.present(book.own_costs)
    table[party, "money_received"] = _total(book.received)
    table[party, "largest_year"] = _largest(years)
    for kind in KINDS:
        table[party, f"{kind}_benefit_pv"] = book.present(book.benefits[kind])
    outlay = -book.present(book.net)
    table[party, "net_outlay"] = -_total(book.net)
    table[party, "net_outlay_pv"] = outlay
    table[party, "net_budget_effect_pv"] = table[party, "cashable_benefit_pv"] - outlay
    table[party, "net_budget_effect_positive"] = (np.asarray(table[party, "net_budget_effect_pv"]) > 1e-6) * 1.0


def _largest(years: Mapping[int, Draw]) -> Draw:
    largest: Draw = 0.0
    for amount in years.values():
        largest = np.maximum(largest, amount)
    return largest


def _rows(amounts: Mapping[int, Draw], n_draws: int) -> tuple[list[int], Array]:
    columns = sorted(amounts) or [0]
    rows = np.empty((len(columns), n_draws))
    for i, column in enumerate(columns):
        rows[i] = amounts.get(column, 0.0)
    return columns, rows


class _Loan:
    """Money lent and money back, by column."""

    def __init__(self, context: Context, lent: Mapping[int, Draw], returned: Mapping[int, Draw]) -> None:
        self.context, self.lent, self.returned = context, lent, returned

    @cached_property
    def columns(self) -> list[int]:
        """Of every flow, those out first: on one day there may be both."""
        return [*sorted(self.lent), *sorted(self.returned)]

    @cached_property
    def rows(self) -> Array:
        """Every flow, shape (number of columns, n_draws); what is lent is below 0."""
        rows = np.empty((len(self.columns), self.context.n_draws))
        for i, column in enumerate(self.columns):
            if i < len(self.lent):
                np.negative(self.lent[column], out=rows[i])
            else:
                rows[i] = self.returned[column]
        return rows

    def worth(self, hurdle: Value) -> Draw:
        """Present value of all flows at a hurdle."""
        context = self.context
        if isinstance(hurdle, OverTime):
            worth = [row * context.discount(hurdle, c) for c, row in zip(self.columns, self.rows, strict=True)]
            return np.asarray(sum(worth, np.zeros(context.n_draws)))
        years = np.array([context.years(c) for c in self.columns])
        return np.asarray(npv(context.yearly_rate(hurdle), self.rows, years))


def _investor(table: Table, context: Context, settlement: Settlement, party: str, net: Mapping[int, Draw]) -> None:
    """Each tranche of an investor; and the investor, with its other flows (own costs, a shortfall it bears)."""
    own = [s for s in settlement.tranches.values() if s.tranche.by == party and s.tranche.kind == "loan"]
    lent: dict[int, Draw] = {}
    returned: dict[int, Draw] = {}
    worth: Draw = 0.0
    has_others = _deals_besides(context.scenario, party)
    for state in own:
        _add(lent, state.lent)
        _add(returned, state.returned)
        loan = _Loan(context, state.lent, state.returned)
        one = loan.worth(state.tranche.hurdle)
        worth = worth + one
        if len(own) == 1 and not has_others:
            _lender(table, (party,), loan, worth)
            return
        _lender(table, (party, state.tranche.name), loan, one)
    if has_others:
        others = dict(net)
        _add(others, lent)
        _add(others, {c: -np.asarray(a) for c, a in returned.items()})
        paid, got = ({c: np.maximum(sign * np.asarray(a), 0.0) for c, a in others.items()} for sign in (-1.0, 1.0))
        worth = worth + _Loan(context, paid, got).worth(own[0].tranche.hurdle)
        _add(lent, paid)
        _add(returned, got)
    _lender(table, (party,), _Loan(context, lent, returned), worth)


def _deals_besides(scenario: Scenario, party: str) -> bool:
    """Whether one who only lends may also pay or get money besides its loans: a cost, a shortfall, a surplus.

    That belongs to its investment. Of a lender that also delivers, supplies, pays or guarantees it does not.
    """
    finance = scenario.finance
    if finance is None or not set(roles(scenario)[party]) <= {"investor", "grantor"}:
        return False
    touched = {cost.by for cost in scenario.costs} | {p.to for p in scenario.payments} | {scenario.bearer}
    touched |= {t.by for t in finance.tranches if t.kind == "grant"}
    return party in touched | {target for target, _ in finance.surplus or ()}


def _lender(table: Table, key: Key, loan: _Loan, worth: Draw) -> None:
    table.update({(*key, name): value for name, value in _figures_of(loan, worth).items()})
    for column, amount in _net(loan.lent, loan.returned).items():
        table[(MEAN, *key, "flow", str(column))] = amount


def _net(lent: Mapping[int, Draw], returned: Mapping[int, Draw]) -> dict[int, Draw]:
    flows: dict[int, Draw] = {c: -np.asarray(a) for c, a in lent.items()}
    _add(flows, returned)
    return flows


def lender(context: Context, lent: Mapping[int, Draw], returned: Mapping[int, Draw], worth: Draw) -> dict[str, Draw]:
    """Every figure of one who lends.

    Parameters
    ----------
    context : Context
    lent, returned : mapping of column to float or (n_draws,) array
        Money lent and money back.
    worth : float or (n_draws,) array
        Present value of it at the hurdle.
    """
    return _figures_of(_Loan(context, lent, returned), worth)


def _figures_of(loan: _Loan, worth: Draw) -> dict[str, Draw]:
    """The same; where the same money moves on the same dates, that is worked out once."""
    context, lent, returned, gross_columns, gross = loan.context, loan.lent, loan.returned, loan.columns, loan.rows
    kinds = metrics.alike(gross)
    if kinds is None:
        figures = _figures(context, lent, returned, gross_columns, gross)
    else:
        chosen, place = kinds
        gross = np.ascontiguousarray(gross[:, chosen])
        lent = {c: -gross[i] for i, c in enumerate(sorted(lent))}
        returned = {c: gross[i] for i, c in enumerate(sorted(returned), start=len(lent))}
        one = _figures(context, lent, returned, gross_columns, gross)
        figures = {name: np.asarray(value)[place] for name, value in one.items()}
    below = (np.asarray(worth) < -1e-9 * np.maximum(figures["drawn"], 1.0)) * 1.0
    return {**figures, "npv": worth, "below_hurdle": below}


def _figures(
    context: Context, lent: Mapping[int, Draw], returned: Mapping[int, Draw], gross_columns: list[int], gross: Array
) -> dict[str, Draw]:
    """Every figure of one who lends that follows from the money alone; ``gross``: those of `_Loan`."""
    n, flows = gross.shape[1], _net(lent, returned)
    columns, rows = _rows(flows, n)
    years, gross_years = (np.array([context.years(c) for c in of]) for of in (columns, gross_columns))
    drawn, received = (np.asarray(_total(a)) + np.zeros(n) for a in (lent, returned))
    is_lost = (received < drawn * (1.0 - 1e-9)) & (drawn > 0)
    return {
        "drawn": drawn,
        "received": received,
        "net_gain": received - drawn,
        "irr": irr(rows, years),
        "moic": np.where(drawn > 0, received / np.where(drawn > 0, drawn, 1.0), np.nan),  # less what it paid back
        "payback_years": _payback(context, flows, n),
        "weighted_average_life": metrics.weighted_average_life(gross, gross_years),
        "peak_capital": metrics.peak_capital(rows),
        "loss": is_lost * 1.0,
        "total_loss": ((received <= drawn * 1e-9) & (drawn > 0)) * 1.0,
        "not_unique": ~np.asarray(is_unique_irr(rows)) * 1.0,
        "lost": np.where(is_lost, drawn - received, 0.0),
    }


def _payback(context: Context, flows: Mapping[int, Draw], n_draws: int) -> Draw:
    """Years from its first draw until a lender has its money back, read between a column and the one before it."""
    grid = dict.fromkeys((c - 1 for c in flows if c > 0), 0.0) | dict(flows)
    columns, rows = _rows(grid, n_draws)
    return metrics.payback_years(rows, np.array([context.years(c) for c in columns]))


def _besides_loans(settlement: Settlement, party: str, book: _Book) -> Draw:
    """What a party got less what it paid, its loans left out."""
    own = [s for s in settlement.tranches.values() if s.tranche.by == party]
    lent = sum((_total(s.lent) for s in own), 0.0)
    left = _total(book.net) + lent - sum((_total(s.returned) for s in own), 0.0)
    size = _total({column: np.abs(amount) for column, amount in book.net.items()})
    least = np.maximum(1e-12 * np.asarray(size), -SHORT)  # each day's net may itself be what rounding leaves
    return np.where(np.abs(left) <= least, 0.0, left)  # what only rounding leaves is nothing


def _cash(table: Table, context: Context, settlement: Settlement, party: str, book: _Book) -> None:
    """Margin, and the cash of a party that waits for its money: the lowest balance and whether it runs out."""
    cash = context.scenario.party(party).cash
    balance: Draw = 0.0 if cash is None else context.value(cash)
    opening, lowest = balance, balance
    first: Draw = np.nan
    for column, amount in sorted(book.net.items()):
        balance = balance + amount
        lowest = np.minimum(lowest, balance)
        first = np.where(np.isnan(first) & (np.asarray(balance) < SHORT), float(column), first)
    table[party, "margin"] = _besides_loans(settlement, party, book)
    table[party, "lowest_cash"] = np.where(np.abs(lowest) <= -SHORT, 0.0, lowest)  # as above
    if cash is not None:
        table[party, "runs_out"] = (np.asarray(lowest) < SHORT) * 1.0
        table[party, "opening_cash"] = opening
        table[party, "first_short"] = first
