"""The whole flow, from a scenario to results: blocks of futures, on as many workers as there are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np

from sibsim.context import Context, Draw, begin, refuse_unsimulated
from sibsim.draws.streams import REPLICATE, Streams
from sibsim.errors import ModelError
from sibsim.futures import Future, future, settled
from sibsim.happenings import tabulate_events
from sibsim.jobs import Job, run_job
from sibsim.participants import Flow
from sibsim.parties import Table, tabulate
from sibsim.payouts import effects_judged, tabulate_payments, without_claim
from sibsim.results import LAYERS, Results, Run, Store
from sibsim.scenario import Number, Scenario
from sibsim.settlement import hangs_on_result
from sibsim.waits import tabulate_queues
from sibsim.workers import FEWEST

__all__ = [
    "DEFAULT_DRAWS",
    "FEWEST_REPLICATES",
    "QUEUE_BLOCK",
    "Future",
    "fewest_pieces",
    "future",
    "refuse_clipped",
    "replicates_for",
    "simulate",
    "simulation",
]

DEFAULT_DRAWS = 16_384
FEWEST_REPLICATES = 8
BLOCK = 8
"""Replicates worked on together: the unit of memory and of parallel work."""
WIDE_BLOCK = 20
"""The same on one worker, which is quicker and takes more memory: in runs of up to `WIDE_UP_TO` replicates."""
WIDE_UP_TO = 256
HELD = 31 << 20
"""Bytes: twice as much of what a block gives back is held for the next one. The C library's most is 32 MB."""
QUEUE_BLOCK = 4
"""The same where people of a queue are followed one by one: that takes time, so that more processes share it."""
MANY_PEOPLE = 300_000
"""Of queues, above which other processes are worth starting for a few blocks too."""
PROBABILITIES = ("outcomes.", "participants.", "measures.", "contract.payments.", "finance.", "benefits.")
"""Places whose range is a matter of possibility: shares, chances, rates."""
MOST_CLIPPED = 0.01
"""Share of futures whose chances may leave [0, 1] before a run is refused."""


def replicates_for(n_draws: int) -> int:
    """Whole replicates of 1,024 draws, at least 8.

    >>> replicates_for(10_000), replicates_for(1)
    (10, 8)
    """
    return max(FEWEST_REPLICATES, -(-n_draws // REPLICATE))


def simulate(
    scenario: Scenario,
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 1,
    workers: int | None = 1,
    sampling: str = "lattice",
    progress: Callable[[int, int], None] | None = None,
    block: int | None = None,
) -> Results:
    """Simulate a contract.

    Parameters
    ----------
    scenario : Scenario
    n_draws : int
        Futures; rounded up to whole replicates of 1,024, at least 8.
    seed : int
        Same seed, same bytes, whatever the workers and the block.
    workers : int or None
        Processes; None is one for each core. A script that asks for more than one needs the usual
        ``if __name__ == "__main__":`` around what it runs.
    sampling : {'lattice', 'random'}
        Quasi-random points for the inputs, or plain random numbers.
    progress : callable or None
        Called with (blocks done, blocks in all).
    block : int or None
        Replicates worked on together; None is 8, or 20 where one worker does a run of up to 256.

    Returns
    -------
    Results

    Raises
    ------
    ScenarioError
        The file has no `outcomes`: it can only be settled.
    ModelError
        More than 1 % of the futures had a chance outside [0, 1].
    IdentityError
        Money was lost or made: a fault of sibsim.
    """
    job = simulation(scenario, n_draws, seed, sampling, workers, block)
    _hold_memory()
    return run_job(job, workers, progress)


def simulation(
    scenario: Scenario,
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 1,
    sampling: str = "lattice",
    workers: int | None = None,
    block: int | None = None,
) -> Job[Results]:
    """A simulation as a job, to be done by `sibsim.jobs.run_job`: here, in parts, or on a cluster.

    Parameters
    ----------
    scenario, n_draws, seed, sampling
        As in `simulate`.
    workers : int or None
        On how many processes it is meant to be done: one takes wider blocks.
    block : int or None
        Replicates worked on together; None is 8, 4 with a queue, or 20 where one worker does a run of up to 256.

    Raises
    ------
    ScenarioError
        The file has no `outcomes`: it can only be settled.
    """
    refuse_unsimulated(scenario)
    n_replicates = replicates_for(n_draws)
    run = Run(scenario, n_replicates, seed, sampling)
    has_queue = any(cohort.queue is not None for cohort in scenario.cohorts)
    is_wide = workers == 1 and n_replicates <= WIDE_UP_TO
    usual = QUEUE_BLOCK if has_queue else WIDE_BLOCK if is_wide else BLOCK
    few = min(n_replicates, FEWEST_REPLICATES) * REPLICATE
    return Job(
        work=partial(_work, run),
        finish=partial(_finished, run),
        pieces=_pieces(run, block or usual, has_queue),
        sizes={"run": n_replicates * REPLICATE, **dict.fromkeys(LAYERS, few)},
        fewest=fewest_pieces(scenario, n_replicates),
    )


def _finished(run: Run, stores: Mapping[str, Store]) -> Results:
    results = Results(run, stores["run"], {name: stores[name] for name in LAYERS}, _again(run))
    refuse_clipped(run.scenario, results.clipped())
    return results


def _hold_memory() -> None:
    """Let the C library hold what a block gives back, where it would hand it to the system and ask again page by page.

    The GNU one holds up to twice the largest array that has been given back; this one is never touched. Others do as
    they did.
    """
    np.empty(HELD, dtype=np.uint8)


def fewest_pieces(scenario: Scenario, n_replicates: int) -> int:
    """From how many pieces of work on other processes are worth starting: few, where many people are followed."""
    queues = [(cohort.size, cohort.queue.bank) for cohort in scenario.cohorts if cohort.queue is not None]
    people = n_replicates * math.fsum(size.value * bank for size, bank in queues if isinstance(size, Number))
    return 2 if people > MANY_PEOPLE else FEWEST


def _pieces(run: Run, block: int, has_queue: bool) -> list[range]:
    """The replicates of every block.

    With a queue one ends where the copies for the layers end: the same people need be followed only once.
    """
    cuts = sorted({*range(0, run.n_replicates, block), *([FEWEST_REPLICATES] if has_queue else []), run.n_replicates})
    return [range(first, end) for first, end in pairwise(cuts)]


def _work(run: Run, replicates: range) -> dict[str, tuple[Table, int]]:
    """One block: its numbers and its draws, by what they are kept under.

    Beside the run, of the first few replicates the copies that tell layers of chance apart.
    """
    context = begin(run.scenario, Streams(run.seed, replicates), run.sampling)
    found = {"run": (_block(run, context), context.n_draws)}
    few = range(replicates.start, min(replicates.stop, FEWEST_REPLICATES))
    if few:
        found.update({name: (table, len(few) * REPLICATE) for name, table in _layer_blocks(run, few, context).items()})
    return found


def _block(run: Run, context: Context) -> Table:
    """The numbers of the run, with the effect off beside it."""
    world = future(context)
    table = tabulate(context, world.settlement, world.benefits)
    table.update(tabulate_payments(world.settlement))
    table.update(_truths(world))
    table.update(_reports(world))
    table.update(tabulate_events(context, world.flows, world.settlement))
    table.update(tabulate_queues(world.flows))
    table.update({("#input", i.name): context.inputs[i.name] for i in run.scenario.inputs})
    table.update({("#clipped", place): share for place, share in context.clipped.items()})
    table.update({("#layer", layer): 1.0 for layer in context.layers})
    if _says_what_would_be(run.scenario):
        idle = replace(context, is_effect_off=True, clipped={}, layers=set())
        planned = {name: flow.planned for name, flow in world.flows.items()}
        for party, paid in _payments_only(idle, planned).items():
            table[party, "payment_without_effect"] = paid
    return table


def _says_what_would_be(scenario: Scenario) -> bool:
    """Whether the file says what every outcome that is paid for would be without the programme."""
    return any(o.is_causal for o in scenario.outcomes) and not without_claim(scenario)


def _payments_only(context: Context, planned: dict[str, Flow]) -> dict[str, Draw]:
    """What each payer pays for the same people, without working out benefits."""
    scenario = context.scenario
    _, _, _, settlement = settled(context, planned, is_payments_only=True)
    payers = dict.fromkeys(party for p in scenario.payments for party, _ in p.by)
    ledger = settlement.ledger
    paid = {party: sum(ledger.paid(party, ("payment",)).values(), 0.0) for party in payers}
    for entry in ledger:  # what payments bring back is not paid in the end
        if entry.kind in ("money back", "refund") and entry.target in paid and entry.source != entry.target:
            paid[entry.target] = paid[entry.target] - sum(entry.amounts.values(), 0.0)
    return paid


def _layer_blocks(run: Run, replicates: range, drawn: Context) -> dict[str, Table]:
    """The same inputs as the first replicates of a block that is ``drawn``, with fresh luck; and where that is of
    measurement alone, with the people of the run."""
    n = len(replicates) * REPLICATE
    inputs = {name: values[:n] for name, values in drawn.inputs.items()}
    tables: dict[str, Table] = {}
    for name, (people_copy, measurement_copy) in LAYERS.items():
        context = Context(run.scenario, Streams(run.seed, replicates, people_copy, measurement_copy), inputs)
        if not people_copy:
            context.drawn.update({key: luck[:, :n] for key, luck in drawn.drawn.items() if key[0].startswith("people")})
            context.kept.update(drawn.kept)
        world = future(context)
        table = tabulate(context, world.settlement, world.benefits)
        tables[name] = {k: v for k, v in table.items() if k[-1] in run.headline}
    return tables


def _truths(world: Future) -> Table:
    """By outcome, summed over cohorts: people, expected without and with, happened; and whether results paid."""
    table: Table = {}
    for truth in world.truths:
        name = truth.outcome.name
        people = sum((truth.people(c.who, g) for c in truth.served() for g in range(len(truth.flow.columns))), 0.0)
        sums: dict[str, Draw] = {
            "people": people,
            "expected_without": truth.expected(is_with=False),
            "expected_with": truth.expected(is_with=True),
            "happened": truth.total_happened(),
        }
        for what, value in sums.items():
            table["#outcome", name, what] = table.get(("#outcome", name, what), 0.0) + value
        table["#outcome", name, "effect"] = table.get(("#outcome", name, "effect"), 0.0) + truth.effect()
    table.update(_contract(world))
    return table


def _contract(world: Future) -> Table:
    """Paid although nothing worked, not paid although it did, and whether a cap cut something."""
    scenario = world.context.scenario
    effects: dict[str, Draw] = {}
    judged = effects_judged(scenario)
    for truth in (t for t in world.truths if t.outcome.name in judged):
        effects[truth.outcome.name] = effects.get(truth.outcome.name, 0.0) + truth.effect()
    worked = np.asarray(False)
    for effect in effects.values():
        worked = worked | (np.asarray(effect) > 0.0)
    settlement = world.settlement
    table: Table = {("#contract", "cap_binds"): settlement.cap_binds() * 1.0}
    payers = dict.fromkeys(who for p in scenario.payments for who, _ in p.by)
    table.update({("#contract", "cap_binds", who): settlement.cap_binds(who) * 1.0 for who in payers})
    anyone = np.asarray(False)
    hanging = dict.fromkeys(who for p in scenario.payments if hangs_on_result(p) for who, _ in p.by)
    for who in hanging if effects else ():
        paid, low = settlement.book.result_pay.get(who, (0.0, 0.0))
        is_paid = np.asarray(paid - low) > 1e-9 * np.maximum(np.asarray(paid), 1.0)
        anyone = anyone | is_paid
        table["#contract", "paid_without_effect", who] = (is_paid & ~worked) * 1.0
        table["#contract", "not_paid_despite_effect", who] = (~is_paid & worked) * 1.0
    if effects and hanging:
        table["#contract", "paid_without_effect"] = (anyone & ~worked) * 1.0
        table["#contract", "not_paid_despite_effect"] = (~anyone & worked) * 1.0
    lowest, highest = world.settlement.bounds()
    table["#contract", "lowest"], table["#contract", "highest"] = lowest, highest
    return table


def _reports(world: Future) -> Table:
    table: Table = {}
    for name, reports in world.reports.items():
        for i, one in enumerate(reports):
            table["#measure", name, str(i), "value"] = one.value
            table["#mean", "#measure", name, str(i), "counted"] = one.counted
            table["#mean", "#measure", name, str(i), "people"] = one.people
            table["#mean", "#measure", name, str(i), "undefined"] = one.undefined
    return table


def _again(run: Run) -> Callable[[range], Future]:
    """Recompute some replicates in full, for the audit ledger."""
    return lambda replicates: future(begin(run.scenario, Streams(run.seed, replicates), run.sampling))


def refuse_clipped(scenario: Scenario, clipped: Mapping[str, float]) -> None:
    """Refuse a run of which too many futures had a chance outside its range: ``clipped`` is their share, by place."""
    for place, share in clipped.items():
        if share > MOST_CLIPPED and place.startswith(PROBABILITIES):
            raise ModelError(
                f"{scenario.file}: {place}: in {100 * share:.1f} % of the futures this leaves its possible "
                "range; more than 1 % is refused. Give the inputs a distribution that stays inside it."
            )
