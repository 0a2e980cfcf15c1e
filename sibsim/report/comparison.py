"""A comparison of options as text, Markdown, CSV or JSON: sentences, tables side by side, a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sibsim.report import as_json
from sibsim.report.as_csv import cell, line
from sibsim.report.as_markdown import in_markdown
from sibsim.report.comparison_sentences import bearers, funds, in_short, others_who_lose, quoted
from sibsim.report.frequency import of_100
from sibsim.report.labels import METRICS
from sibsim.report.layout import Column, Layout, plain, table, wrap
from sibsim.report.numbers import amount, error_text, fixed, is_number, largest, unit_of
from sibsim.report.reading import Summary
from sibsim.report.sections import STEPS, facts_line, headline, joined, list_under

__all__ = ["RENDERERS"]

LABELS = {**METRICS, "net_money": "Received less paid", "net_outlay_pv": "Paid less received, pv"}
BARS = " ▁▂▃▄▅▆▇█"
MOST_INPUTS = 8
"""Inputs of which is told what it is worth to know them."""


def _text(summary: Summary, layout: Layout) -> str:
    sections = [
        _headline(summary, layout),
        _options(summary, layout),
        _in_short(summary, layout),
        list_under(
            "Lenders and providers who lose on average, and would have to sign all the same",
            others_who_lose(summary),
            layout,
        ),
        *_party_tables(summary, layout),
        *_decisions(summary, layout),
        list_under("Own money that comes back", funds(summary), layout),
        list_under("Warnings", _warnings(summary), layout),
        wrap(_footnote(summary), layout.width),
    ]
    return joined(sections)


def _headline(summary: Summary, layout: Layout) -> list[str]:
    facts = [f"{summary['draws']:,} futures, the same under each option", f"seed {summary['seed']}"]
    facts += [STEPS[summary["step"]], summary["currency"]]
    return headline(f"Compared: {summary['title']}", None, layout) + facts_line(facts, layout)


def _options(summary: Summary, layout: Layout) -> list[str]:
    """What is compared; what a standard option does, and which options are no choice."""
    said = []
    for option in summary["options"]:
        text = plain(option["name"])
        if option["says"]:
            text += f": {plain(option['says'])}"
        elif option["facts"]:
            text += ": another view of the world" + ("" if option["is_choice"] else ", shown but not chosen between")
        elif option["title"] != summary["title"]:
            text += f": {plain(option['title'])}"
        said.append(text)
    return list_under("Options", said, layout)


def _in_short(summary: Summary, layout: Layout) -> list[str]:
    lines: list[str] = []
    for name, sentence in in_short(summary):
        lines.append(layout.bold(name))
        lines += wrap(sentence, layout.width, "  ", "  ")
    return lines


# ------------------------------------------------------------------------------------------------ tables
def _party_tables(summary: Summary, layout: Layout) -> Iterator[list[str]]:
    """A table a figure; those that are the same in every future under each option in one line."""
    for party in summary["parties"].values():
        same = []
        for metric, figure in party["figures"].items():
            if metric != party["judged_by"] and _is_same(figure):
                same.append((metric, figure))
            else:
                yield _figure_table(summary, party, metric, figure, layout)
        if same:
            told = [f"{LABELS.get(m, m)} {summary['currency']} {amount(_first(figure))}" for m, figure in same]
            name = plain(party["name"])
            yield wrap(f"{name}: the same under each option, mean: {', '.join(told)}.", layout.width, "", "  ")


def _is_same(figure: Mapping[str, Any]) -> bool:
    """Whether money is the same in every future under each option."""
    return all((less["mean"], less["mc_error"], less["sd"]) == (0, 0, 0) for less in figure["less_first"].values())


def _first(figure: Mapping[str, Any]) -> float:
    return float(next(iter(figure["options"].values()))["mean"])


def _figure_table(
    summary: Summary, party: Mapping[str, Any], metric: str, figure: Mapping[str, Any], layout: Layout
) -> list[str]:
    """One figure of a party under each option, less the first option's, and for what it is judged by, the chances."""
    first = summary["options"][0]["name"]
    size = largest(v for o in figure["options"].values() for v in (o["mean"], o["p05"], o["p95"]))
    unit = unit_of(figure["unit"], summary["currency"], size)
    is_judged = metric == party["judged_by"]
    columns = [Column("mean"), Column("5 %", 3), Column("95 %", 3), Column("difference"), Column("±", 2)]
    columns += [Column("better", 1), Column("best", 1)] if is_judged else []
    better = {(p["option"], p["less"]): p["better"]["value"] for p in party.get("pairs", ())}
    rows = []
    for name, own in figure["options"].items():
        less = figure["less_first"].get(name)
        cells = [unit.text(own[key]) for key in ("mean", "p05", "p95")]
        cells += [unit.text(less["mean"]), error_text(less["mc_error"], unit)] if less else ["", ""]
        if is_judged:
            cells.append(of_100(better[name, first]) if less else "")
            cells.append(of_100(party["best"][name]["value"]) if name in party["best"] else "-")
        rows.append((plain(name), cells))
    heading = f"{plain(party['name'])}: {LABELS.get(metric, metric)}" + (f", {unit.word}" if unit.word else "")
    return table(heading, columns, rows, layout)


# ------------------------------------------------------------------------------------------------ decisions
def _decisions(summary: Summary, layout: Layout) -> Iterator[list[str]]:
    for id, decision in summary["decisions"].items():
        if id not in summary["parties"]:  # nothing is ever paid or saved
            continue
        name = plain(summary["parties"][id]["name"])
        yield _chart(summary, name, decision["acceptability"], layout)
        heading = f"{name}: who bears the worst 5 of 100 of its futures, {summary['currency']}"
        yield list_under(heading, bearers(summary, decision), layout)
        yield _transfer(summary, name, decision["risk_transfer"], layout)
        yield _information(summary, name, decision["information"], layout)


def _chart(summary: Summary, name: str, curve: Mapping[str, Any] | None, layout: Layout) -> list[str]:
    """The chance that each option is the best, by what one outcome achieved is worth beside the money saved."""
    if curve is None:
        return []
    outcome, money = plain(curve["outcome"]), summary["currency"]
    if len(curve["rows"]) < 2:
        text = f"{name}: every choice achieves the same of '{outcome}', so what that is worth changes nothing."
        return wrap(text, layout.width, "", "  ")
    more = "less" if curve["better"] == "fewer" else "more"
    heading = f"{name}: which option is best, if one unit {more} of '{outcome}' has a worth beside the cash it saves"
    lines = [layout.bold(one) for one in wrap(heading, layout.width)]
    options = list(curve["achieved"])
    ends = curve["rows"][0], curve["rows"][-1]
    titles = [f"{money} 0", f"{money} {amount(curve['up_to'])}", "0 to highest"]
    rows = []
    for option in options:
        chances = [row["best"][option]["value"] for row in curve["rows"]]
        cells = [of_100(ends[0]["best"][option]["value"]), of_100(ends[1]["best"][option]["value"]), _bars(chances)]
        rows.append((plain(option), cells))
    return lines + table(
        "Best in, of 100", [Column(titles[0], 2), Column(titles[1], 1), Column(titles[2])], rows, layout
    )


def _bars(chances: list[float]) -> str:
    """A row of blocks, full where it is sure; a chance that is not none shows.

    >>> _bars([0.0, 0.001, 0.5, 1.0])
    '.▁▄█'
    """
    return "".join("." if c <= 0 else BARS[max(1, round(8 * c))] for c in chances)


def _transfer(summary: Summary, name: str, transfer: Mapping[str, Any] | None, layout: Layout) -> list[str]:
    if transfer is None:
        return []
    against, money = transfer["against"], summary["currency"]
    size = largest(
        o[key]["value"] for o in transfer["options"].values() for key in ("extra_cost", "shortfall_falls_by")
    )
    unit = unit_of(money, money, size)
    heading = f"{name}: what less risk costs, against {quoted(against)} (cheapest with service), {unit.word}"
    columns = [
        Column("costs more"),
        Column("±", 3),
        Column("shortfall falls"),
        Column("±", 3),
        Column("price"),
        Column("±", 1),
    ]
    rows = []
    for option, one in transfer["options"].items():
        cells = []
        for key in ("extra_cost", "shortfall_falls_by"):
            cells += [unit.text(one[key]["value"]), error_text(one[key]["mc_error"], unit)]
        price = one["price"]["value"]
        cells += [fixed(price, 2), fixed(one["price"]["mc_error"], 2)] if is_number(price) else ["no less risk", ""]
        rows.append((plain(option), cells))
    return table(heading, columns, rows, layout)


def _information(summary: Summary, name: str, known: Mapping[str, Any] | None, layout: Layout) -> list[str]:
    if known is None or not known["everything"]["value"]:
        return []
    money = summary["currency"]
    unit = unit_of(money, money, largest([known["everything"]["value"]]))
    found = sorted(known["by_input"].items(), key=lambda pair: -pair[1]["value"])
    everything = known["everything"]
    rows = [("everything (no study can give more)", [unit.text(everything["value"]), _error(everything, unit)])]
    rows += [(plain(n), [unit.text(max(v["value"], 0.0)), _error(v, unit)]) for n, v in found[:MOST_INPUTS]]
    heading = f"{name}: what it is worth at most to know before choosing, {unit.word}"
    return table(heading, [Column("worth"), Column("±")], rows, layout)


def _error(figure: Mapping[str, Any], unit: Any) -> str:
    return str(error_text(figure["mc_error"], unit))


# ------------------------------------------------------------------------------------------------ the rest
def _warnings(summary: Summary) -> list[str]:
    found = [plain(warning) for warning in summary["warnings"]]
    for file, warnings in summary["warnings_of_files"].items():
        if warnings:
            count = f"{len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
            name = plain(file.replace("\\", "/").rpartition("/")[2])
            found.append(f"{name}: {count} of its own, which `sibsim validate` tells")
    return found


def _footnote(summary: Summary) -> str:
    first = quoted(summary["options"][0]["name"])
    return (
        f"Means over {summary['draws']:,} futures; in at least 90 of 100 a figure lies from 5 % to 95 %. Difference: "
        f"to {first}, in the same futures; ± is its standard error in this simulation, from {summary['replicates']} "
        "independent replicates. Every input, person's luck and noise that two options share by name is the same draw "
        f"under both. Better: in how many of 100 futures it is better than {first} for this party; best: than all "
        "others that are a choice. Options that are equal share a future. Budgets are compared by their net effect, "
        "discounted; who only lends by what the loan is worth at its hurdle; others by what they receive less what "
        "they pay. Expected shortfall: the mean loss in the worst 5 of 100 futures. Price: extra cost on average for "
        "each unit by which that falls."
    )


# ------------------------------------------------------------------------------------------------ for programs
SHOWN = ("mean", "mc_error", "sd", "p05", "p50", "p95")
LESS = ("mean", "mc_error", "p05", "p95")


def _csv(summary: Summary, layout: Layout) -> str:
    """One row a party, figure and option."""
    head = ["party", "figure", "unit", "option", *SHOWN, *(f"less_first_{key}" for key in LESS)]
    lines = [line([*head, "better_than_first", "better_mc_error", "best", "best_mc_error"])]
    first = summary["options"][0]["name"]
    for id, party in summary["parties"].items():
        better = {p["option"]: p["better"] for p in party.get("pairs", ()) if p["less"] == first}
        for metric, figure in party["figures"].items():
            is_judged = metric == party["judged_by"]
            for name, own in figure["options"].items():
                less = figure["less_first"].get(name, {})
                cells = [id, metric, figure["unit"], name, *(cell(own[key]) for key in SHOWN)]
                cells += [cell(less.get(key)) for key in LESS]
                for of in (better, party.get("best", {})):
                    one = of.get(name, {}) if is_judged else {}
                    cells += [cell(one.get("value")), cell(one.get("mc_error"))]
                lines.append(line(cells))
    return "".join(lines)


RENDERERS: dict[str, Callable[[Summary, Layout], str]] = {
    "text": _text,
    "markdown": in_markdown(_text),
    "csv": _csv,
    "json": as_json.render,
}
"""By format: what `sibsim compare` prints."""
