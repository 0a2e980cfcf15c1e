"""Losses of several things together: plain mathematics on arrays, one number a draw.

Every error is that of independent replicates of 1,024 draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sibsim.comparing.decisions import Tail, tail_mean, worst_of
from sibsim.context import Array
from sibsim.draws.streams import REPLICATE
from sibsim.metrics import Estimate, estimate_quantile
from sibsim.metrics.risk import shortfalls

__all__ = [
    "Tail",
    "contributions",
    "diversification",
    "effective_number",
    "exceedance",
    "joint",
    "pool_size",
    "tail_mean",
    "tail_of",
]

ONE_IN = (10, 20, 50, 100, 200)
TAIL = 0.05


def contributions(losses: Mapping[str, Array]) -> dict[str, Estimate]:
    """What each part adds to the expected shortfall (95 %) of the sum: its mean loss in the sum's worst 5 %.

    Euler's allocation, ``E[L_i | L in its worst 5 %]`` (Tasche 2008); of an atom at the quantile every future has its
    part. They add up to the whole's expected shortfall.

    Parameters
    ----------
    losses : mapping of str to (n_draws,) array

    Examples
    --------
    >>> rise = np.tile(np.arange(1024.0), 2)
    >>> found = contributions({"a": rise, "b": 1023.0 - rise, "c": rise})
    >>> [round(one.value, 6) for one in found.values()]
    [997.898438, 25.101563, 997.898438]
    """
    tail = tail_of(losses)
    return {name: tail_mean(tail, loss) for name, loss in losses.items()}


def tail_of(losses: Mapping[str, Array]) -> Tail:
    """The worst 5 % of the futures by the sum of losses; sums that only rounding sets apart are one atom."""
    whole = np.asarray(sum(losses.values()))
    grain = 2.0**-40 * float(np.abs(whole).max())
    own = -(np.round(whole / grain) * grain if grain > 0.0 else whole)
    return worst_of(own)


def diversification(losses: Mapping[str, Array]) -> tuple[Estimate, Estimate]:
    """How much smaller the risk of the whole is than the sum of its parts' risks.

    Returns
    -------
    sd_ratio, shortfall_ratio : Estimate
        The sum of the parts' standard deviations over that of the whole, and the same of expected shortfalls (95 %); 1:
        nothing is gained. NaN where the whole has no risk (or no shortfall above 0).
    """
    rows = {name: np.asarray(one).reshape(-1, REPLICATE) for name, one in losses.items()}
    return _ratio(rows, _sd), _ratio(rows, lambda one: shortfalls(one, 1.0 - TAIL))


def _sd(rows: Array) -> Array:
    return np.asarray(rows.std(axis=1, ddof=1))


def _ratio(rows: Mapping[str, Array], risk: Callable[[Array], Array]) -> Estimate:
    """Sum of the parts' risks over that of the whole, from all draws; its error from those of each replicate."""
    whole = np.asarray(sum(rows.values()))
    parts = math.fsum(float(risk(one.reshape(1, -1))[0]) for one in rows.values())
    together = float(risk(whole.reshape(1, -1))[0])
    if not together > 1e-9 * max(1.0, float(np.abs(whole).max())):
        return Estimate(math.nan, math.nan)
    ratio = parts / together
    each = np.asarray(sum(risk(one) for one in rows.values())) - ratio * risk(whole)
    return Estimate(ratio, float(each.std(ddof=1)) / math.sqrt(len(each)) / together)


def exceedance(loss: Array) -> list[tuple[int, Estimate]]:
    """The loss that is passed in one future of ten, twenty, fifty, a hundred and two hundred.

    >>> [(n, one.value) for n, one in exceedance(np.tile(np.arange(1024.0), 2))][:2]
    [(10, 921.0), (20, 972.0)]
    """
    return [(n, estimate_quantile(loss, 1.0 - 1.0 / n)) for n in ONE_IN]


def pool_size(loss: Array, chance: float) -> Estimate:
    """The least amount of losses to bear with which the chance that more is lost is at most so large.

    >>> pool_size(np.tile(np.arange(1024.0) - 500.0, 2), 0.1).value
    421.0
    """
    return estimate_quantile(np.maximum(loss, 0.0), 1.0 - chance)


def effective_number(amounts: Sequence[float]) -> float:
    """How many equal parts would be as concentrated: 1 / the sum of squared shares (Herfindahl 1950).

    >>> effective_number([1.0, 1.0, 1.0, 1.0]), effective_number([3.0, 1.0])
    (4.0, 1.6)
    """
    total = math.fsum(amounts)
    return 1.0 / math.fsum((one / total) ** 2 for one in amounts) if total > 0.0 else math.nan


def joint(fails: Mapping[str, Array]) -> list[tuple[str, str, Estimate, Estimate]]:
    """For each two: the chance that both fail, and how far that is above the chance if they were independent.

    Parameters
    ----------
    fails : mapping of str to (n_draws,) array
        1.0 in each draw in which it fails.

    Returns
    -------
    list of (one, other, together, excess)
        The largest excess first.
    """
    names = list(fails)
    if len(names) < 2:
        return []
    rows = np.array([np.asarray(fails[name]).reshape(-1, REPLICATE) for name in names])
    shares = rows.mean(axis=2)  # of each contract in each replicate
    chances = shares.mean(axis=1)
    both = np.array([rows[:, r] @ rows[:, r].T for r in range(rows.shape[1])]) / REPLICATE  # counts: exact
    each = both - shares.T[:, :, None] * chances - shares.T[:, None, :] * chances[:, None]
    root = math.sqrt(rows.shape[1])
    together, errors = both.mean(axis=0), both.std(axis=0, ddof=1) / root
    excess, excess_errors = together - np.outer(chances, chances), each.std(axis=0, ddof=1) / root

    def pair(i: int, k: int) -> tuple[str, str, Estimate, Estimate]:
        above = Estimate(float(excess[i, k]), float(excess_errors[i, k]))
        return names[i], names[k], Estimate(float(together[i, k]), float(errors[i, k])), above

    found = [pair(i, k) for i in range(len(names)) for k in range(i + 1, len(names))]
    return sorted(found, key=lambda pair: (-pair[3].value, pair[0], pair[1]))
