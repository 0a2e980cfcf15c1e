"""Draws: one named random stream for each chance, and the values of the inputs in each future."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.draws.copula import Correlated, correlate, correlation_matrix
from sibsim.draws.lattice import LATTICE, lattice_points
from sibsim.draws.streams import REPLICATE, Layer, Streams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sibsim.scenario import Input, Scenario

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
    scenario: Scenario, streams: Streams, sampling: Literal["lattice", "random"] = "lattice"
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

    Returns
    -------
    dict of str to ndarray, shape (n_draws,)
        One array for each input, fixed ones too, in the unit of the input.

    Raises
    ------
    ModelError
        Correlations that cannot be.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from sibsim.distributions import Uniform
    >>> price = SimpleNamespace(name="price", distribution=Uniform(10.0, 20.0), dimension=0)
    >>> values = draw_inputs(SimpleNamespace(inputs=(price,), correlations=()), Streams(1, range(8)))
    >>> values["price"].shape, round(float(values["price"].mean()), 6)
    ((8192,), 15.0)
    """
    uncertain = [item for item in scenario.inputs if item.distribution.name != "fixed"]
    u_by_name = {item.name: _uniforms(item, streams, sampling) for item in uncertain}
    u_by_name = correlate(u_by_name, scenario.correlations)
    middle = np.full(streams.n_draws, 0.5)  # a fixed value is the same wherever luck is
    return {item.name: item.distribution.ppf(u_by_name.get(item.name, middle)) for item in scenario.inputs}


def _uniforms(item: Input, streams: Streams, sampling: str) -> FloatArray:
    """The uniforms of one input."""
    if sampling == "random" or item.dimension is None or item.dimension >= len(LATTICE):
        plain: FloatArray = streams.uniform("inputs", item.name)[0]
        return plain
    dimension = item.dimension
    return np.concatenate([lattice_points(dimension, float(shift)) for shift in streams.shifts(item.name)])
