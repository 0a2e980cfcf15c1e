"""Distributions between two ends: beta, uniform, triangular, PERT."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from sibsim.distributions.base import (
    CENTRED_SETS,
    Distribution,
    Keys,
    ParameterSets,
    bisect,
    check_order,
    chosen_set,
    interval,
    number,
    off_centre,
    show,
    spread_of,
    with_interval,
)

if TYPE_CHECKING:
    from sibsim.distributions.base import FloatArray

NARROWEST = 1e-4
"""Smallest width of an interval, and smallest sd beside a median, that a beta is fitted to."""


@dataclass(frozen=True)
class Beta(Distribution):
    """The beta distribution, for a share between 0 and 1.

    ``mean, sd`` give ``alpha + beta = mean (1 - mean) / sd ** 2 - 1``; ``successes, of`` are evidence of so many cases,
    Beta(s + 0.5, n - s + 0.5) (Jeffreys); an interval alone gives both quantiles; beside a median it gives the width.
    The fit to an interval or to a median is made when a number of it is first asked for, because it needs scipy.

    Examples
    --------
    >>> rate = Beta.from_keys({"successes": 17.0, "of": 49.0})
    >>> rate.mean, rate.parameters
    (0.35, (17.5, 32.5))
    >>> survey = Beta.from_keys({"interval_95": (0.2, 0.5)})
    >>> survey.ppf([0.025, 0.975]).round(6)
    array([0.2, 0.5])
    """

    given: tuple[tuple[str, float | tuple[float, ...]], ...]
    name: ClassVar[str] = "beta"
    PARAMETER_SETS: ClassVar[ParameterSets] = (*CENTRED_SETS, ("successes", "of"), ("alpha", "beta"))

    @classmethod
    def from_keys(cls, keys: Keys) -> Beta:
        chosen = chosen_set(cls, keys)
        keys = with_interval(keys)
        if "of" in chosen and not 0.0 <= number(keys, "successes") <= number(keys, "of"):
            raise ValueError("successes must be 0 or more and no more than of")
        if "alpha" in chosen and min(number(keys, "alpha"), number(keys, "beta")) <= 0.0:
            raise ValueError("alpha and beta must both be above 0")
        for key in {"mean", "median"} & set(keys):
            if not 0.0 < number(keys, key) < 1.0:
                raise ValueError(f"{key} of a beta must be above 0 and below 1, got {show(number(keys, key))}")
        if "sd" in chosen:
            cls._check_sd(keys)
        elif "of" not in chosen and "alpha" not in chosen:
            low, high, _ = interval(keys)
            if not (low == high or (low > 0.0 and high < 1.0 and high - low >= NARROWEST)):
                raise ValueError(
                    f"an interval of a beta must lie inside 0 and 1 and be at least {show(NARROWEST)} wide, "
                    f"got [{show(low)}, {show(high)}]"
                )
        return cls(tuple(keys.items()))

    @staticmethod
    def _check_sd(keys: Keys) -> None:
        """Refuse an ``sd`` that no share between 0 and 1 can have."""
        sd = spread_of(keys)
        widest = math.sqrt(number(keys, "mean") * (1.0 - number(keys, "mean"))) if "mean" in keys else 0.5
        if sd >= widest:
            raise ValueError(f"sd must be below {show(widest)}, the most that a share of this size can have")
        if "median" in keys and 0.0 < sd < NARROWEST:
            raise ValueError(f"sd beside a median of a beta must be 0 or at least {show(NARROWEST)}; give the mean")

    @cached_property
    def parameters(self) -> tuple[float, float]:
        """``(alpha, beta)``; infinite where the value is fixed."""
        keys = dict(self.given)
        if "alpha" in keys:
            return number(keys, "alpha"), number(keys, "beta")
        if "of" in keys:
            return number(keys, "successes") + 0.5, number(keys, "of") - number(keys, "successes") + 0.5
        if self._is_fixed(keys):
            return math.inf, math.inf
        if "mean" in keys:
            mean = number(keys, "mean")
            size = mean * (1.0 - mean) / number(keys, "sd") ** 2 - 1.0
            return mean * size, (1.0 - mean) * size
        return _fit(keys)

    @staticmethod
    def _is_fixed(keys: Keys) -> bool:
        if "sd" in keys:
            return number(keys, "sd") == 0.0
        if "alpha" in keys or "of" in keys:
            return False
        low, high, _ = interval(keys)
        return low == high

    @property
    def mean(self) -> float:
        keys = dict(self.given)
        if "mean" in keys:
            return number(keys, "mean")
        if self._is_fixed(keys):
            return number(keys, "median") if "median" in keys else interval(keys)[0]
        alpha, beta = self.parameters
        return alpha / (alpha + beta)

    @property
    def sd(self) -> float:
        keys = dict(self.given)
        if "sd" in keys:
            return number(keys, "sd")
        alpha, beta = self.parameters
        if math.isinf(alpha):
            return 0.0
        return math.sqrt(alpha * beta / (alpha + beta + 1.0)) / (alpha + beta)

    @property
    def support(self) -> tuple[float, float]:
        return (self.mean, self.mean) if self._is_fixed(dict(self.given)) else (0.0, 1.0)

    @property
    def is_hard(self) -> bool:
        return self._is_fixed(dict(self.given))

    @property
    def warning(self) -> str:
        keys = dict(self.given)
        if "median" not in keys or "sd" in keys or self._is_fixed(keys):
            return ""
        low, high, z = interval(keys)
        from scipy.special import betaincinv, ndtr

        off = low - float(betaincinv(*self.parameters, ndtr(-z)))
        return off_centre(number(keys, "median"), off, high - low)

    def _ppf(self, u: FloatArray) -> FloatArray:
        from sibsim.quantiles import beta_quantile

        return beta_quantile(u, *self.parameters)

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np
        from scipy.special import betainc

        share: FloatArray = betainc(*self.parameters, np.clip(x, 0.0, 1.0))
        return share


def _fit(keys: Keys) -> tuple[float, float]:
    """The beta whose quantiles (or median and sd) are the given ones.

    For each size ``n = alpha + beta`` one mean puts a quantile in its place (the median if given, else the lower end);
    the spread then falls as n rises, so that n too is found by halving, on a log scale.
    """
    from scipy.special import betainc, betaincinv, ndtr

    if "sd" in keys:
        low, high, tail = 0.0, 0.0, 0.5
    else:
        low, high, z = interval(keys)
        tail = float(ndtr(-z))
    place, share = (number(keys, "median"), 0.5) if "median" in keys else (low, tail)

    def parameters(log_size: float) -> tuple[float, float]:
        size = math.exp(log_size)
        mean = bisect(lambda m: share - float(betainc(m * size, (1.0 - m) * size, place)), 0.0, 1.0)
        return mean * size, (1.0 - mean) * size

    def too_narrow(log_size: float) -> float:
        alpha, beta = parameters(log_size)
        if "sd" in keys:
            return number(keys, "sd") - math.sqrt(alpha * beta / (alpha + beta + 1.0)) / (alpha + beta)
        if "median" not in keys:
            return float(betainc(alpha, beta, high)) - (1.0 - tail)
        return high - low - float(betaincinv(alpha, beta, 1.0 - tail) - betaincinv(alpha, beta, tail))

    return parameters(bisect(too_narrow, math.log(1e-3), math.log(1e10)))


@dataclass(frozen=True)
class Uniform(Distribution):
    """Any value between two ends, all as likely: ``x = low + u (high - low)``.

    Examples
    --------
    >>> Uniform(1.0, 3.0).mean
    2.0
    """

    low: float
    high: float
    name: ClassVar[str] = "uniform"
    PARAMETER_SETS: ClassVar[ParameterSets] = (("low", "high"),)

    @classmethod
    def from_keys(cls, keys: Keys) -> Uniform:
        chosen_set(cls, keys)
        return cls(*check_order(keys, "low", "high"))

    @property
    def mean(self) -> float:
        return self.low + (self.high - self.low) / 2.0

    @property
    def sd(self) -> float:
        return (self.high - self.low) / math.sqrt(12.0)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def chance_within(self, low: float, high: float) -> float:
        inside = min(high, self.high) - max(low, self.low)
        return max(inside, 0.0) / (self.high - self.low)

    def moments_within(self, low: float, high: float) -> tuple[float, float]:
        part = Uniform(low, high)
        return part.mean, part.sd

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.low + u * (self.high - self.low)

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np

        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)


@dataclass(frozen=True)
class Triangular(Distribution):
    """The triangular distribution: density rises straight from ``low`` to ``mode`` and falls straight to ``high``.

    Mean ``(low + mode + high) / 3``; variance ``(d1 ** 2 + d1 d2 + d2 ** 2) / 18`` with ``d1``, ``d2`` the two sides.

    Examples
    --------
    >>> round(Triangular(2.0, 3.0, 8.0).mean, 6), round(Triangular(2.0, 3.0, 8.0).sd, 6)
    (4.333333, 1.312335)
    """

    low: float
    mode: float
    high: float
    name: ClassVar[str] = "triangular"
    PARAMETER_SETS: ClassVar[ParameterSets] = (("low", "mode", "high"),)

    @classmethod
    def from_keys(cls, keys: Keys) -> Triangular:
        chosen_set(cls, keys)
        return cls(*check_order(keys, "low", "mode", "high"))

    @property
    def mean(self) -> float:
        return self.low + ((self.mode - self.low) + (self.high - self.low)) / 3.0

    @property
    def sd(self) -> float:
        left, right = self.mode - self.low, self.high - self.mode
        return math.sqrt((left * left + left * right + right * right) / 18.0)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def _ppf(self, u: FloatArray) -> FloatArray:
        import numpy as np

        width, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        rising, falling = self.low + np.sqrt(u * width * left), self.high - np.sqrt((1.0 - u) * width * right)
        return np.where(u * width < left, rising, falling)

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np

        width, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        below, above = np.clip(x - self.low, 0.0, left), np.clip(self.high - x, 0.0, right)
        rising = below * below / (width * left) if left > 0.0 else below
        falling = 1.0 - above * above / (width * right) if right > 0.0 else 1.0 - above
        return np.where(x < self.mode, rising, falling)


@dataclass(frozen=True)
class Pert(Distribution):
    """The PERT distribution: a beta stretched over ``low`` to ``high``, its mode counted four times.

    Mean ``(low + 4 mode + high) / 6``, variance ``(mean - low) (high - mean) / 7``; ``1 + 4 (mode - low) / width`` is
    alpha, beta ``1 + 4 (high - mode) / width``.

    Examples
    --------
    >>> round(Pert(2.0, 3.0, 8.0).mean, 6), round(Pert(2.0, 3.0, 8.0).sd, 6)
    (3.666667, 1.015749)
    """

    low: float
    mode: float
    high: float
    name: ClassVar[str] = "pert"
    PARAMETER_SETS: ClassVar[ParameterSets] = (("low", "mode", "high"),)

    @classmethod
    def from_keys(cls, keys: Keys) -> Pert:
        chosen_set(cls, keys)
        return cls(*check_order(keys, "low", "mode", "high"))

    @property
    def mean(self) -> float:
        return self.low + (4.0 * (self.mode - self.low) + (self.high - self.low)) / 6.0

    @property
    def sd(self) -> float:
        return math.sqrt(max(self.mean - self.low, 0.0) * max(self.high - self.mean, 0.0) / 7.0)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def parameters(self) -> tuple[float, float]:
        """``(alpha, beta)`` of the beta before it is stretched."""
        width = self.high - self.low
        return 1.0 + 4.0 * (self.mode - self.low) / width, 1.0 + 4.0 * (self.high - self.mode) / width

    def _ppf(self, u: FloatArray) -> FloatArray:
        from sibsim.quantiles import beta_quantile

        return self.low + (self.high - self.low) * beta_quantile(u, *self.parameters)

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np
        from scipy.special import betainc

        share: FloatArray = betainc(*self.parameters, np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0))
        return share
