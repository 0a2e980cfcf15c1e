"""Writes the transcripts of the tutorials again: what each `$ sibsim ...` prints today, never typed by hand.

A page `docs/tutorial-NAME.md` is read from above, in a new folder, as a reader would follow it:

* a block that begins with ```` ```yaml FILE ```` is a file: it is written there; with `+` after its name it is added
  to it, with `~` it stands in place of the block that was last added to it;
* a block that begins with ```` ```text ```` and `$ sibsim ...` is a transcript: the command is run in that folder.

All that is printed is shown, unless the line above the block says which part: `<!-- shows: A | B .. C -->` is the first
line that begins with A, with the lines below it that stand further in, and then from B to C; `= A` is that line alone.
What is left out is `...`.

python docs/build_tutorials.py
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from sibsim import cli  # noqa: E402

BLOCK = re.compile(r"(?:<!-- shows: (?P<shows>.+?) -->\n)?^```(?P<head>.+)\n(?P<body>(?:.*\n)*?)```$", re.MULTILINE)
SIMULATES = {"run", "compare", "explain", "flow", "portfolio", "reproduce"}
LEFT_OUT = "..."


def pages() -> list[Path]:
    """Every tutorial there is."""
    return sorted(DOCS.glob("tutorial-*.md"))


def rewritten(text: str) -> str:
    """A page with what its commands print today.

    Raises
    ------
    ValueError
        Where a part that is to be shown is not printed.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return "".join(_written(text))


def _written(text: str) -> Iterator[str]:
    """The pieces of a page, its transcripts new. Files are written and commands run in the folder we are in."""
    added: dict[str, list[str]] = {}
    ran: dict[tuple[str, str], str] = {}
    place = 0
    for block in BLOCK.finditer(text):
        head, body = block["head"].split(), block["body"]
        yield text[place : block.start("body")]
        place = block.end("body")
        if len(head) > 1:
            _write(added, head[1], head[2] if len(head) > 2 else "", body)
        elif body.startswith("$ sibsim "):
            command = re.match(r"\$ (.*\\\n)*.*\n", body)
            assert command is not None
            key = (command[0], str(added))
            if key not in ran:
                ran[key] = printed(command[0])
            try:
                body = command[0] + _shown(ran[key], block["shows"])
            except ValueError as error:
                raise ValueError(f"{command[0].strip()}: {error}") from None
        yield body
    yield text[place:]


def _write(added: dict[str, list[str]], name: str, how: str, body: str) -> None:
    """Write a file of the page, add to it, or replace what was last added."""
    before = {"": [], "+": added.get(name, []), "~": added.get(name, [])[:-1]}[how]
    added[name] = [*before, body]
    Path(name).write_text("\n".join(added[name]), encoding="utf-8")


def printed(command: str) -> str:
    """What a command prints: results, then complaints, as on a terminal."""
    words = shlex.split(command.removeprefix("$ sibsim ").replace("\\\n", " "))
    quiet = ["--quiet"] if words[0] in SIMULATES and "--assumptions" not in words else []
    alone = ["--workers", "1"] if quiet and "--workers" not in words else []
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        cli.main([*words, *quiet, *alone])
    return out.getvalue()


def _shown(output: str, shows: str | None) -> str:
    """The part of an output that is shown."""
    lines = output.rstrip("\n").split("\n")
    if shows is None:
        return "\n".join(lines) + "\n"
    kept: list[str] = []
    place = 0
    for piece in shows.split(" | "):
        first, _, last = piece.removeprefix("= ").partition(" .. ")
        begin = _find(lines, first, place)
        end = begin + 1 if piece.startswith("= ") else _end(lines, _find(lines, last, begin) if last else begin)
        kept += _gap(lines[place:begin]) + lines[begin:end]
        place = end
    return "\n".join([*kept, *_gap(lines[place:])]) + "\n"


def _find(lines: list[str], words: str, place: int) -> int:
    """The next line that begins with these words, wherever it is set in."""
    for i in range(place, len(lines)):
        if lines[i].lstrip().startswith(words):
            return i
    raise ValueError(f"no line begins with {words!r}")


def _end(lines: list[str], begin: int) -> int:
    """Where the lines end that stand further in than this one."""
    end = begin + 1
    while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > _indent(lines[begin]):
        end += 1
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _gap(lines: list[str]) -> list[str]:
    """What stands in place of lines: themselves if they are empty."""
    return [LEFT_OUT] if any(line.strip() for line in lines) else lines


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    for page in pages():
        page.write_text(rewritten(page.read_text(encoding="utf-8")), encoding="utf-8")
