"""Who can have an outcome: what is needed first, what is undone, cohorts, drop-outs and whose effect it is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support import HEAD, LIMIT, deal, filled, moved, run, world, z_of_covariance, z_of_mean, z_of_variance

QUARTERS = HEAD.replace("step: year", "step: quarter")
PAY = "{payments: {pay: {measure: m, per_unit: 1 000}}}"


def file(outcomes: str, measures: str = "none", participants: str = "{size: 10}", head: str = HEAD, **more: str) -> str:
    return deal(head, outcomes=outcomes, measures=measures, participants=participants, **more)


def paid(outcomes: str, measures: str, participants: str = "{size: 10}", head: str = HEAD) -> dict[int, float]:
    text = file(outcomes, measures, participants, head, contract=PAY)
    return moved(run(text)).get(("pay", "payer", "provider"), {})


# ------------------------------------------------------------------------------------------------ needs
LEASE = "lease: {type: event, better: more, over: 1 year, without: 40 %, with: 60 %}"
KEPT = "kept: {type: event, better: more, over: 2 years, begins: 1 year, needs: lease, without: 50 %, with: 75 %}"


@pytest.mark.key("outcomes.needs")
def test_only_those_who_had_the_one_can_have_the_other() -> None:
    """60 % get a lease and 75 % of those keep it: binomial of all with 45 %, against 40 % x 50 % = 20 % without."""
    n = 80
    w = world(file(f"{{{LEASE}, {KEPT}}}", "{m: {of: kept, as: average}}", f"{{size: {n}}}"))
    lease, kept = w.truths
    happened = filled(kept.total_happened(), w.context.n_draws)
    assert np.all(happened <= lease.total_happened())
    assert abs(z_of_mean(happened, n * 0.45)) < LIMIT
    assert abs(z_of_variance(happened, n * 0.45 * 0.55)) < LIMIT
    assert abs(z_of_covariance(happened, lease.total_happened(), n * 0.45 * 0.4)) < LIMIT
    assert kept.effect() == pytest.approx(n * (0.45 - 0.20))
    assert abs(z_of_mean(w.reports["m"][0].value, 0.75)) < LIMIT
    assert np.array_equal(w.reports["m"][0].counted, lease.total_happened())


@pytest.mark.key("outcomes.needs")
def test_what_is_needed_pays_by_hand() -> None:
    """All 10 move in after three months, and all who do stay two years: 10 x 730.5 days of 100 %."""
    outcomes = (
        "{s: {type: milestones, better: more, steps: {moves in: [100 %, 3 months], goes on: [0 %, 6 months]}},"
        " housed: {type: days, better: more, over: 2 years, needs: STEP, with: {share_of_time: 100 %}, sd: 0}}"
    )
    for step, days in (("moves in", 10 * 730.5), ("goes on", 0.0)):
        flows = paid(outcomes.replace("STEP", step), "{m: {of: housed, as: total, follow_up: 2 years}}")
        assert sum(flows.values()) == pytest.approx(days * 1_000)


@pytest.mark.key("outcomes.needs")
def test_benefits_follow_both_chances() -> None:
    """40 % x 50 % without, 60 % x 75 % with: 25 points more of 1,000 people at 100 each."""
    text = file(
        f"{{{LEASE}, {KEPT}}}", participants="{size: 1 000}", benefits="{b: {of: kept, kind: cashable, worth: 100}}"
    )
    saved = run(text + "horizon: 4 years\n").metric("payer", "cashable_benefit_pv")
    assert abs(z_of_mean(saved, 25_000, 100 * math.sqrt(1_000 * 0.45 * 0.55))) < LIMIT


@pytest.mark.parametrize("kind", ["event", "count", "days", "score"])
def test_people_join_as_they_get_what_is_needed(kind: str) -> None:
    """Both run from the start: by half of the time, those who had the one by then, with half of the other's time."""
    n, p, level = 60, 0.6, {"event": 0.5, "count": 3.0, "days": 50.0, "score": 50.0}[kind]
    sd = "" if kind == "event" else ", sd: 2"
    shown = "50 %" if kind == "event" else level
    outcomes = (
        "{a: {type: event, better: more, over: 2 years, with: 60 %},"
        f" k: {{type: {kind}, better: more, over: 2 years, needs: a, with: {shown}{sd}}}}}"
    )
    measures = "{half: {of: k, as: total, follow_up: 1 year}, m: {of: k, as: total, follow_up: 2 years}}"
    w = world(file(outcomes, measures, f"{{size: {n}}}"))
    early = 1 - (1 - p) ** 0.5
    half = {"event": 1 - 0.5**0.5, "score": level}.get(kind, level / 2)
    own = {"event": lambda x: x * (1 - x), "count": lambda x: x + (2 * x / level) ** 2}.get(
        kind, lambda x: (2 * x / level) ** 2
    )
    for name, share, mean in (("half", early, half), ("m", p, level)):
        value = w.reports[name][0].value
        variance = n * (share * own(mean) + share * (1 - share) * mean**2)
        assert abs(z_of_mean(value, n * share * mean, math.sqrt(variance))) < LIMIT
        assert abs(z_of_variance(value, variance)) < LIMIT
    if kind in ("event", "count"):
        assert np.all(w.reports["half"][0].value <= w.reports["m"][0].value)


def test_who_drops_out_is_told_apart_in_both() -> None:
    """Of 100 starters 40 % leave; only completers have an effect on the lease, and that carries over to keeping it."""
    outcomes = (
        "{lease: {type: event, better: more, over: 1 year, without: 20 %, effect: {ratio: 4, among: completers}},"
        " kept: {type: event, better: more, over: 1 year, begins: 1 year, needs: lease, without: 50 %}}"
    )
    w = world(file(outcomes, participants="{size: 100, duration: 1 year, dropout: 40 %}"))
    kept = w.truths[1]
    assert {c.who for c in kept.classes} == {"completers", "dropouts"}
    assert abs(z_of_mean(filled(kept.total_happened(), w.context.n_draws), 60 * 0.8 * 0.5 + 40 * 0.2 * 0.5)) < LIMIT
    assert abs(z_of_mean(kept.effect(), 60 * 0.6 * 0.5)) < LIMIT


# ------------------------------------------------------------------------------------------------ undone
@pytest.mark.key("outcomes.undone")
def test_events_that_are_undone_do_not_count() -> None:
    """60 % restored, a quarter of them reversed: 45 %; the effect of 40 points is 30."""
    n = 80
    outcome = "{r: {type: event, better: more, over: 1 year, without: 20 %, with: 60 %, undone: 25 %}}"
    w = world(file(outcome, "{m: {of: r, as: total, follow_up: 1 year}}", f"{{size: {n}}}"))
    value = w.reports["m"][0].value
    assert abs(z_of_mean(value, n * 0.45, math.sqrt(n * 0.45 * 0.55))) < LIMIT
    assert abs(z_of_variance(value, n * 0.45 * 0.55)) < LIMIT
    assert w.truths[0].effect() == pytest.approx(n * 0.3)
    assert w.truths[0].level_at(0, 1.0) == pytest.approx(0.15)


@pytest.mark.key("outcomes.undone")
def test_what_is_wholly_undone_pays_nothing() -> None:
    outcome = "{r: {type: event, better: more, over: 1 year, with: 100 %, undone: SHARE}}"
    measures = "{m: {of: r, as: total, follow_up: 1 year}}"
    assert paid(outcome.replace("SHARE", "100 %"), measures) == {}
    assert paid(outcome.replace("SHARE", "0 %"), measures) == pytest.approx({1: 10_000})


# ------------------------------------------------------------------------------------------------ cohorts
@pytest.mark.key("outcomes.cohorts")
def test_only_some_cohorts_can_have_it() -> None:
    """Girls alone: 10 of 30 people have 12 days each; the average is over those who can have any."""
    people = "{cohorts: {girls: {size: 10}, boys: {size: 20}}}"
    outcome = "{x: {type: days, better: more, over: 1 year, with: 12, sd: 0, cohorts: [girls]}}"
    assert paid(outcome, "{m: {of: x, as: total, follow_up: 1 year}}", people) == pytest.approx({1: 120_000})
    assert paid(outcome, "{m: {of: x, as: average}}", people) == pytest.approx({1: 12_000})
    assert len(world(file(outcome, participants=people), replicates=8).truths) == 1


# ------------------------------------------------------------------------------------------------ drop-outs, among
DROP = "{size: 1 000, take_up: 80 %, duration: 1 year, dropout: 25 %}"


@pytest.mark.key("outcomes.dropout_effect", "effect.among")
@pytest.mark.parametrize(
    ("among", "kept", "by_starter"),
    [
        ("starters", None, 10.0),  # has its drop-outs in it
        ("completers", None, 0.75 * 10),  # drop-outs have nothing of it
        ("completers", "40 %", 0.75 * 10 + 0.25 * 4),
        ("offered", None, 10 / 0.8),  # 10 on average over all offered, so 12.5 by starter
    ],
)
def test_whose_effect_it_is(among: str, kept: str | None, by_starter: float) -> None:
    """10 days less among the named group; 800 of 1,000 start on average, and each day is worth 1."""
    more = f", dropout_effect: {kept}" if kept else ""
    effect = f"effect: {{difference: -10, among: {among}}}{more}"
    text = file(
        f"{{x: {{type: days, better: fewer, over: 1 year, without: 30, {effect}, sd: 0}}}}",
        participants=DROP,
        benefits="{b: {of: x, kind: cashable, worth: 1}}",
    )
    saved = run(text + "horizon: 2 years\n").metric("payer", "cashable_benefit_pv")
    starters = 1_000 * 0.8 * 0.2 * by_starter**2
    leavers = 800 * 0.75 * 0.25 * (10 - (4 if kept else 0)) ** 2 if among == "completers" else 0.0
    assert abs(z_of_mean(saved, 800 * by_starter, math.sqrt(starters + leavers))) < LIMIT


@pytest.mark.parametrize("kind", ["count", "days", "money", "score"])
@pytest.mark.parametrize("among", ["offered", "starters", "completers"])
def test_an_average_over_the_group_named_is_as_stated(kind: str, among: str) -> None:
    """What each group reads: the stated 6 less among the group itself, whatever the type."""
    outcome = f"{{x: {{type: {kind}, better: fewer, over: 1 year, without: 30, "
    outcome += f"effect: {{difference: -6, among: {among}}}{'' if kind == 'count' else ', sd: 5'}}}}}"
    people = {"offered": "m1", "starters": "m2", "completers": "m3"}
    measures = ", ".join(f"{name}: {{of: x, as: average, people: {who}}}" for who, name in people.items())
    w = world(file(outcome, f"{{{measures}}}", DROP))
    assert abs(z_of_mean(w.reports[people[among]][0].value, 24.0)) < LIMIT
    starters = {"offered": 6 / 0.8, "starters": 6.0, "completers": 6 * 0.75}[among]
    assert abs(z_of_mean(w.reports["m2"][0].value, 30 - starters)) < LIMIT
    assert abs(z_of_mean(w.reports["m1"][0].value, 30 - 0.8 * starters)) < LIMIT
