"""Draws: one named random stream for each chance, and the values of the inputs in each future."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.draws.copula import Correlated, correlate, correlation_matrix
from sibsim.draws.lattice import LATTICE, lattice_points
from sibsim.draws.streams import REPLICATE, Layer, Streams
from sibsim.errors import ModelError
from sibsim.scenario import Number, Ref

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sibsim.scenario import Formula, Input, Scenario

    FloatArray = NDArray[np.float64]

__all__ = [
    "LATTICE",
    "REPLICATE",
    "Correlated",
    "Layer",
    "Streams",
    "correlate",
    "correlation_matrix",
    "draw_inputs",
    "lattice_points",
]


def draw_inputs(
    scenario: Scenario,
    streams: Streams,
    sampling: Literal["lattice", "random"] = "lattice",
    mixed: Callable[[dict[str, FloatArray]], dict[str, FloatArray]] | None = None,
) -> dict[str, FloatArray]:
    """The value of every input in every draw.

    Parameters
    ----------
    scenario : Scenario
        Its ``inputs`` and ``correlations`` are used.
    streams : Streams
        The replicates to draw.
    sampling : {'lattice', 'random'}
        Quasi-random points for the inputs that have a lattice dimension, or plain random numbers for all.
    mixed : callable, optional
        What is made of the uniforms of the uncertain inputs, by name, where they hang on something beyond the file.

    Returns
    -------
    dict of str to ndarray, shape (n_draws,)
        One array for each input, fixed ones too, in the unit of the input. A product or sum is worked out draw by draw
        of what it names.

    Raises
    ------
    ModelError
        Correlations that cannot be, or a product too large for a number.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from sibsim.distributions import Uniform
    >>> price = SimpleNamespace(name="price", distribution=Uniform(10.0, 20.0), dimension=0, formula=None)
    >>> scenario = SimpleNamespace(inputs=(price,), correlations=(), copula_df=None)
    >>> values = draw_inputs(scenario, Streams(1, range(8)))
    >>> values["price"].shape, round(float(values["price"].mean()), 6)
    ((8192,), 15.0)
    """
    uncertain = [item for item in scenario.inputs if item.distribution.IS_DRAWN]
    u_by_name = {item.name: _uniforms(item, streams, sampling) for item in uncertain}
    if scenario.copula_df is not None and scenario.correlations:
        shared = streams.uniform("inputs", COPULA_STREAM)[0]
        u_by_name = correlate(u_by_name, scenario.correlations, scenario.copula_df, shared)
    else:
        u_by_name = correlate(u_by_name, scenario.correlations)
    if mixed is not None:
        u_by_name = mixed(u_by_name)
    middle = np.full(streams.n_draws, 0.5)  # a fixed value is the same wherever luck is
    drawn = [item for item in scenario.inputs if item.formula is None]
    values = {item.name: item.distribution.ppf(u_by_name.get(item.name, middle)) for item in drawn}
    formulas = {item.name: item.formula for item in scenario.inputs if item.formula is not None}
    for name in formulas:
        _work_out(name, formulas, values, streams.n_draws)
    return {item.name: values[item.name] for item in scenario.inputs}


LEAST_RATE = -0.99
COPULA_STREAM = "copula.t"
"""No input can have this name, which holds a dot and is no path of a value."""


def _work_out(name: str, formulas: dict[str, Formula], values: dict[str, FloatArray], n: int) -> FloatArray:
    """The value of an input in each draw; what it is made of is worked out before it."""
    if name not in values:
        with np.errstate(over="ignore", invalid="ignore"):
            values[name] = np.broadcast_to(_of(formulas[name], formulas, values, n), (n,)).copy()
        if not np.isfinite(values[name]).all():
            raise ModelError(f"'{name}' is too large for a number in some futures; check what it is made of")
    return values[name]


def _of(formula: Formula, formulas: dict[str, Formula], values: dict[str, FloatArray], n: int) -> FloatArray:
    if formula.kind == "annuity":
        rate, years = (_part_of(part, formulas, values, n) for part in formula.parts)
        return annuity(rate, years)
    if formula.kind == "share_above":
        level, mean, sd = (_part_of(part, formulas, values, n) for part in formula.parts)
        return share_above(level, mean, sd)
    total = np.asarray(1.0 if formula.kind == "product" else 0.0)
    for part in formula.parts:
        value = _part_of(part, formulas, values, n)
        total = total * value if formula.kind == "product" else total + value
    return total


def _part_of(
    part: Number | Ref | Formula, formulas: dict[str, Formula], values: dict[str, FloatArray], n: int
) -> FloatArray:
    if isinstance(part, Ref):
        return _work_out(part.name, formulas, values, n)
    return np.asarray(part.value) if isinstance(part, Number) else _of(part, formulas, values, n)


def annuity(rate: FloatArray, years: FloatArray) -> FloatArray:
    """What 1 a year is worth today at the end of each of so many years; a rate is kept above -99 %.

    >>> annuity(np.array([0.05, 0.0]), np.asarray(3.0)).round(6).tolist()
    [2.723248, 3.0]
    """
    rate = np.maximum(rate, LEAST_RATE)
    is_none = np.abs(rate) < 1e-12
    safe = np.where(is_none, 1.0, rate)
    return np.where(is_none, years, -np.expm1(-years * np.log1p(safe)) / safe)


def share_above(level: FloatArray, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """The share of people above a level, who scatter normally around a mean.

    >>> share_above(np.asarray(3.0), np.array([3.0, 1.0]), np.asarray(2.0)).round(6).tolist()
    [0.5, 0.158655]
    """
    from scipy.special import ndtr

    share: FloatArray = ndtr((mean - level) / sd)
    return share


def _uniforms(item: Input, streams: Streams, sampling: str) -> FloatArray:
    """The uniforms of one input."""
    if sampling == "random" or item.dimension is None or item.dimension >= len(LATTICE):
        plain: FloatArray = streams.uniform("inputs", item.name)[0]
        return plain
    dimension = item.dimension

    def points(replicate: int) -> FloatArray:
        shifted = lattice_points(dimension, streams.shift(item.name, replicate))
        return shifted[streams.orders[replicate]] if streams.salt else shifted

    return streams.of_each(points)
