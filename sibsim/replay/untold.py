"""What cannot be told of a settlement where it is not known what was drawn: all that happens on the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sibsim.known import unknown_draws
from sibsim.replay.settled import Settled
from sibsim.scenario import ACCOUNT, OUTSIDE, Finance, Scenario

__all__ = ["REASON", "without_untold"]

REASON = "What was drawn is not known, so what the lenders got cannot be told"
FIGURES = ("drawn", "received", "net_gain", "loss", "loss_share", "irr", "bond_equivalent_yield", "moic")

OF_PARTY = ("paid", "got", "surplus", "net")


def without_untold(found: dict[str, Any], settled: Settled) -> dict[str, Any]:
    """A summary without figures that hang on draws that nobody knows; as it is where they are known.

    Left are the payments under the contract, and tranches that live from those alone or are never repaid. What others
    got, and what parties that get anything from the account paid and got, is None.
    """
    scenario = settled.context.planned or settled.scenario
    unknown = set(unknown_draws(scenario))
    if not unknown or scenario.finance is None:
        return found
    states = settled.settlement.tranches.items()
    hidden = {name for name, s in states if name in unknown or (s.tranche.kind == "loan" and s.has_claim)} | {"all"}
    parties = set(_from_the_account(scenario, scenario.finance))
    spoken = {p.name for p in scenario.payments} | {e.name for e in scenario.events} | {"contract"}
    spoken |= {c.name for c in scenario.costs if c.by != ACCOUNT}
    nothing, unsaid = dict.fromkeys(FIGURES), dict.fromkeys(OF_PARTY)
    return found | {
        "tranches": {
            name: one | nothing | {"reason": REASON} if name in hidden else one
            for name, one in found["tranches"].items()
        },
        "parties": {party: one | unsaid if party in parties else one for party, one in found["parties"].items()},
        "account": [],
        "trace": [step for step in found["trace"] if step["subject"] in spoken],
    }


def _from_the_account(scenario: Scenario, finance: Finance) -> Iterator[str]:
    """Parties that lend, that get what the account pays or has left, or that bear what it has not."""
    yield from (tranche.by for tranche in finance.tranches)
    yield from (cost.to for cost in scenario.costs if cost.by == ACCOUNT)
    yield from (who for who, _ in finance.surplus or ())
    yield from (scenario.bearer, "provider", OUTSIDE)
