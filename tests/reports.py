"""What every report of a run keeps to: its width, its signs, its schema, and the draws that its sentences tell of."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sibsim.report import RENDERERS, Layout
from sibsim.report.layout import width_of

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "output.schema.json").read_text(encoding="utf-8"))
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|None|null)\b")


@cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    """Of a schema as text, which is itself a good one: that need be looked at once."""
    read = json.loads(schema)
    jsonschema.Draft202012Validator.check_schema(read)
    return jsonschema.Draft202012Validator(read)


def keeps_to(shown: Any, schema: dict[str, Any]) -> None:
    """As `jsonschema.validate`, which looks through the schema anew each time."""
    wrong = jsonschema.exceptions.best_match(_validator(json.dumps(schema)).iter_errors(shown))
    if wrong is not None:
        raise wrong


def check_report(summary: dict[str, Any], option: str | None) -> None:
    """As text it keeps to the width and shows numbers alone; as JSON it keeps to its schema."""
    for columns in (60, 80):
        text = RENDERERS["text"](summary, Layout(columns))
        assert max(width_of(line) for line in text.splitlines()) <= columns
        assert not NOT_A_NUMBER.search(text)
        assert not re.search(r"-0\.?0*\b(?![.\d])", text)  # no minus zero
    assert "Should" in text
    shown = json.loads(RENDERERS["json"](summary, Layout()), parse_constant=pytest.fail)
    keeps_to(shown, SCHEMA)
    assert shown["scenario"]["option"] == option


def check_sentences(summary: dict[str, Any]) -> None:
    """How often each investor is said to lose money is how often it does."""
    text = " ".join(RENDERERS["text"](summary, Layout()).split())
    investors = [p for p in summary["parties"].values() if "investor" in p["roles"]]
    assert ("invest?" in text) == bool(investors)
    for party in investors:
        count, draws = party["probabilities"]["loss"]["count"], party["probabilities"]["loss"]["draws"]
        own = text.partition(f"Should {party['name']} invest?")[2]
        number, base = re.search(r"[Ii]t loses money in (\S+) of ([\d,]+) futures", own).groups()  # type: ignore[union-attr]
        said = {"none": 0.0, "all": 1.0}.get(number) or float(number.replace("none", "0").replace(",", "")) / float(
            base.replace(",", "")
        )
        assert abs(said - count / draws) <= 0.005 + 1e-9
