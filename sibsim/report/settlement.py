"""A settlement as text, CSV or JSON."""

from __future__ import annotations

from collections.abc import Callable

from sibsim.report import as_json
from sibsim.report.layout import Layout
from sibsim.report.reading import Summary

__all__ = ["RENDERERS"]

RENDERERS: dict[str, Callable[[Summary, Layout], str]] = {
    "text": as_json.render,
    "csv": as_json.render,
    "json": as_json.render,
}
