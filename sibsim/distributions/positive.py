"""A distribution above 0 with a lighter tail than the lognormal: gamma."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, ClassVar

from sibsim.distributions.base import (
    CENTRED_SETS,
    Distribution,
    Keys,
    ParameterSets,
    bisect,
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
"""Smallest width of an interval, smallest sd: this part of its centre (of its upper end, without one)."""

MOST_TERMS = 1e4
"""Up to this shape the share below a value takes few enough terms."""
WIDEST = 10.0
"""Largest sd, in means: beyond it nearly every draw is 0 and a few are enormous."""

WIDEST_FIT = 1e6
"""Largest width of an interval, and largest sd, in medians."""

WIDEST_ENDS = 1e12
"""Largest upper end of an interval alone, in lower ends."""


@dataclass(frozen=True)
class Gamma(Distribution):
    """The gamma distribution, for a quantity above 0: ``x = scale * P^-1(shape, u)``, P the incomplete gamma function.

    ``mean, sd`` give ``shape = (mean / sd) ** 2`` and ``scale = sd ** 2 / mean``; an interval alone gives both
    quantiles; beside a median it gives the width. The fit to an interval or to a median is made when a number of it is
    first asked for, because it needs scipy.

    Examples
    --------
    >>> cost = Gamma.from_keys({"mean": 40.0, "sd": 20.0})
    >>> cost.parameters
    (4.0, 10.0)
    >>> days = Gamma.from_keys({"interval_95": (20.0, 50.0)})
    >>> days.ppf([0.025, 0.975]).round(6)
    array([20., 50.])
    """

    given: tuple[tuple[str, float | tuple[float, ...]], ...]
    name: ClassVar[str] = "gamma"
    PARAMETER_SETS: ClassVar[ParameterSets] = CENTRED_SETS

    @classmethod
    def from_keys(cls, keys: Keys) -> Gamma:
        chosen_set(cls, keys)
        keys = with_interval(keys)
        for key in {"mean", "median"} & set(keys):
            if number(keys, key) <= 0.0:
                raise ValueError(f"{key} of a gamma must be above 0, got {show(number(keys, key))}")
        if "sd" in keys:
            centre = number(keys, "mean" if "mean" in keys else "median")
            _check_width(spread_of(keys), centre, WIDEST if "mean" in keys else WIDEST_FIT, "sd")
        else:
            low, high, _ = interval(keys)
            if low <= 0.0:
                raise ValueError(f"an interval of a gamma must be above 0, got {show(low)}; normal allows it")
            if "median" in keys:
                _check_width(high - low, number(keys, "median"), WIDEST_FIT, "width of an interval")
            else:
                _check_width(high - low, high, 1.0, "width of an interval")
                if high / low > WIDEST_ENDS:
                    raise ValueError("the spread of a gamma is far too wide for its centre; check both numbers")
        return cls(tuple(keys.items()))

    @cached_property
    def parameters(self) -> tuple[float, float]:
        """``(shape, scale)``; the shape is infinite where the value is fixed."""
        keys = dict(self.given)
        if self._is_fixed:
            return math.inf, 0.0
        if "mean" in keys:
            mean, sd = number(keys, "mean"), number(keys, "sd")
            return (mean / sd) ** 2, sd * (sd / mean)
        return _fit(keys)

    @property
    def _is_fixed(self) -> bool:
        keys = dict(self.given)
        if "sd" in keys:
            return number(keys, "sd") == 0.0
        low, high, _ = interval(keys)
        return low == high

    @property
    def mean(self) -> float:
        keys = dict(self.given)
        if "mean" in keys:
            return number(keys, "mean")
        if self._is_fixed:
            return number(keys, "median") if "median" in keys else interval(keys)[0]
        shape, scale = self.parameters
        return shape * scale

    @property
    def sd(self) -> float:
        keys = dict(self.given)
        if "sd" in keys:
            return number(keys, "sd")
        shape, scale = self.parameters
        return 0.0 if self._is_fixed else math.sqrt(shape) * scale

    @property
    def support(self) -> tuple[float, float]:
        return (self.mean, self.mean) if self._is_fixed else (0.0, math.inf)

    @property
    def warning(self) -> str:
        keys = dict(self.given)
        if "median" not in keys or "sd" in keys or self._is_fixed:
            return ""
        low, high, z = interval(keys)
        off = low - float(self.ppf(NormalDist().cdf(-z)))
        return off_centre(number(keys, "median"), off, high - low)

    def chance_within(self, low: float, high: float) -> float:
        """In plain arithmetic where mean and sd are given, so that a file is checked without numpy."""
        if self._is_fixed or "mean" not in dict(self.given) or self.parameters[0] > MOST_TERMS:
            return super().chance_within(low, high)
        shape, scale = self.parameters
        return _share_below(shape, high / scale) - _share_below(shape, low / scale)

    def _ppf(self, u: FloatArray) -> FloatArray:
        import numpy as np
        from scipy.special import gammainccinv, gammaincinv

        shape, scale = self.parameters
        lower, upper = gammaincinv(shape, np.minimum(u, 0.5)), gammainccinv(shape, np.minimum(1.0 - u, 0.5))
        return np.asarray(scale * np.where(u < 0.5, lower, upper))

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np
        from scipy.special import gammainc

        shape, scale = self.parameters
        return np.asarray(gammainc(shape, np.maximum(x, 0.0) / scale))


def _share_below(shape: float, x: float) -> float:
    """The incomplete gamma function P(shape, x): by its series up to shape + 1, beyond by its continued fraction.

    >>> round(_share_below(1.0, 2.0), 12), _share_below(2.5, 0.0), _share_below(2.5, math.inf)
    (0.864664716763, 0.0, 1.0)
    """
    if x <= 0.0 or math.isinf(x):
        return float(x > 0.0)
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1.0:
        term = total = 1.0 / shape
        n = shape
        while term > total * 1e-16:
            n += 1.0
            term *= x / n
            total += term
        return front * total
    b, d, ratio = x + 1.0 - shape, 1.0 / (x + 1.0 - shape), 1.0 / (x + 1.0 - shape)  # Lentz: of the share above
    c = 1e300
    for i in range(1, int(MOST_TERMS)):
        a = -i * (i - shape)
        b += 2.0
        d = 1.0 / (a * d + b or 1e-300)
        c = b + a / c or 1e-300
        ratio *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return 1.0 - front * ratio


def _check_width(width: float, centre: float, most: float, what: str) -> None:
    """Refuse a spread that is so small or so large beside its centre that no gamma is fitted to it."""
    if width > most * centre:
        raise ValueError("the spread of a gamma is far too wide for its centre; check both numbers")
    if 0.0 < width < NARROWEST * centre:
        raise ValueError(f"the {what} of a gamma must be 0 or at least {show(NARROWEST * centre)}; normal allows it")


def _fit(keys: Keys) -> tuple[float, float]:
    """The shape and scale whose quantiles (or median and sd) are the given ones.

    How wide a gamma is for its centre depends on the shape alone and falls as the shape rises, so that the shape is
    found by halving, on a log scale; the scale then puts the centre (without one, the lower end) in its place.
    """
    from scipy.special import gammainccinv, gammaincinv

    place = number(keys, "median") if "median" in keys else interval(keys)[0]
    tail = 0.5 if "sd" in keys else NormalDist().cdf(-interval(keys)[2])
    share = 0.5 if "median" in keys else tail

    def width(shape: float) -> float:
        """In medians if one is given, else in lower ends."""
        if "sd" in keys:
            return math.sqrt(shape) / float(gammaincinv(shape, 0.5))
        return float(gammainccinv(shape, tail) - gammaincinv(shape, tail)) / float(gammaincinv(shape, share))

    aim = number(keys, "sd") if "sd" in keys else interval(keys)[1] - interval(keys)[0]
    log_shape = bisect(lambda s: aim / place - width(math.exp(s)), math.log(0.02), math.log(1e11))
    shape = math.exp(log_shape)
    return shape, place / float(gammaincinv(shape, share))
