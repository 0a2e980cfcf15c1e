"""Checks of what a portfolio commits: what each holding may ask for, and whether its lenders put up so much."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from sibsim.loading.check_costs import unused
from sibsim.loading.check_time import mean_of
from sibsim.loading.place import Context
from sibsim.scenario import ACCOUNT, Cost, Holding, OverTime, Portfolio, Scenario, Tranche, Value
from sibsim.timeline import columns_in, day_of, levels, payment_columns

__all__ = ["enough", "held_tranches", "most_of", "rate_of", "when_it_begins"]

SLACK = 1e-9


def held_tranches(holding: Holding) -> tuple[Tranche, ...]:
    return tuple(t for t in holding.scenario.loans if holding.tranche in (None, t.name))


def most_of(scenario: Scenario, value: Value) -> float:
    """The mean of a value, at its highest over time."""
    return max(mean_of(_rates_at(scenario, column), entry) for column, entry in levels(scenario, value))


def when_it_begins(fund: Scenario, holding: Holding) -> Scenario:
    """The fund with exchange rates as they are on the day a contract begins: by those its part of it is reckoned."""
    return _rates_at(fund, columns_in(holding.months, fund.step_months))


def _rates_at(scenario: Scenario, column: int) -> Scenario:
    """The scenario with exchange rates as they are at a column."""
    rates = {code: r.at(column) if isinstance(r, OverTime) else r for code, r in scenario.exchange_rates.items()}
    return replace(scenario, exchange_rates=rates)


def rate_of(fund: Scenario, code: str) -> float:
    """What one unit of a currency is worth in the fund's, on average."""
    return 1.0 if code == fund.currency else mean_of(fund, fund.exchange_rates[code])


def _asked_for(portfolio: Portfolio, before: float = math.inf) -> Iterator[float]:
    """What each holding that begins before a month may draw, all copies, on average, in the fund's money."""
    for holding in portfolio.holdings:
        if holding.months >= before:
            continue
        fund = when_it_begins(portfolio.fund, holding)
        rate = rate_of(fund, holding.scenario.currency)
        whole = rate * math.fsum(most_of(holding.scenario, tranche.amount) for tranche in held_tranches(holding))
        yield holding.copies * (whole if holding.amount is None else mean_of(fund, holding.amount))


def _whole_of(fund: Scenario, cost: Cost) -> float:
    """What a cost of the fund comes to on all its dates, on average."""
    amount, growth = cost.amount, 1.0 + mean_of(fund, cost.index)
    return math.fsum(
        mean_of(_rates_at(fund, column), amount.at(column) if isinstance(amount, OverTime) else amount)
        * growth ** (column * fund.step_years)
        for column in (cost.at if cost.at is not None else (cost.from_,))
    )


def enough(portfolio: Portfolio, context: Context) -> None:
    """Whether the lenders of the fund put up what it lends on and what it costs."""
    fund, finance = portfolio.fund, portfolio.fund.finance
    if finance is None:
        return
    if finance.recycle is not None:
        _enough_at_first(portfolio, context)
        return
    lent = math.fsum(_asked_for(portfolio))
    costs = math.fsum(_whole_of(fund, cost) for cost in fund.costs if cost.by == ACCOUNT)
    there = math.fsum(most_of(fund, tranche.amount) for tranche in finance.tranches)
    there -= math.fsum(unused(fund, {"contract": 1.0}))
    if lent + costs > there * (1 + SLACK):
        left, drawn = (f"{amount:,.0f}".replace(",", " ") for amount in (lent + costs - there, there))
        context.warn(
            "finance.tranches",
            f"they hold {drawn} {fund.currency}, {left} less than the holdings and costs can ask for; "
            f"'{fund.bearer}' pays the rest (shortfall), or repayments with 'recycle'",
        )


def _enough_at_first(portfolio: Portfolio, context: Context) -> None:
    """Whether a fund that lends again what comes back can lend before anything does."""
    fund, finance = portfolio.fund, portfolio.fund.finance
    paid = [
        holding.months + column * holding.scenario.step_months
        for holding in portfolio.holdings
        for payment in holding.scenario.payments
        for columns in payment_columns(holding.scenario, payment).values()
        for column in columns
    ]
    first = min(paid, default=math.inf)
    lent = math.fsum(_asked_for(portfolio, first))
    there = math.fsum(most_of(fund, tranche.amount) for tranche in finance.tranches) if finance is not None else 0.0
    if lent > there * (1 + SLACK):
        asked, held = (f"{amount:,.0f}".replace(",", " ") for amount in (lent, there))
        until = f" ({day_of(fund, columns_in(first, fund.step_months))})" if paid else ""
        context.warn(
            "finance.tranches",
            f"they hold {held} {fund.currency}; holdings that begin before anything can be paid back{until} can ask "
            f"for {asked} {fund.currency}: '{fund.bearer}' pays what is lacking (shortfall)",
        )
