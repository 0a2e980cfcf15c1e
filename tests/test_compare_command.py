"""`sibsim compare`: what it prints, in every format, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sibsim import cli
from sibsim.comparing import STANDARD
from sibsim.report import Layout
from sibsim.report.comparison import RENDERERS
from sibsim.report.layout import width_of
from sibsim.report.results_schema import comparison_schema
from tests.reports import keeps_to
from tests.test_compare import GOLDEN

Capture = pytest.CaptureFixture[str]
LEAST = ("--draws", "1", "--workers", "1", "--quiet")
STANDARDS = [word for name in STANDARD for word in ("--option", name)]


def printed(capsys: Capture, *arguments: str) -> str:
    assert cli.main(["compare", *arguments, *LEAST]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys: Capture, *arguments: str) -> str:
    assert cli.main(["compare", *arguments, *LEAST]) in (1, 2)
    shown = capsys.readouterr()
    assert not shown.out
    return shown.err


@pytest.fixture
def golden(tmp_path: Path) -> str:
    path = tmp_path / "golden.yaml"
    path.write_text(GOLDEN)
    return str(path)


@pytest.fixture(scope="module")
def diabetes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("compared") / "compared.json"
    asked = ["stockholm-diabetes", *STANDARDS, "--option", "provider at risk", "--option", "effect of the trials"]
    assert cli.main(["compare", *asked, "--format", "json", "--out", str(out), *LEAST]) == 0
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def keeps_to_schema(found: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(comparison_schema())
    keeps_to(found, comparison_schema())


# ------------------------------------------------------------------------------------------------ formats
def test_the_json_keeps_to_its_schema(diabetes: dict[str, Any], golden: str, capsys: Capture) -> None:
    keeps_to_schema(diabetes)
    keeps_to_schema(json.loads(printed(capsys, golden, "--format", "json")))
    keeps_to_schema(json.loads(printed(capsys, "no-investor", "state-guarantee", "--format", "json")))


def test_the_schema_is_printed_and_closed(capsys: Capture, diabetes: dict[str, Any]) -> None:
    assert cli.main(["schema", "--comparison"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema == comparison_schema()
    with pytest.raises(jsonschema.ValidationError):
        keeps_to(diabetes | {"more": 1}, schema)
    assert cli.main(["schema", "--comparison", "--flow"]) == 2


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_the_text_fits_its_width(diabetes: dict[str, Any], columns: int) -> None:
    text = RENDERERS["text"](diabetes, Layout(columns))
    assert max(width_of(line) for line in text.splitlines()) <= columns
    assert not re.search(r"nan|inf\b|None|\[", text)


def test_the_text_says_first_who_is_better_off(diabetes: dict[str, Any]) -> None:
    text = " ".join(RENDERERS["text"](diabetes, Layout()).split())
    assert re.search(
        r"Region Stockholm On average it is best off under 'no service': SEK 23\.\d m better than as it stands; "
        r"in all of 8,192 futures \(otherwise in under 1 in [\d,]+\) no other of the 6 is better\.",
        text,
    )
    assert "effect of the trials: another view of the world, shown but not chosen between" in text
    assert "'effect of the trials' differs from 'as it stands' in inputs.hazard ratio" in text
    assert "social investment fund: of SEK 26.9 m that Region Stockholm puts in on average" in text
    order = (
        "Options",
        "Region Stockholm\n",
        "Net budget effect",
        "which option is best",
        "who bears",
        "what less risk",
    )
    raw = RENDERERS["text"](diabetes, Layout(100))
    places = [raw.index(words) for words in order]
    assert places == sorted(places)


def test_what_is_told_of_the_worst_futures(diabetes: dict[str, Any]) -> None:
    """What the payer loses in its worst futures the lender gains; the evaluator is paid the same in all."""
    text = " ".join(RENDERERS["text"](diabetes, Layout()).split())
    said = re.search(
        r"as it stands: it loses 28\.\d m there; against each one's average: ([^.]+\.\d+ m \w+), (.*?)\.? provider",
        text,
    )
    assert said, text
    assert said[1].startswith("Region Stockholm 4.")
    assert "Skandia 3." in said[2]
    assert "evaluator" not in said[2]


def test_an_option_that_others_pay_for_says_so(diabetes: dict[str, Any]) -> None:
    """The lender's mean net present value and the provider's mean margin, where they are below nothing."""
    text = " ".join(RENDERERS["text"](diabetes, Layout()).split())
    told = re.search(
        r"Lenders and providers who lose on average, and would have to sign all the same (.*?) Region Stockholm:", text
    )
    assert told
    mean = diabetes["parties"]["investor"]["figures"]["npv"]["options"]["as it stands"]["mean"]
    shown = f"as it stands: Skandia loses SEK {-mean / 1e6:.2f} m on average (net present value at its hurdle)."
    assert shown in told[1]
    assert re.search(r"provider at risk: Health Integrator loses SEK \d+ k on average\.", told[1])
    assert not re.search("no service|fee for service|social investment fund|effect of the trials", told[1])


def test_a_fund_that_only_counts_on_good_luck_says_so(diabetes: dict[str, Any]) -> None:
    """Told where the budget loses in at least 5 of 100 futures; savings that are never below nothing need no word."""
    saved = diabetes["parties"]["payer"]["figures"]["cashable_benefit_pv"]["options"]["social investment fund"]
    text = " ".join(RENDERERS["text"](diabetes, Layout()).split())
    assert ("not given back where it loses" in text) == (saved["p05"] < 0)
    shown = json.loads(json.dumps(diabetes))
    figure = shown["parties"]["payer"]["figures"]["cashable_benefit_pv"]["options"]["social investment fund"]
    for low, mean, told in ((-1.0, -5e5, "the budget loses SEK 500 k in cash"), (0.0, 5e5, None)):
        figure |= {"p05": low, "mean": mean}
        text = " ".join(RENDERERS["text"](shown, Layout()).split())
        assert told in text if told else "not given back" not in text


def test_options_that_the_simulation_cannot_tell_apart_are_told_together(diabetes: dict[str, Any]) -> None:
    shown = json.loads(json.dumps(diabetes))
    leads = shown["parties"]["payer"]["leads"]
    assert (leads["options"], leads["not_told_apart"], leads["unbeaten"]["value"]) == (["no service"], [], 1.0)
    leads |= {"not_told_apart": ["fee for service"], "unbeaten": {"value": 0.25, "mc_error": 0.001}}
    text = " ".join(RENDERERS["text"](shown, Layout()).split())
    assert re.search(
        r"Stockholm On average it is best off under 'no service' and 'fee for service' alike, as far as the simulation "
        r"can tell: SEK 23\.\d m better than as it stands; in 25 of 100 futures \([\d.-]+\) no other of the 6 is",
        text,
    )
    leads |= {"not_told_apart": [name for name in shown["parties"]["payer"]["best"] if name != "no service"]}
    text = " ".join(RENDERERS["text"](shown, Layout()).split())
    assert "Region Stockholm Which is best is not clear: on average it is as well off as it stands and under " in text
    assert "alike, as far as the simulation can tell." in text


def test_markdown_has_the_same_sections(diabetes: dict[str, Any]) -> None:
    shown = RENDERERS["markdown"](diabetes, Layout())
    assert shown.startswith("# Compared: Region Stockholm health impact bond")
    assert "## Options" in shown
    assert "| as it stands |" in shown
    assert "\x02" not in shown
    assert "\x1f" not in shown


def test_csv_has_a_row_a_party_figure_and_option(diabetes: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(RENDERERS["csv"](diabetes, Layout()))))
    figures = {(id, metric) for id, party in diabetes["parties"].items() for metric in party["figures"]}
    assert len(rows) == len(figures) * len(diabetes["options"])
    budget = {r["option"]: r for r in rows if (r["party"], r["figure"]) == ("payer", "net_budget_effect_pv")}
    party = diabetes["parties"]["payer"]
    assert float(budget["no service"]["mean"]) == 0.0
    assert (
        float(budget["as it stands"]["mean"])
        == party["figures"]["net_budget_effect_pv"]["options"]["as it stands"]["mean"]
    )
    assert float(budget["no service"]["best"]) == party["best"]["no service"]["value"]
    assert budget["as it stands"]["less_first_mean"] == ""
    assert budget["effect of the trials"]["best"] == ""


def test_the_same_bytes_for_any_workers(golden: str, capsys: Capture) -> None:
    shown = []
    for workers in ("1", "2"):
        assert cli.main(["compare", golden, "--draws", "24000", "--workers", workers, "--quiet"]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def test_value_of_an_outcome(golden: str, capsys: Capture) -> None:
    found = json.loads(printed(capsys, golden, "--value-of", "success", "--up-to", "9000", "--format", "json"))
    curve = found["decisions"]["payer"]["acceptability"]
    assert (curve["outcome"], curve["up_to"], len(curve["rows"])) == ("success", 9000.0, 21)


# ------------------------------------------------------------------------------------------------ bad input
def test_bad_input(golden: str, tmp_path: Path, capsys: Capture) -> None:
    assert "no option is called 'no servise'" in refused(capsys, golden, "--option", "no servise")
    assert "'fee' is named twice" in refused(capsys, golden, "--option", "fee", "--option", "fee")
    alone = tmp_path / "alone.yaml"
    alone.write_text(GOLDEN[: GOLDEN.index("options:")])
    assert "nothing to compare it with" in refused(capsys, str(alone))
    assert "no outcome is called 'fail'; there are 'success'" in refused(capsys, golden, "--value-of", "fail")
    assert refused(capsys, golden, "--up-to", "0")
    assert refused(capsys)
    other = tmp_path / "other.yaml"
    other.write_text(GOLDEN.replace("currency: SEK", "currency: EUR").replace("step: year", "step: month"))
    said = refused(capsys, golden, str(other))
    assert "'golden' has SEK, 'other' has EUR" in said
    assert "'golden' has year, 'other' has month" in said
    assert "no such file" in refused(capsys, golden, "nowhere.yaml")


def test_an_option_of_one_file_is_none_of_several(golden: str, tmp_path: Path, capsys: Capture) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(GOLDEN)
    assert "no option is called 'fee'; any file can be compared with 'no service'" in refused(
        capsys, golden, str(other), "--option", "fee"
    )
    assert "no service" in printed(capsys, golden, str(other), "--option", "no service")


def test_help_tells_of_it(capsys: Capture) -> None:
    assert cli.main(["--help"]) == 0
    assert re.search(r"\n  compare +Options or scenarios side by side", capsys.readouterr().out)
