"""Draws in which the same money moves on the same dates: where payments go in steps there are few different ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["alike"]

SAMPLE = 64
"""Draws that are looked at first: where most of these differ, all are taken to."""


def alike(rows: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """One draw of each kind, and which of them each draw is like.

    Parameters
    ----------
    rows : (n_dates, n_draws) array

    Returns
    -------
    (chosen, place) or None
        ``rows[:, chosen][:, place]`` is ``rows``, to the last bit; None where that spares little.

    Examples
    --------
    >>> rows = np.tile([[-1.0, -1.0, -2.0], [1.5, 0.0, 3.0]], 100)
    >>> chosen, place = alike(rows)
    >>> len(chosen), bool((rows[:, chosen][:, place] == rows).all()), alike(np.arange(300.0)[None])
    (3, True, None)
    """
    mark = np.cos(np.arange(1.0, len(rows) + 1.0)) @ rows  # alike in all dates: the same number
    if len(np.unique(mark[:SAMPLE])) > SAMPLE // 4:
        return None
    different = np.unique(mark)
    if not 1 < len(different) < len(mark) // 4:
        return None
    place = np.searchsorted(different, mark)
    chosen = np.zeros(len(different), dtype=np.intp)
    chosen[place] = np.arange(len(mark))
    return (chosen, place) if np.array_equal(rows[:, chosen][:, place], rows) else None
