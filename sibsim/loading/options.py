"""Options and ``--set``: another version of the same file. What is put in replaces what stood there, whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sibsim.errors import Problem, ScenarioError
from sibsim.loading.place import SET, Node, did_you_mean, listed
from sibsim.loading.reader import read_text

__all__ = ["Refused", "apply", "change", "option_names"]

FIXED = ("sibsim", "extends", "changes", "options")
"""What no option and no change may touch."""
HOLDINGS, CHANGES = "holdings", "changes"
"""Where a portfolio changes a contract."""


def option_names(root: Node) -> list[str]:
    """The options of a file, in its order."""
    options = root.entries.get("options")
    return [name for name, node in options.entries.items() if name != "note" or node.kind != "text"] if options else []


def apply(root: Node, options: Sequence[str], sets: Sequence[str]) -> tuple[Node, list[Problem]]:
    """The tree with options and then ``--set`` put in, in the order given, and what is wrong with them."""
    problems: list[Problem] = []
    base = root
    for name in options:
        root = _apply_option(root, base, name, problems)
    for assignment in sets:
        path, sign, text = assignment.partition("=")
        path = path.strip()
        try:
            if not sign or not path:
                raise Refused(f"write --set path=value, got '{assignment[:80]}'")
            root = change(root, base, path, _read_value(text))
        except Refused as refused:
            problems.append(Problem(0, 0, f"{SET} {path[:80]}".strip(), str(refused)))
    return root, problems


class Refused(Exception):
    """A change that cannot be made."""


def _apply_option(root: Node, base: Node, name: str, problems: list[Problem]) -> Node:
    known = option_names(base)
    if name not in known:
        near = did_you_mean(name, known) or (
            f"; the file has {listed(known, 'and')}" if known else "; the file has none"
        )
        problems.append(Problem(0, 0, "", f"no option is called '{name}'{near}"))
        return root
    options = base.entries["options"]
    option, where = options.entries[name], options.keys[name]
    if option.kind != "mapping":
        message = f"expected 'path: value' lines, e.g. 'contract.cap: 5 m'; got {option.shown}"
        problems.append(Problem(*where, f"options.{name}", message, option.origin))
        return root
    for path, value in option.entries.items():
        if path == "note":
            continue
        try:
            root = change(root, base, path, value, option.keys[path])
        except Refused as refused:
            problems.append(Problem(*option.keys[path], f"options.{name}.{path}", str(refused), option.origin))
    return root


def _read_value(text: str) -> Node:
    try:
        node, problems = read_text(text, SET)
    except ScenarioError as error:
        raise Refused(error.problems[0].message) from None
    if problems:
        raise Refused(problems[0].message)
    return node


def change(
    root: Node, base: Node, path: str, value: Node, where: tuple[int, int] = (0, 0), who: str = "an option"
) -> Node:
    """A copy of the tree with one value replaced, added or (``none``) removed.

    Parameters
    ----------
    root, base : Node
        The tree as it is now, and as it was before the first change: what stood there may be removed twice.
    path : str
        Keys joined by dots.
    value : Node
    where : (int, int)
        Where the path itself stands.
    who : str
        Who asks, for messages.

    Raises
    ------
    Refused
        There is no such path.
    """
    if value.is_null:
        raise Refused("has no value; write none to remove it")
    keys = [key.strip() for key in path.split(".")]
    if len(keys) > 50 or not all(keys):
        raise Refused("a path is keys joined by dots, e.g. contract.payments.success.cap")
    if keys[0] in FIXED:
        raise Refused(f"{who} cannot change '{keys[0]}'")
    if keys[0] == HOLDINGS and len(keys) > 3 and keys[2] == CHANGES:
        keys = [*keys[:3], ".".join(keys[3:])]  # changes of a contract are paths themselves
        root = _with_changes(root, keys[1])
    return _put_at(root, base, keys, 0, value, where)


def _with_changes(root: Node, holding: str) -> Node:
    """The tree of a portfolio in which this holding, if there is one, has changes, be they none."""
    holdings = root.entries.get(HOLDINGS, root)
    held = holdings.entries.get(holding)
    if held is None or held.kind != "mapping" or CHANGES in held.entries:
        return root
    held = replace(held, entries={**held.entries, CHANGES: _read_value("{}")}, keys={**held.keys, CHANGES: (0, 0)})
    holdings = replace(holdings, entries={**holdings.entries, holding: held})
    return replace(root, entries={**root.entries, HOLDINGS: holdings})


def _put_at(node: Node, base: Node | None, keys: list[str], depth: int, value: Node, where: tuple[int, int]) -> Node:
    key, above = keys[depth], ".".join(keys[:depth])
    if node.kind != "mapping":
        whole = f"; write the whole of '{above}' instead" if depth else ""
        raise Refused(f"'{above}' is {node.shown}, without keys of its own{whole}")
    entries, positions = dict(node.entries), dict(node.keys)
    before = base.entries.get(key) if base and base.kind == "mapping" else None
    if depth < len(keys) - 1:
        if key not in entries or entries[key].is_none:
            near = did_you_mean(key, entries)
            raise Refused(f"there is no '{'.'.join(keys[: depth + 1])}' to change{near}")
        entries[key] = _put_at(entries[key], before, keys, depth + 1, value, where)
    elif not value.is_none:
        entries[key] = value
        positions[key] = where if where != (0, 0) else positions.get(key, where)
    elif key in entries or before is not None or depth == 0:
        entries.pop(key, None)
        positions.pop(key, None)
    else:
        raise Refused(f"there is no '{'.'.join(keys)}' to remove{did_you_mean(key, entries)}")
    return replace(node, entries=entries, keys=positions)
