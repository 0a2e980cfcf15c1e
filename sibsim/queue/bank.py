"""The bank of a queue: replications that run once for each replicate of futures, and which future takes which.

All luck belongs to persons and is drawn before anything is simulated, so that options which differ in places, rates or
patience keep the people of each future.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.context import Array, Context, Draw
from sibsim.draws.streams import REPLICATE, SMALLEST_UNIFORM
from sibsim.errors import ModelError
from sibsim.queue.record import FloatArray, IntArray, People, QueueRecord
from sibsim.queue.service import serve
from sibsim.queue.tally import tally
from sibsim.referrals import Piece, hazard_of, pieces, service
from sibsim.scenario import Cohort, OverTime, Queue, Spell
from sibsim.timeline import last_service_column

__all__ = ["queue_record"]

LUCKS = 6
"""Uniforms of each person: gap, eligible, accepts, patience, time in service, drop-out."""
MOST_PEOPLE = 200_000
"""In one replication: more is refused rather than waited for."""


def queue_record(context: Context, cohort: Cohort) -> QueueRecord:
    """What became of everybody who was referred to a cohort's queue, in a block of futures; worked out once.

    Raises
    ------
    ModelError
        Too many people to follow one by one.
    """
    name = f"queue {cohort.name}"
    if name not in context.kept:
        context.kept[name] = _record(context, cohort)
    record: QueueRecord = context.kept[name]
    return record


@dataclass(frozen=True)
class _Terms:
    """The figures of a queue in each future of a block, shape (n_draws,) or (one a piece or date, n_draws)."""

    rates: FloatArray
    eligible: FloatArray
    accepts: FloatArray
    dropout: FloatArray
    places: FloatArray | None
    changes: tuple[float, ...]
    """From when each row of ``places`` holds, in months."""


def _record(context: Context, cohort: Cohort) -> QueueRecord:
    queue, step = cohort.queue, context.scenario.step_months
    assert queue is not None
    context.layers.add("people")
    found = pieces(queue, cohort.start, context.scenario.start, step)
    terms = _terms(context, cohort, queue, found)
    entry, chosen = _cells(context, cohort, queue, terms, found)
    parts: list[People] = []
    for i, replicate in enumerate(context.streams.replicates):
        for number in range(queue.bank):
            one = i * queue.bank + number
            parts.append(_replication(context, cohort, replicate, number, one, _of(terms, int(chosen[one])), found))
    people = People(*(np.concatenate([getattr(part, name) for part in parts]) for name in People.__slots__))
    columns = range(cohort.start, last_service_column(cohort, step) + 1)
    by_entry = tally(people, columns, step, queue, len(chosen))
    by_entry["places"] = _places_by_column(terms, chosen, columns, step)
    return QueueRecord(columns, step, entry, people, by_entry, queue.last_start)


# ------------------------------------------------------------------------------------------------ the figures
def _terms(context: Context, cohort: Cohort, queue: Queue, found: list[Piece]) -> _Terms:
    place = f"participants.cohorts.{cohort.name}" if cohort.name else "participants"
    path, step = f"{place}.queue", context.scenario.step_months

    def whole(value: Draw) -> FloatArray:
        return np.broadcast_to(np.asarray(value, dtype=np.float64), (context.n_draws,))

    def rate(column: int) -> FloatArray:
        return whole(context.within(context.value(queue.referrals, column), 0.0, np.inf, f"{path}.referrals"))

    dates = [cohort.start]
    if isinstance(queue.places, OverTime):
        dates += [column for column, _ in queue.places.entries if column > cohort.start]
    rows = None
    if queue.places is not None:
        values = [context.within(context.value(queue.places, c), 1.0, np.inf, f"{path}.places") for c in dates]
        rows = np.array([whole(np.rint(value)) for value in values])
    return _Terms(
        np.array([rate(piece.column) for piece in found]),
        whole(context.share(queue.eligible, f"{path}.eligible")),
        whole(context.share(queue.accepts, f"{path}.accepts")),
        whole(context.share(cohort.dropout, f"{place}.dropout")),
        rows,
        tuple(float(column * step) for column in dates),
    )


def _of(terms: _Terms, draw: int) -> _Terms:
    """The figures of one future."""
    places = None if terms.places is None else terms.places[:, draw]
    one = (terms.eligible[draw], terms.accepts[draw], terms.dropout[draw])
    return _Terms(terms.rates[:, draw], *one, places, terms.changes)


def _places_by_column(terms: _Terms, chosen: IntArray, columns: range, step: int) -> FloatArray:
    if terms.places is None:
        return np.full((len(chosen), len(columns)), np.inf)
    rows = np.searchsorted(np.array(terms.changes), np.array(columns) * step + 1e-9) - 1
    return np.ascontiguousarray(terms.places[np.maximum(rows, 0)][:, chosen].T)


# ------------------------------------------------------------------------------------------------ who takes which
def _cells(
    context: Context, cohort: Cohort, queue: Queue, terms: _Terms, found: list[Piece]
) -> tuple[IntArray, IntArray]:
    """The replication that each future takes, and for each replication the future whose figures it is run with.

    The futures of a replicate are split evenly by what they differ in, again and again, into as many cells as there are
    replications. Each replication is that of a future of its cell, chosen by luck: so its mean is that of the cell.
    """
    luck = context.luck("people", f"participants.{cohort.name}.queue.taken")[0]
    sides = _sides(terms, found)
    entry = np.empty(context.n_draws, dtype=np.int64)
    chosen = np.empty(len(context.streams.replicates) * queue.bank, dtype=np.int64)
    for i in range(len(context.streams.replicates)):
        own = np.arange(i * REPLICATE, (i + 1) * REPLICATE)
        shuffled = own[np.argsort(luck[own], kind="stable")]
        for number, cell in enumerate(_split(shuffled, queue.bank, _differing(sides, terms.accepts, own), 0)):
            entry[cell] = i * queue.bank + number
            chosen[i * queue.bank + number] = cell[np.argmin(luck[cell])]
    return entry, chosen


def _sides(terms: _Terms, found: list[Piece]) -> list[FloatArray]:
    """All that the queues of two futures may differ in: people who want a place, places, drop-out, eligible referrals.

    Added up row by row, so that a future's figure is the same to the last bit whatever block it is in.
    """
    offered = np.zeros(len(terms.eligible))
    for piece, rates in zip(found, terms.rates, strict=True):
        offered = offered + piece.months * rates
    offered = offered * terms.eligible
    places = np.zeros(len(offered))
    for row in terms.places if terms.places is not None else ():
        places = places + row
    return [offered * terms.accepts, places, terms.dropout, offered]


def _differing(sides: list[FloatArray], accepts: FloatArray, own: IntArray) -> list[FloatArray]:
    """The sides in which futures of a replicate differ; eligible referrals only beside an uncertain `accepts`."""
    used = sides if np.ptp(accepts[own]) > 0.0 else sides[:-1]
    return [side for side in used if np.ptp(side[own]) > 0.0]


def _split(futures: IntArray, cells: int, sides: list[FloatArray], depth: int) -> list[IntArray]:
    """Futures in so many cells of equal size (or one more), by their sides in turn."""
    if cells == 1:
        return [futures]
    if sides:
        side = sides[depth % len(sides)]
        futures = futures[np.argsort(side[futures], kind="stable")]
    left = cells // 2
    cut = len(futures) * left // cells
    first = _split(futures[:cut], left, sides, depth + 1)
    return first + _split(futures[cut:], cells - left, sides, depth + 1)


# ------------------------------------------------------------------------------------------------ one replication
def _replication(
    context: Context, cohort: Cohort, replicate: int, number: int, one: int, terms: _Terms, found: list[Piece]
) -> People:
    queue = cohort.queue
    assert queue is not None
    generator = context.streams.generator("people", f"participants.{cohort.name}.queue.{number}", replicate)
    months = np.array([piece.months for piece in found]) * terms.rates
    times, luck = _arrivals(generator, found, terms.rates, np.concatenate(([0.0], np.cumsum(months))))
    is_eligible = luck[:, 1] < terms.eligible
    is_wanted = is_eligible & (luck[:, 2] < terms.accepts)
    gives_up = np.full(len(times), np.inf)
    if queue.gives_up_after is not None:
        gives_up = times + _drawn(queue.gives_up_after, luck[:, 3])
    whole = _drawn(service(cohort), luck[:, 4])
    hazard = hazard_of(float(terms.dropout), cohort.duration)
    leaves = -np.log(luck[:, 5]) / hazard if hazard > 0.0 else np.full(len(times), np.inf)
    stays = np.minimum(whole, leaves)
    started = np.where(is_wanted, times, np.nan)
    if terms.places is not None:
        wanted = np.flatnonzero(is_wanted)
        limits = [(day, int(n)) for day, n in zip(terms.changes, terms.places, strict=True)]
        closes = float(queue.last_start * context.scenario.step_months)
        three = (times[wanted].tolist(), gives_up[wanted].tolist(), stays[wanted].tolist())
        started[wanted] = serve(*three, limits, closes)
    which = np.full(len(times), one, dtype=np.int64)
    return People(which, times, is_eligible, is_wanted, gives_up, started, stays, leaves < whole)


def _arrivals(
    generator: np.random.Generator, found: list[Piece], rates: FloatArray, reached: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """When people are referred, in months, and their luck: a Poisson process of rate 1 read off the cumulated rate.

    ``reached`` is the cumulated rate at the ends of the pieces. A higher rate brings the same people sooner.
    """
    total = float(reached[-1])
    if total > MOST_PEOPLE / 2:
        raise ModelError(f"{total:.0f} people would be referred to one queue in some futures; that is too many")
    size = int(total + 5.0 * np.sqrt(total)) + 8
    luck = generator.random((size, LUCKS))
    while -np.log1p(-luck[:, 0]).sum() <= total:
        luck = np.concatenate((luck, generator.random((size, LUCKS))))
    np.maximum(luck, SMALLEST_UNIFORM, out=luck)
    passed = np.cumsum(-np.log1p(-luck[:, 0]))
    n = int(np.searchsorted(passed, total))
    passed, luck = passed[:n], luck[:n]
    number = np.clip(np.searchsorted(reached, passed, side="right") - 1, 0, len(found) - 1)
    begins, ends = np.array([[piece.begins, piece.ends] for piece in found]).T[:, number]
    first, last = np.array([[piece.first, piece.last] for piece in found]).T[:, number] * rates[number]
    over = passed - reached[number]
    slope = (last - first) / (ends - begins)
    root = first + np.sqrt(np.maximum(first**2 + 2.0 * slope * over, 0.0))
    times = begins + 2.0 * over / np.where(root > 0.0, root, 1.0)
    return np.minimum(times, ends), luck


def _drawn(spell: Spell, u: Array) -> FloatArray:
    """A time for each person."""
    if spell.is_exponential:
        return np.asarray(-spell.mean * np.log1p(-u))
    if spell.distribution is not None:
        return np.maximum(spell.distribution.ppf(np.minimum(u, 1.0 - SMALLEST_UNIFORM)), 1e-9)
    return np.full(len(u), spell.mean)
