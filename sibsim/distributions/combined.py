"""What is worked out of other values: their product, their sum, an annuity, or a share above a level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from sibsim.distributions.base import Distribution, Keys, ParameterSets, show

if TYPE_CHECKING:
    from sibsim.distributions.base import FloatArray

__all__ = ["Combined"]


@dataclass(frozen=True)
class Combined(Distribution):
    """A product or sum of values that are drawn by themselves: it has no quantile function of its own.

    The support is that of interval arithmetic. The mean is the product or sum of the means, the variance that of
    independent parts: ``prod (sd_i ** 2 + m_i ** 2) - prod m_i ** 2``, and ``sum sd_i ** 2`` (a run reports both from
    its draws, whatever depends on what). Of an annuity of (rate, years) the mean and variance are those of three points
    of the rate, its mean and 3 ** 0.5 sd to each side with weights 2/3, 1/6, 1/6: exact but for terms in its fourth
    power. Of a share above (level, mean, sd) the mean is that of normal parts, ``Phi((m - l) / d)`` with d the root of
    the squares of the sd and of what is unknown of mean and level; the variance that of three points of mean - level.

    Examples
    --------
    >>> from sibsim.distributions import Fixed, Uniform
    >>> saving = Combined("product", (Uniform(100.0, 200.0), Fixed(0.75)), "cost x 75 %")
    >>> saving.mean, saving.support, saving.describe()
    (112.5, (75.0, 150.0), 'cost x 75 %, mean 112.5, from 75 to 150')
    """

    kind: Literal["product", "sum", "annuity", "share_above"]
    parts: tuple[Distribution, ...]
    text: str = ""
    is_simple: bool = True
    """Whether no value stands in it twice: if one does, the support may be too wide."""
    name: ClassVar[str] = "combined"
    IS_DRAWN: ClassVar[bool] = False
    PARAMETER_SETS: ClassVar[ParameterSets] = ()

    @classmethod
    def from_keys(cls, keys: Keys) -> Distribution:
        raise ValueError("a product or sum takes a list of values")

    @property
    def mean(self) -> float:
        if self.kind == "share_above":
            level, mean, sd = self.parts
            return _phi((mean.mean - level.mean) / math.hypot(sd.mean, mean.sd, level.sd))
        if self.kind == "annuity":
            return math.fsum(weight * value for weight, value in self._points())
        means = [part.mean for part in self.parts]
        return math.prod(means) if self.kind == "product" else math.fsum(means)

    @property
    def sd(self) -> float:
        if self.kind in ("annuity", "share_above"):
            mean = math.fsum(weight * value for weight, value in self._points())
            return math.sqrt(max(math.fsum(w * (value - mean) ** 2 for w, value in self._points()), 0.0))
        if self.kind == "sum":
            return math.hypot(*(part.sd for part in self.parts))
        squares = math.prod(part.sd * part.sd + part.mean * part.mean for part in self.parts)
        return math.sqrt(max(squares - self.mean * self.mean, 0.0))

    @property
    def support(self) -> tuple[float, float]:
        low, high = self.parts[0].support
        if self.kind == "share_above":
            return self._ends_of_share()
        if self.kind == "annuity":  # the higher the rate, the less
            return tuple(0.0 if math.isinf(rate) and rate > 0 else self._worth(rate) for rate in (high, low))  # type: ignore[return-value]
        for part in self.parts[1:]:
            a, b = part.support
            if self.kind == "sum":
                low, high = low + a, high + b
            else:
                corners = [_times(x, y) for x in (low, high) for y in (a, b)]
                low, high = min(corners), max(corners)
        return low, high

    def _ends_of_share(self) -> tuple[float, float]:
        """Above the highest level around the lowest mean, and the other way round."""
        level, mean, sd = (part.support for part in self.parts)
        least, most = mean[0] - level[1], mean[1] - level[0]
        return min(_phi(least / d) for d in sd), max(_phi(most / d) for d in sd)

    def _points(self) -> list[tuple[float, float]]:
        """Weights, and what it is worth at three rates; of a share, at three distances of the mean from the level."""
        if self.kind == "share_above":
            level, mean, sd = self.parts
            middle, wide = mean.mean - level.mean, math.sqrt(3.0) * math.hypot(mean.sd, level.sd)
            places = ((2 / 3, middle), (1 / 6, middle - wide), (1 / 6, middle + wide))
            return [(weight, _phi(one / sd.mean)) for weight, one in places]
        rate = self.parts[0]
        wide = math.sqrt(3.0) * rate.sd if rate.sd > 0.0 else 0.0
        rates = ((2 / 3, rate.mean), (1 / 6, rate.mean - wide), (1 / 6, rate.mean + wide))
        return [(weight, self._worth(one)) for weight, one in rates]

    def _worth(self, rate: float) -> float:
        """What 1 a year is worth at a rate, which is kept above -99 %."""
        years = self.parts[1].mean
        if rate == -math.inf:
            return math.inf
        rate = max(rate, -0.99)
        return years if abs(rate) < 1e-12 else -math.expm1(-years * math.log1p(rate)) / rate

    @property
    def is_hard(self) -> bool:
        return self.is_simple and all(part.is_hard for part in self.parts)

    @property
    def label(self) -> str:
        return self.text or self.kind

    def describe(self) -> str:
        """One line for a table of inputs."""
        low, high = self.support
        ends = f", from {show(low)} to {show(high)}" if math.isfinite(low) and math.isfinite(high) else ""
        return f"{self.label}, mean {show(self.mean)}{ends}"

    def _ppf(self, u: FloatArray) -> FloatArray:
        raise TypeError("a product or sum is worked out of its parts, not drawn")

    def _cdf(self, x: FloatArray) -> FloatArray:
        raise TypeError("a product or sum is worked out of its parts, not drawn")


def _phi(z: float) -> float:
    """The normal distribution function.

    >>> _phi(0.0), round(_phi(-1.0), 6), _phi(-math.inf)
    (0.5, 0.158655, 0.0)
    """
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _times(x: float, y: float) -> float:
    """The product of two ends: nothing of something without end is nothing.

    >>> _times(0.0, math.inf), _times(-2.0, math.inf)
    (0.0, -inf)
    """
    return 0.0 if x == 0.0 or y == 0.0 else x * y
