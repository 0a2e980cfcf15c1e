"""What a good file is warned of, where files are found, and what reading one costs."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, find, load, shipped
from tests.test_loading import PILOT, write


def test_dates_between_columns_move_to_the_next_and_are_told(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, PILOT.replace("at: [4 years, 2031-01]", "at: [49 months, 2031-01-15]")))
    assert scenario.payments[2].at == (17, 21)
    assert "contract.payments.bonus.at.1: 49 months falls between columns; 2030-04 is used" in scenario.warnings
    assert "contract.payments.bonus.at.2: 2031-01-15 falls between columns; 2031-04 is used" in scenario.warnings


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        (
            "lag: 3 months}",
            "lag: 3 months, reported: 2028-07}",
            "fewer than half have completed their follow-up at a report: 100 of 300",
        ),
        (
            "for_each: cohort, comparison: {rct: 300}",
            "comparison: {rct: 300}, reported: 2027-07",
            "200 of 300 people are never",
        ),
        (
            "for_each: cohort, comparison: {rct: 300}",
            "comparison: {rct: 300}, reported: 2027-07",
            "no report ever counts second",
        ),
        (
            "horizon: 6 years",
            "horizon: 4 years",
            "contract.payments.bonus: paid in 2031-01, after the horizon (2030-01)",
        ),
        ("  baseline: 50 %", "  baseline: 50 %\n  idle: 3", "inputs.idle: is used nowhere"),
        ("amount: 4 m, rate", "amount: 1 m, rate", "above all money that can be drawn; 'payer' pays the rest"),
        (
            "fee: {amount: 1 m,",
            "fee: {amount: 0.5, floor: 1 %, of: drawn,",
            "0.5 is money; write a percent for a share of `of`",
        ),
        ("cap: {total: 120 %", "cap: {total: 5 %", "the cap (total) is below the largest step"),
        (
            "if: [{better lives: above 0, kept homes: at least 10}, {fewer",
            "if: [{late: above 0}, {fewer",
            "the condition never",
        ),
        (
            "fee: {amount: 1 m, over: 2 years,",
            "fee: {measure: found, per_unit: 1 k,",
            "so the same results are paid for again",
        ),
        (
            "[0.60, 0.90]}",
            "[0.60, 0.90], median: 0.62}",
            "inputs.relative risk: the interval is not centred on the median",
        ),
        ("horizon: 6 years", "horizon: 12 years", "does not rise with prices (no 'index'): benefits.less care"),
    ],
)
def test_warnings(tmp_path: Path, old: str, new: str, warning: str) -> None:
    more = """\
measures:
  late: {of: debts, as: average, follow_up: 1 year, reported: 2032-01}
  found: {of: debts, as: total, covers: to date, reported: [2028-01, 2029-01]}
"""
    scenario = load(write(tmp_path, PILOT.replace(old, new).replace("measures:\n", more)))
    assert any(warning in w for w in scenario.warnings), scenario.warnings


def test_correlations_that_nearly_hold_are_repaired_with_a_warning(tmp_path: Path) -> None:
    inputs = "".join(f"  {name}: {{normal: {{mean: 1, sd: 1}}}}\n" for name in "abc")
    lines = "".join(
        f"  - {{between: [{a}, {b}], rank: {r}}}\n" for a, b, r in (("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", 0.62))
    )
    text = PILOT.replace("inputs:\n", "inputs:\n" + inputs).replace("correlations:\n", "correlations:\n" + lines)
    scenario = load(write(tmp_path, text))
    assert any("cannot all hold together" in w for w in scenario.warnings)
    assert len(scenario.correlations) == 4


# --------------------------------------------------------------------------------------------------- finding
def test_a_path_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    write(folder, PILOT, "town-homes.yaml")
    monkeypatch.setattr("sibsim.loading.finding.scenario_folder", lambda: folder)
    assert shipped() == ["town-homes"]
    assert find("town-homes") == folder / "town-homes.yaml"
    monkeypatch.chdir(tmp_path)
    write(tmp_path, PILOT, "town-homes")
    assert find("town-homes") == Path("town-homes")
    with pytest.raises(ScenarioError, match="did you mean 'town-homes'"):
        find("town-home")
    with pytest.raises(ScenarioError, match="did you mean 'town-homes'"):
        find("somewhere/town-homes.yml")


def test_a_misspelt_file_names_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path, PILOT)
    with pytest.raises(ScenarioError, match=r"no such file; did you mean 'pilot\.yaml'\?"):
        load(tmp_path / "pilots.yaml")


# --------------------------------------------------------------------------------------------------- cost
def test_a_good_file_loads_neither_numpy_nor_scipy(tmp_path: Path) -> None:
    path = write(tmp_path, PILOT)
    code = (
        "import sys; from sibsim.loading import check_file, load; "
        f"check_file({str(path)!r}); load({str(path)!r}, ['dear'], ['contract.cap=8 m']); "
        "print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"


def test_loading_is_quick(tmp_path: Path) -> None:
    path = write(tmp_path, PILOT)
    best = math.inf
    for _ in range(5):
        began = time.perf_counter()
        load(path)
        best = min(best, time.perf_counter() - began)
    assert best < 0.06


def test_check_file_tells_what_options_change(tmp_path: Path) -> None:
    text = PILOT.replace("  dear: {inputs.care cost: 100 k}", "  idle: {contract.payments.bonus.at: 2031-01-15}")
    assert check_file(write(tmp_path, PILOT)).options == ()
    warnings = check_file(write(tmp_path, text)).warnings
    assert any(w.startswith("option 'idle': contract.payments.bonus.at: 2031-01-15 falls between") for w in warnings)
