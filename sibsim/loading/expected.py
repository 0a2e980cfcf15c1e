"""What a settlement is known to have come to: figures of it by their path, each with how near it must be."""

from __future__ import annotations

from sibsim.loading.dates import column_of_text, say_column
from sibsim.loading.evidence import READERS, record_evidence, shown
from sibsim.loading.keys import NEEDED, Key, read
from sibsim.loading.place import Place, Skip, attempt, did_you_mean, listed
from sibsim.loading.scalars import parse_date
from sibsim.loading.values import ANY
from sibsim.scenario import Expected, Number
from sibsim.timeline import column_date

__all__ = ["EXPECTED", "expected"]

KINDS = {
    "payments": "payment",
    "payers": "party",
    "tranches": "tranche",
    "guarantees": "guarantee",
    "parties": "party",
    "measures": "measure",
}
"""What is named after the first word of a figure."""
OF_TRANCHE = (
    "drawn",
    "received",
    "net_gain",
    "loss",
    "loss_share",
    "irr",
    "moic",
    "bond_equivalent_yield",
)
LEAVES = {"tranches": OF_TRANCHE, "parties": ("net",)}
"""What must stand after the name."""
RATES = ("irr", "loss_share", "bond_equivalent_yield")
"""Figures that are percents."""


def _figure(place: Place) -> str:
    """The path of a figure, its date as the settlement writes it; wrong if the settlement has no such figure."""
    text = place.path.removeprefix("actuals.expected.")
    first, *rest = text.split(".")
    if text == "total_paid":
        return text
    if first not in KINDS:
        near = did_you_mean(first, ("total_paid", *KINDS))
        known = near or f"; a figure begins with {listed(('total_paid', *KINDS))}"
        raise place.wrong(f"a settlement has no figure '{text[:60]}'{known}", at_key=True)
    if not rest:
        raise place.wrong(f"say which, e.g. {first}.{_example(place, first)}", at_key=True)
    name, leaves = rest[0], rest[1:]
    known_names = place.context.names_of(KINDS[first])
    if place.context.names.get(name) != KINDS[first] and not (first == "tranches" and name == "all"):
        near = did_you_mean(name, known_names)
        raise place.wrong(f"no {KINDS[first]} is called '{name[:60]}'{near}", at_key=True)
    if first == "payments" and leaves:
        return f"payments.{name}.{_of_payment(place, leaves)}"
    if first == "measures":
        return _of_measure(place, name, leaves)
    wanted = LEAVES.get(first, ())
    if (wanted and (len(leaves) != 1 or leaves[0] not in wanted)) or (leaves and not wanted):
        near = did_you_mean(leaves[0], wanted) if leaves else ""
        what = f"write {first}.{name}.{wanted[0]}" if wanted else f"write {first}.{name} alone"
        more = f" ({listed(wanted)})" if len(wanted) > 1 and not near else ""
        raise place.wrong(f"a settlement has no figure '{text[:60]}'{near or f'; {what}{more}'}", at_key=True)
    return text


def _example(place: Place, first: str) -> str:
    name = next(iter(place.context.names_of(KINDS[first])), "name")
    return ".".join((name, *LEAVES.get(first, ())[:1]))


def _of_measure(place: Place, name: str, leaves: list[str]) -> str:
    """The path of a report: of a date, if one is named, else the last; of one cohort, where each has its own."""
    measure = next((m for m in place.context.built.get("measures", ()) if m.name == name), None)
    if measure is None:
        raise Skip  # what is wrong with it is noted
    cohorts = [c.name for c in place.context.built.get("cohorts", ()) if c.name] if measure.for_each_cohort else []
    mine = [c for c in cohorts if measure.cohorts is None or c in measure.cohorts]
    named = [leaf for leaf in leaves if leaf in mine]
    if len(mine) > 1 and not named:
        example = ".".join(("measures", name, *(leaf for leaf in leaves if parse_date(leaf)), mine[0]))
        raise place.wrong(f"'{name}' is reported for each cohort: say of which, e.g. {example}", at_key=True)
    others = [leaf for leaf in leaves if leaf not in named[:1]]
    what = "a measure stands nothing (its last report)" + (", a cohort" if mine else "")
    dates = [_date(place, ".".join(others), what)] if others else []
    return ".".join(("measures", name, *dates, *named[:1]))


def _of_payment(place: Place, leaves: list[str]) -> str:
    """A date, a cohort, or a date and then a cohort."""
    first, *rest = leaves
    if parse_date(first) is None and place.context.names.get(first) == "cohort" and not rest:
        return first
    near = did_you_mean(first, place.context.names_of("cohort"))
    date = _date(place, first, "a payment stands nothing (its sum), a cohort", near)
    if not rest:
        return date
    if len(rest) > 1 or place.context.names.get(rest[0]) != "cohort":
        near = did_you_mean(rest[0], place.context.names_of("cohort"))
        wrong = f"after a date stands nothing, or a cohort; got '{'.'.join(rest)[:40]}'{near}"
        raise place.wrong(wrong, at_key=True)
    return f"{date}.{rest[0]}"


def _date(place: Place, text: str, before: str, near: str = "") -> str:
    """The day of a payment or a report: one of the calendar's own days."""
    day = parse_date(text)
    if day is None:
        raise place.wrong(f"after {before} or a date, e.g. 2018-10; got '{text[:40]}'{near}", True)
    column, context = column_of_text(place, text), place.context
    if column < 0:
        raise place.wrong(f"{text} is before `start` ({context.start:%Y-%m})", at_key=True)
    if column_date(context.start, context.step_months, column) != day:
        raise place.wrong(
            f"{text} is no date of the calendar: write {say_column(place, column)}, the next column", at_key=True
        )
    return say_column(place, column)


def _number(place: Place) -> Number:
    value = ANY(place)
    if not isinstance(value, Number) or value.currency:
        raise place.wrong(f"a plain number, percent or money in {place.context.currency} must stand here")
    return value


def _tolerance(place: Place) -> Number:
    found = _number(place)
    if found.value < 0:
        raise place.wrong(f"must be 0 or more, got {place.node.shown}")
    return found


EXPECTED = (
    Key("value", _number, NEEDED, "what it came to: a number, a percent or money", "5.5 %"),
    Key("tolerance", _tolerance, "0", "how far it may be off, in the same unit", "0.05 %"),
    Key("source", READERS["source"], "", "where the figure comes from: an id of `sources`", "REPORT"),
    Key("status", READERS["status"], "", "how sure it is, as of any figure", "published"),
)


def _one(place: Place) -> Expected:
    figure = attempt(_figure, place)
    is_whole = place.node.kind == "mapping"
    given = read(place, EXPECTED) if is_whole else {"value": _number(place)}
    value, tolerance = given["value"], given.get("tolerance", Number(0.0))
    if figure is None:
        raise Skip
    _check_units(place, figure, value, tolerance)
    inner = place.child("value") if is_whole else place
    evidence = record_evidence(place, shown(inner))
    return Expected(figure, value.value, tolerance.value, evidence)


def _check_units(place: Place, figure: str, value: Number, tolerance: Number) -> None:
    """A rate is a percent, a multiple a number, the rest money; the tolerance is in the unit of the value."""
    leaf = figure.rpartition(".")[2]
    at = place.child("value") if place.node.kind == "mapping" else place
    shows = at.node.shown
    if figure.startswith("measures."):
        pass
    elif leaf in RATES and figure.startswith("tranches."):
        if value.unit == "money" or (value.unit == "number" and abs(value.value) > 1):
            raise at.wrong(f"'{leaf}' is a percent, e.g. 5.5 %; got {shows}")
    elif value.unit == "percent" or (leaf == "moic" and value.unit == "money"):
        raise at.wrong(f"'{figure}' is {'a number, e.g. 1.2' if leaf == 'moic' else 'money'}; got {shows}")
    if tolerance.value and "percent" in (value.unit, tolerance.unit) and value.unit != tolerance.unit:
        off = place.child("tolerance")
        raise off.wrong(f"must be in the unit of the value ({shows}); got {off.node.shown}")


def expected(place: Place) -> tuple[Expected, ...]:
    """The section `actuals.expected`: figures of the settlement by their path."""
    if place.node.kind != "mapping" or not place.node.entries:
        raise place.wrong(f"expected figures of the settlement, e.g. {{total_paid: 5 m}}; got {place.node.shown}")
    found: list[Expected | None] = []
    for _, child in place.children():
        if child.node.is_null:
            child.note("has no value; leave out what is not known")
            continue
        found.append(attempt(_one, child))
    figures = [one.figure for one in found if one is not None]
    twice = [figure for number, figure in enumerate(figures) if figure in figures[:number]]
    if twice:
        raise place.wrong(f"'{twice[0]}' stands here twice; keep one")
    return tuple(one for one in found if one is not None)
