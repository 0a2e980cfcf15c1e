"""``sibsim compare``: several ways to buy a service, in the same futures."""

from __future__ import annotations

import click

from sibsim.cli import options as common
from sibsim.cli import scale
from sibsim.cli.options import Futures, Output
from sibsim.cli.words import Decimal

__all__ = ["compare"]


@click.command(short_help="Options or scenarios side by side, in the same futures.")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@common.named(help="Compare only with this option of the file, or with a standard one. May be repeated.")
@common.changes(help="Change one value of every file, e.g. participants.size=500. May be repeated.")
@click.option("--value-of", "outcome", metavar="OUTCOME",
              help="The outcome whose value may change what is best (default: one that is paid for).")  # fmt: skip
@click.option("--up-to", type=Decimal(0.0, 1e15, min_open=True), metavar="X",
              help="Highest value of one unit of it (default: twice that from which nothing changes).")  # fmt: skip
@common.futures
@scale.cluster
@common.output(
    ("text", "markdown", "csv", "json"),
    "text and markdown for people; csv: a row a party, figure and option; json: all.",
)
def compare(
    scenarios: tuple[str, ...],
    options: tuple[str, ...],
    sets: tuple[str, ...],
    outcome: str | None,
    up_to: float | None,
    futures: Futures,
    cluster: str | None,
    output: Output,
) -> int:
    """Compare ways to buy a service, in the same futures: who is better off under which, and how sure that is.

    One SCENARIO (a file, or the name of one that comes with sibsim): as it stands, with all its options, or with those
    named by --option. Several: each as it stands. Any scenario can be compared with these standard options:
    'no service', 'fee for service', 'pay for results without investors', 'social investment fund'.
    """
    from sibsim.comparing import choices_of, run_choices
    from sibsim.comparing.told import comparison
    from sibsim.report.comparison import RENDERERS

    scale.refuse_idle_workers(cluster)
    choices = choices_of(scenarios, options, sets)
    with futures.progress() as report_progress:
        found = run_choices(choices, **futures.asked, progress=report_progress, cluster=cluster)
        told = comparison(found, outcome, up_to)
    output.write([RENDERERS[output.format_](told, output.layout)])
    return 0
