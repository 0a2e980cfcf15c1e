"""Payments that hang on no money are settled alone where only they are asked for: the same as in a whole settlement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sibsim import settlement
from sibsim.loading import load
from sibsim.settlement.payers import payments_stand_alone
from sibsim.simulate import simulate

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = [
    FOLDER / "child-obesity.yaml",
    *(FOLDER / "real" / f"{name}.yaml" for name in ("rikers", "nys-ceo", "essex-mst")),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_payment_without_effect_is_the_same_in_a_whole_settlement(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load(path)
    alone = simulate(scenario, n_draws=8192)
    monkeypatch.setattr(settlement, "payments_stand_alone", lambda scenario: False)
    whole = simulate(scenario, n_draws=8192)
    payers = dict.fromkeys(who for p in scenario.payments for who, _ in p.by)
    for who in payers:
        one, other = (results.metric(who, "payment_without_effect") for results in (alone, whole))
        assert np.array_equal(one, other)


def test_some_of_these_are_settled_alone() -> None:
    alone = [path.stem for path in FILES if payments_stand_alone(load(path))]
    assert "rikers" in alone
    assert len(alone) < len(FILES)
