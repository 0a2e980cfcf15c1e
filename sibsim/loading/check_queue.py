"""Queues: whether they can ever settle, what in them has no effect, and what cannot be known with one."""

from __future__ import annotations

import math

from sibsim.loading.check_time import mean_of
from sibsim.loading.dates import MOST_MONTHS
from sibsim.loading.place import Context
from sibsim.referrals import hazard_of, mean_stay, pieces, service
from sibsim.scenario import Cohort, OverTime, Queue, Scenario, Value
from sibsim.timeline import column_date, longest_stay

__all__ = ["DATED_QUEUE_CHECKS", "QUEUE_CHECKS", "queue_path"]

SLACK = 1e-9
MOST_LEFT_OVER = 0.01
"""Of all time in service, what may lie beyond the calendar without a word."""


def queue_path(context: Context, cohort: Cohort) -> str:
    """Where the queue of a cohort stands: its own, or that above all cohorts."""
    own = f"participants.cohorts.{cohort.name}.queue"
    return own if cohort.name and own in context.nodes else "participants.queue"


def _queues(scenario: Scenario) -> list[tuple[Cohort, Queue]]:
    return [(cohort, cohort.queue) for cohort in scenario.cohorts if cohort.queue is not None]


def _at(scenario: Scenario, value: Value, column: int) -> float:
    return mean_of(scenario, value.at(column) if isinstance(value, OverTime) else value)


def _utilisation(scenario: Scenario, context: Context) -> None:
    """More want a place than there are: such a queue never settles."""
    for cohort, queue in _queues(scenario):
        if queue.places is None:
            continue
        hazard = hazard_of(min(max(_at(scenario, cohort.dropout, 0), 0.0), 1.0), cohort.duration)
        stay = mean_stay(service(cohort), hazard)
        share = _at(scenario, queue.eligible, 0) * _at(scenario, queue.accepts, 0)
        worst, at = 0.0, cohort.start
        for column in _changes(cohort, queue):
            wanted = _at(scenario, queue.referrals, column) * _season(queue) * share * stay
            used = wanted / _at(scenario, queue.places, column)
            if used > worst + SLACK:
                worst, at = used, column
        if worst < 1.0 - SLACK or not _lasts(scenario, cohort, queue, stay):
            continue
        rate = _at(scenario, queue.referrals, at) * _season(queue) * share
        places = _at(scenario, queue.places, at)
        day = column_date(scenario.start, scenario.step_months, at)
        since = f" from {day:%Y-%m}" if len(_changes(cohort, queue)) > 1 else ""
        who = f"'{cohort.name}': " if cohort.name else ""
        months = f"{stay:.3g} month{'' if f'{stay:.3g}' == '1' else 's'}"
        context.warn(
            f"{queue_path(context, cohort)}.places",
            f"{who}{rate:.3g} people a month want a place{since} and stay {months} on average, which takes "
            f"{rate * stay:.4g} places, and there are {places:.4g}: a utilisation of {100 * worst:.0f} %. A queue at "
            "100 % or more never settles: " + _what_follows(queue, worst, rate - places / stay),
        )


def _what_follows(queue: Queue, used: float, grows: float) -> str:
    if queue.gives_up_after is not None:
        return f"in the long run at least {100 * (1 - 1 / used):.0f} % of those who want to start give up waiting"
    if grows <= SLACK:
        return "the line grows without end, if slowly"
    return f"the line grows by {grows:.2g} people a month as long as referrals come, and nobody gives up"


def _changes(cohort: Cohort, queue: Queue) -> list[int]:
    """Columns, until referrals end, from which other referrals or places hold."""
    values = [value for value in (queue.referrals, queue.places) if isinstance(value, OverTime)]
    dates = {column for value in values for column, _ in value.entries}
    return sorted({cohort.start, *(column for column in dates if cohort.start < column < queue.until)})


def _season(queue: Queue) -> float:
    return math.fsum(queue.seasons) / 12.0 if queue.seasons else 1.0


def _lasts(scenario: Scenario, cohort: Cohort, queue: Queue, stay: float) -> bool:
    """Whether referrals come for so long that the first would leave: else places may do although too few in the end."""
    months = (queue.until - cohort.start) * scenario.step_months
    if months >= stay:
        return True
    share = _at(scenario, queue.eligible, 0) * _at(scenario, queue.accepts, 0)
    found = pieces(queue, cohort.start, scenario.start, scenario.step_months)
    come = math.fsum(_at(scenario, queue.referrals, piece.column) * piece.months for piece in found) * share
    assert queue.places is not None
    return come > min(_at(scenario, queue.places, column) for column in _changes(cohort, queue))


# ------------------------------------------------------------------------------------------------ no effect
def _idle(scenario: Scenario, context: Context) -> None:
    """Keys that change nothing as the file stands."""
    for cohort, queue in _queues(scenario):
        path = queue_path(context, cohort)
        if queue.places is None:
            for key in ("gives_up_after", "last_start"):
                if f"{path}.{key}" in context.nodes:
                    context.warn(f"{path}.{key}", "has no effect: without `places` nobody waits")
        dates = [c for c, _ in queue.places.entries] if isinstance(queue.places, OverTime) else []
        late = [column for column in dates[1:] if column >= queue.last_start]
        if late:
            day = column_date(scenario.start, scenario.step_months, late[0])
            context.warn(f"{path}.places", f"what holds from {day:%Y-%m} has no effect: nobody starts by then")


def _among_offered(scenario: Scenario, context: Context) -> None:
    """An average over the offered cannot be told apart into those who start: how many will, the queue decides."""
    for outcome in scenario.outcomes:
        cohorts = [c for c, _ in _queues(scenario) if outcome.cohorts is None or c.name in outcome.cohorts]
        if cohorts and outcome.effect is not None and outcome.effect.among == "offered":
            context.problem(
                f"outcomes.{outcome.name}.effect.among",
                "with a queue the share of the offered who start is not known beforehand; say the effect on those who "
                "start (`among: starters`)",
            )


# ------------------------------------------------------------------------------------------------ long stays
def _long_stays(scenario: Scenario, context: Context) -> None:
    """Stays without an end that would make the calendar longer than any contract."""
    for cohort, _ in _queues(scenario):
        longest = longest_stay(cohort)
        if longest > MOST_MONTHS:
            context.problem(
                f"{queue_path(context, cohort)}.time_in_service",
                f"stays of up to {longest / 12.0:,.0f} years (6 sd above the mean) must have room in the calendar; the "
                "most is 100 years: cut them off with `within`, or give them a smaller mean or sd",
            )


def _left_over(scenario: Scenario, context: Context) -> None:
    """Stays so uneven that much of them lies beyond the calendar and counts at its end."""
    for cohort, queue in _queues(scenario):
        spell = queue.time_in_service
        if spell is None or spell.distribution is None:
            continue
        longest = longest_stay(cohort)
        chance = spell.distribution.chance_within(0.0, longest)
        mean, _ = spell.distribution.moments_within(0.0, longest)
        share = 1.0 - (chance * mean + (1.0 - chance) * longest) / spell.mean
        if share > MOST_LEFT_OVER:
            who = f"'{cohort.name}': " if cohort.name else ""
            context.warn(
                f"{queue_path(context, cohort)}.time_in_service",
                f"{who}{100 * share:.2g} % of all time in service is that of stays beyond {longest:.0f} months (6 sd "
                "above the mean), and counts in the last column of the calendar; cut such stays off with `within`",
            )


QUEUE_CHECKS = (_among_offered, _long_stays)
DATED_QUEUE_CHECKS = (_utilisation, _idle, _left_over)
