"""The flow of people by period: the mean of each figure, its error, and between what it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sibsim.report.flow_sentences import WHOLE, all_queue, is_sure
from sibsim.report.layout import TOGETHER, Column, Layout, Row, plain, table, width_of
from sibsim.report.numbers import NOT_APPLICABLE, Unit, error_text, is_number, largest
from sibsim.report.reading import Summary
from sibsim.timeline import MONTHS

__all__ = ["QUEUE_RATIOS", "QUEUE_SHOWN", "SHOWN", "are_years", "is_there", "period_tables", "wait_table"]

Entry = Mapping[str, Any]
SHOWN = {
    "offered": "offered",
    "kept_away": "kept away",
    "started": "started",
    "in_service": "in service",
    "dropped_out": "dropped",
    "completed": "completed",
    "cut_off": "cut off",
}
"""What a period tells, and the title of its column."""
QUEUE_SHOWN = {
    "referred": "referred",
    "wanted": "want it",
    "waiting": "waiting",
    "gave_up": "gave up",
    "turned_away": "left over",
}
QUEUE_RATIOS = {
    "wait": "months waited",
    "share_gave_up": "% gave up",
    "use_of_places": "% of places",
}
"""What a period tells of a queue; the latter are figures of all futures together."""
ALWAYS = ("offered", "started", "referred", "wanted", "waiting", "wait")
LINES = {"±": "mc_error", "5 %": "p05", "95 %": "p95"}
"""Below the means of a period: what each line holds."""


def period_tables(summary: Summary, layout: Layout) -> list[list[str]]:
    """A table for all people, then one for each cohort where they are several; of a queue a second one."""
    sections = []
    shown = {**SHOWN, **({"offered": "eligible"} if all_queue(summary) else {})}
    for total in summary["totals"]:
        rows = [p for p in summary["periods"] if p["cohort"] == total["cohort"]]
        since = " from" if summary["by"] == summary["scenario"]["step"] and not are_years(rows) else ""
        whose = f"{plain(total['cohort'])}, by" if total["cohort"] else "By"
        sections.append(_table(f"{whose} {summary['by']}{since}", shown, summary, rows, total, layout))
        if total["queue"] is not None and not (total["cohort"] is None and _is_one_of_several(summary)):
            heading = f"The queue, by {summary['by']}{since}"
            heading = f"{plain(total['cohort'])}: the queue, by {summary['by']}{since}" if total["cohort"] else heading
            inside = [{**row, **row["queue"]} for row in rows if _is_queue(row)]
            whole = {**total, **total["queue"]}
            sections.append(_table(heading, QUEUE_SHOWN, summary, inside, whole, layout))
            heading = heading.replace("he queue, by", "he queue's waits and places, by")
            sections.append(_table(heading, QUEUE_RATIOS, summary, inside, whole, layout))
    return sections


def wait_table(summary: Summary, layout: Layout) -> list[str]:
    """How long those who start have waited, all together."""
    rows: list[Row] = []
    names = {"share_waits": "had to wait, %", "wait_p50": "half of them at most, months"}
    names["wait_p95"] = "95 of 100 at most, months"
    for total in summary["totals"]:
        if total["queue"] is None or not total["queue"]["share_waits"]["value"]:
            continue
        if total["cohort"] is None and _is_one_of_several(summary):
            continue
        whose = f"{plain(total['cohort'])}: " if total["cohort"] else ""
        for what, name in names.items():
            unit = Unit("", 0.01, 1) if what == "share_waits" else Unit("", 1.0, 2)
            cells = [_cell(total["queue"], what, key, unit) for key in ("mean", "mc_error")]
            rows.append((f"{whose}{name}", cells))
    return table("How long those who start have waited", [Column("figure"), Column("±")], rows, layout) if rows else []


def _table(
    heading: str, shown: Mapping[str, str], summary: Summary, periods: Sequence[Entry], total: Entry, layout: Layout
) -> list[str]:
    """The figures of each period below its mean; in as many tables as the width takes."""
    kinds = [what for what in shown if what in ALWAYS or any(is_there(row[what]) for row in periods)]
    both = [(_label(summary, row), row) for row in periods]
    both += [("in all", total)] if len(both) > 1 else []
    rows: list[Row] = []
    units = {what: _unit(what, [row[what] for _, row in both if what in row]) for what in kinds}
    for label, row in both:
        rows.append((label, [_cell(row, what, "mean", units[what]) for what in kinds]))
        if all(is_sure(row[what]) for what in kinds if what in row):
            continue
        for name, key in LINES.items() if shown is not QUEUE_RATIOS else [("±", "mc_error")]:
            rows.append((f"{TOGETHER}{TOGETHER}{name}", [_cell(row, what, key, units[what]) for what in kinds]))
    lines: list[str] = []
    for number, part in enumerate(_parts([shown[what] for what in kinds], rows, layout.width)):
        titles = [Column(shown[kinds[k]]) for k in part]
        lines += [""] if number else []
        chosen = [(label, [cells[k] for k in part]) for label, cells in rows]
        lines += table(heading + (", continued" if number else ""), titles, chosen, layout)
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


def _is_one_of_several(summary: Summary) -> bool:
    """Whether one cohort of several has a queue: then all queues together are that one."""
    return sum(total["queue"] is not None for total in summary["totals"] if total["cohort"] is not None) == 1


def _is_queue(row: Entry) -> bool:
    """Whether anybody is referred, waits or starts in a period."""
    return row["queue"] is not None and any(
        is_there(figure) for figure in (row["queue"]["referred"], row["queue"]["waiting"], row["started"])
    )


def is_there(figure: Entry) -> bool:
    """Whether it is anything but 0."""
    return bool(figure["value"] if "value" in figure else figure["mean"] or figure["p95"])


def _unit(what: str, figures: Sequence[Entry]) -> Unit:
    """Whole people where all are whole; else one decimal, none of thousands, two under ten."""
    if what in QUEUE_RATIOS:
        return Unit("", 1.0, 2) if what == "wait" else Unit("", 0.01, 1)
    numbers = [figure[key] for figure in figures for key in ("mean", "p05", "p95")]
    if all(abs(number - round(number)) < WHOLE for number in numbers):
        return Unit("", 1.0, 0)
    size = largest(numbers)
    return Unit("", 1.0, 0 if size >= 1000.0 else 1 if size >= 10.0 else 2)


def _cell(row: Entry, what: str, key: str, unit: Unit) -> str:
    """A figure, its error or an end of it; nothing where there is none."""
    figure = row.get(what)
    if figure is None:
        return ""
    value = figure.get("value" if key == "mean" and "value" in figure else key)
    if not is_number(value):
        return NOT_APPLICABLE if key == "mean" else ""
    return error_text(value, unit) if key == "mc_error" else unit.text(value)


def are_years(periods: Sequence[Entry]) -> bool:
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
