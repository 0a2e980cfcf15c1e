"""Distributions with a centre and a spread: fixed, normal, lognormal."""

from __future__ import annotations

import math
from dataclasses import dataclass
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
)

if TYPE_CHECKING:
    from sibsim.distributions.base import FloatArray

LARGEST_LOG_SD = 10.0
"""Beyond this a lognormal's 95 % interval spans 17 powers of ten, and its mean says nothing."""


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
        chosen = chosen_set(cls, keys)
        if "sd" in chosen:
            return cls(number(keys, "mean" if "mean" in chosen else "median"), spread_of(keys))
        low, high, z = interval(keys)
        middle, spread = low + (high - low) / 2.0, (high - low) / (2.0 * z)
        if "median" not in chosen:
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

    def _ppf(self, u: FloatArray) -> FloatArray:
        from scipy.special import ndtri

        values: FloatArray = self.centre + self.spread * ndtri(u)
        return values

    def _cdf(self, x: FloatArray) -> FloatArray:
        from scipy.special import ndtr

        share: FloatArray = ndtr((x - self.centre) / self.spread)
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
        chosen = chosen_set(cls, keys)
        for key in {"mean", "median"} & set(chosen):
            if number(keys, key) <= 0.0:
                raise ValueError(f"{key} of a lognormal must be above 0, got {show(number(keys, key))}")
        if "mean" in chosen:
            mean, relative = number(keys, "mean"), spread_of(keys) / number(keys, "mean")
            variance = math.log1p(relative * relative)
            return cls(mean * math.exp(-variance / 2.0), math.sqrt(variance))
        if "sd" in chosen:
            relative = spread_of(keys) / number(keys, "median")
            k = relative * relative
            return cls(number(keys, "median"), math.sqrt(math.log1p(2.0 * k / (1.0 + math.sqrt(1.0 + 4.0 * k)))))
        low, high, z = interval(keys)
        if low <= 0.0:
            raise ValueError(f"an interval of a lognormal must be above 0, got {show(low)}; normal allows it")
        width, middle = math.log(high / low), low * math.sqrt(high / low)
        if "median" not in chosen:
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
