"""What may interrupt a contract: when it can happen, how likely it is, on what condition, and what it stops."""

from __future__ import annotations

from typing import Any

from sibsim.loading.conditions import condition
from sibsim.loading.keys import Key, each, named, read
from sibsim.loading.kinds import choice, column, reference, schedule
from sibsim.loading.place import Place
from sibsim.loading.values import SHARE
from sibsim.scenario import Event

__all__ = ["EVENTS", "TABLES"]

STOPPED = ("intake", "service", "draws", "payments", "everything")


def _stops(place: Place) -> tuple[str, ...]:
    words: tuple[str, ...] = each(choice(STOPPED), "what stops: intake, service, draws, payments")(place)
    if "everything" in words and len(words) > 1:
        raise place.wrong("'everything' stops all the others too; write 'stops: everything'")
    return words


EVENT = (
    Key(
        "at",
        schedule,
        "",
        "when it can happen: a date, a list of dates, or {every: year, from: date, until: date}",
        "{every: year, from: 2015-07, until: 2019-07}",
    ),
    Key("chance", SHARE.changing(), "100 %", "beside `at`: the chance that it happens on each of these dates", "80 %"),
    Key(
        "chance_per_year",
        SHARE.changing(),
        "",
        "in place of `at`: the chance in a year, at an even hazard; it may happen in any column",
        "5 %",
    ),
    Key("from", column, "`start`", "without `at`: the first date on which it can happen", "2015-07", "from_"),
    Key("until", column, "last date", "without `at`: the last date on which it can happen", "2019-07"),
    Key("if", condition, "none", "only where this holds, by what is known that day", "{gain: below 45 %}", "if_"),
    Key("cancels", each(reference("cohort"), "cohorts"), "none", "cohorts that, if not yet begun, never start", "[c3]"),
    Key(
        "stops",
        _stops,
        "none",
        "from that day on: `intake` (nobody starts any more), `service` (nor is anybody served: costs per person and "
        "costs spread over time end), `draws`, `payments` (the day's own are still made); or `everything`, which also "
        "settles",
        "[intake, draws]",
    ),
)  # fmt: skip


def _event(place: Place) -> Event:
    given: dict[str, Any] = read(place, EVENT)
    if "at" in given:
        for key in ("chance_per_year", "from", "until"):
            if key in place.node.entries:
                raise place.child(key).wrong(f"'{key}' and 'at' cannot stand together; keep one", at_key=True)
    elif "chance" in given:
        raise place.child("chance").wrong(
            "'chance' is that of each date in 'at'; name the dates, or write 'chance_per_year'", at_key=True
        )
    elif "chance_per_year" not in given and "if_" not in given:
        raise place.wrong("say when it happens: by 'at', 'chance_per_year' or 'if'", at_key=True)
    if given.get("until", given.get("from_", 0)) < given.get("from_", 0):
        raise place.child("until").wrong("'until' is before 'from'; it is the last date")
    event = Event(place.path.rpartition(".")[2], **given)
    _check_condition(place, event)
    return event


def _check_condition(place: Place, event: Event) -> None:
    """An event cannot wait for itself."""
    for tests in event.if_.alternatives if event.if_ else ():
        if any(event.name in (test.left, test.right) for test in tests):
            raise place.child("if").wrong("an event cannot depend on itself: it happens at most once")


EVENTS = named(_event)

TABLES: dict[str, tuple[Key, ...]] = {"events": EVENT}
"""By section."""
