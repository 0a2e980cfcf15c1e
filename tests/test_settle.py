"""``sibsim settle``: what it prints, in each format, and that it says the same whatever the order of what came."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim import cli
from sibsim.loading import load, shipped
from sibsim.loading.finding import real_contracts
from sibsim.rates import npv
from sibsim.replay import settled, settlement_summary
from sibsim.replay.drawn import scenario_of_draw
from sibsim.report.layout import Layout, width_of
from sibsim.report.settlement import RENDERERS, in_words
from sibsim.scenario import Actuals, Scenario
from tests.identities.test_settle_is_simulate import moved
from tests.reports import keeps_to
from tests.support import scenario, world

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "settlement.schema.json").read_text(encoding="utf-8"))


def of(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(["settle", *arguments]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def drawn(name: str, draw: int, *options: str) -> Scenario:
    return scenario_of_draw(world(scenario(name, *options), replicates=1), draw)


@pytest.fixture(scope="module")
def interrupted() -> Scenario:
    return drawn("interrupted", 12)


# ------------------------------------------------------------------------------------------------ formats
@pytest.mark.parametrize("name", real_contracts())
def test_json_keeps_to_its_schema_and_text_to_its_width(name: str) -> None:
    summary = settlement_summary(settled(load(name)))
    printed = RENDERERS["json"](summary, Layout())
    keeps_to(json.loads(printed), SCHEMA)
    for columns in (60, 80):
        text = RENDERERS["text"](summary, Layout(columns))
        assert max(width_of(line) for line in text.splitlines()) <= columns
    assert "nan" not in text.lower().replace("finance", "").split()


def test_the_schema_is_closed_and_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema", "--settlement"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
    assert cli.main(["schema", "--settlement", "--results"]) == 2

    def closed(part: Any) -> None:
        if isinstance(part, dict):
            assert part.get("type") != "object" or "additionalProperties" in part
            for one in part.values():
                closed(one)

    closed(SCHEMA)


def test_csv_has_a_row_for_each_payment_paid_or_open(interrupted: Scenario) -> None:
    came = interrupted.actuals
    assert came is not None
    less = {name: reports for name, reports in came.measures.items() if name != "fewer visits"}
    summary = settlement_summary(settled(replace(interrupted, actuals=replace(came, measures=less))))
    rows = list(csv.DictReader(io.StringIO(RENDERERS["csv"](summary, Layout()))))
    assert list(rows[0]) == ["date", "payment", "cohort", "payer", "to", "amount", "status"]
    paid = [float(row["amount"]) for row in rows if row["status"] == "paid"]
    assert sum(paid) == pytest.approx(summary["total_paid"], rel=1e-12)
    waiting = [(row["date"], row["payment"], row["amount"]) for row in rows if row["status"] == "open"]
    assert waiting == [
        ("2028-01", "saved visits", ""),
        ("2029-01", "saved visits", ""),
        ("2030-01", "saved visits", ""),
    ]
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)


def test_sentences_come_first_and_every_step_last(capsys: pytest.CaptureFixture[str]) -> None:
    text = of("rikers", capsys=capsys)
    order = [
        "What is due",
        "What the lenders got",
        "Guarantees",
        "The account",
        "Expected and",
        "How it was worked out",
    ]
    assert [text.index(heading) for heading in order] == sorted(text.index(heading) for heading in order)
    assert "a loss of 1,200,000\n    (16.7 %), IRR -8.84 % a year, 0.833 times what was drawn." in text
    assert "Bloomberg grant (Bloomberg Philanthropies) pays 6,000,000." in text


def test_what_is_open_is_said_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    text = of("mother-teresa", capsys=capsys)
    assert "What is open" in text
    assert "not been reported" in text
    assert "What the lenders got, so far" in text


def test_what_came_may_stand_in_a_file_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "came.yaml"
    file.write_text("actuals:\n  measures: {fewer cases: 22 %}\n", encoding="utf-8")
    found = json.loads(of("stockholm-diabetes", "--actuals", str(file), "--format", "json", capsys=capsys))
    assert found["tranches"]["bond"]["received"] == pytest.approx(30.6e6)
    assert found["parties"]["investor"]["net"] == pytest.approx(0.6e6)
    assert cli.main(["settle", "stockholm-diabetes", "--actuals", str(tmp_path / "nothing.yaml")]) == 2
    file.write_text("actuals:\n  measures: {no such measure: 22 %}\n", encoding="utf-8")
    assert cli.main(["settle", "stockholm-diabetes", "--actuals", str(file)]) == 1
    assert "no such measure" in capsys.readouterr().err


def test_out_writes_what_would_be_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert of("denver", "--out", str(tmp_path / "a.txt"), capsys=capsys) == ""
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == of("denver", capsys=capsys)


# ------------------------------------------------------------------------------------------------ what holds always
@pytest.mark.parametrize("name", [*real_contracts(), "interrupted"])
def test_money_is_conserved_and_irr_gives_a_present_value_of_nothing(name: str) -> None:
    done = settled(load(name) if name in shipped() else drawn(name, 40))
    summary = settlement_summary(done)
    scale = max([1.0, *(abs(a) for amounts in moved(done.settlement.ledger).values() for a in amounts.values())])
    assert sum(p["net"] for p in summary["parties"].values()) == pytest.approx(0, abs=1e-9 * scale)
    if summary["account"]:
        assert summary["account"][-1]["cash"] == pytest.approx(0, abs=1e-9 * scale)
    assert sum(p["net"] for p in summary["payers"].values()) <= summary["total_paid"] + 1e-9 * scale
    for tranche, state in done.settlement.tranches.items():
        one = summary["tranches"][tranche]
        assert one["net_gain"] == pytest.approx(one["received"] - one["drawn"])
        if one["irr"] is None or one["irr"] <= -1:
            continue
        flows: dict[int, float] = defaultdict(float)
        for column, amount in state.lent.items():
            flows[column] -= float(np.sum(amount))
        for column, amount in state.returned.items():
            flows[column] += float(np.sum(amount))
        columns = sorted(flows)
        years = np.array([done.context.years(c) for c in columns])
        worth = npv(one["irr"], np.array([[flows[c]] for c in columns]), years)
        assert float(np.sum(worth)) == pytest.approx(0, abs=1e-7 * max(one["drawn"], 1.0))


def test_the_same_twice_and_whatever_the_order_of_what_came(interrupted: Scenario) -> None:
    came = interrupted.actuals
    assert came is not None

    def turned(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: turned(part[key]) for key in reversed(part)}
        return part[::-1] if isinstance(part, tuple) and part and isinstance(part[0], tuple) else part

    other = Actuals(**{name: turned(part) for name, part in vars(came).items()})
    first = in_words(settlement_summary(settled(interrupted)))
    assert in_words(settlement_summary(settled(interrupted))) == first
    assert in_words(settlement_summary(settled(replace(interrupted, actuals=other)))) == first


def test_a_file_gives_the_same_bytes_twice(capsys: pytest.CaptureFixture[str]) -> None:
    for format_ in ("text", "csv", "json"):
        one = of("denver", "--format", format_, capsys=capsys)
        assert of("denver", "--format", format_, capsys=capsys) == one


@pytest.mark.parametrize(
    ("name", "draw", "options"),
    [
        ("interrupted", 12, ()),
        ("interrupted", 333, ()),
        ("counted-and-interrupted", 5, ("to date", "by results")),
        ("counted-and-interrupted", 77, ("composite", "in a row")),
        ("three-cohorts", 9, ("each cohort or else all", "ranks and a bullet")),
        ("three-cohorts", 10, ("caps on the return", "recycling")),
    ],
)
def test_a_report_that_comes_later_changes_nothing_before_it(name: str, draw: int, options: tuple[str, ...]) -> None:
    whole = drawn(name, draw, *options)
    came = whole.actuals
    assert came is not None
    decided = {e.name for e in whole.events if e.if_ is not None and getattr(e.chance, "value", 0.0) == 1.0}
    events = {n: w for n, w in came.events.items() if n not in decided}
    full = settled(whole)
    last = max(c for reports in came.measures.values() for c, _ in reports if c is not None)
    for known_until in range(0, last + 1, 2):
        measures = {
            n: tuple((c, r) for c, r in reports if c is not None and c <= known_until)
            for n, reports in came.measures.items()
        }
        part = settled(replace(whole, actuals=replace(came, measures=measures, events=events)))
        first = min((one.column for one in part.recorder.open), default=1 << 30)
        assert first > known_until or part.recorder.open == []  # what is reported is decided
        before, after = moved(part.settlement.ledger), moved(full.settlement.ledger)
        for key in {*before, *after}:
            for column in {*before.get(key, {}), *after.get(key, {})}:
                if column < first:
                    one, other = before.get(key, {}).get(column, 0.0), after.get(key, {}).get(column, 0.0)
                    assert one == pytest.approx(other, rel=1e-9, abs=1e-6), (known_until, key, column)
