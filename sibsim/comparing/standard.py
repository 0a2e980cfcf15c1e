"""Ways to buy the service that any scenario can call without writing them, made on the typed scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sibsim.distributions import Fixed
from sibsim.errors import Problem, ScenarioError
from sibsim.scenario import (
    ACCOUNT,
    OUTSIDE,
    Cap,
    Cost,
    Evidence,
    Formula,
    Input,
    Number,
    OverTime,
    Party,
    Payment,
    Ref,
    Scenario,
    Value,
)

__all__ = ["STANDARD", "Standard"]

NOBODY = Number(0.0)


@dataclass(frozen=True)
class Standard:
    """A scenario bought in a standard way.

    Parameters
    ----------
    scenario : Scenario
    says : str
        What the option does, exactly.
    service : tuple of str
        The costs that a fund of the payers' own money pays and gets back from what their budgets save.
    """

    scenario: Scenario
    says: str
    service: tuple[str, ...] = ()


def no_service(scenario: Scenario) -> Standard:
    """Nobody takes part and nothing is paid."""
    nobody = tuple(replace(cohort, size=NOBODY, queue=None, after=None) for cohort in scenario.cohorts)
    bare = replace(
        scenario,
        cohorts=nobody,
        measures=(),
        payments=(),
        contract_cap=Cap(),
        costs=(),
        benefits=(),
        finance=None,
        events=(),
    )
    return Standard(bare, "Nobody takes part, nothing is paid and nothing is saved.")


# ------------------------------------------------------------------------------------------------ fee for service
def fee_for_service(scenario: Scenario) -> Standard:
    """The payers pay what the service costs when it falls due, whatever the result."""
    return replace(_for_a_fee(scenario, "fee for service"), service=())


def _for_a_fee(scenario: Scenario, option: str) -> Standard:
    """The same, and which costs are the service's."""
    _refuse_events_on_money(scenario, option)
    service = _service(scenario)
    if not service:
        raise _refused(scenario, option, "the file has no cost that the account or a provider bears")
    payers, is_equal = _payers(scenario)
    inputs = list(scenario.inputs)
    costs: list[Cost] = []
    labels: list[str] = []
    for cost in scenario.costs:
        if cost not in service:
            costs.append(cost)
            continue
        is_own = cost.by != ACCOUNT
        if is_own:  # what it costs the provider; the payers pay it the same
            costs.append(cost)
        for payer, share in payers:
            name = f"{cost.name}, paid by {payer}"
            amount = _part(cost.amount, share, name, inputs)
            to = cost.by if is_own else cost.to
            costs.append(replace(cost, name=name, amount=amount, by=payer, to=to, paid_from=None))
            labels.append(name)
    bought = replace(scenario, payments=(), contract_cap=Cap(), costs=tuple(costs), finance=None, inputs=tuple(inputs))
    return Standard(bought, _says_fee(scenario, payers, is_equal), tuple(labels))


def _says_fee(scenario: Scenario, payers: Sequence[tuple[str, float]], is_equal: bool) -> str:
    part = "" if len(payers) == 1 or is_equal else " ({:.3g} %)"
    named = [scenario.party(p).name + part.format(100 * share) for p, share in payers]
    who = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    shared = ", in equal parts" if is_equal else ""
    does = "pays" if len(payers) == 1 else "pay"
    return (
        f"{who} {does} what the service costs when it falls due, whatever the result{shared}; nobody lends, grants or "
        "guarantees anything, and nothing is paid for outcomes. Costs that others bear stay theirs."
    )


def _service(scenario: Scenario) -> list[Cost]:
    """What the service costs: what the account pays; where it pays nothing, what those who deliver pay others."""
    by_account = [cost for cost in scenario.costs if cost.by == ACCOUNT]
    delivering = _deliverers(scenario)
    return by_account or [cost for cost in scenario.costs if cost.by in delivering and cost.to != cost.by]


def _deliverers(scenario: Scenario) -> list[str]:
    """Who gets the payments without having lent: the provider."""
    tranches = scenario.finance.tranches if scenario.finance else ()
    others = {t.name for t in tranches} | {t.by for t in tranches} | {ACCOUNT, OUTSIDE}
    paying = {who for p in scenario.payments for who in p.payers} - {"provider"}
    found = [p.to for p in scenario.payments if p.to not in others | paying]
    return list(dict.fromkeys([*found, "provider"]))


def _payers(scenario: Scenario) -> tuple[list[tuple[str, float]], bool]:
    """Who pays, with their shares; and whether these are equal parts because the file has no single shares."""
    delivering = _deliverers(scenario)
    everyone = [w for w in dict.fromkeys(w for p in scenario.payments for w in p.payers) if w not in delivering]
    if len(everyone) < 2:
        return [((everyone or ["payer"])[0], 1.0)], False
    paid = [payment for payment in scenario.payments if set(payment.payers) <= set(everyone)]
    for_results = [payment for payment in paid if _hangs_on_results(payment)]
    if {who for payment in for_results for who in payment.payers} == set(everyone):
        paid = for_results  # a fixed fee of one of them beside says nothing of how they share what results cost
    shares = {_shares(payment) for payment in paid}
    known = shares.pop() if len(shares) == 1 else None
    if known is None:
        return [(who, 1.0 / len(everyone)) for who in everyone], True
    return [(who, share) for who, share in known if share > 0.0], False


def _hangs_on_results(payment: Payment) -> bool:
    return payment.measure is not None or payment.times is not None or payment.if_ is not None


def _shares(payment: Payment) -> tuple[tuple[str, float], ...] | None:
    """The shares of a payment, if they are certain and never change."""
    if payment.by_over_time or payment.by_event:
        return None
    named = {who: share.value for who, share in payment.by if isinstance(share, Number)}
    rest = [who for who, share in payment.by if share == "rest"]
    if len(named) + len(rest) != len(payment.by):
        return None
    left = max(1.0 - sum(named.values()), 0.0)
    return tuple((who, named.get(who, left)) for who, _ in payment.by)


def _part(amount: Value, share: float, name: str, inputs: list[Input]) -> Value:
    """A share of an amount; of one that hangs on an input it is an input of its own, worked out draw by draw."""
    if share == 1.0:
        return amount
    if isinstance(amount, Number):
        return replace(amount, value=amount.value * share)
    if isinstance(amount, OverTime):
        entries = tuple((c, _one(v, share, f"{name}, {c}", inputs)) for c, v in amount.entries)
        events = tuple((e, _one(v, share, f"{name}, {e}", inputs)) for e, v in amount.events)
        return OverTime(entries, events)
    return _one(amount, share, name, inputs)


def _one(amount: Number | Ref, share: float, name: str, inputs: list[Input]) -> Number | Ref:
    if isinstance(amount, Number):
        return replace(amount, value=amount.value * share)
    whole = next(entry for entry in inputs if entry.name == amount.name)
    made = f"#{name}"
    formula = Formula("product", (amount, Number(share)))
    evidence = Evidence(made, f"{100 * share:.3g} % of {amount.name}")
    inputs.append(Input(made, Fixed(0.0), whole.unit, evidence, currency=whole.currency, formula=formula))
    return Ref(made)


# ------------------------------------------------------------------------------------------------ without investors
def without_investors(scenario: Scenario) -> Standard:
    """Nobody lends; the provider bears the costs and gets the payments for results."""
    name = "pay for results without investors"
    if not scenario.payments:
        raise _refused(scenario, name, "nothing is paid for results in the file")
    provider = _deliverers(scenario)[0]
    parties = scenario.parties
    if not any(party.id == provider for party in parties):
        parties = (*parties, Party(provider, provider))
    payments = tuple(_to_provider(scenario, payment, provider, name) for payment in scenario.payments)
    _refuse_caps_on_loans(scenario, scenario.contract_cap, name)
    costs = _own_costs(scenario, provider)
    bought = replace(scenario, parties=parties, payments=payments, costs=costs, finance=None)
    says = (
        f"Nobody lends, grants or guarantees anything: {bought.party(provider).name} bears what the service costs and "
        "gets all payments of the contract, by the same rules."
    )
    if any(isinstance(payment.of, str) for payment in scenario.payments):
        says += " What was a percent of what lenders had put in is one of what they had promised."
    return Standard(bought, says)


def _to_provider(scenario: Scenario, payment: Payment, provider: str, option: str) -> Payment:
    """A payment that reached lenders or their account, to the provider."""
    tranches = scenario.finance.tranches if scenario.finance else ()
    _refuse_caps_on_loans(scenario, payment.cap, option)
    lending = {ACCOUNT} | {t.name for t in tranches} | {t.by for t in tranches if t.kind == "loan"}
    of = payment.of
    if isinstance(of, str):
        if payment.is_per_year or payment.is_compound:
            why = f"'{payment.name}' is interest on what lenders have put in, and nobody lends"
            raise _refused(scenario, option, why)
        loans = [t for t in tranches if t.name == payment.to] or list(scenario.loans)
        of = _sum(scenario, [t.amount for t in loans], option)
    return replace(payment, of=of, to=provider if payment.to in lending else payment.to)


def _sum(scenario: Scenario, amounts: Sequence[Value], option: str) -> Value:
    if len(amounts) == 1:
        return amounts[0]
    numbers = [a for a in amounts if isinstance(a, Number) and a.currency == getattr(amounts[0], "currency", None)]
    if not amounts or len(numbers) < len(amounts):
        raise _refused(scenario, option, "a percent of several loans of which one is uncertain cannot be carried over")
    return replace(numbers[0], value=sum(a.value for a in numbers))


def _own_costs(scenario: Scenario, provider: str) -> tuple[Cost, ...]:
    """The costs of the account as the provider's own; its price for the service, where its own costs are given."""
    has_own = any(cost.by == provider and cost.to != provider for cost in scenario.costs)
    costs: list[Cost] = []
    for cost in scenario.costs:
        if cost.by != ACCOUNT:
            costs.append(cost)
        elif cost.to != provider:
            costs.append(replace(cost, by=provider, paid_from=None))
        elif not has_own:
            costs.append(replace(cost, by=provider, to=OUTSIDE, paid_from=None))
    return tuple(costs)


def _refuse_caps_on_loans(scenario: Scenario, cap: Cap, option: str) -> None:
    if cap.irr is not None or cap.multiple is not None:
        raise _refused(scenario, option, "a cap is on what lenders get back, and nobody lends")


# ------------------------------------------------------------------------------------------------ own fund
def own_fund(scenario: Scenario) -> Standard:
    """Fee for service out of a fund of the payers' own, which their savings fill again."""
    fee = _for_a_fee(scenario, "social investment fund")
    says = (
        "A fund of the payers' own money pays what the service costs when it falls due, and gets back what their "
        "budgets really save (cashable savings so far, period by period), until all that it paid is back. For each "
        "payer as a whole it is fee for service: money only moves from one of its pockets to the other."
    )
    return Standard(fee.scenario, says, fee.service)


# ------------------------------------------------------------------------------------------------ what cannot be
def _refuse_events_on_money(scenario: Scenario, option: str) -> None:
    """An event that looks at what is paid has nothing to look at."""
    known = {measure.name for measure in scenario.measures} | {event.name for event in scenario.events}
    for event in scenario.events:
        for tests in event.if_.alternatives if event.if_ is not None else ():
            if any(test.left not in known for test in tests):
                raise _refused(scenario, option, f"the event '{event.name}' hangs on what is paid for results")


def _refused(scenario: Scenario, option: str, why: str) -> ScenarioError:
    message = f"'{option}' cannot be made of this file: {why}; write it as an option of the file"
    return ScenarioError(scenario.file or scenario.name, [Problem(0, 0, "", message)])


STANDARD: dict[str, Callable[[Scenario], Standard]] = {
    "no service": no_service,
    "fee for service": fee_for_service,
    "pay for results without investors": without_investors,
    "social investment fund": own_fund,
}
"""By the name under which they are called; an option of the file of the same name is taken before."""
