"""The former rehabilitation guarantee: who pays and who saves, and what payment for outcome would come to, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import sibsim
from tests.pages import page, paid_for, stated, summary
from tests.support import LIMIT, world

NAME = "rehabilitation-guarantee"
HELPS = "MMR brings people back to work"
DAY = 600 + 1_085 * 0.3142
SIZES = {"days before sick leave": 51_100, "days on sick leave": 21_900, "days of pain": 7_500}
FEWER = {"days before sick leave": (9.1 + 4 * 10 + 14) / 6, "days on sick leave": 0.0, "days of pain": -20.0}
BY_LUCK = np.sqrt(sum(n * 120**2 * (1 + n / 50_000) for n in SIZES.values()))
"""Sd of the days that are found avoided, of what chance alone makes."""


def told(option: str | None = None) -> dict[str, Any]:
    return summary(NAME, option)


def metrics(party: str, option: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = told(option)["parties"][party]["metrics"]
    return found


def discount() -> float:
    """Days come evenly in the eight quarters of each of four groups, and are worth money at the end of each."""
    return float(np.mean([1.03 ** -((group + k) / 4) for group in range(4) for k in range(1, 9)]))


def test_each_group_has_its_own_effect() -> None:
    for name, outcome in told()["outcomes"].items():
        if name in SIZES:
            spread = {"days before sick leave": 0.84, "days on sick leave": 5.0, "days of pain": 5.0}[name]
            error = SIZES[name] * spread / np.sqrt(16_384)
            assert abs(outcome["effect"]["mean"] - SIZES[name] * FEWER[name]) < LIMIT * error


@pytest.mark.parametrize(("party", "worth"), [("payer", DAY), ("region", 56.0), ("municipality", 99.0)])
def test_who_saves(party: str, worth: float) -> None:
    saved = metrics(party)["cashable_benefit_pv"]
    days = sum(SIZES[name] * FEWER[name] for name in SIZES)
    assert discount() == pytest.approx(0.9568, abs=0.0001)
    assert abs(saved["mean"] - days * worth * discount()) < LIMIT * saved["mc_error"]


def test_the_effect_of_cbt_is_what_makes_it_pay_for_itself() -> None:
    assert pytest.approx(9.1, abs=0.05) == 10_000 / (DAY + 56 + 99)
    assert pytest.approx(589, abs=1.0) == 10.5 * 56
    whole = DAY + 56 + 99
    assert [round(100 * part / whole) for part in (DAY, 99, 56)] == [86, 9, 5]
    assert "86 öre are the state's, 9 the municipalities', 5 the regions'" in page(NAME)


def test_the_pool_is_owed_whatever_comes_of_it_and_the_regions_pay_the_rest() -> None:
    pay = metrics("payer")
    assert pay["outcome_payments"]["mean"] == pytest.approx(500e6) == pay["payment_without_effect"]["value"]
    region = metrics("region")
    assert region["own_costs"]["mean"] == pytest.approx(1_030e6)
    assert region["margin"]["mean"] == pytest.approx(-530e6)


@pytest.mark.parametrize(
    ("days", "paid"),
    [
        ((500_000, 0, -150_000), 350_000 * 941),
        ((531_350, 0, 0), 531_350 * 941),
        ((700_000, 0, 0), 500e6),
        ((0, 0, -1), 0.0),
    ],
)
def test_payment_for_outcome(days: tuple[int, int, int], paid: float) -> None:
    names = ("days avoided before sick leave", "days avoided on sick leave", "days avoided by MMR")
    reports = "{" + ", ".join(f"{name}: {n}" for name, n in zip(names, days, strict=True)) + "}"
    assert paid_for(NAME, reports, ["pay for outcome"])["pool"] == pytest.approx(paid)


def test_paid_for_luck() -> None:
    """Half of the futures find days avoided where there are none: sd / (2 pi) ** 0.5 on average."""
    idle = metrics("payer", "pay for outcome")["payment_without_effect"]
    assert pytest.approx(45_450, abs=10) == BY_LUCK
    assert abs(idle["value"] - 941 * BY_LUCK / np.sqrt(2 * np.pi)) < LIMIT * idle["mc_error"]


def test_what_the_state_would_save_if_mmr_brought_people_back() -> None:
    saved = metrics("payer", HELPS)["cashable_benefit_pv"]
    days = 51_100 * FEWER["days before sick leave"] + 7_500 * 20
    assert abs(saved["mean"] - days * DAY * discount()) < LIMIT * saved["mc_error"]
    assert metrics("payer", HELPS)["net_budget_effect_pv"]["mean"] > 0


def test_payment_for_outcome_in_the_mean() -> None:
    """What is found is near normal: chance, and what is not known of the three effects."""
    pert = 51_100 * np.sqrt((10.5167 - 9.1) * (14 - 10.5167) / 7)
    sd = np.sqrt(BY_LUCK**2 + pert**2 + (21_900 * 5) ** 2 + (7_500 * 5) ** 2)
    days = np.linspace(-400_000, 1_200_000, 160_001)
    weights = stats.norm.pdf(days, 387_402, sd)
    truth = float(np.sum(np.clip(941 * days, 0, 500e6) * weights) / np.sum(weights))
    assert metrics("payer", "pay for outcome")["outcome_payments"]["mean"] == pytest.approx(truth, rel=0.005)


def test_the_evaluators_choice() -> None:
    """170 % more risk among those compared reads as 1 - 1 / 2.7; 30 % more days as 0.3 x 150 a person."""
    found = {name: one["reports"][0] for name, one in told()["measures"].items()}
    assert found["early retirement as compared in 2011"]["mean"] == pytest.approx(1 - 1 / 2.7, abs=0.002)
    assert found["early retirement like for like"]["mean"] == pytest.approx(0.0, abs=0.005)
    assert told()["outcomes"]["early retirement"]["effect_is_zero"]
    w = world(sibsim.load(NAME, ["pay for outcome as compared in 2011"]), replicates=16)
    for name, n, true in (("days avoided on sick leave", 21_900, 0.0), ("days avoided by MMR", 7_500, -150_000.0)):
        values = np.asarray(w.reports[name][0].value)
        error = float(np.std(values)) / np.sqrt(len(values))
        assert abs(float(np.mean(values)) - (0.3 * 150 * n + true)) < LIMIT * error


@pytest.mark.parametrize("option", [None, "pay for outcome", HELPS])
def test_the_page_states_what_the_run_gives(option: str | None) -> None:
    pay, region = metrics("payer", option), metrics("region", option)
    figures = (
        pay["outcome_payments"]["mean"],
        pay["payment_without_effect"]["value"],
        pay["cashable_benefit_pv"]["mean"],
        pay["net_budget_effect_pv"]["mean"],
        region["net_budget_effect_pv"]["mean"],
        metrics("municipality", option)["cashable_benefit_pv"]["mean"],
    )
    assert stated(NAME, option or "(as it stands)") == [f"{figure / 1e6:.1f}" for figure in figures]
