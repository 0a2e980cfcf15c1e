"""Writes ``docs/sources.md``: what the source documents say, and the line of the scenario in which it is used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "sources.md"
STATEMENTS = ROOT / "docs" / "sources.in.yaml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
sys.path.insert(0, str(ROOT))

from sibsim.errors import ScenarioError  # noqa: E402
from sibsim.loading.finding import portfolio_path, portfolios, scenario_folder, shipped_path  # noqa: E402
from sibsim.loading.place import Node  # noqa: E402
from sibsim.loading.reader import read_file  # noqa: E402

REACH = 6
"""So many lines of a file, from its first on, a figure with its note may take."""

HEAD = """# The source documents, rule by rule

Written by `docs/build_sources.py` from `docs/sources.in.yaml` (`make docs`); a test fails if a line has moved or a key
is gone. Five documents gave rise to these scenarios. For each of them: what it says, in our words, and the line of a
scenario, or of a portfolio, in which that rule or figure stands, or why it stands in none.
"""


def file_of(name: str) -> Path:
    """The file of a scenario or a portfolio that ships."""
    return portfolio_path(name) if name in portfolios() else shipped_path(name)


def line_of(name: str, path: str, words: str = "") -> int:
    """The line of a scenario's or portfolio's file in which a path stands, e.g. ``contract.payments.success.cap``.

    With words, the first line from there on, as far as a note may reach, that holds them.

    Raises
    ------
    KeyError
        There is no such path in the file, or no such words where it stands.
    """
    tree, _, _ = read_file(file_of(name), name)
    line, node = 1, tree
    rest = path
    while rest:
        key, node, line = _step(node, rest)
        rest = rest[len(key) + 1 :]
    written = file_of(name).read_text(encoding="utf-8").splitlines()[line - 1 : line - 1 + REACH]
    found = [line + i for i, one in enumerate(written) if words in one]
    if not found:
        raise KeyError(words)
    return found[0]


def _step(node: Node, path: str) -> tuple[str, Node, int]:
    """The longest key the path begins with (keys may hold dots) or a place in a list, what stands there, its line."""
    for key in sorted(node.entries, key=len, reverse=True):
        if path == key or path.startswith(f"{key}."):
            return key, node.entries[key], node.keys[key][0]
    first = path.partition(".")[0]
    if first.isdigit() and int(first) < len(node.items):
        return first, node.items[int(first)], node.items[int(first)].line
    raise KeyError(path)


def link(used: str) -> str:
    """A link to ``scenario: path``, to ``scenario: path ~ words`` or to ``table.csv``, a table beside the scenarios.

    A portfolio's name may stand in place of a scenario's.
    """
    name, _, rest = used.partition(": ")
    path, _, words = rest.partition(" ~ ")
    if not path:
        file, mark, shown = scenario_folder() / name, "", name
        if not file.is_file():
            raise KeyError(used)
    else:
        line = line_of(name, path, words)
        file, mark, shown = file_of(name), f"#L{line}", f"{name}:{line}"
    place = file.relative_to(scenario_folder().parent).as_posix()
    said = f" `{path}`" if path else ""
    return f"[{shown}](../{place}{mark}){said}" + (f' "{words}"' if words else "")


def rows(statements: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """The lines of a document's table, and what is wrong with them."""
    lines, wrong = ["| where | what it says | where it is used |", "|---|---|---|"], []
    for one in statements:
        places = []
        for used in one.get("used", []):
            try:
                places.append(link(used))
            except (KeyError, ScenarioError):
                wrong.append(f"{one['says']}: no {used}")
        if not places and not one.get("not"):
            wrong.append(f"{one['says']}: neither used nor said why not")
        where = "; ".join([*places, *([one["not"]] if one.get("not") else [])])
        lines.append(f"| {one['where']} | {one['says']} | {where} |")
    return lines, wrong


def page() -> tuple[str, list[str]]:
    """The text of the page, and what is wrong."""
    lines, wrong = [HEAD], []
    for document in yaml.load(STATEMENTS.read_text(encoding="utf-8"), Loader=LOADER):
        lines += [f"## {document['title']}", "", f"{document['about']}", ""]
        table, faults = rows(document["statements"])
        lines += [*table, ""]
        wrong += faults
    return "\n".join(lines), wrong


if __name__ == "__main__":
    text, wrong = page()
    for fault in wrong:
        print(fault, file=sys.stderr)
    PAGE.write_text(text, encoding="utf-8")
    sys.exit(bool(wrong))
