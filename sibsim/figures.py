"""The figures of a run as plain dictionaries: distributions, single values, probabilities, shares of variance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sibsim.context import Array
from sibsim.draws.streams import REPLICATE
from sibsim.metrics import (
    Estimate,
    estimate_mean,
    estimate_sd,
    estimate_share,
    in_order,
    ordered_histogram,
    ordered_quantiles,
)

__all__ = ["describe", "describe_constant", "finite", "layer_shares", "probability", "single", "with_error"]

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
BINS = 24


def describe(values: Array, unit: str, *, has_histogram: bool = False) -> dict[str, Any]:
    """A distribution: mean, sd and quantiles of all draws, and the Monte Carlo error of each.

    Parameters
    ----------
    values : (n_draws,) array
        Draws that are not applicable (NaN) are left out and counted.
    unit : str
    has_histogram : bool

    Returns
    -------
    dict
        ``unit, mean, sd, mc_error, p05 ... p95, mc_errors`` and, if any, ``undefined`` and ``histogram``.

    Examples
    --------
    >>> d = describe(np.arange(8192.0), "SEK")
    >>> d["mean"], d["p50"], d["unit"]
    (4095.5, 4095.0, 'SEK')
    """
    mean = estimate_mean(values)
    rows = in_order(values)
    levels = dict(zip(QUANTILES, ordered_quantiles(rows, tuple(QUANTILES.values())), strict=True))
    result: dict[str, Any] = {
        "unit": unit,
        "mean": finite(mean.value),
        "sd": finite(estimate_sd(values, mean.value).value),
        "mc_error": finite(mean.mc_error),
        **{name: finite(level.value) for name, level in levels.items()},
        "mc_errors": {name: finite(level.mc_error) for name, level in levels.items()},
    }
    undefined = int(np.count_nonzero(np.isnan(values)))
    if undefined:
        result["undefined"] = undefined
    if has_histogram and (result["sd"] or 0.0) > 1e-9 * abs(result["mean"] or 0.0):  # more than rounding
        counts, edges = ordered_histogram(rows, BINS)
        result["histogram"] = {"low": float(edges[0]), "high": float(edges[-1]), "counts": counts}
    return result


def describe_constant(value: float, unit: str, n_draws: int) -> dict[str, Any]:
    """The same as `describe` for a figure that is the same in every draw.

    >>> describe_constant(2.0, "SEK", 8192) == describe(np.full(8192, 2.0), "SEK")
    True
    """
    number = finite(value)
    error = None if number is None else 0.0
    result = {"unit": unit, "mean": number, "sd": error, "mc_error": error, **dict.fromkeys(QUANTILES, number)}
    result["mc_errors"] = dict.fromkeys(QUANTILES, error)
    return result if number is not None else {**result, "undefined": n_draws}


def single(estimate: Estimate, unit: str) -> dict[str, Any]:
    """One figure of all draws together, with its Monte Carlo error; None where it is not applicable.

    >>> single(Estimate(2.5, 0.1), "ratio")
    {'unit': 'ratio', 'value': 2.5, 'mc_error': 0.1}
    """
    value = finite(estimate.value)
    return {"unit": unit, "value": value, "mc_error": None if value is None else finite(estimate.mc_error)}


def with_error(estimate: Estimate) -> dict[str, Any]:
    """One figure with its Monte Carlo error alone, where its unit is known; None where it is not applicable.

    >>> with_error(Estimate(2.5, 0.1)), with_error(Estimate(math.nan, 0.0))
    ({'value': 2.5, 'mc_error': 0.1}, {'value': None, 'mc_error': None})
    """
    value = finite(estimate.value)
    return {"value": value, "mc_error": None if value is None else finite(estimate.mc_error)}


def probability(happens: Array) -> dict[str, Any]:
    """Share of draws in which something happens (1.0) rather than not (0.0)."""
    share = estimate_share(happens)
    count = int(np.count_nonzero(happens))
    return {"value": share.value, "mc_error": share.mc_error, "count": count, "draws": len(happens)}


def layer_shares(
    run: Array, fresh_measurement: Array, fresh_people: Array, *, has_inputs: bool = True, has_people: bool = True
) -> dict[str, Any] | None:
    """Share of the variance that comes from inputs, from people and from measurement.

    With ``y`` the run, ``y2`` the same with fresh measurement, ``y1`` with fresh people and measurement:
    ``d_m = mean((y - y2)^2) / 2``, ``d_pm = (mean((y - y1)^2) + mean((y2 - y1)^2)) / 4``, ``V`` the mean of the three
    variances; measurement ``d_m / V``, people ``(d_pm - d_m) / V``, inputs ``1 - d_pm / V``. Interactions fall to the
    later layer. The error is a jackknife over replicates. A layer without chance is exactly 0: without people's, the
    two copies differ by measurement alone and both say how much that is; without inputs, the copies hold all of ``V``.

    Returns
    -------
    dict or None
        None where there is no variance, or something is not applicable.
    """
    y, y2, y1 = (_by_replicate(v) for v in (run, fresh_measurement, fresh_people))
    if np.isnan(y).any() or np.isnan(y1).any() or np.isnan(y2).any():
        return None
    whole = _shares(y, y2, y1, has_inputs, has_people)
    if whole is None:
        return None
    r = len(y)
    left_out = []
    for i in range(r):
        one, two, three = (np.delete(v, i, axis=0) for v in (y, y2, y1))
        left_out.append(_shares(one, two, three, has_inputs, has_people))
    if None in left_out:
        return None
    table = np.array(left_out, dtype=float)
    errors = np.sqrt((r - 1) / r * ((table - table.mean(axis=0)) ** 2).sum(axis=0))
    names = ("inputs", "people", "measurement")
    result: dict[str, Any] = dict(zip(names, (float(v) for v in whole), strict=True))
    result["mc_error"] = dict(zip(names, (float(e) for e in errors), strict=True))
    return result


def _shares(y: Array, y2: Array, y1: Array, has_inputs: bool, has_people: bool) -> tuple[float, float, float] | None:
    variance = (y.var(ddof=1) + y2.var(ddof=1) + y1.var(ddof=1)) / 3.0
    if not variance > 1e-20 * max(1.0, float(np.mean(y)) ** 2):
        return None
    measurement = np.mean((y - y2) ** 2) / 2.0
    people_too = (np.mean((y - y1) ** 2) + np.mean((y2 - y1) ** 2)) / 4.0
    if not has_people:
        measurement = people_too = (measurement + 2.0 * people_too) / 3.0
    if not has_inputs:
        variance = people_too
    return (
        float(1.0 - people_too / variance),
        float((people_too - measurement) / variance),
        float(measurement / variance),
    )


def _by_replicate(values: Array) -> Array:
    return values.reshape(-1, REPLICATE)


def finite(value: float) -> float | None:
    """The number; None where it is not one, or endless."""
    return float(value) if math.isfinite(value) else None
