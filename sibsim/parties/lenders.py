"""What one who lends looks at: money lent and money back, for each tranche and in all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from sibsim import metrics
from sibsim.context import Array, Context, Draw
from sibsim.parties.book import add, total
from sibsim.parties.standing import roles
from sibsim.parties.table import MEAN, Key, Table
from sibsim.rates import irr, is_unique_irr, npv
from sibsim.scenario import OverTime, Scenario, Value
from sibsim.settlement import Moved

__all__ = ["investor", "lender", "tabulate_lender", "worth_of"]


def investor(table: Table, context: Context, settlement: Moved, party: str, net: Mapping[int, Draw]) -> None:
    """Each tranche of an investor; and the investor, with its other flows (own costs, a shortfall it bears)."""
    own = [s for s in settlement.tranches.values() if s.tranche.by == party and s.tranche.kind == "loan"]
    lent: dict[int, Draw] = {}
    returned: dict[int, Draw] = {}
    worth: Draw = 0.0
    has_others = _deals_besides(context.scenario, party)
    for state in own:
        add(lent, state.lent)
        add(returned, state.returned)
        loan = _Loan(context, state.lent, state.returned)
        one = loan.worth(state.tranche.hurdle)
        worth = worth + one
        if len(own) == 1 and not has_others:
            _lender(table, (party,), loan, worth)
            return
        _lender(table, (party, state.tranche.name), loan, one)
    if has_others:
        others = dict(net)
        add(others, lent)
        add(others, {c: -np.asarray(a) for c, a in returned.items()})
        paid, got = ({c: np.maximum(sign * np.asarray(a), 0.0) for c, a in others.items()} for sign in (-1.0, 1.0))
        worth = worth + _Loan(context, paid, got).worth(own[0].tranche.hurdle)
        add(lent, paid)
        add(returned, got)
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


def _lender(table: Table, key: Key, loan: _Loan, worth: Draw) -> None:
    table.update({(*key, name): value for name, value in _figures_of(loan, worth).items()})
    for column, amount in _net(loan.lent, loan.returned).items():
        table[(MEAN, *key, "flow", str(column))] = amount


def _net(lent: Mapping[int, Draw], returned: Mapping[int, Draw]) -> dict[int, Draw]:
    flows: dict[int, Draw] = {c: -np.asarray(a) for c, a in lent.items()}
    add(flows, returned)
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


def tabulate_lender(
    table: Table, key: Key, context: Context, lent: Mapping[int, Draw], returned: Mapping[int, Draw], worth: Draw
) -> None:
    """Put every figure of one who lends into a table, with its mean flows; see `lender`."""
    _lender(table, key, _Loan(context, lent, returned), worth)


def worth_of(context: Context, lent: Mapping[int, Draw], returned: Mapping[int, Draw], hurdle: Value) -> Draw:
    """Present value of money lent and money back at a hurdle."""
    return _Loan(context, lent, returned).worth(hurdle)


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
    drawn, received = (np.asarray(total(a)) + np.zeros(n) for a in (lent, returned))
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


def _rows(amounts: Mapping[int, Draw], n_draws: int) -> tuple[list[int], Array]:
    columns = sorted(amounts) or [0]
    rows = np.empty((len(columns), n_draws))
    for i, column in enumerate(columns):
        rows[i] = amounts.get(column, 0.0)
    return columns, rows
