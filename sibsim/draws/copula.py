"""Rank correlations between inputs, by a Gaussian or a t copula; each input keeps its own distribution.

A Spearman correlation rho between two inputs is a correlation ``2 sin(pi rho / 6)`` between their normal scores
(Kruskal 1958): ``z ~ N(0, R)``, ``u = Phi(z)``. With a t copula of df degrees of freedom all inputs named in
``correlations`` share one chi-square draw w in each future, ``u = T_df(z / sqrt(w / df))``: a bad future is bad for
several of them at once. Its Pearson correlation is solved for (see `t_spearman`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sibsim.draws.streams import SMALLEST_UNIFORM
from sibsim.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sibsim.scenario import Correlation

    FloatArray = NDArray[np.float64]

__all__ = ["REPAIR_LIMIT", "SMALLEST_EIGENVALUE", "Correlated", "correlate", "correlation_matrix", "repair"]
__all__ += ["pearson", "stretch", "t_spearman"]

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


SCORES = 41
"""Points of the trapezoidal rule in each of three directions; half as many give the same eight digits."""

OUTERMOST_SCORE = 8.0


@lru_cache(maxsize=8)
def _chi_squares(df: float) -> tuple[FloatArray, FloatArray]:
    """Quantiles of the chi-square distribution at even steps of the normal score, and their weights."""
    from scipy.special import gammainccinv, gammaincinv, ndtr

    z = np.linspace(-OUTERMOST_SCORE, OUTERMOST_SCORE, SCORES)
    weights = np.exp(-0.5 * z * z)
    low, high = ndtr(np.minimum(z, 0.0)), ndtr(np.minimum(-z, 0.0))
    return np.where(z < 0.0, gammaincinv(df / 2.0, low), gammainccinv(df / 2.0, high)), weights / weights.sum()


def t_spearman(pearson: float, df: float) -> float:
    """Spearman's correlation of a t copula.

    It is ``3 E[sign((X - X') (Y - Y''))]`` with X', Y'' from futures of their own. Given the three chi-square draws w,
    w', w'' the differences are normal with correlation ``r sqrt(w' / (w + w') * w'' / (w + w''))``, so that

        ``rho = 6 / pi * E[arcsin(r sqrt(w' / (w + w')) sqrt(w'' / (w + w'')))]``

    Without end to the degrees of freedom all w agree and this is the normal copula's ``6 / pi * arcsin(r / 2)``.

    Examples
    --------
    >>> round(t_spearman(1.0, 4.0), 6), round(t_spearman(0.3, 4.0), 4), round(6.0 / math.pi * math.asin(0.15), 4)
    (1.0, 0.2785, 0.2876)
    """
    w, weights = _chi_squares(df)
    root = np.sqrt(w / (w[:, None] + w))  # row: the shared draw; column: the one of its own
    inside = np.arcsin(np.clip(pearson * root[:, :, None] * root[:, None, :], -1.0, 1.0))
    return 6.0 / math.pi * float(weights @ (inside @ weights @ weights))


@lru_cache(maxsize=2048)
def pearson(rank: float, df: float | None) -> float:
    """The correlation of the scores that gives a rank correlation; ``df`` None is the normal copula.

    Examples
    --------
    >>> round(pearson(0.5, None), 4), round(t_spearman(pearson(0.5, 4.0), 4.0), 9)
    (0.5176, 0.5)
    """
    if df is None:
        return 2.0 * math.sin(math.pi * rank / 6.0)
    if abs(rank) in (0.0, 1.0):
        return rank
    low, high = sorted((0.0, math.copysign(1.0, rank)))
    at, r = [(low, t_spearman(low, df)), (high, t_spearman(high, df))], rank
    for _ in range(60):
        (a, fa), (b, fb) = at
        r = a + (b - a) * (rank - fa) / (fb - fa) if _ % 4 else (a + b) / 2.0
        f = t_spearman(r, df)
        at = [(r, f), at[1]] if f < rank else [at[0], (r, f)]
        if abs(f - rank) < 1e-13 or b - a < 1e-15:
            break
    return r


def correlation_matrix(correlations: Sequence[Correlation], df: float | None = None) -> Correlated:
    """The correlation matrix of the normal scores of all inputs that ``correlations`` name, repaired if need be.

    Parameters
    ----------
    correlations : sequence of Correlation
        Spearman correlations; pairs that are not named are uncorrelated.
    df : float, optional
        Degrees of freedom of a t copula.

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
        asked[i, j] = asked[j, i] = pearson(c.rank, df)
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


def correlate(
    u_by_name: Mapping[str, FloatArray],
    correlations: Sequence[Correlation],
    df: float | None = None,
    shared: FloatArray | None = None,
) -> dict[str, FloatArray]:
    """Make some uniforms depend on each other; all others are returned as they came.

    Parameters
    ----------
    u_by_name : mapping of str to ndarray, shape (n_draws,)
        Independent uniforms.
    correlations : sequence of Correlation
        Spearman correlations.
    df : float, optional
        Degrees of freedom of a t copula.
    shared : ndarray, shape (n_draws,), optional
        With ``df``: the uniforms of the chi-square draw that they share.

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
    from scipy.special import ndtr, ndtri, stdtr

    out = dict(u_by_name)
    if not correlations:
        return out
    correlated = correlation_matrix(correlations, df)
    if missing := [name for name in correlated.names if name not in out]:
        raise ModelError(f"correlations name {', '.join(missing)}, which is not uncertain: take that line out")
    scores = np.stack([ndtri(u_by_name[name]) for name in correlated.names])
    factor = np.linalg.cholesky(correlated.matrix)
    wider = None if df is None or shared is None else stretch(df, shared)
    for i, name in enumerate(correlated.names):
        if i == 0 and wider is None:
            continue  # the first input leads: it keeps its own uniforms
        # an explicit sum, because a matrix product may round differently for other block sizes
        z = factor[i, 0] * scores[0]
        for j in range(1, i + 1):
            z += factor[i, j] * scores[j]
        u = ndtr(z) if wider is None else stdtr(df, z * wider)
        out[name] = np.clip(u, SMALLEST_UNIFORM, 1.0 - SMALLEST_UNIFORM)
    return out


def stretch(df: float, shared: FloatArray) -> FloatArray:
    """What normal scores are multiplied by to become t: ``1 / sqrt(w / df)``, w chi-square."""
    from scipy.special import gammaincinv

    w = np.maximum(2.0 * gammaincinv(df / 2.0, shared), np.finfo(np.float64).tiny)
    return np.asarray(np.sqrt(df / w))
