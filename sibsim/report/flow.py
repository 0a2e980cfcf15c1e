"""The flow of people as text, CSV or JSON: sentences, a table by period, a chart."""

from __future__ import annotations

from collections.abc import Callable

from sibsim.report import as_json
from sibsim.report.as_csv import cell, line
from sibsim.report.flow_chart import chart
from sibsim.report.flow_sentences import all_queue, sentences
from sibsim.report.flow_table import QUEUE_RATIOS, QUEUE_SHOWN, SHOWN, are_years, is_there, period_tables, wait_table
from sibsim.report.layout import Layout, plain, wrap
from sibsim.report.reading import Summary
from sibsim.report.sections import STEPS, facts_line, headline, joined, list_under
from sibsim.report.wording import day_in_words

__all__ = ["RENDERERS"]

STATISTICS = ("mean", "mc_error", "p05", "p50", "p95")


def _text(summary: Summary, layout: Layout) -> str:
    sections = [
        _headline(summary, layout),
        [out for said in sentences(summary) for out in wrap(said, layout.width, "", "  ")],
        *period_tables(summary, layout),
        wait_table(summary, layout),
        chart(summary, layout),
        _warnings(summary, layout),
        wrap(_footnote(summary), layout.width),
    ]
    return joined(sections)


def _headline(summary: Summary, layout: Layout) -> list[str]:
    scenario = summary["scenario"]
    facts = [f"{summary['draws']:,} futures", f"seed {summary['seed']}", STEPS[scenario["step"]], "people only"]
    return headline(scenario["title"], scenario["option"], layout) + facts_line(facts, layout)


def _warnings(summary: Summary, layout: Layout) -> list[str]:
    """Those of the file that are about its people."""
    about = [w for w in summary["warnings"] if w.startswith("participants") and "has no effect" not in w]
    return list_under("Warnings", map(plain, about), layout)


def _footnote(summary: Summary) -> str:
    step = summary["scenario"]["step"]
    text = (
        f"Means over {summary['draws']:,} futures. ± is the simulation's own standard error of the mean, from "
        f"{summary['replicates']} independent replicates; in at least 90 of 100 futures a figure lies from 5 % to "
        "95 %. Where these lines are missing, every figure of the row is the same in every future. "
    )
    if all_queue(summary):
        text += "Everybody comes, starts and leaves on a day of their own."
    else:
        text += f"Those who start within a {step} stand on its first day."
    text += " In service: people there at a time, on average." + _straddling(summary)
    shown = {what for what in SHOWN if any(is_there(row[what]) for row in summary["periods"])}
    if "dropped_out" in shown and not all_queue(summary):
        text += " Given how many of a group drop out, they leave at the shares that an even hazard makes one expect."
    if "kept_away" in shown:
        text += " Kept away: planned, but an event, or want of money, left no start for them."
    if "cut_off" in shown:
        text += " Cut off: in service when an event ended it."
    return text + _of_the_queue(summary)


def _of_the_queue(summary: Summary) -> str:
    """What the words of the queue mean, and how large its bank is."""
    queue = summary["totals"][0]["queue"]
    if queue is None:
        return ""
    has_mark = any(column["places"]["value"] for column in summary["columns"])
    places = " The mark in the chart: places." if has_mark else ""
    return (
        " Want it: eligible, and accept. Waiting: at a time, on average. Left over: still waiting when nobody starts "
        "any more. Months waited: by those who start. % gave up: of those who want it from this period on, whenever "
        "they give up. % of places: how many are in use, on average, as long as people may start."
        f"{places} The queue was followed person by person in {queue['replications']:,} replications, {queue['bank']} "
        "for each 1,024 futures, of which each future takes one; ± holds that chance too."
    )


def _straddling(summary: Summary) -> str:
    """That a year is not one of the calendar, where its columns are not."""
    step = summary["scenario"]["step"]
    years = [p for p in summary["periods"] if p["cohort"] is None and p["months"] >= 12]
    if summary["by"] == step or not years or are_years(years[:1]):
        return ""
    first = years[0]
    begins, ends = day_in_words(first["from"]), day_in_words(first["until"])
    return f" A year holds the {step}s that begin in it: {first['from'][:4]} runs from {begins} to the start of {ends}."


# ------------------------------------------------------------------------------------------------ for programs
def _csv(summary: Summary, layout: Layout) -> str:
    """One row a period and cohort; all people together have no cohort. Of a queue more columns, empty without one."""
    has_queue = summary["totals"][0]["queue"] is not None
    spread = [*SHOWN, *(QUEUE_SHOWN if has_queue else ())]
    single = ["share_waits", *QUEUE_RATIOS] if has_queue else []
    head = ["cohort", "from", "until", "months"]
    head += [name if statistic == "mean" else f"{name}_{statistic}" for name in spread for statistic in STATISTICS]
    head += [f"{name}{end}" for name in single for end in ("", "_mc_error")]
    lines = [line(head)]
    for row in summary["periods"]:
        figures = {**row, **(row["queue"] or {})}
        cells = [row["cohort"] or "", row["from"], row["until"], repr(row["months"])]
        cells += [cell(figures.get(name, {}).get(statistic)) for name in spread for statistic in STATISTICS]
        cells += [cell(figures.get(name, {}).get(key)) for name in single for key in ("value", "mc_error")]
        lines.append(line(cells))
    return "".join(lines)


RENDERERS: dict[str, Callable[[Summary, Layout], str]] = {"text": _text, "csv": _csv, "json": as_json.render}
"""By format: what `sibsim flow` prints."""
