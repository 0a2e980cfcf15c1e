"""What is known of a contract that is settled on what came, and what of it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

from sibsim.scenario import Actuals, Event, Measure, Number, Ref, Scenario
from sibsim.timeline import counted_groups, measure_cohorts

__all__ = ["actuals_of", "can_count", "is_decided", "needed_inputs", "unknown_costs", "unknown_inputs"]


def actuals_of(scenario: Scenario) -> Actuals:
    """What came, as the file says; nothing where it says nothing."""
    return scenario.actuals or Actuals()


def _refs(thing: object) -> Iterator[str]:
    """The inputs that anything in a scenario names."""
    if isinstance(thing, Ref):
        yield thing.name
    elif is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            yield from _refs(getattr(thing, field.name))
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from _refs(part)
    elif isinstance(thing, Mapping):
        for part in thing.values():
            yield from _refs(part)


def unknown_inputs(scenario: Scenario) -> set[str]:
    """Uncertain inputs that nobody has given a value, and what is worked out of them."""
    given = actuals_of(scenario).inputs
    unknown = {i.name for i in scenario.inputs if i.distribution.IS_DRAWN and i.formula is None} - set(given)
    formulas = {i.name: i.formula for i in scenario.inputs if i.formula is not None and i.name not in given}
    while True:
        more = {name for name, formula in formulas.items() if set(_refs(formula)) & unknown} - unknown
        if not more:
            return unknown
        unknown |= more


def unknown_costs(scenario: Scenario) -> tuple[str, ...]:
    """Costs of which is not known what they came to: those of people, and those made of what is not known."""
    given, unknown = actuals_of(scenario).costs, unknown_inputs(scenario)
    return tuple(
        cost.name
        for cost in scenario.costs
        if cost.name not in given and (cost.per != "contract" or set(_refs(cost)) & unknown)
    )


def needed_inputs(scenario: Scenario) -> dict[str, str]:
    """Unknown inputs without which the contract cannot be settled, each with a place that uses it."""
    unknown, costs = unknown_inputs(scenario), unknown_costs(scenario)
    finance = scenario.finance
    places: list[tuple[str, object]] = [
        *((f"contract.payments.{p.name}", p) for p in scenario.payments),
        ("contract.cap", scenario.contract_cap),
        *((f"parties.{p.id}.pays_at_most", p.pays_at_most) for p in scenario.parties),
        *((f"costs.{c.name}", c) for c in scenario.costs if c.name not in costs),
        *((f"measures.{m.name}", (m.weighted, m.goals, m.short_of)) for m in scenario.measures if m.parts),
        *((f"events.{e.name}", e.if_) for e in scenario.events if is_decided(scenario, e)),
        ("exchange_rates", scenario.exchange_rates),
    ]
    if finance is not None:
        places += [(f"finance.tranches.{t.name}", replace(t, hurdle=Number(0.0))) for t in finance.tranches]
        places += [("finance", replace(finance, tranches=()))]
    found: dict[str, str] = {}
    for place, thing in places:
        for name in _refs(thing):
            if name in unknown:
                found.setdefault(name, place)
    return found


def is_decided(scenario: Scenario, event: Event) -> bool:
    """Whether an event is decided by the reports: it is only an ``if``, and nobody said when it happened."""
    is_sure = event.chance_per_year is None and event.chance == Number(1.0, "percent")
    return event.name not in actuals_of(scenario).events and event.if_ is not None and is_sure


def can_count(scenario: Scenario, measure: Measure, key: str | None, column: int) -> bool:
    """Whether a report (of one cohort, or of all together) can count anybody at a column.

    Of a measure that is only reported it is said by whoever reports it; of one cohort of it, by when that cohort starts
    and how long it is followed.
    """
    if measure.parts or (not measure.of and not key):
        return True
    cohorts = [c for c in measure_cohorts(scenario, measure) if key in (None, c.name)]
    return any(counted_groups(scenario, measure, cohort, column) for cohort in cohorts)
