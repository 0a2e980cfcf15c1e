"""Made-up finance, settled twice: by sibsim and by a few dozen lines of plain Python on single numbers.

Every mechanism of the account at once: draws on dates, ranks, interest, caps of tranches, recycling, limits of payers,
money back to them, several guarantees, and a stop of draws or of everything.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

from sibsim.simulate import Future
from tests.support import HEAD, deal, filled, world

YEARS = 6
NO_LIMIT = 1e9


@dataclass
class Loan:
    """A tranche and what of it is drawn, owed and received."""

    name: str
    by: str
    amount: float
    rank: int
    rate: float
    kind: str
    drawn: str | dict[int, float]
    cap: dict[str, float]
    is_dedicated: bool = False
    lent: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    got: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    principal: float = 0.0
    interest: float = 0.0

    @property
    def out(self) -> float:
        return sum(self.lent.values())

    @property
    def back(self) -> float:
        return sum(self.got.values())

    def room(self, year: int) -> float:
        """What it may still get under its own cap."""
        most = NO_LIMIT
        if "multiple" in self.cap:
            most = min(most, self.cap["multiple"] * self.out - self.back)
        if "irr" in self.cap:
            grows = 1 + self.cap["irr"]
            worth = sum((self.lent[y] - self.got[y]) * grows ** (year - y) for y in {*self.lent, *self.got})
            most = min(most, worth)
        return max(most, 0.0)


@dataclass
class Terms:
    """One made-up contract."""

    loans: list[Loan]
    fees: dict[str, tuple[dict[int, float], str, float]]
    """By payment: amounts by year (below 0: back to the payers), where to, and the fund's share."""
    limits: dict[str, float]
    costs: dict[int, float]
    team: float
    """A cost spread over all years but the last."""
    recycle: float | None
    distribute: list[int] | None
    surplus: dict[str, float]
    guarantees: list[tuple[list[str], float, float, float]]
    stops: tuple[str, int] | None

    @property
    def last(self) -> int:
        dated = [y for amounts, _, _ in self.fees.values() for y in amounts] + list(self.costs) + [YEARS - 1]
        drawn = [y for loan in self.loans if isinstance(loan.drawn, dict) for y in loan.drawn]
        return max(dated + drawn + (self.distribute or []))


def loan(rng: random.Random, number: int) -> Loan:
    dates = {y: float(rng.randrange(5, 40)) for y in rng.sample(range(YEARS), 2)}
    amount = float(rng.randrange(20, 120, 10))
    amount = max(amount, sum(dates.values()))
    cap = rng.choice([{}, {}, {"irr": 0.06}, {"multiple": 1.2}, {"irr": 0.1, "multiple": 1.3}])
    return Loan(
        f"t{number}",
        rng.choice(["investor", "lender"]),
        amount,
        rng.randrange(1, 4),
        rng.choice([0.0, 0.04, 0.1]),
        "loan" if number == 0 or rng.random() < 0.8 else "grant",
        rng.choice(["as needed", "upfront", dates]),
        cap,
    )


def made_up(seed: int) -> Terms:
    rng = random.Random(seed)
    loans = [loan(rng, i) for i in range(rng.randrange(1, 4))]
    for one in loans:
        one.cap = one.cap if one.kind == "loan" else {}
    fees = {}
    for i in range(rng.randrange(1, 4)):
        amounts = {rng.randrange(1, YEARS + 1): float(rng.randrange(-60, 150)) for _ in range(3)}
        fees[f"p{i}"] = (amounts, rng.choice(["account", "account", "provider"]), rng.choice([0.0, 0.4]))
    lenders = [one for one in loans if one.kind == "loan"]
    if len(lenders) > 1 and rng.random() < 0.6:
        lenders[-1].is_dedicated = True
        fees["straight"] = (
            {y: float(rng.randrange(-20, 90)) for y in rng.sample(range(1, YEARS), 2)},
            lenders[-1].name,
            0,
        )
    names = [one.name for one in lenders]
    surplus = rng.choice([{}, {}, {"city": 1.0}, {names[0]: 0.5, "provider": 0.3, names[-1] + "*": 0.2}])
    surplus = {k.rstrip("*"): s for k, s in surplus.items()} if len(names) > 1 else {}
    return Terms(
        loans,
        fees,
        {who: most for who, most in (("fund", 25.0), ("payer", 140.0)) if rng.random() < 0.4},
        {rng.randrange(YEARS + 1): float(rng.randrange(5, 60)) for _ in range(3)},
        rng.choice([0.0, 12.0]),
        rng.choice([None, 1, 2, 100]),
        sorted(rng.sample(range(YEARS), 2)) if rng.random() < 0.4 else None,
        surplus,
        [([rng.choice(names)], 0.0, 0.5, NO_LIMIT), (names[:2], 5.0, 1.0, 30.0), (["payer"], 20.0, 0.5, 15.0)],
        rng.choice([None, None, ("draws", 2), ("everything", 3), ("everything", 0)]),
    )


# ------------------------------------------------------------------------------------------------ as a file
def day(year: int) -> str:
    return f"{2020 + year}-01"


def by_date(amounts: dict[int, float]) -> str:
    return "{" + ", ".join(f"{day(y)}: {a:g}" for y, a in sorted(amounts.items())) + "}"


def as_text(c: Terms, is_uncertain: bool = False) -> str:
    def tranche(t: Loan) -> str:
        drawn = by_date(t.drawn) if isinstance(t.drawn, dict) else t.drawn
        cap = ", ".join(f"{k}: {100 * v:g} %" if k == "irr" else f"{k}: {v:g}" for k, v in t.cap.items())
        cap = f", cap: {{{cap}}}" if cap else ""
        return (
            f"{t.name}: {{by: {t.by}, amount: {t.amount:g}, rank: {t.rank}, rate: {100 * t.rate:g} %, kind: {t.kind},"
            f" drawn: {drawn}{cap}}}"
        )

    def fee(name: str) -> str:
        amounts, to, share = c.fees[name]
        by = f"{{fund: {100 * share:g} %, payer: rest}}" if share else "payer"
        dates = ", ".join(day(y) for y in sorted(amounts))
        per_unit = by_date({y: a / 10 for y, a in amounts.items()})  # x is 10
        return f"{name}: {{measure: x, per_unit: {per_unit}, at: [{dates}], to: {to}, by: {by}}}"

    covers = [
        f"g{i}: {{by: guarantor, covers: [{', '.join(names)}], over: {over:g}, share: {100 * share:g} %"
        + (f", up_to: {most:g}}}" if most < NO_LIMIT else "}")
        for i, (names, over, share, most) in enumerate(c.guarantees)
    ]
    recycle = {None: "none", 100: "all"}.get(c.recycle, f"{c.recycle} years")
    finance = [f"tranches: {{{', '.join(tranche(t) for t in c.loans)}}}", f"recycle: {recycle}", "shortfall: city"]
    finance += [f"guarantees: {{{', '.join(covers)}}}"]
    if c.distribute is not None:
        finance.append(f"distribute: [{', '.join(day(y) for y in c.distribute)}]")
    if c.surplus:
        finance.append("surplus: {" + ", ".join(f"{k}: {100 * s:g} %" for k, s in c.surplus.items()) + "}")
    dates = ", ".join(day(y) for y in sorted(c.costs))
    costs = [f"dated: {{amount: {by_date(c.costs)}, at: [{dates}]}}"]
    costs += [f"team: {{amount: {c.team * YEARS:g}, over: {YEARS} years}}"]
    head = HEAD
    for who, name in (("payer", "P"), ("fund", "F")):
        if who in c.limits:
            head = head.replace(f"{who}: {name}", f"{who}: {{name: {name}, pays_at_most: {c.limits[who]:g}}}")
    sections: dict[str, str] = {
        "contract": "{payments: {" + ", ".join(fee(n) for n in c.fees) + "}}",
        "costs": "{" + ", ".join(costs) + "}",
        "finance": "{" + ", ".join(finance) + "}",
    }
    if c.stops:
        chance = "50 %" if is_uncertain else "100 %"
        sections["events"] = f"{{stop: {{at: {day(c.stops[1])}, chance: {chance}, stops: [{c.stops[0]}]}}}}"
    if is_uncertain:
        sections["inputs"] = "{level: {uniform: {low: 0, high: 20}}}"
        sections["outcomes"] = "{found: {type: score, each: cohort, better: more, over: 1 year, with: level}}"
        sections["measures"] = "{x: {of: found, as: average}}"
    return deal(head, **sections)


# ------------------------------------------------------------------------------------------------ by hand
class Settled:
    """The same contract on single numbers, by the numbered steps of the language."""

    def __init__(self, c: Terms) -> None:
        self.c = c
        self.net: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self.capital = self.receipts = 0.0
        self.paid_in: dict[str, float] = defaultdict(float)
        self.used: dict[str, float] = defaultdict(float)
        self.spent: dict[str, float] = defaultdict(float)
        """What a party paid under the contract, for costs and as a shortfall, less what it got back of that."""
        what, when = c.stops or ("", NO_LIMIT)
        self.last = min(c.last, int(when)) if what == "everything" else c.last
        for year in range(self.last + 1):
            self.year = year
            self.are_draws_stopped = bool(what) and year >= when
            self.is_served = not (what == "everything" and year >= when)
            self.one_year()

    def move(self, source: str, target: str, amount: float) -> None:
        self.net[source][self.year] -= amount
        self.net[target][self.year] += amount

    def draw(self, t: Loan, amount: float) -> None:
        t.lent[self.year] += amount
        t.principal += amount if t.kind == "loan" else 0.0
        self.capital += amount
        self.move(t.by, "account", amount)

    def give(self, t: Loan, source: str, amount: float) -> None:
        self.move(source, t.by, amount)
        t.got[self.year] += amount
        interest = min(t.interest, amount)
        t.interest -= interest
        t.principal -= min(t.principal, amount - interest)

    def one_year(self) -> None:
        c, year = self.c, self.year
        for t in c.loans:
            t.interest += (t.principal + t.interest) * t.rate if year else 0.0
            wanted = (
                t.drawn.get(year, 0.0) if isinstance(t.drawn, dict) else t.amount * (t.drawn == "upfront" and not year)
            )
            self.draw(t, 0.0 if self.are_draws_stopped else min(wanted, t.amount - t.out))
        for name in c.fees:
            self.pay(name)
        self.cost(c.costs.get(year, 0.0))
        self.cost(c.team if self.is_served and year < YEARS else 0.0)
        if year == self.last or c.distribute is None or year in c.distribute:
            self.distribute()
        if year == self.last:
            self.guarantees()

    # -------------------------------------------------------------------------------------------- payments
    def pay(self, name: str) -> None:
        amounts, to, share = self.c.fees[name]
        amount = amounts.get(self.year, 0.0)
        shares = {"fund": share, "payer": 1 - share} if share else {"payer": 1.0}
        if amount < 0:
            self.back(-amount, to, shares)
            return
        straight = [t for t in self.c.loans if t.name == to]
        amount = min(amount, straight[0].room(self.year)) if straight else amount
        passed = 0.0
        for who, part in shares.items():
            wanted = amount * part + (passed if who == "payer" else 0.0)
            pays = min(wanted, self.c.limits.get(who, NO_LIMIT) - self.used[who])
            passed = wanted - pays
            self.used[who] += pays
            self.spent[who] += pays
            if straight:
                self.give(straight[0], who, pays)
            else:
                self.move(who, to, pays)
            if to == "account":
                self.receipts += pays
                self.paid_in[who] += pays

    def back(self, amount: float, to: str, shares: dict[str, float]) -> None:
        sources: dict[str, float] = {}
        lenders: list[tuple[Loan, float]] = []
        if to == "account":
            receipts = min(amount, self.receipts)
            capital = min(amount - receipts, self.capital)
            self.receipts, self.capital = self.receipts - receipts, self.capital - capital
            sources["account"] = receipts + capital
            left = amount - receipts - capital
            loans = [t for t in self.c.loans if t.kind == "loan" and not t.is_dedicated]
            drawn = sum(t.out for t in loans)
            lenders = [(t, left * t.out / drawn) for t in loans] if drawn else []
            sources["city"] = 0.0 if drawn else left
        elif to == "provider":
            sources["provider"] = amount
        else:
            lenders = [(t, amount) for t in self.c.loans if t.name == to]
        for who, part in shares.items():
            for source, money in sources.items():
                self.move(source, who, money * part)
                self.paid_in[who] -= money * part if source == "account" else 0.0
                self.spent[who] -= money * part
            for t, money in lenders:
                self.move(t.by, who, money * part)
                t.got[self.year] -= money * part
                self.spent[who] -= money * part

    # -------------------------------------------------------------------------------------------- costs
    def cost(self, amount: float) -> None:
        need = max(amount - self.capital, 0.0)
        if self.c.recycle is not None:
            recycled = min(need, self.receipts)
            self.receipts, self.capital, need = self.receipts - recycled, self.capital + recycled, need - recycled
        for kind in ("grant", "loan"):
            open_ = [
                t for t in self.c.loans if t.kind == kind and t.drawn == "as needed" and not self.are_draws_stopped
            ]
            undrawn = {t.name: t.amount - t.out for t in open_}
            total = sum(undrawn.values())
            new = min(need, total)
            for t in open_ if total > 0 else ():
                self.draw(t, new * undrawn[t.name] / total)
            need -= new
        spent = min(amount, self.capital)
        self.capital -= spent
        self.move("account", "provider", spent)
        self.move("city", "provider", amount - spent)
        self.spent["city"] += amount - spent

    def kept(self) -> float:
        if self.c.recycle is None or self.year == self.last:
            return 0.0
        ahead = range(self.year + 1, int(self.year + self.c.recycle) + 1)
        planned = sum(self.c.costs.get(y, 0.0) + (self.c.team if y < YEARS else 0.0) for y in ahead)
        return min(max(planned - self.capital, 0.0), self.receipts)

    # -------------------------------------------------------------------------------------------- money out
    def distribute(self) -> None:
        kept = self.kept()
        money, self.receipts = self.receipts - kept, kept
        if self.year == self.last:
            money, self.capital = money + self.capital, 0.0
        claims = [t for t in self.c.loans if t.kind == "loan" and not t.is_dedicated]
        for rank in sorted({t.rank for t in claims}):
            for what in ("interest", "principal"):
                of_rank = [t for t in claims if t.rank == rank]
                for _ in of_rank:  # by what is owed; what one has no room for, the others get
                    owed = {t.name: getattr(t, what) for t in of_rank if t.room(self.year) > 1e-9}
                    total = sum(owed.values())
                    out = min(money, total)
                    for t in of_rank:
                        if total > 0 and owed.get(t.name):
                            part = min(out * owed[t.name] / total, t.room(self.year))
                            self.give(t, "account", part)
                            money -= part
        drawn = sum(t.out for t in claims)
        shares = self.c.surplus or ({t.name: t.out / drawn for t in claims} if drawn else {"provider": 1.0})
        for _ in range(5):  # what one has no room for, the others get
            rooms = {n: t.room(self.year) for n in shares for t in self.c.loans if t.name == n}
            weights = {n: s for n, s in shares.items() if s > 0 and rooms.get(n, NO_LIMIT) > 1e-9}
            total, out = sum(weights.values()), money
            for n, s in weights.items():
                part = min(out * s / total, rooms.get(n, NO_LIMIT))
                money -= part
                if n in rooms:
                    self.give(next(t for t in self.c.loans if t.name == n), "account", part)
                else:
                    self.move("account", n, part)
        paid_in = {who: max(amount, 0.0) for who, amount in self.paid_in.items()}
        total = sum(paid_in.values())
        if not total:
            self.move("account", "provider", money)
            return
        for who, amount in paid_in.items():
            self.move("account", who, money * amount / total)
            self.paid_in[who] -= money * amount / total
            self.spent[who] -= money * amount / total

    def guarantees(self) -> None:
        for names, over, share, most in self.c.guarantees:
            tranches = {t.name: t for t in self.c.loans}
            losses = {
                n: max(tranches[n].out - tranches[n].back if n in tranches else self.spent[n], 0.0) for n in names
            }
            total = sum(losses.values())
            call = min(share * max(total - over, 0.0), most)
            for name, loss in losses.items():
                part = call * loss / total if total else 0.0
                if name in tranches:
                    self.give(tranches[name], "guarantor", part)
                else:
                    self.move("guarantor", name, part)
                    self.spent[name] -= part


@cache
def future_of(seed: int, is_uncertain: bool = False) -> Future:
    return world(as_text(made_up(seed), is_uncertain), replicates=1)


def ledger_of(one: Future, draw: int = 0) -> dict[str, dict[int, float]]:
    """Every party's net flow by year in one future, added up here."""
    net: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for entry in one.settlement.ledger:
        for year, amounts in entry.amounts.items():
            amount = float(filled(amounts, 1024)[draw])
            assert amount >= -1e-9, entry
            net[entry.source][year] -= amount
            net[entry.target][year] += amount
    balance = np.cumsum([net["account"].get(year, 0.0) for year in range(YEARS + 2)])
    assert balance.min() >= -1e-9, "the account paid what it did not have"
    assert abs(balance[-1]) <= 1e-9, "money was left on the account"
    return net


def agree(got: dict[str, dict[int, float]], expected: dict[str, dict[int, float]]) -> None:
    for party in {*got, *expected}:
        for year in range(YEARS + 2):
            mine, theirs = expected[party].get(year, 0.0), got[party].get(year, 0.0)
            assert theirs == pytest.approx(mine, abs=1e-6), (party, year)


@pytest.mark.parametrize("seed", range(80))
def test_made_up_finance_settles_the_same_twice(seed: int) -> None:
    agree(ledger_of(future_of(seed)), Settled(made_up(seed)).net)


@pytest.mark.parametrize("seed", range(100, 130))
def test_each_of_many_futures_settles_as_it_would_alone(seed: int) -> None:
    """What is paid is uncertain, and the stop comes in half of the futures: each is settled again by itself."""
    one = future_of(seed, is_uncertain=True)
    paid_per_unit = filled(one.reports["x"][0].value, 1024)
    events = one.settlement.events
    for draw in range(0, 1024, 100):
        c = made_up(seed)
        c.fees = {
            name: ({y: a * paid_per_unit[draw] / 10 for y, a in amounts.items()}, to, share)
            for name, (amounts, to, share) in c.fees.items()
        }
        if c.stops and (events is None or events.when["stop"][draw] > YEARS + 1):
            c.stops = None
        agree(ledger_of(one, draw), Settled(c).net)


def test_the_made_up_contracts_use_every_mechanism() -> None:
    """What the tests above compare is not empty: each mechanism moves money in some of their contracts."""
    kinds: dict[str, int] = defaultdict(int)
    for seed in range(80):
        one = future_of(seed)
        seen: set[Any] = {entry.kind for entry in one.settlement.ledger}
        seen |= {"cut" for total in one.settlement.book.totals.values() if np.any(np.asarray(total.cut) > 1e-9)}
        for kind in seen:
            kinds[kind] += 1
    wanted = {
        "payment",
        "cost",
        "draw",
        "repayment",
        "surplus",
        "guarantee",
        "shortfall",
        "money back",
        "refund",
        "cut",
    }
    assert {k for k in wanted if kinds[k] >= 8} == wanted, dict(kinds)
