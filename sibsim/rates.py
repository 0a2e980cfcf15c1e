"""Discounting, present values, internal rates of return, and the one rule for thresholds.

Arrays are date-major: ``(n_dates,)`` for one stream of money, ``(n_dates, n_draws)`` for one a draw. Rates are
effective, per year. Importing this module does not load numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

__all__ = ["SLACK", "above", "at_least", "discount_factors", "irr", "is_unique_irr", "npv", "period_rate"]

SLACK = 1e-9
"""How far below a threshold still reaches it: ``1 - 135 / 150`` must reach 0.10."""


def at_least(x: Any, c: Any) -> Any:
    """Whether x reaches c: ``x >= c - 1e-9``.

    Parameters
    ----------
    x, c : float or ndarray
        In the same unit, of any shapes that go together.

    Returns
    -------
    bool or ndarray of bool

    Examples
    --------
    >>> at_least(1 - 135 / 150, 0.10)
    True
    """
    return x >= c - SLACK


def above(x: Any, c: Any) -> Any:
    """Whether x is more than c: ``x > c + 1e-9``.

    Parameters
    ----------
    x, c : float or ndarray
        In the same unit, of any shapes that go together.

    Returns
    -------
    bool or ndarray of bool

    Examples
    --------
    >>> above(0.1 + 0.2, 0.3)
    False
    """
    return x > c + SLACK


def period_rate(rate: Any, years: float) -> Any:
    """The rate of a period that compounds to a yearly rate: ``(1 + rate) ** years - 1``.

    Parameters
    ----------
    rate : float or ndarray
        Per year, above -1.
    years : float
        Length of the period.

    Returns
    -------
    float or ndarray
        Per period.

    Examples
    --------
    >>> round(period_rate(0.06, 1 / 12), 8)
    0.00486755
    """
    return (1.0 + rate) ** years - 1.0


def discount_factors(rate: ArrayLike, years: ArrayLike) -> FloatArray:
    """What money at each date is worth today: ``(1 + rate) ** -years``.

    Parameters
    ----------
    rate : float or array_like, shape (n_draws,)
        Per year, above -1.
    years : array_like, shape (n_dates,)
        Dates in years; year 0 is not discounted.

    Returns
    -------
    ndarray, shape (n_dates,) or (n_dates, n_draws)

    Examples
    --------
    >>> discount_factors(0.25, [0.0, 1.0]).tolist()
    [1.0, 0.8]
    """
    import numpy as np

    rate, years = np.asarray(rate, dtype=np.float64), np.asarray(years, dtype=np.float64)
    return np.asarray((1.0 + rate) ** -(years.reshape((-1,) + (1,) * rate.ndim)))


def npv(rate: ArrayLike, flows: ArrayLike, years: ArrayLike | None = None) -> Any:
    """The net present value of streams of money: ``sum flow_t (1 + rate) ** -years_t``.

    The first flow is not discounted, unlike in the NPV function of spreadsheets, which discounts it by a whole period.

    Parameters
    ----------
    rate : float or array_like, shape (n_draws,)
        Per year, above -1.
    flows : array_like, shape (n_dates,) or (n_dates, n_draws)
        Money at each date.
    years : array_like, shape (n_dates,), optional
        Dates in years; 0, 1, 2, ... if left out.

    Returns
    -------
    float or ndarray, shape (n_draws,)
        Money.

    Examples
    --------
    >>> round(npv(0.1, [-10_000, 3_000, 4_200, 6_800]), 2)
    1307.29
    """
    import numpy as np

    flows = np.asarray(flows, dtype=np.float64)
    factors = discount_factors(rate, np.arange(len(flows)) if years is None else years)
    if factors.ndim < flows.ndim:
        factors = factors[:, None]
    elif flows.ndim < factors.ndim:
        flows = flows[:, None]
    total = (flows * factors).sum(axis=0)
    return total if total.ndim else float(total)


# --------------------------------------------------------------------------------------------- internal rate of return
BLOCK = 8192
"""Draws solved together: what they need fits in the processor's cache."""


def is_unique_irr(flows: ArrayLike) -> Any:
    """Whether a stream changes its sign at most once, so that it cannot have two internal rates of return.

    Parameters
    ----------
    flows : array_like, shape (n_dates,) or (n_dates, n_draws)
        Net money at each date; dates without money do not count.

    Returns
    -------
    bool or ndarray of bool, shape (n_draws,)

    Examples
    --------
    >>> is_unique_irr([-100, 0, 60, 70]), is_unique_irr([-100, 230, -132])
    (True, False)
    """
    import numpy as np

    from sibsim.roots import ZERO, sign_changes

    flows = np.asarray(flows, dtype=np.float64)
    unique = sign_changes(flows, ZERO * np.abs(flows).sum(axis=0)) <= 1
    return unique if unique.ndim else bool(unique)


def irr(flows: ArrayLike, years: ArrayLike | None = None) -> Any:
    """The internal rate of return: the rate at which a stream of money has a present value of 0.

    Parameters
    ----------
    flows : array_like, shape (n_dates,) or (n_dates, n_draws)
        Net money at each date, as the investor sees it: out is negative.
    years : array_like, shape (n_dates,), optional
        Dates in years, rising, at any distances; 0, 1, 2, ... if left out.

    Returns
    -------
    float or ndarray, shape (n_draws,)
        Effective, per year. -1 where money went in and nothing came back, or less than went in and no rate exists (a
        little back, then more in and nothing after): the limit as a last receipt goes to 0. NaN: nothing went in.
        Of several rates the smallest that is not negative, else the one nearest zero (`is_unique_irr` tells).

    Notes
    -----
    With ``w = ln(1 + r)``, ``f(w) = sum flow_t exp(-w t)`` is w times the transform of the money that is out so far, so
    it has no more positive roots than that sum changes sign (Norstrom 1972); negative roots are positive ones of the
    stream read backwards. A single root is found by Newton's method on ``ln(receipts) - ln(outlays)``, discounted,
    which is nearly straight, inside a bracket; several by Rolle's theorem, each sum of exponentials between the turning
    points that a sum with one sign change less gives.

    Examples
    --------
    >>> round(irr([-70_000, 12_000, 15_000, 18_000, 21_000, 26_000]), 6)
    0.086631
    >>> irr([-100, 0, 0]), irr([-100, 10, -100]), irr([0, 0, 0])
    (-1.0, -1.0, nan)
    """
    import numpy as np

    from sibsim.roots import last_bits, log_rates

    flows = np.asarray(flows, dtype=np.float64)
    table = flows[:, None] if flows.ndim == 1 else flows
    dates = np.arange(len(table), dtype=np.float64) if years is None else np.asarray(years, dtype=np.float64)
    rates = np.full(table.shape[1], np.nan)
    for begin in range(0, table.shape[1], BLOCK):
        block = table[:, begin : begin + BLOCK]
        into, back = (block < 0.0).any(axis=0), (block > 0.0).any(axis=0)
        found = np.where(into, -1.0, np.nan)
        if (both := into & back).any():
            streams = block if both.all() else block[:, both]
            found[both] = np.expm1(last_bits(streams, dates, log_rates(streams, dates)))
            found[both & np.isnan(found) & (block.sum(axis=0) < 0.0)] = -1.0
        rates[begin : begin + BLOCK] = found
    return rates if flows.ndim > 1 else float(rates[0])
