"""A contract settled on what came in one draw of a simulation pays what it paid there: the same ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sibsim.loading import load, shipped
from sibsim.loading.finding import scenario_folder, templates
from sibsim.replay import Settled, settled
from sibsim.replay.drawn import scenario_of_draw
from sibsim.scenario import Actuals, Scenario
from sibsim.settlement import Ledger
from sibsim.simulate import Future
from tests.identities import test_account_twice, test_random_contracts
from tests.support import SCENARIOS, in_turn, scenario, world

DRAWS = (12, 1000)
FRESH = Path(__file__).parents[1] / "fresh_reader"

Moved = dict[tuple[str, str, str, str], dict[int, float]]


def of_draw(value: object, draw: int) -> float:
    figures = np.asarray(value, dtype=float).ravel()
    return float(figures[draw if figures.size > 1 else 0])


def moved(ledger: Ledger, draw: int = 0) -> Moved:
    """Money of one draw by label, kind, source and target: amount by column."""
    found: Moved = defaultdict(dict)
    for entry in ledger:
        for column, amount in entry.amounts.items():
            found[entry.label, entry.kind, entry.source, entry.target][column] = of_draw(amount, draw)
    return found


def same_money(one: Moved, other: Moved, where: object) -> None:
    """Every entry of two ledgers is equal to 1e-9 of it."""
    size = max((abs(a) for amounts in one.values() for a in amounts.values()), default=1.0)
    for key in sorted({*one, *other}):
        for column in sorted({*one.get(key, {}), *other.get(key, {})}):
            a, b = one.get(key, {}).get(column, 0.0), other.get(key, {}).get(column, 0.0)
            assert abs(a - b) <= 1e-9 * max(abs(a), abs(b)) + 1e-11 * size, (where, key, column, a, b)


def same_reports(block: Future, draw: int, replayed: Settled) -> None:
    """Every report, composites too, says what it said; one on nobody says nothing again, or is left out."""
    for name, reports in block.reports.items():
        others = {(one.cohort, one.column): of_draw(one.value, 0) for one in replayed.reports[name]}
        for one in reports:
            said, again = of_draw(one.value, draw), others.pop((one.cohort, one.column), np.nan)
            assert said == pytest.approx(again, rel=1e-9, abs=1e-9, nan_ok=True), (name, one.column, one.cohort)
        assert not others


def versions(what: Scenario) -> Iterator[tuple[str, Scenario]]:
    """What came with all that is known of it, and with less: what follows from the rest must come out the same."""
    came = what.actuals or Actuals()
    yield "all", what
    decided = {e.name for e in what.events if e.if_ is not None and e.chance_per_year is None}
    certain = {e.name for e in what.events if e.name in decided and getattr(e.chance, "value", 0.0) == 1.0}
    events = {name: when for name, when in came.events.items() if name not in certain}
    yield "events by their conditions", replace(what, actuals=replace(came, events=events))
    yield "draws by the costs", replace(what, actuals=replace(came, drawn={}))
    per_contract = {c.name for c in what.costs if c.per == "contract"}
    costs = {name: amounts for name, amounts in came.costs.items() if name not in per_contract}
    yield "costs by the contract", replace(what, actuals=replace(came, costs=costs))


def check_same(what: Scenario, draws: tuple[int, ...] = DRAWS) -> None:
    block = world(what, replicates=1)
    for draw in draws:
        ways = list(versions(scenario_of_draw(block, draw)))
        for how, known in ways if draw == draws[0] else ways[:1]:
            replayed = settled(known)
            assert not replayed.recorder.open, (draw, how)
            same_reports(block, draw, replayed)
            same_money(moved(block.settlement.ledger, draw), moved(replayed.settlement.ledger), (draw, how))
            if block.settlement.events is not None and replayed.settlement.events is not None:
                for name, when in block.settlement.events.when.items():
                    assert int(replayed.settlement.events.when[name][0]) == int(when[draw]), (draw, how, name)


@pytest.mark.parametrize("name", in_turn(shipped(), 2))
def test_scenarios_that_ship(name: str) -> None:
    what = load(name)
    if not what.outcomes:
        pytest.skip("can only be settled")
    check_same(what)


@pytest.mark.parametrize("name", templates())
def test_templates(name: str) -> None:
    check_same(load(scenario_folder() / "templates" / f"{name}.yaml"))


@pytest.mark.parametrize(
    "path", [*sorted(SCENARIOS.glob("*.yaml")), *sorted(FRESH.glob("[!p]*.yaml"))], ids=lambda p: p.stem
)
def test_scenarios_of_the_tests(path: Path) -> None:
    check_same(load(path))


@pytest.mark.parametrize("option", load(SCENARIOS / "everything.yaml").available_options)
def test_options_of_the_scenario_with_everything(option: str) -> None:
    check_same(load(SCENARIOS / "everything.yaml", [option]), (500,))


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_made_up_finance(seed: int) -> None:
    """Ranks, interest, caps of tranches, recycling, limits of payers, money back, guarantees, stops."""
    check_same(scenario(test_account_twice.as_text(test_account_twice.made_up(seed), True)), (5, 900))


@pytest.mark.parametrize("seed", range(6))
def test_made_up_contracts(seed: int) -> None:
    check_same(scenario(test_random_contracts.as_text(test_random_contracts.made_up(seed))), (0,))


# ------------------------------------------------------------------------------------------------ each with each
CONTRACTS = (
    "each cohort or else all",
    "split by size among met",
    "a collar that takes back",
    "caps on the return",
    "money of others",
    "the rest of what a cap left",
    "a share of what is paid",
    "rounded and amended",
)
FINANCES = (
    "ranks and a bullet",
    "recycling",
    "stop intake",
    "draws on dates",
    "earmarked",
    "a coupon then the principal",
)
COUNTED = ("prices", "to date", "of several", "composite")
INTERRUPTED = ("by results", "by chance", "in a row", "service")


def some(ones: tuple[str, ...], others: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each of some with two of the others, so that each of those comes several times."""
    return [(one, others[(i + k) % len(others)]) for i, one in enumerate(ones) for k in (0, 1)]


@pytest.mark.parametrize(("contract", "finance"), some(CONTRACTS, FINANCES))
def test_every_contract_with_several_ways_to_finance_it(contract: str, finance: str) -> None:
    check_same(scenario("three-cohorts", contract, finance))


@pytest.mark.parametrize(("payments", "events"), some(COUNTED, INTERRUPTED))
def test_every_way_to_count_with_several_interruptions(payments: str, events: str) -> None:
    check_same(scenario("counted-and-interrupted", payments, events))


def test_every_option_of_the_two_files_is_tried() -> None:
    assert {*CONTRACTS, *FINANCES} == {*scenario("three-cohorts").available_options}
    assert {*COUNTED, *INTERRUPTED} == {*scenario("counted-and-interrupted").available_options}
