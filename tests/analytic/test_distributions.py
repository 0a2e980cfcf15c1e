"""Distributions against independent closed forms: scipy.stats, hand calculation, published examples."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sibsim.distributions import DISTRIBUTIONS, Beta, Fixed, Lognormal, Normal, Pert, Triangular, Uniform

GRID = np.array([2.0**-53, 1e-9, 0.001, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999, 1 - 1e-9, 1 - 2.0**-53])

# (keys of a file, the same distribution made by scipy from parameters worked out by hand)
CASES = {
    "fixed": [({"value": 3.5}, None)],
    "normal": [
        ({"mean": 0.8, "sd": 0.1}, stats.norm(0.8, 0.1)),
        ({"median": -4.0, "sd": 2.0}, stats.norm(-4.0, 2.0)),
        ({"interval_95": (10.0, 20.0)}, stats.norm(15.0, 10.0 / 3.919927969080108)),
        ({"interval_90": (-3.0, 1.0)}, stats.norm(-1.0, 4.0 / 3.289707253902945)),
        ({"median": 15.5, "interval_95": (10.0, 20.0)}, stats.norm(15.5, 10.0 / 3.919927969080108)),
        ({"p10": 10.0, "p90": 20.0}, stats.norm(15.0, 10.0 / 2.563103131089201)),
        ({"p10": 10.0, "p50": 15.5, "p90": 20.0}, stats.norm(15.5, 10.0 / 2.563103131089201)),
    ],
    "lognormal": [
        # mean 5000, coefficient of variation 40 %: log-sd sqrt(ln 1.16)
        ({"mean": 5000.0, "sd": 2000.0}, stats.lognorm(math.sqrt(math.log(1.16)), scale=5000.0 / math.sqrt(1.16))),
        ({"interval_95": (0.5, 2.0)}, stats.lognorm(math.log(4.0) / 3.919927969080108, scale=1.0)),
        ({"interval_90": (0.5, 8.0)}, stats.lognorm(math.log(16.0) / 3.289707253902945, scale=2.0)),
        ({"median": 1.05, "interval_95": (0.5, 2.0)}, stats.lognorm(math.log(4.0) / 3.919927969080108, scale=1.05)),
        ({"p10": 0.5, "p90": 8.0}, stats.lognorm(math.log(16.0) / 2.563103131089201, scale=2.0)),
        ({"p10": 0.5, "p50": 1.0, "p90": 2.0}, stats.lognorm(math.log(4.0) / 2.563103131089201, scale=1.0)),
        # w (w - 1) = (sd / median) ** 2 with w = exp(log_sd ** 2): w = 2 for sd / median = sqrt(2)
        ({"median": 10.0, "sd": 10.0 * math.sqrt(2.0)}, stats.lognorm(math.sqrt(math.log(2.0)), scale=10.0)),
    ],
    "gamma": [
        ({"mean": 40.0, "sd": 20.0}, stats.gamma(4.0, scale=10.0)),
        ({"mean": 0.5, "sd": 1.0}, stats.gamma(0.25, scale=2.0)),
        ({"mean": 40.0, "sd": 0.4}, stats.gamma(1e4, scale=0.004)),
        # exponential, whose quantiles are -ln(1 - u): every form of the parameters gives it back
        ({"median": math.log(2.0), "sd": 1.0}, stats.expon()),
        ({"interval_95": (-math.log(0.975), -math.log(0.025))}, stats.expon()),
        ({"p10": -3.0 * math.log(0.9), "p90": -3.0 * math.log(0.1)}, stats.expon(scale=3.0)),
        ({"median": math.log(2.0), "interval_90": (0.1, 0.1 + math.log(19.0))}, stats.expon()),
    ],
    "student": [
        ({"mean": 10.0, "sd": 2.0, "df": 10.0}, stats.t(10.0, 10.0, 2.0 * math.sqrt(0.8))),
        ({"median": -1.0, "sd": 2.0, "df": 4.5}, stats.t(4.5, -1.0, 2.0 * math.sqrt(5.0 / 9.0))),
        # the table of t: 2.570582 for df 5 and 95 %, 1.812461 for df 10 and 90 %, 1.310415 for df 30 and 80 %
        ({"interval_95": (10.0, 20.0), "df": 5.0}, stats.t(5.0, 15.0, 5.0 / 2.5705818356363146)),
        ({"median": 1.5, "interval_90": (0.0, 2.9), "df": 10.0}, stats.t(10.0, 1.5, 1.45 / 1.8124611228116756)),
        ({"p10": 0.0, "p50": 1.5, "p90": 3.0, "df": 30.0}, stats.t(30.0, 1.5, 1.5 / 1.3104150253913947)),
    ],
    "beta": [
        ({"successes": 17.0, "of": 49.0}, stats.beta(17.5, 32.5)),
        ({"successes": 0.0, "of": 12.5}, stats.beta(0.5, 13.0)),
        ({"alpha": 24.0, "beta": 36.0}, stats.beta(24.0, 36.0)),
        ({"mean": 0.4, "sd": 0.1}, stats.beta(9.2, 13.8)),
        # F(x) = x ** 3: quantiles are cube roots
        ({"p10": 0.1 ** (1 / 3), "p90": 0.9 ** (1 / 3)}, stats.beta(3.0, 1.0)),
        ({"p10": 0.45, "p50": 0.5 ** (1 / 3), "p90": 0.45 + 0.9 ** (1 / 3) - 0.1 ** (1 / 3)}, stats.beta(3.0, 1.0)),
    ],
    "uniform": [({"low": -1.0, "high": 3.0}, stats.uniform(-1.0, 4.0))],
    "triangular": [
        ({"low": 2.0, "mode": 3.0, "high": 8.0}, stats.triang(1.0 / 6.0, 2.0, 6.0)),
        ({"low": 2.0, "mode": 2.0, "high": 8.0}, stats.triang(0.0, 2.0, 6.0)),
        ({"low": 2.0, "mode": 8.0, "high": 8.0}, stats.triang(1.0, 2.0, 6.0)),
    ],
    "pert": [
        ({"low": 2.0, "mode": 3.0, "high": 8.0}, stats.beta(1.0 + 4.0 / 6.0, 1.0 + 20.0 / 6.0, 2.0, 6.0)),
        ({"low": 0.0, "mode": 1.0, "high": 1.0}, stats.beta(5.0, 1.0)),
    ],
    # whole numbers: what scipy knows with steps
    "discrete": [
        ({"values": (0.0, 1.0), "chances": (0.7, 0.3)}, stats.bernoulli(0.3)),
        ({"values": (3.0, 0.0, 2.0, 1.0), "chances": (0.064, 0.216, 0.288, 0.432)}, stats.binom(3, 0.4)),
    ],
    # whole numbers 1 to 6, each as often: a die
    "empirical": [
        ({"values": (6.0, 2.0, 4.0, 1.0, 5.0, 3.0)}, stats.randint(1, 7)),
        ({"values": (0.0, 1.0, 0.0, 0.0)}, stats.bernoulli(0.25)),
    ],
}
FLAT = [
    pytest.param(name, keys, truth, id=f"{name} {' '.join(keys)} {i}")
    for name, cases in CASES.items()
    for i, (keys, truth) in enumerate(cases)
]
UNCERTAIN = [case for case in FLAT if case.values[2] is not None]
SMOOTH = [case for case in UNCERTAIN if case.values[0] not in ("discrete", "empirical")]


def test_every_distribution_has_a_case_and_its_own_name():
    assert set(CASES) == set(DISTRIBUTIONS)
    assert all(cls.name == name for name, cls in DISTRIBUTIONS.items())


@pytest.mark.parametrize(("name", "keys", "truth"), SMOOTH)
def test_moments_and_quantiles_equal_scipy(name, keys, truth):
    d = DISTRIBUTIONS[name].from_keys(keys)
    assert d.mean == pytest.approx(truth.mean(), rel=1e-12)
    assert d.sd == pytest.approx(truth.std(), rel=1e-12)
    assert d.support == pytest.approx(truth.support())
    # upper tail through the survival function, where 1 - u is exact
    expected = np.where(GRID < 0.5, truth.ppf(GRID), truth.isf(1.0 - GRID))
    np.testing.assert_allclose(d.ppf(GRID), expected, rtol=1e-9, atol=1e-12)
    inside = truth.ppf(np.linspace(0.01, 0.99, 37))
    np.testing.assert_allclose(d.cdf(inside), truth.cdf(inside), rtol=1e-11)


@pytest.mark.parametrize(("name", "keys", "truth"), FLAT)
def test_sampled_mean_and_sd_are_the_declared_ones(name, keys, truth):
    d = DISTRIBUTIONS[name].from_keys(keys)
    n = 100_000
    x = d.ppf(np.random.default_rng(20).random(n).clip(2.0**-53))
    if truth is None:
        assert (x == keys["value"]).all()
        return
    assert abs(x.mean() - d.mean) < 4.5 * d.sd / math.sqrt(n)
    kurtosis = float(truth.stats(moments="k")) + 3.0
    assert abs(x.var() - d.sd**2) < 4.5 * d.sd**2 * math.sqrt((kurtosis - 1.0) / n)
    low, high = d.support
    assert low <= x.min()
    assert x.max() <= high


@pytest.mark.parametrize(("name", "keys", "truth"), FLAT)
def test_quantiles_rise_stay_finite_and_inside_the_support(name, keys, truth):
    d = DISTRIBUTIONS[name].from_keys(keys)
    u = np.sort(np.concatenate([GRID, np.random.default_rng(1).random(2000)]))
    x = d.ppf(u)
    assert np.isfinite(x).all()
    assert (np.diff(x) >= 0.0).all()
    assert d.support[0] <= x[0]
    assert x[-1] <= d.support[1]
    assert d.ppf(u.reshape(-1, 1)).shape == (len(u), 1)
    assert d.ppf(0.5).shape == ()


@pytest.mark.parametrize(("name", "keys", "truth"), FLAT)
def test_cdf_is_0_below_and_1_above_the_support(name, keys, truth):
    d = DISTRIBUTIONS[name].from_keys(keys)
    low, high = (np.clip(end, -1e9, 1e9) for end in d.support)
    assert d.cdf([low - 1.0, high + 1.0]).tolist() == pytest.approx([0.0, 1.0], abs=1e-12)


@given(st.sampled_from([case.values for case in SMOOTH]), st.floats(0.001, 0.999))
def test_quantile_inverts_cdf(case, u):
    d = DISTRIBUTIONS[case[0]].from_keys(case[1])
    assert float(d.cdf(d.ppf(u))) == pytest.approx(u, rel=1e-9)


@pytest.mark.parametrize(("name", "keys", "truth"), [case for case in UNCERTAIN if case not in SMOOTH])
def test_of_listed_values_each_comes_as_often_as_its_chance(name, keys, truth):
    d = DISTRIBUTIONS[name].from_keys(keys)
    assert (d.mean, d.sd) == pytest.approx((truth.mean(), truth.std()), rel=1e-12)
    assert d.support == truth.support()
    u = np.append(GRID, np.random.default_rng(3).random(1000))
    np.testing.assert_array_equal(d.ppf(u), truth.ppf(u))
    x = np.linspace(-1.0, 4.0, 51)
    np.testing.assert_allclose(d.cdf(x), truth.cdf(x), rtol=1e-12)


def test_three_point_inputs_of_2_3_8():
    triangular, pert = Triangular(2.0, 3.0, 8.0), Pert(2.0, 3.0, 8.0)
    assert (triangular.mean, triangular.sd) == pytest.approx((13 / 3, 1.31233464567), rel=1e-9)
    assert (pert.mean, pert.sd) == pytest.approx((11 / 3, 1.01574900037), rel=1e-9)


def test_lognormal_cost_of_5000_with_a_coefficient_of_variation_of_40_percent():
    cost = Lognormal.from_keys({"mean": 5000.0, "sd": 2000.0})
    assert cost.log_sd == pytest.approx(0.38525317016, rel=1e-9)
    assert math.log(cost.median) == pytest.approx(8.44298318886, rel=1e-9)
    assert float(cost.ppf(0.95)) == pytest.approx(8748.76881933, rel=1e-9)  # 8,912 if 0.4 were taken for the log-sd


@pytest.mark.parametrize("name", ["normal", "lognormal", "gamma", "beta"])
@pytest.mark.parametrize(("key", "tail"), [("interval_95", 0.025), ("interval_90", 0.05)])
def test_an_interval_alone_fixes_both_ends(name, key, tail):
    for ends in ((0.2, 0.5), (0.001, 0.02), (0.9, 0.95)):
        d = DISTRIBUTIONS[name].from_keys({key: ends})
        assert d.ppf([tail, 1.0 - tail]).tolist() == pytest.approx(ends, rel=1e-9)
        assert not d.warning


def test_beside_a_median_an_interval_gives_only_the_width():
    normal = Normal.from_keys({"median": 14.0, "interval_95": (10.0, 20.0)})
    assert normal.ppf([0.025, 0.5, 0.975]).tolist() == pytest.approx([9.0, 14.0, 19.0])
    lognormal = Lognormal.from_keys({"median": 1.5, "interval_90": (0.5, 2.0)})
    assert lognormal.ppf([0.05, 0.5, 0.95]).tolist() == pytest.approx([0.75, 1.5, 3.0])
    beta = Beta.from_keys({"median": 0.3, "interval_95": (0.2, 0.45)})
    low, middle, high = beta.ppf([0.025, 0.5, 0.975])
    assert (middle, high - low) == pytest.approx((0.3, 0.25), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "median", "ends", "warns"),
    [
        ("normal", 15.9, (10.0, 20.0), False),
        ("normal", 16.1, (10.0, 20.0), True),
        ("normal", 13.9, (10.0, 20.0), True),
        ("student", 15.9, (10.0, 20.0), False),
        ("student", 16.1, (10.0, 20.0), True),
        ("lognormal", 1.0, (0.5, 2.0), False),  # the geometric centre, though far from 1.25
        ("lognormal", 1.25, (0.5, 2.0), True),
        ("lognormal", 4.0**0.09, (0.5, 2.0), False),
        ("gamma", math.log(2.0), (-math.log(0.975), -math.log(0.025)), False),
        ("gamma", 2.0, (-math.log(0.975), -math.log(0.025)), True),
        ("beta", 0.0168, (0.0025, 0.0550), False),  # what Beta(2, 98) has
        ("beta", 0.0288, (0.0025, 0.0550), True),
    ],
)
def test_an_interval_off_its_median_by_a_tenth_of_its_width_is_warned_of(name, median, ends, warns):
    df = {"df": 3.0} if name == "student" else {}
    d = DISTRIBUTIONS[name].from_keys({"median": median, "interval_95": ends, **df})
    assert ("not centred" in d.warning) is warns


@pytest.mark.parametrize(
    ("name", "keys", "value"),
    [
        ("normal", {"mean": 0.1, "sd": 0.0}, 0.1),
        ("normal", {"interval_95": (0.3, 0.3)}, 0.3),
        ("lognormal", {"mean": 0.1, "sd": 0.0}, 0.1),
        ("lognormal", {"median": 0.7, "sd": 0.0}, 0.7),
        ("lognormal", {"interval_90": (0.3, 0.3)}, 0.3),
        ("normal", {"p10": 0.3, "p90": 0.3}, 0.3),
        ("student", {"mean": 0.1, "sd": 0.0, "df": 3.0}, 0.1),
        ("student", {"p10": 0.3, "p50": 0.3, "p90": 0.3, "df": 3.0}, 0.3),
        ("gamma", {"mean": 0.1, "sd": 0.0}, 0.1),
        ("gamma", {"median": 0.1, "sd": 0.0}, 0.1),
        ("gamma", {"interval_95": (0.3, 0.3)}, 0.3),
        ("gamma", {"p10": 0.3, "p50": 0.3, "p90": 0.3}, 0.3),
        ("beta", {"mean": 0.1, "sd": 0.0}, 0.1),
        ("beta", {"median": 0.1, "sd": 0.0}, 0.1),
        ("beta", {"interval_95": (0.3, 0.3)}, 0.3),
        ("beta", {"median": 0.3, "interval_95": (0.3, 0.3)}, 0.3),
        ("discrete", {"values": (0.1,), "chances": (1.0,)}, 0.1),
        ("discrete", {"values": (0.2, 0.1), "chances": (0.0, 1.0)}, 0.1),
        ("uniform", {"low": 0.1, "high": 0.1}, 0.1),
        ("triangular", {"low": 0.1, "mode": 0.1, "high": 0.1}, 0.1),
        ("pert", {"low": 0.1, "mode": 0.1, "high": 0.1}, 0.1),
    ],
)
def test_without_spread_it_is_a_fixed_value_exactly(name, keys, value):
    d = DISTRIBUTIONS[name].from_keys(keys)
    assert (d.ppf(GRID) == value).all()
    assert (d.mean, d.sd, d.support) == (value, 0.0, (value, value))
    assert d.cdf([value - 1e-6, value]).tolist() == [0.0, 1.0]
    assert d.describe() == Fixed(value).describe()


@pytest.mark.parametrize(
    ("name", "keys", "words"),
    [
        ("normal", {"mean": 1.0}, "normal takes mean, sd; or interval_95"),
        ("normal", {"mean": 1.0, "sd": 1.0, "median": 1.0}, "got mean, sd, median"),
        ("normal", {}, "got nothing"),
        ("normal", {"mean": 1.0, "sd": -0.1}, "sd must be 0 or more, got -0.1"),
        ("normal", {"interval_95": (2.0, 1.0)}, r"reversed: write \[1, 2\]"),
        ("normal", {"interval_95": 2.0}, "two numbers"),
        ("normal", {"mean": (1.0, 2.0), "sd": 1.0}, "mean must be one number"),
        ("normal", {"median": 3.0, "interval_95": (1.0, 2.0)}, r"median 3 must lie inside interval_95 \[1, 2\]"),
        ("normal", {"mean": math.nan, "sd": 1.0}, "mean must be a number no larger"),
        ("normal", {"mean": 1.0, "sd": math.inf}, "sd must be a number no larger"),
        ("lognormal", {"mean": 0.0, "sd": 1.0}, "mean of a lognormal must be above 0"),
        ("lognormal", {"median": -1.0, "sd": 1.0}, "median of a lognormal must be above 0"),
        ("lognormal", {"interval_95": (0.0, 1.0)}, "must be above 0, got 0"),
        ("lognormal", {"interval_95": (1e-18, 1e18)}, "far too wide"),
        ("lognormal", {"mean": 1e-18, "sd": 1e18}, "far too wide"),
        ("lognormal", {"median": 1e-300, "sd": 1e18}, "far too wide"),
        ("normal", {"p10": 3.0, "p90": 2.0}, "p10, p90 must be in rising order, got 3, 2"),
        ("lognormal", {"p10": 1.0, "p50": 4.0, "p90": 2.0}, "p10, p50, p90 must be in rising order, got 1, 4, 2"),
        ("lognormal", {"p10": 0.0, "p90": 2.0}, "must be above 0, got 0"),
        ("beta", {"p10": 0.5, "p90": 1.0}, "inside 0 and 1"),
        ("student", {"mean": 1.0, "sd": 1.0}, "student takes mean, sd, df; or interval_95, df"),
        ("student", {"mean": 1.0, "sd": 1.0, "df": 2.0}, "df must be above 2"),
        ("student", {"mean": 1.0, "sd": 1.0, "df": 1e7}, "no more than 1 000 000, got 10 000 000"),
        ("student", {"mean": 1.0, "sd": -1.0, "df": 4.0}, "sd must be 0 or more"),
        ("student", {"interval_95": (2.0, 1.0), "df": 4.0}, "reversed"),
        ("gamma", {"p10": 1.0, "p50": 1.0}, "gamma takes mean, sd; or interval_95"),
        ("gamma", {"mean": 0.0, "sd": 1.0}, "mean of a gamma must be above 0"),
        ("gamma", {"median": -1.0, "sd": 1.0}, "median of a gamma must be above 0"),
        ("gamma", {"mean": 1.0, "sd": -1.0}, "sd must be 0 or more"),
        ("gamma", {"interval_95": (0.0, 1.0)}, "must be above 0, got 0"),
        ("gamma", {"interval_95": (1e-9, 1e9)}, "far too wide"),
        ("gamma", {"mean": 1.0, "sd": 10.1}, "far too wide"),
        ("gamma", {"median": 1.0, "sd": 1e7}, "far too wide"),
        ("gamma", {"median": 1e-8, "interval_95": (1e-9, 1.0)}, "far too wide"),
        ("gamma", {"mean": 100.0, "sd": 0.001}, "sd of a gamma must be 0 or at least 0.01"),
        ("gamma", {"interval_95": (1.0, 1.00001)}, "width of an interval of a gamma must be 0 or at least 0.0001"),
        ("beta", {"mean": 0.2, "sd": 0.4}, "sd must be below 0.4"),
        ("beta", {"mean": 1.0, "sd": 0.1}, "above 0 and below 1"),
        ("beta", {"median": 0.2, "sd": 0.5}, "sd must be below 0.5"),
        ("beta", {"median": 0.2, "sd": 1e-6}, "give the mean"),
        ("beta", {"interval_95": (0.0, 0.2)}, "inside 0 and 1"),
        ("beta", {"interval_95": (0.2, 0.20001)}, "0.0001 wide"),
        ("beta", {"successes": 5.0, "of": 4.0}, "no more than of"),
        ("beta", {"alpha": 0.0, "beta": 4.0}, "both be above 0"),
        ("uniform", {"low": 2.0, "high": 1.0}, "low, high must be in rising order, got 2, 1"),
        ("triangular", {"low": 1.0, "mode": 5.0, "high": 4.0}, "low, mode, high must be in rising order"),
        ("pert", {"low": 1.0, "mode": 0.0, "high": 4.0}, "rising order"),
        ("discrete", {"values": (1.0, 2.0)}, r"discrete takes a list of \[value, chance\]"),
        ("discrete", {"values": (), "chances": ()}, "discrete takes a list"),
        ("discrete", {"values": (1.0, 2.0), "chances": (0.5, 0.4)}, "add up to 100 %, got 90 %"),
        ("discrete", {"values": (1.0, 2.0), "chances": (1.5, -0.5)}, "from 0 % to 100 %, got 1.5; write 1.5 %"),
        ("discrete", {"values": (1.0, 2.0), "chances": (30.0, 70.0)}, "got 30; write 30 %"),
        ("discrete", {"values": (1.0, 1.0), "chances": (0.5, 0.5)}, "1 stands in the list twice"),
        ("discrete", {"values": (1.0, math.inf), "chances": (0.5, 0.5)}, "a value must be a number no larger"),
        ("fixed", {"mean": 1.0}, "fixed takes value"),
    ],
)
def test_impossible_parameters_are_refused_with_a_reason(name, keys, words):
    with pytest.raises(ValueError, match=words):
        DISTRIBUTIONS[name].from_keys(keys)


def test_descriptions_are_short_and_readable():
    assert Lognormal.from_keys({"interval_95": (0.73, 0.87)}).describe() == (
        "lognormal, median 0.7969, 95 % in 0.73 to 0.87"
    )
    assert Uniform(0.0, 1e6).describe() == "uniform, median 500 000, 95 % in 25 000 to 975 000"
    assert Fixed(0.0).describe() == "fixed at 0"
    assert Normal(0.0, 1e-8).describe() == "normal, median 0, 95 % in -1.96e-08 to 1.96e-08"


def test_a_file_can_be_checked_without_loading_numpy():
    code = (
        "import sys, types\n"
        "sys.modules['sibsim'] = package = types.ModuleType('sibsim')\n"
        f"package.__path__ = [{str(sys.modules['sibsim'].__path__[0])!r}]\n"
        "from sibsim.distributions import DISTRIBUTIONS\n"
        "from sibsim.shapes import SHAPES\n"
        "DISTRIBUTIONS['lognormal'].from_keys({'interval_95': (0.7, 0.9)}).mean\n"
        "DISTRIBUTIONS['beta'].from_keys({'interval_95': (0.7, 0.9)}).support\n"
        "SHAPES['steps'].bounds([(0.1, False, 5.0)])\n"
        "SHAPES['per_unit'].bounds(5.0)\n"
        "assert not {'numpy', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("ends", "share"),
    [((-1.0, 0.5), 0.5), ((0.5, 3.0), 0.5), ((-2.0, -1.0), 0.0), ((2.0, 3.0), 0.0), ((-1.0, 2.0), 1.0)],
)
def test_share_within_ends_beyond_what_can_be(ends: tuple[float, float], share: float) -> None:
    assert Uniform(0.0, 1.0).chance_within(*ends) == pytest.approx(share)
