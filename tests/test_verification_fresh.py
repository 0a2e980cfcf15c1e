"""``docs/verification.md`` says what this version gives, and every line of it holds."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


def parts(text: str) -> tuple[str, list[float]]:
    """The text without its numbers, and the numbers: the last digits may differ between machines."""
    text = re.sub(r"\d+\.\d\d s\.e\. \|", "# s.e. |", text)  # errors follow from the other cells
    pattern = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
    return re.sub(pattern, "#", text), [float(n) for n in re.findall(pattern, text)]


@pytest.mark.slow
def test_the_page_is_up_to_date_and_every_line_holds() -> None:
    spec = importlib.util.spec_from_file_location("build_verification", DOCS / "build_verification.py")
    assert spec is not None
    assert spec.loader is not None
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    text, failures = builder.page()
    assert not failures
    words, numbers = parts(text)
    written_words, written_numbers = parts((DOCS / "verification.md").read_text(encoding="utf-8"))
    assert words == written_words, "run `make docs`"
    pairs = zip(numbers, written_numbers, strict=True)
    off = [(new, written) for new, written in pairs if abs(new - written) > 1e-7 * max(1.0, abs(new), abs(written))]
    assert not off, "run `make docs`"
