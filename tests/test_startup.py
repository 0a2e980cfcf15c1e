"""`--help` and `validate` start at once: neither loads numpy or anything that does arithmetic on arrays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.queues import text_of

ROOT = Path(__file__).parents[1]
HEAVY = {"numpy", "scipy", "matplotlib", "pandas", "rich", "dask", "pyarrow", "sibsim.simulate", "sibsim.metrics"}
SCRIPT = """
import sys
from sibsim.cli import main
code = main(sys.argv[1:])
print("LOADED", *sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""
LONGEST = 0.25
"""Seconds of work for --help."""


def loaded_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("LOADED")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("run", "--help"),
        ("explain", "--help"),
        ("flow", "--help"),
        ("diff", "--help"),
        ("compare", "--help"),
        ("portfolio", "--help"),
        ("combine", "--help"),
        ("reproduce", "--help"),
        ("validate", "--help"),
    ],
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    modules = loaded_by(*arguments)
    assert "sibsim.cli" in modules
    assert not HEAVY & modules


def test_validate_loads_nothing_heavy() -> None:
    folders = (ROOT / "scenarios", ROOT / "scenarios" / "real", ROOT / "portfolios", ROOT / "tests" / "portfolios")
    scenarios = sorted(path for folder in folders for path in folder.glob("*.yaml"))
    assert scenarios
    modules = loaded_by("validate", *map(str, scenarios))
    assert "yaml" in modules
    assert not HEAVY & modules


def test_a_queue_is_validated_without_simpy(tmp_path: Path) -> None:
    stays = "{lognormal: {mean: 9 months, sd: 6 months}}"
    path = tmp_path / "queue.yaml"
    path.write_text(text_of(f"referrals: 12, until: 24 months, places: 60, time_in_service: {stays}", "dropout: 10 %"))
    modules = loaded_by("validate", str(path))
    assert not (HEAVY | {"simpy"}) & modules


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, sibsim; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert not (HEAVY | {"click", "yaml"}) & set(done.stdout.split())


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="no way to measure another program's work here")
def test_help_takes_under_a_quarter_of_a_second() -> None:
    def seconds() -> float:
        """Processor time, which does not depend on what else the machine does."""
        child = subprocess.Popen([sys.executable, "-m", "sibsim", "--help"], cwd=ROOT, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        return usage.ru_utime + usage.ru_stime

    assert min(seconds() for _ in range(5)) < LONGEST
