"""Rounding as contracts mean it: a half goes up in size, and what is written as a half is one.

Importing this module does not load numpy.
"""

from __future__ import annotations

from typing import Any, Literal

__all__ = ["rounded"]

SLACK = 1e-9
"""In units of what is rounded to: 2.675 is a little under 2.675 in a computer, and rounds as written, to 2.68."""
OF_SIZE = 1e-14
"""The same for large numbers, of which a computer keeps so many digits."""


def rounded(x: Any, to: float, direction: Literal["nearest", "down", "up"] = "nearest") -> Any:
    """A whole multiple of ``to``.

    Parameters
    ----------
    x : float or ndarray
        NaN stays NaN, and what has no end has none.
    to : float
        Above 0.
    direction : {'nearest', 'down', 'up'}
        The nearest, a half away from 0; the one below (towards minus infinity); the one above.

    Returns
    -------
    float or ndarray
        Never less for more.

    Examples
    --------
    >>> float(rounded(2.675, 0.01)), float(rounded(-2.5, 1.0)), float(rounded(-2.5, 1.0, "down"))
    (2.68, -3.0, -3.0)
    """
    import numpy as np

    x = np.asarray(x, dtype=float)
    parts = round(1.0 / to) if to < 1.0 and abs(1.0 / to - round(1.0 / to)) < 1e-6 else 0
    steps = x * parts if parts else x / to
    slack = np.where(np.isfinite(steps), SLACK + OF_SIZE * np.abs(steps), 0.0)
    if direction == "down":
        whole = np.floor(steps + slack)
    elif direction == "up":
        whole = np.ceil(steps - slack)
    else:
        whole = np.copysign(np.floor(np.abs(steps) + 0.5 + slack), steps)
    whole = whole + 0.0  # no negative zero
    return whole / parts if parts else whole * to
