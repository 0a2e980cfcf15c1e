"""`sibsim flow`: the people of the simulation, by period; nobody is lost, and what is said of them is true."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from sibsim import cli
from sibsim.errors import ModelError, ScenarioError
from sibsim.flowing import Flowing, flow_of
from sibsim.loading import load
from sibsim.loading.finding import scenario_folder
from sibsim.report.flow import RENDERERS
from sibsim.report.layout import Layout, width_of
from tests.support import HEAD, LIMIT, SCENARIOS, as_it_stands, deal, in_turn, scenario, world, z_of_mean, z_of_variance

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "flow.schema.json").read_text(encoding="utf-8"))
SHIPPED = sorted([*scenario_folder().glob("*.yaml"), *(scenario_folder() / "real").glob("*.yaml")])
WITH_PEOPLE = [path for path in SHIPPED if (s := as_it_stands(path.stem)).has_people and s.outcomes]
QUARTERS = HEAD.replace("step: year", "step: quarter")
MONTHLY = HEAD.replace("step: year", "step: month")
EVENT = "{relapse: {type: event, better: fewer, over: 1 year, without: 50 %}}"
N = 8192
MOVES = ("offered", "kept_away", "started", "dropped_out", "completed", "cut_off")


def people(participants: str, head: str = QUARTERS, **sections: str) -> str:
    return deal(head, **({"outcomes": EVENT, "measures": "none", "participants": participants} | sections))


@cache
def flowing(name: str) -> Flowing:
    path = SCENARIOS / f"{name}.yaml"
    return flow_of(load(path if path.exists() else name), n_draws=N)


def of(text: str, **more: Any) -> Flowing:
    return flow_of(scenario(text), n_draws=N, **more)


def by_period(found: Flowing, what: str, cohort: str | None = None) -> list[np.ndarray]:
    return [found.people(what, i, cohort) for i in range(len(found.periods))]


# ------------------------------------------------------------------------------------------------ closed forms
def test_starts_are_binomial() -> None:
    found = of(people("{size: 120, intake: 12 months, take_up: 70 %, duration: 1 year, dropout: 25 %}"))
    assert abs(z_of_mean(found.people("started"), 84.0, math.sqrt(120 * 0.7 * 0.3))) < LIMIT
    assert abs(z_of_variance(found.people("started"), 120 * 0.7 * 0.3)) < LIMIT
    assert abs(z_of_mean(found.people("completed"), 63.0, math.sqrt(120 * 0.525 * 0.475))) < LIMIT
    for i in range(4):  # a fourth each quarter
        assert abs(z_of_mean(found.people("started", i), 21.0, math.sqrt(30 * 0.7 * 0.3))) < LIMIT


def test_people_in_service_are_those_of_an_even_hazard() -> None:
    """With h = -ln(1 - d) / 12 each is there (exp(-h a) - exp(-h b)) / h of the months from age a to b."""
    found = of(people("{size: 100, duration: 12 months, dropout: 40 %}", MONTHLY))
    hazard = -math.log(0.6) / 12
    assert len(found.periods) == 1  # twelve months, in one calendar year
    rows = found.summary()["columns"]
    for month, row in enumerate(rows):
        there = 100 * (math.exp(-hazard * month) - math.exp(-hazard * (month + 1))) / hazard
        assert row["started"]["value"] == (100 if month == 0 else 0)
        assert abs(row["in_service"]["value"] - there) < LIMIT * max(row["in_service"]["mc_error"], 1e-9)
    year = 100 * 0.4 / (hazard * 12)
    assert (
        abs(np.mean(found.people("in_service", 0)) - year)
        < LIMIT * found.summary()["periods"][0]["in_service"]["mc_error"]
    )
    busiest = 100 * (1 - math.exp(-hazard)) / hazard
    assert abs(np.mean(found.people("busiest")) - busiest) < LIMIT * found.summary()["totals"][0]["busiest"]["mc_error"]


@pytest.mark.parametrize(("months", "by_quarter"), [(9, (0.25, 0.25, 0.25, 0.25)), (7, (0.25, 0.25, 0.25, 0.25))])
def test_who_leaves_when(months: int, by_quarter: tuple[float, ...]) -> None:
    """Of those who drop out, (1 - exp(-h a)) / d have left by age a; who completes does so in the last quarter."""
    found = of(people(f"{{size: 1 000, intake: 6 months, duration: {months} months, dropout: 30 %}}"))
    hazard = -math.log(0.7) / months
    gone = [1 - math.exp(-hazard * min(3 * k, months)) for k in range(4)]
    for i in range(4):
        left = sum(500 * (gone[i - start + 1] - gone[i - start]) for start in (0, 1) if 0 <= i - start < 3)
        row = found.summary()["periods"][i]
        assert abs(row["dropped_out"]["mean"] - left) < LIMIT * row["dropped_out"]["mc_error"]
        completes = 350 if i in (2, 3) else 0
        assert abs(row["completed"]["mean"] - completes) < LIMIT * max(row["completed"]["mc_error"], 1e-9)
    assert [found.periods[i].months for i in range(4)] == [3.0] * 4


def test_an_event_cuts_off_who_is_there() -> None:
    """100 start in each of four quarters for a year; on 2020-07 service ends in half of the futures."""
    text = people(
        "{size: 400, intake: 12 months, duration: 12 months, dropout: 30 %}",
        events="{halt: {at: 2020-07, chance: 50 %, stops: service}}",
        horizon="2022-01",
    )
    found = of(text)
    halted = found.people("kept_away") > 0
    assert abs(z_of_mean(halted * 1.0, 0.5, 0.5)) < LIMIT
    assert set(np.unique(found.people("kept_away"))) == {0.0, 200.0}
    cut, dropped = found.people("cut_off"), found.people("dropped_out")
    assert np.all(cut[~halted] == 0)
    assert np.allclose((cut + dropped)[halted], 200)  # nobody completes there
    assert np.all(found.people("completed")[halted] == 0)
    stay = 0.7**0.5 + 0.7**0.25  # of the two groups that have been there for two quarters and one
    mean = float(np.mean(cut[halted]))
    assert abs(mean - 100 * stay) < LIMIT * float(np.std(cut[halted])) / math.sqrt(halted.sum())
    months = found.people("person_months")[halted]
    hazard = -math.log(0.7) / 12
    expected = 100 * sum((1 - math.exp(-hazard * age)) / hazard for age in (6, 3))
    assert abs(np.mean(months) - expected) < LIMIT * np.std(months) / math.sqrt(len(months))
    assert np.all(found.people("last_start")[halted] == 1)
    assert np.all(found.people("last_start")[~halted] == 3)


def test_an_error_is_the_spread_of_replicates() -> None:
    found = of(people("{size: 120, take_up: 70 %, duration: 1 year}"))
    own = found.people("started").reshape(-1, 1024).mean(axis=1)
    row = found.summary()["totals"][0]["started"]
    assert row["mean"] == pytest.approx(own.mean(), rel=1e-12)
    assert row["mc_error"] == pytest.approx(own.std(ddof=1) / math.sqrt(len(own)), rel=1e-12)
    assert row["p05"] == np.sort(found.people("started"))[math.ceil(0.05 * N) - 1]


# ------------------------------------------------------------------------------------------------ identities
@pytest.mark.parametrize(
    "name", ["stockholm-diabetes", "koto", "utah-preschool", "rikers", "everything", "three-cohorts"]
)
def test_nobody_is_lost(name: str) -> None:
    found = flowing(name)
    for cohort in [None, *(c.name for c in found.scenario.cohorts if len(found.cohorts) > 1)]:
        total = {what: found.people(what, cohort=cohort) for what in (*MOVES, "never_started", "person_months")}
        assert np.allclose(total["offered"], total["started"] + total["never_started"])
        assert np.allclose(total["started"], total["completed"] + total["dropped_out"] + total["cut_off"])
        for what in MOVES:
            assert np.allclose(sum(by_period(found, what, cohort)), total[what])
        months = sum(n * p.months for n, p in zip(by_period(found, "in_service", cohort), found.periods, strict=True))
        assert np.allclose(months, total["person_months"])
        there = 0.0
        for i in range(len(found.periods)):
            moved = {what: found.people(what, i, cohort) for what in MOVES}
            there = there + moved["started"] - moved["completed"] - moved["dropped_out"] - moved["cut_off"]
            assert np.all(np.asarray(there) > -1e-6)  # never fewer than nobody
    if len(found.cohorts) > 1:
        for what in (*MOVES, "person_months"):
            parts = [found.people(what, cohort=cohort.name) for cohort in found.scenario.cohorts]
            assert np.allclose(sum(parts), found.people(what))


@pytest.mark.parametrize("name", ["stockholm-diabetes", "utah-preschool", "everything"])
def test_these_are_the_people_of_the_simulation(name: str) -> None:
    found = flowing(name)
    done = world(found.scenario, replicates=8)
    for who, what in (("offered", "offered"), ("starters", "started")):
        expected = sum((sum(flow.group(who), 0.0) for flow in done.flows.values()), 0.0)
        assert np.allclose(found.people(what), expected)
    months: Any = 0.0
    for flow in done.flows.values():
        last = flow.columns[-1] + math.ceil(flow.cohort.duration / flow.step_months)
        months = months + sum((flow.person_months(c, flow.cohort.duration) for c in range(last + 1)), 0.0)
    assert np.allclose(found.people("person_months"), months)


def test_the_same_bytes_for_any_workers_and_the_first_futures_for_any_draws(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sibsim.workers.FEWEST", 2)
    asked = ["flow", "utah-preschool", "--draws", "16384", "--format", "json", "--quiet", "--workers"]
    texts = []
    for workers in ("1", "2"):
        assert cli.main([*asked, workers]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    more = flow_of(load("utah-preschool"), n_draws=2 * N)
    assert np.array_equal(more.people("started")[:N], flowing("utah-preschool").people("started"))


# ------------------------------------------------------------------------------------------------ what is written
@pytest.mark.parametrize("path", in_turn(WITH_PEOPLE, 2), ids=lambda path: path.stem)
def test_every_contract_can_be_shown(path: Path) -> None:
    found = flowing(path.stem)
    summary = found.summary()
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(RENDERERS["json"](summary, Layout())))
    for columns in (60, 80, 120):
        layout = Layout(columns)
        text = RENDERERS["text"](summary, layout)
        wide = [one for one in text.splitlines() if width_of(one) > layout.width]
        assert not wide
        assert not re.search(r"\bnan\b|\binf\b|None|n/a", text)
        assert "\x1b" not in text
    table = list(csv.DictReader(io.StringIO(RENDERERS["csv"](summary, Layout()))))
    assert len(table) == len(summary["periods"])
    for row, period in zip(table, summary["periods"], strict=True):
        assert row["cohort"] == (period["cohort"] or "")
        assert float(row["started"]) == period["started"]["mean"]
        assert float(row["in_service_p95"]) == period["in_service"]["p95"]


def test_there_are_contracts_to_show() -> None:
    assert len(WITH_PEOPLE) > 15


def test_what_can_not_be_shown_in_colour_is_shown_without(capsys: pytest.CaptureFixture[str]) -> None:
    text = RENDERERS["text"](flowing("koto").summary(), Layout(80, has_style=True))
    bare = re.sub(r"\x1b\[\d+m", "", text)
    assert bare == RENDERERS["text"](flowing("koto").summary(), Layout(80))
    assert text != bare


def said(text: str, **sections: str) -> str:
    summary = of(people(text, **sections)).summary()
    return " ".join(RENDERERS["text"](summary, Layout(100)).split("\n\n")[1].split())


def test_the_sentences() -> None:
    assert said("{size: 60, duration: 1 year}") == (
        "All 60 people who are offered the programme start, in every future. All start in January 2020. In the "
        "busiest quarter 60 are in service at a time; in all they get 60 person-years of service. Nobody drops out: "
        "the file gives no `dropout` above 0."
    )
    some = said("{size: 120, intake: 12 months, take_up: 70 %, duration: 1 year, dropout: 25 %}")
    # 120 x 70 % = 84, sd 5.02: 76 to 92; a fourth of them leave: 21, sd sqrt(120 x 0.175 x 0.825) = 4.16: 14 to 28
    start = r"Of 120 people offered the programme, ([\d.]+) start on average; in at least 90 of 100 futures 76 to 92\."
    assert (found := re.match(start, some)) is not None
    assert abs(float(found.group(1)) - 84.0) < 0.3
    assert "The first start in January 2020, the last in October 2020." in some
    leave = r"On average ([\d.]+) drop out \(in at least 90 of 100 futures 14 to 28\) and ([\d.]+) complete\."
    assert (found := re.search(leave, some)) is not None
    assert [float(found.group(k)) for k in (1, 2)] == pytest.approx([21.0, 63.0], abs=0.3)
    none = said("{size: 60, take_up: 0 %, duration: 1 year}")
    assert none == "Of 60 people offered the programme nobody starts, in every future."


def test_who_is_kept_away_is_said() -> None:
    text = said(
        "{size: 400, intake: 12 months, duration: 12 months}",
        events="{halt: {at: 2020-07, chance: 100 %, stops: service}}",
        horizon="2022-01",
    )
    assert "200 more were planned, on average: events, or want of money, leave them without a start." in text
    assert "The first start in January 2020, the last in April 2020." in text
    assert "An event ends the service of 200 before they complete, on average." in text


def test_years_that_are_not_of_the_calendar_say_so() -> None:
    text = RENDERERS["text"](flowing("stockholm-diabetes").summary(), Layout())
    assert "2021 runs from March 2021 to the start of March 2022" in " ".join(text.split())
    assert "  2020, Sep-Feb " in text
    whole = RENDERERS["text"](of(people("{size: 60, intake: 36 months, duration: 1 year}")).summary(), Layout())
    assert "runs from" not in whole
    assert "  2023, Jan-Sep" in whole


def test_the_chart_adds_up() -> None:
    summary = flowing("stockholm-diabetes").summary()
    text = RENDERERS["text"](summary, Layout())
    lines = text[text.index("By quarter  ") :].split("\n\n")[0].splitlines()[1:]
    assert len(lines) == len(summary["columns"]) == 31
    started = [float(line.split()[1].replace(",", "")) for line in lines]
    assert sum(started) == 925
    bars = [line.split()[2].count("█") for line in lines if line.split()[1] != "0"]
    assert len(bars) == 12
    assert max(bars) - min(bars) <= 1  # 77 or 78 in each
    longest = max(line.count("█") for line in lines if line.split()[1] == "0")
    busiest = max(columns["in_service"]["value"] for columns in summary["columns"])
    last = summary["columns"][-1]["in_service"]["value"]
    assert lines[-1].count("█") == round(last / busiest * longest)


# ------------------------------------------------------------------------------------------------ the command
def command(*arguments: str) -> int:
    return cli.main(["flow", *arguments, "--draws", "8192", "--workers", "1", "--quiet"])


def test_the_schema_is_printed_and_closed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema", "--flow"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
    assert cli.main(["schema", "--flow", "--results"]) == 2
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    text = json.dumps(SCHEMA)
    objects = text.count('"type": "object"') + text.count('"type": ["object", "null"]')
    assert objects == text.count('"additionalProperties": false') == text.count('"properties"')


def test_a_file_without_people_is_told_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert command("dc-water") == 1
    error = capsys.readouterr().err
    assert "the file does not speak of people (no 'participants')" in error
    assert "sibsim run" in error
    path = tmp_path / "settled.yaml"
    path.write_text("title: x\nstart: 2020-01\nend: nowhere\n", encoding="utf-8")
    assert command(str(path)) == 1
    assert "settled.yaml" in capsys.readouterr().err
    with pytest.raises(ScenarioError):
        flow_of(load("dc-water"))


def test_shares_out_of_range_are_refused() -> None:
    text = people("{size: 60, take_up: share, duration: 1 year}", inputs="{share: {normal: {mean: 95 %, sd: 10 %}}}")
    with pytest.raises(ModelError, match=r"take_up: in \d+\.\d % of the futures this leaves its possible range"):
        of(text)


def test_options_sets_and_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert command("stockholm-diabetes", "--set", "participants.size=100") == 0
    assert "All 100 people" in capsys.readouterr().out
    out = tmp_path / "flow.csv"
    assert command("stockholm-diabetes", "--format", "csv", "--out", str(out)) == 0
    assert capsys.readouterr().out == ""
    assert out.read_text("utf-8").startswith("cohort,from,until,months,offered,offered_mc_error,")
    assert command("stockholm-diabetes", "--out", str(tmp_path)) == 2
    assert command("stockholm-diabetes", "--option", "nothing of that name") == 1
    assert command("stockholm-diabetes", "--format", "markdown") == 2


def test_a_closed_pipe_ends_quietly() -> None:
    code = "import sys; from sibsim.cli import main; sys.exit(main())"
    work = subprocess.Popen(
        [sys.executable, "-c", code, "flow", "child-obesity", "--draws", "8192", "--format", "json"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert work.stdout is not None
    assert work.stderr is not None
    work.stdout.close()
    assert work.stderr.read() == b""
    work.stderr.close()
    assert work.wait(timeout=60) == 0


def test_what_differs_between_futures_is_said_to_be_a_mean() -> None:
    text = " ".join(RENDERERS["text"](flowing("peterborough").summary(), Layout()).split())
    assert re.search(
        r"In the busiest year 1,000 are in service at a time; in all they get 2,90\d person-years of", text
    )
    assert "person-years of service on average." in text
