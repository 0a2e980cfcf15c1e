"""The sick-leave agreement of 2014: its sums, its rule at the corners, and what could be expected, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import sibsim
from sibsim.replay import settled, settlement_summary
from tests.councils import misread_by_rounding
from tests.pages import page, stated
from tests.scenarios.agreements import SIX, Agreement
from tests.support import LIMIT, world

WOMEN = {
    "Stockholm": (9.0, 9.8, 10.8),
    "Uppsala": (10.2, 10.6, 11.8),
    "Södermanland": (9.8, 11.6, 13.1),
    "Östergötland": (8.7, 9.3, 10.2),
    "Jönköping": (9.9, 11.0, 12.1),
    "Kronoberg": (10.5, 11.3, 12.2),
}
MET = {"Stockholm": 0, "Uppsala": 0, "Södermanland": 1, "Östergötland": 0, "Jönköping": 1, "Kronoberg": 1}
"""Goals met in 2014, read off women's rates and 8.4 / 7.7 for the country."""

AGREEMENT = Agreement(2014, 308e6, 0.091, "2015-02", WOMEN, (8.4, 7.7), 57_161 / 9_643_969)
NAME, YEAR, DATE, came = AGREEMENT.name, AGREEMENT.hand, AGREEMENT.date, AGREEMENT.came


def test_the_table_of_the_agreement_is_whole() -> None:
    AGREEMENT.check_table(808e6)


def test_both_goals_one_or_none() -> None:
    AGREEMENT.check_corners()


def test_stockholm_and_gotland_as_in_the_facts() -> None:
    assert YEAR.full["Stockholm"] == pytest.approx(69.1e6, abs=0.05e6)
    assert YEAR.full["Stockholm"] / 2 == pytest.approx(34.5e6, abs=0.05e6)
    assert YEAR.full["Gotland"] == pytest.approx(1.83e6, abs=0.005e6)


@pytest.mark.parametrize("council", SIX)
def test_the_goals_of_six_councils_follow_from_womens_rates(council: str) -> None:
    AGREEMENT.check_goals(council, MET[council])


def test_what_came_agrees_with_what_was_expected() -> None:
    shown = settlement_summary(settled(sibsim.load(NAME)))
    agrees = {one["figure"]: one["agrees"] for one in shown["expected"]}
    assert [figure for figure, is_so in agrees.items() if is_so is not True] == ["parties.councils.net"]
    assert next(
        one["computed"] for one in shown["expected"] if one["figure"] == "parties.councils.net"
    ) == pytest.approx(500e6 + sum(YEAR.full[name] * goals / 2 for name, goals in MET.items()))


def test_those_that_meet_condition_5_share_its_pot() -> None:
    others = ", ".join(f"{name}: 0" for name in YEAR.names if name not in ("Gotland", "Uppsala"))
    sets = (f"actuals={{measures: {{met 5: {{{DATE}: {{Gotland: 1, Uppsala: 1, {others}}}}}}}}}",)

    def paid(option: str = "") -> dict[str, float]:
        return {who: amount for (name, who), amount in came(sets, option).items() if name == "condition 5"}

    assert paid() == pytest.approx({"Gotland": 50e6 * 57_161 / 402_642, "Uppsala": 50e6 * 345_481 / 402_642})
    alone = paid("condition 5 as a share")
    assert alone == pytest.approx({"Gotland": 50e6 * 57_161 / 9_643_969, "Uppsala": 50e6 * 345_481 / 9_643_969})


@pytest.mark.parametrize("council", [*SIX, "Gotland"])
def test_what_a_council_can_expect(council: str) -> None:
    AGREEMENT.check_council(council)


def test_what_all_can_expect() -> None:
    AGREEMENT.check_all({"condition 5": 50e6 * (1 - 0.2**21)})


def test_how_often_a_goal_is_misread() -> None:
    """The page's chances are those of the options; by hand, integrals for goal 1 of three councils."""
    n = 16_384
    for option, row in (("goals from rounded rates", "from rounded rates"), (ERROR, "days off by half a percent")):
        w = world(sibsim.load(NAME, [option]), replicates=16)
        for goal in (1, 2):
            found = {r.cohort: float(np.mean(r.value)) for r in w.reports[f"goal {goal} misread"]}
            assert stated(NAME, f"goal {goal}, {row}") == [f"{found[name]:.4f}" for name in SIX]
            for council in ("Stockholm", "Uppsala", "Södermanland") if goal == 1 else ():
                first, second, _ = WOMEN[council]
                truth = misread_by_rounding(first, second, 0.091) if option != ERROR else by_error(council)
                assert abs(found[council] - truth) < LIMIT * np.sqrt(truth * (1 - truth) / n)


ERROR = "an error of half a percent in the days"


def by_error(council: str) -> float:
    """The chance that growth and growth with an error of sd 0.00545 lie on two sides of the council's threshold."""
    threshold = YEAR.before[YEAR.names.index(council)]
    grid = np.linspace(-0.025, 0.025, 401)
    sides = YEAR.below(np.maximum(threshold - grid, 0.01)) - YEAR.below(np.asarray(threshold))
    weights = stats.norm.pdf(grid / 0.00545)
    return float(np.sum(np.abs(sides) * weights) / np.sum(weights))


def test_the_page_states_what_the_run_gives() -> None:
    AGREEMENT.check_page()
    drawn = AGREEMENT.shown["variance_by_layer"]["payer.outcome_payments"]["inputs"]
    assert f"({100 * drawn:.0f} %)" in page(NAME)


def test_a_file_that_extends_it_finds_its_table(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"sibsim: 1\nextends: {NAME}\nchanges: {{outcomes.mental ill-health.with: 90 %}}\n", encoding="utf-8"
    )
    assert len(sibsim.load(path).cohorts) == 21
