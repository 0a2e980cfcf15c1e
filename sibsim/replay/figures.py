"""A settlement in figures: what was paid, what is open, what each lender got; content of ``settle --format json``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from sibsim.context import Draw
from sibsim.parties import lender
from sibsim.replay.about import about
from sibsim.replay.cautions import cautions, may_change
from sibsim.replay.paths import compared
from sibsim.replay.settled import Settled
from sibsim.replay.trace import trace
from sibsim.replay.untold import without_untold
from sibsim.scenario import ACCOUNT
from sibsim.settlement import Entry, TrancheState
from sibsim.timeline import day_of

__all__ = ["FORMAT", "settlement_summary"]

FORMAT = "sibsim.settlement/1"
ABOUT_TERMS = ("contract", "costs", "finance", "events", "parties", "exchange_rates", "actuals.")
"""Sections of which a warning matters to a settlement; those about people and chances do not."""
ROUNDING = 1e-12
"""Part of all money that moved that counts as nothing."""


def settlement_summary(settled: Settled) -> dict[str, Any]:
    """Everything a report on a settlement may show; see ``docs/output.md`` for its shape.

    Returns
    -------
    dict
        Plain numbers, words and lists; what does not apply is None.
    """
    from sibsim import __version__

    scenario = settled.context.planned or settled.scenario
    payments = _payments(settled)
    found: dict[str, Any] = {
        "format": FORMAT,
        "sibsim": __version__,
        "scenario": about(scenario),
        "is_open": bool(settled.recorder.open),
        "total_paid": sum((row["amount"] for row in payments), 0.0),
        "payments": payments,
        "open": _open(settled),
        "payers": _payers(settled),
        "tranches": _tranches(settled),
        "guarantees": _guarantees(settled),
        "parties": _parties(settled),
        "measures": _measures(settled),
        "account": _account(settled),
    }
    found["trace"] = trace(scenario, settled.recorder)
    found = without_untold(found, settled)
    since = {name: day_of(scenario, column) for name, column in may_change(settled).items()}
    found["expected"] = compared(found, scenario, since)
    found["trace"] = found.pop("trace")
    found["warnings"] = [*cautions(settled), *(w for w in scenario.warnings if w.startswith(ABOUT_TERMS))]
    return found


def _one(amount: Draw) -> float:
    """The number of the one future there is."""
    return float(np.asarray(amount, dtype=float).ravel()[0])


# ------------------------------------------------------------------------------------------------ what was paid
def _payments(settled: Settled) -> list[dict[str, Any]]:
    """One row for each payment of a payer on a day, for each cohort where that is known; what came back is below 0."""
    scenario, least = settled.scenario, ROUNDING * _moved(settled)
    known = {p.name: (number, p) for number, p in enumerate(scenario.payments)}
    rows: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    for entry in settled.settlement.ledger:
        if entry.label not in known or entry.kind not in ("payment", "money back"):
            continue
        number, payment = known[entry.label]
        is_back = entry.kind == "money back"
        payer, to = (entry.target, entry.source) if is_back else (entry.source, payment.to)
        for column, moved in entry.amounts.items():
            amount = -_one(moved) if is_back else _one(moved)
            shares = settled.recorder.parts.get((payment.name, column), {})
            parts: Iterable[tuple[str | None, float]] = ((key, amount * share) for key, share in shares.items())
            for place, (key, part) in enumerate(parts if shares else [(None, amount)]):
                if abs(part) > least:
                    row = {"date": day_of(scenario, column), "payment": payment.name, "cohort": key}
                    rows.append(((column, number, place, payer, to), row | {"payer": payer, "to": to, "amount": part}))
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def _moved(settled: Settled) -> float:
    """All money that ever moved."""
    return sum((_one(a) for entry in settled.settlement.ledger for a in entry.amounts.values()), 0.0)


def _sum(entries: Iterable[Entry]) -> float:
    return sum((_one(amount) for entry in entries for _, amount in sorted(entry.amounts.items())), 0.0)


def _payers(settled: Settled) -> dict[str, dict[str, float]]:
    """What each payer paid under the contract, what came back to it of that, and the difference."""
    found: dict[str, dict[str, float]] = {}
    entries = [entry for entry in settled.settlement.ledger if entry.source != entry.target]
    for payer in dict.fromkeys(who for p in settled.scenario.payments for who, _ in p.by):
        paid = _sum(e for e in entries if e.kind == "payment" and e.source == payer)
        back = _sum(e for e in entries if e.kind in ("money back", "refund") and e.target == payer)
        found[payer] = {"paid": paid, "came_back": back, "net": paid - back}
    return found


# ------------------------------------------------------------------------------------------------ what is open
def _open(settled: Settled) -> list[dict[str, Any]]:
    """Payments, events, draws of tranches and guarantees that cannot be decided yet, in order of date."""
    scenario, found = settled.scenario, []
    kinds = {p.name: "payment" for p in scenario.payments} | {e.name: "event" for e in scenario.events}
    kinds |= dict.fromkeys(settled.settlement.tranches, "tranche")
    for one in sorted(settled.recorder.open, key=lambda o: o.column):
        kind = kinds.get(one.subject, "guarantee")
        row: dict[str, Any] = {"date": day_of(scenario, one.column), kind: one.subject, "cohort": one.key}
        found.append(row | {"waits_for": list(one.waits_for)})
    return found


# ------------------------------------------------------------------------------------------------ lenders and others
def _tranches(settled: Settled) -> dict[str, dict[str, Any]]:
    """Each tranche and, under ``all``, all loans together."""
    states = list(settled.settlement.tranches.values())
    found = {state.tranche.name: _tranche(settled, [state]) for state in states}
    loans = [state for state in states if state.tranche.kind == "loan"]
    return found | {"all": _tranche(settled, loans)} if loans else found


def _tranche(settled: Settled, states: list[TrancheState]) -> dict[str, Any]:
    """What one lent (or several together) and got, by the rules of a simulation.

    As long as something is open and less came back than was drawn there is no return yet.
    """
    flows: tuple[dict[int, Draw], dict[int, Draw]] = ({}, {})
    for state in states:
        for into, amounts in zip(flows, (state.lent, state.returned), strict=True):
            for column, amount in amounts.items():
                into[column] = into.get(column, 0.0) + amount
    figures = {name: _one(value) for name, value in lender(settled.context, *flows, 0.0).items()}
    drawn, is_loan = figures["drawn"], all(s.tranche.kind == "loan" for s in states)
    too_early = settled.recorder.open and figures["received"] < drawn
    has_irr = is_loan and drawn > 0 and bool(np.isfinite(figures["irr"])) and not too_early
    irr = figures["irr"] if has_irr else None
    return {
        "by": list(dict.fromkeys(state.tranche.by for state in states)),
        "kind": "loan" if is_loan else "grant",
        "drawn": drawn,
        "received": figures["received"],
        "net_gain": figures["net_gain"],
        "loss": figures["lost"] if is_loan else None,
        "loss_share": figures["lost"] / drawn if is_loan and drawn > 0 else None,
        "irr": irr,
        "bond_equivalent_yield": None if irr is None else 2.0 * ((1.0 + irr) ** 0.5 - 1.0),
        "moic": figures["moic"] if is_loan and drawn > 0 else None,
    }


def _guarantees(settled: Settled) -> dict[str, dict[str, Any]]:
    """What each guarantee paid; None as long as it is open."""
    finance, ledger = settled.scenario.finance, settled.settlement.ledger
    found: dict[str, dict[str, Any]] = {}
    for guarantee in finance.guarantees if finance else ():
        is_open = any(one.subject == guarantee.name for one in settled.recorder.open)
        called = _sum(e for e in ledger if e.kind == "guarantee" and e.label == guarantee.name)
        found[guarantee.name] = {"by": guarantee.by, "is_open": is_open, "called": None if is_open else called}
    return found


def _parties(settled: Settled) -> dict[str, dict[str, Any]]:
    """What each party paid and got in all, and the difference; ``surplus``: what of it was left on the account."""
    ledger, scenario = settled.settlement.ledger, settled.scenario
    ids = [p.id for p in scenario.parties]
    ids += [party for party in sorted(ledger.parties()) if party not in (*ids, ACCOUNT)]
    moved = [entry for entry in ledger if entry.source != entry.target]
    found: dict[str, dict[str, Any]] = {}
    for party in ids:
        paid, got = _sum(e for e in moved if e.source == party), _sum(e for e in moved if e.target == party)
        left = (e for e in moved if e.target == party and e.kind == "surplus")
        surplus = _sum(e for e in left if e.label not in settled.settlement.tranches)
        net = sum((_one(a) for a in ledger.flows(party).values()), 0.0)
        name = scenario.party(party).name
        found[party] = {"name": name, "paid": paid, "got": got, "surplus": surplus, "net": net}
    return found


# ------------------------------------------------------------------------------------------------ reports, the account
def _measures(settled: Settled) -> list[dict[str, Any]]:
    """Every report in order of date: what came, or what a composite came to; None where it has not come."""
    scenario, rows = settled.scenario, []
    for number, measure in enumerate(scenario.measures):
        for one in settled.reports[measure.name]:
            value = _one(one.value)
            row: dict[str, Any] = {
                "date": day_of(scenario, one.column),
                "measure": measure.name,
                "cohort": one.cohort,
                "unit": measure.unit,
            }
            rows.append(((one.column, number), row | {"value": None if np.isnan(value) else value}))
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def _account(settled: Settled) -> list[dict[str, Any]]:
    """What came in and went out on each date, and what stands at the end of it, where there is an account."""
    if settled.scenario.finance is None:
        return []
    came_in, went_out = _through_the_account(settled)
    return [
        {
            "date": day_of(settled.scenario, one.column),
            "came_in": came_in.get(one.column, 0.0),
            "went_out": went_out.get(one.column, 0.0),
            "cash": one.cash,
            "outstanding": dict(one.outstanding),
            "interest": dict(one.interest),
        }
        for one in settled.recorder.balances
    ]


def _through_the_account(settled: Settled) -> tuple[dict[int, float], dict[int, float]]:
    """By column: what came into the account, and what went out of it."""
    sides: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for entry in settled.settlement.ledger:
        for side, party in zip(sides, (entry.target, entry.source), strict=True):
            if party == ACCOUNT and entry.source != entry.target:
                for column, amount in entry.amounts.items():
                    side[column] = side.get(column, 0.0) + _one(amount)
    return sides
