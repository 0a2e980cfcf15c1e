"""Independent pieces of work on several processors, their results in order.

Threads do not help here: a block of futures is thousands of short array operations, and two threads spend their time
handing the interpreter's lock to each other. Processes cost a start of some tenths of a second, so that short runs do
without. The process that asks is one of the workers: it works while the others start, and what it does itself need not
be sent.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from threading import Thread
from typing import TypeVar

__all__ = ["FEWEST", "in_order"]

FEWEST = 16
"""Below so many pieces, starting processes costs more than they gain."""
AHEAD = 2
"""Pieces that each other process has: one in hand and one waiting, so that it never idles."""
MOST_WAITING = 6
"""Results for each other process that may wait for their turn."""
T = TypeVar("T")
R = TypeVar("R")


def in_order(task: Callable[[T], R], pieces: Sequence[T], workers: int | None, fewest: int = FEWEST) -> Iterator[R]:
    """The results of a task on every piece, in the order of the pieces.

    Parameters
    ----------
    task : callable
        Of one piece; it and the pieces can be pickled.
    pieces : sequence
    workers : int or None
        Processes, this one among them; None is one for each core.
    fewest : int
        With fewer pieces than this, all are worked on here.

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
    pool = _pool(workers - 1) if workers > 1 and len(pieces) >= fewest else None
    if pool is None:
        yield from map(task, pieces)
        return
    try:
        yield from _shared(task, pieces, pool, workers - 1)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _shared(task: Callable[[T], R], pieces: Sequence[T], pool: ProcessPoolExecutor, others: int) -> Iterator[R]:
    """The results in order: the other processes always have a piece in hand and one waiting, this one does the rest."""
    under_way: deque[Future[R]] = deque()
    todo = iter(pieces)
    ahead = max(1, min(AHEAD, len(pieces) // (2 * others + 2)))  # of few pieces, this process does its part
    is_more = True
    while is_more or under_way:
        while is_more and sum(not one.done() for one in under_way) < ahead * others:
            is_more = _begin(todo, lambda piece: under_way.append(pool.submit(task, piece)))
        while under_way and under_way[0].done():
            yield under_way.popleft().result()
        if is_more and len(under_way) < MOST_WAITING * others:
            is_more = _begin(todo, lambda piece: under_way.append(_done_here(task, piece)))
        elif under_way:
            yield under_way.popleft().result()


def _begin(todo: Iterator[T], begin: Callable[[T], None]) -> bool:
    """Begin the next piece; False if there is none."""
    for piece in todo:
        begin(piece)
        return True
    return False


def _done_here(task: Callable[[T], R], piece: T) -> Future[R]:
    """The result, or what went wrong, to be taken in its turn."""
    done: Future[R] = Future()
    try:
        done.set_result(task(piece))
    except Exception as error:
        done.set_exception(error)
    return done


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
