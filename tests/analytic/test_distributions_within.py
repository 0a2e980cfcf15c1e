"""Distributions cut off at two ends, against scipy's truncated normal, closed forms and quadrature of the density."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from sibsim.distributions import DISTRIBUTIONS, Fixed, Lognormal, Normal, Triangular, Truncated, Uniform, truncate

GRID = np.array([2.0**-53, 1e-9, 0.001, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999, 1 - 1e-9, 1 - 2.0**-53])

# (name, keys, ends, the same distribution whole, by scipy)
CASES = [
    ("normal", {"mean": 0.1, "sd": 0.08}, (0.0, 0.3), stats.norm(0.1, 0.08)),
    ("normal", {"mean": 0.0, "sd": 1.0}, (4.0, 9.0), stats.norm()),
    ("normal", {"mean": 0.0, "sd": 1.0}, (-60.0, -4.0), stats.norm()),
    ("normal", {"mean": 10.0, "sd": 2.0}, (11.0, 11.1), stats.norm(10.0, 2.0)),
    ("normal", {"mean": 10.0, "sd": 2.0}, (-1.0, 21.0), stats.norm(10.0, 2.0)),
    ("lognormal", {"median": 2.0, "sd": 1.5}, (0.5, 3.0), None),
    ("lognormal", {"interval_95": (0.9, 1.1)}, (-5.0, 1.0), None),
    ("lognormal", {"interval_95": (0.01, 100.0)}, (1.0, 1e3), None),
    ("student", {"mean": 1.0, "sd": 2.0, "df": 3.0}, (-4.0, 9.0), stats.t(3.0, 1.0, 2.0 / math.sqrt(3.0))),
    ("student", {"mean": 1.0, "sd": 2.0, "df": 3.0}, (5.0, 9.0), stats.t(3.0, 1.0, 2.0 / math.sqrt(3.0))),
    ("gamma", {"mean": 40.0, "sd": 20.0}, (10.0, 60.0), stats.gamma(4.0, scale=10.0)),
    ("gamma", {"mean": 0.5, "sd": 1.0}, (-1.0, 1.0), stats.gamma(0.25, scale=2.0)),
    ("beta", {"successes": 17.0, "of": 49.0}, (0.3, 0.4), stats.beta(17.5, 32.5)),
    ("beta", {"successes": 0.0, "of": 12.5}, (0.001, 2.0), stats.beta(0.5, 13.0)),
    ("uniform", {"low": -1.0, "high": 3.0}, (0.0, 9.0), stats.uniform(-1.0, 4.0)),
    ("triangular", {"low": 2.0, "mode": 3.0, "high": 8.0}, (2.5, 4.0), stats.triang(1.0 / 6.0, 2.0, 6.0)),
    ("pert", {"low": 2.0, "mode": 3.0, "high": 8.0}, (0.0, 3.0), stats.beta(1.0 + 4 / 6, 1.0 + 20 / 6, 2.0, 6.0)),
]
FLAT = [pytest.param(*case, id=f"{case[0]} {i}") for i, case in enumerate(CASES)]


def scipys(whole: Lognormal) -> object:
    return stats.lognorm(whole.log_sd, scale=whole.median)


@pytest.mark.parametrize(("name", "keys", "ends", "truth"), FLAT)
def test_mean_sd_and_support_equal_the_quadrature_of_the_density(name, keys, ends, truth):
    whole = DISTRIBUTIONS[name].from_keys(keys)
    truth = truth or scipys(whole)
    d = truncate(whole, ends)
    low, high = max(ends[0], truth.support()[0]), min(ends[1], truth.support()[1])
    assert d.support == pytest.approx((low, high))

    # by parts, sum over pieces of equal chance so that no peak is missed: the density of scipy, not our quantiles
    share = np.linspace(truth.cdf(low), truth.cdf(high), 41)
    cuts = np.clip(np.concatenate([[low], truth.ppf(share[1:-1]), [high]]), low, high)
    pieces = list(pairwise(cuts))

    def integral(f):
        return math.fsum(integrate.quad(f, a, b, epsabs=0.0, epsrel=1e-11, limit=200)[0] for a, b in pieces if b > a)

    chance = integral(truth.pdf)
    mean = low + integral(lambda x: (x - low) * truth.pdf(x)) / chance
    variance = integral(lambda x: (x - mean) ** 2 * truth.pdf(x)) / chance
    assert d.mean == pytest.approx(mean, rel=2e-8)
    assert d.sd == pytest.approx(math.sqrt(variance), rel=2e-7)


@pytest.mark.parametrize(("name", "keys", "ends", "truth"), FLAT)
def test_quantiles_are_those_of_what_is_left(name, keys, ends, truth):
    whole = DISTRIBUTIONS[name].from_keys(keys)
    truth = truth or scipys(whole)
    d = truncate(whole, ends)
    u = np.array([0.001, 0.2, 0.5, 0.8, 0.999])
    below, reached = truth.cdf(d.support)
    np.testing.assert_allclose(d.ppf(u), truth.ppf(below + u * (reached - below)), rtol=1e-8)
    np.testing.assert_allclose(d.cdf(d.ppf(u)), u, rtol=1e-8)
    assert d.cdf([d.support[0] - 1.0, d.support[1] + 1.0]).tolist() == pytest.approx([0.0, 1.0], abs=1e-12)
    x = d.ppf(GRID)
    assert np.isfinite(x).all()
    assert (np.diff(x) >= 0.0).all()
    assert d.support[0] <= x[0]
    assert x[-1] <= d.support[1]
    assert d.ppf(0.5).shape == ()


@pytest.mark.parametrize(("name", "keys", "ends", "truth"), FLAT)
def test_sampled_mean_is_the_declared_one(name, keys, ends, truth):
    d = truncate(DISTRIBUTIONS[name].from_keys(keys), ends)
    x = d.ppf(np.random.default_rng(4).random(100_000).clip(2.0**-53))
    assert abs(x.mean() - d.mean) < 4.5 * d.sd / math.sqrt(len(x))


@settings(max_examples=100)
@given(st.floats(-4.0, 3.5), st.floats(0.02, 8.0))
def test_a_normal_within_any_ends_equals_scipys_truncated_normal(a, width):
    d = truncate(Normal(5.0, 2.0), (5.0 + 2.0 * a, 5.0 + 2.0 * (a + width)))
    truth = stats.truncnorm(a, a + width, 5.0, 2.0)
    assert d.mean == pytest.approx(truth.mean(), rel=1e-9)
    assert d.sd == pytest.approx(truth.std(), rel=1e-4 if width < 0.1 else 1e-7)  # scipy's own sd loses digits
    assert float(d.ppf(0.3)) == pytest.approx(truth.ppf(0.3), rel=1e-8)


def test_half_a_normal_and_half_a_triangle_by_hand():
    half = truncate(Normal(0.0, 1.0), (0.0, 1e6))
    assert half.mean == pytest.approx(math.sqrt(2.0 / math.pi), rel=1e-13)
    assert half.sd == pytest.approx(math.sqrt(1.0 - 2.0 / math.pi), rel=1e-13)
    # density 2 x on [0, 1]
    rising = truncate(Triangular(0.0, 1.0, 2.0), (0.0, 1.0))
    assert (rising.mean, rising.sd) == pytest.approx((2.0 / 3.0, math.sqrt(1.0 / 18.0)), rel=1e-9)
    # a narrow slice is nearly even
    slice_ = truncate(Normal(0.0, 1.0), (1.0, 1.0 + 1e-4))
    assert slice_.sd == pytest.approx(1e-4 / math.sqrt(12.0), rel=1e-8)
    slice_ = truncate(Lognormal(1.0, 0.5), (1.0, 1.0 + 1e-4))
    assert slice_.sd == pytest.approx(1e-4 / math.sqrt(12.0), rel=1e-7)


def test_a_part_of_a_part_and_the_whole():
    assert truncate(Uniform(0.0, 1.0), (0.25, 0.5)).ppf([0.5]).tolist() == [0.375]
    whole = Normal(3.0, 1.0)
    wide = truncate(whole, (-1e9, 1e9))
    assert (wide.mean, wide.sd) == pytest.approx((3.0, 1.0), rel=1e-13)
    np.testing.assert_allclose(wide.ppf(GRID), whole.ppf(GRID), rtol=1e-12)
    # half of the uniforms are left, and the last one is not rounded up to 1, which would be a draw of a billion
    assert float(truncate(whole, (3.0, 1e9)).ppf(1.0 - 2.0**-53)) < 12.0


def test_what_has_no_spread_stays_as_it_is():
    assert truncate(Normal(0.5, 0.0), (0.0, 1.0)) == Normal(0.5, 0.0)
    assert truncate(Fixed(1.0), (1.0, 1.0)) == Fixed(1.0)


def test_a_warning_of_the_parameters_is_kept_and_the_ends_are_named():
    whole = Normal.from_keys({"median": 13.0, "interval_95": (10.0, 20.0)})
    cut = truncate(whole, (9.0, 20.0))
    assert cut.warning == whole.warning != ""
    assert cut.describe().startswith("normal within 9 to 20, median ")


@pytest.mark.parametrize(
    ("whole", "ends", "words"),
    [
        (Normal(0.0, 1.0), (1.0,), "two numbers"),
        (Normal(0.0, 1.0), (0.0, 1.0, 2.0), "two numbers"),
        (Normal(0.0, 1.0), (0.0, math.inf), "two numbers"),
        (Normal(0.0, 1.0), (math.nan, 1.0), "two numbers"),
        (Normal(0.0, 1.0), (1.0, -1.0), r"reversed: write \[-1, 1\]"),
        (Normal(0.0, 1.0), (1.0, 1.0), "next to no chance within 1 to 1"),
        (Normal(0.0, 1.0), (5.0, 9.0), "less than one future in a million"),
        (Normal(0.5, 0.0), (1.0, 2.0), "next to no chance"),
        (Uniform(0.0, 1.0), (1.0, 2.0), "next to no chance"),
        (Uniform(0.0, 1.0), (-2.0, -1.0), "next to no chance"),
        (Lognormal(1.0, 0.5), (-2.0, 0.0), "next to no chance"),
        (DISTRIBUTIONS["beta"].from_keys({"alpha": 50.0, "beta": 50.0}), (0.9, 1.0), "next to no chance"),
    ],
)
def test_ends_that_leave_nothing_are_refused(whole, ends, words):
    with pytest.raises(ValueError, match=words):
        truncate(whole, ends)


def test_it_is_not_made_from_keys_of_its_own():
    with pytest.raises(ValueError, match="beside the parameters"):
        Truncated.from_keys({})


def test_closed_forms_load_neither_numpy_nor_scipy():
    code = (
        "import sys, types\n"
        "sys.modules['sibsim'] = package = types.ModuleType('sibsim')\n"
        f"package.__path__ = [{str(sys.modules['sibsim'].__path__[0])!r}]\n"
        "from sibsim.distributions import DISTRIBUTIONS, truncate\n"
        "for name in ('normal', 'lognormal'):\n"
        "    d = truncate(DISTRIBUTIONS[name].from_keys({'p10': 0.7, 'p90': 0.9}), (0.6, 0.8))\n"
        "    d.mean, d.sd, d.support\n"
        "truncate(DISTRIBUTIONS['uniform'].from_keys({'low': 0.7, 'high': 0.9}), (0.6, 0.8)).sd\n"
        "gamma = DISTRIBUTIONS['gamma'].from_keys({'mean': 0.7, 'sd': 0.9})\n"
        "student = DISTRIBUTIONS['student'].from_keys({'interval_95': (0.7, 0.9), 'df': 3.0})\n"
        "discrete = DISTRIBUTIONS['discrete'].from_keys({'values': (0.7, 0.9), 'chances': (0.5, 0.5)})\n"
        "gamma.mean, gamma.sd, student.mean, student.support, discrete.mean, discrete.sd\n"
        "assert not {'numpy', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
