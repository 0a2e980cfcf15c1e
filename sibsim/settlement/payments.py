"""What the contract owes: steps 3 to 5 of the settlement, in the order in which the language numbers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from sibsim.conditions import View, holds, latest
from sibsim.context import Array, Context, Draw
from sibsim.measures import Report
from sibsim.outcomes import Truth
from sibsim.participants import Flow
from sibsim.rounding import rounded
from sibsim.scenario import Payment, Rounding, amended_by
from sibsim.settlement.account import Account
from sibsim.settlement.caps import Caps
from sibsim.settlement.deductions import ToDate, less_before, less_paid
from sibsim.settlement.hooks import CALM, Interrupts, some
from sibsim.settlement.persons import under_caps
from sibsim.settlement.readings import most_read, times
from sibsim.settlement.sums import Due, Part, Total
from sibsim.settlement.telling import Teller, changed, tell_condition, tell_rest, tell_shape, tell_x, teller, unit_of
from sibsim.settlement.terms import Terms
from sibsim.timeline import measure_cohorts, payment_columns, payment_measures, price_sources

__all__ = ["Due", "PaymentBook", "People"]

Key = str | None
"""A cohort, where the measure is reported for each; else None."""
Reading = Draw | tuple[Draw, ...]
"""x: a number, or for ``prices`` one count for each of them."""


@dataclass(frozen=True)
class People:
    """Who takes part, by cohort, and what happens to them."""

    flows: Mapping[str, Flow]
    truths: Sequence[Truth]


NOBODY = People({}, ())


class PaymentBook:
    """The payments of a contract in a block of futures.

    Parameters
    ----------
    context : Context
    reports : dict of measure to list of Report
    account : Account
        For what is drawn, outstanding or received so far.
    totals : dict of payment to Total
        Sums that are begun here, for those who look at what is paid.
    events : Interrupts
        What may interrupt.
    people : People
        Who takes part and what happens to them, for caps per person.
    """

    def __init__(
        self,
        context: Context,
        reports: dict[str, list[Report]],
        account: Account,
        totals: dict[str, Total],
        events: Interrupts = CALM,
        people: People = NOBODY,
    ) -> None:
        scenario = context.scenario
        self.context = context
        self.reports = reports
        self.terms = Terms(context, account)
        self.totals = totals
        self.contract = Total()
        self._columns = {p.name: payment_columns(scenario, p) for p in scenario.payments}
        self._asked = self._asked_by_cohort()
        self.caps = Caps(self.terms, self.totals, self.contract, self._asked)
        self.result_pay: dict[str, tuple[Draw, Draw]] = {}
        """By payer: paid by payments that hang on a result, and the least that those pay whatever the result."""
        self._sources = {p.name: price_sources(scenario, p) for p in scenario.payments}
        self._have_rests = {p.rest_of for p in scenario.payments}
        self._today: dict[str, Draw] = {}
        self._today_of: dict[str, dict[Key, Draw]] = {}
        """By payment that is asked about by cohort: what it pays today for each."""
        self._unpaid: dict[str, dict[Key, Draw]] = {}
        """By payment due today, and cohort (None: all together): the part of it that its own cap left unpaid."""
        self._so_far: dict[str, dict[Key, ToDate]] = {p.name: {} for p in scenario.payments}
        self._people = people
        self._under_cap = under_caps(context, people.flows, people.truths)
        self._dues: dict[str, Due] = {}
        """By payment due today."""
        self.events = events

    @property
    def view(self) -> View:
        """What conditions of payments look at."""
        happened = lambda name, column: np.asarray(self.events.happened(name, column))  # noqa: E731
        return View(self.context, self.reports, self.paid, happened, self.events.is_out)

    # ------------------------------------------------------------------------------------------ the day
    def due(self, column: int) -> list[Due]:
        """What is due at a column after each payment's own cap and the contract's cap."""
        self._today, self._today_of, self._unpaid = {}, {}, {}
        dues: list[Due] = []
        for payment in self.context.scenario.payments:
            due = self._payment_due(payment, column)
            if due is None:
                continue
            own = self.caps.own(payment, due, column, dues)
            total = self.totals[payment.name]
            if payment.at_event is not None and not payment.is_cumulative:  # it happens once, on one of its days
                before = np.asarray(total.highest.total, dtype=float)  # what had no end still has none
                more = np.maximum(due.high - np.where(np.isfinite(before), before, 0.0), 0.0)
                due.high = np.where(np.isfinite(before), more, 0.0)
            total.due = total.due + due.amount
            if own is not due.amount:  # else no cap has looked at it
                total.cut = total.cut + (due.amount - own)
            if payment.name in self._have_rests:
                self._unpaid[payment.name] = self.caps.unpaid(due, own)
            if payment.name in self._asked:
                self._today_of[payment.name] = self.caps.paid_to_parts(due, own)
            due.amount = self._today[payment.name] = own
            dues.append(due)
        self.caps.cut_to_contract(dues, column)
        year = self.context.year_of(column)
        self._dues = {due.payment.name: due for due in dues}
        for due in dues:
            total = self.totals[due.payment.name]
            self.caps.settle_parts(due, year)
            total.path.add(year, due.amount)
            total.lowest.add(year, due.low)
            total.highest.add(year, due.high)
            self.contract.path.add(year, due.amount)
            if self.context.watch is not None:
                self.context.watch.owed(column, due)
        self._today, self._today_of = {}, {}
        return dues

    def not_paid(self, payment: Payment, column: int, amount: Draw) -> None:
        """So much of what is due is not paid after all: it passes a limit of its payers or of who gets it."""
        if not some(amount):
            return
        year = self.context.year_of(column)
        own = self.totals[payment.name]
        own.cut = own.cut + amount
        for total in (own, self.contract):
            total.path.add(year, -np.asarray(amount))
            total.lowest.total = np.minimum(total.lowest.total, total.path.total)
        self.caps.not_paid(self._dues[payment.name], year, amount)

    def close(self, column: int) -> None:
        """End a column: what is drawn and repaid by now is what yearly percents are of until the next."""
        self.terms.close(column)

    def bounds(self) -> tuple[Draw, Draw]:
        """The least and the most of all payments together: under the contract's cap, and each under its own."""
        each: Draw = sum((total.highest.total for total in self.totals.values()), 0.0)
        return self.contract.lowest.total, np.minimum(self.contract.highest.total, each)

    def paid(self, payment: str, cohort: str | None = None) -> Draw:
        """All that a payment has paid so far, today included; of one for each cohort, for a cohort that is asked."""
        if cohort is not None and payment in self._asked:
            parts = self.totals[payment].parts
            before = parts[cohort].paid if cohort in parts else 0.0
            return before + self._today_of.get(payment, {}).get(cohort, 0.0)
        return self.totals[payment].paid + self._today.get(payment, 0.0)

    def _asked_by_cohort(self) -> frozenset[str]:
        """Payments for each cohort that stand in the condition of another one for each cohort, or that it is less."""
        apart = {name for name, columns in self._columns.items() if set(columns) - {None}}
        mine = [p for p in self.context.scenario.payments if p.name in apart]
        asked = {t.left for p in mine if p.if_ is not None for tests in p.if_.alternatives for t in tests}
        return frozenset((asked | {name for p in mine for name in p.less}) & apart)

    def _payment_due(self, payment: Payment, column: int) -> Due | None:
        """Steps (a) to (h) for one payment and one date."""
        keys = [key for key, columns in self._columns[payment.name].items() if column in columns]
        if not keys:
            return None
        xs = {key: self._x(payment, column, key) for key in keys}
        waits = [key for key in keys if self._waits(payment, column, key)]
        are_due = {key: self._is_due(payment, xs[key], column, key) for key in keys}
        if waits and payment.split == "size among met":  # who else meets it decides what those get that do
            waits += self._shared(payment, column, [key for key in keys if key not in waits and some(are_due[key])])
        are_due.update(dict.fromkeys(waits, np.asarray(False)))
        weights = self._weights(payment, are_due)
        result = Due(payment, 0.0)
        for key in keys:
            part = self._part(payment, column, key, xs[key], are_due[key], weights.get(key))
            result.parts[key] = part
            result.amount, result.low, result.high = (
                result.amount + part.amount,
                result.low + part.low,
                result.high + part.high,
            )
        if payment.split == "size among met":  # all of them share one sum
            result.high = reduce(np.maximum, [part.high for part in result.parts.values()])
            if payment.round is not None:  # each part by itself
                result.high = result.high + payment.round.to * (len(keys) - 1)
        if payment.is_cumulative:
            so_far = self._so_far[payment.name].values()
            result.low, result.high = sum((s.low for s in so_far), 0.0), sum((s.high for s in so_far), 0.0)
        return result

    def _waits(self, payment: Payment, column: int, key: Key) -> bool:
        """Whether its condition cannot be decided yet, where a contract is settled on what came."""
        if self.context.watch is None or np.all(self.events.stopped("payments", column - 1)):
            return False
        sources = payment_measures(self.context.scenario, payment)
        named = (payment.times, payment.rest_of, payment.at_event, *payment.less, *amended_by(payment))
        more = [name for name in named if name is not None]
        return self.context.watch.asked(column, payment.name, key, payment.if_, self.view, (*sources, *more))

    def _shared(self, payment: Payment, column: int, keys: list[Key]) -> list[Key]:
        """Cohorts whose part of a sum is open because others may share it."""
        for key in keys:
            if self.context.watch is not None:
                self.context.watch.shared(column, payment.name, key)
        return keys

    # ------------------------------------------------------------------------------------------ x, and whether due
    def _x(self, payment: Payment, column: int, key: Key) -> Reading | None:
        """The reading, less what the payment whose rest this is has paid for; None before the first report."""
        x = self._reading(payment, column, key)
        tell, scenario = teller(self.context, column, payment.name, key), self.context.scenario
        if tell is not None:
            tell_x(tell, scenario, payment, self._sources[payment.name], x)
        if payment.rest_of is None or x is None:
            return x
        unpaid = self._unpaid.get(payment.rest_of, {})
        part = unpaid.get(key, unpaid.get(None, 0.0))
        if tell is not None:
            tell_rest(tell, scenario, payment, x, part)
        return tuple(one * part for one in x) if isinstance(x, tuple) else x * part

    def _reading(self, payment: Payment, column: int, key: Key) -> Reading | None:
        if self._sources[payment.name]:
            return self._counts(payment, column, key)
        if payment.measure is None:
            return 0.0
        if payment.measure in self._columns:
            return self._today.get(payment.measure, 0.0)
        return latest(self.reports[payment.measure], column, key, since=self._since(payment, column))

    def _since(self, payment: Payment, column: int) -> int:
        """From when a report counts: a payment without a date of its own pays for what is reported that day."""
        return 0 if payment.at is not None or payment.at_event is not None else column

    def _counts(self, payment: Payment, column: int, key: Key) -> tuple[Draw, ...] | None:
        """One count for each price; None where nothing is reported yet."""
        since = self._since(payment, column)
        counts: list[Draw] = []
        for measure, step in self._sources[payment.name]:
            reports = self.reports[measure] if step is None else [_of_step(r, step) for r in self.reports[measure]]
            count = latest(reports, column, key, since)
            counts.append(np.nan if count is None else count)
        return None if all(np.all(np.isnan(count)) for count in counts) else tuple(counts)

    def _is_due(self, payment: Payment, x: Reading | None, column: int, key: Key) -> Array:
        """Where there is something to pay on: a report, and the condition. Without either: not even the floor."""
        is_due = np.asarray(True)
        if isinstance(x, tuple):
            is_due = reduce(np.logical_or, [~np.isnan(count) for count in x])
        elif payment.measure is not None:
            is_due = is_due & (np.asarray(False) if x is None else ~np.isnan(x))
        elif x is None:
            is_due = np.asarray(False)
        if payment.times is not None:
            is_due = is_due & ~np.isnan(self._factor(payment.times, column, key))
        if payment.if_ is not None:
            is_due = is_due & holds(payment.if_, column, key, self.view)
        if payment.at_event is not None:
            is_due = is_due & self.events.happens(payment.at_event, column)
        stopped = self.events.stopped("payments", column - 1)  # those of the day itself are still made
        is_due = is_due if stopped is False else is_due & np.logical_not(stopped)
        tell = teller(self.context, column, payment.name, key)
        if tell is not None:
            if payment.at_event is not None:
                tell("on", event=payment.at_event, holds=self.events.happens(payment.at_event, column))
            if payment.if_ is not None:
                tell_condition(tell, payment.if_, self.view)
            is_out = key is not None and self.events.is_out(key, column)
            tell("due", holds=is_due, stopped=stopped, cancelled=is_out)
        return is_due

    def _weights(self, payment: Payment, are_due: dict[Key, Array]) -> dict[Key, Draw]:
        """Each cohort's part by ``size``, of all cohorts, or of those whose condition is met; empty without `split`."""
        if payment.split is None or payment.measure is None:
            return {}
        measure = self.context.scenario.measure(payment.measure)
        scope = measure_cohorts(self.context.scenario, measure)
        sizes: dict[Key, Draw] = {c.name: self.context.value(c.size) for c in scope}
        if payment.split == "size among met":
            sizes = {key: np.where(are_due[key], sizes[key], 0.0) for key in are_due}
        together = np.asarray(sum(sizes.values(), 0.0))
        return {key: sizes[key] / np.where(together > 0, together, 1.0) for key in are_due}

    # ------------------------------------------------------------------------------------------ one payment
    def _part(
        self, payment: Payment, column: int, key: Key, x: Reading | None, is_due: Array, weight: Draw | None
    ) -> Part:
        """Steps (c) to (h) for one payment, one date and, with ``for_each``, one cohort."""
        so_far = self._so_far[payment.name].setdefault(key, ToDate())
        is_once = payment.is_cumulative or payment.at_event is not None  # an event happens once: since drawn
        since, so_far.last = (0 if is_once else so_far.last), column
        part = Part(*self.terms.owed(payment, x, column, since))
        tell = teller(self.context, column, payment.name, key)
        if tell is not None:
            tell_shape(tell, self.terms, payment, self.terms.reckoned(payment, x, column, since), part.amount)
        if payment.times is not None:
            self._multiply(part, payment.times, column, key, tell)
        if payment.over is not None:
            _scale(part, self.terms.spread(payment, column), tell=tell, what="spread")
        _scale(part, self.context.indexed(payment.index, column), tell=tell, what="index")
        if weight is not None:
            _scale(part, weight, is_bound_too=payment.split == "size", tell=tell, what="split")
        if not self.terms.goes_both_ways(payment):
            inside = self.context.within(part.amount, 0.0, np.inf, f"contract.payments.{payment.name}")
            part.amount = changed(tell, "not below 0", part.amount, inside)
            part.low, part.high = np.maximum(part.low, 0.0), np.maximum(part.high, 0.0)
        floor = self.terms.floor(payment, column, since)
        if floor is not None:
            part.amount = changed(tell, "floor", part.amount, np.maximum(part.amount, floor), limit=floor)
            part.low, part.high = np.maximum(part.low, floor), np.maximum(part.high, floor)
        if payment.round is not None:
            _round(part, payment.round, tell)
        for other in payment.less:
            less_paid(part, other, self.paid(other, key), tell)
        if payment.is_cumulative:
            to_date, before = part.amount, so_far.due
            less_before(part, so_far, is_due, payment.if_ is not None)
            changed(tell, "to date", to_date, part.amount, paid=before)
        elif not np.all(is_due):
            part.amount, part.low = np.where(is_due, part.amount, 0.0), np.where(is_due, part.low, 0.0)
            part.high = np.where(is_due, part.high, np.maximum(part.high, 0.0))
        if payment.cap.per_person is not None:
            self._cap_per_person(payment, part, column, key, is_due)
        if payment.if_ is not None and not payment.is_cumulative:
            part.low, part.high = np.minimum(part.low, 0.0), np.maximum(part.high, 0.0)
        if tell is not None:
            tell("owed", value=part.amount)
        return part

    def _multiply(self, part: Part, measure: str, column: int, key: Key, tell: Teller | None) -> None:
        """What a shape pays, times the latest reading of a measure; a gap, and what is below 0, count as 0."""
        unit = unit_of(self.context.scenario, measure)
        factor = np.maximum(np.nan_to_num(self._factor(measure, column, key)), 0.0)
        most = np.maximum(most_read(self.context.scenario, measure), factor)
        part.amount = changed(tell, "times", part.amount, part.amount * factor, by=factor, of=measure, unit=unit)
        part.low, part.high = times(np.minimum(part.low, 0.0), most), times(np.maximum(part.high, 0.0), most)

    def _factor(self, measure: str, column: int, key: Key) -> Draw:
        """The latest reading of what a payment is multiplied by; NaN where there is none yet."""
        found = latest(self.reports[measure], column, key)
        return np.nan if found is None else found

    def _cap_per_person(self, payment: Payment, part: Part, column: int, key: Key, is_due: Array) -> None:
        """What is due for each person under the cap, added up; in all no more than the cap for everybody."""
        assert payment.cap.per_person is not None
        part.most, rule = self._under_cap[payment.name](key, column, is_due), payment.round
        if rule is not None:  # what is due for each person under the cap, added up, is what is rounded
            part.most = rounded(part.most, rule.to, rule.direction)
        flows = [flow for cohort, flow in self._people.flows.items() if key in (None, cohort)]
        people = sum((n for flow in flows for n in flow.offered), 0.0)
        part.most_in_all = people * self.context.value(payment.cap.per_person, column)
        if rule is not None:
            part.most_in_all = part.most_in_all + rule.to * len(self._columns[payment.name][key])


def _of_step(report: Report, step: str) -> Report:
    """A report as one of one step of its milestones."""
    return replace(report, value=(report.steps or {}).get(step, 0.0) + 0.0 * report.value)


def _round(part: Part, to: Rounding, tell: Teller | None) -> None:
    """What is due, and its bounds, rounded."""
    part.amount = changed(
        tell, "round", part.amount, rounded(part.amount, to.to, to.direction), to=to.to, direction=to.direction
    )
    part.low, part.high = (rounded(bound, to.to, to.direction) for bound in (part.low, part.high))


def _scale(part: Part, factor: Draw, is_bound_too: bool = True, *, tell: Teller | None = None, what: str = "") -> None:
    if tell is None and isinstance(factor, float) and factor == 1.0:
        return
    part.amount = changed(tell, what, part.amount, part.amount * factor, by=factor)
    if is_bound_too:
        part.low, part.high = part.low * factor, part.high * factor
