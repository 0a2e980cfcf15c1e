"""What every distribution can do, and how its parameters are read."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]

Keys = Mapping[str, "float | tuple[float, ...]"]
ParameterSets = tuple[tuple[str, ...], ...]

INTERVALS = {
    "interval_95": NormalDist().inv_cdf(0.975),
    "interval_90": NormalDist().inv_cdf(0.95),
    "interval_80": NormalDist().inv_cdf(0.9),
}
"""Half the width of each interval, in standard deviations of a normal distribution. A file writes the last one as
``p10, p90``."""

OFF_CENTRE = 0.1
"""An interval beside a median is warned of if its centre is further off than this part of its width."""

LARGEST = 1e18
"""No parameter may be larger: sums of squares stay far from overflow."""

OUTERMOST = 2.0**-53
"""Nearest that a uniform comes to 0 or 1."""

OUTERMOST_SCORE = 8.3
"""The normal score of all uniforms lies between minus this and this."""

SCORES = 4097
"""Points of the trapezoidal rule."""

LEAST_CHANCE = 1e-6
"""Of a whole distribution at least this must lie within its ends: below it a uniform has too few digits left."""

CENTRED_SETS: ParameterSets = (
    ("mean", "sd"),
    ("interval_95",),
    ("interval_90",),
    ("median", "interval_95"),
    ("median", "interval_90"),
    ("median", "sd"),
    ("p10", "p90"),
    ("p10", "p50", "p90"),
)


class Distribution(ABC):
    """What every distribution can do. Subclasses are immutable; their fields are their own parameters.

    A distribution without spread (``sd`` 0) is a fixed value, and `ppf` returns exactly that value.
    """

    name: ClassVar[str]
    IS_DRAWN: ClassVar[bool] = True
    """Whether a uniform of its own makes its values: not for a fixed value, nor for what is worked out of others."""
    PARAMETER_SETS: ClassVar[ParameterSets]

    @classmethod
    @abstractmethod
    def from_keys(cls, keys: Keys) -> Distribution:
        """The distribution with these parameters, named as in a scenario file.

        Parameters
        ----------
        keys : mapping
            Exactly one of ``PARAMETER_SETS``; numbers as floats, intervals as pairs.

        Raises
        ------
        ValueError
            Parameters that are missing, contradict each other or cannot be; the message says what to do.
        """

    @property
    @abstractmethod
    def mean(self) -> float:
        """The mean, in the unit of the quantity."""

    @property
    @abstractmethod
    def sd(self) -> float:
        """The standard deviation, in the unit of the quantity."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """The lowest and the highest value that can come (either may be infinite)."""

    @property
    def is_hard(self) -> bool:
        """Whether its ends are meant as ends: a tail that thins out (a normal's, a beta's) may be brought back."""
        low, high = self.support
        return math.isfinite(low) and math.isfinite(high)

    @property
    def atoms(self) -> tuple[float, ...]:
        """Single values that have a chance of their own."""
        return () if self.sd > 0.0 else (self.mean,)

    @property
    def label(self) -> str:
        """What it is called in a table of inputs."""
        return self.name

    @property
    def warning(self) -> str:
        """What a reader of the file should know about the parameters; empty if nothing."""
        return ""

    def ppf(self, u: ArrayLike) -> FloatArray:
        """The quantile function: the value that a share ``u`` of all futures lies below.

        Parameters
        ----------
        u : array_like
            Numbers in (0, 1), any shape.

        Returns
        -------
        ndarray of float, shape of ``u``
            Finite for every ``u`` in [2**-53, 1 - 2**-53].

        Examples
        --------
        >>> from sibsim.distributions import Uniform
        >>> Uniform(10.0, 20.0).ppf([0.25, 0.5])
        array([12.5, 15. ])
        """
        import numpy as np

        u = np.asarray(u, dtype=np.float64)
        return self._ppf(u) if self.sd > 0.0 else np.full(u.shape, self.mean)

    def cdf(self, x: ArrayLike) -> FloatArray:
        """The share of futures at or below ``x`` (any shape); the inverse of `ppf`.

        Examples
        --------
        >>> from sibsim.distributions import Uniform
        >>> Uniform(10.0, 20.0).cdf([12.5, 30.0])
        array([0.25, 1.  ])
        """
        import numpy as np

        x = np.asarray(x, dtype=np.float64)
        return self._cdf(x) if self.sd > 0.0 else np.where(x >= self.mean, 1.0, 0.0)

    @abstractmethod
    def _ppf(self, u: FloatArray) -> FloatArray:
        """`ppf` where there is spread."""

    @abstractmethod
    def _cdf(self, x: FloatArray) -> FloatArray:
        """`cdf` where there is spread."""

    def chance_within(self, low: float, high: float) -> float:
        """The share of futures from ``low`` to ``high``.

        Examples
        --------
        >>> from sibsim.distributions import Uniform
        >>> Uniform(10.0, 20.0).chance_within(12.0, 15.0)
        0.3
        """
        below, reached = self.cdf([low, high])
        return float(reached - below)

    def moments_within(self, low: float, high: float) -> tuple[float, float]:
        """Mean and sd of the futures from ``low`` to ``high``, both inside the support, with some chance between them.

        Here by the trapezoidal rule over the normal score z of their own uniform, ``E[x] = sum x(z) phi(z) dz``: x is
        smooth in z and phi falls to nothing at both sides, which leaves an error of ten digits or better. Distributions
        with a closed form have their own.

        Examples
        --------
        >>> from sibsim.distributions import Pert
        >>> mean, sd = Pert(0.0, 5.0, 10.0).moments_within(0.0, 5.0)
        >>> round(mean, 6), round(sd, 6)
        (3.4375, 1.063025)
        """
        import numpy as np
        from scipy.special import ndtr

        z = np.linspace(-OUTERMOST_SCORE, OUTERMOST_SCORE, SCORES)
        weights = np.exp(-0.5 * z * z)
        weights /= weights.sum()
        x = self.ppf_within(low, high, ndtr(z))
        mean = float(weights @ x)
        return mean, math.sqrt(float(weights @ (x - mean) ** 2))

    def ppf_within(self, low: float, high: float, u: ArrayLike) -> FloatArray:
        """`ppf` of the futures from ``low`` to ``high``: ``F^-1(F(low) + u (F(high) - F(low)))``.

        Examples
        --------
        >>> from sibsim.distributions import Uniform
        >>> Uniform(10.0, 20.0).ppf_within(12.0, 16.0, [0.25, 0.5])
        array([13., 14.])
        """
        import numpy as np

        below, reached = self.cdf([low, high])
        inner = np.clip(below + np.asarray(u) * (reached - below), OUTERMOST, 1.0 - OUTERMOST)
        return np.clip(self.ppf(inner), low, high)

    def within(self, low: float, high: float) -> Distribution | None:
        """The distribution given that its value lies from ``low`` to ``high``, where its kind has a form of its own.

        None where there is none: then it is cut off at its quantiles, by `Truncated`.

        Raises
        ------
        ValueError
            Next to no chance there.
        """
        return None

    def describe(self) -> str:
        """One line for a table of inputs.

        Examples
        --------
        >>> from sibsim.distributions import Normal
        >>> Normal(0.8, 0.1).describe()
        'normal, median 0.8, 95 % in 0.604 to 0.996'
        """
        if self.sd == 0.0:
            return f"fixed at {show(self.mean)}"
        low, middle, high = (float(x) for x in self.ppf([0.025, 0.5, 0.975]))
        return f"{self.label}, median {show(middle)}, 95 % in {show(low)} to {show(high)}"


def show(x: float) -> str:
    """At least four significant digits, a space between thousands.

    >>> show(0.8123456), show(1234567.0), show(0.00002)
    ('0.8123', '1 234 567', '0.00002')
    """
    if x == 0.0:
        return "0"
    if not 1e-6 <= abs(x) < 1e15:
        return f"{x:.4g}"
    digits = max(0, 3 - math.floor(math.log10(abs(x))))
    text = f"{x:,.{digits}f}".replace(",", " ")
    return text.rstrip("0").rstrip(".") if "." in text else text


def chosen_set(cls: type[Distribution], keys: Keys) -> tuple[str, ...]:
    """The parameter set that ``keys`` name; ValueError if they name none or hold something else than numbers."""
    allowed = next((allowed for allowed in cls.PARAMETER_SETS if set(allowed) == set(keys)), None)
    if allowed is None:
        sets = "; or ".join(", ".join(names) for names in cls.PARAMETER_SETS)
        raise ValueError(f"{cls.name} takes {sets}; got {', '.join(keys) or 'nothing'}")
    for key, value in keys.items():
        numbers = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple) is not (key in INTERVALS) or len(numbers) != 1 + (key in INTERVALS):
            raise ValueError(f"{key} must be {'two numbers, [low, high]' if key in INTERVALS else 'one number'}")
        for x in numbers:
            if not abs(x) <= LARGEST:
                raise ValueError(f"{key} must be a number no larger than {LARGEST:.0e}, got {x}")
    return allowed


def no_chance_within(low: float, high: float) -> ValueError:
    """What to raise for ends that leave nothing."""
    ends = f"{show(low)} to {show(high)}"
    return ValueError(f"there is next to no chance within {ends}: less than one future in a million")


def with_interval(keys: Keys) -> Keys:
    """The keys with ``p10, p90`` as an interval of 80 % and ``p50`` as the median; others as they are.

    >>> with_interval({"p10": 1.0, "p50": 2.0, "p90": 4.0})
    {'interval_80': (1.0, 4.0), 'median': 2.0}
    """
    if "p10" not in keys:
        return keys
    check_order(keys, *(key for key in ("p10", "p50", "p90") if key in keys))
    rest = {key: value for key, value in keys.items() if key not in ("p10", "p50", "p90")}
    middle = {"median": number(keys, "p50")} if "p50" in keys else {}
    return {"interval_80": (number(keys, "p10"), number(keys, "p90")), **middle, **rest}


def check_order(keys: Keys, *names: str) -> tuple[float, ...]:
    """The numbers of these keys, which must not fall.

    >>> check_order({"high": 3.0, "low": 1.0}, "low", "high")
    (1.0, 3.0)
    """
    values = tuple(number(keys, key) for key in names)
    if list(values) != sorted(values):
        raise ValueError(f"{', '.join(names)} must be in rising order, got {', '.join(show(x) for x in values)}")
    return values


def number(keys: Keys, key: str) -> float:
    """The number of this key."""
    value = keys[key]
    return float(value[0] if isinstance(value, tuple) else value)


def interval(keys: Keys) -> tuple[float, float, float]:
    """The interval among the keys: its two ends, and half its width in standard deviations.

    >>> interval({"interval_90": (1.0, 2.0)})[:2]
    (1.0, 2.0)
    """
    key = next(key for key in keys if key in INTERVALS)
    value = keys[key]
    low, high = value if isinstance(value, tuple) else (value, value)
    if low > high:
        raise ValueError(f"{key} is reversed: write [{show(high)}, {show(low)}]")
    if "median" in keys and not low <= number(keys, "median") <= high:
        raise ValueError(f"median {show(number(keys, 'median'))} must lie inside {key} [{show(low)}, {show(high)}]")
    return float(low), float(high), INTERVALS[key]


def spread_of(keys: Keys) -> float:
    """The ``sd``, checked.

    >>> spread_of({"sd": 2.0})
    2.0
    """
    sd = number(keys, "sd")
    if sd < 0.0:
        raise ValueError(f"sd must be 0 or more, got {show(sd)}")
    return sd


def off_centre(median: float, off: float, width: float) -> str:
    """The warning for an interval whose centre is ``off`` from its median; empty if it is near enough.

    >>> off_centre(1.0, 0.05, 1.0)
    ''
    """
    if abs(off) <= OFF_CENTRE * width:
        return ""
    return (
        f"the interval is not centred on the median {show(median)}: only its width is used; "
        "leave the median out to use both ends"
    )


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function crosses 0, by halving: 80 steps leave nothing to halve.

    >>> round(bisect(lambda x: x * x - 2.0, 0.0, 2.0), 12)
    1.414213562373
    """
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if function(middle) < 0.0 else (low, middle)
    return (low + high) / 2.0
