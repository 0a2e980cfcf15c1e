"""A contract of which not all has come: what is paid and not open stays the same, however the rest turns out.

Reports of a simulated draw are left out at random, and then come back in two ways: as they were, and as others. What a
settlement pays for sure must be the same in both, unless a warning names it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sibsim.loading import load
from sibsim.loading.finding import scenario_folder, templates
from sibsim.replay import settled, settlement_summary
from sibsim.replay.cautions import may_depend
from sibsim.replay.drawn import scenario_of_draw
from sibsim.scenario import Reading, Scenario
from tests.identities import test_account_twice
from tests.identities.test_settle_is_simulate import CONTRACTS, COUNTED, FINANCES, INTERRUPTED, some
from tests.support import SCENARIOS, scenario, world

Reports = dict[tuple[str, int | None, str | None], Reading]
"""Readings by measure, date and cohort (None: of all together)."""
Paid = dict[tuple[str, str, str | None], float]


def apart(what: Scenario) -> Reports:
    """Every report of what came, those of each cohort by itself."""
    assert what.actuals is not None
    cohorts, found = {c.name for c in what.cohorts}, Reports()
    for name, reports in what.actuals.measures.items():
        is_each = what.measure(name).for_each_cohort
        for column, reading in reports:
            if is_each and isinstance(reading, Mapping) and set(reading) <= cohorts:
                found.update({(name, column, cohort): one for cohort, one in reading.items()})
            else:
                found[name, column, None] = reading
    return found


def together(what: Scenario, reports: Reports) -> Scenario:
    """The contract with these reports, its events decided by them and its draws by its costs."""
    assert what.actuals is not None
    measures: dict[str, dict[int | None, Any]] = {}
    for (name, column, cohort), reading in reports.items():
        if cohort is None:
            measures.setdefault(name, {})[column] = reading
        else:
            measures.setdefault(name, {}).setdefault(column, {})[cohort] = reading
    by_reports = {e.name for e in what.events if e.if_ is not None and getattr(e.chance, "value", 0.0) == 1.0}
    came = replace(
        what.actuals,
        measures={name: tuple(sorted(of.items(), key=lambda one: one[0] or 0)) for name, of in measures.items()},
        events={name: when for name, when in what.actuals.events.items() if name not in by_reports},
        drawn={},
        costs={
            c.name: what.actuals.costs[c.name]
            for c in what.costs
            if c.per != "contract" and c.name in what.actuals.costs
        },
    )
    return replace(what, actuals=came)


def otherwise(reading: Reading, rng: random.Random) -> Reading:
    """Another reading of the same kind."""
    if isinstance(reading, Mapping):
        return {name: otherwise(one, rng) for name, one in reading.items()}  # type: ignore[misc]
    return reading * rng.choice([0.0, 0.4, 0.8, 1.3, 2.5])


def paid(summary: dict[str, Any]) -> Paid:
    found: Paid = {}
    for row in summary["payments"]:
        key = (row["payment"], row["date"], row["cohort"])
        found[key] = found.get(key, 0.0) + row["amount"]
    return found


def differences(what: Scenario, seed: int) -> Iterator[tuple[Any, ...]]:
    """What is paid for sure, or is not due for sure, and yet comes to something else."""
    rng, came = random.Random(seed), apart(what)
    share = rng.choice([0.15, 0.35, 0.6])
    known = {key: reading for key, reading in came.items() if rng.random() > share}
    partial = settled(together(what, known))
    sure, summary = paid(settlement_summary(partial)), settlement_summary(partial)
    opens = {(row["payment"], row["date"], row["cohort"]) for row in summary["open"] if "payment" in row}
    for how in ("as it was", "otherwise"):
        rest = {key: one if how == "as it was" else otherwise(one, rng) for key, one in came.items()}
        all_paid = paid(settlement_summary(settled(together(what, {**rest, **known}))))
        for name, date, cohort in sorted({*sure, *all_paid}, key=str):
            if opens & {(name, date, None), (name, date, cohort)} or name in may_depend(partial):
                continue
            if cohort is None and any(one[:2] == (name, date) for one in opens):
                continue
            before, after = (paid_.get((name, date, cohort), 0.0) for paid_ in (sure, all_paid))
            if before != pytest.approx(after, rel=1e-9, abs=1e-6):
                yield how, name, date, cohort, before, after


def check(what: Scenario, draws: tuple[int, ...] = (3,)) -> None:
    block = world(what, replicates=1)
    for draw in draws:
        one = scenario_of_draw(block, draw)
        for seed in range(2):
            assert list(differences(one, seed)) == [], (draw, seed)


@pytest.mark.parametrize("name", templates())
def test_templates(name: str) -> None:
    check(load(scenario_folder() / "templates" / f"{name}.yaml"))


@pytest.mark.parametrize("name", ["everything", "interrupted", "rate-card"])
def test_scenarios_of_the_tests(name: str) -> None:
    check(load(SCENARIOS / f"{name}.yaml"))


@pytest.mark.parametrize("seed", range(1, 40, 8))
def test_made_up_finance(seed: int) -> None:
    check(scenario(test_account_twice.as_text(test_account_twice.made_up(seed), True)), (5,))


@pytest.mark.parametrize(("contract", "finance"), some(CONTRACTS, FINANCES))
def test_every_contract_with_several_ways_to_finance_it(contract: str, finance: str) -> None:
    check(scenario("three-cohorts", contract, finance), (9,))


@pytest.mark.parametrize(("payments", "events"), some(COUNTED, INTERRUPTED))
def test_every_way_to_count_with_several_interruptions(payments: str, events: str) -> None:
    check(scenario("counted-and-interrupted", payments, events))
