"""Estimates from draws, each with its Monte Carlo error.

An estimate is made from all draws together. Its error is the standard deviation of the estimates that each replicate of
1,024 draws makes by itself, divided by the square root of the number of replicates: draws within a replicate share a
quasi-random lattice and are not independent, replicates are. Sums are taken replicate by replicate and added in that
order, so that they do not depend on how the work was divided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sibsim.metrics.risk import expected_shortfall, rank_of, shortfalls

FloatArray = NDArray[np.float64]

__all__ = [
    "REPLICATE",
    "Estimate",
    "estimate_mean",
    "estimate_quantile",
    "estimate_quantiles",
    "estimate_ratio",
    "estimate_sd",
    "estimate_share",
    "estimate_shortfall",
    "estimate_value_at_risk",
    "in_order",
    "interval",
    "ordered_histogram",
    "ordered_quantiles",
]

REPLICATE = 1024
"""Draws in a replicate."""
NEIGHBOURS = 8
"""Order statistics on either side of a quantile from which the gap between two is read."""
SURE_GAPS = 2.0
"""Gaps over which replicates' quantiles spread at least, if more than one quasi-random input decides them."""


@dataclass(frozen=True)
class Estimate:
    """A figure and its Monte Carlo error (one standard error), in the same unit; NaN where there is none."""

    value: float
    mc_error: float


def _rows(x: ArrayLike) -> FloatArray:
    """The draws by replicate, shape (n_replicates, 1024); a last part replicate is filled up with NaN."""
    values = np.asarray(x, dtype=np.float64).ravel()
    missing = -len(values) % REPLICATE
    if missing:
        values = np.concatenate((values, np.full(missing, np.nan)))
    return values.reshape(-1, REPLICATE)


def _error(own: ArrayLike) -> float:
    """The error of an estimate, from the estimates each replicate makes by itself (NaN: it makes none)."""
    values = np.asarray(own, dtype=np.float64)
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return math.nan
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def _divide(a: FloatArray, b: FloatArray) -> FloatArray:
    """a / b, NaN where b is 0."""
    return np.asarray(np.where(b != 0.0, a / np.where(b != 0.0, b, 1.0), np.nan))


def _sums(rows: FloatArray, defined: NDArray[np.bool_]) -> FloatArray:
    """The sum of each replicate, undefined draws left out."""
    return np.asarray(np.add.reduce(rows if defined.all() else np.where(defined, rows, 0.0), axis=1))


def _ratio(top: FloatArray, bottom: FloatArray) -> Estimate:
    """The ratio of two totals, from each replicate's sums, added in order."""
    over, under = sum(top.tolist()), sum(bottom.tolist())
    return Estimate(over / under if under else math.nan, _error(_divide(top, bottom)))


def estimate_mean(x: ArrayLike) -> Estimate:
    """The mean over draws.

    Parameters
    ----------
    x : array_like, shape (n_draws,)
        NaN is left out.

    Returns
    -------
    Estimate
        NaN if no draw has a value.

    Examples
    --------
    >>> estimate_mean(np.repeat([1.0, 3.0], 1024))
    Estimate(value=2.0, mc_error=1.0)
    """
    rows = _rows(x)
    defined = ~np.isnan(rows)
    return _ratio(_sums(rows, defined), np.add.reduce(defined, axis=1, dtype=np.float64))


def estimate_ratio(numerator: ArrayLike, denominator: ArrayLike) -> Estimate:
    """The ratio of two means over draws: never the mean of ratios, which another contract size would change.

    Parameters
    ----------
    numerator, denominator : array_like, shape (n_draws,)
        Draws in which either is NaN are left out.

    Returns
    -------
    Estimate
        NaN if the denominator's mean is 0.

    Examples
    --------
    >>> estimate_ratio(np.repeat([1.0, 3.0], 1024), np.repeat([1.0, 1.0], 1024)).value
    2.0
    """
    top, bottom = _rows(numerator), _rows(denominator)
    defined = ~(np.isnan(top) | np.isnan(bottom))
    return _ratio(_sums(top, defined), _sums(bottom, defined))


def estimate_share(happened: ArrayLike, among: ArrayLike | None = None) -> Estimate:
    """The share of draws in which something happened: a probability.

    Parameters
    ----------
    happened : array_like of bool, shape (n_draws,)
    among : array_like of bool, shape (n_draws,), optional
        Count only these draws.

    Returns
    -------
    Estimate
        In [0, 1]; NaN if there are no such draws.

    Examples
    --------
    >>> estimate_share(np.arange(2048) % 4 == 0)
    Estimate(value=0.25, mc_error=0.0)
    """
    seen = np.asarray(happened, dtype=bool)
    return estimate_mean(seen if among is None else np.where(np.asarray(among, dtype=bool), seen, np.nan))


def estimate_sd(x: ArrayLike, mean: float | None = None) -> Estimate:
    """The standard deviation over draws, ``sqrt(sum (x - mean) ** 2 / (n - 1))``.

    Parameters
    ----------
    x : array_like, shape (n_draws,)
        NaN is left out.
    mean : float, optional
        Their mean, where it is known already.

    Examples
    --------
    >>> estimate_sd(np.tile([-1.0, 1.0], 1024)).value > 1.0
    True
    """
    rows = _rows(x)
    defined = ~np.isnan(rows)
    n = np.add.reduce(defined, axis=1, dtype=np.float64)
    own_means = _divide(_sums(rows, defined), n)
    off = rows - own_means[:, None]
    inside = _sums(np.square(off, out=off), defined)
    mean = estimate_mean(x).value if mean is None else mean
    total = sum((inside + np.where(n > 0.0, n * (own_means - mean) ** 2, 0.0)).tolist())
    count = sum(n.tolist())
    own = np.sqrt(_divide(inside, np.maximum(n - 1.0, 0.0)))
    return Estimate(math.sqrt(total / (count - 1.0)) if count > 1.0 else math.nan, _error(own))


def estimate_quantiles(x: ArrayLike, levels: Sequence[float]) -> tuple[Estimate, ...]:
    """Several quantiles over draws at once; see `estimate_quantile`.

    Examples
    --------
    >>> [e.value for e in estimate_quantiles(np.arange(2048.0), (0.25, 0.5))]
    [511.0, 1023.0]
    """
    return ordered_quantiles(in_order(x), levels)


def in_order(x: ArrayLike) -> FloatArray:
    """The draws by replicate, shape (n_replicates, 1024), each from its lowest to its highest; NaN goes last."""
    return np.sort(_rows(x), axis=1)


def ordered_quantiles(rows: FloatArray, levels: Sequence[float]) -> tuple[Estimate, ...]:
    """The same as `estimate_quantiles`, of draws that are in order already; see `in_order`."""
    counts = _counts(rows)
    n = int(counts.sum())
    if 0 < n == rows.size:
        values = _whole_quantiles(rows, levels)
    else:
        ordered = np.partition(rows, [rank_of(n, a) - 1 for a in levels], axis=None)
        values = [float(ordered[rank_of(n, a) - 1]) if n else math.nan for a in levels]
    estimates = []
    for a, value in zip(levels, values, strict=True):
        if 0 < n == rows.size:
            error = _with_resolution(_error(rows[:, rank_of(REPLICATE, a) - 1]), rows, a)
        else:
            own = [row[rank_of(count, a) - 1] for row, count in zip(rows, counts.tolist(), strict=True) if count]
            error = _error(own)
        estimates.append(Estimate(value, error))
    return tuple(estimates)


def ordered_histogram(rows: FloatArray, bins: int) -> tuple[list[int], FloatArray]:
    """How many draws are in each of so many bins of equal width, and their edges, of draws that are in order already.

    The same as `numpy.histogram` of those that are not NaN, found by where the edges stand among them.

    Examples
    --------
    >>> counts, edges = ordered_histogram(in_order(np.arange(2048.0)), 2)
    >>> counts, edges.tolist()
    ([1024, 1024], [0.0, 1023.5, 2047.0])
    """
    counts = _counts(rows)
    some = counts > 0
    highest = rows[some, counts[some] - 1]
    edges = np.histogram_bin_edges(np.array([rows[some, 0].min(), highest.max()]), bins=bins)
    below = np.sum([row.searchsorted(edges[1:-1]) for row in rows], axis=0)
    return np.diff(below, prepend=0, append=int(counts.sum())).tolist(), edges


def _counts(rows: FloatArray) -> NDArray[np.intp]:
    """How many draws of each replicate are not NaN, where they are in order."""
    if not np.isnan(rows[:, -1]).any():
        return np.full(len(rows), rows.shape[1])
    return np.asarray(rows.shape[1] - np.isnan(rows).sum(axis=1))


def _whole_quantiles(rows: FloatArray, levels: Sequence[float]) -> list[float]:
    """Quantiles of all draws from replicates in order: each lies between the lowest and the highest of theirs."""
    least, most = rows.min(axis=0), rows.max(axis=0)
    found = []
    for a in levels:
        own = rank_of(REPLICATE, a) - 1
        if least[own] == most[own]:
            found.append(float(least[own]))
            continue
        first, end = np.searchsorted(most, least[own]), np.searchsorted(least, most[own], side="right")
        rank = rank_of(rows.size, a) - 1 - len(rows) * int(first)
        found.append(float(np.sort(rows[:, first:end], axis=None)[rank]))
    return found


def _with_resolution(error: float, rows: FloatArray, a: float) -> float:
    """The error of a quantile, with the width of the gap it lies in where that matters.

    Where one quasi-random input alone decides a figure, every replicate finds its quantile within one gap of an even
    grid, and the spread of these places (a twelfth of the gap squared) is half of what is unknown. With any other
    chance the spread is many gaps, and nothing is added.
    """
    rank = rank_of(rows.shape[1], a) - 1
    low, high = max(rank - NEIGHBOURS, 0), min(rank + NEIGHBOURS, rows.shape[1] - 1)
    gap = float(np.mean(rows[:, high] - rows[:, low])) / (high - low)
    few = math.sqrt(len(rows))
    if not error * few < SURE_GAPS * gap:
        return error
    return math.sqrt(error**2 + gap**2 / (12.0 * len(rows)))


def estimate_quantile(x: ArrayLike, a: float) -> Estimate:
    """A quantile over draws: an order statistic, rank ``ceil(n a - 1e-9)``.

    Parameters
    ----------
    x : array_like, shape (n_draws,)
        NaN is left out.
    a : float
        Level, in (0, 1].

    Examples
    --------
    >>> estimate_quantile(np.arange(2048.0), 0.5)
    Estimate(value=1023.0, mc_error=512.0)
    """
    return estimate_quantiles(x, (a,))[0]


def estimate_shortfall(losses: ArrayLike, a: float = 0.95) -> Estimate:
    """The expected shortfall over draws: the mean of the worst share ``1 - a``.

    Parameters
    ----------
    losses : array_like, shape (n_draws,)
        Money lost; a gain is negative. NaN is left out.
    a : float
        Confidence level, below 1.

    Examples
    --------
    >>> round(estimate_shortfall(np.tile(np.arange(1024.0), 2), 0.5).value, 6)
    767.5
    """
    return Estimate(expected_shortfall(losses, a), _error(shortfalls(_rows(losses), a)))


def estimate_value_at_risk(losses: ArrayLike, a: float = 0.95) -> Estimate:
    """The value at risk over draws: the quantile of the losses.

    Examples
    --------
    >>> estimate_value_at_risk(np.tile(np.arange(1024.0), 2), 0.5).value
    511.0
    """
    return estimate_quantile(losses, a)


def interval(estimate: Estimate, n_replicates: int, level: float = 0.95) -> tuple[float, float]:
    """The interval around an estimate, by Student's t with ``n_replicates - 1`` degrees of freedom.

    Parameters
    ----------
    estimate : Estimate
    n_replicates : int
        At least 2.
    level : float
        How often such an interval covers the truth.

    Returns
    -------
    (float, float)
        In the unit of the estimate.

    Examples
    --------
    >>> low, high = interval(Estimate(10.0, 1.0), 16)
    >>> round(low, 3), round(high, 3)
    (7.869, 12.131)
    """
    from scipy.special import stdtrit

    reach = float(stdtrit(n_replicates - 1, 0.5 + level / 2.0)) * estimate.mc_error
    return estimate.value - reach, estimate.value + reach
