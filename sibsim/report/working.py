"""How a settlement was worked out: its steps by date, those of one payment, cost or tranche on one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sibsim.report.layout import Layout, plain, wrap

__all__ = ["working"]


def working(trace: Sequence[Mapping[str, Any]], layout: Layout) -> list[str]:
    """Lines of a trace.

    Parameters
    ----------
    trace : sequence of mapping
        Steps with their sentences as ``text``; see `sibsim.report.steps.told`.
    layout : Layout

    Examples
    --------
    >>> one = {"date": "2020-06", "subject": "fee", "cohort": None, "text": "5 is due"}
    >>> print("\\n".join(working([one, {**one, "text": "the town pays 5"}], Layout())))
      2020-06
        fee: 5 is due; the town pays 5
    """
    lines: list[str] = []
    for date, of_day in groupby(trace, lambda step: step["date"]):
        lines.append(f"  {date}")
        for (subject, cohort), steps in groupby(of_day, lambda step: (step["subject"], step["cohort"])):
            name = plain(subject) if cohort is None else f"{plain(subject)}, {plain(cohort)}"
            lines += wrap(f"{name}: {'; '.join(step['text'] for step in steps)}", layout.width, "    ", "      ")
    return lines
