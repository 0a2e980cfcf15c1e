"""The flow of people as text, CSV or JSON: sentences, a table by period, a chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sibsim.report import as_json
from sibsim.report.as_csv import line
from sibsim.report.flow_chart import chart
from sibsim.report.flow_sentences import MONTHS, WHOLE, month, sentences
from sibsim.report.layout import TOGETHER, Column, Layout, Row, plain, table, width_of, wrap
from sibsim.report.numbers import Unit, error_text, is_number, largest
from sibsim.report.reading import Summary

__all__ = ["RENDERERS"]

Entry = Mapping[str, Any]
STEPS = {"month": "months", "quarter": "quarters", "year": "years"}
SHOWN = {
    "offered": "offered",
    "kept_away": "kept away",
    "started": "started",
    "in_service": "in service",
    "dropped_out": "dropped out",
    "completed": "completed",
    "cut_off": "cut off",
}
"""What a period tells, and the title of its column."""
ALWAYS = ("offered", "started")
LINES = {"±": "mc_error", "5 %": "p05", "95 %": "p95"}
"""Below the means of a period: what each line holds."""
STATISTICS = ("mean", "mc_error", "p05", "p50", "p95")


def _text(summary: Summary, layout: Layout) -> str:
    sections = [
        _headline(summary, layout),
        [out for said in sentences(summary) for out in wrap(said, layout.width, "", "  ")],
        *_tables(summary, layout),
        chart(summary, layout),
        _warnings(summary, layout),
        wrap(_footnote(summary), layout.width),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _headline(summary: Summary, layout: Layout) -> list[str]:
    scenario = summary["scenario"]
    lines = [layout.bold(one) for one in wrap(plain(scenario["title"]), layout.width)]
    if scenario["option"]:
        lines += wrap(f"Option: {plain(scenario['option'])}", layout.width)
    facts = [f"{summary['draws']:,} futures", f"seed {summary['seed']}", STEPS[scenario["step"]], "people only"]
    return lines + wrap(f"{TOGETHER}· ".join(fact.replace(" ", TOGETHER) for fact in facts), layout.width)


# ------------------------------------------------------------------------------------------------ by period
def _tables(summary: Summary, layout: Layout) -> list[list[str]]:
    """A table for all people, then one for each cohort where they are several."""
    sections = []
    for total in summary["totals"]:
        rows = [p for p in summary["periods"] if p["cohort"] == total["cohort"]]
        whose = f"{plain(total['cohort'])}, by" if total["cohort"] else "By"
        since = " from" if summary["by"] == summary["scenario"]["step"] and not _are_years(rows) else ""
        sections.append(_table(f"{whose} {summary['by']}{since}", summary, rows, total, layout))
    return sections


def _table(heading: str, summary: Summary, periods: Sequence[Entry], total: Entry, layout: Layout) -> list[str]:
    """The figures of each period below its mean; in as many tables as the width takes."""
    kinds = [what for what in SHOWN if what in ALWAYS or any(_is_there(row[what]) for row in periods)]
    both = [(_label(summary, row), row) for row in periods]
    both += [("in all", total)] if len(both) > 1 else []
    rows: list[Row] = []
    units = {what: _unit([row[what] for _, row in both if what in row]) for what in kinds}
    for label, row in both:
        rows.append((label, [_cell(row, what, "mean", units[what]) for what in kinds]))
        if all(_is_sure(row[what]) for what in kinds if what in row):
            continue
        for name, key in LINES.items():
            rows.append((f"{TOGETHER}{TOGETHER}{name}", [_cell(row, what, key, units[what]) for what in kinds]))
    lines: list[str] = []
    for number, part in enumerate(_parts([SHOWN[what] for what in kinds], rows, layout.width)):
        columns = [Column(SHOWN[kinds[k]]) for k in part]
        lines += [""] if number else []
        lines += table(
            heading + (", continued" if number else ""),
            columns,
            [(label, [cells[k] for k in part]) for label, cells in rows],
            layout,
        )
    return lines


def _parts(titles: Sequence[str], rows: Sequence[Row], width: int) -> list[list[int]]:
    """Which columns stand in each table, so that all of them and the labels have room."""
    room = width - 2 - max(width_of(label) for label, _ in rows)
    parts: list[list[int]] = [[]]
    used = 0
    for k, title in enumerate(titles):
        size = 2 + max(width_of(title), *(width_of(cells[k]) for _, cells in rows))
        if parts[-1] and used + size > room:
            parts.append([])
            used = 0
        parts[-1].append(k)
        used += size
    return parts


def _is_there(figure: Entry) -> bool:
    return bool(figure["mean"] or figure["p95"])


def _is_sure(figure: Entry) -> bool:
    """Whether it is the same in every future."""
    return not figure["mc_error"] and figure["p05"] == figure["mean"] == figure["p95"]


def _unit(figures: Sequence[Entry]) -> Unit:
    """Whole people where all are whole; else one decimal, none of thousands, two under ten."""
    numbers = [figure[key] for figure in figures for key in ("mean", "p05", "p95")]
    if all(abs(number - round(number)) < WHOLE for number in numbers):
        return Unit("", 1.0, 0)
    size = largest(numbers)
    return Unit("", 1.0, 0 if size >= 1000.0 else 1 if size >= 10.0 else 2)


def _cell(row: Entry, what: str, key: str, unit: Unit) -> str:
    if what not in row:
        return ""
    value = row[what][key]
    return error_text(value, unit) if key == "mc_error" else unit.text(value)


def _are_years(periods: Sequence[Entry]) -> bool:
    """Whether every period begins with a year."""
    return all(p["from"].endswith("-01") and len(p["from"]) == 7 for p in periods)


def _label(summary: Summary, period: Entry) -> str:
    """A calendar year, with the months of it where it is not whole; or the day on which a column begins."""
    day, end = str(period["from"]), str(period["until"]).split("-")
    first = day.split("-")
    if summary["by"] == summary["scenario"]["step"]:
        return first[0] if summary["by"] == "year" and first[1:] == ["01"] else day
    if period["months"] >= 12 or len(first) > 2:
        return first[0]
    return f"{first[0]}, {MONTHS[int(first[1]) - 1][:3]}-{MONTHS[(int(end[1]) - 2) % 12][:3]}"


def _warnings(summary: Summary, layout: Layout) -> list[str]:
    """Those of the file that are about its people."""
    about = [w for w in summary["warnings"] if w.startswith("participants")]
    lines = [layout.bold("Warnings")] if about else []
    for warning in about:
        lines += wrap(plain(warning), layout.width, "  ", "    ")
    return lines


def _footnote(summary: Summary) -> str:
    step = summary["scenario"]["step"]
    text = (
        f"Means over {summary['draws']:,} futures. ± is the simulation's own standard error of the mean, from "
        f"{summary['replicates']} independent replicates; in at least 90 of 100 futures a figure lies from 5 % to "
        "95 %. Where these lines are missing, every figure of the row is the same in every future. "
    )
    text += f"Those who start within a {step} stand on its first day. In service: people there at a time, on average."
    text += _straddling(summary)
    shown = {what for what in SHOWN if any(_is_there(row[what]) for row in summary["periods"])}
    if "dropped_out" in shown:
        text += " Given how many of a group drop out, they leave at the shares that an even hazard makes one expect."
    if "kept_away" in shown:
        text += " Kept away: planned, but an event, or want of money, left no start for them."
    if "cut_off" in shown:
        text += " Cut off: in service when an event ended it."
    return text


def _straddling(summary: Summary) -> str:
    """That a year is not one of the calendar, where its columns are not."""
    step = summary["scenario"]["step"]
    years = [p for p in summary["periods"] if p["cohort"] is None and p["months"] >= 12]
    if summary["by"] == step or not years or _are_years(years[:1]):
        return ""
    first = years[0]
    begins, ends = month(first["from"]), month(first["until"])
    return f" A year holds the {step}s that begin in it: {first['from'][:4]} runs from {begins} to the start of {ends}."


# ------------------------------------------------------------------------------------------------ for programs
def _csv(summary: Summary, layout: Layout) -> str:
    """One row a period and cohort; all people together have no cohort."""
    names = list(SHOWN)
    head = ["cohort", "from", "until", "months"]
    head += [name if statistic == "mean" else f"{name}_{statistic}" for name in names for statistic in STATISTICS]
    lines = [line(head)]
    for row in summary["periods"]:
        cells = [row["cohort"] or "", row["from"], row["until"], repr(row["months"])]
        cells += [_plain(row[name][statistic]) for name in names for statistic in STATISTICS]
        lines.append(line(cells))
    return "".join(lines)


def _plain(value: float | None) -> str:
    return repr(float(value)) if value is not None and is_number(value) else ""


RENDERERS: dict[str, Callable[[Summary, Layout], str]] = {"text": _text, "csv": _csv, "json": as_json.render}
"""By format: what `sibsim flow` prints."""
