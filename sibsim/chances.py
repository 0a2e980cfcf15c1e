"""What happens to n people along ages: events, counts, days, money or points, each drawn once as one chain.

The same law holds for the people served and for any comparison group. Everything is a uniform number put through an
exact quantile: binomial (`sibsim.quantiles`), Poisson and negative binomial (here), normal for a mean.

People differ in a lasting way: whoever has many days in the first year has many in the second. So a count, days and
money keep ``sd / level`` over any stretch, the whole of ``over`` has exactly ``sd``, and the law of the whole is the
same whatever stretches a report asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sibsim.quantiles import binomial_quantile, normal_quantile

__all__ = ["ADDS_UP", "Luck", "binomials", "chain", "joining_chain", "negative_binomial_quantile", "poisson_quantile"]

Array = NDArray[Any]
Draw = float | Array
"""A number that is the same in every draw, or one number a draw, shape (n_draws,)."""
Luck = Callable[[float | None], Array]
"""Uniforms, shape (n_draws,): of what happens between the age before and this one; for None, of what lasts."""

ADDS_UP = ("count", "days", "money")
"""Types of which a person can have any amount, and whose level grows with time."""
MOST_SEARCHED = 400
"""Halvings and doublings after which a search gives up: far more than any number of things needs."""


# ------------------------------------------------------------------------------------------------ quantiles
def poisson_quantile(u: ArrayLike, mean: ArrayLike) -> Array:
    """The exact Poisson quantile: the smallest k with ``P(X <= k) >= u``.

    Parameters
    ----------
    u : array_like
        In (0, 1), any shape.
    mean : array_like
        0 or more; any shape that goes with ``u``.

    Returns
    -------
    ndarray of float
        Whole numbers.

    Notes
    -----
    A Cornish-Fisher expansion says where to look; the incomplete gamma function, in the smaller tail, decides.

    Examples
    --------
    >>> poisson_quantile([0.05, 0.5, 0.95], 240.0).tolist()
    [215.0, 240.0, 266.0]
    """
    return negative_binomial_quantile(u, mean, np.inf)


def negative_binomial_quantile(u: ArrayLike, mean: ArrayLike, size: ArrayLike) -> Array:
    """The exact negative binomial quantile: the smallest k with ``P(X <= k) >= u``.

    A Poisson number whose mean is gamma with shape ``size``: the variance is ``mean + mean ** 2 / size``.

    Parameters
    ----------
    u : array_like
        In (0, 1), any shape.
    mean : array_like
        0 or more.
    size : array_like
        Above 0, fractions allowed; infinite for a Poisson number.

    Returns
    -------
    ndarray of float
        Whole numbers.

    Examples
    --------
    >>> negative_binomial_quantile([0.39, 0.41, 0.95], 1.55, 0.941656873876).tolist()
    [0.0, 1.0, 6.0]
    """
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (u, mean, size)))
    u, mean, size = (x.reshape(-1) for x in arrays)
    out = np.zeros(u.size)
    some = mean > 0.0
    plain = some & np.isinf(size)
    mixed = some & ~np.isinf(size)
    if plain.any():
        out[plain] = _poisson(u[plain], mean[plain])
    if mixed.any():
        out[mixed] = _negative_binomial(u[mixed], mean[mixed], size[mixed])
    return out.reshape(arrays[0].shape)


def _poisson(u: Array, mean: Array) -> Array:
    from scipy.special import ndtri, pdtr, pdtrc

    z = ndtri(u)
    guess = mean - 0.5 + np.sqrt(mean) * z + (z * z - 1.0) / 6.0
    return _smallest(u, guess, lambda k, i: pdtr(k, mean[i]), lambda k, i: pdtrc(k, mean[i]))


def _negative_binomial(u: Array, mean: Array, size: Array) -> Array:
    from scipy.special import betainc, betaincc, ndtri

    q = mean / (size + mean)
    z = ndtri(u)
    sd, skew = np.sqrt(mean * (1.0 + mean / size)), (1.0 + q) / np.sqrt(size * q)
    guess = mean - 0.5 + sd * (z + skew * (z * z - 1.0) / 6.0)
    return _smallest(
        u, guess, lambda k, i: betaincc(k + 1.0, size[i], q[i]), lambda k, i: betainc(k + 1.0, size[i], q[i])
    )


def _smallest(
    u: Array, guess: Array, below: Callable[[Array, Array], Array], above: Callable[[Array, Array], Array]
) -> Array:
    """The smallest whole k with ``P(X <= k) >= u``, from ``below(k, i) = P(X <= k)`` and ``above(k, i) = P(X > k)``.

    From the guess by steps of 1, 2, 4, ... to the side that is asked for, then by halving.
    """
    low = np.full(u.shape, -1.0)  # known not to be enough
    high = np.full(u.shape, np.inf)  # known to be enough
    at, step = np.maximum(np.ceil(guess), 0.0), np.ones(u.shape)
    open_ = np.arange(u.size)
    for _ in range(MOST_SEARCHED):
        k, lower = at[open_], u[open_] < 0.5
        enough = np.empty(open_.size, dtype=bool)
        for side, chosen in ((True, lower), (False, ~lower)):
            if chosen.any():
                i = open_[chosen]
                enough[chosen] = below(k[chosen], i) >= u[i] if side else above(k[chosen], i) <= 1.0 - u[i]
        high[open_[enough]] = k[enough]
        low[open_[~enough]] = k[~enough]
        open_ = open_[high[open_] - low[open_] > 1.0]
        if not open_.size:
            return high
        lo, hi = low[open_], high[open_]
        halfway = np.floor((lo + hi) / 2.0)
        down, up = np.maximum(hi - step[open_], lo + 1.0), lo + step[open_]
        at[open_] = np.where(np.isinf(hi), up, np.where(lo < 0.0, down, halfway))
        step[open_] *= 2.0
    raise ArithmeticError("a quantile was not found")


# ------------------------------------------------------------------------------------------------ chains
def chain(
    kind: str,
    n: Draw,
    reached: Mapping[float, Draw],
    parts: Mapping[float, Draw],
    sd: Draw,
    luck: Luck,
    scores: Callable[[], Array] | None = None,
) -> dict[float, Draw]:
    """What happened to n people by each age, summed over them.

    Parameters
    ----------
    kind : {'event', 'count', 'days', 'money', 'score'}
    n : float or (n_draws,) array
        People, whole numbers.
    reached : dict of age to float or (n_draws,) array
        Level per person by that age, in order of age: the share who have had the event, the number, days or money so
        far; for a score the mean at that age.
    parts : dict of age to float or (n_draws,) array
        The part of ``over`` that is behind them by that age, in (0, 1]. Not used for events and scores.
    sd : float or (n_draws,) array
        Between persons, over the whole of ``over``. Not used for events.
    luck : function of an age (or None) to (n_draws,) uniforms
        Asked once for each age by events and counts, once for None by the others; not asked where ``sd`` is 0.
    scores : function to (n_draws,) standard normal numbers, or None
        Those of ``luck(None)``, where they are known already.

    Returns
    -------
    dict of age to float or (n_draws,) array
        People with the event, number, days, money or points of all n by that age.

    Notes
    -----
    event: ``X(b) - X(a) ~ Binomial(n - X(a), (P(b) - P(a)) / (1 - P(a)))``.

    count, of mean m over ``over`` and with t the part behind them: persons' own means are gamma with mean m and sd, so
    ``X(b) - X(a)`` given ``X(a)`` is negative binomial of size ``n m^2 / sd^2 + X(a)`` and mean
    ``size (t_b - t_a) / (m / sd^2 + t_a)``; Poisson without ``sd``. The variance is ``n (m t + (sd t)^2)``.

    days, money: ``n level + sqrt(n) sd t z`` with one z for all ages. score: the same with t = 1.

    Examples
    --------
    >>> half = lambda age: np.array([0.975])
    >>> chain("days", 100.0, {12.0: 6.0, 24.0: 12.0}, {12.0: 0.5, 24.0: 1.0}, 8.0, half)[24.0].round(1).tolist()
    [1356.8]
    """
    if kind not in AMOUNTS:
        return CHAINS[kind](n, reached, parts, sd, luck)
    parts = dict.fromkeys(reached, 1.0) if kind == "score" else parts
    return _amounts(n, reached, parts, sd, scores or (lambda: normal_quantile(luck(None))))


def binomials(n: Draw, chances: Mapping[float, Draw], luck: Luck) -> dict[float, Draw]:
    """People with an event by each age, from the chance of each stretch (given that it had not happened before).

    >>> binomials(100.0, {12.0: 0.2, 24.0: 0.2}, lambda age: np.array([0.5]))[24.0].tolist()
    [36.0]
    """
    past: Draw = 0.0
    happened: dict[float, Draw] = {}
    for age, chance in chances.items():
        past = past + binomial_quantile(luck(age), n - past, chance)
        happened[age] = past
    return happened


def joining_chain(
    kind: str,
    people: Mapping[float, Draw],
    reached: Mapping[float, Draw],
    parts: Mapping[float, Draw],
    sd: Draw,
    luck: Luck,
    luck_of_new: Luck,
) -> dict[float, Draw]:
    """The same, of people who join on the way: by each age, everything that has happened to those who are in by then.

    Parameters
    ----------
    kind, reached, parts, sd, luck
        As in `chain`.
    people : dict of age to float or (n_draws,) array
        People who are in by that age; it never falls.
    luck_of_new : function of an age to (n_draws,) uniforms
        Of those who join by that age, for events and counts.

    Notes
    -----
    Those who join bring what has happened to them since the beginning: after each age all who are in are alike, and the
    law at every age is that of `chain` with the people who are in by then.
    """
    if kind not in ("event", "count"):
        return {
            age: chain(kind, n, {age: reached[age]}, {age: parts.get(age, 1.0)}, sd, luck)[age]
            for age, n in people.items()
        }
    happened: dict[float, Draw] = {}
    past: Draw | None = None
    before: float | None = None
    for age, n in people.items():
        if before is None or past is None:
            now = chain(kind, n, {age: reached[age]}, {age: parts.get(age, 1.0)}, sd, luck)[age]
        else:
            new, both = n - people[before], (before, age)
            levels, gone = tuple(reached[a] for a in both), tuple(parts.get(a, 1.0) for a in both)
            old = STRETCHES[kind](people[before], past, levels, gone, sd, luck(age))
            now = old + chain(kind, new, {age: reached[age]}, {age: parts.get(age, 1.0)}, sd, luck_of_new)[age]
        happened[age], past, before = now, now, age
    return happened


def _events(
    n: Draw, reached: Mapping[float, Draw], parts: Mapping[float, Draw], sd: Draw, luck: Luck
) -> dict[float, Draw]:
    return _along(_next_events, n, reached, parts, sd, luck)


def _counts(
    n: Draw, reached: Mapping[float, Draw], parts: Mapping[float, Draw], sd: Draw, luck: Luck
) -> dict[float, Draw]:
    return _along(_next_count, n, reached, parts, sd, luck)


def _along(
    stretch: Callable[..., Draw],
    n: Draw,
    reached: Mapping[float, Draw],
    parts: Mapping[float, Draw],
    sd: Draw,
    luck: Luck,
) -> dict[float, Draw]:
    """One stretch after the other."""
    happened: dict[float, Draw] = {}
    past: Draw = 0.0
    level: Draw = 0.0
    part: Draw = 0.0
    for age, now in reached.items():
        gone = parts.get(age, 1.0)
        past = stretch(n, past, (level, now), (part, gone), sd, luck(age))
        happened[age], level, part = past, now, gone
    return happened


def _next_events(n: Draw, past: Draw, share: tuple[Draw, Draw], part: tuple[Draw, Draw], sd: Draw, u: Array) -> Draw:
    """People with the event at the end of a stretch, from those at its beginning."""
    chance = np.clip((share[1] - share[0]) / np.maximum(1.0 - share[0], 1e-300), 0.0, 1.0)
    return past + binomial_quantile(u, n - past, chance)


def _next_count(n: Draw, past: Draw, level: tuple[Draw, Draw], part: tuple[Draw, Draw], sd: Draw, u: Array) -> Draw:
    """The count at the end of a stretch, from that at its beginning."""
    whole = np.maximum(level[1], 0.0) / np.maximum(part[1], 1e-300)
    is_spread = (np.asarray(sd) > 0.0) & (whole > 0.0)
    rate = whole / np.where(is_spread, np.square(sd), 1.0)
    size = np.where(is_spread, n * whole * rate + past, np.inf)
    ahead = np.maximum(part[1] - part[0], 0.0) / np.where(is_spread, rate + part[0], 1.0)
    plain = np.maximum(n * (level[1] - level[0]), 0.0)
    mean = np.where(is_spread, np.where(is_spread, size, 0.0) * ahead, plain)
    return past + negative_binomial_quantile(u, mean, size)


def _amounts(
    n: Draw, reached: Mapping[float, Draw], parts: Mapping[float, Draw], sd: Draw, scores: Callable[[], Array]
) -> dict[float, Draw]:
    if not np.any(np.asarray(sd) > 0.0):
        return {age: level * n for age, level in reached.items()}
    spread = sd / np.sqrt(np.maximum(n, 1.0)) * scores()
    happened: dict[float, Draw] = {}
    for age, level in reached.items():
        amount = happened[age] = spread * parts[age]
        amount += level
        amount *= n
    return happened


STRETCHES: dict[str, Callable[..., Draw]] = {"event": _next_events, "count": _next_count}
"""By type: what has happened by the end of a stretch, from what had by its beginning."""
CHAINS: dict[str, Callable[..., dict[float, Draw]]] = {"event": _events, "count": _counts}
"""By type of outcome: how what happened follows from the level, the people and luck, age by age."""
AMOUNTS = ("days", "money", "score")
"""Types of which one normal number decides all ages."""
