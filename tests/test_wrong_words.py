"""What is typed wrongly on the command line is answered with what to type instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.cli import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pilot.yaml"], "a command comes before the file: sibsim run pilot.yaml"),
        (["pilot.yaml", "run"], "a command comes before the file: sibsim run pilot.yaml"),
        (["help"], "type sibsim --help"),
        (["version"], "type sibsim --version"),
        (["validat", "x"], "did you mean validate?"),
        (["simulate"], "the commands are run, settle, compare, portfolio, explain, flow, diff, combine, reproduce, "),
        (["run", "--draws", "10,000"], "'10,000' is not a whole number; write 10000"),
        (["run", "--draws", "10 000"], "'10 000' is not a whole number; write 10000"),
        (["run", "--draws", "many"], "'many' is not a whole number, e.g. 200"),
        (["run", "--draws", "9" * 5000], "a number of 5000 digits is too long"),
        (["run", "--seed", "1.5"], "'1.5' is not a whole number, e.g. 200"),
        (["generate", "ten", "--out", "x"], "'ten' is not a whole number"),
    ],
)
def test_what_to_type_instead(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert says in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "name", "says"),
    [
        (["run"], "x.csv", "x.csv would hold text; add --format csv"),
        (["run", "--format", "json"], "x.md", "x.md would hold json; add --format markdown"),
        (["run"], "x.PDF", "name it otherwise (the formats of this command are text, markdown, csv, json)"),
        (["explain", "denver"], "x.csv", "name it otherwise (the formats of this command are text, json)"),
    ],
)
def test_a_file_named_for_another_format(
    tmp_path: Path, words: list[str], name: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--out", str(tmp_path / name)]) == 2
    assert says in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())
