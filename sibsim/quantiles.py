"""Exact quantiles of people's chance: how many of n, at this luck?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["binomial_quantile", "normal_quantile"]


def normal_quantile(u: ArrayLike) -> FloatArray:
    """The standard normal score of a uniform.

    >>> normal_quantile([0.5]).tolist()
    [0.0]
    """
    from scipy.special import ndtri

    z: FloatArray = ndtri(u)
    return z


def binomial_quantile(u: ArrayLike, n: ArrayLike, p: ArrayLike) -> FloatArray:
    """Smallest k with P(X <= k) >= u.

    >>> binomial_quantile([0.5], 10.0, 0.5).tolist()
    [5.0]
    """
    import numpy as np
    from scipy.special import bdtr, ndtri

    u, n, p = np.broadcast_arrays(np.asarray(u, float), np.asarray(n, float), np.asarray(p, float))
    k = np.clip(np.round(n * p + ndtri(u) * np.sqrt(n * p * (1 - p)) - 0.5), 0, n)
    while True:
        low = (bdtr(k, n, p) < u) & (k < n)
        if not low.any():
            break
        k = k + low
    while True:
        high = (k > 0) & (bdtr(np.maximum(k - 1, 0), n, p) >= u)
        if not high.any():
            return k
        k = k - high
