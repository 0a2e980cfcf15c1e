"""What a comparison of two scenarios gives: the two versions, and each difference with both its sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sibsim.loading.place import Context, Node
from sibsim.scenario import Scenario

__all__ = ["Compared", "Difference", "Side", "Version", "What"]

What = Literal["changed", "only_first", "only_second", "moved", "evidence", "note"]


@dataclass(frozen=True)
class Version:
    """One of the two: a file with its options put in.

    Parameters
    ----------
    context : Context
        What is known of it; ``root`` is its tree.
    scenario : Scenario
    built : callable
        The scenario of a changed tree; None if that is not valid.
    sets : tuple of str
        What ``--set`` changed.
    """

    context: Context
    scenario: Scenario
    built: Callable[[Node], Scenario | None]
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """What stands in one of the two; ``written`` is None where it says nothing, and ``default`` what then holds."""

    written: str | None
    file: str = ""
    line: int = 0
    column: int = 0
    default: str = ""


@dataclass(frozen=True)
class Difference:
    """One difference.

    Parameters
    ----------
    path : tuple of str
        Keys.
    what : str
        ``changed``, ``only_first``, ``only_second``, ``moved`` (in a list whose order counts), ``evidence`` (the same
        value, from elsewhere) or ``note``.
    first, second : Side
    is_same : bool
        It means the same and is written otherwise.
    source, status : (str or None, str or None), optional
        Of both, where they differ.
    remark : str
        What the values do not tell.
    """

    path: tuple[str, ...]
    what: What
    first: Side
    second: Side
    is_same: bool = False
    source: tuple[str | None, str | None] | None = None
    status: tuple[str | None, str | None] | None = None
    remark: str = ""


@dataclass(frozen=True)
class Compared:
    """Two versions and how they differ."""

    first: Version
    second: Version
    differences: tuple[Difference, ...]
