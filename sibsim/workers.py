"""Independent pieces of work on several processors, their results in order.

Threads do not help here: a block of futures is thousands of short array operations, and two threads spend their time
handing the interpreter's lock to each other. Processes cost a start of some tenths of a second, so that short runs do
without.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from threading import Thread
from typing import TypeVar

__all__ = ["FEWEST", "in_order"]

FEWEST = 16
"""Below so many pieces, starting processes costs more than they gain."""
T = TypeVar("T")
R = TypeVar("R")


def in_order(task: Callable[[T], R], pieces: Sequence[T], workers: int | None) -> Iterator[R]:
    """The results of a task on every piece, in the order of the pieces.

    Parameters
    ----------
    task : callable
        Of one piece; it and the pieces can be pickled.
    pieces : sequence
    workers : int or None
        Processes; None is one for each core.

    Yields
    ------
    result
        Only a few wait at a time, so that memory stays small.

    Examples
    --------
    >>> list(in_order(abs, [-1, -2, 3], workers=2))
    [1, 2, 3]
    """
    workers = workers or os.cpu_count() or 1
    pool = _pool(workers) if workers > 1 and len(pieces) >= FEWEST else None
    if pool is None:
        yield from map(task, pieces)
        return
    waiting: list[Future[R]] = []
    try:
        for piece in pieces:
            waiting.append(pool.submit(task, piece))
            if len(waiting) > workers:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(workers: int) -> ProcessPoolExecutor | None:
    """Processes that start clean; None where the system has no room for them."""
    with suppress(OSError, ImportError, RuntimeError):
        context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
        if context.get_start_method() == "forkserver":
            context.set_forkserver_preload(["sibsim.simulate"])
        return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)
    return None


def _begin_worker() -> None:
    """Ctrl-C is for the process that the user started; a worker ends when that one does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
