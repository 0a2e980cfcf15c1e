"""``sibsim explain``: one future of a simulation, told by date."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sibsim.cli.output import emit, layout_of, new_file, progress
from sibsim.cli.run import MOST_DRAWS, assignments
from sibsim.report import Layout

__all__ = ["explain"]

FORMATS = ("text", "json")
PLACES = ("worst", "median", "best")


def _future(context: click.Context, option: click.Parameter, value: str) -> str | int:
    """The number of a future, or its place."""
    if value in PLACES:
        return value
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise click.BadParameter(f"must be worst, median, best or the number of a future from 1 on, not {value!r}")
    return int(value)


@click.command(short_help="One future told by date: people, reports, payments, balances.")
@click.argument("scenario")
@click.option("--draw", callback=_future, default="median", show_default=True, metavar="N|worst|median|best",
              help="Which future: its number in `sibsim run --format csv`, or by a party's result.")  # fmt: skip
@click.option("--party", metavar="ID",
              help="Whose worst, median or best it is (default: a payer that saves, else a lender).")  # fmt: skip
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), default=16_384, show_default=True, metavar="N",
              help="Futures to simulate, of which this is one.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S",
              help="The same seed gives the same futures.")  # fmt: skip
@click.option("--option", "options", multiple=True, metavar="NAME",
              help="Another version of the contract, named in the file. May be repeated.")  # fmt: skip
@click.option("--set", "sets", multiple=True, callback=assignments, metavar="PATH=VALUE",
              help="Change one value of the file, e.g. participants.size=500. May be repeated.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes (default: all cores).")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text for people; json: all figures and steps, for programs.")  # fmt: skip
@click.option("--out", callback=new_file, metavar="FILE",
              help="Write to this file what would be printed; whole, or not at all.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def explain(
    scenario: str,
    draw: str | int,
    party: str | None,
    draws: int,
    seed: int,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    workers: int | None,
    format_: str,
    out: Path | None,
    quiet: bool,
) -> int:
    """Tell one future of SCENARIO (a file, or the name of one that comes with sibsim) by date.

    Who starts, what happens to them, what is reported of it and what is true, which conditions hold, every step of what
    is paid to whom, the balances; and at the end each party's result and where it stands among all futures.
    """
    from sibsim.loading import load
    from sibsim.replay import explained
    from sibsim.report.explanation import RENDERERS

    layout = Layout() if out else layout_of(sys.stdout)
    loaded = load(scenario, options=options, sets=sets)
    with progress(quiet) as report_progress:
        told = explained(loaded, draw, party, n_draws=draws, seed=seed, workers=workers, progress=report_progress)
        text = RENDERERS[format_](told.summary(), layout)
    emit([text], out, layout, format_)
    return 0
