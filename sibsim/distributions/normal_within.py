"""Chance, mean and sd of the part of a normal or lognormal distribution within two ends, with plain `math`."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["chance", "lognormal_moments", "normal_moments"]

NARROW = 1.0
"""Between ends nearer than this, in sds, the closed form of the variance loses digits by cancellation."""

LEAST_SQUARE = 1e-4
"""Below this, in squared means, so does that of a lognormal."""

FARTHEST = 9.0
"""Beyond so many sds there is nothing to add up."""

STEPS = 2000
"""Steps of Simpson's rule, even."""


def density(z: float) -> float:
    """The standard normal density; 0 at infinity.

    >>> round(density(0.0), 6)
    0.398942
    """
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def chance(a: float, b: float) -> float:
    """``Phi(b) - Phi(a)``, in the smaller tail so that no digits are lost.

    >>> round(chance(-1.0, 1.0), 6), chance(8.0, math.inf) > 0.0
    (0.682689, True)
    """
    if a > 0.0:
        return chance(-b, -a)
    root = math.sqrt(2.0)
    return (math.erfc(-b / root) - math.erfc(-a / root)) / 2.0


def normal_moments(a: float, b: float) -> tuple[float, float]:
    """Mean and sd of a standard normal score between ``a`` and ``b`` (either may be infinite).

    Mean ``m = (phi(a) - phi(b)) / Z``, variance ``1 + (a phi(a) - b phi(b)) / Z - m ** 2``, ``Z = Phi(b) - Phi(a)``
    (Johnson, Kotz and Balakrishnan 1994, section 13.10.1).

    >>> mean, sd = normal_moments(0.0, math.inf)
    >>> round(mean, 6), round(sd, 6)
    (0.797885, 0.60281)
    """
    if b - a < NARROW:
        return _by_simpson(lambda z: z, a, b)
    share = chance(a, b)
    mean = (density(a) - density(b)) / share
    ends = sum(sign * z * density(z) for sign, z in ((1.0, a), (-1.0, b)) if math.isfinite(z))
    return mean, math.sqrt(1.0 + ends / share - mean * mean)


def lognormal_moments(log_sd: float, a: float, b: float) -> tuple[float, float]:
    """Mean and sd of ``exp(log_sd z)``, z a standard normal score between ``a`` and ``b`` (either may be infinite).

    ``E[x ** k] = exp(k ** 2 log_sd ** 2 / 2) (Phi(b - k log_sd) - Phi(a - k log_sd)) / (Phi(b) - Phi(a))``.

    >>> mean, sd = lognormal_moments(1.0, -math.inf, math.inf)
    >>> round(mean / math.exp(0.5), 9), round(sd / mean / math.sqrt(math.e - 1.0), 9)
    (1.0, 1.0)
    """
    share = chance(a, b)
    mean, square = (
        math.exp((k * log_sd) ** 2 / 2.0) * chance(a - k * log_sd, b - k * log_sd) / share for k in (1.0, 2.0)
    )
    if square - mean * mean < LEAST_SQUARE * mean * mean:
        return _by_simpson(lambda z: math.exp(log_sd * z), a, b)
    return mean, math.sqrt(square - mean * mean)


def _by_simpson(value: Callable[[float], float], a: float, b: float) -> tuple[float, float]:
    """Mean and sd of a smooth function of the score by Simpson's rule: sums of positive terms, which lose no digits.

    >>> [round(x, 9) for x in _by_simpson(lambda z: z, -math.inf, math.inf)]
    [0.0, 1.0]
    """
    a, b = max(a, -FARTHEST), min(b, FARTHEST)
    scores = [a + (b - a) * i / STEPS for i in range(STEPS + 1)]
    weights = [density(z) * (1 if i in (0, STEPS) else 4 if i % 2 else 2) for i, z in enumerate(scores)]
    values, total = [value(z) for z in scores], math.fsum(weights)
    start = values[0]
    mean = start + math.fsum(w * (x - start) for w, x in zip(weights, values, strict=True)) / total
    return mean, math.sqrt(math.fsum(w * (x - mean) ** 2 for w, x in zip(weights, values, strict=True)) / total)
