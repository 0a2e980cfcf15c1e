"""Who waits for a place: how many start, after how long, and who never does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sibsim.report.layout import Layout, plain, wrap
from sibsim.report.numbers import fixed, percent
from sibsim.report.reading import Summary

__all__ = ["queue_list", "queue_sentences"]


def queue_list(summary: Summary, layout: Layout) -> list[str]:
    """What becomes of those who are referred to each queue of the file."""
    queues = summary.get("queues", {})
    if not queues:
        return []
    lines = [layout.bold("Who waits for a place")]
    is_interrupted = bool(summary.get("events"))
    for name, queue in queues.items():
        for sentence in queue_sentences(name, queue, is_interrupted):
            lines += wrap(sentence, layout.width, "  ", "    ")
    return lines


def queue_sentences(name: str, queue: Mapping[str, Any], is_interrupted: bool = False) -> list[str]:
    """Who starts, after how long; who never does, and why; how often the queue was run.

    >>> def of(value: float) -> dict[str, float]: return {"value": value, "mc_error": 0.04}
    >>> people = {"offered": of(96.0), "wanted": of(80.0), "started": of(60.2), "gave_up": of(16.0)}
    >>> more = {"turned_away": of(3.8), "wait": of(1.25), "use_of_places": of(0.91), "bank": 32, "replications": 512}
    >>> print("\\n".join(queue_sentences("girls", people | more)))
    girls: of 96 eligible people 80 accept, and 60.2 (± 0.04) of those start, 1.2 months later on average.
    16 (20.0 % of those who accept) give up waiting, and 4 still wait when nobody starts any more.
    As long as people may start, 91.0 % of the places are used.
    The queue is run 512 times, 32 times for each 1,024 futures; every ± in this report has that in it.
    """
    people = {what: float(queue[what]["value"]) for what in ("offered", "wanted", "started", "gave_up", "turned_away")}
    who = f"{plain(name)}: of" if name else "Of"
    if people["offered"] <= 0.0:
        none = "nobody who is referred is eligible." if queue["referred"]["value"] > 0.0 else "nobody is referred."
        return [f"{plain(name)}: {none}" if name else none.capitalize()]
    error = queue["started"]["mc_error"]
    months = queue["wait"]["value"]
    starts = f"{fixed(people['started'], 1)} (± {fixed(error, 2)})" if error else fixed(people["started"], 1)
    later = "" if not months or months < MOMENT else f", {fixed(months, 1)} months later on average"
    accept = f"{fixed(people['wanted'], 0)} accept, and {starts} of those start{later}"
    said = [f"{who} {fixed(people['offered'], 0)} eligible people {accept}."]
    share = people["gave_up"] / people["wanted"] if people["wanted"] else 0.0
    never = []
    if people["gave_up"] >= LEAST:
        never.append(f"{fixed(people['gave_up'], 0)} ({percent(share)} of those who accept) give up waiting")
    if people["turned_away"] >= LEAST:
        never.append(f"{fixed(people['turned_away'], 0)} still wait when nobody starts any more")
    said += [f"{', and '.join(never)}."] if never else []
    if queue["use_of_places"] is not None:
        used = percent(queue["use_of_places"]["value"])
        said.append(f"As long as people may start, {used} of the places are used.")
    if is_interrupted:
        said.append("All this is as if no event came between.")
    said.append(
        f"The queue is run {queue['replications']:,} times, {queue['bank']} times for each 1,024 futures; every ± in "
        "this report has that in it."
    )
    return said


MOMENT = 0.05
"""Months of waiting that are told."""
LEAST = 0.5
"""People that are told."""
