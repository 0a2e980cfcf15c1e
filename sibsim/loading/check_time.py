"""Checks of dates: reports that can be made, payments that can be due, an end to the calendar."""

from __future__ import annotations

from sibsim.known import newly_counted
from sibsim.loading.dates import MOST_MONTHS
from sibsim.loading.place import Context, listed
from sibsim.scenario import ACCOUNT, Cost, Measure, Number, OverTime, Payment, Ref, Scenario, Value
from sibsim.timeline import (
    SLACK,
    counted_groups,
    counted_until,
    day_of,
    group_columns,
    growth_months,
    horizon_column,
    last_cost_column,
    measure_cohorts,
    n_dates,
    named_event_columns,
    payment_columns,
    payment_measures,
    report_columns,
    unknown_until,
)

__all__ = ["MOST_PERIODS", "TIME_CHECKS", "has_possible_length", "mean_of", "people_counted"]

MOST_PERIODS = 1200
MOST_GROUPS = 10_000
MOST_READINGS = 100_000
FAR_AHEAD_YEARS = 5.0


def mean_of(scenario: Scenario, value: Value) -> float:
    """The mean of a value, in the file's currency; of one that changes, that of its first entry."""
    chosen = value.entries[0][1] if isinstance(value, OverTime) else value
    if isinstance(chosen, Ref):
        entry = {entry.name: entry for entry in scenario.inputs}[chosen.name]
        mean, code = entry.distribution.mean, entry.currency
    else:
        mean, code = chosen.value, chosen.currency
    rate = scenario.exchange_rates.get(code) if code else None
    return mean if rate is None else mean * mean_of(scenario, rate)


def has_possible_length(scenario: Scenario, context: Context) -> bool:
    """Whether the calendar, the starting groups and the reports stay within bounds; else that is noted."""
    step = scenario.step_months
    groups = {c.name: len(group_columns(c, step)) for c in scenario.cohorts}
    if sum(groups.values()) > MOST_GROUPS:
        context.problem(
            "participants", f"{sum(groups.values())} starting groups; the most is {MOST_GROUPS}: lengthen `step`"
        )
        return False
    readings = sum(
        len(columns) * groups[cohort.name]
        for measure in scenario.measures
        for columns in report_columns(scenario, measure).values()
        for cohort in measure_cohorts(scenario, measure)
    )
    if readings > MOST_READINGS:
        message = f"{readings} readings (reports times starting groups); the most is {MOST_READINGS}: report less often"
        context.problem("measures", message)
        return False
    periods = n_dates(scenario) - 1
    if periods > MOST_PERIODS:
        context.problem("step", f"the calendar has {periods} periods; the most is 1 200: shorten it or lengthen `step`")
    elif periods * step > MOST_MONTHS:
        context.problem("", f"the calendar ends {periods * step / 12:g} years after `start`; the most is 100 years")
    return periods <= MOST_PERIODS and periods * step <= MOST_MONTHS


# ------------------------------------------------------------------------------------------------ reports
def people_counted(
    scenario: Scenario, measure: Measure, column: int, key: str | None, is_new: bool = False
) -> tuple[float, float]:
    """People a report can count and people in all, by mean size, and as if each cohort had somebody.

    ``is_new`` leaves out those whom a report before counted, where it covers the time since that.
    """
    counted = everyone = 0.0
    for cohort in measure_cohorts(scenario, measure):
        if key is not None and cohort.name != key:
            continue
        groups = len(group_columns(cohort, scenario.step_months))
        size = max(mean_of(scenario, cohort.size), 1e-9)
        seen = counted_groups(scenario, measure, cohort, column)
        if is_new:
            seen = newly_counted(scenario, measure, key, cohort, column)
        counted += size * len(seen) / groups
        everyone += size
    return counted, everyone


def _reports(scenario: Scenario, context: Context) -> None:
    for measure in scenario.measures:
        path = f"measures.{measure.name}"
        where = f"{path}.reported" if f"{path}.reported" in context.nodes else path
        if measure.parts:
            if not report_columns(scenario, measure):
                context.problem(path, "its parts are never reported about the same cohort: there is nothing to add up")
            elif measure.weighted:
                _waits(scenario, measure, context)
            continue
        if not measure.of:  # its reports are given
            continue
        if measure.as_ == "growth":
            _growth(scenario, measure, context, where)
            continue
        if not measure_cohorts(scenario, measure):
            context.problem(path, f"none of its cohorts can have '{measure.of}'")
            continue
        few: list[str] = []
        empty: dict[int, list[bool]] = {}
        for key, columns in report_columns(scenario, measure).items():
            for column in columns:
                counted, everyone = people_counted(scenario, measure, column, key)
                empty.setdefault(column, []).append(counted <= 0)
                if 0 < counted < everyone / 2 and measure.follow_up is not None:
                    few.append(f"{counted:.0f} of {everyone:.0f} people in {day_of(scenario, column)}")
        for column, nobody in empty.items():
            is_some = measure.reported_event is not None and not all(n for cohorts in empty.values() for n in cohorts)
            if all(nobody) and not is_some:  # at an event: whenever it happens later
                context.problem(where, _nobody(scenario, measure, column))
        if few and measure.reported_event is None:
            more = f", and {len(few) - 1} more reports" if len(few) > 1 else ""
            context.warn(path, f"fewer than half have completed their follow-up at a report: {few[0]}{more}")
        _never(scenario, measure, context)


def _waits(scenario: Scenario, measure: Measure, context: Context) -> None:
    """A weighted sum is first made when every part has a reading: earlier reports of some parts come to nothing."""
    known = {m.name: m for m in scenario.measures}
    parts = {part: report_columns(scenario, known[part]) for part in measure.parts}
    for key, made in report_columns(scenario, measure).items():
        own = {part: found.get(key) or found.get(None, ()) for part, found in parts.items()}
        firsts = {part: min(columns) for part, columns in own.items() if columns}
        early = sorted({c for columns in own.values() for c in columns if c < min(made)})
        if early:
            last = max(firsts, key=lambda part: firsts[part])
            of = f" of '{key}'" if key else ""
            context.warn(
                f"measures.{measure.name}",
                f"nothing is made{of} of the reports in {listed((day_of(scenario, c) for c in early), 'and')}: it "
                f"waits for every part, also one that weighs nothing, and '{last}' is first reported in "
                f"{day_of(scenario, firsts[last])}",
            )
            return


def _growth(scenario: Scenario, measure: Measure, context: Context, where: str) -> None:
    """Both calendar years of a growth figure lie in the data, and the people are the same in both."""
    step = scenario.step_months
    for column in sorted({c for columns in report_columns(scenario, measure).values() for c in columns}):
        first, _, last = growth_months(scenario, measure, column)
        groups = [g * step for c in measure_cohorts(scenario, measure) for g in group_columns(c, step)]
        year = scenario.start.year + round((first + scenario.start.month - 1) / 12)
        if not groups or min(groups) >= first + 12:
            begin = day_of(scenario, int(min(groups, default=0) // step))
            context.problem(
                where,
                f"in {day_of(scenario, column)} growth is that of {year + 1} on {year}, but people start in {begin}: "
                "report it later, or let them start earlier",
            )
            return
        ends = [
            g * step + counted_until(scenario, outcome, c)
            for outcome in measure.outcomes
            for c in measure_cohorts(scenario, measure, outcome)
            for g in group_columns(c, step)
        ]
        if max(groups) > first + SLACK or min(ends) < last - SLACK:
            context.warn(
                f"measures.{measure.name}",
                f"in {day_of(scenario, column)} not everybody is followed through the whole of {year} and {year + 1}: "
                "growth is also of the number of people",
            )


def _nobody(scenario: Scenario, measure: Measure, column: int) -> str:
    cohorts, step = measure_cohorts(scenario, measure), scenario.step_months
    first = min(group_columns(c, step)[0] for c in cohorts)
    months = measure.follow_up if measure.follow_up is not None else unknown_until(scenario, measure)
    lag = f" and a lag of {measure.lag:g}" if measure.lag else ""
    earliest = -(-(first * step + months + measure.lag) // step)
    if (
        measure.follow_up is None
        and measure.of not in ("starts", "referrals")
        and earliest * step <= first * step + months + measure.lag
    ):
        earliest += 1
    need = (
        f"{months:g} months of follow-up{lag} take until" if months else f"the data{lag and ' with' + lag[4:]} begin in"
    )
    return (
        f"nobody can be counted in {day_of(scenario, column)}: people start in {day_of(scenario, first)}, "
        f"{need} {day_of(scenario, int(earliest))}"
    )


def _never(scenario: Scenario, measure: Measure, context: Context) -> None:
    """Cohorts that no report of a measure counts at all."""
    missed: list[str] = []
    for key, columns in report_columns(scenario, measure).items():
        for cohort in measure_cohorts(scenario, measure):
            seen = any(counted_groups(scenario, measure, cohort, column) for column in columns)
            if not seen and (key is None or key == cohort.name):
                missed.append(cohort.name)
    if missed and len(missed) < len(measure_cohorts(scenario, measure)):
        context.warn(
            f"measures.{measure.name}", f"no report ever counts {listed(missed, 'and')}: too few months of follow-up"
        )


def _uncounted_people(scenario: Scenario, context: Context) -> None:
    """Starting groups that no report of an outcome ever counts."""
    for outcome in scenario.outcomes:
        measures = [m for m in scenario.measures if outcome.name in m.outcomes]
        if not measures or outcome.each == "cohort":
            continue
        never = everyone = 0.0
        for cohort in (c for c in scenario.cohorts if outcome.cohorts is None or c.name in outcome.cohorts):
            groups = list(group_columns(cohort, scenario.step_months))
            seen = {
                group
                for m in measures
                if cohort in measure_cohorts(scenario, m, outcome.name)
                for columns in report_columns(scenario, m).values()
                for column in columns
                for group in counted_groups(scenario, m, cohort, column)
            }
            size = mean_of(scenario, cohort.size)
            never += size * (len(groups) - len(seen)) / len(groups)
            everyone += size
        if never > 0.5:
            context.warn(
                f"outcomes.{outcome.name}", f"{never:.0f} of {everyone:.0f} people are never counted by any report"
            )


# ------------------------------------------------------------------------------------------------ payments
def _costs(scenario: Scenario, context: Context) -> None:
    for cost in scenario.costs:
        if scenario.horizon is not None and cost.at and max(cost.at) > scenario.horizon:
            last, horizon = day_of(scenario, max(cost.at)), day_of(scenario, scenario.horizon)
            context.warn(f"costs.{cost.name}", f"falls due in {last}, after the horizon ({horizon})")


def _payments(scenario: Scenario, context: Context) -> None:
    measures = {m.name: m for m in scenario.measures}
    for payment in scenario.payments:
        path = f"contract.payments.{payment.name}"
        columns = sorted({c for found in payment_columns(scenario, payment).values() for c in found})
        if scenario.horizon is not None and columns and columns[-1] > scenario.horizon:
            context.warn(
                path,
                f"paid in {day_of(scenario, columns[-1])}, after the horizon ({day_of(scenario, scenario.horizon)})",
            )
        for name in payment_measures(scenario, payment) if payment.at is not None else ():
            if name in measures:
                _latest_report(scenario, context, payment, measures[name])
        if columns:
            _conditions(scenario, context, payment, columns[-1])
    _first_years(scenario, context)


def _first_years(scenario: Scenario, context: Context) -> None:
    """A yearly percent runs from when money was drawn, the first time: of several years if the payment begins late."""
    columns: dict[str, list[int]] = {}
    for payment in scenario.payments:
        if payment.is_per_year and not payment.is_compound and not payment.is_cumulative and payment.at_event is None:
            found = {c for dates in payment_columns(scenario, payment).values() for c in dates}
            columns |= {payment.name: sorted(found)} if found else {}
    for payment in scenario.payments:
        own = columns.get(payment.name)
        if not own:
            continue
        drawn, first = _first_drawn(scenario, payment), own[0]
        years = (first - drawn) * scenario.step_months / 12
        others = [p.name for p in scenario.payments if p.to == payment.to and columns.get(p.name, own)[0] < first]
        if years > 1 + SLACK and (len(own) > 1 or others):
            then = (
                f"years for which '{others[0]}' pays too: let one payment stand for all years, with values over time"
                if others
                else "without 'per' each date pays the percent once"
            )
            context.warn(
                f"contract.payments.{payment.name}",
                f"'per: year' counts from when money was drawn: in {day_of(scenario, first)}, its first date, it pays "
                f"for up to {years:.3g} years at once, {then}",
            )


def _first_drawn(scenario: Scenario, payment: Payment) -> int:
    """The first column where the loans that a percent is of can be drawn."""
    loans = [t for t in scenario.loans if t.name == payment.to] or list(scenario.loans)
    spent = [_first_cost(scenario, cost) for cost in scenario.costs if cost.by == ACCOUNT]
    dates: list[int] = []
    for tranche in loans:
        if isinstance(tranche.drawn, str):
            dates.append(0 if tranche.drawn == "upfront" else min(spent, default=0))
        else:
            dates += [column for column, _ in tranche.drawn]
    return min(dates, default=0)


def _first_cost(scenario: Scenario, cost: Cost) -> int:
    if cost.at_event is not None:
        return min(named_event_columns(scenario, cost.at_event), default=0)
    if cost.at is not None:
        return min(cost.at)
    return cost.from_ if cost.per == "contract" else min(c.start for c in scenario.cohorts)


def _conditions(scenario: Scenario, context: Context, payment: Payment, last: int) -> None:
    """A condition looks at reports: one that comes after the last payment never helps."""
    measures = {m.name: m for m in scenario.measures}
    for test in (test for tests in payment.if_.alternatives for test in tests) if payment.if_ else ():
        for name in (test.left, test.right):
            if not isinstance(name, str) or name not in measures:
                continue
            firsts = {key: min(found) for key, found in report_columns(scenario, measures[name]).items()}
            firsts = {key: first for key, first in firsts.items() if key not in _cancellable(scenario)} or firsts
            is_for_all = set(payment_columns(scenario, payment)) == {None}  # it must hold for every cohort
            cohort, first = max(firsts.items(), key=lambda f: f[1]) if is_for_all else (None, min(firsts.values()))
            if first > last:
                whose = f" for '{cohort}'" if cohort else ""
                context.warn(
                    f"contract.payments.{payment.name}.if",
                    f"'{name}' is first reported{whose} in {day_of(scenario, first)}, after the last payment: "
                    "the condition never holds",
                )


def _cancellable(scenario: Scenario) -> set[str]:
    """Cohorts that a condition may leave out."""
    return {name for e in scenario.events for name in e.cancels} | {c.name for c in scenario.cohorts if c.after}


def _latest_report(scenario: Scenario, context: Context, payment: Payment, measure: Measure) -> None:
    """A payment on fixed dates pays on the latest report by then: there must be one."""
    first = min(c for found in report_columns(scenario, measure).values() for c in found)
    early = [c for c in payment.at or () if c < first]
    if not early:
        return
    path, when = f"contract.payments.{payment.name}.at", day_of(scenario, first)
    if len(early) == len(payment.at or ()):
        context.problem(path, f"'{measure.name}' is first reported in {when}; pay then or later")
    else:
        context.warn(
            path, f"nothing is paid in {day_of(scenario, early[0])}: '{measure.name}' is first reported in {when}"
        )


def _prices(scenario: Scenario, context: Context) -> None:
    """Money far ahead that does not rise with prices."""
    step_years = scenario.step_months / 12
    flat = []
    if horizon_column(scenario) * step_years > FAR_AHEAD_YEARS:
        flat += [f"benefits.{b.name}" for b in scenario.benefits if b.index == Number(0.0, "percent")]
    for payment in scenario.payments:
        last = max((c for found in payment_columns(scenario, payment).values() for c in found), default=0)
        if last * step_years > FAR_AHEAD_YEARS and payment.index == Number(0.0, "percent") and payment.of is None:
            flat.append(f"contract.payments.{payment.name}")
    for cost in scenario.costs:
        is_far = last_cost_column(scenario, cost) * step_years > FAR_AHEAD_YEARS
        if is_far and cost.index == Number(0.0, "percent") and mean_of(scenario, cost.amount) > 0.0:
            flat.append(f"costs.{cost.name}")
    flat = [path for path in flat if f"{path}.index" not in context.nodes]  # `index: 0 %` says that it is meant
    if flat:
        context.warn("", f"money more than five years ahead does not rise with prices (no 'index'): {', '.join(flat)}")


TIME_CHECKS = (_reports, _uncounted_people, _costs, _payments, _prices)
