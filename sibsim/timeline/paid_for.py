"""What a payment pays for: the measures whose readings it takes."""

from __future__ import annotations

from sibsim.scenario import Payment, Scenario

__all__ = ["counted_by", "payment_measures", "payment_readings", "price_sources"]


def counted_by(scenario: Scenario, measure: str | None, name: str) -> list[tuple[str, str | None]]:
    """What counts the thing of this name: measures, each with the step or event of it (None: its own number).

    The name of a measure counts itself; else a step or an event is looked for in the given measure, or without one in
    all that report a total.
    """
    if measure is None and any(m.name == name for m in scenario.measures):
        return [(name, None)]
    steps = {o.name: {step.name for step in o.steps} for o in scenario.outcomes}
    found: list[tuple[str, str | None]] = []
    for m in scenario.measures:
        if m.name == measure or (measure is None and m.as_ == "total"):
            if name in m.outcomes:
                found.append((m.name, name if len(m.outcomes) > 1 else None))
            elif name in m.items or any(name in steps.get(outcome, ()) for outcome in m.outcomes):
                found.append((m.name, name))
    return found


def price_sources(scenario: Scenario, payment: Payment) -> tuple[tuple[str, str | None], ...]:
    """For each of a payment's ``prices`` the measure that counts it, and which step or event of that measure.

    A name that nothing, or more than one measure, counts is left out (`validate` refuses it). Empty for other shapes.
    """
    if payment.shape != "prices" or not isinstance(payment.parameter, tuple):
        return ()
    found = (counted_by(scenario, payment.measure, str(row.of)) for row in payment.parameter)
    return tuple(sources[0] for sources in found if len(sources) == 1)


def payment_measures(scenario: Scenario, payment: Payment) -> tuple[str, ...]:
    """The measures (or the earlier payment) whose readings a payment pays for, without those of its condition."""
    own = () if payment.measure is None else (payment.measure,)
    return tuple(dict.fromkeys((*own, *(measure for measure, _ in price_sources(scenario, payment)))))


def payment_readings(scenario: Scenario, payment: Payment) -> tuple[str, ...]:
    """The measures that a payment pays for, and the one that it is multiplied by."""
    factor = () if payment.times is None else (payment.times,)
    return tuple(dict.fromkeys((*payment_measures(scenario, payment), *factor)))
