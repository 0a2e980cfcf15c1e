"""Cohorts, and figures for each of them, that stand in a CSV file: put into the tree before anything else is read.

So a row is read, and told of when it is wrong, like lines of the scenario, but under its own file, line and column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sibsim.loading.csv_table import Row, Table, read_table
from sibsim.loading.evidence import EVIDENCE_KEYS
from sibsim.loading.keys import NEEDED, Key
from sibsim.loading.kinds import text, whole
from sibsim.loading.people import COHORT
from sibsim.loading.place import Context, Node, Place, Skip, Wrong, attempt, did_you_mean, join, listed
from sibsim.loading.scalars import explain_number, parse_quantity
from sibsim.loading.values import COUNT, Sort

__all__ = ["TABLES", "with_tables"]

FILE = Key("file", text, NEEDED, "a CSV file in the scenario's folder, at most 1 MB", "councils.csv")
NAMES = Key("names", text, NEEDED, "the heading of the column with the names of the cohorts", "county")
HOW_MANY = Sort("a number of rows", "21", 1, 1000, COUNT.units, is_whole=True)
ROWS = Key(
    "rows", whole(HOW_MANY), "any number", "how many rows it must have: one that is missing is then told of", "21"
)
NEEDED_HERE = (FILE, NAMES)
FROM = (*NEEDED_HERE, ROWS)
TABLE = (*NEEDED_HERE, Key("column", text, NEEDED, "the heading of the column with the figures", "days"))
ELSEWHERE = ("options", "sources", "parties", "inputs")
"""Sections in which no figure is for a cohort."""
NUMBERS = tuple(key.name for key in COHORT if isinstance(key.parse, Sort))


def with_tables(root: Node, context: Context) -> Node:
    """The tree with the cohorts and figures of the tables that it names; what is wrong with them is noted.

    Parameters
    ----------
    root : Node
    context : Context
    """
    place = Place(context, root, "", (1, 1))
    root = _with_cohorts(place)
    people = root.entries.get("participants", Node("text"))
    cohorts = [name for name in people.entries.get("cohorts", Node("text")).entries if name != "note"]
    entries = {
        key: node if key in ELSEWHERE else _expanded(Place(context, node, key, root.keys[key]), cohorts)
        for key, node in root.entries.items()
    }
    return replace(root, entries=entries)


# ------------------------------------------------------------------------------------------------ cohorts
def _with_cohorts(root: Place) -> Node:
    people = root.node.entries.get("participants")
    if people is None or people.kind != "mapping" or "cohorts_from" not in people.entries:
        return root.node
    place = Place(root.context, people, "participants", root.node.keys["participants"])
    given = place.child("cohorts_from")
    entries = {key: node for key, node in people.entries.items() if key != "cohorts_from"}
    if given.node.is_none:
        cohorts = None
    elif "cohorts" in people.entries:
        given.note("stands in place of 'cohorts'; keep one of them", at_key=True)
        cohorts = None
    else:
        cohorts = attempt(_cohorts, given)
        if cohorts is None:  # what is wrong is noted, and nothing that asks for a cohort need be told
            entries["cohorts_from"] = given.node
            root.context.unread += [given.path, "actuals.expected"]
    if cohorts is not None:
        entries["cohorts"] = cohorts
    keys = {**people.keys, "cohorts": people.keys["cohorts_from"]}
    changed = replace(people, entries=entries, keys={key: keys[key] for key in entries})
    return replace(root.node, entries={**root.node.entries, "participants": changed})


def _cohorts(place: Place) -> Node:
    """The node of `cohorts`: one mapping for each row."""
    table, names = _read(place)
    wanted = whole(HOW_MANY)(place.child("rows")) if "rows" in place.node.entries else len(table.rows)
    if wanted != len(table.rows):
        there = listed([table.cell(row, names).text for row in table.rows], "and")
        raise place.child("rows").wrong(f"{table.name} has {len(table.rows)} rows in place of {wanted}: {there}")
    keys = [(key, child) for key, child in place.children() if key not in [one.name for one in FROM]]
    known = {key.name for key in COHORT if key.parse is not None and key.name != "queue"}
    columns: list[tuple[str, Place, int]] = []
    for key, child in keys:
        if key not in known:
            near = did_you_mean(key, known) or f"; known here: file, names, rows, {', '.join(sorted(known))}"
            child.note(f"unknown key{near}", at_key=True)
            continue
        number = attempt(lambda at: table.column(_heading(at)), child)
        if number is not None:
            columns.append((key, child, number))
    cohorts = Node("mapping", place.node.line, place.node.column, place.node.origin)
    is_good = len(columns) == len(keys)
    for name, row, at in _named_rows(place, table, names):
        mapping = Node("mapping", row.line, at.column, table.name)
        for key, child, number in columns:
            cell = table.cell(row, number)
            is_good = _is_figure(child, table, row, number, name, is_number=key in NUMBERS) and is_good
            mapping.entries[key] = _with_evidence(cell, child.node)
            mapping.keys[key] = (row.line, cell.column)
        cohorts.entries[name] = mapping
        cohorts.keys[name] = (row.line, at.column)
    if not is_good:
        raise Skip
    return cohorts


def _heading(place: Place) -> Place:
    """Where the heading of a column stands: ``COLUMN``, or ``{column: COLUMN, source: ...}``."""
    if place.node.kind != "mapping":
        return place
    for key, child in place.children():
        if key not in ("column", *EVIDENCE_KEYS):
            raise child.wrong(f"unknown key; known here: {listed(('column', *EVIDENCE_KEYS), 'and')}", at_key=True)
    if "column" not in place.node.entries:
        raise place.wrong("missing key 'column' (the heading of the column, e.g. population)", at_key=True)
    return place.child("column")


# ------------------------------------------------------------------------------------------------ figures
def _is_table(node: Node) -> bool:
    return node.kind == "mapping" and {"file", "names"} <= set(node.entries)


def _expanded(place: Place, cohorts: Sequence[str]) -> Node:
    """A node with each table in it as a mapping of cohorts to figures."""
    node = place.node
    if _is_table(node) and place.path != "participants.cohorts_from":
        is_for_nobody = "participants.cohorts_from" in place.context.unread
        found = None if is_for_nobody else attempt(lambda at: _figures(at, cohorts), place)
        if found is None:
            place.context.unread.append(place.path)
        return found or node
    if node.kind != "mapping":
        return node
    entries = {
        key: _expanded(Place(place.context, child, join(place.path, key), node.keys[key]), cohorts)
        for key, child in node.entries.items()
    }
    is_same = all(entries[key] is child for key, child in node.entries.items())
    return node if is_same else replace(node, entries=entries)


def _figures(place: Place, cohorts: Sequence[str]) -> Node:
    """One figure for each cohort, from a column of a table."""
    for key, child in place.children():
        if key not in (*(one.name for one in TABLE), *EVIDENCE_KEYS):
            near = did_you_mean(key, ("column",)) or f"; known here: {', '.join(one.name for one in TABLE)}"
            raise child.wrong(f"unknown key{near}", at_key=True)
    if "column" not in place.node.entries:
        raise place.wrong("missing key 'column' (the heading of the column with the figures, e.g. days)", at_key=True)
    table, names = _read(place)
    heading = place.child("column")
    number = table.column(heading)
    if not cohorts:
        raise place.wrong("a table has a row for each cohort, and the file has no cohorts")
    found = Node("mapping", place.node.line, place.node.column, place.node.origin)
    is_good = True
    for name, row, at in _named_rows(place, table, names):
        if name not in cohorts:
            near = did_you_mean(name, cohorts) or f"; those are {listed(list(cohorts)[:8], 'and')}"
            at.wrong_here(f"'{name}' is no cohort of the file{near}")
            is_good = False
            continue
        is_good = _is_figure(heading, table, row, number, name, is_number=True) and is_good
        cell = table.cell(row, number)
        found.entries[name] = _with_evidence(cell, place.node)
        found.keys[name] = (row.line, cell.column)
    lacking = [name for name in cohorts if name not in found.entries]
    if lacking and is_good:
        raise place.child("file").wrong(f"{table.name}: no row for {listed(lacking[:8], 'and')}, a cohort of the file")
    if not is_good:
        raise Skip
    return found


# ------------------------------------------------------------------------------------------------ rows and cells
class _At:
    """Where the name of a row stands."""

    def __init__(self, place: Place, node: Node) -> None:
        self.place, self.column = Place(place.context, node, place.path), node.column

    def wrong_here(self, message: str) -> None:
        self.place.note(f"line {self.place.node.line}: {message}")


def _read(place: Place) -> tuple[Table, int]:
    if place.node.kind != "mapping":
        raise place.wrong(f"expected keys, e.g. {{file: councils.csv, names: county}}; got {place.node.shown}")
    for key in NEEDED_HERE:
        if key.name not in place.node.entries:
            raise place.wrong(f"missing key '{key.name}' ({key.meaning}, e.g. {key.example})", at_key=True)
    table = read_table(place.child("file"))
    place.context.tables[table.name] = table.sha256
    return table, table.column(place.child("names"))


def _named_rows(place: Place, table: Table, names: int) -> list[tuple[str, Row, _At]]:
    """Each row with its name and where that stands.

    Raises
    ------
    Skip
        A row without a name, or two with the same; noted.
    """
    found: list[tuple[str, Row, _At]] = []
    lines: dict[str, int] = {}
    is_good = True
    for row in table.rows:
        node = table.cell(row, names)
        at = _At(place, node)
        if not node.text:
            at.wrong_here(f"the cell in column '{table.head[names]}' is empty: a row needs the name of a cohort")
        elif node.text in lines:
            at.wrong_here(f"'{node.text}' stands in line {lines[node.text]}, too; a cohort has one row")
        else:
            lines[node.text] = row.line
            found.append((node.text, row, at))
            continue
        is_good = False
    if not is_good:
        raise Skip
    return found


def _is_figure(place: Place, table: Table, row: Row, number: int, name: str, *, is_number: bool) -> bool:
    """Whether a cell holds what it must; what is wrong is noted, with row and column."""
    cell = table.cell(row, number)
    where = f"line {row.line} ({name}), column '{table.head[number]}': "
    wrong = ""
    if not cell.text:
        wrong = "is empty; fill it in"
    elif is_number and parse_quantity(cell.text) is None:
        how = explain_number(cell.text)
        wrong = f"'{cell.shown}' is not a number{f': {how}' if how else ''}"
    if wrong:
        place.context.note(Wrong(Place(place.context, cell, place.path), where + wrong))
    return not wrong


def _with_evidence(cell: Node, said: Node) -> Node:
    """A cell, with what the scenario says of where its column comes from."""
    beside = {key: said.entries[key] for key in EVIDENCE_KEYS if key in said.entries}
    if not beside or said.kind != "mapping":
        return cell
    keys = {"value": (cell.line, cell.column), **{key: said.keys[key] for key in beside}}
    return Node("mapping", cell.line, cell.column, cell.origin, entries={"value": cell, **beside}, keys=keys)


TABLES: dict[str, tuple[Key, ...]] = {"cohorts_from": FROM, "table": TABLE}
"""By section."""
