"""Sentences for what makes an amount of money another one, and for money that moves."""

from __future__ import annotations

import math
from collections.abc import Callable

from sibsim.report.layout import plain
from sibsim.report.numbers import exact
from sibsim.report.wording import Figures, Words, is_there

__all__ = ["SENTENCES"]


def _scaled(words: str) -> Callable[[Figures, Words], str]:
    return lambda f, w: f"{words.format(by=exact(f['by'], 6), part=w.shown(f['by'], 'percent'))}: {w.money(f['value'])}"


def _times(f: Figures, w: Words) -> str:
    of = f"{plain(f['of'])}, " if f.get("of") else ""
    return f"times {of}{w.shown(f['by'], f.get('unit'))}: {w.money(f['value'])}"


def _round(f: Figures, w: Words) -> str:
    way = {"down": "down to", "up": "up to"}.get(str(f.get("direction")), "to the nearest")
    unit = f.get("unit") or "money"
    return f"{w.shown(f['before'], unit)} rounded {way} {w.shown(f['to'], unit)}: {w.shown(f['value'], unit)}"


def _to_date(f: Figures, w: Words) -> str:
    return f"{w.money(f['before'])} to date, less {w.money(f['paid'])} due before: {w.money(f['value'])}"


def _less(f: Figures, w: Words) -> str:
    return f"{w.money(f['before'])}, less {w.money(f['paid'])} paid by {plain(f['of'])}: {w.money(f['value'])}"


def _owed(f: Figures, w: Words) -> str:
    value = f["value"]
    if value < 0:
        return f"{w.money(-value)} is to be paid back"
    return f"{w.money(value)} is due" if value else "nothing is due"


CAPS = {
    "person": "the cap for each person",
    "cohort": "the cap for the cohort",
    "year": "the cap for the year",
    "total": "the cap in total",
    "return": "the cap on the loans' return",
    "tranche": "the loan's own cap",
}


def _cap(f: Figures, w: Words) -> str:
    parts = [CAPS.get(f["on"], f"the cap ({f['on']})")]
    rates = [f"{w.shown(f['irr'], 'percent')} a year" if is_there(f.get("irr")) else ""]
    rates += [f"{exact(f['multiple'])} times" if is_there(f.get("multiple")) else ""]
    if any(rates):
        parts.append(" and ".join(filter(None, rates)))
    if is_there(f.get("limit")):
        parts.append(w.money(f["limit"]) + (f" with {w.money(f['so_far'])} paid before" if f["so_far"] else ""))
    if is_there(f.get("room")):
        parts.append(f"room for {w.money(f['room'])}")
    cut = f["before"] - f["value"]
    did = f"cuts {w.money(cut)}, leaves {w.money(f['value'])}" if cut > 1e-9 * f["before"] else "cuts nothing"
    return f"{', '.join(parts)}: {did}"


def _off_the_cut(f: Figures, w: Words) -> str:
    left = f"{w.money(-f['value'])} is to be paid back" if f["value"] < 0 else "nothing is to be paid back"
    return f"what a cap had cut, {w.money(f['so_far'])}, comes off first: {left}"


def _contracts_cap(f: Figures, w: Words) -> str:
    return f"the contract's cap leaves {w.money(f['value'])} of {w.money(f['before'])}"


# ------------------------------------------------------------------------------------------------ money moves
def _pays_out(f: Figures, w: Words) -> str:
    part = f" ({w.shown(f['part'], 'percent')} of {w.money(f['of'])})" if f["part"] != 1 else ""
    if part and not math.isclose(f["value"], f["part"] * f["of"], rel_tol=1e-9):
        part = f" (its own part is {w.shown(f['part'], 'percent')} of {w.money(f['of'])})"
    return f"pays {w.money(f['value'])} from {w.party(f['party'])} to {w.party(f['to'])}{part}"


def _pays_at_most(f: Figures, w: Words) -> str:
    before = f", {w.money(f['so_far'])} of it before" if f["so_far"] else ""
    most = f"at most {w.money(f['limit'])} from {w.party(f['party'])} in all{before}"
    return f"{most}: {w.money(f['value'])} of {w.money(f['before'])}"


def _back(f: Figures, w: Words) -> str:
    return f"{w.money(f['value'])} goes back from {w.party(f['party'])} to {w.party(f['to'])}"


def _draw(f: Figures, w: Words) -> str:
    so_far = f"{w.money(f['so_far'])} of {w.money(f['limit'])} by now"
    return f"{w.money(f['value'])} is drawn from {w.party(f['party'])}; {so_far}"


TINY = 1e-9
"""Part of an amount that is rounding, and not told."""
SOURCES = {
    "tranche": "its own tranche",
    "capital": "drawn money",
    "receipts": "receipts",
    "draws": "newly drawn",
}


def _cost(f: Figures, w: Words) -> str:
    named = [
        (f[name], words) for name, words in SOURCES.items() if is_there(f.get(name)) and f[name] > TINY * f["value"]
    ]
    if f.get("shortfall"):
        named.append((f["shortfall"], f"short, borne by {w.party(f['bearer'])}"))
    is_one = len(named) == 1 and not f.get("shortfall")
    parts = [words if is_one else f"{w.money(amount)} {words}" for amount, words in named]
    sources = f" ({', '.join(parts)})" if parts else ""
    return f"{w.money(f['value'])} from {w.party(f['party'])}{sources} to {w.party(f['to'])}"


def _interest(f: Figures, w: Words) -> str:
    return f"{w.money(f['value'])} of interest is added, {w.shown(f['rate'], 'percent')} a year on {w.money(f['of'])}"


def _kept(f: Figures, w: Words) -> str:
    return f"{w.money(f['value'])} of receipts is kept for costs ahead"


def _goes_out(f: Figures, w: Words) -> str:
    unspent = f", {w.money(f['unspent'])} of it drawn and not spent" if f["unspent"] else ""
    return f"{w.money(f['value'])} is paid out{unspent}"


def _repaid(words: str) -> Callable[[Figures, Words], str]:
    def write(f: Figures, w: Words) -> str:
        principal = "principal" if f["interest"] > TINY * f["value"] else "counts as repayment"
        kinds = (("interest", "interest"), ("principal", principal), ("gain", "beyond what is owed"))
        parts = [f"{w.money(f[name])} {word}" for name, word in kinds if f[name] > TINY * f["value"]]
        way = words.format(party=w.party(f["party"]), to=w.party(f["to"]))
        return f"{w.money(f['value'])} {way}: {', '.join(parts)}"

    return write


def _surplus(f: Figures, w: Words) -> str:
    if "principal" in f:
        return _repaid("of what is left over goes to {to}")(f, w)
    return f"{w.money(f['value'])} of what is left over goes to {w.party(f['to'])}"


def _refund(f: Figures, w: Words) -> str:
    return f"{w.money(f['value'])} of what is left over goes back to {w.party(f['to'])}, who paid"


def _call(f: Figures, w: Words) -> str:
    over = f" over {w.money(f['over'])}" if f["over"] else ""
    limit = f", up to {w.money(f['limit'])}" if is_there(f["limit"]) else ""
    start = f"{w.shown(f['part'], 'percent')} of a loss of {w.money(f['loss'])}{over}{limit}"
    return f"{start}: {w.money(f['value'])} from {w.party(f['party'])}"


SENTENCES: dict[str, Callable[[Figures, Words], str]] = {
    "times": _times,
    "spread": _scaled("the part of this period, {part}"),
    "index": _scaled("indexed, x {by}"),
    "split": _scaled("this cohort's part by size, {part}"),
    "not below 0": lambda f, w: f"{w.money(f['before'])} is below 0 and counts as {w.money(f['value'])}",
    "floor": lambda f, w: f"the floor of {w.money(f['limit'])} lifts {w.money(f['before'])} to {w.money(f['value'])}",
    "round": _round,
    "less": _less,
    "to date": _to_date,
    "owed": _owed,
    "cap": _cap,
    "off the cut": _off_the_cut,
    "contract's cap": _contracts_cap,
    "pays at most": _pays_at_most,
    "pays": _pays_out,
    "back": _back,
    "draw": _draw,
    "cost": _cost,
    "interest": _interest,
    "kept": _kept,
    "kept principal": lambda f, w: f"{w.money(f['value'])} is kept for principal that is not due yet",
    "kept surplus": lambda f, w: f"{w.money(f['value'])} of surplus is kept: it is not paid before its date",
    "still owed": lambda f, w: (
        f"{w.money(f['value'])} of its coupon is not paid, for the account has no more: still owed"
    ),
    "goes out": _goes_out,
    "at hand": lambda f, w: f"{w.money(f['value'])} is there for what is owed, and for what is kept",
    "repayment": _repaid("from {party} to {to}"),
    "payment": _repaid("straight from {party} to {to}"),
    "guarantee": _repaid("of the guarantee from {party} to {to}"),
    "guaranteed": lambda f, w: f"{w.money(f['value'])} from {w.party(f['party'])} to {w.party(f['to'])}, who paid",
    "left over": lambda f, w: f"{w.money(f['value'])} is left when every rank is paid",
    "surplus": _surplus,
    "refund": _refund,
    "call": _call,
    "written off": lambda f, w: f"{w.money(f['value'])} is never repaid",
}
"""Each kind of step in words."""
