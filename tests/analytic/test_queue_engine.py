"""The engine with a queue: agreement with the flow without one where nothing is scarce, money, events, measures."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.loading.maximum import most_paid
from sibsim.participants import Interruption, QueueFlow, interrupted, participate
from sibsim.queue import People, queue_record
from sibsim.queue.tally import tally
from sibsim.replay import settled
from sibsim.report import RENDERERS
from sibsim.report.layout import Layout
from sibsim.results import Results
from sibsim.scenario import Number, Queue
from sibsim.settlement.costs import Plan
from sibsim.simulate import future, simulate
from sibsim.timeline import last_service_column
from tests.queues import near, queued, text_of
from tests.reports import keeps_to
from tests.support import check_books, run, scenario

PLAIN = """
sibsim: 1
title: The same without a queue
currency: SEK
start: 2027-01
step: quarter
parties: {payer: A town, provider: A charity}
participants: {size: 240, intake: 24 months, take_up: 70 %, duration: 9 months, dropout: 20 %}
outcomes:
  eviction: {type: event, better: fewer, over: 12 months, without: 20 %, effect: {ratio: 0.5}}
measures:
  evictions: {of: eviction, as: total, reported: 2032-01}
contract:
  payments: {success: {measure: evictions, per_unit: 1 000}}
"""


def means(values: np.ndarray) -> np.ndarray:
    """The mean of each replicate."""
    return np.broadcast_to(np.asarray(values, dtype=float), (16 * 1024,)).reshape(16, 1024).mean(axis=1)


@pytest.mark.parametrize("places", ["", ", places: 5000"])
def test_agreement_with_the_flow_without_a_queue(places: str) -> None:
    """Starts by quarter, drop-outs, completers and person-months: the same means where nothing is scarce."""
    keys = f"referrals: 12.5, until: 24 months, eligible: 80 %, accepts: 70 %, bank: 64{places}"
    what = queued(keys, "duration: 9 months, dropout: 20 %", step="quarter")
    streams = Streams(1, range(16))
    queue, plain = (participate(begin(one, streams))[""] for one in (what, scenario(PLAIN)))
    assert isinstance(queue, QueueFlow)
    assert not isinstance(plain, QueueFlow)
    assert queue.columns == plain.columns
    for who in ("offered", "starters", "dropouts", "completers", "never"):
        for mine, other in zip(queue.group(who), plain.group(who), strict=True):
            one, two = means(mine), means(other)
            near(one, float(two.mean()), math.hypot(one.std(ddof=1), two.std(ddof=1)) / 4.0)
    one = means(sum((queue.person_months(c) for c in queue.service_columns), 0.0))
    two = means(sum((plain.person_months(c) for c in plain.service_columns), 0.0))
    near(one, float(two.mean()), math.hypot(one.std(ddof=1), two.std(ddof=1)) / 4.0)
    # 168 starters who leave at a hazard h = -ln(0.8) / 9 are there (1 - 0.8) / h months on average
    truth = 168.0 * 0.2 * 9.0 / -math.log(0.8)
    near(one, truth)


# ------------------------------------------------------------------------------------------------ money
SCARCE = "referrals: 10, until: 24 months, places: 30, gives_up_after: 3 months, eligible: 90 %"
COSTS = """
costs:
  place: {amount: 2 000, per: person_month}
  start: {amount: 300, per: starter}
  half a year: {amount: 600, per: starter, over: 6 months}
  offer: {amount: 50, per: offered}
  end: {amount: 70, per: completer}
"""


@pytest.mark.parametrize("stays", ["duration: 9 months", "exponential", "gamma"])
def test_costs_by_hand(stays: str) -> None:
    """In each future: months of places used, starts, first six months, offers and completions, of its replication."""
    own = {"exponential": "{exponential: 9 months}", "gamma": "{gamma: {mean: 9 months, sd: 5 months}}"}.get(stays)
    keys = SCARCE + (f", time_in_service: {own}" if own else "")
    people = "dropout: 20 %" if own else f"{stays}, dropout: 20 %"
    what = queued(keys, people, step="quarter", more=COSTS)
    world = future(begin(what, Streams(1, range(2))))
    record = world.flows[""].record  # type: ignore[attr-defined]
    served = record.served

    def each(weights: np.ndarray) -> np.ndarray:
        return np.asarray(np.bincount(served.entry, weights, record.n_entries)[record.entry])

    counted = np.where(served.is_dropout, np.minimum(served.stays, 6.0), 6.0)
    hand = 2000.0 * each(served.stays) + 300.0 * each(np.ones(len(served.stays))) + 100.0 * each(counted)
    hand += 50.0 * record.total("offered") + 70.0 * each(~served.is_dropout * 1.0)
    costs = sum(world.settlement.ledger.paid("provider", ("cost",)).values(), 0.0)
    np.testing.assert_allclose(np.broadcast_to(costs, hand.shape), hand, rtol=1e-9)
    assert record.total("gave_up").sum() > 0


def test_what_is_told_by_column_by_hand() -> None:
    """Six people of one replication, by month; nobody starts from month 4 on.

    One starts on arrival and completes; one gives up in the last month in which anybody may start; one still waits
    then; one is not eligible; one does not accept; one waits half a month, starts and drops out.
    """
    never = [math.inf, 3.5, 9.0, math.inf, math.inf, math.inf]
    people = People(
        np.zeros(6, dtype=np.int64),
        np.array([0.5, 0.6, 1.2, 1.5, 2.2, 2.0]),
        np.array([True, True, True, False, True, True]),
        np.array([True, True, True, False, False, True]),
        np.array(never),
        np.array([0.5, np.nan, np.nan, np.nan, np.nan, 2.5]),
        np.array([2.0, 1.0, 1.0, 1.0, 1.0, 0.25]),
        np.array([False, False, False, False, False, True]),
    )
    found = tally(people, range(0, 6), 1, Queue(Number(1.0), until=3, last_start=4), 1)
    by_hand = {
        "referred": [2, 2, 2, 0, 0, 0],
        "offered": [2, 1, 2, 0, 0, 0],
        "wanted": [2, 1, 1, 0, 0, 0],
        "started": [1, 0, 1, 0, 0, 0],
        "gave_up": [0, 0, 0, 1, 0, 0],
        "turned_away": [0, 0, 0, 1, 0, 0],
        "dropped_out": [0, 0, 1, 0, 0, 0],
        "completed": [0, 0, 1, 0, 0, 0],
        "waiting": [1, 2, 2, 0, 0, 0],
        "queue": [0.4, 1 + 0.8, 2 + 0.5, 0.5 + 1, 0, 0],
        "in_service": [0.5, 1, 0.5 + 0.25, 0, 0, 0],
        "wait": [0, np.nan, 0.5, np.nan, np.nan, np.nan],
    }
    for what, numbers in by_hand.items():
        np.testing.assert_allclose(found[what][0], numbers, atol=1e-12, err_msg=what)


@pytest.mark.parametrize(
    ("stay", "quarters"),
    [
        ("duration: 9 months", 3),
        ("time_in_service: {exponential: 9 months}", (9 + 6 * 9) / 3),
        ("time_in_service: {discrete: [[6 months, 70 %], [12 months, 30 %]]}", 4),
    ],
)
def test_the_calendar_makes_room_for_long_stays(stay: str, quarters: float) -> None:
    """Whoever starts in the last of eight quarters stays so many more: at the most, or 6 sd above the mean."""
    own = stay.startswith("time")
    what = queued(SCARCE + (f", {stay}" if own else ""), "dropout: 0 %" if own else stay, step="quarter")
    assert last_service_column(what.cohorts[0], 3) == 7 + quarters


def test_a_place_is_paid_for_in_the_quarter_in_which_it_is_used() -> None:
    """Costs per person-month of a quarter are three times the mean number in service over it."""
    what = queued(
        SCARCE,
        "duration: 9 months, dropout: 20 %",
        step="quarter",
        more="costs: {place: {amount: 1, per: person_month}}",
    )
    world = future(begin(what, Streams(1, range(1))))
    record = world.flows[""].record  # type: ignore[attr-defined]
    paid = world.settlement.ledger.paid("provider", ("cost",))
    for column, number in zip(record.columns, record["in_service"], strict=True):
        np.testing.assert_allclose(paid.get(column, 0.0), 3.0 * number, atol=1e-9)


def test_what_can_be_paid_has_no_upper_end_unless_it_is_capped() -> None:
    per_start = (
        "measures: {begun: {of: starts, as: total, reported: 2030-01}}\n"
        "contract:\n  payments: {fee: {measure: begun, per_unit: 1 000}}\n"
    )
    text = text_of(SCARCE).partition("measures:")[0] + per_start
    assert math.isinf(most_paid(scenario(text)))
    assert most_paid(scenario(text + "  cap: 50 k\n")) == 50_000.0


# ------------------------------------------------------------------------------------------------ events
def test_events_stop_intake_and_service() -> None:
    """From the stop on nobody starts; those in service stay, or leave on that day."""
    events = "events: {{stop: {{at: 2028-01, stops: {0}}}}}\ncosts: {{place: {{amount: 1, per: person_month}}}}"
    whole = queued(SCARCE, "duration: 9 months", step="quarter", more=events.format("[payments]"))
    record = future(begin(whole, Streams(1, range(1)))).flows[""].record  # type: ignore[attr-defined]
    served = record.served
    for what, until in (("intake", math.inf), ("service", 12.0)):
        world = future(
            begin(queued(SCARCE, "duration: 9 months", step="quarter", more=events.format(what)), Streams(1, range(1)))
        )
        ends = np.minimum(served.begins + served.stays, until)
        mine = served.begins < 12.0
        months = np.bincount(served.entry[mine], (ends - served.begins)[mine], record.n_entries)[record.entry]
        costs = sum(world.settlement.ledger.paid("provider", ("cost",)).values(), 0.0)
        np.testing.assert_allclose(costs, months, rtol=1e-9)
        begun = sum(world.flows[""].starters, 0.0)
        np.testing.assert_array_equal(begun, record["started"][:4].sum(axis=0))


def test_who_completes_before_the_service_ends_does_so_group_by_group_too() -> None:
    """Service ends at column 4: whoever's time is over by that day, counted from the first day of their quarter."""
    what = queued(SCARCE + ", time_in_service: {exponential: 6 months}", "dropout: 20 %", step="quarter")
    flow = participate(begin(what, Streams(1, range(1))))[""]
    assert isinstance(flow, QueueFlow)
    cut = interrupted({"": flow}, Interruption({}, np.full(1024, 4)))[""]
    served = flow.record.served
    mine = ~served.is_dropout & (served.group + np.ceil(served.stays / 3.0 - 1e-9) <= 4)
    by_hand = flow.record.count(mine)[flow.record.entry].T
    assert by_hand.sum() > 0
    np.testing.assert_array_equal([np.broadcast_to(cut.completed(group), (1024,)) for group in range(8)], by_hand)
    np.testing.assert_array_equal(sum(cut.completing(column) for column in range(20)), by_hand.sum(axis=0))


# ------------------------------------------------------------------------------------------------ measures
MEASURES = """
  referred: {of: referrals, as: total, reported: [2027-07, 2030-01]}
  begun: {of: starts, as: total, reported: [2027-07, 2030-01]}
  share begun: {of: starts, as: average, reported: [2027-07, 2030-01]}
  done: {of: completions, as: total, reported: [2027-10, 2035-01]}
  months: {of: person_months, as: total, reported: [2027-07, 2035-01]}
"""


@pytest.mark.parametrize("stays", ["duration: 6 months", "exponential"])
def test_what_is_counted(stays: str) -> None:
    """Referrals by the day of the referral, eligible or waiting; starts; completions as they come; months of places."""
    keys = SCARCE + (", time_in_service: {exponential: 6 months}" if stays == "exponential" else "")
    people = "dropout: 20 %" if stays == "exponential" else f"{stays}, dropout: 20 %"
    text = text_of(keys, people, step="quarter").replace("\ncontract:", MEASURES + "\ncontract:")
    world = future(begin(scenario(text), Streams(1, range(1))))
    record = world.flows[""].record  # type: ignore[attr-defined]
    served = record.served

    def each(mask: np.ndarray) -> np.ndarray:
        return np.asarray(np.bincount(served.entry, mask * 1.0, record.n_entries)[record.entry])

    def read(name: str) -> list[np.ndarray]:
        """At the first date, and (what is new since then added) at the last."""
        first, new = (np.broadcast_to(one.value, (1024,)) for one in world.reports[name])
        return [first, first + new]

    # a report of a date counts the step that begins that day too, as without a queue
    early = record["offered"][:3].sum(axis=0)
    np.testing.assert_array_equal(read("referred")[0], early)
    np.testing.assert_array_equal(read("referred")[1], record.total("offered"))
    np.testing.assert_array_equal(read("begun")[0], record["started"][:3].sum(axis=0))
    np.testing.assert_array_equal(read("begun")[1], record.total("started"))
    np.testing.assert_allclose(read("share begun")[0], record["started"][:3].sum(axis=0) / early)
    done = 3.0 * served.group + served.stays <= 9.0 + 1e-9
    np.testing.assert_array_equal(read("done")[0], each(done & ~served.is_dropout))
    np.testing.assert_array_equal(read("done")[1], each(~served.is_dropout))
    np.testing.assert_allclose(read("months")[0], 3.0 * record["in_service"][:2].sum(axis=0))
    np.testing.assert_allclose(read("months")[1], 3.0 * record["in_service"].sum(axis=0))


# ------------------------------------------------------------------------------------------------ the same numbers
UNSURE = text_of(
    "referrals: rate, until: 24 months, places: 30, gives_up_after: 3 months",
    "duration: 9 months, dropout: leaving",
    "rate: {normal: {mean: 10, sd: 2}, status: assumed}, leaving: {beta: {mean: 20 %, sd: 5 %}, status: assumed}",
    step="quarter",
    more=COSTS,
)


def arrays(results: Results) -> dict[tuple[str, ...], bytes]:
    return {key: np.asarray(results.store.array(key)).tobytes() for key in results.store.keys}


def test_the_same_bytes_whatever_the_blocks_workers_and_draws() -> None:
    what = scenario(UNSURE)
    one = simulate(what, n_draws=8192, seed=3, workers=1)
    for other in (
        simulate(what, n_draws=8192, seed=3, workers=2, block=1),
        simulate(what, n_draws=8192, seed=3, block=3),
    ):
        assert arrays(one) == arrays(other)
        for name in one.layers:
            for key in one.layers[name].keys:
                np.testing.assert_array_equal(one.layers[name].array(key), other.layers[name].array(key))
    more = simulate(what, n_draws=10_240, seed=3, workers=1)
    for key in one.store.keys:
        np.testing.assert_array_equal(one.store.array(key), np.asarray(more.store.array(key))[:8192])
    check_books(one)


def test_fresh_luck_of_people_is_other_people_and_fresh_luck_of_measurement_the_same() -> None:
    """The passes that tell the layers of chance apart: months paid for are those of the run, or quite others."""
    what = queued(
        "referrals: 10, until: 24 months, places: 30", "duration: 9 months, dropout: 20 %", step="quarter", more=COSTS
    )
    results = simulate(what, n_draws=8192, seed=5, workers=1)
    key = ("provider", "margin")
    one, people, measured = (
        store.array(key) for store in (results.store, results.layers["people"], results.layers["measurement"])
    )
    assert np.corrcoef(one, measured)[0, 1] > 0.99
    assert abs(np.corrcoef(one, people)[0, 1]) < 4.5 / math.sqrt(256)  # as many replications


def test_a_value_that_differs_in_few_futures_makes_no_block_different() -> None:
    """In some replicates nobody's places differ, in others one future's do."""
    rare = "few: {discrete: [[30, 99.9 %], [10, 0.1 %]], status: assumed}, "
    rate = "rate: {uniform: {low: 5, high: 9}, status: assumed}"
    what = queued(
        "referrals: rate, until: 12 months, places: few", "duration: 9 months", inputs=rare + rate, more=COSTS
    )
    one, other = (simulate(what, n_draws=8192, seed=2, block=block) for block in (1, 8))
    assert arrays(one) == arrays(other)


@pytest.mark.parametrize("stays", ["duration: 9 months", "exponential"])
def test_an_event_that_keeps_nobody_away_changes_no_month(stays: str) -> None:
    keys = SCARCE + (", time_in_service: {exponential: 9 months}" if stays == "exponential" else "")
    people = "dropout: 20 %" if stays == "exponential" else f"{stays}, dropout: 20 %"
    flow = participate(begin(queued(keys, people, step="quarter"), Streams(1, range(1))))[""]
    everybody = Interruption({("", column): np.ones(1024, dtype=bool) for column in flow.columns})
    same = interrupted({"": flow}, everybody)[""]
    months: float | np.ndarray = 0.0
    for column in range(flow.service_columns.stop + 20):
        for until in (None, 6.0, 15.0):
            np.testing.assert_allclose(same.person_months(column, until), flow.person_months(column, until), atol=1e-9)
        np.testing.assert_array_equal(same.completing(column), flow.completing(column))
        months = months + flow.person_months(column)
    served = flow.record.served  # type: ignore[attr-defined]
    whole = np.bincount(served.entry, served.stays, flow.record.n_entries)[flow.record.entry]  # type: ignore[attr-defined]
    np.testing.assert_allclose(months, whole)


def test_two_queues_have_their_own_luck_and_places() -> None:
    three = "three: {queue: none, size: 50, intake: 12 months}"
    people = f"cohorts: {{one: {{}}, two: {{start: 2028-01}}, {three}}}, duration: 9 months"
    text = text_of("referrals: 10, until: 2029-01, places: 30", people, step="quarter")
    flows = participate(begin(scenario(text), Streams(1, range(1))))
    one, two, three = flows["one"], flows["two"], flows["three"]
    assert isinstance(one, QueueFlow)
    assert isinstance(two, QueueFlow)
    assert not isinstance(three, QueueFlow)
    assert one.columns == range(0, 8)
    assert two.columns == range(4, 8)
    assert two.cohort.size.value == 120.0  # type: ignore[union-attr]
    first, second = (flow.record.by_entry["referred"][:, :4] for flow in (one, two))  # of a year each, from its start
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 4.5 / math.sqrt(first.size)


def test_the_same_luck_with_the_effect_off() -> None:
    """The bank is kept for further passes over the same people."""
    context = begin(scenario(UNSURE), Streams(1, range(1)))
    first = participate(context)[""]
    again = participate(replace(context, is_effect_off=True))[""]
    assert isinstance(first, QueueFlow)
    assert isinstance(again, QueueFlow)
    assert first.record is again.record


def test_a_loan_is_drawn_for_the_people_there_is_room_for() -> None:
    """The plan of the account: 30 places, taken at once, after 9 and after 18 months; not all who are referred."""
    loan = "finance: {tranches: {loan: {by: provider, amount: 1 k}}}"
    finance = f"costs: {{start: {{amount: 1, per: starter, by: account}}}}\n{loan}"
    what = queued(
        "referrals: 10, until: 24 months, places: 30, gives_up_after: 3 months",
        "duration: 9 months",
        step="quarter",
        more=finance,
    )
    planned = float(Plan(begin(what, Streams(1, range(1)))).ahead(-1, math.inf))
    world = future(begin(what, Streams(1, range(1))))
    starts = float(np.mean(sum(world.flows[""].starters, 0.0)))
    assert planned == pytest.approx(90.0)
    assert abs(planned - starts) < 0.1 * starts
    plan = Plan(begin(what, Streams(1, range(1))))
    by_group = [float(plan.needed(column, column, [""])) for column in range(8)]  # what starts in each quarter
    assert by_group == pytest.approx([30, 0, 0, 30, 0, 0, 30, 0])


def test_a_contract_with_a_queue_is_settled_on_what_came() -> None:
    text = text_of(SCARCE, step="quarter", more="actuals: {measures: {evictions: 12}}")
    done = settled(scenario(text))
    assert sum(done.settlement.ledger.paid("payer", ("payment",)).values(), 0.0) == 12_000.0


def test_what_the_report_says_of_a_queue_by_hand() -> None:
    """Means over all replications, which weigh alike; the error from the replicates; sentences and schema."""
    what = scenario(UNSURE)
    results = simulate(what, n_draws=8192, seed=3, workers=1)
    found = results.summary()["queues"][""]
    record = queue_record(begin(what, Streams(3, range(8))), what.cohorts[0])
    entries = record.by_entry
    for name in ("referred", "offered", "wanted", "started", "gave_up", "turned_away"):
        assert found[name]["value"] == pytest.approx(entries[name].sum() / record.n_entries)
    people = record.people
    started = ~np.isnan(people.started_at)
    waited = (people.started_at - people.referred_at)[started].sum()
    assert found["wait"]["value"] == pytest.approx(waited / started.sum())
    months = np.minimum(people.started_at + people.stays, 24.0) - people.started_at
    assert found["use_of_places"]["value"] == pytest.approx(months[started].sum() / (30.0 * 24.0 * record.n_entries))
    by_replicate = entries["started"].sum(axis=1).reshape(8, 32).mean(axis=1)
    assert found["started"]["mc_error"] == pytest.approx(by_replicate.std(ddof=1) / math.sqrt(8.0), rel=1e-6)
    assert (found["bank"], found["replications"]) == (32, 256)
    assert "The queue is run 256 times, 32 times for each 1,024 futures" in " ".join(
        RENDERERS["text"](results.summary(), Layout()).split()
    )
    schema = json.loads((Path(__file__).parents[2] / "docs" / "output.schema.json").read_text(encoding="utf-8"))
    keeps_to(results.summary(), schema)


def test_more_money_for_more_people() -> None:
    """Twice the referrals where nothing is scarce: twice the starts."""
    base = run(queued("referrals: 5, until: 24 months", step="quarter", more=COSTS), workers=1)
    twice = run(queued("referrals: 10, until: 24 months", step="quarter", more=COSTS), workers=1)
    one, two = (np.mean(r.store.array(("provider", "own_costs"))) for r in (base, twice))
    assert two / one == pytest.approx(2.0, rel=0.05)
