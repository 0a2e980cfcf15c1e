"""A portfolio as text, Markdown or JSON: pure renderers of the summary that `sibsim.portfolio` makes."""

from __future__ import annotations

from collections.abc import Callable

from sibsim.report import as_json
from sibsim.report.as_markdown import in_markdown
from sibsim.report.layout import Layout
from sibsim.report.portfolio import text
from sibsim.report.reading import Summary

__all__ = ["RENDERERS"]


RENDERERS: dict[str, Callable[[Summary, Layout], str]] = {
    "text": text.render,
    "markdown": in_markdown(text.render),
    "json": as_json.render,
}
"""By format: what `sibsim portfolio` prints. Its CSV is made of the figures of each future, not of the summary."""
