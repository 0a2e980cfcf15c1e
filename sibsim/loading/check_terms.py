"""Checks of the terms of payments: what they ask of measures, of other payments, and of each other."""

from __future__ import annotations

import math

from sibsim.loading.place import Context, did_you_mean, listed
from sibsim.loading.values import support
from sibsim.scenario import ACCOUNT, Measure, Number, Payment, Scenario, Value
from sibsim.timeline import counted_by, payment_measures

__all__ = ["TERM_CHECKS"]

MOST_PERSONS = 1_000
"""People that are drawn one by one in each future."""


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
    if not near and not scenario.outcomes:
        near = "; say which by the payment's 'measure'"
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
            cure = "write per_unit, or measure an outcome of type money"
            if measure.weighted and measure.unit == "number":
                part = measure.weighted[0][0]
                cure = f"give its weights a currency, e.g. {{{part}: 2 500 {scenario.currency}}}, or write per_unit"
            context.problem(f"contract.payments.{payment.name}.share", f"'{measure.name}' is {what}, not money; {cure}")


def _rests(scenario: Scenario, context: Context) -> None:
    """What a payment leaves unpaid: it needs a cap of its own, and a sum for each date."""
    payments = {p.name: p for p in scenario.payments}
    for payment in scenario.payments:
        other = payments.get(payment.rest_of or "")
        if other is None:
            continue
        path = f"contract.payments.{payment.name}.rest_of"
        if all(getattr(other.cap, key) is None for key in other.cap.__dataclass_fields__):
            context.problem(
                path,
                f"'{other.name}' has no cap of its own, so it never leaves anything unpaid; to pay only where it has "
                f"paid nothing, write 'if: {{{other.name}: at most 0}}' instead",
            )
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


def _persons(scenario: Scenario, context: Context) -> None:
    """A cap per person needs to know who had what: events and steps, all found, of not too many people."""
    for payment in scenario.payments:
        if payment.cap.per_person is None:
            continue
        path = f"contract.payments.{payment.name}"
        if payment.shape not in ("prices", "per_unit"):
            context.problem(path, f"a cap per person limits 'prices' or 'per_unit', not '{payment.shape}'", at_key=True)
            continue
        for name in payment_measures(scenario, payment):
            reason = _why_not_by_person(scenario, name)
            if reason:
                context.problem(f"{path}.cap.per_person", f"people cannot be told apart in '{name}': {reason}")
        prices = payment.parameter
        for value in [row.pays for row in prices] if isinstance(prices, tuple) else [prices]:
            if _is_negative(context, value):
                context.problem(f"{path}.cap.per_person", "prices below 0 cannot stand beside a cap per person")
        most = sum(
            math.inf if cohort.queue is not None else support(context.inputs, cohort.size)[1]
            for cohort in scenario.cohorts
        )
        if most > MOST_PERSONS:
            shown = f"as many as {most:.0f}" if most < 1e9 else "without an upper end"
            who = "`size` is" if all(cohort.queue is None for cohort in scenario.cohorts) else "those of a `queue` are"
            context.problem(
                f"{path}.cap.per_person",
                f"people are drawn one by one for it, at most {MOST_PERSONS}, and {who} {shown}; "
                "cap the payment in total",
            )


def _is_negative(context: Context, value: Value) -> bool:
    """Whether a figure is meant to be below 0 somewhere: the tail of a soft distribution is brought to 0."""
    low, _, mean, is_hard = support(context.inputs, value)
    return mean < 0 or (is_hard and low < 0)


def _why_not_by_person(scenario: Scenario, name: str) -> str:
    """Why what a measure reports cannot be told person by person; empty if it can."""
    measure = {m.name: m for m in scenario.measures}.get(name)
    if measure is None:
        return "it is a payment"
    if not measure.outcomes:
        return "it counts no event or step"
    for outcome in (o for o in scenario.outcomes if o.name in measure.outcomes):
        if outcome.type not in ("event", "milestones") or outcome.each == "cohort":
            return f"'{outcome.name}' is no event and no milestones of single people"
    wrong = {
        "it is not a total": measure.as_ != "total",
        "some people are missing": measure.missing != Number(0.0, "percent"),
        "the reading has an error": not (isinstance(measure.error, Number) and measure.error.value == 0.0),
        "it is rounded": measure.round is not None,
        "it is by how much something falls short": measure.short_of is not None,
        "it covers everything to date at each report": measure.covers == "to date" and len(measure.reported or ()) > 1,
    }
    return next((reason for reason, is_so in wrong.items() if is_so), "")


def _shrinking(scenario: Scenario, context: Context) -> None:
    """A coupon on what is outstanding, paid to a loan without interest, pays that loan back and so lowers itself."""
    loans = {t.name: t for t in scenario.loans}
    for payment in scenario.payments:
        if payment.of != "outstanding" or not payment.is_per_year:
            continue
        gets = [loans[payment.to]] if payment.to in loans else list(loans.values()) if payment.to == ACCOUNT else []
        if gets and all(isinstance(t.rate, Number) and t.rate.value == 0.0 for t in gets):
            context.warn(
                f"contract.payments.{payment.name}.of",
                "money to a loan beyond its interest is repayment, and this loan has no 'rate': each date lowers what "
                "the next is a percent of; a coupon is 'of: drawn'",
            )


TERM_CHECKS = (_persons, _prices, _shares, _rests, _cohorts, _to_date, _shrinking)
