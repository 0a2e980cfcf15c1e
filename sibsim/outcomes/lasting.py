"""How an improvement lives on after the time in which the effect works."""

from __future__ import annotations

import math

import numpy as np

from sibsim.scenario import Lasts

__all__ = ["drops", "fade", "faded_months"]


def drops(lasts: Lasts | None) -> list[float]:
    """Months after ``over`` at which the share that stands falls at once.

    >>> drops(Lasts("duration", 18.0)), drops(Lasts("table", table=((0.0, 0.8), (12.0, 0.5)))), drops(None)
    ([18.0], [0.0], [0.0])
    """
    if lasts is None:
        return [0.0]
    if lasts.kind == "duration":
        return [lasts.months]
    is_less_at_once = lasts.kind == "table" and float(lasts.table[0][1]) != 1.0
    return [0.0] if is_less_at_once else []


def fade(lasts: Lasts | None, months: float, *, is_after: bool = False) -> float:
    """Share of an improvement that still stands so many months after ``over``; ``is_after``: just after that.

    >>> fade(Lasts("half_life", 24.0), 48.0)
    0.25
    >>> fade(None, 0.0), fade(None, 1.0)
    (1.0, 0.0)
    >>> fade(Lasts("duration", 6.0), 6.0), fade(Lasts("duration", 6.0), 6.0, is_after=True)
    (1.0, 0.0)
    """
    if months <= 1e-9 and not is_after:
        return 1.0
    if lasts is None:
        return 0.0
    if lasts.kind == "table":
        times, shares = zip(*lasts.table, strict=True)
        return float(np.interp(months, times, shares))
    formulas = {
        "always": 1.0,
        "duration": float(months < lasts.months - 1e-9 if is_after else months <= lasts.months + 1e-9),
        "half_life": 0.5 ** (months / lasts.months) if lasts.months else 0.0,
        "to_zero": max(0.0, 1.0 - months / lasts.months) if lasts.months else 0.0,
    }
    return formulas[lasts.kind]


def faded_months(lasts: Lasts | None, months: float) -> float:
    """Months after ``over``, each counted by the share that still stands: the exact integral of `fade`.

    >>> round(faded_months(Lasts("half_life", 24.0), 24.0), 6) == round(12.0 / math.log(2.0), 6)
    True
    >>> faded_months(Lasts("to_zero", 12.0), 24.0), faded_months(Lasts("duration", 6.0), 24.0)
    (6.0, 6.0)
    >>> faded_months(Lasts("table", table=((0.0, 1.0), (12.0, 0.5))), 24.0)
    15.0
    """
    if lasts is None or months <= 0.0:
        return 0.0
    if lasts.kind == "always":
        return months
    if lasts.kind == "table":
        inside = [t for t, _ in lasts.table if 0.0 < t < months]
        times = np.array([0.0, *inside, months])
        shares = np.interp(times, [t for t, _ in lasts.table], [share for _, share in lasts.table])
        return float(np.sum(np.diff(times) * (shares[1:] + shares[:-1]) / 2.0))
    if not lasts.months:
        return 0.0
    if lasts.kind == "half_life":
        return lasts.months / math.log(2.0) * -math.expm1(-math.log(2.0) * months / lasts.months)
    stands = min(months, lasts.months)
    return stands if lasts.kind == "duration" else stands - stands**2 / (2.0 * lasts.months)
