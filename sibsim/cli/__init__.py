"""The command line: reads arguments, prints, and says how it ended. Nothing else in sibsim prints.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 1 the scenario is wrong,
2 the command was used wrongly, 3 a fault of sibsim. The engine is imported inside the commands, so ``--help`` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from sibsim import __version__
from sibsim.cli.combine import combine
from sibsim.cli.compare import compare
from sibsim.cli.diff import diff
from sibsim.cli.explain import explain
from sibsim.cli.files import init, list_, schema, validate
from sibsim.cli.flow import flow
from sibsim.cli.generate import generate
from sibsim.cli.portfolio import portfolio
from sibsim.cli.reproduce import reproduce
from sibsim.cli.run import run
from sibsim.cli.settle import settle
from sibsim.cli.words import no_command
from sibsim.errors import IdentityError, SibsimError

__all__ = ["commands", "main"]

DONE, SCENARIO_WRONG, FAULT, INTERRUPTED = 0, 1, 3, 130


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
        code = _done(list(sys.argv[1:] if arguments is None else arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
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
    except OSError as error:  # a disk that is full, a folder that is gone
        _forget_output()
        if isinstance(error, FileNotFoundError) and not error.filename:
            return _fail("the folder in which sibsim was started is no longer there", SCENARIO_WRONG)
        return _fail(f"{error.filename or 'what is printed could not be written'}: {error.strerror}", SCENARIO_WRONG)
    return code


def _done(arguments: list[str]) -> int:
    """Do what was asked, and return the exit code of the command."""
    try:
        with commands.make_context("sibsim", arguments) as context:
            code = commands.invoke(context)
    except click.exceptions.Exit as end:  # --help and --version
        return end.exit_code
    return code if isinstance(code, int) else DONE


def _forget_output() -> None:
    """Send what is still unwritten nowhere, or Python complains when it closes the pipe at its end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code


class _InOrder(click.Group):
    """Commands in the order in which they are met, not by name."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(context, words[0]) is None:
            context.fail(no_command(words[0], list(self.commands)))
        return super().resolve_command(context, words)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sibsim", message="%(prog)s %(version)s")
def commands() -> None:
    """Simulate social impact bonds: who pays, who gets what back, and how sure that is."""


ASKED = (run, settle, compare, portfolio, explain, flow, diff, combine, reproduce)
ABOUT_FILES = (validate, init, generate, list_, schema)
for command in (*ASKED, *ABOUT_FILES):
    commands.add_command(command)
