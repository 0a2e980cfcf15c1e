"""Rank correlations between inputs, by a Gaussian copula.

A Spearman correlation rho between two inputs is a correlation ``2 sin(pi rho / 6)`` between their normal scores
(Kruskal 1958). ``z ~ N(0, R)``, ``u = Phi(z)``; each input keeps its own distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.draws.streams import SMALLEST_UNIFORM
from sibsim.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sibsim.scenario import Correlation

    FloatArray = NDArray[np.float64]

__all__ = ["REPAIR_LIMIT", "SMALLEST_EIGENVALUE", "Correlated", "correlate", "correlation_matrix", "repair"]

REPAIR_LIMIT = 0.05
"""A repair that moves any correlation further than this is an error: the file contradicts itself."""

SMALLEST_EIGENVALUE = 1e-8
"""What a repaired matrix keeps at least, so that it can be factored."""


@dataclass(frozen=True)
class Correlated:
    """The correlations of a file, made possible.

    Parameters
    ----------
    names : tuple of str
        The inputs named in ``correlations``, in the order in which they are named.
    matrix : ndarray, shape (k, k)
        Correlations of their normal scores.
    moved : float
        The furthest that any of them had to move for the matrix to exist; 0 if none.
    """

    names: tuple[str, ...]
    matrix: FloatArray
    moved: float

    @property
    def warning(self) -> str:
        """What the reader of the file should know; empty if nothing was moved."""
        if self.moved == 0.0:
            return ""
        return (
            f"the rank correlations of {', '.join(self.names)} cannot all hold together: "
            f"the nearest that can were used, at most {self.moved:.3f} away"
        )


def correlation_matrix(correlations: Sequence[Correlation]) -> Correlated:
    """The correlation matrix of the normal scores of all inputs that ``correlations`` name, repaired if need be.

    Parameters
    ----------
    correlations : sequence of Correlation
        Spearman correlations; pairs that are not named are uncorrelated.

    Raises
    ------
    ModelError
        The correlations contradict each other by more than `REPAIR_LIMIT`.

    Examples
    --------
    >>> from sibsim.scenario import Correlation
    >>> correlation_matrix([Correlation(("price", "wage"), 0.5)]).matrix.round(4)
    array([[1.    , 0.5176],
           [0.5176, 1.    ]])
    """
    names = tuple(dict.fromkeys(name for c in correlations for name in c.between))
    place = {name: i for i, name in enumerate(names)}
    asked = np.eye(len(names))
    for c in correlations:
        i, j = (place[name] for name in c.between)
        if i == j or not -1.0 <= c.rank <= 1.0:
            raise ModelError(f"correlation between {c.between[0]} and {c.between[1]}: needs two inputs and -1 to 1")
        asked[i, j] = asked[j, i] = 2.0 * math.sin(math.pi * c.rank / 6.0)
    matrix = repair(asked)
    moved = float(np.abs(matrix - asked).max(initial=0.0))
    if moved > REPAIR_LIMIT:
        raise ModelError(
            f"the rank correlations of {', '.join(names)} contradict each other: the nearest that can hold together "
            f"are up to {moved:.2f} away; give correlations that agree"
        )
    # a perfect correlation is moved by the smallest eigenvalue alone, which is not worth a word
    return Correlated(names, matrix, moved if moved > 1e-6 else 0.0)


def repair(matrix: FloatArray) -> FloatArray:
    """The nearest correlation matrix with eigenvalues of at least 1e-8; the matrix itself if it is one.

    Alternating projections onto the matrices with such eigenvalues and onto those with a diagonal of ones, with
    Dykstra's correction (Higham 2002, *Computing the nearest correlation matrix*).

    Parameters
    ----------
    matrix : ndarray, shape (k, k)
        Symmetric, ones on the diagonal.

    Returns
    -------
    ndarray, shape (k, k)

    Examples
    --------
    >>> repair(np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.9], [0.0, 0.9, 1.0]])).round(3)
    array([[1.   , 0.743, 0.105],
           [0.743, 1.   , 0.743],
           [0.105, 0.743, 1.   ]])
    """
    if not len(matrix) or np.linalg.eigvalsh(matrix)[0] >= SMALLEST_EIGENVALUE:
        return matrix
    nearest, correction = matrix, np.zeros_like(matrix)
    for _ in range(1000):
        values, vectors = np.linalg.eigh(nearest - correction)
        possible = (vectors * np.maximum(values, SMALLEST_EIGENVALUE)) @ vectors.T
        correction = possible - (nearest - correction)
        previous, nearest = nearest, possible.copy()
        np.fill_diagonal(nearest, 1.0)
        if np.abs(nearest - previous).max() < 1e-12:
            break
    # the last projection set the diagonal; scaling the other one keeps its eigenvalues positive
    scale = 1.0 / np.sqrt(np.diag(possible))
    scaled = possible * np.outer(scale, scale)
    scaled = (scaled + scaled.T) / 2.0
    np.fill_diagonal(scaled, 1.0)
    return np.asarray(scaled)


def correlate(u_by_name: Mapping[str, FloatArray], correlations: Sequence[Correlation]) -> dict[str, FloatArray]:
    """Make some uniforms depend on each other; all others are returned as they came.

    Parameters
    ----------
    u_by_name : mapping of str to ndarray, shape (n_draws,)
        Independent uniforms.
    correlations : sequence of Correlation
        Spearman correlations.

    Returns
    -------
    dict of str to ndarray, shape (n_draws,)
        Uniforms with these correlations, in the same order of names.

    Raises
    ------
    ModelError
        A name that is not among the uniforms, or correlations that contradict each other.

    Examples
    --------
    >>> from sibsim.scenario import Correlation
    >>> u = {"price": np.array([0.2, 0.9]), "wage": np.array([0.5, 0.5]), "size": np.array([0.1, 0.3])}
    >>> correlate(u, [Correlation(("price", "wage"), 0.5)])["wage"].round(3)
    array([0.332, 0.746])
    """
    from scipy.special import ndtr, ndtri

    out = dict(u_by_name)
    if not correlations:
        return out
    correlated = correlation_matrix(correlations)
    if missing := [name for name in correlated.names if name not in out]:
        raise ModelError(f"correlations name {', '.join(missing)}, which is not uncertain: take that line out")
    scores = np.stack([ndtri(u_by_name[name]) for name in correlated.names])
    factor = np.linalg.cholesky(correlated.matrix)
    for i, name in enumerate(correlated.names):
        if i == 0:
            continue  # the first input leads: it keeps its own uniforms
        # an explicit sum, because a matrix product may round differently for other block sizes
        z = factor[i, 0] * scores[0]
        for j in range(1, i + 1):
            z += factor[i, j] * scores[j]
        out[name] = np.clip(ndtr(z), SMALLEST_UNIFORM, 1.0 - SMALLEST_UNIFORM)
    return out
