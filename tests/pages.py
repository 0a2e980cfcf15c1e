"""What a scenario's page states, what its run gives, and what it pays for what came, to be set beside each other."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sibsim import load, simulate
from sibsim.replay import settled, settlement_summary
from sibsim.results import Results
from tests.support import check_books, kept, scenario

FOLDER = Path(__file__).parents[1] / "docs" / "scenarios"


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """The text below a heading of the second level."""
    return _text(name).split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all tables in a text, without their heads."""
    lines = [[cell.strip() for cell in x.strip().strip("|").split("|")] for x in text.splitlines() if x[:1] == "|"]
    rules = {i for i, cells in enumerate(lines) if set("".join(cells)) <= set("-:")}
    return [cells for i, cells in enumerate(lines) if not {i, i + 1} & rules]


def table(name: str, heading: str) -> dict[str, list[str]]:
    """The rows of the first table of a section, by their first column."""
    text = section(name, heading)
    return {row[0]: row[1:] for row in rows(text[text.index("|") :].split("\n\n")[0])}


def option_rows(name: str) -> dict[str, list[str]]:
    """The table under `## Options`: by option its cells; the base case has no name."""
    found = {cells[0]: cells[1:] for cells in rows(section(name, "Options"))}
    return {"" if key.startswith("(") else key: cells for key, cells in found.items()}


def option_figures(name: str, option: str = "") -> list[str]:
    """Each number of an option's row, of ranges both, as it is written there."""
    return re.findall(r"-?\d+\.?\d*", " ".join(option_rows(name)[option]))


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
    return " ".join(_text(name).split())


def stated(name: str, first: str, n: int = 0) -> list[str]:
    """The cells, after the first, of the n-th row of a table on the page that begins with these words."""
    return [row for row in rows(_text(name)) if row[0] == first][n][1:]


def said(name: str, pattern: str) -> tuple[str, ...]:
    """The figures in the one place of a page where a pattern stands."""
    found = re.findall(pattern, page(name))
    assert len(found) == 1, f"{pattern!r} stands {len(found)} times in {name}.md"
    return tuple(found[0]) if isinstance(found[0], tuple) else (found[0],)


@lru_cache(maxsize=8)
def at_defaults(name: str, options: tuple[str, ...] = (), sets: tuple[str, ...] = ()) -> Results:
    """A run as `sibsim run` makes it: 16,384 futures, seed 1."""
    return simulate(load(name, list(options), list(sets)), n_draws=16_384, workers=1)


@cache
def told(name: str, options: tuple[str, ...] = (), sets: tuple[str, ...] = ()) -> dict[str, Any]:
    """What `sibsim run` prints of a shipped scenario, its books checked; made once in a run of the tests."""

    def made() -> dict[str, Any]:
        results = at_defaults(name, options, sets)
        check_books(results, slice(0, 256))
        return results.summary()

    return kept(("told", name, options, sets), made)


def summary(name: str, option: str | None = None, *sets: str) -> dict[str, Any]:
    """The same of one option, or of none."""
    return told(name, (option,) if option else (), sets)


def real_summary(name: str) -> dict[str, Any]:
    """What a run of 8,192 futures gives of a contract that was signed, its books checked; made once in a run."""

    def made() -> dict[str, Any]:
        results = simulate(load(name), n_draws=8_192, seed=1)
        check_books(results, slice(0, 2_048))  # the engine adds up all of them itself
        return results.summary()

    return kept(("real", name), made)


def figure(shown: dict[str, Any], party: str, name: str) -> float:
    """The mean of a party's figure, or the one number that it is."""
    entry = shown["parties"][party]["metrics"][name]
    found: float = entry["mean"] if "mean" in entry else entry["value"]
    return found


def chance(shown: dict[str, Any], party: str, name: str) -> float:
    found: float = shown["parties"][party]["probabilities"][name]["value"]
    return found


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
