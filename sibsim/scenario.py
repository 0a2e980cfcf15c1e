"""The typed scenario: what is in the file, checked and immutable.

One dataclass for each section of the language. Nothing here draws, computes money or knows YAML.
Dates are **columns** (0 is the file's ``start``); durations are **months** (float); a share or a percent is a
decimal. A `Value` is whatever may stand where a number may: see `Number`, `Ref`, `OverTime`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sibsim.distributions import Distribution

__all__ = ["ACCOUNT", "BUILT_IN_MEASURES", "OUTSIDE", "Actuals", "Benefit", "Cap", "Cohort", "Comparison", "Condition"]
__all__ += ["Correlation", "Cost", "Effect", "Event", "Evidence", "Finance", "Formula", "Guarantee", "Input", "Lasts"]
__all__ += ["Level", "Measure", "Number", "Outcome", "OverTime", "Party", "Payment", "Reading", "Ref", "Row"]
__all__ += ["STOP_INTAKE", "Scenario", "Shares", "Step", "Test", "Tranche", "Unit", "Value", "Varies"]

ACCOUNT = "account"
"""The contract's account: a party that every scenario has."""
OUTSIDE = "outside"
"""Everybody else: a party that every scenario has."""
STOP_INTAKE = "stop intake"
"""As `shortfall`: people for whose costs nothing is left do not start."""
BUILT_IN_MEASURES = ("starts", "completions", "referrals", "person_months")
"""What a measure may be ``of`` besides an outcome."""

Unit = Literal["number", "percent", "money"]
Group = Literal["offered", "starters", "completers"]


# --------------------------------------------------------------------------------------------- values
@dataclass(frozen=True)
class Number:
    """A plain number; ``5 %`` is ``Number(0.05, "percent")``, ``4.8 m`` is ``Number(4.8e6, "money")``.

    ``currency`` is the code of money in another currency than the file's: it is worth its exchange rate.
    """

    value: float
    unit: Unit = "number"
    currency: str = ""


@dataclass(frozen=True)
class Ref:
    """The value of an input in each draw. An in-place distribution is an input named by its path."""

    name: str


@dataclass(frozen=True)
class OverTime:
    """A value that changes: each entry holds from its column on, the first also before. At least one entry."""

    entries: tuple[tuple[int, Number | Ref], ...]

    def at(self, column: int) -> Number | Ref:
        """The value that holds at a column.

        >>> OverTime(((4, Number(1.0)), (8, Number(2.0)))).at(7)
        Number(value=1.0, unit='number', currency='')
        """
        chosen = self.entries[0][1]
        for start, value in self.entries:
            if start <= column:
                chosen = value
        return chosen


@dataclass(frozen=True)
class Formula:
    """A product or sum of values, worked out in each draw."""

    kind: Literal["product", "sum"]
    parts: tuple[Number | Ref | Formula, ...]


Value = Number | Ref | OverTime
Shares = tuple[tuple[str, "Value | Literal['rest']"], ...]
"""Parties with their shares; one of them may be ``rest``."""


@dataclass(frozen=True)
class Evidence:
    """Where a figure comes from: ``status`` is contract, published, claimed, derived or assumed (or none given)."""

    path: str
    shown: str
    source: str | None = None
    status: str | None = None
    note: str | None = None


# --------------------------------------------------------------------------------------------- parties, inputs
@dataclass(frozen=True)
class Party:
    id: str
    name: str
    cash: Value | None = None
    discount_rate: Value | None = None
    pays_at_most: Value | None = None


@dataclass(frozen=True)
class Input:
    """An uncertain (or fixed) value, drawn once per future. ``dimension`` is its lattice dimension, if it has one.

    With a ``formula`` it is worked out of other values, and ``distribution`` says what follows of theirs.
    """

    name: str
    distribution: Distribution
    unit: Unit
    evidence: Evidence
    dimension: int | None = None
    currency: str = ""
    formula: Formula | None = None


@dataclass(frozen=True)
class Correlation:
    """Spearman rank correlation between two uncertain inputs."""

    between: tuple[str, str]
    rank: float


# --------------------------------------------------------------------------------------------- people, outcomes
@dataclass(frozen=True)
class Cohort:
    """People who start together or over an ``intake``; ``start`` is a column, durations are months."""

    name: str
    size: Value
    start: int = 0
    intake: float = 0.0
    take_up: Value = Number(1.0, "percent")
    duration: float = 0.0
    dropout: Value = Number(0.0, "percent")
    effect_share: Value = Number(1.0, "percent")
    after: str | None = None
    """An event: the cohort exists only if it has happened by its start."""


@dataclass(frozen=True)
class Level:
    """A level per person over ``over``; ``per_year`` marks a hazard (events) or a level a year (counts, days, money);
    ``share_of_time`` a share of all days (days)."""

    value: Value
    per_year: bool = False
    share_of_time: bool = False


@dataclass(frozen=True)
class Effect:
    kind: Literal["ratio", "hazard_ratio", "odds_ratio", "difference"]
    value: Value
    among: Group = "starters"


@dataclass(frozen=True)
class Lasts:
    """How an improvement lives on after ``over``: months are of the duration, half-life, or line to zero."""

    kind: Literal["duration", "half_life", "to_zero", "table", "always"]
    months: float = 0.0
    table: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Varies:
    """Relative sd of a level between cohorts, between calendar years (common to all), and of both together."""

    cohorts: Value = Number(0.0)
    years: Value = Number(0.0)
    cohort_years: Value = Number(0.0)


@dataclass(frozen=True)
class Step:
    """A milestone: reached by a share of those at the step before, so many months after the start."""

    name: str
    share: Value
    months: float


@dataclass(frozen=True)
class Outcome:
    """The truth about one result. ``over`` is None when it is the cohort's ``duration``."""

    name: str
    type: Literal["event", "count", "days", "money", "score", "milestones"]
    better: Literal["more", "fewer"]
    over: float | None = None
    without: Level | None = None
    effect: Effect | None = None
    with_: Level | None = None
    sd: Value | None = None
    each: Literal["person", "cohort"] = "person"
    lasts: Lasts | None = None
    begins: float = 0.0
    varies: Varies = Varies()
    trend: Value = Number(0.0, "percent")
    undone: Value = Number(0.0, "percent")
    needs: str | None = None
    """An event outcome, or a step of milestones: counted only for those who had it."""
    cohorts: tuple[str, ...] | None = None
    dropout_effect: Value = Number(0.0, "percent")
    steps: tuple[Step, ...] = ()

    @property
    def is_causal(self) -> bool:
        """Whether the file claims an effect, true or zero: ``with`` alone makes no causal claim."""
        return self.without is not None or self.effect is not None


# --------------------------------------------------------------------------------------------- measures
@dataclass(frozen=True)
class Comparison:
    """What a reading is set against. ``months`` is the time before of ``before``; ``parts`` those of a ``blend``."""

    kind: Literal["none", "fixed", "historical", "before", "matched", "rct", "blend"] = "none"
    level: Level | None = None
    n: Value | None = None
    bias: Value = Number(0.0)
    years_before: Value = Number(1.0)
    months: float = 0.0
    regression: Value = Number(0.0, "percent")
    cluster_size: Value = Number(1.0)
    icc: Value = Number(0.0)
    parts: tuple[tuple[Value, Comparison], ...] = ()


@dataclass(frozen=True)
class Measure:
    """What the evaluator reports. ``follow_up`` is None for ``so far``; ``reported`` None for the default date."""

    name: str
    of: str
    as_: Literal["total", "average", "improvement", "relative_improvement", "total_improvement", "growth"]
    people: Group = "starters"
    cohorts: tuple[str, ...] | None = None
    for_each_cohort: bool = False
    follow_up: float | None = None
    covers: Literal["since last", "to date"] = "since last"
    comparison: Comparison = Comparison()
    missing: Value = Number(0.0, "percent")
    missing_as: Literal["left out", "failed"] = "left out"
    error: Value = Number(0.0)
    lag: float = 0.0
    reported: tuple[int, ...] | None = None
    reported_event: str | None = None
    """Reported on the day this event happens, and nowhere else."""
    unit: Unit = "number"
    """``percent`` for shares and relative quantities, ``money`` for money, ``number`` for counts and points."""
    earlier: float = 0.0
    weighted: tuple[tuple[str, Value], ...] = ()
    """In place of ``of``: the sum of these measures, each times its weight."""
    goals: tuple[Condition, ...] = ()
    """In place of ``of``: how many of these hold."""
    also_of: tuple[str, ...] = ()
    """Further outcomes, where ``of`` is a list: their readings are added to those of the first."""
    comparison_over_time: tuple[tuple[int, Comparison], ...] = ()
    """What it is set against from each column on, where that changes as a whole; the first also before."""

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Everything it is ever set against."""
        return tuple(one for _, one in self.comparison_over_time) or (self.comparison,)

    def as_of(self, column: int) -> Measure:
        """The measure with the comparison that holds at a report's column."""
        if not self.comparison_over_time:
            return self
        chosen = [one for start, one in self.comparison_over_time if start <= column]
        return replace(self, comparison=(chosen or self.comparisons)[-1 if chosen else 0], comparison_over_time=())

    @property
    def parts(self) -> tuple[str, ...]:
        """The measures that a composite (``weighted`` or ``goals``) is made of, each once; none for other measures."""
        tests = (test for goal in self.goals for tests in goal.alternatives for test in tests)
        sides = (side for test in tests for side in (test.left, test.right) if isinstance(side, str))
        return tuple(dict.fromkeys((*(name for name, _ in self.weighted), *sides)))

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes it reads itself: none if it is built in or a composite."""
        return () if self.of in BUILT_IN_MEASURES or not self.of else (self.of, *self.also_of)


# --------------------------------------------------------------------------------------------- contract
@dataclass(frozen=True)
class Test:
    """One line of a condition: ``left`` (a measure, payment or event) compared with a value or another measure."""

    __test__ = False  # not a pytest class
    left: str
    comparison: Literal["at least", "above", "below", "at most", "happened", "not happened"]
    right: Value | str | None
    """A str is the name of another measure; None beside ``happened`` and ``not happened``."""


@dataclass(frozen=True)
class Condition:
    """Any of ``alternatives`` holds; an alternative holds if all its tests do."""

    alternatives: tuple[tuple[Test, ...], ...]


@dataclass(frozen=True)
class Row:
    """A row of ``steps``, ``line`` or ``prices``.

    ``at`` is None for ``otherwise``; ``strict`` for ``above V``; ``of`` names the step, event or measure of a price.
    """

    at: Value | None
    pays: Value
    strict: bool = False
    of: str | None = None


@dataclass(frozen=True)
class Cap:
    total: Value | None = None
    per_year: Value | None = None
    per_cohort: Value | None = None
    per_person: Value | None = None
    irr: Value | None = None
    multiple: Value | None = None


@dataclass(frozen=True)
class Payment:
    """What a payer owes. ``shape`` is a key of `sibsim.shapes.SHAPES`; ``parameter`` a Value or rows."""

    name: str
    shape: str
    parameter: Value | tuple[Row, ...]
    measure: str | None = None
    """x: a measure or an earlier payment."""
    at: tuple[int, ...] | None = None
    over: float | None = None
    band: tuple[Value | None, Value | None] | None = None
    of: Literal["drawn", "outstanding", "committed"] | Value | None = None
    if_: Condition | None = None
    index: Value = Number(0.0, "percent")
    floor: Value | None = None
    cap: Cap = Cap()
    by: Shares = (("payer", "rest"),)
    by_over_time: tuple[tuple[int, Shares], ...] = ()
    """Who pays from each column on, where that changes as a whole; the first also before. Empty: always ``by``."""
    to: str = ACCOUNT
    at_event: str | None = None
    is_per_year: bool = False
    is_compound: bool = False
    rest_of: str | None = None
    is_cumulative: bool = False
    split: Literal["size", "size among met"] | None = None


@dataclass(frozen=True)
class Event:
    """What may interrupt the contract, at most once. ``at`` None: any column from ``from_`` to ``until``."""

    name: str
    at: tuple[int, ...] | None = None
    chance: Value = Number(1.0, "percent")
    chance_per_year: Value | None = None
    from_: int | None = None
    until: int | None = None
    if_: Condition | None = None
    cancels: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    """Of intake, service, draws, payments; or everything."""


@dataclass(frozen=True)
class Cost:
    name: str
    amount: Value
    per: Literal["contract", "starter", "completer", "offered", "person_month"] = "contract"
    over: float | None = None
    at: tuple[int, ...] | None = None
    from_: int = 0
    by: str = ACCOUNT
    to: str = "provider"
    index: Value = Number(0.0, "percent")
    at_event: str | None = None


@dataclass(frozen=True)
class Benefit:
    name: str
    of: str
    kind: Literal["cashable", "capacity", "societal"]
    to: str = "payer"
    worth: Value = Number(1.0)
    per: Literal["unit", "year"] = "unit"
    share: Value = Number(1.0, "percent")
    index: Value = Number(0.0, "percent")
    from_: float | None = None
    until: float | None = None
    """Months since the person's start between which it is booked; None is from the start, to the horizon."""


# --------------------------------------------------------------------------------------------- finance
@dataclass(frozen=True)
class Tranche:
    """``drawn`` on dates is (column, amount) pairs, each for that date only."""

    name: str
    by: str
    amount: Value
    drawn: Literal["as needed", "upfront"] | tuple[tuple[int, Value], ...] = "as needed"
    kind: Literal["loan", "grant"] = "loan"
    rank: int = 1
    rate: Value = Number(0.0, "percent")
    hurdle: Value = Number(0.0, "percent")
    after: str | None = None
    """An event: it opens only when that has happened."""
    cap: Cap = Cap()
    """Of its own return: ``irr``, ``multiple``."""


@dataclass(frozen=True)
class Guarantee:
    name: str
    by: str
    covers: tuple[str, ...]
    over: Value = Number(0.0)
    share: Value = Number(1.0, "percent")
    up_to: Value | None = None


@dataclass(frozen=True)
class Finance:
    """Who puts money up first. ``distribute`` None is at once; ``surplus`` None is the default of the language.

    ``recycle`` None keeps receipts apart from costs; "all", or the months of planned costs they are kept for.
    ``shortfall`` is a party, or "stop intake".
    """

    tranches: tuple[Tranche, ...]
    distribute: tuple[int, ...] | None = None
    surplus: tuple[tuple[str, Value], ...] | None = None
    shortfall: str = "provider"
    guarantees: tuple[Guarantee, ...] = ()
    recycle: Literal["all"] | float | None = None
    distribute_event: str | None = None


# --------------------------------------------------------------------------------------------- what came
Reading = float | Mapping[str, float]
"""One number, or one for each cohort or step."""


@dataclass(frozen=True)
class Actuals:
    """What really happened, for settling without chance.

    ``measures`` holds reports by measure: pairs of a column (None where the file gives one report without a date) and
    its reading. ``drawn`` is (column, amount) pairs by tranche; ``events`` the column, or None for never.
    """

    measures: Mapping[str, tuple[tuple[int | None, Reading], ...]] = field(default_factory=dict)
    drawn: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    events: Mapping[str, int | None] = field(default_factory=dict)
    inputs: Mapping[str, float] = field(default_factory=dict)


# --------------------------------------------------------------------------------------------- the whole file
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
