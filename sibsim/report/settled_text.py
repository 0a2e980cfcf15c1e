"""A settlement on a terminal: first what is due and what is open, then who got what, the payments, and every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sibsim.report.expected import expected_table
from sibsim.report.layout import Layout, listed, plain
from sibsim.report.numbers import fixed, is_number, percent
from sibsim.report.reading import Summary
from sibsim.report.sections import STEPS, facts_line, headline, joined, list_under
from sibsim.report.settled_tables import Money, account, name_of_party, parties_table, payment_tables, so_far
from sibsim.report.working import working

__all__ = ["decimals_of", "render"]


def render(summary: Summary, layout: Layout) -> str:
    """The whole settlement as text.

    Parameters
    ----------
    summary : mapping
        What `sibsim.replay.settlement_summary` returns, with sentences in its trace.
    layout : Layout

    Returns
    -------
    str
        Lines no wider than the layout, ending in a line feed. The same summary gives the same text.
    """
    money = _writer(summary)
    sections = [
        _headline(summary, layout),
        list_under("What is due", _due(summary, money), layout),
        list_under("What is open", _open(summary), layout),
        list_under(_heading(summary), _lenders(summary, money), layout),
        list_under("Guarantees", _guarantees(summary, money), layout),
        *payment_tables(summary, money, layout),
        parties_table(summary, money, layout),
        account(summary, money, layout),
        expected_table(summary, money, layout),
        list_under("Warnings", map(plain, summary["warnings"]), layout),
        _worked_out(summary, layout),
    ]
    return joined(sections)


def _writer(summary: Summary) -> Money:
    """How money is written: in full, with its hundredths if any amount paid has some."""
    decimals = decimals_of(summary)
    return lambda amount: fixed(amount, decimals)


def decimals_of(summary: Summary) -> int:
    """Decimals of all money of a settlement: two, if any amount paid, drawn or received has hundredths."""
    amounts = [row["amount"] for row in summary["payments"]]
    amounts += [t[key] or 0.0 for t in summary["tranches"].values() for key in ("drawn", "received")]
    return 0 if all(abs(amount - round(amount)) < 0.005 for amount in amounts) else 2


def _headline(summary: Summary, layout: Layout) -> list[str]:
    scenario = summary["scenario"]
    facts = ["settled on what came", f"{STEPS[scenario['step']]} from {scenario['start']}", scenario["currency"]]
    return headline(scenario["title"], scenario["option"], layout) + facts_line(facts, layout)


# ------------------------------------------------------------------------------------------------ sentences
def _due(summary: Summary, money: Money) -> list[str]:
    """What is due in all, and from whom."""
    currency = summary["scenario"]["currency"]
    so_far = " so far" if summary["is_open"] else " in all"
    payers = {payer: one for payer, one in summary["payers"].items() if one["paid"] or one["came_back"]}
    if not payers:
        return ["Nothing is due so far." if summary["is_open"] else "Nothing is due. Nothing is open: this is final."]
    sentences = []
    for payer, one in payers.items():
        text = f"{name_of_party(summary, payer)} pays {money(one['paid'])} {currency}{so_far}"
        if one["came_back"]:
            text += f" and gets {money(one['came_back'])} back, which makes {money(one['net'])}"
        sentences.append(f"{text}.")
    if len(payers) > 1:
        sentences.append(f"Together that is {money(summary['total_paid'])} {currency} under the contract.")
    if not summary["is_open"]:
        sentences.append("Nothing is open: this is the whole settlement.")
    return sentences


OPEN = {
    "payment": "",
    "event": "whether it happened, ",
    "tranche": "whether it is drawn, ",
    "guarantee": "what it pays, ",
}
"""By kind of thing that is open: what of it is."""


def _open(summary: Summary) -> list[str]:
    """What is open, and why: the dates of one thing that waits for the same together."""
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for one in summary["open"]:
        kind = next(word for word in OPEN if word in one)
        where = one["date"] if one["cohort"] is None else f"{one['date']} ({plain(one['cohort'])})"
        found.setdefault((kind, one[kind], tuple(one["waits_for"])), []).append(where)
    sentences = []
    for (kind, name, waits), dates in found.items():
        quoted = listed([f"'{plain(measure)}'" for measure in waits])
        why = f"{quoted} {'has' if len(waits) == 1 else 'have'} not been reported"
        sentences.append(f"'{plain(name)}', {OPEN[kind]}{listed(dates, most=8)}: {why}.")
    return sentences


def _heading(summary: Summary) -> str:
    """Who is told of: those who lend, or who give."""
    has_loans = any(one["kind"] == "loan" for one in summary["tranches"].values())
    return ("What the lenders got" if has_loans else "Grants") + so_far(summary)


def _lenders(summary: Summary, money: Money) -> list[str]:
    tranches = {name: one for name, one in summary["tranches"].items() if name != "all"}
    sentences = [_lender(summary, plain(name), one, money) for name, one in tranches.items() if "reason" not in one]
    untold = [plain(name) for name, one in tranches.items() if "reason" in one]
    if untold:
        reason = next(one["reason"] for one in tranches.values() if "reason" in one)
        return [*sentences, f"{reason}: {listed(untold)}."]
    if sum(one["kind"] == "loan" and one["drawn"] > 0 for one in tranches.values()) > 1:
        sentences.append(_lender(summary, "All loans together", summary["tranches"]["all"], money, is_all=True))
    for party in dict.fromkeys(by for one in tranches.values() for by in one["by"]):
        surplus = summary["parties"][party]["surplus"]
        if surplus:
            sentences.append(f"{name_of_party(summary, party)} also got {money(surplus)} of what was left over.")
    return sentences


def _lender(summary: Summary, name: str, one: Mapping[str, Any], money: Money, is_all: bool = False) -> str:
    """What one tranche lent and got: return, multiple, loss."""
    who = name if is_all else f"{name} ({listed([name_of_party(summary, by) for by in one['by']])})"
    if not one["drawn"]:
        return f"{who}: nothing of it was drawn."
    text = f"{who}: {money(one['drawn'])} drawn"
    if one["kind"] == "grant":
        received = f", {money(one['received'])} received" if one["received"] else ""
        return f"{text}{received}; a grant, which is not paid back."
    text += f", {money(one['received'])} received"
    rate = f"IRR {percent(one['irr'], 2)} a year, " if is_number(one["irr"]) else ""
    return f"{text}{_gained(summary, one, money)}{rate}{fixed(one['moic'], 3)} times what was drawn."


def _gained(summary: Summary, one: Mapping[str, Any], money: Money) -> str:
    """A gain or a loss; as long as something is open, only what has not come back yet, and what that would mean."""
    if summary["is_open"]:
        missing = f"; {money(one['loss'])} of it has not come back yet" if one["loss"] else ""
        return f" so far{missing}. If nothing more came: "
    if one["loss"]:
        return f": a loss of {money(one['loss'])} ({percent(one['loss_share'])}), "
    return f": a gain of {money(one['net_gain'])}, " if one["net_gain"] > 0 else ": neither gain nor loss, "


def _guarantees(summary: Summary, money: Money) -> list[str]:
    sentences = []
    for name, one in summary["guarantees"].items():
        who = f"{plain(name)} ({name_of_party(summary, one['by'])})"
        if one["is_open"]:
            sentences.append(f"{who} is open: what it bears is not known as long as something is open.")
        else:
            sentences.append(f"{who} pays {money(one['called'])}." if one["called"] else f"{who} pays nothing.")
    return sentences


def _worked_out(summary: Summary, layout: Layout) -> list[str]:
    lines = working(summary["trace"], layout)
    return [layout.bold("How it was worked out"), *lines] if lines else []
