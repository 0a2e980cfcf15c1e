"""What each payment of the contract pays, how often, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sibsim.report.frequency import futures_short
from sibsim.report.layout import Column, Layout, Row, plain, table, wrap
from sibsim.report.numbers import error_text, is_number, largest, unit_of
from sibsim.report.reading import Summary, replicates

__all__ = ["cohort_table", "payment_table", "years_shown"]

COLUMNS = (Column("mean"), Column("5 %", spare=1), Column("95 %"), Column("pays in"), Column("years"))
FIGURES = ("mean", "p05", "p95")


def payment_table(summary: Summary, layout: Layout) -> list[str]:
    """One row a payment; nothing for a contract that pays once, where the payers' own tables say it all."""
    payments = summary.get("payments", {})
    if len(payments) < 2 and all(len(one["dates"]) < 2 for one in payments.values()):
        return []
    currency = summary["scenario"]["currency"]
    unit = unit_of(currency, currency, largest(one["paid"][key] for one in payments.values() for key in FIGURES))
    rows: list[Row] = []
    for name, one in payments.items():
        often = futures_short(one["pays"], replicates(summary)).partition(" (")[0]
        years = years_shown([row["year"] for row in one["by_year"]]) or "none"
        rows.append((plain(name), [*(unit.text(one["paid"][key]) for key in FIGURES), often, years]))
    month = summary["scenario"]["budget_year"]
    kind = "years" if month == "January" else f"budget years, which begin in {month},"
    note = f"Figures of all that a payment pays in a future; the {kind} are those in which it pays in some future seen."
    if any(_is_negative(one["paid"]) for one in payments.values()):
        note += " Below 0 it brings money back to those who pay."
    return [*table(f"What the contract pays, {unit.word}", COLUMNS, rows, layout), *wrap(note, layout.width, "  ")]


def cohort_table(summary: Summary, layout: Layout) -> list[str]:
    """One row a cohort: what is paid for it in all, and on average by each payment; nothing where none is for each."""
    cohorts = summary.get("cohorts", {})
    if not cohorts:
        return []
    currency = summary["scenario"]["currency"]
    unit = unit_of(currency, currency, largest(one["paid"][key] for one in cohorts.values() for key in FIGURES))
    unit = replace(unit, decimals=2) if unit.divisor > 1 else unit
    names = list(dict.fromkeys(name for one in cohorts.values() for name in one["payments"]))
    each = names if len(names) > 1 else []
    columns = [Column("mean"), Column("±", spare=len(each) + 1), Column("5 %"), Column("95 %")]
    columns += [Column(plain(name), spare) for spare, name in enumerate(each, 1)]
    rows: list[Row] = []
    for cohort, one in cohorts.items():
        cells = [unit.text(one["paid"]["mean"]), error_text(one["paid"]["mc_error"], unit)]
        cells += [unit.text(one["paid"][key]) for key in FIGURES[1:]]
        means = {name: figure["value"] for name, figure in one["payments"].items()}
        rows.append((plain(cohort), [*cells, *(unit.text(means.get(name)) for name in each)]))
    note = "What is paid for each cohort, by the payments that are for each." + (
        " Under the name of a payment: the mean of its part." if each else ""
    )
    return [*table(f"By cohort, {unit.word}", columns, rows, layout), *wrap(note, layout.width, "  ")]


def _is_negative(paid: Mapping[str, Any]) -> bool:
    return any(is_number(paid[key]) and paid[key] < 0 for key in FIGURES)


def years_shown(years: Sequence[int]) -> str:
    """Years as stretches; of many stretches, the first and the last year and how many there are.

    >>> years_shown([2021]), years_shown([2017, 2018, 2019, 2021]), years_shown([2014, 2016, 2018])
    ('2021', '2017-2019, 2021', '3 from 2014 to 2018')
    """
    stretches: list[list[int]] = []
    for year in sorted(years):
        if stretches and year == stretches[-1][-1] + 1:
            stretches[-1].append(year)
        else:
            stretches.append([year])
    if len(stretches) > 2:
        return f"{len(years)} from {min(years)} to {max(years)}"
    return ", ".join(str(s[0]) if len(s) == 1 else f"{s[0]}-{s[-1]}" for s in stretches)
