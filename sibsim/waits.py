"""What became of those who were referred to a queue, in numbers: who starts, how long they waited, who gave up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sibsim import metrics
from sibsim.figures import single
from sibsim.participants import Flow, QueueFlow
from sibsim.parties import Table

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = ["queue_summaries", "tabulate_queues"]

TOTALS = ("referred", "offered", "wanted", "started", "gave_up", "turned_away")


def tabulate_queues(flows: Mapping[str, Flow]) -> Table:
    """By cohort with a queue and draw: people by what became of them, months waited, and places used and offered."""
    table: Table = {}
    for name, flow in flows.items():
        if not isinstance(flow, QueueFlow):
            continue
        record, found = flow.record, flow.record.by_entry
        table.update({("#queue", name, what): record.total(what) for what in TOTALS})
        waited = np.nansum(found["wait"] * found["started"], axis=1)
        table["#queue", name, "waited"] = waited[record.entry]
        open_ = slice(0, record.n_groups)
        table["#queue", name, "used"] = found["in_service"][:, open_].sum(axis=1)[record.entry]
        table["#queue", name, "places"] = found["places"][:, open_].sum(axis=1)[record.entry]
    return table


def queue_summaries(results: Results) -> dict[str, Any]:
    """By cohort with a queue, what becomes of those who are referred; see ``docs/output.md``. Empty without one."""
    queues = {c.name: c.queue for c in results.scenario.cohorts if c.queue is not None}
    found: dict[str, Any] = {}
    for name, queue in queues.items():
        figures = {what: results.store.array(("#queue", name, what)) for what in (*TOTALS, "waited", "used", "places")}
        people = {what: single(metrics.estimate_mean(figures[what]), "people") for what in TOTALS}
        use = None
        if queue.places is not None:
            use = single(metrics.estimate_ratio(figures["used"], figures["places"]), "ratio")
        found[name] = {
            **people,
            "wait": single(metrics.estimate_ratio(figures["waited"], figures["started"]), "months"),
            "use_of_places": use,
            "bank": queue.bank,
            "replications": queue.bank * results.run.n_replicates,
        }
    return {"queues": found} if found else {}
