"""Every type of outcome keeps each draw's luck: under another effect, and whatever reports are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import HEAD, deal, filled, world

QUARTERS = HEAD.replace("step: year", "step: quarter") + "horizon: 4 years\n"
TYPES = {
    "count": "type: count, better: fewer, over: 2 years, without: 3, sd: 2",
    "poisson": "type: count, better: fewer, over: 2 years, without: 3",
    "days": "type: days, better: fewer, over: 2 years, without: 30, sd: 40",
    "money": "type: money, better: fewer, over: 2 years, without: 30 k, sd: 40 k",
    "moving": "type: event, better: fewer, over: 2 years, without: 40 %, trend: 5 %, varies: {years: 5 %}",
}


def happened(outcome: str, effect: str, measures: str = "none") -> np.ndarray:
    text = deal(
        QUARTERS,
        outcomes=f"{{x: {{{outcome}, effect: {{{effect}}}}}}}",
        participants="{size: 300}",
        measures=measures,
    )
    w = world(text)
    return filled(w.truths[0].total_happened(), w.context.n_draws)


@pytest.mark.parametrize("kind", TYPES)
def test_another_effect_keeps_the_luck(kind: str) -> None:
    one, other = (happened(TYPES[kind], f"ratio: {ratio}") for ratio in (0.8, 1))
    assert np.corrcoef(one, other)[0, 1] >= 0.99


@pytest.mark.parametrize("kind", ["days", "money"])
def test_what_is_reported_on_the_way_changes_nothing(kind: str) -> None:
    """The whole is the same number in each draw, however often somebody looks."""
    looks = "{m: {of: x, as: total, reported: [2020-04, 2020-07, 2021-01, 2021-07, 2022-01]}}"
    never, often = (happened(TYPES[kind], "ratio: 0.9", measures) for measures in ("none", looks))
    assert np.array_equal(never, often)


def test_a_count_looked_at_on_the_way_keeps_its_law() -> None:
    looks = "{m: {of: x, as: total, reported: [2020-04, 2020-07, 2021-01, 2021-07, 2022-01]}}"
    never, often = (happened(TYPES["count"], "ratio: 0.9", measures) for measures in ("none", looks))
    assert np.mean(often) == pytest.approx(np.mean(never), rel=0.01)
    assert np.std(often) == pytest.approx(np.std(never), rel=0.05)


def test_steps_keep_their_luck_and_a_later_step_changes_no_earlier_one() -> None:
    def reached(second: str) -> tuple[np.ndarray, np.ndarray]:
        steps = f"{{a: [60 %, 1 month], b: [{second}, 6 months]}}"
        text = deal(
            QUARTERS,
            outcomes=f"{{x: {{type: milestones, better: more, steps: {steps}}}}}",
            participants="{size: 300}",
            measures="none",
        )
        truth = world(text).truths[0]
        one, two = (np.asarray(truth.step_found(step, "starters", 0, 6.0)) for step in ("a", "b"))
        return one, two

    (first, second), (again, higher) = reached("50 %"), reached("60 %")
    assert np.array_equal(first, again)
    assert np.all(higher >= second)
    assert np.corrcoef(second, higher)[0, 1] >= 0.95


def test_years_have_the_same_luck_for_every_cohort_and_another_cohort_changes_none() -> None:
    def totals(cohorts: str) -> list[np.ndarray]:
        outcome = "type: days, better: fewer, over: 1 year, with: 100, sd: 0, varies: {cohorts: 5 %, cohort_years: 5 %}"
        w = world(
            deal(outcomes=f"{{x: {{{outcome}}}}}", participants=f"{{size: 10, cohorts: {cohorts}}}", measures="none")
        )
        return [filled(t.total_happened(), w.context.n_draws) for t in w.truths]

    assert np.array_equal(totals("{c1: {}}")[0], totals("{c0: {}, c1: {}}")[1])
