"""Levels and effects of an outcome: what is read hangs on its type."""

from __future__ import annotations

from typing import Any

from sibsim.loading.keys import Key, read
from sibsim.loading.kinds import choice
from sibsim.loading.place import Place
from sibsim.loading.scalars import LARGEST
from sibsim.loading.values import NUMBER, RATIO, SHARE, Sort
from sibsim.scenario import Effect, Level, Number

__all__ = ["EFFECTS", "TYPES", "effect_keys", "effect_of", "level_keys", "level_of", "sd_of"]

TYPES = ("event", "count", "days", "money", "score", "milestones")

COUNTED = Sort("a number per person", "1.55", 0.0, units=("number",))
DAYS = Sort("a number of days", "40", 0.0, units=("number",))
AMOUNT = Sort("money", "700 k", -LARGEST, units=("number", "money"))
LEVELS = {"event": SHARE, "count": COUNTED, "days": DAYS, "money": AMOUNT, "score": NUMBER}
"""By type: a level per person over the whole of `over`."""
YEARLY = {
    "event": Sort("a yearly hazard", "3 %", 0.0, 100.0),
    "count": Sort("a number a year", "0.6", 0.0, units=("number",)),
    "days": Sort("a number of days a year", "7", 0.0, 366.0, units=("number",)),
    "money": Sort("money a year", "350 k", -LARGEST, units=("number", "money")),
}
DIFFERENCES = {
    "event": Sort("a difference", "-5 %", -1.0, 1.0),
    "count": Sort("a difference", "-0.2", units=("number",)),
    "days": Sort("a difference", "-5", units=("number",)),
    "money": Sort("a difference", "-50 k", -LARGEST, units=("number", "money")),
    "score": NUMBER,
}
SDS = {
    "money": Sort("a standard deviation", "500 k", 0.0, units=("number", "money")),
    "score": Sort("a standard deviation", "12", 0.0),
}
SD = Sort("a standard deviation", "12", 0.0, units=("number",))
EFFECTS = ("ratio", "hazard_ratio", "odds_ratio", "difference")
OF_EVENTS = ("hazard_ratio", "odds_ratio")
GROUPS = ("offered", "starters", "completers")


# ------------------------------------------------------------------------------------------------ levels
def level_keys(type: str, is_over_time: bool = False) -> tuple[Key, ...]:
    """The keys of a level that is a mapping."""

    def key(name: str, sort: Sort, meaning: str, example: str) -> Key:
        return Key(name, sort.changing() if is_over_time else sort, "", meaning, example)

    keys = []
    if type in YEARLY:
        keys.append(key("per_year", YEARLY[type], "a hazard for events, else a number, days or money a year", "3 %"))
    if type == "days":
        keys.append(key("share_of_time", SHARE, "of days: their share of all days of `over`", "5 %"))
    return tuple(keys)


def level_of(type: str, is_over_time: bool = False) -> Any:
    """A reader of a level: per person over `over`, or ``{per_year: v}``, or (days) ``{share_of_time: v}``."""
    sort = LEVELS.get(type, NUMBER)
    sort = sort.changing() if is_over_time else sort
    keys = level_keys(type, is_over_time)

    def parse(place: Place) -> Level:
        entries = place.node.entries
        if "share_of_time" in entries and type != "days":
            raise place.child("share_of_time").wrong("only days have a share of time", at_key=True)
        if "per_year" in entries and type not in YEARLY:
            raise place.child("per_year").wrong(f"a {type} has no level per year; give the points", at_key=True)
        if not {"per_year", "share_of_time"} & set(entries):
            return Level(sort(place))
        given = read(place, keys)
        if len(given) > 1:
            raise place.wrong("give one of 'per_year' and 'share_of_time'")
        if "share_of_time" in given:
            return Level(given["share_of_time"], share_of_time=True)
        value = given["per_year"]
        if type == "event" and isinstance(value, Number) and value.value > 1.0 and value.unit == "number":
            shown = f"{value.value:g}"
            raise place.child("per_year").wrong(
                f"{shown} a year is {value.value * 100:g} %; write {shown} % if that is meant"
            )
        return Level(value, per_year=True)

    return parse


# ------------------------------------------------------------------------------------------------ effects
def effect_keys(type: str) -> tuple[Key, ...]:
    """The keys of an effect; those that only an event has are refused when it is read."""
    return (
        Key("ratio", RATIO, "", "with / without", "0.8"),
        Key("hazard_ratio", RATIO, "", "of events: 1 - (1 - p) ** h", "0.8"),
        Key("odds_ratio", RATIO, "", "of the odds of an event", "0.8"),
        Key(
            "difference",
            DIFFERENCES.get(type, NUMBER),
            "",
            "with - without: percentage points for events, else in the outcome's unit over the whole of `over`",
            "-5 %",
        ),
        Key(
            "among",
            choice(GROUPS),
            "starters",
            "the group whose average it is; the effect of those who have any is scaled to it: offered is intention to "
            "treat, starters have their drop-outs in it, completers leave drop-outs only `dropout_effect` of it",
            "offered",
        ),
    )


def effect_of(type: str) -> Any:
    """A reader of an effect."""
    keys = effect_keys(type)

    def parse(place: Place) -> Effect:
        given = read(place, keys)
        kinds = [kind for kind in EFFECTS if kind in given]
        if len(kinds) != 1:
            what = "several stand here" if kinds else "none stands here"
            raise place.wrong(f"give one of ratio, hazard_ratio, odds_ratio, difference; {what}")
        kind = kinds[0]
        if type != "event" and kind in OF_EVENTS:
            a_type = {"score": "a score", "count": "a count"}.get(type, type)
            verb = "have" if type == "days" else "has"
            raise place.child(kind).wrong(f"{a_type} {verb} no {kind}; use 'difference' or 'ratio'", at_key=True)
        return Effect(kind, given[kind], given.get("among", "starters"))  # type: ignore[arg-type]

    return parse


def sd_of(type: str) -> Sort:
    """What the sd of an outcome is."""
    return SDS.get(type, SD)
