"""Botkyrka's contract on short-term sick leave: its rule, its page and its means, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pages import chance, figure, option_rows, rows, said, section, summary
from tests.scenarios.sick_leave import (
    PAID,
    check_by_hand_and_printed,
    check_option_row,
    days_by_year,
    mean_payment,
    settled_at,
)
from tests.support import LIMIT, as_it_stands

NAME = "botkyrka-sick-leave"
OPTIONS = ("", *as_it_stands(NAME).available_options)
FIXED, AT_RISK = 3_150_000.0, 3_150_000.0


def reports(first: str, second: str = "0 %", third: str = "0 %") -> str:
    return f"fewer sick days: {{2020-01: {first}, 2021-01: {second}, 2022-01: {third}}}"


# ------------------------------------------------------------------------------------------------ the rule
@pytest.mark.parametrize(
    ("reported", "part"), [("-4 %", 0), ("0 %", 0), ("3 %", 0.25), ("8 %", 8 / 12), ("12 %", 1), ("25 %", 1)]
)
def test_each_year_pays_in_a_straight_line_up_to_the_target(reported: str, part: float) -> None:
    assert settled_at(NAME, reports(reported), "payments.part at risk.2020-01") == pytest.approx(part * AT_RISK)
    assert settled_at(NAME, reports(reported), "payments.fixed part") == pytest.approx(FIXED)


def test_all_three_years_in_full_are_the_whole_fee_and_three_quarters_of_it_were_at_risk() -> None:
    full = reports("12 %", "12 %", "12 %")
    assert settled_at(NAME, full, "total_paid") == pytest.approx(12.6e6)
    assert settled_at(NAME, full, "payments.part at risk") == pytest.approx(0.75 * 12.6e6)
    assert settled_at(NAME, full, "parties.provider.net") == pytest.approx(0.1 * 12.6e6)


@pytest.mark.parametrize(
    ("option", "reported", "pays"),
    [
        ("all or nothing", "11.99 %", 0.0),
        ("all or nothing", "12 %", 3.15e6),
        ("in full from any fall", "0 %", 0.0),
        ("in full from any fall", "0.01 %", 3.15e6),
        ("in full at break-even", "10 %", 3.15e6),
        ("in full at break-even", "5 %", 1.575e6),
        ("half at risk", "6 %", 1.05e6),
        ("all at risk", "6 %", 2.1e6),
    ],
)
def test_other_rules_at_their_corners(option: str, reported: str, pays: float) -> None:
    assert settled_at(NAME, reports(reported), "payments.part at risk", option) == pytest.approx(pays)


@pytest.mark.parametrize(("to_date", "pays"), [("6 %", 4.725e6), ("12 %", 9.45e6), ("-1 %", 0.0)])
def test_settled_once_the_last_report_to_date_alone_pays(to_date: str, pays: float) -> None:
    came = reports("12 %", "12 %", to_date)
    assert settled_at(NAME, came, "payments.part at risk", "settled once at the end") == pytest.approx(pays)


# ------------------------------------------------------------------------------------------------ means by hand
def test_a_day_of_absence_costs_what_the_rules_of_sick_pay_say() -> None:
    """Three days of absence: two of them paid at 80 %, by the waiting day or by a fifth of a week's sick pay."""
    wage, d = 33_000 / 21, 3
    waiting_day = (d - 1) * 0.8 * wage
    deduction = d * 0.8 * wage - 0.2 * (5 * 0.8 * wage)
    assert waiting_day == pytest.approx(deduction)
    assert waiting_day * 1.4 == pytest.approx(3_520)
    assert waiting_day * 1.4 / d == pytest.approx(1_173.3, abs=0.1)
    found = {entry["name"]: entry["mean"] for entry in summary(NAME)["inputs"]}
    assert found["day of work"] == pytest.approx(2_200, abs=0.1)
    assert found["sick pay"] == pytest.approx(2_200 * 0.8 * PAID, rel=1e-4)


def test_what_is_saved_is_sick_pay_split_into_cash_and_work() -> None:
    """6 % of 38,500 days a year, which grow by 1 % (sd 3 %); booked at the end of each quarter."""
    shown = summary(NAME)["parties"]["payer"]["metrics"]
    grows = np.random.default_rng(3).normal(0.01, 0.03, 200_000) + 1.0
    quarters = np.arange(12)
    weights = np.exp(np.log(grows)[:, None] * (quarters + 0.5) / 4).mean(axis=0)
    weights /= weights[:4].mean()
    days = 38_500 / 4 * 0.06 * weights
    factor = 1.03 ** -((quarters + 1) / 4)
    assert float(days @ factor / days.sum()) == pytest.approx(0.953, abs=0.0005)
    work, cash = 0.5 * 2_200, 0.5 * 2_200 + 0.8 * PAID * 2_200 - 2_200
    for name, worth in (("capacity_benefit_pv", work), ("cashable_benefit_pv", cash)):
        truth = float(days @ factor) * worth
        assert abs(shown[name]["mean"] - truth) < LIMIT * shown[name]["mc_error"] + 0.002 * abs(truth)


def test_where_somebody_is_hired_for_every_day_the_saving_is_sick_pay_in_cash() -> None:
    shown = summary(NAME, "", "inputs.days that somebody is hired for=100 %")
    assert figure(shown, "payer", "capacity_benefit_pv") == pytest.approx(0.0, abs=1e-3)
    both = figure(summary(NAME), "payer", "capacity_benefit_pv") + figure(summary(NAME), "payer", "cashable_benefit_pv")
    assert figure(shown, "payer", "cashable_benefit_pv") == pytest.approx(both, rel=0.005)


@pytest.mark.parametrize("option", ["", "no effect", "all or nothing", "in full from any fall"])
def test_the_mean_payment_is_the_integral_over_effect_trend_and_luck(option: str) -> None:
    before, after = days_by_year(5_500, 3, 3, 1.0 if option == "no effect" else None)
    x = 1.0 - after / before
    due = {
        "all or nothing": np.where(x >= 0.12, AT_RISK, 0.0),
        "in full from any fall": np.where(x > 0.0, AT_RISK, 0.0),
    }.get(option, np.clip(x / 0.12, 0.0, 1.0) * AT_RISK)
    truth, error = mean_payment(FIXED, due)
    paid = summary(NAME, option)["parties"]["payer"]["metrics"]["outcome_payments"]
    assert abs(paid["mean"] - truth) < LIMIT * np.hypot(paid["mc_error"], error)


def test_in_the_pandemic_the_year_before_is_too_low_by_what_is_published() -> None:
    """A year of the contract is a quarter of one calendar year and three of the next: 7.1 and 6.4 against 5.7 %."""
    second, third = (0.25 * 5.7 + 0.75 * 7.1) / 5.7, (0.25 * 7.1 + 0.75 * 6.4) / 5.7
    assert (second, third) == (pytest.approx(1.184, abs=5e-4), pytest.approx(1.154, abs=5e-4))
    before, after = days_by_year(5_500, 3, 3)
    x = 1.0 - after / before * np.array([1.0, 1.184, 1.154])[:, None]
    shown = summary(NAME, "pandemic")["measures"]["fewer sick days"]["reports"]
    for report, mean in zip(shown, x.mean(axis=1), strict=True):
        assert report["mean"] == pytest.approx(mean, abs=0.004)


def test_the_provider_needs_what_it_spends_beyond_the_fixed_part() -> None:
    needs = 0.9 * 12.6e6 - FIXED
    assert needs == pytest.approx(8.19e6)
    assert chance(summary(NAME, "", "parties.provider.cash=8.19 m"), "provider", "runs_out") == 0.0
    assert summary(NAME)["parties"]["provider"]["metrics"]["lowest_cash"]["p05"] == pytest.approx(5e6 - needs)
    assert needs / (3 * AT_RISK) * 0.12 == pytest.approx(0.104, abs=5e-4)


# ------------------------------------------------------------------------------------------------ the page
def test_the_table_of_options_is_what_the_runs_give() -> None:
    assert set(option_rows(NAME)) == set(OPTIONS)
    for option in OPTIONS:
        check_option_row(NAME, option)


def test_the_figures_of_the_text_are_those_of_the_run() -> None:
    shown = summary(NAME)
    days = shown["outcomes"]["sick days"]
    assert said(NAME, r"Of ([\d,]+) days in three years ([\d,]+) are avoided") == (
        f"{days['expected_without']:,.0f}",
        f"{days['effect']['mean']:,.0f}",
    )
    (works,) = said(NAME, r"In (\d+) of 100 futures the programme works and nothing is paid")
    assert int(works) == round(100 * chance(shown, "payer", "not_paid_despite_effect"))
    assert chance(shown, "payer", "net_budget_effect_positive") == 0.0
    hired = summary(NAME, "", "inputs.days that somebody is hired for=100 %")
    assert said(NAME, r"saved would be ([\d.]+) m and the balance (-[\d.]+) m") == (
        f"{figure(hired, 'payer', 'cashable_benefit_pv') / 1e6:.2f}",
        f"{figure(hired, 'payer', 'net_budget_effect_pv') / 1e6:.2f}",
    )
    third = shown["measures"]["fewer sick days"]["reports"][2]
    given = said(NAME, r"third year is ([\d.]+) % on average, from (-\d+) to (\d+) % in 90 of 100")
    assert given == (f"{100 * third['mean']:.1f}", f"{100 * third['p05']:.0f}", f"{100 * third['p95']:.0f}")
    other = summary(NAME, "compared with other municipalities")["measures"]["fewer sick days"]["reports"][2]
    given = said(NAME, r"it would be ([\d.]+) %, from (-\d+) to (\d+) %")
    assert given == (f"{100 * other['mean']:.1f}", f"{100 * other['p05']:.0f}", f"{100 * other['p95']:.0f}")


def test_the_fall_that_pays_for_all_is_what_the_table_says() -> None:
    days = summary(NAME)["outcomes"]["sick days"]["expected_without"]
    table = [r for r in rows(section(NAME, "What it shows")) if r[-1].endswith("%")]
    assert [float(r[2][:-2]) for r in table] == [
        pytest.approx(100 * 25.2e6 / days / float(r[1].replace(",", "")), abs=0.051) for r in table
    ]
    assert len(table) == 4


def test_by_hand_and_printed_agree_on_the_page() -> None:
    check_by_hand_and_printed(NAME, 0.001)
