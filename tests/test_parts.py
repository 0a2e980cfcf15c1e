"""Parts of a run, computed apart: together they are the run, and what does not belong together is refused."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sibsim.cli import main
from sibsim.errors import FileError, SibsimError
from sibsim.keeping import part as parts_of
from sibsim.keeping.part import combine
from sibsim.keeping.question import Asked, ask, load_kept
from tests.queues import text_of

BASE = """\
sibsim: 1
title: Small
currency: SEK
start: 2026-01
step: year
parties: {payer: A municipality, investor: An investor, provider: A provider}
inputs:
  success rate: {beta: {successes: 23.5, of: 59}, status: assumed}
  price: {empirical: {file: costs.csv, column: price}}
participants:
  duration: 3 years
  cohorts_from: {file: tables/people.csv, names: town, size: people}
outcomes:
  success: {type: event, better: more, over: 3 years, without: 15 %, with: success rate}
measures:
  successes: {of: success, as: total, follow_up: 3 years}
contract:
  payments: {tariff: {measure: successes, per_unit: price, cap: 950 000}}
costs: {service: {amount: 700 000}}
benefits: {savings: {of: success, kind: cashable, worth: 18 000}}
finance: {tranches: {loan: {amount: 700 000, drawn: upfront}}}
"""
CHILD = """\
sibsim: 1
extends: base.yaml
title: Smaller
changes: {benefits.savings.worth: 19 000}
options:
  cheap: {costs.service.amount: 600 000}
  broken: {costs.service.amount: what}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario that extends another and reads two tables; and three parts of a run of it."""
    path = tmp_path_factory.mktemp("parts")
    (path / "tables").mkdir()
    (path / "tables" / "people.csv").write_text("town,people\nA,20\nB,30\n")
    (path / "costs.csv").write_text("price\n1000\n1100\n1500\n")
    (path / "base.yaml").write_text(BASE)
    (path / "child.yaml").write_text(CHILD)
    for number in (1, 2, 3):
        assert do(path / "child.yaml", number, 3, path / f"part{number}.npz") == 0
    return path


def do(file: Path, number: int, parts: int, out: Path, *more: str) -> int:
    asked = ["run", str(file), "--blocks", f"{number}/{parts}", "--out", str(out), "--draws", "9000"]
    return main([*asked, "--workers", "1", "--quiet", *more])


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_parts_print_what_the_run_would(folder: Path, format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", str(folder / "child.yaml"), "--draws", "9000", "--workers", "1", "--quiet", "--format", format_])
    whole = capsys.readouterr().out
    parts = [str(folder / f"part{number}.npz") for number in (3, 1, 2)]
    assert main(["combine", *parts, "--format", format_]) == 0
    assert capsys.readouterr().out == whole
    assert main(["combine", *parts, "--format", format_, "--out", str(folder / "out")]) == 0
    assert (folder / "out").read_bytes() == whole.encode()


def test_every_file_that_was_read_is_in_every_part(folder: Path, tmp_path: Path) -> None:
    with np.load(folder / "part2.npz", allow_pickle=False) as part:
        assert part["scenario/own/child.yaml"] == CHILD.encode()
        assert {name for name in part.files if name.startswith("scenario/")} == {
            f"scenario/own/{name}" for name in ("child.yaml", "base.yaml", "costs.csv", "tables/people.csv")
        }
    elsewhere = tmp_path / "part2.npz"
    elsewhere.write_bytes((folder / "part2.npz").read_bytes())
    question = combine([folder / "part1.npz", elsewhere, folder / "part3.npz"]).question
    assert load_kept(question).warnings == ask(question.asked)[1].warnings


def test_a_scenario_that_ships_is_kept_with_its_tables(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("sibsim: 1\nextends: child-obesity\nchanges: {participants.size: 50}\n")
    for source in (str(file), "national-outcome-fund", "koto"):
        question, loaded = ask(Asked("run", source, (), (), 8192, 1))
        assert load_kept(question) == loaded
        assert question.kept.main == ("own/mine.yaml" if source == str(file) else question.kept.main)
        assert any(name.startswith("shipped/") for name in question.kept.files)


def test_a_queue_in_parts_is_the_queue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stays = "{lognormal: {mean: 9 months, sd: 6 months}}"
    file = tmp_path / "queue.yaml"
    file.write_text(text_of(f"referrals: 3, until: 12 months, places: 9, time_in_service: {stays}", "dropout: 10 %"))
    main(["run", str(file), "--draws", "9000", "--workers", "1", "--quiet", "--format", "json"])
    whole = capsys.readouterr().out
    parts = [tmp_path / "1.npz", tmp_path / "2.npz"]
    assert [do(file, number, 2, path) for number, path in enumerate(parts, 1)] == [0, 0]
    assert main(["combine", *map(str, parts), "--format", "json"]) == 0
    assert capsys.readouterr().out == whole


# ------------------------------------------------------------------------------------------------ not together
OTHERS: dict[str, tuple[tuple[str, ...], str]] = {
    "seed": (("--seed", "2"), "--seed 1 and 2"),
    "draws": (("--draws", "12000"), "--draws 9,216 and 12,288"),
    "option": (("--option", "cheap"), "--option none and cheap"),
    "set": (("--set", "discount_rate=1 %"), "--set none and discount_rate=1 %"),
    "sampling": (("--sampling", "random"), "--sampling lattice and random"),
}


@pytest.mark.parametrize("what", list(OTHERS))
def test_parts_of_different_runs_are_refused(
    folder: Path, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more, said = OTHERS[what]
    other = tmp_path / "other.npz"
    assert do(folder / "child.yaml", 2, 3, other, *more) == 0
    assert main(["combine", str(folder / "part1.npz"), str(other), str(folder / "part3.npz")]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert str(other) in told
    assert "part1.npz" in told


def test_a_file_that_was_changed_between_parts_is_told(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "tables").mkdir(parents=True)
    for name in ("child.yaml", "base.yaml", "costs.csv", "tables/people.csv"):
        (copy / name).write_bytes((folder / name).read_bytes())
    (copy / "costs.csv").write_text("price\n1000\n")
    other = tmp_path / "other.npz"
    assert do(copy / "child.yaml", 2, 3, other) == 0
    with pytest.raises(FileError, match=r"what stands in costs\.csv"):
        combine([folder / "part1.npz", other, folder / "part3.npz"])


def test_versions_that_differ_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = parts_of.made_with()
    monkeypatch.setattr(parts_of, "made_with", lambda: {**here, "numpy": "1.0"})
    with pytest.raises(FileError, match=r"part1\.npz was not made with what is here \(numpy .* and 1\.0\)"):
        combine([folder / f"part{number}.npz" for number in (1, 2, 3)])


def test_missing_doubled_and_otherwise_cut_parts_are_named(folder: Path, tmp_path: Path) -> None:
    one, two, three = (folder / f"part{number}.npz" for number in (1, 2, 3))
    with pytest.raises(FileError, match=r"^parts 1, 3 of 3 are missing; given: .*part2\.npz$"):
        combine([two])
    with pytest.raises(FileError, match=r"part2\.npz and .*part2\.npz are all part 2 of 3: keep one$"):
        combine([one, two, two, three])
    overlapping = tmp_path / "half.npz"
    assert do(folder / "child.yaml", 2, 2, overlapping) == 0
    with pytest.raises(FileError, match=r"half\.npz are not parts of the same run: parts in all 3 and 2"):
        combine([one, two, overlapping])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--blocks", "3/2", "--out", "x"), 2, "e.g. 3/64"),
        (("--blocks", "1,5/2", "--out", "x"), 2, "e.g. 3/64"),
        (("--blocks", "1/20000", "--out", "x"), 2, "e.g. 3/64"),
        (("--blocks", "1/2"), 2, "needs --out FILE"),
        (("--blocks", "1/2", "--out", "x", "--format", "text"), 2, "leave --format out"),
        (("--blocks", "1/2", "--out", "x", "--assumptions"), 2, "leave --assumptions out"),
        (("--blocks", "9/17", "--out", "x"), 1, "16 replicates of 1,024"),
    ],
)
def test_wrong_use_of_blocks(
    arguments: tuple[str, ...], code: int, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["run", "child-obesity", "--quiet", *arguments]) == code
    assert said in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------------------------------ from strangers
def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def write(path: Path, content: dict[str, bytes], packed: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", packed) as file:
        for name, data in content.items():
            file.writestr(name, data)
    return path


def npy(array: Any, **how: Any) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), **how)
    return file.getvalue()


class Trap:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return pytest.fail, ("a pickle was read",)


def about(change: Callable[[Any], None]) -> Callable[[dict[str, bytes]], None]:
    def changed(content: dict[str, bytes]) -> None:
        said = json.loads(content["part.json"])
        change(said)
        content["part.json"] = json.dumps(said).encode()

    return changed


def renamed(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(content: dict[str, bytes]) -> None:
        content[f"scenario/{name}"] = content.pop("scenario/own/costs.csv")
        about(lambda said: said["files"].update({name: said["files"].pop("own/costs.csv")}))(content)

    return change


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda content: content.update({name: data})


HOSTILE: dict[str, Callable[[dict[str, bytes]], None]] = {
    "a pickle": put("run/values 0.npy", npy(np.array([Trap()], dtype=object), allow_pickle=True)),
    "only a pickle": put("run/values 0.npy", pickle.dumps(Trap())),
    "a shape without numbers": put("run/values 0.npy", npy([1.0]).replace(b"(1,), ", b"(10**12,),")),
    "too few numbers": put("run/values 0.npy", npy([1.0])),
    "other numbers": put("run/values 0.npy", npy(np.zeros(3072, dtype=np.float32))),
    "too many bytes": put("run/values 0.npy", bytes(100_000)),
    "no numbers": lambda content: content.pop("run/values 0.npy") and None,
    "no word of itself": lambda content: content.pop("part.json") and None,
    "not JSON": put("part.json", b"{"),
    "deep JSON": put("part.json", b"[" * 100_000),
    "a long number": put("part.json", b'{"part": ' + b"9" * 10_000 + b"}"),
    "a list": put("part.json", b"[]"),
    "another format": about(lambda said: said.update(format="sibsim.part/2")),
    "no such part": about(lambda said: said.update(part=4)),
    "a part that is not whole": about(lambda said: said.update(part=1.5)),
    "no seed": about(lambda said: said["asked"].pop("seed") and None),
    "words for a seed": about(lambda said: said["asked"].update(seed="1")),
    "too many draws": about(lambda said: said["asked"].update(draws=10**12)),
    "another command": about(lambda said: said["asked"].update(command="remove")),
    "more than was asked": about(lambda said: said["asked"].update(shell="true")),
    "no versions": about(lambda said: said.update(made_with=[])),
    "another store": about(lambda said: said["stores"].update(more=said["stores"]["run"])),
    "a key that is a number": about(lambda said: said["stores"]["run"]["values"].append(1)),
    "a key twice": about(lambda said: said["stores"]["run"]["values"].append(said["stores"]["run"]["values"][0])),
    "stores in a list": about(lambda said: said.update(stores=[])),
    "another scenario": put("scenario/own/child.yaml", CHILD.replace("19", "18").encode()),
    "no scenario": about(lambda said: said.update(scenario="own/other.yaml")),
    "one file more": put("scenario/own/more.yaml", b""),
    "above the folder": renamed("own/../../costs.csv"),
    "from the root": renamed("/etc/costs.csv"),
    "in a drive": renamed("own/C:costs.csv"),
    "with a backslash": renamed("own/..\\costs.csv"),
    "in another folder": renamed("home/costs.csv"),
    "without a table": renamed("own/cost.csv"),
}


@pytest.fixture
def others(folder: Path) -> list[Path]:
    return [folder / "part1.npz", folder / "part3.npz"]


@pytest.mark.parametrize("what", list(HOSTILE))
def test_what_a_stranger_sends_is_refused_in_one_message(
    what: str, folder: Path, others: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = entries(folder / "part2.npz")
    HOSTILE[what](content)
    path = write(tmp_path / "hostile.npz", content)
    assert main(["combine", str(path), *map(str, others)]) == 1
    told = capsys.readouterr().err
    assert "hostile.npz" in told or "costs.csv" in told
    assert "Traceback" not in told
    assert sorted(one.name for one in tmp_path.iterdir()) == ["hostile.npz"]


def test_parts_whose_scenario_was_changed_alike_are_refused(folder: Path, tmp_path: Path) -> None:
    """Then they agree among themselves: what tells is the sum of the files that each was made from."""
    paths = []
    for number in (1, 2, 3):
        content = entries(folder / f"part{number}.npz")
        HOSTILE["another scenario"](content)
        paths.append(write(tmp_path / f"part{number}.npz", content))
    with pytest.raises(FileError, match="the scenario in it is not the one it was made from"):
        combine(paths)


def test_packed_entries_are_refused(folder: Path, others: list[Path], tmp_path: Path) -> None:
    path = write(tmp_path / "packed.npz", entries(folder / "part2.npz"), zipfile.ZIP_DEFLATED)
    with pytest.raises(FileError, match="larger than it can be"):
        combine([path, *others])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_twice_is_refused(folder: Path, others: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "twice.npz"
    path.write_bytes((folder / "part2.npz").read_bytes())
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("part.json", "{}")
    with pytest.raises(FileError, match="an entry twice"):
        combine([path, *others])


def cut_and_flipped(data: bytes) -> Iterator[bytes]:
    rng = np.random.default_rng(1)
    for length in (0, 1, 100, len(data) // 2, len(data) - 1):
        yield data[:length]
    for at in rng.integers(0, len(data), 12).tolist():
        yield data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]


def test_damage_never_gives_other_numbers(folder: Path, others: list[Path], tmp_path: Path) -> None:
    whole = combine([folder / "part2.npz", *others]).results.summary()
    path, told = tmp_path / "damaged.npz", list[str]()
    for data in cut_and_flipped((folder / "part2.npz").read_bytes()):
        path.write_bytes(data)
        try:
            found = combine([path, *others]).results.summary()
        except SibsimError as error:
            told.append(str(error))
        else:
            assert found == whole  # a bit that nobody reads
    assert len(told) > 10
    assert all("damaged.npz" in one for one in told)


def test_numbers_that_are_not_there_end_in_a_message(folder: Path, others: list[Path], tmp_path: Path) -> None:
    content = entries(folder / "part2.npz")
    said = json.loads(content["part.json"])
    for kind in ("values", "means"):
        n = len(said["stores"]["run"][kind])
        for i in range(0, n, 6):
            less = json.loads(content["part.json"])
            less["stores"]["run"][kind][i] = ["#mean" if kind == "means" else "x", "of nothing"]
            path = write(tmp_path / "less.npz", {**content, "part.json": json.dumps(less).encode()})
            combine([path, *others]).results.summary()


# ------------------------------------------------------------------------------------------------ portfolios
def test_a_portfolio_in_parts_saved_and_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(__file__).parent / "portfolios" / "three.yaml"
    words = ["portfolio", str(file), "--draws", "9000", "--quiet", "--workers", "1", "--chance-of-loss", "10%"]
    saved = tmp_path / "whole"
    assert main([*words, "--format", "json", "--save", str(saved)]) == 0
    whole = capsys.readouterr().out
    assert (saved / "summary.json").read_text(encoding="utf-8") == whole
    parts = [tmp_path / "1.npz", tmp_path / "2.npz"]
    for number, path in enumerate(parts, 1):
        assert main([*words, "--blocks", f"{number}/2", "--out", str(path)]) == 0
    assert main(["combine", *map(str, parts), "--format", "json"]) == 0
    assert capsys.readouterr().out == whole
    assert main(["reproduce", str(saved), "--workers", "1", "--quiet"]) == 0
    assert "to the last bit" in capsys.readouterr().out
    assert main([*words[:-1], "20%", "--blocks", "2/2", "--out", str(parts[1])]) == 0
    assert main(["combine", *map(str, parts)]) == 1
    assert "chance of loss 0.1 and 0.2" in capsys.readouterr().err


def test_what_only_a_portfolio_asks_is_looked_at(folder: Path, others: list[Path], tmp_path: Path) -> None:
    content = entries(folder / "part2.npz")
    about(lambda said: said["asked"].update(command="portfolio", more={"chance_of_loss": "5 %", "factors_at": {}}))(
        content
    )
    with pytest.raises(FileError, match="does not say in full what was asked for"):
        combine([write(tmp_path / "x.npz", content), *others])
