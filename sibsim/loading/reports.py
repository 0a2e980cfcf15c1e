"""Measures: what the evaluator reports, about whom, against what, when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sibsim.loading.keys import NEEDED, NOT_YET, Key, each, later, named, read
from sibsim.loading.kinds import choice, duration, reference, schedule
from sibsim.loading.people import NOBODY, level_of
from sibsim.loading.place import Place, Skip
from sibsim.loading.values import SHARE, Sort
from sibsim.scenario import BUILT_IN_MEASURES, Cohort, Comparison, Measure, Outcome, OverTime, Ref, Unit, Value

__all__ = ["MEASURES", "TABLES"]

QUANTITIES = ("total", "average", "improvement", "relative_improvement", "total_improvement")
IMPROVEMENTS = QUANTITIES[2:]
AVERAGES = ("starts", "completions")
"""Built-in measures that may be an average: the share of those offered who start, of starters who complete."""

PEOPLE_FOUND = Sort("a number of people", "361", 1.0, 1e8, ("number",))
BIAS = Sort("a bias", "5 %", -1.0, 100.0)
READING = Sort("the sd of a reading", "1 %", 0.0)

_reference = reference("outcome", extra=BUILT_IN_MEASURES, later=("referrals",))


def _of(place: Place) -> str:
    names = each(_reference, "outcomes")(place)
    if len(names) > 1:
        raise place.wrong(f"a list of several outcomes {NOT_YET}")
    return names[0]


def _follow_up(place: Place) -> float | str:
    if place.node.kind == "text" and place.node.text == "so far":
        return "so far"
    months = duration(place)
    if months <= 0:
        raise place.wrong(f"must be above 0, got {place.node.shown}")
    return months


def _comparison_keys(type: str) -> tuple[Key, ...]:
    return (
        Key("fixed", level_of(type, is_over_time=True), "", "the contract's number", "50 %"),
        Key("matched", PEOPLE_FOUND.changing(), "", "this many similar people", "2 000"),
        Key("bias", BIAS.changing(), "0 %", "with `matched`: how much their true level is off", "5 %"),
        Key("rct", PEOPLE_FOUND.changing(), "", "this many people by lot", "361"),
        *later("historical", "before", "blend", "years_before", "regression", "cluster_size", "icc"),
    )


def _comparison(type: str) -> Any:
    keys = _comparison_keys(type)

    def parse(place: Place) -> Comparison:
        given = read(place, keys)
        kinds = [kind for kind in ("fixed", "matched", "rct") if kind in given]
        if len(kinds) != 1:
            raise place.wrong(f"give one of fixed, matched, rct; {'several stand' if kinds else 'none stands'} here")
        kind = kinds[0]
        if "bias" in given and kind != "matched":
            raise place.child("bias").wrong(f"only 'matched' has a bias, not '{kind}'", at_key=True)
        if kind == "fixed":
            return Comparison("fixed", level=given["fixed"])
        more = {"bias": given["bias"]} if "bias" in given else {}
        return Comparison("matched" if kind == "matched" else "rct", n=given[kind], **more)

    return parse


def _keys(type: str) -> tuple[Key, ...]:
    return (
        Key("of", _of, NEEDED, "an outcome, or starts, completions, person_months", "relapse"),
        Key("as", choice(QUANTITIES, later=("growth",)), NEEDED, "the quantity", "relative_improvement", "as_"),
        Key("people", choice(("offered", "starters", "completers")), "starters", "whose results count", "offered"),
        Key("cohorts", each(reference("cohort"), "cohorts"), "all", "only these", "[c1]"),
        Key(
            "for_each",
            choice({"cohort": True}),
            "all together",
            "one number for each cohort",
            "cohort",
            "for_each_cohort",
        ),
        Key(
            "follow_up", _follow_up, "`so far` for total, else `over`", "how long each person is followed", "18 months"
        ),
        Key(
            "covers",
            choice(("since last", "to date")),
            "since last",
            "with several reports: what each is about",
            "to date",
        ),
        Key("comparison", _comparison(type), "none", "what it is set against", "{rct: 361}"),
        Key("missing", SHARE, "0 %", "of counted people, not found by the evaluator", "28 %"),
        Key("missing_as", choice(("left out", "failed")), "left out", "what a missing person counts as", "failed"),
        Key("error", READING, "0", "sd of the reading itself, in its unit", "1 %"),
        Key("lag", duration, "0", "from the end of the data to the report", "6 months"),
        Key("reported", schedule, "last follow-up complete + `lag`", "when", "2018-10"),
        *later("earlier", "weighted", "goals"),
    )


def _measure(place: Place) -> Measure:
    entries = place.node.entries
    of = entries["of"].text if "of" in entries else ""
    of = entries["of"].items[0].text if "of" in entries and entries["of"].items else of
    outcome = {o.name: o for o in place.context.built.get("outcomes", ())}.get(of)
    given = read(place, _keys(outcome.type if outcome else "event"))
    if outcome is None and given["of"] not in BUILT_IN_MEASURES:
        raise Skip  # the outcome is wrong; that is noted
    follow_up = given.pop("follow_up", None)
    if outcome is None:
        _check_built_in(place, given)
    else:
        _check_quantity(place, given, outcome)
    measure = Measure(place.path.rpartition(".")[2], **given)
    unit: Unit = "percent" if _is_percent(place, measure, outcome) else "number"
    return replace(measure, follow_up=_months(place, measure, outcome, follow_up), unit=unit)


MEASURES = named(_measure)
"""A reader of `measures`, with the follow-up filled in from the outcomes and cohorts."""


def _is_percent(place: Place, measure: Measure, outcome: Outcome | None) -> bool:
    """Shares are percents, and so is a score whose levels or effect the file gives in percent."""
    is_share = outcome is None or outcome.type == "event"
    if measure.as_ == "relative_improvement":
        return True
    if measure.as_ not in ("average", "improvement"):
        return False
    if is_share or outcome is None:
        return True
    levels = [level.value for level in (outcome.without, outcome.with_) if level is not None]
    figures = [*levels, *([outcome.effect.value] if outcome.effect and outcome.effect.kind == "difference" else [])]
    return any(_is_percent_figure(place, figure) for figure in figures)


def _is_percent_figure(place: Place, value: Value) -> bool:
    if isinstance(value, OverTime):
        return any(_is_percent_figure(place, entry) for _, entry in value.entries)
    unit = place.context.inputs[value.name].unit if isinstance(value, Ref) else value.unit
    return unit == "percent"


def _check_built_in(place: Place, given: dict[str, Any]) -> None:
    of, quantity = given["of"], given["as_"]
    allowed = ("total", "average") if of in AVERAGES else ("total",)
    if quantity not in allowed:
        what = " or ".join(allowed)
        raise place.child("as").wrong(f"'{of}' is counted as {what}, not as {quantity}")
    for key in ("comparison", "missing", "missing_as", "follow_up"):
        if key in place.node.entries and not place.node.entries[key].is_none:
            raise place.child(key).wrong(f"'{of}' has no '{key}': it is counted, not estimated", at_key=True)


def _check_quantity(place: Place, given: dict[str, Any], outcome: Outcome) -> None:
    comparison = given.get("comparison", Comparison())
    quantity = given["as_"]
    if quantity in IMPROVEMENTS and comparison.kind == "none":
        raise place.wrong(
            f"missing key 'comparison': {quantity} is set against something, e.g. {{rct: 361}}", at_key=True
        )
    if comparison.kind in ("matched", "rct") and outcome.without is None and (
        outcome.type == "event" or quantity == "relative_improvement"
    ):  # fmt: skip
        raise place.child("comparison").wrong(
            f"'{comparison.kind}' needs to know how others fare: give outcome '{outcome.name}' its 'without'"
        )


def _months(place: Place, measure: Measure, outcome: Outcome | None, follow_up: float | str | None) -> float | None:
    """The follow-up in months; None for `so far`."""
    if outcome is None or follow_up == "so far" or (follow_up is None and measure.as_ == "total"):
        is_single = outcome is not None and outcome.each == "cohort"
        if measure.reported is None and not measure.for_each_cohort and not is_single:
            raise place.wrong(
                "missing key 'reported' (the date of the report, e.g. 2018-10) or 'follow_up'", at_key=True
            )
        return None
    cohorts: tuple[Cohort, ...] = place.context.built.get("cohorts", (NOBODY,))
    mine = [c for c in cohorts if measure.cohorts is None or c.name in measure.cohorts]
    spans = [outcome.over if outcome.over is not None else c.duration for c in mine]
    if not spans:
        raise Skip
    if isinstance(follow_up, float | int):
        if follow_up > max(spans) + 1e-9:
            raise place.child("follow_up").wrong(
                f"is longer than the {max(spans):g} months in which outcome '{outcome.name}' is counted; "
                "lengthen its 'over'"
            )
        return float(follow_up)
    if len(set(spans)) > 1:
        place.context.warn(
            place.path, f"cohorts last from {min(spans):g} to {max(spans):g} months; all are followed for the longest"
        )
    return max(spans)


TABLES: dict[str, tuple[Key, ...]] = {"measures": _keys("event"), "comparison": _comparison_keys("event")}
"""By section; of what hangs on an outcome's type, all keys."""
