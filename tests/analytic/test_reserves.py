"""Cash that must last, and guarantees that may be called: worked out by hand, and said in words."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sibsim.report import RENDERERS, Layout
from sibsim.report.results_schema import results_schema
from sibsim.results import Results
from tests.reports import keeps_to
from tests.support import HEAD, LIMIT, deal, run

WAITS = deal(
    HEAD.replace("provider: D", "provider: {name: D, cash: 20}").replace("city: C", "city: {name: C, cash: 1}"),
    inputs="{spent: {discrete: [[10, 71 %], [25, 28.5 %], [40, 0.5 %]]}}",
    measures="{x: {of: result, as: average, lag: 2 years}}",
    contract="{payments: {p: {measure: x, per_unit: 6}}}",
    costs="{service: {amount: spent}, later: {amount: 1, at: 2021-01}}",
)
"""Out 10, 25 or 40 at once and 1 a year later; 60 comes in after three years."""
LOAN = deal(
    inputs="{spent: {discrete: [[0, 75 %], [40, 25 %]]}}",
    contract="{payments: {back: {amount: {sum: [100, {product: [spent, -1]}]}, at: 2022-01}}}",
    costs="{service: {amount: 100}}",
    finance="{tranches: {loan: {amount: 100}}, guarantees: {g: {by: guarantor, covers: [loan], share: 50 %}}}",
)
"""A loan of 100 loses 40 in one future of four; half of that is made good."""


def told(results: Results) -> str:
    """The sentences of the report, on one line."""
    text = RENDERERS["text"](results.summary(), Layout())
    return " ".join(text.split("\n\nWhat the contract pays")[0].split())


def test_cash_that_lasts_when_it_runs_out_and_how_deep() -> None:
    shown = run(WAITS).summary()
    keeps_to(shown, results_schema())
    cash = shown["parties"]["provider"]["cash"]
    assert cash["opening"] == 20
    assert cash["needed"]["amount"] == pytest.approx(26)  # 25 and 1; 40 and 1 comes in 1 of 200
    short = (0.285 * 6 + 0.005 * 21) / 0.29
    assert cash["short"]["amount"] == pytest.approx(short, rel=0.01)  # the lattice all but counts the chances
    assert cash["first_short"] == dict.fromkeys(("early", "middle", "late"), "2020-01-01")


def test_enough_is_enough_in_99_of_100_futures() -> None:
    """41 is needed in 2 of 100 futures: 26 would last in 98."""
    oftener = WAITS.replace("[25, 28.5 %], [40, 0.5 %]", "[25, 27 %], [40, 2 %]")
    assert run(oftener).summary()["parties"]["provider"]["cash"]["needed"]["amount"] == pytest.approx(41)


def test_the_words_for_cash() -> None:
    text = told(run(WAITS))
    assert re.search(
        r"It runs out of cash in 29 of 100 futures( \([\d.-]+\))?\. When it does, 6\.\d\d is missing at worst, on "
        r"average, and it first runs out in January 2020\. To last in 99 of 100 futures its cash at the start must "
        r"be 26\.0; it is taken to hold 20\.0\.",
        text,
    )
    assert "Does the cash of C last? It runs out of cash in none of 8,192 futures" in text
    assert "It needs no cash of its own in 99 of 100 futures." in text


def test_cash_that_runs_out_on_several_dates() -> None:
    later = WAITS.replace("{amount: 1, at: 2021-01}", "{amount: {product: [spent, 0.5]}, at: 2021-01}")
    results = run(later.replace("cash: 20", "cash: 14"))  # 10 and 5; 25 and 12.5; 40 and 20
    cash = results.summary()["parties"]["provider"]["cash"]
    assert cash["first_short"] == {"early": "2020-01-01", "middle": "2021-01-01", "late": "2021-01-01"}
    assert "half of the times it has run out by January 2021 (nine of ten: January 2020 to January 2021)" in told(
        results
    )


def test_what_is_left_by_rounding_is_no_margin() -> None:
    thirds = deal(
        contract="{payments: {a: {amount: 0.1, at: 2020-01}, b: {amount: 0.2, at: 2021-01}}}",
        costs="{service: {amount: 0.3, by: provider, to: outside}}",
    )
    results = run(thirds)
    assert np.all(results.metric("provider", "margin") == 0.0)
    assert "Its margin is 0 in every future." in told(results)


def test_how_often_a_guarantee_is_called_and_what_of_the_loan_it_pays() -> None:
    results = run(LOAN)
    shown = results.summary()
    keeps_to(shown, results_schema())
    found = shown["parties"]["guarantor"]["guarantee"]
    assert found["chance"]["draws"] == 8192
    assert abs(found["chance"]["share"] - 0.25) < LIMIT * max(found["chance"]["mc_error"], 1e-3)
    assert found["when_called"]["amount"] == pytest.approx(20)
    assert found["covered"] == pytest.approx(100)
    assert found["rate"]["amount"] == pytest.approx(found["chance"]["share"] * 20 / 100)
    text = told(results)
    assert re.search(r"It is called in 25 of 100 futures( \([\d.-]+\))?; when it is, it pays 20\.0 on average\.", text)
    assert "On average it pays 5.0 % of the 100 lent that it stands behind." in text


def test_a_guarantee_of_a_payer_stands_behind_no_loan() -> None:
    payer = deal(
        contract="{payments: {p: {measure: x, per_unit: 6}}}",
        finance="{tranches: {loan: {amount: 1}}, guarantees: {g: {by: guarantor, covers: [payer], share: 50 %}}}",
    )
    results = run(payer)
    found = results.summary()["parties"]["guarantor"]["guarantee"]
    assert (found["covered"], found["rate"]) == (None, None)
    assert found["when_called"]["amount"] == pytest.approx(30)
    assert "stands behind" not in told(results)


def test_what_a_guarantor_pays_for_a_payer_too_is_no_part_of_a_loan() -> None:
    """45 of a loan's 100 come back and 60 are paid: it makes good half of 55, and half of the 60."""
    both = deal(
        contract="{payments: {p: {measure: x, per_unit: 6, to: provider}, back: {amount: 45, at: 2021-01}}}",
        costs="{service: {amount: 100}}",
        finance="{tranches: {loan: {amount: 100}}, guarantees: {g: {by: guarantor, covers: [loan], share: 50 %},"
        " h: {by: guarantor, covers: [payer], share: 50 %}}}",
    )
    found = run(both).summary()["parties"]["guarantor"]["guarantee"]
    assert found["when_called"]["amount"] == pytest.approx(0.5 * 55 + 0.5 * 105)
    assert (found["covered"], found["rate"]) == (None, None)


# ------------------------------------------------------------------------------------------------ who gains, who loses
POCKETS = "{{a: {{of: result, kind: cashable, worth: {}}}, b: {{of: result, kind: cashable, worth: 2, to: city}}}}"


@pytest.mark.parametrize(
    ("worth", "sentence"),
    [
        (
            1,
            "P loses 20.0 and C gains 20.0. LOSES Those that gain could make the others whole, on average, and keep 0.",
        ),
        (
            2,
            "P loses 10.0 and C gains 20.0. LOSES Those that gain could make the others whole, on average",
        ),
        (
            0.5,
            "P loses 25.0 and C gains 20.0. LOSES Together they lose 5.00: no payment among them makes each of them",
        ),
        (3, "P gains 0 and C gains 20.0. In all of 8,192 futures"),
        (4, "P gains 10.0 and C gains 20.0. In all of 8,192 futures"),
    ],
)
def test_who_gains_and_who_loses_and_whether_they_can_all_be_whole(worth: float, sentence: str) -> None:
    text = told(run(deal(contract="{payments: {p: {amount: 30, at: 2021-01}}}", benefits=POCKETS.format(worth))))
    sentence = sentence.replace("LOSES", "In every future seen at least one of them loses.")
    assert f"Each by itself, in cash on average (present value): {sentence}" in text


def test_a_body_that_neither_pays_nor_receives_is_told_nothing_of_breaking_even() -> None:
    idle = "{payments: {p: {amount: 30, at: 2021-01}, never: {amount: 0, at: 2021-01, by: city}}}"
    text = told(run(deal(contract=idle, benefits=POCKETS.format(1))))
    assert "Should C sign? In all of 8,192 futures" in text
    assert "before any saving" not in text
