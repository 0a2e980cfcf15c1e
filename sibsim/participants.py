"""Who takes part, and when: offered, starters, drop-outs, completers.

People start in groups, one a column over the intake. Who starts and who drops out is binomial; given how many of a
group drop out, they leave at the expected shares of an even hazard (a truncated exponential). People of a queue are
followed one by one instead (`sibsim.queue`), and put into the group of the column in which they start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import floor

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.quantiles import binomial_quantile
from sibsim.queue import QueueRecord, queue_record
from sibsim.scenario import Cohort, Number
from sibsim.timeline import columns_in, group_columns, last_service_column

__all__ = ["Flow", "Interruption", "QueueFlow", "interrupted", "participate"]

Who = str
SMALL_DROPOUT = 1e-5
SLACK = 1e-9


@dataclass(frozen=True)
class Interruption:
    """What events did to people: which groups never start, and when service ends.

    Parameters
    ----------
    starts : mapping of (cohort, column) to (n_draws,) bool array
        Where the group that was to start there does start; groups that are not named always do.
    service_ends : (n_draws,) int array or None
        The column from which there is no service any more.
    """

    starts: Mapping[tuple[str, int], Array]
    service_ends: Array | None = None


@dataclass
class Flow:
    """The people of one cohort.

    Parameters
    ----------
    cohort : Cohort
    columns : range
        Column in which each group starts.
    offered, starters, dropouts : list of float or (n_draws,) array
        People, one entry a group.
    dropout : float or (n_draws,) array
        Share of starters that leaves, at an even hazard over the cohort's duration.
    step_months : int
    starts : list of float or (n_draws,) array
        1.0 where a group starts, 0.0 where an event kept it away; empty where every group starts.
    service_ends : (n_draws,) array or None
        The column from which an event ended the service.
    uninterrupted : Flow or None
        The same people if no event had come between.
    """

    cohort: Cohort
    columns: range
    offered: list[Draw]
    starters: list[Draw]
    dropouts: list[Draw]
    dropout: Draw
    step_months: int
    starts: list[Draw] = field(default_factory=list)
    service_ends: Array | None = None
    uninterrupted: Flow | None = None
    _stays: dict[tuple[float, float], Draw] = field(default_factory=dict)
    _months: dict[tuple[int, float | None, Who], Draw] = field(default_factory=dict)
    _others: dict[Who, list[Draw]] = field(default_factory=dict)
    """Completers and those who never start, once somebody has asked."""

    @property
    def referred(self) -> list[Draw]:
        """Offered, by the column in which they were referred."""
        return self.offered

    @property
    def service_columns(self) -> range:
        """The columns in which anybody is in service."""
        return range(self.columns[0], last_service_column(self.cohort, self.step_months) + 1)

    @property
    def completers(self) -> list[Draw]:
        return self.group("completers")

    @property
    def planned(self) -> Flow:
        """The same people if no event had come between."""
        return self.uninterrupted or self

    def started(self, group: int) -> Draw:
        """1.0 where a group starts, 0.0 where an event kept it away."""
        return self.starts[group] if self.starts else 1.0

    def known_by(self, column: int, who: Who) -> list[Draw]:
        """People of one kind by starting group as a report of a column expects them: those who are to start later are
        still expected, whatever will happen."""
        if not self.starts:
            return self.group(who)
        both = zip(self.columns, self.planned.group(who), self.group(who), strict=True)
        return [expected if start > column else here for start, expected, here in both]

    def completed(self, group: int) -> Draw:
        """Completers of a group: nobody completes a service that ended before."""
        there = self.completers[group]
        if self.service_ends is None:
            return there
        return there * (self.completes(group) <= self.service_ends)

    def completes(self, group: int) -> int:
        """The first column on or after the end of a group's duration."""
        return columns_in(self.columns[group] * self.step_months + self.cohort.duration, self.step_months)

    def group(self, who: Who) -> list[Draw]:
        """People of one kind by starting group: offered, starters, completers, dropouts or never."""
        if who in ("never", "completers") and who not in self._others:
            all_, gone = (self.offered, self.starters) if who == "never" else (self.starters, self.dropouts)
            self._others[who] = [n - less for n, less in zip(all_, gone, strict=True)]
        named = {"offered": self.offered, "starters": self.starters, "dropouts": self.dropouts}
        return named[who] if who in named else self._others[who]

    def stay_of_dropouts(self, begins: float, ends: float) -> Draw:
        """Months that one drop-out is still there between two ages (months since start), on average.

        With hazard ``h`` and duration ``L``, ``d = 1 - exp(-h L)``, a drop-out is still there at age a with chance
        ``(exp(-h a) - (1 - d)) / d``; this is its integral.
        """
        length = self.cohort.duration
        ends = min(ends, length)
        if ends <= begins:
            return 0.0
        if (begins, ends) not in self._stays:
            d = np.clip(self.dropout, SMALL_DROPOUT, 1.0 - 1e-12)
            hazard = -np.log1p(-d) / length
            there = (np.exp(-hazard * begins) - np.exp(-hazard * ends)) / hazard
            stay = (there - (1.0 - d) * (ends - begins)) / d
            even = (ends - begins) - (ends**2 - begins**2) / (2.0 * length)
            self._stays[begins, ends] = np.where(np.asarray(self.dropout) > SMALL_DROPOUT, stay, even)
        return self._stays[begins, ends]

    def person_months(self, column: int, until: float | None = None, who: Who = "starters", part: float = 1.0) -> Draw:
        """Months spent by people between a column and the next, each counted up to an age ``until``.

        ``until`` None: as long as they are in service. Starters who drop out count until they leave (the average number
        present, not the number at the start). ``part``: only in so much of the time to the next column.
        """
        if part < 1.0:
            return self._person_months(column, until, who, part)
        if (column, until, who) not in self._months:
            self._months[column, until, who] = self._person_months(column, until, who)
        return self._months[column, until, who]

    def _person_months(self, column: int, until: float | None, who: Who, part: float = 1.0) -> Draw:
        total: Draw = 0.0
        until = self.cohort.duration if until is None else until
        for i, start in enumerate(self.columns):
            begins = (column - start) * self.step_months
            ends = min(begins + self.step_months * part, until)
            if begins < 0 or ends <= begins:
                continue
            if who == "starters":
                away = (ends - begins) - self.stay_of_dropouts(begins, ends)
                total = total + (self.starters[i] * (ends - begins) - self.dropouts[i] * away)
            else:
                total = total + self.group(who)[i] * (ends - begins)
        return total if self.service_ends is None else total * (column < self.service_ends)

    def beginning(self, column: int, who: Who = "starters") -> Draw:
        """People whose group starts at a column."""
        return sum((n for s, n in zip(self.columns, self.group(who), strict=True) if s == column), 0.0)

    def completing(self, column: int) -> Draw:
        """People who complete at a column (the first on or after the end of their duration)."""
        done = [self.completed(i) for i in range(len(self.columns)) if self.completes(i) == column]
        return sum(done, 0.0)

    def left_by(self, months: float) -> tuple[Draw, Draw]:
        """Completers, and all whose time in service is over, by so many months since ``start``."""
        done = [i for i, s in enumerate(self.columns) if s * self.step_months + self.cohort.duration <= months + SLACK]
        return sum((self.completed(i) for i in done), 0.0), sum((self.starters[i] for i in done), 0.0)


@dataclass
class QueueFlow(Flow):
    """The people of a cohort with a queue: each draw takes a replication of ``record``."""

    record: QueueRecord = field(kw_only=True)

    @property
    def referred(self) -> list[Draw]:
        """Eligible referrals by column, of columns in which an event let people start."""
        n, offered = len(self.columns), self.record.by_entry["offered"]
        return self._masked([offered[:, i][self.record.entry] for i in range(n)])

    @property
    def service_columns(self) -> range:
        return self.record.columns

    def completed(self, group: int) -> Draw:
        """Completers of a group whose time in service was over before an event ended the service."""
        if not self.cohort.has_random_stay or self.service_ends is None:
            return super().completed(group)
        done: Draw = 0.0
        for column in range(self.columns[group], self.record.columns.stop):
            by_group = self._completing(column)[:, group][self.record.entry] * self.started(group)
            done = done + by_group * (column <= self.service_ends)
        return done

    def completing(self, column: int) -> Draw:
        """People who complete at a column, on or after the end of their own time in service."""
        if not self.cohort.has_random_stay:
            return super().completing(column)
        done = self._of_groups(self._completing(column))
        return done if self.service_ends is None else done * (column <= self.service_ends)

    def left_by(self, months: float) -> tuple[Draw, Draw]:
        if not self.cohort.has_random_stay:
            return super().left_by(months)
        served = self.record.served
        gone = self.record.first_day(served.group) + served.stays <= months + SLACK
        left = self._of_groups(self.record.count(gone))
        last = floor(months / self.step_months + SLACK)
        return sum((self.completing(c) for c in range(self.columns[0], last + 1)), 0.0), left

    def _person_months(self, column: int, until: float | None, who: Who, part: float = 1.0) -> Draw:
        if who != "starters":
            return super()._person_months(column, until, who, part)
        if self.starts or part < 1.0:
            total = self._of_groups(self.record.months_by_group(column, until, part))
        else:
            months = self.record.months(until)
            there = 0 <= column - self.columns[0] < months.shape[1]
            total = months[:, column - self.columns[0]][self.record.entry] if there else 0.0
        return total if self.service_ends is None else total * (column < self.service_ends)

    def _completing(self, column: int) -> Array:
        """Who completes at a column, by replication and group."""
        served = self.record.served
        return self.record.count(~served.is_dropout & (served.completes_at == column))

    def _of_groups(self, by_group: Array) -> Draw:
        """A number by replication and group, for each draw and the groups that start there."""
        if not self.starts:
            return np.asarray(by_group.sum(axis=1)[self.record.entry])
        total: Draw = 0.0
        for group in np.flatnonzero(by_group.any(axis=0)):
            total = total + by_group[:, group][self.record.entry] * self.starts[group]
        return total

    def _masked(self, people: list[Draw]) -> list[Draw]:
        return [n * self.started(group) for group, n in enumerate(people)]


def participate(context: Context) -> dict[str, Flow]:
    """The flow of each cohort of a block, by the cohort's name."""
    return {cohort.name: _flow(context, cohort) for cohort in context.scenario.cohorts}


def interrupted(flows: Mapping[str, Flow], interruption: Interruption) -> dict[str, Flow]:
    """The same people, without those who never start and with service only as long as there is any.

    Everybody keeps their luck: who starts and who drops out among the others does not change.
    """
    return {name: _interrupted(flow, interruption) for name, flow in flows.items()}


def _interrupted(flow: Flow, interruption: Interruption) -> Flow:
    starts: list[Draw] = [
        interruption.starts[flow.cohort.name, column] * 1.0
        if (flow.cohort.name, column) in interruption.starts
        else 1.0
        for column in flow.columns
    ]

    def masked(people: list[Draw]) -> list[Draw]:
        return [n * start for n, start in zip(people, starts, strict=True)]

    return replace(
        flow,
        offered=masked(flow.offered),
        starters=masked(flow.starters),
        dropouts=masked(flow.dropouts),
        starts=starts,
        service_ends=interruption.service_ends,
        uninterrupted=flow,
        _months={},
        _others={},
    )


def _flow(context: Context, cohort: Cohort) -> Flow:
    step = context.scenario.step_months
    columns = group_columns(cohort, step)
    if cohort.queue is not None:
        return _queued(context, cohort, columns)
    place = f"participants.cohorts.{cohort.name}" if cohort.name else "participants"
    size = np.rint(context.within(context.value(cohort.size), 0.0, np.inf, f"{place}.size"))
    k = len(columns)
    ends = [np.rint(size * i / k) for i in range(k + 1)]
    offered: list[Draw] = [ends[i + 1] - ends[i] for i in range(k)]
    take_up = context.share(cohort.take_up, f"{place}.take_up")
    dropout = context.share(cohort.dropout, f"{place}.dropout")
    luck = f"participants.{cohort.name}"
    starters = _chosen(context, f"{luck}.take_up", offered, take_up, cohort.take_up == Number(1.0, "percent"))
    if np.all(np.asarray(dropout) == 0.0):
        dropouts: list[Draw] = [0.0] * k
    else:
        dropouts = _chosen(context, f"{luck}.dropout", starters, dropout, False)
    return Flow(cohort, columns, offered, starters, dropouts, dropout, step)


def _queued(context: Context, cohort: Cohort, columns: range) -> QueueFlow:
    """The people of a queue, by group: who starts in its column, and who was referred in it and never starts."""
    record = queue_record(context, cohort)
    served, entry = record.served, record.entry
    starters, dropouts = record.count(), record.count(served.is_dropout)
    offered = starters + record.never

    def of_draws(by_group: Array) -> list[Draw]:
        return [by_group[:, i][entry] for i in range(len(columns))]

    place = f"participants.cohorts.{cohort.name}" if cohort.name else "participants"
    dropout = context.share(cohort.dropout, f"{place}.dropout")
    people = (of_draws(offered), of_draws(starters), of_draws(dropouts))
    return QueueFlow(cohort, columns, *people, dropout, context.scenario.step_months, record=record)


def _chosen(context: Context, name: str, people: list[Draw], share: Draw, is_all: bool) -> list[Draw]:
    if is_all:
        return people
    u = context.luck("people", name, len(people))
    return [binomial_quantile(u[i], n, share) for i, n in enumerate(people)]
