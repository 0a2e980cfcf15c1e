"""A folder that is there whole or not at all: written beside its place, put on the disk, then moved there."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from sibsim.errors import FileError
from sibsim.keeping.whole import settle_file, sync_folder

__all__ = ["put", "replace_folder"]

AT_FDCWD = -100
EXCHANGE = 2
"""RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS."""


def put(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file that is not there yet, and see to it that it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb") as file:
        write(file)
        settle_file(file)


def replace_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Write a folder, in the place of one that may be there.

    Parameters
    ----------
    folder : Path
    fill : callable
        Writes what is to be in it, by `put`, into the folder that it gets.

    Raises
    ------
    FileError
        Something could not be written; what was there before is untouched.
    """
    beside = folder.with_name(f".sibsim.{os.urandom(6).hex()}.part")
    try:
        beside.mkdir()
        try:
            fill(beside)
            for within, _, _ in os.walk(beside, topdown=False):
                sync_folder(Path(within))
            _move(beside, folder)
            sync_folder(folder.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise FileError(
            f"{folder} could not be saved: {error.strerror or error}; what was there before is untouched"
        ) from error


def _move(beside: Path, folder: Path) -> None:
    """Put a folder in the place of another: in one step where the system can, else in two."""
    if not folder.exists():
        os.rename(beside, folder)
        return
    if _exchange(beside, folder):
        return  # what was there is removed with the folder beside
    old = folder.with_name(f".sibsim.{os.urandom(6).hex()}.old")
    os.rename(folder, old)
    try:
        os.rename(beside, folder)
    except OSError:
        os.rename(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or the disk cannot."""
    first, second = os.fsencode(one), os.fsencode(other)
    asked = {"Linux": (AT_FDCWD, first, AT_FDCWD, second, EXCHANGE), "Darwin": (first, second, EXCHANGE)}
    system = platform.system()
    with suppress(OSError, AttributeError, KeyError):
        library = ctypes.CDLL(None)
        call = {"Linux": "renameat2", "Darwin": "renamex_np"}[system]
        return bool(getattr(library, call)(*asked[system]) == 0)
    return False
