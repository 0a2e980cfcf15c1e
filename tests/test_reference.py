"""The reference is what the code says: fresh, whole, and every example on it is read as it says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
import yaml

from sibsim.loading import check, check_file
from sibsim.loading.keys import Key
from sibsim.loading.tables import TABLES
from tests.test_schema import SCHEMA, Core, as_editors_read

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "scenario-reference.md").read_text(encoding="utf-8")


def _builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_reference", DOCS / "build_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUILDER = _builder()
BUILDS_ON = {
    "parties": ("finance", "options"),
    "participants": (),
    "inputs": ("options",),
    "outcomes": ("measures", "contract", "benefits", "options"),
    "measures": ("contract", "options"),
    "contract": ("options",),
    "finance": (),
    "actuals": ("options",),
}
"""Sections that refer to others: where an example replaces one of those, what builds on it is left out."""


def blocks(text: str) -> list[tuple[int, str]]:
    """The YAML examples of a page, with their lines."""
    return [
        (text.count("\n", 0, found.start()) + 1, found[1]) for found in re.finditer(r"```yaml\n(.*?)```", text, re.S)
    ]


STEPS = PAGE.partition("## A contract, step by step")[2].partition("\n## ")[0]
WHOLE = "".join(text for _, text in blocks(STEPS))
"""The contract that the page writes step by step."""
OTHERS = [(line, text) for line, text in blocks(PAGE) if text not in WHOLE]


def sections(text: str) -> dict[str, str]:
    """The text of each key at the top."""
    parts = re.split(r"(?m)^(?=[a-z_]+:)", text)
    return {part.partition(":")[0]: part for part in parts if part.strip()}


def test_the_page_is_fresh() -> None:
    assert BUILDER.page() == PAGE, "write it again: make docs"


def test_the_contract_of_the_page_is_valid_at_every_step(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    scenario = check_file(path)
    assert scenario.available_options == ("pay per eviction avoided", "no effect")


@pytest.mark.parametrize(("line", "text"), OTHERS, ids=[f"line {line}" for line, _ in OTHERS])
def test_an_example_is_valid_beside_that_contract(line: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    own, base = sections(text), sections(WHOLE)
    if "sibsim" in own:
        path.write_text(text, encoding="utf-8")
    else:
        left_out = {section for key in own for section in BUILDS_ON.get(key, ())} - set(own)
        kept = {key: part for key, part in base.items() if key not in left_out and key not in own}
        path.write_text("".join([*kept.values(), *own.values()]), encoding="utf-8")
    check(path)


KEYS = [
    pytest.param(section, key, id=f"{section}.{key.name}")
    for section, keys in TABLES.items()
    for key in keys
    if key.parse is not None
]


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_every_key_is_told_whole(section: str, key: Key) -> None:
    assert f"| `{key.name}` |" in PAGE or key.name == "within"
    if section not in ("sources", "correlations", "distributions"):
        assert key.meaning, "a key says what it means"
        assert key.example, "a key has an example"
    if section not in ("distributions", "parameters"):
        assert BUILDER.takes(section, key), "say in docs/build_reference.py what it takes"


@pytest.mark.parametrize(("section", "key"), KEYS)
def test_the_example_of_a_key_is_what_it_takes(section: str, key: Key) -> None:
    if not key.example or "..." in key.example or section in ("inputs", "parameters"):
        return
    if section == "distributions":
        name = "normal: {mean: 0.8, sd: 0.1, within" if key.name == "within" else key.name
        text = f"x: {{{name}: {key.example}}}" + ("}" if key.name == "within" else "")
        schema = {**SCHEMA["$defs"]["distribution"], "$defs": SCHEMA["$defs"]}
    else:
        text = f"x: {key.example}"
        found = SCHEMA if section == "file" else SCHEMA["$defs"][section] if section != "level" else None
        schema = {**(found or SCHEMA["$defs"]["levels"]["anyOf"][-1])["properties"][key.name], "$defs": SCHEMA["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(as_editors_read(text)["x"])


def test_links_of_the_page_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (DOCS / target).exists(), target


def test_examples_are_yaml_that_editors_read_alike() -> None:
    for _, text in blocks(PAGE):
        assert isinstance(yaml.load(text, Loader=Core), dict)
