"""The least that the chance in `denver` and `rikers` costs: as `floor_stockholm_diabetes`, by hand from the files.

For each uncertain input one ``Generator.random`` and its inverse from ``scipy.special``; for days of a group of people
and for the mean of a comparison group one ``Generator.random`` and the normal inverse; for who takes it up or reaches
a step one ``Generator.binomial``.

========  ======  ====================================================  =======  =================
contract  inputs  people                                                reports  numbers a future
========  ======  ====================================================  =======  =================
denver         4  8 groups: take-up, 2 steps, 3 kinds of days, and the        1                 61
                  jail days of those who never start
rikers         3  14 groups: days                                             2                 19
========  ======  ====================================================  =======  =================

Passes: the run, the run again with the effect off (not of `denver`, whose file does not say what days in a lease would
be without the programme), and the first 8,192 futures with fresh measurement and with fresh people.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from floor_stockholm_diabetes import LAYER_DRAWS, Floats, Pass
from scipy.special import betaincinv, gammaincinv, ndtri

__all__ = ["PLANS", "draw", "plan_denver", "plan_rikers"]

DENVER_GROUPS, DENVER_SIZE = 8, 400
RIKERS_GROUPS = 14


def _gamma(mean: float, sd: float) -> Callable[[Floats], Floats]:
    shape, scale = (mean / sd) ** 2, sd * sd / mean
    return lambda u: gammaincinv(shape, u) * scale


def _beta(mean: float, sd: float) -> Callable[[Floats], Floats]:
    size = mean * (1.0 - mean) / sd**2 - 1.0
    return lambda u: betaincinv(mean * size, (1.0 - mean) * size, u)


def _pert(low: float, mode: float, high: float) -> Callable[[Floats], Floats]:
    alpha, beta = (1.0 + 4.0 * (end / (high - low)) for end in (mode - low, high - mode))
    return lambda u: low + betaincinv(alpha, beta, u) * (high - low)


def _passes(n_draws: int, whole: Callable[[str, int], Pass], is_effect_off: bool) -> list[Pass]:
    passes = [whole("base", n_draws)]
    if is_effect_off:
        again = whole("effect off", n_draws)
        passes.append(Pass(again.name, n_draws, again.inverses[3:], again.binomials))  # the same inputs
    return [*passes, whole("fresh measurement", LAYER_DRAWS), whole("fresh people", LAYER_DRAWS)]


def plan_denver(n_draws: int, seed: int = 1) -> list[Pass]:
    """The passes of a run of `denver`."""
    rng = np.random.default_rng(seed)

    def whole(name: str, n: int) -> Pass:
        one = Pass(name, n, [ndtri, _beta(0.85, 0.05), _pert(10, 28, 60), _beta(0.70, 0.08)])
        one.inverses += [ndtri] * (4 * DENVER_GROUPS + 1)
        sizes = [
            round(DENVER_SIZE * (i + 1) / DENVER_GROUPS) - round(DENVER_SIZE * i / DENVER_GROUPS) for i in range(8)
        ]
        take_up = _beta(0.70, 0.08)(rng.random(n))
        for size in sizes:
            starters = rng.binomial(size, take_up)
            moved_in = rng.binomial(starters, 0.95)
            one.binomials += [(size, take_up), (starters, 0.95), (moved_in, 0.85)]
        return one

    return _passes(n_draws, whole, is_effect_off=False)


def plan_rikers(n_draws: int, seed: int = 1) -> list[Pass]:
    """The passes of a run of `rikers`; nothing in them hangs on the seed."""

    def whole(name: str, n: int) -> Pass:
        return Pass(name, n, [_gamma(75, 12), ndtri, ndtri] + [ndtri] * (RIKERS_GROUPS + 2))

    return _passes(n_draws, whole, is_effect_off=True)


PLANS: dict[str, Callable[[int], list[Pass]]] = {"denver": plan_denver, "rikers": plan_rikers}
"""By contract."""


def draw(passes: list[Pass], seed: int = 1) -> None:
    """Draw every random number of every pass, and nothing else."""
    rng = np.random.default_rng(seed)
    for one in passes:
        for inverse in one.inverses:
            inverse(rng.random(one.n_draws))
        for people, chance in one.binomials:
            rng.binomial(people, chance, one.n_draws)
