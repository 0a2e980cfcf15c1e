"""What the people of a cohort do, by column: those who start together in groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from sibsim.context import Draw
from sibsim.participants import SMALL_DROPOUT, Flow
from sibsim.timeline import columns_in

__all__ = ["Counts", "MOVES", "counts_of"]

Counts = dict[str, dict[int, Draw]]
"""By what is counted and by column: people, or months."""
MOVES = ("offered", "kept_away", "started", "dropped_out", "completed", "cut_off")
"""What people do at a column; ``months`` in service come beside it, and ``months_there``, without what comes later."""


def counts_of(flow: Flow, span: range) -> Counts:
    """What the people of one cohort do, by column: whoever leaves within the time from a column to the next does so
    at that column, and so does who completes at its end."""
    counts: Counts = defaultdict(dict)

    def add(what: str, column: int, number: Draw) -> None:
        counts[what][column] = counts[what].get(column, 0.0) + number

    for group, column in enumerate(flow.columns):
        add("offered", column, flow.offered[group])
        add("kept_away", column, flow.planned.offered[group] - flow.offered[group])
        add("started", column, flow.starters[group])
        ages = max(columns_in(flow.cohort.duration, flow.step_months), 1)
        add("completed", column + ages - 1, flow.completed(group))
        _leave(flow, group, ages, add)
    for column in span:
        add("months", column, flow.person_months(column, flow.cohort.duration))
    counts["months_there"] = counts["months"]
    return counts


def _leave(flow: Flow, group: int, ages: int, add: Callable[[str, int, Draw], None]) -> None:
    """The drop-outs of a group by column; and who is there when an event ends the service."""
    first, ends, leave = flow.columns[group], flow.service_ends, flow.dropouts[group]
    gone = [_gone_by(flow, age * flow.step_months) for age in range(ages + 1)] if np.any(leave) else [0.0] * (ages + 1)
    for age in range(ages):
        now = leave * (gone[age + 1] - gone[age])
        add("dropped_out", first + age, now if ends is None else now * (first + age < ends))
        if ends is not None and age:
            add("cut_off", first + age, (ends == first + age) * (flow.starters[group] - leave * gone[age]))


def _gone_by(flow: Flow, age: float) -> Draw:
    """The share of drop-outs that has left by an age, at an even hazard: ``(1 - exp(-h a)) / d``."""
    length = flow.cohort.duration
    if age <= 0.0 or age >= length:
        return 1.0 if age > 0.0 else 0.0
    d = np.clip(flow.dropout, SMALL_DROPOUT, 1.0 - 1e-12)
    share = -np.expm1(np.log1p(-d) * (age / length)) / d
    return np.where(np.asarray(flow.dropout) > SMALL_DROPOUT, share, age / length)
