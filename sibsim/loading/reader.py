"""Bytes to a tree of nodes: YAML 1.2 without its traps, every key and value with its line and column.

Mappings, lists and texts only. What a text means (a number, a date, the name of an input) is decided where it stands,
so that no `no` becomes False and no `12:30` becomes 750.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sibsim.errors import Problem, ScenarioError
from sibsim.loading.kept import noted
from sibsim.loading.place import SET, Node, join

__all__ = ["MOST_BYTES", "MOST_DEPTH", "read_file", "read_text"]

MOST_BYTES = 1_000_000
MOST_DEPTH = 50
MOST_NODES = 20_000
"""A file of a hundred lines has some five hundred keys and values."""
MOST_KEPT = 50_000
"""Signs of a text whose tree is kept: who compares options reads one file again and again."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
YAML_WORDS = {
    "true": "true", "false": "false", "yes": "true", "no": "false", "on": "true", "off": "false",
    "null": "nothing", "~": "nothing",
}  # fmt: skip
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

PLAIN_WORDS = (
    ("expected <block end>", "this does not line up with the keys around it: check indentation and quotation marks"),
    (
        "mapping values are not allowed",
        "a ':' cannot stand here: check the indentation of this line; if it is part of a text, put the text in "
        'straight quotation marks ("...")',
    ),
    ("could not find expected ':'", "expected 'key: value'; is the ':' missing, or the indentation wrong?"),
    ("expected ',' or ']'", "a list that began with '[' has no ',' or ']' where one must stand"),
    ("expected ',' or '}'", "a mapping that began with '{' has no ',' or '}' where one must stand"),
    ("did not find expected '-' indicator", "the lines around are a list: begin with '- ', or check the indentation"),
    (
        "did not find expected key",
        "this does not line up with the keys around it: check indentation and quotation marks",
    ),
    ("found unexpected end of stream", "a quotation mark is never closed"),
    ("did not find expected node content", "a value must stand here"),
    (
        "block sequence entries are not allowed",
        "a list item ('- ') cannot stand here: begin the list on a line of its own",
    ),
    ("found incompatible YAML document", "leave the line that begins with '%' out"),
)


class _Stop(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, line: int, column: int, message: str) -> None:
        self.problem = Problem(line, column, "", message)


def read_file(path: Path, name: str, origin: str = "") -> tuple[Node, str, list[Problem]]:
    """The tree of a file, the sha256 of its bytes, and problems that did not stop the reading.

    ``origin`` is put on every node: how to call the file in messages, if it is not the one the user named.

    Raises
    ------
    ScenarioError
        No such file, a folder, too large, not text, or not YAML.
    """
    try:
        if path.is_dir():
            inside = path / "portfolio.yaml"
            meant = f"did you mean {inside}?" if inside.is_file() else "name a file, e.g. pilot.yaml"
            raise ScenarioError(name, [Problem(0, 0, "", f"is a folder; {meant}")])
        if path.exists() and not path.is_file():
            raise ScenarioError(name, [Problem(0, 0, "", "is not an ordinary file")])
        with path.open("rb") as file:
            data = noted(path, file.read(MOST_BYTES + 1))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScenarioError(name, [Problem(0, 0, "", f"cannot be read: {reason}")]) from None
    try:
        root, problems = read_text(_decode(data), origin)
    except _Stop as stop:
        raise ScenarioError(name, [stop.problem]) from None
    except ScenarioError as error:
        raise ScenarioError(name, error.problems) from None
    return root, hashlib.sha256(data).hexdigest(), problems


def _decode(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _Stop(0, 0, "is larger than 1 MB; a scenario is a few pages of text")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _Stop(1, 1, "is UTF-16 text; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        byte = f"0x{data[error.start]:02x}"
        raise _Stop(line, column, f"is not UTF-8 text (byte {byte}); save the file as UTF-8") from None
    return text


def read_text(text: str, origin: str = "") -> tuple[Node, list[Problem]]:
    """The tree of a YAML text and problems that did not stop the reading.

    Whoever reads the same text again may get the same tree: what changes a tree makes another one.

    Raises
    ------
    ScenarioError
        (With an empty file name) not YAML, nothing in it, or past a limit.
    """
    root, problems = _kept_tree(text, origin) if len(text) <= MOST_KEPT else _read_tree(text, origin)
    return root, list(problems)


def _read_tree(text: str, origin: str) -> tuple[Node, tuple[Problem, ...]]:
    tree = _Tree(origin)
    try:
        bad = CONTROL.search(text)
        if bad:
            line, column = text.count("\n", 0, bad.start()) + 1, bad.start() - text.rfind("\n", 0, bad.start())
            raise _Stop(line, column, f"holds a character that no text has ({bad.group()!r}): is it a text file?")
        for event in yaml.parse(text, Loader=LOADER):
            tree.feed(event)
    except yaml.YAMLError as error:
        tree.problems.append(_plain_words(error, text))
        raise ScenarioError("", tree.problems) from None
    except _Stop as stop:
        raise ScenarioError("", [*tree.problems, stop.problem]) from None
    if tree.refused:
        raise ScenarioError("", tree.problems)
    if origin == SET and tree.root is None:
        return Node("text", origin=origin), ()
    if tree.root is None or (tree.root.is_null and origin != SET):
        raise ScenarioError("", [Problem(1, 1, "", "the file is empty; `sibsim: 1` is its first line")])
    return tree.root, tuple(tree.problems)


_kept_tree = lru_cache(maxsize=32)(_read_tree)


def _plain_words(error: yaml.YAMLError, text: str) -> Problem:
    """What PyYAML found, in the words of someone who does not know YAML."""
    mark, found = getattr(error, "problem_mark", None), str(getattr(error, "problem", None) or error)
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", text)
    here = lines[line] if line < len(lines) else ""
    character = here[column : column + 1]
    indent = here[: len(here) - len(here.lstrip())]
    if "\t" in indent or character == "\t":
        return Problem(line + 1, max(here.find("\t"), 0) + 1, "", "a tab stands here; indent with spaces")
    if "cannot start any token" in found:
        return Problem(
            line + 1, column + 1, "", f"'{character}' cannot begin a value; put text in quotation marks"
            + (", and write a percent as 5 %" if character == "%" else ""),
        )  # fmt: skip
    context = getattr(error, "context_mark", None)
    if any(words in found for words in ("unexpected end of stream", "could not find expected ':'")) and context:
        line, column = context.line, context.column
    message = next((words for start, words in PLAIN_WORDS if start in found), f"is not YAML: {found}")
    if context is not None and context.line != line and "flow" in str(getattr(error, "context", "")):
        message += f" (it begins in line {context.line + 1})"
    return Problem(line + 1, column + 1, "", message)


class _Tree:
    """Builds the tree from the parser's events, without recursion: depth cannot hurt."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.refused: set[str] = set()
        """What YAML has and a scenario has not: anchors, aliases, tags. A file with them is not read further."""
        self._open: list[tuple[Node, str]] = []
        """Mappings and lists not yet closed, with their paths."""
        self._key: list[tuple[str, int, int] | None] = []
        """For each open mapping, the key that waits for its value."""
        self._nodes = 0
        self._documents = 0
        self._feed: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: lambda event: self._begin(event, Node("mapping")),
            yaml.SequenceStartEvent: lambda event: self._begin(event, Node("list")),
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }

    def feed(self, event: Any) -> None:
        handler = self._feed.get(type(event))
        if handler:
            handler(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            line = event.start_mark.line + 1
            raise _Stop(line, 1, "a second document begins here ('---'); one file is one contract")

    def _path(self) -> str:
        if not self._open:
            return ""
        path, waiting = self._open[-1][1], self._key[-1]
        return join(path, waiting[0]) if waiting else path

    def _mistake(self, mark: Any, message: str) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(mark.line + 1, mark.column + 1, self._path(), message))

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _Stop(event.start_mark.line + 1, 1, "holds more than 20 000 keys and values")

    def _check(self, event: Any) -> None:
        self._count(event)
        if event.anchor is not None:
            self._refuse(
                event, "anchors", f"'&{event.anchor[:40]}': anchors are not used here; write the value where it counts"
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")[:40]
            self._refuse(event, "tags", f"'{shown}': tags are not used here; leave it out")

    def _refuse(self, event: Any, what: str, message: str) -> None:
        """Note the first of its kind: a file that is built with anchors has many."""
        if what not in self.refused:
            self._mistake(event.start_mark, message)
        self.refused.add(what)

    def _alias(self, event: Any) -> None:
        self._count(event)
        message = f"'*{event.anchor[:40]}': aliases are not used here; write the value out, or name it in `inputs`"
        self._refuse(event, "aliases", message)
        self._place(event, Node("text"), is_alias=True)

    def _scalar(self, event: Any) -> None:
        self._check(event)
        node = Node("text", text=event.value, is_plain=event.style in (None, ""))
        self._place(event, node)

    def _begin(self, event: Any, node: Node) -> None:
        self._check(event)
        if len(self._open) >= MOST_DEPTH:
            mark = event.start_mark
            raise _Stop(mark.line + 1, mark.column + 1, f"is nested more than {MOST_DEPTH} deep")
        path = self._path()
        self._place(event, node)
        self._open.append((node, path))
        self._key.append(None)

    def _end(self, event: Any) -> None:
        self._open.pop()
        self._key.pop()

    def _place(self, event: Any, node: Node, is_alias: bool = False) -> None:
        """Put a node where it belongs: as the root, an item, a key or the value of the key that waits."""
        mark = event.start_mark
        node.line, node.column, node.origin = mark.line + 1, mark.column + 1, self.origin
        if not self._open:
            self.root = node
            return
        parent = self._open[-1][0]
        if parent.kind == "list":
            parent.items.append(node)
        elif self._key[-1] is None:
            self._key[-1] = (self._read_key(event, node, parent, is_alias), node.line, node.column)
        else:
            key, line, column = self._key[-1]
            self._key[-1] = None
            if key not in parent.entries:
                parent.entries[key] = node
                parent.keys[key] = (line, column)

    def _read_key(self, event: Any, node: Node, parent: Node, is_alias: bool) -> str:
        mark = event.start_mark
        if node.kind != "text" or is_alias:
            if not is_alias:
                self._mistake(mark, "a key must be a word, not a list or a mapping")
            return f"?{node.line}:{node.column}"
        if node.is_null:
            self._mistake(mark, "a key is missing before the ':'")
        elif node.is_plain and node.text.lower() in YAML_WORDS:
            read_as = YAML_WORDS[node.text.lower()]
            self._mistake(
                mark, f"'{node.text}' cannot be a key or a name (YAML reads it as {read_as}); use another word"
            )
        elif node.text in parent.entries:
            first = parent.keys[node.text][0]
            self._mistake(mark, f"'{node.shown}' stands twice; the first is in line {first}. Keep one")
        return node.text
