"""What a comparison prints is what is so: errors, ties, what knowing one input is worth, views of the world."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta, binom

from sibsim.comparing import Futures, choices_of, run_choices
from sibsim.comparing.decisions import fall_there, tail_mean, value_of_knowing, worst_of
from sibsim.comparing.told import comparison
from sibsim.draws.streams import REPLICATE
from sibsim.metrics import Estimate
from sibsim.report import Layout
from sibsim.report.comparison import RENDERERS
from tests.support import LIMIT, scenario
from tests.test_compare import GOLDEN


@cache
def compared(text: str, *names: str) -> Futures:
    return run_choices(choices_of([scenario(text).file], names), 8192)


def decided(text: str, *names: str) -> dict[str, Any]:
    return dict(comparison(compared(text, *names))["decisions"]["payer"])


# ------------------------------------------------------------------------------------------------ errors
def test_the_error_of_a_fall_is_that_of_the_mean_too() -> None:
    """Worth -1 always in the worst futures, else 0 or 10 by an even chance: the tail is certain, the mean is not."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(40):
        own = np.concatenate([np.concatenate([np.full(60, -1.0), 10.0 * rng.integers(0, 2, 964)]) for _ in range(8)])
        tail = worst_of(own)
        assert tail_mean(tail, own).mc_error == 0.0
        fall = fall_there(tail, own)
        assert fall.value == pytest.approx(own.mean() + 1.0)
        found.append((fall.value, fall.mc_error))
    values, errors = np.array(found).T
    assert 0.7 < np.sqrt((errors**2).mean()) / values.std(ddof=1) < 1.4  # 4.5 errors of 40 seeds are 0.5


def test_rounding_decides_of_no_future_whether_it_is_among_the_worst() -> None:
    """A tenth of the futures are equally bad; which of them rounding puts a hair lower is nobody's loss."""
    n = 8 * REPLICATE
    hair, bad = np.tile([0.0, 1.0], n // 2), np.arange(n) % 10 < 2
    own = np.where(bad, -100_000.0 - 1e-10 * hair, 50_000.0)
    assert tail_mean(worst_of(own), hair).value == pytest.approx(0.5, abs=1e-9)
    assert tail_mean(worst_of(own), own).value == pytest.approx(-100_000.0)


# ------------------------------------------------------------------------------------------------ one input
def golden_worth(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The payer's net budget effect under each way to buy of case F05, and the chance of success."""
    chance = beta.ppf((rng.permutation(n) + rng.random(n)) / n, 24, 36)
    successes = rng.binomial(200, chance)
    saved, bond = 18_000 * (successes - 30), np.minimum(10_000 * successes, 950_000)
    half = 350_000 + np.minimum(5_200 * successes, 475_000)
    ways = (saved - bond - 40_000, 0 * saved, saved - 700_000, saved - half, saved - 0.7 * bond - 40_000)
    return np.array(ways, dtype=float), chance


def golden_value_of_the_chance() -> float:
    """The same, exactly: the mean over the chance of the best mean at each, less the best mean."""
    chance = beta.ppf((np.arange(2_000) + 0.5) / 2_000, 24, 36)
    successes = np.arange(201)
    of = binom.pmf(successes[None], 200, chance[:, None])
    bond = of @ np.minimum(10_000 * successes, 950_000)
    half = 350_000 + of @ np.minimum(5_200 * successes, 475_000)
    saved = 18_000 * (200 * chance - 30)
    ways = np.array([saved - bond - 40_000, 0 * saved, saved - 700_000, saved - half, saved - 0.7 * bond - 40_000])
    return float(ways.max(axis=0).mean() - ways.mean(axis=1).max())


def test_knowing_an_input_is_worth_what_it_is_though_it_matters_only_at_its_ends() -> None:
    """Case F05: doing nothing is best only below a chance of 26 %, in 1 of 100 futures; to know is worth 618."""
    rng, truth = np.random.default_rng(3), golden_value_of_the_chance()
    assert truth == pytest.approx(618, abs=4)
    each = [value_of_knowing(*golden_worth(rng, 8 * REPLICATE)) for _ in range(40)]
    found = np.array([(one.value, one.mc_error) for one in each])
    spread = found[:, 0].std(ddof=1)
    assert abs(found[:, 0].mean() - truth) < LIMIT * spread / np.sqrt(40)
    assert 0.6 < np.sqrt((found[:, 1] ** 2).mean()) / spread < 1.5


def test_an_input_that_never_changes_what_is_best_is_worth_nothing() -> None:
    rows = np.array([np.linspace(1.0, 2.0, 8 * REPLICATE), np.zeros(8 * REPLICATE)])
    assert value_of_knowing(rows, rows[0]) == Estimate(0.0, 0.0)
    assert value_of_knowing(rows, np.ones(8 * REPLICATE)) == Estimate(0.0, 0.0)


def test_an_input_that_only_an_option_makes_uncertain_is_told() -> None:
    """The price is certain as it stands, under an option it is not: to know it before choosing is worth something."""
    text = GOLDEN.replace("inputs: {", "inputs: {price: 700 000, ").replace(
        "fee: {amount: 700 000,", "pay: {amount: price,"
    )
    text += "  unsure:\n    inputs.price: {uniform: {low: 400 000, high: 1 000 000}}\n"
    text += "    finance: none\n    contract.payments: {pay: {amount: price, at: 2026-01}}\n"
    known = decided(text, "fee", "unsure")["information"]["by_input"]
    assert known["price"]["value"] > 50_000


# ------------------------------------------------------------------------------------------------ ties
def test_of_options_that_cost_the_same_the_first_is_the_one_that_others_are_set_against() -> None:
    text = GOLDEN + "  also a fee:\n    finance: none\n    costs.setting up: none\n"
    text += "    contract.payments: {fee: {amount: 700 000, at: 2026-01}}\n"
    assert decided(text, "fee", "also a fee", "half by results")["risk_transfer"]["against"] == "fee"
    transfer = decided(text, "pay for results without investors", "no service")["risk_transfer"]
    assert transfer is None, "the same for the payer in every future"


# ------------------------------------------------------------------------------------------------ views of the world
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("parties.payer: {name: City, discount_rate: 9 %}", ("parties.payer.discount_rate",)),
        ("correlations: [{between: [chance, worth], rank: 0.9}]", ("correlations",)),
        ("benefits.saved: none", ("benefits.saved",)),
        ("benefits.more: {of: success, kind: cashable, worth: 9 000}", ("benefits.more",)),
        ("contract.payments.tariff.per_unit: 9 000", ()),
        ("participants.size: 300", ()),
    ],
)
def test_other_views_of_the_world_are_no_ways_to_buy(change: str, told: tuple[str, ...]) -> None:
    text = GOLDEN.replace("inputs: {", "inputs: {worth: {uniform: {low: 16 000, high: 20 000}}, ")
    text = text.replace("worth: 18 000", "worth: worth").replace("City, fund", "{name: City, discount_rate: 2 %}, fund")
    choices = choices_of([scenario(text + f"  other:\n    {change}\n").file], ["other"])
    assert choices[1].facts == told


def test_nobody_served_is_no_other_view_of_the_world() -> None:
    nothing = "  nothing: {participants.size: 0, measures: none, contract: none, costs: none, benefits: none, finance: "
    nothing += "none}\n"
    assert choices_of([scenario(GOLDEN + nothing).file], ["nothing"])[1].facts == ()


# ------------------------------------------------------------------------------------------------ sentences
def test_a_payer_who_neither_pays_nor_saves_has_no_decision_to_read_about() -> None:
    text = GOLDEN.replace("size: 200", "size: 0").replace(
        "  setting up: {amount: 40 000, by: payer, to: outside}\n", ""
    )
    text = text.replace("    costs.setting up: none\n", "")
    told = comparison(compared(text, "half by results", "with a fund"))
    shown = json.loads(json.dumps(told))
    del shown["parties"]["payer"]
    assert "who bears" in RENDERERS["text"](told, Layout())
    assert "payer:" not in RENDERERS["text"](shown, Layout())
