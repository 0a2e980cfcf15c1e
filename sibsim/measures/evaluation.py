"""What an evaluator finds: people found of those served, and comparison groups, as chains along the follow-up.

Starting groups that no report tells apart are read together: one number each for those found and for the comparison.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from sibsim.context import Context, Draw
from sibsim.measures.comparison import Against, Group, compare, effect_of_clusters, fixed_number, parts_of
from sibsim.measures.looks import Evaluation, Look
from sibsim.measures.served import Chain, Found, Served, clustered, find
from sibsim.outcomes import Truth
from sibsim.participants import Flow
from sibsim.scenario import Comparison
from sibsim.timeline import Stretch

__all__ = ["Reading", "Tally", "read", "tally", "who_counts"]

Signature = tuple[tuple[Stretch | None, Stretch | None], ...]
Classes = dict[str, list[list[int]]]
"""By cohort: its starting groups, put together where every report treats them alike."""


@dataclass(frozen=True)
class Reading:
    """Groups of one cohort that every report treats alike.

    Parameters
    ----------
    served : Served
    found : Found
    held : dict of age to float or (n_draws,) array
        What is found, as it is held against a comparison: with the luck of the clusters, if there are any.
    against : list of Against
        The comparisons, each with its people and what was found among them.
    """

    served: Served
    found: Found
    held: Chain
    against: list[Against]

    def counted(self, age: float) -> tuple[Draw, Draw]:
        """People counted by an age, and those of them who are found."""
        served, found = self.served, self.found
        return served.people_by.get(age, served.people), found.people_by.get(age, found.people)


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
    steps: dict[str, Draw] = field(default_factory=dict)


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


def who_counts(truth: Truth, people: str) -> list[str]:
    """The classes of people whose results a measure counts."""
    drawn = [c.who for c in truth.classes]
    wanted = {"offered": drawn, "starters": [w for w in drawn if w != "never"], "completers": ["completers"]}[people]
    return wanted if people != "completers" or "completers" in drawn else ["starters"]


def _reading(
    context: Context, evaluation: Evaluation, truth: Truth, groups: list[int], ages: list[float], compared: list[Draw]
) -> Reading:
    first, cohort = evaluation.first, truth.flow.cohort.name
    name = f"measures.{evaluation.name}/{cohort}/{groups[0]}"
    served = Served(truth, who_counts(truth, first.people), groups, ages, name)
    missing: Draw = 0.0
    if truth.outcome.each == "person":
        missing = context.share(first.missing, f"measures.{first.name}.missing")
    column = _first_column(evaluation, cohort, groups[0])
    found = find(context, served, served.truly, missing)
    held = found.chain
    effect = effect_of_clusters(context, first.comparison, column)
    if np.any(np.asarray(effect) > 1.0):
        held = find(context, served, clustered(context, served, effect), missing).chain
    against = []
    for (ending, weight, part), n in zip(parts_of(first.comparison), compared, strict=True):
        n = found.people if part.kind == "before" else n
        of = Group(truth, groups, ages, n, f"{name}/comparison{ending}", f"measures.{first.name}.comparison", column)
        against.append(Against(part, weight, n, compare(context, part, of)))
    return Reading(served, found, held, against)


# ------------------------------------------------------------------------------------------------ reports
def tally(context: Context, look: Look, readings: dict[tuple[str, int], Reading]) -> Tally:
    """Sum what one report looks at: the groups counted, each over its stretch of follow-up."""
    parts = parts_of(look.measure.comparison)
    result = Tally(comparison=[0.0] * len(parts), compared=[0.0] * len(parts))
    done = set()
    for key in dict.fromkeys((*look.stretches, *look.before)):
        reading = readings[key]
        if id(reading) in done:
            continue
        done.add(id(reading))
        _add(context, result, look, reading, look.seen(key))
    result.weights = [context.value(weight, look.column) for _, weight, _ in parts]
    return result


def _add(
    context: Context, result: Tally, look: Look, reading: Reading, seen: tuple[Stretch | None, Stretch | None]
) -> None:
    """Add one reading to the sums of a report."""
    stretch, before = seen
    chain = reading.found.chain
    people, found = reading.counted((stretch or before or (0.0, 0.0))[1])
    result.people, result.found = result.people + people, result.found + found
    if before is not None:
        result.before = result.before + _between(chain, before)
    if stretch is None:
        return
    result.served = result.served + _between(chain, stretch)
    for step, (months, n) in reading.found.steps.items():
        is_new = months <= stretch[1] and not 0 < stretch[0] >= months
        result.steps[step] = result.steps.get(step, 0.0) + (n if is_new else 0.0)
    if reading.held is not chain:
        more = _between(reading.held, stretch) - _between(chain, stretch)
        result.clusters = more if result.clusters is None else result.clusters + more
    for i, against in enumerate(reading.against):
        of, sum_ = people, people * fixed_number(context, against.part, reading.served.truth, look, stretch)
        if against.part.kind != "fixed":
            of, sum_ = against.people, _between(against.chain, stretch)
        result.comparison[i] = result.comparison[i] + sum_
        result.compared[i] = result.compared[i] + of


def _between(chain: Chain, stretch: Stretch) -> Draw:
    begins, ends = stretch
    return chain[ends] - chain.get(begins, 0.0) if ends > 0 else 0.0
