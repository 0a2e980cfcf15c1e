"""Norrköping: both published sharing rules to the last krona, what came, and chance by closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

import sibsim
from sibsim.loading import load_settled
from sibsim.replay import figure, settled, settlement_summary
from tests.pages import option_figures, page, summary
from tests.support import LIMIT

NAME = "norrkoping-placed-children"
SELDOM = ("no effect", "prices not brought up to date", "drawn by lot", "ten times as many children")
OPTIONS = [
    None,
    *(
        pytest.param(one, marks=pytest.mark.slow) if one in SELDOM else one
        for one in sibsim.load(NAME).available_options
    ),
]
CERTAIN = (
    "inputs.relative cost=1",
    "inputs.cost trend=0 %",
    "inputs.placement cost=350 000",
    "inputs.school effect=0.2",
)
PEOPLE, PAST, LOAN = 60, 61, 7.5
SD = 0.6 * np.sqrt(PEOPLE + PEOPLE**2 / PAST)
"""Of the measured saving by chance between children alone, SEK m: 6.55."""


def owed(saving: float, school: float, *options: str) -> dict[str, Any]:
    came = f"actuals={{measures: {{saving: {saving}, school change: {school}}}, events: {{work done: 2019-02}}}}"
    return settlement_summary(settled(load_settled(NAME, options, [came])))


def rule(name: str, loan: float, saving: float, school: float) -> float:
    """The two rules as they are published."""
    first, second = max(0.4 * loan, min(saving, loan)), 0.4 * loan + min(0.6 * max(saving, 0.0), 0.6 * loan)
    return (first if name == "A" else second) + (min(max(saving - loan, 0.0), 0.2 * loan) if school > 0 else 0.0)


CORNERS = [(-3, 1), (4, 1), (7.5, 1), (9, 1), (9, 0), (15, 1)]
LARGER = [(4, 1), (8, 1), (11, 1), (15, -1)]


@pytest.mark.parametrize("name", ["A", "B"])
def test_both_rules_pay_what_they_say(name: str) -> None:
    """At, below and above what is guaranteed, lent and capped; with better, equal and worse school results."""
    options = () if name == "A" else ("rule B",)
    for loan, more, corners in ((7.5, (), CORNERS), (10.0, ("all 10 m used",), LARGER)):
        for saving, school in corners:
            shown = owed(saving * 1e6, 0.1 * school, *more, *options)
            assert figure(shown, "total_paid") == pytest.approx(rule(name, loan, saving, school) * 1e6), (loan, saving)
            assert figure(shown, "tranches.loan.drawn") == loan * 1e6


@pytest.mark.parametrize(("options", "due"), [((), 5e6), (("rule B",), 7e6)])
def test_five_million_saved_on_ten_million_lent(options: tuple[str, ...], due: float) -> None:
    assert figure(owed(5e6, 0.2, "all 10 m used", *options), "total_paid") == due
    nothing = owed(0.0, 0.2, "all 10 m used", *options)
    assert figure(nothing, "tranches.loan.received") == 4e6
    assert figure(nothing, "tranches.loan.loss_share") == pytest.approx(0.6)


def test_what_came_settles_as_was_reported() -> None:
    shown = settlement_summary(settled(load_settled(NAME)))
    assert {row["figure"]: row["agrees"] for row in shown["expected"]} == {
        "total_paid": True,
        "tranches.loan.net_gain": True,
        "tranches.loan.loss_share": True,
    }
    assert figure(shown, "tranches.loan.net_gain") == -4.5e6
    later = settlement_summary(settled(load_settled(NAME, ["three years of follow-up"])))
    assert figure(later, "total_paid") == 4e6
    both = settlement_summary(settled(load_settled(NAME, ["three years of follow-up", "rule B"])))
    assert figure(both, "total_paid") == pytest.approx(5.4e6)


@pytest.mark.parametrize(
    ("saving", "school", "due"),
    [(7.5, 0.1, 0), (7.501, 0.1, 7.5), (7.501, 0, 0), (15, -0.1, 0), (15, 0.1, 7.5), (-3, 1, 0)],
)
def test_the_capital_comes_back_if_both_thresholds_are_exceeded(saving: float, school: float, due: float) -> None:
    assert figure(owed(saving * 1e6, school, "both thresholds"), "total_paid") == due * 1e6


def test_both_thresholds_at_once_are_two_chances_multiplied() -> None:
    shown = summary(NAME, "both thresholds", *CERTAIN)["payments"]["repayment"]["paid"]
    better = float(stats.norm.cdf(0.2 / np.sqrt(1 / PEOPLE + 1 / PAST)))
    truth = LOAN * float(stats.norm.sf(LOAN / SD)) * better
    assert truth == pytest.approx(0.816, abs=0.0005)
    assert abs(shown["mean"] / 1e6 - truth) < LIMIT * shown["mc_error"] / 1e6


def between(low: float, high: float, mean: float, sd: float) -> float:
    """Mean of the part of a normal quantity that lies in a band: the integral of its chance to be above each point."""
    z = (np.array([low, high]) - mean) / sd
    upper = [sd * (stats.norm.pdf(v) - v * stats.norm.sf(v)) for v in z]
    return float(upper[0] - upper[1])


def paid(mean: float, sd: float, better_school: float) -> dict[str, float]:
    return {
        "activity part": 0.4 * LOAN,
        "saving part": between(0.4 * LOAN, LOAN, mean, sd),
        "school part": better_school * between(LOAN, 1.2 * LOAN, mean, sd),
    }


@pytest.mark.parametrize("ratio", [1.0, 0.8214])
def test_with_certain_inputs_the_saving_is_a_normal_quantity(ratio: float) -> None:
    shown = summary(NAME, None, *CERTAIN, f"inputs.relative cost={ratio}")
    saving = shown["measures"]["saving"]["reports"][0]
    mean = PEOPLE * 0.7 * (1 - ratio)
    assert abs(saving["mean"] / 1e6 - mean) < LIMIT * SD / np.sqrt(16_384)
    assert saving["sd"] / 1e6 == pytest.approx(SD, rel=LIMIT / np.sqrt(2 * 16_384))
    better = float(stats.norm.cdf(0.2 / np.sqrt(1 / PEOPLE + 1 / PAST)))
    for name, truth in paid(mean, SD, better).items():
        found = shown["payments"][name]["paid"]
        assert abs(found["mean"] / 1e6 - truth) <= LIMIT * found["mc_error"] / 1e6


def test_the_base_case_without_a_trend_is_an_integral() -> None:
    shown = summary(NAME, None, "inputs.cost trend=0 %")
    ratio_sd = 0.28 / stats.norm.ppf(0.975)
    costs = stats.gamma((0.35 / 0.075) ** 2, scale=0.075**2 / 0.35)
    better = float(stats.norm.cdf(0.2 / np.sqrt(0.15**2 + 1 / PEOPLE + 1 / PAST)))
    assert better == pytest.approx(0.80, abs=0.005)
    for name in ("saving part", "school part"):

        def part(cost: float, name: str = name) -> float:
            spread = float(np.hypot(SD, PEOPLE * 2 * cost * ratio_sd))
            return float(costs.pdf(cost)) * paid(0.0, spread, better)[name]

        truth = integrate.quad(part, 0.05, 1.2)[0]
        found = shown["payments"][name]["paid"]
        assert abs(found["mean"] / 1e6 - truth) < LIMIT * found["mc_error"] / 1e6


@pytest.mark.parametrize("ratio", [1.0, 0.8214])
def test_a_few_very_dear_children_hardly_change_what_is_paid(ratio: float) -> None:
    """Costs of one child as a gamma, as all or nothing, and as one in ten very dear, in place of a normal mean."""
    rng, n, mean, sd = np.random.default_rng(5), 100_000, 0.7, 0.6

    def gamma(people: int, level: float) -> np.ndarray:
        shape = (level / sd) ** 2
        return rng.gamma(shape * people, level / shape, n)

    def two_points(people: int, level: float, dear: float) -> np.ndarray:
        step = sd / np.sqrt(dear * (1 - dear))
        return people * (level - dear * step) + rng.binomial(people, dear, n) * step

    def all_or_nothing(people: int, level: float) -> np.ndarray:
        return two_points(people, level, level**2 / (level**2 + sd**2))

    for costs in (gamma, all_or_nothing, lambda people, level: two_points(people, level, 0.1)):
        saving = PEOPLE * costs(PAST, mean) / PAST - costs(PEOPLE, mean * ratio)
        found = 0.4 * LOAN + np.clip(saving - 0.4 * LOAN, 0, 0.6 * LOAN)
        truth = sum(paid(PEOPLE * mean * (1 - ratio), SD, 0.0).values())
        assert float(np.mean(found)) == pytest.approx(truth, rel=0.012)  # and 0.7 % of that is the error of this sample


def figures(shown: dict[str, Any]) -> list[str]:
    """What a row of the options says, rounded as there: SEK m and chances in a hundred."""
    payer, investor = (shown["parties"][who] for who in ("payer", "investor"))
    saving, metrics = shown["measures"]["saving"]["reports"][0], payer["metrics"]
    net = metrics["net_budget_effect_pv"]["mean"]
    paid, idle = metrics["outcome_payments"]["mean"], metrics["payment_without_effect"]["value"]
    gain = investor["metrics"]["net_gain"]["mean"]
    loses, ahead = investor["probabilities"]["loss"], payer["probabilities"]["net_budget_effect_positive"]
    return [
        *(f"{saving[what] / 1e6:.1f}" for what in ("mean", "p05", "p95")),
        *(f"{one / 1e6:.2f}" for one in (paid, idle)),
        f"{100 * loses['value']:.0f}",
        f"{gain / 1e6:.2f}",
        f"{net / 1e6:.1f}",
        f"{100 * ahead['value']:.0f}",
    ]


@pytest.mark.parametrize("option", OPTIONS)
def test_the_page_states_what_the_run_gives(option: str | None) -> None:
    assert figures(summary(NAME, option)) == option_figures(NAME, option or "")


def test_the_page_says_in_words_what_the_run_prints() -> None:
    shown = summary(NAME)
    text = page(NAME)
    payer, payments = shown["parties"]["payer"], shown["payments"]
    mean = payer["metrics"]["outcome_payments"]["mean"] / 1e6
    assert f"It expects to pay {mean:.2f} m" in text
    for name in ("saving part", "school part"):
        assert f"{payments[name]['paid']['mean'] / 1e6:.2f} m in the {name}" in text
        assert f"in {100 * payments[name]['pays']['value']:.0f} of 100 futures" in text
    for name in ("paid_without_effect", "not_paid_despite_effect"):
        assert f"{100 * payer['probabilities'][name]['value']:.0f} of 100" in text
    assert shown["claims"]["effect_of"] == ["placements"]
