"""``sibsim compare``: several ways to buy a service, in the same futures."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sibsim.cli.output import emit, layout_of, new_file, progress
from sibsim.cli.run import MOST_DRAWS, assignments
from sibsim.report import Layout

__all__ = ["compare"]

FORMATS = ("text", "markdown", "csv", "json")


@click.command(short_help="Options or scenarios side by side, in the same futures.")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--option", "options", multiple=True, metavar="NAME",
              help="Compare only with this option of the file, or with a standard one. May be repeated.")  # fmt: skip
@click.option("--value-of", "outcome", metavar="OUTCOME",
              help="The outcome whose value may change what is best (default: one that is paid for).")  # fmt: skip
@click.option("--up-to", type=click.FloatRange(0.0, 1e15, min_open=True), metavar="X",
              help="Highest value of one unit of it (default: twice that from which nothing changes).")  # fmt: skip
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), default=16_384, show_default=True, metavar="N",
              help="Futures to simulate; rounded up to whole replicates of 1,024, at least 8 of them.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S",
              help="The same seed gives the same numbers.")  # fmt: skip
@click.option("--set", "sets", multiple=True, callback=assignments, metavar="PATH=VALUE",
              help="Change one value of every file, e.g. participants.size=500. May be repeated.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes (default: all cores).")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text and markdown for people; csv: a row a party, figure and option; json: all.")  # fmt: skip
@click.option("--out", callback=new_file, metavar="FILE",
              help="Write to this file what would be printed; whole, or not at all.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def compare(
    scenarios: tuple[str, ...],
    options: tuple[str, ...],
    outcome: str | None,
    up_to: float | None,
    draws: int,
    seed: int,
    sets: tuple[str, ...],
    workers: int | None,
    format_: str,
    out: Path | None,
    quiet: bool,
) -> int:
    """Compare ways to buy a service, in the same futures: who is better off under which, and how sure that is.

    One SCENARIO (a file, or the name of one that comes with sibsim): as it stands, with all its options, or with those
    named by --option. Several: each as it stands. Any scenario can be compared with these standard options:
    'no service', 'fee for service', 'pay for results without investors', 'social investment fund'.
    """
    from sibsim.comparing import choices_of, run_choices
    from sibsim.comparing.told import comparison
    from sibsim.report.comparison import RENDERERS

    layout = Layout() if out else layout_of(sys.stdout)
    choices = choices_of(scenarios, options, sets)
    with progress(quiet) as report_progress:
        found = run_choices(choices, n_draws=draws, seed=seed, workers=workers, progress=report_progress)
        text = RENDERERS[format_](comparison(found, outcome, up_to), layout)
    emit([text], out, layout, format_)
    return 0
