"""Every key and value of the language that this version has not built is refused by name, in its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file
from tests.test_loading_errors import SMALL

STEPS, OUTCOME = "steps: [[12 %, 3 m], [25 %, 50 %]]", "without: 40 %"
OF = "of: eviction, as: relative_improvement"
LATER = [
    ("title: Fewer evictions", "portfolio: Many bonds", "portfolio"),
    ("covers: [loan]", "covers: each holding", "each holding"),
]


@pytest.mark.parametrize(("old", "new", "name"), LATER, ids=[f"{name}-{i}" for i, (_, _, name) in enumerate(LATER)])
def test_what_a_later_version_brings_is_named(tmp_path: Path, old: str, new: str, name: str) -> None:
    assert SMALL.count(old) == 1
    text = SMALL.replace(old, new)
    path = tmp_path / "later.yaml"
    path.write_text(text, encoding="utf-8")
    line = text[: text.index(new)].count("\n") + 1
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    found = [p for p in caught.value.problems if f"{name} is not yet" in p.message.replace("'", "")]
    assert found, str(caught.value)
    assert line <= found[0].line <= line + new.count("\n")
