"""Independent pieces of work on several processors, their results in order.

Threads do not help here: a block of futures is thousands of short array operations, and two threads spend their time
handing the interpreter's lock to each other. Processes cost a start of some tenths of a second, so that short runs do
without. The process that asks is one of the workers: it works while the others start, and what it does itself need not
be sent.

Whoever is free takes the next piece, so that nobody waits for work. The other processes send what they found from a
thread that only writes; this one reads between two pieces of its own and not beside them, where each read would wait
for the interpreter's lock. What another process did not bring, because it failed or is gone, is done here: so an error
is raised by this process, in its turn, and a process that was killed costs only its pieces.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from queue import Queue
from threading import Thread
from typing import Any, TypeVar

__all__ = ["FEWEST", "in_order", "prepare"]

FEWEST = 16
"""Below so many pieces, starting processes costs more than they gain."""
MOST_WAITING = 6
"""Results for each other process that may wait for their turn."""
PATIENCE = 30.0
"""Seconds to wait for one's turn to take a piece: who does not get it, because somebody died in it, takes no more."""
LOADED = ["scipy.special", "sibsim.simulate", "sibsim.portfolio"]
"""What the other processes have loaded when they start, where they are copies of one that is ready."""
T = TypeVar("T")
R = TypeVar("R")


def in_order(task: Callable[[T], R], pieces: Sequence[T], workers: int | None, fewest: int = FEWEST) -> Iterator[R]:
    """The results of a task on every piece, in the order of the pieces.

    Parameters
    ----------
    task : callable
        Of one piece; it, the pieces and the results can be pickled.
    pieces : sequence
    workers : int or None
        Processes, this one among them; None is one for each core.
    fewest : int
        With fewer pieces than this, all are worked on here.

    Yields
    ------
    result
        Only a few wait at a time, so that memory stays small.

    Raises
    ------
    RuntimeError
        A script asks for other processes while it is read by one of them.

    Examples
    --------
    >>> list(in_order(abs, [-1, -2, 3], workers=2))
    [1, 2, 3]
    """
    workers = min(_number(workers), len(pieces))
    team = _team(task, pieces, workers - 1) if workers > 1 and len(pieces) >= fewest else None
    if team is None:
        yield from map(task, pieces)
        return
    try:
        yield from team.results()
    finally:
        team.disband()


def prepare(workers: int | None) -> None:
    """Begin to load what other processes need, beside what is done here, if so many workers are more than this process.

    For who knows that work will come, and has to read a file first. Nothing waits for it.
    """
    if _number(workers) > 1:
        with suppress(OSError, ImportError):
            context = _context()
            if context.get_start_method() == "forkserver":
                from multiprocessing import forkserver

                with _out_of_reach():
                    forkserver.ensure_running()


def _number(workers: int | None) -> int:
    return workers or os.cpu_count() or 1


def _context() -> multiprocessing.context.BaseContext:
    """How other processes are started: clean, and where it can be as copies of one that has loaded what they need."""
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(LOADED)
    return context


@contextmanager
def _out_of_reach() -> Iterator[None]:
    """Ctrl-C is for the process that the user started: those begun here do not get it, not even while they load."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # which lets signals through again, so: first
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# ------------------------------------------------------------------------------------------------ who takes what
@dataclass(frozen=True)
class _Pieces:
    """Pieces, of which each worker takes the next when it is free; ``taken`` is a number that all processes share."""

    task: Callable[[Any], Any]
    pieces: Sequence[Any]
    taken: Any

    def take(self) -> int | None:
        """The number of a piece that is now the caller's; None if none is left."""
        if not self.taken.get_lock().acquire(timeout=PATIENCE):
            return None
        try:
            number = int(self.taken.value)
            self.taken.value = min(number + 1, len(self.pieces))
        finally:
            self.taken.get_lock().release()
        return number if number < len(self.pieces) else None

    def done(self, number: int) -> list[Any]:
        """The result, by itself in a list; an empty list if it failed."""
        try:
            return [self.task(self.pieces[number])]
        except Exception:
            return []


# ------------------------------------------------------------------------------------------------ here
@dataclass
class _Other:
    """Another process, as this one knows it: where its results come from, and the number of the last that came."""

    process: multiprocessing.process.BaseProcess
    connection: Connection
    last: int = -1

    def end(self) -> None:
        self.process.terminate()
        self.connection.close()


@dataclass
class _Team:
    """This process and others, at work on the same pieces."""

    context: multiprocessing.context.BaseContext
    work: _Pieces
    size: int
    others: list[_Other] = field(default_factory=list)
    ready: dict[int, list[Any]] = field(default_factory=dict)
    """What is done and waits for its turn, as `_Pieces.done` gives it."""
    takes: bool = True
    """Whether there is anything left to take, as far as is known; who once got nothing does not wait for it again."""
    is_over: bool = False
    starting: Thread = field(init=False)

    def __post_init__(self) -> None:
        self.starting = Thread(target=self._start)
        self.starting.start()

    def _start(self) -> None:
        """Start the others, beside the work that begins here; fewer than wanted where there is no room."""
        with suppress(Exception), _out_of_reach():
            for _ in range(self.size):
                mine, theirs = self.context.Pipe(duplex=False)
                process = self.context.Process(target=_help, args=(self.work, theirs), daemon=True)  # type: ignore[attr-defined]
                process.start()
                theirs.close()
                self.others.append(_Other(process, mine))
                if self.is_over:  # before this one began: what it was to load is about to be taken away
                    self.others[-1].end()
                    return

    def results(self) -> Iterator[Any]:
        for number, piece in enumerate(self.work.pieces):
            while number not in self.ready:
                self._go_on(number)
            result = self.ready.pop(number)
            yield result[0] if result else self.work.task(piece)

    def _go_on(self, number: int) -> None:
        """One step towards a result: take in what has come, else do a piece, else wait."""
        if self._take_in(number, patience=0):
            return
        if self.takes and self._has_room():
            own = self.work.take()
            if own is not None:
                self.ready[own] = self.work.done(own)
                return
            self.takes = False
        self.starting.join()
        if not self._take_in(number, patience=None):
            self.ready[number] = []  # nobody has it who could still bring it

    def _has_room(self) -> bool:
        return len(self.ready) < MOST_WAITING * self.size

    def _take_in(self, number: int, patience: float | None) -> bool:
        """Take in what others have sent; where too much waits, only from those that may bring this number.

        Each brings its pieces in order: who has brought a later one does not have it.
        """
        asked = {other.connection: other for other in self.others if self._has_room() or other.last < number}
        came = wait(list(asked), patience) if asked else []
        for connection in came:
            self._receive(asked[connection])  # type: ignore[index]
        return bool(came)

    def _receive(self, other: _Other) -> None:
        try:
            other.last, self.ready[other.last] = pickle.loads(other.connection.recv_bytes())
        except (EOFError, OSError):  # it has finished, or is gone
            other.connection.close()
            self.others.remove(other)

    def disband(self) -> None:
        """Nobody takes anything more; who is still at work ends at once."""
        self.work.taken.get_obj().value = len(self.work.pieces)  # at once: somebody may have died in his turn
        self.is_over = True
        for other in self.others:
            other.end()


def _team(task: Callable[[T], R], pieces: Sequence[T], others: int) -> _Team | None:
    """This process and others; None where the system has no room for them."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        message = 'a script that asks for more than one worker needs `if __name__ == "__main__":` around what it does'
        raise RuntimeError(message)
    if multiprocessing.current_process().daemon:  # one of somebody's pool: it may not start others
        return None
    with suppress(OSError, ImportError, RuntimeError):
        context = _context()
        return _Team(context, _Pieces(task, pieces, context.Value("q", 0)), others)
    return None


# ------------------------------------------------------------------------------------------------ the other processes
def _help(work: _Pieces, connection: Connection) -> None:
    """Take pieces while there are any, and send what comes of each.

    Ctrl-C is for the process that the user started; this one ends when that one does, however it ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    found: Queue[bytes | None] = Queue(1)
    sending = Thread(target=_send, args=(found, connection), daemon=True)
    try:
        Thread(target=_end_with_parent, daemon=True).start()
        sending.start()
    except RuntimeError:  # no room for them: who asked does it all
        return
    while (number := work.take()) is not None:
        found.put(_packed(number, work.done(number)))
    found.put(None)
    sending.join()


def _packed(number: int, result: list[Any]) -> bytes:
    with suppress(Exception):
        return pickle.dumps((number, result), pickle.HIGHEST_PROTOCOL)
    return pickle.dumps((number, []))


def _send(found: Queue[bytes | None], connection: Connection) -> None:
    try:
        while (packed := found.get()) is not None:
            connection.send_bytes(packed)
        connection.close()
    except Exception:  # who asked wants no more, or what was found cannot be sent
        os._exit(1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
