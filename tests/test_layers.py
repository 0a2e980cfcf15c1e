"""One direction, no cycles, and only the top prints: checked by reading the imports of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sibsim"

ROWS: tuple[frozenset[str], ...] = (
    frozenset({"cluster", "errors", "rates", "roots", "rounding", "versions", "workers"}),
    frozenset({"distributions", "shapes", "metrics", "quantiles", "chances", "reference"}),
    frozenset({"scenario", "timeline", "known", "referrals"}),
    frozenset({"loading", "draws"}),
    frozenset({"context"}),
    frozenset({"conditions"}),
    frozenset({"participants", "queue"}),
    frozenset({"outcomes", "measures", "benefits"}),
    frozenset({"settlement"}),
    frozenset(
        {
            "asked",
            "assumptions",
            "came",
            "comparing",
            "parties",
            "figures",
            "flowing",
            "futures",
            "happenings",
            "jobs",
            "keeping",
            "payouts",
            "results",
            "per_draw",
            "portfolio",
            "reserves",
            "summary",
            "yearly",
            "replay",
            "simulate",
            "waits",
        }
    ),
    frozenset({"report"}),
    frozenset({"cli", "__main__"}),
)
"""From the plainest to the top. A part may use the rows before its own, and its own row without going round."""
ROW_OF = {part: number for number, row in enumerate(ROWS) for part in row}
MAY_PRINT = {"cli", "__main__"}
CALLS = {"print", "exit", "quit", "input", "sys.exit", "click.echo"}
STREAMS = {"stdout", "stderr", "stdin", "argv"}
WHOLE_STREAMS = {f"sys.{name}" for name in STREAMS}


def part_of(path: Path) -> str:
    """The module or package a file belongs to; ``__init__`` for the top file."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def walk(node: ast.AST, is_deep: bool, is_of_statements: bool = False) -> Iterator[ast.AST]:
    """Every node that runs; those inside functions only if ``is_deep``, those of which values are made only if asked.

    No statement stands in an expression.
    """
    for child in ast.iter_child_nodes(node):
        if is_for_types_only(child) or (is_of_statements and isinstance(child, ast.expr)):
            continue
        yield child
        if is_deep or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from walk(child, is_deep, is_of_statements)


def imported(tree: ast.Module, path: Path, is_deep: bool = True) -> Iterator[tuple[int, str]]:
    """(line, part of sibsim) for each import of another part."""
    for node in walk(tree, is_deep, is_of_statements=True):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            first, *rest = name.split(".")
            if first == "sibsim" and rest and (rest[0] in ROW_OF or rest[0] not in ("__version__", "load")):
                yield node.lineno, rest[0]


@dataclass(frozen=True)
class Facts:
    """What is asked of a file: what it imports, at all and when it is imported itself, what it may not do, its size."""

    imports: tuple[tuple[int, str], ...]
    at_once: frozenset[str]
    wrong: tuple[str, ...]
    lines: int


@cache
def facts(path: Path) -> Facts:
    """Each file is parsed once for all that is asked of it; its tree, which is large, is not kept."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    at_once = frozenset(other for _, other in imported(tree, path, is_deep=False))
    return Facts(tuple(imported(tree, path)), at_once, tuple(printed(tree)), lines_of_code(text, tree))


def test_every_part_has_its_row() -> None:
    assert {part_of(path) for path in FILES} <= set(ROW_OF), "a new module: say in ROWS where it belongs"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    own = part_of(path)
    wrong = [f"line {line}: {own} uses {other}" for line, other in facts(path).imports if ROW_OF[other] > ROW_OF[own]]
    assert not wrong


def test_no_part_goes_round_to_itself() -> None:
    uses: dict[str, set[str]] = {}
    for path in FILES:
        own = part_of(path)
        uses.setdefault(own, set()).update(facts(path).at_once - {own})
    order = list(TopologicalSorter(uses).static_order())  # CycleError names the cycle
    assert order.index("errors") < order.index("cli")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if part_of(path) in MAY_PRINT:
        pytest.skip("this is where it is done")
    assert not facts(path).wrong


def printed(tree: ast.Module) -> Iterator[str]:
    """What a file does that only the command line may, with its line."""
    for node in walk(tree, is_deep=True):
        if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) in CALLS:
            yield f"line {node.lineno}: {called}"
        if isinstance(node, ast.Attribute) and node.attr in STREAMS and ast.unparse(node) in WHOLE_STREAMS:
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            if {"click", "rich"} & {name.split(".")[0] for name in names}:
                yield f"line {node.lineno}: imports click or rich"


def lines_of_code(text: str, tree: ast.Module) -> int:
    """Lines that are neither empty nor only a comment nor part of a docstring."""
    words: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            words.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for number, line in lines if number not in words and line.strip() and line.lstrip()[0] != "#")


def test_modules_stay_small() -> None:
    long = {str(path.relative_to(PACKAGE)): lines for path in FILES if (lines := facts(path).lines) > 400}
    assert not long
