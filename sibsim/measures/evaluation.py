"""What an evaluator finds: people found of those served, and a comparison group, as chains along the follow-up.

Starting groups that no report tells apart are read together: one number each for those found and for the comparison.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from sibsim.context import Context, Draw
from sibsim.measures.looks import Evaluation, Look, Stretch
from sibsim.outcomes import Truth
from sibsim.participants import Flow
from sibsim.quantiles import binomial_quantile, normal_quantile

__all__ = ["Reading", "Tally", "read", "tally"]

Chain = dict[float, Draw]
Signature = tuple[Stretch | None, ...]


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
    compared : float or (n_draws,) array
        People in the comparison.
    comparison : dict of age to events (or points) among those
    """

    truth: Truth
    groups: list[int]
    people: Draw
    found: Draw
    served: Chain
    compared: Draw
    comparison: Chain


@dataclass
class Tally:
    """The three readings of one report: sums found, in the comparison, and the people counted."""

    served: Draw = 0.0
    found: Draw = 0.0
    people: Draw = 0.0
    comparison: Draw = 0.0
    compared: Draw = 0.0
    fixed: Draw = 0.0


def read(context: Context, evaluation: Evaluation, truths: dict[str, Truth]) -> dict[tuple[str, int], Reading]:
    """Draw what the evaluator finds in every group; groups that are read together share one `Reading`."""
    together: dict[str, dict[Signature, list[int]]] = defaultdict(lambda: defaultdict(list))
    for cohort, truth in truths.items():
        for group in range(len(truth.flow.columns)):
            signature = tuple(look.stretches.get((cohort, group)) for look in evaluation.looks)
            if any(signature):
                together[cohort][signature].append(group)
    parts = _split(context, evaluation, truths, {c: list(classes.values()) for c, classes in together.items()})
    readings: dict[tuple[str, int], Reading] = {}
    for cohort, classes in together.items():
        for signature, groups in classes.items():
            ages = sorted({a for stretch in signature if stretch for a in stretch if a > 0})
            reading = _reading(context, evaluation, truths[cohort], groups, ages, parts[cohort, groups[0]])
            readings.update({(cohort, group): reading for group in groups})
    return readings


def _split(
    context: Context, evaluation: Evaluation, truths: dict[str, Truth], classes: dict[str, list[list[int]]]
) -> dict[tuple[str, int], Draw]:
    """The comparison's people by cohort (by ``size``) and class of groups, in whole people that add up."""
    n = evaluation.first.comparison.n
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
            part = np.rint(total * np.minimum(weight, 1.0)) - np.rint(total * begins)
            part = _collected(truths[cohort].flow, groups, part)
            parts[cohort, groups[0]] = part if np.ndim(part) else float(part)
    return parts


def _collected(flow: Flow, groups: list[int], planned: Draw) -> Draw:
    """People of the comparison for groups that do start: for people who never come nobody is looked up."""
    if not flow.starts:
        return planned
    return np.rint(planned * (sum((flow.started(g) for g in groups), 0.0) / len(groups)))


def _first_column(evaluation: Evaluation, cohort: str, group: int) -> int:
    """The date of the first report that counts a group: values over time hold as of then."""
    return min(look.column for look in evaluation.looks if (cohort, group) in look.stretches)


def _who(truth: Truth, people: str) -> list[str]:
    drawn = [c.who for c in truth.classes]
    wanted = {"offered": drawn, "starters": [w for w in drawn if w != "never"], "completers": ["completers"]}[people]
    return wanted if people != "completers" or "completers" in drawn else ["starters"]


def _reading(
    context: Context, evaluation: Evaluation, truth: Truth, groups: list[int], ages: list[float], compared: Draw
) -> Reading:
    who = _who(truth, evaluation.first.people)
    name = f"measures.{evaluation.name}/{truth.flow.cohort.name}/{groups[0]}"
    people: Draw = sum((truth.people(w, g) for w in who for g in groups), 0.0)
    truly: Chain = {a: sum((truth.found(w, g, a) for w in who for g in groups), 0.0) for a in ages}
    missing: Draw = 0.0
    if truth.outcome.each == "person":
        missing = context.share(evaluation.first.missing, f"measures.{evaluation.name}.missing")
    column = _first_column(evaluation, truth.flow.cohort.name, groups[0])
    is_compared = evaluation.first.comparison.kind in ("matched", "rct")
    if not truth.is_event:
        found, served = _find_mean(context, truth, people, truly, missing, name)
        comparison = _compare_mean(context, evaluation, truth, ages, compared, name, column) if is_compared else {}
        return Reading(truth, groups, people, found, served, compared, comparison)
    found, served = _find_events(context, people, truly, missing, name)
    comparison = _compare_events(context, evaluation, truth, ages, compared, name, column) if is_compared else {}
    return Reading(truth, groups, people, found, served, compared, comparison)


def _find_events(context: Context, people: Draw, truly: Chain, missing: Draw, name: str) -> tuple[Draw, Chain]:
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


def _compare_events(
    context: Context, evaluation: Evaluation, truth: Truth, ages: list[float], n: Draw, name: str, column: int
) -> Chain:
    """Events among n people whose true share over the same follow-up is that without the programme, x (1 + bias)."""
    bias = _bias(context, evaluation, column)
    past: Draw = 0.0
    share_past: Draw = 0.0
    chain: Chain = {}
    for age in ages:
        place = f"measures.{evaluation.name}.comparison.bias"
        biased = np.minimum(truth.share_by(truth.without, age) * (1.0 + bias), 1.0)
        share = context.within(biased, 0.0, 1.0, place)
        chance = np.clip((share - share_past) / np.maximum(1.0 - share_past, 1e-300), 0.0, 1.0)
        u = context.luck("measurement", f"{name}/comparison/{age:.6g} months", 1)[0]
        past = past + binomial_quantile(u, n - past, chance)
        share_past = share
        chain[age] = past
    return chain


def _compare_mean(
    context: Context, evaluation: Evaluation, truth: Truth, ages: list[float], n: Draw, name: str, column: int
) -> Chain:
    """Points of n people whose true mean is that without the programme, x (1 + bias)."""
    u = context.luck("measurement", f"{name}/comparison", 1)[0]
    mean = truth.without * (1.0 + _bias(context, evaluation, column))
    mean = mean + truth.sd / np.sqrt(np.maximum(n, 1.0)) * normal_quantile(u)
    return dict.fromkeys(ages, mean * n)


def _bias(context: Context, evaluation: Evaluation, column: int) -> Draw:
    comparison = evaluation.first.comparison
    if comparison.kind != "matched":
        return 0.0
    return context.value(comparison.bias, column)


def tally(context: Context, look: Look, readings: dict[tuple[str, int], Reading]) -> Tally:
    """Sum what one report looks at: the groups counted, each over its stretch of follow-up."""
    result, done = Tally(), set()
    for key, (begins, ends) in look.stretches.items():
        reading = readings[key]
        if id(reading) in done:
            continue
        done.add(id(reading))
        result.people = result.people + reading.people
        result.found = result.found + reading.found
        result.served = result.served + reading.served[ends] - reading.served.get(begins, 0.0)
        result.compared = result.compared + reading.compared
        if reading.comparison:
            since = reading.comparison.get(begins, 0.0)
            result.comparison = result.comparison + reading.comparison[ends] - since
        result.fixed = result.fixed + reading.people * _fixed(context, look, reading, begins, ends)
    return result


def _fixed(context: Context, look: Look, reading: Reading, begins: float, ends: float) -> Draw:
    """The contract's number over a stretch of follow-up: a rate by its hazard, a share ``so far`` by its part of time.
    """
    level = look.measure.comparison.level
    if level is None:
        return 0.0
    value = context.value(level.value, look.column)
    if level.per_year:
        return np.exp(-value * begins / 12.0) - np.exp(-value * ends / 12.0)
    if look.measure.follow_up is not None:
        return value
    return reading.truth.share_by(value, ends) - (reading.truth.share_by(value, begins) if begins > 0 else 0.0)
