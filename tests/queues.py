"""Helpers of the tests of queues: a scenario with one, its bank of replications, and means over replications."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sibsim.context import Context, begin
from sibsim.draws.streams import Streams
from sibsim.queue import QueueRecord, queue_record
from sibsim.scenario import Scenario
from tests.support import LIMIT, scenario

FloatArray = NDArray[np.float64]

FRAME = """
sibsim: 1
title: A queue
currency: SEK
start: 2027-01
step: {step}
parties: {{payer: A town, provider: A charity}}
inputs: {{{inputs}}}
participants: {{{people}, queue: {{{queue}}}}}
outcomes:
  eviction: {{type: event, better: fewer, over: 12 months, without: 20 %, effect: {{ratio: 0.5}}}}
measures:
  evictions: {{of: eviction, as: total, reported: {reported}}}
contract:
  payments: {{success: {{measure: evictions, per_unit: 1 000}}}}
{more}
"""


def text_of(
    queue: str,
    people: str = "duration: 12 months",
    inputs: str = "",
    step: str = "month",
    reported: str = "2032-01",
    more: str = "",
) -> str:
    """The text of a scenario with a queue."""
    return FRAME.format(queue=queue, people=people, inputs=inputs, step=step, reported=reported, more=more)


def queued(queue: str, people: str = "duration: 12 months", **rest: str) -> Scenario:
    """A scenario with a queue."""
    return scenario(text_of(queue, people, **rest))


def bank_of(what: Scenario, replicates: int = 8, seed: int = 1) -> tuple[Context, QueueRecord]:
    """The bank of the only cohort's queue."""
    context = begin(what, Streams(seed, range(replicates)))
    return context, queue_record(context, what.cohorts[0])


def near(values: FloatArray, truth: float, se: float | None = None) -> None:
    """The mean of independent values is the truth, within the Monte Carlo error."""
    error = float(values.std(ddof=1)) / math.sqrt(len(values)) if se is None else se
    assert abs(float(values.mean()) - truth) < LIMIT * error, (float(values.mean()), truth, error)


def ratio_near(top: FloatArray, bottom: FloatArray, truth: float) -> None:
    """A ratio of means over independent replications is the truth, within its Monte Carlo error."""
    estimate = float(top.sum() / bottom.sum())
    error = float((top - estimate * bottom).std(ddof=1)) / math.sqrt(len(top)) / float(bottom.mean())
    assert abs(estimate - truth) < LIMIT * error, (estimate, truth, error)


def by_entry(record: QueueRecord, mask: NDArray[np.bool_], weights: FloatArray | None = None) -> FloatArray:
    """How many people of a mask (or the sum of weights) there are in each replication."""
    chosen = None if weights is None else weights[mask]
    return np.bincount(record.people.entry[mask], chosen, record.n_entries).astype(float)
