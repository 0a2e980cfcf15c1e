"""Ways to Wellness: a sliding scale, hospital costs against other practices, three payers; the page's numbers."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy import stats

import sibsim
from sibsim.replay import settled, settlement_summary
from tests.pages import agrees, settle, summary
from tests.scenarios.by_hand import check_row, check_rows, in_millions, option_row
from tests.support import LIMIT

NAME = "ways-to-wellness"
SERVED = "somebody pays the shortfall"
FEES = (289.41, 675.29)
GROUP = 8_500 / 24
"""People who start in each of 24 quarters; a report of points counts three groups first, then two, then one."""
GRID = stats.norm.ppf((np.arange(400) + 0.5) / 400)


def well_being() -> float:
    """All are served: the fee times the people of each report times the mean place on the scale."""
    total = 0.0
    for groups in (3, *[2] * 10, 1):
        people = groups * GROUP
        x = 1.4 + np.sqrt(0.5 + 36 / (0.75 * people)) * GRID
        total += FEES[0] * people * float(np.clip((x - 0.5) / 0.9, 0, 1).mean())
    return total


def hospital() -> float:
    """The same of costs: over the effect, the bias, the scatter of the comparison's mean, and that of the people's own.

    The comparison's people are shared out over the reports, as many as the people of each.
    """
    grid = stats.norm.ppf((np.arange(80) + 0.5) / 80)
    ratio, bias, luck = np.meshgrid(0.96 + 0.03 * grid, 0.1 * grid, grid)
    total = 0.0
    for groups in (5, 4, 4, 4, 4, 3):
        people = groups * GROUP
        own = 3_500 / 1_280 / np.sqrt(people)
        others = 1 + bias + own * luck
        total += FEES[1] * people * float(scale(1 - ratio / others, own / others, 0.22).mean())
    return total


def scale(mean: np.ndarray, sd: np.ndarray, top: float) -> np.ndarray:
    """The mean of a normal number between 0 and a top, as a share of the top."""

    def above(level: float) -> np.ndarray:  # the mean of what lies above a level
        z = (mean - level) / sd
        part: np.ndarray = (mean - level) * stats.norm.cdf(z) + sd * stats.norm.pdf(z)
        return part

    return (above(0.0) - above(top)) / top


@functools.cache
def by_hand() -> dict[str, float]:
    first = 289.41 * 3 * GROUP
    mean = float(np.clip((1.4 + np.sqrt(0.5 + 36 / (0.75 * 3 * GROUP)) * GRID - 0.5) / 0.9, 0, 1).mean())
    return {
        "well-being fee in April 2016, GBP k": first * mean / 1e3,
        "of it by the Cabinet Office's fund, GBP k": 0.7 * first * mean / 1e3,
        "well-being fee, everybody served, GBP k": well_being() / 1e3,
        "hospital fee, everybody served, GBP k": hospital() / 1e3,
        "hospital costs saved in a year, everybody served, GBP k": 8_500 * 1_280 * 0.04 / 1e3,
        "settled: well-being fee, GBP": 289.41 * 8_500,
        "settled: the Cabinet Office's fund, GBP": 289.41 * (3_187 * 0.7 + 5_313 * 0.0486) + 675.29 * 8_500 * 0.0486,
    }


def as_run() -> dict[str, float]:
    shown, served = summary(NAME), summary(NAME, SERVED)
    year = next(row for row in shown["yearly"] if row["year"] == 2016)["parties"]
    came = settlement_summary(settled(sibsim.load(NAME)))
    report = next(r for r in shown["measures"]["points"]["reports"] if r["date"].startswith("2016-04"))
    assert report["counted"] == pytest.approx(3 * GROUP, abs=1)
    second = next(r for r in shown["measures"]["points"]["reports"] if r["date"].startswith("2016-10"))
    part = report["counted"] / (report["counted"] + second["counted"])
    both = year["payer"]["payments"]["mean"] + year["cabinet office"]["payments"]["mean"]
    figures = (
        both * part / 1e3,
        year["cabinet office"]["payments"]["mean"] * part / 1e3,
        served["payments"]["well-being fee"]["paid"]["mean"] / 1e3,
        served["payments"]["hospital fee"]["paid"]["mean"] / 1e3,
        (served["outcomes"]["hospital costs"]["effect"]["mean"]) / 1e3,
        sum(row["amount"] for row in came["payments"] if row["payment"] == "well-being fee"),
        sum(row["amount"] for row in came["payments"] if row["payer"] == "cabinet office"),
    )
    return dict(zip(by_hand(), figures, strict=True))


@pytest.mark.parametrize("row", by_hand())
def test_the_page_states_what_a_hand_calculates_and_what_the_run_gives(row: str) -> None:
    check_row(NAME, row, by_hand(), as_run())


def test_the_run_agrees_with_the_hand() -> None:
    hand, shown = by_hand(), as_run()
    check_rows(NAME, hand, shown, 6e-3)
    for name, truth in (("well-being fee", well_being()), ("hospital fee", hospital())):
        paid = summary(NAME, SERVED)["payments"][name]["paid"]
        assert abs(paid["mean"] - truth) < LIMIT * paid["mc_error"]


@pytest.mark.parametrize("option", [None, SERVED])
def test_the_table_of_options_is_that_of_the_run(option: str | None) -> None:
    pays, none, loses, started = option_row(NAME, option)
    purse = summary(NAME, option)["parties"]["public_purse"]["metrics"]
    got = purse["outcome_payments"]
    assert pays == in_millions(got)
    assert agrees(none, purse["payment_without_effect"]["value"] / 1e6)
    assert agrees(loses, 100 * summary(NAME, option)["parties"]["investor"]["probabilities"]["loss"]["value"])
    assert agrees(started, summary(NAME, option)["outcomes"]["well-being"]["people"])


# ------------------------------------------------------------------------------------------------ the rule
def paid(points: float, lower: str, *options: str) -> dict[str, float]:
    """Of reports on 1,000 people each, with nobody in the others."""
    halves = [f"{year}-{month}" for year in range(2016, 2022) for month in ("04", "10")]
    years = [f"{year}-04" for year in range(2017, 2023)]

    def each(dates: list[str], first: object, rest: object) -> str:
        return "{" + ", ".join(f"{day}: {first if day == '2019-04' else rest}" for day in dates) + "}"

    came = {
        "points": each(halves, points, 0),
        "people": each(halves, 1000, 0),
        "lower hospital costs": each(years, lower, "0 %"),
        "people of a year": each(years, 1000, 0),
    }
    measures = ", ".join(f"{name}: {value}" for name, value in came.items())
    return settle(NAME, f"{{measures: {{{measures}}}, costs: {{link workers: {{2015-04: 100 k}}}}}}", *options)


@pytest.mark.parametrize(
    ("points", "of_the_fee"), [(0.4, 0), (0.5, 0), (0.95, 0.5), (1.3999, 0.99989), (1.4, 1), (3.4, 1), (-2, 0)]
)
def test_the_scale_of_well_being_slides_from_half_a_point_to_one_point_four(points: float, of_the_fee: float) -> None:
    assert paid(points, "0 %")["well-being fee"] == pytest.approx(289_410 * of_the_fee, abs=2)


@pytest.mark.parametrize(("lower", "of_the_fee"), [("-5 %", 0), ("0 %", 0), ("11 %", 0.5), ("22 %", 1), ("45 %", 1)])
def test_hospital_costs_pay_up_to_the_target(lower: str, of_the_fee: float) -> None:
    assert paid(0, lower)["hospital fee"] == pytest.approx(675_290 * of_the_fee)


def test_no_payer_pays_more_than_its_most() -> None:
    came = settlement_summary(settled(sibsim.load(NAME)))
    total = {p["party"]: p["paid"] for p in came["payers"]} if isinstance(came["payers"], list) else came["payers"]
    assert sum(row["amount"] for row in came["payments"] if row["payer"] == "payer") == pytest.approx(5.2e6)
    assert total
    assert came["total_paid"] < 8.2e6
