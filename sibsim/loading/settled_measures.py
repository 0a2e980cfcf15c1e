"""Measures of a file without `outcomes`: nothing is simulated, what was reported is given, and they have no `of`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sibsim.loading.evidence import EVIDENCE_KEYS
from sibsim.loading.keys import Key, read
from sibsim.loading.place import Context, Node, Place, Skip, did_you_mean
from sibsim.loading.scalars import parse_quantity
from sibsim.scenario import BUILT_IN_MEASURES, Measure, Unit

__all__ = ["has_no_outcomes", "is_without_of", "settled_measure"]

USELESS = ("people", "comparison", "missing", "missing_as", "error", "earlier")
"""Keys that say how a reading comes about."""


def has_no_outcomes(context: Context) -> bool:
    """Whether a file says nothing of what happens to people: it can only be settled."""
    node = context.root.entries.get("outcomes")
    return node is None or node.is_none


def is_without_of(place: Place) -> bool:
    """Whether the measure here is one that is only reported: the file has no outcomes it could be of.

    Raises
    ------
    Wrong, Skip
        It names an outcome in a file that has none (Skip if that is a misspelt key).
    """
    if not has_no_outcomes(place.context):
        return False
    node = place.node.entries.get("of")
    if node is None:
        return True
    names = [item.text for item in node.items] if node.items else [node.text]
    if all(name in BUILT_IN_MEASURES for name in names):
        return False
    unknown = (p.path for p in place.context.problems if p.message.startswith("unknown key"))
    if any(did_you_mean(key, ["outcomes"]) for key in unknown if "." not in key):
        raise Skip
    raise place.child("of").wrong(
        "the file has no `outcomes`, so that it can only be settled: leave 'of' out and give what was reported in "
        "`actuals`; to simulate, add `outcomes`",
        at_key=True,
    )


def settled_measure(place: Place, keys: Sequence[Key]) -> Measure:
    """A measure whose reports are given.

    Raises
    ------
    Wrong
        No date of its reports is known, or something is said of how a reading comes about.
    """
    given: dict[str, Any] = read(place, keys)
    for key in USELESS:
        if key in place.node.entries and not place.node.entries[key].is_none:
            message = "says how a reading comes about, and without `outcomes` readings are given: say it in a 'note'"
            raise place.child(key).wrong(message, at_key=True)
    if "as_" not in given:
        raise place.wrong("missing key 'as' (the quantity, e.g. relative_improvement)", at_key=True)
    name = place.path.rpartition(".")[2]
    follow_up = given.pop("follow_up", None)
    _check_dates(place, given, follow_up)
    if isinstance(given.get("reported"), str):
        given["reported_event"] = given.pop("reported")
    unit = given.pop("unit", None) or _unit(place.context, name, given["as_"])
    months = follow_up if isinstance(follow_up, float) else None
    return Measure(name, "", unit=unit, follow_up=months, items=_items(place.context, name), **given)


def _check_dates(place: Place, given: dict[str, Any], follow_up: float | str | None) -> None:
    """It is reported on dates of its own, or follows from when people start."""
    people = place.context.root.entries.get("participants")
    cohorts = people.entries.get("cohorts") if people is not None else None
    if given.get("for_each_cohort") and cohorts is None:
        raise place.child("for_each").wrong("there are no cohorts: name them in `participants.cohorts`")
    is_by_people = people is not None and (isinstance(follow_up, float) or bool(given.get("for_each_cohort")))
    if "reported" not in given and not is_by_people:
        raise place.wrong("missing key 'reported' (the date of the report, e.g. 2018-10)", at_key=True)


# ------------------------------------------------------------------------------------------------ what the file says
def _payments(context: Context, measure: str) -> Iterator[dict[str, Node]]:
    """What stands in each payment for a measure."""
    contract = context.root.entries.get("contract", Node("text"))
    for node in contract.entries.get("payments", Node("text")).entries.values():
        if node.entries.get("measure", Node("text")).text == measure:
            yield node.entries


def _items(context: Context, measure: str) -> tuple[str, ...]:
    """What the prices of payments for this measure name: its reports count these; no other measure of the file."""
    names = [name for entries in _payments(context, measure) for name in entries.get("prices", Node("text")).entries]
    return tuple(dict.fromkeys(name for name in names if name != "note" and context.names.get(name) != "measure"))


def _unit(context: Context, measure: str, quantity: str) -> Unit:
    """Percent for a relative improvement, else as what was reported is written; money if a share of it is paid."""
    if quantity == "relative_improvement":
        return "percent"
    came = context.root.entries.get("actuals", Node("text")).entries.get("measures", Node("text"))
    written = {found.unit for text in _texts(came.entries.get(measure)) if (found := parse_quantity(text))}
    if "percent" in written:
        return "percent"
    return "money" if "money" in written or any("share" in p for p in _payments(context, measure)) else "number"


def _texts(node: Node | None) -> Iterator[str]:
    """Every value below a node, apart from where it comes from."""
    if node is None:
        return
    if node.kind == "text":
        yield node.text.strip()
    for key, child in node.entries.items():
        if key not in EVIDENCE_KEYS:
            yield from _texts(child)
