"""Portfolio files: what is read of them, holding by holding, and what an option makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.loading import check, load, load_portfolio
from sibsim.scenario import Holding, Loading, Number, Portfolio

FOLDER = Path(__file__).parent / "portfolios"
THREE = FOLDER / "three.yaml"


def held(portfolio: Portfolio, name: str) -> Holding:
    return next(holding for holding in portfolio.holdings if holding.name == name)


@pytest.mark.key("file.portfolio")
def test_the_fund_is_a_scenario_of_money_alone() -> None:
    fund = load_portfolio(THREE).fund
    assert (fund.title, fund.name, fund.currency, fund.step_months) == ("A fund of all or nothing", "three", "SEK", 12)
    assert (fund.outcomes, fund.measures, fund.payments, fund.events, fund.has_people) == ((), (), (), (), False)
    assert [cohort.name for cohort in fund.cohorts] == [""]
    assert [(c.name, c.by, c.to) for c in fund.costs] == [("management", "account", "manager")]
    assert fund.finance is not None
    assert fund.finance.shortfall == "outside"
    assert fund.finance.guarantees[0].covers == ("each holding",)
    assert [(entry.name, entry.dimension) for entry in fund.inputs] == [("fee", 0)]
    assert len(fund.warnings) == 2
    assert "have warnings of their own" in fund.warnings[0]
    assert "of 14 figures nothing is said at all" in fund.warnings[1]


@pytest.mark.key("file.holdings", "holdings.scenario", "holdings.tranche", "holdings.amount", "holdings.copies")
def test_what_is_held() -> None:
    """1 m of one contract, 0.5 m of another, and 4 x 50 k EUR at 10 SEK each: 3.5 m in all."""
    portfolio = load_portfolio(THREE)
    assert [(h.name, h.tranche, h.amount, h.copies) for h in portfolio.holdings] == [
        ("one", "loan", Number(1e6, "money"), 1),
        ("half", None, Number(5e5, "money"), 1),
        ("four", None, Number(5e4, "money", "EUR"), 4),
    ]
    assert [copy.label for copy in portfolio.copies] == ["four 1", "four 2", "four 3", "four 4", "half", "one"]
    assert {h.scenario.title for h in portfolio.holdings} == {"All or nothing"}


@pytest.mark.key("holdings.option", "holdings.changes")
def test_a_holding_is_its_scenario_with_an_option_and_changes() -> None:
    portfolio = load_portfolio(THREE)
    prices = [i.distribution.mean for h in portfolio.holdings for i in h.scenario.inputs[1:]]
    assert prices == [1.2e6, 1.2e6, 1.5e6]
    assert [h.scenario.inputs[0].distribution.mean for h in portfolio.holdings] == pytest.approx([0.8, 0.5, 0.8])
    assert [h.scenario.options for h in portfolio.holdings] == [(), (), ("dearer",)]
    alone = load(FOLDER / "all-or-nothing.yaml", ["dearer"])
    assert held(portfolio, "four").scenario.payments == alone.payments
    assert held(portfolio, "four").scenario.inputs == alone.inputs


@pytest.mark.key("holdings.starts")
def test_when_a_contract_begins_and_when_the_last_money_moves() -> None:
    """Each lasts a year: those of 2026 until 2027, the one of 2027 until 2028, which is column 2."""
    portfolio = load_portfolio(THREE)
    assert [h.months for h in portfolio.holdings] == [0.0, 12.0, 0.0]
    assert portfolio.fund.horizon == 2
    assert load_portfolio(THREE, ["earlier"]).fund.horizon == 1
    assert held(load_portfolio(THREE, sets=["holdings.half.starts=24 months"]), "half").months == 24.0


@pytest.mark.key("file.factors")
def test_what_they_have_in_common() -> None:
    portfolio = load_portfolio(THREE)
    assert portfolio.factors == ("economy",)
    assert portfolio.loadings == (Loading("economy", "one", "luck", 0.6), Loading("economy", "four", "luck", 0.5))
    assert load_portfolio(THREE, ["nothing in common"]).factors == ()


@pytest.mark.key("file.field", "holdings.field")
def test_the_field_is_that_of_the_holding_or_of_its_scenario() -> None:
    assert load(FOLDER / "all-or-nothing.yaml").field == "work"
    assert [h.field for h in load_portfolio(THREE).holdings] == ["work", "work", "health"]


def test_every_option_is_valid() -> None:
    found = check(THREE)
    assert isinstance(found, Portfolio)
    assert found.fund.available_options == ("no pool", "one lender", "nothing in common", "earlier")
    assert load_portfolio(THREE, ["one lender"]).fund.finance is None
