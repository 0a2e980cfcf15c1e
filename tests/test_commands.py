"""`init`, `list`, `schema`, `run --assumptions`, and the formats of `run`: with the real engine, at its least draws."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from sibsim import cli
from sibsim.distributions import DISTRIBUTIONS
from sibsim.loading import check_file, load
from sibsim.loading.assumptions import Figure
from sibsim.loading.finding import scenario_folder, shipped, templates
from sibsim.report import RENDERERS, Layout
from sibsim.report.as_markdown import marked_down
from sibsim.report.labels import MEANINGS, METRICS, PROBABILITIES
from sibsim.report.layout import width_of
from sibsim.report.signs import can_show
from sibsim.results import Results
from sibsim.shapes import SHAPES
from sibsim.simulate import simulate
from tests.reports import keeps_to
from tests.summary_fixture import full_summary

ROOT = Path(__file__).parents[1]
TEMPLATES = ("provider-at-risk", "rate-card", "savings-share", "several-payers", "threshold-bond")
Capture = pytest.CaptureFixture[str]


def printed(capsys: Capture, *arguments: str) -> str:
    assert cli.main(list(arguments)) == 0, capsys.readouterr().err
    return capsys.readouterr().out


# ------------------------------------------------------------------------------------------------ init
@pytest.mark.parametrize("name", templates())
def test_a_template_validates_and_runs(name: str, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "pilot.yaml"
    assert cli.main(["init", name, "--out", str(out)]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"sibsim validate {out}" in shown.err
    assert out.read_text("utf-8") == printed(capsys, "init", name)
    scenario = check_file(out)  # its options too
    text = out.read_text("utf-8")
    assert text.startswith("# ")
    assert text.count("#") >= 10, "a template is commented"
    assert all(figure.status in ("assumed", None) for figure in scenario.evidence)
    results = simulate(scenario, n_draws=1, workers=1)
    assert all(not np.isnan(results.metric(p, "outcome_payments")).any() for p in _payers(results))


def _payers(results: Results) -> list[str]:
    return [id for id, party in results.summary()["parties"].items() if "payer" in party["roles"]]


def test_init_without_a_name_lists_the_templates(capsys: Capture) -> None:
    shown = printed(capsys, "init")
    assert all(f"  {name}\n    " in shown for name in templates())
    assert tuple(templates()) == TEMPLATES


def test_init_writes_over_nothing_unless_told(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "pilot.yaml"
    out.write_text("mine")
    assert cli.main(["init", "rate-card", "--out", str(out)]) == 2
    assert "is there already; --force writes over it" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert cli.main(["init", "rate-card", "--out", str(out), "--force"]) == 0
    assert out.read_text("utf-8").startswith("# Rate card")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["init", "rate-crad"], 1, "did you mean 'rate-card'?"),
        (["init", "../rate-card"], 1, "no template is called so"),
        (["init", "--out", "pilot.yaml"], 2, "say which template"),
        (["init", "rate-card", "--out", "no/such/folder/a.yaml"], 2, "there is no folder"),
        (["init", "rate-card", "--out", "/"], 2, "not an ordinary file"),
        (["init", "rate-card", "more"], 2, "unexpected extra argument"),
        (["list", "distribution"], 2, "'distributions', 'payments'"),
        (["list", "metrics", "payments"], 2, "unexpected extra argument"),
        (["schema", "--result"], 2, "--results"),
        (["schema", "--out", "no/such/folder/a.json"], 2, "there is no folder"),
        (["run", "--format", "cvs"], 2, "'csv'"),
        (["run", "no-such-scenario", "--assumptions"], 1, "no scenario of this name"),
        (["run", "--assumptions", "--option", "nothing like it"], 1, "no option is called 'nothing like it'"),
    ],
)
def test_bad_arguments(capsys: Capture, arguments: list[str], code: int, says: str) -> None:
    assert cli.main(arguments) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert says in shown.err
    assert "Traceback" not in shown.err


# ------------------------------------------------------------------------------------------------ list
def test_the_lists_are_whole(capsys: Capture) -> None:
    shown = printed(capsys, "list", "distributions")
    assert all(f"\n  {name}\n" in shown for name in DISTRIBUTIONS if name != "fixed")
    shown = printed(capsys, "list", "payments")
    assert all(f"\n  {name}\n" in shown for name in SHAPES)
    shown = printed(capsys, "list", "metrics")
    assert all(f"\n  {name}: " in shown for name in (*METRICS, *PROBABILITIES))
    shown = printed(capsys, "list", "scenarios")
    assert all(f"\n  {name}\n    " in shown for name in shipped())
    assert "Region Stockholm health impact bond" in shown
    made, _, signed = shown.partition("Real contracts, with what came of them: sibsim run NAME, sibsim settle NAME")
    assert "\n  denver\n" in signed
    assert "\n  denver\n" not in made
    everything = printed(capsys, "list")
    assert all(line in everything for line in shown.splitlines())


def test_every_metric_has_a_meaning() -> None:
    assert set(MEANINGS) == {*METRICS, *PROBABILITIES}


@pytest.mark.parametrize("what", ["distributions", "payments", "metrics", "scenarios", "templates"])
def test_lists_fit_on_a_screen(what: str, capsys: Capture) -> None:
    assert max(width_of(line) for line in printed(capsys, "list", what).splitlines()) <= 80


@pytest.mark.parametrize("command", [["run"], ["validate"], ["init"], ["list"], ["schema"], []])
def test_help_fits_on_a_screen(command: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = printed(capsys, *command, "--help")
    assert max(width_of(line) for line in shown.splitlines()) <= 80


# ------------------------------------------------------------------------------------------------ schema
def test_schema_prints_a_schema(capsys: Capture, tmp_path: Path) -> None:
    shown = json.loads(printed(capsys, "schema"))
    jsonschema.Draft202012Validator.check_schema(shown)
    out = tmp_path / "sibsim.schema.json"
    assert printed(capsys, "schema", "--out", str(out)) == ""
    assert json.loads(out.read_text("utf-8")) == shown


def test_schema_of_the_results_is_the_one_in_the_docs(capsys: Capture) -> None:
    shown = json.loads(printed(capsys, "schema", "--results"))
    assert shown == json.loads((ROOT / "docs" / "output.schema.json").read_text("utf-8"))
    keeps_to(full_summary(), shown)


# ------------------------------------------------------------------------------------------------ assumptions
def figures(capsys: Capture, *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(printed(capsys, "run", *arguments, "--assumptions", "--format", "csv"))))


def test_the_book_holds_every_figure(capsys: Capture) -> None:
    path = ROOT / "tests" / "scenarios" / "rate-card.yaml"
    rows = {(row["section"], row["path"]): row for row in figures(capsys, str(path))}
    text = path.read_text("utf-8")
    assert len(rows) >= 10
    assert rows["participants", "size"]["value"] in text
    assert all(row["value"] for row in rows.values())


def test_the_book_knows_where_figures_come_from(capsys: Capture) -> None:
    rows = {(row["section"], row["path"]): row for row in figures(capsys, "child-obesity")}
    risk = rows["inputs", "relative risk"]
    assert (risk["value"], risk["source"], risk["status"]) == (
        "lognormal: median 0.96, interval_95 [0.72, 1.28]",
        "PRIMROSE",
        "derived",
    )
    assert risk["note"].startswith("0.96, p = 0.78")
    assert rows["contract", "payments.state part.per_unit"]["value"] == "138 750"
    assert rows["start", ""]["status"] == ""
    claimed = {(row["section"], row["path"]): row for row in figures(capsys, "child-obesity", "--option", "as claimed")}
    assert (claimed["inputs", "relative risk"]["value"], claimed["inputs", "relative risk"]["status"]) == (
        "0.40",
        "claimed",
    )
    fewer = figures(capsys, "child-obesity", "--set", "participants.size=500")
    assert next(row["value"] for row in fewer if row["path"] == "size") == "500"


def test_the_book_and_the_warning_count_the_same_figures(capsys: Capture) -> None:
    """The day on which the calendar begins is no figure to be sourced: 16 assumed, of 1 nothing said, in both."""
    text = " ".join(printed(capsys, "run", "stockholm-diabetes", "--assumptions").split())
    warned = printed(capsys, "validate", "stockholm-diabetes")
    assert "17 without (16 assumed, 1 of which nothing is said)" in text
    assert "16 figures have no source" in warned
    assert "and of 1 more nothing is said at all: finance.surplus.payer" in warned
    assert "start 2020-06 horizon" in text


def test_the_book_in_each_format(capsys: Capture) -> None:
    text = printed(capsys, "run", "child-obesity", "--assumptions")
    assert max(width_of(line) for line in text.splitlines()) <= 80
    assert "  size: 1 000 [assumed, no source]\n" in text
    assert "PRIMROSE15: " in text
    head = re.search(r"37 figures: (\d+) with a source \((.+?)\), (\d+) without \((.+?)\)\.", " ".join(text.split()))
    assert head is not None
    for count, kinds in ((head[1], head[2]), (head[3], head[4])):  # the kinds of each half add up to it
        assert sum(int(k) for k in re.findall(r"\d+", kinds)) == int(count)
    assert int(head[1]) + int(head[3]) == 37
    marked = printed(capsys, "run", "child-obesity", "--assumptions", "--format", "markdown")
    assert marked.startswith("# Assumptions: Childhood overweight")
    assert "\n## participants\n\n- size: 1 000 \\[assumed, no source\\]\n" in marked
    found = json.loads(printed(capsys, "run", "child-obesity", "--assumptions", "--format", "json"))
    assert found["format"] == "sibsim.assumptions/1"
    assert len(found["figures"]) == len(figures(capsys, "child-obesity"))
    assert set(found["figures"][0]) == set(Figure.__dataclass_fields__)
    assert found["sources"]["TLV"]["publisher"] == "TLV"


def test_the_book_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom sibsim.cli import main\n"
        "assert main(['run', '--assumptions', '--out', sys.argv[1]]) == 0\nprint(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, os.devnull + "x"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:  # a system on which nothing can be written there
        code = code.replace("'--out', sys.argv[1]", "'--format', 'json'")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert not {"numpy", "scipy", "sibsim.simulate"} & set(done.stdout.split())


# ------------------------------------------------------------------------------------------------ csv, markdown
def test_csv_has_a_row_a_future(capsys: Capture, tmp_path: Path) -> None:
    out = tmp_path / "draws.csv"
    arguments = ["run", "--draws", "1", "--workers", "1", "--quiet", "--format", "csv", "--out", str(out)]
    assert cli.main(arguments) == 0
    rows = list(csv.reader(io.StringIO(out.read_text("utf-8"))))
    results = simulate(load("stockholm-diabetes"), n_draws=1, workers=1)
    names = rows[0]
    assert names[0] == "draw"
    assert len(set(names)) == len(names)
    assert [int(row[0]) for row in rows[1:]] == list(range(1, results.n_draws + 1))
    table = {name: [row[i] for row in rows[1:]] for i, name in enumerate(names)}
    for party, metric in (("payer", "outcome_payments"), ("investor", "irr"), ("public_purse", "net_budget_effect_pv")):
        read = np.array([float(cell) if cell else np.nan for cell in table[f"{party}.{metric}"]])
        assert np.array_equal(read, results.metric(party, metric), equal_nan=True)
    assert "" in table["investor.payback_years"]
    everything = results.per_draw()
    assert list(everything) == names[1:]
    ratio = np.array([float(cell) for cell in table["inputs.hazard ratio"]])
    assert np.array_equal(ratio, everything["inputs.hazard ratio"])
    assert {"outcomes.diabetes.effect", "measures.fewer cases.2025-06-01"} <= set(names)


def test_csv_names_the_tranches_when_there_are_several() -> None:
    results = simulate(load(scenario_folder() / "templates" / "several-payers.yaml"), n_draws=1, workers=1)
    columns = results.per_draw()
    both = columns["investor.senior.net_gain"] + columns["investor.junior.net_gain"]
    assert np.allclose(both, columns["investor.net_gain"])


def test_markdown_says_what_the_text_says() -> None:
    summary = full_summary()
    text, marked = (RENDERERS[name](summary, Layout()) for name in ("text", "markdown"))
    words = "".join(text.split())
    lines = marked.splitlines()
    assert lines[0].startswith("# ")
    assert "\n## " in marked
    assert "\n### One figure each\n" in marked
    for line in lines:
        if line.startswith("- "):
            plain = line[2:].replace("\\", "")
            assert "".join(plain.split()) in words
    tables = [block for block in marked.split("\n\n") if block.startswith("|")]
    assert len(tables) >= 5
    for block in tables:
        head, rule, *_ = block.splitlines()
        assert head.count("|") == rule.count("|")


def test_what_markdown_would_read_is_escaped() -> None:
    assert marked_down("\x02A *b* <c>\na_b | #1 `x`\x1f1") == (
        "# A \\*b\\* \\<c\\>\n\n| a\\_b \\| \\#1 \\`x\\` | 1 |\n|---|---:|\n"
    )


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_terminal_of_ascii_signs_loses_nothing_but_accents(format_: str, capsys: Capture) -> None:
    path = str(scenario_folder() / "templates" / "rate-card.yaml")  # of Västerby
    arguments = ["run", path, "--draws", "1", "--workers", "1", "--quiet", "--format", format_]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "sibsim", *arguments], capture_output=True, cwd=ROOT, env=environment, check=True
    )
    assert cli.main(arguments) == 0
    plain, full = done.stdout.decode("ascii"), capsys.readouterr().out
    assert not can_show(full, "ascii")
    assert ("Vasterby" if format_ == "text" else "V\\u00e4sterby") in plain
    assert "?" not in plain.replace("?", "", full.count("?"))
    if format_ == "json":
        assert json.loads(plain) == json.loads(full)
    else:
        assert [len(line) for line in plain.splitlines()] == [len(line) for line in full.splitlines()]


def test_a_pipe_gets_no_colour() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sibsim", "list"], capture_output=True, cwd=ROOT, check=True, env=os.environ
    )
    assert b"\x1b" not in done.stdout


# ------------------------------------------------------------------------------------------------ validate
def test_validate_says_whom_each_report_can_count(capsys: Capture) -> None:
    """240 start over eight quarters, 30 in each. The report of 2028-10 has data until 2028-07: three quarters have been
    followed for a year by then, and 90 of 240 are 37.5 %."""
    shown = printed(capsys, "validate", str(scenario_folder() / "templates" / "rate-card.yaml"))
    assert "\n  People whom each report can count, of those planned:\n" in shown
    new = "37.5 % in 2028-10, 50 % in 2029-10 and 12.5 % in 2030-10 (who is new since the last)"
    assert f"\n    found work: {new}\n" in shown
    assert "started" not in shown.partition("People whom")[2]
