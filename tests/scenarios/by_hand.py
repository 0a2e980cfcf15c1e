"""Tables of a scenario's page that set a calculation by hand beside what the run gives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import sibsim
from sibsim.context import begin
from sibsim.draws.streams import Streams
from sibsim.parties import Table, tabulate
from sibsim.simulate import future
from tests.pages import agrees, summary, table, told

HEADING = "Checked by hand"
BOND = "stockholm-diabetes"
NO_OPTION = "(as it stands)"


def check_row(name: str, row: str, by_hand: Mapping[str, float], as_run: Mapping[str, float]) -> None:
    """One row of the page states both, rounded as they are shown."""
    hand, shown = table(name, HEADING)[row]
    assert agrees(hand, by_hand[row])
    assert agrees(shown, as_run[row])


def check_rows(name: str, by_hand: Mapping[str, float], as_run: Mapping[str, float], rel: float) -> None:
    """The page has all rows, and in each the two agree but for a share of them."""
    assert set(by_hand) == set(table(name, HEADING))
    assert all(as_run[row] == pytest.approx(value, rel=rel) for row, value in by_hand.items())


def option_row(name: str, option: str | None) -> list[str]:
    """The cells of an option in the table of the page, which has a row for each, in the order of the file."""
    rows = table(name, "Options")
    assert list(rows) == [NO_OPTION, *sibsim.load(name).available_options]
    return rows[option or NO_OPTION]


def in_millions(figure: Mapping[str, float]) -> str:
    """A mean with what it is in 90 of 100 futures, as the pages write it."""
    return f"{figure['mean'] / 1e6:.2f} ({figure['p05'] / 1e6:.2f}-{figure['p95'] / 1e6:.2f})"


def check_people_are_those_of_the_bond(name: str) -> None:
    """The same people with the same luck as in the bond of Stockholm, whatever is paid for them."""
    ours, bonds = (_one_replicate(one) for one in (name, BOND))
    for metric in ("cashable_benefit_pv", "money_received", "own_costs"):
        assert np.array_equal(ours["payer", metric], bonds["payer", metric])
    assert summary(name)["outcomes"]["diabetes"] == summary(BOND)["outcomes"]["diabetes"]


def _one_replicate(name: str) -> Table:
    context = begin(sibsim.load(name), Streams(1, range(1)))
    world = future(context)
    return tabulate(context, world.settlement, world.benefits)


def check_option(name: str, option: str) -> None:
    """It runs; its books are checked."""
    assert told(name, (option,))["parties"]
