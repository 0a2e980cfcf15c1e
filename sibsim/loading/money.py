"""Costs and benefits: what the service costs, and what the truth is worth."""

from __future__ import annotations

from sibsim.loading.keys import NEEDED, Key, named, read
from sibsim.loading.kinds import (
    choice,
    column,
    duration,
    duration_above,
    party,
    reference,
    schedule_or_event,
)
from sibsim.loading.place import Place
from sibsim.loading.values import MONEY, RATE, SHARE, Sort
from sibsim.scenario import (
    ACCOUNT,
    Benefit,
    Cost,
)

__all__ = ["BENEFITS", "COSTS", "TABLES"]

PERS = ("starter", "completer", "offered", "person_month")

# ------------------------------------------------------------------------------------------------ costs
COST = (
    Key("amount", MONEY.changing(), NEEDED, "the money: for the whole contract, or for each of `per`", "32 432"),
    Key(
        "per",
        choice(PERS),
        "whole contract",
        "for each starter (when they start), completer (when they complete), person offered the programme, or month "
        "that a person is in it",
        "starter",
    ),
    Key(
        "over",
        duration_above,
        "at once",
        "spread evenly over this time: for the whole contract from `from`; per person from their own start, ending "
        "when they drop out",
        "5 years",
    ),
    Key(
        "at",
        schedule_or_event,
        "`start`",
        "for the whole contract: the amount falls due on each of these dates, or on the day an event happens",
        "[24 months, 60 months]",
    ),
    Key("from", column, "`start`", "with `over`, for the whole contract: the first date", "2021-01", "from_"),
    Key("by", party, "account", "who pays; `account` pays from drawn capital (section finance)", "payer"),
    Key("to", party, "provider", "who gets the money; `outside` is everybody else", "outside"),
    Key("index", RATE.changing(), "0 %", "yearly rise of the amount, counted from `start` of the file", "2 %"),
    Key(
        "paid_from",
        reference("tranche"),
        "none",
        "a tranche that is drawn for this cost first, before any other money is used, and for no other cost; what it "
        "does not cover is paid like other costs",
        "deferred fees",
    ),
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
    if given.get("paid_from") is not None and given.get("by", ACCOUNT) != ACCOUNT:
        raise place.child("paid_from").wrong("a tranche pays what the account pays: leave 'by' out", at_key=True)
    if isinstance(given.get("at"), str):
        given["at_event"] = given.pop("at")
    return Cost(place.path.rpartition(".")[2], **given)


COSTS = named(_cost)

# ------------------------------------------------------------------------------------------------ benefits
WORTH = Sort("money", "13 000", units=("number", "money"))
"""Below zero, too: who is at work has wages in place of sick pay."""

BENEFIT = (
    Key("of", reference("outcome"), NEEDED, "the outcome whose true improvement counts", "relapse"),
    Key("kind", choice(("cashable", "capacity", "societal")), NEEDED, "cashable, capacity or societal", "cashable"),
    Key("to", party, "payer", "whose budget", "state"),
    Key(
        "worth",
        WORTH.changing(),
        "1 for money",
        "money per event, day, point, or one more or less of a count; below 0: what the improvement costs that budget",
        "13 000",
    ),
    Key(
        "per",
        choice(("unit", "year")),
        "unit",
        "unit: what is avoided or gained in the period, once (an event with `from`: all that still stands at that age, "
        "booked when the person reaches it); year: each year an event stays avoided or gained (needs `lasts`)",
        "year",
    ),
    Key("share", SHARE.changing(), "100 %", "of it", "30 %"),
    Key("index", RATE.changing(), "0 %", "yearly rise, from `start`", "2 %"),
    Key("from", duration, "0", "since the person's start: nothing is booked of what comes before", "20 years", "from_"),
    Key("until", duration_above, "`horizon`", "since the person's start: nothing is booked after", "25 years"),
)


def _benefit(place: Place) -> Benefit:
    return Benefit(place.path.rpartition(".")[2], **read(place, BENEFIT))


BENEFITS = named(_benefit)

TABLES: dict[str, tuple[Key, ...]] = {
    "costs": COST,
    "benefits": BENEFIT,
}
"""By section."""
