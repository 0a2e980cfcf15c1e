"""Participants and outcomes: who takes part, and the truth about what happens to them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from sibsim.loading.keys import NEEDED, NOT_YET, Key, later, named, read, union
from sibsim.loading.kinds import choice, column, duration, duration_above, reference
from sibsim.loading.place import Place, Skip
from sibsim.loading.values import COUNT, NUMBER, RATIO, SHARE, Sort, support
from sibsim.scenario import Cohort, Effect, Lasts, Level, Number, Outcome

__all__ = ["NOBODY", "PEOPLE", "TABLES", "level_of"]

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
        if "size" not in own:
            where = place.child("cohorts").child(own["name"]) if own["name"] else place
            raise where.wrong("missing key 'size' (people offered the programme, e.g. 300)", at_key=True)
    return tuple(Cohort(**own) for own in found)


# ------------------------------------------------------------------------------------------------ levels
HAZARD = Sort("a yearly hazard", "3 %", 0.0, 100.0)
SCORE = NUMBER


def _level_keys(hazard: Sort) -> tuple[Key, ...]:
    return (Key("per_year", hazard, NEEDED, "a yearly hazard", "3 %"),)


def level_of(type: str, is_over_time: bool = False) -> Any:
    """A reader of a level: a share (events) or points (scores) per person, or ``{per_year: v}``."""
    sort = SHARE if type == "event" else SCORE
    sort = sort.changing() if is_over_time else sort

    def parse(place: Place) -> Level:
        entries = place.node.entries
        if "share_of_time" in entries:
            raise place.child("share_of_time").wrong(f"'share_of_time' {NOT_YET}", at_key=True)
        if "per_year" not in entries:
            return Level(sort(place))
        if type != "event":
            raise place.child("per_year").wrong("only an event has a level per year; give the points", at_key=True)
        hazard = HAZARD.changing() if is_over_time else HAZARD
        given = read(place, _level_keys(hazard))
        value = given["per_year"]
        if isinstance(value, Number) and value.value > 1.0 and value.unit == "number":
            shown = f"{value.value:g}"
            raise place.child("per_year").wrong(
                f"{shown} a year is {value.value * 100:g} %; write {shown} % if that is meant"
            )
        return Level(value, per_year=True)

    return parse


# ------------------------------------------------------------------------------------------------ effects
EFFECTS = ("ratio", "hazard_ratio", "odds_ratio", "difference")
GROUPS = ("offered", "starters", "completers")


def _effect_keys(type: str) -> tuple[Key, ...]:
    difference = Sort("a difference", "-5 %", -1.0, 1.0) if type == "event" else NUMBER
    return (
        Key("ratio", RATIO, "", "with / without", "0.8"),
        Key("hazard_ratio", RATIO, "", "1 - (1 - p) ** h", "0.8"),
        Key("odds_ratio", RATIO, "", "of the odds of an event", "0.8"),
        Key("difference", difference, "", "with - without", "-5 %"),
        Key("among", choice(GROUPS), "starters", "the group whose average it is", "offered"),
    )


def _effect(type: str) -> Any:
    keys = _effect_keys(type)

    def parse(place: Place) -> Effect:
        given = read(place, keys)
        kinds = [kind for kind in EFFECTS if kind in given]
        if len(kinds) != 1:
            what = "several stand here" if kinds else "none stands here"
            raise place.wrong(f"give one of ratio, hazard_ratio, odds_ratio, difference; {what}")
        kind = kinds[0]
        if type == "score" and kind in ("hazard_ratio", "odds_ratio"):
            raise place.child(kind).wrong(f"a score has no {kind}; use 'difference' or 'ratio'", at_key=True)
        return Effect(kind, given[kind], given.get("among", "starters"))  # type: ignore[arg-type]

    return parse


# ------------------------------------------------------------------------------------------------ lasts
def _table(place: Place) -> tuple[tuple[float, float], ...]:
    rows = []
    for part in place.parts():
        if part.node.kind != "list" or len(part.node.items) != 2:
            raise part.wrong("expected [time after `over`, share], e.g. [6 years, 74 %]")
        when, share = part.parts()
        kept = SHARE(share)
        if not isinstance(kept, Number):
            raise share.wrong("must be a fixed share here")
        rows.append((duration(when), kept.value))
    if not rows:
        raise place.wrong("expected rows, e.g. [[0 years, 100 %], [6 years, 74 %]]")
    if [row[0] for row in rows] != sorted({row[0] for row in rows}):
        raise place.wrong("the times must rise from row to row")
    return tuple(rows)


LASTS = (
    Key("half_life", duration_above, "", "halves in this time", "6 years", "half_life"),
    Key("to_zero", duration_above, "", "a straight line to nothing", "10 years"),
    Key("table", _table, "", "shares at times after `over`", "[[0 years, 100 %], [6 years, 74 %]]"),
)


def _lasts(place: Place) -> Lasts:
    if place.node.kind == "text" and place.node.text == "always":
        return Lasts("always")
    if place.node.kind == "text" or "value" in place.node.entries:
        return Lasts("duration", duration(place))
    given = read(place, LASTS)
    if len(given) != 1:
        raise place.wrong("give one of a duration, half_life, to_zero, table, always")
    if "table" in given:
        return Lasts("table", table=given["table"])
    ((kind, months),) = given.items()
    return Lasts(kind, months)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ outcomes
TYPE = choice(("event", "score"), later=("count", "days", "money", "milestones"))


def _outcome_keys(type: str) -> tuple[Key, ...]:
    return (
        Key("type", TYPE, NEEDED, "event (happens or not) or score (points per person)", "event"),
        Key("better", choice(("more", "fewer")), NEEDED, "the sign of every improvement", "fewer"),
        Key(
            "over",
            duration_above,
            "`duration`",
            "time per person in which it is counted and the effect works",
            "5 years",
        ),
        Key("without", level_of(type), "", "level without the programme", "50 %"),
        Key(
            "effect",
            _effect(type),
            "",
            "of the programme: ratio, hazard_ratio, odds_ratio or difference",
            "{ratio: 0.8}",
        ),
        Key("with", level_of(type), "", "level with the programme, in place of `effect`", "54 %", "with_"),
        Key("sd", Sort("a standard deviation", "12", 0.0), "", "of a score, between persons", "12"),
        Key("each", choice(("person", "cohort")), "person", "cohort: one number for the whole cohort", "cohort"),
        Key(
            "lasts", _lasts, "nothing after `over`", "how an improvement lives on after `over`", "{half_life: 6 years}"
        ),
        *later("begins", "varies", "trend", "undone", "needs", "cohorts", "dropout_effect", "steps"),
    )


def _outcome(place: Place) -> Outcome:
    entries = place.node.entries
    type = entries["type"].text if "type" in entries else "event"
    given = read(place, _outcome_keys(type if type == "score" else "event"))
    outcome = Outcome(place.path.rpartition(".")[2], **given)
    _check_levels(place, outcome)
    if outcome.type == "event" and outcome.sd is not None:
        raise place.child("sd").wrong("an event has no sd: chance between people follows from the share", at_key=True)
    if outcome.type == "score" and outcome.each == "person" and outcome.sd is None:
        raise place.wrong("missing key 'sd' (standard deviation between persons, e.g. 12)", at_key=True)
    if outcome.type == "score" and outcome.sd is None:
        outcome = replace(outcome, sd=Number(0.0))
    return outcome


def _check_levels(place: Place, outcome: Outcome) -> None:
    """What belongs together: `without`, with `effect` or `with`; and no probability can leave 0 to 100 %."""
    if outcome.effect and outcome.with_:
        raise place.child("with").wrong("'with' stands in place of 'effect'; keep one of them", at_key=True)
    if not (outcome.effect or outcome.with_ or outcome.without):
        raise place.wrong("missing key 'without' (level without the programme, e.g. 50 %)", at_key=True)
    effect, without = outcome.effect, outcome.without
    if effect and not without and not (outcome.type == "score" and effect.kind == "difference"):
        raise place.wrong(
            f"missing key 'without': the {effect.kind} needs the level without the programme", at_key=True
        )
    if outcome.type != "event" or not effect or not without or (without.per_year and outcome.over is None):
        return
    combine = {"ratio": lambda p, e: p * e, "difference": lambda p, e: p + e}.get(effect.kind)
    if combine is None:
        return
    inputs = place.context.inputs
    low, high, mean, is_hard = support(inputs, without.value)
    if without.per_year:
        years = (outcome.over or 0.0) / 12
        low, high, mean = (1.0 - math.exp(-max(rate, 0.0) * years) for rate in (low, high, mean))
    least, most, middle, is_also_hard = support(inputs, effect.value)
    ends = [combine(p, e) for p in (low, high) for e in (least, most) if math.isfinite(p) and math.isfinite(e)]
    is_bounded = is_hard and is_also_hard
    reached = [combine(mean, middle), *(ends if is_bounded else ())]
    if max(reached) > 1.0 + 1e-9 or min(reached) < -1e-9:
        worst = max(reached, key=lambda p: abs(p - 0.5))
        what = "can reach" if is_bounded else "is on average"
        raise place.child("effect").wrong(
            f"with the programme the share {what} {worst * 100:.4g} %, outside 0 to 100 %; "
            "check 'without' and the effect"
        )


PEOPLE = (
    Key("participants", _participants, "none", "who takes part, when", "{size: 300}", "cohorts"),
    Key(
        "outcomes",
        named(_outcome),
        NEEDED,
        "what happens to people, with and without the programme",
        "{relapse: {...}}",
    ),
)

TABLES: dict[str, tuple[Key, ...]] = {
    "participants": (*COHORT, GROUPS_OF_PEOPLE),
    "outcomes": union(_outcome_keys("event"), _outcome_keys("score")),
    "effect": union(_effect_keys("event"), _effect_keys("score")),
    "level": _level_keys(HAZARD),
    "lasts": LASTS,
}
"""By section; of what hangs on an outcome's type, all keys."""
