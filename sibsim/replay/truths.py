"""What a report would have said if it had found the truth: nobody missing, no luck in whom it is set against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sibsim.context import Context, Draw
from sibsim.measures.evaluation import who_counts
from sibsim.measures.looks import Look, looks
from sibsim.outcomes import Truth
from sibsim.scenario import Measure

__all__ = ["COMPARED", "true_readings"]

COMPARED = ("improvement", "relative_improvement", "total_improvement")
"""Quantities that are a difference: in truth what is expected with the programme, less what is expected without."""
Key = tuple[str, str | None, int]


@dataclass
class _Sums:
    """Of the people a report counts, over the months it looks at: what is expected, and what happened."""

    sign: float = 1.0
    people: Draw = 0.0
    with_: Draw = 0.0
    without: Draw = 0.0
    happened: Draw = 0.0
    before: Draw = 0.0


def true_readings(context: Context, truths: Sequence[Truth]) -> dict[Key, Draw]:
    """The truth behind each report of an outcome, by measure, cohort and column.

    Of a difference it is the effect: what is expected with the programme less without, given the inputs. Else it is
    what happened. Composites, counts of people, and differences in what needs another outcome have none.
    """
    found: dict[Key, _Sums] = {}
    measures = [m for m in context.scenario.measures if m.outcomes]
    for measure in measures:
        for outcome in measure.outcomes:
            of = {t.flow.cohort.name: t for t in truths if t.outcome.name == outcome}
            if measure.as_ in COMPARED and any(t.needed is not None or not t.outcome.is_causal for t in of.values()):
                continue
            for look in looks(context.scenario, measure, outcome):
                sums = found.setdefault((measure.name, look.cohort, look.column), _Sums())
                _add(sums, look, of, is_first=outcome == measure.outcomes[0])
    by_name = {m.name: m for m in measures}
    return {key: _reading(context, by_name[key[0]], sums, key[2]) for key, sums in found.items()}


def _add(sums: _Sums, look: Look, of: dict[str, Truth], is_first: bool) -> None:
    for (cohort, group), (begins, ends) in look.stretches.items():
        truth = of[cohort]
        sums.sign = truth.sign
        for c in truth.classes:
            if c.who not in who_counts(truth, look.measure.people):
                continue
            n = truth.everyone(c.who, group)
            for name, is_with in (("with_", True), ("without", False)):
                level = truth.expected_by(c, group, ends, is_with=is_with)
                if begins > 0:
                    level = level - truth.expected_by(c, group, begins, is_with=is_with)
                setattr(sums, name, getattr(sums, name) + n * level)
            past = truth.found(c.who, group, begins) if begins > 0 else 0.0
            sums.happened = sums.happened + truth.found(c.who, group, ends) - past
            if is_first:
                sums.people = sums.people + truth.people(c.who, group, ends)
    for (cohort, group), (begins, ends) in look.before.items():
        for who in who_counts(of[cohort], look.measure.people):
            past = of[cohort].found(who, group, begins) if begins > 0 else 0.0
            sums.before = sums.before + of[cohort].found(who, group, ends) - past


def _ratio(one: Draw, other: Draw) -> Draw:
    other = np.asarray(other, dtype=float)
    return np.where(other != 0, one / np.where(other != 0, other, 1.0), np.nan)


QUANTITIES: dict[str, Callable[[_Sums], Draw]] = {
    "total": lambda s: s.happened,
    "average": lambda s: _ratio(s.happened, s.people),
    "improvement": lambda s: _ratio(s.sign * (s.with_ - s.without), s.people),
    "relative_improvement": lambda s: _ratio(s.sign * (s.with_ - s.without), np.abs(s.without)),
    "total_improvement": lambda s: s.sign * (s.with_ - s.without),
    "growth": lambda s: _ratio(s.happened, s.before),
}
"""Each quantity of `sibsim.measures.QUANTITIES` on the truth."""


def _reading(context: Context, measure: Measure, sums: _Sums, column: int) -> Draw:
    value = QUANTITIES[measure.as_](sums)
    if measure.short_of is not None:
        value = np.maximum(context.value(measure.short_of, column) - value, 0.0)
    return value
