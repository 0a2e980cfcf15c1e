"""A state guarantee: what it costs, and the return that an investor must ask, by formula and by the run."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pages import at_defaults, page, paid_for, stated, told
from tests.support import LIMIT

NAME = "state-guarantee"
CAPITAL = 12e6
SHARES = {0: "no guarantee", 40: "forty percent guaranteed", 50: "half guaranteed", 80: "eighty percent guaranteed"}


def chance_of_success() -> float:
    return float(np.mean(at_defaults(NAME).per_draw()["payments.repayment"] > 0))


def coupon_asked(share: float, success: float) -> float:
    """What makes ``p (1 + c)^5 + (1 - p) g`` worth the capital at 5 %."""
    return float(((1.05**5 - (1 - success) * share) / success) ** 0.2 - 1)


def asked(share: int) -> tuple[str, ...]:
    return (f"{SHARES[share]} at the return asked",)


@pytest.mark.parametrize("share", SHARES)
def test_at_the_coupon_asked_the_money_is_worth_what_was_lent(share: int) -> None:
    run = at_defaults(NAME, asked(share))
    worth = run.describe(("investor", "npv"), "SEK")
    assert abs(worth["mean"]) < LIMIT * worth["mc_error"]
    assert abs(worth["mean"]) < 2_000  # and that is not because it scatters: to a hundredth of a percent it is the one
    coupon = run.per_draw()["inputs.coupon"][0]
    assert coupon == pytest.approx(coupon_asked(share / 100, chance_of_success()), abs=5e-5)


def test_bisection_ends_at_the_coupon_of_the_formula() -> None:
    """As the page says: too low where the mean is below 0, too high where it is above; here its last two steps."""
    coupon = coupon_asked(0.40, chance_of_success())
    found = []
    for tried in (coupon - 1e-4, coupon + 1e-4):
        sets = ("inputs.guaranteed=40 %", f"inputs.coupon={100 * tried:.6f} %")
        found.append(at_defaults(NAME, sets=sets).metric("investor", "npv").mean())
    assert found[0] < 0 < found[1]
    assert found[1] == pytest.approx(-found[0], rel=0.01)  # 0 lies in the middle between them


@pytest.mark.parametrize("share", [40, 80])
def test_the_call_is_the_chance_of_failure_times_what_is_guaranteed(share: int) -> None:
    failure = 1 - chance_of_success()
    shown = told(NAME, asked(share))["parties"]
    assert shown["state"]["metrics"]["called"]["mean"] == pytest.approx(CAPITAL * share / 100 * failure)
    assert shown["state"]["guarantee"]["rate"]["amount"] == pytest.approx(share / 100 * failure)
    assert shown["investor"]["metrics"]["loss_given_loss"]["value"] == pytest.approx(CAPITAL * (1 - share / 100))
    together = shown["payer"]["metrics"]["outcome_payments"]["mean"] + shown["state"]["metrics"]["called"]["mean"]
    assert together == pytest.approx(CAPITAL * 1.05**5, rel=5e-4)


@pytest.mark.parametrize(
    ("report", "repaid"),
    [("10 %", CAPITAL * 1.05**5), ("9.99 %", 0.0), ("0 %", 0.0), ("-30 %", 0.0), ("70 %", CAPITAL * 1.05**5)],
)
def test_the_repayment_at_and_beside_its_target(report: str, repaid: float) -> None:
    assert paid_for(NAME, f"{{fewer cases: {report}}}")["repayment"] == pytest.approx(repaid)


@pytest.mark.parametrize(
    ("report", "cases", "paid"),
    [
        ("12 %", 20, 0.8 * (CAPITAL * 1.05**5 - 20 * 77_000)),
        ("12 %", 0, 0.8 * CAPITAL * 1.05**5),
        ("12 %", 200, 0.0),  # it saves more than it pays
        ("9 %", 8, 0.0),  # nothing was paid: there is no shortfall
    ],
)
def test_the_budget_guarantee_makes_good_what_savings_do_not_cover(report: str, cases: int, paid: float) -> None:
    reports = f"{{fewer cases: {report}, cases avoided: {cases}}}"
    found = paid_for(NAME, reports, ("the region's budget guaranteed",))
    assert found["budget guarantee"] == pytest.approx(paid)


CHECKED = (None, *(asked(share)[0] for share in SHARES), "the region's budget guaranteed")


@pytest.mark.parametrize("option", CHECKED)
def test_the_page_states_what_the_run_gives(option: str | None) -> None:
    shown = told(NAME, (option,) if option else ())["parties"]
    investor, called = shown["investor"], shown["state"]["metrics"]["called"]
    npv = investor["metrics"]["npv"]["mean"]
    row = [
        f"{100 * investor['probabilities']['loss']['value']:.1f}",
        f"{investor['metrics']['loss_given_loss']['value'] / 1e6:.2f}",
        f"{100 * investor['metrics']['irr_of_expected_flows']['value']:.1f} %",
        f"{round(npv / 1e6, 2) + 0.0:.2f}",
        f"{called['mean'] / 1e6:.2f} (± {called['mc_error'] / 1e6:.2f})",
        f"{shown['state']['guarantee']['rate']['amount']:.3f}",
        f"{shown['payer']['metrics']['outcome_payments']['mean'] / 1e6:.2f}",
        f"{shown['payer']['metrics']['net_budget_effect_pv']['mean'] / 1e6:.2f}",
    ]
    assert stated(NAME, option or "(as it stands)") == row


@pytest.mark.parametrize("share", SHARES)
def test_the_table_of_returns_on_the_page(share: int) -> None:
    success = chance_of_success()
    coupon, by_hand, call, each, region, together = stated(NAME, f"{share} %")
    assert by_hand == coupon == f"{100 * coupon_asked(share / 100, success):.2f} %"
    assert each == f"{share / 100 * (1 - success):.3f}"
    assert float(region) + float(call.split()[0]) == pytest.approx(float(together), abs=0.011)


def test_figures_in_the_text_of_the_page() -> None:
    success = chance_of_success()
    assert f"p = {success:.4f}" in page(NAME)
    assert f"the coupon asked is {100 * coupon_asked(0, 0.96):.2f} %" in page(NAME)
    assert "is worth 0.016 for each krona" in page(NAME)  # 0.04 x 40 %
    assert "SEK 12 m, a report after five years" in page(NAME)
    budget = told(NAME, ("the region's budget guaranteed",))["parties"]["state"]["metrics"]
    paid = budget["outcome_payments"]["mean"]
    assert f"the state pays {paid / 1e6:.2f} m on average, {paid / CAPITAL:.2f} for each krona" in page(NAME)
    by_hand = (success * 1.05**5 + (1 - success) * 0.4) ** 0.2 - 1
    assert stated(NAME, "return of the expected flows, 40 %, coupon 5 %")[0] == f"{100 * by_hand:.1f} %"
