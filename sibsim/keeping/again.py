"""A saved run, done again: whether every number is the same, and if not, which are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from sibsim.context import Array
from sibsim.errors import FileError
from sibsim.jobs import run_job
from sibsim.keeping.arrays import ArrayReader
from sibsim.keeping.question import COMMANDS, Answer, load_kept
from sibsim.keeping.saved import DRAWS, SCENARIO, SUMMARY, Saved, sum_of
from sibsim.versions import differing, machine, made_with

__all__ = ["Again", "compare", "reproduce"]

CLOSE = 1e-9
"""Of the largest number beside it: how near two numbers are to count as the same with other versions."""
MOST_SUMMARY = 200_000_000
MISSING = "is missing"


@dataclass
class Again:
    """How a run that was done again stands to what was saved.

    Parameters
    ----------
    files : list of str
        What is wrong with the files of the folder.
    others : list of str
        What it was made with that is not what is here: versions, then the machine.
    numbers : int
        Numbers that were compared.
    differences : int
        Those that differ; with other versions or on another machine, by more than 1e-9.
    shown : list of str
        The first of them.
    last_bits : int
        Those that differ, but by less.
    """

    files: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    numbers: int = 0
    differences: int = 0
    shown: list[str] = field(default_factory=list)
    last_bits: int = 0

    @property
    def is_same(self) -> bool:
        """Whether no file has changed and every number is the same."""
        return not self.files and not self.differences

    def differs(self, what: str, most: int) -> None:
        """Note a difference."""
        self.differences += 1
        if len(self.shown) < most:
            self.shown.append(what)


def reproduce(
    saved: Saved,
    render: Callable[[dict[str, Any]], str],
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
    most_shown: int = 20,
    cluster: str | None = None,
) -> Again:
    """Do a saved run again from the files that are kept with it, and compare every number.

    Parameters
    ----------
    saved : Saved
    render : callable
        A summary as JSON text.
    workers, progress, cluster
        As in `sibsim.jobs.run_job`.
    most_shown : int
        How many differences to tell in words.

    Raises
    ------
    ScenarioError
        The kept scenario has been changed so that it cannot be run.
    FileError
        It is not there.
    """
    question = saved.question()
    loaded = load_kept(question, saved.folder / SCENARIO)
    job = COMMANDS[saved.asked.command].job(loaded, saved.asked, None if cluster else workers)
    return compare(saved, run_job(job, workers, progress, cluster), render, most_shown)


def compare(saved: Saved, results: Answer, render: Callable[[dict[str, Any]], str], most_shown: int = 20) -> Again:
    """How results stand to a saved run; see `reproduce`."""
    found = Again(
        files=_changed(saved),
        others=differing(saved.made_with, made_with()) + differing(saved.machine, machine()),
    )
    is_same_code = all(saved.made_with.get(name) == made_with()[name] for name in ("sibsim", "code"))
    summary = json.loads(render(COMMANDS[saved.asked.command].summary(results, saved.asked)))
    _compare_summary(saved, summary, found, most_shown, is_same_code)
    _compare_draws(saved, results, found, most_shown)
    return found


def _changed(saved: Saved) -> list[str]:
    """What is wrong with the files of a saved run."""
    found = []
    for name, known in saved.files.items():
        path = saved.folder / name
        try:
            if not path.is_file():
                found.append(f"{name} {MISSING}")
            elif sum_of(path) != known:
                found.append(f"{name} has changed since it was saved")
        except OSError as error:
            found.append(f"{name} cannot be read: {error.strerror or error}")
    return found


# ------------------------------------------------------------------------------------------------ figures
def _compare_summary(saved: Saved, new: Any, found: Again, most: int, is_same_code: bool) -> None:
    try:
        if not (saved.folder / SUMMARY).is_file():
            raise OSError
        with open(saved.folder / SUMMARY, "rb") as file:
            old = json.loads(file.read(MOST_SUMMARY))
    except (OSError, ValueError, RecursionError):
        found.differs(f"{SUMMARY} cannot be read, so that its figures cannot be compared", most)
        return
    before, after = dict(_leaves(old)), dict(_leaves(new))
    scales = _scales(after)
    for path in dict.fromkeys([*before, *after]):
        is_number = _is_number(before.get(path)) or _is_number(after.get(path))
        found.numbers += is_number
        if path not in before or path not in after:
            if is_same_code or path not in after:
                found.differs(f"{SUMMARY}: {path} {MISSING if path not in before else 'is no more'}", most)
        elif is_number or is_same_code:
            _judge(
                found, f"{SUMMARY}: {path}", before[path], after[path], scales.get(path.rpartition(".")[0], 1.0), most
            )


def _judge(found: Again, what: str, old: Any, new: Any, scale: float, most: int) -> None:
    if type(old) is type(new) and old == new:
        return
    if isinstance(old, float) and isinstance(new, float) and found.others and abs(old - new) <= CLOSE * scale:
        found.last_bits += 1
        return
    found.differs(f"{what} was {_shown(old)}, is {_shown(new)}", most)


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Every number and word of a tree, by its path; without recursion."""
    open_: list[tuple[str, Any]] = [("", value)]
    while open_:
        path, one = open_.pop()
        if isinstance(one, Mapping):
            open_ += [(f"{path}.{key}" if path else str(key), child) for key, child in reversed([*one.items()])]
        elif isinstance(one, list):
            open_ += [(f"{path}.{number}", child) for number, child in reversed([*enumerate(one, start=1)])]
        else:
            yield path, one


def _scales(leaves: Mapping[str, Any]) -> dict[str, float]:
    """The largest number beside each: what is left of two large numbers is no more exact than they are."""
    found: dict[str, float] = {}
    for path, value in leaves.items():
        if isinstance(value, float):
            above = path.rpartition(".")[0]
            found[above] = max(found.get(above, 1.0), abs(value))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


# ------------------------------------------------------------------------------------------------ by draw
def _compare_draws(saved: Saved, results: Answer, found: Again, most: int) -> None:
    columns = results.per_draw()
    if not (saved.folder / DRAWS).is_file():
        found.differs(f"{DRAWS} {MISSING}, so that its numbers cannot be compared", most)
        return
    try:
        with ArrayReader(saved.folder / DRAWS, DRAWS, is_packed=True) as reader:
            kept = {name.removesuffix(".npy") for name in reader.names}
            for name in chain(columns, sorted(kept - set(columns))):
                if name not in columns or name not in kept:
                    found.differs(f"{DRAWS}: {name} {MISSING if name in columns else 'is no more'}", most)
                else:
                    _compare_column(name, reader.numbers(name, results.n_draws), columns[name], found, most)
    except FileError as error:
        found.differs(str(error), most)


def _compare_column(name: str, old: Array, new: Array, found: Again, most: int) -> None:
    new = np.ascontiguousarray(new, dtype=float)
    found.numbers += len(new)
    is_same = (old.view(np.int64) == new.view(np.int64)) | (np.isnan(old) & np.isnan(new))
    if is_same.all():
        return
    finite = np.abs(new[np.isfinite(new)])
    scale = max(1.0, float(finite.max(initial=0.0)))
    with np.errstate(invalid="ignore"):
        is_close = ~is_same & (np.abs(old - new) <= CLOSE * scale) if found.others else np.zeros(len(new), dtype=bool)
    found.last_bits += int(is_close.sum())
    wrong = np.flatnonzero(~is_same & ~is_close)
    for draw in wrong[:most].tolist():
        found.differs(f"{DRAWS}: {name}, future {draw + 1:,} was {float(old[draw])!r}, is {float(new[draw])!r}", most)
    found.differences += max(0, len(wrong) - most)
