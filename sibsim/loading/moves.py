"""Which names have moved between two orders."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["moved"]

MOST = 200
"""Names among which the fewest that moved are looked for; of more, all from the first that differs."""


def moved(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """The fewest names that, taken out, leave the two orders alike; the same whichever of them is the first.

    >>> moved("abcd", "bcda"), moved("abc", "abc"), moved("ab", "ba"), moved("ba", "ab")
    (['a'], [], ['b'], ['b'])
    """
    if len(first) > MOST:
        return sorted(name for name, other in zip(first, second, strict=True) if name != other)
    place = {name: number for number, name in enumerate(second)}
    best: dict[str, tuple[int, list[str]]] = {}
    """For each name, the longest row of names that ends with it and is in both orders; of several the first by name."""
    for number, name in enumerate(first):
        before = [best[other] for other in first[:number] if place[other] < place[name]]
        length, row = min(before, key=lambda found: (-found[0], found[1]), default=(0, []))
        best[name] = (length + 1, [*row, name])
    _, kept = min(best.values(), key=lambda found: (-found[0], found[1]), default=(0, []))
    return sorted(set(first) - set(kept))
