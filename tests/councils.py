"""The sick-leave agreement by hand: shares, goals and their chances, from the table of counties alone."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from scipy import stats

__all__ = ["Year", "misread_by_rounding"]

TABLE = Path(__file__).parents[1] / "scenarios" / "councils.csv"
SD, OWN = 0.03, 0.02
"""Of the country's growth, and of each council's beside it."""
Z, W = np.polynomial.hermite_e.hermegauss(161)
W = W / W.sum()


class Year:
    """What one year of the agreement holds for each council; growth of the year is (1 + g) u, g ~ Normal(mean, 3 %)."""

    def __init__(self, year: int, pot: float, mean: float) -> None:
        with TABLE.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.names = [row["county"] for row in rows]
        people, days, growth, spread = (
            np.array([float(row[key].removesuffix("%")) for row in rows])
            for key in (f"population {year - 1}", f"days {year - 2}", f"growth {year - 1}", f"spread {year - 1}")
        )
        self.share = dict(zip(self.names, people / people.sum(), strict=True))
        self.full = {name: pot * share for name, share in self.share.items()}
        self.mean, self.before, self.spread = mean, 1 + growth / 100, spread / 100
        weight = people * days / (people * days).sum()
        self.country = float(weight @ self.before), float(np.sqrt(np.sum((weight * self.before * self.spread) ** 2)))

    def below(self, threshold: np.ndarray) -> np.ndarray:
        """The chance that growth in the year is below each threshold."""
        variance = np.log1p(OWN**2)
        whole = 1 + self.mean + SD * Z
        scores = (np.log(np.asarray(threshold)[..., None] / whole) + variance / 2) / np.sqrt(variance)
        return np.asarray(stats.norm.cdf(scores) @ W)

    def chances(self, council: str) -> tuple[float, float]:
        """Of goal 1 and of goal 2."""
        i = self.names.index(council)
        variance = np.log1p(self.spread[i] ** 2)
        own = self.before[i] * np.exp(np.sqrt(variance) * Z - variance / 2)
        return float(W @ self.below(own)), float(W @ self.below(self.country[0] + self.country[1] * Z))

    def expected(self, council: str) -> float:
        """Of the variable part: half of it for each goal."""
        return self.full[council] * sum(self.chances(council)) / 2


def misread_by_rounding(first: float, second: float, mean: float, hidden: float = 0.0029) -> float:
    """The chance that goal 1 reads otherwise from rates rounded to 0.1, by what these were before that."""
    variance = np.log1p(hidden**2)
    parts = (np.arange(801) + 0.5) / 801
    luck = np.exp(np.sqrt(variance) * stats.norm.ppf(parts) - variance / 2)
    before, now = first * luck[:, None], second * luck[None, :]
    read_before, read_now = np.floor(10 * before + 0.5), np.floor(10 * now + 0.5)
    threshold = now**2 / before
    under = np.ceil(np.round(read_now**2 / read_before, 9)) - 1  # the largest tenth that reads as below
    spread = np.log1p(OWN**2) + variance
    rates = np.linspace(second * 0.85, second * 1.35, 4001)
    whole = second * (1 + mean + SD * Z)
    chance = stats.norm.cdf((np.log(rates[:, None] / whole) + spread / 2) / np.sqrt(spread)) @ W
    both = np.interp([threshold, np.broadcast_to((under + 0.5) / 10, threshold.shape)], rates, chance)
    return float(np.mean(np.abs(both[0] - both[1])))
