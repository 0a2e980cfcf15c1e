"""One future told by date, as text or JSON: people, reports, each step of what is paid, balances, and where it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sibsim.report import as_json
from sibsim.report.labels import METRICS, in_order, label
from sibsim.report.layout import Column, Layout, Row, plain, table, wrap
from sibsim.report.numbers import exact, fixed, is_number, largest, percent, unit_of
from sibsim.report.reading import Summary, has_no_hurdle
from sibsim.report.sections import headline, joined
from sibsim.report.steps import Words, sentence, told
from sibsim.report.wording import day_in_words

__all__ = ["RENDERERS"]

Entry = Mapping[str, Any]
FEW = 0.001
"""Under this share of all futures they are counted, not told as a percent."""
KEPT_AWAY = {"event": "an event keeps them away", "money": "there is no money for them, which keeps them away"}
DIGITS = 4
"""Significant digits of figures in the text; the JSON has more."""


def _json(summary: Summary, layout: Layout) -> str:
    words = Words(summary["scenario"]["parties"], DIGITS + 1)
    return as_json.render({**summary, "trace": told(summary["trace"], words)}, layout)


def _text(summary: Summary, layout: Layout) -> str:
    sections = [
        _headline(summary, layout),
        _inputs(summary, layout),
        *_dates(summary, layout),
        _outcomes(summary, layout),
        *_parties(summary, layout),
        _footnote(summary, layout),
    ]
    return joined(sections)


RENDERERS: dict[str, Callable[[Summary, Layout], str]] = {"text": _text, "json": _json}


def _words(summary: Summary) -> Words:
    return Words(summary["scenario"]["parties"], DIGITS)


# ------------------------------------------------------------------------------------------------ what it is
def _headline(summary: Summary, layout: Layout) -> list[str]:
    scenario, chosen = summary["scenario"], summary["chosen"]
    lines = headline(scenario["title"], scenario["option"], layout)
    words = _words(summary)
    by = "" if chosen["by"] == "number" else f", the {chosen['by']} for {words.party(chosen['party'])}"
    future = f"Future {summary['draw']:,} of {summary['draws']:,}{by}; seed {summary['seed']}"
    return lines + wrap(future, layout.width) + wrap(_where(summary), layout.width)


def _where(summary: Summary) -> str:
    """Where its result stands among all futures."""
    chosen = summary["chosen"]
    entry = next((p for p in summary["parties"] if p["party"] == chosen["party"]), None)
    metric = entry["metrics"].get(chosen["metric"]) if entry else None
    what = f"{_words(summary).party(chosen['party'])}: {label(chosen['metric'])}"
    if metric is None or metric["value"] is None:
        return f"{what}: not applicable in this future"
    unit = unit_of(metric["unit"], summary["scenario"]["currency"], abs(metric["value"]))
    n, word = summary["draws"], f", {unit.word}" if unit.word else ""
    where = f"lower in {_share(metric['lower'], n)} of all futures, higher in {_share(metric['higher'], n)}"
    return f"{what}{word}: {unit.text(metric['value'])}; {where}"


def _share(count: int | None, n: int) -> str:
    """In how many of all futures.

    >>> _share(0, 8192), _share(7, 8192), _share(4096, 8192), _share(8190, 8192)
    ('none', '7', '50.0 %', 'all but 2')
    """
    if count is None:
        return "n/a"
    if count == 0 or count == n:
        return "all" if count else "none"
    if min(count, n - count) < FEW * n:
        return f"{count}" if count < FEW * n else f"all but {n - count}"
    return percent(count / n)


def _inputs(summary: Summary, layout: Layout) -> list[str]:
    n = summary["draws"]
    rows: list[Row] = []
    for entry in summary["inputs"]:
        if entry["lower"] is None:
            continue
        cells = [
            _words(summary).shown(entry["value"], entry["unit"]),
            _share(entry["lower"], n),
            _share(entry["higher"], n),
        ]
        rows.append((plain(entry["input"]), cells))
    columns = (Column("here"), Column("lower in", spare=1), Column("higher in", spare=2))
    return table("What came of the inputs", columns, rows, layout) if rows else []


# ------------------------------------------------------------------------------------------------ date by date
def _dates(summary: Summary, layout: Layout) -> Iterator[list[str]]:
    """A section for each date on which something happened."""
    by_date: dict[str, list[str]] = {}
    for date, lines in _told(summary, layout):
        by_date.setdefault(date, []).extend(lines)
    balances = {b["date"]: b for b in summary["balances"]}
    before: Entry | None = None
    for date in sorted(by_date):
        lines = by_date[date]
        balance = balances.get(date, before)
        if balance is not None and (before is None or not _is_same(balance, before)):
            lines += wrap(_balance(balance, _words(summary)), layout.width, "  ", "    ")
        before = balance
        yield [layout.bold(day_in_words(date)), *lines]


def _told(summary: Summary, layout: Layout) -> Iterator[tuple[str, list[str]]]:
    words = _words(summary)
    for people in _together(summary["people"]):
        text = _people(people)
        if text:
            yield people["date"], wrap(text, layout.width, "  ", "    ")
    seen: set[tuple[str, str | None]] = set()
    for report in summary["reports"]:
        which = report["measure"], report["cohort"]
        text = _report(report, words, is_later=which in seen)
        seen |= {which} if report["counted"] else set()
        yield report["date"], wrap(text, layout.width, "  ", "    ")
    for (date, subject, cohort), group in groupby(summary["trace"], lambda s: (s["date"], s["subject"], s["cohort"])):
        yield date, _steps(plain(subject), cohort, list(group), words, layout)


def _steps(subject: str, cohort: str | None, steps: Sequence[Entry], words: Words, layout: Layout) -> list[str]:
    """One step on the line of its subject; several below it."""
    name = f"{subject} ({plain(cohort)})" if cohort else subject
    if len(steps) == 1:
        return wrap(f"{name}: {sentence(steps[0], words)}", layout.width, "  ", "    ")
    lines = wrap(f"{name}:", layout.width, "  ", "    ")
    for step in steps:
        lines += wrap(sentence(step, words), layout.width, "    ", "      ")
    return lines


def _together(people: Sequence[Entry]) -> Iterator[Entry]:
    """Groups that start; those of one cohort that are kept away one after the other stand once."""
    last: dict[str | None, dict[str, Any]] = {}
    told = []
    for one in people:
        run = last.get(one["cohort"])
        is_away = not one["offered"] and one.get("planned")
        if is_away and run is not None and run["kept_away_by"] == one["kept_away_by"]:
            run["after"] += one["planned"]
            continue
        entry = {**one, "after": 0.0}
        told.append(entry)
        last.pop(one["cohort"], None)
        if is_away:
            last[one["cohort"]] = entry
    yield from told


def _people(people: Entry) -> str:
    whose = f" of {plain(people['cohort'])}" if people["cohort"] else ""
    if not people["offered"] and people.get("planned"):
        after = f", and the {exact(people['after'])} who were to follow" if people["after"] else ""
        return f"{exact(people['planned'])} people{whose} were to start; {KEPT_AWAY[people['kept_away_by']]}{after}"
    if not people["offered"]:
        return ""
    offered = f" of {exact(people['offered'])} offered" if people["offered"] != people["starters"] else ""
    leave = f"; {exact(people['dropouts'])} will drop out" if people["dropouts"] else ""
    return f"{exact(people['starters'])} people{whose} start{offered}{leave}"


def _report(report: Entry, words: Words, is_later: bool = False) -> str:
    """What is reported, beside the truth; of a later report that counts nobody, that there was nothing new."""
    name = plain(report["measure"]) + (f" ({plain(report['cohort'])})" if report["cohort"] else "")
    value, truth, unit = report["value"], report["truth"], report["unit"]
    if report["is_undefined"]:
        return f"The evaluator has no {name}: the comparison had none; it counts as {words.shown(value, unit)}"
    said = f"The evaluator reports {name}: {_rounded(value, unit, words)}"
    if is_later and report["people"] and not report["counted"]:
        is_new = truth is None and bool(value)  # people who were referred before and start only now
        return said if is_new else f"{said}; nothing new to report"
    if truth is None:
        return said
    what = "the true effect was" if report["is_effect"] else "in truth"
    left = (report["people"] or 0.0) - (report["counted"] or 0.0)
    few = f"; {fixed(left, 0)} of {fixed(report['people'], 0)} people are not counted in it" if left >= 0.5 else ""
    if abs(value - truth) <= 1e-9 * max(abs(truth), 1.0):
        return f"{said}, as it was in truth{few}"
    return f"{said}; {what} {_rounded(truth, unit, words)}{few}"


def _rounded(value: float, unit: str, words: Words) -> str:
    """A reading as the report shows it: percents with one decimal."""
    return f"{fixed(100 * value, 1)} %" if unit == "percent" else words.shown(value, unit)


def _balance(balance: Entry, words: Words) -> str:
    owed = []
    for name, amount in balance["outstanding"].items():
        interest = balance["interest"].get(name, 0.0)
        more = f" and {words.money(interest)} of interest" if interest else ""
        if amount or interest:
            owed.append(f"{plain(name)} {words.money(amount)}{more}")
    cash = f"On the account {words.money(balance['cash'])}"
    return f"{cash}; outstanding: {', '.join(owed)}" if owed else cash


def _is_same(one: Entry, other: Entry) -> bool:
    return all(one[key] == other[key] for key in ("cash", "outstanding", "interest"))


# ------------------------------------------------------------------------------------------------ where it ends
def _outcomes(summary: Summary, layout: Layout) -> list[str]:
    columns = (*((Column("starters"),) if summary["people"] else ()), *map(Column, ("without", "with", "happened")))
    rows: list[Row] = []
    for one in summary["outcomes"]:
        figures = [one["people"], one["expected_without"], one["expected_with"], one["happened"]]
        name = plain(one["outcome"]) + (f", {plain(one['cohort'])}" if one["cohort"] else "")
        is_money = one["type"] == "money"
        size = largest(figures[1:])
        currency = summary["scenario"]["currency"]
        unit = unit_of(currency if is_money else "number", currency, size)
        word = f", {unit.word}" if is_money else ""
        people = [fixed(figures[0], 0)] if summary["people"] else []
        rows.append((f"{name} ({plain(one['type'])}{word})", [*people, *map(unit.text, figures[1:])]))
    heading = "What happened: expected without and with the programme, and what came"
    return table(heading, columns, rows, layout) if rows else []


def _parties(summary: Summary, layout: Layout) -> Iterator[list[str]]:
    """Each party's result, and where that stands among all futures."""
    bodies = [p for p in summary["parties"] if p["party"] != "public_purse" and "net_budget_effect_pv" in p["metrics"]]
    for party in summary["parties"]:
        if party["party"] != "public_purse" or len(bodies) > 1:
            rows = _metrics(party["metrics"], summary)
            if rows:
                yield table(plain(party["name"]), COLUMNS, rows, layout)


COLUMNS = (Column("here"), Column("lower in", spare=1), Column("higher in", spare=2))


def _metrics(metrics: Mapping[str, Any], summary: Summary) -> list[Row]:
    currency, n = summary["scenario"]["currency"], summary["draws"]
    money = largest(m["value"] for m in metrics.values() if m["unit"] == currency)
    rows: list[Row] = []
    same = has_no_hurdle(metrics)
    for name in in_order(metrics):
        metric = metrics[name]
        if name == "npv" and same:
            continue
        if not metric["value"] and not metric["lower"] and not metric["higher"]:
            continue  # nothing, in every future
        unit = unit_of(metric["unit"], currency, largest([metric["value"]]), money)
        word = f", {unit.word}" if unit.word else ""
        text = unit.text(metric["value"]) if is_number(metric["value"]) else "n/a"
        rows.append((f"{label(name, METRICS)}{word}", [text, _share(metric["lower"], n), _share(metric["higher"], n)]))
    return rows


def _footnote(summary: Summary, layout: Layout) -> list[str]:
    text = (
        f"This is one future of {summary['draws']:,}: what could happen, not what will. Lower in and higher in: the "
        "share of all futures in which a figure is lower or higher than here, or how many they are. The true effect is "
        "what is expected with the programme less what is expected without it; the evaluator sees only what happened."
    )
    return wrap(text, layout.width)
