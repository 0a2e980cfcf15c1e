"""Which test files `make quick` leaves out (those that take more than a second or two), and what a run keeps."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SLOW = (
    "analytic/test_account_intake.py",
    "analytic/test_chances.py",
    "analytic/test_checks_contracts.py",
    "analytic/test_distributions_within.py",
    "analytic/test_draws.py",
    "analytic/test_events_money.py",
    "analytic/test_events_people.py",
    "analytic/test_inputs_copula.py",
    "analytic/test_known_answers.py",
    "analytic/test_metrics.py",
    "analytic/test_payments_persons.py",
    "analytic/test_payments_terms.py",
    "analytic/test_quantiles.py",
    "analytic/test_reports_types.py",
    "direction/test_direction.py",
    "fresh_reader/test_fresh_reader.py",
    "identities/test_contradictions_random.py",
    "identities/test_invariants.py",
    "identities/test_ledger.py",
    "identities/test_luck.py",
    "identities/test_never_falls.py",
    "identities/test_payments_random.py",
    "identities/test_random_contracts.py",
    "identities/test_random_finance.py",
    "identities/test_settle_is_simulate.py",
    "identities/test_terms_of_payments.py",
    "identities/test_told.py",
    "real/test_every_real_contract.py",
    "real/test_real_eu.py",
    "real/test_real_us.py",
    "test_child_obesity.py",
    "test_commands.py",
    "test_explain.py",
    "test_loading_distributions.py",
    "test_loading_errors.py",
    "test_mutation.py",
    "test_reference_recipes.py",
    "test_replays_fresh.py",
    "test_report_payments.py",
    "test_run.py",
    "test_settle.py",
)
"""Some 90 of 140 seconds beyond what was marked one by one. `make test` runs them all the same."""


def keep_compiled() -> None:
    """Let Python keep what it compiles, in ``__pycache__`` as it always does unless it is told not to.

    Else every process compiles all of sibsim, and those that share the work rewrite each test file, every time: that
    is more than ten seconds a process, and half a second for each command that a test starts.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


keep_compiled()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage once after the tests are collected, not over and over while a million objects pile up.

    What is there by then stays to the end, and is not looked through again; what the tests make is, as ever, a little
    less often.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(5000, 10, 10)
        gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """A folder for what is made once in a run of the tests; the processes that share the work find it by its name."""
    from tests.support import KEPT  # not before `keep_compiled`: it brings sibsim with it

    if KEPT not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="sibsim-kept-", ignore_cleanup_errors=True)
        os.environ[KEPT] = folder.name

        def forget() -> None:
            os.environ.pop(KEPT, None)
            folder.cleanup()

        config.add_cleanup(forget)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in these files as slow, and begin with it: then no processor is left with it at the end."""
    slow = {TESTS / name for name in SLOW}
    lost = [str(path) for path in slow if not path.is_file()]
    assert not lost, f"no such test files: {lost}"
    for item in items:
        if item.path in slow:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path not in slow)
