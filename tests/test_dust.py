"""What rounding leaves is no money: it is neither owed, nor paid, nor told."""

from __future__ import annotations

import re

import pytest

from sibsim.cli import main
from sibsim.errors import Problem, ScenarioError
from sibsim.settlement.tranches import TrancheState
from tests.support import deal, scenario

DUST = re.compile(r"0\.0000\d|\de-\d\d")


@pytest.mark.parametrize("command", [("settle", "dc-water"), ("settle", "skill-mill"), ("settle", "roca")])
def test_no_dust_is_told_as_money(command: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(command)) == 0
    assert not [line for line in capsys.readouterr().out.splitlines() if DUST.search(line)]


def test_no_dust_is_told_of_a_simulated_future(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "dc-water", "--draws", "1024", "--quiet"]) == 0
    assert not [line for line in capsys.readouterr().out.splitlines() if DUST.search(line)]


def test_what_is_owed_ends_at_nothing() -> None:
    """25 m and 0.000 000 04 of interest are owed, and 25 m come back: that is all of it. Of 26 owed, 1 is left."""
    loan = scenario(deal(finance="{tranches: {loan: {amount: 25 m}}}")).loans[0]
    state = TrancheState(loan, 25e6, True, drawn=25e6, principal=25e6, interest=4e-8)
    state.receive(1, 25e6)
    assert (state.interest, state.principal) == (0.0, 0.0)
    other = TrancheState(loan, 25.0, True, drawn=25.0, principal=25.0, interest=1.0)
    other.receive(1, 25.0)
    assert (other.interest, other.principal) == (0.0, 1.0)


def test_a_long_path_is_told_too() -> None:
    path = "contract.payments.a payment with a name that is rather long.per_unit"
    assert path in str(ScenarioError("pilot.yaml", [Problem(1, 1, path, "must be above 0")]))
