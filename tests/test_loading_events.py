"""Events as they are read: dates, references, and what a good file is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.loading import load
from sibsim.scenario import Scenario, Test
from tests.test_loading import write

FILE = """
sibsim: 1
title: Fewer evictions
currency: SEK
start: 2026-01
parties: {payer: The town, investor: A fund, provider: A charity}
participants: {size: 240, duration: 12 months, cohorts: {one: {}, two: {start: 2027-01}}}
outcomes: {eviction: {type: event, better: fewer, without: 40 %, effect: {ratio: 0.7}}}
measures: {fewer: {of: eviction, as: relative_improvement, comparison: {rct: 350}, reported: 2028-04}}
contract: {payments: {success: {measure: fewer, per_point: 50 k, to: account}}}
costs: {programme: {amount: 15 500, per: starter}}
finance: {tranches: {loan: {amount: 8 m}}}
events:
  stop: {at: {every: year, from: 2026-07, until: 2028-07}, chance: 5 %, stops: [intake, draws]}
  reform:
    {chance_per_year: 4 %, from: 2027-01, until: 2028-01, if: [{fewer: below 5 %, stop: not happened}], cancels: two}
"""


def read(folder: Path, *changes: tuple[str, str]) -> Scenario:
    text = FILE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return load(write(folder, text))


def test_events_are_read_with_their_dates_and_conditions(tmp_path: Path) -> None:
    stop, reform = read(tmp_path).events
    assert (stop.at, stop.stops, stop.cancels) == ((2, 6, 10), ("intake", "draws"), ())
    assert (reform.at, reform.from_, reform.until, reform.cancels) == (None, 4, 8, ("two",))
    assert reform.if_ is not None
    assert reform.if_.alternatives[0][1] == Test("stop", "not happened", None)


def test_an_event_stands_where_a_date_or_a_condition_may(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        ("to: account}", "to: account, at: stop, if: {reform: not happened}}"),
        ("per: starter}", "per: starter}, closing: {amount: 5 k, at: reform}"),
        ("two: {start", "two: {after: stop, start"),
        ("{amount: 8 m}}", "{amount: 8 m, after: reform}}, distribute: stop"),
        (", stops: [intake, draws]}", ", stops: [draws]}"),
    )
    assert (scenario.payments[0].at, scenario.payments[0].at_event) == (None, "stop")
    assert (scenario.costs[1].at, scenario.costs[1].at_event) == (None, "reform")
    assert scenario.cohorts[1].after == "stop"
    assert scenario.finance is not None
    assert (scenario.finance.tranches[0].after, scenario.finance.distribute_event) == ("reform", "stop")


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        (", stops: [intake, draws]}", "}", "events.stop: changes nothing"),
        ("until: 2028-01", "until: 2027-10", "events.reform.if: 'fewer' is first reported in 2028-04"),
        ("until: 2028-07}", "until: 2026-07}", ""),
        ("cancels: two}", "cancels: one}", "events.reform.cancels: 'one' begins in 2026-01"),
        ("at: {every: year, from: 2026-07, until: 2028-07}", "at: 2035-01", "events.stop.at: is after the last date"),
    ],
)  # fmt: skip
def test_warnings(tmp_path: Path, old: str, new: str, warning: str) -> None:
    if old.startswith(", stops"):  # nothing else may wait for it either
        scenario = read(tmp_path, (old, new), (", stop: not happened", ""))
    else:
        scenario = read(tmp_path, (old, new))
    found = [w for w in scenario.warnings if w.startswith("events.")]
    assert any(w.startswith(warning) for w in found) if warning else all("stop" not in w.split(":")[0] for w in found)


def test_a_file_without_finance_or_people_is_told_what_has_no_effect(tmp_path: Path) -> None:
    text = FILE.replace("finance: {tranches: {loan: {amount: 8 m}}}\n", "").replace(", to: account}", ", to: provider}")
    warnings = load(write(tmp_path, text)).warnings
    assert any(w.startswith("events.stop.stops: draws: has no effect") for w in warnings)
