"""What an evaluator finds: people found of those served, and comparison groups, as chains along the follow-up.

Starting groups that no report tells apart are read together: one number each for those found and for the comparison.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Context, Draw
from sibsim.measures.clusters import shifted
from sibsim.measures.comparison import Against, Chain, Group, compare, effect_of_clusters, parts_of
from sibsim.measures.looks import Evaluation, Look
from sibsim.outcomes import Truth
from sibsim.participants import Flow
from sibsim.quantiles import binomial_quantile, normal_quantile
from sibsim.scenario import Comparison
from sibsim.timeline import Stretch

__all__ = ["Reading", "Tally", "read", "tally"]

Signature = tuple[tuple[Stretch | None, Stretch | None], ...]
Classes = dict[str, list[list[int]]]
"""By cohort: its starting groups, put together where every report treats them alike."""


@dataclass
class Reading:
    """Groups of one cohort that every report treats alike.

    Parameters
    ----------
    groups : list of int
    people : float or (n_draws,) array
        People in the groups.
    found : float or (n_draws,) array
        People the evaluator finds.
    served : dict of age to events (or points) found among them by that age
    held : dict of age to the same, as it is held against a comparison: with the luck of the clusters, if there are any
    against : list of Against
        The comparisons, each with its people and what was found among them.
    """

    truth: Truth
    groups: list[int]
    people: Draw
    found: Draw
    served: Chain
    held: Chain
    against: list[Against]


@dataclass
class Tally:
    """The readings of one report of one outcome: sums found, in the comparisons, and the people counted.

    ``clusters`` is what the luck of clusters adds to the sum found, as it is held against a comparison; ``before`` the
    sum found in the calendar year before (`growth`); ``comparison``, ``compared`` and ``weights`` have one entry for
    each comparison.
    """

    served: Draw = 0.0
    clusters: Draw | None = None
    before: Draw = 0.0
    found: Draw = 0.0
    people: Draw = 0.0
    comparison: list[Draw] = field(default_factory=list)
    compared: list[Draw] = field(default_factory=list)
    weights: list[Draw] = field(default_factory=list)


def read(context: Context, evaluation: Evaluation, truths: dict[str, Truth]) -> dict[tuple[str, int], Reading]:
    """Draw what the evaluator finds in every group; groups that are read together share one `Reading`."""
    together: dict[str, dict[Signature, list[int]]] = defaultdict(lambda: defaultdict(list))
    for cohort, truth in truths.items():
        for group in range(len(truth.flow.columns)):
            signature = tuple(look.seen((cohort, group)) for look in evaluation.looks)
            if any(stretch for both in signature for stretch in both):
                together[cohort][signature].append(group)
    classes = {c: list(found.values()) for c, found in together.items()}
    people = [_split(context, evaluation, truths, classes, p) for _, _, p in parts_of(evaluation.first.comparison)]
    readings: dict[tuple[str, int], Reading] = {}
    for cohort, signatures in together.items():
        for signature, groups in signatures.items():
            ages = sorted({a for both in signature for stretch in both if stretch for a in stretch if a > 0})
            compared = [part[cohort, groups[0]] for part in people]
            reading = _reading(context, evaluation, truths[cohort], groups, ages, compared)
            readings.update({(cohort, group): reading for group in groups})
    return readings


def _split(
    context: Context, evaluation: Evaluation, truths: dict[str, Truth], classes: Classes, part: Comparison
) -> dict[tuple[str, int], Draw]:
    """The comparison's people by cohort (by ``size``) and class of groups, in whole people that add up."""
    n = part.n
    sizes = {c: np.asarray(sum(truths[c].flow.planned.offered, 0.0)) for c in classes}
    everyone = np.maximum(sum(sizes.values(), np.asarray(0.0)), 1e-300)
    parts: dict[tuple[str, int], Draw] = {}
    weight: Draw = 0.0
    for cohort, lists in classes.items():
        n_groups = sum(len(groups) for groups in lists)
        for groups in lists:
            share = sizes[cohort] / everyone * (len(groups) / n_groups)
            begins, weight = weight, weight + share
            total = 0.0 if n is None else np.rint(context.value(n, _first_column(evaluation, cohort, groups[0])))
            people = np.rint(total * np.minimum(weight, 1.0)) - np.rint(total * begins)
            people = _collected(truths[cohort].flow, groups, people)
            parts[cohort, groups[0]] = people if np.ndim(people) else float(people)
    return parts


def _collected(flow: Flow, groups: list[int], planned: Draw) -> Draw:
    """People of the comparison for groups that do start: for people who never come nobody is looked up."""
    if not flow.starts:
        return planned
    return np.rint(planned * (sum((flow.started(g) for g in groups), 0.0) / len(groups)))


def _first_column(evaluation: Evaluation, cohort: str, group: int) -> int:
    """The date of the first report that counts a group: values over time hold as of then."""
    return min(look.column for look in evaluation.looks if any(look.seen((cohort, group))))


def _who(truth: Truth, people: str) -> list[str]:
    drawn = [c.who for c in truth.classes]
    wanted = {"offered": drawn, "starters": [w for w in drawn if w != "never"], "completers": ["completers"]}[people]
    return wanted if people != "completers" or "completers" in drawn else ["starters"]


def _reading(
    context: Context, evaluation: Evaluation, truth: Truth, groups: list[int], ages: list[float], compared: list[Draw]
) -> Reading:
    who = _who(truth, evaluation.first.people)
    name = f"measures.{evaluation.name}/{truth.flow.cohort.name}/{groups[0]}"
    people: Draw = sum((truth.people(w, g) for w in who for g in groups), 0.0)
    truly: Chain = {a: sum((truth.found(w, g, a) for w in who for g in groups), 0.0) for a in ages}
    missing: Draw = 0.0
    if truth.outcome.each == "person":
        missing = context.share(evaluation.first.missing, f"measures.{evaluation.first.name}.missing")
    column = _first_column(evaluation, truth.flow.cohort.name, groups[0])
    find = _find_events if truth.is_event else _find_mean
    found, served = find(context, truth, people, truly, missing, name)
    held = served
    effect = effect_of_clusters(context, evaluation.first.comparison, column)
    if np.any(np.asarray(effect) > 1.0):
        clustered = _clustered(context, truth, _Served(who, groups, people, truly), effect, name)
        held = find(context, truth, people, clustered, missing, name)[1]
    against = []
    for (ending, weight, part), n in zip(parts_of(evaluation.first.comparison), compared, strict=True):
        n = found if part.kind == "before" else n
        place = f"measures.{evaluation.first.name}.comparison"
        of = Group(truth, groups, ages, n, f"{name}/comparison{ending}", place, column)
        against.append(Against(part, weight, n, compare(context, part, of)))
    return Reading(truth, groups, people, found, served, held, against)


# ------------------------------------------------------------------------------------------------ people found
def _find_events(
    context: Context, truth: Truth, people: Draw, truly: Chain, missing: Draw, name: str
) -> tuple[Draw, Chain]:
    """People found with the event by each age, and all people found, each found with chance ``1 - missing``."""
    if not np.any(np.asarray(missing) > 0):
        return people, truly
    past: Draw = 0.0
    found: Draw = 0.0
    served: Chain = {}
    for age, events in truly.items():
        u = context.luck("measurement", f"{name}/found/{age:.6g} months", 1)[0]
        found = found + binomial_quantile(u, events - past, 1.0 - missing)
        served[age] = found
        past = events
    u = context.luck("measurement", f"{name}/found/without", 1)[0]
    return found + binomial_quantile(u, people - past, 1.0 - missing), served


def _find_mean(
    context: Context, truth: Truth, people: Draw, truly: Chain, missing: Draw, name: str
) -> tuple[Draw, Chain]:
    """The m found of n people have mean ``Normal(happened, sd sqrt(1 / m - 1 / n))``."""
    if not np.any(np.asarray(missing) > 0):
        return people, truly
    u = context.luck("measurement", f"{name}/found", 2)
    found = binomial_quantile(u[0], people, 1.0 - missing)
    n = np.maximum(people, 1.0)
    spread = truth.sd * np.sqrt(np.maximum(1.0 / np.maximum(found, 1.0) - 1.0 / n, 0.0))
    luck = spread * normal_quantile(u[1])
    return found, {age: (total / n + luck) * found for age, total in truly.items()}


# ------------------------------------------------------------------------------------------------ clusters
@dataclass(frozen=True)
class _Served:
    who: list[str]
    groups: list[int]
    people: Draw
    truly: Chain

    def share(self, truth: Truth, age: float) -> Draw:
        """The chance of an event by an age, of all these people together."""
        total: Draw = 0.0
        for c in truth.classes:
            if c.who in self.who:
                n: Draw = sum((truth.people(c.who, g) for g in self.groups), 0.0)
                total = total + n * truth.share_by(c.level, age)
        return total / np.maximum(self.people, 1e-300)


def _clustered(context: Context, truth: Truth, served: _Served, effect: Draw, name: str) -> Chain:
    """What happened to the served people with the luck of their clusters on top: D times the variance.

    Events: `clusters.shifted` in each stretch, of the people who are still without; exact in the first stretch, close
    in later ones, where the number still without differs from the one that happened. Means: ``sd sqrt((D - 1) / n)``.
    """
    if not truth.is_event:
        u = context.luck("measurement", f"{name}/clusters", 1)[0]
        spread = truth.sd * np.sqrt(np.asarray(effect) - 1.0) * np.sqrt(served.people)
        luck = spread * normal_quantile(u)
        return {age: total + luck for age, total in served.truly.items()}
    past: Draw = 0.0
    happened: Draw = 0.0
    share_past: Draw = 0.0
    chain: Chain = {}
    for age, events in served.truly.items():
        share = served.share(truth, age)
        chance = np.clip((share - share_past) / np.maximum(1.0 - share_past, 1e-300), 0.0, 1.0)
        u = context.luck("measurement", f"{name}/clusters/{age:.6g} months", 3)
        new = _of_others(u[2], events - happened, served.people - happened, served.people - past, chance)
        past = past + shifted(u[:2], new, served.people - past, chance, effect)
        happened, share_past = events, share
        chain[age] = past
    return chain


def _of_others(u: Draw, events: Draw, of: Draw, n: Draw, chance: Draw) -> Draw:
    """Events among n people, where there were ``events`` among ``of`` people of the same chance."""
    fewer = np.minimum(n, of) / np.maximum(of, 1e-300)
    if np.all(np.asarray(n) == np.asarray(of)):
        return events
    kept = binomial_quantile(u, events, fewer)
    return kept + binomial_quantile(u, np.maximum(n - of, 0.0), chance)


# ------------------------------------------------------------------------------------------------ reports
def tally(context: Context, look: Look, readings: dict[tuple[str, int], Reading]) -> Tally:
    """Sum what one report looks at: the groups counted, each over its stretch of follow-up."""
    n_parts = len(parts_of(look.measure.comparison))
    result = Tally(comparison=[0.0] * n_parts, compared=[0.0] * n_parts)
    done = set()
    for key in dict.fromkeys((*look.stretches, *look.before)):
        reading = readings[key]
        if id(reading) in done:
            continue
        done.add(id(reading))
        result.people = result.people + reading.people
        result.found = result.found + reading.found
        if key in look.before:
            result.before = result.before + _between(reading.served, look.before[key])
        if key not in look.stretches:
            continue
        stretch = look.stretches[key]
        result.served = result.served + _between(reading.served, stretch)
        if reading.held is not reading.served:
            more = _between(reading.held, stretch) - _between(reading.served, stretch)
            result.clusters = more if result.clusters is None else result.clusters + more
        for i, against in enumerate(reading.against):
            if against.part.kind == "fixed":
                found, people = reading.people * _fixed(context, look, against.part, reading, stretch), reading.people
            else:
                found, people = _between(against.chain, stretch), against.people
            result.comparison[i] = result.comparison[i] + found
            result.compared[i] = result.compared[i] + people
    result.weights = [context.value(weight, look.column) for _, weight, _ in parts_of(look.measure.comparison)]
    return result


def _between(chain: Chain, stretch: Stretch) -> Draw:
    begins, ends = stretch
    return chain[ends] - chain.get(begins, 0.0) if ends > 0 else 0.0


def _fixed(context: Context, look: Look, part: Comparison, reading: Reading, stretch: Stretch) -> Draw:
    """The contract's number over a stretch of follow-up.

    A rate by its hazard, a share ``so far`` by its part of the time.
    """
    begins, ends = stretch
    level = part.level
    if level is None:
        return 0.0
    value = context.value(level.value, look.column)
    if level.per_year:
        return np.exp(-value * begins / 12.0) - np.exp(-value * ends / 12.0)
    if look.measure.follow_up is not None:
        return value
    return reading.truth.share_by(value, ends) - (reading.truth.share_by(value, begins) if begins > 0 else 0.0)
