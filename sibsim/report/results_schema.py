"""The JSON Schemas of what is printed, as they ship: inside an installed package, in ``docs`` in a checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = [
    "comparison_schema",
    "differences_schema",
    "explanation_schema",
    "flow_schema",
    "portfolio_schema",
    "results_schema",
    "settlement_schema",
]


def results_schema() -> dict[str, Any]:
    """What ``sibsim run --format json`` keeps to.

    >>> results_schema()["properties"]["format"]
    {'const': 'sibsim.results/1'}
    """
    return _schema("output.schema.json")


def settlement_schema() -> dict[str, Any]:
    """What ``sibsim settle --format json`` keeps to.

    >>> settlement_schema()["properties"]["format"]
    {'const': 'sibsim.settlement/1'}
    """
    return _schema("settlement.schema.json")


def explanation_schema() -> dict[str, Any]:
    """What ``sibsim explain --format json`` keeps to.

    >>> explanation_schema()["properties"]["format"]
    {'const': 'sibsim.explanation/1'}
    """
    return _schema("explanation.schema.json")


def flow_schema() -> dict[str, Any]:
    """What ``sibsim flow --format json`` keeps to.

    >>> flow_schema()["properties"]["format"]
    {'const': 'sibsim.flow/1'}
    """
    return _schema("flow.schema.json")


def differences_schema() -> dict[str, Any]:
    """What ``sibsim diff --format json`` keeps to.

    >>> differences_schema()["properties"]["format"]
    {'const': 'sibsim.differences/1'}
    """
    return _schema("differences.schema.json")


def comparison_schema() -> dict[str, Any]:
    """What ``sibsim compare --format json`` keeps to.

    >>> comparison_schema()["properties"]["format"]
    {'const': 'sibsim.comparison/1'}
    """
    return _schema("comparison.schema.json")


def portfolio_schema() -> dict[str, Any]:
    """What ``sibsim portfolio --format json`` keeps to.

    >>> portfolio_schema()["properties"]["format"]
    {'const': 'sibsim.portfolio/1'}
    """
    return _schema("portfolio.schema.json")


def _schema(name: str) -> dict[str, Any]:
    package = Path(__file__).resolve().parent.parent
    inside = package / name
    path = inside if inside.is_file() else package.parent / "docs" / name
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
