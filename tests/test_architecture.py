"""The page on the architecture shows the layers as they are, and names only what is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.test_layers import ROWS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`(sibsim(?:\.\w+)+)`", PAGE)))
PATHS = sorted(set(re.findall(r"`((?:sibsim|tests|docs|scenarios)/[\w./]*)`", PAGE)))


def test_the_layers_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| \d+ \| ((?:`\w+` ?)+)\|", PAGE, re.MULTILINE)
    assert [frozenset(re.findall(r"`(\w+)`", row)) for row in rows] == list(ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_is_there(name: str) -> None:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return
    pytest.fail(f"no {name}")


@pytest.mark.parametrize("path", PATHS)
def test_every_file_to_open_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_table_of_changes_names_files() -> None:
    table = PAGE[PAGE.index("## To change X") : PAGE.index("## House rules")]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| To change")]
    assert len(rows) > 20
    assert all(re.search(r"`[\w/]+(/|\.\w+)`", row.split("|")[2]) for row in rows), "a row without a file to open"


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert [link for link in links if "://" not in link and not (ROOT / "docs" / link).exists()] == []
