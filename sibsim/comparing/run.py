"""The same futures under each choice: block by block, on as many workers as there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from sibsim.comparing.choices import Choice
from sibsim.comparing.fund import fund_figures
from sibsim.context import Array, Draw, begin, refuse_unsimulated
from sibsim.draws.streams import REPLICATE, Streams
from sibsim.futures import Future, future
from sibsim.jobs import Job, Tables, run_job
from sibsim.parties import PUBLIC_PURSE, Table, public_bodies, roles, tabulate, tabulate_public
from sibsim.results import Store
from sibsim.scenario import OUTSIDE
from sibsim.simulate import DEFAULT_DRAWS, QUEUE_BLOCK, fewest_pieces, refuse_clipped, replicates_for

__all__ = ["NET", "WORTH", "Futures", "everyone", "run_choices"]

BLOCK = 8
"""Replicates worked on together."""
NET = "net_money"
"""All that a party receives less all that it pays, not discounted."""
BUDGET = ("outcome_payments", "own_costs", "money_received", "net_outlay_pv", "net_budget_effect_pv")
WORTH = ("cashable_benefit_pv", "capacity_benefit_pv", "societal_benefit_pv")
"""What is gained otherwise than in money that is paid."""
KEPT = frozenset({*BUDGET, *WORTH, "net_gain", "npv", "irr", "lowest_cash", "called", NET})
"""Metrics of which each future is kept."""


@dataclass(frozen=True)
class Futures:
    """What each choice comes to in each of the same futures."""

    choices: tuple[Choice, ...]
    n_replicates: int
    seed: int
    stores: tuple[Store, ...]
    """By choice: figures of parties, ``("#outcome", name, "effect")`` and ``("#input", name)``."""
    roles: dict[str, set[str]] = field(default_factory=dict)
    """Of every party under any choice."""

    def figure(self, choice: int, party: str, metric: str) -> Array:
        """One number a future; 0 where the party has nothing to do under a choice, NaN for a rate of nothing."""
        store = self.stores[choice]
        if (party, metric) not in store and metric in ("irr", "lowest_cash"):
            return np.full(store.n_draws, np.nan)
        return store.array((party, metric))


def everyone(choices: Sequence[Choice]) -> dict[str, set[str]]:
    """The parties of all choices with all their roles, in order of the files."""
    found: dict[str, set[str]] = {}
    for choice in choices:
        for party, does in roles(choice.scenario).items():
            found.setdefault(party, set()).update(does)
    return found


def run_choices(
    choices: Sequence[Choice],
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 1,
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
    cluster: str | None = None,
) -> Futures:
    """Simulate each choice in the same futures.

    Parameters
    ----------
    choices : sequence of Choice
        From `sibsim.comparing.choices_of` or `sibsim.comparing.in_same_futures`.
    n_draws, seed, workers, progress
        As in `sibsim.simulate.simulate`.
    cluster : str, optional
        As in `sibsim.jobs.run_job`.

    Raises
    ------
    ScenarioError
        A file says of nothing that could happen.
    ModelError
        More than 1 % of the futures had a chance outside [0, 1].
    ClusterError
        The cluster cannot be used, or has died.
    """
    for choice in choices:
        refuse_unsimulated(choice.scenario)
    n_replicates = replicates_for(n_draws)
    has_queue = any(cohort.queue is not None for choice in choices for cohort in choice.scenario.cohorts)
    block = QUEUE_BLOCK if has_queue else BLOCK
    kept = tuple(choices)
    job = Job(
        work=partial(_work, kept, seed),
        finish=partial(_finished, kept, n_replicates, seed),
        pieces=[range(i, min(i + block, n_replicates)) for i in range(0, n_replicates, block)],
        sizes={_store(i): n_replicates * REPLICATE for i in range(len(kept))},
        fewest=min(fewest_pieces(choice.scenario, n_replicates) for choice in kept),
    )
    return run_job(job, workers, progress, cluster)


def _store(choice: int) -> str:
    """Whose numbers a store of the job holds."""
    return f"choice {choice}"


def _finished(choices: tuple[Choice, ...], n_replicates: int, seed: int, by_name: Mapping[str, Store]) -> Futures:
    stores = tuple(by_name[_store(i)] for i in range(len(choices)))
    for choice, store in zip(choices, stores, strict=True):
        outside = {k[1]: float(np.mean(store.array(k))) for k in store.keys if k[0] == "#clipped"}
        refuse_clipped(choice.scenario, outside)
    return Futures(choices, n_replicates, seed, stores, everyone(choices))


def _work(choices: tuple[Choice, ...], seed: int, replicates: range) -> Tables:
    """One block of futures under each choice."""
    does = everyone(choices)
    bodies = list(dict.fromkeys(body for choice in choices for body in public_bodies(choice.scenario)))
    public = [p for p, roles_of in does.items() if {"payer", "beneficiary"} & roles_of and p != OUTSIDE]
    found = {}
    for i, choice in enumerate(choices):
        context = begin(choice.scenario, Streams(seed, replicates))
        table = _figures(future(context), choice, list(does), public, bodies)
        found[_store(i)] = table, len(replicates) * REPLICATE
    return found


def _figures(world: Future, choice: Choice, parties: list[str], public: list[str], bodies: list[str]) -> Table:
    """The figures of every party of any choice: one that only now does nothing has a budget too."""
    context, settlement = world.context, world.settlement
    full = tabulate(context, settlement, world.benefits)
    for party in public:
        if (party, "net_budget_effect_pv") not in full:
            full.update(tabulate_public(context, settlement, world.benefits, party, [party]))
    if len(bodies) > 1:
        full.update(tabulate_public(context, settlement, world.benefits, PUBLIC_PURSE, bodies))
    table: Table = {key: value for key, value in full.items() if len(key) == 2 and key[1] in KEPT}
    for party in parties:
        flows = settlement.ledger.flows(party)
        table[party, NET] = sum((amount for _, amount in sorted(flows.items())), 0.0)
    for truth in world.truths:
        effect: Draw = table.get(("#outcome", truth.outcome.name, "effect"), 0.0)
        table["#outcome", truth.outcome.name, "effect"] = effect + truth.effect()
    starters = [number for flow in world.flows.values() for number in flow.group("starters")]
    table["#people", "started"] = sum(starters, 0.0)
    table.update(
        {("#input", e.name): context.inputs[e.name] for e in choice.scenario.inputs if e.distribution.IS_DRAWN}
    )
    table.update({("#clipped", place): share for place, share in context.clipped.items()})
    if choice.service:
        table.update(fund_figures(context, settlement, world.benefits, choice.service))
    return table
