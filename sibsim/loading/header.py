"""The first lines of a file, its parties, sources, inputs and correlations."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sibsim.loading.dates import column_of_text
from sibsim.loading.keys import NEEDED, Key, each, named, read
from sibsim.loading.kinds import choice, column, date_of, text, year
from sibsim.loading.place import Place, Skip, attempt, did_you_mean
from sibsim.loading.scalars import parse_duration
from sibsim.loading.values import MONEY, RATE, READERS, Sort, declared_input, unwrap
from sibsim.scenario import Correlation, Input, Number, Party, Value
from sibsim.timeline import MONTHS, STEPS

__all__ = ["HEADER", "TABLES"]


def _version(place: Place) -> int:
    if place.node.text != "1":
        raise place.wrong(f"this is version 1 of the language; write 'sibsim: 1', got {place.node.shown}")
    return 1


def _currency(place: Place) -> str:
    code = text(unwrap(place))
    if not re.fullmatch("[A-Z]{3}", code):
        meant = f"; write {code.upper()}" if re.fullmatch("[A-Za-z]{3}", code) else ""
        raise place.wrong(f"must be a code of three capitals, e.g. SEK; got {place.node.shown}{meant}")
    place.context.currency = code
    return code


def _start(place: Place) -> date:
    place.context.start = date_of(place)
    return place.context.start


def _step(place: Place) -> int:
    place.context.step_months = choice(STEPS)(place)
    return place.context.step_months


def _horizon(place: Place) -> int:
    """A column above 0."""
    inner = unwrap(place)
    if inner.node.kind == "text" and parse_duration(inner.node.text) is not None:
        found = column_of_text(inner)
    else:
        found = column(inner)
    if found < 1:
        raise inner.wrong(f"must be after `start`, got {inner.node.shown}")
    return found


# ------------------------------------------------------------------------------------------------ parties, sources
PARTY = (
    Key("name", text, "its id", "as shown in the report", "Aino Health"),
    Key("cash", MONEY, "", "opening cash, at `start`, for the chance of running out", "3 m"),
    Key("discount_rate", RATE.changing(), "that of the file", "for its own present values", "2.5 %"),
    Key(
        "pays_at_most",
        MONEY.changing(),
        "no limit",
        "all this party will ever pay under `contract`; what passes it falls on who pays the `rest`, or is not paid",
        "5.2 m",
    ),
)


def _party(place: Place) -> Party:
    id = place.path.rpartition(".")[2]
    if place.node.kind == "text":
        return Party(id, text(place))
    return Party(id, **{"name": id, **read(place, PARTY)})


def _parties(place: Place) -> tuple[Party, ...]:
    found = named(_party)(place)
    if not place.node.entries:
        raise place.wrong("name at least one party, e.g. payer: Kobe City")
    return found


SOURCE = (
    Key("title", text, "", "", '"Evaluation of the programme"'),
    Key("publisher", text, "", "", "RISE"),
    Key("year", text, "", "", "2021"),
    Key("url", text, "", "", '"https://..."'),
)


def _sources(place: Place) -> dict[str, dict[str, str]]:
    if place.node.kind != "mapping":
        raise place.wrong(f"expected 'id: {{title: ..., publisher: ..., year: ...}}'; got {place.node.shown}")
    for id, child in place.children():
        place.context.sources[id] = {}
        place.context.sources[id] = attempt(lambda at: read(at, SOURCE), child) or {}
    return place.context.sources


# ------------------------------------------------------------------------------------------------ inputs
_declared = named(declared_input)


def _inputs(place: Place) -> tuple[Input, ...]:
    """The inputs, in whichever order they name each other."""
    if place.node.kind == "mapping":
        place.context.pending = dict(place.children())
    return _declared(place)


EXCHANGE = Sort("an exchange rate", "1.038", 0.0, units=("number",), is_low_open=True).changing()


def _exchange_rates(place: Place) -> dict[str, Value]:
    """What one unit of each other currency is worth."""
    if place.node.kind != "mapping":
        raise place.wrong(f"expected rates, e.g. {{CHF: 1.038}}; got {place.node.shown}")
    found: dict[str, Value] = {}
    for code, child in place.children():
        if not re.fullmatch("[A-Z]{3}", code):
            child.note(f"must be a code of three capitals, e.g. CHF{did_you_mean(code, ())}", at_key=True)
        elif code == place.context.currency:
            child.note("is the file's own currency, whose rate is 1; leave it out", at_key=True)
        elif child.node.is_null:
            child.note(f"has no value; write e.g. '{code}: 1.038'")
        elif (rate := attempt(EXCHANGE, child)) is not None:
            found[code] = rate
    if len(found) < len(dict(place.children())):
        raise Skip
    return found


def _copula(place: Place) -> float | None:
    """Degrees of freedom of a t copula; 0 for the normal one."""
    inner = unwrap(place)
    if inner.node.kind == "text" and inner.node.text == "normal":
        return 0.0
    if inner.node.kind != "mapping":
        raise inner.wrong(f"must be normal or {{t: degrees of freedom}}, e.g. {{t: 4}}; got {inner.node.shown}")
    given: dict[str, float] = read(inner, COPULA)
    return given["t"]


def _degrees(place: Place) -> float:
    value = Sort("degrees of freedom", "4", 1.0, 100.0, ("number",))(place)
    if not isinstance(value, Number):
        raise place.wrong("must be a number from 1 to 100")
    return value.value


COPULA = (
    Key("t", _degrees, NEEDED, "degrees of freedom, 1 to 100; the fewer, the oftener bad tails come together", "4"),
)


RANK = Sort("a rank correlation", "0.3", -1.0, 1.0, ("number",))


def _rank(place: Place) -> float:
    value = RANK(place)
    if not isinstance(value, Number):
        raise place.wrong("must be a number from -1 to 1")
    return value.value


def _uncertain(place: Place) -> str:
    """An input by its name, or a distribution written in place by its path."""
    return text(place)


CORRELATION = (
    Key("between", each(_uncertain, "two inputs"), NEEDED, "the two inputs", "[cost, effect]"),
    Key("rank", _rank, NEEDED, "Spearman's rank correlation", "0.3"),
    Key("source", READERS["source"]),
    Key("status", READERS["status"]),
)


def _correlations(place: Place) -> tuple[Correlation, ...]:
    """The list of rank correlations."""

    def one(part: Place) -> Correlation:
        given: dict[str, Any] = read(part, CORRELATION)
        between = given["between"]
        if len(between) != 2 or between[0] == between[1]:
            raise part.child("between").wrong("name two different inputs, e.g. [cost, effect]")
        return Correlation((between[0], between[1]), given["rank"])

    if place.node.kind != "list":
        raise place.wrong("expected a list, e.g. - {between: [cost, effect], rank: 0.3}")
    found = [attempt(one, part) for part in place.parts()]
    if None in found:
        raise Skip
    return tuple(c for c in found if c is not None)


HEADER = (
    Key("sibsim", _version, NEEDED, "version of the language", "1"),
    Key("title", text, NEEDED, "what the contract is called", '"Fewer relapses"'),
    Key(
        "field",
        text,
        "none",
        "the field of policy: a label, by which a portfolio adds up what is lent on its contracts",
        "health",
    ),
    Key(
        "sources",
        _sources,
        "none",
        "where figures come from: id: {title, publisher, year, url}",
        "{A: {title: Evaluation}}",
    ),
    Key("currency", _currency, NEEDED, "of all money without a code", "SEK"),
    Key("start", _start, NEEDED, "the first date", "2020-06"),
    Key("step", _step, "quarter", "width of a column: month, quarter, year", "month", "step_months"),
    Key("inputs", _inputs, "none", "what we are unsure of: name: value or distribution", "{effect: 10 %}"),
    Key(
        "exchange_rates",
        _exchange_rates,
        "none",
        "what one unit of another currency is worth in `currency`, at the date of each flow; an input or over time too",
        "{CHF: 1.038}",
    ),
    Key(
        "copula",
        _copula,
        "normal",
        "how inputs in `correlations` hang together: normal, or {t: degrees of freedom} for joint bad tails",
        "{t: 4}",
        "copula_df",
    ),
    Key("correlations", _correlations, "none", "rank correlations of inputs", "[{between: [a, b], rank: 0.3}]"),
    Key("price_year", year, "year of `start`", "a label; prices rise only by an `index`", "2018"),
    Key("horizon", _horizon, "last date money can move", "how far benefits are counted", "15 years"),
    Key("discount_rate", RATE.changing(), "0 %", "for present values; the first date is not discounted", "3 %"),
    Key("budget_year", choice({m: i for i, m in enumerate(MONTHS, 1)}), "January", "first month of a year", "April"),
    Key("parties", _parties, NEEDED, "who takes part: id: Name", "{payer: Kobe City}"),
)
"""In the order of reading: what others build on comes first."""

TABLES: dict[str, tuple[Key, ...]] = {
    "parties": PARTY,
    "sources": SOURCE,
    "correlations": CORRELATION,
    "copula": COPULA,
}
"""By section; those of `HEADER` itself belong to the file."""
