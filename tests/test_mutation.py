"""Shipped scenarios changed at random: read and run, or refused with reasons, in bounded time and memory; and a line
that is taken out never leaves every number as it was without a word."""

from __future__ import annotations

import random
import re
import resource
import sys
from collections import Counter
from pathlib import Path

import pytest

from sibsim.errors import ScenarioError, SibsimError
from sibsim.loading.tables import TABLES
from sibsim.scenario import Scenario
from tests.mutation import SOURCES, entries, mutant, read, same, small_run, terms, verdict, without

QUICK, ALL = 200, 2000
RUN_EVERY = 8
MOST_MEMORY = 1.0e9
"""Bytes by which the process may grow."""
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


def mutate(folder: Path, seed: int, first: int, last: int) -> Counter[str]:
    """What became of some mutants of a seed; every eighth that can be read is run."""
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


@pytest.mark.slow
def test_two_thousand_mutants_run_or_are_refused(tmp_path: Path) -> None:
    seen = mutate(tmp_path, 1, QUICK, ALL)
    assert sum(seen.values()) == ALL - QUICK
    assert seen["run"] > 25


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
COSTS_AT_START = "all costs fall due at the start"
NO_MATTER: dict[str, dict[str, str]] = {
    "scenarios/child-obesity": {"outcomes.overweight.effect.among": "everybody who is offered the programme starts"},
    "scenarios/stockholm-diabetes": {
        "outcomes.diabetes.over": OTHERWISE_THE_SAME,
        "measures.fewer cases.lag": "the report says its date",
        "outcomes.diabetes.effect.among": "everybody who is offered the programme starts",
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


def silent(source: Path, folder: Path, every: int) -> tuple[list[str], list[str]]:
    """Of one file, the entries that can go without a word: those without a default, and those that change no number.

    Only each so-manieth of those that change the terms is run.
    """
    text = source.read_text(encoding="utf-8")
    whole = read(text, folder)
    said, agreed, numbers = warnings_of(whole), terms(whole), small_run(whole)
    ignored, idle, changed = [], [], 0
    for entry in entries(text):
        key = entry.path.rpartition(".")[2]
        if entry.path.partition(".")[0] in NOT_RUN or key in LABELS:
            continue
        try:
            less = read(without(text, entry), folder)
        except ScenarioError:
            continue
        if warnings_of(less) - said:
            continue
        if terms(less) == agreed:
            if text[slice(*entry.value)].strip() not in DEFAULTS.get(key, set()) | {"0"}:
                ignored.append(entry.path)
            continue
        changed += 1
        if changed % every:
            continue
        try:
            if same(small_run(less), numbers):
                idle.append(entry.path)
        except SibsimError:
            continue
    return ignored, idle


def check_silent(source: Path, folder: Path, every: int = 1) -> None:
    ignored, idle = silent(source, folder, every)
    assert not ignored, "read, not the default, and yet the terms are the same without it"
    known = NO_MATTER.get(f"{source.parent.name}/{source.stem}", {})
    assert sorted(set(idle) - set(known)) == [], "without it every number is the same, and nothing is said"
    if every == 1:
        assert sorted(set(known) - set(idle)) == [], "it does matter: take it out of NO_MATTER"


SMALL = {"rate-card", "step-schedule", "hand-check", "commissioning"}
EVERY = {"interrupted": 80, "everything": 12, "child-obesity": 5, "stockholm-diabetes": 3}
"""Only each so-manieth change of a large file is run: which, changes with the file."""
BASES = {"three-cohorts", "counted-and-interrupted"}
"""Files of which only the options are contracts: what stands in them is there for some option."""


@pytest.mark.parametrize("source", [s for s in SOURCES if s.stem in SMALL and s.parent.name == "scenarios"], ids=str)
def test_no_line_of_a_small_file_goes_unnoticed(source: Path, tmp_path: Path) -> None:
    check_silent(source, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [s for s in SOURCES if s.stem not in SMALL | BASES or s.parent.name != "scenarios"],
    ids=lambda path: path.stem,
)
def test_no_line_of_any_file_goes_unnoticed(source: Path, tmp_path: Path) -> None:
    check_silent(source, tmp_path, EVERY.get(source.stem, 1))
