"""Warnings of what can be right but seldom is: money above what there is, effects that harm, means of few futures."""

from __future__ import annotations

import math
from datetime import date

from sibsim.loading.check_inputs import path_of_input
from sibsim.loading.check_time import mean_of
from sibsim.loading.maximum import most_paid, most_paid_by
from sibsim.loading.place import Context
from sibsim.loading.sure import can_be_less, can_take_back
from sibsim.referrals import planned_starters
from sibsim.scenario import ACCOUNT, Effect, Number, OverTime, Payment, Row, Scenario, Value

__all__ = ["PLAUSIBLE_CHECKS", "THRESHOLDS"]

THRESHOLDS: tuple[tuple[int, int], ...] = (
    (2018, 7_113_450),
    (2020, 7_701_675),
    (2022, 7_802_550),
    (2024, 8_109_450),
)
"""SEK without VAT, from each year on, above which Sweden's Public Procurement Act (LOU) asks that social and other
special services are advertised and procured: Konkurrensverket, "Gamla tröskelvärden", and Upphandlingsmyndigheten,
"Tröskelvärden och direktupphandlingsgränser". Fixed anew every second year."""
WIDE = 2.0
"""An sd so many times the mean: one future in a hundred then carries a seventh of a lognormal's mean or more."""
SKEWED = ("lognormal", "gamma")
MOSTLY_MISSING = 0.5
HALF = 0.5


def _money(amount: float) -> str:
    return f"{amount:,.0f}".replace(",", " ")


def threshold_in(day: date) -> tuple[int, int]:
    """The threshold that held on a day: the year it is from, and SEK.

    >>> threshold_in(date(2021, 6, 1))
    (2020, 7701675)
    """
    return [row for row in THRESHOLDS if row[0] <= max(day.year, THRESHOLDS[0][0])][-1]


def _procurement(scenario: Scenario, context: Context) -> None:
    """What public procurement looks at: the most that the contract can pay, whatever is likely."""
    if scenario.currency != "SEK" or not scenario.payments:
        return
    most = most_paid(scenario)
    since, threshold = threshold_in(scenario.start)
    if most <= threshold:
        return
    earlier = "" if scenario.start.year >= since else "; none before that is known here"
    how_much = "has no limit in the file" if math.isinf(most) else f"is {_money(most)} SEK"
    context.warn(
        "",
        f"the most this contract can pay {how_much}; Sweden's threshold for procuring social services is "
        f"{_money(threshold)} SEK without VAT (LOU, from {since}{earlier}), and it is compared with the most that can "
        "be paid, options and bonuses included. Whether it applies is for a lawyer to say",
    )


def _cap_of_all(scenario: Scenario, context: Context) -> None:
    """A cap over all payments that stops the best result of one of them."""
    cap = scenario.contract_cap.total
    if not isinstance(cap, Number) or cap.currency or can_take_back(scenario):
        return
    for payment in (one for one in scenario.payments if not can_be_less(scenario, one)):
        rows: tuple[Row, ...] = payment.parameter if isinstance(payment.parameter, tuple) else ()
        best = [
            row.pays.value
            for row in rows
            if isinstance(row.pays, Number) and row.pays.unit != "percent" and not row.pays.currency
        ]
        if payment.shape in ("steps", "line") and max(best, default=0.0) > cap.value * (1 + 1e-9):
            context.warn(
                "contract.cap", f"the cap is below the largest step of '{payment.name}', which is never paid in full"
            )
        one = payment.parameter
        if not isinstance(one, Number) or one.currency or one.unit == "percent" or payment.times is not None:
            continue
        if _is_by_ones(scenario, payment) and cap.value * (1 + 1e-9) < one.value:
            what = "percentage point" if payment.shape == "per_point" else "unit"
            context.warn(
                "contract.cap",
                f"the cap is {_money(cap.value)} {scenario.currency}: less than '{payment.name}' pays for one {what}",
            )


def _is_by_ones(scenario: Scenario, payment: Payment) -> bool:
    """Whether it pays for whole ones of something: percentage points, or units of a total that is a number."""
    if payment.shape != "per_unit":
        return payment.shape == "per_point"
    totals = ("total", "total_improvement")
    return any(m.name == payment.measure and m.as_ in totals and m.unit == "number" for m in scenario.measures)


def _costs_of_provider(scenario: Scenario, context: Context) -> None:
    """Without finance the provider's costs are to be met by what it can receive."""
    if scenario.finance is not None or not scenario.payments or context.problems:
        return
    total, parties = 0.0, {cost.by for cost in scenario.costs} - {ACCOUNT}
    for who in sorted(parties & {payment.to for payment in scenario.payments}):
        total = math.fsum(_whole_cost(scenario, cost.name) for cost in scenario.costs if cost.by == who)
        cash = scenario.party(who).cash
        most = most_paid_by(scenario, [who]) + (mean_of(scenario, cash) if cash is not None else 0.0)
        most += math.fsum(_whole_cost(scenario, cost.name) for cost in scenario.costs if cost.to == who)
        if total > most * (1 + 1e-9):
            context.warn(
                "costs",
                f"the costs of '{who}' are {_money(total - most)} {scenario.currency} above all it can receive",
            )


def _whole_cost(scenario: Scenario, name: str) -> float:
    """A cost in all, by mean sizes and without drop-out; 0 where the file alone does not tell it."""
    cost = next(c for c in scenario.costs if c.name == name)
    people = {
        "contract": 1.0,
        "starter": math.fsum(planned_starters(scenario, cohort) for cohort in scenario.cohorts),
        "offered": math.fsum(mean_of(scenario, c.size) for c in scenario.cohorts),
    }
    if cost.per not in people or not isinstance(cost.amount, Number):
        return 0.0
    return mean_of(scenario, cost.amount) * people[cost.per] * (len(cost.at) if cost.at is not None else 1)


# ------------------------------------------------------------------------------------------------ inputs
def _unstable(scenario: Scenario, context: Context) -> None:
    """Inputs whose mean a handful of futures make: more draws hardly help."""
    for entry in scenario.inputs:
        if entry.distribution.name not in SKEWED:
            continue
        mean, sd = entry.distribution.mean, entry.distribution.sd
        if sd > WIDE * mean:
            context.warn(
                path_of_input(context, entry.name),
                f"its sd is {sd / mean:.1f} times its mean: a few futures make the mean, and all means that hang on it "
                "are unsteady; look at the median, or give it an end by 'within'",
            )


def _harmful(scenario: Scenario, context: Context) -> None:
    """An effect that on average goes the wrong way."""
    for outcome in scenario.outcomes:
        if outcome.effect is None or _changes(outcome.effect.value):
            continue
        good = _good(outcome.effect, mean_of(scenario, outcome.effect.value))
        is_harm = good < 0.0 if outcome.better == "more" else good > 0.0
        if is_harm:
            context.warn(
                f"outcomes.{outcome.name}.effect",
                f"on average this makes things worse: '{outcome.name}' is better with {outcome.better}, "
                f"and the programme gives {'fewer' if outcome.better == 'more' else 'more'}",
            )


def _reduction_as_ratio(scenario: Scenario, context: Context) -> None:
    """A ratio written as a small percent: perhaps what goes was meant, and not what is left."""
    units = {entry.name: entry.unit for entry in scenario.inputs}
    for outcome in scenario.outcomes:
        effect = outcome.effect
        if effect is None or effect.kind == "difference" or _changes(effect.value) or outcome.better == "more":
            continue
        unit = effect.value.unit if isinstance(effect.value, Number) else units.get(getattr(effect.value, "name", ""))
        mean = 100 * mean_of(scenario, effect.value)
        if unit == "percent" and 0.0 < mean < 100 * HALF:
            context.warn(
                f"outcomes.{outcome.name}.effect",
                f"a ratio says what is left: {mean:.3g} % on average is {100 - mean:.3g} % less of '{outcome.name}'; "
                f"if {mean:.3g} % less was meant, write {100 - mean:.3g} %",
            )


def _changes(value: Value) -> bool:
    return isinstance(value, OverTime)


def _good(effect: Effect, mean: float) -> float:
    """Above 0 if it raises the level, below 0 if it lowers it."""
    return mean if effect.kind == "difference" else mean - 1.0


def _missing(scenario: Scenario, context: Context) -> None:
    for measure in scenario.measures:
        share = mean_of(scenario, measure.missing)
        if MOSTLY_MISSING < share < 1.0:
            context.warn(
                f"measures.{measure.name}.missing",
                f"only {100 * (1 - share):.3g} % of the people are found: who they are may decide the result",
            )


PLAUSIBLE_CHECKS = (_procurement, _cap_of_all, _costs_of_provider, _unstable, _harmful, _reduction_as_ratio, _missing)
