"""People one by one, for a cap per person: who of a group had what, and what is due for each of them.

Events and steps are drawn as numbers of people. Here these numbers are allotted to persons, at random among those who
can have them: a step only to those at the step before, an outcome that needs another only to those who had that. So
each person has a history, and all histories together are the totals that were drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.measures.looks import Look, looks
from sibsim.outcomes import Milestones, Truth
from sibsim.participants import Flow
from sibsim.scenario import Measure, Payment, Value, amended_by
from sibsim.timeline import payment_columns, price_sources

__all__ = ["due_under_cap", "under_caps"]

NEVER = np.iinfo(np.int16).max
"""Of a person who never has it: later than any age in the list."""


@dataclass(frozen=True)
class _Track:
    """Something a person can have once: an event, or a step of milestones; and what must be had before."""

    outcome: str
    step: str | None = None
    parent: _Track | None = None

    @property
    def name(self) -> str:
        return self.outcome if self.step is None else f"{self.outcome}.{self.step}"


@dataclass(frozen=True)
class _Item:
    """One price: whom it is paid for, and when."""

    price: Value
    measure: Measure
    track: _Track
    looks: Mapping[tuple[str | None, int], Look]
    """By cohort (or None) and column of the report."""


UnderCaps = dict[str, Callable[[str | None, int, Array], Draw]]
"""By payment: what is due under its cap per person, of a cohort (or None), at a column, where it is due at all."""


def under_caps(context: Context, flows: Mapping[str, Flow], truths: Sequence[Truth]) -> UnderCaps:
    """What each payment with a cap per person pays under it; see `due_under_cap`."""
    found: UnderCaps = {}
    for payment in context.scenario.payments:
        if payment.cap.per_person is None:
            continue
        if payment.if_ is not None or amended_by(payment):
            found[payment.name] = _UnderCap(context, flows, truths, payment).due
            continue
        due = due_under_cap(context, flows, truths, payment)
        found[payment.name] = partial(_whatever, due)
    return found


def _whatever(due: Mapping[tuple[str | None, int], Draw], key: str | None, column: int, is_due: Array) -> Draw:
    """Of a payment without a condition."""
    return due.get((key, column), 0.0)


def due_under_cap(
    context: Context, flows: Mapping[str, Flow], truths: Sequence[Truth], payment: Payment
) -> dict[tuple[str | None, int], Draw]:
    """What a payment with a cap per person pays on each date, person by person, all of them added up.

    On each date a person earns the sum of the prices of what is newly reported of them, and is paid
    ``min(earned, max(cap - paid before, 0))``.

    Parameters
    ----------
    context : Context
    flows : dict of cohort to Flow
    truths : sequence of Truth
        All outcomes in all cohorts: how many people had what by which age.
    payment : Payment
        ``prices`` or ``per_unit``, in money.

    Returns
    -------
    dict of (cohort or None, column) to (n_draws,) array
    """
    of = {(t.outcome.name, t.flow.cohort.name): t for t in truths}
    items = _items(context, payment)
    columns = payment_columns(context.scenario, payment)
    due: dict[tuple[str | None, int], Draw] = defaultdict(float)
    for cohort, flow in flows.items():
        for group in range(len(flow.columns)):
            for key in [key for key in columns if key in (None, cohort)]:
                walk = _Walk(context, payment, items, _Cell(context, flow, group, of), key)
                for column in columns[key]:
                    due[key, column] = due[key, column] + walk.paid(column)
    return due


def _items(context: Context, payment: Payment) -> list[_Item]:
    """Every price with what it is paid for; a price for milestones without a step is one for each step."""
    scenario = context.scenario
    if payment.shape == "prices" and isinstance(payment.parameter, tuple):
        sources = price_sources(scenario, payment)
        priced = [(source, row.pays) for source, row in zip(sources, payment.parameter, strict=True)]
    else:
        assert not isinstance(payment.parameter, tuple)
        assert payment.measure is not None
        priced = [((payment.measure, None), payment.parameter)]
    items = []
    for (name, what), price in priced:
        measure = scenario.measure(name)
        for outcome in measure.outcomes:
            if what in measure.outcomes and what != outcome:
                continue
            steps: list[str | None] = [step.name for step in scenario.outcome(outcome).steps] or [None]
            by_date = {(look.cohort, look.column): look for look in looks(scenario, measure, outcome)}
            for step in steps:
                if what in (None, outcome, step):
                    items.append(_Item(price, measure, _track(context, outcome, step), by_date))
    return items


def _track(context: Context, outcome: str, step: str | None) -> _Track:
    """An event or step with all that must be had before it."""
    of = context.scenario.outcome(outcome)
    names = [s.name for s in of.steps]
    if step is not None and names.index(step) > 0:
        return _Track(outcome, step, _track(context, outcome, names[names.index(step) - 1]))
    if of.needs is None:
        return _Track(outcome, step)
    for other in context.scenario.outcomes:
        if other.name == of.needs:
            return _Track(outcome, step, _track(context, other.name, None))
        if of.needs in {s.name for s in other.steps}:
            return _Track(outcome, step, _track(context, other.name, of.needs))
    raise KeyError(of.needs)


class _UnderCap:
    """The same date by date, for a payment with a condition or with terms that an event amends.

    Where it is not due nobody is paid, and no cap is used up.

    Parameters
    ----------
    context, flows, truths, payment
        As in `due_under_cap`.
    """

    def __init__(self, context: Context, flows: Mapping[str, Flow], truths: Sequence[Truth], payment: Payment) -> None:
        of = {(t.outcome.name, t.flow.cohort.name): t for t in truths}
        items, columns = _items(context, payment), payment_columns(context.scenario, payment)
        self._walks = {
            key: [
                _Walk(context, payment, items, _Cell(context, flow, group, of), key)
                for cohort, flow in flows.items()
                for group in range(len(flow.columns))
                if key in (None, cohort)
            ]
            for key in columns
        }

    def due(self, key: str | None, column: int, is_due: Array) -> Draw:
        """What all of them are paid on a date, in the draws in which the payment is due."""
        return sum((walk.paid(column, is_due) for walk in self._walks[key]), 0.0)


class _Walk:
    """The people of one group, paid date by date."""

    def __init__(
        self, context: Context, payment: Payment, items: Sequence[_Item], cell: _Cell, key: str | None
    ) -> None:
        self.context, self.payment, self.items, self.cell, self.key = context, payment, items, cell, key
        self._so_far: Array | None = None

    def paid(self, column: int, is_due: Array | None = None) -> Draw:
        """What they are paid on a date, all of them added up; nothing where it is not due."""
        earned = self._earned(column)
        if earned is None:
            return 0.0
        assert self.payment.cap.per_person is not None
        most = self.context.value(self.payment.cap.per_person, column)
        self._so_far = np.zeros(earned.shape) if self._so_far is None else self._so_far
        today = np.minimum(earned, np.maximum(most - self._so_far, 0.0))
        today = today if is_due is None else np.where(is_due, today, 0.0)
        self._so_far += today
        return np.asarray(today.sum(axis=0))

    def _earned(self, column: int) -> Array | None:
        """The prices of what is newly reported of each person; None where nothing is."""
        earned: Array | None = None
        for item in self.items:
            look = item.looks.get((self.key, column))
            cell = self.cell
            stretch = look.stretches.get((cell.flow.cohort.name, cell.group)) if look is not None else None
            if stretch is not None:
                price = self.context.value(item.price, column) * self.context.indexed(self.payment.index, column)
                one = cell.has(item.track, item.measure.people, *stretch) * price
                earned = one if earned is None else earned + one
        return earned


class _Cell:
    """The people of one starting group, one by one: completers first, then drop-outs, then those who never start.

    Parameters
    ----------
    context : Context
    flow : Flow
    group : int
    truths : mapping of (outcome, cohort) to Truth
    """

    def __init__(self, context: Context, flow: Flow, group: int, truths: Mapping[tuple[str, str], Truth]) -> None:
        self.context = context
        self.flow = flow
        self.group = group
        self.truths = truths
        n = context.n_draws
        self._ends = {
            who: np.broadcast_to(np.asarray(flow.group(who)[group], dtype=float), (n,))
            for who in ("completers", "starters", "offered")
        }
        self._number = np.arange(int(np.max(self._ends["offered"])))[:, None]
        self._ages: dict[_Track, list[float]] = {}
        self._when: dict[_Track, Array] = {}

    def has(self, track: _Track, people: str, begins: float, ends: float) -> Array:
        """Who of some people came to have something between two ages, shape (people, n_draws)."""
        if (track.outcome, self.flow.cohort.name) not in self.truths:  # an outcome of other cohorts
            return np.zeros((len(self._number), self.context.n_draws), dtype=bool)
        when = self._drawn(track)
        ages = self._ages[track]
        first = sum(age <= begins for age in ages) if begins > 0 else 0
        last = sum(age <= ends for age in ages)
        return (when >= first) & (when < last) & self._are(people)

    def _are(self, people: str) -> Array:
        """Who is offered the programme, starts, completes, drops out or never starts, shape (people, n_draws)."""
        if people in self._ends:
            return self._number < self._ends[people]
        first, last = {"dropouts": ("completers", "starters"), "never": ("starters", "offered")}[people]
        return (self._number >= self._ends[first]) & (self._number < self._ends[last])

    def _drawn(self, track: _Track) -> Array:
        """For each person the place, in the list of ages, of the age at which they have it; `NEVER`."""
        if track not in self._when:
            if track.parent is not None:
                self._drawn(track.parent)
            truth = self.truths[track.outcome, self.flow.cohort.name]
            self._ages[track] = self._ages_of(track, truth)
            when = np.full((len(self._number), self.context.n_draws), NEVER, dtype=np.int16)
            for c in truth.classes:
                self._allot(track, truth, c.who, when)
            self._when[track] = when
        return self._when[track]

    def _ages_of(self, track: _Track, truth: Truth) -> list[float]:
        if isinstance(truth, Milestones):
            return [step.months for step in truth.steps if step.name == track.step]
        return sorted({age for _, group, age in truth.happened if group == self.group})

    def _allot(self, track: _Track, truth: Truth, who: str, when: Array) -> None:
        """Allot the numbers drawn for one class of people to persons, age by age.

        Each person has a random place in the queue; those who had what is needed by that age come before those who
        will, and these before those who never do.
        """
        name = f"contract.persons.{track.name}/{self.flow.cohort.name}/{who}/{self.group}"
        queue = self.context.luck("people", name, len(self._number), is_kept=False)
        queue[~self._are(who)] = np.inf
        before: Draw = 0.0
        for place, age in enumerate(self._ages[track]):
            now = self._count(track, truth, who, age)
            in_order = queue if track.parent is None else queue + self._lateness(track.parent, age)
            _mark(when, in_order, np.broadcast_to(np.asarray(now - before), (self.context.n_draws,)), place)
            queue[when != NEVER] = np.inf
            before = now

    def _count(self, track: _Track, truth: Truth, who: str, age: float) -> Draw:
        find = truth.found if track.step is None else partial(truth.step_found, track.step)
        return find(who, self.group, age)

    def _lateness(self, parent: _Track, age: float) -> Array:
        had, ages = self._when[parent], self._ages[parent]
        is_later = had >= sum(one <= age for one in ages)
        late: Array = np.asarray(is_later, dtype=float) + (had == NEVER)
        return late


def _mark(when: Array, queue: Array, wanted: Array, place: int) -> None:
    """Mark the first so many of each draw's queue."""
    n = np.rint(wanted).astype(int)
    if not np.any(n > 0):
        return
    last = np.take_along_axis(np.sort(queue, axis=0), np.maximum(n - 1, 0)[None, :], axis=0)
    when[(queue <= last) & (n > 0) & np.isfinite(queue)] = place
