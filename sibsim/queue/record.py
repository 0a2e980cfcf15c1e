"""What became of everybody who was referred to a queue: person by person, and by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sibsim.context import Array

__all__ = ["COUNTS", "People", "QueueRecord"]

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
    kept: dict[tuple[object, ...], Array] = field(default_factory=dict)

    @property
    def n_entries(self) -> int:
        return len(self.by_entry["started"])

    def __getitem__(self, name: str) -> FloatArray:
        """One of `COUNTS` by column and draw, shape (len(columns), n_draws)."""
        return np.ascontiguousarray(self.by_entry[name].T[:, self.entry])

    def total(self, name: str) -> FloatArray:
        """A count over all columns, one number a draw."""
        return np.asarray(self.by_entry[name].sum(axis=1)[self.entry])
