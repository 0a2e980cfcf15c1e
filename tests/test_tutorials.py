"""A tutorial shows what the program prints, and no figure in its text is one that the page does not show.

A new tutorial needs nothing here: every `docs/tutorial-*.md` is tested, by its file name.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from sibsim import cli

DOCS = Path(__file__).parents[1] / "docs"
OUTPUT = DOCS / "output.md"
COMMAND = re.compile(r"^    \$ (sibsim (?:explain|flow|compare) .+)\n((?:    .*\n|\n(?=    ))+)", re.MULTILINE)
FENCED = re.compile(r"^```.*\n(?:.*\n)*?```$", re.MULTILINE)
FIGURE = re.compile(r"(?<![\w.,])(\d{1,3}(?:[ ,]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?: ?(m|k|%)(?!\w))?(?![\w])")
NUMBERING = re.compile(r"^(?:#+ \d+\.|\s*\d+\.) ", re.MULTILINE)
ADDRESS = re.compile(r"\]\([^)]*\)|<!--.*?-->")


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_tutorials", DOCS / "build_tutorials.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUILDER = builder()
PAGES = BUILDER.pages()


def figures(text: str) -> set[tuple[str, str]]:
    """The figures of a text, as (digits, unit): m, k, % or nothing. Signs and marks between digits do not count."""
    found = {(re.sub("[ ,]", "", number), unit) for number, unit in FIGURE.findall(text)}
    return found | {(part, "") for date in re.findall(r"\d{4}-\d{2}", text) for part in date.split("-")}


def shown(page: str) -> set[tuple[str, str]]:
    """All figures of what the page shows: what is printed, what is typed, its files.

    Under a heading such as `SEK k` a figure without a unit is one in thousands too.
    """
    found = set()
    for block in FENCED.findall(page):
        own = figures(block)
        units = [unit for unit in ("m", "k") if re.search(rf"\b[A-Z]{{3}}\s+{unit}\b", block)]
        found |= own | {(number, unit) for number, bare in own if not bare for unit in units}
        found |= {(number, "%") for number, bare in own if not bare and "% a year" in block}
    return found


def told(page: str) -> set[tuple[str, str]]:
    """All figures in the text between, but for the numbers of headings and lists."""
    return figures(NUMBERING.sub("", ADDRESS.sub("", FENCED.sub("", page))))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_tutorial_is_what_is_printed(path: Path) -> None:
    """If the output changed on purpose: `make docs`, and read the text around it again."""
    page = path.read_text(encoding="utf-8")
    assert "```text\n$ sibsim" in page
    printed = BUILDER.rewritten(page)
    for old, new in zip(page.splitlines(), printed.splitlines(), strict=False):
        assert old == new, path.name
    assert printed == page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_figure_in_the_text_is_one_that_the_page_shows(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert not told(page) - shown(page), f"{path.name}: in the text, but not printed by any command that it shows"


def test_a_figure_that_is_not_printed_is_found() -> None:
    page = (
        "It pays 1.63 m, 2,125 k or 20 % in 2031.\n```text\n$ sibsim run x\nSEK k 1.63 m; 2,125; 20 %; 2031-04\n```\n"
    )
    assert not told(page) - shown(page)
    assert told(page.replace("It pays 1.63 m", "It pays 1.64 m")) - shown(page) == {("1.64", "m")}
    assert told(page.replace("It pays 1.63 m", "It pays 1.63")) - shown(page) == {("1.63", "")}
    assert told(page.replace("2,125 k or", "2,125 m or")) - shown(page) == {("2125", "m")}
    assert told("## 3. Three\n\n1. One [link](a-9.md)\n") == set()


def test_what_is_shown_of_an_output() -> None:
    page = "<!-- shows: = b | e .. g -->\n```text\n$ sibsim list payments\n```\n"
    output = "a\nb\n  c\n\ne\n  f\ng\n  h\n\ni\n"
    assert BUILDER._shown(output, "= b | e .. g") == "...\nb\n...\ne\n  f\ng\n  h\n...\n"
    assert BUILDER._shown(output, "b | e") == "...\nb\n  c\n\ne\n  f\n...\n"
    assert BUILDER._shown(output, None) == output
    with pytest.raises(ValueError, match=r"sibsim list payments: no line begins with 'b'"):
        BUILDER.rewritten(page)


# ------------------------------------------------------------------------------------------------ the page on output
def transcripts() -> Iterator[tuple[str, list[str]]]:
    """(command, stretches of lines that stand together) of the page on output."""
    for command, body in COMMAND.findall(OUTPUT.read_text(encoding="utf-8")):
        text = re.sub(r"^    ", "", body, flags=re.MULTILINE)
        yield command, [part.strip("\n") for part in re.split(r"^\.\.\.$", text, flags=re.M)]


@pytest.mark.parametrize(("command", "parts"), list(transcripts()), ids=lambda value: str(value)[:24])
def test_a_transcript_is_what_is_printed(command: str, parts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """If the numbers changed on purpose, put what it prints now into the page."""
    assert cli.main([*shlex.split(command)[1:], "--quiet"]) == 0
    out, place = capsys.readouterr().out, 0
    for part in (part for part in parts if part):
        assert part in out[place:], "output.md: not printed, or not in this order"
        place = out.index(part, place) + len(part)


def test_there_is_one() -> None:
    assert list(transcripts())
    assert len(PAGES) >= 2
