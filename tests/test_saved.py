"""A run in a folder: what is kept, that it is there whole or not at all, and what doing it again finds."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim import versions
from sibsim.cli import main
from sibsim.cli.scale import as_json
from sibsim.errors import FileError
from sibsim.jobs import run_job
from sibsim.keeping import again, folder, saved
from sibsim.keeping.question import COMMANDS, Answer, Asked, Question, ask
from sibsim.keeping.saved import read_saved, save
from sibsim.loading import load
from tests.test_parts import BASE, CHILD

ROOT = Path(__file__).parents[1]
Run = tuple[Question, Any, Answer, str]


def write_files(path: Path) -> Path:
    (path / "tables").mkdir(parents=True)
    (path / "tables" / "people.csv").write_text("town,people\nA,20\nB,30\n")
    (path / "costs.csv").write_text("price\n1000\n1100\n1500\n")
    (path / "base.yaml").write_text(BASE)
    (path / "child.yaml").write_text(CHILD)
    return path / "child.yaml"


def do(file: Path, seed: int = 1) -> Run:
    question, loaded = ask(Asked("run", str(file), ("cheap",), ("price_year=2025",), 8192, seed))
    results = run_job(COMMANDS["run"].job(loaded, question.asked, 1))
    return question, loaded, results, as_json(results.summary())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """The same with two seeds."""
    file = write_files(tmp_path_factory.mktemp("saved") / "files")
    return do(file, 1), do(file, 2)


@pytest.fixture
def there(runs: tuple[Run, Run], tmp_path: Path) -> Path:
    """The first of them, saved."""
    save(tmp_path / "run", *runs[0], {"command": "run"})
    return tmp_path / "run"


def tree(path: Path) -> dict[str, str]:
    """Every file with the sum of its bytes."""
    files = [one for one in sorted(path.rglob("*")) if one.is_file()]
    return {one.relative_to(path).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


# ------------------------------------------------------------------------------------------------ what is kept
def test_what_a_folder_holds(there: Path, runs: tuple[Run, Run]) -> None:
    results = runs[0][2]
    assert (there / "summary.json").read_text(encoding="utf-8") == as_json(results.summary())
    with np.load(there / "draws.npz", allow_pickle=False) as kept:
        columns = results.per_draw()
        assert kept.files == list(columns)
        assert all(np.array_equal(kept[name], values, equal_nan=True) for name, values in columns.items())
    for name in ("child.yaml", "base.yaml", "costs.csv", "tables/people.csv"):
        assert (there / "scenario" / "own" / name).read_bytes() == runs[0][0].kept.files[f"own/{name}"]


def test_the_manifest_says_what_it_was_made_with(there: Path) -> None:
    said = json.loads((there / "manifest.json").read_text(encoding="utf-8"))
    assert said["asked"]["options"] == ["cheap"]
    assert said["asked"]["sets"] == ["price_year=2025"]
    assert (said["asked"]["seed"], said["asked"]["draws"], said["replicates"]) == (1, 8192, 8)
    assert said["lattice_dimensions"] == {"success rate": 0, "price": 1}
    assert {"sibsim", "code", "python", "numpy", "scipy", "simpy"} == set(said["made_with"])
    assert said["files"] == {name: sum_ for name, sum_ in tree(there).items() if name != "manifest.json"}


def test_the_scenario_as_one_file_is_the_scenario(there: Path, runs: tuple[Run, Run], tmp_path: Path) -> None:
    shutil.copytree(there / "scenario" / "own", tmp_path / "one")
    (tmp_path / "one" / "expanded.yaml").write_bytes((there / "scenario" / "expanded.yaml").read_bytes())
    loaded, told = load(tmp_path / "one" / "expanded.yaml"), runs[0][1]
    for part in ("title", "price_year", "inputs", "costs", "benefits", "cohorts", "payments", "available_options"):
        assert getattr(loaded, part) == getattr(told, part), part


def test_the_command_line_saves_prints_and_does_it_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = write_files(tmp_path / "files"), tmp_path / "out"
    words = ["run", str(file), "--draws", "8192", "--workers", "1", "--quiet", "--format", "json"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert main([*words, "--save", str(out), "--parquet"]) == 0
    assert capsys.readouterr().out == printed == (out / "summary.json").read_text(encoding="utf-8")
    shutil.rmtree(tmp_path / "files")
    assert main(["reproduce", str(out), "--quiet", "--workers", "1"]) == 0
    assert "Every number is the same, to the last bit" in capsys.readouterr().out
    command = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["command_line"]
    assert command["scenario"] == str(file)
    assert command["parquet"] is True


def test_parquet_holds_the_same_numbers(there: Path, runs: tuple[Run, Run], tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    save(tmp_path / "both", *runs[0], {}, has_parquet=True)
    table = pq.read_table(tmp_path / "both" / "draws.parquet")
    for name, values in runs[0][2].per_draw().items():
        assert np.array_equal(table[name].to_numpy(), values, equal_nan=True)


def test_parquet_without_pyarrow_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert main(["run", "child-obesity", "--save", str(tmp_path / "x"), "--parquet"]) == 1
    assert "pip install 'sibsim[parquet]'" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------ whole or not at all
def test_a_saved_run_is_replaced_whole(there: Path, runs: tuple[Run, Run]) -> None:
    (there / "draws.parquet").unlink(missing_ok=True)
    save(there, *runs[1], {})
    assert read_saved(there).asked.seed == 2
    assert [one.name for one in there.parent.iterdir()] == ["run"]


def test_other_folders_are_refused(there: Path, runs: tuple[Run, Run], tmp_path: Path) -> None:
    (there / "my notes.txt").write_text("mine")
    before = tree(tmp_path)
    with pytest.raises(FileError, match=r"holds 'my notes\.txt' beside a saved run"):
        save(there, *runs[1], {})
    (there / "manifest.json").unlink()
    with pytest.raises(FileError, match="holds other files than those of a saved run"):
        save(there, *runs[1], {})
    with pytest.raises(FileError, match="is a file; name a folder"):
        save(there / "my notes.txt", *runs[1], {})
    with pytest.raises(FileError, match="there is no folder"):
        save(there / "a" / "b", *runs[1], {})
    assert set(tree(tmp_path)) == set(before) - {"run/manifest.json"}
    (tmp_path / "empty").mkdir()
    save(tmp_path / "empty", *runs[1], {})


class Fails:
    """Stands for a function of the system, and fails as on a full disk when it is called for the nth time."""

    def __init__(self, real: Callable[..., Any], at: int) -> None:
        self.real, self.left = real, at

    def __call__(self, *words: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.real(*words)


@pytest.mark.parametrize("exchanges", [True, False])
@pytest.mark.parametrize("call", ["settle_file", "os.rename"])
def test_a_full_disk_leaves_what_was_there(
    call: str, exchanges: bool, there: Path, runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchanges:
        monkeypatch.setattr(folder, "_exchange", lambda one, other: False)
    before, failed, at = tree(there.parent), 0, 0
    where, name = (folder, "settle_file") if call == "settle_file" else (os, "rename")
    real = getattr(where, name)
    while True:
        at += 1
        fails = Fails(real, at)
        with monkeypatch.context() as patched:
            patched.setattr(where, name, fails)
            try:
                save(there, *runs[1], {})
            except FileError as error:
                failed += 1
                message = str(error)
            else:
                break
        assert "No space left on device; what was there before is untouched" in message
        assert tree(there.parent) == before
    files = len(tree(there))
    assert failed == (files if call == "settle_file" else 0 if exchanges and folder._exchange(there, there) else 2)
    assert read_saved(there).asked.seed == 2


def test_a_full_disk_still_shows_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(folder, "settle_file", Fails(folder.settle_file, 3))
    words = ["run", str(write_files(tmp_path / "files")), "--draws", "8192", "--workers", "1"]
    assert main([*words, "--save", str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    assert "A municipality" in told.out
    assert "could not be saved: No space left on device" in told.err
    assert [one.name for one in tmp_path.iterdir()] == ["files"]


KILLED = """
import hashlib, os, signal, sys
from pathlib import Path
import numpy as np
from sibsim.keeping import folder, saved
from sibsim.keeping.question import Asked, ask
from sibsim.keeping.saved import save
from tests.test_saved import tree

home = Path(sys.argv[1])

class Few:
    n_draws = 3
    def __init__(self, number):
        self.number = number
    def per_draw(self):
        return {"a": np.full(3, self.number)}

def few(seed):
    question, loaded = ask(Asked("run", str(home / "child.yaml"), (), (), 8192, seed))
    return question, loaded, Few(seed), f"{seed}"

first, second = few(1), few(2)
save(home / "new", *second, {})
new = tree(home / "new")

def dies(real, left):
    def call(*words):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*words)
    return call

found = None
for at in range(1, 100):
    if found is None or found != old:
        save(home / "run", *first, {})
        old = tree(home / "run")
    child = os.fork()
    if child == 0:
        left = [at]
        for where, name in ((folder, "settle_file"), (folder, "sync_folder"), (os, "rename"), (os, "rmdir"),
                            (folder, "_exchange")):
            setattr(where, name, dies(getattr(where, name), left))
        save(home / "run", *second, {})
        os._exit(0)
    _, status = os.waitpid(child, 0)
    found = tree(home / "run")
    state = "old" if found == old else "new" if found == new else found
    print(at, os.WIFSIGNALED(status) and os.WTERMSIG(status), state)
    if not os.WIFSIGNALED(status):
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no way to be killed at a chosen moment here")
def test_a_kill_leaves_the_old_run_or_the_new_one(tmp_path: Path) -> None:
    write_files(tmp_path / "files")
    words = [sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path / "files")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert len(told) > 12
    assert {signal for _, signal, _ in told[:-1]} == {"9"}
    states = [state for _, _, state in told]
    assert set(states) == {"old", "new"}
    assert states == sorted(states, reverse=True)
    assert told[-1][1:] == ["False", "new"]


# ------------------------------------------------------------------------------------------------ done again
def reproduced(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["reproduce", str(path), "--quiet", "--workers", "1"])
    told = capsys.readouterr()
    return code, told.out + told.err


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def number_in_draws(there: Path) -> None:
    from sibsim.keeping.saved import DRAWS, _write_columns

    with np.load(there / DRAWS) as kept:
        columns = {name: kept[name].copy() for name in kept.files}
    columns["investor.moic"][4711] = np.nextafter(columns["investor.moic"][4711], 9.0)
    with open(there / DRAWS, "wb") as file:
        _write_columns(columns, file)


def number_in_summary(there: Path) -> None:
    said = json.loads((there / "summary.json").read_text(encoding="utf-8"))
    said["parties"]["investor"]["metrics"]["moic"]["mean"] *= 1.0000001
    (there / "summary.json").write_text(json.dumps(said), encoding="utf-8")


def resealed(change: Callable[[Path], None]) -> Callable[[Path], None]:
    """The same by somebody who sets the sums in the manifest right again."""

    def changed_and_sealed(there: Path) -> None:
        change(there)
        said = json.loads((there / "manifest.json").read_text(encoding="utf-8"))
        said["files"] = {name: sum_ for name, sum_ in tree(there).items() if name != "manifest.json"}
        (there / "manifest.json").write_text(json.dumps(said), encoding="utf-8")

    return changed_and_sealed


def other_table(there: Path) -> None:
    (there / "scenario/own/costs.csv").write_text("price\n1000\n1100\n1501\n")


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a table": (other_table, "costs.csv has changed"),
    "a table, sealed": (resealed(other_table), "largest_year.p95 was"),
    "a remark": (lambda there: changed(there / "scenario/own/base.yaml", "title:", "# why\ntitle:"), "has changed"),
    "the summary": (number_in_summary, "parties.investor.metrics.moic.mean was"),
    "the summary, sealed": (resealed(number_in_summary), "parties.investor.metrics.moic.mean was"),
    "a future": (number_in_draws, "investor.moic, future 4,712 was"),
    "a future, sealed": (resealed(number_in_draws), "investor.moic, future 4,712 was"),
    "the seed": (lambda there: changed(there / "manifest.json", '"seed": 1', '"seed": 2'), "seed was 1, is 2"),
    "an option": (lambda there: changed(there / "manifest.json", '"cheap"', '"broken"'), "costs.service.amount"),
    "no table": (lambda there: (there / "scenario/own/costs.csv").unlink(), "no file 'costs.csv'"),
    "no base": (lambda there: (there / "scenario/own/base.yaml").unlink(), "there is no file 'base.yaml'"),
    "no scenario": (lambda there: (there / "scenario/own/child.yaml").unlink(), "the scenario itself is not"),
    "no text": (lambda there: (there / "scenario/expanded.yaml").unlink(), "expanded.yaml is missing"),
    "no futures": (lambda there: (there / "draws.npz").unlink(), "draws.npz is missing"),
    "cut futures": (lambda there: os.truncate(there / "draws.npz", 1000), "is cut off"),
    "no summary": (lambda there: (there / "summary.json").unlink(), "summary.json cannot be read"),
    "no manifest": (lambda there: (there / "manifest.json").unlink(), "is not a saved run"),
    "another form": (lambda there: changed(there / "manifest.json", "saved/1", "saved/2"), "saved in another form"),
    "a cut manifest": (lambda there: os.truncate(there / "manifest.json", 100), "is not the manifest"),
    "a path out": (lambda there: changed(there / "manifest.json", '"summary.json"', '"../x"'), "is not the manifest"),
}


@pytest.mark.parametrize("what", list(CHANGES))
def test_a_change_is_found(what: str, there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, said = CHANGES[what]
    change(there)
    code, told = reproduced(there, capsys)
    assert code == 1
    assert said in told
    assert "Traceback" not in told
    assert len(told.splitlines()) < 40


def test_other_versions_are_told_and_allow_other_last_digits(
    there: Path, runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    resealed(number_in_draws)(there)
    monkeypatch.setattr(again, "made_with", lambda: {**versions.made_with(), "numpy": "9.9"})
    found = again.compare(read_saved(there), runs[0][2], as_json)
    assert found.is_same
    assert found.last_bits == 1
    assert [one for one in found.others if one.startswith("numpy")] == [f"numpy {np.__version__} and 9.9"]
    resealed(number_in_summary)(there)
    assert not again.compare(read_saved(there), runs[0][2], as_json).is_same


def last_digits_in_summary(there: Path) -> None:
    said = json.loads((there / "summary.json").read_text(encoding="utf-8"))
    said["parties"]["payer"]["metrics"]["outcome_payments"]["mean"] *= 1.0 + 1e-12
    (there / "summary.json").write_text(json.dumps(said), encoding="utf-8")


def test_last_digits_of_a_figure_count_where_nothing_else_is_other(
    there: Path, runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A millionth of a krona on a million: by the largest figure beside it that is less than 1e-9."""
    resealed(last_digits_in_summary)(there)
    found = again.compare(read_saved(there), runs[0][2], as_json)
    assert (found.is_same, found.differences, found.last_bits) == (False, 1, 0)
    monkeypatch.setattr(again, "made_with", lambda: {**versions.made_with(), "numpy": "9.9"})
    found = again.compare(read_saved(there), runs[0][2], as_json)
    assert (found.is_same, found.differences, found.last_bits) == (True, 0, 1)


def test_every_number_that_differs_is_counted_and_some_are_told(there: Path, runs: tuple[Run, Run]) -> None:
    with np.load(there / "draws.npz") as kept:
        columns = {name: kept[name].copy() for name in kept.files}
    columns["investor.moic"][:30] += 1.0
    with open(there / "draws.npz", "wb") as file:
        saved._write_columns(columns, file)
    found = again.compare(read_saved(there), runs[0][2], as_json, most_shown=7)
    assert (found.differences, len(found.shown)) == (30, 7)
    assert found.files == ["draws.npz has changed since it was saved"]


def test_a_column_that_is_no_more_is_told(there: Path, runs: tuple[Run, Run]) -> None:
    with np.load(there / "draws.npz") as kept:
        columns = {name: kept[name].copy() for name in kept.files}
    columns["investor.more"] = columns["investor.moic"]
    with open(there / "draws.npz", "wb") as file:
        saved._write_columns(columns, file)
    found = again.compare(read_saved(there), runs[0][2], as_json)
    assert found.shown == ["draws.npz: investor.more is no more"]


def test_any_line_of_the_code_changes_its_sum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other ends of lines are the same code."""
    monkeypatch.setattr(versions.sibsim, "__file__", str(tmp_path / "__init__.py"))
    seen = []
    for text in (b"a = 1\n", b"a = 1\r\n", b"a = 2\n"):
        (tmp_path / "a.py").write_bytes(text)
        seen.append(versions._code())
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    seen.append(versions._code())
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


def test_a_version_that_is_not_here_is_told(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(there / "manifest.json", f'"{np.__version__}"', '"1.0"')
    code, told = reproduced(there, capsys)
    assert code == 0
    assert f"numpy 1.0 and {np.__version__}" in told


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", str(tmp_path / "x")]) == 2
    assert main(["reproduce", str(tmp_path)]) == 1
    assert "is not a saved run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--save", ""), 2, "must name a folder"),
        (("--parquet",), 2, "--parquet goes with --save DIR"),
        (("--save", "x", "--assumptions"), 2, "leave --save out"),
        (("--save", "x", "--blocks", "1/2", "--out", "y"), 2, "leave --save out"),
        (("--save", "none/x"), 1, "there is no folder"),
        (("--save", "/"), 1, "name a folder within it"),
        (("--save", "."), 1, "holds other files"),
    ],
)
def test_wrong_use_of_save(
    arguments: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thesis.txt").write_text("mine")
    assert main(["run", "child-obesity", "--quiet", *arguments]) == code
    assert said in " ".join(capsys.readouterr().err.split())
    assert saved.MANIFEST not in [one.name for one in tmp_path.rglob("*")]
