"""The files that a scenario was read from, kept as they were, and read again from where they are kept.

Folders stand for where the files were: ``shipped`` and ``portfolios`` for those of the scenarios and the portfolios
that come with sibsim, ``own`` for that of the file the user named. So what is kept can be read without sibsim, and
gives the same scenario in another place, and when the scenarios that ship have changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from sibsim.errors import FileError

__all__ = ["OWN", "PORTFOLIOS", "SHIPPED", "Kept", "keep", "noted", "reading_from", "recording", "shipped_folder"]

OWN, SHIPPED, PORTFOLIOS = "own", "shipped", "portfolios"
MOST_FILES = 10_000
MOST_BYTES = 1_000_000
"""Of one file, as the readers allow."""

_read: ContextVar[dict[Path, bytes] | None] = ContextVar("files read", default=None)
_shipped: ContextVar[Path | None] = ContextVar("folder of the scenarios that ship", default=None)


def noted(path: Path, data: bytes) -> bytes:
    """What was read from a file, noted if somebody wants to keep it.

    Raises
    ------
    FileError
        The file was read before, and held something else.
    """
    files = _read.get()
    if files is not None:
        place = Path(os.path.abspath(path))
        if files.setdefault(place, data) != data:
            raise FileError(f"{path} changed while it was being read; run again")
    return data


@contextmanager
def recording() -> Iterator[dict[Path, bytes]]:
    """Note every file that is read meanwhile: its path and what it held."""
    files: dict[Path, bytes] = {}
    token = _read.set(files)
    try:
        yield files
    finally:
        _read.reset(token)


@contextmanager
def reading_from(folder: Path) -> Iterator[None]:
    """Take the scenarios that ship from where they were kept."""
    token = _shipped.set(folder / SHIPPED)
    try:
        yield
    finally:
        _shipped.reset(token)


def shipped_folder() -> Path | None:
    """Where the scenarios that ship are kept, if they are to be read from there."""
    return _shipped.get()


@dataclass(frozen=True)
class Kept:
    """Files as they were read.

    Parameters
    ----------
    main : str
        The name of the one the user named, among ``files``.
    files : mapping of str to bytes
        By name: a path below one of these folders, with ``/`` between its parts.

    Raises
    ------
    FileError
        A name that is no such path, too many files or a too large one, or none of the name ``main``.
    """

    main: str
    files: Mapping[str, bytes]

    def __post_init__(self) -> None:
        if len(self.files) > MOST_FILES or any(len(data) > MOST_BYTES for data in self.files.values()):
            raise FileError("holds more, or larger, files than a scenario can have")
        bad = next((name for name in self.files if not _is_name(name)), None)
        if bad is not None:
            raise FileError(f"{bad[:100]!r} is not the name of a file that can be kept")
        if self.main not in self.files:
            raise FileError("the scenario itself is not among the files")

    @property
    def sha256(self) -> dict[str, str]:
        """By name, of the bytes of each file."""
        return {name: sha256(data).hexdigest() for name, data in sorted(self.files.items())}

    def write(self, folder: Path) -> Path:
        """Write every file below a folder; the path of the main one."""
        for name, data in sorted(self.files.items()):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder / self.main


def _is_name(name: str) -> bool:
    """Whether a name is a plain path below one of the folders, on every system."""
    parts = name.split("/")
    return (
        len(parts) >= 2
        and parts[0] in (OWN, SHIPPED, PORTFOLIOS)
        and len(name) <= 1000
        and not any(sign in name for sign in '\\:*?"<>|')
        and name.isprintable()
        and all(part.strip(". ") and part == part.strip() and len(part.encode()) <= 255 for part in parts)
    )


def keep(read: Mapping[Path, bytes], main: Path, shipped: Mapping[str, Path]) -> Kept:
    """Files that were read, under the names by which they are kept.

    Parameters
    ----------
    read : mapping of Path to bytes
        From `recording`.
    main : Path
        The file the user named.
    shipped : mapping of str to Path
        The folders of what ships, by what stands for them.

    Raises
    ------
    FileError
        A file is in neither folder, or has a name that other systems do not allow.
    """
    main = Path(os.path.abspath(main))
    top = next((top for top, folder in shipped.items() if main.is_relative_to(folder)), OWN)
    folders = dict(shipped) if top != OWN else {**shipped, OWN: main.parent}
    files: dict[str, bytes] = {}
    for path, data in read.items():
        names = {
            top: str(PurePosixPath(top, *path.relative_to(folder).parts))
            for top, folder in folders.items()
            if path.is_relative_to(folder)
        }
        bad = next((name for name in names.values() if not _is_name(name)), None)
        if not names or bad is not None:
            raise FileError(
                f"{path} cannot be kept with the run: give it a name of letters and digits, in the scenario's folder"
            )
        files.update(dict.fromkeys(names.values(), data))
    return Kept(str(PurePosixPath(top, *main.relative_to(folders[top]).parts)), files)
