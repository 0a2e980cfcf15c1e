"""The contract: payments, their shapes, conditions, caps, and who pays."""

from __future__ import annotations

import math
from typing import Any, Literal

from sibsim.loading.conditions import MEASURED, condition, split_word
from sibsim.loading.keys import NOT_YET, Key, later, named, read
from sibsim.loading.kinds import duration_above, party, reference, schedule_or_event
from sibsim.loading.place import Context, Node, Place, Skip, attempt, listed
from sibsim.loading.scalars import looks_like_date
from sibsim.loading.values import MONEY, MONEY_OR_PERCENT, RATE, SHARE, Sort, is_value, support
from sibsim.scenario import Cap, Number, OverTime, Payment, Ref, Row, Value
from sibsim.shapes import SHAPES

__all__ = ["CONTRACT", "TABLES", "check_shares", "shares"]

MOST_DEPTH = 20
PAID = MONEY_OR_PERCENT.changing()
MULTIPLE = Sort("a multiple", "1.5", 0.0, units=("number",)).changing()


# ------------------------------------------------------------------------------------------------ rows and bands
def _rows(place: Place) -> tuple[Row, ...]:
    """Rows of ``steps`` and ``line``: ``[x, pays]``, ``[above x, pays]``, first perhaps ``[otherwise, pays]``."""
    if place.node.kind != "list" or not place.node.items:
        raise place.wrong("expected rows, e.g. [[10 %, 4 m], [20 %, 6 m]]")
    rows = [attempt(_row, part) for part in place.parts()]
    found = [row for row in rows if row is not None]
    if len(found) < len(rows):
        raise Skip
    for number, (row, part) in enumerate(zip(found, place.parts(), strict=True)):
        if row.at is None and number:
            raise part.wrong("the row 'otherwise' must be the first")
    corners = [(row.at.value, row.strict) for row in found if isinstance(row.at, Number)]
    if corners != sorted(set(corners)):
        raise place.wrong("the rows must rise: each begins at more than the one before")
    if found[-1].at is None:
        raise place.wrong("after the row 'otherwise' at least one more row must stand")
    return tuple(found)


def _row(place: Place) -> Row:
    if place.node.kind != "list" or len(place.node.items) != 2:
        raise place.wrong(f"expected two things in a row, e.g. [10 %, 4 m]; got {place.node.shown}")
    at, pays = place.parts()
    if pays.node.kind == "text" and pays.node.text.lstrip().startswith("-"):
        raise pays.wrong(f"money back to the payer, {pays.node.text}, {NOT_YET}; write 0 or more")
    if at.node.kind == "text" and at.node.text == "otherwise":
        return Row(None, PAID(pays))
    word, inner = split_word(at, ("above",))
    x, money = attempt(MEASURED, inner), attempt(PAID, pays)
    if x is None or money is None:
        raise Skip
    return Row(x, money, strict=word == "above")


def _band(place: Place) -> tuple[Value | None, Value | None]:
    if place.node.kind != "list" or len(place.node.items) != 2:
        raise place.wrong("expected [from, to], e.g. [100 %, 120 %]; an end may be none")
    ends = [None if part.node.is_none else MEASURED(part) for part in place.parts()]
    low, high = ends
    if isinstance(low, Number) and isinstance(high, Number) and low.value >= high.value:
        raise place.wrong("the band ends where it begins or before; write [from, to] with from below to")
    return low, high


# ------------------------------------------------------------------------------------------------ caps and shares
def _cap_keys(money: Sort) -> tuple[Key, ...]:
    return (
        Key("total", money, "", "of all payments together", "950 000"),
        Key("per_year", money, "", "in each budget year", "2 m"),
        Key("multiple", MULTIPLE, "", "loans get at most this times what was drawn", "1.5"),
        *later("per_cohort", "per_person", "irr"),
    )


def _cap(money: Sort) -> Any:
    def parse(place: Place) -> Cap:
        if is_value(place.node):
            return Cap(total=money(place))
        return Cap(**read(place, _cap_keys(money)))

    return parse


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
    columns = sorted({0, *(c for share in given if isinstance(share, OverTime) for c, _ in share.entries)})
    for column in columns:
        now = [share.at(column) if isinstance(share, OverTime) else share for share in given]
        ends = [support(place.context.inputs, share) for share in now]
        least, most = sum(low for low, *_ in ends), sum(high for _, high, *_ in ends)
        if rests and most > 1.0 + 1e-9 and all(math.isfinite(high) for _, high, *_ in ends):
            raise place.wrong(f"the shares add up to as much as {most * 100:.6g} %, more than 100 %")
        if not rests and not (abs(least - 1.0) < 1e-9 and abs(most - 1.0) < 1e-9):
            total = f"{least * 100:.6g} %" if least == most else "a sum that varies"
            raise place.wrong(f"the shares add up to {total}, not 100 %; one of them may be 'rest'")


def _party_key(place: Place, key: str) -> str:
    at = Place(place.context, Node("text", *(place.key or (0, 0)), place.node.origin, key), place.path)
    return party(at)


def _by(place: Place) -> tuple[tuple[str, Value | Literal["rest"]], ...]:
    if place.node.kind == "text":
        return ((party(place), "rest"),)
    if any(looks_like_date(key) for key in place.node.entries):
        raise place.wrong(
            f"one payer after another {NOT_YET}; let each party's share change, e.g. {{fund: {{2026: 30 %}}}}"
        )
    found: tuple[tuple[str, Value | Literal["rest"]], ...] = shares(_party_key, "{fund: 40 %, city: rest}")(place)
    return found


# ------------------------------------------------------------------------------------------------ payments
BASES = ("drawn", "outstanding", "committed")


def _base(place: Place) -> Value | str:
    if place.node.kind == "text" and place.node.text in BASES:
        return place.node.text
    return MONEY.changing()(place)


def _shape_keys() -> tuple[Key, ...]:
    examples = {"steps": "[[8.5 %, 4.8 m], [10 %, 9.6 m]]", "line": "[[0 %, 0], [30 %, 15 m]]"}
    return tuple(
        Key(
            name, _rows if shape.parameter == "rows" else PAID, "one shape", "what it pays", examples.get(name, "4.8 m")
        )
        for name, shape in SHAPES.items()
    )


PAYMENT = (
    Key("measure", reference("measure", "payment"), "", "x: a measure, or an earlier payment", "relapse"),
    *_shape_keys(),
    Key("band", _band, "all", "the part of x inside", "[100 %, 120 %]"),
    Key("of", _base, "", "what a percent of money is a percent of", "drawn"),
    Key("if", condition, "none", "fails: nothing is due", "{school change: above 0}", "if_"),
    Key("index", RATE.changing(), "0 %", "yearly rise, from `start`", "1 %"),
    Key("floor", PAID, "none", "least, on each date", "40 %"),
    Key("cap", _cap(PAID), "none", "most: a plain value is the total", "950 000"),
    Key("by", _by, "payer", "who pays", "{fund: 40 %, city: rest}"),
    Key("to", reference("party", "tranche", extra=("account", "outside")), "account", "who gets it", "loan"),
    Key("at", schedule_or_event, "when reported", "the day of the money, or of an event", "2018-10"),
    Key("over", duration_above, "", "`amount` only: spread evenly from `start`", "3 years"),
    *later("share", "prices", "per", "compound", "rest_of", "cumulative", "split"),
)


def _payment(place: Place) -> Payment:
    given = read(place, PAYMENT)
    name, entries = place.path.rpartition(".")[2], place.node.entries
    shapes = [shape for shape in SHAPES if shape in given]
    if len(shapes) != 1:
        stands = f"{listed(shapes, 'and')} stand here" if shapes else "none stands here"
        raise place.wrong(f"give exactly one of {listed(SHAPES)}; {stands}", at_key=True)
    shape = shapes[0]
    given["parameter"] = given.pop(shape)
    _check_order(place, name, given)
    _check_when(place, shape, given)
    if shape == "line":
        _check_line(place.child("line"), given["parameter"])
    if isinstance(given.get("at"), str):
        given["at_event"] = given.pop("at")
    payment = Payment(name, shape, **given)
    _check_percents(place, payment)
    if payment.of is not None and shape == "amount" and isinstance(payment.parameter, Number):
        amount = payment.parameter
        if amount.unit == "number" and 0 < amount.value < 1:
            place.context.warn(
                f"{place.path}.amount", f"{entries['amount'].shown} is money; write a percent for a share of `of`"
            )
    return payment


def _check_order(place: Place, name: str, given: dict[str, Any]) -> None:
    """x may be what an earlier payment pays, never what this or a later one does."""
    of: str = given.get("measure", "")
    if "measure" not in given or place.context.names.get(of) != "payment":
        return
    payments = list(place.context.nodes["contract.payments"].entries)
    if of == name:
        raise place.child("measure").wrong("a payment cannot depend on itself: name a measure or an earlier payment")
    if payments.index(of) > payments.index(name):
        raise place.child("measure").wrong(
            f"payment '{of}' comes later in the file: move it before '{name}' "
            "(payments are made in file order, never in a circle)"
        )
    depth = place.context.depth[name] = place.context.depth.get(of, 0) + 1
    if depth > MOST_DEPTH:
        raise place.child("measure").wrong(f"more than {MOST_DEPTH} payments build on each other; name a measure")


def _check_when(place: Place, shape: str, given: dict[str, Any]) -> None:
    if SHAPES[shape].needs_x and "measure" not in given:
        raise place.wrong(f"missing key 'measure': '{shape}' pays for a measure", at_key=True)
    if not {"measure", "at", "over"} & set(given):
        raise place.wrong("missing key 'at': say when, by 'at', 'over' or 'measure'", at_key=True)
    if "over" in given and shape != "amount":
        raise place.child("over").wrong(f"only 'amount' is spread over time, not '{shape}'", at_key=True)
    for other in ("at", "measure"):
        if "over" in given and other in given:
            raise place.child("over").wrong(f"'over' and '{other}' cannot stand together; keep one", at_key=True)
    if "band" in given and "measure" not in given:
        raise place.child("band").wrong("a band is a part of x: it needs a 'measure'", at_key=True)


def _check_line(place: Place, rows: tuple[Row, ...]) -> None:
    first = rows[0]
    pays_nothing = isinstance(first.pays, Number) and first.pays.value == 0.0
    if first.at is not None and not pays_nothing:
        raise place.wrong("say what is paid before the first row: begin with a row [otherwise, ...]")


def _check_percents(place: Place, payment: Payment) -> None:
    """A percent of money needs `of`, in every key of the payment."""
    if payment.of is not None:
        return
    rows = payment.parameter if isinstance(payment.parameter, tuple) else ()
    money: dict[str, Value | None] = {f"{payment.shape}.{i}.2": row.pays for i, row in enumerate(rows, 1)}
    if not isinstance(payment.parameter, tuple):
        money[payment.shape] = payment.parameter
    money |= {"floor": payment.floor, "cap.total": payment.cap.total, "cap.per_year": payment.cap.per_year}
    if place.context.names.get(payment.measure or "") == "payment":
        money |= {f"{payment.shape}.{i}.1": row.at for i, row in enumerate(rows, 1)}
        money |= {f"band.{i}": end for i, end in enumerate(payment.band or (), 1)}
    for key, value in money.items():
        if value is not None and _is_percent(place.context, value):
            place.context.problem(
                f"{place.path}.{key}", "a percent of money needs 'of' (drawn, outstanding, committed or money)"
            )


def _is_percent(context: Context, value: Value) -> bool:
    if isinstance(value, OverTime):
        return any(_is_percent(context, entry) for _, entry in value.entries)
    return (context.inputs[value.name] if isinstance(value, Ref) else value).unit == "percent"


CONTRACT = (
    Key(
        "payments",
        named(_payment),
        "none",
        "what a payer owes: name: {...}",
        "{success: {measure: relapse, per_unit: 5 k}}",
    ),
    Key("cap", _cap(MONEY.changing()), "none", "over all payments", "18 m"),
)

TABLES: dict[str, tuple[Key, ...]] = {"contract": CONTRACT, "payments": PAYMENT, "cap": _cap_keys(PAID)}
"""By section."""
