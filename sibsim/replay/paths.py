"""Figures of a settlement by name, such as ``tranches.loan.irr``; and what they were expected to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sibsim.scenario import Scenario

__all__ = ["compared", "figure"]

ROUNDING = 1e-9
"""Part of a figure that is no difference."""
DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
MAIN = {"payers": "net", "guarantees": "called", "parties": "net"}
"""What is meant where a path names somebody and nothing more."""


def figure(summary: Mapping[str, Any], path: str) -> float | None:
    """A figure of a settlement.

    Parameters
    ----------
    summary : mapping
        What `sibsim.replay.figures.settlement_summary` returns.
    path : str
        ``total_paid``; ``payments.NAME`` (with a date after it: of that day; with a cohort: for that cohort),
        ``payers.PARTY``, ``tranches.NAME.irr``, ``guarantees.NAME``, ``parties.PARTY.net``, ``measures.NAME`` (the
        last; with a date, a cohort or both after it: that one).

    Returns
    -------
    float or None
        None: there is none yet, or it does not apply (the IRR of a tranche that was never drawn).

    Raises
    ------
    KeyError
        There is no such figure.

    Examples
    --------
    >>> rows = [{"date": "2018-10", "payment": "success", "cohort": None, "amount": 5.0}]
    >>> about = {"payments": rows, "measures": [], "open": [], "tranches": {"loan": {"irr": 0.04}}}
    >>> figure(about, "payments.success.2018-10"), figure(about, "tranches.loan.irr")
    (5.0, 0.04)
    """
    first, *rest = path.split(".")
    if first == "total_paid" and not rest:
        return float(summary["total_paid"])
    if first == "payments" and rest:
        return _payment(summary, *rest)
    if first == "measures" and rest:
        return _measure(summary, *rest)
    if first == "payers" and len(rest) == 1 and rest[0] in summary["parties"] and rest[0] not in summary["payers"]:
        return 0.0  # a party that owes nothing under the contract
    found: Any = summary
    for key in (first, *rest):
        if not isinstance(found, Mapping):
            raise KeyError(path)
        found = found[key]
    if isinstance(found, Mapping) and first in MAIN:
        found = found[MAIN[first]]
    if isinstance(found, Mapping | list | str):
        raise KeyError(path)
    return None if found is None else float(found)


def _matching(rows: list[Mapping[str, Any]], name: str, kind: str, rest: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Rows of one payment or measure, of a date or a cohort."""
    rows = [row for row in rows if row.get(kind) == name]
    for word in rest:
        is_date = DATE.fullmatch(word) is not None
        rows = [row for row in rows if (row["date"][: len(word)] == word if is_date else row["cohort"] == word)]
    return rows


def _payment(summary: Mapping[str, Any], name: str, *rest: str) -> float | None:
    """What a payment came to; nothing, if it paid nothing; None while all there is of it is open."""
    rows = _matching(summary["payments"], name, "payment", rest)
    if not rows and _matching(summary["open"], name, "payment", rest):
        return None
    return float(sum(row["amount"] for row in rows))


def _measure(summary: Mapping[str, Any], name: str, *rest: str) -> float | None:
    rows = _matching(summary["measures"], name, "measure", rest)
    if not rows:
        raise KeyError(name)
    known = [row for row in rows if row["value"] is not None]
    return float(known[-1]["value"]) if known else None


def compared(summary: Mapping[str, Any], scenario: Scenario) -> list[dict[str, Any]]:
    """What was expected beside what was computed: they agree within the tolerance.

    Rounding, ``1e-9`` of the figure, is no difference. A figure that is not known yet, or that this contract does not
    have (a report that is never made, all loans of a contract without any), does not agree.
    """
    found = []
    for one in scenario.actuals.expected if scenario.actuals else ():
        try:
            computed = figure(summary, one.figure)
        except KeyError:
            computed = None
        difference = None if computed is None else computed - one.value
        slack = one.tolerance + ROUNDING * max(abs(one.value), abs(computed or 0.0))
        found.append(
            {
                "figure": one.figure,
                "expected": one.value,
                "tolerance": one.tolerance,
                "computed": computed,
                "difference": difference,
                "agrees": None if difference is None else abs(difference) <= slack,
                "source": one.evidence.source,
                "status": one.evidence.status,
                "note": one.evidence.note,
            }
        )
    return found
