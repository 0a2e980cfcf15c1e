"""``sibsim explain``: one future of a simulation, told by date."""

from __future__ import annotations

import click

from sibsim.cli import options as common
from sibsim.cli.options import Futures, Output

__all__ = ["explain"]

PLACES = ("worst", "median", "best")


def _future(context: click.Context, option: click.Parameter, value: str) -> str | int:
    """The number of a future, or its place."""
    if value in PLACES:
        return value
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise click.BadParameter(f"must be worst, median, best or the number of a future from 1 on, not {value!r}")
    return int(value)


@click.command(short_help="One future told by date: people, reports, payments, balances.")
@common.scenario
@click.option("--draw", callback=_future, default="median", show_default=True, metavar="N|worst|median|best",
              help="Which future: its number in `sibsim run --format csv`, or by a party's result.")  # fmt: skip
@click.option("--party", metavar="ID",
              help="Whose worst, median or best it is (default: a payer that saves, else a lender).")  # fmt: skip
@common.versions
@common.futures
@common.output(("text", "json"), "text for people; json: all figures and steps, for programs.")
def explain(
    scenario: str,
    draw: str | int,
    party: str | None,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    futures: Futures,
    output: Output,
) -> int:
    """Tell one future of SCENARIO (a file, or the name of one that comes with sibsim) by date.

    Who starts, what happens to them, what is reported of it and what is true, which conditions hold, every step of what
    is paid to whom, the balances; and at the end each party's result and where it stands among all futures.
    """
    from sibsim.loading import load
    from sibsim.replay import explained
    from sibsim.report.explanation import RENDERERS

    loaded = load(scenario, options=options, sets=sets)
    with futures.progress() as report_progress:
        told = explained(loaded, draw, party, **futures.asked, progress=report_progress)
        summary = told.summary()
    output.write([RENDERERS[output.format_](summary, output.layout)])
    return 0
