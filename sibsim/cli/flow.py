"""``sibsim flow``: the people of a scenario alone, without money."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sibsim.cli.output import emit, layout_of, new_file, progress
from sibsim.cli.run import MOST_DRAWS, assignments
from sibsim.report import Layout

__all__ = ["flow"]

FORMATS = ("text", "csv", "json")


@click.command(short_help="The people alone: who starts, waits, is there, leaves.")
@click.argument("scenario")
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), default=16_384, show_default=True, metavar="N",
              help="Futures to simulate; rounded up to whole replicates of 1,024, at least 8 of them.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S",
              help="The same seed gives the same numbers, and the people of `sibsim run`.")  # fmt: skip
@click.option("--option", "options", multiple=True, metavar="NAME",
              help="Another version of the contract, named in the file. May be repeated.")  # fmt: skip
@click.option("--set", "sets", multiple=True, callback=assignments, metavar="PATH=VALUE",
              help="Change one value of the file, e.g. participants.size=500. May be repeated.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes (default: all cores).")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text for people; csv: one row a period and cohort; json: all figures, for programs.")  # fmt: skip
@click.option("--out", callback=new_file, metavar="FILE",
              help="Write to this file what would be printed; whole, or not at all.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def flow(
    scenario: str,
    draws: int,
    seed: int,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    workers: int | None,
    format_: str,
    out: Path | None,
    quiet: bool,
) -> int:
    """Show how people come, stay and leave in SCENARIO (a file, or the name of one that comes with sibsim).

    How many start and when, how many are in service at a time, who drops out and who completes; with a queue, how long
    people wait and how full the places are. No money is shown.
    """
    from sibsim.flowing import flow_of
    from sibsim.loading import load
    from sibsim.report.flow import RENDERERS

    layout = Layout() if out else layout_of(sys.stdout)
    loaded = load(scenario, options=options, sets=sets)
    with progress(quiet) as report_progress:
        found = flow_of(loaded, n_draws=draws, seed=seed, workers=workers, progress=report_progress)
        text = RENDERERS[format_](found.summary(), layout)
    emit([text], out, layout, format_)
    return 0
