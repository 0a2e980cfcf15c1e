"""`sibsim portfolio`: what it prints of a real portfolio, in every format, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sibsim import cli
from sibsim.cli.portfolio import _share
from sibsim.report import Layout
from sibsim.report.layout import width_of
from sibsim.report.portfolio import RENDERERS
from sibsim.report.results_schema import portfolio_schema

Capture = pytest.CaptureFixture[str]
THREE = str(Path(__file__).parent / "portfolios" / "three.yaml")
VALIDATOR = jsonschema.Draft202012Validator(portfolio_schema())
LEAST = ("--draws", "1", "--workers", "1", "--quiet")
OTHERWISE = {
    "as it stands": (),
    "no finance": ("--option", "one lender"),
    "no factors": ("--option", "nothing in common"),
    "no guarantee": ("--option", "no pool"),
    "a tranche is guaranteed": ("--set", "finance.guarantees={pool: {by: state, covers: senior, share: 50 %}}"),
    "one contract": ("--set", "holdings={one: {scenario: all-or-nothing.yaml}}", "--set", "factors=none"),
    "never a loss": (
        "--set",
        "holdings={one: {scenario: all-or-nothing.yaml, option: surely}}",
        "--set",
        "factors=none",
    ),
    "always lost": (
        *("--set", "holdings={one: {scenario: all-or-nothing.yaml, changes: {inputs.luck: 0}, copies: 3}}"),
        *("--set", "factors=none", "--set", "finance=none", "--set", "costs=none"),
    ),
    "too little money": ("--set", "finance.tranches.senior.amount=1 m"),
    "under stress": ("--factor", "economy=5%", "--chance-of-loss", "1%"),
}


def printed(capsys: Capture, *arguments: str) -> str:
    assert cli.main(["portfolio", THREE, *arguments, *LEAST]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys: Capture, *arguments: str, code: int = 2) -> str:
    assert cli.main(["portfolio", *arguments, *LEAST]) == code
    shown = capsys.readouterr()
    assert not shown.out
    return " ".join(shown.err.split())


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """By name the summary of each variant."""
    out = tmp_path_factory.mktemp("portfolio") / "told.json"
    found = {}
    for name, arguments in OTHERWISE.items():
        assert cli.main(["portfolio", THREE, *arguments, "--format", "json", "--out", str(out), *LEAST]) == 0
        found[name] = json.loads(out.read_text("utf-8"))
    return found


def text_of(summary: dict[str, Any]) -> str:
    return RENDERERS["text"](summary, Layout())


def flat(summary: dict[str, Any]) -> str:
    return " ".join(text_of(summary).split())


@pytest.mark.parametrize("name", OTHERWISE)
def test_whatever_it_is_it_keeps_to_its_schema_and_its_width(name: str, told: dict[str, dict[str, Any]]) -> None:
    VALIDATOR.validate(told[name])
    text = text_of(told[name])
    assert max(width_of(line) for line in text.splitlines()) <= 80
    assert not re.search(r"\bnan\b|\binf\b|\[\[|\{", text)


def test_each_kind_of_portfolio_is_asked_what_it_is(told: dict[str, dict[str, Any]]) -> None:
    whole = flat(told["as it stands"])
    assert "Should A bank invest in 'senior'?" in whole
    assert "What must The state expect as guarantor?" in whole
    assert "on average the contracts gain 1" in whole
    assert "The fund itself pays costs of 30.0 k on average" in whole
    alone = flat(told["no finance"])
    assert "invest" not in alone
    assert "And after the fund's own costs?" in alone
    assert "What must" not in flat(told["no guarantee"])
    assert "they are taken to be independent." in flat(told["no factors"])
    one = flat(told["one contract"])
    assert "the contract gives back less than was lent in 2" in one
    assert "contracts together" not in one
    never = flat(told["never a loss"])
    assert "back less than was lent in none of 8,192 futures (under 1 in 2,730)." in never
    assert "In every future it gains 200 k." in never
    assert "None is needed for a chance of loss of at most 5 of 100 futures." in never
    stress = flat(told["under stress"])
    assert "in every future 'economy' stands where it is lower in 5 % of all futures." in stress
    assert "at most 1 of 100 futures" in stress
    assert all(set(one) == {"stated"} for one in told["under stress"]["correlation"]["chance_of_loss"].values())


def test_what_is_always_lost(told: dict[str, dict[str, Any]]) -> None:
    always = flat(told["always lost"])
    assert "The 3 contracts together give back less than was lent in all of 8,192 futures (otherwise in" in always
    assert "In every future they lose 3.00 m." in always
    assert "Holding them together takes nothing off that" in always
    assert "On average 3 of the 3 do" in always
    assert "own costs" not in always.split("Means, limits")[0]


def test_money_that_lacks_is_told_with_its_size(told: dict[str, dict[str, Any]]) -> None:
    """Of 3 m lent on the first day and the fee 2 m are there; the mean is that of the futures in which it lacks."""
    found = told["too little money"]["funding"]
    assert found["shortfall"]["value"] == 1.0
    mean = found["shortfall_amount"]["value"]
    assert 1e6 < mean < 1.6e6
    assert re.search(
        r"is promised 2\.00 m; money is lacking in all of 8,192 futures .*?, then 1\.\d\d m",
        flat(told["too little money"]),
    )


@pytest.mark.parametrize("name", OTHERWISE)
def test_the_account_is_empty_at_the_end(name: str, told: dict[str, dict[str, Any]]) -> None:
    """A guarantee of a tranche goes to its lender, and what others pay when money lacks never passes the account."""
    assert math.isclose(told[name]["yearly"][-1]["balance"]["mean"], 0.0, abs_tol=1e-3)


def test_how_often_a_holding_loses_there_is_of_its_copies_together(told: dict[str, dict[str, Any]]) -> None:
    """So it can be set beside how often they lose in all futures: in the worst ones it is more often."""
    for name in ("as it stands", "no factors"):
        for one in told[name]["holdings"].values():
            assert one["in_the_worst"]["loses"]["value"] > one["probabilities"]["loss"]["value"]
    four = told["no factors"]["holdings"]["four"]
    assert four["in_the_worst"]["loses"]["value"] < 0.95  # one of the four loses in nearly all of them


def test_csv_has_a_row_a_future(told: dict[str, dict[str, Any]], capsys: Capture) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "--format", "csv"))))
    assert len(rows) == 8192
    assert {"factors.economy", "contracts.failing", "holdings.four.net_gain", "bank.irr"} <= set(rows[0])
    summary = told["as it stands"]
    mean = sum(float(row["contracts.net_loss"]) for row in rows) / len(rows)
    assert math.isclose(mean, summary["losses"]["net_loss"]["mean"], rel_tol=1e-9)


def test_the_schema_is_printed(capsys: Capture) -> None:
    assert cli.main(["schema", "--portfolio"]) == 0
    assert json.loads(capsys.readouterr().out) == portfolio_schema()
    assert cli.main(["schema", "--portfolio", "--flow"]) == 2


# ------------------------------------------------------------------------------------------------ bad input
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--chance-of-loss", "0"), "'0' must be more than 0 % and less than 100 %, e.g. 5%"),
        (("--chance-of-loss", "100%"), "'100%' must be more than 0 % and less than 100 %"),
        (("--chance-of-loss", "5"), "did you mean 5%?"),
        (("--chance-of-loss", "-5%"), "must be more than 0 %"),
        (("--chance-of-loss", "5 m"), "must be more than 0 %"),
        (("--chance-of-loss", "0,05"), "'0,05' is no share"),
        (("--chance-of-loss", "nan"), "'nan' is no share"),
        (("--chance-of-loss", ""), "'' is no share"),
        (("--factor", "economy"), "'economy' is not written as NAME=SHARE, e.g. economy=5%"),
        (("--factor", "=5%"), "'=5%' is not written as NAME=SHARE"),
        (("--factor", "economy=120%"), "'120%' must be more than 0 % and less than 100 %, e.g. economy=5%"),
        (("--factor", "economy=0%"), "'0%' must be more than 0 %"),
        (("--factor", "economy=low"), "'low' is no share"),
        (("--factor", "economy=5%", "--factor", "economy=6%"), "'economy' is given twice"),
        (("--factor", "nobody=5%"), "no factor is called 'nobody'; there are 'economy'"),
        (("--factor", "econmy=5%"), "did you mean 'economy'?"),
        (("--option", "nothing in common", "--factor", "economy=5%"), "the file has no `factors`"),
    ],
)
def test_options_that_are_wrong(arguments: tuple[str, ...], says: str, capsys: Capture) -> None:
    assert says in refused(capsys, THREE, *arguments)


def test_shares_may_be_written_as_people_do() -> None:
    assert {_share(text, "5%") for text in ("2.5%", "2.5 %", " 0.025 ")} == {0.025}


def test_a_contract_is_no_portfolio_and_no_file_is_none(capsys: Capture) -> None:
    assert "sibsim run" in refused(capsys, "no-investor", code=1)
    assert refused(capsys, "nowhere.yaml", code=1)


def test_help_tells_of_it(capsys: Capture) -> None:
    assert cli.main(["--help"]) == 0
    assert re.search(r"\n  portfolio +Several contracts held together", capsys.readouterr().out)
