"""A portfolio file changed at random is read and run, or refused with reasons; and no line of it goes unnoticed."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.errors import ModelError, ScenarioError
from sibsim.loading import check, load_portfolio
from sibsim.portfolio.run import portfolio_job
from sibsim.scenario import Portfolio
from tests.mutation import MOST_READING, entries, mutated, same, terms, without, written

FOLDER = Path(__file__).parent / "portfolios"
THREE = (FOLDER / "three.yaml").read_text(encoding="utf-8")
MUTANTS = int(os.environ.get("SIBSIM_MUTANTS", "80"))
RUN_EVERY = 5
LABELS = {"portfolio", "field", "source", "title"}
"""Keys that are shown and change no number."""
NOT_RUN = ("options", "sources")
NO_MATTER = {
    "holdings.one.tranche": "the contract has one loan",
    "holdings.one.amount": "it is all of that loan",
}


ALWAYS_KNOWN = ("net_gain", "drawn", "received", "margin")
"""Metrics that are a number in every future."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(FOLDER / "all-or-nothing.yaml", tmp_path)
    return tmp_path


def numbers(portfolio: Portfolio) -> dict[Any, Any]:
    """Every number of one replicate."""
    job = portfolio_job(portfolio, n_draws=1)
    return job.work(range(1))["run"][0]


def all_terms(portfolio: Portfolio) -> object:
    """What a portfolio says that can change a number."""
    held = [(h.name, terms(h.scenario), h.tranche, h.amount, h.months, h.copies) for h in portfolio.holdings]
    return terms(portfolio.fund), held, portfolio.factors, portfolio.loadings


# ------------------------------------------------------------------------------------------------ lines taken out
def test_no_line_goes_unnoticed(folder: Path) -> None:
    whole = load_portfolio(written(THREE, folder))
    said, agreed, known = set(whole.fund.warnings), all_terms(whole), numbers(whole)
    silent = []
    for entry in entries(THREE):
        top, last = entry.path.partition(".")[0], entry.path.rpartition(".")[2]
        if top in NOT_RUN or last in LABELS:
            continue
        try:
            less = load_portfolio(written(without(THREE, entry), folder))
        except ScenarioError:
            continue
        is_new = any("nothing is said" not in warning for warning in set(less.fund.warnings) - said)
        if is_new or (all_terms(less) != agreed and not same(numbers(less), known)):
            continue
        silent.append(entry.path)
    assert sorted(silent) == sorted(NO_MATTER)


# ------------------------------------------------------------------------------------------------ mutants
def test_mutants_are_read_or_refused_with_reasons(folder: Path) -> None:
    dice, seen = random.Random(6), Counter[str]()
    for number in range(MUTANTS):
        done, text = mutated(THREE, dice.choice((1, 1, 1, 2)), dice)
        began = time.process_time()
        try:
            seen[verdict(text, folder, number % RUN_EVERY == 0)] += 1
        except Exception as error:
            pytest.fail(f"mutant {number} ({done}): {type(error).__name__}: {error}\n{text}")
        assert time.process_time() - began < MOST_READING
    assert set(seen) <= {"refused", "read", "run", "refused when run"}
    assert seen["refused"] > MUTANTS // 3
    assert seen["read"] > MUTANTS // 10
    assert seen["run"] > MUTANTS // 50


def verdict(text: str, folder: Path, is_run: bool) -> str:
    try:
        found = check(written(text, folder))
    except ScenarioError as error:
        return "refused" if error.problems and all(problem.message for problem in error.problems) else "no reason"
    if not is_run or not isinstance(found, Portfolio):
        return "read"
    try:
        results = numbers(found)
    except (ModelError, ScenarioError):
        return "refused when run"
    is_good = all(np.all(np.isfinite(value)) for key, value in results.items() if key[-1] in ALWAYS_KNOWN)
    return "run" if is_good else "not a number"
