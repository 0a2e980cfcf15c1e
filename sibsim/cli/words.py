"""What is typed wrongly on the command line, answered with what to type instead."""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

__all__ = ["Decimal", "Whole", "check_not_read", "check_ending", "no_command"]

ENDINGS = {".csv": "csv", ".json": "json", ".md": "markdown", ".markdown": "markdown"}
NEVER_WRITTEN = (".xlsx", ".xls", ".ods", ".pdf", ".docx", ".html", ".htm")
MOST_DIGITS = 30


class Whole(click.IntRange):
    """A whole number, without spaces or commas, as shells take it."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; `click.BadParameter` with the right spelling if it is none."""
        text = str(value)
        if not re.fullmatch(r"[-+]?\d+", text.strip()):
            digits = re.sub(r"(?<=\d)[ ,._'\u00a0\u202f](?=\d{3}(?!\d))", "", text)
            spelt = f"; write {digits}" if digits.isdecimal() else ", e.g. 200"
            self.fail(f"{text!r} is not a whole number{spelt}", param, ctx)
        if len(text.strip()) > MOST_DIGITS:
            self.fail(f"a number of {len(text.strip())} digits is too long; the most is {MOST_DIGITS}", param, ctx)
        return int(super().convert(int(text.strip()), param, ctx))


class Decimal(click.FloatRange):
    """A number within a range. What is not a number is in none, though no comparison says so."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; `click.BadParameter` if it is none."""
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return found


def check_not_read(out: Path | None, given: Iterable[object]) -> None:
    """Refuse to write over a file that the command reads, or into the folder in which it saves the run.

    Parameters
    ----------
    out : Path or None
        The file to write.
    given : iterable
        What the command was given besides: names of files among it, and folders to save in (``folder``).

    Raises
    ------
    click.BadParameter
        It is one of them.
    """
    for one in given if out is not None else ():
        folder = getattr(getattr(one, "saving", one), "folder", None)
        if isinstance(folder, Path) and out is not None and (out == folder or folder in out.parents):
            raise click.BadParameter(f"{out} is where --save puts the run; name another", param_hint="'--out'")
        for name in one if isinstance(one, tuple) else (one,):
            if isinstance(name, str | Path) and os.path.exists(out or "") and _is_same(out, name):
                raise click.BadParameter(f"{out} is what is read; name another", param_hint="'--out'")


def _is_same(one: Path | None, other: str | Path) -> bool:
    try:
        return one is not None and os.path.samefile(one, other)
    except (OSError, ValueError):  # no file has this name
        return False


def check_ending(out: Path | None, format_: str, formats: Sequence[str]) -> None:
    """Refuse a file whose name says another format than it would hold.

    Raises
    ------
    click.BadParameter
        `--out figures.csv` without `--format csv`, or `--out report.pdf`.
    """
    ending = out.suffix.lower() if out else ""
    meant = ENDINGS.get(ending)
    if out is None or meant == format_ or (meant is None and ending not in NEVER_WRITTEN):
        return
    if meant in formats:
        how = f"add --format {meant}"
    else:
        how = f"name it otherwise (the formats of this command are {', '.join(formats)})"
    raise click.BadParameter(f"{out.name} would hold {format_}; {how}", param_hint="'--out'")


def no_command(word: str, known: Sequence[str]) -> str:
    """What to say of a first word that is no command.

    >>> no_command("simulate", ["run", "settle", "validate"])
    "No such command 'simulate'; the commands are run, settle and validate."
    >>> no_command("help", ["run"])
    "No such command 'help'; type sibsim --help, or sibsim COMMAND --help."
    >>> no_command("pilot.yaml", ["run"])
    "No such command 'pilot.yaml'; a command comes before the file: sibsim run pilot.yaml."
    """
    near = difflib.get_close_matches(word.lower(), known, n=1)
    if word == "help":
        then = "type sibsim --help, or sibsim COMMAND --help"
    elif word == "version":
        then = "type sibsim --version"
    elif word.endswith((".yaml", ".yml")):
        then = f"a command comes before the file: sibsim run {word}"
    elif near:
        then = f"did you mean {near[0]}?"
    else:
        then = f"the commands are {', '.join(known[:-1])} and {known[-1]}"
    return f"No such command '{word}'; {then}{'' if then.endswith('?') else '.'}"
