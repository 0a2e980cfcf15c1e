"""``sibsim run``: simulate a scenario, or print what it assumes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from sibsim.cli import book, scale
from sibsim.cli import options as common
from sibsim.cli.options import Futures, Output
from sibsim.cli.scale import Done, Larger
from sibsim.report import RENDERERS, Layout

if TYPE_CHECKING:
    from sibsim.keeping.question import Answer, Asked

__all__ = ["FORMATS", "FORMATS_HELP", "rendered", "run"]

DEMONSTRATION = "stockholm-diabetes"
FORMATS = ("text", "markdown", "csv", "json")
FORMATS_HELP = "text and markdown for people; csv: one row a future; json: all figures, for programs."


@click.command(short_help="Simulate a scenario: every party's risk and return.")
@click.argument("scenario", default=DEMONSTRATION)
@common.versions
@common.futures
@common.sampling
@book.assumptions
@scale.shared
@common.output(FORMATS, FORMATS_HELP)
def run(
    scenario: str,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    futures: Futures,
    sampling: str,
    is_book: bool,
    larger: Larger,
    output: Output,
) -> int:
    """Simulate SCENARIO (a file, or the name of one that comes with sibsim) and print every party's risk and return.

    Without SCENARIO: the diabetes bond of Region Stockholm. `sibsim list scenarios` names the others.
    """
    if larger.blocks:
        asked = scale.asked("run", scenario, options, sets, futures, sampling)
        return scale.do_part(asked, larger.blocks, futures, output)
    if is_book:
        from sibsim.loading import assumption_book

        return book.show(assumption_book, scenario, options, sets, output)
    began = time.perf_counter()
    if larger.is_asked:
        asked = scale.asked("run", scenario, options, sets, futures, sampling)
        done = scale.do(asked, futures, larger, output, rendered)
    else:
        done = _simulated(scenario, options, sets, futures, sampling, output)
    return scale.show(done, began, futures, output)


def _simulated(
    scenario: str,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    futures: Futures,
    sampling: str,
    output: Output,
) -> Done:
    """Do the run here, to be shown and not kept."""
    from sibsim.loading import load
    from sibsim.simulate import simulate

    loaded = load(scenario, options=options, sets=sets, is_whole=True)
    with futures.progress() as report_progress:
        results = simulate(loaded, **futures.asked, sampling=sampling, progress=report_progress)
        return results.n_draws, rendered(results, None, output.format_, output.layout), None


def rendered(results: Answer, asked: Asked | None, format_: str, layout: Layout) -> Iterable[str]:
    """The text of results in a format, in pieces."""
    if format_ == "csv":
        from sibsim.report.as_csv import rows

        return rows(results.per_draw())
    return [RENDERERS[format_](results.summary(), layout)]
