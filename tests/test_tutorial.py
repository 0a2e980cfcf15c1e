"""The settlement that the tutorial for a municipality shows is what is printed for the file that it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sibsim import cli

PAGE = (Path(__file__).parents[1] / "docs" / "tutorial-municipality.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## 6. ") :]
SHOWN = re.findall(r"^    \$ sibsim (settle .+)\n((?:(?:    .*)?\n)+?)(?=\S)", SECTION, re.MULTILINE)


@pytest.mark.parametrize(("command", "transcript"), SHOWN, ids=["open", "settled"])
def test_the_settlement_is_what_is_printed(
    command: str, transcript: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each stretch between two `...` stands in what is printed, line for line, in this order."""
    came = re.search(r"```yaml\n(actuals:.+?)```", SECTION, re.DOTALL)
    assert came is not None
    (tmp_path / "came.yaml").write_text(came.group(1), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(shlex.split(command)) == 0
    printed = capsys.readouterr().out
    text = "\n".join(line[4:] for line in transcript.splitlines()).strip("\n")
    for stretch in text.split("\n...\n"):
        assert f"\n{stretch}\n" in printed
        printed = printed[printed.index(stretch) + len(stretch) - 1 :]


def test_both_commands_are_found() -> None:
    assert len(SHOWN) == 2
