"""The terms of a contract, drawn from the statistics: capital, duration, people, metrics, type, prices.

Every contract has random numbers of its own, of the seed and its number: the first N of N + 1 are the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sibsim.reference import statistics as known

if TYPE_CHECKING:
    import numpy as np

__all__ = ["LINES", "REVOLVING", "Line", "Terms", "draw_terms"]

LINES = 3
"""A contract of more metrics has them in so many lines, each of about as many metrics."""
REVOLVING = known.RATIO_PARTS[1] / sum(known.RATIO_PARTS)
"""Share of contracts of type B."""
SHORTEST, LONGEST = 12, 120
"""Months: a duration beyond is brought back to it. Assumed; it concerns 3 in 100."""
STARTS_OVER = 16
"""Quarters over which contracts start. Assumed."""
DOLLARS_A_POUND = 1.3
"""For the prices, which are in pounds. Assumed."""
USERS_AT_LEAST = 5
MOST_METRICS = 60
TENTH = 1.2815515655446004
"""One normal score in ten lies above."""


@dataclass(frozen=True)
class Line:
    """Metrics of a contract that are simulated as one.

    Parameters
    ----------
    metrics : int
        How many it stands for. What is achieved in it is their mean, so its noise is by their root smaller.
    share : float
        Of all that can be paid.
    target : int
        Outcomes aimed at; 0 where the contract has no prices.
    price : float
        Of one outcome, in dollars.
    """

    metrics: int
    share: float
    target: int
    price: float


@dataclass(frozen=True)
class Terms:
    """What a contract says, in US dollars.

    Parameters
    ----------
    number : int
        From 1.
    kind : str
        'A': capital funds the whole programme. 'B': revolving working capital.
    field : str
        Field of policy.
    begins : int
        Quarters from the start of the portfolio.
    months : int
        Of the service; whole quarters.
    capital, most : float
        What is lent at most, and what is paid at most.
    users, metrics : int
    lines : tuple of Line
    first : int
        Quarters from the start to the first payment.
    rate : float
        Highest yearly return of the lenders; type B only.
    """

    number: int
    kind: str
    field: str
    begins: int
    months: int
    capital: float
    most: float
    users: int
    metrics: int
    lines: tuple[Line, ...]
    first: int
    rate: float

    @property
    def quarters(self) -> int:
        return self.months // 3


def draw_terms(seed: int, number: int, kind: str = "both", revolving: float = REVOLVING) -> Terms:
    """The terms of one contract.

    Parameters
    ----------
    seed, number : int
        The same pair, the same contract.
    kind : {'A', 'B', 'both'}
        Of which type; all but what hangs on the type is the same for all three.
    revolving : float
        With 'both': chance of type B.

    Examples
    --------
    >>> terms = draw_terms(1, 1)
    >>> terms == draw_terms(1, 1), terms == draw_terms(2, 1)
    (True, False)
    >>> draw_terms(1, 1, "A").capital == draw_terms(1, 1, "B").capital
    True
    """
    import numpy as np
    from scipy.special import gammaincinv, ndtr

    luck = np.random.default_rng([seed, number])
    scores = np.linalg.cholesky(_correlations()) @ luck.standard_normal(4)
    shares = luck.random(6)
    prices = luck.standard_normal(LINES)
    mean, sd = known.CAPITAL_LOGNORMAL
    capital = _digits(math.exp(mean + sd * scores[0]))
    shape, scale = known.DURATION_GAMMA
    months = min(max(3 * round(float(gammaincinv(shape, ndtr(scores[1]))) * scale / 3), SHORTEST), LONGEST)
    users = max(round(_digits(_two_sided(known.USERS, scores[2]))), USERS_AT_LEAST)
    metrics = min(max(round(_two_sided(known.METRICS, scores[3])), 1), MOST_METRICS)
    is_revolving = kind == "B" or (kind == "both" and shares[0] < revolving)
    ratio = _ratio_b(shares[1]) if is_revolving else _ratio_a(shares[1])
    most = capital if ratio == 1.0 else _digits(capital * ratio)
    return Terms(
        number=number,
        kind="B" if is_revolving else "A",
        field=_field(shares[2]),
        begins=int(shares[3] * STARTS_OVER),
        months=months,
        capital=capital,
        most=most,
        users=users,
        metrics=metrics,
        lines=_lines(metrics, most, prices if is_revolving else None),
        first=min(1 + int(3 * shares[4]), months // 3) if is_revolving else 4,
        rate=round(_triangular(shares[5]), 3) if is_revolving else 0.0,
    )


def _correlations() -> np.ndarray:
    """Of normal scores that have the rank correlations of the table: capital, duration, users, metrics; 0 elsewhere."""
    import numpy as np

    order = ("capital", "duration", "users", "metrics")
    found = np.eye(4)
    for (one, other), (rank, _) in known.RANKS.items():
        i, j = order.index(one), order.index(other)
        found[i, j] = found[j, i] = 2.0 * math.sin(math.pi * rank / 6.0)
    return found


def _two_sided(spread: known.Spread, score: float) -> float:
    """Half a lognormal on each side of the median, through the table's 10 % and 90 %.

    >>> [round(_two_sided(known.USERS, score)) for score in (-1.2816, 0, 1.2816)]
    [47, 446, 8444]
    """
    beyond = spread.p10 if score < 0.0 else spread.p90
    return float(spread.median * (beyond / spread.median) ** (abs(score) / TENTH))


def _ratio_a(share: float) -> float:
    """Most that is paid / capital of type A: exactly 1 in part of them, and at most 1.5.

    >>> _ratio_a(0.2), round(_ratio_a(0.5), 2), _ratio_a(0.999)
    (1.0, 1.15, 1.5)
    """
    if share < known.EXACTLY_ONE:
        return 1.0
    rest = (share - known.EXACTLY_ONE) / (1.0 - known.EXACTLY_ONE)
    return 1.0 + min(_lognormal_above(rest, known.EXCESS_LOGNORMAL, 0.0), known.MOST_EXCESS)


def _ratio_b(share: float) -> float:
    """The same of type B: above 1.5.

    >>> round(_ratio_b(0.0), 2), round(_ratio_b(0.5), 2)
    (1.5, 4.01)
    """
    return _lognormal_above(share, known.REVOLVING_LOGNORMAL, 1.0 + known.MOST_EXCESS)


def _lognormal_above(share: float, fit: tuple[float, float], low: float) -> float:
    """A quantile of a lognormal of which nothing lies below ``low``."""
    from scipy.special import ndtr, ndtri

    mean, sd = fit
    least = float(ndtr((math.log(low) - mean) / sd)) if low > 0.0 else 0.0
    return math.exp(mean + sd * float(ndtri(least + share * (1.0 - least))))


def _triangular(share: float) -> float:
    """A highest return: triangular on the published range, with the published median.

    >>> round(_triangular(0.0), 3), round(_triangular(0.5), 3), round(_triangular(1.0), 3)
    (0.01, 0.08, 0.17)
    """
    low, median, high = known.MAX_RETURN
    mode = high - 2.0 * (high - median) ** 2 / (high - low)
    below = (mode - low) / (high - low)
    if share < below:
        return low + math.sqrt(share * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - share) * (high - low) * (high - mode))


def _field(share: float) -> str:
    total = sum(known.FIELDS.values())
    reached = 0.0
    for name, count in known.FIELDS.items():
        reached += count / total
        if share < reached:
            return name
    return name


def _lines(metrics: int, most: float, scores: np.ndarray | None) -> tuple[Line, ...]:
    """The metrics in at most `LINES` lines; every metric has the same part of what can be paid."""
    n = min(metrics, LINES)
    counts = [metrics // n + (k < metrics % n) for k in range(n)]
    lines = []
    for k, count in enumerate(counts):
        target, price = 0, 0.0
        if scores is not None:
            mean, sd = known.PRICE_LOGNORMAL
            asked = DOLLARS_A_POUND * math.exp(mean + sd * float(scores[k]))
            target = max(round(most * count / metrics / asked), 1)
            price = most * count / metrics / target
        lines.append(Line(count, count / metrics, target, price))
    return tuple(lines)


def _digits(x: float) -> float:
    """Three digits: no more is known.

    >>> _digits(1_436_512.0), _digits(87.46)
    (1440000.0, 87.5)
    """
    return float(f"{x:.3g}")
