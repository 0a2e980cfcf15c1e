"""What contracts have in common: factors, and the inputs that hang on them.

The normal score of an input with loadings is ``z = sum(l_f F_f) + sqrt(1 - sum(l_f ** 2)) z_own``, F_f and z_own
standard normal: so the input keeps its own distribution, and two inputs correlate by the products of their loadings on
the factors they share. With a t copula all such inputs of the portfolio share one chi-square draw w in each future as
well, ``u = T_df(z / sqrt(w / df))``: their bad tails come together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from sibsim.context import Array
from sibsim.draws.copula import stretch
from sibsim.draws.lattice import LATTICE, lattice_points
from sibsim.draws.streams import SMALLEST_UNIFORM, Streams
from sibsim.errors import ModelError
from sibsim.scenario import Copy, Portfolio

__all__ = ["factor_scores", "mix", "mixer"]

SHARED = "factors.t"
"""The stream of the chi-square draw that all inputs with loadings share."""


def factor_scores(
    portfolio: Portfolio, streams: Streams, sampling: str = "lattice", at: Mapping[str, float] | None = None
) -> dict[str, Array]:
    """The normal score of each factor in each draw, shape (n_draws,).

    Parameters
    ----------
    portfolio : Portfolio
    streams : Streams
        Of the portfolio itself, without salt.
    sampling : {'lattice', 'random'}
    at : mapping of factor to share, optional
        Factors that stand at this quantile in every draw.

    Raises
    ------
    ModelError
        ``at`` names no factor, or a share that is not between 0 and 1.
    """
    from scipy.special import ndtri

    fixed = dict(at or {})
    for name, share in fixed.items():
        if name not in portfolio.factors:
            known = ", ".join(f"'{factor}'" for factor in portfolio.factors) or "none"
            raise ModelError(f"no factor is called '{name}'; the portfolio has {known}")
        if not 0.0 < share < 1.0:
            raise ModelError(f"the factor '{name}' stands at a share between 0 and 100 %, got {100 * share:g} %")
    found = {}
    for dimension, name in enumerate(portfolio.factors):
        if name in fixed:
            u = np.full(streams.n_draws, fixed[name])
        elif sampling == "random" or dimension >= len(LATTICE):
            u = streams.uniform("inputs", f"factor {name}")[0]
        else:
            u = streams.of_each(partial(_points, streams, dimension, f"factor {name}"))
        found[name] = np.asarray(ndtri(u))
    return found


def _points(streams: Streams, dimension: int, name: str, replicate: int) -> Array:
    return lattice_points(dimension, streams.shift(name, replicate))


def mixer(
    worlds: Sequence[tuple[Portfolio, slice]], copy: Copy, scores: Mapping[str, Array], streams: Streams
) -> Callable[[dict[str, Array]], dict[str, Array]] | None:
    """What is made of the uniforms of a contract's inputs; None where none of them hangs on a factor.

    Parameters
    ----------
    worlds : sequence of (Portfolio, slice)
        By whose loadings, in which draws.
    copy : Copy
    scores : mapping of factor to (n_draws,) array
    streams : Streams
        Of the portfolio, without salt.
    """
    loadings = [(_loadings(portfolio, copy), draws) for portfolio, draws in worlds]
    if not any(by_name for by_name, _ in loadings):
        return None
    df = worlds[0][0].fund.copula_df
    shared = None if df is None else streams.uniform("inputs", SHARED)[0]

    def mixed(u_by_name: dict[str, Array]) -> dict[str, Array]:
        made: dict[str, Array] = {}
        for by_name, draws in loadings:
            there = {factor: score[draws] for factor, score in scores.items()}
            for name in by_name.keys() & u_by_name.keys():
                into = made.setdefault(name, u_by_name[name].copy())
                into[draws] = mix(into[draws], by_name[name], there, df, None if shared is None else shared[draws])
        return {**u_by_name, **made}

    return mixed


def _loadings(portfolio: Portfolio, copy: Copy) -> dict[str, dict[str, float]]:
    """By input of a contract its loadings, by factor."""
    found: dict[str, dict[str, float]] = {}
    for one in portfolio.loadings:
        if one.holding == copy.holding.name and one.loading != 0.0:
            found.setdefault(one.input, {})[one.factor] = one.loading
    return found


def mix(
    u: Array, loadings: Mapping[str, float], scores: Mapping[str, Array], df: float | None, shared: Array | None
) -> Array:
    """The uniforms of an input that hangs on factors.

    Parameters
    ----------
    u : (n_draws,) array
        Its own chance.
    loadings : mapping of factor to float
    scores : mapping of factor to (n_draws,) array
        Normal scores of the factors.
    df, shared
        Degrees of freedom of a t copula, and the uniforms of its chi-square draw.

    Examples
    --------
    >>> mix(np.array([0.9, 0.5]), {"economy": 0.8}, {"economy": np.array([0.0, 1.0])}, None, None).round(4)
    array([0.779 , 0.7881])
    """
    from scipy.special import ndtr, ndtri, stdtr

    left = 1.0 - sum(loading**2 for loading in loadings.values())
    z = np.sqrt(max(left, 0.0)) * ndtri(u)
    for factor, loading in sorted(loadings.items()):
        z = z + loading * scores[factor]
    made = ndtr(z) if df is None or shared is None else stdtr(df, z * stretch(df, shared))
    return np.asarray(np.clip(made, SMALLEST_UNIFORM, 1.0 - SMALLEST_UNIFORM))
