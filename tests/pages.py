"""Tables of a scenario's page, to be set beside what the run gives."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

from sibsim.replay import settled, settlement_summary
from tests.support import scenario

FOLDER = Path(__file__).parents[1] / "docs" / "scenarios"


def table(name: str, heading: str) -> dict[str, list[str]]:
    """The rows of the first table of a section, by their first column."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = section[section.index("|") :].split("\n\n")[0].splitlines()[2:]
    rows = ([cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines)
    return {row[0]: row[1:] for row in rows}


def agrees(cell: str, value: float) -> bool:
    """Whether a cell of a page is a figure rounded to as many decimals as it shows."""
    shown = cell.replace(",", "")
    decimals = len(shown.partition(".")[2])
    return math.isclose(float(shown), round(value, decimals), abs_tol=0.51 * 10**-decimals)


def settle(name: str, actuals: str, *options: str) -> dict[str, float]:
    """What each payment of a shipped scenario comes to for what came, given as one line of YAML."""
    text = f"sibsim: 1\nextends: {name}\ntitle: What came\nactuals: {actuals}\n"
    summary: dict[str, Any] = settlement_summary(settled(scenario(text, *options)))
    assert not summary["is_open"]
    paid: dict[str, float] = defaultdict(float)
    for row in summary["payments"]:
        paid[row["payment"]] += row["amount"]
    assert math.isclose(sum(paid.values()), summary["total_paid"], abs_tol=1e-6)
    return paid
