"""`sibsim flow` of queues: what textbooks know of them, nobody lost, and what is said of them is true."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from sibsim import cli
from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.flowing import Flowing, flow_of
from sibsim.queue import queue_record
from sibsim.report.flow import RENDERERS
from sibsim.report.flow_sentences import count
from sibsim.report.layout import Layout, width_of
from tests.support import HEAD, LIMIT, deal, scenario, world

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "flow.schema.json").read_text(encoding="utf-8"))
QUARTERS = HEAD.replace("step: year", "step: quarter")
MONTHLY = HEAD.replace("step: year", "step: month")
EVENT = "{relapse: {type: event, better: fewer, over: 1 year, without: 50 %}}"
N = 8192
SCARCE = """{duration: 6 months, dropout: 20 %, queue: {referrals: 8, until: 2022-01, last_start: 2022-07,
  eligible: 80 %, accepts: 75 %, places: 20, gives_up_after: 2 months}}"""
UNSURE = SCARCE.replace("referrals: 8", "referrals: rate")
RATE = "{rate: {normal: {mean: 8, sd: 2, within: [3, 13]}}}"
BOTH = """{duration: 6 months, dropout: 20 %, cohorts: {
  queued: {queue: {referrals: 8, until: 2021-01, places: 20}}, other: {size: 100, take_up: 70 %, intake: 1 year}}}"""
HALT = "{halt: {at: 2020-10, chance: 50 %, stops: service}, close: {at: 2021-04, chance: 50 %, stops: intake}}"


def text_of(participants: str, head: str = QUARTERS, **sections: str) -> str:
    return deal(head, **({"outcomes": EVENT, "measures": "none", "participants": participants} | sections))


CASES = {
    "scarce": text_of(SCARCE),
    "unsure": text_of(UNSURE, inputs=RATE),
    "two cohorts": text_of(BOTH),
    "room for all": text_of(
        "{queue: {referrals: 5, until: 2021-01, time_in_service: {exponential: 4 months}}}", MONTHLY
    ),
    "halted": text_of(SCARCE, events=HALT, horizon="2024-01"),
    "halted, two cohorts": text_of(BOTH, events=HALT, horizon="2024-01"),
    "only after": text_of(
        """{duration: 6 months, cohorts: {first: {size: 40}, second: {after: go, start: 2021-01, queue:
          {referrals: 6, until: 2022-01, places: 12, gives_up_after: {gamma: {mean: 3 months, sd: 2 months}}}}}}""",
        events="{go: {at: 2020-07, chance: 50 %}}",
        horizon="2024-01",
    ),
    "places that come": text_of(
        "{duration: 6 months, queue: {referrals: 6, until: 2022-01, places: {2020-01: 10, 2021-01: spots}}}",
        inputs="{spots: {uniform: {low: 20, high: 40}}}",
    ),
    "overrun": text_of("{duration: 6 months, queue: {referrals: 8, until: 2022-01, places: 10}}"),
    "one place": text_of("{duration: 1 month, queue: {referrals: 0.2, until: 2020-07, places: 1}}", MONTHLY),
}


@cache
def case(name: str) -> Flowing:
    return flow_of(scenario(CASES[name]), n_draws=N)


def total(found: Flowing) -> dict[str, Any]:
    row: dict[str, Any] = found.summary()["totals"][0]
    return row


def misses(found: dict[str, float], truth: float) -> float:
    """Standard errors between a figure and the truth; of one without a mean, its value."""
    error = found["mc_error"]
    return abs(found.get("mean", found.get("value", math.nan)) - truth) / max(error, 1e-12)


# ------------------------------------------------------------------------------------------------ textbooks
def test_who_gives_up_is_as_many_as_theory_has_it() -> None:
    """One place, 10 a month, 0.1 months in service, a patience of 0.2: p(n) falls by 10 / (10 + 5 (n - 1))."""
    text = text_of(
        "{queue: {referrals: 10, until: 2040-01, places: 1, bank: 8, gives_up_after: 0.2 months, time_in_service: "
        "{exponential: 0.1 months}}}",
        HEAD,
    )
    found = flow_of(scenario(text), n_draws=N)
    odds = [1.0]
    for n in range(1, 60):
        odds.append(odds[-1] * 10 / (10 + 5 * (n - 1)))
    line = sum((n - 1) * p for n, p in enumerate(odds) if n > 1) / sum(odds)
    queue = total(found)["queue"]
    assert misses(queue["share_gave_up"], 5 * line / 10) < LIMIT
    assert misses(queue["use_of_places"], 1 - 1 / sum(odds)) < LIMIT
    for row in found.summary()["periods"][1:20:6]:
        assert misses(row["queue"]["share_gave_up"], 5 * line / 10) < LIMIT
        assert misses(row["queue"]["waiting"], line) < LIMIT


@cache
def two_servers() -> Flowing:
    """Referrals 10 a month for 40 years, each in service for 0.14 months on average, two places: use of 70 %."""
    return flow_of(
        scenario(
            text_of(
                "{queue: {referrals: 10, until: 2060-01, places: 2, bank: 8, time_in_service: "
                "{exponential: 0.14 months}}}",
                HEAD,
            )
        ),
        n_draws=N,
    )


def test_two_servers_are_those_of_erlang() -> None:
    load, rate, leaves = 1.4, 10.0, 2 / 0.14
    busy = load**2 / 2 / (1 - load / 2)
    waits = busy / (1 + load + busy)  # Erlang C
    queue = total(two_servers())["queue"]
    assert misses(queue["share_waits"], waits) < LIMIT
    assert misses(queue["wait"], waits / (leaves - rate)) < LIMIT
    assert misses(queue["wait_p95"], math.log(waits / 0.05) / (leaves - rate)) < LIMIT
    assert misses(queue["use_of_places"], 0.7) < LIMIT
    assert misses(queue["referred"], 4800) < LIMIT
    assert queue["gave_up"]["mean"] == queue["share_gave_up"]["value"] == 0
    assert queue["bank"] == 8
    assert queue["replications"] == 8 * 8


def test_who_waits_follows_from_how_long_they_wait() -> None:
    """Little: people waiting at a time are referrals a month times the mean wait; and people in service alike."""
    load = 1.4
    rows = two_servers().summary()["periods"][5:35]
    waiting = np.mean([row["queue"]["waiting"]["mean"] for row in rows])
    served = np.mean([row["in_service"]["mean"] for row in rows])
    busy = load**2 / 2 / (1 - load / 2)
    assert waiting == pytest.approx(busy / (1 + load + busy) / (2 / 0.14 - 10) * 10, rel=0.05)
    assert served == pytest.approx(load, rel=0.01)


def test_where_there_is_room_for_all_nobody_waits() -> None:
    """An infinity of servers: by age t there are rate x mean x (1 - exp(-t / mean)); everything is Poisson."""
    found = case("room for all")
    queue = total(found)["queue"]
    assert queue["wait"] == queue["share_waits"] == {"value": 0.0, "mc_error": 0.0}
    assert queue["use_of_places"]["value"] is None
    assert misses(total(found)["started"], 60) < LIMIT
    for month, row in enumerate(found.summary()["columns"][:12]):
        tail = [math.exp(-(month + k) / 4) for k in (0, 1)]
        there = 5 * 4 * (1 - 4 * (tail[0] - tail[1]))  # averaged over the month
        assert misses(row["in_service"], there) < LIMIT
        assert misses(row["started"], 5) < LIMIT
        assert row["places"]["value"] is None
    text = RENDERERS["text"](found.summary(), Layout())
    assert "Nobody who starts had to wait." in text
    assert "places are in use" not in text


def test_an_overrun_queue_takes_as_many_as_it_has_places() -> None:
    """10 places of six months are 20 a year: the 40 of two years start, of 192 referred; the others still wait."""
    row = total(case("overrun"))
    assert misses(row["queue"]["referred"], 192) < LIMIT
    assert abs(row["started"]["mean"] - 40) < 1.0  # 10 at first, and 10 more each half year, a little later
    turned_away = row["queue"]["wanted"]["mean"] - row["started"]["mean"]
    assert row["queue"]["turned_away"]["mean"] == pytest.approx(turned_away, rel=1e-9)
    assert row["queue"]["use_of_places"]["value"] > 0.9
    text = " ".join(RENDERERS["text"](case("overrun").summary(), Layout()).split())
    assert "On average 194 people are referred and 40 start, in every future." in text
    assert "In the busiest quarter 10 are in service at a time; in all they get 20 person-years of service." in text
    assert re.search(r"1[45]\d on average still wait when nobody starts any more", text)


def test_the_error_is_that_of_the_bank_too() -> None:
    """The means of ten seeds scatter as their errors say: with 32 of 48 futures alike it is not that of 8,192."""
    text = text_of("{duration: 6 months, queue: {referrals: 8, until: 2021-01}}")
    rows = [total(flow_of(scenario(text), n_draws=N, seed=seed))["started"] for seed in range(1, 11)]
    spread = float(np.std([row["mean"] for row in rows], ddof=1))
    error = math.sqrt(np.mean([row["mc_error"] ** 2 for row in rows]))
    bank = math.sqrt(96 / 256)  # Poisson, of 8 x 32 replications
    assert error == pytest.approx(bank, rel=0.3)
    assert 0.5 < spread / error < 1.7  # chi with 9 degrees of freedom: 1 in 1,000 to each side


# ------------------------------------------------------------------------------------------------ identities
@pytest.mark.parametrize("name", CASES)
def test_nobody_is_lost(name: str) -> None:
    found = case(name)
    for cohort in [None, *(c.name for c in found.scenario.cohorts if len(found.cohorts) > 1)]:
        has_queue = any(c.queue is not None for c in found.scenario.cohorts if cohort in (None, c.name))
        people = {
            what: found.people(what, cohort=cohort)
            for what in ("offered", "started", "never_started", "dropped_out", "completed", "cut_off", "person_months")
        }
        assert np.allclose(people["offered"], people["started"] + people["never_started"])
        assert np.allclose(people["started"], people["completed"] + people["dropped_out"] + people["cut_off"])
        months = sum(found.people("in_service", i, cohort) * p.months for i, p in enumerate(found.periods))
        assert np.allclose(months, people["person_months"])
        if not has_queue:
            continue
        line = {what: found.people(what, cohort=cohort) for what in ("referred", "wanted", "gave_up", "turned_away")}
        started = found.people("queue_started", cohort=cohort)
        assert np.allclose(line["wanted"], started + line["gave_up"] + line["turned_away"])
        assert np.all(line["referred"] >= line["wanted"])
        assert np.allclose(line["gave_up"], found.people("gave_up_of", cohort=cohort))
        assert np.all(
            found.people("served_months", cohort=cohort) <= found.people("place_months", cohort=cohort) + 1e-6
        )


@pytest.mark.parametrize("name", CASES)
def test_these_are_the_people_of_the_simulation(name: str) -> None:
    found = case(name)
    done = world(found.scenario, replicates=8)
    for cohort in found.scenario.cohorts:
        flow, own = done.flows[cohort.name], (cohort.name if len(found.cohorts) > 1 else None)
        assert np.allclose(found.people("started", cohort=own), sum(flow.starters, 0.0))
        assert np.allclose(found.people("offered", cohort=own), sum(flow.offered, 0.0))
        planned = found.people("offered", cohort=own) + found.people("kept_away", cohort=own)
        assert np.allclose(planned, sum(flow.planned.offered, 0.0))
        months = sum((flow.person_months(column) for column in flow.service_columns), 0.0)
        assert np.allclose(found.people("person_months", cohort=own), months)


def test_an_event_ends_queue_and_service() -> None:
    found = case("halted")
    last = found.people("last_start")
    halted, closed = last < 3, found.people("kept_away") > 0
    assert 0.4 < np.mean(halted) < 0.6
    assert 0.7 < np.mean(closed) < 0.8
    assert np.all(found.people("cut_off")[~halted] == 0)
    for i, period in enumerate(found.periods):
        if period.columns[0] >= 3:
            assert np.all(found.people("in_service", i)[halted] == 0)
            assert np.all(found.people("waiting", i)[halted] == 0)
    text = " ".join(RENDERERS["text"](found.summary(), Layout()).split())
    assert "more were planned, on average: events, or want of money, leave them without a start." in text
    assert "An event ends the service of" in text


def test_the_same_bytes_for_any_workers_and_the_first_futures_for_any_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["sibsim.simulate"], "MANY_PEOPLE", 0)
    what = scenario(CASES["unsure"])
    one, two = (RENDERERS["json"](flow_of(what, N, workers=w).summary(), Layout()) for w in (1, 2))
    assert one == two == RENDERERS["json"](case("unsure").summary(), Layout())
    more = flow_of(what, n_draws=10 * 1024)
    assert np.array_equal(more.people("started")[:N], case("unsure").people("started"))


# ------------------------------------------------------------------------------------------------ what is written
@pytest.mark.parametrize("name", CASES)
def test_every_queue_can_be_shown(name: str) -> None:
    summary = case(name).summary()
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(RENDERERS["json"](summary, Layout())))
    for columns in (60, 80, 120):
        layout = Layout(columns)
        text = RENDERERS["text"](summary, layout)
        assert [one for one in text.splitlines() if width_of(one) > layout.width] == []
        assert not re.search(r"\bnan\b|\binf\b|None", text)
        assert " ".join(text.split()).count("replications, 32 for each 1,024 futures") == 1
    table = list(csv.DictReader(io.StringIO(RENDERERS["csv"](summary, Layout()))))
    for row, period in zip(table, summary["periods"], strict=True):
        queue = period["queue"]
        assert row["wanted"] == ("" if queue is None else repr(queue["wanted"]["mean"]))
        assert row["wait"] == ("" if queue is None or queue["wait"]["value"] is None else repr(queue["wait"]["value"]))


def test_the_sentences_are_those_of_the_figures() -> None:
    summary = case("scarce").summary()
    row, text = summary["totals"][0], " ".join(RENDERERS["text"](summary, Layout(100)).split())
    queue = row["queue"]
    steps = (queue["referred"], row["offered"], queue["wanted"], row["started"])
    referred, eligible, wanted, started = (count(figure["mean"]) for figure in steps)
    assert (
        f"On average {referred} people are referred: {eligible} of them are eligible, {wanted} want a place and "
        f"{started} start; in at least 90 of 100 futures {count(row['started']['p05'])} to "
        f"{count(row['started']['p95'])} start."
    ) in text
    assert f"Of 100 who start {100 * queue['share_waits']['value']:.0f} had to wait." in text
    assert f"95 of 100 at most {queue['wait_p95']['value'] * 365.25 / 12:.0f} days." in text
    assert f"Of 100 who want a place {100 * queue['share_gave_up']['value']:.0f} give up waiting" in text
    assert f"{100 * queue['use_of_places']['value']:.1f} % of the places are in use on average" in text
    chart = RENDERERS["text"](summary, Layout()).split("How long those who start")[1].split("\n\n")[1]
    assert "served │ places" in chart
    assert "waiting" in chart
    marks = [line.index("│") for line in chart.splitlines()[1:] if "│" in line]
    assert len(marks) == 10  # as long as people may start
    assert len(set(marks)) == 1


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "queue.yaml"
    path.write_text(CASES["scarce"], encoding="utf-8")
    asked = ["flow", str(path), "--draws", "8192", "--workers", "1", "--quiet"]
    assert cli.main([*asked, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["totals"] == json.loads(json.dumps(case("scarce").summary()["totals"]))
    assert cli.main([*asked, "--set", "participants.queue.places=60"]) == 0
    more = capsys.readouterr().out
    assert "had to wait" in more


def test_a_queue_beside_others_is_told_once() -> None:
    text = RENDERERS["text"](case("two cohorts").summary(), Layout())
    assert text.count("the queue, by quarter") == 1
    assert "queued: had to wait, %" in text
    assert text.count("had to wait, %") == 1
    assert re.search(r"Of 100\s+who\s+start\s+from\s+the\s+queue", text)
    assert "│" not in text  # places of some beside people of all would say nothing


def test_who_gives_up_is_of_the_period_of_referral() -> None:
    """Referrals end with 2021; some of the last give up in 2022, and are of 2021."""
    found = case("scarce")
    last = len(found.periods) - 1
    assert found.summary()["periods"][last]["from"] == "2022-01"
    assert np.mean(found.people("gave_up", last)) > 0.5
    assert np.all(found.people("gave_up_of", last) == 0)
    assert found.summary()["periods"][last]["queue"]["share_gave_up"]["value"] is None
    for i in range(last):
        assert np.all(found.people("gave_up_of", i) <= found.people("wanted", i))


@pytest.mark.parametrize("name", CASES)
def test_the_waits_are_those_of_the_mean(name: str) -> None:
    """Each wait counts as often as futures have it, also where events keep some of the people away."""
    found = case(name)
    for key, waits in found.waits.items():
        months, weights = (np.concatenate([getattr(one, what) for one in waits]) for what in ("months", "weights"))
        cohort = key.removeprefix("cohort ") if len(found.cohorts) > 1 else None
        started = found.people("queue_started", cohort=cohort)
        assert weights.sum() == pytest.approx(started.sum(), rel=1e-12)
        own = started.reshape(len(waits), -1).sum(axis=1)  # of each replicate, as its error asks
        assert [one.weights.sum() for one in waits] == pytest.approx(own, rel=1e-12)
        assert weights @ months == pytest.approx(found.people("waited", cohort=cohort).sum(), rel=1e-9)
        assert weights @ (months > 0) == pytest.approx(found.people("waiters", cohort=cohort).sum(), rel=1e-12)


def test_who_waits_in_a_period_is_who_waits_in_the_record() -> None:
    found = case("overrun")
    context = begin(found.scenario, Streams(1, range(8)))
    record = queue_record(context, found.scenario.cohorts[0])
    for i, period in enumerate(found.periods):
        rows = [column - record.columns[0] for column in period.columns]
        assert np.allclose(found.people("waiting", i), record["queue"][rows].mean(axis=0))
        assert np.allclose(found.people("in_service", i), record["in_service"][rows].mean(axis=0))


def test_the_mark_stands_where_a_full_bar_ends() -> None:
    text = RENDERERS["text"](case("overrun").summary(), Layout())
    lines = [line for line in text.splitlines() if "│" in line and "places" not in line]
    assert len(lines) == 8
    assert sum("█│" in line for line in lines) == 7  # but for the first quarter, in which places fill
    assert not any("│█" in line for line in lines)


# ------------------------------------------------------------------------------------------------ long stays
def test_the_busiest_month_has_no_more_people_than_places_however_long_some_stay() -> None:
    """What is left of the longest stays counts in the last column, 50 months in one; nobody is there fifty times."""
    long = "time_in_service: {lognormal: {mean: 12 months, sd: 36 months}}"
    text = text_of(f"{{queue: {{referrals: 5, until: 2022-01, places: 20, {long}}}}}", MONTHLY)
    found = flow_of(scenario(text), n_draws=N)
    assert total(found)["busiest"]["p95"] <= 20.0 + 1e-9
    kept = sum(row["in_service"]["mean"] * row["months"] for row in found.summary()["periods"] if not row["cohort"])
    assert kept == pytest.approx(total(found)["person_months"]["mean"])
