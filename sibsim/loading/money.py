"""Costs, benefits and finance: what the service costs, what the truth is worth, who puts the money up first."""

from __future__ import annotations

from typing import Any, Literal

from sibsim.loading.contract import shares
from sibsim.loading.keys import NEEDED, NOT_YET, Key, each, later, named, read
from sibsim.loading.kinds import choice, column, duration_above, party, rank, reference, schedule
from sibsim.loading.place import Node, Place
from sibsim.loading.scalars import parse_duration
from sibsim.loading.values import MONEY, RATE, SHARE, Sort
from sibsim.scenario import Benefit, Cost, Finance, Guarantee, Number, Tranche, Value

__all__ = ["BENEFITS", "COSTS", "TABLES", "finance"]

INTEREST = Sort("a yearly rate", "5 %", 0.0, 1.0)
PERS = ("starter", "completer", "offered", "person_month")

# ------------------------------------------------------------------------------------------------ costs
COST = (
    Key("amount", MONEY.changing(), NEEDED, "money", "32 432"),
    Key("per", choice(PERS), "whole contract", "starter, completer, offered, person_month", "starter"),
    Key("over", duration_above, "at once", "spread evenly; per person from own start", "5 years"),
    Key("at", schedule, "`start`", "the amount on each date", "[24 months, 60 months]"),
    Key("from", column, "`start`", "with `over`: the first date", "2021-01", "from_"),
    Key("by", party, "account", "who pays", "payer"),
    Key("to", party, "provider", "who gets it", "outside"),
    Key("index", RATE.changing(), "0 %", "yearly rise, from `start`", "2 %"),
)


def _cost(place: Place) -> Cost:
    given = read(place, COST)
    per_person = given.get("per", "contract") != "contract"
    if "at" in given and "over" in given:
        raise place.child("over").wrong("'at' and 'over' cannot stand together; keep one", at_key=True)
    if "from" in place.node.entries and ("over" not in given or per_person):
        raise place.child("from").wrong("'from' stands beside 'over', for a cost of the whole contract", at_key=True)
    if "at" in given and per_person:
        raise place.child("at").wrong("a cost per person falls at each person's own time; leave 'at' out", at_key=True)
    return Cost(place.path.rpartition(".")[2], **given)


COSTS = named(_cost)

# ------------------------------------------------------------------------------------------------ benefits
BENEFIT = (
    Key("of", reference("outcome"), NEEDED, "the outcome whose true improvement counts", "relapse"),
    Key("kind", choice(("cashable", "capacity", "societal")), NEEDED, "cashable, capacity or societal", "cashable"),
    Key("to", party, "payer", "whose budget", "state"),
    Key("worth", MONEY.changing(), "1 for money", "money per event or point", "13 000"),
    Key("per", choice(("unit", "year")), "unit", "year: each year an event stays avoided or gained", "year"),
    Key("share", SHARE.changing(), "100 %", "of it", "30 %"),
    Key("index", RATE.changing(), "0 %", "yearly rise, from `start`", "2 %"),
    *later("from", "until"),
)


def _benefit(place: Place) -> Benefit:
    return Benefit(place.path.rpartition(".")[2], **read(place, BENEFIT))


BENEFITS = named(_benefit)

# ------------------------------------------------------------------------------------------------ finance


def _drawn(place: Place) -> str:
    if place.node.kind == "mapping":
        raise place.wrong(f"a schedule of draws {NOT_YET}; use 'as needed' or 'upfront'")
    return choice(("as needed", "upfront"))(place)


TRANCHE = (
    Key("by", party, "investor", "who lends", "Skandia"),
    Key("amount", MONEY.changing(), NEEDED, "the most that can be drawn", "9.6 m"),
    Key("drawn", _drawn, "as needed", "as costs fall due, or all at `start`", "upfront"),
    Key("kind", choice(("loan", "grant")), "loan", "a grant is never repaid", "grant"),
    Key("rank", rank, "1", "1 is paid first; equal ranks together", "2"),
    Key("rate", INTEREST.changing(), "0 %", "yearly interest on what is outstanding", "5 %"),
    Key("hurdle", RATE, "0 %", "for its npv in the report", "5 %"),
    *later("after", "cap"),
)


def _tranche(place: Place) -> Tranche:
    return Tranche(place.path.rpartition(".")[2], **{"by": "investor", **read(place, TRANCHE)})


GUARANTEE = (
    Key("by", party, NEEDED, "the guarantor", "state"),
    Key(
        "covers",
        each(reference("tranche", "party", later=("each holding", "holdings")), "tranches"),
        NEEDED,
        "tranches, or a paying party",
        "[loan]",
    ),
    Key("over", MONEY.changing(), "0", "the loss they bear first", "2 m"),
    Key("share", SHARE.changing(), "100 %", "of the loss above that", "50 %"),
    Key("up_to", MONEY.changing(), "no limit", "the most it pays", "7.2 m"),
)


def _guarantee(place: Place) -> Guarantee:
    return Guarantee(place.path.rpartition(".")[2], **read(place, GUARANTEE))


def _recycle(place: Place) -> str:
    word = place.node.text
    if word == "all" or parse_duration(word) is not None:
        raise place.wrong(f"'recycle: {word}' {NOT_YET}; leave it out")
    return choice(("none",), later=("all",))(place)


def _distribute(place: Place) -> tuple[int, ...] | str:
    if place.node.kind == "text" and place.node.text == "at once":
        return "at once"
    return schedule(place)


def _who_gets_surplus(place: Place, key: str) -> str:
    at = Place(place.context, Node("text", *(place.key or (0, 0)), place.node.origin, key), place.path)
    return reference("party", "tranche", extra=("account", "outside"))(at)


def _surplus(place: Place) -> tuple[tuple[str, Value], ...]:
    """Shares without `rest`: it becomes what the others leave."""
    found: tuple[tuple[str, Value | Literal["rest"]], ...] = shares(_who_gets_surplus, "{loan: 67 %, provider: 33 %}")(
        place
    )
    given = [share for _, share in found if isinstance(share, Number)]
    if len(given) + 1 < len(found) or any(name == "account" for name, _ in found):
        raise place.wrong("the shares of the surplus are fixed percents that go to parties or tranches")
    rest = Number(max(1.0 - sum(share.value for share in given), 0.0), "percent")
    return tuple((name, rest if isinstance(share, str) else share) for name, share in found)


FINANCE_KEYS = (
    Key("tranches", named(_tranche), NEEDED, "loans and grants: name: {amount: ...}", "{loan: {amount: 4 m}}"),
    Key("recycle", _recycle, "none", "receipts first pay costs due", "none"),
    Key("distribute", _distribute, "at once", "when receipts go out; one date is a bullet", "2018-07"),
    Key("surplus", _surplus, "loans, by drawn", "after all ranks are paid", "{loan: 67 %, provider: 33 %}"),
    Key(
        "shortfall",
        reference("party", extra=("outside",), later=("stop intake",)),
        "provider",
        "pays costs when nothing is left to draw",
        "payer",
    ),
    Key(
        "guarantees",
        named(_guarantee),
        "none",
        "who bears a loss: name: {by, covers, ...}",
        "{state: {by: state, covers: [loan]}}",
    ),
)


def finance(place: Place) -> Finance:
    """The section `finance`."""
    given: dict[str, Any] = read(place, FINANCE_KEYS)
    if not place.node.entries["tranches"].entries:
        raise place.wrong("name at least one tranche, e.g. tranches: {loan: {amount: 4 m}}", at_key=True)
    given.pop("recycle", None)
    if given.get("distribute") == "at once":
        given.pop("distribute")
    return Finance(**given)


TABLES: dict[str, tuple[Key, ...]] = {
    "costs": COST,
    "benefits": BENEFIT,
    "finance": FINANCE_KEYS,
    "tranches": TRANCHE,
    "guarantees": GUARANTEE,
}
"""By section."""
