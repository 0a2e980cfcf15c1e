"""The README shows what the program prints, and points only to what is there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_transcript_is_what_is_printed() -> None:
    """If the numbers changed on purpose: `make docs`, and say so in the CHANGELOG."""
    spec = importlib.util.spec_from_file_location("build_readme", ROOT / "docs" / "build_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert "Should Region Stockholm sign?" in README
    assert module.rewritten(README) == README


def test_every_link_leads_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "docs" / "output.md"]:
        links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
        missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
        assert not missing, page


def test_the_version_is_stated_once() -> None:
    stated = re.findall(r'^__version__ = "(.+)"$', (ROOT / "sibsim" / "__init__.py").read_text(), re.MULTILINE)
    assert len(stated) == 1
    assert stated[0] not in (ROOT / "pyproject.toml").read_text()
    assert f"## {stated[0]}" in (ROOT / "CHANGELOG.md").read_text()
