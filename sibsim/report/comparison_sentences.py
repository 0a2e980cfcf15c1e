"""What a comparison says in words: for each party under which option it is best off, by how much, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sibsim.report.frequency import futures
from sibsim.report.layout import listed, plain
from sibsim.report.numbers import amount, percent
from sibsim.report.reading import PUBLIC_PURSE, Summary

__all__ = ["FIRST", "bearers", "funds", "in_short", "often", "others_who_lose", "quoted", "under"]

FIRST = "as it stands"
LEAST = 1e-6
"""Share of the largest figure, and amount of money, that is not told."""
OWN_MONEY = ("npv", "net_money")
"""What a party is judged by that neither pays for results nor saves."""
CLEAR = 2.0
"""Errors by which two options are apart before one is called better."""


def quoted(name: str) -> str:
    """An option in a sentence."""
    return FIRST if name == FIRST else f"'{plain(name)}'"


def under(names: Sequence[str]) -> str:
    """Where one is better off.

    >>> under(["as it stands", "a", "b"]), under(["a"])
    ("as it stands and under 'a' and 'b' alike", "under 'a'")
    """
    others = [quoted(name) for name in names if name != FIRST]
    parts = [*([FIRST] if FIRST in names else []), *([f"under {listed(others)}"] if others else [])]
    return " and ".join(parts) + (" alike" if len(names) > 1 else "")


def often(summary: Summary, value: float, error: float | None) -> str:
    """A chance as a sentence needs it: "in 12 of 100 futures (11.4-12.6)"."""
    draws = int(summary["draws"])
    chance = {"value": value, "mc_error": error or 0.0, "count": round(value * draws), "draws": draws}
    return futures(chance, int(summary["replicates"]))


# ------------------------------------------------------------------------------------------------ one a party
def in_short(summary: Summary) -> Iterator[tuple[str, str]]:
    """(party, sentence): under which option it is best off on average, against which, and how often it is the best."""
    for id, party in summary["parties"].items():
        if party["judged_by"] is None:
            continue
        name = plain(party["name"])
        if len(party["best"]) < 2:
            yield name, "There is nothing to choose between: the other options take the world to be different."
        elif party["judged_by"] not in party["figures"]:
            yield name, "Every option is the same to it."
        else:
            yield name, _best_off(summary, party, "their budgets are" if id == PUBLIC_PURSE else "it is")


def _best_off(summary: Summary, party: Mapping[str, Any], who: str) -> str:
    means = {name: party["figures"][party["judged_by"]]["options"][name]["mean"] for name in party["best"]}
    leads = party["leads"]
    best, near = leads["options"], leads["not_told_apart"]
    others = [name for name in means if name not in best and name not in near]
    if len(best) == len(means):
        return "On average every option that is a choice comes to the same."
    groups = under([name for name in means if name in best or name in near])
    if not others:
        return f"Which is best is not clear: on average {who} as well off {groups}, as far as the simulation can tell."
    first = next(iter(means))
    against = first if first in others else max(others, key=lambda name: means[name])
    than = f"{summary['currency']} {amount(_apart(party, best[0], against))} better than {quoted(against)}"
    told = ", as far as the simulation can tell" if near else ""
    none = "the other is not better" if len(means) == 2 else f"no other of the {len(means)} is better"
    rate = often(summary, leads["unbeaten"]["value"], leads["unbeaten"]["mc_error"])
    return f"On average {who} best off {groups}{told}: {than}; {rate} {none}."


def _apart(party: Mapping[str, Any], one: str, other: str) -> float:
    """The paired difference of two options."""
    for pair in party["pairs"]:
        if (pair["option"], pair["less"]) == (one, other):
            return float(pair["mean"])
        if (pair["less"], pair["option"]) == (one, other):
            return -float(pair["mean"])
    raise KeyError(one)


def others_who_lose(summary: Summary) -> Iterator[str]:
    """For each choice, the lenders and providers who lose on average: what it costs holds only if they sign."""
    for option in summary["options"]:
        losers = [
            f"{plain(party['name'])} loses {summary['currency']} {amount(-mean)} on average"
            + (" (net present value at its hurdle)" if party["judged_by"] == "npv" else "")
            for party, mean in _means_of_others(summary, option["name"])
            if mean < 0
        ]
        if option["is_choice"] and losers:
            yield f"{plain(option['name'])}: {listed(losers)}."


def _means_of_others(summary: Summary, option: str) -> Iterator[tuple[Mapping[str, Any], float]]:
    """Each lender or provider with the mean of what it is judged by, where that is clearly not 0."""
    for party in summary["parties"].values():
        figure = party["figures"].get(party["judged_by"])
        if figure is None or party["judged_by"] not in OWN_MONEY or not {"investor", "provider"} & set(party["roles"]):
            continue
        size = max(abs(own["mean"]) for own in figure["options"].values())
        own = figure["options"][option]
        if abs(own["mean"]) > max(CLEAR * (own["mc_error"] or 0.0), LEAST * size, LEAST):
            yield party, own["mean"]


# ------------------------------------------------------------------------------------------------ the worst futures
def bearers(summary: Summary, decision: Mapping[str, Any]) -> Iterator[str]:
    """For each choice: what each party comes to in the payer's worst 5 % of futures, against its own average."""
    for option in decision["among"]:
        tail = decision["tail"][option]
        found = [
            (summary["parties"][id]["name"], one["falls_by"])
            for id, one in tail["parties"].items()
            if id in summary["parties"]
        ]
        size = max((abs(falls["value"]) for _, falls in found), default=0.0)
        parts = [
            f"{plain(name)} {amount(abs(falls['value']))} {'worse' if falls['value'] > 0 else 'better'}"
            for name, falls in found
            if abs(falls["value"]) > max(CLEAR * falls["mc_error"], LEAST * size, LEAST)
        ]
        loss = tail["expected_shortfall_95"]["value"]
        own = (
            f"it {'loses' if loss > 0 else 'gains'} {amount(abs(loss))} there"
            if abs(loss) > LEAST
            else "it loses nothing there"
        )
        rest = (
            f"; against each one's average: {', '.join(parts)}"
            if parts
            else "; nobody clearly does worse or better there"
        )
        yield f"{plain(option)}: {own}{rest}."


# ------------------------------------------------------------------------------------------------ funds
def funds(summary: Summary) -> Iterator[str]:
    """How much comes back to a fund of own money, when, and in how many futures all of it."""
    for option, parties in summary["funds"].items():
        for id, fund in parties.items():
            name = plain(summary["parties"][id]["name"]) if id in summary["parties"] else id
            back, paid, share = fund["returned"]["mean"], fund["paid"]["mean"], fund["share_returned"]["value"]
            money = summary["currency"]
            whole = often(summary, fund["all_returned"]["value"], fund["all_returned"]["mc_error"])
            when = fund["years_until_all"]
            if fund["all_returned"]["value"] == 0:
                last = f"all comes back {whole}"
            else:
                last = f"all comes back {whole}, then after {when['p50']:.3g} years (median)"
            yield (
                f"{plain(option)}: of {money} {amount(paid)} that {name} puts in on average, {money} {amount(back)} "
                f"({percent(share)}) comes back out of its cashable savings within the time looked at; {last}."
                f"{_half(fund)}{_savings(summary, id, option)}"
            )


def _savings(summary: Summary, id: str, option: str) -> str:
    """What the budget saves over all futures, where the fund also counts on good luck that bad luck takes away."""
    party = summary["parties"].get(id, {"figures": {}})
    saved = party["figures"].get("cashable_benefit_pv", {"options": {}})["options"].get(option)
    if saved is None or saved["p05"] >= 0:
        return ""
    told = f"{'saves' if saved['mean'] >= 0 else 'loses'} {summary['currency']} {amount(abs(saved['mean']))}"
    return (
        " That is taken where the budget saves and not given back where it loses; over all futures, good and bad, the "
        f"budget {told} in cash on average (present value)."
    )


def _half(fund: Mapping[str, Any]) -> str:
    """By which year half of what comes back is back, on average."""
    total, so_far = sum(year["value"] for year in fund["by_year"].values()), 0.0
    for year, returned in fund["by_year"].items():
        so_far += returned["value"]
        if total > 0 and so_far >= total / 2:
            return f" Half of what comes back is back by the end of {year}."
    return ""
