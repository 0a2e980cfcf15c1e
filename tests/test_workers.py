"""Pieces of work on several processes: the same results in the same order, and the first error in that order."""

from __future__ import annotations

import math

import pytest

from sibsim.workers import FEWEST, in_order

PIECES = list(range(3 * FEWEST))


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_results_come_in_the_order_of_the_pieces(workers: int) -> None:
    assert list(in_order(math.factorial, PIECES, workers)) == [math.factorial(n) for n in PIECES]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_error_in_order_is_raised_after_what_came_before(workers: int) -> None:
    pieces = [float(n) if n not in (20, 30) else -float(n) for n in PIECES]
    got: list[float] = []

    def ask() -> None:
        for one in in_order(math.sqrt, pieces, workers):
            got.append(one)

    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        ask()
    assert got == [math.sqrt(n) for n in range(20)]


def test_who_stops_asking_leaves_no_work_behind() -> None:
    some = in_order(math.factorial, PIECES, 2)
    assert [next(some) for _ in range(3)] == [1, 1, 2]
    some.close()
