"""``sibsim settle``: what a contract pays for what came, without chance."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sibsim.cli.output import emit, layout_of, new_file
from sibsim.cli.run import assignments
from sibsim.report import Layout

__all__ = ["settle"]

FORMATS = ("text", "csv", "json")


def _file_there(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """A file of what came; whether it can be read is for the scenario to say."""
    if value is not None and (not value or "\x00" in value or not Path(value).exists()):
        raise click.BadParameter(f"there is no file {value!r}")
    return None if value is None else Path(value)


@click.command(short_help="Settle a contract on what came, without chance.")
@click.argument("scenario")
@click.option("--actuals", callback=_file_there, metavar="FILE",
              help="What came: reports, draws, costs, events. Replaces the section `actuals` of the file.")  # fmt: skip
@click.option("--option", "options", multiple=True, metavar="NAME",
              help="Another version of the contract, named in the file. May be repeated.")  # fmt: skip
@click.option("--set", "sets", multiple=True, callback=assignments, metavar="PATH=VALUE",
              help="Change one value of the file, e.g. 'actuals.measures.relapse=8.4 %'. May be repeated.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text for people; csv: one row a payment; json: all figures and steps.")  # fmt: skip
@click.option("--out", callback=new_file, metavar="FILE",
              help="Write to this file what would be printed; whole, or not at all.")  # fmt: skip
def settle(
    scenario: str,
    actuals: Path | None,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    format_: str,
    out: Path | None,
) -> int:
    """Settle SCENARIO (a file, or the name of one that comes with sibsim) on what came: no chance is involved.

    Reports, draws, costs and events that came stand in the section `actuals` of the file, or in a file of their own.
    What has not been reported is not zero but open, and so is what hangs on it.
    """
    from sibsim.loading import load_settled
    from sibsim.replay import settled, settlement_summary
    from sibsim.report.settlement import RENDERERS

    layout = Layout() if out else layout_of(sys.stdout)
    summary = settlement_summary(settled(load_settled(scenario, options, sets, actuals)))
    emit([RENDERERS[format_](summary, layout)], out, layout, format_)
    return 0
