"""Who takes part: binomial take-up and drop-out, an even hazard of leaving, what each person costs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support import HEAD, LIMIT, deal, filled, moved, run, world, z_of_covariance, z_of_mean, z_of_variance

QUARTERS = HEAD.replace("step: year", "step: quarter")
EVENT = "{relapse: {type: event, better: fewer, over: 1 year, without: 50 %}}"


def people(participants: str, *, head: str = QUARTERS, **sections: str) -> str:
    base = {"outcomes": EVENT, "measures": "none", "participants": participants}
    return deal(head, **(base | sections))


def dates_of(amounts: np.ndarray) -> list[int]:
    """Columns on which some money moves in some future."""
    return np.flatnonzero(amounts.any(axis=1)).tolist()


@pytest.mark.parametrize(
    ("size", "intake", "groups"), [(925, 36, 12), (10, 12, 4), (7, 30, 10), (3, 12, 4), (0, 12, 4)]
)
def test_starts_are_even_and_add_up(size: int, intake: int, groups: int) -> None:
    w = world(people(f"{{size: {size}, intake: {intake} months, duration: 1 year}}"), replicates=8)
    (flow,) = w.flows.values()
    offered = [float(o) for o in flow.offered]
    assert len(offered) == groups
    assert sum(offered) == size
    assert all(abs(o - size / groups) < 1 for o in offered)
    assert list(flow.columns) == list(range(groups))


def test_who_starts_and_who_drops_out_is_binomial() -> None:
    n, take_up, dropout = 120, 0.7, 0.25
    text = people(f"{{size: {n}, intake: 6 months, take_up: 70 %, duration: 1 year, dropout: 25 %}}")
    w = world(text)
    (flow,) = w.flows.values()
    starters, completers = sum(flow.starters), sum(flow.completers)
    for found, share in ((starters, take_up), (completers, take_up * (1 - dropout))):
        assert abs(z_of_mean(found, n * share, math.sqrt(n * share * (1 - share)))) < LIMIT
        assert abs(z_of_variance(found, n * share * (1 - share))) < LIMIT
    both = n * take_up * (1 - dropout) * (1 - take_up)  # everyone who completes has started
    assert abs(z_of_covariance(starters, completers, both)) < LIMIT
    assert abs(z_of_covariance(flow.starters[0], flow.starters[1], 0.0)) < LIMIT
    assert np.all(completers <= starters)
    assert np.all(starters <= n)


@pytest.mark.parametrize("dropout", [0.2, 0.6, 0.0])
@pytest.mark.parametrize("months", [12, 14])
@pytest.mark.key("participants.dropout", "participants.duration", "costs.per")
def test_leavers_are_counted_until_they_leave(dropout: float, months: int) -> None:
    """Of each starter ``(exp(-h a) - exp(-h b)) / h`` months fall between ages a and b, ``exp(-12 h) = 1 - d``."""
    n = 300
    costs = "{care: {amount: 1, per: person_month}}"
    size = f"{{size: {n}, duration: {months} months, dropout: {100 * dropout:g} %}}"
    r = run(people(size, costs=costs, contract="{payments: {p: {amount: 1, at: 2020-01}}}"), n_draws=16384)
    care = next(t for t in r.transfers(slice(None)) if t.label == "care").amounts
    ends = [(a, min(a + 3, months)) for a in range(0, months, 3)]
    assert dates_of(care) == list(range(len(ends)))
    total = np.zeros(r.n_draws)
    for column, (a, b) in enumerate(ends):
        h = -math.log(1 - dropout) / months
        truth = n * ((math.exp(-h * a) - math.exp(-h * b)) / h if h else b - a)
        assert abs(z_of_mean(care[column], truth)) < LIMIT, column
        total += care[column]
    if dropout:  # given how many drop out the rest is expected: D drop-outs lose (L - m) months each
        mean_stay = ((1 - (1 - dropout)) / h - (1 - dropout) * months) / dropout
        assert abs(z_of_variance(total, (months - mean_stay) ** 2 * n * dropout * (1 - dropout))) < LIMIT


@pytest.mark.key("participants.size", "participants.start", "participants.take_up", "costs.amount", "costs.per")
def test_what_people_cost() -> None:
    """Amounts per offered, starter and completer, at once and over a time that ends when the person leaves."""
    n, take_up, dropout = 200, 0.5, 0.4
    costs = (
        "{o: {amount: 2, per: offered}, s: {amount: 3, per: starter}, c: {amount: 5, per: completer},"
        " spread: {amount: 12, per: starter, over: 1 year}, half: {amount: 12, per: starter, over: 6 months}}"
    )
    cohort = f"{{size: {n}, start: 2020-04, take_up: 50 %, duration: 1 year, dropout: 40 %}}"
    r = run(people(cohort, costs=costs, contract="{payments: {p: {amount: 1, at: 2020-01}}}"), n_draws=16384)
    costs_of = {t.label: t.amounts for t in r.transfers(slice(None)) if t.kind == "cost"}
    assert (dates_of(costs_of["o"]), costs_of["o"][1].mean()) == ([1], 2.0 * n)
    assert dates_of(costs_of["s"]) == [1]
    assert abs(z_of_mean(costs_of["s"][1], 3 * n * take_up)) < LIMIT
    assert dates_of(costs_of["c"]) == [5]
    assert abs(z_of_mean(costs_of["c"][5], 5 * n * take_up * (1 - dropout))) < LIMIT
    h = -math.log(1 - dropout)
    for quarter in range(4):
        present = (math.exp(-h * quarter / 4) - math.exp(-h * (quarter + 1) / 4)) / h
        assert abs(z_of_mean(costs_of["spread"][1 + quarter], 12 * n * take_up * present)) < LIMIT
        if quarter < 2:
            assert abs(z_of_mean(costs_of["half"][1 + quarter], 24 * n * take_up * present)) < LIMIT
    assert (dates_of(costs_of["spread"]), dates_of(costs_of["half"])) == ([1, 2, 3, 4], [1, 2])


@pytest.mark.key("costs.index", "costs.at")
def test_costs_that_are_indexed_rise_from_the_start_of_the_file() -> None:
    costs = "{s: {amount: 10, per: starter, index: 8 %}, at: {amount: 10, at: [2020-01, 2021-01], index: 8 %}}"
    text = people("{size: 100, start: 2020-07}", costs=costs, contract="{payments: {p: {amount: 1, at: 2020-01}}}")
    table = moved(run(text))
    assert table["s", "provider", "outside"] == pytest.approx({2: 1000 * 1.08**0.5})
    assert table["at", "provider", "outside"] == pytest.approx({0: 10, 4: 10 * 1.08})


def test_counts_of_people_are_measures() -> None:
    n, take_up, dropout = 80, 0.75, 0.3
    measures = (
        "{everyone: {of: starts, as: total, reported: 2021-01}, early: {of: starts, as: total, reported: 2020-04},"
        " share: {of: starts, as: average, reported: 2021-01},"
        " done: {of: completions, as: average, reported: 2022-01},"
        " first: {of: completions, as: total, reported: 2021-01, lag: 3 months},"
        " months: {of: person_months, as: total, reported: [2020-07, 2022-01]}}"
    )
    cohort = f"{{size: {n}, intake: 6 months, take_up: 75 %, duration: 6 months, dropout: 30 %}}"
    w = world(people(cohort, measures=measures))
    value = {name: [r.value for r in reports] for name, reports in w.reports.items()}
    (flow,) = w.flows.values()
    draws = w.context.n_draws
    assert np.array_equal(value["everyone"][0], sum(flow.starters))
    assert np.array_equal(value["early"][0], flow.starters[0] + flow.starters[1])
    assert np.allclose(value["share"][0], sum(flow.starters) / n)
    assert abs(z_of_mean(value["done"][0], 1 - dropout)) < LIMIT
    # data to October: the group of January has completed (July) and that of April too, at the very day
    assert np.array_equal(value["first"][0], sum(flow.completers))
    h = -math.log(1 - dropout) / 6
    half = [n / 2 * take_up * (1 - math.exp(-h * a)) / h for a in (6, 3)]
    whole = n * take_up * (1 - math.exp(-6 * h)) / h
    assert abs(z_of_mean(filled(value["months"][0], draws), sum(half))) < LIMIT
    assert abs(z_of_mean(filled(value["months"][1], draws), whole - sum(half))) < LIMIT


def test_uncertain_take_up_and_size_are_drawn_once_for_all_groups() -> None:
    n, low, high = 100, 0.2, 0.8
    cohort = f"{{size: {n}, intake: 6 months, take_up: {{uniform: {{low: 20 %, high: 80 %}}}}}}"
    w = world(people(cohort))
    (flow,) = w.flows.values()
    spread = (high - low) ** 2 / 12
    assert abs(z_of_covariance(flow.starters[0], flow.starters[1], (n / 2) ** 2 * spread)) < LIMIT
    mean = (low + high) / 2
    within = n * (mean - mean**2 - spread)
    assert abs(z_of_variance(sum(flow.starters), n**2 * spread + within)) < LIMIT
