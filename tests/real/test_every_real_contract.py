"""Every contract of scenarios/real with each of its options: valid, settled as published, simulated, books in order."""

from __future__ import annotations

import functools
import importlib
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
import yaml

from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.loading import check_file, find, load, shipped
from sibsim.loading.finding import real_contracts
from sibsim.measures import Report
from sibsim.replay.came import came
from sibsim.replay.figures import settlement_summary
from sibsim.replay.settled import Settled, settled
from sibsim.scenario import Scenario
from tests.pages import real_summary
from tests.reports import check_report, check_sentences
from tests.support import as_it_stands

NAMES = real_contracts()
CASES = [(name, option) for name in NAMES for option in (None, *as_it_stands(name).available_options)]
SIMULATED = [name for name in NAMES if as_it_stands(name).outcomes]
EXPLAINED = {
    "denver": ("do not rise",),
    "essex-mst": ("does not rise over the years",),
    "koto": ("does not rise with prices",),
    "newpin-nsw": ("count few children", "same children every year", "do not rise with prices"),
    "nys-ceo": ("do not rise over the years",),
    "peterborough": ("do not rise over the years",),
    "rikers": ("no report counts",),
    "roca": ("do not rise over the years",),
    "utah-preschool": ("does not rise over the years",),
    "ways-to-wellness": ("do not rise over the years", "fewer than half of the people"),
}
"""By contract: words of its note that speak of what `validate` warns of."""


def note(name: str) -> str:
    """The paragraph on what is replayed, on one line."""
    return " ".join(yaml.safe_load(find(name).read_text(encoding="utf-8")).get("note", "").split())


@functools.cache
def done(name: str, option: str | None) -> Settled:
    return settled(load(name, [option] if option else []))


@functools.cache
def figures(name: str, option: str | None) -> dict[str, Any]:
    return settlement_summary(done(name, option))


# ------------------------------------------------------------------------------------------------ found and valid
def test_real_contracts_are_found_by_name() -> None:
    assert set(NAMES) <= set(shipped())
    assert {"utah-preschool", "dc-water", "rikers", "augsburg", "denver", "newpin-nsw"} <= set(NAMES)
    assert all(find(name).parent.name == "real" for name in NAMES)
    assert len(shipped()) == len(set(shipped()))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_and_says_what_is_replayed(name: str) -> None:
    assert not check_file(find(name)).options
    assert len(note(name)) > 200


@pytest.mark.parametrize("name", sorted(EXPLAINED))
def test_what_it_is_warned_of_is_explained(name: str) -> None:
    assert any("have no source" not in w for w in as_it_stands(name).warnings)
    assert all(words in note(name) for words in EXPLAINED[name])


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(EXPLAINED)))
def test_it_is_warned_of_nothing_but_figures_without_a_source(name: str) -> None:
    assert all("have no source" in w for w in as_it_stands(name).warnings)


# ------------------------------------------------------------------------------------------------ settled
@pytest.mark.parametrize(("name", "option"), CASES)
def test_every_expected_figure_agrees(name: str, option: str | None) -> None:
    wrong = [row for row in figures(name, option)["expected"] if row["agrees"] is not True]
    assert not wrong


@pytest.mark.parametrize(("name", "option"), CASES)
def test_a_settlement_loses_no_money(name: str, option: str | None) -> None:
    """What everybody has gained and lost is nothing together; the account ends at its last balance."""
    one = done(name, option)
    net: dict[str, float] = defaultdict(float)
    moved = 0.0
    for entry in one.settlement.ledger:
        for amount in entry.amounts.values():
            value = float(np.ravel(amount)[0])
            assert value >= -1e-9
            net[entry.source] -= value
            net[entry.target] += value
            moved += value
    assert sum(net.values()) == pytest.approx(0.0, abs=1e-9 * max(moved, 1.0))
    assert net.get("account", 0.0) == pytest.approx(one.recorder.balances[-1].cash, abs=1e-9 * max(moved, 1.0))


# ------------------------------------------------------------------------------------------------ simulated
@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulation_loses_no_money_and_has_a_report(name: str) -> None:
    summary = real_summary(name)  # its books are checked there
    assert summary["parties"]
    check_report(summary, None)
    check_sentences(summary)


@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulation_fixed_to_what_came_pays_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the engine runs, people too; only the reports are those that came, and so is what was drawn and spent."""
    one = done(name, None)
    scenario = one.context.scenario
    known: Scenario = came(as_it_stands(name)).scenario

    def as_it_came(context: Any, *_: object) -> dict[str, list[Report]]:
        return one.reports

    engine = importlib.import_module("sibsim.futures")
    monkeypatch.setattr(engine, "report", as_it_came)
    future = engine.future(begin(known, Streams(3, range(1))))
    for payment in scenario.payments:
        own = one.settlement.book.totals[payment.name].path.total
        other = np.broadcast_to(future.settlement.book.totals[payment.name].path.total, (1024,))
        assert np.allclose(other, np.ravel(own)[0], rtol=1e-9, atol=1e-6), payment.name
    for name_of_tranche, state in () if one.recorder.open else one.settlement.tranches.items():
        received = np.broadcast_to(future.settlement.tranches[name_of_tranche].received, (1024,))
        assert np.allclose(received, np.ravel(state.received)[0], rtol=1e-9, atol=1e-6), name_of_tranche
