"""What there is: distributions, payments, metrics, scenarios, templates; each list made from the code or the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from sibsim.loading.curves import CURVES
from sibsim.loading.finding import (
    portfolio_path,
    portfolios,
    real_contracts,
    scenario_folder,
    shipped,
    shipped_path,
    templates,
)
from sibsim.loading.tables import TABLES, WHAT_FOR
from sibsim.report.labels import MEANINGS, METRICS, PROBABILITIES, label
from sibsim.report.layout import Layout, plain, wrap
from sibsim.shapes import SHAPES

__all__ = ["CATALOGUE"]

Entry = tuple[str, Iterable[str]]


def _listed(heading: str, entries: Iterable[Entry], layout: Layout) -> list[str]:
    """A heading; each name with the lines that say what it is."""
    lines = [layout.bold(line) for line in wrap(heading, layout.width)]
    for name, said in entries:
        lines += wrap(name, layout.width, "  ")
        for text in said:
            lines += wrap(text, layout.width, "    ", "      ")
    return lines


def _distributions(layout: Layout) -> list[str]:
    keys = {key.name: key for key in TABLES["distributions"]}
    entries = [
        (name, (WHAT_FOR.get(name, ""), f"takes {keys[name].meaning}", f"{{{name}: {keys[name].example}}}"))
        for name in CURVES
    ]
    return _listed("Distributions: where a value may stand", entries, layout)


def _payments(layout: Layout) -> list[str]:
    keys = {key.name: key for key in TABLES["payments"]}
    entries = [(name, (keys[name].meaning, f"{name}: {keys[name].example}")) for name in SHAPES if name in keys]
    return _listed("Payments: a payment has exactly one of", entries, layout)


def _metrics(layout: Layout) -> list[str]:
    names = [(name, label(name), MEANINGS[name]) for name in METRICS]
    names += [(name, label(name, PROBABILITIES), MEANINGS[name]) for name in PROBABILITIES]
    return _listed(
        "Metrics of the results, and how the report calls them", [(f"{n}: {w}", (m,)) for n, w, m in names], layout
    )


def _scenarios(layout: Layout) -> list[str]:
    real = real_contracts()
    made = [(name, (_title(shipped_path(name)),)) for name in shipped() if name not in real]
    signed = [(name, (_title(shipped_path(name)),)) for name in real]
    lines = _listed("Scenarios that come with sibsim: sibsim run NAME", made, layout)
    if not signed:
        return lines
    heading = "Real contracts, with what came of them: sibsim run NAME, sibsim settle NAME"
    return [*lines, "", *_listed(heading, signed, layout)]


def _portfolios(layout: Layout) -> list[str]:
    entries = [(name, (_title(portfolio_path(name), "portfolio:"),)) for name in portfolios()]
    return _listed("Portfolios, several contracts held together: sibsim portfolio NAME", entries, layout)


def _templates(layout: Layout) -> list[str]:
    entries = [(name, (_purpose(scenario_folder() / "templates" / f"{name}.yaml"),)) for name in templates()]
    return _listed("Templates: sibsim init NAME", entries, layout)


def _title(path: Path, key: str = "title:") -> str:
    """What a file is called, without reading the rest of it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = next((line for line in lines if line.startswith(key)), "")
    return plain(found.removeprefix(key).strip().strip("\"'"))


def _purpose(path: Path) -> str:
    """The first comment of a template: what it is for."""
    words = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            break
        words.append(line.removeprefix("# "))
    return plain(" ".join(words))


CATALOGUE: dict[str, Callable[[Layout], list[str]]] = {
    "distributions": _distributions,
    "payments": _payments,
    "metrics": _metrics,
    "scenarios": _scenarios,
    "portfolios": _portfolios,
    "templates": _templates,
}
"""By the word that `sibsim list` takes."""
