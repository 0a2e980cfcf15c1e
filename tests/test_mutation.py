"""Shipped scenarios changed at random: read and run, or refused with reasons, in bounded time and memory; and a line
that is taken out never leaves every number as it was without a word.

Of large files the tests take out some of the lines, always the same ones, and ``make long`` the others; ``make fuzz``
takes out every line, and looks whether what is listed here as without effect still has none.
"""

from __future__ import annotations

import os
import random
import re
import resource
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from sibsim.errors import ScenarioError, SibsimError
from sibsim.loading import load
from sibsim.loading.evidence import EVIDENCE_KEYS
from sibsim.loading.tables import TABLES
from sibsim.scenario import Scenario
from tests.mutation import (
    QUICK_LOADER,
    SOURCES,
    Entry,
    entries,
    mutant,
    read,
    same,
    small_run,
    stages,
    terms,
    verdict,
    without,
    written,
)

QUICK, MORE, ALL = 150, 225, 500
RUN_EVERY = 4
MOST_MEMORY = 1.0e9
"""Bytes by which the process may grow."""
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


def mutate(folder: Path, seed: int, first: int, last: int) -> Counter[str]:
    """What became of some mutants of a seed; every fourth that can be read is run."""
    dice, seen = random.Random(seed), Counter[str]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(last):
        source, done, text = mutant(dice)
        if number < first:
            continue
        try:
            seen[verdict(text, folder, is_run=number % RUN_EVERY == 0)] += 1
        except AssertionError as fault:
            pytest.fail(f"mutant {number} of seed {seed} ({source.name}, {done}): {fault}\n{text}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * MEMORY_UNIT
    assert grown < MOST_MEMORY
    return seen


def test_some_mutants_run_or_are_refused(tmp_path: Path) -> None:
    seen = mutate(tmp_path, 1, 0, QUICK)
    assert seen["refused"] > QUICK // 4
    assert seen["run"] + seen["read"] > QUICK // 10


@pytest.mark.long
@pytest.mark.parametrize(("first", "last"), [(QUICK, MORE), (MORE, ALL)])
def test_five_hundred_mutants_run_or_are_refused(first: int, last: int, tmp_path: Path) -> None:
    seen = mutate(tmp_path, 1, first, last)
    assert sum(seen.values()) == last - first
    assert seen["run"] > 5


# ------------------------------------------------------------------------------------------------ lines taken out
LABELS = {"title", "note", "name", "source", "status", "publisher", "year", "url", "price_year"}
"""Keys that are shown and change no number."""
NOT_RUN = ("options", "sources", "actuals", "extends", "changes")
"""Sections that a run does not look at, or only where they are chosen."""
DEFAULTS = {key.name: set[str]() for keys in TABLES.values() for key in keys}
for keys in TABLES.values():
    for key in keys:
        DEFAULTS[key.name].add(key.default)

NEVER_USED = "what it provides for happens in no future of this file"
OTHERWISE_THE_SAME = "what the language puts in its place is the same here"
OWN_TIME = "the outcome says its own time"
EVERYBODY_STARTS = "everybody who is offered the programme starts"
OF_THE_OUTCOME = "it is the outcome's own time, and says where the report's comes from"
UNPAID = "the fund pays nothing unless an option says what part"
NOT_PAID_FOR = "nothing is paid on this report, so that its date moves no money"
AS_MANY = "the table has as many: it is there for the day on which one is missing"
COSTS_AT_START = "all costs fall due at the start"
NO_MATTER: dict[str, dict[str, str]] = {
    "scenarios/child-obesity": {"outcomes.overweight.effect.among": EVERYBODY_STARTS},
    "scenarios/stockholm-diabetes": {
        "outcomes.diabetes.over": OTHERWISE_THE_SAME,
        "measures.fewer cases.lag": "the report says its date",
        "outcomes.diabetes.effect.among": EVERYBODY_STARTS,
        "finance.shortfall": NEVER_USED,
    },
    "scenarios/harnosand-home-care": {"participants.duration": OWN_TIME},
    "scenarios/national-outcome-fund": {
        "outcomes.in work.over": OTHERWISE_THE_SAME,
        "outcomes.in work.effect.among": EVERYBODY_STARTS,
        "measures.more in work.people": EVERYBODY_STARTS,
        "measures.more in work.lag": UNPAID,
        "contract.payments.fund pays.to": UNPAID,
        "contract.payments.fund pays.cap": UNPAID,
    },
    "scenarios/no-investor": {
        "outcomes.diabetes.over": OTHERWISE_THE_SAME,
        "outcomes.diabetes.effect.among": EVERYBODY_STARTS,
        "measures.fewer cases.follow_up": OF_THE_OUTCOME,
        "measures.fewer cases.lag": "the fee has a date of its own, which no report is later than",
    },
    "scenarios/norrkoping-placed-children": {
        "horizon": "the benefit of the last child ends before the last money",
        "participants.duration": OWN_TIME,
        "outcomes.school results.without": "the effect is a difference of a score",
        "measures.school change.follow_up": OF_THE_OUTCOME,
        "measures.school change.comparison.years_before": "a score has no trend that years could move",
        "measures.school change.reported": "it is looked at when the saving is reported",
    },
    "scenarios/rehabilitation-guarantee": {
        "horizon": "the last benefit ends before the last report",
        "participants.duration": OWN_TIME,
        "measures.days avoided before sick leave.comparison.bias": OTHERWISE_THE_SAME,
        "measures.days avoided on sick leave.comparison.bias": OTHERWISE_THE_SAME,
        "measures.days avoided by MMR.comparison.bias": OTHERWISE_THE_SAME,
        "measures.early retirement like for like.lag": NOT_PAID_FOR,
        "measures.early retirement as compared in 2011.lag": NOT_PAID_FOR,
    },
    "scenarios/sick-leave-agreement-2014": {"participants.cohorts_from.rows": AS_MANY},
    "scenarios/sick-leave-agreement-2015": {"participants.cohorts_from.rows": AS_MANY},
    "scenarios/state-guarantee": {
        "outcomes.diabetes.over": OTHERWISE_THE_SAME,
        "outcomes.diabetes.effect.among": EVERYBODY_STARTS,
        "measures.fewer cases.follow_up": OF_THE_OUTCOME,
        "finance.shortfall": NEVER_USED,
    },
    "scenarios/reconnections": {
        "horizon": OTHERWISE_THE_SAME,
        "parties.council.pays_at_most": NEVER_USED,
        "parties.lottery.pays_at_most": NEVER_USED,
        "parties.outcomes fund.pays_at_most": NEVER_USED,
        "outcomes.fall of the score.over": OTHERWISE_THE_SAME,
        "outcomes.answers at 6 months.over": OTHERWISE_THE_SAME,
        "contract.cap": NEVER_USED,
    },
    "templates/provider-at-risk": {"horizon": OTHERWISE_THE_SAME},
    "templates/savings-share": {
        "participants.duration": OWN_TIME,
        "outcomes.placements.over": OTHERWISE_THE_SAME,
        "contract.payments.shared saving.to": "there is one loan, and it is the account's",
    },
    "templates/threshold-bond": {"horizon": OTHERWISE_THE_SAME, "finance.shortfall": NEVER_USED},
    "scenarios/commissioning": {
        "participants.duration": OWN_TIME,
        "outcomes.success.over": OTHERWISE_THE_SAME,
        "finance.tranches.loan.drawn": COSTS_AT_START,
    },
    "scenarios/everything": {"outcomes.wellbeing.over": OTHERWISE_THE_SAME, "contract.cap.total": NEVER_USED},
    "scenarios/hand-check": {"participants.duration": OWN_TIME, "outcomes.diabetes.over": OTHERWISE_THE_SAME},
    "scenarios/interrupted": {
        "horizon": OTHERWISE_THE_SAME,
        "parties.payer.pays_at_most": NEVER_USED,
        "outcomes.evicted.over": OTHERWISE_THE_SAME,
        "contract.payments.milestones.measure": "the prices name the steps of one measure",
        "contract.payments.nights.by.2026": "nothing is paid before the second date",
        "contract.payments.saved visits.cap": NEVER_USED,
        "contract.payments.saved visits.cap.per_year": NEVER_USED,
        "contract.payments.saved visits.cap.total": NEVER_USED,
        "contract.cap.per_year": NEVER_USED,
        "benefits.no eviction.from": "the outcome begins then",
        "finance.tranches.bond.cap": NEVER_USED,
        "finance.tranches.later.rank": NEVER_USED,
        "finance.tranches.later.after": "only the cohort that the same event brings needs it",
        "finance.guarantees.cover.up_to.2026": "it pays on the last date",
        "events.more money.if": "it holds in every future",
        "events.reform.stops.1": "everybody has begun by then",
        "events.reform.cancels": "everybody has begun by then",
    },
    "scenarios/rate-card": {
        "participants.duration": OWN_TIME,
        "outcomes.success.over": OTHERWISE_THE_SAME,
        "finance.tranches.loan.drawn": COSTS_AT_START,
    },
    "scenarios/step-schedule": {
        "outcomes.reduction.without": "the effect is a difference of a score",
        "finance.tranches.loan.drawn": COSTS_AT_START,
        "finance.guarantees.grant.up_to": NEVER_USED,
    },
}
"""By file: lines whose terms change and no number does, and why."""


OF_THE_WHOLE = re.compile("no source|nothing is said|the most this contract can pay|more than five years ahead")
"""Warnings that list or add up the whole file, and so change with every line: they tell of no line by itself."""


def warnings_of(scenario: Scenario) -> set[str]:
    return {warning for warning in scenario.warnings if not OF_THE_WHOLE.search(warning)}


def is_default(text: str, entry: Entry) -> bool:
    """Whether a line says what would hold without it, by itself or with where that comes from."""
    said = yaml.load(text[slice(*entry.value)], Loader=QUICK_LOADER)
    if isinstance(said, dict) and set(said) <= {"value", *EVIDENCE_KEYS}:
        said = said.get("value")
    return said in DEFAULTS.get(entry.path.rpartition(".")[2], set()) | {"0"}


def differs(scenario: Scenario, numbers: list[dict[Any, Any]]) -> bool:
    """Whether any number of a small run is another: it ends where the first one is."""
    return not all(
        found is not None and known is not None and same(found, known)
        for found, known in zip_longest(stages(scenario), numbers)
    )


def of_options(text: str, folder: Path) -> list[dict[str, Any] | None]:
    """The terms with each option of a file; None where an option cannot be read."""
    path, found = written(text, folder), list[dict[str, Any] | None]()
    for name in load(path).available_options:
        try:
            found.append(terms(load(path, [name])))
        except ScenarioError:
            found.append(None)
    return found


def silent(source: Path, folder: Path, every: int, turn: int = 0, of: int = 1) -> tuple[list[str], list[str]]:
    """Of one file, the entries that can go without a word: those without a default, and those that change no number.

    Only each so-manieth of those that change the terms is run; of every ``of`` entries only the one of this ``turn`` is
    taken out. Terms that are the same must be those of every option, too.
    """
    text = source.read_text(encoding="utf-8")
    whole = read(text, folder)
    said, agreed, numbers = warnings_of(whole), terms(whole), list(stages(whole))
    ignored, idle, changed = [], [], 0
    with_options = cache(lambda: of_options(text, folder))
    for number, entry in enumerate(taken_out(text)):
        if number % of != turn:
            continue
        try:
            less = read(without(text, entry), folder)
        except ScenarioError:
            continue
        if warnings_of(less) - said:
            continue
        if terms(less) == agreed:
            if not is_default(text, entry) and of_options(without(text, entry), folder) == with_options():
                ignored.append(entry.path)
            continue
        changed += 1
        if changed % every:
            continue
        try:
            if not differs(less, numbers):
                idle.append(entry.path)
        except SibsimError:
            continue
    return ignored, idle


def taken_out(text: str) -> list[Entry]:
    """The entries of a file that a run looks at."""
    return [
        entry
        for entry in entries(text)
        if entry.path.partition(".")[0] not in NOT_RUN and entry.path.rpartition(".")[2] not in LABELS
    ]


def check_silent(source: Path, folder: Path, every: int = 1, turn: int = 0, of: int = 1) -> None:
    ignored, idle = silent(source, folder, every, turn, of)
    known = NO_MATTER.get(f"{source.parent.name}/{source.stem}", {})
    found = sorted({*ignored, *idle} - set(known))
    assert found == [], "without it terms or numbers are the same, and nothing is said"
    if every == of == 1:
        assert sorted(set(known) - {*ignored, *idle}) == [], "it does matter: take it out of NO_MATTER"


def test_a_small_run_by_stages_is_the_same_run() -> None:
    scenario = load("state-guarantee")
    parts = list(stages(scenario))
    assert same({key: value for part in parts for key, value in part.items()}, small_run(scenario))
    assert len(parts) == 4


SMALL = {"rate-card", "step-schedule", "hand-check", "commissioning"}
EVERY = {"interrupted": 80, "everything": 12, "child-obesity": 5, "stockholm-diabetes": 3}
"""Only each so-manieth change of a large file is run: which, changes with the file."""
TURNS = {
    **dict.fromkeys(("sick-leave-agreement-2014", "sick-leave-agreement-2015"), 20),
    **dict.fromkeys(("reconnections", "queue"), 10),
    **dict.fromkeys(("harnosand-home-care", "interrupted", "national-outcome-fund"), 6),
    **dict.fromkeys(("botkyrka-sick-leave", "everything", "no-investor", "norrkoping-placed-children"), 4),
    **dict.fromkeys(("child-obesity", "rehabilitation-guarantee", "several-payers", "skl-sick-leave-pilot"), 3),
    **dict.fromkeys(("state-guarantee", "stockholm-diabetes"), 3),
    **dict.fromkeys(("provider-at-risk", "templates/rate-card", "threshold-bond"), 2),
}
"""Only each so-manieth line of a large file is taken out, and the others with ``make long``."""
IS_WHOLE = bool(os.environ.get("SIBSIM_EVERY_LINE"))
BASES = {"three-cohorts", "counted-and-interrupted"}
"""Files of which only the options are contracts: what stands in them is there for some option."""


def turns() -> Iterator[Any]:
    """Each file with the lines to take out: some always (which, hangs on its name), the others with `make long`."""
    for source in SOURCES:
        if source.parent.name == "scenarios" and source.stem in SMALL | BASES:
            continue
        name = f"{source.parent.name}/{source.stem}"
        of = 1 if IS_WHOLE else TURNS.get(name, TURNS.get(source.stem, 1))
        for turn in range(of):
            is_left = turn != zlib.crc32(source.stem.encode()) % of
            marks = (pytest.mark.long,) if is_left else ()
            yield pytest.param(source, turn, of, marks=marks, id=f"{source.stem}-{turn}" if of > 1 else source.stem)


@pytest.mark.parametrize("source", [s for s in SOURCES if s.stem in SMALL and s.parent.name == "scenarios"], ids=str)
def test_no_line_of_a_small_file_goes_unnoticed(source: Path, tmp_path: Path) -> None:
    check_silent(source, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "turn", "of"), list(turns()))
def test_no_line_of_any_file_goes_unnoticed(source: Path, turn: int, of: int, tmp_path: Path) -> None:
    check_silent(source, tmp_path, EVERY.get(source.stem, 1), turn, of)
