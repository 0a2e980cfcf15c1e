"""Pieces of work on several processes: the same results in the same order, whatever becomes of the others."""

from __future__ import annotations

import itertools
import math
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from sibsim import workers as module
from sibsim.workers import FEWEST, in_order, prepare

PIECES = list(range(3 * FEWEST))
UNGUARDED = """\
import math, time
from sibsim.workers import in_order

def slowly(piece):
    time.sleep(0.05)
    return math.factorial(piece)

print(sum(in_order(slowly, range(40), 2)))
"""


def is_other() -> bool:
    return multiprocessing.parent_process() is not None


def killed_elsewhere(piece: int) -> int:
    """Another process dies of it; the one that asks takes its time, so that the others get some."""
    if is_other():
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return piece * piece


def failing_elsewhere(piece: int) -> int:
    if is_other():
        raise MemoryError
    time.sleep(0.02)
    return piece * piece


def gone_elsewhere(piece: int) -> int:
    """Another process ends without a word."""
    if is_other():
        raise SystemExit
    time.sleep(0.02)
    return piece * piece


def asked_in_a_pool(most: int) -> int:
    return sum(in_order(math.isqrt, range(most), 2))


class Turnless(module._Pieces):
    """Another process dies in its turn to take a piece, which nobody gets any more."""

    def take(self) -> int | None:
        if is_other():
            self.taken.get_lock().acquire()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().take()


def that_cannot_travel(piece: int) -> Callable[[], int]:
    time.sleep(0.02)
    return lambda: piece


def where(piece: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def slowly(piece: int) -> int:
    time.sleep(0.01)
    return piece


def large(piece: int) -> bytes:
    """More than the space between two processes holds."""
    time.sleep(0.01)
    return bytes([piece]) * 2_000_000


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_results_come_in_the_order_of_the_pieces(workers: int) -> None:
    assert list(in_order(math.factorial, PIECES, workers)) == [math.factorial(n) for n in PIECES]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_error_in_order_is_raised_after_what_came_before(workers: int) -> None:
    pieces = [float(n) if n not in (20, 30) else -float(n) for n in PIECES]
    got: list[float] = []

    def ask() -> None:
        for one in in_order(math.sqrt, pieces, workers):
            got.append(one)

    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        ask()
    assert got == [math.sqrt(n) for n in range(20)]


def test_who_stops_asking_leaves_no_work_behind() -> None:
    """And another process does take part."""
    prepare(2)
    some, seen = in_order(where, list(range(1000)), 2), set[int]()
    while len(seen) < 2:
        seen.add(next(some))
    (other,) = (p for p in multiprocessing.active_children() if p.pid in seen)
    some.close()  # type: ignore[attr-defined]
    other.join(timeout=10)
    assert not other.is_alive()


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_process_that_is_killed_costs_only_its_pieces() -> None:
    assert list(in_order(killed_elsewhere, PIECES, 3)) == [n * n for n in PIECES]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_who_dies_in_his_turn_is_waited_for_once_and_not_for_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_Pieces", Turnless)
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    began = time.monotonic()
    assert list(in_order(slowly, range(150), 2)) == list(range(150))
    assert time.monotonic() - began < 15  # not 0.2 s for each


def test_who_ends_without_a_word_is_not_waited_for() -> None:
    assert list(in_order(gone_elsewhere, PIECES, 2)) == [n * n for n in PIECES]


def test_one_of_a_pool_does_it_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        assert pool.map(asked_in_a_pool, [100]) == [sum(map(math.isqrt, range(100)))]
    assert capfd.readouterr().err == ""


def test_a_task_that_cannot_travel_is_done_here(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(in_order(lambda n: n, PIECES, 2)) == PIECES
    assert capfd.readouterr().err == ""


def test_what_fails_elsewhere_or_cannot_travel_is_done_here() -> None:
    assert list(in_order(failing_elsewhere, PIECES, 2)) == [n * n for n in PIECES]
    assert [result() for result in in_order(that_cannot_travel, PIECES, 2)] == PIECES


def test_large_results_come_whole() -> None:
    assert all(result == bytes([n]) * 2_000_000 for n, result in enumerate(in_order(large, PIECES, 3)))


def test_a_script_without_a_guard_does_its_work_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout.split() == [str(sum(map(math.factorial, range(40))))]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_ctrl_c_is_for_the_first_process_alone(tmp_path: Path) -> None:
    """At any moment, also while it or the others load: nothing but the code says so, and nobody stays."""
    program = "from sibsim.__main__ import main; print('here', flush=True); raise SystemExit(main())"
    arguments = [sys.executable, "-c", program, "run", "--draws", "1000000", "--workers", "2", "--quiet"]
    for seconds in (0.1, 0.9):
        begun = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        assert begun.stdout is not None
        assert begun.stdout.readline() == b"here\n"
        time.sleep(seconds)
        os.killpg(begun.pid, signal.SIGINT)
        out, err = begun.communicate(timeout=60)
        assert (begun.returncode, out, err) == (130, b"", b"")
        assert is_gone_soon(begun.pid)


def is_gone_soon(group: int) -> bool:
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


class Late:
    """A context whose process begins when all is done; what is asked of it is noted."""

    def __init__(self) -> None:
        self.begins, self.ended = Event(), Event()

    def Pipe(self, duplex: bool) -> tuple[Any, Any]:
        return multiprocessing.Pipe(duplex)

    def Process(self, **words: Any) -> Any:
        return SimpleNamespace(start=lambda: self.begins.wait(10), terminate=self.ended.set)


def test_who_begins_when_all_is_done_ends_at_once() -> None:
    """It would find nothing of what it was to load, and say so on the terminal."""
    late: Any = Late()
    team = module._Team(late, module._Pieces(abs, range(3), multiprocessing.get_context().Value("q", 0)), 1)
    assert list(itertools.islice(team.results(), 3)) == [0, 1, 2]
    team.disband()
    late.begins.set()
    team.starting.join(10)
    assert late.ended.is_set()
    assert team.others[0].connection.closed


class Stream:
    """Another process as it is seen from here: results that have come, in its own order."""

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = numbers

    def recv_bytes(self) -> bytes:
        if not self.numbers:
            raise EOFError
        return pickle.dumps((self.numbers.pop(0), [None]))

    def close(self) -> None:
        """There is nothing to close."""


def test_results_that_wait_stay_few_and_who_has_the_wanted_one_is_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second process has run ahead while the first is at piece 0: it is read from only until enough wait."""
    slow, fast = Stream([0]), Stream(list(range(1, 40)))
    most = 0

    def ready_ones(connections: list[Any], patience: float | None) -> list[Any]:
        nonlocal most
        most = max(most, len(team.ready))
        return [c for c in connections if c is fast] or [c for c in connections if c is slow]

    class Unstarted(module._Team):
        def _start(self) -> None:
            self.others = [module._Other(None, slow), module._Other(None, fast)]  # type: ignore[arg-type]

    monkeypatch.setattr(module, "wait", ready_ones)
    context = multiprocessing.get_context()
    team = Unstarted(context, module._Pieces(str, range(40), context.Value("q", 40)), 2)
    results: Iterator[Any] = team.results()
    assert [next(results) for _ in range(40)] == [None] * 40
    assert 8 <= most <= 2 * module.MOST_WAITING + 1
