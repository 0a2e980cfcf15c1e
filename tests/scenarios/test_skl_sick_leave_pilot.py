"""SKL's pilot: how much of the pay is at risk, by hand, and the page."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pages import chance, figure, option_rows, rows, said, section, summary
from tests.scenarios.sick_leave import PAID, check_by_hand_and_printed, days_by_year, mean_payment, settled_at
from tests.support import LIMIT, as_it_stands

NAME = "skl-sick-leave-pilot"
OPTIONS = ("", *as_it_stands(NAME).available_options)
AT_RISK = {
    "nothing at risk": 0.0,
    "a quarter at risk": 0.25,
    "": 0.5,
    "three quarters at risk": 0.75,
    "all at risk": 1.0,
}


# ------------------------------------------------------------------------------------------------ the rule
@pytest.mark.parametrize(
    ("days", "part"), [("-0.5", 0.0), ("0", 0.0), ("0.6", 0.4), ("1.49", 1.49 / 1.5), ("1.5", 1.0), ("3", 1.0)]
)
@pytest.mark.parametrize(("option", "share"), AT_RISK.items())
def test_each_year_pays_its_part_of_what_is_at_risk(option: str, share: float, days: str, part: float) -> None:
    came = f"days fewer: {{2018-04: {days}, 2019-04: 0}}"
    total = settled_at(NAME, came, "total_paid", option or None)
    assert total == pytest.approx(6e6 * (1 - share) + 3e6 * share * part)


@pytest.mark.parametrize(("days", "pays"), [("0.5", 0.75e6), ("1", 1.5e6), ("1.2", 1.5e6)])
def test_an_easier_aim_is_paid_in_full_from_one_day(days: str, pays: float) -> None:
    came = f"days fewer: {{2018-04: {days}, 2019-04: 0}}"
    assert settled_at(NAME, came, "payments.part at risk", "in full from 1 day") == pytest.approx(pays)


def test_with_an_investor_results_pay_the_loan_and_the_provider_has_its_fee() -> None:
    came = "days fewer: {2018-04: 0.75, 2019-04: 1.5}"
    option = "a social impact bond"
    assert settled_at(NAME, came, "tranches.loan.drawn", option) == pytest.approx(6e6)
    assert settled_at(NAME, came, "tranches.loan.received", option) == pytest.approx(4.5e6)
    assert settled_at(NAME, came, "parties.provider.net", option) == pytest.approx(0.6e6)


# ------------------------------------------------------------------------------------------------ means by hand
@pytest.mark.parametrize("option", ["", "no effect", "in full from 1 day"])
def test_the_mean_payment_is_the_integral_over_effect_trend_and_luck(option: str) -> None:
    before, after = days_by_year(3_000, 2, 0, 1.0 if option == "no effect" else None)
    aim = 1.0 if option == "in full from 1 day" else 1.5
    truth, error = mean_payment(3e6, np.clip((before - after) / aim, 0.0, 1.0) * 1.5e6)
    paid = summary(NAME, option)["parties"]["payer"]["metrics"]["outcome_payments"]
    assert abs(paid["mean"] - truth) < LIMIT * np.hypot(paid["mc_error"], error)


def test_what_is_at_risk_is_paid_by_the_same_part_whatever_the_share() -> None:
    part = (figure(summary(NAME), "payer", "outcome_payments") - 3e6) / 3e6
    for option, share in AT_RISK.items():
        paid = figure(summary(NAME, option), "payer", "outcome_payments")
        assert paid == pytest.approx(6e6 * (1 - share) + 6e6 * share * part, rel=1e-9)
        assert figure(summary(NAME, option), "provider", "margin") == pytest.approx(paid - 5.4e6, rel=1e-9)


def test_what_is_saved_is_sick_pay_split_into_cash_and_work() -> None:
    shown = summary(NAME)["parties"]["payer"]["metrics"]
    factor = np.mean([1.03 ** -(q / 4) for q in range(1, 9)])
    assert factor == pytest.approx(0.967, abs=5e-4)
    days = 21_000 * 2.01 * 0.06 * factor
    for name, worth in (("capacity_benefit_pv", 1_000), ("cashable_benefit_pv", 1_000 + 1_600 * PAID - 2_000)):
        assert abs(shown[name]["mean"] - days * worth) < LIMIT * shown[name]["mc_error"] + 0.002 * days * worth


# ------------------------------------------------------------------------------------------------ the page
def test_the_table_of_fees_keeps_the_margin() -> None:
    table = [r for r in rows(section(NAME, "What it shows")) if r[0].endswith("%")]
    part = (figure(summary(NAME), "payer", "outcome_payments") - 3e6) / 3e6
    assert [int(r[0][:-2]) / 100 for r in table] == list(AT_RISK.values())
    for (option, share), cells in zip(AT_RISK.items(), table, strict=True):
        fee = 6 / (1 - share * (1 - part))
        assert float(cells[1]) == pytest.approx(fee, abs=0.0051)
        shown = summary(NAME, option, f"inputs.fee a year={fee / 2:.4f} m")
        payer, margin = (shown["parties"][p]["metrics"] for p in ("payer", "provider"))
        truth = [payer["outcome_payments"]["mean"], payer["payment_without_effect"]["value"]]
        truth += [payer["outcome_payments"]["p95"], margin["margin"]["p05"], margin["margin"]["p95"]]
        given = [float(c) for c in (*cells[2:5], *cells[5].split(" to "))]
        assert given == [pytest.approx(t / 1e6, abs=0.0051) for t in truth]


def test_the_table_of_options_is_what_the_runs_give() -> None:
    table = option_rows(NAME)
    assert set(table) == set(OPTIONS)
    for option, cells in table.items():
        shown = summary(NAME, option)
        read = [r["mean"] for r in shown["measures"]["days fewer"]["reports"]]
        names = ("outcome_payments", "payment_without_effect")
        names += ("cashable_benefit_pv", "capacity_benefit_pv", "net_budget_effect_pv")
        money = [figure(shown, "payer", name) / 1e6 for name in names]
        truth = [read[0], read[-1], *money, figure(shown, "provider", "margin") / 1e6]
        assert all(abs(float(c) - t) < 0.00501 for c, t in zip(cells[:8], truth, strict=True)), option
        assert abs(float(cells[8]) - 100 * chance(shown, "provider", "runs_out")) <= 0.51, option


def test_the_figures_of_the_text_are_those_of_the_run() -> None:
    shown = summary(NAME)
    days, first = shown["outcomes"]["sick days"], shown["measures"]["days fewer"]["reports"][0]
    assert said(NAME, r"Out of ([\d,]+) days in two years ([\d,]+) are avoided") == (
        f"{days['expected_without']:,.0f}",
        f"{days['effect']['mean']:,.0f}",
    )
    given = said(NAME, r"first reading is ([\d.]+) days on average, from (-[\d.]+) to ([\d.]+) in 90")
    assert given == tuple(f"{first[key]:.2f}" for key in ("mean", "p05", "p95"))
    parts = said(NAME, r"it gets (\d+) % on average; without any effect it would get (\d+) %")
    names = ("outcome_payments", "payment_without_effect")
    assert parts == tuple(f"{(figure(shown, 'payer', name) - 3e6) / 3e4:.0f}" for name in names)
    widths = said(NAME, r"lie within ([\d.]+) m; if the effect were known to be 6 %, it would still be ([\d.]+) m")
    for width, sets in zip(widths, ((), ("inputs.ratio of sick days=0.94",)), strict=True):
        paid = summary(NAME, "all at risk", *sets)["parties"]["payer"]["metrics"]["outcome_payments"]
        assert float(width) == pytest.approx((paid["p95"] - paid["p05"]) / 1e6, abs=0.0051)
    (loses,) = said(NAME, r"investor loses money in (\d+) of 1,000 futures")
    assert int(loses) == round(1000 * chance(summary(NAME, "a social impact bond"), "investor", "loss"))


def test_by_hand_and_printed_agree_on_the_page() -> None:
    check_by_hand_and_printed(NAME, 0.002)
