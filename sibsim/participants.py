"""Who takes part, and when: offered, starters, drop-outs, completers.

People start in groups, one a column over the intake. Who starts and who drops out is binomial; given how many of a
group drop out, they leave at the expected shares of an even hazard (a truncated exponential).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.quantiles import binomial_quantile
from sibsim.scenario import Cohort, Number
from sibsim.timeline import columns_in, group_columns

__all__ = ["Flow", "Interruption", "interrupted", "participate"]

Who = str
SMALL_DROPOUT = 1e-5


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
    _months: dict[tuple[int, float, Who], Draw] = field(default_factory=dict)

    @property
    def completers(self) -> list[Draw]:
        return [s - d for s, d in zip(self.starters, self.dropouts, strict=True)]

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
        if who == "never":
            return [o - s for o, s in zip(self.offered, self.starters, strict=True)]
        named = {"offered": self.offered, "starters": self.starters, "dropouts": self.dropouts}
        return self.completers if who == "completers" else named[who]

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

    def person_months(self, column: int, until: float, who: Who = "starters", part: float = 1.0) -> Draw:
        """Months spent by people between a column and the next, each counted up to an age ``until``.

        Starters who drop out count until they leave (the average number present, not the number at the start).
        ``part``: only in so much of the time to the next column.
        """
        if part < 1.0:
            return self._person_months(column, until, who, part)
        if (column, until, who) not in self._months:
            self._months[column, until, who] = self._person_months(column, until, who)
        return self._months[column, until, who]

    def _person_months(self, column: int, until: float, who: Who, part: float = 1.0) -> Draw:
        total: Draw = 0.0
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
    )


def _flow(context: Context, cohort: Cohort) -> Flow:
    step = context.scenario.step_months
    columns = group_columns(cohort, step)
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


def _chosen(context: Context, name: str, people: list[Draw], share: Draw, is_all: bool) -> list[Draw]:
    if is_all:
        return people
    u = context.luck("people", name, len(people))
    return [binomial_quantile(u[i], n, share) for i, n in enumerate(people)]
