"""Measures that are counted and not estimated: starts, completions, referrals, person-months."""

from __future__ import annotations

import numpy as np

from sibsim.context import Context, Draw
from sibsim.measures.looks import Look
from sibsim.participants import Flow
from sibsim.scenario import Measure
from sibsim.timeline import measure_cohorts

__all__ = ["count"]

OF_OFFERED = ("starts", "referrals")


def count(context: Context, look: Look, flows: dict[str, Flow]) -> tuple[Draw, Draw, Draw]:
    """What a report counts, the people that is a share of, and everybody it could ever count."""
    measure, scenario = look.measure, context.scenario
    in_scope = [c for c in measure_cohorts(scenario, measure) if look.cohort in (None, c.name)]
    total: Draw = 0.0
    base: Draw = 0.0
    everyone: Draw = 0.0
    for cohort in in_scope:
        flow = flows[cohort.name]
        now, of = _count(context, measure, flow, look.column)
        total, base = total + now, base + of
        of_all = "offered" if measure.of in OF_OFFERED else "starters"
        everyone = everyone + sum(flow.known_by(look.column, of_all), 0.0)
        if measure.covers == "since last" and look.number and measure.reported:
            earlier = sorted(measure.reported)[look.number - 1]
            before, before_of = _count(context, measure, flow, earlier)
            total = total - before
            base = base - before_of if measure.of != "person_months" else base
    return total, base, everyone


def _count(context: Context, measure: Measure, flow: Flow, column: int) -> tuple[Draw, Draw]:
    """Starts, completions, referrals or person-months in the data of a report, and the people they are a share of."""
    step = context.scenario.step_months
    end = column * step - measure.lag
    if measure.of == "completions":
        return flow.left_by(end)
    begun = [i for i, s in enumerate(flow.columns) if s * step <= end + 1e-9]
    starters = sum((flow.starters[i] for i in begun), 0.0)
    if measure.of in OF_OFFERED:
        offered = sum((flow.referred[i] for i in begun), 0.0)
        return offered if measure.of == "referrals" else starters, offered
    months: Draw = 0.0
    for k in range(flow.cohort.start, int(np.ceil(end / step - 1e-9))):
        part = min(1.0, (end - k * step) / step)
        months = months + flow.person_months(k, part=part)
    return months, starters
