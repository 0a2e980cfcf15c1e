"""What events do to money: what they stop, what falls due with them. All by hand; columns are years from 2020."""

from __future__ import annotations

import pytest

from sibsim.results import Results
from tests.support import HEAD, deal, moved, run

QUARTERS = HEAD.replace("step: year", "step: quarter")
LOAN = "{tranches: {loan: {amount: 400}}, surplus: {loan: 100 %}, shortfall: payer}"
SERVICE = "service: {amount: 400, over: 4 years}"  # 100 a year


def stop(what: str, at: str = "2022-01") -> str:
    return f"{{stop: {{at: {at}, stops: {what}}}}}"


def by_date(r: Results, label: str, source: str, target: str) -> dict[int, float]:
    return {c: pytest.approx(a) for c, a in moved(r).get((label, source, target), {}).items()}


def total(r: Results, label: str, source: str, target: str) -> float:
    return sum(moved(r).get((label, source, target), {}).values())


@pytest.mark.key("events.stops")
def test_payments_stop_after_the_day_itself() -> None:
    fee = "{payments: {fee: {amount: 10, at: {every: year, from: 2021-01, until: 2024-01}, to: provider}}}"
    r = run(deal(contract=fee, events=stop("payments")))
    assert by_date(r, "fee", "payer", "provider") == {1: 10, 2: 10}
    r = run(deal(contract="{payments: {fee: {amount: 40, over: 4 years, to: provider}}}", events=stop("payments")))
    assert by_date(r, "fee", "payer", "provider") == {0: 10, 1: 10, 2: 10}  # that of the day, for the year to come


@pytest.mark.key("events.stops")
def test_no_new_draws_from_the_day_on_so_costs_fall_on_who_bears_a_shortfall() -> None:
    r = run(deal(costs=f"{{{SERVICE}}}", finance=LOAN, events=stop("draws")))
    assert by_date(r, "loan", "investor", "account") == {0: 100, 1: 100}
    assert by_date(r, "service", "payer", "provider") == {2: 100, 3: 100}


@pytest.mark.key("events.stops")
def test_draws_on_dates_stop_too() -> None:
    finance = "{tranches: {loan: {amount: 400, drawn: {2020-01: 200, 2022-01: 200}}}, shortfall: payer}"
    r = run(deal(costs=f"{{{SERVICE}}}", finance=finance, events=stop("draws")))
    assert by_date(r, "loan", "investor", "account") == {0: 200}
    assert by_date(r, "service", "payer", "provider") == {2: 100, 3: 100}


@pytest.mark.key("events.stops", "costs.over", "costs.at")
def test_service_that_would_begin_that_day_is_not_paid_and_dated_costs_are() -> None:
    costs = f"{{{SERVICE}, evaluation: {{amount: 7, at: [2022-01, 2023-01]}}}}"
    r = run(deal(costs=costs, finance=LOAN, events=stop("service")))
    assert by_date(r, "service", "account", "provider") == {0: 100, 1: 100}
    assert by_date(r, "evaluation", "account", "provider") == {2: 7, 3: 7}


PEOPLE = "{size: 8, intake: 2 years, duration: 2 years}"  # 4 start in 2020, 4 in 2021


@pytest.mark.key("events.stops", "costs.per")
@pytest.mark.parametrize(
    ("cost", "due"),
    [
        ("per: starter", {0: 400}),  # who was to start in 2021 does not
        ("per: offered", {0: 400}),
        ("per: completer", {}),  # nobody has been there for two years
        ("per: starter, over: 2 years", {0: 200}),
        ("per: person_month", {0: 4800}),  # 4 people, 12 months
    ],
)
def test_costs_per_person_end_with_the_service(cost: str, due: dict[int, float]) -> None:
    text = deal(
        participants=PEOPLE,
        costs=f"{{service: {{amount: 100, {cost}}}}}",
        finance="{tranches: {loan: {amount: 100 k}}, surplus: {loan: 100 %}}",
        events=stop("service", "2021-01"),
    )
    assert by_date(run(text), "service", "account", "provider") == due


@pytest.mark.key("events.stops", "costs.per")
def test_who_completes_on_the_day_of_the_stop_has_been_served() -> None:
    text = deal(
        participants=PEOPLE,
        measures="{done: {of: completions, as: total, covers: to date, reported: [2022-01, 2023-01]}}",
        contract="{payments: {each: {measure: done, per_unit: 1000, to: provider, at: 2023-01}}}",
        costs="{service: {amount: 100, per: completer}}",
        finance="{tranches: {loan: {amount: 100 k}}, surplus: {loan: 100 %}}",
        events=stop("service", "2022-01"),
    )
    r = run(text)  # the 4 of 2020 complete in 2022; the 4 of 2021 would in 2023
    assert by_date(r, "service", "account", "provider") == {2: 400}
    assert by_date(r, "each", "payer", "provider") == {3: 4000}


def test_a_stop_of_intake_lets_those_who_are_there_go_on() -> None:
    text = deal(
        participants=PEOPLE,
        costs=f"{{{SERVICE}, place: {{amount: 1, per: person_month}}}}",
        finance="{tranches: {loan: {amount: 100 k}}, surplus: {loan: 100 %}}",
        events=stop("intake", "2021-01"),
    )
    r = run(text)
    assert by_date(r, "place", "account", "provider") == {0: 48, 1: 48}  # 4 people for two years
    assert by_date(r, "service", "account", "provider") == {0: 100, 1: 100, 2: 100, 3: 100}


@pytest.mark.key("events.stops", "guarantees.up_to")
def test_a_stop_of_everything_settles_on_that_day() -> None:
    text = deal(
        contract="{payments: {fee: {amount: 30, at: [2021-01, 2022-01, 2023-01]}, late: {amount: 500, at: 2024-01}}}",
        costs=f"{{{SERVICE}, closing: {{amount: 5, at: [2022-01, 2024-01]}}}}",
        finance=(
            "{tranches: {loan: {amount: 405, rate: 10 %}}, shortfall: payer, "
            "guarantees: {g: {by: guarantor, covers: [loan], over: 50, up_to: {2020-01: 60, 2023-01: 400}}}}"
        ),
        events=stop("everything"),
    )
    r = run(text)
    assert by_date(r, "fee", "payer", "account") == {1: 30, 2: 30}  # that of the day is still made
    assert total(r, "late", "payer", "account") == 0
    assert by_date(r, "service", "account", "provider") == {0: 100, 1: 100}
    assert by_date(r, "closing", "payer", "provider") == {2: 5}  # nothing is drawn for it any more; that of 2024 lapses
    assert total(r, "closing", "account", "provider") == 0
    assert by_date(r, "loan", "account", "investor") == {1: 30, 2: 30}
    # drawn 200, received 60: loss 140, less 50, at most 60 under the limit of that day
    assert by_date(r, "g", "guarantor", "investor") == {2: 60}
    assert r.metric("investor", "net_gain")[0] == pytest.approx(-80)


def test_capital_that_was_not_spent_goes_back_at_a_stop_of_everything() -> None:
    text = deal(
        costs=f"{{{SERVICE}}}",
        finance="{tranches: {loan: {amount: 400, drawn: upfront}}}",
        events=stop("everything", "2021-01"),
    )
    r = run(text)
    assert by_date(r, "loan", "investor", "account") == {0: 400}
    assert by_date(r, "loan", "account", "investor") == {1: 300}
    assert by_date(r, "service", "account", "provider") == {0: 100}


@pytest.mark.key("costs.at", "payments.at", "finance.distribute", "tranches.after")
def test_money_falls_due_with_an_event_in_the_futures_in_which_it_happens() -> None:
    text = deal(
        contract="{payments: {fee: {amount: 80, at: 2021-01}, exit: {amount: 25, at: sale}}}",
        costs="{c: {amount: 100}, closing: {amount: 9, at: sale}}",
        finance=(
            "{tranches: {loan: {amount: 100}, extra: {by: lender, amount: 20, after: sale, kind: grant}}, "
            "distribute: sale, surplus: {provider: 100 %}, shortfall: payer}"
        ),
        events="{sale: {at: [2022-01, 2023-01], chance: 50 %}}",
    )
    r = run(text)
    event = {c: [] for c in (2, 3, 4)}  # a future of each kind
    for draw in range(48):
        flows = moved(r, draw)
        exits = flows.get(("exit", "payer", "account"), {})
        event[next(iter(exits), 4)].append(flows)
    for column in (2, 3):
        flows = event[column][0]
        assert flows["exit", "payer", "account"] == {column: 25}
        assert flows["extra", "lender", "account"] == {column: 9}  # open now, and needed for the closing
        assert flows["closing", "account", "provider"] == {column: 9}
        assert flows["loan", "account", "investor"] == {column: 100}  # 80 and 25 were there; 100 are owed
        assert flows["surplus", "account", "provider"] == {column: 5}
    flows = event[4][0]  # never: on the last date
    assert not {("closing", "account", "provider"), ("extra", "lender", "account")} & set(flows)
    assert flows["loan", "account", "investor"] == {3: 80}


RIKERS = """
sibsim: 1
title: A jail programme that may stop early
currency: USD
start: 2012-09
step: quarter
parties: {payer: City, investor: Bank, guarantor: Foundation, provider: Services}
participants:
  duration: 3 months
  cohorts:
    year 1: {size: 100, start: 2013-03, intake: 12 months}
    year 4: {size: 200, start: 2016-03, intake: 6 months}
outcomes: {days: {type: event, better: fewer, over: 12 months, without: 100 %, effect: {ratio: RATIO}}}
measures:
  reduction:
    of: days
    as: relative_improvement
    cohorts: [year 1]
    comparison: {fixed: 100 %}
    follow_up: 12 months
    reported: 2015-06
contract: {payments: {repay: {measure: reduction, steps: [[10 %, 4.8 m], [50 %, 9.6 m]], at: 2016-09}}}
costs: {programme: {amount: 9.6 m, over: 4 years}, place: {amount: 10, per: starter, by: provider, to: outside}}
finance:
  tranches: {loan: {amount: 9.6 m}}
  guarantees:
    grant:
      by: guarantor
      covers: [loan]
      over: {2012-09: 1.2 m, 2015-12: 2.4 m}
      up_to: {2012-09: 6 m, 2015-12: 7.2 m}
benefits: {beds: {of: days, kind: cashable, worth: 100}}
events: {early stop: {at: 2015-09, if: {reduction: below 10 %}, stops: everything}}
"""


@pytest.mark.key("events.if", "events.stops", "guarantees.over")
def test_a_contract_that_fails_stops_after_three_years_and_one_that_works_does_not() -> None:
    failed = run(RIKERS.replace("RATIO", "1"))
    # twelve quarters of 0.6 m; nothing is paid; the guarantor brings 6.0 m of 7.2 m
    assert failed.metric("investor", "drawn").max() == pytest.approx(7.2e6)
    assert by_date(failed, "grant", "guarantor", "investor") == {12: 6.0e6}
    assert failed.metric("payer", "outcome_payments").max() == 0
    assert total(failed, "place", "provider", "outside") == 1000  # the people of year 4 never come
    event = failed.summary()["events"]["early stop"]
    assert (event["chance"]["value"], event["people_kept_away"]["value"]) == (1, 200)
    assert event["service_lost"]["value"] == pytest.approx(200 * 3 / 12)
    worked = run(RIKERS.replace("RATIO", "0"))
    assert worked.metric("investor", "drawn").max() == pytest.approx(9.6e6)
    assert worked.metric("payer", "outcome_payments").min() == pytest.approx(9.6e6)
    assert total(worked, "place", "provider", "outside") == 3000
    assert worked.summary()["events"]["early stop"]["chance"]["value"] == 0


@pytest.mark.key("events.if")
def test_what_is_paid_without_effect_includes_the_events_of_a_world_without_effect() -> None:
    text = RIKERS.replace("RATIO", "0").replace(
        "payments: {", "payments: {fee: {amount: 5, at: [2015-06, 2015-09, 2015-12, 2016-03], to: provider}, "
    )
    r = run(text)
    assert r.metric("payer", "outcome_payments").max() == pytest.approx(9.6e6 + 20)
    assert r.metric("payer", "payment_without_effect").max() == 10  # two fees until the stop
