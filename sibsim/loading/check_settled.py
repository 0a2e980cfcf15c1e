"""What must be known to settle a contract, beyond what a valid file says."""

from __future__ import annotations

from sibsim.known import looks_at_draws, needed_inputs, unknown_costs, unknown_draws
from sibsim.loading.place import Context, listed
from sibsim.scenario import ACCOUNT, Scenario

__all__ = ["check_settled"]


def check_settled(scenario: Scenario, context: Context) -> None:
    """Note what is missing without which a settlement would be a guess; reports may be missing: they are open.

    Parameters
    ----------
    scenario : Scenario
        Valid.
    context : Context
        Of its file: problems are kept there, each with its line.
    """
    _inputs(scenario, context)
    _money(scenario, context)


def _inputs(scenario: Scenario, context: Context) -> None:
    """Uncertain values in terms that are settled."""
    for name, place in needed_inputs(scenario).items():
        is_declared = context.names.get(name) == "input"
        path = f"inputs.{name}" if is_declared else name
        what = f"'{name}'" if is_declared else "what stands here"
        context.problem(
            path,
            f"{what} is not known, and {place} uses it: say what it turned out to be, "
            f"actuals: {{inputs: {{{name}: ...}}}}",
        )


def _money(scenario: Scenario, context: Context) -> None:
    """Money that is drawn, or kept, for costs of which nobody knows what they came to."""
    finance = scenario.finance
    unknown = set(unknown_costs(scenario))
    costs = [cost.name for cost in scenario.costs if cost.name in unknown and cost.by == ACCOUNT]
    if finance is None or not costs:
        return
    names = listed((f"'{name}'" for name in costs), "and")
    costs_came = f"actuals: {{costs: {{{costs[0]}: {{date: amount}}}}}}"
    if finance.recycle is not None:
        context.problem(
            "finance.recycle",
            f"receipts pay costs, and what {names} came to is not known: say it, {costs_came}",
        )
        return
    looks = looks_at_draws(scenario)
    for name in unknown_draws(scenario) if looks is not None else ():
        context.problem(
            f"finance.tranches.{name}",
            f"'{name}' is drawn as costs fall due, what {names} came to is not known, and {looks} hangs on it: say "
            f"what was drawn, actuals: {{drawn: {{{name}: {{date: amount}}}}}} (0 if nothing), or what the costs came "
            f"to, {costs_came}",
            at_key=True,
        )
