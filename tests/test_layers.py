"""One direction, no cycles, and only the top prints: checked by reading the imports of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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


def part_of(path: Path) -> str:
    """The module or package a file belongs to; ``__init__`` for the top file."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def walk(node: ast.AST, is_deep: bool) -> Iterator[ast.AST]:
    """Every node that runs; those inside functions only if ``is_deep``."""
    for child in ast.iter_child_nodes(node):
        if is_for_types_only(child):
            continue
        yield child
        if is_deep or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from walk(child, is_deep)


def imported(path: Path, is_deep: bool = True) -> Iterator[tuple[int, str]]:
    """(line, part of sibsim) for each import of another part."""
    for node in walk(ast.parse(path.read_text(encoding="utf-8")), is_deep):
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


def test_every_part_has_its_row() -> None:
    assert {part_of(path) for path in FILES} <= set(ROW_OF), "a new module: say in ROWS where it belongs"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    own = part_of(path)
    wrong = [f"line {line}: {own} uses {other}" for line, other in imported(path) if ROW_OF[other] > ROW_OF[own]]
    assert not wrong


def test_no_part_goes_round_to_itself() -> None:
    uses: dict[str, set[str]] = {}
    for path in FILES:
        own = part_of(path)
        uses.setdefault(own, set()).update(other for _, other in imported(path, is_deep=False) if other != own)
    order = list(TopologicalSorter(uses).static_order())  # CycleError names the cycle
    assert order.index("errors") < order.index("cli")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    if part_of(path) in MAY_PRINT:
        pytest.skip("this is where it is done")
    for node in walk(ast.parse(path.read_text(encoding="utf-8")), is_deep=True):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"print", "exit", "quit", "input", "sys.exit", "click.echo"}, f"line {node.lineno}"
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in {"sys.stdout", "sys.stderr", "sys.stdin", "sys.argv"}, f"line {node.lineno}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            assert not {"click", "rich"} & {name.split(".")[0] for name in names}, f"line {node.lineno}"


def lines_of_code(path: Path) -> int:
    """Lines that are neither empty nor only a comment nor part of a docstring."""
    text = path.read_text(encoding="utf-8")
    words: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            words.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for number, line in lines if number not in words and line.strip() and line.lstrip()[0] != "#")


def test_modules_stay_small() -> None:
    long = {str(path.relative_to(PACKAGE)): lines for path in FILES if (lines := lines_of_code(path)) > 400}
    assert not long
