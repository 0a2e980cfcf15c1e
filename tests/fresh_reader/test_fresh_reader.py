"""Contracts written from the reference alone: valid, run, lose no money, and pay what the reader worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from sibsim.loading import check_file, load
from sibsim.results import Results
from sibsim.simulate import simulate
from tests.support import check_books, moved

FOLDER = Path(__file__).parent
DRAWS = 8_192
CONTRACTS = ("denver", "ways-to-wellness", "peterborough")


def ran(name: str, options: Sequence[str] = (), sets: Sequence[str] = ()) -> Results:
    """A run whose books balance: all parties together neither win nor lose."""
    results = simulate(load(FOLDER / f"{name}.yaml", options, sets), n_draws=DRAWS, seed=1, workers=2)
    check_books(results)
    return results


def paid(results: Results, payment: str, by: str | None = None) -> float:
    """What one payment paid in all, of one party or of all."""
    found = moved(results)
    return sum(sum(m.values()) for (label, who, _), m in found.items() if label == payment and by in (None, who))


def whole_groups(people: int, groups: int) -> list[int]:
    """People who start on each day, in whole people that add up."""
    ends = [round(people * k / groups) for k in range(groups + 1)]
    return [b - a for a, b in pairwise(ends)]


@pytest.mark.parametrize("name", [*CONTRACTS, "peterborough-first-try"])
def test_it_is_valid(name: str) -> None:
    assert check_file(FOLDER / f"{name}.yaml").options == ()


@pytest.mark.parametrize(
    "name", [n if n != "peterborough" else pytest.param(n, marks=pytest.mark.slow) for n in CONTRACTS]
)
def test_it_runs_and_no_money_is_lost(name: str) -> None:
    less = ["outcomes.reconvictions.sd=none"] if name == "peterborough" else []  # 66 groups of it take half a minute
    assert ran(name, (), less).n_draws == DRAWS


# ------------------------------------------------------------------------------------------------ Denver
STABLE = 0.85 * 365.25 / 12 - 1
"""Days in a lease less days in jail, of a tenant in a month: 85 % of the time, and 12 a year."""


def test_denver_pays_every_point_from_20_and_days_of_stability() -> None:
    results = ran("denver", ["certain"], ["contract.cap=none"])
    assert paid(results, "jail success") == pytest.approx(31.9 * 160_000)  # 5.104 m
    # 363 people start in eight quarters; at the last data, month 60, each group has 60 - 3 x its quarter behind it
    months = sum(n * (60 - 3 * quarter) for quarter, n in enumerate(whole_groups(363, 8)))
    assert months == 17_970
    assert paid(results, "housing stability") == pytest.approx(months * STABLE * 15.12)  # 6.758 m


def test_denver_is_cut_to_its_cap_on_the_last_day() -> None:
    results = ran("denver", ["certain"])
    before = sum(n * (54 - 3 * quarter) for quarter, n in enumerate(whole_groups(363, 8)))  # data to 2020-07
    assert results.metric("payer", "outcome_payments") == pytest.approx(11.42e6)
    assert results.metric("payer", "largest_year") == pytest.approx(11.42e6 - before * STABLE * 15.12)  # 5.48 m in 2021


def test_denver_pays_nothing_for_19_points() -> None:
    assert paid(ran("denver", ["certain 19"]), "jail success") == 0.0


# ------------------------------------------------------------------------------------------------ Ways to Wellness
A, B = (1.1 - 0.5) / (1.4 - 0.5) * 2.4e6, (0.15 - 0.05) / (0.22 - 0.05) * 5.6e6
"""1.6 m for the star of well-being, 3.294 m for hospital costs."""


def test_ways_to_wellness_pays_two_scales_cohort_by_cohort() -> None:
    results = ran("ways-to-wellness", ["certain"], ["discount_rate=0 %"])
    assert paid(results, "outcome a") == pytest.approx(A)
    assert paid(results, "outcome b") == pytest.approx(B)
    # the first two cohorts, 3 of 11 thousand, are reported before April 2018, when the two funds leave part A
    assert results.metric("lottery", "outcome_payments") == pytest.approx(0.35 * A * 3 / 11 + 0.2 * B)  # 812 k
    assert results.metric("cabinet office", "outcome_payments") == pytest.approx(0.35 * A * 3 / 11 + 0.1 * B)  # 482 k
    assert results.metric("ccg", "outcome_payments") == pytest.approx(A + B - 0.7 * A * 3 / 11 - 0.3 * B)  # 3.6 m
    assert results.metric("ccg", "cashable_benefit_pv") == pytest.approx(11_000 * 1_100 * 0.15)  # 1.815 m


# ------------------------------------------------------------------------------------------------ Peterborough
def test_peterborough_pays_all_together_where_no_cohort_passes() -> None:
    results = ran("peterborough", ["certain"])
    together = 2_000 * 1.55 * 0.09 * 20_000  # 279 reconvictions fewer, 5.58 m; the third cohort was cancelled
    assert paid(results, "cohort success") == 0.0
    assert paid(results, "pooled success", "moj") == pytest.approx(0.6 * together)  # 3.348 m
    assert paid(results, "pooled success", "lottery") == pytest.approx(0.4 * together)  # 2.232 m


def test_peterborough_pays_a_cohort_no_more_than_13_percent_a_year() -> None:
    results = ran("peterborough", ["certain"], ["inputs.reconviction ratio=0.85"])
    owed = 0.0
    for begins in (0, 22):  # two cohorts of 1 000, each over 22 months; 2 000 a head over twelve months
        for month, people in enumerate(whole_groups(1_000, 22), begins):
            dates = [t for t in range(month, month + 12) if t < 45]  # lent before the first report, June 2014
            owed += sum(people * 2_000 / 12 * 1.13 ** ((45 - t) / 12) for t in dates)
    first = sum(m.get(45, 0.0) for (label, _, _), m in moved(results).items() if label == "cohort success")
    assert owed < 1_000 * 1.55 * 0.15 * 20_000  # 4.65 m would be due without the cap
    assert first == pytest.approx(owed)  # 4.444 m
    assert paid(results, "pooled success") == 0.0
