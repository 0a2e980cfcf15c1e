"""``sibsim flow``: the people of a scenario alone, without money."""

from __future__ import annotations

import click

from sibsim.cli import options as common
from sibsim.cli.options import Futures, Output

__all__ = ["flow"]


@click.command(short_help="The people alone: who starts, waits, is there, leaves.")
@common.scenario
@common.versions
@common.futures
@common.output(
    ("text", "csv", "json"), "text for people; csv: one row a period and cohort; json: all figures, for programs."
)
def flow(scenario: str, options: tuple[str, ...], sets: tuple[str, ...], futures: Futures, output: Output) -> int:
    """Show how people come, stay and leave in SCENARIO (a file, or the name of one that comes with sibsim).

    How many start and when, how many are in service at a time, who drops out and who completes; with a queue, how long
    people wait and how full the places are. No money is shown. They are the people of `sibsim run` with the same seed.
    """
    from sibsim.flowing import flow_of
    from sibsim.loading import load
    from sibsim.report.flow import RENDERERS

    loaded = load(scenario, options=options, sets=sets)
    with futures.progress() as report_progress:
        found = flow_of(loaded, **futures.asked, progress=report_progress)
    output.write([RENDERERS[output.format_](found.summary(), output.layout)])
    return 0
