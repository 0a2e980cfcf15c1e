"""Keys that are written but can change nothing, and parties that cannot do what they are asked to."""

from __future__ import annotations

from collections.abc import Iterator

from sibsim.loading.place import Context
from sibsim.scenario import ACCOUNT, BUILT_IN_MEASURES, OUTSIDE, OverTime, Payment, Ref, Scenario, Value
from sibsim.timeline import counted_until, horizon_column, n_groups

__all__ = ["FUND_UNUSED_CHECKS", "UNUSED_CHECKS"]


def _impossible_parties(scenario: Scenario, context: Context) -> None:
    """The account and everybody else have no money of their own to lend, and no budget."""
    nobody = {ACCOUNT: "the account", OUTSIDE: "'outside' (everybody else)"}
    lenders: dict[str, str] = {}
    for tranche in scenario.finance.tranches if scenario.finance else ():
        lenders[tranche.name] = tranche.by
        if tranche.by in nobody:
            context.problem(f"finance.tranches.{tranche.name}.by", f"{nobody[tranche.by]} cannot lend; name a party")
    for guarantee in scenario.finance.guarantees if scenario.finance else ():
        path = f"finance.guarantees.{guarantee.name}"
        if guarantee.by in nobody:
            context.problem(f"{path}.by", f"{nobody[guarantee.by]} cannot guarantee anything; name a party")
        for name in guarantee.covers:
            if lenders.get(name) == guarantee.by:
                context.problem(f"{path}.by", f"'{guarantee.by}' lends '{name}' and cannot guarantee its own loss")
    for benefit in scenario.benefits:
        if benefit.to == ACCOUNT:
            context.problem(f"benefits.{benefit.name}.to", "the account has no budget that could save; name a party")


def _percents(payment: Payment, units: dict[str, str], is_of_money: bool) -> Iterator[bool]:
    """Whether each figure that stands for money in a payment is a percent; of x only if that is money."""

    def is_percent(value: Value | None) -> bool:
        if isinstance(value, OverTime):
            return any(is_percent(entry) for entry in value.every)
        if isinstance(value, Ref):
            return units.get(value.name) == "percent"
        return value is not None and value.unit == "percent"

    parameter = payment.parameter if isinstance(payment.parameter, tuple) else ()
    yield from (is_percent(row.pays) or (is_of_money and is_percent(row.at)) for row in parameter)
    if not isinstance(payment.parameter, tuple) and payment.shape != "share":  # a share is of x
        yield is_percent(payment.parameter)
    cap = payment.cap
    others = (
        payment.floor,
        cap.total,
        cap.per_year,
        cap.per_cohort,
        cap.per_person,
        *((payment.band or ()) if is_of_money else ()),
    )
    yield from (is_percent(value) for value in others)


def _idle_money(scenario: Scenario, context: Context) -> None:
    units = {i.name: str(i.unit) for i in scenario.inputs}
    shares = {m.name for m in scenario.measures if m.unit != "money"}
    for payment in scenario.payments:
        if payment.of is not None and not any(_percents(payment, units, payment.measure not in shares)):
            context.warn(
                f"contract.payments.{payment.name}.of",
                "has no effect: it says what a percent of money is of, and no percent of money stands in this payment; "
                "leave it out, or write a percent",
            )
    for tranche in scenario.finance.tranches if scenario.finance else ():
        for key in ("rate", "rank", "hurdle"):
            path = f"finance.tranches.{tranche.name}.{key}"
            if tranche.kind == "grant" and path in context.nodes:
                context.warn(path, "has no effect: a grant is never repaid")
    pays_or_saves = {who for p in scenario.payments for who, _ in p.by} | {b.to for b in scenario.benefits}
    pays_or_saves |= {c.by for c in scenario.costs}
    for party in scenario.parties:
        if party.discount_rate is not None and party.id not in pays_or_saves:
            context.warn(
                f"parties.{party.id}.discount_rate",
                "has no effect: this party pays and saves nothing; who lends is judged by the tranche's 'hurdle'",
            )


def _idle_people(scenario: Scenario, context: Context) -> None:
    """Keys about single people where an outcome is one number for the whole cohort."""
    whole = {o.name for o in scenario.outcomes if o.each == "cohort"}
    for outcome in scenario.outcomes:
        if outcome.name in whole and outcome.effect and outcome.effect.among != "starters":
            context.warn(f"outcomes.{outcome.name}.effect.among", "has no effect: one number for the whole cohort")
    for measure in scenario.measures:
        path = f"measures.{measure.name}"
        if measure.of in whole:
            for key in ("missing", "missing_as", "people"):
                if f"{path}.{key}" in context.nodes:
                    context.warn(f"{path}.{key}", "has no effect: one number for the whole cohort is always found")
        if measure.of in BUILT_IN_MEASURES and f"{path}.people" in context.nodes:
            context.warn(f"{path}.people", f"has no effect: '{measure.of}' says whom it counts")
        if measure.as_ in ("total", "average") and measure.comparison.kind != "none":
            context.warn(
                f"{path}.comparison",
                f"changes no figure of '{measure.as_}'; measures with the same comparison see the same people",
            )
    is_whole = bool(scenario.outcomes) and len(whole) == len(scenario.outcomes)
    needs_people = any(c.per != "contract" for c in scenario.costs) or any(m.of not in whole for m in scenario.measures)
    if is_whole and scenario.has_people and not needs_people:
        for key in ("take_up", "dropout"):
            if f"participants.{key}" in context.nodes:
                context.warn(f"participants.{key}", "has no effect: nothing in the file is counted or paid per person")


def _idle_times(scenario: Scenario, context: Context) -> None:
    """How an improvement lives on, where no benefit asks; and drop-outs of whom nothing is counted or paid."""
    for outcome in scenario.outcomes:
        asks = any(b.of == outcome.name and (b.per == "year" or b.from_) for b in scenario.benefits)
        if outcome.lasts is not None and outcome.type in ("event", "milestones", "score") and not asks:
            context.warn(
                f"outcomes.{outcome.name}.lasts",
                "has no effect: its benefits are booked once, when it happens; only one 'per: year', or 'from' an age, "
                "asks how long it lasts",
            )
    people = any(m.people == "completers" or m.of in ("completions", "person_months") for m in scenario.measures)
    effect = any(o.effect is not None and o.effect.among == "completers" for o in scenario.outcomes)
    stays = any(c.per in ("completer", "person_month") or (c.per != "contract" and c.over) for c in scenario.costs)
    frees_places = any(c.queue is not None and c.queue.places is not None for c in scenario.cohorts)
    if not (people or effect or stays or frees_places):
        for path in ("participants", *(f"participants.cohorts.{c.name}" for c in scenario.cohorts)):
            if f"{path}.dropout" in context.nodes and f"{path}.dropout" not in {w for w, _ in context.warnings}:
                context.warn(f"{path}.dropout", "has no effect: nothing is counted or paid by who leaves, or when")


def _cut_off(scenario: Scenario, context: Context) -> None:
    """Savings that would still arise after the last date that is counted."""
    step, end = scenario.step_months, horizon_column(scenario)
    of = {o.name: [b.from_ or 0.0 for b in scenario.benefits if b.of == o.name] for o in scenario.outcomes}
    last = 0.0
    for outcome in scenario.outcomes:
        for cohort in scenario.cohorts if of[outcome.name] else ():
            start = cohort.start + n_groups(cohort, step) - 1
            last = max(last, start * step + max(counted_until(scenario, outcome.name, cohort), *of[outcome.name]))
    if last > end * step + 1e-9:
        year = 12.0
        context.warn(
            "horizon",
            f"benefits are counted for {end * step / year:.3g} years from the start, but some arise until "
            f"{last / year:.3g} years from the start; a later 'horizon' counts them all",
        )


FUND_UNUSED_CHECKS = (_impossible_parties, _idle_money)
"""Those that hold of a portfolio too."""
UNUSED_CHECKS = (_impossible_parties, _idle_money, _idle_people, _idle_times, _cut_off)
