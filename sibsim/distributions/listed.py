"""Distributions that list their values: discrete, and empirical from the column of a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
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

SLACK = 1e-9
"""Chances may miss 100 % by this much: the rounding of numbers such as 0.1."""


@dataclass(frozen=True)
class Discrete(Distribution):
    """One of some values, each with its chance: ``x`` is the lowest value whose chances up to it reach ``u``.

    Mean ``sum p x``, variance ``sum p (x - mean) ** 2``. Values are kept in rising order; those without a chance are
    left out.

    Examples
    --------
    >>> law = Discrete.from_keys({"values": (1.0, 0.8), "chances": (0.7, 0.3)})
    >>> law.values, round(law.mean, 6), law.support
    ((0.8, 1.0), 0.94, (0.8, 1.0))
    >>> law.ppf([0.1, 0.3, 0.31]).tolist()
    [0.8, 0.8, 1.0]
    """

    values: tuple[float, ...]
    chances: tuple[float, ...]
    name: ClassVar[str] = "discrete"
    PARAMETER_SETS: ClassVar[ParameterSets] = (("values", "chances"),)

    @classmethod
    def from_keys(cls, keys: Keys) -> Discrete:
        columns = [column for key in ("values", "chances") if isinstance(column := keys.get(key), tuple)]
        if len(columns) != 2 or len(keys) != 2 or len(columns[0]) != len(columns[1]) or not columns[0]:
            raise ValueError("discrete takes a list of [value, chance], e.g. [[0.8, 30 %], [1, 70 %]]")
        for value in columns[0]:
            if not abs(value) <= LARGEST:
                raise ValueError(f"a value must be a number no larger than {LARGEST:.0e}, got {value}")
        for chance in columns[1]:
            if not 0.0 <= chance <= 1.0:
                hint = f"; write {show(chance)} %" if 1.0 < chance <= 100.0 else ""
                raise ValueError(f"a chance must be from 0 % to 100 %, got {show(chance)}{hint}")
        total = math.fsum(columns[1])
        if abs(total - 1.0) > SLACK:
            raise ValueError(f"the chances must add up to 100 %, got {show(100.0 * total)} %")
        twice = next((a for a, b in pairwise(sorted(columns[0])) if a == b), None)
        if twice is not None:
            raise ValueError(f"the value {show(twice)} stands in the list twice; add its chances up")
        rows = sorted((value, chance) for value, chance in zip(*columns, strict=True) if chance > 0.0)
        values, chances = zip(*rows, strict=True)
        return cls(values, chances)

    @cached_property
    def reached(self) -> tuple[float, ...]:
        """The chance of each value or a lower one; the last is 1."""
        return (*accumulate(self.chances[:-1]), 1.0)

    @property
    def mean(self) -> float:
        return math.fsum(x * p for x, p in zip(self.values, self.chances, strict=True)) / math.fsum(self.chances)

    @property
    def sd(self) -> float:
        mean, total = self.mean, math.fsum(self.chances)
        squares = math.fsum((x - mean) ** 2 * p for x, p in zip(self.values, self.chances, strict=True))
        return math.sqrt(squares / total)

    @property
    def support(self) -> tuple[float, float]:
        return self.values[0], self.values[-1]

    @property
    def atoms(self) -> tuple[float, ...]:
        return self.values

    def chance_within(self, low: float, high: float) -> float:
        return math.fsum(p for x, p in zip(self.values, self.chances, strict=True) if low <= x <= high)

    def within(self, low: float, high: float) -> Discrete:
        """The values from ``low`` to ``high``, both included, with their chances scaled up to 100 %.

        Examples
        --------
        >>> Discrete((0.0, 1.0, 2.0), (0.5, 0.3, 0.2)).within(1.0, 5.0).chances
        (0.6, 0.4)
        """
        kept = [(x, p) for x, p in zip(self.values, self.chances, strict=True) if low <= x <= high]
        total = math.fsum(p for _, p in kept)
        if total < LEAST_CHANCE:
            raise no_chance_within(low, high)
        return Discrete(tuple(x for x, _ in kept), tuple(p / total for _, p in kept))

    def describe(self) -> str:
        """One line for a table of inputs.

        Examples
        --------
        >>> Discrete((0.8, 1.0), (0.3, 0.7)).describe()
        'discrete, 0.8 (30 %), 1 (70 %)'
        """
        if len(self.values) not in range(2, 5):
            return super().describe()
        rows = zip(self.values, self.chances, strict=True)
        return f"{self.name}, {', '.join(f'{show(x)} ({show(100.0 * p)} %)' for x, p in rows)}"

    def _ppf(self, u: FloatArray) -> FloatArray:
        import numpy as np

        return np.asarray(self.values)[np.searchsorted(self.reached, u)]

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np

        return np.asarray((0.0, *self.reached))[np.searchsorted(self.values, x, side="right")]


FEW = 20
"""A column with fewer values says little about its tails."""


@dataclass(frozen=True)
class Empirical(Distribution):
    """The values of a column, each as likely: ``x`` is the value of rank ``ceil(n u)``, as in a bootstrap.

    Mean ``sum x / n``, variance ``sum (x - mean) ** 2 / n``: those of the values themselves.

    Examples
    --------
    >>> law = Empirical.from_keys({"values": (30.0, 10.0, 20.0, 20.0)})
    >>> law.values, law.mean, round(law.sd, 6)
    ((10.0, 20.0, 20.0, 30.0), 20.0, 7.071068)
    >>> law.ppf([0.1, 0.25, 0.26, 0.8]).tolist()
    [10.0, 10.0, 20.0, 30.0]
    """

    values: tuple[float, ...]
    """In rising order."""
    origin: str = ""
    """Which column of which file, and the beginning of the file's sha256."""
    name: ClassVar[str] = "empirical"
    PARAMETER_SETS: ClassVar[ParameterSets] = (("values",),)

    @classmethod
    def from_keys(cls, keys: Keys) -> Empirical:
        values = keys.get("values")
        if len(keys) != 1 or not isinstance(values, tuple) or not values:
            raise ValueError("empirical takes a column of numbers, e.g. {file: costs.csv, column: cost}")
        for value in values:
            if not abs(value) <= LARGEST:
                raise ValueError(f"a value must be a number no larger than {LARGEST:.0e}, got {value}")
        return cls(tuple(sorted(values)))

    @cached_property
    def mean(self) -> float:
        return math.fsum(self.values) / len(self.values)

    @cached_property
    def sd(self) -> float:
        if self.values[0] == self.values[-1]:
            return 0.0
        return math.sqrt(math.fsum((x - self.mean) ** 2 for x in self.values) / len(self.values))

    @property
    def support(self) -> tuple[float, float]:
        return self.values[0], self.values[-1]

    @property
    def label(self) -> str:
        return f"{self.name}, {len(self.values)} values{self.origin and f' of {self.origin}'}"

    @property
    def warning(self) -> str:
        n = len(self.values)
        if n >= FEW:
            return ""
        return f"has only {n} {'value' if n == 1 else 'values'}: no future is worse than the worst of them"

    @property
    def atoms(self) -> tuple[float, ...]:
        return self.values

    def chance_within(self, low: float, high: float) -> float:
        return sum(low <= x <= high for x in self.values) / len(self.values)

    def within(self, low: float, high: float) -> Empirical:
        """The values from ``low`` to ``high``, both included."""
        kept = tuple(x for x in self.values if low <= x <= high)
        if not kept:
            raise no_chance_within(low, high)
        return Empirical(kept, self.origin)

    @cached_property
    def _reached(self) -> FloatArray:
        import numpy as np

        return np.arange(1, len(self.values) + 1) / len(self.values)

    @cached_property
    def _array(self) -> FloatArray:
        import numpy as np

        return np.asarray(self.values)

    def _ppf(self, u: FloatArray) -> FloatArray:
        import numpy as np

        return self._array[np.searchsorted(self._reached, u)]

    def _cdf(self, x: FloatArray) -> FloatArray:
        import numpy as np

        return np.searchsorted(self._array, x, side="right") / len(self.values)
