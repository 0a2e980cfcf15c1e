"""What is known of a contract that is settled on what came, and what of it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

from sibsim.scenario import ACCOUNT, STOP_INTAKE, Actuals, Cap, Cohort, Event, Measure, Number, Payment, Ref, Scenario
from sibsim.timeline import counted_groups, measure_cohorts, report_columns

__all__ = [
    "actuals_of",
    "can_count",
    "is_decided",
    "looks_at_draws",
    "needed_inputs",
    "newly_counted",
    "unknown_costs",
    "unknown_draws",
    "unknown_inputs",
]


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


def unknown_draws(scenario: Scenario) -> tuple[str, ...]:
    """Tranches of which is not known what was drawn: as needed, for costs of which nobody knows what they came to."""
    unknown, given = set(unknown_costs(scenario)), actuals_of(scenario).drawn
    if scenario.finance is None or not any(c.name in unknown and c.by == ACCOUNT for c in scenario.costs):
        return ()
    return tuple(t.name for t in scenario.finance.tranches if t.drawn == "as needed" and t.name not in given)


def looks_at_draws(scenario: Scenario) -> str | None:
    """The place of some term by which what payers owe hangs on what was drawn, or on what lenders got; None without.

    Money that goes back is one: it comes from the account, and then from the loans.
    """
    finance = scenario.finance
    if finance is None:
        return None
    for payment in scenario.payments:
        by_return = payment.cap.irr is not None or payment.cap.multiple is not None
        if by_return or payment.of in ("drawn", "outstanding") or payment.is_per_year or _may_go_back(payment):
            return f"contract.payments.{payment.name}"
    if scenario.contract_cap.irr is not None or scenario.contract_cap.multiple is not None:
        return "contract.cap"
    for tranche in finance.tranches:
        if tranche.cap != Cap():
            return f"finance.tranches.{tranche.name}.cap"
    if finance.guarantees:
        return f"finance.guarantees.{finance.guarantees[0].name}"
    return "finance.shortfall" if finance.shortfall == STOP_INTAKE else None


def _may_go_back(payment: Payment) -> bool:
    """Whether it may bring money back: by its terms, or by a figure that is below 0 or named as an input."""
    terms = (payment.parameter, payment.floor)
    return payment.is_cumulative or payment.less != () or any(True for _ in _refs(terms)) or _is_below(terms)


def _is_below(thing: object) -> bool:
    """Whether any figure in some terms is below 0."""
    if isinstance(thing, Number):
        return thing.value < 0.0
    if is_dataclass(thing) and not isinstance(thing, type):
        return any(_is_below(getattr(thing, field.name)) for field in fields(thing))
    return any(_is_below(part) for part in thing) if isinstance(thing, tuple | list) else False


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
    and how long it is followed. Of an outcome, a report that covers the time since the last one counts who is new.
    """
    if measure.parts or (not measure.of and not key):
        return True
    cohorts = [c for c in measure_cohorts(scenario, measure) if key in (None, c.name)]
    return any(newly_counted(scenario, measure, key, cohort, column) for cohort in cohorts)


def newly_counted(scenario: Scenario, measure: Measure, key: str | None, cohort: Cohort, column: int) -> list[int]:
    """Columns of the starting groups whom a report counts: with ``covers: since last`` and a follow-up, the new ones.

    ``key`` is whose report it is: a cohort's, or None for all together.
    """
    now = counted_groups(scenario, measure, cohort, column)
    is_once = measure.reported_event is not None or measure.covers == "to date" or measure.as_ == "growth"
    if is_once or measure.follow_up is None or not measure.outcomes:
        return now
    earlier = [c for c in report_columns(scenario, measure).get(key, ()) if c < column]
    before = set(counted_groups(scenario, measure, cohort, max(earlier))) if earlier else set()
    return [group for group in now if group not in before]
