"""Contracts made up at random, settled twice: by sibsim, and by the plain reading of the rules written out here."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from tests.support import HEAD, books, deal, in_turn, run

YEARS = 6


@dataclass
class Tranche:
    """A loan or a grant, and what of it is drawn and owed."""

    name: str
    by: str
    amount: float
    rank: int
    rate: float
    is_loan: bool
    is_upfront: bool
    is_dedicated: bool = False
    drawn: float = 0.0
    principal: float = 0.0
    interest: float = 0.0
    received: float = 0.0


@dataclass
class Contract:
    """The terms of one made-up contract."""

    tranches: list[Tranche]
    costs: dict[str, dict[int, float]]
    fees: dict[str, tuple[dict[int, float], str, float]]
    """By payment: amounts by year, where to, and its own cap."""
    cap: float
    per_year: float
    distribute: list[int]
    shortfall: str
    surplus: dict[str, float]
    over: float
    share: float
    net: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))


def made_up(seed: int) -> Contract:
    rng = random.Random(seed)
    tranches = [
        Tranche(
            f"t{i}",
            rng.choice(["investor", "lender", "fund"]),
            float(rng.randrange(20, 120, 10)),
            rng.randrange(1, 4),
            rng.choice([0.0, 0.04, 0.1]),
            i == 0 or rng.random() < 0.75,
            rng.random() < 0.4,
        )
        for i in range(rng.randrange(1, 5))
    ]
    loans = [t for t in tranches if t.is_loan]
    targets = ["account", "account", "account", "provider"]
    if len(loans) > 1:
        loans[-1].is_dedicated = True
    costs = {
        f"c{i}": {rng.randrange(YEARS): float(rng.randrange(5, 90)) for _ in range(2)}
        for i in range(rng.randrange(1, 4))
    }
    fees = {
        f"p{i}": (
            {rng.randrange(1, YEARS): float(rng.randrange(5, 150)) for _ in range(3)},
            rng.choice(targets),
            rng.choice([1e6, 60.0, 120.0]),
        )
        for i in range(rng.randrange(1, 4))
    }
    if loans[-1].is_dedicated:
        fees["straight"] = ({rng.randrange(1, YEARS): float(rng.randrange(5, 80))}, loans[-1].name, 1e6)
    return Contract(
        tranches,
        costs,
        fees,
        cap=rng.choice([1e6, 150.0, 300.0]),
        per_year=rng.choice([1e6, 90.0]),
        distribute=sorted(rng.sample(range(YEARS), 2)) if rng.random() < 0.5 else list(range(YEARS + 1)),
        shortfall=rng.choice(["payer", "city", "provider"]),
        surplus=rng.choice([{}, {"payer": 1.0}, {"provider": 0.3, "investor": 0.7}]),
        over=rng.choice([0.0, 15.0]),
        share=rng.choice([1.0, 0.5]),
    )


# ------------------------------------------------------------------------------------------------ as a file
def as_text(c: Contract) -> str:
    day = [f"{2020 + year}-01" for year in range(YEARS + 1)]
    rows = ", ".join(
        f"{t.name}: {{by: {t.by}, amount: {t.amount}, rank: {t.rank}, rate: {100 * t.rate:g} %,"
        f" kind: {'loan' if t.is_loan else 'grant'}, drawn: {'upfront' if t.is_upfront else 'as needed'}}}"
        for t in c.tranches
    )
    # a value over time, so that one payment has its own amount on each date
    payments = ", ".join(
        f"{name}: {{amount: {{{', '.join(f'{day[y]}: {a}' for y, a in sorted(amounts.items()))}}},"
        f" at: [{', '.join(day[y] for y in sorted(amounts))}], to: {to}, cap: {cap:g}}}".replace("1e+06", "1 m")
        for name, (amounts, to, cap) in c.fees.items()
    )
    costs = ", ".join(
        f"{name}: {{amount: {{{', '.join(f'{day[y]}: {a}' for y, a in sorted(amounts.items()))}}},"
        f" at: [{', '.join(day[y] for y in sorted(amounts))}]}}"
        for name, amounts in c.costs.items()
    )
    surplus = (
        f", surplus: {{{', '.join(f'{who}: {100 * s:g} %' for who, s in c.surplus.items())}}}" if c.surplus else ""
    )
    dates = "" if len(c.distribute) > YEARS else f", distribute: [{', '.join(day[y] for y in c.distribute)}]"
    covered = next(t.name for t in c.tranches if t.is_loan)
    guarantee = f"{{g: {{by: guarantor, covers: [{covered}], over: {c.over:g}, share: {100 * c.share:g} %}}}}"
    cap = f"{{total: {c.cap:g}, per_year: {c.per_year:g}}}".replace("1e+06", "1 m")
    return deal(
        HEAD,
        contract=f"{{payments: {{{payments}}}, cap: {cap}}}",
        costs=f"{{{costs}}}",
        finance=f"{{tranches: {{{rows}}}{dates}, shortfall: {c.shortfall}{surplus}, guarantees: {guarantee}}}",
    )


# ------------------------------------------------------------------------------------------------ by hand
def settled(c: Contract) -> dict[str, dict[int, float]]:
    """Every party's net flow by year, by the numbered steps of the language."""
    capital = receipts = 0.0
    paid = dict.fromkeys(c.fees, 0.0)
    last = max([*(y for f in (*c.costs.values(), *(f[0] for f in c.fees.values())) for y in f)])
    if len(c.distribute) <= YEARS:
        last = max(last, *c.distribute)

    def move(year: int, source: str, target: str, amount: float) -> None:
        c.net[source][year] -= amount
        c.net[target][year] += amount

    def draw(year: int, t: Tranche, amount: float) -> float:
        t.drawn += amount
        t.principal += amount if t.is_loan else 0.0
        move(year, t.by, "account", amount)
        return amount

    def repay(year: int, t: Tranche, source: str, amount: float) -> None:
        move(year, source, t.by, amount)
        t.received += amount
        interest = min(t.interest, amount)
        t.interest -= interest
        t.principal -= min(t.principal, amount - interest)

    for year in range(last + 1):
        for t in c.tranches:
            t.interest += (t.principal + t.interest) * t.rate if year else 0.0
            capital += draw(year, t, t.amount) if t.is_upfront and year == 0 else 0.0
        # payments: own cap, then the contract's, in proportion
        due = {n: min(a.get(year, 0.0), cap - paid[n]) for n, (a, _, cap) in c.fees.items() if year in a}
        together, allowed = sum(due.values()), min(sum(due.values()), c.per_year, c.cap - sum(paid.values()))
        for name in due:
            amount = due[name] * allowed / together if together else 0.0
            paid[name] += amount
            to = c.fees[name][1]
            straight = [t for t in c.tranches if t.name == to]
            if straight:
                repay(year, straight[0], "payer", amount)
            else:
                move(year, "payer", to, amount)
                receipts += amount if to == "account" else 0.0
        for amounts in c.costs.values():
            cost = amounts.get(year, 0.0)
            need = max(cost - capital, 0.0)
            for is_loan in (False, True):
                open_ = [t for t in c.tranches if t.is_loan == is_loan and not t.is_upfront]
                undrawn = {t.name: t.amount - t.drawn for t in open_}
                total = sum(undrawn.values())
                new = min(need, total)
                for t in open_ if total else ():
                    capital += draw(year, t, new * undrawn[t.name] / total)
                need -= new
            spent = min(cost, capital)
            capital -= spent
            move(year, "account", "provider", spent)
            move(year, c.shortfall, "provider", cost - spent)
        if year in c.distribute or year == last:
            money, receipts = receipts + (capital if year == last else 0.0), 0.0
            claims = [t for t in c.tranches if t.is_loan and not t.is_dedicated]
            for rank in sorted({t.rank for t in claims}):
                for what in ("interest", "principal"):
                    owed = {t.name: getattr(t, what) for t in claims if t.rank == rank}
                    total = sum(owed.values())
                    back = min(money, total)
                    for t in claims:
                        if t.name in owed and total:
                            repay(year, t, "account", back * owed[t.name] / total)
                    money -= back
            drawn = sum(t.drawn for t in claims)
            if c.surplus:
                for who, share in c.surplus.items():
                    move(year, "account", who, money * share)
            elif drawn:
                for t in claims:
                    repay(year, t, "account", money * t.drawn / drawn)
            else:
                move(year, "account", "provider", money)
    first = next(t for t in c.tranches if t.is_loan)
    move(last, "guarantor", first.by, c.share * max(max(first.drawn - first.received, 0.0) - c.over, 0.0))
    return c.net


@pytest.mark.parametrize("seed", in_turn(range(40), 2))
def test_a_made_up_contract_settles_the_same_twice(seed: int) -> None:
    got = books(run(as_text(made_up(seed))))
    expected = settled(made_up(seed))
    for party in {*got, *expected} - {"outside"}:
        flow = got[party][:, 0] if party in got else None
        dates = range(max(YEARS + 1, len(flow) if flow is not None else 0))
        mine = [expected[party].get(year, 0.0) for year in dates]
        theirs = [float(flow[y]) if flow is not None and y < len(flow) else 0.0 for y in dates]
        assert theirs == pytest.approx(mine, abs=1e-9), party
