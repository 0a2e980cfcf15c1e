"""Writes the pinned figures anew, after a change that was meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support import run

FIGURES = Path(__file__).parent
NAMES = ("rate-card", "step-schedule", "hand-check", "everything")
KEPT = ("mean", "p05", "p95", "value", "inputs", "people", "measurement", "lowest", "highest")


def figures(name: str) -> dict[str, float | None]:
    """The figures of a summary by their path: means, ends, chances, shares of the variance."""
    summary = run(name).summary()
    wanted = {key: summary[key] for key in ("parties", "variance_by_layer", "outcomes", "measures", "contract")}
    wanted["yearly"] = [row["payments"] | {"year": row["year"]} for row in summary["yearly"]]
    return {path: value for path, value in _leaves("", wanted) if path.rpartition("/")[2] in KEPT}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in ("mc_error", "mc_errors"):
                yield from _leaves(f"{path}/{key}", inner)
    else:
        yield path, value


def main() -> None:
    for name in NAMES:
        text = json.dumps(figures(name), indent=0)
        (FIGURES / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
