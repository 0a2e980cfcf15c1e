"""Örnsköldsvik's contract on short-term sick leave: Botkyrka's rule with its own amounts, and its page."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.loading import load
from sibsim.replay import settled, settlement_summary
from tests.pages import chance, option_rows, said, summary
from tests.scenarios.sick_leave import (
    check_by_hand_and_printed,
    check_option_row,
    days_by_year,
    mean_payment,
    settled_at,
)
from tests.support import LIMIT, as_it_stands

NAME = "ornskoldsvik-sick-leave"
OPTIONS = ("", *as_it_stands(NAME).available_options)
FIXED, AT_RISK = 1_800_000.0, 1_800_000.0


@pytest.mark.parametrize(("reported", "part"), [("-4 %", 0), ("0 %", 0), ("8 %", 8 / 12), ("12 %", 1), ("20 %", 1)])
def test_each_year_pays_in_a_straight_line_up_to_the_target(reported: str, part: float) -> None:
    came = f"fewer sick days: {{2020-01: 0 %, 2021-01: {reported}, 2022-01: 0 %}}"
    assert settled_at(NAME, came, "payments.part at risk") == pytest.approx(part * AT_RISK)
    assert settled_at(NAME, came, "total_paid") == pytest.approx(FIXED + part * AT_RISK)


def test_three_quarters_of_the_fee_are_at_risk_and_both_contracts_stay_within_what_is_published() -> None:
    assert pytest.approx(0.75 * (FIXED + 3 * AT_RISK)) == 3 * AT_RISK
    assert 3 * AT_RISK + 3 * 3.15e6 <= 15e6
    assert pytest.approx(40e6, rel=0.02) == 2 * (7.2e6 + 12.6e6)


def test_what_is_known_pays_for_one_year_and_leaves_two_open() -> None:
    came = settlement_summary(settled(load(NAME)))
    paid = [row for row in came["payments"] if row["payment"] == "part at risk"]
    assert [row["amount"] for row in paid if row["amount"]] == [pytest.approx(1.2e6)]
    assert {row["date"][:7] for row in came["open"]} == {"2021-01", "2022-01"}


def test_the_mean_payment_is_the_integral_over_effect_trend_and_luck() -> None:
    before, after = days_by_year(4_800, 3, 3)
    truth, error = mean_payment(FIXED, np.clip((1.0 - after / before) / 0.12, 0.0, 1.0) * AT_RISK)
    paid = summary(NAME)["parties"]["payer"]["metrics"]["outcome_payments"]
    assert abs(paid["mean"] - truth) < LIMIT * np.hypot(paid["mc_error"], error)


def test_the_provider_needs_what_it_spends_beyond_the_fixed_part() -> None:
    assert chance(summary(NAME, "", "parties.provider.cash=4.68 m"), "provider", "runs_out") == 0.0
    assert summary(NAME)["parties"]["provider"]["metrics"]["lowest_cash"]["p05"] == pytest.approx(3e6 + 1.8e6 - 6.48e6)


# ------------------------------------------------------------------------------------------------ the page
def test_the_table_of_options_is_what_the_runs_give() -> None:
    assert set(option_rows(NAME)) == set(OPTIONS)
    for option in ("", "as claimed", "as the provider reports", "no effect", "only the risk group"):
        check_option_row(NAME, option)


def test_the_figures_of_the_text_are_those_of_the_run() -> None:
    shown = summary(NAME)
    days, paid = shown["outcomes"]["sick days"], shown["parties"]["payer"]["metrics"]["outcome_payments"]
    assert said(NAME, r"Of ([\d,]+) days ([\d,]+) are avoided") == (
        f"{days['expected_without']:,.0f}",
        f"{days['effect']['mean']:,.0f}",
    )
    assert said(NAME, r"pays ([\d.]+) m on average, from ([\d.]+) to ([\d.]+) m") == tuple(
        f"{paid[key] / 1e6:.2f}" for key in ("mean", "p05", "p95")
    )
    (often,) = said(NAME, r"in (\d+) of 100 futures it is 8 % or more")
    assert int(often) == round(100 * shown["came"]["reports"][0]["at_or_above"]["value"])
    assert chance(shown, "payer", "net_budget_effect_positive") == 0.0


def test_by_hand_and_printed_agree_on_the_page() -> None:
    check_by_hand_and_printed(NAME, 0.002)
