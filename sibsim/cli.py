"""The command line: reads arguments, prints, and says how it ended. Nothing else in sibsim prints.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 1 the scenario is wrong,
2 the command was used wrongly, 3 a fault of sibsim. The engine is imported inside the commands, so ``--help`` is quick.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from sibsim import __version__
from sibsim.errors import IdentityError, SibsimError
from sibsim.report import RENDERERS, Layout

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["commands", "main"]

DEMONSTRATION = "stockholm-diabetes"
MOST_DRAWS = 10_000_000
BAR_AFTER = 1.0
"""Seconds before a progress bar is shown."""
DONE, SCENARIO_WRONG, USED_WRONGLY, FAULT, INTERRUPTED = 0, 1, 2, 3, 130


# --------------------------------------------------------------------------------------------- how it ends
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: those the program was called with.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):  # a name that the terminal cannot show is no reason to stop
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        with commands.make_context("sibsim", list(sys.argv[1:] if arguments is None else arguments)) as context:
            code = commands.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:  # --help and --version
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:  # the reader had enough, as in `sibsim run | head`: nobody did anything wrong
        _forget_output()
        return DONE
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except MemoryError:
        return _fail("not enough memory: ask for fewer --draws or --workers", SCENARIO_WRONG)
    except IdentityError as error:
        return _fail(f"{error}\nThis is a fault of sibsim, please report it together with the scenario.", FAULT)
    except SibsimError as error:
        return _fail(str(error), SCENARIO_WRONG)
    return code if isinstance(code, int) else DONE


def _forget_output() -> None:
    """Send what is still unwritten nowhere, or Python complains when it closes the pipe at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code


# --------------------------------------------------------------------------------------------- arguments
def _assignments(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """``path.to.key=value``; whether the path exists and the value fits is for the scenario to say."""
    for value in values:
        path, equals, _ = value.partition("=")
        if not equals or not path.strip():
            raise click.BadParameter(f"{value!r} is not written as path.to.key=value, e.g. participants.size=500")
    return values


def _new_file(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """A file that can be written, or written anew. Looked at before the work begins, not after."""
    if value is None:
        return None
    path = Path(os.path.realpath(value))
    if path.exists() and not path.is_file():
        raise click.BadParameter(f"{value} is not an ordinary file")
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise click.BadParameter(f"nothing can be written in the folder {path.parent}")
    return path


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sibsim", message="%(prog)s %(version)s")
def commands() -> None:
    """Simulate social impact bonds: who pays, who gets what back, and how sure that is."""


# --------------------------------------------------------------------------------------------- commands
@commands.command(short_help="Simulate a scenario: every party's risk and return.")
@click.argument("scenario", default=DEMONSTRATION)
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), default=16_384, show_default=True, metavar="N",
              help="Futures to simulate; rounded up to whole replicates of 1,024, at least 8 of them.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S",
              help="The same seed gives the same numbers.")  # fmt: skip
@click.option("--option", "options", multiple=True, metavar="NAME",
              help="Another version of the contract, named in the file. May be repeated.")  # fmt: skip
@click.option("--set", "sets", multiple=True, callback=_assignments, metavar="PATH=VALUE",
              help="Change one value of the file, e.g. participants.size=500. May be repeated.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes (default: all cores).")
@click.option("--sampling", type=click.Choice(["lattice", "random"]), default="lattice", show_default=True,
              help="Evenly spread points for the inputs, or plain random ones.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(list(RENDERERS)), default="text", show_default=True,
              help="For people, or for programs.")  # fmt: skip
@click.option("--out", callback=_new_file, metavar="FILE",
              help="Write to this file what would be printed; whole, or not at all.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress and no time on standard error.")
def run(
    scenario: str,
    draws: int,
    seed: int,
    options: tuple[str, ...],
    sets: tuple[str, ...],
    workers: int | None,
    sampling: str,
    format_: str,
    out: Path | None,
    quiet: bool,
) -> int:
    """Simulate SCENARIO (a file, or the name of one that comes with sibsim) and print every party's risk and return.

    Without SCENARIO: the diabetes bond of Region Stockholm.
    """
    from sibsim.loading import load
    from sibsim.simulate import simulate

    began = time.perf_counter()
    loaded = load(scenario, options=options, sets=sets)
    with _progress(quiet) as report_progress:
        results = simulate(
            loaded, n_draws=draws, seed=seed, workers=workers, sampling=sampling, progress=report_progress
        )
        summary = results.summary()
    layout = Layout() if out else _layout_of(sys.stdout)
    text = RENDERERS[format_](summary, layout)
    if out:
        _write_whole(out, text)
    else:
        click.echo(text, nl=False, color=layout.has_style)
    if not quiet:
        click.echo(f"{summary['draws']:,} futures in {time.perf_counter() - began:.1f} s", err=True)
    return DONE


@commands.command(short_help="Check scenario files without simulating.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def validate(files: tuple[str, ...]) -> int:
    """Check scenario files: every problem, with line and column. Exit code 1 if there is any."""
    from sibsim.loading import check_file

    code = DONE
    for file in files:
        try:
            warnings = check_file(file).warnings
        except IdentityError:
            raise
        except SibsimError as error:
            code = _fail(str(error), SCENARIO_WRONG)
            continue
        count = f", {len(warnings)} warning{'s' if len(warnings) != 1 else ''}" if warnings else ""
        click.echo(f"{file}: valid{count}")
        for warning in warnings:
            click.echo(f"  {warning}")
    return code


# --------------------------------------------------------------------------------------------- where it goes
def _layout_of(stream: IO[str]) -> Layout:
    """The width of a terminal; 80 columns without any style everywhere else, so a pipe gets the same bytes twice."""
    if not stream.isatty():
        return Layout()
    is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Layout(shutil.get_terminal_size((80, 24)).columns, has_style=not is_plain)


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all: beside it first, then in its place in one step."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(beside, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(beside, path)
    except OSError as error:
        raise click.UsageError(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


class _Bar:
    """A progress bar that shows itself only when the work takes over a second."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.shown: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self.shown is None and done < total and time.monotonic() - self.began > BAR_AFTER:
            self.shown = self._show(total)
        if self.shown is not None:
            bar, task = self.shown
            bar.update(task, completed=done)

    def _show(self, total: int) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import Progress

        bar = Progress(console=Console(stderr=True), transient=True)
        bar.start()
        return bar, bar.add_task("Simulating", total=total)

    def stop(self) -> None:
        """Take the bar away."""
        if self.shown is not None:
            self.shown[0].stop()


@contextmanager
def _progress(is_quiet: bool) -> Iterator[_Bar | None]:
    """A bar on a terminal; nothing anywhere else."""
    bar = None if is_quiet or not sys.stderr.isatty() else _Bar()
    try:
        yield bar
    finally:
        if bar is not None:
            bar.stop()
