"""``sibsim settle``: what a contract pays for what came, without chance."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sibsim.cli import options as common
from sibsim.cli.options import Output

__all__ = ["settle"]


def _file_there(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """A file of what came; whether it can be read is for the scenario to say."""
    if value is not None and (not value or "\x00" in value or not os.path.exists(value)):
        raise click.BadParameter(f"there is no file {value!r}")
    return None if value is None else Path(value)


@click.command(short_help="Settle a contract on what came, without chance.")
@common.scenario
@click.option("--actuals", callback=_file_there, metavar="FILE",
              help="What came: reports, draws, costs, events. Replaces the section `actuals` of the file.")  # fmt: skip
@common.versions
@common.output(("text", "csv", "json"), "text for people; csv: one row a payment; json: all figures and steps.")
def settle(scenario: str, actuals: Path | None, options: tuple[str, ...], sets: tuple[str, ...], output: Output) -> int:
    """Settle SCENARIO (a file, or the name of one that comes with sibsim) on what came: no chance is involved.

    Reports, draws, costs and events that came stand in the section `actuals` of the file, or in a file of their own.
    One of them alone: --set 'actuals.measures.relapse=8.4 %'. What has not been reported is not zero but open, and so
    is what hangs on it.
    """
    from sibsim.loading import load_settled
    from sibsim.replay import settled, settlement_summary
    from sibsim.report.settlement import RENDERERS

    summary = settlement_summary(settled(load_settled(scenario, options, sets, actuals)))
    output.write([RENDERERS[output.format_](summary, output.layout)])
    return 0
