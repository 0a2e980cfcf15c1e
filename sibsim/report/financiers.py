"""Should the investor invest, should the provider take it on, and what the guarantor may have to pay."""

from __future__ import annotations

import math

from sibsim.report.frequency import futures
from sibsim.report.numbers import amount, amount_at_most, fixed, percent
from sibsim.report.reading import Party, Summary, figure, has_amounts, is_constant, lowest, number, replicates
from sibsim.report.wording import month

__all__ = ["cash_sentences", "guarantor_sentences", "investor_sentences", "only_gets", "provider_sentences"]


def investor_sentences(summary: Summary, party: Party) -> list[str]:
    """How often it loses, how much, and what it can expect."""
    if figure(party, "drawn") is not None and not has_amounts(party, "drawn"):
        return ["It is asked for no money in any future seen."]
    return [text for text in (_loss(summary, party), _total_loss(summary, party), _return(party)) if text]


def _loss(summary: Summary, party: Party) -> str:
    chance = party["probabilities"].get("loss")
    if chance is None:
        return ""
    who = "It" if set(party["roles"]) == {"investor"} else "On its loans it"
    text = f"{who} loses money {futures(chance, replicates(summary))}"
    if not chance["count"]:
        return f"{text}."
    worst = lowest(figure(party, "moic"))
    is_part = worst is not None and 0 < worst < 1  # a total loss has a sentence of its own
    most = f", in none of them more than {_loss_percent(worst or 0.0)} of what it put in" if is_part else ""
    return f"{text}{most}{_size_of_loss(summary, party)}."


def _loss_percent(worst: float) -> str:
    """The greatest part lost, rounded up: no future lost more."""
    lost = math.ceil((1 - worst) * 1000 - 1e-6) / 1000
    return percent(lost, 1).replace(".0 %", " %")


def _size_of_loss(summary: Summary, party: Party) -> str:
    found, loss = figure(party, "loss_given_loss"), number(party, "loss_given_loss")
    if found is None or loss is None:
        return ""
    shown = amount(loss) if found["unit"] == summary["scenario"]["currency"] else percent(loss)
    return f"; when it does, {shown} on average"


def _total_loss(summary: Summary, party: Party) -> str:
    chance = party["probabilities"].get("total_loss")
    return f"It loses everything {futures(chance, replicates(summary))}." if chance and chance["count"] else ""


def _return(party: Party) -> str:
    rate, multiple = number(party, "irr_of_expected_flows"), number(party, "moic")
    parts = []
    if rate is not None:
        parts.append(f"its expected return is {percent(rate)} a year (IRR of the expected flows)")
    if multiple is not None:
        parts.append(f"on average it gets back {fixed(multiple, 2)} times what it put in")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def provider_sentences(summary: Summary, party: Party) -> list[str]:
    """What is left to the provider, and whether its cash lasts."""
    return [text for text in (_margin(party), *cash_sentences(summary, party)) if text]


def cash_sentences(summary: Summary, party: Party) -> list[str]:
    """Whether the cash of one who waits for its money lasts, how short it falls and how much would be enough."""
    return [text for text in (_runs_out(summary, party), _how_short(party), _enough(party)) if text]


def only_gets(party: Party) -> bool:
    """Whether the file says what a party gets and nothing of what it spends: then there is no margin to speak of."""
    spends = figure(party, "own_costs") is not None or "runs_out" in party["probabilities"]
    margin = figure(party, "margin")
    return set(party["roles"]) == {"provider"} and not spends and margin is not None and margin["p05"] >= 0


def _margin(party: Party) -> str:
    margin = figure(party, "margin")
    if margin is None:
        return ""
    if only_gets(party):
        if is_constant(margin):
            return f"{amount(margin['mean'])} in every future."
        often = f"in at least 95 of 100 futures at least {amount(margin['p05'])}"
        return f"{amount(margin['mean'])} on average, {often}."
    if is_constant(margin):
        return f"Its margin is {amount(margin['mean'])} in every future."
    return (
        f"Its expected margin is {amount(margin['mean'])}; "
        f"in at least 95 of 100 futures it is at least {amount(margin['p05'])}."
    )


def _runs_out(summary: Summary, party: Party) -> str:
    chance = party["probabilities"].get("runs_out")
    return f"It runs out of cash {futures(chance, replicates(summary))}." if chance else ""


def _how_short(party: Party) -> str:
    cash = party.get("cash")
    if not cash or not cash["first_short"] or cash["short"]["amount"] is None:
        return ""
    early, middle, late = (month(cash["first_short"][key]) for key in ("early", "middle", "late"))
    text = f"When it does, {amount(cash['short']['amount'])} is missing at worst, on average"
    if early == late:
        return f"{text}, and it first runs out in {middle}."
    return f"{text}; half of the times it has run out by {middle} (nine of ten: {early} to {late})."


def _enough(party: Party) -> str:
    cash = party.get("cash")
    if not cash or cash["needed"]["amount"] is None or cash["opening"] is None:
        return ""
    needed, opening = cash["needed"]["amount"], cash["opening"]
    if not needed:
        return "It needs no cash of its own in 99 of 100 futures."
    holds = f"it is taken to hold {amount(opening)}"
    return f"To last in 99 of 100 futures its cash at the start must be {amount_at_most(needed)}; {holds}."


def guarantor_sentences(summary: Summary, party: Party) -> list[str]:
    """What the guarantee costs the one who gave it, how often it is called, and what that is of the money it covers."""
    return [*_costs_of_guarantee(party), *_calls(summary, party)]


def _calls(summary: Summary, party: Party) -> list[str]:
    found = party.get("guarantee")
    if not found or not found["chance"]["count"]:
        return []
    chance = {**found["chance"], "value": found["chance"]["share"]}
    when = found["when_called"]["amount"]
    each = "" if is_constant(figure(party, "called")) else f"; when it is, it pays {amount(when)} on average"
    said = [f"It is called {futures(chance, replicates(summary))}{each}."]
    if found["rate"] is not None and found["rate"]["amount"] is not None:
        rate = percent(found["rate"]["amount"], 1)
        said.append(f"On average it pays {rate} of the {amount(found['covered'])} lent that it stands behind.")
    return said


def _costs_of_guarantee(party: Party) -> list[str]:
    called = figure(party, "called")
    if called is None:
        return []
    if not has_amounts(party, "called"):
        return ["It pays nothing for its guarantee in any future seen."]
    if is_constant(called):
        return [f"Its guarantee costs it {amount(called['mean'])} in every future."]
    most = amount(called["p95"]) if called["p95"] else "nothing"
    limit = f"at most {most}" if called["p95"] else most
    return [f"Its guarantee costs it {amount(called['mean'])} on average, in at least 95 of 100 futures {limit}."]
