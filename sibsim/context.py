"""One block of futures: its drawn inputs, its random streams, and the values of the file in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sibsim.draws import draw_inputs
from sibsim.draws.streams import Streams
from sibsim.errors import Problem, ScenarioError
from sibsim.quantiles import normal_quantile
from sibsim.scenario import Number, OverTime, Ref, Scenario, Value
from sibsim.timeline import column_date, n_dates

if TYPE_CHECKING:
    from sibsim.scenario import Condition

__all__ = ["Array", "Context", "Draw", "Watch", "added", "begin", "refuse_unsimulated"]

Array = NDArray[Any]
"""Numbers by draw (float64), or by date and draw."""
LEAST_RATE = -0.99
Draw = float | Array
"""A number that is the same in every draw, or one number a draw, shape (n_draws,)."""


class Watch(Protocol):
    """Who follows a settlement step by step: it is told what is worked out, and changes nothing."""

    def began(self) -> None:
        """A settlement begins, from nothing: what an earlier pass told does not count."""

    def step(self, column: int, subject: str, what: str, key: str | None = None, **figures: Any) -> None:
        """One step of a payment, cost or tranche (``subject``) at a column; ``key`` is the cohort, where there is one.

        ``what`` names the step; ``figures`` are what goes in and what comes out: numbers, one a draw, or words.
        """

    def asked(
        self,
        column: int,
        subject: str,
        key: str | None,
        condition: Condition | None,
        view: Any,
        measures: tuple[str, ...] = (),
    ) -> bool:
        """A payment or event is about to be decided on a condition, and on the readings of ``measures``.

        Returns whether it cannot be decided yet, or a reading has not come: then nothing is paid, and nothing happens.
        """

    def shared(self, column: int, subject: str, key: str | None) -> None:
        """The part of a cohort in a sum that is shared with others is not decided yet, because theirs is not."""

    def owed(self, column: int, due: Any) -> None:
        """What a payment owes that day after all caps, with the part of each cohort in it."""

    def must_wait(self, column: int, guarantee: str) -> bool:
        """Whether a guarantee cannot be called yet, because what it bears hangs on what is not known."""

    def closed(self, column: int, account: Any) -> None:
        """A column is over: what stands on the account and in the tranches."""


@dataclass
class Context:
    """A scenario and one block of draws of it.

    Parameters
    ----------
    scenario : Scenario
    streams : Streams
        Named random streams of the block's replicates.
    inputs : dict of str to (n_draws,) array
    is_effect_off : bool
        The same futures in which the programme does nothing.
    """

    scenario: Scenario
    streams: Streams
    inputs: dict[str, Array]
    is_effect_off: bool = False
    clipped: dict[str, Draw] = field(default_factory=dict)
    """By place in the file: 1.0 in each draw whose value had to be brought back into its range."""
    layers: set[str] = field(default_factory=set)
    """Layers of chance that were drawn from: people, measurement."""
    drawn: dict[tuple[str, str], Array] = field(default_factory=dict)
    """Luck, and its normal scores, asked for so far, by layer and name: people live through several passes."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What was worked out once for all passes over the same people, by name."""
    watch: Watch | None = None
    """Who follows the settlement; nobody in a simulation."""
    planned: Scenario | None = None
    """The contract as it was planned, where its chances have been replaced by what came."""
    unknown_costs: tuple[str, ...] = ()
    """Costs of the plan of which nobody said what they came to."""
    happened: Callable[[str, int], Any] | None = None
    """Draws in which an event has happened by a column, for terms that an event amends; the settlement sets it."""

    def __post_init__(self) -> None:
        self._currencies = {i.name: i.currency for i in self.scenario.inputs if i.currency}

    @property
    def n_draws(self) -> int:
        return self.streams.n_draws

    @property
    def n_dates(self) -> int:
        return n_dates(self.scenario)

    def luck(self, layer: Literal["people", "measurement"], name: str, rows: int = 1, *, is_kept: bool = True) -> Array:
        """Uniform random numbers of one named chance, shape (rows, n_draws).

        They are kept for further passes and must not be changed; ``is_kept=False``: they are the caller's own.
        """
        self.layers.add(layer)
        if not is_kept:
            return self.streams.uniform(layer, name, rows)
        drawn = self.drawn.get((layer, name))
        if drawn is None or len(drawn) < rows:
            drawn = self.drawn[layer, name] = self.streams.uniform(layer, name, rows)
            drawn.flags.writeable = False
        return drawn[:rows]

    def scores(self, layer: Literal["people", "measurement"], name: str, rows: int = 1) -> Array:
        """The standard normal numbers of one named chance, shape (rows, n_draws)."""
        luck = self.luck(layer, name, rows)
        known = self.drawn.get((f"{layer} scores", name))
        if known is None or len(known) < rows:
            known = self.drawn[f"{layer} scores", name] = normal_quantile(luck)
            known.flags.writeable = False
        return known[:rows]

    def value(self, value: Value, column: int = 0) -> Draw:
        """What a value of the file is at a column: a float, or (n_draws,) where it hangs on an input.

        Money in another currency is worth its exchange rate at that column.
        """
        if isinstance(value, OverTime):
            return self._over_time(value, column)
        return self._plain(value, column)

    def _over_time(self, value: OverTime, column: int) -> Draw:
        """A value over time: that of its last date; where an event has amended it since, that of the event."""
        amount = self._plain(value.at(column), column)
        if self.happened is None:
            return amount
        for event, amended in value.events:
            has = self.happened(event, column)
            if np.any(has):
                amount = np.where(has, self._plain(amended, column), amount)
        return amount

    def _plain(self, chosen: Number | Ref, column: int) -> Draw:
        amount: Draw
        if isinstance(chosen, Ref):
            amount, code = self.inputs[chosen.name], self._currencies.get(chosen.name, "")
        else:
            amount, code = chosen.value, chosen.currency
        return amount * self.rate(code, column) if code else amount

    def rate(self, code: str, column: int) -> Draw:
        """What one unit of another currency is worth at a column, in the file's own; never below 0."""
        rate = self.value(self.scenario.exchange_rates[code], column)
        return self.within(rate, 0.0, np.inf, f"exchange_rates.{code}")

    def within(self, value: Draw, low: float, high: float, place: str) -> Draw:
        """Bring a value into [low, high], counting the draws in which that changed it."""
        if _is_within(value, low, high):
            return value if isinstance(value, np.ndarray) else float(value)
        inside = np.clip(value, low, high)
        outside = np.abs(inside - value) > 1e-12
        if np.any(outside):
            self.clipped[place] = np.maximum(self.clipped.get(place, 0.0), outside)
        return inside if isinstance(value, np.ndarray) else float(inside)

    def share(self, value: Value, place: str, column: int = 0) -> Draw:
        """A share of the file, brought into [0, 1]."""
        return self.within(self.value(value, column), 0.0, 1.0, place)

    def years(self, column: int) -> float:
        """Years from the file's start to a column."""
        return column * self.scenario.step_years

    def year_of(self, column: int) -> int:
        """The budget year a column belongs to, named by the calendar year in which it begins."""
        day = column_date(self.scenario.start, self.scenario.step_months, column)
        return day.year if day.month >= self.scenario.budget_year else day.year - 1

    def indexed(self, index: Value, column: int) -> Draw:
        """Growth of prices from ``start`` to a column at a yearly index, each period at the rate of its time."""
        if not isinstance(index, OverTime):
            return (1.0 + self.yearly_rate(index)) ** self.years(column)
        growth: Draw = 1.0
        for k in range(column):
            growth = growth * (1.0 + self.yearly_rate(index, k)) ** self.scenario.step_years
        return growth

    def discount(self, rate: Value, column: int) -> Draw:
        """What one unit of money at a column is worth at column 0, each period at the yearly rate of its time."""
        if isinstance(rate, OverTime):
            return 1.0 / self.indexed(rate, column)
        return (1.0 + self.yearly_rate(rate)) ** (-self.years(column))

    def yearly_rate(self, rate: Value, column: int = 0) -> Draw:
        """A yearly rate, kept above -100 %."""
        return self.within(self.value(rate, column), LEAST_RATE, np.inf, "a yearly rate (kept above -99 %)")


def _is_within(value: Draw, low: float, high: float) -> bool:
    """Whether a value is within [low, high] in every draw; not where it is not a number."""
    if not isinstance(value, np.ndarray):
        return low <= value <= high
    return bool(value.size and low <= value.min() and value.max() <= high)


def refuse_unsimulated(scenario: Scenario) -> None:
    """Refuse a contract of which nothing is said that could happen.

    Raises
    ------
    ScenarioError
        The file has no `outcomes`.
    """
    if not scenario.outcomes:
        message = (
            "the file does not say what may happen to people (no 'outcomes'), so that nothing can be simulated; "
            f"settle it on what came, with `sibsim settle {scenario.file}`, or add 'outcomes'"
        )
        raise ScenarioError(scenario.file, [Problem(0, 0, "", message)])


def begin(
    scenario: Scenario,
    streams: Streams,
    sampling: str = "lattice",
    mixed: Callable[[dict[str, Array]], dict[str, Array]] | None = None,
) -> Context:
    """Draw the inputs of a block and stand ready to compute its futures; ScenarioError if the file says of none."""
    refuse_unsimulated(scenario)
    inputs = draw_inputs(scenario, streams, "random" if sampling == "random" else "lattice", mixed)
    return Context(scenario, streams, inputs)


def added(own: Draw, more: Draw) -> Draw:
    """The sum of two amounts, in the place of the first where that is an array which nobody else looks at.

    >>> own = np.array([1.0, 2.0])
    >>> added(own, 1.0) is own, own.tolist(), added(1.0, 2.0)
    (True, [2.0, 3.0], 3.0)
    """
    if isinstance(own, np.ndarray) and own.ndim and np.ndim(more) <= own.ndim:
        own += more
        return own
    return own + more


def is_zero(value: Value) -> bool:
    """Whether a value of the file is 0 in every draw."""
    return isinstance(value, Number) and value.value == 0
