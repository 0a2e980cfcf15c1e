"""Should the payer sign? Each sentence is a small function that says nothing where it would not be true."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sibsim.report.frequency import futures
from sibsim.report.layout import listed
from sibsim.report.numbers import amount, amount_at_most, is_number, percent, significant
from sibsim.report.reading import (
    OUTSIDE,
    Party,
    Summary,
    figure,
    has_amounts,
    is_constant,
    name_of,
    number,
    parties,
    public_bodies,
    replicates,
    works,
    years_of,
)

__all__ = ["beneficiary_sentences", "payer_sentences", "purse_sentences"]

Sentence = Callable[[Summary, str, Party], str]


def payer_sentences(summary: Summary, id: str, party: Party) -> list[str]:
    """What a body that pays should know before it signs, the most important first."""
    return [text for text in (sentence(summary, id, party) for sentence in PAYER) if text]


def purse_sentences(summary: Summary, id: str, party: Party) -> list[str]:
    """The same for all public bodies together."""
    return [text for text in (sentence(summary, id, party) for sentence in PURSE) if text]


def beneficiary_sentences(party: Party) -> list[str]:
    """What a body gains that pays nothing; kinds of savings apart."""
    kinds = {
        "cashable_benefit_pv": "cash",
        "capacity_benefit_pv": "freed capacity",
        "societal_benefit_pv": "value to society",
    }
    gains = _gains(party, kinds)
    apart = "; these are not to be added up" if len(gains) > 1 else ""
    said = [f"It {' and '.join(gains)} on average (present value){apart}."] if gains else []
    net = number(party, "net_budget_effect_pv")
    if said and net is not None and "provider" in party["roles"]:
        said.append(f"With what it spends on the service, and is paid for it, it {_verb(net)} {amount(abs(net))}.")
    return said


def _verb(net: float) -> str:
    return "gains" if net >= 0 else "loses"


def _gains(party: Party, kinds: Mapping[str, str]) -> list[str]:
    """What it gains or loses of each kind on average; the verb stands where it begins or changes."""
    found: list[str] = []
    last = ""
    for metric, word in kinds.items():
        value = number(party, metric)
        if value is None or not has_amounts(party, metric):
            continue
        verb = "gains" if value >= 0 else "loses"
        found.append(f"{'' if verb == last else verb + ' '}{amount(abs(value))} in {word}")
        last = verb
    return found


def _better_off(summary: Summary, id: str, party: Party) -> str:
    chance = party["probabilities"].get("net_budget_effect_positive")
    if chance is None:
        return ""
    often = futures(chance, replicates(summary))
    if has_amounts(party, "cashable_benefit_pv"):
        return f"{often[0].upper()}{often[1:]} the cash it saves or receives is worth more today than all it pays."
    if chance["count"] == 0 and not has_amounts(party, "money_received"):
        return "It saves no cash under this file, and in no future is its budget better off."
    return f"It saves no cash under this file; {often} it receives more than it pays (present value)."


def _not_cash(summary: Summary, id: str, party: Party) -> str:
    """What it gains that is no cash, so that a loss in cash does not stand alone."""
    kinds = {"capacity_benefit_pv": "freed capacity", "societal_benefit_pv": "value to society"}
    gains = _gains(party, kinds)
    if not gains:
        return ""
    what = "which are not cash and not to be added up" if len(gains) > 1 else "which is not cash"
    return f"On average it also {' and '.join(gains)} (present value), {what}."


def _who(summary: Summary, id: str, party: Party) -> str:
    """Whom the public purse holds, and who pays or saves and is not in it."""
    inside = public_bodies(summary)
    own = {"payer", "beneficiary"}
    others = [p for id, p in parties(summary) if own & set(p["roles"]) and id not in (*inside, OUTSIDE)]
    left = f"; not {listed([name_of(p) for p in others])}, as a provider" if others else ""
    nets = [number(p, "net_budget_effect_pv") for p in others if "beneficiary" in p["roles"]]
    if len(others) == len(nets) == 1 and nets[0]:
        left += f" (by itself it {_verb(nets[0])} {amount(abs(nets[0]))})"
    named = listed([name_of(summary["parties"][id]) for id in inside])
    return f"Taken as one here: {named}, who pay or save under this contract{left}."


def _each_body(summary: Summary, id: str, party: Party) -> str:
    """What each body of the purse gains or loses on average; whether those that gain could make the others whole."""
    bodies = [summary["parties"][one] for one in public_bodies(summary)]
    known = [(name_of(p), number(p, "net_budget_effect_pv")) for p in bodies]
    nets = [(name, net) for name, net in known if net is not None]
    if len(nets) < 2 or len(nets) < len(known):
        return ""
    whole = sum(net for _, net in nets)  # each at its own rate
    each = [f"{name} {_verb(net)} {amount(abs(net))}" for name, net in nets]
    text = f"Each by itself, in cash on average (present value): {listed(each)}"
    often = _none_loses(summary, party)
    losing = [name for name, net in nets if net < 0]
    if not losing or len(losing) == len(nets):
        return f"{text}.{often}"
    if whole < 0:
        return f"{text}.{often} Together they lose {amount(-whole)}: no payment among them makes each of them whole."
    return f"{text}.{often} Those that gain could make the others whole, on average, and keep {amount(whole)}."


def _none_loses(summary: Summary, party: Party) -> str:
    found = party.get("all_whole")
    if not found or found["share"] is None:
        return ""
    if not found["count"]:
        return " In every future seen at least one of them loses."
    often = futures({**found, "value": found["share"]}, replicates(summary))
    return f" {often[0].upper()}{often[1:]} no one of them loses."


def _expected_payment(summary: Summary, id: str, party: Party) -> str:
    paid = figure(party, "outcome_payments")
    if paid is None:
        return ""
    if not has_amounts(party, "outcome_payments"):
        return "It pays nothing for outcomes in any future seen."
    if is_constant(paid):
        return f"It pays {amount(paid['mean'])} under the contract in every future."
    low, high = amount(paid["p05"]), amount(paid["p95"])
    usual = f"in at least 90 of 100 futures {low} to {high}" if low != high else f"in at least 90 of 100 futures {low}"
    return f"It expects to pay {amount(paid['mean'])} under the contract, {usual}{_most(summary, id, party)}."


def _most(summary: Summary, id: str, party: Party) -> str:
    """The limit of this payer: its share of the contract's own, or what it will ever pay."""
    highest = party.get("pays_at_most")
    if not is_number(highest):
        return ""
    mine = [one for one in summary.get("payments", {}).values() if id in one["by"]]
    off = "what comes back taken off, " if _some_goes_back(summary, id) else ""
    guarantee = "under the contract, without its guarantee, " if "guarantor" in party["roles"] else ""
    added = " (all payments added up)" if len(mine) > 1 else ""
    return f"; {guarantee}{off}it can never be asked for more than {amount_at_most(highest)}{added}"


def _some_goes_back(summary: Summary, id: str) -> bool:
    return any(one["goes_back"] for one in summary.get("payments", {}).values() if id in one["by"])


def _own_costs(summary: Summary, id: str, party: Party) -> str:
    if not has_amounts(party, "own_costs"):
        return ""
    usual = "in every future" if is_constant(figure(party, "own_costs")) else "on average"
    return f"Its own costs are {amount(number(party, 'own_costs'))} {usual}, beside what it pays under the contract."


def _received(summary: Summary, id: str, party: Party) -> str:
    if not has_amounts(party, "money_received"):
        return ""
    usual = "in every future" if is_constant(figure(party, "money_received")) else "on average"
    return f"It also gets money: {amount(number(party, 'money_received'))} {usual}, savings not counted."


def _dearest_year(summary: Summary, id: str, party: Party) -> str:
    most = number(party, "largest_year", "p95")
    if most is None or not has_amounts(party, "outcome_payments"):
        return ""
    if most <= 0:
        return "In at least 95 of 100 futures there is no year in which it pays for outcomes."
    year = _year_that_costs_most(summary, id)
    named = f" ({year} is the dearest)" if year else ""
    if is_constant(figure(party, "largest_year")):
        return f"In every future its dearest year costs it {amount(most)} under the contract{named}."
    return f"In at least 95 of 100 futures no year costs it more than {amount(most)} under the contract{named}."


def _year_that_costs_most(summary: Summary, id: str) -> int | None:
    """The one year that stands out; None if several are as dear."""
    paid = [(row["payments"]["p95"], year) for year, row in years_of(summary, id) if row["payments"]["p95"]]
    most = max((size for size, _ in paid), default=0.0)
    dearest = [year for size, year in paid if size >= most * (1 - 1e-9)]
    return dearest[0] if len(dearest) == 1 else None


def _without_effect(summary: Summary, id: str, party: Party) -> str:
    without, paid = number(party, "payment_without_effect"), number(party, "outcome_payments")
    if without is None or paid is None or not works(summary):
        return ""
    if without < 0:
        return (
            f"If the programme had no effect at all it would get back {amount(-without)} more than it pays, on average."
        )
    off = ", what comes back taken off" if _some_goes_back(summary, id) else ""
    if without == 0:
        return f"If the programme had no effect at all it would pay nothing{off}." if paid else ""
    if not off and abs(without - paid) <= 1e-9 * abs(paid):
        return f"If the programme had no effect at all it would still pay the same {amount(without)}."
    still = "still " if without < paid and not off else ""  # what is left is not to be set beside all that it pays
    return f"If the programme had no effect at all it would {still}pay {amount(without)} on average{off}."


def _break_even(summary: Summary, id: str, party: Party) -> str:
    saved, multiple = number(party, "cashable_benefit_pv"), number(party, "savings_multiple_to_break_even")
    if saved is None or saved == 0:
        return ""
    if saved < 0:
        return "On average it saves less than nothing: no multiple of its savings would break even."
    if multiple is None:
        return ""
    if not any(has_amounts(party, metric) for metric in ("outcome_payments", "own_costs", "money_received")):
        return ""
    if multiple <= 0:
        return "On average it receives at least what it pays, before any saving."
    if multiple <= 1:
        return f"On average its savings are enough: {percent(multiple, 0)} of them would break even."
    times = significant(multiple, 2)
    size = "slightly larger" if times == "1.0" else f"{times} times as large"
    return f"Its savings would have to be {size} to break even."


def _break_even_year(summary: Summary, id: str, party: Party) -> str:
    """The year of the mean balance; a balance that only begins level is not called break-even."""
    if "break_even_year" not in party["metrics"] or not has_amounts(party, "cashable_benefit_pv"):
        return ""
    path = [(year, row["balance"]["mean"]) for year, row in years_of(summary, id)]
    if not path:
        return ""
    slack = 1e-9 * max(abs(balance) for _, balance in path)
    behind = [year for year, balance in path if balance < -slack]
    last = path[-1][1]
    best, worst = max(balance for _, balance in path), min(balance for _, balance in path)
    if last < -slack and best > 0.02 * abs(worst):
        year = path[-1][0]
        at_end = f"{amount(-last)} behind at the end, in {year}"
        return f"Undiscounted and on average, its budget is ahead in some years and {at_end}."
    if last < -slack:
        at_end = f"its budget is on average still {amount(-last)} behind in {path[-1][0]}"
        return f"Undiscounted, {at_end}: no break-even within the period."
    if not behind:
        return "Undiscounted and on average, its budget is behind in no year."
    year = min(year for year, _ in path if year > behind[-1])
    return f"Undiscounted and on average, its budget breaks even in {year} and stays so."


PAYER: tuple[Sentence, ...] = (
    _better_off,
    _not_cash,
    _expected_payment,
    _own_costs,
    _received,
    _dearest_year,
    _without_effect,
    _break_even,
    _break_even_year,
)
PURSE: tuple[Sentence, ...] = (_who, _each_body, _better_off, _not_cash, _break_even, _break_even_year)
