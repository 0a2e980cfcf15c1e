"""Distributions as files write them: each is read from the table, with its unit, and simulated."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sibsim.distributions import Discrete, Normal, Student, truncate
from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load
from sibsim.loading.curves import CURVES
from sibsim.scenario import Input
from sibsim.simulate import simulate
from tests.test_loading_errors import SMALL

RISK = "{lognormal: {interval_95: [0.60, 0.90]}, status: assumed}"
EVERY = {
    "normal": "{normal: {mean: 80 %, sd: 8 %, within: [50 %, 100 %]}}",
    "lognormal": "{lognormal: {p10: 0.7, p50: 0.8, p90: 0.9}}",
    "gamma": "{gamma: {mean: 0.8, sd: 0.1}}",
    "student": "{student: {interval_90: [60 %, 90 %], df: 5}}",
    "beta": "{beta: {successes: 17, of: 49, within: [10 %, 90 %]}}",
    "uniform": "{uniform: {low: 0, high: 90 %, within: [50 %, 80 %]}}",
    "triangular": "{triangular: {low: 0.6, mode: 0.8, high: 1, within: [0.7, 2]}}",
    "pert": "{pert: {low: 0.6, mode: 0.8, high: 1}}",
    "discrete": "{discrete: [[0.8, 30 %], [1, 70 %]], within: [0, 1]}",
    "mixture": "{mixture: [[70 %, {normal: {mean: 80 %, sd: 5 %}}], [30 %, 100 %]], within: [60 %, 100 %]}",
    "empirical": "{empirical: {file: ratios.csv, column: ratio, within: [0.6, 0.95]}}",
}
RATIOS = "year,ratio\n2019,0.7\n2020,0.8\n2021,0.9\n2022,1.2\n"


def written(tmp_path: Path, distribution: str) -> Path:
    assert SMALL.count(RISK) == 1
    (tmp_path / "ratios.csv").write_text(RATIOS, encoding="utf-8")
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.replace(RISK, distribution), encoding="utf-8")
    return path


def read(tmp_path: Path, distribution: str) -> Input:
    scenario = load(written(tmp_path, distribution))
    return next(i for i in scenario.inputs if i.name == "relative risk")


def test_every_distribution_is_tried() -> None:
    assert set(EVERY) == set(CURVES)


@pytest.mark.parametrize("name", EVERY)
def test_every_distribution_loads_and_simulates(tmp_path: Path, name: str) -> None:
    scenario = load(written(tmp_path, EVERY[name]))
    results = simulate(scenario, n_draws=1024)
    shown = next(i for i in results.summary()["inputs"] if i["name"] == "relative risk")
    assert shown["describe"].startswith(name)
    assert shown["is_uncertain"]
    assert np.isfinite([shown["mean"], shown["sd"]]).all()


def test_units_and_values(tmp_path: Path) -> None:
    found = read(tmp_path, EVERY["normal"])
    assert (found.distribution, found.unit) == (truncate(Normal(0.8, 0.08), (0.5, 1.0)), "percent")
    found = read(tmp_path, EVERY["discrete"])
    assert (found.distribution, found.unit) == (Discrete((0.8, 1.0), (0.3, 0.7)), "number")
    assert found.evidence.shown == "discrete: [[0.8, 30 %], [1, 70 %]]"
    found = read(tmp_path, "{student: {mean: 80 %, sd: 8 %, df: 5}}")
    assert (found.distribution, found.unit) == (Student(0.8, 0.08, 0.0, 5.0), "percent")
    assert read(tmp_path, EVERY["beta"]).unit == "percent"
    assert read(tmp_path, "{beta: {successes: 17, of: 49}}").unit == "number"
    assert read(tmp_path, "{discrete: [[0, 30 %], [110 %, 70 %]]}").unit == "percent"


@pytest.mark.parametrize(
    ("distribution", "says"),
    [
        ("{discrete: {values: [1, 2]}}", "expected a list of [value, chance], e.g. [[0.8, 30 %], [1, 70 %]]"),
        ("{discrete: 0.8}", "expected a list of [value, chance]"),
        ("{discrete: []}", "discrete takes a list of [value, chance]"),
        ("{discrete: [[0.8, 30 %], [1, 70 %]], within: [2, 3]}", "next to no chance within 2 to 3"),
        ("{normal: {mean: 0.8, sd: 0.1}, within: [0, 1]}", "'within' stands among the parameters"),
        ("{discrete: [0.8, 0.9]}", "each row must be [value, chance]"),
        ("{discrete: [[0.8, 30 %, 1], [1, 70 %]]}", "each row must be [value, chance]"),
        ("{discrete: [[0.8, 30 %], [1, 60 %]]}", "must add up to 100 %, got 90 %"),
        ("{discrete: [[0.8, 30], [1, 70]]}", "got 30; write 30 %"),
        ("{discrete: [[0.8, 3 m], [1, 70 %]]}", "a chance is a percent"),
        ("{discrete: [[80 %, 30 %], [1, 70 %]]}", "some parameters are percents and some are not"),
        ("{discrete: [[mood, 30 %], [1, 70 %]]}", "a number must stand here"),
        ("{normal: {mean: 0.8, sd: 0.1, within: 1}}", "within must be two numbers, [low, high]"),
        ("{normal: {mean: 0.8, sd: 0.1, within: []}}", "the list is empty"),
        ("{normal: {mean: 0.8, sd: 0.1, within: [1, 0]}}", "within is reversed: write [0, 1]"),
        ("{normal: {mean: 0.8, sd: 0.1, within: [5, 6]}}", "next to no chance within 5 to 6"),
        ("{normal: {mean: 0.8, sd: 0.1, within: [50 %, 90 %]}}", "some parameters are percents"),
        ("{normal: {within: [0, 1]}}", "normal takes mean, sd; or"),
        ("{student: {mean: 0.8, sd: 0.1, df: 5 %}}", "must be a plain number, got 5 %"),
        ("{student: {mean: 0.8, sd: 0.1}}", "student takes mean, sd, df"),
        ("{gamma: {mean: 0.8, sd: 0.1, df: 4}}", "gamma takes mean, sd; or"),
        ("{uniform: {p10: 0.8, p90: 0.9}}", "uniform takes low, high"),
        ("{normal: {mean: 0.8, p10: 0.7, p90: 0.9}}", "p10, p50, p90; got mean, p10, p90"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(tmp_path: Path, distribution: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        check_file(written(tmp_path, distribution))
    line = SMALL[: SMALL.index(RISK)].count("\n") + 1
    assert any(says in p.message and p.line == line for p in caught.value.problems), str(caught.value)


def test_three_points_off_their_centre_are_warned_of(tmp_path: Path) -> None:
    scenario = load(written(tmp_path, "{normal: {p10: 0.6, p50: 0.85, p90: 0.9}}"))
    assert any("not centred on the median 0.85" in warning for warning in scenario.warnings)


@pytest.mark.parametrize("name", ["normal", "gamma", "uniform", "discrete", "mixture", "empirical"])
def test_validate_loads_neither_numpy_nor_scipy(tmp_path: Path, name: str) -> None:
    code = (
        "import sys\nfrom sibsim.cli import main\n"
        "assert main(['validate', sys.argv[1]]) == 0\n"
        "assert not {'numpy', 'scipy'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", code, str(written(tmp_path, EVERY[name]))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert done.returncode == 0, done.stderr
