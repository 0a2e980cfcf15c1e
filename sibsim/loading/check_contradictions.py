"""Terms of payments that contradict each other: what one line promises another makes impossible."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sibsim.loading.maximum import most_reported
from sibsim.loading.place import Context
from sibsim.scenario import Cap, Number, Payment, Row, Scenario, Test, Value
from sibsim.timeline import payment_measures

__all__ = ["CONTRADICTION_CHECKS", "fixed_money"]

SLACK = 1e-9


def fixed_money(value: Value | None, base: Value | str | None = None) -> float | None:
    """A fixed amount in the file's money; None where it changes, is uncertain, or a percent of what is not fixed."""
    if not isinstance(value, Number) or value.currency or (isinstance(base, Number) and base.currency):
        return None
    if value.unit != "percent":
        return value.value
    return value.value * base.value if isinstance(base, Number) else None


def _pair(one: Value | None, two: Value | None, base: Value | str | None) -> tuple[float, float] | None:
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
    for payment in scenario.payments:
        path = f"contract.payments.{payment.name}.floor"
        if payment.floor is None:
            continue
        for key, cap in _limits(payment.cap):
            found = _pair(payment.floor, cap, payment.of)
            if found and found[0] > found[1] + SLACK:
                what = key.replace("_", " ")
                context.problem(path, f"the floor is above the payment's own cap ({what}): lower it, or raise the cap")
        floor = fixed_money(payment.floor, payment.of)
        for key, cap in _limits(scenario.contract_cap):
            most = fixed_money(cap)
            if floor is not None and most is not None and floor > most + SLACK:
                context.problem(path, f"the floor is above the cap over all payments ({key.replace('_', ' ')})")
        everyone = {who for who, _ in payment.by} | {who for _, shares in payment.by_over_time for who, _ in shares}
        limits = [fixed_money(scenario.party(who).pays_at_most) for who in everyone]
        most_of_all = math.fsum(limit for limit in limits if limit is not None)
        if floor is not None and None not in limits and floor > most_of_all + SLACK:
            limit = _money(scenario, most_of_all)
            context.problem(path, f"the floor is above all that those who pay it pay at most ({limit})")


def _idle_caps(scenario: Scenario, context: Context) -> None:
    """A cap that is above another can never bind."""
    caps = [(f"contract.payments.{p.name}.cap", p.cap, p.of) for p in scenario.payments]
    caps.append(("contract.cap", scenario.contract_cap, None))
    for path, cap, base in caps:
        for key in ("per_year", "per_cohort"):
            found = _pair(getattr(cap, key), cap.total, base)
            if found and found[0] > found[1] + SLACK:
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
        if payment.shape == "steps":
            _all_above_cap(context, payment, rows)
        measure = measures.get(payment.measure or "")
        if measure is None:
            continue
        most = most_reported(scenario, measure)
        for number, row in enumerate(rows, 1):
            is_over = isinstance(row.at, Number) and row.at.unit != "money" and row.at.value > most + SLACK
            if payment.shape == "steps" and is_over and isinstance(row.at, Number):
                high = f"{most * 100:g} %" if measure.unit == "percent" else f"{most:g}"
                message = f"is never reached: '{measure.name}' is at most {high}"
                if measure.unit == "percent":
                    context.problem(f"{path}.steps.{number}.1", message)
                else:
                    context.warn(f"{path}.steps.{number}", message)
        pays = [row.pays.value if isinstance(row.pays, Number) else None for row in rows]
        falls = [n for n in range(1, len(pays)) if _falls(pays[n - 1], pays[n])]
        if falls and "improvement" in measure.as_:
            context.warn(f"{path}.{payment.shape}.{falls[0] + 1}", "pays less than the row before, for a better result")


def _falls(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and after < before - SLACK


def _all_above_cap(context: Context, payment: Payment, rows: tuple[Row, ...]) -> None:
    """Every step pays more than a cap allows: whichever is reached, the cap is paid."""
    paying = [row.pays for row in rows if not (isinstance(row.pays, Number) and row.pays.value == 0.0)]
    if len(paying) < 2 or len(set(paying)) < 2:
        return
    for key, cap in _limits(payment.cap):
        found = [_pair(pays, cap, payment.of) for pays in paying]
        if all(one is not None and one[0] > one[1] + SLACK for one in found):
            context.problem(
                f"contract.payments.{payment.name}.cap",
                f"the cap ({key.replace('_', ' ')}) is below the smallest step: whichever is reached, it is all that "
                "is paid; raise it, or pay one amount",
            )


def _never(scenario: Scenario, context: Context) -> None:
    """A condition that is met only where the shape pays nothing."""
    for payment in scenario.payments:
        rows = _rows(payment)
        if payment.if_ is None or payment.shape != "steps" or payment.band is not None or payment.floor is not None:
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
    limit = first.value - (0.0 if test.comparison == "below" else SLACK)
    return test.comparison in ("below", "at most") and test.right.value <= limit


def _nothing(scenario: Scenario, context: Context) -> None:
    """A cap of nothing."""
    for payment in scenario.payments:
        for key, cap in _limits(payment.cap):
            if fixed_money(cap, payment.of) == 0.0 and payment_measures(scenario, payment):
                context.warn(
                    f"contract.payments.{payment.name}.cap", f"is 0 ({key.replace('_', ' ')}): nothing is paid"
                )


CONTRADICTION_CHECKS = (_floors, _idle_caps, _steps, _never, _nothing)
