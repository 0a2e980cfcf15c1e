"""Terms of payments worked out by hand: by the year, to date, the rest of another, shared out, capped, asked back."""

from __future__ import annotations

import pytest

from tests.analytic.test_payments import LOAN, SERIES, paid, payments
from tests.support import deal, flow, moved, run

COHORTS = {
    "participants": "{cohorts: {c1: {size: 100}, c2: {size: 300}}}",
    "measures": "{x: {of: result, as: average, for_each: cohort}}",
}
"""Two cohorts of 100 and 300 people, each with a result of 10, in 2021."""


def one(terms: str, **sections: str) -> dict[int, float]:
    """What one payment pays by column, less what goes back."""
    table = moved(run(deal(contract=payments(f"p: {{{terms}}}"), **({"measures": SERIES} | sections))))
    found: dict[int, float] = {}
    for (label, source, target), amounts in table.items():
        if label == "p":
            sign = -1.0 if target in ("payer", "fund", "city") else 1.0
            for column, amount in amounts.items():
                found[column] = found.get(column, 0.0) + sign * amount
            assert (source in ("payer", "fund", "city")) or sign < 0
    return pytest.approx(found, abs=1e-9)


# ------------------------------------------------------------------------------------------------ by the year
@pytest.mark.key("payments.per", "payments.of", "payments.floor")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # 100 drawn in 2020: two years at 10 %, then one year since the last date
        ("amount: 10 %, of: drawn, per: year, at: [2022-01, 2023-01]", {2: 20, 3: 10}),
        ("amount: 10 %, of: committed, per: year, at: [2022-01, 2023-01]", {2: 30, 3: 15}),
        ("amount: 10 %, of: 1 000, per: year, at: [2022-01, 2023-01]", {2: 200, 3: 100}),
        ("amount: 10 %, of: drawn, per: year, at: [2020-01, 2021-01]", {1: 10}),
        # money beside it is no rate: it is not yearly
        ("amount: 7, floor: 4 %, of: drawn, per: year, at: [2021-01, 2023-01]", {1: 7, 3: 8}),
        # x is 4, 8, 1: rates of 3 %, 7.5 % and none, on each yearly report
        ("measure: x, steps: [[4, 3 %], [8, 7.5 %]], of: drawn, per: year", {1: 3, 2: 7.5}),
        ("measure: x, steps: [[8, 7.5 %]], floor: 5 %, of: drawn, per: year", {1: 5, 2: 7.5, 3: 5}),
        ("measure: x, per_unit: 1 %, of: drawn, per: year", {1: 4, 2: 8, 3: 1}),
        ("measure: x, line: [[otherwise, 1 %], [0, 2 %], [8, 10 %]], of: drawn, per: year", {1: 6, 2: 10, 3: 3}),
        # a floor for the first two years only
        ("measure: x, steps: [[8, 9 %]], floor: {2020-01: 5 %, 2023-01: 0 %}, of: drawn, per: year", {1: 5, 2: 9}),
    ],
)
def test_yearly_percents_run_from_the_last_date(terms: str, expected: dict[int, float]) -> None:
    assert one(terms, **LOAN) == expected


@pytest.mark.key("payments.per", "payments.compound")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # 100 drawn in 2020 and 50 in 2021; by 2023 they stood three and two years
        ("amount: 10 %, of: drawn, per: year, at: [2021-01, 2023-01]", {1: 10, 3: 30}),
        ("amount: 10 %, of: drawn, per: year, at: 2023-01", {3: 40}),
        ("amount: 10 %, of: drawn, per: year, compound: true, at: 2023-01", {3: 33.1 + 10.5}),
        # committed and plain money count from the first draw, in 2020
        ("amount: 10 %, of: 1 000, per: year, compound: true, at: 2023-01", {3: 331}),
        ("amount: 10 %, of: committed, per: year, compound: true, at: 2022-01", {2: 31.5}),
        # compounded it is all since drawn, on every date
        ("amount: 10 %, of: drawn, per: year, compound: true, at: [2021-01, 2022-01]", {1: 10, 2: 26}),
        # rates are looked up as rates, and only then grown: 6 % for three and two years
        (
            "measure: x, line: [[otherwise, 1 %], [1, 6 %], [8, 10 %]], of: drawn, per: year, compound: true,"
            " at: 2023-01",
            {3: 100 * (1.06**3 - 1) + 50 * (1.06**2 - 1)},
        ),
        (
            "measure: x, steps: [[8, 6 %]], floor: 2 %, of: drawn, per: year, compound: true, at: 2023-01",
            {3: 100 * (1.02**3 - 1) + 50 * (1.02**2 - 1)},
        ),
        # -50 % for two years leaves a quarter of 100, for one year half of 50: 75 and 25 go back
        ("measure: x, steps: [[4, -50 %]], of: drawn, per: year, compound: true, at: 2022-01", {2: -100}),
    ],
)
def test_every_draw_counts_from_its_own_date(terms: str, expected: dict[int, float]) -> None:
    finance = "{tranches: {loan: {amount: 150, drawn: {2020-01: 100, 2021-01: 50}}}}"
    assert one(terms, costs="{c: {amount: 150, at: 2021-01}}", finance=finance) == expected


@pytest.mark.key("payments.per", "payments.compound")
def test_a_yearly_percent_of_what_is_outstanding_looks_at_the_base_as_it_stood() -> None:
    """100 in 2020, of which 40 is repaid in 2021: 100 stood for a year and 60 for another, 16 at 10 %.

    Compounded it is 60 x 21 %: what was repaid bears nothing any more.
    """
    back = "back: {amount: 40, at: 2021-01, to: loan}"
    rows = ("p: {amount: 10 %, of: outstanding, per: year, to: loan, at: 2022-01}", back)
    (p,) = paid(deal(contract=payments(*rows), **LOAN), "p")
    assert p == {2: 16}
    rows = ("p: {amount: 10 %, of: outstanding, per: year, compound: true, to: loan, at: 2022-01}", back)
    (p,) = paid(deal(contract=payments(*rows), **LOAN), "p")
    assert p == {2: 12.6}


@pytest.mark.key("payments.per")
def test_without_loans_yearly_percents_of_money_run_from_the_start() -> None:
    assert one("amount: 3 %, of: 1 000, per: year, at: [2021-01, 2023-01]") == {1: 30, 3: 60}


NEWPIN = """
sibsim: 1
title: "A bond whose yearly return hangs on the share of children restored to their parents"
currency: AUD
start: 2013-07
step: year
parties: {payer: The state, investor: Investors, provider: The charity}
outcomes: {restored: {type: score, each: cohort, better: more, over: 1 year, with: RATE}}
measures: {restoration rate: {of: restored, as: average, covers: to date, reported: {every: year, from: 2014-07, until: 2020-07}}}
contract:
  payments:
    coupon: {measure: restoration rate, steps: [[55 %, 3 %], [60 %, 7.5 %], [65 %, 12 %], [70 %, 15 %]], of: drawn, per: year, to: bond}
    principal: {measure: restoration rate, steps: [[otherwise, 50 %], [55 %, 100 %]], of: drawn, to: bond, at: 2020-07}
costs: {service: {amount: 7 m}}
finance: {tranches: {bond: {amount: 7 m, drawn: upfront}}}
options:
  in one sum at the end:
    contract.payments.coupon.at: 2020-07
    contract.payments.coupon.compound: true
"""  # noqa: E501
BANDS = [
    ("54.99 %", None), ("55 %", 0.03), ("59.99 %", 0.03), ("60 %", 0.075), ("64.99 %", 0.075), ("65 %", 0.12),
    ("69.99 %", 0.12), ("70 %", 0.15), ("80 %", 0.15),
]  # fmt: skip


@pytest.mark.key("payments.per", "payments.compound", "payments.steps", "payments.of")
@pytest.mark.parametrize(("rate", "irr"), BANDS)
def test_b04_a_step_table_of_yearly_returns(rate: str, irr: float | None) -> None:
    """Case B04: as yearly coupons, or compounded in one sum, seven years return exactly the rate of the band reached.

    Below 55 % half the capital comes back: 0.5 ** (1/7) - 1 = -9.43 % a year.
    """
    expected = 0.5 ** (1 / 7) - 1 if irr is None else irr
    for options in ((), ("in one sum at the end",)):
        flows = flow(run(NEWPIN.replace("RATE", rate), *options, n_draws=1024), "investor")
        assert flows[0] == -7e6
        assert sum(amount / (1 + expected) ** year for year, amount in enumerate(flows)) == pytest.approx(0, abs=1e-6)
    coupons = flow(run(NEWPIN.replace("RATE", rate), n_draws=1024), "investor")
    assert coupons[1:7] == pytest.approx([7e6 * (irr or 0.0)] * 6)


# ------------------------------------------------------------------------------------------------ to date
@pytest.mark.key("payments.cumulative")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # 5 for each is 20, 40 and 5 in all to date: 20, 20 more, and 35 go back
        ("per_unit: 5", {1: 20, 2: 20, 3: -35}),
        ("per_unit: 5, floor: 30", {1: 30, 2: 10, 3: -10}),
        ("per_unit: 5, index: 10 %", {1: 22, 2: 48.4 - 22, 3: 6.655 - 48.4}),
        # where a condition fails nothing is due that day, and what was due stands
        ("per_unit: 5, if: {x: above 3}", {1: 20, 2: 20}),
        ("steps: [[4, 7], [8, 9]]", {1: 7, 2: 2, 3: -9}),
        # a cap in total: 20, 30 of 40, then the fall to 5 first takes off the 10 that were cut
        ("per_unit: 5, cap: 30", {1: 20, 2: 10, 3: -25}),
        ("per_unit: 5, cap: 10", {1: 10, 3: -5}),
        ("per_unit: 5, cap: {per_year: 15}", {1: 15, 2: 15, 3: -25}),
    ],
)
def test_what_was_due_before_is_taken_off(terms: str, expected: dict[int, float]) -> None:
    assert one(f"measure: x, cumulative: true, {terms}") == expected


@pytest.mark.key("payments.cumulative", "payments.per")
def test_to_date_yearly_percents_run_since_drawn() -> None:
    """1 % for each of 4, 8 and 1 on 100 since 2020: 4 x 1 = 4, 8 x 2 = 16 and 1 x 3 = 3 in all to date."""
    terms = "measure: x, per_unit: 1 %, of: drawn, per: year, cumulative: true"
    assert one(terms, **LOAN) == {1: 4, 2: 12, 3: -13}
    compound = one(terms + ", compound: true", **LOAN)
    assert compound == {1: 4, 2: 16.64 - 4, 3: 3.0301 - 16.64}


@pytest.mark.key("payments.cumulative")
def test_declared_bounds_of_a_payment_to_date_are_of_its_sum() -> None:
    lines = {
        "steps: [[otherwise, 2], [4, 7], [8, 9]]": (2.0, 9.0),
        "steps: [[otherwise, 2], [4, 7], [8, 9]], cap: 5": (2.0, 5.0),
        "steps: [[otherwise, 2], [4, 7]], if: {x: above 3}": (0.0, 7.0),
    }
    for terms, (lowest, highest) in lines.items():
        text = deal(measures=SERIES, contract=payments(f"p: {{measure: x, cumulative: true, {terms}}}"))
        contract = run(text, n_draws=1024).summary()["contract"]
        assert (contract["lowest"], contract["highest"]) == pytest.approx((lowest, highest)), terms


# ------------------------------------------------------------------------------------------------ the rest of another
@pytest.mark.key("payments.rest_of", "payments.cap")
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # 20, 40, 5 due; a cap of 50 leaves a quarter of the second and all of the third: 2 and 1 of x
        ("cap: 50", "per_unit: 10", {2: 20, 3: 10}),
        ("cap: {per_year: 10}", "per_unit: 10", {1: 20, 2: 60}),
        ("cap: 50, if: {x: above 3}", "per_unit: 10", {2: 20}),  # where nothing was due nothing was left
        ("cap: 50, at: 2022-01", "per_unit: 10", {}),  # 40 is due once, and paid
        ("cap: 30, at: 2022-01", "per_unit: 10, at: [2021-01, 2022-01]", {2: 20}),
        ("cap: 50", "per_unit: 10, band: [1, none]", {2: 10}),
        ("cap: 50", "steps: [[1, 3], [2, 8]]", {2: 8, 3: 3}),
        ("cap: 0", "per_unit: 5", {1: 20, 2: 40, 3: 5}),
    ],
)
def test_the_rest_of_a_payment(first: str, second: str, expected: dict[int, float]) -> None:
    rows = (f"a: {{measure: x, per_unit: 5, by: fund, {first}}}", f"p: {{measure: x, rest_of: a, {second}}}")
    (p,) = paid(deal(measures=SERIES, contract=payments(*rows)), "p")
    assert p == expected


@pytest.mark.key("payments.rest_of", "payments.share", "cap.irr")
def test_most_of_a_saving_until_the_loan_has_its_return_and_less_after() -> None:
    """95 % of savings of 80, 80 and 20 until 100 and 5 % a year are back, then 40 % of what is left of them.

    2021: 76, of 105 owed. 2022: 29 x 1.05 = 30.45 lacks; 76 is due, 30.45 of it paid, 45.55/76 of the saving is left:
    40 % of 80 x 45.55/76. 2023: nothing lacks: 40 % of 20.
    """
    rows = (
        "saving: {measure: x, per_unit: 20, by: city, to: outside}",
        "first: {measure: saving, share: 95 %, cap: {irr: 5 %}, to: loan}",
        "then: {measure: saving, share: 40 %, rest_of: first, to: loan}",
    )
    text = deal(measures=SERIES.replace("2022-01: 2", "2022-01: 6"), contract=payments(*rows), **LOAN)
    first, then = paid(text, "first", "then")
    assert first == {1: 76, 2: 30.45}
    assert then == {2: 0.4 * 80 * 45.55 / 76, 3: 8}


# ------------------------------------------------------------------------------------------------ money measured
@pytest.mark.key("payments.share", "payments.band", "payments.floor", "payments.of", "payments.steps")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("share: 95 %", {1: 57}),
        ("share: 0 %", {}),
        ("share: 100 %, band: [none, 40]", {1: 40}),
        ("share: 50 %, band: [40, none]", {1: 10}),
        # ends in percents of the 100 drawn: the saving between 20 and 50, at least 40 % of what was drawn
        ("share: 100 %, band: [20 %, 50 %], of: drawn", {1: 30}),
        ("share: 100 %, band: [20 %, 50 %], of: drawn, floor: 40 %", {1: 40}),
        ("share: 100 %, band: [60 %, none], of: drawn, floor: 0 %", {}),
        ("steps: [[60 %, 5], [61 %, 6]], of: drawn", {1: 5}),
        ("steps: [[60, 5], [above 60, 6]]", {1: 5}),
        ("share: 50 %, cap: 20", {1: 20}),
    ],
)
def test_a_share_of_a_saving(terms: str, expected: dict[int, float]) -> None:
    """60 saved: 100 spent without the programme, 40 with it; 100 drawn."""
    outcomes = "{spent: {type: money, each: cohort, better: fewer, over: 1 year, without: 100, with: 40}}"
    measures = "{saved: {of: spent, as: total_improvement, comparison: {fixed: 100}}}"
    assert one(f"measure: saved, {terms}", outcomes=outcomes, measures=measures, **LOAN) == expected


@pytest.mark.key("payments.share")
def test_a_saving_below_zero_pays_nothing() -> None:
    outcomes = "{spent: {type: money, each: cohort, better: fewer, over: 1 year, without: 100, with: 140}}"
    measures = "{saved: {of: spent, as: total_improvement, comparison: {fixed: 100}}}"
    assert one("measure: saved, share: 95 %", outcomes=outcomes, measures=measures) == {}


# ------------------------------------------------------------------------------------------------ prices
CHAIN = {
    "participants": "{size: 20}",
    "outcomes": "{entry: {type: event, better: more, over: 1 year, with: 100 %},"
    " job: {type: event, better: more, over: 2 years, with: 100 %}}",
    "measures": "{entries: {of: entry, as: total, follow_up: 12 months, reported: 2021-01},"
    " jobs: {of: job, as: total, follow_up: 24 months, reported: 2022-01}}",
}
"""Twenty people, who all enter within a year and all have a job within two."""


@pytest.mark.key("payments.prices")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("prices: {entries: 900, jobs: 2 600}", {1: 18_000, 2: 52_000}),  # each when it is reported
        ("prices: {entry: 900, job: 2 600}", {1: 18_000, 2: 52_000}),  # by the event that one measure counts
        ("prices: {entries: 900, jobs: 2 600}, at: 2023-01", {3: 70_000}),  # the latest of each
        ("prices: {entries: 900, jobs: 2 600}, at: [2021-01, 2022-01]", {1: 18_000, 2: 70_000}),
        ("measure: jobs, prices: {job: 2 600}", {2: 52_000}),
        ("prices: {entries: 900, jobs: 2 600}, cap: 20 000", {1: 18_000, 2: 2_000}),
        ("prices: {entries: 900, jobs: 2 600}, index: 10 %", {1: 19_800, 2: 62_920}),
        ("prices: {entries: {2020: 900, 2022: 0}, jobs: {2020: 5, 2022: 100}}", {1: 18_000, 2: 2_000}),
        ("prices: {entries: 1 %, jobs: 2 %}, of: 1 000", {1: 200, 2: 400}),
        ("prices: {entries: 900, jobs: 2 600}, if: {entries: above 20}", {}),
    ],
)
def test_a_rate_card(terms: str, expected: dict[int, float]) -> None:
    assert one(terms, **CHAIN) == expected


@pytest.mark.key("payments.prices", "contract.payments")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # all 20 move in and stay, none works; by the day of the report, each step since the last
        ("measure: reached, prices: {moves in: 500, stays: 400, works: 900}", {1: 10_000, 2: 8_000}),
        ("prices: {moves in: 500, works: 900}", {1: 10_000}),
        ("prices: {reached: 50}", {1: 1_000, 2: 1_000}),  # a measure's own number: all steps together
        ("prices: {moves in: 500, stays: 400}, cap: {per_person: 600}", {1: 10_000, 2: 2_000}),
        ("prices: {reached: 50}, cap: {per_person: 60}", {1: 1_000, 2: 200}),
    ],
)
def test_prices_by_step(terms: str, expected: dict[int, float]) -> None:
    sections = {
        "participants": "{size: 20}",
        "outcomes": "{way: {type: milestones, better: more, steps: {moves in: [100 %, 3 months],"
        " stays: [100 %, 18 months], works: [0 %, 20 months]}}}",
        "measures": "{reached: {of: way, as: total, reported: [2021-01, 2022-01]}}",
    }
    assert one(terms, **sections) == expected


@pytest.mark.key("payments.prices")
def test_prices_of_several_events_of_one_measure() -> None:
    """20 of one kind within a year and 20 of the other within two: 900 and 2,600 each."""
    measures = "{both: {of: [entry, job], as: total, reported: [2021-01, 2022-01]}}"
    outcomes = (
        "{entry: {type: event, better: more, over: 1 year, with: 100 %},"
        " job: {type: event, better: more, over: 1 year, begins: 1 year, with: 100 %}}"
    )
    sections = {"participants": "{size: 20}", "outcomes": outcomes, "measures": measures}
    assert one("measure: both, prices: {entry: 900, job: 2 600}", **sections) == {1: 18_000, 2: 52_000}
    assert one("prices: {entry: 900, job: 2 600}, cap: {per_person: 3 000}", **sections) == {1: 18_000, 2: 42_000}


@pytest.mark.key("payments.at", "payments.if")
def test_paid_on_the_day_of_an_event() -> None:
    """The event comes when x is first above 4, in 2022: a sum, and 2 for each of the 8 reported by then."""
    events = "{good news: {at: [2021-01, 2022-01, 2023-01], if: {x: above 4}}}"
    assert one("amount: 9, at: good news", events=events) == {2: 9}
    assert one("measure: x, per_unit: 2, at: good news", events=events) == {2: 16}
    dates = "{every: year, from: 2020-01, until: 2023-01}"
    assert one(f"amount: 9, at: {dates}, if: {{good news: happened}}", events=events) == {2: 9, 3: 9}
    assert one(f"amount: 9, at: {dates}, if: {{good news: not happened}}", events=events) == {0: 9, 1: 9}
    yearly = one("amount: 10 %, of: drawn, per: year, at: good news", events=events, **LOAN)
    assert yearly == {2: 20}


# ------------------------------------------------------------------------------------------------ cohorts
@pytest.mark.key("cap.per_cohort", "payments.measure")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("per_unit: 5, cap: {per_cohort: 60}", {1: 100}),
        ("per_unit: 5, cap: {per_cohort: 50}", {1: 100}),
        ("per_unit: 5, cap: {per_cohort: 40}", {1: 80}),
        ("per_unit: 5, cap: {per_cohort: 40, total: 70}", {1: 70}),
        ("per_unit: 5, cap: {per_cohort: 10 %}, of: 300", {1: 60}),
        ("per_unit: 5, cap: {per_cohort: 0}", {}),
    ],
)
def test_a_cap_for_each_cohort(terms: str, expected: dict[int, float]) -> None:
    assert one(f"measure: x, {terms}", **COHORTS) == expected


@pytest.mark.key("cap.per_cohort")
def test_a_cap_for_each_cohort_is_over_all_its_dates() -> None:
    """Each cohort's x is 10 on both dates: 50 and then 30 of 50, twice; what another cap cut is not used up."""
    sections = {
        "participants": "{cohorts: {c1: {size: 1}, c2: {size: 1}}}",
        "measures": "{x: {of: result, as: average, for_each: cohort, covers: to date, reported: [2021-01, 2022-01]}}",
    }
    assert one("measure: x, per_unit: 5, cap: {per_cohort: 80}", **sections) == {1: 100, 2: 60}
    assert one("measure: x, per_unit: 5, cap: {per_cohort: 80, per_year: 70}", **sections) == {1: 70, 2: 70}
    contract = run(
        deal(contract=payments("p: {measure: x, per_unit: 5, cap: {per_cohort: 80}}"), **sections), n_draws=1024
    ).summary()["contract"]
    assert (contract["lowest"], contract["highest"]) == (0.0, 160.0)


@pytest.mark.key("payments.split", "payments.if")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("amount: 40, split: size", {1: 40}),
        ("amount: 40, split: size, if: {x: at least 10}", {1: 10}),  # c1 has a quarter of the people
        ("amount: 40, split: size among met, if: {x: at least 10}", {1: 40}),
        ("amount: 40, split: size among met, if: {x: at least 5}", {1: 40}),
        ("amount: 40, split: size among met, if: {x: at least 11}", {}),
        ("per_unit: 4, split: size", {1: 40 / 4 + 20 * 3 / 4}),  # x is 10 and 5
        ("per_unit: 4, split: size, floor: 15", {1: 30}),  # the floor comes after: 15 for each
        ("per_unit: 4, split: size, cap: {per_cohort: 12}", {1: 22}),
        ("amount: 40, split: size, index: 10 %", {1: 44}),
    ],
)
def test_money_for_all_cohorts_is_shared_by_size(terms: str, expected: dict[int, float]) -> None:
    sections = COHORTS | {"participants": "{cohorts: {c1: {size: 100}, c2: {size: 300, effect_share: 50 %}}}"}
    assert one(f"measure: x, {terms}", **sections) == expected


# ------------------------------------------------------------------------------------------------ the loans' return
@pytest.mark.key("cap.irr", "cap.multiple", "contract.cap")
@pytest.mark.parametrize(
    ("terms", "cap", "expected"),
    [
        # 100 lent in 2020; 80 in 2021 leaves 110 - 80 = 30, 33 a year later
        ("amount: 80, at: [2021-01, 2022-01, 2023-01], cap: {irr: 10 %}", "", {1: 80, 2: 33}),
        ("amount: 80, at: [2021-01, 2022-01, 2023-01], to: loan, cap: {irr: 10 %}", "", {1: 80, 2: 33}),
        ("amount: 80, at: [2021-01, 2022-01, 2023-01]", "{irr: 10 %}", {1: 80, 2: 33}),
        ("amount: 110, at: 2021-01, cap: {irr: 10 %}", "", {1: 110}),  # at the cap exactly
        ("amount: 80, at: [2021-01, 2022-01], cap: {irr: 0 %}", "", {1: 80, 2: 20}),
        ("amount: 80, at: [2021-01, 2022-01], cap: {irr: -50 %}", "", {1: 50}),
        ("amount: 80, at: [2021-01, 2022-01], cap: {irr: 10 %, multiple: 1}", "", {1: 80, 2: 20}),
        ("amount: 80, at: [2021-01, 2022-01], cap: {irr: 10 %, total: 90}", "", {1: 80, 2: 10}),
        ("amount: 80, at: [2021-01, 2022-01], cap: {irr: {2020: 10 %, 2022: 20 %}}", "", {1: 80, 2: 144 - 96}),
        ("amount: 80, at: [2021-01, 2022-01], to: provider", "{irr: 10 %}", {1: 80, 2: 80}),  # not to the loans
    ],
)
def test_a_cap_on_the_yearly_return_of_the_loans(terms: str, cap: str, expected: dict[int, float]) -> None:
    (p,) = paid(deal(contract=payments(f"p: {{{terms}}}", cap=cap), **LOAN), "p")
    assert p == expected


@pytest.mark.key("cap.irr")
def test_a_cap_on_the_return_counts_what_is_due_that_day_and_what_is_in_hand() -> None:
    """110 lacks in 2021: 30 is due before it, or waits on the account, where it bears nothing."""
    rows = ("a: {amount: 30, at: 2021-01, by: fund}", "p: {amount: 100, at: 2021-01, cap: {irr: 10 %}}")
    (p,) = paid(deal(contract=payments(*rows), **LOAN), "p")
    assert p == {1: 80}
    waits = {**LOAN, "finance": "{distribute: 2022-01, tranches: {loan: {amount: 150}}}"}
    rows = ("a: {amount: 30, at: 2021-01, by: fund}", "p: {amount: 100, at: 2022-01, cap: {irr: 10 %}}")
    (p,) = paid(deal(contract=payments(*rows), **waits), "p")
    assert p == {2: 91}


# ------------------------------------------------------------------------------------------------ who pays
@pytest.mark.key("payments.by")
def test_payers_that_follow_one_another() -> None:
    """The fund alone before 2022, from then on 40 % of it with the city; from 2023 the payer."""
    by = "{2021: fund, 2022: {fund: 40 %, city: rest}, 2023: payer}"
    dates = "{every: year, from: 2020-01, until: 2024-01}"
    table = moved(run(deal(contract=payments(f"p: {{amount: 10, at: {dates}, by: {by}}}"))))
    assert {who: amounts for (_, who, _), amounts in table.items()} == {
        "fund": {0: 10, 1: 10, 2: 4},
        "city": {2: 6},
        "payer": {3: 10, 4: 10},
    }


# ------------------------------------------------------------------------------------------------ money asked back
COLLAR = "steps: [[otherwise, -3.3 m], [18.6 %, 0], [above 41.3 %, 3.3 m]]"


@pytest.mark.key("payments.steps", "payments.amount", "payments.per")
@pytest.mark.parametrize(
    ("reduction", "expected"),
    [("18.59 %", -3.3e6), ("18.6 %", 0.0), ("30 %", 0.0), ("41.3 %", 0.0), ("41.31 %", 3.3e6)],
)
def test_a_collar_pays_both_ways(reduction: str, expected: float) -> None:
    """A bond of 25 m with a coupon of 3.43 % a year; by what was measured 3.3 m more is due, or goes back."""
    text = deal(
        outcomes=f"{{runoff: {{type: score, each: cohort, better: more, over: 3 years, with: {reduction}}}}}",
        measures="{reduction: {of: runoff, as: average}}",
        contract=payments(
            "coupon: {amount: 3.43 %, of: drawn, per: year, at: [2021-01, 2022-01, 2023-01], to: bond}",
            "principal: {amount: 100 %, of: drawn, at: 2023-01, to: bond}",
            f"contingent: {{measure: reduction, {COLLAR}, to: bond}}",
        ),
        costs="{c: {amount: 25 m}}",
        finance="{tranches: {bond: {amount: 25 m, drawn: upfront}}}",
    )
    results = run(text, n_draws=1024)
    assert flow(results, "investor") == pytest.approx([-25e6, 857_500, 857_500, 25_857_500 + expected])
    assert flow(results, "payer") == pytest.approx([0, -857_500, -857_500, -25_857_500 - expected])


@pytest.mark.key("payments.line", "payments.floor", "payments.per_unit")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # x is 4, 8, 1; from the loan's lender, 100 was drawn
        ("line: [[otherwise, -6], [2, -4], [6, 0], [8, 10]], to: loan", {1: -2, 2: 10, 3: -6}),
        ("line: [[otherwise, -6], [2, -4], [6, 0], [8, 10]], floor: -3, to: loan", {1: -2, 2: 10, 3: -3}),
        ("line: [[otherwise, -6 %], [2, 0 %], [8, 12 %]], of: drawn, to: loan", {1: 4, 2: 12, 3: -6}),
        ("per_unit: -2, to: loan", {1: -8, 2: -16, 3: -2}),
        ("steps: [[otherwise, -5], [4, 7]], cap: 10, to: loan", {1: 7, 2: 3, 3: -5}),
        ("steps: [[otherwise, -5], [4, 7]], if: {x: above 3}, to: loan", {1: 7, 2: 7}),
        ("steps: [[otherwise, -5], [4, 7]], index: 10 %, to: loan", {1: 7.7, 2: 8.47, 3: -6.655}),
    ],
)
def test_figures_below_zero_ask_money_back(terms: str, expected: dict[int, float]) -> None:
    assert one(f"measure: x, {terms}", **LOAN) == expected


def test_declared_bounds_of_money_that_goes_both_ways() -> None:
    text = deal(
        measures=SERIES, contract=payments("p: {measure: x, steps: [[otherwise, -5], [4, 7]], to: loan}"), **LOAN
    )
    contract = run(text, n_draws=1024).summary()["contract"]
    assert (contract["lowest"], contract["highest"]) == (-15.0, 21.0)


def test_the_cap_of_the_contract_does_not_cut_what_goes_back() -> None:
    """30 and 10 are due and 20 goes back: 20 together, of which 5 is over the cap, cut from the 40 in proportion."""
    rows = (
        "a: {amount: 30, at: 2021-01, to: loan}",
        "b: {amount: 10, at: 2021-01, to: loan, by: fund}",
        "back: {amount: -20, at: 2021-01, to: loan, by: city}",
    )
    table = moved(run(deal(contract=payments(*rows, cap="15"), **LOAN)))
    assert table["a", "payer", "investor"] == pytest.approx({1: 26.25})
    assert table["b", "fund", "investor"] == pytest.approx({1: 8.75})
    assert table["back", "investor", "city"] == {1: 20}


@pytest.mark.key("cap.irr", "payments.floor")
@pytest.mark.parametrize(("x", "multiple"), [(0, 0.6), (5, 0.6), (12, 1.2), (14, 1.4), (15, 1.07**5), (30, 1.07**5)])
def test_b14_a_corridor(x: int, multiple: float) -> None:
    """Case B14: a tenth of what was lent for each point, at least 60 % of it back, at most 7 % a year: 1.4026 times."""
    text = deal(
        outcomes=f"{{ratio: {{type: score, each: cohort, better: more, over: 5 years, with: {x}}}}}",
        measures="{efficiency: {of: ratio, as: average}}",
        contract=payments(
            "p: {measure: efficiency, per_unit: 10 %, of: drawn, floor: 60 %, to: loan, cap: {irr: 7 %}}"
        ),
        costs="{c: {amount: 100}}",
        finance="{tranches: {loan: {amount: 100}}}",
    )
    assert flow(run(text, n_draws=1024), "investor") == pytest.approx([-100, 0, 0, 0, 0, 100 * multiple])
    assert pytest.approx(1.4025517307) == 1.07**5
