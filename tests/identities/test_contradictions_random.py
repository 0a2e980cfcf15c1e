"""Contracts made up at random that are refused, or warned of, as contradictory: simulated all the same, they are.

A term that is said never to have an effect is changed; whatever comes, nothing that is paid changes with it.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from sibsim.loading.file import opened
from sibsim.loading.sure import can_take_back
from sibsim.scenario import Number, Payment, Row, Scenario
from tests.identities.test_payments_random import FILE, made_up
from tests.support import world

SAYS = {
    "own floor": "the floor is above the payment's own cap",
    "floor": "the floor is above the cap over all payments",
    "payers": "the floor is above all that those who pay it pay at most",
    "smallest": "is below the smallest step",
    "never": "holds only where",
    "idle": "has no effect: it is above the cap in total",
    "largest": "is below the largest step",
    "reached": "is never reached",
    "nothing": "nothing is paid",
}
SEEDS = 240


def as_text(seed: int) -> str:
    """Terms as elsewhere, with floors and caps that are often too high and too low for each other."""
    rng = random.Random(f"contradictions {seed}")
    contract = [made_up(rng, number) for number in range(2)]
    for number, terms in enumerate(contract):
        terms.index = rng.choice([0.0, 0.0, 0.03, -0.1])
        terms.split, terms.times = terms.split and rng.random() < 0.5, terms.times if rng.random() < 0.5 else None
        terms.floor = rng.choice([None, None, 15.0, 35.0])
        terms.cap = {key: rng.choice([0.0, 6.0, 12.0, 30.0]) for key in ("total", "per_year") if rng.random() < 0.4}
        if terms.measure in ("e", "m") and rng.random() < 0.3:
            terms.cap["per_cohort"] = rng.choice([5.0, 14.0, 40.0])
        if rng.random() < 0.5:
            terms.band = terms.band if rng.random() < 0.4 else None
            terms.lines = [(terms.measure, rng.choice(["below", "at most", "above"]), rng.choice([0.9, 1.0, 2.0]))]
        if rng.random() < 0.2 and number:
            terms.less = ["p0"] if contract[0].keys != [None] or terms.keys == [None] else []
        if terms.measure == "g":  # goals: at most two
            terms.cumulative = False
    cap = rng.choice(["none", "{total: 10}", "{total: 25, per_year: 40}"])
    text = FILE.replace("PAYMENTS", ", ".join(terms.text() for terms in contract)).replace("CONTRACT", f", cap: {cap}")
    if seed % 2:  # in plain money
        text = re.sub(r" %\]", "]", text.replace(", of: 400", ""))
    return text.replace("payer: P,", f"payer: {{name: P, pays_at_most: {rng.choice([9, 20, 500])}}},")


@lru_cache(maxsize=1)
def found() -> list[tuple[str, str, str, Scenario]]:
    """What is said of which path of which contract, each as it would run."""
    all_: list[tuple[str, str, str, Scenario]] = []
    folder = Path(tempfile.mkdtemp())
    for seed in range(SEEDS):
        path = folder / f"c{seed}.yaml"
        path.write_text(as_text(seed), encoding="utf-8")
        file = opened(path)
        scenario, context = file.build((), ())
        assert scenario is not None, as_text(seed)
        said = [(p.path, p.message) for p in context.problems]
        said += [(warning[0], warning[1]) for warning in context.warnings]
        for path_, message in said:
            all_ += [
                (kind, path_, message, file.numbered(scenario, context)) for kind, s in SAYS.items() if s in message
            ]
    return all_


def paid(scenario: Scenario) -> dict[str, np.ndarray]:
    totals = world(scenario, replicates=1).settlement.book.totals
    return {name: np.broadcast_to(np.asarray(total.paid), (1024,)) for name, total in totals.items()}


def changed(kind: str, path: str, message: str, scenario: Scenario) -> Scenario:
    """The contract with the term that is said to have no effect changed: another floor, other steps, no such cap."""
    if path == "contract.cap" or path.startswith("contract.cap."):
        if kind == "idle":
            return replace(scenario, contract_cap=replace(scenario.contract_cap, **{path.split(".")[2]: None}))
        name = message.split("'")[1]
        return with_payment(scenario, name, best_doubled(scenario, name))
    name, key = path.split(".")[2], path.split(".")[3:]
    payment = next(p for p in scenario.payments if p.name == name)
    if kind in ("own floor", "floor", "payers"):
        return with_payment(scenario, name, replace(payment, floor=Number(payment.floor.value * 3 + 100)))  # type: ignore[union-attr]
    if kind == "smallest":
        high = max(row.pays.value for row in payment.parameter)  # type: ignore[union-attr]
        rows = [replace(row, pays=Number(high + 1, row.pays.unit)) if pays(row) else row for row in payment.parameter]
        return with_payment(scenario, name, replace(payment, parameter=tuple(rows)))
    if kind == "idle":
        return with_payment(scenario, name, replace(payment, cap=replace(payment.cap, **{key[-1]: None})))
    if kind == "largest":
        return with_payment(scenario, name, best_doubled(scenario, name))
    if kind == "reached":
        rows = list(payment.parameter)  # type: ignore[arg-type]
        del rows[int(key[1]) - 1]
        return with_payment(scenario, name, replace(payment, parameter=tuple(rows)))
    return scenario


def pays(row: Row) -> bool:
    return not (isinstance(row.pays, Number) and row.pays.value == 0.0)


def best_doubled(scenario: Scenario, name: str) -> Payment:
    """The largest step pays twice as much."""
    payment = next(p for p in scenario.payments if p.name == name)
    high = max(row.pays.value for row in payment.parameter)  # type: ignore[union-attr]
    rows = [replace(r, pays=Number(2 * high, r.pays.unit)) if r.pays.value == high else r for r in payment.parameter]  # type: ignore[union-attr]
    return replace(payment, parameter=tuple(rows))


def with_payment(scenario: Scenario, name: str, payment: Payment) -> Scenario:
    return replace(scenario, payments=tuple(payment if p.name == name else p for p in scenario.payments))


@pytest.mark.parametrize("kind", SAYS)
def test_what_is_said_to_have_no_effect_has_none(kind: str) -> None:
    cases = [case for case in found() if case[0] == kind]
    if kind == "payers":  # without what takes money back, which another payment may bring up again
        cases = [case for case in cases if not can_take_back(case[3])]
    cases = cases[:12]
    for _, path, message, scenario in cases:
        before, name = paid(scenario), (path.split(".") + [""] * 3)[2]
        if kind in ("never", "nothing"):
            assert np.all(np.abs(before[name]) < 1e-9), message
            continue
        if kind == "largest" and path == "contract.cap":
            name = message.split("'")[1]
        after = paid(changed(kind, path, message, scenario))
        if kind in ("floor", "payers") or path == "contract.cap":  # others share the cut with it
            before, after = {"all": sum(before.values())}, {"all": sum(after.values())}
        assert all(np.allclose(before[one], after[one], atol=1e-7) for one in before), (
            message,
            [before, after],
            scenario.payments,
        )


def test_each_comes_up_and_most_contracts_are_as_they_should_be() -> None:
    said = Counter(kind for kind, *_ in found())
    assert set(said) >= {"own floor", "floor", "payers", "smallest", "never", "idle", "largest", "nothing"}, said
