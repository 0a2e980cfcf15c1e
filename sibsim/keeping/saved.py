"""A run in a folder: its figures, every number by draw, the files it was made from, and what it was made with."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from sibsim.context import Array
from sibsim.errors import FileError
from sibsim.keeping.arrays import ArrayWriter
from sibsim.keeping.folder import put, replace_folder
from sibsim.keeping.question import COMMANDS, Answer, Asked, Question, as_asked, told_kept
from sibsim.loading.kept import MOST_BYTES, Kept
from sibsim.versions import machine, made_with

__all__ = ["DRAWS", "FORMAT", "MANIFEST", "PARQUET", "SUMMARY", "Saved", "read_saved", "refuse_folder", "save"]

FORMAT = "sibsim.saved/1"
MANIFEST, SUMMARY, DRAWS, PARQUET = "manifest.json", "summary.json", "draws.npz", "draws.parquet"
SCENARIO, EXPANDED = "scenario", "scenario/expanded.yaml"
MOST_MANIFEST = 10_000_000
NO_PARQUET = "Parquet needs pyarrow, which is not here: install it with  pip install 'sibsim[parquet]'"


@dataclass(frozen=True)
class Saved:
    """What the manifest of a saved run says.

    Parameters
    ----------
    folder : Path
    asked : Asked
    main : str
        The kept name of the file the user named.
    made_with, machine : dict of str to str
    files : dict of str to str
        The sha256 of every file of the folder but the manifest, by name.
    """

    folder: Path
    asked: Asked
    main: str
    made_with: dict[str, str]
    machine: dict[str, str]
    files: dict[str, str]

    def question(self) -> Question:
        """What was asked for, with the files as they are kept now.

        Raises
        ------
        FileError
            One of them cannot be read.
        """
        files: dict[str, bytes] = {}
        try:
            for name in self.files:
                if name.startswith(f"{SCENARIO}/") and name != EXPANDED and (self.folder / name).is_file():
                    with open(self.folder / name, "rb") as file:
                        files[name.removeprefix(f"{SCENARIO}/")] = file.read(MOST_BYTES + 1)
            return Question(self.asked, Kept(self.main, files))
        except OSError as error:
            raise FileError(f"{self.folder}: {error.filename} cannot be read: {error.strerror or error}") from None
        except FileError as error:
            raise FileError(f"{self.folder}: {error}") from None


# ------------------------------------------------------------------------------------------------ to a folder
def refuse_folder(folder: Path) -> None:
    """Refuse a folder in which no run can be saved: it is looked at before the work begins.

    Raises
    ------
    FileError
        It holds something else than a saved run, or nothing can be written there.
    """
    if not folder.name:
        raise FileError(f"{folder} cannot be replaced by a saved run: name a folder within it")
    try:
        folder.lstat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise FileError("the name of the folder to save in is too long") from None
    if not folder.parent.is_dir():
        raise FileError(f"there is no folder {folder.parent}")
    if not os.access(folder.parent, os.W_OK):
        raise FileError(f"nothing can be written in the folder {folder.parent}")
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise FileError(f"{folder} is a file; name a folder to save the run in")
    there = _files_in(folder)
    if there:
        try:
            known = {*read_saved(folder).files, MANIFEST}
        except FileError:
            raise FileError(
                f"{folder} holds other files than those of a saved run ({there[0]}, ...); name a new folder"
            ) from None
        more = [name for name in there if name not in known]
        if more:
            raise FileError(f"{folder} holds '{more[0]}' beside a saved run; move it away, or name a new folder")


def _files_in(folder: Path) -> list[str]:
    """Files and empty folders below a folder, by name."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() or not any(path.iterdir())
    )


def refuse_parquet() -> None:
    """Refuse Parquet where pyarrow is missing; FileError says how to install it."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise FileError(NO_PARQUET) from None


def save(
    folder: Path,
    question: Question,
    loaded: Any,
    results: Answer,
    summary: str,
    command: Mapping[str, Any],
    has_parquet: bool = False,
) -> None:
    """Save a run in a folder: whole, or not at all.

    Parameters
    ----------
    folder : Path
        A new one, an empty one, or a saved run, which is replaced.
    question : Question
    loaded : object
        What its files say.
    results : Answer
    summary : str
        Its summary as JSON text.
    command : mapping
        The options of the command line, for the manifest.
    has_parquet : bool
        Whether to write the numbers by draw as Parquet, too.

    Raises
    ------
    FileError
        It could not be written; what was there before is untouched.
    """
    refuse_folder(folder)
    replace_folder(folder, partial(_fill, question, loaded, results, summary, command, has_parquet))


def _fill(
    question: Question,
    loaded: Any,
    results: Answer,
    summary: str,
    command: Mapping[str, Any],
    has_parquet: bool,
    folder: Path,
) -> None:
    for name, data in sorted(question.kept.files.items()):
        put(folder / SCENARIO / name, lambda file, data=data: file.write(data))  # type: ignore[misc]
    told = told_kept(question, folder / SCENARIO).encode()
    put(folder / EXPANDED, lambda file: file.write(told))
    put(folder / SUMMARY, lambda file: file.write(summary.encode()))
    columns = results.per_draw()
    put(folder / DRAWS, lambda file: _write_columns(columns, file))
    if has_parquet:
        put(folder / PARQUET, lambda file: _write_parquet(columns, file))
    manifest = _manifest(folder, question, loaded, command)
    put(folder / MANIFEST, lambda file: file.write(manifest.encode()))


def _manifest(folder: Path, question: Question, loaded: Any, command: Mapping[str, Any]) -> str:
    about = {
        "format": FORMAT,
        "asked": question.asked.as_json(),
        "replicates": question.asked.n_replicates,
        "lattice_dimensions": COMMANDS[question.asked.command].dimensions(loaded),
        "command_line": dict(command),
        "made_with": made_with(),
        "machine": machine(),
        "scenario": question.kept.main,
        "files": {name: sum_of(folder / name) for name in _files_in(folder)},
    }
    return json.dumps(about, ensure_ascii=False, indent=2) + "\n"


def sum_of(path: Path) -> str:
    """The sha256 of a file."""
    found = sha256()
    with open(path, "rb") as file:
        while data := file.read(1 << 20):
            found.update(data)
    return found.hexdigest()


def _write_columns(columns: Mapping[str, Array], file: IO[bytes]) -> None:
    with ArrayWriter(file) as writer:
        for name, values in columns.items():
            writer.numbers(name, values, is_packed=True)


def _write_parquet(columns: Mapping[str, Array], file: IO[bytes]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    pq.write_table(table, file, compression="zstd")


# ------------------------------------------------------------------------------------------------ from a folder
def read_saved(folder: Path) -> Saved:
    """What the manifest of a saved run says.

    Raises
    ------
    FileError
        There is none, or it is not what it must be.
    """
    path = folder / MANIFEST
    try:
        if not path.is_file():  # a pipe would be waited for
            raise OSError
        with open(path, "rb") as file:
            data = file.read(MOST_MANIFEST + 1)
    except OSError:
        raise FileError(f"{folder} is not a saved run: there is no {MANIFEST} in it that can be read") from None
    try:
        about = json.loads(data)
        if about["format"] != FORMAT:
            raise FileError(f"{folder} is saved in another form ({str(about['format'])[:40]}), not {FORMAT}")
        words = [about["made_with"], about["machine"], about["files"]]
        if not all(isinstance(one, dict) and all(isinstance(word, str) for word in one.values()) for one in words):
            raise ValueError
        if not isinstance(about["scenario"], str) or not all(_is_within(name) for name in about["files"]):
            raise ValueError
        return Saved(folder, as_asked(about["asked"]), about["scenario"], *words)
    except FileError as error:
        raise error if str(error).startswith(str(folder)) else FileError(f"{path} {error}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FileError(f"{path} is not the manifest of a saved run; was it changed?") from None


def _is_within(name: str) -> bool:
    """Whether a name is that of a file within the folder."""
    return bool(name) and not Path(name).is_absolute() and ".." not in Path(name).parts and "\x00" not in name
