"""What events do to people: who never starts, and that everything else stays as it was. By hand; columns are years."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.simulate import Future, simulate
from tests.support import LIMIT, deal, filled, moved, run, scenario, world, z_of_variance

COHORTS = "{size: 10, duration: 1 year, cohorts: {a: {start: 2020-01}, b: {start: 2021-01}, c: {start: 2023-01}}}"
GOOD = "{good: {type: event, better: more, over: 1 year, without: 0 %, effect: {difference: 100 %}}}"
MEASURES = (
    "{helped: {of: good, as: total, follow_up: 1 year, reported: [2021-01, 2022-01, 2024-01]}, "
    "begun: {of: starts, as: total, covers: to date, reported: 2024-01}}"
)
PAID = (
    "{payments: {each: {measure: helped, per_unit: 1, to: provider}, "
    "start: {measure: begun, per_unit: 100, to: provider}}}"
)
COSTS = "{place: {amount: 1000, per: starter}}"
BENEFITS = "{saved: {of: good, kind: cashable, worth: 5}}"


def text(events: str, participants: str = COHORTS, **sections: str) -> str:
    base = {"outcomes": GOOD, "measures": MEASURES, "contract": PAID, "costs": COSTS, "benefits": BENEFITS}
    return deal(participants=participants, events=events, **(base | sections))


def people(w: Future, draw: int = 0) -> dict[tuple[str, int], float]:
    """Starters by cohort and column in one draw."""
    n = w.context.n_draws
    return {
        (name, column): float(filled(who, n)[draw])
        for name, flow in w.flows.items()
        for column, who in zip(flow.columns, flow.starters, strict=True)
    }


def paid(r: object, label: str) -> dict[int, float]:
    return {c: pytest.approx(a) for c, a in moved(r).get((label, "payer", "provider"), {}).items()}  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ cohorts
@pytest.mark.key("events.cancels")
@pytest.mark.parametrize(
    ("event", "starting"),
    [
        ("{at: 2022-01, cancels: [c]}", "ab"),
        ("{at: 2023-01, cancels: [c]}", "ab"),  # who would begin that day has not begun
        ("{at: 2021-01, cancels: [b, c]}", "a"),
        ("{at: 2022-01, cancels: [b]}", "abc"),  # it has begun
    ],
)
def test_a_cohort_that_has_not_begun_can_be_cancelled(event: str, starting: str) -> None:
    r = run(text(f"{{stop: {event}}}"))
    columns = {"a": 0, "b": 1, "c": 3}
    assert moved(r)["place", "provider", "outside"] == {columns[c]: 10_000 for c in starting}
    assert paid(r, "each") == {columns[c] + 1: 10 for c in starting}
    assert paid(r, "start") == {4: 1000 * len(starting)}
    assert r.metric("payer", "cashable_benefit_pv")[0] == 50 * len(starting)
    assert r.summary()["outcomes"]["good"]["people"] == 10 * len(starting)
    assert r.summary()["events"]["stop"]["people_kept_away"]["value"] == 10 * (3 - len(starting))


@pytest.mark.key("participants.after")
@pytest.mark.parametrize(("at", "starting"), [("2022-01", "abc"), ("2023-01", "abc"), ("2024-01", "ab")])
def test_a_cohort_may_wait_for_an_event(at: str, starting: str) -> None:
    waits = COHORTS.replace("c: {", "c: {after: more, ")
    # on each day until then it may happen; its condition holds from `at` on
    fee = PAID.replace("{payments: {", f"{{payments: {{fee: {{amount: 1, at: {int(at[:4]) - 1}-01, to: provider}}, ")
    r = run(text("{more: {if: {fee: at least 1}}}", waits, contract=fee))
    columns = {"a": 0, "b": 1, "c": 3}
    assert moved(r)["place", "provider", "outside"] == {columns[c]: 10_000 for c in starting}
    assert r.summary()["outcomes"]["good"]["people"] == 10 * len(starting)


@pytest.mark.key("participants.after", "events.chance")
def test_a_cohort_that_waits_for_chance_comes_in_those_futures() -> None:
    waits = COHORTS.replace("c: {", "c: {after: more, ")
    w = world(text("{more: {at: 2022-01, chance: 40 %}}", waits))
    assert w.settlement.events is not None
    happens = w.settlement.events.happened("more", 2)
    assert np.array_equal(filled(w.flows["c"].starters[0], len(happens)), happens * 10.0)
    assert np.array_equal(filled(w.reports["begun"][0].value, len(happens)), 20 + happens * 10.0)


# ------------------------------------------------------------------------------------------------ intake
SPREAD = "{size: 40, intake: 4 years, duration: 1 year}"  # ten a year


@pytest.mark.key("events.stops")
@pytest.mark.parametrize("what", ["intake", "service", "everything"])
def test_nobody_starts_from_the_day_on(what: str) -> None:
    w = world(text(f"{{stop: {{at: 2022-01, stops: {what}}}}}", SPREAD), replicates=8)
    assert people(w) == {("", 0): 10, ("", 1): 10, ("", 2): 0, ("", 3): 0}
    r = run(text("{stop: {at: 2022-01, stops: [intake]}}", SPREAD))
    assert moved(r)["place", "provider", "outside"] == {0: 10_000, 1: 10_000}
    # 10 helped by 2021, 10 more by 2022, nobody to count since: no report
    assert paid(r, "each") == {1: 10, 2: 10}


def test_two_events_in_turn_each_see_what_the_other_left() -> None:
    events = (
        "{pause: {at: 2022-01, if: {begun: at least 20}, cancels: [c]}, "
        "end: {at: 2024-01, if: {begun: at least 30}}, few: {at: 2024-01, if: {begun: at most 20}}}"
    )
    measures = MEASURES.replace("reported: 2024-01}", "reported: [2022-01, 2024-01]}")
    w = world(text(events, measures=measures), replicates=8)
    assert w.settlement.events is not None
    happened = {name: bool(np.all(w.settlement.events.happened(name, 4))) for name in ("pause", "end", "few")}
    assert happened == {"pause": True, "end": False, "few": True}


def test_a_stop_by_the_number_who_start_that_very_day_is_decided_once() -> None:
    """The report of the day counts those who were about to start; that they do not does not undo the decision."""
    measures = "{begun: {of: starts, as: total, covers: to date, reported: 2022-01}}"
    contract = "{payments: {start: {measure: begun, per_unit: 1, to: provider}}}"
    event = "{stop: {at: 2022-01, if: {begun: at least 30}, stops: intake}}"
    w = world(text(event, SPREAD, measures=measures, contract=contract), replicates=8)
    assert people(w) == {("", 0): 10, ("", 1): 10, ("", 2): 0, ("", 3): 0}


@pytest.mark.key("finance.shortfall")
def test_intake_stops_when_nothing_is_left_to_pay_for_those_who_would_start() -> None:
    finance = "{tranches: {loan: {amount: 25 k}}, surplus: {loan: 100 %}, shortfall: stop intake}"
    r = run(text("none", SPREAD, finance=finance))
    # 10 000 a year: two groups can be paid for, a third would need 30 000
    assert moved(r)["place", "account", "provider"] == {0: 10_000, 1: 10_000}
    assert r.summary()["outcomes"]["good"]["people"] == 20


# ------------------------------------------------------------------------------------------------ comparisons
def test_for_people_who_never_come_no_comparison_is_collected() -> None:
    outcome = "{good: {type: event, better: more, over: 1 year, without: 50 %, effect: {difference: 0 %}}}"
    measures = "{gain: {of: good, as: improvement, follow_up: 1 year, comparison: {rct: 90}, reported: 2024-01}}"
    pays = "{payments: {p: {measure: gain, per_point: 1, to: provider}}}"
    w = world(text("{stop: {at: 2022-01, cancels: [c]}}", outcomes=outcome, measures=measures, contract=pays))
    report = w.reports["gain"][0]
    assert set(filled(report.counted, w.context.n_draws)) == {20.0}
    # a and b against 30 each, c against none: 20 people against 60
    assert abs(z_of_variance(filled(report.value, w.context.n_draws), 0.25 / 20 + 0.25 / 60)) < LIMIT


# ------------------------------------------------------------------------------------------------ nothing else changes
CHANCY = (
    "{size: 300, intake: 4 years, take_up: 80 %, duration: 1 year, dropout: 20 %, "
    "cohorts: {a: {}, b: {start: 2021-01}, c: {start: 2023-01}}}"
)
RISKY = "{good: {type: event, better: more, over: 1 year, without: 30 %, effect: {difference: effect}, lasts: always}}"
LOOKS = (
    "{found: {of: good, as: improvement, follow_up: 1 year, comparison: {rct: 400}, missing: 10 %, error: 1 %, "
    "reported: {every: year, from: 2021-01, until: 2026-01}}, "
    "far: {of: good, as: total, covers: to date, follow_up: so far, "
    "reported: {every: year, from: 2021-01, until: 2026-01}}, "
    "done: {of: completions, as: average, reported: {every: year, from: 2021-01, until: 2026-01}}, "
    "begun: {of: starts, as: total, reported: {every: year, from: 2021-01, until: 2026-01}}}"
)
PAYS = "{payments: {p: {measure: found, per_point: 100}, q: {measure: begun, per_unit: 3, to: provider}}}"
FINANCE = "{tranches: {loan: {amount: 1 m}}, shortfall: payer}"


def chancy(events: str) -> str:
    inputs = "{effect: {normal: {mean: 10 %, sd: 2 %}}, risk: {beta: {mean: 0.3, sd: 0.1}}}"
    sections = {"inputs": inputs, "outcomes": RISKY, "measures": LOOKS, "contract": PAYS, "finance": FINANCE}
    return text(events, CHANCY, **sections)


@pytest.mark.parametrize("what", ["intake", "service", "everything", "payments"])
def test_reports_before_an_event_do_not_change_by_a_bit(what: str) -> None:
    calm = world(chancy("none"), replicates=2)
    torn = world(
        chancy(f"{{stop: {{at: {{every: year, from: 2021-01, until: 2025-01}}, chance: risk, stops: {what}}}}}"),
        replicates=2,
    )
    assert torn.settlement.events is not None
    when, n = torn.settlement.events.when["stop"], calm.context.n_draws
    changed = 0
    for name, reports in calm.reports.items():
        for before, after in zip(reports, torn.reports[name], strict=True):
            known = when > before.column
            for figure in ("value", "counted", "people"):
                one, other = (filled(getattr(r, figure), n) for r in (before, after))
                assert np.array_equal(one[known], other[known], equal_nan=True), (name, before.column, figure)
            changed += int(np.sum(filled(before.value, n) != filled(after.value, n)))
    assert (changed > 0) == (what != "payments")


NEVER_HAPPEN = (
    "{no chance: {at: [2021-01, 2023-01], chance: 0 %, stops: everything, cancels: [c]}, "
    "no year: {chance_per_year: 0 %, stops: [intake, service]}, "
    "no luck: {if: {far: above 1 m}, stops: [draws, payments]}}"
)


def test_an_event_that_never_happens_changes_no_figure() -> None:
    calm, quiet = (run(chancy(events), n_draws=8192).summary() for events in ("none", NEVER_HAPPEN))
    for part in ("parties", "yearly", "drivers", "variance_by_layer", "outcomes", "measures", "contract"):
        assert calm[part] == quiet[part]
    assert [event["chance"]["value"] for event in quiet["events"].values()] == [0, 0, 0]
    assert all(event["mean_date"] is None for event in quiet["events"].values())


def test_events_do_not_hang_on_blocks_or_workers() -> None:
    events = "{stop: {chance_per_year: 20 %, stops: intake}, end: {if: {helped: at most 3}, stops: everything}}"
    torn = scenario(text(events, COHORTS.replace("{size: 10", "{size: 10, take_up: 50 %")))
    one, two = (simulate(torn, 8192, block=block, workers=n).summary() for block, n in ((8, 1), (3, 2)))
    assert 0 < one["events"]["end"]["chance"]["value"] < 1
    assert one == two


def test_fresh_luck_of_measurement_leaves_an_event_of_chance_where_it_was() -> None:
    torn = scenario(chancy("{stop: {chance_per_year: risk, stops: intake}}"))
    worlds = [world_of(torn, copies) for copies in ((0, 0), (0, 2), (1, 1))]
    first, measured, other = (w.settlement.events.when["stop"] for w in worlds if w.settlement.events is not None)
    assert np.array_equal(first, measured)  # its chance is that of the world, with the people's
    assert not np.array_equal(first, other)


def world_of(what: object, copies: tuple[int, int]) -> Future:
    from sibsim.simulate import future

    return future(begin(what, Streams(1, range(1), *copies)))  # type: ignore[arg-type]


def test_an_event_that_never_happens_changes_nothing_in_a_large_file() -> None:
    event = "events={unheard of: {at: 2021-01, chance: 0 %, stops: everything}}"
    calm, quiet = world("everything", replicates=1), world("everything", replicates=1, sets=[event])
    for one, two in zip(calm.settlement.ledger, quiet.settlement.ledger, strict=True):
        assert (one.label, one.source, one.amounts.keys()) == (two.label, two.source, two.amounts.keys())
        for column, amount in one.amounts.items():
            assert np.array_equal(filled(amount, 1024), filled(two.amounts[column], 1024)), (one.label, column)


# ------------------------------------------------------------------------------------------------ reports at an event
@pytest.mark.key("measures.reported")
@pytest.mark.parametrize(
    ("dated", "days"),
    [("", [1, 2, 4]), (", at: 2025-01", [5]), (", at: [2021-01, 2025-01]", [1, 5])],
    ids=["when reported", "later", "before and later"],
)
def test_a_report_is_made_on_the_day_of_an_event(dated: str, days: list[int]) -> None:
    measures = "{helped: {of: good, as: total, follow_up: 1 year, covers: to date, reported: stop}}"
    contract = f"{{payments: {{each: {{measure: helped, per_unit: 1, to: provider{dated}}}}}}}"
    r = run(text("{stop: {at: [2021-01, 2022-01, 2024-01], chance: 50 %}}", measures=measures, contract=contract))
    w = world(text("{stop: {at: [2021-01, 2022-01, 2024-01], chance: 50 %}}", measures=measures, contract=contract))
    assert w.settlement.events is not None
    when = w.settlement.events.when["stop"]
    # a has been followed by 2021, b by 2022, c by 2024: ten people each
    helped = {1: 10.0, 2: 20.0, 4: 30.0}
    for draw in range(20):
        column = int(when[draw])
        due = {c: helped[column] for c in days if column in helped and (c >= column if dated else c == column)}
        assert moved(r, draw).get(("each", "payer", "provider"), {}) == due


@pytest.mark.key("measures.reported")
def test_what_is_reported_at_an_event_may_lead_to_the_next() -> None:
    measures = "{begun: {of: starts, as: total, covers: to date, reported: look}}"
    contract = "{payments: {start: {measure: begun, per_unit: 1, to: provider}}}"
    events = "{look: {at: 2021-01}, stop: {if: {begun: at least 20}, stops: intake}}"
    w = world(text(events, SPREAD, measures=measures, contract=contract), replicates=8)
    # 10 in 2020 and 10 in 2021 have started by the look; it is known on that day only after events were decided
    assert people(w) == {("", 0): 10, ("", 1): 10, ("", 2): 0, ("", 3): 0}
