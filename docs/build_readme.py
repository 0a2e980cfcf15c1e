"""Writes the transcript of the README again: what `sibsim run` prints today, never typed by hand.

python docs/build_readme.py
"""

from __future__ import annotations

import re
from pathlib import Path

import sibsim
from sibsim.report import RENDERERS, Layout

README = Path(__file__).parents[1] / "README.md"
BEGINS, ENDS = "<!-- transcript -->", "<!-- end of transcript -->"


def transcript() -> str:
    """The beginning of the demonstration's report: the sentences and the first table."""
    summary = sibsim.simulate(sibsim.load("stockholm-diabetes")).summary()
    text = RENDERERS["text"](summary, Layout())
    shown = "\n\n".join(text.split("\n\n")[:3])
    return f"{BEGINS}\n```text\n$ sibsim run stockholm-diabetes\n{shown}\n...\n```\n{ENDS}"


def rewritten(readme: str) -> str:
    """The README with today's transcript."""
    return re.sub(f"{BEGINS}.*?{ENDS}", lambda _: transcript(), readme, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")
