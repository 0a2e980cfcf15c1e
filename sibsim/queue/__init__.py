"""The queue of a cohort, followed person by person: a bank of replications, of which each future takes one."""

from __future__ import annotations

from sibsim.queue.bank import queue_record
from sibsim.queue.record import COUNTS, People, QueueRecord

__all__ = ["COUNTS", "People", "QueueRecord", "queue_record"]
