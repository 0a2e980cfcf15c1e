"""Who starts when, where places are scarce: one replication of a queue, in SimPy."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from math import nan
from typing import Any

__all__ = ["serve"]


def serve(
    arrives: Sequence[float],
    gives_up: Sequence[float],
    stays: Sequence[float],
    places: Sequence[tuple[float, int]],
    closes: float,
) -> list[float]:
    """When each person starts: first come, first served, as soon as fewer are in service than there are places.

    Parameters
    ----------
    arrives : sequence of float
        When each person comes to the queue, in rising order.
    gives_up : sequence of float
        When each stops waiting; infinite for who never does.
    stays : sequence of float
        How long each is in service, once started.
    places : sequence of (float, int)
        How many places there are from each time on, in rising order; the first holds from the beginning. Where there
        are fewer than people in service nobody is put out.
    closes : float
        Nobody starts from this time on.

    Returns
    -------
    list of float
        NaN for who never starts.

    Notes
    -----
    Whoever has given up by the time their turn comes is passed over then, so that giving up needs no event of its own.

    Examples
    --------
    >>> serve([0.0, 1.0, 2.0], [9.0, 1.5, 9.0], [4.0, 4.0, 4.0], [(0.0, 1)], 10.0)
    [0.0, nan, 4.0]
    """
    import simpy

    begins = min(arrives[0], places[0][0]) if len(arrives) else places[0][0]
    env = simpy.Environment(begins)
    started = [nan] * len(arrives)
    line: deque[int] = deque()
    limit, busy = places[0][1], 0

    def leave(_: Any) -> None:
        nonlocal busy
        busy -= 1
        call()

    def start(person: int, now: float) -> None:
        nonlocal busy
        busy += 1
        started[person] = now
        env.timeout(stays[person]).callbacks.append(leave)

    def call() -> None:
        while line and busy < limit:
            person = line.popleft()
            if gives_up[person] >= env.now:
                start(person, env.now)

    def arrivals() -> Generator[Any, None, None]:
        for person, day in enumerate(arrives):
            yield env.timeout(max(day - env.now, 0.0))
            if busy < limit and not line:
                start(person, day)
            else:
                line.append(person)

    def changes() -> Generator[Any, None, None]:
        nonlocal limit
        for day, number in places[1:]:
            yield env.timeout(max(day - env.now, 0.0))
            limit = number
            call()

    if len(places) > 1:
        env.process(changes())
    env.process(arrivals())
    if closes > begins:
        env.run(until=closes)
    return started
