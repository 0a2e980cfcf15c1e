"""Cash metrics of a stream of money: multiple, payback, average life, peak capital.

Arrays are date-major, ``(n_dates,)`` or ``(n_dates, n_draws)``. A metric that does not apply to a draw is NaN there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

__all__ = ["moic", "payback_years", "peak_capital", "weighted_average_life"]


def _years(flows: FloatArray, years: ArrayLike | None) -> FloatArray:
    """The dates in years, shaped to multiply the flows."""
    dates = np.arange(len(flows), dtype=np.float64) if years is None else np.asarray(years, dtype=np.float64)
    return dates.reshape((-1,) + (1,) * (flows.ndim - 1))


def moic(flows: ArrayLike) -> FloatArray:
    """The multiple on invested capital: all that came back for each krona that was put in.

    Parameters
    ----------
    flows : array_like, shape (n_dates,) or (n_dates, n_draws)
        Net money at each date, as the investor sees it: out is negative.

    Returns
    -------
    ndarray, shape () or (n_draws,)
        ``sum of receipts / sum of outlays``; 0 for a total loss, NaN where nothing was put in.

    Examples
    --------
    >>> round(float(moic([-1000.0, -200.0, 300.0, 500.0, 800.0])), 6)
    1.333333
    """
    flows = np.asarray(flows, dtype=np.float64)
    outlays = -np.minimum(flows, 0.0).sum(axis=0)
    receipts = np.maximum(flows, 0.0).sum(axis=0)
    return np.asarray(np.where(outlays > 0.0, receipts / np.where(outlays > 0.0, outlays, 1.0), np.nan))


def payback_years(flows: ArrayLike, years: ArrayLike | None = None) -> FloatArray:
    """Years from the first draw until the money is back for good: from then on the sum so far is never negative again.

    The first draw is the first date on which more goes out than comes in. Between two dates the money is taken to come
    evenly.

    Parameters
    ----------
    flows : array_like, shape (n_dates,) or (n_dates, n_draws)
        Net money at each date; out is negative.
    years : array_like, shape (n_dates,), optional
        Dates in years; 0, 1, 2, ... if left out.

    Returns
    -------
    ndarray, shape () or (n_draws,)
        NaN where nothing was put in or the money never comes back.

    Examples
    --------
    >>> float(payback_years([-1000.0, -200.0, 300.0, 500.0, 800.0]))
    3.5
    >>> float(payback_years([0.0, 0.0, -100.0, 0.0, 200.0]))
    1.5
    """
    flows = np.asarray(flows, dtype=np.float64)
    dates = _years(flows, years)
    so_far = np.cumsum(flows, axis=0)
    slack = 1e-9 * np.abs(flows).sum(axis=0)
    behind = so_far < -slack
    n_dates = len(flows)
    last = n_dates - 1 - np.argmax(behind[::-1], axis=0)  # the last date at which money is still out
    comes_back = behind.any(axis=0) & (last < n_dates - 1)
    at, after = np.minimum(last, n_dates - 1), np.minimum(last + 1, n_dates - 1)

    def pick(values: FloatArray, where: NDArray[np.intp]) -> FloatArray:
        return np.asarray(np.take_along_axis(np.broadcast_to(values, flows.shape), np.expand_dims(where, 0), axis=0)[0])

    owed, paid = -pick(so_far, at), pick(flows, after)
    part = np.clip(owed / np.where(paid > 0.0, paid, 1.0), 0.0, 1.0)
    begin, end = pick(dates, at), pick(dates, after)
    first = pick(dates, np.argmax(flows < -slack, axis=0))
    return np.asarray(np.where(comes_back, begin + part * (end - begin) - first, np.nan))


def weighted_average_life(flows: ArrayLike, years: ArrayLike | None = None) -> FloatArray:
    """How long it takes on average until the money comes back, counted from the first draw.

    Each date is weighted by what is received: ``sum t receipt_t / sum receipt_t``, t in years since the first date on
    which something goes out. Later draws do not shorten it: it says when money comes, not how long each krona is out.

    Parameters
    ----------
    flows : array_like, shape (n_dates,) or (n_dates, n_draws)
        Money at each date; out is negative. A date may come twice, so that money out and back on one day both count.
    years : array_like, shape (n_dates,), optional
        Dates in years; 0, 1, 2, ... if left out.

    Returns
    -------
    ndarray, shape () or (n_draws,)
        Years; NaN where nothing was put in or nothing comes back.

    Examples
    --------
    >>> float(weighted_average_life([-1000.0, -200.0, 300.0, 500.0, 800.0]))
    3.3125
    >>> float(weighted_average_life([0.0, -600.0, -600.0, 0.0, 1200.0]))
    3.0
    """
    flows = np.asarray(flows, dtype=np.float64)
    dates = _years(flows, years)
    goes_out = flows < -1e-9 * np.abs(flows).sum(axis=0)
    first = np.where(goes_out, dates, np.inf).min(axis=0, initial=np.inf)
    back = np.maximum(flows, 0.0)
    total = back.sum(axis=0)
    is_known = (total > 0.0) & np.isfinite(first)
    mean = (back * dates).sum(axis=0) / np.where(total > 0.0, total, 1.0)
    return np.asarray(np.where(is_known, mean - np.where(is_known, first, 0.0), np.nan))


def peak_capital(flows: ArrayLike) -> FloatArray:
    """The most money that is out at once: the lowest point of the sum so far, as a positive amount.

    Parameters
    ----------
    flows : array_like, shape (n_dates,) or (n_dates, n_draws)
        Net money at each date; out is negative.

    Returns
    -------
    ndarray, shape () or (n_draws,)
        Money; 0 where none was ever out.

    Examples
    --------
    >>> float(peak_capital([-1000.0, -200.0, 300.0, 500.0, 800.0]))
    1200.0
    """
    so_far = np.cumsum(np.asarray(flows, dtype=np.float64), axis=0)
    return np.asarray(np.maximum(-so_far.min(axis=0), 0.0))
