"""Every scenario that ships has a page, and every warning that it gives is explained there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sibsim import load
from sibsim.loading.finding import real_contracts, shipped
from tests.support import in_turn

PAGES = Path(__file__).parents[1] / "docs" / "scenarios"
NAMES = sorted({name for name in shipped() if name not in real_contracts()} | {p.stem for p in PAGES.glob("*.md")})
NEEDED = ("What may be concluded, and what may not", "What could not be found", "Warnings")
OF = 3
"""Turns in which the options of a scenario are looked at: the first always, the others with `make long`."""
BEGIN = 4
"""So many words of a warning, numbers left out, must stand on the page."""


def sections(name: str) -> dict[str, str]:
    """The text of each section of a page, by heading, in one line."""
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.M)
    return {head.strip(): " ".join(body.split()) for head, body in zip(parts[1::2], parts[2::2], strict=True)}


def words(text: str) -> str:
    """The words of a text without numbers and marks, so that they can be looked for."""
    return " ".join(re.findall(r"[^\W\d_]+", text.lower()))


CASES = [(name, turn) for name in NAMES if name != "index" for turn in range(OF)]


@pytest.mark.parametrize(("name", "turn"), in_turn(CASES, OF))
def test_the_page_says_what_may_be_concluded_and_explains_every_warning(name: str, turn: int) -> None:
    """Of the scenario as it stands, and of some of its options in each turn."""
    found = sections(name)
    assert [head for head in NEEDED if head not in found] == []
    text = words(found["Warnings"])
    scenario = load(name)
    options = [load(name, option) for option in scenario.available_options[turn::OF]]
    told = {w for one in (scenario, *options) for w in one.warnings}
    missing = [w for w in told if " ".join(words(w).split()[:BEGIN]) not in text]
    assert missing == []
