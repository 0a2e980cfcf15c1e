"""Files of bad_scenarios/ and bad_portfolios/ have one mistake each: the first line says what the message must say."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check, check_file

FOLDERS = ("bad_scenarios", "bad_portfolios")
FILES = sorted(path for folder in FOLDERS for path in (Path(__file__).parent / folder).glob("*.yaml"))
FIRST_LINE = re.compile(r"# expects: (?P<text>.*?)(?: \| line (?P<line>\d+):(?P<column>\d+))?")


def test_there_are_bad_scenarios() -> None:
    assert len(FILES) >= 35


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_bad_scenario(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        expected = FIRST_LINE.fullmatch(file.readline().rstrip("\n"))
    assert expected
    began = time.perf_counter()
    with pytest.raises(ScenarioError) as caught:
        (check if path.parent.name == "bad_portfolios" else check_file)(path)
    assert time.perf_counter() - began < 1.0
    found = [problem for problem in caught.value.problems if expected["text"] in problem.message]
    assert found, str(caught.value)
    assert str(path) in str(caught.value)
    if expected["line"]:
        assert (int(expected["line"]), int(expected["column"])) in {(p.line, p.column) for p in found}, str(
            caught.value
        )
