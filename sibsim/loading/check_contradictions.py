"""Terms of payments that contradict each other: what one line promises another makes impossible.

An error is certain: no report and no luck gives what the line says. Where that hangs on anything, nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from sibsim.loading.maximum import most_reported
from sibsim.loading.place import Context
from sibsim.loading.sure import can_be_less, can_take_back, has_bounds, is_reduced
from sibsim.scenario import Cap, Measure, Number, Payment, Row, Scenario, Test, Value
from sibsim.timeline import payment_measures

__all__ = ["CONTRADICTION_CHECKS", "comparable", "fixed_money"]

SLACK = 1e-9


def fixed_money(value: Value | None, base: Value | str | None = None) -> float | None:
    """A fixed amount in the file's money; None where it changes, is uncertain, or a percent of what is not fixed."""
    if not isinstance(value, Number) or value.currency or (isinstance(base, Number) and base.currency):
        return None
    if value.unit != "percent":
        return value.value
    return value.value * base.value if isinstance(base, Number) else None


def comparable(one: Value | None, two: Value | None, base: Value | str | None) -> tuple[float, float] | None:
    """Two figures of one payment that can be compared: both in money, or both a percent of the same."""
    if not isinstance(one, Number) or not isinstance(two, Number):
        return None
    if one.unit == two.unit == "percent":
        return one.value, two.value
    left, right = fixed_money(one, base), fixed_money(two, base)
    return None if left is None or right is None else (left, right)


def _money(scenario: Scenario, amount: float) -> str:
    return f"{amount:,.10g}".replace(",", " ") + f" {scenario.currency}"


def _limits(cap: Cap) -> Iterator[tuple[str, Value]]:
    """Caps that are sums, by their keys."""
    for key in ("total", "per_year", "per_cohort"):
        value = getattr(cap, key)
        if value is not None:
            yield key, value


# ------------------------------------------------------------------------------------------------ floors and caps
def _floors(scenario: Scenario, context: Context) -> None:
    """A floor that a cap, or those who pay, make impossible."""
    has_new_room = can_take_back(scenario)
    for payment in scenario.payments:
        path = f"contract.payments.{payment.name}.floor"
        if payment.floor is None or is_reduced(payment):
            continue
        lower = payment.round.to if payment.round is not None else 0.0  # what it may be rounded to
        for key, cap in _limits(payment.cap):
            found = comparable(payment.floor, cap, payment.of)
            is_money = getattr(payment.floor, "unit", "") != "percent"
            if found and found[0] - (lower if is_money else math.inf if lower else 0.0) > found[1] + SLACK:
                what = key.replace("_", " ")
                context.problem(path, f"the floor is above the payment's own cap ({what}): lower it, or raise the cap")
        floor = fixed_money(payment.floor, payment.of)
        for key, cap in _limits(scenario.contract_cap):
            most = fixed_money(cap)
            if floor is not None and most is not None and not has_new_room and floor - lower > most + SLACK:
                context.problem(path, f"the floor is above the cap over all payments ({key.replace('_', ' ')})")
        limits = [fixed_money(scenario.party(who).pays_at_most) for who in payment.payers]
        most_of_all = math.fsum(limit for limit in limits if limit is not None)
        if floor is not None and None not in limits and floor - lower > most_of_all + SLACK:
            limit = _money(scenario, most_of_all)
            context.problem(path, f"the floor is above all that those who pay it pay at most ({limit})")


def _idle_caps(scenario: Scenario, context: Context) -> None:
    """A cap that is above another can never bind."""
    caps = [(f"contract.payments.{p.name}.cap", p.cap, p.of) for p in scenario.payments]
    caps.append(("contract.cap", scenario.contract_cap, None))
    has_new_room = can_take_back(scenario)
    for path, cap, base in caps:
        for key in ("per_year", "per_cohort"):
            found = comparable(getattr(cap, key), cap.total, base)
            if found and found[0] > found[1] + SLACK and not has_new_room:
                context.warn(f"{path}.{key}", "has no effect: it is above the cap in total")
        is_both = isinstance(cap.multiple, Number) and isinstance(cap.irr, Number)
        if is_both and cap.multiple.value < 1.0 and cap.irr.value > 0.0:  # type: ignore[union-attr]
            message = "allows a gain, and the cap of the multiple takes a loss for granted: one of them cannot be"
            context.problem(f"{path}.irr", message)


# ------------------------------------------------------------------------------------------------ steps
def _rows(payment: Payment) -> tuple[Row, ...]:
    return payment.parameter if isinstance(payment.parameter, tuple) and payment.shape != "prices" else ()


def _steps(scenario: Scenario, context: Context) -> None:
    """Steps that a cap makes all the same, that pay less for more, or that nothing reaches."""
    measures = {m.name: m for m in scenario.measures}
    for payment in scenario.payments:
        path, rows = f"contract.payments.{payment.name}", _rows(payment)
        if payment.shape == "steps" and not can_be_less(scenario, payment):
            _all_above_cap(context, payment, rows)
        measure = measures.get(payment.measure or "")
        if measure is None:
            continue
        most = most_reported(scenario, measure) if _has_most(scenario, measure) else math.inf
        for number, row in enumerate(rows, 1):
            is_over = isinstance(row.at, Number) and row.at.unit != "money" and row.at.value > most + SLACK
            if payment.shape == "steps" and is_over and payment.band is None:
                high = f"{most * 100:g} %" if measure.unit == "percent" else f"{most:g}"
                message = f"is never reached: '{measure.name}' is at most {high}"
                if measure.unit == "percent":
                    context.problem(f"{path}.steps.{number}.1", message)
                else:
                    context.warn(f"{path}.steps.{number}", message)
        falls = [n for n in range(1, len(rows)) if _falls(rows[n - 1].pays, rows[n].pays, payment)]
        if falls and "improvement" in measure.as_ and measure.short_of is None and payment.to != "payer":
            context.warn(f"{path}.{payment.shape}.{falls[0] + 1}", "pays less than the row before, for a better result")


def _has_most(scenario: Scenario, measure: Measure) -> bool:
    """Whether no report can be above the most that people and their share allow.

    Not with an `error`, nor where the size has no upper end; days off may, by luck, come to less than none; and of
    several outcomes the comparison may hold what is good and what is bad.
    """
    types = {outcome.type for outcome in scenario.outcomes if outcome.name in measure.outcomes}
    is_relative = measure.as_ == "relative_improvement" and (bool(measure.also_of) or "days" in types)
    is_sure = measure.error.value == 0.0 if isinstance(measure.error, Number) else False
    return (
        is_sure
        and not is_relative
        and measure.of != "person_months"
        and has_bounds(scenario, scenario.cohorts, measure)
    )


def _falls(before: Value, after: Value, payment: Payment) -> bool:
    found = comparable(before, after, payment.of)
    return found is not None and found[1] < found[0] - SLACK


def _all_above_cap(context: Context, payment: Payment, rows: tuple[Row, ...]) -> None:
    """Every step pays more than a cap allows: whichever is reached, the cap is paid."""
    paying = [row.pays for row in rows if not (isinstance(row.pays, Number) and row.pays.value == 0.0)]
    if len(paying) < 2 or len(set(paying)) < 2:
        return
    for key, cap in _limits(payment.cap):
        if key == "per_year" and payment.is_cumulative:  # what a year's cap cut may be due the year after
            continue
        found = [comparable(pays, cap, payment.of) for pays in paying]
        if all(one is not None and one[0] > one[1] + SLACK for one in found):
            context.problem(
                f"contract.payments.{payment.name}.cap",
                f"the cap ({key.replace('_', ' ')}) is below the smallest step: whichever is reached, it is all that "
                "is paid; raise it, or pay one amount",
            )


def _never(scenario: Scenario, context: Context) -> None:
    """A condition that is met only where the shape pays nothing."""
    for payment in scenario.payments:
        rows, is_read = _rows(payment), any(m.name == payment.measure for m in scenario.measures)
        if payment.if_ is None or payment.shape != "steps" or payment.band is not None or payment.floor is not None:
            continue
        if not is_read or payment.less or not all(isinstance(row.at, Number | None) for row in rows):
            continue
        first = next((row for row in rows if row.at is not None), None)
        is_paid_below = rows[0].at is None and rows[0].pays != Number(0.0, getattr(rows[0].pays, "unit", "number"))
        if first is None or not isinstance(first.at, Number) or is_paid_below or payment.rest_of or payment.of:
            continue
        if all(any(_is_below(test, payment, first.at) for test in tests) for tests in payment.if_.alternatives):
            context.problem(
                f"contract.payments.{payment.name}.if",
                f"holds only where '{payment.measure}' is below the first step: nothing is ever paid",
            )


def _is_below(test: Test, payment: Payment, first: Number) -> bool:
    if test.left != payment.measure or not isinstance(test.right, Number):
        return False
    limit = first.value - (0.0 if test.comparison == "below" else 3 * SLACK)
    return test.comparison in ("below", "at most") and test.right.value <= limit


def _nothing(scenario: Scenario, context: Context) -> None:
    """A cap of nothing."""
    for payment in scenario.payments if not can_take_back(scenario) else ():
        for key, cap in _limits(payment.cap):
            if fixed_money(cap, payment.of) == 0.0 and payment_measures(scenario, payment):
                context.warn(
                    f"contract.payments.{payment.name}.cap", f"is 0 ({key.replace('_', ' ')}): nothing is paid"
                )


CONTRADICTION_CHECKS = (_floors, _idle_caps, _steps, _never, _nothing)
