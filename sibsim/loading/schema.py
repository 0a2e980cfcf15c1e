"""JSON Schema of a scenario, made from the tables of keys: for editors, which check and complete while one writes.

It says less than `sibsim validate`: whether a name is known, a date is in time or shares add up it cannot see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sibsim.loading.contract import BASES
from sibsim.loading.curves import CURVES
from sibsim.loading.extending import BESIDE
from sibsim.loading.forms import (
    TEXT,
    Schema,
    any_of,
    by_date,
    by_date_or_event,
    closed,
    definitions,
    entries,
    form_of,
    list_of,
    pair,
    ref,
    value,
    with_evidence,
)
from sibsim.loading.header import EXCHANGE
from sibsim.loading.keys import NEEDED, Key
from sibsim.loading.portfolio import FOREIGN, LOADING, PORTFOLIO
from sibsim.loading.queue import FACTOR
from sibsim.loading.roundings import ROUNDED_TO
from sibsim.loading.tables import TABLES
from sibsim.loading.values import ANY, MONEY, MONEY_OR_PERCENT, NUMBER, RATE, SHARE, STATUSES
from sibsim.timeline import MONTHS, STEPS

__all__ = ["scenario_schema", "without_form"]

ADDRESS = "https://json-schema.org/draft/2020-12/schema"
SHARES = any_of(value(SHARE.changing()), {"const": "rest"})
NAMES = any_of(ref("name"), list_of(ref("name")))
ROWS = list_of(pair(any_of(TEXT, value(ANY.changing())), value(MONEY_OR_PERCENT.changing())))
CONDITION = any_of(ref("condition"), list_of(ref("condition")))
ROUNDED = any_of(value(ROUNDED_TO), ref("round"))
BOOLEAN: Schema = {"type": "boolean"}
STOPS: Schema = {"enum": ["intake", "service", "draws", "payments", "everything"]}
SPELL: Schema = {"type": "object", "anyOf": [{"required": [name]} for name in ("exponential", "value", *CURVES)]}
"""A distribution of durations."""
PER_NAME = {"type": "object", "propertyNames": ref("name"), "additionalProperties": True}
SAID: dict[str, Schema] = {"source": TEXT, "status": {"enum": list(STATUSES)}}
FOR_COHORTS = any_of(value(RATE), ref("table of a file"), entries(value(RATE)))

SECTIONS: Mapping[str, Schema] = {
    "file.parties": entries(any_of(TEXT, ref("parties"))),
    "file.sources": entries(ref("sources")),
    "file.inputs": entries(value(ANY)),
    "file.exchange_rates": {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{3}$"},
        "additionalProperties": value(EXCHANGE),
    },
    "file.copula": any_of({"const": "normal"}, ref("copula")),
    "file.correlations": list_of(ref("correlations")),
    "file.participants": ref("participants"),
    "file.outcomes": entries(ref("outcomes")),
    "file.measures": entries(ref("measures")),
    "file.contract": ref("contract"),
    "file.costs": entries(ref("costs")),
    "file.benefits": entries(ref("benefits")),
    "file.finance": ref("finance"),
    "file.events": entries(ref("events")),
    "file.actuals": ref("actuals"),
    "file.holdings": entries(ref("holdings")),
    "file.factors": entries(entries(entries(value(LOADING)))),
    "participants.cohorts": entries(ref("participants")),
    "participants.queue": ref("queue"),
    "outcomes.without": ref("levels"),
    "outcomes.with": ref("levels"),
    "outcomes.effect": ref("effect"),
    "outcomes.varies": ref("varies"),
    "measures.comparison": any_of(ref("comparison"), by_date(ref("comparison"))),
    "comparison.fixed": ref("levels-over-time"),
    "contract.payments": entries(ref("payments")),
    "contract.cap": any_of(value(MONEY.changing()), ref("cap")),
    "contract.round": ROUNDED,
    "payments.round": ROUNDED,
    "measures.round": ROUNDED,
    "payments.cap": any_of(value(MONEY_OR_PERCENT.changing()), ref("cap")),
    "finance.tranches": entries(ref("tranches")),
    "finance.guarantees": entries(ref("guarantees")),
    "tranches.cap": ref("tranche cap"),
    "actuals.expected": {"type": "object", "additionalProperties": any_of(value(ANY), ref("expected"))},
}
"""Keys that hold a section of their own."""

SPECIAL: Mapping[str, Schema] = {
    "file.sibsim": {"const": 1},
    "file.currency": with_evidence({"type": "string", "pattern": "^[A-Z]{3}$"}),
    "file.start": ref("day"),
    "file.step": with_evidence({"enum": list(STEPS)}),
    "file.horizon": ref("date"),
    "file.options": entries(any_of({"const": "none"}, PER_NAME | {"propertyNames": {"type": "string"}})),
    "file.exchange_rates": {
        "type": "object",
        "patternProperties": {"^[A-Z]{3}$": value(NUMBER.changing())},
        "properties": {"note": TEXT},
        "additionalProperties": False,
    },
    "file.copula": {"type": ["object", "string"]},
    "file.extends": {"type": "string"},
    "file.portfolio": TEXT,
    "file.changes": {"type": "object"},
    "copula.t": {"type": "number", "minimum": 1, "maximum": 100},
    "correlations.between": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
    "correlations.rank": {"type": "number", "minimum": -1, "maximum": 1},
    "participants.cohorts_from": {
        "type": "object",
        "properties": {"file": TEXT, "names": TEXT, "rows": {"type": "integer", "minimum": 1}, "note": TEXT},
        "required": ["file", "names"],
        "additionalProperties": any_of(TEXT, closed({"column": TEXT, **SAID}, "column")),
    },
    "outcomes.growth": {
        "type": "object",
        "patternProperties": {r"^\d{4}$": any_of(FOR_COHORTS, ref("growth"))},
        "properties": {"note": TEXT},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "outcomes.by_cohort": any_of(ref("table of a file"), entries(value(ANY))),
    "growth.rate": FOR_COHORTS,
    "growth.spread": FOR_COHORTS,
    "measures.rounded_years": ROUNDED,
    "lasts.table": list_of(pair(ref("duration"), value(SHARE))),
    "outcomes.lasts": any_of({"const": "always"}, ref("duration"), ref("lasts")),
    "queue.gives_up_after": any_of(ref("duration"), SPELL),
    "queue.time_in_service": SPELL,
    "queue.seasons": closed({month: value(FACTOR) for month in MONTHS}),
    "outcomes.sd": value(ANY),
    "effect.difference": value(ANY),
    "level.per_year": value(ANY.changing()),
    "annuity.rate": value(RATE),
    "annuity.over": ref("duration"),
    "share_above.level": value(ANY),
    "share_above.mean": value(ANY),
    "share_above.sd": value(ANY),
    "measures.short_of": value(ANY.changing()),
    "round.to": value(ROUNDED_TO),
    "measures.error": value(ANY.changing()),
    "outcomes.needs": ref("name"),
    "outcomes.steps": entries(pair(value(SHARE), ref("duration"))),
    "measures.of": NAMES,
    "measures.weighted": entries(value(ANY.changing())),
    "measures.goals": list_of(ref("condition")),
    "comparison.blend": list_of(ref("comparison")),
    "measures.follow_up": any_of({"const": "so far"}, ref("duration")),
    "payments.steps": ROWS,
    "payments.line": ROWS,
    "payments.prices": entries(value(MONEY_OR_PERCENT.changing())),
    "payments.band": pair(value(ANY.changing()), value(ANY.changing())),
    "payments.of": any_of({"enum": list(BASES)}, value(MONEY.changing())),
    "payments.if": CONDITION,
    "payments.by": any_of(ref("name"), entries(SHARES), by_date_or_event(any_of(ref("name"), entries(SHARES)))),
    "payments.at": ref("dates"),
    "payments.rest_of": ref("name"),
    "payments.less": NAMES,
    "payments.cumulative": BOOLEAN,
    "payments.compound": BOOLEAN,
    "costs.at": ref("dates"),
    "tranches.drawn": any_of(with_evidence({"enum": ["as needed", "upfront"]}), by_date(value(MONEY))),
    "finance.shortfall": {"type": "string"},
    "finance.recycle": any_of({"enum": ["none", "all"]}, ref("duration")),
    "finance.distribute": any_of({"const": "at once"}, ref("dates")),
    "finance.surplus": entries(SHARES),
    "events.if": CONDITION,
    "tranches.if": CONDITION,
    "events.stops": any_of(STOPS, list_of(STOPS)),
    "guarantees.covers": NAMES,
    "holdings.scenario": {"type": "string"},
    "holdings.starts": ref("date"),
    "holdings.changes": {"type": "object"},
    "schedule.every": with_evidence(TEXT),
    "schedule.from": ref("date"),
    "schedule.until": ref("date"),
    "actuals.measures": PER_NAME,
    "actuals.drawn": PER_NAME,
    "actuals.events": PER_NAME,
    "actuals.inputs": PER_NAME,
    "actuals.costs": PER_NAME,
    "expected.value": value(ANY),
    "expected.tolerance": value(ANY),
}
"""Keys whose reader does not say what it takes, or takes less for one type of outcome than for another."""


PLACED = ("inputs", "distributions", "parameters")
"""Sections whose keys stand in place of a value: `forms` knows them."""


def _form(section: str, key: Key) -> Schema | None:
    path = f"{section}.{key.name}"
    return SECTIONS.get(path) or SPECIAL.get(path) or form_of(key.parse)


def without_form() -> list[str]:
    """Keys that the schema says nothing about but that they exist."""
    return [
        f"{section}.{key.name}"
        for section, keys in TABLES.items()
        for key in keys
        if key.parse is not None and section not in PLACED and _form(section, key) is None
    ]


def _property(section: str, key: Key) -> Schema:
    """One key: what it takes, what it means, its default and an example."""
    form = _form(section, key) or {}
    if key.default == "none":
        form = any_of({"const": "none"}, *(form["anyOf"] if list(form) == ["anyOf"] else [form]))
    said = [
        f"{key.meaning[:1].upper()}{key.meaning[1:]}." if key.meaning else "",
        f"Default: {key.default}." if key.default not in ("", NEEDED) else "",
        f"Example: {key.name}: {key.example}" if key.example else "",
    ]
    return {"description": " ".join(part for part in said if part), **form}


def _section(section: str) -> Schema:
    """A mapping with the keys of a table and no others."""
    keys = [key for key in TABLES[section] if key.parse is not None]
    needed = [key.name for key in keys if key.default == NEEDED]
    return closed({key.name: _property(section, key) for key in keys}, *needed)


def scenario_schema() -> dict[str, Any]:
    """The schema of a scenario file, or of a portfolio, JSON Schema 2020-12.

    Examples
    --------
    >>> schema = scenario_schema()
    >>> schema["properties"]["start"]["description"]
    'The first date. Example: start: 2020-06'
    """
    sections = {name: _section(name) for name in TABLES if name not in (*PLACED, "level", "file")}
    level = _section("level")
    tests = {"type": "object", "propertyNames": ref("name"), "additionalProperties": {"type": "string"}}
    return {
        "$schema": ADDRESS,
        "title": "A sibsim scenario or portfolio, version 1 of the language",
        "description": "One outcomes contract, or several held together. `sibsim validate` finds what no schema can "
        "see.",
        **_root(),
        "$defs": {
            **definitions(),
            **sections,
            "levels": any_of(value(ANY), level),
            "levels-over-time": any_of(value(ANY.changing()), level),
            "table of a file": closed(
                {**{key.name: TEXT for key in TABLES["table"]}, **SAID}, "file", "names", "column"
            ),
            "condition": {**tests, "minProperties": 1},
        },
    }


def _root() -> Schema:
    root = _section("file")
    needed = root.pop("required")
    beside = {"propertyNames": {"enum": ["sibsim", "extends", "changes", *BESIDE]}, "required": ["sibsim"]}
    alone = {"required": needed, "properties": dict.fromkeys(("changes", "factors"), False)}
    together = {
        "required": [key.name for key in PORTFOLIO if key.default == NEEDED],
        "properties": dict.fromkeys(FOREIGN, False),
    }
    is_portfolio = any_of({"required": ["portfolio"]}, {"required": ["holdings"]})
    of_own = {"if": is_portfolio, "then": together, "else": alone}
    return {**root, "if": {"required": ["extends"]}, "then": beside, "else": of_own}
