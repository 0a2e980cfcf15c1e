"""Caps per person: people drawn one by one, their histories consistent with the totals, against enumeration by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from sibsim.settlement.persons import due_under_cap
from tests.analytic.test_payments import paid, payments
from tests.support import HEAD, LIMIT, deal, run, world, z_of_mean

QUARTERS = HEAD.replace("step: year", "step: quarter")


def card(cap: str, more: str = "", **sections: str) -> str:
    """A rate card with two events, by default 60 % and 30 % independent of each other, priced 700 and 900."""
    base = {
        "participants": "{size: 40}",
        "outcomes": "{entry: {type: event, better: more, over: 1 year, with: 60 %},"
        " job: {type: event, better: more, over: 1 year, with: 30 %}}",
        "measures": "{entries: {of: entry, as: total, follow_up: 12 months},"
        " jobs: {of: job, as: total, follow_up: 12 months}}",
        "contract": payments(f"p: {{prices: {{entries: 700, jobs: 900}}, cap: {{per_person: {cap}}}{more}}}"),
    }
    return deal(**(base | sections))


def total(text: str, **more: int) -> np.ndarray:
    return run(text, **more).metric("payer", "outcome_payments")


@pytest.mark.key("cap.per_person", "payments.prices")
@pytest.mark.parametrize("cap", [0, 500, 700, 800, 900, 1_000, 1_600, 2_000])
def test_two_independent_events_under_a_cap(cap: int) -> None:
    """Each person is due min(700 a + 900 b, cap), with a and b independent: its mean and variance by enumeration.

    At a cap of 1,000: 0.42 x 700 + 0.12 x 900 + 0.18 x 1,000 = 582 a person.
    """
    chances = {0: 0.4 * 0.7, 700: 0.6 * 0.7, 900: 0.4 * 0.3, 1600: 0.6 * 0.3}
    mean = sum(p * min(x, cap) for x, p in chances.items())
    variance = sum(p * min(x, cap) ** 2 for x, p in chances.items()) - mean**2
    if cap == 1_000:
        assert mean == pytest.approx(582)
    found = total(card(str(cap)))
    assert abs(z_of_mean(found, 40 * mean)) < LIMIT
    if variance > 0:
        assert found.var(ddof=1) == pytest.approx(40 * variance, rel=LIMIT * math.sqrt(2 / len(found)) * 1.1)
    assert found.max() <= 40 * cap
    assert set(np.unique(found % 100)) == {0.0}


@pytest.mark.key("cap.per_person", "payments.if")
@pytest.mark.parametrize(
    ("condition", "by_date"),
    [
        ("", {1: 10_000, 2: 2_000}),  # 500 for each of 20, then what 600 leave of 400
        (", if: {has: at least 0}", {1: 10_000, 2: 2_000}),
        (", if: {there: at least 1}", {2: 8_000}),  # from 2022: the first year used nothing up
        (", if: {there: at least 2}", {}),
    ],
)
def test_where_a_condition_fails_nobodys_cap_is_used_up(condition: str, by_date: dict[int, float]) -> None:
    text = deal(
        participants="{size: 20}",
        outcomes="{way: {type: milestones, better: more,"
        " steps: {moves in: [100 %, 3 months], stays: [100 %, 18 months]}},"
        " money: {type: score, each: cohort, better: more, over: 1 year, with: 1}}",
        measures="{reached: {of: way, as: total, reported: [2021-01, 2022-01]},"
        " there: {of: money, as: average, reported: 2022-01}, has: {of: starts, as: total, reported: 2021-01}}",
        contract=payments(f"p: {{prices: {{moves in: 500, stays: 400}}, cap: {{per_person: 600}}{condition}}}"),
    )
    assert paid(text, "p")[0] == by_date


@pytest.mark.key("cap.per_person", "payments.round")
@pytest.mark.parametrize(
    ("rule", "by_date"), [("{to: 3 k, direction: up}", {1: 12_000, 2: 3_000}), ("7 k", {1: 7_000})]
)
def test_what_is_due_under_a_cap_per_person_is_rounded_added_up(rule: str, by_date: dict[int, float]) -> None:
    """10 000 and 2 000 are due for all of them; the bound grows by as much as rounding may add."""
    text = deal(
        participants="{size: 20}",
        outcomes="{way: {type: milestones, better: more,"
        " steps: {moves in: [100 %, 3 months], stays: [100 %, 18 months]}}}",
        measures="{reached: {of: way, as: total, reported: [2021-01, 2022-01]}}",
        contract=payments(f"p: {{prices: {{moves in: 500, stays: 400}}, cap: {{per_person: 600}}, round: {rule}}}"),
    )
    assert paid(text, "p")[0] == by_date


def test_a_condition_that_holds_in_some_futures_pays_each_as_if_it_stood_alone() -> None:
    """The same luck with and without: where it holds the same people get the same, elsewhere nobody gets anything."""
    more = "{level: {uniform: {low: 0, high: 10}, status: assumed}}"
    outcomes = (
        "{entry: {type: event, better: more, over: 1 year, with: 60 %},"
        " job: {type: event, better: more, over: 1 year, with: 30 %},"
        " score: {type: score, each: cohort, better: more, over: 1 year, with: level}}"
    )
    measures = (
        "{entries: {of: entry, as: total, follow_up: 12 months}, jobs: {of: job, as: total, follow_up: 12 months},"
        " s: {of: score, as: average}}"
    )
    sections = {"inputs": more, "outcomes": outcomes, "measures": measures}
    always = world(card("1 000", **sections), replicates=1).settlement.book.totals["p"].paid
    some = world(card("1 000", ", if: {s: above 4}", **sections), replicates=1)
    holds = np.asarray(some.reports["s"][0].value) > 4
    assert 0.4 < holds.mean() < 0.8
    assert np.array_equal(np.asarray(some.settlement.book.totals["p"].paid), np.where(holds, always, 0.0))


@pytest.mark.key("cap.per_person")
def test_a_cap_that_never_binds_changes_nothing() -> None:
    free = card("1 600").replace(", cap: {per_person: 1 600}", "")
    assert np.allclose(total(card("1 600")), total(free), rtol=1e-12)
    assert total(card("1 599")).sum() < total(free).sum()


STEPS = {
    "participants": "{size: 30, intake: 1 year}",
    "outcomes": "{way: {type: milestones, better: more,"
    " steps: {moves in: [80 %, 3 months], stays: [70 %, 9 months], works: [50 %, 12 months]}}}",
    "measures": "{reached: {of: way, as: total, reported: {every: quarter, from: 2020-04, until: 2022-01}}}",
}


@pytest.mark.key("cap.per_person", "payments.prices")
def test_steps_are_nested_so_that_a_cap_can_be_reckoned_from_totals() -> None:
    """500, 400 and 900, capped at 1,200: whoever works was due 500, 400 and then 300.

    So the total is 500 x moved in + 400 x stayed + 300 x worked, future by future.
    """
    contract = payments(
        "p: {measure: reached, prices: {moves in: 500, stays: 400, works: 900}, cap: {per_person: 1 200}}"
    )
    future = world(deal(QUARTERS, contract=contract, **STEPS), replicates=2)
    reports = future.reports["reached"]
    steps = {name: sum((r.steps or {}).get(name, 0.0) for r in reports) for name in ("moves in", "stays", "works")}
    expected = 500 * steps["moves in"] + 400 * steps["stays"] + 300 * steps["works"]
    assert np.allclose(future.settlement.book.totals["p"].paid, expected)
    assert np.allclose(future.settlement.book.totals["p"].due, expected + 600 * steps["works"])


@pytest.mark.key("cap.per_person", "payments.per_unit", "payments.index")
def test_each_date_pays_what_is_new_up_to_the_cap() -> None:
    """All twenty enter in the first year and work in the second: 700, then 300 of 900; 770 and 230 with an index.

    Half of the people of another cohort: nobody passes the cap there.
    """
    sections = {
        "participants": "{size: 20}",
        "outcomes": "{entry: {type: event, better: more, over: 1 year, with: 100 %},"
        " job: {type: event, better: more, over: 2 years, with: 100 %}}",
        "measures": "{entries: {of: entry, as: total, follow_up: 12 months},"
        " jobs: {of: job, as: total, follow_up: 24 months}}",
    }
    (p,) = paid(card("1 000", **sections), "p")
    assert p == {1: 14_000, 2: 6_000}
    (p,) = paid(card("1 000", ", index: 10 %", **sections), "p")
    assert p == {1: 15_400, 2: 4_600}
    (p,) = paid(card("{2020: 700, 2022: 1 500}", **sections), "p")
    assert p == {1: 14_000, 2: 16_000}
    (p,) = paid(card("1 000, total: 17 k", **sections), "p")
    assert p == {1: 14_000, 2: 3_000}
    contract = payments("p: {measure: jobs, per_unit: 900, cap: {per_person: 800}}")
    (p,) = paid(card("0", **sections | {"contract": contract}), "p")
    assert p == {2: 16_000}


@pytest.mark.key("cap.per_person")
def test_who_needs_an_event_is_among_those_who_had_it() -> None:
    """60 % enter; of those half have a job. 700 and 900, capped at 1,000: 0.3 x 700 + 0.3 x 1,000 = 510 a person.

    Were jobs handed out to anybody, 30 % of the others would be due 900: 0.42 x 700 + 0.12 x 900 + 0.18 x 1,000 = 582.
    """
    outcomes = (
        "{entry: {type: event, better: more, over: 1 year, with: 60 %},"
        " job: {type: event, better: more, over: 1 year, begins: 1 year, needs: entry, with: 50 %}}"
    )
    measures = (
        "{entries: {of: entry, as: total, follow_up: 12 months}, jobs: {of: job, as: total, follow_up: 24 months}}"
    )
    assert abs(z_of_mean(total(card("1 000", outcomes=outcomes, measures=measures)), 40 * 510)) < LIMIT


@pytest.mark.key("cap.per_person")
def test_histories_add_up_to_the_totals_and_are_nested() -> None:
    """Reported every quarter, with drop-outs and never-starters, uncapped sums are the totals of each report."""
    text = card(
        "1 m",
        participants="{size: 24, intake: 6 months, take_up: 75 %, duration: 9 months, dropout: 40 %}",
        measures="{entries: {of: entry, as: total, reported: {every: quarter, from: 2020-04, until: 2021-10}},"
        " jobs: {of: job, as: total, people: completers, reported: {every: quarter, from: 2020-04, until: 2021-10}}}",
    ).replace("step: year", "step: quarter")
    future = world(text, replicates=2)
    (payment,) = future.context.scenario.payments
    due = due_under_cap(future.context, future.flows, future.truths, payment)
    for entries, jobs in zip(future.reports["entries"], future.reports["jobs"], strict=True):
        expected = 700 * np.nan_to_num(entries.value) + 900 * np.nan_to_num(jobs.value)
        assert np.allclose(due.get((None, entries.column), 0.0), expected)


@pytest.mark.key("cap.per_person", "cap.per_cohort")
def test_caps_per_person_come_before_caps_per_cohort() -> None:
    """Ten people in each cohort, all due 700 + 900: 1,000 each, 10,000 a cohort, of which 8,000 is paid."""
    sections = {
        "participants": "{cohorts: {c1: {size: 10}, c2: {size: 10}}}",
        "outcomes": "{entry: {type: event, better: more, over: 1 year, with: 100 %},"
        " job: {type: event, better: more, over: 1 year, with: 100 %}}",
        "measures": "{entries: {of: entry, as: total, follow_up: 12 months, for_each: cohort},"
        " jobs: {of: job, as: total, follow_up: 12 months, for_each: cohort}}",
    }
    (p,) = paid(card("1 000", **sections), "p")
    assert p == {1: 20_000}
    (p,) = paid(card("1 000, per_cohort: 8 000", **sections), "p")
    assert p == {1: 16_000}
    contract = run(card("1 000", **sections)).summary()["contract"]
    assert (contract["lowest"], contract["highest"]) == (0.0, 20_000.0)


def test_three_prices_and_every_order_of_them() -> None:
    """Prices named in another order are the same payment: luck goes by name."""
    names = {"entries": 700, "jobs": 900, "courses": 300}
    outcomes = ", ".join(
        f"{one}: {{type: event, better: more, over: 1 year, with: {share} %}}"
        for one, share in (("entry", 60), ("job", 30), ("course", 50))
    )
    measures = ", ".join(
        f"{many}: {{of: {one}, as: total, follow_up: 12 months}}"
        for many, one in (("entries", "entry"), ("jobs", "job"), ("courses", "course"))
    )
    found = []
    for order in itertools.permutations(names):
        prices = ", ".join(f"{name}: {names[name]}" for name in order)
        contract = payments(f"p: {{prices: {{{prices}}}, cap: {{per_person: 1 100}}}}")
        text = card("0", outcomes=f"{{{outcomes}}}", measures=f"{{{measures}}}", contract=contract)
        found.append(world(text, replicates=1).settlement.book.totals["p"].paid)
    assert all(np.allclose(one, found[0]) for one in found)
