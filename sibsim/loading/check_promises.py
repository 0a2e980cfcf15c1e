"""What is promised to lenders and by guarantors: rates that a cap forbids, losses that are sure, circles."""

from __future__ import annotations

import math

from sibsim.loading.check_contradictions import fixed_money
from sibsim.loading.maximum import most_paid, most_paid_by
from sibsim.loading.place import Context, listed
from sibsim.loading.sure import can_take_back, has_bounds
from sibsim.scenario import ACCOUNT, STOP_INTAKE, Cost, Finance, Number, Scenario, Tranche
from sibsim.timeline import payment_readings

__all__ = ["PROMISE_CHECKS"]

SLACK = 1e-9


def _percent(share: float) -> str:
    return f"{share * 100:g} %"


# ------------------------------------------------------------------------------------------------ rates
def _rates(scenario: Scenario, context: Context) -> None:
    """A rate that a cap on the return forbids."""
    promised = {t.name: _rate(t) for t in scenario.loans}
    for tranche in scenario.loans:
        rate, path = promised[tranche.name], f"finance.tranches.{tranche.name}.rate"
        cap = tranche.cap
        if rate is None or rate <= 0.0:
            continue
        if isinstance(cap.irr, Number) and rate > cap.irr.value + SLACK:
            message = (
                f"{_percent(rate)} a year is promised, and its own cap allows {_percent(cap.irr.value)}: the cap holds"
            )
            context.warn(path, message)
        if isinstance(cap.multiple, Number) and cap.multiple.value < 1.0:
            message = f"interest is promised, and its own cap gives back {cap.multiple.value:g} times what was drawn"
            context.warn(path, message)
    irr = scenario.contract_cap.irr
    rates = [rate for rate in promised.values() if rate is not None]
    if isinstance(irr, Number) and rates and len(rates) == len(promised) and min(rates) > irr.value + SLACK:
        names = listed((f"'{name}'" for name in promised), "and")
        message = (
            f"all loans together get at most {_percent(irr.value)} a year from payments, and {names} "
            f"{'is' if len(rates) == 1 else 'are each'} promised {_percent(min(rates))}"
        )
        grants = [t for t in scenario.finance.tranches if t.kind == "grant"] if scenario.finance is not None else []
        if all(grant.drawn == "as needed" for grant in grants):
            context.problem("contract.cap.irr", message)
        else:  # what is left of a grant may pay interest too
            context.warn("contract.cap.irr", message)


def _rate(tranche: Tranche) -> float | None:
    return tranche.rate.value if isinstance(tranche.rate, Number) else None


def _losses(scenario: Scenario, context: Context) -> None:
    """All that can ever be paid is less than what is surely spent: lenders lose whatever the result."""
    finance = scenario.finance
    if finance is None or not scenario.loans or context.problems or not _is_known(scenario, finance):
        return
    lenders = {ACCOUNT, *(loan.name for loan in scenario.loans), *(loan.by for loan in scenario.loans)}
    most = min(most_paid_by(scenario, lenders), most_paid(scenario))
    capacity = [fixed_money(t.amount) for t in finance.tranches]
    if not math.isfinite(most) or None in capacity or any(t.after or t.if_ for t in finance.tranches):
        return
    room = math.fsum(amount for amount in capacity if amount is not None)
    grants = room - math.fsum(fixed_money(loan.amount) or 0.0 for loan in scenario.loans)
    spent = min(math.fsum(_sure(cost) for cost in scenario.costs), room) - grants
    if most >= spent * (1 - SLACK) or spent <= 0.0 or scenario.events:
        return
    figures = " of ".join(f"{amount:,.0f}".replace(",", " ") for amount in (most, spent))
    promised = [loan.name for loan in scenario.loans if (_rate(loan) or 0.0) > 0.0]
    capped = fixed_money(scenario.contract_cap.total)
    if promised and capped is not None and capped < spent * (1 - SLACK):
        context.problem(
            f"finance.tranches.{promised[0]}.rate",
            f"interest is promised, and the contract's cap is {figures} {scenario.currency} lent and surely spent: not "
            "even the loan can come back",
        )
    else:
        context.warn(
            "finance.tranches",
            f"lenders surely lose: all that can ever be paid is {figures} {scenario.currency} that are lent and surely "
            "spent",
        )


def _is_known(scenario: Scenario, finance: Finance) -> bool:
    """Whether the file alone tells what lenders get at most: nobody else pays costs or losses, nothing is unbounded.

    Money for one cost, on dates, or paid as a coupon may leave a cost to who bears a shortfall though there is enough.
    """
    is_simple = all(isinstance(t.drawn, str) and t.matures is None for t in finance.tranches)
    is_simple = is_simple and not finance.guarantees and all(cost.paid_from is None for cost in scenario.costs)
    read = [m for m in scenario.measures if any(m.name in payment_readings(scenario, p) for p in scenario.payments)]
    is_exact = all(m.error == Number(0.0, getattr(m.error, "unit", "number")) for m in read)
    parts = (scenario.payments, scenario.contract_cap, scenario.cohorts, scenario.parties, scenario.exchange_rates)
    return is_simple and is_exact and has_bounds(scenario, *parts, scenario.measures, finance)


def _sure(cost: Cost) -> float:
    """What the account surely pays for a cost, at prices of the start."""
    if cost.by != ACCOUNT or cost.per != "contract" or cost.at_event is not None:
        return 0.0
    amount = fixed_money(cost.amount)
    is_rising = isinstance(cost.index, Number) and cost.index.value >= 0.0
    return (amount or 0.0) * (len(cost.at) if cost.at is not None else 1) if is_rising else 0.0


# ------------------------------------------------------------------------------------------------ what is left
def _left(scenario: Scenario, context: Context) -> None:
    """Money drawn beforehand that may not be spent, where no loan gets anything from the account."""
    finance = scenario.finance
    straight = {payment.to for payment in scenario.payments}
    if finance is None or finance.surplus is not None or not scenario.loans or context.problems:
        return
    early = [t for t in finance.tranches if t.drawn != "as needed"]
    if not early or any(loan.name not in straight for loan in scenario.loans):
        return
    drawn = [
        fixed_money(v) for t in early for v in ([t.amount] if isinstance(t.drawn, str) else [a for _, a in t.drawn])
    ]
    spent = math.fsum(_spent(scenario, cost) for cost in scenario.costs)
    if None in drawn or math.fsum(amount or 0.0 for amount in drawn) > spent * (1 + SLACK):
        loans = listed((f"'{loan.name}'" for loan in scenario.loans), "and")
        context.warn(
            f"finance.tranches.{early[0].name}.drawn",
            f"drawn money that is not spent goes to the provider at the end: {loans} "
            f"{'is' if len(scenario.loans) == 1 else 'are'} paid straight by payments and "
            f"{'gets' if len(scenario.loans) == 1 else 'get'} nothing from the account; name in 'surplus' who is to "
            "have it",
        )


def _spent(scenario: Scenario, cost: Cost) -> float:
    """What is surely spent on a cost, whoever comes and whatever happens, at prices of the start."""
    amount = fixed_money(cost.amount) or 0.0
    is_rising = isinstance(cost.index, Number) and cost.index.value >= 0.0
    if cost.by != ACCOUNT or cost.at_event is not None or not is_rising:
        return 0.0
    stops = {what for event in scenario.events for what in event.stops}
    ends = [min(e.at) if e.at else e.from_ or 0 for e in scenario.events if "everything" in e.stops]
    if cost.per == "contract" and cost.over is None:
        return amount * sum(column <= min(ends, default=column) for column in cost.at or (cost.from_,))
    if stops & {"service", "everything"} or (cost.per != "contract" and not _all_come(scenario)):
        return 0.0
    sizes = [fixed_money(cohort.size) or 0.0 for cohort in scenario.cohorts]
    factors = {"contract": 1.0, "offered": math.fsum(sizes), "starter": math.fsum(sizes)}
    return amount * factors.get(cost.per, 0.0)


def _all_come(scenario: Scenario) -> bool:
    """Whether everybody who is planned starts and stays."""
    cohorts = scenario.cohorts
    is_whole = all(
        c.queue is None and c.take_up == Number(1.0, "percent") and c.dropout == Number(0.0, "percent") for c in cohorts
    )
    is_stopped = any("intake" in event.stops or event.cancels for event in scenario.events)
    return is_whole and not is_stopped and all(cohort.after is None for cohort in cohorts) and not _may_stop(scenario)


def _may_stop(scenario: Scenario) -> bool:
    return scenario.finance is not None and scenario.finance.shortfall == STOP_INTAKE


# ------------------------------------------------------------------------------------------------ guarantees
def _guarantors(scenario: Scenario, context: Context) -> None:
    """Guarantees in a circle, or of a loss that cannot be."""
    finance = scenario.finance
    if finance is None:
        return
    lender = {t.name: t.by for t in finance.tranches}
    amount = {t.name: fixed_money(t.amount) for t in finance.tranches}
    for guarantee in finance.guarantees:
        path = f"finance.guarantees.{guarantee.name}"
        over, sums = fixed_money(guarantee.over), [amount.get(name) for name in guarantee.covers]
        largest = math.fsum(one for one in sums if one is not None)
        if can_take_back(scenario):  # what a lender gives back is lost too
            break
        if over is not None and None not in sums and over >= largest - SLACK and largest > 0.0:
            message = f"begins above {largest:,.0f}".replace(",", " ") + f" {scenario.currency}, all that can be lost"
            context.warn(f"{path}.over", f"{message}: it never pays")
    covered: dict[str, set[str]] = {}
    for guarantee in finance.guarantees:
        covered.setdefault(guarantee.by, set()).update(lender.get(name, name) for name in guarantee.covers)
    for guarantee in finance.guarantees:
        circle = _round(guarantee.by, covered)
        if circle:
            who = listed((f"'{name}'" for name in circle), "and")
            message = f"guarantees in a circle: {who} cover each other's losses; let somebody else guarantee"
            context.problem(f"finance.guarantees.{guarantee.name}.by", message)
            break


def _round(start: str, covered: dict[str, set[str]]) -> list[str]:
    """Who is met on a way from a guarantor back to itself, over at least one other; empty if there is none."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for other in sorted(covered.get(way[-1], ())):
            if other == start and len(way) > 1:
                return way
            if other != start and other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


# ------------------------------------------------------------------------------------------------ events
def _events(scenario: Scenario, context: Context) -> None:
    """What an event opens and ends at once."""
    stops = {e.name: set(e.stops) for e in scenario.events}
    cancels = {e.name: set(e.cancels) for e in scenario.events}
    for tranche in scenario.finance.tranches if scenario.finance else ():
        if tranche.after is not None and stops.get(tranche.after, set()) & {"draws", "everything"}:
            message = f"it opens after '{tranche.after}', which stops all draws: nothing could be drawn"
            context.problem(f"finance.tranches.{tranche.name}.after", message)
    for cohort in scenario.cohorts:
        if cohort.after is None:
            continue
        path = f"participants.cohorts.{cohort.name}.after" if cohort.name else "participants.after"
        if cohort.name in cancels.get(cohort.after, set()):
            context.problem(path, f"it starts after '{cohort.after}', which cancels it: it could never start")
        elif stops.get(cohort.after, set()) & {"intake", "service", "everything"}:
            context.problem(path, f"it starts after '{cohort.after}', which stops intake: nobody could ever start")


PROMISE_CHECKS = (_rates, _guarantors, _events, _losses, _left)
