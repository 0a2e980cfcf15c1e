"""How a level moves by itself with the calendar: its trend, its growth, and the luck of years and cohorts.

The luck of years and cohorts belongs to the people layer: nobody can learn it beforehand, however well the level is
known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Array, Context, Draw, is_zero
from sibsim.participants import Flow
from sibsim.quantiles import normal_quantile
from sibsim.scenario import ByCohort, Outcome, Value

__all__ = ["Calendar", "calendar_of"]

SHORT = 1e-12
MOST_SHIFTS = 64
"""So many different numbers of years earlier are looked up one by one."""


@dataclass
class Calendar:
    """The level of one outcome in one cohort, relative to what the file says, by calendar time.

    Months are counted from the file's ``start``. The relative level at a time t is
    ``cohort x (1 + trend) ** (t / 12) x year(t) / norm``, where ``norm`` makes it 1 on average, without luck, for
    somebody who starts at ``start``, over the time for which the file states the level.

    Parameters
    ----------
    trend : float or (n_draws,) array
        Change a year.
    cohort : float or (n_draws,) array
        Luck of the cohort, around 1.
    year : function of a calendar year to float or (n_draws,) array, or None
        Luck of the year, around 1, times all growth up to it.
    begins : list of float
        Month at which each starting group's ``over`` begins.
    over, stated : float
        Months in which the outcome is counted; months for which the level is stated (``over``, or a year).
    anchor : float
        Month at which ``over`` begins for somebody who starts at ``start``.
    january : float
        Month, 0 or before, in which the calendar year of ``start`` begins.
    first_year : int
    """

    trend: Draw
    cohort: Draw
    year: Callable[[int], Draw] | None
    begins: list[float]
    over: float
    stated: float
    anchor: float
    january: float
    first_year: int
    _whole: dict[int, Draw] = field(default_factory=dict)
    _rate: tuple[Array, Array | None] | None = None
    """Growth of a month, 1 in draws without any; and which these are, None where there are none."""
    _known: dict[tuple[str, float], Draw] = field(default_factory=dict)

    def factor(self, group: int, years_earlier: Draw = 0.0, months: float | None = None) -> Draw:
        """Mean relative level of a starting group over ``over`` (or so many months); or of people years before."""
        months = self.over if months is None else months
        norm = self._growth(self.anchor, self.anchor + self.stated) / self.stated
        return self.cohort * self._integral(group, months, years_earlier) / (norm * months)

    def part(self, group: int, gone: float) -> Draw:
        """The part of a group's whole level that so many months of ``over`` bring."""
        if group not in self._whole:
            self._whole[group] = np.maximum(self._integral(group, self.over), 1e-300)
        return 1.0 if gone >= self.over else self._integral(group, gone) / self._whole[group]

    def _integral(self, group: int, months: float, years_earlier: Draw = 0.0) -> Draw:
        """Of growth and the luck of years over the first months of a group's ``over``."""
        if self.year is None:
            begins = self.begins[group] - 12.0 * years_earlier
            return self._growth(begins, begins + months)
        if np.ndim(years_earlier) == 0:
            return self._by_year(self.begins[group] - 12.0 * float(years_earlier), months)
        shifts = np.unique(np.asarray(years_earlier))
        if len(shifts) > MOST_SHIFTS:
            years_earlier = np.rint(years_earlier)
            shifts = np.unique(years_earlier)
        total = np.zeros(np.shape(years_earlier))
        for shift in shifts:
            total = np.where(
                years_earlier == shift, self._by_year(self.begins[group] - 12.0 * float(shift), months), total
            )
        return total

    def _by_year(self, begins: float, months: float) -> Draw:
        assert self.year is not None
        total: Draw = 0.0
        at, ends = begins, begins + months
        while at < ends - SHORT:
            number = int(np.floor((at - self.january) / 12.0 + SHORT))
            until = min(ends, self.january + 12.0 * (number + 1))
            total = total + self.year(self.first_year + number) * self._growth(at, until)
            at = until
        return total

    def _growth(self, begins: Draw, ends: Draw) -> Draw:
        """The integral of ``(1 + trend) ** (t / 12)`` over months t."""
        if self._rate is None:
            rate = np.log1p(self.trend) / 12.0
            is_level = np.abs(rate) < SHORT
            is_anywhere = not is_level.ndim or bool(is_level.any())
            self._rate = np.where(is_level, 1.0, rate), is_level if is_anywhere else None
        rate_or_one, level = self._rate
        long = ends - begins
        grown = self._powers(np.exp, begins) * self._powers(np.expm1, long) / rate_or_one
        return grown if level is None else np.where(level, long, grown)

    def _powers(self, power: Callable[[Draw], Draw], months: Draw) -> Draw:
        """A power of the growth over so many months: the same few come up for every group and age."""
        assert self._rate is not None
        if np.ndim(months):
            return power(self._rate[0] * months)
        key = power.__name__, float(months)
        if key not in self._known:
            self._known[key] = power(self._rate[0] * months)
        return self._known[key]


def calendar_of(context: Context, outcome: Outcome, flow: Flow, over: float, stated: float) -> Calendar | None:
    """The calendar of an outcome in a cohort; None where its level never moves."""
    varies, place = outcome.varies, f"outcomes.{outcome.name}"
    is_still = all(is_zero(value) for value in (outcome.trend, varies.cohorts, varies.years, varies.cohort_years))
    if is_still and not outcome.growth:
        return None
    trend = 0.0 if is_zero(outcome.trend) else context.yearly_rate(outcome.trend)
    step, start = context.scenario.step_months, context.scenario.start
    luck = f"{place}/varies/{flow.cohort.name}"
    cohort = _deviation(context, varies.cohorts, f"{place}.varies.cohorts", luck)
    years: dict[int, Draw] = {}

    def year(number: int) -> Draw:
        if number not in years:
            common = _deviation(context, varies.years, f"{place}.varies.years", f"{place}/varies/{number}")
            own = _deviation(context, varies.cohort_years, f"{place}.varies.cohort_years", f"{luck}/{number}")
            years[number] = common * own * grown(number)
        return years[number]

    def grown(number: int) -> Draw:
        """What all growth up to a year makes of the level."""
        total: Draw = 1.0
        for one in (one for one in outcome.growth if one.year <= number):
            at, name = f"{place}.growth.{one.year}", flow.cohort.name
            spread = _deviation(context, _of_cohort(one.spread, name), f"{at}.spread", f"{luck}/growth/{one.year}")
            total = total * (1.0 + context.yearly_rate(_of_cohort(one.rate, name))) * spread
        return total

    is_by_year = bool(outcome.growth) or not (is_zero(varies.years) and is_zero(varies.cohort_years))
    return Calendar(
        trend,
        cohort,
        year if is_by_year else None,
        [column * step + outcome.begins for column in flow.columns],
        over,
        stated,
        outcome.begins,
        1.0 - start.month,
        start.year,
    )


def _of_cohort(value: Value | ByCohort, cohort: str) -> Value:
    return value.of(cohort) if isinstance(value, ByCohort) else value


def _deviation(context: Context, sd: Value, place: str, luck: str) -> Draw:
    """A chance factor of mean 1 and this sd, never below 0: lognormal."""
    if is_zero(sd):
        return 1.0
    spread = context.within(context.value(sd), 0.0, np.inf, place)
    log_variance = np.log1p(np.square(spread))
    z: Array = normal_quantile(context.luck("people", luck)[0])
    return np.exp(np.sqrt(log_variance) * z - log_variance / 2.0)
