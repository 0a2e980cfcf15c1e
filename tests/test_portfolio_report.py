"""The tables of a portfolio's report, its formats and its schema."""

from __future__ import annotations

import copy
import json
import re

import jsonschema
import pytest

from sibsim.report import Layout
from sibsim.report.layout import width_of
from sibsim.report.portfolio import RENDERERS
from sibsim.report.results_schema import portfolio_schema
from tests.portfolio_fixture import Summary, est, full_summary
from tests.reports import keeps_to


def printed(summary: Summary, columns: int = 80) -> str:
    return RENDERERS["text"](summary, Layout(columns))


def section(text: str, heading: str) -> list[str]:
    """The lines of a table, without its heading."""
    return text[text.index(f"\n{heading}") + 1 :].split("\n\n")[0].splitlines()[1:]


def two_hundred() -> Summary:
    """The first holding many times, each a little smaller than the one before."""
    summary = full_summary()
    first = summary["holdings"]["diabetes"]
    held = {}
    for i in range(200):
        one = copy.deepcopy(first)
        one["committed"] = est(1e6 * (300 - i))
        one["contribution"]["net_loss"] = {"value": 5e4, "mc_error": 1.0, "share": 0.005}
        held[f"county {i:03}"] = one
    summary["holdings"] = held
    summary["portfolio"]["contracts"] = 200
    summary["joint_failures"]["number"] = [{"contracts": k, "probability": est(1 / 61)} for k in range(61)]
    return summary


def test_it_is_as_its_schema_says() -> None:
    jsonschema.Draft202012Validator.check_schema(portfolio_schema())
    shown = json.loads(RENDERERS["json"](full_summary(), Layout()))
    keeps_to(shown, portfolio_schema())
    with pytest.raises(jsonschema.ValidationError):
        keeps_to(shown | {"more": 1}, portfolio_schema())
    del shown["pool"]["lost"]
    with pytest.raises(jsonschema.ValidationError):
        keeps_to(shown, portfolio_schema())


@pytest.mark.parametrize("columns", [60, 80, 100])
@pytest.mark.parametrize("make", [full_summary, two_hundred])
def test_the_text_fits_its_width(make: object, columns: int) -> None:
    summary = full_summary() if make is full_summary else two_hundred()
    text = printed(summary, columns)
    assert max(width_of(line) for line in text.splitlines()) <= columns
    assert not re.search(r"nan|inf\b|None\b(?! (is|of))(?!:)|\[", text)


def test_sentences_come_first_and_every_table_is_there() -> None:
    text = printed(full_summary())
    order = (
        "Should the fund be made?",
        "How large must a pool",
        "Holdings, SEK m",
        "How much may be lost",
        "Who lends",
    )
    order += ("Others", "In the worst 5 of 100 futures of all together", "Who pays", "Who provides", "Field")
    order += ("Contracts that fail", "Pairs that fail", "By year", "Correlation", "What contracts have in common, as")
    order += ("Inputs", "Without a source", "Warnings", "Means, limits")
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_contributions_of_the_table_add_up() -> None:
    rows = section(printed(full_summary(), 100), "Holdings, SEK m")
    cells = {row.split("  ")[1].strip(): re.split(r" {2,}", row.strip())[1:] for row in rows if row[2:3].islower()}
    assert list(cells)[:4] == ["diabetes", "work (6 contracts)", "children", "all together"]
    adds = [float(cells[name][4]) for name in ("diabetes", "work (6 contracts)", "children")]
    assert sum(adds) == float(cells["all together"][4]) == 10.0
    assert [cells[name][6] for name in list(cells)[:4]] == ["60.0", "10.0", "30.0", "100"]


def test_of_two_hundred_the_largest_twenty_are_shown_and_the_others_added_up() -> None:
    text = printed(two_hundred())
    rows = section(text, "Holdings, SEK m")
    assert [row.split("  ")[1].strip()[:10] for row in rows[:20]] == [f"county {i:03}" for i in range(20)]
    rest = re.split(r" {2,}", rows[20].strip())
    assert rest[0] == "180 smaller, together"
    assert float(rest[1].replace(",", "")) == sum(300 - i for i in range(20, 200))
    assert rest[-1] == "90.0"
    assert "190 holdings that lose less there are not shown." in text
    bars = section(text, "Contracts that fail together, of 200")
    assert bars[0].split()[:2] == ["0", "2"]
    assert bars[1].split()[:2] == ["1-4", "7"]
    assert bars[-1] == "  More than 60 in no future seen."
    assert len(json.loads(RENDERERS["json"](two_hundred(), Layout()))["holdings"]) == 200


def test_a_chance_that_is_not_none_never_reads_as_none() -> None:
    summary = full_summary()
    summary["holdings"]["work"]["probabilities"]["loss"] |= {"value": 1 / 16384, "count": 1}
    rows = section(printed(summary), "Holdings, SEK m")
    assert next(row for row in rows if "work" in row).split()[5] == "<1"


def test_inputs_are_told_only_where_they_clearly_differ() -> None:
    summary = full_summary()
    assert "effect 0.84 there, 0.7 in all" in printed(summary)
    for one in summary["holdings"].values():
        one["inputs"]["effect"]["in_the_worst"] = est(0.71, 0.02)
    assert "there, 0.7 in all" not in printed(summary)


def test_fields_that_no_file_says_have_no_table() -> None:
    summary = full_summary()
    whole = {"name": "not said", "committed": 80e6, "share": 1.0, "contribution_share": 1.0}
    summary["concentration"]["by"]["field"] = [whole]
    assert "\nField" not in printed(summary)
    summary["concentration"]["by"]["field"] = [whole, {**whole, "name": "health"}]
    assert "not said" in printed(summary)


def test_years_leave_out_what_never_moves() -> None:
    text = printed(full_summary())
    head = text[text.index("By year") :].splitlines()[1]
    assert head.split() == ["lent", "returned", "costs", "drawn", "distributed", "balance"]
    assert "guarantees: what" not in text


def test_markdown_has_headings_and_tables() -> None:
    shown = RENDERERS["markdown"](full_summary(), Layout())
    assert shown.startswith("# Nordic fund: three contracts")
    assert "## Should the fund be made?" in shown
    assert "| diabetes | 30.0 |" in shown
    assert "\x02" not in shown
    assert "\x1f" not in shown


def test_words_of_a_file_cannot_obey_the_terminal() -> None:
    summary = full_summary()
    summary["portfolio"]["title"] = "Fund\x1b[31m\nof all"
    summary["warnings"] = ["red \x1b[31m"]
    assert "\x1b" not in printed(summary)
