"""What the evaluator finds of the people served: those he reaches, and the luck of the clusters they come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sibsim.context import Context, Draw
from sibsim.measures.clusters import shifted
from sibsim.outcomes import Milestones, Truth
from sibsim.quantiles import binomial_quantile, normal_quantile

__all__ = ["Chain", "Found", "Served", "clustered", "find"]

Chain = dict[float, Draw]
"""By age (months since the person's start): people with an event, or a number, days, money or points, by that age."""


@dataclass(frozen=True)
class Served:
    """Groups of one cohort that every report treats alike, as they are in truth.

    ``who`` are the classes of people whose results count, ``name`` that of their luck.
    """

    truth: Truth
    who: list[str]
    groups: list[int]
    ages: list[float]
    name: str

    @cached_property
    def people(self) -> Draw:
        """All of them; with something needed first, those who ever had it."""
        return self._sum(lambda who, group: self.truth.people(who, group))

    @cached_property
    def people_by(self) -> dict[float, Draw]:
        """By age, if something is needed first: those who had it by then. Else empty."""
        if self.truth.needed is None:
            return {}
        return {age: self._sum(lambda w, g, a=age: self.truth.people(w, g, a)) for age in self.ages}  # type: ignore[misc]

    @cached_property
    def truly(self) -> Chain:
        """What happened to them."""
        return {age: self._sum(lambda w, g, a=age: self.truth.found(w, g, a)) for age in self.ages}  # type: ignore[misc]

    def level(self, age: float) -> Draw:
        """Expected of one of them by an age."""
        total: Draw = 0.0
        for c in self.truth.classes:
            for group in self.groups if c.who in self.who else ():
                n = self.truth.people(c.who, group)
                total = total + n * self.truth.share_by(c.levels[group], age, group)
        return total / np.maximum(self.people, 1e-300)

    def part(self, age: float) -> Draw:
        """The part of ``over`` that is behind them by an age; for points always all of it."""
        if not self.truth.adds_up:
            return 1.0
        groups = self.groups if self.truth.calendar is not None else self.groups[:1]
        return sum((self.truth.part(age, group) for group in groups), 0.0) / len(groups)

    def _sum(self, one: Callable[[str, int], Draw]) -> Draw:
        return sum((one(who, group) for who in self.who for group in self.groups), 0.0)


@dataclass(frozen=True)
class Found:
    """What the evaluator finds of them.

    Parameters
    ----------
    people : float or (n_draws,) array
        People found.
    chain : dict of age to float or (n_draws,) array
    people_by : dict of age to float or (n_draws,) array
        People found by age, if something is needed first.
    steps : dict of step to (months, float or (n_draws,) array)
        Of milestones: when each step is reached, and by how many of those found.
    """

    people: Draw
    chain: Chain
    people_by: Mapping[float, Draw] = field(default_factory=dict)
    steps: Mapping[str, tuple[float, Draw]] = field(default_factory=dict)


def find(context: Context, served: Served, truly: Chain, missing: Draw) -> Found:
    """The people found, each with chance ``1 - missing`` whatever their outcome, and what is found of them.

    Parameters
    ----------
    context : Context
    served : Served
    truly : dict of age to float or (n_draws,) array
        What happened to them (perhaps with the luck of their clusters).
    missing : float or (n_draws,) array
    """
    if isinstance(served.truth, Milestones):
        return _find_steps(context, served, served.truth, missing)
    if not np.any(np.asarray(missing) > 0):
        return Found(served.people, truly, served.people_by)
    return FINDERS.get(served.truth.outcome.type, _find_amounts)(context, served, truly, missing)


def _find_events(context: Context, served: Served, truly: Chain, missing: Draw) -> Found:
    """Of those with the event by each age, and of the others, each is found with the same chance."""
    past: Draw = 0.0
    found: Draw = 0.0
    chain: Chain = {}
    for age, events in truly.items():
        u = context.luck("measurement", f"{served.name}/found/{age:.6g} months", 1)[0]
        found = found + binomial_quantile(u, events - past, 1.0 - missing)
        chain[age] = found
        past = events
    u = context.luck("measurement", f"{served.name}/found/without", 1)[0]
    others = np.maximum(served.people - past, 0.0)
    by = {
        age: chain[age] + binomial_quantile(u, np.maximum(n - truly[age], 0.0), 1.0 - missing)
        for age, n in served.people_by.items()
    }
    return Found(found + binomial_quantile(u, others, 1.0 - missing), chain, by)


def _find_amounts(context: Context, served: Served, truly: Chain, missing: Draw) -> Found:
    """The m found of n have mean ``Normal(happened, sd t sqrt(1 / m - 1 / n))``, t the part of ``over`` so far."""
    u = context.luck("measurement", f"{served.name}/found", 2)

    def found_of(people: Draw) -> Draw:
        return binomial_quantile(u[0], people, 1.0 - missing)

    def of_them(age: float, total: Draw) -> Draw:
        everyone = served.people_by.get(age, served.people)
        n, m = np.maximum(everyone, 1.0), found_of(everyone)
        spread = served.truth.sd * np.sqrt(np.maximum(1.0 / np.maximum(m, 1.0) - 1.0 / n, 0.0))
        return (total / n + spread * served.part(age) * normal_quantile(u[1])) * m

    chain = {age: of_them(age, total) for age, total in truly.items()}
    return Found(found_of(served.people), chain, {age: found_of(n) for age, n in served.people_by.items()})


def _find_numbers(context: Context, served: Served, truly: Chain, missing: Draw) -> Found:
    """Of a count, the part that happened to those found.

    With m of n people found, persons' own means gamma of shape ``k = mean ** 2 / sd ** 2``, what is found of the next
    T, after F of A so far, is beta-binomial: T with the chance ``Beta(k m + F, k (n - m) + A - F)``. Without ``sd``
    the chance is m / n.
    """
    from scipy.special import betaincinv

    u = context.luck("measurement", f"{served.name}/found", 1)[0]
    m = binomial_quantile(u, served.people, 1.0 - missing)
    n = np.maximum(served.people, 1.0)
    level = served.level(served.truth.ends)
    sd = np.broadcast_to(np.asarray(served.truth.sd_of(level, served.groups[0]), dtype=float), u.shape)
    k = np.square(level) / np.where(sd > 0.0, np.square(sd), 1.0)
    found: Draw = 0.0
    past: Draw = 0.0
    chain: Chain = {}
    for age, total in truly.items():
        luck = context.luck("measurement", f"{served.name}/found/{age:.6g} months", 2)
        ours, others = k * m + found, k * (n - m) + (past - found)
        is_mixed = (sd > 0.0) & (ours > 0.0) & (others > 0.0)
        share = np.broadcast_to(m / n, u.shape).copy()
        ours, others = (np.broadcast_to(x, u.shape) for x in (ours, others))
        share[is_mixed] = betaincinv(ours[is_mixed], others[is_mixed], luck[0][is_mixed])
        found = found + binomial_quantile(luck[1], total - past, np.clip(share, 0.0, 1.0))
        past, chain[age] = total, found
    by = {age: binomial_quantile(u, people, 1.0 - missing) for age, people in served.people_by.items()}
    return Found(m, chain, by)


FINDERS: dict[str, Callable[[Context, Served, Chain, Draw], Found]] = {"event": _find_events, "count": _find_numbers}
"""By type of outcome; the others are amounts or points, with a mean."""


def _find_steps(context: Context, served: Served, truth: Milestones, missing: Draw) -> Found:
    """Of those who came as far as each step (and no further), each is found with the same chance."""
    sums = {
        step.name: served._sum(lambda who, group, name=step.name: truth.step_found(name, who, group, np.inf))  # type: ignore[misc]
        for step in truth.steps
    }
    people = served.people
    if np.any(np.asarray(missing) > 0):
        found: Draw = 0.0
        beyond: Draw = 0.0
        for name in reversed([step.name for step in truth.steps]):
            u = context.luck("measurement", f"{served.name}/found/{name}", 1)[0]
            found, beyond = found + binomial_quantile(u, sums[name] - beyond, 1.0 - missing), sums[name]
            sums[name] = found
        u = context.luck("measurement", f"{served.name}/found/without", 1)[0]
        people = found + binomial_quantile(u, people - beyond, 1.0 - missing)
    steps = {step.name: (step.months, sums[step.name]) for step in truth.steps}
    chain = {age: sum((n for months, n in steps.values() if months <= age), 0.0) for age in served.ages}
    return Found(people, chain, {}, steps)


# ------------------------------------------------------------------------------------------------ clusters
def clustered(context: Context, served: Served, effect: Draw) -> Chain:
    """What happened to the served people with the luck of their clusters on top: D times the variance.

    Events: `clusters.shifted` in each stretch, of the people who are still without; exact in the first stretch, close
    in later ones, where the number still without differs from the one that happened. Otherwise a normal sum of variance
    ``n (D - 1)`` times that of one person.
    """
    if not served.truth.is_event:
        return _clustered_amounts(context, served, effect)
    past: Draw = 0.0
    happened: Draw = 0.0
    share_past: Draw = 0.0
    chain: Chain = {}
    for age, events in served.truly.items():
        share = served.level(age)
        chance = np.clip((share - share_past) / np.maximum(1.0 - share_past, 1e-300), 0.0, 1.0)
        u = context.luck("measurement", f"{served.name}/clusters/{age:.6g} months", 3)
        new = _of_others(u[2], events - happened, served.people - happened, served.people - past, chance)
        past = past + shifted(u[:2], new, served.people - past, chance, effect)
        happened, share_past = events, share
        chain[age] = past
    return chain


def _clustered_amounts(context: Context, served: Served, effect: Draw) -> Chain:
    truth = served.truth
    u = context.luck("measurement", f"{served.name}/clusters", 1)[0]
    luck = normal_quantile(u) * np.sqrt(served.people * (np.asarray(effect) - 1.0))
    chain: Chain = {}
    for age, total in served.truly.items():
        variance = np.square(truth.sd_of(served.level(truth.ends), served.groups[0]) * served.part(age))
        if truth.outcome.type == "count":
            variance = variance + np.maximum(served.level(age), 0.0)
        chain[age] = total + luck * np.sqrt(variance)
    return chain


def _of_others(u: Draw, events: Draw, of: Draw, n: Draw, chance: Draw) -> Draw:
    """Events among n people, where there were ``events`` among ``of`` people of the same chance."""
    if np.all(np.asarray(n) == np.asarray(of)):
        return events
    kept = binomial_quantile(u, events, np.minimum(n, of) / np.maximum(of, 1e-300))
    return kept + binomial_quantile(u, np.maximum(n - of, 0.0), chance)
