"""Writes ``docs/scenarios/index.md``: every scenario that ships, what decides it, and what its base case prints."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "scenarios"
PAGE = FOLDER / "index.md"
sys.path.insert(0, str(ROOT))

from sibsim import load  # noqa: E402
from sibsim.loading.finding import real_contracts, shipped, shipped_path  # noqa: E402
from sibsim.report.layout import plain  # noqa: E402
from sibsim.report.numbers import fixed, is_number  # noqa: E402
from sibsim.report.reading import name_of  # noqa: E402
from sibsim.report.text import questions  # noqa: E402
from sibsim.simulate import simulate  # noqa: E402

SHOWN, SENTENCES = 3, 2
LEAST = 0.05
METRICS = {
    "net_budget_effect_pv": ("net budget effect (present value)", "net_budget_effect_positive"),
    "irr": ("return a year", "loss"),
    "margin": ("margin", ""),
}
"""What a contract is decided on, in words, and the chance that answers its question."""
CONSTANT = "in every future."
"""How the report ends a sentence on money that never varies."""
LAYERS = {"inputs": "what we do not know", "people": "chance between people", "measurement": "the evaluation"}

HEAD = """# The scenarios

Written by `docs/build_scenarios.py` (`make docs`); a test fails if a line is out of date. Each is run with
`sibsim run NAME`; its page says where every figure comes from, what is assumed, and what may be concluded.

For each: what decides it (the uncertain inputs that the figure goes with most, with their rank correlations: from -1 to
1, above 0 if both rise together; and which chance its spread comes from), and the first two sentences that the report
prints for each party (who gets the same in every future is left out). 16,384 futures, seed 1.
"""


def names() -> list[str]:
    """The scenarios that are not only replays of a signed contract."""
    real = set(real_contracts())
    return [name for name in shipped() if name not in real or (FOLDER / f"{name}.md").is_file()]


def decided_by(summary: dict[str, Any]) -> str:
    """What moves the answer that the contract is decided on: the first that is not the same in every future."""
    keys = [key for metric in METRICS for key in summary["variance_by_layer"] if key.endswith(f".{metric}")]
    keys.sort(key=lambda key: "payer" not in summary["parties"][key.partition(".")[0]]["roles"])
    told: list[str] = []
    for key in keys:
        chance = answer(summary, key)
        if chance is None or 0.0 < chance < 1.0:
            return " ".join([*told, moved_by(summary, key)])
        told.append(settled(summary, key, chance))
    return " ".join([*told, *(moved_by(summary, key) for key in keys[:1])]) or "Nothing that it is decided on varies."


def answer(summary: dict[str, Any], key: str) -> float | None:
    """The chance that a party's question is answered with yes, if the summary has it."""
    party, _, metric = key.partition(".")
    chance = summary["parties"][party]["probabilities"].get(METRICS[metric][1]) or {}
    return chance.get("value")


def settled(summary: dict[str, Any], key: str, chance: float) -> str:
    """An answer that no input and no luck changes."""
    party, _, metric = key.partition(".")
    name, often = name_of(summary["parties"][party]), "every" if chance else "no"
    told = f"{name} loses money" if metric == "irr" else f"the budget of {name} is ahead"
    return f"{told[0].upper()}{told[1:]} in {often} future seen, whatever varies."


def moved_by(summary: dict[str, Any], key: str) -> str:
    """The inputs that a figure goes with most, and where its spread comes from."""
    party, _, metric = key.partition(".")
    rows = [(row["rank_correlation"], row["input"]) for row in summary["drivers"] if row["metric"] == key]
    ranked = sorted((row for row in rows if is_number(row[0]) and abs(row[0]) >= LEAST), key=lambda row: -abs(row[0]))
    inputs = ", ".join(f"{plain(name)} ({fixed(rank, 2)})" for rank, name in ranked[:SHOWN]) or "none of the inputs"
    spread = summary["variance_by_layer"][key]
    shares = ", ".join(f"{words} {fixed(100 * spread[layer], 0)} %" for layer, words in LAYERS.items())
    name = name_of(summary["parties"][party])
    return f"{name[0].upper()}{name[1:]}, {METRICS[metric][0]}: {inputs}. Its spread: {shares}."


def summary_of(name: str) -> dict[str, Any]:
    """What the base case prints."""
    found: dict[str, Any] = simulate(load(name)).summary()
    return found


def entry(name: str, summary: dict[str, Any]) -> list[str]:
    """The lines of one scenario."""
    scenario = load(name)
    lines = [f"## [{name}]({name}.md)", "", plain(scenario.title), ""]
    lines += [f"* *What decides it.* {decided_by(summary)}"]
    told = [(asked, says[:SENTENCES]) for asked, says in questions(summary) if says and not says[0].endswith(CONSTANT)]
    lines += [f"* *{asked}* {' '.join(says)}" for asked, says in told]
    options = ", ".join(f"`{option}`" for option in scenario.available_options)
    return [*lines, *([f"* *Options:* {options}."] if options else []), ""]


def real() -> list[str]:
    """The lines on the contracts that were really signed."""
    head = [
        "## Other real contracts",
        "",
        "Settled on what came: see [replays](../replays.md). All of them also run.",
        "",
    ]
    others = [name for name in real_contracts() if name not in names()]
    rows = [f"* `{name}`: {plain(load(shipped_path(name)).title)}." for name in others]
    return [*head, *rows, ""]


def page(summary_of: Callable[[str], dict[str, Any]] = summary_of) -> str:
    """The text of the page."""
    lines = [HEAD]
    for name in names():
        lines += entry(name, summary_of(name))
    return "\n".join([*lines, *real()])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
