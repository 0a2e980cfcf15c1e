"""What a payment pays for what was measured: one entry of `SHAPES` for each shape of the scenario language.

A shape maps x, the reading of a measure in each draw, to money. Its parameter is a price (``amount``, ``per_unit``,
``per_point``), a share of x (``share``), rows (``steps``, ``line``) or a list of prices (``prices``); every number may
be a float or one value a draw. Importing this module loads no numpy, and neither do the bounds of shapes whose
parameters are plain numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Literal

from sibsim.rates import above, at_least

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SHAPES", "Shape"]

Per = Any
"""A float, or an array with one value a draw."""

Rows = Sequence[tuple[Any, bool, Any]]
"""(at, strict, pays) in file order; ``at`` is None for ``otherwise``, ``strict`` is True for ``above V``."""


@dataclass(frozen=True)
class Shape:
    """One way to turn a reading into money.

    Parameters
    ----------
    name : str
        The key of the scenario language.
    parameter : {'money', 'share', 'rows', 'prices'}
        What stands after the key.
    needs_x : bool
        Whether the payment needs a measure.
    pays : callable
        ``pays(x, parameter)``: money in each draw. ``x`` is a number or (n_draws,), in the unit of the measure (a
        share is a decimal); NaN is not allowed. For ``prices`` it may be a tuple, one count for each price.
    bounds : callable
        ``bounds(parameter)``: the least and the most that it pays for any x; either may be infinite. Floats for plain
        numbers, else (n_draws,).

    Examples
    --------
    >>> SHAPES["steps"].pays(0.10, [(0.085, False, 4.8e6), (0.10, False, 9.6e6)])
    array(9600000.)
    >>> SHAPES["per_point"].bounds(160_000.0)
    (0.0, inf)
    """

    name: str
    parameter: Literal["money", "share", "rows", "prices"]
    needs_x: bool
    pays: Callable[[Any, Any], FloatArray]
    bounds: Callable[[Any], tuple[Per, Per]]


def _extreme(values: Sequence[Per], highest: bool) -> Per:
    """The lowest or highest of some numbers, draw by draw where there are arrays."""
    if all(isinstance(value, (int, float)) for value in values):
        return float(max(values) if highest else min(values))
    import numpy as np

    return reduce(np.maximum if highest else np.minimum, values)


# ------------------------------------------------------------------------------------------------ one price
def _amount_pays(x: Any, amount: Per) -> FloatArray:
    import numpy as np

    shape = np.broadcast_shapes(np.shape(amount), np.shape(x) if x is not None else ())
    return np.broadcast_to(np.asarray(amount, dtype=np.float64), shape)


def _amount_bounds(amount: Per) -> tuple[Per, Per]:
    return amount, amount


def _per_unit_pays(x: Any, price: Per) -> FloatArray:
    import numpy as np

    return np.asarray(np.maximum(np.asarray(x, dtype=np.float64), 0.0) * price)


def _per_point_pays(x: Any, price: Per) -> FloatArray:
    return _per_unit_pays(x, price) * 100.0


def _price_bounds(price: Per) -> tuple[Per, Per]:
    if isinstance(price, (int, float)):
        return (-math.inf if price < 0 else 0.0), (math.inf if price > 0 else 0.0)
    import numpy as np

    return np.where(price < 0, -np.inf, 0.0), np.where(price > 0, np.inf, 0.0)


# ------------------------------------------------------------------------------------------------ several prices
def _prices_pay(x: Any, prices: Sequence[Per]) -> FloatArray:
    counts = x if isinstance(x, tuple) else (x,) * len(prices)
    return reduce(add, map(_per_unit_pays, counts, prices))


def _prices_bounds(prices: Sequence[Per]) -> tuple[Per, Per]:
    lows, highs = zip(*map(_price_bounds, prices), strict=True)
    return reduce(add, lows), reduce(add, highs)


# ------------------------------------------------------------------------------------------------ rows
def _split(rows: Rows) -> tuple[Per, Rows]:
    """What is paid before the first row is reached (``otherwise``, else 0), and the other rows."""
    if rows and rows[0][0] is None:
        return rows[0][2], rows[1:]
    return 0.0, rows


def _steps_pays(x: Any, rows: Rows) -> FloatArray:
    import numpy as np

    x = np.asarray(x, dtype=np.float64)
    otherwise, steps = _split(rows)
    pays = np.asarray(np.zeros(x.shape) + otherwise)
    for at, strict, money in steps:
        pays = np.where(above(x, at) if strict else at_least(x, at), money, pays)
    return pays


def _line_pays(x: Any, rows: Rows) -> FloatArray:
    import numpy as np

    x = np.asarray(x, dtype=np.float64)
    otherwise, corners = _split(rows)
    pays = np.asarray(np.zeros(x.shape) + otherwise)
    for (at, strict, money), (next_at, _, next_money) in zip(corners, [*corners[1:], *corners[-1:]], strict=True):
        width = np.subtract(next_at, at)
        part = np.clip(np.subtract(x, at), 0.0, width) / np.where(width > 0.0, width, 1.0)
        reached = above(x, at) if strict else at_least(x, at)
        pays = np.where(reached, money + part * np.subtract(next_money, money), pays)
    return pays


def _rows_bounds(rows: Rows) -> tuple[Per, Per]:
    otherwise, others = _split(rows)
    pays = [otherwise, *(money for _, _, money in others)]
    return _extreme(pays, highest=False), _extreme(pays, highest=True)


SHAPES: dict[str, Shape] = {
    "amount": Shape("amount", "money", False, _amount_pays, _amount_bounds),
    "per_unit": Shape("per_unit", "money", True, _per_unit_pays, _price_bounds),
    "per_point": Shape("per_point", "money", True, _per_point_pays, _price_bounds),
    "share": Shape("share", "share", True, _per_unit_pays, _price_bounds),
    "steps": Shape("steps", "rows", True, _steps_pays, _rows_bounds),
    "line": Shape("line", "rows", True, _line_pays, _rows_bounds),
    "prices": Shape("prices", "prices", True, _prices_pay, _prices_bounds),
}
