"""The sick-leave agreement of 2014: its sums, its rule at the corners, and what could be expected, by hand."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import sibsim
from sibsim.replay import settled, settlement_summary
from tests.councils import Year, misread_by_rounding
from tests.pages import at_defaults, page, stated, summary
from tests.support import LIMIT, world

NAME = "sick-leave-agreement-2014"
POT, DATE = 308e6, "2015-02"
YEAR = Year(2014, POT, 0.091)
SIX = ("Stockholm", "Uppsala", "Södermanland", "Östergötland", "Jönköping", "Kronoberg")
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


@cache
def told() -> dict[str, Any]:
    """All that the run says."""
    return summary(NAME)


def test_the_table_of_the_agreement_is_whole() -> None:
    sums = {p.name: p for p in sibsim.load(NAME).payments}
    run = at_defaults(NAME)
    most = {name: run.store.constant(("#payment", name, "highest")) for name in sums}
    councils = [name for name, payment in sums.items() if payment.to == "councils"]
    assert sum(most[name] for name in councils) == pytest.approx(808e6)
    assert sum(most.values()) == pytest.approx(1_000e6)
    assert sum(most[name] for name in sums if payment_to(sums[name].to)) == pytest.approx(192e6)
    assert told()["contract"]["highest"] == pytest.approx(1_000e6)


def payment_to(who: str) -> bool:
    return who in ("skl", "agency", "welfare board", "developers", "occupational health", "evaluators")


@cache
def came(sets: tuple[str, ...] = (), option: str = "") -> dict[tuple[str, str], float]:
    """What is paid for what came, by payment and council."""
    shown = settlement_summary(settled(sibsim.load(NAME, [option] if option else [], list(sets))))
    found: dict[tuple[str, str], float] = defaultdict(float)
    for one in shown["payments"]:
        found[one["payment"], one["cohort"]] += one["amount"]
    return found


CORNERS = {
    "Stockholm": (1.08, 1.085, 1.0),
    "Uppsala": (1.095, 1.10, 0.5),
    "Skåne": (1.085, 1.08, 0.5),
    "Halland": (1.12, 1.09, 0.0),
    "Kalmar": (1.085, 1.085, 0.5),  # a tie meets nothing: strictly below
    "Dalarna": (1.09, 1.10, 0.5),
    "Blekinge": (1.09, 1.09, 0.0),
    "Gotland": (0.95, 0.96, 1.0),
}
"""Growth, growth the year before, and the part of the variable part that is paid if the country grew by 9 %."""


def test_both_goals_one_or_none() -> None:
    now, before = (", ".join(f"{name}: {case[i]}" for name, case in CORNERS.items()) for i in (0, 1))
    reports = f"growth: {{{DATE}: {{{now}}}}}, growth the year before: {{{DATE}: {{{before}}}}}"
    paid = came((f"actuals={{measures: {{{reports}, national growth the year before: 1.09}}}}",))
    for name, (_, _, part) in CORNERS.items():
        assert paid["variable part", name] == pytest.approx(part * POT * YEAR.share[name])
    assert paid["variable part", "Gotland"] == pytest.approx(308e6 * 57_161 / 9_643_969)


def test_stockholm_and_gotland_as_in_the_facts() -> None:
    assert YEAR.full["Stockholm"] == pytest.approx(69.1e6, abs=0.05e6)
    assert YEAR.full["Stockholm"] / 2 == pytest.approx(34.5e6, abs=0.05e6)
    assert YEAR.full["Gotland"] == pytest.approx(1.83e6, abs=0.005e6)


@pytest.mark.parametrize("council", SIX)
def test_the_goals_of_six_councils_follow_from_womens_rates(council: str) -> None:
    first, second, third = WOMEN[council]
    goals = (third / second < second / first) + (third / second < 8.4 / 7.7)
    assert goals == MET[council]
    paid = came()["variable part", council]
    assert paid == pytest.approx(YEAR.full[council] * goals / 2)
    assert stated(NAME, council)[6] == ("0" if goals == 0 else f"{paid / 1e6:.2f}")


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
    """Each goal is an integral; half of the variable part for each."""
    shown = told()
    found = shown["cohorts"][council]["payments"]["variable part"]
    assert abs(found["value"] - YEAR.expected(council)) < LIMIT * found["mc_error"]
    goals = next(r["mean"] for r in shown["measures"]["goals met"]["reports"] if r["cohort"] == council)
    whole = shown["cohorts"][council]["paid"]
    words = [f"{x / 1e6:.2f}" for x in (YEAR.full[council], found["value"], whole["mean"], whole["p05"], whole["p95"])]
    assert stated(NAME, council)[:6] == [words[0], f"{goals:.2f}", *words[1:]]


def test_what_all_can_expect() -> None:
    shown = told()["payments"]
    truths = {
        "variable part": sum(YEAR.expected(name) for name in YEAR.names),
        **{f"condition {n}": 0.95 * pot * 1e6 for n, pot in enumerate((50, 150, 150, 100), 1)},
        "condition 5": 50e6 * (1 - 0.2**21),
    }
    for name, truth in truths.items():
        assert abs(shown[name]["paid"]["mean"] - truth) <= LIMIT * shown[name]["paid"]["mc_error"] + 1.0
    assert f"| {truths['variable part'] / 1e6:.2f} | {shown['variable part']['paid']['mean'] / 1e6:.2f} (" in page(NAME)


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
    assert stated(NAME, "(as it stands)") == row_of()
    drawn = told()["variance_by_layer"]["payer.outcome_payments"]["inputs"]
    assert f"({100 * drawn:.0f} %)" in page(NAME)


def row_of() -> list[str]:
    """The row of the table of options for a run."""
    shown = told()
    paid, got = (
        shown["parties"]["payer"]["metrics"]["outcome_payments"],
        shown["parties"]["councils"]["metrics"]["margin"],
    )
    part = shown["payments"]["variable part"]["paid"]
    figures = (paid["mean"], got["mean"], *(part[key] for key in ("mean", "p05", "p50", "p95")))
    return [f"{figure / 1e6:.2f}" for figure in figures]


def test_a_file_that_extends_it_finds_its_table(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"sibsim: 1\nextends: {NAME}\nchanges: {{outcomes.mental ill-health.with: 90 %}}\n", encoding="utf-8"
    )
    assert len(sibsim.load(path).cohorts) == 21
