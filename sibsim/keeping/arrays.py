"""Numbers and texts in one zip file, which numpy reads as npz. Nothing in it can run, or ask for memory it has not.

An entry is a row of numbers (``NAME.npy``, float64) or bytes. What is read may come from a stranger: sizes are looked
at before anything is read, no entry is unpacked to a file, and there are no pickles.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.lib import format as npy

from sibsim.context import Array
from sibsim.errors import FileError

__all__ = ["ArrayReader", "ArrayWriter"]

HEADER = 1_024
"""Bytes before the numbers of an entry, at most."""
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, MemoryError)
DOUBLE = np.dtype("<f8")


class ArrayWriter:
    """Writes entries one by one; the same entries give the same bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True)

    def __enter__(self) -> ArrayWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._zip.close()
        else:
            with suppress(OSError, ValueError):  # what went wrong first is told
                self._zip.close()

    def numbers(self, name: str, values: Array, is_packed: bool = False) -> None:
        """An entry ``NAME.npy`` of numbers; packed if that is allowed and all are the same."""
        values = np.ascontiguousarray(values, dtype=DOUBLE)
        is_same = is_packed and values.size > 16 and bool((values == values[0]).all() or np.isnan(values).all())
        info = zipfile.ZipInfo(f"{name}.npy")
        info.compress_type = zipfile.ZIP_DEFLATED if is_same else zipfile.ZIP_STORED
        with self._zip.open(info, "w", force_zip64=True) as entry:
            npy.write_array(entry, values, version=(1, 0), allow_pickle=False)

    def bytes(self, name: str, data: bytes) -> None:
        """An entry of bytes."""
        self._zip.writestr(zipfile.ZipInfo(name), data)


class ArrayReader:
    """Reads entries.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in messages.
    is_packed : bool
        Whether entries may be packed; if not, none is larger in memory than in the file.

    Raises
    ------
    FileError
        No such file, not a zip file, or one that is cut off.
    """

    def __init__(self, path: Path, name: str, is_packed: bool = False) -> None:
        self.name, self._is_packed = name, is_packed
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise FileError(f"{name}: cannot be read: {error.strerror or error}") from None
        except DAMAGE:
            raise FileError(f"{name}: is not a file of results, or is cut off") from None
        infos = self._zip.infolist()
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) != len(infos):
            self.close()
            raise FileError(f"{name}: holds an entry twice; it was not written by sibsim")

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def __enter__(self) -> ArrayReader:
        return self

    def __exit__(self, *ended: object) -> None:
        self.close()

    @property
    def names(self) -> list[str]:
        """The names of the entries, in their order."""
        return list(self._infos)

    def numbers(self, name: str, n: int) -> Array:
        """The entry ``NAME.npy``: ``n`` numbers. They cannot be changed.

        Raises
        ------
        FileError
            No such entry, or not so many numbers.
        """
        entry = f"{name}.npy"
        data = self.bytes(entry, n * DOUBLE.itemsize + HEADER)
        file = io.BytesIO(data)
        try:
            if npy.read_magic(file) != (1, 0):
                raise ValueError
            shape, is_fortran, dtype = npy.read_array_header_1_0(file, max_header_size=HEADER)
            start = file.tell()
            if shape != (n,) or is_fortran or dtype != DOUBLE or len(data) - start != n * DOUBLE.itemsize:
                raise ValueError
        except (ValueError, TypeError, SyntaxError, RecursionError):
            raise FileError(f"{self.name}: '{entry[:80]}' does not hold {n:,} numbers") from None
        return np.frombuffer(data, DOUBLE, offset=start)

    def bytes(self, name: str, most: int) -> bytes:
        """An entry of bytes.

        Raises
        ------
        FileError
            No such entry, one of more than ``most`` bytes, or damage.
        """
        info = self._infos.get(name)
        if info is None:
            raise FileError(f"{self.name}: '{name[:80]}' is missing in it")
        if info.file_size > most or (info.compress_type != zipfile.ZIP_STORED and not self._is_packed):
            raise FileError(f"{self.name}: '{name[:80]}' is larger than it can be")
        try:
            with self._zip.open(info) as entry:
                data = entry.read(most + 1)
        except (*DAMAGE, OSError):
            raise FileError(f"{self.name}: is damaged ('{name[:80]}' cannot be read)") from None
        if len(data) != info.file_size:
            raise FileError(f"{self.name}: is damaged ('{name[:80]}' is cut off)")
        return data
