"""What contracts have in common as the file states it, and how the chance of a loss hangs on it."""

from __future__ import annotations

from sibsim.report.frequency import of_100
from sibsim.report.layout import Column, Layout, Row, listed, plain, table, wrap
from sibsim.report.numbers import exact, largest, unit_of
from sibsim.report.portfolio.reading import value
from sibsim.report.portfolio.together import ALL
from sibsim.report.reading import Summary

__all__ = ["correlation_table", "ties"]

MOST_TIES = 12
"""Loadings listed of each factor."""
DEGREES = {"independent": "none", "stated": "as stated", "doubled": "doubled"}


def correlation_table(summary: Summary, layout: Layout) -> list[str]:
    """Chance of a loss and mean of the worst futures, with nothing in common, as stated, and doubled."""
    found = summary["correlation"]
    if (
        summary["portfolio"]["factors_at"]
        or not found["stated"]
        or not all(key in one for one in found["chance_of_loss"].values() for key in DEGREES)
    ):
        return []
    chances, worst = found["chance_of_loss"], found["expected_shortfall_95"]
    currency = summary["portfolio"]["currency"]
    unit = unit_of(currency, currency, largest(value(one[key]) for one in worst.values() for key in DEGREES))
    order = sorted(chances, key=lambda name: name != ALL)
    rows: list[Row] = []
    for name in order:
        cells = [of_100(value(chances[name][key]) or 0.0) for key in DEGREES]
        rows.append((plain(name), cells + [unit.text(value(worst[name][key])) for key in DEGREES]))
    columns = [Column(title) for title in DEGREES.values()]
    columns += [Column(title, spare) for title, spare in zip(DEGREES.values(), (1, 3, 2), strict=True)]
    heading = f"Correlation: loses, of 100 futures; mean loss of the worst 5 of 100, {unit.word}"
    note = (
        "None: contracts have nothing in common. Doubled: each correlation twice as strong, as far as it can be. "
        "Below 0: a gain." + (f" Over {found['draws']:,} futures." if found["draws"] != summary["draws"] else "")
    )
    return [*table(heading, columns, rows, layout), *wrap(note, layout.width, "  ")]


def ties(summary: Summary, layout: Layout) -> list[str]:
    """Each factor with the inputs that hang on it, the strongest first."""
    factors = {name: tied for name, tied in summary["correlation"]["factors"].items() if tied}
    if not factors:
        return []
    lines = [layout.bold("What contracts have in common, as stated")]
    for name, entries in factors.items():
        groups: dict[tuple[str, float], list[str]] = {}
        for one in sorted(entries, key=lambda one: (-abs(one["loading"]), one["input"], one["holding"])):
            groups.setdefault((one["input"], one["loading"]), []).append(one["holding"])
        told = [f"{plain(of)} {exact(loading, 3)} ({listed(held)})" for (of, loading), held in groups.items()]
        told[MOST_TIES:] = [f"{len(told) - MOST_TIES} other loadings, none larger"] if len(told) > MOST_TIES else []
        lines += wrap(f"{plain(name)}: {'; '.join(told)}", layout.width, "  ", "    ")
    text = (
        "A loading of 1 is the same luck as the factor's, 0 nothing in common, below 0 the opposite; two inputs of one "
        "factor are correlated by about the product of their loadings."
    )
    return [*lines, *wrap(text, layout.width, "  ")]
