"""A settlement as text, CSV or JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sibsim.report import as_json, settled_text
from sibsim.report.as_csv import line
from sibsim.report.layout import Layout
from sibsim.report.reading import Summary
from sibsim.report.steps import Words, told

__all__ = ["RENDERERS", "in_words"]

COLUMNS = ("date", "payment", "cohort", "payer", "to", "amount", "status")


def in_words(summary: Summary) -> dict[str, Any]:
    """The summary of a settlement, each step of its trace with its sentence as ``text``, its money as in the tables."""
    names = {id: party["name"] for id, party in summary["parties"].items()}
    words = Words(names, decimals=settled_text.decimals_of(summary))
    return {**summary, "trace": told(summary["trace"], words)}


def _text(summary: Summary, layout: Layout) -> str:
    return settled_text.render(in_words(summary), layout)


def _json(summary: Summary, layout: Layout) -> str:
    return as_json.render(in_words(summary), layout)


def _csv(summary: Summary, layout: Layout) -> str:
    """One row a payment, in order of date: what is paid, and what is open, of which no amount is known.

    >>> rows = [{"date": "2020-06", "payment": "fee", "cohort": None, "payer": "p", "to": "account", "amount": 5.0}]
    >>> waits = [{"date": "2021-06", "payment": "success", "cohort": "a", "waits_for": ["x"]}]
    >>> print(_csv({"payments": rows, "open": waits}, Layout()), end="")
    date,payment,cohort,payer,to,amount,status
    2020-06,fee,,p,account,5.0,paid
    2021-06,success,a,,,,open
    """
    rows = [{**row, "status": "paid"} for row in summary["payments"]]
    rows += [{**row, "status": "open"} for row in summary["open"] if "payment" in row]
    rows.sort(key=lambda row: row["date"])
    return "".join([line(list(COLUMNS)), *(line([_cell(row.get(name)) for name in COLUMNS]) for row in rows)])


def _cell(value: object) -> str:
    return "" if value is None else str(value)


RENDERERS: dict[str, Callable[[Summary, Layout], str]] = {"text": _text, "csv": _csv, "json": _json}
"""By format: what `sibsim settle` prints."""
