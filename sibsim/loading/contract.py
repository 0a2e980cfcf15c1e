"""The contract: payments, their shapes, conditions, caps, and who pays."""

from __future__ import annotations

import re
from typing import Any

from sibsim.loading.conditions import condition
from sibsim.loading.keys import Key, each, named, read
from sibsim.loading.kinds import choice, duration_above, reference, schedule_or_event
from sibsim.loading.payers import PayersOverTime, everybody, payers
from sibsim.loading.place import Context, Place, listed
from sibsim.loading.roundings import of_money, of_payment
from sibsim.loading.rows import PAID, PAID_BACK, band, prices, rows
from sibsim.loading.values import MONEY, RATE, SHARE, Sort, is_value
from sibsim.scenario import Cap, Number, OverTime, Payment, Ref, Row, Value
from sibsim.shapes import SHAPES

__all__ = ["BASES", "CONTRACT", "TABLES"]

MOST_DEPTH = 20
MULTIPLE = Sort("a multiple", "1.5", 0.0, units=("number",)).changing()
IRR = Sort("a yearly rate", "5 %", -0.9, 1.0).changing()
SEVERAL = re.compile(r"\d.*(\band\b|\bor\b|[+;&]).*\d")
"""What looks like two limits in one value."""
TRUE = choice({"true": True, "false": False})


# ------------------------------------------------------------------------------------------------ caps
def _cap_keys(money: Sort, is_of_contract: bool = False) -> tuple[Key, ...]:
    of_parts = (
        Key(
            "per_cohort",
            money,
            "",
            "for each cohort, over all dates; the measure is reported `for_each: cohort`",
            "500 k",
        ),
        Key("per_person", money, "", "for each person, over all dates: people are drawn one by one", "11 700"),
    )
    return (
        Key("total", money, "", "over all dates", "950 000"),
        Key("per_year", money, "", "in each budget year", "2 m"),
        *(() if is_of_contract else of_parts),
        Key(
            "irr",
            IRR,
            "",
            "all loans together (deferred fees that are a loan too) get at most what gives them this yearly rate; what "
            "is in hand or due that day counts",
            "5 %",
        ),
        Key("multiple", MULTIPLE, "", "all loans together get at most this times what was drawn of them", "1.5"),
    )


def _cap(money: Sort, is_of_contract: bool = False) -> Any:
    keys = _cap_keys(money, is_of_contract)

    def parse(place: Place) -> Cap:
        if place.node.kind == "text" and SEVERAL.search(place.node.text):
            raise place.wrong(
                f"a plain value is the total; several limits stand by name, e.g. {{total: 8 m, irr: 13 %}}; "
                f"got {place.node.shown}"
            )
        if is_value(place.node):
            return Cap(total=money(place))
        if is_of_contract and place.node.kind == "mapping":
            for key in ("per_cohort", "per_person"):
                if key in place.node.entries:
                    raise place.child(key).wrong(f"'{key}' is a cap of one payment; write it there", at_key=True)
        return Cap(**read(place, keys))

    return parse


# ------------------------------------------------------------------------------------------------ payments
BASES = ("drawn", "outstanding", "committed")


def _base(place: Place) -> Value | str:
    if place.node.kind == "text" and place.node.text in BASES:
        return place.node.text
    return MONEY.changing()(place)


SHAPE_KEYS = (
    Key("amount", PAID_BACK, "one shape", "a sum, on each date; needs no x", "10.48 m"),
    Key("per_unit", PAID_BACK, "one shape", "x times this; x below 0 counts as 0", "15.12"),
    Key("per_point", PAID_BACK, "one shape", "x in percentage points times this; below 0 counts as 0", "160 000"),
    Key("share", SHARE.changing(), "one shape", "this share of x, which is money; below 0 counts as 0", "50 %"),
    Key(
        "steps",
        rows,
        "one shape",
        "[at least, pays]: what the last row reached pays; else 0, or a first row [otherwise, pays]; "
        "`above V` is reached only above V",
        "[[8.5 %, 4.8 m], [10 %, 9.6 m]]",
    ),
    Key(
        "line",
        rows,
        "one shape",
        "[x, pays]: straight between the rows, flat after the last; before the first [otherwise, pays]",
        "[[0 %, 0], [30 %, 15 m]]",
    ),
    Key(
        "prices",
        prices,
        "one shape",
        "count x price for each step, event or measure that is named; a count below 0 counts as 0",
        "{moves in: 500}",
    ),
)

PAYMENT = (
    Key("measure", reference("measure", "payment"), "", "x: a measure, or what an earlier payment pays", "relapse"),
    *SHAPE_KEYS,
    Key("band", band, "all", "the part of x inside: `min(max(x, from), to) - from`; an end may be none", "[10, none]"),
    Key("of", _base, "", "what a percent of money is of: drawn, outstanding, committed, or money", "drawn"),
    Key(
        "per",
        choice({"year": True}),
        "",
        "percents of what is paid are yearly: x years since this payment's last date (the first time, or with "
        "`cumulative`, since drawn), on the base as it stood meanwhile",
        "year",
        "is_per_year",
    ),
    Key(
        "compound",
        TRUE,
        "false",
        "with `per`: `of x ((1 + rate) ** years since drawn - 1)`, each draw by its own years",
        "true",
        "is_compound",
    ),
    Key("if", condition, "none", "fails: nothing is due, not even the floor", "{school change: above 0}", "if_"),
    Key(
        "rest_of",
        reference("payment"),
        "none",
        "x becomes x times the part of that payment which its own cap left unpaid that day",
        "first 95",
    ),
    Key(
        "cumulative",
        TRUE,
        "false",
        "the result is all that is due to date; what was due before is taken off, so that money may go back",
        "true",
        "is_cumulative",
    ),
    Key(
        "less",
        each(reference("payment"), "payments"),
        "none",
        "what these payments have paid so far is taken off (that day too, if they come before in the file), so that "
        "money may go back; of payments for each cohort: for that cohort",
        "interim",
    ),
    Key(
        "times",
        reference("measure"),
        "none",
        "the result of the shape is multiplied by this measure's latest reading (of the same cohort, where it is for "
        "each); below 0 counts as 0",
        "people",
    ),
    Key("index", RATE.changing(), "0 %", "yearly rise, from `start`", "1 %"),
    Key(
        "split",
        choice(("size", "size among met")),
        "",
        "the money is for all cohorts: each gets its part by the `size` in the file (among met: of those whose `if` "
        "holds)",
        "size",
    ),
    Key("floor", PAID_BACK, "none", "least, on each date", "40 %"),
    Key("round", of_payment, "that of `contract`", "what it is rounded to, before any cap; or `none`", "100"),
    Key("cap", _cap(PAID), "none", "most: a plain value is the total", "950 000"),
    Key(
        "by",
        payers,
        "payer",
        "who pays: a party, shares, or either from a date, or an event, on",
        "{fund: 40 %, city: rest}",
    ),
    Key("to", reference("party", "tranche", extra=("account", "outside")), "account", "who gets it", "loan"),
    Key("at", schedule_or_event, "when reported", "the day of the money: dates, or an event", "2018-10"),
    Key("over", duration_above, "", "`amount` only: spread evenly from `start`", "3 years"),
)


def _payment(place: Place) -> Payment:
    given = read(place, PAYMENT)
    name = place.path.rpartition(".")[2]
    shapes = [shape for shape in SHAPES if shape in given]
    if len(shapes) != 1:
        stands = f"{listed(shapes, 'and')} stand here" if shapes else "none stands here"
        raise place.wrong(f"give exactly one of {listed(SHAPES)}; {stands}", at_key=True)
    shape = shapes[0]
    given["parameter"] = given.pop(shape)
    _check_order(place, name, given)
    _check_when(place, shape, given)
    _check_together(place, shape, given)
    if isinstance(given.get("at"), str):
        given["at_event"] = given.pop("at")
    if isinstance(given.get("by"), PayersOverTime):
        over_time: PayersOverTime = given["by"]
        given |= {"by": everybody(over_time), "by_over_time": over_time.dates, "by_event": over_time.events}
    payment = Payment(name, shape, **given)
    _check_percents(place, payment)
    _check_yearly(place, payment)
    _warn_small(place, payment)
    return payment


def _warn_small(place: Place, payment: Payment) -> None:
    amount = payment.parameter
    if payment.of is None or payment.shape != "amount" or not isinstance(amount, Number):
        return
    if amount.unit == "number" and 0 < amount.value < 1:
        shown = place.node.entries["amount"].shown
        place.context.warn(f"{place.path}.amount", f"{shown} is money; write a percent for a share of `of`")


def _check_order(place: Place, name: str, given: dict[str, Any]) -> None:
    """x may be what an earlier payment pays (or leaves unpaid), never what this or a later one does."""
    for key in ("measure", "rest_of"):
        of: str = given.get(key, "")
        if key not in given or place.context.names.get(of) != "payment":
            continue
        payments = list(place.context.nodes["contract.payments"].entries)
        if of == name:
            raise place.child(key).wrong("a payment cannot depend on itself: name a measure or an earlier payment")
        if payments.index(of) > payments.index(name):
            raise place.child(key).wrong(
                f"payment '{of}' comes later in the file: move it before '{name}' "
                "(payments are made in file order, never in a circle)"
            )
        depth = place.context.depth[name] = max(place.context.depth.get(name, 0), place.context.depth.get(of, 0) + 1)
        if depth > MOST_DEPTH:
            raise place.child(key).wrong(f"more than {MOST_DEPTH} payments build on each other; name a measure")


def _check_when(place: Place, shape: str, given: dict[str, Any]) -> None:
    if SHAPES[shape].needs_x and shape != "prices" and "measure" not in given:
        raise place.wrong(f"missing key 'measure': '{shape}' pays for a measure", at_key=True)
    if shape != "prices" and not {"measure", "at", "over"} & set(given):
        raise place.wrong("missing key 'at': say when, by 'at', 'over' or 'measure'", at_key=True)
    if "over" in given and shape != "amount":
        raise place.child("over").wrong(f"only 'amount' is spread over time, not '{shape}'", at_key=True)
    for other in ("at", "measure"):
        if "over" in given and other in given:
            raise place.child("over").wrong(f"'over' and '{other}' cannot stand together; keep one", at_key=True)
    if "band" in given and "measure" not in given:
        raise place.child("band").wrong("a band is a part of x: it needs a 'measure'", at_key=True)
    if shape == "line":
        _check_line(place.child("line"), given["parameter"])


def _check_line(place: Place, rows: tuple[Row, ...]) -> None:
    first = rows[0]
    pays_nothing = isinstance(first.pays, Number) and first.pays.value == 0.0
    if first.at is not None and not pays_nothing:
        raise place.wrong("say what is paid before the first row: begin with a row [otherwise, ...]")


def _check_together(place: Place, shape: str, given: dict[str, Any]) -> None:
    """Terms that contradict each other, or that would say nothing."""
    cap: Cap = given.get("cap", Cap())
    is_on = {key for key, value in given.items() if value not in (None, False)}
    wrong = {
        "band": (shape == "prices", "'prices' counts each by itself, without a band"),
        "rest_of": (shape == "amount", "takes a part of x, and 'amount' needs no x; pay for a measure"),
        "is_cumulative": (shape == "amount", "'amount' is a sum for each date, not to date; pay for a measure"),
        "is_compound": ("is_per_year" not in is_on, "compounds yearly percents: it needs 'per: year'"),
        "is_per_year": ("of" not in is_on, "a yearly percent needs 'of': what it is a percent of"),
        "split": ("measure" not in is_on, "shares money among cohorts by their results: it needs a 'measure'"),
    }
    names = {"is_cumulative": "cumulative", "is_compound": "compound", "is_per_year": "per"}
    for field, (is_wrong, message) in wrong.items():
        if field in is_on and is_wrong:
            raise place.child(names.get(field, field)).wrong(message, at_key=True)
    if {"rest_of", "is_cumulative"} <= is_on:
        raise place.child("cumulative").wrong("'cumulative' and 'rest_of' cannot stand together; keep one", at_key=True)
    if given.get("split") == "size among met":
        if "if_" not in is_on:
            raise place.child("split").wrong("'size among met' needs an 'if' that cohorts meet")
        _not_beside(place, is_on, ("is_cumulative", "floor", "less"), "'split: size among met'")
    if cap.per_person is not None:
        others = ("rest_of", "is_cumulative", "less", "split", "floor", "band", "of", "at", "times")
        _not_beside(place, is_on, others, "a cap per person")
    if "over" in is_on:
        _not_beside(place, is_on, ("less",), "'over': it would be taken off anew in each period")


def _not_beside(place: Place, is_on: set[str], fields: tuple[str, ...], what: str) -> None:
    for field in fields:
        if field in is_on:
            key = "cumulative" if field == "is_cumulative" else field
            raise place.child(key).wrong(f"'{key}' cannot stand beside {what}", at_key=True)


def _check_percents(place: Place, payment: Payment) -> None:
    """A percent of money needs `of`, in every key of the payment."""
    if payment.of is not None:
        return
    rows = payment.parameter if isinstance(payment.parameter, tuple) else ()
    money: dict[str, Value | None] = {**_figures(payment), "floor": payment.floor}
    money |= {f"cap.{key}": getattr(payment.cap, key) for key in ("total", "per_year", "per_cohort", "per_person")}
    if place.context.names.get(payment.measure or "") == "payment":
        money |= {f"{payment.shape}.{i}.1": row.at for i, row in enumerate(rows, 1)}
        money |= {f"band.{i}": end for i, end in enumerate(payment.band or (), 1)}
    for key, value in money.items():
        if value is not None and _is_percent(place.context, value):
            place.context.problem(
                f"{place.path}.{key}", "a percent of money needs 'of' (drawn, outstanding, committed or money)"
            )


def _figures(payment: Payment) -> dict[str, Value]:
    """What the shape pays, by the place of each figure; a share of x is none of them."""
    if SHAPES[payment.shape].parameter == "share":
        return {}
    if not isinstance(payment.parameter, tuple):
        return {payment.shape: payment.parameter}
    return {f"{payment.shape}.{row.of or f'{i}.2'}": row.pays for i, row in enumerate(payment.parameter, 1)}


def _check_yearly(place: Place, payment: Payment) -> None:
    """With `per: year` some percent must be there to be yearly; compounded, all that the shape pays is percents."""
    if not payment.is_per_year:
        return
    figures = _figures(payment)
    is_percent = {key: _is_percent(place.context, value) for key, value in figures.items()}
    floor = payment.floor is not None and _is_percent(place.context, payment.floor)
    if not any(is_percent.values()) and not floor:
        raise place.child("per").wrong("no percent of `of` stands in this payment that could be yearly", at_key=True)
    if not payment.is_compound:
        return
    for key, value in figures.items():
        is_nothing = isinstance(value, Number) and value.value == 0.0
        if not is_nothing and not _is_only_percent(place.context, value):
            place.context.problem(f"{place.path}.{key}", "only a rate can compound: write a percent")
    if not figures:
        raise place.child("compound").wrong(f"only a rate can compound, and '{payment.shape}' is none", at_key=True)


def _is_only_percent(context: Context, value: Value) -> bool:
    if isinstance(value, OverTime):
        return all(_is_only_percent(context, entry) for entry in value.every)
    return _is_percent(context, value)


def _is_percent(context: Context, value: Value) -> bool:
    if isinstance(value, OverTime):
        return any(_is_percent(context, entry) for entry in value.every)
    return (context.inputs[value.name] if isinstance(value, Ref) else value).unit == "percent"


CONTRACT = (
    Key(
        "payments",
        named(_payment),
        "none",
        "what a payer owes: name: {...}",
        "{success: {measure: relapse, per_unit: 5 k}}",
    ),
    Key(
        "cap", _cap(MONEY.changing(), is_of_contract=True), "none", "over all payments; a plain value: in total", "18 m"
    ),
    Key("round", of_money, "none", "what each payment is rounded to that does not say so itself", "1"),
)

TABLES: dict[str, tuple[Key, ...]] = {
    "contract": CONTRACT,
    "payments": PAYMENT,
    "cap": _cap_keys(PAID),
}
"""By section."""
