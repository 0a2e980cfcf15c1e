"""Finance made up at random, with money for one cost, draws on conditions, principal that matures, a surplus that
waits, and terms that events amend: nothing is made or lost, nobody pays what is not there, settling comes out the same.
"""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
import pytest

from sibsim.results import Results
from sibsim.scenario import Number
from tests.identities.test_settle_is_simulate import check_same
from tests.support import deal, in_turn, run, scenario

YEARS = 7


def day(year: int) -> str:
    return f"{2020 + year}-01"


def amended(rng: random.Random, low: float, high: float, unit: str = "") -> str:
    """A value, over time, amended by an event, or both."""

    def one() -> str:
        return f"{rng.uniform(low, high):.4g}{unit}"

    dates = {day(0): one(), **({day(rng.randrange(1, YEARS)): one()} if rng.random() < 0.3 else {})}
    events = {name: one() for name in ("review", "reform") if rng.random() < 0.35}
    if len(dates) == 1 and not events:
        return dates[day(0)]
    return f"{{{', '.join(f'{key}: {value}' for key, value in (dates | events).items())}}}"


def tranche(rng: random.Random, name: str, is_own: bool, is_straight: bool) -> str:
    is_loan = name == "t0" or rng.random() < 0.8
    keys = {
        "by": rng.choice(["investor", "lender", "fund"]),
        "amount": amended(rng, 26, 150),
        "kind": "loan" if is_loan else "grant",
        "rank": str(rng.randrange(1, 4)),
    }
    if is_loan and rng.random() < 0.6:
        keys["rate"] = amended(rng, 0, 12, " %")
    if is_loan and not is_straight and rng.random() < 0.6:
        keys["matures"] = day(rng.randrange(1, YEARS + 1))
    if is_loan and rng.random() < 0.25:
        keys["cap"] = rng.choice(["{multiple: 1.1}", "{irr: 6 %}"])
    if not is_own:
        keys["drawn"] = rng.choice(["as needed", "as needed", "upfront", f"{{{day(0)}: 10, {day(2)}: 15}}"])
    if rng.random() < 0.4:
        keys["if"] = rng.choice(["{x: at least 8}", "{review: not happened}", "[{fee: above 30}, {x: above 12}]"])
    if rng.random() < 0.2:
        keys["after"] = "review"
    return f"{name}: {{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}"


def as_text(seed: int) -> str:
    rng = random.Random(seed)
    names = [f"t{i}" for i in range(rng.randrange(1, 5))]
    own = [name for name in names[1:] if rng.random() < 0.5]
    straight = [name for name in names[:1] if rng.random() < 0.15]
    costs = [f"c{i}: {{amount: {amended(rng, 10, 90)}, over: {rng.randrange(1, 5)} years}}" for i in range(2)]
    costs += [
        f"own {name}: {{amount: {amended(rng, 5, 60)}, at: [{day(1)}, {day(rng.randrange(2, 7))}], paid_from: {name}}}"
        for name in own
    ]
    by = rng.choice(["payer", f"{{{day(0)}: payer, review: {{city: 40 %, payer: rest}}, reform: city}}"])
    cap = rng.choice(["none", "{irr: 8 %}", "{multiple: 1.2}"])
    payments = [
        f"fee: {{amount: {amended(rng, 5, 60)}, at: {{every: year, from: {day(1)}, until: {day(5)}}}, by: {by}}}",
        f"success: {{measure: x, per_unit: {amended(rng, 2, 15)}, at: {day(rng.randrange(2, YEARS))}, cap: {cap}}}",
    ]
    payments += [f"to {name}: {{amount: 40, at: {day(4)}, to: {name}}}" for name in straight]
    finance = [f"tranches: {{{', '.join(tranche(rng, n, n in own, n in straight) for n in names)}}}"]
    finance.append(rng.choice(["recycle: all", "recycle: 24 months", "recycle: none"]))
    finance.append(rng.choice(["distribute: at once", f"distribute: [{day(2)}, {day(5)}]"]))
    finance.append(rng.choice(["surplus: {city: 100 %}", "surplus: {city: {2020-01: 60 %, review: 20 %}, fund: rest}"]))
    finance += [f"surplus_from: {day(rng.randrange(1, YEARS + 1))}"] if rng.random() < 0.5 else []
    stops = rng.choice(["", "", ", stops: everything", ", stops: [draws]"])
    stops = "" if "after: reform" in finance[0] else stops  # a tranche that opens when draws stop is refused
    return deal(
        inputs="{result's size: {uniform: {low: 2, high: 16}}}",
        outcomes="{result: {type: score, each: cohort, better: more, over: 1 year, without: 0, with: result's size}}",
        contract=f"{{payments: {{{', '.join(payments)}}}}}",
        costs=f"{{{', '.join(costs)}}}",
        finance=f"{{{', '.join(finance)}, shortfall: guarantor}}",
        events=f"{{review: {{at: [{day(1)}, {day(3)}], chance: 40 %}},"
        f" reform: {{at: {day(rng.randrange(1, YEARS))}, if: {{x: below 10}}{stops}}}}}",
    )


@lru_cache(maxsize=4)
def simulated(seed: int) -> Results:
    """With the books of 48 draws added up again, beside what each run checks of itself."""
    return run(as_text(seed), n_draws=1024, workers=1)


@pytest.mark.parametrize("seed", in_turn(range(40), 2))
def test_money_is_conserved_and_each_key_keeps_its_word(seed: int) -> None:
    r = simulated(seed)
    finance = r.scenario.finance
    assert finance is not None
    draws = slice(0, 48)
    moved: dict[tuple[str, str], np.ndarray] = {}
    for t in r.transfers(draws):
        moved[t.label, t.kind] = moved.get((t.label, t.kind), np.zeros_like(t.amounts)) + t.amounts
    nothing = np.zeros((r.n_dates, 48))
    ends = np.full(48, r.n_dates)
    for event in r.scenario.events:
        if event.stops == ("everything",):
            when = r.store.array(("#event", event.name, "column"))[:48]
            ends = np.where(np.isnan(when), ends, when)
    is_over = np.arange(r.n_dates)[:, None] >= ends
    for t in finance.tranches:
        own = [c.name for c in r.scenario.costs if c.paid_from == t.name]
        if own:  # never more than its own costs
            lent = moved.get((t.name, "draw"), nothing)
            mine = sum((moved.get((name, "cost"), nothing) for name in own), nothing)
            assert np.all(lent <= mine + 1e-9)
        if t.matures is not None and t.rate == Number(0.0, "percent"):  # without interest nothing comes back before
            early = moved.get((t.name, "repayment"), nothing)[: t.matures]
            assert np.all(np.where(is_over[: t.matures], 0.0, early) <= 1e-9)
    if finance.surplus_from is not None:
        early = moved.get(("surplus", "surplus"), nothing)[: finance.surplus_from]
        assert np.all(np.where(is_over[: finance.surplus_from], 0.0, early) <= 1e-9)


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_settling_it_on_what_came_is_the_same(seed: int) -> None:
    check_same(scenario(as_text(seed)), (3, 700))
