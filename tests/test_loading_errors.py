"""Files that cannot stand in bad_scenarios/: not text, not there, huge, hostile; and several mistakes at once."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sibsim.errors import ScenarioError
from sibsim.loading import check_file, load

SMALL = """\
sibsim: 1
title: Fewer evictions
currency: SEK
start: 2026-01
parties: {payer: The town, investor: A fund, provider: A charity}
inputs:
  relative risk: {lognormal: {interval_95: [0.60, 0.90]}, status: assumed}
participants:
  size: 240
  duration: 18 months
outcomes:
  eviction: {type: event, better: fewer, without: 40 %, effect: {ratio: relative risk}, lasts: 2 years}
  mood: {type: score, better: more, without: 30, effect: {difference: 2}, sd: 10}
measures:
  fewer evictions: {of: eviction, as: relative_improvement, comparison: {rct: 350}, lag: 3 months}
  moods: {of: mood, as: improvement, comparison: {matched: 100, bias: 2 %},
          reported: {every: year, from: 2027-07, until: 2029-07}}
contract:
  payments:
    success: {measure: fewer evictions, steps: [[12 %, 3 m], [25 %, 50 %]], of: drawn, if: {moods: above 0}}
    more: {measure: success, line: [[otherwise, 0], [1 m, 10 k], [above 2 m, 20 k]],
           by: {payer: rest}, cap: {per_year: 9 k}}
costs:
  programme: {amount: 15 500, per: starter}
benefits:
  less care: {of: eviction, kind: cashable, worth: {2026: 45 000, 2028: 50 000}, per: year}
finance:
  tranches:
    loan: {amount: 4 m, rate: 2 %}
  guarantees: {backing: {by: payer, covers: [loan], share: 50 %}}
options:
  cheap: {costs.programme.amount: 9 000}
"""


def problems_of(path: Path) -> str:
    began = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        check_file(path)
    assert time.process_time() - began < 1.0
    assert caught.value.problems
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (b"\n\n# nothing here\n", "the file is empty"),
        (b"---\n...\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (bytes(range(256)), "byte 0x80"),
        (b"title: a\nname: b\x00c\n", "2:8  holds a character that no text has"),
        ("title: é".encode("latin-1"), "1:8  is not UTF-8 text (byte 0xe9); save the file as UTF-8"),
        ("title: x".encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (b"title: x\n" * 200_000, "is larger than 1 MB"),
        (b"\x1b[31mtitle: x", "holds a character that no text has"),
    ],
)
def test_not_a_text(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(data)
    assert says in problems_of(path)


def test_no_file(tmp_path: Path) -> None:
    assert "no such file" in problems_of(tmp_path / "nowhere.yaml")
    assert "is a folder" in problems_of(tmp_path)
    for name in ("", "\x00", "a" * 5000, "no such/../pilot"):
        with pytest.raises(ScenarioError):
            load(name)


def many(line: str, number: int) -> str:
    head = SMALL[: SMALL.index("contract:")] + "contract:\n  payments:\n"
    return head + "".join(line.format(i=i, before=i - 1) for i in range(1, number))


MILLION = 999_000
HUGE: dict[str, Callable[[], str]] = {
    "brackets": lambda: "[" * MILLION,
    "braces": lambda: "{" * MILLION,
    "dashes": lambda: "- " * (MILLION // 2),
    "colons": lambda: ":" * MILLION,
    "one line of words": lambda: "a: " + "x " * (MILLION // 2),
    "digits": lambda: "sibsim: " + "9" * MILLION,
    "keys": lambda: "".join(f"k{i}: 1\n" for i in range(85_000)),
    "the same key": lambda: "a: 1\n" * 150_000,
    "anchors": lambda: "".join(f"k{i}: &a{i} 1\n" for i in range(55_000)),
    "aliases": lambda: "a: &a 1\nb: [" + "*a," * 250_000 + "]",
    "deep": lambda: "".join(" " * i + "k:\n" for i in range(1300)),
    "wrong payments": lambda: many("    p{i}: {{amoun: 5, at: 2026}}\n", 3000),
    "a chain of payments": lambda: many("    p{i}: {{measure: p{before}, per_unit: 5}}\n", 3000),
    "every month": lambda: SMALL.replace("every: year", "every: month")
    .replace("until: 2029-07", "until: 2125-01")
    .replace("start: 2026-01", "start: 2026-01\nstep: month")
    .replace("duration: 18 months", "duration: 1 month\n  intake: 99 years"),
    "correlations": lambda: SMALL.replace(
        "inputs:\n", "inputs:\n" + "".join(f"  x{i}: {{normal: {{mean: 5, sd: 1}}}}\n" for i in range(300))
    ).replace(
        "participants:",
        "correlations:\n"
        + "".join(f"  - {{between: [x{i}, x{i + 1}], rank: 0.9}}\n" for i in range(299))
        + "".join(f"  - {{between: [x{i}, x{i + 2}], rank: -0.9}}\n" for i in range(298))
        + "participants:",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_huge_and_hostile(tmp_path: Path, name: str) -> None:
    path = tmp_path / "huge.yaml"
    path.write_text(HUGE[name](), encoding="utf-8")
    assert len(problems_of(path)) < 100_000


def test_all_mistakes_at_once_in_file_order(tmp_path: Path) -> None:
    wrong = (
        ("size: 240", "size: -240"),
        ("duration: 18", "duratio: 18"),
        ("interval_95: [0.60", "interval_95: [-0.60"),
        ("{rct: 350}", "{rtc: 350}"),
        ("[12 %, 3 m]", "[12 %, 3m]"),
        ("per: starter", "per: strter"),
        ("kind: cashable", "kind: casable"),
        ("rate: 2 %", "rate: 200"),
    )
    text = SMALL
    for old, new in wrong:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "many.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    lines = [p.line for p in caught.value.problems]
    expected = [text[: text.index(new)].count("\n") + 1 for _, new in wrong]
    assert lines == sorted(lines)
    assert set(expected) <= set(lines)
    assert len(lines) == len(wrong), str(caught.value)


def test_nothing_else_is_raised_and_a_good_copy_loads(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert load(path).payments[1].measure == "success"


JUNK = (
    """
none|""|5|-1|0|1.5|5 %|500 %|-3 %|[]|{}|[1, 2]|{a: 1}|2020-06|2027-07-15|1 month|99 years|0 months|yes|always|so far
rest|otherwise|payer|loan|success|starts|eviction|{value: 3}|{value: 3, source: X}|{normal: {mean: 1, sd: 1}}|~|null|*a
&a x|!!str 5|{uniform: {low: 0, high: 9}}|{beta: {mean: 1, sd: 0}}|{2020: 1, 2021: 2}|[2027, 2028]|above 5|at least 3 %
{every: year, from: 2027, until: 2030}|{half_life: 2 years}|{payer: 50 %, provider: rest}|{fixed: 50 %}|{|[|"|'|:|#|- x
{matched: 10, bias: 5 %}|%|@|é
""".strip()
    .replace("\n", "|")
    .split("|")
)
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\d. ]*%?|\S|\n *")


def mutate(text: str, random_: random.Random) -> str:
    """The text with a token replaced, taken out or doubled, or a line moved."""
    found = random_.choice(list(TOKEN.finditer(text)))
    other = random_.choice(list(TOKEN.finditer(text))).group()
    kind = random_.randrange(6)
    if kind == 5:
        lines = text.split("\n")
        lines.insert(random_.randrange(len(lines)), lines.pop(random_.randrange(len(lines))))
        return "\n".join(lines)
    put = ("", other, found.group() * 2, *[random_.choice(JUNK)] * 2)[kind]
    return text[: found.start()] + put + text[found.end() :]


@pytest.mark.parametrize("seed", range(6))
def test_any_mutation_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    random_, path = random.Random(seed), tmp_path / "mutant.yaml"
    read = refused = 0
    for _ in range(60):
        text = SMALL
        for _ in range(random_.choice((1, 1, 2))):
            text = mutate(text, random_)
        path.write_text(text, encoding="utf-8")
        try:
            check_file(path)
            read += 1
        except ScenarioError as error:
            refused += len(error.problems) > 0
    assert read + refused == 60
    assert refused > 0
