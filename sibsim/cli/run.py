"""``sibsim run``: simulate a scenario, or print what it assumes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sibsim.cli.output import emit, layout_of, new_file, progress
from sibsim.report import RENDERERS, Layout

if TYPE_CHECKING:
    from sibsim.results import Results

__all__ = ["run"]

DEMONSTRATION = "stockholm-diabetes"
MOST_DRAWS = 10_000_000
FORMATS = ("text", "markdown", "csv", "json")


def assignments(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """``path.to.key=value``; whether the path exists and the value fits is for the scenario to say."""
    for value in values:
        path, equals, _ = value.partition("=")
        if not equals or not path.strip():
            raise click.BadParameter(f"{value!r} is not written as path.to.key=value, e.g. participants.size=500")
    return values


@click.command(short_help="Simulate a scenario: every party's risk and return.")
@click.argument("scenario", default=DEMONSTRATION)
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), default=16_384, show_default=True, metavar="N",
              help="Futures to simulate; rounded up to whole replicates of 1,024, at least 8 of them.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S",
              help="The same seed gives the same numbers.")  # fmt: skip
@click.option("--option", "options", multiple=True, metavar="NAME",
              help="Another version of the contract, named in the file. May be repeated.")  # fmt: skip
@click.option("--set", "sets", multiple=True, callback=assignments, metavar="PATH=VALUE",
              help="Change one value of the file, e.g. participants.size=500. May be repeated.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes (default: all cores).")
@click.option("--sampling", type=click.Choice(["lattice", "random"]), default="lattice", show_default=True,
              help="Evenly spread points for the inputs, or plain random ones.")  # fmt: skip
@click.option("--assumptions", "is_book", is_flag=True,
              help="Print only what the file assumes, every figure with its source; nothing is simulated.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text and markdown for people; csv: one row a future; json: all figures, for programs.")  # fmt: skip
@click.option("--out", callback=new_file, metavar="FILE",
              help="Write to this file what would be printed; whole, or not at all.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress and no time on standard error.")
def run(
    scenario: str,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    is_book: bool,
    format_: str,
    out: Path | None,
    quiet: bool,
    **asked: Any,
) -> int:
    """Simulate SCENARIO (a file, or the name of one that comes with sibsim) and print every party's risk and return.

    Without SCENARIO: the diabetes bond of Region Stockholm. `sibsim list scenarios` names the others.
    """
    layout = Layout() if out else layout_of(sys.stdout)
    if is_book:
        from sibsim.loading import assumption_book
        from sibsim.report.book import BOOKS

        emit([BOOKS[format_](assumption_book(scenario, options=options, sets=sets), layout)], out, layout, format_)
        return 0
    began = time.perf_counter()
    n_draws, pieces = _simulated(scenario, options, sets, quiet, format_, layout, **asked)
    emit(pieces, out, layout, format_)
    if not quiet:
        click.echo(f"{n_draws:,} futures in {time.perf_counter() - began:.1f} s", err=True)
    return 0


def _simulated(
    scenario: str,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    quiet: bool,
    format_: str,
    layout: Layout,
    draws: int,
    **asked: Any,
) -> tuple[int, Iterable[str]]:
    """How many futures there were, and what is to be written of them."""
    from sibsim.loading import load
    from sibsim.simulate import simulate

    loaded = load(scenario, options=options, sets=sets, is_whole=True)
    with progress(quiet) as report_progress:
        results = simulate(loaded, n_draws=draws, progress=report_progress, **asked)
        return results.n_draws, _rendered(results, format_, layout)


def _rendered(results: Results, format_: str, layout: Layout) -> Iterable[str]:
    if format_ == "csv":
        from sibsim.report.as_csv import rows

        return rows(results.per_draw())
    return [RENDERERS[format_](results.summary(), layout)]
