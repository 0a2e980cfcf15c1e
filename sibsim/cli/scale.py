"""Options for what outgrows one machine or must outlast one run: parts of a run, and what becomes of them.

`Asked` says for any command what was asked for; the commands it can be are those of `sibsim.keeping.question.COMMANDS`.
"""

from __future__ import annotations

import functools
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from sibsim.cli.options import Command, Futures, Output
from sibsim.errors import FileError
from sibsim.report import RENDERERS, Layout

if TYPE_CHECKING:
    from sibsim.keeping.question import Answer, Asked, Question

__all__ = [
    "Blocks",
    "Done",
    "Larger",
    "Saving",
    "as_json",
    "asked",
    "cluster",
    "do",
    "do_part",
    "given",
    "refuse_beside",
    "refuse_idle_workers",
    "saving",
    "shared",
    "show",
]

MOST_PARTS = 10_000
Check = Callable[[Any, "Asked"], None]
"""Of what the files say and what was asked: an error if they do not go together."""
Render = Callable[[Any, "Asked", str, Layout], Iterable[str]]
"""Of results, what was asked, a format and a layout: the text in pieces."""
Done = tuple[int, Iterable[str], FileError | None]
"""Number of futures, text to be shown in pieces, and what went wrong when the run was saved: the text is shown in any
case, because the run may have taken long."""


def _address(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and value != "local" and not re.fullmatch(r"([A-Za-z]+://)?\S+:[0-9]{1,5}", value):
        raise click.BadParameter(
            f"{value!r} is no address of a scheduler, e.g. tcp://10.0.0.5:8786, nor the word local"
        )
    return value


def cluster(command: Command) -> Command:
    """``--cluster ADDRESS``: the command gets ``cluster``, an address, ``local`` or None."""
    help = "Work on the Dask cluster of this scheduler, or on one started here (needs sibsim[cluster])."
    return click.option("--cluster", callback=_address, metavar="ADDRESS|local", help=help)(command)


def refuse_idle_workers(cluster: str | None) -> None:
    """Refuse ``--workers`` where it says nothing."""
    if cluster not in (None, "local"):
        refuse_beside("--cluster ADDRESS", "works on the workers that the cluster has", "--workers")


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


@dataclass(frozen=True, slots=True)
class Saving:
    """Where a run is to be saved, if anywhere, and whether as Parquet too."""

    folder: Path | None
    has_parquet: bool

    @property
    def is_asked(self) -> bool:
        """Whether anything is to be saved."""
        return self.folder is not None or self.has_parquet

    def check(self) -> None:
        """Refuse, before the work begins, what could not be saved after it."""
        from sibsim.keeping.saved import refuse_folder, refuse_parquet

        if self.has_parquet and self.folder is None:
            raise click.UsageError("--parquet goes with --save DIR: it says in which form to save the numbers by draw")
        if self.folder is not None:
            refuse_folder(self.folder)
        if self.has_parquet:
            refuse_parquet()

    def save(self, question: Question, loaded: Any, results: Answer) -> FileError | None:
        """Save a run, if it is to be; what went wrong."""
        from sibsim.keeping.question import COMMANDS
        from sibsim.keeping.saved import save

        if self.folder is None:
            return None
        summary = as_json(COMMANDS[question.asked.command].summary(results, question.asked))
        try:
            save(self.folder, question, loaded, results, summary, typed(), self.has_parquet)
        except FileError as error:
            return error
        return None


def _folder(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    if value is not None and (not value or "\x00" in value):
        raise click.BadParameter("must name a folder")
    return None if value is None else Path(os.path.realpath(value))


def saving(command: Command) -> Command:
    """``--save DIR`` and ``--parquet``: the command gets ``saving``, a `Saving`."""

    @functools.wraps(command)
    def gathered(*words: Any, save: Path | None, parquet: bool, **rest: Any) -> int:
        return command(*words, saving=Saving(save, parquet), **rest)

    help = "Save the whole run in this folder: figures, every future, files, versions. See `sibsim reproduce`."
    folder = click.option("--save", callback=_folder, metavar="DIR", help=help)
    help = "With --save: every future as Parquet, too (needs sibsim[parquet])."
    return folder(click.option("--parquet", is_flag=True, help=help)(gathered))


def given(*names: str) -> list[str]:
    """Those of some options, named as on the command line, that the user gave."""
    context = click.get_current_context()
    chosen = [p for p in context.command.params if any(name in p.opts for name in names)]
    return [p.opts[0] for p in chosen if context.get_parameter_source(str(p.name)) is ParameterSource.COMMANDLINE]


def refuse_beside(option: str, does: str, *names: str) -> None:
    """Refuse options that mean nothing beside another."""
    beside = given(*names)
    if beside:
        raise click.UsageError(f"{option} {does}: leave {' and '.join(beside)} out")


def asked(
    command: str,
    file: str,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    futures: Futures,
    sampling: str,
    **more: Any,
) -> Asked:
    """What was asked for, to be kept."""
    from sibsim.draws.streams import REPLICATE
    from sibsim.keeping.question import Asked
    from sibsim.simulate import replicates_for

    n_draws = replicates_for(futures.n_draws) * REPLICATE
    return Asked(command, file, options, sets, n_draws, futures.seed, sampling, more)


def as_json(summary: Mapping[str, Any]) -> str:
    """A summary as it is saved."""
    return RENDERERS["json"](summary, Layout())


def shared(command: Command) -> Command:
    """``--cluster``, ``--save``, ``--parquet`` and ``--blocks``: the command gets ``larger``, a `Larger`."""

    @functools.wraps(command)
    def gathered(*words: Any, cluster: str | None, saving: Saving, blocks: Blocks | None, **rest: Any) -> int:
        return command(*words, larger=Larger(cluster, saving, blocks), **rest)

    return cluster(saving(blocks(gathered)))


@dataclass(frozen=True, slots=True)
class Larger:
    """What is asked of a run beyond being shown: where it is done, in which part, and where it is saved."""

    cluster: str | None
    saving: Saving
    blocks: Blocks | None

    @property
    def is_asked(self) -> bool:
        """Whether a whole run is to be saved, or done elsewhere."""
        return self.saving.is_asked or self.cluster is not None


def do(
    asked: Asked, futures: Futures, larger: Larger, output: Output, render: Render, check: Check | None = None
) -> Done:
    """Do a run that is to be saved, or done on a cluster."""
    from sibsim.jobs import run_job
    from sibsim.keeping.question import COMMANDS, ask

    cluster, saving = larger.cluster, larger.saving
    refuse_idle_workers(cluster)
    saving.check()
    question, loaded = ask(asked)
    if check is not None:
        check(loaded, asked)
    job = COMMANDS[asked.command].job(loaded, question.asked, None if cluster else futures.workers)
    with futures.progress() as report_progress:
        results: Answer = run_job(job, futures.workers, report_progress, cluster)
        trouble = saving.save(question, loaded, results)
        return results.n_draws, render(results, question.asked, output.format_, output.layout), trouble


def show(done: Done, began: float, futures: Futures, output: Output) -> int:
    """Write what a run is to show, and say how long it took; what went wrong comes last.

    Parameters
    ----------
    done : Done
    began : float
        By `time.perf_counter`.
    """
    n_draws, pieces, trouble = done
    output.write(pieces)
    if not futures.is_quiet:
        click.echo(f"{n_draws:,} futures in {time.perf_counter() - began:.1f} s", err=True)
    if trouble is not None:
        raise trouble
    return 0


def typed() -> dict[str, Any]:
    """The command and those of its options that say anything, as they were understood."""
    context = click.get_current_context()
    values = {name: str(value) if isinstance(value, Path) else value for name, value in context.params.items()}
    said = {name: value for name, value in values.items() if value not in (None, (), False)}
    return {"command": context.info_name, **said}


def do_part(asked: Asked, blocks: Blocks, futures: Futures, output: Output, check: Check | None = None) -> int:
    """Do a part of a run and write it to a file."""
    from sibsim.keeping.part import work_part
    from sibsim.keeping.question import COMMANDS, ask

    others = ("--format", "--assumptions", "--save", "--parquet", "--cluster")
    refuse_beside("--blocks", "writes a part of a run to a file, done here", *others)
    if output.out is None:
        raise click.UsageError("--blocks needs --out FILE, the file to write the part to, e.g. --out part3.npz")
    question, loaded = ask(asked)
    if check is not None:
        check(loaded, asked)
    job = COMMANDS[asked.command].job(loaded, question.asked, None)
    with futures.progress() as report_progress:
        n_draws = work_part(question, job, *blocks, output.out, futures.workers, report_progress)
    if not futures.is_quiet:
        number, parts = blocks
        click.echo(f"{output.out}: part {number} of {parts}, {n_draws:,} futures", err=True)
    return 0
