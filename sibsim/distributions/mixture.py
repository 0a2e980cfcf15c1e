"""One of several distributions, each with its weight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from sibsim.distributions.base import LEAST_CHANCE, Distribution, Keys, ParameterSets, no_chance_within, show
from sibsim.distributions.truncated import truncate

if TYPE_CHECKING:
    from sibsim.distributions.base import FloatArray

SLACK = 1e-9
"""Weights may miss 100 % by this much: the rounding of numbers such as 0.1."""

MOST_LEFT_OUT = 1e-3
"""Of what is left within two ends, parts with next to no chance there may hold this much and be left out."""

MOST_STEPS = 200
"""Halvings and secants: a hundred are more than any bracket of floats needs."""


@dataclass(frozen=True)
class Mixture(Distribution):
    """A future is of part i with chance ``w_i``: ``F(x) = sum w_i F_i(x)``.

    Mean ``m = sum w_i m_i``, variance ``sum w_i (sd_i ** 2 + (m_i - m) ** 2)``. The quantile lies between the lowest
    and the highest of the parts' own quantiles, and is found there by halving and secants, all draws at once; a single
    value with a chance of its own (a part that is a number) is met exactly.

    Examples
    --------
    >>> from sibsim.distributions import Fixed, Uniform
    >>> cost = mix([0.25, 0.75], [Fixed(0.0), Uniform(10.0, 20.0)])
    >>> cost.mean, cost.support, cost.ppf([0.2, 0.25, 0.625, 1.0 - 2.0**-53]).round(9).tolist()
    (11.25, (0.0, 20.0), [0.0, 0.0, 15.0, 20.0])
    """

    weights: tuple[float, ...]
    parts: tuple[Distribution, ...]
    name: ClassVar[str] = "mixture"
    PARAMETER_SETS: ClassVar[ParameterSets] = ()

    @classmethod
    def from_keys(cls, keys: Keys) -> Distribution:
        raise ValueError("mixture takes a list of [weight, distribution]")

    @cached_property
    def mean(self) -> float:
        return math.fsum(w * part.mean for w, part in zip(self.weights, self.parts, strict=True))

    @cached_property
    def sd(self) -> float:
        squares = [part.sd**2 + (part.mean - self.mean) ** 2 for part in self.parts]
        return math.sqrt(math.fsum(w * square for w, square in zip(self.weights, squares, strict=True)))

    @property
    def support(self) -> tuple[float, float]:
        lows, highs = zip(*(part.support for part in self.parts), strict=True)
        return min(lows), max(highs)

    @property
    def is_hard(self) -> bool:
        return all(part.is_hard for part in self.parts)

    @property
    def atoms(self) -> tuple[float, ...]:
        return tuple(sorted({x for part in self.parts for x in part.atoms}))

    @property
    def label(self) -> str:
        weighted = zip(self.weights, self.parts, strict=True)
        return f"{self.name} of {' and '.join(f'{show(100.0 * w)} % {part.label}' for w, part in weighted)}"

    @property
    def warning(self) -> str:
        return "; ".join(dict.fromkeys(part.warning for part in self.parts if part.warning))

    def chance_within(self, low: float, high: float) -> float:
        return math.fsum(w * _chance(part, low, high) for w, part in zip(self.weights, self.parts, strict=True))

    def within(self, low: float, high: float) -> Mixture:
        """The mixture of the parts within the ends, each weighted by its chance to lie there."""
        shares = [w * _chance(part, low, high) for w, part in zip(self.weights, self.parts, strict=True)]
        kept = [
            (share, truncate(part, (low, high)))
            for share, part in zip(shares, self.parts, strict=True)
            if share > 0.0 and _chance(part, low, high) >= LEAST_CHANCE
        ]
        total = math.fsum(share for share, _ in kept)
        if total < LEAST_CHANCE or math.fsum(shares) - total > MOST_LEFT_OUT * total:
            raise no_chance_within(low, high)
        return Mixture(tuple(share / total for share, _ in kept), tuple(part for _, part in kept))

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np

        total = np.zeros(np.shape(x))
        for weight, part in zip(self.weights, self.parts, strict=True):
            total += weight * part.cdf(x)
        return total

    def _ppf(self, u: FloatArray) -> FloatArray:
        import numpy as np

        flat = u.reshape(-1)
        of_parts = [part.ppf(flat) for part in self.parts]
        low, high = np.minimum.reduce(of_parts), np.maximum.reduce(of_parts)
        if self.atoms:
            atoms = np.asarray(self.atoms)
            at, below = self.cdf(atoms), self.cdf(np.nextafter(atoms, -np.inf))
            place = np.searchsorted(at, flat)  # the first atom up to which the chance reaches u
            here = np.minimum(place, len(atoms) - 1)
            is_atom = (place < len(atoms)) & (flat > below[here])
            high = np.where(place < len(atoms), np.minimum(high, atoms[here]), high)
            low = np.where(place > 0, np.maximum(low, atoms[np.maximum(place - 1, 0)]), low)
            low, high = np.where(is_atom, atoms[here], low), np.where(is_atom, atoms[here], high)
        return self._solve(flat, low, np.maximum(low, high)).reshape(u.shape)

    def _solve(self, u: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
        """Where ``F(x) = u`` between two ends, by secants of the bracket (Illinois) and halvings in turn."""
        import numpy as np

        x, todo = high.copy(), np.flatnonzero(high - low > _grain(low, high))
        a, b, aim = low[todo], high[todo], u[todo]
        fa, fb = self.cdf(a) - aim, self.cdf(b) - aim
        last = np.zeros(len(todo), dtype=np.int8)  # which end moved last: -1 the lower, 1 the upper
        for step in range(MOST_STEPS):
            if not len(todo):
                break
            middle = a + (b - a) / 2.0
            if step % 3 != 2:
                with np.errstate(divide="ignore", invalid="ignore"):
                    secant = b - fb * (b - a) / (fb - fa)
                middle = np.where((secant > a) & (secant < b), secant, middle)
            f = self.cdf(middle) - aim
            side = np.where(f < 0.0, np.int8(-1), np.int8(1))
            # an end that stays twice counts half, or the next secant would fall on the same side again
            fa, fb = (
                np.where(side < 0, f, np.where(last == 1, fa / 2.0, fa)),
                np.where(side > 0, f, np.where(last == -1, fb / 2.0, fb)),
            )
            a, b = np.where(side < 0, middle, a), np.where(side > 0, middle, b)
            x[todo] = b
            is_open = (b - a > _grain(a, b)) & (f != 0.0)
            todo, a, b, aim, fa, fb, last = (v[is_open] for v in (todo, a, b, aim, fa, fb, side))
        return x


def _grain(low: FloatArray, high: FloatArray) -> FloatArray:
    """The distance below which two floats are one quantile."""
    import numpy as np

    return np.asarray(4.0 * np.finfo(np.float64).eps * np.maximum(np.abs(low), np.abs(high)) + 1e-300)


def _chance(part: Distribution, low: float, high: float) -> float:
    """The chance of a part from ``low`` to ``high``, which need not lie in its support."""
    first, last = part.support
    if first == last:
        return float(low <= first <= high)
    low, high = max(low, first), min(high, last)
    return part.chance_within(low, high) if low <= high else 0.0


def mix(weights: Sequence[float], parts: Sequence[Distribution]) -> Mixture:
    """The mixture with these weights, which add up to 1; a mixture among its parts is taken apart.

    Raises
    ------
    ValueError
        No parts, or weights that cannot be.

    Examples
    --------
    >>> from sibsim.distributions import Normal
    >>> round(mix([0.5, 0.5], [Normal(-1.0, 1.0), Normal(1.0, 1.0)]).sd, 6)
    1.414214
    """
    for weight in weights:
        if not 0.0 <= weight <= 1.0:
            hint = f"; write {show(weight)} %" if 1.0 < weight <= 100.0 else ""
            raise ValueError(f"a weight must be from 0 % to 100 %, got {show(weight)}{hint}")
    total = math.fsum(weights)
    if abs(total - 1.0) > SLACK:
        raise ValueError(f"the weights must add up to 100 %, got {show(100.0 * total)} %")
    rows: list[tuple[float, Distribution]] = []
    for weight, part in zip(weights, parts, strict=True):
        inner = zip(part.weights, part.parts, strict=True) if isinstance(part, Mixture) else [(1.0, part)]
        rows += [(weight * share / total, one) for share, one in inner if weight * share > 0.0]
    return Mixture(tuple(weight for weight, _ in rows), tuple(part for _, part in rows))
