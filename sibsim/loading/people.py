"""Participants and outcomes: who takes part, and the truth about what happens to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

from sibsim.loading.keys import Key, named, read
from sibsim.loading.kinds import column, duration, reference
from sibsim.loading.outcomes import OUTCOMES
from sibsim.loading.outcomes import TABLES as OUTCOME_TABLES
from sibsim.loading.place import Context, Node, Place, Skip, attempt
from sibsim.loading.queue import TABLES as QUEUE_TABLES
from sibsim.loading.queue import queue, settle_queue
from sibsim.loading.settled_measures import has_no_outcomes
from sibsim.loading.values import COUNT, SHARE
from sibsim.scenario import Cohort, Number

__all__ = ["NOBODY", "PEOPLE", "TABLES"]

NOBODY = Cohort("", Number(1.0))
"""The nameless cohort of a file without participants: whatever happens, happens once."""

COHORT = (
    Key("size", COUNT, "", "people offered the programme", "300"),
    Key("start", column, "`start` of the file", "first person starts", "2020-09"),
    Key("intake", duration, "0", "starts are spread evenly over this", "36 months"),
    Key("take_up", SHARE, "100 %", "starters of offered", "84 %"),
    Key("duration", duration, "0", "time in the programme", "12 months"),
    Key(
        "dropout", SHARE, "0 %", "of starters, leaving at an even hazard over `duration`; their costs stop then", "15 %"
    ),
    Key("effect_share", SHARE, "100 %", "part of the effect this cohort gets", "50 %"),
    Key(
        "after",
        reference("event"),
        "none",
        "an event: the cohort exists only where it has happened by the cohort's start",
        "further payers",
    ),
    Key(
        "queue",
        queue,
        "none",
        "people are referred one by one and wait for a place, in place of `size`, `intake` and `take_up`",
        "{referrals: 12, until: 2029-01, places: 25}",
    ),
)


GROUPS_OF_PEOPLE = Key(
    "cohorts", named(lambda at: at), "one cohort", "name: {any key of participants}", "{c1: {size: 500}}"
)


def _unread(place: Place) -> NoReturn:
    """Rows are put into the tree as `cohorts` before it is read; what is left could not be, and that is noted."""
    raise Skip


FROM_A_FILE = Key(
    "cohorts_from",
    _unread,
    "none",
    "in place of `cohorts`: one for each row of a CSV file; any key of a cohort may name a column",
    "{file: councils.csv, names: county, size: population}",
)


def _needs_no_size(context: Context) -> bool:
    """A contract that is only settled needs to know how many there were only where it splits money by that."""
    payments = context.root.entries.get("contract", Node("text")).entries.get("payments", Node("text"))
    return has_no_outcomes(context) and not any("split" in node.entries for node in payments.entries.values())


def _participants(place: Place) -> tuple[Cohort, ...]:
    """One nameless cohort, or those of `cohorts`: what they do not say is taken from `participants`."""

    def all_cohorts(at: Place) -> tuple[dict[str, Any], ...]:
        found = named(lambda child: {"name": child.path.rpartition(".")[2], **read(child, COHORT)})(at)
        given = list(at.children())
        if not given:
            raise at.wrong("name at least one cohort, e.g. first year: {size: 500}")
        if len(found) < len(given):
            raise Skip
        return found

    given = read(place, (*COHORT, replace(GROUPS_OF_PEOPLE, parse=all_cohorts), FROM_A_FILE))
    cohorts = given.pop("cohorts", ({"name": ""},))
    found = [_inherited(place, given, own) for own in cohorts]
    for own in found:
        if "queue" in own:
            continue
        if "size" not in own and _needs_no_size(place.context):
            own["size"] = Number(1.0)
        elif "size" not in own:
            where = place.child("cohorts").child(own["name"]) if own["name"] else place
            raise where.wrong("missing key 'size' (people offered the programme, e.g. 300)", at_key=True)
    whole = [attempt(lambda _, own=own: settle_queue(own), place) if "queue" in own else own for own in found]  # type: ignore[misc]
    if None in whole:
        raise Skip
    return tuple(Cohort(**own) for own in whole if own is not None)


def _inherited(place: Place, given: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A cohort's fields, those above it where it says nothing; `queue: none` takes the queue above away."""
    here = place.node
    if own["name"]:  # of a name that cannot be one, only that is told
        here = here.entries["cohorts"].entries.get(own["name"], here)
    has_none = "queue" in here.entries and here.entries["queue"].is_none
    return {key: value for key, value in {**given, **own}.items() if key != "queue" or not has_none}


PEOPLE = (
    Key("participants", _participants, "none", "who takes part, when", "{size: 300}", "cohorts"),
    Key(
        "outcomes",
        OUTCOMES,
        "none",
        "what happens to people, with and without the programme; a file without them can only be settled",
        "{relapse: {...}}",
    ),
)

TABLES: dict[str, tuple[Key, ...]] = {
    "participants": (*COHORT, GROUPS_OF_PEOPLE, FROM_A_FILE),
    **QUEUE_TABLES,
    **OUTCOME_TABLES,
}
"""By section; of what hangs on an outcome's type, all keys."""
