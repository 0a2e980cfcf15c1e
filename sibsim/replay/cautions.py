"""What a reader of a settlement must know beside its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sibsim.known import actuals_of, unknown_costs, unknown_draws
from sibsim.replay.settled import Settled
from sibsim.replay.settled import settled as settle
from sibsim.scenario import Cap, Event, Number, Payment, Scenario
from sibsim.settlement.events import NEVER
from sibsim.timeline import day_of, payment_columns

__all__ = ["cautions", "may_change", "may_depend"]


def cautions(settled: Settled) -> list[str]:
    """Sentences on what was taken for granted, what could not be checked and what may still change."""
    return [
        *_may_change(settled),
        *_events(settled),
        *_against_the_contract(settled),
        *_costs(settled),
        *_caps(settled),
    ]


def _named(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def may_change(settled: Settled) -> dict[str, int]:
    """By payment that something open may still change: the column from which on it may.

    Where an event is open, from that on; where money that is open and its own go through one limit, from the first that
    is open.
    """
    recorder, scenario = settled.recorder, settled.scenario
    if not recorder.open:
        return {}
    first = min(one.column for one in recorder.open)
    events = {e.name for e in scenario.events}
    of_events = [one.column for one in recorder.open if one.subject in events]
    touched, found = may_depend(settled), {}
    for payment in scenario.payments:
        since = of_events + ([first] if payment.name in touched else [])
        if since:
            found[payment.name] = min(since)
    return found


def _may_change(settled: Settled) -> Iterator[str]:
    """What comes after something open is reckoned as if nothing came of that."""
    scenario, recorder = settled.scenario, settled.recorder
    if not recorder.open:
        return
    since = day_of(scenario, min(one.column for one in recorder.open))
    of_events = [one.subject for one in recorder.open if one.subject in {e.name for e in scenario.events}]
    if of_events:
        yield (
            f"it is not known whether {_named(list(dict.fromkeys(of_events)))} happened; from {since} on all is "
            "settled as if not, and may change"
        )
        return
    touched = may_depend(settled)
    what = [f"what {_named(touched)} {'pays' if len(touched) == 1 else 'pay'}"] if touched else []
    what += ["what stands on the account and what lenders get"] if scenario.finance is not None else []
    if what:
        is_one = len(what) + len(touched) == 2 and scenario.finance is None
        yield (
            f"from {since} on something is open: {' and '.join(what)} from then on {'is' if is_one else 'are'} "
            "reckoned as if nothing came of it, and may change"
        )


def may_depend(settled: Settled) -> list[str]:
    """Payments of which some part is decided after something is open that it may hang on by a cap, limit or loan."""
    scenario, opens = settled.scenario, settled.recorder.open
    first, unsure = min((one.column for one in opens), default=1 << 30), {one.subject for one in opens}
    return [
        p.name
        for p in scenario.payments
        if _is_decided_since(settled, p, first) and _hangs_together(scenario, p, unsure)
    ]


def _is_decided_since(settled: Settled, payment: Payment, first: int) -> bool:
    """Whether some part of a payment is decided from a column on, be it that nothing is due or that money goes back."""
    opens = {(one.key, one.column) for one in settled.recorder.open if one.subject == payment.name}
    dues = payment_columns(settled.scenario, payment).items()
    return any(column >= first and (key, column) not in opens for key, columns in dues for column in columns)


def _hangs_together(scenario: Scenario, payment: Payment, unsure: set[str]) -> bool:
    """Whether what a payment pays may be other once something open is known: by a cap, a limit or what is lent."""
    has_limit = any(scenario.party(who).pays_at_most is not None for who, _ in payment.by)
    has_own = payment.name in unsure and (payment.cap != Cap() or payment.is_cumulative or payment.less != ())
    by_loans = (
        _is_of_what_changes(scenario, payment, unsure)
        or payment.cap.irr is not None
        or payment.cap.multiple is not None
    )
    return scenario.contract_cap != Cap() or has_limit or has_own or by_loans


def _is_of_what_changes(scenario: Scenario, payment: Payment, unsure: set[str]) -> bool:
    """Whether a percent of what is drawn or outstanding may be of another sum once something open is known."""
    finance = scenario.finance
    if finance is None or payment.of not in ("drawn", "outstanding"):
        return False
    as_needed = any(t.drawn == "as needed" or t.is_drawn_for_costs or t.name in unsure for t in finance.tranches)
    return payment.of == "outstanding" or as_needed


def _is_by_chance(event: Event) -> bool:
    return event.chance_per_year is not None or event.chance != Number(1.0, "percent")


def _events(settled: Settled) -> Iterator[str]:
    known = actuals_of(settled.scenario).events
    silent = [e.name for e in settled.scenario.events if e.name not in known and (_is_by_chance(e) or e.if_ is None)]
    if silent:
        yield (
            f"actuals.events: nobody says whether {_named(silent)} happened; settled as if not (write `never`, or "
            "the date)"
        )


def _against_the_contract(settled: Settled) -> Iterator[str]:
    """Events that are said never to have happened, and of which the contract says that they would have."""
    scenario = settled.scenario
    came = actuals_of(scenario)
    for event in scenario.events:
        if event.name not in came.events or came.events[event.name] is not None or _is_by_chance(event):
            continue
        if event.if_ is None:
            when = min(event.at or (NEVER,))
        else:
            told = {name: day for name, day in came.events.items() if name != event.name}
            other = settle(replace(scenario, actuals=replace(came, events=told)))
            decided = other.settlement.events
            when = int(decided.when[event.name][0]) if decided is not None else NEVER
        if when < NEVER:
            why = "its condition holds" if event.if_ is not None else "that is its date"
            yield (
                f"actuals.events: '{event.name}' is said never to have happened; by the contract it would have "
                f"happened in {day_of(scenario, when)}, for {why} and nothing is left to chance. Settled as told"
            )


def _costs(settled: Settled) -> Iterator[str]:
    """Costs that nobody knows: what was drawn counts as spent; others are left out."""
    as_drawn = settled.context.unknown_costs
    others = [name for name in unknown_costs(settled.scenario) if name not in as_drawn]
    if unknown_draws(settled.context.planned or settled.scenario):
        yield (
            f"actuals.drawn: what {_named(as_drawn)} came to is not known, nor what was drawn for it: what stood on "
            "the account, what lenders got and what the service cost is not told"
        )
    elif as_drawn:
        yield (
            f"actuals.costs: what {_named(as_drawn)} came to is not known; what was drawn as costs fell due counts as "
            "spent on service that day ('service, as drawn'), and of what was drawn beforehand nothing is left over"
        )
    if others:
        yield f"actuals.costs: what {_named(others)} came to is not known; left out, also of what their parties net"


def _caps(settled: Settled) -> Iterator[str]:
    capped = [p.name for p in settled.scenario.payments if p.cap.per_person is not None]
    if capped:
        yield (
            f"contract.payments: the cap for each person of {_named(capped)} cannot be checked on totals; what is "
            "reported is taken to be within it"
        )
