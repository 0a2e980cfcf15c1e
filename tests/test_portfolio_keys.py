"""What each key of a portfolio does to money, beside a calculation by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.loading import load_portfolio
from sibsim.portfolio import simulate_portfolio

CONTRACT = "all-or-nothing.yaml"
HEAD = "sibsim: 1\nportfolio: By hand\ncurrency: SEK\nstart: 2026-01\nstep: year\n"
TWO_LOANS = "finance: {tranches: {loan: {amount: 600 k}, other: {amount: 400 k, rank: 2}}}"
"""It costs 1 m and surely pays 1.2 m: 600 k come back to the first rank, 400 k to the second, and 200 k by what was
drawn."""


def summary(folder: Path, holdings: str, more: str = "") -> dict[str, Any]:
    """Of a portfolio that holds the contract which lends 1 m and gets 1.2 m a year later, if all goes well."""
    text = (Path(__file__).parent / "portfolios" / CONTRACT).read_text(encoding="utf-8")
    (folder / CONTRACT).write_text(text, encoding="utf-8")
    path = folder / "fund.yaml"
    path.write_text(f"{HEAD}holdings:\n{holdings}{more}", encoding="utf-8")
    return simulate_portfolio(load_portfolio(path), n_draws=1).summary()


def held(name: str, more: str = "", option: str = "surely") -> str:
    return f"  {name}: {{scenario: {CONTRACT}, option: {option}{more}}}\n"


def money(found: dict[str, Any], name: str) -> tuple[float, float]:
    """Committed, and what the holding gains on average."""
    one = found["holdings"][name]
    return one["committed"]["value"], one["metrics"]["net_gain"]["mean"]


def test_a_contract_that_is_held_whole_gives_what_it_gives_alone(tmp_path: Path) -> None:
    """1 m is lent, 1.2 m comes back."""
    found = summary(tmp_path, held("a"))
    assert money(found, "a") == pytest.approx((1e6, 2e5))
    assert found["portfolio"]["title"] == "By hand"


@pytest.mark.key("holdings.amount")
def test_an_amount_is_a_part_of_every_draw_and_of_what_comes_back(tmp_path: Path) -> None:
    """A quarter of 1 m, and of the gain of 200 k; 30 k EUR at 10 SEK is 300 k, three tenths."""
    found = summary(
        tmp_path, held("a", ", amount: 250 k") + held("b", ", amount: 30 k EUR"), "exchange_rates: {EUR: 10}\n"
    )
    assert money(found, "a") == pytest.approx((250e3, 50e3))
    assert money(found, "b") == pytest.approx((300e3, 60e3))


@pytest.mark.key("holdings.copies")
def test_copies_are_so_many_contracts(tmp_path: Path) -> None:
    """Three times 500 k; each gains 100 k, surely. Where luck decides, two fail together in 4 of 100 futures, not in 20
    as one contract does: each has luck of its own (standard error of 8,192 futures 0.22 %)."""
    found = summary(tmp_path, held("a", ", amount: 500 k, copies: 3"))
    assert money(found, "a") == pytest.approx((1.5e6, 3e5))
    two = summary(tmp_path, held("a", ", copies: 2", "dearer"))
    both = {row["contracts"]: row["probability"]["value"] for row in two["joint_failures"]["number"]}[2]
    assert abs(both - 0.04) < 4.5 * np.sqrt(0.04 * 0.96 / 8192)


@pytest.mark.key("holdings.tranche")
def test_a_tranche_is_one_loan_and_without_it_all_are_held(tmp_path: Path) -> None:
    """The loans get 720 k of 600 k and 480 k of 400 k: each its own and its part of the surplus of 200 k."""
    changes = f", changes: {{{TWO_LOANS}}}"
    found = summary(tmp_path, held("a", f", tranche: loan{changes}"))
    assert money(found, "a") == pytest.approx((600e3, 120e3))
    found = summary(tmp_path, held("a", f", tranche: other, amount: 100 k{changes}"))
    assert money(found, "a") == pytest.approx((100e3, 20e3))
    assert money(summary(tmp_path, held("a", changes)), "a") == pytest.approx((1e6, 2e5))


@pytest.mark.key("holdings.starts")
def test_a_start_moves_all_dates(tmp_path: Path) -> None:
    """Lent in 2028 and back in 2029."""
    found = summary(tmp_path, held("a", ", starts: 2028-01"))
    assert [(row["year"], row["lent"]["mean"], row["returned"]["mean"]) for row in found["yearly"]] == [
        (2026, 0.0, 0.0),
        (2027, 0.0, 0.0),
        (2028, pytest.approx(1e6), 0.0),
        (2029, 0.0, pytest.approx(1.2e6)),
    ]


@pytest.mark.key("holdings.scenario", "holdings.option", "holdings.changes", "file.holdings")
def test_each_holding_has_its_own_terms(tmp_path: Path) -> None:
    """Paid 1.2 m, 1.5 m (an option) and 2 m (a change) on 1 m."""
    dearer = held("b", ", option: [surely, dearer]").replace("option: surely, ", "")
    found = summary(tmp_path, held("a") + dearer + held("c", ", changes: {inputs.price: 2 m}"))
    assert [money(found, name)[1] for name in "abc"] == pytest.approx([2e5, 5e5, 1e6])


@pytest.mark.key("file.factors")
def test_a_loading_of_one_is_the_same_luck(tmp_path: Path) -> None:
    """Of two that hang wholly on one factor both fail, in 20 of 100 futures, or none; never one alone. With loadings
    of 1 and -1 they take opposite ends: 20 of 100 at either end, so that never both fail."""
    holdings = held("a", "", "dearer") + held("b", "", "dearer")

    def failing(loading: str) -> list[float]:
        found = summary(tmp_path, holdings, f"factors: {{luck of all: {{a: {{luck: 1}}, b: {{luck: {loading}}}}}}}\n")
        number = {row["contracts"]: row["probability"]["value"] for row in found["joint_failures"]["number"]}
        return [number.get(k, 0.0) for k in (0, 1, 2)]

    assert failing("1") == pytest.approx([0.8, 0.0, 0.2], abs=0.002)
    assert failing("-1") == pytest.approx([0.6, 0.4, 0.0], abs=0.002)


@pytest.mark.key("file.field", "holdings.field", "file.portfolio")
def test_fields_add_up_what_is_committed(tmp_path: Path) -> None:
    """1 m and 500 k in the field of the scenario's file, 500 k in another: 75 % and 25 %."""
    found = summary(tmp_path, held("a") + held("b", ", amount: 500 k") + held("c", ", amount: 500 k, field: health"))
    shares = {row["name"]: row["share"] for row in found["concentration"]["by"]["field"]}
    assert shares == pytest.approx({"work": 0.75, "health": 0.25})
