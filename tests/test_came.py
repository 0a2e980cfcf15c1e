"""What really came, beside the futures of a run: chances that are known, ties, what is open, and who is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sibsim.report import RENDERERS, Layout
from sibsim.results import Results
from tests.reports import keeps_to
from tests.support import HEAD, LIMIT, deal, run

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "output.schema.json").read_text(encoding="utf-8"))
PEOPLE = {
    "participants": "{size: 10, cohorts: {c: {}}}",
    "outcomes": "{work: {type: event, better: more, over: 1 year, with: 50 %}}",
    "measures": "{placed: {of: work, as: total, reported: 2021-01}}",
    "contract": "{payments: {each: {measure: placed, per_unit: 1 000}}}",
}
TAIL_8 = (45 + 10 + 1) / 1024
"""Of ten people, each placed with a chance of one half: 8 or more."""


def with_actuals(actuals: str, **sections: str) -> Results:
    return run(deal(HEAD, **(PEOPLE | sections), actuals=actuals))


def came(results: Results) -> dict[str, Any]:
    summary = results.summary()
    keeps_to(summary, SCHEMA)
    return dict(summary["came"])


def said(results: Results, form: str = "text") -> str:
    return " ".join(RENDERERS[form](results.summary(), Layout()).split())


def is_near(chance: dict[str, Any], truth: float) -> bool:
    error = (truth * (1 - truth) / chance["draws"]) ** 0.5
    return abs(chance["value"] - truth) < LIMIT * error and chance["mc_error"] < 3 * error


# ------------------------------------------------------------------------------------------------ chances
def test_the_chances_of_a_count_are_those_of_a_binomial_and_a_tie_counts_in_both() -> None:
    found = came(with_actuals("{measures: {placed: {value: 8, status: published}}}"))
    (report,) = found["reports"]
    assert (report["measure"], report["date"], report["value"], report["status"]) == (
        *("placed", "2021-01-01"),
        *(8.0, "published"),
    )
    assert report["median"] == 5.0
    assert is_near(report["at_or_above"], TAIL_8)
    assert is_near(report["at_or_below"], 1 - 11 / 1024)  # all but 9 and 10
    together = report["at_or_above"]["count"] + report["at_or_below"]["count"]
    assert together == report["at_or_above"]["draws"] + report["equal"]["count"]  # exactly 8 is in both
    assert is_near(report["equal"], 45 / 1024)


def test_the_whole_payment_is_as_likely_as_the_report_it_hangs_on() -> None:
    found = came(with_actuals("{measures: {placed: 8}}"))
    assert found["open"] == 0
    assert found["total_paid"]["value"] == 8_000.0
    assert found["total_paid"]["at_or_above"] == found["reports"][0]["at_or_above"]


def test_what_is_the_same_in_every_future_is_said_to_be() -> None:
    results = run(deal(contract="{payments: {p: {measure: x, per_unit: 5}}}", actuals="{measures: {x: 10}}"))
    found = came(results)
    assert found["total_paid"]["is_constant"]
    assert found["reports"][0]["is_constant"]
    assert "The contract paid 50.0 SEK, as it does in every future." in said(results)
    other = run(deal(contract="{payments: {p: {measure: x, per_unit: 5}}}", actuals="{measures: {x: 11}}"))
    assert "The contract paid 55.0 SEK, which it does in no future of this file." in said(other)


def test_a_report_that_not_every_future_has_is_set_beside_those_that_have_it() -> None:
    results = with_actuals(
        "{measures: {by cohort: {a: 8}}, events: {law: never}}",
        participants="{size: 10, cohorts: {a: {start: 2021-01}}}",
        measures="{by cohort: {of: work, as: total, for_each: cohort, follow_up: 12 months}}",
        contract="{payments: {each: {measure: by cohort, per_unit: 1 000}}}",
        events="{law: {at: 2021-01, chance: 50 %, cancels: [a]}}",
    )
    (report,) = came(results)["reports"]
    assert report["cohort"] == "a"
    assert report["reported"] == pytest.approx(0.5, abs=0.03)
    assert is_near(report["at_or_above"], TAIL_8)
    assert report["at_or_above"]["draws"] == round(report["reported"] * results.n_draws)
    assert "of those in which it is reported" in said(results)


# ------------------------------------------------------------------------------------------------ what is not known
def test_as_long_as_a_payment_is_open_nothing_is_said_of_the_sum() -> None:
    results = with_actuals("{}")
    assert came(results) == {"reports": [], "total_paid": None, "open": 1}
    assert "not known yet: 1 thing is still open (sibsim settle shows it)" in said(results)


def test_an_input_that_is_not_known_leaves_the_reports() -> None:
    results = with_actuals(
        "{measures: {placed: 8}}",
        inputs="{price: {normal: {mean: 1 000, sd: 10}}}",
        contract="{payments: {each: {measure: placed, per_unit: price}}}",
    )
    found = came(results)
    assert (found["total_paid"], found["open"]) == (None, None)
    assert is_near(found["reports"][0]["at_or_above"], TAIL_8)
    assert "an input that it uses is not given in 'actuals'" in said(results)


# ------------------------------------------------------------------------------------------------ sentences
def test_the_sentences_come_before_the_table() -> None:
    text = said(with_actuals("{measures: {placed: 8}}"))
    begins = text.index("What really came")
    assert "The contract paid 8.00 k SEK: in " in text[begins:]
    assert "futures (" in text[begins:]
    assert "The evaluator's 8 (placed, January 2021): in " in text[begins:]
    assert text.index("it is as high or higher", begins) < text.index("What was reported", begins)


@pytest.mark.parametrize(
    ("status", "begins"), [("assumed", "An assumed 8"), ("from memory", "A remembered 8"), ("derived", "A derived 8")]
)
def test_a_reading_that_nobody_published_is_not_the_evaluator_s(status: str, begins: str) -> None:
    text = said(with_actuals(f"{{measures: {{placed: {{value: 8, status: {status}}}}}}}"))
    assert f"{begins} (placed, January 2021)" in text
    paid = "The contract paid" if status == "derived" else "some of which nobody published, the contract pays"
    assert f"{paid} 8.00 k SEK" in text
    assert f"placed, 2021-01 ({status})" in text
    assert "The evaluator's" not in text


@pytest.mark.parametrize(
    ("step", "begins", "ends"), [(5, ": in ", "it pays nothing."), (8, ", and so it does in ", "")]
)
def test_paying_nothing_is_said_in_words(step: int, begins: str, ends: str) -> None:
    """Fewer than 5 of 10 are placed in 386 of 1024 cases, fewer than 8 in 968."""
    terms = f"{{payments: {{p: {{measure: placed, steps: [[{step}, 1 000]]}}}}}}"
    results = with_actuals("{measures: {placed: 3}}", contract=terms)
    assert is_near(came(results)["total_paid"]["equal"], {5: 386, 8: 968}[step] / 1024)
    text = said(results)
    assert f"The contract paid nothing{begins}" in text
    assert ends in text


def test_a_sum_that_most_futures_pay_is_said_to_be_just_that() -> None:
    results = with_actuals(
        "{measures: {placed: 5}}",
        contract="{payments: {p: {measure: placed, steps: [[otherwise, 300], [2, 500], [9, 800]]}}}",
    )
    assert "The contract paid 500 SEK, and so it does in 98 of 100 futures" in said(results)  # 2 to 8: 1 - 22 / 1024


def test_a_composite_of_what_was_reported_is_derived() -> None:
    measures = "{placed: {of: work, as: total, reported: 2021-01}, half: {weighted: {placed: 0.5}}}"
    found = came(with_actuals("{measures: {placed: {value: 8, status: published}}}", measures=measures))
    assert [(one["measure"], one["value"], one["status"]) for one in found["reports"]] == [
        ("placed", 8.0, "published"),
        ("half", 4.0, "derived"),
    ]


def test_a_value_that_no_future_has_is_never_zero_percent() -> None:
    results = with_actuals("{measures: {placed: 10}}", outcomes=PEOPLE["outcomes"].replace("50 %", "1 %"))
    assert "in none of 8,192 futures (under 1 in 2,730) it is as high or higher" in said(results)


def test_markdown_has_the_same_section() -> None:
    text = RENDERERS["markdown"](with_actuals("{measures: {placed: 8}}").summary(), Layout())
    assert "## What really came" in text
    assert "| placed, 2021-01 | 8 | 5 |" in text


def test_a_file_that_says_nothing_of_what_came_is_reported_as_before() -> None:
    results = run(deal(HEAD, **PEOPLE))
    assert "came" not in results.summary()
    assert "really came" not in said(results)
