"""The analyst's tables of a portfolio: what is held, how much may be lost, who lends, what the worst futures hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sibsim.report.frequency import of_100
from sibsim.report.labels import label
from sibsim.report.layout import Column, Layout, Row, plain, table, wrap
from sibsim.report.numbers import Unit, error_text, exact, fixed, is_number, largest, unit_of
from sibsim.report.portfolio.reading import Entry, error_of, is_fund_alone, name_of_holding, out_of, value
from sibsim.report.reading import Summary, figure, has_amounts, is_constant, name_of, number

__all__ = [
    "MOST_HOLDINGS",
    "concentration_tables",
    "exceedance_table",
    "holdings_table",
    "lenders_table",
    "others_table",
    "worst_table",
]

MOST_HOLDINGS = 20
"""Holdings of a table; the others stand in one row. The JSON has all."""
MOST_NAMES = 5
"""Names of a table of concentration."""
MOST_WORST = 10
"""Holdings of the table of the worst futures."""
CLEAR = 4.0
"""Errors by which the mean of an input in the worst futures is off that of all before it is told."""
NOT_SAID = "not said"
PERCENT = Unit("% a year", 0.01, 1)


def _money(summary: Summary, sizes: Iterable[float | None]) -> Unit:
    currency = summary["portfolio"]["currency"]
    return unit_of(currency, currency, largest(sizes))


def _chance(found: Any) -> str:
    """Of a counted chance or of an estimate, in how many of 100 futures."""
    number = value(found)
    return "n/a" if number is None else of_100(number)


def _percent(part: float | None) -> str:
    """A share in percent; one that is not zero never reads as zero.

    >>> _percent(0.354), _percent(0.0), _percent(0.0001), _percent(-0.0001), _percent(-0.02), _percent(None)
    ('35.4', '0', '<0.1', '>-0.1', '-2.0', 'n/a')
    """
    if part is None or not is_number(part):
        return "n/a"
    if part == 0 or abs(part) >= 0.0005:
        return fixed(100 * part, 1) if part else "0"
    return "<0.1" if part > 0 else ">-0.1"


def _notes(text: str, layout: Layout) -> list[str]:
    return wrap(text, layout.width, "  ")


# ------------------------------------------------------------------------------------------------ what is held
def holdings_table(summary: Summary, layout: Layout) -> list[str]:
    """The largest holdings, what each may lose alone, and what it adds to the worst futures of the whole."""
    held = summary["holdings"]
    order = sorted(held, key=lambda name: (-(value(held[name]["committed"]) or 0.0), name))
    unit = _money(summary, [_alone(summary), _whole(summary), *(value(held[name]["committed"]) for name in held)])
    total = sum(value(one["committed"]) or 0.0 for one in held.values())
    columns = [Column("committed"), Column("return", 3), Column("loses", 1), Column("alone", 2)]
    columns += [Column("adds"), Column("±", 4), Column("share")]
    rows: list[Row] = [(name_of_holding(summary, n), _held(held[n], unit)) for n in order[:MOST_HOLDINGS]]
    others = [held[name] for name in order[MOST_HOLDINGS:]]
    if others:
        rows.append((f"{len(others)} smaller, together", _held_together(others, unit)))
    if len(held) > 1:
        rows.append(("all together", _all_held(summary, total, unit)))
    heading = f"Holdings, {unit.word}"
    return [*table(heading, columns, rows, layout), *_notes(_of_holdings(summary), layout)]


def _of_holdings(summary: Summary) -> str:
    """What the columns mean."""
    several = any(one["copies"] > 1 for one in summary["holdings"].values())
    left_out = len(summary["holdings"]) - MOST_HOLDINGS
    largest_first = f" Of {left_out} that are smaller only the sum is shown." if left_out > 0 else ""
    copies = " (the contracts of one holding together)" if several else ""
    return (
        "Committed: money promised to the contract. Return: IRR of the expected flows, % a year. Loses: of 100 "
        f"futures, those in which it gives back less than was lent{copies}. Alone: its mean loss in its own worst 5 of "
        "100 futures. Adds: what it loses on average in the worst 5 of 100 futures of all together, below 0 a gain; "
        f"share: of that of all, in percent.{largest_first}"
    )


def _held(one: Entry, unit: Unit) -> list[str]:
    euler = one["contribution"]["net_loss"]
    return [
        unit.text(value(one["committed"])),
        PERCENT.text(number(one, "irr_of_expected_flows")),
        _chance(one["probabilities"]["loss"]),
        unit.text(value(one["alone"]["expected_shortfall_95"])),
        unit.text(value(euler)),
        error_text(error_of(euler), unit),
        _percent(euler["share"]),
    ]


def _held_together(others: Sequence[Entry], unit: Unit) -> list[str]:
    """Of several holdings what can be added up."""
    parts = [one["contribution"]["net_loss"] for one in others]
    shares = [part["share"] for part in parts]
    whole = None if None in shares else sum(shares)
    return [
        unit.text(sum(value(one["committed"]) or 0.0 for one in others)),
        "",
        "",
        unit.text(sum(value(one["alone"]["expected_shortfall_95"]) or 0.0 for one in others)),
        unit.text(sum(value(part) or 0.0 for part in parts)),
        "",
        _percent(whole),
    ]


def _all_held(summary: Summary, total: float, unit: Unit) -> list[str]:
    pooled, whole = summary["contracts"], summary["losses"]["net_loss"]["expected_shortfall_95"]
    return [
        unit.text(total),
        PERCENT.text(number(pooled, "irr_of_expected_flows")),
        _chance(pooled["probabilities"]["loss"]),
        unit.text(_alone(summary)),
        unit.text(value(whole)),
        error_text(error_of(whole), unit),
        "100" if (value(whole) or 0.0) > 0 else "n/a",
    ]


def _alone(summary: Summary) -> float:
    """What the holdings would lose in their worst futures, each by itself, added up."""
    return sum(value(one["alone"]["expected_shortfall_95"]) or 0.0 for one in summary["holdings"].values())


def _whole(summary: Summary) -> float | None:
    return value(summary["losses"]["net_loss"]["expected_shortfall_95"])


# ------------------------------------------------------------------------------------------------ how much is lost
def exceedance_table(summary: Summary, layout: Layout) -> list[str]:
    """The loss that is passed in 1 of 10 futures, 1 of 20, ..."""
    net, lost = summary["losses"]["net_loss"], summary["losses"]["lost"]
    several = summary["portfolio"]["contracts"] > 1
    shown = [net, lost] if several else [net]
    unit = _money(summary, (value(row["loss"]) for one in shown for row in one["exceedance"]))
    titles = ["together", "of those that lose"] if several else ["loss"]
    columns = [column for title in titles for column in (Column(title), Column("±", 1))]
    rows: list[Row] = []
    for i, row in enumerate(net["exceedance"]):
        found = [one["exceedance"][i]["loss"] for one in shown]
        rows.append((f"1 in {row['one_in']:,} futures", [text for one in found for text in _with_error(one, unit)]))
    for key, name in (
        ("expected_shortfall_95", "worst 5 of 100, mean"),
        ("expected_shortfall_99", "worst 1 of 100, mean"),
    ):
        rows.append((name, [text for one in shown for text in _with_error(one[key], unit)]))
    note = "In at most 1 in 10, 20, ... futures the loss is larger than this; below 0 it is a gain."
    if several:
        note += (
            " Together: gains of some contracts make up for losses of others. Of those that lose: only the contracts "
            "that lose are added up."
        )
    return [*table(f"How much may be lost, {unit.word}", columns, rows, layout), *_notes(note, layout)]


def _with_error(found: Entry, unit: Unit) -> list[str]:
    return [unit.text(value(found)), error_text(error_of(found), unit)]


# ------------------------------------------------------------------------------------------------ who lends
LENDERS = ("drawn", "return", "IRR 5 %", "IRR 95 %", "loses", "all of it", "worst 5")


def lenders_table(summary: Summary, layout: Layout) -> list[str]:
    """A row a tranche: what is lent, what comes of it, how often it loses."""
    rows: list[Row] = []
    held: list[tuple[str, Entry]] = []
    for party in summary["parties"].values():
        if "investor" not in party["roles"]:
            continue
        tranches = {} if is_fund_alone(summary) else party.get("tranches") or {}
        if not tranches:
            held.append((name_of(party), party))
        held += [(f"{plain(name)}, {name_of(party)}", tranche) for name, tranche in tranches.items()]
    unit = _money(summary, (number(one, key) for _, one in held for key in ("drawn", "expected_shortfall_95")))
    for name, one in held:
        chances = one["probabilities"]
        rates = [PERCENT.text(number(one, "irr", key)) for key in ("p05", "p95")]
        cells = [unit.text(number(one, "drawn")), PERCENT.text(number(one, "irr_of_expected_flows")), *rates]
        cells += [_chance(chances["loss"]), _chance(chances["total_loss"])]
        rows.append((name, [*cells, unit.text(number(one, "expected_shortfall_95"))]))
    spares = (0, 0, 4, 5, 0, 3, 2)
    columns = [Column(title, spare) for title, spare in zip(LENDERS, spares, strict=True)]
    note = (
        "Drawn: lent on average. Return: IRR of the expected flows, % a year; in at least 90 of 100 futures the IRR is "
        "between the two beside it. Loses: of 100 futures, those in which less comes back than was lent; all of it: "
        "those in which nothing does. Worst 5: the mean loss in its own worst 5 of 100 futures, below 0 a gain."
    )
    return [*table(f"Who lends, {unit.word}", columns, rows, layout), *_notes(note, layout)] if rows else []


OTHERS = ("called", "margin", "received", "own_costs", "drawn")


def others_table(summary: Summary, layout: Layout) -> list[str]:
    """What those who do not lend give or get."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for party in summary["parties"].values():
        if "investor" not in party["roles"]:
            metrics = [(name, figure(party, name)) for name in OTHERS]
            shown = [(name, one) for name, one in metrics if one and "p50" in one and has_amounts(party, name)]
            found += [(f"{name_of(party)}: {label(name).lower()}", one) for name, one in shown]
    if not found:
        return []
    unit = _money(summary, (one[key] for _, one in found for key in ("mean", "p05", "p95")))
    rows: list[Row] = []
    for name, one in found:
        spread = ["the same", "in all"] if is_constant(one) else [unit.text(one["p05"]), unit.text(one["p95"])]
        rows.append((name, [unit.text(one["mean"]), error_text(one["mc_error"], unit), *spread]))
    columns = [Column("mean"), Column("±", 1), Column("5 %"), Column("95 %")]
    return table(f"Others, {unit.word}", columns, rows, layout)


# ------------------------------------------------------------------------------------------------ the worst futures
def worst_table(summary: Summary, layout: Layout) -> list[str]:
    """The holdings that lose most in the worst futures: how often they lose there, and which inputs differ there."""
    held = summary["holdings"]
    order = sorted(held, key=lambda name: (-(value(held[name]["contribution"]["net_loss"]) or 0.0), name))
    shown = order[:MOST_WORST]
    unit = _money(summary, (value(held[name]["in_the_worst"]["net_gain"]) for name in shown))
    rows: list[Row] = []
    for name in shown:
        one = held[name]
        there = one["in_the_worst"]
        cells = [unit.text(value(there["net_gain"])), error_text(error_of(there["net_gain"]), unit)]
        cells += [_chance(there["loses"]), _chance(one["probabilities"]["loss"])]
        rows.append((name_of_holding(summary, name), cells))
        rows += [(text, []) for text in [_inputs_there(one)] if text]
    columns = [Column("gain there"), Column("±", 1), Column("loses there"), Column("in all", 2)]
    heading = f"In the worst {out_of(summary['worst']['share'])} futures of all together, {unit.word}"
    note = "Gain there: mean, below 0 a loss. Loses: of 100 of these futures, and of 100 of all."
    if len(order) > len(shown):
        note += f" {len(order) - len(shown)} holdings that lose less there are not shown."
    return [*table(heading, columns, rows, layout), *_notes(note, layout)]


def _inputs_there(one: Entry) -> str:
    """The inputs whose mean in the worst futures is clearly not the mean of all, the clearest first."""
    found = []
    for name, given in one["inputs"].items():
        mean, there = value(given["mean"]), value(given["in_the_worst"])
        error = error_of(given["in_the_worst"]) or 0.0
        if mean is None or there is None or abs(there - mean) <= max(CLEAR * error, 1e-9 * abs(mean)):
            continue
        shown, usual = _apart(there, mean, given["unit"])
        if shown != usual:
            found.append((abs(there - mean) / (error or 1.0), f"{plain(name)} {shown} there, {usual} in all"))
    found.sort(key=lambda pair: -pair[0])
    return "; ".join(text for _, text in found[:3])


def _apart(there: float, mean: float, unit: str) -> tuple[str, str]:
    factor, sign = (100.0, " %") if unit == "percent" else (1.0, "")
    return f"{exact(factor * there, 3)}{sign}", f"{exact(factor * mean, 3)}{sign}"


# ------------------------------------------------------------------------------------------------ concentration
KINDS = {"payer": "Who pays", "provider": "Who provides the service", "field": "Field"}


def concentration_tables(summary: Summary, layout: Layout) -> list[list[str]]:
    """What is committed by payer, provider and field: the largest, and as over how many equal ones it is spread."""
    found = summary["concentration"]
    sections = []
    for kind, heading in KINDS.items():
        entries = found["by"].get(kind) or []
        if not entries or [one["name"] for one in entries] == [NOT_SAID]:
            continue
        if len(entries) == 1:
            sections.append(wrap(f"{heading}: {plain(entries[0]['name'])}, of all contracts.", layout.width, "", "  "))
            continue
        unit = _money(summary, (value(one["committed"]) for one in entries))
        order = sorted(entries, key=lambda one: (-(value(one["committed"]) or 0.0), str(one["name"])))
        rows: list[Row] = []
        for one in order[:MOST_NAMES]:
            cells = [unit.text(value(one["committed"])), _percent(value(one["share"]))]
            rows.append((plain(one["name"]), [*cells, _percent(value(one["contribution_share"]))]))
        columns = [Column("committed"), Column("% of it"), Column("% of the worst")]
        lines = table(f"{heading}, {unit.word}", columns, rows, layout)
        note = _spread(len(order), value(found["effective_number"].get(kind)))
        if any(len(one.get(f"{kind}s") or []) > 1 for one in summary["holdings"].values()):
            note = f"{note} Where a contract has several, each counts with an equal part.".strip()
        sections.append([*lines, *_notes(note, layout)])
    return sections


def _spread(n: int, effective: float | None) -> str:
    """As over how many equal ones what is committed is spread."""
    rest = n - MOST_NAMES
    parts = [f"{rest} smaller {'ones are' if rest > 1 else 'one is'} not shown"] if rest > 0 else []
    if effective is not None and n > 1:
        parts.append(f"spread as over {exact(effective, 2)} equal ones")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""
