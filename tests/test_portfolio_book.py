"""`portfolio --assumptions`: what a portfolio and each of its contracts assume, the changes put in."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from sibsim.cli import main
from sibsim.errors import ScenarioError
from sibsim.loading import assumption_book, load_portfolio, portfolio_book

SOUTH = "diabetes prevention in the south"


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["portfolio", *words, "--assumptions"]) == 0
    return capsys.readouterr().out


def test_a_contract_as_it_stands_has_the_book_of_its_own_run() -> None:
    book = portfolio_book("nordic-twelve")
    assert list(book.contracts) == [holding.name for holding in load_portfolio("nordic-twelve").holdings]
    assert book.contracts["child overweight"] == assumption_book("child-obesity")


def test_changes_of_a_holding_and_of_the_command_line_are_put_in() -> None:
    def size(*sets: str, of: str = SOUTH) -> tuple[str, str | None]:
        figures = portfolio_book("nordic-twelve", sets=sets).contracts[of].figures
        (found,) = (one for one in figures if (one.section, one.path) == ("participants", "size"))
        return found.shown, found.status

    assert size() == ("600", "assumed")
    assert size(f"holdings.{SOUTH}.changes.participants.size=700")[0] == "700"
    no_changes_before = "child overweight"
    assert size(of=no_changes_before)[0] == "1 000"
    assert size(f"holdings.{no_changes_before}.changes.participants.size=700", of=no_changes_before)[0] == "700"
    assert assumption_book("state-guarantee").figures != portfolio_book("nordic-twelve").contracts[SOUTH].figures


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("child overweight.changes.participants.sizze", "did you mean 'size'?"),
        ("nobody.changes.participants.size", "there is no 'holdings.nobody' to change"),
        ("child overweight.changes.nothing.like.it", "there is no 'nothing' to change"),
    ],
)
def test_a_change_that_leads_nowhere_is_told(path: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(said)):
        load_portfolio("nordic-twelve", sets=[f"holdings.{path}=700"])


def test_every_format_tells_the_fund_and_each_contract(capsys: pytest.CaptureFixture[str]) -> None:
    book = portfolio_book("two-bonds")
    text, marked = printed(capsys, "two-bonds"), printed(capsys, "two-bonds", "--format", "markdown")
    for name, contract in book.contracts.items():
        assert f"Assumptions of the contract '{name}': " in text
        assert f"Assumptions of the contract '{name}': " in marked
        bare_start = [one for one in contract.figures if one.section == "start" and not (one.source or one.status)]
        assert f"{len(contract.figures) - len(bare_start)} figures: " in text
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "two-bonds", "--format", "csv"))))
    counts = {name: sum(row["holding"] == name for row in rows) for name in ("", *book.contracts)}
    assert counts == {"": len(book.figures), **{name: len(one.figures) for name, one in book.contracts.items()}}
    found = json.loads(printed(capsys, "two-bonds", "--format", "json"))
    assert found["format"] == "sibsim.assumptions/1"
    assert set(found["contracts"]) == set(book.contracts)
    assert found["contracts"]["diabetes"]["sources"] == book.contracts["diabetes"].sources


@pytest.mark.parametrize("beside", [["--factor", "hard times=5%"], ["--chance-of-loss", "1%"], ["--save", "x"]])
def test_what_is_said_of_a_simulation_beside_it_is_refused(
    beside: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["portfolio", "two-bonds", "--assumptions", *beside]) == 2
    assert f"leave {beside[0]} out" in capsys.readouterr().err


def test_one_contract_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portfolio", "child-obesity", "--assumptions"]) == 1
    assert "this file is one contract" in capsys.readouterr().err
