"""A column of a file: only from the scenario's folder, only numbers; and what is told of anything else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load
from tests.support import deal

GOOD = "year,cost\n2020,100\n2021,200\n"


def scenario_of(folder: Path, file: str = "costs.csv", column: str = "cost") -> Path:
    amount = f"{{empirical: {{file: {file}, column: {column}}}}}"
    path = folder / "deal.yaml"
    path.write_text(deal(contract=f"{{payments: {{fee: {{amount: {amount}, at: 2021-01}}}}}}"), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    began = time.perf_counter()
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    assert time.perf_counter() - began < 1.0
    assert len(caught.value.problems) == 1, str(caught.value)
    problem = caught.value.problems[0]
    assert problem.line == 9
    return problem.message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no column is called 'cost'; the file is empty"),
        (b"\n\n", "no column is called 'cost'; the file is empty"),
        (b"year,Cost\n1,2\n", "no column is called 'cost'; did you mean 'Cost'?"),
        (b"year,income\n1,2\n", "no column is called 'cost'; it has year and income"),
        (b"cost,cost\n1,2\n", "two columns are called 'cost'"),
        (b"year,cost\n", "column 'cost' is empty"),
        (b"year,cost\n2020,100\n2021,\n", "line 3, column 'cost': is empty"),
        (b"year,cost\n2020,100\n2021\n", "line 3, column 'cost': is empty"),
        (b"year,cost\n2020,none\n", "line 2, column 'cost': 'none' is not a number"),
        (b'year,cost\n2020,"1,200"\n', "a comma is not read; write 1 200"),
        (b"year;cost\n2020;12,5\n", "a decimal comma is not read; write 12.5"),
        (b"year,cost\n2020,1e3\n", "write 1 000"),
        (b"year,cost\n2020,nan\n", "not a finite number"),
        (b"year,cost\n2020,5 %\n2021,200\n", "some parameters are percents and some are not"),
        (b"year,cost\n2020,5 EUR\n", "money in another currency than SEK and has no exchange rate"),
        (b"year,cost\n2020,\xff\xfe\n", "is not UTF-8 text"),
        (b"year,cost\n2020,\x00\n", "is it a CSV file?"),
        (b'year,cost\n2020,"' + b"9" * 200_000 + b'"\n', "line 2"),
        (b"cost\n" + b"1\n" * 100_001, "more than 100 000 lines"),
        (b"cost\n" + b"1" * 1_000_000, "is larger than 1 MB"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else "",
)
def test_what_is_not_a_column_of_numbers_is_said(tmp_path, data, says):
    (tmp_path / "costs.csv").write_bytes(data)
    assert says in refusal(scenario_of(tmp_path))


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("cost.csv", "no file 'cost.csv' in the scenario's folder; did you mean 'costs.csv'?"),
        ("folder", "no file 'folder' in the scenario's folder"),
        ("../costs.csv", "without '..'"),
        ("folder/../costs.csv", "without '..'"),
        ("..\\costs.csv", "without '..'"),
        ("/etc/passwd", "must be a file in the scenario's folder"),
        ("C:\\costs.csv", "must be a file in the scenario's folder"),
        ("'\\\\host\\costs.csv'", "must be a file in the scenario's folder"),
        ("link.csv", "is a link to a file outside the scenario's folder"),
        ("linked/costs.csv", "is a link to a file outside the scenario's folder"),
        ("[costs.csv]", "must be a text, got a list"),
        ("pipe", "no file 'pipe'"),
        ('"a\\0b"', "is not the name of a file"),
    ],
)
def test_only_files_of_the_scenarios_folder_are_opened(tmp_path, file, says):
    home, outside = tmp_path / "home", tmp_path / "outside"
    (home / "folder").mkdir(parents=True)
    outside.mkdir()
    for folder in (home, outside, tmp_path):
        (folder / "costs.csv").write_text(GOOD, encoding="utf-8")
    (home / "link.csv").symlink_to(outside / "costs.csv")
    (home / "linked").symlink_to(outside)
    os.mkfifo(home / "pipe")
    assert says in refusal(scenario_of(home, file))


def test_folders_and_links_inside_are_fine(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "costs.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "costs.csv").symlink_to(tmp_path / "data" / "costs.csv")
    for file in ("data/costs.csv", "costs.csv", "./costs.csv"):
        assert load(scenario_of(tmp_path, file)).inputs[0].distribution.mean == 150.0
    monkeypatch.chdir(tmp_path)
    assert load("deal.yaml").inputs[0].distribution.mean == 150.0


def test_another_file_gives_another_sha256(tmp_path):
    (tmp_path / "costs.csv").write_text(GOOD, encoding="utf-8")
    first = load(scenario_of(tmp_path)).inputs[0].distribution.describe()
    (tmp_path / "costs.csv").write_text(GOOD + "2022,150\n", encoding="utf-8")
    second = load(scenario_of(tmp_path)).inputs[0].distribution.describe()
    assert "sha256" in first
    assert first.split("sha256")[1][:13] != second.split("sha256")[1][:13]


def test_few_values_are_warned_of(tmp_path):
    (tmp_path / "costs.csv").write_text(GOOD, encoding="utf-8")
    assert any("has only 2 values" in w for w in load(scenario_of(tmp_path)).warnings)
    (tmp_path / "costs.csv").write_text("cost\n" + "".join(f"{i}\n" for i in range(1, 31)), encoding="utf-8")
    assert not any("has only" in w for w in load(scenario_of(tmp_path)).warnings)
