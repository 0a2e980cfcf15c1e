"""The sick-leave agreement of 2015: its sums, its rule at the corners, and what could be expected, by hand."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import pytest

import sibsim
from sibsim.replay import settled, settlement_summary
from tests.councils import Year
from tests.pages import at_defaults, page, stated, summary
from tests.support import LIMIT

NAME = "sick-leave-agreement-2015"
POT, DATE = 230e6, "2016-02"
YEAR = Year(2015, POT, 0.119)
SIX = ("Stockholm", "Uppsala", "Södermanland", "Östergötland", "Jönköping", "Kronoberg")
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


@cache
def told() -> dict[str, Any]:
    """All that the run says."""
    return summary(NAME)


def test_the_table_of_the_agreement_is_whole() -> None:
    sums = {p.name: p for p in sibsim.load(NAME).payments}
    run = at_defaults(NAME)
    most = {name: run.store.constant(("#payment", name, "highest")) for name in sums}
    councils = [name for name, payment in sums.items() if payment.to == "councils"]
    assert sum(most[name] for name in councils) == pytest.approx(805e6)
    assert sum(most.values()) == pytest.approx(1_000e6)
    assert sum(most[name] for name in sums if payment_to(sums[name].to)) == pytest.approx(195e6)
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
    assert paid["variable part", "Gotland"] == pytest.approx(230e6 * 57_255 / 9_746_105)


@pytest.mark.parametrize("council", SIX)
def test_the_goals_of_six_councils_follow_from_womens_rates(council: str) -> None:
    first, second, third = WOMEN[council]
    goals = (third / second < second / first) + (third / second < 9.4 / 8.4)
    assert goals == MET[council]
    paid = came()["variable part", council]
    assert paid == pytest.approx(YEAR.full[council] * goals / 2)
    assert stated(NAME, council)[6] == ("0" if goals == 0 else f"{paid / 1e6:.2f}")


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
        "condition 5": 80e6,
        "condition 3 extended": 25e6 * 0.95 * 0.5,
    }
    for name, truth in truths.items():
        assert abs(shown[name]["paid"]["mean"] - truth) <= LIMIT * shown[name]["paid"]["mc_error"] + 1.0
    assert f"| {truths['variable part'] / 1e6:.2f} | {shown['variable part']['paid']['mean'] / 1e6:.2f} (" in page(NAME)


def test_nobody_meets_a_goal() -> None:
    nothing = 1.0 - told()["payments"]["variable part"]["pays"]["value"]
    assert f"In {1000 * nothing:.0f} of 1,000 futures nobody meets a goal" in page(NAME)


def test_the_page_states_what_the_run_gives() -> None:
    assert stated(NAME, "(as it stands)") == row_of()


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
