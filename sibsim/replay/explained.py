"""One of the futures of a simulation, told by date: what came, was reported and was paid, and where that stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sibsim.context import Array, Draw, begin
from sibsim.draws.streams import REPLICATE, Streams
from sibsim.figures import finite
from sibsim.futures import Future, future
from sibsim.replay.about import about
from sibsim.replay.chosen import Choice, check, choose
from sibsim.replay.recorder import Recorder
from sibsim.replay.trace import trace
from sibsim.replay.truths import COMPARED, true_readings
from sibsim.results import Results
from sibsim.scenario import Scenario
from sibsim.simulate import DEFAULT_DRAWS, replicates_for, simulate
from sibsim.timeline import day_of

__all__ = ["FORMAT", "Explained", "explained"]

FORMAT = "sibsim.explanation/1"


@dataclass(frozen=True)
class Explained:
    """A future of a simulation, and the simulation it stands in."""

    results: Results
    choice: Choice
    world: Future
    recorder: Recorder

    @property
    def scenario(self) -> Scenario:
        return self.results.scenario

    @cached_property
    def per_draw(self) -> dict[str, Array]:
        """Every figure that differs between futures; see `sibsim.results.Results.per_draw`."""
        return self.results.per_draw()

    def pick(self, value: Draw | None) -> float | None:
        """The number of this future; None where there is none."""
        picked = self.recorder.pick(value)
        return None if picked is None or not np.isfinite(float(picked)) else float(picked)

    def summary(self) -> dict[str, Any]:
        """All that is told, as plain numbers, words and lists: the content of ``--format json``."""
        from sibsim import __version__

        run = self.results.run
        return {
            "format": FORMAT,
            "sibsim": __version__,
            "seed": run.seed,
            "draws": self.results.n_draws,
            "sampling": run.sampling,
            "scenario": {
                **about(self.scenario),
                "parties": {p.id: p.name for p in self.scenario.parties},
                "events": [e.name for e in self.scenario.events],
            },
            "draw": self.choice.draw + 1,
            "chosen": {"by": self.choice.how, "party": self.choice.party, "metric": self.choice.metric},
            "inputs": _inputs(self),
            "people": _people(self),
            "outcomes": _outcomes(self),
            "reports": _reports(self),
            "trace": trace(self.scenario, self.recorder),
            "transfers": _transfers(self),
            "balances": _balances(self),
            "benefits": _benefits(self),
            "parties": _parties(self),
            "metrics": {name: finite(values[self.choice.draw]) for name, values in self.per_draw.items()},
            "warnings": list(self.scenario.warnings),
        }


def explained(
    scenario: Scenario,
    draw: str | int = "median",
    party: str | None = None,
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 1,
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Explained:
    """Simulate, choose a future, and work its replicate out again with somebody who follows it.

    Parameters
    ----------
    scenario : Scenario
    draw, party
        See `sibsim.replay.chosen.choose`.
    n_draws, seed, workers, progress
        See `sibsim.simulate.simulate`.

    Raises
    ------
    ModelError
        There is no such future or party.
    """
    check(scenario, draw, party, replicates_for(n_draws) * REPLICATE)
    results = simulate(scenario, n_draws=n_draws, seed=seed, workers=workers, progress=progress)
    choice = choose(results, draw, party)
    replicate = choice.draw // REPLICATE
    context = begin(scenario, Streams(seed, range(replicate, replicate + 1)), results.run.sampling)
    recorder = Recorder(scenario, choice.draw % REPLICATE)
    context.watch = recorder
    return Explained(results, choice, future(context), recorder)


# ------------------------------------------------------------------------------------------------ what came
def _stands(values: Array, value: float | None) -> dict[str, int | None]:
    """In how many of all futures it is lower, and higher."""
    if value is None:
        return {"lower": None, "higher": None}
    slack = 1e-9 * max(abs(value), 1.0)
    return {"lower": int(np.sum(values < value - slack)), "higher": int(np.sum(values > value + slack))}


def _inputs(one: Explained) -> list[dict[str, Any]]:
    found = []
    for entry in one.scenario.inputs:
        value = one.pick(one.world.context.inputs[entry.name])
        values = one.per_draw[f"inputs.{entry.name}"]
        stands = _stands(values, value) if entry.distribution.IS_DRAWN or entry.formula else _stands(values, None)
        found.append({"input": entry.name, "unit": entry.unit, "value": value, **stands})
    return found


def _people(one: Explained) -> list[dict[str, Any]]:
    """Each group that starts, by date; the groups of a cohort that was kept away have nobody.

    Nobody, where the file does not speak of people. ``kept_away_by``: an event, or that the money ran short.
    """
    events, rows = one.world.settlement.events, []
    if not one.scenario.has_people:
        return []
    for flow in one.world.flows.values():
        for group, column in enumerate(flow.columns):
            row: dict[str, Any] = {who: one.pick(flow.group(who)[group]) for who in ("offered", "starters", "dropouts")}
            was: dict[str, Any] = {} if not flow.starts else {"planned": one.pick(flow.planned.offered[group])}
            if was.get("planned") and not row["offered"]:
                short = None if events is None else one.pick(events.short)
                was["kept_away_by"] = "money" if short is not None and short <= column else "event"
            rows.append(
                (column, {"date": day_of(one.scenario, column), "cohort": flow.cohort.name or None, **row, **was})
            )
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _outcomes(one: Explained) -> list[dict[str, Any]]:
    """The truth of each outcome in each cohort: expected without and with the programme, and what happened."""
    found = []
    for truth in one.world.truths:
        people = sum((truth.people(c.who, g) for c in truth.served() for g in range(len(truth.flow.columns))), 0.0)
        causal = truth.outcome.is_causal
        found.append(
            {
                "outcome": truth.outcome.name,
                "cohort": truth.flow.cohort.name or None,
                "type": truth.outcome.type,
                "better": truth.outcome.better,
                "people": one.pick(people),
                "expected_without": one.pick(truth.expected(is_with=False)) if causal else None,
                "expected_with": one.pick(truth.expected(is_with=True)),
                "happened": one.pick(truth.total_happened()),
                "effect": one.pick(truth.effect()) if causal else None,
            }
        )
    return found


def _reports(one: Explained) -> list[dict[str, Any]]:
    """Every report that there was, with the truth behind it, in order of date."""
    truths = true_readings(one.world.context, one.world.truths)
    rows = []
    for measure in one.scenario.measures:
        for report in one.world.reports[measure.name]:
            value = one.pick(report.value)
            if value is None:
                continue
            row = {
                "date": day_of(one.scenario, report.column),
                "measure": measure.name,
                "cohort": report.cohort,
                "unit": measure.unit,
                "value": value,
                "truth": one.pick(truths.get((measure.name, report.cohort, report.column))),
                "is_effect": bool(measure.outcomes) and measure.as_ in COMPARED,
                "counted": one.pick(report.counted),
                "people": one.pick(report.people),
                "is_undefined": bool(one.pick(report.undefined)),
            }
            rows.append((report.column, row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


# ------------------------------------------------------------------------------------------------ money
def _transfers(one: Explained) -> list[dict[str, Any]]:
    """Who paid whom: the ledger of this future, in order of date."""
    rows = []
    for entry in one.world.settlement.ledger:
        for column, amount in entry.amounts.items():
            picked = one.pick(amount)
            if picked:
                sides = {"from": entry.source, "to": entry.target, "amount": picked}
                rows.append(
                    (column, {"date": day_of(one.scenario, column), "label": entry.label, "kind": entry.kind, **sides})
                )
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _balances(one: Explained) -> list[dict[str, Any]]:
    """What stands at the end of each date, where there is an account."""
    if one.scenario.finance is None:
        return []
    loans = {t.name for t in one.scenario.loans}
    return [
        {
            "date": day_of(one.scenario, balance.column),
            "cash": balance.cash,
            "outstanding": {name: amount for name, amount in balance.outstanding.items() if name in loans},
            "interest": {name: amount for name, amount in balance.interest.items() if name in loans},
        }
        for balance in one.recorder.balances
    ]


def _benefits(one: Explained) -> list[dict[str, Any]]:
    """What the truth was worth, undiscounted, over all years."""
    return [
        {
            "benefit": row.label,
            "party": row.party,
            "kind": row.kind,
            "amount": one.pick(sum((amount for _, amount in sorted(row.amounts.items())), 0.0)),
        }
        for row in one.world.benefits
    ]


def _parties(one: Explained) -> list[dict[str, Any]]:
    """Each party's figures in this future, and in how many of all futures each is lower and higher."""
    found = []
    for id, party in one.results.summary()["parties"].items():
        metrics: dict[str, Mapping[str, Any]] = {}
        for name, described in party["metrics"].items():
            values = one.per_draw.get(f"{id}.{name}")
            if values is not None:
                value = finite(values[one.choice.draw])
                metrics[name] = {"unit": described["unit"], "value": value, **_stands(values, value)}
        found.append({"party": id, "name": party["name"], "roles": list(party["roles"]), "metrics": metrics})
    return found
