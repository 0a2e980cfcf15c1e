"""The options that commands have in common, each written once: what it is called, what it takes, what its help says.

A command is put together from them. Those that belong together come in groups, and a group hands the command one
object in place of its options::

    @click.command(short_help="The people alone.")
    @options.scenario  # scenario: str
    @options.versions  # options, sets: tuple[str, ...]
    @options.futures  # futures: Futures, of --draws, --seed, --workers, --quiet
    @options.output(("text", "json"), "text for people; json: all figures, for programs.")  # output: Output
    def flow(scenario: str, options: tuple[str, ...], sets: tuple[str, ...], futures: Futures, output: Output) -> int:
        loaded = load(scenario, options=options, sets=sets)
        with futures.progress() as report_progress:
            found = flow_of(loaded, **futures.asked, progress=report_progress)
        output.write([RENDERERS[output.format_](found.summary(), output.layout)])
        return 0

Nothing here imports the engine: ``--help`` stays quick.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from sibsim.cli.output import Bar, emit, layout_of, new_file, progress
from sibsim.cli.words import Whole, check_ending, check_not_read
from sibsim.report import Layout

__all__ = [
    "Command",
    "Futures",
    "Output",
    "changes",
    "draws",
    "futures",
    "named",
    "out",
    "output",
    "quiet",
    "sampling",
    "scenario",
    "seed",
    "versions",
    "workers",
]

MOST_DRAWS = 10_000_000
Command = Callable[..., int]
Decorator = Callable[[Command], Command]


# ------------------------------------------------------------------------------------------------ which scenario
def assignments(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """``path.to.key=value``; whether the path exists and the value fits is for the scenario to say."""
    for value in values:
        path, equals, _ = value.partition("=")
        if not equals or not path.strip():
            raise click.BadParameter(f"{value!r} is not written as path.to.key=value, e.g. participants.size=500")
    return values


def named(
    *declared: str, help: str = "Another version of the contract, named in the file. May be repeated."
) -> Decorator:
    """``--option NAME``, or ``declared``: of it the command gets ``options``, a tuple of names."""
    return click.option(*(declared or ("--option", "options")), multiple=True, metavar="NAME", help=help)


def changes(
    *declared: str, help: str = "Change one value of the file, e.g. participants.size=500. May be repeated."
) -> Decorator:
    """``--set PATH=VALUE``, or ``declared``: of it the command gets ``sets``, a tuple of such words."""
    declared = declared or ("--set", "sets")
    return click.option(*declared, multiple=True, callback=assignments, metavar="PATH=VALUE", help=help)


scenario = click.argument("scenario")


def versions(command: Command) -> Command:
    """``--option`` and ``--set``: the command gets ``options`` and ``sets``, as `sibsim.loading.load` takes them."""
    return named()(changes()(command))


# ------------------------------------------------------------------------------------------------ which futures
draws: Decorator = click.option(
    "--draws",
    type=Whole(1, MOST_DRAWS),
    default=16_384,
    show_default=True,
    metavar="N",
    help="Futures to simulate; rounded up to whole replicates of 1,024, at least 8 of them.",
)
seed: Decorator = click.option(
    "--seed",
    type=Whole(0),
    default=1,
    show_default=True,
    metavar="S",
    help="The same seed gives the same futures, and so the same numbers.",
)
workers: Decorator = click.option("--workers", type=Whole(1, 1024), metavar="N", help="Processes (default: all cores).")
sampling: Decorator = click.option(
    "--sampling",
    type=click.Choice(["lattice", "random"]),
    default="lattice",
    show_default=True,
    help="Evenly spread points for the inputs, or plain random ones.",
)
quiet: Decorator = click.option("--quiet", is_flag=True, help="No progress and no time taken on standard error.")


@dataclass(frozen=True, slots=True)
class Futures:
    """What was asked of a simulation: how many futures, which, on how many processes, and whether to say how far."""

    n_draws: int
    seed: int
    workers: int | None
    is_quiet: bool

    @property
    def asked(self) -> dict[str, Any]:
        """``n_draws``, ``seed`` and ``workers``, as `sibsim.simulate.simulate` and all that call it take them."""
        return {"n_draws": self.n_draws, "seed": self.seed, "workers": self.workers}

    def progress(self) -> AbstractContextManager[Bar | None]:
        """The bar that shows how far the work is; nothing if it is to be quiet."""
        return progress(self.is_quiet)


def futures(command: Command) -> Command:
    """``--draws``, ``--seed``, ``--workers`` and ``--quiet``: the command gets ``futures``, a `Futures`."""

    @functools.wraps(command)
    def gathered(*words: Any, draws: int, seed: int, workers: int | None, quiet: bool, **rest: Any) -> int:
        return command(*words, futures=Futures(draws, seed, workers, quiet), **rest)

    return draws(seed(workers(quiet(gathered))))


# ------------------------------------------------------------------------------------------------ where it goes
def out(help: str = "Write to this file what would be printed; whole, or not at all.") -> Decorator:
    """``--out FILE``: the command gets ``out``, a path that can be written, or None."""
    return click.option("--out", callback=new_file, metavar="FILE", help=help)


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go and in which format: to a file, else to standard output."""

    format_: str
    out: Path | None

    @property
    def layout(self) -> Layout:
        """What the renderers are to keep to: the width of the terminal, and no style in a file."""
        return Layout() if self.out else layout_of(sys.stdout)

    def write(self, pieces: Iterable[str]) -> None:
        """Write a text, given in pieces; a file is there whole or not at all."""
        emit(pieces, self.out, self.layout, self.format_)


def output(formats: Sequence[str], help: str) -> Decorator:
    """``--format`` and ``--out``: the command gets ``output``, an `Output`.

    Parameters
    ----------
    formats : sequence of str
        The first is the default.
    help : str
        What each of them is for.
    """

    def with_output(command: Command) -> Command:
        @functools.wraps(command)
        def gathered(*words: Any, format_: str, out: Path | None, **rest: Any) -> int:
            check_ending(out, format_, formats)
            check_not_read(out, rest.values())
            return command(*words, output=Output(format_, out), **rest)

        choice = click.Choice(formats)
        format_ = click.option("--format", "format_", type=choice, default=formats[0], show_default=True, help=help)
        return format_(out()(gathered))

    return with_output
