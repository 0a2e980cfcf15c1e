"""Pieces of work on a cluster of Dask, their results in order; the library is fetched only when a cluster is asked for.

Every piece is a task of its own, a few for each processor at a time. A worker that is lost takes only its pieces with
it: they are done again elsewhere. Nobody takes part who has another sibsim: each task looks before it begins.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import time
import warnings
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from typing import Any, TypeVar

from sibsim.errors import ClusterError, SibsimError
from sibsim.versions import differing, made_with

__all__ = ["LOCAL", "on_cluster"]

LOCAL = "local"
"""The address of a cluster that is started here."""
CONNECT = 10.0
"""Seconds until a cluster must answer."""
PATIENCE = 60.0
"""Seconds without any worker before a cluster is given up."""
LOOK = 1.0
"""Seconds between looks at whether the cluster lives, while nothing arrives."""
AHEAD = 3
"""Pieces under way for each thread of the workers: one in hand, others waiting for it or for their turn."""
MUTE = logging.CRITICAL + 1
INSTALL = "--cluster needs Dask, which is not here: install it with  pip install 'sibsim[cluster]'"
T = TypeVar("T")
R = TypeVar("R")


def on_cluster(
    task: Callable[[T], R], pieces: Sequence[T], address: str = LOCAL, workers: int | None = None
) -> Iterator[R]:
    """The results of a task on every piece, in the order of the pieces.

    Parameters
    ----------
    task : callable
        Of one piece; it and the pieces can be pickled.
    pieces : sequence
    address : str
        Of the scheduler, e.g. ``tcp://10.0.0.5:8786``; ``local`` starts one here, and closes it in the end.
    workers : int or None
        Processes of a cluster that is started here; None is one for each core.

    Yields
    ------
    result
        A few pieces for each thread are under way at a time.

    Raises
    ------
    ClusterError
        Dask is not installed; no cluster answers, or it has no workers, or others than are fit; it has died.
    """
    distributed = _library()
    with ExitStack() as open_:
        open_.enter_context(_muted())
        client = open_.enter_context(_connected(distributed, address, workers))
        _refuse_unfit(client, address, made_with())
        yield from _results(distributed, client, task, pieces, address)


def _library() -> Any:
    try:
        import distributed
    except ImportError:
        raise ClusterError(INSTALL) from None
    return distributed


@contextmanager
def _muted() -> Iterator[None]:
    """What the library has to say of its inner life is nothing for the terminal: the end of it is told in words."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in ("distributed", "tornado")]
    loggers = [logging.getLogger(name) for name in dict.fromkeys([*names, "distributed", "tornado", "asyncio"])]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(MUTE)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _connected(distributed: Any, address: str, workers: int | None) -> Iterator[Any]:
    """A client of the cluster; what was begun for it ends with it."""
    with ExitStack() as open_:
        scheduler = address
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions of the library that differ; those that count are looked at
            try:
                if address == LOCAL:
                    local = _local(distributed, workers or os.cpu_count() or 1)
                    open_.callback(_quietly, local.close)
                    scheduler = local.scheduler_address
                else:
                    _knock(distributed, address)
                client = distributed.Client(scheduler, timeout=CONNECT, set_as_default=False)
            except (OSError, ValueError, TypeError, RuntimeError) as error:
                raise ClusterError(_unreached(address, error)) from None
        open_.callback(_quietly, client.close)
        yield client


def _knock(distributed: Any, address: str) -> None:
    """See whether a scheduler answers; OSError if none does in time.

    A client of the library may wait without end for somebody who listens and says nothing.
    """

    async def ask() -> None:
        words = distributed.Security().get_connection_args("client")
        comm = await distributed.comm.connect(distributed.comm.normalize_address(address), timeout=CONNECT, **words)
        try:
            await comm.write({"op": "identity", "reply": True})
            await comm.read()
        finally:
            comm.abort()

    async def in_time() -> None:
        await asyncio.wait_for(ask(), CONNECT)

    with ThreadPoolExecutor(1) as aside:  # where no other loop runs
        aside.submit(asyncio.run, in_time()).result()


def _local(distributed: Any, workers: int) -> Any:
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs=MUTE,
    )


def _quietly(close: Callable[[], None]) -> None:
    """End what may be gone already."""
    with suppress(Exception):
        close()


def _unreached(address: str, error: Exception) -> str:
    if address == LOCAL:
        return f"no cluster could be started here: {error}"
    return (
        f"no cluster answers at {address} within {CONNECT:.0f} seconds; is the scheduler running, and is this the "
        "address that it printed (tcp://HOST:PORT)?"
    )


# ------------------------------------------------------------------------------------------------ who takes part
def _refuse_unfit(client: Any, address: str, here: Mapping[str, str]) -> None:
    """Refuse a cluster without workers, and one that has another sibsim: its numbers might be others."""
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError:
        raise ClusterError(f"the cluster at {address} has no workers: start some, e.g. dask worker {address}") from None
    except Exception:
        raise ClusterError(_died(address)) from None
    try:
        found: dict[str, Any] = {"the scheduler": client.run_on_scheduler(made_with)}
    except Exception as error:
        found = {"the scheduler": error}
    with suppress(Exception):
        found.update({f"worker {name}": said for name, said in client.run(made_with, on_error="return").items()})
    for who, said in found.items():
        wrong = _unfit(who, said, here)
        if wrong:
            raise ClusterError(f"the cluster at {address} cannot be used: {wrong}")


def _unfit(who: str, said: Any, here: Mapping[str, str]) -> str:
    """What is wrong with one of the cluster, in words."""
    if not isinstance(said, dict):
        return f"{who} has no sibsim that works ({type(said).__name__}: {str(said)[:200]}); install it there as here"
    others = differing(said, here)
    return f"{who} has other versions than this machine ({', '.join(others)}); install the same there" if others else ""


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> tuple[Callable[[Any], Any], dict[str, str]]:
    """The task, and what it must be done with."""
    found: tuple[Callable[[Any], Any], dict[str, str]] = pickle.loads(zlib.decompress(packed))
    return found


def _given(packed: bytes) -> bytes:
    """The task as a piece of data of the cluster: it travels once to each worker, and is there again if one is lost."""
    return packed


def _do(packed: bytes, piece: Any) -> Any:
    """One piece, on a worker."""
    task, here = _unpacked(packed)
    wrong = _unfit("a worker", made_with(), here)
    if wrong:
        raise ClusterError(f"the cluster cannot be used: {wrong}")
    return task(piece)


# ------------------------------------------------------------------------------------------------ the work
def _results(distributed: Any, client: Any, task: Callable[[T], R], pieces: Sequence[T], address: str) -> Iterator[R]:
    """The results in order; pieces are given out as results are taken."""
    packed = zlib.compress(pickle.dumps((task, made_with())), 1)
    under_way: deque[Any] = deque()
    todo = iter(pieces)
    shared: list[Any] = []
    try:
        with _dies(address):
            shared.append(client.submit(_given, packed, pure=False))
        for _ in range(len(pieces)):
            with _dies(address):
                room = _room(client)
                while len(under_way) < room and (piece := next(todo, None)) is not None:
                    under_way.append(client.submit(_do, shared[0], piece, pure=False))
            yield _awaited(distributed, client, under_way[0], address)
            under_way.popleft().release()
    finally:
        _quietly(lambda: client.cancel([*under_way, *shared], force=True))


@contextmanager
def _dies(address: str) -> Iterator[None]:
    """Whatever a client says when nobody answers it any more: the end of the run."""
    try:
        yield
    except SibsimError:
        raise
    except Exception:
        raise ClusterError(_died(address)) from None


def _died(address: str) -> str:
    return f"the cluster at {address} has died or cannot be reached any more; there is no result"


def _deadly(address: str) -> str:
    return (
        f"the cluster at {address} lost one worker after another over the same piece of work; is there too little "
        "memory for each? There is no result"
    )


def _room(client: Any) -> int:
    """How many pieces may be under way."""
    return int(max(2, AHEAD * sum(client.nthreads().values())))


def _awaited(distributed: Any, client: Any, future: Any, address: str) -> Any:
    """The result of a piece, however long it takes, as long as there is a cluster with workers."""
    alone_since: float | None = None
    while True:
        try:
            return future.result(timeout=LOOK)
        except distributed.KilledWorker:
            raise ClusterError(_deadly(address)) from None
        except ImportError as error:  # of a worker that came later
            raise ClusterError(f"the cluster at {address} cannot be used: {_unfit('a worker', error, {})}") from None
        except Exception as error:
            if future.status == "error":  # of the work itself
                raise
            if not isinstance(error, TimeoutError) or future.status not in ("pending", "finished"):
                raise ClusterError(_died(address)) from None
        with _dies(address):
            if client.status != "running":
                raise ClusterError(_died(address))
            if client.nthreads():
                alone_since = None
            elif alone_since is None:
                alone_since = time.monotonic()
            elif time.monotonic() - alone_since > PATIENCE:
                raise ClusterError(f"the cluster at {address} has had no workers for {PATIENCE:.0f} seconds; no result")
