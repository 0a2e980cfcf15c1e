"""One contract of a portfolio in a block of futures: what the fund lends it and what comes back, on its dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sibsim.context import Array, Context, Draw, begin
from sibsim.draws.streams import Streams
from sibsim.futures import money_of
from sibsim.parties import worth_of
from sibsim.parties.book import add, total
from sibsim.portfolio.factors import mixer
from sibsim.scenario import Copy, Holding, OverTime, Portfolio, Scenario, Value
from sibsim.settlement import Settlement, TrancheState
from sibsim.settlement.account import Account
from sibsim.settlement.ledger import Ledger
from sibsim.timeline import add_months, column_date, column_of, last_money_column, levels

__all__ = [
    "Flows",
    "can_end",
    "clipped_in",
    "flows_of",
    "fund_columns",
    "planned_lending",
    "some_of",
    "streams_of",
]

FUND = "fund"
"""Whose luck that of the fund's own inputs is; that of a contract begins with the word below."""
HOLDING = "holding"
STOPS = {"everything", "draws"}
"""After an event that stops these a contract draws no more."""


@dataclass
class Flows:
    """Money of one contract by column of the fund, in the fund's currency, one number a draw.

    ``lent`` is what the fund pays, ``returned`` what it gets; below 0 is what it gives back of that to the payers.
    ``worth`` is the present value of both at the fund's start, of each loan at its own hurdle.
    """

    copy: Copy
    lent: dict[int, Draw]
    returned: dict[int, Draw]
    worth: Draw
    share: Draw
    committed: Draw
    inputs: dict[str, Array]
    clipped: dict[str, Draw]
    ends: Draw = np.inf
    """The column from which an event has stopped all that it draws; infinite where none has."""

    @property
    def net_loss(self) -> Draw:
        """All that was lent less all that came back; a gain is negative."""
        return total(self.lent) - total(self.returned)

    def of(self, draws: slice) -> Flows:
        """The same of some of the draws, apart from the others: these may be let go."""
        return replace(
            self,
            lent=_moving(self.lent, draws),
            returned=_moving(self.returned, draws),
            worth=some_of(self.worth, draws),
            share=some_of(self.share, draws),
            committed=some_of(self.committed, draws),
            ends=some_of(self.ends, draws),
            inputs={name: values[draws] for name, values in self.inputs.items()},
            clipped=clipped_in(self.clipped, draws),
        )


def some_of(amount: Draw, draws: slice) -> Draw:
    """An amount in some of the draws."""
    return amount[draws].copy() if isinstance(amount, np.ndarray) and amount.ndim else amount


def clipped_in(clipped: Mapping[str, Draw], draws: slice) -> dict[str, Draw]:
    """What had to be brought back into its range in some of the draws, by place: only where it had to."""
    found = {place: some_of(share, draws) for place, share in clipped.items()}
    return {place: share for place, share in found.items() if np.any(share)}


def _moving(amounts: Mapping[int, Draw], draws: slice) -> dict[int, Draw]:
    """Amounts in some of the draws, without the columns on which money moves in the others alone."""
    found = {column: some_of(amount, draws) for column, amount in amounts.items()}
    return {column: one for column, one in found.items() if np.any(one) or not np.any(amounts[column])}


def streams_of(portfolio: Portfolio, copy: Copy | None, streams: Streams) -> Streams:
    """The streams of a contract, or (None) of the fund's own inputs: each has luck of its own.

    A contract that is held alone has the luck that it has in a run of its own.
    """
    if copy is None:
        return replace(streams, salt=FUND)
    is_alone = len(portfolio.copies) == 1 and not portfolio.factors
    return streams if is_alone else replace(streams, salt=f"{HOLDING}\n{copy.holding.name}\n{copy.number}")


def fund_columns(fund: Scenario, holding: Holding) -> dict[int, int]:
    """By column of a contract the column of the fund on which its money moves: the next date on or after."""
    return {c: _fund_column(fund, holding, c) for c in range(last_money_column(holding.scenario) + 1)}


def _fund_column(fund: Scenario, holding: Holding, column: int) -> int:
    begins = add_months(fund.start, round(holding.months))
    return column_of(fund.start, fund.step_months, column_date(begins, holding.scenario.step_months, column))


def flows_of(
    portfolio: Portfolio,
    copy: Copy,
    fund: Context,
    scores: Mapping[str, Array],
    streams: Streams,
    sampling: str = "lattice",
    worlds: Sequence[tuple[Portfolio, slice]] = (),
) -> Flows:
    """Simulate one contract and take the fund's part of it.

    Parameters
    ----------
    portfolio : Portfolio
    copy : Copy
    fund : Context
        Of the fund: its inputs drawn, for exchange rates and amounts.
    scores : mapping of factor to (n_draws,) array
    streams : Streams
        Of the portfolio, without salt.
    sampling : {'lattice', 'random'}
    worlds : sequence of (Portfolio, slice), optional
        By whose loadings, in which draws; else by those of the portfolio in all.
    """
    scenario = copy.holding.scenario
    luck = streams_of(portfolio, copy, streams)
    mixed = mixer(worlds or ((portfolio, slice(None)),), copy, scores, streams)
    context = begin(scenario, luck, sampling, mixed)
    settlement = money_of(context)
    columns = fund_columns(portfolio.fund, copy.holding)
    held = [state for name, state in settlement.tranches.items() if is_held(copy.holding, state)]
    whole = sum((most_of(context, state.tranche.amount) for state in held), 0.0)
    rate = _rate(fund, scenario, columns[0])
    given = whole * rate if copy.holding.amount is None else fund.value(copy.holding.amount, columns[0])
    worth = np.asarray(whole * rate)
    given = np.minimum(given, worth)  # nobody holds more than there is
    share = 1.0 if copy.holding.amount is None else given / np.where(worth > 0.0, worth, np.inf)
    lent: dict[int, Draw] = {}
    returned: dict[int, Draw] = {}
    present: Draw = 0.0
    for state in held:
        own: tuple[dict[int, Draw], dict[int, Draw]] = ({}, {})
        for into, amounts in zip(own, (state.lent, state.returned), strict=True):
            _take(into, amounts, columns, share, fund, scenario)
        present = present + _worth(context, *own, state.tranche.hurdle, fund.scenario, copy.holding)
        add(lent, own[0])
        add(returned, own[1])
    inputs = {i.name: context.inputs[i.name] for i in scenario.inputs if i.distribution.IS_DRAWN}
    clipped = {f"{copy.holding.name}: {place}": what for place, what in context.clipped.items()}
    return Flows(copy, lent, returned, present, share, given, inputs, clipped, _ends(settlement, columns))


def can_end(scenario: Scenario) -> bool:
    """Whether an event may stop all that a contract draws."""
    return any(STOPS & set(event.stops) for event in scenario.events)


def _ends(settlement: Settlement, columns: Mapping[int, int]) -> Draw:
    """The column of the fund from which an event has stopped all that a contract draws."""
    ends: Draw = np.inf
    events = settlement.events
    for event in events.context.scenario.events if events is not None else ():
        if events is not None and STOPS & set(event.stops):
            when = events.when[event.name]
            ends = np.minimum(ends, np.array([*columns.values(), np.inf])[np.minimum(when, len(columns))])
    return ends


def is_held(holding: Holding, state: TrancheState) -> bool:
    """Whether a tranche belongs to what is held: the one named, or every loan."""
    return state.tranche.name == holding.tranche if holding.tranche is not None else state.tranche.kind == "loan"


def most_of(context: Context, amount: Value) -> Draw:
    """The most that a commitment ever comes to."""
    every = [context.value(one, column) for column, one in levels(context.scenario, amount)]
    most = every[0] if len(every) == 1 else np.maximum.reduce(np.broadcast_arrays(*every))
    return np.maximum(most, 0.0)


def _rate(fund: Context, scenario: Scenario, column: int) -> Draw:
    """What one unit of a contract's currency is worth in the fund's at a column."""
    return 1.0 if scenario.currency == fund.scenario.currency else fund.rate(scenario.currency, column)


def _take(
    into: dict[int, Draw],
    amounts: Mapping[int, Draw],
    columns: Mapping[int, int],
    share: Draw,
    fund: Context,
    scenario: Scenario,
) -> None:
    """Add the fund's part of money that moves in a contract, on the fund's dates and in its currency."""
    is_plain = scenario.currency == fund.scenario.currency and isinstance(share, float) and share == 1.0
    for column, amount in sorted(amounts.items()):
        at = columns[column]
        part = amount if is_plain else amount * share * _rate(fund, scenario, at)
        into[at] = into[at] + part if at in into else part


def _worth(
    context: Context,
    lent: Mapping[int, Draw],
    returned: Mapping[int, Draw],
    hurdle: Value,
    fund: Scenario,
    holding: Holding,
) -> Draw:
    """Present value, on the fund's dates, at a hurdle whose dates, inputs and events are those of the contract."""
    calendar = replace(context.scenario, start=fund.start, step_months=fund.step_months)
    there = replace(context, scenario=calendar, happened=None)
    if isinstance(hurdle, OverTime):
        columns, known = fund_columns(fund, holding), context.happened
        hurdle = replace(hurdle, entries=tuple((_fund_column(fund, holding, c), value) for c, value in hurdle.entries))
        if known is not None:
            there.happened = lambda event, at: known(event, max((c for c in columns if columns[c] <= at), default=0))
    return worth_of(there, lent, returned, hurdle)


# ------------------------------------------------------------------------------------------------ as planned
def planned_lending(fund: Scenario, holding: Holding) -> dict[int, float]:
    """What one copy is planned to draw from the fund, by column of the fund: at mean inputs, with nobody dropping out.

    Capital drawn on dates of its own comes on them; what is drawn as needed, as planned costs fall due, grants first.
    Receipts that a contract itself uses again are not counted on.
    """
    scenario = holding.scenario
    means = {i.name: np.asarray(i.distribution.mean) for i in scenario.inputs}
    context = Context(scenario, Streams(0, range(1)), means)
    account = Account(context, Ledger(), scenario.finance, set())
    columns, found = fund_columns(fund, holding), dict[int, float]()
    money = Context(fund, Streams(0, range(1)), {i.name: np.asarray(i.distribution.mean) for i in fund.inputs})
    held = {name: is_held(holding, state) for name, state in account.tranches.items()}
    whole = sum(float(most_of(context, s.tranche.amount)) for n, s in account.tranches.items() if held[n])
    worth = whole * float(_rate(money, scenario, columns[0]))
    share = 1.0
    if holding.amount is not None:
        share = min(float(money.value(holding.amount, columns[0])) / worth, 1.0) if worth > 0.0 else 0.0
    for column in range(last_money_column(scenario) + 1):
        drawn = dict.fromkeys(account.tranches, 0.0)
        account.commit(column)
        for name, amount in _planned(account, column):
            drawn[name] += amount
        rate = float(_rate(money, scenario, columns[column]))
        amount = sum(amount for name, amount in drawn.items() if held[name]) * rate * share
        if amount > 0.0:
            found[columns[column]] = found.get(columns[column], 0.0) + amount
    return found


def _planned(account: Account, column: int) -> Iterable[tuple[str, float]]:
    """Planned draws of a day: first those on dates of their own, then what costs of the day still need."""
    for name, state in account.tranches.items():
        drawn = state.tranche.drawn
        amount = 0.0
        if drawn == "upfront" and column == 0:
            amount = float(state.committed)
        elif not isinstance(drawn, str):
            amount = sum(float(account.context.value(value, column)) for at, value in drawn if at == column)
        amount = min(amount, float(state.undrawn))
        if amount > 0.0:
            state.drawn, account.capital = state.drawn + amount, account.capital + amount
            yield name, amount
    step = account.context.scenario.step_months
    for key, plan in account.plans.items():
        need = float(plan.ahead(column - 1, step, known=0))
        spent = min(need, float(account.capital)) if key is None else 0.0
        account.capital, need = account.capital - spent, need - spent
        yield from _as_needed(account, key, need)


def _as_needed(account: Account, key: str | None, need: float) -> Iterable[tuple[str, float]]:
    free = [
        s for name, s in account.tranches.items() if (name == key if key is not None else name not in account.plans)
    ]
    for kind in ("grant", "loan"):
        states = [s for s in free if s.tranche.kind == kind and (key is not None or s.tranche.drawn == "as needed")]
        undrawn = sum(float(s.undrawn) for s in states)
        taken = min(need, undrawn)
        for state in states if taken > 0.0 else ():
            part = taken * float(state.undrawn) / undrawn
            state.drawn = state.drawn + part
            yield state.tranche.name, part
        need -= taken
