"""Scenario files changed at random: lines and values taken away, doubled, exchanged, of another type, or extreme.

Used by ``test_mutation.py``, ``test_mutation_portfolio.py`` and ``make fuzz``. Entries of a file are found by their
marks, so that a key is taken out whole, with all that belongs to it, in block and in flow style alike.
"""

from __future__ import annotations

import random
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sibsim.context import begin
from sibsim.draws import Streams
from sibsim.errors import ModelError, ScenarioError
from sibsim.happenings import tabulate_events
from sibsim.loading import check_file, load
from sibsim.parties import tabulate
from sibsim.payouts import tabulate_payments
from sibsim.results import Run
from sibsim.scenario import Scenario
from sibsim.simulate import _block, _payments_only, _reports, _says_what_would_be, _truths, future
from sibsim.waits import tabulate_queues

ROOT = Path(__file__).parents[1]
SOURCES = tuple(
    sorted(
        path
        for folder in ("scenarios", "scenarios/templates", "tests/scenarios")
        for path in (ROOT / folder).glob("*.yaml")
    )
)
"""The files that are changed: those that ship, the templates, and those of the tests."""

BESIDE = tuple(sorted({table for source in SOURCES for table in source.parent.glob("*.csv")}))
"""Tables that these files read: they stand beside each mutant."""

MOST_READING = 2.0
"""Seconds of the processor that reading a file may take."""
QUICK_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Seven times as quick, where the library of C is there; only the marks of a file are asked of it."""
NEVER_UNKNOWN = ("outcome_payments", "net_outlay", "net_gain", "margin", "received", "drawn")
"""Metrics that are a number in every future."""


# ------------------------------------------------------------------------------------------------ entries
@dataclass(frozen=True)
class Entry:
    """A key with its value, or an item of a list: its path, and where it begins and ends in the text."""

    path: str
    begins: int
    ends: int
    value: tuple[int, int]
    is_flow: bool
    is_item: bool = False


@lru_cache(maxsize=64)
def entries(text: str) -> list[Entry]:
    """Every entry of a file, in the order of the file."""
    root = yaml.compose(text, Loader=QUICK_LOADER)
    return sorted(_entries(root, ""), key=lambda entry: (entry.begins, -entry.ends)) if root else []


def _entries(node: yaml.Node, path: str) -> Iterator[Entry]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = f"{path}.{key.value}" if path else str(key.value)
            span = (value.start_mark.index, value.end_mark.index)
            yield Entry(here, key.start_mark.index, span[1], span, bool(node.flow_style))
            yield from _entries(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value, 1):
            here = f"{path}.{number}"
            span = (value.start_mark.index, value.end_mark.index)
            yield Entry(here, span[0], span[1], span, bool(node.flow_style), is_item=True)
            yield from _entries(value, here)


def without(text: str, entry: Entry) -> str:
    """The text without an entry."""
    begins, ends = entry.begins, entry.ends
    if entry.is_flow:
        after = re.match(r"\s*,\s*", text[ends:])
        if after:
            return text[:begins] + text[ends + after.end() :]
        before = re.search(r"\s*,\s*$", text[:begins])
        return text[: before.start() if before else begins] + text[ends:]
    line = text.rfind("\n", 0, begins) + 1
    last = text.find("\n", max(ends - 1, begins))
    return text[:line] + (text[last + 1 :] if last >= 0 else "")


# ------------------------------------------------------------------------------------------------ values
WORDS = """
none|account|outside|rest|payer|provider|investor|loan|starters|completers|offered|yes|no|true|always|so far|otherwise
drawn|all|cohort|total|average|improvement|relative_improvement|event|score|money|days|count|year|month|upfront|grant
""".strip().replace("\n", "|").split("|")  # fmt: skip
OTHERS = """
""|[]|{}|[1, 2]|[[1, 2], [3, 4]]|{a: 1}|{value: 3}|{value: 3, source: X}|{normal: {mean: 1, sd: 1}}|~|null|*a|&a x
!!str 5|{uniform: {low: 0, high: 9}}|{beta: {mean: 10 %, sd: 1 %}}|{2020: 1, 2021: 2}|[2027, 2028]|above 5|at least 3 %
below 0|{every: year, from: 2027, until: 2030}|{half_life: 2 years}|{payer: 50 %, provider: rest}|{fixed: 50 %}
{rct: 10}|{matched: 10, bias: 5 %}|{per_year: 5 %}|{ratio: 2}|happened|not happened|{total: 1 m}|{irr: 5 %}
{discrete: [[1, 100 %]]}
""".strip().replace("\n", "|").split("|")  # fmt: skip
EXTREMES = """
0|-1|1|0.000000001|-0.000000001|999 999 999|1 000 000 bn|-1 000 000 bn|0 %|100 %|-100 %|1 000 000 %|0.0001 %|99.9999 %
1 k|1 m|1 bn|0 months|1 day|1 month|99 years|100 years|101 years|999999 years|1900-01|2199-12-31|9999-12-31|2020-02-30
1e308|1e-308|.inf|.nan|00|1_000|1,5|5 EUR|5 MSEK|12:30:45
""".strip().replace("\n", "|").split("|")  # fmt: skip
SYMBOLS = ("{", "[", "]", "}", "|", '"', "'", ":", "#", "-", ",", "%", "@", "&", "*", "!", "?", ">", "`")


def _other_value(text: str, spots: list[Entry], dice: random.Random) -> str:
    chosen = dice.random()
    if chosen < 0.3:
        return dice.choice(OTHERS)
    if chosen < 0.5:
        return dice.choice(WORDS)
    if chosen < 0.8:
        return dice.choice(EXTREMES)
    other = dice.choice(spots)
    return text[slice(*other.value)] if not _is_block(text, other) else other.path.rpartition(".")[2]


def _is_block(text: str, entry: Entry) -> bool:
    """Whether the value stands on lines of its own."""
    return "\n" in text[slice(*entry.value)]


# ------------------------------------------------------------------------------------------------ mutations
def _delete(text: str, spots: list[Entry], dice: random.Random) -> str:
    return without(text, dice.choice(spots))


def _duplicate(text: str, spots: list[Entry], dice: random.Random) -> str:
    entry = dice.choice(spots)
    whole = text[entry.begins : entry.ends].rstrip()
    if entry.is_flow:
        return text[: entry.begins] + whole + ", " + text[entry.begins :]
    line = text.rfind("\n", 0, entry.begins) + 1
    indent = text[line : entry.begins]
    return text[:line] + indent + whole + "\n" + text[line:]


def _retype(text: str, spots: list[Entry], dice: random.Random) -> str:
    entry = dice.choice(spots)
    begins, ends = entry.value
    tail = "\n" if text[begins:ends].endswith("\n") else ""
    return text[:begins] + _other_value(text, spots, dice) + tail + text[ends:]


def _swap(text: str, spots: list[Entry], dice: random.Random) -> str:
    flat = [spot for spot in spots if not _is_block(text, spot)]
    one, other = sorted((dice.choice(flat).value, dice.choice(flat).value))
    if one[1] > other[0]:  # one lies in the other
        return text[: one[0]] + text[slice(*other)] + text[one[1] :]
    return text[: one[0]] + text[slice(*other)] + text[one[1] : other[0]] + text[slice(*one)] + text[other[1] :]


def _extreme(text: str, spots: list[Entry], dice: random.Random) -> str:
    """A scalar in which a number stands, with an extreme one in place of the number or of all."""
    scalars = [spot for spot in spots if re.fullmatch(r"[-\d. ]+(%|[a-zA-Z]*)", text[slice(*spot.value)])]
    entry = dice.choice(scalars or spots)
    begins, ends = entry.value
    found = text[begins:ends]
    if dice.random() < 0.5:
        return text[:begins] + dice.choice(EXTREMES) + text[ends:]
    factor = dice.choice(("0", "-1", "0.001", "1000", "1 000 000", "7", "100", "0.5"))
    return text[:begins] + re.sub(r"-?\d[\d ]*(\.\d+)?", factor, found, count=1) + text[ends:]


def _rename(text: str, spots: list[Entry], dice: random.Random) -> str:
    """A key under another name: of the file, misspelt, or of the language."""
    keyed = [spot for spot in spots if not spot.is_item]
    entry = dice.choice(keyed)
    name = entry.path.rpartition(".")[2]
    other = dice.choice(
        (dice.choice(keyed).path.rpartition(".")[2], name[:-1] or "x", name + name[-1], dice.choice(WORDS))
    )
    ends = entry.begins + len(name)
    return text[: entry.begins] + other + text[ends:]


def _lines(text: str, spots: list[Entry], dice: random.Random) -> str:
    """A line taken out, doubled, moved, or put in deeper."""
    lines = text.split("\n")
    place, kind = dice.randrange(len(lines)), dice.randrange(4)
    if kind == 0:
        del lines[place]
    elif kind == 1:
        lines.insert(place, lines[place])
    elif kind == 2:
        lines.insert(dice.randrange(len(lines)), lines.pop(place))
    else:
        lines[place] = "  " + lines[place] if dice.random() < 0.5 else lines[place].lstrip()
    return "\n".join(lines)


def _symbols(text: str, spots: list[Entry], dice: random.Random) -> str:
    """A character put in, taken out or exchanged, or the file cut off."""
    place, kind = dice.randrange(len(text)), dice.randrange(5)
    symbol = dice.choice([*SYMBOLS, "\t", "\u00a0", "\u2212", "é", "\x00", "\ufeff", "x" * 2000])
    if kind == 0:
        return text[:place]
    return text[:place] + (symbol if kind < 4 else "") + text[place + (kind > 1) :]


MUTATIONS: dict[str, Callable[[str, list[Entry], random.Random], str]] = {
    "delete": _delete,
    "duplicate": _duplicate,
    "retype": _retype,
    "swap": _swap,
    "extreme": _extreme,
    "rename": _rename,
    "lines": _lines,
    "symbols": _symbols,
}
WEIGHTS = (3, 1, 3, 3, 7, 1, 1, 1)


def mutant(dice: random.Random) -> tuple[Path, str, str]:
    """A source, what was done to it, and the text that came of it."""
    source = dice.choice(SOURCES)
    return source, *mutated(source.read_text(encoding="utf-8"), dice.choice((1, 1, 1, 1, 2)), dice)


def mutated(text: str, times: int, dice: random.Random) -> tuple[str, str]:
    """What was done to a text, and what came of it."""
    done = []
    for _ in range(times):
        try:
            spots = entries(text)
        except yaml.YAMLError:
            break
        if not spots:
            break
        (name,) = dice.choices(list(MUTATIONS), WEIGHTS)
        text = MUTATIONS[name](text, spots, dice)
        done.append(name)
    return " ".join(done), text


# ------------------------------------------------------------------------------------------------ results
def small_run(scenario: Scenario) -> dict[Any, Any]:
    """Every number of one replicate: what the metrics are made of."""
    return dict(_block(Run(scenario, 1, 1, "lattice"), begin(scenario, Streams(1, range(1)))))


def stages(scenario: Scenario) -> Iterator[dict[Any, Any]]:
    """The numbers of `small_run` in the order in which they are worked out: who finds a difference need not go on."""
    run, context = Run(scenario, 1, 1, "lattice"), begin(scenario, Streams(1, range(1)))
    yield {("#input", i.name): context.inputs[i.name] for i in scenario.inputs}
    world = future(context)
    table = {**_truths(world), **_reports(world), **tabulate_payments(world.settlement)}
    table.update(tabulate_events(context, world.flows, world.settlement))
    yield {**table, **tabulate_queues(world.flows)}
    table = dict(tabulate(context, world.settlement, world.benefits))
    table.update({("#clipped", place): share for place, share in context.clipped.items()})
    yield {**table, **{("#layer", layer): 1.0 for layer in context.layers}}
    if _says_what_would_be(run.scenario):
        idle = replace(context, is_effect_off=True, clipped={}, layers=set())
        paid = _payments_only(idle, {name: flow.planned for name, flow in world.flows.items()})
        yield {(party, "payment_without_effect"): amount for party, amount in paid.items()}


def same(a: dict[Any, Any], b: dict[Any, Any]) -> bool:
    """Whether two small runs agree in every number of every future."""
    return a.keys() == b.keys() and all(np.array_equal(a[key], b[key], equal_nan=True) for key in a)


def terms(scenario: Scenario) -> dict[str, Any]:
    """What a scenario says that can change a number: not its labels, nor where its figures come from."""
    labels = ("name", "title", "file", "sha256", "sources", "evidence", "warnings", "available_options", "actuals")
    found = {key: value for key, value in vars(scenario).items() if key not in (*labels, "price_year", "options")}
    found["inputs"] = tuple((i.name, i.distribution, i.unit, i.dimension) for i in scenario.inputs)
    found["parties"] = tuple((p.id, p.cash, p.discount_rate, p.pays_at_most) for p in scenario.parties)
    return found


def read(text: str, folder: Path, name: str = "mutant.yaml") -> Scenario:
    """The scenario of a text; ScenarioError if it is wrong."""
    return load(written(text, folder, name))


def written(text: str, folder: Path, name: str = "mutant.yaml") -> Path:
    """The file of a text, with the tables that it may read beside it."""
    for table in BESIDE:
        if not (folder / table.name).exists():
            shutil.copy(table, folder)
    path = folder / name
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    return path


# ------------------------------------------------------------------------------------------------ what may come of it
class Fault(AssertionError):
    """Something that no file may bring about."""


def verdict(text: str, folder: Path, is_run: bool, seconds: float = 20.0) -> str:
    """What becomes of a text: refused, read, run, or refused when it was run. Fault for anything else.

    If it is to be run, all its options are read, too.
    """
    path = written(text, folder)
    began = time.process_time()
    with _within(seconds):
        try:
            scenario = check_file(path) if is_run else load(path)
        except ScenarioError as error:
            if not error.problems or not all(problem.message for problem in error.problems):
                raise Fault("refused without saying why") from error
            return "refused"
        except Exception as error:
            raise Fault(f"reading: {type(error).__name__}: {error}") from error
        if time.process_time() - began > MOST_READING:
            raise Fault(f"reading took {time.process_time() - began:.1f} s")
        if not is_run:
            return "read"
        try:
            results = small_run(scenario)
        except (ModelError, ScenarioError):
            return "refused when run"
        except Exception as error:
            raise Fault(f"running: {type(error).__name__}: {error}") from error
    wrong = [key for key, value in results.items() if key[-1] in NEVER_UNKNOWN and not np.all(np.isfinite(value))]
    if wrong:
        raise Fault(f"not a number: {wrong[:3]}")
    return "run"


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Fault if it takes longer."""

    def late(number: int, frame: Any) -> None:
        raise Fault(f"took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
