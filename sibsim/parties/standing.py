"""Where each party stands in a contract, seen from what it does; and who is the public purse."""

from __future__ import annotations

from sibsim.scenario import ACCOUNT, OUTSIDE, Scenario

__all__ = ["public_bodies", "roles", "together"]


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
