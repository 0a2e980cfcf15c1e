"""The roots of sums of exponentials, for internal rates of return: ``ln(1 + rate)`` of streams of money.

How they are found is told in `sibsim.rates.irr`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

__all__ = ["ZERO", "last_bits", "log_rates", "sign_changes"]

ZERO = 1e-12
"""A sum this small beside all the money that moves is rounding."""

PRECISION = 1e-13
"""Receipts and outlays, discounted, agree to this part when a rate is found."""


def log_rates(flows: FloatArray, years: FloatArray) -> FloatArray:
    """``ln(1 + irr)`` of streams with both signs."""
    used = (flows != 0.0).any(axis=1)
    flows, years = flows[used], years[used]
    rates = np.full(flows.shape[1], np.nan)
    two = np.count_nonzero(flows, axis=0) == 2
    if two.any():
        out, back = np.maximum(-flows, 0.0), np.maximum(flows, 0.0)
        length = years @ (back > 0.0) - years @ (out > 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = np.where(two, np.log(back.sum(axis=0) / out.sum(axis=0)) / length, np.nan)
    if not two.all():
        rates[~two] = _log_rates_of_many(flows if not two.any() else flows[:, ~two], years)
    return rates


def last_bits(flows: FloatArray, years: FloatArray, w: FloatArray) -> FloatArray:
    """The same roots, with last bits that hang on each stream alone.

    Which dates the others solved with it use decides how exponentials are put together, and so the last bits. One step
    of Newton's method from the nine first digits, each date discounted by itself, makes up for it.
    """
    used = (flows != 0.0).any(axis=1)
    flows, years = flows[used], years[used]
    near = np.round(w, 9)
    with np.errstate(all="ignore"):
        terms = np.exp(np.multiply.outer(-years, near))
        terms *= flows
        step = terms.sum(axis=0)
        terms *= years[:, None]
        step /= terms.sum(axis=0)
        is_near = (np.abs(step) < 1e-8) & (w != 0.0)
    return np.where(is_near, near + step, w)


def _log_rates_of_many(flows: FloatArray, years: FloatArray) -> FloatArray:
    """``ln(1 + irr)`` of streams with three dates or more: forwards, and where that finds nothing backwards."""
    rates = np.where(np.abs(flows.sum(axis=0)) <= ZERO * np.abs(flows).sum(axis=0), 0.0, np.nan)
    streams = ((flows, years - years[0], 1.0), (flows[::-1], years[-1] - years[::-1], -1.0))
    for stream, dates, sign in streams:
        left = np.flatnonzero(np.isnan(rates))
        if not len(left):
            break
        stream = stream if len(left) == len(rates) else stream[:, left]
        changes = sign_changes(accumulate(stream), np.zeros(len(left)))
        for chosen, solve in ((changes == 1, _single_root), (changes > 1, _smallest_root)):
            if chosen.any():
                rates[left[chosen]] = sign * solve(stream if chosen.all() else stream[:, chosen], dates)
    return rates


def sign_changes(rows: Iterable[FloatArray], rounding: FloatArray) -> NDArray[np.intp]:
    """How often the values change their sign from row to row, those within ``rounding`` of zero left out."""
    changes = np.zeros(np.shape(rounding), dtype=np.intp)
    was_up = was_down = np.zeros(np.shape(rounding), dtype=bool)
    for row in rows:
        up, down = row > rounding, row < -rounding
        changes += (up & was_down) | (down & was_up)
        was_up, was_down = up | (was_up & ~down), down | (was_down & ~up)
    return changes


def _gaps(years: FloatArray) -> list[float]:
    """Years from each date to the next; rounding of the dates must not make equal gaps differ."""
    found: list[float] = np.round(np.diff(years), 12).tolist()
    return found


def _present_value(flows: FloatArray, gaps: list[float], w: FloatArray) -> FloatArray:
    """``sum flow_t exp(-w t)``, t from the first date, by Horner's rule; equal gaps need one exponential."""
    factors = {gap: np.exp(-w * gap) for gap in set(gaps)}
    value = np.asarray(np.zeros(w.shape) + flows[-1])
    for flow, gap in zip(flows[-2::-1], reversed(gaps), strict=True):
        value *= factors[gap]
        value += flow
    return value


def _log_value(flows: FloatArray, years: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The logarithm of ``sum flow_t exp(-w t)``, flows of 0 or more, and its slope in w."""
    used = np.flatnonzero(flows.any(axis=1))
    flows, years = flows[used[0] : used[-1] + 1], years[used[0] : used[-1] + 1]
    gaps = _gaps(years)
    factors = {gap: np.exp(-w * gap) for gap in set(gaps)}
    value, slope = flows[-1].copy(), np.zeros(w.shape)
    for flow, gap in zip(flows[-2::-1], reversed(gaps), strict=True):
        slope -= gap * value
        slope *= factors[gap]
        value *= factors[gap]
        value += flow
    return np.asarray(np.log(value) - w * years[0]), np.asarray(slope / value - years[0])


def _single_root(flows: FloatArray, years: FloatArray) -> FloatArray:
    """The only w > 0 at which a stream's present value is 0."""
    n = flows.shape[1]
    roots, w, low, high = np.zeros(n), np.zeros(n), np.zeros(n), np.full(n, np.inf)
    place, back, out = np.arange(n), np.maximum(flows, 0.0), np.maximum(-flows, 0.0)
    upwards = np.sign(flows.sum(axis=0))
    for _ in range(200):
        with np.errstate(divide="ignore", invalid="ignore"):
            received, received_slope = _log_value(back, years, w)
            spent, spent_slope = _log_value(out, years, w)
            surplus = received - spent
            newton = w - surplus / (received_slope - spent_slope)
        before = surplus * upwards > 0.0
        low, high = np.where(before, w, low), np.where(before, high, w)
        roots[place] = w
        halved = np.where(np.isinf(high), 2.0 * low + 1.0, (low + high) / 2.0)
        going = ~(np.abs(surplus) <= PRECISION) & ((high - low > 4e-16 * w) | (w == 0.0))
        w = np.where(going, np.where((newton > low) & (newton < high), newton, halved), w)
        if not going.any():
            break
        if 10 * going.sum() < 7 * len(place):
            place, w, low, high, upwards = (x[going] for x in (place, w, low, high, upwards))
            back, out = back[:, going], out[:, going]
    return roots


def _smallest_root(flows: FloatArray, years: FloatArray) -> FloatArray:
    """The smallest w > 0 at which a stream's present value is 0; NaN if there is none.

    Between two neighbouring turning points a function has at most one root. ``exp(w m) f(w)`` has the roots of f, and
    its slope, with m between the dates of a sign change, is a sum of exponentials with one sign change less.
    """
    chain = [flows]
    while (changing := sign_changes(chain[-1], 0.0 * flows[0]) > 0).any():
        sign = np.sign(chain[-1])
        first = np.take_along_axis(sign, np.argmax(sign != 0.0, axis=0)[None], axis=0)
        change = np.argmax(sign * first < 0.0, axis=0)
        middle = np.where(changing, (years[change] + years[np.maximum(change - 1, 0)]) / 2.0, years[0] - 1.0)
        reduced = chain[-1] * (middle - years[:, None])
        chain.append(reduced / np.abs(reduced).max(axis=0))
    # beyond this w the first flow outweighs all later ones
    start = np.take_along_axis(np.abs(flows), np.argmax(flows != 0.0, axis=0)[None], axis=0)[0]
    far = np.log(np.abs(flows).sum(axis=0) / start) / min(_gaps(years)) + 1.0
    turning = np.empty((0, flows.shape[1]))
    for member in chain[-2:0:-1]:
        turning = np.sort(_roots_between(member, years, np.vstack([0.0 * far, turning, far]), far), axis=0)
    roots = _roots_between(flows, years, np.vstack([0.0 * far, turning, far]), np.full(far.shape, np.inf)).min(axis=0)
    return np.where(np.isfinite(roots), roots, np.nan)


def _roots_between(flows: FloatArray, years: FloatArray, edges: FloatArray, none: FloatArray) -> FloatArray:
    """The root of a stream's present value between each two neighbouring edges; ``none`` where there is none."""
    gaps = _gaps(years)
    value = _present_value(flows[:, None, :], gaps, edges)
    size = _present_value(np.abs(flows)[:, None, :], gaps, edges)
    signs = np.where(np.abs(value) <= PRECISION * size, 0.0, np.sign(value))
    start = signs[:-1]
    roots = np.where((start == 0.0) & (edges[:-1] > 0.0), edges[:-1], none)
    row, draw = np.nonzero(start * signs[1:] < 0.0)
    low, high, chosen, side = edges[row, draw], edges[row + 1, draw], flows[:, draw], start[row, draw]
    for _ in range(60):
        middle = (low + high) / 2.0
        before = _present_value(chosen, gaps, middle) * side > 0.0
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    roots[row, draw] = high
    return roots
