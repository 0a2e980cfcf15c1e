"""What the page of a scenario states, and what is paid for what came: for the tests of single scenarios."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from sibsim import load, simulate
from sibsim.replay import settled, settlement_summary
from sibsim.results import Results

__all__ = ["at_defaults", "page", "paid_for", "stated"]

PAGES = Path(__file__).parents[1] / "docs" / "scenarios"


@cache
def page(name: str) -> str:
    """The whole page of a scenario, each run of white space one blank."""
    return " ".join((PAGES / f"{name}.md").read_text(encoding="utf-8").split())


def stated(name: str, first: str, n: int = 0) -> list[str]:
    """The cells, after the first, of the n-th row of a table on the page that begins with these words."""
    lines = (PAGES / f"{name}.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines if line.startswith("|")]
    return [row for row in rows if row[0] == first][n][1:]


@cache
def at_defaults(name: str, options: tuple[str, ...] = (), sets: tuple[str, ...] = ()) -> Results:
    """A run as `sibsim run` makes it: 16,384 futures, seed 1."""
    return simulate(load(name, list(options), list(sets)), n_draws=16_384, workers=1)


def paid_for(
    name: str, measures: str, options: Iterable[str] = (), sets: Iterable[str] = (), inputs: str = "{}"
) -> dict[str, float]:
    """What each payment comes to for these reports, such as ``{fewer cases: 10 %}``, and these inputs."""
    came = f"{{measures: {measures}, inputs: {inputs}}}" if inputs != "{}" else f"{{measures: {measures}}}"
    scenario = load(name, list(options), [*sets, f"actuals={came}"])
    found = dict.fromkeys((payment.name for payment in scenario.payments), 0.0)
    for payment in settlement_summary(settled(scenario))["payments"]:
        found[payment["payment"]] += payment["amount"]
    return found
