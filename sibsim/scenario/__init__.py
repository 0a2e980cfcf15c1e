"""The typed scenario: what is in the file, checked and immutable.

One dataclass for each section of the language. Nothing here draws, computes money or knows YAML.
Dates are **columns** (0 is the file's ``start``); durations are **months** (float); a share or a percent is a
decimal. A `Value` is whatever may stand where a number may: see `Number`, `Ref`, `OverTime`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sibsim.scenario.contract import (
    Benefit,
    Cap,
    Cost,
    Event,
    Finance,
    Guarantee,
    Payment,
    Row,
    Tranche,
    amended_by,
)
from sibsim.scenario.people import (
    Cohort,
    Effect,
    Growth,
    Lasts,
    Level,
    Outcome,
    Queue,
    Spell,
    Step,
    Varies,
)
from sibsim.scenario.portfolio import EACH_HOLDING, HOLDINGS, Copy, Holding, Loading, Portfolio
from sibsim.scenario.reports import (
    Actuals,
    Comparison,
    Condition,
    Expected,
    Measure,
    Reading,
    Test,
)
from sibsim.scenario.values import (
    ACCOUNT,
    BUILT_IN_MEASURES,
    OUTSIDE,
    STOP_INTAKE,
    ByCohort,
    Correlation,
    Evidence,
    Formula,
    Group,
    Input,
    Number,
    OverTime,
    Party,
    Ref,
    Rounding,
    Shares,
    Unit,
    Value,
)

__all__ = [
    "ACCOUNT",
    "Actuals",
    "BUILT_IN_MEASURES",
    "Benefit",
    "ByCohort",
    "Cap",
    "Cohort",
    "Comparison",
    "Condition",
    "Copy",
    "Correlation",
    "Cost",
    "EACH_HOLDING",
    "Effect",
    "Event",
    "Evidence",
    "Expected",
    "Finance",
    "Formula",
    "Group",
    "Growth",
    "Guarantee",
    "HOLDINGS",
    "Holding",
    "Input",
    "Lasts",
    "Level",
    "Loading",
    "Measure",
    "Number",
    "OUTSIDE",
    "Outcome",
    "OverTime",
    "Party",
    "Payment",
    "Portfolio",
    "Queue",
    "Reading",
    "Ref",
    "Rounding",
    "Row",
    "STOP_INTAKE",
    "Scenario",
    "Shares",
    "Spell",
    "Step",
    "Test",
    "Tranche",
    "Unit",
    "Value",
    "Varies",
    "amended_by",
]


@dataclass(frozen=True)
class Scenario:
    """One contract, as its file says. ``cohorts`` is one nameless cohort when the file has no ``participants``."""

    name: str
    title: str
    currency: str
    price_year: int
    start: date
    step_months: int
    horizon: int | None
    discount_rate: Value
    budget_year: int
    parties: tuple[Party, ...]
    inputs: tuple[Input, ...]
    cohorts: tuple[Cohort, ...]
    outcomes: tuple[Outcome, ...]
    measures: tuple[Measure, ...] = ()
    payments: tuple[Payment, ...] = ()
    contract_cap: Cap = Cap()
    contract_round: Rounding | None = None
    """How each payment is rounded that does not say so itself."""
    costs: tuple[Cost, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    finance: Finance | None = None
    correlations: tuple[Correlation, ...] = ()
    copula_df: float | None = None
    """Degrees of freedom of a t copula; None is the normal one."""
    exchange_rates: Mapping[str, Value] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    actuals: Actuals | None = None
    has_people: bool = True
    file: str = ""
    sha256: str = ""
    options: tuple[str, ...] = ()
    """Options that were applied, in order."""
    available_options: tuple[str, ...] = ()
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()
    field: str = ""
    """The field of policy, e.g. health: by which portfolios are added up."""

    def party(self, id: str) -> Party:
        """The party with this id; `account` and `outside` always exist."""
        for party in self.parties:
            if party.id == id:
                return party
        return Party(id, {ACCOUNT: "the contract's account", OUTSIDE: "everybody else"}.get(id, id))

    def outcome(self, name: str) -> Outcome:
        """The outcome of this name; KeyError if there is none."""
        return {o.name: o for o in self.outcomes}[name]

    def measure(self, name: str) -> Measure:
        """The measure of this name; KeyError if there is none."""
        return {m.name: m for m in self.measures}[name]

    def outcomes_of(self, measure: str) -> tuple[str, ...]:
        """The outcomes that a measure hangs on, those of its parts included, each once.

        Names of other things (payments, say) give nothing.
        """
        found = {m.name: m for m in self.measures}.get(measure)
        if found is None:
            return ()
        names = [*found.outcomes, *(o for part in found.parts for o in self.outcomes_of(part))]
        return tuple(dict.fromkeys(names))

    @property
    def bearer(self) -> str:
        """Who pays costs for which nothing is left to draw; with ``stop intake``, of people already there."""
        named = self.finance.shortfall if self.finance else "provider"
        if named != STOP_INTAKE:
            return named
        return "provider" if any(p.id == "provider" for p in self.parties) else OUTSIDE

    @property
    def step_years(self) -> float:
        """The width of a column in years."""
        return self.step_months / 12.0

    @property
    def loans(self) -> tuple[Tranche, ...]:
        """Tranches that are to be repaid."""
        return tuple(t for t in self.finance.tranches if t.kind == "loan") if self.finance else ()
