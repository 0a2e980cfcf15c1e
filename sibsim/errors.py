"""What can go wrong, as one small tree.

::

    SibsimError                  anything sibsim raises on purpose
    ├── ScenarioError            the file is wrong: a list of problems, each with line and column
    ├── ModelError               the numbers asked for cannot be computed (an impossible matrix, ...)
    ├── FileError                a file or folder of results cannot be written, or is not what it must be
    ├── ClusterError             a cluster cannot be reached, is not fit for the work, or has died
    └── IdentityError            a fault of sibsim: money was lost or made; please report
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ClusterError", "FileError", "IdentityError", "ModelError", "Problem", "ScenarioError", "SibsimError"]


class SibsimError(Exception):
    """Anything sibsim raises on purpose."""


class ModelError(SibsimError):
    """The numbers asked for cannot be computed; the message says why and what to do."""


class FileError(SibsimError):
    """A file or folder of results cannot be written, or is not what it must be; the message names it."""


class ClusterError(SibsimError):
    """A cluster cannot be reached, is not fit for the work, or has died; there is no result, not even in part."""


class IdentityError(SibsimError):
    """Money was lost or made: a fault of sibsim itself (exit code 3)."""


@dataclass(frozen=True, order=True)
class Problem:
    """One problem of a scenario file.

    Parameters
    ----------
    line, column : int
        Where it stands, counted from 1; 0 when the whole file is meant.
    path : str
        Keys joined by dots, e.g. ``contract.payments.success.cap``.
    message : str
        What is wrong, the value given, and what to do.
    file : str
        The file it stands in, if that is not the one the user named but one that it extends.

    Examples
    --------
    >>> str(Problem(14, 12, "contract.cap", "must be 0 or more, got -50000"))
    '14:12  contract.cap  must be 0 or more, got -50000'
    """

    line: int
    column: int
    path: str
    message: str
    file: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as a message shows it."""
        return ":".join([*([self.file] if self.file else ()), f"{self.line}:{self.column}" if self.line else "-"])

    def __str__(self) -> str:
        return "  ".join(part for part in (self.place, self.path, self.message) if part)


class ScenarioError(SibsimError):
    """A scenario file is wrong. It carries every problem found, in file order.

    Parameters
    ----------
    file : str
        The file as the user named it.
    problems : iterable of Problem

    Examples
    --------
    >>> print(ScenarioError("pilot.yaml", [Problem(22, 3, "participants", "missing key 'size'")]))
    pilot.yaml: 1 problem
      22:3  participants  missing key 'size'
    """

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem)))
        super().__init__(str(self))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[str, tuple[Problem, ...]]]:
        """So that one raised by another process arrives whole."""
        return type(self), (self.file, self.problems)

    def __str__(self) -> str:
        n = len(self.problems)
        places = [p.place for p in self.problems]
        wide = max((len(place) for place in places), default=0)
        path = max((len(p.path) for p in self.problems if len(p.path) <= 48), default=0)
        rows = [
            f"  {place:<{wide}}  {p.path:<{path}}  {p.message}" if path or p.path else f"  {place:<{wide}}  {p.message}"
            for place, p in zip(places, self.problems, strict=True)
        ]
        return "\n".join([f"{self.file}: {n} problem{'s' if n != 1 else ''}", *rows])
