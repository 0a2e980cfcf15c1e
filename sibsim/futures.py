"""One block of futures of a contract, whole: what happened, what was reported, what moved, what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sibsim.benefits import BenefitRow, benefits_of
from sibsim.context import Context
from sibsim.measures import Report, ages_asked, deciding, groups_apart, report
from sibsim.outcomes import Truth, happen
from sibsim.participants import Flow, interrupted, participate
from sibsim.settlement import Settlement, settle, settle_payments
from sibsim.settlement.events import Past, decided, first_past, look_at_money
from sibsim.timeline import measure_cohorts

__all__ = ["Future", "future", "money_of", "settled"]


@dataclass(frozen=True)
class Future:
    """One block of futures, whole: what happened, what was reported, what moved."""

    context: Context
    flows: dict[str, Flow]
    truths: list[Truth]
    reports: dict[str, list[Report]]
    settlement: Settlement
    benefits: list[BenefitRow]


def future(context: Context) -> Future:
    """The flow of a contract: people, what happens to them, what is reported, what is paid, what it is worth."""
    planned = participate(context)
    flows, truths, reports, settlement = settled(context, planned)
    benefits = benefits_of(context, truths)
    return Future(context, flows, truths, reports, settlement, benefits)


def money_of(context: Context) -> Settlement:
    """What moves in a block of futures, for who does not ask what it is worth."""
    return settled(context, participate(context))[3]


def settled(
    context: Context, planned: dict[str, Flow], *, is_payments_only: bool = False
) -> tuple[dict[str, Flow], list[Truth], dict[str, list[Report]], Settlement]:
    """What happens to people, what is reported and what moves: once, or until no event touches people any more.

    Events that look at no money are decided before anything is settled. Who follows a settlement is told of every pass.
    """
    scenario, flows, past = context.scenario, planned, first_past(context)
    ages, apart, clipped = ages_asked(scenario), groups_apart(scenario), dict(context.clipped)
    is_foreseen = past is not None and context.watch is None and not look_at_money(scenario)
    if past is not None and is_foreseen:
        past = _without_money(context, planned, past)
    while True:
        if past is not None:
            flows = interrupted(planned, past.interruption)
        truths = happen(context, flows, ages, apart, is_for_benefits=not is_payments_only)
        reports = report(context, flows, truths, None if past is None else past.when)
        settlement = (settle_payments if is_payments_only else settle)(context, flows, reports, past, truths)
        past = None if is_foreseen or settlement.events is None else settlement.events.then()
        if past is None:
            return flows, truths, reports, settlement
        context.clipped.clear()
        context.clipped.update(clipped)


def _without_money(context: Context, planned: dict[str, Flow], past: Past) -> Past:
    """What events that look at no money come to: in as many passes as it takes, over the reports that decide them."""
    scenario = context.scenario
    measures = deciding(scenario)
    asked = {cohort.name for measure in measures for cohort in measure_cohorts(scenario, measure)}
    people = {name: flow for name, flow in planned.items() if name in asked}
    ages, apart = ages_asked(scenario), groups_apart(scenario)
    aside = replace(context, scenario=replace(scenario, measures=measures), clipped={})
    hang_on_starts = all((m.outcomes or m.parts) and m.reported_event is None for m in measures)
    reports: dict[str, list[Report]] | None = None
    while True:
        if reports is None:
            flows = interrupted(people, past.interruption)
            truths = happen(aside, flows, ages, apart, is_for_benefits=False)
            reports = report(aside, flows, truths, past.when)
        then = decided(replace(context, clipped={}), reports, past).then()
        if then is None:
            return past
        kept_away = {cohort for one in (past, then) for cohort, _ in one.interruption.starts}
        if not hang_on_starts or not kept_away.isdisjoint(people):
            reports = None  # the people they are about are not the same any more
        past = then
