"""``docs/sources.md`` leads from every statement of the source documents to a line of a scenario, or says why not."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[1] / "docs"
LINK = re.compile(r"\]\(\.\./((?:scenarios|portfolios)/[^)#]+)#L(\d+)\) `([^`]+)`(?: \"([^\"]+)\")?")


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_sources", DOCS / "build_sources.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date_and_every_statement_leads_somewhere() -> None:
    text, wrong = builder().page()
    assert not wrong
    assert text == (DOCS / "sources.md").read_text(encoding="utf-8"), "run `make docs`"


def test_every_link_leads_to_the_line_that_holds_the_key_or_the_words() -> None:
    links = LINK.findall((DOCS / "sources.md").read_text(encoding="utf-8"))
    assert len(links) > 200
    for file, line, path, words in links:
        written = (DOCS.parent / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        if words:
            assert words in written, f"{file}:{line} does not hold {words!r}"
        elif not path[-1].isdigit() or not written.strip().startswith("- "):
            last = re.escape(re.split(r"\.(?! )", path)[-1])
            assert re.search(rf"(^|[\s{{,.]){last}:( |$)", written), f"{file}:{line} does not hold {path!r}"


def test_what_leads_nowhere_is_told() -> None:
    build = builder()
    statements = [
        {"where": "a", "says": "b", "used": ["child-obesity: inputs.no such input"]},
        {"where": "a", "says": "c", "used": ["child-obesity: inputs.prevalence ~ 99 %", "no-such-scenario: title"]},
        {"where": "a", "says": "d", "used": [], "not": "no figure"},
        {"where": "a", "says": "e", "used": ["child-obesity: inputs.prevalence ~ mean: 20 %", "no such table.csv"]},
    ]
    lines, wrong = build.rows(statements)
    assert [one.split(":")[0] for one in wrong] == ["b", "b", "c", "c", "c", "e"]
    assert lines[-2:] == [
        "| a | d | no figure |",
        f"| a | e | {build.link('child-obesity: inputs.prevalence ~ mean: 20 %')} |",
    ]


@pytest.mark.parametrize("words", ["SEK", "per cent"])
def test_numbers_are_written_the_same_way_throughout(words: str) -> None:
    """Sums of the agreement are in SEK m, as its heading says; shares are in %."""
    part = (DOCS / "sources.in.yaml").read_text(encoding="utf-8").split("- title:")[2]
    assert words not in part.partition("statements:")[2]
