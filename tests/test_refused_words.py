"""What is typed and would be taken for something else, or would destroy what it reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sibsim import cli

PORTFOLIOS = Path(__file__).parent / "portfolios"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("three.yaml", "all-or-nothing.yaml"):
        shutil.copy(PORTFOLIOS / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["generate", "1", "--out", "new", "--currency", "EUR", "--dollar", "nan"], "'nan' is not a finite number"),
        (["generate", "1", "--out", "new", "--correlation", "nan"], "'nan' is not a finite number"),
        (["generate", "1", "--out", "new", "--start", "2100-01"], "from 1900-01 to 2099-12"),
        (["compare", "koto", "--up-to", "nan"], "'nan' is not a finite number"),
        (["run", "koto", "--seed", "1" * 44], "a number of 44 digits is too long; the most is 30"),
    ],
)
def test_no_number(asked: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(asked) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("command", ["portfolio", "run", "compare", "explain", "flow", "settle"])
def test_what_is_read_is_not_written_over(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "three.yaml"
    before = file.read_bytes()
    assert cli.main([command, str(file), "--out", str(folder / "." / "three.yaml")]) == 2
    assert "three.yaml is what is read; name another" in capsys.readouterr().err
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["saved", "saved/report.txt"])
def test_a_report_does_not_stand_where_the_run_is_saved(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be a file beside a saved run, which the next would not replace."""
    saved = folder / "saved"
    if "/" in name:
        saved.mkdir()
    assert cli.main(["portfolio", str(folder / "three.yaml"), "--save", str(saved), "--out", str(folder / name)]) == 2
    assert "is where --save puts the run" in capsys.readouterr().err
