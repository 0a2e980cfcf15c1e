"""Portfolios of all-or-nothing contracts, through YAML, against published and exact answers.

The file is tests/portfolios/all-or-nothing.yaml: a contract fails with 20 %, else it pays 1.2 times what was lent.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sibsim.errors import ModelError
from sibsim.loading import load_portfolio
from sibsim.metrics import Estimate, estimate_mean, estimate_shortfall
from sibsim.portfolio import PortfolioResults, simulate_portfolio

FOLDER = Path(__file__).parents[1] / "portfolios"
TWELVE = FOLDER / "twelve.yaml"
DRAWS = 32_768


@cache
def twelve(*sets: str) -> PortfolioResults:
    return simulate_portfolio(load_portfolio(TWELVE, sets=sets), n_draws=DRAWS, seed=7)


def near(found: Estimate, truth: float, slack: float = 1e-9) -> bool:
    return abs(found.value - truth) < 4.5 * found.mc_error + slack


def lost(results: PortfolioResults) -> Any:
    """Contracts that fail, in each future."""
    return results.store.array(("#all", "failing"))


def test_golden_portfolio_without_correlation() -> None:
    """E04, E10: the binomial; also what the report says of no correlation, in the same futures."""
    results = twelve("factors=none")
    fails = lost(results)
    for k in range(6):
        assert near(estimate_mean((fails == k) * 1.0), float(stats.binom.pmf(k, 12, 0.2)))
    net = results.summary()["losses"]["net_loss"]
    assert net["value_at_risk_95"]["value"] / 12e6 == pytest.approx(0.3)
    shortfall = net["expected_shortfall_95"]
    assert abs(shortfall["value"] / 12e6 - 0.3479131648) < 4.5 * shortfall["mc_error"] / 12e6
    told = twelve().summary()["correlation"]["chance_of_loss"]["all contracts"]["independent"]
    exact = float(stats.binom.sf(2, 12, 0.2))
    assert abs(told["value"] - exact) < 4.5 * math.sqrt(exact * (1 - exact) / told["draws"])


def test_two_contracts_that_fail_together() -> None:
    """E03 through YAML: correlation 0.30."""
    results = twelve("holdings.twelve.copies=2", f"factors={{economy: {{twelve: {{luck: {math.sqrt(0.3)}}}}}}}")
    fails = lost(results)
    assert near(estimate_mean((fails == 2) * 1.0), 0.0661456997022)
    assert near(estimate_mean((fails >= 1) * 1.0), 0.333854300298)
    (pair,) = results.summary()["joint_failures"]["pairs"]
    assert pair["holdings"] == ["twelve", "twelve"]
    assert abs(pair["together"]["value"] - 0.0661456997022) < 4.5 * pair["together"]["mc_error"]
    assert pair["if_independent"]["value"] == pytest.approx(0.04, abs=0.002)


def test_correlation_of_one_is_all_or_none() -> None:
    """V11: one factor, loading 1: all twelve or none."""
    results = twelve("factors={economy: {twelve: {luck: 1}}}")
    fails = lost(results)
    assert set(np.unique(fails)) == {0.0, 12.0}
    assert near(estimate_mean((fails == 12) * 1.0), 0.2)


@pytest.mark.parametrize(("luck", "expected"), [("0", 12.0), ("1", 0.0)])
def test_certain_contracts(luck: str, expected: float) -> None:
    """V11: a chance of failure of 1 and of 0."""
    results = twelve("factors=none", f"holdings.twelve.changes={{inputs.luck: {luck}}}")
    assert set(np.unique(lost(results))) == {expected}


def test_a_share_of_the_tranche_and_a_later_start_by_hand() -> None:
    """Half a contract a year later: 0.5 m lent in 2027, 0.6 m back in 2028, in eight of ten futures."""
    portfolio = load_portfolio(
        TWELVE,
        sets=["factors=none", "holdings={half: {scenario: all-or-nothing.yaml, amount: 0.5 m, starts: 2027-01}}"],
    )
    told = simulate_portfolio(portfolio, n_draws=8192).summary()
    by_year = {row["year"]: row for row in told["yearly"]}
    assert by_year[2026]["lent"]["mean"] == 0.0
    assert by_year[2027]["lent"]["mean"] == pytest.approx(0.5e6)
    assert by_year[2028]["returned"]["p95"] == pytest.approx(0.6e6)
    assert abs(by_year[2028]["returned"]["mean"] - 0.48e6) < 4.5 * by_year[2028]["returned"]["mc_error"]
    assert told["holdings"]["half"]["share"]["value"] == pytest.approx(0.5)
    assert told["holdings"]["half"]["metrics"]["irr"]["p95"] == pytest.approx(0.2)


def test_money_in_another_currency_by_hand() -> None:
    """40 k euro at 10, half of 0.8 m: the fund lends 0.4 m kronor, and gets 0.48 m back if it succeeds."""
    euro = "holdings={euro: {scenario: all-or-nothing.yaml, amount: 40 k EUR, changes: {currency: EUR,"
    terms = " costs.service.amount: 80 k, finance.tranches.loan.amount: 80 k, inputs.price: 96 k}}}"
    sets = ["factors=none", f"{euro}{terms}", "exchange_rates={EUR: 10}"]
    told = simulate_portfolio(load_portfolio(TWELVE, sets=sets), n_draws=8192).summary()
    own = told["holdings"]["euro"]
    assert own["committed"]["value"] == pytest.approx(0.4e6)
    assert own["metrics"]["drawn"]["mean"] == pytest.approx(0.4e6)
    assert own["metrics"]["received"]["p95"] == pytest.approx(0.48e6)


def test_guarantees_of_contracts_by_hand() -> None:
    """Half of every loss over 0.2 m, at most 2 m in all: of k failures min(0.4 m k, 2 m)."""
    pool = "finance.guarantees={pool: {by: state, covers: each holding, over: 0.2 m, share: 50 %, up_to: 2 m}}"
    results = twelve("holdings.twelve.option=even", pool)
    called, fails = results.store.array(("state", "called")), lost(results)
    assert called == pytest.approx(np.minimum(0.4e6 * fails, 2e6))
    whole = "finance.guarantees={pool: {by: state, covers: holdings, over: 0.2 m, share: 50 %, up_to: 2 m}}"
    of_sum = twelve(whole).store.array(("state", "called"))
    net = np.maximum(12e6 - 1.2e6 * (12 - fails), 0.0)  # the same luck: gains make up for losses
    assert of_sum == pytest.approx(np.clip(0.5 * (net - 0.2e6), 0.0, 2e6))


def test_two_guarantees_one_after_another_by_hand() -> None:
    """The first takes half of each loss, the second all that is left of it above 0.1 m."""
    first = "first: {by: state, covers: each holding, share: 50 %}"
    second = "second: {by: foundation, covers: each holding, over: 0.1 m}"
    results = twelve("holdings.twelve.option=even", f"finance.guarantees={{{first}, {second}}}")
    fails = lost(results)
    assert results.store.array(("state", "called")) == pytest.approx(0.5e6 * fails)
    assert results.store.array(("foundation", "called")) == pytest.approx(0.4e6 * fails)


def test_expected_shortfall_of_one_contract_by_hand() -> None:
    """Of one contract that fails with 20 % the worst 5 % lose all."""
    results = twelve("factors=none", "holdings.twelve.copies=1")
    assert estimate_shortfall(results.store.array(("#all", "net_loss"))).value == pytest.approx(1e6)


def test_worth_of_all_contracts_at_the_rate_of_the_fund_by_hand() -> None:
    """1 m now, 1.2 m in a year at 10 %: 0.0909 m a contract; without a rate of its own, at the hurdle of the loan."""
    sets = ("factors=none", "holdings.twelve.option=surely", "finance=none")
    at_ten = twelve(*sets, "discount_rate=10 %").store
    assert at_ten.array(("fund", "npv"))[0] == pytest.approx(12e6 * (1.2 / 1.1 - 1.0))
    assert at_ten.array(("#holding", "twelve", "npv"))[0] == pytest.approx(12 * 0.2e6)
    at_hurdle = twelve(*sets, "holdings.twelve.changes={finance.tranches.loan.hurdle: 5 %}").store
    assert at_hurdle.array(("fund", "npv"))[0] == pytest.approx(12e6 * (1.2 / 1.05 - 1.0))


def test_a_contract_that_a_run_refuses_is_refused_in_a_portfolio(tmp_path: Path) -> None:
    """A price below 0 in four of ten futures is no price: more than 1 % of the futures would have to be bent."""
    text = (FOLDER / "all-or-nothing.yaml").read_text(encoding="utf-8")
    text = text.replace("price: {value: 1.2 m, source: TEST}", "price: {normal: {mean: 0.1 m, sd: 1 m}, source: TEST}")
    text = text.replace("measure: report, per_unit: price", "amount: price, at: 2027-01")
    (tmp_path / "all-or-nothing.yaml").write_text(text, encoding="utf-8")
    path = tmp_path / "fund.yaml"
    path.write_text(TWELVE.read_text(encoding="utf-8").replace("copies: 12", "copies: 1"), encoding="utf-8")
    with pytest.raises(ModelError, match=r"all-or-nothing\.yaml: contract\.payments\.success.*more than 1 %"):
        simulate_portfolio(load_portfolio(path, sets=["factors=none"]), n_draws=8192)
