"""Should the investor invest, should the provider take it on, and what the guarantor may have to pay."""

from __future__ import annotations

import math

from sibsim.report.frequency import futures
from sibsim.report.numbers import amount, fixed, percent
from sibsim.report.reading import Party, Summary, figure, has_amounts, is_constant, lowest, number, replicates

__all__ = ["guarantor_sentences", "investor_sentences", "provider_sentences"]


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
    return [text for text in (_margin(party), _runs_out(summary, party)) if text]


def _margin(party: Party) -> str:
    margin = figure(party, "margin")
    if margin is None:
        return ""
    if is_constant(margin):
        return f"Its margin is {amount(margin['mean'])} in every future."
    return (
        f"Its expected margin is {amount(margin['mean'])}; "
        f"in at least 95 of 100 futures it is at least {amount(margin['p05'])}."
    )


def _runs_out(summary: Summary, party: Party) -> str:
    chance = party["probabilities"].get("runs_out")
    return f"It runs out of cash {futures(chance, replicates(summary))}." if chance else ""


def guarantor_sentences(party: Party) -> list[str]:
    """What the guarantee costs the one who gave it."""
    called = figure(party, "called")
    if called is None:
        return []
    if not has_amounts(party, "called"):
        return ["Its guarantee is called in no future seen."]
    if is_constant(called):
        return [f"Its guarantee costs it {amount(called['mean'])} in every future."]
    most = amount(called["p95"]) if called["p95"] else "nothing"
    limit = f"at most {most}" if called["p95"] else most
    return [f"Its guarantee costs it {amount(called['mean'])} on average, in at least 95 of 100 futures {limit}."]
