"""Checks of what the contracts of a portfolio have in common: factors, and the inputs that hang on them."""

from __future__ import annotations

import math

from sibsim.loading.place import Context, did_you_mean, listed
from sibsim.scenario import Loading, Portfolio, Scenario

__all__ = ["FACTOR_CHECKS"]

SLACK = 1e-9
LEAST_MOVED = 0.01
"""Change of a rank correlation of which a reader is told."""


def _ties(portfolio: Portfolio, context: Context) -> None:
    """What hangs on a factor is drawn, and hangs on all its factors together no more than wholly."""
    held = {holding.name: holding for holding in portfolio.holdings}
    together: dict[tuple[str, str], list[Loading]] = {}
    for one in portfolio.loadings:
        if one.holding in held and _is_input(one, held[one.holding].scenario, context):
            together.setdefault((one.holding, one.input), []).append(one)
    for (holding, name), loadings in together.items():
        squares = math.fsum(one.loading**2 for one in loadings)
        if squares > 1.0 + SLACK:
            parts = listed((f"{one.loading:g} on '{one.factor}'" for one in loadings), "and")
            context.problem(
                f"factors.{loadings[-1].factor}.{holding}.{name}",
                f"the squares of the loadings of this input add up to {squares:.4g}, more than 1 ({parts}); make them "
                "smaller",
            )
        for one in loadings:
            if one.loading == 0.0:
                context.warn(_path(one), "a loading of 0 has no effect")


def _path(one: Loading) -> str:
    return f"factors.{one.factor}.{one.holding}.{one.input}"


def _is_input(one: Loading, scenario: Scenario, context: Context) -> bool:
    inputs = {entry.name: entry for entry in scenario.inputs}
    entry = inputs.get(one.input)
    drawn = [name for name in inputs if inputs[name].formula is None and inputs[name].distribution.IS_DRAWN]
    if entry is None:
        near = did_you_mean(one.input, drawn) or (f"; it has {listed(drawn, 'and')}" if drawn else "; it has none")
        context.problem(_path(one), f"'{scenario.name}' has no uncertain input called '{one.input}'{near}", at_key=True)
    elif entry.formula is not None:
        context.problem(
            _path(one), f"'{one.input}' is worked out of other inputs; name one that is drawn: {listed(drawn)}", True
        )
    elif one.input not in drawn:
        context.problem(_path(one), f"'{one.input}' is fixed: it hangs on nothing; leave it out", at_key=True)
    elif entry.distribution.sd == 0.0:
        message = f"'{one.input}' is {entry.distribution.mean:g} in every future: it hangs on nothing; leave it out"
        context.problem(_path(one), message, at_key=True)
    return one.input in drawn


def _shared(portfolio: Portfolio, context: Context) -> None:
    """A factor ties contracts together only if it has several."""
    copies = {holding.name: holding.copies for holding in portfolio.holdings}
    for factor in portfolio.factors:
        used = {one.holding for one in portfolio.loadings if one.factor == factor and one.loading}
        if sum(copies.get(name, 2) for name in used) == 1:
            context.warn(f"factors.{factor}", f"only one contract hangs on it ('{used.pop()}'): it ties none together")


def _correlated(portfolio: Portfolio, context: Context) -> None:
    """Rank correlations within a contract that its inputs' loadings move: what hangs on factors is less its own chance.

    Of scores that correlate by r the own parts still do, and what they have in common comes to that:
    ``r' = r sqrt((1 - sum(a_f ** 2)) (1 - sum(b_f ** 2))) + sum(a_f b_f)``.
    """
    loadings: dict[tuple[str, str], dict[str, float]] = {}
    for one in portfolio.loadings:
        loadings.setdefault((one.holding, one.input), {})[one.factor] = one.loading
    for holding in portfolio.holdings:
        for correlation in holding.scenario.correlations:
            a, b = (loadings.get((holding.name, name), {}) for name in correlation.between)
            own = math.prod(max(1.0 - math.fsum(x * x for x in one.values()), 0.0) for one in (a, b))
            score = 2.0 * math.sin(math.pi * correlation.rank / 6.0) * math.sqrt(own)
            score += math.fsum(x * b.get(factor, 0.0) for factor, x in a.items())
            rank = 6.0 / math.pi * math.asin(max(min(score / 2.0, 0.5), -0.5))
            if abs(rank - correlation.rank) > LEAST_MOVED:
                first, second = correlation.between
                context.warn(
                    f"holdings.{holding.name}",
                    f"the rank correlation of '{first}' and '{second}' is {correlation.rank:g} in its scenario, and "
                    f"{rank:.2f} with their loadings on `factors`",
                )


FACTOR_CHECKS = (_ties, _shared, _correlated)
