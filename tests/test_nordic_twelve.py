"""The fund of twelve contracts that ships: everything in it is marked, and its page says what it holds."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from sibsim.loading import load_portfolio
from sibsim.scenario import Number, Portfolio

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "portfolios" / "nordic-twelve.md").read_text(encoding="utf-8")
NEEDED = ("Rules", "What it shows", "Checked by hand", "What may be concluded, and what may not", "Warnings")


@cache
def nordic(*options: str) -> Portfolio:
    return load_portfolio("nordic-twelve", options=options)


def test_there_are_twelve_and_every_figure_is_marked() -> None:
    assert len(nordic().copies) == 12
    assert not [warning for warning in nordic().fund.warnings if "nothing" in warning]


def test_more_is_promised_than_can_be_asked_for() -> None:
    """15 + 12 + 7.8 + 4 + 20 + 10 + 5 + 12 + 10 + 10 + 8 m, and 0.6 m euro at 11.3, and nine years of 1.2 m."""
    held = 15 + 12 + 7.8 + 4 + 20 + 10 + 5 + 12 + 10 + 10 + 8 + 0.6 * 11.3
    amounts = [one.amount.value for one in nordic().holdings if isinstance(one.amount, Number)]
    whole = [one for one in nordic().holdings if one.amount is None]
    loans = [next(t for t in one.scenario.loans if t.name == one.tranche).amount for one in whole]
    in_euro = {one.name: one.scenario.currency == "EUR" for one in whole}
    rates = [11.3 if in_euro[one.name] else 1.0 for one in whole]
    total = sum(amounts) + sum(n.value * rate for n, rate in zip(loans, rates, strict=True) if isinstance(n, Number))
    assert total == pytest.approx(held * 1e6)
    assert f"SEK {held:.1f} m in all" in PAGE
    assert nordic().fund.finance is not None
    promised = sum(t.amount.value for t in nordic().fund.finance.tranches if isinstance(t.amount, Number))
    assert promised == 130e6 > total


def test_no_input_hangs_on_factors_more_than_whole() -> None:
    squares: dict[tuple[str, str], float] = {}
    for one in nordic().loadings:
        squares[one.holding, one.input] = squares.get((one.holding, one.input), 0.0) + one.loading**2
    assert max(squares.values()) < 1.0


@pytest.mark.parametrize(("option", "n"), [("independent contracts", 0), ("no guarantee", 4)])
def test_options(option: str, n: int) -> None:
    assert len(nordic(option).factors) == n


def test_without_the_six_that_lose_most() -> None:
    assert len(nordic("the six that mostly repay").holdings) == 6


@pytest.mark.parametrize("heading", NEEDED)
def test_the_page_has_what_a_page_needs(heading: str) -> None:
    assert re.search(f"^## {re.escape(heading)}$", PAGE, re.M)


def test_the_page_names_every_holding_and_links_to_what_is_there() -> None:
    assert [one.name for one in nordic().holdings if f"| {one.name} |" not in PAGE] == []
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert [link for link in links if not (ROOT / "docs" / "portfolios" / link).exists()] == []
