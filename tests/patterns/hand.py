"""A contract as a user would write it, settled on what came, or simulated in a world without chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from sibsim.rates import irr
from sibsim.replay.settled import Settled, settled
from sibsim.scenario import Scenario
from sibsim.timeline import column_date
from tests.support import run, scenario

__all__ = ["Money", "settle", "simulate"]


class Money:
    """What moved in one future: by payment, by party, by date (written as a user writes it, ``2017-07``)."""

    def __init__(self, what: Scenario, transfers: Iterator[tuple[str, str, str, str, int, float]], last: int) -> None:
        self.scenario = what
        self.last = last
        self.moves = [(*one, self.day(column), amount) for *one, column, amount in transfers if abs(amount) > 1e-12]

    def day(self, column: int) -> str:
        return str(column_date(self.scenario.start, self.scenario.step_months, column))[:7]

    def paid(self, payment: str) -> dict[str, float]:
        """What a payment paid by date; what it took back is below 0."""
        by_date: dict[str, float] = defaultdict(float)
        for label, kind, _, _, day, amount in self.moves:
            if label == payment and kind in ("payment", "money back"):
                by_date[day] += amount if kind == "payment" else -amount
        return {day: amount for day, amount in by_date.items() if amount}

    def total(self, payment: str) -> float:
        return sum(self.paid(payment).values())

    def between(self, source: str, target: str) -> float:
        """All that one party paid to another."""
        return sum(amount for _, _, a, b, _, amount in self.moves if (a, b) == (source, target))

    def flow(self, party: str) -> dict[str, float]:
        """What a party received less what it paid, by date."""
        net: dict[str, float] = defaultdict(float)
        for _, _, source, target, day, amount in self.moves:
            net[day] += amount * ((target == party) - (source == party))
        return {day: amount for day, amount in sorted(net.items()) if abs(amount) > 1e-9}

    def net(self, party: str) -> float:
        return sum(self.flow(party).values())

    def irr(self, party: str) -> float:
        flows = self.flow(party)
        columns = [flows.get(self.day(c), 0.0) for c in range(self.last + 1)]
        years = [c * self.scenario.step_months / 12 for c in range(self.last + 1)]
        return float(irr(columns, years))


def settle(text: str, measures: str = "", **others: str) -> Money:
    """Settle a file on readings; ``measures="x: 8.5 %"``, and further sections of ``actuals``, all as YAML."""
    parts = ({"measures": f"{{{measures}}}"} if measures else {}) | others
    came = ", ".join(f"{name}: {part}" for name, part in parts.items())
    found: Settled = settled(scenario(f"{text.rstrip()}\nactuals: {{{came}}}\n"))
    rows = (
        (e.label, e.kind, e.source, e.target, column, float(np.ravel(amount)[0]))
        for e in found.settlement.ledger
        for column, amount in e.amounts.items()
    )
    return Money(found.scenario, rows, found.context.n_dates - 1)


def simulate(text: str, *sets: str, n_draws: int = 1024) -> Money:
    """The first future of a simulation; for worlds without chance, in which all futures are the same."""
    results = run(text, sets=sets, n_draws=n_draws)
    rows = (
        (t.label, t.kind, t.source, t.target, column, float(amount))
        for t in results.transfers(slice(0, 1))
        for column, amount in enumerate(t.amounts[:, 0])
    )
    return Money(results.scenario, rows, results.n_dates - 1)
