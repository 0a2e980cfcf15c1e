"""Distributions fitted to quantiles, medians and spreads, over the whole range of parameters that are taken."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sibsim.distributions import DISTRIBUTIONS, Beta

GRID = np.array([2.0**-53, 1e-9, 0.001, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999, 1 - 1e-9, 1 - 2.0**-53])


@pytest.mark.parametrize(
    ("name", "p10", "p50", "p90"),
    [("normal", 1.0, 3.0, 4.0), ("lognormal", 1.0, 3.0, 4.0), ("gamma", 1.0, 3.0, 4.0), ("beta", 0.1, 0.3, 0.4)],
)
def test_three_points_give_the_median_and_the_width(name, p10, p50, p90):
    d = DISTRIBUTIONS[name].from_keys({"p10": p10, "p50": p50, "p90": p90})
    low, middle, high = d.ppf([0.1, 0.5, 0.9])
    assert middle == pytest.approx(p50, rel=1e-9)
    width = (high / low, p90 / p10) if name == "lognormal" else (high - low, p90 - p10)
    assert width[0] == pytest.approx(width[1], rel=1e-9)
    assert "not centred on the median" in d.warning


@pytest.mark.parametrize("df", [2.001, 3.0, 4.0, 1e6])
def test_students_quantiles_equal_closed_forms(df):
    d = DISTRIBUTIONS["student"].from_keys({"mean": 0.0, "sd": math.sqrt(df / (df - 2.0)), "df": df})
    u = GRID[GRID < 0.5]
    # t ** 2 / (df + t ** 2) is a beta: another road to the same quantile
    x = stats.beta(df / 2.0, 0.5).ppf(2.0 * u)
    np.testing.assert_allclose(d.ppf(u), -np.sqrt(df * (1.0 - x) / x), rtol=1e-7)
    if df == 4.0:  # Shaw 2006, "Sampling Student's T distribution", for 4 degrees of freedom
        a = 4.0 * u * (1.0 - u)
        root = np.cos(np.arccos(np.sqrt(a)) / 3.0) / np.sqrt(a)
        np.testing.assert_allclose(d.ppf(u), -2.0 * np.sqrt(root - 1.0), rtol=1e-7)


@pytest.mark.parametrize("ends", [(1e-9, 1e-3), (1.0, 1.001), (1e9, 1e12), (1e-12, 0.99)])
def test_a_gamma_is_fitted_to_extreme_intervals(ends):
    d = DISTRIBUTIONS["gamma"].from_keys({"interval_95": ends})
    assert d.ppf([0.025, 0.975]).tolist() == pytest.approx(ends, rel=1e-8)
    assert np.isfinite(d.ppf(GRID)).all()


@settings(max_examples=60)
@given(st.floats(-3.0, 0.9), st.sampled_from(["sd", "interval_95"]), st.floats(1e-3, 1e6))
def test_a_gamma_beside_a_median_has_it_and_its_spread(log_spread, key, median):
    spread = median * 10.0**log_spread
    given_ = {"sd": spread} if key == "sd" else {key: (0.999 * median, 0.999 * median + spread)}
    shape, scale = DISTRIBUTIONS["gamma"].from_keys({"median": median, **given_}).parameters
    truth = stats.gamma(shape, scale=scale)
    assert truth.median() == pytest.approx(median, rel=1e-7)
    found = truth.std() if key == "sd" else truth.isf(0.025) - truth.ppf(0.025)
    assert found == pytest.approx(spread, rel=1e-7)


@pytest.mark.parametrize("ends", [(1e-6, 1 - 1e-6), (1e-9, 1e-3), (0.5, 0.501), (0.998, 0.9999)])
def test_a_beta_is_fitted_to_extreme_intervals(ends):
    d = Beta.from_keys({"interval_95": ends})
    assert d.ppf([0.025, 0.975]).tolist() == pytest.approx(ends, rel=1e-8)
    assert np.isfinite(d.ppf(GRID)).all()


def test_a_beta_from_median_and_sd_has_both():
    for median, sd in ((0.3, 0.1), (0.02, 0.01), (0.5, 0.4), (0.9, 0.001)):
        d = Beta.from_keys({"median": median, "sd": sd})
        alpha, beta = d.parameters
        assert float(stats.beta(alpha, beta).median()) == pytest.approx(median, rel=1e-8)
        assert float(stats.beta(alpha, beta).std()) == pytest.approx(sd, rel=1e-8)


@settings(max_examples=60)
@given(st.floats(1e-3, 0.999), st.floats(1e-3, 0.999))
def test_any_mean_and_possible_sd_makes_a_beta_with_them(mean, part):
    sd = part * math.sqrt(mean * (1.0 - mean))
    alpha, beta = Beta.from_keys({"mean": mean, "sd": sd}).parameters
    assert alpha / (alpha + beta) == pytest.approx(mean, rel=1e-9)
    assert math.sqrt(alpha * beta / (alpha + beta + 1.0)) / (alpha + beta) == pytest.approx(sd, rel=1e-9)
