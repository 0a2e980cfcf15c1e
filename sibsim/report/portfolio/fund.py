"""Should the fund be made, should each lender invest, and what must a guarantor expect: sentences."""

from __future__ import annotations

from collections.abc import Callable

from sibsim.report.financiers import guarantor_sentences, investor_sentences
from sibsim.report.layout import plain
from sibsim.report.numbers import amount, amount_at_most, fixed, percent
from sibsim.report.portfolio.reading import (
    as_results,
    costs,
    has_money_lent,
    how_often,
    is_fund_alone,
    is_sure,
    many,
    value,
)
from sibsim.report.reading import Party, Summary, figure, has_amounts, is_constant, name_of, number

__all__ = ["fund_questions"]

Sentence = Callable[[Summary], str]


def fund_questions(summary: Summary) -> list[tuple[str, list[str]]]:
    """What there is to decide, each with the sentences that answer it: the fund, its lenders, who else gives or gets.

    Parameters
    ----------
    summary : mapping
        Of a portfolio, as `sibsim.portfolio` makes it.
    """
    if not has_money_lent(summary):
        about = ["No contract is lent any money in any future seen."]
    else:
        about = [text for text in (sentence(summary) for sentence in FUND) if text]
    asked = [("Should the fund be made?", about)]
    for party in summary["parties"].values():
        if "investor" in party["roles"]:
            asked += _lender(summary, party)
    for party in summary["parties"].values():
        if "guarantor" in party["roles"]:
            said = guarantor_sentences(as_results(summary), party)
            asked.append((f"What must {name_of(party)} expect as guarantor?", said))
    asked += [(f"What does {name_of(p)} give?", [_given(p)]) for p in _that_are(summary, "grantor")]
    asked += [(f"What else does {name_of(p)} pay?", [_borne(p)]) for p in summary["parties"].values()]
    gets = _that_are(summary, "supplier", "provider", "recipient")
    asked += [(f"What goes to {name_of(p)}?", [_margin(p)]) for p in gets if "investor" not in p["roles"]]
    return [(question, said) for question, said in asked if any(said)]


def _that_are(summary: Summary, *roles: str) -> list[Party]:
    return [party for party in summary["parties"].values() if set(roles) & set(party["roles"])]


# ------------------------------------------------------------------------------------------------ the fund
def _they(summary: Summary) -> str:
    return "it" if summary["portfolio"]["contracts"] == 1 else "they"


def _lose(summary: Summary) -> str:
    """In how many futures all contracts together give back less than was lent, and how much less."""
    chance, pooled = summary["contracts"]["probabilities"]["loss"], summary["contracts"]
    contracts = int(summary["portfolio"]["contracts"])
    who = "the contract gives" if contracts == 1 else f"the {contracts:,} contracts together give"
    before = "Before the fund's own costs, " if costs(summary)[0] else ""
    text = f"{before}{who if before else who[0].upper() + who[1:]} back less than was lent"
    text += f" {how_often(summary, chance)}"
    loss, drawn = number(pooled, "loss_given_loss"), figure(pooled, "drawn")
    if not chance["count"] or loss is None or drawn is None:
        return f"{text}."
    of = f"of the {amount(drawn['mean'])} lent" if is_constant(drawn) else f"of {amount(drawn['mean'])} lent on average"
    return f"{text}; where that is so, {amount(loss)} less on average, {of}."


def _lose_everything(summary: Summary) -> str:
    chance = summary["contracts"]["probabilities"].get("total_loss")
    if not chance or not chance["count"]:
        return ""
    back = "gives back nothing" if _they(summary) == "it" else "give back nothing"
    return f"{_they(summary).capitalize()} {back} {how_often(summary, chance)}."


def _return(summary: Summary) -> str:
    pooled, who = summary["contracts"], _they(summary)
    rate, multiple = number(pooled, "irr_of_expected_flows"), number(pooled, "moic")
    own, gives = ("Its", "it gives") if who == "it" else ("Their", "they give")
    parts = []
    if rate is not None:
        parts.append(f"{own.lower()} expected return is {percent(rate)} a year (IRR of the expected flows)")
    if multiple is not None:
        parts.append(f"on average {gives} back {fixed(multiple, 2)} times what was lent")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _bad_futures(summary: Summary) -> str:
    """What is not lost in 19 of 20 futures, and in 99 of 100."""
    net, who = summary["losses"]["net_loss"], _they(summary)
    s = "s" if who == "it" else ""
    at_95, at_99 = value(net["value_at_risk_95"]), value(net["value_at_risk_99"])
    if at_95 is None or at_99 is None:
        return ""
    if value(net["sd"]) == 0.0:
        mean = value(net["mean"]) or 0.0
        return f"In every future {who} {'lose' if mean > 0 else 'gain'}{s} {amount(abs(mean))}." if mean else ""
    rare = f"in at most 1 of 100 more than {amount_at_most(at_99)}"
    if at_99 <= 0:
        return f"In at most 1 of 100 futures {who} lose{s} anything."
    if at_95 <= 0:
        return f"In at most 1 of 20 futures {who} lose{s} anything, {rare}."
    if amount_at_most(at_95) == amount_at_most(at_99):
        return f"In at most 1 of 100 futures {who} lose{s} more than {amount_at_most(at_99)}."
    return f"In at most 1 of 20 futures {who} lose{s} more than {amount_at_most(at_95)}, {rare}."


def _costs(summary: Summary) -> str:
    """The fund's own costs, beside what the contracts gain."""
    spent, is_same = costs(summary)
    gain = number(summary["contracts"], "net_gain")
    if not spent:
        return ""
    usual = "in every future" if is_same else "on average"
    lacks = summary["funding"]["shortfall"]
    others = ", beside those that others bear where its money is lacking" if lacks and lacks["count"] else ""
    text = f"The fund itself pays costs of {amount(spent)} {usual}, all years together{others}"
    if gain is None:
        return f"{text}."
    which = "the contract" if _they(summary) == "it" else "the contracts"
    s = "s" if _they(summary) == "it" else ""
    if gain <= 0:
        lost = f"loses {amount(-gain)}" if s else f"lose {amount(-gain)}"
        return f"{text}; on average {which} {lost if gain else f'gain{s} nothing'}, so nothing of it is earned."
    if abs(gain - spent) <= 1e-9 * spent:
        return f"{text}; on average {which} gain{s} just that."
    apart = f"{amount(abs(gain - spent))} {'more' if gain > spent else 'less'}"
    return f"{text}; on average {which} gain{s} {amount(gain)}, {apart} than that."


TOO_HIGH = (
    "Who bears the shortfall pays that and gets nothing of it back, so what the fund's lenders are said to get is too "
    "high."
)


def _money_lacks(summary: Summary) -> str:
    """Whether the fund's own money is enough for what it has promised the contracts."""
    found = summary["funding"]
    committed, available, chance = value(found["committed"]), value(found["available"]), found["shortfall"]
    if is_fund_alone(summary) or committed is None or not chance:
        return ""
    on_average = "" if is_sure(summary, found["committed"]) else " on average"
    held = f"The fund commits {amount(committed)}{on_average} to contracts"
    held += f" and is promised {amount(available)}" if available is not None else ""
    short = value(found["shortfall_amount"])
    size = f", then {amount(short / chance['value'])} on average" if chance["count"] and short else ""
    said = f"{held}; money is lacking {how_often(summary, chance)}{size}."
    return f"{said} {TOO_HIGH}" if chance["count"] else said


FUND: tuple[Sentence, ...] = (_lose, _lose_everything, _return, _bad_futures, _costs, _money_lacks)


# ------------------------------------------------------------------------------------------------ who lends
def _lender(summary: Summary, party: Party) -> list[tuple[str, list[str]]]:
    """What a lender should know, of all it lends and of each tranche where it has several."""
    tranches, said = party.get("tranches", {}), investor_sentences(as_results(summary), party)
    if is_fund_alone(summary):
        return [("And after the fund's own costs?", said)] if costs(summary)[0] else []
    if len(tranches) < 2:
        named = next((f" in '{plain(name)}'" for name in tranches), "")
        return [(f"Should {name_of(party)} invest{named}?", said)]
    for name, tranche in tranches.items():
        alone = investor_sentences(as_results(summary), {**tranche, "roles": ["investor"]})
        said += [f"By '{plain(name)}' alone: {text[0].lower()}{text[1:]}" for text in alone]
    both = many(len(tranches), "tranche")
    return [(f"Should {name_of(party)} invest in {both}?", said)]


# ------------------------------------------------------------------------------------------------ others
def _given(party: Party) -> str:
    drawn = figure(party, "drawn")
    if drawn is None:
        return ""
    usual = "in every future" if is_constant(drawn) else "on average"
    return f"{amount(drawn['mean'])} {usual}, not to be paid back."


def _borne(party: Party) -> str:
    """Costs that a party bears by itself, and what it puts in where the fund's money is lacking."""
    if not has_amounts(party, "own_costs") or "provider" in party["roles"] or "supplier" in party["roles"]:
        return ""  # of who is paid for something, its margin says what is left
    found = figure(party, "own_costs")
    usual = "in every future" if is_constant(found) else "on average"
    return f"{amount(number(party, 'own_costs'))} {usual}: costs of its own, and what the fund's money lacks."


def _margin(party: Party) -> str:
    margin = figure(party, "margin")
    if margin is None:
        return ""
    if is_constant(margin):
        return f"{amount(margin['mean'])} in every future."
    low, high = amount(margin["p05"]), amount(margin["p95"])
    usual = f"{low} to {high}" if low != high else low
    return f"{amount(margin['mean'])} on average, in at least 90 of 100 futures {usual}."
