"""Options for what outgrows one machine or must outlast one run: parts of a run, and what becomes of them.

`Asked` says for any command what was asked for; the commands it can be are those of `sibsim.keeping.question.COMMANDS`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import click
from click.core import ParameterSource

from sibsim.cli.options import Command, Futures, Output

if TYPE_CHECKING:
    from sibsim.keeping.question import Asked

__all__ = ["Blocks", "asked", "blocks", "do_part", "given"]

MOST_PARTS = 10_000


class Blocks(NamedTuple):
    """Which part of a run, counted from 1, and how many there are."""

    number: int
    parts: int


def _blocks(context: click.Context, option: click.Parameter, value: str | None) -> Blocks | None:
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", value)
    number, parts = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= parts <= MOST_PARTS:
        raise click.BadParameter(f"{value!r} is not a part and how many there are, e.g. 3/64 for the third of 64")
    return Blocks(number, parts)


def blocks(command: Command) -> Command:
    """``--blocks K/N``: the command gets ``blocks``."""
    help = "Do only part K of N and write it to --out FILE; `sibsim combine` makes the parts one run."
    return click.option("--blocks", callback=_blocks, metavar="K/N", help=help)(command)


def given(*names: str) -> list[str]:
    """Those of some options, named as on the command line, that the user gave."""
    context = click.get_current_context()
    chosen = [p for p in context.command.params if any(name in p.opts for name in names)]
    return [p.opts[0] for p in chosen if context.get_parameter_source(str(p.name)) is ParameterSource.COMMANDLINE]


def asked(
    command: str, file: str, options: tuple[str, ...], sets: tuple[str, ...], futures: Futures, sampling: str
) -> Asked:
    """What was asked for, to be kept."""
    from sibsim.draws.streams import REPLICATE
    from sibsim.keeping.question import Asked
    from sibsim.simulate import replicates_for

    return Asked(command, file, options, sets, replicates_for(futures.n_draws) * REPLICATE, futures.seed, sampling)


def do_part(asked: Asked, blocks: Blocks, futures: Futures, output: Output) -> int:
    """Do a part of a run and write it to a file."""
    from sibsim.keeping.part import work_part
    from sibsim.keeping.question import COMMANDS, ask

    beside = given("--format", "--assumptions")
    if beside:
        raise click.UsageError(f"--blocks writes a part of a run, not a text: leave {' and '.join(beside)} out")
    if output.out is None:
        raise click.UsageError("--blocks needs --out FILE, the file to write the part to, e.g. --out part3.npz")
    question, loaded = ask(asked)
    job = COMMANDS[asked.command].job(loaded, question.asked, None)
    with futures.progress() as report_progress:
        n_draws = work_part(question, job, *blocks, output.out, futures.workers, report_progress)
    if not futures.is_quiet:
        number, parts = blocks
        click.echo(f"{output.out}: part {number} of {parts}, {n_draws:,} futures", err=True)
    return 0
