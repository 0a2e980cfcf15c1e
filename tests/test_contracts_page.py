"""Mechanisms of real contracts: every one has its place on the page, examples that pay what they say, and tests."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sibsim.loading import load, load_settled
from sibsim.replay import settled, settlement_summary
from sibsim.simulate import simulate
from tests.test_reference import blocks, sections

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
IDS = (
    "A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 "
    "B1 B2 B3 B3a B4 B5 B7 B8 B9 B9a B10 B11 B12 "
    "C1 C2 C3 C4 C5 C6 C6a C6b C6c C7 C8 C9 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C19a C19b C20 "
    "D1 D2 D3 D4 D7 "
    "E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 E12a E13 "
    "F1 F2 F3 F4 F5 F6 F7 "
    "G1 G2 G3 G4 G5 G6 G7"
)
"""Mechanisms that a contract whose payment was published has, or that a known contract needs."""
HEAD, *EXAMPLES = blocks(PAGE)


def whole(text: str) -> str:
    """An example beside the lines that the page begins with."""
    own, base = sections(text), sections(HEAD[1])
    return "".join([*(part for key, part in base.items() if key not in own), *own.values()])


@pytest.mark.parametrize("mechanism", IDS.split())
def test_every_mechanism_has_a_row_and_an_example(mechanism: str) -> None:
    assert PAGE.count(f"\n| {mechanism} |") == 1, "a row in the table of its group"
    led = {one.strip() for line in re.findall(r"^\*\*([A-G][^*]*)\.\*\*", PAGE, re.M) for one in line.split(",")}
    assert mechanism in led, "an example that begins with its id"


def test_every_mechanism_has_a_test_of_its_name() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("tests/**/test_*.py")))
    lacking = [one for one in IDS.split() if f"def test_pattern_{one}_" not in tests]
    assert lacking == []


@pytest.mark.parametrize(("line", "text"), EXAMPLES, ids=[f"line {line}" for line, _ in EXAMPLES])
def test_an_example_pays_what_it_says(line: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(whole(text), encoding="utf-8")
    expected = settlement_summary(settled(load_settled(path)))["expected"]
    assert expected, "an example says what it comes to"
    wrong = {one["figure"]: (one["expected"], one["computed"]) for one in expected if not one["agrees"]}
    assert wrong == {}


@pytest.mark.parametrize(("line", "text"), EXAMPLES, ids=[f"line {line}" for line, _ in EXAMPLES])
def test_an_example_pays_within_its_bounds(line: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(whole(text), encoding="utf-8")
    found = settled(load_settled(path))
    low, high = (float(np.ravel(bound)[0]) for bound in found.settlement.bounds())
    assert low - 1e-6 <= settlement_summary(found)["total_paid"] <= high + 1e-6


RUN = [(line, text) for line, text in EXAMPLES if "outcomes:" in text and "{as:" not in text]


@pytest.mark.parametrize(("line", "text"), RUN, ids=[f"line {line}" for line, _ in RUN])
def test_an_example_with_outcomes_runs(line: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(whole(text), encoding="utf-8")
    results = simulate(load(path), n_draws=64, seed=1)
    paid = results.metric("payer", "outcome_payments")
    contract = results.summary()["contract"]
    low, high = contract["lowest"], contract["highest"]
    assert low is None or paid.min() >= low - 1e-6
    assert high is None or paid.max() <= high + 1e-6
