"""What is known of outcomes contracts as a class: statistics of the INDIGO database, and what had to be assumed.

No row of the database is here, only numbers that sum it up: how many contracts have a figure, its quantiles, and
distributions fitted to them. Money is in US dollars of the day.

Source: INDIGO Impact Bond Dataset v2 of the Government Outcomes Lab, Blavatnik School of Government, University of
Oxford, as downloaded on 2025-12-24; see docs/references.md.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ACHIEVED",
    "BY_METRIC",
    "BY_PROJECT",
    "CAPITAL",
    "DURATION",
    "FIELDS",
    "MAX_RETURN",
    "METRICS",
    "PAYMENT_OF_MOST",
    "PRICE",
    "PROJECT_MEANS",
    "RANKS",
    "RATIO",
    "SNAPSHOT",
    "S_CURVE",
    "S_CURVE_SEEN",
    "USERS",
    "Achieved",
    "Spread",
]

SNAPSHOT = "2025-12-24"
"""The day on which the database was read."""


@dataclass(frozen=True)
class Spread:
    """A figure of many contracts.

    Parameters
    ----------
    what, unit : str
    n : int
        Contracts that have it.
    p10, median, p90 : float
    median_95 : (float, float)
        95 % interval of the median; (0, 0) where none was computed.
    """

    what: str
    unit: str
    n: int
    p10: float
    median: float
    p90: float
    median_95: tuple[float, float] = (0.0, 0.0)


CAPITAL = Spread("capital", "USD", 260, 0.26e6, 1.40e6, 6.8e6, (1.20e6, 1.69e6))
"""Committed by investors; what is paid again out of receipts is not in it."""
CAPITAL_LOGNORMAL = (14.12, 1.27)
"""Mean and sd of its natural logarithm; the fit is not rejected."""
DURATION = Spread("duration of the service", "months", 203, 20, 39, 74, (36, 41))
DURATION_GAMMA = (3.66, 12.2)
"""Shape and scale. A lognormal is rejected; the lumps at 24, 36, 48 and 60 months are not copied."""
USERS = Spread("people it is meant for", "people", 228, 47, 446, 8_443, (320, 608))
"""A lognormal is rejected, so half of one is laid through each side of the table: see `drawing`."""
METRICS = Spread("outcome metrics", "metrics", 311, 1, 3, 10)
METRICS_MEAN = 4.6
RATIO = Spread("most that is paid / capital", "times", 85, 1.10, 2.76, 7.6, (1.90, 3.43))
RATIO_PARTS = (27, 58)
"""Contracts up to 1.5 (type A) and above it (type B)."""
EXACTLY_ONE = 0.22
"""Of type A: contracts that pay at most what was lent."""
EXCESS_LOGNORMAL = (-1.67, 0.62)
"""Of the others: most that is paid / capital, less 1."""
MOST_EXCESS = 0.5
"""What separates the types; a higher excess is brought back to it."""
REVOLVING_LOGNORMAL = (1.36, 0.55)
"""Of type B: most that is paid / capital."""
PRICE = Spread("price of an outcome in a rate card", "GBP", 360, 220, 1_300, 3_500)
PRICE_LOGNORMAL = (6.92, 1.05)
"""In pounds; 360 prices of 25 projects."""

RANKS: dict[tuple[str, str], tuple[float, int]] = {
    ("capital", "duration"): (0.47, 160),
    ("capital", "users"): (0.29, 188),
    ("users", "duration"): (0.06, 203),
    ("capital", "metrics"): (0.13, 260),
}
"""Spearman's rank correlations, and of how many contracts. The numbers for the last two are not published: those that
have both figures are at most so many."""

FIELDS: dict[str, int] = {
    "employment and training": 71,
    "education": 45,
    "health": 44,
    "child and family welfare": 37,
    "homelessness": 34,
    "criminal justice": 16,
}
"""Fields of policy, and how many contracts of each have their capital told. Nothing else is drawn by field: the
database cannot tell fields apart once there is a country."""


@dataclass(frozen=True)
class Achieved:
    """What is achieved of what was aimed at, in two levels: of a project, and of each of its metrics.

    ``(project + metric)`` cut to [0, 2], both normal; in a share ``collapse`` of projects times a number that is
    uniform from 0 to ``least``.
    """

    project: float
    between: float
    within: float
    collapse: float
    least: float = 0.2
    most: float = 2.0


BY_PROJECT = Achieved(0.94, 0.23, 0.29, 0.045)
"""One vote for each project; a collapse in 3 to 6 % of them."""
BY_METRIC = Achieved(0.89, 0.23, 0.29, 0.10)
"""One vote for each metric: fitted to `THRESHOLDS`. Projects with many metrics, and the one that failed, weigh more."""
ACHIEVED = {"project": BY_PROJECT, "metric": BY_METRIC}
THRESHOLDS = {0.25: 0.85, 0.50: 0.75, 0.75: 0.60, 0.90: 0.44, 1.25: 0.135}
"""Share of 141 metrics of 33 projects that achieved at least this part of their target."""
THRESHOLDS_N = (141, 33)
ICC = (0.39, 0.12, 0.62)
"""Correlation of metrics of one project, with its 95 % interval; without the project that failed."""
ICC_WITH_FAILED = (0.60, 0.16, 0.80)
PROJECT_MEANS = Spread("achieved / target, mean of a project", "times", 33, 0.53, 0.89, 1.28)
"""Metrics cut at 1.5. Its quartiles are 0.72 and 1.18."""
PAYMENT_OF_MOST = Spread("paid / most that can be paid", "times", 29, 0.47, 0.93, 1.00, (0.87, 0.97))
"""Its quartiles are 0.78 and 0.98. Of English contracts of one fund; a plan that was made anew counts."""

S_CURVE = (1.72, 1.29)
"""The cumulative share of payments at a share of the term is the distribution function of Beta(1.72, 1.29)."""
S_CURVE_SEEN = {0.1: 0.04, 0.2: 0.09, 0.3: 0.18, 0.4: 0.27, 0.5: 0.39, 0.6: 0.49, 0.7: 0.67, 0.8: 0.78, 0.9: 0.91}
"""The medians that it was fitted to, of 29 contracts."""

ENDS_EARLY = (6, 70)
"""Beta: 6 of 128 documented (a floor), up to a quarter ended half a year early (a ceiling). A judgement."""
MAX_RETURN = (0.01, 0.08, 0.17)
"""A year: least, median and greatest of the highest returns of 22 contracts. No distribution can be estimated."""
