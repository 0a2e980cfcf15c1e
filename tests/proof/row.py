"""One line of the proof: what a case with a known answer expects, what sibsim gives, and whether that will do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sibsim.metrics import estimate_sd
from tests.support import kept

__all__ = ["Case", "Row", "close", "estimate", "not_reported", "spread", "worked_out"]

LIMIT = 4.5
"""Standard errors by which an estimate may miss: about one in 150,000 by chance alone."""
Number = float | int | bool | None


@dataclass(frozen=True)
class Row:
    """A figure of a case.

    Parameters
    ----------
    quantity : str
    expected, got : number or None
        None stands for *not applicable*: a figure that must not be a number.
    tolerance : float
        What the error may be, in the unit of the figure, or relative to it, or in standard errors.
    kind : {'absolute', 'relative', 'standard errors', 'not reported'}
    standard_error : float
        Of an estimate.
    """

    quantity: str
    expected: Number
    got: Number
    tolerance: float = 1e-9
    kind: str = "absolute"
    standard_error: float = 0.0

    @property
    def error(self) -> float:
        """How far off, in the measure of ``kind``; infinite where one of both is not applicable."""
        expected, got = _number(self.expected), _number(self.got)
        if math.isnan(expected) or math.isnan(got):
            return 0.0 if math.isnan(expected) and math.isnan(got) else math.inf
        off = abs(got - expected)
        if off == 0.0:
            return 0.0
        if self.kind == "relative":
            return off / abs(expected) if expected else math.inf
        if self.kind == "standard errors":
            return off / self.standard_error if self.standard_error > 0 else math.inf
        return off

    @property
    def holds(self) -> bool:
        return self.kind == "not reported" or self.error <= self.tolerance


@dataclass(frozen=True)
class Case:
    """A case with a known answer: where it comes from, and its figures, worked out when asked for."""

    id: str
    title: str
    source: str
    rows: Callable[[], Iterator[Row]]


@cache
def worked_out(case: Case) -> tuple[Row, ...]:
    """The figures of a case, worked out once in a run of the tests, whoever asks for them and however often."""
    return kept(("proof", case.id, case.title), lambda: tuple(case.rows()))


def _number(value: Number) -> float:
    return math.nan if value is None else float(value)


def close(quantity: str, expected: Number, got: Number, tolerance: float = 1e-9, *, is_relative: bool = False) -> Row:
    """A figure that needs no chance: met within a small tolerance."""
    return Row(quantity, expected, got, tolerance, "relative" if is_relative else "absolute")


def estimate(quantity: str, expected: float, got: Number, standard_error: float, *, plain: float | None = None) -> Row:
    """A figure estimated from futures: met within 4.5 standard errors.

    ``plain`` is the known standard error of plain random futures. An estimate may not hide behind a wide error of its
    own, so the smaller of 1.3 times that and its own error counts (nothing but an exact hit where both are 0).
    """
    used = standard_error if plain is None else min(standard_error, 1.3 * plain)
    slack = 1e-10 * max(1.0, abs(expected))
    if got is not None and abs(got - expected) <= slack:
        return Row(quantity, expected, expected, LIMIT, "standard errors", used)
    return Row(quantity, expected, got, LIMIT, "standard errors", used)


def spread(quantity: str, expected: float, values: NDArray[np.float64], plain: float) -> Row:
    """A standard deviation over futures. It divides by n - 1, which for quasi-random points is 1 / (2 n) too much."""
    found = estimate_sd(values)
    return estimate(
        quantity, expected, found.value, math.hypot(found.mc_error, expected / (2 * len(values))), plain=plain
    )


def not_reported(quantity: str, expected: Number) -> Row:
    """A figure that sibsim does not report."""
    return Row(quantity, expected, None, kind="not reported")
