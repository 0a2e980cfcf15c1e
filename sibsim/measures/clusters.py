"""People who come in clusters (schools, villages): those of one cluster fare alike, so that fewer count.

With clusters of k and an intra-cluster correlation icc, a count of n people has the variance of n / D of them, with the
design effect ``D = 1 + (k - 1) icc``.
"""

from __future__ import annotations

import numpy as np

from sibsim.context import Array, Draw
from sibsim.quantiles import binomial_quantile

__all__ = ["clustered_quantile", "common_share", "design_effect", "shifted"]

SMALLEST = 1e-6
"""Below this size of the beta's prior everybody in a group fares alike."""


def design_effect(cluster_size: Draw, icc: Draw) -> Draw:
    """``1 + (k - 1) icc``, at least 1.

    >>> design_effect(40.0, 0.03)
    2.17
    """
    effect = 1.0 + (cluster_size - 1.0) * icc
    return np.maximum(effect, 1.0) if isinstance(effect, np.ndarray) else max(effect, 1.0)


def common_share(u: Array, n: Draw, p: Draw, effect: Draw) -> Array:
    """The chance that the clusters of one group happen to have, around ``p``.

    ``P ~ Beta(p n0, (1 - p) n0)`` with ``n0 = (n - D) / (D - 1)``: then ``Binomial(n, P)`` is beta-binomial with the
    variance ``n p (1 - p) D``. A group of no more than D people fares all alike: P is 0 or 1.

    Parameters
    ----------
    u : (n_draws,) array
        Uniform in (0, 1).
    n, p, effect : float or (n_draws,) array
        People, chance of each, design effect D (1 or more).
    """
    from scipy.special import betaincinv

    u, n, p, effect = np.broadcast_arrays(u, *(np.asarray(x, dtype=float) for x in (n, p, effect)))
    share = np.array(p)
    size = np.maximum(n - effect, 0.0) / np.maximum(effect - 1.0, 1e-300)
    is_spread = (effect > 1.0) & (p > 0.0) & (p < 1.0) & (n > 0.0)
    alike = is_spread & (size < SMALLEST)
    share[alike] = u[alike] > 1.0 - p[alike]
    drawn = is_spread & ~alike
    share[drawn] = betaincinv(p[drawn] * size[drawn], (1.0 - p[drawn]) * size[drawn], u[drawn])
    return share


def clustered_quantile(u: Array, n: Draw, p: Draw, effect: Draw) -> Array:
    """Events among n people in clusters: beta-binomial, as a beta quantile and then a binomial one.

    Parameters
    ----------
    u : (2, n_draws) array
        Uniforms: of the chance that the clusters have in common, and of the people given that chance.
    n, p, effect : float or (n_draws,) array
        As in `common_share`.

    Returns
    -------
    (n_draws,) array of whole numbers

    Notes
    -----
    A chain of these along rising ages, each of the people still without, keeps the variance ``n p (1 - p) D`` at every
    age: with c the chance in the second stretch, ``D n (1-c)^2 p (1-p) + D n (1-p) c (1-c) = D n p' (1-p')`` for
    ``p' = p + (1-p) c``.

    Examples
    --------
    >>> clustered_quantile(np.array([[0.5, 0.1], [0.5, 0.5]]), 200.0, 0.3, 3.0).tolist()
    [60.0, 48.0]
    """
    return binomial_quantile(u[1], n, common_share(u[0], n, p, effect))


def shifted(u: Array, events: Draw, n: Draw, p: Draw, effect: Draw) -> Array:
    """Events among n served people with the luck of their clusters, given those that happened.

    Given ``events ~ Binomial(n, p)`` and the clusters' chance P, some more of the others have the event,
    ``Binomial(n - events, (P - p) / (1 - p))``, or some of those who had it do not, ``Binomial(events, P / p)``: the
    result is ``Binomial(n, P)``, hence beta-binomial with the variance ``n p (1 - p) D``.
    """
    share = common_share(u[0], n, p, effect)
    p = np.broadcast_to(np.asarray(p, dtype=float), share.shape)
    rise = np.clip((share - p) / np.maximum(1.0 - p, 1e-300), 0.0, 1.0)
    kept = np.clip(share / np.maximum(p, 1e-300), 0.0, 1.0)
    is_more = share >= p
    of = np.where(is_more, np.asarray(n) - events, events)
    moved = binomial_quantile(u[1], of, np.where(is_more, rise, kept))
    return np.where(is_more, events + moved, moved)
