"""Mixtures and columns of files: quantiles and moments against scipy, and what they do to money."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

from sibsim.distributions import DISTRIBUTIONS, Discrete, Distribution, Fixed, Mixture, Normal, Uniform, mix, truncate
from sibsim.loading import load
from sibsim.simulate import simulate
from tests.support import LIMIT, deal, run

GRID = np.array([2.0**-53, 1e-9, 0.001, 0.02, 0.3, 0.5, 0.77, 0.999, 1 - 1e-9, 1 - 2.0**-53])


def law(name: str, **keys: float) -> Distribution:
    return DISTRIBUTIONS[name].from_keys(keys)


# (weights, parts, the same parts by scipy)
SMOOTH = [
    ((0.3, 0.7), (Normal(-2.0, 1.0), Normal(3.0, 0.5)), (stats.norm(-2.0, 1.0), stats.norm(3.0, 0.5))),
    ((0.9, 0.1), (law("gamma", mean=4.0, sd=2.0), law("gamma", mean=400.0, sd=40.0)),
     (stats.gamma(4.0), stats.gamma(100.0, scale=4.0))),
    ((0.2, 0.5, 0.3),
     (Uniform(0.0, 1.0), law("beta", alpha=2.0, beta=5.0), law("triangular", low=0.0, mode=1.0, high=1.0)),
     (stats.uniform(), stats.beta(2.0, 5.0), stats.triang(1.0))),
    ((0.5, 0.5), (law("lognormal", median=1.0, sd=math.sqrt(2.0)), law("student", mean=9.0, sd=1.0, df=4.0)),
     (stats.lognorm(math.sqrt(math.log(2.0))), stats.t(4.0, 9.0, math.sqrt(0.5)))),
]  # fmt: skip


@pytest.mark.parametrize(("weights", "parts", "truths"), SMOOTH)
def test_quantiles_solve_the_weighted_sum_of_scipys_distributions(weights, parts, truths):
    found = mix(weights, parts)
    u = np.array([1e-4, 0.01, 0.29, 0.31, 0.5, 0.88, 0.999])

    def cdf(x: float) -> float:
        return sum(w * truth.cdf(x) for w, truth in zip(weights, truths, strict=True))

    ends = (min(t.ppf(1e-6) for t in truths) - 1.0, max(t.ppf(1 - 1e-6) for t in truths) + 1.0)
    expected = [optimize.brentq(lambda x, a=a: cdf(x) - a, *ends, xtol=1e-14, rtol=1e-14) for a in u]
    np.testing.assert_allclose(found.ppf(u), expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.cdf(expected), u, rtol=1e-11)
    mean = sum(w * t.mean() for w, t in zip(weights, truths, strict=True))
    square = sum(w * (t.var() + t.mean() ** 2) for w, t in zip(weights, truths, strict=True))
    assert found.mean == pytest.approx(mean, rel=1e-12)
    assert found.sd == pytest.approx(math.sqrt(square - mean * mean), rel=1e-9)
    x = found.ppf(np.sort(np.concatenate([GRID, np.random.default_rng(3).random(3000)])))
    assert np.isfinite(x).all()
    assert (np.diff(x) >= 0.0).all()
    assert found.support[0] <= x[0]
    assert x[-1] <= found.support[1]


def test_single_values_are_met_exactly_between_smooth_parts():
    found = mix([0.2, 0.3, 0.5], [Fixed(0.0), Discrete((1.0, 2.0), (0.5, 0.5)), Uniform(0.0, 4.0)])
    # below 0: nothing; at 0: 0.2; up to just below 1: 0.2 + 0.5 / 4; at 1: + 0.15; and so on
    u = [0.1, 0.2, 0.2 + 0.5 / 8, 0.33, 0.47, 0.48, 0.475 + 0.5 / 8, 0.61, 0.75, 0.76, 0.95]
    expected = [0.0, 0.0, 0.5, 1.0, 1.0, 1.04, 1.5, 2.0, 2.0, 2.08, 3.6]
    np.testing.assert_allclose(found.ppf(u), expected, rtol=1e-12)
    assert set(found.ppf([0.1, 0.33, 0.47, 0.61, 0.75]).tolist()) == {0.0, 1.0, 2.0}
    assert found.ppf(0.5).shape == ()
    assert found.mean == pytest.approx(0.3 * 1.5 + 0.5 * 2.0)


def test_sampled_moments_are_the_declared_ones():
    found = mix([0.6, 0.4], [law("lognormal", mean=10.0, sd=5.0), Fixed(0.0)])
    x = found.ppf(np.random.default_rng(5).random(100_000).clip(2.0**-53))
    assert abs(x.mean() - found.mean) < LIMIT * found.sd / math.sqrt(len(x))
    assert abs((x == 0.0).mean() - 0.4) < LIMIT * math.sqrt(0.24 / len(x))


def test_a_mixture_within_two_ends_is_the_mixture_of_what_is_left():
    whole = mix([0.5, 0.5], [Uniform(0.0, 10.0), Uniform(5.0, 25.0)])
    cut = truncate(whole, (5.0, 10.0))
    # 1/2 of the first, 1/4 of the second are left: 0.25 to 0.125, both even from 5 to 10
    assert isinstance(cut, Mixture)
    assert cut.weights == pytest.approx((2 / 3, 1 / 3))
    assert (cut.mean, cut.sd) == pytest.approx((7.5, 5.0 / math.sqrt(12.0)))
    assert cut.support == (5.0, 10.0)
    np.testing.assert_allclose(cut.ppf([0.1, 0.5]), [5.5, 7.5])
    spike = truncate(mix([0.5, 0.5], [Fixed(0.0), Uniform(-1.0, 1.0)]), (0.0, 1.0))
    assert spike.mean == pytest.approx(0.5 / 0.75 * 0.0 + 0.25 / 0.75 * 0.5)
    with pytest.raises(ValueError, match="next to no chance"):
        truncate(whole, (30.0, 40.0))


def test_lists_within_two_ends_keep_the_ends():
    left = truncate(Discrete((0.0, 1.0, 2.0), (0.5, 0.3, 0.2)), (0.0, 1.0))
    assert left.values == (0.0, 1.0)
    assert left.chances == pytest.approx((0.625, 0.375))
    column = DISTRIBUTIONS["empirical"].from_keys({"values": (5.0, 1.0, 3.0, 9.0)})
    assert truncate(column, (1.0, 5.0)).mean == 3.0


def test_nested_mixtures_are_taken_apart():
    inner = mix([0.5, 0.5], [Fixed(1.0), Fixed(2.0)])
    found = mix([0.4, 0.6], [inner, Fixed(3.0)])
    assert found.weights == pytest.approx((0.2, 0.2, 0.6))
    assert [part.mean for part in found.parts] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("weights", "words"), [((0.5, 0.4), "add up to 100 %, got 90 %"), ((60.0, 40.0), "got 60; write 60 %")]
)
def test_weights_that_cannot_be_are_refused(weights, words):
    with pytest.raises(ValueError, match=words):
        mix(weights, [Fixed(1.0), Fixed(2.0)])


# ------------------------------------------------------------------------------------------------ money
@pytest.mark.key("distributions.mixture", "distributions.within")
def test_what_a_mixture_pays():
    """A price of 0 in three futures of ten, else 100 to 200, half of that span cut off: 0.7 / 2 against 0.3."""
    price = "{mixture: [[30 %, 0], [70 %, {uniform: {low: 100, high: 200}}]], within: [0, 150]}"
    results = run(deal(inputs=f"{{price: {price}}}", contract="{payments: {fee: {amount: price, at: 2021-01}}}"))
    paid = results.metric("payer", "outcome_payments")
    share = 0.35 / 0.65
    assert (paid == 0.0).mean() == pytest.approx(1 - share, abs=0.001)
    assert paid[paid > 0].min() > 100.0
    assert paid.max() < 150.0
    assert paid.mean() == pytest.approx(share * 125.0, rel=1e-3)  # a lattice is far better than plain draws


CSV = "year,cost,share\n2019,100,10 %\n2020,1 200.5,20 %\n\n2021,  400,60 %\n2022,100,30 %\n"
"""Costs 100, 100, 400, 1 200.5: mean 450.125."""


def written(folder: Path, text: str, csv: str | bytes = CSV) -> Path:
    (folder / "costs.csv").write_bytes(csv if isinstance(csv, bytes) else csv.encode())
    path = folder / "deal.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.key("distributions.empirical", "parameters.file", "parameters.column")
def test_what_a_column_pays(tmp_path):
    contract = "{payments: {fee: {amount: {empirical: {file: costs.csv, column: cost}}, at: 2021-01}}}"
    scenario = load(written(tmp_path, deal(contract=contract)))
    entry = scenario.inputs[0]
    assert entry.name == "contract.payments.fee.amount"
    assert entry.distribution.mean == 450.125
    assert "4 values of column 'cost' of costs.csv (sha256 " in entry.distribution.describe()
    paid = simulate(scenario, n_draws=8192).metric("payer", "outcome_payments")
    values, counts = np.unique(paid, return_counts=True)
    assert values.tolist() == [100.0, 400.0, 1200.5]
    assert counts / len(paid) == pytest.approx([0.5, 0.25, 0.25], abs=0.002)


@pytest.mark.parametrize(
    ("keys", "csv", "expected"),
    [
        ("column: share", CSV, (0.1, 0.2, 0.3, 0.6)),
        ("column: cost, within: [100, 500]", CSV, (100.0, 100.0, 400.0)),
        ("column: a b", "a b;c\n1.5;2\n-3;4\n", (-3.0, 1.5)),
        ("column: x", b"\xef\xbb\xbfx\r\n2\r\n1\r\n", (1.0, 2.0)),
        ("column: x", 'x\ty\n"1\u00a0000"\t2\n2\t3', (2.0, 1000.0)),
        ("column: x", "x\n1 MSEK\n500 k\n", (5e5, 1e6)),
    ],
)
def test_columns_that_are_read(tmp_path, keys, csv, expected):
    contract = f"{{payments: {{fee: {{amount: {{empirical: {{file: costs.csv, {keys}}}}}, of: 1 m, at: 2021-01}}}}}}"
    entry = load(written(tmp_path, deal(contract=contract), csv)).inputs[0]
    assert entry.distribution.values == expected
    assert entry.unit == ("percent" if "share" in keys else "money" if "SEK" in str(csv) else "number")


@pytest.mark.key("parameters.successes", "parameters.of", "parameters.alpha", "parameters.beta", "distributions.beta")
def test_what_a_study_of_17_in_49_pays():
    """100 m times Beta(17.5, 32.5), whose mean is 17.5 / 50, and times Beta(2, 6), whose mean is 1 / 4."""
    contract = "{payments: {a: {amount: seen, of: 100 m, at: 2021-01}, b: {amount: told, of: 100 m, at: 2022-01}}}"
    inputs = (
        "{seen: {beta: {successes: 17, of: 49, within: [0 %, 100 %]}}, "
        "told: {beta: {alpha: 2, beta: 6, within: [0 %, 100 %]}}}"
    )
    results = run(deal(inputs=inputs, contract=contract))
    paid = results.metric("payer", "outcome_payments") / 1e8
    sd = math.sqrt(0.35 * 0.65 / 51 + 0.25 * 0.75 / 9)
    assert abs(paid.mean() - 0.6) < LIMIT * sd / math.sqrt(len(paid))


def in_quarters(name: str, parameters: str) -> np.ndarray:
    """What is paid at the quartiles of a price, by a file."""
    contract = "{payments: {fee: {amount: price, at: 2021-01}}}"
    text = deal(inputs=f"{{price: {{{name}: {parameters}}}}}", contract=contract)
    return np.quantile(run(text).metric("payer", "outcome_payments"), [0.25, 0.5, 0.75])


PRICES = [
    ("normal", "{mean: 1 000, sd: 100}", stats.norm(1000.0, 100.0)),
    ("normal", "{interval_95: [800, 1 200]}", stats.norm(1000.0, 400.0 / 3.919927969080108)),
    ("normal", "{median: 1 010, interval_90: [800, 1 200]}", stats.norm(1010.0, 400.0 / 3.289707253902945)),
    ("lognormal", "{p10: 500, p50: 1 000, p90: 2 000}", stats.lognorm(math.log(4.0) / 2.563103131089201, scale=1000.0)),
    ("student", "{mean: 1 000, sd: 100, df: 4}", stats.t(4.0, 1000.0, 100.0 * math.sqrt(0.5))),
    ("gamma", "{mean: 1 000, sd: 500}", stats.gamma(4.0, scale=250.0)),
    ("uniform", "{low: 1 000, high: 2 000}", stats.uniform(1000.0, 1000.0)),
    ("triangular", "{low: 1 000, mode: 1 500, high: 3 000}", stats.triang(0.25, 1000.0, 2000.0)),
    ("pert", "{low: 1 000, mode: 1 500, high: 3 000}", stats.beta(2.0, 4.0, 1000.0, 2000.0)),
]


@pytest.mark.key(
    *(f"distributions.{name}" for name in ("normal", "lognormal", "student", "gamma", "uniform", "triangular", "pert")),
    *(f"parameters.{key}" for key in ("mean", "sd", "median", "interval_95", "interval_90", "p10", "p50", "p90")),
    *(f"parameters.{key}" for key in ("df", "low", "mode", "high")),
    "distributions.within",
)
@pytest.mark.parametrize(("name", "parameters", "truth"), PRICES)
def test_what_each_distribution_pays_at_its_quartiles(name, parameters, truth):
    np.testing.assert_allclose(in_quarters(name, parameters), truth.ppf([0.25, 0.5, 0.75]), rtol=2e-3)


@pytest.mark.key("distributions.discrete")
def test_what_a_list_of_chances_pays():
    contract = "{payments: {fee: {amount: {discrete: [[1 000, 25 %], [4 000, 75 %]]}, at: 2021-01}}}"
    paid = run(deal(contract=contract)).metric("payer", "outcome_payments")
    assert (paid == 4000.0).mean() == pytest.approx(0.75, abs=1e-3)
    assert (paid == 1000.0).mean() == pytest.approx(0.25, abs=1e-3)
