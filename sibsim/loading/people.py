"""Participants and outcomes: who takes part, and the truth about what happens to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sibsim.loading.keys import Key, later, named, read
from sibsim.loading.kinds import column, duration, reference
from sibsim.loading.outcomes import OUTCOMES
from sibsim.loading.outcomes import TABLES as OUTCOME_TABLES
from sibsim.loading.place import Context, Node, Place, Skip
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
    *later("queue"),
)


GROUPS_OF_PEOPLE = Key(
    "cohorts", named(lambda at: at), "one cohort", "name: {any key of participants}", "{c1: {size: 500}}"
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

    given = read(place, (*COHORT, replace(GROUPS_OF_PEOPLE, parse=all_cohorts)))
    cohorts = given.pop("cohorts", ({"name": ""},))
    found = [{**given, **own} for own in cohorts]
    for own in found:
        if "size" not in own and _needs_no_size(place.context):
            own["size"] = Number(1.0)
        elif "size" not in own:
            where = place.child("cohorts").child(own["name"]) if own["name"] else place
            raise where.wrong("missing key 'size' (people offered the programme, e.g. 300)", at_key=True)
    return tuple(Cohort(**own) for own in found)


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

TABLES: dict[str, tuple[Key, ...]] = {"participants": (*COHORT, GROUPS_OF_PEOPLE), **OUTCOME_TABLES}
"""By section; of what hangs on an outcome's type, all keys."""
