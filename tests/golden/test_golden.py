"""Pinned figures tell that something changed, not that it is right; ``tests/golden/pin.py`` writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.pin import FIGURES, NAMES, figures


@pytest.mark.parametrize("name", NAMES)
def test_nothing_changed(name: str) -> None:
    pinned = json.loads((FIGURES / f"{name}.json").read_text(encoding="utf-8"))
    got = figures(name)
    assert set(got) == set(pinned)
    off = {
        path: (pinned[path], got[path])
        for path in pinned
        if not (pinned[path] == got[path] or got[path] == pytest.approx(pinned[path], rel=1e-9, abs=1e-9))
    }
    assert not off


def test_every_pinned_file_is_a_scenario() -> None:
    assert {path.stem for path in Path(FIGURES).glob("*.json")} == set(NAMES)
