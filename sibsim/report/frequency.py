"""Chances as natural frequencies: "in 12 of 100 futures (11.4-12.6)", and never 0 % or 100 % unless it must be so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sibsim.report.numbers import NOT_APPLICABLE, fixed, is_number

__all__ = ["RARE_AT_MOST", "bounds", "futures", "futures_short", "of_100"]

RARE_AT_MOST = (3.0, 4.744, 6.296, 7.754, 9.154, 10.513)
"""Upper 95 % limit of the mean of a Poisson count of 0, 1, ... 5: half the 95 % quantile of chi-square with 2 k + 2
degrees of freedom; for none seen, the rule of three."""


def bounds(value: float, error: float, n_replicates: int) -> tuple[float, float]:
    """The 95 % interval from a Monte Carlo error: Student t with ``n_replicates - 1`` degrees of freedom."""
    from sibsim.metrics import Estimate, interval  # numpy and scipy, only when a report is made

    low, high = interval(Estimate(value, error), n_replicates)
    return float(low), float(high)


def futures(chance: Mapping[str, Any], n_replicates: int) -> str:
    """A chance as a sentence needs it.

    Parameters
    ----------
    chance : mapping
        ``value``, ``mc_error``, ``count`` and ``draws`` of the results.
    n_replicates : int
        Replicates behind the Monte Carlo error.

    Returns
    -------
    str
        "in 12 of 100 futures (11.4-12.6)": the interval is the 95 % interval of the simulation itself.

    Examples
    --------
    >>> futures({"value": 0.0, "mc_error": 0.0, "count": 0, "draws": 16384}, 16)
    'in none of 16,384 futures (under 1 in 5,461)'
    >>> futures({"value": 1 / 16384, "mc_error": 6e-5, "count": 1, "draws": 16384}, 16)
    'in 1 of 16,384 futures (under 1 in 3,453)'
    >>> futures({"value": 0.5, "mc_error": 0.0, "count": 8192, "draws": 16384}, 16)
    'in 50 of 100 futures'
    """
    if not is_number(chance["value"]):
        return "in n/a of the futures"
    draws, count = int(chance["draws"]), int(chance["count"])
    if min(count, draws - count) < len(RARE_AT_MOST):
        return _nearly_all_or_none(count, draws)
    number, base, low, high = _whole_number(chance, n_replicates)
    return f"in {number} of {base:,} futures{_interval(low, high, base)}"


def futures_short(chance: Mapping[str, Any], n_replicates: int) -> str:
    """The same for a table: without "in" and "futures".

    >>> futures_short({"value": 0.5, "mc_error": 0.0, "count": 8192, "draws": 16384}, 16)
    '50 of 100'
    """
    if not is_number(chance["value"]):
        return NOT_APPLICABLE
    text = futures(chance, n_replicates).removeprefix("in ")
    return text.replace(" futures", "").replace("otherwise in ", "else ").replace("under ", "<")


def of_100(chance: float) -> str:
    """In how many of 100 futures; what is not none or all never reads so.

    >>> of_100(0.0), of_100(0.001), of_100(0.12), of_100(0.999), of_100(1.0)
    ('none', '<1', '12', '>99', 'all')
    """
    if chance <= 0.0 or chance >= 1.0 - 1e-12:
        return "none" if chance <= 0.0 else "all"
    return "<1" if chance < 0.005 else ">99" if chance > 0.995 else fixed(100 * chance, 0)


def _nearly_all_or_none(count: int, draws: int) -> str:
    """A handful of futures or all but a handful: the count itself, and how often it could be."""
    few = min(count, draws - count)
    least = math.floor(draws / RARE_AT_MOST[few])
    if count == few:
        return f"in {count or 'none'} of {draws:,} futures (under 1 in {least:,})"
    shown = "all" if few == 0 else f"{count:,}"
    return f"in {shown} of {draws:,} futures (otherwise in under 1 in {least:,})"


def _interval(low: str, high: str, base: int) -> str:
    """What was seen in some futures and not in others is neither certain nor impossible: no interval ends there."""
    if low == high:
        return ""
    if _number(low) == 0:
        return f" (at most {high})"
    return f" (at least {low})" if _number(high) == base else f" ({low}-{high})"


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _whole_number(chance: Mapping[str, Any], n_replicates: int) -> tuple[str, int, str, str]:
    """The smallest of 100, 1,000 ... at which the whole number is neither none nor all, and in its own interval."""
    low, high = bounds(chance["value"], chance["mc_error"], n_replicates)
    base = 100
    while True:
        number = round(base * chance["value"])
        decimals = 1 if base == 100 or number < 10 else 0
        ends = [fixed(base * min(max(end, 0.0), 1.0), decimals) for end in (low, high)]
        inside = _number(ends[0]) <= number <= _number(ends[1])
        if base >= chance["draws"] or (0 < number < base and (inside or chance["mc_error"] == 0)):
            return f"{number:,}", base, ends[0], ends[1]
        base *= 10
