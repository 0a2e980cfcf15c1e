"""What the contracts on sick leave come to, worked out without the simulator."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sibsim.loading import load
from sibsim.replay import figure, settled, settlement_summary
from tests import pages

DRAWS = 100_000
PAID = (0.5 + 4 * 0.667 + 0.8) / 6
"""Mean share of a day of absence with sick pay."""


@cache
def came_to(name: str, reports: str, option: str | None = None) -> dict[str, Any]:
    """A settlement on these reports alone: those of each date in the file's order."""
    came = f"actuals={{measures: {{{reports}}}}}"
    return settlement_summary(settled(load(name, [option] if option else [], [came])))


def settled_at(name: str, reports: str, path: str, option: str | None = None) -> float:
    found = figure(came_to(name, reports, option), path)
    assert found is not None
    return found


@cache
def days_by_year(
    people: int, years: int, months_before: int, ratio: float | None = None, seed: int = 20
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days for each employee in the year before and in each year after, as an evaluator reads them: (years, draws).

    Six to eight days a year without the programme, the trend, the luck of calendar years, and that of the people: 6
    days a year, once before and once for all years after. The first ``months_before`` months of each year of the
    contract lie in one calendar year, the rest in the next.
    """
    rng = np.random.default_rng(seed)
    with_it = rng.normal(0.94, 0.035, DRAWS) if ratio is None else np.full(DRAWS, ratio)
    grows = 1.0 + rng.normal(0.01, 0.03, DRAWS)
    s = np.sqrt(np.log1p(0.03**2))
    luck = np.exp(rng.normal(-s * s / 2, s, (years + 2, DRAWS)))
    days = rng.beta(3, 3, DRAWS) * 2 + 6  # a PERT from 6 over 7 to 8 is 6 + 2 x beta(3, 3)
    noise = 6.0 / np.sqrt(people) * rng.normal(size=(2, DRAWS))
    cut = months_before / 12

    def level(year: int) -> NDArray[np.float64]:
        """Mean of (1 + trend)^y x luck over one year from `year`."""
        rate = np.log(grows)

        def part(a: float, b: float) -> NDArray[np.float64]:
            whole = (np.exp(rate * b) - np.exp(rate * a)) / rate
            return np.asarray(whole)

        first = part(year, year + cut) * luck[year + 1] if cut else 0.0
        return np.asarray(first + part(year + cut, year + 1) * luck[year + 2])

    scale = (grows - 1.0) / np.log(grows)  # the level of the file is that of the first year
    before = days * level(-1) / scale + noise[0]
    after = np.stack([days * with_it * level(year) / scale for year in range(years)]) + noise[1]
    return before, after


def mean_payment(fixed: float, due: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard error of what is paid: a fixed part and what is due for each year."""
    total = fixed + due.sum(axis=0)
    return float(total.mean()), float(total.std() / np.sqrt(total.size))


def check_option_row(name: str, option: str) -> None:
    """The row of an option on the page of a contract on short-term sick leave is what its run gives."""
    cells, shown = pages.option_rows(name)[option], pages.summary(name, option)
    read = [100 * r["mean"] for r in shown["measures"]["fewer sick days"]["reports"]]
    names = ("outcome_payments", "payment_without_effect")
    names += ("cashable_benefit_pv", "capacity_benefit_pv", "net_budget_effect_pv")
    money = [pages.figure(shown, "payer", one) / 1e6 for one in names]
    truth = [read[0], read[-1], *money, pages.figure(shown, "provider", "margin") / 1e6]
    off = [0.0501] * 2 + [0.00501] * 6
    assert all(abs(float(c) - t) < o for c, t, o in zip(cells[:8], truth, off, strict=True)), option
    assert abs(float(cells[8]) - 100 * pages.chance(shown, "provider", "runs_out")) <= 0.51, option


def check_by_hand_and_printed(name: str, rel: float) -> None:
    """In the table of the page that has both, they agree but for a share, or what rounding leaves."""
    for cells in pages.rows(pages.section(name, "Checked by hand")):
        hand, printed = (float(cell.replace(",", "")) for cell in cells[2:])
        assert hand == pytest.approx(printed, rel=rel, abs=0.0051), cells[0]
