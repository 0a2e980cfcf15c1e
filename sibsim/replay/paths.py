"""Figures of a settlement by name, such as ``tranches.loan.irr``; and what they were expected to be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sibsim.scenario import Cap, Scenario

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


def _matching(
    rows: Sequence[Mapping[str, Any]], name: str, kind: str, rest: Sequence[str], has_all: bool = False
) -> list[Mapping[str, Any]]:
    """Rows of one payment or measure, of a date or a cohort; with ``has_all`` also those of all cohorts together."""
    rows = [row for row in rows if row.get(kind) == name]
    for word in rest:
        is_date = DATE.fullmatch(word) is not None
        cohorts = (word, None) if has_all else (word,)
        rows = [row for row in rows if (row["date"][: len(word)] == word if is_date else row["cohort"] in cohorts)]
    return list(rows)


def _payment(summary: Mapping[str, Any], name: str, *rest: str) -> float | None:
    """What a payment came to; nothing, if it paid nothing; None while all there is of it is open."""
    rows = _matching(summary["payments"], name, "payment", rest)
    if not rows and _matching(summary["open"], name, "payment", rest, has_all=True):
        return None
    return float(sum(row["amount"] for row in rows))


def _measure(summary: Mapping[str, Any], name: str, *rest: str) -> float | None:
    rows = _matching(summary["measures"], name, "measure", rest)
    if not rows:
        raise KeyError(name)
    known = [row for row in rows if row["value"] is not None]
    return float(known[-1]["value"]) if known else None


def compared(
    summary: Mapping[str, Any], scenario: Scenario, since: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """What was expected beside what was computed: they agree within the tolerance.

    Rounding, ``1e-9`` of the figure, is no difference. Of a figure that may still change nothing is said, even if what
    there is so far is what was expected; nor of one that this contract does not have (a report that is never made).

    Parameters
    ----------
    summary : mapping
        As `figure` takes it.
    scenario : Scenario
    since : mapping of payment to date
        From when on payments may still change.
    """
    found = []
    for one in scenario.actuals.expected if scenario.actuals else ():
        try:
            computed = figure(summary, one.figure)
        except KeyError:
            computed = None
        difference = None if computed is None else computed - one.value
        slack = one.tolerance + ROUNDING * max(abs(one.value), abs(computed or 0.0))
        is_known = difference is not None and not _is_open(summary, scenario, one.figure, since or {})
        found.append(
            {
                "figure": one.figure,
                "expected": one.value,
                "tolerance": one.tolerance,
                "computed": computed,
                "difference": difference,
                "agrees": abs(difference) <= slack if is_known and difference is not None else None,
                "source": one.evidence.source,
                "status": one.evidence.status,
                "note": one.evidence.note,
            }
        )
    return found


def _is_open(summary: Mapping[str, Any], scenario: Scenario, path: str, since: Mapping[str, str]) -> bool:
    """Whether a figure may still change because something is open."""
    if not summary["is_open"]:
        return False
    first, *rest = path.split(".")
    if first == "payments":
        name, *words = rest
        if _matching(summary["open"], name, "payment", words, has_all=True):
            return True
        when = next((word for word in words if DATE.fullmatch(word)), None)
        return name in since and (when is None or when >= since[name])
    if first == "measures":
        return False
    if first == "payers":
        return _may_pay_more(summary, scenario, rest[0], since)
    if first == "tranches" and rest[-1] == "drawn":
        return any(rest[0] in ("all", row.get("tranche")) for row in summary["open"] if "tranche" in row)
    return True


def _may_pay_more(summary: Mapping[str, Any], scenario: Scenario, payer: str, since: Mapping[str, str]) -> bool:
    """Whether what a payer pays, net, may still change: of a payment of its own, or by what comes back to it."""
    finance = scenario.finance
    if finance is not None and any(t.cap != Cap() for t in finance.tranches):  # what passes it goes back to the payers
        return True
    unsure = {*since, *(row["payment"] for row in summary["open"] if "payment" in row)}
    shares = {p.name: [p.by, *(who for _, who in (*p.by_over_time, *p.by_event))] for p in scenario.payments}
    mine = {name for name, found in shares.items() if any(payer in dict(one) for one in found)}
    return bool(mine & unsure)
