"""The people of Stockholm's bond under the thresholds of Aarhus: the page's numbers, by hand and as run."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy import stats

from tests.pages import agrees, settle, summary, table
from tests.scenarios.by_hand import (
    check_option,
    check_people_are_those_of_the_bond,
    check_row,
    in_millions,
    option_row,
)
from tests.support import LIMIT

NAME = "stockholm-diabetes-aarhus"
SHARES = [f"big fall paid at {months} months" for months in (12, 24, 36)]
GOALS = [*(f"come at {months} months" for months in (12, 24, 36)), *SHARES, "mean fall paid at 36 months"]
ASKED = 44.5 * 0.085
CAUSED = 0.88 / 2 / stats.norm.ppf(0.975)
"""The sd of what the programme causes: 0.41 to 1.29."""


def chance_of_a_share(started: int, comes: float, sd_of_staying: float) -> float:
    """At least 31 % of those found have a big fall: over the fall, over who stays away and over who is found."""
    z = (np.arange(400) + 0.5) / 400
    falls = 1.26 + np.hypot(0.3, CAUSED) * stats.norm.ppf(z)
    p = stats.norm.cdf((falls - ASKED) / 4.0)[:, None]
    both = comes * (1 - comes) / sd_of_staying**2 - 1
    found = np.arange(started + 1)
    weight = stats.betabinom.pmf(found, started, comes * both, (1 - comes) * both)
    met = stats.binom.sf(np.ceil(0.31 * found - 1e-9) - 1, found, p).mean(axis=0)
    return float((weight * met).sum())


@functools.cache
def by_hand() -> dict[str, float]:
    chances = [chance_of_a_share(*c) for c in ((925, 0.80, 0.04), (848, 0.72, 0.04), (540, 0.64, 0.05))]
    paid = 9 + 5 * sum(chances)
    return {
        "people with a big fall, in the programme": 925 * stats.norm.cdf((1.26 - ASKED) / np.sqrt(16.09 + CAUSED**2)),
        "people with a big fall, without it": 925 * stats.norm.cdf((0.41 - ASKED) / np.sqrt(16.09)),
        "the share at 36 months reaches 31 %, of 100 futures": 100 * chances[2],
        "the share at 12 months reaches 31 %, of 100 futures": 100 * chances[0],
        "sd of the mean fall that is reported at 36 months": np.sqrt(0.09 + CAUSED**2 + 16 / (540 * 0.64)),
        "paid, SEK m": paid,
        "return of the mean flows, % a year": 100 * ((paid / 30) ** 0.2 - 1),
        "balance in 2035, SEK m": -paid - 2 + 3.127 + 0.924,
    }


def as_run() -> dict[str, float]:
    shown = summary(NAME)
    fall, payments = shown["outcomes"]["big fall at 36 months"], shown["payments"]
    investor = shown["parties"]["investor"]["metrics"]
    figures = (
        fall["expected_with"],
        fall["expected_without"],
        100 * payments[SHARES[2]]["pays"]["value"],
        100 * payments[SHARES[0]]["pays"]["value"],
        shown["measures"]["mean fall at 36 months"]["reports"][0]["sd"],
        shown["parties"]["payer"]["metrics"]["outcome_payments"]["mean"] / 1e6,
        100 * investor["irr_of_expected_flows"]["value"],
        shown["yearly"][-1]["balance"]["mean"] / 1e6,
    )
    return dict(zip(by_hand(), figures, strict=True))


@pytest.mark.parametrize("row", by_hand())
def test_the_page_states_what_a_hand_calculates_and_what_the_run_gives(row: str) -> None:
    check_row(NAME, row, by_hand(), as_run())


def test_the_run_agrees_with_the_hand() -> None:
    hand, shown = by_hand(), as_run()
    assert set(hand) == set(table(NAME, "Checked by hand"))
    for name in ("people with a big fall, in the programme", "people with a big fall, without it"):
        assert shown[name] == pytest.approx(hand[name], rel=2e-3)
    for name in (row for row in hand if row.endswith("of 100 futures")):
        p = hand[name] / 100
        assert abs(shown[name] / 100 - p) < LIMIT * np.sqrt(p * (1 - p) / 16_384)
    error = summary(NAME)["parties"]["payer"]["metrics"]["outcome_payments"]["mc_error"] / 1e6
    assert abs(shown["paid, SEK m"] - hand["paid, SEK m"]) < LIMIT * error
    assert shown["sd of the mean fall that is reported at 36 months"] == pytest.approx(0.432, abs=0.01)


@pytest.mark.parametrize("option", [None, "as the published share implies"])
def test_the_table_of_options_is_that_of_the_run(option: str | None) -> None:
    paid, none, chances = option_row(NAME, option)
    figures = summary(NAME, option)["parties"]["payer"]["metrics"]
    assert paid == in_millions(figures["outcome_payments"])
    assert agrees(none, figures["payment_without_effect"]["value"] / 1e6)
    shares = [100 * summary(NAME, option)["payments"][name]["pays"]["value"] for name in SHARES]
    assert all(agrees(cell.strip(), share) for cell, share in zip(chances.split(","), shares, strict=True))


def test_an_option_keeps_its_books() -> None:
    check_option(NAME, "with the floor of the bond")


def test_the_people_and_their_luck_are_those_of_the_bond() -> None:
    check_people_are_those_of_the_bond(NAME)


# ------------------------------------------------------------------------------------------------ the rule
def paid(comes: str, share: str, fall: float, *options: str) -> dict[str, float]:
    reports = {f"share that comes at {m} months": comes for m in (12, 24, 36)}
    reports |= {f"share with a big fall at {m} months": share for m in (12, 24, 36)}
    came = ", ".join(f"{name}: {value}" for name, value in (reports | {"mean fall at 36 months": str(fall)}).items())
    return settle(NAME, f"{{measures: {{{came}}}}}", *options)


def test_every_goal_is_met_at_its_threshold_and_missed_below() -> None:
    at = paid("36 %", "31 %", ASKED)
    assert [at[goal] for goal in GOALS] == [3e6] * 3 + [5e6] * 3 + [9e6]
    assert sum(at.values()) == 33e6
    below = paid("35.99 %", "30.99 %", ASKED - 0.001)
    assert sum(below.values()) == 0.0
    assert sum(paid("100 %", "0 %", -3.0).values()) == 9e6
    assert sum(paid("0 %", "100 %", 44.5).values()) == 24e6


def test_with_the_floor_the_goals_share_nine_million() -> None:
    option = "with the floor of the bond"
    assert sum(paid("0 %", "0 %", -1.0, option).values()) == 24e6
    assert sum(paid("36 %", "31 %", ASKED, option).values()) == pytest.approx(33e6, abs=5)


def test_a_group_that_passes_three_tests_is_what_three_dimensions_give() -> None:
    """Of tests that correlate by 0.7: all three above the threshold, over what they have in common."""
    common = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
    for fall, share in ((0.41, 0.080), (1.26, 0.120)):
        z = (ASKED - fall) / 4
        alone = stats.norm.sf((z - np.sqrt(0.7) * common) / np.sqrt(0.3))
        assert (alone**3).mean() == pytest.approx(share, abs=6e-4)


def test_the_published_share_implies_a_fall_of_almost_three() -> None:
    fall = 44.5 - 42 + stats.norm.ppf(0.54) * np.hypot(4, 1.73)
    assert fall == pytest.approx(2.94, abs=0.005)
