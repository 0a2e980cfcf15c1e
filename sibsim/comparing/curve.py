"""The chance that each option is the payer's best, by what one outcome achieved is worth to it beside money saved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sibsim.comparing.decisions import acceptability
from sibsim.comparing.run import Futures
from sibsim.context import Array
from sibsim.errors import ModelError
from sibsim.payouts import effects_judged

__all__ = ["curve"]

STEPS = 20
"""Between no value and the highest."""
SAME = 1e-9
"""Share of the largest under which what is achieved is the same."""


def curve(
    futures: Futures, among: Sequence[int], worth: Array, outcome: str | None, up_to: float | None
) -> dict[str, Any] | None:
    """The acceptability curve, as data.

    Parameters
    ----------
    futures : Futures
    among : sequence of int
        The options that are choices.
    worth : (len(among), n_draws) array
        Net budget effect under each.
    outcome, up_to
        As in `sibsim.comparing.told.comparison`.
    """
    if len(among) < 2:
        return None
    name = _outcome(futures, among, outcome)
    if name is None:
        return None
    achieved = np.array([_achieved(futures, i, name) for i in among])
    top = _top(worth.mean(axis=1), achieved.mean(axis=1)) if up_to is None else up_to
    values = [top * step / STEPS for step in range(STEPS + 1)] if top > 0.0 else [0.0]
    rows = []
    for value, chances in zip(values, acceptability(worth, achieved, values), strict=True):
        shown = {
            futures.choices[i].name: {"value": e.value, "mc_error": e.mc_error}
            for i, e in zip(among, chances, strict=True)
        }
        rows.append({"value": value, "best": shown})
    return {
        "outcome": name,
        "better": next(o.better for i in among for o in futures.choices[i].scenario.outcomes if o.name == name),
        "achieved": {futures.choices[i].name: float(row.mean()) for i, row in zip(among, achieved, strict=True)},
        "up_to": top,
        "rows": rows,
    }


def _achieved(futures: Futures, option: int, name: str) -> Array:
    return futures.stores[option].array(("#outcome", name, "effect"))


def _outcome(futures: Futures, among: Sequence[int], asked: str | None) -> str | None:
    """The outcome asked for; else of those with an effect the first that is paid for, or the first."""
    scenarios = [futures.choices[i].scenario for i in among]
    names = list(dict.fromkeys(o.name for s in scenarios for o in s.outcomes))
    if asked is not None:
        if asked not in names:
            known = ", ".join(f"'{name}'" for name in names)
            raise ModelError(f"--value-of: no outcome is called '{asked}'; there are {known}")
        return asked
    works = [n for n in names if any(np.any(_achieved(futures, i, n) != 0.0) for i in among)]
    paid = [n for s in scenarios for n in effects_judged(s) if n in works]
    return next(iter([*paid, *works]), None)


def _top(means: Array, achieved: Array) -> float:
    """Twice the value from which the option that is best on average does not change any more, rounded up."""
    largest = float(np.abs(achieved).max())
    value, at, last = 0.0, int(np.lexsort((-achieved, -means))[0]), 0.0
    while True:
        gain = achieved - achieved[at]
        over = np.flatnonzero(gain > SAME * largest)
        if not len(over):
            break
        switch = (means[at] - means[over]) / gain[over]
        k = int(np.lexsort((-gain[over], switch))[0])
        value, at = max(float(switch[k]), value), int(over[k])
        last = value
    if last <= 0.0:
        apart = np.abs(achieved[:, None] - achieved[None, :])
        pairs = apart > SAME * largest
        if not pairs.any():
            return 0.0
        last = float((np.abs(means[:, None] - means[None, :])[pairs] / apart[pairs]).max())
    return _rounded_up(2.0 * last)


def _rounded_up(value: float) -> float:
    """To 1, 2 or 5 times a power of ten.

    >>> _rounded_up(1_340.0), _rounded_up(0.0), _rounded_up(500.0)
    (2000.0, 0.0, 500.0)
    """
    if value <= 0.0:
        return 0.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(float(size * k) for k in (1, 2, 5, 10) if size * k >= value * (1 - 1e-12))
