"""Distributions an input may have: each declares its mean, spread and support, and turns uniforms into values.

Parameters are those of the scenario language, numbers already read (5 % is 0.05). Every distribution is sampled by
its exact quantile function: one uniform is one draw, whatever the parameters are, so that two options of a contract
meet the same luck. Importing this package loads neither numpy nor scipy; `ppf`, `cdf` and the fit of a beta or a
gamma to an interval do.
"""

from __future__ import annotations

from sibsim.distributions.base import Distribution
from sibsim.distributions.bounded import Beta, Pert, Triangular, Uniform
from sibsim.distributions.centred import Fixed, Lognormal, Normal, Student
from sibsim.distributions.combined import Combined
from sibsim.distributions.listed import Discrete, Empirical
from sibsim.distributions.mixture import Mixture, mix
from sibsim.distributions.positive import Gamma
from sibsim.distributions.truncated import Truncated, truncate

__all__ = [
    "DISTRIBUTIONS",
    "Beta",
    "Combined",
    "Discrete",
    "Distribution",
    "Empirical",
    "Fixed",
    "Gamma",
    "Lognormal",
    "Mixture",
    "Normal",
    "Pert",
    "Student",
    "Triangular",
    "Truncated",
    "Uniform",
    "mix",
    "truncate",
]

DISTRIBUTIONS: dict[str, type[Distribution]] = {
    "fixed": Fixed,
    "normal": Normal,
    "lognormal": Lognormal,
    "gamma": Gamma,
    "student": Student,
    "beta": Beta,
    "uniform": Uniform,
    "triangular": Triangular,
    "pert": Pert,
    "discrete": Discrete,
    "empirical": Empirical,
}
"""Distributions made of numbers, by the name a file gives them; a mixture is made of distributions."""
