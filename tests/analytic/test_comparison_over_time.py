"""What a measure is set against may change from a date on: by hand, and against the same said without dates."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import LIMIT, run, scenario

BASE = """
sibsim: 1
title: A contract that is judged against its own number first, and against others later
currency: SEK
start: 2026-01
step: year
parties: {payer: A town, provider: A charity}
participants: {size: 400, intake: 3 years, duration: 12 months}
outcomes: {home: {type: event, better: more, without: 20 %, with: 60 %}}
measures:
  gain:
    of: home
    as: improvement
    follow_up: 12 months
    comparison: COMPARISON
    reported: {every: year, from: 2027-01, until: 2029-01}
contract: {payments: {reward: {measure: gain, per_point: 1 000, to: provider}}}
"""
FIXED = BASE.replace("COMPARISON", "{2026-01: {fixed: 25 %}, 2028-01: {fixed: 40 %}}")
MIXED = BASE.replace("COMPARISON", "{2026-01: {fixed: 25 %}, 2028-06: {matched: 500}}")


@pytest.mark.key("measures.comparison", "comparison.fixed")
def test_the_day_of_the_report_decides() -> None:
    """All homes are found: 100 % less 25 % is 75 points in 2027; less 40 %, 60 points in 2028 and in 2029."""
    results = run(FIXED.replace("with: 60 %", "with: 100 %").replace("without: 20 %, ", ""))
    assert results.metric("payer", "outcome_payments") == pytest.approx(75_000 + 60_000 + 60_000, rel=1e-12)


@pytest.mark.key("comparison.matched")
def test_a_number_first_then_other_people() -> None:
    """60 % against 25 %, 25 % and, in 2029, 500 others of whom 20 % manage: 35, 35 and 40 points on average.

    Each report is about a third of the people, n = 133 or 134: the variance of a is 0.24 / n, that of b 0.16 / 500.
    """
    results = run(MIXED, n_draws=16_384)
    total = results.metric("payer", "outcome_payments")
    counted = [133, 134, 133]
    variance = sum(0.24 / n for n in counted) + 0.16 / 500
    error = 1e5 * np.sqrt(variance / len(total))
    assert abs(total.mean() - 110_000) < LIMIT * error
    assert total.std() == pytest.approx(1e5 * np.sqrt(variance), rel=0.04)


def test_before_the_first_date_the_first_holds() -> None:
    late = FIXED.replace("2026-01: {fixed", "2027-06: {fixed").replace("2028-01: {fixed", "2030-01: {fixed")
    results = run(late.replace("with: 60 %", "with: 100 %").replace("without: 20 %, ", ""))
    assert results.metric("payer", "outcome_payments") == pytest.approx(3 * 75_000, rel=1e-12)


def test_one_comparison_throughout_is_the_same_as_one_by_date() -> None:
    plain = BASE.replace("COMPARISON", "{matched: 500}")
    dated = BASE.replace("COMPARISON", "{2026-01: {matched: 500}}")
    one, other = run(plain), run(dated)
    assert np.array_equal(one.metric("payer", "outcome_payments"), other.metric("payer", "outcome_payments"))


def test_every_comparison_of_a_file_is_checked() -> None:
    from sibsim.errors import ScenarioError

    wrong = MIXED.replace("without: 20 %, ", "")
    with pytest.raises(ScenarioError, match="needs to know how others fare"):
        scenario(wrong)
    with pytest.raises(ScenarioError, match="two dates fall in one column"):
        scenario(MIXED.replace("2028-06", "2026-01-01"))
