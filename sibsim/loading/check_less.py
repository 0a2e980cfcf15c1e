"""Checks of payments that take off what others have paid: `less`."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from sibsim.loading.check_readings import is_for_each
from sibsim.loading.place import Context, listed
from sibsim.scenario import Payment, Scenario
from sibsim.timeline import payment_columns, payment_measures

__all__ = ["DATED_LESS_CHECKS", "LESS_CHECKS"]


def _builds_on(payment: Payment, payments: Mapping[str, Payment]) -> set[str]:
    names = {payment.measure, payment.rest_of, *payment.less}
    return {name for name in names if name in payments and name is not None}


def _circles(scenario: Scenario, context: Context) -> None:
    """No payment takes off itself, nor one that hangs on it."""
    payments = {p.name: p for p in scenario.payments}
    for payment in scenario.payments:
        if payment.name in payment.less:
            context.problem(_path(payment), "a payment cannot take off itself; name another one")
            return
    try:
        TopologicalSorter({name: _builds_on(p, payments) for name, p in payments.items()}).prepare()
    except CycleError as error:
        names = [str(name) for name in reversed(error.args[1])]
        first = next(p for p in scenario.payments if p.less and p.name in names)
        context.problem(_path(first), f"{' -> '.join(names)} is a circle: each would hang on what the other pays")


def _path(payment: Payment) -> str:
    return f"contract.payments.{payment.name}.less"


def _terms(scenario: Scenario, context: Context) -> None:
    """What is taken off is taken off once, and goes back to those who paid it."""
    payments = {p.name: p for p in scenario.payments}
    measures = {m.name: m for m in scenario.measures}
    for payment in (p for p in scenario.payments if p.less):
        others = [payments[name] for name in payment.less if name in payments]
        if len(set(payment.less)) < len(payment.less):
            context.problem(_path(payment), "a payment is named twice, and would be taken off twice")
        for other in others:
            if is_for_each(scenario, payment) and not is_for_each(scenario, other):
                context.problem(
                    _path(payment),
                    f"this payment is made for each cohort and '{other.name}' for all together, so it would be taken "
                    "off once for each cohort; pay for all together, or make both for each cohort",
                )
        strangers = [o.name for o in others if (o.by, o.by_over_time, o.by_event) != _payers(payment)]
        if strangers:
            context.warn(
                _path(payment),
                f"what goes back goes to those who pay '{payment.name}', and others pay {listed(strangers, 'and')}",
            )
        elsewhere = [o.name for o in others if o.to != payment.to]
        if elsewhere:
            context.warn(
                _path(payment),
                f"what goes back comes from where '{payment.name}' goes, '{payment.to}', and "
                f"{listed(elsewhere, 'and')} went elsewhere",
            )
        known = [measures[name] for name in payment_measures(scenario, payment) if name in measures]
        is_repeated = len(payment.at or ()) > 1 or (
            payment.at is None and payment.at_event is None and any(len(m.reported or ()) > 1 for m in known)
        )
        if is_repeated and not payment.is_cumulative:
            context.warn(
                _path(payment),
                f"on each date all that {listed(payment.less, 'and')} paid is taken off again; say "
                "'cumulative: true', or one date in 'at'",
            )
    for payment in (p for p in scenario.payments if p.rest_of in payments and payments[p.rest_of].less):
        context.problem(
            f"contract.payments.{payment.name}.rest_of",
            f"'{payment.rest_of}' is less what others paid: it leaves no part of one date's x unpaid",
        )


def _payers(payment: Payment) -> tuple[object, object, object]:
    return payment.by, payment.by_over_time, payment.by_event


def _dated(scenario: Scenario, context: Context) -> None:
    """What is taken off may have been paid by then."""
    columns = {p.name: {c for one in payment_columns(scenario, p).values() for c in one} for p in scenario.payments}
    order = list(columns)
    for payment in (p for p in scenario.payments if p.less and columns[p.name]):
        for name in payment.less:
            if not columns.get(name):
                continue
            first, last = min(columns[name]), max(columns[payment.name])
            if first > last or (first == last and order.index(name) > order.index(payment.name)):
                context.problem(
                    _path(payment),
                    f"'{name}' has paid nothing yet on the last date of this payment; take this one off that one",
                )


LESS_CHECKS = (_circles, _terms)
DATED_LESS_CHECKS = (_dated,)
