"""A cluster: a real scheduler and two worker processes give the bytes of one machine, also when one is killed."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim import cluster
from sibsim.cli import main
from sibsim.cluster import on_cluster
from sibsim.errors import ClusterError, ModelError, ScenarioError
from sibsim.jobs import Job, run_job
from sibsim.simulate import simulate, simulation
from sibsim.versions import made_with
from tests.support import SCENARIOS, scenario

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # what a library says of itself in another thread is no fault of a test
]


@pytest.fixture(scope="module")
def two() -> Iterator[Any]:
    """A scheduler and two worker processes."""
    with cluster._local(distributed, 2) as found:
        yield found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 1.0)


class Dying:
    """Work that ends the process it is done in, when some piece is tried for the first time."""

    def __init__(self, work: Any, folder: Path, at: int) -> None:
        self.work, self.folder, self.at = work, folder, at

    def __call__(self, piece: range) -> Any:
        mark = self.folder / f"{piece.start}"
        if piece.start == self.at and not mark.exists():
            mark.write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return self.work(piece)


def wrong_model(piece: range) -> Any:
    raise ModelError("no such numbers")


def wrong_scenario(piece: range) -> Any:
    raise ScenarioError("x.yaml", [])


class Client:
    """Stands for a cluster of two workers that does nothing."""

    def nthreads(self) -> dict[str, int]:
        return {"a": 1, "b": 1}

    def cancel(self, futures: list[Any], force: bool) -> None:
        self.cancelled = futures


# ------------------------------------------------------------------------------------------------ the same bytes
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no way to kill a process so here")
def test_a_killed_worker_costs_only_its_pieces(two: Any, tmp_path: Path) -> None:
    what = scenario("rate-card")
    alone = simulate(what, 9 * 1024, seed=5)
    job = simulation(what, 9 * 1024, seed=5, block=1)
    dying = Job(Dying(job.work, tmp_path, 2), job.finish, job.pieces, job.sizes)
    seen: list[tuple[int, int]] = []
    shared = run_job(dying, progress=lambda done, total: seen.append((done, total)), cluster=two.scheduler_address)
    assert {path.name for path in tmp_path.iterdir()} == {"2"}  # it was really killed
    assert seen == [(done, 9) for done in range(1, 10)]
    assert shared.summary() == alone.summary()
    for name, values in alone.per_draw().items():
        assert np.array_equal(shared.per_draw()[name], values, equal_nan=True)


def test_the_command_line_prints_the_bytes_of_one_machine(
    two: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", str(SCENARIOS / "rate-card.yaml"), "--draws", "9000", "--quiet", "--format", "csv"]
    assert main([*words, "--workers", "1"]) == 0
    alone = capsys.readouterr().out
    assert main([*words, "--cluster", two.scheduler_address, "--save", str(tmp_path / "run")]) == 0
    assert capsys.readouterr().out == alone
    assert main(["reproduce", str(tmp_path / "run"), "--workers", "1", "--quiet"]) == 0
    assert "to the last bit" in capsys.readouterr().out


def test_compare_prints_the_bytes_of_one_machine(two: Any, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", str(SCENARIOS / "rate-card.yaml"), "--option", "no service", "--draws", "9000", "--quiet"]
    assert main([*words, "--format", "json", "--workers", "1"]) == 0
    alone = capsys.readouterr().out
    assert main([*words, "--format", "json", "--cluster", two.scheduler_address]) == 0
    assert capsys.readouterr().out == alone
    assert main([*words, "--cluster", two.scheduler_address, "--workers", "2"]) == 2
    assert "leave --workers out" in " ".join(capsys.readouterr().err.split())


def test_a_local_cluster_is_started_and_closed(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Lent:
        """The one that is there, so that none need be started."""

        scheduler_address = two.scheduler_address

        def close(self) -> None:
            asked.append("closed")

    def start(library: Any, workers: int) -> Any:
        asked.append(workers)
        return Lent()

    monkeypatch.setattr(cluster, "_local", start)
    assert list(on_cluster(len, [range(2), range(5)], "local", 3)) == [2, 5]
    with pytest.raises(ModelError):
        list(on_cluster(wrong_model, [range(1)], "local"))
    assert asked == [3, "closed", os.cpu_count(), "closed"]


# ------------------------------------------------------------------------------------------------ how it ends
def test_errors_of_the_work_arrive_as_they_are(two: Any) -> None:
    with pytest.raises(ModelError, match="no such numbers"):
        list(on_cluster(wrong_model, [range(1)], two.scheduler_address))
    with pytest.raises(ScenarioError, match=r"x\.yaml: 0 problems"):
        list(on_cluster(wrong_scenario, [range(1)], two.scheduler_address))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (distributed.KilledWorker("piece", None, 4), "lost one worker after another"),
        (ModuleNotFoundError("No module named 'sibsim'"), "a worker has no sibsim that works"),
    ],
)
def test_a_piece_that_no_worker_can_do_ends_the_run(error: Exception, said: str) -> None:
    class Failed:
        status = "error"

        def result(self, timeout: float) -> Any:
            raise error

    class Deadly(Client):
        def submit(self, work: Any, *words: Any, pure: bool) -> Any:
            return Failed()

    with pytest.raises(ClusterError, match=said):
        list(cluster._results(distributed, Deadly(), len, [range(1)], "x"))


def test_a_cluster_that_dies_ends_in_a_message(impatient: None) -> None:
    one = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, host="127.0.0.1", protocol="tcp://",
        dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=60,
    )  # fmt: skip
    with one:
        results = on_cluster(len, [range(n) for n in range(20)], one.scheduler_address)
        assert next(results) == 0
        with suppress(TimeoutError):
            one.close(timeout=10)
        with pytest.raises(ClusterError, match="has died or cannot be reached any more; there is no result"):
            list(results)


def test_a_cluster_without_workers_is_told(impatient: None) -> None:
    with (
        distributed.LocalCluster(
            n_workers=0,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            processes=False,
            protocol="tcp://",
            silence_logs=60,
        ) as none,
        pytest.raises(ClusterError, match="has no workers"),
    ):
        list(on_cluster(len, [range(1)], none.scheduler_address))


def test_workers_that_go_and_do_not_come_back(two: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Gone:
        status = "running"

        def nthreads(self) -> dict[str, int]:
            return {}

    class Never:
        status = "pending"

        def result(self, timeout: float) -> Any:
            raise TimeoutError

    monkeypatch.setattr(cluster, "PATIENCE", 0.0)
    with pytest.raises(ClusterError, match="has had no workers"):
        cluster._awaited(distributed, Gone(), Never(), "tcp://x:1")


def test_other_versions_are_refused(two: Any) -> None:
    other = {**made_with(), "sibsim": "9.9"}
    with (
        distributed.Client(two.scheduler_address, set_as_default=False) as client,
        pytest.raises(ClusterError, match=r"the scheduler has other versions than this machine \(sibsim .* and 9\.9"),
    ):
        cluster._refuse_unfit(client, two.scheduler_address, other)
    import pickle
    import zlib

    with pytest.raises(ClusterError, match=r"a worker has other versions"):  # one that came later
        cluster._do(zlib.compress(pickle.dumps((len, other))), range(1))


def test_a_scheduler_that_is_gone_while_work_is_given_out() -> None:
    class Gone(Client):
        def submit(self, work: Any, *words: Any, pure: bool) -> Any:
            return "shared"

        def nthreads(self) -> dict[str, int]:
            raise AttributeError("'NoneType' object has no attribute 'ncores'")  # as the library says it

    with pytest.raises(ClusterError, match="has died or cannot be reached any more"):
        list(cluster._results(distributed, Gone(), len, [range(1)], "x"))


def test_few_pieces_are_under_way_at_a_time() -> None:
    under_way: set[int] = set()
    most: list[int] = []

    class Done:
        status = "finished"

        def __init__(self, piece: int) -> None:
            self.piece = piece
            under_way.add(piece)
            most.append(len(under_way))

        def result(self, timeout: float) -> int:
            return self.piece

        def release(self) -> None:
            under_way.discard(self.piece)

    class Quick(Client):
        def submit(self, work: Any, *words: Any, pure: bool) -> Any:
            return Done(words[1]) if len(words) > 1 else "shared"

    client = Quick()
    assert list(cluster._results(distributed, client, len, range(50), "x")) == list(range(50))
    assert max(most) == cluster.AHEAD * 2
    assert client.cancelled == ["shared"]


# ------------------------------------------------------------------------------------------------ bad input
def test_nobody_answers(impatient: None, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert main(["run", "child-obesity", "--cluster", address]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert f"no cluster answers at {address} within 1 seconds" in told.err
    assert "Traceback" not in told.err


def test_without_dask_one_message_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["run", "child-obesity", "--cluster", "local"]) == 1
    assert capsys.readouterr().err == f"{cluster.INSTALL}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--cluster", "here"), "no address of a scheduler"),
        (("--cluster", "tcp://x"), "no address of a scheduler"),
        (("--cluster", "tcp://x:1", "--workers", "2"), "leave --workers out"),
        (("--cluster", "local", "--assumptions"), "leave --cluster out"),
        (("--cluster", "local", "--blocks", "1/2", "--out", "x"), "leave --cluster out"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "child-obesity", *arguments]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
