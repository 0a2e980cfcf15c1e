"""Every case with a known answer, figure by figure; ``docs/verification.md`` shows the same rows."""

from __future__ import annotations

import pytest

from tests.proof import cashflow, contracts, deals, golden, people, risk
from tests.proof.row import Case, worked_out

CASES = [case for module in (cashflow, deals, contracts, golden, risk, people) for case in module.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_known_answer(case: Case) -> None:
    wrong = [row for row in worked_out(case) if not row.holds]
    assert not wrong
