"""One number a future for each figure: the content of ``--format csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim.context import Array
from sibsim.parties import Key, roles
from sibsim.payouts import payments_by_cohort
from sibsim.timeline import column_date, report_dates

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = ["per_draw"]


def per_draw(results: Results) -> dict[str, Array]:
    """Every figure that differs between futures, by column name.

    Parameters
    ----------
    results : Results

    Returns
    -------
    dict of str to (n_draws,) array
        ``inputs.NAME``, ``outcomes.NAME.happened`` and ``.effect``, ``measures.NAME.YYYY-MM-DD`` (and ``.COHORT``),
        ``payments.NAME`` (and ``.COHORT`` where it pays for each), ``PARTY.METRIC`` and, for an investor with several
        loans, ``PARTY.TRANCHE.METRIC``: names of the file and of the JSON. NaN is what does not apply. Read-only.
    """
    return {**_inputs(results), **_outcomes(results), **_measures(results), **_payments(results), **_parties(results)}


def _column(results: Results, key: Key) -> Array:
    """One number a draw; without memory of its own where they are all the same."""
    key = results.resolve(key)
    constant = results.store.constant(key)
    return results.store.array(key) if constant is None else np.broadcast_to(np.float64(constant), (results.n_draws,))


def _inputs(results: Results) -> dict[str, Array]:
    names = [entry.name for entry in results.scenario.inputs]
    return {f"inputs.{name}": _column(results, ("#input", name)) for name in names}


def _outcomes(results: Results) -> dict[str, Array]:
    return {
        f"outcomes.{outcome.name}.{what}": _column(results, ("#outcome", outcome.name, what))
        for outcome in results.scenario.outcomes
        for what in ("happened", *(["effect"] if outcome.is_causal else []))
    }


def _measures(results: Results) -> dict[str, Array]:
    scenario, found = results.scenario, dict[str, Array]()
    for measure in scenario.measures:
        for i, (column, cohort) in enumerate(report_dates(scenario, measure)):
            day = column_date(scenario.start, scenario.step_months, column).isoformat()
            of = f".{cohort}" if cohort else ""
            found[f"measures.{measure.name}.{day}{of}"] = _column(results, ("#measure", measure.name, str(i), "value"))
    return found


def _payments(results: Results) -> dict[str, Array]:
    scenario, found = results.scenario, dict[str, Array]()
    by_cohort = payments_by_cohort(scenario)
    for payment in scenario.payments:
        found[f"payments.{payment.name}"] = _column(results, ("#payment", payment.name, "paid"))
        for cohort in scenario.cohorts if payment.name in by_cohort else ():
            key = ("#payment", payment.name, "cohort", cohort.name)
            if key in results.store:
                found[f"payments.{payment.name}.{cohort.name}"] = _column(results, key)
    return found


def _parties(results: Results) -> dict[str, Array]:
    found: dict[str, Array] = {}
    everyone = results.summary()["parties"]
    for party in (id for id in (*roles(results.scenario), "public_purse") if id in everyone):
        holders: dict[Key, Any] = {(party,): everyone[party]}
        tranches = everyone[party].get("tranches", {})
        holders |= {(party, name): tranche for name, tranche in tranches.items() if len(tranches) > 1}
        for key, holder in holders.items():
            for name in (name for name, metric in holder["metrics"].items() if "p50" in metric):
                found[".".join([*key, name])] = _column(results, (*key, name))
    return found
