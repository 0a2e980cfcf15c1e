"""Cohorts and their figures from a CSV file: as if they stood in the scenario; and what is paid by cohort."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sibsim
from sibsim.cli import main
from sibsim.errors import ScenarioError
from sibsim.loading import assumption_book, load_settled
from sibsim.replay import settled, settlement_summary
from tests.reports import keeps_to
from tests.support import run

ROOT = Path(__file__).parent.parent
TABLE = "county;people;share;growth\nNorth;12 000;60 %;9 %\nSouth;8000;50 %;7 %\n"
TEXT = """
sibsim: 1
title: Fewer sick days
sources: {STAT: {title: Statistics}}
currency: SEK
start: 2012-01
step: month
parties: {payer: The state, provider: The councils}
participants: {take_up: 90 %, COHORTS}
outcomes:
  sick days: {type: days, better: fewer, over: 3 years, with: {per_year: 10}, sd: 0, growth: {2013: GROWTH, 2014: 8 %}}
measures:
  growth now: {of: sick days, as: growth, for_each: cohort, reported: 2015-02}
  growth before: {of: sick days, as: growth, for_each: cohort, earlier: 1 year, reported: 2015-02}
  slower: {goals: [{growth now: below growth before}]}
contract:
  payments:
    goal: {measure: slower, per_unit: 1 m, split: size}
    met: {measure: growth now, steps: [[0, 400 k]], if: {growth now: below growth before}, split: size among met}
    fee: {amount: 10 k, at: 2015-02}
actuals:
  measures: {growth now: {2015-02: CAME}, growth before: 1.08}
"""
SIZE = "size: {column: people, source: STAT, status: published}"
FROM = f"cohorts_from: {{file: table.csv, names: county, {SIZE}, take_up: share}}"
WRITTEN = "cohorts: {North: {size: 12 000, take_up: 60 %}, South: {size: 8 000, take_up: 50 %}}"
COLUMN = "{file: table.csv, names: county, column: growth}"


def written(folder: Path, cohorts: str, growth: str, came: str = "{North: 1.07, South: 1.09}") -> Path:
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    text = TEXT.replace("COHORTS", cohorts).replace("GROWTH", growth).replace("CAME", came)
    path = folder / "deal.yaml"
    path.write_text(text.replace("growth before: 1.08", "growth before: {North: 1.08, South: 1.08}"), encoding="utf-8")
    return path


@pytest.mark.key(
    "participants.cohorts_from", "cohorts_from.file", "cohorts_from.names", "table.file", "table.names", "table.column"
)
def test_a_table_is_what_it_would_be_in_the_file(tmp_path: Path) -> None:
    """Growth of 8 % is below 9 % in the north, not below 7 % in the south: 12 / 20 of 1 m, and all of 400 k."""
    by_table = run(sibsim.load(written(tmp_path, FROM, COLUMN)), n_draws=1, workers=1)
    (tmp_path / "inline").mkdir()
    inline = run(sibsim.load(written(tmp_path / "inline", WRITTEN, "{North: 9 %, South: 7 %}")), n_draws=1, workers=1)
    one, other = by_table.summary(), inline.summary()
    assert one["payments"] == other["payments"]
    assert one["payments"]["goal"]["paid"]["mean"] == pytest.approx(600_000)
    assert one["cohorts"] == other["cohorts"]
    assert one["cohorts"]["North"]["payments"]["goal"]["value"] == pytest.approx(600_000)
    assert one["cohorts"]["North"]["paid"]["mean"] == pytest.approx(1_000_000)
    assert one["cohorts"]["South"]["paid"]["mean"] == 0.0
    assert sum(c["paid"]["mean"] for c in one["cohorts"].values()) + 10_000 == pytest.approx(
        one["parties"]["payer"]["metrics"]["outcome_payments"]["mean"]
    )


@pytest.mark.key("cohorts_from.rows")
def test_a_table_that_has_lost_a_row_is_refused_for_its_part_would_go_to_the_others(tmp_path: Path) -> None:
    """With both rows the south is one of two; with one row alone the north would be all."""
    whole = written(tmp_path, FROM.replace("names: county,", "names: county, rows: 2,"), "{North: 9 %, South: 7 %}")
    assert [c.name for c in sibsim.load(whole).cohorts] == ["North", "South"]
    (tmp_path / "table.csv").write_text(TABLE.rpartition("South")[0], encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"table\.csv has 1 rows in place of 2: North"):
        sibsim.load(whole)


def test_by_cohort_in_json_text_and_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(written(tmp_path, FROM, COLUMN))

    def printed(*more: str) -> str:
        assert main(["run", path, "--draws", "1", "--workers", "1", *more]) == 0
        return capsys.readouterr().out

    schema = json.loads((ROOT / "docs" / "output.schema.json").read_text(encoding="utf-8"))
    keeps_to(json.loads(printed("--format", "json")), schema)
    text = printed()
    assert "By cohort, SEK k" in text
    assert "What goes to The councils?" in text
    head, first = printed("--format", "csv").splitlines()[:2]
    row = dict(zip(head.split(","), first.split(","), strict=True))
    assert float(row["payments.goal.North"]) == pytest.approx(600_000)
    assert float(row["payments.met.North"]) == pytest.approx(400_000)
    assert "payments.fee.North" not in row


def test_no_table_by_cohort_where_no_payment_is_for_each() -> None:
    assert "cohorts" not in run(sibsim.load("child-obesity"), n_draws=1, workers=1).summary()


def test_what_came_may_stand_in_a_table(tmp_path: Path) -> None:
    """Reported: 9 % in the north, 7 % in the south, against 8 % in both: the south was slower, 8 / 20 of 1 m."""
    path = written(tmp_path, FROM, COLUMN, came="{file: table.csv, names: county, column: growth}")
    path.write_text(
        path.read_text().replace("growth before: {North: 1.08, South: 1.08}", "growth before: {North: 8 %, South: 8 %}")
    )
    shown = settlement_summary(settled(load_settled(path)))
    paid = {(p["payment"], p["cohort"]): p["amount"] for p in shown["payments"]}
    assert paid["goal", "South"] == pytest.approx(400_000)
    assert paid["met", "South"] == pytest.approx(400_000)


def test_another_table_is_another_scenario(tmp_path: Path) -> None:
    path = written(tmp_path, FROM, COLUMN)
    first = sibsim.load(path).sha256
    assert sibsim.load(path).sha256 == first
    (tmp_path / "table.csv").write_text(TABLE.replace("8000", "8001"), encoding="utf-8")
    assert sibsim.load(path).sha256 != first


def test_the_book_tells_every_cell_with_its_source(tmp_path: Path) -> None:
    book = assumption_book(written(tmp_path, FROM, COLUMN))
    found = {f.path: (f.shown, f.source, f.status) for f in book.figures if f.section == "participants"}
    assert found["cohorts.North.size"] == ("12 000", "STAT", "published")
    assert found["cohorts.South.take_up"][0] == "50 %"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("12 000", "c. 12 000", "line 2 (North), column 'people': 'c. 12 000' is not a number"),
        ("12 000", "", "line 2 (North), column 'people': is empty"),
        ("South", "North", "'North' stands in line 2, too"),
        ("9 %", "", "line 2 (North), column 'growth': is empty"),
        ("9 %", "8,8889 %", "a decimal comma is not read; write 8.8889 %"),
    ],
)
def test_one_bad_cell_is_one_problem(tmp_path: Path, old: str, new: str, says: str) -> None:
    """What hangs on a table that cannot be read is not told as a mistake of its own."""
    path = written(tmp_path, FROM, COLUMN)
    path.write_text(path.read_text(encoding="utf-8") + "  expected: {payments.met.North: 400 k}\n", encoding="utf-8")
    assert sibsim.load(path)
    (tmp_path / "table.csv").write_text(TABLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(path)
    assert [says in problem.message for problem in caught.value.problems] == [True], str(caught.value)


def test_other_mistakes_are_told_beside_a_bad_cell(tmp_path: Path) -> None:
    path = written(tmp_path, FROM, COLUMN)
    path.write_text(path.read_text(encoding="utf-8").replace("currency: SEK", "currency: kr"), encoding="utf-8")
    (tmp_path / "table.csv").write_text(TABLE.replace("8000", "many"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(path)
    assert len(caught.value.problems) == 2, str(caught.value)
