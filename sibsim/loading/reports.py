"""Measures: what the evaluator reports, about whom, against what, when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sibsim.loading.comparisons import COMPARED, comparison, comparison_keys
from sibsim.loading.conditions import condition
from sibsim.loading.keys import Key, each, named, read
from sibsim.loading.kinds import choice, duration, duration_above, reference, schedule_or_event
from sibsim.loading.people import NOBODY
from sibsim.loading.place import Place, Skip, attempt, listed
from sibsim.loading.roundings import of_reading
from sibsim.loading.settled_measures import is_without_of, settled_measure
from sibsim.loading.values import SHARE, Sort
from sibsim.scenario import (
    BUILT_IN_MEASURES,
    Cohort,
    Comparison,
    Condition,
    Measure,
    Outcome,
    OverTime,
    Ref,
    Unit,
    Value,
)

__all__ = ["MEASURES", "TABLES"]

QUANTITIES = ("total", "average", "improvement", "relative_improvement", "total_improvement", "growth")
IMPROVEMENTS = QUANTITIES[2:5]
AVERAGES = ("starts", "completions")
"""Built-in measures that may be an average: the share of those offered who start, of starters who complete."""
OF_STEPS = ("total", "average")
"""What milestones may be reported as: there is no life without the programme to set them against."""
GROWING = ("event", "count", "days", "money")
"""Types of outcome that arise in time, so that a year of them can be set against the year before."""
COMPOSITES = ("weighted", "goals")

READING = Sort("the sd of a reading", "1 %", 0.0)
SHORT = Sort("a volume", "500", units=("number", "percent", "money")).changing()
WEIGHT = Sort("a weight", "70 %", units=("number", "percent", "money")).changing()

_reference = reference("outcome", extra=BUILT_IN_MEASURES)


def _of(place: Place) -> tuple[str, ...]:
    names = each(_reference, "outcomes")(place)
    built_in = [name for name in names if name in BUILT_IN_MEASURES]
    if len(names) > 1 and built_in:
        raise place.wrong(f"'{built_in[0]}' is built in and stands alone; a list names outcomes of the file")
    return names


def _follow_up(place: Place) -> float | str:
    if place.node.kind == "text" and place.node.text == "so far":
        return "so far"
    months = duration(place)
    if months <= 0:
        raise place.wrong(f"must be above 0, got {place.node.shown}")
    return months


# ------------------------------------------------------------------------------------------------ composites
def _weighted(place: Place) -> tuple[tuple[str, Value], ...]:
    if place.node.kind != "mapping" or not place.node.entries:
        raise place.wrong(f"expected weights, e.g. {{entries: 70 %, reports: 30 %}}; got {place.node.shown}")
    weights = [(name, attempt(lambda at: _weight(at), child)) for name, child in place.children()]
    found = tuple((name, weight) for name, weight in weights if weight is not None)
    if len(found) < len(weights):
        raise Skip
    return found


def _weight(place: Place) -> Value:
    name = place.path.rpartition(".")[2]
    if place.context.names.get(name) != "measure":
        known = ", ".join(place.context.names_of("measure")[:8])
        raise place.wrong(f"no measure is called '{name}'; the file has {known}", at_key=True)
    return WEIGHT(place)


def _goals(place: Place) -> tuple[Condition, ...]:
    if place.node.kind != "list" or not place.node.items:
        raise place.wrong("expected a list of conditions, e.g. [{growth: below last growth}]")
    goals = [attempt(condition, part) for part in place.parts()]
    found = tuple(goal for goal in goals if goal is not None)
    if len(found) < len(goals):
        raise Skip
    for goal in found:
        for test in (test for tests in goal.alternatives for test in tests):
            if place.context.names.get(test.left) != "measure":
                raise place.wrong(f"a goal looks at measures; '{test.left}' is none: put it into the payment's 'if'")
    return found


# ------------------------------------------------------------------------------------------------ keys
def _keys(type: str) -> tuple[Key, ...]:
    return (
        Key("of", _of, "", "an outcome, several (their readings are added up), or what is built in: starts (with "
            "those of the step that begins that day), completions, referrals (people offered whose group has begun), "
            "person_months", "relapse"),
        Key("as", choice(QUANTITIES), "", "the quantity: of a, the average per person found; b, the same in the "
            "comparison; n, people counted", "relative_improvement", "as_"),
        Key("people", choice(("offered", "starters", "completers")), "starters", "whose results count", "offered"),
        Key("cohorts", each(reference("cohort"), "cohorts"), "all", "only these", "[c1]"),
        Key("for_each", choice({"cohort": True}), "all together", "one number for each cohort", "cohort",
            "for_each_cohort"),
        Key("follow_up", _follow_up, "`so far` for total, else until the outcome is no longer counted",
            "a duration: only people whose follow-up since their start is complete; `so far`: everyone, for the time "
            "followed", "18 months"),
        Key("covers", choice(("since last", "to date")), "since last",
            "with several reports: what is new since the last one, or everything", "to date"),
        Key("comparison", comparison(type), "none", "what it is set against; or one comparison from each of some "
            "dates on, by the day of the report", "{rct: 361}"),
        Key("missing", SHARE, "0 %", "of counted people, not found by the evaluator", "28 %"),
        Key("missing_as", choice(("left out", "failed")), "left out", "what a missing person counts as", "failed"),
        Key("error", READING, "0", "sd of the reading itself, added once to the quantity, in its unit", "1 %"),
        Key("short_of", SHORT, "none", "the reading is by how much the quantity falls short of this: "
            "`max(short_of - quantity, 0)`", "500"),
        Key("round", of_reading, "none", "what the report is rounded to, last of all", "0.1 %"),
        Key("lag", duration, "0", "from the end of the data to the report", "6 months"),
        Key("reported", schedule_or_event, "last follow-up complete + `lag`",
            "when: dates, or the day an event happens; needed with `so far`, unless `for_each: cohort`, and with "
            "`growth`", "2018-10"),
        Key("earlier", duration_above, "0", "`growth` only: the same figure that much earlier", "1 year"),
        Key("rounded_years", of_reading, "none", "`growth` only: what was found per person in each of the two years is "
            "rounded to this first, as where published figures are rounded", "0.1"),
        Key("unit", choice(("number", "percent", "money")), "as reported", "only without `of`, in a file without "
            "`outcomes`: what its number is", "percent"),
        Key("weighted", _weighted, "", "in place of `of`: the sum of measure x weight (share, number or money, also "
            "below 0); first made when each of them has a reading, then whenever one has, on the latest of each",
            "{entries: 70 %, reports: 30 %}"),
        Key("goals", _goals, "", "in place of `of`: how many of these conditions on measures hold",
            "[{growth: below last growth}]"),
    )  # fmt: skip


def _measure(place: Place) -> Measure:
    entries = place.node.entries
    kinds = [key for key in ("of", *COMPOSITES) if key in entries]
    if not set(kinds) & set(COMPOSITES) and is_without_of(place):
        return settled_measure(place, _keys("event"))
    if "unit" in entries:
        raise place.child("unit").wrong("follows from what it is of; leave it out", at_key=True)
    if len(kinds) != 1:
        what = f"{listed(kinds, 'and')} stand here" if kinds else "none stands here"
        raise place.wrong(f"give one of of (an outcome), weighted, goals; {what}", at_key=True)
    if kinds[0] != "of":
        return _composite(place, kinds[0])
    node = entries["of"]
    names = [item.text for item in node.items] if node.items else [node.text]
    outcomes = [o for o in place.context.built.get("outcomes", ()) if o.name in names]
    given = read(place, _keys(outcomes[0].type if outcomes else "event"))
    of = given.pop("of")
    if "as_" not in given:
        raise place.wrong("missing key 'as' (the quantity, e.g. relative_improvement)", at_key=True)
    if len(outcomes) < len(of) and of[0] not in BUILT_IN_MEASURES:
        raise Skip  # an outcome is wrong; that is noted
    follow_up = given.pop("follow_up", None)
    if outcomes:
        _check_agreement(place, given, outcomes)
        _check_quantity(place, given, outcomes[0])
    else:
        _check_built_in(place, of[0], given)
    _check_growth(place, given, follow_up, outcomes)
    if isinstance(given.get("reported"), str):
        given["reported_event"] = given.pop("reported")
    if isinstance(given.get("comparison"), tuple):
        given["comparison_over_time"] = given["comparison"]
        given["comparison"] = given["comparison"][0][1]
    measure = Measure(place.path.rpartition(".")[2], of[0], also_of=tuple(of[1:]), **given)
    unit = _unit(place, measure, outcomes[0] if outcomes else None)
    return replace(measure, follow_up=_months(place, measure, outcomes, follow_up), unit=unit)


def _composite(place: Place, kind: str) -> Measure:
    given = read(place, _keys("event"))
    for key in place.node.entries:
        if key not in (kind, "error", "short_of", "round", "note"):
            raise place.child(key).wrong(
                f"stands for nothing beside '{kind}': a composite is made of other measures, on their dates",
                at_key=True,
            )
    name = place.path.rpartition(".")[2]
    measure = Measure(name, "", "total", **given)
    _check_order(place.child(kind), measure)
    return measure


def _check_order(place: Place, measure: Measure) -> None:
    """A composite may be made of any measure that is none, and of composites before it in the file."""
    nodes = place.context.nodes["measures"].entries
    order = list(nodes)
    for part in measure.parts:
        if part == measure.name:
            raise place.wrong("a measure cannot be made of itself")
        is_composite = part in nodes and any(key in nodes[part].entries for key in COMPOSITES)
        if is_composite and order.index(part) > order.index(measure.name):
            raise place.wrong(f"'{part}' is a composite that comes later in the file: move it before '{measure.name}'")


def _measures(place: Place) -> tuple[Measure, ...]:
    """All measures; the unit of a composite follows from its parts, and whether it is made for each cohort."""
    found = {m.name: m for m in named(_measure)(place)}
    for measure in found.values():
        if measure.parts and all(part in found for part in measure.parts):
            unit = attempt(lambda at, m=measure: _composite_unit(at, m, found), place.child(measure.name))  # type: ignore[misc]
            is_each = any(found[part].for_each_cohort for part in measure.parts)
            found[measure.name] = replace(measure, unit=unit or "number", for_each_cohort=is_each)
    return tuple(found.values())


MEASURES = _measures
"""A reader of `measures`, with the follow-up filled in from the outcomes and cohorts."""


# ------------------------------------------------------------------------------------------------ units
def _unit(place: Place, measure: Measure, outcome: Outcome | None) -> Unit:
    """Shares are percents, and so is a score whose levels or effect the file gives in percent; money is money."""
    if measure.as_ == "relative_improvement":
        return "percent"
    if outcome is not None and outcome.type == "money" and measure.as_ != "growth":
        return "money"
    if measure.as_ not in ("average", "improvement"):
        return "number"
    if outcome is None or outcome.type == "event":
        return "percent"
    levels = [level.value for level in (outcome.without, outcome.with_) if level is not None]
    figures = [*levels, *([outcome.effect.value] if outcome.effect and outcome.effect.kind == "difference" else [])]
    is_score = outcome.type == "score"
    return "percent" if is_score and any(_has_unit(place, figure, "percent") for figure in figures) else "number"


def _has_unit(place: Place, value: Value, unit: Unit) -> bool:
    if isinstance(value, OverTime):
        return any(_has_unit(place, entry, unit) for entry in value.every)
    return (place.context.inputs[value.name].unit if isinstance(value, Ref) else value.unit) == unit


def _composite_unit(place: Place, measure: Measure, found: dict[str, Measure]) -> Unit:
    """Of a weighted sum: money where the parts or the weights are, percent where all parts are; goals are a number."""
    units: set[Unit] = set()
    for name, weight in measure.weighted:
        unit = found[name].unit
        if _has_unit(place, weight, "money"):
            if unit == "money":
                raise place.child("weighted").wrong(f"'{name}' is money already; weigh it by a share or a number")
            unit = "money"
        units.add(unit)
    if "money" in units and len(units) > 1:
        raise place.child("weighted").wrong("money is added to what is none; give every part a weight in money")
    return next(iter(units)) if len(units) == 1 else "number"


# ------------------------------------------------------------------------------------------------ checks
def _check_built_in(place: Place, of: str, given: dict[str, Any]) -> None:
    quantity = given["as_"]
    allowed = ("total", "average") if of in AVERAGES else ("total",)
    if quantity not in allowed:
        what = " or ".join(allowed)
        raise place.child("as").wrong(f"'{of}' is counted as {what}, not as {quantity}")
    for key in ("comparison", "missing", "missing_as", "follow_up", "earlier"):
        if key in place.node.entries and not place.node.entries[key].is_none:
            raise place.child(key).wrong(f"'{of}' has no '{key}': it is counted, not estimated", at_key=True)


def _check_agreement(place: Place, given: dict[str, Any], outcomes: Sequence[Outcome]) -> None:
    """Readings that are added up must be of one kind."""
    first = outcomes[0]
    for other in outcomes[1:]:
        for key in ("type", "better", "each"):
            one, two = getattr(first, key), getattr(other, key)
            if one != two:
                raise place.child("of").wrong(
                    f"'{first.name}' has {key} {one}, '{other.name}' {two}: only readings of one kind are added up; "
                    "measure each by itself and add them in a third, weighted: {a: 1, b: 1}, or less the other: "
                    "{a: 1, b: -1}"
                )
        if first.cohorts != other.cohorts and given["as_"] not in ("total", "total_improvement"):
            raise place.child("of").wrong(
                f"'{first.name}' and '{other.name}' are of different cohorts: only their totals are added up"
            )


def _check_quantity(place: Place, given: dict[str, Any], outcome: Outcome) -> None:
    against = given.get("comparison", Comparison())
    for one in (one for _, one in against) if isinstance(against, tuple) else (against,):
        _check_against(place, given["as_"], outcome, one)


def _check_against(place: Place, quantity: str, outcome: Outcome, against: Comparison) -> None:
    if outcome.type == "milestones":
        if quantity not in OF_STEPS:
            raise place.child("as").wrong(f"milestones are reported as {listed(OF_STEPS)}, not as {quantity}")
        if against.kind != "none":
            raise place.child("comparison").wrong("milestones have nothing to be set against", at_key=True)
    if quantity in IMPROVEMENTS and against.kind == "none":
        raise place.wrong(
            f"missing key 'comparison': {quantity} is set against something, e.g. {{rct: 361}}", at_key=True
        )
    for part in (against, *(part for _, part in against.parts)):
        if part.kind not in COMPARED or outcome.without is not None:
            continue
        is_proportion = any(getattr(value, "value", 1.0) != 0.0 for value in (part.bias, part.regression))
        if outcome.type != "score" or quantity == "relative_improvement" or is_proportion:
            raise place.child("comparison").wrong(
                f"'{part.kind}' needs to know how others fare: give outcome '{outcome.name}' its 'without'"
            )


def _check_growth(
    place: Place, given: dict[str, Any], follow_up: float | str | None, outcomes: Sequence[Outcome]
) -> None:
    """`growth` sets a calendar year against the one before, of everybody followed."""
    if given["as_"] != "growth":
        for key, what in (("earlier", "an 'earlier' figure"), ("rounded_years", "'rounded_years'")):
            if key in given:
                raise place.child(key).wrong(f"only 'growth' has {what}, not '{given['as_']}'", at_key=True)
        return
    if outcomes and outcomes[0].type not in GROWING:
        raise place.child("as").wrong(f"{outcomes[0].type} does not add up over a year; growth is of {listed(GROWING)}")
    for key in ("follow_up", "covers", "comparison", "missing_as"):
        if key in place.node.entries and not place.node.entries[key].is_none:
            raise place.child(key).wrong(
                f"growth has no '{key}': it is the total of a calendar year over that of the year before", at_key=True
            )
    if "reported" not in given:
        raise place.wrong("missing key 'reported' (the date of the report, e.g. 2018-10)", at_key=True)
    if isinstance(given["reported"], str):
        raise place.child("reported").wrong("growth is that of two calendar years: name dates, not an event")


def _months(place: Place, measure: Measure, outcomes: Sequence[Outcome], follow_up: float | str | None) -> float | None:
    """The follow-up in months; None for `so far`."""
    is_so_far = follow_up == "so far" or (follow_up is None and measure.as_ in ("total", "growth"))
    if not outcomes or is_so_far:
        is_single = bool(outcomes) and outcomes[0].each == "cohort"
        is_dated = measure.reported is not None or measure.reported_event is not None
        if not is_dated and not measure.for_each_cohort and not is_single:
            raise place.wrong(
                "missing key 'reported' (the date of the report, e.g. 2018-10) or 'follow_up'", at_key=True
            )
        return None
    cohorts: tuple[Cohort, ...] = place.context.built.get("cohorts", (NOBODY,))
    mine = [c for c in cohorts if measure.cohorts is None or c.name in measure.cohorts]
    spans = [o.begins + (c.duration if o.over is None else o.over) for o in outcomes for c in mine]
    if not spans:
        raise Skip
    if isinstance(follow_up, float | int):
        if follow_up > max(spans) + 1e-9:
            raise place.child("follow_up").wrong(
                f"is longer than the {max(spans):g} months in which outcome '{measure.of}' is counted; "
                "lengthen its 'over', or give the report a 'lag'"
            )
        begins = min(o.begins for o in outcomes)
        if follow_up <= begins + 1e-9 and begins > 0:
            raise place.child("follow_up").wrong(
                f"is over before anything of outcome '{measure.of}' is counted: that begins {begins:g} months after "
                "the start; lengthen it"
            )
        return float(follow_up)
    if len(set(spans)) > 1:
        place.context.warn(
            place.path, f"cohorts last from {min(spans):g} to {max(spans):g} months; all are followed for the longest"
        )
    return max(spans)


TABLES: dict[str, tuple[Key, ...]] = {"measures": _keys("event"), "comparison": comparison_keys("event")}
"""By section; of what hangs on an outcome's type, all keys."""
