"""Distributions with a centre and a spread: fixed, normal, Student's t, lognormal."""

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
    chosen_set,
    interval,
    number,
    off_centre,
    show,
    spread_of,
    with_interval,
)
from sibsim.distributions.normal_within import chance, lognormal_moments, normal_moments

if TYPE_CHECKING:
    from sibsim.distributions.base import FloatArray

LARGEST_LOG_SD = 10.0
"""Beyond this a lognormal's 95 % interval spans 17 powers of ten, and its mean says nothing."""

LARGEST_DF = 1e6
"""Beyond this Student's t is a normal to six digits wherever a draw can fall."""


@dataclass(frozen=True)
class Fixed(Distribution):
    """A value without doubt.

    Examples
    --------
    >>> Fixed(12.0).mean, Fixed(12.0).sd
    (12.0, 0.0)
    """

    value: float
    name: ClassVar[str] = "fixed"
    IS_DRAWN: ClassVar[bool] = False
    PARAMETER_SETS: ClassVar[ParameterSets] = (("value",),)

    @classmethod
    def from_keys(cls, keys: Keys) -> Fixed:
        chosen_set(cls, keys)
        return cls(number(keys, "value"))

    @property
    def mean(self) -> float:
        return self.value

    @property
    def sd(self) -> float:
        return 0.0

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def chance_within(self, low: float, high: float) -> float:
        return float(low <= self.value <= high)

    def _ppf(self, u: FloatArray) -> FloatArray:
        import numpy as np

        return np.full(u.shape, self.value)

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np

        return np.where(x >= self.value, 1.0, 0.0)


@dataclass(frozen=True)
class Normal(Distribution):
    """The normal distribution, ``x = centre + spread * Phi^-1(u)``.

    An interval [a, b] alone has its centre at ``(a + b) / 2``; its spread is ``(b - a) / (2 z)``.

    Examples
    --------
    >>> wage = Normal.from_keys({"interval_95": (10.0, 20.0)})
    >>> wage.mean, round(wage.sd, 3)
    (15.0, 2.551)
    """

    centre: float
    spread: float
    note: str = ""
    name: ClassVar[str] = "normal"
    PARAMETER_SETS: ClassVar[ParameterSets] = CENTRED_SETS

    @classmethod
    def from_keys(cls, keys: Keys) -> Normal:
        chosen_set(cls, keys)
        keys = with_interval(keys)
        if "sd" in keys:
            return cls(number(keys, "mean" if "mean" in keys else "median"), spread_of(keys))
        low, high, z = interval(keys)
        middle, spread = low + (high - low) / 2.0, (high - low) / (2.0 * z)
        if "median" not in keys:
            return cls(middle, spread)
        median = number(keys, "median")
        return cls(median, spread, off_centre(median, median - middle, high - low))

    @property
    def mean(self) -> float:
        return self.centre

    @property
    def sd(self) -> float:
        return self.spread

    @property
    def support(self) -> tuple[float, float]:
        return (-math.inf, math.inf) if self.spread > 0.0 else (self.centre, self.centre)

    @property
    def warning(self) -> str:
        return self.note

    def chance_within(self, low: float, high: float) -> float:
        return chance((low - self.centre) / self.spread, (high - self.centre) / self.spread)

    def moments_within(self, low: float, high: float) -> tuple[float, float]:
        mean, sd = normal_moments((low - self.centre) / self.spread, (high - self.centre) / self.spread)
        return self.centre + self.spread * mean, self.spread * sd

    def _ppf(self, u: FloatArray) -> FloatArray:
        from scipy.special import ndtri

        values: FloatArray = self.centre + self.spread * ndtri(u)
        return values

    def _cdf(self, x: FloatArray) -> FloatArray:
        from scipy.special import ndtr

        share: FloatArray = ndtr((x - self.centre) / self.spread)
        return share


@dataclass(frozen=True)
class Student(Distribution):
    """Student's t distribution moved and stretched, ``x = centre + scale * t^-1(u, df)``: a normal with heavier tails.

    An ``sd`` is that of the quantity: ``scale = sd * sqrt((df - 2) / df)``. Without it ``scale`` is half the width of
    the interval over the quantile of t at its upper end, computed when it is first asked for, because it needs scipy.
    ``df`` must be above 2, for an sd to exist.

    Examples
    --------
    >>> wage = Student.from_keys({"mean": 10.0, "sd": 2.0, "df": 4.0})
    >>> wage.ppf([0.025, 0.975]).round(3).tolist()
    [6.074, 13.926]
    >>> Student.from_keys({"interval_95": (10.0, 20.0), "df": 4.0}).ppf([0.025, 0.5, 0.975]).round(6).tolist()
    [10.0, 15.0, 20.0]
    """

    centre: float
    half_width: float
    tail: float
    """Chance above ``centre + half_width``; 0 if ``half_width`` is the sd."""
    df: float
    note: str = ""
    name: ClassVar[str] = "student"
    PARAMETER_SETS: ClassVar[ParameterSets] = tuple((*names, "df") for names in CENTRED_SETS)

    @classmethod
    def from_keys(cls, keys: Keys) -> Student:
        chosen_set(cls, keys)
        keys = with_interval(keys)
        df = number(keys, "df")
        if not 2.0 < df <= LARGEST_DF:
            raise ValueError(
                f"df must be above 2, for an sd to exist, and no more than {show(LARGEST_DF)}, got {show(df)}; "
                "without heavy tails it is a normal"
            )
        if "sd" in keys:
            return cls(number(keys, "mean" if "mean" in keys else "median"), spread_of(keys), 0.0, df)
        low, high, z = interval(keys)
        middle, half, tail = low + (high - low) / 2.0, (high - low) / 2.0, NormalDist().cdf(-z)
        if "median" not in keys:
            return cls(middle, half, tail, df)
        median = number(keys, "median")
        return cls(median, half, tail, df, off_centre(median, median - middle, high - low))

    @cached_property
    def scale(self) -> float:
        """What t is multiplied by."""
        if self.tail == 0.0:
            return self.half_width * math.sqrt((self.df - 2.0) / self.df)
        from scipy.special import stdtrit

        return self.half_width / -float(stdtrit(self.df, self.tail))

    @property
    def mean(self) -> float:
        return self.centre

    @property
    def sd(self) -> float:
        return self.half_width if self.tail == 0.0 else self.scale * math.sqrt(self.df / (self.df - 2.0))

    @property
    def support(self) -> tuple[float, float]:
        return (-math.inf, math.inf) if self.half_width > 0.0 else (self.centre, self.centre)

    @property
    def warning(self) -> str:
        return self.note

    def _ppf(self, u: FloatArray) -> FloatArray:
        from scipy.special import stdtrit

        values: FloatArray = self.centre + self.scale * stdtrit(self.df, u)
        return values

    def _cdf(self, x: FloatArray) -> FloatArray:
        from scipy.special import stdtr

        share: FloatArray = stdtr(self.df, (x - self.centre) / self.scale)
        return share


@dataclass(frozen=True)
class Lognormal(Distribution):
    """The lognormal distribution, ``x = median * exp(log_sd * Phi^-1(u))``.

    The ``sd`` of a file is that of the quantity: beside a mean ``log_sd ** 2 = ln(1 + (sd / mean) ** 2)``, beside a
    median the solution of ``w (w - 1) = (sd / median) ** 2`` with ``w = exp(log_sd ** 2)``. Of an interval [a, b] alone
    the median is ``sqrt(a b)``; ``log_sd = ln(b / a) / (2 z)``.

    Examples
    --------
    >>> cost = Lognormal.from_keys({"mean": 5000.0, "sd": 2000.0})
    >>> round(cost.log_sd, 6), round(cost.mean, 6), round(cost.sd, 6)
    (0.385253, 5000.0, 2000.0)
    """

    median: float
    log_sd: float
    note: str = ""
    name: ClassVar[str] = "lognormal"
    PARAMETER_SETS: ClassVar[ParameterSets] = CENTRED_SETS

    def __post_init__(self) -> None:
        if not (self.median > 0.0 and self.log_sd <= LARGEST_LOG_SD):
            raise ValueError("the spread of a lognormal is far too wide for its centre; check both numbers")

    @classmethod
    def from_keys(cls, keys: Keys) -> Lognormal:
        chosen_set(cls, keys)
        keys = with_interval(keys)
        for key in {"mean", "median"} & set(keys):
            if number(keys, key) <= 0.0:
                raise ValueError(f"{key} of a lognormal must be above 0, got {show(number(keys, key))}")
        if "mean" in keys:
            mean, relative = number(keys, "mean"), spread_of(keys) / number(keys, "mean")
            variance = math.log1p(relative * relative)
            return cls(mean * math.exp(-variance / 2.0), math.sqrt(variance))
        if "sd" in keys:
            relative = spread_of(keys) / number(keys, "median")
            k = relative * relative
            return cls(number(keys, "median"), math.sqrt(math.log1p(2.0 * k / (1.0 + math.sqrt(1.0 + 4.0 * k)))))
        low, high, z = interval(keys)
        if low <= 0.0:
            raise ValueError(f"an interval of a lognormal must be above 0, got {show(low)}; normal allows it")
        width, middle = math.log(high / low), low * math.sqrt(high / low)
        if "median" not in keys:
            return cls(middle, width / (2.0 * z))
        median = number(keys, "median")
        return cls(median, width / (2.0 * z), off_centre(median, math.log(median / middle), width))

    @property
    def mean(self) -> float:
        return self.median * math.exp(self.log_sd**2 / 2.0)

    @property
    def sd(self) -> float:
        return self.mean * math.sqrt(math.expm1(self.log_sd**2))

    @property
    def support(self) -> tuple[float, float]:
        return (0.0, math.inf) if self.log_sd > 0.0 else (self.median, self.median)

    @property
    def warning(self) -> str:
        return self.note

    def chance_within(self, low: float, high: float) -> float:
        return chance(self._score(low), self._score(high))

    def moments_within(self, low: float, high: float) -> tuple[float, float]:
        mean, sd = lognormal_moments(self.log_sd, self._score(low), self._score(high))
        return self.median * mean, self.median * sd

    def _score(self, x: float) -> float:
        """The normal score of a value that is 0 or more."""
        return math.log(x / self.median) / self.log_sd if x > 0.0 else -math.inf

    def _ppf(self, u: FloatArray) -> FloatArray:
        import numpy as np
        from scipy.special import ndtri

        values: FloatArray = self.median * np.exp(self.log_sd * ndtri(u))
        return values

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            share: FloatArray = ndtr(np.log(np.maximum(x, 0.0) / self.median) / self.log_sd)
        return share
