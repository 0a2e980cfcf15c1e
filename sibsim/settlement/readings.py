"""The most that a measure can report, as far as its definition says it: for the bounds of what it multiplies."""

from __future__ import annotations

import numpy as np

from sibsim.context import Draw, is_zero
from sibsim.rounding import rounded
from sibsim.scenario import Measure, Scenario

__all__ = ["most_read", "times"]


def most_read(scenario: Scenario, name: str) -> float:
    """The most that a measure can report; infinite where nothing says it.

    A number of goals is at most their number; without an error of reading, a share of people is at most 1, and so is
    what is prevented of what would have come.
    """
    measure = scenario.measure(name)
    if not is_zero(measure.error) or measure.short_of is not None:
        return np.inf
    most = _most_of(scenario, measure)
    rule = measure.round
    return most if rule is None else float(rounded(most, rule.to, rule.direction))


def _most_of(scenario: Scenario, measure: Measure) -> float:
    if measure.goals:
        return float(len(measure.goals))
    outcomes = [o for o in scenario.outcomes if o.name in measure.outcomes]
    if len(outcomes) != 1 or outcomes[0].type != "event" or outcomes[0].each == "cohort":
        return np.inf
    if measure.as_ in ("average", "improvement"):
        return 1.0
    is_less = measure.as_ == "relative_improvement" and outcomes[0].better == "fewer"
    return 1.0 if is_less else np.inf


def times(amount: Draw, factor: Draw) -> Draw:
    """A product in which nothing, however often it comes, is nothing.

    >>> times(0.0, np.inf), times(2.0, 3.0)
    (array(0.), array(6.))
    """
    amount, factor = np.broadcast_arrays(np.asarray(amount, dtype=float), np.asarray(factor, dtype=float))
    is_nothing = (amount == 0.0) | (factor == 0.0)
    return np.where(is_nothing, 0.0, np.where(is_nothing, 1.0, amount) * np.where(is_nothing, 1.0, factor))
