"""`sibsim diff`: what two scenarios say differently, all of it and nothing else."""

from __future__ import annotations

import json
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from sibsim import cli
from sibsim.errors import SibsimError
from sibsim.loading import compare
from sibsim.loading.compared import Compared, Difference
from sibsim.loading.extending import read_whole
from sibsim.loading.finding import find, shipped
from sibsim.loading.meanings import plain
from sibsim.loading.moves import moved
from sibsim.loading.options import change, option_names
from sibsim.loading.place import Node
from sibsim.report import Layout
from sibsim.report.differences import RENDERERS, differences_summary
from tests.support import in_turn
from tests.test_schema import SMALL
from tests.test_startup import HEAVY, loaded_by

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "differences.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
MIRRORED = {"only_first": "only_second", "only_second": "only_first"}
Capture = pytest.CaptureFixture[str]

TWO = SMALL.replace(
    "  payments:\n",
    "  payments:\n    fee: {amount: 100 k, at: 2026-01}\n    thanks: {amount: 50 k, at: 2027-01}\n",
)


def told(compared: Compared) -> list[Difference]:
    return [one for one in compared.differences if not one.is_same]


def paths(compared: Compared) -> list[str]:
    return [".".join(one.path) for one in told(compared)]


@pytest.fixture
def pair(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Compares two texts, or one text with some words changed."""

    def of(first: str, *changes: tuple[str, str], second: str = "") -> Compared:
        second = second or first
        for old, new in changes:
            assert second.count(old) == 1, old
            second = second.replace(old, new)
        for name, text in (("a.yaml", first), ("b.yaml", second)):
            (tmp_path / name).write_text(text, encoding="utf-8")
        return compare((tmp_path / "a.yaml", (), ()), (tmp_path / "b.yaml", (), ()))

    return of


def words(compared: Compared, is_all: bool = False) -> str:
    return " ".join(RENDERERS["text"](differences_summary(compared, is_all), Layout()).split())


def mirror(one: Difference) -> Difference:
    def turned(of: tuple[str | None, str | None] | None) -> tuple[str | None, str | None] | None:
        return None if of is None else (of[1], of[0])

    what = MIRRORED.get(one.what, one.what)
    return replace(
        one, what=what, first=one.second, second=one.first, source=turned(one.source), status=turned(one.status)
    )


# ------------------------------------------------------------------------------------------------ properties
@pytest.mark.parametrize("name", in_turn(shipped(), 2))
def test_a_file_does_not_differ_from_itself(name: str) -> None:
    assert compare((name, (), ()), (name, (), ())).differences == ()


def tree_of(name: str) -> Node:
    return read_whole(find(name), name).root


def _lines_of(root: Node, option: str) -> dict[tuple[str, ...], Node]:
    """What an option changes, by path."""
    lines = root.entries["options"].entries[option].entries
    return {tuple(k.strip() for k in path.split(".")): node for path, node in lines.items() if path != "note"}


def _covers(path: tuple[str, ...], told_at: tuple[str, ...]) -> bool:
    """Whether a difference is at a path or below it, or of something above that stands in only one of the files."""
    return told_at[: len(path)] == path or path[: len(told_at)] == told_at


@pytest.mark.parametrize("name", in_turn(shipped(), 5))
def test_an_option_differs_in_its_own_paths_and_in_all_of_them(name: str) -> None:
    root = tree_of(name)
    for option in option_names(root):
        found = compare((name, (), ()), (name, [option], ()))
        lines = _lines_of(root, option)
        for one in found.differences:
            assert any(_covers(path, one.path) for path in lines), (option, one.path)
            assert one.path[-1:] != ("note",) or one.is_same
        silent = [path for path in lines if not any(_covers(path, one.path) for one in told(found))]
        tree = found.first.context.root
        for path in silent:  # what is not told changes nothing, and comes from the same source
            tree = change(tree, tree, ".".join(path), lines[path])
        made = found.first.built(tree)
        assert made is not None
        assert plain(made) == plain(found.first.scenario), (option, silent)
        known = {figure.path: (figure.source, figure.status) for figure in found.first.scenario.evidence}
        assert all(known.get(e.path) == (e.source, e.status) for e in made.evidence), (option, silent)


@pytest.mark.parametrize("seed", in_turn(range(12), 2))
def test_it_is_symmetric(seed: int) -> None:
    chance = random.Random(seed)
    first, second = chance.sample(shipped(), 2)
    options = [chance.choice(["", *option_names(tree_of(name))]) for name in (first, second)]
    a, b = ((name, [option] if option else [], ()) for name, option in zip((first, second), options, strict=True))
    there, back = compare(a, b).differences, compare(b, a).differences
    assert {mirror(one) for one in there} == set(back)
    assert len(there) == len(back)
    assert there


@pytest.mark.parametrize("name", in_turn(["child-obesity", "stockholm-diabetes", "peterborough", "state-guarantee"], 2))
def test_an_option_is_symmetric(name: str) -> None:
    for option in option_names(tree_of(name)):
        there = compare((name, (), ()), (name, [option], ())).differences
        back = compare((name, [option], ()), (name, (), ())).differences
        assert {mirror(one) for one in there} == set(back)


def _figures(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all texts in mappings that begin with a digit."""
    for key, inner in node.entries.items():
        if inner.kind == "text" and inner.is_plain and inner.text[:1].isdigit() and "." not in key:
            yield (*path, key)
        elif key != "options":
            yield from _figures(inner, (*path, key))


@pytest.mark.parametrize("name", in_turn(["child-obesity", "peterborough", "rikers", "reconnections"], 2))
def test_no_changed_figure_is_passed_over(name: str) -> None:
    chance, root, tried = random.Random(1), tree_of(name), 0
    for path in chance.sample(sorted(_figures(root)), 25):
        node = root
        for key in path:
            node = node.entries[key]
        digits = node.text.rstrip("0123456789 ") or node.text
        value = digits + str(int(node.text[len(digits) :].replace(" ", "") or 0) + 1) if digits != node.text else "7"
        try:
            found = compare((name, (), ()), (name, (), [f"{'.'.join(path)}={value}"]))
        except SibsimError:
            continue
        tried += 1
        assert found.differences
        is_other = plain(found.first.scenario) != plain(found.second.scenario)
        assert not is_other or [one for one in told(found) if one.path == path[: len(one.path)]], path
    assert tried > 3


# ------------------------------------------------------------------------------------------------ meanings
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("without: 50 %", "without: 0.5"),
        ("without: 50 %", "without: 50.0%"),
        ("duration: 12 months", "duration: 1 year"),
        ("lag: 3 months", "lag: 1 quarter"),
        ("13 000", "13 k"),
        ("worth: {value: 60 000,", "worth: {value: 60 k,"),
        ("4 m], [20 %", "4 000 k], [20 %"),
        ("steps: [[10 %, 4 m], [20 %, 6 m]]", "steps: [[10 %, 4 MSEK], [20 %, 6 000 000 SEK]]"),
        ("start: 2026-01", "start: 2026-01-01"),
        ("start: 2026-01", "start: 2026"),
        ("start: 2026-01", "start: 2026-01\nstep: quarter"),
        ("start: 2026-01", "start: 2026-01\nprice_year: 2026"),
        ("start: 2026-01", "start: 2026-01\ndiscount_rate: 0 %\nevents: none"),
        ("size: 300,", "size: 300, take_up: 100 %, dropout: 0, intake: 0 months,"),
        ("payer: The municipality", "payer: {name: The municipality}"),
        ("{size: 300, duration: 12 months}", "{duration: 12 months, size: 300}"),
        ("per: starter", "per: starter, to: provider, index: 0 %"),
        ("{rct: 300}", "{rct: 300, cluster_size: 1, icc: 0}"),
        ("2027-01: 3 m", "2027: 3 m"),
        ("{of: relapse, as:", "{of: [relapse], as:"),
        ("relative risk: {log", "relative risk: {value: {log"),
        (
            "participants: {size: 300, duration: 12 months}",
            "participants: {duration: 12 months, queue: none, size: 300}",
        ),
    ],
)
def test_the_same_in_other_words(pair, old: str, new: str) -> None:  # type: ignore[no-untyped-def]
    if "value: {log" in new:
        found = pair(SMALL, (old, new), ("[0.70, 0.95]}, status: assumed}", "[0.70, 0.95]}}, status: assumed}"))
    else:
        found = pair(SMALL, (old, new))
    assert told(found) == []
    assert words(found).startswith("No differences.")
    summary = differences_summary(found, True)
    assert summary["count"] == 0
    assert summary["written_otherwise"] == len(summary["differences"])
    assert all(one["means_the_same"] for one in summary["differences"])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("without: 50 %", "without: 45 %", "outcomes.relapse: without 50 % -> 45 % ("),
        ("size: 300,", "size: 300, take_up: 90 %,", "participants: take_up the default (100 %) -> 90 % (b.yaml:7)"),
        ("duration: 12 months", "duration: 366 days", "duration 12 months -> 366 days (a.yaml:7, b.yaml:7)"),
        ("start: 2026-01", "start: 2026-01\nstep: month", "step: the default (quarter) -> month (b.yaml:5)"),
        ("start: 2026-01", "start: 2026-01\nprice_year: 2020", "price_year: the default (year of start) -> 2020"),
        ("4 m], [20 %", "5 m], [20 %", "steps [[10 %, 4 m], [20 %, 6 m]] -> [[10 %, 5 m], [20 %, 6 m]]"),
        ("000, status: assumed", "000, status: derived", "worth the same value (60 000); status assumed -> derived ("),
        ("60 000, status: assumed", "70 000", "worth 60 000 -> 70 000; status assumed -> none ("),
                ("2027-01: 3 m", "2027-01: 2 m", "finance.tranches.loan.amount.2027-01: 3 m -> 2 m"),
        ("2027-01: 3 m", "2028-01: 3 m", "finance.tranches.loan.amount.2028-01: only in the second: 3 m"),
        ("rct: 300", "matched: 300", "comparison: matched only in the second: 300"),
        ("currency: SEK", "currency: EUR", "SEK -> EUR (all money without a code is in it) ("),
        ("title: Fewer relapses", 'title: "Fewer relapses!"', 'title: Fewer relapses -> "Fewer relapses!"'),
        ("provider: A charity", "provider: {name: A charity, cash: 1 m}", "provider: cash only in the second: 1 m"),
    ],
)  # fmt: skip
def test_a_difference_in_words(pair, old: str, new: str, says: str) -> None:  # type: ignore[no-untyped-def]
    found = pair(SMALL, (old, new))
    assert says in words(found)
    assert told(found)


def test_a_section_of_only_one(pair) -> None:  # type: ignore[no-untyped-def]
    alone = SMALL.replace("provider: rest}", "investor: rest}")
    finance = "finance: {tranches: {loan: {amount: {2026-01: 4 m, 2027-01: 3 m}}}}\n"
    found = pair(alone, (finance, ""))
    assert paths(found) == ["finance"]
    assert f"finance: only in the first: {finance[9:-1]} (a.yaml:15)" in words(found)


def test_money_of_a_percent_is_not_money_of_a_number(pair) -> None:  # type: ignore[no-untyped-def]
    text = SMALL.replace("    success:", "    coupon: {amount: 5 %, of: drawn, at: 2027-01, to: loan}\n    success:")
    found = pair(text, ("amount: 5 %", "amount: 0.05"))
    assert paths(found) == ["contract.payments.coupon.amount"]
    assert "(a percent and a plain number are not the same here)" in words(found)


def test_a_default_counts_where_both_files_make_it_another(pair) -> None:  # type: ignore[no-untyped-def]
    found = pair(SMALL, ("start: 2026-01", "start: 2025-10\nprice_year: 2025"))
    assert paths(found)[:2] == ["start", "price_year"]
    assert "price_year: the default (year of start) -> 2025" in words(found)


def test_what_a_cohort_leaves_out_is_what_stands_above_it(pair) -> None:  # type: ignore[no-untyped-def]
    cohorts = "participants: {duration: 12 months, take_up: 80 %, cohorts: {c1: {size: 100}, c2: {size: 200}}}"
    text = SMALL.replace("participants: {size: 300, duration: 12 months}", cohorts)
    assert told(pair(text, ("c1: {size: 100}", "c1: {size: 100, take_up: 80 %}"))) == []
    found = pair(text, ("c1: {size: 100}", "c1: {size: 100, take_up: 90 %}"))
    assert "participants.cohorts.c1: take_up the default (80 %) -> 90 %" in words(found)
    moved_down = "{duration: 12 months, cohorts: {c1: {take_up: 80 %, size: 100}, c2: {size: 200, take_up: 80 %}}}"
    assert told(pair(text, second=text.replace(cohorts, f"participants: {moved_down}"))) == []


# ------------------------------------------------------------------------------------------------ order
def test_the_order_of_payments_counts_and_that_of_names_does_not(pair) -> None:  # type: ignore[no-untyped-def]
    fee, thanks = "    fee: {amount: 100 k, at: 2026-01}\n", "    thanks: {amount: 50 k, at: 2027-01}\n"
    found = pair(TWO, (fee + thanks, thanks + fee))
    assert [(one.what, one.path[-1]) for one in told(found)] == [("moved", "thanks")]
    assert "contract.payments.thanks: after 'fee' in the first, first in the second; their order counts" in words(found)
    parties = "{payer: The municipality, investor: A fund, provider: A charity}"
    found = pair(SMALL, (parties, "{provider: A charity, payer: The municipality, investor: A fund}"))
    assert told(found) == []
    assert "parties.provider" in words(found, True)


def test_a_payment_put_in_between_moves_nothing(pair) -> None:  # type: ignore[no-untyped-def]
    fee = "    fee: {amount: 100 k, at: 2026-01}\n"
    assert paths(pair(TWO, (fee, ""))) == ["contract.payments.fee"]


def test_events_that_amend_a_term_stand_in_an_order(pair) -> None:  # type: ignore[no-untyped-def]
    events = "events: {law: {chance_per_year: 4 %}, vote: {chance_per_year: 5 %}}\n"
    text = SMALL + events
    text = text.replace("amount: 13 000", "amount: {2026-01: 13 000, law: 12 000, vote: 11 000}")
    found = pair(text, ("law: 12 000, vote: 11 000", "vote: 11 000, law: 12 000"))
    assert [(one.what, one.path[:3]) for one in told(found)] == [("moved", ("costs", "programme", "amount"))]


def test_the_fewest_that_moved() -> None:
    chance = random.Random(1)
    for _ in range(200):
        first = [chr(97 + i) for i in range(chance.randint(0, 8))]
        second = chance.sample(first, len(first))
        out = moved(first, second)
        assert out == moved(second, first)
        assert [n for n in first if n not in out] == [n for n in second if n not in out]
    names = [str(number) for number in range(1000)]
    assert moved(names, names[::-1]) == sorted(names)


# ------------------------------------------------------------------------------------------------ files
def test_a_file_that_extends(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "base.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "small.yaml").write_text(
        "sibsim: 1\nextends: base.yaml\nchanges:\n  participants.size: 200\n  outcomes.relapse.without: 0.5\n"
    )
    (tmp_path / "smaller.yaml").write_text("sibsim: 1\nextends: small.yaml\nchanges: {participants.size: 100}\n")
    assert cli.main(["diff", str(tmp_path / "base.yaml"), str(tmp_path / "smaller.yaml")]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("1 difference, in participants.")
    assert "participants: size 300 -> 100 (base.yaml:7, smaller.yaml:3)" in shown
    assert "One thing more is only written otherwise" in shown
    assert cli.main(["diff", "--all", str(tmp_path / "base.yaml"), str(tmp_path / "smaller.yaml")]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "outcomes.relapse: without 50 % -> 0.5 (base.yaml:8, small.yaml:5)" in shown


def test_a_column_of_a_file_that_holds_other_figures(tmp_path: Path) -> None:
    text = SMALL.replace("{lognormal: {interval_95: [0.70, 0.95]}, ", "{empirical: {file: r.csv, column: r}, ")
    for folder, column in (("a", "r\n0.8\n0.9\n"), ("b", "r\n0.8\n0.7\n"), ("c", "other,r\n1,0.80\n2,0.9\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.yaml").write_text(text, encoding="utf-8")
        (tmp_path / folder / "r.csv").write_text(column)
    sides = [(tmp_path / folder / "x.yaml", (), ()) for folder in "abc"]
    found = compare(sides[0], sides[1])
    assert paths(found) == ["inputs.relative risk"]
    assert "(the files hold other figures under this heading)" in words(found)
    assert told(compare(sides[0], sides[2])) == []


def test_a_table_of_cohorts_is_its_rows(tmp_path: Path) -> None:
    people = "participants: {size: 300, duration: 12 months}"
    table = "participants: {duration: 12 months, cohorts_from: {file: c.csv, names: county, size: people}}"
    rows = "participants: {duration: 12 months, cohorts: {north: {size: 100}, south: {size: 250}}}"
    (tmp_path / "c.csv").write_text("county,people\nnorth,100\nsouth,200\n")
    (tmp_path / "a.yaml").write_text(SMALL.replace(people, table))
    (tmp_path / "b.yaml").write_text(SMALL.replace(people, rows))
    found = compare((tmp_path / "a.yaml", (), ()), (tmp_path / "b.yaml", (), ()))
    assert paths(found) == ["participants.cohorts.south.size"]
    assert "participants.cohorts.south: size 200 -> 250 (c.csv:3, b.yaml:7)" in words(found)


def test_two_files_of_one_name_are_told_apart(tmp_path: Path, capsys: Capture) -> None:
    for folder in "ab":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.yaml").write_text(SMALL.replace("size: 300", f"size: 30{ord(folder) % 10}"))
    assert cli.main(["diff", str(tmp_path / "a" / "x.yaml"), str(tmp_path / "b" / "x.yaml")]) == 0
    assert f"{tmp_path / 'b' / 'x.yaml'}:7" in "".join(capsys.readouterr().out.split())


# ------------------------------------------------------------------------------------------------ the command
def test_the_json_keeps_to_its_schema(capsys: Capture) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    asked = [
        ["child-obesity", "--option", "as claimed", "--set", "participants.size=1 001", "--all"],
        ["sick-leave-agreement-2014", "sick-leave-agreement-2015", "--all"],
        ["rikers", "peterborough"],
        ["child-obesity", "child-obesity"],
    ]
    for arguments in asked:
        assert cli.main(["diff", *arguments, "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)
        VALIDATOR.validate(found)
        real = [one for one in found["differences"] if not one["means_the_same"]]
        assert found["count"] == len(real) == sum(one["count"] for one in found["sections"])
    assert cli.main(["schema", "--differences"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
    assert cli.main(["schema", "--differences", "--flow"]) == 2


def test_options_of_one_file(capsys: Capture) -> None:
    assert cli.main(["diff", "child-obesity", "--option", "no effect"]) == 0
    shown = capsys.readouterr().out
    assert cli.main(["diff", "child-obesity", "child-obesity", "--option-b", "no effect"]) == 0
    assert capsys.readouterr().out == shown
    assert cli.main(["diff", "child-obesity", "--option-a", "as claimed", "--option-b", "no effect"]) == 0
    assert "first:" in capsys.readouterr().out
    assert (
        cli.main(["diff", "child-obesity", "--option", "as claimed", "--option", "no effect", "--format", "json"]) == 0
    )
    assert json.loads(capsys.readouterr().out)["second"]["option"] == "as claimed + no effect"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["child-obesity"], 2, "name a second scenario"),
        (["child-obesity", "rikers", "--option", "no effect"], 2, "say --option-a"),
        (["child-obesity", "--set", "participants.size"], 2, "is not written as"),
        (["child-obesity", "no-such"], 1, "no scenario of this name"),
        (["child-obesity", "--option", "no efect"], 1, "did you mean 'no effect'"),
        (["child-obesity", "--set", "participants.size=-1"], 1, "got -1"),
    ],
)
def test_used_wrongly(arguments: list[str], code: int, says: str, capsys: Capture) -> None:
    assert cli.main(["diff", *arguments]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert says in shown.err


def test_the_problems_of_both_are_told_at_once(capsys: Capture) -> None:
    bad = ROOT / "tests" / "bad_scenarios"
    assert cli.main(["diff", str(bad / "negative_size.yaml"), str(bad / "bomb.yaml")]) == 1
    shown = capsys.readouterr().err
    assert "negative_size.yaml: 1 problem" in shown
    assert "bomb.yaml: " in shown
    assert cli.main(["diff", str(bad / "negative_size.yaml"), str(bad / "negative_size.yaml")]) == 1
    assert capsys.readouterr().err.count("negative_size.yaml: 1 problem") == 1


BAD = [
    path for path in sorted((ROOT / "tests" / "bad_scenarios").glob("*.yaml")) if not path.stem.startswith("option_")
]


@pytest.mark.parametrize("path", BAD[::7], ids=lambda path: path.stem)
def test_a_bad_file_ends_in_its_errors(path: Path) -> None:
    with pytest.raises(SibsimError, match="problem"):
        compare(("child-obesity", (), ()), (path, (), ()))


def test_words_of_a_file_do_not_command_the_terminal(pair) -> None:  # type: ignore[no-untyped-def]
    found = pair(SMALL, ("title: Fewer relapses", 'title: "\\e[31mred\\e[0m [bold]"'))
    text = RENDERERS["text"](differences_summary(found), Layout())
    assert "\x1b" not in text
    assert "[bold]" in text
    assert "\x1b" not in RENDERERS["markdown"](differences_summary(found), Layout())


def test_many_differences_take_no_time(tmp_path: Path) -> None:
    def text(n: int) -> str:
        inputs = "\n".join(f"  x{i}: {{normal: {{mean: {i + n}, sd: 1}}}}" for i in range(1500))
        costs = "\n".join(f"  c{i}: {{amount: x{i}, over: {1 + n} years, per: starter}}" for i in range(900))
        found = SMALL.replace("inputs: {rel", "inputs:\n  rel")
        found = found.replace("status: assumed}}\nparticipants", f"status: assumed}}\n{inputs}\nparticipants")
        return found.replace("costs: {programme:", f"costs:\n{costs}\n  programme:").replace(
            "starter}}\n", "starter}\n"
        )

    for name, n in (("a.yaml", 0), ("b.yaml", 1)):
        (tmp_path / name).write_text(text(n))
    code = "import sys; from sibsim.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")],
        capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2400 differences: 1500 in inputs and 900 in costs.")


def test_it_starts_without_numpy() -> None:
    assert not HEAVY & loaded_by("diff", "--help")
    assert not HEAVY & loaded_by("diff", "child-obesity", "--option", "as claimed")


def test_the_text_fits_and_the_file_is_the_same(tmp_path: Path, capsys: Capture) -> None:
    arguments = ["diff", "botkyrka-sick-leave", "ornskoldsvik-sick-leave", "--all"]
    assert cli.main(arguments) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert cli.main([*arguments, "--out", str(tmp_path / "out.txt")]) == 0
    assert (tmp_path / "out.txt").read_text("utf-8") == shown


def test_the_page_shows_what_is_printed(capsys: Capture) -> None:
    page = (ROOT / "docs" / "output.md").read_text("utf-8")
    shown = page.partition("    $ sibsim diff ")[2].partition("\n`sibsim diff A B`")[0]
    command, _, text = shown.partition("\n")
    assert cli.main(["diff", *shlex.split(command)]) == 0
    printed = capsys.readouterr().out.replace(f"{ROOT}/", "")
    lines = re.compile(r":\d+( and \d+)?")  # which a new comment in the file would move
    assert lines.sub("", " ".join(text.split())) == lines.sub("", " ".join(printed.split()))


# ------------------------------------------------------------------------------------------------ the same, otherwise
EVENTFUL = (
    SMALL.replace("lag: 3 months}}", "lag: 3 months}}\nhorizon: 5 years").replace(
        "by: {payer", "if: {fewer relapses: at most 90 %}, by: {payer"
    )
    + """events:
  crisis: {chance_per_year: 5 %, stops: [intake, payments]}
  late: {at: 2029-01, if: {fewer relapses: below 5 %}, stops: everything}
"""
)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("[intake, payments]", "[payments, intake]", True),
        ("[intake, payments]", "[payments]", False),
        ("below 5 %", "below 0.05", True),
        ("below 5 %", "below 0.5", False),
        ("at most 90 %", "at most 0.9", True),
        ("at most 90 %", "at most 0.8", False),
        ("amount: 13 000", "amount: {2026-01: 13 000}", True),
        ("amount: 13 000", "amount: {2026-01: 13 000, 2027-01: 13 100}", False),
        ("kind: cashable", "kind: cashable, from: 0 months", True),
        ("kind: cashable", "kind: cashable, from: 3 months", False),
    ],
)
def test_another_order_or_form_of_the_same_is_no_difference(
    pair: Callable[..., Compared], one: str, other: str, is_same: bool
) -> None:
    assert (told(pair(EVENTFUL, (one, other))) == []) == is_same
    assert (told(pair(EVENTFUL.replace(one, other), (other, one))) == []) == is_same
