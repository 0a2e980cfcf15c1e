"""What must hold in every run, whatever the contract."""

from __future__ import annotations

import pytest

from tests.proof.invariants import CASES
from tests.proof.row import Case, worked_out


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_invariant(case: Case) -> None:
    wrong = [row for row in worked_out(case) if not row.holds]
    assert not wrong
