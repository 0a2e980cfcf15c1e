"""`sibsim schema`: an editor that reads it accepts what sibsim accepts, and marks unknown keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sibsim.loading.finding import portfolio_folder, scenario_folder
from sibsim.loading.schema import scenario_schema, without_form
from sibsim.loading.tables import TABLES

TESTS = Path(__file__).parent
FOLDERS = (portfolio_folder(), TESTS / "scenarios", TESTS / "portfolios")
GOOD = sorted([*scenario_folder().rglob("*.yaml"), *(path for folder in FOLDERS for path in folder.glob("*.yaml"))])
SCHEMA = scenario_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


class Core(yaml.SafeLoader):
    """YAML 1.2 as editors read it: no dates, no `yes`, no octal numbers."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", "~|null|Null|NULL|", "~nN\0"),
    ("int", "[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))


def as_editors_read(text: str) -> Any:
    """A YAML text as JSON: keys are texts."""
    return json.loads(json.dumps(yaml.load(text, Loader=Core)))


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_every_key_has_a_form() -> None:
    assert without_form() == [], "say in sibsim/loading/schema.py what these keys take"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_what_is_good_is_accepted(path: Path) -> None:
    best = jsonschema.exceptions.best_match(VALIDATOR.iter_errors(as_editors_read(path.read_text("utf-8"))))
    assert best is None, f"{best.json_path}: {best.message}"


@pytest.mark.parametrize(
    ("drawn", "is_good"),
    [
        ("upfront", True),
        ({"value": "upfront", "source": "DEAL", "status": "published"}, True),
        ({"2026-01": "1 m", "2027-01": {"value": "6 m", "source": "DEAL"}}, True),
        ({"value": "at once"}, False),
        ({"value": {"2026-01": "1 m"}, "source": "DEAL"}, False),  # the loader asks for the source at each amount
    ],
)
def test_when_money_is_drawn_and_where_that_is_said(drawn: object, is_good: bool) -> None:
    tranche = {"$ref": "#/$defs/tranches", "$defs": SCHEMA["$defs"]}
    assert jsonschema.Draft202012Validator(tranche).is_valid({"amount": "9 m", "drawn": drawn}) == is_good


def test_every_key_is_described() -> None:
    assert set(SCHEMA["properties"]) == {key.name for key in TABLES["file"] if key.parse} | {"note"}
    for section, keys in TABLES.items():
        if section in SCHEMA["$defs"]:
            described = SCHEMA["$defs"][section]["properties"]
            assert {key.name for key in keys if key.parse} <= set(described)
            assert all(described[key.name].get("description") for key in keys if key.parse and key.meaning)


SMALL = """\
sibsim: 1
title: Fewer relapses
currency: SEK
start: 2026-01
parties: {payer: The municipality, investor: A fund, provider: A charity}
inputs: {relative risk: {lognormal: {interval_95: [0.70, 0.95]}, status: assumed}}
participants: {size: 300, duration: 12 months}
outcomes: {relapse: {type: event, better: fewer, without: 50 %, effect: {ratio: relative risk}}}
measures: {fewer relapses: {of: relapse, as: relative_improvement, comparison: {rct: 300}, lag: 3 months}}
contract:
  payments:
    success: {measure: fewer relapses, steps: [[10 %, 4 m], [20 %, 6 m]], by: {payer: {2026-01: 50 %}, provider: rest}}
costs: {programme: {amount: 13 000, per: starter}}
benefits: {less care: {of: relapse, kind: cashable, worth: {value: 60 000, status: assumed}}}
finance: {tranches: {loan: {amount: {2026-01: 4 m, 2027-01: 3 m}}}}
"""


def test_the_small_one_is_accepted() -> None:
    assert VALIDATOR.is_valid(as_editors_read(SMALL))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title:", "titel:"),
        ("size: 300", "sise: 300"),
        ("size: 300", "size: 9,000"),
        ("size: 300", "size: 8e"),
        ("size: 300", "size: [300]"),
        ("duration: 12 months", "duration: 12 m"),
        ("duration: 12 months", "duration: 12"),
        ("type: event", "type: evnt"),
        ("better: fewer", "beter: fewer"),
        ("without: 50 %", "without: {per_yer: 5 %}"),
        ("ratio: relative", "ration: relative"),
        ("lognormal:", "lognormel:"),
        ("interval_95: [0.70, 0.95]", "interval_95: [0.70]"),
        ("interval_95: [0.70, 0.95]", "mean: 0.70"),
        ("status: assumed}}\npart", "status: guessed}}\npart"),
        ("{rct: 300}", "{rtc: 300}"),
        ("lag: 3 months", "leg: 3 months"),
        ("steps: [[10 %, 4 m], [20 %, 6 m]]", "steps: [[10 %, 4 m, 5 m]]"),
        ("2026-01: 50 %", "2026-1: 50 %"),
        ("per: starter", "per: person"),
        ("kind: cashable", "kind: cash"),
        ("value: 60 000", "valu: 60 000"),
        ("amount: {2026-01: 4 m, 2027-01: 3 m}", "amount: {first: 4 m, second: 3 m}"),
        ("finance:", "changes: {participants.size: 5}\nfinance:"),
        ("currency: SEK\n", ""),
        ("currency: SEK", "currency: kronor"),
        ("sibsim: 1", "sibsim: 2"),
        ("sibsim: 1", "sibsim: 1\nextends: base.yaml"),
    ],
)
def test_what_is_wrong_is_marked(old: str, new: str) -> None:
    assert SMALL.count(old) == 1
    assert not VALIDATOR.is_valid(as_editors_read(SMALL.replace(old, new)))


@pytest.mark.parametrize(
    "line",
    [
        "changes: {participants.size: 500, contract.cap: {total: 4 m}}",
        "title: Another\nsources: {A: {title: B}}\noptions: {c: {contract.cap: none}}",
    ],
)
def test_a_file_that_extends(line: str) -> None:
    assert VALIDATOR.is_valid(as_editors_read(f"sibsim: 1\nextends: base.yaml\n{line}\n"))


FUND = """\
sibsim: 1
portfolio: Two towns
currency: SEK
start: 2026-01
holdings:
  one: {scenario: child-obesity, option: [no effect], tranche: loan, amount: 5 m, copies: 2, changes: {size: 5}}
  two: {scenario: own.yaml, starts: 12 months, field: health}
factors: {evidence: {one: {relative risk: 0.6}, two: {relative risk: {value: -0.6, status: assumed}}}}
"""


def test_a_portfolio_is_accepted() -> None:
    assert VALIDATOR.is_valid(as_editors_read(FUND))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("portfolio:", "title:"),
        ("portfolio: Two towns", "portfolio: Two towns\ntitle: Two"),
        ("portfolio: Two towns\n", ""),
        ("holdings:", "participants: {size: 5}\nholdings:"),
        ("scenario: own.yaml, ", ""),
        ("scenario: own.yaml", "scenrio: own.yaml"),
        ("amount: 5 m", "amount: 5 %"),
        ("copies: 2", "copies: two!"),
        ("starts: 12 months", "starts: 12 m"),
        ("changes: {size: 5}", "changes: [5]"),
        ("{relative risk: 0.6}", "{relative risk: 60 %}"),
        ("{relative risk: 0.6}", "0.6"),
        ("currency: SEK\n", ""),
    ],
)
def test_what_is_wrong_with_a_portfolio_is_marked(old: str, new: str) -> None:
    assert FUND.count(old) == 1
    assert not VALIDATOR.is_valid(as_editors_read(FUND.replace(old, new)))


def test_keys_of_a_portfolio_are_marked_in_a_contract() -> None:
    for line in ("holdings: {one: {scenario: child-obesity}}", "factors: {a: {b: {c: 0.5}}}"):
        assert not VALIDATOR.is_valid(as_editors_read(f"{SMALL}{line}\n"))
