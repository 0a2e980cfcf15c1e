"""What became of everybody who was referred to a queue: person by person, and by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sibsim.context import Array
from sibsim.queue.counting import column_at, counted, months_between
from sibsim.timeline import columns_in

__all__ = ["COUNTS", "People", "QueueRecord"]

SLACK = 1e-9
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

COUNTS = (
    *("referred", "offered", "wanted", "started", "gave_up", "turned_away", "dropped_out", "completed"),
    *("waiting", "wait", "in_service", "queue", "places"),
)
"""What a record tells by column; see `QueueRecord`."""


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who was referred in some replications, one entry a person, in order of replication and arrival.

    Parameters
    ----------
    entry : int array
        The replication.
    referred_at : float array
        Months since the file's ``start``.
    is_eligible, is_wanted : bool array
        Wanted: eligible, and accepts if there is a place.
    gives_up_at : float array
        When patience ends; infinite if never.
    started_at : float array
        NaN for who never starts.
    stays : float array
        Months in service, if started.
    is_dropout : bool array
        Whether they would drop out, if started; else they complete.
    """

    entry: IntArray
    referred_at: FloatArray
    is_eligible: NDArray[np.bool_]
    is_wanted: NDArray[np.bool_]
    gives_up_at: FloatArray
    started_at: FloatArray
    stays: FloatArray
    is_dropout: NDArray[np.bool_]

    def waits(self, closes: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_], FloatArray]:
        """Who gives up, who still waits when nobody starts any more (from ``closes`` on), and until when each waits."""
        has_started = ~np.isnan(self.started_at)
        gave_up = self.is_wanted & ~has_started & (self.gives_up_at < closes)
        until = np.where(has_started, self.started_at, np.minimum(self.gives_up_at, closes))
        return gave_up, self.is_wanted & ~has_started & ~gave_up, until


@dataclass(frozen=True)
class Served:
    """Everybody who started, one entry a person.

    ``group`` counts columns from the first one; ``completes_at`` is the first column on or after the end of their time
    in service, counted as if they had started on the first day of their column, as all of a group do.
    """

    entry: IntArray
    group: IntArray
    begins: FloatArray
    stays: FloatArray
    is_dropout: NDArray[np.bool_]
    completes_at: IntArray


@dataclass(frozen=True)
class QueueRecord:
    """A bank of replications of one queue, and which of them each draw takes.

    ``record["started"]`` is one number a column and draw, shape (len(columns), n_draws); ``record.by_entry["started"]``
    the same by replication, shape (n_entries, len(columns)):

    * ``referred``: referrals in the column; ``offered``: the eligible among them; ``wanted``: those who accept;
    * ``started``: people who start in it, whenever they were referred; ``gave_up``: who give up waiting in it;
      ``turned_away``: who still wait when nobody starts any more (in the last column in which anybody may start). So
      over all columns wanted = started + gave_up + turned_away;
    * ``dropped_out``, ``completed``: who leave service in it, by their own day (not as if all came on its first day);
    * ``waiting``: people who wait at the end of the column; ``queue``: mean number waiting over it;
      ``in_service``: mean number in service over it; ``places``: the limit (infinite without one);
    * ``wait``: mean months that those who start in it have waited, NaN where nobody starts.

    Parameters
    ----------
    columns : range
        From the cohort's start to the last column in which anybody can be in service.
    step_months : int
    entry : (n_draws,) int array
        The replication that each draw takes.
    people : People
    by_entry : mapping of str to (n_entries, len(columns)) array
    last_start : int
        Nobody starts from this column on.
    """

    columns: range
    step_months: int
    entry: IntArray
    people: People
    by_entry: Mapping[str, FloatArray]
    last_start: int
    kept: dict[float | None, Array] = field(default_factory=dict)

    @property
    def n_groups(self) -> int:
        """Starting groups: one a column, until nobody starts any more."""
        return self.last_start - self.columns[0]

    @cached_property
    def served(self) -> Served:
        """Everybody who started."""
        people, step = self.people, self.step_months
        mine = ~np.isnan(people.started_at)
        begins, stays = people.started_at[mine], people.stays[mine]
        group = column_at(begins, self.columns[: self.n_groups], step)
        ends = group + self.columns[0] + np.ceil(stays / step - SLACK).astype(np.int64)
        ends = np.minimum(ends, self.columns[-1])
        return Served(people.entry[mine], group, begins, stays, people.is_dropout[mine], ends)

    @cached_property
    def never(self) -> FloatArray:
        """Eligible people who never start, by replication and the column in which they were referred."""
        people = self.people
        mine = people.is_eligible & np.isnan(people.started_at)
        number = column_at(people.referred_at[mine], self.columns[: self.n_groups], self.step_months)
        return counted(people.entry[mine], number, self.n_entries, self.n_groups)

    def first_day(self, group: IntArray) -> IntArray:
        """Months since the file's ``start`` of the first day of groups."""
        return (group + self.columns[0]) * self.step_months

    def count(self, mask: NDArray[np.bool_] | None = None) -> FloatArray:
        """Those who started (of a mask), by replication and group."""
        served = self.served
        entry, group = (served.entry, served.group) if mask is None else (served.entry[mask], served.group[mask])
        return counted(entry, group, self.n_entries, self.n_groups)

    def months(self, until: float | None) -> FloatArray:
        """Months in service by replication and column, each person's up to an age (None: to the end); kept."""
        if until not in self.kept:
            served = self.served
            last = self.columns[-1] if until is None else self.last_start + columns_in(until, self.step_months)
            columns = range(self.columns[0], max(last, self.columns[-1]) + 1)
            spans = (served.begins, self._ends(until))
            self.kept[until] = months_between(served.entry, *spans, columns, self.step_months, self.n_entries)
        return self.kept[until]

    def months_by_group(self, column: int, until: float | None, part: float = 1.0) -> FloatArray:
        """The same of one column (or of so much of it), by replication and group."""
        served, step = self.served, self.step_months
        begins = float(column * step)
        if until is None and column > self.columns[-1]:  # the last column has all that comes after it
            return np.zeros((self.n_entries, self.n_groups))
        is_last = column == self.columns[-1] and until is None and part >= 1.0
        ends = np.inf if is_last else begins + step * part
        there = np.minimum(self._ends(until), ends) - np.maximum(served.begins, begins)
        mine = there > 0.0
        return counted(served.entry[mine], served.group[mine], self.n_entries, self.n_groups, there[mine])

    def _ends(self, until: float | None) -> FloatArray:
        """When each person is counted no more: on leaving, or (who completes) at an age."""
        served = self.served
        if until is None:
            return served.begins + served.stays
        kept = np.where(served.is_dropout, np.minimum(served.stays, until), until)
        return np.asarray(served.begins + kept)

    @property
    def n_entries(self) -> int:
        return len(self.by_entry["started"])

    def __getitem__(self, name: str) -> FloatArray:
        """One of `COUNTS` by column and draw, shape (len(columns), n_draws)."""
        return np.ascontiguousarray(self.by_entry[name].T[:, self.entry])

    def total(self, name: str) -> FloatArray:
        """A count over all columns, one number a draw."""
        return np.asarray(self.by_entry[name].sum(axis=1)[self.entry])
