"""Each recipe of the reference pays what the page says it pays: in a world without chance, by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.support import moved, run, scenario
from tests.test_reference import BUILDS_ON, PAGE, WHOLE, blocks, sections

EVERYBODY = "participants.take_up=100 %"


def recipe(heading: str, number: int = 0) -> str:
    """The example under a heading (the first of several), beside the contract of the page."""
    part = PAGE.partition(f"\n### {heading}\n")[2].partition("\n##")[0]
    assert part, heading
    _, text = blocks(part)[number]
    own, base = sections(text), sections(WHOLE)
    left_out = {section for key in own for section in BUILDS_ON.get(key, ())} - set(own)
    kept = {key: part for key, part in base.items() if key not in left_out and key not in own and key != "options"}
    return "".join([*kept.values(), *own.values()])


def fewer(percent: float) -> str:
    """So many per cent fewer evictions, found exactly: points without spread in place of events."""
    level = 10 - percent / 10
    return f"outcomes.eviction={{type: score, better: fewer, over: 24 months, without: 10, with: {level:g}, sd: 0}}"


def paid(text: str, *sets: str) -> dict[str, dict[int, float]]:
    """What each payment paid, by column."""
    return {label: months for (label, _, _), months in moved(run(text, sets=sets)).items()}


def total(of: dict[str, dict[int, float]], payment: str) -> float:
    return sum(of.get(payment, {}).values())


# ------------------------------------------------------------------------------------------------ thresholds
@pytest.mark.key("payments.per_point", "payments.band", "payments.if")
@pytest.mark.parametrize(("points", "pays"), [(31.9, 5.104e6), (19, 0), (20, 3.2e6), (80, 10.4e6)])
def test_nothing_below_a_threshold_then_every_point(points: float, pays: float) -> None:
    text = recipe("Nothing below a threshold, then every point")
    assert total(paid(text, fewer(points)), "success") == pytest.approx(pays)


@pytest.mark.key("payments.band")
def test_a_band_from_the_threshold_pays_only_for_points_above_it() -> None:
    text = recipe("Nothing below a threshold, then every point").replace("band: [0 %,", "band: [20 %,")
    assert total(paid(text, fewer(31.9)), "success") == pytest.approx(11.9 * 160_000)


# ------------------------------------------------------------------------------------------------ coupons
COUPON = recipe("A coupon by result")
UPFRONT = "finance.tranches.loan.drawn=upfront"
LOWERS = "each date lowers what the next is a percent of"


@pytest.mark.key("payments.of", "payments.per")
def test_a_coupon_of_what_was_drawn() -> None:
    found = paid(COUPON, fewer(12), UPFRONT)
    # columns are quarters from January 2027: 2 years at 5 % in January 2029, then 6 % each January
    expected = {8: 2 * 0.05 * 3.6e6, 12: 0.06 * 3.6e6, 16: 0.06 * 3.6e6, 20: 0.06 * 3.6e6}
    assert found["coupon"] == pytest.approx(expected)
    assert found["principal"] == pytest.approx({20: 3.6e6})
    assert paid(COUPON, fewer(9), UPFRONT)["coupon"] == pytest.approx({8: 144e3, 12: 72e3, 16: 72e3, 20: 72e3})


@pytest.mark.key("payments.of", "payments.per")
def test_a_coupon_of_what_is_outstanding_lowers_itself_and_is_warned_of() -> None:
    text = COUPON.replace("of: drawn\n      per", "of: outstanding\n      per")
    left = [3.6e6]
    for share in (2 * 0.05, 0.06, 0.06, 0.06):
        left.append(left[-1] * (1 - share))  # a loan without interest: every coupon is repayment
    coupons = [a - b for a, b in pairwise(left)]
    assert list(paid(text, fewer(12), UPFRONT)["coupon"].values()) == pytest.approx(coupons)
    assert any(LOWERS in warning for warning in scenario(text).warnings)
    assert not any(LOWERS in warning for warning in scenario(COUPON).warnings)
    # with interest on the loan, or paid to the lender itself, the coupon is no repayment by itself
    for change in ("finance.tranches.loan.rate=3 %", "contract.payments.coupon.to=investor"):
        assert not any(LOWERS in warning for warning in scenario(text, sets=[change]).warnings)


# ------------------------------------------------------------------------------------------------ cohorts
@pytest.mark.key("measures.for_each", "payments.if")
@pytest.mark.parametrize(
    ("percent", "share_of_second", "alone", "together"),
    [(25, "50 %", 1e6, 0.0), (18, "100 %", 0.0, 1.5e6), (25, "100 %", 2e6, 0.0), (14, "100 %", 0.0, 0.0)],
)
def test_each_cohort_or_else_all_together(percent: float, share_of_second: str, alone: float, together: float) -> None:
    text = recipe("Each cohort by itself, or else all together")
    found = paid(text, fewer(percent), f"participants.cohorts.second year.effect_share={share_of_second}")
    assert total(found, "cohort success") == pytest.approx(alone)
    assert total(found, "pooled success") == pytest.approx(together)


@pytest.mark.key("payments.if", "payments.at")
@pytest.mark.parametrize(
    ("percent", "share_of_second", "alone", "second"),
    [(25, "50 %", 1e6, 6e5), (18, "100 %", 0.0, 1.2e6), (25, "100 %", 2e6, 0.0), (24, "20 %", 1e6, 0.0)],
)
def test_a_second_chance_for_the_cohorts_that_did_not_pass(
    percent: float, share_of_second: str, alone: float, second: float
) -> None:
    text = recipe("Each cohort by itself, or else all together", 1)
    found = paid(text, fewer(percent), f"participants.cohorts.second year.effect_share={share_of_second}")
    assert total(found, "cohort success") == pytest.approx(alone)
    assert total(found, "second chance") == pytest.approx(second)


@pytest.mark.key("payments.times")
@pytest.mark.parametrize(("percent", "each"), [(9, 0), (10, 600), (12, 660), (20, 900), (30, 900)])
def test_a_fee_for_each_person_that_slides_with_the_result(percent: float, each: float) -> None:
    text = recipe("A fee for each person that slides with the result")
    found = paid(text, fewer(percent), "participants.size=216", EVERYBODY)
    assert total(found, "fee") == pytest.approx(216 * each)


# ------------------------------------------------------------------------------------------------ sums
@pytest.mark.key("measures.weighted")
def test_one_result_less_another() -> None:
    text = recipe("One result less another")
    certain = ("participants.size=216", EVERYBODY, "outcomes.nights at home.sd=0", "outcomes.nights in a hostel.sd=0")
    assert total(paid(text, *certain), "stability") == pytest.approx(216 * (300 - 20) * 15)


@pytest.mark.key("payments.per_unit", "payments.if")
@pytest.mark.parametrize(("percent", "each"), [(9, 600), (12, 900), (20, 1200)])
def test_a_fee_for_each_person_that_rises_with_the_result(percent: float, each: float) -> None:
    text = recipe("A fee for each person that rises with the result")
    found = paid(text, fewer(percent), "participants.size=216", EVERYBODY)
    assert sum(
        sum(months.values()) for name, months in found.items() if name in ("fee", "more from 10", "more from 20")
    ) == pytest.approx(216 * each)


# ------------------------------------------------------------------------------------------------ starts
@pytest.mark.key("measures.of", "measures.lag")
@pytest.mark.parametrize(("lag", "counted"), [("0", 120), ("3 months", 60)])
def test_starts_count_the_step_that_begins_that_day(lag: str, counted: int) -> None:
    text = (
        WHOLE.partition("options:")[0]
        .replace("measures:\n", f"measures:\n  begun: {{of: starts, as: total, reported: 2027-04, lag: {lag}}}\n")
        .replace("payments:\n", "payments:\n    fee: {measure: begun, per_unit: 1}\n")
    )
    assert total(paid(text, EVERYBODY), "fee") == counted  # 240 people start in four quarters


# ------------------------------------------------------------------------------------------------ cancelled cohorts
CANCELLED = """
sibsim: 1
title: A cohort that never comes
currency: SEK
start: 2020-01
step: year
parties: {payer: P, investor: I, provider: D}
participants: {duration: 1 year, cohorts: {a: {size: 100}, b: {size: 300, start: 2022-01}}}
outcomes: {days: {type: days, better: fewer, over: 1 year, without: 40, with: 30, sd: 0}}
measures:
  each one: {of: days, as: relative_improvement, for_each: cohort, comparison: {matched: 1 000}}
  pooled: {of: days, as: total_improvement, comparison: {matched: 1 000}}
contract:
  payments:
    apart: {measure: each one, line: [[0 %, 0 %], [25 %, 100 %]], of: 1 m, split: size}
    pooled sum: {measure: pooled, per_unit: 10}
    all pass: {measure: pooled, per_unit: 10, if: {each one: at least 20 %}}
    too high: {measure: pooled, per_unit: 10, if: {each one: at least 26 %}}
events: {reform: {at: 2021-01, cancels: [b]}}
"""


@pytest.mark.key("events.cancels", "payments.split", "payments.if")
def test_a_cancelled_cohort_has_no_part_and_the_pooled_report_waits_for_its_date() -> None:
    found = paid(CANCELLED)
    assert found["apart"] == pytest.approx({1: 1e6 * 100 / 400})  # by the sizes in the file; the rest is paid to nobody
    assert found["pooled sum"] == pytest.approx({3: 100 * (40 - 30) * 10})  # on the date when b would have been known
    assert found["all pass"] == found["pooled sum"]  # each cohort that is not cancelled: a has 25 % fewer
    assert "too high" not in found
