"""What a scenario's page states, what its run gives, and what it pays for what came, to be set beside each other."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from sibsim import load, simulate
from sibsim.replay import settled, settlement_summary
from sibsim.results import Results
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


@cache
def page(name: str) -> str:
    """The whole page of a scenario, each run of white space one blank."""
    return " ".join((FOLDER / f"{name}.md").read_text(encoding="utf-8").split())


def stated(name: str, first: str, n: int = 0) -> list[str]:
    """The cells, after the first, of the n-th row of a table on the page that begins with these words."""
    lines = (FOLDER / f"{name}.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines if line.startswith("|")]
    return [row for row in rows if row[0] == first][n][1:]


@cache
def at_defaults(name: str, options: tuple[str, ...] = (), sets: tuple[str, ...] = ()) -> Results:
    """A run as `sibsim run` makes it: 16,384 futures, seed 1."""
    return simulate(load(name, list(options), list(sets)), n_draws=16_384, workers=1)


def paid_for(
    name: str, measures: str, options: Iterable[str] = (), sets: Iterable[str] = (), inputs: str = "{}"
) -> dict[str, float]:
    """What each payment comes to so far for these reports, such as ``{fewer cases: 10 %}``; others may be open."""
    came = f"{{measures: {measures}, inputs: {inputs}}}" if inputs != "{}" else f"{{measures: {measures}}}"
    scenario = load(name, list(options), [*sets, f"actuals={came}"])
    found = dict.fromkeys((payment.name for payment in scenario.payments), 0.0)
    for payment in settlement_summary(settled(scenario))["payments"]:
        found[payment["payment"]] += payment["amount"]
    return found
