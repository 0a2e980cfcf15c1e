"""What may interrupt the contract: how often, when, and what that costs in people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sibsim.report.frequency import futures
from sibsim.report.layout import Layout, plain, wrap
from sibsim.report.numbers import fixed, is_number
from sibsim.report.reading import Summary, replicates

__all__ = ["event_list", "event_sentence"]


def event_list(summary: Summary, layout: Layout) -> list[str]:
    """A sentence for each event of the file."""
    events = summary.get("events", {})
    if not events:
        return []
    lines = [layout.bold("What may interrupt it")]
    for name, event in events.items():
        lines += wrap(event_sentence(name, event, replicates(summary)), layout.width, "  ", "    ")
    return lines


def event_sentence(name: str, event: Mapping[str, Any], n_replicates: int) -> str:
    """How often an event happens, when most often, and who never starts then.

    >>> chance = {"value": 0.12, "mc_error": 0.0, "count": 1966, "draws": 16384}
    >>> years = [{"year": 2014, "value": 0.02}, {"year": 2015, "value": 0.1}]
    >>> event_sentence("early stop", {"chance": chance, "by_year": years, "people_kept_away": {"value": 5180.0}}, 16)
    'early stop: happens in 12 of 100 futures, most often in 2015; then 5,180 people never start.'
    """
    text = f"{plain(name)}: happens {_often(event, n_replicates)}"
    years = event.get("by_year") or []
    if len(years) == 1 and event.get("is_certain"):
        text += f", in {years[0]['year']}"
    elif len(years) == 1:
        text += f", always in {years[0]['year']}"
    elif years:
        text += f", most often in {max(years, key=lambda row: row['value'])['year']}"
    return f"{text}{_missing(event)}."


def _often(event: Mapping[str, Any], n_replicates: int) -> str:
    """What no chance decides is no matter of how many futures were seen."""
    if event.get("is_certain"):
        return "in every future" if event["chance"]["count"] else "in no future"
    return futures(event["chance"], n_replicates)


def _missing(event: Mapping[str, Any]) -> str:
    for what, says in (
        ("people_kept_away", "people never start"),
        ("service_lost", "person-years of service are not given"),
    ):
        number = event.get(what, {}).get("value")
        if is_number(number) and float(number) >= 0.5:
            return f"; then {fixed(number, 0)} {says}"
    return ""
