"""A job: the same stores however it is cut, and whoever does the pieces."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from sibsim.draws.streams import REPLICATE
from sibsim.jobs import Job, gather, run_job, some_of
from sibsim.loading import load
from sibsim.parties import MEAN, Table
from sibsim.results import LAYERS, Store
from sibsim.simulate import simulate, simulation
from tests.queues import text_of

N_REPLICATES = 11


def luck(replicates: range) -> np.ndarray[Any, Any]:
    rows = [np.random.default_rng(replicate).standard_normal(REPLICATE) for replicate in replicates]
    return np.concatenate(rows)


def work(replicates: range) -> dict[str, tuple[Table, int]]:
    """Numbers of every sort: different, the same, minus nothing, not a number, and not always there."""
    n = len(replicates) * REPLICATE
    drawn = luck(replicates)
    number = np.repeat(np.array(replicates), REPLICATE)
    table: Table = {
        ("a", "drawn"): drawn,
        ("a", "same"): 3.0,
        ("a", "same in an array"): np.full(n, 4.0),
        ("a", "step"): np.where(number < 5, 0.0, 1.0),
        ("a", "signs"): np.where(number == 7, drawn, np.where(drawn > 0, 0.0, -0.0)),
        ("a", "undefined"): np.where(number < 9, np.nan, 2.0),
        (MEAN, "a", "flow"): drawn * 2.0,
    }
    if 3 in replicates:
        table["a", "sometimes"] = np.where(number == 3, drawn, 0.0)
        table[MEAN, "a", "sometimes"] = np.where(number == 3, drawn, 0.0)
    found = {"run": (table, n)}
    few = min(replicates.stop, 8) - replicates.start
    if few > 0:
        found["few"] = ({("a", "fresh"): drawn[: few * REPLICATE] + 1.0}, few * REPLICATE)
    return found


def job_in(*ends: int) -> Job[dict[str, Store]]:
    pieces = [range(first, end) for first, end in zip((0, *ends), ends, strict=False)]
    return Job(work, dict, pieces, {"run": N_REPLICATES * REPLICATE, "few": 8 * REPLICATE})


def bits(stores: dict[str, Store]) -> dict[Any, bytes]:
    values = {(name, k): store.array(k).tobytes() for name, store in stores.items() for k in store.keys if k[0] != MEAN}
    means = {(name, k): s.replicate_means(k).tobytes() for name, s in stores.items() for k in s.keys if k[0] == MEAN}
    constants = {("same", name, k): repr(s.constant(k)).encode() for name, s in stores.items() for k in s.keys}
    parts = {
        ("last", name, k): repr(sorted(s.last_parts(k[:-1]))).encode() for name, s in stores.items() for k in s.keys
    }
    return values | means | constants | parts


@pytest.mark.parametrize("ends", [(11,), (8, 11), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (4, 9, 11)])
def test_stores_do_not_hang_on_the_pieces(ends: tuple[int, ...]) -> None:
    assert bits(run_job(job_in(*ends))) == bits(run_job(job_in(3, 11)))


@pytest.mark.parametrize("cuts", [(1,), (8,), (3, 7), tuple(range(1, 11))])
def test_parts_joined_are_the_whole(cuts: tuple[int, ...]) -> None:
    job = job_in(4, 8, 11)
    joined = {name: Store(n) for name, n in job.sizes.items()}
    for first, end in zip((0, *cuts), (*cuts, N_REPLICATES), strict=True):
        part = some_of(job, range(first, end))
        assert [n for piece in part.pieces for n in piece] == list(range(first, end))
        for name, store in run_job(part).items():
            joined[name].join(store)
    assert bits(joined) == bits(run_job(job))


def test_progress_counts_pieces() -> None:
    seen: list[tuple[int, int]] = []
    gather(job_in(4, 8, 11), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("with_queue", [False, True])
def test_a_simulation_is_a_job_that_can_be_sent(with_queue: bool, tmp_path: Any) -> None:
    stays = "{lognormal: {mean: 9 months, sd: 6 months}}"
    file = tmp_path / "queue.yaml"
    file.write_text(text_of(f"referrals: 3, until: 12 months, places: 9, time_in_service: {stays}", "dropout: 10 %"))
    scenario = load(file if with_queue else "child-obesity")
    whole = simulate(scenario, 9 * REPLICATE, seed=3)
    job = pickle.loads(pickle.dumps(simulation(scenario, 9 * REPLICATE, seed=3)))
    assert set(job.sizes) == {"run", *LAYERS}
    stores = {name: Store(n) for name, n in job.sizes.items()}
    for replicates in (range(0, 5), range(5, 9)):
        for name, store in run_job(some_of(job, replicates)).items():
            stores[name].join(store)
    assert bits(stores) == bits({"run": whole.store, **whole.layers})
    assert job.finish(stores).summary() == whole.summary()
