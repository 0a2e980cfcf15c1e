"""Whom the programme reaches and what it does to them, in money worked out by hand."""

from __future__ import annotations

import math

import pytest

from tests.support import HEAD, LIMIT, deal, moved, run, z_of_mean

N = 10_000
P0 = 0.4


def saved(effect: str, participants: str = f"{{size: {N}}}") -> str:
    """A file in which each case avoided saves 3."""
    return deal(
        HEAD + "horizon: 1 year\n",
        outcomes=f"{{case: {{type: event, better: fewer, over: 1 year, without: {100 * P0} %, {effect}}}}}",
        participants=participants,
        measures="none",
        benefits="{care: {of: case, kind: cashable, worth: 3}}",
    )


@pytest.mark.key("participants.intake", "participants.start", "participants.cohorts", "participants.size")
def test_when_people_start_is_when_they_cost() -> None:
    """8 people over two years from 2021: 4 and 4; cohorts of 3 and 5 in 2020 and 2022. 6 each."""
    costs = "{service: {amount: 6, per: starter}}"
    one = run(deal(participants="{size: 8, start: 2021-01, intake: 2 years}", measures="none", costs=costs))
    assert moved(one)["service", "provider", "outside"] == {1: 24, 2: 24}
    cohorts = "{cohorts: {a: {size: 3}, b: {size: 5, start: 2022-01}}}"
    two = run(deal(participants=cohorts, measures="none", costs=costs))
    assert moved(two)["service", "provider", "outside"] == {0: 18, 2: 30}


@pytest.mark.key("participants.take_up", "participants.duration", "costs.per")
@pytest.mark.parametrize(("take_up", "starters"), [(0, 0), (100, 8)])
@pytest.mark.parametrize("years", [1, 3])
def test_people_cost_while_they_take_part(take_up: int, starters: int, years: int) -> None:
    """8 offered at 2 each; every month of a starter 5, for as long as the programme lasts."""
    people = f"{{size: 8, take_up: {take_up} %, duration: {years} years}}"
    costs = "{offer: {amount: 2, per: offered}, month: {amount: 5, per: person_month}}"
    table = moved(run(deal(participants=people, measures="none", costs=costs)))
    assert table["offer", "provider", "outside"] == {0: 16}
    months = dict.fromkeys(range(years), 60.0 * starters) if starters else {}
    assert table.get(("month", "provider", "outside"), {}) == pytest.approx(months)


@pytest.mark.key("participants.dropout")
def test_who_drops_out_does_not_complete() -> None:
    costs = "{bonus: {amount: 2, per: completer}}"
    people = f"{{size: {N}, duration: 1 year, dropout: 30 %}}"
    paid = run(deal(participants=people, measures="none", costs=costs)).metric("provider", "margin")
    assert abs(z_of_mean(-paid, 2 * 0.7 * N, 2 * math.sqrt(N * 0.7 * 0.3))) < LIMIT


@pytest.mark.key(
    "effect.ratio", "effect.hazard_ratio", "effect.odds_ratio", "effect.difference", "effect.among",
    "outcomes.effect", "outcomes.with", "outcomes.without", "benefits.of", "benefits.worth",
)  # fmt: skip
@pytest.mark.parametrize(
    ("effect", "with_programme"),
    [
        ("effect: {ratio: 0.75}", 0.3),
        ("effect: {hazard_ratio: 0.5}", 1 - math.sqrt(0.6)),
        ("effect: {odds_ratio: 0.5}", 0.2 / 0.8),  # odds of 2/3 become 1/3
        ("effect: {difference: -10 %}", 0.3),
        ("with: 28 %", 0.28),
        ("effect: {difference: -10 %, among: offered}", 0.3),
    ],
)
def test_what_is_avoided_is_worth_money(effect: str, with_programme: float) -> None:
    """Cases avoided are what 40 % would be less what happened, a binomial number: mean n (0.4 - p), sd sqrt(n p q)."""
    found = run(saved(effect)).metric("payer", "net_budget_effect_pv")
    p = with_programme
    assert abs(z_of_mean(found, 3 * N * (P0 - p), 3 * math.sqrt(N * p * (1 - p)))) < LIMIT


@pytest.mark.key("effect.among")
@pytest.mark.parametrize(("among", "share"), [("offered", 1.0), ("starters", 0.5), ("completers", 0.25)])
def test_the_effect_is_that_of_the_group_it_names(among: str, share: float) -> None:
    """10 points fewer on average over all offered, over the half who start, or the quarter who complete."""
    people = f"{{size: {N}, take_up: 50 %, duration: 1 year, dropout: 50 %}}"
    found = run(saved(f"effect: {{difference: -10 %, among: {among}}}", people)).metric("payer", "net_budget_effect_pv")
    assert abs(z_of_mean(found, 3 * N * 0.1 * share)) < LIMIT


@pytest.mark.key("participants.effect_share")
@pytest.mark.parametrize("share", [0, 25, 100])
def test_a_cohort_may_get_a_part_of_the_effect(share: int) -> None:
    people = f"{{cohorts: {{a: {{size: {N}, effect_share: {share} %}}}}}}"
    found = run(saved("effect: {difference: -20 %}", people)).metric("payer", "net_budget_effect_pv")
    p = P0 - 0.2 * share / 100
    assert abs(z_of_mean(found, 3 * N * 0.2 * share / 100, 3 * math.sqrt(N * p * (1 - p)))) < LIMIT


@pytest.mark.key("tranches.hurdle", "finance.recycle")
@pytest.mark.parametrize(
    ("hurdle", "npv"), [("", 10.0), (", hurdle: 10 %", 110 / 1.1 - 100), (", hurdle: 5 %", 110 / 1.05 - 100)]
)
def test_a_hurdle_discounts_what_a_lender_gets(hurdle: str, npv: float) -> None:
    text = deal(
        HEAD,
        measures="none",
        contract="{payments: {p: {amount: 110, at: 2021-01}}}",
        costs="{c: {amount: 100}}",
        finance=f"{{tranches: {{loan: {{amount: 100{hurdle}}}}}, recycle: none}}",
    )
    assert run(text).metric("investor", "npv")[0] == pytest.approx(npv, abs=1e-9)
