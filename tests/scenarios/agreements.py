"""What the sick-leave agreements of 2014 and 2015 have in common: one rule, 21 councils, other sums."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

import sibsim
from sibsim.replay import settled, settlement_summary
from tests.councils import Year
from tests.pages import at_defaults, page, stated, summary
from tests.support import LIMIT

SIX = ("Stockholm", "Uppsala", "Södermanland", "Östergötland", "Jönköping", "Kronoberg")
OTHERS = ("skl", "agency", "welfare board", "developers", "occupational health", "evaluators")
"""Who gets what the councils do not."""
CORNERS = {
    "Stockholm": (1.08, 1.085, 1.0),
    "Uppsala": (1.095, 1.10, 0.5),
    "Skåne": (1.085, 1.08, 0.5),
    "Halland": (1.12, 1.09, 0.0),
    "Kalmar": (1.085, 1.085, 0.5),  # a tie meets nothing: strictly below
    "Dalarna": (1.09, 1.10, 0.5),
    "Blekinge": (1.09, 1.09, 0.0),
    "Gotland": (0.95, 0.96, 1.0),
}
"""Growth, growth the year before, and the part of the variable part that is paid if the country grew by 9 %."""
WHOLE = 1_000e6


@dataclass(frozen=True)
class Agreement:
    """One of them.

    Parameters
    ----------
    year : int
    pot : float
        What is paid for growth, in all.
    growth : float
        Of the country, on average.
    date : str
        Of the reports.
    rates : mapping
        Women's rate of six councils in three years.
    country : (float, float)
        The rate of the country in the last of them and in the year before.
    gotland : float
        Gotland's share of all people.
    """

    year: int
    pot: float
    growth: float
    date: str
    rates: dict[str, tuple[float, float, float]]
    country: tuple[float, float]
    gotland: float

    @property
    def name(self) -> str:
        return f"sick-leave-agreement-{self.year}"

    @cached_property
    def hand(self) -> Year:
        """What follows from the sums and the people of the councils."""
        return Year(self.year, self.pot, self.growth)

    @property
    def shown(self) -> dict[str, Any]:
        """All that the run says."""
        return summary(self.name)

    @cached_property
    def _came(self) -> dict[tuple[tuple[str, ...], str], dict[tuple[str, str], float]]:
        return {}

    def came(self, sets: tuple[str, ...] = (), option: str = "") -> dict[tuple[str, str], float]:
        """What is paid for what came, by payment and council."""
        if (sets, option) not in self._came:
            scenario = sibsim.load(self.name, [option] if option else [], list(sets))
            found: dict[tuple[str, str], float] = defaultdict(float)
            for one in settlement_summary(settled(scenario))["payments"]:
                found[one["payment"], one["cohort"]] += one["amount"]
            self._came[sets, option] = found
        return self._came[sets, option]

    def check_table(self, to_councils: float) -> None:
        """The most that each payment can come to adds up to what was agreed, for the councils and for the others."""
        sums = {p.name: p for p in sibsim.load(self.name).payments}
        run = at_defaults(self.name)
        most = {name: run.store.constant(("#payment", name, "highest")) for name in sums}
        councils = [name for name, payment in sums.items() if payment.to == "councils"]
        assert sum(most[name] for name in councils) == pytest.approx(to_councils)
        assert sum(most.values()) == pytest.approx(WHOLE)
        assert sum(most[name] for name in sums if sums[name].to in OTHERS) == pytest.approx(WHOLE - to_councils)
        assert self.shown["contract"]["highest"] == pytest.approx(WHOLE)

    def check_corners(self) -> None:
        """Both goals, one or none; at a tie neither."""
        now, before = (", ".join(f"{name}: {case[i]}" for name, case in CORNERS.items()) for i in (0, 1))
        reports = f"growth: {{{self.date}: {{{now}}}}}, growth the year before: {{{self.date}: {{{before}}}}}"
        paid = self.came((f"actuals={{measures: {{{reports}, national growth the year before: 1.09}}}}",))
        for name, (_, _, part) in CORNERS.items():
            assert paid["variable part", name] == pytest.approx(part * self.pot * self.hand.share[name])
        assert paid["variable part", "Gotland"] == pytest.approx(self.pot * self.gotland)

    def check_goals(self, council: str, met: int) -> None:
        """How many goals a council met follows from women's rates, and so does what it got."""
        first, second, third = self.rates[council]
        goals = (third / second < second / first) + (third / second < self.country[0] / self.country[1])
        assert goals == met
        paid = self.came()["variable part", council]
        assert paid == pytest.approx(self.hand.full[council] * goals / 2)
        assert stated(self.name, council)[6] == ("0" if goals == 0 else f"{paid / 1e6:.2f}")

    def check_council(self, council: str) -> None:
        """Each goal is an integral; half of the variable part for each."""
        found = self.shown["cohorts"][council]["payments"]["variable part"]
        assert abs(found["value"] - self.hand.expected(council)) < LIMIT * found["mc_error"]
        goals = next(r["mean"] for r in self.shown["measures"]["goals met"]["reports"] if r["cohort"] == council)
        whole = self.shown["cohorts"][council]["paid"]
        figures = (self.hand.full[council], found["value"], whole["mean"], whole["p05"], whole["p95"])
        words = [f"{x / 1e6:.2f}" for x in figures]
        assert stated(self.name, council)[:6] == [words[0], f"{goals:.2f}", *words[1:]]

    def check_all(self, others: dict[str, float]) -> None:
        """What all can expect: the sum of the integrals, 95 % of four conditions, and what is said of the others."""
        shown = self.shown["payments"]
        truths = {
            "variable part": sum(self.hand.expected(name) for name in self.hand.names),
            **{f"condition {n}": 0.95 * pot * 1e6 for n, pot in enumerate((50, 150, 150, 100), 1)},
            **others,
        }
        for name, truth in truths.items():
            assert abs(shown[name]["paid"]["mean"] - truth) <= LIMIT * shown[name]["paid"]["mc_error"] + 1.0
        expected = f"| {truths['variable part'] / 1e6:.2f} | {shown['variable part']['paid']['mean'] / 1e6:.2f} ("
        assert expected in page(self.name)

    def check_page(self) -> None:
        """The row of the table of options for the agreement as it stands."""
        parties, part = self.shown["parties"], self.shown["payments"]["variable part"]["paid"]
        paid, got = parties["payer"]["metrics"]["outcome_payments"], parties["councils"]["metrics"]["margin"]
        figures = (paid["mean"], got["mean"], *(part[key] for key in ("mean", "p05", "p50", "p95")))
        assert stated(self.name, "(as it stands)") == [f"{figure / 1e6:.2f}" for figure in figures]
