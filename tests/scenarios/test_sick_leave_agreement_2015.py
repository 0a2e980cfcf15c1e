"""The sick-leave agreement of 2015: its sums, its rule at the corners, and what could be expected, by hand."""

from __future__ import annotations

import pytest

import sibsim
from sibsim.replay import settled, settlement_summary
from tests.pages import page
from tests.scenarios.agreements import SIX, Agreement

WOMEN = {
    "Stockholm": (9.8, 10.8, 12.2),
    "Uppsala": (10.6, 11.8, 13.0),
    "Södermanland": (11.6, 13.1, 15.0),
    "Östergötland": (9.3, 10.2, 11.2),
    "Jönköping": (11.0, 12.1, 13.8),
    "Kronoberg": (11.3, 12.2, 13.9),
}
MET = {"Stockholm": 0, "Uppsala": 2, "Södermanland": 0, "Östergötland": 1, "Jönköping": 0, "Kronoberg": 0}
"""Goals met in 2015, read off women's rates and 9.4 / 8.4 for the country."""

AGREEMENT = Agreement(2015, 230e6, 0.119, "2016-02", WOMEN, (9.4, 8.4), 57_255 / 9_746_105)
NAME, YEAR, DATE, came = AGREEMENT.name, AGREEMENT.hand, AGREEMENT.date, AGREEMENT.came


def test_the_table_of_the_agreement_is_whole() -> None:
    AGREEMENT.check_table(805e6)


def test_both_goals_one_or_none() -> None:
    AGREEMENT.check_corners()


@pytest.mark.parametrize("council", SIX)
def test_the_goals_of_six_councils_follow_from_womens_rates(council: str) -> None:
    AGREEMENT.check_goals(council, MET[council])


def test_what_came_agrees_with_what_was_expected() -> None:
    shown = settlement_summary(settled(sibsim.load(NAME)))
    assert [one["agrees"] for one in shown["expected"]] == [True] * 6


def met(measure: str, council: str = "Gotland") -> str:
    """A report that one council met a condition and the others did not."""
    others = ", ".join(f"{name}: {int(name == council)}" for name in YEAR.names)
    return f"{measure}: {{{DATE}: {{{others}}}}}"


def test_the_further_25_m_of_condition_3() -> None:
    """Its part of 25 m if it has the function and meets the condition; by other readings of 175 m, or all of 25 m."""
    share = YEAR.share["Gotland"]
    with_function = (f"actuals={{measures: {{{met('met 3')}, {met('met 3 extended')}}}}}",)
    found = came(with_function)
    assert found["condition 3", "Gotland"] == pytest.approx(150e6 * share)
    assert found["condition 3 extended", "Gotland"] == pytest.approx(25e6 * share)
    without = came((f"actuals={{measures: {{{met('met 3')}, {met('met 3 extended', 'Skåne')}}}}}",))
    assert ("condition 3 extended", "Gotland") not in without
    assert ("condition 3 extended", "Skåne") not in without
    alone = came((f"actuals={{measures: {{{met('met 3')}}}}}",), "condition 3 by the payment clause")
    assert alone["condition 3", "Gotland"] == pytest.approx(175e6 * share)
    shared = came(with_function, "further 25 m shared among those that qualify")
    assert shared["condition 3 extended", "Gotland"] == pytest.approx(25e6)


def test_condition_5_is_a_part_of_the_sum_or_shared() -> None:
    sets = (f"actuals={{measures: {{{met('met 5')}}}}}",)
    assert came(sets)["condition 5", "Gotland"] == pytest.approx(100e6 * YEAR.share["Gotland"])
    shared = came(sets, "condition 5 shared among those that qualify")
    assert shared["condition 5", "Gotland"] == pytest.approx(100e6)


@pytest.mark.parametrize("council", [*SIX, "Gotland"])
def test_what_a_council_can_expect(council: str) -> None:
    AGREEMENT.check_council(council)


def test_what_all_can_expect() -> None:
    AGREEMENT.check_all({"condition 5": 80e6, "condition 3 extended": 25e6 * 0.95 * 0.5})


def test_nobody_meets_a_goal() -> None:
    nothing = 1.0 - AGREEMENT.shown["payments"]["variable part"]["pays"]["value"]
    assert f"In {1000 * nothing:.0f} of 1,000 futures nobody meets a goal" in page(NAME)


def test_the_page_states_what_the_run_gives() -> None:
    AGREEMENT.check_page()
