"""What the people of a queue do, by column, and how long they wait: read off the record of its bank."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from sibsim.context import Array, Context
from sibsim.draws.streams import REPLICATE
from sibsim.flowing.counts import Counts
from sibsim.participants import Flow
from sibsim.queue import QueueRecord, queue_record
from sibsim.queue.counting import column_at, counted, months_between
from sibsim.scenario import Cohort

__all__ = ["QUEUED", "Waits", "queued"]

QUEUED = ("referred", "wanted", "gave_up", "turned_away")
"""What people do at a column, beside those moves that all cohorts have."""


@dataclass(frozen=True)
class Waits:
    """How long those who start had waited, in one replicate of futures: months, and in how many futures each is."""

    months: Array
    weights: Array


@dataclass(frozen=True)
class _Tables:
    """Counts by replication, column and group (the column of a person's start; of who never starts, of referral)."""

    by: dict[str, Array]
    places: Array
    group: Array


def queued(context: Context, cohort: Cohort, flow: Flow | None) -> tuple[Counts, list[Waits]]:
    """By column what those who are referred do; and the waits of those who start, by replicate.

    Parameters
    ----------
    context : Context
    cohort : Cohort
    flow : Flow or None
        What events did to its people; None where nothing can interrupt them.
    """
    record = queue_record(context, cohort)
    n_groups = record.last_start - record.columns[0]
    is_whole = flow is None or (not flow.starts and flow.service_ends is None)
    tables = _tables(record, 1 if is_whole else n_groups)
    masks, ends = np.ones((1 if is_whole else n_groups, context.n_draws), dtype=bool), None
    if flow is not None and not is_whole:
        if flow.starts:
            masks = np.array([np.broadcast_to(np.asarray(one) > 0.0, (context.n_draws,)) for one in flow.starts])
        ends = flow.service_ends
    counts = _counts(record, tables, masks, ends, n_groups)
    return counts, _waits(record, tables.group, masks)


# ------------------------------------------------------------------------------------------------ by replication
def _tables(record: QueueRecord, n_groups: int) -> _Tables:
    people, columns, step = record.people, record.columns, record.step_months
    n, n_entries = len(columns), record.n_entries
    closes = float(record.last_start * step)
    has_started = ~np.isnan(people.started_at)
    gave_up, away, until = people.waits(closes)
    own = np.where(has_started, people.started_at, people.referred_at)
    group = column_at(own, columns, step) if n_groups > 1 else np.zeros(len(own), dtype=np.int64)
    leaves = people.started_at + people.stays
    end = float(columns[-1] + 1) * step  # what is left of longer stays counts before it, in the last column

    def count(mask: Array, times: Array, weights: Array | None = None) -> Array:
        number = column_at(times[mask], columns, step) * n_groups + group[mask]
        chosen = None if weights is None else weights[mask]
        found = counted(people.entry[mask], number, n_entries, n * n_groups, chosen)
        return found.reshape(n_entries, n, n_groups)

    def months(mask: Array, begins: Array, ends: Array) -> Array:
        which = people.entry[mask] * n_groups + group[mask]
        found = months_between(which, begins[mask], ends[mask], columns, step, n_entries * n_groups)
        return found.reshape(n_entries, n_groups, n).transpose(0, 2, 1)

    waited = people.started_at - people.referred_at
    by = {
        "referred": count(np.ones(len(own), dtype=bool), people.referred_at),
        "offered": count(people.is_eligible, people.referred_at),
        "wanted": count(people.is_wanted, people.referred_at),
        "gave_up_of": count(gave_up, people.referred_at),
        "started": count(has_started, people.started_at),
        "gave_up": count(gave_up, people.gives_up_at),
        "turned_away": count(away, np.full(len(own), closes - step / 2.0)),
        "dropped_out": count(has_started & people.is_dropout, leaves),
        "completed": count(has_started & ~people.is_dropout, leaves),
        "waited": count(has_started, people.started_at, waited),
        "waiters": count(has_started & (waited > 0.0), people.started_at),
        "months": months(has_started, people.started_at, leaves),
        "months_there": months(has_started, people.started_at, np.minimum(leaves, end)),
        "queue_months": months(people.is_wanted, people.referred_at, until),
    }
    return _Tables(by, record.by_entry["places"], group)


# ------------------------------------------------------------------------------------------------ by future
def _counts(record: QueueRecord, tables: _Tables, masks: Array, ends: Array | None, n_groups: int) -> Counts:
    """The counts in each future: of the replication that it takes, those whom nothing keeps away.

    Futures in which the same groups start, and service ends at the same column, are worked out together.
    """
    n_draws, n = masks.shape[1], len(record.columns)
    out: dict[str, Array] = defaultdict(lambda: np.zeros((n, n_draws)))
    kinds = masks if ends is None else np.vstack([masks, ends - record.columns[0]])
    patterns, which = np.unique(kinds, axis=1, return_inverse=True)
    which = which.ravel()
    for number in range(patterns.shape[1]):
        draws = np.flatnonzero(which == number)
        mask = patterns[: len(masks), number].astype(np.float64)
        end = n if ends is None else int(np.clip(patterns[-1, number], 0, n))
        for what, values in _interrupted(record, tables, mask, end, n_groups).items():
            out[what][:, draws] = values.T[:, record.entry[draws]]
    return {what: dict(zip(record.columns, rows, strict=True)) for what, rows in out.items()}


def _interrupted(record: QueueRecord, tables: _Tables, mask: Array, end: int, n_groups: int) -> dict[str, Array]:
    """The counts of each replication where some groups never start, and service ends at a column."""
    step, n = record.step_months, len(record.columns)
    found = {what: values @ mask for what, values in tables.by.items()}
    everybody = {what: tables.by[what].sum(axis=2) for what in ("offered", "queue_months")}
    stop = n_groups if mask.all() else int(np.argmin(mask))  # nobody starts from this column on
    moved = found["started"].cumsum(axis=1) - (found["dropped_out"] + found["completed"]).cumsum(axis=1)
    found["cut_off"] = np.zeros_like(moved)
    if end < n:
        found["cut_off"][:, end] = moved[:, end - 1] if end else 0.0
        for what in ("dropped_out", "completed", "months", "months_there"):
            found[what][:, end:] = 0.0
    found["queue_started"] = found["started"]
    found["kept_away"] = everybody["offered"] - found["offered"]
    found["queue_months"] = everybody["queue_months"].copy()
    found["queue_months"][:, stop:] = 0.0  # nobody waits for what takes nobody any more
    is_open = np.arange(n) < stop
    limited = np.isfinite(tables.places) & is_open
    found["place_months"] = np.where(limited, tables.places * step, 0.0)
    found["served_months"] = np.where(limited, found["months"], 0.0)
    return found


def _waits(record: QueueRecord, group: Array, masks: Array) -> list[Waits]:
    """Each starter's wait, weighted by the futures in which that is one, by replicate of futures."""
    n_replicates = len(record.entry) // REPLICATE
    bank = record.n_entries // n_replicates
    taken = np.array([np.bincount(record.entry[mask], minlength=record.n_entries) for mask in masks])
    people = record.people
    weights = taken[group, people.entry].astype(np.float64)
    is_told = ~np.isnan(people.started_at) & (weights > 0.0)
    waited, weights = (people.started_at - people.referred_at)[is_told], weights[is_told]
    replicate = people.entry[is_told] // bank
    return [Waits(waited[replicate == i], weights[replicate == i]) for i in range(n_replicates)]
