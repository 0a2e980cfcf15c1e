"""Checks of the terms of payments: what they ask of measures, of other payments, and of each other."""

from __future__ import annotations

from sibsim.loading.place import Context, did_you_mean, listed
from sibsim.scenario import Measure, Payment, Scenario
from sibsim.timeline import counted_by, payment_measures

__all__ = ["TERM_CHECKS"]


def _prices(scenario: Scenario, context: Context) -> None:
    """Each price names something that is counted, and only one measure counts it."""
    measures = {m.name: m for m in scenario.measures}
    for payment in scenario.payments:
        if payment.shape != "prices" or not isinstance(payment.parameter, tuple):
            continue
        path = f"contract.payments.{payment.name}"
        if payment.measure is not None and payment.measure not in measures:
            context.problem(f"{path}.measure", "prices are for what is counted: name a measure, or leave it out")
            continue
        for row in payment.parameter:
            found = counted_by(scenario, payment.measure, str(row.of))
            if len(found) == 1:
                _is_count(context, measures[found[0][0]], f"{path}.prices.{row.of}")
            elif found:
                names = listed((measure for measure, _ in found), "and")
                context.problem(f"{path}.prices.{row.of}", f"{names} count '{row.of}'; name one of them", at_key=True)
            else:
                _uncounted(scenario, context, payment, str(row.of))
        _same_cohorts(scenario, context, payment)


def _is_count(context: Context, measure: Measure, path: str) -> None:
    if measure.unit == "percent":
        context.problem(path, f"a price is for each one counted, and '{measure.name}' is a percent", at_key=True)
    elif measure.unit == "money":
        context.problem(path, f"'{measure.name}' is money, not a count; pay a 'share' of it", at_key=True)


def _uncounted(scenario: Scenario, context: Context, payment: Payment, name: str) -> None:
    path = f"contract.payments.{payment.name}.prices.{name}"
    if payment.measure is not None:
        context.problem(
            path, f"'{payment.measure}' does not count '{name}'; name a step or an event of it", at_key=True
        )
        return
    names = [m.name for m in scenario.measures]
    names += [o.name for o in scenario.outcomes] + [step.name for o in scenario.outcomes for step in o.steps]
    near = did_you_mean(name, names)
    context.problem(path, f"no measure is called '{name}', or counts it in total{near}", at_key=True)


def _same_cohorts(scenario: Scenario, context: Context, payment: Payment) -> None:
    measures = {m.name: m for m in scenario.measures}
    mine = [measures[name] for name in payment_measures(scenario, payment) if name in measures]
    if len({m.for_each_cohort for m in mine}) > 1:
        together = listed((m.name for m in mine if not m.for_each_cohort), "and")
        context.problem(
            f"contract.payments.{payment.name}.prices",
            f"some of these measures are reported for each cohort, and {together} not; price them in two payments",
        )


def _shares(scenario: Scenario, context: Context) -> None:
    """A share is of money."""
    measures = {m.name: m for m in scenario.measures}
    for payment in scenario.payments:
        measure = measures.get(payment.measure or "")
        if payment.shape == "share" and measure is not None and measure.unit != "money":
            what = "a percent" if measure.unit == "percent" else "a number"
            context.problem(
                f"contract.payments.{payment.name}.share",
                f"'{measure.name}' is {what}, not money; write per_unit, or measure an outcome of type money",
            )


def _rests(scenario: Scenario, context: Context) -> None:
    """What a payment leaves unpaid: it needs a cap of its own, and a sum for each date."""
    payments = {p.name: p for p in scenario.payments}
    for payment in scenario.payments:
        other = payments.get(payment.rest_of or "")
        if other is None:
            continue
        path = f"contract.payments.{payment.name}.rest_of"
        if all(getattr(other.cap, key) is None for key in other.cap.__dataclass_fields__):
            context.problem(path, f"'{other.name}' has no cap of its own, so it never leaves anything unpaid")
        elif other.is_cumulative:
            context.problem(path, f"'{other.name}' is cumulative: it leaves no part of one date's x unpaid")


def _cohorts(scenario: Scenario, context: Context) -> None:
    """Terms about single cohorts need reports for each of them."""
    measures = {m.name: m for m in scenario.measures}
    for payment in scenario.payments:
        path = f"contract.payments.{payment.name}"
        mine = [measures[name] for name in payment_measures(scenario, payment) if name in measures]
        is_for_each = any(m.for_each_cohort for m in mine)
        if payment.split is not None and not is_for_each:
            context.problem(f"{path}.split", "shares money among cohorts: give the measure 'for_each: cohort'")
        if payment.cap.per_cohort is not None and not is_for_each:
            context.problem(f"{path}.cap.per_cohort", "a cap per cohort needs a measure with 'for_each: cohort'")


def _to_date(scenario: Scenario, context: Context) -> None:
    """What is cumulative is reckoned on everything to date."""
    measures = {m.name: m for m in scenario.measures}
    for payment in scenario.payments:
        path = f"contract.payments.{payment.name}.cumulative"
        if not payment.is_cumulative:
            continue
        if payment.measure is not None and payment.measure not in measures:
            context.problem(path, f"'{payment.measure}' is a payment: what it pays that day is not to date")
        for name in payment_measures(scenario, payment):
            measure = measures.get(name)
            if measure is not None and measure.covers == "since last" and len(measure.reported or ()) > 1:
                context.warn(
                    path,
                    f"'{name}' reports only what is new since the last report, and what was due before is taken off "
                    "again; give it 'covers: to date'",
                )


TERM_CHECKS = (_prices, _shares, _rests, _cohorts, _to_date)
