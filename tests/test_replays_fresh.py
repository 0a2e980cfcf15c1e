"""``docs/replays.md`` says what this version gives, and every figure that was published is met."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.pages import real_summary
from tests.test_verification_fresh import parts

DOCS = Path(__file__).parents[1] / "docs"


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_replays", DOCS / "build_replays.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date_and_every_figure_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs are those in which `tests/real` looks for money made or lost: the same draws and seed, made once."""
    module = builder()
    assert (module.DRAWS, module.SEED) == (8192, 1)
    monkeypatch.setattr(module, "simulated", lambda scenario: real_summary(scenario.name))
    text, failures = module.page()
    assert not failures
    words, numbers = parts(text)
    written_words, written_numbers = parts((DOCS / "replays.md").read_text(encoding="utf-8"))
    assert words == written_words, "run `make replays`"
    pairs = zip(numbers, written_numbers, strict=True)
    off = [(new, written) for new, written in pairs if abs(new - written) > 1e-7 * max(1.0, abs(new), abs(written))]
    assert not off, "run `make replays`"
