"""Finance: who puts the money up first, and how it goes back."""

from __future__ import annotations

from typing import Any, Literal

from sibsim.loading.conditions import condition
from sibsim.loading.dates import column_of_text
from sibsim.loading.keys import NEEDED, Key, each, named, read
from sibsim.loading.kinds import choice, column, duration_above, party, rank, reference, schedule_or_event
from sibsim.loading.payers import shares
from sibsim.loading.place import Node, Place, Skip, attempt, is_portfolio
from sibsim.loading.scalars import parse_duration
from sibsim.loading.values import MONEY, RATE, SHARE, Sort, unwrap
from sibsim.scenario import (
    EACH_HOLDING,
    HOLDINGS,
    OUTSIDE,
    STOP_INTAKE,
    Cap,
    Finance,
    Guarantee,
    Number,
    OverTime,
    Shares,
    Tranche,
    Value,
    amended_by,
)

__all__ = ["TABLES", "finance"]

INTEREST = Sort(
    "a yearly rate",
    "5 %",
    0.0,
    1.0,
    why_low="interest is what the lender gets; one that gets back less than was lent has a cap, e.g. {multiple: 0.99}",
)


WHEN_DRAWN = choice(("as needed", "upfront"))


def _drawn(place: Place) -> str | tuple[tuple[int, Value], ...]:
    """A word, or so much on each date."""
    if place.node.kind != "mapping" or "value" in place.node.entries:
        return WHEN_DRAWN(place)
    if not place.node.entries:
        raise place.wrong("name at least one date, e.g. {2026-01: 1 m, 2027-01: 6 m}")
    found: dict[int, Value] = {}
    is_good = True
    for key, child in place.children():
        day = attempt(lambda at, key=key: column_of_text(at, key), child)  # type: ignore[misc]
        if day is not None and day < 0:
            child.note(f"{key} is before `start` ({place.context.start:%Y-%m})", at_key=True)
            is_good = False
        amount = attempt(MONEY, child)
        if day is not None and day in found:
            child.note("two dates fall in one column; keep one, or shorten `step`", at_key=True)
        is_good = is_good and None not in (day, amount) and day not in found
        if day is not None and amount is not None:
            found[day] = amount
    if not is_good:
        raise Skip
    return tuple(sorted(found.items()))


TRANCHE_CAP = (
    Key("irr", INTEREST.changing(), "none", "the highest yearly return that the lender of this tranche gets", "9 %"),
    Key(
        "multiple",
        Sort("a multiple", "1.5", 0.0, units=("number",)).changing(),
        "none",
        "the lender of this tranche gets at most this times what it has lent",
        "1.5",
    ),
)


def _tranche_cap(place: Place) -> Cap:
    if place.node.kind != "mapping" or not place.node.entries:
        raise place.wrong("expected the cap of this tranche's own return, e.g. {irr: 9 %} or {multiple: 1.5}")
    return Cap(**read(place, TRANCHE_CAP))


TRANCHE = (
    Key("by", party, "investor", "who lends, or gives the grant", "Skandia"),
    Key("amount", MONEY.changing(), NEEDED, "the most that can be drawn in all, as it stands on the day", "9.6 m"),
    Key(
        "drawn",
        _drawn,
        "as needed",
        "`as needed`: as costs fall due; `upfront`: all at `start`; or so much on each date, for that date only",
        "{2013-08: 1 m, 2014-08: 6 m}",
    ),
    Key("kind", choice(("loan", "grant")), "loan", "a loan has a claim on receipts; a grant is never repaid", "grant"),
    Key("rank", rank, "1", "1 is paid first, then 2; equal ranks together, by what they are owed", "2"),
    Key(
        "rate",
        INTEREST.changing(),
        "0 %",
        "yearly interest on what is outstanding; unpaid interest is added and bears interest",
        "5 %",
    ),
    Key("hurdle", RATE.changing(), "0 %", "yearly rate at which the report discounts its money (npv)", "5 %"),
    Key("after", reference("event"), "none", "the tranche opens only when this event has happened", "further payers"),
    Key(
        "if",
        condition,
        "none",
        "it is drawn only on days on which this holds, by reports and payments made before the draw; a draw on a "
        "date on which it fails does not happen at all",
        "{enrolled: at least 100}",
        "if_",
    ),
    Key(
        "matures",
        column,
        "at once",
        "its principal is repaid from this date on: before it the account pays its interest, also from drawn money, "
        "and keeps its principal",
        "2025-07",
    ),
    Key(
        "cap",
        _tranche_cap,
        "none",
        "the most this tranche may earn; what passes it goes to the others that share in it, then back to the payers",
        "{irr: 9 %}",
    ),
)


def _tranche(place: Place) -> Tranche:
    return Tranche(place.path.rpartition(".")[2], **{"by": "investor", **read(place, TRANCHE)})


OF_HOLDINGS = (EACH_HOLDING, HOLDINGS)
_in_a_contract = reference("tranche", "party")
_in_a_portfolio = reference("tranche", "party", extra=OF_HOLDINGS)


def _covered(place: Place) -> str:
    """A tranche, a party or, in a portfolio, what is lost of contracts."""
    if is_portfolio(place.context.root):
        return _in_a_portfolio(place)
    name = place.node.text.strip() if place.node.kind == "text" else ""
    if name in OF_HOLDINGS:
        raise place.wrong(f"'{name}' is for portfolios, which hold several contracts; name tranches, or a paying party")
    return _in_a_contract(place)


GUARANTEE = (
    Key("by", party, NEEDED, "the guarantor", "state"),
    Key(
        "covers",
        each(_covered, "tranches"),
        NEEDED,
        "tranches, or a paying party; in a portfolio also `each holding`, the loss of every contract by itself, or "
        "`holdings`, the loss of all together",
        "[loan]",
    ),
    Key("over", MONEY.changing(), "0", "the loss that those it covers bear first", "2 m"),
    Key("share", SHARE.changing(), "100 %", "the share of the loss above `over` that it pays", "50 %"),
    Key("up_to", MONEY.changing(), "no limit", "the most it pays, as it stands on the day it pays", "7.2 m"),
)


def _guarantee(place: Place) -> Guarantee:
    given = read(place, GUARANTEE)
    if len(given["covers"]) > 1 and set(given["covers"]) & set(OF_HOLDINGS):
        raise place.child("covers").wrong(
            "covers the losses of contracts or those of lenders, not both; write another guarantee for the others"
        )
    return Guarantee(place.path.rpartition(".")[2], **given)


def _recycle(place: Place) -> str | float:
    """How long ahead receipts are kept for planned costs: `all`, or months."""
    node = unwrap(place).node
    if node.kind == "text" and node.text == "all":
        return "all"
    if node.kind != "text" or parse_duration(node.text.strip()) is None:
        raise place.wrong(
            f"must be none, all, or how long ahead costs are planned for, e.g. 12 months; got {node.shown}"
        )
    return duration_above(place)


def _distribute(place: Place) -> tuple[int, ...] | str:
    if place.node.kind == "text" and place.node.text == "at once":
        return "at once"
    return schedule_or_event(place)


def _shortfall(place: Place) -> str:
    if place.node.kind == "text" and place.node.text == STOP_INTAKE:
        return STOP_INTAKE
    return reference("party", extra=(OUTSIDE, STOP_INTAKE))(place)


def _who_gets_surplus(place: Place, key: str) -> str:
    at = Place(place.context, Node("text", *(place.key or (0, 0)), place.node.origin, key), place.path)
    return reference("party", "tranche", extra=("account", "outside"))(at)


def _surplus(place: Place) -> Shares:
    """Shares; `rest` becomes what the others leave, unless an event may amend them."""
    found: tuple[tuple[str, Value | Literal["rest"]], ...] = shares(_who_gets_surplus, "{loan: 67 %, provider: 33 %}")(
        place
    )
    given = [share for _, share in found if not isinstance(share, str)]
    if any(not _is_fixed(share) for share in given) or any(name == "account" for name, _ in found):
        raise place.wrong("the shares of the surplus are fixed percents that go to parties or tranches")
    if amended_by(given):
        return found
    rest = _rest(given)
    return tuple((name, rest if isinstance(share, str) else share) for name, share in found)


def _is_fixed(value: Value) -> bool:
    entries = value.every if isinstance(value, OverTime) else (value,)
    return all(isinstance(entry, Number) for entry in entries)


def _rest(given: list[Value]) -> Value:
    """What fixed shares leave, which changes when they do."""
    columns = sorted({0, *(c for share in given if isinstance(share, OverTime) for c, _ in share.entries)})

    def left(column: int) -> Number:
        now = [share.at(column) if isinstance(share, OverTime) else share for share in given]
        return Number(max(1.0 - sum(share.value for share in now if isinstance(share, Number)), 0.0), "percent")

    return left(0) if len(columns) == 1 else OverTime(tuple((c, left(c)) for c in columns))


FINANCE_KEYS = (
    Key("tranches", named(_tranche), NEEDED, "loans and grants: name: {amount: ...}", "{loan: {amount: 4 m}}"),
    Key(
        "recycle",
        _recycle,
        "none",
        "receipts first pay costs due, and are kept for costs planned so long ahead (`all`: for all that are planned); "
        "the rest is distributed. `none`: receipts never pay costs",
        "12 months",
    ),
    Key(
        "distribute",
        _distribute,
        "at once",
        "when receipts go out: `at once`, on dates (one date is a bullet), or on the day an event happens; all that is "
        "left goes out on the last date",
        "2018-07",
    ),
    Key(
        "surplus",
        _surplus,
        "loans, by drawn",
        "shares of what is left after all ranks are paid, for tranches or parties; by default loans that live from the "
        "account share it, and where there are none (no payment names them in `to`) it is the provider's",
        "{loan: 67 %, provider: 33 %}",
    ),
    Key(
        "surplus_from",
        column,
        "at once",
        "no surplus is paid before this date; it is kept on the account",
        "2022-04",
    ),
    Key(
        "shortfall",
        _shortfall,
        "provider",
        "who pays costs when nothing is left to draw; `stop intake`: people whose costs cannot be paid do not start, "
        "nor does anybody after them",
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
    if given.get("distribute") == "at once":
        given.pop("distribute")
    elif isinstance(given.get("distribute"), str):
        given["distribute_event"] = given.pop("distribute")
    return Finance(**given)


TABLES: dict[str, tuple[Key, ...]] = {
    "finance": FINANCE_KEYS,
    "tranches": TRANCHE,
    "tranche cap": TRANCHE_CAP,
    "guarantees": GUARANTEE,
}
"""By section."""
