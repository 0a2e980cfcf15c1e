"""What a portfolio comes to in each draw of a block: one table, of contracts, of the fund and of those who back it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.parties import MEAN, Key, Table, tabulate, tabulate_lender, worth_of
from sibsim.parties.book import add
from sibsim.portfolio.contracts import Flows
from sibsim.portfolio.fund import CONTRACTS, FUND
from sibsim.portfolio.pool import Pool
from sibsim.scenario import ACCOUNT, OUTSIDE, Finance, Number, Party, Scenario, Tranche
from sibsim.settlement import Entry, Moved

__all__ = [
    "ALL",
    "COPY",
    "FACTOR",
    "FUNDING",
    "HOLDING",
    "INPUT",
    "YEAR",
    "financed",
    "tabulate_fund",
    "tabulate_losses",
]

ALL = "#all"
"""First part of the keys of all contracts together, before the fund's costs and its layers."""
HOLDING, COPY, FACTOR, INPUT, FUNDING = "#holding", "#copy", "#factor", "#input", "#funding"
YEAR = "#year"
PER_FUTURE = ("lent", "returned", "distributed")
"""Yearly money of which each future is kept; of the rest only the mean."""


def financed(fund: Scenario) -> Scenario:
    """The fund with the only lender that it has where its file says nothing of finance: itself."""
    if fund.finance is not None:
        return fund
    has_one = any(party.id == FUND for party in fund.parties)
    parties = fund.parties if has_one else (*fund.parties, Party(FUND, "the fund"))
    return replace(
        fund, parties=parties, finance=Finance((Tranche(FUND, FUND, Number(np.inf, "money")),), shortfall=OUTSIDE)
    )


def tabulate_fund(
    context: Context,
    flows: Sequence[Flows],
    pool: Pool,
    moved: Moved,
    scores: Mapping[str, Array],
    has_rate: bool = False,
) -> Table:
    """Every figure of a portfolio in a block of draws.

    Parameters
    ----------
    context : Context
        Of the fund.
    flows : sequence of Flows
        Of every contract, in the order of `Portfolio.copies`.
    pool : Pool
        All of them together.
    moved : Moved
        The fund's settlement.
    scores : mapping of factor to (n_draws,) array
    has_rate : bool
        Whether the fund has a discount rate of its own; else its contracts are worth what they are at their hurdles.
    """
    table, worth = _holdings(context, flows)
    lent, returned = pool.lent, pool.returned
    if has_rate:
        worth = worth_of(context, lent, returned, context.scenario.discount_rate)
    tabulate_lender(table, (ALL,), context, lent, returned, worth)
    _parties(table, context, moved, worth)
    _years(table, context, moved, lent, returned)
    table.update(tabulate_losses(pool, moved))
    table.update(_contracts(context, flows, pool, moved))
    table.update({(FACTOR, name): score for name, score in scores.items()})
    table.update(_inputs(flows))
    table.update({("#input", name): values for name, values in context.inputs.items()})
    for one in flows:
        table.update({("#clipped", place): share for place, share in one.clipped.items()})
    table.update({("#clipped", place): share for place, share in context.clipped.items()})
    return table


def tabulate_losses(pool: Pool, moved: Moved) -> Table:
    """What is lost: on all contracts, and by each tranche."""
    table: Table = {}
    table[ALL, "net_loss"] = pool.net_loss
    table[ALL, "lost_by_contract"] = sum(pool.losses, 0.0)
    for name, state in moved.tranches.items():
        if state.tranche.kind == "loan":
            table["#tranche", name, "lost"] = state.loss
            table["#tranche", name, "net_loss"] = state.drawn - state.received
    return table


def _contracts(context: Context, flows: Sequence[Flows], pool: Pool, moved: Moved) -> Table:
    """What is lost on each contract; what is committed to them, what lacked for that, and what is left over."""
    table: Table = {}
    for one, lost in zip(flows, pool.losses, strict=True):
        label, net = one.copy.label, one.net_loss
        table[COPY, label, "lost"] = lost
        if one.copy.holding.copies > 1:  # else that is what the holding is
            lent = sum((amount for _, amount in sorted(one.lent.items())), 0.0)
            is_lost = (np.asarray(lent) > 0.0) & (np.asarray(lost) >= np.asarray(lent) * (1.0 - 1e-9))
            table.update({(COPY, label, "net_loss"): net, (COPY, label, "total_loss"): is_lost * 1.0})
    table[ALL, "failing"] = sum(((np.asarray(lost) > 0.0) * 1.0 for lost in pool.losses), 0.0)
    short = [entry for entry in moved.ledger if entry.kind == "shortfall"]
    table[FUNDING, "shortfall"] = sum((a for entry in short for a in entry.amounts.values()), 0.0)
    table[FUNDING, "left_over"] = _left_over(context.scenario, moved)
    table[FUNDING, "committed"] = sum((one.committed for one in flows), 0.0)
    return table


def _left_over(fund: Scenario, moved: Moved) -> Draw:
    """Money that no lender may have by its cap, and that the file gives to nobody."""
    named = {target for target, _ in (fund.finance.surplus or ())} if fund.finance else set()
    rest = [e for e in moved.ledger if e.kind == "surplus" and e.target == OUTSIDE and e.target not in named]
    return sum((amount for entry in rest for amount in entry.amounts.values()), 0.0)


def _pooled(flows: Sequence[Flows]) -> tuple[dict[int, Draw], dict[int, Draw]]:
    """Money lent and money back of several contracts, by column."""
    found: tuple[dict[int, Draw], dict[int, Draw]] = ({}, {})
    for one in flows:
        for into, amounts in zip(found, (one.lent, one.returned), strict=True):
            add(into, amounts)
    return found


def _holdings(context: Context, flows: Sequence[Flows]) -> tuple[Table, Draw]:
    """Every figure of each holding, its copies together, and what all of them are worth at the hurdles of the loans."""
    table: Table = {}
    worth: Draw = 0.0
    for holding in dict.fromkeys(one.copy.holding.name for one in flows):
        mine = [one for one in flows if one.copy.holding.name == holding]
        lent, returned = _pooled(mine)
        own = sum((one.worth for one in mine), 0.0)
        tabulate_lender(table, (HOLDING, holding), context, lent, returned, own)
        table[HOLDING, holding, "share"] = mine[0].share
        table[HOLDING, holding, "committed"] = sum((one.committed for one in mine), 0.0)
        worth = worth + own
    return table, worth


def _parties(table: Table, context: Context, moved: Moved, worth: Draw) -> None:
    """Every figure of those who back the fund or are paid by it."""
    scenario = context.scenario
    table.update(tabulate(replace(context, scenario=financed(scenario)), moved, []))
    if scenario.finance is not None:
        return
    state = moved.tranches[FUND]
    costs = moved.ledger.paid(FUND, ("cost",))
    for column, amount in costs.items():
        worth = worth - amount * context.discount(scenario.discount_rate, column)
    for key in [k for k in table if k[0] == FUND or k[:2] == (MEAN, FUND)]:
        del table[key]
    tabulate_lender(table, (FUND,), context, state.lent, state.returned, worth)


def _years(
    table: Table, context: Context, moved: Moved, lent: Mapping[int, Draw], returned: Mapping[int, Draw]
) -> None:
    """The fund's money by year."""
    entries = [entry for entry in moved.ledger if entry.label != CONTRACTS]
    paid = [entry for entry in entries if entry.source == ACCOUNT]
    series: dict[str, dict[int, Draw]] = {"lent": dict(lent), "returned": dict(returned)}
    series["costs"] = _of_kinds(paid, ("cost",))
    series["drawn"] = _of_kinds(entries, ("draw",))
    series["guarantees"] = _of_kinds(entries, ("guarantee",))
    series["distributed"] = _of_kinds(paid, ("repayment", "surplus", "refund"))
    series["account"] = moved.ledger.flows(ACCOUNT)
    if context.scenario.finance is None:
        series["costs"] = moved.ledger.paid(FUND, ("cost",))
        series["drawn"], series["distributed"] = dict(lent), dict(returned)
        add(series["drawn"], series["costs"])
    for name, amounts in series.items():
        years: dict[int, Draw] = {}
        for column, amount in sorted(amounts.items()):
            year = context.year_of(column)
            years[year] = years[year] + amount if year in years else amount
        for year, total in years.items():
            key: Key = (YEAR, name, str(year))
            table[key if name in PER_FUTURE else (MEAN, *key)] = total


def _of_kinds(entries: Sequence[Entry], kinds: Sequence[str]) -> dict[int, Draw]:
    """Money of some kinds by column."""
    found: dict[int, Draw] = {}
    for entry in entries:
        if entry.kind in kinds:
            add(found, entry.amounts)
    return found


def _inputs(flows: Sequence[Flows]) -> Table:
    """Each uncertain input of a holding; of copies the mean."""
    table: Table = {}
    for one in flows:
        n = one.copy.holding.copies
        for name, values in one.inputs.items():
            key = (INPUT, one.copy.holding.name, name)
            table[key] = table.get(key, 0.0) + (values if n == 1 else values / n)
    return table
