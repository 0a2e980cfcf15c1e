"""A national outcome fund: who wins, who loses, and the top-up that makes each whole, against sums of its own."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from tests.pages import at_defaults, page, paid_for, stated, told
from tests.support import LIMIT

NAME = "national-outcome-fund"
BODIES = ("municipality", "region", "state")
PRICE, PEOPLE = 420_000, 300
COST = 57_750 * (3.33 + 4 * 4 + 5) / 600
"""Of a month, on average."""
COMPENSATION, PAY = 127_029 * 0.75, 200_000
TAXED = PAY - COMPENSATION
WORTH = {
    "state": COMPENSATION + 0.3142 * PAY - 0.5 * PAY + TAXED * 0.3224 * 0.95,
    "municipality": TAXED * 0.2067 * 0.05 + 200_000 * 0.21 * 0.30,
    "region": TAXED * 0.1157 * 0.05 + 10_000 * 0.30,
}
"""What a year in work saves each in cash."""
CHECKED = (
    None,
    "the municipality is made whole",
    "the fund pays the whole price",
    "the fund pays a part of the cost",
    "the gain is gone after two years",
)


def years_in_work(effect: float) -> float:
    """More years in work, discounted: 75 people begin in each of four quarters; 18 months, then half in four years."""

    def stands(k: int) -> float:
        part = min(k, 6) / 6
        return float(75 * (0.84**part - (0.84 - effect) ** part) * 0.5 ** (max(k - 6, 0) / 16))

    return sum(
        (stands(c - group - 1) + stands(c - group)) / 2 / 4 * 1.03 ** (-c / 4)
        for group in range(4)
        for c in range(group + 1, 61)
    )


@cache
def mean_years() -> float:
    scores = np.linspace(-5, 5, 401)
    weights = stats.norm.pdf(scores)
    return sum(years_in_work(0.10 + 0.03 * z) * w for z, w in zip(scores, weights, strict=True)) / weights.sum()


def cost_paid() -> float:
    """What the municipality pays, present value: at the end of each quarter, for those still there."""
    leave = -np.log(0.85)
    months = [75 * 18 / leave * (np.exp(-leave * q / 6) - np.exp(-leave * (q + 1) / 6)) for q in range(6)]
    return float(sum(m * COST * 1.03 ** (-(g + q + 1) / 4) for g in range(4) for q, m in enumerate(months)))


def whole_price() -> float:
    """What the fund pays at 100 %, present value; a report is all but normal, and only what is above 0 is paid for."""
    sd = np.sqrt(PEOPLE * (0.26 * 0.74 + 0.16 * 0.84) + (PEOPLE * 0.03) ** 2)
    z = 30 / sd
    return float((30 * stats.norm.cdf(z) + sd * stats.norm.pdf(z)) * PRICE * 1.03**-2.5)


@pytest.mark.parametrize("body", BODIES)
def test_each_body_saves_what_the_sum_says(body: str) -> None:
    saved = told(NAME)["parties"][body]["metrics"]["cashable_benefit_pv"]
    assert abs(saved["mean"] - mean_years() * WORTH[body]) < LIMIT * saved["mc_error"]


def test_the_municipality_pays_for_those_who_are_there() -> None:
    paid = told(NAME)["parties"]["municipality"]["metrics"]["outcome_payments_pv"]
    assert abs(paid["mean"] - cost_paid()) < LIMIT * paid["mc_error"]


def net(body: str, *sets: str) -> np.ndarray:
    return at_defaults(NAME, sets=sets).metric(body, "net_budget_effect_pv")


def test_every_percent_moves_the_same_sum_from_the_state_to_the_municipality() -> None:
    gains = net("municipality", "inputs.top-up=100 %") - net("municipality")
    costs = net("state") - net("state", "inputs.top-up=100 %")
    assert np.allclose(gains, costs)
    assert gains.mean() == pytest.approx(whole_price(), rel=0.015)
    half = net("municipality", "inputs.top-up=50 %") - net("municipality")
    assert np.allclose(half[gains < 27e6], gains[gains < 27e6] / 2)  # the fund's limit is not reached


def test_between_the_two_top_ups_no_body_loses_on_average() -> None:
    worth = (net("municipality", "inputs.top-up=100 %") - net("municipality")).mean()
    least, most = -net("municipality").mean() / worth, net("state").mean() / worth
    assert f"**{100 * least:.1f} %**" in page(NAME)
    assert f"**{100 * most:.1f} %**" in page(NAME)
    at_least = f"inputs.top-up={100 * least:.4f} %"
    assert net("municipality", at_least).mean() == pytest.approx(
        0.0, abs=5_000
    )  # the limit cuts a few futures at 100 %
    for top_up in ("79 %", "100 %"):
        assert all(net(body, f"inputs.top-up={top_up}").mean() > 0 for body in BODIES)
    assert net("municipality", "inputs.top-up=78 %").mean() < 0 < net("region").mean()
    by_hand = (cost_paid() - mean_years() * WORTH["municipality"]) / whole_price()
    assert stated(NAME, "the least top-up") == [f"{100 * by_hand:.1f} %", f"{100 * least:.1f} %"]


@pytest.mark.parametrize(
    ("more", "top_up", "paid"),
    [
        ("30", "79 %", 30 * PRICE * 0.79),
        ("0", "79 %", 0.0),
        ("-12", "100 %", 0.0),
        ("69", "100 %", 69 * PRICE),
        ("70", "100 %", 29.4e6),
        ("70.5", "100 %", 29.4e6),
        ("40", "0 %", 0.0),
    ],
)
def test_the_fund_pays_by_the_head_up_to_its_limit(more: str, top_up: str, paid: float) -> None:
    found = paid_for(
        NAME, f"{{more in work: {more}}}", sets=(f"inputs.top-up={top_up}",), inputs="{cost a month: 2 300}"
    )
    assert found["fund pays"] == pytest.approx(paid)


@pytest.mark.parametrize("option", CHECKED)
def test_the_page_states_what_the_run_gives(option: str | None) -> None:
    options = (option,) if option else ()
    run = at_defaults(NAME, options)
    nets = [run.metric(body, "net_budget_effect_pv") for body in BODIES]
    shown = told(NAME, options)["parties"]
    row = [f"{shown['state']['metrics']['outcome_payments']['mean'] / 1e6:.2f}"]
    for values in nets:
        row += [f"{values.mean() / 1e6:.2f}", f"{100 * np.mean(values < 0):.1f}"]
    nobody = np.mean(np.all([values >= 0 for values in nets], axis=0))
    assert shown["public_purse"]["all_whole"]["share"] == pytest.approx(nobody, abs=1e-3)
    row += [f"{sum(values.mean() for values in nets) / 1e6:.2f}", f"{100 * nobody:.1f}"]
    assert stated(NAME, option or "(as it stands)") == row


def test_the_tables_on_the_page() -> None:
    shown = told(NAME)["parties"]
    for row, body in (("the municipality", BODIES[0]), ("the region", BODIES[1]), ("the state", BODIES[2])):
        metrics = shown[body]["metrics"]
        wanted = [
            metrics[m]["mean"] / 1e6 for m in ("outcome_payments_pv", "cashable_benefit_pv", "net_budget_effect_pv")
        ]
        assert stated(NAME, row)[:3] == [f"{value:.2f}" for value in wanted]
    assert f"SEK {WORTH['state']:,.0f}" in page(NAME)
    hand = stated(NAME, "the state's saving, present value, SEK m")
    assert hand[0] == f"{mean_years() * WORTH['state'] / 1e6:.2f}"
    assert stated(NAME, "V, SEK m")[0] == f"{whole_price() / 1e6:.2f}"
