"""The people of a scenario alone: who starts and when, how many are in service, who leaves; no money.

The people are those of a simulation with the same seed and draws, future by future. Where an event, or want of money,
can keep people away or end the service, the contract is settled too, to know in which futures it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from sibsim.context import Array, Context, Draw, begin, refuse_unsimulated
from sibsim.draws.streams import REPLICATE, Streams
from sibsim.errors import Problem, ScenarioError
from sibsim.metrics import Estimate, estimate_mean, estimate_quantiles
from sibsim.participants import SMALL_DROPOUT, Flow, participate
from sibsim.results import Store
from sibsim.scenario import Scenario
from sibsim.settlement.events import first_past
from sibsim.simulate import DEFAULT_DRAWS, future, refuse_clipped, replicates_for
from sibsim.timeline import column_date, columns_in, group_columns
from sibsim.workers import in_order

__all__ = ["FORMAT", "Flowing", "Period", "flow_of"]

FORMAT = "sibsim.flow/1"
BLOCK = 8
"""Replicates worked on together."""
MOST_COLUMNS = 8
"""Up to so many columns each is a period of its own; of more a period is a calendar year."""
ALL = "all"
"""The key of all cohorts together."""
QUANTILES = {"p05": 0.05, "p50": 0.50, "p95": 0.95}
MOVES = ("offered", "kept_away", "started", "dropped_out", "completed", "cut_off")
"""What people do at a column; person-months come beside it."""
STEPS = {1: "month", 3: "quarter", 12: "year"}

ByColumn = dict[int, Draw]
Counts = dict[str, ByColumn]
"""By what is counted and by column: people, or person-months."""


@dataclass(frozen=True)
class Period:
    """Columns that are told together: a calendar year, or one column."""

    columns: range
    months: float


@dataclass
class Flowing:
    """The flow of people over all futures.

    Parameters
    ----------
    scenario : Scenario
    n_replicates, seed : int
    store : Store
        Per draw, by (cohort, what, number of the period), or without a number over all time; the means by column.
    """

    scenario: Scenario
    n_replicates: int
    seed: int
    store: Store

    @property
    def n_draws(self) -> int:
        return self.n_replicates * REPLICATE

    @cached_property
    def periods(self) -> list[Period]:
        return _periods(self.scenario)

    @property
    def cohorts(self) -> list[str]:
        """Keys of what is told apart: all people together, then each cohort where they are several."""
        names = [cohort.name for cohort in self.scenario.cohorts]
        return [ALL, *(_key(name) for name in names)] if len(names) > 1 else [ALL]

    def people(self, what: str, period: int | None = None, cohort: str | None = None) -> Array:
        """One number a future: ``started``, ``in_service`` and so on, in a period or over all time; of one cohort."""
        key = (ALL if cohort is None else _key(cohort), what)
        return self.store.array(key if period is None else (*key, str(period)))

    def summary(self) -> dict[str, Any]:
        """All that is told, as plain numbers, words and lists: the content of ``--format json``."""
        from sibsim import __version__

        s = self.scenario
        return {
            "format": FORMAT,
            "sibsim": __version__,
            "seed": self.seed,
            "draws": self.n_draws,
            "replicates": self.n_replicates,
            "scenario": {
                "name": s.name,
                "title": s.title,
                "file": s.file,
                "sha256": s.sha256,
                "option": " + ".join(s.options) or None,
                "start": _day(s, 0),
                "step": STEPS[s.step_months],
            },
            "by": self._by(),
            "totals": [self._total(key) for key in self.cohorts],
            "periods": [self._period(key, i) for key in self.cohorts for i in self._periods_of(key)],
            "columns": list(self._columns()),
            "warnings": list(s.warnings),
        }

    def _by(self) -> str:
        return STEPS[self.scenario.step_months] if all(len(p.columns) == 1 for p in self.periods) else "year"

    def _name(self, key: str) -> str | None:
        return None if key == ALL else key.removeprefix("cohort ")

    def _periods_of(self, key: str) -> Iterator[int]:
        """The periods in which a cohort is there."""
        spans = [_span(self.scenario, c.name) for c in self.scenario.cohorts if key in (ALL, _key(c.name))]
        for i, period in enumerate(self.periods):
            if any(set(span) & set(period.columns) for span in spans):
                yield i

    def _period(self, key: str, i: int) -> dict[str, Any]:
        period = self.periods[i]
        return {
            "cohort": self._name(key),
            "from": _day(self.scenario, period.columns[0]),
            "until": _day(self.scenario, period.columns[-1] + 1),
            "months": period.months,
            **{what: self._spread((key, what, str(i))) for what in (*MOVES, "in_service")},
        }

    def _total(self, key: str) -> dict[str, Any]:
        figures = ("never_started", "person_months", "busiest")
        return {
            "cohort": self._name(key),
            **{what: self._spread((key, what)) for what in (*MOVES, *figures)},
            **{what: self._dates((key, what)) for what in ("first_start", "last_start")},
        }

    def _columns(self) -> Iterator[dict[str, Any]]:
        """The means of each column, for a chart."""
        for period in self.periods:
            for column in period.columns:
                row: dict[str, Any] = {"date": _day(self.scenario, column)}
                for what in ("started", "in_service"):
                    means = self.store.replicate_means(("#mean", what, str(column)))
                    row[what] = _single(estimate_mean(np.repeat(means, REPLICATE)))
                yield row

    def _spread(self, key: tuple[str, ...]) -> dict[str, Any]:
        """Mean, median and the ends of the middle 90 %, each with its error."""
        constant = self.store.constant(key)
        if constant is not None:
            same = dict.fromkeys(QUANTILES, constant)
            return {"mean": constant, "mc_error": 0.0, **same, "mc_errors": dict.fromkeys(QUANTILES, 0.0)}
        values = self.store.array(key)
        levels = dict(zip(QUANTILES, estimate_quantiles(values, tuple(QUANTILES.values())), strict=True))
        mean = estimate_mean(values)
        return {
            "mean": mean.value,
            "mc_error": mean.mc_error,
            **{name: level.value for name, level in levels.items()},
            "mc_errors": {name: level.mc_error for name, level in levels.items()},
        }

    def _dates(self, key: tuple[str, ...]) -> dict[str, Any]:
        """Dates over the futures in which anybody starts, and in how many nobody does."""
        columns = self.store.array(key)
        nobody = np.isnan(columns)
        found: dict[str, Any] = dict.fromkeys(QUANTILES)
        if not nobody.all():
            levels = estimate_quantiles(columns, tuple(QUANTILES.values()))
            found = {q: _day(self.scenario, int(e.value)) for q, e in zip(QUANTILES, levels, strict=True)}
        seen = columns[~nobody]
        is_same = bool(len(seen)) and bool(np.all(seen == seen[0]))
        return {**found, "is_same": is_same, "nobody": _single(estimate_mean(nobody * 1.0))}


def flow_of(
    scenario: Scenario,
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 1,
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Flowing:
    """Let the people of a scenario come, stay and leave.

    Parameters
    ----------
    scenario : Scenario
    n_draws, seed, workers, progress
        As in `sibsim.simulate.simulate`, whose futures these are.

    Raises
    ------
    ScenarioError
        The file has no `participants`, or no `outcomes`.
    ModelError
        More than 1 % of the futures had a share outside [0, 1].
    """
    _refuse_without_people(scenario)
    refuse_unsimulated(scenario)
    n_replicates = replicates_for(n_draws)
    pieces = [range(i, min(i + BLOCK, n_replicates)) for i in range(0, n_replicates, BLOCK)]
    store, clipped = Store(n_replicates * REPLICATE), Store(n_replicates * REPLICATE)
    for done, (table, outside, n) in enumerate(in_order(partial(_work, scenario, seed), pieces, workers), start=1):
        store.extend(table, n)
        clipped.extend(outside, n)
        if progress is not None:
            progress(done, len(pieces))
    refuse_clipped(scenario, {key[-1]: float(np.mean(clipped.array(key))) for key in clipped.keys})
    return Flowing(scenario, n_replicates, seed, store)


def _refuse_without_people(scenario: Scenario) -> None:
    if not scenario.has_people:
        message = (
            "the file does not speak of people (no 'participants'), so that there is no flow of them to show; "
            f"`sibsim run {scenario.file}` shows the rest"
        )
        raise ScenarioError(scenario.file, [Problem(0, 0, "", message)])


# ------------------------------------------------------------------------------------------------ one block
Table = dict[tuple[str, ...], Draw]


def _work(scenario: Scenario, seed: int, replicates: range) -> tuple[Table, Table, int]:
    """One block: its people by period and cohort, where a value left its range, and its draws."""
    context = begin(scenario, Streams(seed, replicates))
    flows = participate(context) if first_past(context) is None else future(context).flows
    table = _tabulated(context, flows)
    outside: Table = {("#clipped", place): share for place, share in context.clipped.items()}
    return table, outside, len(replicates) * REPLICATE


def _tabulated(context: Context, flows: Mapping[str, Flow]) -> Table:
    scenario = context.scenario
    whole: Counts = defaultdict(dict)
    table: Table = {}
    periods = _periods(scenario)
    for name, flow in flows.items():
        counts = _counts(flow)
        for what, by_column in counts.items():
            for column, number in by_column.items():
                whole[what][column] = whole[what].get(column, 0.0) + number
        if len(flows) > 1:
            _add(table, _key(name), counts, periods, scenario.step_months)
    _add(table, ALL, whole, periods, scenario.step_months)
    for period in periods:
        for column in period.columns:
            table["#mean", "started", str(column)] = whole["started"].get(column, 0.0)
            table["#mean", "in_service", str(column)] = whole["months"].get(column, 0.0) / scenario.step_months
    return table


def _add(table: Table, key: str, counts: Counts, periods: list[Period], step_months: int) -> None:
    """The rows of one cohort, or of all."""
    for what in MOVES:
        for i, period in enumerate(periods):
            table[key, what, str(i)] = _summed(counts[what], period.columns)
        table[key, what] = sum(counts[what].values(), 0.0)
    for i, period in enumerate(periods):
        table[key, "in_service", str(i)] = _summed(counts["months"], period.columns) / period.months
    table[key, "never_started"] = table[key, "offered"] - table[key, "started"]
    table[key, "person_months"] = sum(counts["months"].values(), 0.0)
    busiest: Draw = 0.0
    for months in counts["months"].values():
        busiest = np.maximum(busiest, months / step_months)
    table[key, "busiest"] = busiest
    first: Draw = np.nan
    last: Draw = np.nan
    for column, number in sorted(counts["started"].items()):
        is_any = np.greater(number, 0.0)
        first, last = np.where(is_any & np.isnan(first), column, first), np.where(is_any, column, last)
    table[key, "first_start"], table[key, "last_start"] = first, last


def _summed(by_column: ByColumn, columns: range) -> Draw:
    return sum((number for column, number in by_column.items() if column in columns), 0.0)


def _counts(flow: Flow) -> Counts:
    """What the people of one cohort do, by column: whoever leaves within the time from a column to the next does so
    at that column, and so does who completes at its end."""
    counts: Counts = defaultdict(dict)

    def add(what: str, column: int, number: Draw) -> None:
        counts[what][column] = counts[what].get(column, 0.0) + number

    span = _columns_of(flow)
    for group, column in enumerate(flow.columns):
        add("offered", column, flow.offered[group])
        add("kept_away", column, flow.planned.offered[group] - flow.offered[group])
        add("started", column, flow.starters[group])
        ages = max(columns_in(flow.cohort.duration, flow.step_months), 1)
        add("completed", column + ages - 1, flow.completed(group))
        _leave(flow, group, ages, add)
    for column in span:
        add("months", column, flow.person_months(column, flow.cohort.duration))
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


# ------------------------------------------------------------------------------------------------ time
def _key(cohort: str) -> str:
    return f"cohort {cohort}"


def _columns_of(flow: Flow) -> range:
    return range(flow.columns[0], flow.columns[-1] + max(columns_in(flow.cohort.duration, flow.step_months), 1))


def _span(scenario: Scenario, name: str) -> range:
    """The columns in which people of a cohort start or are in service."""
    cohort = next(c for c in scenario.cohorts if c.name == name)
    groups = group_columns(cohort, scenario.step_months)
    return range(groups[0], groups[-1] + max(columns_in(cohort.duration, scenario.step_months), 1))


def _periods(scenario: Scenario) -> list[Period]:
    """From the first start to the last who may be in service."""
    spans = [_span(scenario, cohort.name) for cohort in scenario.cohorts]
    columns = range(min(span[0] for span in spans), max(span[-1] for span in spans) + 1)
    step = scenario.step_months
    if len(columns) <= MOST_COLUMNS or step == 12:
        return [Period(range(c, c + 1), float(step)) for c in columns]
    years: dict[int, list[int]] = {}
    for column in columns:
        years.setdefault(column_date(scenario.start, step, column).year, []).append(column)
    return [Period(range(found[0], found[-1] + 1), float(step * len(found))) for found in years.values()]


def _day(scenario: Scenario, column: int) -> str:
    """The date of a column: year and month, with the day where columns do not begin with the month."""
    date = column_date(scenario.start, scenario.step_months, column)
    return f"{date:%Y-%m}" if scenario.start.day == 1 else date.isoformat()


def _single(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "mc_error": estimate.mc_error}
