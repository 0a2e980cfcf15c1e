"""The fund's own money, by hand: what is drawn, distributed, paid and lacking by year; guarantees one after another.

One contract lends 1 m in 2026 and surely gets 1.2 m in 2027. The fund pays a fee of 50 k in 2027.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.context import Context
from sibsim.draws.streams import Streams
from sibsim.loading import load_portfolio
from sibsim.portfolio import PortfolioResults, simulate_portfolio
from sibsim.portfolio.contracts import flows_of
from sibsim.portfolio.fund import settle_fund
from sibsim.portfolio.pool import pooled

FOLDER = Path(__file__).parents[1] / "portfolios"
HEAD = """sibsim: 1
portfolio: By hand
currency: SEK
start: 2026-01
step: year
parties: {bank: A bank, state: The state, manager: A manager}
discount_rate: 10 %
holdings: {a: {scenario: all-or-nothing.yaml, option: surely}}
"""
FEE = "costs: {fee: {amount: 50 k, at: 2027-01, to: manager}}\n"


def simulated(folder: Path, more: str) -> PortfolioResults:
    text = (FOLDER / "all-or-nothing.yaml").read_text(encoding="utf-8")
    (folder / "all-or-nothing.yaml").write_text(text, encoding="utf-8")
    (folder / "fund.yaml").write_text(HEAD + more, encoding="utf-8")
    return simulate_portfolio(load_portfolio(folder / "fund.yaml"), n_draws=1)


def by_year(told: dict[str, Any], name: str) -> dict[int, float]:
    found = {row["year"]: row[name]["mean"] for row in told["yearly"]}
    return {year: mean for year, mean in found.items() if abs(mean) > 1e-6}


def mean(results: PortfolioResults, *key: str) -> float:
    return float(results.store.array(key).mean())


def test_money_of_a_lender_by_year(tmp_path: Path) -> None:
    """1 m and the fee are drawn; 1.2 m wait until 2028. Of that 100 k and 115 k are interest, 985 k principal, and
    150 k are what the bank gains."""
    loan = "finance: {tranches: {loan: {by: bank, amount: 1.1 m, rate: 10 %}}, distribute: 2028-01}\n"
    results = simulated(tmp_path, f"{FEE}{loan}")
    told = results.summary()
    assert by_year(told, "drawn") == pytest.approx({2026: 1e6, 2027: 50e3})
    assert by_year(told, "costs") == pytest.approx({2027: 50e3})
    assert by_year(told, "distributed") == pytest.approx({2028: 1.2e6})
    assert by_year(told, "balance") == pytest.approx({2027: 1.2e6})
    assert mean(results, "bank", "received") == pytest.approx(1.2e6)
    assert mean(results, "bank", "drawn") == pytest.approx(1.05e6)
    assert mean(results, "manager", "margin") == pytest.approx(50e3)
    assert mean(results, "#tranche", "loan", "net_loss") == pytest.approx(-150e3)


def test_the_fund_alone_bears_its_costs(tmp_path: Path) -> None:
    """It gives 1 m and 50 k, and gets 1.2 m: 150 k on 1 m in a year. At its rate of 10 % that is worth 1.2 m / 1.1
    less 1 m, less the fee's 50 k / 1.1."""
    results = simulated(tmp_path, FEE)
    assert mean(results, "fund", "drawn") == pytest.approx(1.05e6)
    assert mean(results, "fund", "received") == pytest.approx(1.2e6)
    assert mean(results, "fund", "irr") == pytest.approx(0.15)
    assert mean(results, "fund", "npv") == pytest.approx(1.2e6 / 1.1 - 1e6 - 50e3 / 1.1)
    told = results.summary()
    assert by_year(told, "drawn") == pytest.approx({2026: 1e6, 2027: 50e3})
    assert by_year(told, "distributed") == pytest.approx({2027: 1.2e6})
    assert mean(results, "#all", "net_gain") == pytest.approx(200e3)


def test_what_another_pays_is_no_cost_of_the_fund(tmp_path: Path) -> None:
    results = simulated(tmp_path, FEE.replace("to:", "by: state, to:"))
    assert mean(results, "state", "own_costs") == pytest.approx(50e3)
    assert mean(results, "manager", "margin") == pytest.approx(50e3)
    assert mean(results, "fund", "drawn") == pytest.approx(1e6)
    lent = "finance: {tranches: {loan: {by: bank, amount: 1.1 m}}}\n"
    results = simulated(tmp_path, FEE.replace("to:", "by: state, to:") + lent)
    assert mean(results, "state", "own_costs") == pytest.approx(50e3)
    assert mean(results, "bank", "drawn") == pytest.approx(1e6)


def test_money_that_lacks_by_hand(tmp_path: Path) -> None:
    """Of 1 m that is asked for 800 k are there: the state puts in 200 k, and all 1.2 m are the bank's."""
    loan = "finance: {tranches: {loan: {by: bank, amount: 800 k}}, shortfall: state}\n"
    results = simulated(tmp_path, loan)
    told = results.summary()
    assert told["funding"]["committed"]["value"] == pytest.approx(1e6)
    assert told["funding"]["available"] == pytest.approx(8e5)
    assert told["funding"]["shortfall"]["value"] == 1.0
    assert told["funding"]["shortfall_amount"]["value"] == pytest.approx(2e5)
    assert mean(results, "bank", "drawn") == pytest.approx(8e5)
    assert mean(results, "bank", "received") == pytest.approx(1.2e6)
    assert mean(results, "state", "own_costs") == pytest.approx(2e5)


def test_a_name_of_the_file_is_not_taken_for_a_word_of_ours(tmp_path: Path) -> None:
    """A cost called 'contracts' is a cost, and what a tranche called 'surplus' gets is not left over."""
    loan = "finance: {tranches: {surplus: {by: bank, amount: 1.1 m}}}\n"
    results = simulated(tmp_path, f"{FEE.replace('fee:', 'contracts:')}{loan}")
    told = results.summary()
    assert by_year(told, "costs") == pytest.approx({2027: 50e3})
    assert told["funding"]["left_over"]["value"] == 0.0
    assert mean(results, "bank", "received") == pytest.approx(1.2e6)


# ------------------------------------------------------------------------------------------------ guarantees
@pytest.mark.parametrize(
    ("first", "second", "left_over"),
    [
        ("each holding", "each holding", lambda k: 0.4 * k),
        ("holdings", "holdings", lambda k: np.maximum(0.5 * k - 0.1, 0.0)),
        ("each holding", "holdings", lambda k: np.maximum(0.5 * k - 0.1, 0.0)),
        ("holdings", "each holding", lambda k: 0.4 * k),
    ],
)
def test_one_guarantee_after_another(first: str, second: str, left_over: Any) -> None:
    """Four contracts of 1 m, of which k fail and none gains. The first guarantee pays half of what is lost, the second
    what is left above 0.1 m: of each contract, or of all together."""
    pair = (
        f"{{one: {{by: state, covers: {first}, share: 50 %}}, two: {{by: foundation, covers: {second}, over: 0.1 m}}}}"
    )
    sets = ["holdings.twelve.option=even", "holdings.twelve.copies=4", f"finance.guarantees={pair}"]
    results = simulate_portfolio(load_portfolio(FOLDER / "twelve.yaml", sets=sets), n_draws=1)
    fails = results.store.array(("#all", "failing"))
    assert results.store.array(("state", "called")) == pytest.approx(0.5e6 * fails)
    assert results.store.array(("foundation", "called")) == pytest.approx(1e6 * left_over(fails))
    gains = -sum(results.store.array(("#tranche", name, "net_loss")) for name in ("senior", "first loss"))
    assert gains == pytest.approx(0.5e6 * fails + 1e6 * left_over(fails) - 1e6 * fails, abs=1e-3)  # paid in, then out


def test_what_a_contract_gives_back_to_its_payers_is_lent_again(tmp_path: Path) -> None:
    """1 m lent, 1.2 m back, 100 k of it returned the year after: the bank draws 1.1 m."""
    loan = "finance: {tranches: {loan: {by: bank, amount: 2 m}}}\n"
    portfolio = simulated(tmp_path, loan).portfolio
    context = Context(portfolio.fund, Streams(1, range(1)), {})
    (copy,) = portfolio.copies
    flows = flows_of(portfolio, copy, context, {}, Streams(1, range(1)))
    owing = replace(flows, returned={1: 1.2e6, 2: -1e5})
    moved = settle_fund(context, pooled([owing]), {}, 2)
    assert float(np.mean(moved.tranches["loan"].drawn)) == pytest.approx(1.1e6)
    assert float(np.mean(owing.net_loss)) == pytest.approx(-1e5)


def test_who_has_more_than_one_rate_of_return_is_told(tmp_path: Path) -> None:
    """The fund pays 1 m, gets 1.2 m and pays a fee of 50 k a year later: -1 + 1.2 x - 0.05 x ** 2 has two roots."""
    late = FEE.replace("2027", "2028")
    said = "the IRR may not be the only one (shown: the smallest that is not negative) of the fund (100 %): in so many"
    assert next(w for w in simulated(tmp_path, late).summary()["warnings"] if "IRR" in w).startswith(said)
    assert not any("IRR" in w for w in simulated(tmp_path, FEE).summary()["warnings"])
    loan = "finance: {tranches: {loan: {by: bank, amount: 1.1 m}}}\n"
    told = simulated(tmp_path, f"{late}{loan}").summary()["warnings"]
    assert any("of A bank (100 %): in so many" in w for w in told)
