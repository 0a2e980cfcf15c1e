"""Checks across sections: what only the file as a whole shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sibsim.loading.check_actuals import check_actuals
from sibsim.loading.check_came import check_came
from sibsim.loading.check_contradictions import CONTRADICTION_CHECKS
from sibsim.loading.check_counts import COUNT_CHECKS
from sibsim.loading.check_events import EVENT_CHECKS
from sibsim.loading.check_finance import FINANCE_CHECKS
from sibsim.loading.check_inputs import check_correlations, check_inputs
from sibsim.loading.check_less import DATED_LESS_CHECKS, LESS_CHECKS
from sibsim.loading.check_money import MONEY_CHECKS
from sibsim.loading.check_never import NEVER_CHECKS
from sibsim.loading.check_outcomes import DATED_OUTCOME_CHECKS, OUTCOME_CHECKS
from sibsim.loading.check_people import PEOPLE_CHECKS
from sibsim.loading.check_plausible import PLAUSIBLE_CHECKS
from sibsim.loading.check_promises import PROMISE_CHECKS
from sibsim.loading.check_queue import DATED_QUEUE_CHECKS, QUEUE_CHECKS
from sibsim.loading.check_readings import DATED_READING_CHECKS, READING_CHECKS
from sibsim.loading.check_terms import TERM_CHECKS
from sibsim.loading.check_time import TIME_CHECKS, has_possible_length
from sibsim.loading.check_unused import UNUSED_CHECKS
from sibsim.loading.place import Context
from sibsim.scenario import Measure, Payment, Row, Scenario
from sibsim.timeline import price_sources

__all__ = ["check"]


def check(scenario: Scenario, context: Context) -> Scenario:
    """Note every problem and warning that several sections show together.

    Parameters
    ----------
    scenario : Scenario
        What could be read. What is wrong by itself is not in it, nor (here) what hangs on that, so that one mistake is
        told once.
    context : Context

    Returns
    -------
    Scenario
        Without correlations of inputs that an option made fixed.
    """
    whole = _whole(scenario, context)
    checks: list[Callable[[Scenario, Context], None]] = []
    is_dated = "step" not in context.nodes or "step_months" in context.built
    has_cohorts = _has_cohorts(context)
    if has_cohorts:
        checks += (*PEOPLE_CHECKS, *OUTCOME_CHECKS, *QUEUE_CHECKS)
    if has_cohorts and is_dated and has_possible_length(whole, context):
        checks += (
            *TIME_CHECKS,
            *DATED_OUTCOME_CHECKS,
            *DATED_READING_CHECKS,
            *DATED_LESS_CHECKS,
            *EVENT_CHECKS,
            check_actuals,
            check_came,
            *COUNT_CHECKS,
            *PLAUSIBLE_CHECKS,
            *CONTRADICTION_CHECKS,
            *PROMISE_CHECKS,
            *NEVER_CHECKS,
            *DATED_QUEUE_CHECKS,
        )
    if checks and is_dated:
        checks += UNUSED_CHECKS
    for one in (*checks, *TERM_CHECKS, *LESS_CHECKS, *READING_CHECKS, *MONEY_CHECKS, *FINANCE_CHECKS, check_inputs):
        one(whole, context)
    return replace(scenario, correlations=check_correlations(scenario, context))


def _made(measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """The measures without composites of something that is not there."""
    known = {m.name for m in measures}
    left = tuple(m for m in measures if set(m.parts) <= known)
    return left if len(left) == len(measures) else _made(left)


def _has_cohorts(context: Context) -> bool:
    """Whether the cohorts are known: read, or not there (and not under a misspelt key)."""
    if "cohorts" in context.built:
        return True
    is_there = "participants" in context.nodes and not context.nodes["participants"].is_none
    return not is_there and not any(p.message.startswith("unknown key") and "." not in p.path for p in context.problems)


def _prices(payment: Payment) -> tuple[Row, ...]:
    rows = payment.parameter if isinstance(payment.parameter, tuple) else ()
    return rows if payment.shape == "prices" else ()


def _whole(scenario: Scenario, context: Context) -> Scenario:
    """The scenario without what hangs on something that could not be read."""
    if not context.problems:
        return scenario
    outcomes = {o.name for o in scenario.outcomes}
    cohorts = {c.name for c in scenario.cohorts}
    happenings = {None, *(e.name for e in scenario.events)}
    measures = tuple(
        m
        for m in scenario.measures
        if set(m.outcomes) <= outcomes
        and (m.cohorts is None or set(m.cohorts) <= cohorts)
        and m.reported_event in happenings
    )
    measures = _made(measures)
    known = {m.name for m in measures}
    payments: list[Payment] = []
    is_measured = not {"measures", "outcomes"} & context.problem_sections
    for payment in scenario.payments:
        is_counted = is_measured or len(price_sources(scenario, payment)) == len(_prices(payment))
        is_known = {payment.measure, payment.rest_of, payment.times} <= {
            None,
            *known,
        } and payment.at_event in happenings
        if is_known and is_counted:
            payments.append(payment)
            known.add(payment.name)
    benefits = tuple(b for b in scenario.benefits if b.of in outcomes)
    costs = tuple(c for c in scenario.costs if c.at_event in happenings)
    finance = scenario.finance
    if finance is not None and finance.distribute_event not in happenings:
        finance = replace(finance, distribute_event=None)
    return replace(
        scenario, measures=measures, payments=tuple(payments), benefits=benefits, costs=costs, finance=finance
    )
