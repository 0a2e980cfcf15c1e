"""What must always hold of contracts held together."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.jobs import run_job
from sibsim.loading import load, load_portfolio
from sibsim.metrics import expected_shortfall
from sibsim.portfolio import PortfolioResults, portfolio_job, simulate_portfolio
from sibsim.portfolio.run import CORRELATIONS
from sibsim.simulate import simulate

FOLDER = Path(__file__).parents[1] / "portfolios"
HEAD = """sibsim: 1
portfolio: Held together
sources: {TEST: {title: Made for a test}}
currency: SEK
start: START
step: STEP
parties: {bank: A bank, foundation: A foundation, state: The state, manager: A manager}
"""


def written(tmp_path: Path, body: str, start: str = "2026-01", step: str = "year") -> Path:
    path = tmp_path / "portfolio.yaml"
    path.write_text(HEAD.replace("START", start).replace("STEP", step) + body, encoding="utf-8")
    for source in FOLDER.glob("all*.yaml"):
        (tmp_path / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def run(path: Path, *sets: str, n_draws: int = 8192, **more: Any) -> PortfolioResults:
    return simulate_portfolio(load_portfolio(path, sets=sets), n_draws=n_draws, **more)


def test_other_correlations_are_those_of_a_portfolio_that_states_them() -> None:
    """Beside the stated one, or by itself: what contracts and tranches lose is the same to the last bit."""
    portfolio = load_portfolio(FOLDER / "three.yaml")
    assert portfolio.loadings
    results = simulate_portfolio(portfolio, n_draws=8192)
    for name, times in CORRELATIONS.items():
        alone = simulate_portfolio(portfolio.scaled(times), n_draws=8192).store
        beside = results.others[name]
        assert beside.keys
        for key in beside.keys:
            np.testing.assert_array_equal(beside.array(key), alone.array(key))


# ------------------------------------------------------------------------------------------------ one contract
@pytest.mark.parametrize("name", ["stockholm-diabetes", "norrkoping-placed-children"])
def test_portfolio_of_one_is_the_contract_alone(tmp_path: Path, name: str) -> None:
    """Every metric of the lender, byte for byte, in each future and in the summary."""
    alone = load(name)
    tranche = alone.loans[0].name
    body = f"holdings: {{only: {{scenario: {name}, tranche: {tranche}}}}}\n"
    results = run(written(tmp_path, body, f"{alone.start:%Y-%m}", "quarter"))
    own = simulate(alone, n_draws=8192)
    told = own.summary()["parties"][alone.loans[0].by]
    tranches = told["tranches"][tranche]
    held = results.summary()
    for of in (held["holdings"]["only"], held["contracts"]):
        assert json.dumps(of["metrics"]) == json.dumps(tranches["metrics"])
        assert json.dumps(of["probabilities"]) == json.dumps(tranches["probabilities"])
    if len(alone.loans) == 1:
        assert json.dumps(held["parties"]["fund"]["metrics"]) == json.dumps(tranches["metrics"])


def test_portfolio_of_one_with_its_own_lender_is_the_contract_alone(tmp_path: Path) -> None:
    """The same through the fund's account: to rounding."""
    body = """holdings: {only: {scenario: stockholm-diabetes, tranche: bond}}
finance: {tranches: {fund: {by: bank, amount: 30 m}}}
"""
    results, own = (
        run(written(tmp_path, body, "2020-06", "quarter")),
        simulate(load("stockholm-diabetes"), n_draws=8192),
    )
    for name in ("drawn", "received", "irr", "moic"):
        ours, theirs = results.store.array(("bank", name)), own.store.array(("investor", name))
        assert np.allclose(ours, theirs, rtol=1e-9, equal_nan=True)


# ------------------------------------------------------------------------------------------------ luck
MANY = """holdings:
  b: {scenario: all-or-nothing.yaml, copies: 3}
  a: {scenario: all-or-nothing.yaml, amount: 0.5 m, option: dearer}
  c: {scenario: all-or-nothing.yaml, starts: 2027-01}
factors: {economy: {a: {luck: 0.5}, b: {luck: 0.7}}}
"""


def same_bytes(one: PortfolioResults, other: PortfolioResults) -> bool:
    assert one.store.keys == other.store.keys
    return all(np.array_equal(one.store.array(k), other.store.array(k), equal_nan=True) for k in one.store.keys)


def test_order_of_holdings_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, MANY)
    portfolio = load_portfolio(path)
    other = replace(portfolio, holdings=portfolio.holdings[::-1], loadings=portfolio.loadings[::-1])
    one, two = (simulate_portfolio(p, n_draws=8192) for p in (portfolio, other))
    assert same_bytes(one, two)
    assert json.dumps(one.summary()["holdings"]) == json.dumps(two.summary()["holdings"])


def test_workers_and_blocks_change_nothing(tmp_path: Path) -> None:
    portfolio = load_portfolio(written(tmp_path, MANY))
    one = simulate_portfolio(portfolio, n_draws=20_480)
    job = portfolio_job(portfolio, n_draws=20_480)
    narrow = replace(job, pieces=[range(i, i + 5) for i in range(0, 20, 5)])
    apart = run_job(narrow)
    assert same_bytes(one, apart)
    assert json.dumps(one.summary()["correlation"]) == json.dumps(apart.summary()["correlation"])
    two = simulate_portfolio(portfolio, n_draws=20_480, workers=2)
    assert same_bytes(one, two)
    assert json.dumps(one.summary()) == json.dumps(two.summary())


def test_another_holding_or_copy_changes_no_luck(tmp_path: Path) -> None:
    portfolio = load_portfolio(written(tmp_path, MANY))
    known = simulate_portfolio(portfolio, n_draws=8192).store
    fewer = tuple(h if h.name != "b" else replace(h, copies=2) for h in portfolio.holdings if h.name != "c")
    small = simulate_portfolio(replace(portfolio, holdings=fewer), n_draws=8192).store
    for label in ("a", "b 1", "b 2"):
        assert np.array_equal(small.array(("#copy", label, "lost")), known.array(("#copy", label, "lost")))


def test_contracts_without_factors_hang_together_in_nothing(tmp_path: Path) -> None:
    """Also inputs on the same dimension of the lattice, and people's luck: correlations within 4.5 errors of 0."""
    body = "holdings: {two: {scenario: stockholm-diabetes, copies: 2}, third: {scenario: stockholm-diabetes}}\n"
    store = run(written(tmp_path, body, "2020-06", "quarter"), n_draws=16_384).store
    gains = [store.array(("#copy", label, "lost")) for label in ("two 1", "two 2", "third")]
    drawn = [store.array(("#input", name, "hazard ratio")) for name in ("two", "third")]
    for rows in (gains, drawn):
        off = np.corrcoef(rows) - np.eye(len(rows))
        assert np.abs(off).max() < 4.5 / math.sqrt(16_384)
    tails = np.array([row < np.quantile(row, 0.1) for row in drawn])
    assert abs(float(tails.all(axis=0).mean()) - 0.01) < 4.5 * math.sqrt(0.01 * 0.99 / 16_384)


def test_a_loading_leaves_the_input_its_distribution(tmp_path: Path) -> None:
    """The mean, sd and quantiles of an input are the same with a loading of 0.9 and with none."""
    body = "holdings: {d: {scenario: stockholm-diabetes, copies: 1}, e: {scenario: stockholm-diabetes}}\n"
    path = written(tmp_path, body, "2020-06", "quarter")
    free = run(path, n_draws=16_384).store.array(("#input", "d", "hazard ratio"))
    tied = run(path, "factors={common: {d: {hazard ratio: 0.9}, e: {hazard ratio: -0.5}}}", n_draws=16_384).store
    found = tied.array(("#input", "d", "hazard ratio"))
    error = free.std() / math.sqrt(16_384)
    assert abs(found.mean() - free.mean()) < 4.5 * error
    assert np.allclose(np.quantile(found, [0.1, 0.5, 0.9]), np.quantile(free, [0.1, 0.5, 0.9]), atol=9 * error)
    other = tied.array(("#input", "e", "hazard ratio"))
    scores = np.corrcoef(np.argsort(np.argsort(found)), np.argsort(np.argsort(other)))[0, 1]
    assert abs(scores - 6 / math.pi * math.asin(-0.45 / 2)) < 4.5 / math.sqrt(16_384)  # Spearman's, of a normal copula


# ------------------------------------------------------------------------------------------------ money and risk
def at_random(tmp_path: Path, seed: int) -> Path:
    """A portfolio with random holdings, ranks, rates, costs, recycling and guarantees."""
    luck = random.Random(seed)
    holdings = "".join(
        f"  h{i}: {{scenario: all-or-nothing.yaml, amount: {luck.choice([0.3, 0.7, 1])} m,"
        f" starts: {2026 + luck.randrange(4)}-01, copies: {luck.randint(1, 3)},"
        f" option: {luck.choice(['dearer', 'even', 'surely'])}}}\n"
        for i in range(luck.randint(2, 5))
    )
    loadings = "".join(f"    h{i}: {{luck: {luck.uniform(-0.9, 0.9):.2f}}}\n" for i in range(2) if luck.random() < 0.8)
    ranks = sorted(luck.choices([1, 2, 3], k=3))
    lenders = list(zip(["bank", "foundation", "state"], ranks, strict=True))
    tranches = "".join(
        f"    t{i}: {{by: {by}, amount: {luck.choice([2, 5])} m, rank: {rank}, rate: {luck.choice([0, 2, 6])} %}}\n"
        for i, (by, rank) in enumerate(lenders)
    )
    covers = luck.choice(["each holding", "holdings", "[t0]"])
    rest = f"  guarantees: {{pool: {{by: state, covers: {covers}, share: {luck.choice([30, 100])} %, up_to: 1 m}}}}\n"
    rest += luck.choice(["", "  recycle: all\n", "  recycle: 12 months\n"])
    rest += luck.choice(["", "  distribute: {every: year, from: 2028-01, until: 2033-01}\n"])
    costs = "costs: {fee: {amount: 50 k, at: {every: year, from: 2026-01, until: 2030-01}, to: manager}}\n"
    factors = f"factors:\n  economy:\n{loadings}" if loadings and "h1" in loadings and "h0" in loadings else ""
    if "surely" in holdings:
        factors = ""  # a certain input hangs on nothing
    return written(tmp_path, f"holdings:\n{holdings}{factors}{costs}finance:\n  tranches:\n{tranches}{rest}")


@pytest.mark.parametrize("seed", range(8))
def test_random_portfolios(tmp_path: Path, seed: int) -> None:
    """Money is conserved (checked in every run), parts add to the whole, and ranks bear losses in their order."""
    results = run(at_random(tmp_path, seed))
    told, store = results.summary(), results.store
    net = store.array(("#all", "net_loss"))
    for what, whole in (("net_loss", net), ("lost", store.array(("#all", "lost_by_contract")))):
        parts = sum(one["contribution"][what]["value"] for one in told["holdings"].values())
        shortfall = told["losses"][what]["expected_shortfall_95"]["value"]
        assert parts == pytest.approx(shortfall, rel=1e-9, abs=1e-3)
        assert shortfall == pytest.approx(expected_shortfall(whole), rel=1e-12)
    each = sum(-store.array(("#holding", name, "net_gain")) for name in told["holdings"])
    assert np.allclose(each, net, rtol=1e-9, atol=1e-3)
    assert np.all(store.array(("#all", "lost_by_contract")) >= net - 1e-3)
    _all_money(results, told)


def _all_money(results: PortfolioResults, told: dict[str, Any]) -> None:
    """What lenders gain is what contracts gain, plus what guarantors and others pay in, less the fund's costs."""
    store = results.store
    gains = -sum(store.array(("#tranche", t.name, "net_loss")) for t in results.portfolio.fund.loans)
    called = store.array(("state", "called")) if ("state", "called") in store else 0.0
    fees = store.array(("manager", "margin"))
    short = store.array(("#funding", "shortfall"))
    assert np.allclose(gains, -store.array(("#all", "net_loss")) + called - fees + short, rtol=1e-9, atol=1e-2)
    last = told["yearly"][-1]["balance"]["mean"]
    assert abs(last) < 1e-2


@pytest.mark.parametrize("seed", range(4))
def test_a_rank_loses_only_when_those_below_have_lost_all(tmp_path: Path, seed: int) -> None:
    """Two ranks without interest or guarantees: the losses of both add up to the fund's loss (V10)."""
    luck = random.Random(100 + seed)
    body = f"""holdings: {{h: {{scenario: all-or-nothing.yaml, option: even, copies: {luck.randint(2, 6)}}}}}
factors: {{economy: {{h: {{luck: {luck.uniform(0, 1):.2f}}}}}}}
finance:
  tranches:
    senior: {{by: bank, amount: {luck.choice([6, 12])} m}}
    junior: {{by: foundation, amount: {luck.choice([2, 6])} m, rank: 2}}
"""
    store = run(written(tmp_path, body)).store
    senior, junior = (store.array(("#tranche", name, "lost")) for name in ("senior", "junior"))
    drawn = store.array(("foundation", "drawn"))
    assert np.allclose(senior + junior, store.array(("#all", "lost_by_contract")), atol=1e-3)
    assert np.all((senior < 1e-3) | (junior > drawn - 1e-3))
    assert (senior / store.array(("bank", "drawn"))).mean() <= (junior / drawn).mean()


# ------------------------------------------------------------------------------------------------ faults of before
RARE = """holdings: {rare: {scenario: rare.yaml, amount: 1 m}, usual: {scenario: all-or-nothing.yaml, copies: 2}}
finance:
  tranches: {senior: {by: bank, amount: 5 m}}
  guarantees: {pool: {by: state, covers: each holding}}
"""


def test_the_last_date_is_that_of_the_calendar_and_not_of_what_happened(tmp_path: Path) -> None:
    """A late payment in 3 of 10,000 futures: who is called, and when, is the same in every block."""
    path = written(tmp_path, RARE)
    rare = (FOLDER / "all-or-nothing.yaml").read_text(encoding="utf-8")
    rare = rare.replace("[[0, 20 %], [1, 80 %]]", "[[0, 99.97 %], [1, 0.03 %]]")
    rare = rare.replace("per_unit: price}", "per_unit: price, at: 2035-01}")
    (tmp_path / "rare.yaml").write_text(rare, encoding="utf-8")
    portfolio = load_portfolio(path)
    wide = simulate_portfolio(portfolio, n_draws=16_384)
    job = portfolio_job(portfolio, n_draws=16_384)
    narrow = run_job(replace(job, pieces=[range(i, i + 1) for i in range(16)]))
    assert same_bytes(wide, narrow)
    store = wide.store
    years = [key[-1] for key in store.keys if key[:3] == ("#mean", "#year", "guarantees")]
    assert years == ["2035"]


def test_what_is_paid_for_all_together_is_no_loss_of_one(tmp_path: Path) -> None:
    """All together are made whole first: of what is left of each contract's loss half is paid, never more than lost."""
    body = """holdings: {h: {scenario: all-or-nothing.yaml, copies: 6}}
finance:
  tranches: {senior: {by: bank, amount: 6 m}}
  guarantees:
    whole: {by: state, covers: holdings}
    each: {by: foundation, covers: each holding, share: 50 %}
"""
    store = run(written(tmp_path, body)).store
    fails = store.array(("#all", "failing"))
    net = np.maximum(6e6 - 1.2e6 * (6 - fails), 0.0)
    assert store.array(("state", "called")) == pytest.approx(net)
    assert store.array(("foundation", "called")) == pytest.approx(0.5 * (1e6 * fails - net))


def test_money_past_every_cap_is_told(tmp_path: Path) -> None:
    """Lenders may have 1.05 times: of 1.2 the rest, 0.15 m a contract that succeeds, goes to nobody, with a warning."""
    body = """holdings: {h: {scenario: all-or-nothing.yaml, copies: 2, option: surely}}
finance: {tranches: {senior: {by: bank, amount: 2 m, cap: {multiple: 1.05}}}}
"""
    told = run(written(tmp_path, body)).summary()
    assert told["funding"]["left_over"]["value"] == pytest.approx(0.3e6)
    assert any("no lender may have" in warning for warning in told["warnings"])
