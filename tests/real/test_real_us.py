"""Utah, DC Water, Rikers, Augsburg, Denver, Newpin by hand: what was paid, at each threshold, and how likely it was."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.loading import load
from sibsim.replay.figures import settlement_summary
from sibsim.replay.paths import figure
from sibsim.replay.settled import settled
from sibsim.results import Results
from sibsim.simulate import future, simulate


@functools.cache
def came_to(name: str, option: str | None = None, *sets: str) -> dict[str, Any]:
    """The settlement of a contract, perhaps with an option and other figures."""
    return settlement_summary(settled(load(name, [option] if option else [], list(sets))))


def at(name: str, path: str, option: str | None = None, *sets: str) -> float:
    found = figure(came_to(name, option, *sets), path)
    assert found is not None
    return found


@functools.cache
def world(name: str, *options: str) -> Results:
    return simulate(load(name, list(options)), n_draws=8_192, seed=1)


def rate(worth: Callable[[float], float]) -> float:
    """The rate at which what falls with the rate is worth nothing."""
    low, high = -0.99, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) > 0 else (low, middle)
    return low


# ------------------------------------------------------------------------------------------------ Utah
def test_utah_pays_95_percent_of_108_child_years() -> None:
    saving = 108 * 2_607
    assert at("utah-preschool", "measures.first saving") == saving == 281_556
    assert at("utah-preschool", "payments.first payers 95") == pytest.approx(0.95 * saving)  # 267 478.20
    for payer in ("united way", "county"):
        assert at("utah-preschool", f"payers.{payer}") == pytest.approx(0.95 * saving / 2)
    assert at("utah-preschool", "measures.first saving", "one child more") == 109 * 2_607 == 284_163


def test_utah_repays_the_senior_loan_first_and_leaves_later_years_open() -> None:
    paid = 0.95 * 108 * 2_607
    assert at("utah-preschool", "tranches.senior.received") == pytest.approx(paid)  # 1 m and 5 % a year are far away
    assert at("utah-preschool", "tranches.subordinate.received") == 0.0
    open_now = {(row["date"], row.get("payment")) for row in came_to("utah-preschool")["open"]}
    assert ("2016-10", "first payers 95") in open_now
    assert ("2025-10", "state 95") in open_now
    assert ("2015-10", "first payers 95") not in open_now


def test_utah_falls_to_40_percent_of_what_is_left_once_the_loans_have_5_percent() -> None:
    """1 m lent in October 2013: 1 102 500 are owed after two years. 500 child-years are worth 95 % x 1 303 500 =
    1 238 325: the loans get 1 102 500, and 40 % of the 1 303 500 x 135 825 / 1 238 325 that is left."""
    more = "actuals.measures.years avoided by the first cohort={2015-10: 500}"
    sets = (more, "actuals.expected=none")
    saving, owed = 500 * 2_607, 1e6 * 1.05**2
    assert at("utah-preschool", "payments.first payers 95", None, *sets) == pytest.approx(owed)
    left = 1 - owed / (0.95 * saving)
    assert at("utah-preschool", "payments.first payers 40", None, *sets) == pytest.approx(0.40 * saving * left)


def utah_state_pays(*options: str) -> float:
    """What the state pays on average: the mean of 1,024 futures."""
    book = future(begin(load("utah-preschool", list(options)), Streams(1, range(1)))).settlement.book
    return sum(float(np.mean(book.totals[name].path.total)) for name in ("state 95", "state 40"))


def test_utah_pays_nearly_as_much_whether_preschool_helps_or_not() -> None:
    as_signed = utah_state_pays()
    assert utah_state_pays("no effect") > 0.85 * as_signed
    assert utah_state_pays("against children alike") < 0.4 * as_signed


# ------------------------------------------------------------------------------------------------ DC Water
@pytest.mark.parametrize(
    ("option", "more", "says"), [(None, 0.0, 0.0343), ("tier 1", 3.3e6, 0.06027), ("tier 3", -3.3e6, 0.00527)]
)
def test_dc_water_yields_its_coupon_and_what_the_test_adds(option: str | None, more: float, says: float) -> None:
    coupon, principal = 25e6 * 0.0343 / 2, 25e6
    half = rate(
        lambda r: sum(coupon / (1 + r) ** k for k in range(1, 10)) + (principal + more) / (1 + r) ** 9 - principal
    )
    assert at("dc-water", "tranches.bond.bond_equivalent_yield", option) == pytest.approx(2 * half, abs=1e-9)
    assert 2 * half == pytest.approx(says, abs=5e-6)
    assert at("dc-water", "total_paid", option) == pytest.approx(9 * coupon + principal + more)


@pytest.mark.parametrize(
    ("reading", "pays"),
    [("18.59 %", -3.3e6), ("18.6 %", 0.0), ("41.3 %", 0.0), ("41.31 %", 3.3e6), ("-5 %", -3.3e6), ("100 %", 3.3e6)],
)
def test_dc_water_at_its_thresholds(reading: str, pays: float) -> None:
    sets = (f"actuals.measures.measured reduction={reading}", "actuals.expected=none")
    assert at("dc-water", "payments.contingent payment", None, *sets) == pays


def test_dc_water_was_unlikely_to_come_out_so_low() -> None:
    """The engineers' own interval has 20 % or less once in 23: Phi((20 - 29.95) / 5.79) = 4.3 %."""
    reduction = world("dc-water").per_draw()["inputs.runoff reduction"]
    assert (reduction <= 0.20).mean() == pytest.approx(0.0429, abs=0.005)


# ------------------------------------------------------------------------------------------------ Rikers
TABLE = {8.5: 4.8, 10: 9.6, 11: 10.08, 12: 10.176, 12.5: 10.272, 13: 10.368, 16: 10.944, 20: 11.712}
WORDS = {10: "ten", 11: "eleven", 12: "twelve", 12.5: "twelve and a half", 13: "thirteen", 16: "sixteen", 20: "twenty"}


def test_rikers_paid_nothing_and_the_guarantee_left_a_sixth_of_the_loss() -> None:
    assert at("rikers", "total_paid") == 0.0
    assert at("rikers", "guarantees.Bloomberg grant") == pytest.approx(6.0e6)
    assert at("rikers", "tranches.loan.loss") == pytest.approx(1.2e6)
    assert at("rikers", "tranches.loan.loss_share") == pytest.approx(1.2 / 7.2)
    assert came_to("rikers")["open"] == []  # all stopped in August 2015: nothing waits for the report of 2016


@pytest.mark.parametrize("percent", WORDS)
def test_rikers_yields_what_was_printed(percent: float) -> None:
    option = f"reduction of {WORDS[percent]} per cent"
    assert at("rikers", "payments.repayment", option) == pytest.approx(TABLE[percent] * 1e6)
    assert at("rikers", "tranches.loan.irr", option) == pytest.approx((TABLE[percent] / 9.6) ** 0.25 - 1, abs=1e-9)


def test_rikers_without_effect_and_drawn_in_full_loses_a_quarter() -> None:
    option = "drawn in full and no effect"
    assert at("rikers", "tranches.loan.moic", option) == pytest.approx(0.75)
    assert at("rikers", "tranches.loan.irr", option) == pytest.approx(0.75**0.25 - 1, abs=1e-9)  # -6.94 %
    assert at("rikers", "tranches.loan.moic", "reduction of eight and a half per cent") == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("percent", "pays"),
    [(0, 0), (8.4999, 0), (8.5, 4.8), (9.9999, 4.8), (10, 9.6), (10.9999, 9.6), (12.5, 10.272), (15.9999, 10.368),
     (16, 10.944), (19.9999, 10.944), (20, 11.712), (35, 11.712)],
)  # fmt: skip
def test_rikers_at_each_threshold(percent: float, pays: float) -> None:
    sets = (f"actuals.measures.reduction at 24 months={percent} %", "actuals.expected=none")
    assert at("rikers", "payments.repayment", "reduction of twenty per cent", *sets) == pytest.approx(pays * 1e6)


def test_rikers_draws_three_quarters_by_the_first_test() -> None:
    """9.6 m evenly over sixteen quarters: twelve are drawn when it stops, and 6.0 m of 7.2 m come back."""
    results = world("rikers")
    stopped = results.metric("investor", "drawn") < 9.6e6 - 1.0
    assert results.metric("investor", "drawn")[stopped] == pytest.approx(7.2e6)
    assert results.metric("investor", "net_gain")[stopped] == pytest.approx(-1.2e6)
    assert 0.3 < stopped.mean() < 0.6  # what came was about as likely as not


# ------------------------------------------------------------------------------------------------ Augsburg
def test_augsburg_turned_on_one_person() -> None:
    assert at("augsburg", "total_paid") == pytest.approx(250_000 * 1.03)
    assert at("augsburg", "total_paid", "three per cent a year simple") == pytest.approx(250_000 * (1 + 0.03 * 28 / 12))
    compounded = at("augsburg", "total_paid", "three per cent a year compounded")
    assert compounded == pytest.approx(250_000 * 1.03 ** (28 / 12), abs=0.5)
    assert at("augsburg", "total_paid", "nineteen qualified") == 0.0
    assert at("augsburg", "tranches.loan.loss_share", "nineteen qualified") == pytest.approx(1.0)


def test_augsburg_was_a_gamble() -> None:
    paid = world("augsburg").metric("payer", "outcome_payments")
    assert set(paid.round(2)) == {0.0, 257_500.0}
    assert 0.25 < (paid > 0).mean() < 0.55


# ------------------------------------------------------------------------------------------------ Denver
def test_denver_pays_days_and_points_to_the_cent() -> None:
    days = [12_434, 55_397, 99_206, 91_821, 41_070]
    assert sum(days[:4]) == 258_858
    assert sum(days[:4]) * 15.12 == pytest.approx(3_913_932.96, abs=0.005)
    dates = ("2017-10", "2018-10", "2019-10", "2020-10", "2021-07")
    for day, number in zip(dates, days, strict=True):
        assert at("denver", f"payments.stability.{day}") == pytest.approx(number * 15.12, abs=0.005)
    assert at("denver", "payments.jail days avoided") == pytest.approx(31.9 * 160_000)
    assert at("denver", "total_paid") == pytest.approx(3_913_932.96 + 620_978.40 + 5_104_000, abs=0.005)
    assert at("denver", "tranches.loan.net_gain") == pytest.approx(1_038_911.36, abs=0.005)
    assert at("denver", "tranches.loan.moic") == pytest.approx(9_638_911.36 / 8.6e6)
    assert came_to("denver")["open"] == []


@pytest.mark.parametrize(
    ("points", "pays"), [(-10, 0), (0, 0), (19.99, 0), (20, 3.2e6), (31.9, 5.104e6), (41.0, 6.56e6), (65, 6_885_088.64)]
)
def test_denver_by_points(points: float, pays: float) -> None:
    """65 points are worth 10.4 m, but all payments together are capped at 11.42 m: 6 885 088.64 are left for them."""
    sets = (f"actuals.measures.jail reduction={points} %", "actuals.expected=none")
    stability = 4_534_911.36
    assert at("denver", "payments.stability", None, *sets) + at(
        "denver", "payments.jail days avoided", None, *sets
    ) == pytest.approx(min(stability + pays, 11.42e6), abs=0.01)
    if points < 65:
        assert at("denver", "payments.jail days avoided", None, *sets) == pytest.approx(pays, abs=0.01)


def test_denver_came_out_better_than_most_futures() -> None:
    paid = world("denver").metric("payer", "outcome_payments")
    assert 0.10 < (paid >= 9_638_911.36).mean() < 0.35


# ------------------------------------------------------------------------------------------------ Newpin
def coupon(points: float, floor: float = 0.0) -> float:
    """3 % + 0.9 x (rate - counterfactual - 30 points), from 30 points on, 15 % at most."""
    earned = min(0.15, 0.03 + 0.9 * (points - 0.30)) if points >= 0.30 - 1e-12 else 0.0
    return 7e6 * max(earned, floor)


@pytest.mark.parametrize(
    ("rate_of_restoration", "says"),
    [(54.99, 0.0), (55, 0.03), (60, 0.075), (61.6, 0.0894), (65, 0.12), (68.3333333333, 0.15), (70, 0.15), (80, 0.15)],
)
def test_newpin_coupon_after_the_floor(rate_of_restoration: float, says: float) -> None:
    points = rate_of_restoration - 25
    sets = (f"actuals.measures.points above the counterfactual={{2017-07: {points:.10f} %}}", "actuals.expected=none")
    found = at("newpin-nsw", "payments.coupon.2017-07", None, *sets)
    assert found == pytest.approx(coupon(points / 100), abs=0.01)
    assert found == pytest.approx(7e6 * says, abs=0.5)


def test_newpin_first_two_coupons_and_all_of_the_principal() -> None:
    assert at("newpin-nsw", "payments.coupon.2014-07") == pytest.approx(7e6 * 0.075)
    assert at("newpin-nsw", "payments.coupon.2015-07") == pytest.approx(coupon(0.366))
    assert coupon(0.366) / 7e6 == pytest.approx(0.089, abs=0.0006)
    assert at("newpin-nsw", "payments.principal") == 7e6
    waiting = {row["date"] for row in came_to("newpin-nsw")["open"] if row.get("payment") == "coupon"}
    assert waiting == {"2016-07", "2017-07", "2018-07", "2019-07", "2020-07"}


@pytest.mark.parametrize(
    ("option", "points", "says"),
    [("control group after three years", 0.4017, 0.1215), ("control group at 20 per cent", 0.41, 0.129),
     ("twenty-five per cent in the third year", 0.36, 0.084), ("mothers' centres alone", 0.4017, 0.1215)],
)  # fmt: skip
def test_newpin_third_coupon(option: str, points: float, says: float) -> None:
    found = at("newpin-nsw", "payments.coupon.2016-07", option)
    assert found == pytest.approx(coupon(points), abs=0.01)
    assert found / 7e6 == pytest.approx(says, abs=0.0005)


def test_newpin_floor_holds_for_three_years() -> None:
    assert at("newpin-nsw", "payments.coupon.2016-07", "at the floor") == coupon(0.20, floor=0.05) == 350_000
    assert at("newpin-nsw", "payments.coupon.2017-07", "at the floor") == 0.0


def test_newpin_seven_years() -> None:
    """Seven coupons and, three months after the last, the principal."""
    rates = [0.35, 0.366, 0.4017, 0.39, 0.39, 0.39, 0.39]
    worth = rate(lambda r: sum(coupon(x) / (1 + r) ** k for k, x in enumerate(rates, 1)) + 7e6 / (1 + r) ** 7.25 - 7e6)
    assert at("newpin-nsw", "tranches.bond.irr", "seven years on the evaluation") == pytest.approx(worth, abs=1e-4)
    assert worth == pytest.approx(0.10, abs=0.006)


@pytest.mark.parametrize(("option", "share"), [("ended in the third year", 0.75), ("ended in the fifth year", 0.50)])
def test_newpin_early_redemption(option: str, share: float) -> None:
    assert at("newpin-nsw", "payments.early redemption", option) == 7e6 * share
    assert at("newpin-nsw", "payments.principal", option) == 0.0
    assert not [row for row in came_to("newpin-nsw", option)["open"] if row["date"] > "2018-07"]


def test_newpin_principal_is_halved_at_55_percent_itself() -> None:
    assert at("newpin-nsw", "payments.principal", "half of the principal") == 3.5e6
    sets = ("actuals.measures.restoration rate={2020-07: 55.01 %}", "actuals.expected=none")
    assert at("newpin-nsw", "payments.principal", None, *sets) == 7e6
