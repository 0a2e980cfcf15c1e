"""Sentences for what makes an amount of money another one, and for money that moves."""

from __future__ import annotations

from collections.abc import Callable

from sibsim.report.layout import plain
from sibsim.report.numbers import exact, exact_percent
from sibsim.report.wording import MONEY, Figures, Words, is_there, shown

__all__ = ["SENTENCES"]


def _scaled(words: str) -> Callable[[Figures, Words], str]:
    return lambda f, w: f"{words.format(by=exact(f['by'], 6), part=exact_percent(f['by']))}: {MONEY(f['value'])}"


def _times(f: Figures, w: Words) -> str:
    of = f"{plain(f['of'])}, " if f.get("of") else ""
    return f"times {of}{shown(f['by'], f.get('unit'))}: {MONEY(f['value'])}"


def _round(f: Figures, w: Words) -> str:
    way = {"down": "down to", "up": "up to"}.get(str(f.get("direction")), "to the nearest")
    unit = f.get("unit") or "money"
    return f"{shown(f['before'], unit)} rounded {way} {shown(f['to'], unit)}: {shown(f['value'], unit)}"


def _to_date(f: Figures, w: Words) -> str:
    return f"{MONEY(f['before'])} to date, less {MONEY(f['paid'])} due before: {MONEY(f['value'])}"


def _owed(f: Figures, w: Words) -> str:
    value = f["value"]
    if value < 0:
        return f"{MONEY(-value)} is to be paid back"
    return f"{MONEY(value)} is due" if value else "nothing is due"


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
    rates = [f"{exact_percent(f['irr'])} a year" if is_there(f.get("irr")) else ""]
    rates += [f"{exact(f['multiple'])} times" if is_there(f.get("multiple")) else ""]
    if any(rates):
        parts.append(" and ".join(filter(None, rates)))
    if is_there(f.get("limit")):
        parts.append(MONEY(f["limit"]) + (f" with {MONEY(f['so_far'])} paid before" if f["so_far"] else ""))
    if is_there(f.get("room")):
        parts.append(f"room for {MONEY(f['room'])}")
    cut = f["before"] - f["value"]
    did = f"cuts {MONEY(cut)}: {MONEY(f['value'])}" if cut > 1e-9 * f["before"] else "cuts nothing"
    return f"{', '.join(parts)}: {did}"


def _off_the_cut(f: Figures, w: Words) -> str:
    return f"money asked back comes off what a cap had cut, {MONEY(f['so_far'])}: {MONEY(f['value'])}"


def _contracts_cap(f: Figures, w: Words) -> str:
    return f"the contract's cap leaves {MONEY(f['value'])} of {MONEY(f['before'])}"


# ------------------------------------------------------------------------------------------------ money moves
def _pays_out(f: Figures, w: Words) -> str:
    part = f" ({exact_percent(f['part'])} of {MONEY(f['of'])})" if f["part"] != 1 else ""
    return f"pays {MONEY(f['value'])} from {w.party(f['party'])} to {w.party(f['to'])}{part}"


def _pays_at_most(f: Figures, w: Words) -> str:
    before = f", {MONEY(f['so_far'])} of it before" if f["so_far"] else ""
    most = f"at most {MONEY(f['limit'])} from {w.party(f['party'])} in all{before}"
    return f"{most}: {MONEY(f['value'])} of {MONEY(f['before'])}"


def _back(f: Figures, w: Words) -> str:
    return f"{MONEY(f['value'])} goes back from {w.party(f['party'])} to {w.party(f['to'])}"


def _draw(f: Figures, w: Words) -> str:
    return (
        f"{MONEY(f['value'])} is drawn from {w.party(f['party'])}; {MONEY(f['so_far'])} of {MONEY(f['limit'])} by now"
    )


SOURCES = {
    "tranche": "of its own tranche",
    "capital": "of drawn money",
    "receipts": "of receipts",
    "draws": "newly drawn",
}


def _cost(f: Figures, w: Words) -> str:
    parts = [f"{MONEY(f[name])} {words}" for name, words in SOURCES.items() if f.get(name, 0.0) and f[name] > 0]
    if f.get("shortfall"):
        parts.append(f"{MONEY(f['shortfall'])} short, borne by {w.party(f['bearer'])}")
    from_ = f": {', '.join(parts)}" if parts else ""
    return f"{MONEY(f['value'])} from {w.party(f['party'])} to {w.party(f['to'])}{from_}"


def _interest(f: Figures, w: Words) -> str:
    return f"{MONEY(f['value'])} of interest is added, {exact_percent(f['rate'])} a year on {MONEY(f['of'])}"


def _kept(f: Figures, w: Words) -> str:
    return f"{MONEY(f['value'])} of receipts is kept for costs ahead"


def _goes_out(f: Figures, w: Words) -> str:
    unspent = f", {MONEY(f['unspent'])} of it drawn and not spent" if f["unspent"] else ""
    return f"{MONEY(f['value'])} is paid out{unspent}"


def _repaid(words: str) -> Callable[[Figures, Words], str]:
    def write(f: Figures, w: Words) -> str:
        kinds = (("interest", "interest"), ("principal", "principal"), ("gain", "beyond what is owed"))
        parts = [f"{MONEY(f[name])} {word}" for name, word in kinds if f[name]]
        way = words.format(party=w.party(f["party"]), to=w.party(f["to"]))
        return f"{MONEY(f['value'])} {way}: {', '.join(parts)}"

    return write


def _surplus(f: Figures, w: Words) -> str:
    if "principal" in f:
        return _repaid("of what is left over goes to {to}")(f, w)
    return f"{MONEY(f['value'])} of what is left over goes to {w.party(f['to'])}"


def _refund(f: Figures, w: Words) -> str:
    return f"{MONEY(f['value'])} of what is left over goes back to {w.party(f['to'])}, who paid"


def _call(f: Figures, w: Words) -> str:
    over = f" over {MONEY(f['over'])}" if f["over"] else ""
    limit = f", up to {MONEY(f['limit'])}" if is_there(f["limit"]) else ""
    start = f"{exact_percent(f['part'])} of a loss of {MONEY(f['loss'])}{over}{limit}"
    return f"{start}: {MONEY(f['value'])} from {w.party(f['party'])}"


SENTENCES: dict[str, Callable[[Figures, Words], str]] = {
    "times": _times,
    "spread": _scaled("the part of this period, {part}"),
    "index": _scaled("indexed, x {by}"),
    "split": _scaled("this cohort's part by size, {part}"),
    "not below 0": lambda f, w: f"{MONEY(f['before'])} is below 0 and counts as {MONEY(f['value'])}",
    "floor": lambda f, w: f"the floor of {MONEY(f['limit'])} lifts {MONEY(f['before'])} to {MONEY(f['value'])}",
    "round": _round,
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
    "goes out": _goes_out,
    "repayment": _repaid("from {party} to {to}"),
    "payment": _repaid("straight from {party} to {to}"),
    "guarantee": _repaid("of the guarantee from {party} to {to}"),
    "left over": lambda f, w: f"{MONEY(f['value'])} is left when every rank is paid",
    "surplus": _surplus,
    "refund": _refund,
    "call": _call,
    "written off": lambda f, w: f"{MONEY(f['value'])} is never repaid",
}
"""Each kind of step in words."""
