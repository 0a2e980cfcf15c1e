"""`sibsim generate`: what it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim import cli
from sibsim.loading import check_file, load_portfolio

Capture = pytest.CaptureFixture[str]


def made(folder: Path, number: int, *words: str) -> dict[str, str]:
    assert cli.main(["generate", str(number), "--out", str(folder), *words]) == 0
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_it_writes_files_that_are_valid_and_say_where_every_figure_comes_from(tmp_path: Path, capsys: Capture) -> None:
    written = made(tmp_path / "six", 6, "--seed", "3")
    assert "6 contracts and portfolio.yaml" in capsys.readouterr().err
    assert len(written) == 7
    kinds = set()
    for name in sorted(written)[:6]:
        scenario = check_file(tmp_path / "six" / name)
        (warning,) = scenario.warnings
        assert "have no source" in warning
        assert "nothing is said" not in warning
        assert "INDIGO" in scenario.sources
        kinds.add(scenario.title.partition(", type ")[2][0])
    assert kinds == {"A", "B"}
    portfolio = load_portfolio(tmp_path / "six" / "portfolio.yaml")
    assert len(portfolio.copies) == 6
    assert not portfolio.loadings
    assert len({holding.months for holding in portfolio.holdings}) > 1


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = made(tmp_path / "a", 2), made(tmp_path / "b", 2)
    assert one == other
    assert made(tmp_path / "c", 2, "--seed", "2") != one


def test_an_option_and_a_word_tie_results_together(tmp_path: Path) -> None:
    made(tmp_path / "free", 3)
    tied = load_portfolio(tmp_path / "free" / "portfolio.yaml", options=["results hang together"])
    made(tmp_path / "tied", 3, "--correlation", "0.25")
    stated = load_portfolio(tmp_path / "tied" / "portfolio.yaml")
    for portfolio, loading in ((tied, 0.1**0.5), (stated, 0.5)):
        assert {one.input for one in portfolio.loadings} == {"project", "course"}
        assert {round(one.loading, 3) for one in portfolio.loadings} == {round(loading, 3)}


def test_currency_type_and_start(tmp_path: Path) -> None:
    words = ("--currency", "SEK", "--dollar", "10.5", "--type", "B", "--start", "2027-04", "--planned", "85%")
    written = made(tmp_path / "new", 1, *words)
    assert "currency: SEK" in written["contract-001.yaml"]
    assert "type B" in written["contract-001.yaml"]
    assert "if 85 % of the most is paid" in written["contract-001.yaml"]
    assert "start: 2027-04\n" in written["portfolio.yaml"]
    check_file(tmp_path / "new" / "contract-001.yaml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("0",), "0 is not in the range"),
        (("1000",), "1000 is not in the range"),
        (("1", "--currency", "SEK"), "say what one is worth in SEK"),
        (("1", "--dollar", "10"), "say which with --currency"),
        (("1", "--currency", "kr"), "no code of a currency"),
        (("1", "--type", "A", "--revolving", "30%"), "there is no choice"),
        (("1", "--revolving", "130%"), "no share from 0 % to 100 %"),
        (("1", "--planned", "10%"), "under 30 %"),
        (("1", "--start", "2026"), "no month"),
        (("1", "--correlation", "1"), "not in the range"),
    ],
)
def test_what_is_refused(tmp_path: Path, capsys: Capture, words: tuple[str, ...], message: str) -> None:
    assert cli.main(["generate", *words, "--out", str(tmp_path / "new")]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mine.yaml").write_text("", encoding="utf-8")
    assert cli.main(["generate", "1", "--out", str(tmp_path)]) == 2
    assert "is not an empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path, capsys: Capture) -> None:
    assert cli.main(["generate", "1", "--out", str(tmp_path / "no" / "such")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_of_many_contracts_with_warnings_twelve_are_named(tmp_path: Path, capsys: Capture) -> None:
    assert cli.main(["generate", "20", "--out", str(tmp_path / "made")]) == 0
    assert cli.main(["validate", str(tmp_path / "made" / "portfolio.yaml")]) == 0
    out = capsys.readouterr().out
    assert out.count("contract-0") == 12
    assert " and 8 others" in out
