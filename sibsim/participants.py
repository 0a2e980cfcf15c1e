"""Who takes part, and when: offered, starters, drop-outs, completers.

People start in groups, one a column over the intake. Who starts and who drops out is binomial; given how many of a
group drop out, they leave at the expected shares of an even hazard (a truncated exponential).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Context, Draw
from sibsim.quantiles import binomial_quantile
from sibsim.scenario import Cohort, Number
from sibsim.timeline import columns_in, group_columns

__all__ = ["Flow", "participate"]

Who = str
SMALL_DROPOUT = 1e-5


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
    """

    cohort: Cohort
    columns: range
    offered: list[Draw]
    starters: list[Draw]
    dropouts: list[Draw]
    dropout: Draw
    step_months: int
    _stays: dict[tuple[float, float], Draw] = field(default_factory=dict)
    _months: dict[tuple[int, float, Who], Draw] = field(default_factory=dict)

    @property
    def completers(self) -> list[Draw]:
        return [s - d for s, d in zip(self.starters, self.dropouts, strict=True)]

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

    def person_months(self, column: int, until: float, who: Who = "starters") -> Draw:
        """Months spent by people between a column and the next, each counted up to an age ``until``.

        Starters who drop out count until they leave (the average number present, not the number at the start).
        """
        if (column, until, who) not in self._months:
            self._months[column, until, who] = self._person_months(column, until, who)
        return self._months[column, until, who]

    def _person_months(self, column: int, until: float, who: Who) -> Draw:
        total: Draw = 0.0
        for i, start in enumerate(self.columns):
            begins = (column - start) * self.step_months
            ends = min(begins + self.step_months, until)
            if begins < 0 or ends <= begins:
                continue
            if who == "starters":
                away = (ends - begins) - self.stay_of_dropouts(begins, ends)
                total = total + (self.starters[i] * (ends - begins) - self.dropouts[i] * away)
            else:
                total = total + self.group(who)[i] * (ends - begins)
        return total

    def beginning(self, column: int, who: Who = "starters") -> Draw:
        """People whose group starts at a column."""
        return sum((n for s, n in zip(self.columns, self.group(who), strict=True) if s == column), 0.0)

    def completing(self, column: int) -> Draw:
        """People who complete at a column (the first on or after the end of their duration)."""
        step, length = self.step_months, self.cohort.duration
        done = [columns_in(s * step + length, step) for s in self.columns]
        return sum((n for c, n in zip(done, self.completers, strict=True) if c == column), 0.0)


def participate(context: Context) -> dict[str, Flow]:
    """The flow of each cohort of a block, by the cohort's name."""
    return {cohort.name: _flow(context, cohort) for cohort in context.scenario.cohorts}


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
