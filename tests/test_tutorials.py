"""What the tutorials and the page on output say `sibsim explain`, `flow` and `compare` print is what it prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sibsim import cli

DOCS = Path(__file__).parents[1] / "docs"
TUTORIALS = [*sorted(DOCS.glob("tutorial-*.md")), DOCS / "output.md"]
COMMAND = re.compile(r"^    \$ (sibsim (?:explain|flow|compare) .+)\n((?:    .*\n|\n(?=    ))+)", re.MULTILINE)


def transcripts() -> list[tuple[str, str, list[str]]]:
    """(page, command, stretches of lines that stand together)."""
    found = []
    for page in TUTORIALS:
        for command, body in COMMAND.findall(page.read_text(encoding="utf-8")):
            text = re.sub(r"^    ", "", body, flags=re.MULTILINE)
            found.append((page.name, command, [part.strip("\n") for part in re.split(r"^\.\.\.$", text, flags=re.M)]))
    return found


@pytest.mark.parametrize(("page", "command", "parts"), transcripts(), ids=lambda value: str(value)[:24])
def test_a_transcript_is_what_is_printed(
    page: str, command: str, parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """If the numbers changed on purpose, put what it prints now into the page."""
    assert cli.main([*shlex.split(command)[1:], "--quiet"]) == 0
    out, place = capsys.readouterr().out, 0
    for part in (part for part in parts if part):
        assert part in out[place:], f"{page}: not printed, or not in this order"
        place = out.index(part, place) + len(part)


def test_there_is_one() -> None:
    assert transcripts()
