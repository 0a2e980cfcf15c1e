"""The analyst's tables: every metric of every party and tranche, and the money year by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sibsim.report.frequency import futures_short
from sibsim.report.labels import PROBABILITIES, in_order, label
from sibsim.report.layout import Column, Layout, Row, blocks, plain, table, wrap
from sibsim.report.notes import chance_notes, figure_notes
from sibsim.report.numbers import Unit, amount, error_text, largest, unit_of
from sibsim.report.reading import (
    PUBLIC_PURSE,
    Party,
    Summary,
    figure,
    has_no_hurdle,
    is_constant,
    name_of,
    number,
    parties,
    replicates,
    years_of,
)

__all__ = ["party_tables", "yearly_tables"]

QUANTILES = ("p05", "p25", "p50", "p75", "p95")
COLUMNS = (
    Column("mean"),
    Column("±", spare=1),
    Column("5 %"),
    Column("25 %", spare=3),
    Column("median"),
    Column("75 %", spare=2),
    Column("95 %"),
)


def party_tables(summary: Summary, layout: Layout) -> list[list[str]]:
    """One section a party: distributions, single figures, chances, and each tranche when there are several."""
    sections = []
    for _, party in parties(summary):
        tranches = party.get("tranches", {})
        lines = _holder(summary, party, _heading(summary, party), layout)
        for name, tranche in tranches.items() if len(tranches) > 1 else ():
            lines += _holder(summary, tranche, f"  {plain(name)} (tranche of {name_of(party)})", layout)
        if lines:
            sections.append(lines)
    return sections


def _heading(summary: Summary, party: Party) -> str:
    notes = [plain(role) for role in party["roles"] if role != PUBLIC_PURSE]
    drawn = number(party, "drawn")
    if drawn:
        notes.append(amount(drawn) if is_constant(figure(party, "drawn")) else f"{amount(drawn)} drawn on average")
    return f"{name_of(party)} ({', '.join(notes)})" if notes else name_of(party)


def _holder(summary: Summary, holder: Party, heading: str, layout: Layout) -> list[str]:
    """The tables of one party or tranche."""
    currency = summary["scenario"]["currency"]
    metrics, chances = _shown(holder)
    spread = [name for name in in_order(metrics) if "p50" in metrics[name]]
    single = [name for name in in_order(metrics) if "p50" not in metrics[name]]
    money = largest(_size(metrics[name]) for name in metrics if metrics[name]["unit"] == currency)
    lines = []
    if spread:
        lines += table(heading, COLUMNS, _spread_rows(metrics, spread, currency, money), layout)
    else:
        lines += [layout.bold(heading)] if single or chances else []
    if single:
        rows = [_single_row(name, metrics[name], currency, money) for name in single]
        rows += [(note, []) for note in figure_notes(summary, holder)]
        lines += table("  One figure each", (Column("figure"), Column("±")), rows, layout)
    if chances:
        rows = [*_chance_rows(summary, chances), *((note, []) for note in chance_notes(summary, holder))]
        lines += table("  How often", (Column("futures"),), rows, layout)
    return lines


def _shown(holder: Party) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Metrics and chances; of a lender without a hurdle nothing about one: it would say the net gain again."""
    metrics, chances = holder["metrics"], holder["probabilities"]
    if not has_no_hurdle(metrics):
        return metrics, chances
    about = ("npv", "below_hurdle")
    kept = [{name: one for name, one in found.items() if name not in about} for found in (metrics, chances)]
    return kept[0], kept[1]


def _size(metric: Mapping[str, Any]) -> float:
    return largest(metric.get(key) for key in ("mean", "value", *QUANTILES))


def _spread_rows(metrics: Mapping[str, Any], names: list[str], currency: str, money: float) -> list[Row]:
    rows: list[Row] = []
    nothing = [name for name in names if _size(metrics[name]) == 0 and is_constant(metrics[name])]
    for name in names:
        metric = metrics[name]
        if name in nothing:
            continue
        unit = unit_of(metric["unit"], currency, _size(metric), money)
        cells = [unit.text(metric["mean"]), error_text(metric["mc_error"], unit)]
        rows.append((_with_unit(name, unit), [*cells, *(unit.text(metric[q]) for q in QUANTILES)]))
        if metric.get("undefined"):
            rows.append((f"not applicable in {metric['undefined']:,} futures, left out", []))
        if name == "irr" and _is_made_by_few(metric):
            rows.append(("a few futures make the mean: read the median", []))
        bars = blocks(metric.get("histogram"))
        if bars:
            ends = [unit.text(metric["histogram"][end]) for end in ("low", "high")]
            rows.append((f"{ends[0]} │{bars.replace(' ', '·')}│ {ends[1]}", []))
    if nothing:
        rows.append((f"0 in every future: {'; '.join(label(name) for name in nothing)}", []))
    return rows


def _is_made_by_few(metric: Mapping[str, Any]) -> bool:
    """Whether the mean lies outside of 5 to 95 %, and further from it than that end is from 0."""
    mean, low, high = metric["mean"], metric["p05"], metric["p95"]
    return None not in (mean, low, high) and (mean - high > abs(high) or low - mean > abs(low))


def _with_unit(name: str, unit: Unit) -> str:
    return f"{label(name)}, {unit.word}" if unit.word else label(name)


def _single_row(name: str, metric: Mapping[str, Any], currency: str, money: float) -> Row:
    unit = unit_of(metric["unit"], currency, _size(metric), money if metric["unit"] == currency else 0.0)
    error = error_text(metric["mc_error"], unit) if metric.get("mc_error") is not None else ""
    return _with_unit(name, unit), [unit.text(metric["value"]), error]


def _chance_rows(summary: Summary, chances: Mapping[str, Any]) -> list[Row]:
    names = in_order(chances, PROBABILITIES)
    return [(label(name, PROBABILITIES), [futures_short(chances[name], replicates(summary))]) for name in names]


YEARLY = (
    ("paid", "payments", "mean", 0),
    ("95 %", "payments", "p95", 0),
    ("own costs", "own_costs", "mean", 0),
    ("received", "received", "mean", 1),
    ("cash saved", "cashable_benefit", "mean", 0),
    ("capacity", "capacity_benefit", "mean", 2),
    ("societal", "societal_benefit", "mean", 3),
    ("balance", "balance", "mean", 0),
)
"""Title, key, statistic, and which column to leave out first when there is no room."""
KINDS = ("capacity_benefit", "societal_benefit", "own_costs", "received")


def yearly_tables(summary: Summary, layout: Layout) -> list[list[str]]:
    """Money by year: one table for each body that pays or saves, and one for all of them when they are several."""
    sections = []
    for id, party in parties(summary):
        lines = _years(name_of(party), years_of(summary, id), summary["scenario"], layout)
        if lines:
            sections.append(lines)
    return sections


def _years(
    name: str, years: list[tuple[int, Mapping[str, Any]]], scenario: Mapping[str, Any], layout: Layout
) -> list[str]:
    currency, month = scenario["currency"], scenario["budget_year"]
    columns = [c for c in YEARLY if c[1] not in KINDS or largest(_cell(row, c) for _, row in years)]
    flows = largest(_cell(row, c) for _, row in years for c in columns)
    if not flows:
        return []
    unit = unit_of(currency, currency, flows)
    unit = replace(unit, decimals=2) if flows < 99.95 * unit.divisor else unit
    rows: list[Row] = [(str(year), [unit.text(_cell(row, c)) for c in columns]) for year, row in years]
    heads = [Column(title, spare) for title, _, _, spare in columns]
    lines = [layout.bold(line) for line in wrap(f"By year, {name}, {unit.word}", layout.width)]
    note = (
        "Means; 95 % is of what is paid. Balance: all it saves in cash and receives less all it pays, added up so far."
    )
    if month != "January":
        first = years[0][0]
        note = f"Budget years: {first} is the year that begins in {month} {first}. {note}"
    return [*lines, *table("", heads, rows, layout), *wrap(note, layout.width, "  ")]


def _cell(row: Mapping[str, Any], column: tuple[str, str, str, int]) -> float | None:
    found = row.get(column[1])
    value = found.get(column[2]) if found else None
    return float(value) if value is not None else None
