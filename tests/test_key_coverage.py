"""Every key of the language has a test of what it does to money, beside a calculation by hand.

Such a test is marked ``@pytest.mark.key("payments.floor", ...)``; this reads the marks out of the files.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sibsim.loading.tables import TABLES

TESTS = Path(__file__).parent

LACKING: frozenset[str] = frozenset()
"""Keys that are read but not yet shown by any test. It only ever shrinks."""


def named_in(path: Path) -> Iterator[tuple[int, str]]:
    """(line, key) of each name in a mark of a file; the names are texts, or made of texts alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "key"):
            continue
        if ast.unparse(node.func) == "pytest.mark.key":
            words = ast.fix_missing_locations(ast.Expression(ast.Tuple(node.args, ast.Load())))
            for name in eval(compile(words, str(path), "eval"), {"__builtins__": {}}):
                yield node.lineno, name


KNOWN = {f"{section}.{key.name}": key.parse is not None for section, keys in TABLES.items() for key in keys}
"""Keys by section and name, and whether this version reads them."""


@cache
def marks() -> list[tuple[Path, int, str]]:
    """(file, line, key) of every mark: read by whoever asks first, and not by each process that collects the tests."""
    return [(path, line, name) for path in sorted(TESTS.rglob("test_*.py")) for line, name in named_in(path)]


def test_a_mark_names_a_key() -> None:
    wrong = [f"{path.relative_to(TESTS)}:{line} {name}" for path, line, name in marks() if name not in KNOWN]
    assert not wrong, "no such key in any table; see sibsim/loading/tables.py"


def test_every_key_is_shown_by_a_test() -> None:
    shown = {name for _, _, name in marks()}
    read = {name for name, is_read in KNOWN.items() if is_read}
    assert sorted(read - shown - LACKING) == [], "write a test with a calculation by hand, marked with the key's name"
    assert sorted(LACKING & shown) == [], "shown by now: take it out of LACKING"
    assert sorted(LACKING - read) == [], "not a key that is read"
