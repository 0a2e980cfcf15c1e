"""A scenario's page against its run: the table of options, and figures that the text states."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import sibsim
from tests.support import check_books

DOCS = Path(__file__).parents[2] / "docs" / "scenarios"
DRAWS = 16_384
"""Those of `sibsim run`, of which every page speaks."""


@functools.cache
def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


@functools.cache
def summary(name: str, option: str = "", *sets: str) -> dict[str, Any]:
    """What a run prints, its books checked."""
    results = sibsim.simulate(sibsim.load(name, [option] if option else [], list(sets)), n_draws=DRAWS, workers=1)
    check_books(results, slice(0, 16))
    shown: dict[str, Any] = results.summary()
    return shown


def figure(shown: dict[str, Any], party: str, name: str) -> float:
    entry = shown["parties"][party]["metrics"][name]
    found: float = entry["mean"] if "mean" in entry else entry["value"]
    return found


def chance(shown: dict[str, Any], party: str, name: str) -> float:
    found: float = shown["parties"][party]["probabilities"][name]["value"]
    return found


def section(name: str, heading: str) -> str:
    """The text below a heading of the second level."""
    rest = page(name).split(f"\n## {heading}\n")[1]
    return rest.split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    tables = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    heads = {i for i, cells in enumerate(tables) if i + 1 < len(tables) and set("".join(tables[i + 1])) <= set("-:")}
    return [c for i, c in enumerate(tables) if i not in heads and not set("".join(c)) <= set("-:")]


def option_rows(name: str) -> dict[str, list[str]]:
    """The table under `## Options`: by option its cells; the base case has no name."""
    found = {cells[0]: cells[1:] for cells in rows(section(name, "Options"))}
    return {"" if key.startswith("(") else key: cells for key, cells in found.items()}


def stated(name: str, pattern: str) -> tuple[str, ...]:
    """The figures in the one place of a page where a pattern stands; spaces may be line ends."""
    found = re.findall(pattern.replace(" ", r"\s+"), page(name))
    assert len(found) == 1, f"{pattern!r} stands {len(found)} times in {name}.md"
    return tuple(found[0]) if isinstance(found[0], tuple) else (found[0],)
