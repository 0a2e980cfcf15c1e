"""Outcomes: the truth about what happens to people, with and without the programme."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from sibsim.loading.by_cohort import GROWTH, check_cohorts, growth, times
from sibsim.loading.keys import NEEDED, Key, each, named, read, union
from sibsim.loading.kinds import choice, duration, duration_above, reference
from sibsim.loading.levels import TYPES, effect_keys, effect_of, level_keys, level_of, sd_of
from sibsim.loading.place import Place, Skip, attempt
from sibsim.loading.values import RATE, SHARE, Sort, support
from sibsim.scenario import Effect, Lasts, Level, Number, Outcome, Step, Varies
from sibsim.timeline import DAYS_PER_MONTH

__all__ = ["OUTCOMES", "TABLES"]

NEEDS_SD = ("days", "money", "score")
STEPS_ONLY = ("type", "better", "steps", "cohorts", "note")
"""What milestones can say."""
RELATIVE_SD = Sort("a relative standard deviation", "5 %", 0.0, 10.0)

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


# ------------------------------------------------------------------------------------------------ varies, steps
VARIES = (
    Key("cohorts", RELATIVE_SD, "0 %", "between cohorts", "5 %"),
    Key("years", RELATIVE_SD, "0 %", "between calendar years, the same for all cohorts", "2 %"),
    Key("cohort_years", RELATIVE_SD, "0 %", "between calendar years, of each cohort by itself", "2 %"),
)


def _varies(place: Place) -> Varies:
    given = read(place, VARIES)
    if not given:
        raise place.wrong("give cohorts, years or cohort_years, e.g. {cohorts: 5 %}")
    return Varies(**given)


def _step(place: Place) -> Step:
    if place.node.kind != "list" or len(place.node.items) != 2:
        raise place.wrong("expected [share of those at the step before, time since start], e.g. [89 %, 2 months]")
    share, when = place.parts()
    found, months = attempt(SHARE, share), attempt(duration, when)
    if found is None or months is None:
        raise Skip
    return Step(place.path.rpartition(".")[2], found, months)


def _steps(place: Place) -> tuple[Step, ...]:
    steps: tuple[Step, ...] = named(_step)(place)
    if not list(place.children()):
        raise place.wrong("name at least one step, e.g. {moves in: [89 %, 2 months]}")
    for before, step in itertools.pairwise(steps):
        if step.months < before.months:
            raise place.child(step.name).wrong(
                f"comes after {step.months:g} months, before the step it builds on ('{before.name}': "
                f"{before.months:g} months)"
            )
    if len(steps) < len(list(place.children())):
        raise Skip
    return steps


# ------------------------------------------------------------------------------------------------ outcomes
def _outcome_keys(type: str) -> tuple[Key, ...]:
    return (
        Key(
            "type",
            choice(TYPES),
            NEEDED,
            "event (happens or not), count (may repeat), days, money, score (points per person) or milestones (steps)",
            "event",
        ),
        Key("better", choice(("more", "fewer")), NEEDED, "the sign of every improvement; of a cost: fewer", "fewer"),
        Key(
            "over",
            duration_above,
            "`duration`",
            "time per person in which it is counted and the effect works",
            "5 years",
        ),
        Key("begins", duration, "0", "after the person's start; `over` runs from here", "12 months"),
        Key(
            "without",
            level_of(type),
            "",
            "level without the programme, per person over `over`; alone: the programme has no effect on it",
            "50 %",
        ),
        Key(
            "effect",
            effect_of(type),
            "",
            "of the programme: ratio, difference, or (events) hazard_ratio, odds_ratio",
            "{ratio: 0.8}",
        ),
        Key(
            "with",
            level_of(type),
            "",
            "level with the programme, in place of `effect`; alone: no causal claim, so no benefits",
            "54 %",
            "with_",
        ),
        Key(
            "sd",
            sd_of(type),
            "",
            "between persons, over the whole of `over` (over a part of it in proportion); needed for days, money and "
            "score per person; for a count it adds to its Poisson chance and keeps its proportion to the level",
            "12",
        ),
        Key(
            "varies",
            _varies,
            "none",
            "relative sd of the level, by luck nobody can know beforehand, between cohorts and calendar years",
            "{cohorts: 5 %}",
        ),
        Key(
            "trend",
            RATE,
            "0 %",
            "change of the level a year, by itself: the level is that of people who start at the file's `start`; those "
            "who start y years later have (1 + trend) ** y of it",
            "-2 %",
        ),
        Key(
            "growth",
            growth,
            "none",
            "change of the level from the calendar year before to each of these years, by itself, after the last of "
            "them none; the level is that of the year in which the file starts",
            "{2013: 9 %, 2014: {rate: 8 %, spread: 2 %}}",
        ),
        Key(
            "by_cohort",
            times,
            "none",
            "what the level is times in each cohort: a number for each, or a column of a file",
            "{first year: 1, second year: 1.2}",
        ),
        Key("undone", SHARE, "0 %", "of events, later reversed; not counted, with or without the programme", "10.8 %"),
        Key(
            "needs",
            reference("outcome", "step"),
            "",
            "an event, a step of milestones or a count: counted only for those (of a count: for each one) who had it, "
            "for them from their start, the time before it included",
            "kept lease",
        ),
        Key("cohorts", each(reference("cohort"), "cohorts"), "all", "who can have it", "[girls]"),
        Key("each", choice(("person", "cohort")), "person", "cohort: one number for the whole cohort", "cohort"),
        Key(
            "dropout_effect",
            SHARE,
            "0 %",
            "of the effect, kept by those who drop out; beside `among: completers`",
            "30 %",
        ),
        Key(
            "lasts",
            _lasts,
            "nothing after `over`",
            "how an improvement lives on after `over`: a duration, half_life, to_zero, table or always. An avoided or "
            "gained event stays so by this share; count, days and money go on at their yearly size times it",
            "{half_life: 6 years}",
        ),
        Key(
            "steps",
            _steps,
            "",
            "of milestones, in order: name: [share of those at the step before, time since start]",
            "{moves in: [89 %, 2 months]}",
        ),
    )


def _outcome(place: Place) -> Outcome:
    entries = place.node.entries
    is_known = "type" in entries and entries["type"].text in TYPES
    type = entries["type"].text if is_known else "event"
    if is_known:  # of a type that is none, only that is told
        _refuse(place, type)
    given = read(place, _outcome_keys(type))
    outcome = Outcome(place.path.rpartition(".")[2], **given)
    if type == "milestones":
        if not outcome.steps:
            raise place.wrong("missing key 'steps' (e.g. {moves in: [89 %, 2 months]})", at_key=True)
        return replace(outcome, over=max(step.months for step in outcome.steps))
    _check_levels(place, outcome)
    check_cohorts(place, outcome)
    if outcome.type in NEEDS_SD and outcome.sd is None:
        if outcome.each == "person":
            raise place.wrong("missing key 'sd' (standard deviation between persons, e.g. 12)", at_key=True)
        outcome = replace(outcome, sd=Number(0.0))
    return outcome


def _refuse(place: Place, type: str) -> None:
    """Keys that do not go with the type, or with each other."""
    entries = place.node.entries
    given = {key for key in entries if not entries[key].is_none}
    wrong: list[tuple[str, str]] = []
    if type == "milestones":
        wrong += [(key, f"milestones have steps and no '{key}'") for key in entries if key not in STEPS_ONLY]
    elif "steps" in given:
        wrong.append(("steps", f"only milestones have steps, not {type}"))
    if type == "event" and "sd" in given:
        wrong.append(("sd", "an event has no sd: chance between people follows from the share"))
    if type not in ("event", "milestones") and "undone" in given:
        wrong.append(("undone", f"only an event can be undone, not {type}"))
    known = {key.name for key in _outcome_keys(type)}
    for key, message in wrong:
        if key in known:
            place.child(key).note(message, at_key=True)
    if any(key in known for key, _ in wrong):
        raise Skip


def _check_levels(place: Place, outcome: Outcome) -> None:
    """What belongs together: `without`, with `effect` or `with`; and no level can leave its possible range."""
    if outcome.effect and outcome.with_:
        raise place.child("with").wrong("'with' stands in place of 'effect'; keep one of them", at_key=True)
    if not (outcome.effect or outcome.with_ or outcome.without):
        raise place.wrong("missing key 'without' (level without the programme, e.g. 50 %)", at_key=True)
    effect, without = outcome.effect, outcome.without
    if effect and not without and not (outcome.type in ("score", "money") and effect.kind == "difference"):
        raise place.wrong(
            f"missing key 'without': the {effect.kind} needs the level without the programme", at_key=True
        )
    if effect and not without:
        for key in ("trend", "varies", "growth", "by_cohort"):
            if key in place.node.entries and not place.node.entries[key].is_none:
                raise place.child(key).wrong(
                    "has nothing to change: give the level 'without' the programme", at_key=True
                )
    among = effect.among if effect else "starters"
    if "dropout_effect" in place.node.entries and among != "completers":
        raise place.child("dropout_effect").wrong(
            "stands beside an effect with 'among: completers'; an effect among starters has its drop-outs in it",
            at_key=True,
        )
    if outcome.each == "cohort" and among != "starters":
        raise place.child("effect").child("among").wrong("one number for the whole cohort has no groups", at_key=True)
    for key, level in (("without", without), ("with", outcome.with_)):
        if level is not None:
            _check_days(place, outcome, key, level)
    if effect and without:
        _check_range(place, outcome, effect, without)


def _check_days(place: Place, outcome: Outcome, key: str, level: Level) -> None:
    """Nobody has more days than there are."""
    if outcome.type != "days" or outcome.each == "cohort" or outcome.over is None or level.share_of_time:
        return
    _, high, mean, is_hard = support(place.context.inputs, level.value)
    reached = (high if is_hard else mean) * (outcome.over / 12.0 if level.per_year else 1.0)
    there = outcome.over * DAYS_PER_MONTH
    if reached > there * 1.005:
        raise place.child(key).wrong(f"{reached:g} days a person do not fit into {there:.0f} days ('over')")


def _check_range(place: Place, outcome: Outcome, effect: Effect, without: Level) -> None:
    """By interval arithmetic: the level with the programme stays from 0 (events: to 100 %)."""
    combine = {"ratio": lambda p, e: p * e, "difference": lambda p, e: p + e}.get(effect.kind)
    if outcome.type not in ("event", "count", "days") or combine is None:
        return
    if (without.per_year or without.share_of_time) and outcome.over is None:
        return
    low, high, mean, is_hard = support(place.context.inputs, without.value)
    years = (outcome.over or 0.0) / 12
    if without.per_year and outcome.type == "event":
        low, high, mean = (1.0 - math.exp(-max(rate, 0.0) * years) for rate in (low, high, mean))
    elif without.per_year or without.share_of_time:
        whole = years if without.per_year else years * 12 * DAYS_PER_MONTH
        low, high, mean = low * whole, high * whole, mean * whole
    least, most, middle, is_also_hard = support(place.context.inputs, effect.value)
    ends = [combine(p, e) for p in (low, high) for e in (least, most) if math.isfinite(p) and math.isfinite(e)]
    is_bounded = is_hard and is_also_hard
    reached = [combine(mean, middle), *(ends if is_bounded else ())]
    what = "can reach" if is_bounded else "is on average"
    if outcome.type == "event" and (max(reached) > 1.0 + 1e-9 or min(reached) < -1e-9):
        worst = max(reached, key=lambda p: abs(p - 0.5))
        raise place.child("effect").wrong(
            f"with the programme the share {what} {worst * 100:.4g} %, outside 0 to 100 %; "
            "check 'without' and the effect"
        )
    if outcome.type != "event" and min(reached) < -1e-9:
        raise place.child("effect").wrong(
            f"with the programme the level {what} {min(reached):.4g}, below 0; check 'without' and the effect"
        )


OUTCOMES = named(_outcome)
"""A reader of `outcomes`."""

TABLES: dict[str, tuple[Key, ...]] = {
    "outcomes": union(*(_outcome_keys(type) for type in TYPES)),
    "effect": union(*(effect_keys(type) for type in TYPES)),
    "level": union(*(level_keys(type) for type in TYPES)),
    "lasts": LASTS,
    "varies": VARIES,
    "growth": GROWTH,
}
"""By section; of what hangs on an outcome's type, all keys."""
