"""Checks of inputs: used somewhere, with a source, plausible, correlated in a way that can be."""

from __future__ import annotations

import math

from sibsim.distributions import Truncated
from sibsim.distributions.base import show
from sibsim.loading.assumptions import bare_figures
from sibsim.loading.place import Context, did_you_mean, is_portfolio
from sibsim.loading.values import support
from sibsim.scenario import Correlation, Input, OverTime, Ref, Scenario
from sibsim.timeline import day_of

__all__ = ["check_correlations", "check_inputs"]

SMALLEST_PIVOT = 1e-9
MOST_CORRELATED = 50
"""Inputs that may be correlated: a repair of more takes long, and nobody can vouch for 1,225 correlations."""
MOST_SHOWN = 4
"""Figures without any word about them that are named in the warning."""
MOST_CUT = 0.2
"""Part of a distribution that `within` may cut off before a reader is told."""
LARGE_RATIO = 3.0
OFTEN = 0.05
"""Share of the futures in which an effect may be larger than that."""


def check_inputs(scenario: Scenario, context: Context) -> None:
    """Warn of inputs that change nothing, that can hardly be meant, and of figures nobody can look up."""
    for name in context.names_of("input"):
        if name not in context.used:
            context.warn(f"inputs.{name}", "is used nowhere")
    for code, rate in scenario.exchange_rates.items():
        first = rate.entries[0][0] if isinstance(rate, OverTime) else 0
        if code not in context.used_rates:
            context.warn(f"exchange_rates.{code}", f"is used nowhere: no money of the file is in {code}")
        elif first > 0:
            says = f"begins in {day_of(scenario, first)}, after `start`: money before that is reckoned at its rate too"
            context.warn(f"exchange_rates.{code}", says)
    if scenario.copula_df is not None and not scenario.correlations and not context.built.get("factors"):
        context.warn("copula", "has no effect: no inputs are correlated; name pairs in `correlations`, with rank 0 too")
    for entry in scenario.inputs:
        _cut(entry, context)
    _large_effects(scenario, context)
    _without_source(scenario, context)


def _without_source(scenario: Scenario, context: Context) -> None:
    """Figures that nobody can look up: those of which something is said by name, of the others how many there are."""
    worked_out = {entry.evidence.path for entry in scenario.inputs if entry.formula is not None}
    figures = [e for e in scenario.evidence if not (e.path in worked_out and e.status == "derived")]
    unknown = [e.path.removeprefix("inputs.") for e in figures if e.source is None]
    said = {"start", *(e.path for e in scenario.evidence)}
    silent = [path for path in bare_figures(context) if path not in said]
    n, of_fund = len(unknown), is_portfolio(context.root)
    found = []
    if unknown:
        found = [f"{n} {'figure has' if n == 1 else 'figures have'} no source: {', '.join(_alike(unknown))}"]
    if silent:
        more = f"and of {len(silent)} more" if unknown else f"of {len(silent)} figure{'s' if len(silent) > 1 else ''}"
        named = _alike(silent)
        shown = ", ".join(named[:MOST_SHOWN]) + (", ..." if len(named) > MOST_SHOWN else "")
        where = f" (sibsim {'portfolio' if of_fund else 'run'} FILE --assumptions shows them all)"
        found.append(f"{more} nothing is said at all: {shown}{where}")
    if found:
        context.warn("", "; ".join(found))


def _alike(paths: list[str]) -> list[str]:
    """Paths of figures; where a portfolio says the same of several holdings, what it is and of how many.

    >>> _alike(["discount_rate", "holdings.a.amount", "holdings.a.starts", "holdings.b.starts", "factors.f.a.effect"])
    ['discount_rate', 'holdings.a.amount', 'starts of 2 holdings', 'factors.f.a.effect']
    """
    kinds: dict[str, list[str]] = {}
    for path in paths:
        head, *rest = path.split(".")
        kind = f"{rest[-1]} of" if head == "holdings" else "loadings of" if head == "factors" else path
        kinds.setdefault(kind, []).append(path)
    return [same[0] if len(same) == 1 else _of_holdings(kind, same) for kind, same in kinds.items()]


def _of_holdings(kind: str, paths: list[str]) -> str:
    names = {path.split(".")[1 if path.startswith("holdings.") else 2] for path in paths}
    who = f"{len(names)} holdings" if len(names) > 1 else f"'{names.pop()}'"
    return f"{len(paths)} {kind} {who}" if kind == "loadings of" else f"{kind} {who}"


def _cut(entry: Input, context: Context) -> None:
    """Say so if `within` leaves little of a distribution: what is left has another mean than the parameters say."""
    law = entry.distribution
    if not isinstance(law, Truncated):
        return
    left = law.whole.chance_within(*law.support)
    if left < 1.0 - MOST_CUT:
        factor, sign = (100.0, " %") if entry.unit == "percent" else (1.0, "")
        before, after = (f"{show(mean * factor)}{sign}" for mean in (law.whole.mean, law.mean))
        context.warn(
            path_of_input(context, entry.name),
            f"'within' cuts off {100 * (1 - left):.0f} % of this distribution, and its mean goes from {before} to "
            f"{after}; is that meant?",
        )


def _large_effects(scenario: Scenario, context: Context) -> None:
    """Say so of a programme that may well triple what it works on: perhaps a percent was meant."""
    entries = {entry.name: entry for entry in scenario.inputs}
    for outcome in scenario.outcomes:
        effect = outcome.effect
        if effect is None or effect.kind == "difference":
            continue
        law = entries[effect.value.name].distribution if isinstance(effect.value, Ref) else None
        often = 1.0 - law.chance_within(0.0, LARGE_RATIO) if law and law.name == "lognormal" and law.sd > 0 else 0.0
        if support(context.inputs, effect.value)[2] > LARGE_RATIO or often > OFTEN:
            how = f"in {100 * often:.0f} % of the futures" if often > OFTEN else "on average"
            context.warn(
                f"outcomes.{outcome.name}.effect",
                f"{how} the {effect.kind.replace('_', ' ')} is above {LARGE_RATIO:g}: the programme would more than "
                f"triple '{outcome.name}'; check the interval",
            )


def path_of_input(context: Context, name: str) -> str:
    """Where an input stands in the file; one that is written in place is called by its path."""
    return f"inputs.{name}" if context.names.get(name) == "input" else name


def check_correlations(scenario: Scenario, context: Context) -> tuple[Correlation, ...]:
    """The correlations between uncertain inputs; note those that cannot be, alone or together."""
    kept: list[Correlation] = []
    pairs: set[frozenset[str]] = set()
    is_good = True
    for number, correlation in enumerate(scenario.correlations, 1):
        path = f"correlations.{number}.between"
        unknown = [name for name in correlation.between if name not in context.inputs]
        for name in unknown:
            if context.names.get(name) != "input":
                context.problem(path, f"no input is called '{name}'{did_you_mean(name, context.inputs)}")
        if frozenset(correlation.between) in pairs:
            context.problem(path, "these two inputs are correlated twice; keep one")
            is_good = False
        pairs.add(frozenset(correlation.between))
        is_good = is_good and not unknown
        known = [n for n in correlation.between if n in context.inputs]
        made = [n for n in known if context.inputs[n].formula is not None]
        for name in made:
            context.problem(path, f"'{name}' is worked out of other inputs; correlate what is drawn")
        is_good = is_good and not made
        fixed = [n for n in known if not context.inputs[n].distribution.IS_DRAWN]
        if fixed and not made:
            context.warn(path, f"'{fixed[0]}' is fixed: a correlation with it has no meaning and is left out")
        elif not unknown and not made:
            kept.append(correlation)
    names = {name for c in kept for name in c.between}
    if len(names) > MOST_CORRELATED:
        context.problem("correlations", f"{len(names)} inputs are correlated; the most is {MOST_CORRELATED}")
    elif is_good and kept and (scenario.copula_df is not None or not _can_be(kept)):
        _say_how_far(kept, scenario.copula_df, context)
    return tuple(kept)


def _can_be(correlations: list[Correlation]) -> bool:
    """Whether all hold together: Cholesky's factorisation of the correlations of normal scores exists."""
    names = list(dict.fromkeys(name for c in correlations for name in c.between))
    place = {name: i for i, name in enumerate(names)}
    rows = [[float(i == j) for j in range(len(names))] for i in range(len(names))]
    for c in correlations:
        i, j = (place[name] for name in c.between)
        rows[i][j] = rows[j][i] = 2.0 * math.sin(math.pi * c.rank / 6.0)
    factor: list[list[float]] = []
    for i, row in enumerate(rows):
        found: list[float] = []
        for j in range(i):
            found.append((row[j] - math.fsum(a * b for a, b in zip(found, factor[j], strict=False))) / factor[j][j])
        pivot = row[i] - math.fsum(a * a for a in found)
        if pivot < SMALLEST_PIVOT:
            return False
        factor.append([*found, math.sqrt(pivot)])
    return True


def _say_how_far(correlations: list[Correlation], df: float | None, context: Context) -> None:
    """Correlations that cannot all hold are an error if far off, else a warning: the nearest that can are used."""
    from sibsim.draws.copula import correlation_matrix  # only for a t copula or a repair: it loads numpy
    from sibsim.errors import ModelError

    try:
        warning = correlation_matrix(correlations, df).warning
    except ModelError as error:
        context.problem("correlations", str(error))
        return
    if warning:
        context.warn("correlations", warning)
