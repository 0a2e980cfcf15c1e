"""Tables of a settlement: payments by payer, what each party paid and got, the account with what each loan is owed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sibsim.report.layout import GAP, TOGETHER, Column, Layout, Row, plain, table, width_of, wrap
from sibsim.report.reading import Summary

__all__ = ["Money", "account", "name_of_party", "parties_table", "payment_tables", "so_far"]

Money = Callable[[float | None], str]
LONGEST = 18
"""Of the name of a loan over its column."""
MOVES = ("draw", "repayment", "payment", "guarantee", "surplus")
"""Steps in which money of a tranche moves."""
INDENT = 2
ABOUT_CASH = 3
"""Columns of the account itself."""


def name_of_party(summary: Summary, party: str) -> str:
    """The name of a party, or of the account."""
    known = summary["parties"].get(party)
    return plain(known["name"] if known else {"account": "the account"}.get(party, party))


def so_far(summary: Summary) -> str:
    """Said of sums as long as something is open."""
    return ", so far" if summary["is_open"] else ""


# ------------------------------------------------------------------------------------------------ payments, parties
def payment_tables(summary: Summary, money: Money, layout: Layout) -> list[list[str]]:
    """What each payer pays, by date, with its sum."""
    found = []
    currency = summary["scenario"]["currency"]
    for payer in summary["payers"]:
        mine = [row for row in summary["payments"] if row["payer"] == payer]
        if not mine:
            continue
        rows: list[Row] = [(_label(summary, row), [money(row["amount"])]) for row in mine]
        rows.append(("in all" + so_far(summary), [money(sum(row["amount"] for row in mine))]))
        found.append(table(f"Payments of {name_of_party(summary, payer)}", [Column(currency)], rows, layout))
    return found


def _label(summary: Summary, row: Mapping[str, Any]) -> str:
    text = f"{row['date']}  {plain(row['payment'])}".replace(" ", TOGETHER, 2)
    if row["cohort"] is not None:
        text += f", {plain(row['cohort'])}"
    if row["amount"] < 0:
        return f"{text}, back from {name_of_party(summary, row['to'])}"
    return text if row["to"] == "account" else f"{text}, to {name_of_party(summary, row['to'])}"


def parties_table(summary: Summary, money: Money, layout: Layout) -> list[str]:
    """All that each party paid and got, with the difference."""
    rows: list[Row] = [
        (name_of_party(summary, id), [money(one["paid"]), money(one["got"]), money(one["net"])])
        for id, one in summary["parties"].items()
        if one["net"] is None or one["paid"] or one["got"]
    ]
    if not rows:
        return []
    heading = f"What each party paid and got{so_far(summary)}, {summary['scenario']['currency']}"
    lines = table(heading, [Column("paid"), Column("got"), Column("net")], rows, layout)
    note = "Net: what it got less what it paid. Money for service counts as got by who delivers it."
    return [*lines, *wrap(note, layout.width, "  ")]


# ------------------------------------------------------------------------------------------------ the account
def account(summary: Summary, money: Money, layout: Layout) -> list[str]:
    """Each date on which money moved through the account or a tranche, or what is owed changed; every loan."""
    loans = [name for name, one in summary["tranches"].items() if name != "all" and one["kind"] == "loan"]
    days = list(_days(summary, loans))
    if not days:
        return []
    columns = [
        ("in", [money(one["came_in"]) for one in days]),
        ("out", [money(one["went_out"]) for one in days]),
        ("cash", [money(one["cash"]) for one in days]),
    ]
    titles = _short(loans)
    for name in loans:
        owed = [money(one["outstanding"][name] + one["interest"][name]) for one in days]
        columns.append((titles[name], owed))
    lines: list[str] = []
    currency, room = summary["scenario"]["currency"], layout.width - INDENT - max(len(one["date"]) for one in days)
    blocks = _blocks(columns, room)
    if len(blocks) > 1:
        blocks = [columns[:ABOUT_CASH], *_blocks(columns[ABOUT_CASH:], room)]
    for block in blocks:
        heading = "What each loan is owed" if lines else "The account"
        rows: list[Row] = [(one["date"], [cells[i] for _, cells in block]) for i, one in enumerate(days)]
        lines += table(f"{heading}, {currency}", [Column(title) for title, _ in block], rows, layout)
    return [*lines, *wrap(_note(summary, loans), layout.width, "  ")]


def _note(summary: Summary, loans: Sequence[str]) -> str:
    text = "What came in and went out that day, and cash at its end"
    if loans:
        text += "; what each loan is owed then, with interest"
        left = summary["account"][-1]
        if not summary["is_open"] and any(left[what][name] for what in ("outstanding", "interest") for name in loans):
            text += ": what stands there on the last date is never paid"
    return f"{text}. A date on which no money moves and nothing owed changes is left out."


def _days(summary: Summary, loans: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    moved = {step["date"] for step in summary["trace"] if step["what"] in MOVES}
    before: Sequence[float] = [0.0] * (1 + 2 * len(loans))
    for one in summary["account"]:
        now = [one["cash"], *(one[what][name] for what in ("outstanding", "interest") for name in loans)]
        has_changed = any(abs(a - b) >= 0.005 for a, b in zip(now, before, strict=True))
        if has_changed or one["date"] in moved or one["came_in"] or one["went_out"]:
            yield one
        before = now


def _blocks(columns: Sequence[tuple[str, list[str]]], room: int) -> list[list[tuple[str, list[str]]]]:
    """The columns in as many blocks as it takes for all of them to fit.

    >>> _blocks([("cash", ["1"]), ("loan one", ["1,000"]), ("loan two", ["1,000"])], 18)
    [[('cash', ['1']), ('loan one', ['1,000'])], [('loan two', ['1,000'])]]
    """
    blocks: list[list[tuple[str, list[str]]]] = [[]]
    left = room
    for title, cells in columns:
        size = GAP + max(width_of(text) for text in (title, *cells))
        if blocks[-1] and size > left:
            blocks.append([])
            left = room
        blocks[-1].append((title, cells))
        left -= size
    return blocks


def _short(names: Sequence[str]) -> dict[str, str]:
    """Names short enough for a column, and no two alike.

    >>> list(_short(["loan", "deferred fees of a provider", "deferred fees of the bank"]).values())
    ['loan', 'deferr… a provider', 'deferr…of the bank']
    """
    texts = {name: plain(name) for name in names}
    ways: tuple[Callable[[str, int], str], ...] = (
        lambda text, number: f"{text[: LONGEST - 1]}…",
        lambda text, number: f"{text[:6]}…{text[7 - LONGEST :]}",
        lambda text, number: f"{text[: LONGEST - 5]}… {number}",
    )
    found = texts
    for way in ways:
        found = {
            name: text if len(text) <= LONGEST else way(text, number)
            for number, (name, text) in enumerate(texts.items(), 1)
        }
        if len(set(found.values())) == len(found):
            break
    return found
