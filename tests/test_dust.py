"""What rounding leaves is no money: it is neither owed, nor paid, nor told."""

from __future__ import annotations

import re

import pytest

from sibsim.cli import main
from sibsim.errors import Problem, ScenarioError
from sibsim.settlement.tranches import TrancheState
from tests.support import deal, run, scenario

DUST = re.compile(r"0\.0000\d|\de-\d\d")


@pytest.mark.parametrize("command", [("settle", "dc-water"), ("settle", "skill-mill"), ("settle", "roca")])
def test_no_dust_is_told_as_money(command: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(command)) == 0
    assert not [line for line in capsys.readouterr().out.splitlines() if DUST.search(line)]


def test_no_dust_is_told_of_a_simulated_future(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "dc-water", "--draws", "1024", "--quiet"]) == 0
    assert not [line for line in capsys.readouterr().out.splitlines() if DUST.search(line)]


def test_who_passes_on_all_it_gets_has_a_margin_of_nothing() -> None:
    """A quarter's fee by the head, a third of it spent on each of three things: nothing is left in any future."""
    spent = ", ".join(
        f"s{k}: {{amount: 0.1, per: starter, over: 7 years, by: provider, to: outside}}" for k in range(3)
    )
    text = deal(
        participants="{size: 333, intake: 3 years, take_up: 61 %}",
        costs="{fee: {amount: 0.3, per: starter, over: 7 years, by: payer, to: provider}, " + spent + "}",
        contract="{payments: {p: {amount: 10, at: 2022-01, to: investor}}}",
    )
    provider = run(text, n_draws=1024).summary()["parties"]["provider"]["metrics"]
    assert (provider["margin"]["p05"], provider["margin"]["mean"], provider["margin"]["p95"]) == (0.0, 0.0, 0.0)
    assert provider["lowest_cash"]["mean"] == 0.0


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
