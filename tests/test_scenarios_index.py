"""``docs/scenarios/index.md`` says what this version prints for every scenario that ships."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.pages import summary
from tests.test_verification_fresh import parts

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.slow
def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("build_scenarios", DOCS / "build_scenarios.py")
    assert spec is not None
    assert spec.loader is not None
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    words, numbers = parts(builder.page(summary))
    written_words, written_numbers = parts((DOCS / "scenarios" / "index.md").read_text(encoding="utf-8"))
    assert words == written_words, "run `make docs`"
    pairs = zip(numbers, written_numbers, strict=True)
    off = [(new, written) for new, written in pairs if abs(new - written) > 1e-7 * max(1.0, abs(new), abs(written))]
    assert not off, "run `make docs`"
