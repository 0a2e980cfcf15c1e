"""The people of all futures, block by block, on as many workers as there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from sibsim.context import Context, Draw, begin, refuse_unsimulated
from sibsim.draws.streams import REPLICATE, Streams
from sibsim.errors import Problem, ScenarioError
from sibsim.flowing.counts import MOVES, Counts, counts_of
from sibsim.flowing.queued import QUEUED, Waits, queued
from sibsim.flowing.time import Period, periods_of, span
from sibsim.flowing.told import ALL, Flowing, key_of
from sibsim.futures import future
from sibsim.participants import participate
from sibsim.results import Store
from sibsim.scenario import Scenario
from sibsim.settlement.events import first_past
from sibsim.simulate import DEFAULT_DRAWS, QUEUE_BLOCK, fewest_pieces, refuse_clipped, replicates_for
from sibsim.workers import in_order

__all__ = ["flow_of"]

BLOCK = 8
"""Replicates worked on together."""
Table = dict[tuple[str, ...], Draw]
SUMS = (*MOVES, *QUEUED, "gave_up_of", "waited", "waiters", "queue_started", "place_months", "served_months")
"""What adds up over columns."""


@dataclass
class _Block:
    """What one block leaves: numbers by cohort and period, values out of range, waits by cohort, its draws."""

    n_draws: int
    table: Table = field(default_factory=dict)
    outside: Table = field(default_factory=dict)
    waits: dict[str, list[Waits]] = field(default_factory=dict)


def flow_of(
    scenario: Scenario,
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 1,
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Flowing:
    """Let the people of a scenario come, wait, stay and leave.

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
        More than 1 % of the futures had a share outside [0, 1]; or too many people queue.
    """
    _refuse_without_people(scenario)
    refuse_unsimulated(scenario)
    n_replicates = replicates_for(n_draws)
    block = QUEUE_BLOCK if any(cohort.queue is not None for cohort in scenario.cohorts) else BLOCK
    pieces = [range(i, min(i + block, n_replicates)) for i in range(0, n_replicates, block)]
    store, clipped = Store(n_replicates * REPLICATE), Store(n_replicates * REPLICATE)
    waits: dict[str, list[Waits]] = defaultdict(list)
    fewest = fewest_pieces(scenario, n_replicates)
    for done, found in enumerate(in_order(partial(_work, scenario, seed), pieces, workers, fewest), start=1):
        store.extend(found.table, found.n_draws)
        clipped.extend(found.outside, found.n_draws)
        for key, some in found.waits.items():
            waits[key] += some
        if progress is not None:
            progress(done, len(pieces))
    refuse_clipped(scenario, {key[-1]: float(np.mean(clipped.array(key))) for key in clipped.keys})
    return Flowing(scenario, n_replicates, seed, store, dict(waits))


def _refuse_without_people(scenario: Scenario) -> None:
    if not scenario.has_people:
        message = (
            "the file does not speak of people (no 'participants'), so that there is no flow of them to show; "
            f"`sibsim run {scenario.file}` shows the rest"
        )
        raise ScenarioError(scenario.file, [Problem(0, 0, "", message)])


# ------------------------------------------------------------------------------------------------ one block
def _work(scenario: Scenario, seed: int, replicates: range) -> _Block:
    context = begin(scenario, Streams(seed, replicates))
    block = _Block(len(replicates) * REPLICATE)
    by_cohort = _counted(context, block)
    periods, step = periods_of(scenario), scenario.step_months
    whole: Counts = defaultdict(dict)
    for name, counts in by_cohort.items():
        for what, by_column in counts.items():
            for column, number in by_column.items():
                whole[what][column] = whole[what].get(column, 0.0) + number
        if len(by_cohort) > 1:
            _add(block.table, key_of(name), counts, periods, step)
    _add(block.table, ALL, whole, periods, step)
    for period in periods:
        for column in period.columns:
            for what, per in (("started", 1), ("months", step), ("queue_months", step), ("place_months", step)):
                if what in whole:
                    block.table["#mean", what, str(column)] = whole[what].get(column, 0.0) / per
    block.outside = {("#clipped", place): share for place, share in context.clipped.items()}
    return block


def _counted(context: Context, block: _Block) -> dict[str, Counts]:
    """What the people of each cohort do."""
    scenario = context.scenario
    is_free = first_past(context) is None
    flows = participate(context) if is_free else future(context).flows
    found: dict[str, Counts] = {}
    for cohort in scenario.cohorts:
        if cohort.queue is None:
            found[cohort.name] = counts_of(flows[cohort.name], span(scenario, cohort))
            continue
        counts, waits = queued(context, cohort, None if is_free else flows[cohort.name])
        found[cohort.name], block.waits[key_of(cohort.name)] = counts, waits
    return found


def _add(table: Table, key: str, counts: Counts, periods: list[Period], step_months: int) -> None:
    """The rows of one cohort, or of all."""
    for what in SUMS:
        if what not in counts and what not in MOVES:
            continue
        by_column = counts.get(what, {})
        for i, period in enumerate(periods):
            table[key, what, str(i)] = sum((n for c, n in by_column.items() if c in period.columns), 0.0)
        table[key, what] = sum(by_column.values(), 0.0)
    for what, name in (("months", "in_service"), ("queue_months", "waiting")):
        for i, period in enumerate(periods if what in counts else ()):
            months: Draw = sum((n for c, n in counts[what].items() if c in period.columns), 0.0)
            table[key, name, str(i)] = months / period.months
    table[key, "never_started"] = table[key, "offered"] - table[key, "started"]
    table[key, "person_months"] = sum(counts["months"].values(), 0.0)
    busiest: Draw = 0.0
    for months in counts["months_there"].values():
        busiest = np.maximum(busiest, months / step_months)
    table[key, "busiest"] = busiest
    first: Draw = np.nan
    last: Draw = np.nan
    for column, number in sorted(counts["started"].items()):
        is_any = np.greater(number, 0.0)
        first, last = np.where(is_any & np.isnan(first), column, first), np.where(is_any, column, last)
    table[key, "first_start"], table[key, "last_start"] = first, last
