"""The people of Stockholm's bond under the thresholds of Healthier Devon: the page's numbers, by hand and as run."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy import stats

from tests.pages import agrees, settle, summary
from tests.scenarios.by_hand import (
    check_option,
    check_people_are_those_of_the_bond,
    check_row,
    check_rows,
    in_millions,
    option_row,
)
from tests.support import LIMIT

NAME = "stockholm-diabetes-devon"
LEVELS = {
    ("HbA1c", 6): 1.2, ("waist", 6): 2.0, ("weight", 6): 2.0,
    ("HbA1c", 12): 2.4, ("waist", 12): 4.0, ("weight", 12): 3.0,
    ("HbA1c", 24): 1.2, ("waist", 24): 1.0, ("weight", 24): 1.5,
}  # fmt: skip
"""What is to be reached, by what is measured and months."""
FOUND = {6: 925 * 0.85, 12: 925 * 0.80, 24: 848 * 0.72}
HALF = stats.norm.ppf(0.975)
CAUSED = {"HbA1c": (0.85, 0.44 / HALF), "weight": (2.3, 0.7 / HALF)}
ALONE = {"HbA1c": (0.41, 0.3), "weight": (0.0, 0.3)}
SCATTER = {"HbA1c": 4.0, "waist": 6.0, "weight": 5.0}
GRID = (np.arange(2000) + 0.5) / 2000


def share(what: str, months: int, is_served: bool) -> float:
    """The mean share who reach a threshold: normal parts widen the scatter, uniform ones are averaged over."""
    kind = "weight" if what == "waist" else what
    (alone, sd_alone), (caused, sd_caused) = ALONE[kind], CAUSED[kind] if is_served else (0.0, 0.0)
    lasts = 0.5 + 0.5 * GRID[:, None] if months == 24 else np.ones((1, 1))
    per_kg = 0.7 + 0.6 * GRID[None, ::10] if what == "waist" else np.ones((1, 1))
    mean = per_kg * (alone + caused * lasts)
    sd = np.sqrt(SCATTER[what] ** 2 + per_kg**2 * (sd_alone**2 + (sd_caused * lasts) ** 2))
    return float(stats.norm.cdf((mean - LEVELS[what, months]) / sd).mean())


def paid(is_served: bool) -> float:
    return 3964 * sum(FOUND[months] * share(what, months, is_served) for what, months in LEVELS) / 1e6


@functools.cache
def by_hand() -> dict[str, float]:
    whole = paid(True)
    return {
        "people whose HbA1c is 1.2 lower at 6 months, in the programme": 925 * share("HbA1c", 6, True),
        "the same without it": 925 * share("HbA1c", 6, False),
        "people 3 kg lighter at 12 months, in the programme": 925 * share("weight", 12, True),
        "people with 1 cm less waist at 24 months, in the programme": 925 * share("waist", 24, True),
        "paid for HbA1c at 6 months, SEK m": 3964 * 925 * 0.85 * share("HbA1c", 6, True) / 1e6,
        "paid in all, SEK m": whole,
        "paid if the programme had no effect, SEK m": paid(False),
        "return of the mean flows, % a year": 100 * ((whole / 30) ** 0.2 - 1),
        "balance in 2035, SEK m": -whole - 2 + 3.127 + 0.924,
    }


def as_run() -> dict[str, float]:
    shown = summary(NAME)
    region, people = shown["parties"]["payer"]["metrics"], shown["outcomes"]
    figures = (
        people["HbA1c down at 6 months"]["expected_with"],
        people["HbA1c down at 6 months"]["expected_without"],
        people["weight down at 12 months"]["expected_with"],
        people["waist down at 24 months"]["expected_with"],
        shown["payments"]["HbA1c at 6 months"]["paid"]["mean"] / 1e6,
        region["outcome_payments"]["mean"] / 1e6,
        region["payment_without_effect"]["value"] / 1e6,
        100 * shown["parties"]["investor"]["metrics"]["irr_of_expected_flows"]["value"],
        shown["yearly"][-1]["balance"]["mean"] / 1e6,
    )
    return dict(zip(by_hand(), figures, strict=True))


@pytest.mark.parametrize("row", by_hand())
def test_the_page_states_what_a_hand_calculates_and_what_the_run_gives(row: str) -> None:
    check_row(NAME, row, by_hand(), as_run())


def test_the_run_agrees_with_the_hand() -> None:
    hand, shown = by_hand(), as_run()
    check_rows(NAME, hand, shown, 3e-3)
    error = summary(NAME)["parties"]["payer"]["metrics"]["outcome_payments"]["mc_error"] / 1e6
    assert abs(shown["paid in all, SEK m"] - hand["paid in all, SEK m"]) < LIMIT * error


@pytest.mark.parametrize("option", [None, "the mean decides"])
def test_the_table_of_options_is_that_of_the_run(option: str | None) -> None:
    pays, none, of_all = option_row(NAME, option)
    figures = summary(NAME, option)["parties"]["payer"]["metrics"]
    got, idle = figures["outcome_payments"], figures["payment_without_effect"]["value"]
    assert pays == in_millions(got)
    assert agrees(none, idle / 1e6)
    assert of_all == f"{100 * idle / got['mean']:.0f} %"


def test_an_option_keeps_its_books() -> None:
    check_option(NAME, "with the floor of the bond")


def test_the_people_and_their_luck_are_those_of_the_bond() -> None:
    check_people_are_those_of_the_bond(NAME)


# ------------------------------------------------------------------------------------------------ the rule
def settled(people: dict[tuple[str, int], float], *options: str) -> dict[str, float]:
    came = ", ".join(f"people with {what} down at {m} months: {n}" for (what, m), n in people.items())
    return settle(NAME, f"{{measures: {{{came}}}}}", *options)


def test_each_person_above_a_threshold_is_paid_for() -> None:
    one = settled({key: 100 if key == ("waist", 12) else 0 for key in LEVELS})
    assert one["waist at 12 months"] == 396_400
    assert sum(one.values()) == 396_400
    assert sum(settled(dict.fromkeys(LEVELS, 0)).values()) == 0.0
    everyone = {(what, m): 848 if m == 24 else 925 for what, m in LEVELS}
    assert sum(settled(everyone).values()) == 3964 * (6 * 925 + 3 * 848)


def test_dearer_prices_end_at_the_cap() -> None:
    assert sum(settled(dict.fromkeys(LEVELS, 600), "priced to repay the loan").values()) == pytest.approx(33e6)
    assert sum(settled(dict.fromkeys(LEVELS, 300), "priced to repay the loan").values()) == 9772 * 9 * 300


def test_where_the_mean_decides_it_pays_from_the_threshold_on() -> None:
    at = settled(LEVELS, "the mean decides")
    assert set(at.values()) == {3_666_666.0}
    assert sum(settled({k: v - 0.01 for k, v in LEVELS.items()}, "the mean decides").values()) == 0.0
    assert sum(settled(dict.fromkeys(LEVELS, -1.0), "the mean decides").values()) == 0.0
