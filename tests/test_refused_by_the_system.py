"""What the system refuses: a full disk, a closed stream, a name that is too long, a pipe in the place of a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sibsim import cli
from sibsim.errors import FileError
from sibsim.keeping.saved import read_saved, refuse_folder
from sibsim.keeping.whole import write_whole

LONG = "a" * 300
SIBSIM = f'"{sys.executable}" -m sibsim'


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
@pytest.mark.parametrize("asked", ["--version", "run --help", "list templates", "schema --results"])
def test_a_full_disk_is_told_in_one_line(asked: str) -> None:
    done = subprocess.run(f"{SIBSIM} {asked} > /dev/full", shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "what is printed could not be written: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="another shell")
def test_without_standard_output_there_is_a_reason() -> None:
    asked = f"{SIBSIM} schema --results >&- <&-"
    done = subprocess.run(asked, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("standard output is closed")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="another shell")
def test_without_any_stream_a_file_is_written_whole(tmp_path: Path) -> None:
    """Its number is not that of a closed stream, into which somebody else might write."""
    out = tmp_path / "schema.json"
    asked = f"{SIBSIM} schema --results --out '{out}' >&- <&- 2>&-"
    assert subprocess.run(asked, shell=True, check=False).returncode == 0
    assert out.read_text("utf-8").endswith("}\n")
    assert os.listdir(tmp_path) == ["schema.json"]


@pytest.mark.parametrize(
    "asked",
    [
        ["run", LONG],
        ["run", "--out", LONG],
        ["settle", "koto", "--actuals", LONG],
        ["combine", LONG],
        ["reproduce", LONG],
        ["init", "bond", "--out", LONG],
        ["generate", "1", "--out", LONG],
    ],
)
def test_a_name_that_is_too_long(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(asked) in (1, 2)
    assert capsys.readouterr().err


def test_a_folder_to_save_in_whose_name_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="too long"):
        refuse_folder(tmp_path / LONG)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such pipes")
def test_a_pipe_in_the_place_of_a_manifest_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(FileError, match="is not a saved run"):
        read_saved(tmp_path)


def test_what_another_process_of_this_number_left_behind_is_in_nobodys_way(tmp_path: Path) -> None:
    """In a container every run may have the same number, and one of them may have been killed."""
    for name in (f".out.npz.{os.getpid()}.part", f".sibsim.{os.getpid()}.part"):
        (tmp_path / name).write_text("half")
    longest = tmp_path / ("a" * 250)
    write_whole(longest, lambda file: file.write(b"whole"))  # type: ignore[arg-type,return-value]
    write_whole(tmp_path / "out.npz", lambda file: file.write(b"whole"))  # type: ignore[arg-type,return-value]
    assert longest.read_bytes() == (tmp_path / "out.npz").read_bytes() == b"whole"
