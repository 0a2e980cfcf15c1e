"""How long a lender's money is out: payback and weighted average life, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import deal, run


def test_both_count_from_the_first_draw() -> None:
    """Out 100 after two years and 300 after three; back 200 after five and 300 after six.

    Behind by 400, then 200, then ahead by 100: back at 5 + 200 / 300 = 5 2/3, 3 2/3 years after the first draw.
    Mean time back (5 x 200 + 6 x 300) / 500 = 5.6, 3.6 years after the first draw.
    """
    text = deal(
        contract="{payments: {a: {amount: 200, at: 2025-01}, b: {amount: 300, at: 2026-01}}}",
        costs="{first: {amount: 100, at: 2022-01}, second: {amount: 300, at: 2023-01}}",
        finance="{tranches: {loan: {amount: 400}}}",
    )
    results = run(text)
    assert results.metric("investor", "payback_years") == pytest.approx(5 + 2 / 3 - 2)
    assert results.metric("investor", "weighted_average_life") == pytest.approx(5.6 - 2)


def test_each_future_has_its_own_first_draw() -> None:
    """A cost that an event brings: after a year in half of the futures, else after two; all is back after four."""
    text = deal(
        events="{early: {at: 2021-01, chance: 50 %}}",
        contract="{payments: {a: {amount: 100, at: 2024-01}}}",
        costs="{now: {amount: 60, at: early}, later: {amount: 40, at: 2022-01}}",
        finance="{tranches: {loan: {amount: 100}}}",
    )
    results = run(text)
    drawn = results.metric("investor", "drawn")
    early = drawn > 50
    assert 0.45 < np.mean(early) < 0.55
    life, payback = (results.metric("investor", m) for m in ("weighted_average_life", "payback_years"))
    assert life[early] == pytest.approx(4 - 1)
    assert life[~early] == pytest.approx(4 - 2)
    assert payback[early] == pytest.approx(3.0)
    assert payback[~early] == pytest.approx(1 + 0.4)  # 100 comes in the last year, and 40 of it is enough


def test_nothing_back_has_no_life() -> None:
    text = deal(costs="{first: {amount: 100}}", finance="{tranches: {loan: {amount: 100}}}")
    investor = run(text).summary()["parties"]["investor"]["metrics"]
    assert investor["weighted_average_life"]["mean"] is None
    assert investor["payback_years"]["mean"] is None
