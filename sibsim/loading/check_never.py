"""Terms that can change nothing: lines of conditions that never hold, caps of nothing, dates after everything else."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sibsim.loading.maximum import most_paid_by_payment, most_reported
from sibsim.loading.place import Context
from sibsim.scenario import Condition, Measure, Number, OverTime, Payment, Scenario, Test, Value
from sibsim.timeline import column_date, last_cost_column, payment_columns, report_columns

__all__ = ["NEVER_CHECKS"]

SLACK = 1e-9
COUNTED = ("event", "count", "days", "milestones")


# ------------------------------------------------------------------------------------------------ conditions
def _conditions(scenario: Scenario) -> Iterator[tuple[str, Condition]]:
    tranches = scenario.finance.tranches if scenario.finance is not None else ()
    asked = [(f"contract.payments.{p.name}.if", p.if_) for p in scenario.payments]
    asked += [(f"events.{e.name}.if", e.if_) for e in scenario.events]
    asked += [(f"finance.tranches.{t.name}.if", t.if_) for t in tranches]
    yield from ((path, condition) for path, condition in asked if condition is not None)
    for measure in scenario.measures:
        yield from ((f"measures.{measure.name}.goals", goal) for goal in measure.goals)


def _never(scenario: Scenario, context: Context) -> None:
    """Lines that look for more than there can be, or for less than nothing."""
    measures = {m.name: m for m in scenario.measures}
    for path, condition in _conditions(scenario):
        for test in (test for tests in condition.alternatives for test in tests):
            if not isinstance(test.right, Number) or test.right.currency:
                continue
            if test.left in measures:
                low, high = _reported(scenario, measures[test.left])
            else:
                low, high = _paid(scenario, test.left)
            reason = _why_never(test, test.right.value, low, high)
            if reason:
                unit = measures[test.left].unit if test.left in measures else "money"
                limit = high if reason == "more" else low
                shown = f"{limit * 100:g} %" if unit == "percent" else f"{limit:,.10g}".replace(",", " ")
                verb = "is" if test.left in measures else "pays"
                says = f"'{test.left}' {verb} {'at most' if reason == 'more' else 'never below'} {shown}"
                context.warn(path, f"{says}: the line '{test.left}: {test.comparison} ...' never holds")


def _why_never(test: Test, right: float, low: float, high: float) -> str:
    slack = SLACK * max(abs(right), 1.0)
    too_much = {"above": right >= high - slack, "at least": right > high + slack}
    too_little = {"below": right <= low + slack, "at most": right < low - slack}
    if too_much.get(test.comparison, False):
        return "more"
    return "less" if too_little.get(test.comparison, False) else ""


def _reported(scenario: Scenario, measure: Measure) -> tuple[float, float]:
    """The least and the most that a measure can report, as far as the file alone tells it."""
    outcome = next((o for o in scenario.outcomes if o.name == measure.of), None)
    is_exact = measure.error == Number(0.0) and all(c.sure_size is not None for c in scenario.cohorts)
    if not is_exact or (measure.short_of is not None and not isinstance(measure.short_of, Number)):
        return -math.inf, math.inf
    is_counted = (outcome.type in COUNTED if outcome is not None else bool(measure.of)) and not measure.weighted
    is_at_least_0 = measure.as_ in ("total", "average") and is_counted
    is_at_least_0 = is_at_least_0 or measure.short_of is not None or bool(measure.goals)
    return 0.0 if is_at_least_0 else -math.inf, most_reported(scenario, measure)


def _paid(scenario: Scenario, name: str) -> tuple[float, float]:
    """The least and the most that a payment can have paid; without end where an input, or a loan, decides it."""
    payment = next((p for p in scenario.payments if p.name == name), None)
    if payment is None or not _is_certain(payment) or any(c.sure_size is None for c in scenario.cohorts):
        return -math.inf, math.inf
    return -math.inf, most_paid_by_payment(scenario)[name]


def _is_certain(payment: Payment) -> bool:
    rows = payment.parameter if isinstance(payment.parameter, tuple) else ()
    figures: list[object] = [*(row.pays for row in rows), *([] if rows else [payment.parameter])]
    figures += [payment.floor or Number(0.0), payment.index]
    is_plain = payment.of is None and payment.times is None and payment.at_event is None
    return is_plain and all(isinstance(figure, Number) and not figure.currency for figure in figures)


# ------------------------------------------------------------------------------------------------ caps
def _multiples(scenario: Scenario, context: Context) -> None:
    """A cap on the return that gives back nothing, or less than was lent."""
    caps = [(f"contract.payments.{p.name}.cap", p.cap.multiple) for p in scenario.payments]
    caps.append(("contract.cap", scenario.contract_cap.multiple))
    caps += [(f"finance.tranches.{t.name}.cap", t.cap.multiple) for t in scenario.loans]
    for path, multiple in caps:
        most = _highest(multiple)
        if most is None or most >= 1.0 - SLACK:
            continue
        is_of_one = path.startswith("contract.payments")
        if most <= 0.0:
            context.warn(path, f"is 0 (multiple): nothing is {'repaid' if 'tranches' in path else 'paid'}")
        elif not is_of_one:
            who = "this lender gets" if "tranches" in path else "all loans together get"
            context.warn(f"{path}.multiple", f"{who} at most {most:g} times what was drawn: lenders surely lose")


def _highest(value: Value | None) -> float | None:
    entries = value.every if isinstance(value, OverTime) else (value,)
    figures = [entry.value for entry in entries if isinstance(entry, Number)]
    return max(figures) if len(figures) == len(entries) else None


# ------------------------------------------------------------------------------------------------ dates
def _late(scenario: Scenario, context: Context) -> None:
    """Money that is kept for more than a year after everything else is over."""
    finance = scenario.finance
    if finance is None:
        return
    ends = [max(columns, default=0) for p in scenario.payments for columns in payment_columns(scenario, p).values()]
    ends += [last_cost_column(scenario, cost) for cost in scenario.costs]
    ends += [max(c) for m in scenario.measures for c in report_columns(scenario, m).values() if c]
    ends += [max(c for c, _ in t.drawn) for t in finance.tranches if not isinstance(t.drawn, str)]
    last = max(ends, default=0)
    dates = {"finance.surplus_from": finance.surplus_from}
    dates["finance.distribute"] = max(finance.distribute) if finance.distribute else None
    dates |= {f"finance.tranches.{t.name}.matures": t.matures for t in finance.tranches}
    for path, column in dates.items():
        if column is not None and (column - last) * scenario.step_months > 12:
            day = column_date(scenario.start, scenario.step_months, last)
            context.warn(path, f"is more than a year after everything else is over ({day:%Y-%m}): is the year right?")


NEVER_CHECKS = (_never, _multiples, _late)
