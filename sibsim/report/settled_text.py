"""A settlement on a terminal: first what is due and what is open, then who got what, the payments, and every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sibsim.report.expected import expected_table
from sibsim.report.layout import TOGETHER, Column, Layout, Row, listed, plain, table, wrap
from sibsim.report.numbers import fixed, is_number, percent
from sibsim.report.reading import Summary
from sibsim.report.working import working

__all__ = ["render"]

STEPS = {"month": "months", "quarter": "quarters", "year": "years"}
Money = Callable[[float | None], str]


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
        _section("What is due", _due(summary, money), layout),
        _section("What is open", _open(summary), layout),
        _section("What the lenders got" + _so_far(summary), _lenders(summary, money), layout),
        _section("Guarantees", _guarantees(summary, money), layout),
        *_payments(summary, money, layout),
        _account(summary, money, layout),
        expected_table(summary, money, layout),
        _section("Warnings", map(plain, summary["warnings"]), layout),
        _worked_out(summary, layout),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _writer(summary: Summary) -> Money:
    """How money is written: in full, with its hundredths if any amount paid has some."""
    amounts = [row["amount"] for row in summary["payments"]]
    amounts += [t[key] or 0.0 for t in summary["tranches"].values() for key in ("drawn", "received")]
    is_whole = all(abs(amount - round(amount)) < 0.005 for amount in amounts)
    return lambda amount: fixed(amount, 0 if is_whole else 2)


def _section(heading: str, sentences: Iterable[str], layout: Layout) -> list[str]:
    lines = [line for sentence in sentences for line in wrap(sentence, layout.width, "  ", "    ")]
    return [layout.bold(heading), *lines] if lines else []


def _headline(summary: Summary, layout: Layout) -> list[str]:
    scenario = summary["scenario"]
    lines = [layout.bold(line) for line in wrap(plain(scenario["title"]), layout.width)]
    if scenario["option"]:
        lines += wrap(f"Option: {plain(scenario['option'])}", layout.width)
    facts = ["settled on what came", f"{STEPS[scenario['step']]} from {scenario['start']}", scenario["currency"]]
    return lines + wrap(f"{TOGETHER}· ".join(fact.replace(" ", TOGETHER) for fact in facts), layout.width)


def _so_far(summary: Summary) -> str:
    return ", so far" if summary["is_open"] else ""


def _name(summary: Summary, party: str) -> str:
    known = summary["parties"].get(party)
    return plain(known["name"] if known else {"account": "the account"}.get(party, party))


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
        text = f"{_name(summary, payer)} pays {money(one['paid'])} {currency}{so_far}"
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


def _lenders(summary: Summary, money: Money) -> list[str]:
    tranches = {name: one for name, one in summary["tranches"].items() if name != "all"}
    sentences = [_lender(summary, plain(name), one, money) for name, one in tranches.items() if "reason" not in one]
    untold = [plain(name) for name, one in tranches.items() if "reason" in one]
    if untold:
        reason = next(one["reason"] for one in tranches.values() if "reason" in one)
        return [*sentences, f"{reason}: {listed(untold)}."]
    if sum(one["kind"] == "loan" and one["drawn"] > 0 for one in tranches.values()) > 1:
        sentences.append(_lender(summary, "All loans together", summary["tranches"]["all"], money, is_all=True))
    return sentences


def _lender(summary: Summary, name: str, one: Mapping[str, Any], money: Money, is_all: bool = False) -> str:
    """What one tranche lent and got: return, multiple, loss."""
    who = name if is_all else f"{name} ({listed([_name(summary, by) for by in one['by']])})"
    if not one["drawn"]:
        return f"{who}: nothing of it was drawn."
    text = f"{who}: {money(one['drawn'])} drawn, {money(one['received'])} received"
    if one["kind"] == "grant":
        return f"{text}; a grant, which is not paid back."
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
        who = f"{plain(name)} ({_name(summary, one['by'])})"
        if one["is_open"]:
            sentences.append(f"{who} is open: what it bears is not known as long as something is open.")
        else:
            sentences.append(f"{who} pays {money(one['called'])}." if one["called"] else f"{who} pays nothing.")
    return sentences


# ------------------------------------------------------------------------------------------------ tables
def _payments(summary: Summary, money: Money, layout: Layout) -> list[list[str]]:
    """What each payer pays, by date, with its sum."""
    found = []
    currency = summary["scenario"]["currency"]
    for payer in summary["payers"]:
        mine = [row for row in summary["payments"] if row["payer"] == payer]
        if not mine:
            continue
        rows: list[Row] = [(_label(summary, row), [money(row["amount"])]) for row in mine]
        rows.append(("in all" + _so_far(summary), [money(sum(row["amount"] for row in mine))]))
        found.append(table(f"Payments of {_name(summary, payer)}", [Column(currency)], rows, layout))
    return found


def _label(summary: Summary, row: Mapping[str, Any]) -> str:
    text = f"{row['date']}  {plain(row['payment'])}".replace(" ", TOGETHER, 2)
    if row["cohort"] is not None:
        text += f", {plain(row['cohort'])}"
    if row["amount"] < 0:
        return f"{text}, back from {_name(summary, row['to'])}"
    return text if row["to"] == "account" else f"{text}, to {_name(summary, row['to'])}"


def _account(summary: Summary, money: Money, layout: Layout) -> list[str]:
    """What stands at the end of each date on which something moved."""
    loans = [name for name, one in summary["tranches"].items() if name != "all" and one["kind"] == "loan"]
    rows: list[Row] = []
    before: Sequence[float] = [0.0] * (1 + len(loans))
    for one in summary["account"]:
        now = [one["cash"], *(one["outstanding"][name] for name in loans)]
        if any(abs(a - b) >= 0.005 for a, b in zip(now, before, strict=True)):
            owed = [now[1 + i] + one["interest"][name] for i, name in enumerate(loans)]
            rows.append((one["date"], [money(amount) for amount in (now[0], *owed)]))
        before = now
    if not rows:
        return []
    columns = [Column("cash"), *(Column(_short(name), spare=number) for number, name in enumerate(loans))]
    lines = table(f"The account, {summary['scenario']['currency']}", columns, rows, layout)
    note = (
        "At the end of the day: cash, and what each loan is still owed, with interest. Dates on which nothing moves "
        "are left out."
    )
    return [*lines, *wrap(note, layout.width, "  ")]


def _short(name: str) -> str:
    text = plain(name)
    return text if len(text) <= 18 else f"{text[:17]}…"


def _worked_out(summary: Summary, layout: Layout) -> list[str]:
    lines = working(summary["trace"], layout)
    return [layout.bold("How it was worked out"), *lines] if lines else []
