"""Conditions as they stand in a file: ``{name: comparison}``, in payments, events and goals."""

from __future__ import annotations

from sibsim.loading.place import Node, Place, Skip, attempt, did_you_mean, listed
from sibsim.loading.values import Sort
from sibsim.scenario import Condition, Test

__all__ = ["MEASURED", "condition", "split_word"]

MEASURED = Sort("a reading", "10 %", units=("number", "percent", "money")).changing()
COMPARISONS = ("at least", "above", "below", "at most")
HAPPENED = ("happened", "not happened")


def condition(place: Place) -> Condition:
    """A mapping holds if all its lines hold, a list of mappings if any of them does."""
    alternatives = place.parts() if place.node.kind == "list" else [place]
    if not alternatives:
        raise place.wrong("the list of conditions is empty")
    return Condition(tuple(_all_of(part) for part in alternatives))


def _all_of(place: Place) -> tuple[Test, ...]:
    if place.node.kind != "mapping" or not place.node.entries:
        raise place.wrong(f"expected 'measure: at least 10 %'; got {place.node.shown}")
    tests = [attempt(_test, child) for _, child in place.children()]
    found = tuple(test for test in tests if test is not None)
    if len(found) < len(tests):
        raise Skip
    return found


def _test(place: Place) -> Test:
    context, left = place.context, place.path.rpartition(".")[2]
    if context.names.get(left) == "event":
        if place.node.kind != "text" or place.node.text not in HAPPENED:
            raise place.wrong(f"'{left}' is an event: write 'happened' or 'not happened'; got {place.node.shown}")
        return Test(left, place.node.text, None)  # type: ignore[arg-type]
    if context.names.get(left) not in ("measure", "payment"):
        known = context.names_of("measure", "payment", "event")
        raise place.wrong(f"no measure, payment or event is called '{left}'{did_you_mean(left, known)}", at_key=True)
    if place.node.text in HAPPENED:
        raise place.wrong(f"only an event happens; {_instead(left, context.names[left], place.node.text)}")
    word, inner = split_word(place, COMPARISONS)
    if not word:
        raise place.wrong(f"expected {listed(COMPARISONS)} and a value, e.g. at least 10 %; got {place.node.shown}")
    if context.names.get(inner.node.text) == "measure":
        return Test(left, word, inner.node.text)  # type: ignore[arg-type]
    return Test(left, word, MEASURED(inner))  # type: ignore[arg-type]


def _instead(name: str, kind: str, word: str) -> str:
    """How to ask for what was meant by (not) `happened` of a measure or payment."""
    if kind == "measure":
        return f"'{name}' is a measure: write e.g. at least 10 %"
    how = "'above 0' if it has paid something" if word == "happened" else "'at most 0' if it has paid nothing"
    return f"'{name}' is a payment and stands for all it has paid so far: write {how}"


def split_word(place: Place, words: tuple[str, ...]) -> tuple[str, Place]:
    """A text that begins with one of some words: that word, and the place of the rest."""
    node = place.node
    for word in words:
        if node.kind == "text" and node.text.startswith(word + " "):
            rest = node.text[len(word) :].strip()
            inner = Node("text", node.line, node.column, node.origin, rest, node.is_plain)
            return word, Place(place.context, inner, place.path, place.key)
    return "", place
