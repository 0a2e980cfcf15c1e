"""Metrics against closed forms, hand calculation and what must always hold; and how often intervals cover the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from sibsim import metrics
from sibsim.metrics import (
    Estimate,
    estimate_mean,
    estimate_quantile,
    estimate_quantiles,
    estimate_ratio,
    estimate_sd,
    estimate_share,
    estimate_shortfall,
    expected_shortfall,
    interval,
    moic,
    payback_years,
    peak_capital,
    quantile,
    rank_correlations,
    value_at_risk,
    weighted_average_life,
)
from sibsim.rates import irr
from sibsim.report.frequency import RARE_AT_MOST


def rank_correlation(x, y) -> float:
    return rank_correlations({"x": x}, {"y": y})["x", "y"]


REPLICATE = metrics.REPLICATE
STREAM = [-1000.0, -200.0, 300.0, 500.0, 800.0]
GRID = (np.arange(1_000_000) + 0.5) / 1_000_000
"""A sample without chance: the middles of a million equal slices."""


# ------------------------------------------------------------------------------------------------ one stream of money
def test_one_stream_by_hand():
    assert float(moic(STREAM)) == pytest.approx(4 / 3)
    assert float(weighted_average_life(STREAM)) == pytest.approx(3.3125)
    assert float(payback_years(STREAM)) == 3.5
    assert float(peak_capital(STREAM)) == 1200.0


@pytest.mark.parametrize(
    ("flows", "multiple", "payback", "life", "peak"),
    [
        ([0.0, 0.0, 0.0], math.nan, math.nan, math.nan, 0.0),
        ([-100.0, 0.0, 0.0], 0.0, math.nan, math.nan, 100.0),
        ([-1.0, -2.0, -3.0], 0.0, math.nan, math.nan, 6.0),
        ([5.0, 0.0, 5.0], math.nan, math.nan, math.nan, 0.0),
        ([-100.0, 0.0, 100.0], 1.0, 2.0, 2.0, 100.0),
        ([-100.0, 0.0, 99.0], 0.99, math.nan, 2.0, 100.0),
        ([-100.0, 150.0, -100.0, 100.0], 1.25, 2.5, 1.8, 100.0),  # back at 0.67, out again, back for good at 2.5
        ([0.0, 0.0, -100.0, 0.0, 125.0], 1.25, 1.8, 2.0, 100.0),  # both count from the first draw
        ([-100.0, 30.0, 30.0, 40.0 - 1e-12], 1.0, 3.0, 2.1, 100.0),  # short by rounding alone
    ],
)
def test_edges_of_the_cash_metrics(flows, multiple, payback, life, peak):
    found = [float(f(flows)) for f in (moic, payback_years, weighted_average_life, peak_capital)]
    assert found == pytest.approx([multiple, payback, life, peak], nan_ok=True)


def test_guaranteed_bonds():
    """Rikers with its guarantee 0.75; Educate Girls 1.5336; the ICRC's cap 1.4026 and floor 0.6."""
    assert float(moic([-9.6, 7.2])) == pytest.approx(0.75)
    assert float(moic([-270_000.0, 414_085.0])) == pytest.approx(1.53364814815)
    assert float(moic([-100.0, 100 * 1.07**5])) == pytest.approx(1.4025517307)


def test_cash_metrics_have_one_column_a_draw_and_use_the_dates():
    rng = np.random.default_rng(1)
    flows = np.vstack([-rng.random((3, 500)), rng.random((9, 500)) * 0.6])
    years = np.cumsum(rng.choice([0.25, 0.5, 1.0], 12))
    for metric, dates in ((moic, ()), (peak_capital, ()), (payback_years, (years,)), (weighted_average_life, (years,))):
        together = metric(flows, *dates)
        assert together.shape == (500,)
        alone = [float(metric(flows[:, i], *dates)) for i in range(500)]
        np.testing.assert_allclose(together, alone, rtol=1e-14)
    for i in np.flatnonzero(~np.isnan(payback_years(flows, years)))[:100]:
        back = years[0] + float(payback_years(flows[:, i], years))
        assert np.interp(back, years, np.cumsum(flows[:, i])) == pytest.approx(0.0, abs=1e-12)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=8), st.floats(0.01, 1000.0))
def test_money_in_another_unit(flows, unit):
    flows = np.where(np.abs(flows) < 1e-3, 0.0, flows)
    for metric, power in ((moic, 0), (payback_years, 0), (weighted_average_life, 0), (peak_capital, 1)):
        expected = float(metric(flows)) * unit**power
        assert float(metric(flows * unit)) == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


# ------------------------------------------------------------------------------------------------ quantiles and tails
@pytest.mark.parametrize(
    ("level", "var", "shortfall"), [(0.95, 1.64485362695, 2.06271280751), (0.99, 2.32634787404, 2.66521422035)]
)
def test_standard_normal_losses(level, var, shortfall):
    losses = ndtri(GRID)
    assert value_at_risk(losses, level) == pytest.approx(var, abs=2e-5)
    assert expected_shortfall(losses, level) == pytest.approx(shortfall, abs=2e-4)


def test_lognormal_losses():
    losses = np.exp(13.0 + 0.5 * ndtri(GRID))
    assert value_at_risk(losses, 0.95) == pytest.approx(1_006_940.22804, rel=1e-5)
    assert expected_shortfall(losses, 0.95) == pytest.approx(1_264_679.07133, rel=1e-4)


@pytest.mark.parametrize(("chance", "var", "shortfall"), [(0.03, 0.0, 60.0), (0.05, 0.0, 100.0), (0.10, 100.0, 100.0)])
def test_all_or_nothing_splits_the_atom(chance, var, shortfall):
    """Losing 100 with 3, 5 or 10 %: the mean of what is above the quantile, or at it, is wrong in each."""
    losses = np.where(1.0 - chance < GRID, 100.0, 0.0)
    assert value_at_risk(losses, 0.95) == var
    assert expected_shortfall(losses, 0.95) == pytest.approx(shortfall, abs=1e-9)


def test_a_tail_that_is_not_a_whole_number_of_draws():
    assert value_at_risk(range(1, 11), 0.75) == 8.0
    assert expected_shortfall(range(1, 11), 0.75) == pytest.approx(9.2, abs=1e-12)  # (10 + 9 + 8 / 2) / 2.5


def test_a_quantile_is_an_order_statistic():
    assert quantile(range(1, 21), 0.95) == 19.0
    assert 100 * 0.29 < 29.0  # in binary; and
    assert 100 * 0.55 > 55.0
    assert [quantile(range(1, 101), a) for a in (0.29, 0.55, 0.07)] == [29.0, 55.0, 7.0]
    assert [quantile([3.0, 1.0, 2.0], a) for a in (1e-9, 1 / 3, 0.34, 2 / 3, 0.99, 1.0)] == [
        1.0,
        1.0,
        2.0,
        2.0,
        3.0,
        3.0,
    ]


def test_normal_present_value_below_zero():
    """N(120, 300): P(loss) 34.458 %, expected loss 69.13, loss given loss 200.63."""
    gains = 120.0 + 300.0 * ndtri(GRID)
    losses = np.maximum(-gains, 0.0)
    assert estimate_share(gains < 0.0).value == pytest.approx(0.34457825839, abs=1e-6)
    assert estimate_mean(losses).value == pytest.approx(69.1316510842, rel=1e-5)
    assert estimate_ratio(losses, gains < 0.0).value == pytest.approx(200.626851524, rel=1e-5)


samples = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)
levels = st.floats(0.01, 0.99)


@given(samples, levels, levels)
def test_order_of_mean_quantile_and_shortfall(losses, a, b):
    low, high = min(a, b), max(a, b)
    slack = 1e-9 * (1.0 + max(abs(x) for x in losses))
    assert value_at_risk(losses, low) <= expected_shortfall(losses, low) + slack
    assert np.mean(losses) <= expected_shortfall(losses, low) + slack
    assert value_at_risk(losses, low) <= value_at_risk(losses, high)
    assert expected_shortfall(losses, low) <= expected_shortfall(losses, high) + slack
    assert expected_shortfall(losses, 1e-12) == pytest.approx(np.mean(losses), rel=1e-6, abs=slack)
    assert expected_shortfall(losses, 1.0 - 1e-9) == max(losses)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=60), levels)
def test_expected_shortfall_is_coherent(draws, a):
    first, second = np.array(draws).T
    slack = 1e-9 * (1.0 + np.abs(draws).max())
    together = expected_shortfall(first + second, a)
    assert together <= expected_shortfall(first, a) + expected_shortfall(second, a) + 4 * slack
    assert expected_shortfall(first + 5.0, a) == pytest.approx(expected_shortfall(first, a) + 5.0, abs=slack)
    assert expected_shortfall(3.0 * first, a) == pytest.approx(3.0 * expected_shortfall(first, a), abs=3 * slack)


@given(samples, levels)
def test_expected_shortfall_is_the_mean_of_all_quantiles_beyond(losses, a):
    """The definition, summed over the steps of the quantile function."""
    ordered, n = np.sort(losses), len(losses)
    weights = np.clip(np.arange(1, n + 1) / n - a, 0.0, 1.0 / n) / (1.0 - a)
    slack = 1e-6 * (1.0 + np.abs(losses).max())
    assert expected_shortfall(losses, a) == pytest.approx(float(ordered @ weights), abs=slack)


def test_draws_without_a_value_are_left_out():
    x = np.array([math.nan, 3.0, 1.0, math.nan, 2.0])
    assert quantile(x, 0.5) == 2.0
    assert expected_shortfall(x, 0.5) == pytest.approx((3.0 + 0.5 * 2.0) / 1.5)
    assert rank_correlation(x, np.array([1.0, 1.0, 2.0, 3.0, math.nan])) == -1.0
    nothing = np.full(3, math.nan)
    assert math.isnan(quantile(nothing, 0.5))
    assert math.isnan(expected_shortfall(nothing, 0.5))
    assert math.isnan(rank_correlation(nothing, nothing))


def test_rank_correlation_equals_scipy_with_ties():
    rng = np.random.default_rng(2)
    for _ in range(20):
        x, y = rng.integers(0, 8, 200).astype(float), rng.normal(size=200)
        y = np.maximum(y + 0.3 * x, 1.0)
        assert rank_correlation(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert math.isnan(rank_correlation(np.ones(5), np.arange(5.0)))


def test_rank_correlations_of_many_are_those_of_each_pair():
    rng = np.random.default_rng(7)
    xs = {"price": rng.normal(size=500), "share": rng.random(500)}
    ys = {"cost": xs["price"] + rng.normal(size=500), "irr": np.where(rng.random(500) < 0.1, np.nan, xs["share"])}
    table = rank_correlations(xs, ys)
    assert list(table) == [("price", "cost"), ("price", "irr"), ("share", "cost"), ("share", "irr")]
    for (x, y), value in table.items():
        truth = stats.spearmanr(xs[x], ys[y], nan_policy="omit").statistic
        assert value == pytest.approx(truth, abs=1e-12)


def test_what_was_never_seen():
    """The rule of three that the report prints, against the exact bound for independent futures."""
    assert RARE_AT_MOST[0] / 10_000 == pytest.approx(0.0003)
    exact = 1 - 0.05 ** (1 / 10_000)
    assert exact == pytest.approx(0.000299528359777)
    assert exact < RARE_AT_MOST[0] / 10_000


# ------------------------------------------------------------------------------------------------ estimates
def random_draws(n_replicates: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n_replicates * REPLICATE)


def test_estimates_equal_numpy_on_all_draws():
    x = random_draws(16) + 5.0
    assert estimate_mean(x).value == pytest.approx(x.mean(), rel=1e-13)
    assert estimate_sd(x).value == pytest.approx(x.std(ddof=1), rel=1e-13)
    assert estimate_sd(1e9 + x).value == pytest.approx(x.std(ddof=1), rel=1e-6)
    assert estimate_quantile(x, 0.05).value == quantile(x, 0.05)
    assert estimate_shortfall(x, 0.95).value == expected_shortfall(x, 0.95)
    assert [e.value for e in estimate_quantiles(x, (0.05, 0.5, 0.95))] == [quantile(x, a) for a in (0.05, 0.5, 0.95)]


def test_the_error_is_the_spread_of_what_each_replicate_finds_over_the_root_of_their_number():
    x = random_draws(9)
    rows = x.reshape(9, REPLICATE)

    def error(own: list[float]) -> float:
        return float(np.std(own, ddof=1)) / 3.0

    assert estimate_mean(x).mc_error == pytest.approx(error([r.mean() for r in rows]))
    assert estimate_sd(x).mc_error == pytest.approx(error([r.std(ddof=1) for r in rows]))
    assert estimate_share(x > 1.0).mc_error == pytest.approx(error([(r > 1.0).mean() for r in rows]))
    assert estimate_quantile(x, 0.9).mc_error == pytest.approx(error([quantile(r, 0.9) for r in rows]))
    assert estimate_shortfall(x, 0.9).mc_error == pytest.approx(error([expected_shortfall(r, 0.9) for r in rows]))
    own = [(r + 9).sum() / (r**2).sum() for r in rows]
    assert estimate_ratio(x + 9, x**2).mc_error == pytest.approx(error(own))


@pytest.mark.parametrize(
    ("estimate", "truth"),
    [
        (lambda x: estimate_share(x > ndtri(0.95)), math.sqrt(0.05 * 0.95)),
        (estimate_mean, 1.0),
        (lambda x: estimate_quantile(x, 0.95), 2.11318751097),
        (lambda x: estimate_shortfall(x, 0.95), 2.46557294181),
        (estimate_sd, math.sqrt(0.5)),
    ],
)
def test_errors_are_those_of_theory_for_independent_draws(estimate, truth):
    """Times sqrt(n), for a standard normal: share, mean, 95 % quantile, 95 % shortfall, sd."""
    n_replicates = 1000
    found = estimate(random_draws(n_replicates)).mc_error * math.sqrt(n_replicates * REPLICATE)
    own_error = truth / math.sqrt(2 * (n_replicates - 1))
    assert abs(found - truth) < 4.5 * own_error + 0.02 * truth  # theory is for many draws, a replicate has 1,024


def test_intervals_use_students_t():
    low, high = interval(Estimate(10.0, 2.0), 8)
    assert (low, high) == pytest.approx((10.0 - 2.0 * 2.364624, 10.0 + 2.0 * 2.364624), abs=1e-5)
    low, high = interval(Estimate(10.0, 2.0), 16, 0.90)
    assert (low, high) == pytest.approx((10.0 - 2.0 * 1.753050, 10.0 + 2.0 * 1.753050), abs=1e-5)


def test_intervals_cover_the_truth_in_95_of_100_runs():
    """1,000 runs of 16 replicates of a lognormal bullet over three years: multiple exp(0.10 + 0.25 z), its IRR."""
    runs, n_replicates = 1000, 16
    rng = np.random.default_rng(4)
    truths = {"mean": 0.0374912668108, "p_loss": 0.34457825839, "p05": -0.0985383723486, "p50": 0.0338951135136}
    z = ndtri(0.05)
    shortfall = 1.0 - math.exp(0.1 + 0.25**2 / 2) * stats.norm.cdf(z - 0.25) / 0.05
    covered = dict.fromkeys([*truths, "shortfall"], 0)
    for _ in range(runs):
        multiple = np.exp(0.10 + 0.25 * rng.standard_normal(n_replicates * REPLICATE))
        rates = multiple ** (1 / 3) - 1.0
        low, middle = estimate_quantiles(rates, (0.05, 0.5))
        found = {"mean": estimate_mean(rates), "p_loss": estimate_share(multiple < 1.0), "p05": low, "p50": middle}
        found["shortfall"] = estimate_shortfall(1.0 - multiple, 0.95)
        for name, truth in {**truths, "shortfall": shortfall}.items():
            ends = interval(found[name], n_replicates)
            covered[name] += ends[0] <= truth <= ends[1]
    assert all(930 <= count <= 970 for count in covered.values()), covered


def test_lognormal_bullet_through_the_rate_of_return():
    n = 64 * REPLICATE
    multiple = np.exp(0.10 + 0.25 * np.random.default_rng(5).standard_normal(n))
    rates = irr(np.array([-np.ones(n), multiple]), [0.0, 3.0])
    for level, truth in ((0.05, -0.0985383723486), (0.5, 0.0338951135136), (0.95, 0.185784367253)):
        density = stats.norm.pdf(ndtri(level)) / (0.25 / 3.0 * (1.0 + truth))
        assert abs(quantile(rates, level) - truth) < 4.5 * math.sqrt(level * (1.0 - level) / n) / density
    assert abs(rates.mean() - 0.0374912668108) < 4.5 * rates.std() / math.sqrt(n)


def test_estimates_leave_out_draws_without_a_value():
    x = random_draws(8)
    x[::3] = math.nan
    x[:REPLICATE] = math.nan  # a whole replicate without one
    kept = x[~np.isnan(x)]
    rows = [r[~np.isnan(r)] for r in x.reshape(8, REPLICATE)[1:]]
    assert estimate_mean(x).value == pytest.approx(kept.mean())
    assert estimate_mean(x).mc_error == pytest.approx(np.std([r.mean() for r in rows], ddof=1) / math.sqrt(7))
    assert estimate_sd(x).value == pytest.approx(kept.std(ddof=1))
    assert estimate_quantile(x, 0.3).value == quantile(kept, 0.3)
    assert estimate_quantile(x, 0.3).mc_error == pytest.approx(
        np.std([quantile(r, 0.3) for r in rows], ddof=1) / math.sqrt(7)
    )
    assert estimate_shortfall(x, 0.9).value == pytest.approx(expected_shortfall(kept, 0.9))
    assert estimate_ratio(x, np.ones(len(x))).value == pytest.approx(kept.mean())
    nothing = np.full(2048, math.nan)
    found = [f(nothing) for f in (estimate_mean, estimate_sd, estimate_shortfall)] + [estimate_quantile(nothing, 0.5)]
    assert all(math.isnan(e.value) and math.isnan(e.mc_error) for e in found)


def test_a_ratio_is_one_of_means_never_a_mean_of_ratios():
    benefit, cost = np.tile([100.0, 300.0], 1024), np.tile([100.0, 100.0], 1024)
    cost[::2] = 50.0
    assert estimate_ratio(benefit, cost).value == pytest.approx(400.0 / 150.0)
    assert (benefit / cost).mean() == 2.5
    assert math.isnan(estimate_ratio(benefit, np.zeros(2048)).value)


def test_a_share_among_some_draws():
    x = np.arange(4096) % 8
    assert estimate_share(x == 0).value == 0.125
    assert estimate_share(x == 0, among=x < 2) == Estimate(0.5, 0.0)
    assert math.isnan(estimate_share(x == 0, among=x > 9).value)


def test_one_replicate_alone_has_no_error():
    assert math.isnan(estimate_mean(np.arange(1024.0)).mc_error)
    assert estimate_mean(np.arange(10.0)).value == 4.5


def test_sums_do_not_depend_on_how_the_work_was_divided():
    x = np.random.default_rng(6).lognormal(0.0, 8.0, 32 * REPLICATE)
    parts = [x[i : i + 8 * REPLICATE].copy() for i in range(0, len(x), 8 * REPLICATE)]
    for estimate in (estimate_mean, estimate_sd, lambda y: estimate_ratio(y, y + 1.0)):
        assert estimate(np.concatenate(parts)) == estimate(x)
    by_replicate = [float(np.add.reduce(row)) for row in x.reshape(-1, REPLICATE)]
    total = 0.0
    for part in by_replicate:
        total += part
    assert estimate_mean(x).value == total / len(x)


@pytest.mark.parametrize("undefined", [0, 700, 2 * REPLICATE])
def test_a_histogram_is_that_of_numpy_also_where_draws_lie_on_its_edges(undefined: int) -> None:
    """Whole numbers from 0 to 24 in 24 bins: each edge but the first and the last belongs to the bin above it."""
    for x in (np.random.default_rng(7).integers(0, 25, 4 * REPLICATE) * 1.0, np.linspace(-1.0, 2.0, 4 * REPLICATE)):
        x[:undefined] = np.nan
        counts, edges = metrics.ordered_histogram(metrics.in_order(x), 24)
        expected, at = np.histogram(x[~np.isnan(x)], 24)
        assert counts == expected.tolist()
        np.testing.assert_array_equal(edges, at)
