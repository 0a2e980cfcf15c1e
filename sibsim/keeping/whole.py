"""Files that are there whole or not at all: a full disk, or the end of the program, leaves what was there before."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from sibsim.errors import FileError

__all__ = ["settle_file", "sync_folder", "write_whole"]


def write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file beside its place, then put it there in one step.

    Parameters
    ----------
    path : Path
    write : callable
        Writes the content to an open file.

    Raises
    ------
    FileError
        It could not be written; what was there before is untouched.
    """
    beside = path.with_name(f".sibsim.{os.urandom(6).hex()}.part")
    try:
        with open(beside, "xb") as file:
            write(file)
            settle_file(file)
        os.replace(beside, path)
        sync_folder(path.parent)
    except OSError as error:
        raise FileError(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def settle_file(file: IO[bytes]) -> None:
    """See to it that what was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on the disk; some systems do so by themselves, and refuse."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
