"""A contract without an investor: the cash that the wait takes, against closed forms, and the page against the run."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.pages import at_defaults, page, paid_for, stated, told
from tests.support import LIMIT

NAME = "no-investor"
PRICE, PEOPLE = 540.53, 925
FIXED = (
    "inputs.progression=3.56 %",
    "inputs.hazard ratio=0.8",
    "inputs.comparison bias=0 %",
    "participants.dropout=20 %",
)
CHECKED = (None, "nothing at risk", "all at risk", "part payments on the way", "an advance of 4 m")


def person_months(dropout: float) -> float:
    """Two years for each, who leaves at an even hazard."""
    return PEOPLE * 24 * dropout / -np.log1p(-dropout)


def last_quarter(dropout: float) -> float:
    """Person-months of the last group's last quarter, the one that is invoiced when the success fee falls due."""
    k = -np.log1p(-dropout)
    return float(PEOPLE / 12 * 24 / k * (np.exp(-k * 21 / 24) - np.exp(-k)))


def cash_needed(dropout: float, at_risk: float) -> float:
    """All costs are paid by then, and of the fee all but the last quarter's."""
    return PRICE * (at_risk * person_months(dropout) + (1 - at_risk) * last_quarter(dropout))


@pytest.mark.parametrize(("at_risk", "option"), [(0.75, ()), (1.0, ("all at risk",))])
def test_the_cash_needed_is_what_was_spent_and_not_yet_paid(at_risk: float, option: tuple[str, ...]) -> None:
    run = at_defaults(NAME, option, FIXED)
    lowest = run.describe(("provider", "lowest_cash"), "SEK")
    assert abs(8e6 - lowest["mean"] - cash_needed(0.2, at_risk)) < LIMIT * lowest["mc_error"]


def test_with_nothing_at_risk_one_quarter_is_waited_for() -> None:
    """The dearest quarter: eight groups of 925 / 12 people, in each quarter of their two years."""
    run = at_defaults(NAME, ("nothing at risk",), FIXED)
    lowest = run.describe(("provider", "lowest_cash"), "SEK")
    assert 8e6 - lowest["mean"] == pytest.approx(PRICE * person_months(0.2) * 8 / 12 / 8, rel=0.01)
    assert np.all(run.metric("provider", "margin") == 0.0)


def chance_of_success() -> float:
    """10 % fewer cases or more, all inputs fixed: a sum over people found, their cases, and cases in the comparison."""
    others = np.arange(20, 300)
    compared = stats.binom.pmf(others, 2000, -np.expm1(-2 * 0.0356))
    cases = np.arange(0, 130)[:, None]
    chance = 0.0
    for found in range(580, 760):
        here = stats.binom.pmf(cases, found, -np.expm1(-2 * 0.0356 * 0.8)) * compared
        is_met = 1 - (cases / found) / (others / 2000) >= 0.10 - 1e-9
        chance += stats.binom.pmf(found, PEOPLE, 0.72) * float((here * is_met).sum())
    return chance


def test_the_chance_of_success_is_the_sum_over_all_reports() -> None:
    found = told(NAME, (), FIXED)["payments"]["success fee"]["pays"]
    truth = chance_of_success()
    assert truth == pytest.approx(0.740, abs=0.0005)
    assert abs(found["value"] - truth) < LIMIT * np.sqrt(truth * (1 - truth) / found["draws"])


def test_the_margin_follows_from_the_chance_of_success() -> None:
    run = at_defaults(NAME)
    price = run.metric("provider", "own_costs")
    is_paid = run.per_draw()["payments.success fee"] > 0
    margin = price * (0.25 + 0.85 * is_paid) - price
    assert np.allclose(run.metric("provider", "margin"), margin, atol=1.0)
    fair = 0.75 * (1 / is_paid.mean() - 1)
    assert fair == pytest.approx(0.309, abs=0.0005)
    premium = at_defaults(NAME, ("premium that pays for the risk",)).describe(("provider", "margin"), "SEK")
    assert abs(premium["mean"]) < LIMIT * premium["mc_error"]


@pytest.mark.parametrize(
    ("report", "success"),
    [("10 %", 20_000 * PRICE * 0.85), ("9.9 %", 0.0), ("0 %", 0.0), ("-20 %", 0.0), ("60 %", 20_000 * PRICE * 0.85)],
)
def test_the_success_fee_at_and_beside_its_target(report: str, success: float) -> None:
    paid = paid_for(NAME, f"{{service in all: 20 000, fewer cases: {report}, service given: {{2020-12: 200}}}}")
    assert paid == pytest.approx({"fee": 200 * PRICE * 0.25, "success fee": success})


def test_the_cap_is_all_of_the_price_and_the_premium() -> None:
    assert paid_for(NAME, "{service in all: 30 000, fewer cases: 50 %}")["success fee"] == pytest.approx(13.2e6)
    assert pytest.approx(13.2e6, rel=1e-3) == PEOPLE * 24 * PRICE * 1.1


def test_part_payments_are_taken_off_and_kept() -> None:
    service = "{2022-09: 4 000, 2023-09: 10 000, 2024-09: 16 000}"
    looks = "{2022-09: 10 %, 2023-09: 9 %, 2024-09: -5 %}"
    reports = "{service so far: " + service + ", first look: " + looks + ", service in all: 20 000, fewer cases: WHAT}"
    options = ("part payments on the way",)
    early = 4_000 * PRICE * 0.75 * 0.5
    paid = paid_for(NAME, reports.replace("WHAT", "12 %"), options)
    assert paid["part payment"] == pytest.approx(early)
    assert paid["success fee"] == pytest.approx(20_000 * PRICE * 0.85 - early)
    assert paid_for(NAME, reports.replace("WHAT", "0 %"), options)["success fee"] == 0.0


@pytest.mark.parametrize("option", CHECKED)
def test_the_page_states_what_the_run_gives(option: str | None) -> None:
    shown = told(NAME, (option,) if option else ())["parties"]
    provider, margin = shown["provider"], shown["provider"]["metrics"]["margin"]
    cash = provider["cash"]
    row = [
        f"{cash['needed']['amount'] / 1e6:.2f}",
        f"{100 * provider['probabilities']['runs_out']['value']:.1f}",
        f"{(cash['short']['amount'] or 0.0) / 1e6:.2f}",
        f"{margin['mean'] / 1e6:.2f}",
        f"{margin['p05'] / 1e6:.2f}",
        f"{shown['payer']['metrics']['outcome_payments']['mean'] / 1e6:.2f}",
    ]
    assert stated(NAME, option or "(as it stands)") == row


def test_only_the_wait_needs_the_same_cash_and_the_stated_cash_is_enough() -> None:
    base, certain = (at_defaults(NAME, options) for options in ((), ("only the wait",)))
    assert np.array_equal(base.metric("provider", "lowest_cash"), certain.metric("provider", "lowest_cash"))
    need = 8e6 - base.metric("provider", "lowest_cash")
    assert np.mean(need > 8.67e6) < 0.01 < np.mean(need > 8.6e6)
    for cash, chance in ((6e6, 1.0), (8e6, 0.65), (8.3e6, 0.255), (8.5e6, 0.07), (9e6, 0.0)):
        assert np.mean(need > cash) == pytest.approx(chance, abs=0.005)
    margin = at_defaults(NAME, ("ten million in cash",)).metric("provider", "margin")
    assert f"{-margin[margin < 0].max() / 1e6:.1f} to {-margin.min() / 1e6:.1f} m poorer" in page(NAME)


def test_the_hand_calculations_on_the_page() -> None:
    by_hand = [stated(NAME, row)[0] for row in ("person-months, fixed", "cash needed on average, fixed, SEK")]
    assert by_hand == [f"{person_months(0.2):,.1f}", f"{cash_needed(0.2, 0.75):,.0f}"]
    early = stats.beta.ppf(0.01, 8.689, 34.756)
    assert stated(NAME, "cash that lasts in 99 of 100 futures, SEK m")[0] == f"{cash_needed(early, 0.75) / 1e6:.2f}"
