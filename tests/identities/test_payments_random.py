"""Payments made up at random, of all shapes and terms: worked out a second time, kept within bounds, never falling.

Each file has a few payments on readings that differ from draw to draw. What each pays is worked out here again,
plainly, draw by draw. Then everything gets better in the same futures: terms that only rise never pay less.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from tests.identities.test_settle_is_simulate import check_same
from tests.support import HEAD, scenario, world

DRAWS = 64
BASE = 400.0
SIZES = {"c1": 100.0, "c2": 300.0}
FILE = (
    HEAD
    + """
inputs: {a: {uniform: {low: -10, high: 20}, status: assumed}, b: {uniform: {low: -4, high: 12}, status: assumed}}
participants: {cohorts: {c1: {size: 100}, c2: {size: 300}}}
outcomes:
  first: {type: score, each: cohort, better: more, over: 1 year, with: a}
  second: {type: score, each: cohort, better: more, over: 1 year, with: b}
measures:
  x: {of: first, as: average, covers: to date, error: 3, reported: [2021-01, 2022-01, 2023-01]}
  e: {of: first, as: average, covers: to date, error: 3, reported: [2021-01, 2022-01, 2023-01], for_each: cohort}
  r: {of: first, as: average, covers: to date, error: 3, reported: [2021-01, 2022-01, 2023-01], round: 2}
  s: {of: first, as: average, covers: to date, error: 3, reported: [2021-01, 2022-01, 2023-01], short_of: 8}
  n: {of: second, as: average, covers: to date, error: 2, reported: [2021-01, 2022-01, 2023-01]}
  m: {of: second, as: average, covers: to date, error: 2, reported: [2021-01, 2022-01, 2023-01], for_each: cohort}
  w: {weighted: {x: 60 %, n: 40 %}, round: {to: 0.5, direction: down}}
  g: {goals: [{x: above 2}, {n: at least 3}]}
contract: {payments: {PAYMENTS} CONTRACT}
"""
)
EACH = ("e", "m")
FALLING = ("s",)
"""What is reported falls when things get better."""


# ------------------------------------------------------------------------------------------------ made up
@dataclass
class Terms:
    """One payment: a shape on a measure, with what else its terms say."""

    name: str
    measure: str
    shape: str
    parameter: object
    band: tuple[float | None, float | None] | None = None
    times: str | None = None
    index: float = 0.0
    split: bool = False
    floor: float | None = None
    round: tuple[float, str] | None = None
    cumulative: bool = False
    less: list[str] = field(default_factory=list)
    cap: dict[str, float] = field(default_factory=dict)
    lines: list[tuple[str, str, float]] = field(default_factory=list)

    @property
    def keys(self) -> list[str | None]:
        return ["c1", "c2"] if self.measure in EACH else [None]

    @property
    def only_rises(self) -> bool:
        """Whether its terms say that it never pays less for more: in the shape, in every key beside it."""
        if self.measure in FALLING or any(word in ("below", "at most") for _, word, _ in self.lines):
            return False
        if self.less or (self.cumulative and self.lines):  # a better reading may let a lower sum to date count
            return False
        if any(name.startswith("p") or name in FALLING for name, _, _ in self.lines):
            return False
        if isinstance(self.parameter, list):
            pays = [pay for _, _, pay in self.parameter]
            pays = pays if self.parameter[0][0] is None else [0.0, *pays]
            return pays == sorted(pays) and not (self.times and min(pays) < 0)
        return self.parameter >= 0  # type: ignore[operator]

    def text(self) -> str:
        terms = [f"measure: {self.measure}", f"{self.shape}: {self._shape()}"]
        if any("%" in one for one in terms):
            terms.append(f"of: {BASE:g}")
        ends = None if self.band is None else ["none" if end is None else f"{end:g}" for end in self.band]
        terms += [f"band: [{', '.join(ends)}]"] if ends else []
        terms += [f"times: {self.times}"] if self.times else []
        terms += [f"index: {100 * self.index:g} %"] if self.index else []
        terms += ["split: size"] if self.split else []
        terms += [f"floor: {self.floor:g}"] if self.floor is not None else []
        terms += [f"round: {{to: {self.round[0]:g}, direction: {self.round[1]}}}"] if self.round else []
        terms += ["cumulative: true"] if self.cumulative else []
        terms += [f"less: [{', '.join(self.less)}]"] if self.less else []
        terms += [f"cap: {{{', '.join(f'{k}: {v:g}' for k, v in self.cap.items())}}}"] if self.cap else []
        tests = ", ".join(f"{name}: {word} {value:g}" for name, word, value in self.lines)
        terms += [f"if: {{{tests}}}"] if tests else []
        return f"{self.name}: {{{', '.join(terms)}}}"

    def _shape(self) -> str:
        if not isinstance(self.parameter, list):
            return f"{self.parameter:g}"
        rows = [("otherwise" if at is None else f"above {at:g}" if strict else f"{at:g}", pay)
                for at, strict, pay in self.parameter]  # fmt: skip
        return f"[{', '.join(f'[{at}, {100 * pay / BASE:g} %]' for at, pay in rows)}]"


def made_up(rng: random.Random, number: int) -> Terms:
    measure = rng.choice(["x", "e", "e", "r", "s", "w", "g"])
    shape = rng.choice(["per_unit", "steps", "line"])
    parameter: object = float(rng.choice([3.5, 12.25, -2]))
    if shape != "per_unit":
        lowest = rng.choice([0, 0, 0, -12, 20])
        pays = [rng.choice([8, 20, 36, 60, 90.8]) for _ in range(3)]
        pays = sorted(pays) if rng.random() < 0.7 else pays
        rows = [
            (at, shape == "steps" and rng.random() < 0.3, pay) for at, pay in zip((1.0, 4.0, 9.0), pays, strict=True)
        ]
        parameter = [(None, False, float(lowest)), *rows]
    terms = Terms(f"p{number}", measure, shape, parameter)
    is_each = measure in EACH
    if rng.random() < 0.3:
        terms.band = rng.choice([(2.0, 8.0), (None, 7.0), (1.0, None)])
    if rng.random() < 0.35:
        terms.times = rng.choice(["n", "g", "w", *(["m"] if is_each else [])])
    terms.index = rng.choice([0.0, 0.0, 0.03])
    terms.split = is_each and rng.random() < 0.3
    terms.floor = rng.choice([None, None, 5.0, 11.5])
    terms.round = rng.choice([None, (1.0, "nearest"), (10.0, "down"), (2.5, "up"), (0.01, "nearest")])
    if rng.random() < 0.4:
        terms.lines.append((rng.choice("xnrse"), rng.choice(["at least", "above", "below"]), 4.0))
    if number and rng.random() < 0.3:
        terms.lines.append((f"p{rng.randrange(number)}", rng.choice(["above", "at most"]), 0.0))
    terms.cumulative = not is_each and rng.random() < 0.25
    caps = {"total": 150.0, "per_year": 60.0} | ({"per_cohort": 70.0} if is_each else {})
    wanted = ["total"] if terms.cumulative else [key for key in caps if rng.random() < 0.3]
    terms.cap = {key: caps[key] for key in wanted if rng.random() < 0.8}
    return terms


# ------------------------------------------------------------------------------------------------ worked out plainly
WORDS = {
    "at least": lambda x, c: x >= c - 1e-9,
    "above": lambda x, c: x > c + 1e-9,
    "below": lambda x, c: x < c - 1e-9,
    "at most": lambda x, c: x <= c + 1e-9,
}
WAYS = {"nearest": ROUND_HALF_UP, "down": ROUND_FLOOR, "up": ROUND_CEILING}


class Plain:
    """One draw of a contract: its readings, and what its payments pay, by the rules as they are written."""

    def __init__(self, contract: list[Terms], readings: dict[tuple[str, str | None, int], float]) -> None:
        self.contract, self.readings = contract, readings
        self.paid: dict[tuple[str, str | None], float] = defaultdict(float)
        self.by_year: dict[tuple[str, int], float] = defaultdict(float)
        self.to_date: dict[str, float] = defaultdict(float)

    def settle(self) -> dict[str, float]:
        for year in (1, 2, 3):
            for terms in self.contract:
                self._pay(terms, year)
        return {terms.name: self._sum(terms.name) for terms in self.contract}

    def _sum(self, name: str) -> float:
        return sum(amount for (of, _), amount in self.paid.items() if of == name)

    def _paid_by(self, name: str, key: str | None) -> float:
        is_of_cohort = key is not None and any(t.name == name and t.keys != [None] for t in self.contract)
        return self.paid[name, key] if is_of_cohort else self._sum(name)

    def _reading(self, name: str, key: str | None, year: int) -> float:
        return self.readings[name, key if name in EACH else None, year]

    def _pay(self, terms: Terms, year: int) -> None:
        due = {key: self._due(terms, key, year) for key in terms.keys}
        if "per_cohort" in terms.cap:
            due = {k: min(v, max(terms.cap["per_cohort"] - self.paid[terms.name, k], 0.0)) for k, v in due.items()}
        whole = allowed = sum(due.values())
        if "per_year" in terms.cap:
            allowed = min(allowed, max(terms.cap["per_year"] - self.by_year[terms.name, year], 0.0))
        if "total" in terms.cap:
            allowed = min(allowed, max(terms.cap["total"] - self._sum(terms.name), 0.0))
        if terms.cumulative and "total" in terms.cap:  # what is paid to date is what is due to date, under the cap
            allowed = min(self.to_date[terms.name], terms.cap["total"]) - self._sum(terms.name)
        self.by_year[terms.name, year] += allowed
        for key, amount in due.items():
            self.paid[terms.name, key] += amount * (allowed / whole if whole > 0 and not terms.cumulative else 1.0)
        if terms.cumulative:
            self.paid[terms.name, None] += allowed - whole

    def _due(self, terms: Terms, key: str | None, year: int) -> float:
        is_due = all(self._holds(line, key, year) for line in terms.lines)
        x = self._reading(terms.measure, key, year)
        if terms.band is not None:
            low, high = terms.band
            x = max(x, low) if low is not None else x
            x = min(x, high) if high is not None else x
            x -= low or 0.0
        amount = self._shape(terms, x)
        if terms.times:
            amount *= max(self._reading(terms.times, key, year), 0.0)
        amount *= (1.0 + terms.index) ** year
        if terms.split:
            amount *= SIZES[str(key)] / sum(SIZES.values())
        figures = [pay for _, _, pay in terms.parameter] if isinstance(terms.parameter, list) else [terms.parameter]
        if min(figures) >= 0:  # type: ignore[type-var]
            amount = max(amount, 0.0)
        if terms.floor is not None:
            amount = max(amount, terms.floor)
        if terms.round:
            to, way = terms.round
            parts = Decimal(repr(round(amount, 9))) / Decimal(repr(to))
            amount = float(parts.quantize(Decimal(1), rounding=WAYS[way]) * Decimal(repr(to)))
        amount -= sum(self._paid_by(name, key) for name in terms.less)
        if not terms.cumulative:
            return amount if is_due else 0.0
        before = self.to_date[terms.name]
        self.to_date[terms.name] = amount if is_due else before
        return self.to_date[terms.name] - before

    def _shape(self, terms: Terms, x: float) -> float:
        if not isinstance(terms.parameter, list):
            return max(x, 0.0) * float(terms.parameter)  # type: ignore[arg-type]
        pays = 0.0
        corners = [(at, pay) for at, _, pay in terms.parameter if at is not None]
        for at, strict, pay in terms.parameter:
            if at is None or WORDS["above" if strict else "at least"](x, at):
                pays = pay
        if terms.shape == "line" and x >= corners[0][0] - 1e-9:
            pays = float(np.interp(x, *zip(*corners, strict=True)))
        return pays

    def _holds(self, line: tuple[str, str, float], key: str | None, year: int) -> bool:
        name, word, value = line
        if name.startswith("p"):
            return bool(WORDS[word](self._paid_by(name, key), value))
        keys = ["c1", "c2"] if name in EACH and key is None else [key]
        return all(WORDS[word](self._reading(name, one, year), value) for one in keys)


# ------------------------------------------------------------------------------------------------ tests
def contract_of(seed: int) -> tuple[list[Terms], str]:
    rng = random.Random(seed)
    contract = [made_up(rng, number) for number in range(3)]
    also = random.Random(seed + 1000)
    for number, terms in enumerate(contract):  # less what one or two before it, or one after it, have paid
        if number and also.random() < 0.5:
            before = [one.name for one in contract[:number] if terms.keys == [None] or one.keys != [None]]
            terms.less = also.sample(before, also.randint(min(1, len(before)), len(before)))
    if also.random() < 0.3 and not contract[2].less and contract[0].keys == [None]:
        contract[0].less = ["p2"]
    rest = ""
    if rng.random() < 0.3:  # how every payment is rounded that does not say so itself
        rest = ", round: 5"
        for terms in contract:
            terms.round = terms.round or (5.0, "nearest")
    text = FILE.replace("PAYMENTS", ", ".join(terms.text() for terms in contract)).replace("CONTRACT", rest)
    return contract, text


def totals(text: str, *sets: str) -> tuple[dict[str, np.ndarray], dict[tuple[str, str | None, int], np.ndarray]]:
    """What each payment pays in each draw, within its bounds; and every reading."""
    found = world(text, replicates=1, sets=sets)
    book = found.settlement.book
    for total in book.totals.values():
        paid = np.asarray(total.paid)
        slack = 1e-7 * (1.0 + np.abs(paid))
        assert np.all(np.asarray(total.lowest.total) <= paid + slack)
        assert np.all(paid <= np.asarray(total.highest.total) + slack)
    lowest, highest = book.bounds()
    assert np.all(np.asarray(lowest) <= book.contract.paid + 1e-6)
    assert np.all(book.contract.paid <= np.asarray(highest) + 1e-6)
    paid = {name: np.broadcast_to(np.asarray(total.paid), (1024,)) for name, total in book.totals.items()}
    return paid, {(r.measure, r.cohort, r.column): np.asarray(r.value) for all_ in found.reports.values() for r in all_}


SEEDS = range(26)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_payment_pays_what_its_terms_say(seed: int) -> None:
    contract, text = contract_of(seed)
    paid, readings = totals(text)
    for draw in range(DRAWS):
        by_hand = Plain(contract, {key: float(value[draw]) for key, value in readings.items()}).settle()
        for name, amount in by_hand.items():
            assert paid[name][draw] == pytest.approx(amount, abs=1e-6), f"{name} in draw {draw} of {text}"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_payment_that_only_rises_never_pays_less_for_more(seed: int) -> None:
    """All readings are 0.7 and 0.4 higher in the same futures; what is short of something falls, all else rises."""
    contract, text = contract_of(seed)
    before, low = totals(text)
    after, high = totals(
        text, "inputs.a={uniform: {low: -9.3, high: 20.7}}", "inputs.b={uniform: {low: -3.6, high: 12.4}}"
    )
    for key, reading in low.items():
        assert np.all((high[key] >= reading - 1e-9) if key[0] not in FALLING else (high[key] <= reading + 1e-9))
    for terms in contract:
        if terms.only_rises:
            assert np.all(after[terms.name] >= before[terms.name] - 1e-6), terms.text()


def test_terms_of_both_kinds_come_up() -> None:
    made = [terms for seed in SEEDS for terms in contract_of(seed)[0]]
    assert 15 < sum(terms.only_rises for terms in made) < 63
    assert {terms.shape for terms in made} == {"per_unit", "steps", "line"}
    assert all(any(getattr(terms, key) for terms in made) for key in ("band", "times", "split", "round", "less"))
    assert any(terms.cumulative and terms.less for terms in made)


@pytest.mark.parametrize("seed", range(0, 26, 8))
def test_settled_on_what_came_they_pay_the_same(seed: int) -> None:
    check_same(scenario(contract_of(seed)[1]), (7, 512))


COHORTS = """
sibsim: 1
title: Cohorts that may not come
currency: SEK
start: 2020-01
step: year
parties: {payer: P, provider: D}
inputs: {rate: {uniform: {low: 1 %, high: 9 %}, status: assumed}}
participants:
  size: 100
  cohorts: {c1: {size: 80}, c2: {start: 2021-01, after: more money}, c3: {start: 2022-01}}
outcomes: {ill: {type: event, better: fewer, over: 1 year, without: 40 %, effect: {ratio: 0.8}}}
measures:
  fewer: {of: ill, as: relative_improvement, comparison: {matched: 200}, for_each: cohort, round: 1 %}
  late: {of: ill, as: relative_improvement, comparison: {matched: 200}, for_each: cohort, lag: 1 year}
  people: {of: starts, as: total, for_each: cohort}
  missing: {of: starts, as: total, reported: 2024-01, short_of: 250}
  pooled: {of: ill, as: relative_improvement, comparison: {matched: 200}, reported: 2024-01}
contract:
  payments:
    fee: {measure: fewer, line: [[otherwise, 0], [10 %, 60], [40 %, 90]], times: people, cap: {per_cohort: 5 k}}
    again: {measure: late, steps: [[5 %, 1 k]], if: {fee: at most 0}}
    pooled chance: {measure: fewer, steps: [[0 %, 2 k]], at: 2024-01, if: {fee: at most 0, pooled: at least 7 %}}
    bonus: {amount: 5 k, at: [2021-01, 2022-01, 2023-01, 2024-01], if: {fewer: at least 8 %}}
    better: {amount: 3 k, at: 2024-01, if: {late: above fewer}}
    gap: {measure: missing, per_unit: {product: [10, {annuity: {rate: rate, over: 3 years}}]}}
  round: 100
events:
  more money: {at: 2021-01, chance: 60 %}
  reform: {at: 2022-01, chance: 50 %, cancels: [c3]}
  dry: {at: [2022-01, 2023-01], if: {fewer: below 0 %}, chance: 70 %, stops: intake}
"""


def test_cohorts_that_do_not_come_are_left_out_alike() -> None:
    """In the simulation, and where one of its futures is settled: whoever came, whatever was cancelled."""
    check_same(scenario(COHORTS), tuple(range(0, 200, 15)))
    book = world(COHORTS, replicates=1).settlement.book
    paid = {name: np.broadcast_to(np.asarray(total.paid), (1024,)) for name, total in book.totals.items()}
    assert all(0.0 < np.mean(amounts > 0) < 1.0 for name, amounts in paid.items() if name != "gap"), paid
