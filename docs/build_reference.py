"""Writes ``docs/scenario-reference.md``: the prose of ``scenario-reference.in.md`` with tables made from the code.

python docs/build_reference.py
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sibsim.loading.build import MOST_OPTIONS
from sibsim.loading.check_time import MOST_PERIODS
from sibsim.loading.curves import CURVES
from sibsim.loading.dates import MOST_MONTHS
from sibsim.loading.extending import MOST_FILES
from sibsim.loading.keys import NEEDED, Each, Key, Named
from sibsim.loading.kinds import (
    Choice,
    Reference,
    Whole,
    column,
    date_of,
    duration,
    duration_above,
    schedule,
    text,
    year,
)
from sibsim.loading.names import RESERVED
from sibsim.loading.portfolio import MOST_COPIES
from sibsim.loading.reader import MOST_BYTES, MOST_DEPTH, MOST_NODES
from sibsim.loading.tables import TABLES, WHAT_FOR
from sibsim.loading.values import READERS, STATUSES, Sort
from sibsim.shapes import SHAPES

FOLDER = Path(__file__).parent
PROSE, PAGE = FOLDER / "scenario-reference.in.md", FOLDER / "scenario-reference.md"
HEAD = "<!-- Written by `make docs` from scenario-reference.in.md and the code; change those. -->\n\n"

# ------------------------------------------------------------------------------------------------ what a key takes
WORDS = {
    "file.sibsim": "`1`",
    "file.sources": "names with keys",
    "file.currency": "code",
    "file.start": "date",
    "file.step": "`month`, `quarter`, `year`",
    "file.inputs": "names with values",
    "file.exchange_rates": "codes with values, over time",
    "file.copula": "`normal` or keys",
    "file.correlations": "list",
    "file.horizon": "date or duration",
    "file.parties": "ids with names or keys",
    "file.participants": "keys",
    "file.measures": "names with keys",
    "file.contract": "keys",
    "file.finance": "keys",
    "file.actuals": "keys",
    "file.options": "names with changes",
    "file.extends": "file or name",
    "file.changes": "paths with values",
    "file.portfolio": "text",
    "file.holdings": "names with keys",
    "file.factors": "factors with holdings with inputs with numbers from -1 to 1",
    "holdings.scenario": "file or name",
    "holdings.starts": "date, or duration from `start`",
    "holdings.changes": "paths with values",
    "guarantees.covers": "list of tranches, a party or, in a portfolio, `each holding` or `holdings`",
    "correlations.between": "two inputs",
    "correlations.rank": "number",
    "copula.t": "number",
    "parameters.file": "text",
    "parameters.column": "text",
    "participants.queue": "keys",
    "queue.seasons": "months with percents",
    "queue.gives_up_after": "duration, or distribution of durations",
    "queue.time_in_service": "distribution of durations",
    "outcomes.without": "level",
    "outcomes.with": "level",
    "outcomes.effect": "keys",
    "outcomes.lasts": "duration, `always` or keys",
    "outcomes.varies": "keys",
    "outcomes.needs": "name",
    "outcomes.steps": "names with rows",
    "lasts.table": "rows",
    "measures.of": "outcome or list",
    "measures.follow_up": "duration or `so far`",
    "measures.comparison": "keys",
    "measures.reported": "schedule or event",
    "measures.weighted": "measures with weights, over time",
    "measures.goals": "list of conditions",
    "comparison.fixed": "level, over time",
    "comparison.blend": "list of comparisons",
    "contract.cap": "money or keys",
    "contract.round": "money or keys",
    "measures.round": "number, percent, money or keys",
    "measures.rounded_years": "number or keys",
    "participants.cohorts_from": "keys",
    "outcomes.growth": "years with rates or keys",
    "outcomes.by_cohort": "a ratio for each cohort",
    "growth.rate": "yearly rate, or one for each cohort",
    "growth.spread": "relative standard deviation, or one for each cohort",
    "payments.round": "money or keys",
    "round.to": "number, percent or money",
    "payments.steps": "rows",
    "payments.line": "rows",
    "payments.prices": "names with money",
    "payments.band": "`[from, to]`",
    "payments.of": "word, or money",
    "payments.if": "condition",
    "payments.cap": "money or keys",
    "payments.by": "party, or shares; over time",
    "payments.at": "schedule or event",
    "costs.at": "schedule or event",
    "finance.recycle": "`none`, `all`, duration",
    "finance.distribute": "`at once`, schedule or event",
    "finance.surplus": "shares",
    "finance.shortfall": "party or `stop intake`",
    "tranches.drawn": "word, or money by date",
    "tranches.cap": "keys",
    "events.if": "condition",
    "tranches.if": "condition",
    "events.stops": "words",
    "schedule.every": "`month`, `quarter`, `year`, or a duration in whole months",
    "schedule.from": "date",
    "schedule.until": "date",
    "actuals.measures": "measures with readings",
    "actuals.drawn": "tranches with money by date",
    "actuals.events": "events with dates",
    "actuals.inputs": "inputs with values",
    "actuals.costs": "costs with money by date",
    "actuals.expected": "figures with keys",
    "expected.value": "number, percent or money",
    "expected.tolerance": "number, percent or money",
    "inputs.product": "list of values",
    "inputs.sum": "list of values",
    "inputs.annuity": "keys",
    "annuity.rate": "yearly rate",
    "annuity.over": "duration",
    "inputs.share_above": "keys",
    "share_above.level": "value",
    "share_above.mean": "value",
    "share_above.sd": "value",
}
"""Keys whose reader does not say what it takes."""
FUNCTIONS = {
    text: "text",
    duration: "duration",
    duration_above: "duration",
    column: "date",
    date_of: "date",
    year: "year",
    schedule: "schedule",
    READERS["source"]: "id of a source",
    READERS["status"]: ", ".join(f"`{status}`" for status in STATUSES),
    READERS["note"]: "text",
}


def _sort(sort: Sort) -> str:
    word = re.sub("^(a|an|the) ", "", sort.says)
    return f"{word}, over time" if sort.is_over_time else word


def _reference(reference: Reference) -> str:
    words = [*reference.kinds, *(f"`{word}`" for word in reference.extra if word not in ("account", "outside"))]
    return " or ".join(words)


KINDS: dict[type, Callable[[Any], str]] = {
    Sort: _sort,
    Whole: lambda whole: "whole number",
    Choice: lambda choice: ", ".join(f"`{word}`" for word in choice.meanings),
    Reference: _reference,
    Each: lambda each: f"list of {each.what}",
    Named: lambda named: "names with keys",
}


def takes(section: str, key: Key) -> str:
    """What may stand behind a key, in a word or two; empty if the code does not say."""
    special = WORDS.get(f"{section}.{key.name}")
    kind = KINDS.get(type(key.parse))
    return special or (kind(key.parse) if kind else FUNCTIONS.get(key.parse, ""))


# ------------------------------------------------------------------------------------------------ tables
def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def _row(*cells: str) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join([_row(*head), "|" + "---|" * len(head), *(_row(*row) for row in rows)])


def _default(key: Key) -> str:
    return "**needed**" if key.default == NEEDED else key.default


def keys_of(section: str) -> str:
    """The table of a section."""
    rows = [
        (
            f"`{key.name}`",
            takes(section, key),
            _default(key),
            key.meaning,
            f"`{key.name}: {key.example}`" if key.example else "",
        )
        for key in TABLES[section]
        if key.parse is not None
    ]
    return _table(("key", "takes", "default", "meaning", "example"), rows)


def distributions() -> str:
    """Each distribution with its sets of parameters."""
    keys = {key.name: key for key in TABLES["distributions"]}
    rows = [
        (f"`{name}`", WHAT_FOR.get(name, ""), keys[name].meaning, f"`{{{name}: {keys[name].example}}}`")
        for name in CURVES
    ]
    return _table(("distribution", "for", "one of these sets of parameters", "example"), rows)


def parameters() -> str:
    """What the parameters of distributions are."""
    rows = [(f"`{key.name}`", key.meaning, f"`{key.name}: {key.example}`") for key in TABLES["parameters"]]
    return _table(("parameter", "is", "example"), rows)


def shapes() -> str:
    """Each shape of a payment."""
    keys = {key.name: key for key in TABLES["payments"]}
    rows = [(f"`{name}`", keys[name].meaning, f"`{name}: {keys[name].example}`") for name in SHAPES]
    return _table(("shape", "pays", "example"), rows)


def limits() -> str:
    """What is too large for a file."""
    found = (
        f"{MOST_BYTES // 1_000_000} MB, {MOST_DEPTH} levels, {MOST_NODES:,} keys and values, {MOST_PERIODS:,} columns, "
        f"{MOST_MONTHS // 12} years, {MOST_OPTIONS} options, {MOST_FILES} files that extend each other, "
        f"{MOST_COPIES:,} copies of a holding"
    )
    return re.sub(r"(?<=\d),(?=\d{3})", " ", found)


def reserved() -> str:
    """Words that cannot be names."""
    return ", ".join(f"`{word}`" for word in sorted(RESERVED))


PARTS: dict[str, Callable[[], str]] = {
    "distributions": distributions,
    "parameters": parameters,
    "shapes": shapes,
    "limits": limits,
    "reserved": reserved,
}


def page() -> str:
    """The whole page."""

    def part(found: re.Match[str]) -> str:
        word, _, section = found[1].partition(" ")
        return keys_of(section) if word == "table" else PARTS[word]()

    return HEAD + re.sub(r"\{\{([^}]+)\}\}", part, PROSE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
