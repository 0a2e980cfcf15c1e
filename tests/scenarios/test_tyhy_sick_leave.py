"""TyHy-SIB from the buyer's side: the contract of `tyhy`, its page, and what came."""

from __future__ import annotations

import numpy as np
import pytest

import sibsim
from tests.pages import chance, figure, option_rows, said, summary
from tests.scenarios.sick_leave import check_by_hand_and_printed, settled_at
from tests.support import LIMIT, as_it_stands

NAME = "tyhy-sick-leave"
OPTIONS = ("", *as_it_stands(NAME).available_options)
MOST = 600_000 * 1.1**3


def test_it_is_the_contract_that_is_replayed() -> None:
    mine, replayed = summary(NAME), summary("tyhy")
    for key in ("parties", "measures", "outcomes", "came", "payments", "inputs"):
        assert mine.get(key) == replayed.get(key), key
    assert set(sibsim.load("tyhy").available_options) < set(OPTIONS)


@pytest.mark.parametrize(
    ("days", "part"), [("-1", 0.0), ("0", 0.0), ("0.94", 0.94 / 2.1), ("1.05", 0.5), ("2.1", 1.0), ("4", 1.0)]
)
def test_what_is_paid_is_in_proportion_up_to_the_aim(days: str, part: float) -> None:
    came = f"days fewer a year: {days}"
    assert settled_at(NAME, came, "total_paid") == pytest.approx(part * MOST)
    assert settled_at(NAME, came, "tranches.fund.net_gain") == pytest.approx(part * MOST - 600_000)


def test_a_larger_fund_is_paid_in_the_same_proportion() -> None:
    assert settled_at(NAME, "days fewer a year: 1.05", "total_paid", "a larger fund") == pytest.approx(1.25 * MOST)


def _readings(effect: float | None, goes_anyway: float) -> np.ndarray:
    """Days fewer a year, by the year before and two years after: the level moves by (1 + trend)^years."""
    rng = np.random.default_rng(5)
    n = 200_000
    gain = rng.normal(1.5, 1.0, n) if effect is None else np.full(n, effect)
    rate = np.log1p(rng.normal(0.0, 0.03, n))
    first = np.expm1(rate) / rate  # the level of the file is that of the first year
    two_years = np.expm1(2 * rate) / rate / first / 2
    before = -np.expm1(-rate) / rate / first / (1 - goes_anyway)
    noise = 20 / np.sqrt(1_500) * rng.normal(size=(2, n))
    return 13.4 * before + noise[0] - (13.4 * two_years - gain + noise[1])


@pytest.mark.parametrize(
    ("option", "effect", "goes_anyway"),
    [("", None, 0.05), ("no effect", 0.0, 0.05), ("no effect beside the trend", 0.0, 0.0)],
)
def test_the_mean_payment_is_the_integral_over_effect_trend_and_luck(
    option: str, effect: float | None, goes_anyway: float
) -> None:
    due = np.clip(_readings(effect, goes_anyway) / 2.1, 0.0, 1.0) * MOST
    paid = summary(NAME, option)["parties"]["payer"]["metrics"]["outcome_payments"]
    error = due.std() / np.sqrt(due.size)
    assert abs(paid["mean"] - due.mean()) < LIMIT * np.hypot(paid["mc_error"], error)


def test_what_is_saved_is_days_at_their_wage_or_half_of_it_and_half_work() -> None:
    factor = np.mean([1.03 ** -(q / 4) for q in range(1, 9)])
    saved = summary(NAME)["parties"]["payer"]["metrics"]["cashable_benefit_pv"]
    assert abs(saved["mean"] - 4_500 * 180 * factor) < LIMIT * saved["mc_error"]
    half = summary(NAME, "half of the days are replaced")
    for name in ("cashable_benefit_pv", "capacity_benefit_pv"):
        assert figure(half, "payer", name) == pytest.approx(saved["mean"] / 2, rel=1e-9)


# ------------------------------------------------------------------------------------------------ the page
def test_the_table_of_options_is_what_the_runs_give() -> None:
    table = option_rows(NAME)
    assert set(table) == set(OPTIONS)
    for option, cells in table.items():
        shown = summary(NAME, option)
        names = ("outcome_payments", "payment_without_effect", "cashable_benefit_pv", "net_budget_effect_pv")
        truth = [shown["measures"]["days fewer a year"]["reports"][0]["mean"]]
        truth += [figure(shown, "payer", name) / 1e3 for name in names]
        truth.append(100 * chance(shown, "investor", "loss"))
        truth.append(100 * chance(shown, "payer", "net_budget_effect_positive"))
        off = [0.00501, *[0.501] * 6]
        assert all(abs(float(c) - t) < o for c, t, o in zip(cells, truth, off, strict=True)), option


def test_what_the_result_says_is_what_the_runs_give() -> None:
    low, none = said(NAME, r"In (\d+) of 100 futures the reading is [^.]+\. If[^,]+, it would be in (\d+) of 100")
    for given, option in ((low, ""), (none, "no effect")):
        truth = summary(NAME, option)["came"]["reports"][0]["at_or_below"]["value"]
        assert int(given) == round(100 * truth)
    report = summary(NAME, "no effect")["measures"]["days fewer a year"]["reports"][0]
    assert said(NAME, r"\(from (-[\d.]+) to ([\d.]+) in 90 of 100\)") == (
        f"{report['p05']:.2f}",
        f"{report['p95']:.2f}",
    )
    loses = said(NAME, r"fund loses in (\d+) of 100 futures\*\* by [^,]+, and in (\d+) of 100")
    truth = [chance(summary(NAME, option), "investor", "loss") for option in ("", "effect as it came")]
    assert [int(x) for x in loses] == [round(100 * t) for t in truth]


def test_by_hand_and_printed_agree_on_the_page() -> None:
    check_by_hand_and_printed(NAME, 0.003)
