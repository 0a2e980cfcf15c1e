"""The scenario on childhood overweight: its base case rests on evidence, and its figures are those of closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.pages import page, told
from tests.support import LIMIT, as_it_stands

NAME = "child-obesity"
OPTIONS = (None, *as_it_stands(NAME).available_options)
MEAN_WORTH = (150_000 + 4 * 185_000 + 345_000) / 6
"""Of a case, at age six."""
SPREAD = np.log(1.28 / 0.72) / (2 * stats.norm.ppf(0.975))
FIXED = ("inputs.prevalence=20 %", "inputs.comparison bias=0 %")


def summary(*options: str, sets: tuple[str, ...] = ()) -> dict[str, Any]:
    return told(NAME, options, sets)


MEAN_RATIO = 0.96 * np.exp(SPREAD**2 / 2)


def present_value_of_cases(ratio: float, age: int) -> float:
    """Cases that 1,000 families avoid, discounted at 3 % from the day on which the child reaches an age.

    The share without the programme and the relative risk are independent: only their means count.
    """
    return sum(250 * 0.20 * (1 - ratio) * 1.03 ** -(group / 4 + age) for group in range(4))


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_loads_and_money_is_neither_made_nor_lost(option: str | None) -> None:
    assert summary(*([option] if option else []))["parties"]  # its books are checked


def test_the_base_case_rests_on_evidence_and_the_claim_stays_apart() -> None:
    shown = {entry["name"]: entry for entry in summary()["inputs"]}
    for name in ("prevalence", "relative risk", "lifetime cost"):
        assert shown[name]["status"] in ("published", "derived")
        assert shown[name]["source"] != "CLAIM"
    assert shown["cost per family"]["status"] == "assumed"
    assert all(entry["status"] != "claimed" for entry in shown.values())
    claimed = {e["name"] for e in summary("as claimed")["inputs"] if e["status"] == "claimed"}
    assert claimed == {"relative risk", "lifetime cost"}


def test_if_the_average_is_the_countys_the_claim_is_of_66_cases() -> None:
    """11 % of 1,000 children less 60 %; to come to SEK 102.7 m each must be worth as much more as there are fewer."""
    options = ("judged against the county's average", "as claimed")
    claimed = summary(*options)["outcomes"]["overweight"]["effect"]["mean"]
    assert abs(claimed - 66) < LIMIT * 1_000 * 0.0165 * 0.6 / np.sqrt(16_384)
    assert round(102.7e6 / 66, -3) == 1_556_000
    assert "SEK 1,556,000" in page(NAME)
    evidence = summary(options[0])["outcomes"]["overweight"]["effect"]["mean"]
    error = 1_000 * 0.11 * MEAN_RATIO * SPREAD / np.sqrt(16_384)
    assert abs(evidence - 1_000 * 0.11 * (1 - MEAN_RATIO)) < LIMIT * error


def test_every_krona_of_a_case_falls_somewhere_once() -> None:
    parties = summary("as claimed")["parties"]
    kinds = ("cashable_benefit_pv", "capacity_benefit_pv", "societal_benefit_pv")
    bodies = ("region", "municipality", "state", "outside")
    whole = sum(parties[body]["metrics"].get(kind, {"mean": 0.0})["mean"] for body in bodies for kind in kinds)
    assert parties["state"]["metrics"]["cashable_benefit_pv"]["mean"] / whole == pytest.approx(0.30, rel=1e-4)
    assert parties["outside"]["metrics"]["societal_benefit_pv"]["mean"] / whole == pytest.approx(0.45, rel=1e-4)
    assert parties["region"]["metrics"]["cashable_benefit_pv"]["mean"] / whole == pytest.approx(0.06, rel=1e-4)


@pytest.mark.parametrize(
    ("party", "share", "age"), [("state", 0.30 * 1.5126, 20), ("region", 0.06, 6), ("municipality", 0.015, 6)]
)
def test_each_public_body_saves_what_the_closed_form_says(party: str, share: float, age: int) -> None:
    saved = summary()["parties"][party]["metrics"]["cashable_benefit_pv"]
    truth = present_value_of_cases(MEAN_RATIO, age) * MEAN_WORTH * share
    assert truth == pytest.approx(1_009_390 * share / (1.5126 if age == 20 else 1.0), rel=1e-4)
    assert abs(saved["mean"] - truth) < LIMIT * saved["mc_error"]
    claimed = summary("as claimed")["parties"][party]["metrics"]["cashable_benefit_pv"]
    truth = present_value_of_cases(0.40, age) * 977_600 * share
    assert abs(claimed["mean"] - truth) < LIMIT * claimed["mc_error"]


def test_nothing_is_saved_while_the_contract_runs() -> None:
    rows = {row["year"]: row["parties"] for row in summary()["yearly"]}
    for party, years in (("region", {2030}), ("municipality", {2030}), ("state", {2044})):
        assert {year for year, row in rows.items() if row[party]["cashable_benefit"]["mean"]} == years


def test_the_team_costs_what_an_even_drop_out_leaves() -> None:
    drawn = summary()["parties"]["investor"]["metrics"]["drawn"]
    truth = 1_000 * 24_000 * 0.252 / -np.log1p(-0.252)
    assert abs(drawn["mean"] - truth) < LIMIT * drawn["mc_error"]


@pytest.mark.parametrize("ratio", [0.96, 1.0])
def test_the_payment_is_the_sum_over_all_reports(ratio: float) -> None:
    sets = (*FIXED, f"inputs.relative risk={ratio}")
    paid = summary(sets=sets)["parties"]["public_purse"]["metrics"]["outcome_payments"]
    others = np.arange(300, 500)
    chance = stats.binom.pmf(others, 2000, 0.20)
    truth = 0.0
    for found in range(690, 806):
        cases = np.arange(60, 240)[:, None]
        x = np.maximum(1000 * (others / 2000 - cases / found), 0.0)
        here = stats.binom.pmf(cases, found, 0.20 * ratio) * chance * np.minimum(185_000 * x, 30e6)
        truth += stats.binom.pmf(found, 1000, 0.748) * float(here.sum())
    assert abs(paid["mean"] - truth) < LIMIT * paid["mc_error"]
