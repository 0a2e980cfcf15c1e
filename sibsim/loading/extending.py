"""A file that begins with another: ``extends`` names that file, ``changes`` says what is different."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from sibsim.errors import Problem, ScenarioError
from sibsim.loading.finding import ENDINGS, shipped, shipped_path
from sibsim.loading.options import Refused, change
from sibsim.loading.place import Node, did_you_mean, listed
from sibsim.loading.reader import read_file

__all__ = ["BESIDE", "MOST_FILES", "Located", "Whole", "joined", "located", "read_whole", "real_path", "with_changes"]

MOST_FILES = 5
"""A file, the one it extends, the one that extends, and so on."""
BESIDE = ("title", "note", "sources", "options", "actuals")
"""What may stand beside ``extends`` and ``changes``; everything else is a change."""
TOGETHER = ("sources", "options")
"""Of these the file has its own entries and those of the file it extends."""


@dataclass(frozen=True)
class Whole:
    """A file with all that it extends.

    Parameters
    ----------
    root : Node
        One tree; what comes from a file that is extended bears its name as ``origin``.
    levels : tuple of Node
        The trees on the way: the file that extends nothing first, ``root`` last.
    sha256 : str
        Of the file's bytes; of several files, of their sums put together, the file itself first.
    problems : list of Problem
        What did not stop the reading.
    """

    root: Node
    levels: tuple[Node, ...]
    sha256: str
    problems: list[Problem]


@dataclass(frozen=True)
class _Link:
    """One file of the chain: where it is, what to call it, and where those that it extends may be."""

    path: Path
    name: str
    folder: Path
    before: tuple[Path, ...] = ()


def read_whole(path: Path, name: str, origin: str = "", folder: Path | None = None) -> Whole:
    """Read a file, and the files it begins with.

    Parameters
    ----------
    path : Path
    name : str
        As the user named it.
    origin : str
        How to call it in messages, if another file names it.
    folder : Path, optional
        The folder, links resolved, in which the files it begins with must be; by default its own.

    Raises
    ------
    ScenarioError
        A file that cannot be read, or that may not be extended: one that is not in the folder of the file the user
        named (or in a folder within it), one that extends itself, or a chain of more than five.
    """
    return _read(_Link(path, name, folder or real_path(path.parent)), name, origin)


def real_path(path: Path) -> Path:
    """Where a file is, links resolved as far as they can be."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links that go round
        return path.absolute()


def _is_there(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:  # a name longer than a name can be
        return False


def _beside(path: Path) -> list[str]:
    """The scenarios in the folder of a file."""
    try:
        return sorted(one.name for one in path.parent.iterdir() if one.suffix in ENDINGS)
    except OSError:
        return []


def _read(link: _Link, named: str, origin: str) -> Whole:
    try:
        root, sha256, problems = read_file(link.path, link.name, origin)
    except ScenarioError as error:
        raise ScenarioError(named, _within(origin, error.problems)) from None
    problems = _within(origin, problems)
    if root.kind != "mapping" and origin:
        message = f"a scenario is keys with values, e.g. 'sibsim: 1'; this is {root.shown}"
        raise ScenarioError(named, [Problem(root.line, root.column, "", message, origin)])
    if root.kind != "mapping" or "extends" not in root.entries:
        return Whole(root, (root,), sha256, problems)

    def stop(message: str) -> NoReturn:
        node = root.entries["extends"]
        raise ScenarioError(named, [*problems, Problem(node.line, node.column, "extends", message, origin)])

    following = _next(link, root.entries["extends"], stop)
    base = _read(following, named, following.name)
    merged, found = _merged(base.root, root)
    together = hashlib.sha256((sha256 + base.sha256).encode()).hexdigest()
    return Whole(merged, (*base.levels, merged), together, [*base.problems, *problems, *found])


def _within(origin: str, problems: list[Problem] | tuple[Problem, ...]) -> list[Problem]:
    return [replace(problem, file=origin) for problem in problems]


# ------------------------------------------------------------------------------------------------ which file
def _is_file(word: str) -> bool:
    return Path(word).suffix in ENDINGS or "/" in word or "\\" in word


@dataclass(frozen=True)
class Located:
    """A file that another names: where it is, what to call it, and the folder of those that it may extend."""

    path: Path
    name: str
    folder: Path


def located(by: Located, node: Node, stop: Callable[[str], NoReturn], whose: str = "the scenario") -> Located:
    """The file that another one names: inside the folder of the file the user named, or one that ships with sibsim.

    Parameters
    ----------
    by : Located
        The file that names it.
    node : Node
        Its name, with its ending; without one that of a scenario which ships.
    stop : callable
        Raises what is to be said of a name that is none.
    whose : str
        What the file is whose folder it must be in, for messages.
    """
    word = node.text.strip() if node.kind == "text" else ""
    if not word or node.is_null or "\x00" in word:
        stop(f"must name a file, e.g. base.yaml, or a scenario that comes with sibsim; got {node.shown}")
    if not _is_file(word):
        if word not in shipped():
            beside = [f"{word}{end}" for end in ENDINGS if (by.path.parent / f"{word}{end}").is_file()]
            near = f"; did you mean '{beside[0]}'?" if beside else did_you_mean(word, shipped())
            near = near or f"; those are {listed(shipped(), 'and')}."
            stop(f"no scenario that comes with sibsim is called '{node.shown}'{near} A file is named with its ending")
        path = shipped_path(word)
        return Located(path, f"{word}.yaml", real_path(path.parent))
    found = Located(by.path.parent / word, str(Path(by.name).parent / word), by.folder)
    if Path(word).is_absolute() or not real_path(found.path).is_relative_to(by.folder):
        stop(f"'{node.shown}' is not in the folder of {whose}; copy it there, and name it from there")
    if not _is_there(found.path):
        near = did_you_mean(Path(word).name, _beside(found.path))
        stop(f"there is no file '{node.shown}'{near or ' in the folder of this one'}")
    return found


def _next(link: _Link, node: Node, stop: Callable[[str], NoReturn]) -> _Link:
    """The file that ``extends`` names."""
    base = located(Located(link.path, link.name, link.folder), node, stop)
    found = _Link(base.path, base.name, base.folder, (*link.before, real_path(link.path)))
    if real_path(found.path) in found.before:
        stop("this file would extend itself: name another")
    if len(found.before) >= MOST_FILES:
        stop(f"more than {MOST_FILES} files extend each other; put some of them together")
    return found


# ------------------------------------------------------------------------------------------------ what it changes
def _merged(base: Node, own: Node) -> tuple[Node, list[Problem]]:
    """The tree of the file it extends, with its own lines beside and its changes made."""
    problems: list[Problem] = []
    entries, keys = dict(base.entries), dict(base.keys)
    for key, node in own.entries.items():
        if key in ("extends", "changes"):
            continue
        if key != "sibsim" and key not in BESIDE:
            message = f"cannot stand beside 'extends'; write it under 'changes', e.g. changes: {{{key}: ...}}"
            problems.append(Problem(*own.keys[key], key, message, own.origin))
            continue
        is_joined = key in TOGETHER and node.kind == "mapping" and key in entries and entries[key].kind == "mapping"
        entries[key] = joined(entries[key], node) if is_joined else node
        keys[key] = own.keys[key]
    if "sibsim" not in own.entries:
        problems.append(Problem(1, 1, "", "missing key 'sibsim' (version of the language, e.g. 1)", own.origin))
    root = replace(own, entries=entries, keys=keys)
    changed, found = with_changes(root, own.entries.get("changes"), own.origin)
    return changed, [*problems, *found]


def joined(base: Node, own: Node) -> Node:
    """A mapping with the entries of both; where both have one, that of the file itself, and `none` takes it away."""
    gone = {key for key in base.entries if key in own.entries and own.entries[key].is_none}
    entries = {key: node for key, node in {**base.entries, **own.entries}.items() if key not in gone}
    keys = {key: at for key, at in {**base.keys, **own.keys}.items() if key in entries}
    return replace(own, entries=entries, keys=keys)


def with_changes(root: Node, changes: Node | None, origin: str = "") -> tuple[Node, list[Problem]]:
    """The tree with ``changes`` made, which say ``path: value``, and what is wrong with them.

    ``origin`` is how to call the file they stand in, if it is not the one the user named.
    """
    problems: list[Problem] = []
    if changes is None or changes.is_none:
        return root, problems
    if changes.kind != "mapping":
        message = f"expected 'path: value' lines, e.g. 'participants.size: 500'; got {changes.shown}"
        return root, [Problem(changes.line, changes.column, "changes", message, origin)]
    before = root
    for path, value in changes.entries.items():
        if path == "note" and value.kind == "text":
            continue
        try:
            root = change(root, before, path, value, changes.keys[path], "'changes'")
        except Refused as refused:
            problems.append(Problem(*changes.keys[path], f"changes.{path}", str(refused), origin))
    return root, problems


# ------------------------------------------------------------------------------------------------ what came
