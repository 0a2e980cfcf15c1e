"""`extends` and `changes`: a file that begins with another, and what is said of it when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load
from sibsim.scenario import Number, Scenario
from sibsim.simulate import simulate

BASE = """\
sibsim: 1
title: A fee for each who stays
sources: {A: {title: A report}}
currency: SEK
start: 2026-01
step: year
parties: {payer: the town, provider: a charity}
inputs:
  stays: {beta: {mean: 60 %, sd: 5 %}, source: A, status: published}
participants: {size: 100, duration: 1 year, dropout: {uniform: {low: 0 %, high: 10 %}}}
outcomes: {stay: {type: event, better: more, over: 1 year, without: 50 %, with: stays}}
measures: {stayed: {of: stay, as: total, reported: 2027-01}}
contract: {payments: {success: {measure: stayed, per_unit: 1 000}}}
options:
  dearer: {contract.payments.success.per_unit: 2 000}
  all stay: {outcomes.stay.with: 100 %}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def written(folder: Path, text: str, name: str = "own.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def own(folder: Path, *lines: str) -> Path:
    return written(folder, "\n".join(["sibsim: 1", "extends: base.yaml", *lines]) + "\n")


def problems(path: Path, **asked: list[str]) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path, **asked)
    return str(caught.value)


def dimensions(scenario: Scenario) -> dict[str, int | None]:
    return {entry.name: entry.dimension for entry in scenario.inputs}


# --------------------------------------------------------------------------------------------- what it gives
@pytest.mark.key("file.extends", "file.changes")
def test_a_change_moves_the_money(folder: Path) -> None:
    """All of 100 people start and all stay: 100 x 1 000. With 80 people at 1 500 each it is 80 x 1 500 = 120 000."""
    certain = ["participants.dropout=0 %", "outcomes.stay.with=100 %"]
    paid = simulate(load(folder / "base.yaml", sets=certain), n_draws=1).metric("payer", "outcome_payments")
    assert set(paid.tolist()) == {100_000.0}
    path = own(
        folder,
        "title: For fewer people",
        "changes:",
        "  note: a smaller town, a dearer case",
        "  participants: {size: 80, duration: 1 year}",
        "  contract.payments.success.per_unit: 1 500",
        "  outcomes.stay.with: 100 %",
    )
    scenario = load(path)
    assert (scenario.title, scenario.name, scenario.file) == ("For fewer people", "own", str(path))
    assert set(simulate(scenario, n_draws=1).metric("payer", "outcome_payments").tolist()) == {120_000.0}


def test_without_changes_it_is_the_file_it_extends(folder: Path) -> None:
    base, same = load(folder / "base.yaml"), load(own(folder))
    assert (same.title, same.inputs, same.payments) == (base.title, base.inputs, base.payments)
    assert same.sha256 != base.sha256
    numbers = [simulate(s, n_draws=1).metric("payer", "outcome_payments").tolist() for s in (base, same)]
    assert numbers[0] == numbers[1]


def test_the_sum_of_the_files_covers_each_of_them(folder: Path) -> None:
    path = own(folder)
    first = load(path).sha256
    (folder / "base.yaml").write_text(BASE + "# a remark\n", encoding="utf-8")
    second = load(path).sha256
    own(folder, "# a remark")
    assert len({first, second, load(path).sha256}) == 3


def test_order_is_extends_changes_option_set(folder: Path) -> None:
    path = own(
        folder,
        "changes: {contract.payments.success.per_unit: 3 000}",
        "options: {dearest: {contract.payments.success.per_unit: 4 000}}",
    )
    price = "contract.payments.success.per_unit"
    assert load(path).payments[0].parameter == Number(3_000.0)
    assert load(path, ["dearest"]).payments[0].parameter == Number(4_000.0)
    assert load(path, ["dearer"]).payments[0].parameter == Number(2_000.0)  # an option of the file it extends
    assert load(path, ["dearest"], [f"{price}=5 000"]).payments[0].parameter == Number(5_000.0)
    assert load(path).available_options == ("dearer", "all stay", "dearest")


def test_sources_and_options_are_added(folder: Path) -> None:
    path = own(
        folder,
        "sources: {B: {title: Another}}",
        "options: {dearer: {contract.payments.success.per_unit: 9 000}}",
        "changes: {participants.size: {value: 90, source: B}}",
    )
    assert load(path, ["dearer"]).payments[0].parameter == Number(9_000.0)
    assert {entry.source for entry in load(path).evidence} >= {"A", "B"}
    assert load(own(folder, "options: none")).available_options == ()


def test_an_option_of_the_file_it_extends_is_taken_away_by_none(folder: Path) -> None:
    path = own(folder, "options: {dearer: none, cheaper: {contract.payments.success.per_unit: 500}}")
    assert load(path).available_options == ("all stay", "cheaper")
    with pytest.raises(ScenarioError, match="dearer"):
        load(path, ["dearer"])


def test_only_an_option_that_is_there_can_be_taken_away(folder: Path) -> None:
    with pytest.raises(ScenarioError, match=r"options\.dearr"):
        check_file(own(folder, "options: {dearr: none}"))


def test_it_meets_the_luck_of_the_file_it_extends(folder: Path) -> None:
    path = own(
        folder,
        "changes:",
        "  inputs.a first one: {uniform: {low: 1 000, high: 2 000}}",
        "  contract.payments.success.per_unit: a first one",
        "  contract.cap: {uniform: {low: 1 m, high: 2 m}}",
    )
    base = dimensions(load(folder / "base.yaml"))
    assert base == {"stays": 0, "participants.dropout": 1}
    assert dimensions(load(path)) == {**base, "a first one": 2, "contract.cap": 3}


def test_a_chain_of_files_in_folders(folder: Path) -> None:
    (folder / "sub").mkdir()
    written(folder, "sibsim: 1\nextends: ../base.yaml\nchanges: {participants.size: 70}\n", "sub/middle.yaml")
    path = written(folder, "sibsim: 1\nextends: sub/middle.yaml\nchanges: {contract.cap: 5 k}\n")
    found = load(path)
    assert found.cohorts[0].size == Number(70.0)
    assert found.contract_cap.total == Number(5_000.0, "money")


def test_a_scenario_that_ships_is_named_without_ending(folder: Path) -> None:
    path = written(folder, "sibsim: 1\nextends: child-obesity\nchanges: {participants.size: 500}\n")
    found = check_file(path)
    assert found.cohorts[0].size == Number(500.0)
    assert "as claimed" in found.available_options


# --------------------------------------------------------------------------------------------- what is refused
def test_problems_name_their_file_and_line(folder: Path) -> None:
    (folder / "base.yaml").write_text(BASE.replace("better: more", "better: mre"), encoding="utf-8")
    path = own(folder, "changes:", "  participants.size: -5", "  contract.cp: 5 m")
    text = problems(path)
    assert f"{folder / 'base.yaml'}:11:40  outcomes.stay.better  must be more or fewer, got mre" in text
    assert "4:22" in text
    assert "participants.size" in text
    assert "5:3" in text
    assert text.startswith(f"{path}: ")
    assert "unknown key; did you mean 'cap'?" in text


def test_a_misspelt_change_stands_in_its_line(folder: Path) -> None:
    text = problems(own(folder, "changes:", "  particpants.size: 5"))
    assert "4:3  changes.particpants.size  there is no 'particpants' to change; did you mean 'participants'?" in text


def test_what_is_wrong_in_an_option_of_the_base_names_the_base(folder: Path) -> None:
    (folder / "base.yaml").write_text(BASE + "  odd: {contrct.cap: 5}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        check_file(own(folder))
    assert [(p.line, p.file) for p in caught.value.problems] == [(17, str(folder / "base.yaml"))]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("extends: zzqx.yaml", "1:10  extends  there is no file 'zzqx.yaml' in the folder of this one"),
        ("extends: bse.yaml", "there is no file 'bse.yaml'; did you mean 'base.yaml'?"),
        (f"extends: {'a' * 3000}.yaml", "there is no file 'aaa"),
        ("extends: ../other.yaml", "'../other.yaml' is not in the folder of the scenario"),
        ("extends: /etc/passwd", "'/etc/passwd' is not in the folder of the scenario"),
        ("extends: child-obesty", "did you mean 'child-obesity'?"),
        ("extends: own.yaml", "this file would extend itself"),
        ("extends: [base.yaml]", "must name a file"),
        ("extends:", "must name a file"),
        ("extends: linked.yaml", "'linked.yaml' is not in the folder of the scenario"),
        ("extends: sub/", "is a folder"),
        ("extends: broken.yaml", "broken.yaml:2:1  a list that began"),
        ("extends: list.yaml", "list.yaml:1:1  a scenario is keys with values"),
        ("extends: base.yaml\nparticipants: {size: 5}", "2:1  participants  cannot stand beside 'extends'"),
        ("extends: base.yaml\ncurency: SEK", "2:1  curency  cannot stand beside 'extends'"),
        ("extends: base.yaml\nchanges: [1]", "expected 'path: value' lines"),
        ("extends: base.yaml\nchanges: {options.dearer: none}", "'changes' cannot change 'options'"),
        ("extends: base.yaml\nchanges: {extends: other.yaml}", "'changes' cannot change 'extends'"),
        ("extends: base.yaml\nchanges: {participants.size: }", "has no value"),
        ("extends: base.yaml\nextends: base.yaml", "stands twice"),
        ("title: x\nchanges: {participants.size: 5}", "needs 'extends' beside it"),
    ],
)
def test_what_may_not_be_extended(folder: Path, line: str, says: str) -> None:
    (folder / "sub").mkdir()
    (folder / "inner").mkdir()
    for name in ("inner/base.yaml", "other.yaml"):
        written(folder, BASE, name)
    written(folder, "a: [1\n", "inner/broken.yaml")
    written(folder, "- 1\n", "inner/list.yaml")
    (folder / "inner" / "linked.yaml").symlink_to(folder / "other.yaml")
    (folder / "inner" / "sub").mkdir()
    path = written(folder, line + "\nsibsim: 1\n", "inner/own.yaml")
    assert says in problems(path)


def test_a_circle_and_a_long_chain_are_refused(folder: Path) -> None:
    written(folder, "sibsim: 1\nextends: b.yaml\n", "a.yaml")
    written(folder, "sibsim: 1\nextends: a.yaml\n", "b.yaml")
    assert f"{folder / 'b.yaml'}:2:10  extends  this file would extend itself" in problems(folder / "a.yaml")
    written(folder, "sibsim: 1\nextends: base.yaml\n", "x1.yaml")
    for number in range(2, 6):
        written(folder, f"sibsim: 1\nextends: x{number - 1}.yaml\n", f"x{number}.yaml")
    assert load(folder / "x4.yaml").title == "A fee for each who stays"  # five files
    assert "more than 5 files extend each other" in problems(folder / "x5.yaml")


def test_the_version_stands_in_every_file(folder: Path) -> None:
    assert "missing key 'sibsim'" in problems(written(folder, "extends: base.yaml\n"))


def test_no_option_and_no_set_can_extend(folder: Path) -> None:
    text = problems(own(folder), sets=["extends=other.yaml"])
    assert "an option cannot change 'extends'" in text
