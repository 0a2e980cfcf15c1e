"""Where results go: a terminal, a pipe or a file; and the bar that shows how far the work is."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from sibsim.errors import FileError
from sibsim.report import Layout
from sibsim.report.signs import can_show, in_escapes, in_signs_of

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["can_be_called", "emit", "encoding_of", "layout_of", "new_file", "progress"]

BAR_AFTER = 1.0
"""Seconds before a progress bar is shown."""


def new_file(context: click.Context, option: click.Parameter, value: str | None) -> Path | None:
    """A file that can be written, or written anew. Looked at before the work begins, not after."""
    if value is None:
        return None
    if not value or "\x00" in value:
        raise click.BadParameter("must name a file")
    path = Path(os.path.realpath(value))
    if not can_be_called(path):
        raise click.BadParameter("the name is too long")
    if path.exists() and not path.is_file():
        raise click.BadParameter(f"{value} is not an ordinary file")
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise click.BadParameter(f"nothing can be written in the folder {path.parent}")
    return path


def can_be_called(path: Path) -> bool:
    """Whether a file or folder can have this name, which may be too long for the disk."""
    try:
        path.lstat()
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG
    return True


def layout_of(stream: IO[str] | None) -> Layout:
    """The width of a terminal; 80 columns without any style everywhere else, so a pipe gets the same bytes twice.

    None is a stream that was closed before the program began.
    """
    if stream is None or not stream.isatty():
        return Layout()
    is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Layout(shutil.get_terminal_size((80, 24)).columns, has_style=not is_plain)


def encoding_of(stream: IO[str]) -> str:
    """The encoding that a stream can show: ASCII on a terminal whose user asked for the plainest language, C.

    Python writes UTF-8 there all the same, and says so in ``LC_CTYPE`` by itself.
    """
    asked = [os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    known = [word for word in asked if word and word != "C.UTF-8"]
    is_plain = bool(known) and known[0] in ("C", "POSIX") and asked[0] != "C.UTF-8"
    if is_plain and stream.isatty() and not os.environ.get("PYTHONIOENCODING"):
        return "ascii"
    return getattr(stream, "encoding", None) or "utf-8"


def emit(pieces: Iterable[str], out: Path | None, layout: Layout, format_: str = "text") -> None:
    """Write a text, given in pieces, to the file, else to standard output in the signs that it can show."""
    if out:
        _write_whole(out, pieces)
        return
    if sys.stdout is None:
        raise FileError("standard output is closed, so that nothing can be printed; --out FILE writes to a file")
    encoding = encoding_of(sys.stdout)
    instead = in_escapes if format_ == "json" else in_signs_of
    for piece in pieces:
        text = piece if can_show(piece, encoding) else instead(encoding, piece)
        click.echo(text, nl=False, color=layout.has_style)


def _write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write a file so that it is there whole or not at all: beside it first, then in its place in one step."""
    beside = path.with_name(f".sibsim.{os.urandom(6).hex()}.part")
    try:
        with open(beside, "x", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        os.replace(beside, path)
    except OSError as error:
        raise click.UsageError(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


class Bar:
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
def progress(is_quiet: bool) -> Iterator[Bar | None]:
    """A bar on a terminal; nothing anywhere else."""
    bar = None if is_quiet or sys.stderr is None or not sys.stderr.isatty() else Bar()
    try:
        yield bar
    finally:
        if bar is not None:
            bar.stop()
