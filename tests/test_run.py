"""The whole way with the real engine: shipped scenarios and all their options, from the command to the last line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sibsim import cli
from sibsim.loading import find
from sibsim.report import RENDERERS, Layout
from tests.pages import summary
from tests.reports import NOT_A_NUMBER, check_report, check_sentences
from tests.support import as_it_stands, in_turn

ROOT = Path(__file__).parents[1]
NO_PEOPLE = "--set=participants.size=0"


SHIPPED = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
FIRST = ("stockholm-diabetes", "child-obesity")
CASES: list[Any] = [(name, None) for name in SHIPPED]
"""Beside these: contracts that were really signed (tests/real), and what the page of a scenario says of its options."""
CASES += in_turn([(name, option) for name in FIRST for option in as_it_stands(name).available_options], 4)
DEAR = ("reconnections", "harnosand-home-care")
OTHERS = [(name, option) for name in SHIPPED if name not in FIRST for option in as_it_stands(name).available_options]
CASES += in_turn([case for case in OTHERS if case[0] not in DEAR], 24)
CASES += [pytest.param(*case, marks=pytest.mark.long) for case in OTHERS if case[0] in DEAR]


@pytest.mark.parametrize(("name", "option"), CASES)
def test_every_shipped_contract_has_a_report(name: str, option: str | None) -> None:
    check_report(summary(name, option), option)


@pytest.mark.parametrize(("name", "option"), CASES)
def test_the_sentences_agree_with_the_draws(name: str, option: str | None) -> None:
    check_sentences(summary(name, option))


def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")} | {"PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "sibsim", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_the_demonstration_needs_no_arguments_and_gives_the_same_bytes_twice() -> None:
    first, second = run("run"), run("run", "stockholm-diabetes", "--workers", "1")
    assert first.stdout == second.stdout
    assert first.stdout == RENDERERS["text"](summary("stockholm-diabetes"), Layout())
    assert re.fullmatch(r"16,384 futures in [\d.]+ s\n", first.stderr)


def test_a_path_works_from_any_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_text(find("stockholm-diabetes").read_text(encoding="utf-8"), encoding="utf-8")
    assert cli.main(["validate", str(copy)]) == 0
    assert capsys.readouterr().out.startswith(f"{copy}: valid")
    assert cli.main(["run", str(copy), "--draws", "1", "--format", "json", "--set", "participants.size=100"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["draws"] == 8_192
    assert shown["outcomes"]["diabetes"]["people"] == 100


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "no-such-scenario"], "no-such-scenario"),
        (["run", "--option", "no such option"], "no such option"),
        (["run", "--set", "participants.sise=5"], "size"),
        (["run", "--set", "participants.size=minus five"], "participants.size"),
        (["run", "--set", "nowhere.at.all=5"], "nowhere"),
        (["run", "tests"], "tests"),
        (["validate", "no-such-file.yaml"], "no-such-file.yaml"),
    ],
)
def test_a_wrong_request_says_what_is_wrong(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert cli.main(arguments) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert says in shown.err


def test_a_contract_for_nobody_still_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--draws", "1", NO_PEOPLE, "--set", "costs.programme.amount=0"]) == 0
    assert not NOT_A_NUMBER.search(capsys.readouterr().out)
