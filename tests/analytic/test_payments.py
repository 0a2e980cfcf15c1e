"""What a contract owes on each date, in contracts whose every payment can be worked out by hand."""

from __future__ import annotations

import pytest

from tests.support import HEAD, deal, moved, run

QUARTERS = HEAD.replace("step: year", "step: quarter")
SERIES = (
    "{x: {of: result, as: improvement, covers: to date, comparison: {fixed: {2021-01: 6, 2022-01: 2, 2023-01: 9}},"
    " reported: [2021-01, 2022-01, 2023-01]}}"
)
"""x is 4, then 8, then 1: the result of 10 against a number that changes."""
LOAN = {"costs": "{c: {amount: 100}}", "finance": "{tranches: {loan: {amount: 150}}}"}
"""100 is drawn of 150."""


def paid(text: str, *names: str) -> list[dict[int, float]]:
    """What each payment pays by column, whoever pays and gets it."""
    table = moved(run(text))
    found = []
    for name in names:
        amounts: dict[int, float] = {}
        for (label, source, _), flow in table.items():
            if label == name and source not in ("account", "investor"):
                for column, amount in flow.items():
                    amounts[column] = amounts.get(column, 0.0) + amount
        found.append(pytest.approx(amounts, abs=1e-9))
    return found


def payments(*rows: str, cap: str = "") -> str:
    return "{payments: {" + ", ".join(rows) + "}" + (f", cap: {cap}" if cap else "") + "}"


# ------------------------------------------------------------------------------------------------ one payment
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("measure: x, per_unit: 5", {1: 20, 2: 40, 3: 5}),
        ("measure: x, per_unit: {2020-01: 5, 2022-06: 7}", {1: 20, 2: 40, 3: 7}),
        ("measure: x, per_unit: 5, index: 10 %", {1: 20 * 1.1, 2: 40 * 1.21, 3: 5 * 1.331}),
        ("measure: x, per_unit: 5, floor: 12", {1: 20, 2: 40, 3: 12}),
        ("measure: x, per_unit: 5, floor: 12, index: 10 %", {1: 22, 2: 48.4, 3: 12}),
        ("measure: x, per_unit: 5, band: [3, none]", {1: 5, 2: 25}),
        ("measure: x, per_unit: 5, band: [none, 3]", {1: 15, 2: 15, 3: 5}),
        ("measure: x, per_unit: 5, band: [2, 6]", {1: 10, 2: 20}),
        ("measure: x, steps: [[4, 7], [8, 9]]", {1: 7, 2: 9}),
        ("measure: x, steps: [[above 4, 7], [above 8, 9]]", {2: 7}),
        ("measure: x, steps: [[otherwise, 2], [4, 7], [8, 9]]", {1: 7, 2: 9, 3: 2}),
        ("measure: x, line: [[otherwise, 2], [2, 10], [6, 30]]", {1: 20, 2: 30, 3: 2}),
        ("measure: x, line: [[2, 0], [6, 40]]", {1: 20, 2: 40}),
        ("measure: x, amount: 5", {1: 5, 2: 5, 3: 5}),
        ("measure: x, per_unit: 5, at: 2022-01", {2: 40}),
        ("measure: x, per_unit: 5, at: [2020-01, 2021-01, 2025-01]", {1: 20, 5: 5}),
        ("measure: x, per_unit: 5, cap: 50", {1: 20, 2: 30}),
        ("measure: x, per_unit: 5, cap: {total: 50}", {1: 20, 2: 30}),
        ("measure: x, per_unit: 5, cap: {per_year: 25}", {1: 20, 2: 25, 3: 5}),
        ("measure: x, per_unit: 5, cap: {per_year: 25, total: 48}", {1: 20, 2: 25, 3: 3}),
        ("measure: x, per_unit: 5, cap: {per_year: {2020-01: 25, 2023-01: 4}}", {1: 20, 2: 25, 3: 4}),
        ("amount: 30, over: 3 years", {0: 10, 1: 10, 2: 10}),
        ("amount: 30, over: 30 months", {0: 12, 1: 12, 2: 6}),
        ("amount: 30, over: 3 years, index: 10 %", {0: 10, 1: 11, 2: 12.1}),
        ("amount: 7, at: {every: year, from: 2021-01, until: 2023-01}", {1: 7, 2: 7, 3: 7}),
    ],
)
def test_terms_of_one_payment(terms: str, expected: dict[int, float]) -> None:
    (p,) = paid(deal(measures=SERIES, contract=payments(f"p: {{{terms}}}")), "p")
    assert p == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("amount: 40 %, of: drawn, at: 2021-01", {1: 40}),
        ("amount: 40 %, of: committed, at: 2021-01", {1: 60}),
        ("amount: 40 %, of: 1000, at: 2021-01", {1: 400}),
        ("amount: 40 %, of: drawn, at: 2021-01, to: loan", {1: 40}),
        ("amount: 60 %, of: outstanding, at: [2021-01, 2022-01, 2023-01]", {1: 60, 2: 24, 3: 9.6}),
        ("measure: x, steps: [[4, 10 %], [8, 30 %]], of: drawn", {1: 10, 2: 30}),
        ("measure: x, line: [[otherwise, 5 %], [2, 10 %], [6, 30 %]], of: committed", {1: 30, 2: 45, 3: 7.5}),
        ("measure: x, per_unit: 1 %, of: drawn, floor: 5 %", {1: 5, 2: 8, 3: 5}),
        ("measure: x, per_unit: 1 %, of: drawn, floor: 6", {1: 6, 2: 8, 3: 6}),
        ("measure: x, per_unit: 10 %, of: drawn, cap: 90 %", {1: 40, 2: 50}),
        ("measure: x, per_unit: 10 %, of: drawn, cap: {per_year: 45 %, total: 100}", {1: 40, 2: 45, 3: 10}),
        ("measure: x, per_unit: 20, cap: {multiple: 1.3}", {1: 80, 2: 50}),
        ("measure: x, per_unit: 20, to: loan, cap: {multiple: 1.3}", {1: 80, 2: 50}),
    ],
)
def test_percents_are_of_what_the_file_says(terms: str, expected: dict[int, float]) -> None:
    (p,) = paid(deal(measures=SERIES, contract=payments(f"p: {{{terms}}}"), **LOAN), "p")
    assert p == expected


def test_a_budget_year_that_begins_in_april() -> None:
    text = deal(
        QUARTERS + "budget_year: April\n",
        contract=payments("p: {amount: 10, at: {every: quarter, from: 2020-01, until: 2021-07}, cap: {per_year: 25}}"),
    )
    # January 2020 is the last quarter of 2019; April 2020 to January 2021 is one year
    (p,) = paid(text, "p")
    assert p == {0: 10, 1: 10, 2: 10, 3: 5, 5: 10, 6: 10}
    by_year = {row["year"]: row["payments"]["mean"] for row in run(text).summary()["yearly"]}
    assert by_year == {2019: 10, 2020: 25, 2021: 20}
    assert run(text).metric("payer", "largest_year")[0] == 25


# ------------------------------------------------------------------------------------------------ chained, conditions
def test_a_payment_that_hangs_on_a_payment_sees_what_it_pays_that_day_after_its_cap() -> None:
    first = "first: {measure: x, per_unit: 5, cap: 50, by: fund}"
    (p,) = paid(deal(measures=SERIES, contract=payments(first, "p: {measure: first, per_unit: 0.5}")), "p")
    assert p == {1: 10, 2: 15}
    band = "p: {measure: first, per_unit: 0.5, band: [25, none]}"
    (p,) = paid(deal(measures=SERIES, contract=payments(first, band)), "p")
    assert p == {2: 2.5}
    rows = "p: {measure: first, steps: [[50 %, 3], [75 %, 8]], of: 40}"
    (p,) = paid(deal(measures=SERIES, contract=payments(first, rows)), "p")
    assert p == {1: 3, 2: 8}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{x: at least 4}", {1: 9, 2: 9}),
        ("{x: above 4}", {2: 9}),
        ("{x: below 4}", {3: 9}),
        ("{x: at most 4}", {1: 9, 3: 9}),
        ("{x: above 4, y: above 4}", {}),
        ("{x: above 1, y: at least 4}", {1: 9}),
        ("[{x: above 4}, {y: above 4}]", {2: 9, 3: 9}),
        ("[{x: above 4}, {x: at least 4, y: below 9}]", {1: 9, 2: 9}),
        ("{x: above y}", {2: 9}),
        ("{x: at least y}", {1: 9, 2: 9}),
        ("{x: below y}", {3: 9}),
        ("{first: at least 20}", {1: 9, 2: 9, 3: 9}),
        ("{first: above 20}", {2: 9, 3: 9}),
        ("{first: below 60}", {0: 9, 1: 9}),
    ],
)
def test_conditions(condition: str, expected: dict[int, float]) -> None:
    """x is 4, 8, 1 and y is 4, 2, 5; on the first date, 2020, there is no report yet."""
    other = SERIES.removeprefix("{x: ").replace("2022-01: 2, 2023-01: 9", "2022-01: 8, 2023-01: 5")
    measures = f"{SERIES.removesuffix('}')}, y: {other}"
    text = deal(
        measures=measures,
        contract=payments(
            "first: {measure: x, per_unit: 5, by: fund}",
            "p: {amount: 9, at: {every: year, from: 2020-01, until: 2023-01}, if: " + condition + "}",
        ),
    )
    (p,) = paid(text, "p")
    assert p == expected


def test_without_a_report_not_even_the_floor_is_due() -> None:
    rows = "p: {measure: x, per_unit: 5, floor: 30, at: [2020-01, 2021-01]}"
    (p,) = paid(deal(measures=SERIES, contract=payments(rows)), "p")
    assert p == {1: 30}
    unmet = "p: {measure: x, per_unit: 5, floor: 30, if: {x: above 5}}"
    (p,) = paid(deal(measures=SERIES, contract=payments(unmet)), "p")
    assert p == {2: 40}


def test_thresholds_are_reached_at_their_very_value() -> None:
    """1 - 135/150 is a hair below 10 % in floating point; so is 0.3 - 0.2 against 0.1."""
    outcomes = "{result: {type: score, each: cohort, better: fewer, over: 1 year, without: 0.3, with: 0.2}}"
    measures = "{x: {of: result, as: improvement, comparison: {fixed: 0.3}}}"
    assert 0.3 - 0.2 < 0.1
    rows = ("p: {measure: x, steps: [[10 %, 7]]}", "q: {amount: 5, at: 2021-01, if: {x: at least 10 %}}")
    p, q = paid(deal(outcomes=outcomes, measures=measures, contract=payments(*rows)), "p", "q")
    assert p == {1: 7}
    assert q == {1: 5}
    rows = ("p: {measure: x, steps: [[above 10 %, 7]]}", "q: {amount: 5, at: 2021-01, if: {x: above 10 %}}")
    p, q = paid(deal(outcomes=outcomes, measures=measures, contract=payments(*rows)), "p", "q")
    assert p == {}
    assert q == {}


def test_each_cohort_is_paid_on_its_own_date_and_its_own_result() -> None:
    """The first cohort gains 10, the second half of it, a year later."""
    sections = {
        "participants": "{cohorts: {c1: {size: 1}, c2: {size: 1, start: 2021-01, effect_share: 50 %}}}",
        "measures": "{x: {of: result, as: average, for_each: cohort}}",
    }
    p, q, r = paid(
        deal(
            contract=payments(
                "p: {measure: x, per_unit: 3}",
                "q: {measure: x, per_unit: 3, if: {x: at least 8}}",
                "r: {measure: x, per_unit: 3, cap: 40}",
            ),
            **sections,
        ),
        "p",
        "q",
        "r",
    )
    assert p == {1: 30, 2: 15}
    assert q == {1: 30}
    assert r == {1: 30, 2: 10}


# ------------------------------------------------------------------------------------------------ the contract's cap
@pytest.mark.parametrize(
    ("cap", "first", "second"),
    [
        ("{total: 50}", {1: 30}, {1: 20}),
        ("{total: 150}", {1: 60, 2: 30}, {1: 40, 2: 20}),
        ("50", {1: 30}, {1: 20}),
        ("{per_year: 50}", {1: 30, 2: 30}, {1: 20, 2: 20}),
        ("{per_year: 80, total: 120}", {1: 48, 2: 24}, {1: 32, 2: 16}),
        ("{per_year: {2021-01: 50, 2022-01: 10}}", {1: 30, 2: 6}, {1: 20, 2: 4}),
        ("{multiple: 1.2}", {1: 60, 2: 12}, {1: 40, 2: 8}),
        ("{total: 1000}", {1: 60, 2: 60}, {1: 40, 2: 40}),
    ],
)
def test_the_cap_of_the_contract_cuts_the_days_payments_in_proportion(
    cap: str, first: dict[int, float], second: dict[int, float]
) -> None:
    rows = ("a: {amount: 60, at: [2021-01, 2022-01]}", "b: {amount: 40, at: [2021-01, 2022-01]}")
    text = deal(contract=payments(*rows, cap=cap), **LOAN)
    a, b = paid(text, "a", "b")
    assert a == first
    assert b == second
    results = run(text)
    binds = sum(first.values()) < 120
    assert results.summary()["parties"]["payer"]["probabilities"]["cap_binds"]["value"] == binds


def test_payments_own_caps_come_before_the_contracts() -> None:
    rows = ("a: {amount: 60, at: 2021-01, cap: 20}", "b: {amount: 40, at: 2021-01}")
    a, b = paid(deal(contract=payments(*rows, cap="30")), "a", "b")
    assert a == {1: 10}
    assert b == {1: 20}


def test_declared_least_and_most_hold_and_are_reached() -> None:
    lines = {
        "steps: [[otherwise, 2], [4, 7], [8, 9]]": (2.0, 9.0),
        "steps: [[4, 7], [8, 9]], floor: 3": (3.0, 9.0),
        "steps: [[4, 7], [8, 9]], index: 10 %": (0.0, 9 * 1.1),
        "per_unit: 5, cap: 50": (0.0, 50.0),
        "line: [[otherwise, 5], [0, 1], [9, 4]]": (1.0, 5.0),
    }
    for terms, (lowest, highest) in lines.items():
        contract = run(deal(contract=payments(f"p: {{measure: x, {terms}}}"))).summary()["contract"]
        assert (contract["lowest"], contract["highest"]) == pytest.approx((lowest, highest)), terms
    assert run(deal(contract=payments("p: {measure: x, per_unit: 5}"))).summary()["contract"]["highest"] is None
