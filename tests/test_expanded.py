"""A scenario as one text reads back as the same tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.loading import expanded, scenario_folder
from sibsim.loading.as_yaml import in_yaml
from sibsim.loading.place import Node
from sibsim.loading.reader import read_text
from tests.support import in_turn

FILES = sorted(scenario_folder().rglob("*.yaml"))


def plain(node: Node) -> object:
    if node.kind == "mapping":
        return {key: plain(child) for key, child in node.entries.items()}
    return [plain(child) for child in node.items] if node.kind == "list" else (node.text, node.is_plain)


def said(node: Node) -> object:
    """The same, without regard to quotation marks round what could not stand without."""
    if node.kind == "mapping":
        return {key: said(child) for key, child in node.entries.items()}
    return [said(child) for child in node.items] if node.kind == "list" else (node.text, node.is_null, node.is_none)


@pytest.mark.parametrize("path", in_turn(FILES, 6), ids=lambda path: path.stem)
def test_a_scenario_reads_back(path: Path) -> None:
    text = expanded(path)
    again, problems = read_text(text)
    assert not problems
    assert in_yaml(again) == text
    if "extends" not in (root := read_text(path.read_text(encoding="utf-8"))[0]).entries:
        assert said(again) == said(root)


@pytest.mark.parametrize(
    "text",
    ["no", "'no'", "'none'", "none", "", "~", "''", "{}", "[]", "[[], {}]", "['x: y', '# z', \"\\ta\\u2028b\"]"],
)
def test_every_text_reads_back(text: str) -> None:
    root, _ = read_text(f"k: {text}")
    again, problems = read_text(in_yaml(root))
    assert not problems
    assert plain(again) == plain(root)


def test_options_and_changes_are_put_in() -> None:
    assert "  relative risk:\n    value: 1\n" in expanded("child-obesity", ["no effect"])
    assert "price_year: 2031\n" in expanded("child-obesity", (), ["price_year=2031"])
