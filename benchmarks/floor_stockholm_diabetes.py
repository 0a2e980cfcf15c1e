"""The least that the chance in `stockholm-diabetes` costs: its random numbers alone, in whole arrays, on one thread.

For each uncertain input one ``Generator.random`` and its inverse from ``scipy.special``; for each other chance one
``Generator.binomial`` with the numbers of people and the chances of a real run. Written by hand from the scenario file,
without sibsim. `plan` works out the parameters, `draw` is what is timed.

===================  ==========  ======  ======  ========  ==========================
pass                 futures     inputs  people  reports   numbers a future
===================  ==========  ======  ======  ========  ==========================
base                 all              5  12+29          5  51
effect off           all              0     17          5  22 (the same people, later)
fresh measurement    first 8192       5  12+29          5  51
fresh people         first 8192       5  12+29          5  51
===================  ==========  ======  ======  ========  ==========================

People: 12 starting groups drop out, then cases by month 18 (12 groups), 24 (the 5 whose two years are over when the
published result is read) and 60 (12 groups; not needed with the effect off). Reports: those found with and without
diabetes at month 18 and at month 24, and the comparison group.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

__all__ = ["Pass", "draw", "draw_inputs", "plan"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

SIZE, GROUPS, STEP = 925, 12, 3
FIRST_START = 1  # column of 2020-09
PUBLISHED = 13  # column of 2023-09
COMPARED, FOUND = 2000, 0.72
Z_95 = 1.959963984540054
LAYER_DRAWS = 8192


@dataclass
class Pass:
    """What one pass draws: inverses of the inputs, and (people, chance) of every binomial."""

    name: str
    n_draws: int
    inverses: list[Callable[[Floats], Any]] = field(default_factory=list)
    binomials: list[tuple[int | Counts, float | Floats]] = field(default_factory=list)

    @property
    def numbers(self) -> int:
        """Random numbers a future."""
        return len(self.inverses) + len(self.binomials)


def _beta_inverse(alpha: float, beta: float) -> Callable[[Floats], Any]:
    return lambda u: betaincinv(alpha, beta, u)


# progression, hazard ratio, saving per case, comparison bias, dropout
PERT = (1.0 + 4.0 * (13_000 - 6_500) / 13_500, 1.0 + 4.0 * (20_000 - 13_000) / 13_500)
DROPOUT_SIZE = 0.2 * 0.8 / 0.06**2 - 1.0
DROPOUT = (0.2 * DROPOUT_SIZE, 0.8 * DROPOUT_SIZE)
INVERSES = [ndtri, ndtri, _beta_inverse(*PERT), ndtri, _beta_inverse(*DROPOUT)]


def _months_watched(group: int, *, is_whole: bool) -> list[int]:
    """Months of follow-up at which somebody needs to know the cases in a starting group."""
    start = (FIRST_START + group) * STEP
    is_published = start + 24 <= PUBLISHED * STEP
    return [18] + [24] * is_published + [60] * is_whole


def _pass(name: str, n_draws: int, rng: np.random.Generator, *, is_effect_on: bool = True) -> Pass:
    """One pass with the parameters that a run meets; the cases it leads to are drawn here once, untimed."""
    hazard = 0.0356 * np.exp(math.log(0.083 / 0.0151) / (2.0 * Z_95) * rng.standard_normal(n_draws))
    ratio = 0.80 * np.exp(math.log(0.87 / 0.73) / (2.0 * Z_95) * rng.standard_normal(n_draws))
    bias, dropout = 0.10 * rng.standard_normal(n_draws), rng.beta(*DROPOUT, n_draws)
    monthly = hazard * (ratio if is_effect_on else 1.0) / 12.0
    one = Pass(name, n_draws, list(INVERSES) if is_effect_on else [])
    sizes = [round(SIZE * (i + 1) / GROUPS) - round(SIZE * i / GROUPS) for i in range(GROUPS)]
    if is_effect_on:
        one.binomials += [(size, dropout) for size in sizes]
    cases = {18: np.zeros(n_draws, np.int64), 24: np.zeros(n_draws, np.int64)}
    watched = {18: 0, 24: 0}
    for group, size in enumerate(sizes):
        left, before = np.full(n_draws, size), 0
        for months in _months_watched(group, is_whole=is_effect_on):
            chance = -np.expm1(-monthly * (months - before))
            one.binomials.append((left, chance))
            left, before = left - rng.binomial(left, chance), months
            if months in cases:
                cases[months], watched[months] = cases[months] + (size - left), watched[months] + size
    for months, found in cases.items():
        one.binomials += [(found, FOUND), (watched[months] - found, FOUND)]
    share = -np.expm1(-hazard * 1.5)
    one.binomials.append((COMPARED, np.clip(share * (1.0 + bias), 0.0, 1.0)))
    return one


def plan(n_draws: int, seed: int = 1) -> list[Pass]:
    """The passes of a run of so many futures, with their parameters.

    Parameters
    ----------
    n_draws : int
        Futures, at least 8,192.
    seed : int
    """
    rng = np.random.default_rng(seed)
    return [
        _pass("base", n_draws, rng),
        _pass("effect off", n_draws, rng, is_effect_on=False),
        _pass("fresh measurement", LAYER_DRAWS, rng),
        _pass("fresh people", LAYER_DRAWS, rng),
    ]


def draw(passes: list[Pass], seed: int = 1) -> None:
    """Draw every random number of every pass, and nothing else."""
    draw_inputs(passes, seed)
    rng = np.random.default_rng(seed)
    for one in passes:
        for people, chance in one.binomials:
            rng.binomial(people, chance, one.n_draws)


def draw_inputs(passes: list[Pass], seed: int = 1) -> None:
    """Draw the uncertain inputs of every pass: the first part of `draw`."""
    rng = np.random.default_rng(seed)
    for one in passes:
        for inverse in one.inverses:
            inverse(rng.random(one.n_draws))
