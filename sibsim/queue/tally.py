"""Counts of people by replication and column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sibsim.queue.counting import column_at, counted, months_between
from sibsim.queue.record import FloatArray, People
from sibsim.scenario import Queue

__all__ = ["tally"]


def tally(people: People, columns: range, step: int, queue: Queue, n_entries: int) -> dict[str, FloatArray]:
    """What a record tells by column, but for the places."""
    n = len(columns)
    closes = float(queue.last_start * step)

    def count(mask: NDArray[np.bool_], times: FloatArray, weights: FloatArray | None = None) -> FloatArray:
        chosen = None if weights is None else weights[mask]
        return counted(people.entry[mask], column_at(times[mask], columns, step), n_entries, n, chosen)

    started = ~np.isnan(people.started_at)
    gave_up, away, waited_until = people.waits(closes)
    leaves = people.started_at + people.stays
    first_away = np.full(len(people.entry), closes - step / 2.0)
    mine = people.is_wanted
    in_line = (people.entry[mine], people.referred_at[mine], waited_until[mine])
    served = (people.entry[started], people.started_at[started], leaves[started])
    counts = {
        "referred": count(np.ones(len(people.entry), dtype=bool), people.referred_at),
        "offered": count(people.is_eligible, people.referred_at),
        "wanted": count(people.is_wanted, people.referred_at),
        "started": count(started, people.started_at),
        "gave_up": count(gave_up, people.gives_up_at),
        "turned_away": count(away, first_away),
        "dropped_out": count(started & people.is_dropout, leaves),
        "completed": count(started & ~people.is_dropout, leaves),
        "queue": months_between(*in_line, columns, step, n_entries) / step,
        "in_service": months_between(*served, columns, step, n_entries) / step,
    }
    flow = counts["wanted"] - counts["started"] - counts["gave_up"] - counts["turned_away"]
    counts["waiting"] = np.cumsum(flow, axis=1)
    waited = count(started, people.started_at, people.started_at - people.referred_at)
    some = counts["started"] > 0
    counts["wait"] = np.where(some, waited / np.where(some, counts["started"], 1.0), np.nan)
    return counts
