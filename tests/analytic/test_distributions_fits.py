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


TRUTHS = {
    "normal": [stats.norm(3.0, 2.0), stats.norm(-50.0, 0.1)],
    "lognormal": [stats.lognorm(0.3, scale=5.0), stats.lognorm(1.2, scale=0.02)],
    "gamma": [stats.gamma(0.7, scale=3.0), stats.gamma(25.0, scale=0.2)],
    "beta": [stats.beta(2.0, 9.0), stats.beta(0.8, 0.6), stats.beta(60.0, 40.0)],
    "student": [stats.t(3.5, 10.0, 2.0), stats.t(20.0, -1.0, 0.1)],
}
SETS = {
    "mean, sd": lambda d: {"mean": d.mean(), "sd": d.std()},
    "interval_95": lambda d: {"interval_95": tuple(d.ppf([0.025, 0.975]))},
    "interval_90": lambda d: {"interval_90": tuple(d.ppf([0.05, 0.95]))},
    "p10, p90": lambda d: {"p10": d.ppf(0.1), "p90": d.ppf(0.9)},
    "p10, p50, p90": lambda d: {f"p{k}": d.ppf(k / 100) for k in (10, 50, 90)},
    "median, sd": lambda d: {"median": d.median(), "sd": d.std()},
    "median, interval_95": lambda d: {"median": d.median(), "interval_95": tuple(d.ppf([0.025, 0.975]))},
    "median, interval_90": lambda d: {"median": d.median(), "interval_90": tuple(d.ppf([0.05, 0.95]))},
}
EVERY = [
    pytest.param(name, truth, given_, id=f"{name} {i} {given_}")
    for name, truths in TRUTHS.items()
    for i, truth in enumerate(truths)
    for given_ in SETS
]


@pytest.mark.parametrize(("name", "truth", "given_"), EVERY)
def test_every_set_of_parameters_gives_a_distribution_back(name, truth, given_):
    """Its parameters are read off scipy's distribution; the fit must be that distribution again."""
    keys = {key: value if isinstance(value, tuple) else float(value) for key, value in SETS[given_](truth).items()}
    if name == "student":
        keys["df"] = truth.args[0]
    d = DISTRIBUTIONS[name].from_keys(keys)
    u = np.array([0.001, 0.025, 0.1, 0.4, 0.5, 0.8, 0.95, 0.999])
    np.testing.assert_allclose(d.ppf(u), truth.ppf(u), rtol=1e-7)
    assert (d.mean, d.sd) == pytest.approx((truth.mean(), truth.std()), rel=1e-7)
    assert d.warning == ""


@pytest.mark.parametrize("name", TRUTHS)
def test_an_interval_alone_fixes_its_centre(name):
    keys = {"interval_90": (0.2, 0.8)} | ({"df": 5.0} if name == "student" else {})
    d = DISTRIBUTIONS[name].from_keys(keys)
    assert d.ppf([0.05, 0.95]).tolist() == pytest.approx([0.2, 0.8], rel=1e-9)
    centre = {"lognormal": math.sqrt(0.2 * 0.8), "normal": 0.5, "student": 0.5, "beta": 0.5}
    if name in centre:  # geometric for a lognormal
        assert float(d.ppf(0.5)) == pytest.approx(centre[name], rel=1e-9)


@pytest.mark.parametrize(
    ("part", "is_told"), [(0.0, False), (0.09, False), (0.11, True), (-0.09, False), (-0.11, True)]
)
@pytest.mark.parametrize("name", TRUTHS)
def test_a_median_off_the_centre_by_over_a_tenth_of_the_width_is_told(name, part, is_told):
    """Both ends are moved by a part of the width (of its logarithm, for a lognormal): the fit stays as it was."""
    extra = {"df": 5.0} if name == "student" else {}
    cls = DISTRIBUTIONS[name]
    plain = cls.from_keys({"interval_95": (0.3, 0.6), **extra})
    median = float(plain.ppf(0.5))
    if name == "lognormal":
        shift = (0.6 / 0.3) ** part
        ends = (0.3 * shift, 0.6 * shift)
    else:
        ends = (0.3 + 0.3 * part, 0.6 + 0.3 * part)
    d = cls.from_keys({"median": median, "interval_95": ends, **extra})
    assert bool(d.warning) is is_told
    np.testing.assert_allclose(d.ppf(GRID[2:-2]), plain.ppf(GRID[2:-2]), rtol=1e-6)
