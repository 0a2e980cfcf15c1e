"""The names of a file: each is used once, whatever it names, so that a reference has one meaning."""

from __future__ import annotations

import re

from sibsim.loading.place import Node, Place

__all__ = ["RESERVED", "collect_names"]

COLLECTIONS = (
    ("inputs", "input"),
    ("parties", "party"),
    ("participants.cohorts", "cohort"),
    ("outcomes", "outcome"),
    ("measures", "measure"),
    ("contract.payments", "payment"),
    ("costs", "cost"),
    ("benefits", "benefit"),
    ("finance.tranches", "tranche"),
    ("finance.guarantees", "guarantee"),
    ("events", "event"),
    ("holdings", "holding"),
    ("factors", "factor"),
)
RESERVED = frozenset(
    [
        "account",
        "outside",
        "rest",
        "all",
        "none",
        "note",
        "drawn",
        "outstanding",
        "committed",
        "starts",
        "completions",
        "referrals",
        "person_months",
        "public_purse",
        "each holding",
        "holdings",
        "happened",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
    ]
)
NAME = re.compile(r"[^\W\d_][\w /'-]*")


def collect_names(root: Place) -> None:
    """Fill ``context.names``, noting names that are not allowed or stand for two things."""
    names, lines = root.context.names, dict[str, int]()
    noted = {(problem.line, problem.column) for problem in root.context.problems}
    steps = [(f"outcomes.{name}.steps", "step") for name, _ in _entries(root, "outcomes") if "." not in name]
    for path, kind in (*COLLECTIONS, *steps):
        for name, place in _entries(root, path):
            wrong = _wrong(name)
            if name in names:
                wrong = f"'{name}' already names the {names[name]} in line {lines[name]}; a name is used once in a file"
            if wrong and place.key not in noted:
                place.note(wrong, at_key=True)
            names.setdefault(name, kind)
            lines.setdefault(name, (place.key or (0, 0))[0])
    for place in (*_entries_of(root, "sources"), *_entries_of(root, "options")):
        wrong = _wrong(place.path.partition(".")[2])
        if wrong:
            place.note(wrong, at_key=True)


def _entries_of(root: Place, path: str) -> list[Place]:
    return [place for _, place in _entries(root, path)]


def _entries(root: Place, path: str) -> list[tuple[str, Place]]:
    place = root
    for key in path.split("."):
        if place.node.kind != "mapping" or key not in place.node.entries:
            return []
        place = place.child(key)
    return list(place.children()) if place.node.kind == "mapping" else []


def _wrong(name: str) -> str:
    if name in RESERVED:
        return f"'{name}' is a word of the language; choose another name"
    if not NAME.fullmatch(name) or len(name) > 100:
        shown = Node("text", text=name).shown
        return f"'{shown}' cannot be a name: a letter first, then letters, digits, spaces, - _ / '"
    return ""
