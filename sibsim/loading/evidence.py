"""Where figures come from: `source`, `status` and `note` beside a value."""

from __future__ import annotations

from sibsim.loading.place import Place, Skip, attempt, did_you_mean, listed
from sibsim.scenario import Evidence

__all__ = ["EVIDENCE_KEYS", "READERS", "STATUSES", "record_evidence", "shown", "unwrap"]

STATUSES = ("contract", "published", "claimed", "derived", "from memory", "unverified", "assumed")
EVIDENCE_KEYS = ("source", "status", "note")


def _text(place: Place) -> str:
    if place.node.kind != "text" or place.node.is_null:
        raise place.wrong(f"must be a text, got {place.node.shown}")
    return place.node.text


def _source(place: Place) -> str:
    name = _text(place)
    if name not in place.context.sources:
        near = did_you_mean(name, place.context.sources)
        raise place.wrong(f"no entry of `sources` is called '{name}'{near or '; add it there'}")
    return name


def _status(place: Place) -> str:
    word = _text(place)
    if word not in STATUSES:
        raise place.wrong(f"must be {listed(STATUSES)}, got '{word}'{did_you_mean(word, STATUSES)}")
    return word


_KNOWN_HERE = f"; known here: {', '.join(EVIDENCE_KEYS)}"
READERS = {"source": _source, "status": _status, "note": _text}


def record_evidence(place: Place, text: str) -> Evidence:
    """Keep where a figure comes from: `source`, `status` and `note` beside it; ``text`` is the figure as shown."""
    entries = place.node.entries
    given = {key: attempt(READERS[key], place.child(key)) for key in EVIDENCE_KEYS if key in entries}
    evidence = Evidence(place.path, text, given.get("source"), given.get("status"), given.get("note"))
    place.context.evidence[place.path] = evidence
    if None in given.values():
        raise Skip
    return evidence


def unwrap(place: Place) -> Place:
    """The value of ``{value: ..., source: ..., status: ...}`` under its own path; other places as they are."""
    if place.node.kind != "mapping" or "value" not in place.node.entries:
        return place
    for key, child in place.children():
        if key != "value" and key not in EVIDENCE_KEYS:
            near = did_you_mean(key, EVIDENCE_KEYS)
            raise Place(place.context, child.node, child.path, child.key).wrong(
                f"unknown key beside 'value'{near or _KNOWN_HERE}", at_key=True
            )
    inner = place.child("value")
    if inner.node.is_null:
        raise inner.wrong("has no value")
    record_evidence(place, shown(inner))
    return Place(place.context, inner.node, place.path, inner.key)


def shown(place: Place) -> str:
    """A value as it stands in the file, on one line."""
    if place.node.kind == "text":
        return place.node.shown
    if place.node.kind == "list":
        return f"[{', '.join(shown(part) for part in place.parts())}]"
    return ", ".join(f"{key} {shown(child)}" for key, child in place.children() if key not in EVIDENCE_KEYS)
