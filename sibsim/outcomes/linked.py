"""Outcomes that need another one: who is counted in what, and in which order they are drawn. No chance here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sibsim.scenario import Outcome, Scenario

__all__ = ["ages_with_needs", "in_order_of_need", "needed_outcome", "told_apart"]


def needed_outcome(outcomes: Sequence[Outcome], outcome: Outcome) -> tuple[Outcome, str | None] | None:
    """The outcome that another one needs, and its step if it is milestones.

    >>> lease = Outcome("lease", "event", "more")
    >>> needed_outcome([lease], Outcome("kept", "event", "more", needs="lease"))[0].name
    'lease'
    """
    for other in outcomes:
        if other.name == outcome.needs:
            return other, None
        if any(step.name == outcome.needs for step in other.steps):
            return other, outcome.needs
    return None


def in_order_of_need(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Every outcome after the one it needs, else in file order."""
    placed: list[Outcome] = []

    def place(outcome: Outcome) -> None:
        if outcome in placed:
            return
        needed = needed_outcome(outcomes, outcome)
        if needed is not None:
            place(needed[0])
        placed.append(outcome)

    for outcome in outcomes:
        place(outcome)
    return placed


def told_apart(scenario: Scenario, apart: Mapping[str, set[str]]) -> Mapping[str, set[str]]:
    """By outcome: groups of people that must be told apart, also because an outcome that is linked tells them apart."""
    if not any(outcome.needs for outcome in scenario.outcomes):
        return apart
    found: dict[str, set[str]] = defaultdict(set)
    linked: dict[str, set[str]] = {}
    for outcome in in_order_of_need(scenario.outcomes):
        needed = needed_outcome(scenario.outcomes, outcome)
        linked[outcome.name] = linked[needed[0].name] if needed else set()
        linked[outcome.name] |= apart.get(outcome.name, set())
        if outcome.effect is not None and outcome.effect.among == "completers":
            linked[outcome.name].add("completers")
        found[outcome.name] = linked[outcome.name]
    return found


def ages_with_needs(
    outcomes: Sequence[Outcome], ages: Mapping[tuple[str, str, int], set[float]]
) -> Mapping[tuple[str, str, int], set[float]]:
    """Ages asked for, with those at which an outcome that needs another one asks for that, and its end."""
    if not any(outcome.needs for outcome in outcomes):
        return ages
    found: dict[tuple[str, str, int], set[float]] = defaultdict(set)
    for key, asked in ages.items():
        found[key] |= asked
    for outcome in reversed(in_order_of_need(outcomes)):
        needed = needed_outcome(outcomes, outcome)
        if needed is not None:
            for (name, cohort, group), asked in list(found.items()):
                if name == outcome.name:
                    found[needed[0].name, cohort, group] |= asked
    return found
