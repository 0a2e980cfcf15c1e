"""What happens to people, with the programme and without, and what the evaluator reports of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sibsim.report.layout import Column, Layout, Row, plain, table
from sibsim.report.numbers import Unit, fixed, is_number, largest, percent, unit_of
from sibsim.report.reading import Summary

__all__ = ["measure_tables", "outcome_tables"]

MOST_COHORTS = 8
"""Reports on cohorts of one date that are shown one by one."""


def outcome_tables(summary: Summary, layout: Layout) -> list[str]:
    """The truth: what is expected without and with the programme, all people together, and by how much it is better."""
    columns = [
        Column("starters"),
        Column("without"),
        Column("with"),
        Column("better by"),
        Column("5 %", spare=2),
        Column("95 %", spare=1),
    ]
    rows: list[Row] = []
    currency = summary["scenario"]["currency"]
    for name, outcome in summary["outcomes"].items():
        unit = _unit_of_outcome(outcome, currency)
        rows.append((_outcome_label(name, outcome, unit), _outcome(outcome, unit)))
        if outcome["type"] == "milestones":
            rows.append(("steps reached, all steps together", []))
        elif not outcome["is_causal"]:
            rows.append(("the file does not say what would happen without the programme", []))
        elif outcome["effect_is_zero"]:
            rows.append(("the programme has no effect on this, in any future", []))
    return table("What happens, in all", columns, rows, layout) if rows else []


def _figures(outcome: Mapping[str, Any]) -> list[float | None]:
    causal = outcome["is_causal"]
    figures = [outcome["expected_without"] if causal else None, outcome["expected_with"]]
    return figures + [outcome["effect"][key] if causal else None for key in ("mean", "p05", "p95")]


def _unit_of_outcome(outcome: Mapping[str, Any], currency: str) -> Unit:
    """Money in the file's currency, scaled; anything else as it is."""
    size = largest(_figures(outcome))
    return unit_of(currency, currency, size) if outcome["type"] == "money" else unit_of("number", "", size)


def _outcome_label(name: str, outcome: Mapping[str, Any], unit: Unit) -> str:
    kind = f"money, {unit.word}" if outcome["type"] == "money" else plain(outcome["type"])
    whose = ", one for each cohort" if outcome.get("each") == "cohort" else ""
    whose += f", of those with {plain(outcome['needs'])}" if outcome.get("needs") else ""
    return f"{plain(name)} ({kind}, {outcome['better']} is better{whose})"


def _outcome(outcome: Mapping[str, Any], unit: Unit) -> list[str]:
    return [fixed(outcome["people"], 0), *(unit.text(figure) for figure in _figures(outcome))]


def measure_tables(summary: Summary, layout: Layout) -> list[str]:
    """The report: what each measure is found to be, at each date."""
    columns = [
        Column("counted", spare=3),
        Column("mean"),
        Column("5 %", spare=1),
        Column("median"),
        Column("95 %", spare=2),
    ]
    rows: list[Row] = []
    for name, measure in summary["measures"].items():
        unit = _unit(measure, summary["scenario"]["currency"])
        for report in _chosen(measure["reports"]):
            rows.append((_report_label(name, measure, report, unit), _report(report, unit)))
            rows += [(note, []) for note in _notes(report, measure)]
    return table("What the evaluator reports", columns, rows, layout) if rows else []


def _chosen(reports: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All reports; of many cohorts on one date, that with the lowest mean and that with the highest."""
    found: list[Mapping[str, Any]] = []
    for day in dict.fromkeys(report["date"] for report in reports):
        here = [report for report in reports if report["date"] == day]
        known = sorted((one for one in here if is_number(one.get("mean"))), key=lambda one: float(one["mean"]))
        if len(here) <= MOST_COHORTS or not known:
            found += here
            continue
        ends = [("lowest", known[0]), ("highest", known[-1])]
        found += [{**one, "cohort": f"{one['cohort']} ({end} of {len(here)} cohorts)"} for end, one in ends]
    return found


def _unit(measure: Mapping[str, Any], currency: str) -> Unit:
    if measure["unit"] == "percent":
        return unit_of("percent", "", 0.0)
    size = largest(report.get(key) for report in measure["reports"] for key in ("mean", "p05", "p95"))
    return unit_of(currency, currency, size) if measure["unit"] == "money" else unit_of("number", "", size)


def _report_label(name: str, measure: Mapping[str, Any], report: Mapping[str, Any], unit: Unit) -> str:
    cohort = f", {plain(report['cohort'])}" if report.get("cohort") else ""
    kind = plain(measure["as"]).replace("_", " ")
    word = f", {unit.word}" if measure["unit"] in ("percent", "money") else ""
    whose = ", of all offered it" if measure.get("among") == "offered" else ""
    return f"{plain(name)}{cohort}, {report['date'][:7]} ({kind}{word}{whose})"


def _report(report: Mapping[str, Any], unit: Unit) -> list[str]:
    return [fixed(report.get("counted"), 0), *(unit.text(report.get(key)) for key in ("mean", "p05", "p50", "p95"))]


def _notes(report: Mapping[str, Any], measure: Mapping[str, Any]) -> list[str]:
    """Who is not in the figure, and how often there is none; or that nobody is new since the last report.

    Starts of people whom a queue has kept waiting are new, though nobody has been referred since the last report.
    """
    earlier = [one for one in measure["reports"] if one["date"] < report["date"]]
    before = [one for one in earlier if one["cohort"] == report["cohort"]]
    counted, people = report.get("counted"), report.get("people")
    if people and counted == 0 and any(one.get("counted") for one in before):
        is_new = measure["of"] == "starts" and bool(report.get("mean"))
        return [] if is_new else ["nobody is new in it: nothing new to report"]
    notes = []
    if counted is not None and people and people - counted >= 0.5:
        notes.append(f"{fixed(people - counted, 0)} of {fixed(people, 0)} people are not counted in it")
    missing = report.get("no_report") or 0.0
    if missing:
        often = "any future seen" if missing >= 1 else f"{percent(min(missing, 0.999))} of futures"
        notes.append(f"no figure in {'over ' if 0.999 < missing < 1 else ''}{often}")
    return notes
