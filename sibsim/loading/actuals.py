"""What really came: reports, draws, costs, events and inputs, for settling a contract without chance.

Read here and checked against the contract in `check_actuals`. A run is about what may happen; it says how likely
this was, and none of its other figures hang on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sibsim.loading.dates import by_date, column_of_text
from sibsim.loading.expected import EXPECTED, expected
from sibsim.loading.keys import NOT_YET, Key, read
from sibsim.loading.kinds import from_start
from sibsim.loading.place import Context, Place, Skip, attempt, did_you_mean, listed
from sibsim.loading.scalars import looks_like_date, parse_date
from sibsim.loading.values import ANY, MONEY, Sort
from sibsim.scenario import Actuals, Input, Measure, Number, Outcome, OverTime, Reading, Unit, Value

__all__ = ["ACTUALS", "TABLES", "actuals"]

T = TypeVar("T")

UNITS: dict[str, tuple[Unit, ...]] = {
    "number": ("number",),
    "percent": ("percent", "number"),
    "money": ("number", "money"),
}
"""What a reading may be written in, by the unit of its measure."""
COUNTED = ("event", "count", "days", "milestones")
"""Types of outcome that are never below nothing."""


# ------------------------------------------------------------------------------------------------ parts
def _named(place: Place, kind: str, one: Callable[[Place, str], T | None]) -> dict[str, T]:
    """A mapping from names of one kind; what cannot be told because the thing itself is wrong is left out."""
    if place.node.kind != "mapping":
        raise place.wrong(f"expected names, each with what came; got {place.node.shown}")
    context, found = place.context, dict[str, T]()
    for name, child in place.children():
        is_in_place = kind == "input" and name in context.inputs  # a distribution written where it is used: its path
        if context.names.get(name) != kind and not is_in_place:
            known = context.names_of(kind)
            what = context.names.get(name)
            is_other = f"; it is the name of {'an' if what[0] in 'aeiou' else 'a'} {what}" if what else ""
            child.note(f"no {kind} is called '{name}'{is_other or did_you_mean(name, known)}", at_key=True)
            continue
        if child.node.is_null:
            child.note("has no value; leave out what is not yet known")
            continue
        value = attempt(lambda at, name=name: one(at, name), child)  # type: ignore[misc]
        if value is not None:
            found[name] = value
    return found


def _number(place: Place, sort: Sort) -> float:
    """One number, without chance."""
    value = sort(place)
    if not isinstance(value, Number):
        raise place.wrong("what came is a number, not an input or a distribution")
    if value.currency not in ("", place.context.currency):
        raise place.wrong(f"money in another currency than {place.context.currency} {NOT_YET} in 'actuals'")
    return value.value


def _column(place: Place, text: str) -> int:
    if parse_date(text) is None:
        raise place.wrong(f"expected a date, e.g. 2014-07; got '{text[:60]}'", at_key=True)
    column = column_of_text(place, text)
    if column < 0:
        raise place.wrong(f"{text} is before `start` ({place.context.start:%Y-%m})", at_key=True)
    return column


def _is_plain(place: Place) -> bool:
    """Whether one value stands here, perhaps with where it comes from."""
    return place.node.kind != "mapping" or "value" in place.node.entries


# ------------------------------------------------------------------------------------------------ measures
def _reports(place: Place, name: str) -> tuple[tuple[int | None, Reading], ...] | None:
    """The reports of a measure: one, or one for each date; each a number, or one for each cohort or step."""
    measure = {m.name: m for m in place.context.built.get("measures", ())}.get(name)
    if measure is None or (measure.for_each_cohort and "cohorts" not in place.context.built):
        return None  # what is wrong with it is already noted
    outcome = {o.name: o for o in place.context.built.get("outcomes", ())}.get(measure.of)
    sort, parts = _sort(measure, outcome), _parts(place.context, measure, outcome)

    def one(at: Place) -> Reading:
        return _reading(at, measure, sort, parts)

    if not _is_plain(place) and any(looks_like_date(key) for key in place.node.entries):
        return by_date(place, one, _column)
    return ((None, _reading(place, measure, sort, parts, is_dated=True)),)


def _sort(measure: Measure, outcome: Outcome | None) -> Sort:
    """What a report of a measure can be: its unit, and the least and most that is possible."""
    units = UNITS[measure.unit]
    if measure.goals and measure.short_of is None:
        return Sort("a number of goals", "1", 0.0, len(measure.goals), ("number",), is_whole=True)
    if measure.as_ == "growth" and measure.short_of is None:
        return Sort("a ratio", "1.05", 0.0, units=("number", "percent"))
    low, high = Sort.low, Sort.high
    is_only_reported = not measure.of and not measure.weighted
    is_counted = not is_only_reported and not measure.weighted and (outcome is None or outcome.type in COUNTED)
    is_share = outcome is not None and outcome.type == "event" and measure.as_ in ("average", "improvement")
    if is_share or (outcome is None and measure.as_ == "average" and not is_only_reported):
        high = 1.0
    if (is_counted and measure.as_ in ("total", "average")) or measure.short_of is not None or measure.items:
        low = 0.0
    elif is_share:
        low = -1.0
    elif is_counted and measure.as_ == "relative_improvement" and outcome is not None:
        low, high = (low, 1.0) if outcome.better == "fewer" else (-1.0, high)
    if measure.short_of is not None and is_counted and measure.as_ in ("total", "average"):
        high = max(_highest(measure.short_of), 0.0) or Sort.high
    what = {"percent": ("a percent", "8.4 %"), "money": ("money", "1.2 m"), "number": ("a number", "20")}[measure.unit]
    return Sort(*what, low, high, units)


def _highest(value: Value) -> float:
    """The highest of a figure at any time; without end where it is uncertain, or money of another currency."""
    entries = [entry for _, entry in value.entries] if isinstance(value, OverTime) else [value]
    figures = [entry.value for entry in entries if isinstance(entry, Number) and not entry.currency]
    return max(figures) if len(figures) == len(entries) else Sort.high


Parts = tuple[tuple[str, tuple[str, ...]], ...]
"""What a report is split by, from the outside in: cohort, then step, outcome or item; with the names of these."""


def _parts(context: Context, measure: Measure, outcome: Outcome | None) -> Parts:
    cohorts = tuple(c.name for c in context.built.get("cohorts", ()) if c.name)
    parts: list[tuple[str, tuple[str, ...]]] = []
    if measure.for_each_cohort and cohorts:
        parts.append(("cohort", tuple(c for c in cohorts if measure.cohorts is None or c in measure.cohorts)))
    if len(measure.outcomes) > 1:
        parts.append(("outcome", measure.outcomes))
    elif outcome is not None and outcome.steps:
        parts.append(("step", tuple(step.name for step in outcome.steps)))
    elif measure.items:
        parts.append(("item", measure.items))
    return tuple(parts)


def _reading(place: Place, measure: Measure, sort: Sort, parts: Parts, is_dated: bool = False) -> Reading:
    """A number; or one for each part (``is_dated``: and by date around it)."""
    if not parts:
        if not _is_plain(place):
            raise place.wrong(f"'{measure.name}' is one number at each report, e.g. {sort.example}; got a mapping")
        return _reported(place, sort)
    (by, names), inner = parts[0], parts[1:]
    if _is_plain(place):
        if by == "outcome":  # apart only where each has its price
            return _number(place, sort)
        if len(names) > 1 or inner:
            example = "{...}" if inner else sort.example
            inside = f"{{{names[0]}: {example}, ...}}"
            inside = f"{{date: {inside}, ...}}" if is_dated and len(measure.reported or ()) > 1 else inside
            raise place.wrong(f"'{measure.name}' is reported for each {by}: write {inside}")
        return {names[0]: _number(place, sort)}
    found: dict[str, Any] = {}
    is_good = True
    for name, child in place.children():
        if name not in names:
            near = did_you_mean(name, names) or f"; it is reported for {listed(names[:8], 'and')}"
            child.note(f"'{measure.name}' has no {by} '{name}'{near}", at_key=True)
            is_good = False
            continue
        value = attempt(lambda at: _reading(at, measure, sort, inner), child)
        is_good = is_good and value is not None
        if value is not None:
            found[name] = value
    if not is_good:
        raise Skip
    if not found:
        raise place.wrong("holds nothing; leave out a report that is not yet known")
    return found


def _reported(place: Place, sort: Sort) -> float:
    value = _number(place, sort)
    inner = place.node.entries.get("value", place.node)
    if sort.units == UNITS["percent"] and abs(value) > 1 and "%" not in inner.text:
        raise place.wrong(f"{inner.shown} is {value * 100:g} %; write {inner.shown} %")
    return value


# ------------------------------------------------------------------------------------------------ the others
def _amounts(place: Place, name: str) -> tuple[tuple[int, float], ...]:
    if place.node.kind != "mapping" or not place.node.entries:
        what = "nothing ({})" if place.node.kind == "mapping" else place.node.shown
        nothing = "; if nothing came, write 0 on a date" if place.node.kind == "mapping" else ""
        raise place.wrong(f"expected dates with amounts, e.g. {{2012-09: 2.4 m}}; got {what}{nothing}")
    return by_date(place, lambda at: _number(at, MONEY), _column)


def _when(place: Place, name: str) -> tuple[int | None]:
    """The column, in a tuple: None in it is never."""
    if place.node.kind != "text":
        raise place.wrong(f"expected the date when it happened, or never; got {place.node.shown}")
    if place.node.text.strip() == "never":
        return (None,)
    return (from_start(place, column_of_text(place)),)


def _input(place: Place, name: str) -> float | None:
    entry = place.context.inputs.get(name)
    if entry is None:
        return None
    return _number(place, _sort_of_input(entry))


def _sort_of_input(entry: Input) -> Sort:
    low, high = entry.distribution.support
    if entry.distribution.name == "fixed":
        low, high = Sort.low, Sort.high
    units: tuple[Unit, ...] = ("percent",) if entry.unit == "percent" else ("number", "money")
    example = "4 %" if entry.unit == "percent" else "1.04"
    says = "a percent" if entry.unit == "percent" else "a number or money"
    return Sort(says, example, max(low, ANY.low), min(high, ANY.high), units)


ACTUALS = (
    Key(
        "measures",
        lambda place: _named(place, "measure", _reports),
        "none",
        "what was reported: the measure's own number; by date, cohort, step or outcome where there are several",
        "{completion rate: 100 %}",
    ),
    Key(
        "drawn",
        lambda place: _named(place, "tranche", _amounts),
        "none",
        "what was drawn of each tranche, each amount for its date only",
        "{loan: {2012-09: 2.4 m}}",
    ),
    Key(
        "events",
        lambda place: {name: when for name, (when,) in _named(place, "event", _when).items()},
        "none",
        "when each event happened, or `never`",
        "{probation reform: 2014-04}",
    ),
    Key(
        "inputs",
        lambda place: _named(place, "input", _input),
        "none",
        "what inputs that the contract uses turned out to be",
        "{exchange rate: 1.04}",
    ),
    Key(
        "costs",
        lambda place: _named(place, "cost", _amounts),
        "none",
        "what each cost came to, each amount for its date only",
        "{programme: {2012-09: 2.1 m}}",
    ),
    Key(
        "expected",
        expected,
        "none",
        "what the settlement is known to have come to, by the path of the figure, to be set against what is computed",
        "{total_paid: {value: 11.4 m, tolerance: 50 k}}",
    ),
)


def actuals(place: Place) -> Actuals:
    """The section `actuals`."""
    return Actuals(**read(place, ACTUALS))


TABLES: dict[str, tuple[Key, ...]] = {"actuals": ACTUALS, "expected": EXPECTED}
"""The tables of this page of the language."""
