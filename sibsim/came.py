"""What really came, beside what might have: in how many futures a report, or all that is paid, is so low or high."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim import metrics
from sibsim.context import Array
from sibsim.errors import ModelError
from sibsim.figures import probability
from sibsim.measures import Report
from sibsim.replay import Settled, reports_known, settled
from sibsim.scenario import Evidence, Measure, Scenario
from sibsim.timeline import column_date, column_of, report_dates

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = ["came_summary"]

SLACK = 1e-9
"""Relative difference within which two numbers are the same."""


def came_summary(results: Results) -> dict[str, Any]:
    """What a file's ``actuals`` hold, each beside the futures of this run; see ``docs/output.md`` for its shape."""
    scenario = results.scenario
    try:
        what: Settled | None = settled(scenario)
    except ModelError:  # an input that the contract uses is not known: nothing can be settled
        what = None
    reports = reports_known(scenario) if what is None else what.reports
    return {
        "reports": list(_reports(results, reports)),
        "total_paid": None if what is None or what.recorder.open else _total(results, what),
        "open": None if what is None else len(what.recorder.open),
    }


def _reports(results: Results, reports: dict[str, list[Report]]) -> Iterator[dict[str, Any]]:
    """Every report that has come, in the order of the file and of its dates."""
    scenario = results.scenario
    for measure in scenario.measures:
        places = {place: i for i, place in enumerate(report_dates(scenario, measure))}
        for one in reports[measure.name]:
            value = float(np.asarray(one.value).ravel()[0])
            place = places.get((one.column, one.cohort))
            if np.isnan(value) or place is None:
                continue
            key = ("#measure", measure.name, str(place), "value")
            yield {
                "measure": measure.name,
                "cohort": one.cohort,
                "date": column_date(scenario.start, scenario.step_months, one.column).isoformat(),
                "unit": measure.unit,
                "value": value,
                "status": _status(scenario, measure, one),
                "median": results.describe(key, measure.unit)["p50"],
                **_beside(results.store.array(key), value),
                "is_constant": results.store.constant(key) is not None,
            }


def _total(results: Results, what: Settled) -> dict[str, Any]:
    """All that the contract paid, less what came back of it."""
    scenario, store = results.scenario, results.store
    names = [payment.name for payment in scenario.payments]
    paid = sum((store.array(("#payment", name, "paid")) for name in names), np.zeros(results.n_draws))
    totals = what.settlement.book.totals
    value = sum((float(np.asarray(totals[name].path.total).ravel()[0]) for name in names), 0.0)
    is_constant = bool(np.all(paid == paid[0]))
    return {"unit": scenario.currency, "value": value, **_beside(paid, value), "is_constant": is_constant}


def _beside(futures: Array, value: float) -> dict[str, Any]:
    """Share of the futures at or below a value and at or above it, of those in which there is such a number."""
    slack = SLACK * max(abs(value), 1.0)
    there = ~np.isnan(futures)
    return {
        "reported": float(np.mean(there)),
        "at_or_below": _share(futures <= value + slack, there),
        "at_or_above": _share(futures >= value - slack, there),
        "equal": _share(np.abs(futures - value) <= slack, there),
    }


def _share(is_so: Array, there: Array) -> dict[str, Any]:
    """A chance with its Monte Carlo error, among the futures that count."""
    if np.all(there):
        return probability(is_so * 1.0)
    share = metrics.estimate_ratio(is_so * 1.0, there * 1.0)
    return {
        "value": share.value,
        "mc_error": share.mc_error,
        "count": int(np.count_nonzero(is_so)),
        "draws": int(np.count_nonzero(there)),
    }


def _status(scenario: Scenario, measure: Measure, report: Report) -> str | None:
    """What the file says of where a reading comes from; a composite that it does not give is derived."""
    begins = f"actuals.measures.{measure.name}"
    for evidence in scenario.evidence:
        is_of_measure = evidence.path == begins or evidence.path.startswith(f"{begins}.")
        if is_of_measure and _is_about(scenario, evidence, begins, report):
            return evidence.status
    is_given = scenario.actuals is not None and measure.name in scenario.actuals.measures
    return None if is_given or not measure.parts else "derived"


def _is_about(scenario: Scenario, evidence: Evidence, begins: str, report: Report) -> bool:
    """Whether a line of the file gives this report: by its date, its cohort, both, or neither."""
    for word in filter(None, evidence.path.removeprefix(begins).split(".")):
        if word[:4].isdigit() and word[4:5] in ("", "-"):
            year, month, day_of_month = [*(int(part) for part in word.split("-")), 1, 1][:3]
            day = date(year, month, day_of_month)
            if column_of(scenario.start, scenario.step_months, day) != report.column:
                return False
        elif word in {cohort.name for cohort in scenario.cohorts} and word != report.cohort:
            return False
    return True
