"""`sibsim explain`: the future that is told is one of the simulation, its money that of the ledger."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from sibsim import cli
from sibsim.errors import ModelError
from sibsim.loading import load
from sibsim.replay import Explained, explained
from sibsim.replay.chosen import choose, metric_of, party_of
from sibsim.replay.truths import true_readings
from sibsim.report.as_csv import rows
from sibsim.report.explanation import RENDERERS
from sibsim.report.layout import Layout, width_of
from sibsim.timeline import day_of
from tests.support import LIMIT, SCENARIOS, deal, scenario, world, z_of_mean

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "explanation.schema.json").read_text(encoding="utf-8"))
FILES = ["stockholm-diabetes", "child-obesity", "everything", "three-cohorts"]
N = 8192
FIRST = "payer.net_budget_effect_pv"
SCORE = {"outcomes": "{result: {type: score, each: cohort, better: more, over: 1 year, without: 2, with: 10}}"}


@cache
def told(name: str, draw: str | int = "worst", party: str | None = None) -> Explained:
    path = SCENARIOS / f"{name}.yaml"
    return explained(load(path if path.exists() else name), draw, party, n_draws=N)


def values(one: Explained) -> np.ndarray:
    return one.results.metric(one.choice.party, one.choice.metric)


# ------------------------------------------------------------------------------------------------ which future
@pytest.mark.parametrize("name", FILES)
def test_the_figures_of_the_future_are_its_row_of_the_csv(name: str) -> None:
    one = told(name)
    lines = "".join(rows(one.per_draw)).splitlines()
    assert len(lines) == one.results.n_draws + 1
    row = next(csv.DictReader([lines[0], lines[one.choice.draw + 1]]))
    summary = one.summary()
    assert int(row.pop("draw")) == summary["draw"]
    assert {name: float(text) if text else None for name, text in row.items()} == summary["metrics"]
    for party in summary["parties"]:
        for metric, found in party["metrics"].items():
            assert found["value"] == summary["metrics"][f"{party['party']}.{metric}"]


def test_worst_best_and_median_are_those_of_the_csv() -> None:
    for name, party, metric in (
        ("stockholm-diabetes", None, FIRST),
        ("stockholm-diabetes", "investor", "investor.irr"),
        ("child-obesity", "provider", "provider.margin"),
    ):
        one = told(name)
        column = one.per_draw[metric]
        worst, best, middle = (choose(one.results, draw, party).draw for draw in ("worst", "best", "median"))
        assert worst == int(np.argmin(column))  # of equal ones the first
        assert best == int(np.argmax(column))
        assert column[middle] == np.sort(column)[(N - 1) // 2]
        assert middle == int(np.flatnonzero(column == column[middle])[0])
    assert told("stockholm-diabetes").choice.draw == int(np.argmin(told("stockholm-diabetes").per_draw[FIRST]))


def test_a_number_is_that_of_the_csv() -> None:
    one = explained(load("stockholm-diabetes"), 8000, n_draws=N)
    assert one.summary()["draw"] == 8000
    assert one.pick(one.world.context.inputs["progression"]) == one.per_draw["inputs.progression"][7999]


def test_where_it_stands_is_counted() -> None:
    one = told("child-obesity")
    column = one.per_draw[f"{one.choice.party}.{one.choice.metric}"]
    party = next(p for p in one.summary()["parties"] if p["party"] == one.choice.party)
    stands = party["metrics"][one.choice.metric]
    assert stands["lower"] == np.sum(column < column[one.choice.draw]) == 0
    assert stands["lower"] + stands["higher"] == N - 1


def test_who_is_looked_at() -> None:
    """A payer to whose budget something falls; else who lends; else who pays."""
    assert party_of(load("stockholm-diabetes"), None) == "payer"
    lent = deal(
        contract="{payments: {p: {amount: 10, at: 2021-01}}}",
        costs="{c: {amount: 10, at: 2020-01}}",
        finance="{tranches: {loan: {by: lender, amount: 10}}}",
    )
    assert party_of(scenario(lent), None) == "lender"
    fee = deal(contract="{payments: {p: {amount: 10, at: 2021-01, by: city, to: provider}}}")
    assert party_of(scenario(fee), None) == "city"
    with pytest.raises(ModelError, match="there is no party 'nobody'; there are payer, city"):
        party_of(scenario(fee), "nobody")


def test_an_investor_without_a_rate_is_judged_by_the_gain() -> None:
    """Where nothing is drawn there is no rate of return."""
    text = deal(
        events="{need: {at: 2020-01, chance: 50 %}}",
        contract="{payments: {p: {amount: 10, at: 2021-01}}}",
        costs="{c: {amount: 10, at: need}}",
        finance="{tranches: {loan: {by: lender, amount: 10}}}",
    )
    one = explained(scenario(text), "best", n_draws=N)
    assert one.choice.metric == "net_gain"
    assert metric_of(one.results, "lender") == "net_gain"
    assert values(one)[one.choice.draw] == max(values(one))


# ------------------------------------------------------------------------------------------------ the money
@pytest.mark.parametrize("name", FILES)
def test_what_is_told_adds_up_to_the_ledger(name: str) -> None:
    one = told(name)
    summary = one.summary()
    draw = one.choice.draw
    expected: dict[tuple[str, str, str, str], float] = defaultdict(float)
    paid: dict[tuple[str, str], float] = defaultdict(float)
    for t in one.results.transfers(slice(draw, draw + 1)):
        for column in np.flatnonzero(t.amounts[:, 0]):
            amount = float(t.amounts[column, 0])
            expected[day_of(one.scenario, int(column)), t.label, t.source, t.target] += amount
            if t.kind in ("payment", "money back"):
                paid[day_of(one.scenario, int(column)), t.label] += amount if t.kind == "payment" else -amount
    found: dict[tuple[str, str, str, str], float] = defaultdict(float)
    for t in summary["transfers"]:
        found[t["date"], t["label"], t["from"], t["to"]] += t["amount"]
    assert found == expected
    steps: dict[tuple[str, str], float] = defaultdict(float)
    for step in summary["trace"]:
        sign = {"pays": 1.0, "back": -1.0}.get(step["what"])
        if sign is not None:
            steps[step["date"], step["subject"]] += sign * step["figures"]["value"]
    assert steps.keys() == paid.keys()
    assert {k: pytest.approx(v, rel=1e-9) for k, v in steps.items()} == paid
    cash = 0.0
    for balance in summary["balances"]:
        moves = [t for t in summary["transfers"] if t["date"] == balance["date"]]
        cash += sum(t["amount"] * ((t["to"] == "account") - (t["from"] == "account")) for t in moves)
        assert balance["cash"] == pytest.approx(cash, abs=1e-3)


@pytest.mark.parametrize("name", FILES)
def test_what_moved_is_what_the_simulation_counted(name: str) -> None:
    """The figures come from the run of all futures, the transfers from working this one out again."""
    one = told(name)
    summary = one.summary()
    paid: dict[str, float] = defaultdict(float)
    for t in summary["transfers"]:
        if t["kind"] == "payment" and t["from"] != t["to"]:
            paid[t["from"]] += t["amount"]
    payers = {party["party"] for party in summary["parties"] if "payer" in party["roles"]}
    assert payers
    for payer in payers:
        assert summary["metrics"][f"{payer}.outcome_payments"] == pytest.approx(paid[payer], rel=1e-9)
    for entry in summary["inputs"]:
        assert entry["value"] == summary["metrics"][f"inputs.{entry['input']}"]


# ------------------------------------------------------------------------------------------------ the truth
def test_a_report_beside_the_truth() -> None:
    """2 without, 10 with: the effect is 8, and the evaluator is off by what the error of reading is."""
    text = deal(**SCORE, measures="{x: {of: result, as: improvement, comparison: {fixed: 2}, error: 3}}",
                contract="{payments: {p: {measure: x, per_unit: 1, to: provider}}}")  # fmt: skip
    one = explained(scenario(text), 1, n_draws=N)
    (report,) = one.summary()["reports"]
    assert report["truth"] == pytest.approx(8.0)
    assert report["is_effect"]
    assert report["value"] == one.per_draw["measures.x.2021-01-01"][0]
    assert f"; the true effect was 8\n" in RENDERERS["text"](one.summary(), Layout())  # noqa: F541


def test_the_truth_of_each_quantity_by_hand() -> None:
    """40 people, 30 % have it without, all with: 28 caused, 70 points, 7 / 3 of what would have been."""
    text = deal(
        participants="{size: 40}",
        outcomes="{job: {type: event, better: more, over: 1 year, without: 30 %, with: 100 %}}",
        measures="{"
        + ", ".join(
            f"{name}: {{of: job, as: {name}, follow_up: 1 year{more}}}"
            for name, more in {
                "total": "",
                "average": "",
                "improvement": ", comparison: {historical: 50}",
                "relative_improvement": ", comparison: {historical: 50}",
                "total_improvement": ", comparison: {historical: 50}",
            }.items()
        )
        + ", short: {of: job, as: total, follow_up: 1 year, short_of: 45}}",
    )
    context = world(text, replicates=1)
    truths = true_readings(context.context, context.truths)
    found = {name: float(np.ravel(value)[0]) for (name, _, _), value in truths.items()}
    assert found == pytest.approx(
        {
            "total": 40.0,
            "average": 1.0,
            "improvement": 0.7,
            "relative_improvement": 7 / 3,
            "total_improvement": 28.0,
            "short": 5.0,
        }
    )


@pytest.mark.parametrize("name", [*FILES, "interrupted"])
def test_what_is_counted_without_loss_is_the_truth(name: str) -> None:
    """A sum or mean of people none of whom is missing, read without error, is what happened."""
    path = SCENARIOS / f"{name}.yaml"
    one = world(load(path if path.exists() else name), replicates=1)
    truths = true_readings(one.context, one.truths)
    for measure in one.context.scenario.measures:
        is_plain = measure.as_ in ("total", "average", "growth") and measure.round is None and measure.outcomes
        is_whole = all(getattr(getattr(measure, key), "value", 1.0) == 0.0 for key in ("missing", "error"))
        for report in one.reports[measure.name] if is_plain and is_whole else ():
            truth = truths[measure.name, report.cohort, report.column]
            a, b = np.broadcast_arrays(np.asarray(report.value), np.asarray(truth, dtype=float))
            there = ~np.isnan(a)
            assert np.allclose(a[there], b[there], rtol=1e-9, atol=1e-9), measure.name


def test_a_fair_comparison_is_right_on_average() -> None:
    """Drawn by lot, nobody missing: what is reported is off by chance alone."""
    text = deal(
        participants="{size: 200}",
        outcomes="{job: {type: event, better: more, over: 1 year, without: 30 %, effect: {ratio: 1.5}}}",
        measures="{x: {of: job, as: improvement, follow_up: 1 year, comparison: {rct: 300}}}",
    )
    one = world(text, replicates=8)
    (report,) = one.reports["x"]
    off = np.asarray(report.value) - true_readings(one.context, one.truths)["x", None, report.column]
    sd = float(np.sqrt(0.45 * 0.55 / 200 + 0.3 * 0.7 / 300))
    assert abs(z_of_mean(off, 0.0, sd)) < LIMIT
    assert off.std() == pytest.approx(sd, rel=0.05)


# ------------------------------------------------------------------------------------------------ how it is told
@pytest.mark.parametrize("name", FILES)
def test_the_json_keeps_to_its_schema(name: str) -> None:
    found = json.loads(RENDERERS["json"](told(name).summary(), Layout()))
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    assert all(step["text"] for step in found["trace"])


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema", "--explanation"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
    assert cli.main(["schema", "--explanation", "--results"]) == 2
    assert "ask for one" in capsys.readouterr().err


def test_the_schema_is_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def objects(part: Any) -> Any:
        if isinstance(part, dict):
            if "properties" in part:
                yield part
            for inner in part.values():
                yield from objects(inner)

    assert all(part["additionalProperties"] is False for part in objects(SCHEMA))


@pytest.mark.parametrize("name", FILES)
def test_no_line_is_too_wide_and_every_party_has_its_table(name: str) -> None:
    summary = told(name).summary()
    text = RENDERERS["text"](summary, Layout())
    assert max(width_of(line) for line in text.splitlines()) <= 80
    for party in summary["parties"]:
        if party["party"] != "public_purse" and any(m["value"] for m in party["metrics"].values()):
            assert party["name"] in text
    assert "nan" not in text
    assert "None" not in text


def test_what_the_evaluator_found_and_what_was_true_stand_together() -> None:
    text = RENDERERS["text"](told("stockholm-diabetes").summary(), Layout())
    (line,) = [line for line in text.splitlines() if "fewer cases:" in line and "evaluator" in line]
    assert "; the true effect was " in line
    assert "the worst for Region Stockholm" in text


def test_people_whom_an_event_keeps_away_are_told() -> None:
    text = deal(
        participants="{cohorts: {a: {size: 30, start: 2020-01}, b: {size: 10, start: 2022-01}}}",
        outcomes="{job: {type: event, better: more, over: 1 year, with: 100 %}}",
        measures="{x: {of: job, as: total, follow_up: 1 year}}",
        events="{stop: {at: 2021-01, stops: intake}}",
        contract="{payments: {p: {measure: x, per_unit: 1, to: provider}}}",
    )
    shown = RENDERERS["text"](explained(scenario(text), 1, n_draws=N).summary(), Layout())
    assert "30 people of a start" in shown
    assert "10 people of b were to start; an event keeps them away" in shown
    assert "stop: happens" in shown


# ------------------------------------------------------------------------------------------------ the command
def run(*arguments: str) -> int:
    return cli.main(["explain", *arguments, "--draws", "8192", "--workers", "1", "--quiet"])


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("child-obesity", "--draw", "best", "--format", "json", "--out", str(tmp_path / name)) == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--draw", "0"], 2, "must be worst, median, best or the number of a future from 1 on"),
        (["--draw", "worse"], 2, "not 'worse'"),
        (["--draw", "8193"], 1, "there is no future 8193: they are numbered from 1 to 8,192"),
        (["--party", "nobody"], 1, "there is no party 'nobody'; there are payer, investor, provider, evaluator"),
        (["--set", "participants.sise=3"], 1, "sise"),
    ],
)
def test_what_cannot_be_told_is_refused(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("stockholm-diabetes", *arguments) == code
    assert says in " ".join(capsys.readouterr().err.split())


def test_an_option_and_a_changed_value_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    code = run("stockholm-diabetes", "--option", "full loss possible", "--set", "participants.size=400", "--draw", "1")
    out = capsys.readouterr().out
    assert code == 0
    assert "Option: full loss possible" in out
    assert "Future 1 of 8,192; seed 1" in out
