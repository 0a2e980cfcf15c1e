"""A part of a run, computed apart, in a file; and the parts of one run made one again.

The file holds what was asked for, the files of the scenario as they were read, and the numbers of its replicates: so
that combining needs nothing else, and cannot mix what does not belong together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sibsim.draws.streams import REPLICATE
from sibsim.errors import FileError
from sibsim.jobs import Job, gather, some_of
from sibsim.keeping.arrays import ArrayReader, ArrayWriter
from sibsim.keeping.question import COMMANDS, Answer, Question, as_asked, load_kept
from sibsim.keeping.whole import write_whole
from sibsim.loading.kept import MOST_BYTES, Kept
from sibsim.parties import MEAN, Key
from sibsim.results import Store
from sibsim.versions import differing, made_with

__all__ = ["Combined", "Part", "combine", "replicates_of_part", "work_part"]

FORMAT = "sibsim.part/1"
ABOUT = "part.json"
FILES = "scenario/"
MOST_ABOUT = 50_000_000
SHOWN = 6
"""Names in a message before it says how many more there are."""


@dataclass(frozen=True)
class Part:
    """What a file says of itself.

    Parameters
    ----------
    path : Path
    number, parts : int
        Which part it is, counted from 1, and of how many.
    question : Question
    made_with : dict of str to str
    stores : dict of str to Layout
    """

    path: Path
    number: int
    parts: int
    question: Question
    made_with: dict[str, str]
    stores: dict[str, Layout]

    @property
    def replicates(self) -> range:
        return replicates_of_part(self.number, self.parts, self.question.asked.n_replicates)


@dataclass(frozen=True)
class Layout:
    """The keys of a store, in the order in which the file holds their numbers."""

    constants: list[Key]
    values: list[Key]
    means: list[Key]


class Combined(NamedTuple):
    """A run made of its parts: what was asked for, what the files say, and the results."""

    question: Question
    loaded: Any
    results: Answer


def replicates_of_part(number: int, parts: int, n_replicates: int) -> range:
    """The replicates of one part of a run, as many as those of any other part, give or take one.

    >>> [replicates_of_part(k, 3, 10) for k in (1, 2, 3)]
    [range(0, 3), range(3, 6), range(6, 10)]
    """
    return range(n_replicates * (number - 1) // parts, n_replicates * number // parts)


# ------------------------------------------------------------------------------------------------ to a file
def work_part(
    question: Question,
    job: Job[Any],
    number: int,
    parts: int,
    path: Path,
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Do one part of a run and write it to a file; the number of its draws.

    Raises
    ------
    FileError
        More parts than the run has replicates; or the file could not be written.
    """
    n_replicates = question.asked.n_replicates
    if parts > n_replicates:
        raise FileError(
            f"a run of {n_replicates * REPLICATE:,} futures is {n_replicates} replicates of {REPLICATE:,}: it can be "
            f"cut into at most so many parts, not {parts:,}; ask for fewer, or for more --draws"
        )
    replicates = replicates_of_part(number, parts, n_replicates)
    part = some_of(job, replicates)
    stores = gather(part, workers, progress)
    write_whole(path, lambda file: _write(ArrayWriter(file), question, number, parts, stores))
    return len(replicates) * REPLICATE


def _write(writer: ArrayWriter, question: Question, number: int, parts: int, stores: dict[str, Store]) -> None:
    layouts: dict[str, Any] = {}
    with writer:
        for name, data in sorted(question.kept.files.items()):
            writer.bytes(FILES + name, data)
        for name, store in stores.items():
            values, means = store.unpacked()
            constants = sorted(key for key, value in values.items() if not isinstance(value, np.ndarray))
            arrays = sorted(set(values) - set(constants))
            writer.numbers(f"{name}/constants", np.array([values[key] for key in constants], dtype=float))
            for i, key in enumerate(arrays):
                writer.numbers(f"{name}/values {i}", np.asarray(values[key]))
            for i, key in enumerate(sorted(means)):
                writer.numbers(f"{name}/means {i}", means[key])
            layouts[name] = {"constants": constants, "values": arrays, "means": sorted(means)}
        about = {
            "format": FORMAT,
            "part": number,
            "parts": parts,
            "asked": question.asked.as_json(),
            "made_with": made_with(),
            "scenario": question.kept.main,
            "files": question.kept.sha256,
            "stores": layouts,
        }
        writer.bytes(ABOUT, json.dumps(about, ensure_ascii=False, indent=1).encode())


# ------------------------------------------------------------------------------------------------ from files
def combine(paths: Sequence[Path], progress: Callable[[int, int], None] | None = None) -> Combined:
    """Make the parts of one run one.

    Parameters
    ----------
    paths : sequence of Path
        In any order.
    progress : callable or None
        Called with (parts read, parts in all).

    Returns
    -------
    Combined
        With results that are to the last bit those of the whole run, done at once.

    Raises
    ------
    FileError
        A file that is no part, or is damaged; parts of different runs, or that were made with other versions than are
        here; one that is missing, or twice there.
    """
    parts = [_read(path) for path in paths]
    _refuse_strangers(parts)
    parts = sorted(parts, key=lambda part: part.number)
    _refuse_gaps(parts)
    question = parts[0].question
    loaded = load_kept(question)
    job = COMMANDS[question.asked.command].job(loaded, question.asked, None)
    stores = {name: Store(n_draws) for name, n_draws in job.sizes.items()}
    for done, part in enumerate(parts, start=1):
        for name, store in _stores(part, some_of(job, part.replicates).sizes).items():
            stores[name].join(store)
        if progress is not None:
            progress(done, len(parts))
    return Combined(question, loaded, job.finish(stores))


def _read(path: Path) -> Part:
    """What a file says of itself; its numbers are not read yet."""
    name = str(path)
    with ArrayReader(path, name) as reader:
        if ABOUT not in reader.names:
            raise FileError(f"{name}: is not a part of a run, as `sibsim run --blocks` writes it")
        try:
            about = json.loads(reader.bytes(ABOUT, MOST_ABOUT))
            return _part(path, about, reader)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise FileError(f"{name}: does not say in full what it is a part of; was it changed?") from None


def _part(path: Path, about: Any, reader: ArrayReader) -> Part:
    if about["format"] != FORMAT:
        raise FileError(f"{path}: is a part of another kind ({str(about['format'])[:40]}), not {FORMAT}")
    names = list(about["files"])
    if sorted(FILES + name for name in names) != sorted(one for one in reader.names if one.startswith(FILES)):
        raise ValueError
    try:
        kept = Kept(about["scenario"], {name: reader.bytes(FILES + name, MOST_BYTES) for name in names})
        asked = as_asked(about["asked"])
    except FileError as error:
        raise FileError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None
    if kept.sha256 != about["files"]:
        raise FileError(f"{path}: the scenario in it is not the one it was made from")
    number, parts = about["part"], about["parts"]
    if not (type(number) is int and type(parts) is int and 1 <= number <= parts <= asked.n_replicates):
        raise ValueError
    made = about["made_with"]
    if not (isinstance(made, dict) and all(isinstance(word, str) for word in made.values())):
        raise ValueError
    stores = {str(name): _layout(said) for name, said in about["stores"].items()}
    return Part(path, number, parts, Question(asked, kept), made, stores)


def _layout(said: Any) -> Layout:
    keys = {kind: [_key(key) for key in said[kind]] for kind in ("constants", "values", "means")}
    every = [key for of_kind in keys.values() for key in of_kind]
    is_mean = {key[0] == MEAN for key in keys["means"]} | {key[0] != MEAN for key in keys["constants"] + keys["values"]}
    if len(set(every)) != len(every) or False in is_mean:
        raise ValueError
    return Layout(**keys)


def _key(said: Any) -> Key:
    if not isinstance(said, list) or not said or not all(isinstance(word, str) for word in said):
        raise ValueError
    return tuple(said)


def _stores(part: Part, sizes: Any) -> dict[str, Store]:
    """The numbers of a part."""
    name = str(part.path)
    if set(part.stores) != set(sizes):
        raise FileError(f"{name}: does not hold the numbers that a part of this run holds")
    found = {}
    with ArrayReader(part.path, name) as reader:
        for store, layout in part.stores.items():
            n = sizes[store]
            constants = reader.numbers(f"{store}/constants", len(layout.constants)).tolist()
            values: dict[Key, Any] = dict(zip(layout.constants, constants, strict=True))
            values |= {key: reader.numbers(f"{store}/values {i}", n) for i, key in enumerate(layout.values)}
            means = {key: reader.numbers(f"{store}/means {i}", n // REPLICATE) for i, key in enumerate(layout.means)}
            found[store] = Store.packed(n, values, means)
    return found


# ------------------------------------------------------------------------------------------------ of one run
def _refuse_strangers(parts: Sequence[Part]) -> None:
    """Refuse parts of different runs, and such as were made with other versions than are here."""
    first = parts[0]
    for part in parts:
        wrong = _differences(first, part)
        if wrong:
            raise FileError(
                f"{first.path} and {part.path} are not parts of the same run: {'; '.join(wrong)}. Combine parts that "
                "were made from the same files with the same options"
            )
        others = differing(part.made_with, made_with())
        if others:
            raise FileError(
                f"{part.path} was not made with what is here ({', '.join(others)}), so that the numbers may differ in "
                "their last digits; combine where it was made, or make all parts anew"
            )


def _differences(one: Part, other: Part) -> list[str]:
    """In what the runs differ of which these are parts, in words."""
    a, b = one.question.asked, other.question.asked
    said = [
        ("command", a.command, b.command),
        ("--option", " + ".join(a.options) or "none", " + ".join(b.options) or "none"),
        ("--set", " ".join(a.sets) or "none", " ".join(b.sets) or "none"),
        ("--draws", f"{a.n_draws:,}", f"{b.n_draws:,}"),
        ("--seed", str(a.seed), str(b.seed)),
        ("--sampling", a.sampling, b.sampling),
        *((name.replace("_", " "), str(a.more.get(name)), str(b.more.get(name))) for name in {**a.more, **b.more}),
        ("parts in all", str(one.parts), str(other.parts)),
    ]
    found = [f"{what} {x[:80]} and {y[:80]}" for what, x, y in said if x != y]
    first, second = one.question.kept, other.question.kept
    sums, others = first.sha256, second.sha256
    names = [name for name in sorted({*sums, *others}) if sums.get(name) != others.get(name)]
    if names or first.main != second.main:
        shown = [name.partition("/")[2] for name in names or [first.main, second.main]]
        found.append(f"what stands in {_listed(shown)}")
    return found + differing(one.made_with, other.made_with)


def _refuse_gaps(parts: Sequence[Part]) -> None:
    """Refuse parts that are missing or twice there."""
    n = parts[0].parts
    by_number: dict[int, list[str]] = {}
    for part in parts:
        by_number.setdefault(part.number, []).append(str(part.path))
    wrong = [
        f"{' and '.join(_some(paths))} are all part {number} of {n}: keep one"
        for number, paths in by_number.items()
        if len(paths) > 1
    ][:SHOWN]
    missing = [str(number) for number in range(1, n + 1) if number not in by_number]
    if missing:
        are = "part" if len(missing) == 1 else "parts"
        given = _listed([str(part.path) for part in parts])
        wrong.append(f"{are} {_listed(missing)} of {n} {'is' if len(missing) == 1 else 'are'} missing; given: {given}")
    if wrong:
        raise FileError("\n".join(wrong))


def _some(words: Sequence[str]) -> list[str]:
    return [*words[:SHOWN], *([f"{len(words) - SHOWN} more"] if len(words) > SHOWN else [])]


def _listed(words: Sequence[str]) -> str:
    return ", ".join(_some(words))
