"""The command line: what is asked for reaches the engine, results and messages go where they belong, and how it ends.

The engine is a stand-in here, so that each way of ending can be had at will; `test_run.py` uses the real one.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import sibsim
from sibsim import cli
from sibsim.cli import output
from sibsim.errors import IdentityError, ModelError, Problem, ScenarioError
from sibsim.report import RENDERERS, Layout
from tests.summary_fixture import full_summary

ROOT = Path(__file__).parents[1]


class StandIn:
    """An engine that remembers what it was asked, and fails when told to."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.load_error: BaseException | None = None
        self.run_error: BaseException | None = None
        self.invalid: dict[str, ScenarioError] = {}
        self.warnings: tuple[str, ...] = ()

    def load(
        self, source: str, options: tuple[str, ...] = (), sets: tuple[str, ...] = (), is_whole: bool = False
    ) -> str:
        assert is_whole  # a run says which other versions of the file cannot be run
        self.asked.update(source=source, options=options, sets=sets)
        if self.load_error is not None:
            raise self.load_error
        return "the scenario"

    def check(self, source: str) -> Any:
        if source in self.invalid:
            raise self.invalid[source]
        return types.SimpleNamespace(warnings=self.warnings)

    def simulate(self, scenario: str, **asked: Any) -> Any:
        assert scenario == "the scenario"
        self.asked.update(asked)
        if self.run_error is not None:
            raise self.run_error
        return types.SimpleNamespace(summary=full_summary, n_draws=full_summary()["draws"])


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    loading, simulate = types.ModuleType("sibsim.loading"), types.ModuleType("sibsim.simulate")
    vars(loading).update(load=stand_in.load, check=stand_in.check, notes=lambda scenario: [])
    vars(simulate).update(simulate=stand_in.simulate)
    monkeypatch.setitem(sys.modules, "sibsim.loading", loading)
    monkeypatch.setitem(sys.modules, "sibsim.simulate", simulate)
    return stand_in


# ------------------------------------------------------------------------------------------------ what is asked
def test_run_without_a_file_runs_the_demonstration(engine: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run"]) == 0
    assert engine.asked.pop("progress") is None  # no terminal, no bar
    assert engine.asked == {
        "source": "stockholm-diabetes",
        "options": (),
        "sets": (),
        "n_draws": 16_384,
        "seed": 1,
        "workers": None,
        "sampling": "lattice",
    }
    shown = capsys.readouterr()
    assert shown.out == RENDERERS["text"](full_summary(), Layout())
    assert shown.err.startswith("16,384 futures in ")


def test_every_option_reaches_the_engine(engine: StandIn) -> None:
    options = ["--draws", "100000", "--seed", "7", "--workers", "2", "--sampling", "random"]
    changes = ["--option", "a", "--option", "b", "--set", "x.y=1 = 2", "--set", "participants.size=5"]
    assert cli.main(["run", "file.yaml", *options, *changes]) == 0
    asked = {key: engine.asked[key] for key in ("source", "n_draws", "seed", "workers", "sampling", "options", "sets")}
    assert asked == {
        "source": "file.yaml",
        "n_draws": 100_000,
        "seed": 7,
        "workers": 2,
        "sampling": "random",
        "options": ("a", "b"),
        "sets": ("x.y=1 = 2", "participants.size=5"),
    }


def test_quiet_leaves_standard_error_empty(engine: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_json_is_all_there_is_on_standard_output(engine: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == full_summary()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--draws", "-5"], "-5"),
        (["run", "--draws", "0"], "0"),
        (["run", "--draws", "1000000000000"], "100000000"),
        (["run", "--draws", "many"], "many"),
        (["run", "--seed", "-1"], "-1"),
        (["run", "--workers", "0"], "0"),
        (["run", "--sampling", "sobol"], "'lattice', 'random'"),
        (["run", "--format", "xml"], "'text', 'markdown', 'csv', 'json'"),
        (["run", "--set", "participants.size"], "path.to.key=value"),
        (["run", "--set", "=5"], "path.to.key=value"),
        (["run", "--frobnicate"], "--frobnicate"),
        (["run", "--out", "no/such/folder/file.txt"], "there is no folder"),
        (["run", "--out", "/"], "not an ordinary file"),
        (["portofolio", "x"], "portofolio"),
        (["validate"], "FILE"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(
    engine: StandIn, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert cli.main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert says in shown.err
    assert not engine.asked


# ------------------------------------------------------------------------------------------------ how it ends
def test_a_wrong_scenario_ends_with_1(engine: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(14, 12, "contract.cap", "must be 0 or more, got -5 [sic]")
    engine.load_error = ScenarioError("pilot.yaml", [problem])
    assert cli.main(["run", "pilot.yaml"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "pilot.yaml: 1 problem\n  14:12  contract.cap  must be 0 or more, got -5 [sic]\n"


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (ModelError("the chances leave 0 to 1"), 1, "the chances leave 0 to 1"),
        (IdentityError("2025-06: 3.00 lost in 'repayment'"), 3, "a fault of sibsim, please report"),
        (MemoryError(), 1, "not enough memory"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_each_failure_has_its_exit_code(
    engine: StandIn, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, says: str
) -> None:
    engine.run_error = error
    assert cli.main(["run"]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert says in shown.err
    assert "Traceback" not in shown.err
    assert str(error) in shown.err


def test_a_fault_in_the_code_is_not_hidden(engine: StandIn) -> None:
    engine.run_error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        cli.main(["run"])


def test_version_and_help_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"sibsim {sibsim.__version__}\n"
    assert cli.main(["--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2]
    listed_names = [line.split()[0] for line in listed.strip().splitlines()]
    asked = ["run", "settle", "compare", "portfolio", "explain", "flow", "diff", "combine", "reproduce"]
    assert listed_names == [*asked, "validate", "init", "generate", "list", "schema"]


# ------------------------------------------------------------------------------------------------ validate
def test_validate_looks_at_every_file(engine: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b.yaml", "d.yaml"):
        engine.invalid[name] = ScenarioError(name, [Problem(1, 1, "", "no title"), Problem(2, 1, "", "no start")])
    assert cli.main(["validate", "a.yaml", "b.yaml", "c.yaml", "d.yaml"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "a.yaml: valid\nc.yaml: valid\n"
    assert [line for line in shown.err.splitlines() if "problems" in line] == [
        "b.yaml: 2 problems",
        "d.yaml: 2 problems",
    ]


def test_validate_shows_warnings_and_still_ends_with_0(engine: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    engine.warnings = ("2025-06 moves to 2025-07 [grid]", "an input is not used")
    assert cli.main(["validate", "a.yaml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["a.yaml: valid, 2 warnings", "  2025-06 moves to 2025-07 [grid]", "  an input is not used"]


# ------------------------------------------------------------------------------------------------ where it goes
def test_out_holds_what_would_be_printed(engine: StandIn, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "report.txt"
    assert cli.main(["run", "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert out.read_bytes().decode("utf-8") == RENDERERS["text"](full_summary(), Layout())
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_out_is_not_touched_when_the_run_fails(engine: StandIn, tmp_path: Path) -> None:
    out = tmp_path / "report.txt"
    out.write_text("the old report")
    engine.run_error = ModelError("no")
    assert cli.main(["run", "--out", str(out)]) == 1
    assert out.read_text() == "the old report"


def test_out_is_not_touched_when_writing_fails(
    engine: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.txt"
    out.write_text("the old report")

    def full_disk(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    assert cli.main(["run", "--out", str(out)]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert out.read_text() == "the old report"
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_out_through_a_link_writes_what_it_points_to(engine: StandIn, tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    assert cli.main(["run", "--out", str(link)]) == 0
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == RENDERERS["text"](full_summary(), Layout())


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "layout"),
    [
        ({"COLUMNS": "72"}, Layout(72, has_style=True)),
        ({"COLUMNS": "72", "NO_COLOR": "1"}, Layout(72)),
        ({"COLUMNS": "72", "NO_COLOR": ""}, Layout(72, has_style=True)),
        ({"COLUMNS": "300", "TERM": "dumb"}, Layout(300)),
    ],
)
def test_a_terminal_sets_the_width_and_style(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], layout: Layout
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, setting in environment.items():
        monkeypatch.setenv(name, setting)
    assert output.layout_of(Terminal()) == layout
    assert output.layout_of(io.StringIO()) == Layout(80)


@pytest.mark.parametrize(
    ("environment", "encoding"),
    [
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "ascii"),  # Python itself puts that there
        ({"LANG": "sv_SE.UTF-8", "LC_ALL": "POSIX"}, "ascii"),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, "utf-8"),
        ({"LANG": "sv_SE.UTF-8"}, "utf-8"),
        ({"LANG": "C", "PYTHONIOENCODING": "utf-8"}, "utf-8"),
        ({}, "utf-8"),
    ],
)
def test_the_plainest_language_gets_the_plainest_signs(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], encoding: str
) -> None:
    for name in ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONIOENCODING"):
        monkeypatch.delenv(name, raising=False)
    for name, setting in environment.items():
        monkeypatch.setenv(name, setting)
    assert output.encoding_of(Terminal()) == encoding
    assert output.encoding_of(io.StringIO()) == "utf-8"  # what is not a terminal gets the same bytes everywhere


def test_a_bar_is_shown_only_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    bar = output.Bar()
    bar(1, 10)
    assert bar.shown is None
    bar.began -= 2
    monkeypatch.setattr(sys, "stderr", Terminal())
    bar(2, 10)
    assert bar.shown is not None
    assert bar.shown[0].tasks[0].completed == 2
    bar.stop()


PIPED = """
import sys, types
sys.path.insert(0, {root!r})
from tests.test_cli import StandIn
stand_in = StandIn()
for name in ("loading", "simulate"):
    module = sys.modules["sibsim." + name] = types.ModuleType("sibsim." + name)
    vars(module).update(load=stand_in.load, simulate=stand_in.simulate)
from sibsim.cli import main
sys.exit(main(["run", "--quiet"]))
"""


def test_a_closed_pipe_ends_quietly() -> None:
    code = PIPED.format(root=str(ROOT))
    program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert program.stdout is not None
    program.stdout.close()  # before anything is written: the first write finds nobody
    assert program.stderr is not None
    assert program.stderr.read() == b""
    program.stderr.close()
    assert program.wait(60) == 0


def test_a_terminal_that_cannot_show_a_sign_gets_another() -> None:
    code = PIPED.format(root=str(ROOT))
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, env=environment, check=True)
    shown = done.stdout.decode("cp1252")
    assert "16,384 futures · seed 1" in shown
    assert "22.8 |·." in shown  # the bars of a histogram are not among its signs


def test_python_m_sibsim_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sibsim", "--version"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout == f"sibsim {sibsim.__version__}\n"


def test_the_package_offers_the_function_not_the_module(engine: StandIn) -> None:
    """``sibsim.simulate`` is a module too; whoever imports it first, the name means the function."""
    assert sibsim.simulate == engine.simulate
    assert sibsim.load == engine.load
    sibsim.simulate = sys.modules["sibsim.simulate"]  # what Python does after importing the submodule
    assert sibsim.simulate == engine.simulate
