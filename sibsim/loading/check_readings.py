"""Checks of what a reading is made into: `short_of`, `round`, and `times` of a payment."""

from __future__ import annotations

from sibsim.loading.check_money import counts
from sibsim.loading.place import Context
from sibsim.scenario import Measure, Number, OverTime, Payment, Ref, Scenario, Unit, Value
from sibsim.timeline import payment_columns, payment_measures, report_columns

__all__ = ["DATED_READING_CHECKS", "READING_CHECKS"]

SAYS: dict[Unit, str] = {"number": "a number", "percent": "a percent", "money": "money"}


def _units(context: Context, value: Value) -> set[Unit]:
    """The units of a value that is not 0, whatever the date."""
    if isinstance(value, OverTime):
        return {unit for _, entry in (*value.entries, *value.events) for unit in _units(context, entry)}
    if isinstance(value, Ref):
        return {context.inputs[value.name].unit}
    return set() if value.value == 0.0 else {value.unit}


def _readings(scenario: Scenario, context: Context) -> None:
    """What a reading falls short of, and what it is rounded to, is in its unit."""
    steps = {o.name for o in scenario.outcomes if o.type == "milestones"}
    for measure in scenario.measures:
        path = f"measures.{measure.name}"
        if measure.short_of is not None:
            if isinstance(measure.short_of, Number) and measure.short_of.value < 0.0 and _is_counted(scenario, measure):
                message = f"'{measure.name}' is never below 0, so it never falls short of this; write 0 or more"
                context.problem(f"{path}.short_of", message)
            for unit in _units(context, measure.short_of):
                _in_unit(scenario, context, measure, f"{path}.short_of", unit, measure.short_of)
            if measure.also_of or steps & set(measure.outcomes):
                context.problem(
                    f"{path}.short_of",
                    "several things are counted apart in it; let a third measure fall short, made of this one: "
                    f"{{weighted: {{{measure.name}: 1}}, short_of: ...}}",
                    at_key=True,
                )
        if measure.round is not None:
            whole = Number(measure.round.to, measure.round.unit)
            _in_unit(scenario, context, measure, f"{path}.round", measure.round.unit, whole)
            is_number = measure.unit == "number" and measure.as_ != "growth" and not measure.weighted
            if is_number and measure.round.unit == "percent" and measure.name not in counts(scenario):
                context.problem(f"{path}.round", f"'{measure.name}' is a number, and this is a percent; write a number")


def _is_counted(scenario: Scenario, measure: Measure) -> bool:
    """Whether what is reported is never below nothing."""
    types = {o.name: o.type for o in scenario.outcomes}
    is_signed = any(types.get(name) in ("money", "score") for name in measure.outcomes)
    return bool(measure.of) and not is_signed and measure.as_ in ("total", "average")


def _in_unit(scenario: Scenario, context: Context, measure: Measure, path: str, unit: Unit, value: Value) -> None:
    if unit == measure.unit or (measure.unit, unit) == ("money", "number"):
        return
    if (measure.unit, unit) == ("number", "percent") and measure.name not in counts(scenario):
        return  # growth, or a sum of what is weighed by percents
    hint = ""
    if measure.unit == "percent" and unit == "number" and isinstance(value, Number):
        hint = f"; write {value.value:g} % or {value.value * 100:g} %"
    context.problem(path, f"'{measure.name}' is {SAYS[measure.unit]}, and this is {SAYS[unit]}{hint}")


def is_for_each(scenario: Scenario, payment: Payment) -> bool:
    """Whether a payment is made for each cohort by itself."""
    measures = {m.name: m for m in scenario.measures}
    return any(measures[name].for_each_cohort for name in payment_measures(scenario, payment) if name in measures)


def _times(scenario: Scenario, context: Context) -> None:
    """What multiplies a payment is a number or a share, of the same cohorts as the payment."""
    measures = {m.name: m for m in scenario.measures}
    for payment in scenario.payments:
        measure = measures.get(payment.times or "")
        if measure is None:
            continue
        path = f"contract.payments.{payment.name}.times"
        if payment.times == payment.measure:
            context.warn(
                path, f"'{measure.name}' is x of this payment already: it is paid on its square; is that meant?"
            )
        if measure.unit == "money":
            context.problem(path, f"'{measure.name}' is money, and money times money has no meaning")
        if measure.for_each_cohort and not is_for_each(scenario, payment):
            context.problem(
                path,
                f"'{measure.name}' is reported for each cohort, and this payment is made for all together; give it a "
                "measure with 'for_each: cohort', or multiply by a measure of all cohorts",
            )


def _dated_times(scenario: Scenario, context: Context) -> None:
    """What multiplies a payment has been reported by its day, of each cohort that it is made for."""
    measures = {m.name: m for m in scenario.measures}
    for payment in scenario.payments:
        measure = measures.get(payment.times or "")
        if measure is None:
            continue
        path, reported = f"contract.payments.{payment.name}.times", report_columns(scenario, measure)
        for key, columns in payment_columns(scenario, payment).items():
            first = min(reported.get(key) or reported.get(None) or (), default=None)
            who = f" of '{key}'" if key else ""
            if measure.for_each_cohort and not key:
                continue  # told by `_times`
            if first is None:
                context.problem(path, f"'{measure.name}' is never reported{who}, so nothing would ever be due")
            elif columns and max(columns) < first:
                context.problem(path, f"'{measure.name}' is first reported{who} after the last date of this payment")
            elif columns and min(columns) < first:
                context.warn(path, f"nothing is due{who} on dates before the first report of '{measure.name}'")


READING_CHECKS = (_readings, _times)
DATED_READING_CHECKS = (_dated_times,)
