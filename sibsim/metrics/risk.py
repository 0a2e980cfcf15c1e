"""Quantiles, tail means and rank correlations over draws.

A draw whose value is NaN is one to which the metric does not apply: it is left out, and the caller counts it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

__all__ = [
    "expected_shortfall",
    "quantile",
    "rank_correlations",
    "rank_of",
    "shortfalls",
    "value_at_risk",
]


def _defined(x: ArrayLike) -> FloatArray:
    """The values that are not NaN."""
    values = np.asarray(x, dtype=np.float64).ravel()
    undefined = np.isnan(values)
    return values[~undefined] if undefined.any() else values


def rank_of(n: int, a: float) -> int:
    """Which of n values, from the lowest, is the quantile of level ``a``: ``ceil(n a - 1e-9)``, at least 1.

    >>> rank_of(20, 0.95), rank_of(100, 0.29)
    (19, 29)
    """
    return min(max(math.ceil(n * a - 1e-9), 1), n)


def quantile(x: ArrayLike, a: float) -> float:
    """The value that a share ``a`` of the draws does not exceed: an order statistic, never a value between two.

    Parameters
    ----------
    x : array_like, shape (n_draws,)
        NaN is left out.
    a : float
        In (0, 1].

    Returns
    -------
    float
        The value of rank ``ceil(n a - 1e-9)``; NaN if there is none.

    Examples
    --------
    >>> quantile(range(1, 21), 0.95)
    19.0
    """
    values = _defined(x)
    if not len(values):
        return math.nan
    rank = rank_of(len(values), a)
    return float(np.partition(values, rank - 1)[rank - 1])


def value_at_risk(losses: ArrayLike, a: float = 0.95) -> float:
    """The loss that is not exceeded with probability ``a``: ``inf {x : P(L <= x) >= a}``.

    Parameters
    ----------
    losses : array_like, shape (n_draws,)
        Money lost; a gain is negative.
    a : float
        Confidence level.

    Examples
    --------
    >>> value_at_risk(range(1, 11), 0.75)
    8.0
    """
    return quantile(losses, a)


def expected_shortfall(losses: ArrayLike, a: float = 0.95) -> float:
    """The mean of the worst share ``1 - a`` of the draws, the atom at the quantile split.

    Parameters
    ----------
    losses : array_like, shape (n_draws,)
        Money lost; a gain is negative. NaN is left out.
    a : float
        Confidence level, below 1.

    Returns
    -------
    float
        ``(sum of losses above the quantile + quantile * what is left of n (1 - a)) / (n (1 - a))`` (Acerbi and
        Tasche 2002); NaN if there are no losses.

    Examples
    --------
    >>> expected_shortfall(range(1, 11), 0.75)
    9.2
    """
    values = _defined(losses)
    if not len(values):
        return math.nan
    return float(_worst(values[None], a)[0])


def shortfalls(rows: FloatArray, a: float) -> FloatArray:
    """The expected shortfall of each row of losses.

    >>> shortfalls(np.tile(np.arange(1.0, 11.0), (2, 1)), 0.75).tolist()
    [9.2, 9.2]
    """
    if np.isnan(rows).any():
        return np.array([expected_shortfall(row, a) for row in rows])
    return _worst(rows, a)


def _worst(rows: FloatArray, a: float) -> FloatArray:
    n = rows.shape[1]
    rank = rank_of(n, a)
    ordered = np.partition(rows, rank - 1, axis=1)
    at, above, size = ordered[:, rank - 1], n - rank, n * (1.0 - a)
    return np.asarray((ordered[:, rank:].sum(axis=1) + at * (size - above)) / size) if above else at


def _ranks(x: FloatArray) -> FloatArray:
    """Ranks from 1; equal values share the average of theirs."""
    order = np.argsort(x)  # the order of equal values does not matter
    ordered = x[order]
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    ends = np.concatenate((begins[1:], [len(x)]))
    ranks = np.empty(len(x))
    ranks[order] = np.repeat((begins + 1 + ends) / 2.0, ends - begins)
    return ranks


def _centred_ranks(x: FloatArray) -> FloatArray:
    """Ranks less their mean."""
    return _ranks(x) - (len(x) + 1) / 2.0


def rank_correlations(xs: Mapping[str, ArrayLike], ys: Mapping[str, ArrayLike]) -> dict[tuple[str, str], float]:
    """Spearman's rank correlation of each x with each y; every array is ranked once, which is what takes the time.

    Parameters
    ----------
    xs, ys : mapping of str to array_like, shape (n_draws,)
        Draws in which either of a pair is NaN are left out of that pair.

    Returns
    -------
    dict of (name of x, name of y) to float
        In [-1, 1]; NaN if either does not vary.

    Examples
    --------
    >>> rank_correlations({"price": [1.0, 2.0, 3.0]}, {"cost": [2.0, 4.0, 9.0], "gain": [5.0, 3.0, 1.0]})
    {('price', 'cost'): 1.0, ('price', 'gain'): -1.0}
    """
    left, right = ({name: np.asarray(x, dtype=np.float64) for name, x in group.items()} for group in (xs, ys))
    full = [{name: _centred_ranks(x) for name, x in group.items() if not np.isnan(x).any()} for group in (left, right)]
    found = {}
    for x_name, x in left.items():
        for y_name, y in right.items():
            if x_name in full[0] and y_name in full[1]:
                a, b = full[0][x_name], full[1][y_name]
            else:
                both = ~(np.isnan(x) | np.isnan(y))
                a, b = _centred_ranks(x[both]), _centred_ranks(y[both])
            size = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
            found[x_name, y_name] = float((a * b).sum()) / size if size > 0.0 else math.nan
    return found
