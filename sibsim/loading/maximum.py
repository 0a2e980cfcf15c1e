"""The most a contract can pay, as far as the file alone tells it: no draws, no numpy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from sibsim.scenario import (
    ACCOUNT,
    BUILT_IN_MEASURES,
    Cap,
    Cohort,
    Input,
    Measure,
    OverTime,
    Payment,
    Ref,
    Row,
    Scenario,
    Value,
)
from sibsim.timeline import measure_cohorts, n_dates, payment_columns, price_sources

__all__ = ["highest", "most_paid", "most_paid_by", "most_paid_by_payment", "most_reported"]


def highest(scenario: Scenario, value: Value) -> float:
    """The highest a value can be; the mean where nothing bounds it.

    Parameters
    ----------
    scenario : Scenario
    value : Value
        Of one that changes over time, the highest of its entries.
    """
    if isinstance(value, OverTime):
        return max(highest(scenario, entry) for entry in value.every)
    if isinstance(value, Ref):
        entry = _input(scenario, value)
        high = entry.distribution.support[1]
        return (high if math.isfinite(high) else entry.distribution.mean) * _rate(scenario, entry.currency)
    return value.value * _rate(scenario, value.currency)


def most_people(scenario: Scenario, cohort: Cohort) -> float:
    """The most people a cohort can have; infinite with a queue, which has no upper end."""
    return math.inf if cohort.queue is not None else highest(scenario, cohort.size)


def _rate(scenario: Scenario, code: str) -> float:
    """The most one unit of a currency is worth."""
    return highest(scenario, scenario.exchange_rates[code]) if code in scenario.exchange_rates else 1.0


def _input(scenario: Scenario, ref: Ref) -> Input:
    return next(entry for entry in scenario.inputs if entry.name == ref.name)


def _is_percent(scenario: Scenario, value: Value) -> bool:
    if isinstance(value, OverTime):
        return any(_is_percent(scenario, entry) for entry in value.every)
    return (_input(scenario, value) if isinstance(value, Ref) else value).unit == "percent"


def _years(scenario: Scenario) -> float:
    """The length of the calendar."""
    return (n_dates(scenario) - 1) * scenario.step_years


def _loans(scenario: Scenario) -> float:
    return math.fsum(highest(scenario, loan.amount) for loan in scenario.loans)


def most_paid(scenario: Scenario) -> float:
    """The most that all payments of the contract can come to; infinite if nothing limits them.

    What hangs on people is counted for as many as `size` allows; an uncertain price without an end counts at its mean.
    Money in another currency counts at the most it is worth. A cap on the loans' return limits what is paid to them or
    to the account, not what goes to others.
    """
    most = most_paid_by_payment(scenario)
    for name, less in _taken_off(scenario, most).items():
        most[name] -= less
    cap, lenders = scenario.contract_cap, {ACCOUNT} | {loan.name for loan in scenario.loans}
    to_lenders = math.fsum(most[p.name] for p in scenario.payments if p.to in lenders)
    others = math.fsum(most[p.name] for p in scenario.payments if p.to not in lenders)
    return min(min(to_lenders, _return(scenario, cap)) + others, _capped(scenario, cap, 1.0))


def _taken_off(scenario: Scenario, most: dict[str, float]) -> dict[str, float]:
    """By payment that is `less` others, without a limit of its own: so much less it adds to what those pay at most.

    As far as those are paid by then and nothing else is less them, all of them pay at most the largest.
    """
    payments, found = {p.name: p for p in scenario.payments}, dict[str, float]()
    named = [name for p in scenario.payments for name in p.less]
    last = {p.name: max((c for one in payment_columns(scenario, p).values() for c in one), default=0)
            for p in scenario.payments}  # fmt: skip
    for payment in scenario.payments:
        is_limited = payment.cap != Cap() or math.isfinite(_payers(scenario, payment)) or payment.at_event is not None
        for name in () if is_limited else (name for name in payment.less if name in payments):
            other = payments[name]
            is_alone = named.count(name) == 1 and other.to == payment.to and other.at_event is None
            if is_alone and last[name] <= last[payment.name] and math.isfinite(most[payment.name]):
                left = most[payment.name] - found.get(payment.name, 0.0)
                found[payment.name] = found.get(payment.name, 0.0) + max(min(most[name], left), 0.0)
    return found


def most_paid_by_payment(scenario: Scenario) -> dict[str, float]:
    """The most that each payment can come to by itself; infinite if nothing limits it."""
    most: dict[str, float] = {}
    for payment in scenario.payments:
        most[payment.name] = _most_of(scenario, payment, most)
    return most


def most_paid_by(scenario: Scenario, to: Iterable[str]) -> float:
    """The most that the payments to some parties can come to."""
    wanted, most = set(to), most_paid_by_payment(scenario)
    return math.fsum(most[p.name] for p in scenario.payments if p.to in wanted)


def _most_of(scenario: Scenario, payment: Payment, before: dict[str, float]) -> float:
    due = list(payment_columns(scenario, payment).values())
    dates = (
        len({c for columns in due for c in columns} if payment.split else [c for columns in due for c in columns]) or 1
    )
    if payment.over is not None or payment.is_cumulative or payment.at_event is not None:
        dates = 1
    base = _base(scenario, payment)
    years = _years(scenario)
    earned = base * years / dates if payment.is_per_year and not payment.is_compound else base
    once = _shape_pays(scenario, payment, earned, before)
    if payment.times is not None and once > 0.0:
        once *= most_reported(scenario, scenario.measure(payment.times))
    if payment.floor is not None:
        once = max(once, _grown(scenario, payment, [payment.floor], earned))
    once *= math.pow(1.0 + max(highest(scenario, payment.index), 0.0), years)
    if payment.round is not None and once > 0.0:
        parts = len(due) if payment.split else 1  # each cohort's part is rounded by itself
        once = _rounded_up(once, payment.round.to) + payment.round.to * (parts - 1)
    return min(
        once * dates, _capped(scenario, payment.cap, base), _return(scenario, payment.cap), _payers(scenario, payment)
    )


def _shape_pays(scenario: Scenario, payment: Payment, base: float, before: dict[str, float]) -> float:
    """The most of one date, before `index` and `floor`."""
    if isinstance(payment.parameter, tuple):
        return _rows_pay(scenario, payment, payment.parameter, base)
    price = _grown(scenario, payment, [payment.parameter], base)
    if payment.shape == "amount" or price <= 0.0:
        return price
    reading = _most_read(scenario, payment, before)
    if payment.shape == "share":
        return highest(scenario, payment.parameter) * reading
    return price * reading * (100.0 if payment.shape == "per_point" else 1.0)


def _rows_pay(scenario: Scenario, payment: Payment, rows: tuple[Row, ...], base: float) -> float:
    if payment.shape != "prices":
        return _grown(scenario, payment, [row.pays for row in rows], base)
    sources = price_sources(scenario, payment)
    if len(sources) < len(rows):
        return math.inf
    measures = [(scenario.measure(name), what) for name, what in sources]
    counts = [_people(scenario, m) if what is not None else most_reported(scenario, m) for m, what in measures]
    prices = [max(_grown(scenario, payment, [row.pays], base), 0.0) for row in rows]
    return math.fsum(price * count for price, count in zip(prices, counts, strict=True) if price > 0.0)


def _grown(scenario: Scenario, payment: Payment, values: Sequence[Value], base: float) -> float:
    """The highest of some figures in money; a rate that compounds, over the whole calendar."""

    def one(value: Value) -> float:
        if not (payment.is_compound and _is_percent(scenario, value)):
            return _money(scenario, value, base)
        return base * (math.pow(max(1.0 + highest(scenario, value), 0.0), _years(scenario)) - 1.0)

    return max(one(value) for value in values)


def _is_measure(scenario: Scenario, payment: Payment) -> bool:
    return any(m.name == payment.measure for m in scenario.measures)


def _most_read(scenario: Scenario, payment: Payment, before: dict[str, float]) -> float:
    """The highest x can be: a share of people, a number of them, what an earlier payment pays; then the band."""
    x = math.inf
    if payment.measure in before:
        x = before[payment.measure]
    elif _is_measure(scenario, payment):
        x = most_reported(scenario, scenario.measure(payment.measure or ""))
    if payment.band is not None:
        low, high = payment.band
        base = _base(scenario, payment)
        top = math.inf if high is None else _money(scenario, high, base)
        x = min(x, top) - (0.0 if low is None else _money(scenario, low, base))
    return max(x, 0.0)


def most_reported(scenario: Scenario, measure: Measure) -> float:
    """The highest a report of a measure can be; infinite if nothing limits it."""
    most = _most_found(scenario, measure)
    if measure.short_of is not None:
        is_positive = measure.as_ in ("total", "average", "growth") and not measure.weighted
        is_positive = is_positive and all(o.type != "score" for o in scenario.outcomes if o.name in measure.outcomes)
        most = highest(scenario, measure.short_of) if is_positive else math.inf
    return most if measure.round is None else _rounded_up(most, measure.round.to)


def _rounded_up(most: float, to: float) -> float:
    return math.ceil(most / to - 1e-9) * to if math.isfinite(most) else most


def _most_found(scenario: Scenario, measure: Measure) -> float:
    """The highest a quantity can be, before what it is short of is worked out."""
    if measure.goals:
        return float(len(measure.goals))
    if not measure.of:  # a weighted sum, or what is only reported
        return math.inf
    outcome = next((o for o in scenario.outcomes if o.name == measure.of), None)
    is_event = outcome is not None and outcome.type in ("event", "milestones")
    several = (1.0 + len(measure.also_of)) * (len(outcome.steps) or 1 if outcome is not None else 1)
    if measure.as_ in ("total", "total_improvement") and (is_event or measure.of in BUILT_IN_MEASURES[:3]):
        return _people(scenario, measure) * several
    is_counted = outcome is not None and outcome.type in ("event", "count", "days") and outcome.better == "fewer"
    if measure.as_ == "relative_improvement" and is_counted:
        return 1.0
    return several if measure.as_ in ("average", "improvement") and (is_event or outcome is None) else math.inf


def _people(scenario: Scenario, measure: Measure) -> float:
    if not measure.of:
        return math.inf
    outcome = next((o for o in scenario.outcomes if o.name == measure.of), None)
    cohorts = measure_cohorts(scenario, measure)
    is_single = outcome is not None and outcome.each == "cohort"
    people = [1.0 if is_single else most_people(scenario, cohort) for cohort in cohorts]
    return max(people, default=0.0) if measure.for_each_cohort else math.fsum(people)


def _base(scenario: Scenario, payment: Payment) -> float:
    """What a percent of money is a percent of, at most."""
    if payment.of is None:
        return 1.0
    if not isinstance(payment.of, str):
        return highest(scenario, payment.of)
    mine = [t for t in scenario.loans if t.name == payment.to] or list(scenario.loans)
    return math.fsum(highest(scenario, loan.amount) for loan in mine)


def _money(scenario: Scenario, value: Value, base: float) -> float:
    return highest(scenario, value) * (base if _is_percent(scenario, value) else 1.0)


def _capped(scenario: Scenario, cap: Cap, base: float) -> float:
    """The most that a cap allows."""
    most = math.inf
    if cap.total is not None:
        most = _money(scenario, cap.total, base)
    if cap.per_year is not None:
        most = min(most, _money(scenario, cap.per_year, base) * (math.floor(_years(scenario)) + 2))
    if cap.per_cohort is not None:
        most = min(most, _money(scenario, cap.per_cohort, base) * len(scenario.cohorts))
    if cap.per_person is not None:
        people = math.fsum(most_people(scenario, cohort) for cohort in scenario.cohorts)
        each = _money(scenario, cap.per_person, base)
        most = min(most, each * people if each else 0.0)
    return most


def _return(scenario: Scenario, cap: Cap) -> float:
    """The most that a cap on the loans' return allows: what they may get, and costs that receipts may pay."""
    factors = [math.inf]
    if cap.multiple is not None:
        factors.append(highest(scenario, cap.multiple))
    if cap.irr is not None:
        factors.append(math.pow(1.0 + highest(scenario, cap.irr), _years(scenario)))
    if cap.multiple is None and cap.irr is None:
        return math.inf
    return min(factors) * _loans(scenario) + _costs_from_receipts(scenario)


def _costs_from_receipts(scenario: Scenario) -> float:
    """The most that the account's costs can come to, where receipts pay costs."""
    if scenario.finance is None or scenario.finance.recycle is None:
        return 0.0
    people = math.fsum(most_people(scenario, cohort) for cohort in scenario.cohorts)
    months = math.fsum(most_people(scenario, c) * c.duration for c in scenario.cohorts if c.duration)
    factors = {"contract": 1.0, "person_month": months}
    total = 0.0
    for cost in scenario.costs:
        if cost.by == ACCOUNT:
            risen = math.pow(1.0 + max(highest(scenario, cost.index), 0.0), _years(scenario))
            times = len(cost.at) if cost.at is not None else 1
            each = highest(scenario, cost.amount) * times * risen
            total += each * factors.get(cost.per, people) if each else 0.0
    return total


def _payers(scenario: Scenario, payment: Payment) -> float:
    """What all payers together will ever pay, where each has its most."""
    limits = [scenario.party(who).pays_at_most for who in payment.payers]
    if any(limit is None for limit in limits):
        return math.inf
    return math.fsum(highest(scenario, limit) for limit in limits if limit is not None)
