"""What stands behind the figures: what drives them, which chance they come from, the inputs, and the warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sibsim.report.labels import driver_label
from sibsim.report.layout import Column, Layout, Row, plain, table, wrap
from sibsim.report.numbers import fixed, is_number
from sibsim.report.reading import Summary, name_of

__all__ = ["driver_table", "input_list", "spread_table", "warning_list"]

SHOWN = 10
AT_ONCE = 5
LAYERS = ("inputs", "people", "measurement")


def _names(summary: Summary) -> dict[str, str]:
    return {id: name_of(party) for id, party in summary["parties"].items()}


def driver_table(summary: Summary, layout: Layout) -> list[str]:
    """Rank correlation of each input with each headline metric, the strongest first."""
    by_input: dict[str, dict[str, float | None]] = {}
    for row in summary["drivers"]:
        value = row["rank_correlation"]
        by_input.setdefault(row["input"], {})[row["metric"]] = value if is_number(value) else None
    if not by_input:
        return []
    metrics = list(dict.fromkeys(row["metric"] for row in summary["drivers"]))
    order = sorted(by_input, key=lambda name: -_strength(by_input[name]))
    names = _names(summary)
    lines: list[str] = []
    for first in range(0, len(metrics), AT_ONCE):
        some = metrics[first : first + AT_ONCE]
        columns = [Column(f"({first + i})") for i in range(1, len(some) + 1)]
        rows: list[Row] = [(plain(n), [fixed(by_input[n].get(m), 2) for m in some]) for n in order[:SHOWN]]
        lines += table("What drives it", columns, rows, layout)
        for column, metric in zip(columns, some, strict=True):
            lines += wrap(
                f"{column.title} rank correlation with {driver_label(metric, names)}", layout.width, "  ", "      "
            )
    if len(order) > SHOWN:
        lines += wrap(f"{len(order) - SHOWN} weaker inputs are left out here.", layout.width, "  ")
    return lines


def _strength(values: Mapping[str, float | None]) -> float:
    return max((abs(v) for v in values.values() if v is not None), default=0.0)


def spread_table(summary: Summary, layout: Layout) -> list[str]:
    """Which part of the variance comes from what could be learnt, from luck, and from the evaluation."""
    names = _names(summary)
    rows: list[Row] = []
    for metric, shares in summary["variance_by_layer"].items():
        cells = [_share(shares.get(layer), (shares.get("mc_error") or {}).get(layer)) for layer in LAYERS]
        rows.append((driver_label(metric, names), cells))
    return table("Where the spread comes from", [Column(layer) for layer in LAYERS], rows, layout) if rows else []


def _share(share: float | None, error: float | None) -> str:
    """An estimate of a small share may come out below zero; it is then as good as none."""
    if share is None or not is_number(share):
        return fixed(None, 0)
    if share == 0:
        return "none"
    shown = "under 1 %" if share < 0.005 else f"{fixed(100 * share, 0)} %"
    return f"{shown} (± {fixed(100 * error, 0) if error >= 0.005 else '<1'})" if error else shown


def input_list(summary: Summary, layout: Layout) -> list[str]:
    """Every input with its distribution and where it comes from; what has no source is marked."""
    lines = [layout.bold("Inputs")] if summary["inputs"] or summary["assumed"] else []
    for entry in summary["inputs"]:
        text = f"{plain(entry['name'])}: {plain(entry['describe'])} [{_origin(entry)}]"
        lines += wrap(text, layout.width, "  ", "    ")
        if entry.get("note"):
            lines += wrap(plain(entry["note"]), layout.width, "    ")
    named = {entry["name"] for entry in summary["inputs"]}  # marked above, one by one
    lines += _without_source([path for path in summary["assumed"] if path not in named], layout)
    return lines


def _origin(entry: Mapping[str, Any]) -> str:
    source, status = entry.get("source"), entry.get("status")
    if source:
        return plain(f"{source}, {status}" if status else source)
    return plain(f"{status}, no source" if status and status != "assumed" else "assumed, no source")


def _without_source(paths: Sequence[str], layout: Layout) -> list[str]:
    if not paths:
        return []
    listed = ", ".join(plain(path) for path in paths)
    return wrap(f"Without a source ({len(paths)}): {listed}", layout.width, "  ", "    ")


def warning_list(summary: Summary, layout: Layout) -> list[str]:
    """Every warning, whole."""
    lines = [layout.bold("Warnings")] if summary["warnings"] else []
    for warning in summary["warnings"]:
        lines += wrap(plain(warning), layout.width, "  - ", "    ")
    return lines
