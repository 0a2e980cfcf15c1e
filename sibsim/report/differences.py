"""How two scenarios differ, as text, JSON or Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sibsim import __version__
from sibsim.loading.compared import Compared, Difference, Side, Version
from sibsim.loading.tables import TABLES
from sibsim.report import as_json
from sibsim.report.as_markdown import in_markdown
from sibsim.report.layout import Layout, listed, plain, wrap
from sibsim.report.reading import Summary
from sibsim.report.sections import joined

__all__ = ["RENDERERS", "differences_summary"]

KEYS = frozenset(key.name for keys in TABLES.values() for key in keys)
LONGEST = 160
"""Signs of a value that the text shows."""
MANY_SECTIONS = 40


# ------------------------------------------------------------------------------------------------ figures
def differences_summary(compared: Compared, is_all: bool = False) -> dict[str, Any]:
    """What is told of two scenarios, for every renderer.

    Parameters
    ----------
    compared : Compared
    is_all : bool
        Also what means the same and is only written otherwise.
    """
    told = [one for one in compared.differences if not one.is_same]
    counts = Counter(one.path[0] for one in told)
    return {
        "format": "sibsim.differences/1",
        "sibsim": __version__,
        "first": _version(compared.first),
        "second": _version(compared.second),
        "count": len(told),
        "sections": [{"section": section, "count": count} for section, count in counts.items()],
        "written_otherwise": len(compared.differences) - len(told),
        "differences": [_difference(one) for one in compared.differences if is_all or not one.is_same],
    }


def _version(version: Version) -> dict[str, Any]:
    scenario = version.scenario
    return {
        "name": scenario.name,
        "title": scenario.title,
        "file": scenario.file,
        "sha256": scenario.sha256,
        "option": " + ".join(scenario.options) or None,
        "set": list(version.sets),
    }


def _difference(one: Difference) -> dict[str, Any]:
    def pair(of: tuple[str | None, str | None] | None) -> dict[str, Any] | None:
        return None if of is None else {"first": of[0], "second": of[1]}

    return {
        "path": ".".join(one.path),
        "keys": list(one.path),
        "section": one.path[0],
        "what": one.what,
        "means_the_same": one.is_same,
        "first": _side(one.first),
        "second": _side(one.second),
        "source": pair(one.source),
        "status": pair(one.status),
        "remark": one.remark or None,
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "written": side.written,
        "default": side.default.replace("`", "") or None,
        "file": side.file or None,
        "line": side.line or None,
        "column": side.column or None,
    }


# ------------------------------------------------------------------------------------------------ words
def _text(summary: Summary, layout: Layout) -> str:
    told = [one for one in summary["differences"] if not one["means_the_same"]]
    others = [one for one in summary["differences"] if one["means_the_same"]]
    files = _short_names(summary)
    blocks = [[layout.bold(line) for line in wrap(_headline(summary), layout.width, "", "  ")]]
    blocks.append([line for side in ("first", "second") for line in _which(side, summary[side], layout)])
    for section in summary["sections"]:
        inside = [one for one in told if one["section"] == section["section"]]
        blocks.append([layout.bold(section["section"]), *_lines(inside, files, layout)])
    if others:
        blocks.append([layout.bold("Written otherwise, with the same meaning"), *_lines(others, files, layout)])
    elif summary["written_otherwise"]:
        blocks.append(wrap(_more(summary["written_otherwise"]), layout.width))
    return joined(blocks)


def _headline(summary: Summary) -> str:
    count, sections = summary["count"], summary["sections"]
    if count == 0:
        return "No differences."
    if len(sections) == 1:
        return (
            f"{count} difference{'s' if count > 1 else ''}, {'all ' if count > 1 else ''}in {sections[0]['section']}."
        )
    where = listed([f"{one['count']} in {one['section']}" for one in sections], MANY_SECTIONS)
    return f"{count} differences: {where}."


def _which(side: str, version: Summary, layout: Layout) -> list[str]:
    parts = [plain(version["file"])]
    parts += [f"option '{plain(version['option'])}'"] if version["option"] else []
    parts += [f"--set {plain(one)}" for one in version["set"]]
    return wrap(f"{side}: {', '.join(parts)}", layout.width, "  ", "    ")


def _more(count: int) -> str:
    if count == 1:
        return "One thing more is only written otherwise, or is a note; --all tells it."
    return f"{count} things more are only written otherwise, or are notes; --all tells them."


def _lines(told: Sequence[Summary], files: dict[str, str], layout: Layout) -> list[str]:
    return [line for one in told for line in wrap(_sentence(one, files), layout.width, "  ", "    ")]


def _sentence(one: Summary, files: dict[str, str]) -> str:
    *above, last = [plain(key) for key in one["keys"]]
    head = f"{'.'.join(above)}: {last} " if above and last in KEYS else f"{'.'.join([*above, last])}: "
    where = _where(one, files)
    remark = f" ({plain(one['remark'])})" if one["remark"] else ""
    return f"{head}{_said(one)}{remark}{f' ({where})' if where else ''}"


def _said(one: Summary) -> str:
    first, second = one["first"], one["second"]
    if one["what"] in ("only_first", "only_second"):
        side = "first" if one["what"] == "only_first" else "second"
        return f"only in the {side}: {_shown(one[side])}"
    if one["what"] == "moved":
        counts = "" if one["means_the_same"] else "; their order counts"
        return f"{plain(first['written'])} in the first, {plain(second['written'])} in the second{counts}"
    parts = [f"{_shown(first)} -> {_shown(second)}"]
    if one["what"] == "evidence":
        is_alike = first["written"] == second["written"]
        parts = [f"the same value ({_shown(first)})" if is_alike else f"the same value, {parts[0]}"]
    parts += [
        f"{key} {plain(one[key]['first'] or 'none')} -> {plain(one[key]['second'] or 'none')}"
        for key in ("source", "status")
        if one[key]
    ]
    return "; ".join(parts)


def _shown(side: Summary) -> str:
    if side["default"]:
        return f"the default ({plain(side['default'])})"
    text = plain("none" if side["written"] is None else side["written"])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _where(one: Summary, files: dict[str, str]) -> str:
    places = [(side["file"], side["line"]) for side in (one["first"], one["second"]) if side["file"]]
    if len(places) == 2 and places[0] == places[1]:
        places = places[:1]
    if len(places) == 2 and places[0][0] == places[1][0] and places[1][1]:
        return f"{files[places[0][0]]}:{places[0][1]} and {places[1][1]}"
    return ", ".join(f"{files[file]}:{line}" if line else files[file] for file, line in places)


def _short_names(summary: Summary) -> dict[str, str]:
    """Each file by its last name, as long as that tells which it is."""
    sides = [one[side] for one in summary["differences"] for side in ("first", "second")]
    named = dict.fromkeys(side["file"] for side in sides if side["file"])
    short = {file: plain(file.replace("\\", "/").rpartition("/")[2]) for file in named}
    twice = {name for name, count in Counter(short.values()).items() if count > 1}
    return {file: plain(file) if name in twice else name for file, name in short.items()}


RENDERERS: dict[str, Callable[[Summary, Layout], str]] = {
    "text": _text,
    "json": as_json.render,
    "markdown": in_markdown(_text),
}
