"""Results as text, JSON or Markdown: one pure renderer a format, each a function of the summary and a layout.

No renderer prints, and none looks inside the engine: what `Results.summary` holds is all there is to show.
"""

from __future__ import annotations

from collections.abc import Callable

from sibsim.report import as_json, text
from sibsim.report.as_markdown import in_markdown
from sibsim.report.layout import Layout
from sibsim.report.reading import Summary

__all__ = ["RENDERERS", "Layout", "Renderer"]

Renderer = Callable[[Summary, Layout], str]

RENDERERS: dict[str, Renderer] = {
    "text": text.render,
    "json": as_json.render,
    "markdown": in_markdown(text.render),
}
