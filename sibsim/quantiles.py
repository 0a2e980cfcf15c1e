"""Exact quantiles: of n people, how many, when luck is at u? And of a beta distribution, what share?

One uniform is one draw. A sampler that throws uniforms away when a parameter changes would give two versions of a
contract different luck; a quantile gives them the same, so that what differs is the contract.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["beta_quantile", "binomial_quantile", "normal_quantile"]

BLOCK = 8192
"""Draws worked on together: what they need fits in the processor's cache."""

FEW = 5.0
"""Below this variance the probabilities are added up one by one; above it the expansion is good."""

NODES = 513
"""Points of the table that beta quantiles are read from."""

TABLE_END = 8.3
"""The table spans so many standard deviations to each side: all uniforms from 2**-53 up."""

TABLE_ERROR = 1e-11
"""The most that a value read from the table may be off, relative."""

CERTAIN = 1.0 - 1e-9
"""Above this, a sum of probabilities counted up from 0 is not exact enough to compare with."""


def normal_quantile(u: ArrayLike) -> FloatArray:
    """The standard normal score of a uniform, ``Phi^-1(u)``.

    Parameters
    ----------
    u : array_like
        In (0, 1), any shape.

    Returns
    -------
    ndarray, shape of ``u``

    Examples
    --------
    >>> normal_quantile([0.5, 0.975]).round(4).tolist()
    [0.0, 1.96]
    """
    import numpy as np
    from scipy.special import ndtri

    return np.asarray(ndtri(u), dtype=np.float64)


def beta_quantile(u: ArrayLike, alpha: float, beta: float) -> FloatArray:
    """The beta quantile: the x with ``I_x(alpha, beta) = u``.

    Parameters
    ----------
    u : array_like
        In (0, 1), any shape.
    alpha, beta : float
        Above 0.

    Returns
    -------
    ndarray, shape of ``u``
        In [0, 1].

    Notes
    -----
    ``ln(x / (1 - x))`` is a smooth function of the normal score of u. It is read from a table of scipy's exact values
    with their first and second derivatives; between its points the polynomial of fifth degree that has them all differs
    from the exact value by less than 1e-11, so that x is right to 11 digits. That is checked, half-way between the
    points, when the table is made; a beta that fails is computed by scipy's ``betaincinv``, many times slower.

    Examples
    --------
    >>> beta_quantile([0.025, 0.5, 0.975], 17.5, 32.5).round(4).tolist()
    [0.2254, 0.348, 0.4859]
    """
    import numpy as np
    from scipy.special import betaincinv, expit, ndtri

    u = np.asarray(u, dtype=np.float64)
    table = _beta_table(alpha, beta)
    if table is None:
        return np.asarray(betaincinv(alpha, beta, u))
    return np.asarray(expit(_interpolate(np.clip(ndtri(u), -TABLE_END, TABLE_END), table)))


@lru_cache(maxsize=64)
def _beta_table(alpha: float, beta: float) -> FloatArray | None:
    """``ln(x / (1 - x))`` and two derivatives at evenly spaced normal scores; None where that is not good enough.

    With ``g(x) = x ** alpha (1 - x) ** beta / B``, the first derivative is ``phi(z) / g`` and the second
    ``-z first - first ** 2 (alpha (1 - x) - beta x)``. In steps of the table: times the step, times its square.
    """
    import numpy as np
    from scipy.special import betaln

    z, step = np.linspace(-TABLE_END, TABLE_END, NODES, retstep=True)
    with np.errstate(all="ignore"):
        x, rest = _beta_ends(z, alpha, beta)
        log_g = alpha * np.log(x) + beta * np.log(rest) - betaln(alpha, beta)
        first = np.exp(-0.5 * z * z - log_g) / np.sqrt(2.0 * np.pi)
        second = -z * first - first * first * (alpha * rest - beta * x)
        table = np.stack([np.log(x) - np.log(rest), first * step, second * (step * step)])
        between = z[:-1] + step / 2.0
        x, rest = _beta_ends(between, alpha, beta)
        off = np.abs(_interpolate(between, table) - (np.log(x) - np.log(rest)))
    return table if (off < TABLE_ERROR).all() else None


def _beta_ends(z: FloatArray, alpha: float, beta: float) -> tuple[FloatArray, FloatArray]:
    """x and 1 - x at rising normal scores, each computed by itself so that both are exact however small."""
    import numpy as np
    from scipy.special import betainccinv, betaincinv, ndtr

    low, high = ndtr(z[z < 0.0]), ndtr(-z[z >= 0.0])
    x = np.concatenate([betaincinv(alpha, beta, low), betainccinv(alpha, beta, high)])
    rest = np.concatenate([betainccinv(beta, alpha, low), betaincinv(beta, alpha, high)])
    return x, rest


def _interpolate(z: FloatArray, table: FloatArray) -> FloatArray:
    """The polynomial of fifth degree with the values and two derivatives of the table at the points to both sides."""
    import numpy as np

    place = (z + TABLE_END) * ((NODES - 1) / (2.0 * TABLE_END))
    node = np.minimum(place.astype(np.intp), NODES - 2)
    t = place - node
    (value, next_value), (slope, next_slope), (bend, next_bend) = ((row[node], row[node + 1]) for row in table)
    rise = next_value - value - slope - 0.5 * bend
    turn = next_slope - slope - bend
    twist = next_bend - bend
    cubic = 10.0 * rise - 4.0 * turn + 0.5 * twist
    quartic = -15.0 * rise + 7.0 * turn - twist
    quintic = 6.0 * rise - 3.0 * turn + 0.5 * twist
    return np.asarray(value + t * (slope + t * (0.5 * bend + t * (cubic + t * (quartic + t * quintic)))))


def binomial_quantile(u: ArrayLike, n: ArrayLike, p: ArrayLike) -> FloatArray:
    """The exact binomial quantile: the smallest k with ``P(X <= k) >= u`` for ``X ~ Binomial(n, p)``.

    Parameters
    ----------
    u : array_like
        In (0, 1), any shape, usually (..., n_draws).
    n : array_like
        Whole numbers, 0 or more; any shape that goes with ``u``.
    p : array_like
        In [0, 1], both ends allowed; any shape that goes with ``u``.

    Returns
    -------
    ndarray of float
        Whole numbers from 0 to n.

    Notes
    -----
    Where the variance is small, probabilities are added up. Elsewhere the Cornish-Fisher expansion to four terms
    (Abramowitz and Stegun 1964, 26.2.49; cumulants corrected for whole numbers, Kolassa and McCullagh 1990) gives k as
    a continuous number with a known error; where that leaves two whole numbers in question, the incomplete beta
    function decides, in the smaller tail.

    Examples
    --------
    >>> binomial_quantile([0.05, 0.5, 0.95], 300, 0.35).tolist()
    [92.0, 105.0, 119.0]
    """
    import numpy as np

    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (u, n, p)))
    out = np.empty(arrays[0].size)
    flat = [x.reshape(-1) for x in arrays]
    for begin in range(0, out.size, BLOCK):
        part = slice(begin, begin + BLOCK)
        out[part] = _quantile(*(x[part] for x in flat))
    return out.reshape(arrays[0].shape)


def _quantile(u: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """The quantiles of one block, each by the method that suits it."""
    import numpy as np

    few = n * p * (1.0 - p) < FEW
    if few.all():
        return _count_up(u, n, p)
    if not few.any():
        return _expand(u, n, p)
    out = np.empty(u.shape)
    for chosen, method in ((few, _count_up), (~few, _expand)):
        out[chosen] = method(u[chosen], n[chosen], p[chosen])
    return out


def _count_up(u: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """Add up probabilities from 0 of the rarer kind (those with the event, or those without) until they reach u."""
    import numpy as np

    mirrored = p > 0.5
    rare = np.where(mirrored, 1.0 - p, p)
    # of those without: the smallest m with P(Y <= m) > 1 - u, "more than" being "at least the next number"
    target = np.where(mirrored, np.nextafter(1.0 - u, 2.0), u)
    odds = rare / (1.0 - rare)
    ahead = (n + 1.0) * odds
    term = np.exp(n * np.log1p(-rare))
    total, count = term.copy(), np.zeros(u.shape)
    counted, place = count, np.arange(len(u))
    for step in range(1, 1000):
        below = total < target
        left = np.count_nonzero(below)
        if not left:
            break
        counted += below
        if 2 * left < len(below):
            count[place] = counted
            place, counted = place[below], counted[below]
            total, target, term, ahead, odds = (x[below] for x in (total, target, term, ahead, odds))
        term *= np.maximum(ahead * (1.0 / step) - odds, 0.0)
        total += term
    count[place] = counted
    k = np.clip(np.where(mirrored, n - count, count), 0.0, n)
    unsure = np.where(mirrored, 1.0 - u, u) > CERTAIN
    if unsure.any():
        u, n, p = u[unsure], n[unsure], p[unsure]
        k[unsure] = _search(u, n, p, np.zeros(u.shape), n)
    return k


def _expand(u: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """Cornish-Fisher, and a closer look where its error leaves two whole numbers in question."""
    import numpy as np
    from scipy.special import ndtri

    z = ndtri(u)
    x = _cornish_fisher(z, n, p)
    # the expansion's error was at most a quarter of this for variances of 5 to 4,096, p of 1e-5 to 0.999, |z| to 8.2,
    # by comparison with the true root; the last term is for the rounding of x itself
    z4 = (z * z) ** 2
    error = (0.1 + 1e-3 * z4 * z4) / (n * p * (1.0 - p)) ** 2 + 1e-14 * n
    nearest = np.rint(x)
    k = np.clip(np.ceil(x), 0.0, n)
    close = error < 0.5
    unsure = ~(close & (np.abs(x - nearest) > error))
    if unsure.any():
        close, u, n, p, nearest = (a[unsure] for a in (close, u, n, p, nearest))
        low, high = np.where(close, nearest, 0.0), np.where(close, nearest + 1.0, n)
        k[unsure] = _search(u, n, p, np.clip(low, 0.0, n), np.clip(high, 0.0, n))
    return k


def _cornish_fisher(z: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """The k, as a continuous number, at which ``I_{1-p}(n - k, k + 1) = Phi(z)``."""
    import numpy as np

    skew = 1.0 - 2.0 * p
    e = skew * skew
    variance = n * p * (1.0 - p)
    # cumulants of X, less those of a uniform on [-1/2, 1/2] (Sheppard), in units of the corrected sd
    inverse = 1.0 / (variance - 1.0 / 12.0)
    r = np.sqrt(inverse)
    t = variance * inverse
    g1 = skew * t
    g2 = (1.5 * e - 0.5) * t + inverse * (1.0 / 120.0)
    g3 = skew * (3.0 * e - 2.0) * t
    g4 = (1.0 - 7.5 * e * (1.0 - e)) * t - inverse * (1.0 / 252.0)
    y, s = z * z, g1 * g1
    a2 = g2 * (y - 3.0) / 24.0 - s * (2.0 * y - 5.0) / 36.0
    a3 = g3 * ((y - 6.0) * y + 3.0) / 120.0 + g1 * (
        s * ((12.0 * y - 53.0) * y + 17.0) / 324.0 - g2 * ((y - 5.0) * y + 2.0) / 24.0
    )
    a4 = (
        g4 * ((y - 10.0) * y + 15.0) / 720.0
        - g2 * g2 * ((3.0 * y - 24.0) * y + 29.0) / 384.0
        - g1 * g3 * ((2.0 * y - 17.0) * y + 21.0) / 180.0
        + s * (g2 * ((14.0 * y - 103.0) * y + 107.0) / 288.0 - s * ((252.0 * y - 1688.0) * y + 1511.0) / 7776.0)
    )
    tail = g1 * (y - 1.0) / 6.0 + r * (z * a2 + r * (a3 + r * z * a4))
    return np.asarray(n * p - 0.5 + z / r + tail)


def _search(u: FloatArray, n: FloatArray, p: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """The smallest k between two ends with ``P(X <= k) >= u``, by halving, compared in the smaller tail."""
    import numpy as np
    from scipy.special import betainc, betaincc

    found = low.copy()
    place = np.arange(len(u))
    while (open_ := low < high).any():
        u, n, p, low, high = (x[open_] for x in (u, n, p, low, high))
        place = place[open_]
        k = np.floor((low + high) / 2.0)
        a, b = k + 1.0, n - k
        reached = np.where(u < 0.5, betaincc(a, b, p) >= u, betainc(a, b, p) <= 1.0 - u)
        low, high = np.asarray(np.where(reached, low, k + 1.0)), np.asarray(np.where(reached, k, high))
        found[place] = low
    return found
