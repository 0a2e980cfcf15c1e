"""A distribution cut off at two ends: `within` beside its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from sibsim.distributions.base import (
    LARGEST,
    LEAST_CHANCE,
    Distribution,
    Keys,
    ParameterSets,
    no_chance_within,
    show,
)

if TYPE_CHECKING:
    from sibsim.distributions.base import FloatArray


@dataclass(frozen=True)
class Truncated(Distribution):
    """A distribution given that its value lies within two ends, ``x = F^-1(F(a) + u (F(b) - F(a)))``.

    Mean and sd are those of what is left, by `Distribution.moments_within`.

    Examples
    --------
    >>> from sibsim.distributions import Normal
    >>> saving = truncate(Normal(0.1, 0.08), (0.0, 0.3))
    >>> saving.describe()
    'normal within 0 to 0.3, median 0.11, 95 % in 0.009072 to 0.2524'
    >>> round(saving.mean, 6), round(saving.sd, 6), saving.support
    (0.114873, 0.064944, (0.0, 0.3))
    """

    whole: Distribution
    low: float
    high: float
    name: ClassVar[str] = "truncated"
    PARAMETER_SETS: ClassVar[ParameterSets] = ()

    @classmethod
    def from_keys(cls, keys: Keys) -> Distribution:
        raise ValueError("write `within` beside the parameters of a distribution")

    @property
    def label(self) -> str:
        return f"{self.whole.label} within {show(self.low)} to {show(self.high)}"

    @cached_property
    def moments(self) -> tuple[float, float]:
        """Mean and sd."""
        return self.whole.moments_within(*self.support)

    @property
    def mean(self) -> float:
        return self.moments[0]

    @property
    def sd(self) -> float:
        return self.moments[1]

    @property
    def support(self) -> tuple[float, float]:
        low, high = self.whole.support
        return max(low, self.low), min(high, self.high)

    @property
    def warning(self) -> str:
        return self.whole.warning

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.whole.ppf_within(*self.support, u)

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np

        low, high = self.support
        below, reached = self.whole.cdf([low, high])
        return np.asarray((self.whole.cdf(np.clip(x, low, high)) - below) / (reached - below))


def truncate(whole: Distribution, ends: tuple[float, ...]) -> Distribution:
    """The distribution within two ends; one without spread as it is, if its value lies there.

    Raises
    ------
    ValueError
        Ends that are not two rising numbers, or with next to no chance between them.

    Examples
    --------
    >>> from sibsim.distributions import Uniform
    >>> truncate(Uniform(0.0, 10.0), (6.0, 20.0)).ppf([0.25, 0.5])
    array([7., 8.])
    """
    if len(ends) != 2 or not all(abs(x) <= LARGEST for x in ends):
        raise ValueError("within must be two numbers, [low, high]")
    low, high = ends
    if low > high:
        raise ValueError(f"within is reversed: write [{show(high)}, {show(low)}]")
    first, last = whole.support
    if first == last and low <= first <= high:
        return whole
    own = whole.within(low, high)
    if own is not None:
        return own
    cut = Truncated(whole, low, high)
    if not cut.support[0] < cut.support[1] or whole.chance_within(*cut.support) < LEAST_CHANCE:
        raise no_chance_within(low, high)
    return cut
