"""``sibsim combine``: parts of one run, computed apart, made one."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sibsim.cli import options as common
from sibsim.cli.options import Output
from sibsim.cli.output import progress
from sibsim.cli.portfolio import rendered as portfolio_shown
from sibsim.cli.run import FORMATS, FORMATS_HELP
from sibsim.cli.run import rendered as run_shown
from sibsim.cli.scale import Render, Saving, saving

__all__ = ["combine"]

RENDERED: dict[str, Render] = {"run": run_shown, "portfolio": portfolio_shown}
"""By command: how its results are shown."""


def _files(context: click.Context, argument: click.Parameter, values: tuple[str, ...]) -> tuple[Path, ...]:
    missing = [value for value in values if not value or "\x00" in value or not os.path.isfile(value)]
    if missing:
        more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise click.BadParameter(f"there is no file {missing[0]!r}{more}")
    return tuple(map(Path, values))


@click.command(short_help="Make parts of one run, done apart, one.")
@click.argument("parts", nargs=-1, required=True, callback=_files, metavar="PART...")
@saving
@common.output(FORMATS, FORMATS_HELP)
@common.quiet
def combine(parts: tuple[Path, ...], saving: Saving, output: Output, quiet: bool) -> int:
    """Make the parts of one run one, and print what `sibsim run` or `portfolio` would have printed.

    Each PART was written with `--blocks K/N --out PART`, on any machine, at any time. All N are needed. They
    hold the scenario, and nothing in them is run: they may come from somebody else.
    """
    from sibsim.keeping.part import combine as combined

    saving.check()
    with progress(quiet) as report_progress:
        whole = combined(parts, report_progress)
        trouble = saving.save(*whole)
        asked = whole.question.asked
        pieces = RENDERED[asked.command](whole.results, asked, output.format_, output.layout)
    output.write(pieces)
    if trouble is not None:
        raise trouble
    return 0
