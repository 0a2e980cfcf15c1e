"""What a choice between options comes to, from what each is worth in the same futures: plain mathematics on arrays.

``worth`` is one row an option, one column a future, shape (n_options, n_draws), more is better. Every error is that of
independent replicates of 1,024 draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sibsim.context import Array
from sibsim.draws.streams import REPLICATE
from sibsim.metrics import Estimate, estimate_mean, estimate_ratio, expected_shortfall
from sibsim.metrics.risk import rank_of, shortfalls

__all__ = [
    "Tail",
    "acceptability",
    "best",
    "better",
    "in_the_tail",
    "leading",
    "tail_mean",
    "worst_of",
    "price_of_transfer",
    "value_of_information",
    "value_of_knowing",
]

TIE = 1e-9
"""Share of the largest figure under which a difference is only rounding."""
BINS = 32
"""Equal parts of the futures by an input, within which it counts as known."""
TAIL = 0.05
"""The worst futures."""
CLEAR = 2.0
"""Errors by which an option must be worse on average before it is told apart from the best."""
SURE = 3.0
"""Errors by which an expected shortfall must fall before a price of that is worked out."""


def better(one: Array, other: Array) -> Array:
    """1.0 in each future in which one is worth more than the other, 0.5 where they are worth the same.

    >>> better(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 4.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    slack = TIE * max(1.0, float(np.abs(one).max()), float(np.abs(other).max()))
    return np.asarray(np.where(np.abs(one - other) <= slack, 0.5, (one > other) * 1.0))


def best(worth: Array) -> Array:
    """By option and future: 1.0 for the best; of several that are equal each has its part. Each future adds to 1.

    >>> best(np.array([[3.0, 1.0], [3.0, 2.0], [0.0, 1.0]])).tolist()
    [[0.5, 0.0], [0.5, 1.0], [0.0, 0.0]]
    """
    slack = TIE * max(1.0, float(np.abs(worth).max()))
    is_best = worth >= worth.max(axis=0) - slack
    return np.asarray(is_best / is_best.sum(axis=0))


def leading(worth: Array) -> tuple[list[int], list[int], Array]:
    """Who is best on average: (rows with the highest mean, rows that cannot be told from it, futures they win).

    A row cannot be told from the best if its mean is lower by less than two errors of the difference in the same
    futures. A future counts (1.0) if none of the other rows is worth more than all of these; the same is not more.

    >>> worth = np.tile([[3.0, 1.0], [3.0, 1.0], [0.0, 1.0]], 1024)
    >>> rows, near, unbeaten = leading(worth)
    >>> rows, near, float(unbeaten.mean())
    ([0, 1], [], 1.0)
    """
    slack = TIE * max(1.0, float(np.abs(worth).max()))
    means = worth.mean(axis=1)
    top = int(np.argmax(means))
    rows = [i for i, mean in enumerate(means) if means[top] - mean <= slack]
    behind = {i: estimate_mean(worth[top] - worth[i]) for i in range(len(worth)) if i not in rows}
    near = [i for i, less in behind.items() if less.value < CLEAR * less.mc_error]
    return rows, near, 1.0 * (worth[rows + near].max(axis=0) >= worth.max(axis=0) - slack)


def acceptability(worth: Array, achieved: Array, values: Sequence[float]) -> list[list[Estimate]]:
    """The chance that each option is the best, by value of one outcome achieved: for each value, for each option.

    Parameters
    ----------
    worth, achieved : (n_options, n_draws) arrays
        Net budget effect, and how much of the outcome is achieved.
    values : sequence of float
    """
    return [[estimate_mean(row) for row in best(worth + value * achieved)] for value in values]


# ------------------------------------------------------------------------------------------------ the worst futures
def in_the_tail(own: Array) -> Array:
    """The weight of each future among the worst 5 % of one party, the futures at their edge sharing what is left.

    ``sum(weights * loss) / sum(weights)`` is the expected shortfall, whatever the order of the futures.

    >>> own = np.concatenate((np.zeros(5), np.arange(1.0, 96.0)))
    >>> in_the_tail(own)[:6].tolist(), in_the_tail(np.zeros(100)).sum().round(9)
    ([1.0, 1.0, 1.0, 1.0, 1.0, 0.0], np.float64(5.0))
    """
    n = len(own)
    edge = float(np.partition(own, n - rank_of(n, 1.0 - TAIL))[n - rank_of(n, 1.0 - TAIL)])
    worse, at = own < edge, own == edge
    left = TAIL * n - np.count_nonzero(worse)
    return np.asarray(worse * 1.0 + at * (left / np.count_nonzero(at)))


class Tail(NamedTuple):
    """The worst 5 % of the futures.

    Parameters
    ----------
    weights : (n_draws,) array
        Of each draw among those of all replicates.
    apart : (n_replicates, 1024) array
        Of each draw among those of its own replicate.
    """

    weights: Array
    apart: Array


def worst_of(own: Array) -> Tail:
    """The worst 5 % of the futures of one party; ``own`` is one number a future, more is better."""
    return Tail(in_the_tail(own), np.array([in_the_tail(row) for row in own.reshape(-1, REPLICATE)]))


def tail_mean(tail: Tail, values: Array) -> Estimate:
    """The mean of something in the worst futures.

    Its error is that of the means of the replicates, each over its own worst futures: which futures are the worst is
    itself uncertain.

    >>> own = np.tile(np.arange(1024.0), 2)
    >>> round(tail_mean(worst_of(own), own).value, 6)
    25.101563
    """
    each = (tail.apart * values.reshape(tail.apart.shape)).sum(axis=1) / tail.apart.sum(axis=1)
    value = estimate_ratio(tail.weights * values, tail.weights).value
    return Estimate(value, float(each.std(ddof=1)) / math.sqrt(len(each)))


def price_of_transfer(cheapest: Array, other: Array) -> tuple[Estimate, Estimate, Estimate]:
    """What one unit less of expected shortfall costs on average, against the cheapest option.

    Returns
    -------
    extra, relief, price : Estimate
        The mean given up, how far the expected shortfall falls, and the one per unit of the other: NaN where the
        shortfall does not clearly fall.
    """
    rows = [values.reshape(-1, REPLICATE) for values in (cheapest, other)]
    means = rows[0].mean(axis=1) - rows[1].mean(axis=1)
    tails = shortfalls(-rows[0], 1.0 - TAIL) - shortfalls(-rows[1], 1.0 - TAIL)
    extra = estimate_mean(cheapest - other)
    fall = expected_shortfall(-cheapest, 1.0 - TAIL) - expected_shortfall(-other, 1.0 - TAIL)
    relief = Estimate(fall, _error(tails))
    if not fall > SURE * relief.mc_error + TIE * max(1.0, float(np.abs(cheapest).max())):
        return extra, relief, Estimate(math.nan, math.nan)
    price = extra.value / fall
    return extra, relief, Estimate(price, _error(means - price * tails) / fall)


# ------------------------------------------------------------------------------------------------ information
def value_of_information(worth: Array) -> Estimate:
    """What it is worth on average to know everything before choosing: the best of each future, less the best choice.

    >>> worth = np.array([[0.0] * 2048, [1.0, -1.0] * 1024])
    >>> value_of_information(worth)
    Estimate(value=0.5, mc_error=0.0)
    """
    chosen = int(np.argmax([estimate_mean(row).value for row in worth]))
    gain = worth.max(axis=0) - worth[chosen]
    return estimate_mean(np.where(gain <= TIE * max(1.0, float(np.abs(worth).max())), 0.0, gain))


def value_of_knowing(worth: Array, known: Array) -> Estimate:
    """What it is worth on average to know one input before choosing.

    The futures are cut into parts in which the input is about the same, equally many in each. In each part the option
    is taken that is best there in all *other* replicates, and counted with what it is worth in this one: so that noise
    in the part's own mean is never taken for knowledge. What it finds is the value of a choice that could be made, so
    it errs, if at all, to the low side.
    """
    n = worth.shape[1]
    parts, n_parts = _parts(known)
    replicates = n // REPLICATE
    cell = parts + n_parts * (np.arange(n) // REPLICATE)
    sums = np.array([np.bincount(cell, row, n_parts * replicates).reshape(replicates, n_parts) for row in worth])
    others = sums.sum(axis=1)[:, None] - sums  # (option, replicate, part): what the other replicates say
    choice = np.argmax(others, axis=0)
    gained = np.take_along_axis(sums, choice[None], axis=0)[0].sum(axis=1)
    without = np.argmax(others.sum(axis=2), axis=0)
    fixed = sums.sum(axis=2)[without, np.arange(replicates)]
    each = (gained - fixed) / REPLICATE
    return Estimate(float(math.fsum(each.tolist()) / replicates), _error(each))


def _parts(known: Array) -> tuple[Array, int]:
    """In which part of the futures each one is: by value where there are few, else equally many in each."""
    different = np.unique(known)
    if len(different) <= BINS:
        return np.searchsorted(different, known), len(different)
    edges = np.unique(np.sort(known)[[len(known) * k // BINS for k in range(1, BINS)]])
    return np.searchsorted(edges, known, side="right"), len(edges) + 1


def _error(own: Array) -> float:
    """The error of an estimate, from those of each replicate."""
    return float(own.std(ddof=1)) / math.sqrt(len(own))
