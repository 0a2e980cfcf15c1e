"""The results as JSON: a stable contract, described in ``docs/output.md`` and by ``docs/output.schema.json``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from sibsim.report.layout import Layout
from sibsim.report.reading import Summary

__all__ = ["render"]


def render(summary: Summary, layout: Layout) -> str:
    """The summary as JSON text; the layout does not matter. What is not a number is null.

    >>> print(render({"value": float("nan"), "name": "Malmö"}, Layout()), end="")
    {
      "value": null,
      "name": "Malmö"
    }
    """
    return json.dumps(_without_nan(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _without_nan(value: Any) -> Any:
    """NaN and infinity are not JSON: "not applicable" is null."""
    if isinstance(value, Mapping):
        return {key: _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
