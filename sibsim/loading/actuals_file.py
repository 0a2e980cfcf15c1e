"""What came in a file of its own: read like a scenario, and put in the place of its section `actuals`."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from sibsim.errors import Problem, ScenarioError
from sibsim.loading.extending import Whole, joined
from sibsim.loading.place import Node
from sibsim.loading.reader import read_file

__all__ = ["with_actuals"]

SECTION = "actuals"
BESIDE = (SECTION, "sources", "note")


def with_actuals(whole: Whole, path: Path) -> Whole:
    """The same file with what came as another file says it, in place of its own section `actuals`.

    Parameters
    ----------
    whole : Whole
    path : Path
        Of a file that holds `actuals`, and beside it perhaps `sources` and a `note`; or the keys of `actuals` alone.

    Raises
    ------
    ScenarioError
        (Named by that file) it cannot be read, is no YAML, or holds something else.
    """
    name = str(path)
    try:
        root, sha256, problems = read_file(path, name, name)
    except ScenarioError as error:
        raise ScenarioError(name, [_of_what_came(problem) for problem in error.problems]) from None
    if whole.root.kind != "mapping":
        return whole
    section, key = _section(root, name)
    entries, keys = dict(whole.root.entries), dict(whole.root.keys)
    entries[SECTION], keys[SECTION] = section, key
    if section is not root and "sources" in root.entries:
        own, base = root.entries["sources"], entries.get("sources")
        is_both = own.kind == "mapping" and base is not None and base.kind == "mapping"
        entries["sources"] = joined(base, own) if base is not None and is_both else own
        keys.setdefault("sources", root.keys["sources"])
    merged = replace(whole.root, entries=entries, keys=keys)
    together = hashlib.sha256((whole.sha256 + sha256).encode()).hexdigest()
    found = [*whole.problems, *(replace(problem, file=name) for problem in problems)]
    return Whole(merged, (*whole.levels[:-1], merged), together, found)


def _of_what_came(problem: Problem) -> Problem:
    """A problem of reading in the words of this file, which begins otherwise than a scenario."""
    if not problem.message.startswith("the file is empty"):
        return problem
    return replace(problem, message="the file is empty; write what came, e.g. 'measures: {completion rate: 100 %}'")


def _section(root: Node, name: str) -> tuple[Node, tuple[int, int]]:
    """What the section is to hold, and where it stands."""
    if root.kind != "mapping" or not root.entries:
        message = f"what came is keys with values, e.g. 'measures: {{completion rate: 100 %}}'; this is {root.shown}"
        raise ScenarioError(name, [Problem(root.line, root.column, "", message)])
    if "sibsim" in root.entries:
        message = "this is a whole scenario; name a file that holds only what came, the keys of its section 'actuals'"
        raise ScenarioError(name, [Problem(*root.keys["sibsim"], "sibsim", message)])
    if SECTION not in root.entries:
        return root, (root.line, root.column)
    message = "cannot stand in a file of what came; beside 'actuals' there may be 'sources' and a 'note'"
    others = [Problem(*root.keys[key], key, message) for key in root.entries if key not in BESIDE]
    if others:
        raise ScenarioError(name, others)
    return root.entries[SECTION], root.keys[SECTION]
