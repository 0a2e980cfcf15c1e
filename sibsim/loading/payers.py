"""Who pays: a party, parties with their shares, or either of these from a date on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal

from sibsim.loading.dates import by_date_or_event
from sibsim.loading.kinds import party
from sibsim.loading.place import Node, Place, Skip, attempt, listed
from sibsim.loading.scalars import looks_like_date
from sibsim.loading.values import SHARE, support
from sibsim.scenario import Number, OverTime, Ref, Shares, Value

__all__ = ["PayersOverTime", "check_shares", "everybody", "payers", "shares"]

MOST_EVENTS = 6
"""Events that may amend the shares of one mapping: every choice of them must add up."""


@dataclass(frozen=True)
class PayersOverTime:
    """Who pays from each column on, and from the day on which an event happens."""

    dates: tuple[tuple[int, Shares], ...]
    events: tuple[tuple[str, Shares], ...] = ()


def shares(who: Any, example: str) -> Any:
    """A reader of ``{name: share, name: rest}``."""

    def parse(place: Place) -> tuple[tuple[str, Value | Literal["rest"]], ...]:
        if place.node.kind != "mapping" or not place.node.entries:
            raise place.wrong(f"expected shares, e.g. {example}; got {place.node.shown}")
        found: list[tuple[str, Value | Literal["rest"]]] = []
        is_good = True
        for key, child in place.children():
            name = attempt(lambda at, key=key: who(at, key), child)  # type: ignore[misc]
            is_rest = child.node.kind == "text" and child.node.text == "rest"
            share = "rest" if is_rest else attempt(SHARE.changing(), child)
            is_good = is_good and name is not None and share is not None
            if name is not None and share is not None:
                found.append((name, share))  # type: ignore[arg-type]
        if not is_good:
            raise Skip
        check_shares(place, found)
        return tuple(found)

    return parse


def check_shares(place: Place, found: list[tuple[str, Value | Literal["rest"]]]) -> None:
    """Shares add up to 100 %, or one is `rest` and the others to no more."""
    rests = [name for name, share in found if share == "rest"]
    given = [share for _, share in found if not isinstance(share, str)]
    if len(rests) > 1:
        raise place.wrong(f"only one share may be 'rest', not {listed(rests, 'and')}")
    over_time = [share for share in given if isinstance(share, OverTime)]
    has_rest = False
    columns = sorted({0, *(c for share in over_time for c, _ in share.entries)})
    for column, happened in product(columns, _states(place, over_time)):
        now = [share.after(happened, column) if isinstance(share, OverTime) else share for share in given]
        ends = [support(place.context.inputs, share) for share in now]
        least, most = sum(low for low, *_ in ends), sum(high for _, high, *_ in ends)
        has_rest = has_rest or not rests or least < 1.0 - 1e-9
        if rests and most > 1.0 + 1e-9 and all(math.isfinite(high) for _, high, *_ in ends):
            raise place.wrong(f"the shares add up to as much as {most * 100:.6g} %, more than 100 %")
        if not rests and not (abs(least - 1.0) < 1e-9 and abs(most - 1.0) < 1e-9):
            total = f"{least * 100:.6g} %" if least == most else "a sum that varies"
            raise place.wrong(f"the shares add up to {total}, not 100 %; one of them may be 'rest'")
    if not has_rest:
        place.context.warn(place.path, f"'{rests[0]}' gets 'rest', and the others have 100 %: nothing is left for it")


def _states(place: Place, over_time: list[OverTime]) -> list[tuple[str, ...]]:
    """Which of the events that amend some shares may have happened: every choice of them."""
    events = list(dict.fromkeys(event for share in over_time for event, _ in share.events))
    if len(events) > MOST_EVENTS:
        raise place.wrong(f"more than {MOST_EVENTS} events amend these shares; amend all of them together")
    return [some for n in range(len(events) + 1) for some in combinations(events, n)]


def _party_key(place: Place, key: str) -> str:
    at = Place(place.context, Node("text", *(place.key or (0, 0)), place.node.origin, key), place.path)
    return party(at)


_SHARES = shares(_party_key, "{fund: 40 %, city: rest}")


def _payers_of_a_time(place: Place) -> Shares:
    if place.node.kind == "text":
        return ((party(place), "rest"),)
    found: Shares = _SHARES(place)
    return found


def payers(place: Place) -> Shares | PayersOverTime:
    """A party; ``{party: share, party: rest}``; or either by the date, or the event, from which on it holds."""
    names = place.context.names
    keys = place.node.entries if place.node.kind == "mapping" else ()
    if not any(looks_like_date(key) or names.get(key) == "event" for key in keys):
        return _payers_of_a_time(place)
    return PayersOverTime(*by_date_or_event(place, _payers_of_a_time))


def everybody(over_time: PayersOverTime) -> Shares:
    """All who ever pay, each with its share over time, where that is known beforehand; else 100 %."""
    regimes = [by for _, by in (*over_time.dates, *over_time.events)]
    names = dict.fromkeys(name for by in regimes for name, _ in by)
    return tuple((name, _share_over_time(name, over_time)) for name in names)


def _share_over_time(name: str, over_time: PayersOverTime) -> Value:
    entries = tuple((column, _share_in(by, name, column)) for column, by in over_time.dates)
    return OverTime(entries, tuple((event, _share_in(by, name, 0)) for event, by in over_time.events))


def _share_in(by: Shares, name: str, column: int) -> Number | Ref:
    share = dict(by).get(name, Number(0.0, "percent"))
    if isinstance(share, str):
        others = [other for _, other in by if not isinstance(other, str)]
        known = [other.value for other in others if isinstance(other, Number)]
        share = Number(1.0 - math.fsum(known), "percent") if len(known) == len(others) else Number(1.0, "percent")
    return share.at(column) if isinstance(share, OverTime) else share
