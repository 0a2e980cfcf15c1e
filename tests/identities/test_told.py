"""What is told of a settlement is what moved: step by step, and every transfer of the ledger, in many contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.loading import load
from sibsim.replay.recorder import Recorder, Step
from sibsim.replay.settled import settled
from sibsim.scenario import Scenario
from sibsim.settlement import Settlement
from sibsim.simulate import Future, future
from tests.identities.test_random_contracts import as_text, made_up
from tests.support import SCENARIOS, scenario

SHIPPED = Path(__file__).parents[2] / "scenarios"
FILES = [*sorted(SCENARIOS.glob("*.yaml")), *sorted(SHIPPED.rglob("*.yaml"))]
DRAWS = (0, 7, 400)
SHAPES = ("amount", "per_unit", "per_point", "share", "rows")
"""Steps that say what a shape pays; of prices each adds its part."""


class Several:
    """Follows several draws of a block at once."""

    def __init__(self, scenario: Scenario) -> None:
        self.all = [Recorder(scenario, draw) for draw in DRAWS]

    def __getattr__(self, name: str) -> Any:
        def each(*args: Any, **figures: Any) -> Any:
            answers = [getattr(one, name)(*args, **figures) for one in self.all]
            return any(answers) if name == "must_wait" else None

        return each


def followed(what: Scenario) -> Iterator[tuple[Future, Recorder]]:
    context = begin(what, Streams(1, range(1)))
    several = Several(what)
    context.watch = several
    world = future(context)
    for one in several.all:
        yield world, one


def moved(settlement: Settlement, draw: int) -> dict[tuple[int, str, str], float]:
    """Money by column, source and target, from the ledger."""
    found: dict[tuple[int, str, str], float] = defaultdict(float)
    for entry in settlement.ledger:
        for column, amount in entry.amounts.items():
            amounts = np.asarray(amount, dtype=float).ravel()
            found[column, entry.source, entry.target] += float(amounts[draw if amounts.size > 1 else 0])
    return found


def told(steps: list[Step], lenders: dict[str, str]) -> dict[tuple[int, str, str], float]:
    """The same from what was told."""
    found: dict[tuple[int, str, str], float] = defaultdict(float)
    for s in steps:
        f: Any = s.figures
        if s.what in ("pays", "back", "repayment", "guarantee", "guaranteed") or (s.what == "surplus" and "party" in f):
            found[s.column, f["party"], lenders.get(f["to"], f["to"])] += f["value"]
        elif s.what == "draw":
            found[s.column, f["party"], "account"] += f["value"]
        elif s.what == "cost":
            short = f.get("shortfall", 0.0)
            found[s.column, f["party"], f["to"]] += f["value"] - short
            if short:
                found[s.column, f["bearer"], f["to"]] += short
        elif s.what in ("surplus", "refund"):
            found[s.column, "account", f["to"]] += f["value"]
    return found


def check(what: Scenario) -> None:
    for world, recorder in followed(what):
        check_future(what, world.settlement, recorder)


def check_future(what: Scenario, settlement: Settlement, recorder: Recorder) -> None:
    lenders = {t.name: t.by for t in what.finance.tranches} if what.finance else {}
    ledger, words = moved(settlement, recorder.draw), told(recorder.steps, lenders)
    scale = max([1.0, *ledger.values()])
    for key in ledger.keys() | words.keys():
        assert words.get(key, 0.0) == pytest.approx(ledger.get(key, 0.0), rel=1e-9, abs=1e-9 * scale), key
    for payment in what.payments:
        for column in {s.column for s in recorder.steps if s.subject == payment.name}:
            check_payment([s for s in recorder.steps if (s.subject, s.column) == (payment.name, column)], scale)


def check_payment(steps: list[Step], scale: float) -> None:
    """Each step of a payment begins with what the one before left; the last is what is paid."""

    def same(one: Any, other: Any, where: Step) -> None:
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9 * scale), where

    together = 0.0
    for key in {s.key for s in steps if s.what == "owed"}:
        own = [s for s in steps if s.key == key]
        end = next(i for i, s in enumerate(own) if s.what == "owed")
        together += capped(own[end + 1 :], worked_out(own[: end + 1], same), same)
    for s in steps:
        if s.what == "contract's cap" or (s.what == "cap" and s.figures["on"] not in ("person", "cohort")):
            same(s.figures["before"], together if s.figures.get("on") != "tranche" else max(together, 0.0), s)
            together = float(s.figures["value"] or 0.0)
    signs = {"pays": 1.0, "back": -1.0}
    paid = sum(float(s.figures["value"] or 0.0) * signs[s.what] for s in steps if s.what in signs)
    if any(s.what == "pays at most" for s in steps):
        assert paid <= together + 1e-9 * scale
    elif steps:
        same(paid, together, steps[-1])


def worked_out(own: list[Step], same: Any) -> float:
    """What is owed for one cohort, or for all together: from what the shape pays to the end."""
    value: Any = 0.0
    for s in own:
        f: Any = s.figures
        if s.what in (*SHAPES, "compounded"):
            value = f["value"]
        elif s.what == "price":
            value += f["value"]
        elif s.what not in ("band", "rest", "owed") and "before" in f:
            same(f["before"], value, s)
            value = f["value"]
    is_due = next(s for s in own if s.what == "due").figures["holds"]
    is_to_date = any(s.what == "to date" for s in own)
    same(own[-1].figures["value"], value if is_due or is_to_date else 0.0, own[-1])
    return float(own[-1].figures["value"] or 0.0)


def capped(own: list[Step], value: float, same: Any) -> float:
    """What the caps for each person and cohort leave."""
    for s in own:
        if s.what == "off the cut" or s.figures.get("on") in ("person", "cohort"):
            same(s.figures["before"], value, s)
            value = float(s.figures["value"] or 0.0)
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_of_a_file(path: Path) -> None:
    check(load(path))


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("real/*.yaml")), ids=lambda path: path.stem)
def test_of_a_contract_settled_on_what_came(path: Path) -> None:
    what = load(path)
    if what.actuals is None:
        pytest.skip("nothing is known of what came")
    found = settled(what)
    check_future(what, found.settlement, found.recorder)


@pytest.mark.parametrize("seed", range(40))
def test_of_a_contract_made_up(seed: int) -> None:
    check(scenario(as_text(made_up(seed))))
