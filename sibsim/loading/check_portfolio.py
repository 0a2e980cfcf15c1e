"""Checks of a portfolio across its sections and the contracts it holds."""

from __future__ import annotations

import math
from dataclasses import replace

from sibsim.distributions import Distribution
from sibsim.loading.check_commitments import enough, held_tranches, most_of, rate_of, when_it_begins
from sibsim.loading.check_factors import FACTOR_CHECKS
from sibsim.loading.check_finance import FUND_FINANCE_CHECKS
from sibsim.loading.check_inputs import check_correlations, check_inputs
from sibsim.loading.check_money import FUND_MONEY_CHECKS
from sibsim.loading.check_time import has_possible_length, mean_of
from sibsim.loading.check_unused import FUND_UNUSED_CHECKS
from sibsim.loading.place import Context, did_you_mean, listed
from sibsim.loading.values import is_hard
from sibsim.scenario import (
    ACCOUNT,
    EACH_HOLDING,
    HOLDINGS,
    STOP_INTAKE,
    Copy,
    Holding,
    Number,
    OverTime,
    Portfolio,
    Ref,
    Scenario,
    Value,
)
from sibsim.timeline import column_date, columns_in, horizon_column, last_money_column, step_name

__all__ = ["check_portfolio"]

SLACK = 1e-9
FUND = "fund"
"""What the report calls the only lender of a portfolio without finance."""
OF_FIGURES = ("contracts", "factors", "inputs")
"""First parts of the names of figures that are not those of a party."""
ALL = "all contracts"
"""What is told of all contracts together beside the tranches."""
OFTEN = 0.01
"""Share of the futures in which a holding may be more than there is, of which a reader is told."""


def check_portfolio(portfolio: Portfolio, context: Context) -> Portfolio:
    """Note every problem and warning of a portfolio that only the whole shows.

    Parameters
    ----------
    portfolio : Portfolio
        Of holdings those that could be read.
    context : Context

    Returns
    -------
    Portfolio
        The horizon of its fund is the last date on which money of a holding can move, or that of the file if later.
    """
    held = tuple(holding for holding in portfolio.holdings if _can_be_held(holding, portfolio.fund, context))
    portfolio = replace(portfolio, holdings=held)
    for one in (_amounts, _words, _labels, _two_of_one, *FACTOR_CHECKS):
        one(portfolio, context)
    fund = portfolio.fund
    for check in (
        *FUND_MONEY_CHECKS,
        *FUND_FINANCE_CHECKS,
        *FUND_UNUSED_CHECKS,
        _of_people,
        _covers,
        _pays_itself,
        _limits,
    ):
        check(fund, context)
    if not context.problems:
        enough(portfolio, context)
        _steps(portfolio, context)
        fund = _until_the_last_money(portfolio, context)
        has_possible_length(fund, context)
    check_inputs(fund, context)
    fund = replace(fund, correlations=check_correlations(fund, context))
    return replace(portfolio, fund=fund)


# ------------------------------------------------------------------------------------------------ what is held
def _can_be_held(holding: Holding, fund: Scenario, context: Context) -> bool:
    """Whether there is something to hold, in money the portfolio can reckon with."""
    path, scenario = f"holdings.{holding.name}", holding.scenario
    wrong = _not_simulated(scenario) or _no_loan(holding)
    if wrong:
        context.problem(f"{path}.{wrong[0]}", wrong[1])
    code = scenario.currency
    if code == fund.currency:
        return not wrong
    context.used_rates.add(code)
    if code not in context.rates:
        context.problem(
            f"{path}.scenario",
            f"the contract is in {code} and there is no exchange rate; add exchange_rates: {{{code}: ...}}, what one "
            f"{code} is worth in {fund.currency}",
        )
    return not wrong and code in context.rates


def _not_simulated(scenario: Scenario) -> tuple[str, str] | None:
    if scenario.outcomes:
        return None
    return "scenario", f"'{scenario.name}' does not say what may happen to people ('outcomes'): it can only be settled"


def _no_loan(holding: Holding) -> tuple[str, str] | None:
    """The key that names no loan, and why."""
    scenario = holding.scenario
    loans = [tranche.name for tranche in scenario.loans]
    if not loans:
        return "scenario", f"'{scenario.name}' has no loans in its finance: there is nothing to hold"
    if holding.tranche is None or holding.tranche in loans:
        return None
    grants = [t.name for t in scenario.finance.tranches if t.kind == "grant"] if scenario.finance else []
    if holding.tranche in grants:
        return "tranche", f"'{holding.tranche}' is a grant, which is never repaid; name a loan: {listed(loans)}"
    near = did_you_mean(holding.tranche, loans) or f"; it has {listed(loans, 'and')}"
    return "tranche", f"'{scenario.name}' has no loan called '{holding.tranche}'{near}"


def _amounts(portfolio: Portfolio, context: Context) -> None:
    """No holding is more than there is of the contract."""
    for holding in portfolio.holdings:
        if holding.amount is None:
            continue
        fund, scenario, tranches = when_it_begins(portfolio.fund, holding), holding.scenario, held_tranches(holding)
        rate = rate_of(fund, scenario.currency)
        mean = mean_of(fund, holding.amount)
        most = rate * math.fsum(most_of(scenario, t.amount) for t in tranches)
        if mean <= most * (1 + SLACK):
            _sometimes_above(fund, holding, most / rate, context)
            continue
        what = f"'{holding.tranche}'" if holding.tranche else "the loans"
        given, there = (f"{amount:,.0f}".replace(",", " ") for amount in (mean, most))
        says = f"{given} {fund.currency} is more than {what} of the contract: {there} {fund.currency}"
        values = [holding.amount, *(t.amount for t in tranches)]
        is_certain = all(_is_fixed(scenario if number else fund, v) for number, v in enumerate(values))
        rates = [fund.exchange_rates[code] for code in _codes(portfolio, holding) if code in fund.exchange_rates]
        if is_certain and all(_is_fixed(fund, value) for value in rates):
            context.problem(f"holdings.{holding.name}.amount", says)
        else:
            context.warn(f"holdings.{holding.name}.amount", f"on average {says}")


def _sometimes_above(fund: Scenario, holding: Holding, most: float, context: Context) -> None:
    """Say so if an uncertain amount, loan or exchange rate often makes a holding more than there is.

    ``most`` is what there is, in the contract's money; the rates of ``fund`` are those of the day the contract begins.
    """
    amount = holding.amount
    rate: Value = fund.exchange_rates.get(holding.scenario.currency, Number(1.0))
    laws = {entry.name: entry.distribution for entry in fund.inputs}
    if isinstance(rate, Ref) and isinstance(amount, Number) and not amount.currency and most > 0.0:
        law, why = laws[rate.name], "the exchange rate is uncertain"
        often = 1.0 - _above(law, amount.value / most)
    elif isinstance(rate, Number) and isinstance(amount, Ref) and not _code(fund, amount):
        law, why = laws[amount.name], "the amount is uncertain"
        often = _above(law, most * rate.value)
    elif isinstance(rate, Number) and isinstance(amount, Number) and not amount.currency:
        scenario, uncertain = holding.scenario, [t.amount for t in held_tranches(holding) if isinstance(t.amount, Ref)]
        if len(uncertain) != 1 or _code(scenario, uncertain[0]):
            return
        of_contract = {entry.name: entry.distribution for entry in scenario.inputs}
        law, why = of_contract[uncertain[0].name], "the contract's loan is uncertain"
        often = 1.0 - _above(law, amount.value / rate.value - most + mean_of(scenario, uncertain[0]))
    else:
        return
    if law.IS_DRAWN and often > OFTEN:
        context.warn(
            f"holdings.{holding.name}.amount",
            f"in {100 * often:.2g} % of the futures it is more than there is of the contract, since {why}; then all of "
            "it is held",
        )


def _above(law: Distribution, x: float) -> float:
    """The share of futures above a number."""
    low, high = law.support
    return 1.0 - law.chance_within(low, min(x, high)) if x > low else 1.0


def _two_of_one(portfolio: Portfolio, context: Context) -> None:
    """Two tranches of what looks like one contract: each holding is a contract of its own, with luck of its own."""
    seen: dict[object, Holding] = {}
    for holding in portfolio.holdings:
        scenario = holding.scenario
        one = (scenario.sha256, scenario.options, holding.months, holding.copies)
        is_changed = f"holdings.{holding.name}.changes" in context.nodes
        first = None if is_changed else seen.setdefault(one, holding)
        if first is not None and first.tranche != holding.tranche:
            context.warn(
                f"holdings.{holding.name}.tranche",
                f"this is a contract of its own, not that of '{first.name}': two holdings are never parts of one "
                "contract; without 'tranche' a holding is of all its loans",
            )


def _is_fixed(scenario: Scenario, value: Value) -> bool:
    """Whether nothing is uncertain about a value."""
    entries = value.every if isinstance(value, OverTime) else (value,)
    inputs = {entry.name: entry for entry in scenario.inputs}
    fixed = (
        not isinstance(entry, Ref) or (is_hard(inputs[entry.name]) and not _is_drawn(scenario, entry.name))
        for entry in entries
    )
    codes = [code for code in (_code(scenario, entry) for entry in entries) if code in scenario.exchange_rates]
    return all(fixed) and all(_is_fixed(scenario, scenario.exchange_rates[code]) for code in codes)


def _is_drawn(scenario: Scenario, name: str) -> bool:
    entry = {entry.name: entry for entry in scenario.inputs}[name]
    return entry.distribution.IS_DRAWN or entry.formula is not None


def _code(scenario: Scenario, value: Value) -> str:
    """The currency of a value; empty for that of the file."""
    if isinstance(value, OverTime):
        return ""
    if isinstance(value, Ref):
        return {entry.name: entry for entry in scenario.inputs}[value.name].currency
    return value.currency


def _codes(portfolio: Portfolio, holding: Holding) -> set[str]:
    code = holding.scenario.currency
    return {code} - {portfolio.fund.currency}


def _words(portfolio: Portfolio, context: Context) -> None:
    """Names that stand for something else in the figures of a portfolio."""
    paths = [f"parties.{party.id}" for party in portfolio.fund.parties if party.id in OF_FIGURES]
    paths += [f"finance.tranches.{t.name}" for t in portfolio.fund.loans if t.name == ALL]
    for path in paths:
        name = path.rpartition(".")[2]
        message = f"'{name}' is a word of the figures of a portfolio; choose another name"
        context.problem(path, message, at_key=True)


def _labels(portfolio: Portfolio, context: Context) -> None:
    """No holding is called like a copy of another."""
    names = {holding.name for holding in portfolio.holdings}
    for holding in portfolio.holdings:
        for number in range(1, holding.copies + 1):
            label = Copy(holding, number).label
            if label != holding.name and label in names:
                message = (
                    f"one of the {holding.copies} copies of '{holding.name}' is called so too; choose another name"
                )
                context.problem(f"holdings.{label}", message, at_key=True)


# ------------------------------------------------------------------------------------------------ the fund
def _of_people(fund: Scenario, context: Context) -> None:
    """A portfolio has no people of its own."""
    for cost in fund.costs:
        if cost.per != "contract":
            context.problem(f"costs.{cost.name}.per", "a portfolio has no people of its own; leave 'per' out")
    if fund.finance is not None and fund.finance.shortfall == STOP_INTAKE:
        context.problem("finance.shortfall", "a portfolio has no people of its own; name a party instead")


def _covers(fund: Scenario, context: Context) -> None:
    """Guarantees cover tranches or contracts; who lends, too, pays partly to itself."""
    lenders = {tranche.by for tranche in fund.loans}
    for guarantee in fund.finance.guarantees if fund.finance else ():
        if guarantee.by in lenders and {EACH_HOLDING, HOLDINGS} & set(guarantee.covers):
            context.warn(
                f"finance.guarantees.{guarantee.name}.by",
                f"'{guarantee.by}' lends to the fund, too: what it pays here may come back to it, and is not taken off "
                "what it gains as a lender",
            )
        for name in guarantee.covers:
            if name not in (EACH_HOLDING, HOLDINGS) and context.names.get(name) == "party":
                context.problem(
                    f"finance.guarantees.{guarantee.name}.covers",
                    f"'{name}' pays for no outcomes here; cover a tranche, {EACH_HOLDING} or {HOLDINGS}",
                )


def _pays_itself(fund: Scenario, context: Context) -> None:
    """Without finance the fund itself lends and pays, under this name."""
    for cost in fund.costs if fund.finance is None else ():
        if cost.by == ACCOUNT and cost.to == FUND:
            context.problem(
                f"costs.{cost.name}.to", "without 'finance' this is the fund itself, which cannot pay itself"
            )


def _limits(fund: Scenario, context: Context) -> None:
    for party in fund.parties:
        if party.pays_at_most is not None:
            context.warn(
                f"parties.{party.id}.pays_at_most", "has no effect: in a portfolio nobody pays for outcomes itself"
            )


def _steps(portfolio: Portfolio, context: Context) -> None:
    """Contracts with dates between those of the portfolio."""
    fund = portfolio.fund
    finer = [h.name for h in portfolio.holdings if h.scenario.step_months % fund.step_months]
    if finer:
        context.warn(
            "step",
            f"the dates of {listed((repr(name) for name in finer), 'and')} fall between those of the portfolio (one a "
            f"{step_name(fund)}): their money moves on its next date",
        )


def _until_the_last_money(portfolio: Portfolio, context: Context) -> Scenario:
    """The fund with a horizon on which no money of a holding is left."""
    fund = portfolio.fund
    step = fund.step_months
    last = {
        h.name: columns_in(h.months + last_money_column(h.scenario) * h.scenario.step_months, step)
        for h in portfolio.holdings
    }
    end = max(last.values(), default=0)
    late = [name for name, column in last.items() if fund.horizon is not None and column > horizon_column(fund)]
    if late:
        context.warn(
            "horizon",
            f"is before the last money of {listed((repr(name) for name in late), 'and')} "
            f"({column_date(fund.start, step, end):%Y-%m}), which still counts",
        )
    return replace(fund, horizon=max(end, fund.horizon or 0))
