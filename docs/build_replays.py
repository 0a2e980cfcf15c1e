"""Writes ``docs/replays.md``: every real contract settled on what came, beside what was published: ``make replays``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "replays.md"
FOLDER = ROOT / "scenarios" / "real"
sys.path.insert(0, str(ROOT))

from sibsim import load  # noqa: E402
from sibsim.loading.reader import read_file  # noqa: E402
from sibsim.replay import settled, settlement_summary  # noqa: E402
from sibsim.report.as_markdown import marked_down  # noqa: E402
from sibsim.report.came import came_list  # noqa: E402
from sibsim.report.layout import HEADING, Layout  # noqa: E402
from sibsim.report.numbers import fixed  # noqa: E402
from sibsim.scenario import Scenario  # noqa: E402
from sibsim.simulate import simulate  # noqa: E402

DRAWS, SEED = 8192, 1
PERCENTS = ("irr", "bond_equivalent_yield", "loss_share")

HEAD = f"""# Real contracts, replayed

Written by `docs/build_replays.py` (`make replays`); a test fails if it is out of date or a figure does not agree.

Each file of `scenarios/real` is a contract that was signed. It is settled without chance on what was reported
(`sibsim settle NAME`), and what comes out is set beside what was published, or can
be worked out of that. The settlement is the one that simulates.

* *Expected* is the figure that the file expects, with its source and status: `published` (it stands so in the
  source), `derived` (worked out, as the last column says), `from memory`, `unverified` or `assumed`.
* *Computed* is what sibsim pays. They agree if they differ by no more than the tolerance. Little is proved by what the
  file itself gives (*only repeats*), or by a tolerance of half of the figure or more (*only a sign*, or hardly more).
* An option is another version of the same contract: other results, other readings of its terms, or nothing held back.
* *Open* is what the contract still waits for: a report that was never published is not taken for nothing.
* *How likely it was*: the same file simulated, {DRAWS:,} futures with seed {SEED}, from what could be known before the
  start. That is often little, or assumed, as each file says; it is no verdict on those who signed.
"""


def versions(path: Path) -> list[tuple[str | None, Scenario]]:
    """The file, and each of its options that expects something else."""
    base = load(path)
    assert base.actuals is not None, f"{path.name}: a real contract says what came"
    found: list[tuple[str | None, Scenario]] = [(None, base)]
    for option in base.available_options:
        one = load(path, option)
        if one.actuals is not None and _plain(one) and _plain(one) != _plain(base):
            found.append((option, one))
    return found


def _plain(scenario: Scenario) -> list[tuple[str, float, float]]:
    expected = scenario.actuals.expected if scenario.actuals else ()
    return [(one.figure, one.value, one.tolerance) for one in expected]


def note_of(path: Path) -> str:
    """The note of the whole file: what can be replayed, and what not."""
    tree, _, _ = read_file(path, path.name)
    node = tree.entries.get("note")
    return " ".join(node.text.split()) if node is not None else ""


def number(figure: str, value: float | None) -> str:
    """A figure as a reader wants it: percents with two digits, multiples with four, money to the cent if it has any."""
    if value is None:
        return "open"
    last = figure.rpartition(".")[2]
    if last in PERCENTS:
        return f"{fixed(100 * value, 2)} %"
    if last == "moic":
        return fixed(value, 4)
    if figure.startswith("measures.") and abs(value) <= 1:
        return f"{value:.6g}"
    return fixed(value, 0 if abs(value - round(value)) < 0.005 else 2)


def cell(text: object) -> str:
    return str(text).replace("|", "\\|")


def link(scenario: Scenario, source: str | None) -> str:
    """A source with its address."""
    about = scenario.sources.get(source or "", {})
    url = about.get("url")
    return "" if source is None else f"[{source}]({url})" if url else source


def line(option: str | None, scenario: Scenario, row: Mapping[str, Any]) -> str:
    """One line of a table."""
    figure = row["figure"]
    weak = {"repeats": ", only repeats", "sign": ", only a sign", "": ""}[little(scenario, row)]
    verdict = f"yes{weak}" if row["agrees"] else "**open**" if row["agrees"] is None else "**NO**"
    cells = [
        option or "as it came",
        f"`{figure}`",
        number(figure, row["expected"]),
        number(figure, row["computed"]),
        number(figure, row["tolerance"]),
        verdict,
        link(scenario, row["source"]),
        row["status"] or "",
        row["note"] or "",
    ]
    return f"| {' | '.join(cell(c) for c in cells)} |"


def little(scenario: Scenario, row: Mapping[str, Any]) -> str:
    """Why a figure that agrees proves little: it ``repeats`` what the file gives, or holds a ``sign`` only."""
    if scenario.actuals is not None:
        given = [f"measures.{name}" for name in scenario.actuals.measures]
        given += [f"tranches.{name}.drawn" for name in scenario.actuals.drawn]
        if any(row["figure"] == one or row["figure"].startswith(f"{one}.") for one in given):
            return "repeats"
    return "sign" if row["expected"] and row["tolerance"] >= abs(row["expected"]) / 2 else ""


def open_list(summary: Mapping[str, Any]) -> list[str]:
    """What the contract still waits for; the dates of one payment together."""
    dates: dict[tuple[str, str], list[str]] = {}
    for row in summary["open"]:
        kind = next(k for k in ("payment", "event", "guarantee") if k in row)
        of = f", {row['cohort']}" if row["cohort"] else ""
        waits = f"waits for {', '.join(row['waits_for'])}"
        dates.setdefault((f"{kind} *{row[kind]}*{of}", waits), []).append(row["date"])
    lines = [
        f"* {what}, {days[0] if len(days) == 1 else f'{len(days)} dates from {days[0]} to {days[-1]}'}: {waits}"
        for (what, waits), days in dates.items()
    ]
    return ["\nOpen:\n", *lines] if lines else []


def simulated(scenario: Scenario) -> dict[str, Any]:
    """The summary of a run of a contract as it stands."""
    return simulate(scenario, n_draws=DRAWS, seed=SEED, workers=None).summary()


def likely(scenario: Scenario) -> list[str]:
    """What a run says of how likely it was, without its headings."""
    lines = came_list(simulated(scenario), Layout(is_marked=True))
    kept = [one for one in lines if not one.startswith(HEADING)]
    return ["\nHow likely it was:\n", marked_down("\n".join(kept)).rstrip()]


def contract(path: Path) -> tuple[list[str], list[str], Counter[str]]:
    """The part on one contract, the figures that do not agree, and how many do: all, and by `little`."""
    lines: list[str] = []
    rows: list[str] = []
    failures: list[str] = []
    agree: Counter[str] = Counter()
    still_open: list[str] = []
    for option, scenario in versions(path):
        summary = settlement_summary(settled(scenario))
        if option is None:
            base, still_open = scenario, open_list(summary)
        for row in summary["expected"]:
            rows.append(line(option, scenario, row))
            if row["agrees"] is True:
                agree.update({"all", little(scenario, row)})
            failures += [] if row["agrees"] is True else [f"{path.stem}: {rows[-1]}"]
    lines += [f"\n## {path.stem}\n", f"**{base.title}.** {note_of(path)}", ""]
    if rows:
        lines += ["| version | figure | expected | computed | tolerance | agrees | source | status | |"]
        lines += ["|---|---|---:|---:|---:|---|---|---|---|", *rows]
    return [*lines, *still_open, *likely(base)], failures, agree


def page() -> tuple[str, list[str]]:
    """The page, and the figures that do not agree."""
    parts: list[str] = []
    failures: list[str] = []
    agree: Counter[str] = Counter()
    paths = sorted(FOLDER.glob("*.yaml"))
    for path in paths:
        lines, wrong, right = contract(path)
        parts += lines
        failures += wrong
        agree.update(right)
    names = " · ".join(f"[{path.stem}](#{path.stem})" for path in paths)
    counts = (
        f"\n{len(paths)} contracts, {agree['all']} figures agree, of which {agree['repeats']} only repeat what"
        f" the file gives, and {agree['sign']} hold little more than a sign; {len(failures)} do not agree.\n\n{names}"
    )
    return "\n".join([HEAD.rstrip(), counts, *parts]) + "\n", failures


def main() -> int:
    text, failures = page()
    PAGE.write_text(text, encoding="utf-8")
    done = f"{PAGE.relative_to(ROOT)} written, {len(failures)} figures do not agree\n"
    sys.stdout.write("\n".join([*failures, done]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
