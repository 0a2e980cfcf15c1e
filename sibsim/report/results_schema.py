"""The JSON Schema of the results, as it ships: inside an installed package, in ``docs`` in a checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["results_schema"]

NAME = "output.schema.json"


def results_schema() -> dict[str, Any]:
    """What ``--format json`` keeps to.

    >>> results_schema()["properties"]["format"]
    {'const': 'sibsim.results/1'}
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / NAME
    path = inside if inside.is_file() else package.parent / "docs" / NAME
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
