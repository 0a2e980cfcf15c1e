"""Reconnections: a queue of lonely people, tiers of a score, three payers; the page's numbers, by hand and as run."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from scipy import stats

import sibsim
from sibsim.flowing import flow_of
from tests.pages import agrees, settle, summary
from tests.scenarios.by_hand import check_row, check_rows, option_row
from tests.support import LIMIT, check_books, run

NAME = "reconnections"
MONTHS = 54
WILLING = 55.6 * 0.75 * 0.72
GRID = stats.norm.ppf((np.arange(2000) + 0.5) / 2000)
TIERS = {
    "fall at 6 months": [(0.55, 253.0), (0.83, 381.8)],
    "larger fall": [(1.02, 87.4), (1.39, 257.6)],
    "fall at 18 months": [(0.55, 132.0), (0.83, 199.2)],
}
"""Points and GBP a person: 460 (late 240) for each point, metric 2 on top of 0.83."""


def fee(name: str, mean: float, sd: float) -> float:
    """The mean fee of a person, over a normal reading."""
    (low, least), (high, most) = TIERS[name]
    x = mean + sd * GRID
    pays = np.where(x < low, 0.0, np.interp(x, [low, high], [least, most]))
    return float(pays.mean())


@functools.cache
def by_hand() -> dict[str, float]:
    hazard = -np.log(0.85) / 6
    stay = 0.15 / hazard
    started = 1_593.0
    early = np.sqrt(0.3**2 + (2 * 0.102) ** 2 + 4 / (started / 9 * 0.72))
    # half of 0.54 lasts; a product of a uniform and a normal part
    lasting = np.sqrt((0.5**2 + 0.6**2 / 12) * (0.54**2 + 0.204**2) - 0.27**2)
    late = np.sqrt(0.3**2 + lasting**2 + 4 / (started / 9 * 0.55))
    asked, left = started * 0.72, started * 0.55
    fees = {
        "fall at 6 months": asked * fee("fall at 6 months", 1.39, early) / 1e3,
        "larger fall": asked * fee("larger fall", 1.39, early) / 1e3,
        "fall at 18 months": left * fee("fall at 18 months", 0.90, late) / 1e3,
    }
    whole = sum(fees.values())
    return {
        "offered": 55.6 * 0.75 * MONTHS,
        "start if nobody waits": WILLING * MONTHS,
        "in service at a time, without limit": WILLING * stay,
        "answer at six months": asked,
        "fee for the fall at 6 months, GBP k": fees["fall at 6 months"],
        "fee for the larger fall, GBP k": fees["larger fall"],
        "fee for the fall at 18 months, GBP k": fees["fall at 18 months"],
        "paid in all, GBP k": whole,
        "of it by the council and the CCGs, GBP k": whole / 2,
        "cost of the service, GBP k": 810 + 0.15 * started,
    }


@functools.cache
def without_limit() -> Any:
    """Starts, and people in service at a time from the second to the fourth year, where nobody waits."""
    found = flow_of(sibsim.load(NAME, ["volunteers for all"]), n_draws=2_048, workers=1)
    shown = found.summary()
    years = [period for period in shown["periods"] if period["from"][:4] in ("2017", "2018")]
    return shown["totals"][0], float(np.mean([year["in_service"]["mean"] for year in years]))


def as_run() -> dict[str, float]:
    shown = summary(NAME)
    payments = {name: shown["payments"][name]["paid"]["mean"] / 1e3 for name in TIERS}
    people, served = without_limit()
    answers = shown["outcomes"]["answers at 6 months"]["expected_with"]
    purse, council = (shown["parties"][name]["metrics"] for name in ("public_purse", "council"))
    provider = shown["parties"]["provider"]["metrics"]
    figures = (
        people["offered"]["mean"],
        people["started"]["mean"],
        served,
        answers,
        *payments.values(),
        purse["outcome_payments"]["mean"] / 1e3,
        council["outcome_payments"]["mean"] / 1e3,
        provider["own_costs"]["mean"] / 1e3,
    )
    return dict(zip(by_hand(), figures, strict=True))


@pytest.mark.parametrize("row", by_hand())
def test_the_page_states_what_a_hand_calculates_and_what_the_run_gives(row: str) -> None:
    check_row(NAME, row, by_hand(), as_run())


def test_the_run_agrees_with_the_hand() -> None:
    hand, shown = by_hand(), as_run()
    check_rows(NAME, hand, shown, 6e-3)
    for name in TIERS:
        paid = summary(NAME)["payments"][name]["paid"]
        row = "fee for the fall" if name != "larger fall" else "fee for the larger fall"
        truth = next(v for k, v in hand.items() if k.startswith(row) and name.split()[-2] in k)
        assert abs(paid["mean"] / 1e3 - truth) < LIMIT * paid["mc_error"] / 1e3 + 0.5  # starts are as run


def test_the_first_row_of_the_options_is_that_of_the_run() -> None:
    pays, none, loses = option_row(NAME, None)
    purse = summary(NAME)["parties"]["public_purse"]["metrics"]
    got = purse["outcome_payments"]
    assert pays == f"{got['mean'] / 1e3:.0f} ({got['p05'] / 1e3:.0f}-{got['p95'] / 1e3:.0f})"
    assert agrees(none, purse["payment_without_effect"]["value"] / 1e3)
    assert agrees(loses, 100 * summary(NAME)["parties"]["investor"]["probabilities"]["loss"]["value"])


def test_an_option_keeps_its_books() -> None:
    small = sibsim.load(NAME, ["renegotiated"], ["participants.queue.bank=8"])
    check_books(run(small, n_draws=1024, workers=1), slice(0, 8))


# ------------------------------------------------------------------------------------------------ the rule
def paid(early: float, late: float, engaged: int = 280, *options: str) -> dict[str, float]:
    """Of one report at six months and one at eighteen, each on 100 people; nobody answers in the others."""
    six = [f"{year}-{month}" for year in range(2016, 2021) for month in ("05", "11")][:9]
    eighteen = [f"{year}-{month}" for year in range(2017, 2022) for month in ("05", "11")][:9]

    def each(dates: list[str], value: float) -> str:
        return "{" + ", ".join(f"{day}: {value if day == '2018-05' else 0}" for day in dates) + "}"

    came = {
        "mean fall at 6 months": each(six, early),
        "people asked at 6 months": each(six, 100),
        "mean fall at 18 months": each(eighteen, late),
        "people asked at 18 months": each(eighteen, 100),
        "engaged": f"{{2016-05: {engaged}, 2020-05: 1571}}",
    }
    costs = "each person: {2015-08: 1 000}, volunteers' expenses: {2015-08: 1 000}"
    measures = ", ".join(f"{name}: {value}" for name, value in came.items())
    return settle(NAME, f"{{measures: {{{measures}}}, costs: {{{costs}}}}}", *options)


@pytest.mark.parametrize(
    ("fall", "first", "second"),
    [
        (0.5499, 0, 0),
        (0.55, 253.0, 0),
        (0.69, 317.4, 0),
        (0.83, 381.8, 0),
        (1.0199, 381.8, 0),
        (1.02, 381.8, 87.4),
        (1.39, 381.8, 257.6),
        (4, 381.8, 257.6),
        (-1, 0, 0),
    ],
)
def test_a_tier_pays_nothing_below_a_straight_line_within_and_no_more_above(
    fall: float, first: float, second: float
) -> None:
    came = paid(fall, 0)
    assert came["fall at 6 months"] == pytest.approx(100 * first)
    assert came["larger fall"] == pytest.approx(100 * second)
    assert came["fall at 18 months"] == 0


@pytest.mark.parametrize(("fall", "pays"), [(0.5499, 0), (0.55, 132.0), (0.83, 199.2), (0.9, 199.2)])
def test_the_late_tier_has_its_own_price(fall: float, pays: float) -> None:
    assert paid(0, fall)["fall at 18 months"] == pytest.approx(100 * pays)


@pytest.mark.parametrize(("engaged", "times"), [(399, 1.667), (400, 1.0)])
def test_prices_rise_only_where_fewer_than_400_have_come(engaged: int, times: float) -> None:
    assert paid(0.83, 0.83, engaged, "renegotiated")["fall at 6 months"] == pytest.approx(38_180 * times)
