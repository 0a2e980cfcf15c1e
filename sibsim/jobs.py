"""A question as a job: independent pieces of work on the futures of a run, and what is made of them in the end.

A job knows nothing of contracts: its work gives numbers by draw for some replicates, which are put one after the other
into stores, and its end makes results of the stores. So the pieces may be done here, by other processes, on other
machines or on other days: the stores are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from sibsim.draws.streams import REPLICATE
from sibsim.parties import Table
from sibsim.results import Store
from sibsim.workers import FEWEST, in_order

__all__ = ["Job", "Tables", "gather", "run_job", "some_of"]

Tables = dict[str, tuple[Table, int]]
"""By name of a store: the numbers of some draws, and how many draws they are."""
R = TypeVar("R", covariant=True)


@dataclass(frozen=True)
class Job(Generic[R]):
    """What is to be done for a question.

    Parameters
    ----------
    work : callable
        Of a range of replicates: numbers by draw for each store that holds any of these draws. It can be pickled, and
        what it gives for a replicate does not depend on which others are asked for with it.
    finish : callable
        Of the stores, by name, once they are full: the results.
    pieces : sequence of range
        Replicates worked on together, in order and without gaps; the first begins at 0.
    sizes : mapping of str to int
        Draws of each store. A store of fewer draws than the run holds those of the first replicates.
    fewest : int
        From how many pieces other processes are worth starting.

    Examples
    --------
    >>> def work(replicates):
    ...     return {"run": ({("dice", "one"): float(replicates.start == 0)}, len(replicates) * REPLICATE)}
    >>> job = Job(work, lambda stores: stores["run"].array(("dice", "one")).mean(), [range(1), range(1, 4)],
    ...           {"run": 4096})
    >>> float(run_job(job))
    0.25
    """

    work: Callable[[range], Tables]
    finish: Callable[[dict[str, Store]], R]
    pieces: Sequence[range]
    sizes: Mapping[str, int]
    fewest: int = FEWEST


def run_job(
    job: Job[R],
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
    cluster: str | None = None,
) -> R:
    """Do a job.

    Parameters
    ----------
    job : Job
    workers : int or None
        Processes; None is one for each core.
    progress : callable or None
        Called with (pieces done, pieces in all).
    cluster : str or None
        The address of a Dask scheduler, or ``local``: do the pieces there.

    Returns
    -------
    results
        What the end of the job makes of its stores.

    Raises
    ------
    ClusterError
        The cluster cannot be used, or has died.
    """
    return job.finish(gather(job, workers, progress, cluster))


def gather(
    job: Job[R],
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
    cluster: str | None = None,
) -> dict[str, Store]:
    """The stores of a job, by name, filled by all its pieces; see `run_job`."""
    stores = {name: Store(n_draws) for name, n_draws in job.sizes.items()}
    work = partial(_packed, job.work)
    if cluster is None:
        each = in_order(work, job.pieces, workers, job.fewest)
    else:
        from sibsim.cluster import on_cluster

        each = on_cluster(work, job.pieces, cluster, workers)
    for done, parts in enumerate(each, start=1):
        for name, part in parts.items():
            stores[name].join(part)
        if progress is not None:
            progress(done, len(job.pieces))
    return stores


def _packed(work: Callable[[range], Tables], replicates: range) -> dict[str, Store]:
    """The numbers of one piece, as small as they can travel."""
    stores: dict[str, Store] = {}
    for name, (table, n) in work(replicates).items():
        stores[name] = Store(n)
        stores[name].extend(table, n)
    return stores


def some_of(job: Job[R], replicates: range) -> Job[dict[str, Store]]:
    """The part of a job that works on some of its replicates; it gives the stores of these, to be joined later.

    Examples
    --------
    >>> whole = Job(dict, dict, [range(0, 8), range(8, 12)], {"run": 12 * 1024, "first": 8 * 1024})
    >>> part = some_of(whole, range(6, 10))
    >>> list(part.pieces), dict(part.sizes)
    ([range(6, 8), range(8, 10)], {'run': 4096, 'first': 2048})
    """
    cut = (range(max(p.start, replicates.start), min(p.stop, replicates.stop)) for p in job.pieces)
    sizes = {name: _overlap(replicates, n_draws) for name, n_draws in job.sizes.items()}
    return Job(job.work, dict, [piece for piece in cut if piece], sizes, job.fewest)


def _overlap(replicates: range, n_draws: int) -> int:
    """How many draws of a store of the first ``n_draws`` are of these replicates."""
    return max(0, min(replicates.stop * REPLICATE, n_draws) - replicates.start * REPLICATE)
