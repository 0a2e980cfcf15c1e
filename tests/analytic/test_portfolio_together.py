"""What the report says of contracts together, by hand: two each lend 1 m and get nothing (20 %) or 1.2 m.

Both fail in 4 of 100 futures (a loss of 2 m), just one in 32 (0.8 m), none in 64 (a gain of 0.4 m). So the worst 5 of
100 are the 4 in which both fail and 1 in which one does.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.loading import load_portfolio
from sibsim.portfolio import PortfolioResults, simulate_portfolio
from sibsim.report import Layout
from sibsim.report.portfolio import RENDERERS

TWELVE = Path(__file__).parents[1] / "portfolios" / "twelve.yaml"
APART = ("finance=none", "factors=none")
CONTRACT = "scenario: all-or-nothing.yaml"


@cache
def simulated(holdings: str) -> PortfolioResults:
    portfolio = load_portfolio(TWELVE, sets=[*APART, f"holdings={{{holdings}}}"])
    return simulate_portfolio(portfolio, n_draws=32_768, seed=3, sampling="random")


def told(*holdings: str) -> dict[str, Any]:
    return simulated(", ".join(holdings)).summary(chance_of_loss=0.05)


TWO = (f"a: {{{CONTRACT}}}", f"b: {{{CONTRACT}, field: health}}")
COPIES = (f"a: {{{CONTRACT}, copies: 2}}",)


def near(found: dict[str, Any], truth: float) -> bool:
    return abs(found["value"] - truth) < 4.5 * found["mc_error"] + 1e-9 * abs(truth)


@pytest.mark.parametrize("held", [TWO, COPIES], ids=["two holdings", "two copies"])
def test_risk_of_two_contracts_by_hand(held: tuple[str, ...]) -> None:
    """Alone each loses 1 m in its worst 5 of 100; together 1.76 m. Sd of one: 0.48 m, of both root 2 times."""
    found = told(*held)
    net, lost = found["losses"]["net_loss"], found["losses"]["lost"]
    assert [net[f"value_at_risk_{level}"]["value"] for level in (95, 99)] == pytest.approx([0.8e6, 2e6])
    assert [lost[f"value_at_risk_{level}"]["value"] for level in (95, 99)] == pytest.approx([1e6, 2e6])
    assert near(net["expected_shortfall_95"], (0.04 * 2e6 + 0.01 * 0.8e6) / 0.05)
    assert near(lost["expected_shortfall_95"], (0.04 * 2e6 + 0.01 * 1e6) / 0.05)
    assert [one["expected_shortfall_99"]["value"] for one in (net, lost)] == pytest.approx([2e6, 2e6])
    assert near(net["probability"], 0.36)
    spread = found["diversification"]
    assert spread["alone_sum"] == pytest.approx(2e6)
    assert near(spread["sd_ratio"], math.sqrt(2.0))
    assert near(spread["shortfall_ratio"], 2.0 / 1.76)
    pool = found["pool"]
    assert [pool[of]["size"]["value"] for of in ("net_loss", "lost")] == pytest.approx([0.8e6, 1e6])
    assert [pool[of]["share_of_committed"] for of in ("net_loss", "lost")] == pytest.approx([0.4, 0.5])
    worst = found["worst"]
    assert near(worst["net_loss"], 1.76e6)
    assert near(worst["failing"], 1.8)


def test_a_part_of_two_by_hand() -> None:
    """In 9 of 10 of the worst each fails, with half of those in which one does: it loses 1 m, else gains 0.2 m."""
    found = told(*TWO)
    for one in found["holdings"].values():
        assert near(one["alone"]["sd"], 0.48e6)
        assert one["alone"]["expected_shortfall_95"]["value"] == pytest.approx(1e6)
        assert near(one["in_the_worst"]["loses"], 0.9)
        assert near(one["in_the_worst"]["net_gain"], -0.88e6)
        assert near(one["contribution"]["net_loss"], 0.88e6)
        assert near(one["contribution"]["lost"], 0.9e6)
        assert near(one["one_copy"]["loss"], 0.2)
        assert near(one["one_copy"]["total_loss"], 0.2)
        luck = one["inputs"]["luck"]
        assert near(luck["mean"], 0.8)
        assert near(luck["in_the_worst"], 0.1)
        assert (one["starts"], one["ends"]) == ("2026-01-01", "2027-01-01")
    shares = [one["contribution"]["net_loss"]["share"] for one in found["holdings"].values()]
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] == pytest.approx(0.5, abs=0.03)


def test_of_copies_the_inputs_are_means_and_the_chances_those_of_one() -> None:
    one = told(*COPIES)["holdings"]["a"]
    assert near(one["one_copy"]["loss"], 0.2)
    assert near(one["one_copy"]["total_loss"], 0.2)
    assert near(one["inputs"]["luck"]["mean"], 0.8)
    assert near(one["inputs"]["luck"]["in_the_worst"], 0.1)
    assert near(one["probabilities"]["loss"], 0.36)
    assert near(one["probabilities"]["total_loss"], 0.04)
    assert one["committed"]["value"] == pytest.approx(2e6)


def test_how_many_of_four_fail_by_hand() -> None:
    """None 0.8 ** 4; at least one is a quarter of them, at least two are half."""
    found = told(f"a: {{{CONTRACT}, copies: 4}}")["joint_failures"]
    none, just_one = 0.8**4, 4 * 0.2 * 0.8**3
    assert near(found["mean"], 0.8)
    assert near(found["none"], none)
    assert near(found["any"], 1.0 - none)
    assert near(found["quarter"], 1.0 - none)
    assert near(found["half"], 1.0 - none - just_one)
    assert {row["contracts"] for row in found["number"]} == {0, 1, 2, 3, 4}
    assert near(found["number"][1]["probability"], just_one)
    assert found["pairs"] == []


def test_every_future_is_in_the_table() -> None:
    results = simulated(", ".join(TWO))
    columns = results.per_draw()
    a, b = (columns[f"contracts.{name}.lost"] for name in "ab")
    assert set(np.unique(a)) == {0.0, 1e6}
    assert columns["contracts.failing"] == pytest.approx((a + b) / 1e6)
    assert columns["contracts.net_loss"] == pytest.approx(a + b - 0.2e6 * ((a == 0) * 1.0 + (b == 0) * 1.0))
    assert columns["holdings.a.inputs.luck"] == pytest.approx(1.0 - a / 1e6)


def test_who_pays_and_in_which_field_by_hand() -> None:
    """A town pays for 1 m alone and for half of another 1 m, the state for the other half: 75 % and 25 %."""
    halves = "{parties.other: Another town, contract.payments.success.by: {payer: 50 %, other: 50 %}}"
    found = told(TWO[0], f"c: {{{CONTRACT}, changes: {halves}, field: health}}")["concentration"]
    assert {row["name"]: row["committed"] for row in found["by"]["payer"]} == pytest.approx(
        {"A town": 1.5e6, "Another town": 0.5e6}
    )
    assert {row["name"]: row["share"] for row in found["by"]["field"]} == pytest.approx({"work": 0.5, "health": 0.5})
    assert found["effective_number"]["payer"] == pytest.approx(1.0 / (0.75**2 + 0.25**2))
    parts = {row["name"]: row["contribution_share"] for row in found["by"]["payer"]}
    assert parts["A town"] == pytest.approx(0.75, abs=0.03)


def test_where_a_factor_stands_in_the_worst_futures() -> None:
    """Both hang wholly on it, and fail together in its lowest fifth, all alike: it is -phi(q) / 0.2 there, -1.4."""
    sets = ["finance=none", f"holdings={{{', '.join(TWO)}}}", "factors={economy: {a: {luck: 1}, b: {luck: 1}}}"]
    results = simulate_portfolio(load_portfolio(TWELVE, sets=sets), n_draws=9216)
    found = results.summary()
    score = found["worst"]["factors"]["economy"]["score"]["value"]
    assert score == pytest.approx(-math.exp(-(0.8416212**2) / 2.0) / math.sqrt(2.0 * math.pi) / 0.2, abs=0.01)
    assert found["correlation"]["draws"] == 8192
    assert {one["draws"] for one in found["correlation"]["chance_of_loss"]["all contracts"].values()} == {8192}


@pytest.mark.parametrize(
    ("rate", "copies", "shared"),
    [("10", 2, []), ("{2026-01: 10, 2027-01: euro}", 2, ["EUR"]), ("euro", 1, []), ("euro", 2, ["EUR"])],
)
def test_a_rate_that_is_uncertain_is_in_common(rate: str, copies: int, shared: list[str]) -> None:
    """Not one that is the same in every future, whatever else is uncertain in the fund."""
    held = f"{{a: {{{CONTRACT}, copies: {copies}, changes: {{currency: EUR}}}}}}"
    sets = [
        *APART,
        f"holdings={held}",
        "inputs={euro: {uniform: {low: 9, high: 11}}}",
        f"exchange_rates={{EUR: {rate}}}",
    ]
    found = simulate_portfolio(load_portfolio(TWELVE, sets=sets), n_draws=1).summary()
    assert found["correlation"]["exchange_rates"] == shared


def test_what_hangs_on_a_factor_by_nothing_does_not_hang_on_it() -> None:
    """Of two factors one has loadings of 0 only: it is there, and ties nothing."""
    tied = "{x: {a: {luck: 0.5}, b: {luck: 0}}, y: {b: {luck: 0}}}"
    sets = ["finance=none", f"factors={tied}", f"holdings={{{', '.join(TWO)}}}"]
    results = simulate_portfolio(load_portfolio(TWELVE, sets=sets), n_draws=1)
    found = results.summary()
    one = {"holding": "a", "input": "luck", "loading": 0.5}
    assert found["correlation"]["factors"] == {"x": [one], "y": []}
    text = " ".join(RENDERERS["text"](found, Layout()).split())
    assert "as the file states it: 'x', on which hangs 1 input of 1 holding." in text
    assert "'y'" not in text.partition("Warnings")[0]
