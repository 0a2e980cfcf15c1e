"""Härnösand: total loss, the share and the cap to the last krona, the extension, and chance by closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sibsim
from sibsim.loading import load_settled
from sibsim.replay import figure, settled, settlement_summary
from tests.pages import option_figures, page, summary
from tests.support import LIMIT, as_it_stands, in_turn

NAME = "harnosand-home-care"
OPTIONS = [None, *in_turn(as_it_stands(NAME).available_options, 5)]
CERTAIN = ("inputs.cost trend=0 %", "inputs.cost of a new user=360 000", "inputs.realised=60 %")
YEARS = tuple(range(2025, 2032))


def owed(saved: list[float], realised: str = "60 %", is_extended: bool = True, *options: str) -> dict[str, Any]:
    """What is due for home care not needed each year, SEK m, with 35 or 50 m lent."""
    told = [f"{year}-10: {x * 1e6:.6f}" for year, x in zip(YEARS, saved, strict=True)]
    readings = ", ".join(told if is_extended else told[:-1])  # nobody is left to report on in 2031
    later = ", extension loan: {2028-01: " + ("15 m" if is_extended else "0") + "}"
    came = (
        f"actuals={{measures: {{less home care: {{{readings}}}}}, inputs: {{realised: {realised}}},"
        f" drawn: {{first loan: {{2024-07: 35 m}}{later}}}}}"
    )
    return settlement_summary(settled(load_settled(NAME, options, [came])))


def test_if_it_fails_the_municipality_pays_nothing_and_the_fund_loses_all() -> None:
    for saved in ([0.0] * 7, [-4.0] * 7):
        shown = owed(saved, is_extended=False)
        assert figure(shown, "total_paid") == 0.0
        assert figure(shown, "tranches.all.net_gain") == -35e6
        assert figure(shown, "tranches.all.loss_share") == 1.0


def test_three_quarters_of_what_is_realised_and_never_more_than_the_cap() -> None:
    assert figure(owed([10.0] * 7), "total_paid") == pytest.approx(7 * 10e6 * 0.6 * 0.75)  # 31.5 m
    bad_years = figure(owed([10.0, -10.0, 10.0, -10.0, 10.0, -10.0, 10.0]), "total_paid")
    assert bad_years == pytest.approx(4 * 10e6 * 0.6 * 0.75)  # nothing goes back
    assert figure(owed([30.0] * 7), "total_paid") == pytest.approx(1.3 * 50e6)  # 94.5 m are cut to 65 m
    exactly = 1.3 * 50 / (7 * 0.45)
    assert figure(owed([exactly] * 7), "total_paid") == pytest.approx(65e6, abs=10)
    assert figure(owed([10.0] * 7, "60 %", True, "all hours count as saved"), "total_paid") == pytest.approx(52.5e6)


def test_the_extension_comes_with_any_saving_in_the_year_before_and_not_with_none() -> None:
    assert figure(owed([5, 5, 0.001, 5, 5, 5, 5]), "tranches.all.drawn") == 50e6
    assert figure(owed([5, 5, 0, 5, 5, 5, 0], is_extended=False), "tranches.all.drawn") == 35e6


def test_the_first_payment_without_effect_is_half_a_normal_quantity() -> None:
    """Four groups of 50 by July 2025, each beside 20 of 400 earlier users: what luck alone pays in October."""
    shown = summary(NAME, "no effect", *CERTAIN)
    parts = np.array([12, 9, 6, 3]) / 24
    sd = 50 * 400_000 * np.sqrt(np.sum(parts**2) * (1 / 50 + 1 / 20))
    assert sd == pytest.approx(3.62e6, rel=0.001)
    first = shown["measures"]["less home care"]["reports"][0]
    assert first["sd"] == pytest.approx(sd, rel=LIMIT / np.sqrt(2 * 16_384))
    truth = 0.75 * 0.6 * sd / np.sqrt(2 * np.pi)
    (year,) = [row["mean"] for row in shown["payments"]["repayment"]["by_year"] if row["year"] == 2025]
    assert abs(year - truth) < LIMIT * truth * np.sqrt(np.pi - 1) / np.sqrt(16_384)


def test_what_is_saved_and_what_of_it_is_cash() -> None:
    """A fifth less for 700 people, and 300 more where extended; after two years it fades over three."""
    shown = summary(NAME, None, *CERTAIN, "inputs.relative cost=0.8")
    extended = shown["events"]["extension"]["chance"]["value"]
    effect = shown["outcomes"]["home care"]["effect"]
    truth = 0.2 * 360_000 * (700 + 300 * extended)
    assert effect["mean"] == pytest.approx(truth, rel=1e-6)
    cash = sum(row["parties"]["payer"]["cashable_benefit"]["mean"] for row in shown["yearly"])
    luck = 0.6 * 1.75 * 400_000 * np.sqrt(1000 / 16_384)
    assert abs(cash - 0.6 * truth * (1 + 1.5 / 2)) < LIMIT * luck


def test_the_mixture_halves_the_effect_of_the_trial() -> None:
    shown = {row["name"]: row for row in summary(NAME)["inputs"]}["relative cost"]
    s = np.log(0.96 / 0.72) / (2 * 1.959964)
    assert shown["mean"] == pytest.approx((np.sqrt(0.72 * 0.96) * np.exp(s**2 / 2) + 1) / 2, rel=1e-3)


def test_no_claim_is_in_the_base_case() -> None:
    claimed = {i.name for i in sibsim.load(NAME, ["as claimed"]).inputs if i.evidence.status == "claimed"}
    assert claimed == {"relative cost", "realised"}
    assert all(entry["status"] != "claimed" for entry in summary(NAME)["inputs"])


@pytest.mark.parametrize("option", OPTIONS)
def test_the_page_states_what_the_run_gives(option: str | None) -> None:
    shown = summary(NAME, option)
    payer, fund = shown["parties"]["payer"], shown["parties"]["investor"]
    metrics, net = payer["metrics"], payer["metrics"]["net_budget_effect_pv"]
    chances = [fund["probabilities"]["loss"], fund["probabilities"]["total_loss"]]
    ahead = payer["probabilities"]["net_budget_effect_positive"]["value"]
    saved, paid = shown["outcomes"]["home care"]["effect"]["mean"], metrics["outcome_payments"]["mean"]
    found = [f"{one / 1e6:.1f}" for one in (saved, paid, metrics["payment_without_effect"]["value"])]
    found += [f"{100 * one['value']:.0f}" for one in chances]
    found += [f"{fund['metrics']['moic']['mean']:.2f}", f"{fund['metrics']['net_gain']['mean'] / 1e6:.1f}"]
    found += [
        f"{one / 1e6:.1f}"
        for one in (metrics["cashable_benefit_pv"]["mean"], *(net[q] for q in ("mean", "p05", "p95")))
    ]
    assert option_figures(NAME, option or "") == [*found, f"{100 * ahead:.0f}"]


def test_the_page_says_in_words_what_the_run_prints() -> None:
    shown, text = summary(NAME), page(NAME)
    payer, fund = shown["parties"]["payer"], shown["parties"]["investor"]
    for name in ("paid_without_effect", "net_budget_effect_positive"):
        assert f"{100 * payer['probabilities'][name]['value']:.0f} of 100" in text
    assert f"{fund['metrics']['moic']['mean']:.2f} times" in text
    assert f"expects to pay {payer['metrics']['outcome_payments']['mean'] / 1e6:.1f} m" in text
    assert f"happens in {100 * shown['events']['extension']['chance']['value']:.0f} of 100" in text
    assert f"{payer['metrics']['capacity_benefit_pv']['mean'] / 1e6:.1f} m of freed capacity" in text
