"""Settling a contract on what came: the very settlement that simulates, of one future without chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.context import Array, Context
from sibsim.errors import ModelError
from sibsim.known import needed_inputs
from sibsim.measures import Report
from sibsim.replay.came import came, reports_that_came
from sibsim.replay.recorder import Recorder
from sibsim.scenario import Scenario
from sibsim.settlement import Settlement, settle
from sibsim.settlement.events import Past, first_past
from sibsim.timeline import group_columns

__all__ = ["Settled", "settled"]


@dataclass(frozen=True)
class Settled:
    """A contract settled on what came: what moved, every step of it, and what is still open."""

    scenario: Scenario
    context: Context
    reports: dict[str, list[Report]]
    settlement: Settlement
    recorder: Recorder


def settled(scenario: Scenario) -> Settled:
    """Settle a contract on its ``actuals``.

    Parameters
    ----------
    scenario : Scenario
        With what came; what is not given is not known yet, and what hangs on it is open.

    Returns
    -------
    Settled

    Raises
    ------
    ModelError
        An input that the contract uses is not known.
    IdentityError
        Money was lost or made: a fault of sibsim.
    """
    for name, place in needed_inputs(scenario).items():
        raise ModelError(
            f"{scenario.file}: actuals.inputs: '{name}' is not known, and {place} uses it; say what it was"
        )
    past = None
    while True:
        context = came(scenario)
        past = first_past(context) if past is None else past
        reports = reports_that_came(context, None if past is None else past.when, _nobody_of(scenario, past))
        recorder = Recorder(context.scenario, reports=reports, planned=scenario)
        context.watch = recorder
        settlement = settle(context, {}, reports, past)
        then = settlement.events.then() if settlement.events is not None else None
        if then is None or not _tells_more(then.when, past.when if past else {}):
            return Settled(scenario, context, reports, settlement, recorder)
        past = then


def _nobody_of(scenario: Scenario, past: Past | None) -> frozenset[str]:
    """Cohorts of which nobody starts, as far as that is decided: a report on one of them never comes."""
    if past is None:
        return frozenset()
    kept = past.interruption.starts
    return frozenset(
        cohort.name
        for cohort in scenario.cohorts
        if all(
            (cohort.name, column) in kept and not np.any(kept[cohort.name, column])
            for column in group_columns(cohort, scenario.step_months)
        )
    )


def _tells_more(now: Mapping[str, Array], before: Mapping[str, Array]) -> bool:
    return any(name not in before or not np.array_equal(columns, before[name]) for name, columns in now.items())
