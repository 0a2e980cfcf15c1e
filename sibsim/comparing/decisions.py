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
    "fall_there",
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
PIECES = 16
"""Straight pieces of the line that tells what an option is worth by an input."""
FEW = 32
"""Values of an input up to which each is a knot of its own."""
RIDGE = 1e-9
"""Weight, beside that of the futures, of the mean at a knot of which no future says anything."""
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
    slack = TIE * max(1.0, float(np.abs(own).max()))  # rounding decides of no future whether it is among the worst
    worse, at = own < edge - slack, np.abs(own - edge) <= slack
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


def fall_there(tail: Tail, values: Array) -> Estimate:
    """How far something is below its mean in the worst futures; both are estimated, and the error is that of both.

    >>> own = np.tile(np.arange(1024.0), 2)
    >>> fall_there(worst_of(own), np.zeros(2048))
    Estimate(value=0.0, mc_error=0.0)
    >>> fall_there(worst_of(own), np.where(own < 512, 0.0, 2.0))
    Estimate(value=1.0, mc_error=0.0)
    """
    each = (tail.apart * values.reshape(tail.apart.shape)).sum(axis=1) / tail.apart.sum(axis=1)
    means = values.reshape(tail.apart.shape).mean(axis=1)
    return Estimate(estimate_mean(values).value - tail_mean(tail, values).value, _error(means - each))


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

    What each option is worth at a value of the input is a line of 16 straight pieces, fitted by least squares to
    all *other* replicates; of an input of few values, the mean at each. In each future the option is taken that is best
    by that, and counted with what it is worth there: so that noise is never taken for knowledge. What it finds is the
    value of a choice that could be made, so it errs, if at all, to the low side.

    Parameters
    ----------
    worth : (n_options, n_draws) array
    known : (n_draws,) array
        The input.

    Notes
    -----
    Strong, Oakley and Brennan, Medical Decision Making 34 (2014): the value of partial information by regression.
    """
    piece, along, n_knots = _pieces(known)
    whole = worth.reshape(len(worth), -1, REPLICATE).sum(axis=2)
    others = whole.sum(axis=1)[:, None] - whole  # (option, replicate): what the other replicates say
    without = np.argmax(others, axis=0)
    means = worth.mean(axis=1)
    at_knots = _fitted(worth - means[:, None], piece, along, n_knots)
    n_replicates = whole.shape[1]
    each = np.empty(n_replicates)
    for r, lines in enumerate(at_knots):
        own = slice(r * REPLICATE, (r + 1) * REPLICATE)
        here, part = piece[own], along[own][:, None]
        expected = lines[here] * (1.0 - part) + lines[here + 1] * part + means
        chosen = np.argmax(expected, axis=1)
        each[r] = worth[:, own][chosen, np.arange(REPLICATE)].mean() - whole[without[r], r] / REPLICATE
    return Estimate(float(math.fsum(each.tolist()) / n_replicates), _error(each))


def _pieces(known: Array) -> tuple[Array, Array, int]:
    """For each future, on which piece between two knots it is, how far along (0 to 1), and how many knots there are.

    Knots are the values where there are few, else the ends of equally many futures each.
    """
    knots = np.unique(known)
    if len(knots) > FEW:
        last = len(known) - 1
        knots = np.unique(np.sort(known)[[last * k // PIECES for k in range(PIECES + 1)]])
    if len(knots) < 2:
        return np.zeros(len(known), dtype=np.int64), np.zeros(len(known)), 2
    piece = np.clip(np.searchsorted(knots, known, side="right") - 1, 0, len(knots) - 2)
    return piece, (known - knots[piece]) / (knots[piece + 1] - knots[piece]), len(knots)


def _fitted(values: Array, piece: Array, along: Array, n_knots: int) -> Array:
    """By least squares on all other replicates, the values at the knots: (n_replicates, n_knots, n_options).

    A knot of which the others say nothing has 0.
    """
    n_replicates = values.shape[1] // REPLICATE
    row = n_knots * (np.arange(values.shape[1]) // REPLICATE) + piece
    ends = ((0, 1.0 - along), (1, along))
    squares, sums = np.zeros(n_replicates * n_knots**2), np.zeros((len(values), n_replicates * n_knots))
    for one, weight in ends:
        for other, its in ends:
            squares += np.bincount((row + one) * n_knots + piece + other, weight * its, len(squares))
        for i, own in enumerate(values):
            sums[i] += np.bincount(row + one, weight * own, sums.shape[1])
    by_replicate = squares.reshape(n_replicates, n_knots, n_knots)
    left = by_replicate.sum(axis=0) - by_replicate
    said = sums.reshape(len(values), n_replicates, n_knots).transpose(1, 2, 0)
    slight = RIDGE * values.shape[1] / n_knots * np.eye(n_knots)
    return np.asarray(np.linalg.solve(left + slight, said.sum(axis=0) - said))


def _error(own: Array) -> float:
    """The error of an estimate, from those of each replicate."""
    return float(own.std(ddof=1)) / math.sqrt(len(own))
